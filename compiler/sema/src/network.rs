//! Networks: parameters, populations, initial values, drives; what goes in is one `network` with
//! arguments, what comes out are the populations and projections of the model.

use crate::cell::resolve_initial_values;
use crate::checker::{Checker, NewParameter};
use crate::geometry::Geometry;
use crate::instance::{Use, mentioned};
use crate::model::{BinaryOp, Expr, Population, PopulationId, Projection};
use crate::modules::{describe, describe_kind, kind_word, list, twice};
use crate::scope::{Permits, Role, Scope, Type, Typed};
use crate::units::{Unit, is_count};
use bpc_syntax::ast::{self, Binding, Clause, Item, ModelKind, Name, NetworkMember, SimulationMember};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{FileId, Span};
use bpc_syntax::suggest::closest;
use std::collections::{BTreeMap, BTreeSet};
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
    /// Where its neurons are, if that is said.
    pub geometry: Option<Geometry>,
    /// From which of its states on they are parameters with a value for each neuron.
    pub first_parameter: usize,
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
    /// Projections so far.
    pub projections: Vec<Projection>,
    /// As `projections`: the units of their states.
    pub projection_units: Vec<Vec<Unit>>,
    /// Populations and labels by name: where they are declared and what they are.
    pub owners: BTreeMap<String, Owner>,
}

/// What has members in a network.
#[derive(Clone)]
pub(crate) struct Owner {
    /// Where it is declared.
    pub span: Span,
    /// Which population, if it is one (and could be made).
    pub population: Option<PopulationId>,
    /// Which projections, if it is a label.
    pub projections: Vec<usize>,
}

