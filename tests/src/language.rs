//! Every model that we show to a reader is one: blocks of the documentation, examples, the library.

use crate::bpc::program;
use crate::support::{files, output, root};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `bpc check`, with what it says if it is not satisfied.
fn check(path: &Path) -> Result<(), String> {
    output(Command::new(program()).arg("check").arg(path)).map(drop)
}

/// The `bp` blocks of a Markdown file, each with the line that it begins in.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        match line.trim_end() {
            "```bp" => {
                inside = true;
                blocks.push((number + 2, String::new()));
            }
            "```" => inside = false,
            line if inside => {
                let (_, block) = blocks.last_mut().expect("one was begun");
                block.push_str(line);
                block.push('\n');
            }
            _ => {}
        }
    }
    blocks
}

fn documents() -> Vec<PathBuf> {
    let mut found = files(&root().join("docs"), "md");
    found.push(root().join("README.md"));
    found
}

#[test]
fn models_in_the_documentation_are_models() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut failures = Vec::new();
    let mut count = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap_or_else(|error| panic!("{}: {error}", document.display()));
        for (line, block) in blocks(&text) {
            count += 1;
            let path = folder.path().join(format!("block{count}.bp"));
            fs::write(&path, &block).expect("written");
            if let Err(why) = check(&path) {
                failures.push(format!("{}:{line}\n{why}", document.display()));
            }
        }
    }
    assert!(count > 0, "the documentation shows no model");
    assert!(failures.is_empty(), "{} of {count} blocks are no models\n\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn examples_and_the_library_are_models() {
    for (folder, least) in [("examples", 4), ("stdlib", 5)] {
        let models = files(&root().join(folder), "bp");
        assert!(models.len() >= least, "{folder} has {} models", models.len());
        for path in models {
            check(&path).unwrap_or_else(|why| panic!("{}\n{why}", path.display()));
        }
    }
}
