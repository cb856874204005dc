//! Integrators of `cases/run/integrators.bp` and `noise_orders.bp`: their orders, their tolerances and their limits, against
//! closed forms.

use crate::bpc::{bpc, case, run_json};
use crate::reference::Table;
use crate::statistics::array;
use tempfile::TempDir;

const FILE: &str = "integrators.bp";

/// A state as a function of time in ms.
type Solution = fn(f64) -> f64;

/// A finished run.
struct Run(TempDir);

impl Run {
    #[track_caller]
    fn new(file: &str, options: &[&str]) -> Run {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, out) = (case(file), crate::bpc::text(folder.path()));
        run_json(&[&["run", &file, "--out", &out], options].concat());
        Run(folder)
    }

    fn of_network(network: &str, dt: f64) -> Run {
        Run::new(FILE, &["--network", network, "--dt", &format!("{dt} ms")])
    }

    fn values(&self, state: &str) -> Vec<f64> {
        let values = array(&self.0.path().join("traces.npz"), state);
        assert!(!values.is_empty(), "no sample of {state}");
        values
    }

    /// How far states are from functions of time, at most (Euclidean distance).
    fn distance(&self, states: &[(&str, Solution)]) -> f64 {
        let times: Vec<f64> = array(&self.0.path().join("traces.npz"), &format!("{}_time_ms", states[0].0));
        let mut squares = vec![0.0; times.len()];
        for (state, wanted) in states {
            for ((square, t), value) in squares.iter_mut().zip(&times).zip(self.values(state)) {
                *square += (value - wanted(*t)).powi(2);
            }
        }
        squares.into_iter().map(f64::sqrt).fold(0.0, |a, b| if a.is_nan() || a > b { a } else { b })
    }
}

/// The radius of the limit cycle that starts at 0.4.
fn radius(t: f64) -> f64 {
    (1.0 + (1.0 / 0.16 - 1.0) * (-2.0 * t).exp()).sqrt().recip()
}

fn x(t: f64) -> f64 {
    radius(t) * (3.0 * t).cos()
}

/// The order that the errors at a step and at half of it show.
#[track_caller]
fn assert_order(label: &str, [coarse, fine]: [f64; 2], order: f64, within: f64) {
    let found = (coarse / fine).log2();
    println!("{label}: off by {coarse:.2e}, half the step {fine:.2e}: order {found:.2}");
    assert!((found - order).abs() < within, "{label}: errors {coarse:e}, {fine:e}: order {found}, not {order}");
}

#[test]
fn every_method_has_its_order() {
    let runs = [0.025, 0.0125].map(|dt| Run::of_network("Orders", dt));
    for (name, order) in [
        ("euler", 1.0),
        ("midpoint", 2.0),
        ("heun", 2.0),
        ("rk4", 4.0),
        ("dormand_prince", 5.0),
        ("rkf45", 5.0),
        ("implicit_euler", 1.0),
        ("rosenbrock", 3.0),
        ("exponential_rosenbrock", 2.0),
        // One of the equations is not linear in its own state.
        ("exponential_euler", 1.0),
        ("hines", 2.0),
    ] {
        let errors = [0, 1].map(|i: usize| {
            let run: &Run = &runs[i];
            run.distance(&[(&format!("{name}.y_1"), |t| (-2.0 * t).exp()), (&format!("{name}.y_2"), |t| (-t).exp())])
        });
        assert_order(name, errors, order, 0.3);
    }
}

/// Equations that are linear in themselves and coupled: each by itself errs with the step, all together with its square.
#[test]
fn the_exponential_of_the_jacobian_gains_an_order() {
    let wanted: Solution = |t| (-t).exp_m1().exp();
    let runs = [0.05, 0.025].map(|dt| Run::of_network("Relaxing", dt));
    let errors = |state: &str| [0, 1].map(|i: usize| runs[i].distance(&[(state, wanted)]));
    let (alone, together) = (errors("exponential_euler.x"), errors("exponential_rosenbrock.x"));
    assert_order("exponential_euler", alone, 1.0, 0.1);
    assert_order("exponential_rosenbrock", together, 2.0, 0.1);
    assert_order("hines", errors("hines.x"), 2.0, 0.1);
    assert!(together[0] < alone[0] / 20.0, "{together:?}, {alone:?}");
}

/// The whole run is one step, in which sub-steps keep the error near the tolerance.
#[test]
fn sub_steps_keep_to_the_tolerance() {
    let run = Run::of_network("Tolerances", 6.0);
    let error = |name: &str| run.distance(&[(&format!("{name}.x"), x)]);
    for (names, tolerances) in [
        (&["d4", "d7", "d10", "d13"][..], &[1e-4, 1e-7, 1e-10, 1e-13][..]),
        (&["f4", "f7", "f10"], &[1e-4, 1e-7, 1e-10]),
    ] {
        for (name, tolerance) in names.iter().zip(tolerances) {
            let error = error(name);
            println!("{name}: tolerance {tolerance:e}, error {error:.2e}");
            assert!(error < 100.0 * tolerance, "{name}: off by {error:e}");
        }
    }
    // The scale of a state is what makes an error absolute: a millionth of 1e-10 of it is asked for no more.
    assert!(error("coarse") > 1e4 * error("d10"), "{:e}", error("coarse"));
}

