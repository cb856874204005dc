//! Networks of networks, arrays and `for`: what the check makes of correct ones.

use bpc_sema::model::*;
use bpc_sema::{FileLoader, Options, check};
use std::path::Path;

const COLUMN: &str = "
use std::neurons::LIF
use std::synapses::Exponential
use std::receptors::{Conductance, Delta}

network Column(n: count = 10, J: mV = 1 mV, p = 0.5) {
    population E[n] : LIF
    project exc: E -> E { connect fixed_probability(p)  weight J  receptor Delta }
    init E.V = -60 mV
}
";

fn model(body: &str, set: &[(&str, &str)]) -> Model {
    let text = format!("{COLUMN}{body}\nsimulate Net {{ dt 0.1 ms  duration 1 s }}\n");
    let set = set.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let loader = FileLoader::new(Path::new("net.bp"), bpc_stdlib::FILES);
    let checked = check("net.bp", &text, &loader, &Options { set, ..Options::default() });
    let shown = bpc_syntax::render::human(&checked.diagnostics, &checked.sources, false);
    checked.model.unwrap_or_else(|| panic!("{shown}"))
}

fn parameter<'m>(model: &'m Model, name: &str) -> &'m Parameter {
    let known: Vec<&str> = model.parameters.iter().map(|p| p.name.as_str()).collect();
    model.parameters.iter().find(|p| p.name == name).unwrap_or_else(|| panic!("no {name} among {known:?}"))
}

fn names<'m, T>(items: &'m [T], name: impl Fn(&'m T) -> &'m str) -> Vec<&'m str> {
    items.iter().map(name).collect()
}

#[test]
fn instances_stand_where_they_are_written() {
    let m = model(
        "network Net(J: mV = 2 mV) {
            population First[3] : LIF
            project V2.E -> First { connect all_to_all  weight 1 mV  receptor Delta }
            instance V1 : Column(n = 4, J = 3 * J)
            instance V2 : Column
            population Last[5] : LIF
            project V1.E -> V2.E { connect all_to_all  weight V1.J  receptor Delta }
        }",
        &[],
    );
    assert_eq!(names(&m.populations, |p| &p.name), ["First", "V1.E", "V2.E", "Last"]);
    assert_eq!(m.populations.iter().map(|p| p.size).collect::<Vec<_>>(), [3, 4, 10, 5]);
    assert_eq!(names(&m.projections, |p| &p.name), ["V2.E_to_First", "V1.exc", "V2.exc", "V1.E_to_V2.E"]);
    let follows = parameter(&m, "V1.J");
    assert!(!follows.settable && follows.default == 6.0, "{follows:?}");
    assert!(parameter(&m, "V2.J").settable && parameter(&m, "V2.E.tau").settable);
    assert_eq!(parameter(&m, "V1.E_to_V2.E.weight").default, 6.0);
}

#[test]
fn structure_passes_through_instances() {
    let m = model(
        "network Area(size: count = 6, density = 0.1) {
            instance column : Column(n = 2 * size, p = density)
        }
        network Net(size: count = 3, density = 0.2) {
            instance area[2] : Area(size = size, density = density / 2)
            project area[0].column.E -> area[1].column.E {
                connect fixed_in_degree(area[0].column.E.size / 2)  weight 1 mV  receptor Delta }
        }",
        &[("size", "5"), ("density", "0.5")],
    );
    assert_eq!(names(&m.populations, |p| &p.name), ["area[0].column.E", "area[1].column.E"]);
    assert_eq!(m.populations[1].size, 10);
    let rule = |index: usize| match &m.projections[index].source {
        Source::Population { connect, .. } => connect.rule,
        Source::Poisson { .. } => panic!("no population"),
    };
    assert_eq!(rule(0), Rule::FixedProbability(0.25));
    assert_eq!(rule(2), Rule::FixedInDegree { degree: 5, with_replacement: false });
}

#[test]
fn combinations_run_in_order_and_share_what_they_can() {
    let m = model(
        "network Net(n: count = 3, g = 2) {
            instance area[k in 1..n + 1] : Column(J = 1 mV * k)
            project ff: area[a].E -> area[b].E for a in 1..4, b in a..4 where a != b {
                connect all_to_all
                weight g / a
                delay 0.1 ms * (a + b)
                synapse Exponential { tau = 5 ms }
                receptor Conductance { E = 1 mV * b }
            }
            init area[1..3].E.V = -50 mV
            drive area[k].E.I = 1 mV * k for k in 1..n
        }",
        &[],
    );
    let own: Vec<&str> = names(&m.projections, |p| &p.name).split_off(3);
    assert_eq!(own, ["ff[1,2]", "ff[1,3]", "ff[2,3]"]);
    let steps: Vec<u64> = m.projections[3..]
        .iter()
        .map(|p| match &p.source {
            Source::Population { delay: Delay::Uniform(steps), .. } => *steps,
            _ => panic!("{}", p.name),
        })
        .collect();
    assert_eq!(steps, [3, 4, 5]);
    let of_label: Vec<&str> = names(&m.parameters, |p| &p.name).into_iter().filter(|n| n.starts_with("ff")).collect();
    // What depends on an index is the combination's; the time constant is the label's.
    let expected =
        ["ff[1,2].weight", "ff.tau", "ff[1,2].E", "ff[1,3].weight", "ff[1,3].E", "ff[2,3].weight", "ff[2,3].E"];
    assert_eq!(of_label, expected);
    assert_eq!(parameter(&m, "ff[2,3].weight").default, 1.0);
    assert_eq!(parameter(&m, "area[3].J").default, 3.0);
    // The outer network's initial value goes before the instance's own; the third keeps its own.
    let first: Vec<&Expr> = m.populations.iter().map(|p| &p.states[0].init).collect();
    assert_eq!(first, [&Expr::Number(-50.0), &Expr::Number(-50.0), &Expr::Number(-60.0)]);
    let drives: Vec<bool> = m.populations.iter().map(|p| p.inputs[0].drive.is_some()).collect();
    assert_eq!(drives, [true, true, false]);
}

#[test]
fn requests_name_instances() {
    let text = format!(
        "{COLUMN}network Net {{ instance area[3] : Column  instance V1 : Column }}
        simulate Net {{
            dt 0.1 ms  duration 1 s
            record area[0..2].E.spikes, V1.E.V[0..4], area[2].E.V
            expect rate(area[1..3].E) > 1 Hz
        }}"
    );
    let loader = FileLoader::new(Path::new("net.bp"), bpc_stdlib::FILES);
    let checked = check("net.bp", &text, &loader, &Options::default());
    let m = checked.model.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    let records = names(&m.simulation.records, |r| &r.name);
    assert_eq!(records, ["area[0].E.spikes", "area[1].E.spikes", "V1.E.V[0..4]", "area[2].E.V"]);
    let expected: Vec<usize> = m.simulation.expectations.iter().map(|e| e.population.0).collect();
    assert_eq!(expected, [1, 2]);
}
