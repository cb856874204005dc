//! `bpc test`: the expectations of models, and their golden snapshots.

use crate::backend;
use crate::console::{self, DIM, GREEN, RED, RESET};
use crate::failure::{Exit, Failure};
use crate::frontend::{Checked, Input, Request};
use crate::simulate::{Keep, Manner, Outcome, simulate};
use crate::{memory, output, snapshot, statistics};
use bpc_core::CompileOptions;
use bpc_core::execute::Session;
use bpc_sema::model::Model;
use bpc_syntax::source::SourceMap;
use clap::Args;
use std::path::{Path, PathBuf};

/// The stage whose text a snapshot holds.
const STAGE: &str = "model";

/// See [`execute`].
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  bpc test net.bp                           run, check `expect`, compare with the snapshot
  bpc test net.bp --bless                   store what comes out as the snapshot
  bpc test examples/*.bp")]
pub struct Arguments {
    /// The models
    #[arg(value_name = "FILE.bp", required = true)]
    files: Vec<PathBuf>,
    /// Accepts what comes out: writes the snapshots
    #[arg(long)]
    bless: bool,
}

/// Runs every simulation of every file with f64 numbers and one thread.
///
/// # Errors
/// Exit 1 if an expectation fails or a snapshot differs or is missing.
pub fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let (mut passed, mut failed) = (0, 0);
    for file in &arguments.files {
        let mut count = |result: bool| if result { passed += 1 } else { failed += 1 };
        let input = Input::read(file)?;
        let checked = Checked::of(&input, &Request::default());
        if checked.failed() {
            checked.show();
            count(false);
            continue;
        }
        if checked.simulations.is_empty() {
            console::note(&format!("{}: no `simulate` block\n", input.name));
        }
        let mut seen: Vec<&String> = Vec::new();
        for network in &checked.simulations {
            if seen.contains(&network) {
                continue;
            }
            seen.push(network);
            console::print(&format!("{}: {network}\n", input.name))?;
            count(block(&input, file, network, arguments.bless)?);
        }
    }
    let color = if failed > 0 { RED } else { GREEN };
    console::print(&format!("{color}{passed} passed, {failed} failed{RESET}\n"))?;
    if failed > 0 { Err(Failure::told(Exit::Diagnostics)) } else { Ok(()) }
}

/// Runs one simulation; `false` if something is not as it should be. Bugs end the whole command.
fn block(input: &Input, file: &Path, network: &str, bless: bool) -> Result<bool, Failure> {
    let request = Request { network: Some(network.to_owned()), ..Request::default() };
    let result = Checked::of(input, &request).into_model().and_then(|(model, sources)| {
        let (outcome, dialect) = run(&model, &sources)?;
        Ok((model, outcome, dialect))
    });
    let (model, outcome, dialect) = match result {
        Ok(run) => run,
        Err(failure) if matches!(failure.exit, Exit::Internal | Exit::Interrupted) => return Err(failure),
        Err(failure) => {
            if !failure.message.is_empty() {
                verdict(false, &failure.message)?;
            }
            return Ok(false);
        }
    };
    if let Some(text) = &outcome.failure {
        verdict(false, text)?;
        return Ok(false);
    }
    let mut good = true;
    for (expectation, value, holds) in outcome.expectations(&model) {
        good &= holds;
        let shown = statistics::shown(&expectation.measured, value);
        verdict(holds, &format!("{}   {DIM}measured{RESET} {shown}", expectation.text))?;
    }
    Ok(good & compare(&snapshot::path(file, network), &snapshot::text(&outcome, &dialect), bless)?)
}

fn run(model: &Model, sources: &SourceMap) -> Result<(Outcome, String), Failure> {
    let options = CompileOptions { keep: vec![STAGE.to_owned()], ..CompileOptions::default() };
    let compiled = backend::compile(model, sources, &options)?;
    memory::check(&compiled.memory, model.neurons())?;
    let session = Session::just_in_time(&compiled).map_err(Failure::internal)?;
    let outcome = simulate(&session, model, Manner { threads: 1, keep: Keep::Everything, progress: true })?;
    if outcome.interrupted {
        return Err(Failure { exit: Exit::Interrupted, message: "interrupted".into() });
    }
    let dialect = compiled.stages.into_iter().find(|(name, _)| name == STAGE).map(|(_, text)| text);
    Ok((outcome, dialect.unwrap_or_default()))
}

/// Compares with what is stored, or stores.
fn compare(path: &Path, new: &str, bless: bool) -> Result<bool, Failure> {
    let stored = match std::fs::read(path) {
        Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Failure::run(format!("cannot read `{}`: {error}", path.display()))),
    };
    let shown = path.display();
    match stored {
        Some(stored) if stored == new => verdict(true, &format!("snapshot {shown}"))?,
        _ if bless => {
            output::write_file(path, new.as_bytes())?;
            verdict(true, &format!("snapshot {shown} written"))?;
        }
        None => {
            verdict(false, &format!("there is no snapshot {shown}; store one with `bpc test --bless`"))?;
            return Ok(false);
        }
        Some(stored) => {
            verdict(false, &format!("snapshot {shown} differs ({DIM}-{RESET} stored, {DIM}+{RESET} now)"))?;
            let difference = snapshot::difference(&stored, new).unwrap_or_default();
            let lines: String = difference.lines().map(|line| format!("        {}\n", colored(line))).collect();
            console::print(&lines)?;
            return Ok(false);
        }
    }
    Ok(true)
}

fn colored(line: &str) -> String {
    match line.chars().next() {
        Some('-') => format!("{RED}{line}{RESET}"),
        Some('+') => format!("{GREEN}{line}{RESET}"),
        _ => format!("{DIM}{line}{RESET}"),
    }
}

fn verdict(good: bool, text: &str) -> Result<(), Failure> {
    let (color, word) = if good { (GREEN, "ok  ") } else { (RED, "FAIL") };
    console::print(&format!("  {color}{word}{RESET}  {text}\n"))
}
