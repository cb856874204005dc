//! Degrees and totals that prefer some pairs to others: neurons are drawn in proportion to a number of each pair.
//!
//! *Law.* Generated code gives each pair a number w from 0 to [`MOST`]; pairs of 0 (and those up to [`LEAST`]) are no candidates. With replacement
//! each synapse of a target (or of a source) takes a candidate of its own accord, with probability w over the sum of w; a total
//! takes pairs so. Without replacement they are taken one after another, each with probability w over the sum over those that
//! are left (Plackett 1975; Yates & Grundy 1953). That is what the least of -ln(1 - u) / w are, u uniform and of each pair (Efraimidis &
//! Spirakis 2006).
//!
//! *How.* Those who draw are gone through in blocks of 64 targets, because generated code answers for a block of targets at once, or as
//! single sources. Without replacement each keeps the least keys so far, as a heap. With replacement the sums come first; each synapse
//! is a point below the sum, and in a second pass these points, in order, meet the candidates. So memory is that of the synapses of a block,
//! however many neurons there are to draw from; a total takes 16 bytes for each synapse while it is drawn.

use bpc_runtime_abi::descriptor::Neurons;
use bpc_runtime_abi::purpose;

use super::Scratch;
use super::among::{Candidates, Few};
use super::pairwise::{BLOCK, Fault};
use crate::error::Error;
use crate::logarithm::log_of_complement;
use crate::memory::{Buffer, Plain};
use crate::philox::philox_lanes;

const WHAT: &str = "drawing connections";

/// The greatest number of a pair: the sum of 2^31 such is finite.
pub const MOST: f64 = 1e298;
/// What counts as zero: divided by greater ones, every key is finite.
const LEAST: f64 = 1e-298;

/// Targets that draw together.
const WIDTH: u32 = 64;
/// Counters that are drawn together. Changes speed, not results.
const LANES: usize = 8;

/// A candidate, or a pair, and its key; the least are taken.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    key: f64,
    number: u64,
}

// SAFETY: two numbers, both of which may be zero.
unsafe impl Plain for Entry {}

impl Entry {
    /// By key, and of equal keys by number.
    fn is_before(&self, other: &Entry) -> bool {
        self.key < other.key || self.key == other.key && self.number < other.number
    }
}

/// The least of many entries: a heap, whose first is the greatest of them, that fills the beginning of `room`.
struct Least<'r> {
    room: &'r mut [Entry],
    length: &'r mut usize,
}

impl Least<'_> {
    /// Takes a candidate whose exponential number, -ln(1 - uniform) / value, is among the least.
    fn consider(&mut self, uniform: f64, value: f64, number: u64) {
        // That is at least uniform / value: most need no logarithm.
        let full = *self.length == self.room.len();
        if full && self.room.first().is_none_or(|first| uniform >= first.key * value) {
            return;
        }
        self.offer(Entry { key: -log_of_complement(uniform) / value, number });
    }

    fn offer(&mut self, entry: Entry) {
        if *self.length < self.room.len() {
            let mut place = *self.length;
            self.room[place] = entry;
            *self.length += 1;
            while place > 0 && self.room[(place - 1) / 2].is_before(&self.room[place]) {
                self.room.swap(place, (place - 1) / 2);
                place = (place - 1) / 2;
            }
        } else if self.room.first().is_some_and(|first| entry.is_before(first)) {
            self.room[0] = entry;
            self.sink();
        }
    }

    /// Moves the first down to where it belongs.
    fn sink(&mut self) {
        let mut place = 0;
        loop {
            let mut greatest = place;
            for child in [2 * place + 1, 2 * place + 2] {
                if child < self.room.len() && self.room[greatest].is_before(&self.room[child]) {
                    greatest = child;
                }
            }
            if greatest == place {
                return;
            }
            self.room.swap(place, greatest);
            place = greatest;
        }
    }
}

/// Those who draw at once.
#[derive(Clone, Copy)]
enum Drawers {
    /// So many targets, from the first on.
    Targets(u32, u32),
    /// A source.
    Source(u32),
}

/// Numbers of pairs: of one candidate and a row of targets that draw, or of a source that draws and a row of candidates.
struct Strip<'v> {
    drawer: u32,
    candidate: u32,
    of_drawers: bool,
    values: &'v [f64],
}

impl Strip<'_> {
    /// Who draws, and from whom, at a place.
    fn at(&self, place: usize) -> [u32; 2] {
        let place = place as u32;
        if self.of_drawers { [self.drawer + place, self.candidate] } else { [self.drawer, self.candidate + place] }
    }

    /// The place among those who draw.
    fn list(&self, place: usize) -> usize {
        if self.of_drawers { place } else { 0 }
    }
}

