//! Degrees and totals that are drawn in proportion to an expression, against the probabilities that are promised, in closed form; and weights that
//! are normalised, against sums made here.

use crate::bpc::{bpc, text};
use crate::pair_rules::{Pairs, network, pairs, rule};
use crate::spike_trains::Run;
use std::collections::{BTreeMap, BTreeSet};

/// How often each thing is there.
fn counts<T: Ord>(things: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    things.into_iter().for_each(|thing| *counts.entry(thing).or_default() += 1);
    counts
}

/// Pearson's statistic of counts against probabilities.
fn chi_square<T: Ord>(counts: &BTreeMap<T, usize>, expected: &BTreeMap<T, f64>) -> f64 {
    let all = counts.values().sum::<usize>() as f64;
    assert!(counts.keys().all(|thing| expected.contains_key(thing)), "something impossible");
    let total: f64 = expected.values().sum();
    assert!((total - 1.0).abs() < 1e-12, "{total}");
    expected
        .iter()
        .map(|(thing, p)| {
            let wanted = p * all;
            (counts.get(thing).copied().unwrap_or(0) as f64 - wanted).powi(2) / wanted
        })
        .sum()
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

/// What each neuron has drawn, of the other end.
fn sets(pairs: &Pairs, by_target: bool) -> BTreeMap<usize, BTreeSet<usize>> {
    let mut sets: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for &(source, target) in pairs {
        let (drawer, drawn) = if by_target { (target, source) } else { (source, target) };
        assert!(sets.entry(drawer).or_default().insert(drawn), "drawn twice");
    }
    sets
}

const WEIGHTS: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 0.0, 2.5];

/// Probabilities of the statistics here are below 1e-6 beyond these, at so many degrees of freedom.
const BEYOND: [(usize, f64); 4] = [(4, 33.4), (5, 35.9), (9, 44.9), (18, 63.9)];

fn beyond(freedom: usize) -> f64 {
    BEYOND.iter().find(|known| known.0 == freedom).expect("known").1
}

