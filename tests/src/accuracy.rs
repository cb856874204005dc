//! The tables of the reference data that name a method: the classical Runge-Kutta step must err as it is known to, neither
//! more (a mistake) nor much less (another method), and sub-steps to a tolerance must come to the solution itself.

use crate::bpc::{case, here};
use crate::reference::{Row, Table};
use crate::spike_trains::Run;
use std::path::Path;

/// Accurate far beyond what the references ask for.
const ADAPTIVE: &str = "dormand_prince { tolerance = 1e-13 }";

fn largest(errors: impl Iterator<Item = f64>) -> f64 {
    let mut count = 0;
    let error = errors.inspect(|_| count += 1).fold(0.0, |a: f64, b| if b.is_nan() || b > a { b } else { a });
    assert!(count > 10, "{count} samples to compare");
    error
}

#[track_caller]
fn none(off: &[String]) {
    assert!(off.is_empty(), "{off:#?}");
}

/// A file of the tests in which something is replaced.
#[track_caller]
fn edited(path: &Path, edits: &[(&str, &str)]) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    edits.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{}: no `{from}`", path.display());
        text.replace(from, to)
    })
}

/// How far a recorded state of one neuron is from a column, where the rows have a time after 0; a sample at the end of
/// every step.
fn distance<'a>(run: &Run, state: &str, rows: impl Iterator<Item = Row<'a>>, time: &str, column: &str) -> f64 {
    let values = run.values(state);
    let rows = rows.filter(|row| row.number(time) > 0.0);
    largest(rows.map(|row| (values[run.steps(row.number(time)) - 1] - row.number(column)).abs()))
}

/// Rule 2 of the references: within the factor, on either side.
fn as_known(label: &str, error: f64, known: f64, off: &mut Vec<String>) {
    println!("{label}: off by {error:.3e}, known {known:.3e}");
    if !(known / 3.0..=known * 3.0).contains(&error) {
        off.push(format!("{label}: off by {error:e}, the method is known to be off by {known:e}"));
    }
}

/// Where a trace rises through a level: by the polynomial through eight samples, whose error is far below 1e-8 ms.
fn crossings(level: f64, initial: f64, samples: &[f64], dt: f64) -> Vec<f64> {
    let at = |k: usize| if k == 0 { initial } else { samples[k - 1] };
    let polynomial = |first: usize, x: f64| -> f64 {
        let term = |j: usize| {
            let others = (0..8).filter(|&m| m != j);
            others.map(|m| (x - (first + m) as f64) / (j as f64 - m as f64)).product::<f64>() * at(first + j)
        };
        (0..8).map(term).sum()
    };
    let upward = (4..samples.len() - 4).filter(|&k| at(k) < level && level <= at(k + 1));
    let locate = |k: usize| {
        let (mut low, mut high) = (k as f64, k as f64 + 1.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if polynomial(k - 3, middle) < level { low = middle } else { high = middle }
        }
        high * dt
    };
    upward.map(locate).collect()
}

#[test]
fn crossings_are_located() {
    let samples: Vec<f64> = (1..200).map(|k| f64::sin(f64::from(k) * 0.05 - 1.0)).collect();
    let found = crossings(0.3, f64::sin(-1.0), &samples, 0.05);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!((found[0] - 1.0 - f64::asin(0.3)).abs() < 1e-9, "{found:?}");
}

mod integrate_and_fire {
    use super::*;

    const CONSTANT: &str = "01_lif_constant_current";
    const SYNAPTIC: &str = "02_lif_alpha_psc";

    /// Tolerance: 1e-8 mV (case.md, RK4 at 0.1 ms).
    #[test]
    fn runge_kutta_before_the_first_spike() {
        let edits = [("t_ref = 2 ms }", "t_ref = 2 ms } method rk4")];
        let source = edited(Path::new(&case("lif_constant_current.bp")), &edits);
        let trace = Table::csv(&format!("{CONSTANT}/v_trace_Vreset-58.csv"));
        let spikes = Table::csv(&format!("{CONSTANT}/spike_times.csv"));
        for current in trace.distinct("RI_mV") {
            let first = spikes.rows_with("RI_mV", &current).next().map_or(f64::INFINITY, |row| row.number("t_ms"));
            let run = Run::of(&source, 0.1, &["--set", &format!("RI={current} mV")]);
            let values = run.values("A.V");
            let rows = trace.rows_with("RI_mV", &current).filter(|row| (0.1..first).contains(&row.number("t_ms")));
            let error = largest(rows.map(|row| {
                let at = (row.number("t_ms") / 0.5).round() as usize - 1;
                (values[at] - row.number("V_mV")).abs()
            }));
            println!("{current} mV: off by {error:.2e} mV");
            assert!(error <= 1e-8, "RI {current} mV: V is off by {error:e} mV");
        }
    }