/// What draws have in common.
#[derive(Clone, Copy)]
pub struct Choice {
    /// Whether one may be drawn twice.
    pub with_replacement: bool,
    /// The projection's stream.
    pub stream: u32,
    /// The seed.
    pub key: [u32; 2],
    /// What random words are for: [`purpose::PROPORTIONAL_SOURCE`] where targets draw, [`purpose::PROPORTIONAL_TARGET`] where sources do.
    pub purpose: u32,
}

impl Choice {
    /// 64-bit numbers at these addresses.
    fn numbers(&self, first: [u64; LANES], second: [u64; LANES], purpose: u32) -> [u64; LANES] {
        let [high, low, ..] =
            philox_lanes([first, second, [self.stream.into(); LANES], [purpose.into(); LANES]], self.key);
        core::array::from_fn(|lane| high[lane] << 32 | low[lane])
    }

    /// Calls `visit` with the place of each candidate of a strip, a uniform number of its own, and its value.
    fn uniforms(&self, strip: &Strip<'_>, mut visit: impl FnMut(usize, f64, f64)) {
        for (group, values) in strip.values.chunks(LANES).enumerate() {
            if values.iter().all(|&value| value == 0.0) {
                continue;
            }
            let at = |end: usize| core::array::from_fn(|lane| strip.at(group * LANES + lane)[end].into());
            let numbers = self.numbers(at(0), at(1), self.purpose);
            for (lane, (&value, number)) in values.iter().zip(numbers).enumerate().filter(|it| *it.1.0 > 0.0) {
                visit(group * LANES + lane, inside(number), value);
            }
        }
    }
}

/// A number above 0 and below 1.
fn inside(number: u64) -> f64 {
    const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;
    ((number as f64 + 0.5) * (1.0 / 18_446_744_073_709_551_616.0)).min(BELOW_ONE)
}

impl Candidates {
    /// Calls `visit` with the numbers of all pairs of those who draw, candidates ascending. The first that is none is left in
    /// `scratch.fault`, and counts as zero.
    fn strips(&self, drawers: Drawers, scratch: &mut Scratch, mut visit: impl FnMut(&Strip<'_>)) {
        match drawers {
            Drawers::Targets(first, width) => {
                for source in 0..self.sources {
                    self.numbers(source, first, width as usize, scratch);
                    let values = scratch.values.get(..width as usize).unwrap_or_default();
                    visit(&Strip { drawer: first, candidate: source, of_drawers: true, values });
                }
            }
            Drawers::Source(source) => {
                for first in (0..self.targets).step_by(BLOCK) {
                    let width = (self.targets - first).min(BLOCK as u32) as usize;
                    self.numbers(source, first, width, scratch);
                    let values = scratch.values.get(..width).unwrap_or_default();
                    visit(&Strip { drawer: source, candidate: first, of_drawers: false, values });
                }
            }
        }
    }

    /// Leaves the numbers of a source and of targets in the scratch, 0 where there is no candidate.
    fn numbers(&self, source: u32, first: u32, width: usize, scratch: &mut Scratch) {
        self.evaluator.ask(source, first, width, self.targets, scratch);
        let Scratch { values, fault, .. } = scratch;
        for (value, target) in values.iter_mut().take(width).zip(first..) {
            if self.excludes_self && target == source {
                *value = 0.0;
            } else if !(0.0..=MOST).contains(value) {
                fault.get_or_insert(Fault { source, target, value: *value });
                *value = 0.0;
            } else if *value <= LEAST {
                *value = 0.0;
            }
        }
    }
}

/// What a block of those who draw has drawn, and memory for it.
pub struct Lists {
    /// Which block.
    block: Option<u32>,
    /// Where the list of each begins, and the last one ends.
    starts: [usize; WIDTH as usize + 1],
    entries: Buffer<Entry>,
    points: Buffer<f64>,
    chosen: Buffer<u32>,
}

impl Lists {
    /// No memory.
    pub const fn none() -> Lists {
        Lists {
            block: None,
            starts: [0; WIDTH as usize + 1],
            entries: Buffer::empty(),
            points: Buffer::empty(),
            chosen: Buffer::empty(),
        }
    }

    /// Memory for so many synapses of a block.
    ///
    /// # Errors
    /// No memory.
    fn of(synapses: u64, with_replacement: bool) -> Result<Lists, Error> {
        let [entries, points] = if with_replacement { [0, synapses] } else { [synapses, 0] };
        Ok(Lists {
            entries: Buffer::zeroed(entries, WHAT)?,
            points: Buffer::zeroed(points, WHAT)?,
            chosen: Buffer::zeroed(synapses, WHAT)?,
            ..Lists::none()
        })
    }

