//! The models of `std`, in the files of `cases/models/`, against accurate solutions of their equations, against what
//! their integrator is known to err by, and against closed forms.

use crate::bpc::{here, run_json, text};
use crate::reference::{Row, Table};
use crate::statistics::{Spikes, array};
use std::f64::consts::{PI, TAU};
use tempfile::TempDir;

/// A finished run: population `A` is one neuron.
struct Run {
    folder: TempDir,
    dt: f64,
}

impl Run {
    /// `dt` in ms; `settings` are those of `--set`.
    #[track_caller]
    fn new(file: &str, dt: f64, settings: &[&str]) -> Run {
        Run::with(file, dt, settings, &[])
    }

    /// With further arguments.
    #[track_caller]
    fn with(file: &str, dt: f64, settings: &[&str], options: &[&str]) -> Run {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, out) = (text(&here().join("cases/models").join(file)), text(folder.path()));
        let step = format!("{dt} ms");
        let mut args = vec!["run", &file, "--dt", &step, "--out", &out];
        args.extend(options);
        args.extend(settings.iter().flat_map(|&setting| ["--set", setting]));
        run_json(&args);
        Run { folder, dt }
    }

    /// The numbers of the steps at whose end the neuron fires, counted from 1.
    fn spike_steps(&self) -> Vec<u64> {
        Spikes::read(self.folder.path(), "A").step.iter().map(|step| step + 1).collect()
    }

    fn spike_times(&self) -> Vec<f64> {
        self.spike_steps().iter().map(|&step| step as f64 * self.dt).collect()
    }

    /// The values of a state at the ends of the steps, or of the intervals at which it is recorded.
    fn values(&self, state: &str) -> Vec<f64> {
        array(&self.folder.path().join("traces.npz"), state)
    }

    /// The values of a state, with their times.
    fn samples(&self, state: &str) -> impl Iterator<Item = (f64, f64)> {
        let times: Vec<f64> = array(&self.folder.path().join("traces.npz"), &format!("{state}_time_ms"));
        times.into_iter().zip(self.values(state))
    }

    /// How far a state is from a function of time, at most.
    fn distance(&self, state: &str, wanted: impl Fn(f64) -> f64) -> f64 {
        let error = self.samples(state).map(|(t, value)| (value - wanted(t)).abs()).fold(0.0, largest);
        assert!(!self.values(state).is_empty(), "no sample of {state}");
        error
    }

    /// How far a state is from a column of a table, at most.
    fn distance_from(&self, state: &str, table: &Table, column: &str) -> f64 {
        let (name, values) = (format!("A.{state}"), self.values(&format!("A.{state}")));
        let mut compared = 0;
        let mut error = 0.0;
        for row in table.rows() {
            let t = row.number("t");
            if t > 0.0 {
                let at = (t / self.dt).round();
                assert!((at * self.dt - t).abs() < 1e-9, "{name}: {t} ms is between two steps");
                error = largest(error, (values[at as usize - 1] - row.number(column)).abs());
                compared += 1;
            }
        }
        assert!(compared > 50, "{name}: {compared} samples to compare");
        error
    }

    /// Whether the neuron fires in the steps in which a state comes to be above a level, and in no others.
    #[track_caller]
    fn fires_where(&self, state: &str, level: f64, initial: f64) {
        let values = self.values(state);
        let before = std::iter::once(&initial).chain(&values);
        let upward = before.zip(&values).zip(1..).filter(|((before, now), _)| **before <= level && **now > level);
        let steps: Vec<u64> = upward.map(|(_, step)| step).collect();
        assert!(!steps.is_empty(), "{state} never exceeds {level}");
        assert_eq!(self.spike_steps(), steps, "{state} exceeds {level}");
    }
}

/// The larger one; NaN if there is one.
fn largest(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}

/// Fails with all lines that say what is wrong.
#[track_caller]
fn none(off: &[String]) {
    assert!(off.is_empty(), "{off:#?}");
}

/// Halving the step of a method of order 4 divides its error by about 16.
#[track_caller]
fn has_order_four(label: &str, errors: [f64; 2]) {
    let ratio = errors[0] / errors[1];
    println!("{label}: off by {:.2e}, half the step {:.2e}: {ratio:.1}", errors[0], errors[1]);
    assert!((12.0..=20.0).contains(&ratio), "{label}: errors {errors:?}, ratio {ratio}");
}

/// Integral of a smooth function (Simpson's rule).
fn integral(f: impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
    let n = 20_000;
    let h = (to - from) / f64::from(n);
    let weight = |k| {
        if k == 0 || k == n {
            1.0
        } else if k % 2 == 1 {
            4.0
        } else {
            2.0
        }
    };
    (0..=n).map(|k| weight(k) * f(from + f64::from(k) * h)).sum::<f64>() * h / 3.0
}

