//! Delayed variables in equations against closed forms (method of steps, linear stability), and networks of rate models
//! against the same sums written out here.

use crate::bpc::{bpc, case, example, run_json, text};
use crate::spike_trains;
use crate::statistics::array;
use tempfile::TempDir;

const FILE: &str = "delayed.bp";

/// The traces of a run.
struct Run(TempDir);

impl Run {
    #[track_caller]
    fn new(file: &str, options: &[&str]) -> Run {
        let folder = tempfile::tempdir().expect("a folder");
        let out = text(folder.path());
        run_json(&[&["run", file, "--out", &out], options].concat());
        Run(folder)
    }

    fn values(&self, state: &str) -> Vec<f64> {
        let values = array(&self.0.path().join("traces.npz"), state);
        assert!(!values.is_empty(), "no sample of {state}");
        values
    }
}

/// The largest distance of two lists.
#[track_caller]
fn distance(found: &[f64], wanted: &[f64]) -> f64 {
    assert_eq!(found.len(), wanted.len());
    found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, |a, b| if a.is_nan() || a > b { a } else { b })
}

/// x' = -x(t - 1) that was 1 before 0: the sum over k of (-1)^k (t - k + 1)^k / k! where t > k - 1.
fn by_steps(t: f64) -> f64 {
    let (mut sum, mut factorial) = (1.0, 1.0);
    for k in 1..20 {
        let since = t - f64::from(k - 1);
        factorial *= -f64::from(k);
        sum += if since > 0.0 { since.powi(k) / factorial } else { 0.0 };
    }
    sum
}

#[test]
fn the_method_of_steps_is_followed() {
    let errors = ["0.05 ms", "0.025 ms"].map(|dt| {
        let run = Run::new(&case(FILE), &["--network", "Steps", "--dt", dt]);
        let times = run.values("rk4.x_time_ms");
        let wanted: Vec<f64> = times.iter().map(|t| by_steps(*t)).collect();
        // Three neurons that begin at 1, 2 and 3: the past is of each neuron.
        let automatic = run.values("automatic.x");
        let each =
            |n: usize| -> Vec<f64> { automatic.iter().skip(n).step_by(3).map(|x| x / (n as f64 + 1.0)).collect() };
        let found = [run.values("euler.x"), run.values("rk4.x"), each(0), each(1), each(2)];
        found.map(|values| distance(&values, &wanted))
    });
    for (which, order) in [1.0, 2.0, 2.0, 2.0, 2.0].into_iter().enumerate() {
        let found = (errors[0][which] / errors[1][which]).log2();
        println!("{which}: {:.2e}, {:.2e}: order {found:.2}", errors[0][which], errors[1][which]);
        assert!((found - order).abs() < 0.1, "{which}: order {found}, not {order}");
    }
    assert!(errors[1][1] < 1e-4, "{errors:?}");
}

/// x' = -x - c x(t - 1) that was 1 before 0, at t = 2.
fn leaky(c: f64) -> f64 {
    let end_of_first = (1.0 + c) * f64::exp(-1.0) - c;
    f64::exp(-1.0) * (end_of_first - c * (1.0 + c)) + c * c * (1.0 - f64::exp(-1.0))
}

#[test]
fn every_method_has_its_order_with_a_delay() {
    let runs = ["0.1 ms", "0.05 ms"].map(|dt| Run::new(&case(FILE), &["--network", "Orders", "--dt", dt]));
    for (name, order) in [
        ("euler", 1.0),
        ("midpoint", 2.0),
        ("heun", 2.0),
        ("rk4", 2.0),
        ("dormand_prince", 2.0),
        ("rkf45", 2.0),
        ("implicit_euler", 1.0),
        ("rosenbrock", 2.0),
        ("exponential_rosenbrock", 2.0),
        ("exact", 2.0),
        ("exponential_euler", 2.0),
    ] {
        let errors = runs.each_ref().map(|run| {
            let last = run.values(&format!("{name}.x")).pop().expect("a sample");
            (last - leaky(0.5)).abs()
        });
        let found = (errors[0] / errors[1]).log2();
        println!("{name}: {:.2e}, {:.2e}: order {found:.2}", errors[0], errors[1]);
        assert!((found - order).abs() < 0.15, "{name}: errors {errors:?}: order {found}, not {order}");
    }
}

