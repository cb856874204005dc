//! Checked model to machine code.
//!
//! In: a [`bpc_sema::model::Model`]. Out: an object file whose functions are described in
//! [`bpc_runtime_abi`], and the descriptor of the network. On the way: the `dynamics` dialect, the
//! passes of [`pipeline`], MLIR's own dialects, LLVM IR. May never happen: a mistake of the user
//! that is found only here (that is the front end's work); a panic on any model. What goes wrong
//! here is a [`Bug`] of the compiler, or a [`CompileError::Unsupported`] construct, told as such.

pub mod analysis;
pub mod codegen;
pub mod driver;
pub mod emit;
pub mod execute;
pub mod ir;
pub mod lower;
pub mod passes;
pub mod pipeline;
mod plan;
pub mod refuse;
pub mod simultaneous;

use bpc_sema::model::Model;
use bpc_sema::program::stack;
use bpc_syntax::source::Span;
use std::fmt;

/// [`driver::compile`], for a caller with little stack.
///
/// # Errors
/// See [`CompileError`].
pub fn compile(model: &Model, options: &CompileOptions) -> Result<Compiled, CompileError> {
    stack::ample(|| driver::compile(model, options))
}

/// [`driver::explain_plan`], for a caller with little stack.
///
/// # Errors
/// See [`CompileError`].
pub fn explain_plan(model: &Model, precision: Precision) -> Result<String, CompileError> {
    stack::ample(|| driver::explain_plan(model, precision))
}

/// [`driver::explain_integrators`], for a caller with little stack.
///
/// # Errors
/// See [`CompileError`].
pub fn explain_integrators(model: &Model, precision: Precision) -> Result<String, CompileError> {
    stack::ample(|| driver::explain_integrators(model, precision))
}

/// [`driver::explain_order`], for a caller with little stack.
///
/// # Errors
/// See [`CompileError`].
pub fn explain_order(model: &Model, precision: Precision) -> Result<simultaneous::Coincidences, CompileError> {
    stack::ample(|| driver::explain_order(model, precision))
}

/// [`driver::refused`], for a caller with little stack.
///
/// # Errors
/// See [`CompileError`].
pub fn refused(model: &Model, precision: Precision) -> Result<(), CompileError> {
    stack::ample(|| driver::refused(model, precision))
}

/// [`driver::opt`], for a caller with little stack.
///
/// # Errors
/// What went wrong, as text.
pub fn opt(source: &str, passes: &[String]) -> Result<String, String> {
    stack::ample(|| driver::opt(source, passes))
}

/// Width of real numbers in the generated code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Precision {
    /// `float`
    F32,
    /// `double`
    #[default]
    F64,
}

/// How to compile.
#[derive(Clone, Debug, Default)]
pub struct CompileOptions {
    /// Width of real numbers.
    pub precision: Precision,
    /// The processor: `None` is this machine's own, with all its features; otherwise an LLVM name
    /// such as `x86-64-v3`.
    pub cpu: Option<String>,
    /// Keep the text of these stages (names of [`STAGES`]).
    pub keep: Vec<String>,
}

/// What `--emit` can show: stage name and what it is.
pub const STAGES: &[(&str, &str)] = &[
    ("dynamics", "the dynamics dialect as emitted from the checked model"),
    ("aligned", "the dynamics dialect after alignment and merging of projections"),
    ("model", "the dynamics dialect after the last model-level pass"),
    ("step", "the dynamics dialect after lowering to step operations"),
    ("loops", "func, scf, memref, vector and arith"),
    ("llvm-dialect", "MLIR's llvm dialect"),
    ("llvm", "LLVM IR after optimisation"),
    ("asm", "assembly"),
];

/// A compiled network.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The network's name in lower snake case: prefix of the library's symbols.
    pub symbol: String,
    /// The relocatable object of the network itself, without the runtime.
    pub object: Vec<u8>,
    /// The C header of the network's interface.
    pub header: String,
    /// The texts of the stages asked for, in the order of [`STAGES`].
    pub stages: Vec<(String, String)>,
    /// Estimated bytes that an instance needs, and the figures it is made of.
    pub memory: MemoryEstimate,
    /// Which build of the runtime goes with it.
    pub runtime: codegen::runtime_object::Variant,
    /// Time of each phase, in order.
    pub timings: Vec<(String, std::time::Duration)>,
}

/// What an instance of a network will take.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemoryEstimate {
    /// Bytes of states.
    pub state_bytes: u64,
    /// Expected number of synapses.
    pub synapses: f64,
    /// Bytes of connections.
    pub synapse_bytes: f64,
    /// Bytes of spike rings.
    pub ring_bytes: u64,
}

impl MemoryEstimate {
    /// Everything together, in bytes.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.state_bytes as f64 + self.synapse_bytes + self.ring_bytes as f64
    }
}

/// A mistake of ours: never the user's fault.
#[derive(Clone, Debug)]
pub struct Bug(pub String);

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Why there is no code.
#[derive(Clone, Debug)]
pub enum CompileError {
    /// The model is valid, but this compiler cannot build it yet.
    Unsupported {
        /// What and why.
        text: String,
        /// Where it was written.
        span: Span,
        /// What to do, where that is plain.
        hint: Option<&'static str>,
    },
    /// The processor asked for is not known, or the like.
    Target(String),
    /// A bug of the compiler.
    Bug(Bug),
}

impl From<Bug> for CompileError {
    fn from(bug: Bug) -> Self {
        CompileError::Bug(bug)
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompileError::Unsupported { text, .. } => write!(f, "not supported yet: {text}"),
            CompileError::Target(text) => write!(f, "{text}"),
            CompileError::Bug(bug) => write!(f, "internal error of the compiler: {bug}"),
        }
    }
}

impl std::error::Error for CompileError {}
