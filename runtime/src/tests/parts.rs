//! Degrees, totals and graphs among some neurons of their populations: against naive second implementations, and against the
//! laws they promise.

use std::collections::{BTreeMap, BTreeSet};
use std::vec;
use std::vec::Vec;

use bpc_runtime_abi::descriptor::{Neurons, Rule};
use bpc_runtime_abi::purpose;
use proptest::prelude::*;

use super::connectivity::{deviates, toy};
use super::rules::{Pairs, Words, chi_square};
use super::toy::{Handle, Toy};

fn part(first: u32, count: u32) -> Neurons {
    Neurons { first, count }
}

/// A projection among parts, without connections of a neuron to itself unless allowed.
fn among(sizes: [u64; 2], parts: [Neurons; 2], rule: Rule, within: bool, allow_self: bool) -> Toy {
    let mut toy = toy(sizes, rule, within, allow_self);
    [toy.projections[0].sources, toy.projections[0].targets] = parts;
    toy
}

fn pairs_of(toy: &Toy, seed: u64, threads: u32) -> Result<Pairs, std::string::String> {
    let matrix = Handle::create(toy.network(), seed, threads)?.matrix(0);
    let mut pairs: Pairs = matrix.iter().map(|it| (it.0, it.2)).collect();
    pairs.sort_unstable();
    Ok(pairs)
}

/// `degree` of a list, by Floyd's method or as it comes.
pub(super) fn drawn(
    words: Words,
    index: u32,
    purpose: u32,
    degree: u32,
    from: &[u32],
    with_replacement: bool,
) -> Vec<u32> {
    let below = |bound, draw| words.below(bound, index, draw, purpose);
    let count = from.len() as u32;
    if with_replacement {
        return (0..degree).map(|draw| from[below(count, draw) as usize]).collect();
    }
    let few = if degree * 2 <= count { degree } else { count - degree };
    let mut set = BTreeSet::new();
    for draw in 0..few {
        let last = count - few + draw;
        let one = below(last + 1, draw);
        set.insert(if set.contains(&one) { last } else { one });
    }
    let taken = (0..count).filter(|it| set.contains(it) == (degree * 2 <= count));
    taken.map(|it| from[it as usize]).collect()
}

/// Neurons of a part but one.
fn others(part: Neurons, but: Option<u32>) -> Vec<u32> {
    (part.first..part.first + part.count).filter(|&it| Some(it) != but).collect()
}

