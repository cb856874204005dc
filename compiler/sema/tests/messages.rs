//! Every message of the front end is seen somewhere: in what is pinned of `tests/cases/errors`, or in a test of its own.
//!
//! Messages are read off the source text: the string behind a code, `"E0301", "…"`, and what is called a title.

use std::fs;
use std::path::{Path, PathBuf};

/// Messages that no file alone can give, or that have a test which tells them by their code.
const ELSEWHERE: &[&str] = &[
    // Cut off, and files that are too large or cannot be read: `modules.rs`, and the tests of the syntax.
    "\\u{2026} and {} more",
    "this file has {} bytes; {MAX_BYTES} are the most that can be read",
    "module `{module}` cannot be read",
    // The parser knows what settings there are, and where a value must be.
    "there is no setting `{}`",
    "constant `{}` has no value",
    "`let {}` has no value",
    // Limits that other limits hide, as far as known.
    "this model is too large once its sums and arrays are written out",
    "synapses choose among at most {MOST} elements",
];

fn below(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, endings, found);
        } else if path.extension().and_then(|e| e.to_str()).is_some_and(|e| endings.contains(&e)) {
            found.push(path);
        }
    }
}

fn texts(folders: &[&str], endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    folders.iter().for_each(|folder| below(Path::new(folder), endings, &mut found));
    found.sort();
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(&path).unwrap())).collect()
}

/// The string that a text begins with, perhaps in a `format!`, as it is written.
fn string(text: &str) -> Option<String> {
    let text = text.trim_start().trim_start_matches('&');
    let text = text.strip_prefix("format!(").unwrap_or(text).trim_start().strip_prefix('"')?;
    let (mut made, mut rest) = (String::new(), text.chars());
    loop {
        match rest.next()? {
            '"' => return Some(made),
            '\\' => match rest.next()? {
                '\n' => rest = rest.as_str().trim_start().chars(),
                '"' => made.push('"'),
                other => made.extend(['\\', other]),
            },
            other => made.push(other),
        }
    }
}

fn is_code(text: &str) -> bool {
    text.len() == 5 && text.starts_with(['E', 'W']) && text[1..].bytes().all(|b| b.is_ascii_digit())
}

/// The messages of a source text.
fn messages(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let behind_codes = source.match_indices("\",").filter_map(|(at, _)| {
        let code = source[..at].get(at.checked_sub(5)?..)?;
        (is_code(code) && source[..at - 5].ends_with('"')).then(|| string(&source[at + 2..]))?
    });
    let titles = source.match_indices("title = ").filter_map(|(at, mark)| string(&source[at + mark.len()..]));
    behind_codes.chain(titles).filter(|message| !is_code(message)).collect()
}

/// The fixed parts of a message, between `{…}`.
fn parts(message: &str) -> Vec<&str> {
    message
        .split('{')
        .enumerate()
        .map(|(i, p)| if i == 0 { p } else { p.split_once('}').map_or("", |p| p.1) })
        .collect()
}

/// Whether a line has all of these, one after another.
fn says(line: &str, parts: &[&str]) -> bool {
    let mut rest = Some(line);
    for part in parts {
        rest = rest.and_then(|rest| rest.split_once(part)).map(|(_, rest)| rest);
    }
    rest.is_some()
}

#[test]
fn every_message_is_seen_in_a_test() {
    let seen = texts(&["../../tests/cases/errors", "../syntax/tests", "tests"], &["stderr", "snap", "rs"]);
    let lines: Vec<&str> =
        seen.iter().filter(|(path, _)| !path.ends_with("messages.rs")).flat_map(|(_, text)| text.lines()).collect();
    let (mut count, mut missing) = (0, Vec::new());
    for (path, source) in texts(&["src", "../syntax/src"], &["rs"]) {
        for message in messages(&source) {
            count += 1;
            let parts = parts(&message);
            if !ELSEWHERE.contains(&message.as_str()) && !lines.iter().any(|line| says(line, &parts)) {
                missing.push(format!("{}: {message}", path.display()));
            }
        }
    }
    assert!(count > 400, "only {count} messages found in the source text");
    assert!(missing.is_empty(), "no file of tests/cases/errors gives:\n{}", missing.join("\n"));
}

#[test]
fn messages_are_found() {
    let source = "self.error(\"E0301\", format!(\"`{}` is \\\n    odd\", x), s);\nlet title = \"a \\\"b\\\"\";\n(\"E0201\", \"E0203\")";
    assert_eq!(messages(source), ["`{}` is odd", "a \"b\""]);
    assert!(says("error: `x` is odd", &parts("`{}` is odd")) && !says("`x` is even", &parts("`{}` is odd")));
}
