//! The program under test, run as a user runs it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The crate of the tests.
pub fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A network of `examples/`, by its file name.
pub fn example(name: &str) -> String {
    text(&here().join("../examples").join(name))
}

/// A network of `cases/run/`, by its file name.
pub fn case(name: &str) -> String {
    text(&here().join("cases/run").join(name))
}

/// A path as an argument.
pub fn text(path: &Path) -> String {
    path.to_str().expect("a path that is text").to_owned()
}

/// `BPC_BIN`, or the release build of this workspace.
pub fn program() -> PathBuf {
    let built = || here().join("../target/release/bpc");
    let program = std::env::var_os("BPC_BIN").map_or_else(built, PathBuf::from);
    assert!(program.is_file(), "no `{}`: cargo build --release --workspace --bin bpc", program.display());
    program
}

/// Runs the program with nothing on its standard input.
pub fn bpc(args: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.args(args).stdin(Stdio::null()).output().expect("bpc starts")
}

/// The object that `--json` prints; fails with everything that was printed if the run does.
#[track_caller]
pub fn run_json(args: &[&str]) -> Value {
    let output = bpc(&[args, &["--quiet", "--json"]].concat());
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "bpc {}: {}\n{out}{err}", args.join(" "), output.status);
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("bpc {}: {error}: {out}", args.join(" ")))
}
