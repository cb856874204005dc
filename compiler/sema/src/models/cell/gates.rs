//! Gates and schemes of channels as states with equations, which start where they stand still.

use super::Assembly;
use super::naming::{Naming, binary, named, number, sum};
use crate::expressions::checker::Checker;
use bpc_syntax::ast::{
    BinaryOp, Binding, Equation, Expr, ExprKind, Gate, Member, Name, Scheme, Spanned, Unit, UnitFactor,
};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use bpc_syntax::suggest::closest;
use std::collections::{BTreeMap, BTreeSet};

/// What a gate can be given by.
pub(crate) const ENTRIES: [&str; 4] = ["alpha", "beta", "inf", "tau"];

/// More ways through a scheme than this make its steady state too long.
const MOST_TREES: usize = 64;

/// A scheme that needs more trials to find them has too many loops as well.
const MOST_TRIALS: usize = 2_000;

/// More states than this make a scheme too large.
const MOST_STATES: usize = 32;

/// `ms`, `ms^-1`, or 1 with no exponent.
fn unit(exponent: i32, span: Span) -> Unit {
    let symbol = Spanned { node: "ms".to_owned(), span };
    let factors = if exponent == 0 { Vec::new() } else { vec![UnitFactor { symbol, exponent: (exponent, 1) }] };
    Unit { factors, span }
}

fn quotient(a: Expr, b: Expr, span: Span) -> Expr {
    binary(BinaryOp::Divide, a, b, span)
}

impl Assembly {
    /// `let name : unit = value`
    pub(super) fn define(&mut self, name: Name, unit: Option<Unit>, value: Expr) {
        let span = value.span;
        self.members.push(Member::Let(Binding {
            doc: String::new(),
            name,
            unit,
            value: Some(value),
            random: false,
            span,
        }));
    }

    /// A name of which nothing can be known, since something wrong with it has been reported.
    fn give_up(&mut self, name: Name) {
        let value = Expr { kind: ExprKind::Error, span: name.span };
        self.define(name, None, value);
    }

    /// A state of the unit 1 with an equation, and where it starts.
    fn relaxing(&mut self, name: Name, doc: &str, span: Span, derivative: Expr, start: Expr) {
        let unit = Some(unit(0, name.span));
        self.members.push(Member::State(Binding {
            doc: doc.to_owned(),
            name: name.clone(),
            unit,
            value: None,
            random: false,
            span,
        }));
        self.members.push(Member::Equation(Equation { state: name.clone(), derivative, span }));
        self.starts.push((name, start));
    }
}