/// Without replacement a pair of candidates is drawn in either order; with replacement each draw is by itself.
#[test]
fn partners_are_drawn_in_proportion() {
    let head = format!("data weights = {WEIGHTS:?}\n    data W = [[1, 0, 2, 3], [0.5, 4, 0, 1], [2, 2, 1, 0], [0, 1, 1, 5], [1, 1, 1, 1], [0, 0, 0, 3]]
    population A[6] : Cell {{ theta = weights[i] }}\n    population B[4000] : Cell\n    population C[4] : Cell");
    let statements = [
        rule("two", "A -> B", "fixed_in_degree(2, proportional_to = weights[i])"),
        rule("out", "B -> A", "fixed_out_degree(2, proportional_to = target.theta * 3 mV)"),
        rule("often", "A -> B", "fixed_in_degree(3, with_replacement, proportional_to = weights[i])"),
        rule("many", "B -> A", "fixed_out_degree(3, with_replacement, proportional_to = weights[j])"),
        rule("total", "A -> C", "fixed_total(20000, with_replacement, proportional_to = W[i, j])"),
        rule("some", "A -> B", "fixed_in_degree(2, proportional_to = weights[i], where = i != 3)"),
    ];
    let labels = ["two", "out", "often", "many", "total", "some"];
    let run = Run::of(&network(&head, &statements.concat(), &labels, ""), 0.1, &[]);
    let of_two = |without: Option<usize>| {
        let left: Vec<(usize, f64)> =
            (0..6).map(|i| (i, WEIGHTS[i])).filter(|it| it.1 > 0.0 && Some(it.0) != without).collect();
        let sum: f64 = left.iter().map(|it| it.1).sum();
        let mut expected: BTreeMap<BTreeSet<usize>, f64> = BTreeMap::new();
        for &(a, u) in &left {
            for &(b, v) in left.iter().filter(|it| it.0 != a) {
                *expected.entry([a, b].into()).or_default() += u / sum * v / (sum - u);
            }
        }
        expected
    };
    for (label, by_target, without, freedom) in
        [("two", true, None, 9), ("out", false, None, 9), ("some", true, Some(3), 5)]
    {
        let sets = sets(&pairs(&run, label), by_target);
        assert_eq!(sets.len(), 4000);
        assert!(sets.values().all(|set| set.len() == 2));
        let statistic = chi_square(&counts(sets.into_values()), &of_two(without));
        assert!(statistic < beyond(freedom), "{label}: {statistic}");
    }
    let sum: f64 = WEIGHTS.iter().sum();
    let each: BTreeMap<usize, f64> = (0..6).filter(|&i| WEIGHTS[i] > 0.0).map(|i| (i, WEIGHTS[i] / sum)).collect();
    for (label, by_target) in [("often", true), ("many", false)] {
        let found = pairs(&run, label);
        let drawers = counts(found.iter().map(|it| if by_target { it.1 } else { it.0 }));
        assert!(drawers.len() == 4000 && drawers.values().all(|&degree| degree == 3));
        let statistic = chi_square(&counts(found.iter().map(|it| if by_target { it.0 } else { it.1 })), &each);
        assert!(statistic < beyond(4), "{label}: {statistic}");
    }
    let table = [
        [1.0, 0.0, 2.0, 3.0],
        [0.5, 4.0, 0.0, 1.0],
        [2.0, 2.0, 1.0, 0.0],
        [0.0, 1.0, 1.0, 5.0],
        [1.0; 4],
        [0.0, 0.0, 0.0, 3.0],
    ];
    let sum: f64 = table.iter().flatten().sum();
    let positive = (0..24).map(|n| ((n / 4, n % 4), table[n / 4][n % 4] / sum)).filter(|it| it.1 > 0.0);
    let expected: BTreeMap<(usize, usize), f64> = positive.collect();
    assert_eq!(expected.len(), 17);
    let found = pairs(&run, "total");
    assert_eq!(found.len(), 20000);
    assert!(chi_square(&counts(found), &expected) < beyond(18));
}

const PLACES: &str = "population A[70] : Cell { theta ~ uniform(0, 2) } at random(width = 1, height = 1)
    population B[150] : Cell { theta ~ uniform(0, 2), kind = i % 5 } at grid(rows = 10, columns = 15, spacing = 0.1)";

/// Degrees are exact and nothing is drawn twice, for any number of threads, precision and processor, and in whatever way the matrix is
/// asked for; another seed draws others.
#[test]
fn degrees_in_proportion_are_exact() {
    let near = "proportional_to = exp(-distance / 0.1)";
    let statements = [
        rule("in9", "A -> B", &format!("fixed_in_degree(9, {near})")),
        rule("out9", "A -> B", &format!("fixed_out_degree(9, {near})")),
        rule("own", "B -> B", &format!("fixed_in_degree(20, no_self, {near})")),
        rule("all", "A -> B", "fixed_in_degree(70, proportional_to = source.theta * target.theta + 1)"),
        rule("most", "A -> B", &format!("fixed_total(9000, {near})")),
        rule("few", "A -> B", &format!("fixed_total(200, {near})")),
        rule(
            "parts",
            "B[10..60] -> B[20..130]",
            "fixed_in_degree(4, no_self, proportional_to = 1 + i, where = i % 3 == j % 3)",
        ),
        rule("great", "A -> B", "fixed_total(150, proportional_to = if i == j % 70 then 1e250 else 1e-200)"),
        rule("again", "A -> B", "same_as(in9)"),
        rule("back", "B -> A", "same_as(in9, reversed)"),
        rule("lots", "A -> B", &format!("fixed_out_degree(300, with_replacement, {near})")),
    ];
    let labels = ["in9", "out9", "own", "all", "most", "few", "parts", "great", "again", "back", "lots"];
    let source = network(PLACES, &statements.concat(), &labels, "");
    let first = Run::of(&source, 0.1, &[]);
    let other = Run::of(&source, 0.1, &["--seed", "77"]);
    assert_ne!(pairs(&first, "in9"), pairs(&other, "in9"));
    for options in [&[][..], &["--threads", "3"], &["--threads", "2"], &["--precision", "f32"], &["--cpu", "x86-64"]] {
        let run = Run::of(&source, 0.1, options);
        let found = |label: &str| {
            let found = pairs(&run, label);
            if !options.contains(&"f32") {
                assert_eq!(found, pairs(&first, label), "{label} {options:?}");
            }
            found
        };
        for (label, by_target, degree) in [("in9", true, 9), ("out9", false, 9), ("own", true, 20), ("all", true, 70)] {
            let sets = sets(&found(label), by_target);
            assert_eq!(sets.len(), if by_target { 150 } else { 70 });
            assert!(sets.values().all(|set| set.len() == degree), "{label} {options:?}");
        }
        assert!(found("own").iter().all(|(i, j)| i != j));
        for (label, total) in [("most", 9000), ("few", 200), ("great", 150), ("lots", 70 * 300)] {
            assert_eq!(found(label).len(), total, "{label}");
        }
        sets(&found("most"), true);
        sets(&found("few"), true);
        let mut certain: Pairs = (0..150).map(|j| (j % 70, j)).collect();
        certain.sort_unstable();
        assert_eq!(found("great"), certain);
        let parts = sets(&found("parts"), true);
        assert!(parts.len() == 110 && parts.values().all(|set| set.len() == 4));
        assert!(
            found("parts")
                .iter()
                .all(|&(i, j)| (10..60).contains(&i) && (20..130).contains(&j) && i % 3 == j % 3 && i != j)
        );
        assert_eq!(found("again"), found("in9"));
        let mut back: Pairs = found("back").into_iter().map(|(i, j)| (j, i)).collect();
        back.sort_unstable();
        assert_eq!(back, found("in9"));
    }
}

#[test]
fn what_cannot_be_drawn_names_the_neuron_and_the_place() {
    let of = |connect: &str| network(PLACES, &rule("p", "A -> B", connect), &["p"], "");
    for (connect, wanted) in [
        ("fixed_in_degree(9, proportional_to = source.theta - 1)", "projection p: proportional_to is -"),
        ("fixed_out_degree(9, proportional_to = source.theta - 1)", "it must be a number from 0 to 1e298"),
        ("fixed_total(9, proportional_to = log(source.theta - 0.5))", "projection p: proportional_to is "),
        ("fixed_in_degree(9, proportional_to = if source.theta > 1.95 then 1 else 0)", "which must draw 9"),
        (
            "fixed_in_degree(9, with_replacement, proportional_to = if distance < 0.0001 then 1 else 0)",
            "for 0 sources of target",
        ),
        (
            "fixed_out_degree(80, proportional_to = if distance < 0.1 then 1 else 0)",
            "targets of source 0, which must draw 80",
        ),
        (
            "fixed_total(9, proportional_to = if distance < 0.0001 then 1 else 0)",
            "above zero for 0 pairs, of which 9 must be drawn",
        ),
    ] {
        let said = refused(&of(connect));
        assert!(said.contains(wanted), "{connect}: {said}");
        assert!(said.contains("`p` is declared at ") && said.contains("net.bp:11:5"), "{connect}: {said}");
    }
}

/// Weights by target and by source, with several delays and several synapses of one pair, of rules that change them later as well.
#[test]
fn normalised_weights_sum_up_to_what_is_said() {
    let statements = "
    project into: A -> B { connect fixed_probability(0.3)  weight ~ uniform(0 mV, 1 mV)  normalise incoming to 5 mV * limit
        delay ~ uniform(0.1 ms, 3 ms)  receptor Delta }
    project by_degree: A -> B { connect fixed_total(3000, with_replacement)  weight ~ lognormal(0, 1) * 1 mV
        normalise incoming to -1 mV * target.in_degree  receptor Delta }
    project out: A -> B { connect fixed_in_degree(20, with_replacement)  weight ~ uniform(0.1 mV, 1 mV)
        normalise outgoing to 1 mV + 1 mV * source.theta  delay ~ uniform(0.1 ms, 1 ms)  receptor Delta }
    project one: A -> B { connect fixed_in_degree(8)  weight 3 mV  normalise incoming to 2 mV  receptor Delta }
    project learns: A -> B { connect fixed_in_degree(8)  weight ~ uniform(0 mV, 1 mV)  normalise incoming to 2 mV
        plasticity Drift  receptor Delta }
"
    .replace("project into", "project arriving");
    let labels = ["arriving", "by_degree", "out", "one", "learns"];
    let source = network(PLACES, &statements, &labels, "record A.theta every 0.1 ms")
        .replace("neuron Cell", "plasticity Drift {\n    weight w\n    state x = 0\n    x' = -x / 1 ms\n    on pre(w) { w += 0 * w }\n}\nneuron Cell");
    let first = Run::of(&source, 0.1, &[]);
    for options in [&[][..], &["--threads", "3"], &["--precision", "f32"], &["--cpu", "x86-64"]] {
        let run = Run::of(&source, 0.1, options);
        let tolerance = if options.contains(&"f32") { 1e-6 } else { 1e-13 };
        let theta = run.values("A.theta");
        let in_degrees = counts(pairs(&run, "by_degree").into_iter().map(|it| it.1));
        for (label, by_target) in
            [("arriving", true), ("by_degree", true), ("out", false), ("one", true), ("learns", true)]
        {
            let (found, weights) = (pairs(&run, label), run.values(&format!("{label}.weight")));
            assert_eq!(found.len(), weights.len());
            if !options.contains(&"f32") {
                assert_eq!(weights, first.values(&format!("{label}.weight")), "{label} {options:?}");
            }
            let mut sums: BTreeMap<usize, f64> = BTreeMap::new();
            for (&(source, target), weight) in found.iter().zip(&weights) {
                *sums.entry(if by_target { target } else { source }).or_default() += weight;
            }
            for (neuron, sum) in sums {
                let wanted = match label {
                    "arriving" => 2.5,
                    "by_degree" => -(in_degrees[&neuron] as f64),
                    "out" => 1.0 + theta[neuron],
                    _ => 2.0,
                };
                assert!((sum / wanted - 1.0).abs() < tolerance, "{label} {neuron}: {sum} {wanted} {options:?}");
            }
        }
        assert!(run.values("one.weight").iter().all(|w| (w - 0.25).abs() < tolerance));
    }
    // They are in the proportions of those that are drawn.
    let raw = Run::of(&source.replace("normalise incoming to 5 mV * limit", ""), 0.1, &[]);
    let (raw, scaled) = (raw.values("arriving.weight"), first.values("arriving.weight"));
    let found = pairs(&first, "arriving");
    let of_first: Vec<f64> = (0..found.len()).filter(|&n| found[n].1 == 0).map(|n| scaled[n] / raw[n]).collect();
    assert!(of_first.len() > 5 && of_first.iter().all(|ratio| (ratio / of_first[0] - 1.0).abs() < 1e-13));
}

#[test]
fn weights_that_sum_up_to_zero_name_the_neuron_and_the_place() {
    let statement = "project p: A -> B { connect all_to_all  weight ~ if j == 7 then 0 mV else 1 mV  normalise incoming to 1 mV  receptor Delta }";
    let said = refused(&network(PLACES, statement, &["p"], ""));
    assert!(
        said.contains("projection p: the weights onto target 7 sum up to 0") && said.contains("`p` is declared at "),
        "{said}"
    );
    let statement = "project p: A -> B { connect all_to_all  weight ~ 1 mV * (j - 74.5)  normalise outgoing to 1 mV  receptor Delta }";
    let said = refused(&network(PLACES, statement, &["p"], ""));
    assert!(said.contains("the weights of source 0 sum up to 0"), "{said}");
}
