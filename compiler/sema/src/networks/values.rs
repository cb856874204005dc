//! What a network says of its populations beyond their models: initial values and drives.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::walk;
use crate::expressions::expression::LARGEST;
use crate::expressions::scope::{Permits, Role, Scope, Type, Typed};
use crate::model::{BinaryOp, Expr, PopulationId, Source};
use crate::models::initial::{written_out, written_out_nodes};
use crate::networks::network::{Builder, Target};
use crate::networks::place::Reached;
use crate::networks::subgroup::{Piece, Start};
use crate::program::modules::{its, list};
use bpc_syntax::ast;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use bpc_syntax::suggest::closest;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Where each state starts: whether of a population, of which, which state.
pub(crate) type Given = BTreeMap<(bool, usize, usize), Start>;

impl Target {
    /// Adds what an initial value may read of its own neuron: other states, which have their own initial values there, and
    /// `let`s, which follow from these. Coordinates come first: a state `x` at a position is hidden by it.
    fn add_starts(&self, name: &str, scope: &mut Scope) {
        let states = self.states[..self.first_parameter].iter().enumerate();
        let states = states.map(|(number, (state, unit, span))| {
            (state, Typed::leaf(Expr::State(number), Type::Number(unit.clone())), Role::State, *span)
        });
        let lets = self.lets.iter().map(|(of, value, span)| (of, value.clone(), Role::Let, *span));
        for (of, value, role, span) in states.chain(lets) {
            let full = format!("{name}.{of}");
            if !scope.locals.contains_key(&full) {
                scope.add(&full, value, role, span);
            }
        }
    }

    /// Adds what the rate of a Poisson source may read of the neuron that it stimulates: states, parameters with a value for each
    /// neuron, and `let`s that follow from these.
    pub(crate) fn add_values(&self, name: &str, scope: &mut Scope) {
        for (number, (state, unit, span)) in self.states.iter().enumerate() {
            let value = Typed::leaf(Expr::State(number), Type::Number(unit.clone()));
            scope.add(&format!("{name}.{state}"), value, Role::State, *span);
        }
        for (of, value, span) in &self.lets {
            let full = format!("{name}.{of}");
            if written_out_nodes(&value.expr, &self.population_lets) > LARGEST {
                continue;
            }
            let expr = written_out(&value.expr, &self.population_lets);
            let mut follows = true;
            walk(&expr, &mut |e| follows &= !matches!(e, Expr::Input(_) | Expr::Time | Expr::Delayed(..)));
            match follows {
                true => scope.add(&full, Typed { expr, ..value.clone() }, Role::Let, *span),
                false => scope.hide(&full, "it depends on inputs, the time, or the past: a rate follows from states"),
            }
        }
    }
}

