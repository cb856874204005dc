//! Who may depend on whom. Cargo refuses cycles; this refuses edges that the design does not have.

use crate::support::{files, output, root};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

/// Every crate of ours that is part of the product, and which others of ours it may depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    ("bpc-syntax", &[]),
    ("bpc-data", &[]),
    ("bpc-sema", &["bpc-data", "bpc-syntax"]),
    ("bpc-math", &[]),
    ("bpc-dialect", &[]),
    ("bpc-runtime-abi", &[]),
    ("bpc-runtime", &["bpc-runtime-abi"]),
    ("bpc-stdlib", &[]),
    ("bpc-core", &["bpc-syntax", "bpc-sema", "bpc-math", "bpc-dialect", "bpc-runtime-abi"]),
    ("bpc", &["bpc-syntax", "bpc-sema", "bpc-core", "bpc-runtime-abi", "bpc-stdlib"]),
];

/// Those that may see everything: nothing depends on them.
const CONSUMERS: &[&str] = &["bpc-tests", "bpc-benches"];

/// Crates that bring MLIR or LLVM with them, and who may name them.
const HEAVY: &[&str] = &["melior", "mlir-sys", "inkwell", "llvm-sys"];
const MAY_BE_HEAVY: &[&str] = &["bpc-core", "bpc-dialect"];

fn metadata() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version", "1", "--offline", "--no-deps"]).current_dir(root());
    let text = output(&mut command).unwrap_or_else(|error| panic!("cargo metadata: {error}"));
    serde_json::from_str(&text).expect("cargo prints JSON")
}

/// The direct dependencies of every crate of the workspace, without those of its own tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("a list");
    let of = |package: &Value| -> BTreeSet<String> {
        let all = package["dependencies"].as_array().expect("a list");
        all.iter().filter(|d| d["kind"].is_null()).map(|d| text(&d["name"])).collect()
    };
    packages.iter().map(|package| (text(&package["name"]), of(package))).collect()
}

#[test]
fn dependencies_point_one_way() {
    let dependencies = dependencies();
    let ours: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    let known: BTreeSet<&str> = ALLOWED.iter().map(|(name, _)| *name).chain(CONSUMERS.iter().copied()).collect();
    assert_eq!(ours, known, "a crate of the workspace has no place in the layers");
    for (name, allowed) in ALLOWED {
        for dependency in dependencies[*name].iter().filter(|d| ours.contains(d.as_str())) {
            assert!(allowed.contains(&dependency.as_str()), "{name} must not depend on {dependency}");
        }
    }
}

#[test]
fn only_core_and_dialect_depend_on_mlir_and_llvm() {
    let dependencies = dependencies();
    for (name, found) in dependencies.iter().filter(|(name, _)| !CONSUMERS.contains(&name.as_str())) {
        let heavy: Vec<&String> = found.iter().filter(|d| HEAVY.contains(&d.as_str())).collect();
        assert!(heavy.is_empty() || MAY_BE_HEAVY.contains(&name.as_str()), "{name} must not depend on {heavy:?}");
    }
    for name in MAY_BE_HEAVY {
        assert!(
            dependencies[*name].contains("melior"),
            "{name} no longer uses melior: this test looks in the wrong place"
        );
    }
}

/// What is linked with every network stands on its ABI crate alone.
#[test]
fn the_runtime_depends_on_nothing_else() {
    let dependencies = dependencies();
    assert_eq!(dependencies["bpc-runtime"], BTreeSet::from(["bpc-runtime-abi".to_owned()]));
    for name in ["bpc-runtime-abi", "bpc-stdlib", "bpc-math"] {
        assert!(dependencies[name].is_empty(), "{name} depends on {:?}", dependencies[name]);
    }
}

#[test]
fn mlir_is_named_nowhere_else() {
    let root = root();
    let mut seen = 0;
    for folder in ["compiler/syntax", "compiler/sema", "compiler/math", "runtime", "stdlib", "cli"] {
        for path in files(&root.join(folder), "rs") {
            let text = fs::read_to_string(&path).expect("source is text");
            seen += 1;
            for name in HEAVY.iter().map(|name| name.replace('-', "_")) {
                let used = [format!("use {name}"), format!("{name}::"), format!("extern crate {name}")];
                assert!(!used.iter().any(|u| text.contains(u.as_str())), "{} names {name}", path.display());
            }
        }
    }
    assert!(seen > 50, "only {seen} files were read");
}
