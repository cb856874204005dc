//! Imports from the file system: what is found, and what is refused.

use bpc_sema::{Checked, FileLoader, Options, check};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn run(root: &Path, entry: &str) -> Checked {
    let path = root.join(entry);
    let text = fs::read_to_string(&path).unwrap();
    check(entry, &text, &FileLoader::new(&path, bpc_stdlib::FILES), &Options::default())
}

fn codes(root: &Path, entry: &str) -> Vec<&'static str> {
    run(root, entry).diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn files_folders_and_super() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "bp.toml", "");
    write(root, "shared.bp", "const V_rest = -60 mV\n");
    write(root, "net/cells/a.bp", "use super::super::shared::V_rest\nneuron A { state V : mV = V_rest + offset }\n");
    write(root, "net/cells/b.bp", "const offset = 1 mV\nneuron B { state V : mV = offset }\n");
    write(root, "net/units.bp", "const size = 3\n");
    write(
        root,
        "net/main.bp",
        "use cells::{A, B as Other}\nuse cells::b::offset\nuse units::size\nuse super::shared::V_rest as rest\n\
         network Net { population E[size] : A\npopulation F : Other\ninit F.V = rest + offset }\nsimulate Net { dt 1 ms  duration 1 s }\n",
    );
    let checked = run(root, "net/main.bp");
    assert!(
        checked.diagnostics.is_empty(),
        "{}",
        bpc_syntax::render::human(&checked.diagnostics, &checked.sources, false)
    );
    assert_eq!(checked.model.unwrap().populations[0].size, 3);
    // Each file is read once, under one name, whichever path led to it ("cells" and "cells::b" are two modules).
    let names: Vec<&str> = checked.sources.iter().map(|(_, f)| f.name.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["main.bp", "a.bp", "b.bp", "shared.bp", "b.bp", "units.bp"]);
}

#[test]
fn data_lies_beside_the_file_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "bp.toml", "");
    write(root, "shared.csv", "7\n8\n9\n");
    write(root, "net/x.csv", "1\n2\n");
    write(root, "net/cells/x.csv", "3\n4\n5\n");
    write(root, "net/cells/own.bp", "data x = file(\"x.csv\")\ndata s : mV = file(\"../../shared.csv\")\n");
    write(
        root,
        "net/main.bp",
        "use cells::own::{x, s}\ndata y = file(\"./x.csv\")\nneuron A { state V : mV = 0 mV }\n\
         network Net { population E[x.size] : A\npopulation F[y.size] : A\ninit E.V = s[i] * x[1]\ninit F.V = y[i] * s[2] }\n\
         simulate Net { dt 1 ms  duration 1 s }\n",
    );
    let checked = run(root, "net/main.bp");
    let shown = bpc_syntax::render::human(&checked.diagnostics, &checked.sources, false);
    assert!(checked.diagnostics.is_empty(), "{shown}");
    let model = checked.model.unwrap();
    assert_eq!((model.populations[0].size, model.populations[1].size), (3, 2));
}

#[test]
fn nothing_from_outside() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "secret.bp", "const x = 1\n");
    write(root, "secrets/one.bp", "const x = 1\n");
    write(root, "project/super_once.bp", "use super::secret::x\n");
    write(root, "project/super_often.bp", "use super::super::super::super::super::super::super::super::secret::x\n");
    symlink(root.join("secret.bp"), root.join("project/link.bp")).unwrap();
    symlink(root.join("secrets"), root.join("project/links")).unwrap();
    fs::create_dir(root.join("project/folder")).unwrap();
    symlink(root.join("secret.bp"), root.join("project/folder/inner.bp")).unwrap();
    write(root, "project/by_link.bp", "use link::x\n");
    write(root, "project/by_folder_link.bp", "use links::x\n");
    write(root, "project/by_inner_link.bp", "use folder::x\n");
    for entry in ["super_once", "super_often", "by_link", "by_folder_link", "by_inner_link"] {
        assert_eq!(codes(root, &format!("project/{entry}.bp")), ["E0605"], "{entry}");
    }
    // A link inside the project is fine.
    write(root, "project/real.bp", "const x = 1\n");
    symlink(root.join("project/real.bp"), root.join("project/alias.bp")).unwrap();
    write(root, "project/by_alias.bp", "use alias::x\nconst y = x\n");
    assert!(codes(root, "project/by_alias.bp").is_empty());
}

#[test]
fn what_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("directory.bp")).unwrap();
    symlink(root.join("nowhere"), root.join("dangling.bp")).unwrap();
    fs::write(root.join("latin.bp"), b"const x = 1 // \xe9\n").unwrap();
    fs::write(root.join("large.bp"), vec![b' '; (16 << 20) + 1]).unwrap();
    symlink("/dev/zero", root.join("device.bp")).unwrap();
    fs::create_dir(root.join("empty")).unwrap();
    for (module, code) in [
        ("directory", "E0606"),
        ("dangling", "E0606"),
        ("latin", "E0606"),
        ("large", "E0606"),
        ("device", "E0605"),
        ("empty", "E0601"),
        ("nothing", "E0601"),
    ] {
        write(root, "main.bp", &format!("use {module}::x\n"));
        assert_eq!(codes(root, "main.bp"), [code], "{module}");
    }
}

#[test]
fn cycles_name_both_places() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "main.bp", "use a::x\nconst m = 1\n");
    write(root, "a.bp", "use b::y\nconst x = 1\n");
    write(root, "b.bp", "use main::m\nconst y = 1\n");
    let checked = run(root, "main.bp");
    let [cycle] = checked.diagnostics.as_slice() else { panic!("{:?}", checked.diagnostics) };
    assert_eq!(cycle.code, "E0603");
    let places: Vec<&str> = cycle.labels.iter().map(|l| checked.sources.text(l.span)).collect();
    assert_eq!(places, ["main", "a", "b"]);
}

/// 64 modules deep is still right; the entry file is none of them.
#[test]
fn imports_are_nested_so_deep_and_no_deeper() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let told = |modules: usize| {
        for number in 1..modules {
            write(root, &format!("m{number}.bp"), &format!("use m{}::x as y\nconst x = y\n", number + 1));
        }
        write(root, &format!("m{modules}.bp"), "const x = 1\n");
        write(root, "main.bp", "use m1::x\nconst y = x\n");
        run(root, "main.bp").diagnostics
    };
    assert!(told(64).is_empty());
    let diagnostics = told(65);
    let [deep] = diagnostics.as_slice() else { panic!("{diagnostics:?}") };
    assert_eq!((deep.code, deep.title.as_str()), ("E0603", "imports are nested too deeply"));
}

#[test]
fn hostile_module_names() {
    let loader = FileLoader::new(Path::new("main.bp"), bpc_stdlib::FILES);
    for path in [
        &["..", "etc"][..],
        &["/etc", "passwd"],
        &[""],
        &["std", "..", ".."],
        &["a\0b"],
        &["super"],
        &["std"],
        &["std", "super"],
    ] {
        assert!(bpc_sema::Loader::load(&loader, "main.bp", path).is_err(), "{path:?}");
    }
}
