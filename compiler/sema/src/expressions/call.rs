//! Calls: elementary functions, distributions, and functions of the user, which are inlined.

use crate::expressions::checker::{Checker, given_label};
use crate::expressions::evaluate::evaluate;
use crate::expressions::functions::{self, Signature};
use crate::expressions::scope::{Role, Scope, Type, Typed};
use crate::expressions::units::Ratio;
use crate::model::{Distribution, Expr, Function};
use crate::program::modules::{Declared, ItemId, describe};
use bpc_syntax::ast::{self, Item};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::foreign::foreign;
use bpc_syntax::source::{FileId, Span};
use bpc_syntax::suggest::closest;

/// The largest mean of a Poisson count and the largest number of a binomial one, as in `bpc_math`.
pub(crate) const LARGEST_COUNT: f64 = 1e7;
/// Calls inlined into one expression.
const MOST_CALLS: u32 = 10_000;

impl Checker<'_> {
    pub(crate) fn call(&mut self, name: &ast::Name, arguments: &[ast::Expr], span: Span, scope: &Scope) -> Typed {
        let local_state = scope.locals.get(&name.node).is_some_and(|l| l.role == Role::State);
        let declared =
            functions::is_open(&name.node) && (local_state || self.program.find(name.span.file, &name.node).is_some());
        if !declared {
            if let Some((function, signature)) = functions::function(&name.node) {
                return self.elementary(name, function, signature, arguments, span, scope);
            }
            if let Some((distribution, expected)) = functions::distribution(&name.node) {
                return self.random(name, distribution, expected, arguments, span, scope);
            }
            if name.node == functions::CLIP {
                return self.clip(name, arguments, span, scope);
            }
        }
        let past = |role| match role {
            Role::State => true,
            // A mistake, which is told what to do instead.
            Role::Pre | Role::Post => crate::expressions::delayed::delay_of(arguments).is_some(),
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
                let delayed = crate::expressions::delayed::delay_of(arguments).is_some();
                let role = scope.locals.get(&name.node).map(|local| local.role);
                let error = match near {
                    _ if delayed && matches!(role, Some(Role::Input | Role::Let)) => error.hint(format!(
                        "only states have a past: keep `{0}` in one, `past(t + dt) = {0}`, and read `past(t - …)`",
                        name.node
                    )),
                    _ if let Some(instead) = foreign(&name.node) => error.hint(instead),
                    _ if let Some((_, last)) = name.node.rsplit_once('.')
                        && functions::names().any(|known| known == last) =>
                    {
                        error.hint(format!("functions stand by themselves: `{last}(…)`"))
                    }
                    _ if scope.locals.contains_key(&name.node) => {
                        error.hint(format!("`{}` is a value: to multiply by it write `{} * (…)`", name.node, name.node))
                    }
                    near => match (functions::elsewhere(&name.node), near) {
                        (Some(instead), _) => error.hint(format!("write `{instead}`")),
                        (None, Some(near)) => error.hint(format!("did you mean `{near}`?")),
                        (None, None) => error,
                    },
                };
                self.push(error);
                // Mistakes inside the arguments are worth knowing too, unless they mean something to another simulator.
                for argument in arguments.iter().filter(|_| foreign(&name.node).is_none()) {
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
        let (expected, what) = match signature {
            Signature::Pair => (2, "a, b"),
            Signature::Angle => (2, "y, x"),
            Signature::Pure | Signature::Same | Signature::Root | Signature::Free => (1, "x"),
        };
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
            Signature::Angle => {
                let what = format!("the two arguments of `{}`", name.node);
                match self.same(first, &values[1], (arguments[0].span, arguments[1].span), &what) {
                    Type::Unknown => Type::Unknown,
                    _ => Type::pure(),
                }
            }
            Signature::Free => match &first.kind {
                Type::Unknown => Type::Unknown,
                _ => Type::pure(),
            },
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

    /// `clip(x, low, high)`: `min(max(x, low), high)`
    fn clip(&mut self, name: &ast::Name, arguments: &[ast::Expr], span: Span, scope: &Scope) -> Typed {
        let values: Vec<Typed> = arguments.iter().map(|a| self.expression(a, scope)).collect();
        if !self.count_arguments(name, values.len(), 3, span, "x, low, high")
            || !values.iter().zip(arguments).all(|(v, a)| self.numeric(v, a.span, "`clip`"))
        {
            return Typed::unknown();
        }
        let ([x, low, high], [at, from, to]) = (&values[..], arguments) else { return Typed::unknown() };
        let first = self.same(x, low, (at.span, from.span), "the value and the lower end of `clip`");
        let between = Typed { kind: first, ..x.clone() };
        let kind = self.same(&between, high, (at.span, to.span), "the value and the upper end of `clip`");
        self.built(&[x.clone(), low.clone(), high.clone()], kind, span, |[x, low, high]| {
            let above = Expr::Call(Function::Max, vec![x, low]);
            Expr::Call(Function::Min, vec![above, high])
        })
    }

    /// The type of a draw; reports arguments whose unit the distribution does not take.
    fn drawn(
        &mut self,
        (name, distribution): (&ast::Name, Distribution),
        values: &[Typed],
        arguments: &[ast::Expr],
    ) -> Option<Type> {
        // How many of the first arguments are pure numbers, and how a draw gets a unit.
        let (pure, example) = match distribution {
            Distribution::Uniform
            | Distribution::Normal
            | Distribution::Exponential
            | Distribution::TruncatedNormal => (0, ""),
            Distribution::Beta => (2, "beta(2, 3) * 1 nS"),
            Distribution::LogNormal => (2, "lognormal(0, 0.5) * 1 nS"),
            Distribution::Poisson => (1, "poisson(3) * 1 nS"),
            Distribution::Binomial => (2, "binomial(10, 0.5) * 1 nS"),
            Distribution::Bernoulli => (1, "bernoulli(0.5) * 1 nS"),
            Distribution::Gamma => (1, ""),
        };
        if let ([a, b], [left, right]) = (values, arguments)
            && !matches!(distribution, Distribution::Gamma | Distribution::Binomial | Distribution::Beta)
        {
            let what = format!("the two arguments of `{}`", name.node);
            let kind = self.same(a, b, (left.span, right.span), &what);
            if pure == 0 {
                return Some(kind);
            }
        }
        if let (Distribution::TruncatedNormal, [mean, others @ ..], [at, rest @ ..]) = (distribution, values, arguments)
        {
            let mut kind = mean.kind.clone();
            for (value, argument) in others.iter().zip(rest) {
                let what = format!("the arguments of `{}`", name.node);
                kind = self.same(&Typed { kind, ..mean.clone() }, value, (at.span, argument.span), &what);
            }
            return Some(kind);
        }
        for (value, argument) in values.iter().zip(arguments).take(pure) {
            if let Type::Number(unit) = &value.kind
                && !unit.dimension.is_none()
                && (distribution == Distribution::LogNormal || !unit.dimension.is_open())
            {
                let numbers = if values.len() == pure && pure > 1 { "pure numbers" } else { "a pure number" };
                let title = format!("`{}` needs {numbers}, not {}", name.node, unit.describe());
                let error = Diagnostic::error("E0303", title, argument.span, given_label(unit));
                self.push(match example {
                    "" => error.hint("its shape is a pure number, its scale has the unit of what is drawn"),
                    example => error.hint(format!("multiply the draw by a unit: `{example}`")),
                });
                return None;
            }
        }
        Some(match values.last() {
            Some(last) if values.len() > pure => last.kind.clone(),
            _ => Type::pure(),
        })
    }

    /// Reports arguments that a distribution does not have, if they are known.
    fn possible(
        &mut self,
        name: &ast::Name,
        distribution: Distribution,
        values: &[Typed],
        arguments: &[ast::Expr],
        scope: &Scope,
    ) {
        type Fits = fn(f64) -> bool;
        const COUNT: (Fits, &str) = (|x| (0.0..=LARGEST_COUNT).contains(&x), "from 0 to 10000000");
        const CHANCE: (Fits, &str) = (|x| (0.0..=1.0).contains(&x), "from 0 to 1");
        const POSITIVE: (Fits, &str) = (|x| x > 0.0, "above 0");
        const NOT_NEGATIVE: (Fits, &str) = (|x| x >= 0.0, "0 or above");
        const ANY: (Fits, &str) = (|_| true, "a number");
        let limits: &[(Fits, &str)] = match distribution {
            Distribution::Poisson => &[COUNT],
            Distribution::Binomial => {
                &[(|x| COUNT.0(x) && x.fract() == 0.0, "a whole number from 0 to 10000000"), CHANCE]
            }
            Distribution::Bernoulli => &[CHANCE],
            Distribution::Gamma => &[POSITIVE, NOT_NEGATIVE],
            Distribution::Beta => &[POSITIVE, POSITIVE],
            Distribution::TruncatedNormal => &[ANY, NOT_NEGATIVE],
            Distribution::Normal | Distribution::LogNormal => &[ANY, NOT_NEGATIVE],
            Distribution::Exponential => &[NOT_NEGATIVE],
            Distribution::Uniform => &[],
        };
        let expected = functions::distribution(&name.node).map_or(&[][..], |d| d.1);
        for ((((fits, range), what), value), argument) in limits.iter().zip(expected).zip(values).zip(arguments) {
            let known = if value.is_unknown() { None } else { evaluate(&value.expr, &self.parameters) };
            let open = |number: &f64| number.is_nan() && self.without_value(argument, scope);
            if let Some(number) = known.filter(|x| !fits(*x) && !open(x)) {
                let title = format!("`{what}` of `{}` must be {range}", name.node);
                self.error("E0526", title, argument.span, format!("this is {}", value.kind.unit().show(number)));
            }
        }
        // A uniform draw between two equal ends is that end.
        let (equal, wanted) = match distribution {
            Distribution::Uniform => (true, "must not be above"),
            Distribution::TruncatedNormal => (false, "must be below"),
            _ => return,
        };
        if let ([.., low, high], [.., from, to]) = (values, arguments)
            && !low.is_unknown()
            && !high.is_unknown()
            && let (Some(low), Some(high)) =
                (evaluate(&low.expr, &self.parameters), evaluate(&high.expr, &self.parameters))
            && (low > high || low == high && !equal)
        {
            let title = format!("`low` of `{}` {wanted} `high`", name.node);
            let label = if equal { "above" } else { "not below" };
            self.push(Diagnostic::error("E0526", title, from.span, label).also(to.span, "this"));
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
                     (mind the `~`), in `probability(…)` and `where(…)`, in `drive`, in outputs of receptors, and in `spike when`, `when`, `every` and `on …` of synapses; a state that is drawn in every step is `x(t + dt) = normal(…)` in a neuron, `every dt { x = normal(…) }` in a synapse, and in a neuron where several equations share the draw, \
                     noise in an equation is `xi`",
            ));
            return Typed::unknown();
        }
        if !values.iter().zip(arguments).all(|(v, a)| self.numeric(v, a.span, &format!("`{}`", name.node))) {
            return Typed::unknown();
        }
        let Some(kind) = self.drawn((name, distribution), &values, arguments) else { return Typed::unknown() };
        self.possible(name, distribution, &values, arguments, scope);
        let stream = self.draws;
        self.drawn_units.insert(stream, kind.unit());
        self.draws += if distribution == Distribution::Beta { 3 } else { 1 };
        match &values[..] {
            [x] => self.built(std::array::from_ref(x), kind, span, |[x]| Expr::Random(distribution, vec![x], stream)),
            [a, b] => {
                let both = [a.clone(), b.clone()];
                self.built(&both, kind, span, |[a, b]| Expr::Random(distribution, vec![a, b], stream))
            }
            [a, b, c, d] => {
                let all = [a, b, c, d].map(Typed::clone);
                self.built(&all, kind, span, |all| Expr::Random(distribution, all.to_vec(), stream))
            }
            _ => Typed::unknown(),
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
        let expected = function.arguments.len();
        let needed = function.arguments.iter().rposition(|a| a.value.is_none()).map_or(0, |last| last + 1);
        if values.len() < needed && needed < expected {
            let plural = if needed == 1 { "" } else { "s" };
            let title = format!("`{}` takes at least {needed} argument{plural}, not {}", name.node, values.len());
            let error = Diagnostic::error("E0209", title, span, format!("{} given", values.len()));
            self.push(error.hint(format!("write `{}({})`", name.node, what.join(", "))));
            return Typed::unknown();
        }
        if values.len() > expected || values.len() < needed {
            self.count_arguments(name, values.len(), expected, span, &what.join(", "));
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
        for argument in &function.arguments[arguments.len()..] {
            let value = self.default_argument(argument, &function.name, inside.file);
            inside.add(&argument.name.node, value, Role::Argument, argument.name.span);
        }
        let result = self.function_body(function, &mut inside);
        self.because.truncate(mark);
        self.active.pop();
        result
    }

    /// The default of an argument, which constants alone may be in.
    pub(crate) fn default_argument(&mut self, argument: &ast::Binding, function: &ast::Name, file: FileId) -> Typed {
        let Some(written) = &argument.value else { return Typed::unknown() };
        let value = self.expression(written, &Scope::of_file(file));
        let Some(unit) = argument.unit.as_ref().and_then(|unit| self.unit(unit, None)) else { return value };
        let what = format!("argument `{}` of `{}`", argument.name.node, function.node);
        match self.fits(&value, &unit, written.span, &what, Some(argument.span)) {
            true if matches!(value.kind, Type::Zero) => Typed { kind: Type::Number(unit), ..value },
            true => value,
            false => Typed::unknown(),
        }
    }

    /// What a function gives, with the values of its arguments in `scope`; its lets are added to it.
    pub(crate) fn function_body(&mut self, function: &ast::Function, scope: &mut Scope) -> Typed {
        for binding in &function.lets {
            let value = binding.value.as_ref().map_or_else(Typed::unknown, |written| self.expression(written, scope));
            let Some(value) = self.local_value(binding, value, scope, None) else { continue };
            scope.add(&binding.name.node, value, Role::Local, binding.name.span);
        }
        let mut result = self.expression(&function.body, scope);
        let Some(written) = &function.unit else { return result };
        let Some(unit) = self.unit(written, None) else { return Typed::unknown() };
        let what = format!("the result of `{}`", function.name.node);
        if !self.fits(&result, &unit, function.body.span, &what, Some(written.span)) {
            return Typed::unknown();
        }
        if matches!(result.kind, Type::Zero) {
            result.kind = Type::Number(unit);
        }
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
        let (inlined, terms, outermost) = (self.inlined, self.terms, self.outermost);
        let value = self.constant_value(binding, &Scope::of_file(file));
        (self.inlined, self.terms, self.outermost) = (inlined, terms, outermost);
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
