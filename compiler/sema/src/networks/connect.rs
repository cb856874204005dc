//! Connection rules and delays: numbers that are known before the run, checked against the sizes.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::{Last, bounds, bounds_of_known, walk};
use crate::expressions::scope::{Permits, Scope, Type};
use crate::expressions::units::Unit;
use crate::model::{BELOW_ZERO, BinaryOp, Connect, Delay, Expr, Function, Parameter, Population, Rule};
use crate::networks::convolution::MAPS;
use crate::networks::geometry::Grid;
use crate::networks::pairs::EXPLICIT;
use crate::networks::per_neuron::with_neurons;
use crate::networks::same_pairs::SAME_AS;
use crate::networks::standing::OF_SYNAPSES;
use crate::networks::subgroup::Neurons;
use crate::program::modules::list;
use bpc_syntax::ast::{self, ExprKind, Name};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use bpc_syntax::suggest::closest;
use std::rc::Rc;

/// Rules and what they take.
pub(crate) const RULES: &[(&str, &str)] = &[
    ("all_to_all", "all_to_all"),
    ("one_to_one", "one_to_one"),
    ("fixed_probability", "fixed_probability(p)"),
    ("fixed_in_degree", "fixed_in_degree(k)"),
    ("fixed_out_degree", "fixed_out_degree(k)"),
    ("fixed_total", "fixed_total(k)"),
    ("probability", "probability(p)"),
    ("where", "where(condition)"),
    ("small_world", "small_world(k, p)"),
    ("scale_free", "scale_free(m)"),
];

/// Arguments with a name that rules may have besides.
pub(crate) const NAMED: &[(&str, &[&str])] = &[
    ("scale_free", &["triads", "otherwise", "probability"]),
    ("fixed_in_degree", &[WHERE, PROPORTIONAL_TO]),
    ("fixed_out_degree", &[WHERE, PROPORTIONAL_TO]),
    ("fixed_total", &[WHERE, PROPORTIONAL_TO]),
];

/// The argument of degrees and totals that says which pairs they choose among.
pub(crate) const WHERE: &str = "where";
/// Their argument that says what they draw in proportion to.
pub(crate) const PROPORTIONAL_TO: &str = "proportional_to";

/// Rules that choose among the neurons of parts themselves; others do it by a condition on the index.
const OF_PARTS: &[&str] = &["fixed_in_degree", "fixed_out_degree", "fixed_total", "small_world", "scale_free"];

/// Options of rules.
pub(crate) const OPTIONS: &[&str] = &["no_self", "with_replacement", "without_replacement", SYMMETRIC];
/// An option of [`OF_PAIRS`].
const SYMMETRIC: &str = "symmetric";
/// Rules that decide of single pairs.
const OF_PAIRS: &[&str] = &["fixed_probability", "probability", "where"];
/// An option of `small_world` alone.
pub(crate) const UNDIRECTED: &str = "undirected";

/// `connect rule(arguments)` as it is written.
#[derive(Clone, Copy)]
pub(crate) struct Written<'c> {
    /// The rule.
    pub rule: &'c Name,
    /// What stands in the brackets.
    pub arguments: &'c [ast::Expr],
    /// What stands there with a name.
    pub named: &'c [ast::Binding],
    /// The clause.
    pub span: Span,
}

