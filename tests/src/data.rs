//! Data in the language: files of NumPy and of `bpc run` itself, against the numbers in them.

use crate::bpc::{here, run_json, text};
use crate::statistics::{Spikes, array};
use npyz::npz::NpzArchive;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn case(name: &str) -> PathBuf {
    here().join("cases/data").join(name)
}

/// Runs a network; the folder of what it records.
#[track_caller]
fn run(path: &Path, options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, out) = (text(path), text(folder.path()));
    run_json(&[&["run", &path, "--out", &out], options].concat());
    folder
}

fn traces(folder: &TempDir, state: &str) -> Vec<f64> {
    array(&folder.path().join("traces.npz"), state)
}

/// An array of `numbers.npz`, read by another library than the compiler's.
fn numbers(name: &str) -> Vec<f64> {
    let mut archive = NpzArchive::open(case("numbers.npz")).expect("an archive");
    let array = archive.by_name(name).expect("readable").expect("there is one");
    array.into_vec::<f64>().expect("f64")
}

/// Widths of vectors, precisions and numbers of threads.
const WAYS: &[&[&str]] =
    &[&[], &["--cpu", "x86-64"], &["--cpu", "x86-64-v3"], &["--threads", "2"], &["--precision", "f32"]];

#[test]
fn elements_are_those_of_the_file() {
    let (start, current) = (numbers("start"), numbers("current"));
    for ways in WAYS {
        let ran = run(&case("elements.bp"), ways);
        let single = ways.contains(&"f32");
        let same = |found: f64, wanted: f64| {
            if single { (found - wanted).abs() <= 2e-6 * wanted.abs().max(1.0) } else { (found - wanted).abs() < 1e-12 }
        };
        let [held, linear, own] = ["P.h", "P.l", "P.o"].map(|name| traces(&ran, name));
        let [first, reversed] = ["P.start", "P.reversed"].map(|name| traces(&ran, name));
        assert_eq!(held.len(), 30 * 70);
        let element = |row: usize, column: usize| current[row.min(8) * 70 + column];
        for step in 0..30 {
            for neuron in 0..70 {
                let at = step * 70 + neuron;
                assert!(same(held[at], element(step / 2, neuron)), "{ways:?}: held, step {step}, neuron {neuron}");
                let (row, rest) = (step / 3, step % 3);
                let between = element(row, 3) + (element(row + 1, 3) - element(row, 3)) * rest as f64 / 3.0;
                assert!(same(linear[at], between), "{ways:?}: linear, step {step}: {} {between}", linear[at]);
                let wanted = element(2, neuron) * 10.0 + element(8, 69) + 3.0;
                assert!(same(own[at], wanted), "{ways:?}: own, neuron {neuron}");
                // Volts in the file, millivolts inside.
                assert!(same(first[at], start[neuron] * 1000.0), "{ways:?}: start of {neuron}");
                assert!(same(reversed[at], start[69 - neuron] * 1000.0), "{ways:?}: reversed start of {neuron}");
            }
        }
    }
}

#[test]
fn connections_are_those_of_the_file() {
    let matrix = numbers("W");
    for ways in WAYS {
        let ran = run(&case("connections.bp"), ways);
        let [sparse, dense] = ["B.V", "C.V"].map(|name| traces(&ran, name));
        let last = &sparse[9 * 70..];
        for target in 0..70 {
            let sum: f64 = (0..5).map(|source| matrix[source * 70 + target]).sum();
            assert!((last[target] - sum).abs() < 1e-5, "{ways:?}: target {target}: {} {sum}", last[target]);
        }
        // What is left out are zeros: no bit differs.
        assert_eq!(sparse, dense, "{ways:?}");
        // Delays of 0.5, 0.1, 0.3, 0.4 and 0.2 ms: a spike of step 0 is delivered in step d.
        let listed = traces(&ran, "D.V");
        let arrivals: [(usize, usize, f64); 5] = [(1, 69, 2.0), (2, 1, 16.0), (3, 3, 4.0), (4, 0, 8.0), (5, 3, 1.0)];
        for step in 0..10 {
            for target in 0..70 {
                let there = arrivals.iter().filter(|(d, to, _)| *d <= step && *to == target);
                let sum: f64 = there.map(|(.., weight)| weight).sum();
                assert!((listed[step * 70 + target] - sum).abs() < 1e-12, "{ways:?}: step {step}, target {target}");
            }
        }
        // The matrix S of compiler/data/tests/files/generate.py: (0,1)=1, (2,0)=2, (0,3)=3, (1,2)=4.
        assert_eq!(traces(&ran, "G.V")[9 * 4..], [2.0, 1.0, 4.0, 3.0], "{ways:?}");
    }
    let counted = run_json(&["run", &text(&case("connections.bp"))]);
    let nonzero = matrix.iter().filter(|&&weight| weight != 0.0).count() as u64;
    assert_eq!(counted["n_synapses"].as_u64(), Some(nonzero + 350 + 5 + 4), "{counted}");
}

