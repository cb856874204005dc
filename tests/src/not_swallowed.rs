//! What is no number is told where it arises, and neither becomes a number again nor is written as a result; results of two runs
//! are never mixed; what takes too long is refused or announced.

use crate::bpc::{program, run_json, text};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Exit code and standard error of a run of this text in a folder.
fn run(folder: &Path, source: &str, more: &[&str]) -> (Option<i32>, String) {
    fs::write(folder.join("net.bp"), source).expect("written");
    let mut command = Command::new(program());
    command.args([&["run", "net.bp", "--quiet"], more].concat()).current_dir(folder).stdin(Stdio::null());
    let output = command.output().expect("bpc starts");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn told(source: &str, more: &[&str]) -> (Option<i32>, String) {
    run(TempDir::new().expect("a folder").path(), source, more)
}

/// `log` of -1, in every place of every function that chooses between values.
#[test]
fn functions_that_choose_keep_nan() {
    for value in [
        "min(n, 1)",
        "min(1, n)",
        "max(n, 1)",
        "max(1, n)",
        "min(n, x)",
        "min(x, n)",
        "max(n, x)",
        "max(x, n)",
        "max(n, p)",
        "min(p, n)",
        "min(p, q)",
        "max(q, x)",
        "clip(n, 0, 5)",
        "clip(x, n, 5)",
        "clip(x, -5, n)",
        "sign(n)",
        "bernoulli(n)",
    ] {
        let source = format!(
            "neuron N {{\n  param p : 1 = 2\n  let q = sqrt(p - 3)\n  state x : 1 = -1  state y : 1 = 0  state z : 1 = 0\n  \
             let n = log(x)\n  x(t + dt) = x\n  y(t + dt) = {value}\n  z(t + dt) = if y > 2 or y <= 2 then 1 else 0\n}}\n\
             network Net {{ population A[9] : N }}\nsimulate Net {{ dt 0.1 ms  duration 1 ms }}\n"
        );
        for precision in ["f64", "f32"] {
            let (code, text) = told(&source, &["--precision", precision]);
            let place = "A.y of neuron 0 became NaN";
            assert!(code == Some(3) && text.contains(place), "{value}, {precision}: {code:?} {text}");
        }
    }
}

#[test]
fn delays_and_bounded_weights_keep_nan() {
    let network = |clauses: &str| {
        format!(
            "use std::receptors::Delta\nneuron L {{ input I : mV  state V : mV = 0 mV  V' = (I - V) / 10 ms  spike when V > 10 mV {{ V = 0 mV }} }}\n\
             plasticity P {{ weight w  on post {{ w += 0.1 mV }} }}\n\
             plasticity W {{ weight w  on pre {{ w = 1 mV * sqrt(w / 1 mV - 2) }}  bound w in 0.5 mV .. 3 mV }}\n\
             network X {{ population A[3] : L  population B[3] : L  drive A.I = 15 mV\n\
             project p: A -> B {{ connect all_to_all  weight 1 mV  receptor Delta  {clauses} }} }}\n\
             simulate X {{ dt 0.1 ms  duration 20 ms }}\n"
        )
    };
    let late = "min(1 ms * sqrt(i - 2), 5 ms)";
    for (clauses, part) in [
        (format!("delay ~ {late}"), "the delay of the synapse from neuron 0 to neuron 0 is NaN"),
        (format!("plasticity P  post_delay ~ {late}"), "post_delay of the synapse from neuron 0 to neuron 0 is NaN"),
        ("plasticity W".to_owned(), "p.weight of the synapse from neuron 0 to neuron 0 became NaN"),
    ] {
        for precision in ["f64", "f32"] {
            let (code, text) = told(&network(&clauses), &["--precision", precision]);
            assert!(code == Some(3) && text.contains(part), "{clauses}, {precision}: {code:?} {text}");
        }
    }
}

/// 1 / (1 - k / 4) after step k: infinite after the fifth step, and finite again before all states are looked through.
#[test]
fn what_is_recorded_is_finite_or_ends_the_run() {
    let source = |what: &str| {
        format!(
            "neuron E {{ state x : 1 = 1  state y : 1 = 1  let z = 1 / x  x(t + dt) = x - 0.25  y(t + dt) = 1 / x }}\n\
             network X {{ population C : E }}\nsimulate X {{ dt 0.1 ms  duration 20 ms  record {what} }}\n"
        )
    };
    for (what, part, steps) in [
        ("C.y", "C.y of neuron 0 became infinite in step 4 (t = 0.4 ms); last finite value 4", 5),
        ("C.y every 0.5 ms", "C.y of neuron 0 became infinite in step 4", 5),
        ("C.z", "C.z of neuron 0 became infinite in step 3", 4),
    ] {
        for threads in ["1", "2"] {
            let folder = TempDir::new().expect("a folder");
            let (code, text) = run(folder.path(), &source(what), &["--out", "o", "--threads", threads]);
            assert!(code == Some(3) && text.contains(part), "{what}: {code:?} {text}");
            let record = json(&folder.path().join("o/run.json"));
            assert!(record["complete"] == false && record["results"]["steps"] == steps, "{what}: {record}");
        }
    }
    // Never written down.
    for what in ["C.x", "C.y every 0.3 ms"] {
        let (code, text) = told(&source(what), &[]);
        assert_eq!(code, Some(0), "{what}: {text}");
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("JSON")
}

/// Files may be no longer than what the second run needs: it fails, or is killed, and the first one's results are there whole.
#[test]
fn a_run_that_cannot_be_written_leaves_the_one_before() {
    let source = "neuron L { input I : mV  state V : mV = 0 mV  V' = (I - V) / 10 ms  spike when V > 10 mV { V = 0 mV } }\n\
        network X { population A[10] : L  drive A.I = 15 mV }\n\
        simulate X { dt 0.1 ms  duration 10 ms  record A.V  record A.spikes }\n";
    for before in ["trap '' XFSZ", "true"] {
        let folder = TempDir::new().expect("a folder");
        assert_eq!(run(folder.path(), source, &["--out", "o"]).0, Some(0));
        let files = || {
            let names = fs::read_dir(folder.path().join("o")).expect("a folder").map(|f| f.expect("a file").path());
            let mut files: Vec<_> = names
                .filter(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".bpc-")))
                .map(|path| (path.clone(), fs::read(path).expect("bytes")))
                .collect();
            files.sort();
            files
        };
        let first = files();
        // 10 neurons at 5000 steps are 400 kB; the spikes are far fewer.
        let script = format!("{before}; ulimit -f 128; exec \"$0\" run net.bp --quiet --out o --duration 500ms");
        let mut command = Command::new("bash");
        command.args(["-c", &script]).arg(program()).current_dir(folder.path()).stdin(Stdio::null());
        let output = command.output().expect("a shell");
        assert!(!output.status.success());
        assert!(files() == first, "{before}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(json(&folder.path().join("o/run.json"))["complete"], true);
    }
}

/// `i == j` is found without asking every pair, and draws the same; a pair of conditions is asked.
#[test]
fn equal_indices_are_one_to_one() {
    let source = |rule: &str, size: u64| {
        format!(
            "use std::neurons::LIF\nuse std::receptors::Delta\nnetwork X {{\n  population A[{size}] : LIF  population B[{size}] : LIF\n  \
             init A.V, B.V ~ normal(-55 mV, 3 mV)\n  drive A.I = 20 mV\n  project p: A -> B {{ connect {rule}  weight ~ normal(20 mV, 5 mV)  delay ~ uniform(1 ms, 5 ms)  receptor Delta }}\n}}\n\
             simulate X {{ dt 0.1 ms  duration 30 ms }}\n"
        )
    };
    let folder = TempDir::new().expect("a folder");
    let hash = |rule: &str, size: u64| {
        let path = folder.path().join("net.bp");
        fs::write(&path, source(rule, size)).expect("written");
        let found = run_json(&["run", &text(&path)]);
        (found["n_synapses"].clone(), found["spike_hash"].clone())
    };
    let asked = hash("where(i == j and i >= 0)", 300);
    assert_eq!(asked.0, 300);
    for rule in ["where(i == j)", "where(j == i)", "one_to_one"] {
        assert_eq!(hash(rule, 300), asked, "{rule}");
    }
    // 4 * 10^10 pairs would take minutes.
    assert_eq!(hash("where(i == j)", 200_000).0, 200_000);
}

#[test]
fn the_message_names_what_is_wrong() {
    let rate = "use std::neurons::LIF\nuse std::receptors::Delta\nnetwork X {\n  population A[3] : LIF\n  \
        stimulate A { poisson 1 kHz * sqrt(i - 1)  weight 1 mV  receptor Delta }\n}\nsimulate X { dt 0.1 ms  duration 10 ms }\n";
    let (code, text) = told(rate, &[]);
    assert!(code == Some(3) && text.contains("A.V of neuron 0 became NaN"), "{text}");
    let place = "the rate of the Poisson source at net.bp:5:3 is NaN for neuron 0";
    assert!(text.contains(place) && !text.contains("smaller"), "{text}");

    let net = "use std::neurons::LIF\nnetwork X(g: mV = 1 mV) { population A : LIF  drive A.I = g }\n\
        simulate X { dt 0.1 ms  duration 1 ms }\n";
    for (set, part, other) in [
        (["g=5 mV", "g=6 mV"], "`g` is given twice", "there is no parameter"),
        (["h=5 mV", "h=6 mV"], "`h` is given twice", "again here\n --> net.bp"),
    ] {
        let (code, text) = told(net, &["--set", set[0], "--set", set[1]]);
        assert!(code == Some(1) && text.contains(part) && !text.contains(other), "{text}");
    }
}
