//! The one integration-test binary: MLIR and LLVM are linked once.

mod codegen;
mod command_line;
