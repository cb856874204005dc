//! A network as the compiler would generate it, but for any sizes and projections: what would be
//! constants in generated code is read from fixed parameters here.

use std::boxed::Box;
use std::ffi::{CStr, CString};
use std::string::String;
use std::vec;
use std::vec::Vec;

use bpc_runtime_abi::descriptor::*;
use bpc_runtime_abi::{ABI_VERSION, Context, Network};

use crate::api::*;
use crate::instance::Instance;
use crate::philox::{key, philox};

/// Settable parameters; then the number of populations, of projections, size, padding, slots of
/// each population, source, target, delays, own weights, plasticity, columns of each projection.
const FIXED: usize = 5;
const PER_PROJECTION: usize = 7;
const DT: f64 = 0.1;

/// Synapses of a plastic projection have a public state `p.x` and a private one `p.y`. A spike that
/// arrives adds to x and x to the weight; a spike of the target, if there are columns, scales the
/// weights onto it and adds the row to y.
pub struct Toy {
    pub sizes: Vec<u64>,
    pub projections: Vec<Projection<'static>>,
}

/// All neurons, however many there are.
pub const WHOLE: Neurons = Neurons { first: 0, count: u32::MAX };

pub fn projection(source: u32, target: u32, rule: Rule) -> Projection<'static> {
    Projection {
        pairs: Pairs::default(),
        name: "p",
        source,
        target,
        stream: 5 + source * 10 + target,
        rule,
        sources: WHOLE,
        targets: WHOLE,
        allow_self: true,
        symmetric: false,
        candidates: Candidates::All,
        min_delay: 3,
        max_delay: 3,
        weight_per_synapse: false,
        columns: false,
        plastic: false,
        normalised: None,
        chosen: None,
        degrees: [None; 2],
    }
}

impl Toy {
    /// Two populations joined in every way.
    pub fn usual() -> Toy {
        let mut between = projection(0, 1, Rule::FixedProbability(0.1));
        between.max_delay = 9;
        between.weight_per_synapse = true;
        let mut within = projection(0, 0, Rule::FixedInDegree { degree: 20, with_replacement: true });
        within.allow_self = false;
        within.weight_per_synapse = true;
        let back = projection(1, 0, Rule::FixedOutDegree { degree: 30, with_replacement: false });
        Toy { sizes: vec![500, 203], projections: vec![between, within, back] }
    }

    /// Two populations, and between them synapses that change.
    pub fn plastic() -> Toy {
        let mut between = projection(0, 1, Rule::FixedInDegree { degree: 40, with_replacement: true });
        between.max_delay = 9;
        (between.weight_per_synapse, between.plastic, between.columns) = (true, true, true);
        let mut fixed = projection(0, 0, Rule::FixedProbability(0.05));
        (fixed.name, fixed.weight_per_synapse) = ("fixed", true);
        let one = Projection { name: "one", ..projection(1, 0, Rule::AllToAll) };
        Toy { sizes: vec![500, 203], projections: vec![fixed, between, one] }
    }

