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

/// The names behind a word at the start of a line.
fn declared<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    let names = text.lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
    names.filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next()).collect()
}

/// Compiles every network of a file and runs it for a millisecond. `text` is what the file has, and gets a `simulate` for
/// those that have none.
fn run(path: &Path, text: &str) -> Result<(), String> {
    let (networks, simulated) = (declared(text, "network"), declared(text, "simulate"));
    let missing = networks.iter().filter(|network| !simulated.contains(network));
    let more: String = missing.map(|name| format!("simulate {name} {{ dt 0.1 ms  duration 1 ms }}\n")).collect();
    fs::write(path, text.to_owned() + &more).expect("written");
    networks.iter().try_for_each(|network| {
        let mut command = Command::new(program());
        command.arg("run").arg(path).args(["--network", network, "--duration", "1 ms", "--quiet"]);
        output(&mut command).map(drop)
    })
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

/// The files that examples of the documentation name: modules and data.
fn beside(project: &Path) {
    let cell = |name: &str, tau: u32| {
        format!("neuron {name} {{ input I : mV  state V : mV = 0 mV  V' = (I - V) / {tau} ms }}\n")
    };
    for folder in ["networks", "inputs"] {
        fs::create_dir(project.join(folder)).expect("made");
    }
    for (name, text) in [
        ("bp.toml", String::new()),
        ("networks/cells.bp", cell("Fast", 5)),
        ("shared.bp", cell("Slow", 50)),
        ("networks/neuron.swc", "1 1 0 0 0 8 -1\n2 3 20 0 0 1.5 1\n3 3 60 30 0 0.8 2\n4 3 60 -30 0 0.8 2\n".to_owned()),
        ("inputs/stimulus.csv", "time,current\n0,1.5\n1,2.5\n".to_owned()),
    ] {
        fs::write(project.join(name), text).expect("written");
    }
    // It has a matrix W.
    fs::copy(root().join("tests/cases/data/numbers.npz"), project.join("networks/weights.npz")).expect("copied");
}

#[test]
fn models_in_the_documentation_are_models() {
    let folder = tempfile::tempdir().expect("a folder");
    beside(folder.path());
    let mut failures = Vec::new();
    let mut count = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap_or_else(|error| panic!("{}: {error}", document.display()));
        for (line, block) in blocks(&text) {
            count += 1;
            let path = folder.path().join(format!("networks/block{count}.bp"));
            fs::write(&path, &block).expect("written");
            if let Err(why) = check(&path).and_then(|()| run(&path, &block)) {
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

/// The lines of an example in a page of `bpc explain`, behind a line that begins so.
fn shown(page: &str, heading: &str) -> String {
    let behind = page.lines().skip_while(|line| !line.starts_with(heading)).skip(1);
    let example =
        behind.skip_while(|line| line.is_empty()).take_while(|line| line.is_empty() || line.starts_with("    "));
    example.map(|line| format!("{line}\n")).collect()
}

/// Every code has a case that fails and one that works. The tests of the front end try those of its codes; here are those of
/// the codes that the back end gives.
#[test]
fn every_code_says_what_fails_and_what_works() {
    let explain = |arguments: &[&str]| {
        output(Command::new(program()).arg("explain").args(arguments))
            .unwrap_or_else(|why| panic!("{arguments:?}: {why}"))
    };
    let list = explain(&[]);
    let codes: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(codes.len() > 150, "{} codes", codes.len());
    let folder = tempfile::tempdir().expect("a folder");
    for code in codes {
        // What these are about is no text of a model: how many diagnostics there are, and what bytes a file has.
        if ["E0100", "E0106", "E0110"].contains(&code) {
            continue;
        }
        let page = explain(&[code]);
        assert!(page.contains("\nFails") && page.contains("\nWorks"), "{code} does not say what fails and what works");
        if code < "E0900" || code.starts_with('W') {
            continue;
        }
        for (heading, fails) in [("Fails", true), ("Works", false)] {
            let path = folder.path().join("example.bp");
            fs::write(&path, shown(&page, heading)).expect("written");
            let checked = check(&path);
            let told = checked.as_ref().err().map_or("", String::as_str);
            assert_eq!(told.contains(&format!("[{code}]")), fails, "{code}, {heading}: {told}");
            assert_eq!(checked.is_err(), fails, "{code}, {heading}: {told}");
        }
    }
}
