//! Whether the result depends on the order of what happens in the same step.
//!
//! What goes in: a network whose projections are aligned, and the model that it was emitted from, for places in the source. What
//! comes out: for each two groups of statements that can meet in one step and have a state in common, whether it matters which acts
//! first, and why; the order is the one that [`crate::passes::lower_to_step`] fixes. What may never happen: an order that matters is
//! said not to.
//!
//! Each group has what it reads and what it changes, and in which way: by adding, multiplying, raising or lowering with an amount that does not
//! read the state itself, by setting it, or in another way. Two groups commute if neither reads what the other changes, and what
//! both change is changed by both in one and the same of the first four ways, or set to the same value. Additions and
//! multiplications commute up to the rounding of numbers.

use crate::ir::{Graph, Network, Node, Op, Population, Projection, Symbol, Type};
use bpc_sema::model::{self, Model, RuleOrder};
use bpc_syntax::source::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// More pairs are only counted.
const MOST: usize = 500;

/// Whether it matters in which order two groups of statements act that can meet in one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Coincidence {
    /// Where they meet: a projection or a population.
    pub owner: String,
    /// What is said of them.
    pub text: String,
    /// Where they are written, the one that acts first before the other.
    pub places: Vec<Span>,
    /// Whether the order matters.
    pub matters: bool,
}

/// All that there is to say, those that matter first if it is too much.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coincidences {
    /// A line for each pair.
    pub pairs: Vec<Coincidence>,
    /// How many more there are.
    pub more: usize,
}

/// What a group of statements reads or changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Weight,
    /// A state of the synapse; in a rule of a neuron, of the neuron.
    Own(Symbol),
    /// A state of the target neuron.
    Post(Symbol),
}

/// How a state is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Add,
    Multiply,
    Raise,
    Lower,
    Set,
    Other,
}

/// Statements that act together.
#[derive(Clone, Debug)]
struct Action {
    what: String,
    span: Span,
    /// In which way each state is changed, and its new value.
    effects: BTreeMap<Place, (Way, Node)>,
    reads: BTreeSet<Place>,
}

/// When events of projections onto one target act: the phase of the step, the place of the projection, and how late they are.
type Moment = (Phase, usize, u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Deliver,
    Respond,
    /// Poisson sources, whose events the update of the neuron takes in.
    Poisson,
}

/// What a population is the target of.
type Arriving = (Symbol, Moment, Action);

/// All pairs that can meet, by projections, targets and populations.
pub(crate) fn coincidences(network: &mut Network, model: &Model) -> Coincidences {
    let mut pairs = all(network, model);
    let more = pairs.len().saturating_sub(MOST);
    if more > 0 {
        pairs.sort_by_key(|pair| !pair.matters);
        pairs.truncate(MOST);
    }
    Coincidences { pairs, more }
}

fn all(network: &mut Network, model: &Model) -> Vec<Coincidence> {
    let mut found = Vec::new();
    let mut actions: Vec<Arriving> = Vec::new();
    let Network { graph, projections, populations, .. } = network;
    for (index, projection) in projections.iter().enumerate() {
        let Some(written) = model.projections.iter().find(|p| *p.name == *projection.connection.name) else { continue };
        let own = of_projection(graph, projection, written, index);
        let bounded = projection.weight_bounds.is_some();
        for (at, (_, second)) in own.iter().enumerate() {
            for (_, first) in &own[..at] {
                found.push(pair(&projection.connection.name, first, second, bounded));
            }
        }
        let of_rules = |order: &RuleOrder| Coincidence {
            owner: written.name.clone(),
            text: order.text.clone(),
            places: order.places.clone(),
            matters: order.matters,
        };
        found.extend(written.rule_order.iter().map(of_rules));
        let periods = periodic(graph, projection, written);
        for (at, second) in periods.iter().enumerate() {
            found.extend(periods[..at].iter().map(|first| pair(&projection.connection.name, first, second, bounded)));
        }
        let target = &projection.connection.target;
        actions.extend(own.into_iter().map(|(moment, action)| (target.clone(), moment, action)));
    }
    for population in populations {
        let mut here: Vec<&Arriving> = actions.iter().filter(|a| a.0 == population.name).collect();
        here.sort_by_key(|a| a.1);
        found.extend(at_target(&population.name, &here));
        if let Some(written) = model.populations.iter().find(|p| *p.name == *population.name) {
            found.extend(of_rules(graph, population, written));
        }
    }
    found
}