impl Checker<'_> {
    /// `init` of all its targets.
    pub(crate) fn init(&mut self, builder: &mut Builder<'_>, init: &ast::Init, given: &mut Given) {
        for path in &init.targets {
            for path in self.reached(path, builder, &builder.scope) {
                self.whole_path(&path);
                self.init_one(builder, init, &path, given);
            }
        }
    }

    fn init_one(&mut self, builder: &mut Builder<'_>, init: &ast::Init, path: &Reached<'_>, given: &mut Given) {
        let depth = self.within.len();
        let Some(owner) = self.find_owner(builder, &path.owner) else { return };
        let (name, member) = (&path.owner, &path.member);
        let mut found = false;
        let places: Vec<(bool, usize)> = match owner.population() {
            Some(id) => vec![(true, id.0)],
            None => owner.projections.iter().map(|p| (false, *p)).collect(),
        };
        for &(population, index) in &places {
            let states =
                if population { &builder.populations[index].states } else { &builder.projections[index].states };
            let Some(state) = states.iter().position(|s| s.name == member.node) else { continue };
            found = true;
            let key = (population, index, state);
            if population && !self.has_neurons(builder, PopulationId(index), path.neurons) {
                continue;
            }
            if let Some(first) = given.get(&key).and_then(|start| start.clash(depth, path.neurons)) {
                let error = Diagnostic::error(
                    "E0421",
                    format!("`{}` is initialised twice", self.text(path.span)),
                    path.span,
                    "again here",
                );
                self.push(error.also(first, "first here"));
            }
            let declared = states[state].span;
            if states[state].parameter {
                self.initialised_parameter(path, declared);
                continue;
            }
            let unit = if population {
                builder.targets[index].states[state].1.clone()
            } else {
                builder.projection_units[index][state].clone()
            };
            let mut scope = match population {
                true => builder.scope.permitting(Permits { random: init.random, index: true, ..Permits::default() }),
                false => self.scope_of_synapses(builder, index, init),
            };
            let at = if population { index } else { builder.projections[index].target.0 };
            builder.targets[at].add_positions(builder.local(&builder.populations[at].name), &mut scope);
            if population {
                // What a neuron has drawn for itself is known when its states start.
                for (number, parameter) in states.iter().enumerate().filter(|(_, s)| s.parameter) {
                    let unit = builder.targets[index].states[number].1.clone();
                    let value = Typed::leaf(parameter.init.clone(), Type::Number(unit));
                    scope.add(&format!("{}.{}", name.node, parameter.name), value, Role::Parameter, parameter.span);
                }
                builder.targets[index].add_starts(&name.node, &mut scope);
            }
            let value = self.top(&init.value, &scope);
            let value = self.kept_of_state(&states[state], value, init.value.span);
            self.members_used(&scope, builder.local(&builder.populations[at].name), &builder.targets[at]);
            let receptor = || builder.projections[index].own_receptor.as_ref();
            if !population && receptor().is_some_and(|receptor| receptor.states.contains(&state)) {
                self.starts_at_target(&value, init.value.span);
            } else if let (false, Some(Source::Population { population: from, .. })) =
                (population, builder.projections.get(index).map(|projection| &projection.source))
            {
                self.neuron_values_used(&scope, [from.0, at].map(|end| &builder.targets[end]));
            }
            self.fits(&value, &unit, init.value.span, &format!("`{}.{}`", name.node, member.node), Some(declared));
            let model = || Start::new(states[state].init.clone());
            let start = given.entry(key).or_insert_with(model);
            start.add(Piece { depth, span: path.span, neurons: path.neurons, value });
            let init = self.started(start, if population { builder.targets[index].size } else { None });
            let states = if population {
                &mut builder.populations[index].states
            } else {
                &mut builder.projections[index].states
            };
            states[state].init = init;
        }
        if !found && !places.is_empty() {
            let mut states: Vec<&str> = Vec::new();
            for &(population, index) in &places {
                let of =
                    if population { &builder.populations[index].states } else { &builder.projections[index].states };
                states.extend(of.iter().map(|s| s.name.as_str()));
            }
            let error = Diagnostic::error(
                "E0207",
                format!("`{}` has no state `{}`", name.node, member.node),
                member.span,
                "no such state",
            );
            self.push(match closest(&member.node, states.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(its("states", states)),
            });
        }
    }

    /// Reports what the initial value of a receptor's state, which is the target neuron's, reads of single synapses.
    fn starts_at_target(&mut self, value: &Typed, span: Span) {
        let mut single = false;
        walk(&value.expr, &mut |e| {
            single |= matches!(
                e,
                Expr::SourceIndex
                    | Expr::PairIndex
                    | Expr::PreState(_)
                    | Expr::PostState(_)
                    | Expr::NeuronDraw { of_source: true, .. }
            );
        });
        if single {
            let title = "the state of a receptor does not start elsewhere for each synapse";
            let error = Diagnostic::error("E0535", title, span, "the receptor is one for all synapses of a neuron");
            self.push(error.hint("of the pair, `j` is known here, the index of the target neuron"));
        }
    }

    /// The scope of initial values of a projection's states: what its synapses know, as behind `weight ~`.
    fn scope_of_synapses(&mut self, builder: &Builder<'_>, index: usize, init: &ast::Init) -> Scope {
        let projection = &builder.projections[index];
        let permits = Permits { random: init.random, ..Permits::default() };
        let Source::Population { population, .. } = projection.source else {
            return builder.scope.permitting(Permits { index: true, ..permits });
        };
        let ends = [population, projection.target].map(|end| &builder.targets[end.0]);
        let mut scope = self.pair_scope(&builder.scope, Some(ends), init.value.span);
        Self::neuron_values(&mut scope, ends);
        scope.permits = Permits { pair: true, ..permits };
        self.along(&builder.wirings[index].along, &scope, true)
    }

    /// Behind the state, ranges are for `record`.
    fn whole_path(&mut self, path: &Reached<'_>) {
        if let Some((first, _)) = path.range {
            let title = "a part of a population cannot be chosen so here";
            let error = Diagnostic::error("E0420", title, first.span, "behind the state");
            self.push(error.hint("choose neurons behind the population: `E[0..4].V`"));
        }
    }

    /// `drive` of all its targets.
    pub(crate) fn drive(&mut self, builder: &mut Builder<'_>, drive: &ast::Drive) {
        for path in &drive.targets {
            for path in self.reached(path, builder, &builder.scope) {
                self.whole_path(&path);
                self.drive_one(builder, drive, &path);
            }
        }
    }

    fn drive_one(&mut self, builder: &mut Builder<'_>, drive: &ast::Drive, path: &Reached<'_>) {
        let owner = &path.owner;
        let Some(id) = self.find_population(builder, owner) else { return };
        if !self.has_neurons(builder, id, path.neurons) {
            return;
        }
        let target = &builder.targets[id.0];
        let Some(index) = target.inputs.iter().position(|i| i.0 == path.member.node) else {
            let name = &path.member;
            let error = Diagnostic::error(
                "E0207",
                format!("`{}` has no input `{}`", owner.node, name.node),
                name.span,
                "no such input",
            );
            self.push(match closest(&name.node, target.inputs.iter().map(|i| i.0.as_str())) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None if target.inputs.is_empty() => error.hint(format!("`{}` has no inputs", target.model)),
                None => error.hint(format!(
                    "the inputs of `{}` are {}",
                    target.model,
                    list(target.inputs.iter().map(|i| &i.0))
                )),
            });
            return;
        };
        let (_, unit, declared) = target.inputs[index].clone();
        let mut scope =
            builder.scope.permitting(Permits { time: true, index: true, random: true, ..Permits::default() });
        for (number, (state, unit, span)) in target.states.iter().enumerate() {
            let value = Typed::leaf(Expr::State(number), Type::Number(unit.clone()));
            scope.add(&format!("{}.{state}", owner.node), value, Role::State, *span);
        }
        target.add_positions(&owner.node, &mut scope);
        let size = target.size;
        let value = self.top(&drive.value, &scope);
        self.members_used(&scope, &owner.node, &builder.targets[id.0]);
        let what = format!("`{}.{}`", owner.node, path.member.node);
        self.fits(&value, &unit, drive.value.span, &what, Some(declared));
        self.draws_of_drive(&value.expr, builder.targets[id.0].first_parameter, drive.value.span);
        let value =
            self.for_neurons((path.neurons, size), value, Typed::leaf(Expr::Number(0.0), Type::Zero), drive.value.span);
        // Several drives of one input add up.
        let whole = match builder.drives.remove(&(id.0, index)) {
            None => value,
            Some(before) => {
                let kind = before.kind.clone();
                let add = |[a, b]: [Expr; 2]| Expr::Binary(BinaryOp::Add, Rc::new(a), Rc::new(b));
                self.built(&[before, value], kind, drive.value.span, add)
            }
        };
        builder.populations[id.0].inputs[index].drive = Some(whole.expr.clone());
        builder.drives.insert((id.0, index), whole);
    }

    /// Reports draws whose distribution depends on states: it is one number for the whole step, whatever the states do in it.
    fn draws_of_drive(&mut self, value: &Expr, states: usize, span: Span) {
        let mut moves = false;
        walk(value, &mut |e| {
            if let Expr::Random(_, arguments, _) = e {
                let of_state = |e: &Expr| matches!(e, Expr::State(index) if *index < states);
                arguments.iter().for_each(|argument| walk(argument, &mut |e| moves |= of_state(e)));
            }
        });
        if moves {
            let title = "what a drive draws does not depend on states";
            let error = Diagnostic::error("E0562", title, span, "a state decides on the distribution");
            self.push(error.hint(
                "scale what is drawn, `E.V * normal(0, 0.1)`, or draw in the neuron: `x(t + dt) = normal(0, …)`",
            ));
        }
    }
}