    /// A grid sees spike k late by at most k + 1 steps, and never early; what that pushes over the end is missing.
    #[test]
    fn a_grid_is_late_by_no_more_than_it_must() {
        let source = edited(Path::new(&case("lif_constant_current.bp")), &[]);
        let summary = Table::markdown(&format!("{CONSTANT}/case.md"), "| V_reset | RI |");
        let exact = Table::csv(&format!("{CONSTANT}/spike_times.csv"));
        for row in summary.rows() {
            let (reset, current) = (row.text("V_reset"), row.text("RI"));
            let wanted: Vec<f64> = exact
                .rows_with("RI_mV", current)
                .filter(|row| row.text("V_reset_mV") == reset)
                .map(|row| row.number("t_ms"))
                .collect();
            assert_eq!(wanted.len() as f64, row.number("spikes in 500 ms"));
            let sets = [format!("V_reset={reset} mV"), format!("RI={current} mV")];
            let run = Run::of(&source, 0.1, &["--set", &sets[0], "--set", &sets[1]]);
            let found = run.spike_times("A");
            let label = format!("V_reset {reset} mV, RI {current} mV");
            for (k, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
                let late = found - wanted;
                assert!((-1e-9..=(k + 1) as f64 * 0.1).contains(&late), "{label}: spike {k} late by {late} ms");
            }
            // Those that the grid may push over the end of 500 ms, and no others.
            let certain = wanted.iter().enumerate().filter(|(k, t)| **t + (*k as f64 + 1.0) * 0.1 < 500.0).count();
            assert!((certain..=wanted.len()).contains(&found.len()), "{label}: {} spikes", found.len());
        }
    }

    /// Two neurons that get the trains of the reference as currents.
    fn synaptic(method: &str) -> String {
        let input = Table::csv(&format!("{SYNAPTIC}/input_spikes.csv"));
        let join = |of: &dyn Fn(Row<'_>) -> String| input.rows().map(of).collect::<Vec<_>>().join(", ");
        let times = join(&|row| format!("[{} ms]", row.text("t_ms")));
        let weights = join(&|row| row.text("w_pA").to_owned());
        format!(
            "use std::synapses::{{Exponential, Alpha}}
use std::receptors::Current
data w : pA = [{weights}]
neuron Membrane {{
    param V_th : mV
    input I : pA
    state V : mV = -70 mV
    V' = (-70 mV - V) / 10 ms + I / 250 pF
    spike when V >= V_th {{ V = -70 mV  refractory 2 ms hold V }}
}}
network Cells(tau_s: ms = 2 ms, scale = 1, V_th: mV = 1000 mV) {{
    population S : spikes {{ {times} }}
    population Exp : Membrane {{ V_th = V_th }}{method}
    population Alp : Membrane {{ V_th = V_th }}{method}
    project e: S -> Exp {{ connect all_to_all  weight ~ scale * w[i]  synapse Exponential {{ tau = tau_s }}  receptor Current }}
    project a: S -> Alp {{ connect all_to_all  weight ~ scale * w[i]  synapse Alpha {{ tau = tau_s }}  receptor Current }}
}}
simulate Cells {{ dt 0.1 ms  duration 100 ms  seed 1  record Exp.V, Alp.V  record Exp.spikes, Alp.spikes }}
"
        )
    }

    const KINDS: [(&str, &str); 2] = [("exp", "Exp"), ("alpha", "Alp")];

    /// Kinetics that add up at the target take the step of its population.
    #[test]
    fn runge_kutta_of_synaptic_currents_errs_as_known() {
        let source = synaptic(" method rk4");
        let known = Table::markdown(&format!("{SYNAPTIC}/case.md"), "| kind | tau_s | dt |");
        let wanted = Table::csv(&format!("{SYNAPTIC}/v_subthreshold.csv"));
        let mut off = Vec::new();
        for row in known.rows() {
            let (kind, tau, dt) = (row.text("kind"), row.text("tau_s"), row.number("dt"));
            let population = KINDS.iter().find(|k| k.0 == kind).expect("a kind").1;
            let run = Run::of(&source, dt, &["--set", &format!("tau_s={tau} ms")]);
            let rows = wanted.rows_with("kind", kind).filter(|row| row.text("tau_syn_ms") == tau);
            let error = distance(&run, &format!("{population}.V"), rows, "t_ms", "V_mV");
            as_known(&format!("{kind}, tau_s {tau}, dt {dt}"), error, row.number("max error of V (mV)"), &mut off);
        }
        none(&off);
    }

    /// The propagator is exact up to the first spike: 1e-10 mV.
    #[test]
    fn potential_up_to_the_threshold_is_exact() {
        let source = synaptic("");
        let trace = Table::csv(&format!("{SYNAPTIC}/v_threshold.csv"));
        let spikes = Table::csv(&format!("{SYNAPTIC}/spikes_threshold.csv"));
        for scale in ["6", "10"] {
            let run = Run::of(&source, 0.1, &["--set", &format!("scale={scale}"), "--set", "V_th=-55 mV"]);
            for (kind, population) in KINDS {
                let first = spikes.rows_with("kind", kind).find(|row| row.text("weight_scale") == scale);
                let first = first.expect("a spike").number("t_ms");
                let rows = trace.rows_with("kind", kind).filter(|row| row.text("weight_scale") == scale);
                let rows = rows.filter(|row| row.number("t_ms") < first);
                let error = distance(&run, &format!("{population}.V"), rows, "t_ms", "V_mV");
                assert!(error <= 1e-10, "{kind} x{scale}: V is off by {error:e} mV");
            }
        }
    }
}

/// Hodgkin-Huxley membranes under steps of current.
mod hodgkin_huxley {
    use super::*;

