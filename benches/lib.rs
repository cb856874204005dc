//! What the benches share: the networks, and the way from their text to a running instance.
//!
//! In: the text of a `.bp` file and values for its parameters. Out: a checked model, or loaded code.
//! A network of the benches that does not compile is a mistake here, so it ends the bench.

use bpc_core::execute::Session;
use bpc_core::{CompileOptions, Precision};
use bpc_sema::model::Model;
use bpc_sema::{FileLoader, Options};
use std::path::Path;

/// `examples/coba_lif.bp`
pub const COBA_LIF: &str = include_str!("../examples/coba_lif.bp");

/// `examples/coba_hh.bp`
pub const COBA_HH: &str = include_str!("../examples/coba_hh.bp");

/// Nothing but parsing and checking: own neurons, synapses, functions and several networks.
pub const LINES_300: &str = include_str!("networks/lines_300.bp");

/// Every neuron spikes once in a `period`, and reaches `k` others.
pub const PACEMAKERS: &str = include_str!("networks/pacemakers.bp");

/// A population joined to itself by a rule: networks `Bernoulli` and `InDegree`.
pub const RULES: &str = include_str!("networks/rules.bp");

/// Runs the front end on a file with one `simulate` block.
///
/// # Panics
/// If the text has errors or nothing to simulate.
#[must_use]
pub fn check(text: &str, set: &[(&str, &str)]) -> Model {
    let set = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    run_front_end(text, Options { set, ..Options::default() })
}

/// Runs the front end on a file with several.
///
/// # Panics
/// If the text has errors, or does not simulate that network.
#[must_use]
pub fn check_network(text: &str, network: &str) -> Model {
    run_front_end(text, Options { network: Some(network.to_owned()), ..Options::default() })
}

fn run_front_end(text: &str, options: Options) -> Model {
    let loader = FileLoader::new(Path::new("bench.bp"), bpc_stdlib::FILES);
    let checked = bpc_sema::check("bench.bp", text, &loader, &options);
    let titles = checked.diagnostics.iter().map(|d| format!("{} {}\n", d.code, d.title)).collect::<String>();
    checked.model.unwrap_or_else(|| panic!("no model:\n{titles}"))
}

/// Compiles in f32 for this machine, and links.
///
/// # Panics
/// If that fails.
#[must_use]
pub fn compile(model: &Model) -> Session {
    let options = CompileOptions { precision: Precision::F32, ..CompileOptions::default() };
    let compiled = bpc_core::compile(model, &options).unwrap_or_else(|error| panic!("{error}"));
    Session::just_in_time(&compiled).unwrap_or_else(|error| panic!("{error}"))
}
