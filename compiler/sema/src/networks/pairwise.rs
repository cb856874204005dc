//! Rules beyond a single degree or probability: totals, pairs with a probability of their own, and
//! graphs within one population.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::{Last, bounds, evaluate_at, walk};
use crate::expressions::scope::{Permits, Scope};
use crate::expressions::units::Unit;
use crate::model::{BinaryOp, Connect, Expr, Growth, Rule};
use crate::networks::connect::Pair;
use crate::networks::per_neuron::with_neurons;
use crate::networks::typical::typical;
use bpc_syntax::ast;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::rc::Rc;

/// Pairs that are tried before the run, to tell mistakes early and to estimate memory.
const TRIED: u64 = 1 << 14;
/// Pairs that are tried where data decides: as many as data has elements.
const TRIED_OF_DATA: u64 = 1 << 25;
/// How far a value may be beyond 0 or 1 when tried: the run computes with its own functions.
const TOLERANCE: f64 = 1e-9;

/// The probability of what is so if a condition holds.
fn certain(condition: Expr) -> Expr {
    let [yes, no] = [1.0, 0.0].map(|x| Rc::new(Expr::Number(x)));
    Expr::If(Rc::new(condition), yes, no)
}

/// What pairs are drawn in proportion to, of those for which a condition (1 or 0) holds.
fn where_possible(condition: Expr, number: Expr) -> Expr {
    let (none, condition) = (Rc::new(Expr::Number(0.0)), Rc::new(condition));
    let holds = Expr::Binary(BinaryOp::Greater, condition, none.clone());
    Expr::If(Rc::new(holds), Rc::new(number), none)
}

/// Pairs for which an expression is tried before the run.
struct Tried {
    /// The first neurons of source and target.
    first: [u64; 2],
    /// How many sources and targets; one of a side on which nothing depends.
    counts: [u64; 2],
    /// Whether it depends on the source, and on the target.
    depends: [bool; 2],
    /// Whether a neuron is no pair with itself.
    distinct: bool,
    /// Whether what is drawn of neurons decides, which is not known yet: it serves for a mean, but proves nothing.
    drawn: bool,
    /// Whether data decides.
    of_data: bool,
}

impl Tried {
    /// `None` if there is no pair.
    fn of(expr: &Expr, pair: &Pair<'_>, allow_self: bool) -> Option<Tried> {
        let [(first_source, sources), (first_target, targets)] = pair.extents();
        let (mut drawn, mut of_data, mut by_source, mut by_target) = (false, false, false, false);
        walk(expr, &mut |e| match e {
            Expr::NeuronDraw { of_source, .. } => {
                drawn = true;
                by_source |= of_source;
                by_target |= !of_source;
            }
            Expr::Element(_) => of_data = true,
            Expr::SourceIndex => by_source = true,
            Expr::Index => by_target = true,
            _ => {}
        });
        let distinct = pair.is_recurrent() && !allow_self;
        if distinct && pair.target.1.unwrap_or(1) == 1 {
            return None;
        }
        // What does not depend on a side is tried with one neuron of it.
        let counts = [if by_source { sources } else { 1 }, if by_target { targets } else { 1 }];
        let (first, depends) = ([first_source, first_target], [by_source, by_target]);
        Some(Tried { first, counts, depends, distinct, drawn, of_data })
    }

    /// How many there are in all.
    fn all(&self) -> u64 {
        self.counts[0].saturating_mul(self.counts[1])
    }

    /// All pairs, or some, spread evenly.
    fn pairs(&self, whole: bool) -> impl Iterator<Item = (u64, u64)> + '_ {
        // Multiples of the golden ratio and of the root of 2 spread evenly over both indices.
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // below 2^31
        let spread = |k: u64, ratio: f64, size: u64| ((k as f64 * ratio).fract() * size as f64) as u64;
        let [rows, columns] = self.counts;
        (0..if whole { self.all() } else { TRIED }).filter_map(move |k| {
            let (row, column) = if whole {
                (k / columns, k % columns)
            } else {
                (spread(k, 0.618_033_988_749_894_9, rows), spread(k, std::f64::consts::SQRT_2, columns))
            };
            let (i, j) = (self.first[0] + row, self.first[1] + column);
            match (self.distinct && i == j, self.depends) {
                (false, _) => Some((i, j)),
                (true, [true, true]) => None,
                (true, [true, false]) => Some((i, u64::from(i == 0))),
                (true, [false, _]) => Some((u64::from(j == 0), j)),
            }
        })
    }
}

