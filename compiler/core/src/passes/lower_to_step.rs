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
    AfterSpike, Buffer, Change, Distribution, Edge, EdgeKind, Event, Feed, Graph, Network, Node, Op, Population,
    Projection, Recorded, Refractory, Sink, Symbol, SynapseState, Type, Update,
};
use crate::passes::Pass;
use crate::passes::arrivals::{Waiting, arrivals, buffer, changed};
use crate::passes::recovery::{counters, is_recovery, recover};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The pass.
pub const PASS: Pass = Pass { name: "lower-to-step", summary: "turn model operations into step operations", run };

/// Streams of Poisson sources start here; those of draws in the source text are below.
const POISSON_STREAMS: u32 = 0x8000_0000;

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

/// The counter of a rule's refractory time; most populations have one.
fn counter(population: &Population, rule: usize) -> Symbol {
    let before = population.rules[..rule].iter().filter(|r| r.refractory.is_some()).count();
    match before {
        0 => format!("{}.refractory", population.name).into(),
        n => format!("{}.refractory_{}", population.name, n + 1).into(),
    }
}

/// A rule's refractory time in a step.
pub(super) struct Pause<'p> {
    pub(super) rule: usize,
    pub(super) refractory: &'p Refractory,
    /// The counter before the step.
    pub(super) left: Node,
    /// Whether it is above zero.
    pub(super) running: Node,
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

fn with_weight(graph: &mut Graph, value: Node, weight: Node) -> Node {
    let leaf = graph.leaf(Op::WeightValue);
    graph.substitute(value, &HashMap::from([(leaf, weight)]))
}

