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
pub(crate) mod check;
pub(crate) mod gates;
mod inputs;
mod naming;

pub(crate) use inputs::{MembraneSum, leave_out_inputs};

use crate::expressions::checker::Checker;
use crate::expressions::scope::Permits;
use crate::models::initial::{circular, written_out_nodes};
use crate::models::instance::{Instance, Use};
use crate::models::members::Members;
use crate::models::neuron::Neuron;
use crate::models::written_out::Expanded;
use bpc_syntax::ast::{self, Binding, Member, Model, ModelKind, Name};
use bpc_syntax::diagnostic::Diagnostic;
use std::collections::BTreeMap;

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
        let Expanded { model, arguments, counts } = self.expanded(model, site.as_deref())?;
        let mut inner = site.as_mut().zip(arguments.as_ref()).map(|(site, written)| site.with(written));
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
        instance.scope.permits.delayed = Some(false);
        instance.lets = self.lets(&members, &mut instance.scope, 0, None);
        self.late_starts(&members, &mut instance);
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
