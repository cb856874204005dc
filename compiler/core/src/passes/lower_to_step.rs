//! `lower-to-step`: model operations to step operations.
//!
//! Before: populations with states, advances, a threshold and resets; projections with events
//! After:  buffers, connections, what is done along them, and for every population one `update` that
//!         does a whole step of a neuron
//!
//! The order of a step: spikes that are due are delivered → spikes of targets are responded to → sums
//! over synapses are gathered → synapses advance → neurons integrate → threshold → reset. All conditions
//! are tested on the values after integration, then what holds acts in order; a neuron spikes once. Rules for the end of
//! refractory time come last, when it is known whether there is any in the next step. An
//! event to a state that is held while refractory, that a condition compares with its value before the
//! step (a crossing), or that a gathered sum reads, [waits](super::arrivals) in an internal buffer (`E.V.arrivals`), which
//! the update takes in unless the state is held; other events change the state's own buffer. So a sum
//! reads neurons on both sides as they were at the end of the step before, and synapses as this step's
//! spikes have left them. Needs `move-to-sources` and `integrate`.

use crate::Bug;
use crate::ir::{
    Buffer, CHOICE, Change, Edge, EdgeKind, Event, Feed, Graph, Network, Node, Op, Population, Projection, Recorded,
    Refractory, Sink, Symbol, SynapseState, TOTAL, Type,
};
use crate::passes::Pass;
use crate::passes::arrivals::{Waiting, arrivals, buffer, changed};
use crate::passes::neuron_update::{counter, update};
use std::collections::{BTreeSet, HashMap, HashSet};

/// The pass.
pub const PASS: Pass = Pass { name: "lower-to-step", summary: "turn model operations into step operations", run };

fn run(network: &mut Network) -> Result<(), Bug> {
    let projections = std::mem::take(&mut network.projections);
    let populations = network.populations.clone();
    let waiting: HashMap<Symbol, Waiting> =
        populations.iter().map(|p| (p.name.clone(), Waiting::of(&network.graph, p, &projections))).collect();
    // Whose neurons are listed by another's update: there is nothing of their own to do.
    let listed: Vec<Symbol> = populations.iter().flat_map(|p| &p.rules).filter_map(|r| r.event.clone()).collect();
    let active = || populations.iter().filter(|p| !listed.contains(&p.name));
    for population in active() {
        declare(network, population, &waiting[&population.name]);
    }
    for projection in projections.iter().filter(|p| p.connection.source.is_some()) {
        connect(network, projection, &populations, &waiting)?;
    }
    for population in active() {
        update(network, population, &projections, &waiting[&population.name])?;
    }
    let at_once = |p: &Population| -> Vec<Symbol> {
        let jumps = p.jumps.iter().filter(|jump| jump.after == 0);
        jumps.map(|jump| jump.event.clone().unwrap_or_else(|| p.name.clone())).collect()
    };
    let change_states: HashSet<Symbol> = populations.iter().flat_map(at_once).collect();
    for population in &mut network.populations {
        *population = Population {
            name: population.name.clone(),
            size: population.size,
            spike_times: population.spike_times.take(),
            spikes_change_states: change_states.contains(&population.name),
            ..Population::empty()
        };
    }
    Ok(())
}

impl Population {
    /// Without neurons' states.
    pub(crate) fn empty() -> Population {
        Population {
            name: "".into(),
            size: 1,
            states: vec![],
            inputs: vec![],
            rules: vec![],
            spike_times: None,
            jumps: vec![],
            histories: vec![],
            recorded: vec![],
            method: None,
            spikes_change_states: false,
        }
    }

    /// Whether a state is held or clamped in some refractory time.
    pub(crate) fn holds(&self, state: &str) -> bool {
        self.rules.iter().filter_map(|r| r.refractory.as_ref()).any(|pause| pause.stops(state))
    }
}

impl Refractory {
    pub(crate) fn stops(&self, state: &str) -> bool {
        self.hold.iter().chain(self.clamp.iter().map(|c| &c.0)).any(|s| &**s == state)
    }
}

