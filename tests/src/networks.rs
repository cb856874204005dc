//! The networks of `examples/` against the statistics of other simulators, and what must hold of any run:
//! the same spikes for any number of threads, few bytes per synapse, a compile time that does not grow.
//!
//! Five seeds of each network; with `BPC_VALIDATE` set (`make validate`) as many as the references have, and the
//! full network of Brunel (2000) too. Spikes are never compared one by one with those of others: the networks are chaotic.

use crate::bpc::{bpc, example, run_json, text};
use crate::reference::Table;
use crate::statistics::{self, Spikes};
use crate::support::validating;
use serde_json::Value;
use std::ops::Range;

/// A network and its reference.
struct Network {
    file: &'static str,
    set: &'static [&'static str],
    reference: &'static str,
    populations: &'static [(&'static str, usize)],
    rule: Rule,
}

/// How far the mean over seeds may be off from a column of the reference: `errors` standard errors, and what dt and scheme do.
struct Rule {
    errors: f64,
    bias: Bias,
    mean: &'static str,
    /// ms
    dt: f64,
}

enum Bias {
    /// The reference was computed by another scheme or program: its `bias` column.
    Column,
    /// It was computed by this scheme at this step: this part of the value.
    Part(f64),
}

const E_AND_I: &[(&str, usize)] = &[("E", 3200), ("I", 800)];
const USUAL: Rule = Rule { errors: 4.0, bias: Bias::Column, mean: "mean", dt: 0.1 };

const COBA_LIF: Network = Network {
    file: "coba_lif.bp",
    set: &[],
    reference: "12_coba_lif_4000/summary.csv",
    populations: E_AND_I,
    rule: USUAL,
};
const CUBA: Network =
    Network { file: "cuba.bp", set: &[], reference: "cuba_4000/summary.csv", populations: E_AND_I, rule: USUAL };
/// Exponential Euler of HH is visibly first-order at this step, but so is the reference; its sd comes from 12 seeds only.
const COBA_HH: Network = Network {
    file: "coba_hh.bp",
    set: &[],
    reference: "13_coba_hh_4000/summary.csv",
    populations: E_AND_I,
    rule: Rule { errors: 5.0, bias: Bias::Part(0.01), ..USUAL },
};
/// A much smaller step is compared with what the reference becomes at one.
const COBA_HH_FINE: Network =
    Network { rule: Rule { errors: 5.0, mean: "mean_fine_dt", dt: 0.025, ..USUAL }, ..COBA_HH };
const BRUNEL_SMALL: Network = Network {
    file: "brunel_2000.bp",
    set: &["N_E=2000", "N_I=500", "C_E=200", "C_I=50", "J=0.2 mV"],
    reference: "14_brunel_2000/small_summary.csv",
    populations: &[("E", 2000), ("I", 500)],
    rule: USUAL,
};
const BRUNEL_FULL: Network = Network {
    file: "brunel_2000.bp",
    set: &[],
    reference: "14_brunel_2000/full_summary.csv",
    populations: &[("E", 10_000), ("I", 2500)],
    rule: USUAL,
};

const PRECISIONS: [&str; 2] = ["f64", "f32"];
/// The references ask for five or more.
const SEEDS: u64 = 5;
/// The window of the references, in ms.
const WINDOW: Range<f64> = 200.0..1000.0;

impl Network {
    fn run(&self, more: &[&str]) -> Value {
        let file = example(self.file);
        let set = self.set.iter().flat_map(|set| ["--set", set]);
        let args: Vec<&str> = ["run", &file].into_iter().chain(set).chain(more.iter().copied()).collect();
        run_json(&args)
    }

    /// The statistics of one run, in the order of the tables.
    fn measure(&self, seed: u64, precision: &str) -> Vec<f64> {
        let folder = tempfile::tempdir().expect("a folder");
        let (seed, out, dt) = (seed.to_string(), text(folder.path()), self.rule.dt);
        let (step, window) = (format!("{dt} ms"), [WINDOW.start, WINDOW.end].map(|t| (t / dt).round() as u64));
        // One thread: the tests beside this one have the other cores, and the spikes are the same (below).
        let shared = ["--duration", "1 s", "--dt", &step, "--threads", "1"];
        self.run(&[&shared[..], &["--seed", &seed, "--precision", precision, "--out", &out]].concat());
        let of =
            |&(name, size): &(&str, usize)| Spikes::read(folder.path(), name).measure(size, window[0]..window[1], dt);
        self.populations.iter().flat_map(of).collect()
    }

