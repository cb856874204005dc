//! The synapses of another projection as neurons: each joined with its source, or its target.
//!
//! What goes in: the realised synapses of the other projection, in the canonical order (source, delay, target, ordinal), and
//! how many neurons stand for them. What comes out: rows, as of any other law. What may never happen: a neuron without its
//! synapse, or a synapse without its neuron.

use bpc_runtime_abi::descriptor::End;

use crate::error::Error;
use crate::memory::Buffer;
use crate::synapses::Synapses;

const WHAT: &str = "the neurons of synapses";

/// The rows of such a projection.
pub struct OfSynapses {
    /// Where the row of each neuron of the end starts, and the last one ends; none from the synapses.
    starts: Buffer<u32>,
    /// From the synapses: the end of each. To them: those of each row, unless they follow one another.
    list: Buffer<u32>,
    /// Whether from the neurons that stand for synapses.
    from_synapses: bool,
}

impl OfSynapses {
    /// Between the `neurons` that stand for synapses and the neurons of one end, of which there are `ends`.
    ///
    /// # Errors
    /// Not as many neurons as synapses; no memory.
    pub fn new(
        synapses: Synapses<'_>,
        end: End,
        from_synapses: bool,
        [neurons, ends]: [u32; 2],
        projection: &'static str,
    ) -> Result<OfSynapses, Error> {
        let found = synapses.count();
        if found != u64::from(neurons) {
            return Err(Error::Standing { projection, of: synapses.name(), synapses: found, neurons });
        }
        let of = |synapse: crate::synapses::Synapse| match end {
            End::Source => synapse.source,
            End::Target => synapse.target,
        };
        let (mut starts, mut list) = (Buffer::empty(), Buffer::empty());
        if from_synapses {
            list = Buffer::zeroed(found, WHAT)?;
            for (place, synapse) in list.iter_mut().zip(synapses.iter()) {
                *place = of(synapse);
            }
            return Ok(OfSynapses { starts, list, from_synapses });
        }
        starts = Buffer::zeroed(u64::from(ends) + 1, WHAT)?;
        // Each start first counts the row before it.
        for synapse in synapses.iter() {
            if let Some(count) = starts.get_mut(of(synapse) as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in starts.iter_mut() {
            sum += *start;
            *start = sum;
        }
        if end == End::Target {
            list = Buffer::zeroed(found, WHAT)?;
            for (number, synapse) in (0..).zip(synapses.iter()) {
                if let Some(next) = starts.get_mut(of(synapse) as usize) {
                    if let Some(place) = list.get_mut(*next as usize) {
                        *place = number;
                    }
                    *next += 1;
                }
            }
            // Every start has become the next one's: move them back.
            starts.rotate_right(1);
            if let Some(first) = starts.first_mut() {
                *first = 0;
            }
        }
        Ok(OfSynapses { starts, list, from_synapses })
    }

    /// The most targets that a row has.
    pub fn longest_row(&self) -> u64 {
        if self.from_synapses {
            return 1;
        }
        let lengths = self.starts.windows(2).map(|pair| if let [a, b] = pair { b - a } else { 0 });
        lengths.max().unwrap_or(0).into()
    }

    /// Writes the targets of a source, ascending, as far as `out` has room; how many there are.
    pub fn row(&self, source: u32, out: &mut [u32]) -> usize {
        let source = source as usize;
        if self.from_synapses {
            let Some(&end) = self.list.get(source) else { return 0 };
            if let Some(place) = out.first_mut() {
                *place = end;
            }
            return 1;
        }
        let Some(&[first, end]) = self.starts.get(source..source + 2) else { return 0 };
        for (place, number) in out.iter_mut().zip(first..end) {
            *place = self.list.get(number as usize).copied().unwrap_or(number);
        }
        (end - first) as usize
    }
}
