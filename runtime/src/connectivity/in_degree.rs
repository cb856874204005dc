//! Fixed in-degree: so many sources for each target.

use bpc_runtime_abi::purpose;

use super::Scratch;
use super::bounded::Subset;

/// See the module.
pub struct InDegree(pub Subset);

impl InDegree {
    /// How many bits of memory drawing needs.
    pub fn bits(&self) -> u64 {
        self.0.bits()
    }

    /// Fills `out` (of length degree) with the sources of a target, in no order.
    #[inline]
    pub fn column(&self, target: u32, out: &mut [u32], scratch: &mut Scratch) {
        self.0.draw(target, purpose::IN_DEGREE, out, &mut scratch.used);
    }
}
