//! Rules of connections that read parameters of both neurons, and what else decides on pairs, against the same written out here.

use crate::bpc::{bpc, text};
use crate::spike_trains::Run;
use crate::statistics::array;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Source and target of each synapse.
pub type Pairs = Vec<(usize, usize)>;

/// Source and target of every synapse of a projection.
pub fn pairs(run: &Run, projection: &str) -> Pairs {
    let list = |what: &str| -> Vec<u32> { array(&run.path().join("connections.npz"), &format!("{projection}_{what}")) };
    list("source").into_iter().zip(list("target")).map(|(s, t)| (s as usize, t as usize)).collect()
}

/// All pairs of so many sources and targets for which something holds, by source and target.
pub fn pairs_where(sources: usize, targets: usize, holds: impl Fn(usize, usize) -> bool) -> Pairs {
    let all = (0..sources).flat_map(|i| (0..targets).map(move |j| (i, j)));
    all.filter(|&(i, j)| holds(i, j)).collect()
}

/// A network of the model `Cell`; `statements` between labelled projections, which are recorded, `records` of more.
pub fn network(head: &str, statements: &str, labels: &[&str], records: &str) -> String {
    let weights: Vec<String> = labels.iter().map(|label| format!("{label}.weight")).collect();
    format!(
        "use std::receptors::Delta
neuron Cell {{
    param kind = 0, theta = 0, one = 0.25
    state V : mV = 0 mV
    spike when V > 1 V {{ V = 0 mV }}
}}
data types = [2, 0, 1, 1, 0]
network Net(spread = 2, limit = 0.5) {{
    {head}
    {statements}
}}
simulate Net {{ dt 0.1 ms  duration 0.1 ms  seed 5  record {} every 0.1 ms  {records} }}
",
        weights.join(", ")
    )
}

const POPULATIONS: &str = "population A[60] : Cell { kind = types[i % 5], theta ~ uniform(-spread, spread) }
    population B[75] : Cell { kind = floor(i / 25), theta ~ normal(0, 1), one = 0.5 }";
const RECORDS: &str = "record A.kind, A.theta, B.kind, B.theta every 0.1 ms";

/// A projection whose weights are recorded, with a label.
pub fn rule(label: &str, between: &str, connect: &str) -> String {
    format!("project {label}: {between} {{ connect {connect}  weight ~ 1 mV  receptor Delta }}\n    ")
}

#[test]
fn conditions_read_parameters_of_both_neurons() {
    let statements = [
        rule("kinds", "A -> B", "where(source.kind == target.kind)"),
        rule("up", "A -> A", "where(source.theta < target.theta)"),
        rule("near", "A -> B", "where(abs(source.theta - target.theta) < 2 * source.one and j % 2 == 1)"),
        rule("shared", "A -> B", "where(i < 100 * target.one * limit and source.one < B.one)"),
        rule("twice", "A -> B", "same_as(near)"),
        rule("parts", "A[10..30] -> B[20..75]", "where(source.kind == target.kind)"),
        rule("own", "A[10..30] -> A[20..60]", "where(source.kind == target.kind, no_self)"),
    ];
    let labels = ["kinds", "up", "near", "shared", "twice", "parts", "own"];
    let source = network(POPULATIONS, &statements.concat(), &labels, RECORDS);
    for options in [&[][..], &["--threads", "3"], &["--precision", "f32"], &["--cpu", "x86-64"]] {
        let run = Run::of(&source, 0.1, options);
        let [a_kind, a, b_kind, b] = ["A.kind", "A.theta", "B.kind", "B.theta"].map(|name| run.values(name));
        assert_eq!(a_kind[..5], [2.0, 0.0, 1.0, 1.0, 0.0]);
        assert_eq!([b_kind[24], b_kind[25], b_kind[74]], [0.0, 1.0, 2.0]);
        assert!(a[0] != a[1] && b[0] != b[1]);
        let kinds = |i: usize, j: usize| a_kind[i] == b_kind[j];
        let near = |i: usize, j: usize| (a[i] - b[j]).abs() < 0.5 && j % 2 == 1;
        assert_eq!(pairs(&run, "kinds"), pairs_where(60, 75, kinds), "{options:?}");
        assert_eq!(pairs(&run, "up"), pairs_where(60, 60, |i, j| a[i] < a[j]), "{options:?}");
        assert_eq!(pairs(&run, "near"), pairs_where(60, 75, near), "{options:?}");
        assert_eq!(pairs(&run, "twice"), pairs_where(60, 75, near), "{options:?}");
        assert_eq!(pairs(&run, "shared"), pairs_where(60, 75, |i, _| i < 25), "{options:?}");
        let within = |i: usize, j: usize| (10..30).contains(&i) && j >= 20;
        assert_eq!(pairs(&run, "parts"), pairs_where(60, 75, |i, j| within(i, j) && kinds(i, j)), "{options:?}");
        let own = |i: usize, j: usize| within(i, j) && i != j && a_kind[i] == a_kind[j];
        assert_eq!(pairs(&run, "own"), pairs_where(60, 60, own), "{options:?}");
    }
}

