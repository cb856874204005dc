//! `lower-to-step`: model operations to step operations.
//!
//! Before: populations with states, advances, a threshold and resets; projections with events
//! After:  buffers, connections, and for every population one `deliver` for each projection that
//!         reaches it and one `update` that does a whole step of a neuron
//!
//! The order of a step: deliver → integrate → threshold → reset. An event to a state that is held
//! while refractory collects in an internal buffer (`E.V.arrivals`), which the update takes in
//! unless the state is held; other events add to the state's own buffer. Needs `move-to-targets`
//! and `integrate`.

use crate::Bug;
use crate::ir::{
    Buffer, Change, Distribution, Feed, Graph, Network, Node, Op, Population, Projection, Symbol, Type, Update,
};
use crate::passes::Pass;
use std::collections::HashMap;

/// The pass.
pub const PASS: Pass = Pass { name: "lower-to-step", summary: "turn model operations into step operations", run };

/// Streams of Poisson sources start here; those of draws in the source text are below.
const POISSON_STREAMS: u32 = 0x8000_0000;

fn run(network: &mut Network) -> Result<(), Bug> {
    let projections = std::mem::take(&mut network.projections);
    let populations = network.populations.clone();
    for population in &populations {
        declare(network, population, &projections);
    }
    for projection in projections.iter().filter(|p| p.connection.source.is_some()) {
        connect(network, projection, &populations)?;
    }
    for population in &populations {
        update(network, population, &projections)?;
    }
    for population in &mut network.populations {
        *population = Population { name: population.name.clone(), size: population.size, ..Population::empty() };
    }
    Ok(())
}

impl Population {
    fn empty() -> Population {
        Population {
            name: "".into(),
            size: 1,
            states: vec![],
            inputs: vec![],
            threshold: None,
            resets: vec![],
            refractory: None,
            method: None,
        }
    }

    fn holds(&self, state: &str) -> bool {
        self.refractory.as_ref().is_some_and(|(_, hold)| hold.iter().any(|h| &**h == state))
    }
}

/// The buffer of a state: states that came from a projection keep their name.
fn buffer(population: &Population, state: &str) -> Symbol {
    if state.contains('.') { state.into() } else { format!("{}.{state}", population.name).into() }
}

fn arrivals(population: &Population, state: &str) -> Symbol {
    format!("{}.arrivals", buffer(population, state)).into()
}

fn counter(population: &Population) -> Symbol {
    format!("{}.refractory", population.name).into()
}

/// Whether events to this state wait in a buffer of their own.
fn collects(population: &Population, state: &str, projections: &[Projection]) -> bool {
    population.holds(state)
        && projections.iter().any(|p| {
            p.connection.target == population.name
                && p.connection.source.is_some()
                && p.events.iter().any(|e| &*e.state == state)
        })
}

fn declare(network: &mut Network, population: &Population, projections: &[Projection]) {
    let mut add = |name: Symbol, element: Type, unit: &str, internal: bool| {
        let population = population.name.clone();
        network.buffers.push(Buffer { name, population, element, unit: unit.into(), internal });
    };
    let mut writes = Vec::new();
    for state in &population.states {
        add(buffer(population, &state.name), Type::Real, &state.unit, state.internal);
        writes.push((buffer(population, &state.name), state.init));
    }
    for state in population.states.iter().filter(|s| collects(population, &s.name, projections)) {
        add(arrivals(population, &state.name), Type::Real, &state.unit, true);
    }
    if population.refractory.is_some() {
        add(counter(population), Type::Int, "1", true);
    }
    network.initialise.push((population.name.clone(), writes));
    for input in &population.inputs {
        network.feeds.push(Feed {
            name: format!("{}.{}", population.name, input.name).into(),
            population: population.name.clone(),
            unit: input.unit.clone(),
        });
    }
}

fn connect(network: &mut Network, projection: &Projection, populations: &[Population]) -> Result<(), Bug> {
    let connection = projection.connection.clone();
    let name = connection.name.clone();
    let target = target_of(projection, populations)?;
    if let Some(delay) = projection.delay {
        network.synapses.push((name.clone(), "delay".into(), delay));
    }
    if let Some(probability) = projection.probability {
        network.synapses.push((name.clone(), "probability".into(), probability));
    }
    if connection.weight_per_synapse {
        network.synapses.push((name.clone(), "weight".into(), projection.weight));
    }
    let mut sums = Vec::new();
    for event in &projection.events {
        let value = if connection.weight_per_synapse {
            event.value
        } else {
            with_weight(&mut network.graph, event.value, projection.weight)
        };
        let held = target.holds(&event.state);
        sums.push((if held { arrivals(target, &event.state) } else { buffer(target, &event.state) }, value));
    }
    network.connections.push(connection);
    network.deliver.push((name, sums));
    Ok(())
}

fn target_of<'p>(projection: &Projection, populations: &'p [Population]) -> Result<&'p Population, Bug> {
    let name = &projection.connection.target;
    if projection.alignment.as_deref() != Some("post") || projection.events.iter().any(|e| !e.post) {
        return Err(Bug(format!("{} is not aligned with its target", projection.connection.name)));
    }
    populations.iter().find(|p| p.name == *name).ok_or_else(|| Bug(format!("there is no population {name}")))
}

