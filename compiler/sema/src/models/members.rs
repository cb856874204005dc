//! The declarations inside a model, sorted by kind; what may not stand there is reported.

use crate::expressions::checker::Checker;
use crate::expressions::functions::RESERVED;
use crate::models::cell::{MembraneSum, gates::occupancies};
use crate::program::modules::{describe_kind, kind_word, twice};
use bpc_syntax::ast::{
    Binding, Equation, EventHandler, Expr, History, Limits, Member, Model, ModelKind, ModelUse, Name, NeuronState,
    Recurrence, RuleKind, SpikeRule, Trigger,
};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The members of a model by kind, each in source order.
#[derive(Default)]
pub(crate) struct Members<'m> {
    pub parameters: Vec<&'m Binding>,
    pub inputs: Vec<&'m Binding>,
    pub states: Vec<&'m Binding>,
    pub posts: Vec<&'m NeuronState>,
    pub pres: Vec<&'m NeuronState>,
    pub weights: Vec<&'m Binding>,
    pub bounds: Vec<&'m Limits>,
    pub lets: Vec<&'m Binding>,
    pub equations: Vec<&'m Equation>,
    pub recurrences: Vec<&'m Recurrence>,
    pub histories: Vec<&'m History>,
    pub spikes: Vec<&'m SpikeRule>,
    pub handlers: Vec<&'m EventHandler>,
    pub post_handlers: Vec<&'m EventHandler>,
    pub outputs: Vec<&'m Binding>,
    pub methods: Vec<&'m ModelUse>,
    /// Of a cell: the parameters of its channels and ions, with what the cell gives for them.
    pub components: Option<&'m BTreeMap<String, Option<Expr>>>,
    /// Of a cell: the parameters of its channels and ions for which it gives what can change, as they are declared.
    pub arguments: Option<&'m BTreeMap<String, Binding>>,
    /// Of a cell: what flows into its membranes, by their potentials.
    pub membranes: Option<&'m BTreeMap<String, MembraneSum>>,
}

impl<'m> Members<'m> {
    /// Sorts the members of a model.
    pub fn of(model: &'m Model) -> Members<'m> {
        let mut members = Members::default();
        for member in &model.members {
            // Of arrays, what each element is.
            let member = match member {
                Member::Array(array) => &array.member,
                Member::Each(each) => &each.equation,
                other => other,
            };
            match member {
                Member::Parameter(b) => members.parameters.push(b),
                Member::Input(b) => members.inputs.push(b),
                Member::State(b) => members.states.push(b),
                Member::Post(p) => members.posts.push(p),
                Member::Pre(p) => members.pres.push(p),
                Member::Weight(b) => members.weights.push(b),
                Member::Bound(l) => members.bounds.push(l),
                Member::Let(b) => members.lets.push(b),
                Member::Equation(e) => members.equations.push(e),
                Member::Recurrence(r) => members.recurrences.push(r),
                Member::History(h) => members.histories.push(h),
                Member::Spike(s) => members.spikes.push(s),
                Member::OnSpike(h) if h.trigger == Trigger::Post => members.post_handlers.push(h),
                Member::OnSpike(h) => members.handlers.push(h),
                Member::Output(b) => members.outputs.push(b),
                Member::Method(n) => members.methods.push(n),
                // Cells are put together before their members are sorted.
                Member::Membrane(_)
                | Member::Gate(_)
                | Member::Scheme(_)
                | Member::NeedsIon(_)
                | Member::Component(_)
                | Member::Compartment(_)
                | Member::Couple(_)
                | Member::Array(_)
                | Member::Each(_) => {}
            }
        }
        members
    }
}

/// What a member is called and where it stands.
pub(crate) fn about(member: &Member) -> (&'static str, Span, Option<&Name>) {
    match member {
        Member::Parameter(b) => ("param", b.span, Some(&b.name)),
        Member::Input(b) => ("input", b.span, Some(&b.name)),
        Member::State(b) => ("state", b.span, Some(&b.name)),
        Member::Post(p) => ("post", p.binding.span, Some(&p.binding.name)),
        Member::Pre(p) => ("pre", p.binding.span, Some(&p.binding.name)),
        Member::Weight(b) => ("weight", b.span, Some(&b.name)),
        Member::Bound(l) => ("bound", l.span, None),
        Member::Let(b) => ("let", b.span, Some(&b.name)),
        Member::Equation(e) => ("equation", e.span, None),
        Member::Recurrence(r) => ("x(t + dt) = …", r.span, None),
        Member::History(h) => ("history", h.span, None),
        Member::Spike(s) => (rule_word(s), s.span, s.name.as_ref()),
        Member::OnSpike(h) if h.trigger == Trigger::Post => ("on post", h.span, None),
        Member::OnSpike(h) => ("on spike", h.span, None),
        Member::Output(b) => ("output", b.span, None),
        Member::Method(n) => ("method", n.span, None),
        Member::Membrane(m) => ("membrane", m.span, Some(&m.potential.name)),
        Member::Gate(g) => ("gate", g.span, Some(&g.name)),
        Member::Scheme(s) => ("scheme", s.span, None),
        Member::NeedsIon(n) => ("ion", n.span, Some(&n.name)),
        Member::Component(c) => (kind_word(c.kind), c.span, Some(&c.name)),
        Member::Compartment(c) => ("compartment", c.span, Some(&c.name)),
        Member::Couple(t) => ("couple", t.span, None),
        Member::Array(a) => {
            let (word, _, name) = about(&a.member);
            (word, a.span, name)
        }
        Member::Each(e) => ("equation … for", e.span, None),
    }
}

/// How a rule of a neuron begins.
pub(crate) fn rule_word(rule: &SpikeRule) -> &'static str {
    match rule.kind {
        RuleKind::Spike => "spike when",
        RuleKind::When if rule.name.is_some() => "event",
        RuleKind::When => "when",
        RuleKind::Every => "every",
        RuleKind::Recovery => "after refractory",
    }
}