/// Numbers as data, with all their digits.
fn listed(name: &str, values: &[f64]) -> String {
    format!("data {name} = {values:?}\n    ")
}

/// The pairs are those of a network that has the same numbers as data: the same probabilities, one by one.
#[test]
fn probabilities_are_those_of_the_same_numbers_as_data() {
    let rules = |a: &str, b: &str, kinds: &str| {
        [
            rule("p", "A -> B", &format!("probability(0.8 * exp(-abs({a} - {b}) / 0.5))")),
            rule("q", "A -> B", &format!("probability(min(abs({a}), 1) * limit)")),
            rule("r", "A -> A", &format!("probability(table[{kinds}])")),
        ]
        .concat()
    };
    let table = "data table = [[0, 0.1, 0.2], [0.3, 0.4, 0.5], [0.6, 0.7, 1]]\n    ";
    let by_parameters = rules("source.theta", "target.theta", "source.kind, target.kind");
    let source = network(&(table.to_owned() + POPULATIONS), &by_parameters, &["p", "q", "r"], RECORDS);
    let run = Run::of(&source, 0.1, &[]);
    let [a_kind, a, b] = ["A.kind", "A.theta", "B.theta"].map(|name| run.values(name));
    let head = table.to_owned() + &listed("a", &a) + &listed("b", &b) + &listed("kinds", &a_kind) + POPULATIONS;
    let by_data = network(&head, &rules("a[i]", "b[j]", "kinds[i], kinds[j]"), &["p", "q", "r"], RECORDS);
    let other = Run::of(&by_data, 0.1, &[]);
    let threads = Run::of(&source, 0.1, &["--threads", "3", "--cpu", "x86-64"]);
    for label in ["p", "q", "r"] {
        assert_eq!(pairs(&run, label), pairs(&other, label), "{label}");
        assert_eq!(pairs(&run, label), pairs(&threads, label), "{label}");
    }
    // Sums of independent trials: a right program with another seed fails once in a million times.
    let chances = |f: &dyn Fn(usize, usize) -> f64, targets: usize| -> (f64, f64) {
        let all = (0..60).flat_map(|i| (0..targets).map(move |j| (i, j)));
        all.fold((0.0, 0.0), |(mean, variance), (i, j)| (mean + f(i, j), variance + f(i, j) * (1.0 - f(i, j))))
    };
    let element = |i: usize, j: usize| {
        [[0.0, 0.1, 0.2], [0.3, 0.4, 0.5], [0.6, 0.7, 1.0]][a_kind[i] as usize][a_kind[j] as usize]
    };
    for (label, (mean, variance)) in [
        ("p", chances(&|i, j| 0.8 * (-(a[i] - b[j]).abs() / 0.5).exp(), 75)),
        ("q", chances(&|i, _| a[i].abs().min(1.0) * 0.5, 75)),
        ("r", chances(&element, 60)),
    ] {
        let found = pairs(&run, label).len() as f64;
        assert!((found - mean).abs() < 5.0 * variance.sqrt(), "{label}: {found}, expected {mean}");
    }
    let certain = pairs_where(60, 60, |i, j| element(i, j) == 1.0);
    let found: BTreeSet<_> = pairs(&run, "r").into_iter().collect();
    assert!(!certain.is_empty() && certain.iter().all(|pair| found.contains(pair)));
    assert!(found.iter().all(|&(i, j)| element(i, j) > 0.0));
}

