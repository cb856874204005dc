//! The examples give what their stored snapshots say: counts, rates, hash, traces, dialect.

use crate::bpc;

#[test]
fn the_examples_keep_their_snapshots() {
    let folder = bpc::here().join("../examples");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .expect("the examples can be listed")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "bp"))
        .map(|path| path.display().to_string())
        .collect();
    files.sort();
    assert!(files.len() >= 4, "only {} examples", files.len());
    let mut arguments = vec!["test"];
    arguments.extend(files.iter().map(String::as_str));
    let output = bpc::bpc(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
