//! `project` and `stimulate`: one projection for each pair of source and target.

use crate::expressions::checker::{Checker, NewParameter};
use crate::expressions::scope::{Local, Permits, Role, Scope, Type, Typed};
use crate::expressions::units::Unit;
use crate::model::{self, Delay, Expr, ParameterId, PopulationId, Projection, Source};
use crate::models::instance::mentions_index;
use crate::models::members::Members;
use crate::models::synapse::{Kinetics, Part, Surroundings};
use crate::networks::along::Along;
use crate::networks::chosen::{Choosing, place_at};
use crate::networks::clauses::Clauses;
use crate::networks::connect::{PROPORTIONAL_TO, Pair, WHERE};
use crate::networks::geometry::Geometry;
use crate::networks::network::{Builder, Owner, OwnerKind};
use crate::networks::place::Array;
use crate::networks::same_pairs::{SAME_AS, Wiring, borders};
use crate::networks::standing::OF_SYNAPSES;
use crate::networks::subgroup::{Chosen, Neurons, limited};
use bpc_syntax::ast::{self, Item, ModelKind, ModelUse, Name};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{FileId, Span};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What the pairs of one labelled statement have in common.
#[derive(Default)]
struct Shared {
    synapse: BTreeMap<String, (ParameterId, Unit)>,
    receptor: BTreeMap<String, (ParameterId, Unit)>,
    plasticity: Vec<BTreeMap<String, (ParameterId, Unit)>>,
    weight: BTreeMap<String, ParameterId>,
    rate: BTreeMap<String, ParameterId>,
}

/// A statement that makes projections.
pub(crate) struct Statement<'s> {
    pub clauses: Clauses<'s>,
    label: Option<&'s Name>,
    doc: &'s str,
    span: Span,
    single: bool,
    /// The combination of a `for`, as in `[3,5]`.
    element: &'s str,
}

impl<'s> Statement<'s> {
    /// What stands behind the label in a parameter's name: the combination, if the value depends on it.
    fn element_of(&self, written: &ast::Expr, scope: &Scope) -> &'s str {
        if self.label.is_some() && mentions_index(written, scope) { self.element } else { "" }
    }
}

/// Source or target of one projection.
#[derive(Clone, Copy)]
struct End<'e> {
    name: &'e Name,
    population: PopulationId,
    /// Which neurons, if not all.
    neurons: Option<Neurons>,
}

/// The names of one projection.
struct Names {
    /// Its own in the whole.
    name: String,
    /// What its parameters' names start with in the whole, the combination left out.
    prefix: String,
    /// `name` in the network at hand.
    local: String,
    /// `prefix` in the network at hand.
    local_prefix: String,
}

/// A model as declared.
type Found = (Rc<Item>, FileId);

/// Rules of plasticity, synapse and receptor as declared.
struct Models {
    plasticity: Vec<Found>,
    synapse: Option<Found>,
    receptor: Option<Found>,
}

impl Models {
    fn all(&self) -> impl Iterator<Item = &ast::Model> {
        let found = self.plasticity.iter().chain(&self.synapse).chain(&self.receptor);
        found.filter_map(|found| declared(found).map(|(model, _)| model))
    }
}

fn declared((item, file): &Found) -> Option<(&ast::Model, FileId)> {
    if let Item::Model(model) = &**item { Some((model, *file)) } else { None }
}

/// Whether a rule of plasticity says what the synapse gets.
fn transmits(rule: &Found) -> bool {
    fn inside(statement: &ast::Statement) -> bool {
        match statement {
            ast::Statement::Transmit { .. } => true,
            ast::Statement::If { branches, otherwise, .. } => {
                branches.iter().flat_map(|(_, then)| then).chain(otherwise).any(inside)
            }
            _ => false,
        }
    }
    declared(rule).is_some_and(|(model, _)| Members::of(model).handlers.iter().any(|h| h.actions.iter().any(inside)))
}

fn part<'m>(
    found: Option<&'m Found>,
    written: Option<&'m ModelUse>,
    shared: &'m mut BTreeMap<String, (ParameterId, Unit)>,
) -> Option<Part<'m>> {
    let (model, file) = declared(found?)?;
    Some(Part { model, file, written: written?, shared, qualifier: String::new() })
}

