//! One run of a compiled network in this process: build, step, collect.

use crate::failure::Failure;
use crate::interrupt;
use crate::kept::{ALL, Fold, Kept, name_of, number_of};
use crate::plot::shown_neurons;
use crate::statistics::{Spikes, Window, holds};
use bpc_core::execute::{Instance, Session, Synapses};
use bpc_sema::model::{
    Aggregate, Change, Delay, Expectation, Expected, Model, Projection, Record, RecordTarget, Source,
};
use std::borrow::Cow;
use std::ops::Range;
use std::time::{Duration, Instant};

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Worker threads.
    pub threads: u32,
    /// Which spikes are kept, besides being counted.
    pub keep: Keep,
    /// Whether a bar is drawn on standard error (if that is a terminal).
    pub progress: bool,
}

/// Which spikes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// None: they are only counted.
    Nothing,
    /// Those of every population.
    Everything,
}

/// What became of one population.
#[derive(Clone, Debug)]
pub struct PopulationResult {
    /// Its name.
    pub name: String,
    /// How many neurons it has.
    pub size: u64,
    /// Whether its spikes are a named event of another population's neurons.
    pub is_event: bool,
    /// How many spikes.
    pub count: u64,
    /// Which, if they were kept.
    pub spikes: Spikes,
    /// Of which neurons the model asks to record them: ranges that ascend and do not touch.
    pub recorded: Vec<Range<u64>>,
}

impl PopulationResult {
    /// The neurons that are shown: those that are recorded, or all if none are.
    fn ranges(&self) -> impl Iterator<Item = Range<u64>> {
        let all = self.recorded.is_empty().then_some(0..self.size);
        self.recorded.iter().cloned().chain(all)
    }

    /// How many neurons are shown at most.
    pub fn candidates(&self) -> u64 {
        self.ranges().map(|range| range.end - range.start).sum()
    }

    /// The first and the last neuron that are shown.
    pub fn ends(&self) -> (u64, u64) {
        let last = self.recorded.last().map_or(self.size, |range| range.end);
        (self.recorded.first().map_or(0, |range| range.start), last.saturating_sub(1))
    }

    /// So many of the neurons that are shown, or all of them.
    pub fn shown(&self, most: u64) -> Vec<u32> {
        let place = |mut place: u64| {
            let found = self.ranges().find_map(|range| {
                let length = range.end - range.start;
                if place < length {
                    return Some(range.start + place);
                }
                place -= length;
                None
            });
            found.and_then(|neuron| u32::try_from(neuron).ok())
        };
        shown_neurons(self.candidates(), most).into_iter().filter_map(|it| place(it.into())).collect()
    }

    /// The spikes that the model asks for, or all if it asks for none.
    pub fn recorded_spikes(&self) -> Cow<'_, Spikes> {
        match self.recorded.as_slice() {
            [] => Cow::Borrowed(&self.spikes),
            [all] if *all == (0..self.size) => Cow::Borrowed(&self.spikes),
            ranges => Cow::Owned(self.spikes.of_neurons(|neuron| ranges.iter().any(|range| range.contains(&neuron)))),
        }
    }

    /// Spikes per neuron and second.
    pub fn rate_hz(&self, outcome: &Outcome) -> f64 {
        let seconds = outcome.simulated_ms() / 1e3;
        if seconds > 0.0 { self.count as f64 / (self.size as f64 * seconds) } else { 0.0 }
    }
}

/// What one `record` statement collected.
#[derive(Clone, Debug)]
pub struct Trace {
    /// As written: `E.V[0..4]`.
    pub name: String,
    /// `E.V`
    pub state: String,
    /// The first element.
    pub first: u64,
    /// How many elements.
    pub elements: usize,
    /// Whether it is one number for many neurons or synapses.
    pub single: bool,
    /// Every how many steps.
    pub every: u64,
    /// The unit of the values.
    pub unit: String,
    /// Sample after sample, `elements` each.
    pub values: Vec<f64>,
}

impl Trace {
    /// How many samples there are.
    pub fn samples(&self) -> usize {
        self.values.len() / self.elements.max(1)
    }

    /// The population or projection that it belongs to: `E` of `E.V`, of `mean(E.V)` and of `rate(E)`.
    pub fn owner(&self) -> &str {
        match self.state.split_once('(') {
            None => self.state.rsplit_once('.').map_or("", |(owner, _)| owner),
            Some((_, of)) => {
                let of = of.trim_end_matches(')');
                of.rsplit_once('.').map_or(of, |(owner, _)| owner)
            }
        }
    }

