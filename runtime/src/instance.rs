//! A network in memory: what a handle points to.

use core::fmt::Write;

use bpc_runtime_abi::descriptor::{DescriptorView, Parameter, Projection, Rule};
use bpc_runtime_abi::{ABI_VERSION, Context, ExternalInput, Network, Topology};

use crate::connectivity::csr::{Builder, Part};
use crate::connectivity::expected_synapses;
use crate::error::{Error, Text};
use crate::finite::{self, PERIOD, SHORT_PERIOD, SYNAPSE_PERIOD, Snapshot};
use crate::hash::checksum;
use crate::layout::Layout;
use crate::memory::{Buffer, Vector};
use crate::number;
use crate::record::{Recorder, element};
use crate::spikes::Spikes;
use crate::synapses::{self, Synapses};
use crate::sys;
use crate::threads::{Lent, Team};

mod quantities;

/// See the module.
pub struct Instance {
    pub(crate) network: &'static Network,
    pub(crate) view: DescriptorView<'static>,
    context: Context,
    pub(crate) state: Buffer<u8>,
    pub(crate) parameters: Buffer<f64>,
    derived: Buffer<u8>,
    pub(crate) layout: Layout,
    parts: Vector<Vector<Part>>,
    topologies: Vector<Topology>,
    inputs: Vector<ExternalInput>,
    pub(crate) input_values: Vector<Buffer<u8>>,
    no_input: Buffer<u8>,
    team: Team,
    pub(crate) steps: u64,
    pub(crate) spikes: Spikes,
    pub(crate) recorders: Vector<Recorder>,
    snapshot: Snapshot,
    /// After how many steps all states were last seen to be finite.
    scanned: u64,
    /// After how many steps all synapses were.
    synapses_scanned: u64,
    /// Whether synapses have states or weights that change: then steps cannot be made again.
    changing: bool,
    /// Whether the application may write into the state block between steps.
    pub(crate) shared_state: bool,
    /// Whether it may write what coefficients are computed from.
    pub(crate) shared_coefficients: bool,
    /// Whether coefficients must be computed before the next step.
    pub(crate) stale: bool,
    /// Of the parameters at creation, if connections depend on them.
    pub(crate) creation: u64,
    failed: Option<Error>,
    message: [u8; 512],
}

