//! Names, parameters, refusals.

use std::ffi::CStr;
use std::string::String;
use std::vec;

use bpc_runtime_abi::descriptor::Rule;
use bpc_runtime_abi::symbols::{API, PREFIX};
use bpc_runtime_abi::{ABI_VERSION, Network};

use super::toy::{Handle, Toy, projection};
use crate::api::*;

#[test]
fn every_function_of_the_table_is_exported() {
    let source = [include_str!("../api.rs"), include_str!("../api/synapses.rs")].concat();
    for function in API {
        let name = std::format!("pub unsafe extern \"C\" fn {PREFIX}{}(", function.name);
        assert!(source.contains(&name), "{name}");
    }
    assert_eq!(source.matches("#[unsafe(no_mangle)]").count(), API.len());
}

#[test]
fn the_version_names_the_abi() {
    // SAFETY: the text is constant.
    let text = unsafe { CStr::from_ptr(bpc_rt3_version(core::ptr::null())) };
    assert_eq!(text.to_str().unwrap(), std::format!("bpc {} abi {ABI_VERSION}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn parameters_are_set_in_their_unit() {
    let toy = Toy::usual();
    let network = toy.network();
    let net = Handle::create(network, 1, 1).unwrap();
    // SAFETY: alive.
    let get = |parameter| unsafe { bpc_rt3_get_parameter(net.0, parameter) };
    assert_eq!((get(0), get(1)), (20.0, 60.0));
    assert_eq!(net.set("drive", 80.0), 0);
    assert_eq!(get(1), 80.0);
    assert!(get(-1).is_nan() && get(9999).is_nan());
    for (name, value, text) in [
        ("tau", f64::NAN, "parameter tau must be a finite number"),
        ("tau", f64::INFINITY, "parameter tau must be a finite number"),
        ("tau", 0.0, "parameter tau must not be zero: something divides by it"),
        (
            "populations",
            1.0,
            "parameter populations cannot be set: it is computed from others or fixed at compile time",
        ),
        ("nothing", 1.0, "there is no such parameter"),
    ] {
        assert_eq!(net.set(name, value), -1);
        assert_eq!(net.error(), text);
    }
    assert_eq!(get(0), 20.0);
    let mut parameters = vec![f64::NAN; crate::instance::view(network).unwrap().parameters.len()];
    parameters[1] = 0.0;
    let silent = Handle::with_parameters(network, 1, 1, Some(&parameters)).unwrap();
    silent.step(500);
    net.step(500);
    assert!(silent.count(0) == 0 && net.count(0) > 0);
    parameters[0] = 0.0;
    let error = Handle::with_parameters(network, 1, 1, Some(&parameters)).err().unwrap();
    assert!(error.starts_with("parameter tau must not be zero"));
}

#[test]
fn names_have_handles() {
    let network: &Network = Toy::usual().network();
    // SAFETY: a constant, and names that end in zeros; buffers as long as said.
    unsafe {
        assert_eq!(bpc_rt3_parameter_handle(network, c"w".as_ptr()), 2);
        assert_eq!(bpc_rt3_parameter_handle(network, core::ptr::null()), -1);
        assert_eq!(bpc_rt3_population_count(network), 2);
        assert_eq!(bpc_rt3_population_handle(network, c"I".as_ptr()), 1);
        assert_eq!(bpc_rt3_population_handle(network, c"i".as_ptr()), -1);
        assert_eq!(bpc_rt3_population_size(network, 1), 203);
        assert_eq!(bpc_rt3_population_size(network, -1), 0);
        assert_eq!(bpc_rt3_state_handle(network, c"I.V".as_ptr()), 3);
        assert_eq!(bpc_rt3_input_handle(network, c"I.I".as_ptr()), 1);
        let (mut name, mut unit) = ([1u8; 6], [1u8; 3]);
        let (name_at, unit_at) = (name.as_mut_ptr().cast(), unit.as_mut_ptr().cast());
        assert_eq!(bpc_rt3_parameter_name(network, 1, name_at, 6, unit_at, 3), 0);
        assert_eq!((&name, &unit), (b"drive\0", b"mV\0"));
        assert_eq!(bpc_rt3_parameter_name(network, 1, name_at, 5, unit_at, 3), -2);
        assert_eq!(bpc_rt3_parameter_name(network, 1, name_at, 6, core::ptr::null_mut(), 0), -2);
        assert_eq!(bpc_rt3_parameter_name(network, -1, name_at, 6, unit_at, 3), -1);
    }
}

#[test]
fn times_are_whole_numbers_of_steps() {
    let net = Toy::usual().create(1, 1);
    // SAFETY: alive.
    unsafe {
        assert_eq!(bpc_rt3_run(net.0, 1.3), 0);
        assert_eq!(bpc_rt3_step_count(net.0), 13);
        assert!((bpc_rt3_time(net.0) - 1.3).abs() < 1e-12);
        for time in [0.15, -1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(bpc_rt3_run(net.0, time), -1, "{time}");
        }
        assert_eq!(bpc_rt3_step_count(net.0), 13);
    }
}

#[test]
fn null_is_an_error() {
    let null = core::ptr::null_mut();
    // SAFETY: null is allowed everywhere.
    unsafe {
        assert!(bpc_rt3_create(core::ptr::null(), 1, core::ptr::null(), 1, core::ptr::null_mut(), 0).is_null());
        bpc_rt3_destroy(null);
        assert_eq!(bpc_rt3_step(null, 1), -1);
        assert_eq!(bpc_rt3_save_size(null), 0);
        assert_eq!(bpc_rt3_load(null, core::ptr::null(), 0), -1);
        assert_eq!(bpc_rt3_take_spikes(null, 0, core::ptr::null_mut(), core::ptr::null_mut(), 0), -1);
    }
    let net = Toy::usual().create(1, 1);
    assert_eq!(net.load(&[]), -1);
    // SAFETY: alive.
    assert_eq!(unsafe { bpc_rt3_inject_spikes(net.0, 0, core::ptr::null(), 3) }, -1);
}

fn refusal(size: u64, rule: Rule) -> String {
    let toy = Toy { sizes: vec![size], projections: vec![projection(0, 0, rule)] };
    Handle::create(toy.network(), 1, 1).err().unwrap()
}

#[test]
fn networks_that_cannot_fit_are_refused_with_figures() {
    let error = refusal(1_000_000, Rule::AllToAll);
    assert!(error.starts_with("the network needs 4.0 TB of memory: 1.000e12 synapses * 4 bytes"), "{error}");
    assert!(error.ends_with("are available"), "{error}");
    let error = refusal(4_000_000_000, Rule::FixedProbability(0.0));
    assert!(error.starts_with("the network needs"), "{error}");
    assert!(
        error.contains("most for neurons: 4000000000 of them are of population ") && !error.contains("synapses"),
        "{error}"
    );
}

#[test]
fn another_abi_is_refused() {
    let network: &'static Network = Toy::usual().network();
    let other = Network { abi_version: 99, ..unsafe_copy(network) };
    let other = std::boxed::Box::leak(std::boxed::Box::new(other));
    let error = Handle::create(other, 1, 1).err().unwrap();
    assert_eq!(
        error,
        std::format!("the network was compiled for ABI 99, this runtime has ABI {ABI_VERSION}; compile it again")
    );
}

fn unsafe_copy(network: &Network) -> Network {
    // SAFETY: plain constant data.
    unsafe { core::ptr::read(network) }
}

#[test]
fn spikes_are_kept_only_if_wanted() {
    let net = Toy::usual().create(42, 2);
    // SAFETY: alive.
    assert_eq!(unsafe { bpc_rt3_keep_spikes(net.0, 0, 0) }, 0);
    net.step(500);
    assert!(net.spikes(0).is_empty() && net.count(0) > 0 && !net.spikes(1).is_empty());
    // SAFETY: alive.
    assert_eq!(unsafe { bpc_rt3_keep_spikes(net.0, 2, 0) }, -1);
}