fn update(
    network: &mut Network,
    population: &Population,
    projections: &[Projection],
    waiting: &Waiting,
) -> Result<(), Bug> {
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
    let mut pauses = Vec::new();
    for (rule, refractory) in population.rules.iter().enumerate().filter_map(|(i, r)| Some((i, r.refractory.as_ref()?)))
    {
        let left = g.leaf(Op::Read(counter(population, rule), Type::Int));
        pauses.push(Pause { rule, refractory, left, running: g.node(Op::Running, &[left]) });
    }
    // Values at the start of the step, events taken in; what stands still takes in none.
    let mut stimuli = poisson(g, population, projections, dt)?;
    let mut old = Vec::new();
    for state in &population.states {
        let stored = read(g, buffer(population, &state.name));
        let mut start = waiting.taken_in(g, population, &state.name, stored);
        if let Some(added) = stimuli.remove(&state.name) {
            start = g.add(start, added);
        }
        let mut seen = start;
        let mut held: Option<Node> = None;
        for pause in pauses.iter().filter(|p| p.refractory.stops(&state.name)) {
            if start != stored {
                seen = g.select(pause.running, stored, seen);
            }
            held = Some(held.map_or(pause.running, |other| g.node(Op::Or, &[other, pause.running])));
        }
        leaves.insert(get(g, &state.name), seen);
        if let Some(held) = held {
            leaves.insert(g.leaf(Op::Held(state.name.clone())), held);
        }
        old.push((stored, start));
    }
    let clamped = clamped(g, population, &pauses, &leaves);
    // What is clamped has its value over the whole step.
    for (name, running, value) in &clamped {
        let leaf = get(g, name);
        let value = g.select(*running, *value, leaves[&leaf]);
        leaves.insert(leaf, value);
    }
    // Integrated values; states that are held stay.
    let mut values: HashMap<Node, Node> = leaves.clone();
    // What is rewritten already: states that advance together have most of their expressions in common.
    let mut rewritten = leaves.clone();
    for (state, (stored, start)) in population.states.iter().zip(&old) {
        let mut value = match &state.change {
            Change::Advance(value, _) => {
                // Its own value is selected below, so that there is one selection and not two.
                let own = get(g, &state.name);
                if leaves[&own] == *start {
                    g.substitute_with(*value, &mut rewritten)
                } else {
                    let mut here = leaves.clone();
                    here.insert(own, *start);
                    g.substitute_with(*value, &mut here)
                }
            }
            Change::None => *start,
            Change::Equation(_) => return Err(Bug(format!("{}.{} is not integrated", population.name, state.name))),
        };
        for pause in &pauses {
            if pause.refractory.hold.contains(&state.name) {
                value = g.select(pause.running, *stored, value);
            }
        }
        for (_, running, clamped) in clamped.iter().filter(|c| c.0 == state.name) {
            value = g.select(*running, *clamped, value);
        }
        values.insert(get(g, &state.name), value);
        values.insert(g.leaf(Op::Previous(state.name.clone())), *stored);
    }
    // Inputs in the condition or in resets are those of this step.
    for input in &population.inputs {
        let sum = g.substitute(input.sum, &leaves);
        values.insert(get(g, &input.name), sum);
    }
    let mut writes = Vec::new();
    // All conditions are tested on the integrated values; then what holds acts, in order.
    let conditions = conditions(g, population, &pauses, &values);
    let mut after = values.clone();
    // How long refractory times are, as they are where the text has them.
    let mut durations: HashMap<usize, Node> = HashMap::new();
    for (index, (rule, &holds)) in population.rules.iter().zip(&conditions).enumerate() {
        if is_recovery(g, rule) {
            continue;
        }
        let mut inside = after.clone();
        for place in 0..=rule.resets.len() {
            if let Some(pause) = rule.refractory.as_ref().filter(|pause| !pause.conditional && pause.behind == place) {
                let mut here = if rule.simultaneous { after.clone() } else { inside.clone() };
                for (state, _) in rule.resets[..place].iter().filter(|_| rule.silent) {
                    let leaf = get(g, state);
                    for pause in pauses.iter().filter(|p| p.refractory.stops(state)) {
                        here.insert(leaf, g.select(pause.running, after[&leaf], here[&leaf]));
                    }
                }
                durations.insert(index, g.substitute(pause.duration, &here));
            }
            if let Some((state, value)) = rule.resets.get(place) {
                let value = g.substitute(*value, if rule.simultaneous { &after } else { &inside });
                inside.insert(get(g, state), value);
            }
        }
        for state in population.states.iter().filter(|s| rule.resets.iter().any(|r| r.0 == s.name)) {
            let leaf = get(g, &state.name);
            let mut changes = holds;
            // An event without a spike does not move what stands still.
            for pause in pauses.iter().filter(|p| rule.silent && p.refractory.stops(&state.name)) {
                let free = g.node(Op::Not, &[pause.running]);
                changes = g.node(Op::And, &[free, changes]);
            }
            let value = g.select(changes, inside[&leaf], after[&leaf]);
            after.insert(leaf, value);
        }
    }
    let mut counted = None;
    if population.rules.iter().any(|rule| is_recovery(g, rule)) {
        let counters = counters(g, dt, &pauses, (&conditions, &durations), &after)?;
        recover(g, population, &pauses, &counters, &mut after);
        counted = Some(counters);
    }
    let emit = emissions(g, population, &conditions);
    // Jumps of states that came from projections see the neuron behind its resets, and each other as they were before all jumps.
    let behind = after.clone();
    let mut later: BTreeMap<(u64, Symbol), Vec<(Symbol, Node)>> = BTreeMap::new();
    for jump in &population.jumps {
        let of = jump.event.as_ref().unwrap_or(&population.name);
        if jump.after > 0 {
            let leaves = leaves_of_next_step(g, population);
            let value = g.substitute(jump.value, &leaves);
            later.entry((jump.after, of.clone())).or_default().push((buffer(population, &jump.state), value));
        } else if let Some((_, spike)) = emit.iter().find(|emitted| emitted.0 == *of) {
            let leaf = get(g, &jump.state);
            let value = g.substitute(jump.value, &behind);
            let value = g.select(*spike, value, after[&leaf]);
            after.insert(leaf, value);
        }
    }
    let mut at_end = leaves.clone();
    for (index, state) in population.states.iter().enumerate() {
        let leaf = get(g, &state.name);
        let value = after[&leaf];
        at_end.insert(leaf, value);
        if value != old[index].0 {
            writes.push((buffer(population, &state.name), value));
        }
        writes.extend(waiting.emptied(population, &state.name).map(|arrived| (arrived, zero)));
    }
    for history in &population.histories {
        let value = g.substitute(history.value, if history.event { &values } else { &at_end });
        writes.push((history.name.clone(), value));
    }
    let records = records(g, population, dt, &leaves, at_end);
    if population.spike_times.is_some() {
        let writes = at_given_spike(g, population);
        if !writes.is_empty() {
            network.at_spike.push((population.name.clone(), writes));
        }
    }
    for ((delay, population), writes) in later {
        network.after_spike.push(AfterSpike { population, delay, writes });
    }
    let counters = match counted {
        Some(counters) => counters,
        None => counters(g, dt, &pauses, (&conditions, &durations), &after)?,
    };
    writes.extend(pauses.iter().zip(counters).map(|(pause, next)| (counter(population, pause.rule), next)));
    network.updates.push(Update { population: population.name.clone(), writes, records, emit });
    Ok(())
}

