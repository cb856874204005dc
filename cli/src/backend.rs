//! From a checked model to code: calls the compiler's core and turns what can go wrong there into
//! a [`Failure`]. The only file of the program that knows how the core is called.

use crate::codes::UNSUPPORTED;
use crate::failure::{Exit, Failure};
use crate::frontend;
use bpc_core::codegen::library;
use bpc_core::{CompileError, CompileOptions, Compiled, Precision, STAGES};
use bpc_sema::model::Model;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{SourceMap, Span};
use std::path::{Path, PathBuf};

/// `--precision`
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum PrecisionArg {
    /// 32-bit real numbers
    F32,
    /// 64-bit real numbers
    F64,
}

impl PrecisionArg {
    /// `f32` or `f64`
    pub fn name(self) -> &'static str {
        match self {
            PrecisionArg::F32 => "f32",
            PrecisionArg::F64 => "f64",
        }
    }
}

impl From<PrecisionArg> for Precision {
    fn from(precision: PrecisionArg) -> Self {
        match precision {
            PrecisionArg::F32 => Precision::F32,
            PrecisionArg::F64 => Precision::F64,
        }
    }
}

/// `--kind`
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum KindArg {
    /// lib<net>.a
    Static,
    /// lib<net>.so
    Shared,
    /// <net>.o, one relocatable object
    Object,
}

impl From<KindArg> for library::Kind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Static => library::Kind::Static,
            KindArg::Shared => library::Kind::Shared,
            KindArg::Object => library::Kind::Object,
        }
    }
}

/// Checks the name of a stage for the command line.
///
/// # Errors
/// With the names that there are.
pub fn stage(name: &str) -> Result<String, String> {
    let names: Vec<&str> = STAGES.iter().map(|s| s.0).collect();
    if names.contains(&name) {
        return Ok(name.to_owned());
    }
    let near = bpc_syntax::suggest::closest(name, names.iter().copied());
    let hint = near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
    Err(format!("there is no such stage{hint}\n  stages: {}", names.join(", ")))
}

/// Compiles, and shows what is not supported at its place in the source.
///
/// # Errors
/// See [`CompileError`].
pub fn compile(model: &Model, sources: &SourceMap, options: &CompileOptions) -> Result<Compiled, Failure> {
    bpc_core::compile(model, options).map_err(|error| failed(&error, sources))
}

/// Compiles, and says in one line why it cannot.
///
/// # Errors
/// See [`CompileError`].
pub fn try_compile(model: &Model, options: &CompileOptions) -> Result<Compiled, String> {
    bpc_core::compile(model, options).map_err(|error| Failure::from(&error).message)
}

/// Writes the library of a network, and its header, into a folder.
///
/// # Errors
/// If a file cannot be written, or the library cannot be linked.
pub fn write_library(compiled: &Compiled, kind: library::Kind, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let written = library::write(compiled, compiled.runtime, folder, kind).map_err(|e| Failure::run(e.to_string()))?;
    Ok(vec![written.library, written.header])
}

/// The passes of the compiler: name and what it does, in the order of the pipeline.
pub fn passes() -> impl Iterator<Item = (&'static str, &'static str)> {
    bpc_core::pipeline::passes().map(|pass| (pass.name, pass.summary))
}

/// Which integrator every equation gets, and why; or what the back end would refuse.
///
/// # Errors
/// Bugs of ours.
pub fn explain_integrators(model: &Model, precision: Precision) -> Result<Result<String, Diagnostic>, Failure> {
    match bpc_core::explain_integrators(model, precision) {
        Ok(text) => Ok(Ok(text)),
        Err(error) => unsupported(&error).map(Err).ok_or_else(|| Failure::from(&error)),
    }
}

/// What was merged and fused, and why not the rest.
///
/// # Errors
/// See [`CompileError`].
pub fn explain_plan(model: &Model, sources: &SourceMap, precision: Precision) -> Result<String, Failure> {
    bpc_core::explain_plan(model, precision).map_err(|error| failed(&error, sources))
}

/// Of what can meet in one step, whether the order matters, with places in the source; nothing if nothing can.
///
/// # Errors
/// See [`CompileError`].
pub fn explain_order(model: &Model, sources: &SourceMap, precision: Precision) -> Result<String, Failure> {
    let found = bpc_core::explain_order(model, precision).map_err(|error| failed(&error, sources))?;
    if found.pairs.is_empty() {
        return Ok(String::new());
    }
    let mut text = "what can meet in one step:\n".to_owned();
    for pair in &found.pairs {
        let place = |span: &Span| {
            let (line, column) = sources.line_column(*span);
            format!("{}:{line}:{column}", sources.get(span.file).name)
        };
        let places: Vec<String> = pair.places.iter().map(place).collect();
        text.push_str(&format!("    {}: {} ({})\n", pair.owner, pair.text, places.join(", ")));
    }
    if found.more > 0 {
        text.push_str(&format!("    and {} pairs more\n", found.more));
    }
    Ok(text)
}

/// What the back end would refuse of a model that the front end accepts.
///
/// # Errors
/// Bugs of ours.
pub fn refused(model: &Model, precision: Precision) -> Result<Option<Diagnostic>, Failure> {
    let Err(error) = bpc_core::refused(model, precision) else { return Ok(None) };
    unsupported(&error).map(Some).ok_or_else(|| Failure::from(&error))
}

/// What is not supported, at its place in the source.
fn unsupported(error: &CompileError) -> Option<Diagnostic> {
    let CompileError::Unsupported { text, span, hint } = error else { return None };
    let diagnostic = Diagnostic::error(UNSUPPORTED, text.clone(), *span, "this");
    Some(match hint {
        Some(hint) => diagnostic.hint(*hint),
        None => diagnostic,
    })
}

/// Shows what is not supported; passes everything else on.
fn failed(error: &CompileError, sources: &SourceMap) -> Failure {
    match unsupported(error) {
        Some(diagnostic) => {
            frontend::show(&[diagnostic], sources);
            Failure::told(Exit::Diagnostics)
        }
        None => Failure::from(error),
    }
}