    /// Where the list of one begins, in a block in which each has so many.
    fn lay_out(&mut self, degrees: impl Iterator<Item = u32>) {
        let mut end = 0;
        for (start, degree) in self.starts.iter_mut().skip(1).zip(degrees) {
            end += degree as usize;
            *start = end;
        }
    }

    /// The list of one of the block.
    fn list(&self, place: usize) -> &[u32] {
        let (first, end) = (self.starts[place], self.starts[place + 1]);
        self.chosen.get(first..end).unwrap_or_default()
    }
}

/// How many candidates each of a block has.
type Counts = [u32; WIDTH as usize];

impl Choice {
    /// Fills the lists of those who draw; how many candidates each has. Who has too few gets any neurons.
    fn fill(&self, from: &Candidates, drawers: Drawers, lists: &mut Lists, scratch: &mut Scratch) -> Counts {
        if self.with_replacement {
            self.fill_with_replacement(from, drawers, lists, scratch)
        } else {
            self.fill_without_replacement(from, drawers, lists, scratch)
        }
    }

    fn fill_without_replacement(
        &self,
        from: &Candidates,
        drawers: Drawers,
        lists: &mut Lists,
        scratch: &mut Scratch,
    ) -> Counts {
        let mut counts = [0; WIDTH as usize];
        let mut lengths = [0; WIDTH as usize];
        let Lists { starts, entries, chosen, .. } = lists;
        from.strips(drawers, scratch, |strip| {
            count(strip, &mut counts);
            self.uniforms(strip, |place, uniform, value| {
                let list = strip.list(place);
                let room = &mut entries[starts[list]..starts[list + 1]];
                let number = strip.at(place)[1].into();
                Least { room, length: &mut lengths[list] }.consider(uniform, value, number);
            });
        });
        for (to, entry) in chosen.iter_mut().zip(entries.iter()) {
            *to = entry.number as u32;
        }
        counts
    }

    fn fill_with_replacement(
        &self,
        from: &Candidates,
        drawers: Drawers,
        lists: &mut Lists,
        scratch: &mut Scratch,
    ) -> Counts {
        let mut counts = [0; WIDTH as usize];
        let mut sums = [0.0; WIDTH as usize];
        from.strips(drawers, scratch, |strip| {
            count(strip, &mut counts);
            for (place, value) in strip.values.iter().enumerate() {
                sums[strip.list(place)] += value;
            }
        });
        let Lists { starts, points, chosen, .. } = lists;
        let (first, width) = match drawers {
            Drawers::Targets(first, width) => (first, width as usize),
            Drawers::Source(source) => (source, 1),
        };
        for (place, drawer) in (0..width).zip(first..) {
            let points = &mut points[starts[place]..starts[place + 1]];
            self.points(drawer, sums[place], points);
            points.sort_unstable_by(f64::total_cmp);
        }
        let (mut running, mut next) = ([0.0; WIDTH as usize], *starts);
        from.strips(drawers, scratch, |strip| {
            for (place, value) in strip.values.iter().enumerate().filter(|it| *it.1 > 0.0) {
                let (list, candidate) = (strip.list(place), strip.at(place)[1]);
                running[list] += value;
                let end = starts[list + 1];
                // The last has the rest, though none is left but where a sum was rounded.
                while next[list] < end && points[next[list]] < running[list] {
                    chosen[next[list]] = candidate;
                    next[list] += 1;
                }
                if let Some(rest) = chosen.get_mut(next[list]..end) {
                    rest.fill(candidate);
                }
            }
        });
        counts
    }

    /// Points below a sum, of one who draws.
    fn points(&self, drawer: u32, sum: f64, points: &mut [f64]) {
        for (group, points) in points.chunks_mut(LANES).enumerate() {
            let draws = core::array::from_fn(|lane| (group * LANES + lane) as u64);
            let numbers = self.numbers([drawer.into(); LANES], draws, self.purpose);
            for (point, number) in points.iter_mut().zip(numbers) {
                *point = below(number, sum);
            }
        }
    }
}

/// A point from 0 up to a sum, which it does not reach: a multiple of 2^-53 of it.
fn below(number: u64, sum: f64) -> f64 {
    (number >> 11) as f64 * (f64::EPSILON / 2.0) * sum
}

fn count(strip: &Strip<'_>, counts: &mut Counts) {
    for (place, value) in strip.values.iter().enumerate() {
        counts[strip.list(place)] += u32::from(*value > 0.0);
    }
}

/// A degree drawn in proportion.
pub struct Degree {
    /// How many each draws.
    pub degree: u32,
    /// How.
    pub choice: Choice,
    /// Who draws.
    pub drawers: Neurons,
    /// From which pairs.
    pub candidates: Candidates,
}

impl Degree {
    /// What each thread needs.
    ///
    /// # Errors
    /// No memory.
    pub fn lists(&self) -> Result<Lists, Error> {
        let together = if self.is_of_targets() { WIDTH.min(self.candidates.targets) } else { 1 };
        Lists::of(u64::from(self.degree) * u64::from(together), self.choice.with_replacement)
    }

