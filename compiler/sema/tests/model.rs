//! What the check makes of correct programs: numbers, not just the absence of errors.
#![allow(clippy::float_cmp)] // conversions and sizes are exact

use bpc_sema::model::*;
use bpc_sema::{Checked, FileLoader, Options, Selection, check};
use std::path::Path;
use std::rc::Rc;

const LIF: &str =
    "use std::neurons::LIF\nuse std::synapses::Exponential\nuse std::receptors::{Conductance, Current, Delta}\n";

fn run_with(text: &str, options: &Options) -> Checked {
    check("net.bp", text, &FileLoader::new(Path::new("net.bp"), bpc_stdlib::FILES), options)
}

fn model_with(text: &str, options: &Options) -> Model {
    let checked = run_with(text, options);
    let shown = bpc_syntax::render::human(&checked.diagnostics, &checked.sources, false);
    checked.model.unwrap_or_else(|| panic!("{shown}"))
}

fn set(values: &[(&str, &str)]) -> Options {
    Options { set: values.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(), ..Options::default() }
}

fn network(body: &str) -> Model {
    let text = format!(
        "{LIF}network Net(n: count = 100, J: mV = 0.1 mV) {{\n{body}\n}}\nsimulate Net {{ dt 0.1 ms  duration 1 s }}\n"
    );
    model_with(&text, &Options::default())
}

fn parameter<'m>(model: &'m Model, name: &str) -> &'m Parameter {
    let known: Vec<&str> = model.parameters.iter().map(|p| p.name.as_str()).collect();
    model.parameters.iter().find(|p| p.name == name).unwrap_or_else(|| panic!("no {name} among {known:?}"))
}

fn id(model: &Model, name: &str) -> Expr {
    Expr::Parameter(ParameterId(model.parameters.iter().position(|p| p.name == name).unwrap()))
}

fn constant(text: &str) -> f64 {
    let text = format!(
        "{LIF}{text}\nnetwork Net {{ population E : LIF {{ tau = x }} }}\nsimulate Net {{ dt 0.1 ms  duration 1 s }}\n"
    );
    parameter(&model_with(&text, &Options::default()), "E.tau").default
}

fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr::Binary(op, Rc::new(a), Rc::new(b))
}