    struct Axon {
        case: &'static str,
        file: &'static str,
        model: &'static str,
        unit: &'static str,
        /// The current, and the trace at that current
        trace: (&'static str, &'static str),
        on: (&'static str, &'static str),
        level: f64,
    }

    const TRAUB_MILES: Axon = Axon {
        case: "03_hh_traub_coba",
        file: "hh_traub_miles.bp",
        model: "TraubMilesHH",
        unit: "pA",
        trace: ("200", "trace_I200.csv"),
        on: ("10 ms", "90 ms"),
        level: -20.0,
    };
    const SQUID: Axon = Axon {
        case: "04_hh_1952",
        file: "hh_1952.bp",
        model: "HH1952",
        unit: "uA/cm^2",
        trace: ("10", "trace_I10.csv"),
        on: ("5 ms", "85 ms"),
        level: 0.0,
    };
    const STATES: [(&str, &str); 4] = [("V", "V_mV"), ("m", "m"), ("h", "h"), ("n", "n")];

    impl Axon {
        /// A neuron for each current.
        fn source(&self, method: &str, currents: &[String]) -> String {
            let population = format!("population A[1] : {}", self.model);
            let (with, count) = (format!("{population} method {method}"), format!("A[{}]", currents.len()));
            let (from, until) = self.on;
            let (list, unit) = (currents.join(", "), self.unit);
            let drive = format!("if t > {from} - dt / 2 and t < {until} - dt / 2 then I else 0 {unit}");
            let edits: [(&str, &str); 5] = [
                (&population, &with),
                ("A[1]", &count),
                (&drive, &drive.replace("then I", "then each[i]")),
                ("record A.V", "record A.V, A.m, A.h, A.n"),
                ("network Cell", &format!("data each : {unit} = [{list}]\nnetwork Cell")),
            ];
            edited(Path::new(&case(self.file)), &edits)
        }

        fn errs_as_known(&self) {
            let (current, trace) = self.trace;
            let wanted = Table::csv(&format!("{}/{trace}", self.case));
            let source = self.source("rk4", &[current.to_owned()]);
            let known = Table::markdown(&format!("{}/case.md", self.case), "| dt | max err V |");
            let mut off = Vec::new();
            for row in known.rows() {
                let dt = row.number("dt");
                let run = Run::of(&source, dt, &[]);
                for (state, column) in STATES {
                    let error = distance(&run, &format!("A.{state}"), wanted.rows(), "t_ms", column);
                    let known = row.number(&format!("max err {state}"));
                    as_known(&format!("{}, dt {dt}, {state}", self.model), error, known, &mut off);
                }
            }
            none(&off);
        }

