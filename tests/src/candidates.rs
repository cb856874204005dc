//! Degrees and totals among the pairs for which a condition holds, against the condition written out here and the laws that are
//! promised.

use crate::bpc::{bpc, text};
use crate::pair_rules::{Pairs, network, pairs, pairs_where, rule};
use crate::spike_trains::Run;
use std::collections::{BTreeMap, BTreeSet};

const HEAD: &str = "population A[70] : Cell { theta ~ uniform(-spread, spread) } at random(width = 1, height = 1)
    population B[150] : Cell { theta ~ uniform(-2, 2), kind = i % 5 } at grid(rows = 10, columns = 15, spacing = 0.1)";
const RECORDS: &str = "record A.theta, B.theta every 0.1 ms";

/// How many synapses each source (or target) has.
fn degrees(pairs: &Pairs, of_targets: bool) -> BTreeMap<usize, usize> {
    let mut degrees = BTreeMap::new();
    for pair in pairs {
        *degrees.entry(if of_targets { pair.1 } else { pair.0 }).or_default() += 1;
    }
    degrees
}

fn each(neurons: std::ops::Range<usize>, degree: usize) -> BTreeMap<usize, usize> {
    neurons.map(|neuron| (neuron, degree)).collect()
}

fn distinct(pairs: &Pairs) -> BTreeSet<(usize, usize)> {
    pairs.iter().copied().collect()
}