    /// The time of each sample: the end of the step it was taken in.
    pub fn times_ms(&self, dt: f64) -> impl Iterator<Item = f64> + '_ {
        (1..=self.samples()).map(move |k| (k as u64 * self.every) as f64 * dt)
    }
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The network.
    pub network: String,
    /// Steps that were made.
    pub steps: u64,
    /// Steps that were asked for.
    pub steps_asked: u64,
    /// The step in ms.
    pub dt: f64,
    /// The seed.
    pub seed: u64,
    /// How many synapses were built.
    pub synapses: u64,
    /// In source order.
    pub populations: Vec<PopulationResult>,
    /// In source order.
    pub traces: Vec<Trace>,
    /// What was measured of values for each expectation, in internal units; NaN for those about spikes.
    pub measured: Vec<f64>,
    /// The projections of which values of single synapses are recorded; element i of such a trace
    /// belongs to synapse `first + i` here.
    pub connections: Vec<(String, Synapses)>,
    /// Of all (step, population, neuron) in order.
    pub spike_hash: [u8; 16],
    /// Construction of the network.
    pub init: Duration,
    /// Stepping.
    pub run: Duration,
    /// Why it ended early, if a number went wrong.
    pub failure: Option<String>,
    /// Whether Ctrl-C ended it.
    pub interrupted: bool,
}

impl Outcome {
    /// How many neurons there are.
    pub fn neurons(&self) -> u64 {
        self.populations.iter().filter(|p| !p.is_event).map(|p| p.size).sum()
    }

    /// Simulated time in ms.
    pub fn simulated_ms(&self) -> f64 {
        self.steps as f64 * self.dt
    }

    /// Simulated time over the time that it took.
    pub fn realtime_factor(&self) -> f64 {
        let run = self.run.as_secs_f64();
        if run > 0.0 { self.simulated_ms() / 1e3 / run } else { 0.0 }
    }

    /// The hash in hexadecimal.
    pub fn hash_text(&self) -> String {
        self.spike_hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The measured value of each expectation, and whether it holds.
    pub fn expectations<'m>(&self, model: &'m Model) -> Vec<(&'m Expectation, f64, bool)> {
        let of_spikes = |e: &Expectation, spikes: &Spikes, size, statistic| {
            let end = e.to_step.map_or(self.steps, |to| to.min(self.steps));
            Window::new(spikes, size, e.from_step, end, self.dt).measure(statistic)
        };
        let measure = |(e, of_values): (&'m Expectation, &f64)| {
            let value = match e.measured {
                Expected::Values(_) => *of_values,
                Expected::Spikes { statistic, population, neurons } => {
                    let population = &self.populations[population.0];
                    match neurons {
                        None => of_spikes(e, &population.spikes, population.size, statistic),
                        Some((first, last)) => {
                            let part = population.spikes.of_neurons(|neuron| (first..last).contains(&neuron));
                            of_spikes(e, &part, last - first, statistic)
                        }
                    }
                }
            };
            (e, value, holds(e, value))
        };
        model.simulation.expectations.iter().zip(&self.measured).map(measure).collect()
    }
}

/// How long a chunk of steps should take.
const CHUNK: f64 = 0.05;

