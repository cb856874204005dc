//! Degrees and totals in proportion to a number of each pair, and normalised weights, against naive second implementations.

use std::vec;
use std::vec::Vec;

use bpc_runtime_abi::descriptor::{Candidates, End, Projection, Rule};
use bpc_runtime_abi::purpose;
use proptest::prelude::*;

use super::rules::Pairs;
use super::toy::{Handle, NORMALISED, PROPORTIONAL, Toy, projection, proportion, total};
use crate::philox::{key, philox};

/// Projections before it, the one in proportion, and its transpose.
fn toy(sizes: [u64; 2], rule: Rule) -> Toy {
    let candidates = Candidates::Proportional { reads_parameters: false };
    let nothing = projection(0, 1, Rule::FixedProbability(0.0));
    let drawn = Projection { candidates, ..projection(0, 1, rule) };
    let back = projection(1, 0, Rule::Transposed { of: PROPORTIONAL });
    let mut projections = vec![nothing; PROPORTIONAL as usize];
    projections.extend([drawn, back]);
    Toy { sizes: sizes.to_vec(), projections }
}

/// The stream of a projection between the first two populations.
const STREAM: u32 = 6;

fn number(seed: u64, first: u32, second: u32, purpose: u32) -> u64 {
    let [high, low, ..] = philox([first, second, STREAM, purpose], key(seed));
    u64::from(high) << 32 | u64::from(low)
}

/// The exponential number of a pair over its weight.
fn arrival(number: u64, weight: f64) -> f64 {
    let uniform = ((number as f64 + 0.5) * 2f64.powi(-64)).min(1.0 - 2f64.powi(-53));
    -(-uniform).ln_1p() / weight
}

/// The first of these whose running sum is above a point.
fn met<T: Copy>(candidates: &[(T, f64)], number: u64) -> T {
    let sum: f64 = candidates.iter().map(|it| it.1).sum();
    let point = (number >> 11) as f64 * 2f64.powi(-53) * sum;
    let mut running = 0.0;
    let found = candidates.iter().find(|it| {
        running += it.1;
        running > point
    });
    found.unwrap().0
}