/// What spikes that come along different synapses do to the states of their target neuron.
fn at_target(target: &str, actions: &[&Arriving]) -> Vec<Coincidence> {
    let mut found = Vec::new();
    for (at, (_, moment, second)) in actions.iter().enumerate() {
        let second = second.of_target();
        if moment.0 != Phase::Respond && !second.effects.is_empty() {
            let what = format!("{} along another synapse", second.what);
            let mut other = pair(target, &second, &Action { what, ..second.clone() }, false);
            other.places.truncate(1);
            if other.matters {
                other.text.push_str("; they come by delay, then by source");
            }
            found.push(other);
        }
        for (_, earlier, first) in &actions[..at] {
            // At one synapse of one projection, which has been looked at.
            if earlier.1 == moment.1 {
                continue;
            }
            let first = first.of_target();
            if first.touches(&second) {
                found.push(pair(target, &first, &second, false));
            }
        }
    }
    found
}

/// What spikes do at one synapse of a projection, in their order.
fn of_projection(
    graph: &Graph,
    projection: &Projection,
    written: &model::Projection,
    index: usize,
) -> Vec<(Moment, Action)> {
    let events = || projection.events.iter().filter(|e| e.period.is_none());
    let poisson = projection.connection.source.is_none();
    let moments: BTreeSet<Moment> = events()
        .map(|e| match (e.by_target, poisson) {
            (true, _) => (Phase::Respond, index, e.after),
            (false, true) => (Phase::Poisson, index, e.after),
            (false, false) => (Phase::Deliver, index, e.after),
        })
        .collect();
    let action = |moment: Moment| {
        let (by_target, after) = (moment.0 == Phase::Respond, moment.2);
        let updates = if by_target { &written.on_post } else { &written.on_spike };
        let span = updates.iter().find(|u| u.after == after).map_or(written.span, |u| u.span);
        let end = if by_target { "target" } else { "source" };
        let name = &projection.connection.name;
        let what = match after {
            0 => format!("a spike of the {end} of {name}"),
            after => format!("a spike of the {end} of {name}, {after} steps later"),
        };
        let mut action = Action { what, span, effects: BTreeMap::new(), reads: BTreeSet::new() };
        for event in events().filter(|e| e.by_target == by_target && e.after == after) {
            let (place, leaf) = match (event.weight, event.post) {
                (true, _) => (Place::Weight, Op::WeightValue),
                (_, true) => (Place::Post(event.state.clone()), Op::Post(event.state.clone())),
                _ => (Place::Own(event.state.clone()), Op::Get(event.state.clone(), Type::Real)),
            };
            action.change(graph, place, &leaf, event.value, event.additive);
        }
        (moment, action)
    };
    moments.into_iter().map(action).collect()
}

/// What is done at the end of periods at each synapse of a projection, in its order.
fn periodic(graph: &Graph, projection: &Projection, written: &model::Projection) -> Vec<Action> {
    let places: BTreeSet<u64> = projection.events.iter().filter_map(|e| e.period.map(|period| period.1)).collect();
    let action = |place: u64| {
        let block = usize::try_from(place).ok().and_then(|place| written.periodic.get(place));
        let span = block.and_then(|block| block.updates.first()).map_or(written.span, |u| u.span);
        let what = format!("`every` number {} of {}", place + 1, projection.connection.name);
        let mut action = Action { what, span, effects: BTreeMap::new(), reads: BTreeSet::new() };
        for event in projection.events.iter().filter(|e| e.period.is_some_and(|period| period.1 == place)) {
            let (place, leaf) = match event.weight {
                true => (Place::Weight, Op::WeightValue),
                false => (Place::Own(event.state.clone()), Op::Get(event.state.clone(), Type::Real)),
            };
            action.change(graph, place, &leaf, event.value, event.additive);
        }
        action
    };
    places.into_iter().map(action).collect()
}

