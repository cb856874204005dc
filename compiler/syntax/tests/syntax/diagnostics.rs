//! What the user reads.

use bpc_syntax::codes::CODES;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::render::{human, json, limit};
use bpc_syntax::source::{FileId, SourceMap, Span};
use bpc_syntax::{MAX_BYTES, decode, parse};

/// The source and the diagnostics below it.
fn rendered(text: &str) -> String {
    let mut sources = SourceMap::default();
    let file = sources.add("net.bp", text);
    let (_, diagnostics) = parse(file, text);
    format!("----- SOURCE\n{text}\n----- DIAGNOSTICS\n{}", human(&diagnostics, &sources, false))
}

macro_rules! snapshots {
    ($($name:ident: $text:expr;)*) => { $(
        #[test]
        fn $name() {
            insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(rendered($text)) });
        }
    )* };
}

snapshots! {
    two_broken_members_in_two_models: "neuron A {\n    param tau = = 20 ms\n    state V : mV = 0 mV\n    V' = -V / tau\n}\n\
        neuron B {\n    state V : mV = 1 mV +\n    V' = -V / tau\n}\n";
    misspelt_words: "nuron LIF { parm tau = 20 ms }\nnetwork N {\n    populaton E : LIF\n    \
        project E -> E { conect all wieght 0.6 receptor Delta }\n}\nsimulate N { dt 0.1 ms duraton 1 s }\n";
    missing_brackets: "neuron A {\n    let c = (a + b\n    let d = a\nneuron B {\n    spike when V > c {\n        V = 1 mV\n    state W : 1 = 0\n}\n";
    data_in_a_broken_network: "network A {\n    data x = [1, 2]\n    population E : LIF\n    let a = x[\n}\ndata y = [1]\n";
    too_many_brackets: "neuron A {\n    let c = a + b)\n}\n}\nnetwork N {}\n";
    not_quite_the_language: "neuron A {\n    V = 3\n    dV/dt = 5 mV\n    state V mV = 0 mV\n    param input = 1\n    let a = b ** c\n    \
        let d = a && b\n    let e = 1 + if a then b else c\n    let f = a < b < c\n    let g = 20 msec\n}\nuse LIF\n";
    clauses_and_settings: "network N {\n    drive E = 3\n    project E -> I {\n        weight 1 nS, delay 1 ms\n        \
        receptor Conductance { E: 0 mV }\n    }\n}\nsimulate N {\n    dt = 0.1 ms\n    speed 3\n    expect rate(E) 3 Hz\n}\n";
    one_mistake_is_told_once: "neuron A {\n    let a = 1 § 2 ) (\n    let b = .5 + 1..2\n}\n";
}

#[test]
fn labels_in_two_files_and_colours() {
    let mut sources = SourceMap::default();
    let one = sources.add("one.bp", "use two::A\n");
    let two = sources.add("two.bp", "neuron B {\n}\n");
    let diagnostic = Diagnostic::error("E0203", "there is no `A`", Span { file: one, start: 9, end: 10 }, "used here")
        .also(Span { file: two, start: 7, end: 8 }, "this is all there is")
        .hint("did you mean `B`?");
    insta::assert_snapshot!(human(std::slice::from_ref(&diagnostic), &sources, false));
    assert!(human(std::slice::from_ref(&diagnostic), &sources, true).contains("\u{1b}["));
    let value = json(&diagnostic, &sources);
    assert_eq!(value["labels"][1]["file"], "two.bp");
    assert_eq!(value["labels"][0]["start_column"], 10);
    assert_eq!(value["labels"][0]["end_column"], 11);
    assert_eq!(value["severity"], "error");
    // Places outside of the text or of the map do no harm.
    let lost = Diagnostic::warning("E0203", "lost", Span { file: one, start: 90, end: 10 }, "")
        .also(Span { file: FileId(9), start: 0, end: 1 }, "");
    assert!(human(std::slice::from_ref(&lost), &sources, false).contains("lost"));
    assert_eq!(json(&lost, &sources)["labels"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_long_line_is_cut() {
    let text = format!("const x = {}1 + + 2{}", " ".repeat(500_000), " ".repeat(500_000));
    let shown = rendered(&text).split_off(text.len());
    assert!(shown.len() < 2_000, "{shown}");
    assert!(shown.contains("net.bp:1:500015"), "{shown}");
}

#[test]
fn the_rest_is_counted() {
    let (_, diagnostics) = parse(FileId(0), &"const = 1\n".repeat(30));
    let limited = limit(diagnostics, 20);
    assert_eq!(limited.len(), 21);
    assert_eq!((limited[20].code, limited[20].title.as_str()), ("E0100", "… and 10 more"));
    let (_, few) = parse(FileId(0), &"const = 1\n".repeat(20));
    assert!(limit(few, 20).iter().all(|d| d.code != "E0100"));
    assert!(human(&limited, &SourceMap::default(), false).ends_with("\n… and 10 more\n"));
}

#[test]
fn every_explanation_holds_true() {
    for (code, next) in CODES.iter().zip(CODES.iter().skip(1).map(Some).chain([None])) {
        assert!(next.is_none_or(|next| code.code < next.code), "{} is out of order", code.code);
        let blocks: Vec<&str> =
            code.explanation.split("```bp\n").skip(1).filter_map(|b| b.split("```").next()).collect();
        let [fails, works] = blocks[..] else {
            assert!(matches!(code.code, "E0100" | "E0106" | "E0110"), "{} has no examples", code.code);
            continue;
        };
        let codes = |text| parse(FileId(0), text).1.iter().map(|d| d.code).collect::<Vec<_>>();
        assert_eq!(codes(fails), [code.code]);
        assert_eq!(codes(works), [""; 0], "{}", code.code);
    }
}

#[test]
fn bytes() {
    let table: [(&[u8], Result<&str, &str>); 8] = [
        (b"const x = 1", Ok("const x = 1")),
        (b"\xef\xbb\xbfconst", Ok("const")),
        ("τ\r\n\t".as_bytes(), Ok("τ\r\n\t")),
        (b"abc\xff", Err("this file is not UTF-8 text: byte 3 is 0xFF")),
        (b"\xff\xfea\0", Err("this file is not UTF-8 text: byte 0 is 0xFF")),
        (b"a\0", Err("forbidden character U+0000 at byte 1")),
        (b"\x1b[2J", Err("forbidden character U+001B at byte 0")),
        ("a\u{202e}b".as_bytes(), Err("forbidden character U+202E at byte 1")),
    ];
    for (bytes, expected) in table {
        let decoded = decode(FileId(0), bytes).map_err(|d| {
            assert_eq!(d.code, "E0106");
            d.title
        });
        assert_eq!(decoded.as_deref().map_err(String::as_str), expected);
    }
}

#[test]
fn a_file_of_too_many_bytes_is_refused_unread() {
    let codes = |text: &str| parse(FileId(0), text).1.iter().map(|d| d.code).collect::<Vec<_>>();
    let long = " ".repeat(MAX_BYTES + 1);
    assert_eq!(codes(&long), ["E0110"]);
    assert_eq!(codes(&long[..1 << 20]), [""; 0]);
}
