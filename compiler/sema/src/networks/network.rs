//! Networks: parameters, populations, initial values, drives; what goes in is one `network` with
//! arguments, what comes out are the populations and projections of the model.

use crate::expressions::checker::{Checker, NewParameter};
use crate::expressions::scope::{Permits, Role, Scope, Type, Typed};
use crate::expressions::units::{Unit, is_count};
use crate::model::{Expr, Let, Population, PopulationId, Projection};
use crate::models::cell::leave_out_inputs;
use crate::models::elements::array_of;
use crate::models::instance::Use;
use crate::models::members::Members;
use crate::models::neuron_value::{Kept, is_kept};
use crate::networks::composition::Inner;
use crate::networks::conditional::has_conditions;
use crate::networks::geometry::{Geometry, uses_positions};
use crate::networks::same_pairs::Wiring;
use crate::networks::standing::stood_for;
use crate::networks::structural::split_lets;
use crate::networks::values::Given;
use crate::program::modules::{describe, describe_kind, its, kind_word, twice};
use bpc_syntax::ast::{self, Binding, Item, ModelKind, Name, NetworkMember};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{FileId, Span};
use bpc_syntax::suggest::closest;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

/// The largest population.
const LARGEST: f64 = 2_147_483_647.0;

/// What others need to know of a population.
pub(crate) struct Target {
    /// The model's name.
    pub model: String,
    /// Where the population is declared.
    pub span: Span,
    /// How many there are, if that could be told.
    pub size: Option<u64>,
    /// Its states: name, unit, declaration.
    pub states: Vec<(String, Unit, Span)>,
    /// Its inputs: name, unit, declaration.
    pub inputs: Vec<(String, Unit, Span)>,
    /// Its `let`s: name, value in terms of its own members, declaration.
    pub lets: Vec<(String, Typed, Span)>,
    /// What `lets` refer to.
    pub population_lets: Vec<Let>,
    /// Where its neurons are, if that is said.
    pub geometry: Option<Geometry>,
    /// From which of its states on they are parameters with a value for each neuron.
    pub first_parameter: usize,
    /// Its other parameters: name and value.
    pub parameters: Vec<(String, Typed)>,
    /// Where its model declares parameters: name and place of the name.
    pub declared: Vec<(String, Span)>,
    /// For the synapses of which projection its neurons stand, if they do.
    pub synapses_of: Option<usize>,
    /// What projections read of it that is known within a step only.
    pub kept: Kept,
}

impl Target {
    /// The names of its states, inputs and `let`s.
    pub(crate) fn names(&self) -> Vec<String> {
        let of = |list: &[(String, Unit, Span)]| list.iter().map(|one| one.0.clone()).collect::<Vec<_>>();
        let lets = self.lets.iter().map(|one| one.0.clone());
        let states = of(&self.states).into_iter().filter(|state| !is_kept(state));
        states.chain(of(&self.inputs)).chain(lets).collect()
    }
}

/// A network being put together.
pub(crate) struct Builder<'n> {
    /// The network.
    pub network: &'n ast::Network,
    /// Its parameters, lets and members of populations and projections.
    pub scope: Scope,
    /// Populations so far; `None` in `known` where one could not be made.
    pub populations: Vec<Population>,
    /// As `populations`.
    pub targets: Vec<Target>,
    /// What drives inputs so far, by population and input.
    pub drives: BTreeMap<(usize, usize), Typed>,
    /// Projections so far.
    pub projections: Vec<Projection>,
    /// As `projections`: how they are connected.
    pub wirings: Vec<Wiring>,
    /// As `projections`: the units of their states.
    pub projection_units: Vec<Vec<Unit>>,
    /// As `projections`: what kinds of value their `let`s are.
    pub let_kinds: Vec<Vec<Type>>,
    /// Populations, labels and instances by name: where they are declared and what they are.
    pub owners: BTreeMap<String, Owner>,
    /// What the names of the network at hand start with in the whole; nothing in the outermost one.
    pub prefix: String,
    /// The networks inside the one at hand.
    pub inner: Vec<Inner>,
    /// Labels of the network at hand for whose synapses populations stand: these may have no effect of their own.
    pub stood_for: BTreeSet<String>,
    /// Names that stand in a branch that is not taken, and the condition that says so.
    pub left_out: BTreeMap<String, Span>,
    /// Conditions of parts of networks that cannot be known, which has been reported.
    pub undecided: HashSet<Span>,
}

