//! Golden snapshots of models: what a run gave, as text beside the model, and how two differ.
//!
//! A snapshot has lines `key = value …` and then, after a line `--- …`, the printed dialect after
//! the last model-level pass. Numbers are written so that they read back to the same bits. Of a dialect that is too long to be
//! read, as of many areas, there are the number of its lines and its hash.

use crate::provenance::sha256;
use crate::simulate::{Outcome, Trace};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Moments at which traces are sampled, and elements of each that are kept.
const SAMPLES: usize = 10;
const ELEMENTS: usize = 8;
const HEAD: &str = "# What `bpc test` compares with. Accept changes with `bpc test --bless`.";
const DIALECT: &str = "--- dialect after the last model-level pass";
/// Lines of a dialect that is kept as it is.
const LONGEST: usize = 20_000;

/// Where the snapshot of a network is kept.
pub fn path(model: &Path, network: &str) -> PathBuf {
    let stem = model.file_stem().unwrap_or_default().to_string_lossy();
    model.with_file_name(format!("{stem}.{network}.snap"))
}

/// The snapshot of a run.
pub fn text(outcome: &Outcome, dialect: &str) -> String {
    let mut text = format!(
        "{HEAD}\nnetwork = {}\ndt_ms = {:?}\nsteps = {}\nseed = {}\nn_neurons = {}\nn_synapses = {}\n",
        outcome.network,
        outcome.dt,
        outcome.steps,
        outcome.seed,
        outcome.neurons(),
        outcome.synapses
    );
    for population in &outcome.populations {
        let _ = writeln!(text, "spikes.{} = {}", population.name, population.count);
    }
    for population in &outcome.populations {
        let _ = writeln!(text, "rate_hz.{} = {:?}", population.name, population.rate_hz(outcome));
    }
    let _ = writeln!(text, "spike_hash = {}", outcome.hash_text());
    for trace in &outcome.traces {
        sample(&mut text, trace, outcome.dt);
    }
    text.push_str(&kept(dialect.trim_end()));
    text
}

/// The dialect as a snapshot keeps it.
fn kept(dialect: &str) -> String {
    match dialect.lines().count() {
        lines if lines > LONGEST => {
            format!("\n{DIALECT}: {lines} lines, of which the hash is kept\nsha256 {}\n", sha256(dialect.as_bytes()))
        }
        _ => format!("\n{DIALECT}\n{dialect}\n"),
    }
}

/// Values of a trace at a few evenly spread moments, the last one among them.
fn sample(text: &mut String, trace: &Trace, dt: f64) {
    let samples = trace.samples();
    let count = samples.min(SAMPLES);
    let rows: Vec<usize> = (1..=count).map(|k| k * samples / count - 1).collect();
    let times: Vec<f64> = trace.times_ms(dt).collect();
    let list = |values: &mut dyn Iterator<Item = f64>| values.map(|v| format!("{v:?}")).collect::<Vec<_>>().join(" ");
    let _ = writeln!(text, "trace.{}.time_ms = {}", trace.name, list(&mut rows.iter().map(|&row| times[row])));
    for element in 0..trace.elements.min(ELEMENTS) {
        let values = list(&mut rows.iter().map(|&row| trace.values[row * trace.elements + element]));
        let _ = writeln!(text, "trace.{}[{}] ({}) = {values}", trace.state, trace.first + element as u64, trace.unit);
    }
}

/// What differs between a stored snapshot and a new one; `None` if nothing does.
pub fn difference(stored: &str, new: &str) -> Option<String> {
    if stored == new {
        return None;
    }
    let split = |text: &str| -> (Vec<String>, Vec<String>) {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let at = lines.iter().position(|line| line.starts_with("---")).unwrap_or(lines.len());
        (lines[..at].to_vec(), lines[at..].to_vec())
    };
    let ((values, dialect), (new_values, new_dialect)) = (split(stored), split(new));
    let mut text = value_difference(&values, &new_values);
    text.push_str(&line_difference(&dialect, &new_dialect));
    if text.is_empty() {
        text.push_str("  only blank lines or comments differ\n");
    }
    Some(text)
}

fn entry(line: &str) -> Option<(&str, &str)> {
    if line.starts_with('#') { None } else { line.split_once(" = ") }
}

/// Keys that are new, gone, or have another value; numbers with their relative difference.
fn value_difference(stored: &[String], new: &[String]) -> String {
    let mut text = String::new();
    let find = |lines: &[String], key: &str| {
        lines.iter().filter_map(|l| entry(l)).find(|(k, _)| *k == key).map(|(_, value)| value.to_owned())
    };
    for (key, old) in stored.iter().filter_map(|l| entry(l)) {
        match find(new, key) {
            Some(value) if value == old => {}
            Some(value) => {
                let _ = writeln!(text, "- {key} = {old}\n+ {key} = {value}{}", relative(old, &value));
            }
            None => {
                let _ = writeln!(text, "- {key} = {old}");
            }
        }
    }
    for (key, value) in new.iter().filter_map(|l| entry(l)) {
        if find(stored, key).is_none() {
            let _ = writeln!(text, "+ {key} = {value}");
        }
    }
    text
}

