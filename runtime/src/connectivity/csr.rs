//! Realising a law as compressed sparse rows, one set of rows for each part.
//!
//! The law is asked twice, first to count and then to fill, so that never two copies exist:
//! 4 bytes a synapse, its weight and states, and 8 bytes if there are columns. Rows are divided among threads when the law belongs to
//! sources, targets when it belongs to targets.

use core::ops::Range;

use bpc_runtime_abi::descriptor::{Projection, State, SynapseState, Table};
use bpc_runtime_abi::{Context, Network, Topology};

use super::columns::Columns;
use super::explicit::Explicit;
use super::pairwise::Evaluator;
use super::traversal::{BySource, Traversal};
use super::{Law, RowLaw, Scratch};
use crate::error::{BELOW_ZERO, Error, SynapseValue};
use crate::layout::Layout;
use crate::memory::{Buffer, Vector};
use crate::number;
use crate::synapses::{Kind, Synapses};
use crate::threads::{Lent, Team};

const WHAT: &str = "synapses";

/// The rows of one projection and part.
pub struct Part {
    row_starts: Buffer<u32>,
    targets: Buffer<u32>,
    /// None if the weight is one scalar; an array, even if empty, if not.
    weights: Option<Buffer<u8>>,
    /// One array for each state.
    states: Vector<Buffer<u8>>,
    /// Where these arrays are.
    state_pointers: Buffer<*mut u8>,
    columns: Option<Columns>,
}

// SAFETY: the pointers are only handed to generated code, where each thread writes its own part's.
unsafe impl Sync for Part {}

impl Part {
    /// As generated code sees it.
    pub fn topology(&self) -> Topology {
        let null = core::ptr::null();
        let weights = self.weights.as_ref();
        let columns = self.columns.as_ref();
        Topology {
            row_starts: self.row_starts.pointer(),
            targets: self.targets.pointer(),
            weights: weights.map_or(core::ptr::null_mut(), |it| it.pointer()),
            states: if self.states.is_empty() { null } else { self.state_pointers.pointer().cast() },
            column_starts: columns.map_or(core::ptr::null(), |it| it.starts.pointer()),
            column_synapses: columns.map_or(core::ptr::null(), |it| it.synapses.pointer()),
            column_rows: columns.map_or(core::ptr::null(), |it| it.rows.pointer()),
        }
    }

    /// Where each row starts, and the last one ends.
    pub fn row_starts(&self) -> &[u32] {
        &self.row_starts
    }

    /// The target of each synapse.
    pub fn targets(&self) -> &[u32] {
        &self.targets
    }

    /// The bytes of a quantity; none if synapses have it not.
    pub fn quantity(&self, kind: Kind) -> &[u8] {
        let buffer = match kind {
            Kind::Weight => self.weights.as_ref(),
            Kind::State(number) => self.states.get(number as usize),
        };
        buffer.map_or(&[], |it| &**it)
    }

    /// The same to write into.
    pub fn quantity_mut(&mut self, kind: Kind) -> &mut [u8] {
        let buffer = match kind {
            Kind::Weight => self.weights.as_mut(),
            Kind::State(number) => self.states.get_mut(number as usize),
        };
        buffer.map_or(&mut [], |it| &mut **it)
    }

    /// How many synapses.
    pub fn synapses(&self) -> u64 {
        self.targets.len() as u64
    }
}