/// Probabilities of 0 and 1 in a matrix are the connections themselves.
#[test]
fn probabilities_from_a_matrix() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.bp");
    fs::copy(case("numbers.npz"), folder.path().join("numbers.npz")).expect("copied");
    let network = "data W = file(\"numbers.npz\", \"W\")
neuron Source { state V : 1 = 0  spike when t < 0.05 ms { V = 0 } }
neuron Sink { state V : 1 = 0 }
receptor Count { post V : 1  on spike(w) { V += w } }
network Net {
    population A[5] : Source
    population B[70] : Sink
    project A -> B { connect probability(if W[i, j] > 0 then 1 else 0)  weight ~ W[i, j]  receptor Count }
}
simulate Net { dt 0.1 ms  duration 1 ms  record B.V }
";
    fs::write(&path, network).expect("written");
    let matrix = numbers("W");
    for ways in WAYS {
        let last = &traces(&run(&path, ways), "B.V")[9 * 70..];
        for (target, value) in last.iter().enumerate() {
            let sum: f64 = (0..5).map(|source| matrix[source * 70 + target].max(0.0)).sum();
            assert!((value - sum).abs() < 1e-5, "{ways:?}: target {target}: {value} {sum}");
        }
    }
}

/// A network in which everything that can be a list is one: from the file, or written out.
fn network(list: impl Fn(&str, &str) -> String) -> String {
    format!(
        "neuron Cell {{ input I : mV  state V : mV = 0 mV  V' = (I - V) / 10 ms  spike when V > 4 mV {{ V = 0 mV }} }}
receptor Jump {{ post V : mV  on spike(w) {{ V += w }} }}
data start : V = {}
data current : mV = {}
data strength : uV = {}
data source = {}
data target = {}
network Net {{
    population P[70] : Cell
    init P.V = start[i] + 65 mV
    drive P.I = 20 mV * (1 + abs(current[t every 1 ms, i] / 1 mV))
    project P -> P {{ connect pairs(source, target)  weight ~ strength[k] * lognormal(0, 1)  receptor Jump }}
}}
simulate Net {{ dt 0.1 ms  duration 60 ms  record P.spikes  record P.V every 5 ms }}
",
        list("start", "70"),
        list("current", "9 70"),
        list("strength", "5"),
        list("source", "5"),
        list("target", "5"),
    )
}

#[test]
fn a_list_and_a_file_are_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(case("numbers.npz"), folder.path().join("numbers.npz")).expect("copied");
    let read = |name: &str| match name {
        "strength" => vec![1.0, 2.0, 4.0, 8.0, 16.0],
        "source" => vec![4.0, 0.0, 4.0, 2.0, 4.0],
        "target" => vec![3.0, 69.0, 3.0, 0.0, 1.0],
        other => numbers(other),
    };
    let row = |values: &[f64]| values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(", ");
    let written = network(|name, shape| match shape.split_once(' ') {
        None => format!("[{}]", row(&read(name))),
        Some(_) => {
            let rows: Vec<String> = read(name).chunks(70).map(|values| format!("[{}]", row(values))).collect();
            format!("[{}]", rows.join(", "))
        }
    });
    let filed = network(|name, _| format!("file(\"numbers.npz\", \"{name}\")"));
    let results: Vec<(String, Vec<f64>)> = [("written.bp", written), ("filed.bp", filed)]
        .into_iter()
        .map(|(name, source)| {
            let path = folder.path().join(name);
            fs::write(&path, source).expect("written");
            let hash = run_json(&["run", &text(&path)])["spike_hash"].as_str().expect("text").to_owned();
            (hash, traces(&run(&path, &[]), "P.V"))
        })
        .collect();
    assert!(results[0].1.iter().any(|&v| v != 0.0));
    assert_eq!(results[0], results[1]);
}

