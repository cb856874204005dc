//! Of `lower-to-step`: the update of a neuron, from the events that have arrived to the refractory times that begin.

use super::arrivals::{Waiting, buffer};
use super::lower_to_step::with_weight;
use super::recovery::{is_recovery, recover};
use crate::Bug;
use crate::ir::{
    AfterSpike, Change, Distribution, Graph, Network, Node, Op, Population, Projection, Recorded, Refractory, Symbol,
    Type, Update,
};
use std::collections::{BTreeMap, HashMap};

/// Streams of Poisson sources start here; those of draws in the source text are below.
const POISSON_STREAMS: u32 = 0x8000_0000;

/// What a whole step does to a neuron, in the order of the step.
pub(super) fn update(
    network: &mut Network,
    population: &Population,
    projections: &[Projection],
    waiting: &Waiting,
) -> Result<(), Bug> {
    let (dt, g) = (network.dt, &mut network.graph);
    let zero = g.constant(0.0);
    let start = Start::of(g, population, (projections, waiting), dt)?;
    let Start { leaves, pauses, .. } = &start;
    let values = integrated(g, population, &start)?;
    // All conditions are tested on the integrated values; then what holds acts, in order.
    let conditions = conditions(g, population, pauses, &values);
    let Resets { mut after, durations } = resets(g, population, pauses, &conditions, &values);
    let next = |g: &mut Graph, after: &HashMap<Node, Node>| {
        let next = |pause: &Pause| pause.next(g, dt, conditions[pause.rule], &durations, after);
        pauses.iter().map(next).collect::<Result<Vec<Node>, Bug>>()
    };
    let mut counters = None;
    if population.rules.iter().any(|rule| is_recovery(g, rule)) {
        let known = next(g, &after)?;
        recover(g, population, pauses, &known, &mut after);
        counters = Some(known);
    }
    let emit = emissions(g, population, &conditions);
    let later = jumps(g, population, &emit, &mut after);
    let mut writes = Vec::new();
    let mut at_end = leaves.clone();
    for (state, (stored, _)) in population.states.iter().zip(&start.states) {
        let leaf = of_state(g, &state.name);
        let value = after[&leaf];
        at_end.insert(leaf, value);
        if value != *stored {
            writes.push((buffer(population, &state.name), value));
        }
        writes.extend(waiting.emptied(population, &state.name).map(|arrived| (arrived, zero)));
    }
    for history in &population.histories {
        let value = g.substitute(history.value, if history.event { &values } else { &at_end });
        writes.push((history.name.clone(), value));
    }
    let records = records(g, population, dt, leaves, at_end);
    if population.spike_times.is_some() {
        let writes = at_given_spike(g, population);
        if !writes.is_empty() {
            network.at_spike.push((population.name.clone(), writes));
        }
    }
    for ((delay, population), writes) in later {
        network.after_spike.push(AfterSpike { population, delay, writes });
    }
    let counters = match counters {
        Some(known) => known,
        None => next(g, &after)?,
    };
    writes.extend(pauses.iter().zip(counters).map(|(pause, next)| (counter(population, pause.rule), next)));
    network.updates.push(Update { population: population.name.clone(), writes, records, emit });
    Ok(())
}

/// A state of the neuron as a leaf of its equations.
fn of_state(g: &mut Graph, name: &Symbol) -> Node {
    g.leaf(Op::Get(name.clone(), Type::Real))
}

/// The counter of a rule's refractory time; most populations have one.
pub(super) fn counter(population: &Population, rule: usize) -> Symbol {
    let before = population.rules[..rule].iter().filter(|r| r.refractory.is_some()).count();
    match before {
        0 => format!("{}.refractory", population.name).into(),
        n => format!("{}.refractory_{}", population.name, n + 1).into(),
    }
}

