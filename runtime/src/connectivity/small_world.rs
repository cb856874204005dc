//! Small world: a ring whose edges are rewired (D. J. Watts & S. H. Strogatz 1998, Nature
//! 393:440-442), for directed connections.
//!
//! *Law.* Neurons stand on a ring. Every neuron sends to its k nearest, k / 2 on each side. Each of
//! these edges is kept with probability 1 - p. In place of the r others of a neuron, r different
//! neurons are drawn, all sets equally likely, from those that are neither itself nor a target that
//! was kept. So out-degrees are k, no pair is connected twice, and none to itself.

use bpc_runtime_abi::descriptor::Neurons;
use bpc_runtime_abi::purpose;

use super::bounded::{Chance, Draws};

/// See the module.
pub struct SmallWorld {
    /// Neurons on the ring.
    ring: Neurons,
    /// Targets of each: even, below the size of the ring.
    degree: u32,
    /// Whether an edge is rewired.
    rewired: Chance,
    stream: u32,
    key: [u32; 2],
}

impl SmallWorld {
    /// A ring of these neurons with `degree` (even, below their number) targets each.
    pub fn new(ring: Neurons, degree: u32, rewired: f64, stream: u32, key: [u32; 2]) -> Self {
        SmallWorld { ring, degree, rewired: Chance::new(rewired), stream, key }
    }

    /// How many bits of memory drawing needs.
    pub fn bits(&self) -> u64 {
        self.ring.count.into()
    }

    /// The most targets that a row may have.
    pub fn longest_row(&self) -> u64 {
        self.degree.into()
    }

    /// Writes the targets of a source, ascending, if `out` has room; how many there are.
    pub fn row(&self, source: u32, out: &mut [u32], used: &mut [u64]) -> usize {
        let degree = self.degree as usize;
        let Some(place) = self.ring.place(source) else { return 0 };
        let Some(out) = out.get_mut(..degree) else { return degree };
        mark(used, place, true);
        let mut length = 0;
        for edge in 0..self.degree {
            if self.rewired.happens(self.key, [source, edge, self.stream, purpose::SMALL_WORLD_EDGE]) {
                continue;
            }
            let distance = u64::from(edge / 2 + 1);
            let size = u64::from(self.ring.count);
            let offset = if edge % 2 == 0 { distance } else { size - distance };
            let target = ((u64::from(place) + offset) % size) as u32;
            out[length] = target;
            length += 1;
            mark(used, target, true);
        }
        let mut draws = Draws::new(self.key, source, self.stream, purpose::SMALL_WORLD_TARGET);
        let mut draw = 0;
        while length < degree {
            let target = draws.below(self.ring.count, draw);
            draw += 1;
            if !is_marked(used, target) {
                mark(used, target, true);
                out[length] = target;
                length += 1;
            }
        }
        mark(used, place, false);
        for target in out.iter_mut() {
            mark(used, *target, false);
            *target += self.ring.first;
        }
        out.sort_unstable();
        degree
    }
}

fn is_marked(used: &[u64], neuron: u32) -> bool {
    used.get(neuron as usize / 64).is_some_and(|word| word >> (neuron % 64) & 1 == 1)
}

fn mark(used: &mut [u64], neuron: u32, value: bool) {
    if let Some(word) = used.get_mut(neuron as usize / 64) {
        *word = *word & !(1 << (neuron % 64)) | u64::from(value) << (neuron % 64);
    }
}