/// `i == j`, either way round.
fn is_diagonal(condition: &Expr) -> bool {
    let Expr::Binary(BinaryOp::Equal, a, b) = condition else { return false };
    matches!((&**a, &**b), (Expr::SourceIndex, Expr::Index) | (Expr::Index, Expr::SourceIndex))
}

impl Checker<'_> {
    /// What degrees and totals draw in proportion to: 0 for pairs that are none, because `condition` is 0 or the parts lack them.
    pub(crate) fn proportional(
        &mut self,
        written: &ast::Expr,
        scope: &Scope,
        pair: &Pair<'_>,
        (allow_self, condition): (bool, Option<&Expr>),
    ) -> Option<Expr> {
        let scope = scope.permitting(Permits { random: true, pair: true, ..Permits::default() });
        let value = self.top(written, &scope);
        if value.is_unknown() || !self.numeric(&value, written.span, "`proportional_to`") {
            return None;
        }
        let number = match condition {
            Some(condition) => where_possible(condition.clone(), value.expr),
            None => value.expr,
        };
        self.try_proportions(&number, pair, allow_self, written.span)?;
        Some(pair.limited(number))
    }

    /// Reports a number that nothing can be in proportion to, as far as that can be seen before the run.
    fn try_proportions(&mut self, written: &Expr, pair: &Pair<'_>, allow_self: bool, span: Span) -> Option<()> {
        let expr = match pair.populations {
            Some([source, target]) => with_neurons(written, source, target),
            None => written.clone(),
        };
        let last = Last::of(pair.source.1.unwrap_or(1), pair.target.1.unwrap_or(1));
        let hint = "what pairs are drawn in proportion to is a number from 0 on; pairs with 0 are not connected";
        let limits = bounds(&expr, &self.parameters, last);
        if let Some((low, high)) = limits.filter(|(_, high)| *high <= 0.0) {
            let title = "what neurons are drawn in proportion to is above zero for no pair";
            let label = if low == high { format!("this is {high}") } else { format!("at most {high}") };
            self.push(Diagnostic::error("E0554", title, span, label).hint(hint));
            return None;
        }
        let Some(tried) = Tried::of(&expr, pair, allow_self).filter(|tried| !tried.drawn) else { return Some(()) };
        if limits.is_some_and(|(low, _)| low >= 0.0) {
            return Some(());
        }
        for (i, j) in tried.pairs(tried.all() <= TRIED) {
            #[allow(clippy::cast_precision_loss)] // below 2^31
            let Some(value) = evaluate_at(&expr, &self.parameters, Some((i as f64, j as f64))) else { break };
            if value.is_nan() || value < 0.0 {
                let title = format!(
                    "neuron {i} of `{}` and neuron {j} of `{}` cannot be drawn in proportion to {value}",
                    pair.source.0, pair.target.0
                );
                self.push(Diagnostic::error("E0554", title, span, "not above or at zero for all pairs").hint(hint));
                return None;
            }
        }
        Some(())
    }

    /// `probability(p)` and `where(condition)`.
    pub(crate) fn pairwise(
        &mut self,
        condition: bool,
        written: &ast::Expr,
        scope: &Scope,
        pair: &Pair<'_>,
        allow_self: bool,
    ) -> Option<Connect> {
        let scope = scope.permitting(Permits { random: true, pair: true, ..Permits::default() });
        let value = self.top(written, &scope);
        if value.is_unknown() {
            return None;
        }
        if condition {
            if !self.truth(&value, written.span, "`where`") {
                return None;
            }
        } else if !self.fits(&value, &Unit::none(), written.span, "a probability", None) {
            return None;
        }
        let sizes = [pair.source.1, pair.target.1];
        if condition && is_diagonal(&value.expr) && !pair.is_part() && sizes[0].is_some() && sizes[0] == sizes[1] {
            // As many pairs as neurons, not as the square of them, need a look then.
            return Some(Connect::of(Rule::OneToOne, allow_self));
        }
        let expr = if condition { certain(value.expr) } else { value.expr };
        let mean = self.try_pairs(&expr, pair, allow_self, written.span)? * pair.share();
        let probability = Some(pair.limited(expr));
        Some(Connect { probability, ..Connect::of(Rule::Pairwise { mean }, allow_self) })
    }

    /// The pairs that a degree or a total chooses among: 1 for these, 0 for others.
    pub(crate) fn condition(&mut self, written: &ast::Expr, scope: &Scope, pair: &Pair<'_>) -> Option<Expr> {
        let scope = scope.permitting(Permits { random: true, pair: true, ..Permits::default() });
        let value = self.top(written, &scope);
        if value.is_unknown() || !self.truth(&value, written.span, "`where`") {
            return None;
        }
        Some(pair.limited(certain(value.expr)))
    }

    /// The mean over some pairs (all, if they are few, or data decides that proves nothing as a whole); reports a value
    /// that is no probability. Parameters have their defaults.
    fn try_pairs(&mut self, written: &Expr, pair: &Pair<'_>, allow_self: bool, span: Span) -> Option<f64> {
        let (written_out, typical) = match pair.populations {
            Some([source, target]) => (with_neurons(written, source, target), typical(written, source, target)),
            None => (written.clone(), written.clone()),
        };
        let expr = &typical;
        let Some(tried) = Tried::of(expr, pair, allow_self) else { return Some(0.0) };
        let (all_sources, all_targets) = (pair.source.1.unwrap_or(1), pair.target.1.unwrap_or(1));
        let drawn = tried.drawn;
        let all = tried.all();
        let legal = |value: f64| (-TOLERANCE..=1.0 + TOLERANCE).contains(&value);
        let limits = bounds(&written_out, &self.parameters, Last::of(all_sources, all_targets));
        if let Some((low, high)) = limits.filter(|(low, high)| drawn && (*low > 1.0 + TOLERANCE || *high < -TOLERANCE))
        {
            let title = "this is a probability for no pair";
            let error = Diagnostic::error("E0470", title, span, format!("between {low} and {high}, whatever is drawn"));
            self.push(error.hint("limit it: `min(…, 1)`, `max(0, …)`"));
            return None;
        }
        let proven = || limits.is_some_and(|(low, high)| legal(low) && legal(high));
        let whole = all <= TRIED || tried.of_data && !drawn && all <= TRIED_OF_DATA && !proven();
        let (mut sum, mut count) = (0.0, 0_u64);
        for (i, j) in tried.pairs(whole) {
            #[allow(clippy::cast_precision_loss)] // below 2^31
            let at = (i as f64, j as f64);
            let Some(value) = evaluate_at(expr, &self.parameters, Some(at)) else { return Some(1.0) };
            if !drawn && !legal(value) {
                let title = format!(
                    "the probability that neuron {i} of `{}` connects to neuron {j} of `{}` is {value}",
                    pair.source.0, pair.target.0
                );
                let mut error = Diagnostic::error("E0470", title, span, "not between 0 and 1 for all pairs");
                for (element, declared) in self.elements_at(expr, at) {
                    error = error.also(declared, format!("`{element}` decides"));
                }
                self.push(error.hint("limit it: `min(…, 1)`, `max(0, …)`"));
                return None;
            }
            sum += if value.is_nan() { 1.0 } else { value.clamp(0.0, 1.0) };
            count += 1;
        }
        #[allow(clippy::cast_precision_loss)] // at most 2^25
        Some(if count == 0 { 0.0 } else { sum / count as f64 })
    }

    /// The elements of data that decide for one pair, with where their data is declared.
    fn elements_at(&self, expr: &Expr, at: (f64, f64)) -> Vec<(String, Span)> {
        let mut found = Vec::new();
        walk(expr, &mut |e| {
            if let Expr::Element(element) = e {
                let places = element.places.iter().map(|place| evaluate_at(place, &self.parameters, Some(at)));
                let places: Option<Vec<String>> = places.map(|place| Some(place?.to_string())).collect();
                let named = places.map(|places| format!("{}[{}]", element.data.name, places.join(", ")));
                found.extend(named.map(|named| (named, element.data.span)));
            }
        });
        found.dedup();
        found
    }

    /// `fixed_total(k)`
    pub(crate) fn total(
        &mut self,
        written: &ast::Expr,
        scope: &Scope,
        pair: &Pair<'_>,
        allow_self: bool,
        with_replacement: bool,
    ) -> Option<Rule> {
        let total = self.whole_expression(written, scope, "a total")?;
        if let [Some(sources), Some(targets)] = pair.counts() {
            let excluded = if allow_self { 0 } else { pair.common() };
            let pairs = sources.saturating_mul(targets).saturating_sub(excluded);
            if total > 0 && if with_replacement { pairs == 0 } else { total > pairs } {
                let (from, to) = (pair.shown(0), pair.shown(1));
                let title = format!("{total} different pairs cannot be drawn: {from} and {to} have {pairs}");
                let error = Diagnostic::error("E0474", title, written.span, format!("this is {total}"));
                self.push(error.hint("lower it, or allow the same pair to be drawn again: `with_replacement`"));
                return None;
            }
        }
        Some(Rule::FixedTotal { total, with_replacement })
    }

    /// Whether source and target are one population, or one part of it; reports it if not.
    pub(crate) fn within(&mut self, what: &str, span: Span, pair: &Pair<'_>) -> bool {
        let one = pair.is_recurrent() && pair.extents()[0] == pair.extents()[1];
        if !one {
            let title =
                format!("{what} within one population, but this is from {} to {}", pair.shown(0), pair.shown(1));
            let label = if pair.is_recurrent() { "two parts" } else { "two populations" };
            self.error("E0471", title, span, label);
        }
        one
    }

    /// `small_world(k, p)`
    pub(crate) fn small_world(
        &mut self,
        (degree, rewired): (&ast::Expr, &ast::Expr),
        undirected: bool,
        span: Span,
        scope: &Scope,
        pair: &Pair<'_>,
    ) -> Option<Rule> {
        let within = self.within("`small_world` is a graph", span, pair);
        let number = self.whole_expression(degree, scope, "the number of neighbours");
        let rewired = self.probability(rewired, scope);
        let number = number?;
        if number % 2 != 0 || pair.counts()[1].is_some_and(|size| number >= size) {
            let title =
                format!("a neuron on a ring has an even number of neighbours, below the ring's size, not {number}");
            self.error("E0475", title, degree.span, format!("this is {number}"));
            return None;
        }
        within.then_some(Rule::SmallWorld { degree: number, rewired: rewired?, undirected })
    }

    /// `scale_free(m)`, `scale_free(m, triads = p)`, `scale_free(m, otherwise = n, probability = p)`
    pub(crate) fn scale_free(
        &mut self,
        edges: &ast::Expr,
        named: &[ast::Binding],
        span: Span,
        scope: &Scope,
        pair: &Pair<'_>,
    ) -> Option<Rule> {
        let within = self.within("`scale_free` is a graph", span, pair);
        let number = self.new_edges(edges, scope, pair);
        let given = |name: &str| named.iter().find(|one| one.name.node == name).and_then(|one| one.value.as_ref());
        let growth = match (given("triads"), given("otherwise"), given("probability")) {
            (None, None, None) => Some(Growth::Preference),
            (Some(triads), None, None) => {
                self.probability(triads, scope).map(|probability| Growth::Triads { probability })
            }
            (None, Some(otherwise), Some(probability)) => {
                let otherwise = self.new_edges(otherwise, scope, pair);
                let probability = self.probability(probability, scope);
                otherwise.zip(probability).map(|(otherwise, probability)| Growth::Dual { otherwise, probability })
            }
            _ => {
                let title = "`scale_free` grows in one of three ways";
                let error = Diagnostic::error("E0411", title, span, "these do not belong together");
                self.push(error.hint(
                    "write `scale_free(m)`, `scale_free(m, triads = p)` or `scale_free(m, otherwise = n, probability = p)`",
                ));
                None
            }
        };
        let (edges, growth) = (number?, growth?);
        within.then_some(Rule::ScaleFree { edges, growth })
    }

    /// How many others a new neuron joins.
    fn new_edges(&mut self, edges: &ast::Expr, scope: &Scope, pair: &Pair<'_>) -> Option<u64> {
        let number = self.whole_expression(edges, scope, "the number of edges")?;
        if number == 0 || pair.counts()[1].is_some_and(|size| number >= size) {
            let title = format!("a new neuron joins at least one and fewer than all others, not {number}");
            self.error("E0475", title, edges.span, format!("this is {number}"));
            return None;
        }
        Some(number)
    }
}