    /// The projection with the sizes of its populations in place of [`WHOLE`].
    pub fn whole(&self, it: Projection<'static>) -> Projection<'static> {
        let size = |neurons, population: u32| match neurons {
            WHOLE => Neurons::all(self.sizes[population as usize] as u32),
            part => part,
        };
        Projection { sources: size(it.sources, it.source), targets: size(it.targets, it.target), ..it }
    }

    pub fn network(&self) -> &'static Network {
        let slots = self.projections.iter().map(|it| it.max_delay + 1).max().unwrap_or(2).max(2);
        let constant =
            |name, default: f64| Parameter { name, unit: "", factor: 1.0, default, settable: false, nonzero: false };
        let settable =
            |name, unit, factor, default, nonzero| Parameter { name, unit, factor, default, settable: true, nonzero };
        let mut parameters = vec![
            settable("tau", "ms", 1.0, 20.0, true),
            settable("drive", "mV", 1000.0, 0.06, false),
            settable("w", "", 1.0, 0.02, false),
            settable("poison", "", 1.0, -1.0, false),
            settable("synapse_poison", "", 1.0, -1.0, false),
            constant("populations", self.sizes.len() as f64),
            constant("projections", self.projections.len() as f64),
        ];
        let (mut populations, mut states, mut inputs) = (vec![], vec![], vec![]);
        let mut offset = 0;
        for (index, &size) in self.sizes.iter().enumerate() {
            let population = index as u32;
            let padded = padded(size);
            let names = [["E", "E.V", "E.g", "E.left"], ["I", "I.V", "I.g", "I.left"]][index % 2];
            populations.push(Population {
                name: names[0],
                size,
                padded,
                ring_slots: slots,
                spikes_change_states: false,
            });
            inputs.push(Input { name: ["E.I", "I.I"][index % 2], unit: "V", population });
            for (kind, element) in [Element::F64, Element::F64, Element::I32].into_iter().enumerate() {
                states.push(State {
                    name: names[kind + 1],
                    unit: if kind == 0 { "V" } else { "" },
                    population,
                    offset,
                    length: size,
                    element,
                    public: kind < 2,
                    in_coefficients: false,
                });
                offset += padded * element.bytes();
            }
            parameters.extend([size, padded, slots.into()].map(|it| constant("", it as f64)));
        }
        for it in &self.projections {
            let flags = [it.weight_per_synapse, it.plastic, it.columns].map(u32::from);
            let numbers = [it.source, it.target, it.min_delay, it.max_delay];
            parameters.extend(numbers.into_iter().chain(flags).map(|it| constant("", it.into())));
        }
        let plastic = (0..).zip(&self.projections).filter(|(_, it)| it.plastic);
        let synapse_states = plastic.flat_map(|(projection, _)| {
            [("p.x", true), ("p.y", false)].map(|(name, public)| SynapseState {
                name,
                unit: "",
                projection,
                public,
                given_to: None,
            })
        });
        let descriptor = NetworkDescriptor {
            name: "Toy",
            real_bytes: 8,
            dt: DT,
            state_bytes: offset,
            derived_bytes: 16,
            parameters,
            populations,
            states,
            inputs,
            projections: self.projections.iter().map(|&it| self.whole(it)).collect(),
            synapse_states: synapse_states.collect(),
        };
        network_of(&descriptor)
    }

    pub fn create(&self, seed: u64, threads: u32) -> Handle {
        Handle::create(self.network(), seed, threads).unwrap()
    }
}

pub fn network_of(descriptor: &NetworkDescriptor) -> &'static Network {
    let descriptor = descriptor.encode().leak();
    Box::leak(Box::new(Network {
        abi_version: ABI_VERSION,
        reserved: 0,
        descriptor: descriptor.as_ptr(),
        descriptor_length: descriptor.len() as u64,
        derive,
        init,
        step,
        synapses,
        coefficients: None,
    }))
}

/// What a generated function knows.
struct Code<'a> {
    context: &'a Context,
    parameters: &'a [f64],
}

impl<'a> Code<'a> {
    unsafe fn new(context: *const Context) -> Self {
        // SAFETY: the runtime passes a complete context, with all parameters.
        unsafe {
            let context = &*context;
            let counts = core::slice::from_raw_parts(context.parameters.add(FIXED), 2);
            let length = FIXED + 2 + counts[0] as usize * 3 + counts[1] as usize * PER_PROJECTION;
            let parameters = core::slice::from_raw_parts(context.parameters, length);
            Code { context, parameters }
        }
    }

    fn populations(&self) -> usize {
        self.parameters[FIXED] as usize
    }

    /// Size, padding, slots.
    fn population(&self, index: usize) -> [usize; 3] {
        let start = FIXED + 2 + index * 3;
        core::array::from_fn(|n| self.parameters[start + n] as usize)
    }

    fn projections(&self) -> usize {
        self.parameters[FIXED + 1] as usize
    }

    /// Source, target, least and greatest delay, own weights, plasticity, columns.
    fn projection(&self, index: usize) -> [usize; PER_PROJECTION] {
        let start = FIXED + 2 + self.populations() * 3 + index * PER_PROJECTION;
        core::array::from_fn(|n| self.parameters[start + n] as usize)
    }

