//! Parameters that change during a run: `at 500 ms { E.tau = 25 ms }` in a `simulate` block.
//!
//! In: the blocks, and the parameters that the network has in the end. Out: a list of steps, parameters and numbers, in the order of
//! time. What a change names is a parameter of the running network whose value is a plain number, as with `--set`; nothing that
//! decides a size, a structure, a delay or a period changes, and no parameter gets two values at one time.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::walk;
use crate::expressions::scope::Scope;
use crate::model::{Change, Delay, Expr, Model, ParameterId, Source};
use crate::networks::simulation::Settings;
use bpc_syntax::ast::{self, SimulationMember};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use bpc_syntax::suggest::closest;
use std::collections::BTreeSet;

impl Checker<'_> {
    /// All changes of a simulation.
    pub(crate) fn changes(
        &mut self,
        simulation: &ast::Simulation,
        values: &Scope,
        places: &Scope,
        settings: Settings,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        for member in &simulation.members {
            let SimulationMember::Changes { time, changes: written, .. } = member else { continue };
            let step = self.time_of_change(time, values, settings);
            for one in written {
                let found = self.change(one, values, places);
                let Some(step) = step else { continue };
                changes.extend(found.into_iter().map(|(parameter, value)| Change {
                    step,
                    parameter,
                    value,
                    span: one.span,
                }));
            }
        }
        // In the order of the text where times are equal.
        changes.sort_by_key(|change| change.step);
        self.changed_twice(&changes);
        // A run that was cut short on the command line does not come to all of them.
        changes.retain(|change| change.step < settings.steps);
        changes
    }

    /// How many steps are made before: at least one, and not all.
    fn time_of_change(&mut self, time: &ast::Expr, scope: &Scope, settings: Settings) -> Option<u64> {
        let step = self.time_steps(time, scope, "a time")?;
        if step == 0 {
            let title = "nothing can change before the first step";
            let error = Diagnostic::error("E0534", title, time.span, "the start of the run");
            self.push(error.hint("what it begins with is said in the network, by `simulate Net(…)` or with `--set`"));
            return None;
        }
        if step >= settings.steps && !settings.other_duration {
            let title = "this change comes after the last step";
            let error = Diagnostic::error("E0534", title, time.span, "not before the end of the simulation");
            self.push(error.hint("make `duration` longer"));
            return None;
        }
        Some(step)
    }

    /// One assignment: the parameters that it names, and their value in internal units.
    fn change(&mut self, change: &ast::Change, values: &Scope, places: &Scope) -> Vec<(ParameterId, f64)> {
        let typed = self.top(&change.value, values);
        let mut found = Vec::new();
        for name in self.places(&change.target, places) {
            let Some(parameter) = self.changed_parameter(&name.node, change.target.span) else { continue };
            let (unit, shown) = (self.parameter_units[parameter.0].clone(), format!("`{}`", name.node));
            if self.fits(&typed, &unit, change.value.span, &shown, None)
                && let Some(value) = self.fixed(&typed, change.value.span, "the value of a change")
            {
                found.push((parameter, value));
            }
        }
        found
    }

    fn changed_parameter(&mut self, name: &str, span: Span) -> Option<ParameterId> {
        let Some(at) = self.parameters.iter().position(|p| p.name == name) else {
            let title = format!("`{name}` is no parameter of the running network");
            let error = Diagnostic::error("E0534", title, span, "cannot change");
            let names = self.parameters.iter().filter(|p| p.settable).map(|p| p.name.as_str());
            let error = match closest(name, names) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(
                    "what decides a size, a structure, a delay or a period is fixed when the network is compiled, what differs from neuron to neuron when it is created; states change by rules: `every`, `when`",
                ),
            };
            self.push(error);
            return None;
        };
        let parameter = &self.parameters[at];
        if !parameter.settable {
            let error = Diagnostic::error("E0534", format!("`{name}` cannot be set"), span, "cannot change");
            let error = error.also(parameter.span, "it follows from other parameters");
            self.push(error.hint("change those instead: it follows them"));
            return None;
        }
        Some(ParameterId(at))
    }

    fn changed_twice(&mut self, changes: &[Change]) {
        for (at, change) in changes.iter().enumerate() {
            let same = |other: &&Change| other.step == change.step && other.parameter == change.parameter;
            if let Some(first) = changes[..at].iter().find(same) {
                let title = format!("`{}` is given twice at one time", self.parameters[change.parameter.0].name);
                self.push(Diagnostic::error("E0534", title, change.span, "again here").also(first.span, "first here"));
            }
        }
    }

    /// Refuses what only the whole network shows: zero for what something divides by, and changes of what has had its effect when the
    /// run begins.
    pub(crate) fn changes_of(&mut self, model: &Model) {
        if model.simulation.changes.is_empty() {
            return;
        }
        let (acting, once) = (acting(model), only_at_the_start(model));
        for change in &model.simulation.changes {
            let parameter = &model.parameters[change.parameter.0];
            if parameter.nonzero && change.value == 0.0 {
                let title = format!("`{}` cannot be zero", parameter.name);
                self.error("E0534", title, change.span, "something divides by it");
            }
            if once.contains(&change.parameter) && !acting.contains(&change.parameter) {
                let title = format!("a change of `{}` would change nothing", parameter.name);
                let error = Diagnostic::error("E0534", title, change.span, "without effect");
                self.push(error.hint(
                    "what it decides is computed once, before the first step: initial values, values of each neuron or synapse, connections",
                ));
            }
        }
    }
}