/// A neuron makes the sub-steps and iterations that it needs, whatever those beside it in a vector need.
#[test]
fn lanes_do_not_see_each_other() {
    let run = Run::of_network("Neighbours", 0.05);
    for (many, one) in [("many.x", "one.x"), ("newton.x", "one_newton.x"), ("scaled.x", "one_scaled.x")] {
        let (many, one) = (run.values(many), run.values(one));
        assert_eq!(many.len(), 70 * one.len());
        let beside: Vec<u64> = many.iter().skip(37).step_by(70).map(|v| v.to_bits()).collect();
        assert_eq!(beside, one.iter().map(|v| v.to_bits()).collect::<Vec<_>>());
        let distinct: std::collections::BTreeSet<u64> = many[..70].iter().map(|v| v.to_bits()).collect();
        assert_eq!(distinct.len(), 70, "the neurons differ");
    }
}

/// What a refractory neuron holds stands still in all stages of a step: the integral of V, which is held at 0, stays.
#[test]
fn held_states_stand_still_in_all_stages() {
    let run = Run::of_network("Held", 0.1);
    for name in ["implicit_euler", "rosenbrock", "exponential_rosenbrock", "hines", "dormand_prince", "rkf45"] {
        let u = run.values(&format!("{name}.u"));
        assert_eq!(u.len(), 120);
        assert!(u[10..60].iter().all(|&value| value == u[9]), "{name}: {:?}", &u[9..60]);
        // one step of backward Euler more or less: 0.5 mV ms
        assert!((u[9] - 5.0).abs() < 0.51 && u[61] > u[59], "{name}: {:?}", &u[..10]);
    }
}

/// An accurate solution of the equations of the squid axon, and how far each method is from it at 0.025 ms. docs/numbers.md has
/// the table; the reference has what the classical Runge-Kutta method must err by.
#[test]
fn the_squid_axon_by_every_method() {
    let trace = Table::csv("04_hh_1952/trace_I10.csv");
    let run = Run::of_network("SquidAxon", 0.025);
    let mut off = Vec::new();
    for (name, least, most) in [
        ("exponential_euler", 40.0, 100.0),
        ("implicit_euler", 10.0, 30.0),
        ("exponential_rosenbrock", 0.1, 0.4),
        ("rosenbrock", 0.005, 0.03),
        ("hines", 4.0, 6.0),
        ("rk4", 5.6e-3, 5.8e-3),
        ("dormand_prince", 0.0, 1e-6),
        ("rkf45", 0.0, 1e-6),
        ("loose", 1e-6, 1e-3),
    ] {
        let values = run.values(&format!("{name}.V"));
        let wanted: Vec<f64> = trace.rows().skip(1).map(|row| row.number("V_mV")).collect();
        assert_eq!((values.len(), wanted.len()), (1000, 1000));
        let error = values.iter().zip(&wanted).map(|(v, w)| (v - w).abs()).fold(0.0, f64::max);
        println!("{name}: V is off by {error:.2e} mV");
        if !(least..=most).contains(&error) {
            off.push(format!("{name}: off by {error:e} mV, not {least} to {most}"));
        }
    }
    assert!(off.is_empty(), "{off:#?}");
}

mod stiff {
    use super::*;

    fn y_2(t: f64) -> f64 {
        (-t).exp()
    }

    /// The rate is ten thousand, the step a twentieth: what stays stable is as accurate as the slow solution asks for.
    #[test]
    fn implicit_methods_follow_the_slow_solution() {
        for precision in ["f64", "f32"] {
            let run = Run::new(FILE, &["--network", "Stiff", "--precision", precision]);
            for (name, bound) in [
                ("implicit_euler", 1e-2),
                ("rosenbrock", 1e-5),
                ("exponential_rosenbrock", 1e-5),
                ("dormand_prince", 1e-5),
            ] {
                let error = run.distance(&[(&format!("{name}.y_2"), y_2)]);
                println!("{precision}, {name}: off by {error:.2e}");
                assert!(error < bound, "{precision}, {name}: off by {error:e}");
            }
        }
        let run = Run::of_network("Stiff", 0.05);
        let half = Run::of_network("Stiff", 0.025);
        let errors = [&run, &half].map(|r| r.distance(&[("implicit_euler.y_2", y_2)]));
        assert_order("implicit_euler, stiff", errors, 1.0, 0.1);
    }