    fn range(&self, population: usize, part: u32) -> core::ops::Range<usize> {
        let place = population * (self.context.parts as usize + 1) + part as usize;
        let size = self.population(population)[0];
        // SAFETY: ranges has this many entries.
        let (start, end) = unsafe { (*self.context.ranges.add(place), *self.context.ranges.add(place + 1)) };
        assert!(start % 64 == 0 && end % 64 == 0);
        (start as usize).min(size)..(end as usize).min(size)
    }

    /// Where V, g and the steps left of a population are.
    fn states(&self, population: usize) -> (*mut f64, *mut f64, *mut i32) {
        let before: usize = (0..population).map(|it| self.population(it)[1] * 20).sum();
        let padded = self.population(population)[1];
        // SAFETY: these are the offsets of the descriptor.
        unsafe {
            let start = self.context.state.add(before);
            assert_eq!(start as usize % 64, 0);
            (start.cast(), start.add(padded * 8).cast(), start.add(padded * 16).cast())
        }
    }
}

unsafe extern "C" fn derive(context: *const Context) {
    // SAFETY: 16 bytes of derived scalars.
    unsafe { *(*context).derived.cast::<f64>() = 1.0 - DT / *(*context).parameters };
}

unsafe extern "C" fn init(context: *const Context, part: u32) {
    // SAFETY: as `Code` says; a part writes its own neurons only.
    unsafe {
        let code = Code::new(context);
        for population in 0..code.populations() {
            for neuron in code.range(population, part) {
                let counter = [neuron as u32, population as u32, 0, 1];
                let [word, ..] = philox(counter, key(code.context.seed));
                *code.states(population).0.add(neuron) = f64::from(word) / 4294967296.0;
            }
        }
    }
}