/// What one draws of these: candidate and weight, ascending.
fn drawn(seed: u64, drawer: u32, purpose: u32, degree: usize, of: &[(u32, f64)], again: bool) -> Vec<u32> {
    if again {
        return (0..degree).map(|draw| met(of, number(seed, drawer, draw as u32, purpose))).collect();
    }
    let key = |it: &(u32, f64)| arrival(number(seed, drawer, it.0, purpose), it.1);
    let mut arrivals: Vec<(f64, u32)> = of.iter().map(|it| (key(it), it.0)).collect();
    arrivals.sort_by(|a, b| a.0.total_cmp(&b.0));
    arrivals.into_iter().take(degree).map(|it| it.1).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn degrees_and_totals_follow_their_numbers(
        sizes in [5u32..150, 5u32..150],
        share in 0.0f64..=1.0,
        kind in 0..3,
        with_replacement: bool,
        seed: u64,
    ) {
        let [sources, targets] = sizes;
        let positive = |pair: (u32, u32)| { let w = proportion(pair.0, pair.1); (w > 0.0).then_some(w) };
        let of_target = |j: u32| -> Vec<(u32, f64)> { (0..sources).filter_map(|i| Some((i, positive((i, j))?))).collect() };
        let of_source = |i: u32| -> Vec<(u32, f64)> { (0..targets).filter_map(|j| Some((j, positive((i, j))?))).collect() };
        let amount = |most: usize| (share * if with_replacement { 3.0 * most as f64 } else { most as f64 }) as usize;
        let mut expected: Pairs = vec![];
        let (rule, least) = match kind {
            0 => {
                let least = (0..targets).map(|j| of_target(j).len()).min().unwrap();
                for j in 0..targets {
                    let purpose = purpose::PROPORTIONAL_SOURCE;
                    let chosen = drawn(seed, j, purpose, amount(least), &of_target(j), with_replacement);
                    expected.extend(chosen.into_iter().map(|i| (i, j)));
                }
                (Rule::FixedInDegree { degree: amount(least) as u64, with_replacement }, least)
            }
            1 => {
                let least = (0..sources).map(|i| of_source(i).len()).min().unwrap();
                for i in 0..sources {
                    let purpose = purpose::PROPORTIONAL_TARGET;
                    let chosen = drawn(seed, i, purpose, amount(least), &of_source(i), with_replacement);
                    expected.extend(chosen.into_iter().map(|j| (i, j)));
                }
                (Rule::FixedOutDegree { degree: amount(least) as u64, with_replacement }, least)
            }
            _ => {
                let pairs: Vec<(u32, u32)> = (0..targets).flat_map(|j| (0..sources).map(move |i| (i, j))).collect();
                let pairs: Vec<((u32, u32), f64)> = pairs.into_iter().filter_map(|it| Some((it, positive(it)?))).collect();
                let total = amount(pairs.len());
                if with_replacement {
                    let sum = |j: u32| of_target(j).iter().map(|it| it.1).sum::<f64>();
                    let sums: Vec<(u32, f64)> = (0..targets).map(|j| (j, sum(j))).collect();
                    let mut degrees = vec![0; targets as usize];
                    for draw in 0..total as u32 {
                        degrees[met(&sums, number(seed, 0, draw, purpose::PROPORTIONAL_TOTAL)) as usize] += 1;
                    }
                    for (j, degree) in (0..targets).zip(degrees) {
                        let chosen = drawn(seed, j, purpose::PROPORTIONAL_SOURCE, degree, &of_target(j), true);
                        expected.extend(chosen.into_iter().map(|i| (i, j)));
                    }
                } else {
                    let key = |it: &((u32, u32), f64)| arrival(number(seed, it.0.1, it.0.0, purpose::PROPORTIONAL_SOURCE), it.1);
                    let mut arrivals: Vec<(f64, (u32, u32))> = pairs.iter().map(|it| (key(it), it.0)).collect();
                    arrivals.sort_by(|a, b| a.0.total_cmp(&b.0));
                    expected.extend(arrivals.into_iter().take(total).map(|it| it.1));
                }
                (Rule::FixedTotal { total: total as u64, with_replacement }, pairs.len())
            }
        };
        expected.sort_unstable();
        if !with_replacement {
            let mut once = expected.clone();
            once.dedup();
            prop_assert_eq!(&once, &expected, "a pair twice");
        }
        let mut backwards: Pairs = expected.iter().map(|it| (it.1, it.0)).collect();
        backwards.sort_unstable();
        for threads in [1, 3] {
            let net = Handle::create(toy(sizes.map(u64::from), rule).network(), seed, threads).unwrap();
            for (index, pairs) in [(PROPORTIONAL, &expected), (PROPORTIONAL + 1, &backwards)] {
                let mut found: Pairs = net.matrix(index).iter().map(|it| (it.0, it.2)).collect();
                found.sort_unstable();
                prop_assert_eq!(&found, pairs, "{:?} {}", rule, threads);
            }
        }
        if !with_replacement {
            let (least, replaced) = (least as u64, with_replacement);
            let more = match rule {
                Rule::FixedInDegree { .. } => Rule::FixedInDegree { degree: least + 1, with_replacement: replaced },
                Rule::FixedOutDegree { .. } => Rule::FixedOutDegree { degree: least + 1, with_replacement: replaced },
                _ => Rule::FixedTotal { total: least + 1, with_replacement: replaced },
            };
            let said = Handle::create(toy(sizes.map(u64::from), more).network(), seed, 2).err().unwrap();
            prop_assert!(said.contains("proportional_to is above zero for"), "{said}");
        }
    }

    #[test]
    fn normalised_weights_sum_up(
        sizes in [1u32..100, 1u32..100],
        degree in 1u64..20,
        max_delay in 3u32..9,
        outgoing: bool,
        seed: u64,
    ) {
        let (end, index) = if outgoing { (End::Source, NORMALISED[1]) } else { (End::Target, NORMALISED[0]) };
        let mut one = projection(0, 1, Rule::FixedInDegree { degree, with_replacement: true });
        (one.weight_per_synapse, one.max_delay) = (true, max_delay);
        let network = |one| {
            let mut projections = vec![projection(0, 1, Rule::FixedProbability(0.0)); index as usize];
            projections.push(one);
            Toy { sizes: sizes.map(u64::from).to_vec(), projections }.network()
        };
        let mut first: Option<Vec<(u32, u32, u32, u64)>> = None;
        for threads in [1, 3] {
            let of = |it: &(u32, u32, u32, u64)| if outgoing { it.0 } else { it.2 };
            let matrix = |one| {
                let mut all = Handle::create(network(one), seed, threads).unwrap().matrix(index);
                // Of equal synapses the order is that of their number.
                all.sort_by_key(|it| (it.0, it.1, it.2));
                all
            };
            let (raw, scaled) = (matrix(one), matrix(Projection { normalised: Some(end), ..one }));
            let sum = |of_these: &[(u32, u32, u32, u64)], neuron: u32| -> f64 {
                of_these.iter().filter(|it| of(it) == neuron).map(|it| f64::from_bits(it.3)).sum()
            };
            for (it, was) in scaled.iter().zip(&raw) {
                prop_assert_eq!((it.0, it.1, it.2), (was.0, was.1, was.2));
                let wanted = f64::from_bits(was.3) / sum(&raw, of(it)) * total(of(it));
                prop_assert!((f64::from_bits(it.3) / wanted - 1.0).abs() < 1e-13, "{it:?} {wanted}");
                prop_assert!((sum(&scaled, of(it)) / total(of(it)) - 1.0).abs() < 1e-13, "{it:?}");
            }
            prop_assert_eq!(first.get_or_insert(scaled.clone()), &scaled, "{} threads", threads);
        }
    }
}

#[test]
fn a_number_that_is_none_names_its_pair() {
    let rule = Rule::FixedInDegree { degree: 1, with_replacement: true };
    // Of source 200, the number of target 7 is below zero.
    let [total, by_source] = [
        Rule::FixedTotal { total: 5, with_replacement: false },
        Rule::FixedOutDegree { degree: 1, with_replacement: false },
    ];
    for rule in [rule, total, by_source] {
        let said = Handle::create(toy([201, 10], rule).network(), 1, 2).err().unwrap();
        assert!(said.contains("proportional_to is -1 from neuron 200 to neuron 7"), "{said}");
    }
}
