//! What a neuron can say besides its equations: several rules, events without a spike, crossings, refractory times,
//! parameters of each neuron, functions by points. Against closed forms, or against a second implementation here.

use crate::bpc::{bpc, case, run_json, text};
use crate::statistics::{Spikes, array};
use std::process::Command;
use tempfile::TempDir;

const DT: f64 = 0.1;

/// A finished run of a file of `cases/run`.
struct Run {
    folder: TempDir,
}

impl Run {
    #[track_caller]
    fn new(file: &str, options: &[&str]) -> Run {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, out) = (case(file), text(folder.path()));
        run_json(&[&["run", &file, "--out", &out], options].concat());
        Run { folder }
    }

    /// The numbers of the steps at whose end a neuron fires, counted from 1.
    fn steps(&self, population: &str, neuron: u32) -> Vec<u64> {
        let spikes = Spikes::read(self.folder.path(), population);
        let own = spikes.step.iter().zip(&spikes.neuron).filter(|(_, n)| **n == neuron);
        own.map(|(step, _)| step + 1).collect()
    }

    /// A state at the ends of the steps, all neurons of a step side by side.
    fn values(&self, state: &str) -> Vec<f64> {
        array(&self.folder.path().join("traces.npz"), state)
    }

    #[track_caller]
    fn follows(&self, state: &str, wanted: impl IntoIterator<Item = f64>, tolerance: f64) {
        let (values, wanted) = (self.values(state), wanted.into_iter().collect::<Vec<f64>>());
        assert_eq!(values.len(), wanted.len(), "{state}");
        for (at, (value, wanted)) in values.iter().zip(&wanted).enumerate() {
            let error = (value - wanted).abs();
            assert!(error <= tolerance * wanted.abs().max(1.0), "{state}, sample {at}: {value}, not {wanted}");
        }
    }
}

/// Conditions are tested on the integrated values; then what holds acts in order; one spike a step.
#[test]
fn rules_act_in_order_on_conditions_tested_before() {
    let run = Run::new("spike_rules.bp", &[]);
    let (mut v, mut w, mut n) = (0.0_f64, 0.0_f64, 0.0_f64);
    let (mut spikes, mut both) = (Vec::new(), 0);
    let mut rows: [Vec<f64>; 3] = Default::default();
    for step in 1..=600 {
        v += DT;
        let (high, adapted, event, full) = (v > 2.95, w > 1.5, v > 2.95 || w > 1.5, n > 1000.0);
        if high {
            v = 0.0;
            w += 1.0;
        }
        if adapted {
            w *= 0.25;
            v -= 0.5;
        }
        if event {
            n += w;
            n *= 2.0;
        }
        if full {
            n = 1.0;
        }
        if high || adapted {
            spikes.push(step);
        }
        both += u32::from(high && adapted);
        for (row, value) in rows.iter_mut().zip([v, w, n]) {
            row.push(value);
        }
    }
    assert_eq!(run.steps("A", 0), spikes);
    assert!(spikes.len() > 20 && rows[2].contains(&1.0), "the rules are not all used");
    println!("{} spikes, {both} steps in which two rules hold", spikes.len());
    for (state, row) in ["A.V", "A.w", "A.n"].into_iter().zip(rows) {
        run.follows(state, row, 1e-12);
    }
}

/// The steps at whose ends a turning point has come to a phase (part of a turn from its start), once a turn.
fn turns(phase: f64) -> Vec<u64> {
    (0..).map(|turn| ((phase + f64::from(turn)) * 20.3 / DT).ceil() as u64).take_while(|&step| step <= 1000).collect()
}

