//! Scale-free: growth with preferential attachment (A.-L. Barabási & R. Albert 1999, Science
//! 286:509-512).
//!
//! *Law.* The first m + 1 neurons are all joined with one another. Then neurons m + 1, m + 2, … come
//! one by one, and each joins m different earlier ones, drawn one after another with probability
//! proportional to their degrees at that time (one that was drawn already is drawn again). Each edge
//! is two synapses, one in each direction.
//!
//! Degrees depend on everything before, so the whole graph is drawn once, by addressed words: draw d
//! of neuron n is word `d mod 4` at counter `(n, d / 4, stream, SCALE_FREE)`. It takes 8 bytes for
//! each edge (4 for each synapse) while connections are built.

use bpc_runtime_abi::purpose;

use super::bounded::Draws;
use crate::error::Error;
use crate::memory::Buffer;

/// See the module.
pub struct ScaleFree {
    size: u32,
    /// m: edges of each later neuron.
    edges: u32,
    /// `[(n - m - 1) * m + e]`: whom neuron n has joined, ascending.
    earlier: Buffer<u32>,
    /// Where in `later` the neurons begin that have joined each neuron.
    starts: Buffer<u32>,
    /// These, ascending.
    later: Buffer<u32>,
    longest: u32,
}

impl ScaleFree {
    /// `size` neurons, of which all but the first `edges + 1` (at most `size`) join `edges` others.
    ///
    /// # Errors
    /// No memory, or more than 2^32 - 1 synapses.
    pub fn new(size: u32, edges: u32, stream: u32, key: [u32; 2], projection: &'static str) -> Result<Self, Error> {
        const WHAT: &str = "drawing connections";
        let (m, first) = (edges as usize, edges.saturating_add(1));
        let grown = size.saturating_sub(first);
        let complete = u64::from(edges) * u64::from(first);
        let synapses = complete + 2 * u64::from(edges) * u64::from(grown);
        if synapses > u32::MAX.into() {
            return Err(Error::TooManySynapses { projection, synapses: synapses as f64 });
        }
        let mut earlier: Buffer<u32> = Buffer::zeroed(u64::from(edges) * u64::from(grown), WHAT)?;
        for number in 0..grown {
            let (before, rest) = earlier.split_at_mut(number as usize * m);
            let own = &mut rest[..m];
            // Every neuron stands in this list of ends of edges as often as its degree is.
            let ends = complete as u32 + 2 * before.len() as u32;
            let mut draws = Draws::new(key, first + number, stream, purpose::SCALE_FREE);
            let (mut draw, mut length) = (0, 0);
            while length < m {
                let end = draws.below(ends, draw);
                draw += 1;
                let neuron = match end.checked_sub(complete as u32) {
                    None => end / edges,
                    Some(end) if end % 2 == 0 => first + end / 2 / edges,
                    Some(end) => before[end as usize / 2],
                };
                if !own[..length].contains(&neuron) {
                    own[length] = neuron;
                    length += 1;
                }
            }
        }
        let mut starts: Buffer<u32> = Buffer::zeroed(u64::from(size) + 2, WHAT)?;
        let mut later: Buffer<u32> = Buffer::zeroed(earlier.len() as u64, WHAT)?;
        for &neuron in earlier.iter() {
            starts[neuron as usize + 2] += 1;
        }
        let mut longest = 0;
        for neuron in 2..starts.len() {
            longest = longest.max(starts[neuron]);
            starts[neuron] += starts[neuron - 1];
        }
        for (place, &neuron) in earlier.iter().enumerate() {
            let next = &mut starts[neuron as usize + 1];
            later[*next as usize] = first + (place / m) as u32;
            *next += 1;
        }
        for own in earlier.chunks_exact_mut(m.max(1)) {
            own.sort_unstable();
        }
        Ok(ScaleFree { size, edges, earlier, starts, later, longest: longest.saturating_add(edges) })
    }

    /// The most targets that a row may have.
    pub fn longest_row(&self) -> u64 {
        self.longest.into()
    }

    /// Writes the targets of a source, ascending, as far as `out` has room; how many there are.
    pub fn row(&self, source: u32, out: &mut [u32]) -> usize {
        let m = self.edges as usize;
        let own = match source.checked_sub(self.edges + 1) {
            Some(number) => self.earlier.get(number as usize * m..(number as usize + 1) * m).unwrap_or(&[]),
            None => &[],
        };
        let complete = if source <= self.edges { 0..self.size.min(self.edges + 1) } else { 0..0 };
        let range = self.starts.get(source as usize..source as usize + 2);
        let later = match range {
            Some(&[start, end]) => self.later.get(start as usize..end as usize).unwrap_or(&[]),
            _ => &[],
        };
        let all = own.iter().copied().chain(complete.filter(|&it| it != source)).chain(later.iter().copied());
        let mut length = 0;
        for target in all {
            if let Some(to) = out.get_mut(length) {
                *to = target;
            }
            length += 1;
        }
        length
    }
}
