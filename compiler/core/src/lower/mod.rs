//! Step operations to loops, and loops to MLIR's llvm dialect: one boundary a file.

pub mod arrays;
mod derive;
mod draws;
mod edges;
pub mod emitter;
pub mod expressions;
pub mod functions;
mod iteration;
pub mod lanes;
pub mod layout;
mod leaves;
pub mod loops_to_llvm;
mod random;
mod spike_times;
mod synapses;
mod tables;