/// The steps in which a neuron fires that always needs the time `period` (ms) from its reset to its spike, and is then
/// held for `refractory` steps.
fn regular(period: f64, refractory: u64, run: &Run, duration: f64) -> Vec<u64> {
    let steps = period / run.dt;
    let (part, whole) = (steps.fract(), steps.ceil() as u64);
    assert!((0.1..0.9).contains(&part), "{period} ms is too close to a step for a sharp test");
    (0..)
        .map(|k| whole + k * (whole + refractory))
        .take_while(|&step| step as f64 * run.dt < duration + run.dt / 2.0)
        .collect()
}

mod threshold_neurons {
    use super::*;

    #[test]
    fn if_integrates_exactly() {
        let run = Run::new("if.bp", 0.1, &["I=130 pA"]);
        let (c, v_th, v_reset, i) = (200.0, -50.0, -65.0, 130.0);
        let steps = regular(c * (v_th - v_reset) / i, 20, &run, 500.0);
        assert_eq!(run.spike_steps(), steps);
        let values = run.values("A.V");
        let rises = (1..steps[0]).map(|step| v_reset + i / c * step as f64 * 0.1);
        let error = rises.zip(values).map(|(wanted, value)| (wanted - value).abs()).fold(0.0, largest);
        assert!(error < 1e-11, "V is off by {error:e} mV");
    }

    #[test]
    fn exp_if_has_the_period_of_its_integral() {
        for i in [0.6, 1.0, 3.0] {
            let run = Run::new("exp_if.bp", 0.01, &[&format!("I={i} uA/cm^2")]);
            let slope = |v: f64| 0.1 * (-65.0 - v) + 0.1 * 3.48 * ((v + 59.9) / 3.48).exp() + i;
            let period = integral(|v| 1.0 / slope(v), -68.0, -30.0);
            println!("I {i}: period {period} ms");
            assert_eq!(run.spike_steps(), regular(period, 170, &run, 500.0), "I {i}, period {period} ms");
        }
    }

    #[test]
    fn qif_has_the_period_of_its_closed_form() {
        let (tau, v_rest, v_crit, v_peak, v_reset) = (10.0, -65.0, -50.0, -30.0, -68.0);
        let k: f64 = 1.0 / (v_crit - v_rest);
        let middle = (v_rest + v_crit) / 2.0;
        for i in [5.0, 25.0, 70.0] {
            let run = Run::new("qif.bp", 0.01, &[&format!("I={i} mV")]);
            // tau x' = k x^2 + q with x = V - middle, so that x = sqrt(q / k) tan(sqrt(k q) t / tau + c)
            let q = i - k * ((v_crit - v_rest) / 2.0_f64).powi(2);
            let phase = |v: f64| ((v - middle) * (k / q).sqrt()).atan();
            let period = tau / (k * q).sqrt() * (phase(v_peak) - phase(v_reset));
            println!("I {i}: period {period} ms");
            assert_eq!(run.spike_steps(), regular(period, 0, &run, 500.0), "I {i}, period {period} ms");
        }
    }

    #[test]
    fn alif_fires_in_the_steps_of_its_closed_form() {
        let (tau, tau_a, v_th, dt) = (20.0_f64, 2000.0_f64, 0.6, 0.1);
        let beta = 1.7 * (1.0 - (-1.0 / tau_a).exp()) / (1.0 - (-1.0 / tau).exp());
        for i in [1.0, 2.0, 5.0] {
            let run = Run::new("alif.bp", dt, &[&format!("I={i}")]);
            let (mut steps, mut v, mut a) = (vec![], vec![], vec![]);
            let (mut start, mut v0, mut a0) = (0_u64, 0.0, 0.0);
            for step in 1..=5000 {
                let t = (step - start) as f64 * dt;
                let mut now = (i + (v0 - i) * (-t / tau).exp(), a0 * (-t / tau_a).exp());
                let refractory = !steps.is_empty() && step - start <= 50;
                if !refractory && now.0 >= v_th + beta * now.1 {
                    now = (now.0 - v_th, now.1 + 1.0);
                    steps.push(step);
                    (start, v0, a0) = (step, now.0, now.1);
                }
                v.push(now.0);
                a.push(now.1);
            }
            assert_eq!(run.spike_steps(), steps, "I {i}");
            for (state, wanted) in [("A.V", v), ("A.a", a)] {
                let error = run.distance(state, |t| wanted[(t / dt).round() as usize - 1]);
                println!("I {i}: {} spikes, {state} off by {error:e}", steps.len());
                assert!(error < 1e-10, "I {i}: {state} is off by {error:e}");
            }
        }
    }