    fn is_of_targets(&self) -> bool {
        self.choice.purpose == purpose::PROPORTIONAL_SOURCE
    }

    /// How many one draws.
    pub fn degree(&self, drawer: u32) -> u32 {
        if self.drawers.place(drawer).is_some() { self.degree } else { 0 }
    }

    /// Leaves in `scratch.few` who has fewer candidates than it must draw.
    fn check(&self, neuron: u32, candidates: u32, scratch: &mut Scratch) {
        let possible = if self.choice.with_replacement { candidates > 0 } else { self.degree <= candidates };
        if self.degree(neuron) > 0 && !possible {
            let (is_target, degree) = (self.is_of_targets(), self.degree);
            scratch.few.get_or_insert(Few { neuron, is_target, degree, candidates, proportional: true });
        }
    }

    /// Fills `out` (of length degree) with the sources of a target, in no order. What is wrong is left in the scratch.
    pub fn column(&self, target: u32, out: &mut [u32], scratch: &mut Scratch) {
        let block = target / WIDTH;
        let first = block * WIDTH;
        let mut lists = core::mem::replace(&mut scratch.lists, Lists::none());
        if lists.block != Some(block) {
            let width = (self.candidates.targets - first).min(WIDTH);
            lists.lay_out((first..first + width).map(|target| self.degree(target)));
            let counts = self.choice.fill(&self.candidates, Drawers::Targets(first, width), &mut lists, scratch);
            for (target, candidates) in (first..first + width).zip(counts) {
                self.check(target, candidates, scratch);
            }
            lists.block = Some(block);
        }
        for (to, &source) in out.iter_mut().zip(lists.list((target - first) as usize)) {
            *to = source;
        }
        scratch.lists = lists;
    }

    /// Writes the targets of a source, ascending, if `out` has room; how many there are. What is wrong is left in the scratch, also
    /// without room.
    pub fn row(&self, source: u32, out: &mut [u32], scratch: &mut Scratch) -> usize {
        let degree = self.degree(source);
        if degree == 0 {
            return 0;
        }
        let drawers = Drawers::Source(source);
        let mut counts = [0; WIDTH as usize];
        match out.get_mut(..degree as usize) {
            Some(out) => {
                let mut lists = core::mem::replace(&mut scratch.lists, Lists::none());
                lists.lay_out([degree].into_iter());
                counts = self.choice.fill(&self.candidates, drawers, &mut lists, scratch);
                for (to, &target) in out.iter_mut().zip(lists.list(0)) {
                    *to = target;
                }
                out.sort_unstable();
                scratch.lists = lists;
            }
            None => self.candidates.strips(drawers, scratch, |strip| count(strip, &mut counts)),
        }
        self.check(source, counts[0], scratch);
        degree as usize
    }
}

/// A total drawn in proportion.
pub struct Total {
    /// Where the sources of each target begin, and the last ones end.
    starts: Buffer<u32>,
    /// The source of each synapse.
    sources: Buffer<u32>,
    longest: u32,
}

impl Total {
    /// `total` synapses, at most 2^31.
    ///
    /// # Errors
    /// No memory; a number that is none; fewer pairs than synapses.
    pub fn new(
        total: u64,
        candidates: &Candidates,
        choice: &Choice,
        scratch: &mut Scratch,
        projection: &'static str,
    ) -> Result<Total, Error> {
        let mut law = Total {
            starts: Buffer::zeroed(u64::from(candidates.targets) + 1, WHAT)?,
            sources: Buffer::zeroed(total, WHAT)?,
            longest: 0,
        };
        let pairs = if choice.with_replacement {
            law.with_replacement(total, candidates, choice, scratch)?
        } else {
            law.without_replacement(total, candidates, choice, scratch)?
        };
        if let Some(fault) = scratch.fault {
            return Err(Error::Proportion { projection, fault });
        }
        let possible = total == 0 || if choice.with_replacement { pairs > 0 } else { total <= pairs };
        if !possible {
            return Err(Error::FewPairs { projection, total, pairs });
        }
        law.longest = law.starts.windows(2).map(|two| two[1] - two[0]).max().unwrap_or(0);
        Ok(law)
    }