/// The description of a network; it outlives all handles, as the network's code does.
pub fn view(network: &'static Network) -> Result<DescriptorView<'static>, Error> {
    if network.abi_version != ABI_VERSION {
        return Err(Error::Abi { found: network.abi_version });
    }
    let length = network.descriptor_length as usize;
    if network.descriptor.is_null() || length > isize::MAX as usize {
        return Err(Error::Descriptor("there is none"));
    }
    // SAFETY: by the contract of `Network`, the descriptor is a constant of this length.
    let bytes = unsafe { core::slice::from_raw_parts(network.descriptor, length) };
    DescriptorView::read(bytes).map_err(Error::Descriptor)
}

impl Instance {
    /// Builds a network. `given` has a value for every parameter, in its declared unit; NaN (or
    /// no list) keeps a default.
    pub fn new(network: &'static Network, seed: u64, given: Option<&[f64]>, threads: u32) -> Result<Instance, Error> {
        let view = view(network)?;
        let parts = Layout::useful_parts(&view, threads);
        check_memory(&view, parts, sys::available_memory())?;
        let layout = Layout::new(&view, parts)?;
        let mut parameters = Buffer::zeroed(view.parameters.len() as u64, "parameters")?;
        for (index, (parameter, place)) in view.parameters.iter().zip(parameters.iter_mut()).enumerate() {
            *place = parameter.default;
            if let Some(&value) = given.and_then(|given| given.get(index))
                && !value.is_nan()
            {
                *place = internal_value(&parameter, value)?;
            }
        }
        let mut instance = Instance {
            network,
            view,
            context: Context {
                state: core::ptr::null_mut(),
                parameters: core::ptr::null(),
                derived: core::ptr::null_mut(),
                ranges: layout.ranges.pointer(),
                spikes: layout.spike_pointers.pointer().cast(),
                counts: layout.count_pointers.pointer().cast(),
                topologies: core::ptr::null(),
                inputs: core::ptr::null(),
                seed,
                parts,
                reserved: 0,
            },
            state: Buffer::zeroed(view.state_bytes, "states")?,
            parameters,
            derived: Buffer::zeroed(view.derived_bytes, "derived scalars")?,
            layout,
            parts: Vector::new(),
            topologies: Vector::new(),
            inputs: Vector::new(),
            input_values: Vector::new(),
            no_input: Buffer::zeroed(4096, "inputs")?,
            team: Team::new(parts)?,
            steps: 0,
            spikes: Spikes::new(view.populations.len())?,
            recorders: Vector::new(),
            snapshot: Snapshot::none(),
            scanned: 0,
            synapses_scanned: 0,
            changing: synapses::changing(&view).next().is_some(),
            shared_state: false,
            shared_coefficients: false,
            stale: true,
            creation: 0,
            failed: None,
            message: [0; 512],
        };
        for _ in view.inputs {
            let values = instance.no_input.pointer();
            instance.inputs.push(ExternalInput { values, mask: 0 }, "inputs")?;
            instance.input_values.push(Buffer::empty(), "inputs")?;
        }
        instance.context.state = instance.state.pointer();
        instance.context.parameters = instance.parameters.pointer();
        instance.context.derived = instance.derived.pointer();
        instance.context.inputs = instance.inputs.as_ptr();
        instance.derive();
        let init = network.init;
        {
            let context = Lent::new(&instance.context);
            // SAFETY: the context has all but connections, of which `init` knows nothing, and every part is initialised by
            // one thread.
            instance.team.run(|part| unsafe { init(context.at(0), part) });
        }
        // Values of synapses read parameters of neurons.
        instance.connect()?;
        Ok(instance)
    }

    /// Computes the derived scalars anew.
    pub fn derive(&mut self) {
        // SAFETY: parameters and derived scalars have the sizes that the descriptor gives.
        unsafe { (self.network.derive)(&self.context) }
    }

    /// Computes the coefficients anew, if something that they follow from has or may have changed.
    fn refresh_coefficients(&mut self) {
        let stale = core::mem::replace(&mut self.stale, false);
        let Some(coefficients) = self.network.coefficients.filter(|_| stale || self.shared_coefficients) else {
            return;
        };
        let context = Lent::new(&self.context);
        // SAFETY: the context is complete, and every part is computed by one thread.
        self.team.run(|part| unsafe { coefficients(context.at(0), part) });
    }

    fn connect(&mut self) -> Result<(), Error> {
        for (index, projection) in self.view.projections.iter().enumerate() {
            let size = |population: u32| self.view.populations.get(population as usize).map_or(0, |it| it.size as u32);
            let other = match projection.rule {
                Rule::Transposed { of } => self.view.projections.get(of as usize).map(|other| (of, other)),
                _ => None,
            };
            let decides = other.unwrap_or((index as u32, projection));
            let others =
                match decides.1.rule {
                    Rule::OfSynapses { of, .. } => self.view.projections.get(of as usize).and_then(|other| {
                        Some(Synapses::new(other, self.parts.get(of as usize)?, self.view.real_bytes))
                    }),
                    _ => None,
                };
            let builder = Builder {
                network: self.network,
                context: &self.context,
                index: index as u32,
                projection,
                decides,
                others,
                degrees: projection.degrees.map(|state| state.and_then(|state| self.view.states.get(state as usize))),
                states: self.view.synapse_states,
                sources: size(projection.source),
                targets: size(projection.target),
                layout: &self.layout,
                real_bytes: self.view.real_bytes,
                dt: self.view.dt,
            };
            let parts = builder.build(&self.team)?;
            for part in parts.iter() {
                self.topologies.push(part.topology(), "synapses")?;
            }
            give(&self.view, index, &parts, &mut self.state);
            self.parts.push(parts, "synapses")?;
            // Weights that change are saved and loaded.
            let values = projection.delays() > 1 || (projection.weight_per_synapse && !projection.plastic);
            if values || decides.1.reads_parameters() || projection.reads_parameters() {
                self.creation = self.parameters_hash();
            }
        }
        self.context.topologies = self.topologies.as_ptr();
        Ok(())
    }

    fn parameters_hash(&self) -> u64 {
        // Odd, so that it is never the hash of no dependence.
        self.parameters.iter().fold(1, |hash, value| checksum(&(hash ^ value.to_bits()).to_le_bytes()) | 1)
    }

    /// How many synapses the network has.
    pub fn synapses(&self) -> u64 {
        self.parts.iter().flat_map(|parts| parts.iter()).map(Part::synapses).sum()
    }

    /// Keeps a recorder; its handle, or the number of the failure.
    pub fn add_recorder(&mut self, recorder: Result<Recorder, Error>) -> i32 {
        match recorder.and_then(|recorder| self.recorders.push(recorder, "recorders")) {
            Ok(()) => self.recorders.len() as i32 - 1,
            error => self.note(error),
        }
    }

    /// The key of all random numbers.
    pub fn seed(&self) -> u64 {
        self.context.seed
    }

    /// The generated code's view of the network.
    #[cfg(test)]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Sets a parameter in its declared unit.
    pub fn set_parameter(&mut self, index: i32, value: f64) -> Result<(), Error> {
        let found = usize::try_from(index)
            .ok()
            .and_then(|index| Some((self.view.parameters.get(index)?, self.parameters.get_mut(index)?)));
        let (parameter, place) = found.ok_or(Error::Argument("there is no such parameter"))?;
        *place = internal_value(&parameter, value)?;
        self.changed();
        self.derive();
        self.stale = true;
        Ok(())
    }

    /// A parameter in its declared unit.
    pub fn parameter(&self, index: i32) -> Option<f64> {
        let index = usize::try_from(index).ok()?;
        Some(*self.parameters.get(index)? * self.view.parameters.get(index)?.factor)
    }

    /// The application changed something that following steps depend on.
    pub fn changed(&mut self) {
        self.snapshot.replayable = false;
    }

    /// Feeds values into an input; none ends it.
    pub fn set_input(&mut self, index: i32, values: Option<&[f64]>) -> Result<(), Error> {
        let missing = Error::Argument("there is no such input");
        let index = usize::try_from(index).map_err(|_| missing)?;
        let input = self.view.inputs.get(index).ok_or(missing)?;
        let population = self.view.populations.get(input.population as usize).ok_or(missing)?;
        let external = self.inputs.get_mut(index).ok_or(missing)?;
        let Some(values) = values else {
            *external = ExternalInput { values: self.no_input.pointer(), mask: 0 };
            self.changed();
            return Ok(());
        };
        if values.len() as u64 != population.size {
            let (what, found) = ("the list of an input's values", values.len() as u64);
            return Err(Error::Length { what, expected: population.size, found });
        }
        if !values.iter().all(|it| it.is_finite()) {
            return Err(Error::Argument("an input's values must be finite"));
        }
        let bytes = self.view.real_bytes as usize;
        number::write_reals(self.feed(index)?, bytes, values.iter().copied());
        self.changed();
        Ok(())
    }

    /// Whether values are being fed into an input.
    pub fn is_fed(&self, index: usize) -> bool {
        self.inputs.get(index).is_some_and(|it| it.mask != 0)
    }

    /// Makes an input's array, once.
    pub fn make_input(&mut self, index: usize) -> Result<&mut Buffer<u8>, Error> {
        let missing = Error::Argument("there is no such input");
        let input = self.view.inputs.get(index).ok_or(missing)?;
        let population = self.view.populations.get(input.population as usize).ok_or(missing)?;
        let array = self.input_values.get_mut(index).ok_or(missing)?;
        if array.is_empty() {
            let bytes = population.padded * u64::from(self.view.real_bytes);
            *array = Buffer::zeroed(bytes, "an input")?;
        }
        Ok(array)
    }

    /// Feeds an input with what its array holds; that array.
    pub fn feed(&mut self, index: usize) -> Result<&mut [u8], Error> {
        let values = self.make_input(index)?.pointer();
        if let Some(external) = self.inputs.get_mut(index) {
            *external = ExternalInput { values, mask: u64::MAX };
        }
        Ok(self.make_input(index)?)
    }

    /// Lets neurons spike as if at the end of the step just made.
    pub fn inject(&mut self, population: i32, neurons: &[u32]) -> Result<(), Error> {
        let missing = Error::Argument("there is no such population");
        let index = usize::try_from(population).map_err(|_| missing)?;
        let described = self.view.populations.get(index).ok_or(missing)?;
        if described.spikes_change_states && !neurons.is_empty() {
            return Err(Error::Inject { population: described.name });
        }
        let mut sorted = Vector::new();
        sorted.reserve(neurons.len(), "injected spikes")?;
        for &neuron in neurons {
            if u64::from(neuron) >= described.size {
                let (population, size) = (described.name, described.size);
                return Err(Error::Neuron { population, size, neuron });
            }
            sorted.push(neuron, "injected spikes")?;
        }
        sorted.sort_unstable();
        let mut rest = &*sorted;
        for part in 0..self.layout.parts {
            let range = self.layout.range(index as u32, part);
            let (own, after) = rest.split_at(rest.partition_point(|&it| it < range.end));
            rest = after;
            let Some(ring) = self.layout.rings.get_mut(index) else {
                return Err(missing);
            };
            ring.edit(ring.last_slot(self.steps), part, range, |room, count| merge(room, count, own));
        }
        self.changed();
        Ok(())
    }

    /// Makes steps; none only looks whether everything is finite.
    pub fn step(&mut self, steps: u64) -> Result<(), Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if steps == 0 {
            return self.look().and_then(|()| self.look_at_synapses());
        }
        if self.shared_state {
            self.changed();
        }
        self.refresh_coefficients();
        let since = self.steps - self.snapshot.steps;
        if !self.snapshot.replayable && (steps >= 16 || since >= PERIOD || since == 0) {
            self.look()?;
            self.take_snapshot()?;
        }
        let end = self.steps.saturating_add(steps);
        while self.steps < end {
            let look_in = PERIOD.saturating_sub(self.steps - self.snapshot.steps).max(1);
            let recorders = self.recorders.iter().map(|it| it.due_in(self.steps));
            let count = recorders.fold((end - self.steps).min(look_in), u64::min);
            let mut result = self.make(count, true);
            let (view, parts) = (&self.view, &self.parts);
            let synapses = |index: u32| {
                let projection = view.projections.get(index as usize)?;
                Some(Synapses::new(projection, parts.get(index as usize)?, view.real_bytes))
            };
            let mut finite = true;
            for recorder in self.recorders.iter_mut() {
                match recorder.sample(self.steps, &self.state, synapses, &mut self.spikes) {
                    Ok(all) => finite &= all,
                    error => result = result.and(error.map(|_| ())),
                }
            }
            // What is written down is looked at when it is, however short it was so.
            if !finite {
                self.look()?;
                self.look_at_synapses()?;
            }
            if self.steps - self.snapshot.steps >= PERIOD {
                self.look()?;
                self.take_snapshot()?;
            }
            if self.steps - self.synapses_scanned >= SYNAPSE_PERIOD {
                self.look_at_synapses()?;
            }
            result?;
        }
        if self.steps - self.scanned >= SHORT_PERIOD {
            self.look()?;
        }
        Ok(())
    }

    /// Makes steps on all threads, and collects their spikes.
    fn make(&mut self, count: u64, log: bool) -> Result<(), Error> {
        let first = self.steps;
        self.steps += count;
        let step = self.network.step;
        if self.layout.parts == 1 {
            let mut result = Ok(());
            for number in first..first + count {
                // SAFETY: the context is complete, and this thread has the only part.
                unsafe { step(&self.context, number, 0) };
                result = result.and(self.spikes.collect(&self.layout, number, log));
            }
            return result;
        }
        let context = Lent::new(&self.context);
        let layout = &self.layout;
        let team = &self.team;
        let spikes = Lent::new(&raw const self.spikes);
        team.try_run(|part| {
            let mut result = Ok(());
            for number in first..first + count {
                // SAFETY: the context is complete, and every part is stepped by one thread.
                unsafe { step(context.at(0), number, part) };
                team.barrier();
                if part == 0 {
                    // The others write to another slot by now, and cannot pass the next barrier
                    // before this thread comes to it.
                    // SAFETY: only thread 0 uses the spikes.
                    let spikes = unsafe { &mut *spikes.at(0).cast_mut() };
                    result = result.and(spikes.collect(layout, number, log));
                }
            }
            result
        })
    }

    fn take_snapshot(&mut self) -> Result<(), Error> {
        if self.changing {
            self.snapshot.steps = self.steps;
            return Ok(());
        }
        self.snapshot.take(self.steps, &self.state, &self.layout, &self.spikes)
    }

    /// Looks whether all states are finite; if not, the handle makes no more steps.
    fn look(&mut self) -> Result<(), Error> {
        let since = self.scanned;
        self.scanned = self.steps;
        match finite::find(&self.view, &self.state) {
            None => Ok(()),
            Some((state, index)) => {
                let value = element(&state, &self.state, index);
                let error = Error::NotFinite {
                    state: state.name,
                    unit: state.unit,
                    neuron: index,
                    value,
                    before: None,
                    since: Some(since),
                    step: self.steps,
                    dt: self.view.dt,
                };
                let error = self.find_step().unwrap_or(error);
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    /// Makes the steps since the snapshot again, one by one, up to the first bad number; there
    /// the network stays.
    fn find_step(&mut self) -> Option<Error> {
        let (first, end) = (self.snapshot.steps, self.steps);
        if !self.snapshot.replayable || first == end {
            return None;
        }
        self.rewind();
        let mut found = finite::find(&self.view, &self.state);
        while found.is_none() && self.steps < end {
            self.make(1, false).ok()?;
            found = finite::find(&self.view, &self.state);
        }
        let (state, index) = found?;
        let bad = self.steps;
        self.rewind();
        if bad > first {
            self.make(bad - first - 1, false).ok()?;
        }
        let before = element(&state, &self.state, index);
        if bad > first {
            self.make(1, false).ok()?;
        }
        for recorder in self.recorders.iter_mut() {
            recorder.forget_after(bad, end);
        }
        self.spikes.forget_after(bad.saturating_sub(1));
        Some(Error::NotFinite {
            state: state.name,
            unit: state.unit,
            neuron: index,
            value: element(&state, &self.state, index),
            before: before.is_finite().then_some(before),
            since: None,
            step: bad.saturating_sub(1),
            dt: self.view.dt,
        })
    }

    fn rewind(&mut self) {
        self.snapshot.restore(&mut self.state, &mut self.layout, &mut self.spikes);
        self.steps = self.snapshot.steps;
    }

    /// After everything that steps depend on was replaced.
    pub fn reset_watch(&mut self) {
        self.snapshot.replayable = false;
        self.snapshot.steps = self.steps;
        self.scanned = self.steps;
        self.synapses_scanned = self.steps;
        self.spikes.reset_counters();
        self.failed = None;
    }

    /// Notes a failure for `last_error`; its number.
    pub fn note(&mut self, result: Result<(), Error>) -> i32 {
        match result {
            Ok(()) => 0,
            Err(error) => {
                // A text that is too long is cut off.
                let _ = write!(Text::new(&mut self.message), "{error}");
                error.code()
            }
        }
    }

    /// The text of the last failure, ending in a zero.
    pub fn message(&self) -> *const core::ffi::c_char {
        self.message.as_ptr().cast()
    }
}

/// Gives values that the synapses of a projection have been made with to the neurons that stand for them.
fn give(view: &DescriptorView<'static>, projection: usize, parts: &[Part], block: &mut [u8]) {
    let own = view.synapse_states.iter().filter(|state| state.projection as usize == projection);
    for (number, state) in (0..).zip(own) {
        let given = state.given_to.and_then(|given| view.states.get(given as usize));
        let (Some(given), Some(described)) = (given, view.projections.get(projection)) else { continue };
        let synapses = Synapses::new(described, parts, view.real_bytes);
        let mut rest = block.get_mut(given.offset as usize..).unwrap_or_default();
        rest = rest.get_mut(..(given.length * u64::from(view.real_bytes)) as usize).unwrap_or_default();
        synapses.bytes(synapses::Kind::State(number), |bytes| {
            if let Some((place, after)) = core::mem::take(&mut rest).split_at_mut_checked(bytes.len()) {
                place.copy_from_slice(bytes);
                rest = after;
            }
        });
    }
}

/// Merges ascending neurons into a list of the first `count`, leaving out what is there already;
/// the new length.
fn merge(room: &mut [u32], mut count: usize, new: &[u32]) -> usize {
    for &neuron in new {
        let list = room.get(..count).unwrap_or(&[]);
        let place = list.partition_point(|&it| it < neuron);
        if list.get(place) != Some(&neuron) && count < room.len() {
            room.copy_within(place..count, place + 1);
            room[place] = neuron;
            count += 1;
        }
    }
    count
}

/// A value in a parameter's declared unit, in internal units, if the parameter may have it.
fn internal_value(parameter: &Parameter<'static>, value: f64) -> Result<f64, Error> {
    let internal = value / parameter.factor;
    let why = if !parameter.settable {
        "cannot be set: it is computed from others or fixed at compile time"
    } else if !internal.is_finite() {
        "must be a finite number"
    } else if parameter.nonzero && internal == 0.0 {
        "must not be zero: something divides by it"
    } else {
        return Ok(internal);
    };
    Err(Error::Parameter { name: parameter.name, why })
}

/// Refuses a network that cannot fit, before anything is allocated.
fn check_memory(view: &DescriptorView<'static>, parts: u32, available: Option<u64>) -> Result<(), Error> {
    let mut synapses = 0.0;
    let mut synapse_bytes = 0.0;
    let mut bytes_per_synapse = 4;
    // States and their snapshot; rings and the lists in a snapshot, at most as large.
    let mut rest = 2.0 * view.state_bytes as f64 + 2.0 * Layout::bytes(view);
    for (index, projection) in view.projections.iter().enumerate() {
        let size = |population: u32| view.populations.get(population as usize).map_or(0, |population| population.size);
        let (sources, targets) = (size(projection.source), size(projection.target));
        let mut counted = projection;
        // Each is about an earlier one.
        while let Rule::Transposed { of } | Rule::OfSynapses { of, .. } = counted.rule
            && let Some(other) = view.projections.get(of as usize)
        {
            counted = other;
        }
        let expected = expected_synapses(&Projection { chosen: projection.chosen, ..counted });
        let states = view.synapse_states.iter().filter(|it| it.projection as usize == index).count() as u64;
        let reals = states + u64::from(projection.weight_per_synapse);
        let bytes = 4 + reals * u64::from(view.real_bytes) + if projection.columns { 8 } else { 0 };
        synapses += expected;
        synapse_bytes += expected * bytes as f64;
        bytes_per_synapse = bytes_per_synapse.max(bytes);
        rest += sources as f64 * projection.delays() as f64 * f64::from(parts) * 4.0;
        rest += if projection.columns { 4.0 * targets as f64 } else { 0.0 };
        // Well above, so that chance does not matter; the exact count is compared later.
        let in_part = expected / f64::from(parts);
        if in_part > 1.01 * f64::from(u32::MAX) && available.is_none_or(|it| synapse_bytes < it as f64) {
            return Err(Error::TooManySynapses { projection: projection.name, synapses: in_part });
        }
    }
    let needed = synapse_bytes + rest;
    match available {
        Some(available) if needed > available as f64 => {
            let largest = view.populations.iter().max_by_key(|population| population.size);
            let (largest, neurons) = largest.map_or(("", 0), |population| (population.name, population.size));
            Err(Error::TooLarge { needed, synapses, bytes_per_synapse, rest, available, largest, neurons })
        }
        _ => Ok(()),
    }
}
