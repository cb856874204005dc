//! Steps: threads, delays, recording, numbers that are not finite.

use std::vec;
use std::vec::Vec;

use core::sync::atomic::{AtomicU32, Ordering};

use bpc_runtime_abi::descriptor::{NetworkDescriptor, Rule};
use bpc_runtime_abi::{Context, Network};

use super::toy::{Handle, Toy, network_of, projection};
use crate::api::*;
use crate::hash::SpikeHash;

#[test]
fn the_same_spikes_for_any_number_of_threads() {
    let toy = Toy::usual();
    let one = toy.create(42, 1);
    assert_eq!(one.step(1000), 0);
    let spikes = [one.spikes(0), one.spikes(1)];
    assert!(spikes[0].len() > 1000 && spikes[1].len() > 100);
    for threads in [2, 3, 4, 7] {
        let many = toy.create(42, threads);
        // In pieces of odd lengths, too.
        for steps in [1, 2, 7, 300, 690] {
            assert_eq!(many.step(steps), 0);
        }
        assert_eq!(many.hash(), one.hash());
        assert_eq!([many.spikes(0), many.spikes(1)], spikes);
        assert_eq!(many.state(0), one.state(0));
    }
    let mut hash = SpikeHash::START;
    let mut all: Vec<_> = (0..2).flat_map(|p| spikes[p].iter().map(move |it| (it.0, p, it.1))).collect();
    all.sort_unstable();
    for (step, population, neuron) in all {
        hash.add(step, population as u32, neuron);
    }
    assert_eq!(one.hash(), hash.0.to_le_bytes());
    assert_eq!(one.count(0), spikes[0].len() as u64);
    assert_ne!(toy.create(43, 1).hash(), [0; 16]);
}

#[test]
fn two_networks_live_at_once() {
    let toy = Toy::usual();
    let alone = toy.create(1, 2);
    alone.step(400);
    let (a, b) = (toy.create(1, 2), toy.create(2, 3));
    for _ in 0..40 {
        a.step(10);
        b.step(10);
    }
    assert_eq!(a.hash(), alone.hash());
    assert_ne!(a.hash(), b.hash());
}

#[test]
fn many_networks_in_many_threads() {
    let toy = Toy::usual();
    let expected = toy.create(5, 1);
    expected.step(300);
    let (network, expected) = (toy.network(), expected.hash());
    std::thread::scope(|scope| {
        for threads in 1..5 {
            scope.spawn(move || {
                let handle = Handle::create(network, 5, threads).unwrap();
                handle.step(300);
                assert_eq!(handle.hash(), expected);
            });
        }
    });
}

#[test]
fn spikes_arrive_exactly_the_delay_later() {
    for delay in [1, 2, 5, 40] {
        let mut it = projection(0, 1, Rule::OneToOne);
        (it.min_delay, it.max_delay) = (delay, delay);
        let toy = Toy { sizes: vec![200, 200], projections: vec![it] };
        for (threads, before) in [(1, 0), (2, 0), (3, 17)] {
            let handle = toy.create(1, threads);
            handle.set("drive", 0.0);
            handle.step(before);
            assert_eq!(handle.inject(0, &[130, 7, 7]), 0);
            // As if detected at the end of the step before: delivered at the start of step
            // before - 1 + delay, so present after it.
            handle.step(u64::from(delay) - 1);
            assert!(handle.state(4).iter().all(|&g| g == 0.0));
            handle.step(1);
            let hit: Vec<_> = (0..200).filter(|&it| handle.state(4)[it] != 0.0).collect();
            assert_eq!(hit, [7, 130]);
            assert_eq!(handle.state(4)[7], 0.02 * 0.98);
            assert_eq!(handle.count(0), 0);
            handle.step(100);
            assert!(handle.state(4)[7] < 0.02);
        }
    }
}

#[test]
fn injected_spikes_merge_with_those_that_are_there() {
    let toy = Toy::usual();
    let (one, many) = (toy.create(42, 1), toy.create(42, 4));
    for round in 0..50u32 {
        let neurons: Vec<u32> = (0..round * 8).map(|it| it * 73 % 500).collect();
        for net in [&one, &many] {
            net.step(7);
            assert_eq!(net.inject(0, &neurons), 0);
        }
    }
    assert_eq!(one.hash(), many.hash());
    assert_eq!(one.save(), many.save());
    assert_eq!(one.inject(0, &[499, 500]), -1);
    assert_eq!(one.error(), "there is no neuron 500 in E, which has 500");
    assert_eq!(one.inject(7, &[]), -1);
    assert_eq!(one.save(), many.save());
}

