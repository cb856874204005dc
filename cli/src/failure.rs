//! How a command ends: the exit codes that scripts rely on, and the text that goes with them.

use bpc_core::CompileError;

/// The exit codes of `bpc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The model has mistakes, an expectation failed, or a snapshot differs.
    Diagnostics = 1,
    /// The command line cannot be understood, or names something that is not there.
    Usage = 2,
    /// It went wrong while running: memory, numbers, files that cannot be written.
    Run = 3,
    /// A bug of ours.
    Internal = 101,
    /// Ctrl-C.
    Interrupted = 130,
}

/// Why a command did not succeed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What to print on standard error; empty if it has been said already.
    pub message: String,
}

impl Failure {
    /// A mistake on the command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Failure { exit: Exit::Usage, message: message.into() }
    }

    /// Something that failed while running.
    pub fn run(message: impl Into<String>) -> Self {
        Failure { exit: Exit::Run, message: message.into() }
    }

    /// A bug of ours.
    pub fn internal(message: impl Into<String>) -> Self {
        Failure { exit: Exit::Internal, message: message.into() }
    }

    /// An end whose reasons have been printed.
    pub fn told(exit: Exit) -> Self {
        Failure { exit, message: String::new() }
    }

    /// A file that cannot be written.
    pub fn write(path: &std::path::Path, error: &std::io::Error) -> Self {
        Failure::run(format!("cannot write `{}`: {error}", path.display()))
    }
}

/// The text of a bug report: what to say when the fault is ours.
pub fn bug_report(what: &str) -> String {
    format!(
        "internal error: {what}\n  \
         This is a bug in bpc {}, not in your model. Please report it, with the model and the\n  \
         command line, to the people who maintain bpc.",
        env!("CARGO_PKG_VERSION")
    )
}

impl From<&CompileError> for Failure {
    fn from(error: &CompileError) -> Self {
        match error {
            CompileError::Target(text) => Failure::usage(text.clone()),
            CompileError::Unsupported { text, .. } => {
                Failure { exit: Exit::Diagnostics, message: format!("not supported yet: {text}") }
            }
            CompileError::Bug(bug) => Failure::internal(bug.0.clone()),
        }
    }
}