#[test]
fn what_is_set_is_as_if_it_were_written() {
    let statements = [
        rule("p", "A -> B", "probability(target.one * exp(-abs(source.theta - target.theta)))"),
        rule("c", "A -> B", "where(source.theta > A.one)"),
    ];
    let source = network(POPULATIONS, &statements.concat(), &["p", "c"], "record A.theta every 0.1 ms");
    let written = source.replace("spread = 2", "spread = 0.5").replace("one = 0.5 }", "one = 0.9 }");
    let written =
        written.replace("theta ~ uniform(-spread, spread) }", "theta ~ uniform(-spread, spread), one = 0.1 }");
    assert_ne!(written, source);
    let set = Run::of(&source, 0.1, &["--set", "spread=0.5", "--set", "B.one=0.9", "--set", "A.one=0.1"]);
    let (before, written) = (Run::of(&source, 0.1, &[]), Run::of(&written, 0.1, &[]));
    for label in ["p", "c"] {
        assert_eq!(pairs(&set, label), pairs(&written, label), "{label}");
        assert_ne!(pairs(&set, label), pairs(&before, label), "{label}");
    }
    let theta = set.values("A.theta");
    assert_eq!(pairs(&set, "c"), pairs_where(60, 75, |i, _| theta[i] > 0.1));
}

/// From eight on, networks share code: each projection reads the neurons of its own.
#[test]
fn arrays_of_networks_read_their_own_neurons() {
    let source = "use std::receptors::Delta
neuron Cell {
    param theta = 0, gain = 1
    state V : mV = 0 mV
    spike when V > 1 V { V = 0 mV }
}
network Area(low = 0) {
    population E[13] : Cell { theta ~ uniform(low, low + 4), gain = 1 + low }
    project inside: E -> E { connect where(source.theta < target.theta)  weight ~ 1 mV  receptor Delta }
}
network Net {
    instance area[k in 0..10] : Area(low = k)
    project ff: area[a].E -> area[b].E for a in 0..10, b in 0..10 where b == a + 1 {
        connect where(source.theta > target.theta - 1 + 0.1 * source.gain)
        weight ~ 1 mV
        receptor Delta
    }
}
simulate Net { dt 0.1 ms  duration 0.1 ms  record area[0..10].inside.weight, area[0..10].E.theta, RECORD every 0.1 ms }
";
    let between: Vec<String> = (0..9).map(|a| format!("ff[{a},{}].weight", a + 1)).collect();
    let run = Run::of(&source.replace("RECORD", &between.join(", ")), 0.1, &[]);
    for area in 0..10 {
        let theta = run.values(&format!("area[{area}].E.theta"));
        assert!(theta.iter().all(|x| (area as f64..area as f64 + 4.0).contains(x)));
        let inside = pairs_where(13, 13, |i, j| theta[i] < theta[j]);
        assert_eq!(pairs(&run, &format!("area[{area}].inside")), inside, "{area}");
        if area < 9 {
            let next = run.values(&format!("area[{}].E.theta", area + 1));
            let gain = 1.0 + area as f64;
            let wanted = pairs_where(13, 13, |i, j| theta[i] > next[j] - 1.0 + 0.1 * gain);
            assert_eq!(pairs(&run, &format!("ff[{area},{}]", area + 1)), wanted, "{area}");
        }
    }
}

/// Draws of pairs: of uniform ones a share, and of a length each its own; another projection has the same pairs.
#[test]
fn conditions_may_draw_for_each_pair() {
    let statements = [
        rule("some", "A -> B", "where(uniform(0, 1) < limit)"),
        rule("others", "A -> B", "where(uniform(0, 1) < limit)"),
        rule("near", "A -> A", "where(abs(i - j) < normal(10, 2), no_self)"),
        rule("again", "A -> A", "same_as(near)"),
        rule("counted", "A -> B", "where(poisson(0.7) == 2)"),
    ];
    let labels = ["some", "others", "near", "again", "counted"];
    let source = network(POPULATIONS, &statements.concat(), &labels, "");
    let run = Run::of(&source, 0.1, &[]);
    let share = |label: &str| pairs(&run, label).len() as f64 / (60.0 * 75.0);
    for (label, wanted) in [("some", 0.5), ("others", 0.5), ("counted", 0.49 / 2.0 * f64::exp(-0.7))] {
        let deviation = (wanted * (1.0 - wanted) / (60.0f64 * 75.0)).sqrt();
        assert!((share(label) - wanted).abs() < 5.0 * deviation, "{label}: {} {wanted}", share(label));
    }
    assert_ne!(pairs(&run, "some"), pairs(&run, "others"));
    let near = pairs(&run, "near");
    assert_eq!(near, pairs(&run, "again"));
    // Within 2 of the middle, 5 standard deviations off, nothing is left to chance; at 10, half of all.
    let apart = |pair: &(usize, usize)| pair.0.abs_diff(pair.1);
    assert!(near.iter().all(|pair| (1..20).contains(&apart(pair))));
    assert_eq!(near.iter().filter(|pair| apart(pair) == 0 || apart(pair) == 1).count(), 2 * 59);
    let at_ten = near.iter().filter(|pair| apart(pair) == 10).count();
    assert!((25..75).contains(&at_ten), "{at_ten} of 100");
    for options in [["--threads", "3"], ["--cpu", "x86-64"], ["--precision", "f32"]] {
        let other = Run::of(&source, 0.1, &options);
        for label in labels {
            assert_eq!(pairs(&run, label), pairs(&other, label), "{label} {options:?}");
        }
    }
}