fn allowed(kind: ModelKind, member: &Member) -> bool {
    match member {
        Member::Parameter(_) | Member::Let(_) | Member::State(_) | Member::Equation(_) => true,
        Member::Input(_) => !matches!(kind, ModelKind::Synapse | ModelKind::Channel | ModelKind::Plasticity),
        Member::Recurrence(_) | Member::Array(_) | Member::Each(_) | Member::History(_) => kind == ModelKind::Neuron,
        Member::Spike(rule) if rule.kind == RuleKind::Every => {
            matches!(kind, ModelKind::Neuron | ModelKind::Cell | ModelKind::Synapse | ModelKind::Plasticity)
        }
        Member::Spike(_) => matches!(kind, ModelKind::Neuron | ModelKind::Cell),
        Member::Method(_) => !matches!(kind, ModelKind::Channel | ModelKind::Ion),
        Member::Bound(_) => kind == ModelKind::Plasticity,
        Member::OnSpike(h) if h.trigger == Trigger::Post => matches!(kind, ModelKind::Synapse | ModelKind::Plasticity),
        Member::Post(_) | Member::Pre(_) | Member::Weight(_) | Member::OnSpike(_) => {
            matches!(kind, ModelKind::Synapse | ModelKind::Receptor | ModelKind::Plasticity)
        }
        Member::Output(_) => matches!(kind, ModelKind::Synapse | ModelKind::Receptor | ModelKind::Channel),
        Member::Membrane(_) => matches!(kind, ModelKind::Channel | ModelKind::Cell),
        Member::Gate(_) | Member::Scheme(_) | Member::NeedsIon(_) => kind == ModelKind::Channel,
        Member::Component(_) | Member::Compartment(_) | Member::Couple(_) => kind == ModelKind::Cell,
    }
}

