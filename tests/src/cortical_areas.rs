//! `examples/joglekar_2018.bp` against the rates of the authors' own spikes (`reference/joglekar_2018`), area by area: the
//! pulse has to reach the areas that it reaches there, as strongly, and no others.
//!
//! 200 excitatory neurons an area; with `BPC_VALIDATE` set the paper's 1600 as well.

use crate::bpc::{example, run_json, text};
use crate::reference::Table;
use crate::statistics::array;

/// Mean rates of the areas (Hz), from 100 to 300 ms and from 300 to 500 ms.
fn rates(network: &str, neurons: usize) -> Vec<[f64; 2]> {
    let folder = tempfile::tempdir().expect("a folder");
    let (size, out) = (format!("n={neurons}"), text(folder.path()));
    run_json(&["run", &example("joglekar_2018.bp"), "--network", network, "--set", &size, "--out", &out]);
    let of = |area: usize| {
        let steps: Vec<u64> = array(&folder.path().join("spikes.npz"), &format!("cortex.area[{area}].E_step"));
        [1000..3000, 3000..5000].map(|window| {
            let count = steps.iter().filter(|step| window.contains(*step)).count();
            count as f64 / neurons as f64 / 0.2
        })
    };
    (0..29).map(of).collect()
}

#[track_caller]
fn agrees(network: &str, neurons: usize) {
    let tolerances = Table::markdown("joglekar_2018/case.md", "| excitatory neurons per area |");
    let size = neurons.to_string();
    let tolerance = tolerances.rows_with("excitatory neurons per area", &size).next().expect("a row");
    let table = Table::csv("joglekar_2018/rates.csv");
    let found = rates(network, neurons);
    assert_eq!(table.rows_with("network", network).count(), found.len());
    for (row, [rest, pulse]) in table.rows_with("network", network).zip(found) {
        let label = format!("{network}, {neurons} neurons, {}", row.text("name"));
        let (wanted_rest, wanted) = (row.number("rest"), row.number("pulse"));
        assert!((rest - wanted_rest).abs() < tolerance.number("rest (Hz)"), "{label}: {rest} Hz, not {wanted_rest}");
        let allowed = tolerance.number("pulse (share)") * wanted + tolerance.number("pulse (Hz)");
        assert!((pulse - wanted).abs() < allowed, "{label}: {pulse} Hz behind the pulse, not {wanted}");
    }
}

#[test]
fn a_pulse_dies_on_its_way() {
    agrees("Weak", 200);
}

#[test]
fn balanced_amplification_carries_it_on() {
    agrees("Strong", 200);
}

#[test]
fn areas_of_full_size_have_the_rates_of_the_authors() {
    if std::env::var_os("BPC_VALIDATE").is_none() {
        return;
    }
    agrees("Weak", 1600);
    agrees("Strong", 1600);
}
