//! `align-projections`: proves on which side each state of a projection may live.
//!
//! Before: `project E -> I { synapse Exponential { tau = 5 ms } receptor Conductance { E = 0 mV } }`
//! After:  the same with `alignment = "post"` and `g` on the `target` side: one for each neuron of I,
//!         not one for each synapse
//!
//! For every state, the first of these that can be proved:
//! 1. *target*: superposition holds. The equation is linear in such states, without a constant term
//!    and with coefficients that are the same for all synapses of a target neuron; an event enters
//!    additively; what the receptor makes of the state is linear too, and nothing else reads it. Then the
//!    sum over synapses obeys the equation of one synapse, whatever the delays. All linear kinetics
//!    qualify, by proof and not by name.
//! 2. *source*: equation and events read such states, parameters and the source neuron alone, and
//!    not the time, so that a delay only shifts them (short-term plasticity, saturating kinetics, traces
//!    of the spikes that arrive).
//! 3. *trace*: the state changes at spikes of the target neuron only, and reads nothing but such states,
//!    parameters and that neuron (traces of the target's spikes, filtered potentials).
//! 4. *synapse*: one for each synapse. The reason is written down.
//!
//! What handlers that act later than the spike change is a sum on the target side, or each synapse's.

use crate::Bug;
use crate::analysis::derivative::derivative;
use crate::ir::{Change, Event, Graph, Network, Node, Op, POST_DELAY, Projection, Side, Symbol, Type};
use crate::passes::Pass;
use std::collections::HashMap;

/// The pass.
pub const PASS: Pass =
    Pass { name: "align-projections", summary: "prove where the states of projections may live", run };

fn run(network: &mut Network) -> Result<(), Bug> {
    let orders: Vec<Option<String>> = (0..network.projections.len()).map(|index| order(network, index)).collect();
    let Network { graph, projections, .. } = network;
    for (projection, order) in projections.iter_mut().zip(orders) {
        let mut reasons = HashMap::new();
        let sides = Proof::new(graph, projection).sides(graph, &mut reasons);
        for (state, side) in projection.states.iter_mut().zip(&sides) {
            state.side = Some(*side);
        }
        let (alignment, reason) = summary(graph, projection, &sides, &reasons, order);
        projection.alignment = Some(alignment.into());
        projection.reason = reason;
    }
    Ok(())
}

/// The projection as a whole, and why it is not a sum on the target side.
fn summary(
    graph: &mut Graph,
    projection: &Projection,
    sides: &[Side],
    reasons: &HashMap<usize, String>,
    order: Option<String>,
) -> (&'static str, Option<String>) {
    let reason = reasons.iter().min_by_key(|r| r.0).map(|r| r.1.clone());
    let changes = projection.connection.plastic || sides.contains(&Side::Synapse);
    if changes {
        let text = "every synapse has a weight that changes".to_owned();
        return ("synapse", reason.or(Some(text)));
    }
    let continuous = projection.outputs.iter().any(|(_, value)| flows_by_itself(graph, *value, projection, sides));
    match (sides.contains(&Side::Target), sides.iter().any(|s| *s != Side::Target)) {
        (true, true) => ("split", reason),
        (false, true) => ("pre", reason),
        _ if continuous => ("coupling", Some("what flows is summed over all synapses in every step".into())),
        _ => ("post", order),
    }
}

/// Of every state of a projection that is no sum on the target side, its name and why.
pub(crate) fn reasons(graph: &mut Graph, projection: &Projection) -> Vec<(Symbol, String)> {
    let mut reasons = HashMap::new();
    Proof::new(graph, projection).sides(graph, &mut reasons);
    let mut found: Vec<(usize, String)> = reasons.into_iter().collect();
    found.sort_unstable();
    found.into_iter().map(|(index, why)| (projection.states[index].name.clone(), why)).collect()
}

/// Whether an expression reads what a single synapse or a source neuron has, once states have sides.
pub(crate) fn of_synapses(graph: &Graph, projection: &Projection, value: Node) -> bool {
    let side = |name: &Symbol| projection.states.iter().find(|s| s.name == *name).and_then(|s| s.side);
    graph.any(value, |op| match op {
        Op::Get(name, _) => matches!(side(name), Some(Side::Source | Side::Synapse)),
        Op::WeightValue | Op::Pre(_) | Op::SourceIndex | Op::PairIndex | Op::Random(..) => true,
        _ => false,
    })
}