#[test]
fn a_probability_that_is_drawn_out_of_range_names_the_pair() {
    let statements = rule("p", "A -> B", "probability(source.theta)");
    let source = network(POPULATIONS, &statements, &["p"], "");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.bp");
    std::fs::write(&path, source).expect("written");
    let output = bpc(&["run", &text(&path), "--quiet"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("connects to neuron"), "{said}");
}

/// Quotients of indices as indices of data: what is looked up is its own number.
#[test]
fn quotients_choose_elements() {
    let numbers = |n: usize| (0..n).map(|k| k as f64).collect::<Vec<_>>();
    let mut head = String::new();
    head += &listed("x", &numbers(2100));
    head += "data grid = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]]\n    ";
    // Of 3, 7, 10, 41, 49 and 55 the reciprocals are not exact.
    let forms = [
        ("floor(i / 10)", 10),
        ("trunc(i / 41)", 41),
        ("(i - i % 49) / 49", 49),
        ("floor((i + 6 * i) / 7 / 55)", 55),
        ("round((i - i % 7) / 7)", 7),
        ("floor(i / 7 / 7 + 2) - 2", 49),
    ];
    for (number, (form, _)) in forms.iter().enumerate() {
        writeln!(head, "population P{number}[14000] : Cell {{ theta = x[{form}] }}").expect("text");
    }
    head += "population A[20] : Cell { theta = grid[floor(i / 10), i % 10], kind = x[i / 1] }
    population B[30] : Cell { theta = grid[round(i / 40), 9 - ceil(i / 4)] + x[abs(i - 15)] + x[types[floor(i * 0.125)]] }";
    let statements = "project w: A -> B { connect where(grid[floor(i / 10), j % 10] > 4)
            weight ~ 1 mV * grid[trunc(j / 15), floor(i / 4) * 2]  delay ~ 1 ms + 0.1 ms * x[floor((i + j) / 8)]  receptor Delta }";
    let traces: Vec<String> = (0..forms.len()).map(|number| format!("P{number}.theta")).collect();
    let records = format!("record A.theta, B.theta, {} every 0.1 ms", traces.join(", "));
    let source = network(&head, statements, &["w"], &records);
    for precision in ["f64", "f32"] {
        let run = Run::of(&source, 0.1, &["--precision", precision]);
        for (trace, (form, by)) in traces.iter().zip(forms) {
            let wrong = run.values(trace).iter().enumerate().position(|(i, &x)| x != (i / by) as f64);
            assert_eq!(wrong, None, "{precision}: {form}");
        }
        assert_eq!(run.values("A.theta"), numbers(20));
        let types = [2, 0, 1, 1, 0];
        let even = |i: usize| if i > 20 { 10 } else { 0 };
        let b: Vec<f64> =
            (0..30_usize).map(|i| (even(i) + 9 - i.div_ceil(4) + i.abs_diff(15) + types[i / 8]) as f64).collect();
        assert_eq!(run.values("B.theta"), b);
        let found = pairs(&run, "w");
        let steps: Vec<u32> = array(&run.path().join("connections.npz"), "w_delay_steps");
        let weights = run.values("w.weight");
        let mut sorted = found.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, pairs_where(20, 30, |i, j| 10 * (i / 10) + j % 10 > 4));
        for (n, (i, j)) in found.into_iter().enumerate() {
            assert_eq!((steps[n] as usize, weights[n]), (10 + (i + j) / 8, (10 * (j / 15) + i / 4 * 2) as f64));
        }
    }
}

