//! Undirected small worlds, growth with triads and growth with two numbers of edges: against naive second implementations, and
//! against what is known of their degrees and triangles.

use std::collections::BTreeSet;
use std::vec;
use std::vec::Vec;

use bpc_runtime_abi::{descriptor::Rule, purpose};
use proptest::prelude::*;

use super::connectivity::deviates;
use super::rules::{Pairs, Words, built, chi_square};

fn graph(rule: Rule, size: u32, seed: u64) -> Pairs {
    built(rule, [size.into(); 2], true, true, seed)
}

/// The pairs of undirected edges, sorted.
fn both_ways(edges: impl IntoIterator<Item = (u32, u32)>) -> Pairs {
    let mut pairs: Pairs = edges.into_iter().flat_map(|(a, b)| [(a, b), (b, a)]).collect();
    pairs.sort_unstable();
    pairs
}

fn happens(words: Words, neuron: u32, edge: u32, purpose: u32, probability: f64) -> bool {
    (words.long(neuron, edge, purpose) as f64) < probability * 2f64.powi(64)
}

/// Edges that go round the ring and are moved one by one in a set of edges.
fn naive_ring(words: Words, size: u32, degree: u32, rewired: f64) -> Pairs {
    let half = degree / 2;
    let edge = |a: u32, b: u32| (a.min(b), a.max(b));
    let mut edges: BTreeSet<(u32, u32)> = BTreeSet::new();
    for distance in 1..=half {
        edges.extend((0..size).map(|it| edge(it, (it + distance) % size)));
    }
    for distance in 1..=half {
        for neuron in 0..size {
            if !happens(words, neuron, distance - 1, purpose::SMALL_WORLD_EDGE, rewired) {
                continue;
            }
            if edges.iter().filter(|it| it.0 == neuron || it.1 == neuron).count() as u32 == size - 1 {
                continue;
            }
            for attempt in 0.. {
                let draw = attempt * half + distance - 1;
                let other = words.below(size, neuron, draw, purpose::SMALL_WORLD_TARGET);
                if other != neuron && !edges.contains(&edge(neuron, other)) {
                    edges.remove(&edge(neuron, (neuron + distance) % size));
                    edges.insert(edge(neuron, other));
                    break;
                }
            }
        }
    }
    both_ways(edges)
}

