//! Expressions: names, units, functions, tables, elements of data, bounds and values.

pub(crate) mod call;
pub(crate) mod checker;
pub(crate) mod delayed;
pub(crate) mod element;
pub mod evaluate;
pub(crate) mod expression;
pub mod functions;
pub(crate) mod nonzero;
pub(crate) mod over;
pub mod scope;
pub(crate) mod tables;
pub(crate) mod time_index;
pub(crate) mod two_meanings;
pub mod units;
pub(crate) mod whole;
