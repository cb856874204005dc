//! `bpc opt`: passes over a text of the intermediate language, for tests and for the curious.

use crate::backend;
use crate::console::{self, BOLD, RESET};
use crate::failure::{Exit, Failure};
use crate::frontend::Input;
use clap::Args;
use std::path::PathBuf;

/// See [`execute`].
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  bpc opt net.mlir                          parse, verify, print
  bpc run net.bp --emit dynamics | bpc opt --passes=NAME,NAME -
  bpc opt --list                            the passes, in the order of the pipeline")]
pub struct Arguments {
    /// Passes to run, in this order
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = pass)]
    passes: Vec<String>,
    /// Lists the passes
    #[arg(long)]
    list: bool,
    /// The file (`-` for standard input)
    #[arg(value_name = "FILE.mlir", required_unless_present = "list")]
    file: Option<PathBuf>,
}

fn pass(name: &str) -> Result<String, String> {
    let names = || backend::passes().map(|(name, _)| name);
    if names().any(|n| n == name) {
        return Ok(name.to_owned());
    }
    let near = bpc_syntax::suggest::closest(name, names()).map(|n| format!("; did you mean `{n}`?"));
    Err(format!("there is no such pass{}\n  `bpc opt --list` shows them", near.unwrap_or_default()))
}

/// Reads, transforms, verifies and prints.
///
/// # Errors
/// If the text cannot be read, or a pass fails.
pub fn execute(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.list {
        let width = backend::passes().map(|(name, _)| name.len()).max().unwrap_or(0);
        let lines: String =
            backend::passes().map(|(name, what)| format!("{BOLD}{name:width$}{RESET}  {what}\n")).collect();
        return console::print(&lines);
    }
    let Some(file) = &arguments.file else { return Ok(()) };
    let input = Input::read(file)?;
    match bpc_core::opt(&input.text()?, &arguments.passes) {
        Ok(text) => console::print(&text),
        Err(message) => Err(Failure { exit: Exit::Diagnostics, message: format!("{}: {message}", input.name) }),
    }
}