#[test]
fn crossings_are_seen_in_the_step_in_which_they_happen() {
    let run = Run::new("crossing.bp", &[]);
    // x = r sin(2 pi t / T + a) with x(0) = -0.1 and y(0) = 1
    let (radius, start) = (1.01_f64.sqrt(), (-0.1_f64).atan2(1.0));
    let level = (0.3 / radius).asin();
    let part = |angle: f64| (angle - start) / std::f64::consts::TAU;
    assert_eq!(run.steps("Up", 0), turns(part(level)));
    assert_eq!(run.steps("Down", 0), turns(part(std::f64::consts::PI - level)));
    assert_eq!(run.steps("Up", 0).len(), 5);
    // Events are delivered at the start of a step; what was below before them has crossed at its end, and then
    // stays above for 10 ms log(5 / 3) = 5.1 ms without another crossing.
    assert_eq!(run.steps("Source", 0), [10, 200]);
    assert_eq!(run.steps("Hit", 0), [11, 201]);
    assert!(run.values("Hit.V")[12..40].iter().all(|&v| v > 3.0));
    // 5 mV - t comes down to 1 mV at 4 ms: at that step or, by rounding, the next.
    let low = run.steps("Low", 0);
    assert!(low == [40] || low == [41], "{low:?}");
}

#[test]
fn clamped_states_get_their_value_and_events_do_not_change_it() {
    let run = Run::new("refractory.bp", &[]);
    // Spikes of the source in these steps (from 1) are delivered in the next.
    let arrivals: Vec<u64> = [5, 50, 60, 65].map(|step: u64| step + 1).to_vec();
    let (mut v, mut u, mut left) = (0.0_f64, 0.0_f64, 0_u32);
    let (mut spikes, mut potential, mut other, mut lost) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for step in 1..=400 {
        let event = if arrivals.contains(&step) { 0.5 } else { 0.0 };
        let before = u;
        u *= (-DT / 20.0).exp();
        if left > 0 {
            lost += u32::from(event > 0.0);
            v = -3.0 + before / 2.0;
            left -= 1;
        } else {
            v += event + DT;
            if v > 4.95 {
                v = -2.0;
                u += 1.0;
                left = 20;
                spikes.push(step);
            }
        }
        potential.push(v);
        other.push(u);
    }
    assert!(lost > 0 && lost < 4, "{lost} events in refractory time");
    assert_eq!(run.steps("A", 0), spikes);
    run.follows("A.V", potential, 1e-12);
    run.follows("A.u", other, 1e-12);
}

#[test]
fn all_states_stand_still_if_all_are_held() {
    let run = Run::new("refractory.bp", &[]);
    let (mut v, mut u, mut left) = (0.0_f64, 8.0_f64, 0);
    let (mut spikes, mut potential, mut other) = (Vec::new(), Vec::new(), Vec::new());
    for step in 1..=400 {
        if left == 0 {
            v += DT;
            u *= (-DT / 20.0).exp();
            let event = u > 1.0 && v > 0.15 && v < 0.25;
            if v > 4.95 {
                v = 0.0;
                left = 30;
                spikes.push(step);
            }
            if event {
                u += 1.0;
            }
        } else {
            left -= 1;
        }
        potential.push(v);
        other.push(u);
    }
    assert_eq!(run.steps("S", 0), spikes);
    run.follows("S.V", potential, 1e-12);
    run.follows("S.u", other, 1e-12);
}

/// What arrives at a state that is held is lost for the equations that read it, too.
#[test]
fn other_equations_do_not_see_what_arrives_at_a_held_state() {
    let run = Run::new("refractory.bp", &[]);
    let arrivals = [5, 50, 60, 65].map(|step: u64| step + 1);
    let (mut v, mut w, mut left) = (0.0_f64, 0.0_f64, 0);
    let (mut spikes, mut first, mut second, mut lost) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for step in 1..=400 {
        let held = left > 0;
        let event = arrivals.contains(&step);
        lost += u32::from(event && held);
        let start = if event && !held { v + 0.5 } else { v };
        w += DT * (start - w) / 10.0;
        if held {
            left -= 1;
        } else {
            v = start + DT;
            if v > 4.95 {
                v = 0.0;
                left = 30;
                spikes.push(step);
            }
        }
        first.push(v);
        second.push(w);
    }
    assert!(lost > 0, "no event in refractory time");
    assert_eq!(run.steps("F", 0), spikes);
    run.follows("F.V", first, 1e-12);
    run.follows("F.w", second, 1e-12);
}