#[test]
fn coba_lif() {
    let model = model_with(include_str!("../../../examples/coba_lif.bp"), &Options::default());
    assert_eq!(model.network, "CobaLif");
    let sizes: Vec<_> = model.populations.iter().map(|p| (p.name.as_str(), p.size)).collect();
    assert_eq!(sizes, [("E", 3200), ("I", 800)]);
    assert_eq!(parameter(&model, "E.V_rest").value, Expr::Number(-60.0));
    let tau = parameter(&model, "E.tau");
    assert!(tau.settable && tau.nonzero && tau.default == 20.0 && tau.doc == "Membrane time constant");
    assert_eq!(tau.quantity, Quantity { unit: "ms".into(), factor: 1.0, coherent: "ms".into() });
    let e = &model.populations[0];
    assert_eq!((e.states.len(), e.inputs.len(), e.lets.len()), (1, 1, 0));
    assert_eq!(e.inputs[0].drive, Some(Expr::Number(20.0)));
    assert_eq!(e.states[0].init, Expr::Random(Distribution::Normal, vec![Expr::Number(-55.0), Expr::Number(2.0)], 0));
    assert_eq!(
        model.populations[1].states[0].init,
        Expr::Random(Distribution::Normal, vec![Expr::Number(-55.0), Expr::Number(2.0)], 1)
    );
    let inner =
        binary(BinaryOp::Add, binary(BinaryOp::Subtract, id(&model, "E.V_rest"), Expr::State(0)), Expr::Input(0));
    assert_eq!(e.states[0].derivative, Some(binary(BinaryOp::Divide, inner, id(&model, "E.tau"))));
    let spike = &e.rules[0];
    assert_eq!(spike.condition, binary(BinaryOp::GreaterEqual, Expr::State(0), id(&model, "E.V_th")));
    assert_eq!(spike.updates, [(0, id(&model, "E.V_reset"))]);
    let refractory = spike.refractory.as_ref().unwrap();
    assert_eq!((&refractory.duration, refractory.hold.as_slice()), (&id(&model, "E.t_ref"), [0].as_slice()));

    let names: Vec<&str> = model.projections.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["exc_E_to_E", "exc_E_to_I", "inh_I_to_E", "inh_I_to_I"]);
    for (projection, (weight, tau, reversal)) in model.projections.iter().zip([
        ("exc", "exc", "exc"),
        ("exc", "exc", "exc"),
        ("inh", "inh", "inh"),
        ("inh", "inh", "inh"),
    ]) {
        let (weight, tau, reversal) = (
            id(&model, &format!("{weight}.weight")),
            id(&model, &format!("{tau}.tau")),
            id(&model, &format!("{reversal}.E")),
        );
        assert_eq!(projection.weight, weight);
        assert!(!projection.weight_per_synapse);
        let Source::Population { connect, delay, .. } = &projection.source else { panic!() };
        assert_eq!(*connect, Connect::of(Rule::FixedProbability(0.02), true));
        assert!(matches!(delay, Delay::None));
        let [g] = projection.states.as_slice() else { panic!() };
        assert_eq!(g.init, Expr::Number(0.0));
        assert_eq!(
            g.derivative,
            Some(binary(BinaryOp::Divide, Expr::Unary(UnaryOp::Negate, Rc::new(Expr::State(0))), tau))
        );
        let [update] = projection.on_spike.as_slice() else { panic!() };
        assert_eq!((update.target, update.increment.clone()), (EventTarget::Own(0), Some(Expr::Weight)));
        assert_eq!(update.value, binary(BinaryOp::Add, Expr::State(0), Expr::Weight));
        let current =
            binary(BinaryOp::Multiply, Expr::State(0), binary(BinaryOp::Subtract, reversal, Expr::PostState(0)));
        assert_eq!(projection.outputs, [(0, current)]);
    }
    assert_eq!(parameter(&model, "exc.weight").default, 0.6);
    assert_eq!(parameter(&model, "inh.E").default, -80.0);

    let simulation = &model.simulation;
    assert_eq!((simulation.dt, simulation.steps, simulation.seed), (0.1, 10_000, 42));
    assert_eq!(
        simulation.records[0],
        Record {
            target: RecordTarget::Spikes { population: PopulationId(0), first: 0, last: 3200 },
            aggregate: None,
            every: 1,
            name: "E.spikes".into()
        }
    );
    let traces = RecordTarget::PopulationState { population: PopulationId(0), state: 0, first: 0, last: 4 };
    assert_eq!(simulation.records[2], Record { target: traces, aggregate: None, every: 10, name: "E.V[0..4]".into() });
    let rate = &simulation.expectations[0];
    let of = Expected::Spikes { statistic: Statistic::Rate, population: PopulationId(0), neurons: None };
    assert_eq!((&rate.measured, rate.from_step), (&of, 2000));
    assert_eq!((rate.low, rate.high), (Some((0.016, true)), Some((0.027, true))));
    assert_eq!(simulation.expectations[3].high, Some((0.3, false)));
}

#[test]
fn overrides() {
    let text = include_str!("../../../examples/coba_lif.bp");
    let options = Options {
        dt: Some("0.05ms".into()),
        duration: Some("500 ms".into()),
        seed: Some(7),
        ..set(&[("n", "8000"), ("E.tau", "25ms"), ("exc.weight", "3e-1"), ("inh.E", "-0.07 V")])
    };
    let model = model_with(text, &options);
    assert_eq!(model.populations[0].size, 6400);
    assert_eq!(parameter(&model, "E.tau").default, 25.0);
    assert_eq!(parameter(&model, "I.tau").default, 20.0);
    assert_eq!(parameter(&model, "exc.weight").value, Expr::Number(0.3));
    assert_eq!(parameter(&model, "inh.E").default, -70.0);
    assert_eq!((model.simulation.dt, model.simulation.steps, model.simulation.seed), (0.05, 10_000, 7));
    let Source::Population { connect, .. } = &model.projections[0].source else { panic!() };
    assert_eq!(connect.rule, Rule::FixedProbability(0.01));
}