fn with_weight(graph: &mut Graph, value: Node, weight: Node) -> Node {
    let leaf = graph.leaf(Op::WeightValue);
    graph.substitute(value, &HashMap::from([(leaf, weight)]))
}

fn update(network: &mut Network, population: &Population, projections: &[Projection]) -> Result<(), Bug> {
    let (dt, g) = (network.dt, &mut network.graph);
    let zero = g.constant(0.0);
    let get = |g: &mut Graph, name: &Symbol| g.leaf(Op::Get(name.clone(), Type::Real));
    let read = |g: &mut Graph, name: Symbol| g.leaf(Op::Read(name, Type::Real));
    let mut leaves: HashMap<Node, Node> = HashMap::new();
    for input in &population.inputs {
        let external = g.leaf(Op::External(input.name.clone()));
        let full = g.leaf(Op::External(format!("{}.{}", population.name, input.name).into()));
        leaves.insert(external, full);
    }
    // Values at the start of the step, events taken in.
    let mut stimuli = poisson(g, population, projections, dt)?;
    let mut old = Vec::new();
    for state in &population.states {
        let stored = read(g, buffer(population, &state.name));
        let mut start = stored;
        if collects(population, &state.name, projections) {
            let arrived = read(g, arrivals(population, &state.name));
            start = g.add(start, arrived);
        }
        if let Some(added) = stimuli.remove(&state.name) {
            start = g.add(start, added);
        }
        leaves.insert(get(g, &state.name), start);
        old.push((stored, start));
    }
    // Integrated values; states that are held stay.
    let running = population.refractory.is_some().then(|| {
        let left = g.leaf(Op::Read(counter(population), Type::Int));
        (left, g.node(Op::Running, &[left]))
    });
    let held = g.leaf(Op::Held);
    let is_held = running.map_or_else(|| g.leaf(Op::Truth(false)), |(_, running)| running);
    leaves.insert(held, is_held);
    let mut values: HashMap<Node, Node> = leaves.clone();
    let mut before_reset = Vec::new();
    for (state, (stored, start)) in population.states.iter().zip(&old) {
        let mut value = match &state.change {
            Change::Advance(value, _) => g.substitute(*value, &leaves),
            Change::None => *start,
            Change::Equation(_) => return Err(Bug(format!("{}.{} is not integrated", population.name, state.name))),
        };
        if let Some((_, held)) = running
            && population.holds(&state.name)
        {
            value = g.select(held, *stored, value);
        }
        values.insert(get(g, &state.name), value);
        before_reset.push(value);
    }
    // Inputs in the condition or in resets are those of this step.
    for input in &population.inputs {
        let sum = g.substitute(input.sum, &leaves);
        values.insert(get(g, &input.name), sum);
    }
    let mut emit = None;
    let mut writes = Vec::new();
    let mut after = values.clone();
    if let Some(condition) = population.threshold {
        let mut spike = g.substitute(condition, &values);
        if let Some((_, held)) = running {
            let free = g.node(Op::Not, &[held]);
            spike = g.node(Op::And, &[free, spike]);
        }
        for (state, value) in &population.resets {
            let value = g.substitute(*value, &after);
            after.insert(get(g, state), value);
        }
        emit = Some(spike);
    }
    for (index, state) in population.states.iter().enumerate() {
        let leaf = get(g, &state.name);
        let mut value = before_reset[index];
        if let Some(spike) = emit {
            value = g.select(spike, after[&leaf], value);
        }
        if value != old[index].0 {
            writes.push((buffer(population, &state.name), value));
        }
        if collects(population, &state.name, projections) {
            writes.push((arrivals(population, &state.name), zero));
        }
    }
    if let (Some((left, _)), Some(spike), Some((duration, _))) = (running, emit, &population.refractory) {
        let steps = g.node(Op::Steps, &[*duration]);
        writes.push((counter(population), g.node(Op::CountDown, &[left, spike, steps])));
    }
    network.updates.push(Update { population: population.name.clone(), writes, emit });
    Ok(())
}

/// What Poisson sources add to each state in this step.
fn poisson(
    g: &mut Graph,
    population: &Population,
    projections: &[Projection],
    dt: f64,
) -> Result<HashMap<Symbol, Node>, Bug> {
    let mut added: HashMap<Symbol, Node> = HashMap::new();
    for (index, projection) in projections.iter().enumerate() {
        let Some(rate) = projection.rate.filter(|_| projection.connection.target == population.name) else { continue };
        let stream = POISSON_STREAMS + u32::try_from(index).map_err(|_| Bug("too many projections".into()))?;
        let dt = g.constant(dt);
        let mean = g.mul(rate, dt);
        let count = g.node(Op::Random(Distribution::Poisson, stream), &[mean]);
        for event in &projection.events {
            let one = with_weight(g, event.value, projection.weight);
            let all = g.mul(count, one);
            let sum = match added.get(&event.state) {
                Some(&before) => g.add(before, all),
                None => all,
            };
            added.insert(event.state.clone(), sum);
        }
    }
    Ok(added)
}
