//! From a path on the command line to a checked model: reads the file, runs the front end, shows
//! what it has to say. The only file of the program that knows how the front end is called.

use crate::console::{self, grouped};
use crate::failure::{Exit, Failure};
use crate::provenance::{Hashed, Noting};
use bpc_sema::Selection;
use bpc_sema::model::Model;
use bpc_syntax::codes::Code;
use bpc_syntax::diagnostic::{Diagnostic, Severity};
use bpc_syntax::render;
use bpc_syntax::source::{FileId, SourceMap};
use clap::Args;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A file as it was read.
#[derive(Clone, Debug)]
pub struct Input {
    /// As given on the command line.
    pub name: String,
    /// Its bytes, which may be no text.
    bytes: Vec<u8>,
}

impl Input {
    /// Reads a file, or standard input for `-`.
    ///
    /// # Errors
    /// If there is no such file.
    pub fn read(path: &Path) -> Result<Input, Failure> {
        let cannot =
            |error: &dyn std::fmt::Display| Failure::usage(format!("cannot read `{}`: {error}", path.display()));
        let mut bytes = Vec::new();
        if path == Path::new("-") {
            std::io::stdin().read_to_end(&mut bytes).map_err(|e| cannot(&e))?;
            return Ok(Input { name: "<stdin>".into(), bytes });
        }
        if path.is_dir() {
            return Err(cannot(&"it is a directory; give a .bp file"));
        }
        let bytes = std::fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => cannot(&"there is no such file"),
            _ => cannot(&error),
        })?;
        Ok(Input { name: path.display().to_string(), bytes })
    }

    /// A text that stands in no file; imports are looked for beside `name`.
    pub fn from_text(name: &str, text: &str) -> Input {
        Input { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    /// Its text.
    ///
    /// # Errors
    /// If it is not text; that has been said.
    pub fn text(&self) -> Result<String, Failure> {
        bpc_syntax::decode(FileId(0), &self.bytes).map_err(|diagnostic| {
            show(&[diagnostic], &self.lossy_sources());
            Failure::told(Exit::Diagnostics)
        })
    }

    fn lossy_sources(&self) -> SourceMap {
        let mut sources = SourceMap::default();
        sources.add(self.name.clone(), String::from_utf8_lossy(&self.bytes));
        sources
    }
}

/// Which model a command is about, and what is different about it.
#[derive(Debug, Args)]
pub struct ModelArguments {
    /// The model (`-` for standard input)
    #[arg(value_name = "FILE.bp")]
    file: PathBuf,
    /// Which network, if the file simulates several
    #[arg(long, value_name = "NAME")]
    network: Option<String>,
    /// Gives a parameter another value, such as n=400 or E.tau=25ms
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,
}

impl ModelArguments {
    /// The file as it is read.
    ///
    /// # Errors
    /// See [`Input::read`].
    pub fn input(&self) -> Result<Input, Failure> {
        Input::read(&self.file)
    }

    /// What is different.
    pub fn request(&self) -> Request {
        Request { network: self.network.clone(), set: self.set.clone(), ..Request::default() }
    }
}

/// Splits `NAME=VALUE`.
///
/// # Errors
/// If it is something else.
fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.into(), value.into())),
        _ => Err("write NAME=VALUE, such as n=400 or E.tau=25ms".into()),
    }
}

/// What the command line changes about a model.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `--network`
    pub network: Option<String>,
    /// `--set`
    pub set: Vec<(String, String)>,
    /// `--seed`
    pub seed: Option<u64>,
    /// `--duration`
    pub duration: Option<String>,
    /// `--dt`
    pub dt: Option<String>,
}

/// What the front end made of a file.
pub struct Checked {
    /// The model, if there is no error and something to simulate.
    pub model: Option<Model>,
    /// Errors and warnings, in the order of the source.
    pub diagnostics: Vec<Diagnostic>,
    /// The networks of the `simulate` blocks, in source order.
    pub simulations: Vec<String>,
    /// Whether one of them is chosen.
    selection: Selection,
    /// Every file of models that was read.
    pub sources: SourceMap,
    /// Every data file that was read.
    pub data: Vec<Hashed>,
}

impl Checked {
    /// Runs the front end.
    pub fn of(input: &Input, request: &Request) -> Checked {
        let text = match bpc_syntax::decode(FileId(0), &input.bytes) {
            Ok(text) => text,
            Err(diagnostic) => {
                let sources = input.lossy_sources();
                return Checked {
                    model: None,
                    diagnostics: vec![diagnostic],
                    simulations: Vec::new(),
                    selection: Selection::NoSimulation,
                    sources,
                    data: Vec::new(),
                };
            }
        };
        let loader = Noting::new(bpc_sema::FileLoader::new(Path::new(&input.name), bpc_stdlib::FILES));
        let options = bpc_sema::Options {
            network: request.network.clone(),
            set: request.set.clone(),
            seed: request.seed,
            duration: request.duration.clone(),
            dt: request.dt.clone(),
        };
        let checked = bpc_sema::check(&input.name, &text, &loader, &options);
        Checked {
            model: checked.model,
            diagnostics: checked.diagnostics,
            simulations: checked.simulations,
            selection: checked.selection,
            sources: checked.sources,
            data: loader.data(),
        }
    }

