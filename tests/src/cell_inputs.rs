//! Inputs of cells that are no currents through their membranes, and inputs of ions, against closed forms.

use crate::bpc::{here, run_json, text};
use crate::statistics::array;
use tempfile::TempDir;

const DT: f64 = 0.1;
const SAMPLES: u32 = 300;

fn run(options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, out) = (text(&here().join("cases/models/cell_inputs.bp")), text(folder.path()));
    let mut args = vec!["run", &file, "--out", &out];
    args.extend(options);
    run_json(&args);
    folder
}

/// Every element of a record, against what it is at a time (ms).
#[track_caller]
fn compare(run: &TempDir, state: &str, tolerance: f64, wanted: &[&dyn Fn(f64) -> f64]) {
    let found: Vec<f64> = array(&run.path().join("traces.npz"), state);
    assert_eq!(found.len(), SAMPLES as usize * wanted.len(), "{state}");
    for (sample, row) in (1..=SAMPLES).zip(found.chunks(wanted.len())) {
        let t = DT * f64::from(sample);
        for (value, wanted) in row.iter().zip(wanted) {
            let wanted = wanted(t);
            assert!(
                (value - wanted).abs() <= tolerance * wanted.abs().max(1.0),
                "{state} at {t} ms: {value}, not {wanted}"
            );
        }
    }
}

/// What a pool of 20 ms holds that is filled at this rate (uM/ms).
fn filled(rate: f64, t: f64) -> f64 {
    rate * 20.0 * -(-t / 20.0).exp_m1()
}

/// The same of what decays in 5 ms from 0.5 uM/ms at 1 ms on.
fn after_spike(t: f64) -> f64 {
    let since = (t - 1.0).max(0.0);
    0.5 * (5.0 * 20.0 / 15.0) * ((-since / 20.0).exp() - (-since / 5.0).exp())
}

/// The same where the flow is a product with the potential, which is what it is at the start of a step throughout the step.
fn held(t: f64) -> f64 {
    let (mut flow, mut c) = (0.0, 0.0);
    for step in 0..(t / DT).round() as u32 {
        flow += if step == 10 { 0.5 } else { 0.0 };
        c = c * (-DT / 20.0).exp() + filled(flow, DT);
        flow *= (-DT / 5.0).exp();
    }
    c
}

/// With how many threads, in which precision, and how far off that may be.
const WAYS: [(&[&str], f64); 3] =
    [(&[], 1e-12), (&["--threads", "3", "--cpu", "x86-64"], 1e-12), (&["--precision", "f32"], 3e-4)];

/// Two inputs and `current` flow into the membrane; what an equation, the braces or an argument uses does not.
#[test]
fn an_input_that_is_used_by_name_flows_nowhere_else() {
    for (options, tolerance) in WAYS {
        let run = run(options);
        compare(&run, "A.V", tolerance, &[&|t| -65.0 + (1.0 + 0.5 + 2.0) * t]);
        compare(&run, "A.s", tolerance, &[&|t| 4.0 * -(-t / 5.0).exp_m1()]);
        compare(&run, "A.seen", tolerance, &[&|_| 2.0]);
        compare(&run, "A.Ca.c", tolerance, &[&|t| filled(0.3, t)]);
    }
}

/// A parameter of a channel, and another that follows from it, change with a state of the cell.
#[test]
fn arguments_of_channels_may_change() {
    for (options, tolerance) in WAYS {
        let run = run(options);
        let relaxing = |gain: f64| move |t: f64| -65.0 + 15.0 * (-0.1 * gain * t).exp();
        compare(&run, "M.V", tolerance, &[&relaxing(1.0), &relaxing(2.0), &relaxing(3.0)]);
    }
}

/// Drives, and receptors with `into` or with an output of its name, add to what channels carry, which `Ca.I` is together.
#[test]
fn inputs_of_ions_are_reached() {
    for (options, tolerance) in WAYS {
        let run = run(options);
        compare(&run, "A.K.I", tolerance, &[&|_| 0.2]);
        compare(&run, "A.K.c", tolerance, &[&|t| filled(0.2, t)]);
        compare(&run, "C.dendrite.Ca.c", tolerance, &[&|t| filled(0.1, t) + after_spike(t)]);
        compare(&run, "C.dendrite.K.c", tolerance, &[&held]);
        // A record of an input is its value at the start of the step.
        let flow = |t: f64| if t > 1.05 { 0.5 * (-(t - 1.1) / 5.0).exp() } else { 0.0 };
        compare(&run, "C.dendrite.Ca.I", tolerance, &[&|t| 0.1 + flow(t)]);
        // What is from outside is the ion's alone.
        compare(&run, "C.dendrite.V", tolerance, &[&|t| -65.0 + 0.1 * t]);
        // Nothing reaches this one, and it is as it was.
        compare(&run, "D.dendrite.Ca.c", tolerance, &[&|t| filled(0.1, t), &|t| filled(0.1, t)]);
    }
}

/// Two neurons, each of which receives 0.1 (c_other - c) of the step before.
#[test]
fn ions_diffuse_between_neurons() {
    let run = run(&[]);
    let found: Vec<f64> = array(&run.path().join("traces.npz"), "D.dendrite.K.c");
    let (keep, mut c) = ((-DT / 20.0_f64).exp(), [0.0, 8.0]);
    for row in found.chunks(2) {
        let step = |own: f64, other: f64| own * keep + 0.1 * (other - own) * 20.0 * (1.0 - keep);
        c = [step(c[0], c[1]), step(c[1], c[0])];
        assert!(row.iter().zip(c).all(|(found, wanted)| (found - wanted).abs() < 1e-12), "{row:?}, not {c:?}");
    }
    assert!(found.len() == 2 * SAMPLES as usize && found[0] > 0.0);
}
