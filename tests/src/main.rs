//! The one integration-test binary: MLIR and LLVM are linked once.

mod bpc;
mod codegen;
mod command_line;
mod dialect;
mod file_tests;
mod support;
