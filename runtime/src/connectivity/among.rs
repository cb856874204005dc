//! Degrees and totals among the pairs for which a condition holds.
//!
//! *Law.* Generated code says of each pair whether it is a candidate. A target (or a source) draws its degree from its candidates,
//! all sets equally likely, as it would from all neurons; the numbers that are drawn are places among the candidates in
//! ascending order. A total is drawn from all candidates together, which are numbered by target and then by source: every set of so
//! many is equally likely, and with replacement each synapse takes one of its own accord.
//!
//! *How.* Generated code gives a block of targets for one source. Candidates of a target are found for 64 targets at once: each
//! source has a word, with a bit for each of them.

use bpc_runtime_abi::descriptor::Neurons;
use bpc_runtime_abi::purpose;

use super::Scratch;
use super::bounded::{Draws, Subset, floyd};
use super::pairwise::{BLOCK, Evaluator};
use crate::error::Error;
use crate::memory::Buffer;

const WHAT: &str = "drawing connections";

/// Targets whose candidates are found at once.
const WORD: u32 = 64;

/// Which pairs may be connected.
pub struct Candidates {
    /// Whom to ask.
    pub evaluator: Evaluator,
    /// Neurons of the source population.
    pub sources: u32,
    /// Neurons of the target population.
    pub targets: u32,
    /// Whether a neuron is no candidate for itself.
    pub excludes_self: bool,
}

/// A neuron that has fewer candidates than it must draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Few {
    /// Which.
    pub neuron: u32,
    /// Whether it is a target, which draws sources.
    pub is_target: bool,
    /// How many it must draw.
    pub degree: u32,
    /// From how many.
    pub candidates: u32,
    /// Whether they are drawn in proportion to a number, which is above zero for these.
    pub proportional: bool,
}

impl Candidates {
    /// Leaves the targets that a source may have in the scratch, ascending; how many there are.
    fn of_source(&self, source: u32, scratch: &mut Scratch) -> u32 {
        let mut count = 0;
        for first in (0..self.targets).step_by(BLOCK) {
            let width = (self.targets - first).min(BLOCK as u32) as usize;
            self.evaluator.ask(source, first, width, self.targets, scratch);
            for (target, &value) in (first..).zip(scratch.values.iter().take(width)) {
                if value >= 1.0 && !(self.excludes_self && target == source) {
                    scratch.candidates[count as usize] = target;
                    count += 1;
                }
            }
        }
        count
    }

    /// Leaves the sources that a target may have in the scratch, ascending; how many there are.
    fn of_target(&self, target: u32, scratch: &mut Scratch) -> u32 {
        let block = target / WORD;
        if scratch.block != Some(block) {
            let first = block * WORD;
            let width = (self.targets - first).min(WORD) as usize;
            for source in 0..self.sources {
                self.evaluator.ask(source, first, width, self.targets, scratch);
                let bits = scratch.values.iter().take(width).enumerate();
                let word = bits.fold(0, |word, (bit, &value)| word | u64::from(value >= 1.0) << bit);
                scratch.words[source as usize] = word;
            }
            scratch.block = Some(block);
        }
        let mut count = 0;
        for (source, &word) in (0..self.sources).zip(scratch.words.iter()) {
            if word >> (target % WORD) & 1 == 1 && !(self.excludes_self && source == target) {
                scratch.candidates[count as usize] = source;
                count += 1;
            }
        }
        count
    }
}

/// Fills `out` (of length degree) for a neuron with some of the candidates in the scratch.
fn choose(draws: &Subset, (neuron, is_target, candidates): (u32, bool, u32), out: &mut [u32], scratch: &mut Scratch) {
    let degree = draws.degree;
    let possible = degree == 0 || if draws.with_replacement { candidates > 0 } else { degree <= candidates };
    if !possible {
        scratch.few.get_or_insert(Few { neuron, is_target, degree, candidates, proportional: false });
        out.fill(0);
        return;
    }
    let places = Subset { pool: Neurons::all(candidates), excludes_self: false, ..*draws };
    let purpose = if is_target { purpose::IN_DEGREE } else { purpose::OUT_DEGREE };
    places.draw(neuron, purpose, out, &mut scratch.used);
    for place in out {
        *place = scratch.candidates[*place as usize];
    }
}

/// So many sources for each target.
pub struct InDegree {
    /// What each target draws; its pool means nothing.
    pub draws: Subset,
    /// Which targets.
    pub targets: Neurons,
    /// From which pairs.
    pub candidates: Candidates,
}

impl InDegree {
    /// How many sources a target has.
    pub fn degree(&self, target: u32) -> u32 {
        if self.targets.place(target).is_some() { self.draws.degree } else { 0 }
    }

    /// Fills `out` (of length degree) with the sources of a target, in no order. What has too few is left in `scratch.few`.
    pub fn column(&self, target: u32, out: &mut [u32], scratch: &mut Scratch) {
        let candidates = self.candidates.of_target(target, scratch);
        choose(&self.draws, (target, true, candidates), out, scratch);
    }
}

