//! Puts a cell together: what its compartments, channels and ions come to as members of one neuron.

use super::Assembly;
use super::check::SETTINGS;
use super::inputs::{Flow, FlowKind, MembraneSum, full_names, used_names};
use super::naming::{Naming, binary, named, sum};
use crate::expressions::checker::Checker;
use crate::models::members::own_names;
use crate::program::modules::list;
use bpc_syntax::ast::{
    BinaryOp, Binding, Component, Coupling, Equation, Expr, ExprKind, Item, Member, Membrane, Model, ModelKind,
    ModelUse, Name, NeedsIon, Spanned,
};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use bpc_syntax::suggest::closest;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What the name of an input of an ion starts with that comes from outside of the cell: no name that can be written.
pub(super) const OUTSIDE: &str = "into ";

/// A cell with one membrane, or a compartment of one.
struct Place<'m> {
    /// What its names are in the whole cell.
    naming: Naming,
    members: &'m [Member],
    membrane: &'m Membrane,
    /// Axial currents into it.
    axial: Vec<Expr>,
}

/// A channel or an ion in its place.
struct Part<'m> {
    written: &'m Component,
    item: Rc<Item>,
}

impl Part<'_> {
    fn model(&self) -> Option<&Model> {
        if let Item::Model(model) = &*self.item { Some(model) } else { None }
    }

    /// Adds what of it can change while the network runs to what of its place can: all but those parameters whose values,
    /// as the cell gives them or as they are declared, mention nothing that can.
    fn changing(&self, place: &Place<'_>, changing: &mut BTreeSet<String>) {
        let Some(model) = self.model() else { return };
        let own = own_names(&model.members);
        let prefix = format!("{}.", place.naming.full(&self.written.name.node));
        let naming = Naming { prefix, own, closed: true, read: BTreeMap::new() };
        let parameters =
            || model.members.iter().filter_map(|m| if let Member::Parameter(b) = m { Some(b) } else { None });
        let fixed: BTreeSet<&str> = parameters().map(|b| b.name.node.as_str()).collect();
        changing.extend(naming.own.iter().filter(|name| !fixed.contains(name.as_str())).map(|name| naming.full(name)));
        for binding in parameters() {
            let argument = self.written.model.arguments.iter().find(|a| a.name.node == binding.name.node);
            let (value, naming_of) = match argument {
                Some(argument) => (argument.value.as_ref(), &place.naming),
                None => (binding.value.as_ref(), &naming),
            };
            let mut changes = false;
            for value in value.into_iter().filter(|_| !argument.is_some_and(|a| a.random)) {
                full_names(value, naming_of, &mut |name| {
                    changes |= changing.contains(&name) || name == "t" && argument.is_some();
                });
            }
            if changes {
                changing.insert(naming.full(&binding.name.node));
            }
        }
    }
}

/// What the members of a cell and its compartments declare that can change while the network runs.
fn changing<'m>(parts: impl Iterator<Item = (&'m Naming, &'m [Member])>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (naming, members) in parts {
        for member in members {
            let name = match member {
                Member::Input(b) | Member::State(b) | Member::Let(b) => &b.name,
                Member::Membrane(membrane) => &membrane.potential.name,
                _ => continue,
            };
            names.insert(naming.full(&name.node));
        }
    }
    names
}

/// A current through a membrane.
struct Current {
    /// The `let` that it is.
    name: String,
    /// The ion that it consists of, and the ion's input: both by their names in the cell.
    ion: Option<(String, String)>,
    span: Span,
}

/// Where a channel or an ion is put; a definition is checked with none.
struct Around<'a> {
    place: &'a Place<'a>,
    written: &'a Component,
    /// The ions of the same place.
    ions: &'a [Part<'a>],
    /// The currents that consist of this ion.
    currents: &'a [Current],
    /// What can change while the network runs, by full names.
    changing: &'a BTreeSet<String>,
}