/// A rule's refractory time in a step.
pub(super) struct Pause<'p> {
    rule: usize,
    refractory: &'p Refractory,
    /// The counter before the step.
    left: Node,
    /// Whether it is above zero.
    pub(super) running: Node,
}

impl Pause<'_> {
    /// Those of all rules that have one.
    fn all<'p>(g: &mut Graph, population: &'p Population) -> Vec<Pause<'p>> {
        let rules = population.rules.iter().enumerate().filter_map(|(rule, r)| Some((rule, r.refractory.as_ref()?)));
        let pause = |(rule, refractory)| {
            let left = g.leaf(Op::Read(counter(population, rule), Type::Int));
            Pause { rule, refractory, left, running: g.node(Op::Running, &[left]) }
        };
        rules.map(pause).collect()
    }

    /// Its counter at the end of the step, in which its rule's condition holds or not.
    fn next(
        &self,
        g: &mut Graph,
        dt: f64,
        begins: Node,
        durations: &HashMap<usize, Node>,
        after: &HashMap<Node, Node>,
    ) -> Result<Node, Bug> {
        if self.refractory.conditional {
            // One step more, as long as the condition holds at the end of the step.
            let holds = g.substitute(self.refractory.duration, after);
            let begun = g.node(Op::Or, &[self.running, begins]);
            let goes_on = g.node(Op::And, &[begun, holds]);
            let step = g.constant(dt);
            let one = g.node(Op::Steps, &[step]);
            return Ok(g.node(Op::CountDown, &[self.left, goes_on, one]));
        }
        let duration = durations.get(&self.rule).ok_or_else(|| Bug("a refractory time has no length".into()))?;
        let steps = g.node(Op::Steps, &[*duration]);
        Ok(g.node(Op::CountDown, &[self.left, begins, steps]))
    }
}

/// A neuron at the start of a step, events taken in.
struct Start<'p> {
    /// What the leaves of its equations are.
    leaves: HashMap<Node, Node>,
    /// Of each state, what is stored, and that with the events that have arrived.
    states: Vec<(Node, Node)>,
    /// Its refractory times.
    pauses: Vec<Pause<'p>>,
    /// States that are clamped: see [`clamped`].
    clamped: Vec<(Symbol, Node, Node)>,
}

impl<'p> Start<'p> {
    fn of(
        g: &mut Graph,
        population: &'p Population,
        (projections, waiting): (&[Projection], &Waiting),
        dt: f64,
    ) -> Result<Start<'p>, Bug> {
        let mut leaves: HashMap<Node, Node> = HashMap::new();
        for input in &population.inputs {
            let external = g.leaf(Op::External(input.name.clone()));
            let full = g.leaf(Op::External(format!("{}.{}", population.name, input.name).into()));
            leaves.insert(external, full);
        }
        let pauses = Pause::all(g, population);
        // What stands still takes in no events.
        let mut stimuli = poisson(g, population, projections, dt)?;
        let mut states = Vec::new();
        for state in &population.states {
            let stored = g.leaf(Op::Read(buffer(population, &state.name), Type::Real));
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
            leaves.insert(of_state(g, &state.name), seen);
            if let Some(held) = held {
                leaves.insert(g.leaf(Op::Held(state.name.clone())), held);
            }
            states.push((stored, start));
        }
        let clamped = clamped(g, population, &pauses, &leaves);
        // What is clamped has its value over the whole step.
        for (name, running, value) in &clamped {
            let leaf = of_state(g, name);
            let value = g.select(*running, *value, leaves[&leaf]);
            leaves.insert(leaf, value);
        }
        Ok(Start { leaves, states, pauses, clamped })
    }
}

