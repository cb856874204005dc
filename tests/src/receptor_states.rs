//! Receptors with states: one for each target neuron, driven by the sum of what its synapses put out. Compared in every
//! step with a simulation that is written out here.

use crate::spike_trains::{Run, train};

const TIMES: [f64; 5] = [3.0, 4.5, 11.0, 11.4, 20.0];
const DT: f64 = 0.1;
const TAU: f64 = 7.0;
const RUNS: [(&[&str], f64); 3] =
    [(&["--threads", "1"], 1e-10), (&["--threads", "4"], 1e-10), (&["--precision", "f32"], 5e-4)];

/// Three sources, two targets; the receptor's cascade ends in a current. `records` besides the cascade of `p`.
fn network(synapse: &str, statements: &str, records: &str) -> String {
    format!(
        "use std::synapses::Exponential
{}
neuron Cell {{
    input I : mV
    state V : mV = -65 mV
    V' = (-65 mV - V + I) / 20 ms
    method euler
}}
synapse Floored {{
    state g : 1 = 0
    g' = -g / {TAU} ms
    on spike(w) {{ g = max(g + w, 0) }}
    output g
}}
receptor Cascade {{
    param K1 = 0.4 ms^-1, K2 = 0.05 ms^-1, K3 = 0.18 ms^-1, K4 = 0.034 ms^-1, E = -90 mV
    input g : 1
    post V : mV
    state r : 1 = 0.05
    state s : 1 = 0
    let open = s^4 / (s^4 + 0.01)
    let bound = g
    r' = K1 * g * (1 - r) - K2 * r
    s' = K3 * r * (1 + 0.01 * (V + 65 mV) / 1 mV) - K4 * s
    output I = 2 * open * (E - V) - 0.5 mV * g
}}
network Net {{
    population A[3] : Source
    population B[2] : Cell
    init A.left = 3 ms + 0.3 ms * i
    {statements}
    project p: A -> B {{ connect all_to_all  weight ~ 0.1 * (1 + i) + 0.05 * j  synapse {synapse}  receptor Cascade }}
    init p.s = 0.1 * (1 + j)
}}
simulate Net {{ dt {DT} ms  duration 40 ms  seed 3
    record p.r, p.s, p.bound, p.open, p.I, B.V {records} }}
",
        train("Source", &TIMES, "")
    )
}

/// What a target has, step by step: r, s, sum, open, I, V, each in the order of recording.
#[derive(Clone, Copy)]
struct Cell {
    r: f64,
    s: f64,
    v: f64,
}

/// A step of forward Euler with this sum of the synapses' outputs; the current of the step.
fn advance(cell: &mut Cell, g: f64, other: f64) -> f64 {
    let open = cell.s.powi(4) / (cell.s.powi(4) + 0.01);
    let current = 2.0 * open * (-90.0 - cell.v) - 0.5 * g;
    *cell = Cell {
        r: cell.r + DT * (0.4 * g * (1.0 - cell.r) - 0.05 * cell.r),
        s: cell.s + DT * (0.18 * cell.r * (1.0 + 0.01 * (cell.v + 65.0)) - 0.034 * cell.s),
        v: cell.v + DT * (-65.0 - cell.v + current + other) / 20.0,
    };
    current
}

#[track_caller]
fn near(found: f64, wanted: f64, tolerance: f64, what: &str) {
    assert!((found - wanted).abs() <= tolerance * (1.0 + wanted.abs()), "{what}: {found}, not {wanted}");
}

/// Compares all of a run; `input` is the sum of a target's synapses in a step, and `other` what flows beside.
#[track_caller]
fn compare(run: &Run, tolerance: f64, mut input: impl FnMut(usize, usize) -> (f64, f64)) {
    let [r, s, bound, open, current, v] =
        ["p.r", "p.s", "p.bound", "p.open", "p.I", "B.V"].map(|name| run.values(name));
    let mut cells = [0, 1].map(|j| Cell { r: 0.05, s: 0.1 * (1.0 + f64::from(j)), v: -65.0 });
    let mut greatest: f64 = 0.0;
    for step in 0..400 {
        for (j, cell) in cells.iter_mut().enumerate() {
            let (g, other) = input(step, j);
            let flows = advance(cell, g, other);
            let (at, what) = (2 * step + j, format!("step {step}, neuron {j}"));
            near(bound[at], g, tolerance, &format!("sum, {what}"));
            near(current[at], flows, tolerance * 10.0, &format!("I, {what}"));
            near(r[at], cell.r, tolerance, &format!("r, {what}"));
            near(s[at], cell.s, tolerance, &format!("s, {what}"));
            near(v[at], cell.v, tolerance, &format!("V, {what}"));
            near(open[at], cell.s.powi(4) / (cell.s.powi(4) + 0.01), tolerance, &format!("open, {what}"));
            greatest = greatest.max(cell.r);
        }
    }
    assert!(greatest > 0.3, "nothing binds: {greatest}");
}

