//! `method NAME { … }`: the integrators that can be named, and their settings.
//!
//! A neuron or a population names one of all for its equations. A synapse, a receptor, a rule of plasticity or a projection
//! names one that makes a step of its own accord, without sub-steps or iterations and without settings, and that is
//! about no noise. A method where nothing is integrated is a mistake, and so are two of them for one equation.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::evaluate;
use crate::expressions::scope::Scope;
use crate::expressions::units::Unit;
use crate::model::{Integrator, IntegratorSetting, Method};
use crate::models::instance::Instance;
use crate::models::members::Members;
use crate::models::synapse::Kinetics;
use crate::program::modules::kind_word;
use bpc_syntax::ast::{Binding, Model, ModelUse};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::FileId;
use bpc_syntax::suggest::closest;
use std::ops::RangeInclusive;

/// An integrator as it is written.
pub(crate) struct Named {
    /// How it is written.
    pub name: &'static str,
    method: Method,
    /// Whether it has a tolerance, and with it a limit and scales of states.
    controlled: bool,
}

const fn plain(name: &'static str, method: Method) -> Named {
    Named { name, method, controlled: false }
}

const fn controlled(name: &'static str, method: Method) -> Named {
    Named { name, method, controlled: true }
}

pub(crate) const METHODS: &[Named] = &[
    plain("exact", Method::Exact),
    plain("exponential_euler", Method::ExponentialEuler),
    plain("euler", Method::Euler),
    plain("midpoint", Method::Midpoint),
    plain("heun", Method::Heun),
    plain("rk4", Method::RungeKutta4),
    controlled("dormand_prince", Method::DormandPrince),
    controlled("rkf45", Method::Fehlberg),
    controlled("implicit_euler", Method::ImplicitEuler),
    plain("rosenbrock", Method::Rosenbrock),
    plain("exponential_rosenbrock", Method::ExponentialRosenbrock),
    plain("hines", Method::Hines),
    plain("milstein", Method::Milstein),
    plain("stratonovich_heun", Method::StratonovichHeun),
];

/// Those that equations of synapses can have.
const OF_SYNAPSES: &[Method] = &[
    Method::Exact,
    Method::ExponentialEuler,
    Method::Euler,
    Method::Midpoint,
    Method::Heun,
    Method::RungeKutta4,
    Method::Rosenbrock,
    Method::ExponentialRosenbrock,
];

/// What a relative tolerance can be: f64 holds no finer one, and a coarser one says nothing.
const TOLERANCES: RangeInclusive<f64> = 1e-13..=0.1;
/// What a limit can be; a step of more iterations would seem to hang.
const LIMITS: RangeInclusive<f64> = 1.0..=1e6;