/// What one run records is data of the next.
#[test]
fn traces_of_a_run_are_data() {
    let ran = run(&case("elements.bp"), &[]);
    let network = "neuron Cell { state V : 1 = 0 }
data trace = file(\"traces.npz\", \"P.l\")
data time : ms = file(\"traces.npz\", \"P.l_time_ms\")
network Net {
    population P[trace.columns] : Cell
    population Q[time.size] : Cell
    init P.V = trace[7, i]
    init Q.V = time[i] / 1 ms
}
simulate Net { dt 1 ms  duration 1 ms  record P.V, Q.V }
";
    let path = ran.path().join("next.bp");
    fs::write(&path, network).expect("written");
    let next = run(&path, &[]);
    assert_eq!(traces(&next, "P.V"), traces(&ran, "P.l")[7 * 70..8 * 70]);
    assert_eq!(traces(&next, "Q.V"), traces(&ran, "P.l_time_ms"));
}

/// The spikes of one run are those of a population of the next, by their steps and by their times.
#[test]
fn spikes_of_a_run_are_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = folder.path().join("first.bp");
    let network = "neuron Clock { param T = 3 ms  state V : 1 = 0  V' = 1 / T  spike when V > 1 { V = V - 1 } }
network Net { population A[100] : Clock  init A.V ~ uniform(0, 1) }
simulate Net { dt 0.1 ms  duration 50 ms  record A.spikes }
";
    fs::write(&first, network).expect("written");
    let ran = run(&first, &[]);
    let spikes = Spikes::read(ran.path(), "A");
    assert!(spikes.step.len() > 1000);
    for (word, array) in [("steps", "A_step"), ("times", "A_time_ms")] {
        let unit = if word == "times" { " : ms" } else { "" };
        let network = format!(
            "data n = file(\"spikes.npz\", \"A_neuron\")
data moments{unit} = file(\"spikes.npz\", \"{array}\")
neuron Sink {{ state V : 1 = 0 }}
receptor Count {{ post V : 1  on spike(w) {{ V += w }} }}
network Net {{
    population A[100] : spikes {{ neurons = n, {word} = moments }}
    population B[100] : Sink
    project A -> B {{ connect one_to_one  weight 1  receptor Count }}
}}
simulate Net {{ dt 0.1 ms  duration 51 ms  record A.spikes  record B.V every 51 ms }}
"
        );
        let path = ran.path().join("next.bp");
        fs::write(&path, network).expect("written");
        for ways in WAYS {
            let next = run(&path, ways);
            assert_eq!(Spikes::read(next.path(), "A"), spikes, "{word} {ways:?}");
            let counts: Vec<f64> =
                (0..100).map(|neuron| spikes.neuron.iter().filter(|&&it| it == neuron).count() as f64).collect();
            assert_eq!(traces(&next, "B.V"), counts, "{word} {ways:?}");
        }
    }
}

/// A library carries its data: it is the same network without the files.
#[test]
fn a_library_needs_no_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("source");
    fs::create_dir(&source).expect("a folder");
    for name in ["connections.bp", "numbers.npz", "sparse.npz"] {
        fs::copy(case(name), source.join(name)).expect("copied");
    }
    let path = source.join("connections.bp");
    let output = crate::bpc::bpc(&["compile", &text(&path), "--kind", "shared", "-o", &text(folder.path())]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let ran = run(&path, &[]);
    fs::remove_dir_all(&source).expect("removed");
    let session = bpc_core::execute::Session::open(&folder.path().join("libnet.so"), "net").expect("opens");
    let mut instance = session.create(0, 2).expect("memory");
    instance.step(10).expect("finite");
    for (population, size) in [("B", 70), ("C", 70), ("D", 70), ("G", 4)] {
        let state = format!("{population}.V");
        assert_eq!(instance.state(&state).expect("a state"), traces(&ran, &state)[9 * size..], "{state}");
    }
}

/// A link, a folder and a file that is too large are no data.
#[test]
fn files_outside_and_no_files_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path().join("project");
    fs::create_dir_all(project.join("folder.npy")).expect("a folder");
    fs::copy(case("numbers.npz"), folder.path().join("outside.npz")).expect("copied");
    std::os::unix::fs::symlink(folder.path().join("outside.npz"), project.join("link.npz")).expect("linked");
    let large = fs::File::create(project.join("large.npy")).expect("a file");
    large.set_len((256 << 20) + 1).expect("sparse");
    for (call, code, part) in [
        ("file(\"link.npz\", \"W\")", "E0456", "outside the project"),
        ("file(\"folder.npy\")", "E0455", "not a regular file"),
        ("file(\"large.npy\")", "E0455", "larger than 256 MiB"),
        ("file(\"a\\b.npy\")", "E0456", "outside the project"),
    ] {
        let path = project.join("net.bp");
        fs::write(&path, format!("data W = {call}\n")).expect("written");
        let output = crate::bpc::bpc(&["check", &text(&path)]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success() && told.contains(code) && told.contains(part), "{call}: {told}");
    }
}
