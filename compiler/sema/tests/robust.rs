//! No text makes the check panic or hang, and errors never come with a model.

use bpc_sema::{FileLoader, Options, check};
use bpc_syntax::diagnostic::Severity;
use proptest::prelude::*;
use std::path::Path;

const SOURCES: &[&str] = &[
    include_str!("../../../examples/coba_lif.bp"),
    include_str!("../../../examples/coba_hh.bp"),
    include_str!("../../../examples/brunel_2000.bp"),
    include_str!("../../../examples/ring_attractor.bp"),
    include_str!("../../../stdlib/neurons/traub_miles.bp"),
    include_str!("../../../stdlib/synapses/dual_exponential.bp"),
    include_str!("../../../stdlib/receptors/conductance.bp"),
    DATA,
    include_str!("../../syntax/tests/syntax/cell.bp"),
];

const DATA: &str = "data x : mV = [1, 2, 3]
data W = [[0, 1, 2], [3, 0, 4], [5, 6, 0]]
data source = [0, 2]
data target = [1, 1]
use std::neurons::LIF
use std::receptors::Delta
network Net(n : count = 3) {
    data y = [1, n]
    population E[x.size] : LIF
    init E.V = x[i] + x[n - 1]
    drive E.I = x[t every 1 ms linear] * W[t every 2 ms, i]
    project E -> E { connect matrix(W)  weight ~ W[i, j] * 1 mV  receptor Delta }
    project E -> E { connect pairs(source, target)  weight ~ y[k] * 1 mV  delay ~ y[k] * 1 ms  receptor Delta }
}
simulate Net { dt 1 ms  duration 10 ms }
";

/// Words that are likely to make sense where they do not belong.
const WORDS: &[&str] = &[
    "V",
    "E",
    "I",
    "exc",
    "0",
    "1",
    "-1",
    "1e308",
    "3 mV",
    "0 ms",
    "n",
    "tau",
    "w",
    "i",
    "j",
    "t",
    "dt",
    "normal(0, 1)",
    "exp",
    "LIF",
    "Exponential",
    "Delta",
    "true",
    "if 1 < 2 then 3 else 4",
    "E.size",
    "E.V",
    "exc.g",
    "* 1e300",
    "/ 0",
    "^ 0.5",
    "^ 99",
    "+ 3 nS",
    "unit(w)",
    "distance",
    "source.x",
    "at ring(circumference = 1 mm)",
    "at torus(rows = 0, columns = n, spacing = i)",
    "connect probability(distance / 0)",
    "connect small_world(2, 2)",
    "connect small_world(2, 0.5, undirected)",
    "connect scale_free(2, triads = 0.5)",
    "connect scale_free(2, otherwise = 1, probability = 2)",
    "connect same_as(p)",
    "connect same_as(p, reversed)",
    "connect fixed_probability(0.5, symmetric)",
    "connect where(i < j, symmetric, no_self)",
    "connect fixed_in_degree(1, where = i < j)",
    "connect fixed_total(n, where = distance < 1, with_replacement)",
    "connect same_as(E[0, 1].x)",
    "count",
    "state V : mV = 0",
    "let a = a",
    "post V : mV",
    "use std::neurons::LIF",
    "g' = -g / tau",
    "project E -> E { }",
    "record E.V[0..99999999999]",
    "expect rate(E) < 1 Hz",
    "simulate Net { }",
    "neuron",
    "network Net { }",
    "function f(x) = f(x)",
    "x[i]",
    "W[i, j]",
    "x[k]",
    "x[t every 1 ms]",
    "x.size",
    "data x = [1, 2]",
    "data W = file(\"x.npz\", \"W\")",
    "connect matrix(W)",
    "connect pairs(source, target)",
    "soma.V",
    "Na.E",
    "m",
    "gate m { alpha = 1 ms^-1 beta = m / 1 ms }",
    "gate n { inf = 1 }",
    "scheme { a <-> b (1 ms^-1, 2 ms^-1) b -> c (0) }",
    "membrane V : mV",
    "membrane V : mV = 0 { capacitance = 1 }",
    "channel Slow : Sodium",
    "ion Na : Fixed",
    "ion Ca { c : mM }",
    "output Ca.I = 0",
    "couple soma <-> dendrite (g)",
    "compartment axon { }",
    "compartment axon[k in 0..3] { }",
    "compartment dendrite[2] { membrane V : mV { capacitance = 1 } }",
    "couple dendrite[k] <-> dendrite[k + 1] (g) for k in 0..3 where k > 0",
    "dendrite[k].V",
    "dendrite[0..2].V",
    "cell",
    "channel",
];