/// What is known of a cell's own names before its parts are put together.
struct CellNames {
    /// Those that the cell uses in what happens to it.
    used: BTreeSet<String>,
    /// Those of what can change while the network runs.
    changing: BTreeSet<String>,
}

impl Checker<'_> {
    /// All members of a cell that has passed its own checks; nothing if a part of it is wrong.
    pub(super) fn assemble(&mut self, model: &Model) -> Option<Assembly> {
        let mut assembly = Assembly::default();
        let mut places = places(model)?;
        for member in &model.members {
            if let Member::Couple(couple) = member {
                axial(couple, &mut places);
            }
        }
        let compartments = places.iter().all(|p| !p.naming.prefix.is_empty());
        let plain = Naming { prefix: String::new(), own: BTreeSet::new(), closed: false, read: BTreeMap::new() };
        let beside: &[Member] = if compartments { &model.members } else { &[] };
        beside.iter().for_each(|m| assembly.own(m, &plain));
        for place in &places {
            place.members.iter().for_each(|m| assembly.own(m, &place.naming));
        }
        let parts = || places.iter().map(|p| (&p.naming, p.members)).chain([(&plain, beside)]);
        let names = CellNames { used: used_names(parts()), changing: changing(parts()) };
        let mut whole = true;
        for place in &places {
            whole &= self.place(&mut assembly, place, &names).is_some();
        }
        whole.then_some(assembly)
    }

    /// A channel or an ion alone.
    pub(super) fn component_alone(&mut self, model: &Model) -> Assembly {
        let mut assembly = Assembly::default();
        self.component(&mut assembly, model, None);
        assembly
    }

    /// The membrane of a place with its channels and ions.
    fn place(&mut self, assembly: &mut Assembly, place: &Place<'_>, names: &CellNames) -> Option<()> {
        let (mut channels, mut ions) = (Vec::new(), Vec::new());
        let mut whole = true;
        for member in place.members {
            let Member::Component(written) = member else { continue };
            let found = self.find_model(&written.model.name, written.span.file, written.kind);
            match found {
                Some((item, _)) if written.kind == ModelKind::Ion => ions.push(Part { written, item }),
                Some((item, _)) => channels.push(Part { written, item }),
                None => whole = false,
            }
        }
        for part in channels.iter().chain(&ions) {
            let Some(model) = part.model() else { continue };
            whole &= !self.report.has_error_within(model.span) && self.arguments(part.written, model, &ions);
        }
        if !whole {
            return None;
        }
        let potential = &place.membrane.potential;
        assembly.members.push(Member::State(place.naming.binding(potential)));
        let mut changing = names.changing.clone();
        // Those of ions come first: what a cell gives to a channel may mention them.
        ions.iter().chain(&channels).for_each(|part| part.changing(place, &mut changing));
        // The parameters of ions come first: a cell may give `E = K.E` to a channel.
        let mut of_channels = Assembly::default();
        let mut currents = Vec::new();
        for part in &channels {
            let Some(model) = part.model() else { continue };
            let around = Around { place, written: part.written, ions: &ions, currents: &[], changing: &changing };
            currents.extend(self.component(&mut of_channels, model, Some(&around)));
        }
        for part in &ions {
            let Some(model) = part.model() else { continue };
            let around = Around { place, written: part.written, ions: &ions, currents: &currents, changing: &changing };
            self.component(assembly, model, Some(&around));
        }
        assembly.append(of_channels);
        let (equation, sum) = place.equation(&currents, &names.used)?;
        assembly.membranes.insert(equation.state.node.clone(), sum);
        assembly.members.push(Member::Equation(equation));
        Some(())
    }

    /// Whether the arguments of a channel or an ion are such that it can be put together.
    fn arguments(&mut self, written: &Component, model: &Model, ions: &[Part<'_>]) -> bool {
        let needs: Vec<&NeedsIon> = needs(model).collect();
        let is_ion = |argument: &&Binding| needs.iter().any(|n| n.name.node == argument.name.node);
        let (bound, values): (Vec<&Binding>, Vec<&Binding>) = written.model.arguments.iter().partition(is_ion);
        let values = ModelUse { arguments: values.into_iter().cloned().collect(), ..written.model.clone() };
        let before = self.report.errors();
        self.check_arguments(model, &crate::models::members::Members::of(model), &values);
        for member in &model.members {
            let Member::Parameter(binding) = member else { continue };
            let given = values.arguments.iter().any(|a| a.name.node == binding.name.node);
            if binding.value.is_none() && !given {
                let name = &binding.name.node;
                let title = format!("`{}` needs a value for `{name}`", model.name.node);
                let error = Diagnostic::error("E0213", title, written.model.span, format!("`{name}` is missing"));
                let error = error.also(binding.span, "it has no default");
                self.push(error.hint(format!("write `{} {{ {name} = … }}`", model.name.node)));
            }
        }
        self.twice_given(bound.iter().copied());
        for need in needs {
            let argument = bound.iter().find(|a| a.name.node == need.name.node).copied();
            self.binding_of(need, argument, written, model, ions);
        }
        self.report.errors() == before
    }

    /// Whether the ion that a channel needs is there, and has what is read of it.
    fn binding_of(
        &mut self,
        need: &NeedsIon,
        argument: Option<&Binding>,
        written: &Component,
        model: &Model,
        ions: &[Part<'_>],
    ) {
        let slot = &need.name.node;
        let names = || ions.iter().map(|i| i.written.name.node.as_str());
        let there = |error: Diagnostic| match names().next() {
            None => error.hint("declare one beside the channel: `ion Ca : CalciumFixed`"),
            Some(_) => error.hint(format!("the ions here are {}", list(names()))),
        };
        let (name, span) = match argument {
            None => (slot.as_str(), written.model.span),
            Some(argument) => match argument.value.as_ref().map(|v| (&v.kind, v.span)) {
                Some((ExprKind::Name(name), span)) => (name.as_str(), span),
                _ => {
                    let title = format!("`{slot}` of channel `{}` is an ion, not a value", model.name.node);
                    let error = Diagnostic::error("E0432", title, argument.span, "name an ion of the cell");
                    self.push(there(error.also(need.span, "needed here")));
                    return;
                }
            },
        };
        let Some(ion) = ions.iter().find(|i| i.written.name.node == name) else {
            let title = match argument {
                None => format!("channel `{}` needs an ion for `{slot}`", model.name.node),
                Some(_) => format!("there is no ion `{name}` here"),
            };
            let error = Diagnostic::error("E0432", title, span, "no such ion").also(need.span, "needed here");
            self.push(match (argument, names().next()) {
                (None, Some(first)) => {
                    error.hint(format!("say which: `{} {{ {slot} = {first} }}`", written.model.name.node))
                }
                _ => there(error),
            });
            return;
        };
        let Some(ion_model) = ion.model() else { return };
        let has = own_names(&ion_model.members);
        for read in &need.reads {
            if !has.contains(&read.name.node) {
                let title =
                    format!("ion `{name}` has no `{}`, which channel `{}` reads", read.name.node, model.name.node);
                let error = Diagnostic::error("E0432", title, span, format!("this is a `{}`", ion_model.name.node));
                let error = error.also(read.span, "read here");
                self.push(match closest(&read.name.node, has.iter().map(String::as_str)) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("it has {}", list(&has))),
                });
            }
        }
        // A current into an ion that takes none at all leaves it as it is.
        let inputs: Vec<&str> = inputs(ion_model).map(|b| b.name.node.as_str()).collect();
        for output in outputs(model) {
            if let Some((owner, input)) = output.name.node.split_once('.')
                && owner == slot
                && !inputs.is_empty()
                && !inputs.contains(&input)
            {
                let title =
                    format!("ion `{name}` has no input `{input}` for the current of channel `{}`", model.name.node);
                let error = Diagnostic::error("E0432", title, span, format!("this is a `{}`", ion_model.name.node));
                let error = error.also(output.span, "the current");
                self.push(error.hint(format!("its inputs are {}", list(&inputs))));
            }
        }
    }

    /// What a channel or an ion comes to; the result is its currents.
    fn component(&mut self, assembly: &mut Assembly, model: &Model, around: Option<&Around<'_>>) -> Vec<Current> {
        let prefix = match around {
            Some(around) => format!("{}.", around.place.naming.full(&around.written.name.node)),
            None => String::new(),
        };
        let membrane =
            model.members.iter().find_map(|m| if let Member::Membrane(m) = m { Some(&m.potential.name) } else { None });
        let read = membrane.map(|name| (name.node.clone(), around.map(Around::potential))).into_iter().collect();
        let naming = Naming { prefix, own: own_names(&model.members), closed: true, read };
        let mut currents = Vec::new();
        for member in &model.members {
            match member {
                Member::Parameter(binding) => {
                    let argument = around.and_then(|a| a.argument(&binding.name.node));
                    let given = argument.zip(around).map(|(value, a)| a.place.naming.expression(value));
                    let full = naming.full(&binding.name.node);
                    let declared = naming.binding(binding);
                    if around.is_some_and(|a| a.changing.contains(&full)) {
                        let value = given.or_else(|| declared.value.clone());
                        assembly.members.push(Member::Let(Binding { value, ..declared.clone() }));
                        assembly.arguments.insert(full, declared);
                        continue;
                    }
                    assembly.parameters.insert(full, given);
                    assembly.members.push(Member::Parameter(declared));
                }
                Member::State(binding) => assembly.members.push(Member::State(naming.binding(binding))),
                Member::Let(binding) => assembly.members.push(Member::Let(naming.binding(binding))),
                Member::Equation(equation) => assembly.members.push(Member::Equation(naming.equation(equation))),
                Member::Gate(gate) => self.gate(assembly, &naming, gate),
                Member::Scheme(scheme) => self.scheme(assembly, &naming, scheme),
                Member::Input(binding) => {
                    let name = naming.name(&binding.name);
                    let outside = Spanned { node: format!("{OUTSIDE}{}", name.node), span: name.span };
                    let sum = around.map(|a| a.carried(&binding.name.node, &outside));
                    if around.is_some() {
                        assembly.members.push(Member::Input(Binding { name: outside, ..binding.clone() }));
                    }
                    assembly.read(name, binding, sum);
                }
                Member::Membrane(membrane) => {
                    let potential = &membrane.potential;
                    let value = around.map(|a| named(a.potential(), a.written.span));
                    assembly.read(naming.name(&potential.name), potential, value);
                }
                Member::NeedsIon(need) => {
                    for read in &need.reads {
                        let full = naming.full(&format!("{}.{}", need.name.node, read.name.node));
                        let name = Spanned { node: full, span: read.name.span };
                        let value = around.map(|a| a.read_of_ion(&need.name.node, &read.name.node));
                        assembly.read(name, read, value);
                    }
                }
                Member::Output(binding) => {
                    if binding.value.is_some() {
                        assembly.members.push(Member::Let(naming.binding(binding)));
                    }
                    let ion = binding.name.node.split_once('.');
                    let ion = ion.and_then(|(slot, input)| Some((around?.ion(slot).to_owned(), input.to_owned())));
                    let span = around.map_or(binding.span, |a| a.written.span);
                    currents.push(Current { name: naming.full(&binding.name.node), ion, span });
                }
                Member::Post(_)
                | Member::Pre(_)
                | Member::Weight(_)
                | Member::Bound(_)
                | Member::Recurrence(_)
                | Member::History(_)
                | Member::Spike(_)
                | Member::OnSpike(_)
                | Member::Method(_)
                | Member::Component(_)
                | Member::Compartment(_)
                | Member::Couple(_)
                | Member::Array(_)
                | Member::Each(_) => {}
            }
        }
        currents
    }
}