/// Builds the network and makes all its steps.
///
/// # Errors
/// If it cannot be built. A number that goes wrong later is told in the outcome, which then has
/// everything up to there.
pub fn simulate(session: &Session, model: &Model, manner: Manner) -> Result<Outcome, Failure> {
    if let Some(text) = many_pairs(model).filter(|_| manner.progress) {
        crate::console::note(&text);
    }
    let begin = Instant::now();
    let mut instance = session.create(model.simulation.seed, manner.threads).map_err(Failure::run)?;
    let mut collect = Collect::start(&mut instance, model, manner.keep)?;
    let init = begin.elapsed();

    let asked = model.simulation.steps;
    let bar = crate::progress::Bar::new(manner.progress, &model.network, asked, model.simulation.dt);
    let interrupt = interrupt::Guard::install();
    let begin = Instant::now();
    let (mut done, mut chunk, mut failure) = (0, 1, None);
    let mut changes = model.simulation.changes.as_slice();
    while done < asked && !interrupt::asked() {
        changes = change(&mut instance, model, changes, done)?;
        let next = changes.first().map_or(asked, |change| change.step.min(asked));
        let steps = chunk.min(next - done);
        let chunk_begin = Instant::now();
        let result = instance.step(steps);
        let taken = chunk_begin.elapsed().as_secs_f64();
        done = instance.step_count();
        collect.take(&mut instance)?;
        if let Err(text) = result {
            failure = Some(text);
            break;
        }
        bar.advance_to(done);
        chunk = next_chunk(steps, taken);
    }
    if failure.is_none() {
        failure = instance.step(0).err();
        done = instance.step_count();
    }
    let run = begin.elapsed();
    drop(interrupt);
    bar.finish();

    let mut populations = collect.populations;
    for (population, handle) in populations.iter_mut().zip(&collect.handles) {
        population.count = instance.spike_count(*handle);
    }
    Ok(Outcome {
        network: model.network.clone(),
        steps: done,
        steps_asked: asked,
        dt: model.simulation.dt,
        seed: model.simulation.seed,
        synapses: instance.synapse_count(),
        populations,
        traces: collect.traces,
        measured: collect.folds.iter().map(|fold| fold.as_ref().map_or(f64::NAN, |(_, fold)| fold.value())).collect(),
        connections: collect.connections,
        spike_hash: instance.spike_hash(),
        init,
        run,
        interrupted: done < asked && failure.is_none(),
        failure,
    })
}

/// Pairs that are looked at one by one before the first step without a word: some tens of seconds on one core.
const MANY_PAIRS: u64 = 10_000_000_000;

/// That a rule looks at so many pairs of neurons that the first step lets itself be waited for.
fn many_pairs(model: &Model) -> Option<String> {
    let pairs = |projection: &Projection| match &projection.source {
        Source::Population { population, connect, .. } if connect.probability.is_some() => {
            let source = model.populations[population.0].size;
            Some(source.saturating_mul(model.populations[projection.target.0].size))
        }
        _ => None,
    };
    let slow = model.projections.iter().filter_map(|it| Some((it, pairs(it)?))).max_by_key(|(_, pairs)| *pairs)?;
    let (projection, pairs) = slow;
    (pairs >= MANY_PAIRS).then(|| {
        format!(
            "note: the rule of `{}` is asked of {} pairs of neurons, one by one, before the first step: about {} on one core.\n      \
             `one_to_one`, degrees and lists of connections take no such look.\n",
            projection.name,
            crate::console::grouped(pairs),
            crate::console::seconds(pairs as f64 / PAIRS_PER_SECOND)
        )
    })
}

/// How many pairs one core looks at, roughly: a simple condition, twice for each pair.
const PAIRS_PER_SECOND: f64 = 3e8;

/// Ranges that ascend and do not touch, with the same neurons in them.
fn united(ranges: impl Iterator<Item = Range<u64>>) -> Vec<Range<u64>> {
    let mut sorted: Vec<Range<u64>> = ranges.collect();
    sorted.sort_unstable_by_key(|range| range.start);
    let mut united: Vec<Range<u64>> = vec![];
    for range in sorted {
        match united.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => united.push(range),
        }
    }
    united
}

/// Carries out the changes that come after `done` steps; what is left of them.
fn change<'m>(
    instance: &mut Instance<'_>,
    model: &Model,
    changes: &'m [Change],
    done: u64,
) -> Result<&'m [Change], Failure> {
    let due = changes.partition_point(|change| change.step <= done);
    for change in &changes[..due] {
        let parameter = &model.parameters[change.parameter.0];
        let value = change.value * parameter.quantity.factor;
        instance.set_parameter(&parameter.name, value).map_err(Failure::run)?;
    }
    Ok(&changes[due..])
}

/// How many steps the next chunk has, after `steps` took that many seconds.
fn next_chunk(steps: u64, taken: f64) -> u64 {
    let wanted = steps as f64 * CHUNK / taken.max(1e-9);
    (wanted as u64).clamp(1, steps.saturating_mul(8))
}

/// A coupling for which no delay is stated sees its sources at the start of the step. Compiled, that is a delay of one step since they
/// were written; told, it is none.
fn as_written(model: &Model, projection: &str, delays: &mut [u32]) {
    let none = |p: &Projection| matches!(p.source, Source::Population { delay: Delay::None, .. });
    if model.projections.iter().any(|p| p.name == projection && p.on_spike.is_empty() && none(p)) {
        delays.fill(0);
    }
}

