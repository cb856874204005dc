//! Columns, states and weights of synapses: how they are made, seen, set, saved and recorded.

use std::string::ToString;
use std::vec;
use std::vec::Vec;

use bpc_runtime_abi::Network;
use bpc_runtime_abi::descriptor::Rule;
use proptest::prelude::*;

use super::toy::{Handle, Toy, projection, synapse};
use crate::api::*;

/// (source, target, delay in steps) of each synapse, as the C interface gives them.
fn synapses(net: &Handle, projection: i32) -> Vec<(u32, u32, u32)> {
    // SAFETY: alive, and as long as said.
    unsafe {
        let count = bpc_rt3_projection_synapse_count(net.0, projection);
        let mut lists = [(); 3].map(|()| vec![0u32; count as usize]);
        let [sources, targets, delays] = lists.each_mut().map(|it| it.as_mut_ptr());
        assert_eq!(bpc_rt3_get_synapses(net.0, projection, sources, targets, delays, count), 0);
        (0..count as usize).map(|n| (lists[0][n], lists[1][n], lists[2][n])).collect()
    }
}

/// For each part and target, padding included, (synapse, row) as columns have it.
fn columns(net: &Handle, projection: u32) -> Vec<Vec<Vec<(u32, u32)>>> {
    let context = net.instance().context();
    (0..context.parts)
        .map(|part| {
            let range = net.instance().layout.range(1, part);
            // SAFETY: as generated code reads them.
            unsafe {
                let topology = &*context.topologies.add((projection * context.parts + part) as usize);
                assert_eq!(*topology.column_starts, 0);
                (0..range.len())
                    .map(|target| {
                        let border = topology.column_starts.add(target);
                        let places = *border as usize..*border.add(1) as usize;
                        let entry = |it| (*topology.column_synapses.add(it), *topology.column_rows.add(it));
                        places.map(entry).collect()
                    })
                    .collect()
            }
        })
        .collect()
}

/// The same from the rows, by looking at every synapse for every target.
fn transposed(net: &Handle, projection: u32, rows: usize) -> Vec<Vec<Vec<(u32, u32)>>> {
    let context = net.instance().context();
    (0..context.parts)
        .map(|part| {
            let range = net.instance().layout.range(1, part);
            let mut columns = vec![vec![]; range.len()];
            // SAFETY: as generated code reads them.
            unsafe {
                let topology = &*context.topologies.add((projection * context.parts + part) as usize);
                for row in 0..rows {
                    for synapse in *topology.row_starts.add(row)..*topology.row_starts.add(row + 1) {
                        let target = *topology.targets.add(synapse as usize);
                        columns[(target - range.start) as usize].push((synapse, row as u32));
                    }
                }
            }
            columns
        })
        .collect()
}

