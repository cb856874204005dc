//! `bpc`: the compiler's command line.
//!
//! In: arguments and files. Out: data on standard output, messages on standard error, an exit code
//! of [`failure::Exit`]. One file for each subcommand; nothing here knows how to compile or to
//! simulate. Nothing heavy happens before the arguments are understood.

mod backend;
mod check;
mod codes;
mod compile;
mod console;
mod doc;
mod early;
mod explain;
mod explain_plan;
mod failure;
mod frontend;
mod interrupt;
mod kept;
mod memory;
mod new;
mod opt;
mod output;
mod plot;
mod progress;
mod provenance;
mod raster;
mod run;
mod simulate;
mod snapshot;
mod statistics;
mod test;
mod ticks;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use failure::{Exit, Failure};
use std::process::ExitCode;

/// Compiles brain models to native code, and runs them
#[derive(Debug, Parser)]
#[command(
    name = "bpc",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true,
    before_help = "\
Examples:
  bpc new my_net                            a folder with a small network that runs
  bpc run my_net/my_net.bp                  simulate it, show rates and a raster
  bpc run net.bp --set n=40000 --plot r.png another size, and a picture
  bpc compile net.bp -o build               a library with a C interface
  bpc explain E0203                         what an error means"
)]
struct Cli {
    /// When to use colour; `auto` heeds NO_COLOR and terminals
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: console::Color,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Checks a model without building it
    Check(check::Arguments),
    /// Compiles a network, simulates it, and shows what came out
    Run(Box<run::Arguments>),
    /// Compiles a network into a library with a C interface
    Compile(compile::Arguments),
    /// Runs the expectations of models, and compares with stored snapshots
    Test(test::Arguments),
    /// Says what a diagnostic means
    Explain(explain::Arguments),
    /// Says how the network is laid out: what is merged, what is not, and why
    ExplainPlan(explain_plan::Arguments),
    /// Documents models, with formulas and a plot of what each does
    Doc(doc::Arguments),
    /// Makes a folder with a small network that runs
    New(new::Arguments),
    /// Runs passes of the compiler over a file of its intermediate language
    Opt(opt::Arguments),
}

/// Help leads with what the command is and how it is used.
const HELP: &str = "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

fn command_line() -> clap::Command {
    Cli::command().help_template(HELP).mut_subcommands(|c| c.help_template(HELP))
}

fn execute(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Check(arguments) => check::execute(arguments),
        Command::Run(arguments) => run::execute(arguments),
        Command::Compile(arguments) => compile::execute(arguments),
        Command::Test(arguments) => test::execute(arguments),
        Command::Explain(arguments) => explain::execute(arguments),
        Command::ExplainPlan(arguments) => explain_plan::execute(arguments),
        Command::Doc(arguments) => doc::execute(arguments),
        Command::New(arguments) => new::execute(arguments),
        Command::Opt(arguments) => opt::execute(arguments),
    }
}

/// A panic, in whichever thread, is a bug: told as one, and the end.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|l| format!(" ({}:{})", l.file(), l.line())).unwrap_or_default();
        let payload = panic.payload();
        let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        console::note(&format!("\n{}\n", failure::bug_report(&format!("{text}{place}"))));
        std::process::exit(Exit::Internal as i32);
    }));
}

fn main() -> ExitCode {
    report_panics();
    let matches = command_line().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    cli.color.apply();
    match execute(&cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            match failure.exit {
                _ if failure.message.is_empty() => {}
                Exit::Internal => console::note(&format!("{}\n", failure::bug_report(&failure.message))),
                _ => console::error(&failure.message),
            }
            ExitCode::from(failure.exit as u8)
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command_line().debug_assert();
    }
}