    /// Potential and threshold of the Mihalas-Niebur neuron as sums of exponentials; ms, mV.
    struct Gif {
        a: f64,
        i: f64,
        start: [f64; 4],
    }

    impl Gif {
        const G: f64 = 0.05;
        const B: f64 = 0.01;
        const K: [f64; 2] = [0.2, 0.02];

        /// V, threshold and the two currents at a time after the start.
        fn at(&self, t: f64) -> [f64; 4] {
            let [v0, th0, currents @ ..] = self.start;
            let far = self.i / Gif::G;
            // V + 70 = far + sum_k part_k exp(-rate_k t), the last rate being G
            let mut parts: Vec<(f64, f64)> =
                currents.iter().zip(Gif::K).map(|(current, k)| (current / (Gif::G - k), k)).collect();
            parts.push((v0 + 70.0 - far - parts.iter().map(|p| p.0).sum::<f64>(), Gif::G));
            let v = -70.0 + far + parts.iter().map(|(part, rate)| part * (-rate * t).exp()).sum::<f64>();
            let rest = -50.0 + self.a * far / Gif::B;
            let driven = |t: f64| {
                parts.iter().map(|(part, rate)| self.a * part / (Gif::B - rate) * (-rate * t).exp()).sum::<f64>()
            };
            let th = rest + driven(t) + (th0 - rest - driven(0.0)) * (-Gif::B * t).exp();
            [v, th, currents[0] * (-Gif::K[0] * t).exp(), currents[1] * (-Gif::K[1] * t).exp()]
        }
    }

    #[test]
    fn gif_fires_in_the_steps_of_its_closed_form() {
        let dt = 0.1;
        // a, A1, A2, I: tonic, adapting, phasic and bursting cells of the paper; Hz and V/s
        for [a, a1, a2, i] in [[0.0, 0.0, 0.0, 1.5], [5.0, 0.0, 0.0, 2.0], [5.0, 0.0, 0.0, 1.5], [5.0, 10.0, -0.6, 2.0]]
        {
            let settings =
                [format!("A.a={a} Hz"), format!("A.A1={a1} V/s"), format!("A.A2={a2} V/s"), format!("I={i} V/s")];
            let run = Run::new("gif.bp", dt, &settings.each_ref().map(String::as_str));
            let mut gif = Gif { a: a / 1000.0, i, start: [-70.0, -50.0, 0.0, 0.0] };
            let (mut steps, mut v, mut th, mut start) = (vec![], vec![], vec![], 0_u64);
            for step in 1..=5000 {
                let mut now = gif.at((step - start) as f64 * dt);
                if now[0] >= now[1] {
                    now = [-70.0, now[1].max(-60.0), a1, now[3] + a2];
                    steps.push(step);
                    (start, gif.start) = (step, now);
                }
                v.push(now[0]);
                th.push(now[1]);
            }
            assert!(!steps.is_empty());
            assert_eq!(run.spike_steps(), steps, "{settings:?}");
            for (state, wanted) in [("A.V", v), ("A.th", th)] {
                let error = run.distance(state, |t| wanted[(t / dt).round() as usize - 1]);
                println!("{settings:?}: {} spikes, {state} off by {error:e} mV", steps.len());
                assert!(error < 1e-9, "{settings:?}: {state} is off by {error:e} mV");
            }
        }
    }

    #[test]
    fn leaky_readout_is_exact() {
        let error = Run::new("leaky_readout.bp", 1.0, &["I=0.7"]).distance("A.V", |t| 0.7 * (1.0 - (-t / 20.0).exp()));
        assert!(error < 1e-14, "V is off by {error:e}");
    }
}

mod adaptive_exponential {
    use super::*;

    const CASE: &str = "05_adex";

    /// The columns of the reference's table, as settings of the model.
    const SETTINGS: [(&str, &str, &str); 10] = [
        ("C", "A.C", "pF"),
        ("gL", "A.g_L", "nS"),
        ("EL", "A.E_L", "mV"),
        ("VT", "A.V_T", "mV"),
        ("DT", "A.D", "mV"),
        ("a", "A.a", "nS"),
        ("tau_w", "A.tau_w", "ms"),
        ("b", "A.b", "pA"),
        ("Vr", "A.V_reset", "mV"),
        ("I", "I", "pA"),
    ];

