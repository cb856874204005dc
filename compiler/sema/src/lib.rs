//! Syntax tree to checked model: names, units, shapes.
//!
//! What goes in: the text of one file and a way to load those it imports. What comes out: a
//! [`model::Model`] that needs no further check, or diagnostics. What may never happen: a panic,
//! whatever the text; a model together with errors; a file read from outside the project.
//!
//! Order of the work: [`program::modules`] reads all files and resolves imports; every declaration is checked
//! at its definition; then each `simulate` block has its network put together ([`networks`]), in which
//! models are checked once more with the units and states of their use.

pub mod codes;
pub mod expressions;
pub mod model;
mod models;
pub mod networks;
pub mod program;
#[cfg(test)]
mod shown;

pub use program::loader::{FileLoader, LoadError, Loaded, LoadedData, Loader};
pub use program::options::Options;

use bpc_syntax::ast::{self, Item, ModelKind};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{FileId, SourceMap};
use bpc_syntax::suggest::closest;
use expressions::checker::Checker;
use expressions::nonzero;
use expressions::scope::{Permits, Role, Scope, Type, Typed};
use model::Model;
use networks::network;
use networks::simulation::{self, Given};
use networks::trains;
use program::modules::{self, ItemId, Program, list};
use program::options::{self, Override};
use program::report::Report;
use program::stack;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Whether there is something to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The file has no `simulate` block.
    NoSimulation,
    /// The file has several `simulate` blocks and none was chosen.
    Several,
    /// One was chosen: [`Checked::model`] is it, unless there are errors.
    Chosen,
}

/// The outcome of a check.
#[derive(Debug)]
pub struct Checked {
    /// The network to run; `None` if there are errors or nothing is chosen.
    pub model: Option<Model>,
    /// Errors and warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The networks that have a `simulate` block, in order.
    pub simulations: Vec<String>,
    /// Whether there is something to run.
    pub selection: Selection,
    /// The texts of all files, and of the values on the command line.
    pub sources: SourceMap,
}

/// Checks a file and everything it imports, and puts the chosen network together. The caller needs
/// little stack.
pub fn check(entry_name: &str, entry_text: &str, loader: &dyn Loader, options: &Options) -> Checked {
    stack::ample(|| check_all(entry_name, entry_text, loader, options))
}

fn check_all(entry_name: &str, entry_text: &str, loader: &dyn Loader, options: &Options) -> Checked {
    let mut report = Report::default();
    let mut program = modules::load(entry_name, entry_text, loader, &mut report);
    let (given, overrides) = read_options(options, &mut program.sources, &mut report);
    let mut checker = Checker::new(&program, loader, &mut report);
    checker.definitions();
    let blocks: Vec<ItemId> =
        program.entry.iter().copied().filter(|i| matches!(&*program.items[i.0].item, Item::Simulation(_))).collect();
    let simulations: Vec<String> = blocks.iter().map(|b| simulation(&program, *b).network.name.node.clone()).collect();
    let (chosen, selection) = checker.choose(&blocks, &simulations, options.network.as_deref());
    let mut model = None;
    for block in blocks {
        let is_chosen = Some(block) == chosen;
        checker.reset();
        let given = if is_chosen { given.clone() } else { Given::default() };
        checker.overrides = if is_chosen { overrides.clone() } else { Vec::new() };
        let made = checker.run_block(simulation(&program, block), program.items[block.0].file, &given);
        if is_chosen {
            checker.unused_overrides();
            model = made;
        }
    }
    checker.idle_networks(&simulations);
    checker.unused_imports();
    let model = model.filter(|_| report.errors() == 0);
    Checked { model, diagnostics: report.finish(), simulations, selection, sources: program.sources }
}

fn simulation(program: &Program, block: ItemId) -> &ast::Simulation {
    match &*program.items[block.0].item {
        Item::Simulation(simulation) => simulation,
        _ => unreachable!("only simulate blocks are collected"),
    }
}

