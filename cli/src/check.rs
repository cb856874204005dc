//! `bpc check`: the front end, and what the back end would refuse, which its first passes tell without making code; with
//! `--explain`, the choice of integrators and what depends on the order of simultaneous events as well.

use crate::backend::{self, PrecisionArg};
use crate::console;
use crate::failure::{Exit, Failure};
use crate::frontend::{self, Checked, ModelArguments};
use clap::{Args, ValueEnum};

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    /// With the lines of the source, on standard error
    Human,
    /// One JSON object on a line for each, on standard output
    Json,
}

/// See [`execute`].
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  bpc check net.bp
  bpc check net.bp --explain                what each error means, or which integrators are taken and where the order matters
  bpc check net.bp --message-format json    for editors and scripts")]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Of real numbers in states: what can be refused and explained depends on it
    #[arg(long, value_name = "TYPE", default_value = "f64")]
    precision: PrecisionArg,
    /// How diagnostics are written
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    message_format: MessageFormat,
    /// Says what each error means; if there is none, which integrator every equation gets, and whether it matters in which order
    /// simultaneous events act
    #[arg(long)]
    explain: bool,
}

/// Checks a model and says what is wrong with it.
///
/// # Errors
/// Exit 1 if there are errors; warnings are none.
pub fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let input = arguments.model.input()?;
    let mut checked = Checked::of(&input, &arguments.model.request());
    let mut explained = String::new();
    if let Some(model) = checked.model.as_ref().filter(|_| !checked.failed()) {
        let precision = arguments.precision.into();
        // The passes that explain come to what would be refused on their way.
        if arguments.explain && arguments.message_format == MessageFormat::Human {
            match backend::explain_integrators(model, precision)? {
                Ok(text) => explained = text + &backend::explain_order(model, &checked.sources, precision)?,
                Err(refused) => checked.diagnostics.push(refused),
            }
        } else {
            checked.diagnostics.extend(backend::refused(model, precision)?);
        }
    }
    match arguments.message_format {
        MessageFormat::Json => {
            let lines: String = checked.diagnostics.iter().map(|d| frontend::json_line(d, &checked.sources)).collect();
            console::print(&lines)?;
        }
        MessageFormat::Human => checked.show(),
    }
    if arguments.explain {
        let mut seen: Vec<&str> = checked.diagnostics.iter().map(|d| d.code).collect();
        seen.sort_unstable();
        seen.dedup();
        for code in frontend::codes().into_iter().filter(|c| seen.contains(&c.code)) {
            console::note(&crate::explain::page(code));
        }
    }
    if checked.failed() {
        return Err(Failure::told(Exit::Diagnostics));
    }
    if arguments.message_format == MessageFormat::Human {
        console::print(&format!("{}: ok, {}\n", input.name, checked.summary()))?;
        console::print(&explained)?;
    }
    Ok(())
}