/// Whether it matters in which order events of one step arrive at a neuron, and for what: they set one of
/// its states, or read one that arriving events change.
pub(crate) fn order(network: &Network, index: usize) -> Option<String> {
    let projection = &network.projections[index];
    let target = &projection.connection.target;
    let arriving = |p: &Projection| -> Vec<Symbol> {
        p.events.iter().filter(|e| e.post && !e.by_target).map(|e| e.state.clone()).collect()
    };
    let to_target = network.projections.iter().filter(|p| p.connection.target == *target);
    let changed: Vec<Symbol> = to_target.flat_map(arriving).collect();
    projection.events.iter().filter(|e| !e.by_target && e.period.is_none()).find_map(|event| {
        let read = changed
            .iter()
            .find(|state| network.graph.any(event.value, |op| matches!(op, Op::Post(name) if name == *state)));
        let state = if event.post && !event.additive { &event.state } else { read? };
        Some(format!("events that arrive together change {state} one after another, by delay and source"))
    })
}

/// Whether an output has a part that is not made of sums on the target side: then every synapse is asked in
/// every step.
fn flows_by_itself(graph: &mut Graph, root: Node, projection: &Projection, sides: &[Side]) -> bool {
    let zero = graph.constant(0.0);
    let sums = projection.states.iter().zip(sides).filter(|(_, side)| **side == Side::Target);
    let nothing: HashMap<Node, Node> =
        sums.map(|(state, _)| (graph.leaf(Op::Get(state.name.clone(), Type::Real)), zero)).collect();
    graph.substitute(root, &nothing) != zero
}

/// What the proofs of one projection look at.
struct Proof<'p> {
    projection: &'p Projection,
    leaves: Vec<Node>,
    /// Everything that is computed, with who reads it.
    readers: Vec<(Reader, Node)>,
}

/// Who reads an expression.
#[derive(Clone, Copy, PartialEq)]
enum Reader {
    /// The equation of a state.
    Equation(usize),
    /// An event that changes a state.
    Event(usize),
    /// An event that changes the target neuron.
    Neuron,
    /// The weight: its events, its equation, its bounds.
    Weight,
    /// An output.
    Output(usize),
}

impl<'p> Proof<'p> {
    fn new(graph: &mut Graph, projection: &'p Projection) -> Proof<'p> {
        let leaves: Vec<Node> =
            projection.states.iter().map(|s| graph.leaf(Op::Get(s.name.clone(), Type::Real))).collect();
        let index = |name: &Symbol| projection.states.iter().position(|s| s.name == *name);
        let mut readers = Vec::new();
        for (i, state) in projection.states.iter().enumerate() {
            if let Change::Equation(value) | Change::Advance(value, _) = state.change {
                readers.push((Reader::Equation(i), value));
            }
        }
        for event in &projection.events {
            let reader = match index(&event.state) {
                _ if event.weight => Reader::Weight,
                Some(i) if !event.post => Reader::Event(i),
                _ => Reader::Neuron,
            };
            readers.push((reader, event.value));
        }
        if let Change::Equation(value) | Change::Advance(value, _) = projection.weight_change {
            readers.push((Reader::Weight, value));
        }
        if let Some((low, high)) = projection.weight_bounds {
            readers.extend([(Reader::Weight, low), (Reader::Weight, high)]);
        }
        readers.extend(projection.outputs.iter().enumerate().map(|(k, o)| (Reader::Output(k), o.1)));
        Proof { projection, leaves, readers }
    }

    fn sides(&self, graph: &mut Graph, reasons: &mut HashMap<usize, String>) -> Vec<Side> {
        let count = self.leaves.len();
        let target = greatest(&vec![true; count], reasons, |i, set| self.is_sum(graph, i, set));
        let rest: Vec<bool> = target.iter().map(|t| !t).collect();
        let mut ignored = HashMap::new();
        let source = greatest(&rest, &mut ignored, |i, set| self.is_source(graph, i, set));
        let rest: Vec<bool> = rest.iter().zip(&source).map(|(r, s)| *r && !s).collect();
        let trace = greatest(&rest, &mut ignored, |i, set| self.is_trace(graph, i, set));
        (0..count)
            .map(|i| match () {
                () if target[i] => Side::Target,
                () if source[i] => Side::Source,
                () if trace[i] => Side::Trace,
                () => Side::Synapse,
            })
            .collect()
    }

    fn name(&self, i: usize) -> &Symbol {
        &self.projection.states[i].name
    }

    fn events(&self, i: usize) -> impl Iterator<Item = &'p Event> {
        let name = self.name(i).clone();
        self.projection.events.iter().filter(move |e| e.state == name && !e.post && !e.weight)
    }