/// What has members in a network.
#[derive(Clone)]
pub(crate) struct Owner {
    /// Where it is declared.
    pub span: Span,
    /// What it is.
    pub kind: OwnerKind,
    /// Which projections, if it is a label.
    pub projections: Vec<usize>,
}

/// The kinds of owner.
#[derive(Clone, Debug)]
pub(crate) enum OwnerKind {
    /// A population, if it could be made.
    Population(Option<PopulationId>),
    /// A label.
    Projections,
    /// An instance of a network.
    Network {
        /// Whether its network could not be found or expanded.
        broken: bool,
    },
}

impl Owner {
    /// Which population, if it is one (and could be made).
    pub fn population(&self) -> Option<PopulationId> {
        if let OwnerKind::Population(id) = self.kind { id } else { None }
    }
}

impl<'n> Builder<'n> {
    fn new(network: &'n ast::Network, file: FileId) -> Builder<'n> {
        Builder {
            network,
            scope: Scope::of_network(file),
            populations: Vec::new(),
            drives: BTreeMap::new(),
            targets: Vec::new(),
            projections: Vec::new(),
            wirings: Vec::new(),
            projection_units: Vec::new(),
            let_kinds: Vec::new(),
            owners: BTreeMap::new(),
            prefix: String::new(),
            inner: Vec::new(),
            stood_for: BTreeSet::new(),
            left_out: BTreeMap::new(),
            undecided: HashSet::new(),
        }
    }

    /// The name in the network at hand of what is called so in the whole.
    pub(crate) fn local<'f>(&self, full: &'f str) -> &'f str {
        full.strip_prefix(&self.prefix).unwrap_or(full)
    }
}

