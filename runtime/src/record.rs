//! Recorders: elements of a state, or of a quantity of synapses, at every n-th step.

use bpc_runtime_abi::descriptor::State;

use crate::error::Error;
use crate::memory::{Queue, Vector};
use crate::number;
use crate::synapses::{Piece, Quantity, Synapses};

/// Where samples come from.
enum Source {
    /// The state block.
    State(State<'static>),
    /// Synapses, in these pieces.
    Synapses(Quantity, Vector<Piece>),
}

/// One recorder.
pub struct Recorder {
    source: Source,
    first: u64,
    last: u64,
    every: u64,
    /// Where `every` is counted from is creation, so that recorders of one period agree.
    values: Queue<f64>,
}

impl Recorder {
    /// Elements `first .. last` after every `every`-th step since creation.
    pub fn new(state: State<'static>, first: u64, last: u64, every: u64) -> Result<Recorder, Error> {
        check(first, last, state.length, every)?;
        Ok(Recorder { source: Source::State(state), first, last, every, values: Queue::new() })
    }

    /// The same of a quantity of synapses, in the canonical order.
    pub fn of_synapses(
        quantity: Quantity,
        synapses: Synapses,
        first: u64,
        last: u64,
        every: u64,
    ) -> Result<Recorder, Error> {
        check(first, last, synapses.count(), every)?;
        let source = Source::Synapses(quantity, synapses.pieces(first, last)?);
        Ok(Recorder { source, first, last, every, values: Queue::new() })
    }

    /// Steps until the next sample, when so many were made.
    pub fn due_in(&self, steps: u64) -> u64 {
        self.every - steps % self.every
    }

    /// Takes a sample if one is due after so many steps; whether all of it is finite.
    pub fn sample<'p>(
        &mut self,
        steps: u64,
        block: &[u8],
        synapses: impl Fn(u32) -> Option<Synapses<'p>>,
    ) -> Result<bool, Error> {
        const WHAT: &str = "recorded values (take them more often)";
        if !steps.is_multiple_of(self.every) {
            return Ok(true);
        }
        self.values.reserve(self.width(), WHAT)?;
        let mut finite = true;
        match &self.source {
            Source::State(state) => {
                for index in self.first..self.last {
                    let value = element(state, block, index);
                    finite &= value.is_finite();
                    self.values.push(value, WHAT)?;
                }
            }
            Source::Synapses(quantity, pieces) => {
                let Some(synapses) = synapses(quantity.projection) else {
                    return Ok(true);
                };
                for &piece in pieces.iter() {
                    for value in synapses.values(quantity.kind, piece) {
                        finite &= value.is_finite();
                        self.values.push(value, WHAT)?;
                    }
                }
            }
        }
        Ok(finite)
    }

    /// Drops samples taken after more than `steps` steps, when `made` were made.
    pub fn forget_after(&mut self, steps: u64, made: u64) {
        let late = made / self.every - (steps / self.every).min(made / self.every);
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

    fn width(&self) -> usize {
        (self.last - self.first) as usize
    }
}

fn check(first: u64, last: u64, length: u64, every: u64) -> Result<(), Error> {
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
