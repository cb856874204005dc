//! Finding out when a number stopped being finite, at no cost while all is well.
//!
//! All public states are looked through every [`PERIOD`] steps, after which a snapshot is taken.
//! If something is found, the snapshot is restored and its steps are made again one by one, until
//! the first bad number: a step is a function of the state, so the same happens again. Only if the
//! application changed something in between, the error names a range of steps instead.
//!
//! Weights that change and states of synapses are many: they are looked through every
//! [`SYNAPSE_PERIOD`] steps, and are in no snapshot, so that an error of a network that has them always
//! names a range.

use core::sync::atomic::{AtomicU32, Ordering};

use bpc_runtime_abi::descriptor::{DescriptorView, State};

use crate::connectivity::csr::Part;
use crate::error::Error;
use crate::hash::SpikeHash;
use crate::layout::Layout;
use crate::memory::{Buffer, Vector};
use crate::number;
use crate::spikes::Spikes;
use crate::synapses::{Quantity, changing};
use crate::threads::Team;

/// Steps between two snapshots.
pub const PERIOD: u64 = 256;

/// After so many steps, the end of a call looks as well.
pub const SHORT_PERIOD: u64 = 8;

/// Steps between two looks through synapses, a multiple of [`PERIOD`]: one look costs about as much
/// as a few steps.
pub const SYNAPSE_PERIOD: u64 = 4 * PERIOD;

/// The first number that is not finite: state and element.
pub fn find(view: &DescriptorView<'static>, block: &[u8]) -> Option<(State<'static>, u64)> {
    view.states.iter().filter(|state| state.public).find_map(|state| {
        let start = state.offset as usize;
        let length = (state.length * state.element.bytes()) as usize;
        let bytes = block.get(start..start.checked_add(length)?)?;
        let index = number::first_not_finite(state.element, bytes)?;
        Some((state, index as u64))
    })
}

/// The first quantity of synapses, public and changing, with a number that is not finite. Each
/// thread looks through its part of all `projections`.
pub fn find_quantity(view: &DescriptorView<'static>, projections: &[Vector<Part>], team: &Team) -> Option<Quantity> {
    let element = number::real(view.real_bytes);
    let public = || changing(view).filter(|it| it.public);
    let found = AtomicU32::new(u32::MAX);
    team.run(|part| {
        for (order, quantity) in (0..).zip(public()) {
            let part = projections.get(quantity.projection as usize).and_then(|parts| parts.get(part as usize));
            let bytes = part.map_or(&[][..], |part| part.quantity(quantity.kind));
            if number::first_not_finite(element, bytes).is_some() {
                found.fetch_min(order, Ordering::Relaxed);
                break;
            }
        }
    });
    public().nth(found.into_inner() as usize)
}

/// Everything that the following steps depend on, and the counts that they change.
pub struct Snapshot {
    /// After how many steps it was taken.
    pub steps: u64,
    /// Whether it was taken, and nothing changed from outside since.
    pub replayable: bool,
    state: Buffer<u8>,
    /// Length and entries of each list, by population, slot and part.
    lists: Vector<u32>,
    counts: Vector<u64>,
    hash: SpikeHash,
}

impl Snapshot {
    /// None yet.
    pub const fn none() -> Snapshot {
        Snapshot {
            steps: 0,
            replayable: false,
            state: Buffer::empty(),
            lists: Vector::new(),
            counts: Vector::new(),
            hash: SpikeHash::START,
        }
    }

    /// Takes one.
    pub fn take(&mut self, steps: u64, block: &[u8], layout: &Layout, spikes: &Spikes) -> Result<(), Error> {
        const WHAT: &str = "a snapshot";
        self.replayable = false;
        if self.state.len() != block.len() {
            self.state = Buffer::zeroed(block.len() as u64, WHAT)?;
        }
        self.state.copy_from_slice(block);
        self.lists.truncate(0);
        for (population, ring) in layout.rings.iter().enumerate() {
            for slot in 0..ring.slots {
                for part in 0..layout.parts {
                    let first = layout.range(population as u32, part).start;
                    let list = ring.list(slot, part, first);
                    self.lists.reserve(list.len() + 1, WHAT)?;
                    self.lists.push(list.len() as u32, WHAT)?;
                    for &neuron in list {
                        self.lists.push(neuron, WHAT)?;
                    }
                }
            }
        }
        self.counts.truncate(0);
        for population in spikes.populations.iter() {
            self.counts.push(population.count, WHAT)?;
        }
        self.hash = spikes.hash;
        self.steps = steps;
        self.replayable = true;
        Ok(())
    }

    /// Puts everything back.
    pub fn restore(&self, block: &mut [u8], layout: &mut Layout, spikes: &mut Spikes) {
        for (to, from) in block.iter_mut().zip(self.state.iter()) {
            *to = *from;
        }
        let mut lists = self.lists.iter().copied();
        let parts = layout.parts;
        for population in 0..layout.rings.len() {
            for slot in 0..layout.rings[population].slots {
                for part in 0..parts {
                    let range = layout.range(population as u32, part);
                    layout.rings[population].edit(slot, part, range, |room, _| {
                        let count = lists.next().unwrap_or(0) as usize;
                        for (to, from) in room.iter_mut().zip(lists.by_ref().take(count)) {
                            *to = from;
                        }
                        count
                    });
                }
            }
        }
        for (population, &count) in spikes.populations.iter_mut().zip(self.counts.iter()) {
            population.count = count;
        }
        spikes.hash = self.hash;
    }
}
