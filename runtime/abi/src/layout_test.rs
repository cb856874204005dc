//! The version is another one whenever what it stands for is.

use core::mem::{offset_of, size_of};
use std::string::String;
use std::vec::Vec;

use crate::descriptor::{
    Input, Parameter, Population, Projection, Record, State, SynapseState, example_of_everything as example,
};
use crate::symbols::API;
use crate::{
    ABI_VERSION, CoefficientsFunction, Context, DeriveFunction, ExternalInput, InitFunction, LANES, NOT_REACHED,
    Network, StepFunction, SynapseFunction, Topology, purpose,
};

/// The version, and the hash of everything that it stands for.
const KNOWN: (u32, u64) = (3, 0x59ea_a6fa_8a18_2344);

/// Signatures of generated functions: where one changes, this does not compile, and the version must change.
const _: fn(DeriveFunction) -> unsafe extern "C" fn(*const Context) = |it| it;
const _: fn(InitFunction) -> unsafe extern "C" fn(*const Context, u32) = |it| it;
const _: fn(CoefficientsFunction) -> unsafe extern "C" fn(*const Context, u32) = |it| it;
const _: fn(StepFunction) -> unsafe extern "C" fn(*const Context, u64, u32) = |it| it;
type Synapses = unsafe extern "C" fn(*const Context, u32, u32, u32, u64, *const u32, *const u32, *mut f64);
const _: fn(SynapseFunction) -> Synapses = |it| it;

/// The size of each structure and the offset of each of its fields, and the sizes of records.
fn layouts() -> Vec<usize> {
    Vec::from([
        size_of::<Context>(),
        offset_of!(Context, state),
        offset_of!(Context, parameters),
        offset_of!(Context, derived),
        offset_of!(Context, ranges),
        offset_of!(Context, spikes),
        offset_of!(Context, counts),
        offset_of!(Context, topologies),
        offset_of!(Context, inputs),
        offset_of!(Context, seed),
        offset_of!(Context, parts),
        offset_of!(Context, reserved),
        size_of::<Topology>(),
        offset_of!(Topology, row_starts),
        offset_of!(Topology, targets),
        offset_of!(Topology, weights),
        offset_of!(Topology, states),
        offset_of!(Topology, column_starts),
        offset_of!(Topology, column_synapses),
        offset_of!(Topology, column_rows),
        size_of::<ExternalInput>(),
        offset_of!(ExternalInput, values),
        offset_of!(ExternalInput, mask),
        size_of::<Network>(),
        offset_of!(Network, abi_version),
        offset_of!(Network, reserved),
        offset_of!(Network, descriptor),
        offset_of!(Network, descriptor_length),
        offset_of!(Network, derive),
        offset_of!(Network, init),
        offset_of!(Network, step),
        offset_of!(Network, synapses),
        offset_of!(Network, coefficients),
        Parameter::SIZE,
        Population::SIZE,
        State::SIZE,
        Input::SIZE,
        Projection::SIZE,
        SynapseState::SIZE,
    ])
}

/// FNV-1a with 64 bits.
fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

fn everything() -> u64 {
    let mut all: Vec<u8> = layouts().into_iter().flat_map(|it| (it as u64).to_le_bytes()).collect();
    // How a descriptor with everything in it is encoded, the version aside.
    let mut descriptor = example().encode();
    descriptor[4..8].fill(0);
    all.extend(descriptor);
    let mut interface = String::new();
    for function in API {
        for text in [function.name, function.result].into_iter().chain(function.arguments.iter().map(|it| it.0)) {
            interface.push_str(text);
            interface.push(';');
        }
    }
    all.extend(interface.bytes());
    all.extend(LANES.to_le_bytes());
    all.extend(NOT_REACHED.to_le_bytes());
    let purposes = [
        purpose::BERNOULLI,
        purpose::IN_DEGREE,
        purpose::OUT_DEGREE,
        purpose::FIXED_TOTAL,
        purpose::TOTAL_SPLIT,
        purpose::TOTAL_FREE,
        purpose::PAIRWISE,
        purpose::SMALL_WORLD_EDGE,
        purpose::SMALL_WORLD_TARGET,
        purpose::SCALE_FREE,
        purpose::SCALE_FREE_CHOICE,
        purpose::SCALE_FREE_TRIAD,
    ];
    all.extend(purposes.into_iter().flat_map(u32::to_le_bytes));
    hash(all)
}

#[test]
fn the_version_says_what_the_layout_is() {
    let found = everything();
    assert_eq!(
        (ABI_VERSION, found),
        KNOWN,
        "\nthe layout of the descriptor or of a structure, or the interface, is not the one of version {}: increase \
         ABI_VERSION, with it the number in the names `bpc_rt…_`, and note ({}, {found:#x}) as KNOWN. If it is only the \
         example of a descriptor that has changed, note the hash under the same number",
        KNOWN.0,
        KNOWN.0 + 1
    );
}