#[test]
fn brunel_full_and_small() {
    let text = include_str!("../../../examples/brunel_2000.bp");
    let full = model_with(text, &Options::default());
    let small = set(&[("N_E", "2000"), ("N_I", "500"), ("C_E", "200"), ("C_I", "50"), ("J", "0.2 mV")]);
    let small = model_with(text, &small);
    for (model, size, degrees, rate, weight) in
        [(&full, 10_000, (1000, 250), 20.0, -0.5), (&small, 2000, (200, 50), 10.0, -1.0)]
    {
        assert_eq!(model.populations[0].size, size);
        assert!((parameter(model, "ext.rate").default - rate).abs() < 1e-12);
        assert_eq!(parameter(model, "inh.weight").default, weight);
        assert!(!parameter(model, "inh.weight").settable && parameter(model, "J").settable);
        assert_eq!(
            parameter(model, "ext.rate").quantity,
            Quantity { unit: "Hz".into(), factor: 1000.0, coherent: "kHz".into() }
        );
        let rules: Vec<Rule> = model
            .projections
            .iter()
            .filter_map(|p| {
                if let Source::Population { connect, delay: Delay::Uniform(15), .. } = &p.source {
                    Some(connect.rule)
                } else {
                    None
                }
            })
            .collect();
        let rule = |degree| Rule::FixedInDegree { degree, with_replacement: true };
        assert_eq!(rules, [rule(degrees.0), rule(degrees.0), rule(degrees.1), rule(degrees.1)]);
        let ext = model.projections.iter().find(|p| p.name == "ext_poisson_to_E").unwrap();
        assert!(matches!(&ext.source, Source::Poisson { rate } if *rate == id(model, "ext.rate")));
        assert_eq!(
            (ext.on_spike[0].target, ext.on_spike[0].increment.clone()),
            (EventTarget::Post(0), Some(Expr::Weight))
        );
        assert!(ext.states.is_empty() && ext.outputs.is_empty());
        // Derived parameters come after what they refer to.
        for (index, parameter) in model.parameters.iter().enumerate() {
            bpc_sema::expressions::evaluate::walk(&parameter.value, &mut |e| {
                assert!(!matches!(e, Expr::Parameter(p) if p.0 >= index))
            });
        }
    }
    assert!(parameter(&full, "J").nonzero && parameter(&full, "tau").nonzero && !parameter(&full, "g").nonzero);
}

#[test]
fn other_examples() {
    let hh = model_with(include_str!("../../../examples/coba_hh.bp"), &Options::default());
    let e = &hh.populations[0];
    assert_eq!(e.states.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["V", "m", "h", "n"]);
    assert_eq!(e.lets[0].name, "u");
    assert_eq!(parameter(&hh, "E.g_Na").default, 20_000.0);
    assert_eq!(parameter(&hh, "E.g_Na").quantity, Quantity { unit: "uS".into(), factor: 1e-3, coherent: "nS".into() });
    assert_eq!(hh.projections[0].weight_quantity.unit, "nS");
    assert!(e.rules[0].refractory.as_ref().unwrap().hold.is_empty());
    assert!(hh.projections.iter().all(|p| matches!(p.states[0].init, Expr::Binary(BinaryOp::Multiply, ..))));
    let cuba = model_with(include_str!("../../../examples/cuba.bp"), &Options::default());
    assert_eq!(parameter(&cuba, "inh.weight").default, -9.0);
    assert_eq!(cuba.projections[2].outputs, [(0, Expr::State(0))]);
    assert_eq!(cuba.projections[2].states[0].quantity.unit, "mV");
}