unsafe extern "C" fn step(context: *const Context, step: u64, part: u32) {
    // SAFETY: as `Code` says; a part writes its own targets and lists only.
    unsafe {
        let code = Code::new(context);
        let context = code.context;
        let parts = context.parts as usize;
        for index in 0..code.projections() {
            let [source, target, min_delay, max_delay, own_weights, plastic, _] = code.projection(index);
            let [_, padded, slots] = code.population(source);
            let topology = &*context.topologies.add(index * parts + part as usize);
            assert_eq!(own_weights == 0, topology.weights.is_null());
            let (_, g, _) = code.states(target);
            for delay in min_delay..=max_delay {
                let slot = ((step + slots as u64 - delay as u64) % slots as u64) as usize;
                for from in 0..parts {
                    let start = *context.ranges.add(source * (parts + 1) + from) as usize;
                    let list = (*context.spikes.add(source)).add(slot * padded + start);
                    let count = *(*context.counts.add(source)).add(slot * parts + from);
                    for n in 0..count as usize {
                        let neuron = *list.add(n) as usize;
                        let row = neuron * (max_delay - min_delay + 1) + delay - min_delay;
                        let first = *topology.row_starts.add(row) as usize;
                        let last = *topology.row_starts.add(row + 1) as usize;
                        for synapse in first..last {
                            let target = *topology.targets.add(synapse) as usize;
                            let weight = if own_weights == 1 {
                                *topology.weights.cast::<f64>().add(synapse)
                            } else {
                                code.parameters[2]
                            };
                            *g.add(target) += weight;
                            if plastic == 1 {
                                let x = (*topology.states).cast::<f64>().add(synapse);
                                *x = *x * 0.9 + 0.1;
                                *topology.weights.cast::<f64>().add(synapse) += *x * 1e-4;
                            }
                        }
                    }
                }
            }
        }
        let decay = *context.derived.cast::<f64>();
        for population in 0..code.populations() {
            let [_, padded, slots] = code.population(population);
            let slot = (step % slots as u64) as usize;
            let (v, g, left) = code.states(population);
            let start = *context.ranges.add(population * (parts + 1) + part as usize) as usize;
            let list = (*context.spikes.add(population)).add(slot * padded + start);
            let mut count = 0;
            let input = &*context.inputs.add(population);
            for neuron in code.range(population, part) {
                let (v, g, left) = (&mut *v.add(neuron), &mut *g.add(neuron), &mut *left.add(neuron));
                let fed = *input.values.cast::<f64>().add((neuron as u64 & input.mask) as usize);
                if *left > 0 {
                    *left -= 1;
                } else {
                    *v = *v * decay + *g + code.parameters[1] * DT + fed;
                }
                *g *= 0.98;
                if *v >= 1.0 {
                    *v = 0.0;
                    *left = 20;
                    *list.add(count) = neuron as u32;
                    count += 1;
                }
                if code.parameters[3] == step as f64 && population == 0 && neuron == 17 {
                    *v = f64::NAN;
                }
            }
            *(*context.counts.add(population)).add(slot * parts + part as usize) = count as u32;
        }
        for index in 0..code.projections() {
            let [_, target, .., plastic, columns] = code.projection(index);
            let topology = &*context.topologies.add(index * parts + part as usize);
            assert_eq!(columns == 0, topology.column_starts.is_null());
            assert_eq!(plastic == 0, topology.states.is_null());
            if plastic == 0 || columns == 0 {
                continue;
            }
            let [_, padded, slots] = code.population(target);
            let start = *context.ranges.add(target * (parts + 1) + part as usize) as usize;
            let slot = (step % slots as u64) as usize;
            let count = *(*context.counts.add(target)).add(slot * parts + part as usize) as usize;
            let list = (*context.spikes.add(target)).add(slot * padded + start);
            let column = |neuron: usize| {
                let borders = topology.column_starts.add(neuron - start);
                *borders as usize..*borders.add(1) as usize
            };
            let [x, y] = [0, 1].map(|it| (*topology.states.add(it)).cast::<f64>());
            for n in 0..count {
                for place in column(*list.add(n) as usize) {
                    let synapse = *topology.column_synapses.add(place) as usize;
                    *topology.weights.cast::<f64>().add(synapse) *= 0.95;
                    *y.add(synapse) += f64::from(*topology.column_rows.add(place));
                }
            }
            if code.parameters[4] == step as f64 && code.range(target, part).contains(&17) {
                *x.add(*topology.column_synapses.add(column(17).start) as usize) = f64::NAN;
            }
        }
    }
}

/// The weight and the delay of a synapse, a function of its address.
pub fn synapse(kind: u32, projection: u32, source: u32, target: u32, ordinal: u32) -> f64 {
    let [word, ..] = philox([source, target, ordinal, kind + 4 * projection], [1, 2]);
    let uniform = f64::from(word) / 4294967296.0;
    if kind == 0 { 0.03 * uniform } else { uniform * 1.1 }
}

/// The probability of a pair, a function of both indices; 2 for the pair (13, 77).
pub fn probability(source: u32, target: u32) -> f64 {
    match (source, target) {
        (13, 77) => 2.0,
        _ if target.is_multiple_of(5) => 0.0,
        _ if target % 7 == 3 => 1.0,
        _ => f64::from((source + 3 * target) % 100) / 100.0,
    }
}

/// The projection that draws in proportion.
pub const PROPORTIONAL: u32 = 3;

/// What it draws in proportion to: of some pairs nothing, of one a mistake.
pub fn proportion(source: u32, target: u32) -> f64 {
    match (source, target) {
        (200, 7) => -1.0,
        _ => f64::from((5 * source + 3 * target) % 7).powi(2) * 0.37,
    }
}

/// What normalised weights of a neuron sum up to.
pub fn total(neuron: u32) -> f64 {
    f64::from(2 + neuron % 5)
}

/// The first of the projections whose synapses choose, and among how many.
pub const CHOSEN: u32 = 5;
pub const OF: u32 = 3;

/// The number that a synapse chooses.
pub fn choice(source: u32, target: u32, ordinal: u32) -> u32 {
    (source + target + 2 * ordinal) % OF
}

