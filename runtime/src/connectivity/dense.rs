//! Rules without chance: every pair, and i to i.

/// Every pair, or i to i.
pub struct Dense {
    targets: u32,
    excludes_self: bool,
    diagonal: bool,
}

impl Dense {
    /// Every pair.
    pub const fn all_to_all(targets: u32, excludes_self: bool) -> Self {
        Dense { targets, excludes_self, diagonal: false }
    }

    /// i to i (nothing, if a neuron may not connect to itself).
    pub const fn one_to_one(targets: u32, excludes_self: bool) -> Self {
        Dense { targets, excludes_self, diagonal: true }
    }

    /// The most targets that a row may have.
    pub fn longest_row(&self) -> u64 {
        if self.diagonal { 1 } else { u64::from(self.targets) }
    }

    /// Writes the targets of a source, as far as `out` has room; how many there are.
    pub fn row(&self, source: u32, out: &mut [u32]) -> usize {
        let (first, last) = if self.diagonal { (source, source + 1) } else { (0, self.targets) };
        let excluded = if self.excludes_self { source } else { u32::MAX };
        let all = (first..last.min(self.targets)).filter(|&target| target != excluded);
        let mut length = last.min(self.targets).saturating_sub(first) as usize;
        if (first..last.min(self.targets)).contains(&excluded) {
            length -= 1;
        }
        for (to, target) in out.iter_mut().zip(all) {
            *to = target;
        }
        length
    }
}
