//! Where neurons are: positions as functions of the index, and the distance of a pair.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::{evaluate_at, walk};
use crate::expressions::scope::{Permits, Role, Scope, Type, Typed};
use crate::expressions::units::Unit;
use crate::model::{BinaryOp, Element, Expr, Function};
use crate::models::instance::mentioned;
use crate::models::neuron_value::is_kept;
use crate::networks::degrees::is_counted;
use crate::networks::network::Target;
use crate::program::modules::list;
use bpc_syntax::ast::{self, ModelUse};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use bpc_syntax::suggest::closest;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What positions are called.
const AXES: [&str; 3] = ["x", "y", "z"];
/// Neurons whose positions are computed before the run, to tell mistakes.
const TRIED: u64 = 1 << 14;

/// Shapes: name, what they need, what they may have besides.
const SHAPES: &[(&str, &[&str], &[&str])] = &[
    ("line", &["spacing"], &[]),
    ("ring", &["circumference"], &[]),
    ("grid", &["rows", "columns", "spacing"], &["layers"]),
    ("torus", &["rows", "columns", "spacing"], &["layers"]),
    ("random", &["width"], &["height", "depth"]),
    ("position", &["x"], &["y", "z"]),
];

/// Where the neurons of a population are.
#[derive(Clone)]
pub(crate) struct Geometry {
    unit: Unit,
    axes: Vec<Axis>,
    span: Span,
    grid: Option<Grid>,
}

/// Neurons in rows and columns, layer after layer: neuron i is at column i mod columns of row i / columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    /// How many rows each layer has.
    pub rows: u64,
    /// How many columns each row has.
    pub columns: u64,
    /// How many layers there are.
    pub layers: u64,
    /// Whether rows and columns come round.
    pub round: bool,
}

impl Geometry {
    /// The grid that the neurons are on; a line is one of one row.
    pub(crate) fn grid(&self) -> Option<Grid> {
        self.grid
    }
}

/// One coordinate: `scale * steps`.
#[derive(Clone)]
struct Axis {
    scale: f64,
    /// Over [`Expr::Index`].
    steps: Expr,
    /// After how many steps it comes round.
    period: Option<f64>,
}

fn number(value: f64) -> Expr {
    Expr::Number(value)
}

fn pair(op: BinaryOp, a: &Expr, b: &Expr) -> Expr {
    match (op, a, b) {
        (BinaryOp::Multiply, Expr::Number(one), other) | (BinaryOp::Multiply, other, Expr::Number(one))
            if (*one - 1.0).abs() == 0.0 =>
        {
            other.clone()
        }
        _ => Expr::Binary(op, Rc::new(a.clone()), Rc::new(b.clone())),
    }
}

fn call(function: Function, arguments: &[&Expr]) -> Expr {
    Expr::Call(function, arguments.iter().map(|&a| a.clone()).collect())
}

/// The same expression of the source neuron.
pub(crate) fn of_source(expr: &Expr) -> Expr {
    let of = |e: &Rc<Expr>| Rc::new(of_source(e));
    match expr {
        Expr::Index => Expr::SourceIndex,
        Expr::NeuronDraw { stream, .. } => Expr::NeuronDraw { stream: *stream, of_source: true },
        Expr::Unary(op, x) => Expr::Unary(*op, of(x)),
        Expr::Binary(op, a, b) => Expr::Binary(*op, of(a), of(b)),
        Expr::If(c, a, b) => Expr::If(of(c), of(a), of(b)),
        Expr::Call(f, arguments) => Expr::Call(*f, arguments.iter().map(of_source).collect()),
        Expr::Random(distribution, arguments, stream) => {
            Expr::Random(*distribution, arguments.iter().map(of_source).collect(), *stream)
        }
        Expr::Element(element) => Expr::Element(Rc::new(Element {
            places: element.places.iter().map(of_source).collect(),
            ..Element::clone(element)
        })),
        other => other.clone(),
    }
}

/// An expression with its size.
fn typed(expr: Expr, unit: &Unit) -> Typed {
    fn height(expr: &Expr) -> u32 {
        1 + match expr {
            Expr::Unary(_, x) => height(x),
            Expr::Binary(_, a, b) => height(a).max(height(b)),
            Expr::If(c, a, b) => height(c).max(height(a)).max(height(b)),
            Expr::Call(_, arguments) => arguments.iter().map(height).max().unwrap_or(0),
            _ => 0,
        }
    }
    let mut nodes = 0;
    walk(&expr, &mut |_| nodes += 1);
    Typed { nodes, height: height(&expr), kind: Type::Number(unit.clone()), expr }
}

