//! Records that are one number for many neurons or synapses, and expectations about them, against what is computed here from
//! full records of the same run.

use crate::bpc::{bpc, text};
use crate::spike_trains::Run;
use crate::statistics::array;

const DT: f64 = 0.1;
const N: usize = 150;
/// Steps of the run.
const STEPS: usize = 800;

/// More neurons than one thread has, weights that change, and `lines` in the simulation.
fn network(lines: &str) -> String {
    format!(
        "use std::synapses::Exponential
use std::receptors::Current
neuron Cell {{
    input I : mV
    state V : mV = -65 mV
    state up : bool = false
    let leak : mV/ms = (-65 mV - V) / 20 ms
    V' = leak + I / 20 ms
    when V > -55 mV {{ up = true }}
    spike when V > -50 mV {{ V = -65 mV  up = false  refractory 2 ms }}
    event half when V crosses -57 mV {{ }}
}}
plasticity Rule {{
    weight w
    state y : 1 = 0
    y' = -y / 15 ms
    on pre {{ w -= 0.01 * w * y }}
    on post {{ w *= 1.01  y += 1 }}
}}
network Net(g = 20 mV) {{
    population E[{N}] : Cell
    init E.V ~ uniform(-65 mV, -50 mV)
    drive E.I = g + normal(0 mV, 10 mV)
    project exc: E -> E {{
        connect fixed_in_degree(7)  weight ~ uniform(0.1 mV, 1 mV)  delay ~ 0.5 ms + 0.1 ms * (j % 5)
        plasticity Rule  synapse Exponential  receptor Current
    }}
    project none: E -> E {{ connect fixed_probability(0)  weight ~ uniform(0 mV, 1 mV)  plasticity Rule  synapse Exponential  receptor Current }}
}}
simulate Net {{ dt {DT} ms  duration {} ms  seed 3
    {lines} }}
",
        STEPS as f64 * DT
    )
}

const FULL: &str = "record E.V, E.I, E.leak, E.up, exc.weight, exc.I  record E.spikes, E.half";

const NUMBERS: [&str; 6] = ["mean", "sum", "min", "max", "std", "variance"];

/// What a record of this name is made of in a plain loop.
fn number(name: &str, values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    match name {
        "mean" => mean,
        "sum" => values.iter().sum(),
        "min" => values.iter().copied().fold(f64::INFINITY, f64::min),
        "max" => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        "std" => variance.sqrt(),
        _ => variance,
    }
}

/// Every aggregate of states, inputs, `let`s, truth values, weights and outputs; of all and of a part; in every step and every
/// millisecond; with the same bits for any number of threads.
#[test]
fn numbers_are_made_of_what_a_full_record_has() {
    let values = ["E.V", "E.I", "E.leak", "E.up", "exc.weight", "exc.I"];
    let all = |what: &str| NUMBERS.map(|name| format!("{name}({what})")).join(", ");
    let whole: Vec<String> = values.iter().map(|what| all(what)).collect();
    let parts = "mean(E.V[20..100]), std(E.I[149]), min(exc.weight[3..900]), max(exc.I[0..64])";
    let lines = format!("{FULL}, {}\n    record {parts} every 1 ms", whole.join(", "));
    for precision in ["f64", "f32"] {
        let run = |threads| Run::of(&network(&lines), DT, &["--threads", threads, "--precision", precision]);
        let (run, other) = (run("1"), run("2"));
        let near = |found: f64, wanted: f64, size: f64, what: &str| {
            assert!((found - wanted).abs() <= 1e-12 * size, "{what}, {precision}: {found}, not {wanted}");
        };
        for what in values {
            let full = run.values(what);
            let width = full.len() / STEPS;
            assert_eq!(width, if what == "exc.weight" { 7 * N } else { N }, "{what}");
            for name in NUMBERS {
                let found = run.values(&format!("{name}({what})"));
                assert_eq!(found.len(), STEPS);
                assert!(found == other.values(&format!("{name}({what})")), "{name}({what}) depends on threads");
                for (found, row) in found.iter().zip(full.chunks(width)) {
                    let size = row.iter().map(|v| v.abs()).fold(1.0, f64::max);
                    let size = if name == "variance" { size * size } else { size };
                    let size = if name == "sum" { size * width as f64 } else { size };
                    near(*found, number(name, row), size, &format!("{name}({what})"));
                }
            }
        }
        let parts = [
            ("mean", "E.V", 20..100),
            ("std", "E.I", 149..150),
            ("min", "exc.weight", 3..900),
            ("max", "exc.I", 0..64),
        ];
        for (name, what, range) in parts {
            let full = run.values(what);
            let width = full.len() / STEPS;
            let written =
                if range.len() == 1 { "[149]".to_owned() } else { format!("[{}..{}]", range.start, range.end) };
            let found = run.values(&format!("{name}({what}{written})"));
            assert_eq!(found.len(), STEPS / 10);
            for (found, row) in found.iter().zip(full.chunks(width).skip(9).step_by(10)) {
                near(*found, number(name, &row[range.clone()]), 100.0, &format!("a part of {what}"));
            }
        }
        assert!(run.values("mean(E.up)").iter().any(|share| *share > 0.0));
    }
}

