//! Pairs that are listed one by one.

use bpc_runtime_abi::descriptor::Pairs;

/// The pairs of a projection from so many sources.
pub struct Explicit {
    pairs: Pairs<'static>,
    sources: u32,
    count: u32,
}

impl Explicit {
    /// The listed pairs, in rows that have been checked with the descriptor.
    pub fn new(pairs: Pairs<'static>, sources: u32) -> Self {
        Explicit { pairs, sources, count: pairs.count(sources) }
    }

    /// The most targets that a row has.
    pub fn longest_row(&self) -> u64 {
        let length = |source| {
            let (first, end) = self.pairs.row(source);
            u64::from(end.saturating_sub(first))
        };
        (0..self.sources).map(length).max().unwrap_or(0)
    }

    /// Writes the targets of a source, as far as `out` has room; how many there are.
    pub fn row(&self, source: u32, out: &mut [u32]) -> usize {
        let (first, end) = self.pairs.row(source);
        for (to, connection) in out.iter_mut().zip(first..end) {
            *to = self.pairs.target(self.sources, connection);
        }
        end.saturating_sub(first) as usize
    }

    /// Writes the numbers of those connections of a source whose targets, of which `first_target`
    /// is the least, are owned by one part.
    pub fn numbers(&self, source: u32, first_target: u32, out: &mut [u32]) {
        let (first, end) = self.pairs.row(source);
        // Targets ascend: find the first of the part.
        let (mut low, mut high) = (first, end);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.pairs.target(self.sources, middle) < first_target {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (to, connection) in out.iter_mut().zip(low..end) {
            *to = self.pairs.number(self.sources, self.count, connection);
        }
    }
}
