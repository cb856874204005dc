//! File tests: a file of `cases` says how it is run and what must come of it.
//!
//! - `// RUN: opt --passes=a,b` in the first line: the passes, in this process; other commands
//!   (`run --emit loops`, `explain-plan`) are given to `bpc` with the file behind them.
//! - `// CHECK…` lines go to FileCheck, with what was printed on its standard input.
//! - `// -----` splits an `.mlir` file into parts that are run by themselves.
//! - `// expected-error: text` stands before the line of the error; the part must fail so.
//!
//! What `opt` prints must parse again and print alike, in every case.

use crate::bpc::program;
use crate::support::{files, llvm_tool, output, root};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const RUN: &str = "// RUN: ";
const EXPECTED: &str = "// expected-error: ";
const SPLIT: &str = "// -----";

#[test]
fn dialect() {
    all("dialect", "mlir");
}

#[test]
fn passes() {
    let known: Vec<&str> = bpc_core::pipeline::passes().map(|pass| pass.name).collect();
    for name in &known {
        let own = folder("passes").join(name);
        let count = files(&own, "mlir").len() + files(&own, "bp").len();
        assert!(count >= 3, "{name} has {count} cases: one where it fires, one where it must not, an odd one");
    }
    for entry in fs::read_dir(folder("passes")).expect("there are cases") {
        let name = entry.expect("a folder can be read").file_name();
        assert!(known.iter().any(|k| **k == name), "there is no pass {name:?}, but a folder of that name");
    }
    all("passes", "mlir");
    all("passes", "bp");
}

#[test]
fn lower() {
    all("lower", "bp");
}

#[test]
fn plan() {
    all("plan", "bp");
}

fn folder(name: &str) -> std::path::PathBuf {
    root().join("tests/cases").join(name)
}

/// Runs every case of a folder and reports all that fail.
fn all(name: &str, ending: &str) {
    let cases = files(&folder(name), ending);
    assert!(!cases.is_empty(), "there is no case in {name}");
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|path| case(path).err().map(|why| format!("{}:\n{}\n", path.display(), why.trim_end())))
        .collect();
    println!("{name}: {} cases", cases.len());
    assert!(failures.is_empty(), "{} of {} cases failed\n\n{}", failures.len(), cases.len(), failures.join("\n"));
}

fn case(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let command = text.lines().next().and_then(|line| line.strip_prefix(RUN)).ok_or("the first line is no RUN line")?;
    let checked = text.contains("// CHECK");
    if !checked && !text.contains(EXPECTED) {
        return Err("it says nothing of what must come of it".into());
    }
    let printed = match command.split_once(' ').unwrap_or((command, "")) {
        ("opt", passes) => opt(&text, passes)?,
        _ => bpc(&text, Command::new(program()).args(command.split(' ')).arg(path))?,
    };
    if checked { file_check(path, &printed) } else { Ok(()) }
}

/// What `bpc` prints of a file; nothing if it must fail and does.
fn bpc(text: &str, command: &mut Command) -> Result<String, String> {
    let errors = errors_expected(text);
    match output(command) {
        Ok(_) if !errors.is_empty() => Err(format!("this error is missing: {errors:?}")),
        Err(told) if !errors.is_empty() => {
            let missing = errors.iter().find(|(line, e)| !told.contains(e) || !told.contains(&format!(".bp:{line}:")));
            missing.map_or(Ok(String::new()), |(line, e)| Err(format!("expected in line {line}: {e}\ntold: {told}")))
        }
        printed => printed,
    }
}

/// The parts of a file through `bpc opt`.
fn opt(text: &str, passes: &str) -> Result<String, String> {
    let passes: Vec<String> = match passes.strip_prefix("--passes=") {
        Some(list) => list.split(',').map(str::to_owned).collect(),
        None if passes.is_empty() => vec![],
        None => return Err(format!("`opt` does not know {passes}")),
    };
    let mut printed = String::new();
    for part in parts(text) {
        match (bpc_core::opt(&part, &passes), errors_expected(&part)) {
            (Ok(result), errors) if errors.is_empty() => {
                let again =
                    bpc_core::opt(&result, &[]).map_err(|why| format!("does not parse again: {why}\n{result}"))?;
                if again != result {
                    return Err(format!("prints otherwise when parsed again:\n{result}\n{again}"));
                }
                printed.push_str(&result);
            }
            (Ok(_), errors) => return Err(format!("this error is missing: {errors:?}")),
            (Err(why), errors) if errors.is_empty() => return Err(why),
            (Err(why), errors) => {
                for (line, error) in errors {
                    let here = |told: &str| !told.contains("loc(") || told.contains(&format!("loc(\"-\":{line}:"));
                    if !why.lines().any(|told| told.contains(error) && here(told)) {
                        return Err(format!("expected in line {line}: {error}\ntold: {why}"));
                    }
                }
            }
        }
    }
    Ok(printed)
}

/// The parts of a file, each with its lines where they are in the file.
pub fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for (number, line) in text.lines().enumerate() {
        if line.starts_with(SPLIT) {
            parts.push("\n".repeat(number));
        }
        let part = parts.last_mut().expect("there is one from the start");
        part.push_str(line);
        part.push('\n');
    }
    parts
}

/// The errors that a part must give, each with its line.
pub fn errors_expected(part: &str) -> Vec<(usize, &str)> {
    let lines = part.lines().enumerate();
    lines.filter_map(|(n, line)| line.trim_start().strip_prefix(EXPECTED).map(|text| (n + 2, text))).collect()
}

fn file_check(path: &Path, printed: &str) -> Result<(), String> {
    let tool = llvm_tool("FileCheck");
    let mut child = Command::new(&tool)
        .arg(path)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", tool.display()))?;
    let mut stdin = child.stdin.take().expect("was asked for");
    // FileCheck stops to read at its first failure; what it says is then the answer.
    let _ = stdin.write_all(printed.as_bytes());
    drop(stdin);
    let told = child.wait_with_output().map_err(|error| error.to_string())?;
    match told.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&told.stderr).into_owned()),
    }
}