/// Growth with a list of ends of edges for preference and lists of friends.
fn naive_growth(words: Words, size: u32, first: u32, edges: impl Fn(u32) -> u32, triads: f64) -> Pairs {
    let mut friends: Vec<Vec<u32>> = vec![vec![]; size as usize];
    let mut ends: Vec<u32> = (0..first).flat_map(|it| vec![it; first as usize - 1]).collect();
    let mut all: Pairs = vec![];
    for a in 0..first {
        friends[a as usize] = (0..first).filter(|&b| b != a).collect();
        all.extend((0..a).map(|b| (a, b)));
    }
    for neuron in first..size {
        let (mut chosen, mut draw, mut hub): (Vec<u32>, u32, u32) = (vec![], 0, 0);
        while (chosen.len() as u32) < edges(neuron) {
            let edge = chosen.len() as u32;
            if edge > 0 && happens(words, neuron, edge, purpose::SCALE_FREE_CHOICE, triads) {
                let open: Vec<u32> = friends[hub as usize].iter().copied().filter(|it| !chosen.contains(it)).collect();
                if !open.is_empty() {
                    let place = words.below(open.len() as u32, neuron, edge, purpose::SCALE_FREE_TRIAD);
                    chosen.push(open[place as usize]);
                    continue;
                }
            }
            let one = ends[words.below(ends.len() as u32, neuron, draw, purpose::SCALE_FREE) as usize];
            draw += 1;
            if !chosen.contains(&one) {
                chosen.push(one);
                hub = one;
            }
        }
        for other in chosen {
            ends.extend([neuron, other]);
            friends[neuron as usize].push(other);
            friends[other as usize].push(neuron);
            all.push((neuron, other));
        }
    }
    both_ways(all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn undirected_small_worlds_agree_with_a_set_of_edges(size in 1u32..60, half in 0u32..30, rewired in 0.0f64..=1.0, seed: u64) {
        let degree = 2 * half.min((size - 1) / 2);
        let found = graph(Rule::SmallWorldUndirected { degree, rewired }, size, seed);
        prop_assert_eq!(found, naive_ring(Words::of(true, seed), size, degree, rewired));
    }

    #[test]
    fn triads_agree_with_lists_of_friends(size in 2u32..150, edges in 1u32..9, triads in 0.0f64..=1.0, seed: u64) {
        let edges = edges.min(size - 1);
        let found = graph(Rule::ScaleFreeTriads { edges, triads }, size, seed);
        prop_assert_eq!(found, naive_growth(Words::of(true, seed), size, edges + 1, |_| edges, triads));
    }

    #[test]
    fn two_numbers_of_edges_agree_with_a_list_of_ends(
        size in 2u32..150, both in [1u32..9, 1u32..9], probability in 0.0f64..=1.0, seed: u64,
    ) {
        let [edges, otherwise] = both.map(|it| it.min(size - 1));
        let found = graph(Rule::ScaleFreeDual { edges, otherwise, probability }, size, seed);
        let words = Words::of(true, seed);
        let one = |neuron| happens(words, neuron, 0, purpose::SCALE_FREE_CHOICE, probability);
        let number = |neuron| if one(neuron) { edges } else { otherwise };
        prop_assert_eq!(found, naive_growth(words, size, edges.max(otherwise) + 1, number, 0.0));
    }
}

/// Whom each neuron is joined with.
fn neighbours(pairs: &Pairs, size: u32) -> Vec<Vec<u32>> {
    let mut all = vec![vec![]; size as usize];
    for &(a, b) in pairs {
        all[a as usize].push(b);
    }
    all
}

/// Three times the triangles, and the pairs of neighbours.
fn triangles(pairs: &Pairs, size: u32) -> (f64, f64) {
    let (set, mut closed, mut open) = (pairs.iter().copied().collect::<BTreeSet<_>>(), 0.0, 0.0);
    for row in neighbours(pairs, size) {
        for (place, &a) in row.iter().enumerate() {
            for &b in &row[..place] {
                open += 1.0;
                closed += f64::from(u8::from(set.contains(&(a, b))));
            }
        }
    }
    (closed, open)
}

#[test]
fn degrees_and_triangles_of_small_worlds_are_those_of_watts_and_strogatz() {
    // A. Barrat & M. Weigt (2000), Eur Phys J B 13:547: of the k / 2 edges that are a neuron's own all stay, of the k / 2 others
    // as many as a binomial number with 1 - p, and a Poisson number of mean k p / 2 comes. Three neighbours stay a triangle with
    // (1 - p)^3.
    let (size, degree, rewired) = (6000u32, 10u32, 0.2);
    let pairs = graph(Rule::SmallWorldUndirected { degree, rewired }, size, 3);
    let half = 5u32;
    let mut shares = vec![0.0; 30];
    for kept in 0..=half {
        let choose: f64 = (0..kept).map(|it| f64::from(half - it) / f64::from(it + 1)).product();
        let stay = choose * (1.0 - rewired).powi(kept as i32) * rewired.powi((half - kept) as i32);
        let mean = f64::from(half) * rewired;
        let mut come = (-mean).exp();
        for more in 0..20 {
            shares[(half + kept + more) as usize] += stay * come;
            come *= mean / f64::from(more + 1);
        }
    }
    let mut counts = vec![0.0; 30];
    for row in neighbours(&pairs, size) {
        counts[row.len()] += 1.0;
    }
    // Those that are expected fewer than ten times are counted together at either end.
    let pooled = |list: &[f64]| -> Vec<f64> {
        let (low, high): (f64, f64) = (list[..8].iter().sum(), list[14..].iter().sum());
        [vec![low], list[8..14].to_vec(), vec![high]].concat()
    };
    let expected: Vec<f64> = pooled(&shares).iter().map(|share| share * f64::from(size)).collect();
    let found = pooled(&counts);
    let sum = chi_square(found.iter().copied(), |n| expected[n]);
    assert!(deviates(sum, expected.len() as f64 - 1.0).abs() < 4.5, "{sum}: {found:?} {expected:?}");
    let all = 3.0 * f64::from(size) * f64::from(degree * (degree - 2)) / 8.0;
    let closed = triangles(&pairs, size).0;
    let expected = all * (1.0f64 - rewired).powi(3);
    // A triangle that closes anew is rarer than the error: each edge is in about 6, which goes or stays as one.
    assert!((closed - expected).abs() < 4.5 * 3.0 * (6.0 * expected).sqrt(), "{closed} {expected}");
}

#[test]
fn triads_make_the_triangles_that_holme_and_kim_promise() {
    // With m = 2 and p = 1 every new neuron closes one triangle, whatever it joins; with p the share p of them do for this
    // reason. Without triads there are few.
    let size = 3000u32;
    let count = |triads| {
        let pairs = graph(Rule::ScaleFreeTriads { edges: 2, triads }, size, 8);
        assert_eq!(pairs.len() as u32, 2 * (3 + 2 * (size - 3)));
        triangles(&pairs, size).0 / 3.0
    };
    let grown = f64::from(size - 3);
    assert_eq!(count(1.0), 1.0 + grown);
    let none = count(0.0);
    assert!(none < 0.03 * grown, "{none}");
    let some = count(0.6) - 1.0;
    let error = 4.5 * (grown * 0.6 * 0.4).sqrt();
    assert!((0.6 * grown - error..0.6 * grown + 0.4 * none + error).contains(&some), "{some}");
    // With p = 0 nothing of chance is added: the graph of Barabási and Albert, bit for bit.
    let [plain, zero] =
        [Rule::ScaleFree { edges: 4 }, Rule::ScaleFreeTriads { edges: 4, triads: 0.0 }].map(|rule| graph(rule, 500, 8));
    assert_eq!(plain, zero);
}

#[test]
fn new_neurons_have_the_one_or_the_other_number_of_edges() {
    let (size, probability) = (5000u32, 0.7);
    let rule = Rule::ScaleFreeDual { edges: 1, otherwise: 4, probability };
    let pairs = graph(rule, size, 4);
    let mut few = 0.0;
    for (neuron, row) in neighbours(&pairs, size).iter().enumerate().skip(5) {
        let earlier = row.iter().filter(|&&it| (it as usize) < neuron).count();
        assert!(earlier == 1 || earlier == 4, "{earlier}");
        few += f64::from(u8::from(earlier == 1));
    }
    let grown = f64::from(size - 5);
    let error = (grown * probability * (1.0 - probability)).sqrt();
    assert!((few - grown * probability).abs() < 4.5 * error, "{few}");
    let one = [Rule::ScaleFree { edges: 3 }, Rule::ScaleFreeDual { edges: 3, otherwise: 2, probability: 1.0 }];
    let [plain, dual] = one.map(|rule| graph(rule, 400, 4));
    assert_eq!(plain, dual);
}