    /// Spikes seen on a grid come late, and shift all that follow.
    #[test]
    fn patterns_are_those_of_the_reference() {
        let table = Table::markdown(&format!("{CASE}/case.md"), "| pattern |");
        let exact = Table::csv(&format!("{CASE}/spike_times.csv"));
        let trace = Table::csv(&format!("{CASE}/trace_2ms.csv"));
        let mut off = Vec::new();
        for row in table.rows() {
            let pattern = row.text("pattern");
            let settings = SETTINGS.map(|(column, name, unit)| format!("{name}={} {unit}", row.text(column)));
            let settings = settings.each_ref().map(String::as_str);
            let irregular = pattern == "irregular";
            for (dt, count) in [(0.01, "RK4 dt 0.01 count"), (0.1, "RK4 dt 0.1 count")] {
                let run = Run::new("adex_if.bp", dt, &settings);
                let found = run.spike_times();
                let allowed = if dt == 0.01 && !irregular { 1.0 } else { 2.0 };
                if (found.len() as f64 - row.number(count)).abs() > allowed {
                    off.push(format!("{pattern}, dt {dt}: {} spikes, not {}", found.len(), row.text(count)));
                }
                if dt > 0.01 {
                    continue;
                }
                let reliable = if irregular { 6 } else { row.number("reliable spikes") as usize };
                let wanted: Vec<f64> = exact
                    .rows_with("pattern", pattern)
                    .map(|row| row.number("t_ms_Vpeak_-30"))
                    .take(reliable)
                    .collect();
                let error = found.iter().zip(&wanted).map(|(found, wanted)| (found - wanted).abs()).fold(0.0, largest);
                let known = row.number("max err (ms)");
                println!("{pattern}: {} spikes off by {error:.3e} ms, known {known}", found.len());
                if found.len() < wanted.len() || error > 1.5 * known {
                    off.push(format!("{pattern}: off by {error} ms, known {known} ms, at {found:?}"));
                }
                // Up to the first spike the equations are smooth.
                let smooth = |t: f64| t > 0.0 && t < wanted[0] - 2.0;
                for (state, column) in [("A.V", "V_mV"), ("A.w", "w_pA")] {
                    let values = run.values(state);
                    let rows = trace.rows_with("pattern", pattern).filter(|row| smooth(row.number("t_ms")));
                    let errors =
                        rows.map(|row| (values[(row.number("t_ms") / 2.0) as usize - 1] - row.number(column)).abs());
                    let error = errors.fold(0.0, largest);
                    if error > 1e-6 {
                        off.push(format!("{pattern}: {state} is off by {error:e} before the first spike"));
                    }
                }
            }
        }
        none(&off);
    }
}

mod quadratic {
    use super::*;

    fn spikes_err_as_runge_kutta(file: &str, begins: &str) {
        let table = Table::markdown("std_models/case.md", "| case |");
        let exact = Table::csv("std_models/spike_times.csv");
        let mut off = Vec::new();
        let mut compared = 0;
        for row in table.rows().filter(|row| row.text("case").starts_with(begins)) {
            let (case, dt) = (row.text("case"), row.number("dt"));
            let settings: Vec<&str> = row.text("settings").split(';').collect();
            let found = Run::new(file, dt, &settings).spike_times();
            let wanted = exact.rows_with("case", case).map(|row| row.number("t_ms"));
            let error = found.iter().zip(wanted).map(|(found, wanted)| (found - wanted).abs()).fold(0.0, largest);
            let known = row.number("max err (ms)");
            println!("{case}, dt {dt}: {} spikes off by {error:.3e} ms, known {known}", found.len());
            // That method follows the equations beyond the threshold, and loses spikes; ours may find them all.
            let counts = row.number("spikes on grid")..=row.number("spikes");
            if !counts.contains(&(found.len() as f64)) || error > 1.5 * known {
                off.push(format!("{case}, dt {dt}: off by {error} ms, known {known} ms, at {found:?}"));
            }
            compared += 1;
        }
        assert!(compared > 0, "no case `{begins}`");
        none(&off);
    }

    #[test]
    fn adaptive_qif() {
        spikes_err_as_runge_kutta("adaptive_qif.bp", "adqif");
    }

    #[test]
    fn izhikevich() {
        spikes_err_as_runge_kutta("izhikevich.bp", "izhikevich");
    }
}

/// The discrete map, by its definition.
mod izhikevich_map {
    use super::*;

    const CASE: &str = "06_izhikevich_2003";

