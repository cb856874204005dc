//! Recorders: elements of a state, or of a quantity of synapses, at every n-th step; or one number that is made of them; or
//! counts of spikes.

use bpc_runtime_abi::Aggregate;
use bpc_runtime_abi::descriptor::State;

use crate::aggregate::of_values;
use crate::error::Error;
use crate::memory::{Queue, Vector};
use crate::number;
use crate::spikes::Spikes;
use crate::synapses::{Piece, Quantity, Synapses};

/// Where samples come from.
enum Source {
    /// The state block.
    State(State<'static>),
    /// Synapses, in these pieces.
    Synapses(Quantity, Vector<Piece>),
    /// The counter of spikes with this number.
    Spikes(usize),
}

/// Which elements, and how often.
#[derive(Clone, Copy)]
pub struct Request {
    /// The first element.
    pub first: u64,
    /// One past the last.
    pub last: u64,
    /// At the end of every how many steps since creation.
    pub every: u64,
    /// What is made of them, if they are not kept one by one.
    pub aggregate: Option<Aggregate>,
}

/// One recorder.
pub struct Recorder {
    source: Source,
    /// `every` is counted from creation, so that recorders of one period agree.
    request: Request,
    values: Queue<f64>,
}

impl Recorder {
    /// Elements of a state.
    pub fn new(state: State<'static>, request: Request) -> Result<Recorder, Error> {
        check(request, state.length)?;
        Ok(Recorder { source: Source::State(state), request, values: Queue::new() })
    }

    /// The same of a quantity of synapses, in the canonical order.
    pub fn of_synapses(quantity: Quantity, synapses: Synapses, request: Request) -> Result<Recorder, Error> {
        check(request, synapses.count())?;
        let source = Source::Synapses(quantity, synapses.pieces(request.first, request.last)?);
        Ok(Recorder { source, request, values: Queue::new() })
    }

    /// How many spikes neurons have had since the sample before.
    pub fn of_spikes(spikes: &mut Spikes, population: usize, size: u64, request: Request) -> Result<Recorder, Error> {
        check(request, size)?;
        let counter = spikes.counter(population, request.first, request.last)?;
        Ok(Recorder { source: Source::Spikes(counter), request, values: Queue::new() })
    }

    /// Steps until the next sample, when so many were made.
    pub fn due_in(&self, steps: u64) -> u64 {
        self.request.every - steps % self.request.every
    }

    /// Takes a sample if one is due after so many steps; whether all of it is finite.
    pub fn sample<'p>(
        &mut self,
        steps: u64,
        block: &[u8],
        synapses: impl Fn(u32) -> Option<Synapses<'p>>,
        spikes: &mut Spikes,
    ) -> Result<bool, Error> {
        if !steps.is_multiple_of(self.request.every) {
            return Ok(true);
        }
        let width = self.width();
        match &self.source {
            Source::State(state) => {
                let values = (self.request.first..self.request.last).map(|index| element(state, block, index));
                keep(&mut self.values, (self.request.aggregate, width), values)
            }
            Source::Synapses(quantity, pieces) => {
                let Some(synapses) = synapses(quantity.projection) else {
                    return Ok(true);
                };
                let values = pieces.iter().flat_map(|&piece| synapses.values(quantity.kind, piece));
                keep(&mut self.values, (self.request.aggregate, width), values)
            }
            Source::Spikes(counter) => {
                keep(&mut self.values, (None, width), core::iter::once(spikes.take_count(*counter) as f64))
            }
        }
    }

    /// Drops samples taken after more than `steps` steps, when `made` were made.
    pub fn forget_after(&mut self, steps: u64, made: u64) {
        let every = self.request.every;
        let late = made / every - (steps / every).min(made / every);
        self.values.drop_last((late as usize).saturating_mul(self.width()));
    }

    /// How many values wait.
    pub fn waiting(&self) -> usize {
        self.values.waiting().len()
    }

    /// Moves as many whole samples as there is room for.
    pub fn take(&mut self, out: &mut [f64]) -> usize {
        let count = out.len().min(self.waiting()) / self.width() * self.width();
        for (to, from) in out.iter_mut().zip(self.values.waiting()).take(count) {
            *to = *from;
        }
        self.values.skip(count);
        count
    }

    /// How many values a sample has.
    fn width(&self) -> usize {
        match (&self.source, self.request.aggregate) {
            (Source::Spikes(_), _) | (_, Some(_)) => 1,
            _ => (self.request.last - self.request.first) as usize,
        }
    }
}

/// Keeps the values of one sample, so many, or the one number that is made of them; whether what is kept is finite.
fn keep(
    kept: &mut Queue<f64>,
    (aggregate, width): (Option<Aggregate>, usize),
    values: impl Iterator<Item = f64> + Clone,
) -> Result<bool, Error> {
    const WHAT: &str = "recorded values (take them more often)";
    kept.reserve(width, WHAT)?;
    if let Some(aggregate) = aggregate {
        let value = of_values(aggregate, values);
        kept.push(value, WHAT)?;
        return Ok(value.is_finite());
    }
    let mut finite = true;
    for value in values {
        finite &= value.is_finite();
        kept.push(value, WHAT)?;
    }
    Ok(finite)
}

fn check(request: Request, length: u64) -> Result<(), Error> {
    let Request { first, last, every, .. } = request;
    if every == 0 {
        return Err(Error::Argument("a recorder's period is at least 1 step"));
    }
    if first >= last || last > length {
        return Err(Error::Length { what: "the range of a recorder", expected: length, found: last });
    }
    Ok(())
}

/// One element of a state in the state block; NaN if there is no such element.
pub fn element(state: &State, block: &[u8], index: u64) -> f64 {
    number::read(state.element, block.get(state.offset as usize..).unwrap_or(&[]), index)
}