/// Whether two models have states of one name.
fn clash(rule: Option<&Found>, synapse: Option<&Found>) -> bool {
    let states = |found: Option<&Found>| -> Vec<String> {
        let model = found.and_then(declared);
        model.map_or(vec![], |(model, _)| Members::of(model).states.iter().map(|s| s.name.node.clone()).collect())
    };
    let of_synapse = states(synapse);
    states(rule).iter().any(|name| of_synapse.contains(name))
}

impl Checker<'_> {
    /// All combinations of a `project`.
    pub(crate) fn projects(&mut self, builder: &mut Builder<'_>, project: &ast::Project) {
        let mut shared = Shared::default();
        let chooses = usize::from(self.chooses(project, &builder.scope));
        self.label_array(builder, project.label.as_ref(), project.each.as_ref(), chooses);
        self.combinations(builder, project.each.as_ref(), &mut |checker, builder, element| {
            checker.project(builder, project, element, &mut shared);
        });
    }

    /// All combinations of a `stimulate`.
    pub(crate) fn stimulates(&mut self, builder: &mut Builder<'_>, stimulate: &ast::Stimulate) {
        let mut shared = Shared::default();
        self.label_array(builder, stimulate.label.as_ref(), stimulate.each.as_ref(), 0);
        self.combinations(builder, stimulate.each.as_ref(), &mut |checker, builder, element| {
            checker.stimulate(builder, stimulate, element, &mut shared);
        });
    }

    /// The label of a statement with `for` is an array, which may have no element; `more` indices are those of what synapses choose.
    fn label_array(
        &mut self,
        builder: &mut Builder<'_>,
        label: Option<&Name>,
        each: Option<&ast::Comprehension>,
        more: usize,
    ) {
        let indices = each.map_or(0, |each| each.indices.len()) + more;
        if let Some(label) = label.filter(|_| each.is_some() || more > 0) {
            let array = Array::Projections(indices);
            Rc::make_mut(&mut builder.scope.arrays).insert(label.node.clone(), array);
            self.no_projection(builder, Some(label));
        }
    }

    /// All pairs of a `project`.
    fn project(&mut self, builder: &mut Builder<'_>, project: &ast::Project, element: &str, shared: &mut Shared) {
        let clauses = self.clauses(&project.clauses, false);
        if clauses.connect.is_none() {
            let error = Diagnostic::error("E0415", "this `project` has no `connect`", project.span, "which pairs?");
            self.push(error.hint("say it: `connect fixed_probability(0.1)`, `connect all_to_all`, …"));
        }
        if self.reads_its_synapses(builder, &clauses, project.label.as_ref()) {
            self.no_projection(builder, project.label.as_ref());
            return;
        }
        let scope = builder.scope.clone();
        let mut chosen = |places: &[ast::Place]| -> Vec<Chosen> {
            places.iter().flat_map(|place| self.chosen_populations(place, builder, &scope)).collect()
        };
        let (sources, targets) = (chosen(&project.sources), chosen(&project.targets));
        drop(scope);
        let single = sources.len() == 1 && targets.len() == 1;
        let (label, span) = (project.label.as_ref(), project.span);
        let statement =
            Statement { clauses, label, doc: &project.doc, span, single, element: label.map_or("", |_| element) };
        if sources.is_empty() || targets.is_empty() {
            self.no_projection(builder, statement.label);
        }
        let Some(models) = self.projection_models(builder, &statement, project.span) else {
            self.no_projection(builder, statement.label);
            return;
        };
        for source in &sources {
            for target in &targets {
                let (Some(from), Some(to)) = (self.end(builder, source), self.end(builder, target)) else {
                    self.no_projection(builder, statement.label);
                    continue;
                };
                self.pairs_of_elements(builder, &statement, &models, (from, to), shared);
            }
        }
    }

    /// One projection, or one for each element of the array of which its synapses choose.
    fn pairs_of_elements(
        &mut self,
        builder: &mut Builder<'_>,
        statement: &Statement<'_>,
        models: &Models,
        (from, to): (End<'_>, End<'_>),
        shared: &mut Shared,
    ) {
        let names = builder.targets[to.population.0].names();
        let chosen = self.element_chosen_by_each(&statement.clauses, &builder.scope, &names);
        let (part, mut choosing, (place, span)) = match (chosen, statement.clauses.into) {
            (Some(Ok((part, choosing))), Some(into)) => (part, choosing, into),
            (Some(Err(error)), _) => {
                self.push(error);
                self.no_projection(builder, statement.label);
                return;
            }
            _ => return self.pair(builder, statement, models, (Some(from), to), shared, None),
        };
        choosing.first = builder.projections.len();
        for number in choosing.elements.clone() {
            if !self.room(1, span) {
                return;
            }
            self.copies += 1;
            choosing.at = number;
            let element = match (statement.label, statement.element.strip_suffix(']')) {
                (None, _) => String::new(),
                (Some(_), None) => format!("[{number}]"),
                (Some(_), Some(before)) => format!("{before},{number}]"),
            };
            let place = place_at(place, part, number);
            let clauses = Clauses { into: Some((&place, span)), ..statement.clauses };
            let Statement { label, doc, span, single, .. } = *statement;
            let one = Statement { clauses, label, doc, span, single, element: &element };
            self.pair(builder, &one, models, (Some(from), to), shared, Some(&mut choosing));
        }
    }

    /// All targets of a `stimulate`.
    fn stimulate(&mut self, builder: &mut Builder<'_>, stimulate: &ast::Stimulate, element: &str, shared: &mut Shared) {
        let clauses = self.clauses(&stimulate.clauses, true);
        if clauses.poisson.is_none() {
            let error =
                Diagnostic::error("E0415", "this `stimulate` has no `poisson`", stimulate.span, "at which rate?");
            self.push(error.hint("say it: `poisson 1 kHz`"));
        }
        let scope = builder.scope.clone();
        let chosen = |place| self.chosen_populations(place, builder, &scope);
        let targets: Vec<Chosen> = stimulate.targets.iter().flat_map(chosen).collect();
        if self.source_chooses(&clauses, &scope) {
            self.no_projection(builder, stimulate.label.as_ref());
            return;
        }
        drop(scope);
        let single = targets.len() == 1;
        let (label, span) = (stimulate.label.as_ref(), stimulate.span);
        let statement =
            Statement { clauses, label, doc: &stimulate.doc, span, single, element: label.map_or("", |_| element) };
        if targets.is_empty() {
            self.no_projection(builder, statement.label);
        }
        let Some(models) = self.projection_models(builder, &statement, stimulate.span) else {
            self.no_projection(builder, statement.label);
            return;
        };
        for target in &targets {
            let Some(to) = self.end(builder, target) else {
                self.no_projection(builder, statement.label);
                continue;
            };
            self.pair(builder, &statement, &models, (None, to), shared, None);
        }
    }

    /// A population, or a part of it that it has.
    fn end<'e>(&mut self, builder: &Builder<'_>, chosen: &'e Chosen) -> Option<End<'e>> {
        let population = self.find_population(builder, &chosen.name)?;
        let fits = self.has_neurons(builder, population, chosen.neurons);
        // All neurons are no part.
        let all = |n: &Neurons| Some(n.count()) == builder.targets[population.0].size;
        fits.then(|| End { name: &chosen.name, population, neurons: chosen.neurons.filter(|n| !all(n)) })
    }

    /// The label is known, though nothing could be made of it.
    fn no_projection(&mut self, builder: &mut Builder<'_>, label: Option<&Name>) {
        if let Some(label) = label {
            let owner = Owner { span: label.span, kind: OwnerKind::Projections, projections: Vec::new() };
            builder.owners.entry(label.node.clone()).or_insert(owner);
        }
    }

    fn projection_models(&mut self, builder: &Builder<'_>, statement: &Statement<'_>, span: Span) -> Option<Models> {
        let file = builder.scope.file;
        let Clauses { synapse, receptor, .. } = statement.clauses;
        let rules: Vec<&ModelUse> = statement.clauses.rules().collect();
        let found_rules: Vec<Found> =
            rules.iter().filter_map(|used| self.find_model(&used.name, file, ModelKind::Plasticity)).collect();
        let differ = self.rules_differ(&rules);
        let found_synapse = synapse.and_then(|used| self.find_model(&used.name, file, ModelKind::Synapse));
        let found_receptor = receptor.and_then(|used| self.find_model(&used.name, file, ModelKind::Receptor));
        // Weights that only change need nothing that takes a spike.
        let learns = !found_rules.is_empty() && !found_rules.iter().any(transmits);
        let stood_for = statement.label.is_some_and(|label| builder.stood_for.contains(&label.node));
        match (synapse, receptor) {
            (None, None) if !learns && !stood_for => {
                let error = Diagnostic::error(
                    "E0415",
                    "nothing is said of what a spike does",
                    span,
                    "no synapse and no receptor",
                );
                self.push(
                    error.hint("add `synapse Exponential { … }  receptor Conductance { … }`, or `receptor Delta`; a `plasticity` rule without `transmit` may stand alone"),
                );
                None
            }
            (Some(synapse), None) => {
                let error = Diagnostic::error(
                    "E0415",
                    format!("synapse `{}` has no receptor", synapse.name.node),
                    synapse.span,
                    "its output goes nowhere",
                );
                self.push(error.hint("add `receptor Current` or `receptor Conductance { E = 0 mV }`"));
                None
            }
            _ if (synapse.is_some() && found_synapse.is_none())
                || (receptor.is_some() && found_receptor.is_none())
                || found_rules.len() < rules.len()
                || !differ =>
            {
                None
            }
            _ => Some(Models { plasticity: found_rules, synapse: found_synapse, receptor: found_receptor }),
        }
    }

    /// The input or the compartment that `into` names, with its indices as numbers.
    fn input_at(
        &mut self,
        builder: &Builder<'_>,
        written: Option<(&ast::Place, Span)>,
        target: PopulationId,
    ) -> Result<Option<(Name, Span)>, ()> {
        let Some((place, span)) = written else { return Ok(None) };
        let all = builder.targets[target.0].names();
        let names = self.members_at(&place.parts, &all, &builder.scope);
        match names.as_slice() {
            [] => Err(()),
            [only] => Ok(Some((Name { node: only.clone(), span: place.span }, span))),
            _ => {
                let of_inputs = names.iter().any(|name| builder.targets[target.0].inputs.iter().any(|i| i.0 == *name));
                let what = if of_inputs { "spikes go into one input" } else { "spikes act on one compartment" };
                let error = Diagnostic::error("E0486", what, place.span, "several here");
                self.push(
                    error.hint("repeat the statement: `into dendrite[k]` with `for k in 0..4` before its braces"),
                );
                Err(())
            }
        }
    }

    /// One projection.
    fn pair(
        &mut self,
        builder: &mut Builder<'_>,
        statement: &Statement<'_>,
        models: &Models,
        (source, target): (Option<End<'_>>, End<'_>),
        shared: &mut Shared,
        choosing: Option<&mut Choosing<'_>>,
    ) {
        let to = target.population;
        let pair = format!("{}_to_{}", source.map_or("poisson", |s| s.name.node.as_str()), target.name.node);
        let start = builder.prefix.clone();
        let element = statement.element;
        let (name, prefix) = match statement.label.map(|l| format!("{start}{}", l.node)) {
            None => {
                let name = self.unique(&format!("{start}{pair}"));
                (name.clone(), name)
            }
            Some(label) if statement.single => (format!("{label}{element}"), label),
            Some(label) => (self.unique(&format!("{label}{element}_{pair}")), label),
        };
        let local = |full: &str| full[start.len()..].to_owned();
        let names = Names { local: local(&name), local_prefix: local(&prefix), name, prefix };
        let prefix = names.prefix.as_str();
        let mut own = Shared::default();
        let shared = if statement.label.is_some() { shared } else { &mut own };
        let clauses = &statement.clauses;
        let Ok(into) = self.input_at(builder, clauses.into, to) else {
            self.no_projection(builder, statement.label);
            return;
        };
        let degrees = match source {
            Some(from) => self.degrees(builder, clauses, [from.population, to], (&names.name, statement.span)),
            None => [None; 2],
        };
        let scope = builder.scope.clone();
        let ends = [source.map_or(to, |s| s.population), to].map(|id| &builder.targets[id.0]);
        let mut pairs = self.pair_scope(&scope, source.is_some().then_some(ends), statement.span);
        let mut scope = scope;
        if !self.has_distance_of_its_own(&scope) {
            scope.hide(
                "distance",
                "it differs from synapse to synapse; it is known behind `~`, in `probability(…)` and in `where(…)`",
            );
        }
        // Values of single synapses, and rules that look at single pairs, know the neurons.
        let pairwise = clauses.connect.is_some_and(|c| {
            matches!(c.rule.node.as_str(), "probability" | "where")
                || c.named.iter().any(|one| [WHERE, PROPORTIONAL_TO].contains(&one.name.node.as_str()))
        });
        if source.is_some() {
            Self::neuron_values(&mut pairs, ends);
        }
        let mut ruled = pairs.clone();
        if source.is_some() {
            Self::add_degrees(degrees, (&mut pairs, &mut ruled), statement.span);
        }
        let of_pairs = |yes: bool| if yes { &pairs } else { &scope };

        let sizes = source.map(|End { name, population: from, neurons }| Pair {
            source: (&name.node, builder.targets[from.0].size),
            target: (&target.name.node, builder.targets[to.0].size),
            parts: [neurons, target.neurons],
            grids: [from, to].map(|end| builder.targets[end.0].geometry.as_ref().and_then(Geometry::grid)),
            populations: Some([from, to].map(|end| &builder.populations[end.0])),
        });
        // The projection that has the same pairs, if it is said so; and if it could be found.
        let alike = match (source, &sizes, clauses.connect) {
            (Some(from), Some(sizes), Some(written)) if written.rule.node == SAME_AS => {
                Some(self.alike(builder, &written, &scope, [from.population, to], sizes))
            }
            _ => None,
        };
        let wiring = match (alike, &sizes) {
            (Some(Some(alike)), _) => self.wired_alike(builder, alike),
            (lost, sizes) => {
                let parts = sizes.as_ref().map_or([None; 2], |sizes| borders(sizes.parts));
                let along = if lost.is_some() { Along::lost() } else { self.known_along(statement, &scope) };
                Wiring { parts, along }
            }
        };
        let random = clauses.weight.is_some_and(|w| w.0);
        let weight = self.weight(statement, prefix, (of_pairs(random), &wiring.along), models.all(), shared);
        let normalise = self.normalise(&statement.clauses, (&weight.typed, random), &pairs);
        let weight = Weight { normalise, ..weight };
        let from = source.map(|s| s.population);
        let mut post_delay = Delay::None;
        let source = match source {
            None => {
                let mut scope = scope.clone();
                builder.targets[to.0].add_values(&target.name.node, &mut scope);
                let source =
                    self.poisson(statement, prefix, &scope, (target.neurons, builder.targets[to.0].size), shared);
                self.members_used(&scope, &target.name.node, &builder.targets[to.0]);
                source
            }
            Some(End { population: from, .. }) => {
                let of_rule = if pairwise { &ruled } else { &scope };
                let known = choosing.as_ref().and_then(|choosing| choosing.whole.clone());
                let connect = match (alike, clauses.connect, &sizes) {
                    _ if known.is_some() => known.clone().flatten(),
                    (Some(alike), ..) => {
                        let at = clauses.connect.map_or(statement.span, |connect| connect.span);
                        alike.and_then(|alike| self.connected_alike(builder, alike, at))
                    }
                    (None, Some(written), Some(sizes))
                        if OF_SYNAPSES.iter().any(|rule| rule.0 == written.rule.node) =>
                    {
                        self.of_synapses(builder, &written, &scope, [from, to], sizes)
                    }
                    (None, Some(written), Some(sizes)) => self.connect(&written, of_rule, sizes),
                    _ => None,
                };
                let listed = connect.as_ref().map(|connect| self.listed(&connect.rule));
                let delays = [("delay", clauses.delay), ("post_delay", clauses.post_delay)];
                let [delay, back] = delays.map(|(word, written)| match (written, &sizes) {
                    (Some((random, value)), Some(sizes)) => {
                        let along = self.along(&wiring.along, of_pairs(random), random);
                        self.delay((word, random, value), &along, (sizes, listed))
                    }
                    _ => Some(Delay::None),
                });
                let connect = match (connect, choosing, &sizes) {
                    (None, Some(choosing), _) => {
                        choosing.whole = Some(None);
                        None
                    }
                    (Some(connect), Some(choosing), Some(sizes)) => {
                        choosing.whole.get_or_insert_with(|| Some(connect.clone()));
                        let all = self.along(&wiring.along, &pairs, true);
                        let counted = clauses.normalise.map(|normalise| ("`normalise`", normalise.span));
                        let degree = || Some(("a degree of the neurons", statement.span));
                        let counted = counted.or(degrees.iter().any(Option::is_some).then(degree).flatten());
                        self.of_element(connect, choosing, &all, sizes, counted)
                    }
                    (connect, ..) => connect,
                };
                match (connect, delay, back) {
                    (Some(connect), Some(delay), Some(back)) => {
                        post_delay = back;
                        Some(Source::Population { population: from, connect, delay })
                    }
                    _ => None,
                }
            }
        };
        let arguments = match from {
            Some(_) => self.along(&wiring.along, of_pairs(true), true),
            None => scope.clone(),
        };
        let around = Surroundings {
            caller: &arguments,
            prefix,
            element,
            weight: &weight.typed.kind,
            target: &builder.targets[to.0],
            source: from.map(|from| &builder.targets[from.0]),
            into: into.as_ref().map(|(name, span)| (name, *span)),
        };
        // Rules have names of their own in front where those of states would clash.
        let apart = models.plasticity.len() > 1 || clash(models.plasticity.first(), models.synapse.as_ref());
        shared.plasticity.resize_with(models.plasticity.len(), BTreeMap::new);
        let rules = models.plasticity.iter().zip(clauses.rules()).zip(&mut shared.plasticity);
        let rules = rules.filter_map(|((found, used), shared)| {
            let qualifier = if apart { format!("{}.", used.name.node) } else { String::new() };
            Some(Part { qualifier, ..part(Some(found), Some(used), shared)? })
        });
        let mut receptor = part(models.receptor.as_ref(), clauses.receptor, &mut shared.receptor);
        let others = models.synapse.iter().chain(models.plasticity.iter().filter(|_| !apart));
        if let Some(part) =
            receptor.as_mut().filter(|_| others.into_iter().any(|o| clash(Some(o), models.receptor.as_ref())))
        {
            part.qualifier = format!("{}.", part.written.name.node);
        }
        let mut kinetics = self.kinetics(
            rules.collect(),
            part(models.synapse.as_ref(), clauses.synapse, &mut shared.synapse),
            receptor,
            &around,
        );
        if let Some(written) = clauses.method {
            self.method_of_projection(written, &mut kinetics);
        }
        if from.is_some() {
            self.neuron_values_used(&pairs, ends);
        }
        // Members are added to what they share.
        drop((scope, pairs, ruled, arguments));
        for end in from.into_iter().chain([to]) {
            builder.keep_read_values(end);
        }
        self.post_delay(statement, post_delay.clone(), &mut kinetics);
        let events = self.listened(builder, clauses, (from, to), &kinetics);
        let source = source.map(|source| (source, wiring));
        let before = builder.projections.len();
        self.finish_pair(builder, statement, names, (source, post_delay), (to, events), (weight, kinetics));
        if let Some(made) = builder.projections.get_mut(before) {
            made.degrees = degrees;
        }
    }

    fn finish_pair(
        &mut self,
        builder: &mut Builder<'_>,
        statement: &Statement<'_>,
        names: Names,
        (source, post_delay): (Option<(Source, Wiring)>, Delay),
        (target, [event, post_event]): (PopulationId, [Option<PopulationId>; 2]),
        (weight, kinetics): (Weight, Kinetics),
    ) {
        let span = statement.label.map_or(statement.span, |l| l.span);
        let Kinetics {
            states,
            units,
            lets,
            let_kinds,
            on_spike,
            on_post,
            periodic,
            weight_derivative,
            weight_method,
            weight_bounds,
            rule_order,
            outputs,
            output_names,
            own_receptor,
            parameters,
            ..
        } = kinetics;
        let combination = format!("{}{}", names.local_prefix, statement.element);
        let mut members: Vec<(String, Typed)> = parameters
            .into_iter()
            .map(|(name, id, unit)| (name, Typed::leaf(Expr::Parameter(id), Type::Number(unit))))
            .collect();
        if matches!(weight.typed.expr, Expr::Parameter(_)) {
            members.push(("weight".to_owned(), weight.typed.clone()));
        }
        for (member, value) in members {
            let Expr::Parameter(id) = value.expr else { continue };
            let full = &self.parameters[id.0].name;
            let own = !statement.element.is_empty() && full.starts_with(&format!("{}{}.", builder.prefix, combination));
            let label = (!own && statement.label.is_some()).then_some(&names.local_prefix);
            for owner in label.into_iter().chain([&combination]) {
                let name = format!("{owner}.{member}");
                // The synapse's comes first, as in the parameters' names.
                if builder.scope.member(&name).is_none() {
                    let used = Rc::default();
                    builder.scope.add_member(&name, Local { value: value.clone(), role: Role::Member, span, used });
                }
            }
        }
        let of_synapses = states.iter().filter(|state| state.parameter);
        for state in of_synapses {
            for (owner, full) in [(&names.local_prefix, &names.prefix), (&combination, &names.name)] {
                self.no_setting_for_each(&format!("{full}.{}", state.name), state.span);
                builder.scope.hide(&format!("{owner}.{}", state.name), "it has a value for each synapse");
            }
        }
        let index = builder.projections.len();
        for owner in [&names.local_prefix, &combination, &names.local] {
            let new = Owner { span, kind: OwnerKind::Projections, projections: Vec::new() };
            let owner = builder.owners.entry(owner.clone()).or_insert(new);
            if source.is_some() && !owner.projections.contains(&index) {
                owner.projections.push(index);
            }
        }
        let Some((source, wiring)) = source else { return };
        builder.projection_units.push(units);
        builder.wirings.push(wiring);
        builder.let_kinds.push(let_kinds);
        let mut projection = Projection {
            name: names.name,
            source,
            target,
            event,
            post_event,
            synapse: statement.clauses.synapse.map(|s| s.name.node.clone()),
            receptor: statement.clauses.receptor.map(|r| r.name.node.clone()),
            weight: weight.typed.expr,
            weight_quantity: weight.unit.quantity(),
            weight_per_synapse: weight.per_synapse,
            normalise: weight.normalise,
            post_delay,
            states,
            lets,
            on_spike,
            on_post,
            periodic,
            weight_derivative,
            weight_method,
            weight_bounds,
            rule_order,
            outputs,
            output_names,
            own_receptor,
            degrees: [None; 2],
            given: Vec::new(),
            span: statement.span,
        };
        // A weight that changes is one of each synapse.
        projection.weight_per_synapse |= projection.is_plastic() || projection.normalise.is_some();
        builder.projections.push(projection);
    }

    /// The weight: a parameter, or an expression for every synapse.
    fn weight<'s>(
        &mut self,
        statement: &Statement<'_>,
        prefix: &str,
        (scope, along): (&Scope, &Along),
        receivers: impl Iterator<Item = &'s ast::Model>,
        shared: &mut Shared,
    ) -> Weight {
        let each = statement.clauses.weight.is_none_or(|weight| weight.0);
        let mut permitted = self.along(along, scope, each);
        let Some((random, written)) = statement.clauses.weight else {
            let named = |m: &ast::Model| {
                let members = Members::of(m);
                let handlers = members.handlers.iter().find_map(|h| h.weight.clone());
                members.weights.first().map(|b| b.name.clone()).or(handlers)
            };
            let needed = receivers.filter_map(named).next();
            let mut typed = Typed::number(1.0, Unit::none());
            if let Some(needed) = needed {
                let error = Diagnostic::error("E0415", "no `weight` is given", statement.span, "how strong?");
                let hint = match permitted.locals.get("kernel").is_some_and(|l| l.role == Role::Member) {
                    true => "the element of the kernel is `weight ~ kernel`",
                    false => "say it: `weight 1 nS`; for a pure number `weight 0.6`",
                };
                self.push(error.also(needed.span, "needed here").hint(hint));
                typed = Typed::unknown();
            }
            return Weight { typed, unit: Unit::none(), per_synapse: false, normalise: None };
        };
        permitted.permits =
            Permits { random, pair: random, number: random && permitted.permits.number, ..Permits::default() };
        let mut typed = self.top(written, &permitted);
        self.numeric(&typed, written.span, "a weight");
        if matches!(typed.kind, Type::Truth) {
            typed = Typed::unknown();
        }
        let unit = typed.kind.unit();
        if !random && !typed.is_unknown() {
            let element = statement.element_of(written, scope);
            let id = shared.weight.get(element).copied().unwrap_or_else(|| {
                let new = NewParameter {
                    name: format!("{prefix}{element}.weight"),
                    unit: unit.clone(),
                    value: typed.expr.clone(),
                    doc: statement.doc,
                    span: written.span,
                };
                self.parameter(new)
            });
            shared.weight.insert(element.to_owned(), id);
            typed = Typed::leaf(Expr::Parameter(id), typed.kind);
        }
        Weight { typed, unit, per_synapse: random, normalise: None }
    }

    /// The rate of a Poisson source: a parameter, unless it changes with time.
    fn poisson(
        &mut self,
        statement: &Statement<'_>,
        prefix: &str,
        scope: &Scope,
        (neurons, size): (Option<Neurons>, Option<u64>),
        shared: &mut Shared,
    ) -> Option<Source> {
        let written = statement.clauses.poisson?;
        let value = self.top(written, &scope.permitting(Permits { time: true, index: true, ..Permits::default() }));
        let source = |rate| Some(Source::Poisson { rate: limited(neurons, size, rate, Expr::Number(0.0)) });
        if !self.fits(&value, &Unit::named("Hz"), written.span, "the rate", None) || value.is_unknown() {
            return None;
        }
        let default = crate::expressions::evaluate::evaluate(&value.expr, &self.parameters);
        if let Some(rate) = default.filter(|r| *r < 0.0) {
            self.error(
                "E0424",
                "a rate cannot be negative",
                written.span,
                format!("this is {}", Unit::named("Hz").show(rate)),
            );
            return None;
        }
        if let Some(events) = default.map(|rate| rate * self.dt).filter(|events| *events > MOST_EVENTS) {
            let title =
                format!("a Poisson source of {events:e} events in a step: more than {MOST_EVENTS:e} are not drawn");
            let label = format!("this is {}", Unit::named("Hz").show(events / self.dt));
            let error = Diagnostic::error("E0530", title, written.span, label);
            self.push(error.hint("so many events are as good as their mean: `drive` the input with rate * weight"));
            return None;
        }
        if default.is_none() {
            return self.rates_of_neurons(&value.expr, (neurons, size), written.span).and_then(|()| source(value.expr));
        }
        let unit = value.kind.unit();
        let unit = if unit.text().ends_with("Hz") { unit } else { Unit::named("Hz") };
        let element = statement.element_of(written, scope);
        let id = shared.rate.get(element).copied().unwrap_or_else(|| {
            let name = format!("{prefix}{element}.rate");
            self.parameter(NewParameter { name, unit, value: value.expr, doc: statement.doc, span: written.span })
        });
        shared.rate.insert(element.to_owned(), id);
        source(Expr::Parameter(id))
    }
}