/// Mackey & Glass (1977): steady at 1 for a short delay, a cycle for a longer one, chaos at 17.
#[test]
fn mackey_glass_becomes_chaotic_by_its_delay() {
    let run = Run::new(&case(FILE), &["--network", "Blood"]);
    let steady = run.values("short.x");
    assert!((steady[2999] - 1.0).abs() < 1e-6, "{}", steady[2999]);
    let cycle = run.values("cycle.x");
    let maxima = |x: &[f64]| -> Vec<f64> {
        let at = (1..x.len() - 1).filter(|&k| x[k - 1] < x[k] && x[k] >= x[k + 1]);
        at.map(|k| x[k]).collect()
    };
    let spread = |x: &[f64]| {
        let (low, high) = x.iter().fold((f64::MAX, f64::MIN), |(l, h), &v| (l.min(v), h.max(v)));
        high - low
    };
    let tops = maxima(&cycle[2000..]);
    assert!(tops.len() > 10 && spread(&tops) < 0.01 && spread(&cycle[2000..]) > 0.2, "{tops:?}");
    // Two solutions a millionth apart lose each other, on one attractor.
    let chaos = run.values("chaos.x");
    let (a, b): (Vec<f64>, Vec<f64>) = chaos.chunks(2).map(|pair| (pair[0], pair[1])).unzip();
    assert!(distance(&a[..100], &b[..100]) < 1e-4);
    assert!(distance(&a[2000..], &b[2000..]) > 0.1);
    assert!(spread(&maxima(&a[1000..])) > 0.1);
    // The delay is a parameter that `--set` reaches.
    let run = Run::new(&case(FILE), &["--network", "Blood", "--set", "tau=3 ms"]);
    assert!(run.values("chaos.x").iter().rev().take(2).all(|x| (x - 1.0).abs() < 1e-6));
    let run = Run::new(&case(FILE), &["--network", "Blood", "--set", "cycle.tau=3 ms"]);
    assert!((run.values("cycle.x")[2999] - 1.0).abs() < 1e-6);
}

#[test]
fn a_delay_that_is_no_multiple_of_the_step_is_refused() {
    let output = bpc(&["run", &case(FILE), "--network", "Blood", "--dt", "0.7 ms"]);
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("E0493"));
}

/// The example says where the rhythm sets in, and with which period: 1 + i w tau = i sqrt(5) exp(-i w d).
#[test]
fn delayed_rates_oscillate_beyond_the_critical_delay() {
    let critical = 10.0 * (std::f64::consts::FRAC_PI_2 - f64::atan(2.0)) / 2.0;
    let run = |d: f64| {
        let set = format!("d={d} ms");
        let which = ["--network", "DelayedRates", "--set", &set, "--duration", "2 s"];
        Run::new(&example("wilson_cowan_delay.bp"), &which).values("A.E")
    };
    let deviation = |e: &[f64]| e[e.len() - 1000..].iter().map(|e| (e - 0.5).abs()).fold(0.0, f64::max);
    assert!((2.31..2.33).contains(&critical));
    for d in [0.1, 1.0, 2.0, 2.2] {
        let left = deviation(&run(d));
        println!("{d} ms: {left:.2e}");
        assert!(left < 1e-2, "{d} ms: {left}");
    }
    for d in [2.5, 4.0] {
        let left = deviation(&run(d));
        println!("{d} ms: {left:.2e}");
        assert!(left > 0.05, "{d} ms: {left}");
    }
    let e = run(2.4);
    let rises: Vec<f64> = (15_000..e.len() - 1)
        .filter(|&k| e[k] < 0.5 && e[k + 1] >= 0.5)
        .map(|k| k as f64 + (0.5 - e[k]) / (e[k + 1] - e[k]))
        .collect();
    let period = 0.1 * (rises[rises.len() - 1] - rises[0]) / (rises.len() - 1) as f64;
    let wanted = 10.0 * std::f64::consts::PI;
    println!("period {period} ms, {wanted} ms at onset");
    assert!((period / wanted - 1.0).abs() < 0.05, "{period}");
}

