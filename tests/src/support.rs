//! Where things are, and what there is time for.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate is a folder of the workspace").to_path_buf()
}

/// Whether there is time for more than the tests need: `BPC_VALIDATE` is set (`make validate`). If it is not, what is left out is
/// told, also where the test passes: the output of tests that pass is not shown, but this line is none of it.
pub fn validating(left_out: &str) -> bool {
    let yes = std::env::var_os("BPC_VALIDATE").is_some();
    if !yes {
        // Written past the capture of `eprintln!`. Nobody can be told if it fails.
        let _ = std::io::stderr().write_all(format!("not run without BPC_VALIDATE: {left_out}\n").as_bytes());
    }
    yes
}

/// A tool of LLVM 22.
pub fn llvm_tool(name: &str) -> PathBuf {
    let prefix = std::env::var_os("MLIR_SYS_220_PREFIX").unwrap_or_else(|| "/usr/lib/llvm-22".into());
    Path::new(&prefix).join("bin").join(name)
}

/// The files below a folder with this ending, sorted.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.expect("a folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What a command printed, or its standard error if it failed.
pub fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