/// Integrated values, on which conditions are tested: states that are held stay, inputs are those of this step.
fn integrated(g: &mut Graph, population: &Population, start: &Start<'_>) -> Result<HashMap<Node, Node>, Bug> {
    let Start { leaves, states, pauses, clamped } = start;
    let mut values: HashMap<Node, Node> = leaves.clone();
    // What is rewritten already: states that advance together have most of their expressions in common.
    let mut rewritten = leaves.clone();
    for (state, (stored, start)) in population.states.iter().zip(states) {
        let mut value = match &state.change {
            Change::Advance(value, _) => {
                // Its own value is selected below, so that there is one selection and not two.
                let own = of_state(g, &state.name);
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
        for pause in pauses {
            if pause.refractory.hold.contains(&state.name) {
                value = g.select(pause.running, *stored, value);
            }
        }
        for (_, running, clamped) in clamped.iter().filter(|c| c.0 == state.name) {
            value = g.select(*running, *clamped, value);
        }
        values.insert(of_state(g, &state.name), value);
        values.insert(g.leaf(Op::Previous(state.name.clone())), *stored);
    }
    for input in &population.inputs {
        let sum = g.substitute(input.sum, leaves);
        values.insert(of_state(g, &input.name), sum);
    }
    Ok(values)
}

/// What the rules of a population have done.
struct Resets {
    /// Values behind all resets.
    after: HashMap<Node, Node>,
    /// How long the refractory times of rules are, as they are where the text has them.
    durations: HashMap<usize, Node>,
}

/// Lets the rules that hold act, in order.
fn resets(
    g: &mut Graph,
    population: &Population,
    pauses: &[Pause<'_>],
    conditions: &[Node],
    values: &HashMap<Node, Node>,
) -> Resets {
    let mut after = values.clone();
    let mut durations: HashMap<usize, Node> = HashMap::new();
    for (index, (rule, &holds)) in population.rules.iter().zip(conditions).enumerate() {
        if is_recovery(g, rule) {
            continue;
        }
        let mut inside = after.clone();
        for place in 0..=rule.resets.len() {
            if let Some(pause) = rule.refractory.as_ref().filter(|pause| !pause.conditional && pause.behind == place) {
                let mut here = if rule.simultaneous { after.clone() } else { inside.clone() };
                for (state, _) in rule.resets[..place].iter().filter(|_| rule.silent) {
                    let leaf = of_state(g, state);
                    for pause in pauses.iter().filter(|p| p.refractory.stops(state)) {
                        here.insert(leaf, g.select(pause.running, after[&leaf], here[&leaf]));
                    }
                }
                durations.insert(index, g.substitute(pause.duration, &here));
            }
            if let Some((state, value)) = rule.resets.get(place) {
                let value = g.substitute(*value, if rule.simultaneous { &after } else { &inside });
                inside.insert(of_state(g, state), value);
            }
        }
        for state in population.states.iter().filter(|s| rule.resets.iter().any(|r| r.0 == s.name)) {
            let leaf = of_state(g, &state.name);
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
    Resets { after, durations }
}

/// What is written so many steps after a spike or an event of a population.
type Later = BTreeMap<(u64, Symbol), Vec<(Symbol, Node)>>;

/// Jumps of states that came from projections: they see the neuron behind its resets, and each other as they were before all
/// jumps. Those of this step become part of `after`.
fn jumps(g: &mut Graph, population: &Population, emit: &[(Symbol, Node)], after: &mut HashMap<Node, Node>) -> Later {
    let behind = after.clone();
    let mut later = Later::new();
    for jump in &population.jumps {
        let of = jump.event.as_ref().unwrap_or(&population.name);
        if jump.after > 0 {
            let leaves = leaves_of_next_step(g, population);
            let value = g.substitute(jump.value, &leaves);
            later.entry((jump.after, of.clone())).or_default().push((buffer(population, &jump.state), value));
        } else if let Some((_, spike)) = emit.iter().find(|emitted| emitted.0 == *of) {
            let leaf = of_state(g, &jump.state);
            let value = g.substitute(jump.value, &behind);
            let value = g.select(*spike, value, after[&leaf]);
            after.insert(leaf, value);
        }
    }
    later
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