/// While either counter runs there is no spike; each holds its own state.
#[test]
fn every_rule_has_a_refractory_time_of_its_own() {
    let run = Run::new("refractory.bp", &[]);
    let (mut v, mut w, mut rest_v, mut rest_w) = (0.0_f64, 0.0_f64, 0, 0);
    let (mut spikes, mut first, mut second, mut waited) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for step in 1..=400 {
        let free = rest_v == 0 && rest_w == 0;
        if rest_v == 0 {
            v += DT;
        }
        if rest_w == 0 {
            w += DT;
        }
        let (high, other) = (v > 9.95, w > 6.95);
        waited += u32::from(!free && (high || other));
        rest_v = if high && free { 30 } else { (rest_v - 1).max(0) };
        rest_w = if other && free { 10 } else { (rest_w - 1).max(0) };
        if free && high {
            v = 0.0;
        }
        if free && other {
            w = 0.0;
        }
        if free && (high || other) {
            spikes.push(step);
        }
        first.push(v);
        second.push(w);
    }
    assert!(waited > 0, "no rule waits for the other's refractory time");
    assert_eq!(run.steps("B", 0), spikes);
    run.follows("B.V", first, 1e-12);
    run.follows("B.w", second, 1e-12);
}

/// 10 steps up, then as many as the neuron's own period is, to the nearest.
#[test]
fn refractory_periods_of_each_neuron_are_whole_steps() {
    for precision in ["f64", "f32"] {
        let run = Run::new("refractory.bp", &["--precision", precision]);
        for neuron in 0..10 {
            let period = 10 + 5 + 3 * u64::from(neuron);
            let wanted: Vec<u64> = (0..).map(|k| 10 + k * period).take_while(|&step| step <= 400).collect();
            assert_eq!(run.steps("C", neuron), wanted, "{precision}, neuron {neuron}");
        }
    }
}

/// A lone linear equation is exact with its own coefficients: 200 steps are off by rounding only.
#[test]
fn time_constants_of_each_neuron_are_exact() {
    let run = Run::new("per_neuron.bp", &[]);
    let tau = |i: usize| 5.0 * (1.0 + i as f64 / 10.0);
    let grid = |f: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
        (1..=200).flat_map(|step| (0..100).map(move |i| (step, i))).map(|(step, i)| f(i, step as f64 * DT)).collect()
    };
    run.follows("A.V", grid(&|i, t| 3.0 + 7.0 * (-t / tau(i)).exp()), 1e-13);
    run.follows("A.u", grid(&|i, t| 2.0 * tau(i) * (-t / (2.0 * tau(i))).exp()), 1e-13);
    run.follows("A.tau", grid(&|i, _| tau(i)), 1e-15);
    run.follows("A.slow", grid(&|i, _| 2.0 * tau(i)), 1e-15);
}

/// What is driven by a current that decays is exact with coefficients of each neuron too, at any step.
#[test]
fn driven_equations_of_each_neuron_are_exact() {
    let error = |dt: &str| {
        let run = Run::new("per_neuron.bp", &["--dt", dt]);
        let values = run.values("C.V");
        let last = &values[values.len() - 100..];
        let exact = |i: usize| {
            let tau = 5.0 * (1.0 + i as f64 / 10.0);
            if i == 0 {
                return 4.0 * 20.0 / 5.0 * (-20.0_f64 / 5.0).exp();
            }
            4.0 * 5.0 / (5.0 - tau) * ((-20.0_f64 / 5.0).exp() - (-20.0 / tau).exp())
        };
        (0..100).map(|i| (last[i] - exact(i)).abs()).fold(0.0, f64::max)
    };
    for dt in ["0.1 ms", "0.05 ms"] {
        let error = error(dt);
        assert!(error < 1e-12, "steps of {dt}: off by {error:e}");
    }
}

