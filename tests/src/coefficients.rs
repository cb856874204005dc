//! What follows from parameters of each neuron alone is computed once: to the same bits, and again when something changes.

use crate::bpc::{program, text};
use crate::spike_trains::Run;
use crate::support::output;
use bpc_core::execute::Session;
use std::process::Command;

/// Equations that mix what changes and what does not in every way that matters for rounding: products that are used once and
/// twice, in sums with what changes and with what does not, the rate functions' quotient, truth values, indices of data. With
/// `rule`, something might change the constants, so that they are computed in every step.
fn network(rule: &str) -> String {
    format!(
        "neuron Cell {{
            state tau : ms = 5 ms
            state a : mV = 2 mV
            state b : 1 = 0.3
            state V : mV = 1 mV
            state w : 1 = 0.5
            state n : 1 = 0.2
            let product = a * b
            let gate = if b > 0.5 then exp(-b) else sqrt(b)
            V' = (product - V) / tau + gate * w * (1 mV) / (3 ms) + (product * b + a) / (7 ms)
            w' = (exp(-(product / (1 mV)) * b) - w) / (tau + 1 ms) + profile[1] * b * w / tau
            n' = 0.1 ms^-1 * (b * 10) / (exp(b * 10) - 1) * (1 - n) - n * w / exprel(a / (1 mV)) / tau
            when V > 1 kV {{ {rule} }}
        }}
        data profile = [0.01, 0.02, 0.03]
        network Area(lowest = 4 ms) {{
            population E[70] : Cell
            init E.tau = lowest + 0.1 ms * i
            init E.a = 1.5 mV + 0.01 mV * i
            init E.b = 0.11 + 0.009 * i
        }}
        network Net {{ instance area[k in 0..9] : Area(lowest = 4 ms + 0.3 ms * k) }}
        simulate Net {{ dt 0.1 ms  duration 30 ms  record area[0].E.V, area[8].E.V, area[8].E.w, area[3].E.n }}"
    )
}

const RECORDED: [&str; 4] = ["area[0].E.V", "area[8].E.V", "area[8].E.w", "area[3].E.n"];

/// How many arrays of coefficients the step of a network reads.
fn coefficients(source: &str) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.bp");
    std::fs::write(&path, source).expect("written");
    let step = output(Command::new(program()).args(["run", &text(&path), "--emit", "step"])).expect("compiles");
    step.lines().filter(|line| line.contains("dynamics.buffer") && line.contains(".coefficient.")).count()
}

#[test]
fn the_bits_are_those_of_every_step() {
    let (once, always) = (network(""), network("tau = 1 ms  a = 1 mV  b = 1"));
    assert!(coefficients(&once) >= 9 * 4, "{}", coefficients(&once));
    assert_eq!(coefficients(&always), 0);
    for precision in ["f64", "f32"] {
        let of = |source: &str, threads| Run::of(source, 0.1, &["--precision", precision, "--threads", threads]);
        let (one, two, plain) = (of(&once, "1"), of(&once, "2"), of(&always, "1"));
        for name in RECORDED {
            let bits = |run: &Run| run.values(name).into_iter().map(f64::to_bits).collect::<Vec<_>>();
            assert!(plain.values(name).iter().all(|value| value.is_finite()));
            assert_eq!(bits(&one), bits(&plain), "{precision} {name}");
            assert_eq!(bits(&two), bits(&plain), "{precision} {name} with 2 threads");
        }
    }
}

const DECAY: &str = "neuron Leaky {
        param tau : ms = 10 ms
        param stretch : 1 = 1
        state V : mV = 8 mV
        V' = -V / (stretch * tau)
    }
    network Net(stretch = 1) { population A[70] : Leaky { tau = 5 ms + 0.25 ms * i, stretch = stretch } }
    simulate Net { dt 0.1 ms  duration 6 ms  record A.V  at 2 ms { stretch = 2 } }";

/// A parameter with one value, on which a coefficient depends besides one of each neuron, changes during the run.
#[test]
fn a_change_computes_them_again() {
    assert_eq!(coefficients(DECAY), 1);
    for (precision, tolerance) in [("f64", 1e-13), ("f32", 1e-4)] {
        let run = Run::of(DECAY, 0.1, &["--precision", precision, "--threads", "2"]);
        let set = Run::of(DECAY, 0.1, &["--precision", precision, "--set", "stretch=4"]);
        let (values, set) = (run.values("A.V"), set.values("A.V"));
        for step in 0..60_usize {
            let time = 0.1 * (step + 1) as f64;
            let (early, late) = (time.min(2.0), (time - 2.0).max(0.0));
            for neuron in 0..70 {
                let tau = 5.0 + 0.25 * neuron as f64;
                let wanted = 8.0 * f64::exp(-early / tau - late / (2.0 * tau));
                assert!((values[70 * step + neuron] - wanted).abs() < tolerance, "{step} {neuron} {wanted}");
                let wanted = 8.0 * f64::exp(-early / (4.0 * tau) - late / (2.0 * tau));
                assert!((set[70 * step + neuron] - wanted).abs() < tolerance, "{step} {neuron} {wanted}");
            }
        }
    }
}

/// Through a library: parameters of each neuron are set, one parameter of all, and a state is restored in another instance.
#[test]
fn what_an_application_sets_counts_from_the_next_step_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("net.bp");
    std::fs::write(&source, DECAY).expect("written");
    let out = text(folder.path());
    let arguments = ["compile", &text(&source), "-o", &out, "--kind", "shared"];
    output(Command::new(program()).args(arguments)).expect("compiles");
    let session = Session::open(&folder.path().join("libnet.so"), "net").expect("opens");
    for threads in [1, 2] {
        let mut net = session.create(1, threads).expect("is created");
        let mut wanted = [8.0; 70];
        let mut tau: Vec<f64> = (0..70).map(|i| 5.0 + 0.25 * f64::from(i)).collect();
        let mut pass = |net: &mut bpc_core::execute::Instance<'_>, tau: &[f64], stretch: f64| {
            net.step(7).expect("steps");
            let found = net.state("A.V").expect("there is V");
            for ((wanted, tau), found) in wanted.iter_mut().zip(tau).zip(found) {
                *wanted *= f64::exp(-0.7 / (tau * stretch));
                assert!((*wanted - found).abs() < 1e-13, "{wanted} {found}");
            }
        };
        pass(&mut net, &tau, 1.0);
        tau.reverse();
        net.set_state("A.tau", &tau).expect("there is tau");
        pass(&mut net, &tau, 1.0);
        net.set_parameter("stretch", 3.0).expect("there is stretch");
        pass(&mut net, &tau, 3.0);
        let saved = net.save().expect("is saved");
        let mut other = session.create(1, 3 - threads).expect("is created");
        other.step(1).expect("steps");
        other.load(&saved).expect("is loaded");
        pass(&mut other, &tau, 3.0);
        net.step(7).expect("steps");
        let bits = |net: &bpc_core::execute::Instance<'_>| -> Vec<u64> {
            net.state("A.V").expect("there is V").into_iter().map(f64::to_bits).collect()
        };
        assert_eq!(bits(&net), bits(&other));
    }
}
