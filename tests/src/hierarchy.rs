//! Networks inside networks: the same as written flat, and the same one by one as in loops over tables.

use crate::bpc::{bpc, case, run_json, text};
use crate::statistics::array;
use serde_json::Value;
use std::path::Path;

fn spikes(run: &Value) -> Vec<u64> {
    let counts = run["spikes"].as_object().expect("counts by population");
    counts.values().map(|count| count.as_u64().expect("a count")).collect()
}

#[test]
fn instances_are_what_they_stand_for() {
    for options in [&[][..], &["--precision", "f32"], &["--threads", "2", "--set", "J=0.7 mV"]] {
        let both = ["two_columns.bp", "two_columns_flat.bp"].map(|file| {
            let file = case(file);
            run_json(&[&["run", file.as_str()], options].concat())
        });
        assert!(spikes(&both[0]).iter().all(|&n| n > 100), "{}", both[0]["spikes"]);
        assert_eq!(both[0]["spike_hash"], both[1]["spike_hash"], "{options:?}: {} {}", both[0], both[1]);
        assert_eq!(both[0]["n_synapses"], both[1]["n_synapses"]);
    }
}

#[test]
fn what_follows_a_parameter_of_the_outer_network_follows_it() {
    let file = case("two_columns.bp");
    // `V1.J` is `J`, `V2.column.J` is twice as much; `V1.tau` is a number of its own.
    let usual = run_json(&["run", &file]);
    let other = run_json(&["run", &file, "--set", "V1.tau=20ms"]);
    assert_ne!(usual["spike_hash"], other["spike_hash"]);
    let same = run_json(&["run", &file, "--set", "V1.tau=25ms", "--set", "J=0.5 mV"]);
    assert_eq!(usual["spike_hash"], same["spike_hash"]);
    let refused = bpc(&["run", &file, "--set", "V2.column.J=1 mV"]);
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && why.contains("E0211") && why.contains("follows from other parameters"),
        "{why}"
    );
}

/// Everything that is kept of the first area.
fn first_area(folder: &Path) -> (Vec<u64>, Vec<u64>, Vec<f64>, Vec<f64>) {
    let (spikes, traces) = (folder.join("spikes.npz"), folder.join("traces.npz"));
    (
        array(&spikes, "area[0].E_step"),
        array(&spikes, "area[0].I_step"),
        array(&traces, "area[0].E.V"),
        array(&traces, "area[0].exc_E_to_E.g"),
    )
}

/// One area has code of its own, ten share functions over tables: the arithmetic must be the same to the bit.
#[test]
fn tables_change_no_bit() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |length: &str, threads: &str| {
        let out = folder.path().join(format!("{length}_{threads}"));
        let length = format!("length={length}");
        run_json(&["run", &case("chain.bp"), "--set", &length, "--threads", threads, "--out", &text(&out)]);
        first_area(&out)
    };
    let alone = run("1", "1");
    assert!(alone.0.len() > 100 && alone.2.iter().any(|v| *v != alone.2[0]), "nothing to compare");
    assert_eq!(alone, run("2", "1"));
    assert_eq!(alone, run("10", "1"));
    assert_eq!(alone, run("10", "3"));
}

/// Many areas compile to as much code as a few: what grows is data.
#[test]
fn code_does_not_grow_with_the_number_of_areas() {
    let instructions = |length: &str| {
        let length = format!("length={length}");
        let output = bpc(&["run", &case("chain.bp"), "--set", &length, "--emit", "llvm"]);
        let code = String::from_utf8_lossy(&output.stdout).into_owned();
        code.lines().filter(|line| line.starts_with("  ")).count()
    };
    let (some, many) = (instructions("8"), instructions("24"));
    assert!(many < some + some / 4, "{some} instructions for 8 areas, {many} for 24");
}
