//! Cells that are put together from channels, ions and compartments: against closed forms, against values that are computed
//! from the papers' equations (`reference/std_channels`), and against the same membrane written as a neuron.

use crate::bpc::{case, here, run_json, text};
use crate::reference::{Row, Table};
use crate::statistics::{Spikes, array};
use crate::support::{files, root};
use std::path::Path;
use tempfile::TempDir;

/// Runs a file and keeps what it records.
fn run(file: &str, options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mut args = vec!["run", file, "--out"];
    let out = text(folder.path());
    args.push(&out);
    args.extend(options);
    run_json(&args);
    folder
}

fn model(name: &str) -> String {
    text(&here().join("cases/models").join(name))
}

fn trace(folder: &TempDir, state: &str) -> Vec<f64> {
    array(&folder.path().join("traces.npz"), state)
}

fn largest(errors: impl Iterator<Item = f64>) -> f64 {
    let mut count = 0;
    let error = errors.inspect(|_| count += 1).fold(0.0, |a: f64, b| if b.is_nan() || b > a { b } else { a });
    assert!(count > 0, "nothing to compare");
    error
}

#[track_caller]
fn none(off: &[String]) {
    assert!(off.is_empty(), "{off:#?}");
}

mod channels {
    use super::*;

    const SHARED: f64 = 1.0;

    /// A model, and what the names of its references end with: channels as they are, and with every parameter at another
    /// value than its default.
    const SETTINGS: [(&str, &str); 2] = [("channels.bp", ""), ("channels_set.bp", "_set")];

    fn reference(what: &str, ending: &str) -> Table {
        Table::csv(&format!("std_channels/{what}{ending}.csv"))
    }