        /// Tolerances of case.md: 1e-6 mV (and as much for gates), 1e-7 ms.
        fn is_solved(&self) {
            let summary = Table::markdown(&format!("{}/case.md", self.case), "| I | spikes |");
            let currents = summary.distinct("I");
            let run = Run::of(&self.source(ADAPTIVE, &currents), 0.01, &[]);
            let exact = Table::csv(&format!("{}/spike_times.csv", self.case));
            let neuron = |state: &str, k: usize| -> Vec<f64> {
                run.values(&format!("A.{state}")).into_iter().skip(k).step_by(currents.len()).collect()
            };
            for (k, row) in summary.rows().enumerate() {
                let current = row.text("I");
                let found = crossings(self.level, -65.0, &neuron("V", k), 0.01);
                assert_eq!(found.len() as f64, row.number("spikes"), "{current} {}", self.unit);
                let wanted: Vec<f64> =
                    exact.rows().filter(|r| r.text("I") == current).map(|r| r.number("t_ms")).collect();
                assert_eq!(found.len(), wanted.len(), "{current} {}", self.unit);
                for (found, wanted) in found.iter().zip(&wanted) {
                    assert!((found - wanted).abs() < 1e-7, "{current} {}: {found} ms, not {wanted} ms", self.unit);
                }
            }
            let (current, trace) = self.trace;
            let k = currents.iter().position(|it| it == current).expect("a current");
            let trace = Table::csv(&format!("{}/{trace}", self.case));
            for (state, column) in STATES {
                let values = neuron(state, k);
                let rows = trace.rows().filter(|row| row.number("t_ms") > 0.0);
                let error =
                    largest(rows.map(|row| (values[run.steps(row.number("t_ms")) - 1] - row.number(column)).abs()));
                println!("{}: {state} off by {error:.2e}", self.model);
                assert!(error < 1e-6, "{}: {state} is off by {error:e}", self.model);
            }
        }
    }

    #[test]
    fn traub_miles_errs_as_runge_kutta() {
        TRAUB_MILES.errs_as_known();
    }

    #[test]
    fn squid_axon_errs_as_runge_kutta() {
        SQUID.errs_as_known();
    }

    #[test]
    fn traub_miles_is_solved() {
        TRAUB_MILES.is_solved();
    }

    #[test]
    fn squid_axon_is_solved() {
        SQUID.is_solved();
    }
}

/// A gap junction is what an axial conductance is: two axons as the compartments of one cell, so that every stage of a
/// method sees both. (Populations are coupled by the values at the start of a step, to order 1: `couplings`.)
mod gap_junction {
    use super::*;

    fn source(method: &str) -> String {
        let compartment = |name: &str| {
            format!(
                "compartment {name} {{
        input I : uA/cm^2
        membrane V : mV = -65 mV {{ capacitance = 1 uF/cm^2 }}
        channel Na : INa_HH1952
        channel K : IK_HH1952
        channel L : IL {{ g_max = 0.3 mS/cm^2, E = -54.387 mV }}
    }}
    "
            )
        };
        format!(
            "use std::channels::{{INa_HH1952, IK_HH1952, IL}}
cell Two {{
    param g = 0.2 mS/cm^2
    {}{}couple a <-> b (g)
    spike when a.V > 0 mV {{ refractory 3 ms }}
}}
network Net {{
    population A : Two method {method}
    drive A.a.I = if t > 5 ms - dt / 2 then 10 uA/cm^2 else 0 uA/cm^2
    drive A.b.I = if t > 5 ms - dt / 2 then 4 uA/cm^2 else 0 uA/cm^2
}}
simulate Net {{ dt 0.01 ms  duration 100 ms  seed 1  record A.a.V, A.b.V }}
",
            compartment("a"),
            compartment("b")
        )
    }

    #[test]
    fn errs_as_runge_kutta() {
        let known = Table::markdown("10_gap_junction/case.md", "| dt | max err V1 |");
        let wanted = Table::csv("10_gap_junction/hh_trace_g0.2.csv");
        let mut off = Vec::new();
        for row in known.rows() {
            let dt = row.number("dt");
            let run = Run::of(&source("rk4"), dt, &[]);
            for (state, number) in [("A.a.V", "1"), ("A.b.V", "2")] {
                let error = distance(&run, state, wanted.rows(), "t_ms", &format!("V{number}_mV"));
                let known = row.number(&format!("max err V{number}"));
                as_known(&format!("dt {dt}, {state}"), error, known, &mut off);
            }
        }
        none(&off);
    }

    /// Tolerances of case.md: 1e-6 mV, and 1e-7 ms as for one axon.
    #[test]
    fn is_solved() {
        let spikes = Table::csv("10_gap_junction/hh_spikes.csv");
        let trace = Table::csv("10_gap_junction/hh_trace_g0.2.csv");
        let summary = Table::markdown("10_gap_junction/case.md", "| g | spikes of 1 |");
        for g in spikes.distinct("g_mS_cm2") {
            let run = Run::of(&source(ADAPTIVE), 0.01, &["--set", &format!("A.g={g} mS/cm^2")]);
            let g: f64 = g.parse().expect("a number");
            let counts = summary.rows().find(|row| (row.number("g") - g).abs() < 1e-12).expect("a row");
            for (state, neuron) in [("A.a.V", "0"), ("A.b.V", "1")] {
                let found = crossings(0.0, -65.0, &run.values(state), 0.01);
                let rows = spikes.rows_with("neuron", neuron).filter(|row| row.number("g_mS_cm2") == g);
                let wanted: Vec<f64> = rows.map(|row| row.number("t_ms")).collect();
                let column = if neuron == "0" { "spikes of 1" } else { "spikes of 2" };
                assert_eq!((found.len(), found.len() as f64), (wanted.len(), counts.number(column)), "g {g}, {state}");
                for (found, wanted) in found.iter().zip(&wanted) {
                    assert!((found - wanted).abs() < 1e-7, "g {g}, {state}: {found} ms, not {wanted} ms");
                }
            }
            if (g - 0.2).abs() < 1e-12 {
                for (state, column) in [("A.a.V", "V1_mV"), ("A.b.V", "V2_mV")] {
                    let error = distance(&run, state, trace.rows(), "t_ms", column);
                    println!("{state}: off by {error:.2e} mV");
                    assert!(error < 1e-6, "{state} is off by {error:e} mV");
                }
            }
        }
    }
}

