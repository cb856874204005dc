//! Synapses that choose, each by a number of its own, in which of several projections they are: those of a whole matrix that go into one
//! compartment of their target are one projection, those into the next another.
//!
//! Generated code gives the number of each synapse, by its source, its target and its ordinal in the whole matrix. A projection keeps those
//! with its own number. Whoever has the same rule, seed, stream and numbers draws the same matrix, so that each synapse is in exactly one.

use core::ops::Range;

use bpc_runtime_abi::descriptor::Chosen;

use super::csr::{Builder, Row};
use super::explicit::Explicit;
use crate::error::{Error, SynapseValue};
use crate::memory::Buffer;

const WHAT: &str = "drawing connections";

/// Memory for one thread that keeps synapses.
pub(super) struct Filter {
    chosen: Chosen,
    row: Row,
    /// A row of the whole matrix.
    targets: Buffer<u32>,
}

impl Filter {
    /// For rows (or columns) of at most so many synapses.
    fn of(chosen: Chosen, longest: u64) -> Result<Filter, Error> {
        Ok(Filter { chosen, row: Row::of(longest)?, targets: Buffer::zeroed(longest, WHAT)? })
    }
}

impl Builder<'_> {
    /// What keeps synapses, if not all are.
    pub(super) fn filter(&self, longest: u64) -> Result<Option<Filter>, Error> {
        self.projection.chosen.map(|chosen| Filter::of(chosen, longest)).transpose()
    }

    /// Moves those targets of a row (ascending) to its beginning that are kept; how many. All, if there is no filter.
    pub(super) fn keep_row(
        &self,
        filter: &mut Option<Filter>,
        source: u32,
        targets: &mut [u32],
        law: Option<&Explicit>,
    ) -> Result<usize, Error> {
        match filter {
            Some(filter) => self.kept(filter, source, targets, law),
            None => Ok(targets.len()),
        }
    }

    /// The same with a filter, which leaves the ordinals of those that are kept in its row.
    fn kept(
        &self,
        Filter { chosen, row, .. }: &mut Filter,
        source: u32,
        targets: &mut [u32],
        law: Option<&Explicit>,
    ) -> Result<usize, Error> {
        match (law, targets.first()) {
            (Some(law), Some(&first)) => {
                law.numbers(source, first, row.ordinals.get_mut(..targets.len()).unwrap_or_default());
            }
            _ => row.number(targets),
        }
        self.ask_choice(chosen, source, targets, row)?;
        let mut kept = 0;
        for place in 0..targets.len() {
            if row.values[place] == f64::from(chosen.number) {
                targets[kept] = targets[place];
                row.ordinals[kept] = row.ordinals[place];
                kept += 1;
            }
        }
        Ok(kept)
    }

    /// Moves those sources of a target to the beginning that are kept, ascending; how many.
    pub(super) fn keep_column(
        &self,
        filter: &mut Option<Filter>,
        target: u32,
        sources: &mut [u32],
    ) -> Result<usize, Error> {
        let Some(Filter { chosen, row, .. }) = filter else { return Ok(sources.len()) };
        sources.sort_unstable();
        let (mut kept, mut last, mut ordinal) = (0, None, 0);
        for place in 0..sources.len() {
            let source = sources[place];
            ordinal = if last == Some(source) { ordinal + 1 } else { 0 };
            last = Some(source);
            row.ordinals[0] = ordinal;
            self.ask_choice(chosen, source, &[target], row)?;
            if row.values[0] == f64::from(chosen.number) {
                sources[kept] = source;
                kept += 1;
            }
        }
        Ok(kept)
    }

    /// The numbers in the lists that were given of those connections of a source that are kept, of the targets of one part.
    pub(super) fn kept_numbers(
        &self,
        filter: &mut Filter,
        law: &Explicit,
        (source, targets): (u32, Range<u32>),
        out: &mut [u32],
    ) -> Result<(), Error> {
        let mut whole = core::mem::replace(&mut filter.targets, Buffer::empty());
        let length = law.row(source, &mut whole);
        let row = whole.get_mut(..length).unwrap_or_default();
        let [first, end] = [targets.start, targets.end].map(|border| row.partition_point(|&it| it < border));
        let kept = self.kept(filter, source, row.get_mut(first..end).unwrap_or_default(), Some(law))?;
        filter.targets = whole;
        for (to, &number) in out.iter_mut().zip(filter.row.ordinals.iter().take(kept)) {
            *to = number;
        }
        Ok(())
    }

    /// Leaves the number of each synapse in the row, whose ordinals are there.
    fn ask_choice(&self, chosen: &Chosen, source: u32, targets: &[u32], row: &mut Row) -> Result<(), Error> {
        let kind = 3 + self.states().count() as u32 + u32::from(self.projection.normalised.is_some());
        self.ask(kind, SynapseValue::Choice, source, targets, row)?;
        let fine = |value: f64| (0.0..f64::from(chosen.of)).contains(&value) && value == f64::from(value as u32);
        match row.values.iter().zip(targets).find(|&(&value, _)| !fine(value)) {
            None => Ok(()),
            Some((&value, &target)) => Err(Error::Synapse {
                projection: self.projection.name,
                what: SynapseValue::Choice,
                source,
                target,
                value,
            }),
        }
    }
}
