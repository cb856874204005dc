//! Recorders: elements of a state at every n-th step.

use bpc_runtime_abi::descriptor::{Element, State};

use crate::error::Error;
use crate::memory::Queue;

/// One recorder.
pub struct Recorder {
    state: State<'static>,
    first: u64,
    last: u64,
    every: u64,
    /// Where `every` is counted from is creation, so that recorders of one period agree.
    values: Queue<f64>,
}

impl Recorder {
    /// Elements `first .. last` after every `every`-th step since creation.
    pub fn new(state: State<'static>, first: u64, last: u64, every: u64) -> Result<Recorder, Error> {
        if every == 0 {
            return Err(Error::Argument("a recorder's period is at least 1 step"));
        }
        if first >= last || last > state.length {
            let (what, expected) = ("the range of a recorder", state.length);
            return Err(Error::Length { what, expected, found: last });
        }
        Ok(Recorder { state, first, last, every, values: Queue::new() })
    }

    /// Steps until the next sample, when so many were made.
    pub fn due_in(&self, steps: u64) -> u64 {
        self.every - steps % self.every
    }

    /// Takes a sample if one is due after so many steps.
    pub fn sample(&mut self, steps: u64, block: &[u8]) -> Result<(), Error> {
        const WHAT: &str = "recorded values (take them more often)";
        if !steps.is_multiple_of(self.every) {
            return Ok(());
        }
        self.values.reserve(self.width(), WHAT)?;
        for index in self.first..self.last {
            self.values.push(element(&self.state, block, index), WHAT)?;
        }
        Ok(())
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

/// One element of a state in the state block; NaN if there is no such element.
pub fn element(state: &State, block: &[u8], index: u64) -> f64 {
    let start = (state.offset + index * state.element.bytes()) as usize;
    let bytes = block.get(start..).unwrap_or(&[]);
    let value = match state.element {
        Element::F32 => bytes.first_chunk().map(|it| f32::from_ne_bytes(*it).into()),
        Element::F64 => bytes.first_chunk().map(|it| f64::from_ne_bytes(*it)),
        Element::I32 => bytes.first_chunk().map(|it| i32::from_ne_bytes(*it).into()),
    };
    value.unwrap_or(f64::NAN)
}