/// What is taken out of the instance after every chunk.
struct Collect {
    keep: Keep,
    handles: Vec<i32>,
    populations: Vec<PopulationResult>,
    /// One for each trace that has elements.
    recorders: Vec<Option<i32>>,
    factors: Vec<f64>,
    traces: Vec<Trace>,
    /// One for each expectation about values.
    folds: Vec<Option<(i32, Fold)>>,
    connections: Vec<(String, Synapses)>,
}

impl Collect {
    fn start(instance: &mut Instance<'_>, model: &Model, keep: Keep) -> Result<Self, Failure> {
        let mut collect = Collect {
            keep,
            handles: vec![],
            populations: vec![],
            recorders: vec![],
            factors: vec![],
            traces: vec![],
            folds: vec![],
            connections: vec![],
        };
        let records = &model.simulation.records;
        for (i, population) in model.populations.iter().enumerate() {
            let handle = instance
                .population_handle(&population.name)
                .ok_or_else(|| Failure::internal(format!("the code has no population `{}`", population.name)))?;
            instance.keep_spikes(handle, keep == Keep::Everything).map_err(Failure::internal)?;
            collect.handles.push(handle);
            collect.populations.push(PopulationResult {
                name: population.name.clone(),
                size: population.size,
                is_event: population.events_of.is_some(),
                count: 0,
                spikes: Spikes::default(),
                recorded: united(records.iter().filter_map(|record| match record.target {
                    RecordTarget::Spikes { population, first, last } if population.0 == i => Some(first..last),
                    _ => None,
                })),
            });
        }
        for record in records.iter().filter(|record| !matches!(record.target, RecordTarget::Spikes { .. })) {
            let (recorder, trace, factor) = collect.trace(instance, model, record)?;
            collect.recorders.push(recorder);
            collect.factors.push(factor);
            collect.traces.push(trace);
        }
        for expectation in &model.simulation.expectations {
            let fold = match &expectation.measured {
                Expected::Spikes { .. } => None,
                Expected::Values(record) => {
                    let (recorder, _, _) = collect.trace(instance, model, record)?;
                    let aggregate = record.aggregate.as_ref().map_or(Aggregate::Mean, |of| of.aggregate);
                    recorder
                        .map(|recorder| (recorder, Fold::new(aggregate, expectation.from_step, expectation.to_step)))
                }
            };
            collect.folds.push(fold);
        }
        Ok(collect)
    }

    /// Starts a record: its handle, if it has elements, what its samples are for, and what they are multiplied by.
    fn trace(
        &mut self,
        instance: &mut Instance<'_>,
        model: &Model,
        record: &Record,
    ) -> Result<(Option<i32>, Trace, f64), Failure> {
        let kept = Kept::of(model, &record.target)?;
        let (first, last) = self.elements(instance, model, &kept, record.aggregate.is_some())?;
        // A rule may have made no synapses: nothing is recorded of them, and that is what is written.
        let nothing = first == last;
        let (every, symbol) = (record.every, kept.symbol.as_str());
        let aggregate = record.aggregate.as_ref();
        let recorder = match (&record.target, aggregate) {
            _ if nothing => None,
            (&RecordTarget::SpikeCount { population, .. }, _) => {
                let handle = self.handles.get(population.0).copied().unwrap_or(-1);
                Some(instance.record_spike_count(handle, first, last, every))
            }
            (_, Some(of)) => Some(instance.record_aggregate(symbol, number_of(of.aggregate), first, last, every)),
            (_, None) => Some(instance.record(symbol, first, last, every)),
        };
        let recorder = recorder.transpose().map_err(Failure::run)?;
        let quantity = aggregate.map_or(&kept.quantity, |of| &of.quantity);
        let one = aggregate.is_some() || matches!(record.target, RecordTarget::SpikeCount { .. });
        let elements = if one { u64::from(!nothing) } else { last - first };
        let factor = match record.target {
            // Spikes in a sample, as spikes per neuron and second.
            RecordTarget::SpikeCount { rate: true, .. } => {
                1e3 / ((last - first) as f64 * every as f64 * model.simulation.dt)
            }
            _ => quantity.factor,
        };
        let state = match aggregate {
            Some(of) => format!("{}({})", name_of(of.aggregate), kept.name),
            None => kept.name,
        };
        let trace = Trace {
            name: record.name.clone(),
            state,
            first: if one { 0 } else { first },
            elements: usize::try_from(elements).map_err(|_| Failure::run("the record is too large"))?,
            single: one,
            every,
            unit: quantity.unit.clone(),
            values: Vec::new(),
        };
        Ok((recorder, trace, factor))
    }

