//! Text to syntax tree: lexer, grammar, diagnostics.
//!
//! [`parse`] is the only door. It never fails: it returns what it could understand, plus
//! diagnostics. It knows nothing of what names mean, of dimensions, or of files on a disk.
//!
//! ```text
//! bytes ─ decode ─ str ─ lexer (units end here) ─ tokens ─ grammar ─ ast::File
//!                                                   └ on a mistake: recover, piece by piece
//! ```

pub mod ast;
pub mod codes;
pub mod diagnostic;
pub mod foreign;
pub mod lexer;
pub mod render;
pub mod source;
pub mod suggest;
pub mod unit_words;
pub mod units_table;
pub mod words;

mod decode;
mod derivatives;
mod explain;
mod parse;
mod recover;
mod tree;

#[allow(missing_docs, unused, clippy::all, clippy::pedantic, clippy::nursery)]
mod grammar {
    include!(concat!(env!("OUT_DIR"), "/grammar.rs"));
}

pub use decode::decode;
pub use parse::parse;

/// How deep expressions and brackets may nest; every tree is at most this deep.
pub const MAX_DEPTH: usize = 256;

/// No file gives more diagnostics than about this many.
pub const MAX_ERRORS: usize = 200;

/// No file may have more bytes than this.
pub const MAX_BYTES: usize = 256 << 20;
