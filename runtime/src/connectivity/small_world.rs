//! Small world: a ring whose edges are rewired (D. J. Watts & S. H. Strogatz 1998, Nature
//! 393:440-442), for directed connections.
//!
//! *Law.* Neurons stand on a ring. Every neuron sends to its k nearest, k / 2 on each side. Each of
//! these edges is kept with probability 1 - p. In place of the r others of a neuron, r different
//! neurons are drawn, all sets equally likely, from those that are neither itself nor a target that
//! was kept. So out-degrees are k, no pair is connected twice, and none to itself.

use bpc_runtime_abi::purpose;

use super::bounded::Draws;
use crate::philox::philox;

/// See the module.
pub struct SmallWorld {
    /// Neurons on the ring.
    size: u32,
    /// Targets of each: even, below `size`.
    degree: u32,
    /// An edge is rewired if a 64-bit number is below this (or always).
    threshold: u64,
    always: bool,
    stream: u32,
    key: [u32; 2],
}

impl SmallWorld {
    /// A ring of `size` neurons with `degree` (even, below `size`) targets each.
    pub fn new(size: u32, degree: u32, rewired: f64, stream: u32, key: [u32; 2]) -> Self {
        let threshold = (rewired * 18_446_744_073_709_551_616.0) as u64;
        SmallWorld { size, degree, threshold, always: rewired >= 1.0, stream, key }
    }

    /// How many bits of memory drawing needs.
    pub fn bits(&self) -> u64 {
        self.size.into()
    }

    /// The most targets that a row may have.
    pub fn longest_row(&self) -> u64 {
        self.degree.into()
    }

    /// Writes the targets of a source, ascending, if `out` has room; how many there are.
    pub fn row(&self, source: u32, out: &mut [u32], used: &mut [u64]) -> usize {
        let degree = self.degree as usize;
        let Some(out) = out.get_mut(..degree) else { return degree };
        mark(used, source, true);
        let mut length = 0;
        for edge in 0..self.degree {
            if self.is_rewired(source, edge) {
                continue;
            }
            let distance = u64::from(edge / 2 + 1);
            let size = u64::from(self.size);
            let offset = if edge % 2 == 0 { distance } else { size - distance };
            let target = ((u64::from(source) + offset) % size) as u32;
            out[length] = target;
            length += 1;
            mark(used, target, true);
        }
        let mut draws = Draws::new(self.key, source, self.stream, purpose::SMALL_WORLD_TARGET);
        let mut draw = 0;
        while length < degree {
            let target = draws.below(self.size, draw);
            draw += 1;
            if !is_marked(used, target) {
                mark(used, target, true);
                out[length] = target;
                length += 1;
            }
        }
        mark(used, source, false);
        for &target in out.iter() {
            mark(used, target, false);
        }
        out.sort_unstable();
        degree
    }

    fn is_rewired(&self, source: u32, edge: u32) -> bool {
        let words = philox([source, edge / 2, self.stream, purpose::SMALL_WORLD_EDGE], self.key);
        let first = 2 * (edge as usize % 2);
        let number = u64::from(words[first]) << 32 | u64::from(words[first + 1]);
        self.always || number < self.threshold
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
