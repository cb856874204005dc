//! How neurons are divided among parts, and the rings of spike lists.

use core::ops::Range;

use bpc_runtime_abi::LANES;
use bpc_runtime_abi::descriptor::DescriptorView;

use crate::error::Error;
use crate::memory::{Buffer, Vector};

/// The spike lists of one population's last steps.
pub struct Ring {
    /// `[slot * padded + first neuron of the part + n]`
    spikes: Buffer<u32>,
    /// `[slot * parts + part]`
    counts: Buffer<u32>,
    /// How many steps are kept.
    pub slots: u32,
    padded: u32,
    parts: u32,
}

impl Ring {
    /// The neurons of a part that spiked, ascending. `first` is the part's first neuron.
    #[inline]
    pub fn list(&self, slot: u32, part: u32, first: u32) -> &[u32] {
        let place = self.count_place(slot, part);
        let start = self.start(slot, first);
        if place >= self.counts.len() {
            return &[];
        }
        // No reference to the whole ring is made here: other threads may be writing other lists.
        // SAFETY: inside the ring, and the thread that writes this list is past a barrier.
        let count = unsafe { self.counts.pointer().add(place).read() } as usize;
        if start.saturating_add(count) > self.spikes.len() {
            return &[];
        }
        // SAFETY: as above; generated code has written `count` entries.
        unsafe { core::slice::from_raw_parts(self.spikes.pointer().add(start), count) }
    }

    /// Replaces a part's list by the first `n` of its room, where `edit` returns `n` when given
    /// the room (as long as the part is wide) and the length so far.
    pub fn edit(&mut self, slot: u32, part: u32, range: Range<u32>, edit: impl FnOnce(&mut [u32], usize) -> usize) {
        let start = self.start(slot, range.start);
        let place = self.count_place(slot, part);
        let room = self.spikes.get_mut(start..start + range.len());
        if let (Some(room), Some(count)) = (room, self.counts.get_mut(place)) {
            *count = edit(room, *count as usize) as u32;
        }
    }

    /// In which slot the spikes of a step are.
    pub fn slot(&self, step: u64) -> u32 {
        (step % u64::from(self.slots)) as u32
    }

    /// In which slot the spikes of the last of so many steps are.
    pub fn last_slot(&self, steps: u64) -> u32 {
        self.slot(steps % u64::from(self.slots) + u64::from(self.slots) - 1)
    }

    fn start(&self, slot: u32, first: u32) -> usize {
        slot as usize * self.padded as usize + first as usize
    }

    fn count_place(&self, slot: u32, part: u32) -> usize {
        slot as usize * self.parts as usize + part as usize
    }
}

/// Ranges and rings of all populations.
pub struct Layout {
    /// How many parts.
    pub parts: u32,
    /// `[population * (parts + 1) + part]`
    pub ranges: Buffer<u32>,
    /// One for each population.
    pub rings: Vector<Ring>,
    /// Where the lists of each ring are.
    pub spike_pointers: Buffer<*mut u32>,
    /// Where the counts of each ring are.
    pub count_pointers: Buffer<*mut u32>,
}

// SAFETY: the pointers are only handed to generated code, whose threads share them as the
// contract says.
unsafe impl Sync for Layout {}

impl Layout {
    /// How many parts are useful: no more than the largest population has lines.
    pub fn useful_parts(view: &DescriptorView, threads: u32) -> u32 {
        let lines = view.populations.iter().map(|it| it.padded / LANES).max().unwrap_or(1);
        threads.clamp(1, lines.clamp(1, 1 << 16) as u32)
    }

    /// Bytes of the rings.
    pub fn bytes(view: &DescriptorView) -> f64 {
        view.populations.iter().map(|it| it.padded as f64 * f64::from(it.ring_slots) * 4.0).sum()
    }

    /// Divides every population into `parts` ranges of as equal a length as whole lines allow.
    pub fn new(view: &DescriptorView, parts: u32) -> Result<Layout, Error> {
        let populations = view.populations.len() as u64;
        let mut layout = Layout {
            parts,
            ranges: Buffer::zeroed(populations * (u64::from(parts) + 1), "ranges")?,
            rings: Vector::new(),
            spike_pointers: Buffer::zeroed(populations, "spike lists")?,
            count_pointers: Buffer::zeroed(populations, "spike lists")?,
        };
        let all = layout.ranges.chunks_exact_mut(parts as usize + 1);
        for (population, ranges) in view.populations.iter().zip(all) {
            let lines = population.padded / LANES;
            for (part, start) in ranges.iter_mut().enumerate() {
                *start = (lines * part as u64 / u64::from(parts) * LANES) as u32;
            }
        }
        let pointers = layout.spike_pointers.iter_mut().zip(layout.count_pointers.iter_mut());
        for (population, (spikes, counts)) in view.populations.iter().zip(pointers) {
            let slots = u64::from(population.ring_slots);
            let ring = Ring {
                spikes: Buffer::zeroed(slots * population.padded, "spike lists")?,
                counts: Buffer::zeroed(slots * u64::from(parts), "spike lists")?,
                slots: population.ring_slots,
                padded: population.padded as u32,
                parts,
            };
            *spikes = ring.spikes.pointer();
            *counts = ring.counts.pointer();
            layout.rings.push(ring, "spike lists")?;
        }
        Ok(layout)
    }

    /// The neurons (padding included) of a population that belong to a part.
    #[inline]
    pub fn range(&self, population: u32, part: u32) -> Range<u32> {
        let place = population as usize * (self.parts as usize + 1) + part as usize;
        match self.ranges.get(place..place + 2) {
            Some(&[start, end]) => start..end,
            _ => 0..0,
        }
    }
}