#[test]
fn literals_and_constants() {
    for (text, value) in [
        ("const x = 20 ms", 20.0),
        ("const x = 0.02 s", 20.0),
        ("const x = 20000 us", 20.0),
        ("const x = 1 nF * 20 MOhm", 20.0),
        ("const x = 3 mM / (0.1 mM * 1 ms^-1)", 30.0),
        ("const x = (4 ms^2)^0.5", 2.0),
        ("const x = (8 ms^3)^(1/3)", 2.0),
        ("const x = sqrt(4 ms * 9 ms)", 6.0),
        ("const x = if 2 < 3 then 4 ms else 0", 4.0),
        ("const x = max(3 ms, 5 ms) + 0", 5.0),
        ("const x = -2^2 * -1 ms", 4.0),
        ("const x = 1 uF/cm^2 / (50 uS/cm^2)", 20.0),
        ("function twice(y: ms) = 2 * y\nconst x = twice(y)\nconst y = 3 ms", 6.0),
        ("const yes = true\nconst x = if yes and not (1 > 2) then 1 ms else 2 ms", 1.0),
        ("const x = dt * 10", 1.0),
        ("const x = floor(2.7) * pi / pi * 1 ms", 2.0),
    ] {
        assert!((constant(text) - value).abs() < 1e-12, "{text}: {}", constant(text));
    }
}

#[test]
fn connection_rules() {
    for (rule, expected, allow_self) in [
        ("all_to_all", Rule::AllToAll, true),
        ("all_to_all(no_self)", Rule::AllToAll, false),
        ("one_to_one", Rule::OneToOne, true),
        ("where(i == j)", Rule::OneToOne, true),
        ("where(j == i, no_self)", Rule::OneToOne, false),
        ("fixed_probability(10 / n)", Rule::FixedProbability(0.1), true),
        ("fixed_in_degree(n / 10)", Rule::FixedInDegree { degree: 10, with_replacement: false }, true),
        (
            "fixed_in_degree(0.1 * n, without_replacement, no_self)",
            Rule::FixedInDegree { degree: 10, with_replacement: false },
            false,
        ),
        ("fixed_out_degree(200, with_replacement)", Rule::FixedOutDegree { degree: 200, with_replacement: true }, true),
        ("fixed_out_degree(99, no_self)", Rule::FixedOutDegree { degree: 99, with_replacement: false }, false),
    ] {
        let model =
            network(&format!("population E[n] : LIF\nproject E -> E {{ connect {rule}  weight J  receptor Delta }}"));
        let Source::Population { connect, .. } = &model.projections[0].source else { panic!() };
        assert_eq!(*connect, Connect::of(expected, allow_self), "{rule}");
        assert_eq!(model.projections[0].name, "E_to_E");
        assert_eq!(parameter(&model, "E_to_E.weight").value, id(&model, "J"));
    }
}

#[test]
fn delays() {
    let steps = |delay: &str| {
        let model = network(&format!(
            "population E[n] : LIF\nproject E -> E {{ connect all_to_all  weight J  receptor Delta  delay {delay} }}"
        ));
        match &model.projections[0].source {
            Source::Population { delay: Delay::None, .. } => panic!(),
            Source::Population { delay: Delay::Uniform(steps), .. } => *steps,
            Source::Population { delay: Delay::PerSynapse { max_steps, .. }, .. } => *max_steps,
            Source::Poisson { .. } => panic!(),
        }
    };
    for (delay, expected) in [
        ("0.1 ms", 1),
        ("1.5 ms", 15),
        ("0.3 ms", 3),
        ("dt", 1),
        ("~ uniform(1 ms, 3 ms)", 30),
        ("~ normal(1.5 ms, 0.75 ms)", 60),
        ("~ exponential(1 ms)", 200),
        ("~ min(exponential(5 ms), 8 ms)", 80),
        ("~ 1 ms + abs(i - j) / (n - 1) * 2 ms", 30),
        ("~ 1 ms + ((i - j) / (n - 1))^2 * 2 ms", 30),
    ] {
        assert_eq!(steps(delay), expected, "{delay}");
    }
}