    /// Whether superposition holds for a state, if it does for all in the set.
    fn is_sum(&self, graph: &mut Graph, i: usize, set: &[bool]) -> Result<(), String> {
        let members: Vec<usize> = (0..set.len()).filter(|&j| set[j]).collect();
        let name = self.name(i).clone();
        if self.projection.states[i].parameter {
            return Err(format!("{name} has a value for each synapse"));
        }
        if graph.any(self.projection.states[i].init, of_pair) {
            return Err(format!("{name} starts elsewhere at each synapse"));
        }
        for event in self.events(i) {
            if event.period.is_some() {
                return Err(format!("`every` changes {name}"));
            }
            if event.by_target {
                return Err(format!("a spike of the target neuron changes {name}"));
            }
            if !event.additive {
                return Err(format!("what an event makes of {name} is not a sum with its old value"));
            }
            // Any other state that it reads is no sum itself, as below.
            if depends(graph, event.value, self.leaves[i]) {
                return Err(format!("what an event adds to {name} depends on the synapse's state"));
            }
        }
        for (reader, value) in self.readers.clone() {
            match reader {
                Reader::Equation(j) if j == i => {
                    if let Some(reason) = self.nonlinear(graph, value, &members, false) {
                        return Err(format!("the equation of {name} {reason}"));
                    }
                }
                Reader::Output(k) if depends(graph, value, self.leaves[i]) => {
                    if let Some(reason) = self.nonlinear(graph, value, &members, true) {
                        return Err(format!("what is added to {} {reason}", self.projection.outputs[k].0));
                    }
                }
                Reader::Equation(j) if !set[j] && depends(graph, value, self.leaves[i]) => {
                    return Err(format!("{} needs the value of {name} at each synapse", self.name(j)));
                }
                Reader::Event(j) if j != i && depends(graph, value, self.leaves[i]) => {
                    return Err(format!("{} needs the value of {name} at each synapse", self.name(j)));
                }
                Reader::Weight | Reader::Neuron if depends(graph, value, self.leaves[i]) => {
                    return Err(format!("an event or the weight needs the value of {name} at each synapse"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Why an expression is not linear in the states of the set; `None` if it is. Of an output, a
    /// part that has nothing to do with them is summed by itself.
    fn nonlinear(&self, graph: &mut Graph, root: Node, members: &[usize], output: bool) -> Option<String> {
        let foreign = |graph: &Graph, node: Node| {
            let own = |op: &Op| {
                matches!(op, Op::Get(name, _) if self.projection.states.iter().enumerate()
                    .any(|(j, s)| s.name == *name && !members.contains(&j)))
            };
            graph.any(node, |op| {
                own(op)
                    || matches!(
                        op,
                        Op::WeightValue
                            | Op::SourceIndex
                            | Op::Pre(_)
                            | Op::Random(..)
                            | Op::NeuronDraw { .. }
                            | Op::Noise(_)
                    )
            })
        };
        for &j in members {
            let name = self.name(j);
            let Ok(slope) = derivative(graph, root, self.leaves[j]) else {
                return Some(format!("has no derivative with respect to {name}"));
            };
            if let Some(&other) = members.iter().find(|&&k| depends(graph, slope, self.leaves[k])) {
                return Some(format!("is not linear: its slope in {name} depends on {}", self.name(other)));
            }
            if foreign(graph, slope) {
                return Some("is not the same for all synapses of a neuron".into());
            }
        }
        let zero = graph.constant(0.0);
        let nothing: HashMap<Node, Node> = members.iter().map(|&j| (self.leaves[j], zero)).collect();
        let rest = graph.substitute(root, &nothing);
        if output || rest == zero {
            return None;
        }
        if foreign(graph, rest) {
            return Some("is not the same for all synapses of a neuron".into());
        }
        Some("has a part that does not come from events".into())
    }

    /// Whether a state is the same for all synapses of a source neuron, up to the delay.
    fn is_source(&self, graph: &Graph, i: usize, set: &[bool]) -> Result<(), String> {
        let connection = &self.projection.connection;
        let shared_weight = !connection.weight_per_synapse && !connection.plastic;
        // What an equation sees of the neuron is a step older than its spikes, so no one delay shifts both.
        let equation = self.readers.iter().filter(|r| r.0 == Reader::Equation(i)).map(|r| r.1);
        let reads_neuron = equation.into_iter().any(|value| graph.any(value, |op| matches!(op, Op::Pre(_))));
        let apart = connection.delayed && self.projection.has_source_events() && reads_neuron;
        // Delays of the target's spikes are looked up at each synapse, even where all are the same.
        let (least, most) = connection.post_delays;
        let delays = least != most && self.name(i).rsplit('.').next() == Some(POST_DELAY);
        let allowed = |op: &Op| match op {
            Op::Get(name, _) => self.projection.states.iter().zip(set).any(|(s, &inside)| s.name == *name && inside),
            Op::WeightValue => shared_weight,
            Op::Post(_) | Op::Time | Op::TimeIndex { .. } | Op::TimeFraction(..) | Op::Due(_) => false,
            op => !is_its_own(op),
        };
        let fine = connection.source.is_some()
            && !delays
            && !apart
            && graph.is_uniform(self.projection.states[i].init)
            && self.events(i).all(|e| !e.by_target && e.period.is_none() && e.after == 0);
        self.only(graph, i, fine, allowed)
    }

    /// Whether a state is the same for all synapses of a target neuron.
    fn is_trace(&self, graph: &Graph, i: usize, set: &[bool]) -> Result<(), String> {
        let allowed = |op: &Op| match op {
            Op::Get(name, _) => self.projection.states.iter().zip(set).any(|(s, &inside)| s.name == *name && inside),
            Op::WeightValue | Op::Pre(_) => false,
            op => !is_its_own(op),
        };
        let (least, most) = self.projection.connection.post_delays;
        let state = &self.projection.states[i];
        // Late handlers act behind all that spikes do at once, and its neuron's spikes change a trace behind all handlers.
        let late = self.projection.events.iter().filter(|e| e.by_target && e.after > 0);
        let seen_late = late.into_iter().any(|e| depends(graph, e.value, self.leaves[i]));
        let at_once = |e: &Event| e.by_target && e.period.is_none() && e.after == 0;
        let fine = least == most && graph.is_uniform(state.init) && self.events(i).all(at_once) && !seen_late;
        self.only(graph, i, fine, allowed)
    }

    /// Whether the equation and the events of a state consist of what is allowed.
    fn only(&self, graph: &Graph, i: usize, fine: bool, allowed: impl Fn(&Op) -> bool) -> Result<(), String> {
        let mine = |reader: Reader| matches!(reader, Reader::Equation(j) | Reader::Event(j) if j == i);
        let values = self.readers.iter().filter(|r| mine(r.0)).map(|r| r.1);
        let reads_other = values.into_iter().any(|value| graph.any(value, |op| !allowed(op)));
        if fine && !reads_other { Ok(()) } else { Err(String::new()) }
    }
}

/// Whether an initial value is that of a pair of neurons, not of the target alone.
fn of_pair(op: &Op) -> bool {
    matches!(op, Op::SourceIndex | Op::PairIndex | Op::Pre(_) | Op::Post(_) | Op::NeuronDraw { of_source: true, .. })
}

/// Whether a value belongs to a single synapse or neuron, so that a state which others share cannot depend on it.
fn is_its_own(op: &Op) -> bool {
    matches!(
        op,
        Op::Index
            | Op::SourceIndex
            | Op::Random(..)
            | Op::NeuronDraw { .. }
            | Op::Noise(_)
            | Op::External(_)
            | Op::Read(..)
    )
}

/// The greatest part of a set in which the proof of every member holds; why the others fail is noted.
fn greatest(
    start: &[bool],
    reasons: &mut HashMap<usize, String>,
    mut proved: impl FnMut(usize, &[bool]) -> Result<(), String>,
) -> Vec<bool> {
    let mut set = start.to_vec();
    loop {
        let members: Vec<usize> = (0..set.len()).filter(|&i| set[i]).collect();
        let failed = members.into_iter().find_map(|i| proved(i, &set).err().map(|why| (i, why)));
        let Some((i, why)) = failed else { return set };
        set[i] = false;
        reasons.entry(i).or_insert(why);
    }
}

fn depends(graph: &Graph, root: Node, leaf: Node) -> bool {
    graph.order(&[root]).contains(&leaf)
}
