//! Expressions and units.

use super::{Comprehension, DataIndex, Name, Place};
use crate::source::Span;

/// A product of unit symbols: `mS/cm^2`, `1`, `mV*ms^-0.5`
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// The factors; a factor after `/` has its exponent negated already. Empty for `1`.
    pub factors: Vec<UnitFactor>,
    /// The whole unit.
    pub span: Span,
}

/// One factor of a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitFactor {
    /// `mS`, `cm`, `count`, or `unit(w)`, which is spelt `"unit(w)"` here: the unit of the weight.
    pub symbol: Name,
    /// Numerator and denominator of the exponent; the denominator is positive.
    pub exponent: (i32, i32),
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `-60 mV`'s `60 mV`, `0.02`, `1e-3 S`
    Number {
        /// The number as written (decimal text, `_` removed).
        text: String,
        /// Its unit, if one follows.
        unit: Option<Unit>,
    },
    /// `true`, `false`
    Bool(bool),
    /// `V_rest`
    Name(String),
    /// `E.size`, `V1.E.size`; what stands behind the first dot is the second name. Models put together from
    /// others have an empty owner before what a file declares, so that nothing of the model hides it.
    Member(Name, Name),
    /// `area[k].E.tau`, `ff[0, 1].weight`: a member of something with an index in it
    Located(Box<Place>),
    /// `-x`, `not x`
    Unary(UnaryOp, Box<Expr>),
    /// `x + y`
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `exp(x)`
    Call(Name, Vec<Expr>),
    /// `W[i, j]`, `stimulus[t every 1 ms]`
    Element(Name, Vec<DataIndex>),
    /// `x[k](t - d)`: an element of an array, with arguments behind it
    CallElement(Name, Vec<DataIndex>, Vec<Expr>),
    /// `sum(x[k] for k in 0..n)`
    Over(Box<Over>),
    /// `[1 Hz, 2 Hz]`, `[[1, 2], [3, 4]]`: the values of an array, where one is declared or given.
    List(Vec<Expr>),
    /// One of several, by an index that is known at run time only: what `x[k]` of an array becomes once the array is
    /// written out. No text has this form.
    Chosen(Box<Chosen>),
    /// `if c then a else b`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `V crosses 0 mV`: was below at the start of the step and is not below at its end
    Crosses(Box<Expr>, Box<Expr>),
    /// `table(x, [(0 mV, 0), (10 mV, 1)], extrapolated)`
    Table(Box<Table>),
    /// Stands where an expression could not be read; a diagnostic has been given.
    Error,
}

/// A function by its points, linear between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Where it is read.
    pub argument: Expr,
    /// The points, as written.
    pub points: Vec<(Expr, Expr)>,
    /// What holds outside of the points, if it is said: `clamped`, `extrapolated`.
    pub outside: Option<Name>,
}

/// A choice among the elements of an array.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Which of them.
    pub index: Expr,
    /// The index of the first.
    pub first: u64,
    /// The elements, at least one.
    pub among: Vec<Expr>,
}

impl Chosen {
    /// The index and the elements.
    pub fn parts(&self) -> impl Iterator<Item = &Expr> {
        std::iter::once(&self.index).chain(&self.among)
    }
}

/// A sum, a product or an extreme over indices.
#[derive(Clone, Debug, PartialEq)]
pub struct Over {
    /// `sum`, `product`, `min` or `max`.
    pub function: Name,
    /// What stands before the `for`; without one, all terms from the first on.
    pub terms: Vec<Expr>,
    /// Over which indices; nothing once the terms are written out.
    pub each: Option<Comprehension>,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-x`
    Negate,
    /// `not x`
    Not,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`, right-associative, binds tighter than unary minus on its left: `-x^2` is `-(x^2)`
    Power,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `and`
    And,
    /// `or`
    Or,
}