impl Checker<'_> {
    /// Reports members that do not belong into the model, and names declared twice.
    pub(crate) fn check_members(&mut self, model: &Model) {
        self.check_member_list(model, &model.members);
    }

    /// The same for the members of a model, or of a compartment of it.
    pub(crate) fn check_member_list<'m>(&mut self, model: &'m Model, list: &'m [Member]) {
        let mut names: BTreeMap<&str, Span> = BTreeMap::new();
        // Those of names that are events.
        let mut events: Vec<Span> = Vec::new();
        for member in list {
            let (word, span, name) = about(member);
            if !allowed(model.kind, member) {
                let kind = describe_kind(model.kind);
                let error = Diagnostic::error(
                    "E0404",
                    match member {
                        Member::Array(_) => format!("{kind} has no array of `{word}`"),
                        _ => format!("{kind} has no `{word}`"),
                    },
                    span,
                    format!("cannot stand in {kind}"),
                );
                let error = error.also(model.name.span, format!("this is {kind}"));
                self.push(match (model.kind, member) {
                    (ModelKind::Synapse, Member::Input(_)) => {
                        error.hint("a synapse receives spikes: `on spike(w) { … }`")
                    }
                    (ModelKind::Cell, Member::Array(_) | Member::Each(_)) => {
                        error.hint("arrays of states belong to neurons; a cell has arrays of compartments: `compartment d[8] { … }`")
                    }
                    (_, Member::Array(_) | Member::Each(_)) => {
                        error.hint("arrays of states belong to neurons; here each has a name of its own: `state x, y : 1 = 0`")
                    }
                    (ModelKind::Neuron, Member::OnSpike(_)) => {
                        error.hint("what an event does stands in a synapse or a receptor")
                    }
                    _ => error,
                });
            }
            let Some(name) = name else { continue };
            self.check_name(name);
            let event = matches!(member, Member::Spike(_));
            if event && name.node == "spikes" {
                let error =
                    Diagnostic::error("E0205", "`spikes` cannot be declared as an event", name.span, "means spikes");
                self.push(error.hint("what is recorded as `E.spikes` comes of `spike when`: choose another name"));
            }
            match names.get(name.node.as_str()) {
                // Several rules may make one event.
                Some(first) if event && events.contains(first) => {}
                Some(first) => self.push(twice(name, *first)),
                None => {
                    names.insert(&name.node, name.span);
                    events.extend(event.then_some(name.span));
                }
            }
        }
    }

    /// Reports names that mean the same everywhere.
    pub(crate) fn check_name(&mut self, name: &Name) {
        let function = crate::expressions::functions::names()
            .any(|f| f == name.node && !crate::expressions::functions::is_open(f));
        if function || RESERVED.contains(&name.node.as_str()) {
            let what = match name.node.as_str() {
                "t" => "the time",
                "dt" => "the time step",
                "pi" => "the number 3.14159…",
                "xi" => "noise",
                _ => "a function",
            };
            self.error(
                "E0205",
                format!("`{}` cannot be declared", name.node),
                name.span,
                format!("this is {what} everywhere"),
            );
        }
    }
}

/// The member that declares a name.
pub(crate) fn declaring<'m>(members: &'m [Member], name: &str) -> Option<&'m Member> {
    members.iter().find(|member| own_names(std::slice::from_ref(member)).contains(name))
}

/// The names that members declare, without those of other members inside them.
pub(crate) fn own_names(members: &[Member]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for member in members {
        let declared = match member {
            Member::Parameter(b) | Member::Input(b) | Member::State(b) | Member::Let(b) => &b.name,
            Member::Output(b) if b.value.is_some() => &b.name,
            Member::Membrane(m) => &m.potential.name,
            Member::Gate(g) => &g.name,
            Member::NeedsIon(n) => &n.name,
            Member::Component(c) => &c.name,
            Member::Compartment(c) => &c.name,
            Member::Array(a) => {
                names.extend(own_names(std::slice::from_ref(&*a.member)));
                continue;
            }
            Member::Scheme(scheme) => {
                names.extend(occupancies(scheme).into_iter().map(|n| n.node.clone()));
                continue;
            }
            _ => continue,
        };
        names.insert(declared.node.clone());
    }
    names
}
