//! Every file of `tests/cases/errors` is wrong in the way its first line says: `// expect: E0301`.
//!
//! What the user reads is pinned next to it (`.stderr`); `BLESS=1` rewrites those. Further lines of
//! the head give options: `// set: tau = 3 mV`, `// network: Net`, `// dt: 1 ms`, `// duration: 1 s`.

use bpc_sema::{Checked, FileLoader, Options, check};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn cases() -> PathBuf {
    // Relative to the package, where Cargo runs tests: names in messages do not depend on the machine.
    PathBuf::from("../../tests/cases/errors")
}

fn head<'t>(text: &'t str, key: &str) -> Vec<&'t str> {
    let lines = text.lines().map_while(|l| l.strip_prefix("// ")).filter_map(|l| l.split_once(": "));
    lines.filter(|(k, _)| *k == key).map(|(_, value)| value.trim()).collect()
}

fn run(path: &Path, text: &str) -> Checked {
    let one = |key| head(text, key).first().map(|v| (*v).to_owned());
    let options = Options {
        network: one("network"),
        set: head(text, "set")
            .iter()
            .filter_map(|s| s.split_once('='))
            .map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned()))
            .collect(),
        seed: None,
        duration: one("duration"),
        dt: one("dt"),
    };
    let name = path.file_name().unwrap().to_str().unwrap();
    check(name, text, &FileLoader::new(path, bpc_stdlib::FILES), &options)
}

#[test]
fn errors_are_as_pinned() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    let mut covered = BTreeSet::new();
    let mut paths: Vec<PathBuf> = fs::read_dir(cases()).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "bp"));
    paths.sort();
    assert!(paths.len() >= 60, "only {} cases", paths.len());
    for path in &paths {
        let text = fs::read_to_string(path).unwrap();
        let checked = run(path, &text);
        let expected: BTreeSet<&str> = head(&text, "expect").iter().flat_map(|l| l.split_whitespace()).collect();
        let found: BTreeSet<&str> = checked.diagnostics.iter().map(|d| d.code).collect();
        covered.extend(found.iter().copied());
        let name = path.file_stem().unwrap().to_string_lossy();
        if expected.is_empty() || expected != found {
            wrong.push(format!("{name}: expected {expected:?}, found {found:?}"));
        }
        if found.iter().any(|c| c.starts_with('E')) && checked.model.is_some() {
            wrong.push(format!("{name}: a model in spite of errors"));
        }
        for diagnostic in &checked.diagnostics {
            if diagnostic.labels.is_empty() {
                wrong.push(format!("{name}: {} has no label", diagnostic.code));
            }
        }
        let rendered = bpc_syntax::render::human(&checked.diagnostics, &checked.sources, false);
        let pinned = path.with_extension("stderr");
        if bless {
            fs::write(&pinned, &rendered).unwrap();
        } else if fs::read_to_string(&pinned).unwrap_or_default() != rendered {
            wrong.push(format!("{name}: not as pinned (BLESS=1 rewrites it):\n{rendered}"));
        }
    }
    // What is about files and bytes is tried by `modules.rs` and by the tests of the syntax.
    let elsewhere = ["E0100", "E0106", "E0110", "E0606"];
    let known = bpc_sema::codes::CODES.iter().chain(bpc_syntax::codes::CODES).map(|c| c.code);
    for code in known.filter(|c| !covered.contains(c) && !elsewhere.contains(c)) {
        wrong.push(format!("no case for {code}"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the examples of `bpc explain` cannot show in one file without options is right in `tests/cases/accepted`:
/// `// accepts: E0211` in the head of a file. Every code has a case that is wrong and one that is right.
#[test]
fn what_is_right_is_accepted() {
    let mut covered = BTreeSet::new();
    let folder = cases().join("../accepted");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "bp"));
    for path in &paths {
        let text = fs::read_to_string(path).unwrap();
        let checked = run(path, &text);
        let told = bpc_syntax::render::human(&checked.diagnostics, &checked.sources, false);
        assert!(checked.diagnostics.is_empty() && checked.model.is_some(), "{}: {told}", path.display());
        covered.extend(head(&text, "accepts").iter().flat_map(|l| l.split_whitespace().map(str::to_owned)));
    }
    // `explanations_are_true` compiles the working example of the others.
    let shown = |code: &&bpc_syntax::codes::Code| code.explanation.matches("```bp\n").count() == 2;
    let without: Vec<&str> = bpc_sema::codes::CODES
        .iter()
        .filter(|code| !shown(code) && !covered.contains(code.code))
        .map(|code| code.code)
        .collect();
    assert!(without.is_empty(), "no working case for {without:?}");
}

/// The examples of `bpc explain` do what they say.
#[test]
fn explanations_are_true() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.bp");
    let mut seen = BTreeSet::new();
    for code in bpc_sema::codes::CODES {
        assert!(seen.insert(code.code), "{} twice", code.code);
        let blocks: Vec<&str> =
            code.explanation.split("```bp\n").skip(1).filter_map(|b| b.split("```").next()).collect();
        if let [fails, works] = blocks.as_slice() {
            let failing = run(&path, fails);
            assert!(
                failing.diagnostics.iter().any(|d| d.code == code.code),
                "{}: {:?}",
                code.code,
                failing.diagnostics
            );
            let working = run(&path, works);
            let errors: Vec<_> =
                working.diagnostics.iter().filter(|d| d.code == code.code || (d.code.starts_with('E'))).collect();
            assert!(errors.is_empty(), "{}: {errors:?}", code.code);
        } else {
            assert!(code.explanation.contains("Fails:") && code.explanation.contains("Works:"), "{}", code.code);
        }
    }
}