/// Where the neurons that spike are listed, and those of which a named event occurs: if any of its rules holds.
fn emissions(g: &mut Graph, population: &Population, conditions: &[Node]) -> Vec<(Symbol, Node)> {
    let mut emit: Vec<(Symbol, Node)> = Vec::new();
    for (rule, &holds) in population.rules.iter().zip(conditions) {
        let of = match &rule.event {
            Some(event) => event,
            None if rule.silent => continue,
            None => &population.name,
        };
        match emit.iter_mut().find(|known| known.0 == *of) {
            Some(known) => known.1 = g.node(Op::Or, &[known.1, holds]),
            None => emit.push((of.clone(), holds)),
        }
    }
    emit
}

/// What is written for recorders: values that equations see at the start of the step, and values at its end.
fn records(
    g: &mut Graph,
    population: &Population,
    dt: f64,
    leaves: &HashMap<Node, Node>,
    mut at_end: HashMap<Node, Node>,
) -> Vec<(Symbol, Node)> {
    if population.recorded.is_empty() {
        return vec![];
    }
    let at_start = clamp_leaves(g, population, leaves);
    let (time, dt) = (g.leaf(Op::Time), g.constant(dt));
    at_end.insert(time, g.add(time, dt));
    let value = |recorded: &Recorded| {
        let value = g.substitute(recorded.value, if recorded.start { &at_start } else { &at_end });
        (recorded.name.clone(), value)
    };
    population.recorded.iter().map(value).collect()
}

/// Which rules hold: no spike in refractory time.
fn conditions(g: &mut Graph, population: &Population, pauses: &[Pause], values: &HashMap<Node, Node>) -> Vec<Node> {
    let mut conditions = Vec::new();
    for rule in &population.rules {
        let mut holds = g.substitute(rule.condition, values);
        for pause in pauses.iter().filter(|_| !rule.silent) {
            let free = g.node(Op::Not, &[pause.running]);
            holds = g.node(Op::And, &[free, holds]);
        }
        conditions.push(holds);
    }
    conditions
}

/// The states that are clamped, in the order of rules: name, whether it is now, and at what.
fn clamped(
    g: &mut Graph,
    population: &Population,
    pauses: &[Pause],
    leaves: &HashMap<Node, Node>,
) -> Vec<(Symbol, Node, Node)> {
    if pauses.iter().all(|pause| pause.refractory.clamp.is_empty()) {
        return vec![];
    }
    let here = clamp_leaves(g, population, leaves);
    let clamps = pauses.iter().flat_map(|pause| pause.refractory.clamp.iter().map(|clamp| (pause.running, clamp)));
    clamps.map(|(running, (name, value))| (name.clone(), running, g.substitute(*value, &here))).collect()
}

/// What the value of a clamped state reads: values at the start of the step, inputs written out.
fn clamp_leaves(g: &mut Graph, population: &Population, leaves: &HashMap<Node, Node>) -> HashMap<Node, Node> {
    let mut all = leaves.clone();
    for input in &population.inputs {
        let sum = g.substitute(input.sum, leaves);
        all.insert(g.leaf(Op::Get(input.name.clone(), Type::Real)), sum);
    }
    all
}

/// What a spike that is given does: no condition of the update says that there is one.
fn at_given_spike(g: &mut Graph, population: &Population) -> Vec<(Symbol, Node)> {
    let before = leaves_of_next_step(g, population);
    let mut behind = before.clone();
    let mut writes = Vec::new();
    for jump in population.jumps.iter().filter(|jump| jump.after == 0) {
        let value = g.substitute(jump.value, &before);
        behind.insert(g.leaf(Op::Get(jump.state.clone(), Type::Real)), value);
        writes.push((buffer(population, &jump.state), value));
    }
    for history in &population.histories {
        let value = g.substitute(history.value, if history.event { &before } else { &behind });
        writes.push((history.name.clone(), value));
    }
    writes
}

/// The states of a neuron as they stand between two steps.
fn leaves_of_next_step(g: &mut Graph, population: &Population) -> HashMap<Node, Node> {
    let mut leaves = HashMap::new();
    for state in &population.states {
        let leaf = g.leaf(Op::Get(state.name.clone(), Type::Real));
        leaves.insert(leaf, g.leaf(Op::Read(buffer(population, &state.name), Type::Real)));
    }
    leaves
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
