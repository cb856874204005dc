//! Records of what is no state: `let`s against their expressions over recorded states, inputs against what drives them.

use crate::bpc::{case, run_json, text};
use crate::statistics::array;
use serde_json::Value;
use tempfile::TempDir;

const FILE: &str = "recorded_values.bp";
/// Behind this line the file records what is no state.
const MARK: &str = "    // recorded from here on\n";

/// A finished run.
struct Run {
    folder: TempDir,
    result: Value,
}

impl Run {
    #[track_caller]
    fn new(file: &str, options: &[&str]) -> Run {
        let folder = tempfile::tempdir().expect("a folder");
        let out = text(folder.path());
        let result = run_json(&[&["run", file, "--out", &out], options].concat());
        Run { folder, result }
    }

    fn values(&self, name: &str) -> Vec<f64> {
        array(&self.folder.path().join("traces.npz"), name)
    }

    fn has(&self, name: &str) -> bool {
        let file = std::fs::File::open(self.folder.path().join("traces.npz")).expect("is there");
        npyz::npz::NpzArchive::new(file).expect("a zip file").array_names().any(|known| known == name)
    }

    /// Checks a trace against wanted values, each with the size that rounding is relative to.
    #[track_caller]
    fn follows(&self, name: &str, tolerance: f64, wanted: impl IntoIterator<Item = (f64, f64)>) {
        let (values, wanted) = (self.values(name), wanted.into_iter().collect::<Vec<_>>());
        assert_eq!(values.len(), wanted.len(), "{name}");
        for (at, (value, (wanted, size))) in values.iter().zip(&wanted).enumerate() {
            let error = (value - wanted).abs();
            assert!(error <= tolerance * size, "{name}, sample {at}: {value}, not {wanted}");
        }
    }
}

/// Values at the start of each step of those at its end, `first` before the first step.
fn before(ends: &[f64], neurons: usize, first: f64) -> Vec<f64> {
    std::iter::repeat_n(first, neurons).chain(ends.iter().copied()).take(ends.len()).collect()
}

/// 1e-15, and not below the rounding of one operation more than the other side makes.
const ROUNDING: f64 = 1e-15;

/// Parameters of the file in mV, nS, pA, ms.
const LEAK: f64 = 10.0;
const REST: f64 = -65.0;
const THRESHOLD: f64 = -50.0;
const DT: f64 = 0.1;

fn drive(step: usize) -> f64 {
    200.0 + 60.0 * (std::f64::consts::TAU * (step as f64 * DT) / 15.0).sin()
}

/// What follows from states and the time is of the end of the step, after its resets.
#[test]
fn lets_of_states_are_those_of_the_end_of_the_step() {
    let run = Run::new(&case(FILE), &["--network", "Plain"]);
    let v = run.values("E.V");
    assert!(v.contains(&REST), "no neuron was reset in a step that is recorded");
    run.follows("E.leak", ROUNDING, v.iter().map(|v| (LEAK * (REST - v), LEAK * (REST.abs() + v.abs()))));
    let share = |v: &f64| ((v - REST) / (THRESHOLD - REST), (REST.abs() + v.abs()) / (THRESHOLD - REST));
    run.follows("E.share", ROUNDING, v.iter().map(share));
    let every = v.chunks(70).skip(9).step_by(10).flat_map(|row| &row[3..5]);
    run.follows("E.share[3..5]", ROUNDING, every.map(share));
    run.follows("E.rest", 0.0, v.iter().map(|_| (LEAK * REST, 1.0)));
    // The angle is up to 63, of which the last bit moves the cosine.
    let wave = |index: usize| 2.0 * (std::f64::consts::TAU * ((index / 70 + 1) as f64 * DT) / 20.0).cos();
    run.follows("E.wave", 1e-13, (0..v.len()).map(|index| (wave(index), 1.0)));
}

/// Inputs, and what reads them or the past, are as the equations of the step saw them.
#[test]
fn inputs_are_those_that_the_equations_saw() {
    let run = Run::new(&case(FILE), &["--network", "Plain"]);
    run.follows("Lone.I", 1e-13, (0..run.values("Lone.I").len()).map(|index| (drive(index / 5), 1e2)));
    let (v, w, input) = (run.values("E.V"), run.values("E.w"), run.values("E.I"));
    let (v, w) = (before(&v, 70, -60.0), before(&w, 70, 0.0));
    run.follows("E.pull", ROUNDING, input.iter().map(|i| (0.3 * i, i.abs())));
    let total = |i: usize| {
        (LEAK * (REST - v[i]) - w[i] + input[i] - 0.3 * input[i], LEAK * (REST.abs() + v[i].abs()) + input[i].abs())
    };
    run.follows("E.total", ROUNDING, (0..v.len()).map(total));
    // A conductance is recorded at the end of the step, in which it has decayed from what the input saw.
    let grown = (DT / 5.0_f64).exp();
    let (excitation, inhibition) = (run.values("exc.g"), run.values("inner.g"));
    let sum = |i: usize| {
        let synapses = grown * excitation[i] * -v[i] + grown * inhibition[i] * (-80.0 - v[i]);
        (drive(i / 70) + synapses, 1e3)
    };
    assert!(inhibition.iter().any(|g| *g > 0.0));
    run.follows("E.I", 1e-13, (0..v.len()).map(sum));
    // Ten steps before the start of a step.
    let late = before(&v, 700, -60.0);
    run.follows("E.before", 0.0, late.iter().map(|v| (*v, 1.0)));
}

