//! What stops a run, or keeps it from starting, is told with its place and with what helps; `bpc check` tells what `bpc run`
//! would refuse.

use crate::bpc;
use std::fs;
use tempfile::TempDir;

/// Exit code and standard error of a command on a file with this text.
fn told(command: &str, source: &str) -> (Option<i32>, String) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("net.bp");
    fs::write(&path, source).expect("written");
    let output = bpc::bpc(&[command, &bpc::text(&path)]);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn network(body: &str) -> String {
    format!(
        "use std::neurons::LIF\nuse std::receptors::Delta\ndata late = [3, -20, 1]\nnetwork Net {{\n  population E[3] : LIF\n  \
         project one: E -> E {{ connect one_to_one  weight 1 mV  receptor Delta }}\n  {body}\n}}\n\
         simulate Net {{ dt 0.1 ms  duration 10 ms }}\n"
    )
}

/// (-20) ms for every pair from neuron 1; log(-1), which is NaN, from neuron 0; and the same of the spikes of targets.
#[test]
fn delays_below_zero_and_no_numbers_end_the_build() {
    let rule = "plasticity R { weight w  on post(w) { w += 0.1 mV } }\n";
    for (clause, value) in [
        ("delay ~ 1 ms * late[i]", "the delay of the synapse from neuron 1 to neuron 0 is below zero"),
        ("delay ~ 0.1 ms * late[i] - 0.3 ms", "the delay of the synapse from neuron 1 to neuron 0 is below zero"),
        ("delay ~ 1 ms * log(i - 1)", "the delay of the synapse from neuron 0 to neuron 0 is NaN"),
        ("delay ~ 1 ms * log(i + 1) - 0.1 ms", "the delay of the synapse from neuron 0 to neuron 0 is below zero"),
        (
            "post_delay ~ 1 ms * late[i]  plasticity R",
            "post_delay of the synapse from neuron 1 to neuron 0 is below zero",
        ),
    ] {
        let source =
            network(&format!("project all: E -> E {{ connect all_to_all  weight 1 mV  {clause}  receptor Delta }}"));
        let (code, text) = told("run", &format!("{source}{rule}"));
        assert!(code == Some(3) && text.contains(value), "{clause}: {code:?} {text}");
        assert!(text.contains("`all` is declared at ") && text.contains("net.bp:7:"), "{clause}: {text}");
    }
    // Drawn below one step, or below zero at pairs that are not connected: as before.
    for body in [
        "project all: E -> E { connect all_to_all  weight 1 mV  delay ~ normal(0.1 ms, 1 ms)  receptor Delta }",
        "project all: E -> E { connect where(i != 1)  weight 1 mV  delay ~ 1 ms * late[i]  receptor Delta }",
    ] {
        let (code, text) = told("run", &network(body));
        assert_eq!(code, Some(0), "{body}: {text}");
    }
}

#[test]
fn what_starts_as_no_number_is_told_as_such() {
    for (body, start) in [
        ("init E.V = -60 mV * sqrt(i - 1)", "E.V of neuron 0 is NaN before the first step"),
        ("population F[3] : LIF { tau = 10 ms * (1 + sqrt(i - 1)) }", "F.tau of neuron 0 is NaN before the first step"),
    ] {
        let (code, text) = told("run", &network(body));
        assert!(code == Some(3) && text.contains(start), "{body}: {text}");
        assert!(text.contains("look at its `init`") && !text.contains("smaller"), "{body}: {text}");
    }
    let (code, text) = told("run", &network("population F : LIF { tau = 10 ms * log(-1) }"));
    assert!(code == Some(1) && text.contains("E0306") && text.contains("`F.tau` is not a finite number"), "{text}");
}

#[test]
fn exponentials_that_overflow_are_named() {
    let cell = "neuron X { state V : mV = 0 mV  V' = 2 mV * exp(V / 2 mV) / 1 ms }\n";
    let source = format!("{cell}{}", network("population F : X"));
    let (code, text) = told("run", &source);
    assert!(code == Some(3) && text.contains("F.V of neuron 0 became") && text.contains("exp(min("), "{text}");
    assert!(text.contains("`F` is declared at "), "{text}");
    let grows = "neuron X { state V : mV = 1 mV  V' = V^2 / 1 mV / 1 ms  method euler }\n";
    let (code, text) = told("run", &format!("{grows}{}", network("population F : X").replace("10 ms }", "1000 ms }")));
    assert!(code == Some(3) && text.contains("smaller `dt`") && !text.contains("exp(min("), "{text}");
}

#[test]
fn check_tells_what_run_refuses() {
    for (equation, line, help) in [
        ("x' = -x^2 / 1 ms\n  method exact", 4, "leave `method` out"),
        ("x' = -x / 1 ms\n  method milstein", 4, "leave `method` out"),
        ("x' = -x / 1 ms + x * xi * 1 ms^(-1/2)\n  method dormand_prince", 4, "leave `method` out"),
        ("x' = -x / 1 ms + xi * xi", 2, "noise is a summand"),
    ] {
        let source = format!(
            "neuron N {{\n  state x : 1 = 1\n  {equation}\n}}\nnetwork Net {{ population A : N }}\nsimulate Net {{ dt 0.1 ms  duration 1 ms }}\n"
        );
        for command in ["check", "run"] {
            let (code, text) = told(command, &source);
            assert!(code == Some(1) && text.contains("E0900") && text.contains(help), "{command} {equation}: {text}");
            assert!(text.contains(&format!("net.bp:{line}:")), "{command} {equation}: {text}");
        }
    }
}