    /// The input that the reference's table has in words, and where a pattern has other equations.
    fn input(pattern: &str) -> Vec<String> {
        let during = |height: &str, windows: &[(f64, f64)]| {
            let mut settings = vec![format!("height={height}")];
            for (number, (from, to)) in (1..).zip(windows) {
                settings.extend([format!("from_{number}={from} ms"), format!("to_{number}={to} ms")]);
            }
            settings
        };
        let after = |height: &str, from: f64| during(height, &[(from, 1000.0)]);
        let and = |mut settings: Vec<String>, more: &[&str]| {
            settings.extend(more.iter().map(|&setting| setting.to_owned()));
            settings
        };
        let never = during("0", &[(-1.0, -1.0)]);
        let lasting = |length: f64, starts: [f64; 4]| starts.map(|start| (start, start + length));
        match &pattern[..1] {
            "A" => after("14", 10.0),
            "B" => after("0.5", 20.0),
            "C" => after("15", 22.0),
            "D" => after("0.6", 20.0),
            "E" => after("10", 16.0),
            "F" => after("30", 8.5),
            "G" => and(never, &["slope_1=0.075 ms^-1", "ramp_1=30 ms", "A.p1=4.1", "A.p0=108"]),
            "H" => and(never, &["slope_1=0.015 ms^-1", "ramp_1=30 ms", "base=-0.5"]),
            "I" => during("7.04", &[(10.0, 13.0)]),
            "J" => during("2", &[(20.0, 25.0)]),
            "K" => during("0.65", &lasting(4.0, [40.0, 60.0, 280.0, 320.0])),
            "L" => {
                let starts = [100.0 / 11.0, 100.0 / 11.0 + 5.0, 70.0, 80.0];
                and(during("9", &lasting(2.0, starts)), &["A.p1=4.1", "A.p0=108"])
            }
            "M" | "N" => during("-15", &[(20.0, 25.0)]),
            "O" => and(during("1", &[(10.0, 15.0), (80.0, 85.0)]), &["other=-6", "from_5=70 ms", "to_5=75 ms"]),
            "P" => and(during("1.24", &[(37.5, 42.5), (216.0, 221.0)]), &["base=0.24"]),
            "Q" => during("20", &[(9.0, 11.0)]),
            "R" => and(
                never,
                &[
                    "slope_1=0.04 ms^-1",
                    "ramp_1=0 ms",
                    "end_1=200 ms",
                    "slope_2=0.32 ms^-1",
                    "ramp_2=300 ms",
                    "end_2=312.5 ms",
                ],
            ),
            "S" | "T" => and(during("80", &[(-1.0, 50.0), (250.0, 1000.0)]), &["base=75"]),
            _ => panic!("pattern {pattern}"),
        }
    }

    /// A pattern's run, and the steps in which it fires.
    fn run(row: &Row<'_>, precision: &str) -> (Run, Vec<u64>) {
        let (pattern, tau) = (row.text("pattern"), row.number("tau"));
        let accommodates = pattern.starts_with('R');
        let mut settings = input(pattern);
        settings.extend(["a", "b", "c", "d"].map(|name| format!("A.{name}={}", row.text(name))));
        let u0 = if accommodates { -16.0 } else { row.number("b") * row.number("V0") };
        settings.extend([format!("V0={}", row.text("V0")), format!("u0={u0}")]);
        if accommodates {
            settings.extend(["A.q=65".to_owned(), "A.r=0".to_owned()]);
        }
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        // Step T / tau is the last.
        let duration = format!("{} ms", row.number("T") + tau);
        let options = ["--duration", &duration, "--precision", precision];
        let run = Run::with("izhikevich_map.bp", tau, &settings, &options);
        let fired = run.values("A.fired").into_iter().zip(0_u64..).filter(|(fired, _)| *fired > 0.5);
        let found = fired.map(|(_, step)| step).collect();
        (run, found)
    }

    fn wanted(steps: &Table, pattern: &str) -> Vec<u64> {
        steps.rows_with("pattern", pattern).map(|row| row.number("step") as u64).collect()
    }

    #[test]
    fn all_patterns_are_those_of_the_definition() {
        let patterns = Table::markdown(&format!("{CASE}/case.md"), "| pattern |");
        let steps = Table::csv(&format!("{CASE}/spike_steps.csv"));
        let trajectory = Table::csv(&format!("{CASE}/trajectory_2ms.csv"));
        assert_eq!(patterns.rows().count(), 20);
        let mut off = Vec::new();
        for row in patterns.rows() {
            let pattern = row.text("pattern");
            let (run, found) = run(&row, "f64");
            let wanted = wanted(&steps, pattern);
            if found != wanted {
                off.push(format!("{pattern}: fires in steps {found:?}, not {wanted:?}"));
            }
            // The input of Q is written with two bars, which shift its cells; its errors are far below the least allowed.
            let known = |column| if pattern.starts_with('Q') { 0.0 } else { row.number(column) };
            let [v, u] = ["max dV float64", "max du float64"].map(|column| f64::max(1e-9, 100.0 * known(column)));
            let allowed = [1e-12, v, u];
            for ((state, column), allowed) in [("A.used", "I"), ("A.V", "V_mV"), ("A.u", "u")].into_iter().zip(allowed)
            {
                let values = run.values(state);
                let rows = trajectory.rows_with("pattern", pattern);
                let errors = rows.map(|row| (values[row.number("step") as usize] - row.number(column)).abs());
                let error = errors.fold(0.0, largest);
                println!("{pattern}: {state} off by {error:.1e}, allowed {allowed:.1e}");
                if error.is_nan() || error > allowed {
                    off.push(format!("{pattern}: {state} is off by {error:e}"));
                }
            }
        }
        none(&off);
    }

