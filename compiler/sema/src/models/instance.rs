//! One use of a model: its parameters get values, its names get types, its equations are checked.
//!
//! Models are checked like templates, once for each use (and once at their definition, with their
//! defaults), because `unit(w)` and the states of the target neuron are known only there.

use crate::expressions::checker::{Checker, NewParameter};
use crate::expressions::over::each_part;
use crate::expressions::scope::{Permits, Role, Scope, Type, Typed};
use crate::expressions::units::{Ratio, Unit};
use crate::model::{Expr, Input, Let, ParameterId, State};
use crate::models::initial::starts_late;
use crate::models::members::Members;
use crate::models::truth_state::{is_truth, read_truth};
use crate::networks::per_neuron::Varying;
use crate::program::modules::{its, kind_word, list};
use bpc_syntax::ast::{self, Binding, ExprKind, Model, ModelUse};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{FileId, Span};
use bpc_syntax::suggest::closest;
use std::collections::{BTreeMap, BTreeSet};

/// Where and how a model is used; `None` in its place stands for its definition.
pub(crate) struct Use<'u> {
    /// The model's name with arguments.
    pub written: &'u ModelUse,
    /// The names visible to the arguments.
    pub caller: &'u Scope,
    /// What the parameters' names start with: `E`, `exc`.
    pub prefix: &'u str,
    /// Parameters made already for another pair of the same `project`, by name.
    pub shared: &'u mut BTreeMap<String, (ParameterId, Unit)>,
    /// Parameters that have a value for each neuron or synapse, where that is possible.
    pub varying: Option<&'u mut Vec<Varying>>,
    /// What an argument may mention, where that is possible: the index of the neuron, or those of the pair.
    pub permits: Permits,
    /// The number of states before the model's own.
    pub first: usize,
    /// The combination of a labelled statement with `for`, as in `[3, 5]`: what is given in terms of
    /// its indices is a parameter of its own in each combination.
    pub element: &'u str,
    /// Whether each neuron stands for a synapse, of which arguments may tell what values of synapses can.
    pub of_synapses: bool,
    /// What stands between it and the names of parameters: `PairSTDP.` of one of several rules of plasticity.
    pub qualifier: &'u str,
}

/// A model with all names resolved.
pub(crate) struct Instance {
    /// Parameters, inputs, states and lets of the model.
    pub scope: Scope,
    /// Its states, initial values and equations included.
    pub states: Vec<State>,
    /// Types of the states.
    pub units: Vec<Unit>,
    /// Its inputs.
    pub inputs: Vec<Input>,
    /// Its lets, in an order in which each needs earlier ones only.
    pub lets: Vec<Let>,
    /// Its parameters by name.
    pub parameters: Vec<(String, ParameterId, Unit)>,
    /// The equation of the weight, if it has one.
    pub weight_derivative: Option<Expr>,
}

impl<'u> Use<'u> {
    /// The same with other arguments.
    pub(crate) fn with<'s>(&'s mut self, written: &'s ModelUse) -> Use<'s> {
        Use {
            written,
            caller: self.caller,
            prefix: self.prefix,
            shared: &mut *self.shared,
            varying: self.varying.as_deref_mut(),
            permits: self.permits,
            first: self.first,
            element: self.element,
            qualifier: self.qualifier,
            of_synapses: self.of_synapses,
        }
    }

    /// The combination that an argument belongs to; nothing if it is the same in all.
    fn element_of(&self, argument: Option<&Binding>) -> &'u str {
        let own = argument.and_then(|a| a.value.as_ref()).is_some_and(|v| mentions_index(v, self.caller));
        if own { self.element } else { "" }
    }
}

/// Whether an expression depends on an index of a `for` or an array.
pub(crate) fn mentions_index(expr: &ast::Expr, scope: &Scope) -> bool {
    let mut found = false;
    if !scope.indices.is_empty() {
        mentioned(expr, &mut |name, _| found |= scope.indices.contains_key(name));
    }
    found
}