/// Of the windows of the whole grids, the connections between the parts.
#[test]
fn windows_connect_parts() {
    let head = "data K = [[1, 2, 3], [4, 5, 6]]
    population A[48] : Cell at grid(rows = 6, columns = 8, spacing = 1)
    population B[35] : Cell at grid(rows = 5, columns = 7, spacing = 1)
    population C[12] : Cell at grid(rows = 3, columns = 4, spacing = 1)";
    let statements = "project part: A[5..30] -> B[10..20] { connect convolution(K, padding = 1, stride = 1)  weight ~ 1 mV * kernel  receptor Delta }
    project back: B[10..20] -> A { connect transposed_convolution(K, padding = 1)  weight ~ 1 mV * kernel  receptor Delta }
    project pool: A[0..20] -> C { connect pooling(2)  weight ~ 1 mV  receptor Delta }";
    // With a padding of 1, there are 7 x 8 windows of 2 x 3 in 6 x 8: the target has as many neurons.
    let head = head.replace("B[35] : Cell at grid(rows = 5, columns = 7", "B[56] : Cell at grid(rows = 7, columns = 8");
    let run = Run::of(&network(&head, statements, &["part", "back", "pool"], ""), 0.1, &[]);
    let weights = |label: &str| -> Vec<(usize, usize, f64)> {
        pairs(&run, label)
            .into_iter()
            .zip(run.values(&format!("{label}.weight")))
            .map(|((i, j), w)| (i, j, w))
            .collect()
    };
    let (mut part, mut back, mut pool) = (Vec::new(), Vec::new(), Vec::new());
    for (y, x, a, b) in (0..56).flat_map(|o| (0..6).map(move |k| (o / 8, o % 8, k / 3, k % 3))) {
        let (row, column) = (y + a, x + b);
        if (1..=6).contains(&row) && (1..=8).contains(&column) {
            let (i, j, w) = ((row - 1) * 8 + column - 1, y * 8 + x, (3 * a + b + 1) as f64);
            if (10..20).contains(&j) {
                back.push((j, i, w));
                if (5..30).contains(&i) {
                    part.push((i, j, w));
                }
            }
        }
    }
    pool.extend((0..20).map(|i| (i, i / 8 / 2 * 4 + i % 8 / 2, 1.0)));
    part.sort_by_key(|it| (it.0, it.1));
    back.sort_by_key(|it| (it.0, it.1));
    assert!(part.len() > 20);
    assert_eq!((weights("part"), weights("back"), weights("pool")), (part, back, pool));
}

/// A divisor that is an element of a matrix is not zero where its elements make the connections; the number of compartments
/// of a cell is a value in its network; parameters that only rules read are used.
#[test]
fn what_is_right_is_not_complained_about() {
    let source = "use std::receptors::{Current, Delta}
use std::channels::IL
synapse Decay { param tau = 5 ms  state g : unit(w) = 0  g' = -g / tau  on spike(w) { g += w }  output g }
neuron Cell {
    param group = 0
    input I : mV
    state V : mV = 0 mV
    V' = (I - V) / 10 ms
    spike when V > 1 V { V = 0 mV }
}
cell Cable {
    param n : count = 3
    compartment d[n] {
        input I : nA
        membrane V : mV = -65 mV { capacitance = 1 uF/cm^2  area = 100 um^2 }
        channel L : IL { E = -65 mV }
    }
    couple d[k] <-> d[k + 1] (1 nS) for k in 0..n - 1
}
data W = [[0, -2, 3], [1, 0, 0], [4, 5, 0]]
data all = [-1, 2, 3]
network Net {
    population A[3] : Cell { group = i }
    population C[2] : Cable { n = 4 }
    let compartments = C.n
    project m: A -> A {
        connect matrix(W)
        weight ~ 1 mV
        synapse Decay { tau = 1 ms * W[i, j] / all[i] }
        receptor Current
    }
    project s: A -> A { connect where(source.group != target.group)  weight ~ 1 mV * compartments  receptor Delta }
    project n: A -> C { connect all_to_all  weight ~ 1 nA * target.n  synapse Decay  receptor Current into d[0] }
}
simulate Net { dt 0.1 ms  duration 0.1 ms  record m.tau, s.weight, n.weight every 0.1 ms }
";
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.bp");
    std::fs::write(&path, source).expect("written");
    let output = bpc(&["check", &text(&path)]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("warning"), "{said}");
    let run = Run::of(source, 0.1, &[]);
    // Rows are divided by -1, 2 and 3.
    assert_eq!(run.values("m.tau"), [2.0, -3.0, 0.5, 4.0 / 3.0, 5.0 / 3.0]);
    assert!(run.values("s.weight").iter().all(|w| *w == 4.0) && run.values("s.weight").len() == 6);
    assert!(run.values("n.weight").iter().all(|w| *w == 4.0) && run.values("n.weight").len() == 6);
}