/// What is left after a step: exactly, or by the target's method.
const EXACT: f64 = 0.9858158423524046;
const EULER: f64 = 1.0 - DT / TAU;

/// The sums of a projection's synapses at the start of a step, behind delivery.
fn sum(left: f64, step: usize, j: usize) -> f64 {
    let mut g = 0.0;
    for i in 0..3 {
        for time in TIMES.map(|t| t + 0.3 * i as f64) {
            // A spike at the end of a step arrives at the start of the next.
            let arrival = (time / DT).round() as usize;
            if arrival <= step {
                let weight = 0.1 * (1.0 + i as f64) + 0.05 * j as f64;
                g += weight * left.powf((step - arrival) as f64);
            }
        }
    }
    g
}

/// Where the sum is a state of the target.
#[test]
fn a_receptor_is_driven_by_the_state_of_its_target() {
    let text = network(&format!("Exponential {{ tau = {TAU} ms }}"), "", ", p.g");
    for (options, tolerance) in RUNS {
        let run = Run::of(&text, DT, options);
        assert_eq!(run.values("p.g").len(), 800, "one for each target");
        compare(&run, tolerance, |step, j| (sum(EULER, step, j), 0.0));
    }
}

/// Where every synapse has a state of its own, the sum is gathered: of what spikes have left in this step.
#[test]
fn a_receptor_is_driven_by_a_gathered_sum() {
    let text = network("Floored", "", ", p.g");
    for (options, tolerance) in RUNS {
        let run = Run::of(&text, DT, options);
        assert_eq!(run.values("p.g").len(), 6 * 400, "one for each synapse");
        compare(&run, tolerance, |step, j| (sum(EXACT, step, j), 0.0));
    }
}

/// Receptors of several projections are several pools, though all else of them is equal: the effect of each is a nonlinear
/// function of its own sum. Poisson sources drive them too.
#[test]
fn each_projection_has_a_receptor_of_its_own() {
    let synapse = format!("synapse Exponential {{ tau = {TAU} ms }}");
    let statements = format!(
        "project q: A -> B {{ connect all_to_all  weight ~ 0.1 * (1 + i) + 0.05 * j  {synapse}  receptor Cascade }}
    init q.s = 0.1 * (1 + j)
    stimulate n: B {{ poisson 2 kHz  weight 0.05  {synapse}  receptor Cascade }}"
    );
    let records = ", q.r, q.s, q.I, n.I, n.bound, n.r, n.s";
    let text = network(&format!("Exponential {{ tau = {TAU} ms }}"), &statements, records);
    for (options, tolerance) in RUNS {
        let run = Run::of(&text, DT, options);
        let [again, noise] = ["q.I", "n.I"].map(|name| run.values(name));
        compare(&run, tolerance, |step, j| (sum(EULER, step, j), again[2 * step + j] + noise[2 * step + j]));
        for (p, q) in [("p.r", "q.r"), ("p.s", "q.s"), ("p.I", "q.I")] {
            assert_eq!(run.values(p), run.values(q), "{q}");
        }
        // That of the Poisson source, with what it was given.
        let [bound, r] = ["n.bound", "n.r"].map(|name| run.values(name));
        let mut found = [0.05, 0.05];
        for step in 0..400 {
            for (j, r_now) in found.iter_mut().enumerate() {
                let at = 2 * step + j;
                *r_now += DT * (0.4 * bound[at] * (1.0 - *r_now) - 0.05 * *r_now);
                near(r[at], *r_now, tolerance, &format!("Poisson, step {step}, neuron {j}"));
            }
        }
        assert!(bound.iter().any(|g| *g > 0.3), "no events");
    }
}

