//! Gradients that a model computes of itself by forward sensitivities (`cases/run/gradients.bp`), against
//! `reference/15_gradients`: differences in 60-digit arithmetic, and a reverse recursion checked by dual numbers. What
//! reverse-mode differentiation of the same steps has to give is the same numbers.

use crate::bpc::{case, here, run_json, text};
use crate::reference::Table;
use crate::statistics::array;
use std::path::Path;

/// Runs one of the networks beside the files of the reference case; gives the last value of a record, or all of its values.
fn run(network: &str, precision: &str) -> (tempfile::TempDir, impl Fn(&str) -> Vec<f64>) {
    let folder = tempfile::tempdir().expect("a folder");
    let reference = here().join("reference/15_gradients");
    let model = folder.path().join("gradients.bp");
    std::fs::copy(case("gradients.bp"), &model).expect("the model is there");
    for entry in std::fs::read_dir(&reference).expect("the reference is there") {
        let from = entry.expect("a folder can be read").path();
        let to = folder.path().join(Path::new(from.file_name().expect("a file has a name")));
        std::fs::copy(&from, to).expect("the reference can be copied");
    }
    let out = text(&folder.path().join("out"));
    run_json(&["run", &text(&model), "--network", network, "--precision", precision, "--out", &out]);
    let traces = folder.path().join("out/traces.npz");
    (folder, move |name| array(&traces, name))
}

/// A gradient at the last recorded step, in the order of the reference's parameters.
#[track_caller]
fn agrees(label: &str, recorded: &[f64], wanted: &[f64], tolerance: f64) {
    let found = &recorded[recorded.len() - wanted.len()..];
    for (k, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        assert!((found - wanted).abs() < tolerance, "{label}, parameter {k}: {found}, not {wanted}");
    }
}

/// The tolerances that `case.md` recommends.
const PRECISIONS: [(&str, f64); 2] = [("f64", 1e-12), ("f32", 1e-5)];

#[test]
fn of_a_rate_network_are_those_of_the_discrete_scheme() {
    let table = Table::csv("15_gradients/rate_gradient.csv");
    for (precision, tolerance) in PRECISIONS {
        let (_folder, values) = run("RateGradients", precision);
        for (population, column) in [("Euler", "dL_euler"), ("RK4", "dL_rk4")] {
            let wanted: Vec<f64> = table.rows().map(|row| row.number(column)).collect();
            assert_eq!(wanted.len(), 36);
            agrees(
                &format!("{population} {precision}"),
                &values(&format!("{population}.gradient")),
                &wanted,
                tolerance,
            );
        }
    }
}

#[test]
fn of_a_spiking_network_are_those_of_the_surrogates() {
    let table = Table::csv("15_gradients/lif_gradient.csv");
    let forward = Table::csv("15_gradients/lif_forward_soft.csv");
    let kinds = [
        ("SoftSigmoid", "soft", "sigmoid4"),
        ("SoftTriangle", "soft", "relu0.3"),
        ("DetachedSigmoid", "soft_detached", "sigmoid4"),
        ("DetachedTriangle", "soft_detached", "relu0.3"),
        ("HardSigmoid", "hard", "sigmoid4"),
        ("HardTriangle", "hard", "relu0.3"),
    ];
    for (precision, tolerance) in PRECISIONS {
        let (_folder, values) = run("SpikeGradients", precision);
        for (population, reset, surrogate) in kinds {
            let rows = table.rows_with("reset", reset).filter(|row| row.text("surrogate") == surrogate);
            let wanted: Vec<f64> = rows.map(|row| row.number("dL")).collect();
            assert_eq!(wanted.len(), 27);
            agrees(
                &format!("{population} {precision}"),
                &values(&format!("{population}.gradient")),
                &wanted,
                tolerance,
            );
        }
        for column in ["u0", "u1", "u2", "s0", "s1", "s2", "y0", "y1"] {
            let wanted: Vec<f64> = forward.rows().map(|row| row.number(column)).collect();
            let name = format!("SoftSigmoid.{}[{}]", &column[..1], &column[1..]);
            agrees(&format!("{name} {precision}"), &values(&name), &wanted, tolerance);
        }
    }
}

/// The losses of the forward passes; `case.md` prints those of the rate network in its text.
#[test]
fn losses_are_those_of_the_reference() {
    let (_folder, values) = run("SpikeGradients", "f64");
    let table = Table::markdown("15_gradients/case.md", "| reset | surrogate |");
    for (population, reset) in [("SoftSigmoid", "soft"), ("HardSigmoid", "hard")] {
        let row = table.rows_with("reset", reset).next().expect("a row");
        agrees(population, &values(&format!("{population}.loss")), &[row.number("L"); 27], 1e-12);
    }
    let (_folder, values) = run("RateGradients", "f64");
    let text = std::fs::read_to_string(here().join("reference/15_gradients/case.md")).expect("the case is described");
    for (population, line) in [("Euler", "- euler: L = "), ("RK4", "- rk4: L = ")] {
        let rest = text.split(line).nth(1).expect("a line with the loss");
        let loss = rest.split(',').next().and_then(|number| number.parse().ok()).expect("a number");
        agrees(population, &values(&format!("{population}.loss")), &[loss; 36], 1e-12);
    }
}
