//! All passes together: snapshots of what they leave of the examples, for the reader of a change, and
//! networks that are broken. What each pass does is in `cases/passes`.

use crate::bpc::{bpc, example};
use crate::file_tests::{errors_expected, parts};
use crate::support::{files, root};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// What `bpc` prints about an example.
fn printed(arguments: &[&str], file: &str) -> String {
    let output = bpc(&[arguments, &[&example(file)]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_model_level_of_the_examples() {
    for file in ["coba_lif.bp", "cuba.bp", "coba_hh.bp", "brunel_2000.bp"] {
        let name = file.trim_end_matches(".bp");
        insta::assert_snapshot!(format!("model_{name}"), printed(&["run", "--emit", "model"], file));
    }
}

#[test]
fn the_plan_of_coba_lif() {
    insta::assert_snapshot!("plan_coba_lif", printed(&["explain-plan"], "coba_lif.bp"));
}

/// The valid networks of the file tests, one a line list.
fn networks() -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for path in files(&root().join("tests/cases"), "mlir") {
        let text = std::fs::read_to_string(&path).expect("text");
        let valid = parts(&text).into_iter().filter(|part| errors_expected(part).is_empty());
        found.extend(valid.map(|part| part.lines().map(str::to_owned).collect::<Vec<_>>()));
    }
    assert!(found.len() > 50, "{} networks", found.len());
    found
}

/// Whatever a network of the dialect looks like, each pass either works on it or says what is wrong.
#[test]
fn broken_networks_are_refused_and_never_a_panic() {
    let networks = networks();
    let names: Vec<String> = bpc_core::pipeline::passes().map(|pass| pass.name.to_owned()).collect();
    let change = (0..networks.len(), 0..networks.len(), 0..1000_usize, 0..1000_usize, 0..4_u8);
    let (mut refused, mut accepted) = (0, 0);
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    for _ in 0..400 {
        let (network, other, at, from, kind) = change.new_tree(&mut runner).expect("a choice").current();
        let mut lines = networks[network].clone();
        let at = at % lines.len();
        match kind {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, networks[other][from % networks[other].len()].clone()),
            2 => lines.swap(at, from % networks[network].len()),
            _ => lines[at] = words_of_another(&lines[at], &networks[other], from),
        }
        for count in [0, names.len()] {
            match bpc_core::opt(&lines.join("\n"), &names[..count]) {
                Ok(_) => accepted += 1,
                Err(told) => {
                    assert!(!told.is_empty(), "refused without a word:\n{}", lines.join("\n"));
                    refused += 1;
                }
            }
        }
    }
    assert!(
        refused > 100 && accepted > 100,
        "{refused} refused, {accepted} accepted: the changes are too great or too small"
    );
}

/// A line with one of its words replaced by a word from elsewhere.
fn words_of_another(line: &str, other: &[String], choice: usize) -> String {
    let elsewhere: Vec<&str> = other.iter().flat_map(|line| line.split_whitespace()).collect();
    let mut words: Vec<&str> = line.split_whitespace().collect();
    if let (false, Some(word)) = (words.is_empty(), elsewhere.get(choice % elsewhere.len().max(1))) {
        let place = choice % words.len();
        words[place] = word;
    }
    words.join(" ")
}
