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
    let population = |e: &Expectation| match e.measured {
        Expected::Spikes { population, .. } => population.0,
        Expected::Values(_) => panic!("spikes"),
    };
    let expected: Vec<usize> = m.simulation.expectations.iter().map(population).collect();
    assert_eq!(expected, [1, 2]);
}

/// What data, cells, geometries, rules, spikes at given times and per-neuron parameters mean inside instances.
#[test]
fn everything_in_a_network_can_stand_in_an_instance() {
    let m = model(
        "use std::neurons::PinskyRinzel
        data share = [[0, 0.25], [0.5, 0]]
        data length : mm = [[0, 12], [4, 0]]
        network Area(n: count = 4, gap = 10 um, factor = 1) {
            data start : mV = [-70, -60, -50, -40, -30, -20]
            population E[n] : LIF { tau = 10 ms + 1 ms * i } at line(spacing = gap)
            population P : PinskyRinzel
            population S : spikes { [1 ms * factor] }
            project local: E -> E { connect probability(exp(-distance / 20 um))  weight ~ 1 mV * distance / gap
                receptor Delta }
            init E.V = start[i] + 1 mV * E.x / 10 um
            init P.soma.V = -61 mV
        }
        network Net(speed = 4 mm/ms) {
            data sizes = [4, 6]
            instance area[k in 0..2] : Area(n = sizes[k], gap = 10 um * (1 + k), factor = 1 + k)
            project ff: area[a].E -> area[b].E for a in 0..2, b in 0..2 where share[a, b] > 0 {
                connect fixed_probability(share[a, b])
                weight 8 mV * share[a, b]
                delay length[a, b] / speed
                receptor Delta
            }
            stimulate area[k].S, area[k].E for k in 0..0 { poisson 1 kHz  weight 1 mV  receptor Delta }
            init area[k].P.soma.V = -1 mV * sizes[k] for k in 1..2
        }",
        &[],
    );
    let expected = ["area[0].E", "area[0].P", "area[0].S", "area[1].E", "area[1].P", "area[1].S"];
    assert_eq!(names(&m.populations, |p| &p.name), expected);
    assert_eq!([m.populations[0].size, m.populations[3].size], [4, 6]);
    // A parameter of each neuron is a state of the instance's population.
    assert!(m.populations[3].states.iter().any(|s| s.name == "tau" && s.parameter));
    // Spikes at 1 ms and 2 ms, at the ends of steps 9 and 19.
    let times = |index: usize| m.populations[index].spike_times.clone();
    assert_eq!((times(2), times(5)), (Some(vec![(9, 0)]), Some(vec![(19, 0)])));
    let soma = |index: usize| m.populations[index].states.iter().find(|s| s.name == "soma.V").map(|s| s.init.clone());
    assert_eq!((soma(1), soma(4)), (Some(Expr::Number(-61.0)), Some(Expr::Number(-6.0))));
    assert_eq!(names(&m.projections, |p| &p.name), ["area[0].local", "area[1].local", "ff[0,1]", "ff[1,0]"]);
    let rule = |index: usize| match &m.projections[index].source {
        Source::Population { connect, delay: Delay::Uniform(steps), .. } => (connect.rule, *steps),
        _ => panic!("{}", m.projections[index].name),
    };
    assert_eq!((rule(2), rule(3)), ((Rule::FixedProbability(0.25), 30), (Rule::FixedProbability(0.5), 10)));
    assert_eq!([parameter(&m, "ff[0,1].weight").default, parameter(&m, "ff[1,0].weight").default], [2.0, 4.0]);
    // Neighbours in the second area are twice as far apart.
    let means: Vec<f64> = m.projections[..2]
        .iter()
        .map(|p| match &p.source {
            Source::Population { connect: Connect { rule: Rule::Pairwise { mean }, .. }, .. } => *mean,
            _ => panic!("{}", p.name),
        })
        .collect();
    let mean = |n: i32, gap: f64| {
        let pairs = (0..n).flat_map(|i| (0..n).map(move |j| f64::from((i - j).abs())));
        pairs.map(|d| (-d * gap / 20.0).exp()).sum::<f64>() / f64::from(n * n)
    };
    assert!((means[0] - mean(4, 10.0)).abs() < 1e-12 && (means[1] - mean(6, 20.0)).abs() < 1e-12, "{means:?}");
}

/// The owner of a path is the longest start of it that has members; the rest are names of a cell.
#[test]
fn paths_reach_compartments_of_cells_in_instances() {
    let text = format!(
        "{COLUMN}use std::neurons::PinskyRinzel
        network Inner {{ population P[2] : PinskyRinzel  project e: P -> P {{ connect all_to_all  weight 1 uS/cm^2
            synapse Exponential {{ tau = 3 ms }}  receptor Conductance {{ E = 0 mV }}  into dendrite.I }} }}
        network Middle {{ instance x[2] : Inner }}
        network Net {{ instance m : Middle  init m.x[1].P.dendrite.V = -50 mV }}
        simulate Net {{
            dt 0.05 ms  duration 1 s
            record m.x[0..2].P.soma.V[0..2], m.x[1].e.g
        }}"
    );
    let loader = FileLoader::new(Path::new("net.bp"), bpc_stdlib::FILES);
    let checked = check("net.bp", &text, &loader, &Options::default());
    let shown = bpc_syntax::render::human(&checked.diagnostics, &checked.sources, false);
    let m = checked.model.unwrap_or_else(|| panic!("{shown}"));
    let records = names(&m.simulation.records, |r| &r.name);
    assert_eq!(records, ["m.x[0].P.soma.V[0..2]", "m.x[1].P.soma.V[0..2]", "m.x[1].e.g"]);
    let start = |index: usize| m.populations[index].states.iter().find(|s| s.name == "dendrite.V").map(|s| &s.init);
    assert_eq!(start(1), Some(&Expr::Number(-50.0)));
    assert_ne!(start(0), start(1));
}

/// The words of networks may still be names.
#[test]
fn words_of_networks_may_be_names() {
    let m = model(
        "neuron N { param instance = 2 ms, for = 1 mV, where = 3 mV  state V : mV = where  V' = (for - V) / instance }
        network Net { population E[4] : N { instance = 3 ms }
            project E -> E { connect where(i < j)  weight 1 mV  receptor Delta } }",
        &[],
    );
    assert_eq!([parameter(&m, "E.instance").default, parameter(&m, "E.for").default], [3.0, 1.0]);
}