impl Checker<'_> {
    /// `gate m { alpha = … beta = … }`: m' = alpha (1 - m) - beta m;
    /// `gate h { inf = … tau = … }`: h' = (inf - h) / tau.
    pub(super) fn gate(&mut self, assembly: &mut Assembly, naming: &Naming, gate: &Gate) {
        if self.whole_gate(assembly, naming, gate).is_none() {
            assembly.give_up(naming.name(&gate.name));
        }
    }

    fn whole_gate(&mut self, assembly: &mut Assembly, naming: &Naming, gate: &Gate) -> Option<()> {
        let mut entries: BTreeMap<&str, &Binding> = BTreeMap::new();
        for entry in &gate.entries {
            let name = entry.name.node.as_str();
            if !ENTRIES.contains(&name) {
                let title = format!("a gate has no `{name}`");
                let error = Diagnostic::error("E0430", title, entry.name.span, "not part of a gate");
                self.push(match closest(name, ENTRIES) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint("a gate is given by `alpha` and `beta`, or by `inf` and `tau`"),
                });
                return None;
            }
            if let Some(first) = entries.insert(name, entry) {
                let title = format!("`{name}` of gate `{}` is given twice", gate.name.node);
                let error = Diagnostic::error("E0430", title, entry.span, "given again here");
                self.push(error.also(first.span, "first given here"));
                return None;
            }
        }
        let given: Vec<&str> = ENTRIES.into_iter().filter(|e| entries.contains_key(e)).collect();
        let span = gate.span;
        let part = |name: &str| named(naming.full(&format!("{}.{name}", gate.name.node)), span);
        let own = || named(naming.full(&gate.name.node), span);
        let (units, derivative, start) = match given.as_slice() {
            ["alpha", "beta"] => {
                let closed = binary(BinaryOp::Subtract, number("1", span), own(), span);
                let opening = binary(BinaryOp::Multiply, part("alpha"), closed, span);
                let closing = binary(BinaryOp::Multiply, part("beta"), own(), span);
                let both = sum([part("alpha"), part("beta")], span);
                let derivative = binary(BinaryOp::Subtract, opening, closing, span);
                ([-1, -1], derivative, quotient(part("alpha"), both, span))
            }
            ["inf", "tau"] => {
                let distance = binary(BinaryOp::Subtract, part("inf"), own(), span);
                ([0, 1], quotient(distance, part("tau"), span), part("inf"))
            }
            _ => {
                let title = format!("gate `{}` is not given completely", gate.name.node);
                let label = match given.as_slice() {
                    [] => "nothing is given".to_owned(),
                    given => format!("given by {}", crate::program::modules::list(given)),
                };
                let error = Diagnostic::error("E0430", title, gate.name.span, label);
                self.push(match given.as_slice() {
                    ["inf"] => error.hint("add `tau`; without a time constant it is `let`, not a gate"),
                    _ => error.hint("a gate is given by `alpha` and `beta`, or by `inf` and `tau`"),
                });
                return None;
            }
        };
        for (entry, exponent) in given.into_iter().zip(units) {
            let written = entries[entry];
            let full = Spanned { node: naming.full(&format!("{}.{entry}", gate.name.node)), span: written.name.span };
            if let Some(value) = &written.value {
                assembly.define(full, Some(unit(exponent, written.name.span)), naming.expression(value));
            }
        }
        assembly.relaxing(naming.name(&gate.name), &gate.doc, span, derivative, start);
        Some(())
    }

    /// `scheme { C <-> O (a, b) }`: the occupancies of the states of a Markov scheme. The first one
    /// named is what the others leave of 1.
    pub(super) fn scheme(&mut self, assembly: &mut Assembly, naming: &Naming, scheme: &Scheme) {
        let names = occupancies(scheme);
        if self.whole_scheme(assembly, naming, scheme, &names).is_none() {
            names.into_iter().for_each(|name| assembly.give_up(naming.name(name)));
        }
    }

    fn whole_scheme(
        &mut self,
        assembly: &mut Assembly,
        naming: &Naming,
        scheme: &Scheme,
        names: &[&Name],
    ) -> Option<()> {
        let span = scheme.span;
        if names.len() > MOST_STATES {
            let title = format!("a scheme has at most {MOST_STATES} states, not {}", names.len());
            self.error("E0431", title, names[MOST_STATES].span, "one too many");
            return None;
        }
        let edges = self.transitions(assembly, naming, scheme, names)?;
        let weights = self.steady_weights(scheme, names, &edges)?;
        let own = |i: usize| named(naming.full(&names[i].node), span);
        for state in 1..names.len() {
            let flow = |rate: &Expr, from: usize| binary(BinaryOp::Multiply, rate.clone(), own(from), span);
            let gains = edges.iter().filter(|e| e.to == state).map(|e| flow(&e.rate, e.from));
            let losses = edges.iter().filter(|e| e.from == state).map(|e| flow(&e.rate, state));
            let (gains, losses) = (sum(gains, span), sum(losses, span));
            let derivative = binary(BinaryOp::Subtract, gains, losses, span);
            let start = quotient(weights[state].clone(), sum(weights.iter().cloned(), span), span);
            assembly.relaxing(naming.name(names[state]), "", span, derivative, start);
        }
        if let Some(first) = names.first() {
            let rest = sum((1..names.len()).map(own), span);
            let left = binary(BinaryOp::Subtract, number("1", span), rest, span);
            assembly.define(naming.name(first), Some(unit(0, first.span)), left);
        }
        Some(())
    }

    /// The transitions one by one, each with its rate as a name.
    fn transitions(
        &mut self,
        assembly: &mut Assembly,
        naming: &Naming,
        scheme: &Scheme,
        names: &[&Name],
    ) -> Option<Vec<Edge>> {
        let mut edges: Vec<Edge> = Vec::new();
        for transition in &scheme.transitions {
            let place = |name: &Name| names.iter().position(|n| n.node == name.node).unwrap_or(0);
            let (from, to) = (place(&transition.from), place(&transition.to));
            let text = format!("`{}` and `{}`", transition.from.node, transition.to.node);
            if from == to {
                let title = format!("`{}` goes over into itself", transition.from.node);
                self.error("E0431", title, transition.span, "leads nowhere");
                return None;
            }
            if let Some(first) = edges.iter().find(|e| [(from, to), (to, from)].contains(&(e.from, e.to))) {
                let title = format!("there are two transitions between {text}");
                let error = Diagnostic::error("E0431", title, transition.span, "again here").also(first.span, "first");
                self.push(error.hint("add the rates, or write both directions as `<->`"));
                return None;
            }
            let wanted = if transition.reversible { 2 } else { 1 };
            if transition.rates.len() != wanted {
                let arrow = if transition.reversible { "<->" } else { "->" };
                let needed = if transition.reversible { "two rates" } else { "one rate" };
                let title = format!("`{arrow}` needs {needed}, but {} given", were(transition.rates.len()));
                let error = Diagnostic::error("E0431", title, transition.span, "rates stand in the parentheses");
                self.push(error.hint("`C <-> O (forward, backward)` or `C -> O (forward)`"));
                return None;
            }
            let ends = [(&transition.from, &transition.to, from, to), (&transition.to, &transition.from, to, from)];
            for (rate, (a, b, from, to)) in transition.rates.iter().zip(ends) {
                let full = naming.full(&format!("{}.to.{}", a.node, b.node));
                let name = Spanned { node: full.clone(), span: rate.span };
                assembly.define(name, Some(unit(-1, rate.span)), naming.expression(rate));
                edges.push(Edge { from, to, rate: named(full, rate.span), span: transition.span });
            }
        }
        Some(edges)
    }

    /// How much of each state there is at rest, up to a common factor: the sum over all trees that
    /// lead to it of the product of their rates (Kirchhoff 1847; Hill 1966, J. Theor. Biol. 10:442).
    fn steady_weights(&mut self, scheme: &Scheme, names: &[&Name], edges: &[Edge]) -> Option<Vec<Expr>> {
        let span = scheme.span;
        let mut weights = Vec::new();
        let mut most = 0_usize;
        for root in 0..names.len() {
            let mut trees = Vec::new();
            // A tree to the root has one way out of every other state.
            let others: Vec<usize> = (0..names.len()).filter(|&s| s != root).collect();
            let mut left = MOST_TRIALS;
            grow(&others, edges, &mut Vec::new(), &mut trees, &mut left);
            most = if left == 0 { usize::MAX } else { most.max(trees.len()) };
            if most > MOST_TREES {
                break;
            }
            let product = |tree: &Vec<usize>| {
                let rates = tree.iter().map(|&e| edges[e].rate.clone());
                rates.reduce(|a, b| binary(BinaryOp::Multiply, a, b, span)).unwrap_or_else(|| number("1", span))
            };
            weights.push(trees.iter().map(product).collect::<Vec<_>>());
        }
        if most == 0 {
            let title = "the scheme falls into parts that no transition joins";
            let error = Diagnostic::error("E0431", title, span, "not connected");
            self.push(error.hint("every scheme has occupancies that sum to 1: write one for each part"));
            return None;
        }
        if most > MOST_TREES {
            let title = "this scheme has too many loops for its steady state";
            let error = Diagnostic::error("E0431", title, span, format!("more than {MOST_TREES} ways through it"));
            self.push(error.hint("write its states and equations one by one"));
            return None;
        }
        Some(weights.into_iter().map(|products| sum(products, span)).collect())
    }
}

