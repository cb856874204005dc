//! `method NAME { … }`: the integrators that can be named, and their settings.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::evaluate;
use crate::expressions::scope::Scope;
use crate::expressions::units::Unit;
use crate::model::{Integrator, IntegratorSetting, Method};
use crate::models::instance::Instance;
use bpc_syntax::ast::{Binding, ModelUse};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::FileId;
use bpc_syntax::suggest::closest;
use std::ops::RangeInclusive;

/// An integrator as it is written.
struct Named {
    name: &'static str,
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

const METHODS: &[Named] = &[
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

/// What a relative tolerance can be: f64 holds no finer one, and a coarser one says nothing.
const TOLERANCES: RangeInclusive<f64> = 1e-13..=0.1;
/// What a limit can be; a step of more iterations would seem to hang.
const LIMITS: RangeInclusive<f64> = 1.0..=1e6;

impl Checker<'_> {
    /// The integrator of a neuron or a population, if it is right.
    pub(crate) fn integrator(&mut self, written: &ModelUse, file: FileId, instance: &Instance) -> Option<Integrator> {
        let name = &written.name;
        let Some(named) = METHODS.iter().find(|m| m.name == name.node) else {
            let names: Vec<&str> = METHODS.iter().map(|m| m.name).collect();
            let title = format!("there is no integrator `{}`", name.node);
            let error = Diagnostic::error("E0425", title, name.span, "not an integrator");
            self.push(match closest(&name.node, names.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("the integrators are {}", names.join(", "))),
            });
            return None;
        };
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
