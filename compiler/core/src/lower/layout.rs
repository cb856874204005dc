//! Where everything lies: offsets in the state block and in the derived scalars.
//!
//! Known at compile time, so that a generated access is one base pointer and a constant.

use crate::Bug;
use crate::ir::{Network, Precision, Symbol, Type};
use bpc_runtime_abi::LANES;
use std::collections::HashMap;

/// Bytes between the starts of arrays: a cache line.
const ALIGNMENT: u64 = 64;

/// An array in the state block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Array {
    /// Bytes from the start of the block.
    pub offset: u64,
    /// What its elements are.
    pub element: Type,
    /// Index of the population that it belongs to.
    pub population: usize,
    /// How many steps are kept.
    pub slots: u64,
    /// Bytes of the elements of one step.
    pub slot_bytes: u64,
}

/// The layout of a network in step operations.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Bytes of a real number.
    pub real_bytes: u64,
    /// Where each buffer is.
    pub buffers: HashMap<Symbol, Array>,
    /// Where each derived scalar is, in bytes, and its type.
    pub derived: HashMap<Symbol, (u64, Type)>,
    /// Index of each parameter.
    pub parameters: HashMap<Symbol, u64>,
    /// Index of each population.
    pub populations: HashMap<Symbol, usize>,
    /// Index of each input.
    pub feeds: HashMap<Symbol, u64>,
    /// Size of the state block.
    pub state_bytes: u64,
    /// Size of the derived scalars.
    pub derived_bytes: u64,
}

/// A population's size rounded up to whole lanes.
#[must_use]
pub fn padded(size: u64) -> u64 {
    size.div_ceil(LANES) * LANES
}

impl Layout {
    /// Lays out a network.
    ///
    /// # Errors
    /// If the state block would exceed 2^63 bytes, or a buffer belongs to no population.
    pub fn of(network: &Network) -> Result<Layout, Bug> {
        let real_bytes = if network.real == Precision::F32 { 4 } else { 8 };
        let populations: HashMap<Symbol, usize> =
            network.populations.iter().enumerate().map(|(i, p)| (p.name.clone(), i)).collect();
        let mut buffers = HashMap::new();
        let mut state_bytes: u64 = 0;
        for buffer in &network.buffers {
            let population = *populations
                .get(&buffer.population)
                .ok_or_else(|| Bug(format!("{} is of an unknown population", buffer.name)))?;
            let bytes = if buffer.element == Type::Int { 4 } else { real_bytes };
            let slot_bytes = padded(network.populations[population].size).saturating_mul(bytes);
            let array =
                Array { offset: state_bytes, element: buffer.element, population, slots: buffer.slots, slot_bytes };
            buffers.insert(buffer.name.clone(), array);
            let length = slot_bytes
                .checked_mul(buffer.slots)
                .and_then(|b| b.checked_next_multiple_of(ALIGNMENT))
                .and_then(|b| state_bytes.checked_add(b))
                .filter(|&b| b < 1 << 63);
            state_bytes = length.ok_or_else(|| Bug("the state block is larger than any address space".into()))?;
        }
        let derived: HashMap<Symbol, (u64, Type)> =
            network.derived.iter().enumerate().map(|(i, (name, ty, _))| (name.clone(), (8 * i as u64, *ty))).collect();
        Ok(Layout {
            real_bytes,
            buffers,
            derived_bytes: (8 * network.derived.len() as u64).next_multiple_of(ALIGNMENT),
            derived,
            parameters: (0..).zip(&network.parameters).map(|(i, p)| (p.name.clone(), i)).collect(),
            populations,
            feeds: (0..).zip(&network.feeds).map(|(i, f)| (f.name.clone(), i)).collect(),
            state_bytes,
        })
    }
}
