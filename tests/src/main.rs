//! The one integration-test binary: MLIR and LLVM are linked once.

mod bpc;
mod codegen;
mod command_line;
mod couplings;
mod dialect;
mod embed;
mod file_tests;
mod language;
mod layers;
mod models;
mod networks;
mod neurons;
mod numbers;
mod passes;
mod plastic_networks;
mod plasticity;
mod reference;
mod snapshots;
mod spike_trains;
mod statistics;
mod support;
mod synapses;