    /// In single precision within two steps, but for the four patterns near a bifurcation.
    #[test]
    fn patterns_in_single_precision_are_two_steps_off_at_most() {
        let patterns = Table::markdown(&format!("{CASE}/case.md"), "| pattern |");
        let steps = Table::csv(&format!("{CASE}/spike_steps.csv"));
        for row in patterns.rows().filter(|row| !row.text("pattern").starts_with(['H', 'J', 'K', 'P'])) {
            let pattern = row.text("pattern");
            let (found, wanted) = (run(&row, "f32").1, wanted(&steps, pattern));
            let near = found.len() == wanted.len() && found.iter().zip(&wanted).all(|(f, w)| f.abs_diff(*w) <= 2);
            assert!(near && !found.is_empty(), "{pattern}: fires in steps {found:?}, not {wanted:?}");
        }
    }
}

/// Trajectories of which the error of the scheme is known for some steps.
mod trajectories {
    use super::*;
    use std::fs::read_to_string;

    /// The lines of a section of 07_reduced_models: step, and the error of each variable.
    fn known(section: &str, variables: &[&str]) -> Vec<(f64, Vec<f64>)> {
        let path = here().join("reference/07_reduced_models/case.md");
        let text = read_to_string(path).expect("case.md");
        let section = text.split("\n## ").find(|part| part.starts_with(section)).expect("the section");
        let mut lines = section.lines().skip_while(|line| !line.starts_with("| dt |"));
        let header = lines.next().expect("a table");
        assert_eq!(header.matches("max err").count(), variables.len(), "{header}");
        let numbers =
            |line: &str| line.trim_matches('|').split('|').map(|n| n.trim().parse().expect("a number")).collect();
        let rows: Vec<Vec<f64>> = lines.skip(1).map(numbers).collect();
        assert!(!rows.is_empty(), "{header}");
        rows.into_iter().map(|row| (row[0], row[1..].to_vec())).collect()
    }

    /// Each step of the table, with the run's errors those of the scheme within a factor of three; the last run is given
    /// back.
    fn errs_as_runge_kutta(file: &str, section: &str, settings: &[&str], variables: &[&str]) -> Run {
        let table = Table::csv(&format!("07_reduced_models/{section}.csv"));
        let mut off = Vec::new();
        let mut last = None;
        for (dt, errors) in known(section, variables) {
            let run = Run::new(file, dt, settings);
            for (variable, known) in variables.iter().zip(errors) {
                let error = run.distance_from(variable, &table, variable);
                println!("{section}, dt {dt}: {variable} off by {error:.3e}, known {known:.3e}");
                if !(known / 3.0..=known * 3.0).contains(&error) {
                    off.push(format!("{section}, dt {dt}: {variable} is off by {error:e}, known {known:e}"));
                }
            }
            last = Some(run);
        }
        none(&off);
        last.expect("a run")
    }

    #[test]
    fn morris_lecar_near_a_hopf_bifurcation() {
        let run = errs_as_runge_kutta("morris_lecar.bp", "morris_lecar_hopf", &[], &["V", "w"]);
        run.fires_where("A.V", 0.0, -60.0);
    }

    #[test]
    fn morris_lecar_near_a_saddle_node() {
        let phi = format!("A.phi={} ms^-1", 1.0 / 15.0);
        let settings = ["A.g_Ca=4 mS/cm^2", "A.V3=12 mV", "A.V4=17.4 mV", &phi, "I=45 uA/cm^2"];
        let run = errs_as_runge_kutta("morris_lecar.bp", "morris_lecar_snlc", &settings, &["V", "w"]);
        run.fires_where("A.V", 0.0, -60.0);
    }

    #[test]
    fn fitzhugh_nagumo() {
        let run = errs_as_runge_kutta("fitzhugh_nagumo.bp", "fitzhugh_nagumo", &[], &["v", "w"]);
        run.fires_where("A.v", 1.0, -1.0);
    }