impl Checker<'_> {
    /// The integrator of a neuron or a population, if it is right.
    pub(crate) fn integrator(&mut self, written: &ModelUse, file: FileId, instance: &Instance) -> Option<Integrator> {
        let named = self.named_integrator(written)?;
        let mut scope = Scope::of_file(file);
        for local in instance.scope.locals.keys() {
            scope.hide(local, "the settings of an integrator are known before the run: they can use constants only");
        }
        let mut settings = Vec::new();
        for (index, argument) in written.arguments.iter().enumerate() {
            let first = written.arguments[..index].iter().find(|a| a.name.node == argument.name.node);
            if let Some(first) = first {
                let title = format!("`{}` is given twice", argument.name.node);
                let error = Diagnostic::error("E0440", title, argument.name.span, "given again here");
                self.push(error.also(first.name.span, "first given here").hint("leave one of them out"));
                continue;
            }
            settings.extend(self.integrator_setting(named, argument, &scope, instance));
        }
        Some(Integrator { method: named.method, settings, span: written.span })
    }

    fn named_integrator(&mut self, written: &ModelUse) -> Option<&'static Named> {
        let name = &written.name;
        let named = METHODS.iter().find(|m| m.name == name.node);
        if named.is_none() {
            let names: Vec<&str> = METHODS.iter().map(|m| m.name).collect();
            let title = format!("there is no integrator `{}`", name.node);
            let error = Diagnostic::error("E0425", title, name.span, "not an integrator");
            self.push(match closest(&name.node, names.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("the integrators are {}", names.join(", "))),
            });
        }
        named
    }

    /// An integrator for equations of synapses.
    fn integrator_of_synapses(&mut self, written: &ModelUse) -> Option<Method> {
        let named = self.named_integrator(written)?;
        if !OF_SYNAPSES.contains(&named.method) {
            let title = format!("equations of synapses cannot have the integrator `{}`", named.name);
            let error = Diagnostic::error("E0570", title, written.name.span, "not for synapses");
            let all = METHODS.iter().filter(|m| OF_SYNAPSES.contains(&m.method));
            let names: Vec<&str> = all.map(|m| m.name).collect();
            self.push(error.hint(format!("they can have {}", names.join(", "))));
            return None;
        }
        if let [first, ..] = &written.arguments[..] {
            let title = format!("`{}` has no settings", named.name);
            self.push(Diagnostic::error("E0440", title, first.name.span, "not a setting of it"));
        }
        Some(named.method)
    }

    /// The integrator that a synapse, a receptor or a rule names for its equations, if it is right.
    pub(crate) fn method_of_part(&mut self, model: &Model, members: &Members<'_>) -> Option<Method> {
        let written = *members.methods.first()?;
        if let [first, second, ..] = members.methods[..] {
            let error = Diagnostic::error("E0425", "two integrators", second.span, "second");
            self.push(error.also(first.span, "first").hint("leave one of them out"));
        }
        if members.equations.is_empty() {
            let (kind, name) = (kind_word(model.kind), &model.name.node);
            let title = format!("{kind} `{name}` names an integrator and has no equation");
            let error = Diagnostic::error("E0571", title, written.span, "nothing to integrate");
            self.push(error.hint("leave it out, or write an equation, `x' = …`"));
        }
        self.integrator_of_synapses(written)
    }

    /// The integrator that a projection names for all equations of its synapses, instead of theirs.
    pub(crate) fn method_of_projection(&mut self, written: &ModelUse, kinetics: &mut Kinetics) {
        let method = self.integrator_of_synapses(written);
        let mut any = kinetics.weight_derivative.is_some();
        if any {
            kinetics.weight_method = method;
        }
        for state in kinetics.states.iter_mut().filter(|state| state.derivative.is_some()) {
            any = true;
            state.method = method;
        }
        if !any && !kinetics.is_lost() {
            let title = "the projection names an integrator, and its synapses have no equation";
            let error = Diagnostic::error("E0571", title, written.span, "nothing to integrate");
            self.push(error.hint("leave it out"));
        }
    }

    fn integrator_setting(
        &mut self,
        named: &Named,
        argument: &Binding,
        scope: &Scope,
        instance: &Instance,
    ) -> Option<IntegratorSetting> {
        let name = argument.name.node.as_str();
        let state = instance.states.iter().position(|s| s.name == name);
        match name {
            _ if !named.controlled => {
                let title = format!("`{}` has no settings", named.name);
                let error = Diagnostic::error("E0440", title, argument.name.span, "not a setting of it");
                let others: Vec<&str> = METHODS.iter().filter(|m| m.controlled).map(|m| m.name).collect();
                self.push(error.hint(format!("those with a tolerance are {}", others.join(", "))));
                None
            }
            "tolerance" => self.setting(argument, scope, &Unit::none(), &TOLERANCES).map(IntegratorSetting::Tolerance),
            "limit" => {
                let limit = self.setting(argument, scope, &Unit::none(), &LIMITS)?;
                if limit.fract() != 0.0 {
                    let title = format!("the limit must be a whole number, not {limit}");
                    let at = argument.value.as_ref().map_or(argument.span, |v| v.span);
                    self.push(
                        Diagnostic::error("E0441", title, at, "not whole").hint("write how many, as in `limit = 1000`"),
                    );
                    return None;
                }
                // in range, as was seen to
                Some(IntegratorSetting::Limit(limit as u32))
            }
            _ => {
                let Some(state) = state else {
                    let title = format!("`{}` has no setting `{name}`", named.name);
                    let error = Diagnostic::error("E0440", title, argument.name.span, "not a setting of it");
                    let known = ["tolerance", "limit"];
                    let all = known.into_iter().chain(instance.states.iter().map(|s| s.name.as_str()));
                    let near = closest(name, all);
                    self.push(match near {
                        Some(near) => error.hint(format!("did you mean `{near}`?")),
                        None => error
                            .hint("its settings are `tolerance`, `limit`, and the names of states, for their scales"),
                    });
                    return None;
                };
                let unit = instance.units[state].clone();
                let scale = self.setting(argument, scope, &unit, &(f64::MIN_POSITIVE..=f64::MAX))?;
                Some(IntegratorSetting::Scale(state, scale))
            }
        }
    }

    /// The value of a setting: known before the run, in this unit and range.
    fn setting(&mut self, argument: &Binding, scope: &Scope, unit: &Unit, range: &RangeInclusive<f64>) -> Option<f64> {
        let name = argument.name.node.as_str();
        let written = argument.value.as_ref()?;
        let value = self.top(written, scope);
        if value.is_unknown() || !self.fits(&value, unit, written.span, &format!("`{name}`"), None) {
            return None;
        }
        let number = evaluate(&value.expr, &[])?;
        if range.contains(&number) {
            return Some(number);
        }
        let (low, high) = (*range.start(), *range.end());
        let title = if high == f64::MAX {
            format!("the scale of `{name}` must be above zero")
        } else {
            format!("`{name}` must be from {} to {}", shown(low), shown(high))
        };
        let error = Diagnostic::error("E0441", title, written.span, "out of range");
        self.push(error.hint(match name {
            "tolerance" => "it is relative: 1e-6 keeps about six digits",
            "limit" => "it is the most sub-steps or iterations in one step",
            _ => "errors of values below the scale are measured as if they had its size",
        }));
        None
    }
}

fn shown(number: f64) -> String {
    if (0.01..1e6).contains(&number) { number.to_string() } else { format!("{number:e}") }
}