/// The projections that have normalised weights: by target, and by source.
pub const NORMALISED: [u32; 2] = [0, 2];

/// What projections other than the first ask of a pair.
pub fn condition(source: u32, target: u32) -> bool {
    (7 * source + 3 * target) % 5 < 3
}

#[allow(clippy::too_many_arguments, reason = "the contract's signature")]
unsafe extern "C" fn synapses(
    _: *const Context,
    projection: u32,
    kind: u32,
    source: u32,
    count: u64,
    targets: *const u32,
    ordinals: *const u32,
    values: *mut f64,
) {
    for n in 0..count as usize {
        // SAFETY: `count` elements each.
        unsafe {
            *values.add(n) = match kind {
                2 if projection == 0 => probability(source, *targets.add(n)),
                3 if projection >= CHOSEN => choice(source, *targets.add(n), *ordinals.add(n)).into(),
                3 if projection == NORMALISED[0] => total(*targets.add(n)),
                3 if projection == NORMALISED[1] => total(source),
                2 if projection == PROPORTIONAL => proportion(source, *targets.add(n)),
                2 => u32::from(condition(source, *targets.add(n))).into(),
                _ => synapse(kind, projection, source, *targets.add(n), *ordinals.add(n)),
            };
        }
    }
}

/// A handle, used through the C interface.
pub struct Handle(pub *mut Instance);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: from create, once.
        unsafe { bpc_rt3_destroy(self.0) }
    }
}

impl Handle {
    pub fn create(network: &'static Network, seed: u64, threads: u32) -> Result<Handle, String> {
        Handle::with_parameters(network, seed, threads, None)
    }

    pub fn with_parameters(
        network: &'static Network,
        seed: u64,
        threads: u32,
        parameters: Option<&[f64]>,
    ) -> Result<Handle, String> {
        let mut error = [1u8; 300];
        let parameters = parameters.map_or(core::ptr::null(), <[f64]>::as_ptr);
        // SAFETY: all are as long as said.
        let net = unsafe { bpc_rt3_create(network, seed, parameters, threads, error.as_mut_ptr().cast(), 300) };
        let text = CStr::from_bytes_until_nul(&error).unwrap().to_str().unwrap();
        if net.is_null() { Err(text.into()) } else { Ok(Handle(net)) }
    }

    pub fn instance(&self) -> &Instance {
        // SAFETY: alive.
        unsafe { &*self.0 }
    }

    pub fn error(&self) -> String {
        // SAFETY: alive; the text is copied.
        unsafe { CStr::from_ptr(bpc_rt3_last_error(self.0)) }.to_str().unwrap().into()
    }

    pub fn step(&self, steps: u64) -> i32 {
        // SAFETY: alive.
        unsafe { bpc_rt3_step(self.0, steps) }
    }

    pub fn hash(&self) -> [u8; 16] {
        let mut hash = [0; 16];
        // SAFETY: alive, and 16 bytes.
        assert_eq!(unsafe { bpc_rt3_spike_hash(self.0, hash.as_mut_ptr()) }, 0);
        hash
    }

    pub fn count(&self, population: i32) -> u64 {
        // SAFETY: alive.
        unsafe { bpc_rt3_spike_count(self.0, population) }
    }

    pub fn spikes(&self, population: i32) -> Vec<(u64, u32)> {
        // SAFETY: alive; capacity 0 needs no places.
        let count = unsafe { bpc_rt3_take_spikes(self.0, population, core::ptr::null_mut(), core::ptr::null_mut(), 0) }
            as usize;
        let (mut steps, mut neurons) = (vec![0; count + 1], vec![0; count + 1]);
        // SAFETY: the places are as long as said.
        let taken = unsafe {
            let (steps, neurons) = (steps.as_mut_ptr(), neurons.as_mut_ptr());
            bpc_rt3_take_spikes(self.0, population, steps, neurons, count as u64 + 1)
        };
        assert_eq!(taken as usize, count);
        steps.into_iter().zip(neurons).take(count).collect()
    }

