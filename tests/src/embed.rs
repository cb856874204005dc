//! The two applications in `examples/`: built as their readers build them, and run.

use crate::bpc::{example, program, run_json};
use crate::support::{output, root};
use std::path::Path;
use std::process::Command;

const SEED: &str = "7";
const MILLISECONDS: &str = "200";

/// What an application prints behind a word.
fn said<'t>(text: &'t str, word: &str) -> &'t str {
    let line = text.lines().find_map(|line| line.strip_prefix(word));
    line.unwrap_or_else(|| panic!("the application does not say `{word}`:\n{text}")).trim()
}

/// The hash of `bpc run` with the same seed, duration and precision.
fn reference(seed: &str, milliseconds: &str) -> String {
    let duration = format!("{milliseconds} ms");
    let ran =
        run_json(&["run", &example("coba_lif.bp"), "--precision", "f32", "--seed", seed, "--duration", &duration]);
    ran["spike_hash"].as_str().expect("text").to_owned()
}

fn run(command: &mut Command) -> String {
    output(command).unwrap_or_else(|error| panic!("{command:?}:\n{error}"))
}

/// What both applications do and print after the hash.
fn check_the_rest(text: &str) {
    assert!(text.contains("E.tau from 20 ms to 40 ms"), "{text}");
    assert!(said(text, "refused: ").contains("E.tau"), "{text}");
    let volley = said(text, "mean E.V from ");
    let numbers: Vec<f64> = volley.split(' ').filter_map(|word| word.parse().ok()).take(2).collect();
    assert!(matches!(numbers[..], [quiet, excited] if quiet != excited && quiet < -40.0), "{volley}");
}

#[test]
fn a_c_program_steps_the_network() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut make = Command::new("make");
    make.arg("-C").arg(root().join("examples/embed-c")).arg("run");
    make.arg(format!("BPC={}", program().display())).arg(format!("BUILD={}", folder.path().display()));
    let text = run(&mut make);
    assert_eq!(said(&text, "spike_hash "), reference("42", "1000"));
    check_the_rest(&text);

    let text = run(Command::new(folder.path().join("embed")).args([SEED, MILLISECONDS]));
    assert_eq!(said(&text, "spike_hash "), reference(SEED, MILLISECONDS));
    check_the_rest(&text);
}

#[test]
fn a_rust_program_steps_the_network() {
    let folder = tempfile::tempdir().expect("a folder");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--release", "--offline", "--quiet", "--target-dir"]).arg(folder.path());
    command.args(["--", SEED, MILLISECONDS]).current_dir(root().join("examples/embed-rust"));
    command.env("BPC", program()).env_remove("CARGO_TARGET_DIR");
    let text = run(&mut command);
    assert_eq!(said(&text, "spike_hash "), reference(SEED, MILLISECONDS));
    check_the_rest(&text);
}

fn compile(folder: &Path, kind: &str) {
    let mut command = Command::new(program());
    command.args(["compile", &example("coba_lif.bp"), "--kind", kind, "-o"]).arg(folder);
    run(&mut command);
}

#[test]
fn a_shared_library_needs_the_c_library_only() {
    let folder = tempfile::tempdir().expect("a folder");
    compile(folder.path(), "shared");
    let library = folder.path().join("libcoba_lif.so");
    let text = run(Command::new("readelf").arg("-d").arg(&library));
    let needed: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .filter_map(|line| line.split(['[', ']']).nth(1))
        .collect();
    assert!(!needed.is_empty(), "{text}");
    let allowed = ["libc.so.6", "libm.so.6", "libpthread.so.0", "ld-linux-x86-64.so.2"];
    assert!(needed.iter().all(|name| allowed.contains(name)), "it needs {needed:?}");

    // All that it offers is the network's own.
    let symbols = run(Command::new("nm").args(["-D", "--defined-only"]).arg(&library));
    let names: Vec<&str> = symbols.lines().filter_map(|line| line.split_whitespace().last()).collect();
    assert!(names.contains(&"coba_lif_create"), "{symbols}");
    assert!(names.iter().all(|name| name.starts_with("coba_lif_")), "{symbols}");
}

#[test]
fn the_header_is_strict_c_and_cxx() {
    let folder = tempfile::tempdir().expect("a folder");
    compile(folder.path(), "static");
    for (language, standard) in [("c", "c99"), ("c", "c17"), ("c++", "c++11"), ("c++", "c++20")] {
        run(Command::new("gcc")
            .args([
                "-x",
                language,
                &format!("-std={standard}"),
                "-Wall",
                "-Wextra",
                "-Wpedantic",
                "-Werror",
                "-fsyntax-only",
            ])
            .arg(folder.path().join("coba_lif.h")));
    }
}
