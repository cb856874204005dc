//! Fixed total: so many synapses in all.
//!
//! *Law.* Every pair (source, target) that is allowed is a cell; all cells are alike. With
//! replacement each of the `total` synapses takes a cell of its own accord, so one cell may hold
//! several. Without replacement every set of `total` cells is equally likely.
//!
//! *How.* Since all targets have equally many cells (some fewer where a part is connected to another that it overlaps, and no
//! neuron to itself), only the in-degrees are needed of the whole:
//! given these, each target draws its sources alone. In-degrees with replacement are multinomial.
//! They are drawn down a binary tree over 2^d >= targets leaves: of the synapses at a node each
//! tosses a fair coin for the left or the right half, so the left half gets as many as there are
//! ones among so many random bits. Synapses at leaves beyond the last target start again in the
//! next round. Without replacement a synapse that reaches a target with `taken` of `candidates`
//! cells taken hits one of these with probability `taken / candidates`, and then starts again too:
//! this is drawing cells until enough different ones are found. (More than half of all cells are
//! drawn as those that stay free.) A cell that only some targets have not counts as taken at these. There are integers only,
//! and no rounding: the law is exact.

use bpc_runtime_abi::descriptor::Neurons;
use bpc_runtime_abi::purpose;

use super::Scratch;
use super::bounded::{Draws, Subset};
use crate::error::Error;
use crate::memory::Buffer;
use crate::philox::{philox, philox_lanes};

/// Counters that are drawn together, each for 128 coins. Changes speed, not results.
const LANES: usize = 8;
/// Coins of one counter.
const COINS: u64 = 128;

/// See the module.
pub struct FixedTotal {
    /// The in-degree of each target.
    counts: Buffer<u32>,
    /// Which targets.
    targets: Neurons,
    /// What a target draws, but for how many.
    draws: Subset,
    total: u64,
    longest: u32,
}

impl FixedTotal {
    /// How many pairs there are to draw from.
    pub fn pairs(targets: Neurons, draws: &Subset) -> u64 {
        let excluded = if draws.excludes_self { draws.pool.common(targets) } else { 0 };
        u64::from(targets.count) * u64::from(draws.pool.count) - u64::from(excluded)
    }

    /// `total` synapses onto these neurons; `draws` says from which candidates (its degree
    /// means nothing). They must be possible.
    ///
    /// # Errors
    /// No memory, or more than 2^32 - 1 synapses of one target.
    pub fn new(total: u64, targets: Neurons, draws: Subset, projection: &'static str) -> Result<Self, Error> {
        const WHAT: &str = "drawing connections";
        let pairs = FixedTotal::pairs(targets, &draws);
        let complement = !draws.with_replacement && total > pairs / 2;
        let wanted = if complement { pairs - total } else { total };
        let every = u64::from(targets.count) * u64::from(draws.pool.count);
        // Whether only some of the targets have a cell less.
        let uneven = pairs != every && pairs != every - u64::from(targets.count);
        let tries = if draws.with_replacement && !uneven { 0 } else { targets.count };
        let mut counts = Counts {
            counts: Buffer::zeroed(targets.count.into(), WHAT)?,
            attempts: Buffer::zeroed(tries.into(), WHAT)?,
            targets,
            draws: &draws,
            uneven,
            found: 0,
            overflow: false,
            round: 0,
        };
        let width = targets.count.checked_next_power_of_two().unwrap_or(1 << 31);
        while counts.found < wanted && !counts.overflow {
            counts.split(1, 0, width, wanted - counts.found);
            counts.round += 1;
        }
        let Counts { mut counts, overflow, .. } = counts;
        if overflow {
            return Err(Error::TooManySynapses { projection, synapses: total as f64 });
        }
        if complement {
            for (target, count) in (targets.first..).zip(counts.iter_mut()) {
                *count = draws.candidates(target) - *count;
            }
        }
        let longest = counts.iter().copied().max().unwrap_or(0);
        Ok(FixedTotal { counts, targets, draws, total, longest })
    }

    /// How many bits of memory drawing needs.
    pub fn bits(&self) -> u64 {
        self.draws.bits()
    }

    /// How many synapses there are in all.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The greatest in-degree.
    pub fn longest(&self) -> u32 {
        self.longest
    }

