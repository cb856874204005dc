//! Fixed out-degree: so many targets for each source.

use bpc_runtime_abi::descriptor::Neurons;
use bpc_runtime_abi::purpose;

use super::bounded::Subset;

/// See the module.
pub struct OutDegree {
    /// What each source draws.
    pub draws: Subset,
    /// Which sources.
    pub sources: Neurons,
}

impl OutDegree {
    /// How many bits of memory drawing needs.
    pub fn bits(&self) -> u64 {
        self.draws.bits()
    }

    /// Writes the targets of a source, ascending, if `out` has room; how many there are.
    pub fn row(&self, source: u32, out: &mut [u32], used: &mut [u64]) -> usize {
        if self.sources.place(source).is_none() {
            return 0;
        }
        let degree = self.draws.degree as usize;
        if let Some(out) = out.get_mut(..degree) {
            self.draws.draw(source, purpose::OUT_DEGREE, out, used);
            out.sort_unstable();
        }
        degree
    }
}
