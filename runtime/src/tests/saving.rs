//! Saving and loading.

use std::vec;

use bpc_runtime_abi::descriptor::Rule;

use super::toy::{Handle, Toy};
use crate::api::*;

#[test]
fn continuing_gives_the_same_bits_for_any_number_of_threads() {
    let toy = Toy::usual();
    let network = toy.network();
    let whole = Handle::create(network, 42, 2).unwrap();
    let values = vec![0.001; 203];
    // SAFETY: alive, and as long as said.
    unsafe { bpc_rt3_set_input(whole.0, 1, values.as_ptr(), 203) };
    whole.set("tau", 15.0);
    whole.step(333);
    whole.inject(0, &[1, 2, 3]);
    let saved = whole.save();
    whole.step(400);
    for threads in [1, 2, 3, 4, 7] {
        let other = Handle::create(network, 42, threads).unwrap();
        other.step(50);
        assert_eq!(other.load(&saved), 0);
        assert_eq!(other.save(), saved);
        assert_eq!(other.step(400), 0);
        assert_eq!(other.hash(), whole.hash());
        assert_eq!(other.save(), whole.save());
        assert_eq!(other.count(0), whole.count(0));
    }
}

#[test]
fn truncated_and_damaged_checkpoints_change_nothing() {
    let toy = Toy { sizes: vec![60], projections: vec![] };
    let net = toy.create(1, 1);
    net.step(20);
    let saved = net.save();
    net.step(20);
    let now = net.save();
    for length in 0..saved.len() {
        assert_eq!(net.load(&saved[..length]), -1);
    }
    for place in 0..saved.len() {
        for change in [1, 0x80, 0xff] {
            let mut damaged = saved.clone();
            damaged[place] ^= change;
            assert_eq!(net.load(&damaged), -1, "byte {place}");
        }
    }
    assert_eq!(net.save(), now);
    let mut longer = saved.clone();
    longer.extend([1, 2, 3]);
    assert_eq!(net.load(&longer), 0);
    assert_eq!(net.save(), saved);
}

#[test]
fn other_networks_and_seeds_are_refused() {
    let toy = Toy::usual();
    let saved = toy.create(1, 1).save();
    let other_seed = toy.create(2, 1);
    assert_eq!(other_seed.load(&saved), -1);
    assert!(other_seed.error().contains("another seed"));
    let mut other = Toy::usual();
    other.projections[0].stream += 1;
    let other = other.create(1, 1);
    assert_eq!(other.load(&saved), -1);
    assert!(other.error().contains("another network"));
    let network = toy.network();
    let mut parameters = vec![f64::NAN; crate::instance::view(network).unwrap().parameters.len()];
    parameters[2] = 0.5;
    let other = Handle::with_parameters(network, 1, 1, Some(&parameters)).unwrap();
    assert_eq!(other.load(&saved), -1);
    assert!(other.error().contains("other parameters"));
}

#[test]
fn connections_that_depend_on_parameters_need_those_of_creation() {
    for (reads_parameters, loaded) in [(false, 0), (true, -1)] {
        let mut toy = Toy { sizes: vec![60], ..Toy::usual() };
        toy.projections.truncate(1);
        let whole = &mut toy.projections[0];
        (whole.source, whole.target, whole.weight_per_synapse) = (0, 0, false);
        (whole.min_delay, whole.max_delay) = (1, 1);
        whole.rule = Rule::Pairwise { mean: 0.5, reads_parameters };
        let network = toy.network();
        let mut parameters = vec![f64::NAN; crate::instance::view(network).unwrap().parameters.len()];
        parameters[2] = 0.5;
        let saved = Handle::create(network, 1, 1).unwrap().save();
        let other = Handle::with_parameters(network, 1, 1, Some(&parameters)).unwrap();
        assert_eq!(other.load(&saved), loaded, "{reads_parameters}");
        assert_eq!(Handle::create(network, 1, 2).unwrap().load(&saved), 0);
    }
}

#[test]
fn a_failed_network_lives_again_after_load() {
    let net = Toy::usual().create(1, 2);
    net.step(100);
    let saved = net.save();
    net.state(0)[0] = f64::NAN;
    assert_eq!(net.step(50), -3);
    assert_eq!(net.load(&saved), 0);
    assert_eq!(net.step(50), 0);
}

#[test]
fn small_buffers_are_refused() {
    let net = Toy::usual().create(1, 1);
    let mut buffer = [0u8; 10];
    // SAFETY: alive, and as long as said.
    assert_eq!(unsafe { bpc_rt3_save(net.0, buffer.as_mut_ptr().cast(), 10) }, -1);
    assert!(net.error().starts_with("the buffer for a checkpoint has length 10"));
}