    #[test]
    fn hindmarsh_rose_bursting() {
        let (section, states) = ("hindmarsh_rose_bursting", ["x", "y", "z"]);
        let run = errs_as_runge_kutta("hindmarsh_rose.bp", section, &["I=2"], &states);
        run.fires_where("A.x", 1.0, -1.5);
    }

    #[test]
    fn hindmarsh_rose_chaotic() {
        let (section, states) = ("hindmarsh_rose_chaotic", ["x", "y", "z"]);
        let run = errs_as_runge_kutta("hindmarsh_rose.bp", section, &["I=3.25"], &states);
        run.fires_where("A.x", 1.0, -1.5);
    }

    #[test]
    fn wilson_cowan() {
        errs_as_runge_kutta("wilson_cowan.bp", "wilson_cowan", &[], &["E", "I"]);
    }

    /// Against `std_models`: errors of at most three times those of the scheme.
    fn errs_as_known(file: &str, model: &str) {
        let known = Table::markdown("std_models/case.md", "| model |");
        let exact = Table::csv(&format!("std_models/{model}.csv"));
        let mut off = Vec::new();
        let mut run = None::<Run>;
        for row in known.rows_with("model", model) {
            let (dt, variable, known) = (row.number("dt"), row.text("variable"), row.number("max err"));
            if run.as_ref().is_none_or(|run| run.dt != dt) {
                run = Some(Run::new(file, dt, &[]));
            }
            let error = run.as_ref().map_or(f64::NAN, |run| run.distance_from(variable, &exact, variable));
            println!("{model}, dt {dt}: {variable} off by {error:.3e}, known {known:.3e}");
            if error.is_nan() || error > 3.0 * known {
                off.push(format!("{model}, dt {dt}: {variable} is off by {error:e}, known {known:e}"));
            }
        }
        assert!(run.is_some(), "no `{model}`");
        none(&off);
    }

    #[test]
    fn wang_buzsaki() {
        errs_as_known("wang_buzsaki.bp", "wang_buzsaki");
        Run::new("wang_buzsaki.bp", 0.01, &[]).fires_where("A.V", 0.0, -65.0);
    }

    #[test]
    fn wong_wang() {
        errs_as_known("wong_wang.bp", "wong_wang");
    }

    #[test]
    fn qif_mean_field() {
        errs_as_known("qif_mean_field.bp", "qif_mean_field");
    }

    #[test]
    fn fitzhugh_nagumo_rate() {
        errs_as_known("fitzhugh_nagumo_rate.bp", "fitzhugh_nagumo_rate");
    }

    #[test]
    fn jansen_rit() {
        errs_as_known("jansen_rit.bp", "jansen_rit");
    }
}

mod closed_forms {
    use super::*;

    #[test]
    fn stuart_landau() {
        let (a, w) = (0.25_f64, 0.2);
        // From inside and from outside of the limit cycle, whose radius is sqrt(a).
        for start in [0.1_f64, 0.8] {
            let settings = [format!("start={start}")];
            let errors = [0.05, 0.025].map(|dt| {
                let run = Run::new("stuart_landau.bp", dt, &[&settings[0]]);
                let radius = |t: f64| (a / (1.0 + (a / (start * start) - 1.0) * (-2.0 * a * t).exp())).sqrt();
                let x = run.distance("A.x", |t| radius(t) * (w * t).cos());
                let y = run.distance("A.y", |t| radius(t) * (w * t).sin());
                let (last_x, last_y) = (*run.values("A.x").last().expect("x"), *run.values("A.y").last().expect("y"));
                assert!((last_x.hypot(last_y) - a.sqrt()).abs() < 1e-5, "amplitude {}", last_x.hypot(last_y));
                largest(x, y)
            });
            has_order_four(&format!("start {start}"), errors);
            assert!(errors[1] < 1e-4, "{errors:?}");
        }
    }

    /// Adler's equation: phi' = omega - K sin(phi), phi being the phase relative to the other one.
    #[test]
    fn kuramoto() {
        let (omega, k, psi) = (TAU * 0.04, 0.1_f64, 1.0);
        let beat = (omega * omega - k * k).sqrt();
        // tan(phi / 2) = K / omega + beat / omega tan(beat t / 2 + c)
        let c = (((-psi / 2.0_f64).tan() - k / omega) * omega / beat).atan();
        let phase = |t: f64| {
            let angle = beat * t / 2.0 + c;
            let turns = ((angle + PI / 2.0) / PI).floor();
            psi + TAU * turns + 2.0 * (k / omega + beat / omega * angle.tan()).atan()
        };
        let errors = [0.5, 0.25].map(|dt| {
            let run = Run::new("kuramoto.bp", dt, &[]);
            let turns: Vec<u64> = (1..)
                .map_while(|turn| {
                    let last = (500.0 / dt) as u64;
                    (1..=last).find(|&step| phase(step as f64 * dt) >= TAU * f64::from(turn))
                })
                .collect();
            assert_eq!(run.spike_steps(), turns, "dt {dt}: a spike for every turn");
            run.distance("A.theta", |t| phase(t).rem_euclid(TAU))
        });
        has_order_four("theta", errors);
    }