/// The parameters that what happens during the run reads, directly or through others.
fn acting(model: &Model) -> BTreeSet<ParameterId> {
    let mut roots: Vec<&Expr> = vec![];
    for population in &model.populations {
        roots.extend(population.states.iter().flat_map(|s| s.derivative.iter().chain(&s.next)));
        roots.extend(population.inputs.iter().filter_map(|i| i.drive.as_ref()));
        roots.extend(population.lets.iter().map(|l| &l.value));
        for rule in &population.rules {
            roots.push(&rule.condition);
            roots.extend(rule.updates.iter().map(|u| &u.1));
            roots.extend(rule.refractory.iter().map(|r| &r.duration));
            roots.extend(rule.refractory.iter().flat_map(|r| &r.clamp).map(|c| &c.1));
        }
    }
    for projection in &model.projections {
        if !projection.weight_per_synapse {
            roots.push(&projection.weight);
        }
        if let Source::Poisson { rate } = &projection.source {
            roots.push(rate);
        }
        roots.extend(projection.states.iter().filter_map(|s| s.derivative.as_ref()));
        roots.extend(projection.lets.iter().map(|l| &l.value));
        let periodic = projection.periodic.iter().flat_map(|p| &p.updates);
        roots.extend(projection.on_spike.iter().chain(&projection.on_post).chain(periodic).map(|u| &u.value));
        roots.extend(&projection.weight_derivative);
        roots.extend(projection.weight_bounds.iter().flat_map(|(low, high)| [low, high]));
        roots.extend(projection.outputs.iter().map(|o| &o.1));
        roots.extend(projection.own_receptor.iter().flat_map(|r| &r.inputs).map(|i| &i.2));
    }
    read(&roots, model)
}

/// The parameters that initial values, values of each neuron or synapse, and connections read.
fn only_at_the_start(model: &Model) -> BTreeSet<ParameterId> {
    let mut roots: Vec<&Expr> = model.populations.iter().flat_map(|p| &p.states).map(|s| &s.init).collect();
    for projection in &model.projections {
        roots.extend(projection.states.iter().map(|s| &s.init));
        if projection.weight_per_synapse {
            roots.push(&projection.weight);
        }
        roots.extend(projection.normalise.iter().map(|normalise| &normalise.1));
        if let Source::Population { connect, delay, .. } = &projection.source {
            roots.extend(&connect.probability);
            roots.extend(connect.chosen.iter().map(|chosen| &chosen.value));
            if let Delay::PerSynapse { value, .. } = delay {
                roots.push(value);
            }
        }
    }
    read(&roots, model)
}

fn read(roots: &[&Expr], model: &Model) -> BTreeSet<ParameterId> {
    let mut found = BTreeSet::new();
    let mut note = |e: &Expr| {
        if let Expr::Parameter(id) = e {
            found.insert(*id);
        }
    };
    roots.iter().for_each(|root| walk(root, &mut note));
    // A parameter refers to earlier ones.
    for index in (0..model.parameters.len()).rev() {
        if found.contains(&ParameterId(index)) {
            walk(&model.parameters[index].value, &mut |e| {
                if let Expr::Parameter(id) = e {
                    found.insert(*id);
                }
            });
        }
    }
    found
}
