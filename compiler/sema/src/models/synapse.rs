//! Synapses and receptors: kinetics, and what they do to the target neuron, put together.

use crate::expressions::checker::{Checker, given_label};
use crate::expressions::evaluate::{evaluate, walk, walk_through};
use crate::expressions::scope::{Permits, Role, Scope, Type, Typed};
use crate::expressions::units::Unit;
use crate::model::{
    EventTarget, EventUpdate, Expr, Let, Method, OwnReceptor, ParameterId, Periodic, Quantity, RuleOrder, State,
};
use crate::models::events::Handling;
use crate::models::events::Targets;
use crate::models::instance::{Instance, Use};
use crate::models::members::Members;
use crate::models::neuron_value::{Side, Wanted};
use crate::models::plasticity::Rule;
use crate::networks::network::Target;
use crate::program::modules::{its, kind_word, list};
use bpc_syntax::ast::{Binding, Model, ModelKind, ModelUse, Name};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{FileId, Span};
use std::collections::BTreeMap;

/// A model as it is used in a `project`.
pub(crate) struct Part<'m> {
    /// The model.
    pub model: &'m Model,
    /// Its file.
    pub file: FileId,
    /// The clause.
    pub written: &'m ModelUse,
    /// Parameters made for other pairs of the same statement.
    pub shared: &'m mut BTreeMap<String, (ParameterId, Unit)>,
    /// What its names begin with: `PairSTDP.` of one of several rules of plasticity.
    pub qualifier: String,
}

/// The surroundings of a synapse or receptor; its definition is checked with none.
pub(crate) struct Surroundings<'s> {
    /// The names visible to arguments, those of a pair included, if there is a source population.
    pub caller: &'s Scope,
    /// What parameters' names start with.
    pub prefix: &'s str,
    /// The combination of a statement with `for`; see [`Use`].
    pub element: &'s str,
    /// The type of the weight.
    pub weight: &'s Type,
    /// The target population.
    pub target: &'s Target,
    /// The source population, if it is one.
    pub source: Option<&'s Target>,
    /// `into NAME`.
    pub into: Option<(&'s Name, Span)>,
}

/// What a projection consists of besides source, weight and delay.
#[derive(Default)]
pub(crate) struct Kinetics {
    pub states: Vec<State>,
    pub units: Vec<Unit>,
    pub lets: Vec<Let>,
    /// As `lets`.
    pub let_kinds: Vec<Type>,
    pub on_spike: Vec<EventUpdate>,
    pub on_post: Vec<EventUpdate>,
    pub periodic: Vec<Periodic>,
    pub weight_derivative: Option<Expr>,
    /// Its integrator, if a rule names one.
    pub weight_method: Option<Method>,
    pub weight_bounds: Option<(Expr, Expr)>,
    /// The rules of plasticity, in the order of the text.
    pub rules: Vec<Rule>,
    /// What is said of the order of these rules.
    pub rule_order: Vec<RuleOrder>,
    /// What the synapse gets as the weight of an event, if not the weight itself.
    pub transmitted: Option<Expr>,
    /// The rule that says so: its name and where it is used.
    pub transmitter: Option<(String, Span)>,
    pub outputs: Vec<(usize, Expr)>,
    /// As `outputs`: their names, and the units of what they target.
    pub output_names: Vec<(String, Quantity)>,
    pub own_receptor: Option<OwnReceptor>,
    pub parameters: Vec<(String, ParameterId, Unit)>,
    /// What the synapse offers to the receptor.
    offers: BTreeMap<String, Typed>,
    lost: bool,
}

impl Kinetics {
    /// Whether a mistake has been reported that hides others.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost
    }
}

/// Whether a model is a receptor with states of its own.
fn has_states(model: &Model, members: &Members<'_>) -> bool {
    model.kind == ModelKind::Receptor && !members.states.is_empty()
}

/// What the weight is called in a model.
fn weight_names<'m>(members: &Members<'m>) -> impl Iterator<Item = &'m Name> {
    let handlers = members.handlers.iter().chain(&members.post_handlers).filter_map(|h| h.weight.as_ref());
    members.weights.iter().map(|b| &b.name).chain(handlers).collect::<Vec<_>>().into_iter()
}

/// The unit that `unit(w)` stands for.
pub(crate) fn weight_unit(weight: &Type) -> Unit {
    match weight {
        Type::Number(unit) => unit.clone(),
        Type::Unknown | Type::Truth | Type::Zero => Unit::open(),
    }
}