impl Axis {
    fn position(&self) -> Expr {
        pair(BinaryOp::Multiply, &number(self.scale), &self.steps)
    }

    fn length(&self) -> Option<f64> {
        self.period.map(|p| p * self.scale)
    }

    /// How far a target is from a source on this axis; at least 0.
    fn distance(&self, target: &Axis) -> Expr {
        let apart = |a: &Expr, b: &Expr| call(Function::Abs, &[&pair(BinaryOp::Subtract, a, b)]);
        let round = |d: Expr, period: Option<f64>| match period {
            Some(period) => {
                let back = pair(BinaryOp::Subtract, &number(period), &d);
                call(Function::Min, &[&d, &back])
            }
            None => d,
        };
        // Steps of one length are counted first: neighbours are then exactly one length apart.
        if (self.scale - target.scale).abs() == 0.0 {
            let steps = round(apart(&of_source(&self.steps), &target.steps), self.period);
            pair(BinaryOp::Multiply, &number(self.scale), &steps)
        } else {
            round(apart(&of_source(&self.position()), &target.position()), self.length())
        }
    }
}

impl Geometry {
    /// The distance from a source to a target, over both indices.
    fn distance(&self, target: &Geometry) -> Expr {
        let apart: Vec<Expr> = self.axes.iter().zip(&target.axes).map(|(a, b)| a.distance(b)).collect();
        match apart.as_slice() {
            [one] => one.clone(),
            all => {
                let squares = all.iter().map(|d| pair(BinaryOp::Multiply, d, d));
                let sum = squares.reduce(|a, b| pair(BinaryOp::Add, &a, &b)).unwrap_or(number(0.0));
                call(Function::Sqrt, &[&sum])
            }
        }
    }

    /// Why there is no distance between the two.
    fn mismatch(&self, target: &Geometry) -> Option<String> {
        if self.axes.len() != target.axes.len() {
            return Some(format!("one has {} dimensions, the other {}", self.axes.len(), target.axes.len()));
        }
        if self.unit.dimension != target.unit.dimension {
            return Some(format!("one is in {}, the other in {}", self.unit.describe(), target.unit.describe()));
        }
        let same = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
            _ => false,
        };
        let axes = self.axes.iter().zip(&target.axes);
        let differ = axes.clone().any(|(a, b)| !same(a.length(), b.length()));
        differ.then(|| "they do not come round after the same length".to_owned())
    }
}

impl Target {
    /// Makes `E.x`, … known where every neuron has a value of its own.
    pub(crate) fn add_positions(&self, name: &str, scope: &mut Scope) {
        if let Some(geometry) = &self.geometry {
            geometry.add_positions(name, scope);
        }
    }
}

impl Geometry {
    /// Makes `E.x`, … of neurons called `E` known. Members of the model that have such a name are out of reach there.
    pub(crate) fn add_positions(&self, name: &str, scope: &mut Scope) {
        for (axis, coordinate) in self.axes.iter().zip(AXES) {
            let full = format!("{name}.{coordinate}");
            scope.hidden.remove(&full);
            scope.add(&full, typed(axis.position(), &self.unit), Role::Member, self.span);
        }
    }
}

/// Whether values of a population's parameters mention coordinates of its neurons.
pub(crate) fn uses_positions(population: &ast::Population) -> bool {
    let mut uses = false;
    let values = population.model.arguments.iter().filter_map(|a| a.value.as_ref());
    values.for_each(|value| {
        mentioned(value, &mut |owner, member| {
            uses |= owner == population.name.node && member.is_some_and(|member| AXES.contains(&member));
        });
    });
    uses
}