/// A let of a channel in a compartment, and the input of a compartment.
#[test]
fn lets_of_channels_are_recorded_by_their_paths() {
    let run = Run::new(&case(FILE), &["--network", "Cells"]);
    let [v, m, h] = ["C.soma.V", "C.soma.Na.m", "C.soma.Na.h"].map(|name| run.values(name));
    // mS/cm^2 times mV is uA/cm^2.
    let current = |i: usize| {
        let conductance = 120.0 * m[i].powi(3) * h[i];
        (conductance * (50.0 - v[i]), conductance * (50.0 + v[i].abs()))
    };
    run.follows("C.soma.Na.I", 4.0 * ROUNDING, (0..v.len()).map(current));
    run.follows("C.soma.I", ROUNDING, v.iter().map(|_| (8.0, 8.0)));
}

/// The file without records of what is no state makes the same states, bit by bit, and the same spikes.
#[test]
fn records_change_nothing() {
    let with = std::fs::read_to_string(case(FILE)).expect("is there");
    let mut without = String::new();
    for (number, part) in with.split(MARK).enumerate() {
        let rest = if number == 0 { part } else { part.split_once("}\n").expect("a block ends").1 };
        if number > 0 {
            without.push_str("}\n");
        }
        without.push_str(rest);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let plain = folder.path().join(FILE);
    std::fs::write(&plain, without).expect("can be written");
    for network in ["Plain", "Cells"] {
        for precision in ["f32", "f64"] {
            let options = ["--network", network, "--precision", precision];
            let (with, without) = (Run::new(&case(FILE), &options), Run::new(&text(&plain), &options));
            assert_eq!(with.result["spike_hash"], without.result["spike_hash"], "{options:?}");
            let (state, value) = if network == "Plain" { ("E.V", "E.I") } else { ("C.soma.V", "C.soma.I") };
            assert!(with.has(value) && !without.has(value), "{options:?}");
            assert_eq!(with.values(state), without.values(state), "{options:?}");
        }
    }
}

/// What one synapse after another sends into a neuron, by hand: spikes at the end of steps 9 and 19 arrive one step later.
#[test]
fn an_output_is_what_the_receptor_adds_to_each_neuron() {
    let run = Run::new(&case("recorded_outputs.bp"), &["--network", "One"]);
    let membrane = run.values("E.V");
    let starts = before(&membrane, 3, -70.0);
    let conductance = |step: usize, arrived: usize| match step.checked_sub(arrived) {
        Some(since) => 3.0 * (-(since as f64) * DT / 5.0).exp(),
        None => 0.0,
    };
    // Source 0 reaches all of the targets, source 1 all but the first.
    let wanted = |at: usize| {
        let (step, target) = (at / 3, at % 3);
        let g = conductance(step, 10) + if target > 0 { conductance(step, 20) } else { 0.0 };
        (g * (0.0 - starts[at]), 1.0 + (g * starts[at]).abs())
    };
    run.follows("exc.I", 1e-12, (0..600).map(wanted));
    let last: Vec<f64> = run.values("exc.I").chunks(3).map(|all| all[2]).collect();
    assert_eq!(run.values("exc.I[2]"), last);
}

#[test]
fn outputs_add_up_to_the_inputs() {
    for options in [&[][..], &["--threads", "3"], &["--precision", "f32"]] {
        let run = Run::new(&case("recorded_outputs.bp"), &[&["--network", "Many"], options].concat());
        let names = ["a.I", "b.I", "c.I", "d.I", "gap.I", "ext.I", "E.I", "E.J"];
        let [a, b, c, d, gap, ext, i, j] = names.map(|name| run.values(name));
        let tolerance = if options.contains(&"f32") { 1e-5 } else { 1e-12 };
        for k in 0..i.len() {
            let parts = [100.0, a[k], b[k], c[k], gap[k], ext[k]];
            let size: f64 = parts.iter().map(|part| part.abs()).sum();
            assert!((i[k] - parts.iter().sum::<f64>()).abs() <= tolerance * size, "sample {k}: {} {parts:?}", i[k]);
        }
        assert_eq!(d, j, "one projection is all of the input");
        for part in [&a, &b, &c, &d, &gap, &ext] {
            assert!(part.iter().any(|value| value.abs() > 1.0), "something flows");
        }
        let few: Vec<f64> = d.chunks(30).flat_map(|all| all[3..5].to_vec()).collect();
        assert_eq!(run.values("d.I[3..5]"), few);
        // Gap junctions: what one neuron gets its neighbour loses.
        let volts = before(&run.values("E.V"), 30, -70.0);
        for (k, row) in gap.chunks(30).enumerate() {
            let v = &volts[30 * k..30 * k + 30];
            let wanted = 0.5 * (v[1] - v[0]);
            assert!(
                (row[0] - wanted).abs() < 100.0 * tolerance * (1.0 + v[0].abs()),
                "sample {k}: {} {wanted}",
                row[0]
            );
        }
    }
}

/// At the end of a step, as states are; and the output at its start from what they were before, with what arrived.
#[test]
fn lets_of_receptors_are_those_of_their_targets() {
    let run = Run::new(&case("recorded_outputs.bp"), &["--network", "Lets"]);
    let (v, g) = (run.values("E.V"), run.values("slow.g"));
    let open = |v: f64, mg: f64| 1.0 / (1.0 + mg * (-0.062 * v).exp() / 3.57);
    run.follows("slow.open", 1e-13, v.iter().map(|&v| (open(v, 1.0), 1.0)));
    run.follows("slow.force", 1e-13, v.iter().zip(&g).map(|(v, g)| (g * -v, 1.0 + (g * v).abs())));
    let few = v.chunks(6).flat_map(|all| all[..2].to_vec());
    run.follows("other.open", 1e-13, few.map(|v| (open(v, 2.0), 1.0)));
    assert!(run.values("slow.I").iter().any(|&current| current > 1.0));
}
