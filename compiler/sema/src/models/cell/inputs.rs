//! What flows into the membranes of a cell: which of its inputs do, and whether it has the unit of a current there.

use super::naming::Naming;
use crate::expressions::checker::{Checker, given_label};
use crate::expressions::evaluate::evaluate;
use crate::expressions::scope::{Scope, Type};
use crate::expressions::units::{Ratio, Unit};
use crate::model::{self, BinaryOp, Population, Projection};
use crate::models::instance::mentioned;
use bpc_syntax::ast::{Expr, Member, Statement};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The right side of the equation of a potential, in parts.
pub(crate) struct MembraneSum {
    /// The capacitance.
    pub capacitance: Expr,
    /// The area by which what comes from outside is divided.
    pub area: Option<Expr>,
    /// What is added up.
    pub flows: Vec<Flow>,
}

/// One term of it.
pub(crate) struct Flow {
    /// What it is.
    pub value: Expr,
    /// Where that comes from.
    pub kind: FlowKind,
    /// Where it is declared or written.
    pub span: Span,
}

/// Where a term comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FlowKind {
    /// The output of a channel: its name.
    Channel(String),
    /// `current = …`
    Setting,
    /// An input that the cell does not use by name: its name.
    Input(String),
    /// What comes from a neighbour.
    Axial,
}

impl FlowKind {
    /// Whether it is divided by the area.
    fn is_outside(&self) -> bool {
        matches!(self, FlowKind::Input(_) | FlowKind::Axial)
    }

    fn describe(&self) -> String {
        match self {
            FlowKind::Channel(name) => format!("the current `{name}`"),
            FlowKind::Setting => "`current`".to_owned(),
            FlowKind::Input(name) => format!("input `{name}`"),
            FlowKind::Axial => "what comes from the neighbouring compartment".to_owned(),
        }
    }
}

/// Calls `found` with the full names that an expression mentions.
pub(super) fn full_names(expr: &Expr, naming: &Naming, found: &mut dyn FnMut(String)) {
    mentioned(expr, &mut |name, member| {
        let owner = if naming.own.contains(name) { naming.full(name) } else { name.to_owned() };
        found(match member {
            None => owner,
            Some(member) => format!("{owner}.{member}"),
        });
    });
}

/// The names that a cell uses in what happens to it: in equations and rules, in the braces of membranes, as arguments of
/// channels and ions, in couplings, and in the `let`s that these use. What is in a `let` for a record alone is not.
pub(super) fn used_names<'m>(parts: impl Iterator<Item = (&'m Naming, &'m [Member])>) -> BTreeSet<String> {
    let mut lets: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut open: Vec<String> = Vec::new();
    for (naming, members) in parts {
        for member in members {
            if let Member::Let(binding) = member {
                let names = lets.entry(naming.full(&binding.name.node)).or_default();
                binding.value.iter().for_each(|value| {
                    full_names(value, naming, &mut |name| {
                        names.insert(name);
                    });
                });
            }
            for expr in of_member(member) {
                full_names(expr, naming, &mut |name| open.push(name));
            }
        }
    }
    let mut used = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !used.contains(&name) {
            open.extend(lets.get(&name).into_iter().flatten().cloned());
            used.insert(name);
        }
    }
    used
}

/// The expressions of a member of a cell that are no definitions.
fn of_member(member: &Member) -> Vec<&Expr> {
    match member {
        Member::Equation(equation) => vec![&equation.derivative],
        Member::Recurrence(recurrence) => vec![&recurrence.value],
        Member::Membrane(membrane) => membrane.settings.iter().filter_map(|s| s.value.as_ref()).collect(),
        Member::Component(part) => part.model.arguments.iter().filter_map(|a| a.value.as_ref()).collect(),
        Member::Couple(couple) => couple.conductances.iter().collect(),
        Member::Spike(rule) => {
            std::iter::once(&rule.condition).chain(rule.actions.iter().flat_map(of_statement)).collect()
        }
        _ => Vec::new(),
    }
}

fn of_statement(statement: &Statement) -> Vec<&Expr> {
    match statement {
        Statement::Assign { value, .. } | Statement::Transmit { value, .. } => vec![value],
        Statement::Let(binding) => binding.value.iter().collect(),
        Statement::If { branches, otherwise, .. } => {
            let conditions = branches.iter().map(|(condition, _)| condition);
            let inside = branches.iter().flat_map(|(_, inside)| inside).chain(otherwise);
            conditions.chain(inside.flat_map(of_statement)).collect()
        }
        Statement::For { body, .. } => body.iter().flat_map(of_statement).collect(),
        Statement::Refractory { duration, clamp, .. } => {
            std::iter::once(duration).chain(clamp.iter().map(|(_, value)| value)).collect()
        }
    }
}