/// Rates and counts are those of the spikes of each bin.
#[test]
fn rates_are_counts_of_bins() {
    let lines = format!(
        "{FULL}
    record rate(E), rate(E[10..40]) every 5 ms
    record spike_count(E), spike_count(E[7]), rate(E.half) every 0.3 ms
    record rate(E[0..150])"
    );
    for threads in ["1", "2"] {
        let run = Run::of(&network(&lines), DT, &["--threads", threads]);
        let spikes = |population: &str| -> Vec<(usize, usize)> {
            let steps: Vec<u64> = array(&run.path().join("spikes.npz"), &format!("{population}_step"));
            steps.iter().map(|step| *step as usize).zip(run.neurons(population)).collect()
        };
        let (fired, half) = (spikes("E"), spikes("E.half"));
        assert!(fired.len() > 100 && half.len() > 100, "{}, {}", fired.len(), half.len());
        let counts = |spikes: &[(usize, usize)], neurons: std::ops::Range<usize>, every: usize| -> Vec<f64> {
            let in_bin = |bin: usize| move |s: &&(usize, usize)| s.0 / every == bin && neurons.clone().contains(&s.1);
            (0..STEPS / every).map(|bin| spikes.iter().filter(in_bin.clone()(bin)).count() as f64).collect()
        };
        let rates = |counts: Vec<f64>, neurons: usize, every: usize| -> Vec<f64> {
            counts.iter().map(|count| count / (neurons as f64 * every as f64 * DT * 1e-3)).collect()
        };
        let near = |name: &str, wanted: Vec<f64>| {
            let found = run.values(name);
            assert_eq!(found.len(), wanted.len(), "{name}");
            for (found, wanted) in found.iter().zip(&wanted) {
                assert!((found - wanted).abs() <= 1e-12 * wanted, "{name}: {found}, not {wanted}");
            }
        };
        near("rate(E)", rates(counts(&fired, 0..N, 50), N, 50));
        near("rate(E[10..40])", rates(counts(&fired, 10..40, 50), 30, 50));
        near("spike_count(E)", counts(&fired, 0..N, 3));
        near("spike_count(E[7..8])", counts(&fired, 7..8, 3));
        near("rate(E.half)", rates(counts(&half, 0..N, 3), N, 3));
        near("rate(E[0..150])", rates(counts(&fired, 0..N, 1), N, 1));
    }
}

/// Expectations are about the mean over the window of what is recorded in each step, or its extreme.
#[test]
fn expectations_about_values() {
    let run = Run::of(&network(FULL), DT, &[]);
    let mut lines = String::new();
    let mut wanted = Vec::new();
    for (what, unit) in [("E.V", "mV"), ("exc.weight", "mV"), ("E.up", ""), ("E.leak", "mV/ms")] {
        let full = run.values(what);
        let width = full.len() / STEPS;
        for name in NUMBERS {
            let samples = full.chunks(width).skip(200).take(400).map(|row| number(name, row));
            let value = match name {
                "min" => samples.fold(f64::INFINITY, f64::min),
                "max" => samples.fold(f64::NEG_INFINITY, f64::max),
                _ => samples.sum::<f64>() / 400.0,
            };
            let unit = match (name, unit) {
                ("variance", "mV/ms") => "mV^2/ms^2".to_owned(),
                ("variance", "mV") => "mV^2".to_owned(),
                (_, unit) => unit.to_owned(),
            };
            let near = 1e-9 * value.abs().max(1.0);
            let bound = |below: f64, above: f64| {
                format!(
                    "    expect {name}({what}) in {:?} {unit} .. {:?} {unit} from 20 ms .. 60 ms",
                    value - below,
                    value + above
                )
            };
            for (line, holds) in [(bound(near, near), true), (bound(near, -near / 2.0), false)] {
                lines += &format!("{line}\n");
                wanted.push(if holds { "ok  " } else { "FAIL" });
            }
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("net.bp");
    // Of no synapses there is nothing to measure.
    lines += "    expect mean(none.weight) < 100 mV\n    expect max(E.V[0..3]) < -50 mV\n";
    wanted.extend(["FAIL", "ok  "]);
    std::fs::write(&file, network(&lines)).expect("written");
    let output = bpc(&["run", &text(&file), "--threads", "2"]);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    let verdicts: Vec<&str> = out.lines().filter(|line| line.contains("   measured ")).collect();
    assert_eq!(verdicts.len(), wanted.len(), "{out}");
    for (line, wanted) in verdicts.iter().zip(&wanted) {
        assert!(line.starts_with(wanted), "not `{wanted}`: {line}");
    }
    assert!(verdicts.iter().any(|line| line.contains("nothing to measure")));
    assert!(verdicts.iter().any(|line| line.ends_with(" mV^2/ms^2")), "{out}");
}

/// Nothing else changes, to the last bit; of no synapses a trace is empty.
#[test]
fn nothing_else_changes() {
    let more = format!(
        "{FULL}, mean(E.V), mean(none.weight)  record std(E.leak), rate(E) every 2 ms
    expect max(E.I) > 0 mV"
    );
    let (with, without) = (Run::of(&network(&more), DT, &[]), Run::of(&network(FULL), DT, &[]));
    for name in ["E.V", "E.I", "E.leak", "exc.weight", "exc.I"] {
        assert!(with.values(name) == without.values(name), "{name}");
    }
    assert!(with.values("mean(none.weight)").is_empty());
    assert!(!with.path().join("connections.npz").exists() || without.path().join("connections.npz").exists());
}

/// A picture shows them beside others.
#[test]
fn numbers_are_plotted() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, picture) = (folder.path().join("net.bp"), folder.path().join("net.svg"));
    std::fs::write(&file, network("record mean(E.V), rate(E) every 1 ms")).expect("written");
    let output = bpc(&["run", &text(&file), "--plot", &text(&picture), "--quiet"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let svg = std::fs::read_to_string(&picture).expect("a picture");
    assert!(svg.contains("mean(E.V) (mV)") && svg.contains("rate(E) (Hz)") && !svg.contains("[0]"));
}
