//! One law: the same matrix however it is divided, with the statistics that the rule promises.

use std::vec;
use std::vec::Vec;

use bpc_runtime_abi::descriptor::Rule;
use proptest::prelude::*;

use super::toy::{Handle, Toy, projection, synapse};
use crate::connectivity::bernoulli::{BLOCK, Bernoulli};
use crate::philox::key;

pub(super) fn toy(sizes: [u64; 2], rule: Rule, within: bool, allow_self: bool) -> Toy {
    let mut it = projection(0, u32::from(!within), rule);
    it.allow_self = allow_self;
    it.max_delay = 8;
    it.weight_per_synapse = true;
    Toy { sizes: sizes.to_vec(), projections: vec![it] }
}

pub(super) fn degrees(matrix: &[(u32, u32, u32, u64)], size: usize, of_targets: bool) -> Vec<u64> {
    let mut degrees = vec![0; size];
    for it in matrix {
        degrees[if of_targets { it.2 } else { it.0 } as usize] += 1;
    }
    degrees
}

/// Ordinals, delays and weights must be what the network says for each synapse.
fn check_values(matrix: &[(u32, u32, u32, u64)]) {
    let mut pairs: Vec<_> = matrix.iter().map(|it| (it.0, it.2, it.1, it.3)).collect();
    pairs.sort_by_key(|it| (it.0, it.1));
    for group in pairs.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (source, target, ..) = group[0];
        let mut expected: Vec<_> = (0..group.len() as u32)
            .map(|ordinal| {
                let delay = synapse(1, 0, source, target, ordinal) / 0.1;
                let weight = synapse(0, 0, source, target, ordinal);
                ((delay.round() as u32).clamp(3, 8), weight.to_bits())
            })
            .collect();
        let mut found: Vec<_> = group.iter().map(|it| (it.2, it.3)).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected);
    }
}