#[test]
fn weights_of_their_own() {
    let model = network(
        "population E[n] : LIF\nproject E -> E { connect all_to_all  weight ~ normal(J, 0.1 * J) * i / (j + 1)  receptor Delta }",
    );
    let projection = &model.projections[0];
    assert!(projection.weight_per_synapse);
    assert!(!model.parameters.iter().any(|p| p.name == "E_to_E.weight"));
    let mut found = [false; 3];
    bpc_sema::expressions::evaluate::walk(&projection.weight, &mut |e| match e {
        Expr::Index => found[0] = true,
        Expr::SourceIndex => found[1] = true,
        Expr::Random(Distribution::Normal, _, 0) => found[2] = true,
        _ => {}
    });
    assert_eq!(found, [true; 3]);
}

#[test]
fn names_are_unique() {
    let model = network(
        "population E[n] : LIF\npopulation E_to_I : LIF\npopulation I : LIF\n\
         project E -> I { connect all_to_all  weight J  receptor Delta }\n\
         project E -> I { connect all_to_all  weight J  receptor Delta }\n\
         stimulate I { poisson 3 Hz  weight J  receptor Delta }",
    );
    let names: Vec<&str> = model.projections.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["E_to_I_2", "E_to_I_3", "poisson_to_I"]);
    assert_eq!(parameter(&model, "poisson_to_I.rate").default, 0.003);
    assert_eq!(model.populations[1].size, 1);
}

/// What is recorded and no state: its unit, and whether it is of the start or of the end of a step.
#[test]
fn lets_and_inputs_are_recorded_in_their_units() {
    let text = "neuron N {
        param g = 10 nS, tau = 5 ms
        input I : pA
        state V : mV = 0 mV
        let leak = g * (1 mV - V)
        let wave : uV = 1 mV * sin(t / (1 ms))
        let net = leak + wave / (1 mV) * I
        let past = V(t - 1 ms)
        V' = -V / tau + net * 0 mV / (1 pA * tau) + past * 0 / tau
    }
    network Net { population E[4] : N }
    simulate Net { dt 0.1 ms  duration 1 s  record E.leak[1..3], E.wave, E.net, E.past, E.I, E.V }
    ";
    let model = model_with(text, &Options::default());
    let mut found = Vec::new();
    for record in &model.simulation.records {
        if let RecordTarget::PopulationValue { population: PopulationId(0), value, first, last } = &record.target {
            found.push((record.name.as_str(), value.quantity.unit.as_str(), value.start, *first, *last));
        }
    }
    let wanted = [
        ("E.leak[1..3]", "nS*mV", false, 1, 3),
        ("E.wave", "uV", false, 0, 4),
        ("E.net", "nS*mV", true, 0, 4),
        ("E.past", "mV", true, 0, 4),
        ("E.I", "pA", true, 0, 4),
    ];
    assert_eq!(found, wanted);
    let RecordTarget::PopulationValue { value, .. } = &model.simulation.records[1].target else { panic!() };
    assert_eq!((value.quantity.factor, value.quantity.coherent.as_str()), (1000.0, "mV"));
}

#[test]
fn events_are_simultaneous_and_increments_seen() {
    let synapse = "synapse S {
        param tau = 5 ms, U = 0.5
        state x = 1, u = 0, g : unit(w) = 0
        let gain = U * (1 - u)
        x' = (1 - x) / tau
        u' = -u / tau
        g' = -g / tau
        on spike(w) { u += gain; x = x - u * x; g = g + w; g += 2 * w }
        output g
    }";
    let text = format!(
        "{LIF}{synapse}\nnetwork Net {{ population E[10] : LIF\nproject p: E -> E {{ connect all_to_all  weight 1 mV  synapse S  receptor Current }} }}\nsimulate Net {{ dt 0.1 ms  duration 1 s  record p.u[0] }}\n"
    );
    let model = model_with(&text, &Options::default());
    let projection = &model.projections[0];
    assert_eq!(projection.lets.len(), 1);
    let [u, x, g] = projection.on_spike.as_slice() else { panic!("{:?}", projection.on_spike) };
    // The let reads u, so u's update is no increment; x sees the new u.
    assert_eq!((u.target, &u.increment), (EventTarget::Own(1), &None));
    assert_eq!((x.target, &x.increment), (EventTarget::Own(0), &None));
    let Expr::Binary(BinaryOp::Subtract, _, product) = &x.value else { panic!() };
    let Expr::Binary(BinaryOp::Multiply, new_u, _) = &**product else { panic!() };
    assert_eq!(**new_u, u.value);
    let twice = binary(BinaryOp::Multiply, Expr::Number(2.0), Expr::Weight);
    assert_eq!(g.increment, Some(binary(BinaryOp::Add, Expr::Weight, twice)));
    let target = RecordTarget::ProjectionState { projection: 0, state: 1, first: 0, last: 1 };
    assert_eq!(model.simulation.records[0].target, target);
}

