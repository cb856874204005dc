//! Cells: membrane, channels and ions, put together into the members of a neuron.
//!
//! What goes in: a `cell`, and the `channel`s and `ion`s that it names. What comes out: a checked
//! neuron whose names have dots, `Na.m`, `soma.V`, and whose expressions stand where the user wrote
//! them. Everything that a neuron is checked for is then checked by the same code.
//!
//! ```text
//! channel Na : INa { g_max = g }     param Na.g_max = g   state Na.m   let Na.I   (Na.m)' = …
//! ion Ca : Calcium                   let Ca.I = Ca_T.Ca.I + …          state Ca.c (Ca.c)' = …
//! membrane V { capacitance = C }     state V              V' = (Na.I + … + inputs) / C
//! ```

mod arrays;
mod assemble;
mod check;
mod gates;
mod inputs;
mod naming;

pub(crate) use inputs::MembraneSum;

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::walk;
use crate::expressions::scope::Permits;
use crate::model::{BinaryOp, Expr, Let, Population, Projection, State};
use crate::models::events::substitute;
use crate::models::instance::{Instance, Use};
use crate::models::members::Members;
use crate::models::neuron::Neuron;
use bpc_syntax::ast::{self, Binding, Member, Model, ModelKind, Name};
use bpc_syntax::diagnostic::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};

/// Nodes of an initial value once everything is written out.
const LARGEST: u64 = 20_000;

/// What a cell, or a part of one, comes to.
#[derive(Default)]
struct Assembly {
    /// The members of a neuron.
    members: Vec<Member>,
    /// The parameters of channels and ions by full name, with what the cell gives for them.
    parameters: BTreeMap<String, Option<ast::Expr>>,
    /// Parameters for which the cell gives what can change: by full name, as they are declared. They are `let`s of the cell.
    arguments: BTreeMap<String, Binding>,
    /// What flows into each membrane, by the full name of its potential.
    membranes: BTreeMap<String, MembraneSum>,
    /// States that start where they stand still: name and value.
    starts: Vec<(Name, ast::Expr)>,
}

impl Checker<'_> {
    /// Checks a cell for one use, or at its definition. There is none if something is wrong with it
    /// or with a part of it, which has been reported.
    pub(crate) fn cell(&mut self, model: &Model, mut site: Option<&mut Use<'_>>) -> Option<Neuron> {
        if !arrays::has_arrays(model) {
            return self.cell_of_single_compartments(model, site);
        }
        if site.is_none() {
            self.check_members(model);
        }
        if self.report.has_error_within(model.span) {
            return None;
        }
        let arrays::Expanded { model, arguments, counts } = self.expanded(model, site.as_deref())?;
        let mut inner = match (&mut site, &arguments) {
            (Some(site), Some(written)) => Some(Use {
                written,
                caller: site.caller,
                prefix: site.prefix,
                shared: &mut *site.shared,
                varying: site.varying.as_deref_mut(),
                permits: site.permits,
                first: site.first,
                element: site.element,
                qualifier: site.qualifier,
            }),
            _ => None,
        };
        let neuron = self.cell_of_single_compartments(&model, inner.as_mut())?;
        Some(Neuron { counts, ..neuron })
    }

    fn cell_of_single_compartments(&mut self, model: &Model, site: Option<&mut Use<'_>>) -> Option<Neuron> {
        let definition = site.is_none();
        if definition {
            self.check_cell_parts(model);
        }
        if self.report.has_error_within(model.span) {
            return None;
        }
        let assembly = self.assemble(model)?;
        let whole = Model { members: assembly.members, doc: String::new(), name: model.name.clone(), ..*model };
        let mut members = Members::of(&whole);
        members.components = Some(&assembly.parameters);
        members.arguments = Some(&assembly.arguments);
        members.membranes = Some(&assembly.membranes);
        let mut neuron = self.neuron_of(&whole, &members, model.span.file, site);
        self.cell_starts(&assembly.starts, &mut neuron.instance, definition);
        for input in &mut neuron.instance.inputs {
            if let Some(name) = input.name.strip_prefix(assemble::OUTSIDE) {
                input.name = name.to_owned();
            }
        }
        Some(neuron)
    }

    /// Checks a channel or an ion on its own: what it reads of its surroundings is an input.
    pub(crate) fn component_definition(&mut self, model: &Model) {
        self.check_component_parts(model);
        let assembly = self.component_alone(model);
        let whole = Model { members: assembly.members, doc: String::new(), name: model.name.clone(), ..*model };
        let members = Members::of(&whole);
        let parameters = self.model_parameters(&whole, &members, model.span.file, None, None);
        let mut instance = self.body(&members, parameters, None, 0);
        instance.lets = self.lets(&members, &mut instance.scope, 0, None);
        self.equations(&members, &mut instance);
        self.cell_starts(&assembly.starts, &mut instance, true);
        // What a cell or a channel reads of an ion may be a parameter that the ion itself does not use.
        if model.kind == ModelKind::Channel {
            self.unused_parameters(&members.parameters, &instance.scope);
        }
    }

    /// Initial values that follow from those of other states.
    fn cell_starts(&mut self, starts: &[(Name, ast::Expr)], instance: &mut Instance, definition: bool) {
        let scope = instance.scope.permitting(Permits::default());
        for (name, value) in starts {
            let typed = self.top(value, &scope);
            if let Some(state) = instance.states.iter_mut().find(|s| s.name == name.node && !typed.is_unknown()) {
                state.init = typed.expr;
            }
        }
        if !definition {
            return;
        }
        if let Some(state) = circular(&instance.states, &instance.lets) {
            let (name, span) = (state.name.clone(), state.span);
            let title = format!("the steady state of `{name}` follows from itself");
            let error = Diagnostic::error("E0430", title, span, "cannot start at its steady state");
            self.push(error.hint(format!("declare it as `state {name} : 1 = …` with an equation of its own")));
        }
        let large = instance.states.iter().find(|s| written_out_nodes(&s.init, &instance.lets) > LARGEST);
        if let Some(state) = large {
            let span = state.span;
            self.error("E0212", "the steady state of this is too large an expression", span, "too large");
        }
    }
}

