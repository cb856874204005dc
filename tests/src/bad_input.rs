//! What a user may write that cannot be: sizes beyond 32 and 64 bits, values that stop a run, and what is left behind.
//! (Each kind of mistake by itself: `cases/errors`. Files of data: `compiler/data/tests`.)

use crate::bpc::program;
use crate::statistics::array;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const HEAD: &str = "use std::neurons::LIF\nuse std::receptors::Delta\n";
const SIMULATE: &str = "simulate Net { dt 0.1 ms  duration 10 ms  record E.spikes  record E.V }\n";

/// Exit code and standard error of a run in a folder. A minute is far more than any of these takes: a hang is a failure.
#[track_caller]
fn run(folder: &Path, source: &str, more: &[&str]) -> (i32, String) {
    fs::write(folder.join("net.bp"), source).expect("written");
    let mut command = Command::new(program());
    command.args([&["run", "net.bp", "--quiet", "--out", "new/results"], more].concat()).current_dir(folder);
    let errors = fs::File::create(folder.join("errors")).expect("a file");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors).spawn().expect("bpc starts");
    let begin = Instant::now();
    let status = loop {
        match child.try_wait().expect("a process of ours") {
            Some(status) => break status,
            None if begin.elapsed() > Duration::from_secs(60) => {
                child.kill().expect("a process of ours");
                panic!("a minute is over:\n{source}");
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    let told = fs::read_to_string(folder.join("errors")).expect("text");
    assert!(!told.contains("panicked") && !told.contains("internal error"), "{source}\n{told}");
    (status.code().expect("no signal"), told)
}

fn network(body: &str) -> String {
    format!("{HEAD}network Net {{\n population E[10] : LIF\n {body}\n}}\n{SIMULATE}")
}

/// Refused with this code at this line of the source, and nothing is written.
#[track_caller]
fn refused(source: &str, code: &str, line: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let (exit, told) = run(folder.path(), source, &[]);
    assert_eq!(exit, 1, "{source}\n{told}");
    let place = format!("net.bp:{line}:");
    assert!(told.contains(&format!("error[{code}]")) && told.contains(&place), "{code} at {place}\n{source}\n{told}");
    assert!(!folder.path().join("new").exists(), "{source}");
}

/// 2^31, 2^63, 2^64 and beyond, at every place that takes a size.
#[test]
fn sizes_beyond_32_and_64_bits_are_refused() {
    for size in ["2147483648", "9223372036854775808", "18446744073709551616", "1e30", "2^31", "2^1000"] {
        for statement in [
            "population A[SIZE] : LIF",
            "population A[10] : LIF at grid(rows = SIZE, columns = SIZE, spacing = 1 um)",
            "project E -> E { connect fixed_in_degree(SIZE, with_replacement)  weight 1 mV  receptor Delta }",
            "project E -> E { connect fixed_out_degree(SIZE, with_replacement)  weight 1 mV  receptor Delta }",
            "project E -> E { connect small_world(SIZE, 0.1)  weight 1 mV  receptor Delta }",
            "project E -> E { connect scale_free(SIZE)  weight 1 mV  receptor Delta }",
            "project E -> E { connect scale_free(1, otherwise = SIZE, probability = 0.5)  weight 1 mV  receptor Delta }",
        ] {
            refused(&network(&statement.replace("SIZE", size)), "E0408", 5);
        }
        let instances =
            format!("{HEAD}network Net {{ instance a[{size}] : Sub() }}\nnetwork Sub {{ population E : LIF }}\n");
        refused(&(instances + "simulate Net { dt 0.1 ms  duration 10 ms }\n"), "E0408", 3);
    }
    for size in ["18446744073709551616", "1e19"] {
        let total =
            format!("project E -> E {{ connect fixed_total({size}, with_replacement)  weight 1 mV  receptor Delta }}");
        refused(&network(&total), "E0408", 5);
        let record = network("").replace("record E.V", &format!("record E.V[0..{size}]"));
        refused(&record, "E0408", 7);
    }
    refused(&network("population A[1e200 * 1e200] : LIF"), "E0306", 5);
    refused(&network("population A[-1] : LIF"), "E0407", 5);
}

#[test]
fn times_beyond_all_steps_are_refused() {
    for time in ["1e12 s", "1e30 s", "1e300 s"] {
        let delay = format!("project E -> E {{ connect all_to_all  weight 1 mV  delay {time}  receptor Delta }}");
        refused(&network(&delay), "E0408", 5);
        refused(&network(&delay.replace("delay ", "delay ~ ")), "E0408", 5);
    }
    for time in ["1e30 s", "1e300 s"] {
        refused(&network("").replace("10 ms", time), "E0508", 7);
        refused(&network(&format!("population A : spikes {{ [{time}] }}")), "E0508", 5);
    }
    refused(&network("").replace("0.1 ms", "1e-300 ms"), "E0508", 7);
    refused(&network("stimulate E { poisson 1e30 Hz  weight 1 mV  receptor Delta }"), "E0530", 5);
}

/// A refractory time that no counter holds lasts to the end.
#[test]
fn a_refractory_time_may_be_for_ever() {
    for (time, precision) in
        [("1e30 s", "f64"), ("1e300 s", "f64"), ("1e30 s", "f32"), ("429496729.7 ms", "f64"), ("214748364.8 ms", "f32")]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let body = format!(
            "population A : LIF {{ t_ref = {time} }}  population B[3] : LIF {{ t_ref = {time} * (1 + i) }}  drive A.I, B.I = 100 mV"
        );
        let source = network(&body).replace("record E.V", "record A.spikes, B.spikes");
        let (exit, told) = run(folder.path(), &source, &["--precision", precision]);
        assert_eq!(exit, 0, "{told}");
        let spikes = folder.path().join("new/results/spikes.npz");
        assert_eq!(array::<u32>(&spikes, "A_neuron"), [0], "{time} {precision}");
        assert_eq!(array::<u32>(&spikes, "B_neuron"), [0, 1, 2], "{time} {precision}");
    }
}

/// Whatever stops `bpc` before the first step, there is no folder afterwards; one that was there is as it was.
#[test]
fn nothing_is_written_before_the_first_step() {
    let all = "population A[1000000000] : LIF  project A -> A { connect all_to_all  weight 1 mV  receptor Delta }";
    let one = "population A[3000] : LIF  project A -> A { connect probability(if i == 2011 and j == 1234 then 1.5 else 0)  weight 1 mV  receptor Delta }";
    for (body, code, part) in [
        ("drive E.I = 1 nS", 1, "E0302"),
        ("population A : LIF method milstein", 1, "cannot be integrated so"),
        (all, 3, "does not fit into memory"),
        (one, 3, "neuron 2011 connects to neuron 1234 is 1.5"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let (exit, told) = run(folder.path(), &network(body), &[]);
        assert!(exit == code && told.contains(part), "{body}: {exit}\n{told}");
        assert!(!folder.path().join("new").exists(), "{body} leaves a folder");
        fs::create_dir_all(folder.path().join("new/results")).expect("made");
        fs::write(folder.path().join("new/results/run.json"), "of before").expect("written");
        run(folder.path(), &network(body), &[]);
        let files: Vec<_> = fs::read_dir(folder.path().join("new/results")).expect("is there").collect();
        assert_eq!(files.len(), 1, "{body}: {files:?}");
        let left = fs::read_to_string(folder.path().join("new/results/run.json")).expect("text");
        assert_eq!(left, "of before", "{body}");
    }
}

/// A run that a number stops says where, and its files are whole and say that it is not.
#[test]
fn what_stops_in_the_middle_is_told_in_whole_files() {
    let grows = "neuron Grows { state x : 1 = 1  x' = x^2 / 1 ms  spike when x > 1e9 { x = x }";
    for (neuron, part) in [
        (format!("{grows}  method euler }}"), "of neuron 0 became"),
        (format!("{grows}  method dormand_prince }}"), "did not reach the end of the step for neuron 0"),
        (
            format!("{grows}  method implicit_euler {{ limit = 5 }} }}"),
            "did not reach the end of the step for neuron 0",
        ),
        (
            "neuron Grows { state x : 1 = 0  state y : 1 = 0  y' = sqrt(0.55 - t / 1 ms) / 1 ms  spike when y > 1e9 { } }"
                .to_owned(),
            "of neuron 0 became NaN",
        ),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let source = format!(
            "{neuron}\nnetwork Net {{ population A : Grows }}\n\
             simulate Net {{ dt 0.1 ms  duration 10 s  record A.x  record A.spikes }}\n"
        );
        let (exit, told) = run(folder.path(), &source, &[]);
        assert!(exit == 3 && told.contains(part) && told.contains('A'), "{neuron}: {exit}\n{told}");
        let results = folder.path().join("new/results");
        let record: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(results.join("run.json")).expect("text")).expect("JSON");
        assert_eq!(record["complete"], false, "{record}");
        let samples: Vec<f64> = array(&results.join("traces.npz"), "A.x");
        let steps = record["results"]["steps"].as_u64().expect("a number");
        assert_eq!(samples.len() as u64, steps, "{neuron}");
        assert!(steps < 100_000, "{neuron}");
        array::<u64>(&results.join("spikes.npz"), "A_step");
        assert_eq!(fs::read_dir(&results).expect("is there").count(), 3, "nothing else is left");
    }
}

/// A rate that becomes absurd while running neither hangs nor is drawn as something else.
#[test]
fn a_rate_without_bound_ends_the_run() {
    for (rate, precision) in [
        ("1 kHz * exp(t / 0.1 ms)", "f64"),
        ("1 kHz * exp(t / 0.1 ms)", "f32"),
        ("sqrt(1 ms - t) * 1 kHz / (1 ms)^(1/2)", "f64"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let source = network(&format!("stimulate E {{ poisson {rate}  weight 1e-9 mV  receptor Delta }}"));
        let (exit, told) = run(folder.path(), &source, &["--precision", precision]);
        assert!(exit == 3 && told.contains("E.V of neuron 0 became NaN"), "{rate}: {exit}\n{told}");
    }
}