    fn without_replacement(
        &mut self,
        total: u64,
        candidates: &Candidates,
        choice: &Choice,
        scratch: &mut Scratch,
    ) -> Result<u64, Error> {
        let mut entries: Buffer<Entry> = Buffer::zeroed(total, WHAT)?;
        let (mut length, mut pairs) = (0, 0);
        for (first, width) in blocks(candidates.targets) {
            candidates.strips(Drawers::Targets(first, width), scratch, |strip| {
                pairs += strip.values.iter().filter(|&&value| value > 0.0).count() as u64;
                let mut least = Least { room: &mut entries, length: &mut length };
                choice.uniforms(strip, |place, uniform, value| {
                    let [target, source] = strip.at(place).map(u64::from);
                    least.consider(uniform, value, target << 32 | source);
                });
            });
        }
        entries.sort_unstable_by_key(|entry| entry.number);
        for (source, entry) in self.sources.iter_mut().zip(entries.iter().take(length)) {
            *source = entry.number as u32;
            self.starts[(entry.number >> 32) as usize + 1] += 1;
        }
        self.add_up();
        Ok(pairs)
    }

    fn with_replacement(
        &mut self,
        total: u64,
        candidates: &Candidates,
        choice: &Choice,
        scratch: &mut Scratch,
    ) -> Result<u64, Error> {
        let mut ends: Buffer<f64> = Buffer::zeroed(candidates.targets.into(), WHAT)?;
        let mut pairs = 0;
        for (first, width) in blocks(candidates.targets) {
            candidates.strips(Drawers::Targets(first, width), scratch, |strip| {
                for (place, value) in strip.values.iter().enumerate().filter(|it| *it.1 > 0.0) {
                    ends[first as usize + place] += value;
                    pairs += 1;
                }
            });
        }
        let mut sum = 0.0;
        for end in ends.iter_mut() {
            sum += *end;
            *end = sum;
        }
        if pairs == 0 {
            return Ok(0);
        }
        // The last target that has a candidate: where a sum was rounded, it has the rest.
        let last = ends.partition_point(|&end| end < sum);
        for first in (0..total).step_by(LANES) {
            let draws = core::array::from_fn(|lane| first + lane as u64);
            let numbers = choice.numbers([0; LANES], draws, purpose::PROPORTIONAL_TOTAL);
            for number in numbers.into_iter().take((total - first).min(LANES as u64) as usize) {
                let point = below(number, sum);
                let target = ends.partition_point(|&end| end <= point).min(last);
                self.starts[target + 1] += 1;
            }
        }
        self.add_up();
        let mut most = 0;
        for (first, width) in blocks(candidates.targets) {
            most = most.max(self.starts[(first + width) as usize] - self.starts[first as usize]);
        }
        let mut lists = Lists::of(most.into(), true)?;
        for (first, width) in blocks(candidates.targets) {
            let (start, end) = (self.starts[first as usize] as usize, self.starts[(first + width) as usize] as usize);
            if start < end {
                lists.lay_out((first..first + width).map(|target| self.degree(target)));
                choice.fill(candidates, Drawers::Targets(first, width), &mut lists, scratch);
                for (to, &source) in self.sources[start..end].iter_mut().zip(lists.chosen.iter()) {
                    *to = source;
                }
            }
        }
        Ok(pairs)
    }

    /// Turns the degree of each target, behind its place, into starts.
    fn add_up(&mut self) {
        let mut sum = 0;
        for start in self.starts.iter_mut() {
            sum += *start;
            *start = sum;
        }
    }

    /// How many synapses there are in all.
    pub fn total(&self) -> u64 {
        self.sources.len() as u64
    }

    /// The greatest in-degree.
    pub fn longest(&self) -> u32 {
        self.longest
    }

    /// The in-degree of a target.
    pub fn degree(&self, target: u32) -> u32 {
        self.starts[target as usize + 1] - self.starts[target as usize]
    }

    /// Fills `out` (of length degree) with the sources of a target.
    pub fn column(&self, target: u32, out: &mut [u32]) {
        let (first, end) = (self.starts[target as usize] as usize, self.starts[target as usize + 1] as usize);
        for (to, &source) in out.iter_mut().zip(self.sources.get(first..end).unwrap_or_default()) {
            *to = source;
        }
    }
}

/// First and count of each block of targets.
fn blocks(targets: u32) -> impl Iterator<Item = (u32, u32)> {
    (0..targets).step_by(WIDTH as usize).map(move |first| (first, (targets - first).min(WIDTH)))
}