    /// The in-degree of a target.
    #[inline]
    pub fn degree(&self, target: u32) -> u32 {
        let count = self.targets.place(target).and_then(|place| self.counts.get(place as usize));
        count.copied().unwrap_or(0)
    }

    /// Fills `out` (of length degree) with the sources of a target, in no order.
    #[inline]
    pub fn column(&self, target: u32, out: &mut [u32], scratch: &mut Scratch) {
        let draws = Subset { degree: out.len() as u32, ..self.draws };
        draws.draw(target, purpose::FIXED_TOTAL, out, &mut scratch.used);
    }
}

/// In-degrees in the making.
struct Counts<'d> {
    counts: Buffer<u32>,
    /// How many synapses have come to each target, those that hit a taken cell included.
    attempts: Buffer<u32>,
    targets: Neurons,
    draws: &'d Subset,
    /// Whether only some of the targets may not be connected to themselves.
    uneven: bool,
    found: u64,
    overflow: bool,
    round: u32,
}

impl Counts<'_> {
    /// Divides `count` synapses among the targets `first .. first + width`, below the tree's `node`.
    fn split(&mut self, node: u32, first: u32, width: u32, count: u64) {
        if count == 0 || first as usize >= self.counts.len() {
            return;
        }
        if width <= 1 {
            self.arrive(first, count);
            return;
        }
        let half = width / 2;
        let left = self.heads(node, count);
        self.split(node.wrapping_mul(2), first, half, left);
        self.split(node.wrapping_mul(2).wrapping_add(1), first.saturating_add(half), half, count - left);
    }

    /// `count` synapses come to the target with this place among the targets.
    fn arrive(&mut self, place: u32, count: u64) {
        let target = self.targets.first + place;
        let candidates = self.draws.candidates(target);
        let cells = if self.uneven { self.draws.pool.count } else { candidates };
        let forbidden = cells - candidates;
        let Some(taken) = self.counts.get_mut(place as usize) else { return };
        let before = *taken;
        if let Some(attempts) = self.attempts.get_mut(place as usize) {
            let mut draws = Draws::new(self.draws.key, target, self.draws.stream, purpose::TOTAL_FREE);
            for _ in 0..count {
                let cell = draws.below(cells, *attempts);
                *attempts = attempts.wrapping_add(1);
                let full = forbidden + if self.draws.with_replacement { 0 } else { *taken };
                *taken += u32::from(cell >= full);
            }
        } else {
            match u32::try_from(u64::from(before) + count) {
                Ok(sum) => *taken = sum,
                Err(_) => self.overflow = true,
            }
        }
        self.found += u64::from(*taken - before);
    }

    /// How many of `count` fair coins show heads.
    fn heads(&self, node: u32, count: u64) -> u64 {
        let stream = self.draws.stream;
        let purpose = purpose::TOTAL_SPLIT | (self.round & 255) << 8;
        // Later rounds have few coins, so that their counters cannot meet those of earlier ones.
        let later = (self.round >> 8) << 24;
        let mut heads = 0;
        let mut counter = 0u32;
        let mut left = count;
        while left > COINS {
            let counters = core::array::from_fn(|lane| u64::from((counter + lane as u32) ^ later));
            let words = philox_lanes(
                [[node.into(); LANES], counters, [stream.into(); LANES], [purpose.into(); LANES]],
                self.draws.key,
            );
            for lane in 0..LANES {
                if left < COINS {
                    heads += ones(words.map(|word| word[lane] as u32), left);
                    return heads;
                }
                let [a, b, c, d] = words.map(|word| word[lane]);
                heads += u64::from((a << 32 | b).count_ones() + (c << 32 | d).count_ones());
                left -= COINS;
            }
            counter += LANES as u32;
        }
        heads + ones(philox([node, counter ^ later, stream, purpose], self.draws.key), left)
    }
}

/// How many of the first `count` bits are one.
fn ones(words: [u32; 4], count: u64) -> u64 {
    let mut left = count.min(COINS) as u32;
    let mut sum = 0;
    for word in words {
        let here = left.min(32);
        sum += if here == 0 { 0 } else { (word << (32 - here)).count_ones() };
        left -= here;
    }
    sum.into()
}
