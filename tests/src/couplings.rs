//! What flows along connections in every step: sums of kinetics that saturate, gap junctions, rates; and their delays.

use crate::reference::Table;
use crate::spike_trains::{Run, train};

/// Three neurons that fire 5 ms after one another, again and again, onto four clamped at different potentials, which
/// sum up what flows into them.
fn onto_clamped(synapse: &str, receptor: &str, delay: &str, unit: &str) -> String {
    let times: Vec<f64> = (0..8).map(|k| 10.0 + f64::from(k * k) * 3.0).collect();
    format!(
        "use std::synapses::{{NMDA, AMPA, GABA_A, Exponential}}
use std::receptors::{{Current, MagnesiumBlock}}
{}
neuron Clamped {{ input I : pA  state V : mV = 0 mV  state q : pA*ms = 0 pA*ms  q' = I }}
network Net {{
    population A[3] : Source
    population B[4] : Clamped
    init A.left = 10 ms + 5 ms * i
    init B.V = -80 mV + 30 mV * i
    project p: A -> B {{ connect all_to_all  weight ~ (0.5 + 0.25 * i + 0.125 * j) * 1 {unit}  {delay}  synapse {synapse}  receptor {receptor} }}
}}
simulate Net {{ dt 0.1 ms  duration 250 ms  seed 1  record p.s, B.q  record A.spikes }}
",
        train("Source", &times, "")
    )
}

/// The weight from neuron i to neuron j of the networks above.
fn weight(i: usize, j: usize) -> f64 {
    0.5 + 0.25 * i as f64 + 0.125 * j as f64
}

/// The spikes of the three neurons.
fn spikes(shift: f64) -> Vec<f64> {
    (0..8).map(|k| 10.0 + f64::from(k * k) * 3.0 + shift).filter(|t| *t < 250.0).collect()
}

/// What flows into neuron j in a step is the sum over its synapses of weight times `s` at the end of the step before,
/// or a delay earlier, times what the receptor makes of the potential.
#[track_caller]
fn flows(run: &Run, steps_back: usize, factor: impl Fn(f64) -> f64) {
    let (s, q) = (run.values("p.s"), run.values("B.q"));
    let mut largest: f64 = 0.0;
    for step in steps_back + 1..q.len() / 4 {
        for j in 0..4 {
            let found = q[4 * step + j] - q[4 * (step - 1) + j];
            let sum: f64 = (0..3).map(|i| weight(i, j) * s[3 * (step - 1 - steps_back) + i]).sum();
            let wanted = 0.1 * sum * factor(-80.0 + 30.0 * j as f64);
            largest = largest.max(wanted.abs());
            assert!((found - wanted).abs() < 1e-10, "step {step}, neuron {j}: {found}, not {wanted}");
        }
    }
    assert!(largest > 0.01, "nothing flows");
}

/// s' = -s / 100 + 0.5 x (1 - s), x' = -x / 2, x jumps by 1 at a spike: a Runge-Kutta solution of small steps.
fn nmda(shift: f64, until: f64) -> f64 {
    let mut spikes = spikes(shift).into_iter().peekable();
    let (mut x, mut s, h) = (0.0_f64, 0.0_f64, 0.01);
    let slope = |x: f64, s: f64| -s / 100.0 + 0.5 * x * (1.0 - s);
    for n in 0..(until / h).round() as usize {
        if spikes.next_if(|t| *t <= n as f64 * h + h / 2.0).is_some() {
            x += 1.0;
        }
        let at = |part: f64| x * f64::exp(-part * h / 2.0);
        let a = slope(x, s);
        let b = slope(at(0.5), s + h / 2.0 * a);
        let c = slope(at(0.5), s + h / 2.0 * b);
        let d = slope(at(1.0), s + h * c);
        s += h / 6.0 * (a + 2.0 * b + 2.0 * c + d);
        x = at(1.0);
    }
    s
}

#[test]
fn nmda_saturates_and_is_summed() {
    let source = onto_clamped("NMDA", "Current", "", "pA");
    let runs = [0.1, 0.05].map(|dt| Run::of(&source, dt, &[]));
    flows(&runs[0], 0, |_| 1.0);
    for (i, shift) in [0.0, 5.0, 10.0].into_iter().enumerate() {
        let wanted = nmda(shift, 200.0);
        let errors = runs.each_ref().map(|run| (run.values("p.s")[3 * (run.steps(200.0) - 1) + i] - wanted).abs());
        let ratio = errors[0] / errors[1];
        assert!(errors[0] < 2e-4 && (3.4..4.6).contains(&ratio), "neuron {i}: errors {errors:?}");
    }
}

/// Jahr and Stevens (1990), written out here.
#[test]
fn magnesium_blocks_by_the_potential() {
    let source = onto_clamped("NMDA", "MagnesiumBlock { Mg = 0.8 mM }", "delay 0.7 ms", "nS");
    let run = Run::of(&source, 0.1, &[]);
    // A spike of step k arrives in step k + 7: the value at the end of step k does.
    flows(&run, 6, |v| (0.0 - v) / (1.0 + 0.8 / 3.57 * f64::exp(-0.062 * v)));
}

/// While transmitter is there, s relaxes to one value, then to 0: exponentials, which the integrator has exactly.
fn pulses(alpha: f64, beta: f64, transmitter: f64, duration: f64, shift: f64, until: f64) -> f64 {
    let times = spikes(shift);
    let (mut s, mut now): (f64, f64) = (0.0, 0.0);
    for (k, &t) in times.iter().enumerate() {
        let end = times.get(k + 1).copied().unwrap_or(f64::INFINITY).min(until);
        s *= f64::exp(-beta * (t.min(until) - now).max(0.0));
        if t >= until {
            return s;
        }
        let open = (t + duration).min(end);
        let rate = alpha * transmitter + beta;
        let level = alpha * transmitter / rate;
        s = level + (s - level) * f64::exp(-rate * (open - t));
        s *= f64::exp(-beta * (end - open));
        now = end;
    }
    s
}

#[test]
fn ampa_and_gaba_follow_their_pulses() {
    for (model, alpha, beta, transmitter, duration) in
        [("AMPA", 0.98, 0.18, 0.5, 0.5), ("GABA_A", 0.53, 0.18, 1.0, 1.0)]
    {
        let source = onto_clamped(model, "Current", "", "pA");
        let run = Run::of(&source, 0.1, &[]);
        flows(&run, 0, |_| 1.0);
        let s = run.values("p.s");
        let mut greatest: f64 = 0.0;
        for step in (1..2500).step_by(7) {
            for (i, shift) in [0.0, 5.0, 10.0].into_iter().enumerate() {
                let wanted = pulses(alpha, beta, transmitter, duration, shift, f64::from(step) * 0.1);
                let found = s[3 * (step as usize - 1) + i];
                greatest = greatest.max(wanted);
                assert!((found - wanted).abs() < 1e-12, "{model} {i}, step {step}: {found}, not {wanted}");
            }
        }
        assert!(greatest > 0.1, "{model}: {greatest}");
    }
}

/// In whole steps: without a delay a coupling sees its source at the start of the step, with a delay of d steps
/// as it was d steps before; before the first step, its initial value.
#[test]
fn couplings_see_their_source_a_delay_before_the_step() {
    let network = |clause: &str| {
        format!(
            "neuron Ramp {{ state x : 1 = 100  x' = 1 ms^-1 }}
neuron Sum {{ input I : ms^-1  state y : 1 = 0  y' = I }}
receptor Copy {{ weight w  pre x as before : 1  output I = w * before }}
network Net {{
    population A : Ramp
    population B[3] : Sum
    project p: A -> B {{ connect all_to_all  weight 1 ms^-1  {clause}  receptor Copy }}
}}
simulate Net {{ dt 1 ms  duration 20 ms  seed 1  record B.y }}
"
        )
    };
    let cases = [
        ("", [0, 0, 0]),
        ("delay 1 ms", [1, 1, 1]),
        ("delay 6 ms", [6, 6, 6]),
        ("delay ~ min(1 ms + 2 ms * j, 5 ms)", [1, 3, 5]),
    ];
    for (clause, delays) in cases {
        let y = Run::of(&network(clause), 1.0, &[]).values("B.y");
        let mut sums = [0.0; 3];
        for step in 0..20_i32 {
            for (j, delay) in delays.into_iter().enumerate() {
                sums[j] += f64::from(100 + (step - delay).max(0));
                assert_eq!(y[3 * step as usize + j], sums[j], "{clause}: step {step}, neuron {j}");
            }
        }
    }
}

/// What else acts at the synapses does not change what is read of the source in every step: neither in what flows nor in a weight that
/// follows it. `on spike` itself reads what a spike of its step carries.
#[test]
fn handlers_do_not_change_the_delay_of_a_coupling() {
    let network = |clause: &str, receptor: &str, rule: &str| {
        format!(
            "neuron Ramp {{ state x : 1 = 0  x' = 1 ms^-1  spike when x > 3.95 and x < 4.05 {{ }} }}
neuron Sum {{ input I : 1  state y : 1 = 0  state late : 1 = 0  y(t + dt) = I }}
receptor Copy {{ weight w  pre x as xs : 1  output I = xs  {receptor} }}
plasticity Follow {{ weight w  pre x as xs : 1  w' = xs / 1 ms  method euler  {rule} }}
network Net {{
    population A : Ramp
    population B[2] : Sum
    project p: A -> B {{ connect all_to_all  weight 0  {clause}  plasticity Follow  receptor Copy }}
}}
simulate Net {{ dt 0.1 ms  duration 8 ms  seed 1  record B.y, B.late, p.weight }}
"
        )
    };
    let spikelet = "post late : 1  on spike(v) { late += xs }";
    let cases = [("", [0, 0]), ("delay 1 ms", [10, 10]), ("delay ~ 1 ms + 0.5 ms * j", [10, 15])];
    let handlers = [
        ("", ""),
        (spikelet, "on pre { w += 0 }"),
        ("", "on pre after 0.3 ms { w += 0 }"),
        ("", "on post { w += 0 }  every 1 ms { w += 0 }"),
    ];
    for (clause, delays) in cases {
        for (receptor, rule) in handlers {
            let run = Run::of(&network(clause, receptor, rule), 0.1, &[]);
            let (y, w, late) = (run.values("B.y"), run.values("p.weight"), run.values("B.late"));
            let mut weights = [0.0; 2];
            for step in 0..80_i32 {
                for (j, delay) in delays.into_iter().enumerate() {
                    let at = 2 * step as usize + j;
                    let seen = 0.1 * f64::from((step - delay).max(0));
                    weights[j] += 0.1 * seen;
                    let close = |found: f64, wanted: f64| (found - wanted).abs() < 1e-9;
                    let what = format!("{clause}, {receptor}, {rule}: step {step}, neuron {j}");
                    assert!(close(y[at], seen), "{what}: {} is not {seen}", y[at]);
                    assert!(close(w[at], weights[j]), "{what}: {} is not {}", w[at], weights[j]);
                }
            }
            // At the end of its step, in which x has become 4.
            let wanted = if receptor.is_empty() { 0.0 } else { 4.0 };
            assert!(late[158..].iter().all(|late| (late - wanted).abs() < 1e-9), "{:?}", &late[158..]);
        }
    }
    let with = |options: &[&str]| Run::of(&network(cases[2].0, spikelet, ""), 0.1, options).values("B.y");
    assert_eq!(with(&["--threads", "1"]), with(&["--threads", "2"]));
    let single = with(&["--precision", "f32"]);
    assert!(single.iter().zip(with(&[])).all(|(a, b)| (a - b).abs() < 1e-4));
}

/// A state of the synapse that follows the source, and jumps at its spikes: the spike comes with its delay, and what is followed is
/// as old at the start of each step.
#[test]
fn a_state_that_follows_the_source_and_its_spikes() {
    let network = |handler: &str| {
        format!(
            "neuron Ramp {{ state x : 1 = 0  x' = 1 ms^-1  spike when x > 3.95 and x < 4.05 {{ }} }}
neuron Sum {{ input I : 1  state y : 1 = 0  y(t + dt) = I }}
synapse Follows {{ pre x as xs : 1  state s : 1 = 0  s' = xs / 1 ms  method euler  {handler}  output g = s }}
receptor Plain {{ weight w  input g : 1  output I = w * g }}
network Net {{
    population A : Ramp
    population B : Sum
    project p: A -> B {{ connect all_to_all  weight 1  delay 1 ms  synapse Follows  receptor Plain }}
}}
simulate Net {{ dt 0.1 ms  duration 8 ms  seed 1  record B.y }}
"
        )
    };
    for handler in [false, true] {
        let y = Run::of(&network(if handler { "on spike { s += 7 }" } else { "" }), 0.1, &[]).values("B.y");
        let mut s = 0.0;
        for step in 0..80_i32 {
            // The spike is that of step 39.
            s += if handler && step == 49 { 7.0 } else { 0.0 };
            let found = y[step as usize];
            // Without spikes the source may integrate it, by a method of its own.
            let near = if handler { 1e-9 } else { 0.1 };
            assert!((found - s).abs() < near, "{handler}: step {step}: {found} is not {s}");
            s += 0.1 * 0.1 * f64::from((step - 10).max(0));
        }
    }
}

const HH: &str = "use std::neurons::HH1952
use std::receptors::GapJunction
network Net(g : mS/cm^2 = 0.2 mS/cm^2, I_A : uA/cm^2 = 10 uA/cm^2, I_B : uA/cm^2 = 4 uA/cm^2) {
    population A : HH1952 method rk4
    population B : HH1952 method rk4
    drive A.I = if t < 5 ms - dt / 2 then 0 uA/cm^2 else I_A
    drive B.I = if t < 5 ms - dt / 2 then 0 uA/cm^2 else I_B
    project a: A -> B { connect one_to_one  weight g  receptor GapJunction }
    project b: B -> A { connect one_to_one  weight g  receptor GapJunction }
}
simulate Net { dt 0.01 ms  duration 100 ms  seed 1  record A.V, B.V every 0.2 ms  record A.spikes, B.spikes }
";

/// A coupling stands still over a step, as all inputs do, so two coupled neurons converge with order 1: the table for
/// Runge-Kutta steps of both together cannot be met. What must hold: the error halves with the step, and counts are right.
#[test]
fn coupled_hodgkin_huxley_neurons_converge_to_the_reference() {
    let table = Table::csv("10_gap_junction/hh_trace_g0.2.csv");
    let errors = [0.02, 0.01, 0.005].map(|dt| {
        let run = Run::of(HH, dt, &[]);
        let (a, b) = (run.values("A.V"), run.values("B.V"));
        let mut sum = 0.0;
        for row in table.rows().filter(|row| row.number("t_ms") > 0.1) {
            let at = (row.number("t_ms") / 0.2).round() as usize - 1;
            sum += (a[at] - row.number("V1_mV")).powi(2) + (b[at] - row.number("V2_mV")).powi(2);
        }
        assert_eq!(a.len(), 500);
        (sum / 1000.0).sqrt()
    });
    for pair in errors.windows(2) {
        let ratio = pair[0] / pair[1];
        assert!((1.7..2.3).contains(&ratio), "root mean square errors {errors:?}");
    }
    assert!(errors[2] < 0.5, "{errors:?}");
    let spikes = Table::csv("10_gap_junction/hh_spikes.csv");
    for (text, g) in [("0", 0.0), ("0.050000000000000003", 0.05), ("0.20000000000000001", 0.2), ("1", 1.0)] {
        let run = Run::of(HH, 0.01, &["--set", &format!("g={g} mS/cm^2")]);
        for (name, number) in [("A", "0"), ("B", "1")] {
            let rows = spikes.rows_with("g_mS_cm2", text).filter(|row| row.text("neuron") == number);
            let wanted: Vec<f64> = rows.map(|row| row.number("t_ms")).collect();
            let found = run.spike_times(name);
            assert_eq!(found.len(), wanted.len(), "g {g}, {name}: {found:?}");
            let late = found.iter().zip(&wanted).map(|(f, w)| (f - w).abs()).fold(0.0, f64::max);
            assert!(late < 0.3, "g {g}, {name}: off by {late} ms");
        }
    }
}

/// No neuron comes first: swapping two coupled neurons swaps the results, bit by bit.
#[test]
fn swapping_coupled_neurons_swaps_the_results() {
    let one = Run::of(HH, 0.02, &[]);
    let other = Run::of(HH, 0.02, &["--set", "I_A=4 uA/cm^2", "--set", "I_B=10 uA/cm^2"]);
    assert_eq!(one.values("A.V"), other.values("B.V"));
    assert_eq!(one.values("B.V"), other.values("A.V"));
    assert_ne!(one.values("A.V"), one.values("B.V"));
    assert_eq!(one.spike_times("A"), other.spike_times("B"));
}

const LIF: &str = "use std::neurons::LIF
use std::receptors::GapJunction
network Net(gamma = 0.2) {
    population A : LIF { t_ref = 0 ms }
    population B : LIF { t_ref = 0 ms }
    drive A.I = 20 mV
    drive B.I = 17 mV
    project a: A -> B { connect one_to_one  weight gamma  receptor GapJunction }
    project b: B -> A { connect one_to_one  weight gamma  receptor GapJunction }
}
simulate Net { dt 0.1 ms  duration 200 ms  seed 1  record A.spikes, B.spikes  record A.V, B.V every 0.5 ms }
";

/// Counts and the latest spike as the reference gives them for a grid (1.5 times its table); and before the first
/// spike, order 1.
#[test]
fn coupled_integrate_and_fire_neurons_follow_the_reference() {
    let (spikes, traces) = (Table::csv("10_gap_junction/lif_spikes.csv"), Table::csv("10_gap_junction/lif_trace.csv"));
    let table = Table::markdown("10_gap_junction/case.md", "| run (RK4) |");
    for (key, gamma) in [("0", "0"), ("0.20000000000000001", "0.2"), ("0.80000000000000004", "0.8")] {
        let mut wanted: Vec<f64> = spikes.rows_with("gamma", key).map(|row| row.number("t_ms")).collect();
        wanted.sort_by(f64::total_cmp);
        let mut errors = Vec::new();
        for dt in ["0.1", "0.01", "0.005"] {
            let run = Run::of(LIF, dt.parse().expect("a number"), &["--set", &format!("gamma={gamma}")]);
            let mut found = [run.spike_times("A"), run.spike_times("B")].concat();
            found.sort_by(f64::total_cmp);
            let name = format!("gamma {gamma} dt {dt}");
            if let Some(row) = table.rows_with("run (RK4)", &name).next() {
                assert_eq!(found.len(), wanted.len(), "{name}");
                let late = found.iter().zip(&wanted).map(|(f, w)| (f - w).abs()).fold(0.0, f64::max);
                let allowed = 1.5 * row.number("latest of these (ms)");
                assert!(late <= allowed, "{name}: a spike is off by {late} ms, allowed are {allowed}");
            }
            let (a, b) = (run.values("A.V"), run.values("B.V"));
            let rows = traces.rows_with("gamma", key).filter(|row| (0.1..25.0).contains(&row.number("t_ms")));
            let off = rows.map(|row| {
                let at = (row.number("t_ms") / 0.5).round() as usize - 1;
                (a[at] - row.number("V1_mV")).abs().max((b[at] - row.number("V2_mV")).abs())
            });
            errors.push(off.fold(0.0, f64::max));
        }
        if gamma == "0" {
            assert!(errors.iter().all(|e| *e < 1e-11), "{errors:?}");
        } else {
            let ratio = errors[1] / errors[2];
            assert!((1.9..2.1).contains(&ratio), "gamma {gamma}: {errors:?}");
        }
    }
}

/// A sum that is not linear in the target's state reads it as it was at the end of the step before, as it reads the
/// source's, although spikes have been delivered to it since.
#[test]
fn nonlinear_couplings_read_both_sides_before_spikes_arrive() {
    let text = format!(
        "use std::receptors::Delta
receptor Pull {{ weight w  pre x as other : 1  post x : 1  output I = w * tanh(other - x) }}
{}
neuron Unit {{ input I : 1/ms  state x : 1 = 0  x' = I }}
network Net {{
    population S[1] : Source
    population A[3] : Unit
    init A.x = i
    project pull: A -> A {{ connect all_to_all  weight 0.3 ms^-1  receptor Pull }}
    project push: S -> A {{ connect all_to_all  weight ~ 1.5 + i + 2 * j  receptor Delta {{ V = x }} }}
}}
simulate Net {{ dt 0.1 ms  duration 10 ms  record A.x }}
",
        train("Source", &[2.0, 4.5, 4.6], "")
    );
    for (options, tolerance) in [(&[][..], 1e-12), (&["--threads", "3"], 1e-12), (&["--precision", "f32"], 1e-5)] {
        let run = Run::of(&text, 0.1, options);
        let found = run.values("A.x");
        let mut x = [0.0_f64, 1.0, 2.0];
        for step in 0..100 {
            let before = x;
            for (j, value) in x.iter_mut().enumerate() {
                let pull: f64 = before.iter().map(|other| 0.3 * (other - before[j]).tanh()).sum();
                let arrives = [20, 45, 46].contains(&step);
                *value += if arrives { 1.5 + 2.0 * j as f64 } else { 0.0 } + 0.1 * pull;
                let at = found[3 * step + j];
                assert!((at - *value).abs() < tolerance * (1.0 + value.abs()), "step {step}, {j}: {at}, not {value}");
            }
        }
    }
}

/// What is summed over synapses stands still over a step; factors that the target alone decides on do not, where the output is
/// linear in the sums (docs/language.md, "States of the source neuron"). A step of the midpoint method tells one from the other.
#[test]
fn sums_stand_still_over_a_step_and_factors_of_the_target_do_not() {
    type Output = fn(f64, f64, f64) -> f64;
    let cases: [(&str, Output, bool); 5] = [
        ("w * u * (2 - V)", |w, u, v| w * u * (2.0 - v), false),
        ("w * u * V^2", |w, u, v| w * u * v * v, false),
        ("w * u - w * V", |w, u, v| w * u - w * v, false),
        ("w * (u - V)", |w, u, v| w * (u - v), true),
        ("w * tanh(u - V)", |w, u, v| w * (u - v).tanh(), true),
    ];
    for (output, function, whole) in cases {
        let text = format!(
            "neuron Source {{ state u : 1 = 1  u' = 0.3 ms^-1 * u }}
neuron Target {{ input I : ms^-1  state V : 1 = 0.5  V' = I  method midpoint }}
receptor Coupling {{ weight w  pre u : 1  post V : 1  output I = {output} }}
network Net {{
    population S[3] : Source
    population A : Target
    init S.u = 1 + i
    project p: S -> A {{ connect all_to_all  weight ~ 0.1 ms^-1 * (1 + i)  receptor Coupling }}
}}
simulate Net {{ dt 0.5 ms  duration 1.5 ms  record A.V }}
"
        );
        let found = Run::of(&text, 0.5, &[]).values("A.V");
        assert_eq!(found.len(), 3, "{output}");
        let mut v = 0.5;
        for (step, found) in found.into_iter().enumerate() {
            let growth = f64::exp(0.15 * step as f64);
            let flow =
                |v: f64| (0..3).map(|i| function(0.1 * f64::from(i + 1), f64::from(i + 1) * growth, v)).sum::<f64>();
            let (frozen, live) = (v + 0.5 * flow(v), v + 0.5 * flow(v + 0.25 * flow(v)));
            assert!((frozen - live).abs() > 1e-4, "{output}: step {step} does not tell");
            v = if whole { frozen } else { live };
            assert!(
                (found - v).abs() < 1e-13 * (1.0 + v.abs()),
                "{output}, step {step}: {found}, frozen {frozen}, live {live}"
            );
        }
    }
}