fn were(count: usize) -> String {
    if count == 1 { "1 is".to_owned() } else { format!("{count} are") }
}

/// A transition in one direction.
struct Edge {
    from: usize,
    to: usize,
    rate: Expr,
    span: Span,
}

/// The states of a scheme, in the order in which they are named.
pub(crate) fn occupancies(scheme: &Scheme) -> Vec<&Name> {
    let mut seen = BTreeSet::new();
    let ends = scheme.transitions.iter().flat_map(|t| [&t.from, &t.to]);
    ends.filter(|name| seen.insert(name.node.as_str())).collect()
}

/// All choices of one edge out of each of `states` without a loop, so that all lead to the state that
/// is left out; at most one more than are of use. `left` counts down with every trial.
fn grow(states: &[usize], edges: &[Edge], chosen: &mut Vec<usize>, trees: &mut Vec<Vec<usize>>, left: &mut usize) {
    let Some((&state, rest)) = states.split_first() else {
        trees.push(chosen.clone());
        return;
    };
    for (index, edge) in edges.iter().enumerate().filter(|(_, e)| e.from == state) {
        if trees.len() > MOST_TREES || *left == 0 {
            return;
        }
        *left -= 1;
        // Following what is chosen must not lead back.
        let mut at = edge.to;
        while let Some(next) = chosen.iter().find(|&&c| edges[c].from == at) {
            at = edges[*next].to;
        }
        if at != state {
            chosen.push(index);
            grow(rest, edges, chosen, trees, left);
            chosen.pop();
        }
    }
}
