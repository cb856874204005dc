//! What cells come to: names, values and initial values, beyond what runs can show.
#![allow(clippy::float_cmp)] // values that are written down

use bpc_sema::expressions::evaluate::walk;
use bpc_sema::model::*;
use bpc_sema::{FileLoader, Options, check};
use std::path::Path;

const CELL: &str = "
const g = 3 mS/cm^2
function twice(x) = 2 * x

/// A leak
channel Leak {
    /// Conductance
    param g_max = twice(g), E = -70 mV
    membrane U : mV
    let drop = E - U
    gate open { alpha = 1 ms^-1 * sigmoid(U / 10 mV)  beta = 2 ms^-1 }
    output I = g_max * open * drop + g * drop
}

cell Whole {
    param g = 1 uF/cm^2, E_L = -60 mV
    input I : uA/cm^2
    membrane V : mV = -65 mV { capacitance = g }
    channel A : Leak
    channel B : Leak { E = E_L - 5 mV, g_max = 1 mS/cm^2 }
    let difference = A.open - B.open
    spike when V > 0 mV and difference < 1 { A.open = 0 }
}

network Net {
    population P[3] : Whole { B.g_max = 4 mS/cm^2 }
    init P.V = -50 mV + 1 mV * i
    let margin = P.A.E - P.E_L
    drive P.I = 1 uA/cm^2 * margin / 1 mV * P.A.open
}

simulate Net { dt 0.1 ms  duration 1 s  record P.A.open[0..2] }
";

fn model(text: &str, set: &[(&str, &str)]) -> Model {
    let set = set.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let options = Options { set, ..Options::default() };
    let checked = check("net.bp", text, &FileLoader::new(Path::new("net.bp"), &[]), &options);
    let shown = bpc_syntax::render::human(&checked.diagnostics, &checked.sources, false);
    assert!(checked.diagnostics.is_empty(), "{shown}");
    checked.model.expect("a model without errors")
}

fn parameter<'m>(model: &'m Model, name: &str) -> &'m Parameter {
    model.parameters.iter().find(|p| p.name == name).unwrap_or_else(|| panic!("no {name}"))
}

/// The parameters that a let of a population reads, also through others.
fn reads(model: &Model, name: &str) -> Vec<String> {
    let population = &model.populations[0];
    let mut open = vec![population.lets.iter().find(|l| l.name == name).expect("a let").value.clone()];
    let mut found = Vec::new();
    while let Some(expr) = open.pop() {
        walk(&expr, &mut |e| match e {
            Expr::Let(i) => open.push(population.lets[*i].value.clone()),
            Expr::Parameter(id) => found.push(model.parameters[id.0].name.clone()),
            _ => {}
        });
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn states_and_parameters_have_the_names_of_their_parts() {
    let model = model(CELL, &[]);
    let population = &model.populations[0];
    assert_eq!(population.states.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["V", "A.open", "B.open"]);
    let names: Vec<&str> = model.parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["P.g", "P.E_L", "P.A.g_max", "P.A.E", "P.B.g_max", "P.B.E"]);
    // 1 mS/cm^2 is 0.01 nS/um^2.
    let a = parameter(&model, "P.A.g_max");
    assert!((a.default - 0.06).abs() < 1e-15 && a.settable && a.doc == "Conductance", "{a:?}");
    assert_eq!(parameter(&model, "P.B.g_max").default, 0.04, "the population's value goes before the cell's");
    let b = parameter(&model, "P.B.E");
    assert!(b.default == -65.0 && !b.settable, "{b:?}");
    assert!(parameter(&model, "P.g").nonzero);
}

/// `g` is a constant for the channel and a capacitance for the cell, and each channel has values of its own.
#[test]
fn a_channel_sees_its_own_file_and_not_the_cell() {
    let model = model(CELL, &[]);
    assert_eq!(reads(&model, "A.I"), ["P.A.E", "P.A.g_max"]);
    assert_eq!(reads(&model, "B.I"), ["P.B.E", "P.B.g_max"]);
}

#[test]
fn initial_values_are_written_out() {
    let model = model(CELL, &[]);
    for state in &model.populations[0].states {
        let mut index = false;
        walk(&state.init, &mut |e| {
            assert!(!matches!(e, Expr::State(_) | Expr::Let(_) | Expr::Input(_) | Expr::Time), "{:?}", state.init);
            index |= matches!(e, Expr::Index);
        });
        assert!(index, "{} does not follow `init`", state.name);
    }
}

#[test]
fn parameters_of_parts_can_be_set() {
    let model = model(CELL, &[("P.A.E", "-0.08 V"), ("P.B.g_max", "7 S/m^2"), ("P.E_L", "-50 mV")]);
    assert_eq!(parameter(&model, "P.A.E").default, -80.0);
    assert!((parameter(&model, "P.B.g_max").default - 0.007).abs() < 1e-15);
    assert_eq!(parameter(&model, "P.B.E").default, -55.0);
}

/// Many channels make no deep trees.
#[test]
fn many_channels_are_no_trouble() {
    let channels: String = (0..2000).map(|i| format!("channel L{i} : Leak\n")).collect();
    let text = format!(
        "channel Leak {{ membrane V : mV output I = 1 nS * (-70 mV - V) }}
         cell Many {{ membrane V : mV = -65 mV {{ capacitance = 1 pF }} {channels} }}
         network Net {{ population P : Many }}
         simulate Net {{ dt 0.1 ms  duration 1 s }}"
    );
    assert_eq!(model(&text, &[]).populations[0].states.len(), 1);
}

/// Names in tables, elements and crossings are those of the part that they stand in.
#[test]
fn names_inside_tables_and_elements_are_those_of_the_channel() {
    let text = "
        data rate : ms = [3 ms, 5 ms]
        channel K {
            param half = 2 mV, g_max = 1 mS/cm^2
            membrane V : mV
            let shifted = table(V - half, [(-60 mV, 0), (0 mV, 1)], clamped) / rate[1]
            gate m { inf = shifted * rate[1]  tau = rate[0] }
            output I = g_max * m * (V + half)
        }
        cell C {
            param half = 3, rate = 7
            membrane V : mV = -60 mV * half * rate { capacitance = 1 uF/cm^2 }
            channel k : K
        }
        network Net { population P[2] : C }
        simulate Net { dt 0.1 ms  duration 1 ms }";
    let model = model(text, &[]);
    assert_eq!(reads(&model, "k.shifted"), ["P.k.half"]);
}
