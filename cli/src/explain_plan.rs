//! `bpc explain-plan`: what the compiler merged and fused, and why it did not do the rest.

use crate::backend::{self, PrecisionArg};
use crate::console;
use crate::failure::Failure;
use crate::frontend::{Checked, Input, Request};
use crate::run::assignment;
use clap::Args;
use std::path::PathBuf;

/// See [`execute`].
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  bpc explain-plan net.bp")]
pub struct Arguments {
    /// The model
    #[arg(value_name = "FILE.bp")]
    file: PathBuf,
    /// Which network, if the file simulates several
    #[arg(long, value_name = "NAME")]
    network: Option<String>,
    /// Gives a parameter another value
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Width of real numbers
    #[arg(long, value_name = "TYPE", default_value = "f64")]
    precision: PrecisionArg,
}

/// Prints the plan of a network.
///
/// # Errors
/// If the model has mistakes.
pub fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let input = Input::read(&arguments.file)?;
    let request = Request { network: arguments.network.clone(), set: arguments.set.clone(), ..Request::default() };
    let (model, sources) = Checked::of(&input, &request).into_model()?;
    console::print(&backend::explain_plan(&model, &sources, arguments.precision.into())?)
}