/// A state whose initial value leads back to it.
fn circular<'s>(states: &'s [State], lets: &[Let]) -> Option<&'s State> {
    let needs: Vec<BTreeSet<usize>> = states.iter().map(|s| states_read(&s.init, lets)).collect();
    let mut done = vec![false; states.len()];
    // Each pass settles those whose needs are settled; what remains is a loop, or behind one.
    while let Some(next) = (0..states.len()).find(|&i| !done[i] && needs[i].iter().all(|&n| done[n])) {
        done[next] = true;
    }
    // Going from need to need, the first that comes again is in a loop.
    let mut at = (0..states.len()).find(|&i| !done[i])?;
    let mut seen = BTreeSet::new();
    while seen.insert(at) {
        at = needs[at].iter().copied().find(|&n| !done[n])?;
    }
    states.get(at)
}

/// The states that an expression reads, also through lets.
fn states_read(expr: &Expr, lets: &[Let]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![expr];
    let mut seen = BTreeSet::new();
    while let Some(expr) = open.pop() {
        walk(expr, &mut |e| match e {
            Expr::State(i) => {
                found.insert(*i);
            }
            Expr::Let(i) if seen.insert(*i) => open.extend(lets.get(*i).map(|l| &l.value)),
            _ => {}
        });
    }
    found
}

/// The number of nodes once lets are written out.
fn written_out_nodes(expr: &Expr, lets: &[Let]) -> u64 {
    let mut sizes: Vec<u64> = Vec::new();
    let count = |expr: &Expr, sizes: &[u64]| {
        let mut nodes = 0u64;
        walk(expr, &mut |e| {
            let size = if let Expr::Let(i) = e { sizes.get(*i).copied().unwrap_or(1) } else { 1 };
            nodes = nodes.saturating_add(size);
        });
        nodes
    };
    for one in lets {
        sizes.push(count(&one.value, &sizes));
    }
    count(expr, &sizes)
}

/// An expression with its lets written out.
fn written_out(expr: &Expr, lets: &[Let]) -> Expr {
    substitute(expr, &|e| match e {
        // A let needs earlier ones only.
        Expr::Let(i) => lets.get(*i).map(|l| written_out(&l.value, &lets[..*i])),
        _ => None,
    })
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
            let Expr::Binary(BinaryOp::Add, inside, outside) = &sum.value else { continue };
            if matches!(**outside, Expr::Input(of) if of == index) && input.drive.is_none() && !reached(index) {
                sum.value = (**inside).clone();
                input.present = false;
            }
        }
    }
}

/// Writes out initial values that read other states: those have their own initial values there,
/// whatever `init` has made of them, and nothing has arrived yet.
pub(crate) fn resolve_initial_values(population: &mut Population) {
    let reads = |expr: &Expr| {
        let mut found = false;
        walk(expr, &mut |e| found |= matches!(e, Expr::State(_) | Expr::Let(_) | Expr::Input(_) | Expr::Time));
        found
    };
    let mut open: Vec<usize> = (0..population.states.len()).filter(|&i| reads(&population.states[i].init)).collect();
    for &index in &open {
        population.states[index].init = written_out(&population.states[index].init, &population.lets);
    }
    while !open.is_empty() {
        let settled = |i: usize| !open.contains(&i);
        let ready = |i: &usize| states_read(&population.states[*i].init, &[]).into_iter().all(settled);
        let Some(next) = open.iter().position(ready) else { return };
        let index = open.remove(next);
        population.states[index].init = substitute(&population.states[index].init, &|e| match e {
            Expr::State(i) => population.states.get(*i).map(|s| s.init.clone()),
            Expr::Input(_) | Expr::Time => Some(Expr::Number(0.0)),
            _ => None,
        });
    }
}
