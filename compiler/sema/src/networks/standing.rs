//! Synapses as neurons: `population Cleft for exc : Release { … }` has a neuron for each synapse of `exc`, and
//! `connect sources(exc)`, `connect targets(exc)` join it with the neurons of that synapse.
//!
//! What goes in: the label of an earlier projection whose number of synapses is known before the run. What comes out: a
//! population of that size, in the order in which synapses are listed, and rules between it and the ends of the synapses. What
//! may never happen: a neuron that stands for no synapse; a value of a synapse that is computed as that of a neuron.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::{evaluate_at, walk};
use crate::expressions::scope::Scope;
use crate::model::{Connect, End, Expr, Given, Growth, PopulationId, Rule, Source};
use crate::models::events::substitute;
use crate::models::instance::mentioned;
use crate::networks::clauses::Clauses;
use crate::networks::connect::{Pair, Written};
use crate::networks::network::{Builder, OwnerKind};
use crate::networks::per_neuron::with_neurons;
use bpc_syntax::ast::{self, ExprKind, Index, Name, Part, Place};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeSet;

/// The rules between synapses and their neurons.
pub(crate) const OF_SYNAPSES: &[(&str, End)] = &[("sources", End::Source), ("targets", End::Target)];

/// Pairs that are looked at one by one to count those of a condition.
const MOST_TRIED: u64 = 1 << 25;

/// The most neurons of a population.
const LARGEST: u64 = (1 << 31) - 1;

/// The synapses that a population stands for.
#[derive(Clone, Copy)]
pub(crate) struct Standing {
    /// Index of the projection.
    pub projection: usize,
    /// How many it has.
    pub synapses: u64,
}

/// Why synapses cannot be counted before the run, and what to do.
struct Unknown {
    why: &'static str,
    hint: &'static str,
}

/// An initial value without the marks of what belongs to synapses.
pub(crate) fn without_marks(expr: &Expr) -> Expr {
    substitute(expr, &|e| if let Expr::OfSynapse(value) = e { Some(without_marks(value)) } else { None })
}

/// The labels for whose synapses populations of a network stand.
pub(crate) fn stood_for(network: &ast::Network) -> BTreeSet<String> {
    let parts = |member: &ast::NetworkMember| match member {
        ast::NetworkMember::Population(population) => population.synapses_of.as_ref().map(|place| place.parts.clone()),
        _ => None,
    };
    let parts = network.members.iter().filter_map(parts);
    parts.filter_map(|parts| if let [only] = &parts[..] { Some(only.name.node.clone()) } else { None }).collect()
}

impl Builder<'_> {
    /// Source and target of a projection between populations.
    pub(crate) fn ends(&self, projection: usize) -> Option<[PopulationId; 2]> {
        let projection = self.projections.get(projection)?;
        match projection.source {
            Source::Population { population, .. } => Some([population, projection.target]),
            Source::Poisson { .. } => None,
        }
    }
}