impl Assembly {
    fn append(&mut self, mut other: Assembly) {
        self.members.append(&mut other.members);
        self.parameters.append(&mut other.parameters);
        self.arguments.append(&mut other.arguments);
        self.starts.append(&mut other.starts);
    }

    /// A member that the user wrote in the cell itself.
    fn own(&mut self, member: &Member, naming: &Naming) {
        let member = match member {
            Member::Parameter(b) => Member::Parameter(naming.binding(b)),
            Member::Input(b) => Member::Input(naming.binding(b)),
            Member::State(b) => Member::State(naming.binding(b)),
            Member::Let(b) => Member::Let(naming.binding(b)),
            Member::Equation(e) => Member::Equation(naming.equation(e)),
            // These stand beside compartments, where every name is the whole cell's.
            Member::Spike(_) | Member::Method(_) => member.clone(),
            _ => return,
        };
        self.members.push(member);
    }

    /// What a part reads of its surroundings: an input where those are not known.
    fn read(&mut self, name: Name, declared: &Binding, value: Option<Expr>) {
        let binding = Binding { name, value, ..declared.clone() };
        self.members.push(if binding.value.is_some() { Member::Let(binding) } else { Member::Input(binding) });
    }
}

impl<'a> Around<'a> {
    fn argument(&self, name: &str) -> Option<&'a Expr> {
        self.written.model.arguments.iter().find(|a| a.name.node == name)?.value.as_ref()
    }

    /// The potential of the membrane.
    fn potential(&self) -> String {
        self.place.naming.full(&self.place.membrane.potential.name.node)
    }

    /// The ion that a channel calls `slot`.
    fn ion<'s>(&self, slot: &'s str) -> &'s str
    where
        'a: 's,
    {
        match self.argument(slot).map(|value| &value.kind) {
            Some(ExprKind::Name(name)) => name,
            _ => slot,
        }
    }

    /// A quantity of an ion.
    fn read_of_ion(&self, slot: &str, name: &str) -> Expr {
        let ion = self.ion(slot);
        let span = self.ions.iter().find(|i| i.written.name.node == ion).map_or(self.written.span, |i| i.written.span);
        named(self.place.naming.full(&format!("{ion}.{name}")), span)
    }

    /// The sum of the currents that consist of this ion, and of what comes from outside of the cell.
    fn carried(&self, input: &str, outside: &Name) -> Expr {
        let own = &self.written.name.node;
        let fits = |c: &&Current| c.ion.as_ref().is_some_and(|(ion, to)| ion == own && to == input);
        let carried = self.currents.iter().filter(fits).map(|c| named(c.name.clone(), c.span));
        let inside = sum(carried, self.written.span);
        binary(BinaryOp::Add, inside, named(outside.node.clone(), outside.span), self.written.span)
    }
}