/// What building one projection needs to know.
pub struct Builder<'a> {
    /// The generated functions.
    pub network: &'static Network,
    /// Their context, with parameters, derived scalars, seed and ranges.
    pub context: &'a Context,
    /// Index of the projection.
    pub index: u32,
    /// The projection.
    pub projection: Projection<'static>,
    /// The projection whose law decides, and its index: another one if this has its connections the other way round.
    pub decides: (u32, Projection<'static>),
    /// The synapses of the projection that the deciding rule is about, if it is about such.
    pub others: Option<Synapses<'a>>,
    /// The states that get how many synapses each neuron has, of the source and of the target, where they are wanted.
    pub degrees: [Option<State<'static>>; 2],
    /// The synapse states of the whole network.
    pub states: Table<'static, SynapseState<'static>>,
    /// Size of the source population.
    pub sources: u32,
    /// Size of the target population.
    pub targets: u32,
    /// Ranges of parts.
    pub layout: &'a Layout,
    /// Bytes of a weight.
    pub real_bytes: u32,
    /// The step in ms.
    pub dt: f64,
}

// SAFETY: the context is only read while building, here and in generated code.
unsafe impl Sync for Builder<'_> {}

impl Builder<'_> {
    /// Draws all connections, on all threads.
    pub fn build(&self, team: &Team) -> Result<Vector<Part>, Error> {
        let (index, deciding) = self.decides;
        let transposed = index != self.index;
        let evaluator = Evaluator { network: self.network, context: self.context, index };
        let sizes = if transposed { [self.targets, self.sources] } else { [self.sources, self.targets] };
        let law = Law::new(&deciding, sizes, self.context.seed, Some(evaluator), self.others)?;
        let mut parts = Vector::new();
        let rows = u64::from(self.sources).saturating_mul(self.projection.delays());
        if self.projection.columns && rows > u64::from(u32::MAX) {
            return Err(Error::TooManyRows { projection: self.projection.name, rows });
        }
        for _ in 0..self.layout.parts {
            let part = Part {
                row_starts: Buffer::zeroed(rows.saturating_add(1), WHAT)?,
                targets: Buffer::empty(),
                weights: None,
                states: Vector::new(),
                state_pointers: Buffer::empty(),
                columns: None,
            };
            parts.push(part, WHAT)?;
        }
        let lent = Lent::new(parts.as_ptr());
        // SAFETY: between barriers a thread has its own part, or its own rows of all parts.
        let part_of = |part: u32| unsafe { &mut *lent.at(part as usize).cast_mut() };
        let explicit = if let Law::Rows(RowLaw::Explicit(law)) = &law { Some(law) } else { None };
        match Traversal::of(&law, transposed) {
            Traversal::BySource(rows) => {
                team.try_run(|thread| {
                    let scratch = &mut Scratch::new(&law)?;
                    self.count_rows((&rows, explicit), scratch, &lent, self.rows_of(thread))
                })?;
                team.try_run(|part| self.make_room(part_of(part)))?;
                team.try_run(|thread| {
                    let scratch = &mut Scratch::new(&law)?;
                    self.fill_rows((&rows, explicit), scratch, &lent, self.rows_of(thread))
                })?;
            }
            Traversal::ByTarget(columns) => team.try_run(|part| {
                let scratch = &mut Scratch::new(&law)?;
                let sources = &mut *Buffer::zeroed(columns.longest(), "drawing connections")?;
                let filter = &mut self.filter(columns.longest())?;
                let mut each = |visit: &mut dyn FnMut(usize, u32)| {
                    for target in self.targets_of(part) {
                        let degree = columns.column(target, sources, scratch);
                        self.check(scratch)?;
                        let degree = self.keep_column(filter, target, sources.get_mut(..degree).unwrap_or_default())?;
                        for &source in sources.get(..degree).unwrap_or_default() {
                            visit(source as usize, target);
                        }
                    }
                    Ok(())
                };
                let part = part_of(part);
                let stride = self.stride();
                let synapses = columns.synapses().unwrap_or(0.0);
                if synapses / f64::from(self.layout.parts) > 2.0 * f64::from(u32::MAX) {
                    return Err(self.too_many(synapses / f64::from(self.layout.parts)));
                }
                each(&mut |source, _| {
                    if let Some(count) = part.row_starts.get_mut((source + 1) * stride) {
                        *count = count.saturating_add(1);
                    }
                })?;
                self.make_room(part)?;
                let Part { row_starts, targets, .. } = part;
                each(&mut |source, target| {
                    if let Some(next) = row_starts.get_mut(source * stride) {
                        if let Some(place) = targets.get_mut(*next as usize) {
                            *place = target;
                        }
                        *next += 1;
                    }
                })?;
                // Every start has become the next one's: move them back.
                for source in (1..=self.sources as usize).rev() {
                    if let Some(&start) = row_starts.get((source - 1) * stride) {
                        row_starts[source * stride] = start;
                    }
                }
                row_starts[0] = 0;
                Ok(())
            })?,
        }
        if self.degrees.iter().any(Option::is_some) {
            self.count_degrees(&parts)?;
        }
        if stride_or_weights(&self.projection) || self.states().next().is_some() {
            team.try_run(|part| self.values(&law, part_of(part), self.targets_of(part)))?;
        }
        if let Some(end) = self.projection.normalised {
            self.normalise(team, &mut parts, end)?;
        }
        if self.projection.columns {
            team.try_run(|part| {
                let range = self.layout.range(self.projection.target, part);
                let part = part_of(part);
                part.columns = Some(Columns::of(&part.row_starts, &part.targets, range)?);
                Ok(())
            })?;
        }
        Ok(parts)
    }

    /// Writes how many synapses each neuron has into the states that are wanted.
    fn count_degrees(&self, parts: &[Part]) -> Result<(), Error> {
        const DEGREES: &str = "degrees of neurons";
        let (stride, width) = (self.stride(), self.real_bytes as usize);
        let [sources, targets] = self.degrees;
        let write = |state: State<'static>, counts: &[u32]| {
            let length = counts.len() * width;
            // SAFETY: the descriptor has been checked: so many elements of the state are in the block, which nothing else uses while
            // connections are made, between the work of threads.
            let places =
                unsafe { core::slice::from_raw_parts_mut(self.context.state.add(state.offset as usize), length) };
            number::write_reals(places, width, counts.iter().map(|&count| count.into()));
        };
        if let Some(state) = sources.filter(|state| state.length >= u64::from(self.sources)) {
            let mut counts = Buffer::zeroed(self.sources.into(), DEGREES)?;
            for part in parts {
                let ends = part.row_starts.iter().step_by(stride);
                for (count, (first, end)) in counts.iter_mut().zip(ends.clone().zip(ends.skip(1))) {
                    *count += end - first;
                }
            }
            write(state, &counts);
        }
        if let Some(state) = targets.filter(|state| state.length >= u64::from(self.targets)) {
            let mut counts = Buffer::<u32>::zeroed(self.targets.into(), DEGREES)?;
            for &target in parts.iter().flat_map(|part| part.targets.iter()) {
                if let Some(count) = counts.get_mut(target as usize) {
                    *count += 1;
                }
            }
            write(state, &counts);
        }
        Ok(())
    }

    pub(super) fn stride(&self) -> usize {
        self.projection.delays() as usize
    }

    pub(super) fn states(&self) -> impl Iterator<Item = SynapseState<'static>> + use<> {
        let index = self.index;
        self.states.iter().filter(move |it| it.projection == index)
    }

    pub(super) fn rows_of(&self, thread: u32) -> Range<u32> {
        let border = |it: u32| (u64::from(self.sources) * u64::from(it) / u64::from(self.layout.parts)) as u32;
        border(thread)..border(thread + 1)
    }

    /// The targets of a part, without padding.
    fn targets_of(&self, part: u32) -> Range<u32> {
        let range = self.layout.range(self.projection.target, part);
        range.start.min(self.targets)..range.end.min(self.targets)
    }

    fn too_many(&self, synapses: f64) -> Error {
        Error::TooManySynapses { projection: self.projection.name, synapses }
    }

    /// Calls `visit(part, targets)` for the pieces of a row.
    #[inline]
    fn divide<'r>(&self, row: &'r [u32], mut visit: impl FnMut(u32, &'r [u32])) {
        let mut rest = row;
        for part in 0..self.layout.parts {
            let end = self.layout.range(self.projection.target, part).end;
            let (piece, after) = rest.split_at(rest.partition_point(|&it| it < end));
            visit(part, piece);
            rest = after;
        }
    }

    /// Leaves the length of each row where the next row's start will be.
    fn count_rows(
        &self,
        (law, explicit): (&BySource<'_>, Option<&Explicit>),
        scratch: &mut Scratch,
        parts: &Lent<Part>,
        rows: Range<u32>,
    ) -> Result<(), Error> {
        let stride = self.stride();
        let set = |part: u32, source: u32, length: usize| {
            // SAFETY: the part exists; its row starts are (sources * stride + 1) many, and no
            // other thread writes those of this source.
            unsafe {
                let starts = (*parts.at(part as usize)).row_starts.pointer();
                starts.add((source as usize + 1) * stride).write(length as u32);
            }
        };
        if self.layout.parts == 1 && self.projection.chosen.is_none() {
            for source in rows {
                set(0, source, law.row(source, &mut [], scratch));
                self.check(scratch)?;
            }
            return Ok(());
        }
        let mut buffer = Buffer::zeroed(law.longest(), "drawing connections")?;
        let filter = &mut self.filter(law.longest())?;
        for source in rows {
            let length = law.row(source, &mut buffer, scratch);
            self.check(scratch)?;
            let whole = buffer.get_mut(..length).unwrap_or_default();
            let length = self.keep_row(filter, source, whole, explicit)?;
            self.divide(buffer.get(..length).unwrap_or(&[]), |part, piece| {
                set(part, source, piece.len());
            });
        }
        Ok(())
    }

    /// Whether all probabilities were some, and all neurons had candidates enough.
    fn check(&self, scratch: &Scratch) -> Result<(), Error> {
        let projection = self.projection.name;
        match (scratch.fault, scratch.few) {
            (None, None) => Ok(()),
            (Some(fault), _) if self.decides.1.candidates.is_proportional() => {
                Err(Error::Proportion { projection, fault })
            }
            (Some(fault), _) => Err(Error::Probability { projection, fault }),
            (None, Some(few)) => Err(Error::FewCandidates { projection, few }),
        }
    }

    /// Turns lengths into starts, and makes room for so many synapses.
    fn make_room(&self, part: &mut Part) -> Result<(), Error> {
        let mut sum = 0u64;
        for start in part.row_starts.iter_mut().step_by(self.stride()) {
            sum += u64::from(*start);
            *start = sum as u32;
        }
        if sum > u64::from(u32::MAX) {
            return Err(self.too_many(sum as f64));
        }
        part.targets = Buffer::zeroed(sum, WHAT)?;
        if self.projection.weight_per_synapse {
            part.weights = Some(Buffer::zeroed(sum * u64::from(self.real_bytes), "weights")?);
        }
        const STATES: &str = "states of synapses";
        part.state_pointers = Buffer::zeroed(self.states().count() as u64, STATES)?;
        for pointer in part.state_pointers.iter_mut() {
            let values = Buffer::zeroed(sum * u64::from(self.real_bytes), STATES)?;
            *pointer = values.pointer();
            part.states.push(values, STATES)?;
        }
        Ok(())
    }

    fn fill_rows(
        &self,
        (law, explicit): (&BySource<'_>, Option<&Explicit>),
        scratch: &mut Scratch,
        parts: &Lent<Part>,
        rows: Range<u32>,
    ) -> Result<(), Error> {
        let stride = self.stride();
        let row_of = |part: u32, source: u32| {
            // SAFETY: the part exists; after counting, the row starts are ascending and end with
            // the number of targets; rows do not overlap, and each is filled by one thread.
            unsafe {
                let part = &*parts.at(part as usize);
                let start = part.row_starts[source as usize * stride] as usize;
                let end = part.row_starts[(source as usize + 1) * stride] as usize;
                core::slice::from_raw_parts_mut(part.targets.pointer().add(start), end - start)
            }
        };
        if self.layout.parts == 1 && self.projection.chosen.is_none() {
            for source in rows {
                law.row(source, row_of(0, source), scratch);
            }
            return Ok(());
        }
        let mut buffer = Buffer::zeroed(law.longest(), "drawing connections")?;
        let filter = &mut self.filter(law.longest())?;
        for source in rows {
            let length = law.row(source, &mut buffer, scratch);
            let whole = buffer.get_mut(..length).unwrap_or_default();
            let length = self.keep_row(filter, source, whole, explicit)?;
            self.divide(buffer.get(..length).unwrap_or(&[]), |part, piece| {
                for (to, &from) in row_of(part, source).iter_mut().zip(piece) {
                    *to = from;
                }
            });
        }
        Ok(())
    }

    /// Asks the network for delays, weights and initial states, and sorts every row by delay.
    fn values(&self, law: &Law, part: &mut Part, own: Range<u32>) -> Result<(), Error> {
        let stride = self.stride();
        let Part { row_starts, targets, weights, states, .. } = part;
        let longest = (0..self.sources as usize)
            .map(|source| row_starts[(source + 1) * stride] - row_starts[source * stride])
            .max()
            .unwrap_or(0)
            .into();
        let mut row = Row {
            values: Buffer::zeroed(longest, WHAT)?,
            ordinals: Buffer::zeroed(longest, WHAT)?,
            delays: Buffer::zeroed(if stride > 1 { longest } else { 0 }, WHAT)?,
            copy: Buffer::zeroed(if stride > 1 { longest } else { 0 }, WHAT)?,
            ordinals_copy: Buffer::zeroed(if stride > 1 { longest } else { 0 }, WHAT)?,
        };
        let mut filter = match law {
            Law::Rows(RowLaw::Explicit(law)) => self.filter(law.longest_row())?,
            _ => None,
        };
        for source in 0..self.sources {
            let (starts, next) = row_starts[source as usize * stride..].split_at_mut(stride);
            let (first, last) = (starts[0] as usize, next[0] as usize);
            let targets = &mut targets[first..last];
            match (law, targets.first()) {
                (Law::Rows(RowLaw::Explicit(law)), Some(_)) if let Some(filter) = &mut filter => {
                    let ordinals = row.ordinals.get_mut(..targets.len()).unwrap_or_default();
                    self.kept_numbers(filter, law, (source, own.clone()), ordinals)?;
                }
                (Law::Rows(RowLaw::Explicit(law)), Some(&first)) => {
                    law.numbers(source, first, row.ordinals.get_mut(..targets.len()).unwrap_or_default());
                }
                _ => row.number(targets),
            }
            if stride > 1 {
                self.ask(1, SynapseValue::Delay, source, targets, &mut row)?;
                self.sort_by_delay(targets, starts, &mut row);
            }
            if targets.is_empty() {
                continue;
            }
            let bytes = self.real_bytes as usize;
            let place = first * bytes..last * bytes;
            if let Some(weights) = weights.as_mut() {
                self.ask(0, SynapseValue::Weight, source, targets, &mut row)?;
                number::write_reals(&mut weights[place.clone()], bytes, row.values.iter().copied());
            }
            for (kind, (values, state)) in (3..).zip(states.iter_mut().zip(self.states())) {
                self.ask(kind, SynapseValue::State(state.name), source, targets, &mut row)?;
                number::write_reals(&mut values[place.clone()], bytes, row.values.iter().copied());
            }
        }
        Ok(())
    }

    /// Leaves the values of some synapses of a source in the row.
    pub(super) fn ask(
        &self,
        kind: u32,
        what: SynapseValue,
        source: u32,
        targets: &[u32],
        row: &mut Row,
    ) -> Result<(), Error> {
        let ordinals = row.ordinals.pointer();
        let values = row.values.pointer();
        let count = targets.len() as u64;
        // SAFETY: targets, ordinals and values have `count` elements; the context is complete.
        unsafe {
            let targets = targets.as_ptr();
            let context: *const Context = self.context;
            let (index, synapses) = (self.index, self.network.synapses);
            synapses(context, index, kind, source, count, targets, ordinals, values);
        }
        // Delays are not stored as real numbers.
        let width = if what == SynapseValue::Delay { 8 } else { self.real_bytes as usize };
        let is_delay = what.is_delay();
        let fine = |value: f64| number::fits(value, width) && !(is_delay && value < BELOW_ZERO);
        match row.values.iter().zip(targets).find(|&(&value, _)| !fine(value)) {
            None => Ok(()),
            Some((&value, &target)) => {
                Err(Error::Synapse { projection: self.projection.name, what, source, target, value })
            }
        }
    }

    /// By counting, which keeps the order of equal delays: (delay, target, ordinal).
    fn sort_by_delay(&self, targets: &mut [u32], starts: &mut [u32], row: &mut Row) {
        let first = starts[0];
        let (min, max) = (self.projection.min_delay, self.projection.max_delay);
        for start in starts.iter_mut() {
            *start = 0;
        }
        let count = targets.len();
        for (delay, &value) in row.delays.iter_mut().zip(row.values.iter()).take(count) {
            *delay = nearest_step(value, self.dt).clamp(min, max) - min;
            starts[*delay as usize] += 1;
        }
        let mut next = 0;
        for start in starts.iter_mut() {
            let length = *start;
            *start = next;
            next += length;
        }
        row.copy[..count].copy_from_slice(targets);
        row.ordinals_copy[..count].copy_from_slice(&row.ordinals[..count]);
        for n in 0..count {
            let start = &mut starts[row.delays[n] as usize];
            targets[*start as usize] = row.copy[n];
            row.ordinals[*start as usize] = row.ordinals_copy[n];
            *start += 1;
        }
        // Every start has become the next one's: move them back.
        starts.rotate_right(1);
        starts[0] = 0;
        for start in starts {
            *start += first;
        }
    }
}

/// Memory for one row's values.
pub(super) struct Row {
    pub(super) values: Buffer<f64>,
    pub(super) ordinals: Buffer<u32>,
    delays: Buffer<u32>,
    copy: Buffer<u32>,
    ordinals_copy: Buffer<u32>,
}

impl Row {
    /// Memory for rows of so many synapses, all of ordinal 0, that are not sorted.
    pub(super) fn of(longest: u64) -> Result<Row, Error> {
        let [delays, copy, ordinals_copy] = [Buffer::empty(), Buffer::empty(), Buffer::empty()];
        let (values, ordinals) = (Buffer::zeroed(longest, WHAT)?, Buffer::zeroed(longest, WHAT)?);
        Ok(Row { values, ordinals, delays, copy, ordinals_copy })
    }

    /// Numbers equal targets 0, 1, …
    pub(super) fn number(&mut self, targets: &[u32]) {
        let mut last = None;
        let mut ordinal = 0;
        for (to, &target) in self.ordinals.iter_mut().zip(targets) {
            ordinal = if last == Some(target) { ordinal + 1 } else { 0 };
            last = Some(target);
            *to = ordinal;
        }
    }
}

fn stride_or_weights(projection: &Projection) -> bool {
    projection.delays() > 1 || projection.weight_per_synapse
}

/// The whole number of steps nearest to a time, halves upwards; the one rounding of delays.
fn nearest_step(milliseconds: f64, dt: f64) -> u32 {
    let steps = milliseconds / dt;
    let whole = steps as u32;
    if steps - f64::from(whole) >= 0.5 { whole.saturating_add(1) } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_rounded_to_the_nearest_step() {
        for (milliseconds, steps) in
            [(1.5, 15), (1.54, 15), (1.56, 16), (0.25, 3), (-3.0, 0), (1e300, u32::MAX), (0.049, 0)]
        {
            assert_eq!(nearest_step(milliseconds, 0.1), steps, "{milliseconds}");
        }
    }
}