/// Statements on states of their own do not add up to something large.
#[test]
fn many_statements() {
    let states: String = (0..40).map(|i| format!("state s{i} : unit(w) = 0\n")).collect();
    let statements: String = (0..40).map(|i| format!("s{i} += {i} * w;")).collect();
    let text = format!(
        "{LIF}synapse S {{ {states} on spike(w) {{ {statements} }}\n output s39 }}
        receptor R {{ input s39 : unit(w)\n output I = s39 }}
        network Net {{ population E[10] : LIF\n project E -> E {{ connect all_to_all  weight 1 mV  synapse S  receptor R }} }}
        simulate Net {{ dt 0.1 ms  duration 1 s }}"
    );
    let model = model_with(&text, &Options::default());
    assert_eq!(model.projections[0].on_spike.iter().filter(|u| u.increment.is_some()).count(), 40);
}

#[test]
fn negative_increment_and_into() {
    let text = format!(
        "{LIF}receptor Down {{ post V : mV\n on spike(w) {{ V -= w }} }}
        neuron Two {{ input I_a : mV, I_b : mV\n state V : mV = 0\n V' = (I_a + I_b - V) / (10 ms) }}
        network Net {{ population E[10] : Two
            project E -> E {{ connect all_to_all  weight 1 mV  receptor Down }}
            project E -> E {{ connect all_to_all  weight 1 mV  synapse Exponential  receptor Current  into I_b }}
            drive E.I_a = 2 mV\n drive E.I_a = 3 mV * sin(t / (1 ms)) + E.V }}
        simulate Net {{ dt 0.1 ms  duration 1 s }}"
    );
    let model = model_with(&text, &Options::default());
    assert_eq!(model.projections[0].on_spike[0].increment, Some(Expr::Unary(UnaryOp::Negate, Rc::new(Expr::Weight))));
    assert_eq!(model.projections[1].outputs[0].0, 1);
    let Some(Expr::Binary(BinaryOp::Add, first, _)) = &model.populations[0].inputs[0].drive else { panic!() };
    assert_eq!(**first, Expr::Number(2.0));
    assert!(model.populations[0].rules.is_empty());
}

#[test]
fn lets_are_ordered() {
    let text = "neuron Cell {
        let c = a + b
        let b = 2 * a
        let a = V
        state V : mV = 1 mV * i
        V' = c / (1 ms)
    }
    network Net { population E[3] : Cell }
    simulate Net { dt 0.1 ms  duration 1 s }";
    let model = model_with(text, &Options::default());
    let names: Vec<&str> = model.populations[0].lets.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(model.populations[0].lets[2].value, binary(BinaryOp::Add, Expr::Let(0), Expr::Let(1)));
    assert_eq!(model.populations[0].states[0].init, binary(BinaryOp::Multiply, Expr::Number(1.0), Expr::Index));
}

#[test]
fn members_and_derived_parameters() {
    let text = format!(
        "{LIF}network Net(scale = 2) {{
            let fast = 5 ms * scale
            let total = E.size + I.size
            population E[30] : LIF {{ tau = fast }}
            population I[10] : LIF {{ tau = E.tau * 2 }}
            drive E.I = 1 mV * total
            init E.V = E.V_rest + 1 mV
        }}
        simulate Net(scale = 3) {{ dt 0.1 ms  duration 1 s }}"
    );
    let model = model_with(&text, &Options::default());
    assert_eq!(parameter(&model, "scale").default, 3.0);
    assert_eq!((parameter(&model, "E.tau").default, parameter(&model, "I.tau").default), (15.0, 30.0));
    assert!(!parameter(&model, "E.tau").settable && parameter(&model, "E.tau").nonzero);
    // Nothing divides by it directly, but E.tau is a multiple of it.
    assert!(parameter(&model, "scale").nonzero);
    assert_eq!(model.populations[0].inputs[0].drive, Some(Expr::Number(40.0)));
}

