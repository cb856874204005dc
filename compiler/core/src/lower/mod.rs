//! Step operations to loops, and loops to MLIR's llvm dialect: one boundary a file.

mod edges;
pub mod emitter;
pub mod expressions;
pub mod functions;
pub mod lanes;
pub mod layout;
mod leaves;
pub mod loops_to_llvm;