impl Checker<'_> {
    /// Whether models of a projection are given values of a population that stands for synapses and comes later; reports it.
    pub(crate) fn reads_its_synapses(
        &mut self,
        builder: &Builder<'_>,
        clauses: &Clauses<'_>,
        label: Option<&Name>,
    ) -> bool {
        let later: Vec<&ast::Population> = builder
            .network
            .members
            .iter()
            .filter_map(|member| match member {
                ast::NetworkMember::Population(p)
                    if p.synapses_of.is_some() && builder.owner(&p.name.node).is_none() =>
                {
                    Some(p)
                }
                _ => None,
            })
            .collect();
        let models = clauses.rules().chain(clauses.synapse).chain(clauses.receptor);
        let mut found = Vec::new();
        for value in models.flat_map(|used| &used.arguments).filter_map(|argument| argument.value.as_ref()) {
            mentioned(value, &mut |name, member| {
                let population = later.iter().find(|population| population.name.node == name);
                found.extend(population.filter(|_| member.is_some()).map(|population| (value.span, *population)));
            });
        }
        for (span, population) in &found {
            let name = &population.name.node;
            let own =
                |place: &Place| label.is_some_and(|label| place.parts.iter().all(|part| part.name.node == label.node));
            let error = match population.synapses_of.as_ref().filter(|place| own(place)).zip(label) {
                Some((_, label)) => {
                    let title =
                        format!("`{0}` cannot read `{name}`, whose neurons are made of its synapses", label.node);
                    let error = Diagnostic::error("E0567", title, *span, "not there yet");
                    error.hint(format!(
                        "let `{name}` do what depends on it: `project … -> {name} {{ connect sources({0}) … }}` brings it the spikes, a state of its \
                         neuron is the weight, and `project {name} -> … {{ connect targets({0})  receptor … }}` reads that with `pre`",
                        label.node
                    ))
                }
                None => {
                    let title = format!("`{name}` is declared behind what reads it");
                    let error = Diagnostic::error("E0567", title, *span, "not there yet");
                    error.hint(format!("write this projection behind `population {name}`"))
                }
            };
            self.push(error.also(population.span, "declared here"));
        }
        !found.is_empty()
    }

    /// The label that a rule takes; an error of this code if there is none.
    pub(crate) fn label_for(
        &mut self,
        rule: &str,
        code: &'static str,
        argument: &ast::Expr,
        scope: &Scope,
    ) -> Option<String> {
        match self.label(argument, scope) {
            Ok(name) => Some(name),
            Err(told) => {
                if !told {
                    self.error(code, format!("`{rule}` takes the label of a projection"), argument.span, "no label");
                }
                None
            }
        }
    }

    /// The label that an argument of a rule names; otherwise whether a mistake in it has been told.
    pub(crate) fn label(&mut self, argument: &ast::Expr, scope: &Scope) -> Result<String, bool> {
        let part = |name: &Name, index| Part { name: name.clone(), index, span: name.span };
        let at =
            |checker: &mut Self, place: &Place| checker.places(place, scope).pop().map(|name| name.node).ok_or(true);
        match &argument.kind {
            ExprKind::Name(name) => Ok(name.clone()),
            ExprKind::Member(owner, member) => Ok(format!("{}.{}", owner.node, member.node)),
            ExprKind::Located(place) => at(self, place),
            ExprKind::Element(name, indices) => {
                let index = Index::At(indices.iter().map(|index| index.index.clone()).collect());
                at(self, &Place { parts: vec![part(name, Some(index))], span: argument.span })
            }
            _ => Err(false),
        }
    }

    /// What `population … for LABEL` stands for; what is wrong with it is reported.
    pub(crate) fn standing(
        &mut self,
        builder: &Builder<'_>,
        population: &ast::Population,
        place: &Place,
    ) -> Option<Standing> {
        let refuse = |checker: &mut Self, title: String, label: &str, hint: &str, also: Option<Span>| {
            let mut error = Diagnostic::error("E0550", title, place.span, label);
            if let Some(also) = also {
                error = error.also(also, "declared here");
            }
            checker.push(error.hint(hint.to_owned()));
            None
        };
        if population.model.name.node == "spikes" {
            let title = "spikes at given times cannot stand for synapses".to_owned();
            let hint = "choose a model of neurons, which receive what arrives at the synapses";
            return refuse(self, title, "these have no neurons of a model", hint, None);
        }
        let name = match &self.places(place, &builder.scope)[..] {
            [one] => one.node.clone(),
            [] => return None,
            _ => {
                let hint = "repeat the population for each of them";
                let title = "a population stands for the synapses of one projection".to_owned();
                return refuse(self, title, "several here", hint, None);
            }
        };
        let Some(owner) = builder.owners.get(&name).cloned() else {
            let hint = "label it, and write it before the population: `project exc: E -> I { connect … }`";
            return refuse(self, format!("there is no earlier projection `{name}`"), "not known here", hint, None);
        };
        if !matches!(owner.kind, OwnerKind::Projections) {
            let hint = "name the label of a projection: `project exc: E -> I { connect … }`";
            return refuse(self, format!("`{name}` is no projection"), "has no synapses", hint, Some(owner.span));
        }
        let [projection] = owner.projections[..] else {
            if owner.projections.is_empty() && self.report.errors() > 0 {
                return None;
            }
            let several = format!("`{name}` are {} projections", owner.projections.len());
            let hint = "give each pair of populations, or each combination, a label of its own; one combination is `exc[0, 1]`";
            return refuse(self, several, "which of them?", hint, Some(owner.span));
        };
        if builder.ends(projection).is_none() {
            let hint = "make the sources a population, and project from it";
            return refuse(self, format!("`{name}` is a Poisson source"), "has no synapses", hint, Some(owner.span));
        }
        match self.synapses_of(builder, projection) {
            Ok(0) => {
                let hint = "a population has at least one neuron";
                refuse(self, format!("`{name}` has no synapses"), "none to stand for", hint, Some(owner.span))
            }
            Ok(synapses) if synapses > LARGEST => {
                let title = format!("`{name}` has {synapses} synapses, and a population at most {LARGEST} neurons");
                let error = Diagnostic::error("E0408", title, place.span, "too many");
                self.push(error.also(owner.span, "declared here"));
                None
            }
            Ok(synapses) => Some(Standing { projection, synapses }),
            Err(Unknown { why, hint }) => {
                let title = format!("how many synapses `{name}` has is not known before the run");
                let error = Diagnostic::error("E0551", title, place.span, "so many neurons would stand for them");
                self.push(error.also(owner.span, why).hint(hint));
                None
            }
        }
    }

    /// How many synapses a projection has.
    fn synapses_of(&self, builder: &Builder<'_>, projection: usize) -> Result<u64, Unknown> {
        let lost = Unknown { why: "not a matrix of connections", hint: "name a projection between populations" };
        let Some(ends) = builder.ends(projection) else { return Err(lost) };
        let Source::Population { connect, .. } = &builder.projections[projection].source else { return Err(lost) };
        if connect.chosen.is_some() {
            return Err(Unknown {
                why: "each synapse chooses what it goes into",
                hint: "make them one projection, into one compartment",
            });
        }
        let sizes = ends.map(|end| builder.populations[end.0].size);
        let [(_, sources), (_, targets)] = connect.parts.unwrap_or(sizes.map(|size| (0, size)));
        let excluded = if ends[0] == ends[1] && !connect.allow_self { sizes[0] } else { 0 };
        Ok(match connect.rule {
            Rule::AllToAll => sources.saturating_mul(targets).saturating_sub(excluded),
            Rule::OneToOne => targets.saturating_sub(excluded),
            Rule::Explicit { list } => self.pairs.get(list).map_or(0, |pairs| pairs.entries.len() as u64),
            Rule::FixedInDegree { degree, .. } => targets.saturating_mul(degree),
            Rule::FixedOutDegree { degree, .. } => sources.saturating_mul(degree),
            Rule::FixedTotal { total, .. } => total,
            Rule::SmallWorld { degree, .. } => targets.saturating_mul(degree),
            Rule::ScaleFree { edges, growth: Growth::Preference | Growth::Triads { .. } } => {
                let later = targets.saturating_sub(edges + 1);
                edges.saturating_mul(edges + 1).saturating_add(edges.saturating_mul(2).saturating_mul(later))
            }
            Rule::Transposed { of } | Rule::OfSynapses { of, .. } => return self.synapses_of(builder, of),
            Rule::FixedProbability(_) => {
                return Err(Unknown {
                    why: "every pair is drawn by itself",
                    hint: "say how many: `fixed_total(…)`, `fixed_in_degree(…)` or `fixed_out_degree(…)`",
                });
            }
            Rule::ScaleFree { growth: Growth::Dual { .. }, .. } => {
                return Err(Unknown {
                    why: "how many edges a new neuron has is drawn",
                    hint: "leave out `otherwise`: then all have as many",
                });
            }
            Rule::Pairwise { .. } => return self.pairs_of(builder, connect, ends),
        })
    }

    /// How many pairs there are for which a condition holds that is decided by indices and data alone.
    fn pairs_of(&self, builder: &Builder<'_>, connect: &Connect, ends: [PopulationId; 2]) -> Result<u64, Unknown> {
        const TOTAL: &str = "degrees and totals choose among the pairs of a condition: `fixed_total(1000, where = …)`";
        let drawn = Unknown { why: "pairs are drawn", hint: TOTAL };
        let [source, target] = ends.map(|end| &builder.populations[end.0]);
        let Some(written) = &connect.probability else { return Err(drawn) };
        let expr = with_neurons(written, source, target);
        let (mut set, mut draws) = (false, false);
        walk(&expr, &mut |e| match e {
            Expr::Parameter(_) => set = true,
            Expr::Random(..)
            | Expr::NeuronDraw { .. }
            | Expr::PreState(_)
            | Expr::PostState(_)
            | Expr::OfSynapse(_) => {
                draws = true;
            }
            _ => {}
        });
        if draws {
            return Err(drawn);
        }
        if set {
            let hint = "use constants, parameters of the network, or values that follow from `i`; or choose among the pairs: `fixed_total(1000, where = …)`";
            return Err(Unknown { why: "which pairs are connected follows from parameters that can be set", hint });
        }
        if source.size.saturating_mul(target.size) > MOST_TRIED {
            let hint = "list them, `pairs(sources, targets)`, or choose among them, `fixed_total(1000, where = …)`";
            return Err(Unknown { why: "there are more than 2^25 pairs to look at", hint });
        }
        let mut count = 0;
        for i in 0..source.size {
            for j in 0..target.size {
                if ends[0] == ends[1] && i == j && !connect.allow_self {
                    continue;
                }
                let (a, b) = if connect.symmetric { (i.min(j), i.max(j)) } else { (i, j) };
                #[allow(clippy::cast_precision_loss)] // below 2^31
                let value = evaluate_at(&expr, &self.parameters, Some((a as f64, b as f64)));
                match value {
                    Some(0.0) => {}
                    Some(1.0) => count += 1,
                    _ => return Err(drawn),
                }
            }
        }
        Ok(count)
    }

    /// What parameters of a neuron that stands for a synapse may use: what values of synapses may.
    pub(crate) fn scope_of_each(&mut self, builder: &Builder<'_>, projection: usize, span: Span) -> Scope {
        let Some(ends) = builder.ends(projection) else { return builder.scope.clone() };
        let ends = ends.map(|end| &builder.targets[end.0]);
        let mut scope = self.pair_scope(&builder.scope, Some(ends), span);
        Self::neuron_values(&mut scope, ends);
        self.along(&builder.wirings[projection].along, &scope, true)
    }

    /// `connect sources(exc)` and `connect targets(exc)`.
    pub(crate) fn of_synapses(
        &mut self,
        builder: &Builder<'_>,
        written: &Written<'_>,
        scope: &Scope,
        ends: [PopulationId; 2],
        pair: &Pair<'_>,
    ) -> Option<Connect> {
        let rule = written.rule.node.as_str();
        let end = OF_SYNAPSES.iter().find(|known| known.0 == rule)?.1;
        let ([argument], []) = (written.arguments, written.named) else {
            let title = format!("`{rule}` takes one label");
            let error = Diagnostic::error("E0411", title, written.span, "not one label");
            self.push(
                error.hint(format!("write `connect {rule}(exc)`, where a population stands for the synapses of `exc`")),
            );
            return None;
        };
        let name = self.label_for(rule, "E0552", argument, scope)?;
        let refuse = |checker: &mut Self, title: String, label: &str, hint: String| {
            checker.push(Diagnostic::error("E0552", title, written.span, label).hint(hint));
            None
        };
        let example = format!("declare one after `{name}`: `population Cleft for {name} : Model`");
        let Some(owner) = builder.owners.get(&name).cloned().filter(|o| matches!(o.kind, OwnerKind::Projections))
        else {
            let hint = "label it, and write it before this one: `project exc: E -> I { connect … }`".to_owned();
            return refuse(self, format!("there is no earlier projection `{name}`"), "not known here", hint);
        };
        if owner.projections.is_empty() && self.report.errors() > 0 {
            return None;
        }
        let stands = |at: usize| builder.targets[ends[at].0].synapses_of.filter(|of| owner.projections.contains(of));
        let (of, from_synapses) = match (stands(0), stands(1)) {
            (Some(of), None) => (of, true),
            (None, Some(of)) => (of, false),
            (Some(_), Some(_)) => {
                let title =
                    format!("`{}` and `{}` both stand for the synapses of `{name}`", pair.source.0, pair.target.0);
                return refuse(self, title, "neither is an end of them", "join them with `one_to_one`".to_owned());
            }
            (None, None) => {
                let title =
                    format!("neither `{}` nor `{}` stands for the synapses of `{name}`", pair.source.0, pair.target.0);
                return refuse(self, title, "no neuron for each synapse", example);
            }
        };
        if pair.is_part() {
            let title = format!("`{rule}` joins whole populations");
            let hint =
                "leave out the range; which synapses are meant can be said with `where(…)` or with weights".to_owned();
            return refuse(self, title, "a part of one here", hint);
        }
        let place = usize::from(end == End::Target);
        let size = builder.ends(of).map_or(0, |ends| builder.populations[ends[place].0].size);
        let other = usize::from(from_synapses);
        let found = builder.populations[ends[other].0].size;
        if found != size {
            let shown = pair.shown(other);
            let title = format!("{rule} of `{name}` are {size} neurons, but {shown} has {found}");
            let hint =
                "the population is that of these neurons, or another one that has a neuron for each of them".to_owned();
            return refuse(self, title, "not as many", hint);
        }
        Some(Connect::of(Rule::OfSynapses { of, end, from_synapses }, true))
    }

    /// Lets projections give the neurons that stand for their synapses what these begin with.
    pub(crate) fn give(&mut self, builder: &mut Builder<'_>) {
        let marked = |expr: &Expr| {
            let mut found = false;
            walk(expr, &mut |e| found |= matches!(e, Expr::OfSynapse(_)));
            found
        };
        for (index, target) in builder.targets.iter().enumerate() {
            let (Some(of), population) = (target.synapses_of, &mut builder.populations[index]) else { continue };
            for (number, state) in population.states.iter_mut().enumerate().filter(|(_, s)| marked(&s.init)) {
                let rest = substitute(&state.init, &|e| matches!(e, Expr::OfSynapse(_)).then_some(Expr::Number(0.0)));
                let mut own = false;
                walk(&rest, &mut |e| {
                    own |= matches!(e, Expr::Index | Expr::Random(..) | Expr::NeuronDraw { .. } | Expr::SourceIndex);
                });
                if own {
                    let name = format!("{}.{}", population.name, state.name);
                    let title = format!("`{name}` starts with what its synapse has, and with what it has itself");
                    let error =
                        Diagnostic::error("E0553", title, population.span, "a draw or `i` of the neuron as well");
                    self.push(error.also(state.span, "this state").hint(
                        "give the whole value as a parameter, in the braces of the population: there `i` and `j` are the ends of the synapse",
                    ));
                    continue;
                }
                let value = without_marks(&state.init);
                state.init = Expr::OfSynapse(std::rc::Rc::new(value.clone()));
                builder.projections[of].given.push(Given { population: PopulationId(index), state: number, value });
            }
        }
    }
}