#[test]
fn selection() {
    let options = Options::default();
    let one = format!("{LIF}network A {{ population E : LIF }}\n");
    let checked = run_with(&one, &options);
    assert!(checked.model.is_none() && checked.selection == Selection::NoSimulation);
    assert!(checked.diagnostics.iter().all(|d| d.severity == bpc_syntax::diagnostic::Severity::Warning));
    let two = format!(
        "{one}network B {{ population E[2] : LIF }}\nsimulate A {{ dt 1 ms  duration 1 s }}\nsimulate B {{ dt 1 ms  duration 1 s }}\n"
    );
    let checked = run_with(&two, &options);
    assert_eq!((checked.selection, checked.simulations), (Selection::Several, vec!["A".to_owned(), "B".to_owned()]));
    let chosen = model_with(&two, &Options { network: Some("B".into()), ..options });
    assert_eq!(chosen.network, "B");
}

#[test]
fn every_std_model_is_right() {
    let text = "use std::neurons::{LIF, TraubMilesHH, HH1952}
        use std::synapses::{Exponential, Alpha, DualExponential}
        use std::receptors::{Conductance, Current, Delta}
        network Net {
            population A : LIF
            population B : TraubMilesHH
            population C : HH1952
            project A -> A { connect all_to_all  weight 1  synapse Alpha  receptor Conductance }
            project A -> B { connect all_to_all  weight 1 pA  synapse DualExponential  receptor Current }
            project A -> C { connect all_to_all  weight 1 uA/cm^2  synapse Exponential  receptor Current }
            project A -> A { connect all_to_all  weight 1 mV  receptor Delta }
        }
        simulate Net { dt 0.1 ms  duration 1 s }";
    let checked = run_with(text, &Options::default());
    assert!(
        checked.diagnostics.is_empty(),
        "{}",
        bpc_syntax::render::human(&checked.diagnostics, &checked.sources, false)
    );
    let model = checked.model.unwrap();
    assert_eq!(parameter(&model, "C.g_Na").default, 1.2);
    assert_eq!(
        parameter(&model, "C.g_Na").quantity,
        Quantity { unit: "mS/cm^2".into(), factor: 100.0, coherent: "nS/um^2".into() }
    );
    let increments = model.projections.iter().flat_map(|p| &p.on_spike).map(|u| u.increment.is_some());
    assert!(increments.into_iter().all(|i| i));
    // exp(1) is a number before the run; what scales a rise and a decay are lets of parameters.
    assert_eq!(model.projections[1].lets.len(), 2);
}

/// Parameters that differ stand behind the states; what follows from one follows from its expression.
#[test]
fn parameters_with_a_value_for_each_neuron() {
    let text = "neuron Cell { param a = 1 mV, b = 2 * a, c = 3 mV\n state V : mV = b + c\n V' = (a - V) / (10 ms)
            spike when V > a { V = b  refractory 1 ms * (a / c) } }
        network Net { population E[3] : Cell { a = 1 mV * i }  population F[3] : Cell { a ~ uniform(1 mV, 2 mV) } }
        simulate Net { dt 0.1 ms  duration 1 s }";
    let model = model_with(text, &Options::default());
    let e = &model.populations[0];
    let shown: Vec<_> = e.states.iter().map(|s| (s.name.as_str(), s.parameter)).collect();
    assert_eq!(shown, [("V", false), ("a", true), ("b", true)]);
    let names: Vec<_> = model.parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["E.c", "F.c"]);
    let a = binary(BinaryOp::Multiply, Expr::Number(1.0), Expr::Index);
    let b = binary(BinaryOp::Multiply, Expr::Number(2.0), a.clone());
    assert_eq!((&e.states[1].init, &e.states[2].init), (&a, &b));
    assert_eq!(e.states[0].init, binary(BinaryOp::Add, b, id(&model, "E.c")));
    assert_eq!(e.rules[0].updates, [(0, Expr::State(2))]);
    assert!(parameter(&model, "E.c").nonzero);
    // One draw for a and for what is computed from it.
    let f = &model.populations[1];
    let draw = Expr::Random(Distribution::Uniform, vec![Expr::Number(1.0), Expr::Number(2.0)], 0);
    assert_eq!(f.states[1].init, draw);
    assert_eq!(f.states[2].init, binary(BinaryOp::Multiply, Expr::Number(2.0), draw));
}

