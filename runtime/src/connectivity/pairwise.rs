//! Every pair with a probability of its own, which generated code computes from both indices.
//!
//! *Law.* Pair (i, j) is connected independently of all others if a 64-bit number is below
//! `p(i, j) * 2^64`. The number belongs to the pair: words `2 (j mod 2)` and `2 (j mod 2) + 1` at
//! the counter `(i, j / 2, stream, PAIRWISE)`. Where p is 0 or 1 nothing is left to chance.

use bpc_runtime_abi::{Context, Network, purpose};

use super::Scratch;
use crate::philox::philox_lanes;

/// Targets that generated code is asked about at once; a multiple of 64, as the contract says.
pub const BLOCK: usize = 1024;

/// Counters that are drawn together, each for two pairs. Changes speed, not results.
const LANES: usize = 8;

/// Whom to ask for probabilities.
#[derive(Clone, Copy)]
pub struct Evaluator {
    /// The generated functions.
    pub network: &'static Network,
    /// Their context, complete but for what is being built.
    pub context: *const Context,
    /// Index of the projection.
    pub index: u32,
}

// SAFETY: the context is only read while connections are drawn.
unsafe impl Sync for Evaluator {}

impl Evaluator {
    /// Leaves what is said of a source and `width` (at most [`BLOCK`]) of so many targets, from `first` on, in the scratch.
    pub(super) fn ask(&self, source: u32, first: u32, width: usize, targets: u32, scratch: &mut Scratch) {
        let Evaluator { network, context, index } = *self;
        let count = (width.div_ceil(64) * 64).min(scratch.targets.len());
        for (to, target) in scratch.targets.iter_mut().take(count).zip(first..) {
            *to = target.min(targets - 1);
        }
        let (to, ordinals) = (scratch.targets.pointer(), scratch.ordinals.pointer());
        // SAFETY: all three have BLOCK elements, of which `count` are asked for; the context is
        // complete.
        unsafe { (network.synapses)(context, index, 2, source, count as u64, to, ordinals, scratch.values.pointer()) }
    }
}

/// See the module.
pub struct Pairwise {
    evaluator: Evaluator,
    targets: u32,
    excludes_self: bool,
    stream: u32,
    key: [u32; 2],
}

/// A probability that is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// From which neuron.
    pub source: u32,
    /// To which neuron.
    pub target: u32,
    /// The value.
    pub value: f64,
}

impl Pairwise {
    /// All pairs with `targets` targets.
    pub fn new(evaluator: Evaluator, targets: u32, excludes_self: bool, stream: u32, key: [u32; 2]) -> Self {
        Pairwise { evaluator, targets, excludes_self, stream, key }
    }

    /// The most targets that a row may have.
    pub fn longest_row(&self) -> u64 {
        self.targets.into()
    }

    /// Writes the targets of a source, ascending, as far as `out` has room; how many there are.
    /// The first value outside of 0 to 1 is left in `scratch.fault`.
    pub fn row(&self, source: u32, out: &mut [u32], scratch: &mut Scratch) -> usize {
        let mut length = 0;
        for first in (0..self.targets).step_by(BLOCK) {
            let width = (self.targets - first).min(BLOCK as u32) as usize;
            self.evaluator.ask(source, first, width, self.targets, scratch);
            for (group, values) in scratch.values.get(..width).unwrap_or(&[]).chunks(2 * LANES).enumerate() {
                let start = first + (group * 2 * LANES) as u32;
                let fault = values.iter().position(|value| !(0.0..=1.0).contains(value));
                if let (Some(place), None) = (fault, scratch.fault) {
                    let target = start + place as u32;
                    if !(self.excludes_self && target == source) {
                        scratch.fault = Some(Fault { source, target, value: values[place] });
                    }
                }
                let numbers = if values.iter().all(|&value| value == 0.0) {
                    continue;
                } else if values.iter().all(|&value| value == 0.0 || value == 1.0) {
                    [0; 2 * LANES]
                } else {
                    self.numbers(source, start)
                };
                for ((&value, number), target) in values.iter().zip(numbers).zip(start..) {
                    // Exact: a power of two, and cut to whole numbers, of which there are enough.
                    let threshold = (value * 18_446_744_073_709_551_616.0) as u64;
                    let connected = value >= 1.0 || number < threshold;
                    if connected && !(self.excludes_self && target == source) {
                        if let Some(to) = out.get_mut(length) {
                            *to = target;
                        }
                        length += 1;
                    }
                }
            }
        }
        length
    }

    /// The numbers of the pairs with targets from `start` (even) on.
    #[inline]
    fn numbers(&self, source: u32, start: u32) -> [u64; 2 * LANES] {
        let counters = core::array::from_fn(|lane| u64::from(start / 2) + lane as u64);
        let [a, b, c, d] = philox_lanes(
            [[source.into(); LANES], counters, [self.stream.into(); LANES], [purpose::PAIRWISE.into(); LANES]],
            self.key,
        );
        core::array::from_fn(|n| {
            let lane = n / 2;
            if n % 2 == 0 { a[lane] << 32 | b[lane] } else { c[lane] << 32 | d[lane] }
        })
    }
}
