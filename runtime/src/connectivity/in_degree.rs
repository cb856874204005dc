//! Fixed in-degree: so many sources for each target.

use bpc_runtime_abi::descriptor::Neurons;
use bpc_runtime_abi::purpose;

use super::Scratch;
use super::bounded::Subset;

/// See the module.
pub struct InDegree {
    /// What each target draws.
    pub draws: Subset,
    /// Which targets.
    pub targets: Neurons,
}

impl InDegree {
    /// How many bits of memory drawing needs.
    pub fn bits(&self) -> u64 {
        self.draws.bits()
    }

    /// How many sources a target has.
    #[inline]
    pub fn degree(&self, target: u32) -> u32 {
        if self.targets.place(target).is_some() { self.draws.degree } else { 0 }
    }

    /// Fills `out` (of length degree) with the sources of a target, in no order.
    #[inline]
    pub fn column(&self, target: u32, out: &mut [u32], scratch: &mut Scratch) {
        self.draws.draw(target, purpose::IN_DEGREE, out, &mut scratch.used);
    }
}