fn rules() -> impl Strategy<Value = Rule> {
    prop_oneof![
        Just(Rule::AllToAll),
        Just(Rule::OneToOne),
        (0.0f64..=1.0).prop_map(Rule::FixedProbability),
        (0u64..300, any::<bool>())
            .prop_map(|(degree, with_replacement)| Rule::FixedInDegree { degree, with_replacement }),
        (0u64..300, any::<bool>())
            .prop_map(|(degree, with_replacement)| Rule::FixedOutDegree { degree, with_replacement }),
        (0u64..20_000, any::<bool>())
            .prop_map(|(total, with_replacement)| Rule::FixedTotal { total, with_replacement }),
        Just(Rule::Pairwise { mean: 0.5, reads_parameters: false }),
        (0u32..40, 0.0f64..=1.0).prop_map(|(half, rewired)| Rule::SmallWorld { degree: 2 * half, rewired }),
        (1u32..30).prop_map(|edges| Rule::ScaleFree { edges }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Listed pairs come as they are listed, each with its number in place of the ordinal.
    #[test]
    fn listed_pairs_for_any_number_of_threads(
        sizes in [1u64..400, 1u64..400],
        draws in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..600),
    ) {
        let list: Vec<(u32, u32)> =
            draws.iter().map(|(s, t)| (s.index(sizes[0] as usize) as u32, t.index(sizes[1] as usize) as u32)).collect();
        let mut sorted: Vec<(u32, u32, u32)> = (0..).zip(&list).map(|(n, &(s, t))| (s, t, n)).collect();
        sorted.sort_unstable();
        let start = |source: u64| sorted.iter().filter(|it| u64::from(it.0) < source).count() as u32;
        let words: Vec<u32> = (0..=sizes[0]).map(start)
            .chain(sorted.iter().map(|it| it.1))
            .chain(sorted.iter().map(|it| it.2))
            .collect();
        let words: Vec<u8> = words.iter().flat_map(|it| it.to_le_bytes()).collect();
        let mut toy = toy(sizes, Rule::Explicit, false, true);
        toy.projections[0].pairs.words = words.leak();
        let network = toy.network();
        let mut expected: Vec<_> = sorted.iter().map(|&(source, target, number)| {
            let delay = (synapse(1, 0, source, target, number) / 0.1).round() as u32;
            (source, delay.clamp(3, 8), target, synapse(0, 0, source, target, number).to_bits())
        }).collect();
        expected.sort_unstable();
        for threads in [1, 2, 3, 7] {
            let mut matrix = Handle::create(network, 1, threads).unwrap().matrix(0);
            matrix.sort_unstable();
            prop_assert_eq!(&matrix, &expected);
        }
    }

    #[test]
    fn one_matrix_for_any_number_of_threads(
        rule in rules(),
        sizes in [1u64..400, 1u64..400],
        within: bool,
        allow_self: bool,
        seed: u64,
    ) {
        let sizes = if rule == Rule::OneToOne { [sizes[0]; 2] } else { sizes };
        let within = within || matches!(rule, Rule::SmallWorld { .. } | Rule::ScaleFree { .. });
        // Pair (13, 77) has no probability.
        let sizes = if matches!(rule, Rule::Pairwise { .. }) { sizes.map(|it| it.min(77)) } else { sizes };
        let toy = toy(sizes, rule, within, allow_self);
        let network = toy.network();
        let one = Handle::create(network, seed, 1);
        let sources = sizes[0];
        let targets = if within { sizes[0] } else { sizes[1] };
        let excluded = u64::from(within && !allow_self);
        let possible = |degree: u64, from: u64, again: bool| {
            degree == 0 || if again { from > excluded } else { degree <= from - excluded }
        };
        let fits = match rule {
            Rule::FixedInDegree { degree, with_replacement } => possible(degree, sources, with_replacement),
            Rule::FixedOutDegree { degree, with_replacement } => possible(degree, targets, with_replacement),
            Rule::FixedTotal { total, with_replacement } => {
                let pairs = (sources - excluded) * targets;
                total == 0 || if with_replacement { pairs > 0 } else { total <= pairs }
            }
            Rule::SmallWorld { degree, .. } => u64::from(degree) < targets,
            Rule::ScaleFree { edges } => u64::from(edges) < targets,
            _ => true,
        };
        prop_assert_eq!(one.is_ok(), fits);
        let Ok(one) = one else { return Ok(()) };
        let matrix = one.matrix(0);
        check_values(&matrix);
        for threads in [2, 3, 4, 7] {
            prop_assert_eq!(&Handle::create(network, seed, threads).unwrap().matrix(0), &matrix);
        }
        if excluded == 1 {
            prop_assert!(matrix.iter().all(|it| it.0 != it.2));
        }
        let once = matrix.windows(2).all(|it| (it[0].0, it[0].1, it[0].2) != (it[1].0, it[1].1, it[1].2));
        match rule {
            Rule::AllToAll => {
                prop_assert_eq!(matrix.len() as u64, (sources - excluded) * targets);
            }
            Rule::OneToOne => {
                prop_assert!(matrix.iter().all(|it| it.0 == it.2));
                prop_assert_eq!(matrix.len() as u64, if excluded == 1 { 0 } else { targets });
            }
            Rule::FixedProbability(_) => prop_assert!(once),
            Rule::Explicit => unreachable!("not among these rules"),
            Rule::FixedInDegree { degree, with_replacement } => {
                let degrees = degrees(&matrix, targets as usize, true);
                prop_assert!(degrees.iter().all(|&it| it == degree));
                prop_assert!(with_replacement || once);
            }
            Rule::FixedOutDegree { degree, with_replacement } => {
                let degrees = degrees(&matrix, sources as usize, false);
                prop_assert!(degrees.iter().all(|&it| it == degree));
                prop_assert!(with_replacement || once);
            }
            Rule::FixedTotal { total, with_replacement } => {
                prop_assert_eq!(matrix.len() as u64, total);
                prop_assert!(with_replacement || once);
            }
            Rule::Pairwise { .. } => prop_assert!(once),
            Rule::SmallWorldUndirected { .. }
            | Rule::ScaleFreeDual { .. }
            | Rule::ScaleFreeTriads { .. }
            | Rule::Transposed { .. }
            | Rule::OfSynapses { .. } => {
                unreachable!("not among these rules")
            }
            Rule::SmallWorld { degree, .. } => {
                let degrees = degrees(&matrix, sources as usize, false);
                prop_assert!(degrees.iter().all(|&it| it == u64::from(degree)));
                prop_assert!(once && matrix.iter().all(|it| it.0 != it.2));
            }
            Rule::ScaleFree { edges } => {
                let (m, n) = (u64::from(edges), targets);
                prop_assert_eq!(matrix.len() as u64, m * (m + 1) + 2 * m * (n - m - 1));
                prop_assert_eq!(degrees(&matrix, n as usize, false), degrees(&matrix, n as usize, true));
                prop_assert!(once && matrix.iter().all(|it| it.0 != it.2));
            }
        }
    }

    #[test]
    fn blocks_are_drawn_alone(source: u32, targets in 1u32..200_000, p in 0.0f64..0.05, seed: u64) {
        let law = Bernoulli::new(p, targets, true, 3, key(seed));
        let mut row = vec![0; targets as usize];
        let length = law.row(source, &mut row);
        prop_assert_eq!(law.row(source, &mut []), length);
        let mut blocks = vec![];
        for block in (0..targets.div_ceil(BLOCK)).rev() {
            let mut part = vec![0; BLOCK as usize];
            let length = law.block(source, block, &mut part);
            part.truncate(length);
            blocks.splice(0..0, part);
        }
        prop_assert_eq!(&row[..length], &blocks[..]);
    }
}

/// The chance of exceeding a chi-square by a normal approximation (Wilson and Hilferty).
pub(super) fn deviates(chi_square: f64, freedom: f64) -> f64 {
    let ratio = (chi_square / freedom).cbrt();
    (ratio - (1.0 - 2.0 / (9.0 * freedom))) / (2.0 / (9.0 * freedom)).sqrt()
}

#[test]
fn independent_pairs_have_binomial_rows() {
    for (p, targets) in [(0.02, 1000u32), (0.3, 200), (0.5, 64), (0.9, 100), (0.999, 70), (1e-4, 131_072)] {
        let rows = 40_000u32;
        let law = Bernoulli::new(p, targets, false, 9, key(77));
        let mut observed = vec![0.0; targets as usize + 1];
        let mut columns = vec![0.0; targets as usize];
        let mut row = vec![0; targets as usize];
        for source in 0..rows {
            let length = law.row(source, &mut row);
            observed[length] += 1.0;
            for &target in &row[..length] {
                columns[target as usize] += 1.0;
            }
        }
        // Binomial probabilities by recurrence, in logarithms.
        let n = f64::from(targets);
        let mut log_probability = n * (-p).ln_1p();
        let (mut chi_square, mut freedom) = (0.0, -1.0f64);
        let (mut pool_expected, mut pool_observed) = (0.0, 0.0);
        for (k, observed) in observed.iter().enumerate() {
            pool_expected += f64::from(rows) * log_probability.exp();
            pool_observed += observed;
            if pool_expected >= 10.0 {
                chi_square += (pool_observed - pool_expected).powi(2) / pool_expected;
                freedom += 1.0;
                (pool_expected, pool_observed) = (0.0, 0.0);
            }
            log_probability += ((n - k as f64) / (k as f64 + 1.0)).ln() + p.ln() - (-p).ln_1p();
        }
        assert!(deviates(chi_square, freedom.max(1.0)).abs() < 4.5, "{p}: {chi_square} {freedom}");
        // Every column is equally likely.
        let expected = f64::from(rows) * p;
        let variance = expected * (1.0 - p);
        let chi_square: f64 = columns.iter().map(|it| (it - expected).powi(2) / variance).sum();
        assert!(deviates(chi_square, n).abs() < 4.5, "{p}: {chi_square} {n}");
    }
}

#[test]
fn extreme_probabilities() {
    let mut row = vec![0; 70_000];
    assert_eq!(Bernoulli::new(0.0, 70_000, false, 1, [1, 2]).row(3, &mut row), 0);
    assert_eq!(Bernoulli::new(1.0, 70_000, false, 1, [1, 2]).row(3, &mut row), 70_000);
    assert!(row.iter().enumerate().all(|(n, &it)| n as u32 == it));
    assert_eq!(Bernoulli::new(1.0, 70_000, true, 1, [1, 2]).row(3, &mut row), 69_999);
    for p in [1e-12, 1e-300, f64::MIN_POSITIVE, f64::from_bits(1)] {
        let law = Bernoulli::new(p, u32::MAX, false, 1, [1, 2]);
        let found: usize = (0..30).map(|source| law.row(source, &mut [])).sum();
        assert!(found <= 2, "{p}: {found}");
    }
}

#[test]
fn degrees_are_uniform() {
    for (degree, with_replacement) in [(5, true), (5, false), (40, false), (64, true)] {
        let rule = Rule::FixedInDegree { degree, with_replacement };
        let handle = toy([50, 40_000], rule, false, true).create(3, 1);
        let out = degrees(&handle.matrix(0), 50, false);
        let share = degree as f64 / 50.0;
        let expected = 40_000.0 * share;
        let variance = if with_replacement { expected * 49.0 / 50.0 } else { expected * (1.0 - share) };
        let chi_square: f64 = out.iter().map(|&it| (it as f64 - expected).powi(2) / variance).sum();
        // 49 degrees of freedom, scaled by 50 / 49 in both cases.
        assert!(deviates(chi_square * 49.0 / 50.0, 49.0).abs() < 4.5, "{degree}: {chi_square}");
    }
}

#[test]
fn subsets_of_all_kinds_are_equally_likely() {
    // 3 of 7 without the neuron itself, which are 3 of 6: 20 subsets.
    for degree in [3, 4] {
        let rule = Rule::FixedOutDegree { degree, with_replacement: false };
        let mut counts = std::collections::BTreeMap::new();
        for seed in 0..4000 {
            let toy = toy([7, 7], rule, true, false);
            let matrix = if seed == 0 { toy.create(seed, 1).matrix(0) } else { vec![] };
            assert!(matrix.iter().all(|it| it.0 != it.2));
            let crate::connectivity::Law::Rows(law) = crate::connectivity::Law::new(
                &toy.whole(toy.projections[0]),
                [toy.sizes[0], toy.sizes[1]].map(|it| it as u32),
                seed,
                None,
                None,
            )
            .unwrap() else {
                panic!("a law of rows");
            };
            let law = crate::connectivity::Law::Rows(law);
            let mut scratch = crate::connectivity::Scratch::new(&law).unwrap();
            let crate::connectivity::Law::Rows(law) = &law else { unreachable!() };
            let mut row = [0; 4];
            assert_eq!(law.row(2, &mut row, &mut scratch), degree as usize);
            *counts.entry(row[..degree as usize].to_vec()).or_insert(0.0f64) += 1.0;
        }
        let subsets = if degree == 3 { 20.0 } else { 15.0 };
        assert_eq!(counts.len(), subsets as usize);
        let expected = 4000.0 / subsets;
        let chi_square: f64 = counts.values().map(|it| (it - expected).powi(2) / expected).sum();
        assert!(deviates(chi_square, subsets - 1.0).abs() < 4.5, "{chi_square}");
    }
}

#[test]
fn seeds_and_streams_name_different_matrices() {
    let base = toy([100, 100], Rule::FixedProbability(0.1), false, true);
    let matrix = base.create(1, 1).matrix(0);
    assert_ne!(base.create(2, 1).matrix(0), matrix);
    assert_ne!(base.create(1 << 32 | 1, 1).matrix(0), matrix);
    let mut other = toy([100, 100], Rule::FixedProbability(0.1), false, true);
    other.projections[0].stream += 1;
    assert_ne!(other.create(1, 1).matrix(0), matrix);
}

#[test]
fn impossible_degrees_are_refused_with_figures() {
    let rule = Rule::FixedInDegree { degree: 100, with_replacement: false };
    let error = Handle::create(toy([100, 5], rule, true, false).network(), 1, 2).err().unwrap();
    assert_eq!(error, "projection p: a degree of 100 cannot be drawn from 99 neurons");
}