    pub fn set(&self, name: &str, value: f64) -> i32 {
        let name = CString::new(name).unwrap();
        // SAFETY: alive, and the name ends in a zero.
        unsafe {
            let parameter = bpc_rt3_parameter_handle(self.instance().network, name.as_ptr());
            bpc_rt3_set_parameter(self.0, parameter, value)
        }
    }

    pub fn inject(&self, population: i32, neurons: &[u32]) -> i32 {
        // SAFETY: alive, and as long as said.
        unsafe { bpc_rt3_inject_spikes(self.0, population, neurons.as_ptr(), neurons.len() as u64) }
    }

    #[allow(clippy::mut_from_ref, reason = "as in C; the tests hold one slice at a time")]
    pub fn state(&self, index: i32) -> &mut [f64] {
        let (mut length, mut element) = (0, 0);
        // SAFETY: alive; the tests use one slice at a time.
        unsafe {
            let values = bpc_rt3_state(self.0, index, &mut length, &mut element);
            assert_eq!(element, 1);
            core::slice::from_raw_parts_mut(values.cast(), length as usize)
        }
    }

    pub fn synapse_state(&self, name: &str) -> i32 {
        let name = CString::new(name).unwrap();
        // SAFETY: alive, and the name ends in a zero.
        unsafe { bpc_rt3_synapse_state_handle(self.instance().network, name.as_ptr()) }
    }

    /// A quantity of the synapses of a projection.
    pub fn quantity(&self, projection: i32, name: &str) -> Vec<f64> {
        // SAFETY: alive, and as long as said.
        unsafe {
            let mut values = vec![0.0; bpc_rt3_projection_synapse_count(self.0, projection) as usize];
            let count = values.len() as u64;
            assert_eq!(bpc_rt3_get_synapse_state(self.0, self.synapse_state(name), values.as_mut_ptr(), count), 0);
            values
        }
    }

    pub fn set_quantity(&self, name: &str, values: &[f64]) -> i32 {
        // SAFETY: alive, and as long as said.
        unsafe { bpc_rt3_set_synapse_state(self.0, self.synapse_state(name), values.as_ptr(), values.len() as u64) }
    }

    pub fn save(&self) -> Vec<u8> {
        // SAFETY: alive, and as long as said.
        unsafe {
            let mut buffer = vec![0; bpc_rt3_save_size(self.0) as usize];
            assert_eq!(bpc_rt3_save(self.0, buffer.as_mut_ptr().cast(), buffer.len() as u64), 0);
            buffer
        }
    }

    pub fn load(&self, buffer: &[u8]) -> i32 {
        // SAFETY: alive, and as long as said.
        unsafe { bpc_rt3_load(self.0, buffer.as_ptr().cast(), buffer.len() as u64) }
    }

    /// All synapses of a projection as (source, delay in steps, target, weight), by rows.
    pub fn matrix(&self, projection: u32) -> Vec<(u32, u32, u32, u64)> {
        let context = self.instance().context();
        // SAFETY: the context is complete.
        let code = unsafe { Code::new(context) };
        let [source, target, min, max, own, ..] = code.projection(projection as usize);
        let mut all = vec![];
        for part in 0..context.parts {
            let range = code.range(target, part);
            // SAFETY: as generated code reads it.
            unsafe {
                let place = projection * context.parts + part;
                let topology = &*context.topologies.add(place as usize);
                for row in 0..code.population(source)[0] * (max - min + 1) {
                    let first = *topology.row_starts.add(row) as usize;
                    let last = *topology.row_starts.add(row + 1) as usize;
                    let mut before = 0;
                    for synapse in first..last {
                        let target = *topology.targets.add(synapse);
                        assert!(range.contains(&(target as usize)) && before <= target);
                        before = target;
                        let weight = match own {
                            0 => 0,
                            _ => *topology.weights.cast::<u64>().add(synapse),
                        };
                        let (source, delay) = (row / (max - min + 1), row % (max - min + 1));
                        all.push((source as u32, (min + delay) as u32, target, weight));
                    }
                }
            }
        }
        all.sort_by_key(|it| (it.0, it.1, it.2));
        all
    }
}