/// Draws have the moments of their distribution, and what follows from a draw follows from the same draw.
#[test]
fn parameters_are_drawn_once_for_each_neuron() {
    let n = 20_000;
    let run = Run::new("per_neuron.bp", &["--set", &format!("n={n}")]);
    let (tau, slow, sigma) = (run.values("D.tau"), run.values("D.slow"), run.values("D.sigma"));
    assert_eq!(tau.len(), n);
    assert!(tau.iter().zip(&slow).all(|(tau, slow)| *slow == 2.0 * tau));
    // V starts at tau * 1 mV/ms and relaxes to 3 mV
    for ((tau, v), at) in tau.iter().zip(run.values("D.V")).zip(0..) {
        let wanted = 3.0 + (tau - 3.0) * (-20.0 / tau).exp();
        assert!((v - wanted).abs() < 1e-12 * wanted.abs(), "neuron {at}: {v}, not {wanted}");
    }
    let moments = |x: &[f64]| {
        let mean = x.iter().sum::<f64>() / n as f64;
        (mean, x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64)
    };
    // Four standard errors each: a false alarm in 16,000.
    let root = (n as f64).sqrt();
    let (mean, variance) = moments(&tau);
    assert!((mean - 20.0).abs() < 4.0 * 2.0 / root, "mean {mean}");
    assert!((variance - 4.0).abs() < 4.0 * 4.0 * 2.0_f64.sqrt() / root, "variance {variance}");
    let (mean, variance) = moments(&sigma);
    assert!((mean - 1.5).abs() < 4.0 * 12.0_f64.sqrt().recip() / root, "mean {mean}");
    // the fourth central moment of a uniform draw is 1/80
    assert!((variance - 1.0 / 12.0).abs() < 4.0 * (1.0_f64 / 80.0 - 1.0 / 144.0).sqrt() / root, "variance {variance}");
    // Noise with a time constant of its own, one step long: exact it has variance sigma^2, and Euler and Maruyama's
    // would have twice that.
    let (mean, variance) = moments(&run.values("F.x"));
    assert!(mean.abs() < 4.0 * 3.0 / root, "mean {mean}");
    assert!((variance - 9.0).abs() < 4.0 * 9.0 * 2.0_f64.sqrt() / root, "variance {variance}");
}

/// Another number of threads or another seed: the same or other draws.
#[test]
fn parameters_of_each_neuron_are_the_same_for_any_number_of_threads() {
    let tau = |options: &[&str]| Run::new("per_neuron.bp", options).values("D.tau");
    let one = tau(&["--set", "n=300"]);
    assert_eq!(one, tau(&["--set", "n=300", "--threads", "3"]));
    assert_ne!(one, tau(&["--set", "n=300", "--seed", "5"]));
}

/// Linear interpolation by its textbook formula.
fn interpolate(points: &[(f64, f64)], x: f64, extrapolated: bool) -> f64 {
    let last = points.len() - 1;
    if !extrapolated && x <= points[0].0 {
        return points[0].1;
    }
    if !extrapolated && x >= points[last].0 {
        return points[last].1;
    }
    let k = (1..last).take_while(|&k| points[k].0 <= x).count();
    let ((x0, y0), (x1, y1)) = (points[k], points[k + 1]);
    (y0 * (x1 - x) + y1 * (x - x0)) / (x1 - x0)
}

#[test]
fn tables_are_linear_between_their_points() {
    let run = Run::new("tables.bp", &[]);
    let rate = [(-80.0, 0.0), (-60.0, 0.1), (-55.0, 0.5), (0.0, 1.0)];
    let line = [(-80.0, 0.0), (-60.0, 2.0), (0.0, -1.0)];
    let v = run.values("A.V");
    assert!(v[0] < -99.0 && *v.last().expect("samples") > 19.0);
    run.follows("A.y", v.iter().map(|&v| interpolate(&rate, v, false)), 1e-14);
    run.follows("A.z", v.iter().map(|&v| interpolate(&line, v, true)), 1e-13);
    let piece = |&v: &f64| [-80.0, -20.0, 0.0].iter().filter(|bound| v >= **bound).count() as f64 + 1.0;
    run.follows("A.s", v.iter().map(piece), 0.0);
}