/// Tolerances of case.md for a solver with a relative tolerance of 1e-10.
mod reduced_models {
    use super::*;

    const METHOD: &str = "dormand_prince { tolerance = 1e-10 }";

    /// The largest distances of all states up to a time.
    fn distances(
        file: &str,
        model: &str,
        set: &[&str],
        section: &str,
        states: &[&str],
        dt: f64,
        until: f64,
    ) -> Vec<f64> {
        let population = format!("population A : {model}");
        let path = here().join("cases/models").join(file);
        let source = edited(&path, &[(&population, &format!("{population} method {METHOD}"))]);
        let options: Vec<&str> = set.iter().flat_map(|set| ["--set", set]).collect();
        let run = Run::of(&source, dt, &options);
        let table = Table::csv(&format!("07_reduced_models/{section}.csv"));
        let one = |state: &&str| {
            let rows = table.rows().filter(|row| row.number("t") <= until + 1e-9);
            let error = distance(&run, &format!("A.{state}"), rows, "t", state);
            println!("{section} to {until}: {state} off by {error:.2e}");
            error
        };
        states.iter().map(one).collect()
    }

    #[test]
    fn morris_lecar_is_solved() {
        let phi = format!("A.phi={} ms^-1", 1.0 / 15.0);
        let snlc = ["A.g_Ca=4 mS/cm^2", "A.V3=12 mV", "A.V4=17.4 mV", &phi, "I=45 uA/cm^2"];
        for (section, set) in [("morris_lecar_hopf", &[][..]), ("morris_lecar_snlc", &snlc)] {
            let errors = distances("morris_lecar.bp", "MorrisLecar", set, section, &["V", "w"], 0.1, 1e9);
            assert!(errors[0] < 1e-5 && errors[1] < 1e-6, "{section}: {errors:?}");
        }
    }

    #[test]
    fn fitzhugh_nagumo_is_solved() {
        let (section, states) = ("fitzhugh_nagumo", ["v", "w"]);
        let errors = distances("fitzhugh_nagumo.bp", "FitzHughNagumo", &[], section, &states, 0.1, 1e9);
        assert!(errors.iter().all(|e| *e < 1e-6), "{errors:?}");
    }

    #[test]
    fn wilson_cowan_is_solved() {
        let (section, states) = ("wilson_cowan", ["E", "I"]);
        let errors = distances("wilson_cowan.bp", "WilsonCowan", &[], section, &states, 0.1, 1e9);
        assert!(errors.iter().all(|e| *e < 1e-6), "{errors:?}");
    }

    /// In chaos errors grow: 1e-6 to 100, 1e-2 to 300.
    #[test]
    fn hindmarsh_rose_is_solved() {
        for (section, set, until, allowed) in [
            ("hindmarsh_rose_bursting", "I=2", 1e9, 1e-6),
            ("hindmarsh_rose_chaotic", "I=3.25", 100.0, 1e-6),
            ("hindmarsh_rose_chaotic", "I=3.25", 300.0, 1e-2),
        ] {
            let states = ["x", "y", "z"];
            let errors = distances("hindmarsh_rose.bp", "HindmarshRose", &[set], section, &states, 0.05, until);
            assert!(errors.iter().all(|e| *e < allowed), "{section} to {until}: {errors:?}");
        }
    }
}