    #[test]
    fn threshold_linear() {
        let run = Run::new("threshold_linear.bp", 1.0, &["I=300 pA"]);
        let error = run.distance("A.r", |t| 0.066 * (300.0 - 100.0) * (1.0 - (-t / 20.0).exp()));
        assert!(error < 1e-12, "r is off by {error:e}");
        let below = Run::new("threshold_linear.bp", 1.0, &["I=99 pA"]).distance("A.r", |_| 0.0);
        assert!(below == 0.0, "r is {below:e} below the threshold");
    }

    /// Above threshold the stationary rates solve a linear system.
    #[test]
    fn threshold_linear_pair() {
        let (beta, p, q) = ([0.066, 0.351], 200.0, 50.0);
        let matrix = [[1.0 - beta[0] * 24.3, beta[0] * 19.7], [-beta[1] * 12.2, 1.0 + beta[1] * 12.5]];
        let [e, i] = solve(matrix, [beta[0] * p, beta[1] * q]);
        assert!(24.3 * e - 19.7 * i + p > 0.0 && 12.2 * e - 12.5 * i + q > 0.0, "{e} Hz, {i} Hz: not above threshold");
        let run = Run::new("threshold_linear.bp", 1.0, &["P=200 pA", "Q=50 pA"]);
        for (state, wanted) in [("B.E", e), ("B.I", i)] {
            let found = *run.values(state).last().expect("a sample");
            assert!((found - wanted).abs() < 1e-9, "{state} is {found} Hz, not {wanted} Hz");
        }
    }

    /// Where Newton's method, started at the end of the run, finds that nothing changes.
    #[test]
    fn wong_wang_rests_at_a_fixed_point() {
        for (mu_0, c) in [(0.0, 0.0), (30.0, 0.256), (30.0, 1.0)] {
            let settings = [format!("mu_0={mu_0} Hz"), format!("c={c}")];
            let run = Run::new("wong_wang.bp", 1.0, &settings.each_ref().map(String::as_str));
            let end = ["A.S1", "A.S2"].map(|state| *run.values(state).last().expect("a sample"));
            let rate = |x: f64| {
                let u = 270.0 * x - 108.0;
                u / (1.0 - (-0.154 * u).exp())
            };
            let slope = |s: [f64; 2]| {
                let one = |own: f64, other: f64, sign: f64| {
                    let x = 0.2609 * own - 0.0497 * other + 0.3255 + 5.2e-4 * mu_0 * (1.0 + sign * c);
                    -own / 0.1 + (1.0 - own) * 0.641 * rate(x)
                };
                [one(s[0], s[1], 1.0), one(s[1], s[0], -1.0)]
            };
            let mut s = end;
            for _ in 0..20 {
                let h = 1e-6;
                let (f, by_1, by_2) = (slope(s), slope([s[0] + h, s[1]]), slope([s[0], s[1] + h]));
                let row = |k: usize| [(by_1[k] - f[k]) / h, (by_2[k] - f[k]) / h];
                let [d1, d2] = solve([row(0), row(1)], f);
                s = [s[0] - d1, s[1] - d2];
            }
            assert!(slope(s).iter().all(|f| f.abs() < 1e-9), "Newton's method does not converge: {s:?}");
            println!("mu_0 {mu_0} Hz, c {c}: {end:?}, fixed point {s:?}");
            let error = (end[0] - s[0]).hypot(end[1] - s[1]);
            assert!(error < 1e-9, "mu_0 {mu_0} Hz, c {c}: {end:?} at the end, but the fixed point is {s:?}");
            assert_eq!(mu_0 > 0.0, s[0] - s[1] > 0.3, "a decision needs a stimulus: {s:?}");
        }
    }

    /// Two linear equations (Cramer's rule).
    fn solve(matrix: [[f64; 2]; 2], right: [f64; 2]) -> [f64; 2] {
        let [[a, b], [c, d]] = matrix;
        let determinant = a * d - b * c;
        [(right[0] * d - b * right[1]) / determinant, (a * right[1] - c * right[0]) / determinant]
    }
}