/// The rules of a neuron, all of whose conditions are tested before any of them acts.
fn of_rules(graph: &mut Graph, population: &Population, written: &model::Population) -> Vec<Coincidence> {
    let mut actions: Vec<Action> = Vec::new();
    for (number, (rule, source)) in population.rules.iter().zip(&written.rules).enumerate() {
        let kind = match (&source.event, source.spikes) {
            (Some(event), _) => format!("`event {event}`"),
            (None, true) => "`spike when`".to_owned(),
            (None, false) if matches!(source.condition, model::Expr::Due(_)) => "`every`".to_owned(),
            (None, false) => "`when`".to_owned(),
        };
        let what = format!("{kind}, rule {}", number + 1);
        let mut action = Action { what, span: source.span, effects: BTreeMap::new(), reads: BTreeSet::new() };
        // Every value in terms of those before the rule.
        let mut values: HashMap<Node, Node> = HashMap::new();
        let mut changed: BTreeMap<Symbol, Node> = BTreeMap::new();
        let pause = rule.refractory.as_ref().filter(|pause| !pause.conditional);
        for place in 0..=rule.resets.len() {
            if let Some(pause) = pause.filter(|pause| pause.behind == place) {
                let duration = made_before(graph, pause.duration, &values);
                action.read(graph, duration);
            }
            let Some((state, value)) = rule.resets.get(place) else { continue };
            let value = made_before(graph, *value, &values);
            let leaf = graph.leaf(Op::Get(state.clone(), Type::Real));
            if !rule.simultaneous {
                values.insert(leaf, value);
            }
            changed.insert(state.clone(), value);
        }
        for (state, value) in changed {
            let leaf = Op::Get(state.clone(), Type::Real);
            action.change(graph, Place::Own(state), &leaf, value, false);
        }
        actions.push(action);
    }
    let mut found = Vec::new();
    for (at, second) in actions.iter().enumerate() {
        found.extend(actions[..at].iter().map(|first| pair(&population.name, first, second, false)));
    }
    found
}

/// A value after the statements that have made these.
fn made_before(graph: &mut Graph, value: Node, made: &HashMap<Node, Node>) -> Node {
    let order = graph.order(&[value]);
    let read: HashMap<Node, Node> = order.iter().filter_map(|node| Some((*node, *made.get(node)?))).collect();
    if read.is_empty() { value } else { graph.substitute(value, &read) }
}

impl Action {
    /// Adds a change of a state, of which `leaf` is the old value.
    fn change(&mut self, graph: &Graph, place: Place, leaf: &Op, value: Node, additive: bool) {
        let way = if additive {
            self.read(graph, value);
            if reads(graph, value, leaf) { Way::Other } else { Way::Add }
        } else if graph.op(value) == leaf {
            return;
        } else {
            self.way_of(graph, leaf, value)
        };
        // Along another synapse what is this one's has another value.
        let differs = matches!(place, Place::Post(_)) && way == Way::Set && graph.any(value, of_synapse);
        let way = if differs { Way::Other } else { way };
        // Twice only in one way.
        let known = self.effects.get(&place).is_some_and(|known| known.0 != way || way == Way::Set);
        self.effects.insert(place, (if known { Way::Other } else { way }, value));
    }

    /// In which way a state gets a value that is made of the old one; what it takes is read.
    fn way_of(&mut self, graph: &Graph, leaf: &Op, value: Node) -> Way {
        for way in [Way::Add, Way::Multiply, Way::Raise, Way::Lower] {
            let mut change = Amounts { graph, leaf, way, found: vec![], seen: HashSet::new() };
            if change.make(value) {
                change.found.into_iter().for_each(|amount| self.read(graph, amount));
                return way;
            }
        }
        self.read(graph, value);
        if reads(graph, value, leaf) { Way::Other } else { Way::Set }
    }

    fn read(&mut self, graph: &Graph, value: Node) {
        for node in graph.order(&[value]) {
            match graph.op(node) {
                Op::WeightValue => self.reads.insert(Place::Weight),
                Op::Get(name, _) => self.reads.insert(Place::Own(name.clone())),
                Op::Post(name) => self.reads.insert(Place::Post(name.clone())),
                _ => false,
            };
        }
    }

    /// So far as it is about states of the target neuron, which synapses have in common.
    fn of_target(&self) -> Action {
        let of_target = |place: &Place| matches!(place, Place::Post(_));
        Action {
            effects: self.effects.iter().filter(|e| of_target(e.0)).map(|(p, e)| (p.clone(), *e)).collect(),
            reads: self.reads.iter().filter(|place| of_target(place)).cloned().collect(),
            ..self.clone()
        }
    }

    /// Whether one of both changes what the other reads or changes.
    fn touches(&self, other: &Action) -> bool {
        let meets = |one: &Action, two: &Action| {
            one.effects.keys().any(|place| two.reads.contains(place) || two.effects.contains_key(place))
        };
        meets(self, other) || meets(other, self)
    }
}