impl Checker<'_> {
    /// Reads `at shape(…)` of a population with this name and size.
    pub(crate) fn geometry(
        &mut self,
        written: &ModelUse,
        (population, size): (&str, Option<u64>),
        scope: &Scope,
    ) -> Option<Geometry> {
        let shape = &written.name;
        let names = || SHAPES.iter().map(|s| s.0);
        let Some((name, needed, others)) = SHAPES.iter().find(|s| s.0 == shape.node) else {
            let title = format!("there is no geometry `{}`", shape.node);
            let error = Diagnostic::error("E0472", title, shape.span, "not a geometry");
            self.push(match closest(&shape.node, names()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("there are {}", list(names()))),
            });
            return None;
        };
        let arguments: Vec<String> =
            needed.iter().map(|n| format!("{n} = …")).chain(others.iter().map(|n| format!("[{n} = …]"))).collect();
        let usage = format!("`at {name}({})`", arguments.join(", "));
        let mut given: BTreeMap<&str, (Typed, Span)> = BTreeMap::new();
        let mut fine = true;
        for argument in &written.arguments {
            let Some(value) = &argument.value else { continue };
            let known = needed.iter().chain(*others).find(|n| **n == argument.name.node);
            let index = *name == "position";
            let value_scope = scope.permitting(Permits { index, ..Permits::default() });
            let typed = self.top(value, &value_scope);
            fine &= !typed.is_unknown() && self.numeric(&typed, value.span, "a position");
            match known {
                None => {
                    let title = format!("`{name}` has no `{}`", argument.name.node);
                    let error = Diagnostic::error("E0472", title, argument.name.span, "not known");
                    self.push(error.hint(format!("write {usage}")));
                    fine = false;
                }
                Some(known) => {
                    if let Some((_, first)) = given.insert(known, (typed, value.span)) {
                        let title = format!("`{known}` is given twice");
                        let error = Diagnostic::error("E0472", title, value.span, "again here");
                        self.push(error.also(first, "first here"));
                        fine = false;
                    }
                }
            }
        }
        if let Some(missing) = needed.iter().find(|n| !given.contains_key(**n)) {
            let title = format!("`{name}` needs `{missing}`");
            let error = Diagnostic::error("E0472", title, written.span, format!("`{missing}` is missing"));
            self.push(error.hint(format!("write {usage}")));
            return None;
        }
        if !fine {
            return None;
        }
        match *name {
            "position" => self.positions(&given, size, written.span),
            "random" => self.random_positions(&given, written.span),
            "grid" | "torus" => self.grid(*name == "torus", &given, (population, size), written.span),
            _ => {
                let ring = *name == "ring";
                let (scale, unit) = self.length(&given, needed.first()?)?;
                #[allow(clippy::cast_precision_loss)] // below 2^31
                let count = size? as f64;
                let axis = Axis {
                    scale: if ring { scale / count } else { scale },
                    steps: Expr::Index,
                    period: ring.then_some(count),
                };
                let grid = Some(Grid { rows: 1, columns: size?, layers: 1, round: ring });
                Some(Geometry { unit, axes: vec![axis], span: written.span, grid })
            }
        }
    }

    /// A length above zero.
    fn length(&mut self, given: &BTreeMap<&str, (Typed, Span)>, name: &str) -> Option<(f64, Unit)> {
        let (value, span) = given.get(name)?;
        let length = self.fixed(value, *span, &format!("`{name}`"))?;
        if length <= 0.0 {
            self.error("E0472", format!("`{name}` must be above zero"), *span, format!("this is {length}"));
            return None;
        }
        Some((length, value.kind.unit()))
    }

    fn grid(
        &mut self,
        torus: bool,
        given: &BTreeMap<&str, (Typed, Span)>,
        (population, size): (&str, Option<u64>),
        span: Span,
    ) -> Option<Geometry> {
        let mut count = |name: &str| -> Option<u64> {
            let Some((value, span)) = given.get(name) else { return Some(1) };
            if !self.fits(value, &Unit::none(), *span, &format!("`{name}`"), None) {
                return None;
            }
            let number = self.fixed(value, *span, &format!("`{name}`"))?;
            self.whole(number, *span, &format!("`{name}`"))
        };
        let (rows, columns, layers) = (count("rows")?, count("columns")?, count("layers")?);
        let (spacing, unit) = self.length(given, "spacing")?;
        let places = rows.checked_mul(columns).and_then(|p| p.checked_mul(layers));
        if places != Some(size?) {
            let shown = if layers == 1 { String::new() } else { format!(" * {layers} layers") };
            let title = format!(
                "`{population}` has {} neurons, but there are {rows} rows * {columns} columns{shown} places",
                size?
            );
            self.error("E0473", title, span, "not one place for each neuron");
            return None;
        }
        let periods = if given.contains_key("layers") { vec![columns, rows, layers] } else { vec![columns, rows] };
        let mut axes = Vec::new();
        let mut rest = Expr::Index;
        for (place, &period) in periods.iter().enumerate() {
            #[allow(clippy::cast_precision_loss)] // below 2^31
            let period = period as f64;
            let quotient = call(Function::Floor, &[&pair(BinaryOp::Divide, &rest, &number(period))]);
            let steps = if place + 1 == periods.len() {
                rest.clone()
            } else {
                let taken = pair(BinaryOp::Multiply, &number(period), &quotient);
                let steps = pair(BinaryOp::Subtract, &rest, &taken);
                // Changes nothing but what can be told of it without running.
                call(Function::Max, &[&number(0.0), &call(Function::Min, &[&steps, &number(period - 1.0)])])
            };
            axes.push(Axis { scale: spacing, steps, period: torus.then_some(period) });
            rest = quotient;
        }
        Some(Geometry { unit, axes, span, grid: Some(Grid { rows, columns, layers, round: torus }) })
    }

    /// Uniform in a box with a corner at 0.
    fn random_positions(&mut self, given: &BTreeMap<&str, (Typed, Span)>, span: Span) -> Option<Geometry> {
        let mut geometry = Geometry { unit: Unit::none(), axes: Vec::new(), span, grid: None };
        let sides = ["width", "height", "depth"];
        for (number, name) in sides.into_iter().enumerate() {
            let Some((value, at)) = given.get(name) else {
                if let Some((_, at)) = sides.iter().skip(number).find_map(|n| given.get(n)) {
                    self.error("E0472", format!("`{name}` is missing before this"), *at, "a side is left out");
                    return None;
                }
                break;
            };
            let (scale, unit) = self.length(given, name)?;
            if number == 0 {
                geometry.unit = unit;
            } else if !self.fits(value, &geometry.unit, *at, &format!("`{name}`"), given.get("width").map(|x| x.1)) {
                return None;
            }
            let steps = Expr::NeuronDraw { stream: self.draws, of_source: false };
            self.draws += 1;
            geometry.axes.push(Axis { scale, steps, period: None });
        }
        Some(geometry)
    }

    /// The first neuron whose coordinate is not finite, of at most [`TRIED`].
    fn nowhere(&self, coordinate: &Expr, size: Option<u64>) -> Option<(u64, f64)> {
        let size = size.unwrap_or(1);
        let stride = size.div_ceil(TRIED).max(1);
        let neurons = (0..size).step_by(usize::try_from(stride).ok()?);
        #[allow(clippy::cast_precision_loss)] // below 2^31
        let value = |neuron: u64| evaluate_at(coordinate, &self.parameters, Some((neuron as f64, neuron as f64)));
        neurons.filter_map(|neuron| Some((neuron, value(neuron)?))).find(|(_, value)| !value.is_finite())
    }

    fn positions(&mut self, given: &BTreeMap<&str, (Typed, Span)>, size: Option<u64>, span: Span) -> Option<Geometry> {
        let mut geometry = Geometry { unit: Unit::none(), axes: Vec::new(), span, grid: None };
        for (number, name) in AXES.into_iter().enumerate() {
            let Some((value, at)) = given.get(name) else {
                if let Some((_, at)) = AXES.iter().skip(number).find_map(|n| given.get(n)) {
                    self.error("E0472", format!("`{name}` is missing before this"), *at, "an axis is left out");
                    return None;
                }
                break;
            };
            let mut runtime = false;
            walk(&value.expr, &mut |e| runtime |= matches!(e, Expr::Parameter(_)));
            if runtime {
                let error = Diagnostic::error("E0210", "a position must be known before the run", *at, "can change");
                self.push(error.hint("use `i`, constants and parameters of the network here"));
                return None;
            }
            if let Some((neuron, value)) = self.nowhere(&value.expr, size) {
                let title = format!("`{name}` of neuron {neuron} is not a finite number");
                self.error("E0583", title, *at, format!("this is {value} there"));
                return None;
            }
            if number == 0 {
                geometry.unit = value.kind.unit();
            } else if !self.fits(value, &geometry.unit, *at, &format!("`{name}`"), given.get("x").map(|x| x.1)) {
                return None;
            }
            geometry.axes.push(Axis { scale: 1.0, steps: value.expr.clone(), period: None });
        }
        Some(geometry)
    }

    /// Whether the user has declared a `distance`, which then means that.
    pub(crate) fn has_distance_of_its_own(&self, scope: &Scope) -> bool {
        scope.locals.contains_key("distance") || self.program.find(scope.file, "distance").is_some()
    }

    /// What the neurons of a pair have: `source.tau`, `target.V_th`. Coordinates are no parameters.
    pub(crate) fn neuron_values(scope: &mut Scope, [source, target]: [&Target; 2]) {
        for (name, of, own) in [("source", source, true), ("target", target, false)] {
            let mut add = |parameter: &str, value: Typed, span: Span| {
                let full = format!("{name}.{parameter}");
                if scope.locals.contains_key(&full) {
                    if AXES.contains(&parameter) {
                        scope.also.insert(full, "a parameter of its model");
                    }
                    return;
                }
                match AXES.contains(&parameter) {
                    true => scope.hide(&full, "`x`, `y` and `z` are coordinates, and there are no positions"),
                    false => scope.add(&full, value, Role::Member, span),
                }
            };
            for (parameter, value) in &of.parameters {
                add(parameter, value.clone(), of.span);
            }
            let each = of
                .states
                .iter()
                .enumerate()
                .skip(of.first_parameter)
                .filter(|(_, state)| !is_counted(&state.0) && !is_kept(&state.0));
            for (number, (parameter, unit, span)) in each {
                let leaf = if own { Expr::PreState(number) } else { Expr::PostState(number) };
                add(parameter, Typed::leaf(leaf, Type::Number(unit.clone())), *span);
            }
        }
    }

    /// Parameters of a population that are mentioned as `E.tau` are used, though its model does not use them.
    pub(crate) fn members_used(&mut self, scope: &Scope, owner: &str, of: &Target) {
        for (parameter, declared) in &of.declared {
            if scope.member(&format!("{owner}.{parameter}")).is_some_and(|local| local.used.get()) {
                self.report.used(*declared);
            }
        }
    }

    /// Parameters that are mentioned so are used, though their models do not use them.
    pub(crate) fn neuron_values_used(&mut self, scope: &Scope, ends: [&Target; 2]) {
        for (name, of) in ["source", "target"].into_iter().zip(ends) {
            for (parameter, declared) in &of.declared {
                if scope.locals.get(&format!("{name}.{parameter}")).is_some_and(|local| local.used.get()) {
                    self.report.used(*declared);
                }
            }
        }
    }

    /// The names of a network, and what a pair has: `distance`, `source.x`, `target.x`, …
    pub(crate) fn pair_scope(&mut self, scope: &Scope, ends: Option<[&Target; 2]>, span: Span) -> Scope {
        let mut scope = scope.clone();
        let Some([source, target]) = ends else { return scope };
        let taken = self.has_distance_of_its_own(&scope);
        let example = "`population E[100] : LIF at line(spacing = 20 um)`";
        match (&source.geometry, &target.geometry) {
            (Some(from), Some(to)) if taken && from.mismatch(to).is_none() => {
                scope.also.insert("distance".to_owned(), "the distance of the two neurons");
            }
            _ if taken => {}
            (Some(from), Some(to)) => match from.mismatch(to) {
                Some(why) => scope.hide("distance", format!("source and target are not in one space: {why}")),
                None => scope.add("distance", typed(from.distance(to), &from.unit), Role::Member, span),
            },
            _ => scope.hide("distance", format!("source and target need positions: {example}")),
        }
        for (end, of) in [("source", source), ("target", target)] {
            let Some(geometry) = &of.geometry else {
                for coordinate in AXES {
                    scope.hide(&format!("{end}.{coordinate}"), format!("the {end} has no positions: {example}"));
                }
                continue;
            };
            for (axis, coordinate) in geometry.axes.iter().zip(AXES) {
                let position = axis.position();
                let position = if end == "source" { of_source(&position) } else { position };
                let name = format!("{end}.{coordinate}");
                if !scope.locals.contains_key(&name) {
                    scope.add(&name, typed(position, &geometry.unit), Role::Member, span);
                }
            }
        }
        scope
    }
}
