//! The one integration-test binary: MLIR and LLVM are linked once.

mod bpc;
mod codegen;
mod command_line;
mod dialect;
mod doc;
mod embed;
mod file_tests;
mod language;
mod layers;
mod models;
mod networks;
mod neurons;
mod numbers;
mod passes;
mod reference;
mod snapshots;
mod statistics;
mod support;