fn survive(text: &str) {
    let checked = check("x.bp", text, &FileLoader::new(Path::new("x.bp"), bpc_stdlib::FILES), &Options::default());
    let errors = checked.diagnostics.iter().any(|d| d.severity == Severity::Error);
    assert!(!(errors && checked.model.is_some()));
    let _ = bpc_syntax::render::human(&checked.diagnostics, &checked.sources, false);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn words_replaced(which in 0..SOURCES.len(), changes in prop::collection::vec((any::<prop::sample::Index>(), 0..WORDS.len(), 0..3u8), 1..6)) {
        let mut words: Vec<&str> = SOURCES[which].split_inclusive([' ', '\n']).collect();
        for (at, word, how) in changes {
            let at = at.index(words.len());
            match how {
                0 => words[at] = WORDS[word],
                1 => words.insert(at, WORDS[word]),
                _ => { words.remove(at); }
            }
            words.insert(at, " ");
        }
        survive(&words.concat());
    }

    #[test]
    fn lines_shuffled(which in 0..SOURCES.len(), swaps in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..8)) {
        let mut lines: Vec<&str> = SOURCES[which].split_inclusive('\n').collect();
        for (a, b) in swaps {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
        }
        survive(&lines.concat());
    }

    #[test]
    fn characters_replaced(which in 0..SOURCES.len(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 1..20)) {
        let mut text: Vec<char> = SOURCES[which].chars().collect();
        for (at, c) in changes {
            let at = at.index(text.len());
            text[at] = c;
        }
        survive(&text.into_iter().collect::<String>());
    }

    #[test]
    fn values_of_options(name in "[A-Za-z_.]{0,8}", value in "\\PC{0,12}") {
        let options = Options { set: vec![(name, value.clone())], dt: Some(value.clone()), duration: Some(value), ..Options::default() };
        check("x.bp", SOURCES[0], &FileLoader::new(Path::new("x.bp"), bpc_stdlib::FILES), &options);
    }
}

/// Checks on a thread with little stack; returns the codes.
fn survive_on(stack: usize, text: String) -> Vec<&'static str> {
    let check = move || {
        let loader = FileLoader::new(Path::new("x.bp"), bpc_stdlib::FILES);
        let checked = check("x.bp", &text, &loader, &Options::default());
        assert_eq!(checked.model.is_some(), checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
        let mut codes: Vec<&str> = checked.diagnostics.iter().map(|d| d.code).collect();
        codes.dedup();
        codes
    };
    std::thread::Builder::new().stack_size(stack).spawn(check).expect("a thread").join().expect("no panic")
}

