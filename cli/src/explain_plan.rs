//! `bpc explain-plan`: what the compiler merged and fused, and why it did not do the rest.

use crate::backend::{self, PrecisionArg};
use crate::console;
use crate::failure::Failure;
use crate::frontend::{Checked, ModelArguments};
use clap::Args;

/// See [`execute`].
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  bpc explain-plan net.bp")]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Width of real numbers
    #[arg(long, value_name = "TYPE", default_value = "f64")]
    precision: PrecisionArg,
}

/// Prints the plan of a network.
///
/// # Errors
/// If the model has mistakes.
pub fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let input = arguments.model.input()?;
    let (model, sources) = Checked::of(&input, &arguments.model.request()).into_model()?;
    let precision = arguments.precision.into();
    console::print(&backend::explain_plan(&model, &sources, precision)?)?;
    console::print(&backend::explain_order(&model, &sources, precision)?)
}