    /// Whether there is an error.
    pub fn failed(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }

    /// The first error, in one line.
    pub fn first_error(&self) -> Option<String> {
        self.diagnostics.iter().find(|d| d.severity == Severity::Error).map(|d| format!("{} [{}]", d.title, d.code))
    }

    /// What to do to be told of a network, if the file simulates several and none is chosen.
    pub fn choose(&self) -> Option<String> {
        let first = self.simulations.first().filter(|_| self.selection == Selection::Several)?;
        Some(format!("what is chosen for one of them is told with its name: `--network {first}`"))
    }

    /// Shows errors and warnings on standard error.
    pub fn show(&self) {
        show(&self.diagnostics, &self.sources);
    }

    /// Shows errors and warnings, and takes the model if there is one.
    ///
    /// # Errors
    /// If there are errors, or nothing to simulate.
    pub fn into_model(mut self) -> Result<(Model, SourceMap), Failure> {
        self.show();
        if self.failed() {
            return Err(Failure::told(Exit::Diagnostics));
        }
        match (self.model.take(), self.selection) {
            (Some(model), _) => Ok((model, self.sources)),
            (None, Selection::Several) => Err(Failure::usage(format!(
                "the file simulates several networks: {}\n  help: choose one with `--network NAME`",
                self.simulations.join(", ")
            ))),
            (None, Selection::NoSimulation | Selection::Chosen) => Err(Failure {
                exit: Exit::Diagnostics,
                message: "there is nothing to run: the file has no `simulate` block\n  \
                          help: add `simulate NETWORK { dt 0.1 ms  duration 1 s  seed 1 }`"
                    .into(),
            }),
        }
    }

    /// What there is to run, for people.
    pub fn summary(&self) -> String {
        match (&self.model, self.selection) {
            (Some(model), _) => summary(model),
            (None, Selection::Several) => format!("simulates {}", self.simulations.join(", ")),
            (None, Selection::NoSimulation | Selection::Chosen) => "no `simulate` block".into(),
        }
    }
}

fn summary(model: &Model) -> String {
    let count = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    format!(
        "{}: {} neurons in {}, {}, {} steps of {} ms",
        model.network,
        grouped(model.neurons()),
        count(model.populations.iter().filter(|p| p.events_of.is_none()).count(), "population"),
        count(model.projections.len(), "projection"),
        grouped(model.simulation.steps),
        model.simulation.dt
    )
}

/// More diagnostics than this are only counted; a reader mends the first ones first.
const SHOWN: usize = 50;

/// Shows diagnostics on standard error.
pub fn show(diagnostics: &[Diagnostic], sources: &SourceMap) {
    if !diagnostics.is_empty() {
        let shown = render::limit(diagnostics.to_vec(), SHOWN);
        console::note(&render::human(&shown, sources, console::stderr_is_colored()));
    }
}

/// One diagnostic as one line of JSON.
pub fn json_line(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    format!("{}\n", render::json(diagnostic, sources))
}

/// Every code that `bpc` can report, by code.
pub fn codes() -> Vec<&'static Code> {
    let mut codes: Vec<&Code> =
        bpc_syntax::codes::CODES.iter().chain(bpc_sema::codes::CODES).chain(crate::codes::CODES).collect();
    codes.sort_by_key(|c| c.code);
    codes.dedup_by_key(|c| c.code);
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_a_diagnostic() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.bp");
        std::fs::write(&path, b"ab\nc\xffd").expect("written");
        let input = Input::read(&path).expect("read");
        let checked = Checked::of(&input, &Request::default());
        assert!(checked.failed() && checked.model.is_none());
        assert_eq!(input.text().expect_err("no text").exit, Exit::Diagnostics);
        assert_eq!(Input::read(folder.path()).expect_err("a folder").exit, Exit::Usage);
        assert_eq!(Input::read(&folder.path().join("y")).expect_err("nothing").exit, Exit::Usage);
    }

    #[test]
    fn assignments() {
        assert_eq!(assignment("n=40"), Ok(("n".into(), "40".into())));
        assert_eq!(assignment("E.tau = 25 ms"), Ok(("E.tau".into(), "25 ms".into())));
        for bad in ["", "n", "=4", "n=", " = "] {
            assert!(assignment(bad).is_err(), "{bad:?}");
        }
    }
}
