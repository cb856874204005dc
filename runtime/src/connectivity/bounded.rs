//! Unbiased integers below a bound, subsets drawn with them, and what happens with a probability.

use bpc_runtime_abi::descriptor::Neurons;

use crate::philox::{philox, philox_lanes};

/// Counters that are drawn together, each for four draws. Changes speed, not results.
const LANES: usize = 8;

/// The random words of one row or column, addressed by draw and retry.
pub(super) struct Draws {
    key: [u32; 2],
    index: u32,
    stream: u32,
    purpose: u32,
    /// The words of draws `group * 4 * LANES ..`, for the latest group.
    words: [[u64; LANES]; 4],
    group: u32,
}

impl Draws {
    pub(super) fn new(key: [u32; 2], index: u32, stream: u32, purpose: u32) -> Self {
        Draws { key, index, stream, purpose, words: [[0; LANES]; 4], group: u32::MAX }
    }

    /// The integer below `bound` (not 0) of a draw: the upper half of word times bound, another
    /// word where the lower half shows that this would be biased (Lemire 2019).
    #[inline]
    pub(super) fn below(&mut self, bound: u32, draw: u32) -> u32 {
        let group = draw / (4 * LANES as u32);
        if group != self.group {
            self.group = group;
            let first = group * LANES as u32;
            let counters = core::array::from_fn(|lane| u64::from(first) + lane as u64);
            self.words = philox_lanes(
                [[self.index.into(); LANES], counters, [self.stream.into(); LANES], [self.purpose.into(); LANES]],
                self.key,
            );
        }
        let place = draw as usize;
        let mut word = self.words[place % 4][place / 4 % LANES] as u32;
        let mut retry = 0;
        loop {
            let product = u64::from(word) * u64::from(bound);
            let low = product as u32;
            if low >= bound || low >= bound.wrapping_neg() % bound {
                return (product >> 32) as u32;
            }
            retry += 1;
            let counter = [self.index, draw / 4, self.stream, self.purpose | (retry & 255) << 8];
            word = philox(counter, self.key)[place % 4];
        }
    }
}

/// What happens with a probability: if a 64-bit number is below it times 2^64.
#[derive(Clone, Copy)]
pub(super) struct Chance {
    threshold: u64,
    always: bool,
}

impl Chance {
    pub(super) fn new(probability: f64) -> Chance {
        Chance { threshold: (probability * 18_446_744_073_709_551_616.0) as u64, always: probability >= 1.0 }
    }

    /// Whether it does at this place: of a counter's words the first or the last two are the number.
    pub(super) fn happens(self, key: [u32; 2], [index, place, stream, purpose]: [u32; 4]) -> bool {
        let words = philox([index, place / 2, stream, purpose], key);
        let first = 2 * (place as usize % 2);
        let number = u64::from(words[first]) << 32 | u64::from(words[first + 1]);
        self.always || number < self.threshold
    }
}

/// So many of some neurons.
#[derive(Clone, Copy)]
pub struct Subset {
    /// How many are drawn.
    pub degree: u32,
    /// From which neurons (without the one for which they are drawn, if that is excluded).
    pub pool: Neurons,
    /// Whether one may be drawn twice.
    pub with_replacement: bool,
    /// Whether the neuron itself is not a candidate.
    pub excludes_self: bool,
    /// The projection's stream.
    pub stream: u32,
    /// The seed.
    pub key: [u32; 2],
}

impl Subset {
    /// How many bits of memory drawing needs.
    pub fn bits(&self) -> u64 {
        if self.with_replacement { 0 } else { u64::from(self.pool.count) }
    }

    /// Which of the pool is excluded for a neuron.
    #[inline]
    fn excluded(&self, index: u32) -> Option<u32> {
        if self.excludes_self { self.pool.place(index) } else { None }
    }

    /// How many may be drawn for a neuron.
    #[inline]
    pub fn candidates(&self, index: u32) -> u32 {
        self.pool.count - u32::from(self.excluded(index).is_some())
    }

    /// Fills `out` (of length `degree`) with the neurons that belong to `index`.
    ///
    /// Without replacement every subset is equally likely: Floyd's method draws those that are
    /// taken or, if these are more than half, those that are not. `used` has all bits zero.
    pub fn draw(&self, index: u32, purpose: u32, out: &mut [u32], used: &mut [u64]) {
        let mut draws = Draws::new(self.key, index, self.stream, purpose);
        let candidates = self.candidates(index);
        if self.with_replacement {
            for (draw, to) in out.iter_mut().enumerate() {
                *to = draws.below(candidates, draw as u32);
            }
        } else if u64::from(self.degree) * 2 <= u64::from(candidates) {
            let first = candidates - self.degree;
            for (draw, to) in out.iter_mut().enumerate() {
                *to = floyd(&mut draws, first, draw as u32, used);
            }
            for &mut taken in out.iter_mut() {
                if let Some(word) = used.get_mut(taken as usize / 64) {
                    *word = 0;
                }
            }
        } else {
            let left_out = candidates - self.degree;
            for draw in 0..left_out {
                floyd(&mut draws, self.degree, draw, used);
            }
            let taken =
                (0..candidates).filter(|&it| used.get(it as usize / 64).is_some_and(|word| word >> (it % 64) & 1 == 0));
            for (to, candidate) in out.iter_mut().zip(taken) {
                *to = candidate;
            }
            used.fill(0);
        }
        let (first, excluded) = (self.pool.first, self.excluded(index).unwrap_or(u32::MAX));
        for candidate in out {
            *candidate += first + u32::from(*candidate >= excluded);
        }
    }
}

/// Draw number `draw` of Floyd's method: a candidate below `first + draw + 1` or, if that was
/// taken before, the last of these.
#[inline]
pub(super) fn floyd(draws: &mut Draws, first: u32, draw: u32, used: &mut [u64]) -> u32 {
    let last = first + draw;
    let mut chosen = draws.below(last + 1, draw);
    let is_used = |it: u32| used.get(it as usize / 64).is_some_and(|word| word >> (it % 64) & 1 == 1);
    if is_used(chosen) {
        chosen = last;
    }
    if let Some(word) = used.get_mut(chosen as usize / 64) {
        *word |= 1 << (chosen % 64);
    }
    chosen
}