#[test]
fn records_are_taken_in_whole_samples() {
    let toy = Toy::usual();
    for threads in [1, 3] {
        let net = toy.create(42, threads);
        // SAFETY: alive.
        let (fast, slow) = unsafe { (bpc_rt3_record(net.0, 0, 3, 6, 1), bpc_rt3_record(net.0, 1, 0, 2, 10)) };
        assert_eq!((fast, slow), (0, 1));
        let mut expected = vec![];
        for _ in 0..25 {
            net.step(1);
            expected.extend_from_slice(&net.state(0)[3..6]);
        }
        net.step(20);
        let take = |recorder, capacity: usize| {
            let mut values = vec![0.0; capacity];
            // SAFETY: alive, and as long as said.
            let count = unsafe { bpc_rt3_take_record(net.0, recorder, values.as_mut_ptr(), capacity as u64) };
            values.truncate(count.max(0) as usize);
            values
        };
        assert_eq!(take(0, 8), expected[..6]);
        assert_eq!(take(0, 69), expected[6..]);
        assert_eq!(take(0, 1000).len(), 60);
        assert_eq!(take(1, 1000).len(), 8);
        // SAFETY: alive.
        unsafe {
            assert_eq!(bpc_rt3_record(net.0, 0, 3, 501, 1), -1);
            assert_eq!(bpc_rt3_record(net.0, 0, 3, 3, 1), -1);
            assert_eq!(bpc_rt3_record(net.0, 0, 3, 4, 0), -1);
            assert_eq!(bpc_rt3_record(net.0, 99, 3, 4, 1), -1);
        }
    }
}

#[test]
fn the_first_bad_number_is_named() {
    let toy = Toy::usual();
    let good = toy.create(42, 1);
    good.step(1234);
    let last = good.state(0)[17];
    good.step(1);
    let expected = std::format!("E.V of neuron 17 became NaN in step 1234 (t = 123.4 ms); last finite value {last} V");
    let expected_spikes = good.spikes(0);
    for threads in [1, 3] {
        let net = toy.create(42, threads);
        // SAFETY: alive.
        unsafe { bpc_rt3_record(net.0, 2, 0, 1, 1) };
        assert_eq!(net.set("poison", 1234.0), 0);
        assert_eq!(net.step(2000), -3);
        assert_eq!(net.error(), expected);
        // There it stays.
        assert_eq!(net.step(1), -3);
        assert_eq!(net.error(), expected);
        // SAFETY: alive.
        let (steps, recorded) =
            unsafe { (bpc_rt3_step_count(net.0), bpc_rt3_take_record(net.0, 0, core::ptr::null_mut(), 0)) };
        assert_eq!((steps, recorded), (1235, 1235));
        assert_eq!(net.hash(), good.hash());
        assert_eq!(net.spikes(0), expected_spikes);
    }
}

#[test]
fn a_bad_number_from_outside_is_named_without_its_step() {
    let net = Toy::usual().create(42, 2);
    net.step(100);
    net.state(0)[20] = f64::INFINITY;
    assert_eq!(net.step(20), -3);
    assert_eq!(net.error(), "E.V of neuron 20 became infinite before step 100 (t = 10 ms)");
    let net = Toy::usual().create(42, 2);
    net.step(100);
    net.set("poison", 102.0);
    assert_eq!(net.step(9), -3);
    assert_eq!(net.error(), "E.V of neuron 17 became NaN between steps 100 and 109 (t = 10.9 ms)");
}

#[test]
fn inputs_are_added_until_they_end() {
    let toy = Toy { sizes: vec![100], projections: vec![] };
    for threads in [1, 2] {
        let net = toy.create(1, threads);
        net.set("drive", 0.0);
        net.state(0).fill(0.0);
        let values: Vec<f64> = (0..100).map(|it| f64::from(it) * 1e-3).collect();
        // SAFETY: alive, and as long as said.
        unsafe {
            assert_eq!(bpc_rt3_set_input(net.0, 0, values.as_ptr(), 100), 0);
            net.step(1);
            assert_eq!(net.state(0), values);
            assert_eq!(bpc_rt3_set_input(net.0, 0, core::ptr::null(), 0), 0);
            net.step(1);
            assert_eq!(net.state(0)[10], 0.01 * (1.0 - 0.1 / 20.0));
            assert_eq!(bpc_rt3_set_input(net.0, 0, values.as_ptr(), 99), -1);
            assert_eq!(net.error(), "the list of an input's values has length 99 and should have 100");
            assert_eq!(bpc_rt3_set_input(net.0, 1, values.as_ptr(), 100), -1);
            assert_eq!(bpc_rt3_set_input(net.0, 0, [f64::NAN; 100].as_ptr(), 100), -1);
        }
    }
}

