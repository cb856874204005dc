//! Weights that are scaled when they are made, so that those of the synapses that arrive at each target, or that leave each source, sum up to
//! a value of this neuron.
//!
//! Sums are in f64 and in the canonical order of synapses (by source, delay, target, ordinal), so that the number of threads changes no
//! bit. Each new weight is the old one over the sum, times the value.

use core::ops::Range;

use bpc_runtime_abi::descriptor::{Element, End};

use super::csr::{Builder, Part, Row};
use crate::error::{Error, SynapseValue};
use crate::memory::Buffer;
use crate::number;
use crate::synapses::Kind;
use crate::threads::{Lent, Team};

const WHAT: &str = "normalising weights";

impl Builder<'_> {
    /// Scales the weights of all parts.
    pub(super) fn normalise(&self, team: &Team, parts: &mut [Part], end: End) -> Result<(), Error> {
        let sums = match end {
            End::Target => self.incoming(team, parts)?,
            End::Source => self.outgoing(team, parts)?,
        };
        let lent = Lent::new(parts.as_ptr());
        team.try_run(|part| {
            // SAFETY: each thread has a part of its own, which nobody else looks at meanwhile.
            let part = unsafe { &mut *lent.at(part as usize).cast_mut() };
            self.scale(part, &sums, end)
        })
    }

    /// The sum of the weights that arrive at each target: each part has all synapses of its targets.
    fn incoming(&self, team: &Team, parts: &[Part]) -> Result<Buffer<f64>, Error> {
        let sums: Buffer<f64> = Buffer::zeroed(self.targets.into(), WHAT)?;
        let lent = Lent::new(sums.pointer());
        let element = self.element();
        team.run(|part| {
            let part = &parts[part as usize];
            for (synapse, &target) in (0..).zip(part.targets()) {
                let weight = number::read(element, part.quantity(Kind::Weight), synapse);
                // SAFETY: a target, which belongs to this part alone.
                unsafe { *lent.at(target as usize).cast_mut() += weight };
            }
        });
        Ok(sums)
    }

    /// The sum of the weights that leave each source, whose row is divided among parts by target.
    fn outgoing(&self, team: &Team, parts: &[Part]) -> Result<Buffer<f64>, Error> {
        let sums: Buffer<f64> = Buffer::zeroed(self.sources.into(), WHAT)?;
        let lent = Lent::new(sums.pointer());
        let (element, stride) = (self.element(), self.stride());
        team.run(|thread| {
            for source in self.rows_of(thread) {
                let mut sum = 0.0;
                for row in source as usize * stride..(source as usize + 1) * stride {
                    for part in parts {
                        let weights = part.quantity(Kind::Weight);
                        let synapses = part.row_starts()[row]..part.row_starts()[row + 1];
                        sum = synapses.fold(sum, |sum, synapse| sum + number::read(element, weights, synapse.into()));
                    }
                }
                // SAFETY: a source, which is in the rows of this thread alone.
                unsafe { *lent.at(source as usize).cast_mut() = sum };
            }
        });
        Ok(sums)
    }

    fn scale(&self, part: &mut Part, sums: &[f64], end: End) -> Result<(), Error> {
        let (stride, width) = (self.stride(), self.real_bytes as usize);
        let row_of = |part: &Part, source: usize| -> Range<usize> {
            part.row_starts()[source * stride] as usize..part.row_starts()[(source + 1) * stride] as usize
        };
        let longest = (0..self.sources as usize).map(|source| row_of(part, source).len()).max().unwrap_or(0);
        let mut row = Row::of(longest as u64)?;
        let kind = 3 + self.states().count() as u32;
        let mut worst: Option<(u32, f64)> = None;
        for source in 0..self.sources {
            let place = row_of(part, source as usize);
            let targets = &part.targets()[place.clone()];
            if targets.is_empty() {
                continue;
            }
            self.ask(kind, SynapseValue::Total, source, targets, &mut row)?;
            let weights = part.quantity(Kind::Weight);
            for ((value, &target), synapse) in row.values.iter_mut().zip(targets).zip(place.clone()) {
                let neuron = if end == End::Target { target } else { source };
                let sum = sums[neuron as usize];
                *value *= number::read(self.element(), weights, synapse as u64) / sum;
                if !(sum != 0.0 && sum.is_finite() && number::fits(*value, width))
                    && worst.is_none_or(|(least, _)| neuron < least)
                {
                    worst = Some((neuron, sum));
                }
            }
            let bytes = place.start * width..place.end * width;
            let places = &mut part.quantity_mut(Kind::Weight)[bytes];
            number::write_reals(places, width, row.values.iter().copied());
        }
        match worst {
            None => Ok(()),
            Some((neuron, sum)) => {
                Err(Error::Normalise { projection: self.projection.name, neuron, is_target: end == End::Target, sum })
            }
        }
    }

    fn element(&self) -> Element {
        number::real(self.real_bytes)
    }
}