    /// Hands over the rows of each gate of each channel.
    fn each_gate(gates: &Table, mut work: impl FnMut(&str, &str, &[Row<'_>])) {
        for channel in gates.distinct("channel") {
            for gate in ["m", "h", "n", "p", "q", "s", "c"] {
                let rows: Vec<_> = gates.rows_with("channel", &channel).filter(|r| r.text("gate") == gate).collect();
                if !rows.is_empty() {
                    work(&channel, gate, &rows);
                }
            }
        }
    }

    /// At the end of the first step, whose length (ms) does not matter to them, gates are at their steady states, and the
    /// potential has moved by the current through them: dV = (E - V) (1 - exp(-g dt / C)).
    #[test]
    fn steady_states_and_currents() {
        let mut off = Vec::new();
        for (file, ending) in SETTINGS {
            let run = run(&model(file), &["--network", "Steady"]);
            each_gate(&reference("gates", ending), |channel, gate, rows| {
                let found = trace(&run, &format!("{channel}.X.{gate}"));
                assert_eq!(found.len(), rows.len());
                let error = largest(rows.iter().zip(&found).map(|(row, x)| (x - row.number("inf")).abs()));
                if error > 1e-12 {
                    off.push(format!("{file}: {channel}.{gate}: steady state off by {error:e}"));
                }
            });
            let dt = 0.001;
            let currents = reference("currents", ending);
            for channel in currents.distinct("channel") {
                let found = trace(&run, &format!("{channel}.V"));
                let error = largest(currents.rows_with("channel", &channel).zip(&found).map(|(row, v)| {
                    let (v0, e) = (row.number("V"), row.number("E"));
                    // mS/cm^2 over uF/cm^2 is ms^-1
                    let moved = (e - v0) * -(-row.number("conductance") * dt / SHARED).exp_m1();
                    (v - v0 - moved).abs()
                }));
                if error > 1e-12 {
                    off.push(format!("{file}: {channel}: the potential is off by {error:e} mV"));
                }
            }
        }
        none(&off);
    }

    /// Under voltage clamp a gate goes exponentially from one half to its steady state.
    #[test]
    fn time_constants() {
        let mut off = Vec::new();
        for (file, ending) in SETTINGS {
            let run = run(&model(file), &["--network", "Relaxing"]);
            each_gate(&reference("gates", ending), |channel, gate, rows| {
                let found = trace(&run, &format!("{channel}.X.{gate}"));
                assert_eq!(found.len(), 10 * rows.len());
                let error = largest(found.chunks(rows.len()).zip(1..).flat_map(|(values, step)| {
                    rows.iter().zip(values).map(move |(row, x)| {
                        let (inf, tau) = (row.number("inf"), row.number("tau"));
                        // As a part of how far the gate has come: slow gates count as well.
                        let kept = (-0.1 * f64::from(step) / tau).exp();
                        (x - inf - (0.5 - inf) * kept).abs() / (1.0 - kept)
                    })
                }));
                if error > 1e-8 {
                    off.push(format!("{file}: {channel}.{gate}: off by {error:e}"));
                }
            });
        }
        none(&off);
    }

    /// The sodium current of Pinsky & Rinzel is not linear in the potential at fixed gates, so no step is exact: to first
    /// order, a short one (ms) moves the potential by (E - V) g dt / C and the gate by (inf - h) dt / tau.
    #[test]
    fn a_current_that_follows_the_potential_at_once() {
        let run = run(&model("channels_set.bp"), &["--network", "Instant"]);
        let dt = 1e-6;
        let close = |found: f64, wanted: f64| (found - wanted).abs() < 1e-4 * wanted.abs().max(0.1);
        let table = reference("sodium_pr", "_set");
        for (population, start, conductance) in [("Steady", "inf", "conductance"), ("Half_open", "", "half_open")] {
            let (v, h) = (trace(&run, &format!("{population}.V")), trace(&run, &format!("{population}.X.h")));
            for ((row, v), h) in table.rows().zip(&v).zip(&h) {
                let (v0, inf) = (row.number("V"), row.number("inf"));
                let h0 = if start.is_empty() { 0.5 } else { row.number(start) };
                let slope = row.number(conductance) / SHARED * (row.number("E") - v0);
                let found = (v - v0) / dt;
                assert!(close(found, slope), "{population}, {v0} mV: {found} mV/ms, not {slope}");
                let (found, slope) = ((h - h0) / dt, (inf - h0) / row.number("tau"));
                assert!(close(found, slope), "{population}, {v0} mV: {found}/ms, not {slope}");
            }
        }
    }

    /// Every channel of std is in the second model, and every parameter of each has another value there.
    #[test]
    fn every_parameter_of_every_channel_is_tried() {
        let written = std::fs::read_to_string(model("channels_set.bp")).expect("the model can be read");
        let mut tried = 0;
        for path in files(&root().join("stdlib/channels"), "bp") {
            let text = std::fs::read_to_string(&path).expect("std can be read");
            for one in text.split("\nchannel ").skip(1) {
                let name = one.split_whitespace().next().expect("a channel has a name");
                let end = one.find("\n}").expect("a channel ends");
                let used = written
                    .split_once(&format!("channel X : {name} {{"))
                    .unwrap_or_else(|| panic!("{name} is not in channels_set.bp"))
                    .1;
                let used = &used[..used.find('}').expect("settings end")];
                for parameter in one[..end].lines().filter_map(|line| line.trim().strip_prefix("param ")) {
                    let (parameter, default) = parameter.split_once(" : ").expect("parameters have units");
                    let default = default.split_once(" = ").expect("parameters of std have defaults").1;
                    let value = used
                        .split([',', '\n'])
                        .find_map(|setting| setting.trim().strip_prefix(parameter)?.trim().strip_prefix("= "))
                        .unwrap_or_else(|| panic!("{name}: {parameter} is not set"));
                    assert_ne!(value.trim(), default, "{name}: {parameter} is set to its default");
                    tried += 1;
                }
            }
        }
        assert!(tried > 60, "only {tried} parameters");
    }

    #[test]
    fn locked_ih_starts_at_the_steady_state_of_its_scheme() {
        for (file, ending) in SETTINGS {
            let run = run(&model(file), &["--network", "Steady"]);
            let table = reference("ih_destexhe", ending);
            for state in ["O", "L", "P1"] {
                let found = trace(&run, &format!("Ih_De1996.X.{state}"));
                let error = largest(table.rows().zip(&found).map(|(row, x)| (x - row.number(state)).abs()));
                assert!(error < 1e-11, "{file}: {state} is off by {error:e}");
            }
        }
    }

    /// The states of the scheme are integrated one by one, so to first order in dt.
    #[test]
    fn locked_ih_relaxes_as_its_scheme() {
        for (file, ending) in SETTINGS {
            let table = reference("ih_destexhe", ending);
            let error = |dt: &str| {
                let options = ["--network", "Relaxing", "--dt", dt, "--duration", "5 ms"];
                let run = run(&model(file), &options);
                let last = |state: &str| {
                    let found = trace(&run, &format!("Ih_De1996.X.{state}"));
                    found[found.len() - 33..].to_vec()
                };
                let off = |state: &str| {
                    let column = format!("{state}_5");
                    largest(table.rows().zip(last(state)).map(|(row, x)| (x - row.number(&column)).abs()))
                };
                off("O").max(off("L"))
            };
            let (coarse, fine) = (error("0.1 ms"), error("0.05 ms"));
            println!("{file}: off by {coarse:e}, half the step {fine:e}");
            assert!(coarse < 4e-3 && (1.8..2.2).contains(&(coarse / fine)), "{file}: {coarse:e}, {fine:e}");
        }
    }
}

mod schemes {
    use super::*;

    /// A -> B -> C -> A at the rate k from A = 1: A - 1/3 = 2/3 exp(-3 k t / 2) cos(sqrt(3) k t / 2), and the others a
    /// third of a turn behind.
    #[test]
    fn a_round_follows_its_closed_form() {
        let run = run(&model("scheme.bp"), &[]);
        let k = 0.3;
        for (state, turn) in [("B", 1.0), ("C", 2.0)] {
            let found = trace(&run, &format!("A.R.{state}"));
            let error = largest(found.iter().zip(1..).map(|(x, step)| {
                let t = 0.1 * f64::from(step);
                let phase = 3.0_f64.sqrt() / 2.0 * k * t - turn * std::f64::consts::TAU / 3.0;
                (x - 1.0 / 3.0 - 2.0 / 3.0 * (-1.5 * k * t).exp() * phase.cos()).abs()
            }));
            assert!(error < 1e-12, "{state} is off by {error:e}");
        }
    }

    /// The steady state by elimination: what flows into every state flows out of it.
    fn steady(rates: &[(usize, usize, f64)]) -> [f64; 4] {
        let mut rows = [[0.0; 5]; 4];
        for &(from, to, rate) in rates {
            rows[from][from] -= rate;
            rows[to][from] += rate;
        }
        rows[0] = [1.0; 5];
        for pivot in 0..4 {
            let best = (pivot..4).max_by(|&a, &b| rows[a][pivot].abs().total_cmp(&rows[b][pivot].abs())).expect("four");
            rows.swap(pivot, best);
            for row in (0..4).filter(|&row| row != pivot) {
                let factor = rows[row][pivot] / rows[pivot][pivot];
                let used = rows[pivot];
                rows[row].iter_mut().zip(used).for_each(|(x, y)| *x -= factor * y);
            }
        }
        std::array::from_fn(|i| rows[i][4] / rows[i][i])
    }

    /// With and without a loop of transitions (in which no detailed balance holds).
    #[test]
    fn occupancies_start_where_they_stand_still() {
        let run = run(&model("scheme.bp"), &[]);
        let ladder = [(0, 1, 0.2), (1, 0, 0.5), (1, 2, 0.7), (2, 1, 0.1), (2, 3, 0.4), (3, 2, 0.3)];
        let square = [&ladder[..], &[(3, 0, 0.6), (0, 3, 0.9)]].concat();
        for (part, rates) in [("L", &ladder[..]), ("S", &square)] {
            let wanted = steady(rates);
            for (state, wanted) in ["B", "C", "D"].into_iter().zip(&wanted[1..]) {
                let found = trace(&run, &format!("A.{part}.{state}"));
                let error = largest(found.iter().map(|x| (x - wanted).abs()));
                assert!(error < 1e-13, "{part}.{state} is off by {error:e}");
            }
        }
    }
}

mod ions {
    use super::*;

    const FARADAY: f64 = 96485.33212;

    /// A constant current fills a shell of first order to rest + I tau / (2 F d).
    #[test]
    fn concentrations_follow_their_closed_forms() {
        let run = run(&model("ions.bp"), &[]);
        // 1 uA/cm^2 = 1e-2 A/m^2 into d um: mol/m^3/s are mM/s
        let rise = |current: f64, depth: f64| 1e-2 * current / (2.0 * FARADAY * depth * 1e-6) / 1000.0;
        let rest = 2.4e-4;
        let first_order = (5.18e-5 / 0.075, 1.0 / 0.075);
        let cases = [
            ("first", first_order.0, first_order.1),
            ("shell", rest + rise(1.0, 1.0) * 5.0, 5.0),
            ("both", rest + rise(1.5, 2.0) * 20.0, 20.0),
            // What flows out does not count.
            ("out", rest, 20.0),
        ];
        for (ion, far, tau) in cases {
            let found = trace(&run, &format!("A.{ion}.c"));
            let error = largest(found.iter().zip(1..).map(|(c, sample)| {
                let t = 0.1 * f64::from(sample);
                (c - far - (rest - far) * (-t / tau).exp()).abs()
            }));
            assert!(error < 1e-12 * far.max(1.0), "{ion} is off by {error:e} mM");
            assert!(ion == "out" || found[299] > 1.1 * found[0], "{ion} is filled");
        }
    }

    /// What a saturating pump leaves obeys c + K log c = c0 + K log c0 - v t (Michaelis & Menten 1913).
    #[test]
    fn a_pump_saturates() {
        let run = run(&model("ions.bp"), &[]);
        let (rate, half, start) = (1e-4, 1e-4, 1e-3);
        let invariant = |c: f64| c + half * c.ln();
        let found = trace(&run, "A.pump.c");
        let error = largest(
            found
                .iter()
                .zip(1..)
                .map(|(c, sample)| (invariant(*c) - invariant(start) + rate * 0.1 * f64::from(sample)).abs()),
        );
        assert!(error < 1e-11 && found[299] < start / 10.0, "off by {error:e} mM, at {} mM", found[299]);
    }

    #[test]
    fn reversal_potentials_are_those_of_nernst() {
        let run = run(&model("ions.bp"), &[]);
        let wanted = 8.314462618 * 309.15 / (2.0 * FARADAY) * 1000.0 * (2.0_f64 / 2.4e-4).ln();
        let found = trace(&run, "B.V");
        let error =
            largest(found.iter().zip(1..).map(|(v, sample)| (v + wanted * (-0.1 * f64::from(sample)).exp_m1()).abs()));
        assert!(error < 1e-9 && (found[299] - 120.2).abs() < 0.1, "off by {error:e} mV, at {} mV", found[299]);
    }
}

mod compartments {
    use super::*;

    /// x' = A x + b from x0, for two states: by the eigenvalues of A, which differ.
    fn solution(a: [[f64; 2]; 2], b: [f64; 2], x0: [f64; 2], t: f64) -> [f64; 2] {
        let det = a[0][0] * a[1][1] - a[0][1] * a[1][0];
        // A rest + b = 0
        let rest = [(a[0][1] * b[1] - a[1][1] * b[0]) / det, (a[1][0] * b[0] - a[0][0] * b[1]) / det];
        let trace = a[0][0] + a[1][1];
        let root = (trace * trace - 4.0 * det).sqrt();
        let (p, q) = ((trace + root) / 2.0, (trace - root) / 2.0);
        // exp(A t) = (exp(p t) (A - q) - exp(q t) (A - p)) / (p - q)
        let (ep, eq) = ((p * t).exp(), (q * t).exp());
        std::array::from_fn(|i| {
            let row = |k: usize| {
                let unit = if i == k { 1.0 } else { 0.0 };
                (ep * (a[i][k] - q * unit) - eq * (a[i][k] - p * unit)) / (p - q)
            };
            rest[i] + row(0) * (x0[0] - rest[0]) + row(1) * (x0[1] - rest[1])
        })
    }

    /// Inputs and axial currents are divided by the area: 20000 and 50000 um^2 at 1 uF/cm^2 are 200 and 500 pF.
    #[test]
    fn two_follow_their_closed_form() {
        let run = run(&model("passive_compartments.bp"), &[]);
        let (c, g_l, g_c) = ([200.0, 500.0], [10.0, 25.0], 20.0);
        let a = [[-(g_l[0] + g_c) / c[0], g_c / c[0]], [g_c / c[1], -(g_l[1] + g_c) / c[1]]];
        let b = [(g_l[0] * -70.0 + 100.0) / c[0], (g_l[1] * -65.0 - 30.0) / c[1]];
        for (index, state) in ["A.soma.V", "A.dendrite.V"].into_iter().enumerate() {
            let found = trace(&run, state);
            let error = largest(
                found
                    .iter()
                    .zip(1..)
                    .map(|(v, step)| (v - solution(a, b, [-60.0, -75.0], 0.1 * f64::from(step))[index]).abs()),
            );
            assert!(error < 1e-10, "{state} is off by {error:e} mV");
        }
    }

    /// Three alike in a row: the modes are (1, 1, 1), (1, 0, -1) and (1, -2, 1).
    #[test]
    fn three_in_a_row_follow_their_closed_form() {
        let run = run(&model("passive_compartments.bp"), &[]);
        let (c, g_l, g_c, i) = (100.0, 5.0, 10.0, 90.0);
        let modes = [(3.0, 0.0, [1.0, 1.0, 1.0]), (2.0, 1.0, [1.0, 0.0, -1.0]), (6.0, 3.0, [1.0, -2.0, 1.0])];
        for (index, state) in ["B.left.V", "B.middle.V", "B.right.V"].into_iter().enumerate() {
            let found = trace(&run, state);
            let error = largest(found.iter().zip(1..).map(|(v, step)| {
                let t = 0.1 * f64::from(step);
                let part = |(norm, couplings, mode): (f64, f64, [f64; 3])| {
                    let g = g_l + couplings * g_c;
                    mode[index] * i / norm / g * -(-g / c * t).exp_m1()
                };
                (v + 70.0 - modes.into_iter().map(part).sum::<f64>()).abs()
            }));
            assert!(error < 1e-10, "{state} is off by {error:e} mV");
        }
    }
}

mod whole_cells {
    use super::*;

    /// The same membrane, once as a neuron and once as a cell.
    #[test]
    fn a_cell_is_the_neuron_that_it_comes_to() {
        for (neuron, cell) in [("hh_1952.bp", "hh_1952_cell.bp"), ("hh_traub_miles.bp", "hh_traub_miles_cell.bp")] {
            let (neuron, cell) = (run(&case(neuron), &[]), run(&case(cell), &[]));
            let steps = |folder: &Path| Spikes::read(folder, "A").step;
            assert_eq!(steps(neuron.path()), steps(cell.path()));
            assert!(!steps(cell.path()).is_empty());
            let error = largest(trace(&neuron, "A.V").iter().zip(trace(&cell, "A.V")).map(|(a, b)| (a - b).abs()));
            println!("the potentials differ by {error:e} mV");
            assert!(error < 1e-6, "the potentials differ by {error:e} mV");
        }
    }

    const RELAY: &[&str] = &["V", "Na.m", "Na.h", "K.n", "T.p", "T.q", "h.p"];
    const PINSKY_RINZEL: &[&str] =
        &["soma.V", "dendrite.V", "soma.Na.h", "soma.KDR.n", "dendrite.CaHT.s", "dendrite.KC.c", "dendrite.Ca.c"];

    /// How far the states of a population are from their columns until a time (ms), at two steps, the second half the first.
    fn errors(name: &str, population: &str, states: &[&str], every: f64, until: f64) -> Vec<(String, f64, f64)> {
        let runs = ["0.02 ms", "0.01 ms"].map(|dt| run(&model(&format!("{name}.bp")), &["--dt", dt]));
        let table = Table::csv(&format!("std_channels/{name}.csv"));
        let one = |state: &&str| {
            let off = |run: &TempDir| {
                let found = trace(run, &format!("{population}.{state}"));
                let rows = table.rows().filter(|row| (1e-9..=until).contains(&row.number("t")));
                largest(rows.map(|row| {
                    let at = (row.number("t") / every).round() as usize;
                    (found[at - 1] - row.number(state)).abs()
                }))
            };
            let (coarse, fine) = (off(&runs[0]), off(&runs[1]));
            println!("{population}.{state}: off by {coarse:.2e}, half the step {fine:.2e}");
            ((*state).to_owned(), coarse, fine)
        };
        states.iter().map(one).collect()
    }

    /// Exponential Euler is of first order. Until the burst: spikes make any error of their times a large one.
    #[test]
    fn thalamic_relay_converges_to_its_equations() {
        for (state, coarse, fine) in errors("thalamic_relay", "A", RELAY, 0.2, 310.0) {
            assert!(fine < 0.1 && (1.8..2.2).contains(&(coarse / fine)), "{state}: off by {coarse:e} and {fine:e}");
        }
    }

    /// Classical Runge-Kutta follows it through the burst. Not to fourth order: the time constant of T.q has a corner at
    /// -80 mV.
    #[test]
    fn thalamic_relay_bursts_as_its_equations_do() {
        for (state, _, fine) in errors("thalamic_relay", "B", RELAY, 0.2, 400.0) {
            let most = if state == "V" { 0.02 } else { 1e-4 };
            assert!(fine < most, "{state}: off by {fine:e}");
        }
    }

    /// Classical Runge-Kutta, because the activation of sodium follows the potential without delay. Not of fourth order in
    /// all: the rates of one gate have a corner at -10 mV.
    #[test]
    fn pinsky_rinzel_converges_to_its_equations() {
        for (state, coarse, fine) in errors("pinsky_rinzel", "A", PINSKY_RINZEL, 0.1, 40.0) {
            assert!(fine < 1e-3 && coarse / fine > 6.0, "{state}: off by {coarse:e} and {fine:e}");
        }
    }

    /// Jahnsen & Llinas (1984): a burst when the hyperpolarisation ends, of intervals of a few ms, and none without
    /// T-type channels. Spikes of the example, in ms.
    #[test]
    fn thalamic_relay_bursts_on_rebound() {
        let run = run(&crate::bpc::example("thalamic_relay.bp"), &[]);
        let times = |population: &str| {
            let steps = Spikes::read(run.path(), population).step;
            steps.iter().map(|&step| (step as f64 + 1.0) * 0.05).collect::<Vec<f64>>()
        };
        let burst = times("Relay");
        assert!(burst.len() >= 3 && burst.iter().all(|t| (1000.0..1100.0).contains(t)), "{burst:?}");
        let intervals: Vec<f64> = burst.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(intervals.iter().all(|interval| *interval < 12.0), "{intervals:?}");
        assert!(times("Blocked").is_empty() && times("Resting").is_empty());
        // Availability recovers while the cell is hyperpolarised, and is used up by the burst.
        let q = trace(&run, "Relay.T.q");
        let at = |t: f64| q[(t / 0.5).round() as usize - 1];
        assert!(
            at(490.0) < 0.1 && at(990.0) > 0.5 && at(1100.0) < at(990.0) / 2.0,
            "{} {} {}",
            at(490.0),
            at(990.0),
            at(1100.0)
        );
    }

    /// Pinsky & Rinzel (1994), figures 2 and 5: bursts at a low rate with a weak current, single spikes at a high rate with
    /// a strong one.
    #[test]
    fn pinsky_rinzel_has_two_modes() {
        let run = run(&crate::bpc::example("pinsky_rinzel.bp"), &[]);
        let intervals = |population: &str| {
            let steps = Spikes::read(run.path(), population).step;
            let times: Vec<f64> = steps.iter().map(|&s| (s as f64 + 1.0) * 0.05).filter(|t| *t > 500.0).collect();
            times.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<f64>>()
        };
        let bursting = intervals("Bursting");
        let (within, between): (Vec<f64>, Vec<f64>) = bursting.iter().partition(|i| **i < 20.0);
        assert!(!within.is_empty() && between.iter().all(|i| *i > 200.0) && between.len() >= 2, "{bursting:?}");
        let single = intervals("Single");
        assert!(single.iter().all(|i| *i < 40.0) && single.len() > 50, "{single:?}");
    }
}

/// Gates start at the steady state of what `init` gives, neuron by neuron, also where that is drawn.
#[test]
fn gates_start_at_the_steady_state_of_the_initial_potential() {
    let run = run(&model("steady_start.bp"), &[]);
    let (v, h, m) = (trace(&run, "A.V"), trace(&run, "A.X.h"), trace(&run, "A.X.m"));
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let spread = largest(v.iter().map(|one| (one - v[0]).abs()));
    assert!(spread > 1.0, "{v:?}");
    for ((v, h), m) in v.iter().zip(&h).zip(&m) {
        let steady = sigmoid(-(v + 60.0) / 7.0);
        assert!((h - steady).abs() < 1e-12, "h is {h}, not {steady}, at {v} mV");
        // The second gate opens as far as the first.
        assert!((m - steady * steady).abs() < 1e-12, "m is {m}, not {}", steady * steady);
    }
}

/// Dots go through the whole program: parameters, initial values, drives, targets of projections, records.
#[test]
fn members_of_a_cell_are_reached_by_their_paths() {
    let file = text(&here().join("cases/models/cell_paths.bp"));
    let plain = run(&file, &[]);
    let wider = run(&file, &["--set", "A.dendrite.L.g_max=40 nS"]);
    // Leak and input alone: V' = (g (E - V) + I) / C
    let at = |g: f64, t: f64| {
        let rest = -70.0 + 50.0 / g;
        rest + (-60.0 - rest) * (-g / 100.0 * t).exp()
    };
    for (run, g) in [(&plain, 20.0), (&wider, 40.0)] {
        let found = trace(run, "A.dendrite.V");
        let error = largest(found.iter().zip(1..).map(|(v, step)| (v - at(g, 0.1 * f64::from(step))).abs()));
        assert!(error < 1e-11, "off by {error:e} mV");
    }
    // One spike at 1 ms reaches the dendrite of B, whose own potential drives the current, in the next step.
    let g = trace(&plain, "exc.g");
    let v = trace(&plain, "B.dendrite.V");
    let soma = trace(&plain, "B.soma.V");
    let first = g.iter().position(|g| *g > 0.0).expect("an event");
    assert!((v[first - 1] + 70.0).abs() < 1e-12 && v[first] > -70.0, "{:?}", &v[..first + 2]);
    assert!(soma.iter().all(|v| (v + 50.0).abs() < 1e-12));
    // The compartment alone says as much, also to a receptor without output.
    assert_eq!(trace(&plain, "D.dendrite.V"), v);
    let (jump, soma) = (trace(&plain, "C.dendrite.V"), trace(&plain, "C.soma.V"));
    assert!((jump[first] + 70.0 - 7.0 * (-10.0_f64 / 100.0 * 0.1).exp()).abs() < 1e-12, "{:?}", &jump[..first + 2]);
    assert!(soma.iter().all(|v| (v + 50.0).abs() < 1e-12));
}