impl<'n> Builder<'n> {
    fn new(network: &'n ast::Network, file: FileId) -> Builder<'n> {
        Builder {
            network,
            scope: Scope::of_file(file),
            populations: Vec::new(),
            targets: Vec::new(),
            projections: Vec::new(),
            projection_units: Vec::new(),
            owners: BTreeMap::new(),
        }
    }
}

/// Names that change a size or a structure, directly or through lets and defaults.
fn structural(network: &ast::Network, simulation: Option<&ast::Simulation>) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut add = |e: &ast::Expr| {
        mentioned(e, &mut |name, _| {
            names.insert(name.to_owned());
        })
    };
    let range = |path: &ast::Path, add: &mut dyn FnMut(&ast::Expr)| {
        if let Some((first, last)) = &path.range {
            add(first);
            last.iter().for_each(add);
        }
    };
    for member in &network.members {
        match member {
            NetworkMember::Population(p) => {
                p.size.iter().for_each(&mut add);
                p.geometry.iter().flat_map(|g| &g.arguments).filter_map(|a| a.value.as_ref()).for_each(&mut add);
                p.times.iter().flatten().flatten().for_each(&mut add);
            }
            NetworkMember::Project(ast::Project { clauses, .. }) => {
                for clause in clauses {
                    match clause {
                        Clause::Connect { arguments, .. } => arguments.iter().for_each(&mut add),
                        Clause::Delay { value, .. } => add(value),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    elements(network, &mut add);
    for member in simulation.iter().flat_map(|s| &s.members) {
        match member {
            SimulationMember::Setting { .. } => {}
            SimulationMember::Record { targets, every, .. } => {
                targets.iter().for_each(|t| range(t, &mut add));
                every.iter().for_each(&mut add);
            }
            SimulationMember::Expect { bound, from, .. } => {
                match bound {
                    ast::Bound::Range(low, high) => {
                        add(low);
                        add(high);
                    }
                    ast::Bound::Compare(_, value) => add(value),
                }
                from.iter().for_each(&mut add);
            }
        }
    }
    let lets = network.members.iter().filter_map(|m| if let NetworkMember::Let(b) = m { Some(b) } else { None });
    let bindings: Vec<&Binding> = network.parameters.iter().chain(lets).collect();
    names.extend(bindings.iter().filter(|b| b.unit.as_ref().is_some_and(is_count)).map(|b| b.name.node.clone()));
    let mut open: Vec<String> = names.iter().cloned().collect();
    while let Some(name) = open.pop() {
        for value in bindings.iter().filter(|b| b.name.node == name).filter_map(|b| b.value.as_ref()) {
            mentioned(value, &mut |inner, _| {
                if names.insert(inner.to_owned()) {
                    open.push(inner.to_owned());
                }
            });
        }
    }
    names
}

/// What decides which element is meant, and what stands in lists of data.
fn elements(network: &ast::Network, add: &mut dyn FnMut(&ast::Expr)) {
    let mut look = |e: &ast::Expr| indices(e, add);
    for binding in &network.parameters {
        binding.value.iter().for_each(&mut look);
    }
    for member in &network.members {
        match member {
            NetworkMember::Let(b) => b.value.iter().for_each(&mut look),
            NetworkMember::Population(p) => {
                p.model.arguments.iter().filter_map(|a| a.value.as_ref()).for_each(&mut look)
            }
            NetworkMember::Init(init) => look(&init.value),
            NetworkMember::Drive(drive) => look(&drive.value),
            NetworkMember::Project(ast::Project { clauses, .. })
            | NetworkMember::Stimulate(ast::Stimulate { clauses, .. }) => {
                for clause in clauses {
                    match clause {
                        Clause::Weight { value, .. } | Clause::Delay { value, .. } => look(value),
                        Clause::Poisson { rate, .. } => look(rate),
                        Clause::Synapse(used) | Clause::Receptor(used) => {
                            used.arguments.iter().filter_map(|a| a.value.as_ref()).for_each(&mut look);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    for member in &network.members {
        match member {
            NetworkMember::Data(ast::Data { source: ast::DataSource::Vector(values), .. }) => {
                values.iter().for_each(&mut *add)
            }
            NetworkMember::Data(ast::Data { source: ast::DataSource::Matrix(rows), .. }) => {
                rows.iter().flatten().for_each(&mut *add)
            }
            _ => {}
        }
    }
}

/// Calls `found` with every index in an expression.
fn indices(expr: &ast::Expr, found: &mut dyn FnMut(&ast::Expr)) {
    match &expr.kind {
        ast::ExprKind::Element(_, places) => {
            for place in places {
                found(&place.index);
                place.every.iter().for_each(&mut *found);
            }
        }
        ast::ExprKind::Unary(_, x) => indices(x, found),
        ast::ExprKind::Binary(_, a, b) => [a, b].iter().for_each(|e| indices(e, found)),
        ast::ExprKind::If(a, b, c) => [a, b, c].iter().for_each(|e| indices(e, found)),
        ast::ExprKind::Call(_, arguments) => arguments.iter().for_each(|e| indices(e, found)),
        _ => {}
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
        let mut structural = structural(network, simulation);
        self.delays(network, file, &mut structural);
        self.network_names(&mut builder);
        self.network_parameters(&mut builder, arguments, &structural);
        self.network_data(&mut builder);
        let members = || network.members.iter();
        let is_data = |name: &str| {
            let item = || self.program.find(file, name).map(|(_, declared)| declared.item.clone());
            builder.scope.data.contains_key(name) || item().is_some_and(|item| matches!(&*item, Item::Data(_)))
        };
        let (early, late): (Vec<&Binding>, Vec<&Binding>) = split_lets(network, &is_data);
        for binding in &late {
            builder.scope.hide(
                &binding.name.node,
                "it uses a member of a population or projection, and those are made after this",
            );
        }
        self.network_lets(&mut builder, &early, &structural);
        for member in members() {
            if let NetworkMember::Population(population) = member {
                self.population(&mut builder, population);
            }
        }
        for binding in &late {
            builder.scope.hidden.remove(&binding.name.node);
        }
        self.network_lets(&mut builder, &late, &structural);
        for member in members() {
            match member {
                NetworkMember::Project(project) => self.project(&mut builder, project),
                NetworkMember::Stimulate(stimulate) => self.stimulate(&mut builder, stimulate),
                _ => {}
            }
        }
        let mut given = BTreeMap::new();
        for member in members() {
            match member {
                NetworkMember::Init(init) => self.init(&mut builder, init, &mut given),
                NetworkMember::Drive(drive) => self.drive(&mut builder, drive),
                _ => {}
            }
        }
        builder.populations.iter_mut().for_each(resolve_initial_values);
        self.divisors(&builder);
        builder
    }

    /// Reports names that are declared twice in the network.
    fn network_names(&mut self, builder: &mut Builder<'_>) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let network = builder.network;
        let labels = network.members.iter().filter_map(|m| match m {
            NetworkMember::Let(b) => Some(&b.name),
            NetworkMember::Data(d) => Some(&d.name),
            NetworkMember::Population(p) => Some(&p.name),
            NetworkMember::Project(p) => p.label.as_ref(),
            NetworkMember::Stimulate(s) => s.label.as_ref(),
            NetworkMember::Init(_) | NetworkMember::Drive(_) => None,
        });
        for name in network.parameters.iter().map(|p| &p.name).chain(labels) {
            self.check_name(name);
            match seen.get(name.node.as_str()) {
                Some(first) => self.push(twice(name, *first)),
                None => {
                    seen.insert(&name.node, name.span);
                }
            }
            self.taken.insert(name.node.clone());
        }
    }

    fn network_parameters(
        &mut self,
        builder: &mut Builder<'_>,
        arguments: Option<(&ast::ModelUse, &Scope)>,
        structural: &BTreeSet<String>,
    ) {
        let network = builder.network;
        if let Some((written, _)) = arguments {
            for argument in &written.arguments {
                let name = &argument.name;
                if network.parameters.iter().any(|p| p.name.node == name.node) {
                    continue;
                }
                let title = format!("network `{}` has no parameter `{}`", network.name.node, name.node);
                let error = Diagnostic::error("E0206", title, name.span, "not a parameter of it");
                self.push(match closest(&name.node, network.parameters.iter().map(|p| p.name.node.as_str())) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error
                        .hint(format!("its parameters are {}", list(network.parameters.iter().map(|p| &p.name.node)))),
                });
            }
        }
        for binding in &network.parameters {
            let name = &binding.name.node;
            let default = binding.value.as_ref().map(|v| self.top(v, &builder.scope));
            let unit = self.declared_unit(binding, default.as_ref(), None).unwrap_or_else(Unit::none);
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
                let given = self.top(written, caller);
                span = written.span;
                self.fits(&given, &unit, span, &format!("parameter `{name}`"), Some(binding.span));
                value = Some(given);
            }
            let value = value.unwrap_or_else(|| {
                if let Some((written, _)) = arguments
                    && !self.overrides.iter().any(|o| o.name == *name)
                {
                    let title = format!("network `{}` needs a value for `{name}`", network.name.node);
                    let error = Diagnostic::error("E0213", title, written.span, format!("`{name}` is missing"));
                    self.push(error.also(binding.span, "it has no default"));
                }
                Typed::unknown()
            });
            if matches!(value.kind, Type::Truth) {
                builder.scope.add(name, value, Role::Parameter, binding.name.span);
                continue;
            }
            let place = if structural.contains(name) {
                self.structural_parameter(binding, value, &unit, span)
            } else {
                let new =
                    NewParameter { name: name.clone(), unit: unit.clone(), value: value.expr, doc: &binding.doc, span };
                self.taken.remove(name);
                Typed::leaf(Expr::Parameter(self.parameter(new)), Type::Number(unit))
            };
            builder.scope.add(name, place, Role::Parameter, binding.name.span);
        }
    }

    /// A parameter that changes a size or a structure: a number.
    fn structural_parameter(&mut self, binding: &Binding, mut value: Typed, unit: &Unit, mut span: Span) -> Typed {
        let name = &binding.name.node;
        if let Some((given, at)) = self.overridden(name, unit, binding.span) {
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
    fn network_data(&mut self, builder: &mut Builder<'_>) {
        let network = builder.network;
        for member in &network.members {
            if let NetworkMember::Data(declared) = member {
                let known = self.read_data(declared, builder.scope.file, &builder.scope);
                builder.scope.data.insert(declared.name.node.clone(), known);
            }
        }
    }

    fn network_lets(&mut self, builder: &mut Builder<'_>, lets: &[&Binding], structural: &BTreeSet<String>) {
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
                let declared = crate::modules::declared_name(&item).map(|n| n.span);
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
        let size = match &population.size {
            None => Some(1),
            Some(written) => {
                let what = format!("the size of `{}`", name.node);
                let size = self.whole_expression(written, &builder.scope, &what);
                if size == Some(0) {
                    self.error("E0407", format!("{what} is zero"), written.span, "this is 0");
                }
                size.filter(|&s| s > 0)
            }
        };
        let owner = Owner { span: name.span, population: None, projections: Vec::new() };
        builder.owners.insert(name.node.clone(), owner);
        #[allow(clippy::cast_precision_loss)] // below 2^31
        let member = size.map_or_else(Typed::unknown, |s| Typed::number(s as f64, Unit::none()));
        builder.scope.add(&format!("{}.size", name.node), member, Role::Member, name.span);
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
        let caller = builder.scope.clone();
        let mut varying = Vec::new();
        let mut site = Use {
            written: &population.model,
            caller: &caller,
            prefix: &name.node,
            shared: &mut shared,
            varying: Some(&mut varying),
        };
        let neuron = match model.kind {
            ModelKind::Cell => self.cell(model, Some(&mut site)),
            _ => Some(self.neuron(model, file, Some(&mut site))),
        };
        let Some(neuron) = neuron else { return };
        let instance = neuron.instance;
        for (parameter, id, unit) in &instance.parameters {
            let value = Typed::leaf(Expr::Parameter(*id), Type::Number(unit.clone()));
            builder.scope.add(&format!("{}.{parameter}", name.node), value, Role::Member, name.span);
        }
        let first_parameter = instance.states.len() - varying.len();
        for parameter in &varying {
            let full = format!("{}.{}", name.node, parameter.name);
            self.no_setting_for_each(&full, parameter);
            builder.scope.hide(&full, "it has a value for each neuron");
        }
        let states =
            instance.states.iter().zip(&instance.units).map(|(s, u)| (s.name.clone(), u.clone(), s.span)).collect();
        let input_unit = |name: &str| instance.scope.locals.get(name).map_or_else(Unit::none, |l| l.value.kind.unit());
        let inputs = instance.inputs.iter().map(|i| (i.name.clone(), input_unit(&i.name), i.span)).collect();
        let method = match &population.method {
            Some(written) => self.integrator(written, caller.file, &instance),
            None => neuron.method,
        };
        let geometry = population.geometry.as_ref().and_then(|g| self.geometry(g, (&name.node, size), &builder.scope));
        let id = PopulationId(builder.populations.len());
        builder.targets.push(Target {
            model: model.name.node.clone(),
            span: population.span,
            size,
            states,
            inputs,
            geometry,
            first_parameter,
        });
        builder.populations.push(Population {
            name: name.node.clone(),
            model: model.name.node.clone(),
            size: size.unwrap_or(1),
            states: instance.states,
            inputs: instance.inputs,
            lets: instance.lets,
            rules: neuron.rules,
            spike_times: None,
            method,
            span: population.span,
        });
        if let Some(owner) = builder.owners.get_mut(&name.node) {
            owner.population = Some(id);
        }
    }

    /// The population of a name.
    pub(crate) fn find_population(&mut self, builder: &Builder<'_>, name: &Name) -> Option<PopulationId> {
        let populations =
            || {
                builder.network.members.iter().filter_map(|m| {
                    if let NetworkMember::Population(p) = m { Some(p.name.node.as_str()) } else { None }
                })
            };
        match builder.owners.get(&name.node) {
            Some(owner) if populations().any(|p| p == name.node) => owner.population,
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
                self.push(match closest(&name.node, populations()) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("declare it: `population {}[100] : LIF`", name.node)),
                });
                None
            }
        }
    }

    /// The owner of a path, which may be a population or a label.
    pub(crate) fn find_owner(&mut self, builder: &Builder<'_>, name: &Name) -> Option<Owner> {
        if let Some(owner) = builder.owners.get(&name.node) {
            return Some(owner.clone());
        }
        let near = closest(&name.node, builder.owners.keys().map(String::as_str));
        let error = Diagnostic::error(
            "E0201",
            format!("there is no population or projection `{}`", name.node),
            name.span,
            "not declared",
        );
        self.push(match near {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error,
        });
        None
    }

    fn init(&mut self, builder: &mut Builder<'_>, init: &ast::Init, given: &mut BTreeMap<(bool, usize, usize), Span>) {
        for path in &init.targets {
            self.whole_path(path);
            let Some(owner) = self.find_owner(builder, &path.owner) else { continue };
            let member = &path.member;
            let mut found = false;
            let places: Vec<(bool, usize)> = match owner.population {
                Some(id) => vec![(true, id.0)],
                None => owner.projections.iter().map(|p| (false, *p)).collect(),
            };
            for &(population, index) in &places {
                let states =
                    if population { &builder.populations[index].states } else { &builder.projections[index].states };
                let Some(state) = states.iter().position(|s| s.name == member.node) else { continue };
                found = true;
                if let Some(first) = given.insert((population, index, state), path.span) {
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
                let mut scope =
                    builder.scope.permitting(Permits { random: init.random, index: true, ..Permits::default() });
                let at = if population { index } else { builder.projections[index].target.0 };
                builder.targets[at].add_positions(&builder.populations[at].name, &mut scope);
                if population {
                    // What a neuron has drawn for itself is known when its states start.
                    for (number, parameter) in states.iter().enumerate().filter(|(_, s)| s.parameter) {
                        let unit = builder.targets[index].states[number].1.clone();
                        let value = Typed::leaf(parameter.init.clone(), Type::Number(unit));
                        let name = format!("{}.{}", path.owner.node, parameter.name);
                        scope.add(&name, value, Role::Parameter, parameter.span);
                    }
                }
                let value = self.top(&init.value, &scope);
                self.fits(
                    &value,
                    &unit,
                    init.value.span,
                    &format!("`{}.{}`", path.owner.node, member.node),
                    Some(declared),
                );
                let states = if population {
                    &mut builder.populations[index].states
                } else {
                    &mut builder.projections[index].states
                };
                states[state].init = value.expr;
            }
            if !found && !places.is_empty() {
                let mut states: Vec<&str> = Vec::new();
                for &(population, index) in &places {
                    let of = if population {
                        &builder.populations[index].states
                    } else {
                        &builder.projections[index].states
                    };
                    states.extend(of.iter().map(|s| s.name.as_str()));
                }
                let error = Diagnostic::error(
                    "E0207",
                    format!("`{}` has no state `{}`", path.owner.node, member.node),
                    member.span,
                    "no such state",
                );
                self.push(match closest(&member.node, states.iter().copied()) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("its states are {}", list(states))),
                });
            }
        }
    }

    /// Ranges are for `record`.
    fn whole_path(&mut self, path: &ast::Path) {
        if let Some((first, _)) = &path.range {
            let error = Diagnostic::error(
                "E0420",
                "a part of a population cannot be chosen here",
                first.span,
                "not supported yet",
            );
            self.push(error.hint("leave the range out, or make two populations"));
        }
    }

    fn drive(&mut self, builder: &mut Builder<'_>, drive: &ast::Drive) {
        for path in &drive.targets {
            self.whole_path(path);
            let Some(id) = self.find_population(builder, &path.owner) else { continue };
            let target = &builder.targets[id.0];
            let Some(index) = target.inputs.iter().position(|i| i.0 == path.member.node) else {
                let name = &path.member;
                let error = Diagnostic::error(
                    "E0207",
                    format!("`{}` has no input `{}`", path.owner.node, name.node),
                    name.span,
                    "no such input",
                );
                self.push(match closest(&name.node, target.inputs.iter().map(|i| i.0.as_str())) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!(
                        "the inputs of `{}` are {}",
                        target.model,
                        list(target.inputs.iter().map(|i| &i.0))
                    )),
                });
                continue;
            };
            let (_, unit, declared) = target.inputs[index].clone();
            let mut scope = builder.scope.permitting(Permits { time: true, index: true, ..Permits::default() });
            for (number, (state, unit, span)) in target.states.iter().enumerate() {
                let value = Typed::leaf(Expr::State(number), Type::Number(unit.clone()));
                scope.add(&format!("{}.{state}", path.owner.node), value, Role::State, *span);
            }
            target.add_positions(&path.owner.node, &mut scope);
            let value = self.top(&drive.value, &scope);
            let what = format!("`{}.{}`", path.owner.node, path.member.node);
            self.fits(&value, &unit, drive.value.span, &what, Some(declared));
            let input = &mut builder.populations[id.0].inputs[index];
            input.drive = Some(match input.drive.take() {
                None => value.expr,
                Some(before) => Expr::Binary(BinaryOp::Add, Rc::new(before), Rc::new(value.expr)),
            });
        }
    }
}

/// The lets of a network: those that can be known before its populations are, and the rest.
fn split_lets<'n>(network: &'n ast::Network, is_data: &dyn Fn(&str) -> bool) -> (Vec<&'n Binding>, Vec<&'n Binding>) {
    let lets: Vec<&Binding> =
        network.members.iter().filter_map(|m| if let NetworkMember::Let(b) = m { Some(b) } else { None }).collect();
    let mut late: BTreeSet<&str> = BTreeSet::new();
    loop {
        let before = late.len();
        for binding in &lets {
            let mut needs = false;
            if let Some(value) = &binding.value {
                mentioned(value, &mut |name, member| {
                    needs |= member.is_some() && !is_data(name) || late.contains(name);
                });
            }
            if needs {
                late.insert(&binding.name.node);
            }
        }
        if late.len() == before {
            break;
        }
    }
    lets.into_iter().partition(|b| !late.contains(b.name.node.as_str()))
}
