//! `simulate` blocks: step, duration, seed, what is recorded and what is expected.

use crate::expressions::checker::Checker;
use crate::expressions::scope::Scope;
use crate::expressions::units::Unit;
use crate::model::{Expr, PopulationId, Record, RecordTarget, Simulation};
use crate::models::neuron_value::is_kept;
use crate::models::recorded::is_of_target;
use crate::networks::connect::brief;
use crate::networks::network::Builder;
use crate::networks::place::Reached;
use crate::program::modules::{its, list};
use crate::program::options::Override;
use bpc_syntax::ast::{self, ExprKind, SimulationMember};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{FileId, Span};
use bpc_syntax::suggest::closest;
use std::collections::BTreeMap;

/// Values from the command line that replace settings.
#[derive(Clone, Default)]
pub(crate) struct Given {
    pub dt: Option<Override>,
    pub duration: Option<Override>,
    pub seed: Option<u64>,
}

/// Step, duration and seed.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub dt: f64,
    pub steps: u64,
    pub seed: u64,
    /// Whether the command line made the run longer or shorter than the file says.
    pub other_duration: bool,
}

impl Checker<'_> {
    /// Reads the settings; the step is known from then on.
    pub(crate) fn settings(&mut self, simulation: &ast::Simulation, file: FileId, given: &Given) -> Option<Settings> {
        let mut found: BTreeMap<&str, (&ast::Expr, Span)> = BTreeMap::new();
        for member in &simulation.members {
            let SimulationMember::Setting { name, value, span } = member else { continue };
            if !["dt", "duration", "seed"].contains(&name.node.as_str()) {
                let error = Diagnostic::error(
                    "E0502",
                    format!("there is no setting `{}`", name.node),
                    name.span,
                    "not a setting",
                );
                self.push(error.hint("the settings are `dt`, `duration` and `seed`"));
                continue;
            }
            if let Some((_, first)) = found.insert(&name.node, (value, *span)) {
                let error = Diagnostic::error("E0502", format!("`{}` is given twice", name.node), *span, "again here");
                self.push(error.also(first, "first here"));
            }
        }
        let scope = Scope::of_file(file);
        let time = |checker: &mut Self, name: &str, given: Option<&Override>, example: &str| -> Option<(f64, Span)> {
            let (value, span) = match (given, found.get(name)) {
                (Some(given), _) => (given.value.clone(), given.span),
                (None, Some((written, _))) => (checker.top(written, &scope), written.span),
                (None, None) => {
                    let title = format!("this simulation has no `{name}`");
                    let error = Diagnostic::error("E0502", title, simulation.network.name.span, format!("no `{name}`"));
                    checker.push(error.hint(format!("add `{name} {example}`")));
                    return None;
                }
            };
            let what = format!("`{name}`");
            if !checker.fits(&value, &Unit::named("ms"), span, &what, None) {
                return None;
            }
            let number = checker.fixed(&value, span, &what)?;
            if number <= 0.0 {
                checker.error(
                    "E0508",
                    format!("{what} must be positive"),
                    span,
                    format!("this is {}", Unit::named("ms").show(number)),
                );
                return None;
            }
            Some((number, span))
        };
        let dt = time(self, "dt", given.dt.as_ref(), "0.1 ms");
        let duration = time(self, "duration", given.duration.as_ref(), "1 s");
        if let Some((dt, _)) = dt {
            self.dt = dt;
        }
        let seed = match given.seed {
            Some(seed) => Some(seed),
            None => found.get("seed").map_or(Some(0), |(written, _)| self.seed(written, &scope)),
        };
        let (dt, dt_span) = dt?;
        let (duration, span) = duration?;
        let steps = self.steps_of(
            duration,
            span,
            "E0503",
            &format!("the duration of {}", Unit::named("ms").show(duration)),
            Some(dt_span),
        )?;
        Some(Settings { dt, steps, seed: seed?, other_duration: given.duration.is_some() })
    }

    fn seed(&mut self, written: &ast::Expr, scope: &Scope) -> Option<u64> {
        if let ExprKind::Number { text, unit: None } = &written.kind
            && let Ok(seed) = text.parse::<u64>()
        {
            return Some(seed);
        }
        let value = self.top(written, scope);
        if !self.fits(&value, &Unit::none(), written.span, "the seed", None) {
            return None;
        }
        let number = self.fixed(&value, written.span, "the seed")?;
        if number < 0.0 || number.fract() != 0.0 || number >= 9_007_199_254_740_992.0 {
            let error = Diagnostic::error(
                "E0508",
                "the seed must be a whole number",
                written.span,
                format!("this is {number}"),
            );
            self.push(error.hint("from 0 to 18446744073709551615"));
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole, 0 to 2^53
        Some(number as u64)
    }

    /// A time in whole steps.
    pub(crate) fn steps_of(
        &mut self,
        time: f64,
        span: Span,
        code: &'static str,
        what: &str,
        also: Option<Span>,
    ) -> Option<u64> {
        let ms = Unit::named("ms");
        let steps = time / self.dt;
        if (steps - steps.round()).abs() > 1e-6 * steps.round().max(1.0) {
            let mut error = Diagnostic::error(
                code,
                format!("{what} is {} steps of {}", brief(steps), ms.show(self.dt)),
                span,
                "not a whole number of steps",
            );
            if let Some(also) = also {
                error = error.also(also, "the step");
            }
            self.push(error.hint(format!("the nearest that is: {}", ms.show(steps.round().max(1.0) * self.dt))));
            return None;
        }
        if steps.round() > 1e15 {
            self.error("E0508", format!("{what} is too many steps"), span, format!("{steps} steps"));
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 1e15
        Some(steps.round() as u64)
    }

    /// A time given by an expression, in whole steps.
    pub(crate) fn time_steps(&mut self, written: &ast::Expr, scope: &Scope, what: &str) -> Option<u64> {
        let value = self.top(written, scope);
        if !self.fits(&value, &Unit::named("ms"), written.span, what, None) {
            return None;
        }
        let time = self.fixed(&value, written.span, what)?;
        if time < 0.0 {
            self.error("E0504", format!("{what} cannot be negative"), written.span, "negative");
            return None;
        }
        let text = format!("{what} of {}", Unit::named("ms").show(time));
        self.steps_of(time, written.span, "E0504", &text, None)
    }

    /// Records and expectations.
    pub(crate) fn requests(
        &mut self,
        simulation: &ast::Simulation,
        file: FileId,
        builder: &Builder<'_>,
        settings: Settings,
    ) -> Simulation {
        // Names of the network that are numbers may be used; those of the file come first.
        let mut scope = Scope::of_file(file);
        for (name, local) in &builder.scope.locals {
            let constant = self.program.scopes.get(&file).is_some_and(|s| s.contains_key(name));
            if !constant && matches!(local.value.expr, Expr::Number(_)) {
                scope.locals.insert(name.clone(), local.clone());
            }
        }
        scope.members = builder.scope.members.clone();
        scope.arrays = builder.scope.arrays.clone();
        let mut records = Vec::new();
        let mut expectations = Vec::new();
        for member in &simulation.members {
            match member {
                SimulationMember::Setting { .. } => {}
                SimulationMember::Record { targets, every, .. } => {
                    let every = match every {
                        None => Some(1),
                        Some(written) => match self.time_steps(written, &scope, "the interval") {
                            Some(0) => {
                                self.error(
                                    "E0504",
                                    "the interval of a record is at least one step",
                                    written.span,
                                    "zero",
                                );
                                None
                            }
                            steps => steps,
                        },
                    };
                    for measured in targets {
                        self.measured(measured, every.unwrap_or(1), &scope, builder, &mut records);
                    }
                }
                // Once everything else is known.
                SimulationMember::Changes { .. } => {}
                SimulationMember::Expect { .. } => {
                    self.expectation(member, &scope, builder, settings, &mut expectations);
                }
            }
        }
        let changes = self.changes(simulation, &scope, &builder.scope, settings);
        Simulation { dt: settings.dt, steps: settings.steps, seed: settings.seed, records, expectations, changes }
    }

    /// The elements of a path, for each place that it names.
    pub(crate) fn record(
        &mut self,
        path: &ast::Path,
        every: u64,
        scope: &Scope,
        builder: &Builder<'_>,
        records: &mut Vec<Record>,
    ) {
        for path in self.reached(path, builder, scope) {
            self.record_one(&path, every, scope, builder, records);
        }
    }

    fn record_one(
        &mut self,
        path: &Reached<'_>,
        every: u64,
        scope: &Scope,
        builder: &Builder<'_>,
        records: &mut Vec<Record>,
    ) {
        let Some(owner) = self.find_owner(builder, &path.owner) else { return };
        let member = &path.member;
        if let Some(neurons) = path.neurons {
            self.part_of_record(neurons);
            return;
        }
        // As written, but for the indices of networks.
        let Span { end, .. } = path.span;
        let rest = self.text(Span { end, ..member.span }).split_whitespace().collect::<String>();
        let name = format!("{}.{rest}", path.owner.node);
        if let Some(id) = owner.population() {
            let population = &builder.populations[id.0];
            if member.node == "spikes" {
                if let Some((first, last)) = self.range(path, builder.targets[id.0].size, scope) {
                    records.push(Record {
                        target: RecordTarget::Spikes { population: id, first, last },
                        aggregate: None,
                        every,
                        name,
                    });
                }
                return;
            }
            if let Some(event) = builder.event(id, &member.node) {
                if let Some((first, last)) = self.range(path, builder.targets[id.0].size, scope) {
                    records.push(Record {
                        target: RecordTarget::Spikes { population: event, first, last },
                        aggregate: None,
                        every,
                        name,
                    });
                }
                return;
            }
            if let Some(state) = population.states.iter().position(|s| s.name == member.node) {
                if let Some((first, last)) = self.range(path, builder.targets[id.0].size, scope) {
                    records.push(Record {
                        target: RecordTarget::PopulationState { population: id, state, first, last },
                        aggregate: None,
                        every,
                        name,
                    });
                }
                return;
            }
            match self.recorded(builder, id, member) {
                Ok(Some(value)) => {
                    if let Some((first, last)) = self.range(path, builder.targets[id.0].size, scope) {
                        let target = RecordTarget::PopulationValue { population: id, value, first, last };
                        records.push(Record { target, aggregate: None, every, name });
                    }
                }
                Ok(None) => {}
                Err(()) => self.nothing_to_record(builder, id, path),
            }
            return;
        }
        let mut found = false;
        for &projection in &owner.projections {
            let of = &builder.projections[projection];
            let state = of.states.iter().position(|s| s.name == member.node);
            let output = of.output_names.iter().position(|o| o.0 == member.node).filter(|_| state.is_none());
            let weight = member.node == "weight" && of.weight_per_synapse;
            if state.is_none() && output.is_none() && !weight {
                continue;
            }
            found = true;
            // How many states there are is known once the compiler has decided where they live, but for a receptor's.
            let receptor =
                of.own_receptor.as_ref().is_some_and(|r| state.is_some_and(|state| r.states.contains(&state)));
            let size = builder.targets[of.target.0].size.filter(|_| output.is_some() || receptor);
            if let Some((first, last)) = self.range(path, size, scope) {
                let name = if owner.projections.len() > 1 { format!("{}.{rest}", of.name) } else { name.clone() };
                let target = match (state, output) {
                    (Some(state), _) => RecordTarget::ProjectionState { projection, state, first, last },
                    (None, Some(output)) => RecordTarget::ProjectionOutput { projection, output, first, last },
                    (None, None) => RecordTarget::Weight { projection, first, last },
                };
                records.push(Record { target, aggregate: None, every, name });
            }
        }
        let named = |p: usize| builder.projections[p].lets.iter().filter(|l| l.name == member.node).count();
        // Of rules with `let`s of one name none is meant more than the others.
        let lets = owner.projections.iter().copied().filter(|&p| !found && named(p) == 1);
        for projection in lets.collect::<Vec<_>>() {
            found = true;
            let of = &builder.projections[projection];
            // Whether each target neuron or each synapse has it is known once the compiler has decided where states live.
            let size = builder.targets[of.target.0].size.filter(|_| is_of_target(of, &member.node));
            let range = self.range(path, size, scope);
            if let (Some(value), Some((first, last))) =
                (self.recorded_of_projection(builder, projection, member), range)
            {
                let name = if owner.projections.len() > 1 { format!("{}.{rest}", of.name) } else { name.clone() };
                let target = RecordTarget::ProjectionLet { projection, value, first, last };
                records.push(Record { target, aggregate: None, every, name });
            }
        }
        let is_let = |&p: &usize| named(p) > 0;
        if !found && owner.projections.iter().any(is_let) {
            let error = Diagnostic::error(
                "E0420",
                format!("`{}` is the name of several `let`s of this projection", member.node),
                member.span,
                "which of them?",
            );
            self.push(error.hint("record the states that it is made of"));
        } else if !found && !owner.projections.is_empty() {
            let of = || owner.projections.iter().map(|&p| &builder.projections[p]);
            let states = of().flat_map(|p| &p.states).map(|s| s.name.as_str());
            let outputs = of().flat_map(|p| &p.output_names).map(|o| o.0.as_str());
            let states: std::collections::BTreeSet<&str> = states.chain(outputs).collect();
            let error = Diagnostic::error(
                "E0207",
                format!("`{}` has no state `{}`", path.owner.node, member.node),
                member.span,
                "no such state",
            );
            self.push(error.hint(its("states and outputs", states)));
        }
    }

    fn nothing_to_record(&mut self, builder: &Builder<'_>, id: PopulationId, path: &Reached<'_>) {
        let (population, member) = (&builder.populations[id.0], &path.member);
        let error = Diagnostic::error(
            "E0207",
            format!("`{}` has no `{}`", population.name, member.node),
            member.span,
            "no such state",
        );
        let events = builder.events(id);
        let states = || {
            population
                .states
                .iter()
                .map(|s| s.name.as_str())
                .filter(|s| !is_kept(s))
                .chain(["spikes"])
                .chain(events.iter().copied())
        };
        let others = population.inputs.iter().map(|i| i.name.as_str());
        let others = others.chain(population.lets.iter().map(|l| l.name.as_str()).filter(|name| !name.is_empty()));
        self.push(match closest(&member.node, states().chain(others)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("it has {}", list(states()))),
        });
    }

    /// The elements `first..last` of a path; all without a range.
    fn range(&mut self, path: &Reached<'_>, size: Option<u64>, scope: &Scope) -> Option<(u64, u64)> {
        let size = size.unwrap_or(u64::MAX);
        let Some((first, last)) = &path.range else { return Some((0, size)) };
        let from = self.whole_expression(first, scope, "an index");
        let (from, to, span) = match last {
            None => {
                let from = from?;
                (from, from + 1, first.span)
            }
            Some(last) => {
                let to = self.whole_expression(last, scope, "an index");
                (from?, to?, first.span.to(last.span))
            }
        };
        if from >= to || to > size {
            let title = if from >= to {
                "this range is empty".to_owned()
            } else {
                format!("`{}` has {size} elements, so {} is out of range", self.text(path.owner.span), self.text(span))
            };
            let error = Diagnostic::error("E0505", title, span, "out of range");
            self.push(error.hint(format!("elements count from 0, and the end is not included: `[0..{}]`", size)));
            return None;
        }
        Some((from, to))
    }
}
