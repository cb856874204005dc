//! The syntax tree: plain data, a span on every node, nothing resolved.
//!
//! Names are still text, units are still products of symbols, numbers are still as written.
//! Trees are bounded in depth by the parser ([`crate::MAX_DEPTH`]), so recursive visitors are safe.

mod expression;
mod model;
mod network;
mod parts;
mod simulation;

pub use expression::*;
pub use model::*;
pub use network::*;
pub use simulation::*;

use crate::source::Span;

/// A value together with the place it was written at.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub node: T,
    /// Where it stands.
    pub span: Span,
}

/// An identifier as written.
pub type Name = Spanned<String>;

/// One source file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The `//!` lines at the top, joined by newlines.
    pub doc: String,
    /// Everything else, in source order.
    pub items: Vec<Item>,
}

/// A top-level declaration.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `use std::neurons::{LIF, HH as Squid}`
    Use(Use),
    /// `const N = 3`
    Constant(Binding),
    /// `data W : nS = file("weights.npz", "W")`
    Data(Data),
    /// `function f(x: mV, y) = x * y`
    Function(Function),
    /// `neuron`, `synapse`, `receptor`, `channel`, `ion` or `cell NAME { … }`
    Model(Model),
    /// `network NAME(p = 1) { … }`
    Network(Network),
    /// `simulate NETWORK { … }`
    Simulation(Simulation),
}

/// `use a::b::{C, D as E}`
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// The module: `std::neurons`, `super::cells`, `cells`.
    pub path: Vec<Name>,
    /// What is taken from it, each with its local name if renamed.
    pub names: Vec<(Name, Option<Name>)>,
    /// The whole declaration.
    pub span: Span,
}

/// `NAME [: unit] [= value]`: a constant, a parameter, a `let`, or a network parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// `///` lines above it.
    pub doc: String,
    /// What is declared.
    pub name: Name,
    /// The unit after `:`, if any.
    pub unit: Option<Unit>,
    /// The value after `=`, if any.
    pub value: Option<Expr>,
    /// Whether `~` stands in place of `=`: the value is drawn anew for every neuron.
    pub random: bool,
    /// The whole binding.
    pub span: Span,
}

/// `data NAME [: unit] = …`: numbers by index.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// `///` lines above it.
    pub doc: String,
    /// Its name.
    pub name: Name,
    /// The unit after `:`, if any.
    pub unit: Option<Unit>,
    /// Where the numbers are.
    pub source: DataSource,
    /// The whole declaration.
    pub span: Span,
}

/// Where the numbers of a [`Data`] are.
#[derive(Clone, Debug, PartialEq)]
pub enum DataSource {
    /// `file("weights.npz", "W")`
    File {
        /// The file's path, relative to the file it is written in.
        path: Name,
        /// Which array of it, if it has several.
        array: Option<Name>,
        /// The whole call.
        span: Span,
    },
    /// `[1, 2, 3]`
    Vector(Vec<Expr>),
    /// `[[1, 2], [3, 4]]`
    Matrix(Vec<Vec<Expr>>),
}

/// One index of an element of data.
#[derive(Clone, Debug, PartialEq)]
pub struct DataIndex {
    /// A whole number, or with `every` a time.
    pub index: Expr,
    /// `every 1 ms`: how long one element holds.
    pub every: Option<Expr>,
    /// `linear` behind it: what holds between two elements.
    pub between: Option<Name>,
}

/// `function f(x : mV, y = 1) : mV = …` or `function f(x) { let y = …  return … }` (inlined where it is called)
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// `///` lines above it.
    pub doc: String,
    /// Its name.
    pub name: Name,
    /// Its arguments, with their defaults.
    pub arguments: Vec<Binding>,
    /// The unit of the result, if it is declared.
    pub unit: Option<Unit>,
    /// Names for values in the body, each over the arguments and those before it.
    pub lets: Vec<Binding>,
    /// The result.
    pub body: Expr,
    /// The whole declaration.
    pub span: Span,
}