/// x' is linear in each segment, so its solution is a chain of exponentials.
#[test]
fn a_table_is_integrated_in_its_segments() {
    let run = Run::new("tables.bp", &[]);
    // from 9 mV: x' = 2 - 0.6 x down to 5 mV, then x' = -0.2 x
    let change = (5.0_f64 - 2.0 / 0.6).ln() - (9.0_f64 - 2.0 / 0.6).ln();
    let change = -change / 0.6;
    let exact = |t: f64| {
        if t < change { 2.0 / 0.6 + (9.0 - 2.0 / 0.6) * (-0.6 * t).exp() } else { 5.0 * (-0.2 * (t - change)).exp() }
    };
    // rk4; the kink in its one step costs order
    run.follows("B.x", (1..=1200).map(|step| exact(f64::from(step) * DT)), 2e-4);
}

/// The derivative of a table is the slope of its segment, wherever a pass needs one.
#[test]
fn a_table_has_the_slope_of_its_segment() {
    use bpc_core::analysis::derivative::derivative;
    use bpc_core::ir::{Change, Op, Type};
    let output = bpc(&["run", "--quiet", "--emit", "dynamics", &case("tables.bp")]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let context = bpc_core::driver::context();
    let text = String::from_utf8(output.stdout).expect("text");
    let module = melior::ir::Module::parse(&context, &text).expect("the dialect");
    let mut network = bpc_core::ir::read::read(&module).expect("a network");
    let relax = network.populations.iter().find(|p| &*p.name == "B").expect("a population");
    let Change::Equation(slope) = relax.states[0].change else { panic!("no equation") };
    let x = network.graph.leaf(Op::Get("x".into(), Type::Real));
    let derived = derivative(&mut network.graph, slope, x).expect("tables have a derivative");
    for (at, wanted) in [(-12.0, 0.0), (-5.0, -10.3 / 9.7), (2.0, -0.2), (7.0, -0.6), (11.0, 0.0)] {
        let value = network.graph.constant(at);
        let here = network.graph.substitute(derived, &[(x, value)].into());
        assert_eq!(network.graph.as_constant(here), Some(wanted), "at {at}");
    }
}

/// An application changes a parameter of each neuron through the interface of states, while the network runs.
#[test]
fn parameters_of_each_neuron_are_written_as_states() {
    const PROGRAM: &str = r#"
#include "net.h"
#include <stdio.h>

int main(void) {
    char error[256];
    net *n = net_create(1, NULL, 1, error, sizeof error);
    uint64_t length = 0;
    int32_t element = 0;
    if (!n || net_parameter_handle("A.tau") >= 0)
        return 1;
    double *tau = net_state(n, net_state_handle("A.tau"), &length, &element);
    double *v = net_state(n, net_state_handle("A.V"), &length, &element);
    if (!tau || !v || element != 1 || net_run(n, 5.0) < 0)
        return 2;
    for (uint64_t i = 0; i < length; i++)
        tau[i] = 8.0;
    double before = v[7];
    if (net_run(n, 4.0) < 0)
        return 3;
    printf("%.17g %.17g %.17g", before, v[7], tau[7]);
    net_destroy(n);
    return 0;
}
"#;
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("main.c");
    std::fs::write(&source, PROGRAM).expect("written");
    let output = bpc(&["compile", &case("per_neuron.bp"), "--kind", "static", "-o", &text(folder.path())]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let program = folder.path().join("main");
    let mut compiler = Command::new("gcc");
    compiler.arg("-I").arg(folder.path()).arg(&source).arg(folder.path().join("libnet.a"));
    crate::support::output(compiler.args(["-lm", "-lpthread", "-o"]).arg(&program)).expect("compiles");
    let printed = crate::support::output(&mut Command::new(&program)).expect("runs");
    let numbers: Vec<f64> = printed.split_whitespace().map(|n| n.parse().expect("a number")).collect();
    let [before, after, tau] = numbers[..] else { panic!("{printed}") };
    assert!((before - (3.0 + 7.0 * (-5.0_f64 / 8.5).exp())).abs() < 1e-13, "{before}");
    assert!((after - (3.0 + (before - 3.0) * (-4.0_f64 / 8.0).exp())).abs() < 1e-13, "{after}");
    assert_eq!(tau, 8.0);
}