impl Place<'_> {
    /// C V' = currents through the membrane, and currents from outside for each area.
    fn equation(&self, currents: &[Current], used: &BTreeSet<String>) -> Option<(Equation, MembraneSum)> {
        let span = self.membrane.span;
        let setting = |name: &str| {
            let found = self.membrane.settings.iter().find(|s| s.name.node == name);
            found.and_then(|s| s.value.as_ref()).map(|v| self.naming.expression(v))
        };
        let [capacitance, area, current] = SETTINGS.map(setting);
        let capacitance = capacitance?;
        let flow = |value: Expr, kind: FlowKind, span| Flow { value, kind, span };
        let channel = |c: &Current| flow(named(c.name.clone(), c.span), FlowKind::Channel(c.name.clone()), c.span);
        let mut through: Vec<Flow> = currents.iter().map(channel).collect();
        through.extend(current.map(|value| flow(value.clone(), FlowKind::Setting, value.span)));
        let inputs = self.members.iter().filter_map(|m| if let Member::Input(b) = m { Some(&b.name) } else { None });
        // One that the cell uses by name is what is made of it there.
        let inputs = inputs.map(|n| (self.naming.full(&n.node), n.span)).filter(|(full, _)| !used.contains(full));
        let input = |(full, at): (String, Span)| flow(named(full.clone(), at), FlowKind::Input(full), at);
        let mut outside: Vec<Flow> = inputs.map(input).collect();
        outside.extend(self.axial.iter().map(|value| flow(value.clone(), FlowKind::Axial, value.span)));
        let values = |flows: &[Flow]| -> Vec<Expr> { flows.iter().map(|f| f.value.clone()).collect() };
        let mut terms = values(&through);
        match &area {
            Some(area) if !outside.is_empty() => {
                terms.push(binary(BinaryOp::Divide, sum(values(&outside), span), area.clone(), span));
            }
            _ => terms.extend(values(&outside)),
        }
        let derivative = binary(BinaryOp::Divide, sum(terms, span), capacitance.clone(), span);
        through.append(&mut outside);
        let equation = Equation { state: self.naming.name(&self.membrane.potential.name), derivative, span };
        Some((equation, MembraneSum { capacitance, area, flows: through }))
    }
}