/// The populations of a pair.
pub(crate) struct Pair<'p> {
    /// Name and size of the source.
    pub source: (&'p str, Option<u64>),
    /// Name and size of the target.
    pub target: (&'p str, Option<u64>),
    /// Which neurons of source and target are meant, if not all.
    pub parts: [Option<Neurons>; 2],
    /// The grids that source and target are on.
    pub grids: [Option<Grid>; 2],
    /// Source and target.
    pub populations: Option<[&'p Population; 2]>,
}

impl Pair<'_> {
    pub(crate) fn is_recurrent(&self) -> bool {
        self.source.0 == self.target.0
    }
}

impl Checker<'_> {
    /// Reads `connect rule(…)` for one pair of populations.
    pub(crate) fn connect(&mut self, written: &Written<'_>, scope: &Scope, pair: &Pair<'_>) -> Option<Connect> {
        let Written { rule, arguments, named, span } = *written;
        if MAPS.iter().any(|map| map.name == rule.node) {
            return self.linear_map(written, scope, pair);
        }
        let known = NAMED.iter().find(|one| one.0 == rule.node).map_or(&[][..], |one| one.1);
        if let Some(twice) =
            (1..named.len()).find(|&at| named[..at].iter().any(|one| one.name.node == named[at].name.node))
        {
            let name = &named[twice].name;
            self.error("E0411", format!("`{}` is given twice", name.node), name.span, "again here");
            return None;
        }
        if let Some(first) = named.iter().find(|one| !known.contains(&one.name.node.as_str())) {
            let title = format!("`{}` has no argument `{}`", rule.node, first.name.node);
            let error = Diagnostic::error("E0411", title, first.span, "not one of its arguments");
            let with = MAPS.iter().map(|map| map.name).chain(NAMED.iter().map(|one| one.0));
            self.push(match known {
                [] => error.hint(format!("arguments with a name belong to {}", list(with))),
                _ => error.hint(format!("it has {}", list(known))),
            });
            return None;
        }
        if EXPLICIT.iter().any(|explicit| explicit.0 == rule.node) {
            return self.explicit(rule, arguments, span, scope, pair);
        }
        let Some((_, usage)) = RULES.iter().find(|r| r.0 == rule.node) else {
            let names = RULES.iter().map(|r| r.0).chain(EXPLICIT.iter().map(|r| r.0));
            let names =
                names.chain(MAPS.iter().map(|m| m.name)).chain([SAME_AS]).chain(OF_SYNAPSES.iter().map(|r| r.0));
            let error = Diagnostic::error(
                "E0411",
                format!("there is no connection rule `{}`", rule.node),
                rule.span,
                "not a rule",
            );
            self.push(match closest(&rule.node, names) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!(
                    "the rules are {}",
                    list(
                        RULES
                            .iter()
                            .map(|r| r.1)
                            .chain(EXPLICIT.iter().map(|r| r.1))
                            .chain(MAPS.iter().map(|m| m.usage))
                            .chain(["same_as(label)", "same_as(label, reversed)", "sources(label)", "targets(label)"])
                    )
                )),
            });
            return None;
        };
        let mut options: Vec<(&str, Span)> = Vec::new();
        let mut numbers: Vec<&ast::Expr> = Vec::new();
        for argument in arguments {
            match &argument.kind {
                ExprKind::Name(name)
                    if OPTIONS.contains(&name.as_str()) || rule.node == "small_world" && name == UNDIRECTED =>
                {
                    if let Some((_, first)) = options.iter().find(|o| o.0 == name) {
                        let error = Diagnostic::error(
                            "E0411",
                            format!("option `{name}` is given twice"),
                            argument.span,
                            "again here",
                        );
                        self.push(error.also(*first, "first here"));
                    }
                    options.push((name, argument.span));
                }
                ExprKind::Name(name)
                    if !scope.locals.contains_key(name) && closest(name, OPTIONS.iter().copied()).is_some() =>
                {
                    let error = Diagnostic::error(
                        "E0411",
                        format!("there is no option `{name}`"),
                        argument.span,
                        "not an option",
                    );
                    self.push(match closest(name, OPTIONS.iter().copied()) {
                        Some(near) => error.hint(format!("did you mean `{near}`?")),
                        None => error,
                    });
                    return None;
                }
                _ => numbers.push(argument),
            }
        }
        let expected = if usage.contains('(') { 1 + usage.matches(',').count() } else { 0 };
        if numbers.len() != expected {
            let takes = match (expected, rule.node.as_str()) {
                (0, _) => "no number",
                (1, "where") => "one condition",
                (1, _) => "one number",
                _ => "two numbers",
            };
            let title = format!("`{}` takes {takes}, not {}", rule.node, numbers.len());
            self.push(
                Diagnostic::error("E0411", title, span, format!("{} given", numbers.len()))
                    .hint(format!("write `connect {usage}`")),
            );
            return None;
        }
        let degree = rule.node.ends_with("_degree") || rule.node == "fixed_total";
        let replacement: Vec<&(&str, Span)> = options.iter().filter(|o| o.0.ends_with("_replacement")).collect();
        if let (false, [first, ..]) = (degree, replacement.as_slice()) {
            let title = format!("option `{}` means nothing for `{}`", first.0, rule.node);
            self.error("E0411", title, first.1, "only for `fixed_in_degree`, `fixed_out_degree` and `fixed_total`");
            return None;
        }
        let symmetric = options.iter().find(|o| o.0 == SYMMETRIC).map(|o| o.1);
        if let Some(span) = symmetric {
            if !OF_PAIRS.contains(&rule.node.as_str()) {
                let title = format!("option `{SYMMETRIC}` means nothing for `{}`", rule.node);
                let error = Diagnostic::error("E0411", title, span, "only for rules that decide of single pairs");
                self.push(error.hint(format!(
                    "these are {}; connections the other way round are `same_as(…, reversed)`",
                    list(OF_PAIRS)
                )));
                return None;
            }
            if !self.within("`symmetric` connects neurons", span, pair) {
                return None;
            }
        }
        let undirected = options.iter().any(|o| o.0 == UNDIRECTED);
        let wrong = options.iter().find(|o| o.0 != UNDIRECTED);
        if let ("small_world" | "scale_free", Some(first)) = (rule.node.as_str(), wrong) {
            let title = format!("option `{}` means nothing for `{}`", first.0, rule.node);
            self.error("E0411", title, first.1, "it never connects a neuron to itself");
            return None;
        }
        if let [first, second, ..] = replacement.as_slice()
            && first.0 != second.0
        {
            let error = Diagnostic::error(
                "E0411",
                "`with_replacement` and `without_replacement` exclude each other",
                second.1,
                "this",
            );
            self.push(error.also(first.1, "and this"));
            return None;
        }
        let allow_self = !options.iter().any(|o| o.0 == "no_self");
        let with_replacement = options.iter().any(|o| o.0 == "with_replacement");
        if let ("probability" | "where", Some(written)) = (rule.node.as_str(), numbers.first()) {
            let connect = self.pairwise(rule.node == "where", written, scope, pair, allow_self)?;
            // A neuron and itself are the same pair either way round.
            let symmetric = symmetric.is_some() && connect.rule != Rule::OneToOne;
            return Some(Connect { symmetric, ..connect });
        }
        let own = OF_PARTS.contains(&rule.node.as_str());
        if pair.is_part() && !own {
            let connect = self.connect_parts((rule, span), numbers.first().copied(), scope, pair, allow_self)?;
            return Some(Connect { symmetric: symmetric.is_some(), ..connect });
        }
        let given = |name: &str| named.iter().find(|one| one.name.node == name).and_then(|one| one.value.as_ref());
        let condition = given(WHERE).map(|written| self.condition(written, scope, pair));
        let possible = condition.as_ref().and_then(Option::as_ref);
        let number =
            given(PROPORTIONAL_TO).map(|written| self.proportional(written, scope, pair, (allow_self, possible)));
        let proportional = number.is_some();
        let condition = match (condition, number) {
            (Some(None), _) | (_, Some(None)) => return None,
            (condition, number) => number.flatten().or(condition.flatten()),
        };
        let rule = match (rule.node.as_str(), numbers.first()) {
            ("all_to_all", _) => Rule::AllToAll,
            ("one_to_one", _) => self.one_to_one(span, pair)?,
            ("fixed_probability", Some(number)) => Rule::FixedProbability(self.probability(number, scope)?),
            ("fixed_in_degree", Some(number)) => {
                let degree = self.degree(number, scope, pair, 0, allow_self, with_replacement)?;
                Rule::FixedInDegree { degree, with_replacement }
            }
            ("fixed_total", Some(number)) => self.total(number, scope, pair, allow_self, with_replacement)?,
            ("small_world", Some(number)) => {
                self.small_world((number, numbers.get(1)?), undirected, span, scope, pair)?
            }
            ("scale_free", Some(number)) => self.scale_free(number, named, span, scope, pair)?,
            (_, Some(number)) => {
                let degree = self.degree(number, scope, pair, 1, allow_self, with_replacement)?;
                Rule::FixedOutDegree { degree, with_replacement }
            }
            _ => return None,
        };
        let parts = (pair.is_part() && own).then(|| pair.extents());
        let symmetric = symmetric.is_some();
        Some(Connect { parts, symmetric, proportional, probability: condition, ..Connect::of(rule, allow_self) })
    }

    fn one_to_one(&mut self, span: Span, pair: &Pair<'_>) -> Option<Rule> {
        let ((source, n), (target, m)) = (pair.source, pair.target);
        if let (Some(n), Some(m)) = (n, m)
            && n != m
        {
            let title = format!("`one_to_one` needs equal sizes, but `{source}` has {n} neurons and `{target}` {m}");
            self.error("E0412", title, span, "sizes differ");
            return None;
        }
        Some(Rule::OneToOne)
    }

    pub(crate) fn probability(&mut self, written: &ast::Expr, scope: &Scope) -> Option<f64> {
        let value = self.top(written, scope);
        if !self.fits(&value, &Unit::none(), written.span, "a probability", None) {
            return None;
        }
        let p = self.fixed(&value, written.span, "a probability")?;
        if !(0.0..=1.0).contains(&p) {
            self.error(
                "E0409",
                format!("a probability must be between 0 and 1, but this is {p}"),
                written.span,
                format!("this is {p}"),
            );
            return None;
        }
        Some(p)
    }

    fn degree(
        &mut self,
        written: &ast::Expr,
        scope: &Scope,
        pair: &Pair<'_>,
        pool: usize,
        allow_self: bool,
        with_replacement: bool,
    ) -> Option<u64> {
        let degree = self.whole_expression(written, scope, "a degree")?;
        let Some(size) = pair.counts()[pool] else { return Some(degree) };
        // Of parts that overlap, some neurons have one fewer to choose from.
        let available = if pair.common() > 0 && !allow_self { size - 1 } else { size };
        let impossible = if with_replacement { available == 0 && degree > 0 } else { degree > available };
        if impossible {
            let name = pair.shown(pool);
            let title = format!("{degree} different neurons cannot be drawn from {name}, which offers {available}");
            let error = Diagnostic::error("E0410", title, written.span, format!("this is {degree}"));
            self.push(error.hint("lower it, or allow the same neuron to be drawn again: `with_replacement`"));
            return None;
        }
        Some(degree)
    }

    /// Reads `delay …` of a pair whose rule lists so many connections; the rule is `None` if it could not be read.
    pub(crate) fn delay(
        &mut self,
        (word, random, written): (&str, bool, &ast::Expr),
        scope: &Scope,
        (pair, listed): (&Pair<'_>, Option<Option<u64>>),
    ) -> Option<Delay> {
        let number = random && scope.permits.number;
        let scope = scope.permitting(Permits { random, pair: random, number, ..Permits::default() });
        let value = self.top(written, &scope);
        let ms = Unit::named("ms");
        if matches!(value.kind, Type::Zero) && !random {
            self.short_delay(word, 0.0, written.span);
            return None;
        }
        if value.is_unknown() || !self.fits(&value, &ms, written.span, "a delay", None) {
            return None;
        }
        if random {
            let written_out = pair.populations.map(|[source, target]| with_neurons(&value.expr, source, target));
            let written_out = written_out.as_ref().unwrap_or(&value.expr);
            let [sources, targets] = [pair.source.1, pair.target.1].map(|size| size.unwrap_or(1));
            let last = Last::of(sources, targets).listed(listed.flatten());
            let low = bounds_of_known(written_out, &self.parameters, last).map_or(f64::NEG_INFINITY, |(low, _)| low);
            let Some(high) = highest(written_out, &self.parameters, last) else {
                let mut numbered = false;
                walk(written_out, &mut |e| numbered |= *e == Expr::PairIndex);
                // How many connections are listed could not be read either, which has been told.
                if !(numbered && listed.is_none()) {
                    let title = "the longest delay cannot be told";
                    let error = Diagnostic::error("E0413", title, written.span, "no bound");
                    self.push(error.hint("limit it: `min(…, 20 ms)`"));
                }
                return None;
            };
            if high < 0.0 {
                let title = "a delay cannot be below zero, but this is for every synapse";
                let label = format!("at most {}", ms.show(brief(high)));
                let error = Diagnostic::error("E0413", title, written.span, label);
                self.push(error.hint("a spike arrives in the next step at the earliest"));
                return None;
            }
            let max_steps = self.steps(high.max(self.dt), written.span)?;
            // Without bounds of all values, there may be none: delays are asked for where there are several.
            let known = bounds(written_out, &self.parameters, last).is_some();
            let max_steps = if known { max_steps } else { max_steps.max(2) };
            let (mut drawn, mut partial) = (false, !known);
            walk(written_out, &mut |e| {
                drawn |= matches!(e, Expr::Random(..) | Expr::NeuronDraw { .. });
                // Bounds say nothing of where a logarithm has no value, or is far below zero.
                partial |=
                    matches!(e, Expr::Call(Function::Log | Function::Log1p | Function::Log2 | Function::Log10, _));
            });
            if drawn || low >= 0.0 && !partial {
                return Some(Delay::PerSynapse { value: value.expr, max_steps });
            }
            // Whether a connected pair has a delay below zero is seen when the network is built: delays are asked for where
            // there are several.
            return Some(Delay::PerSynapse { value: marked_below_zero(value.expr), max_steps: max_steps.max(2) });
        }
        let delay = self.fixed(&value, written.span, "a delay")?;
        if delay < self.dt * (1.0 - 1e-6) {
            self.short_delay(word, delay, written.span);
            return None;
        }
        let steps = delay / self.dt;
        if (steps - steps.round()).abs() > 1e-6 * steps.round() {
            let title = format!("a delay of {} is {} steps of {}", ms.show(delay), brief(steps), ms.show(self.dt));
            let error = Diagnostic::error("E0414", title, written.span, "not a whole number of steps");
            let near = steps.round() * self.dt;
            self.push(error.hint(format!("the nearest that is: {}", ms.show(near))));
            return None;
        }
        self.steps(delay, written.span).map(Delay::Uniform)
    }

    fn short_delay(&mut self, word: &str, delay: f64, span: Span) {
        let ms = Unit::named("ms");
        let title = format!("a delay of {} is shorter than the step of {}", ms.show(delay), ms.show(self.dt));
        let error = Diagnostic::error("E0413", title, span, "too short");
        self.push(
            error.hint(format!("a spike arrives in the next step at the earliest; without `{word}` it takes one step")),
        );
    }

    /// The number of steps nearest to a time, at least 1.
    fn steps(&mut self, time: f64, span: Span) -> Option<u64> {
        let steps = (time / self.dt).round().max(1.0);
        if steps > 1e9 {
            self.error("E0408", format!("a delay of {steps} steps is too long"), span, "too long");
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 1 to 1e9
        Some(steps as u64)
    }
}

/// The greatest value of an expression, where it has one; of a minimum, one side is enough.
fn highest(expr: &Expr, parameters: &[Parameter], last: Last) -> Option<f64> {
    if let (None, Expr::Call(Function::Min, arguments)) = (bounds_of_known(expr, parameters, last), expr) {
        let sides = arguments.iter().filter_map(|side| highest(side, parameters, last));
        return sides.min_by(f64::total_cmp);
    }
    bounds_of_known(expr, parameters, last).map(|(_, high)| high)
}

/// A delay that nothing draws, with [`BELOW_ZERO`] in the place of what is below zero: draws are cut to one step there, but
/// what data or an expression says is a mistake.
fn marked_below_zero(delay: Expr) -> Expr {
    let delay = Rc::new(delay);
    let below = Expr::Binary(BinaryOp::Less, delay.clone(), Rc::new(Expr::Number(0.0)));
    Expr::If(Rc::new(below), Rc::new(Expr::Number(BELOW_ZERO)), delay)
}

/// A number without the noise of its last digits.
pub(crate) fn brief(number: f64) -> f64 {
    format!("{number:.8e}").parse().unwrap_or(number)
}