fn read_options(options: &Options, sources: &mut SourceMap, report: &mut Report) -> (Given, Vec<Override>) {
    let mut read = |flag: &str, name: &str, text: &str| options::read(flag, name, text, sources, report);
    let overrides: Vec<Override> =
        options.set.iter().filter_map(|(name, text)| read("--set", name.trim(), text)).collect();
    let dt = options.dt.as_ref().and_then(|text| read("--dt", "dt", text));
    let duration = options.duration.as_ref().and_then(|text| read("--duration", "duration", text));
    for (place, again) in overrides.iter().enumerate() {
        if let Some(first) = overrides[..place].iter().find(|first| first.name == again.name) {
            let title = format!("`{}` is given twice", again.name);
            let error = Diagnostic::error("E0507", title, again.name_span, "again here");
            report.push(error.also(first.name_span, "first here").hint("which of both is meant?"));
        }
    }
    (Given { dt, duration, seed: options.seed }, overrides)
}

impl Checker<'_> {
    /// Checks every declaration on its own.
    fn definitions(&mut self) {
        // Cells come last: they are put together from what is checked before.
        let is_cell = |i: &usize| matches!(&*self.program.items[*i].item, Item::Model(m) if m.kind == ModelKind::Cell);
        let (cells, others): (Vec<usize>, Vec<usize>) = (0..self.program.items.len()).partition(is_cell);
        for index in others.into_iter().chain(cells) {
            let modules::Declared { file, item } = self.program.items[index].clone();
            self.reset();
            if let Some(name) = modules::declared_name(&item) {
                self.check_name(name);
            }
            match &*item {
                Item::Constant(binding) => {
                    self.constant(ItemId(index), binding.span);
                }
                Item::Data(_) => {
                    self.data_item(ItemId(index));
                }
                Item::Function(function) => self.function(ItemId(index), function, file),
                Item::Model(model) if model.kind == ModelKind::Neuron => {
                    self.neuron(model, file, None);
                }
                Item::Model(model) if model.kind == ModelKind::Cell => {
                    self.cell(model, None);
                }
                Item::Model(model) if matches!(model.kind, ModelKind::Channel | ModelKind::Ion) => {
                    self.component_definition(model);
                }
                Item::Model(model) => self.check_kinetics_definition(model, file),
                Item::Network(_) | Item::Simulation(_) | Item::Use(_) => {}
            }
        }
    }

    /// Checks a function's body as far as its arguments' units are declared.
    fn function(&mut self, id: ItemId, function: &ast::Function, file: FileId) {
        let mut scope = Scope::of_file(file);
        scope.permits = Permits {
            random: true,
            time: true,
            noise: false,
            index: true,
            neuron: true,
            pair: true,
            crossing: true,
            delayed: None,
            number: true,
        };
        self.active.push(id);
        let mut optional: Option<&ast::Binding> = None;
        for argument in &function.arguments {
            self.check_name(&argument.name);
            match (&argument.value, optional) {
                (None, Some(earlier)) => {
                    let title = format!("argument `{}` has no default, but one before it has", argument.name.node);
                    let error = Diagnostic::error("E0529", title, argument.name.span, "needs a value in every call");
                    let error = error.also(earlier.span, "so this default is of no use");
                    self.push(error.hint("put arguments with defaults last"));
                }
                (Some(_), None) => optional = Some(argument),
                _ => {}
            }
            self.default_argument(argument, &function.name, file);
            if let Some(first) = scope.locals.get(&argument.name.node) {
                let first = first.span;
                self.push(modules::twice(&argument.name, first));
            }
            let kind = argument.unit.as_ref().map(|u| self.unit(u, None));
            let kind = kind.flatten().map_or(Type::Unknown, Type::Number);
            scope.add(
                &argument.name.node,
                Typed::leaf(model::Expr::Number(f64::NAN), kind),
                Role::Argument,
                argument.name.span,
            );
        }
        (self.inlined, self.terms, self.outermost) = (0, 0, function.body.span);
        self.function_body(function, &mut scope);
        self.active.pop();
        self.unused_locals(&function.lets.iter().collect::<Vec<_>>(), &scope);
        for argument in &function.arguments {
            let unused = scope.locals.get(&argument.name.node).is_some_and(|l| !l.used.get());
            if unused && !argument.name.node.starts_with('_') && !self.program.is_std(file) {
                let title = format!("argument `{}` is never used", argument.name.node);
                self.push(
                    Diagnostic::warning("W0703", title, argument.name.span, "not used").hint("remove it, or use it"),
                );
            }
        }
    }

    /// The block to run.
    fn choose(&mut self, blocks: &[ItemId], names: &[String], wanted: Option<&str>) -> (Option<ItemId>, Selection) {
        let Some(wanted) = wanted else {
            return match blocks {
                [] => (None, Selection::NoSimulation),
                [only] => (Some(*only), Selection::Chosen),
                _ => (None, Selection::Several),
            };
        };
        let fitting: Vec<ItemId> = blocks.iter().zip(names).filter(|(_, n)| *n == wanted).map(|(b, _)| *b).collect();
        let place = |b: &ItemId| simulation(self.program, *b).network.name.span;
        let error = match (fitting.as_slice(), blocks) {
            ([only], _) => return (Some(*only), Selection::Chosen),
            (_, []) => return (None, Selection::NoSimulation),
            ([], [first, ..]) => {
                let title = format!("there is no `simulate` block for a network `{wanted}`");
                let error = Diagnostic::error("E0501", title, place(first), "another network");
                match closest(wanted, names.iter().map(String::as_str)) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("there are blocks for {}", list(names))),
                }
            }
            ([first, second, ..], _) => {
                let title = format!("there are several `simulate` blocks for network `{wanted}`");
                Diagnostic::error("E0501", title, place(second), "this one?").also(place(first), "or this one?")
            }
        };
        self.push(error);
        (None, Selection::Chosen)
    }

    pub(crate) fn find_network(&mut self, name: &ast::Name, file: FileId) -> Option<(Rc<Item>, FileId)> {
        match self.program.find(file, &name.node).map(|(_, d)| (d.item.clone(), d.file)) {
            Some((item, file)) if matches!(&*item, Item::Network(_)) => Some((item, file)),
            Some((item, _)) => {
                let what = modules::describe(&item);
                let title = format!("`{}` is {what}, but a network is needed here", name.node);
                self.error("E0203", title, name.span, format!("this is {what}"));
                None
            }
            None if self.program.is_missing(file, &name.node) => None,
            None => {
                let error = Diagnostic::error(
                    "E0203",
                    format!("there is no network `{}`", name.node),
                    name.span,
                    "not declared",
                );
                self.push(match closest(&name.node, self.program.names(file, |i| matches!(i, Item::Network(_)))) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("declare it: `network {} {{ … }}`", name.node)),
                });
                None
            }
        }
    }

    /// One `simulate` block.
    fn run_block(&mut self, simulation: &ast::Simulation, file: FileId, given: &Given) -> Option<Model> {
        self.dt = 0.1;
        let settings = self.settings(simulation, file, given);
        let (item, network_file) = self.find_network(&simulation.network.name, file)?;
        let Item::Network(network) = &*item else { return None };
        let scope = Scope::of_file(file);
        self.expanding.push((item.clone(), simulation.network.span));
        let builder = self.network(network, network_file, Some((&simulation.network, &scope)), Some(simulation));
        self.unused_parameters(&network.parameters.iter().collect::<Vec<_>>(), &builder.scope);
        self.sizes(&builder);
        self.elements(&builder);
        self.settable = network.parameters.iter().map(|p| p.name.node.clone()).collect();
        self.settable
            .extend(self.parameters.iter().filter(|p| p.settable && p.name.contains('.')).map(|p| p.name.clone()));
        // Requests are checked even if the settings are wrong.
        let assumed =
            settings.unwrap_or(simulation::Settings { dt: self.dt, steps: u64::MAX, seed: 0, other_duration: false });
        let simulation = self.requests(simulation, file, &builder, assumed);
        settings?;
        let mut model = Model {
            network: network.name.node.clone(),
            parameters: std::mem::take(&mut self.parameters),
            populations: builder.populations,
            projections: builder.projections,
            pairs: std::mem::take(&mut self.pairs),
            simulation,
        };
        if let Some((text, span)) = trains::refused(&model) {
            self.error("E0530", text, span, "events too close to one another");
        }
        nonzero::mark(&mut model);
        self.changes_of(&model);
        self.finite_parameters(&model);
        Some(model)
    }

    /// Parameters that have no finite value before the run: what follows from them would have none either.
    fn finite_parameters(&mut self, model: &Model) {
        if self.report.errors() > 0 {
            return;
        }
        for parameter in model.parameters.iter().filter(|p| !p.default.is_finite()) {
            let title = format!("`{}` is not a finite number", parameter.name);
            self.error("E0306", title, parameter.span, format!("this is {}", parameter.default));
        }
    }

    /// Numbers of neurons, states and possible pairs must be countable.
    fn sizes(&mut self, builder: &network::Builder<'_>) {
        let elements = builder.populations.iter().try_fold(0u64, |sum, p| {
            let each = u64::try_from(p.states.len() + p.inputs.len()).ok()?;
            sum.checked_add(p.size.checked_mul(each)?)
        });
        let synapses =
            builder.projections.iter().try_fold(0u64, |sum, p| sum.checked_add(self.most_synapses(builder, p)?));
        let name = &builder.network.name;
        for (count, what) in [(elements, "states"), (synapses, "pairs of neurons")] {
            if count.is_none_or(|c| i64::try_from(c).is_err()) {
                self.error(
                    "E0408",
                    format!("network `{}` has too many {what}", name.node),
                    name.span,
                    "more than 2^63 - 1",
                );
            }
        }
    }

    /// The most synapses that a projection can have; `None` if they cannot be counted.
    fn most_synapses(&self, builder: &network::Builder<'_>, projection: &model::Projection) -> Option<u64> {
        let target = builder.populations[projection.target.0].size;
        let model::Source::Population { population, connect, .. } = &projection.source else { return Some(target) };
        let source = builder.populations[population.0].size;
        match connect.rule {
            // That one is earlier.
            model::Rule::Transposed { of } | model::Rule::OfSynapses { of, .. } => {
                self.most_synapses(builder, builder.projections.get(of)?)
            }
            model::Rule::OneToOne => Some(target),
            model::Rule::Explicit { list } => Some(self.pairs.get(list)?.entries.len() as u64),
            model::Rule::AllToAll | model::Rule::FixedProbability(_) | model::Rule::Pairwise { .. } => {
                source.checked_mul(target)
            }
            model::Rule::FixedInDegree { degree, .. } => target.checked_mul(degree),
            model::Rule::FixedOutDegree { degree, .. } | model::Rule::SmallWorld { degree, .. } => {
                source.checked_mul(degree)
            }
            model::Rule::FixedTotal { total, .. } => Some(total),
            rule @ model::Rule::ScaleFree { .. } => target.checked_mul(rule.most_edges()?)?.checked_mul(2),
        }
    }

    /// Networks that nothing simulates are put together with their defaults, to find their mistakes.
    fn idle_networks(&mut self, simulated: &[String]) {
        for id in &self.program.entry {
            let modules::Declared { file, item } = self.program.items[id.0].clone();
            let Item::Network(network) = &*item else { continue };
            if !simulated.contains(&network.name.node) {
                self.reset();
                self.overrides.clear();
                self.dt = 0.1;
                self.expanding.push((item.clone(), network.name.span));
                let builder = self.network(network, file, None, None);
                self.unused_parameters(&network.parameters.iter().collect::<Vec<_>>(), &builder.scope);
                self.sizes(&builder);
                self.elements(&builder);
            }
        }
    }

    /// `--set` of something that does not exist.
    fn unused_overrides(&mut self) {
        let mut given = BTreeSet::new();
        for one in std::mem::take(&mut self.overrides) {
            // What is given twice has been told.
            let again = !given.insert(one.name.clone());
            if one.used || again {
                continue;
            }
            let error = Diagnostic::error(
                "E0211",
                format!("there is no parameter `{}`", one.name),
                one.name_span,
                "not a parameter",
            );
            let parameters = || self.settable.iter().map(String::as_str);
            let error = match closest(&one.name, parameters()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None if self.settable.is_empty() => error.hint("there are none that can be set"),
                None => error.hint(format!("the parameters are {}", list(parameters().take(12)))),
            };
            self.push(error);
        }
    }

    /// Warns of imports that nothing mentions.
    fn unused_imports(&mut self) {
        let mut unused = Vec::new();
        for (file, scope) in &self.program.scopes {
            if self.program.is_std(*file) {
                continue;
            }
            unused.extend(scope.iter().filter(|(_, v)| v.imported && !v.used.get()).map(|(name, v)| (v.span, name)));
        }
        unused.sort();
        for (span, name) in unused {
            self.push(
                Diagnostic::warning("W0702", format!("`{name}` is imported but never used"), span, "not used")
                    .hint("remove it"),
            );
        }
    }
}
