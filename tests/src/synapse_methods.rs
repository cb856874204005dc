//! Integrators of equations of synapses, receptors and weights (`cases/run/synapse_methods.bp`): their orders against closed
//! forms and a simulation that is written out here, and what keeps projections with different ones apart.

use crate::bpc::{bpc, case, run_json, text};
use crate::statistics::array;
use tempfile::TempDir;

const FILE: &str = "synapse_methods.bp";

struct Run(TempDir);

impl Run {
    fn new(network: &str, dt: f64) -> Run {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, out, dt) = (case(FILE), text(folder.path()), format!("{dt} ms"));
        run_json(&["run", &file, "--out", &out, "--network", network, "--dt", &dt]);
        Run(folder)
    }

    fn values(&self, state: &str) -> Vec<f64> {
        let values = array(&self.0.path().join("traces.npz"), state);
        assert!(values.len() > 10, "{} values of {state}", values.len());
        values
    }

    fn times(&self, state: &str) -> Vec<f64> {
        self.values(&format!("{state}_time_ms"))
    }

    /// The largest distance from a function of time in ms.
    fn error(&self, state: &str, wanted: impl Fn(f64) -> f64) -> f64 {
        let pairs = self.times(state).into_iter().zip(self.values(state));
        pairs.map(|(t, value)| (value - wanted(t)).abs()).fold(0.0, f64::max)
    }
}

#[track_caller]
fn assert_order(label: &str, [coarse, fine]: [f64; 2], order: f64) {
    let found = (coarse / fine).log2();
    println!("{label}: off by {coarse:.2e}, half the step {fine:.2e}: order {found:.2}");
    assert!((found - order).abs() < 0.3, "{label}: errors {coarse:e}, {fine:e}: order {found}, not {order}");
}

#[test]
fn every_method_has_its_order_at_every_place() {
    let runs = [0.05, 0.025].map(|dt| Run::new("Net", dt));
    for (method, order) in [
        ("euler", 1.0),
        ("midpoint", 2.0),
        ("heun", 2.0),
        ("rk4", 4.0),
        ("exponential_euler", 1.0),
        ("rosenbrock", 3.0),
        ("exponential_rosenbrock", 2.0),
    ] {
        for (place, second) in [("source", "y_2"), ("synapse", "y_2"), ("weight", "weight"), ("target", "y_2")] {
            let label = format!("{place}_{method}");
            let errors = [0, 1].map(|i: usize| {
                let first = runs[i].error(&format!("{label}.y_1"), |t| (-2.0 * t).exp());
                first.max(runs[i].error(&format!("{label}.{second}"), |t| (-t).exp()))
            });
            assert_order(&label, errors, order);
        }
    }
    // The same equations are the same numbers at the source and at the target, and the clause is the member.
    let run = &runs[0];
    for state in ["y_1", "y_2"] {
        assert_eq!(run.values(&format!("source_rk4.{state}")), run.values(&format!("target_rk4.{state}")));
        assert_eq!(run.values(&format!("named.{state}")), run.values(&format!("source_heun.{state}")));
    }
}

/// `g (1 - dt / tau)` in each step; the potential takes what it finds at the start of each, and is exact but for that.
#[test]
fn sums_of_the_target_have_the_method_of_their_synapse() {
    let dt = 0.5;
    let run = Run::new("Sums", dt);
    let (mut g, mut v) = (0.0, 0.0);
    let (currents, potentials) = (run.values("one.g"), run.values("T.V"));
    let arrives = currents.iter().position(|&g| g != 0.0).expect("a spike arrives");
    // At the end of the step at whose start it arrives.
    for (step, (current, potential)) in currents.into_iter().zip(potentials).enumerate() {
        if step == arrives {
            g += 2.0;
        }
        v = g + (v - g) * (-dt / 10.0_f64).exp();
        g *= 1.0 - dt / 5.0;
        assert!((current - g).abs() < 1e-14, "step {step}: {current}, not {g}");
        assert!((potential - v).abs() < 1e-14, "step {step}: {potential}, not {v}");
    }
}

/// NMDA by many small steps of the classical Runge-Kutta method, from spike to spike; at a spike x grows by 1.
fn saturating(spikes: &[f64], until: f64) -> f64 {
    let slope = |[x, s]: [f64; 2]| [-x / 2.0, -s / 100.0 + 0.5 * x * (1.0 - s)];
    let mut y = [0.0, 0.0];
    let ends = spikes.iter().copied().filter(|t| *t < until - 1e-9).chain([until]);
    let mut t = 0.0;
    for end in ends {
        let steps = 400;
        let h = (end - t) / f64::from(steps);
        for _ in 0..steps {
            let moved = |k: [f64; 2], h: f64| [y[0] + h * k[0], y[1] + h * k[1]];
            let k1 = slope(y);
            let k2 = slope(moved(k1, h / 2.0));
            let k3 = slope(moved(k2, h / 2.0));
            let k4 = slope(moved(k3, h));
            for i in 0..2 {
                y[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
            }
        }
        t = end;
        if spikes.iter().any(|s| (s - end).abs() < 1e-9) {
            y[0] += 1.0;
        }
    }
    y[1]
}

/// Where a synapse reads of its own states only what has a closed form, exponential Euler reads that in the middle of the step.
#[test]
fn saturating_kinetics_have_order_two() {
    let runs = [0.1, 0.05].map(|dt| Run::new("Saturating", dt));
    let error = |state: &str| [0, 1].map(|i: usize| runs[i].error(state, |t| saturating(&[1.0, 4.0, 5.0], t)));
    let (chosen, frozen, fine) = (error("std.s"), error("old.s"), error("fine.s"));
    assert_order("the compiler's choice", chosen, 2.0);
    assert_order("exponential_euler", frozen, 1.0);
    assert_order("rk4", fine, 4.0);
    assert!(chosen[0] < 2e-4 && frozen[0] > 4e-3, "{chosen:?}, {frozen:?}");
}

#[test]
fn projections_with_different_methods_share_nothing() {
    let output = bpc(&["explain-plan", &case(FILE), "--network", "Apart"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let plan = String::from_utf8(output.stdout).expect("text");
    let of = |projection: &str| {
        let start = plan.find(&format!("{projection}: S -> T")).expect("a projection");
        let merged = plan[start..].lines().find(|line| line.contains("merged:")).expect("a line");
        merged.trim().to_owned()
    };
    assert!(of("two").starts_with("merged:   no other"), "{plan}");
    assert!(of("three").contains("merged with one"), "{plan}");
    assert!(of("five").starts_with("merged:   no other"), "{plan}");
    assert!(of("six").contains("shares y_1, y_2, kept as four.y_1, four.y_2"), "{plan}");
    for line in ["    one.g: euler\n", "    two.g: exact\n", "    four.y_1: rk4\n", "    five.y_1: heun\n"] {
        assert!(plan.contains(line), "{line} is not in\n{plan}");
    }
}
