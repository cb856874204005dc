//! Degrees and totals among the pairs of a condition, and transposed matrices, against naive second implementations.

use std::vec;
use std::vec::Vec;

use bpc_runtime_abi::descriptor::{Candidates, Projection, Rule};
use bpc_runtime_abi::purpose;
use proptest::prelude::*;

use super::parts::drawn;
use super::rules::{Pairs, Words};
use super::toy::{Handle, Toy, condition, projection};

/// A projection under the condition, from the first population to the second, behind another one; and its transpose.
fn toy(sizes: [u64; 2], rule: Rule) -> Toy {
    let candidates = Candidates::Where { reads_parameters: false };
    let under = Projection { candidates, ..projection(0, 1, rule) };
    let first = projection(0, 1, Rule::FixedProbability(0.0));
    let back = projection(1, 0, Rule::Transposed { of: 1 });
    Toy { sizes: sizes.to_vec(), projections: vec![first, under, back] }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn degrees_and_totals_choose_among_candidates(
        sizes in [5u32..200, 5u32..200],
        share in 0.0f64..=1.0,
        kind in 0..3,
        with_replacement: bool,
        seed: u64,
    ) {
        let [sources, targets] = sizes;
        let words = Words::of(false, seed);
        let all: Pairs = (0..targets).flat_map(|j| (0..sources).map(move |i| (i, j))).filter(|it| condition(it.0, it.1)).collect();
        let of_target = |j: u32| -> Vec<u32> { all.iter().filter(|it| it.1 == j).map(|it| it.0).collect() };
        let of_source = |i: u32| -> Vec<u32> { all.iter().filter(|it| it.0 == i).map(|it| it.1).collect() };
        let amount = |most: usize| (share * if with_replacement { 3.0 * most as f64 } else { most as f64 }) as u64;
        let mut expected: Pairs = vec![];
        let (rule, least) = match kind {
            0 => {
                let least = (0..targets).map(|j| of_target(j).len()).min().unwrap();
                let degree = amount(least);
                for j in 0..targets {
                    let chosen = drawn(words, j, purpose::IN_DEGREE, degree as u32, &of_target(j), with_replacement);
                    expected.extend(chosen.into_iter().map(|i| (i, j)));
                }
                (Rule::FixedInDegree { degree, with_replacement }, least)
            }
            1 => {
                let least = (0..sources).map(|i| of_source(i).len()).min().unwrap();
                let degree = amount(least);
                for i in 0..sources {
                    let chosen = drawn(words, i, purpose::OUT_DEGREE, degree as u32, &of_source(i), with_replacement);
                    expected.extend(chosen.into_iter().map(|j| (i, j)));
                }
                (Rule::FixedOutDegree { degree, with_replacement }, least)
            }
            _ => {
                let total = amount(all.len());
                let numbers: Vec<u32> = (0..all.len() as u32).collect();
                let chosen = drawn(words, 0, purpose::TOTAL_FREE, total as u32, &numbers, with_replacement);
                expected.extend(chosen.into_iter().map(|number| all[number as usize]));
                (Rule::FixedTotal { total, with_replacement }, all.len())
            }
        };
        expected.sort_unstable();
        let mut backwards: Pairs = expected.iter().map(|it| (it.1, it.0)).collect();
        backwards.sort_unstable();
        for threads in [1, 3] {
            let net = Handle::create(toy(sizes.map(u64::from), rule).network(), seed, threads).unwrap();
            for (index, pairs) in [(1, &expected), (2, &backwards)] {
                let mut found: Pairs = net.matrix(index).iter().map(|it| (it.0, it.2)).collect();
                found.sort_unstable();
                prop_assert_eq!(&found, pairs, "{:?} {}", rule, threads);
            }
        }
        if !with_replacement {
            let more = match rule {
                Rule::FixedInDegree { .. } => Rule::FixedInDegree { degree: least as u64 + 1, with_replacement },
                Rule::FixedOutDegree { .. } => Rule::FixedOutDegree { degree: least as u64 + 1, with_replacement },
                _ => Rule::FixedTotal { total: least as u64 + 1, with_replacement },
            };
            prop_assert!(Handle::create(toy(sizes.map(u64::from), more).network(), seed, 2).is_err());
        }
    }
}