/// The places of a cell: itself, or its compartments.
fn places(model: &Model) -> Option<Vec<Place<'_>>> {
    let place = |prefix: String, members| -> Option<Place<'_>> {
        let naming = Naming { prefix, own: own_names(members), closed: false, read: BTreeMap::new() };
        let membrane = members.iter().find_map(|m| if let Member::Membrane(m) = m { Some(m) } else { None })?;
        Some(Place { naming, members, membrane, axial: Vec::new() })
    };
    let compartments = model.members.iter().filter_map(|m| if let Member::Compartment(c) = m { Some(c) } else { None });
    let mut places: Vec<Place<'_>> =
        compartments.map(|c| place(format!("{}.", c.name.node), &c.members[..])).collect::<Option<_>>()?;
    if places.is_empty() {
        places.push(place(String::new(), &model.members[..])?);
    }
    Some(places)
}

/// The currents g (V_to - V_from) into one compartment, and back into the other.
fn axial(couple: &Coupling, places: &mut [Place<'_>]) {
    let Some(conductance) = couple.conductances.first() else { return };
    let potential = |places: &[Place<'_>], name: &Name| {
        let prefix = format!("{}.", name.node);
        let index = places.iter().position(|p| p.naming.prefix == prefix)?;
        let potential = &places[index].membrane.potential.name;
        Some((index, named(places[index].naming.full(&potential.node), name.span)))
    };
    let (Some((from, v_from)), Some((to, v_to))) =
        (potential(places, &couple.from.name), potential(places, &couple.to.name))
    else {
        return;
    };
    for (into, inside, outside) in [(from, &v_from, &v_to), (to, &v_to, &v_from)] {
        let difference = binary(BinaryOp::Subtract, outside.clone(), inside.clone(), couple.span);
        places[into].axial.push(binary(BinaryOp::Multiply, conductance.clone(), difference, couple.span));
    }
}

/// What a channel needs of ions.
pub(super) fn needs(model: &Model) -> impl Iterator<Item = &NeedsIon> {
    model.members.iter().filter_map(|m| if let Member::NeedsIon(n) = m { Some(n) } else { None })
}

/// The currents of a channel.
pub(super) fn outputs(model: &Model) -> impl Iterator<Item = &Binding> {
    model.members.iter().filter_map(|m| if let Member::Output(b) = m { Some(b) } else { None })
}

/// The inputs of an ion.
fn inputs(model: &Model) -> impl Iterator<Item = &Binding> {
    model.members.iter().filter_map(|m| if let Member::Input(b) = m { Some(b) } else { None })
}