/// Two groups of statements, the first of which acts first.
fn pair(owner: &str, first: &Action, second: &Action, bounded: bool) -> Coincidence {
    let both = format!("{} and {}", first.what, second.what);
    let (matters, text) = match commute(first, second, bounded) {
        Ok(why) => (false, format!("{both}: the order does not matter: {why}")),
        Err(why) => (true, format!("{both}: the order matters, the first comes before the second: {why}")),
    };
    Coincidence { owner: owner.to_owned(), text, places: vec![first.span, second.span], matters }
}

/// Why the order of two groups does not matter, or why it does.
fn commute(first: &Action, second: &Action, bounded: bool) -> Result<String, String> {
    for (one, other, [reader, writer]) in
        [(first, second, ["the second", "the first"]), (second, first, ["the first", "the second"])]
    {
        if let Some(place) = one.effects.keys().find(|place| other.reads.contains(place)) {
            return Err(format!("{reader} reads {}, which {writer} changes", place.name()));
        }
    }
    let mut common = Vec::new();
    for (place, (way, value)) in &first.effects {
        let Some((other, same)) = second.effects.get(place) else { continue };
        let name = place.name();
        let how = match (way, other) {
            (Way::Set, Way::Set) if value == same => "set %, to the same value",
            (Way::Set, Way::Set) => return Err(format!("both set {name}")),
            (one, two) if one != two || *one == Way::Other => {
                return Err(format!("both change {name}, in ways of which the order matters"));
            }
            _ if bounded && *place == Place::Weight => {
                return Err("both change the weight, which is kept between bounds after each".to_owned());
            }
            (Way::Add, _) => "only add to %, up to rounding",
            (Way::Multiply, _) => "only multiply %, up to rounding",
            (Way::Raise, _) => "only raise %",
            _ => "only lower %",
        };
        common.push(how.replace('%', &name));
    }
    if common.is_empty() {
        return Ok("neither reads or changes what the other changes".to_owned());
    }
    Ok(format!("both {}", common.join(", and ")))
}

impl Place {
    fn name(&self) -> String {
        match self {
            Place::Weight => "the weight".to_owned(),
            Place::Own(name) => name.to_string(),
            Place::Post(name) => format!("{name} of the target"),
        }
    }
}

/// Whether a value belongs to one synapse, or to one draw, and not to its target neuron.
fn of_synapse(op: &Op) -> bool {
    matches!(
        op,
        Op::WeightValue
            | Op::Get(..)
            | Op::Pre(_)
            | Op::SourceIndex
            | Op::PairIndex
            | Op::Random(..)
            | Op::NeuronDraw { of_source: true, .. }
    )
}

fn reads(graph: &Graph, value: Node, leaf: &Op) -> bool {
    graph.any(value, |op| op == leaf)
}

/// By what a state is changed in one way.
struct Amounts<'g> {
    graph: &'g Graph,
    /// The old value.
    leaf: &'g Op,
    way: Way,
    /// What it is changed by, none of which reads the old value.
    found: Vec<Node>,
    /// What has been looked at: the first that fails ends all.
    seen: HashSet<Node>,
}

impl Amounts<'_> {
    /// Whether a value is the old one changed in this way. As deep as the expression, which the front end bounds.
    fn make(&mut self, value: Node) -> bool {
        if self.graph.op(value) == self.leaf || !self.seen.insert(value) {
            return true;
        }
        let free = |node: Node| !reads(self.graph, node, self.leaf);
        let op = self.graph.op(value);
        let (amount, rest) = match (op, self.graph.arguments(value)) {
            (Op::Select, &[condition, a, b]) if free(condition) => {
                self.found.push(condition);
                return self.make(a) && self.make(b);
            }
            (Op::Neg, &[a]) if self.way == Way::Multiply => return self.make(a),
            (Op::Sub, &[a, b]) if self.way == Way::Add => (b, a),
            (Op::Div, &[a, b]) if self.way == Way::Multiply => (b, a),
            (op, &[a, b]) if self.way.operation().as_ref() == Some(op) => {
                if free(b) {
                    (b, a)
                } else {
                    (a, b)
                }
            }
            _ => return false,
        };
        let fits = free(amount);
        self.found.push(amount);
        fits && self.make(rest)
    }
}

impl Way {
    /// The operation that makes the new value of the old one and an amount.
    fn operation(self) -> Option<Op> {
        match self {
            Way::Add => Some(Op::Add),
            Way::Multiply => Some(Op::Mul),
            Way::Raise => Some(Op::Max),
            Way::Lower => Some(Op::Min),
            Way::Set | Way::Other => None,
        }
    }
}