fn declare(network: &mut Network, population: &Population, waiting: &Waiting) {
    let mut add = |name: Symbol, element: Type, unit: &str, internal: bool| {
        let population = population.name.clone();
        network.buffers.push(Buffer { name, population, element, unit: unit.into(), internal, slots: 1 });
    };
    let mut writes = Vec::new();
    for state in &population.states {
        add(buffer(population, &state.name), Type::Real, &state.unit, state.internal);
        writes.push((buffer(population, &state.name), state.init));
    }
    for state in &population.states {
        waiting.declare(network, population, &state.name, &state.unit);
    }
    let mut add = |name: Symbol, element: Type, unit: &str, internal: bool| {
        let population = population.name.clone();
        network.buffers.push(Buffer { name, population, element, unit: unit.into(), internal, slots: 1 });
    };
    for (rule, _) in population.rules.iter().enumerate().filter(|(_, r)| r.refractory.is_some()) {
        add(counter(population, rule), Type::Int, "1", true);
    }
    for history in &population.histories {
        network.buffers.push(Buffer {
            name: history.name.clone(),
            population: population.name.clone(),
            element: Type::Real,
            unit: "1".into(),
            internal: true,
            slots: history.slots,
        });
        writes.push((history.name.clone(), history.init));
    }
    for recorded in &population.recorded {
        network.buffers.push(Buffer {
            name: recorded.name.clone(),
            population: population.name.clone(),
            element: Type::Real,
            unit: recorded.unit.clone(),
            internal: false,
            slots: 1,
        });
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

fn connect(
    network: &mut Network,
    projection: &Projection,
    populations: &[Population],
    waiting: &HashMap<Symbol, Waiting>,
) -> Result<(), Bug> {
    let connection = projection.connection.clone();
    let name = connection.name.clone();
    let target = target_of(projection, populations)?;
    let source = populations.iter().find(|p| Some(&p.name) == connection.source.as_ref());
    let source = source.ok_or_else(|| Bug(format!("{name} comes from an unknown population")))?;
    let neurons = of_neurons(&mut network.graph, source, target);
    let here = |network: &mut Network, value: Node| network.graph.substitute(value, &neurons);
    if let Some(delay) = projection.delay {
        let delay = here(network, delay);
        network.synapses.push((name.clone(), "delay".into(), delay));
    }
    if let Some(probability) = projection.probability {
        let probability = here(network, probability);
        network.synapses.push((name.clone(), "probability".into(), probability));
    }
    if connection.weight_per_synapse {
        let weight = here(network, projection.weight);
        network.synapses.push((name.clone(), "weight".into(), weight));
    }
    if let Some(total) = projection.total {
        let total = here(network, total);
        network.synapses.push((name.clone(), TOTAL.into(), total));
    }
    if let Some(choice) = projection.choice {
        let choice = here(network, choice);
        network.synapses.push((name.clone(), CHOICE.into(), choice));
    }
    let along = Along::new(&mut network.graph, projection, target, &waiting[&target.name]);
    for state in &projection.states {
        let full: Symbol = format!("{name}.{}", state.name).into();
        network.synapse_states.push(SynapseState {
            name: full.clone(),
            connection: name.clone(),
            unit: state.unit.clone(),
            internal: state.internal,
            given_to: None,
        });
        let init = here(network, state.init);
        network.synapses.push((name.clone(), full.to_string(), init));
    }
    for recorded in &projection.recorded {
        network.synapse_states.push(SynapseState {
            name: recorded.name.clone(),
            connection: name.clone(),
            unit: recorded.unit.clone(),
            internal: false,
            given_to: None,
        });
        let zero = network.graph.constant(0.0);
        network.synapses.push((name.clone(), recorded.name.to_string(), zero));
    }
    for (given, value) in &projection.given {
        let full: Symbol = format!("{name}.{given}").into();
        network.synapse_states.push(SynapseState {
            name: full.clone(),
            connection: name.clone(),
            unit: "1".into(),
            internal: true,
            given_to: Some(given.clone()),
        });
        let value = here(network, *value);
        network.synapses.push((name.clone(), full.to_string(), value));
    }
    let mut edges = Vec::new();
    for (kind, by_target) in [(EdgeKind::Deliver, false), (EdgeKind::Respond, true)] {
        // What is later acts behind what is not.
        let own = projection.events.iter().filter(|e| e.by_target == by_target && e.period.is_none());
        let moments: BTreeSet<u64> = own.map(|event| event.after).collect();
        for after in moments {
            edges.push((kind, after, along.events(&mut network.graph, by_target, after)?));
        }
    }
    edges.push((EdgeKind::Gather, 0, along.sums(&mut network.graph)));
    // By itself, so that what is recorded changes nothing of the sums.
    edges.push((EdgeKind::Gather, 0, along.recorded(&mut network.graph)));
    edges.push((EdgeKind::Update, 0, along.advances(&mut network.graph)?));
    network.connections.push(connection);
    for (kind, after, sinks) in edges {
        if !sinks.is_empty() {
            network.edges.push(Edge { kind, connection: name.clone(), after, sinks });
        }
    }
    Ok(())
}

/// Where values of synapses that are computed before the run read parameters of their neurons.
fn of_neurons(graph: &mut Graph, source: &Population, target: &Population) -> HashMap<Node, Node> {
    let mut renamed = HashMap::new();
    for state in source.states.iter().filter(|s| s.parameter) {
        let old = graph.leaf(Op::Pre(state.name.clone()));
        renamed.insert(old, graph.leaf(Op::Pre(buffer(source, &state.name))));
    }
    for state in target.states.iter().filter(|s| s.parameter) {
        let old = graph.leaf(Op::Post(state.name.clone()));
        renamed.insert(old, graph.leaf(Op::Post(buffer(target, &state.name))));
    }
    renamed
}

/// Expressions of a projection as they are computed for one synapse.
struct Along<'p> {
    projection: &'p Projection,
    target: &'p Population,
    waiting: &'p Waiting,
    renamed: HashMap<Node, Node>,
    /// The same where spikes act.
    in_events: HashMap<Node, Node>,
}

impl<'p> Along<'p> {
    fn new(graph: &mut Graph, projection: &'p Projection, target: &'p Population, waiting: &'p Waiting) -> Along<'p> {
        let mut renamed = HashMap::new();
        for state in &projection.states {
            let old = graph.leaf(Op::Get(state.name.clone(), Type::Real));
            let name = format!("{}.{}", projection.connection.name, state.name);
            renamed.insert(old, graph.leaf(Op::Synapse(name.into())));
        }
        for state in &target.states {
            let old = graph.leaf(Op::Post(state.name.clone()));
            renamed.insert(old, graph.leaf(Op::Post(buffer(target, &state.name))));
        }
        if !projection.connection.weight_per_synapse {
            renamed.insert(graph.leaf(Op::WeightValue), projection.weight);
        }
        let mut in_events = renamed.clone();
        in_events.extend(waiting.seen_by_events(graph, target));
        Along { projection, target, waiting, renamed, in_events }
    }

    fn here(&self, graph: &mut Graph, node: Node) -> Node {
        graph.substitute(node, &self.renamed)
    }

    fn sums(&self, graph: &mut Graph) -> Vec<(Sink, Node)> {
        let sum = |(state, value): &(Symbol, Node)| (Sink::Accumulate(state.clone()), self.here(graph, *value));
        self.projection.sums.iter().map(sum).collect()
    }

    /// What single synapses have to be recorded: as sums over them would see it.
    fn recorded(&self, graph: &mut Graph) -> Vec<(Sink, Node)> {
        let one = |recorded: &Recorded| (Sink::Synapse(recorded.name.clone()), self.here(graph, recorded.value));
        self.projection.recorded.iter().map(one).collect()
    }

    /// What a spike of the source or the target does so many steps after it is at the synapse.
    fn events(&self, graph: &mut Graph, by_target: bool, after: u64) -> Result<Vec<(Sink, Node)>, Bug> {
        let mut sinks = Vec::new();
        let due = |e: &&Event| e.by_target == by_target && e.after == after && e.period.is_none();
        for event in self.projection.events.iter().filter(due) {
            let value = graph.substitute(event.value, &self.in_events);
            if event.weight {
                sinks.push((Sink::Weight, self.bounded(graph, value)));
            } else if event.post {
                let (own, waiting) = (buffer(self.target, &event.state), arrivals(self.target, &event.state));
                if self.waiting.is_set(&event.state) {
                    let leaf = graph.leaf(Op::Post(event.state.clone()));
                    let current = self.in_events.get(&leaf).copied().unwrap_or(leaf);
                    let value = if event.additive { graph.add(current, value) } else { value };
                    sinks.push((Sink::Write(waiting), value));
                    sinks.push((Sink::Write(changed(self.target, &event.state)), graph.constant(1.0)));
                } else if self.waiting.is_added(&event.state) {
                    sinks.push((Sink::Accumulate(waiting), value));
                } else if event.additive {
                    sinks.push((Sink::Accumulate(own), value));
                } else {
                    sinks.push((Sink::Write(own), value));
                }
            } else {
                let full: Symbol = format!("{}.{}", self.projection.connection.name, event.state).into();
                let old = graph.leaf(Op::Synapse(full.clone()));
                let value = if event.additive { graph.add(old, value) } else { value };
                sinks.push((Sink::Synapse(full), value));
            }
        }
        Ok(sinks)
    }

    /// One step of the synapse's own states and of its weight, and what is done behind it at the end of periods.
    fn advances(&self, graph: &mut Graph) -> Result<Vec<(Sink, Node)>, Bug> {
        let mut sinks = self.continuous(graph)?;
        let mut periodic: Vec<&Event> = self.projection.events.iter().filter(|e| e.period.is_some()).collect();
        periodic.sort_by_key(|event| event.period.map(|period| period.1));
        for group in periodic.chunk_by(|a, b| a.period == b.period) {
            let Some((period, _)) = group[0].period else { continue };
            let current: HashMap<Node, Node> =
                sinks.iter().map(|(sink, value)| (leaf_of(graph, sink), *value)).collect();
            for event in group {
                let name = &self.projection.connection.name;
                let sink = match event.weight {
                    true => Sink::Weight,
                    false => Sink::Synapse(format!("{name}.{}", event.state).into()),
                };
                let leaf = leaf_of(graph, &sink);
                let before = current.get(&leaf).copied().unwrap_or(leaf);
                let value = self.here(graph, event.value);
                let mut value = graph.substitute(value, &current);
                if event.weight {
                    value = self.bounded(graph, value);
                }
                let due = graph.leaf(period.due());
                let value = graph.select(due, value, before);
                match sinks.iter_mut().find(|known| known.0 == sink) {
                    Some(known) => known.1 = value,
                    None => sinks.push((sink, value)),
                }
            }
        }
        Ok(sinks)
    }

    /// One step of the synapse's own states and of its weight.
    fn continuous(&self, graph: &mut Graph) -> Result<Vec<(Sink, Node)>, Bug> {
        let mut sinks = Vec::new();
        for state in &self.projection.states {
            let full: Symbol = format!("{}.{}", self.projection.connection.name, state.name).into();
            match &state.change {
                Change::None => {}
                Change::Advance(value, _) => sinks.push((Sink::Synapse(full), self.here(graph, *value))),
                Change::Equation(_) => return Err(Bug(format!("{full} is not integrated"))),
            }
        }
        match &self.projection.weight_change {
            Change::None => {}
            Change::Advance(value, _) => {
                let value = self.here(graph, *value);
                sinks.push((Sink::Weight, self.bounded(graph, value)));
            }
            Change::Equation(_) => return Err(Bug("a weight is not integrated".into())),
        }
        Ok(sinks)
    }

    fn bounded(&self, graph: &mut Graph, value: Node) -> Node {
        let Some((low, high)) = self.projection.weight_bounds else { return value };
        let (low, high) = (self.here(graph, low), self.here(graph, high));
        let above = graph.node(Op::Max, &[value, low]);
        graph.node(Op::Min, &[above, high])
    }
}

/// What a synapse has before it gets a new value.
fn leaf_of(graph: &mut Graph, sink: &Sink) -> Node {
    graph.leaf(match sink {
        Sink::Weight => Op::WeightValue,
        Sink::Synapse(name) | Sink::Accumulate(name) | Sink::Write(name) => Op::Synapse(name.clone()),
    })
}

fn target_of<'p>(projection: &Projection, populations: &'p [Population]) -> Result<&'p Population, Bug> {
    let name = &projection.connection.target;
    if projection.alignment.is_none() || !projection.outputs.is_empty() {
        return Err(Bug(format!("{} is not aligned", projection.connection.name)));
    }
    populations.iter().find(|p| p.name == *name).ok_or_else(|| Bug(format!("there is no population {name}")))
}

pub(super) fn with_weight(graph: &mut Graph, value: Node, weight: Node) -> Node {
    let leaf = graph.leaf(Op::WeightValue);
    graph.substitute(value, &HashMap::from([(leaf, weight)]))
}