/// The compartment that `into soma` or `into soma.I` names.
fn own_compartment<'s>(around: Option<&Surroundings<'s>>) -> Option<&'s str> {
    let Surroundings { target, into, .. } = around?;
    let name = into.map(|(name, _)| name.node.as_str())?;
    let is_compartment =
        |name: &str| target.states.iter().any(|s| s.0.strip_prefix(name).is_some_and(|member| member.starts_with('.')));
    if is_compartment(name) { Some(name) } else { name.rsplit_once('.').map(|(compartment, _)| compartment) }
}

impl Checker<'_> {
    /// Checks a synapse or receptor on its own, as far as that is possible.
    pub(crate) fn check_kinetics_definition(&mut self, model: &Model, file: FileId) {
        self.check_members(model);
        let members = Members::of(model);
        let name = &model.name;
        match model.kind {
            ModelKind::Synapse => {
                if members.outputs.is_empty() {
                    let error = Diagnostic::error(
                        "E0405",
                        format!("synapse `{}` has no output", name.node),
                        name.span,
                        "no output",
                    );
                    self.push(error.hint("say what the receptor gets: `output g`"));
                }
                if members.handlers.is_empty() && members.pres.is_empty() {
                    let error = Diagnostic::error(
                        "E0405",
                        format!("synapse `{}` has no `on spike`", name.node),
                        name.span,
                        "no spike does anything to it",
                    );
                    self.push(error.hint("say what a spike does: `on spike(w) { g += w }`"));
                }
            }
            ModelKind::Plasticity => self.check_plasticity(model, &members),
            _ => {
                if members.outputs.is_empty() && members.handlers.is_empty() {
                    let error = Diagnostic::error(
                        "E0405",
                        format!("receptor `{}` has no effect", name.node),
                        name.span,
                        "no output",
                    );
                    self.push(
                        error.hint(
                            "say what it does to the neuron: `output I = g * (E - V)`, or `on spike(w) { V += w }`",
                        ),
                    );
                }
            }
        }
        if let [first, second, ..] = members.weights.as_slice() {
            let error = Diagnostic::error("E0406", "the weight has two names", second.span, "second");
            self.push(error.also(first.span, "first"));
        }
        let weight = Type::Number(Unit::open());
        let mut kinetics = Kinetics::default();
        let instance = self.part(model, file, None, &weight, None, &mut kinetics);
        self.unused_parameters(&members.parameters, &instance.scope);
    }

    /// Synapse and receptor for one pair of populations.
    pub(crate) fn kinetics(
        &mut self,
        plasticity: Vec<Part<'_>>,
        synapse: Option<Part<'_>>,
        receptor: Option<Part<'_>>,
        around: &Surroundings<'_>,
    ) -> Kinetics {
        let mut kinetics = Kinetics::default();
        let has_synapse = synapse.is_some();
        let mut taken = false;
        // What has an `on spike` that names no weight: the kind, the name, the place.
        let mut deaf: Option<(&str, String, Span)> = None;
        let mut ruled = plasticity.len();
        // Plasticity comes first: it says what the synapse is given.
        for part in plasticity.into_iter().chain(synapse).chain(receptor) {
            let Part { model, file, written, shared, qualifier } = part;
            let receives = Members::of(model);
            if model.kind != ModelKind::Plasticity {
                taken |= receives.handlers.iter().any(|h| h.weight.is_some());
                let name = || (kind_word(model.kind), written.name.node.clone());
                deaf = deaf.or(receives.handlers.first().map(|h| (name().0, name().1, h.span)));
            }
            if model.kind == ModelKind::Receptor && !self.receptor_suits(model, &receives, written, has_synapse) {
                kinetics.lost = true;
                continue;
            }
            let mut varying = Vec::new();
            // A receptor with states belongs to the target neuron, which knows nothing of single synapses.
            let paired = around.source.is_some() && !has_states(model, &receives);
            let number = around.caller.permits.number && paired;
            let mut site = Use {
                written,
                caller: around.caller,
                prefix: around.prefix,
                shared,
                varying: paired.then_some(&mut varying),
                permits: Permits { pair: paired, number, ..Permits::default() },
                first: kinetics.states.len(),
                element: around.element,
                qualifier: &qualifier,
                of_synapses: false,
            };
            self.part(model, file, Some(&mut site), around.weight, Some(around), &mut kinetics);
            if model.kind == ModelKind::Plasticity {
                ruled -= 1;
                if ruled == 0 {
                    self.compose_rules(&mut kinetics);
                }
            }
        }
        if let (Some(transmitter), false, false) = (kinetics.transmitter.take(), taken, kinetics.lost) {
            self.transmits_to_nothing(&transmitter, deaf);
        }
        let has_place = own_compartment(Some(around)).is_some();
        if let (Some((_, span)), true, false) = (around.into, kinetics.outputs.is_empty(), kinetics.lost || has_place) {
            self.error("E0415", "`into` needs a receptor with an output", span, "nothing flows into it");
        }
        kinetics
    }

    /// A rule says what the synapse gets, and nothing there has an `on spike(w)`.
    fn transmits_to_nothing(&mut self, (rule, span): &(String, Span), deaf: Option<(&str, String, Span)>) {
        let title = format!("`{rule}` transmits a weight that nothing takes");
        let error = Diagnostic::error("E0416", title, *span, "its `transmit` would do nothing");
        self.push(match deaf {
            None => error.hint("use a synapse or receptor with `on spike(w)`, which gets what is transmitted as `w`"),
            Some((kind, name, handler)) => {
                error.also(handler, format!("a spike does the same to `{name}`, whatever it carries")).hint(format!(
                    "write a {kind} like `{name}` with `on spike(sent) {{ … }}`, where `sent` is what is transmitted (and \
                     `sent / w` its share of a weight above 0), or use one that has it, such as `Exponential`"
                ))
            }
        });
    }

    fn receptor_suits(&mut self, model: &Model, members: &Members<'_>, written: &ModelUse, has_synapse: bool) -> bool {
        if let (false, [input, ..]) = (has_synapse, members.inputs.as_slice()) {
            let title = format!("receptor `{}` needs a synapse", model.name.node);
            let error = Diagnostic::error("E0416", title, written.span, "no synapse is given")
                .also(input.span, format!("its input `{}` comes from one", input.name.node));
            self.push(error.hint("add one: `synapse Exponential { tau = 5 ms }`"));
            return false;
        }
        if let (true, [handler, ..]) = (has_synapse, members.handlers.as_slice()) {
            let title = format!("receptor `{}` takes the spikes itself, so there can be no synapse", model.name.node);
            let error = Diagnostic::error("E0416", title, written.span, "used together with a synapse");
            self.push(
                error
                    .also(handler.span, "it has an `on spike`")
                    .hint("leave the synapse out, or choose a receptor with an input"),
            );
            return false;
        }
        true
    }

    /// One model of a projection; `site` and `around` are missing at its definition.
    fn part(
        &mut self,
        model: &Model,
        file: FileId,
        mut site: Option<&mut Use<'_>>,
        weight: &Type,
        around: Option<&Surroundings<'_>>,
        kinetics: &mut Kinetics,
    ) -> Instance {
        let members = Members::of(model);
        let unit = weight_unit(weight);
        let written = site.as_deref().map(|s| s.written);
        let use_span = written.map(|written| written.span);
        let qualifier = site.as_deref().map_or("", |s| s.qualifier).to_owned();
        let rule_name = site.as_deref().map_or(&model.name.node, |s| &s.written.name.node).clone();
        let mark = self.because.len();
        let parameters = self.model_parameters(model, &members, file, site.as_deref_mut(), Some(&unit));
        if let Some(span) = use_span {
            self.because.push((
                span,
                match unit.dimension.is_none() {
                    true => "used here with a weight that is a pure number".to_owned(),
                    false => format!("used here with a weight in {}", unit.text()),
                },
            ));
        }
        kinetics.parameters.extend(parameters.1.iter().cloned());
        let first = kinetics.states.len();
        let mut instance = if model.kind == ModelKind::Receptor {
            let states = Members { states: members.states.clone(), ..Members::default() };
            let mut instance = self.body(&states, parameters, Some(&unit), first);
            if has_states(model, &members) {
                let states = first..first + members.states.len();
                kinetics.own_receptor = Some(OwnReceptor { states, inputs: Vec::new() });
            }
            self.receptor_inputs(model, &members, &mut instance, around, &unit, kinetics);
            instance
        } else {
            self.body(
                &Members { inputs: Vec::new(), states: members.states.clone(), ..Members::default() },
                parameters,
                Some(&unit),
                first,
            )
        };
        let mut targets = Targets::new();
        for (index, (binding, unit)) in members.states.iter().zip(&instance.units).enumerate() {
            targets.insert(binding.name.node.clone(), (EventTarget::Own(first + index), unit.clone()));
        }
        self.pres(&members, &mut instance, around, written, &unit);
        for binding in &members.weights {
            let declared = binding.unit.as_ref().and_then(|u| self.unit(u, Some(&unit)));
            let value = Typed::leaf(Expr::Weight, weight.clone());
            if let Some(declared) = declared {
                self.fits(&value, &declared, binding.span, "the weight", None);
            }
            instance.scope.add(&binding.name.node, value, Role::Weight, binding.name.span);
        }
        let mut post_targets = targets.clone();
        self.posts(&members, &mut instance, (around, written), &unit, &mut targets);
        let lets = self.lets(&members, &mut instance.scope, kinetics.lets.len(), Some(&unit));
        let kind = |one: &Let| instance.scope.locals.get(&one.name).map_or(Type::Unknown, |l| l.value.kind.clone());
        kinetics.let_kinds.extend(lets.iter().map(kind));
        kinetics.lets.extend(lets);
        self.equations(&members, &mut instance);
        let method = self.method_of_part(model, &members);
        if kinetics.own_receptor.is_some() {
            self.equations_of_receptor(&members, &instance, &kinetics.lets);
        }
        let is_rule = model.kind == ModelKind::Plasticity;
        if is_rule {
            for name in weight_names(&members) {
                for targets in [&mut targets, &mut post_targets] {
                    targets.insert(name.node.clone(), (EventTarget::Weight, unit.clone()));
                }
            }
        }
        let mut handling = Handling {
            scope: &instance.scope,
            lets: &kinetics.lets,
            targets: &targets,
            weight,
            transmitted: kinetics.transmitted.clone(),
            transmits: is_rule,
            in_use: around.is_some(),
        };
        let (on_spike, transmitted) = self.event_updates(&members.handlers, &handling);
        handling.targets = &post_targets;
        (handling.transmitted, handling.transmits) = (None, false);
        let (on_post, _) = self.event_updates(&members.post_handlers, &handling);
        let periodic = self.periodic(&members, &handling, &post_targets);
        kinetics.periodic.extend(periodic);
        if is_rule {
            let derivative = instance.weight_derivative.take();
            let bounds = self.weight_bounds(&members, &instance.scope, &unit);
            let span = use_span.unwrap_or(model.name.span);
            let method = method.filter(|_| derivative.is_some());
            let name = rule_name;
            kinetics.rules.push(Rule { name, span, on_spike, on_post, transmitted, derivative, method, bounds });
        } else {
            kinetics.on_spike.extend(on_spike);
            kinetics.on_post.extend(on_post);
        }
        // Behind the model's own states, so that nothing above takes them for states that can change.
        if let Some(varying) = site.and_then(|s| s.varying.as_deref()) {
            instance.add_varying(first, varying);
        }
        for mut state in std::mem::take(&mut instance.states) {
            state.name.insert_str(0, &qualifier);
            state.method = method.filter(|_| state.derivative.is_some());
            if state.parameter && kinetics.states.iter().any(|other| other.name == state.name) {
                state.name = format!("{}.{}", kind_word(model.kind), state.name);
            }
            self.taken.extend(state.parameter.then(|| {
                let prefix = around.map_or("", |around| around.prefix);
                format!("{prefix}.{}", state.name)
            }));
            kinetics.states.push(state);
        }
        kinetics.units.append(&mut instance.units);
        if model.kind == ModelKind::Receptor {
            self.receptor_outputs(model, &members, &mut instance, around, &unit, kinetics);
        } else {
            for binding in &members.outputs {
                let value = self.output(binding, &instance.scope, &unit, kinetics);
                kinetics.offers.insert(binding.name.node.clone(), value);
            }
        }
        self.because.truncate(mark);
        instance
    }

    fn check_plasticity(&mut self, model: &Model, members: &Members<'_>) {
        if members.handlers.is_empty()
            && members.post_handlers.is_empty()
            && members.equations.is_empty()
            && members.spikes.is_empty()
        {
            let title = format!("plasticity rule `{}` changes nothing", model.name.node);
            let error = Diagnostic::error("E0405", title, model.name.span, "no event and no equation");
            self.push(error.hint("say what a spike does: `on pre(w) { … }`, `on post(w) { … }`"));
        }
    }

    /// `bound w in low .. high`.
    fn weight_bounds(&mut self, members: &Members<'_>, scope: &Scope, unit: &Unit) -> Option<(Expr, Expr)> {
        let limits = members.bounds.first()?;
        if let Some(second) = members.bounds.get(1) {
            let error = Diagnostic::error("E0406", "the weight has two bounds", second.span, "second");
            self.push(error.also(limits.span, "first"));
        }
        if !weight_names(members).any(|name| name.node == limits.name.node) {
            let title = format!("`{}` is not the weight, so it cannot be bounded", limits.name.node);
            let error = Diagnostic::error("E0401", title, limits.name.span, "not the weight");
            self.push(error.hint("name the weight: `weight w`"));
        }
        let [low, high] = [&limits.low, &limits.high].map(|written| {
            let value = self.top(written, scope);
            self.fits(&value, unit, written.span, "a bound of the weight", None);
            value
        });
        let known = |bound: &Typed| if bound.is_unknown() { None } else { evaluate(&bound.expr, &self.parameters) };
        let (below, above) = (known(&low), known(&high));
        for (written, typed, value) in [(&limits.low, &low, below), (&limits.high, &high, above)] {
            if value.is_some_and(f64::is_nan) && !self.is_left_open(&typed.expr) {
                let error = Diagnostic::error("E0306", "this bound has no value", written.span, "not a number");
                self.push(error.hint("a bound is a number in the unit of the weight: `bound w in 0 nS .. 5 nS`"));
            }
        }
        if let (Some(below), Some(above)) = (below, above)
            && below > above
        {
            let title = "the lower bound of the weight is above the upper one";
            let label = format!("this is {}", unit.show(below));
            let error = Diagnostic::error("E0581", title, limits.low.span, label);
            self.push(
                error.also(limits.high.span, format!("this is {}", unit.show(above))).hint("write `low .. high`"),
            );
        }
        Some((low.expr, high.expr))
    }

    /// Whether a value follows from a parameter that gets one where the model is used.
    fn is_left_open(&self, value: &Expr) -> bool {
        let mut open = false;
        walk(value, &mut |e| {
            open |= match e {
                Expr::Parameter(id) => self.parameters[id.0].default.is_nan(),
                Expr::Number(number) => number.is_nan(),
                _ => false,
            };
        });
        open
    }

    /// The states of the source neuron that a model mentions.
    fn pres(
        &mut self,
        members: &Members<'_>,
        instance: &mut Instance,
        around: Option<&Surroundings<'_>>,
        written: Option<&ModelUse>,
        weight: &Unit,
    ) {
        for (index, pre) in members.pres.iter().enumerate() {
            let name = &pre.state.node;
            let unit = self.declared_unit(&pre.binding, None, Some(weight)).unwrap_or_else(Unit::none);
            let mut value = Typed::leaf(Expr::PreState(index), Type::Number(unit.clone()));
            match around.map(|a| (a.source, a.caller)) {
                None => {}
                Some((None, _)) => {
                    let title = format!("`pre {name}` needs a source population");
                    self.error("E0417", title, pre.binding.span, "a Poisson source has no states");
                    value = Typed::unknown();
                }
                Some((Some(source), caller)) => {
                    value = Typed::unknown();
                    if let Some((name, span)) = self.called(&pre.binding, name, written, (source, caller)) {
                        let member = &pre.binding.name.node;
                        let wanted = Wanted { member, name, span, unit: &unit, compartment: None };
                        (value, _) = self.neuron_value(&wanted, Side::Source, source);
                    }
                }
            }
            instance.scope.add(&pre.binding.name.node, value, Role::Pre, pre.binding.name.span);
        }
    }

    /// The states of the target neuron that a model mentions.
    fn posts(
        &mut self,
        members: &Members<'_>,
        instance: &mut Instance,
        (around, written): (Option<&Surroundings<'_>>, Option<&ModelUse>),
        weight: &Unit,
        targets: &mut Targets,
    ) {
        for (index, post) in members.posts.iter().enumerate() {
            let binding = &post.binding;
            let name = &binding.name.node;
            let unit = self.declared_unit(binding, None, Some(weight)).unwrap_or_else(Unit::none);
            let mut value = Typed::leaf(Expr::PostState(index), Type::Number(unit.clone()));
            // At its definition, a model may change whatever it reads.
            let mut changed = Some(index);
            if let Some(Surroundings { target, caller, .. }) = around {
                (value, changed) = (Typed::unknown(), None);
                if let Some((name, span)) = self.called(binding, &post.state.node, written, (target, caller)) {
                    let member = &binding.name.node;
                    let wanted = Wanted { member, name, span, unit: &unit, compartment: own_compartment(around) };
                    (value, changed) = self.neuron_value(&wanted, Side::Target, target);
                }
                changed = changed.filter(|state| *state < target.first_parameter);
                if value.is_unknown() {
                    changed = changed.or(Some(0));
                }
            }
            instance.scope.add(name, value, Role::Post, binding.name.span);
            if let Some(state) = changed {
                targets.insert(name.clone(), (EventTarget::Post(state), unit));
            }
        }
    }

    fn receptor_inputs(
        &mut self,
        model: &Model,
        members: &Members<'_>,
        instance: &mut Instance,
        around: Option<&Surroundings<'_>>,
        weight: &Unit,
        kinetics: &mut Kinetics,
    ) {
        for binding in &members.inputs {
            let name = &binding.name.node;
            let declared = binding.unit.as_ref().and_then(|u| self.unit(u, Some(weight)));
            let mut value = Typed::unknown();
            if around.is_some() {
                match kinetics.offers.get(name).cloned() {
                    Some(offered) => {
                        if let Some(unit) = &declared {
                            self.fits(&offered, unit, binding.span, &format!("input `{name}`"), None);
                        }
                        value = match &mut kinetics.own_receptor {
                            Some(receptor) => {
                                let quantity = offered.kind.unit().quantity();
                                receptor.inputs.push((name.clone(), quantity, offered.expr));
                                Typed::leaf(Expr::Input(receptor.inputs.len() - 1), offered.kind)
                            }
                            None => offered,
                        };
                    }
                    None => {
                        let title =
                            format!("the synapse has no output `{name}`, which receptor `{}` needs", model.name.node);
                        let error = Diagnostic::error("E0416", title, binding.span, "needed here");
                        self.push(error.hint(format!("it offers {}", list(kinetics.offers.keys()))));
                    }
                }
            } else if let Some(unit) = &declared {
                value = Typed::leaf(Expr::Number(f64::NAN), Type::Number(unit.clone()));
            }
            if let (Type::Unknown, Some(unit)) = (&value.kind, declared) {
                value.kind = Type::Number(unit);
            }
            instance.scope.add(name, value, Role::Input, binding.name.span);
        }
    }

    /// The value of an `output`; one with an expression becomes a let.
    fn output(&mut self, binding: &Binding, scope: &Scope, weight: &Unit, kinetics: &mut Kinetics) -> Typed {
        let name = &binding.name.node;
        let Some(written) = &binding.value else {
            let Some(local) = scope.locals.get(name) else {
                let error =
                    Diagnostic::error("E0201", format!("there is no `{name}` here"), binding.name.span, "not declared");
                self.push(error.hint(format!("declare it, or say what it is: `output {name} = …`")));
                return Typed::unknown();
            };
            local.used.set(true);
            let value = local.value.clone();
            if binding.unit.is_some() {
                self.declared_unit(&Binding { value: None, ..(*binding).clone() }, Some(&value), Some(weight));
            }
            return value;
        };
        let scope = scope.permitting(Permits { time: true, ..Permits::default() });
        let value = self.top(written, &scope);
        self.numeric(&value, written.span, "an output");
        let kind = match self.declared_unit(binding, Some(&value), Some(weight)) {
            Some(unit) if !matches!(value.kind, Type::Unknown) => Type::Number(unit),
            _ => Type::Unknown,
        };
        let height = value.height;
        kinetics.let_kinds.push(kind.clone());
        kinetics.lets.push(Let { name: name.clone(), value: value.expr, span: binding.span });
        self.let_leaf(kinetics.lets.len() - 1, kind, height, binding.span)
    }

    /// Equations of a receptor's states are the target neuron's.
    fn equations_of_receptor(&mut self, members: &Members<'_>, instance: &Instance, lets: &[Let]) {
        for equation in &members.equations {
            let state = instance.states.iter().find(|s| s.name == equation.state.node);
            if let Some(derivative) = state.and_then(|s| s.derivative.as_ref()) {
                self.of_target(derivative, lets, equation.derivative.span, "an equation");
            }
        }
    }

    /// Reports what a receptor with states reads of single synapses, but in its `on spike`.
    fn of_target(&mut self, value: &Expr, lets: &[Let], span: Span, what: &str) {
        let mut found = None;
        walk_through(value, lets, &mut |e| match e {
            Expr::Weight => found = found.or(Some("the weight of a synapse")),
            Expr::PreState(_) => found = found.or(Some("what a source neuron has")),
            _ => {}
        });
        if let Some(read) = found {
            let title = format!("{what} of a receptor with states reads {read}");
            let error = Diagnostic::error("E0535", title, span, "the receptor is one for all synapses of a neuron");
            self.push(error.hint(
                "let the synapse put it out (`output x = w * r`): the receptor's `input x` is the sum over all synapses",
            ));
        }
    }

    fn receptor_outputs(
        &mut self,
        model: &Model,
        members: &Members<'_>,
        instance: &mut Instance,
        around: Option<&Surroundings<'_>>,
        weight: &Unit,
        kinetics: &mut Kinetics,
    ) {
        // Into a compartment each output finds its own way.
        let one_input = |name: &Name| own_compartment(around) != Some(name.node.as_str());
        if let (Some(Surroundings { into: Some((name, span)), .. }), [_, second, ..]) =
            (around, members.outputs.as_slice())
            && one_input(name)
        {
            let title = format!("`into` cannot be used with receptor `{}`: it has several outputs", model.name.node);
            self.push(Diagnostic::error("E0415", title, *span, "which one?").also(second.span, "this is one of them"));
            kinetics.lost = true;
            return;
        }
        for binding in &members.outputs {
            let value = match &binding.value {
                None => self.output(binding, &instance.scope, weight, kinetics),
                Some(written) => {
                    let scope = instance.scope.permitting(Permits { time: true, random: true, ..Permits::default() });
                    let mut value = self.top(written, &scope);
                    self.numeric(&value, written.span, "an output");
                    if let Some(around) = around {
                        value = self.drawn_by_target(value, &kinetics.lets, around.target, written.span);
                    }
                    if let Some(unit) = self.declared_unit(binding, Some(&value), Some(weight))
                        && !value.is_unknown()
                    {
                        value.kind = Type::Number(unit);
                    }
                    value
                }
            };
            if kinetics.own_receptor.is_some() {
                self.of_target(&value.expr, &kinetics.lets, binding.span, "an output");
            }
            let Some(around) = around else { continue };
            let target = around.target;
            let wanted = around.into.map_or(&binding.name, |(name, _)| name);
            // `into soma` means the input of the output's name there.
            let inside = format!("{}.{}", wanted.node, binding.name.node);
            let named = |name: &str| target.inputs.iter().position(|i| i.0 == name);
            let Some(index) = named(&wanted.node).or_else(|| named(&inside)) else {
                let title = format!("neuron `{}` has no input `{}`", target.model, wanted.node);
                let error = Diagnostic::error("E0417", title, wanted.span, "no such input");
                let error = error.also(target.span, format!("the target is a `{}`", target.model));
                let fitting: Vec<&str> = target
                    .inputs
                    .iter()
                    .filter(|i| value.kind.is_open() || i.1.dimension == value.kind.unit().dimension)
                    .map(|i| i.0.as_str())
                    .collect();
                kinetics.lost = true;
                self.push(match fitting.as_slice() {
                    [only] => error.hint(format!("write `into {only}` in the `project`")),
                    _ => error.hint(its("inputs", target.inputs.iter().map(|i| &i.0))),
                });
                continue;
            };
            let (name, unit, declared) = &target.inputs[index];
            if let Type::Number(given) = &value.kind
                && given.dimension != unit.dimension
                && !given.dimension.is_open()
            {
                let title = format!(
                    "input `{name}` of `{}` is in {}, but receptor `{}` delivers {}",
                    target.model,
                    unit.describe(),
                    model.name.node,
                    given.describe()
                );
                let error =
                    Diagnostic::error("E0302", title, binding.span, format!("this delivers {}", given.describe()));
                self.push(
                    error
                        .also(*declared, given_label(unit))
                        .hint(format!("the weight is in {}: is another unit meant?", around.weight.unit().text())),
                );
            }
            kinetics.outputs.push((index, value.expr));
            kinetics.output_names.push((binding.name.node.clone(), unit.quantity()));
        }
    }
}
