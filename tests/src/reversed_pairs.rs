//! Projections with the pairs of another the other way round, and rules that decide of both directions at once, against the
//! connections that are exported.

use crate::pair_rules::{Pairs, network, pairs, pairs_where, rule};
use crate::spike_trains::Run;
use crate::statistics::array;
use std::collections::BTreeSet;

const HEAD: &str = "data first = [5, 0, 3, 3, 3, 9]
    data second = [2, 1, 7, 2, 7, 0]
    data W = [[0, 2, 3], [4, 0, 0], [7, 8, 0]]
    data K = [[1, 2, 3], [4, 5, 6]]
    population A[48] : Cell { theta ~ uniform(-spread, spread) } at grid(rows = 6, columns = 8, spacing = 1)
    population B[75] : Cell { theta ~ normal(0, 1) } at random(width = 8, height = 6)
    population C[3] : Cell
    population D[30] : Cell at grid(rows = 5, columns = 6, spacing = 1)
    population E[48] : Cell";

/// Rules, and between which neurons.
const RULES: &[(&str, &str, &str)] = &[
    ("A", "A", "all_to_all(no_self)"),
    ("A", "E", "one_to_one"),
    ("A", "B", "fixed_probability(0.2)"),
    ("A", "B", "fixed_in_degree(7, with_replacement)"),
    ("A", "A", "fixed_in_degree(7, no_self)"),
    ("A", "B", "fixed_out_degree(5)"),
    ("B", "A", "fixed_out_degree(30, with_replacement)"),
    ("A", "B", "fixed_total(333)"),
    ("A", "A", "fixed_total(333, no_self, with_replacement)"),
    ("A", "B", "probability(exp(-distance / 2))"),
    ("A", "B", "where(source.theta < target.theta)"),
    ("B", "B", "where(uniform(0, 1) < limit and i < j)"),
    ("A", "A", "small_world(4, 0.3)"),
    ("A", "A", "small_world(6, 0.3, undirected)"),
    ("B", "B", "scale_free(2, triads = 0.5)"),
    ("A", "B", "pairs(first, second)"),
    ("C", "C", "matrix(W)"),
    ("A", "D", "convolution(K)"),
    ("A[3..20]", "B[10..40]", "fixed_probability(0.3)"),
    ("A[3..20]", "A[10..40]", "fixed_out_degree(5, no_self)"),
    ("A[3..20]", "A[10..40]", "all_to_all"),
    ("A[3..20]", "B[10..40]", "fixed_in_degree(3, where = i % 2 == j % 2)"),
    ("A", "B", "fixed_out_degree(3, where = source.theta < target.theta + 2)"),
    ("A", "B", "fixed_total(99, where = distance < 2)"),
    ("B", "B", "fixed_probability(0.3, symmetric)"),
];

fn swapped(pairs: &Pairs) -> Pairs {
    let mut swapped: Pairs = pairs.iter().map(|&(i, j)| (j, i)).collect();
    swapped.sort_unstable();
    swapped
}

/// Source and target of every synapse, in their order.
fn sorted(run: &Run, projection: &str) -> Pairs {
    let mut found = pairs(run, projection);
    found.sort_unstable();
    found
}

#[test]
fn every_rule_has_its_pairs_the_other_way_round() {
    let mut statements = String::new();
    let mut labels = Vec::new();
    for (number, (source, target, connect)) in RULES.iter().enumerate() {
        let ways = [(source, target), (target, source), (target, source), (source, target), (source, target)];
        let wired = [
            (*connect).to_owned(),
            format!("same_as(p{number}, reversed)"),
            format!("same_as(q{number})"),
            format!("same_as(q{number}, reversed)"),
            format!("same_as(r{number}, reversed)"),
        ];
        for (name, (way, wired)) in ["p", "q", "r", "s", "u"].iter().zip(ways.iter().zip(wired)) {
            statements += &rule(&format!("{name}{number}"), &format!("{} -> {}", way.0, way.1), &wired);
            labels.push(format!("{name}{number}"));
        }
    }
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let source = network(HEAD, &statements, &labels, "");
    let mut seen = BTreeSet::new();
    for options in [&[][..], &["--seed", "2", "--set", "limit=0.1"], &["--threads", "3"], &["--precision", "f32"]] {
        let run = Run::of(&source, 0.1, options);
        for (number, (_, _, connect)) in RULES.iter().enumerate() {
            let found = sorted(&run, &format!("p{number}"));
            assert!(!found.is_empty(), "{connect}");
            for (way, backwards) in [("q", true), ("r", true), ("s", false), ("u", false)] {
                let other = sorted(&run, &format!("{way}{number}"));
                let wanted = if backwards { swapped(&found) } else { found.clone() };
                assert_eq!(other, wanted, "{connect} {way} {options:?}");
            }
            // Each of the two seeds has its own, threads and precision change nothing.
            seen.insert(found);
        }
    }
    let without_chance = RULES
        .iter()
        .filter(|it| ["all", "one", "pairs", "matrix", "convolution"].iter().any(|start| it.2.starts_with(start)));
    assert_eq!(seen.len(), 2 * RULES.len() - without_chance.count());
}