impl Checker<'_> {
    /// Reports a rate that some neuron cannot have, as far as rates are known before the run.
    fn rates_of_neurons(
        &mut self,
        rate: &Expr,
        (neurons, size): (Option<Neurons>, Option<u64>),
        span: Span,
    ) -> Option<()> {
        let (first, count) = neurons.map_or((0, size.unwrap_or(1)), |n| (n.first, n.count()));
        for neuron in first..first + count.min(MOST_TRIED) {
            #[allow(clippy::cast_precision_loss)] // below 2^31
            let at = neuron as f64;
            let Some(value) = crate::expressions::evaluate::evaluate_at(rate, &self.parameters, Some((at, at))) else {
                break;
            };
            if value < 0.0 {
                let title = format!("a rate cannot be negative, but that of neuron {neuron} is");
                self.error("E0424", title, span, format!("there this is {}", Unit::named("Hz").show(value)));
                return None;
            }
        }
        Some(())
    }
}

/// Neurons whose rates are tried before the run.
const MOST_TRIED: u64 = 1 << 14;

/// The largest mean number of events of a Poisson source in a step; at run time more become NaN, which ends the run.
const MOST_EVENTS: f64 = 1e6;

/// A checked weight.
struct Weight {
    typed: Typed,
    unit: Unit,
    per_synapse: bool,
    /// What the weights of a neuron are scaled to sum up to, and of which neuron.
    normalise: Option<(model::End, Expr)>,
}
