//! Synapses of one matrix that are divided among projections by a number of each, against the whole matrix.

use std::boxed::Box;
use std::collections::BTreeMap;
use std::vec;
use std::vec::Vec;

use bpc_runtime_abi::descriptor::{Chosen, Pairs, Projection, Rule};
use proptest::prelude::*;

use super::toy::{CHOSEN, Handle, OF, Toy, choice, projection, synapse};

/// Source, target and number of each connection as the descriptor has them: ascending, row by row.
fn listed(sources: u32, pairs: &[(u32, u32, u32)]) -> Pairs<'static> {
    let mut words = vec![0u32];
    words.extend((0..sources).map(|source| pairs.iter().filter(|it| it.0 <= source).count() as u32));
    words.extend(pairs.iter().map(|it| it.1));
    words.extend(pairs.iter().map(|it| it.2));
    let bytes: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
    Pairs { words: Box::leak(bytes.into_boxed_slice()) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn each_synapse_is_in_one_projection(
        sizes in [1u32..90, 1u32..200],
        kind in 0..6,
        amount in 1u32..30,
        max_delay in 3u32..6,
        list in proptest::collection::vec((0u32..90, 0u32..200), 0..300),
        seed: u64,
    ) {
        let [sources, targets] = sizes;
        let mut pairs: Vec<(u32, u32, u32)> =
            (0..).zip(&list).filter(|it| it.1.0 < sources && it.1.1 < targets).map(|(n, it)| (it.0, it.1, n)).collect();
        pairs.sort_unstable();
        let degree = u64::from(amount);
        let rule = match kind {
            0 => Rule::AllToAll,
            1 => Rule::FixedProbability(f64::from(amount) / 30.0),
            2 => Rule::FixedInDegree { degree, with_replacement: true },
            3 => Rule::FixedOutDegree { degree, with_replacement: true },
            4 => Rule::FixedTotal { total: 20 * degree, with_replacement: true },
            _ => Rule::Explicit,
        };
        let mut whole = projection(0, 1, rule);
        (whole.max_delay, whole.weight_per_synapse) = (max_delay, true);
        if rule == Rule::Explicit {
            whole.pairs = listed(sources, &pairs);
        }
        let part = |number| Projection { chosen: Some(Chosen { number, of: OF }), ..whole };
        let mut projections = vec![projection(0, 1, Rule::FixedProbability(0.0)); CHOSEN as usize - 1];
        projections.push(whole);
        projections.extend((0..OF).map(part));
        let toy = Toy { sizes: sizes.map(u64::from).to_vec(), projections };
        let mut first = None;
        for threads in [1, 3] {
            let net = Handle::create(toy.network(), seed, threads).unwrap();
            // What tells the synapses of a pair apart: its number in the list, or which of them it is.
            let mut numbers: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
            if rule == Rule::Explicit {
                pairs.iter().for_each(|it| numbers.entry((it.0, it.1)).or_default().push(it.2));
            } else {
                for it in net.matrix(CHOSEN - 1) {
                    let of = numbers.entry((it.0, it.2)).or_default();
                    of.push(of.len() as u32);
                }
            }
            let mut all = vec![];
            for number in 0..OF {
                // Source, target, and the weight, which the number of a synapse in its own projection gives.
                let mut wanted: Vec<(u32, u32, u64)> = vec![];
                for (&(source, target), of) in &numbers {
                    let own = of.iter().filter(|&&it| choice(source, target, it) == number);
                    for (place, &listed) in own.enumerate() {
                        let ordinal = if rule == Rule::Explicit { listed } else { place as u32 };
                        wanted.push((source, target, synapse(0, CHOSEN + number, source, target, ordinal).to_bits()));
                    }
                }
                let matrix = net.matrix(CHOSEN + number);
                let mut found: Vec<(u32, u32, u64)> = matrix.iter().map(|it| (it.0, it.2, it.3)).collect();
                wanted.sort_unstable();
                found.sort_unstable();
                prop_assert_eq!(&found, &wanted, "{:?} {} of {} threads", rule, number, threads);
                all.push(matrix.len());
            }
            prop_assert_eq!(all.iter().sum::<usize>(), net.matrix(CHOSEN - 1).len());
            prop_assert_eq!(first.get_or_insert(all.clone()), &all);
        }
    }
}

#[test]
fn a_choice_that_is_none_names_the_synapse() {
    let part = Projection { chosen: Some(Chosen { number: 0, of: 2 }), ..projection(0, 1, Rule::AllToAll) };
    let mut projections = vec![projection(0, 1, Rule::FixedProbability(0.0)); CHOSEN as usize];
    projections.push(part);
    let said = Handle::create(Toy { sizes: vec![3, 9], projections }.network(), 1, 2).err().unwrap();
    assert!(said.contains("the index in `into` of the synapse from neuron 0 to neuron 2 is 2"), "{said}");
}