/// A time is the end of a step; pairs ascend by step, then by neuron.
#[test]
fn given_spikes() {
    let text = "network Net(late : ms = 3 ms) {
            population S : spikes { [late, 0.1 ms], [], [1 ms, 3 ms] }
            population One[1] : spikes { [1 s] } }
        simulate Net { dt 0.1 ms  duration 1 s }";
    let model = model_with(text, &Options::default());
    assert_eq!(model.populations[0].size, 3);
    assert_eq!(model.populations[0].spike_times, Some(vec![(0, 0), (9, 2), (29, 0), (29, 2)]));
    assert_eq!(model.populations[1].spike_times, Some(vec![(9999, 0)]));
    let model = model_with(text, &set(&[("late", "2 ms")]));
    assert_eq!(model.populations[0].spike_times, Some(vec![(0, 0), (9, 2), (19, 0), (29, 2)]));
}

#[test]
fn crossings_compare_two_moments() {
    let text = "neuron Cell { state V : mV = 0 mV, w : mV = 0 mV\n let d = V - w\n V' = 1 mV/ms
            spike when d crosses 2 mV { }\n when true { w = 1 mV } }
        network Net { population E : Cell }
        simulate Net { dt 0.1 ms  duration 1 s }";
    let e = &model_with(text, &Options::default()).populations[0];
    let start = |e: Expr| Expr::Start(Rc::new(e));
    let below = binary(BinaryOp::Less, start(Expr::Let(0)), start(Expr::Number(2.0)));
    let now = binary(BinaryOp::GreaterEqual, Expr::Let(0), Expr::Number(2.0));
    assert_eq!(e.rules[0].condition, binary(BinaryOp::And, below, now));
    assert_eq!(e.rules.iter().map(|r| r.spikes).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn tables_of_constants() {
    let points = "[(-1, 2 ms), (1, 4 ms), (2, 4.5 ms), (4, 0.5 ms)]";
    for (x, clamped, extrapolated) in [
        (-2.0, 2.0, 1.0),
        (-1.0, 2.0, 2.0),
        (0.0, 3.0, 3.0),
        (1.0, 4.0, 4.0),
        (3.0, 2.5, 2.5),
        (4.0, 0.5, 0.5),
        (4.2, 0.5, 0.1),
    ] {
        let value = |word: &str| constant(&format!("const x = table({x:?}, {points}{word})"));
        assert!((value("") - clamped).abs() < 1e-14, "{x}");
        assert!((value(", clamped") - clamped).abs() < 1e-14, "{x}");
        assert!((value(", extrapolated") - extrapolated).abs() < 1e-13, "{x}");
    }
}

/// `hold all` is every state of the neuron, but a state may have that name.
#[test]
fn hold_all() {
    let hold = |state: &str| {
        let text = format!(
            "neuron Cell {{ state V : mV = 0 mV, {state} : mV = 0 mV\n V' = 1 mV/ms
                spike when V > 1 mV {{ refractory 1 ms hold all }} }}
            network Net {{ population E : Cell }}
            simulate Net {{ dt 0.1 ms  duration 1 s }}"
        );
        model_with(&text, &Options::default()).populations[0].rules[0].refractory.clone().unwrap().hold
    };
    assert_eq!(hold("w"), [0, 1]);
    assert_eq!(hold("all"), [1]);
}
