//! What a record keeps of a compiled network, and what expectations make of values over time.

use crate::failure::Failure;
use bpc_core::execute;
use bpc_sema::model::{Aggregate, Model, Quantity, RecordTarget};

/// Where a record ends that has every element, however many there are.
pub const ALL: u64 = u64::MAX;

/// What a record is about, by the names that the compiled network has for it.
pub struct Kept<'m> {
    /// What people call it: `E.V`, `rate(E)`.
    pub name: String,
    /// What the code calls it.
    pub symbol: String,
    /// Its unit.
    pub quantity: Quantity,
    /// The projection whose synapses it may belong to; empty if it cannot.
    pub owner: &'m str,
    /// The first element.
    pub first: u64,
    /// One past the last, or [`ALL`].
    pub last: u64,
}

impl<'m> Kept<'m> {
    /// What a record is about.
    ///
    /// # Errors
    /// None of what the checked model can say: records of spikes are no values.
    pub fn of(model: &'m Model, target: &RecordTarget) -> Result<Kept<'m>, Failure> {
        let population = |id: bpc_sema::model::PopulationId| &model.populations[id.0];
        let (name, symbol, quantity, owner, first, last) = match *target {
            RecordTarget::Spikes { .. } => return Err(Failure::internal("spikes are kept by themselves")),
            RecordTarget::SpikeCount { population: id, first, last, rate } => {
                let (word, unit) = if rate { ("rate", "Hz") } else { ("spike_count", "1") };
                let name = format!("{word}({})", population(id).name);
                (
                    name,
                    String::new(),
                    Quantity { unit: unit.into(), factor: 1.0, coherent: "1".into() },
                    "",
                    first,
                    last,
                )
            }
            RecordTarget::PopulationValue { population: id, ref value, first, last } => {
                let owner = &population(id).name;
                let name = format!("{owner}.{}", value.name);
                (name, value.symbol(owner), value.quantity.clone(), "", first, last)
            }
            RecordTarget::PopulationState { population: id, state, first, last } => {
                let state = &population(id).states[state];
                let name = format!("{}.{}", population(id).name, state.name);
                (name.clone(), name, state.quantity.clone(), "", first, last)
            }
            RecordTarget::ProjectionState { projection, state, first, last } => {
                let owner = &model.projections[projection];
                let state = &owner.states[state];
                let name = format!("{}.{}", owner.name, state.name);
                (name.clone(), name, state.quantity.clone(), owner.name.as_str(), first, last)
            }
            RecordTarget::ProjectionLet { projection, ref value, first, last } => {
                let owner = model.projections[projection].name.as_str();
                let name = value.symbol(owner);
                (name.clone(), name, value.quantity.clone(), owner, first, last)
            }
            RecordTarget::ProjectionOutput { projection, output, first, last } => {
                let owner = &model.projections[projection];
                let (output, quantity) = &owner.output_names[output];
                let name = format!("{}.{output}", owner.name);
                (name.clone(), name, quantity.clone(), "", first, last)
            }
            RecordTarget::Weight { projection, first, last } => {
                let owner = &model.projections[projection];
                let name = format!("{}.weight", owner.name);
                (name.clone(), name, owner.weight_quantity.clone(), owner.name.as_str(), first, last)
            }
        };
        Ok(Kept { name, symbol, quantity, owner, first, last })
    }
}

/// How the language calls an aggregate.
pub fn name_of(aggregate: Aggregate) -> &'static str {
    match aggregate {
        Aggregate::Mean => "mean",
        Aggregate::Sum => "sum",
        Aggregate::Min => "min",
        Aggregate::Max => "max",
        Aggregate::Std => "std",
        Aggregate::Variance => "variance",
    }
}

/// What the compiled network calls it.
pub fn number_of(aggregate: Aggregate) -> execute::Aggregate {
    match aggregate {
        Aggregate::Mean => execute::Aggregate::Mean,
        Aggregate::Sum => execute::Aggregate::Sum,
        Aggregate::Min => execute::Aggregate::Min,
        Aggregate::Max => execute::Aggregate::Max,
        Aggregate::Std => execute::Aggregate::Std,
        Aggregate::Variance => execute::Aggregate::Variance,
    }
}

/// One number of the samples of a stretch of steps: the least of least ones, the greatest of greatest ones, the mean of others.
#[derive(Clone, Copy, Debug)]
pub struct Fold {
    aggregate: Aggregate,
    from: u64,
    to: u64,
    /// How many samples came, one for each step.
    step: u64,
    /// How many of them count.
    count: u64,
    /// The extreme so far, or the sum.
    value: f64,
    /// What the sum has left out by rounding.
    rest: f64,
}

impl Fold {
    /// Of the steps from one up to, not including, another.
    pub fn new(aggregate: Aggregate, from: u64, to: Option<u64>) -> Fold {
        Fold { aggregate, from, to: to.unwrap_or(u64::MAX), step: 0, count: 0, value: 0.0, rest: 0.0 }
    }

    /// Takes in the samples of the next steps.
    pub fn extend(&mut self, samples: &[f64]) {
        for &sample in samples {
            if (self.from..self.to).contains(&self.step) {
                self.add(sample);
            }
            self.step += 1;
        }
    }

    fn add(&mut self, sample: f64) {
        self.count += 1;
        match self.aggregate {
            Aggregate::Min | Aggregate::Max if self.count == 1 || sample.is_nan() => self.value = sample,
            Aggregate::Min if sample < self.value => self.value = sample,
            Aggregate::Max if sample > self.value => self.value = sample,
            Aggregate::Min | Aggregate::Max => {}
            Aggregate::Mean | Aggregate::Sum | Aggregate::Std | Aggregate::Variance => {
                let sum = self.value + sample;
                let (large, small) =
                    if self.value.abs() >= sample.abs() { (self.value, sample) } else { (sample, self.value) };
                self.rest += (large - sum) + small;
                self.value = sum;
            }
        }
    }

    /// The number; NaN of no samples.
    pub fn value(&self) -> f64 {
        match self.aggregate {
            _ if self.count == 0 => f64::NAN,
            Aggregate::Min | Aggregate::Max => self.value,
            Aggregate::Mean | Aggregate::Sum | Aggregate::Std | Aggregate::Variance => {
                (self.value + self.rest) / self.count as f64
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_of_samples() {
        let of = |aggregate, from, to| {
            let mut fold = Fold::new(aggregate, from, to);
            // In chunks, as they come.
            fold.extend(&[9.0, 2.0, 4.0]);
            fold.extend(&[6.0, -7.0]);
            fold.value()
        };
        assert_eq!(of(Aggregate::Mean, 1, Some(4)), 4.0);
        assert_eq!(of(Aggregate::Sum, 0, None), 2.8);
        assert_eq!(of(Aggregate::Min, 1, Some(4)), 2.0);
        assert_eq!(of(Aggregate::Min, 0, None), -7.0);
        assert_eq!(of(Aggregate::Max, 1, None), 6.0);
        assert!(of(Aggregate::Max, 5, None).is_nan());
    }
}
