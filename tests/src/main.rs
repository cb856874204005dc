//! The one integration-test binary: MLIR and LLVM are linked once.

mod bpc;
mod cells;
mod codegen;
mod command_line;
mod connections;
mod data;
mod dialect;
mod embed;
mod file_tests;
mod integrators;
mod language;
mod layers;
mod models;
mod networks;
mod neuron_rules;
mod neurons;
mod numbers;
mod passes;
mod reference;
mod snapshots;
mod sources;
mod statistics;
mod support;
mod synapses;
