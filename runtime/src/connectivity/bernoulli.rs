//! Independent pairs: each with the same probability, exactly.
//!
//! Instead of asking every pair, the gaps between connected ones are drawn: with `u` uniform in
//! (0, 1], `floor(log(u) / log(1 - p))` targets are passed over before the next connected one
//! (the geometric distribution). Targets are divided into blocks of [`BLOCK`], each with draws of
//! its own, so that any block of any row can be drawn alone. The logarithm is our own, with the
//! same bits on every machine.

use bpc_runtime_abi::purpose;

use crate::logarithm::{log, log_of_complement};
use crate::philox::philox_lanes;

/// Targets of one block.
pub const BLOCK: u32 = 1 << 16;

/// Counters that are drawn together, each for two gaps. Changes speed, not results.
const LANES: usize = 8;

/// See the module.
pub struct Bernoulli {
    /// `1 / log(1 - p)`; 0 if p is 1.
    scale: f64,
    never: bool,
    targets: u32,
    excludes_self: bool,
    stream: u32,
    key: [u32; 2],
}

impl Bernoulli {
    /// Every pair with probability `p`, between 0 and 1.
    pub fn new(p: f64, targets: u32, excludes_self: bool, stream: u32, key: [u32; 2]) -> Self {
        let scale = if p >= 1.0 { 0.0 } else { 1.0 / log_of_complement(p) };
        Bernoulli { scale, never: p <= 0.0, targets, excludes_self, stream, key }
    }

    /// The most targets that a row may have.
    pub fn longest_row(&self) -> u64 {
        if self.never { 0 } else { u64::from(self.targets) }
    }

    /// Writes the targets of a source, ascending, as far as `out` has room; how many there are.
    pub fn row(&self, source: u32, out: &mut [u32]) -> usize {
        let mut length = 0;
        for block in 0..self.targets.div_ceil(BLOCK) {
            length += self.block(source, block, out.get_mut(length..).unwrap_or_default());
        }
        length
    }

    /// The same for the targets `block * BLOCK .. (block + 1) * BLOCK` alone.
    pub fn block(&self, source: u32, block: u32, out: &mut [u32]) -> usize {
        let Some(first) = block.checked_mul(BLOCK).filter(|&it| it < self.targets) else {
            return 0;
        };
        if self.never {
            return 0;
        }
        let width = (self.targets - first).min(BLOCK);
        let excluded = if self.excludes_self { source.wrapping_sub(first) } else { u32::MAX };
        let mut length = 0;
        let mut position = 0;
        for group in 0.. {
            for gap in self.gaps(source, (block << 16) | (group * LANES as u32)) {
                position += gap;
                if position >= width {
                    return length;
                }
                if position != excluded {
                    if let Some(to) = out.get_mut(length) {
                        *to = first + position;
                    }
                    length += 1;
                }
                position += 1;
            }
        }
        length
    }

    /// The gaps of `LANES` counters from `counter` on, none above [`BLOCK`].
    #[inline]
    fn gaps(&self, source: u32, counter: u32) -> [u32; 2 * LANES] {
        let counters = core::array::from_fn(|lane| u64::from(counter) + lane as u64);
        let (source, stream) = (source.into(), self.stream.into());
        let [a, b, c, d] =
            philox_lanes([[source; LANES], counters, [stream; LANES], [purpose::BERNOULLI.into(); LANES]], self.key);
        let (first, second) = (self.gap_lanes(a, b), self.gap_lanes(c, d));
        core::array::from_fn(|n| if n % 2 == 0 { first[n / 2] } else { second[n / 2] })
    }

    /// Gaps from pairs of words, of which the first is the upper part of a 53-bit number.
    #[inline]
    fn gap_lanes(&self, high: [u64; LANES], low: [u64; LANES]) -> [u32; LANES] {
        let mut gaps = [0.0; LANES];
        for lane in 0..LANES {
            // (high * 2^21 + low's upper 21 bits + 1) / 2^53: every step is exact.
            let whole = exact(high[lane]) * 2_097_152.0 + (exact(low[lane] >> 11) + 1.0);
            let gap = log(whole * f64::from_bits((1023 - 53) << 52)) * self.scale;
            gaps[lane] = if gap < f64::from(BLOCK) { gap } else { f64::from(BLOCK) };
        }
        // SAFETY: between 0 (log is at most 0, scale at most 0) and BLOCK, and never NaN.
        gaps.map(|gap| unsafe { gap.to_int_unchecked::<i32>() as u32 })
    }
}

/// A number below 2^52 as a float, in a way that vectorises.
#[inline]
fn exact(number: u64) -> f64 {
    f64::from_bits(number | 0x4330_0000_0000_0000) - 4_503_599_627_370_496.0
}
