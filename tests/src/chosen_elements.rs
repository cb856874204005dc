//! Synapses that choose their compartment or their input, against the same written out with conditions, and against the whole matrix.

use crate::pair_rules::{Pairs, pairs};
use crate::spike_trains::Run;

const MODELS: &str = "use std::channels::IL
use std::inputs::Signal
use std::neurons::LIF
use std::receptors::{Current, Delta}
use std::synapses::Exponential

cell Cable {
    param kind = 0
    compartment soma {
        input I : nA
        membrane V : mV = -65 mV { capacitance = 1 uF/cm^2  area = 100 um^2 }
        channel L : IL { E = -65 mV }
    }
    compartment d[k in 0..4] {
        input I : nA
        membrane V : mV = -65 mV { capacitance = 1 uF/cm^2  area = 100 um^2 }
        channel L : IL { E = -65 mV }
    }
    couple soma <-> d[0] (0.01 nS)
    couple d[k] <-> d[k + 1] (0.01 nS) for k in 0..3
}
neuron Ports {
    input I[k in 1..4] : nA
    state x[k in 1..4] : mV = 0 mV
    x[k]' = -x[k] / 10 ms + I[k] / 1 nF for k in 1..4
}
";

fn network(statements: &str, records: &str) -> String {
    format!(
        "{MODELS}
data sources = [0, 0, 3, 5, 5, 5, 7, 2, 2, 1]
data targets = [1, 1, 2, 4, 4, 0, 3, 3, 3, 6]
network Net {{
    population A[30] : LIF {{ t_ref = 2 ms + 0.1 ms * i }} at line(spacing = 10 um)
    population E[20] : Cable {{ kind = i % 4 }} at line(spacing = 15 um)
    population P[20] : Ports
    init A.V = -65 mV + 0.5 mV * i
    drive A.I = 30 mV
    {statements}
}}
simulate Net {{ dt 0.1 ms  duration 30 ms  seed 3  {records} }}
"
    )
}

const TRACES: &str = "record E.soma.V, E.d[0..4].V, P.x[1..4] every 5 ms";

/// Of each pair what an index, a parameter or a distance says is what a condition of the rule says.
#[test]
fn what_indices_choose_is_what_conditions_choose() {
    let kinetics =
        "weight ~ 0.01 nA * (1 + i + j)  delay ~ 1 ms + 0.1 ms * (i % 5)  synapse Exponential  receptor Current";
    let chosen = format!(
        "project a: A -> E {{ connect all_to_all  {kinetics}  into d[(i + j) % 4] }}
    project b: A -> E {{ connect all_to_all  {kinetics}  into d[3 - target.kind].I }}
    project c: A -> E {{ connect all_to_all  {kinetics}  into d[min(floor(distance / (50 um)), 3)] }}
    project p: A -> P {{ connect all_to_all  {kinetics}  into I[1 + floor(j / 7)] }}"
    );
    let by_hand = format!(
        "project a: A -> E for k in 0..4 {{ connect where((i + j) % 4 == k)  {kinetics}  into d[k] }}
    project b: A -> E for k in 0..4 {{ connect where(3 - target.kind == k)  {kinetics}  into d[k].I }}
    project c: A -> E for k in 0..4 {{ connect where(min(floor(distance / (50 um)), 3) == k)  {kinetics}  into d[k] }}
    project p: A -> P for k in 1..4 {{ connect where(1 + floor(j / 7) == k)  {kinetics}  into I[k] }}"
    );
    let records: Vec<String> =
        ["a", "b", "c"].iter().flat_map(|l| (0..4).map(move |k| format!("{l}[{k}].weight"))).collect();
    let records = format!("{TRACES}  record {}, p[1].weight, p[2].weight, p[3].weight every 30 ms", records.join(", "));
    let names = |run: &Run| {
        let traces = ["E.soma.V", "E.d[0].V", "E.d[1].V", "E.d[2].V", "E.d[3].V", "P.x[1]", "P.x[2]", "P.x[3]"];
        traces.map(|name| run.values(name))
    };
    let reference = Run::of(&network(&by_hand, &records), 0.1, &[]);
    assert!(names(&reference).iter().all(|trace| trace.iter().any(|x| *x != trace[0])));
    for options in [&[][..], &["--threads", "3"], &["--cpu", "x86-64"]] {
        let run = Run::of(&network(&chosen, &records), 0.1, options);
        assert_eq!(names(&run), names(&reference), "{options:?}");
        for label in ["a", "b", "c", "p"] {
            for k in if label == "p" { 1..4 } else { 0..4 } {
                let name = format!("{label}[{k}]");
                assert_eq!(pairs(&run, &name), pairs(&reference, &name), "{name}");
                assert_eq!(
                    run.values(&format!("{name}.weight")),
                    reference.values(&format!("{name}.weight")),
                    "{name}"
                );
            }
        }
    }
}