impl Checker<'_> {
    /// Whether all that flows into a membrane is a current there. What is not is reported, unless it is the capacitance that
    /// fits nothing, which the equation itself shows.
    pub(crate) fn membrane_fits(&mut self, sum: &MembraneSum, potential: &Unit, scope: &Scope) -> bool {
        // The equation is checked once more as a whole: it is what draws.
        let draws = self.draws;
        let capacitance = self.above_zero("capacitance", &sum.capacitance, scope);
        let area = sum.area.as_ref().map(|area| self.above_zero("area", area, scope));
        let kinds: Vec<Type> = sum.flows.iter().map(|flow| self.top(&flow.value, scope).kind).collect();
        self.draws = draws;
        let Some([inside, outside]) = wanted(&capacitance, area.as_ref(), potential) else { return true };
        let of = |flow: &Flow| if flow.kind.is_outside() { &outside } else { &inside };
        let numbers: Vec<(&Flow, &Unit)> = sum
            .flows
            .iter()
            .zip(&kinds)
            .filter_map(|(flow, kind)| if let Type::Number(unit) = kind { Some((flow, unit)) } else { None })
            .filter(|(_, unit)| !unit.dimension.is_open())
            .collect();
        let (fitting, others): (Vec<_>, Vec<_>) =
            numbers.into_iter().partition(|(flow, unit)| unit.dimension == of(flow).dimension);
        let inputs_alone = others.iter().all(|(flow, _)| matches!(flow.kind, FlowKind::Input(_)));
        if others.is_empty() || fitting.is_empty() && !inputs_alone {
            return true;
        }
        for (flow, unit) in others {
            self.no_current(flow, unit, of(flow), sum.capacitance.span);
        }
        false
    }

    /// The type of a setting of a membrane that is above zero if it is known before the run; reports it if not.
    fn above_zero(&mut self, name: &str, written: &Expr, scope: &Scope) -> Type {
        let value = self.top(written, scope);
        let known = if value.is_unknown() { None } else { evaluate(&value.expr, &self.parameters) };
        if let Some(number) = known.filter(|x| *x < 0.0) {
            let label = format!("this is {}", value.kind.unit().show(number));
            self.error("E0582", format!("the {name} of a membrane is above zero"), written.span, label);
        }
        value.kind
    }

    fn no_current(&mut self, flow: &Flow, unit: &Unit, wanted: &Unit, capacitance: Span) {
        let wanted = usual(wanted);
        let what = flow.kind.describe();
        let title = format!("{what} is {}, so it is no current into the membrane", in_unit(unit));
        let error = Diagnostic::error("E0538", title, flow.span, given_label(unit));
        let error = error.also(capacitance, format!("with this capacitance, a current is in {wanted}"));
        self.push(match &flow.kind {
            FlowKind::Input(name) => error.hint(format!(
                "an input that the cell uses by name (in an equation or a rule, in the braces of the membrane, as an argument of a \
                 channel or an ion; not in a `let` for records alone) flows nowhere by itself, and every other one into the \
                 membrane: use `{name}`, or give it the unit {wanted}"
            )),
            _ => error.hint("all currents through a membrane are per area, or all are absolute, as its capacitance is"),
        });
    }
}

/// As such a current is usually written.
fn usual(current: &Unit) -> String {
    let per_area = Ratio::new(-2, 1).and_then(|exponent| Unit::named("uA").times_power(&Unit::named("cm"), exponent));
    let found = [Some(Unit::named("nA")), per_area].into_iter().flatten().find(|u| u.dimension == current.dimension);
    found.unwrap_or_else(|| current.clone()).text()
}

fn in_unit(unit: &Unit) -> String {
    if unit.dimension.is_none() { "a pure number".to_owned() } else { format!("in {}", unit.describe()) }
}

/// The units of currents inside and outside of the division by the area.
fn wanted(capacitance: &Type, area: Option<&Type>, potential: &Unit) -> Option<[Unit; 2]> {
    let Type::Number(capacitance) = capacitance else { return None };
    let per_time = Ratio::new(-1, 1)?;
    let inside = capacitance.times_power(potential, Ratio::ONE)?.times_power(&Unit::named("ms"), per_time)?;
    let outside = match area {
        None => inside.clone(),
        Some(Type::Number(area)) => inside.times_power(area, Ratio::ONE)?,
        Some(_) => return None,
    };
    Some([inside, outside])
}

/// Leaves out the inputs of ions that no drive and no projection of the network reaches: the `let` of such a name is what
/// channels carry, and nothing else.
pub(crate) fn leave_out_inputs(populations: &mut [Population], projections: &[Projection]) {
    for (number, population) in populations.iter_mut().enumerate() {
        let reached = |input: usize| {
            let onto = projections.iter().filter(|p| p.target.0 == number);
            onto.flat_map(|p| &p.outputs).any(|output| output.0 == input)
        };
        for (index, input) in population.inputs.iter_mut().enumerate() {
            let Some(sum) = population.lets.iter_mut().find(|one| one.name == input.name) else { continue };
            let model::Expr::Binary(BinaryOp::Add, inside, outside) = &sum.value else { continue };
            if matches!(**outside, model::Expr::Input(of) if of == index) && input.drive.is_none() && !reached(index) {
                sum.value = (**inside).clone();
                input.present = false;
            }
        }
    }
}
