//! What is wrong with a cell, a channel or an ion as it is written, before anything is put together.

use super::assemble::{needs, outputs};
use super::gates::occupancies;
use crate::expressions::checker::Checker;
use crate::models::members::{own_names, rule_word};
use crate::program::modules::{list, twice};
use bpc_syntax::ast::{Compartment, Coupling, Member, Membrane, Model, ModelKind, Name};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use bpc_syntax::suggest::closest;
use std::collections::{BTreeMap, BTreeSet};

/// What a membrane of a cell can be given.
pub(super) const SETTINGS: [&str; 3] = ["capacitance", "area", "current"];

fn membranes(members: &[Member]) -> Vec<&Membrane> {
    members.iter().filter_map(|m| if let Member::Membrane(m) = m { Some(m) } else { None }).collect()
}

fn compartments(model: &Model) -> Vec<&Compartment> {
    model.members.iter().filter_map(|m| if let Member::Compartment(c) = m { Some(c) } else { None }).collect()
}

impl Checker<'_> {
    /// Members and names of a channel or an ion.
    pub(super) fn check_component_parts(&mut self, model: &Model) {
        self.check_members(model);
        let mut names: BTreeMap<&str, Span> = BTreeMap::new();
        for member in &model.members {
            // Those that `check_members` has compared already, but for the last two.
            let found: Vec<&Name> = match member {
                Member::Parameter(b) | Member::Input(b) | Member::State(b) | Member::Let(b) => vec![&b.name],
                Member::Membrane(m) => vec![&m.potential.name],
                Member::Gate(g) => vec![&g.name],
                Member::NeedsIon(n) => vec![&n.name],
                _ => Vec::new(),
            };
            names.extend(found.into_iter().map(|n| (n.node.as_str(), n.span)));
        }
        for member in &model.members {
            let found: Vec<&Name> = match member {
                Member::Scheme(scheme) => occupancies(scheme),
                Member::Output(b) if b.value.is_some() => vec![&b.name],
                _ => Vec::new(),
            };
            for name in found {
                self.check_name(name);
                if let Some(first) = names.insert(&name.node, name.span) {
                    self.push(twice(name, first));
                }
            }
        }
        for need in needs(model) {
            let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
            for read in &need.reads {
                if let Some(first) = seen.insert(&read.name.node, read.name.span) {
                    self.push(twice(&read.name, first));
                }
            }
        }
        if model.kind == ModelKind::Channel {
            self.check_channel(model);
        }
    }

    fn check_channel(&mut self, model: &Model) {
        let membranes = membranes(&model.members);
        if let [first, second, ..] = membranes.as_slice() {
            let error = Diagnostic::error("E0433", "a channel sits in one membrane", second.span, "second membrane");
            self.push(error.also(first.span, "first membrane"));
        }
        for membrane in membranes {
            let value = membrane.potential.value.as_ref().map(|v| v.span);
            if let Some(span) = value.or(membrane.settings.first().map(|s| s.span)) {
                let title = "the membrane of a channel has nothing but a potential and its unit";
                let error = Diagnostic::error("E0433", title, span, "this belongs into the cell");
                self.push(error.hint(format!("write `membrane {} : mV`", membrane.potential.name.node)));
            }
        }
        if outputs(model).next().is_none() {
            let title = format!("channel `{}` has no current", model.name.node);
            let error = Diagnostic::error("E0405", title, model.name.span, "no output");
            self.push(error.hint("say what flows into the cell: `output I = g * (E - V)`"));
        }
        for output in outputs(model) {
            let Some((owner, _)) = output.name.node.split_once('.') else { continue };
            if needs(model).any(|n| n.name.node == owner) {
                if output.value.is_none() {
                    let title = format!("output `{}` has no value", output.name.node);
                    self.error("E0405", title, output.span, "no value");
                }
                continue;
            }
            let title = format!("channel `{}` has no ion `{owner}` that could carry its current", model.name.node);
            let error = Diagnostic::error("E0432", title, output.name.span, "not declared");
            self.push(error.hint(format!(
                "declare it: `ion {owner} {{ }}`, or `ion {owner} {{ E : mV }}` if it uses the reversal potential"
            )));
        }
        let own = own_names(&model.members);
        for output in outputs(model).filter(|o| o.value.is_none() && !o.name.node.contains('.')) {
            if !own.contains(&output.name.node) {
                let title = format!("there is no `{}` here", output.name.node);
                let error = Diagnostic::error("E0201", title, output.name.span, "not declared");
                self.push(error.hint(format!("say what it is: `output {} = …`", output.name.node)));
            }
        }
    }

    /// Members, names, membranes and compartments of a cell.
    pub(super) fn check_cell_parts(&mut self, model: &Model) {
        self.check_members(model);
        let compartments = compartments(model);
        let own = membranes(&model.members);
        if let ([compartment, ..], Some(member)) = (compartments.as_slice(), model.members.iter().find(|m| in_place(m)))
        {
            let (what, span) = match member {
                Member::Membrane(m) => ("a membrane", m.span),
                Member::Component(c) => ("a channel or an ion", c.span),
                _ => return,
            };
            let title = format!("{what} beside compartments belongs to none of them");
            let error = Diagnostic::error("E0434", title, span, "in no compartment");
            self.push(error.also(compartment.name.span, "a compartment").hint("put it into one of them"));
        }
        if compartments.is_empty() {
            self.check_membranes(&own, &model.name, "cell");
        }
        for compartment in &compartments {
            self.check_member_list(model, &compartment.members);
            for member in &compartment.members {
                let (word, span) = match member {
                    Member::Spike(s) => (rule_word(s), s.span),
                    Member::Method(n) => ("method", n.span),
                    Member::Compartment(c) => ("compartment", c.span),
                    Member::Couple(t) => ("couple", t.span),
                    _ => continue,
                };
                let title = format!("a compartment has no `{word}`");
                let error = Diagnostic::error("E0404", title, span, "cannot stand in a compartment");
                self.push(error.hint("put it beside the compartments"));
            }
            self.check_membranes(&membranes(&compartment.members), &compartment.name, "compartment");
        }
        self.check_couplings(model, &compartments);
    }

    /// Exactly one membrane, with what it needs.
    fn check_membranes(&mut self, found: &[&Membrane], owner: &Name, what: &str) {
        let membrane = match found {
            [] => {
                // Elements of an array have one text: the mistake is told once.
                let name = owner.node.split('[').next().unwrap_or(&owner.node);
                let title = format!("{what} `{name}` has no membrane");
                let error = Diagnostic::error("E0433", title, owner.span, "no membrane");
                self.push(error.hint("declare it: `membrane V : mV = -65 mV { capacitance = 1 uF/cm^2 }`"));
                return;
            }
            [only] => only,
            [first, second, ..] => {
                let title = format!("{what} `{}` has two membranes", owner.node);
                let error = Diagnostic::error("E0433", title, second.span, "second membrane");
                self.push(error.also(first.span, "first membrane").hint("make compartments of them"));
                return;
            }
        };
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for setting in &membrane.settings {
            let name = setting.name.node.as_str();
            if !SETTINGS.contains(&name) {
                let title = format!("a membrane has no `{name}`");
                let error = Diagnostic::error("E0433", title, setting.name.span, "not part of a membrane");
                self.push(match closest(name, SETTINGS) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("it can have {}", list(SETTINGS))),
                });
            }
            if let Some(first) = seen.insert(name, setting.name.span) {
                let title = format!("`{name}` is given twice");
                let error = Diagnostic::error("E0214", title, setting.name.span, "given again here");
                self.push(error.also(first, "first given here"));
            }
        }
        if !seen.contains_key("capacitance") {
            let title = format!("the membrane of {what} `{}` has no capacitance", owner.node);
            let error = Diagnostic::error("E0433", title, membrane.span, "no capacitance");
            let name = &membrane.potential.name.node;
            self.push(error.hint(format!("write `membrane {name} : mV = … {{ capacitance = 1 uF/cm^2 }}`")));
        }
    }

    /// Couplings join two different compartments, once, and leave none alone.
    fn check_couplings(&mut self, model: &Model, compartments: &[&Compartment]) {
        let couplings: Vec<&Coupling> =
            model.members.iter().filter_map(|m| if let Member::Couple(t) = m { Some(t) } else { None }).collect();
        let mut seen: BTreeMap<[&str; 2], Span> = BTreeMap::new();
        // Of the couplings that one line makes for an array, a mistake is told once.
        let mut told: BTreeSet<Span> = BTreeSet::new();
        for couple in &couplings {
            for name in [&couple.from.name, &couple.to.name] {
                if compartments.iter().any(|c| c.name.node == name.node) {
                    continue;
                }
                let title = format!("there is no compartment `{}`", name.node);
                let error = Diagnostic::error("E0434", title, name.span, "not declared");
                self.push(match closest(&name.node, compartments.iter().map(|c| c.name.node.as_str())) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None if compartments.is_empty() => error.hint("this cell has no compartments"),
                    None => error.hint(format!("there are {}", list(compartments.iter().map(|c| &c.name.node)))),
                });
            }
            let mut pair = [couple.from.name.node.as_str(), couple.to.name.node.as_str()];
            pair.sort_unstable();
            if told.contains(&couple.span) {
                continue;
            }
            if pair[0] == pair[1] {
                told.insert(couple.span);
                let title = format!("compartment `{}` is coupled to itself", pair[0]);
                self.error("E0434", title, couple.span, "leads nowhere");
            } else if let Some(first) = seen.insert(pair, couple.span) {
                told.insert(couple.span);
                let title = format!("`{}` and `{}` are coupled twice", pair[0], pair[1]);
                let error = Diagnostic::error("E0434", title, couple.span, "again here");
                self.push(error.also(first, "first here").hint("add the conductances"));
            }
            if !couple.reversible || couple.conductances.len() != 1 {
                let title = "compartments are coupled by one conductance in both directions";
                let error = Diagnostic::error("E0434", title, couple.span, "not such a coupling");
                self.push(error.hint("write `couple soma <-> dendrite (g)`"));
            }
        }
        if compartments.len() > 1 {
            let coupled: BTreeSet<&str> =
                couplings.iter().flat_map(|t| [t.from.name.node.as_str(), &t.to.name.node]).collect();
            let mut alone: BTreeMap<Span, Vec<&str>> = BTreeMap::new();
            for compartment in compartments.iter().filter(|c| !coupled.contains(c.name.node.as_str())) {
                alone.entry(compartment.name.span).or_default().push(&compartment.name.node);
            }
            alone.into_iter().for_each(|(declared, names)| self.coupled_to_nothing(declared, &names, compartments));
        }
    }

    /// Reports what no coupling mentions: a compartment, or elements of an array.
    fn coupled_to_nothing(&mut self, declared: Span, names: &[&str], compartments: &[&Compartment]) {
        let Some((first, others)) = names.split_first() else { return };
        if others.is_empty() {
            let title = format!("compartment `{first}` is coupled to nothing");
            let error = Diagnostic::error("E0434", title, declared, "stands alone");
            let other = compartments.iter().find(|c| c.name.node != *first).map_or("soma", |c| &c.name.node);
            self.push(error.hint(format!("write `couple {first} <-> {other} (g)`")));
            return;
        }
        let array = first.split('[').next().unwrap_or(first);
        let title = format!("{} compartments of `{array}` are coupled to nothing", names.len());
        let error = Diagnostic::error("E0434", title, declared, format!("`{first}` and others stand alone"));
        self.push(error.hint(format!("write `couple {array}[k] <-> {array}[k + 1] (g) for k in …`")));
    }
}

/// Whether a member belongs to one membrane.
fn in_place(member: &Member) -> bool {
    matches!(member, Member::Membrane(_) | Member::Component(_))
}