    /// Which elements a record has, where that is known only now.
    fn elements(
        &mut self,
        instance: &mut Instance<'_>,
        model: &Model,
        kept: &Kept<'_>,
        aggregate: bool,
    ) -> Result<(u64, u64), Failure> {
        let &Kept { first, last, .. } = kept;
        if instance.is_of_synapses(&kept.symbol) {
            let count = if aggregate {
                let handle = instance.projection_handle(kept.owner).unwrap_or(-1);
                instance.projection_synapse_count(handle)
            } else {
                self.connect(instance, model, kept.owner)?
            };
            return match last {
                ALL => Ok((first, count)),
                _ if last > count => Err(Failure::run(format!(
                    "`{}` has only {count} synapses, and {last} are to be recorded",
                    kept.owner
                ))),
                _ => Ok((first, last)),
            };
        }
        if last != ALL {
            return Ok((first, last));
        }
        // How many there are is known once the compiler has decided where the state lives.
        Ok((first, instance.state(&kept.symbol).map_err(Failure::run)?.len() as u64))
    }

    /// Notes the synapses of a projection that is recorded synapse by synapse; how many there are.
    fn connect(&mut self, instance: &Instance<'_>, model: &Model, projection: &str) -> Result<u64, Failure> {
        if !self.connections.iter().any(|(name, _)| name == projection) {
            let handle = instance
                .projection_handle(projection)
                .ok_or_else(|| Failure::internal(format!("the code has no projection `{projection}`")))?;
            let mut synapses = instance.synapses(handle).map_err(Failure::run)?;
            as_written(model, projection, &mut synapses.delays);
            self.connections.push((projection.to_owned(), synapses));
        }
        let found = self.connections.iter().find(|(name, _)| name == projection);
        Ok(found.map_or(0, |(_, synapses)| synapses.targets.len() as u64))
    }

    fn take(&mut self, instance: &mut Instance<'_>) -> Result<(), Failure> {
        if self.keep == Keep::Everything {
            for (population, handle) in self.populations.iter_mut().zip(&self.handles) {
                population.spikes.extend(&instance.take_spikes(*handle).map_err(Failure::run)?);
            }
        }
        for ((trace, recorder), factor) in self.traces.iter_mut().zip(&self.recorders).zip(&self.factors) {
            let Some(recorder) = *recorder else { continue };
            let values = instance.take_record(recorder).map_err(Failure::run)?;
            trace.values.extend(values.into_iter().map(|v| v * factor));
        }
        for (recorder, fold) in self.folds.iter_mut().flatten() {
            fold.extend(&instance.take_record(*recorder).map_err(Failure::run)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{PopulationResult, next_chunk, united};
    use crate::statistics::Spikes;

    #[test]
    fn parts_that_are_recorded_are_put_together() {
        assert_eq!(united([5..8, 0..2, 2..3, 6..7].into_iter()), [0..3, 5..8]);
        let mut spikes = Spikes::default();
        spikes.extend(&[(0, 1), (0, 4), (1, 6), (2, 9)]);
        let mut result = PopulationResult {
            name: "E".into(),
            size: 10,
            is_event: false,
            count: 4,
            spikes,
            recorded: vec![0..3, 5..8],
        };
        assert_eq!(result.recorded_spikes().neuron, [1, 6]);
        assert_eq!((result.candidates(), result.shown(99)), (6, vec![0, 1, 2, 5, 6, 7]));
        result.recorded.clear();
        assert_eq!((result.recorded_spikes().neuron.len(), result.candidates()), (4, 10));
    }

    #[test]
    fn chunks_aim_at_the_same_wall_clock_time() {
        assert_eq!(next_chunk(100, 0.05), 100);
        assert_eq!(next_chunk(100, 0.1), 50);
        assert_eq!(next_chunk(1, 1e-7), 8, "grows slowly, so that one slow chunk is never long");
        assert_eq!(next_chunk(1, 60.0), 1);
    }
}