fn rules() -> impl Strategy<Value = Rule> {
    prop_oneof![
        Just(Rule::AllToAll),
        (0.0f64..=1.0).prop_map(Rule::FixedProbability),
        (0u64..40).prop_map(|degree| Rule::FixedInDegree { degree, with_replacement: true }),
        (0u64..40).prop_map(|degree| Rule::FixedOutDegree { degree, with_replacement: true }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn columns_are_the_transpose_of_rows(
        rule in rules(),
        sizes in [1u64..300, 1u64..300],
        delays in 1u32..12,
        seed: u64,
    ) {
        let mut it = projection(0, 1, rule);
        (it.columns, it.max_delay) = (true, it.min_delay + delays - 1);
        let toy = Toy { sizes: sizes.to_vec(), projections: vec![it] };
        for threads in 1..4 {
            let net = toy.create(seed, threads);
            let expected = transposed(&net, 0, (sizes[0] * u64::from(delays)) as usize);
            prop_assert_eq!(columns(&net, 0), expected);
        }
    }
}

#[test]
fn there_are_columns_and_states_only_where_they_are_wanted() {
    let net = Toy::plastic().create(1, 2);
    let context = net.instance().context();
    for (index, wanted) in [false, true, false].into_iter().enumerate() {
        for part in 0..2 {
            // SAFETY: as generated code reads them.
            let topology = unsafe { &*context.topologies.add(index * 2 + part) };
            assert_eq!(!topology.column_starts.is_null(), wanted);
            assert_eq!(!topology.column_synapses.is_null(), wanted);
            assert_eq!(!topology.column_rows.is_null(), wanted);
            assert_eq!(!topology.states.is_null(), wanted);
        }
    }
}

#[test]
fn weights_and_states_begin_as_the_network_says() {
    let toy = Toy::plastic();
    for threads in 1..4 {
        let net = toy.create(3, threads);
        let list = synapses(&net, 1);
        assert_eq!(list.len(), 40 * 203);
        assert!(list.windows(2).all(|it| (it[0].0, it[0].2, it[0].1) <= (it[1].0, it[1].2, it[1].1)));
        let matrix: Vec<_> = net.matrix(1).iter().map(|it| (it.0, it.2, it.1)).collect();
        assert_eq!(list, matrix);
        // Equal pairs are numbered before they are sorted by delay, so only together they are known.
        let quantities = [("p.weight", 0), ("p.x", 3), ("p.y", 4)].map(|(name, kind)| (net.quantity(1, name), kind));
        let mut found: Vec<_> =
            (0..list.len()).map(|n| (list[n], quantities.each_ref().map(|(values, _)| values[n].to_bits()))).collect();
        let mut pairs: Vec<_> = list.iter().map(|it| (it.0, it.1)).collect();
        pairs.sort_unstable();
        let mut expected: Vec<_> = pairs
            .chunk_by(|a, b| a == b)
            .flat_map(|pair| (0..pair.len() as u32).zip(pair))
            .map(|(ordinal, &(source, target))| {
                let value = |kind| synapse(kind, 1, source, target, ordinal);
                let delay = ((value(1) / 0.1).round() as u32).clamp(3, 9);
                ((source, target, delay), quantities.each_ref().map(|&(_, kind)| value(kind).to_bits()))
            })
            .collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
}

#[test]
fn changing_synapses_do_not_depend_on_the_number_of_threads() {
    let toy = Toy::plastic();
    let network = toy.network();
    let whole = Handle::create(network, 42, 2).unwrap();
    whole.step(333);
    let saved = whole.save();
    whole.step(400);
    let names = ["p.weight", "p.x", "p.y"];
    let before = Handle::create(network, 42, 1).unwrap();
    for name in names {
        assert_ne!(whole.quantity(1, name), before.quantity(1, name), "{name}");
    }
    for threads in [1, 2, 3, 4] {
        let other = Handle::create(network, 42, threads).unwrap();
        other.step(50);
        assert_eq!(other.load(&saved), 0);
        assert_eq!(other.save(), saved);
        assert_eq!(other.step(400), 0);
        for name in names {
            assert_eq!(other.quantity(1, name), whole.quantity(1, name), "{name}");
        }
        assert_eq!(other.hash(), whole.hash());
        assert_eq!(other.save(), whole.save());
    }
}

#[test]
fn checkpoints_of_another_format_are_refused() {
    let net = Toy::plastic().create(1, 1);
    let mut saved = net.save();
    saved[12] ^= 1;
    assert_eq!(net.load(&saved), -1);
    assert!(net.error().ends_with("it was saved by another version"));
}

#[test]
fn weights_that_are_saved_do_not_depend_on_parameters_at_creation() {
    let mut toy = Toy::plastic();
    toy.projections.remove(0);
    (toy.projections[0].min_delay, toy.projections[0].max_delay) = (4, 4);
    let network = toy.network();
    let mut parameters = vec![f64::NAN; crate::instance::view(network).unwrap().parameters.len()];
    parameters[2] = 0.5;
    let other = Handle::with_parameters(network, 1, 3, Some(&parameters)).unwrap();
    let net = Handle::create(network, 1, 1).unwrap();
    net.step(100);
    assert_eq!(other.load(&net.save()), 0);
    assert_eq!(other.save(), net.save());
}

#[test]
fn what_is_set_is_used() {
    let toy = Toy::plastic();
    let mut continued = vec![];
    for threads in [1, 3] {
        let net = toy.create(42, threads);
        let list = synapses(&net, 1);
        let values: Vec<f64> = (0..list.len()).map(|it| it as f64 * 1e-6).collect();
        for name in ["p.weight", "p.x", "p.y"] {
            assert_eq!(net.set_quantity(name, &values), 0);
            assert_eq!(net.quantity(1, name), values);
        }
        // One spike arrives, and causes no other: g grows by the weights, which then grow by x.
        net.set("drive", 0.0);
        net.state(0).fill(0.0);
        net.state(3).fill(0.0);
        assert_eq!(net.inject(0, &[7]), 0);
        net.step(9);
        let mut g = vec![0.0; 203];
        let (weights, x) = (net.quantity(1, "p.weight"), net.quantity(1, "p.x"));
        for (n, &(source, target, delay)) in list.iter().enumerate() {
            if source == 7 {
                g[target as usize] += values[n] * 0.98f64.powi(10 - delay as i32);
                assert!((x[n] - (values[n] * 0.9 + 0.1)).abs() < 1e-15);
                assert!((weights[n] - (values[n] + x[n] * 1e-4)).abs() < 1e-15);
            } else {
                assert_eq!((x[n], weights[n]), (values[n], values[n]));
            }
        }
        assert!(g.iter().any(|&it| it > 0.0));
        assert!(net.state(4).iter().zip(g).all(|(found, expected)| (found - expected).abs() < 1e-15));
        net.set("drive", 60.0);
        net.step(300);
        continued.push((net.hash(), net.quantity(1, "p.weight"), net.quantity(1, "p.y")));
    }
    assert_eq!(continued[0], continued[1]);
}

#[test]
fn what_cannot_be_set_changes_nothing() {
    let net = Toy::plastic().create(1, 2);
    let fixed = net.quantity(0, "fixed.weight");
    assert_eq!(net.set_quantity("fixed.weight", &fixed), -1);
    assert_eq!(net.error(), "these weights cannot be set: the projection has no plasticity");
    let weights = net.quantity(1, "p.weight");
    let mut values = vec![0.0; weights.len()];
    values[17] = f64::NAN;
    assert_eq!(net.set_quantity("p.weight", &values), -1);
    assert_eq!(net.error(), "weights and states of synapses must be finite numbers");
    assert_eq!(net.set_quantity("p.weight", &weights[1..]), -1);
    assert_eq!(net.error(), "the list of values, one for each synapse, has length 8119 and should have 8120");
    assert_eq!(net.quantity(1, "p.weight"), weights);
}

#[test]
fn bad_handles_are_refused() {
    let net = Toy::plastic().create(1, 1);
    let network: &Network = net.instance().network;
    let mut values = [0.0; 4];
    let mut numbers = [0; 4];
    let none = core::ptr::null_mut::<u8>();
    // SAFETY: alive, names end in zeros, and all are as long as said.
    unsafe {
        assert_eq!(bpc_rt3_projection_handle(network, c"fixed".as_ptr()), 0);
        assert_eq!(bpc_rt3_projection_handle(network, c"p".as_ptr()), 1);
        assert_eq!(bpc_rt3_projection_handle(network, c"q".as_ptr()), -1);
        assert_eq!(bpc_rt3_projection_handle(network, core::ptr::null()), -1);
        assert_eq!(bpc_rt3_projection_synapse_count(net.0, 2), 203 * 500);
        for bad in [-1, 3, i32::MAX, i32::MIN] {
            assert_eq!(bpc_rt3_projection_synapse_count(net.0, bad), 0);
            assert_eq!(bpc_rt3_get_synapses(net.0, bad, numbers.as_mut_ptr(), none.cast(), none.cast(), 4), -1);
            assert_eq!(net.error(), "there is no such projection");
        }
        assert_eq!(bpc_rt3_get_synapses(net.0, 1, numbers.as_mut_ptr(), none.cast(), none.cast(), 4), -1);
        assert_eq!(net.error(), "the list of values, one for each synapse, has length 4 and should have 8120");
        assert_eq!(bpc_rt3_get_synapses(net.0, 1, none.cast(), none.cast(), none.cast(), 8120), 0);
        for (name, handle) in [
            ("p.x", 0),
            ("p.y", 1),
            ("fixed.weight", 2),
            ("p.weight", 3),
            ("one.weight", -1),
            ("p", -1),
            (".weight", -1),
        ] {
            assert_eq!(net.synapse_state(name), handle, "{name}");
        }
        // The fourth has one weight for all.
        for bad in [-1, 4, 5, i32::MAX, i32::MIN] {
            assert_eq!(bpc_rt3_get_synapse_state(net.0, bad, values.as_mut_ptr(), 4), -1);
            assert_eq!(net.error(), "there is no such state of synapses");
            assert_eq!(bpc_rt3_set_synapse_state(net.0, bad, values.as_ptr(), 4), -1);
            assert_eq!(bpc_rt3_record_synapse_state(net.0, bad, 0, 1, 1), -1);
            assert_eq!(net.error(), "there is no such state of synapses");
        }
        assert_eq!(bpc_rt3_get_synapse_state(net.0, 0, none.cast(), 8120), -1);
        assert_eq!(bpc_rt3_set_synapse_state(net.0, 0, none.cast(), 8120), -1);
        let null = core::ptr::null_mut();
        assert_eq!(bpc_rt3_projection_synapse_count(null, 0), 0);
        assert_eq!(bpc_rt3_get_synapses(null, 0, none.cast(), none.cast(), none.cast(), 0), -1);
        assert_eq!(bpc_rt3_get_synapse_state(null, 0, none.cast(), 0), -1);
        assert_eq!(bpc_rt3_set_synapse_state(null, 0, none.cast(), 0), -1);
        assert_eq!(bpc_rt3_record_synapse_state(null, 0, 0, 1, 1), -1);
    }
}

#[test]
fn values_of_synapses_are_recorded_in_their_order() {
    let toy = Toy::plastic();
    for threads in [1, 3] {
        let net = toy.create(42, threads);
        let count = synapses(&net, 1).len();
        let ranges = [("p.x", 700..2009, 1), ("p.weight", 0..count, 10), ("p.weight", count - 1..count, 5)];
        let recorders = ranges.clone().map(|(name, range, every)| {
            // SAFETY: alive.
            unsafe {
                let handle = net.synapse_state(name);
                bpc_rt3_record_synapse_state(net.0, handle, range.start as u64, range.end as u64, every)
            }
        });
        assert_eq!(recorders, [0, 1, 2]);
        let mut expected = [vec![], vec![], vec![]];
        for step in 1..=40 {
            net.step(1);
            for ((name, range, every), expected) in ranges.iter().zip(&mut expected) {
                if step % every == 0 {
                    expected.extend_from_slice(&net.quantity(1, name)[range.clone()]);
                }
            }
        }
        for (recorder, expected) in recorders.into_iter().zip(expected) {
            let mut values = vec![0.0; expected.len() + 1];
            // SAFETY: alive, and as long as said.
            let taken = unsafe { bpc_rt3_take_record(net.0, recorder, values.as_mut_ptr(), values.len() as u64) };
            values.truncate(taken as usize);
            assert!(values == expected);
        }
        // SAFETY: alive.
        unsafe {
            for (first, last, every) in [(0, count as u64 + 1, 1), (3, 3, 1), (0, 1, 0)] {
                assert_eq!(bpc_rt3_record_synapse_state(net.0, 0, first, last, every), -1);
            }
        }
    }
}

#[test]
fn bad_numbers_of_synapses_are_named() {
    let toy = Toy::plastic();
    let list = synapses(&toy.create(42, 1), 1);
    let (source, ..) = list.iter().find(|it| it.1 == 17).unwrap();
    let text = |when: &str| std::format!("p.x of the synapse from neuron {source} to neuron 17 became NaN {when}");
    for threads in [1, 3] {
        // In the course of steps, however they are divided.
        for steps in [3000, 7, 1] {
            let net = toy.create(42, threads);
            // Without spikes it does not spread.
            net.set("drive", 0.0);
            net.set("synapse_poison", 1234.0);
            while net.step(steps) == 0 {
                // SAFETY: alive.
                assert!(unsafe { bpc_rt3_step_count(net.0) } <= 2048);
            }
            assert_eq!(net.error(), text("between steps 1024 and 2048 (t = 204.8 ms)"));
            assert_eq!(net.step(1), -3);
        }
        // When asked.
        let net = toy.create(42, threads);
        net.set("drive", 0.0);
        net.step(30);
        let saved = net.save();
        net.set("synapse_poison", 31.0);
        assert_eq!(net.step(10), 0);
        assert_eq!(net.step(0), -3);
        assert_eq!(net.error(), text("between steps 0 and 40 (t = 4 ms)"));
        assert_eq!(net.load(&saved), 0);
        net.set("synapse_poison", -1.0);
        assert_eq!(net.step(10), 0);
        assert_eq!(net.step(0), 0);
    }
}

#[test]
fn steps_with_changing_synapses_are_never_made_again() {
    for threads in [1, 3] {
        let net = Toy::plastic().create(42, threads);
        net.set("poison", 1234.0);
        assert_eq!(net.step(2000), -3);
        assert_eq!(net.error(), "E.V of neuron 17 became NaN between steps 1024 and 1280 (t = 128 ms)");
        // SAFETY: alive.
        assert_eq!(unsafe { bpc_rt3_step_count(net.0) }, 1280);
    }
}

#[test]
fn none_but_finite_numbers_begin() {
    unsafe extern "C" fn spoiled(
        _: *const bpc_runtime_abi::Context,
        _: u32,
        kind: u32,
        source: u32,
        count: u64,
        targets: *const u32,
        _: *const u32,
        values: *mut f64,
    ) {
        for n in 0..count as usize {
            // SAFETY: `count` elements each.
            unsafe {
                let bad = kind == 4 && source == 9 && *targets.add(n) == 3;
                *values.add(n) = if bad { f64::INFINITY } else { 0.5 };
            }
        }
    }
    let mut it = projection(0, 1, Rule::AllToAll);
    (it.weight_per_synapse, it.plastic) = (true, true);
    let network = Toy { sizes: vec![20, 20], projections: vec![it] }.network();
    // SAFETY: plain constant data.
    let network = Network { synapses: spoiled, ..unsafe { core::ptr::read(network) } };
    let error = Handle::create(std::boxed::Box::leak(std::boxed::Box::new(network)), 1, 1).err().unwrap();
    assert_eq!(error, "projection p: the initial p.y of the synapse from neuron 9 to neuron 3 is inf");
}

#[test]
fn memory_of_states_and_columns_is_counted() {
    let mut it = projection(0, 0, Rule::AllToAll);
    let refusal = |it| {
        let toy = Toy { sizes: vec![1_000_000], projections: vec![it] };
        Handle::create(toy.network(), 1, 1).err().unwrap().to_string()
    };
    it.columns = true;
    assert!(refusal(it).contains("1.000e12 synapses * 12 bytes"), "{}", refusal(it));
    (it.weight_per_synapse, it.plastic) = (true, true);
    assert!(refusal(it).contains("1.000e12 synapses * 36 bytes"), "{}", refusal(it));
}