    fn agrees(&self, precision: &str) {
        let reference = Table::csv(self.reference);
        let theirs = reference.rows().next().map_or(0.0, |row| row.number("n_seeds")) as u64;
        let more = theirs > SEEDS
            && validating(&format!("{} in {precision} over {theirs} seeds instead of {SEEDS}", self.file));
        let seeds = if more { theirs } else { SEEDS };
        let runs: Vec<Vec<f64>> = (1..=seeds).map(|seed| self.measure(seed, precision)).collect();
        let window = (WINDOW.end - WINDOW.start) / 1000.0;

        let names = self.populations.iter().flat_map(|p| statistics::NAMES.map(|s| (format!("{}_{s}", p.0), s)));
        let mut rows = Vec::new();
        let mut far = 0;
        for (k, (row, (name, statistic))) in reference.rows().zip(names).enumerate() {
            assert_eq!(row.text("statistic"), name);
            let over_seeds: Vec<f64> = runs.iter().map(|run| run[k]).collect();
            let n = seeds as f64;
            let (mean, deviation) = statistics::mean_and_deviation(&over_seeds);
            let variance = deviation.powi(2) * n / (n - 1.0);
            let wanted = row.number(self.rule.mean);
            let bias = match self.rule.bias {
                Bias::Column => row.number("bias"),
                Bias::Part(part) => part * wanted.abs(),
            };
            let grain = if statistics::is_quantile(statistic) { 1.0 / window } else { 0.0 };
            let error = (row.number("sd_over_seeds").powi(2) / row.number("n_seeds") + variance / n).sqrt();
            let tolerance = self.rule.errors * error + bias + grain;
            let near = (mean - wanted).abs() <= tolerance;
            far += usize::from(!near);
            rows.push(format!(
                "{name:>13} {mean:>9.4} +- {:<8.3} reference {wanted:>9.4}  off {:>8.4}  may be {tolerance:>7.4}{}",
                variance.sqrt(),
                mean - wanted,
                if near { "" } else { "  TOO FAR" }
            ));
        }
        assert_eq!(rows.len(), runs[0].len(), "each statistic has a reference");
        let report = format!("{} in {precision}, {seeds} seeds:\n{}", self.file, rows.join("\n"));
        assert_eq!(far, 0, "{report}");
        println!("{report}");
    }
}

#[test]
fn coba_lif_agrees_in_f64() {
    COBA_LIF.agrees("f64");
}

#[test]
fn coba_lif_agrees_in_f32() {
    COBA_LIF.agrees("f32");
}

#[test]
fn cuba_agrees_in_f64() {
    CUBA.agrees("f64");
}

#[test]
fn cuba_agrees_in_f32() {
    CUBA.agrees("f32");
}

#[test]
fn coba_hh_agrees_in_f64() {
    COBA_HH.agrees("f64");
}

#[test]
fn coba_hh_agrees_in_f32() {
    COBA_HH.agrees("f32");
}

/// Four times the steps, so only with `BPC_VALIDATE`.
#[test]
fn coba_hh_agrees_at_a_small_step() {
    if validating("COBA-HH at a small step") {
        COBA_HH_FINE.agrees("f64");
    }
}

#[test]
fn brunel_small_agrees_in_f64() {
    BRUNEL_SMALL.agrees("f64");
}

#[test]
fn brunel_small_agrees_in_f32() {
    BRUNEL_SMALL.agrees("f32");
}

/// Minutes long, so only with `BPC_VALIDATE`.
#[test]
fn brunel_full_agrees() {
    if validating("the network of Brunel at full size") {
        PRECISIONS.iter().for_each(|precision| BRUNEL_FULL.agrees(precision));
    }
}

#[test]
fn spikes_are_the_same_for_any_number_of_threads_and_run_twice() {
    for network in [&COBA_LIF, &CUBA, &COBA_HH, &BRUNEL_SMALL] {
        let hash = |precision, threads, seed| {
            let shared = ["--duration", "100 ms", "--precision", precision, "--threads", threads, "--seed", seed];
            let result = network.run(&shared);
            assert!(result["spikes"]["E"].as_u64() > Some(0), "{}: no spikes, nothing to compare", network.file);
            result["spike_hash"].as_str().expect("a hash").to_owned()
        };
        for precision in PRECISIONS {
            let one = hash(precision, "1", "7");
            for threads in ["1", "2", "3"] {
                assert_eq!(hash(precision, threads, "7"), one, "{} in {precision}, {threads} threads", network.file);
            }
            assert_ne!(hash(precision, "1", "8"), one, "{} in {precision}, another seed", network.file);
        }
    }
}

#[test]
fn neither_memory_per_synapse_nor_compile_time_grow() {
    const MIB: f64 = 1_048_576.0;
    for precision in PRECISIONS {
        let run = |n: &str| COBA_LIF.run(&["--set", n, "--duration", "10 ms", "--precision", precision]);
        let number = |result: &Value, key: &str| result[key].as_f64().unwrap_or_else(|| panic!("{key}: {result}"));
        let (small, large) = (run("n=4000"), run("n=400000"));
        let more = |key: &str| number(&large, key) - number(&small, key);
        let bytes = more("peak_rss_mb") * MIB / more("n_synapses");
        assert!(bytes <= 5.0, "{precision}: {bytes:.2} bytes per synapse");
        // Others use this machine too, so a second is allowed for what they take: a compiler that did something for
        // each of 400,000 neurons would take more.
        let (few, many) = (number(&small, "compile_s"), number(&large, "compile_s"));
        assert!(many < 3.0 * few + 1.0, "{precision}: compiled in {few:.3} s for 4000 neurons, {many:.3} s for 400000");
        println!("{precision}: {bytes:.2} bytes per synapse; compiled in {few:.3} s and {many:.3} s");
    }
    // What is compiled is the same, but for numbers.
    let lines = |n: &str| {
        let output = bpc(&["run", &example(COBA_LIF.file), "--set", n, "--emit", "llvm"]);
        String::from_utf8_lossy(&output.stdout).lines().count()
    };
    assert_eq!(lines("n=4000"), lines("n=400000"));
}
