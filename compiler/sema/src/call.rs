//! Calls: elementary functions, distributions, and functions of the user, which are inlined.

use crate::checker::{Checker, given_label};
use crate::functions::{self, Signature};
use crate::model::{Distribution, Expr, Function};
use crate::modules::{Declared, ItemId, describe};
use crate::scope::{Role, Scope, Type, Typed};
use crate::units::Ratio;
use bpc_syntax::ast::{self, Item};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use bpc_syntax::suggest::closest;

/// Calls inlined into one expression.
const MOST_CALLS: u32 = 10_000;

impl Checker<'_> {
    pub(crate) fn call(&mut self, name: &ast::Name, arguments: &[ast::Expr], span: Span, scope: &Scope) -> Typed {
        if let Some((function, signature)) = functions::function(&name.node) {
            return self.elementary(name, function, signature, arguments, span, scope);
        }
        if let Some((distribution, expected)) = functions::distribution(&name.node) {
            return self.random(name, distribution, expected, arguments, span, scope);
        }
        let past = |role| match role {
            Role::State => true,
            // A mistake, which is told what to do instead.
            Role::Pre | Role::Post => crate::delayed::delay_of(arguments).is_some(),
            _ => false,
        };
        if let Some(local) = scope.locals.get(&name.node).filter(|l| past(l.role)).cloned() {
            return self.delayed(name, &local, arguments, span, scope);
        }
        let found = self.program.find(name.span.file, &name.node).map(|(id, declared)| (id, declared.clone()));
        match found {
            Some((id, Declared { file, item })) => match &*item {
                Item::Function(function) => {
                    self.inline(id, Scope::of_file(file), function, (name, arguments), span, scope)
                }
                other => {
                    let label = format!("this is {}", describe(other));
                    self.error("E0204", format!("`{}` cannot be called", name.node), name.span, label);
                    Typed::unknown()
                }
            },
            None if self.program.is_missing(name.span.file, &name.node) => Typed::unknown(),
            None => {
                let error = Diagnostic::error(
                    "E0204",
                    format!("there is no function `{}`", name.node),
                    name.span,
                    "not declared",
                );
                let declared = self.program.names(name.span.file, |item| matches!(item, Item::Function(_)));
                let mut candidates: Vec<&str> = functions::names().collect();
                candidates.extend(declared);
                let near = closest(&name.node, candidates);
                let error = match near {
                    _ if scope.locals.contains_key(&name.node) => {
                        error.hint(format!("`{}` is a value: to multiply by it write `{} * (…)`", name.node, name.node))
                    }
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error,
                };
                self.push(error);
                // Mistakes inside the arguments are worth knowing too.
                for argument in arguments {
                    self.expression(argument, scope);
                }
                Typed::unknown()
            }
        }
    }

    fn count_arguments(&mut self, name: &ast::Name, given: usize, expected: usize, span: Span, what: &str) -> bool {
        if given != expected {
            let plural = if expected == 1 { "" } else { "s" };
            let title = format!("`{}` takes {expected} argument{plural}, not {given}", name.node);
            self.push(
                Diagnostic::error("E0209", title, span, format!("{given} given"))
                    .hint(format!("write `{}({what})`", name.node)),
            );
        }
        given == expected
    }

    fn elementary(
        &mut self,
        name: &ast::Name,
        function: Function,
        signature: Signature,
        arguments: &[ast::Expr],
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let values: Vec<Typed> = arguments.iter().map(|a| self.expression(a, scope)).collect();
        let (expected, what) = if signature == Signature::Pair { (2, "a, b") } else { (1, "x") };
        if !self.count_arguments(name, values.len(), expected, span, what) {
            return Typed::unknown();
        }
        let first = &values[0];
        if !values.iter().zip(arguments).all(|(v, a)| self.numeric(v, a.span, &format!("`{}`", name.node))) {
            return Typed::unknown();
        }
        let kind = match signature {
            Signature::Pure => {
                if let Type::Number(unit) = &first.kind
                    && !unit.dimension.is_none()
                    && !unit.dimension.is_open()
                {
                    let title = format!("`{}` needs a pure number, not {}", name.node, unit.describe());
                    let error = Diagnostic::error("E0303", title, arguments[0].span, given_label(unit));
                    self.push(error.hint(format!("divide it by a value in {}", unit.text())));
                    return Typed::unknown();
                }
                if first.is_unknown() { Type::Unknown } else { Type::pure() }
            }
            Signature::Same => first.kind.clone(),
            Signature::Pair => {
                let what = format!("the two arguments of `{}`", name.node);
                self.same(first, &values[1], (arguments[0].span, arguments[1].span), &what)
            }
            Signature::Root => match &first.kind {
                Type::Number(unit) => {
                    Ratio::new(1, 2).and_then(|half| unit.power(half)).map_or(Type::Unknown, Type::Number)
                }
                other => other.clone(),
            },
        };
        match <[Typed; 2]>::try_from(values) {
            Ok(both) => self.built(&both, kind, span, |[a, b]| Expr::Call(function, vec![a, b])),
            Err(mut one) => match one.pop() {
                Some(one) => self.built(&[one], kind, span, |[x]| Expr::Call(function, vec![x])),
                None => Typed::unknown(),
            },
        }
    }

    fn random(
        &mut self,
        name: &ast::Name,
        distribution: Distribution,
        expected: &[&str],
        arguments: &[ast::Expr],
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let values: Vec<Typed> = arguments.iter().map(|a| self.expression(a, scope)).collect();
        if !self.count_arguments(name, values.len(), expected.len(), span, &expected.join(", ")) {
            return Typed::unknown();
        }
        if !scope.permits.random {
            let error =
                Diagnostic::error("E0418", "a random draw cannot stand here", span, "drawn from a distribution");
            self.push(error.hint(
                "values are drawn in `init x ~ …`, `weight ~ …`, `delay ~ …`, in a population's `{ tau ~ … }` \
                     (mind the `~`), and in `spike when`, `when` and `on …` of synapses; noise in an equation is `xi`",
            ));
            return Typed::unknown();
        }
        if !values.iter().zip(arguments).all(|(v, a)| self.numeric(v, a.span, &format!("`{}`", name.node))) {
            return Typed::unknown();
        }
        let kind = match (values.as_slice(), arguments) {
            ([a, b], [left, right]) => {
                let what = format!("the two arguments of `{}`", name.node);
                let kind = self.same(a, b, (left.span, right.span), &what);
                if distribution == Distribution::LogNormal {
                    for (value, argument) in values.iter().zip(arguments) {
                        if let Type::Number(unit) = &value.kind
                            && !unit.dimension.is_none()
                        {
                            let title = format!("`lognormal` needs pure numbers, not {}", unit.describe());
                            let error = Diagnostic::error("E0303", title, argument.span, given_label(unit));
                            self.push(error.hint("multiply the draw by a unit: `lognormal(0, 0.5) * 1 nS`"));
                            return Typed::unknown();
                        }
                    }
                    Type::pure()
                } else {
                    kind
                }
            }
            _ => values.first().map_or(Type::Unknown, |v| v.kind.clone()),
        };
        let stream = self.draws;
        self.draws += 1;
        match <[Typed; 2]>::try_from(values) {
            Ok(both) => self.built(&both, kind, span, |[a, b]| Expr::Random(distribution, vec![a, b], stream)),
            Err(mut one) => match one.pop() {
                Some(one) => self.built(&[one], kind, span, |[x]| Expr::Random(distribution, vec![x], stream)),
                None => Typed::unknown(),
            },
        }
    }

    /// Puts the function's body in place of the call.
    fn inline(
        &mut self,
        id: ItemId,
        mut inside: Scope,
        function: &ast::Function,
        (name, arguments): (&ast::Name, &[ast::Expr]),
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let values: Vec<Typed> = arguments.iter().map(|a| self.expression(a, scope)).collect();
        let what: Vec<&str> = function.arguments.iter().map(|a| a.name.node.as_str()).collect();
        if !self.count_arguments(name, values.len(), function.arguments.len(), span, &what.join(", ")) {
            return Typed::unknown();
        }
        if self.active.contains(&id) {
            let error =
                Diagnostic::error("E0208", format!("`{}` calls itself", name.node), name.span, "called here again");
            self.push(
                error
                    .also(function.name.span, "while this function is being inlined")
                    .hint("functions are inlined, so they cannot recurse"),
            );
            return Typed::unknown();
        }
        self.inlined += 1;
        if self.inlined > MOST_CALLS {
            let label = "more than 10000 calls once inlined";
            self.report.push(Diagnostic::error(
                "E0212",
                "this expression calls too many functions",
                self.outermost,
                label,
            ));
            return Typed::unknown();
        }
        for ((argument, value), written) in function.arguments.iter().zip(values).zip(arguments) {
            let mut value = value;
            if let Some(unit) = &argument.unit {
                let Some(unit) = self.unit(unit, None) else { return Typed::unknown() };
                let what = format!("argument `{}` of `{}`", argument.name.node, name.node);
                if !self.fits(&value, &unit, written.span, &what, Some(argument.span)) {
                    return Typed::unknown();
                }
                if matches!(value.kind, Type::Zero) {
                    value.kind = Type::Number(unit);
                }
            }
            inside.add(&argument.name.node, value, Role::Argument, argument.name.span);
        }
        inside.permits = scope.permits;
        self.active.push(id);
        let mark = self.because.len();
        self.because.push((span, format!("in this call of `{}`", name.node)));
        let result = self.expression(&function.body, &inside);
        self.because.truncate(mark);
        self.active.pop();
        result
    }

    /// The value of a constant.
    pub(crate) fn constant(&mut self, id: ItemId, at: Span) -> Typed {
        match self.constants.get(&id) {
            Some(Some(value)) => return value.clone(),
            Some(None) => {
                let declared = self.program.items[id.0].item.clone();
                if let Item::Constant(binding) = &*declared {
                    let error = Diagnostic::error(
                        "E0208",
                        format!("`{}` is defined by itself", binding.name.node),
                        binding.span,
                        "this constant",
                    );
                    self.push(error.also(at, "leads back to it"));
                }
                return Typed::unknown();
            }
            None => {}
        }
        let Declared { file, item } = self.program.items[id.0].clone();
        let Item::Constant(binding) = &*item else { return Typed::unknown() };
        self.constants.insert(id, None);
        let because = std::mem::take(&mut self.because);
        let (inlined, outermost) = (self.inlined, self.outermost);
        let value = self.constant_value(binding, &Scope::of_file(file));
        (self.inlined, self.outermost) = (inlined, outermost);
        self.because = because;
        self.constants.insert(id, Some(value.clone()));
        value
    }

    fn constant_value(&mut self, binding: &ast::Binding, scope: &Scope) -> Typed {
        let Some(written) = &binding.value else {
            self.error("E0213", format!("constant `{}` has no value", binding.name.node), binding.span, "no value");
            return Typed::unknown();
        };
        let value = self.top(written, scope);
        if matches!(value.kind, Type::Truth) && binding.unit.is_none() {
            return value;
        }
        let Some(unit) = self.declared_unit(binding, Some(&value), None) else { return Typed::unknown() };
        let Some(number) = self.fixed(&value, written.span, &format!("constant `{}`", binding.name.node)) else {
            return Typed::unknown();
        };
        if binding.unit.is_none() && matches!(value.kind, Type::Zero) {
            return Typed::leaf(Expr::Number(number), Type::Zero);
        }
        Typed::number(number, unit)
    }
}