#[test]
fn one_number_is_recorded_for_many() {
    let toy = Toy::usual();
    let mut of_threads = Vec::new();
    for threads in [1, 2, 5] {
        let net = toy.create(5, threads);
        // SAFETY: alive.
        let (each, mean, most, counts) = unsafe {
            (
                bpc_rt3_record(net.0, 0, 3, 200, 10),
                bpc_rt3_record_aggregate(net.0, 0, 0, 3, 200, 10),
                bpc_rt3_record_aggregate(net.0, 0, 3, 3, 200, 10),
                bpc_rt3_record_spike_count(net.0, 0, 0, 500, 10),
            )
        };
        net.step(95);
        let saved = net.save();
        net.step(105);
        let take = |recorder: i32, width: usize| {
            let mut values = vec![f64::NAN; 20 * width];
            // SAFETY: room as said.
            let count = unsafe { bpc_rt3_take_record(net.0, recorder, values.as_mut_ptr(), values.len() as u64) };
            assert_eq!(count as usize, values.len());
            values
        };
        let (each, mean, most, counted) = (take(each, 197), take(mean, 1), take(most, 1), take(counts, 1));
        for (row, (mean, most)) in each.chunks(197).zip(mean.iter().zip(&most)) {
            assert!((row.iter().sum::<f64>() / 197.0 - mean).abs() < 1e-12 * mean.abs().max(1.0));
            assert_eq!(row.iter().copied().fold(f64::NEG_INFINITY, f64::max), *most);
        }
        assert_eq!(counted.iter().sum::<f64>(), net.count(0) as f64);
        of_threads.push((mean, most, counted.clone()));
        // What was counted of a bin does not outlive what it was counted in.
        net.step(3);
        assert_eq!(net.load(&saved), 0);
        net.step(5);
        let mut rest = [f64::NAN];
        // SAFETY: room as said.
        unsafe { bpc_rt3_take_record(net.0, counts, rest.as_mut_ptr(), 1) };
        assert!(rest[0] <= counted[9], "{} of {}", rest[0], counted[9]);
        // SAFETY: alive or null.
        unsafe {
            let aggregate = |kind, last| bpc_rt3_record_aggregate(net.0, 0, kind, 3, last, 1);
            assert_eq!([aggregate(6, 4), aggregate(-1, 4), aggregate(0, 501), aggregate(0, 3)], [-1; 4]);
            assert_eq!(bpc_rt3_record_spike_count(net.0, 99, 0, 1, 1), -1);
            assert_eq!(bpc_rt3_record_spike_count(net.0, 0, 0, 1, 0), -1);
            assert_eq!(bpc_rt3_record_synapse_aggregate(net.0, 99, 0, 0, 1, 1), -1);
            assert_eq!(bpc_rt3_record_spike_count(core::ptr::null_mut(), 0, 0, 1, 1), -1);
            assert_eq!(bpc_rt3_record_aggregate(core::ptr::null_mut(), 0, 0, 0, 1, 1), -1);
        }
    }
    assert!(of_threads.iter().all(|one| *one == of_threads[0]), "threads matter");
    assert!(of_threads[0].2.iter().any(|count| *count > 0.0));
}

/// How often each of two parts has computed its coefficients.
static COMPUTED: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];

unsafe extern "C" fn coefficients(_: *const Context, part: u32) {
    COMPUTED[part as usize].fetch_add(1, Ordering::Relaxed);
}

#[test]
fn coefficients_are_computed_when_what_they_follow_from_changes() {
    let mut descriptor = NetworkDescriptor::from(crate::instance::view(Toy::usual().network()).unwrap());
    descriptor.states[1].in_coefficients = true;
    let plain = network_of(&descriptor);
    // SAFETY: plain constant data.
    let network = Network { coefficients: Some(coefficients), ..unsafe { core::ptr::read(plain) } };
    let network = std::boxed::Box::leak(std::boxed::Box::new(network));
    let handle = Handle::create(network, 1, 2).unwrap();
    let mut before = [0; 2];
    let mut computed = || {
        let now = [0, 1].map(|part: usize| COMPUTED[part].load(Ordering::Relaxed));
        let more = [now[0] - before[0], now[1] - before[1]];
        before = now;
        more
    };
    assert_eq!(computed(), [0, 0], "nothing needs them before the first step");
    handle.step(3);
    assert_eq!(computed(), [1, 1], "once, in all parts");
    handle.step(3);
    assert_eq!(computed(), [0, 0], "nothing has changed");
    assert_eq!([handle.set("tau", 15.0), handle.set("w", 0.01)], [0, 0]);
    handle.step(1);
    assert_eq!(computed(), [1, 1], "once for all parameters that were set");
    let saved = handle.save();
    assert_eq!(handle.load(&saved), 0);
    handle.step(1);
    assert_eq!(computed(), [1, 1], "what is loaded may be anything");
    handle.state(0);
    handle.step(1);
    assert_eq!(computed(), [0, 0], "they do not read this state");
    handle.state(1);
    handle.step(1);
    handle.step(1);
    assert_eq!(computed(), [2, 2], "the application may write into this one between any steps");
}