/// Source, target, of all synapses of all elements together.
fn together(run: &Run, label: &str, elements: std::ops::Range<usize>) -> Pairs {
    let mut all: Pairs = elements.flat_map(|k| pairs(run, &format!("{label}[{k}]"))).collect();
    all.sort_unstable();
    all
}

/// Whatever the rule, and whatever is drawn in it and in the choice, each synapse is in exactly one compartment.
#[test]
fn each_synapse_is_in_one_compartment() {
    let rules = [
        ("bernoulli", "fixed_probability(0.4)"),
        ("degree", "fixed_in_degree(12, with_replacement)"),
        ("out", "fixed_out_degree(7)"),
        ("total", "fixed_total(300, with_replacement)"),
        ("drawn", "where(uniform(0, 1) < 0.5 and i < j + 10)"),
        ("near", "fixed_in_degree(6, proportional_to = exp(-distance / 50 um))"),
        ("listed", "pairs(sources, targets)"),
    ];
    let kinetics = "weight ~ uniform(0 nA, 0.1 nA)  delay ~ uniform(1 ms, 2 ms)  synapse Exponential  receptor Current";
    let mut statements = String::new();
    let mut records = Vec::new();
    for (label, connect) in rules {
        statements += &format!(
            "project {label}: A -> E {{ connect {connect}  {kinetics}  into d[floor(uniform(0, 4))] }}
    project {label}_all: A -> E {{ connect same_as({label})  {kinetics}  into soma }}
    project {label}_again: A -> E for k in 0..4 {{ connect same_as({label}[k])  {kinetics}  into d[3 - k] }}
    project {label}_back: E -> A {{ connect same_as({label}, reversed)  weight ~ 1 mV  receptor Delta }}
    "
        );
        records.push(format!("{label}_all.weight, {label}_back.weight"));
        records.extend((0..4).map(|k| format!("{label}[{k}].weight, {label}_again[{k}].weight")));
    }
    let source = network(&statements, &format!("record {} every 30 ms", records.join(", ")));
    let first = Run::of(&source, 0.1, &[]);
    for options in [&[][..], &["--threads", "3"], &["--precision", "f32"]] {
        let run = Run::of(&source, 0.1, options);
        for (label, _) in rules {
            let mut whole = pairs(&run, &format!("{label}_all"));
            whole.sort_unstable();
            assert_eq!(together(&run, label, 0..4), whole, "{label} {options:?}");
            let mut back: Pairs = pairs(&run, &format!("{label}_back")).into_iter().map(|(i, j)| (j, i)).collect();
            back.sort_unstable();
            assert_eq!(back, whole, "{label} {options:?}");
            for k in 0..4 {
                let mut found = pairs(&run, &format!("{label}[{k}]"));
                let mut again = pairs(&run, &format!("{label}_again[{k}]"));
                found.sort_unstable();
                again.sort_unstable();
                assert_eq!(found, again, "{label} {k}");
                let mut before = pairs(&first, &format!("{label}[{k}]"));
                before.sort_unstable();
                assert_eq!(found, before, "{label} {k} {options:?}");
            }
        }
        let sizes: Vec<usize> = (0..4).map(|k| pairs(&run, &format!("bernoulli[{k}]")).len()).collect();
        let all = sizes.iter().sum::<usize>() as f64;
        let deviation = (all * 0.25 * 0.75).sqrt();
        assert!(sizes.iter().all(|&n| (n as f64 - all / 4.0).abs() < 5.0 * deviation), "{sizes:?}");
    }
}

/// Numbers in lists stay those of the list.
#[test]
fn numbers_of_lists_are_kept() {
    let statements = "project l: A -> E { connect pairs(sources, targets)  weight ~ 1 nA * (1 + k)  synapse Exponential  receptor Current
        into d[k % 4] }";
    let records: Vec<String> = (0..4).map(|k| format!("l[{k}].weight")).collect();
    for options in [&[][..], &["--threads", "2"]] {
        let run = Run::of(&network(statements, &format!("record {} every 30 ms", records.join(", "))), 0.1, options);
        let (sources, targets) = ([0, 0, 3, 5, 5, 5, 7, 2, 2, 1], [1, 1, 2, 4, 4, 0, 3, 3, 3, 6]);
        for element in 0..4 {
            let weights = run.values(&format!("l[{element}].weight"));
            let mut found: Vec<(usize, usize, usize)> = pairs(&run, &format!("l[{element}]"))
                .into_iter()
                .zip(weights)
                .map(|((i, j), w)| (w.round() as usize - 1, i, j))
                .collect();
            found.sort_unstable();
            let wanted: Vec<(usize, usize, usize)> =
                (0..10).filter(|n| n % 4 == element).map(|n| (n, sources[n], targets[n])).collect();
            assert_eq!(found, wanted);
        }
    }
}
