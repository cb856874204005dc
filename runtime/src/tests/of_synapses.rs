//! Neurons that stand for synapses, joined with the ends of these, whatever the number of threads.

use std::vec;
use std::vec::Vec;

use bpc_runtime_abi::descriptor::{End, Projection, Rule};
use proptest::prelude::*;

use super::toy::{Handle, Toy, projection};

/// A projection from the first population to the second, and four between these and the third, whose neurons stand for its synapses.
fn toy(sizes: [u64; 2], rule: Rule, neurons: u64) -> Toy {
    let of = |end, from_synapses| Rule::OfSynapses { of: 0, end, from_synapses };
    let first = Projection { min_delay: 1, max_delay: 3, ..projection(0, 1, rule) };
    Toy {
        sizes: vec![sizes[0], sizes[1], neurons],
        projections: vec![
            first,
            projection(0, 2, of(End::Source, false)),
            projection(1, 2, of(End::Target, false)),
            projection(2, 0, of(End::Source, true)),
            projection(2, 1, of(End::Target, true)),
        ],
    }
}

/// Source and target of each synapse, in the canonical order.
fn pairs(handle: &Handle, projection: u32) -> Vec<(u32, u32)> {
    let mut all = handle.matrix(projection);
    all.sort_unstable();
    all.into_iter().map(|it| (it.0, it.2)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn neurons_are_joined_with_the_ends_of_their_synapses(
        sources in 1u64..200,
        targets in 1u64..200,
        total in 1u64..300,
        by_target: bool,
        threads in 1u32..5,
        seed: u64,
    ) {
        let (rule, count) = match by_target {
            true => (Rule::FixedInDegree { degree: 3, with_replacement: true }, 3 * targets),
            false => (Rule::FixedTotal { total, with_replacement: true }, total),
        };
        let toy = toy([sources, targets], rule, count);
        let handle = toy.create(seed, threads);
        let synapses = pairs(&handle, 0);
        prop_assert_eq!(synapses.len() as u64, count);
        let sorted = |mut list: Vec<(u32, u32)>| { list.sort_unstable(); list };
        let numbered = || (0u32..).zip(&synapses);
        prop_assert_eq!(sorted(pairs(&handle, 1)), sorted(numbered().map(|(k, it)| (it.0, k)).collect()));
        prop_assert_eq!(sorted(pairs(&handle, 2)), sorted(numbered().map(|(k, it)| (it.1, k)).collect()));
        prop_assert_eq!(pairs(&handle, 3), numbered().map(|(k, it)| (k, it.0)).collect::<Vec<_>>());
        prop_assert_eq!(pairs(&handle, 4), numbered().map(|(k, it)| (k, it.1)).collect::<Vec<_>>());
    }
}

#[test]
fn as_many_neurons_as_synapses_are_needed() {
    let rule = Rule::FixedTotal { total: 30, with_replacement: false };
    for neurons in [29, 31] {
        let toy = toy([10, 20], rule, neurons);
        let error = Handle::create(toy.network(), 1, 2).err().unwrap();
        assert!(error.contains(&std::format!("p has 30 synapses, but {neurons} neurons stand for them")), "{error}");
    }
}