/// What a run says that must fail.
fn refused(source: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.bp");
    std::fs::write(&path, source).expect("written");
    let output = bpc(&["run", &text(&path), "--quiet"]);
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn degrees_and_totals_are_exact_among_the_pairs_of_a_condition() {
    let near = "where = abs(source.theta - target.theta) < limit * 2";
    let statements = [
        rule("in3", "A -> B", &format!("fixed_in_degree(3, {near})")),
        rule("out9", "A -> B", &format!("fixed_out_degree(9, {near})")),
        rule("own", "B -> B", &format!("fixed_in_degree(5, no_self, {near})")),
        rule("often", "A -> B", &format!("fixed_in_degree(40, with_replacement, {near})")),
        rule("many", "A -> B", &format!("fixed_out_degree(200, with_replacement, {near})")),
        rule("few", "A -> B", &format!("fixed_total(100, {near})")),
        rule("most", "A -> B", &format!("fixed_total(3000, {near})")),
        rule("again", "A -> B", &format!("fixed_total(5000, with_replacement, {near})")),
        rule("parts", "A[10..60] -> B[20..130]", "fixed_in_degree(4, where = i % 3 == j % 3)"),
        rule("block", "B[10..60] -> B[20..130]", "fixed_out_degree(4, no_self, where = i % 3 == j % 3)"),
        rule("total", "B[10..60] -> B[20..130]", "fixed_total(400, no_self, where = i % 3 == j % 3)"),
    ];
    let labels = ["in3", "out9", "own", "often", "many", "few", "most", "again", "parts", "block", "total"];
    let source = network(HEAD, &statements.concat(), &labels, RECORDS);
    let first = Run::of(&source, 0.1, &[]);
    for options in [&[][..], &["--threads", "3"], &["--threads", "2"], &["--precision", "f32"], &["--cpu", "x86-64"]] {
        let run = Run::of(&source, 0.1, options);
        let (a, b) = (run.values("A.theta"), run.values("B.theta"));
        let near = |i: usize, j: usize| (a[i] - b[j]).abs() < 1.0;
        let found = |label: &str| {
            let found = pairs(&run, label);
            // Positions and parameters are the same but for their rounding.
            if !options.contains(&"f32") {
                assert_eq!(found, pairs(&first, label), "{label} {options:?}");
            }
            found
        };
        for label in ["in3", "out9", "often", "many", "few", "most", "again"] {
            assert!(found(label).iter().all(|&(i, j)| near(i, j)), "{label} {options:?}");
        }
        assert!(found("own").iter().all(|&(i, j)| i != j && (b[i] - b[j]).abs() < 1.0));
        for label in ["in3", "out9", "own", "few", "most", "parts", "block", "total"] {
            assert_eq!(distinct(&found(label)).len(), found(label).len(), "{label}: no pair twice");
        }
        assert_eq!(degrees(&found("in3"), true), each(0..150, 3));
        assert_eq!(degrees(&found("out9"), false), each(0..70, 9));
        assert_eq!(degrees(&found("own"), true), each(0..150, 5));
        assert_eq!(degrees(&found("often"), true), each(0..150, 40));
        assert_eq!(degrees(&found("many"), false), each(0..70, 200));
        assert!(distinct(&found("often")).len() < 150 * 40 && distinct(&found("again")).len() < 5000);
        assert_eq!([found("few"), found("most"), found("again")].map(|it| it.len()), [100, 3000, 5000]);
        let allowed = |&(i, j): &(usize, usize)| (10..60).contains(&i) && (20..130).contains(&j) && i % 3 == j % 3;
        assert!(found("parts").iter().chain(&found("block")).chain(&found("total")).all(allowed));
        assert!(found("block").iter().chain(&found("total")).all(|(i, j)| i != j));
        assert_eq!(degrees(&found("parts"), true), each(20..130, 4));
        assert_eq!(degrees(&found("block"), false), each(10..60, 4));
        assert_eq!(found("total").len(), 400);
    }
}

/// Where as many are drawn as there are, nothing is left to chance.
#[test]
fn all_candidates_are_drawn_if_so_many_are_wanted() {
    let statements = [
        rule("sources", "A -> B", "fixed_in_degree(14, where = i % 5 == target.kind)"),
        rule("targets", "A -> B", "fixed_out_degree(30, where = i % 5 == target.kind)"),
        rule("total", "A -> B", "fixed_total(2100, where = i % 5 == target.kind)"),
        rule("none", "A -> B", "fixed_total(0, where = i > 100)"),
    ];
    let source = network(HEAD, &statements.concat(), &["sources", "targets", "total"], "");
    let run = Run::of(&source, 0.1, &[]);
    let all = pairs_where(70, 150, |i, j| i % 5 == j % 5);
    for label in ["sources", "targets", "total"] {
        assert_eq!(pairs(&run, label), all, "{label}");
    }
}

/// Counts of independent draws are within five standard deviations; a right program with another seed fails about once in ten
/// thousand times.
#[test]
fn candidates_are_equally_likely() {
    let head = "population A[20] : Cell\n    population B[3000] : Cell";
    let condition = "where = i % 2 == 0 and i < 16";
    let statements = [
        rule("few", "A -> B", &format!("fixed_in_degree(3, {condition})")),
        rule("most", "A -> B", &format!("fixed_in_degree(6, {condition})")),
        rule("often", "A -> B", &format!("fixed_in_degree(3, with_replacement, {condition})")),
        rule("out", "B -> A", "fixed_out_degree(3, where = j % 2 == 0 and j < 16)"),
        rule("total", "A -> B", &format!("fixed_total(9000, {condition})")),
        rule("rest", "A -> B", &format!("fixed_total(18000, {condition})")),
        rule("again", "A -> B", &format!("fixed_total(9000, with_replacement, {condition})")),
        rule("drawn", "A -> B", "fixed_in_degree(2, where = uniform(0, 1) < 0.9)"),
    ];
    let labels = ["few", "most", "often", "out", "total", "rest", "again", "drawn"];
    let run = Run::of(&network(head, &statements.concat(), &labels, ""), 0.1, &[]);
    for (label, of_targets, share) in [
        ("few", false, 3.0 / 8.0),
        ("most", false, 6.0 / 8.0),
        ("often", false, 3.0 / 8.0),
        ("out", true, 3.0 / 8.0),
        ("total", false, 3.0 / 8.0),
        ("rest", false, 6.0 / 8.0),
        ("again", false, 3.0 / 8.0),
    ] {
        let counts = degrees(&pairs(&run, label), of_targets);
        assert_eq!(counts.keys().copied().collect::<Vec<_>>(), (0..16).step_by(2).collect::<Vec<_>>(), "{label}");
        for (neuron, count) in counts {
            let (mean, deviation) = (3000.0 * share, f64::sqrt(3000.0 * share));
            assert!((count as f64 - mean).abs() < 5.0 * deviation, "{label}: {count} of {neuron}, not {mean}");
        }
    }
    // All pairs of two of eight, too.
    let mut sets: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (i, j) in pairs(&run, "few") {
        sets.entry(j).or_default().insert(i);
    }
    let mut counts: BTreeMap<BTreeSet<usize>, usize> = BTreeMap::new();
    sets.into_values().for_each(|set| *counts.entry(set).or_default() += 1);
    assert_eq!(counts.len(), 56, "every set of three");
    let expected = 3000.0 / 56.0;
    let chi: f64 = counts.values().map(|&count| (count as f64 - expected).powi(2) / expected).sum();
    // 55 degrees of freedom.
    assert!((chi - 55.0).abs() < 5.0 * f64::sqrt(110.0), "{chi}");
    let drawn = degrees(&pairs(&run, "drawn"), false);
    assert!(drawn.len() == 20 && drawn.values().all(|&count| (count as f64 - 300.0).abs() < 5.0 * f64::sqrt(300.0)));
}

#[test]
fn too_few_candidates_name_the_neuron() {
    let of = |between: &str, connect: &str| refused(&network(HEAD, &rule("p", between, connect), &["p"], ""));
    let said = of("A -> B", "fixed_in_degree(3, where = i < j - 20)");
    assert!(said.contains("projection p: the condition holds for 0 sources of target 0, which must draw 3"), "{said}");
    let said = of("A -> B[30..150]", "fixed_in_degree(31, where = i < j)");
    assert!(said.contains("30 sources of target 30, which must draw 31"), "{said}");
    let said = of("A -> B", "fixed_out_degree(3, where = i < 7 or j > i and j < 10)");
    assert!(said.contains("2 targets of source 7, which must draw 3"), "{said}");
    let said = of("B -> B", "fixed_out_degree(1, no_self, with_replacement, where = i == j)");
    assert!(said.contains("0 targets of source 0, which must draw 1"), "{said}");
    let said = of("A -> B", "fixed_total(4, where = i == 3 and j < 3)");
    assert!(said.contains("4 synapses cannot be drawn from 3 pairs"), "{said}");
}

#[test]
fn conditions_follow_what_is_set() {
    let connect = "fixed_in_degree(2, where = abs(source.theta) < limit * spread)";
    let source = network(HEAD, &rule("p", "A -> B", connect), &["p"], RECORDS);
    let half = Run::of(&source, 0.1, &[]);
    let set = Run::of(&source, 0.1, &["--set", "limit=0.2", "--threads", "3"]);
    let written = Run::of(&source.replace("limit = 0.5", "limit = 0.2"), 0.1, &[]);
    assert_eq!(pairs(&set, "p"), pairs(&written, "p"));
    assert_ne!(pairs(&set, "p"), pairs(&half, "p"));
    let theta = set.values("A.theta");
    assert!(pairs(&set, "p").iter().all(|&(i, _)| theta[i].abs() < 0.4));
}

/// From eight on, networks share code: each rule asks about the pairs of its own.
#[test]
fn arrays_of_networks_choose_among_their_own() {
    let text = "use std::receptors::Delta
neuron Cell { param theta = 0  state V : mV = 0 mV  spike when V > 1 V { V = 0 mV } }
network Area(low = 0) {
    population E[40] : Cell { theta ~ uniform(low, low + 4) }
    project inside: E -> E { connect fixed_in_degree(2, where = source.theta < low + 2)  weight ~ 1 mV  receptor Delta }
    project back: E -> E { connect same_as(inside, reversed)  weight ~ 1 mV  receptor Delta }
}
network Net { instance area[k in 0..10] : Area(low = k) }
simulate Net { dt 0.1 ms  duration 0.1 ms  record area[0..10].inside.weight, area[0..10].back.weight, area[0..10].E.theta every 0.1 ms }
";
    let run = Run::of(text, 0.1, &["--threads", "2"]);
    for area in 0..10 {
        let theta = run.values(&format!("area[{area}].E.theta"));
        let found = pairs(&run, &format!("area[{area}].inside"));
        assert_eq!(degrees(&found, true), each(0..40, 2), "{area}");
        assert!(found.iter().all(|&(i, _)| theta[i] < area as f64 + 2.0), "{area}");
        let back: BTreeSet<_> = pairs(&run, &format!("area[{area}].back")).into_iter().map(|(i, j)| (j, i)).collect();
        assert_eq!(back, distinct(&found), "{area}");
    }
}