impl Checker<'_> {
    /// Puts a network together. `arguments` come with the scope they are written in.
    pub(crate) fn network<'n>(
        &mut self,
        network: &'n ast::Network,
        file: FileId,
        arguments: Option<(&ast::ModelUse, &Scope)>,
        simulation: Option<&ast::Simulation>,
    ) -> Builder<'n> {
        let mut builder = Builder::new(network, file);
        let structural = self.structural_of(network, file, simulation);
        let decided = self.network_populations(&mut builder, network, arguments, &structural);
        if self.overfull {
            return builder;
        }
        let network = decided.as_ref().unwrap_or(network);
        self.network_projections(&mut builder, network);
        self.network_values(&mut builder, network, &mut BTreeMap::new());
        for population in &mut builder.populations {
            self.resolve_initial_values(population);
        }
        leave_out_inputs(&mut builder.populations, &builder.projections);
        self.divisors(&builder);
        self.give(&mut builder);
        builder
    }

    /// Parameters, data, lets, populations, and those of instances. If parts of it stand under conditions: the network with the branches
    /// that are meant, which takes its place.
    pub(crate) fn network_populations(
        &mut self,
        builder: &mut Builder<'_>,
        network: &ast::Network,
        arguments: Option<(&ast::ModelUse, &Scope)>,
        structural: &BTreeSet<String>,
    ) -> Option<ast::Network> {
        let mut done = BTreeSet::new();
        if !has_conditions(&network.members) {
            self.network_names(builder, network);
            self.network_parameters(builder, network, arguments, structural);
            self.network_members(builder, network, structural, &mut done);
            return None;
        }
        self.network_parameters(builder, network, arguments, structural);
        let decided = self.without_conditions(builder, network, structural, &mut done);
        self.network_names(builder, &decided);
        self.network_members(builder, &decided, structural, &mut done);
        Some(decided)
    }

    /// Whether a name is of data.
    pub(crate) fn is_data(&self, scope: &Scope, name: &str) -> bool {
        let item = || self.program.find(scope.file, name).map(|(_, declared)| declared.item.clone());
        scope.data.contains_key(name)
            || scope.lists.contains_key(name)
            || item().is_some_and(|item| matches!(&*item, Item::Data(_)))
    }

    /// Data, lets and populations, and those of instances; `done` are names of data and lets that are known already.
    fn network_members(
        &mut self,
        builder: &mut Builder<'_>,
        network: &ast::Network,
        structural: &BTreeSet<String>,
        done: &mut BTreeSet<String>,
    ) {
        self.network_data(builder, network, done);
        let (mut early, late) = split_lets(network, &|name| self.is_data(&builder.scope, name));
        early.retain(|binding| !done.contains(&binding.name.node));
        for binding in &late {
            builder.scope.hide(
                &binding.name.node,
                "it uses a member of a population or projection, and those are made after this",
            );
        }
        self.network_lets(builder, &early, structural);
        for (index, member) in network.members.iter().enumerate() {
            match member {
                NetworkMember::Population(population) if population.synapses_of.is_some() => {
                    let reason =
                        "its neurons stand for synapses, which are counted when all other populations are made";
                    builder.scope.hide(&population.name.node, reason);
                }
                NetworkMember::Population(population) => self.population(builder, population),
                NetworkMember::Instance(instance) => self.instance(builder, index, instance),
                _ => {}
            }
        }
        for binding in &late {
            builder.scope.hidden.remove(&binding.name.node);
        }
        self.network_lets(builder, &late, structural);
    }

    /// Projections, populations that stand for their synapses, and those of instances.
    fn network_projections(&mut self, builder: &mut Builder<'_>, network: &ast::Network) {
        let outer = std::mem::replace(&mut builder.stood_for, stood_for(network));
        for (index, member) in network.members.iter().enumerate() {
            match member {
                NetworkMember::Project(project) => self.projects(builder, project),
                NetworkMember::Stimulate(stimulate) => self.stimulates(builder, stimulate),
                NetworkMember::Population(population) if population.synapses_of.is_some() => {
                    builder.scope.hidden.remove(&population.name.node);
                    self.population(builder, population);
                }
                NetworkMember::Instance(_) => self.each_inner(builder, index, &mut |checker, builder, network| {
                    checker.network_projections(builder, network);
                }),
                _ => {}
            }
        }
        builder.stood_for = outer;
    }

    /// Initial values and drives, and those of instances.
    fn network_values(&mut self, builder: &mut Builder<'_>, network: &ast::Network, given: &mut Given) {
        for (index, member) in network.members.iter().enumerate() {
            match member {
                NetworkMember::Init(init) => {
                    self.combinations(builder, init.each.as_ref(), &mut |checker, builder, _| {
                        checker.init(builder, init, given);
                    })
                }
                NetworkMember::Drive(drive) => {
                    self.combinations(builder, drive.each.as_ref(), &mut |checker, builder, _| {
                        checker.drive(builder, drive)
                    });
                }
                NetworkMember::Instance(_) => self.each_inner(builder, index, &mut |checker, builder, network| {
                    checker.network_values(builder, network, given);
                }),
                _ => {}
            }
        }
        // Those of this network and of what is inside it: all others have been, or will be, with theirs.
        for (name, owner) in &builder.owners {
            if let Some(id) = owner.population() {
                self.members_used(&builder.scope, name, &builder.targets[id.0]);
            }
        }
    }

    /// Reports names that are declared twice in the network.
    fn network_names(&mut self, builder: &mut Builder<'_>, network: &ast::Network) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let labels = network.members.iter().filter_map(|m| match m {
            NetworkMember::Let(b) => Some(&b.name),
            NetworkMember::Data(d) => Some(&d.name),
            NetworkMember::Population(p) => Some(&p.name),
            NetworkMember::Project(p) => p.label.as_ref(),
            NetworkMember::Stimulate(s) => s.label.as_ref(),
            NetworkMember::Instance(i) => Some(&i.name),
            NetworkMember::Init(_) | NetworkMember::Drive(_) | NetworkMember::If(_) => None,
        });
        for member in &network.members {
            match member {
                NetworkMember::Population(ast::Population { name, .. })
                | NetworkMember::Instance(ast::Instance { name, .. }) => self.check_end(name),
                _ => {}
            }
        }
        for name in network.parameters.iter().map(|p| &p.name).chain(labels) {
            self.check_name(name);
            match seen.get(name.node.as_str()) {
                Some(first) => self.push(twice(name, *first)),
                None => {
                    seen.insert(&name.node, name.span);
                }
            }
            self.taken.insert(format!("{}{}", builder.prefix, name.node));
        }
    }

    /// Reports a population or an instance whose members would be called as those of the two neurons of a connection are.
    fn check_end(&mut self, name: &Name) {
        if !["source", "target"].contains(&name.node.as_str()) {
            return;
        }
        let title = format!("nothing with members can be called `{}`", name.node);
        let label = "this is a neuron of a connection";
        let error = Diagnostic::error("E0205", title, name.span, label);
        self.push(
            error.hint(format!("`{}.tau` and the like are of the neuron at hand: choose another name", name.node)),
        );
    }

    fn network_parameters(
        &mut self,
        builder: &mut Builder<'_>,
        network: &ast::Network,
        arguments: Option<(&ast::ModelUse, &Scope)>,
        structural: &BTreeSet<String>,
    ) {
        if let Some((written, _)) = arguments {
            for argument in &written.arguments {
                let name = &argument.name;
                let own = |(p, extents): (&Binding, &Vec<ast::Extent>)| {
                    p.name.node == name.node || !extents.is_empty() && p.name.node == array_of(&name.node)
                };
                if network.parameters.iter().zip(&network.extents).any(own) {
                    continue;
                }
                let title = format!("network `{}` has no parameter `{}`", network.name.node, name.node);
                let error = Diagnostic::error("E0206", title, name.span, "not a parameter of it");
                self.push(match closest(&name.node, network.parameters.iter().map(|p| p.name.node.as_str())) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(its("parameters", network.parameters.iter().map(|p| &p.name.node))),
                });
            }
        }
        for (binding, extents) in network.parameters.iter().zip(&network.extents) {
            let fixed = structural.contains(&binding.name.node);
            if extents.is_empty() {
                self.network_parameter(builder, (network, binding), arguments, fixed);
            } else {
                self.network_list(builder, (network, binding), extents, arguments, fixed);
            }
        }
    }

    /// One parameter, or an element of a list.
    pub(crate) fn network_parameter(
        &mut self,
        builder: &mut Builder<'_>,
        (network, binding): (&ast::Network, &Binding),
        arguments: Option<(&ast::ModelUse, &Scope)>,
        fixed: bool,
    ) {
        let name = &binding.name.node;
        let full = format!("{}{name}", builder.prefix);
        let default = binding.value.as_ref().map(|v| self.top(v, &builder.scope));
        let Some(unit) = self.declared_unit(binding, default.as_ref(), None) else {
            builder.scope.add(name, Typed::unknown(), Role::Parameter, binding.name.span);
            return;
        };
        let is_truth = default.as_ref().is_some_and(|value| matches!(value.kind, Type::Truth));
        let mut span = binding.value.as_ref().map_or(binding.name.span, |v| v.span);
        let mut value = default;
        let argument = arguments.and_then(|(written, caller)| {
            let found = written.arguments.iter().find(|a| a.name.node == *name)?;
            if found.random {
                self.no_value_for_each(found.span);
            }
            Some((found.value.as_ref()?, caller))
        });
        if let Some((written, caller)) = argument {
            // An argument is no part of the instance's text.
            let instance = self.within.pop();
            let given = self.top(written, caller);
            span = written.span;
            let what = format!("parameter `{name}`");
            let fits = match is_truth {
                true => self.truth(&given, span, &what),
                false => self.fits(&given, &unit, span, &what, Some(binding.span)),
            };
            self.within.extend(instance);
            value = Some(if is_truth && !fits { Typed::unknown() } else { given });
        }
        let value = value.unwrap_or_else(|| {
            if let Some((written, _)) = arguments
                && !self.overrides.iter().any(|o| o.name == full)
            {
                let title = format!("network `{}` needs a value for `{name}`", network.name.node);
                let error = Diagnostic::error("E0213", title, written.span, format!("`{name}` is missing"));
                self.push(error.also(binding.span, "it has no default"));
            }
            Typed::unknown()
        });
        if is_truth || matches!(value.kind, Type::Truth) {
            let value = self.overridden_truth(&full).unwrap_or(value);
            builder.scope.add(name, value, Role::Parameter, binding.name.span);
            return;
        }
        let place = if fixed {
            self.structural_parameter(&full, binding, value, &unit, span)
        } else {
            self.taken.remove(&full);
            let new = NewParameter { name: full, unit: unit.clone(), value: value.expr, doc: &binding.doc, span };
            Typed::leaf(Expr::Parameter(self.parameter(new)), Type::Number(unit))
        };
        builder.scope.add(name, place, Role::Parameter, binding.name.span);
    }

    /// A parameter that changes a size or a structure: a number.
    fn structural_parameter(
        &mut self,
        full: &str,
        binding: &Binding,
        mut value: Typed,
        unit: &Unit,
        mut span: Span,
    ) -> Typed {
        let name = &binding.name.node;
        if let Some((given, at)) = self.overridden(full, unit, binding.span) {
            value = Typed::number(given, unit.clone());
            span = at;
        }
        let Some(number) = self.fixed(&value, span, &format!("parameter `{name}`")) else {
            return Typed::unknown();
        };
        if binding.unit.as_ref().is_some_and(is_count) {
            return match self.whole(number, span, &format!("parameter `{name}`")) {
                #[allow(clippy::cast_precision_loss)] // below 2^31
                Some(count) => Typed::number(count as f64, Unit::none()),
                None => Typed::unknown(),
            };
        }
        Typed::number(number, unit.clone())
    }

    /// A size, degree or index: a whole number from 0 to 2^31 - 1.
    pub(crate) fn whole(&mut self, number: f64, span: Span, what: &str) -> Option<u64> {
        let rounded = number.round();
        let label =
            if self.text(span) == format!("{number}") { "this".to_owned() } else { format!("this is {number}") };
        if (number - rounded).abs() > 1e-9 * number.abs().max(1.0) {
            self.error("E0407", format!("{what} must be a whole number, not {number}"), span, label);
            return None;
        }
        if rounded < 0.0 {
            self.error("E0407", format!("{what} must not be negative, but it is {number}"), span, label);
            return None;
        }
        if rounded > LARGEST {
            self.push(
                Diagnostic::error("E0408", format!("{what} is too large"), span, label)
                    .hint("at most 2147483647 = 2^31 - 1"),
            );
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked above
        Some(rounded as u64)
    }

    /// A whole number given by an expression.
    pub(crate) fn whole_expression(&mut self, written: &ast::Expr, scope: &Scope, what: &str) -> Option<u64> {
        let value = self.top(written, scope);
        if !self.fits(&value, &Unit::none(), written.span, what, None) {
            return None;
        }
        let number = self.fixed(&value, written.span, what)?;
        self.whole(number, written.span, what)
    }

    /// Data of the network, in order; its lists may use parameters, which are then fixed.
    pub(crate) fn network_data(
        &mut self,
        builder: &mut Builder<'_>,
        network: &ast::Network,
        done: &mut BTreeSet<String>,
    ) {
        let known = done.clone();
        for member in &network.members {
            if let NetworkMember::Data(declared) = member
                && !known.contains(&declared.name.node)
            {
                let known = self.data_of_network(declared, &builder.scope);
                builder.scope.data.insert(declared.name.node.clone(), known);
                done.insert(declared.name.node.clone());
            }
        }
    }

    pub(crate) fn network_lets(&mut self, builder: &mut Builder<'_>, lets: &[&Binding], structural: &BTreeSet<String>) {
        for binding in lets {
            builder.scope.add(&binding.name.node, Typed::unknown(), Role::Let, binding.name.span);
        }
        for index in self.dependency_order(lets, "definitions") {
            let binding = lets[index];
            let Some(written) = &binding.value else { continue };
            let mut value = self.top(written, &builder.scope);
            let unit = self.declared_unit(binding, Some(&value), None);
            if let (Some(unit), false) = (unit, matches!(value.kind, Type::Truth | Type::Unknown)) {
                if binding.unit.is_some() || !matches!(value.kind, Type::Zero) {
                    value.kind = Type::Number(unit);
                }
                if structural.contains(&binding.name.node) {
                    value = match self.fixed(&value, written.span, &format!("`{}`", binding.name.node)) {
                        Some(number) => Typed::leaf(Expr::Number(number), value.kind),
                        None => Typed::unknown(),
                    };
                }
            }
            builder.scope.add(&binding.name.node, value, Role::Let, binding.name.span);
        }
    }

    /// The model of a name, if it is of the right kind.
    pub(crate) fn find_model(&mut self, name: &Name, file: FileId, kind: ModelKind) -> Option<(Rc<Item>, FileId)> {
        // A population may consist of cells as well.
        let also = if kind == ModelKind::Neuron { ModelKind::Cell } else { kind };
        let fits = move |item: &Item| matches!(item, Item::Model(m) if m.kind == kind || m.kind == also);
        let wanted = describe_kind(kind);
        let found = self.program.find(file, &name.node).map(|(_, d)| (d.item.clone(), d.file));
        match found {
            Some((item, file)) if fits(&item) => Some((item, file)),
            Some((item, _)) => {
                let title = format!("`{}` is {}, but {wanted} is needed here", name.node, describe(&item));
                let error = Diagnostic::error("E0203", title, name.span, format!("this is {}", describe(&item)));
                let declared = crate::program::modules::declared_name(&item).map(|n| n.span);
                self.push(match declared {
                    Some(declared) => error.also(declared, "declared here"),
                    None => error,
                });
                None
            }
            None if self.program.is_missing(file, &name.node) => None,
            None => {
                let word = kind_word(kind);
                let error = Diagnostic::error(
                    "E0203",
                    format!("there is no {word} `{}`", name.node),
                    name.span,
                    "not declared",
                );
                let import = match kind {
                    ModelKind::Neuron => "`use std::neurons::LIF`",
                    ModelKind::Synapse => "`use std::synapses::Exponential`",
                    ModelKind::Receptor => "`use std::receptors::Conductance`",
                    ModelKind::Channel => "`use std::channels::Leak`",
                    ModelKind::Ion => "`use std::ions::CalciumFixed`",
                    ModelKind::Cell => "`use std::neurons::PinskyRinzel`",
                    ModelKind::Plasticity => "`use std::plasticity::PairSTDP`",
                };
                let near = closest(&name.node, self.program.names(file, fits));
                self.push(match near {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("declare it, or import it as in {import}")),
                });
                None
            }
        }
    }

    fn population(&mut self, builder: &mut Builder<'_>, population: &ast::Population) {
        let name = &population.name;
        let of = population.synapses_of.as_ref().map(|place| self.standing(builder, population, place));
        let size = match (&population.size, of) {
            (_, Some(of)) => of.map(|of| of.synapses),
            (None, None) => Some(1),
            (Some(written), None) => {
                let what = format!("the size of `{}`", name.node);
                let size = self.whole_expression(written, &builder.scope, &what);
                if size == Some(0) {
                    self.error("E0407", format!("{what} is zero"), written.span, "this is 0");
                }
                size.filter(|&s| s > 0)
            }
        };
        let owner = Owner { span: name.span, kind: OwnerKind::Population(None), projections: Vec::new() };
        builder.owners.insert(name.node.clone(), owner);
        let full = format!("{}{}", builder.prefix, name.node);
        #[allow(clippy::cast_precision_loss)] // below 2^31
        let member = size.map_or_else(Typed::unknown, |s| Typed::number(s as f64, Unit::none()));
        builder.scope.add(&format!("{}.size", name.node), member, Role::Member, name.span);
        if population.synapses_of.is_some() && size.is_none() {
            return;
        }
        if let Some(times) = &population.times {
            self.spike_times(builder, population, times, size);
            return;
        }
        if population.model.name.node == "spikes" {
            self.spikes_of_data(builder, population, size);
            return;
        }
        let Some((item, file)) = self.find_model(&population.model.name, builder.scope.file, ModelKind::Neuron) else {
            return;
        };
        let Item::Model(model) = &*item else { return };
        let mut shared = BTreeMap::new();
        let of = of.flatten().map(|of| of.projection);
        let mut caller = match of {
            Some(of) => self.scope_of_each(builder, of, population.span),
            None => builder.scope.clone(),
        };
        for parameter in Members::of(model).parameters {
            let reason = "it gets its value in these braces: repeat the value, or give it a name with `let`";
            caller.hide(&format!("{}.{}", name.node, parameter.name.node), reason);
        }
        let positions = |checker: &mut Self, scope: &Scope| {
            population.geometry.as_ref().and_then(|g| checker.geometry(g, (&name.node, size), scope))
        };
        // A position may follow from parameters, and parameters from positions; where the braces are of synapses, `i` is not the neuron.
        let mut geometry = None;
        if population.synapses_of.is_none() && uses_positions(population) {
            geometry = positions(self, &builder.scope);
            geometry.iter().for_each(|g: &Geometry| g.add_positions(&name.node, &mut caller));
        }
        let mut varying = Vec::new();
        let mut site = Use {
            written: &population.model,
            caller: &caller,
            prefix: &full,
            shared: &mut shared,
            varying: Some(&mut varying),
            permits: match population.synapses_of {
                Some(_) => Permits { pair: true, number: caller.permits.number, ..Permits::default() },
                None => Permits { index: true, ..caller.permits },
            },
            first: 0,
            element: "",
            qualifier: "",
            of_synapses: of.is_some(),
        };
        let neuron = match model.kind {
            ModelKind::Cell => self.cell(model, Some(&mut site)),
            _ => self.neuron(model, file, Some(&mut site)),
        };
        if let Some(ends) = of.and_then(|of| builder.ends(of)) {
            self.neuron_values_used(&caller, ends.map(|end| &builder.targets[end.0]));
        }
        drop(caller);
        let Some(neuron) = neuron else { return };
        let instance = neuron.instance;
        let value = |id, unit: &Unit| Typed::leaf(Expr::Parameter(id), Type::Number(unit.clone()));
        #[allow(clippy::cast_precision_loss)] // below 2^31
        let count = |(name, count): &(String, u64)| (name.clone(), Typed::number(*count as f64, Unit::none()));
        let of_instance = instance.parameters.iter().map(|(name, id, unit)| (name.clone(), value(*id, unit)));
        let parameters: Vec<(String, Typed)> = of_instance.chain(neuron.counts.iter().map(count)).collect();
        for (parameter, value) in &parameters {
            builder.scope.add(&format!("{}.{parameter}", name.node), value.clone(), Role::Member, name.span);
        }
        let first_parameter = instance.states.len() - varying.len();
        for parameter in &varying {
            self.no_setting_for_each(&format!("{full}.{}", parameter.name), parameter.span);
            let parameter = &parameter.name;
            let why = format!(
                "it has a value for each neuron; those of a synapse are `source.{parameter}`, `target.{parameter}`"
            );
            builder.scope.hide(&format!("{}.{parameter}", name.node), why);
        }
        for state in &instance.states[..first_parameter] {
            // What is of the same neuron may read it, and has it in a scope of its own.
            let reason = "a state of each neuron: drives of its own population can read it, and others by a projection";
            builder.scope.hide(&format!("{}.{}", name.node, state.name), reason);
        }
        let states =
            instance.states.iter().zip(&instance.units).map(|(s, u)| (s.name.clone(), u.clone(), s.span)).collect();
        let input_unit = |name: &str| instance.scope.locals.get(name).map_or_else(Unit::none, |l| l.value.kind.unit());
        let inputs = instance.inputs.iter().map(|i| (i.name.clone(), input_unit(&i.name), i.span)).collect();
        let value = |name: &str| instance.scope.locals.get(name).map(|l| l.value.clone());
        let lets = instance.lets.iter().filter_map(|l| Some((l.name.clone(), value(&l.name)?, l.span))).collect();
        let method = match &population.method {
            Some(written) => self.integrator(written, builder.scope.file, &instance),
            None => neuron.method,
        };
        let geometry = geometry.or_else(|| positions(self, &builder.scope));
        let id = PopulationId(builder.populations.len());
        builder.targets.push(Target {
            model: model.name.node.clone(),
            span: population.span,
            size,
            states,
            inputs,
            lets,
            population_lets: instance.lets.clone(),
            geometry,
            first_parameter,
            parameters,
            declared: Members::of(model).parameters.iter().map(|b| (b.name.node.clone(), b.name.span)).collect(),
            synapses_of: of,
            kept: Kept::default(),
        });
        builder.populations.push(Population {
            name: full,
            model: model.name.node.clone(),
            size: size.unwrap_or(1),
            states: instance.states,
            inputs: instance.inputs,
            lets: instance.lets,
            rules: neuron.rules,
            spike_times: None,
            method,
            stands_for: of.and_then(|of| builder.ends(of)).map(|ends| ends.map(|end| builder.populations[end.0].size)),
            events_of: None,
            span: population.span,
        });
        builder.add_events(id);
        if let Some(owner) = builder.owners.get_mut(&name.node) {
            owner.kind = OwnerKind::Population(Some(id));
        }
    }

    /// The population of a name.
    pub(crate) fn find_population(&mut self, builder: &Builder<'_>, name: &Name) -> Option<PopulationId> {
        if let Some(Owner { kind: OwnerKind::Population(id), .. }) = builder.owners.get(&name.node) {
            return *id;
        }
        if self.not_in_instance(builder, name) {
            return None;
        }
        match builder.owners.get(&name.node) {
            Some(owner) => {
                let error = Diagnostic::error(
                    "E0203",
                    format!("`{}` is a projection, but a population is needed here", name.node),
                    name.span,
                    "not a population",
                );
                self.push(error.also(owner.span, "declared here"));
                None
            }
            None => {
                let error = Diagnostic::error(
                    "E0201",
                    format!("there is no population `{}`", name.node),
                    name.span,
                    "not declared",
                );
                let below = builder.scope.hidden.contains_key(&name.node);
                let error = self.with_condition(builder, &name.node, error);
                self.push(match closest(&name.node, builder.populations_here()) {
                    _ if below => {
                        error.hint("it is declared below, for the synapses of a projection: write it before this")
                    }
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("declare it: `population {}[100] : LIF`", name.node)),
                });
                None
            }
        }
    }

    /// The owner of a path, which may be a population or a label.
    pub(crate) fn find_owner(&mut self, builder: &Builder<'_>, name: &Name) -> Option<Owner> {
        if let Some(owner) = builder.owners.get(&name.node)
            && !matches!(owner.kind, OwnerKind::Network { .. })
        {
            return Some(owner.clone());
        }
        if self.not_in_instance(builder, name) {
            return None;
        }
        let near = closest(&name.node, builder.owners.keys().map(String::as_str));
        let error = Diagnostic::error(
            "E0201",
            format!("there is no population or projection `{}`", name.node),
            name.span,
            "not declared",
        );
        let error = self.with_condition(builder, &name.node, error);
        self.push(match near {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error,
        });
        None
    }
}