/// The deepest that is allowed, and what is deeper, needs no more stack than a thread has that asks
/// for little: whatever the build.
#[test]
fn deep_things_need_little_stack() {
    const LITTLE: usize = 512 << 10;
    let network = |before: &str, members: &str, drives: &str| {
        format!(
            "{before}neuron N {{ param tau = 10 ms  input I  state v = 0  {members}  spike when v > 1 {{ v = 0 }} }}
network Net {{ population P[2] : N  {drives} }}
simulate Net {{ dt 0.1 ms  duration 1 ms }}"
        )
    };
    let equation = |value: String| format!("v' = ({value} + I) / tau");
    let nested = |open: &str, close: &str| {
        network("", &equation(format!("{}v{}", open.repeat(250), close.repeat(250))), "drive P.I = 0")
    };
    for (open, close) in [("(", ")"), ("-", ""), ("sin(", ")"), ("1 + ", "")] {
        assert_eq!(survive_on(LITTLE, nested(open, close)), [""; 0], "{open}");
    }
    let functions = |count: usize| -> String {
        let more = (1..=count).map(|i| format!("function f{i}(x) = f{}(sin(x + 1))\n", i - 1));
        let functions: String = std::iter::once("function f0(x) = x\n".to_owned()).chain(more).collect();
        network(&functions, &equation(format!("f{count}(v)")), "drive P.I = 0")
    };
    assert_eq!(survive_on(LITTLE, functions(470)), [""; 0]);
    assert_eq!(survive_on(LITTLE, functions(600)), ["E0212"]);
    let lets = |count: usize, step: &str| -> String {
        let more: String =
            (1..=count).map(|i| format!("let a{i} = {}\n", step.replace('#', &format!("a{}", i - 1)))).collect();
        network("", &format!("let a0 = v\n{more}{}", equation(format!("a{count}"))), "drive P.I = 0")
    };
    assert_eq!(survive_on(LITTLE, lets(500, "# + 1")), [""; 0]);
    assert_eq!(survive_on(LITTLE, lets(600, "# + 1")), ["E0212"]);
    // Each of them twice in the next: 2^200 paths.
    for end in ["v / a200", "1 / (a200 * a200)"] {
        let text = lets(200, "# * #").replace("(a200 + I)", &format!("({end} + I)"));
        assert!(text.contains(end));
        assert_eq!(survive_on(LITTLE, text), [""; 0]);
    }
    let drives = |count: usize| network("", &equation("-v".to_owned()), &"drive P.I = 1\n".repeat(count));
    assert_eq!(survive_on(LITTLE, drives(1000)), [""; 0]);
    assert_eq!(survive_on(LITTLE, drives(30_000)), ["E0212"]);
}

#[test]
fn large_things_end() {
    // Doubling through functions, lets, constants, network definitions and event statements.
    let doubling = |line: fn(usize) -> String| (1..200).map(line).collect::<String>();
    survive(&format!(
        "function f0(x) = x + 1\n{}const y = f199(1)\n",
        doubling(|i| format!("function f{i}(x) = f{0}(x) + f{0}(x)\n", i - 1))
    ));
    survive(&format!(
        "function f0(x) = x + 1\n{}const y = f199(1)\n",
        doubling(|i| format!("function f{i}(x) = f{}(x + x)\n", i - 1))
    ));
    survive(&format!(
        "network N(a0 = 1) {{\n{}drive E.I = a199\n}}\n",
        doubling(|i| format!("let a{i} = a{0} + a{0}\n", i - 1))
    ));
    survive(&format!(
        "neuron N {{ state a0 = 1\n{}a0' = a199 }}\n",
        doubling(|i| format!("let a{i} = a{0} + a{0}\n", i - 1))
    ));
    survive(&format!(
        "synapse S {{ state a0 = 1\n{}on spike(w) {{ {} a0 += a199 }}\noutput a0 }}\n",
        doubling(|i| format!("let a{i} = a{0} + a{0}\n", i - 1)),
        "a0 = a0 + a0;".repeat(200)
    ));
    // Long chains.
    let chain: String = (1..20_000).map(|i| format!("const c{i} = c{} + 1\n", i - 1)).collect();
    survive(&format!("const c0 = 0\n{chain}"));
    let backwards: String = (1..5000).rev().map(|i| format!("const c{i} = c{} + 1\n", i - 1)).collect();
    survive(&format!("{backwards}const c0 = 0\n"));
    let lets: String = (1..5000).map(|i| format!("let a{i} = a{} + x\n", i - 1)).collect();
    survive(&format!("network N(x = 1) {{\nlet a0 = x\n{lets}}}\n"));
    let functions: String = (1..5000).map(|i| format!("function f{i}(x) = f{}(x) + 1\n", i - 1)).collect();
    survive(&format!("function f0(x) = x\n{functions}const y = f4999(1)\n"));
}
