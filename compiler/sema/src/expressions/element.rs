//! Elements of data, `x[i]`, `W[i, j]`, `stimulus[t every 1 ms]`: what an index may be, and the
//! proof that it is one. Nothing is looked up at run time that has not been proven to exist.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::{evaluate, is_fixed, walk, walk_through};
use crate::expressions::scope::{Scope, Type, Typed};
use crate::expressions::time_index::at_run_time;
use crate::expressions::units::Unit;
use crate::expressions::whole::{Extents, range};
use crate::model::{BinaryOp, Delay, Element, Expr, Function, Let, Population, Projection, Source, State};
use crate::networks::network::Builder;
use crate::program::data::Known;
use bpc_syntax::ast::{self, Chosen, DataIndex};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::rc::Rc;

/// One index, checked.
pub(super) struct Index {
    pub(super) value: Typed,
    /// With `linear`: the next element's index, and how far it is on the way to it.
    pub(super) next: Option<(Expr, Expr)>,
}

impl Checker<'_> {
    /// `x[i]`
    pub(crate) fn element(&mut self, name: &ast::Name, places: &[DataIndex], span: Span, scope: &Scope) -> Typed {
        if let Some(declared) = name.node.strip_prefix('.') {
            // A part of a cell means the data of its file, whatever the cell calls so.
            let name = ast::Name { node: declared.to_owned(), span: name.span };
            let known = self.find_data(&name, &Scope::of_file(name.span.file));
            return self.element_of(&name, known, places, span, scope);
        }
        if scope.arrays.contains_key(&name.node) {
            self.array_as_value(span);
            return Typed::unknown();
        }
        let inside = format!("{}.", name.node);
        if self.data_named(&name.node, scope).is_none() && scope.starting(&inside).next().is_some() {
            let title = format!("`{}` is no array of networks, and no data", name.node);
            let error = Diagnostic::error("E0486", title, span, "an index here");
            self.push(error.hint("where each neuron has a value of its own, `i` is the neuron's index"));
            return Typed::unknown();
        }
        if scope.lists.contains_key(&name.node) {
            return self.element_of_list(name, places, span, scope);
        }
        let known = self.find_data(name, scope);
        self.element_of(name, known, places, span, scope)
    }

    /// An element of data that has been found.
    fn element_of(
        &mut self,
        name: &ast::Name,
        known: Option<Rc<Known>>,
        places: &[DataIndex],
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let Some(known) = known else {
            for place in places.iter().filter(|place| place.every.is_none()) {
                self.expression(&place.index, scope);
            }
            return Typed::unknown();
        };
        if known.is_tensor() {
            let dimensions = known.data.shape.len();
            let title = format!("`{}` has {dimensions} dimensions, so its elements cannot be chosen", name.node);
            let error = Diagnostic::error("E0465", title, span, "a kernel of a convolution only");
            self.push(error.also(known.span, "declared here").hint("`connect convolution(…)` takes it as a whole"));
            return Typed::unknown();
        }
        let lengths = match known.lengths() {
            (rows, Some(columns)) => vec![rows, columns],
            (size, None) => vec![size],
        };
        if places.len() != lengths.len() {
            let (title, usage) = match lengths.len() {
                1 => (format!("`{}` has one dimension", name.node), "i"),
                _ => (format!("`{}` has two dimensions", name.node), "i, j"),
            };
            let error = Diagnostic::error("E0465", title, span, format!("{} indices", places.len()));
            self.push(error.also(known.span, "declared here").hint(format!("write `{}[{usage}]`", name.node)));
            return Typed::unknown();
        }
        let indices: Option<Vec<Index>> = places
            .iter()
            .zip(&lengths)
            .map(|(place, &length)| self.index(place, (&name.node, length), &known, scope))
            .collect();
        let Some(indices) = indices else { return Typed::unknown() };
        let kind = Type::Number(known.unit.clone());
        if indices.iter().any(|index| matches!(index.value.expr, Expr::Number(number) if number.is_nan())) {
            return Typed::leaf(Expr::Number(f64::NAN), kind);
        }
        if known.sparse.is_some() {
            return self.sparse_element(name, &known, &indices, span, scope);
        }
        let between = indices.iter().position(|index| index.next.is_some());
        let here: Vec<Expr> = indices.iter().map(|index| index.value.expr.clone()).collect();
        let look_up = |at: Vec<Expr>| constant(&known, &at).map_or_else(|| element(&known, at, span), Expr::Number);
        // With a line between two elements, each index stands there three times.
        let times = if between.is_some() { 3 } else { 1 };
        let part = |index: &Index| Typed { nodes: index.value.nodes.saturating_mul(times), ..index.value.clone() };
        let parts: Vec<Typed> = indices.iter().map(part).collect();
        let build = |_: &[Expr]| match between.and_then(|at| Some((at, indices[at].next.clone()?))) {
            None => look_up(here.clone()),
            Some((at, (next, fraction))) => {
                let mut there = here.clone();
                there[at] = next;
                let (first, second) = (Rc::new(look_up(here.clone())), Rc::new(look_up(there)));
                let rise = Rc::new(Expr::Binary(BinaryOp::Subtract, second, first.clone()));
                let part = Rc::new(Expr::Binary(BinaryOp::Multiply, rise, Rc::new(fraction)));
                Expr::Binary(BinaryOp::Add, first, part)
            }
        };
        match <[Typed; 2]>::try_from(parts) {
            Ok(both) => self.built(&both, kind, span, |parts| build(&parts)),
            Err(mut one) => match one.pop() {
                Some(one) => self.built(&[one], kind, span, |parts| build(&parts)),
                None => Typed::unknown(),
            },
        }
    }

    /// An element of the sparse matrix that says which neurons are connected.
    fn sparse_element(
        &mut self,
        name: &ast::Name,
        known: &Rc<Known>,
        indices: &[Index],
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let connected = scope.connected.as_ref().filter(|(connected, _)| Rc::ptr_eq(&connected.data, &known.data));
        let [Index { value: row, .. }, Index { value: column, .. }] = indices else { return Typed::unknown() };
        if connected.is_some_and(|(_, places)| row.expr == places[0] && column.expr == places[1]) {
            let expr = element(known, vec![Expr::PairIndex], span);
            return Typed { expr, kind: Type::Number(known.unit.clone()), nodes: 2, height: 2 };
        }
        if scope.lost {
            return Typed::unknown();
        }
        let reversed = connected.is_some_and(|(_, places)| places[0] == Expr::Index);
        let indices = if reversed { "j, i" } else { "i, j" };
        let error = Diagnostic::error(
            "E0465",
            format!("`{}` is sparse: most of its elements are not there", name.node),
            span,
            "may not exist",
        );
        self.push(error.also(known.span, "declared here").hint(format!(
            "where `connect matrix({0})` makes the connections, their values are `{0}[{indices}]`, with nothing else as index",
            name.node
        )));
        Typed::unknown()
    }

    fn index(&mut self, place: &DataIndex, of: (&str, usize), known: &Known, scope: &Scope) -> Option<Index> {
        if let Some(every) = &place.every {
            return self.time_index(place, every, of.1, known, scope);
        }
        let value = self.expression(&place.index, scope);
        if value.is_unknown() || !self.fits(&value, &Unit::none(), place.index.span, "an index", None) {
            return None;
        }
        // What is said of pairs of neurons is known before the run, and so are its indices.
        if !scope.permits.pair && at_run_time(&value.expr) {
            return self.nearest(&value, of.1, place.index.span);
        }
        if !is_fixed(&value.expr) {
            return Some(Index { value, next: None });
        }
        let number = evaluate(&value.expr, &[]).unwrap_or(f64::NAN);
        if number.is_nan() && self.without_value(&place.index, scope) {
            // It has one, and is looked at again, in each call.
            return Some(Index { value: Typed::number(f64::NAN, Unit::none()), next: None });
        }
        if number.fract() != 0.0 || number < 0.0 || number >= of.1 as f64 {
            self.beyond((number, number), of, place.index.span, known.span);
            return None;
        }
        Some(Index { value: Typed::number(number, Unit::none()), next: None })
    }

    /// An index that is known at run time only: the nearest whole number that is one.
    fn nearest(&mut self, value: &Typed, length: usize, at: Span) -> Option<Index> {
        let last = u32::try_from(length.saturating_sub(1)).ok()?;
        let value = self.built(std::array::from_ref(value), Type::pure(), at, |[x]| Expr::Within(Rc::new(x), last));
        Some(Index { value, next: None })
    }

    /// An element of an array of a neuron, by an index that is known at run time only: the nearest whole number that is one.
    pub(crate) fn chosen_element(&mut self, chosen: &Chosen, span: Span, scope: &Scope) -> Typed {
        let index = self.expression(&chosen.index, scope);
        let among: Vec<Typed> = chosen.among.iter().map(|element| self.expression(element, scope)).collect();
        if index.is_unknown() || !self.fits(&index, &Unit::none(), chosen.index.span, "an index", None) {
            return Typed::unknown();
        }
        self.chosen_at(&index, chosen.first, &among, span)
    }

    /// The element among those from `first` on that the nearest whole number chooses.
    pub(crate) fn chosen_at(&mut self, index: &Typed, first: u64, among: &[Typed], span: Span) -> Typed {
        let rounded = |[x]: [Expr; 1]| match evaluate(&x, &[]) {
            Some(value) => Expr::Number(value.round_ties_even()),
            None => Expr::Call(Function::Round, vec![x]),
        };
        let index = self.built(std::array::from_ref(index), Type::pure(), span, rounded);
        self.chosen_of(&index, first, among, span)
    }

    /// The element among those from `first` on: the first of them where the index is less, or no number.
    fn chosen_of(&mut self, index: &Typed, first: u64, among: &[Typed], span: Span) -> Typed {
        if let [] | [_] = among {
            return among.first().cloned().unwrap_or_else(Typed::unknown);
        }
        let (low, high) = among.split_at(among.len() / 2);
        let middle = first + low.len() as u64;
        let low = self.chosen_of(index, first, low, span);
        let high = self.chosen_of(index, middle, high, span);
        let kind = self.same(&high, &low, (span, span), "the elements of an array");
        let middle = middle as f64;
        self.built(&[index.clone(), high, low], kind, span, |[index, high, low]| match index {
            Expr::Number(index) if index >= middle => high,
            Expr::Number(_) => low,
            index => {
                let above = Expr::Binary(BinaryOp::GreaterEqual, Rc::new(index), Rc::new(Expr::Number(middle)));
                Expr::If(Rc::new(above), Rc::new(high), Rc::new(low))
            }
        })
    }

    fn beyond(&mut self, (low, high): (f64, f64), (name, length): (&str, usize), at: Span, declared: Span) {
        let told =
            if low.to_bits() == high.to_bits() { format!("is {low}") } else { format!("goes from {low} to {high}") };
        let title = format!("an index of `{name}` {told}, but must be a whole number from 0 to {}", length - 1);
        let error = Diagnostic::error("E0463", title, at, format!("this {told}"));
        self.push(error.also(declared, "declared here"));
    }

    /// Proves every index of a network that is put together.
    pub(crate) fn elements(&mut self, builder: &Builder<'_>) {
        for (population, target) in builder.populations.iter().zip(&builder.targets) {
            // Without a size, its own mistake has been told.
            if target.size.is_some() {
                self.elements_of_population(population);
            }
        }
        for projection in &builder.projections {
            self.elements_of_projection(builder, projection);
        }
        for index in 0..self.parameters.len() {
            let value = self.parameters[index].value.clone();
            self.proven(&value, Extents::default());
        }
    }

    fn elements_of_population(&mut self, population: &Population) {
        let Population {
            name: _,
            model: _,
            size,
            states,
            inputs,
            lets,
            rules,
            spike_times: _,
            method: _,
            stands_for: _,
            events_of: _,
            span: _,
        } = population;
        let own = Extents { index: Some(*size), ..Extents::default() };
        // What is of a synapse is proven there.
        let of_neuron = |state: &&State| !matches!(state.init, Expr::OfSynapse(_));
        states.iter().filter(of_neuron).for_each(|state| self.proven(&state.init, own));
        self.states_and_lets(states, lets, own);
        inputs.iter().filter_map(|input| input.drive.as_ref()).for_each(|value| self.proven(value, own));
        for rule in rules {
            self.proven(&rule.condition, own);
            rule.updates.iter().for_each(|update| self.proven(&update.1, own));
            if let Some(pause) = &rule.refractory {
                self.proven(&pause.duration, own);
                pause.clamp.iter().for_each(|clamp| self.proven(&clamp.1, own));
            }
        }
    }

    fn elements_of_projection(&mut self, builder: &Builder<'_>, projection: &Projection) {
        // Whole, so that what a projection gets in addition is not forgotten here.
        let Projection {
            name: _,
            source,
            target,
            event: _,
            post_event: _,
            synapse: _,
            receptor: _,
            weight,
            weight_quantity: _,
            weight_per_synapse: _,
            normalise,
            // Of each synapse, it is the initial value of a state.
            post_delay: _,
            states,
            lets,
            on_spike,
            on_post,
            periodic,
            weight_derivative,
            weight_method: _,
            weight_bounds,
            rule_order: _,
            outputs,
            output_names: _,
            own_receptor,
            degrees: _,
            given,
            span: written,
        } = projection;
        let targets = builder.populations[target.0].size;
        let own = Extents { index: Some(targets), ..Extents::default() };
        let mut of_synapse = own;
        match source {
            Source::Poisson { rate } => {
                self.proven(weight, own);
                self.proven(rate, own);
            }
            Source::Population { population, connect, delay } => {
                let source = &builder.populations[population.0];
                let pair = Extents {
                    source: Some(source.size),
                    number: self.listed(&connect.rule),
                    neurons: Some([source, &builder.populations[target.0]]),
                    ..own
                };
                of_synapse = pair;
                self.proven(weight, pair);
                normalise.iter().for_each(|(_, total)| self.proven(total, pair));
                connect.probability.iter().for_each(|value| self.proven(value, pair));
                connect.chosen.iter().for_each(|chosen| self.proven(&chosen.value, pair));
                given.iter().for_each(|one| self.proven(&one.value, pair));
                if let Delay::PerSynapse { value, .. } = delay {
                    self.proven(value, pair);
                }
            }
        }
        states.iter().for_each(|state| self.proven(&state.init, of_synapse));
        self.states_and_lets(states, lets, own);
        let periodic = periodic.iter().flat_map(|period| &period.updates);
        let events = on_spike.iter().chain(on_post).chain(periodic).map(|update| (&update.value, update.span));
        let bounds = weight_bounds.iter().flat_map(|(low, high)| [low, high]);
        let of_weight = weight_derivative.iter().chain(bounds).map(|value| (value, *written));
        for (value, span) in events.chain(of_weight) {
            self.proven(value, own);
            if over_time(value, lets) {
                let title = "data over time cannot stand in events and rules of weights yet";
                let error = Diagnostic::error("E0466", title, span, "depends on data over time");
                self.push(error.hint("let an equation have it as a factor, or drive an input with it"));
            }
        }
        let sums = own_receptor.iter().flat_map(|receptor| &receptor.inputs).map(|input| &input.2);
        outputs.iter().map(|output| &output.1).chain(sums).for_each(|value| self.proven(value, own));
    }

    /// All but initial values.
    fn states_and_lets(&mut self, states: &[State], lets: &[Let], own: Extents<'_>) {
        for state in states {
            state.past.iter().chain(&state.derivative).chain(&state.next).for_each(|value| self.proven(value, own));
        }
        lets.iter().for_each(|one| self.proven(&one.value, own));
    }

    /// Proves the indices in an expression; reports those that may be none.
    fn proven(&mut self, expr: &Expr, extents: Extents<'_>) {
        let mut found = Vec::new();
        walk(expr, &mut |e| {
            if let Expr::Element(element) = e {
                let Element { data, places, span } = &**element;
                found.extend(
                    places.iter().zip(&data.shape).map(|(place, length)| (place.clone(), *length, data.clone(), *span)),
                );
            }
        });
        for (place, length, data, span) in found {
            match range(&place, extents) {
                Some((low, high)) if low >= 0.0 && high < length as f64 => {}
                Some(bounds) => self.beyond(bounds, (&data.name, length), span, data.span),
                None => {
                    let title = format!("this index of `{}` is not known to be one before the run", data.name);
                    let error = Diagnostic::error("E0463", title, span, "may be no whole number, or outside");
                    self.push(error.also(data.span, "declared here").hint(
                        "before the run, an index is made of whole numbers and `i`, `j`, `k` with `+`, `-`, `*`, `%`, `min`, `max`, \
                         `abs`, `if` and quotients by whole numbers, `floor(i / 4)`",
                    ));
                }
            }
        }
    }
}

/// Whether a time table decides on a value, directly or through lets.
fn over_time(expr: &Expr, lets: &[Let]) -> bool {
    let mut found = false;
    walk_through(expr, lets, &mut |e| found |= matches!(e, Expr::TimeIndex { .. } | Expr::TimeFraction(..)));
    found
}

fn element(known: &Known, places: Vec<Expr>, span: Span) -> Expr {
    Expr::Element(Rc::new(Element { data: known.data.clone(), places, span }))
}

/// The element at constant indices.
fn constant(known: &Known, at: &[Expr]) -> Option<f64> {
    let mut place = 0;
    for (index, &length) in at.iter().zip(&known.data.shape) {
        let Expr::Number(index) = index else { return None };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a whole number below the length
        let index = *index as usize;
        place = place * length + index;
    }
    known.data.values.get(place).copied()
}