impl Checker<'_> {
    /// Gives each parameter its value.
    pub(crate) fn model_parameters(
        &mut self,
        model: &Model,
        members: &Members<'_>,
        file: FileId,
        mut site: Option<&mut Use<'_>>,
        weight: Option<&Unit>,
    ) -> (Scope, Vec<(String, ParameterId, Unit)>) {
        let mut scope = Scope::of_file(file);
        let mut made = Vec::new();
        let delays = crate::expressions::delayed::parameters(members, self.counts_in_ranges(members, file));
        for later in &members.parameters {
            scope.hide(&later.name.node, "declared further down: a default can use earlier parameters only");
        }
        let qualifier = site.as_deref().map_or("", |s| s.qualifier).to_owned();
        if let Some(site) = &site {
            self.check_arguments(model, members, site.written);
        }
        // There may be many, of arrays; the first of a name counts.
        let arguments = site.as_deref().map(|s| s.written);
        let arguments: BTreeMap<&str, &Binding> =
            arguments.iter().flat_map(|w| w.arguments.iter().rev()).map(|a| (a.name.node.as_str(), a)).collect();
        for binding in &members.parameters {
            let name = &binding.name.node;
            let argument = arguments.get(name.as_str()).copied();
            let element = site.as_deref().map_or("", |s| s.element_of(argument));
            let key = format!("{name}{element}");
            let (id, unit) = match site.as_deref().and_then(|s| s.shared.get(&key).cloned()) {
                Some(known) => known,
                None => {
                    let default = binding.value.as_ref().map(|v| self.top(v, &scope));
                    let Some(unit) = self.declared_unit(binding, default.as_ref(), weight) else {
                        // What is wrong with it has been told: nothing follows from its unit.
                        scope.hidden.remove(name);
                        scope.add(name, Typed::unknown(), Role::Parameter, binding.name.span);
                        continue;
                    };
                    let mut span = binding.value.as_ref().map_or(binding.name.span, |v| v.span);
                    let mut value = default;
                    if let Some(written) = members.components.and_then(|c| c.get(name)?.as_ref()) {
                        span = written.span;
                        let given = self.top(written, &scope);
                        self.fits(&given, &unit, span, &format!("parameter `{name}`"), Some(binding.span));
                        value = Some(given);
                    }
                    if let (Some(site), Some(written)) = (site.as_deref(), argument.and_then(|a| a.value.as_ref())) {
                        span = written.span;
                        let because = std::mem::take(&mut self.because);
                        let random = argument.is_some_and(|a| a.random);
                        if random && site.varying.is_none() {
                            self.no_value_for_each(written.span);
                        }
                        let permits = Permits { random, ..site.permits };
                        let given = self.top(written, &site.caller.permitting(permits));
                        self.fits(&given, &unit, span, &format!("parameter `{name}`"), Some(binding.span));
                        self.because = because;
                        value = Some(given);
                    }
                    let value = value.unwrap_or_else(|| {
                        if let Some(site) = site.as_deref() {
                            let error = Diagnostic::error(
                                "E0213",
                                format!("`{}` needs a value for `{name}`", model.name.node),
                                site.written.span,
                                format!("`{name}` is missing"),
                            );
                            self.push(
                                error
                                    .also(binding.span, "it has no default")
                                    .hint(format!("write `{} {{ {name} = … }}`", model.name.node)),
                            );
                        }
                        Typed::unknown()
                    });
                    if delays.contains(name) {
                        let prefix = site.as_deref().map_or(model.name.node.as_str(), |s| s.prefix);
                        let place = self.delay_parameter(&format!("{prefix}.{name}"), &value, &unit, span);
                        scope.hidden.remove(name);
                        scope.add(name, place, Role::Parameter, binding.name.span);
                        continue;
                    }
                    let first = site.as_deref().map_or(0, |s| s.first) + members.states.len();
                    let of_synapses = site.as_deref().is_some_and(|s| s.of_synapses);
                    if let Some(varying) = site.as_deref_mut().and_then(|s| s.varying.as_deref_mut())
                        && let Some(one) = Varying::of(&value, binding, &unit, span, first, varying)
                            .map(|one| if of_synapses { one.of_synapse() } else { one })
                    {
                        let place = Typed::leaf(Expr::State(first + varying.len()), Type::Number(unit));
                        varying.push(one);
                        scope.hidden.remove(name);
                        scope.add(name, place, Role::Parameter, binding.name.span);
                        continue;
                    }
                    let prefix = site.as_deref().map_or(model.name.node.as_str(), |s| s.prefix);
                    let mut full = format!("{prefix}{element}.{qualifier}{name}");
                    if self.taken.contains(&full) && !prefix.is_empty() {
                        full = format!("{prefix}{element}.{}.{name}", model_word(model));
                    }
                    let new =
                        NewParameter { name: full, unit: unit.clone(), value: value.expr, doc: &binding.doc, span };
                    (self.parameter(new), unit)
                }
            };
            if let Some(site) = site.as_deref_mut() {
                site.shared.insert(key, (id, unit.clone()));
            }
            scope.hidden.remove(name);
            scope.add(
                name,
                Typed::leaf(Expr::Parameter(id), Type::Number(unit.clone())),
                Role::Parameter,
                binding.name.span,
            );
            made.push((format!("{qualifier}{name}"), id, unit));
        }
        (scope, made)
    }

    pub(crate) fn check_arguments(&mut self, model: &Model, members: &Members<'_>, written: &ModelUse) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let declared: BTreeSet<&str> = members.parameters.iter().map(|p| p.name.node.as_str()).collect();
        for argument in &written.arguments {
            let name = &argument.name;
            if let Some(first) = seen.insert(&name.node, name.span) {
                let error = Diagnostic::error(
                    "E0214",
                    format!("`{}` is given twice", name.node),
                    name.span,
                    "given again here",
                );
                self.push(error.also(first, "first given here"));
            }
            let of_neurons = members.posts.iter().chain(&members.pres).any(|p| p.binding.name.node == name.node);
            if of_neurons || declared.contains(name.node.as_str()) {
                continue;
            }
            let kind = kind_word(model.kind);
            let error = Diagnostic::error(
                "E0206",
                format!("{kind} `{}` has no parameter `{}`", model.name.node, name.node),
                name.span,
                "not a parameter of it",
            );
            let other =
                members.states.iter().chain(&members.inputs).chain(&members.lets).find(|b| b.name.node == name.node);
            self.push(match other {
                Some(other) if members.states.iter().any(|s| s.name.node == name.node) => error
                    .also(other.span, "this is a state")
                    .hint(format!("to start it elsewhere write `init … .{} = …`", name.node)),
                Some(other) if members.arguments.is_some_and(|given| given.contains_key(&name.node)) => {
                    error.also(other.span, "the cell gives a value that can change for this")
                }
                Some(other) => error.also(other.span, "this is not a parameter"),
                None => match closest(&name.node, members.parameters.iter().map(|p| p.name.node.as_str())) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(its("parameters", members.parameters.iter().map(|p| &p.name.node))),
                },
            });
        }
    }

    /// Inputs and states, on top of the parameters. `first` is the index of the first state.
    pub(crate) fn body(
        &mut self,
        members: &Members<'_>,
        (mut scope, parameters): (Scope, Vec<(String, ParameterId, Unit)>),
        weight: Option<&Unit>,
        first: usize,
    ) -> Instance {
        let mut inputs = Vec::new();
        let mut states = Vec::new();
        let mut units = Vec::new();
        let mut initial = scope.permitting(Permits { index: true, ..Permits::default() });
        let of_neuron = weight.is_none();
        let why = match of_neuron {
            true => "an initial value that reads other members needs a unit behind the name of its state",
            false => "an initial value can use parameters only",
        };
        for binding in members.states.iter().chain(&members.inputs) {
            initial.hide(&binding.name.node, why);
        }
        for name in members.arguments.into_iter().flat_map(BTreeMap::keys) {
            initial
                .hide(name, "the cell gives a value that can change, and an initial value can use what is fixed only");
        }
        for (index, binding) in members.states.iter().enumerate() {
            let now = !of_neuron || !starts_late(binding, members);
            let value = binding.value.as_ref().filter(|_| now).map(|v| self.top(v, &initial));
            let truth = binding.unit.as_ref().is_some_and(is_truth);
            let (value, unit) = match truth {
                true => (self.truth_value(binding, value, of_neuron), Unit::none()),
                false => {
                    let unit = self.declared_unit(binding, value.as_ref(), weight).unwrap_or_else(Unit::none);
                    (value, unit)
                }
            };
            let unknown = binding.unit.is_none() && value.as_ref().is_some_and(Typed::is_unknown);
            let leaf = Expr::State(first + index);
            let place = match truth {
                true => read_truth(leaf),
                false => Typed::leaf(leaf, if unknown { Type::Unknown } else { Type::Number(unit.clone()) }),
            };
            scope.add(&binding.name.node, place, Role::State, binding.name.span);
            states.push(State {
                name: binding.name.node.clone(),
                quantity: unit.quantity(),
                init: value.map_or(Expr::Number(0.0), |v| v.expr),
                past: None,
                derivative: None,
                method: None,
                next: None,
                truth,
                parameter: false,
                doc: binding.doc.clone(),
                span: binding.span,
            });
            units.push(unit);
        }
        for (index, binding) in members.inputs.iter().enumerate() {
            if let Some(value) = &binding.value {
                self.push(
                    Diagnostic::error(
                        "E0404",
                        format!("input `{}` has a value", binding.name.node),
                        value.span,
                        "not allowed here",
                    )
                    .hint("an input is the sum of what targets it: add a constant with `drive`"),
                );
            }
            let unit = self.declared_unit(binding, None, weight).unwrap_or_else(Unit::none);
            let value = Typed::leaf(Expr::Input(index), Type::Number(unit.clone()));
            scope.add(&binding.name.node, value, Role::Input, binding.name.span);
            inputs.push(Input {
                name: binding.name.node.clone(),
                quantity: unit.quantity(),
                drive: None,
                present: true,
                span: binding.span,
            });
        }
        Instance { scope, states, units, inputs, lets: Vec::new(), parameters, weight_derivative: None }
    }

    /// The lets of a model, each after those it needs. `first` is the index of the first one.
    pub(crate) fn lets(
        &mut self,
        members: &Members<'_>,
        scope: &mut Scope,
        first: usize,
        weight: Option<&Unit>,
    ) -> Vec<Let> {
        let mut made = Vec::new();
        let lets = members.lets.as_slice();
        scope.permits.time = true;
        for binding in lets {
            // What is in a loop stays unknown, so that nothing more is said about it.
            scope.add(&binding.name.node, Typed::unknown(), Role::Let, binding.name.span);
        }
        for index in self.dependency_order(lets, "algebraic equations") {
            let binding = lets[index];
            let Some(written) = &binding.value else {
                self.error("E0405", format!("`let {}` has no value", binding.name.node), binding.span, "no value");
                scope.add(&binding.name.node, Typed::unknown(), Role::Let, binding.name.span);
                continue;
            };
            let value = self.top(written, scope);
            let parameter = members.arguments.and_then(|arguments| arguments.get(&binding.name.node));
            let unit = match parameter {
                None => self.declared_unit(binding, Some(&value), weight),
                Some(parameter) => {
                    let default = parameter.value.as_ref().map(|default| self.top(default, scope));
                    let unit = self.declared_unit(parameter, default.as_ref(), weight);
                    if let Some(unit) = unit.as_ref().filter(|_| default.is_none_or(|d| !d.is_unknown())) {
                        let what = format!("parameter `{}`", binding.name.node);
                        self.fits(&value, unit, written.span, &what, Some(parameter.span));
                    }
                    unit
                }
            };
            let kind = match (&value.kind, unit) {
                (Type::Truth, _) if binding.unit.is_none() => Type::Truth,
                (Type::Zero, _) if binding.unit.is_none() => Type::Zero,
                (_, Some(unit)) => Type::Number(unit),
                (_, None) => Type::Unknown,
            };
            let place = self.let_leaf(first + made.len(), kind, value.height, binding.span);
            scope.add(&binding.name.node, place, Role::Let, binding.name.span);
            made.push(Let { name: binding.name.node.clone(), value: value.expr, span: binding.span });
        }
        made
    }

    /// An order in which each binding comes after those it mentions; loops are reported and left out.
    pub(crate) fn dependency_order(&mut self, bindings: &[&Binding], what: &str) -> Vec<usize> {
        let index: BTreeMap<&str, usize> =
            bindings.iter().enumerate().map(|(i, b)| (b.name.node.as_str(), i)).collect();
        let needs: Vec<Vec<usize>> = bindings
            .iter()
            .map(|b| {
                let mut found = Vec::new();
                if let Some(value) = &b.value {
                    mentioned(value, &mut |name, member| match member {
                        None => found.extend(index.get(name).copied()),
                        Some(member) => found.extend(index.get(format!("{name}.{member}").as_str()).copied()),
                    });
                }
                found
            })
            .collect();
        let mut waiting: Vec<usize> = (0..bindings.len()).collect();
        let mut done = vec![false; bindings.len()];
        let mut order = Vec::new();
        loop {
            let before = order.len();
            waiting.retain(|&i| {
                let ready = needs[i].iter().all(|&n| done[n]);
                if ready {
                    done[i] = true;
                    order.push(i);
                }
                !ready
            });
            if order.len() == before {
                break;
            }
        }
        // Follow unmet needs from any waiting binding until one comes again: that is a loop.
        if let Some(&start) = waiting.first() {
            let mut path = vec![start];
            while let Some(next) = path.last().and_then(|&l| needs[l].iter().copied().find(|&n| !done[n])) {
                if let Some(at) = path.iter().position(|&p| p == next) {
                    path.drain(..at);
                    break;
                }
                path.push(next);
            }
            let names = list(path.iter().map(|&i| &bindings[i].name.node));
            let head = bindings[path[0]];
            let mut error =
                Diagnostic::error("E0403", format!("{what} need each other: {names}"), head.span, "needs itself");
            if path.len() > 1 {
                error.labels[0].text = format!("needs `{}`", bindings[path[1]].name.node);
                for (position, &i) in path.iter().enumerate().skip(1) {
                    let next = bindings[path[(position + 1) % path.len()]];
                    error = error.also(bindings[i].span, format!("needs `{}`", next.name.node));
                }
            }
            self.push(error.hint("break the loop: make one of them a state, or solve for it by hand"));
        }
        // Those in or behind a loop: known by name, nothing more is said about them.
        order.extend(waiting);
        order
    }

    /// The equations: at most one for each state.
    pub(crate) fn equations(&mut self, members: &Members<'_>, instance: &mut Instance) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let scope = instance.scope.permitting(Permits {
            time: true,
            noise: true,
            delayed: instance.scope.permits.delayed,
            neuron: instance.scope.permits.neuron,
            ..Permits::default()
        });
        for equation in &members.equations {
            let name = &equation.state;
            if let Some(first) = seen.insert(&name.node, equation.span) {
                let error = Diagnostic::error(
                    "E0402",
                    format!("`{}` has two equations", name.node),
                    equation.span,
                    "second equation",
                );
                self.push(error.also(first, "first equation"));
            }
            let sum = members.membranes.and_then(|sums| sums.get(&name.node));
            let potential = instance.states.iter().position(|s| s.name == name.node).map(|s| &instance.units[s]);
            if let (Some(sum), Some(potential)) = (sum, potential)
                && !self.membrane_fits(sum, potential, &scope)
            {
                continue;
            }
            let derivative = self.top(&equation.derivative, &scope);
            let Some(index) = instance.states.iter().position(|s| s.name == name.node) else {
                if let Some(local) = scope.locals.get(&name.node).filter(|l| l.role == Role::Weight) {
                    let unit = local.value.kind.unit();
                    let rate = unit.times_power(&Unit::named("ms"), Ratio::new(-1, 1).unwrap_or(Ratio::ONE));
                    if let Some(rate) = rate {
                        self.derivative_fits(equation, &derivative, &unit, &rate, local.span);
                    }
                    instance.weight_derivative = Some(derivative.expr);
                    continue;
                }
                self.no_state(name, &scope, "an equation", &derivative);
                continue;
            };
            if instance.states[index].truth {
                self.no_change_with_time(equation.span, instance.states[index].span);
                continue;
            }
            let unit = &instance.units[index];
            let rate = unit.times_power(&Unit::named("ms"), Ratio::new(-1, 1).unwrap_or(Ratio::ONE));
            let known = scope.locals.get(&name.node).is_some_and(|l| !l.value.is_unknown());
            if let (Some(rate), true) = (rate, known) {
                self.derivative_fits(equation, &derivative, unit, &rate, instance.states[index].span);
            }
            instance.states[index].derivative = Some(derivative.expr);
        }
    }

    fn derivative_fits(&mut self, equation: &ast::Equation, value: &Typed, state: &Unit, rate: &Unit, declared: Span) {
        let Type::Number(given) = &value.kind else {
            self.fits(value, rate, equation.derivative.span, &format!("`{}'`", equation.state.node), Some(declared));
            return;
        };
        if given.dimension == rate.dimension || given.dimension.is_open() || rate.dimension.is_open() {
            return;
        }
        let name = &equation.state.node;
        let title = format!("`{name}'` must be in {}, but the right side is in {}", rate.text(), given.describe());
        let error =
            Diagnostic::error("E0302", title, equation.derivative.span, format!("this is {}", given.describe()));
        let error = error.also(declared, format!("`{name}` is {}", state.describe()));
        self.push(if given.dimension == state.dimension {
            error.hint("a derivative is a change per time: is a division by a time constant missing?")
        } else {
            error
        });
    }

    /// Something that needs a state names something else.
    pub(crate) fn no_state(&mut self, name: &ast::Name, scope: &Scope, what: &str, value: &Typed) {
        let error = match scope.locals.get(&name.node) {
            Some(local) => {
                let title = format!("`{}` is not a state, so it cannot have {what}", name.node);
                Diagnostic::error("E0401", title, name.span, "not a state")
                    .also(local.span, format!("declared here as {}", local.role.describe()))
            }
            None => {
                let error =
                    Diagnostic::error("E0401", format!("there is no state `{}`", name.node), name.span, "not declared");
                let states = scope.locals.iter().filter(|(_, l)| l.role == Role::State).map(|(n, _)| n.as_str());
                let unit = match &value.kind {
                    Type::Number(unit) if what == "an equation" => {
                        unit.times_power(&Unit::named("ms"), Ratio::ONE).map(|u| u.text())
                    }
                    Type::Number(unit) => Some(unit.text()),
                    _ => None,
                };
                match closest(&name.node, states) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!(
                        "declare it: `state {} : {} = …`",
                        name.node,
                        unit.as_deref().unwrap_or("mV")
                    )),
                }
            }
        };
        self.push(error);
    }

    /// Warns of parameters that nothing mentions.
    pub(crate) fn unused_parameters(&mut self, bindings: &[&Binding], scope: &Scope) {
        let used = |name: &str| scope.locals.get(name).is_none_or(|local| local.used.get());
        // Of an array it is enough that one element is.
        let array = |binding: &Binding| {
            let (array, index) = binding.name.node.split_once('[')?;
            index.ends_with(']').then(|| array.to_owned())
        };
        let used_arrays: BTreeSet<String> =
            bindings.iter().filter(|b| used(&b.name.node)).filter_map(|b| array(b)).collect();
        for binding in bindings {
            let of = array(binding);
            let name = of.as_ref().unwrap_or(&binding.name.node);
            let unused = !used(&binding.name.node) && !used_arrays.contains(name);
            if unused && !binding.name.node.starts_with('_') && !self.program.is_std(binding.name.span.file) {
                self.report.unused_of(binding.name.span, bindings[0].name.span);
                self.push(
                    Diagnostic::warning(
                        "W0703",
                        format!("parameter `{name}` is never used"),
                        binding.name.span,
                        "not used",
                    )
                    .hint("remove it, or use it"),
                );
            }
        }
    }
}

fn model_word(model: &Model) -> &'static str {
    kind_word(model.kind)
}

/// Calls `found` with every name mentioned in an expression, and for `A.b` with `A` and `b`.
pub(crate) fn mentioned(expr: &ast::Expr, found: &mut dyn FnMut(&str, Option<&str>)) {
    each_part(expr, &mut |part| match &part.kind {
        ExprKind::Name(name) => found(name, None),
        ExprKind::Member(owner, member) => found(&owner.node, Some(&member.node)),
        ExprKind::Located(place) => {
            if let [first, .., last] = place.parts.as_slice() {
                found(&first.name.node, Some(&last.name.node));
            }
        }
        // Of data, or by mistake of an array or a population.
        ExprKind::Element(name, _) | ExprKind::CallElement(name, ..) => found(&name.node, Some("")),
        _ => {}
    });
}