/// One exact step of `ThresholdLinear` with the sum of `RateCoupling`, for small dense matrices.
#[test]
fn rates_are_coupled_by_a_matrix() {
    let source = "use std::rates::ThresholdLinear
use std::receptors::RateCoupling
network Net {
    population A[3] : ThresholdLinear { th = 20 pA }
    population B[4] : ThresholdLinear { tau = 5 ms }
    init A.r = 10 Hz * (1 + i)
    drive A.I = 200 pA
    project A -> A { connect all_to_all  weight ~ (1 + 2 * i - 3 * j) * 1 pA/Hz  receptor RateCoupling }
    project A -> B { connect all_to_all  weight ~ (3 - 2 * i + j) * 1 pA/Hz  delay 0.7 ms  receptor RateCoupling }
}
simulate Net { dt 0.1 ms  duration 100 ms  record A.r, B.r }
";
    let run = spike_trains::Run::of(source, 0.1, &[]);
    let (found_a, found_b) = (run.values("A.r"), run.values("B.r"));
    let step = |r: f64, i: f64, th: f64, tau: f64| {
        let kept = f64::exp(-0.1 / tau);
        r * kept + (1.0 - kept) * 0.066 * f64::max(i - th, 0.0)
    };
    let initial = [10.0, 20.0, 30.0];
    let mut past: Vec<[f64; 3]> = vec![initial; 8];
    let mut b = [0.0; 4];
    let mut most: f64 = 0.0;
    for k in 0..1000 {
        let now = past[past.len() - 1];
        let before = past[past.len() - 8];
        b = std::array::from_fn(|j| {
            let sum: f64 = (0..3).map(|i| (3.0 - 2.0 * i as f64 + j as f64) * before[i]).sum();
            step(b[j], sum, 0.0, 5.0)
        });
        past.push(std::array::from_fn(|j| {
            let sum: f64 = (0..3).map(|i| (1.0 + 2.0 * i as f64 - 3.0 * j as f64) * now[i]).sum();
            step(now[j], sum + 200.0, 20.0, 20.0)
        }));
        let now = past[past.len() - 1];
        most = most.max(distance(&found_a[3 * k..3 * k + 3], &now)).max(distance(&found_b[4 * k..4 * k + 4], &b));
    }
    println!("off by {most:e} Hz; at the end {b:?}");
    assert!(most < 1e-9, "off by {most} Hz");
    assert!(b[3] > 1.0, "{b:?}");
}

/// x <- tanh(W x + w u + b), as a time constant far below the step makes it, and with a leak.
#[test]
fn recurrent_networks_are_the_plain_computation() {
    for (tau, kept) in [("1e-3 ms", 0.0), ("2 ms", f64::exp(-0.5))] {
        let source = format!(
            "use std::rates::LeakyTanh
use std::receptors::ActivityCoupling
network Net {{
    population R[5] : LeakyTanh {{ tau = {tau}, w_in = 0.3 + 0.2 * i, b = 0.1 }}
    init R.x = 0.2 * i - 0.5
    drive R.u = sin(t / 3 ms)
    project R -> R {{ connect all_to_all  weight ~ 0.7 * cos(3 * i + 5 * j)  receptor ActivityCoupling into I }}
}}
simulate Net {{ dt 1 ms  duration 100 ms  record R.x }}
"
        );
        let run = spike_trains::Run::of(&source, 1.0, &[]);
        let found = run.values("R.x");
        let mut x: [f64; 5] = std::array::from_fn(|i| 0.2 * i as f64 - 0.5);
        let mut most: f64 = 0.0;
        for k in 0..100 {
            let u = f64::sin(k as f64 / 3.0);
            x = std::array::from_fn(|j| {
                let sum: f64 = (0..5).map(|i| 0.7 * f64::cos(3.0 * i as f64 + 5.0 * j as f64) * x[i]).sum();
                kept * x[j] + (1.0 - kept) * f64::tanh(sum + (0.3 + 0.2 * j as f64) * u + 0.1)
            });
            most = most.max(distance(&found[5 * k..5 * k + 5], &x));
        }
        println!("tau {tau}: off by {most:e}");
        assert!(most < 1e-12, "tau {tau}: off by {most}");
    }
}

