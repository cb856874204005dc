//! Rules about single pairs that decide of both directions at once.
//!
//! *Law.* What the rule says of the pair (i, j) with i <= j holds for (j, i) as well; what it would say of (j, i) means nothing.
//!
//! The connections are kept while they are built: 4 bytes for each.

use super::{RowLaw, Scratch};
use crate::error::Error;
use crate::memory::Buffer;

const WHAT: &str = "drawing connections";

/// See the module.
pub struct Symmetric {
    /// Where each neuron's partners begin, and the last one's end.
    starts: Buffer<u32>,
    /// These, ascending for each.
    partners: Buffer<u32>,
    longest: u64,
}

impl Symmetric {
    /// The connections among so many neurons; the rows of a rule about single pairs.
    ///
    /// # Errors
    /// No memory, a probability that is none, or more than 2^32 - 1 synapses.
    pub fn new(rows: &RowLaw, size: u32, scratch: &mut Scratch, projection: &'static str) -> Result<Self, Error> {
        let mut row = Buffer::zeroed(rows.longest_row(), WHAT)?;
        let mut starts = Buffer::<u32>::zeroed(u64::from(size) + 1, WHAT)?;
        let mut each = |scratch: &mut Scratch, visit: &mut dyn FnMut(u32, u32)| {
            for neuron in 0..size {
                let length = rows.row(neuron, &mut row, scratch);
                if let Some(fault) = scratch.fault {
                    return Err(Error::Probability { projection, fault });
                }
                let (first, end) = (row[..length].partition_point(|&it| it < neuron), length);
                for &other in &row[first..end] {
                    visit(neuron, other);
                    if other != neuron {
                        visit(other, neuron);
                    }
                }
            }
            Ok(())
        };
        each(scratch, &mut |neuron, _| starts[neuron as usize + 1] += 1)?;
        let (mut sum, mut longest) = (0u64, 0u64);
        for start in starts.iter_mut() {
            longest = longest.max(u64::from(*start));
            sum += u64::from(*start);
            *start = sum as u32;
        }
        if sum > u64::from(u32::MAX) {
            return Err(Error::TooManySynapses { projection, synapses: sum as f64 });
        }
        let mut partners = Buffer::zeroed(sum, WHAT)?;
        // Those below a neuron come to it before its own row does, and ascend as rows do.
        each(scratch, &mut |neuron, other| {
            let next = &mut starts[neuron as usize];
            partners[*next as usize] = other;
            *next += 1;
        })?;
        // Every start has become the next one's: move them back.
        starts.rotate_right(1);
        starts[0] = 0;
        Ok(Symmetric { starts, partners, longest })
    }

    /// The most targets that a row has.
    pub fn longest_row(&self) -> u64 {
        self.longest
    }

    /// Writes the targets of a source, as far as `out` has room; how many there are.
    pub fn row(&self, source: u32, out: &mut [u32]) -> usize {
        let border = |at: u32| self.starts[at as usize] as usize;
        let partners = &self.partners[border(source)..border(source + 1)];
        for (to, &partner) in out.iter_mut().zip(partners) {
            *to = partner;
        }
        partners.len()
    }
}