#[test]
fn what_each_connection_has_is_known_the_other_way_round() {
    let matrix = "%%MatrixMarket matrix coordinate real general\n3 4 4\n1 2 5\n3 1 7\n2 4 0.5\n3 4 9\n";
    let head = "data first = [5, 0, 3, 3, 3, 9]
    data second = [2, 1, 7, 2, 7, 0]
    data size = [1, 2, 3, 4, 5, 6]
    data K = [[1, 2, 3], [4, 5, 6]]
    data M = [[0, 2, 3, 1], [4, 0, 0, 6], [7, 8, 0, 0]]
    data S = file(\"W.mtx\")
    population A[10] : Cell
    population B[8] : Cell
    population C[3] : Cell
    population D[4] : Cell
    population G[12] : Cell at grid(rows = 3, columns = 4, spacing = 1)
    population H[4] : Cell at grid(rows = 2, columns = 2, spacing = 1)";
    let with = |label: &str, between: &str, connect: &str, weight: &str| {
        format!("project {label}: {between} {{ connect {connect}  weight ~ 1 mV * {weight}  receptor Delta }}\n    ")
    };
    let back = |label: &str| format!("same_as({label}, reversed)");
    let statements = [
        with("l", "A -> B", "pairs(first, second)", "size[k]"),
        with("lr", "B -> A", &back("l"), "size[k]"),
        with("m", "C -> D", "matrix(M)", "M[i, j]"),
        with("mr", "D -> C", &back("m"), "M[j, i]"),
        with("s", "C -> D", "matrix(S)", "S[i, j]"),
        with("sr", "D -> C", &back("s"), "S[j, i]"),
        with("srr", "C -> D", &back("sr"), "S[i, j]"),
        with("c", "G -> H", "convolution(K)", "kernel"),
        with("cr", "H -> G", &back("c"), "kernel"),
        with("d", "A -> B", "fixed_probability(0.5)", "(i + 100 * j)"),
        with("dr", "B -> A", &back("d"), "(j + 100 * i)"),
    ];
    let labels = ["l", "lr", "m", "mr", "s", "sr", "srr", "c", "cr", "d", "dr"];
    let run = Run::beside(&[("W.mtx", matrix)], &network(head, &statements.concat(), &labels, ""), 0.1, &[]);
    let weighted = |label: &str, backwards: bool| {
        let weights = run.values(&format!("{label}.weight"));
        let mut all: Vec<_> = pairs(&run, label).into_iter().zip(weights).collect();
        if backwards {
            all.iter_mut().for_each(|(pair, _)| *pair = (pair.1, pair.0));
        }
        all.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        all
    };
    for label in ["l", "m", "s", "c", "d"] {
        assert!(weighted(label, false).len() >= 4, "{label}");
        assert_eq!(weighted(label, false), weighted(&format!("{label}r"), true), "{label}");
    }
    assert_eq!(weighted("s", false), [((0, 1), 5.0), ((1, 3), 0.5), ((2, 0), 7.0), ((2, 3), 9.0)]);
    assert_eq!(weighted("srr", false), weighted("s", false));
    // The two connections of one pair in the order of the lists.
    let twice: Vec<f64> = weighted("lr", true).into_iter().filter(|it| it.0 == (3, 7)).map(|it| it.1).collect();
    assert_eq!(twice, [3.0, 5.0]);
}

/// Spikes of one target reach those from which it has connections, as often as it has them, and nobody else.
#[test]
fn spikes_of_targets_reach_their_sources() {
    let statements = "init B.V = if i == 11 then 2 V else 0 mV
    project forth: A -> B { connect fixed_in_degree(40, with_replacement)  weight ~ 1 mV  receptor Delta }
    project back: B -> A { connect same_as(forth, reversed)  weight 0.25 mV  delay ~ 0.1 ms * (1 + j % 3)  receptor Delta }";
    let text = network(
        "population A[30] : Cell\n    population B[70] : Cell",
        statements,
        &["forth"],
        "record A.V every 0.6 ms",
    );
    let text = text.replace("duration 0.1 ms", "duration 0.6 ms");
    for options in [&[][..], &["--threads", "3"]] {
        let run = Run::of(&text, 0.1, options);
        let forth = pairs(&run, "forth");
        let reached = |i: usize| 0.25 * forth.iter().filter(|&&pair| pair == (i, 11)).count() as f64;
        let wanted: Vec<f64> = (0..30).map(reached).collect();
        assert!(wanted.contains(&0.0) && wanted.iter().any(|&x| x > 0.25), "several, and none");
        let samples = run.values("A.V");
        assert_eq!(samples[samples.len() - 30..], wanted, "{options:?}");
    }
}

/// Above the diagonal the pairs are those that the rule has without the option, below it these again.
#[test]
fn symmetric_rules_decide_of_both_directions() {
    let head = "population A[150] : Cell { theta ~ uniform(-spread, spread) }
    population B[2] : Cell";
    let rules = [
        ("A -> A", "fixed_probability(0.1"),
        ("A -> A", "fixed_probability(0.1, no_self"),
        ("A -> A", "probability(0.8 * exp(-abs(source.theta - target.theta)) * i / 150, no_self"),
        ("A -> A", "where(source.theta < target.theta"),
        ("A -> A", "where(uniform(0, 1) < limit, no_self"),
        ("A[20..90] -> A[20..90]", "fixed_probability(0.3"),
        ("A[20..90] -> A[20..90]", "all_to_all"),
    ];
    let labels: Vec<String> = (0..rules.len()).map(|n| format!("p{n}")).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let text = |end: &str| {
        let statements: Vec<String> = rules
            .iter()
            .zip(&labels)
            .map(|((between, connect), label)| match connect.contains('(') {
                true => rule(label, between, &format!("{connect}{end}")),
                false => rule(label, between, connect),
            })
            .collect();
        network(head, &statements.concat(), &labels, "")
    };
    let (both, one) = (text(", symmetric)"), text(")"));
    let reference = Run::of(&one, 0.1, &[]);
    for options in [&[][..], &["--threads", "3"], &["--precision", "f32"]] {
        let run = Run::of(&both, 0.1, options);
        for (label, (_, connect)) in labels.iter().zip(rules) {
            let decided = pairs(&reference, label).into_iter().filter(|(i, j)| i <= j);
            let wanted: BTreeSet<_> = decided.flat_map(|(i, j)| [(i, j), (j, i)]).collect();
            assert_eq!(sorted(&run, label), wanted.into_iter().collect::<Pairs>(), "{connect} {options:?}");
        }
    }
    let run = Run::of(&both, 0.1, &[]);
    let found = pairs(&run, "p1");
    let (mean, deviation) = (0.1 * 150.0 * 149.0, 2.0 * f64::sqrt(0.09 * 150.0 * 149.0 / 2.0));
    assert!((found.len() as f64 - mean).abs() < 5.0 * deviation, "{} of {mean}", found.len());
    assert!(pairs(&run, "p0").iter().any(|(i, j)| i == j) && found.iter().all(|(i, j)| i != j));
    assert_eq!(pairs(&run, "p6"), pairs_where(150, 150, |i, j| (20..90).contains(&i) && (20..90).contains(&j)));
}

/// Labels of instances and combinations, and delays of their own.
#[test]
fn arrays_of_networks_have_theirs() {
    let text = "use std::receptors::Delta
neuron Cell { state V : mV = 0 mV  spike when V > 1 V { V = 0 mV } }
network Area {
    population E[13] : Cell
    project inside: E -> E { connect fixed_out_degree(3)  weight ~ 1 mV  receptor Delta }
    project back: E -> E { connect same_as(inside, reversed)  weight ~ 1 mV  delay ~ uniform(1 ms, 2 ms)  receptor Delta }
}
network Net {
    instance area[k in 0..10] : Area
    project ff: area[a].E -> area[b].E for a in 0..10, b in 0..10 where b == a + 1 {
        connect fixed_probability(0.3)  weight ~ 1 mV  receptor Delta
    }
    project fb: area[a].E -> area[b].E for a in 0..10, b in 0..10 where b == a - 1 {
        connect same_as(ff[b, a], reversed)  weight ~ 1 mV  receptor Delta
    }
    project outer: area[4].E -> area[4].E { connect same_as(area[4].inside, reversed)  weight ~ 1 mV  receptor Delta }
}
simulate Net { dt 0.1 ms  duration 0.1 ms  record area[0..10].inside.weight, area[0..10].back.weight, outer.weight, RECORD every 0.1 ms }
";
    let between = (0..9).flat_map(|a| [format!("ff[{a},{}].weight", a + 1), format!("fb[{},{a}].weight", a + 1)]);
    let run = Run::of(&text.replace("RECORD", &between.collect::<Vec<_>>().join(", ")), 0.1, &[]);
    let mut different = BTreeSet::new();
    for area in 0..10 {
        let inside = sorted(&run, &format!("area[{area}].inside"));
        let back = format!("area[{area}].back");
        assert_eq!(sorted(&run, &back), swapped(&inside), "{area}");
        let steps: Vec<u32> = array(&run.path().join("connections.npz"), &format!("{back}_delay_steps"));
        assert!(steps.iter().all(|it| (10..=20).contains(it)) && steps.iter().any(|&it| it != steps[0]));
        if area == 4 {
            assert_eq!(sorted(&run, "outer"), swapped(&inside));
        }
        different.insert(inside);
        if area < 9 {
            let forth = sorted(&run, &format!("ff[{area},{}]", area + 1));
            assert_eq!(sorted(&run, &format!("fb[{},{area}]", area + 1)), swapped(&forth), "{area}");
        }
    }
    assert_eq!(different.len(), 10);
}