/// So many targets for each source.
pub struct OutDegree {
    /// What each source draws; its pool means nothing.
    pub draws: Subset,
    /// Which sources.
    pub sources: Neurons,
    /// From which pairs.
    pub candidates: Candidates,
}

impl OutDegree {
    /// Writes the targets of a source, ascending, if `out` has room; how many there are. What has too few is left in
    /// `scratch.few`, also without room.
    pub fn row(&self, source: u32, out: &mut [u32], scratch: &mut Scratch) -> usize {
        if self.sources.place(source).is_none() {
            return 0;
        }
        let degree = self.draws.degree as usize;
        let candidates = self.candidates.of_source(source, scratch);
        match out.get_mut(..degree) {
            Some(out) => {
                choose(&self.draws, (source, false, candidates), out, scratch);
                out.sort_unstable();
            }
            // Only whether it is possible.
            None if self.draws.with_replacement && candidates > 0 || candidates >= self.draws.degree => {}
            None => choose(&self.draws, (source, false, candidates), &mut [], scratch),
        }
        degree
    }
}

/// So many synapses in all.
pub struct Total {
    candidates: Candidates,
    /// The number of the first candidate of each target, and how many there are in all.
    starts: Buffer<u32>,
    /// How many synapses each target has.
    degrees: Buffer<u32>,
    chosen: Chosen,
    total: u64,
    longest: u32,
}

/// Numbers of candidates.
enum Chosen {
    /// A bit for each; whether those with a 1 are left out.
    Once { bits: Buffer<u64>, left_out: bool },
    /// Ascending, as often as they are chosen.
    Often(Buffer<u32>),
}

impl Total {
    /// `total` synapses from these candidates; of `draws` only stream, key and replacement mean something.
    ///
    /// # Errors
    /// No memory; fewer candidates, or more than can be numbered.
    pub fn new(
        total: u64,
        candidates: Candidates,
        draws: &Subset,
        scratch: &mut Scratch,
        projection: &'static str,
    ) -> Result<Total, Error> {
        let targets = u64::from(candidates.targets);
        let mut starts = Buffer::zeroed(targets + 1, WHAT)?;
        let mut pairs = 0u64;
        for target in 0..candidates.targets {
            pairs += u64::from(candidates.of_target(target, scratch));
            starts[target as usize + 1] = pairs as u32;
        }
        let Ok(count) = u32::try_from(pairs) else {
            return Err(Error::Candidates { projection, pairs });
        };
        let possible = total == 0 || if draws.with_replacement { pairs > 0 } else { total <= pairs };
        if !possible || total > super::MOST_IN_TOTAL {
            return Err(Error::Total { projection, total, pairs });
        }
        let mut words = Draws::new(draws.key, 0, draws.stream, purpose::TOTAL_FREE);
        let chosen = if draws.with_replacement {
            let mut numbers = Buffer::zeroed(total, WHAT)?;
            for (draw, to) in (0..).zip(numbers.iter_mut()) {
                *to = words.below(count, draw);
            }
            numbers.sort_unstable();
            Chosen::Often(numbers)
        } else {
            let left_out = total > pairs / 2;
            let wanted = if left_out { pairs - total } else { total } as u32;
            let mut bits = Buffer::zeroed(pairs.div_ceil(64), WHAT)?;
            for draw in 0..wanted {
                floyd(&mut words, count - wanted, draw, &mut bits);
            }
            Chosen::Once { bits, left_out }
        };
        let mut law = Total { candidates, starts, degrees: Buffer::zeroed(targets, WHAT)?, chosen, total, longest: 0 };
        for target in 0..law.candidates.targets {
            let mut degree = 0;
            law.places(target, |_| degree += 1);
            law.degrees[target as usize] = degree;
            law.longest = law.longest.max(degree);
        }
        Ok(law)
    }

    /// Calls `visit` with the place of each synapse of a target among its candidates, ascending.
    fn places(&self, target: u32, mut visit: impl FnMut(u32)) {
        let (first, end) = (self.starts[target as usize], self.starts[target as usize + 1]);
        match &self.chosen {
            Chosen::Once { bits, left_out } => {
                let is_one = |number: u32| bits[number as usize / 64] >> (number % 64) & 1 == 1;
                (first..end).filter(|&number| is_one(number) != *left_out).for_each(|number| visit(number - first));
            }
            Chosen::Often(numbers) => {
                let from = numbers.partition_point(|&number| number < first);
                numbers[from..].iter().take_while(|&&number| number < end).for_each(|number| visit(number - first));
            }
        }
    }

    /// From which pairs they are drawn.
    pub fn candidates(&self) -> &Candidates {
        &self.candidates
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
    pub fn degree(&self, target: u32) -> u32 {
        self.degrees.get(target as usize).copied().unwrap_or(0)
    }

    /// Fills `out` (of length degree) with the sources of a target, ascending.
    pub fn column(&self, target: u32, out: &mut [u32], scratch: &mut Scratch) {
        self.candidates.of_target(target, scratch);
        let mut room = out.iter_mut();
        self.places(target, |place| {
            if let Some(to) = room.next() {
                *to = scratch.candidates[place as usize];
            }
        });
    }
}