    #[test]
    fn explicit_ones_do_not() {
        fails("StiffExplicit", &[], "of neuron 0 became NaN");
    }
}

/// Fails, and says why.
#[track_caller]
fn fails(network: &str, more: &[&str], why: &str) {
    let file = case(FILE);
    let output = bpc(&[&["run", &file, "--network", network, "--quiet"], more].concat());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{network}: {told}");
    assert!(told.contains(why), "{network}: {told}");
}

/// What is not reached in the allowed number of sub-steps or iterations is an error with a place, never a hang.
#[test]
fn what_is_not_reached_is_told() {
    for precision in ["f64", "f32"] {
        let options = ["--precision", precision];
        let why = "the integrator of B.x did not reach the end of the step for neuron 0 in step ";
        fails("Unreachable", &options, why);
        let why = "the integrator of A.y_1 did not reach the end of the step for neuron 0 in step 0 (t = 0 ms)";
        fails("TooFew", &options, why);
        let why = "the integrator of A.x did not reach the end of the step for neuron 0 in step 0";
        fails("NoConvergence", &options, why);
    }
}

/// b = t / tau exp(-t / tau) where both time constants are one and the same, and what it comes from where they nearly are.
#[test]
fn propagators_have_their_limits() {
    for tau in [5.0, 5.0 * (1.0 + 1e-14), 5.0 * (1.0 + 1e-9), 5.0 - 1e-5, 5.1, 0.3, 80.0] {
        let run = Run::new(FILE, &["--network", "Cascades", "--set", &format!("tau={tau} ms")]);
        let times: Vec<f64> = array(&run.0.path().join("traces.npz"), "A.b_time_ms");
        let values = run.values("A.b");
        assert_eq!(values.len(), 40);
        for (t, value) in times.into_iter().zip(values) {
            let difference = (1.0 / tau - 0.2) * t;
            let mean = if difference == 0.0 { 1.0 } else { difference.exp_m1() / difference };
            let wanted = 0.2 * t * (-t / tau).exp() * mean;
            assert!((value - wanted).abs() <= 1e-13, "tau {tau}, t {t}: {value}, not {wanted}");
        }
    }
}

mod noise {
    use super::*;

    const FILE: &str = "noise_orders.bp";
    /// The same draws as the Wiener process itself.
    const WIENER: [&str; 6] =
        ["--set", "drift=0 ms^-1", "--set", "volatility=0 ms^(-1/2)", "--set", "additive=1 ms^(-1/2)"];

    /// Mean distance at 1 ms of 4000 paths from what their Wiener processes make of them: `exp(exponent + W)`.
    fn strong_errors(dt: f64, cases: &[(&str, f64)]) -> Vec<f64> {
        let step = format!("{dt} ms");
        let (paths, wiener) =
            (Run::new(FILE, &["--dt", &step]), Run::new(FILE, &[&["--dt", &step][..], &WIENER].concat()));
        let error = |(state, exponent): &(&str, f64)| {
            let (x, w) = (paths.values(state), wiener.values(state));
            assert_eq!((x.len(), w.len()), (4000, 4000));
            x.iter().zip(&w).map(|(x, w)| (x - (exponent + w - 1.0).exp()).abs()).sum::<f64>() / 4000.0
        };
        cases.iter().map(error).collect()
    }

    /// Over a factor of 8 in the step the standard error of an order is about 0.03, so that a right method fails for one
    /// seed in a million; the seed is fixed.
    #[test]
    fn paths_converge_with_their_strong_order() {
        // Itô: exp((0.5 - 1/2) t + W), Stratonovich: exp(0.5 t + W)
        let cases = [
            ("maruyama.x", 0.0, 0.5),
            ("implicit.x", 0.0, 0.5),
            ("milstein.x", 0.0, 1.0),
            ("milstein.y", 0.0, 1.0),
            ("stratonovich.x", 0.5, 1.0),
        ];
        let exponents: Vec<(&str, f64)> = cases.iter().map(|c| (c.0, c.1)).collect();
        let [coarse, fine] = [0.0625, 0.0078125].map(|dt| strong_errors(dt, &exponents));
        for (i, (name, _, order)) in cases.iter().enumerate() {
            let found = (coarse[i] / fine[i]).log2() / 3.0;
            println!("{name}: {:.4}, {:.4}: strong order {found:.2}", coarse[i], fine[i]);
            assert!((found - order).abs() < 0.15, "{name}: strong order {found}, not {order}");
        }
    }

    /// A method of the other interpretation does not converge at all: it is off by the factor exp(1/2).
    #[test]
    fn the_interpretations_differ() {
        let errors = strong_errors(0.0078125, &[("stratonovich.x", 0.0), ("milstein.x", 0.5)]);
        assert!(errors.iter().all(|&e| e > 0.5), "{errors:?}");
    }
}
