//! Times as indices of data, `x[t every 1 ms]`: what goes in is any time, what comes out the element that holds then.
//!
//! The time of the step, shifted and cut into cycles by whole numbers of steps, is a [`Clock`], which counts and never rounds. Any other
//! time is a number in ms, which is rounded to the nearest step first, so that no rounding moves an edge there either.

use crate::expressions::checker::Checker;
use crate::expressions::element::Index;
use crate::expressions::evaluate::{evaluate, is_fixed, walk};
use crate::expressions::scope::{Scope, Type, Typed};
use crate::expressions::units::Unit;
use crate::expressions::whole::{Extents, range};
use crate::model::{BinaryOp, Clock, Expr, Function};
use crate::program::data::Known;
use bpc_syntax::ast::{self, DataIndex};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::rc::Rc;

/// Shifts and cycles stay below this number of steps, so that nothing overflows.
const LONGEST: f64 = 1e12;

/// What a time is, if it follows from that of the step by shifts and cycles.
enum Course {
    Counted(Clock),
    /// A part of it is no whole number of steps, in ms.
    Broken(f64),
    Other,
}

impl Checker<'_> {
    /// `t every 1 ms`, `(t - onset) % 2 s every 1 ms linear`
    pub(super) fn time_index(
        &mut self,
        place: &DataIndex,
        every: &ast::Expr,
        length: usize,
        known: &Known,
        scope: &Scope,
    ) -> Option<Index> {
        let ms = Unit::named("ms");
        let at = place.index.span;
        let time = self.expression(&place.index, scope);
        let fine = !time.is_unknown() && self.fits(&time, &ms, at, "the time in data", None);
        let linear = self.between_elements(place)?;
        let value = self.expression(every, scope);
        if value.is_unknown() || !self.fits(&value, &ms, every.span, "the time between two elements", None) || !fine {
            return None;
        }
        let interval = self.fixed(&value, every.span, "the time between two elements")?;
        let steps = interval / self.dt;
        if !(1.0 - 1e-6..1e9).contains(&steps) || (steps - steps.round()).abs() > 1e-6 * steps.round() {
            return self.no_steps(interval, every.span, known);
        }
        let last = u32::try_from(length.saturating_sub(1)).ok()?;
        match course(&time.expr, self.dt) {
            Course::Counted(clock) => {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 1 to 1e9
                let every = steps.round() as u64;
                let index = |ahead| Expr::TimeIndex { clock, every, ahead, last: u64::from(last) };
                let next = linear.then(|| (index(1), Expr::TimeFraction(clock, every)));
                Some(Index { value: Typed::leaf(index(0), Type::pure()), next })
            }
            Course::Broken(part) => self.no_steps(part, at, known),
            Course::Other if linear => Some(self.along_lines(&time, steps.round(), last, at)),
            Course::Other => Some(self.in_steps(&time, steps.round(), last, at)),
        }
    }

    /// Whether the value goes on a line from one element to the next; `None` if what is said of it is not known.
    fn between_elements(&mut self, place: &DataIndex) -> Option<bool> {
        let Some(word) = &place.between else { return Some(false) };
        match word.node.as_str() {
            "held" => Some(false),
            "linear" => Some(true),
            other => {
                let title = format!("`{other}` says nothing of what holds between two elements");
                self.push(Diagnostic::error("E0466", title, word.span, "not known").hint("it is `held` or `linear`"));
                None
            }
        }
    }

    fn no_steps(&mut self, time: f64, at: Span, known: &Known) -> Option<Index> {
        let ms = Unit::named("ms");
        let title = format!("{} is not a whole number of steps of {}", ms.show(time), ms.show(self.dt));
        let error = Diagnostic::error("E0466", title, at, "not a whole number of steps");
        self.push(error.also(known.span, "in an index of this"));
        None
    }

    /// The element of a time that is a number: in the middle of a step, no rounding reaches the edges of an element.
    fn in_steps(&mut self, time: &Typed, every: f64, last: u32, at: Span) -> Index {
        let dt = self.dt;
        let value = self.built(std::array::from_ref(time), Type::pure(), at, |[time]| {
            let middle = plus(steps_of(&time, dt, true), 0.5);
            known_index(Expr::Call(Function::Floor, vec![quotient(middle, every)]), last)
        });
        Index { value, next: None }
    }

    /// The same with lines between the elements, which have no edges.
    fn along_lines(&mut self, time: &Typed, every: f64, last: u32, at: Span) -> Index {
        let (end, dt) = (f64::from(last), self.dt);
        let place = |time: &Expr| {
            let place = quotient(steps_of(time, dt, false), every);
            let low = Expr::Call(Function::Max, vec![place, Expr::Number(0.0)]);
            Expr::Call(Function::Min, vec![low, Expr::Number(end)])
        };
        let floor = |place: &Expr| Expr::Call(Function::Floor, vec![place.clone()]);
        // Once everything is written out, the time stands in it six times.
        let parts = std::array::from_fn::<_, 6, _>(|_| time.clone());
        let value = self.built(&parts, Type::pure(), at, |[time, ..]| known_index(floor(&place(&time)), last));
        let place = place(&time.expr);
        let before = floor(&place);
        let fraction = Expr::Binary(BinaryOp::Subtract, Rc::new(place), Rc::new(before.clone()));
        let after = plus(before, 1.0);
        Index { value, next: Some((known_index(after, last), known_value(fraction))) }
    }
}