/// What `on spike` does to a receptor's state is done once for each spike, by source and delay; white noise is the
/// target neuron's.
#[test]
fn spikes_change_a_receptor_without_a_synapse() {
    let text = format!(
        "{}
neuron Cell {{ input I : mV  state V : mV = 0 mV  V' = 0 mV/ms }}
receptor Desensitising {{
    param tau = 30 ms
    post V : mV
    state n : 1 = 1
    state ou : 1 = 0
    n' = (1 - n) / tau
    ou' = -ou / 1 ms + xi * 0.5 ms^(-1/2)
    on spike(w) {{ V += w * n  n *= 0.5 }}
}}
network Net {{
    population A[3] : Source
    population B[2000] : Cell
    init A.left = 3 ms + 0.3 ms * i
    project p: A -> B {{ connect all_to_all  weight ~ 1 mV * (1 + i)  receptor Desensitising }}
}}
simulate Net {{ dt {DT} ms  duration 40 ms  seed 3  record p.n[0..2], B.V[0..2]  record p.ou every 40 ms }}
",
        train("Source", &TIMES, "")
    );
    for (options, tolerance) in RUNS {
        let run = Run::of(&text, DT, options);
        let [n, v] = ["p.n", "B.V"].map(|name| run.values(name));
        let (mut rest, mut potential) = (1.0, 0.0);
        for step in 0..400 {
            for i in 0..3 {
                let fired = TIMES.iter().filter(|t| ((**t + 0.3 * i as f64) / DT).round() as usize == step).count();
                for _ in 0..fired {
                    potential += (1.0 + i as f64) * rest;
                    rest *= 0.5;
                }
            }
            rest = 1.0 + (rest - 1.0) * f64::exp(-DT / 30.0);
            for j in 0..2 {
                near(n[2 * step + j], rest, tolerance, &format!("n, step {step}"));
                near(v[2 * step + j], potential, tolerance, &format!("V, step {step}"));
            }
        }
        // Of the stationary noise the variance is sigma^2 tau / 2; its standard error is 0.125 sqrt(2 / 2000).
        let ou = run.values("p.ou");
        let variance = ou.iter().map(|x| x * x).sum::<f64>() / ou.len() as f64;
        assert!((variance - 0.125).abs() < 5.0 * 0.125 * (2.0 / 2000.0_f64).sqrt() + 0.01, "variance {variance}");
    }
}

/// The standard library's, with its equations written out again in small steps.
#[test]
fn gaba_b_needs_a_burst() {
    let text = format!(
        "use std::synapses::Pulse
use std::receptors::GABA_B
{}
neuron Cell {{ input I : pA  state V : mV = -65 mV  V' = (10 nS * (-65 mV - V) + I) / 200 pF }}
network Net {{
    population A : Source
    population B : Cell
    project p: A -> B {{ connect one_to_one  weight 0.5 mM  synapse Pulse  receptor GABA_B {{ g_max = 2 uS }} }}
}}
simulate Net {{ dt 0.01 ms  duration 300 ms  record p.r, p.s, B.V every 1 ms }}
",
        train("Source", &[10.0, 15.0, 20.0, 25.0, 30.0], "")
    );
    let run = Run::of(&text, 0.01, &[]);
    let [r, s, v] = ["p.r", "p.s", "B.V"].map(|name| run.values(name));
    let h = 0.01;
    let (mut r_now, mut s_now, mut v_now) = (0.0, 0.0_f64, -65.0);
    for step in 0..30_000_usize {
        let time = step as f64 * h;
        let released = [10.0, 15.0, 20.0, 25.0, 30.0].iter().any(|t| time > t - h / 2.0 && time < t + 0.3 - h / 2.0);
        let transmitter = if released { 0.5 } else { 0.0 };
        let opened = s_now.powi(4) / (s_now.powi(4) + 100.0);
        let slopes = [
            0.09 * transmitter * (1.0 - r_now) - 0.0012 * r_now,
            0.18 * r_now - 0.034 * s_now,
            (10.0 * (-65.0 - v_now) + 2000.0 * opened * (-95.0 - v_now)) / 200.0,
        ];
        (r_now, s_now, v_now) = (r_now + h * slopes[0], s_now + h * slopes[1], v_now + h * slopes[2]);
        if step % 100 == 99 {
            near(r[step / 100], r_now, 1e-3, &format!("r at {time}"));
            near(s[step / 100], s_now, 1e-3, &format!("s at {time}"));
            near(v[step / 100], v_now, 1e-3, &format!("V at {time}"));
        }
    }
    assert!(v.iter().copied().fold(0.0, f64::min) < -65.2, "no hyperpolarisation");
}
