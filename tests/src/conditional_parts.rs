//! Parts of networks under a condition: what is there is as if it had been written without the `if`.

use crate::bpc::{bpc, text};
use crate::spike_trains::Run;

const HEAD: &str = "use std::neurons::LIF
use std::receptors::Delta
";

const BODY: &str = "
    population E[40] : LIF
    init E.V ~ uniform(-65 mV, -50 mV)
    drive E.I = 18 mV
    project exc: E -> E { connect fixed_probability(0.2)  weight ~ uniform(0 mV, 0.5 mV)  receptor Delta }";

const INHIBITION: &str = "
    population I[n] : LIF
    drive I.I = 20 mV
    project inh: I -> E { connect fixed_probability(0.5)  weight ~ uniform(-0.5 mV, 0 mV)  receptor Delta }";

const TAIL: &str = "
    project last: E -> E { connect fixed_in_degree(3)  weight 0.1 mV  receptor Delta }";

fn network(name: &str, parameters: &str, parts: &str) -> String {
    format!("network {name}({parameters}) {{{BODY}{parts}{TAIL}\n}}\n")
}

fn simulated(networks: &str, instance: bool) -> String {
    let records = if instance { "record part.E.V every 1 ms" } else { "record E.V every 1 ms" };
    format!("{HEAD}{networks}simulate Net {{ dt 0.1 ms  duration 50 ms  seed 9  {records} }}\n")
}

#[test]
fn a_branch_is_as_if_it_stood_alone() {
    let (with, without) = (network("Net", "n: count = 10", INHIBITION), network("Net", "n: count = 10", ""));
    let with = Run::of(&simulated(&with, false), 0.1, &[]).values("E.V");
    let without = Run::of(&simulated(&without, false), 0.1, &[]).values("E.V");
    assert_ne!(with, without);
    let parts = format!("
    let half = scale / 2
    if inhibited and half > 0.2 {{ {INHIBITION} }} else if n > 100 {{ population Other[n] : LIF }} else {{ data nothing = [n] }}");
    let parameters = "n: count = 10, scale = 0.5, inhibited = true";
    let source = simulated(&network("Net", parameters, &parts), false);
    assert_eq!(Run::of(&source, 0.1, &[]).values("E.V"), with);
    assert_eq!(Run::of(&source, 0.1, &["--threads", "2"]).values("E.V"), with);
    // A parameter that decides is fixed when the network is compiled, and read anew for each `--set`.
    assert_eq!(Run::of(&source, 0.1, &["--set", "inhibited=false"]).values("E.V"), without);
    assert_eq!(Run::of(&source, 0.1, &["--set", "scale=0.3"]).values("E.V"), without);
    // Of networks inside, by arguments and from outside.
    let inner = network("Part", parameters, &parts);
    let source =
        |arguments: &str| simulated(&format!("{inner}network Net {{ instance part : Part({arguments}) }}\n"), true);
    assert_eq!(Run::of(&source(""), 0.1, &[]).values("part.E.V"), with);
    assert_eq!(Run::of(&source("inhibited = false"), 0.1, &[]).values("part.E.V"), without);
    assert_eq!(Run::of(&source(""), 0.1, &["--set", "part.inhibited=false"]).values("part.E.V"), without);
    // Each element of an array decides for itself.
    let array = format!("{inner}network Net {{ instance part[k in 0..3] : Part(inhibited = k == 1) }}\n");
    let array = format!(
        "{HEAD}{array}simulate Net {{ dt 0.1 ms  duration 1 ms  record part[0..3].E.V, part[1].I.V every 1 ms }}\n"
    );
    assert_eq!(Run::of(&array, 0.1, &[]).values("part[1].I.V").len() % 10, 0);
}

#[test]
fn what_a_condition_leaves_out_is_named() {
    let parts = format!("\n    if inhibited {{ {INHIBITION} }}");
    let source = simulated(&network("Net", "n: count = 10, inhibited = true", &parts), false);
    let source = source.replace("record E.V", "record I.V, E.V");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.bp");
    std::fs::write(&path, source).expect("written");
    let output = bpc(&["check", &text(&path)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = bpc(&["run", &text(&path), "--set", "inhibited=false"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("in a branch that is not taken, by this condition"), "{said}");
    let output = bpc(&["run", &text(&path), "--set", "inhibited=3"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("E0307"), "{said}");
}