/// The largest relative difference of two lists of numbers, if they are that.
fn relative(old: &str, new: &str) -> String {
    let numbers = |text: &str| text.split(' ').map(str::parse::<f64>).collect::<Result<Vec<f64>, _>>().ok();
    let (Some(old), Some(new)) = (numbers(old), numbers(new)) else { return String::new() };
    if old.len() != new.len() {
        return String::new();
    }
    let of = |(a, b): (&f64, &f64)| if a == b { 0.0 } else { (b - a) / a.abs().max(b.abs()) };
    let differences: Vec<f64> = old.iter().zip(&new).map(of).collect();
    let worst = differences.iter().copied().fold(0.0, |w: f64, d| if d.abs() > w.abs() || d.is_nan() { d } else { w });
    let percent = if worst.abs() < 1e-3 { format!("{:+.1e}", worst) } else { format!("{:+.2} %", worst * 100.0) };
    if differences.len() == 1 { format!("    ({percent})") } else { format!("    (at most {percent})") }
}

/// Lines around a change that are shown.
const CONTEXT: usize = 2;
/// Beyond this many differing lines the rest is only counted.
const SHOWN: usize = 60;

/// A unified difference of two texts.
fn line_difference(old: &[String], new: &[String]) -> String {
    let edits = edits(old, new);
    let near = |i: usize| {
        let from = i.saturating_sub(CONTEXT);
        edits[from..(i + CONTEXT + 1).min(edits.len())].iter().any(|e| e.0 != ' ')
    };
    let mut text = String::new();
    let (mut shown, mut skipped, mut gap) = (0, 0, false);
    for (i, (sign, line)) in edits.iter().enumerate() {
        if !near(i) {
            gap = true;
        } else if shown >= SHOWN {
            skipped += usize::from(*sign != ' ');
        } else {
            if gap {
                text.push_str("  …\n");
            }
            gap = false;
            shown += 1;
            let _ = writeln!(text, "{sign} {line}");
        }
    }
    if skipped > 0 {
        let _ = writeln!(text, "  … and {skipped} more lines that differ");
    }
    text
}

/// Lines kept (' '), removed ('-') and added ('+'), by the longest common subsequence of what is
/// between the common beginning and end.
fn edits<'a>(old: &'a [String], new: &'a [String]) -> Vec<(char, &'a str)> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut edits: Vec<(char, &str)> = old[..head].iter().map(|line| (' ', line.as_str())).collect();
    if a.len().saturating_mul(b.len()) > 16_000_000 {
        edits.extend(a.iter().map(|line| ('-', line.as_str())));
        edits.extend(b.iter().map(|line| ('+', line.as_str())));
    } else {
        let width = b.len() + 1;
        let mut longest = vec![0u32; (a.len() + 1) * width];
        for i in (0..a.len()).rev() {
            for j in (0..b.len()).rev() {
                longest[i * width + j] = if a[i] == b[j] {
                    longest[(i + 1) * width + j + 1] + 1
                } else {
                    longest[(i + 1) * width + j].max(longest[i * width + j + 1])
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < a.len() || j < b.len() {
            if i < a.len() && j < b.len() && a[i] == b[j] {
                edits.push((' ', &a[i]));
                (i, j) = (i + 1, j + 1);
            } else if j >= b.len() || (i < a.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1]) {
                edits.push(('-', &a[i]));
                i += 1;
            } else {
                edits.push(('+', &b[j]));
                j += 1;
            }
        }
    }
    edits.extend(old[old.len() - tail..].iter().map(|line| (' ', line.as_str())));
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_snapshots() {
        assert_eq!(path(Path::new("a/coba.bp"), "Coba"), Path::new("a/coba.Coba.snap"));
        assert_eq!(path(Path::new("coba.bp"), "Coba"), Path::new("coba.Coba.snap"));
    }

    #[test]
    fn differences_are_readable() {
        let old = "# x\nspikes.E = 100\nrate_hz.E = 20.0\ntrace.E.V[0] (mV) = -60.0 -50.0\ngone = 1\n\n--- dialect\na\nb\nc\nd\ne\nf\n";
        let new = "# x\nspikes.E = 110\nrate_hz.E = 20.0\ntrace.E.V[0] (mV) = -60.0 -50.5\nhere = 2\n\n--- dialect\na\nb\nX\nd\ne\nf\n";
        assert_eq!(difference(old, old), None);
        let text = difference(old, new).expect("differs");
        let wanted = "- spikes.E = 100\n+ spikes.E = 110    (+9.09 %)\n\
                      - trace.E.V[0] (mV) = -60.0 -50.0\n+ trace.E.V[0] (mV) = -60.0 -50.5    (at most -0.99 %)\n\
                      - gone = 1\n+ here = 2\n  …\n  a\n  b\n- c\n+ X\n  d\n  e\n";
        assert_eq!(text, wanted);
    }

    #[test]
    fn long_differences_are_cut() {
        let old: Vec<String> = (0..500).map(|i| format!("a{i}")).collect();
        let new: Vec<String> = (0..500).map(|i| format!("b{i}")).collect();
        let text = line_difference(&old, &new);
        assert!(text.contains("more lines that differ"));
        assert!(text.lines().count() < 80);
    }

    #[test]
    fn a_long_dialect_is_kept_as_its_hash() {
        let long = "dynamics.network\n".repeat(LONGEST + 1);
        let text = kept(&long);
        assert!(text.contains(": 20001 lines") && text.lines().count() == 3, "{text}");
        let shorter = kept(long.trim_start_matches("dynamics."));
        assert!(difference(&text, &shorter).is_some_and(|text| text.contains("+ sha256")), "{shorter}");
        assert_eq!(kept("a\nb"), format!("\n{DIALECT}\na\nb\n"));
    }
}