/// Divided by a number above 0.
fn quotient(x: Expr, by: f64) -> Expr {
    Expr::Binary(BinaryOp::Divide, Rc::new(x), Rc::new(Expr::Number(by)))
}

/// An index that may be known before the run.
fn known_index(index: Expr, last: u32) -> Expr {
    known_value(Expr::Within(Rc::new(index), last))
}

/// A number, if it is one.
fn known_value(expr: Expr) -> Expr {
    match evaluate(&expr, &[]) {
        Some(value) => Expr::Number(value),
        None => expr,
    }
}

fn plus(x: Expr, by: f64) -> Expr {
    Expr::Binary(BinaryOp::Add, Rc::new(x), Rc::new(Expr::Number(by)))
}

/// A time in steps, to the nearest one if it is `rounded`. Cycles and shifts by whole steps are those of whole numbers, so that no
/// rounding takes the end of a cycle for its start.
fn steps_of(time: &Expr, dt: f64, rounded: bool) -> Expr {
    /// So near to its end a cycle has begun anew where steps are not rounded.
    const NEAR: f64 = 0.25;
    let of = |part: &Expr| steps_of(part, dt, rounded);
    let whole = |part: &Expr| whole_steps(part, dt).ok().map(|steps| steps as f64);
    let leaf = || {
        let steps = quotient(time.clone(), dt);
        if rounded { Expr::Call(Function::Round, vec![steps]) } else { steps }
    };
    match time {
        Expr::Binary(BinaryOp::Add, a, b) => match (whole(a), whole(b)) {
            (Some(by), _) => plus(of(b), by),
            (_, Some(by)) => plus(of(a), by),
            _ => leaf(),
        },
        Expr::Binary(BinaryOp::Subtract, a, b) => whole(b).map_or_else(leaf, |by| plus(of(a), -by)),
        Expr::Call(Function::Mod, parts) => match parts.as_slice() {
            [part, cycle] => match whole(cycle).filter(|cycle| *cycle > 0.0) {
                Some(cycle) if rounded => Expr::Call(Function::Mod, vec![of(part), Expr::Number(cycle)]),
                Some(cycle) => plus(Expr::Call(Function::Mod, vec![plus(of(part), NEAR), Expr::Number(cycle)]), -NEAR),
                None => leaf(),
            },
            _ => leaf(),
        },
        _ => leaf(),
    }
}

/// A time that is known, in whole steps.
fn whole_steps(ms: &Expr, dt: f64) -> Result<i64, Course> {
    let ms = evaluate(ms, &[]).filter(|_| is_fixed(ms)).ok_or(Course::Other)?;
    let steps = (ms / dt).round();
    if !ms.is_finite() || (ms / dt - steps).abs() > 1e-6 * steps.abs().max(1.0) || steps.abs() > LONGEST {
        return Err(Course::Broken(ms));
    }
    #[allow(clippy::cast_possible_truncation)] // at most 1e12
    Ok(steps as i64)
}

/// What a time is, shifts and cycles being whole numbers of steps.
fn course(time: &Expr, dt: f64) -> Course {
    let steps = |ms: &Expr| whole_steps(ms, dt);
    let later = |part: &Expr, by: Result<i64, Course>, sign: i64| match (course(part, dt), by) {
        (Course::Counted(clock), Ok(by)) => {
            let shifted = |from: i64| from.saturating_add(by.saturating_mul(sign));
            Course::Counted(match clock.cycle {
                0 => Clock { shift: shifted(clock.shift), ..clock },
                _ => Clock { offset: shifted(clock.offset), ..clock },
            })
        }
        (Course::Counted(_), Err(broken)) => broken,
        (other, _) => other,
    };
    match time {
        Expr::Time => Course::Counted(Clock::default()),
        Expr::Binary(BinaryOp::Add, a, b) if is_fixed(a) => later(b, steps(a), 1),
        Expr::Binary(BinaryOp::Add, a, b) => later(a, steps(b), 1),
        Expr::Binary(BinaryOp::Subtract, a, b) => later(a, steps(b), -1),
        Expr::Call(Function::Mod, parts) => {
            let [part, cycle] = parts.as_slice() else { return Course::Other };
            match (course(part, dt), steps(cycle)) {
                (Course::Counted(clock), Ok(cycle)) if clock.cycle == 0 && cycle > 0 => {
                    Course::Counted(Clock { cycle: cycle.unsigned_abs(), ..clock })
                }
                (Course::Counted(_), Err(broken)) => broken,
                (Course::Counted(_), Ok(_)) => Course::Other,
                (other, _) => other,
            }
        }
        _ => Course::Other,
    }
}

/// Whether a value is known at run time only, so that an index is made of it by rounding.
pub(super) fn at_run_time(expr: &Expr) -> bool {
    let mut found = false;
    walk(expr, &mut |e| {
        found |= matches!(
            e,
            Expr::State(_)
                | Expr::Input(_)
                | Expr::Let(_)
                | Expr::Parameter(_)
                | Expr::PostState(_)
                | Expr::PreState(_)
                | Expr::Weight
                | Expr::Time
                | Expr::TimeFraction(..)
                | Expr::Delayed(..)
                | Expr::NeuronDraw { .. }
        );
    });
    found || draws_anything(expr)
}

/// Whether it is drawn, and not from whole numbers that are known.
fn draws_anything(expr: &Expr) -> bool {
    let mut drawn = false;
    walk(expr, &mut |e| drawn |= matches!(e, Expr::Random(..)));
    let any = Some(2);
    drawn && range(expr, Extents { index: any, source: any, number: any, neurons: None }).is_none()
}