/// Jaeger (2001): below a spectral radius of 1 two beginnings end in one state; in chaos they do not.
#[test]
fn a_reservoir_forgets_how_it_began() {
    let apart = |rho: &str| {
        let end = ["start=0", "start=0.9"].map(|start| {
            let run = Run::new(&example("echo_state.bp"), &["--network", "EchoState", "--set", start, "--set", rho]);
            run.values("R.x").split_off(200 * 499)
        });
        (distance(&end[0], &end[1]), end[0].iter().map(|x| x * x).sum::<f64>() / 200.0)
    };
    let ((echo, power), (chaos, _)) = (apart("rho=0.8"), apart("rho=3"));
    println!("apart by {echo:e} at 0.8 (power {power:.3}), {chaos:.3} at 3");
    assert!(echo < 1e-7 && power > 1e-3, "{echo}, {power}");
    assert!(chaos > 0.1, "{chaos}");
}

/// A potential that runs away from rest exponentially, V = -60 mV + 10 mV exp(-t / 10 ms), and what follows its past: inside the
/// compartment, beside compartments, and in a channel.
#[test]
fn compartments_and_channels_have_a_past() {
    let source = "channel Late {
    param d = 1 ms
    membrane V : mV
    state seen : mV = 0 mV
    seen' = (V(t - d) - seen) / 3 ms
    state m : 1 = 1
    m' = -m(t - 2 * d) / 20 ms
    output I : uA/cm^2 = 0 uA/cm^2 * m * (seen / 1 mV)
}
cell C {
    param d = 1 ms
    compartment a {
        membrane V : mV = -50 mV { capacitance = 1 uF/cm^2  area = 100 um^2  current = 0.1 mS/cm^2 * (-60 mV - V) }
        state s : mV = 0 mV
        let late = V(t - 1 ms)
        s' = (late - s) / 3 ms
        channel L : Late
    }
    compartment b {
        membrane V : mV = -60 mV { capacitance = 1 uF/cm^2  area = 100 um^2  current = 0.1 mS/cm^2 * (-60 mV - V) }
    }
    couple a <-> b (0 nS)
    state s : mV = 0 mV
    s' = (a.V(t - d) - s) / 3 ms
}
neuron Plain {
    state V : mV = -50 mV
    state s : mV = 0 mV
    state m : 1 = 1
    V' = (-60 mV - V) / 10 ms
    s' = (V(t - 1 ms) - s) / 3 ms
    m' = -m(t - 2 ms) / 20 ms
}
network X {
    population A : C
    population P : Plain
    population S : C { d = 3 ms }
}
simulate X { dt 0.1 ms  duration 20 ms  record A.a.s, A.s, A.a.L.seen, A.a.L.m, P.s, P.m, S.s }
";
    let run = spike_trains::Run::of(source, 0.1, &[]);
    let (wanted, m) = (run.values("P.s"), run.values("P.m"));
    // s' = (V(t - d) - s) / 3 ms, where V was -50 mV before 0.
    let closed = |t: f64, d: f64| {
        let (tau, since) = (3.0, (t - d).max(0.0));
        let before = -50.0 * (1.0 - (-t.min(d) / tau).exp());
        let rest = -60.0 * (1.0 - (-since / tau).exp());
        let slow = 10.0 / (1.0 - tau / 10.0) * ((-since / 10.0).exp() - (-since / tau).exp());
        before * (-since / tau).exp() + rest + slow
    };
    for name in ["A.a.s", "A.s", "A.a.L.seen"] {
        assert!(distance(&run.values(name), &wanted) < 1e-3, "{name}");
    }
    assert!(distance(&run.values("A.a.L.m"), &m) < 1e-3, "A.a.L.m");
    for (name, d) in [("A.s", 1.0), ("S.s", 3.0)] {
        let closed: Vec<f64> = (1..=200).map(|step| closed(0.1 * f64::from(step), d)).collect();
        assert!(distance(&run.values(name), &closed) < 1e-2, "{name}");
    }
}