/// In-degrees of a total: one synapse after another is thrown at a cell of the rectangle, and again if it may not be there.
fn thrown(words: Words, total: u64, parts: [Neurons; 2], excluded: bool, with_replacement: bool) -> Vec<u32> {
    let [sources, targets] = parts;
    let free = |target: u32| others(sources, excluded.then_some(target)).len() as u32;
    let frees: Vec<u32> = others(targets, None).into_iter().map(free).collect();
    let cells: u64 = frees.iter().map(|&it| u64::from(it)).sum();
    let complement = !with_replacement && total > cells / 2;
    let wanted = if complement { cells - total } else { total };
    // A cell that all targets lack is in no rectangle.
    let width = frees.iter().copied().max().unwrap_or(0);
    let depth = (0..).find(|&depth| 1u64 << depth >= targets.count.into()).unwrap();
    let (mut counts, mut attempts) = (vec![0u32; frees.len()], vec![0u32; frees.len()]);
    for round in 0u32.. {
        let missing = wanted - counts.iter().map(|&it| u64::from(it)).sum::<u64>();
        if missing == 0 {
            break;
        }
        let mut coins: BTreeMap<u32, u32> = BTreeMap::new();
        for _ in 0..missing {
            let mut node = 1u32;
            for _ in 0..depth {
                let coin = coins.entry(node).or_default();
                let word = words.word(node, *coin / 32, purpose::TOTAL_SPLIT | round << 8);
                node = 2 * node + u32::from(word >> (*coin % 32) & 1 == 0);
                *coin += 1;
            }
            let place = (node - (1 << depth)) as usize;
            if place >= counts.len() {
                continue;
            }
            let uneven = frees.iter().any(|&it| it != width);
            if !with_replacement || uneven {
                let cell = words.below(width, targets.first + place as u32, attempts[place], purpose::TOTAL_FREE);
                attempts[place] += 1;
                let full = width - frees[place] + if with_replacement { 0 } else { counts[place] };
                if cell < full {
                    continue;
                }
            }
            counts[place] += 1;
        }
    }
    if complement { counts.iter().zip(frees).map(|(it, free)| free - it).collect() } else { counts }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn degrees_and_totals_choose_among_their_parts(
        size in 2u32..90,
        borders in [0.0f64..1.0, 0.0f64..1.0, 0.0f64..1.0, 0.0f64..1.0],
        share in 0.0f64..=1.0,
        kind in 0..3,
        with_replacement: bool,
        within: bool,
        allow_self: bool,
        seed: u64,
    ) {
        let cut = |a: f64, b: f64| {
            let first = (a * f64::from(size)) as u32;
            part(first, 1 + (b * f64::from(size - first)) as u32)
        };
        let parts = [cut(borders[0], borders[1]), cut(borders[2], borders[3])];
        let [sources, targets] = parts;
        let words = Words::of(within, seed);
        let excluded = within && !allow_self;
        let but = |it: u32| excluded.then_some(it);
        let amount = |most: f64| (share * if with_replacement { 3.0 * most } else { most }) as u64;
        let of_parts = |rule| among([size.into(); 2], parts, rule, within, allow_self);
        // The least that anyone can choose from.
        let least = |pool: Neurons, who: Neurons| others(who, None).iter().map(|&it| others(pool, but(it)).len()).min();
        let mut expected: Pairs = vec![];
        let (rule, possible) = match kind {
            0 => {
                let most = least(sources, targets).unwrap();
                let degree = amount(most as f64);
                for target in others(targets, None) {
                    if most > 0 {
                        let from = others(sources, but(target));
                        let chosen = drawn(words, target, purpose::IN_DEGREE, degree as u32, &from, with_replacement);
                        expected.extend(chosen.into_iter().map(|source| (source, target)));
                    }
                }
                (Rule::FixedInDegree { degree, with_replacement }, degree == 0 || most > 0)
            }
            1 => {
                let most = least(targets, sources).unwrap();
                let degree = amount(most as f64);
                for source in others(sources, None) {
                    if most > 0 {
                        let from = others(targets, but(source));
                        let chosen = drawn(words, source, purpose::OUT_DEGREE, degree as u32, &from, with_replacement);
                        expected.extend(chosen.into_iter().map(|target| (source, target)));
                    }
                }
                (Rule::FixedOutDegree { degree, with_replacement }, degree == 0 || most > 0)
            }
            _ => {
                let cells: usize = others(targets, None).iter().map(|&it| others(sources, but(it)).len()).sum();
                let total = amount(cells as f64);
                if cells > 0 {
                    let degrees = thrown(words, total, parts, excluded, with_replacement);
                    for (target, degree) in (targets.first..).zip(degrees) {
                        let from = others(sources, but(target));
                        let chosen = drawn(words, target, purpose::FIXED_TOTAL, degree, &from, with_replacement);
                        expected.extend(chosen.into_iter().map(|source| (source, target)));
                    }
                }
                (Rule::FixedTotal { total, with_replacement }, total == 0 || cells > 0)
            }
        };
        expected.sort_unstable();
        let toy = of_parts(rule);
        for threads in [1, 3] {
            match pairs_of(&toy, seed, threads) {
                Ok(found) => prop_assert_eq!(&found, &expected),
                Err(_) => prop_assert!(!possible),
            }
        }
    }

    /// Graphs have their draws addressed by the neuron, and so differ from those of a population of that size.
    #[test]
    fn graphs_stay_within_their_part(first in 0u32..50, count in 12u32..90, after in 0u32..50, kind in 0..5, seed: u64) {
        let nodes = part(first, count);
        let size = u64::from(first + count + after);
        let rule = match kind {
            0 => Rule::SmallWorld { degree: 6, rewired: 0.3 },
            1 => Rule::SmallWorldUndirected { degree: 6, rewired: 0.3 },
            2 => Rule::ScaleFree { edges: 3 },
            3 => Rule::ScaleFreeTriads { edges: 3, triads: 0.5 },
            _ => Rule::ScaleFreeDual { edges: 2, otherwise: 5, probability: 0.5 },
        };
        let found = pairs_of(&among([size; 2], [nodes; 2], rule, true, true), seed, 3).unwrap();
        prop_assert_eq!(&pairs_of(&among([size; 2], [nodes; 2], rule, true, true), seed, 1).unwrap(), &found);
        prop_assert!(found.iter().all(|it| nodes.place(it.0).is_some() && nodes.place(it.1).is_some()));
        prop_assert!(found.windows(2).all(|it| it[0] != it[1]));
        let first_ones = |many: u32| {
            let expected: Pairs = (0..many).flat_map(|a| (0..many).filter(move |&b| b != a).map(move |b| (first + a, first + b)))
                .collect();
            expected.iter().all(|it| found.contains(it))
        };
        match kind {
            0 => prop_assert!(others(nodes, None).iter().all(|it| found.iter().filter(|pair| pair.0 == *it).count() == 6)),
            1 => prop_assert_eq!(found.len() as u32, 6 * count),
            2 | 3 => prop_assert!(first_ones(4) && found.len() as u32 == 12 + 6 * (count - 4)),
            _ => prop_assert!(first_ones(6)),
        }
    }
}

