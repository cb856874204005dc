//! What a network in memory does with the values of its synapses.

use super::Instance;
use crate::error::Error;
use crate::finite;
use crate::memory::Buffer;
use crate::number;
use crate::synapses::{self, Quantity, Synapses};

impl Instance {
    /// The synapses of a projection.
    pub fn synapses_of(&self, projection: i32) -> Result<Synapses<'_>, Error> {
        let found = usize::try_from(projection).ok().and_then(|index| {
            Some(Synapses::new(self.view.projections.get(index)?, self.parts.get(index)?, self.view.real_bytes))
        });
        found.ok_or(Error::Argument("there is no such projection"))
    }

    /// Those that have a quantity.
    pub fn synapses_with(&self, quantity: Quantity) -> Result<Synapses<'_>, Error> {
        self.synapses_of(quantity.projection as i32)
    }

    /// Replaces a quantity of all synapses by these bytes, in the canonical order.
    pub fn replace(&mut self, quantity: Quantity, values: &[u8]) {
        if let Some(parts) = self.parts.get_mut(quantity.projection as usize) {
            synapses::replace(parts, quantity.kind, self.view.real_bytes, values);
        }
    }

    /// Sets a quantity of all synapses, in the canonical order.
    pub fn set_synapses(&mut self, quantity: Quantity, values: &[f64]) -> Result<(), Error> {
        if !quantity.changes {
            return Err(Error::Argument("these weights cannot be set: the projection has no plasticity"));
        }
        check_count(self.synapses_with(quantity)?.count(), values.len())?;
        let width = self.view.real_bytes as usize;
        if !values.iter().all(|&it| number::fits(it, width)) {
            return Err(Error::Argument("weights and states of synapses must be finite numbers"));
        }
        let mut bytes = Buffer::zeroed((values.len() * width) as u64, "values of synapses")?;
        number::write_reals(&mut bytes, width, values.iter().copied());
        self.replace(quantity, &bytes);
        Ok(())
    }

    /// Writes a quantity of all synapses, in the canonical order.
    pub fn get_synapses(&self, quantity: Quantity, values: &mut [f64]) -> Result<(), Error> {
        let synapses = self.synapses_with(quantity)?;
        check_count(synapses.count(), values.len())?;
        synapses.get(quantity.kind, values);
        Ok(())
    }

    /// Writes sources, targets and delays (steps) of all synapses of a projection, in the canonical
    /// order; into those places that are not empty.
    pub fn list_synapses(&self, projection: i32, places: [&mut [u32]; 3], count: u64) -> Result<(), Error> {
        let synapses = self.synapses_of(projection)?;
        check_count(synapses.count(), count as usize)?;
        let [sources, targets, delays] = places;
        for (index, synapse) in synapses.iter().enumerate() {
            let values = [synapse.source, synapse.target, synapse.delay];
            for (place, value) in [&mut *sources, targets, delays].into_iter().zip(values) {
                if let Some(place) = place.get_mut(index) {
                    *place = value;
                }
            }
        }
        Ok(())
    }

    /// Looks whether all weights that change and all states of synapses are finite; if not, the
    /// handle makes no more steps.
    pub(super) fn look_at_synapses(&mut self) -> Result<(), Error> {
        let since = self.synapses_scanned;
        self.synapses_scanned = self.steps;
        if !self.changing {
            return Ok(());
        }
        let Some(quantity) = finite::find_quantity(&self.view, &self.parts, &self.team) else {
            return Ok(());
        };
        let Some((synapse, value)) = self.synapses_with(quantity)?.first_not_finite(quantity.kind) else {
            return Ok(());
        };
        let error = Error::SynapseNotFinite {
            state: quantity.name,
            source: synapse.source,
            target: synapse.target,
            value,
            since,
            step: self.steps,
            dt: self.view.dt,
        };
        self.failed = Some(error);
        Err(error)
    }
}

fn check_count(expected: u64, found: usize) -> Result<(), Error> {
    if found as u64 == expected {
        return Ok(());
    }
    Err(Error::Length { what: "the list of values, one for each synapse,", expected, found: found as u64 })
}