#[test]
fn all_sets_of_pairs_of_overlapping_parts_are_equally_likely() {
    // From neurons 0 to 2 to neurons 1 to 3 without 1-1 and 2-2: 7 pairs. 4 of 7 are drawn as the 3 that are left out.
    for total in [3, 4] {
        let rule = Rule::FixedTotal { total, with_replacement: false };
        let network = among([5, 5], [part(0, 3), part(1, 3)], rule, true, false).network();
        let mut counts: BTreeMap<Vec<(u32, u32)>, f64> = BTreeMap::new();
        let runs = 7000;
        for seed in 0..runs {
            let matrix = Handle::create(network, seed, 1).unwrap().matrix(0);
            *counts.entry(matrix.iter().map(|it| (it.0, it.2)).collect()).or_default() += 1.0;
        }
        assert_eq!(counts.len(), 35);
        let sum = chi_square(counts.into_values(), |_| runs as f64 / 35.0);
        assert!(deviates(sum, 34.0).abs() < 4.5, "{total}: {sum}");
    }
}

#[test]
fn synapses_of_overlapping_parts_choose_pairs_alike() {
    // With replacement each of 7 synapses takes one of the 7 pairs.
    let rule = Rule::FixedTotal { total: 7, with_replacement: true };
    let network = among([5, 5], [part(0, 3), part(1, 3)], rule, true, false).network();
    let mut counts: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    let runs = 4000;
    for seed in 0..runs {
        for it in Handle::create(network, seed, 1).unwrap().matrix(0) {
            *counts.entry((it.0, it.2)).or_default() += 1.0;
        }
    }
    assert_eq!(counts.len(), 7);
    let sum = chi_square(counts.into_values(), |_| runs as f64);
    assert!(deviates(sum, 6.0).abs() < 4.5, "{sum}");
}

#[test]
fn degrees_that_a_part_cannot_give_are_refused_with_figures() {
    let refusal = |rule, parts| {
        let network = among([20, 20], parts, rule, true, false).network();
        Handle::create(network, 1, 2).err().unwrap()
    };
    let overlapping = [part(0, 10), part(9, 5)];
    let rule = Rule::FixedInDegree { degree: 10, with_replacement: false };
    assert_eq!(refusal(rule, overlapping), "projection p: a degree of 10 cannot be drawn from 9 neurons");
    let rule = Rule::FixedTotal { total: 50, with_replacement: false };
    assert_eq!(refusal(rule, overlapping), "projection p: 50 synapses cannot be drawn from 49 pairs");
    let rule = Rule::ScaleFreeDual { edges: 2, otherwise: 10, probability: 0.5 };
    assert_eq!(refusal(rule, [part(3, 10); 2]), "projection p: a degree of 10 cannot be drawn from 9 neurons");
}
