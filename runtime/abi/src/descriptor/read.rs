//! Reading an encoded descriptor in place, without memory of its own.

use core::marker::PhantomData;

use super::{
    Candidates, Chosen, Element, End, Input, MAGIC, MOST_CHOSEN, Neurons, Pairs, Parameter, Population, Projection,
    Rule, State, SynapseState, padded,
};
use crate::ABI_VERSION;

/// A thing of fixed size in a [`Table`].
pub trait Record<'a>: Sized {
    /// Bytes of one record.
    const SIZE: usize;
    /// Reads one record; `None` if it makes no sense.
    fn read(from: &mut Reader<'a>) -> Option<Self>;
}

/// Takes numbers and names off the front of a record.
#[derive(Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    strings: &'a [u8],
    lists: &'a [u8],
}

impl<'a> Reader<'a> {
    fn words(&mut self) -> Option<&'a [u8]> {
        let start = usize::try_from(self.u64()?.checked_mul(4)?).ok()?;
        let length = usize::try_from(self.u64()?.checked_mul(4)?).ok()?;
        self.lists.get(start..start.checked_add(length)?)
    }

    fn u32(&mut self) -> Option<u32> {
        let (first, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(u32::from_le_bytes(*first))
    }

    fn u64(&mut self) -> Option<u64> {
        let (first, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(u64::from_le_bytes(*first))
    }

    fn f64(&mut self) -> Option<f64> {
        self.u64().map(f64::from_bits)
    }

    fn bool(&mut self) -> Option<bool> {
        match self.u32()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn neurons(&mut self) -> Option<Neurons> {
        Some(Neurons { first: self.u32()?, count: self.u32()? })
    }

    fn name(&mut self) -> Option<&'a str> {
        let start = self.u32()? as usize;
        let length = self.u32()? as usize;
        text(self.strings, start, length)
    }

    fn table<T: Record<'a>>(&mut self, count: u32) -> Option<Table<'a, T>> {
        let length = (count as usize).checked_mul(T::SIZE)?;
        let (records, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(Table { records, strings: self.strings, lists: self.lists, marker: PhantomData })
    }
}

fn text(strings: &[u8], start: usize, length: usize) -> Option<&str> {
    core::str::from_utf8(strings.get(start..start.checked_add(length)?)?).ok()
}

/// The records of one kind.
pub struct Table<'a, T> {
    records: &'a [u8],
    strings: &'a [u8],
    lists: &'a [u8],
    marker: PhantomData<T>,
}

impl<T> Clone for Table<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Table<'_, T> {}

impl<'a, T: Record<'a>> Table<'a, T> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.records.len() / T::SIZE
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The record at an index.
    pub fn get(&self, index: usize) -> Option<T> {
        let start = index.checked_mul(T::SIZE)?;
        let bytes = self.records.get(start..start.checked_add(T::SIZE)?)?;
        T::read(&mut Reader { bytes, strings: self.strings, lists: self.lists })
    }

    /// All records in order.
    pub fn iter(&self) -> Iter<'a, T> {
        Iter { table: *self, next: 0 }
    }
}

impl<'a, T: Record<'a>> IntoIterator for Table<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

/// Walks a [`Table`].
pub struct Iter<'a, T> {
    table: Table<'a, T>,
    next: usize,
}

impl<'a, T: Record<'a>> Iterator for Iter<'a, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let record = self.table.get(self.next)?;
        self.next += 1;
        Some(record)
    }
}

impl<'a> Record<'a> for Parameter<'a> {
    const SIZE: usize = 40;

    fn read(from: &mut Reader<'a>) -> Option<Self> {
        Some(Parameter {
            name: from.name()?,
            unit: from.name()?,
            factor: from.f64()?,
            default: from.f64()?,
            settable: from.bool()?,
            nonzero: from.bool()?,
        })
    }
}

impl<'a> Record<'a> for Population<'a> {
    const SIZE: usize = 32;

    fn read(from: &mut Reader<'a>) -> Option<Self> {
        Some(Population {
            name: from.name()?,
            size: from.u64()?,
            padded: from.u64()?,
            ring_slots: from.u32()?,
            spikes_change_states: from.bool()?,
        })
    }
}

impl<'a> Record<'a> for State<'a> {
    const SIZE: usize = 48;

    fn read(from: &mut Reader<'a>) -> Option<Self> {
        Some(State {
            name: from.name()?,
            unit: from.name()?,
            population: from.u32()?,
            offset: from.u64()?,
            length: from.u64()?,
            element: Element::from_code(from.u32()?)?,
            public: from.bool()?,
            in_coefficients: from.bool()?,
        })
    }
}

impl<'a> Record<'a> for Input<'a> {
    const SIZE: usize = 20;

    fn read(from: &mut Reader<'a>) -> Option<Self> {
        Some(Input { name: from.name()?, unit: from.name()?, population: from.u32()? })
    }
}

impl<'a> Record<'a> for Projection<'a> {
    const SIZE: usize = 112;

    fn read(from: &mut Reader<'a>) -> Option<Self> {
        let name = from.name()?;
        let source = from.u32()?;
        let target = from.u32()?;
        let stream = from.u32()?;
        let kind = from.u32()?;
        let option = from.u32()?;
        let value = from.u64()?;
        let other = from.u32()?;
        let flag = option == 1;
        let with_replacement = flag;
        if option > 1 && !matches!(kind, 7 | 9..=11 | 13) {
            return None;
        }
        let rule = match kind {
            0 => Rule::AllToAll,
            1 => Rule::OneToOne,
            2 => Rule::FixedProbability(f64::from_bits(value)),
            3 => Rule::FixedInDegree { degree: value, with_replacement },
            4 => Rule::FixedOutDegree { degree: value, with_replacement },
            5 => Rule::FixedTotal { total: value, with_replacement },
            6 => Rule::Pairwise { mean: f64::from_bits(value), reads_parameters: flag },
            7 => Rule::SmallWorld { degree: option, rewired: f64::from_bits(value) },
            8 => Rule::ScaleFree { edges: u32::try_from(value).ok()? },
            9 => Rule::SmallWorldUndirected { degree: option, rewired: f64::from_bits(value) },
            10 => Rule::ScaleFreeTriads { edges: option, triads: f64::from_bits(value) },
            11 => {
                let probability = f64::from_bits(value);
                Rule::ScaleFreeDual { edges: option, otherwise: other, probability }
            }
            12 => Rule::Transposed { of: u32::try_from(value).ok()? },
            13 if option < 4 => Rule::OfSynapses {
                of: u32::try_from(value).ok()?,
                end: if option % 2 == 1 { End::Target } else { End::Source },
                from_synapses: option >= 2,
            },
            32 => Rule::Explicit,
            _ => return None,
        };
        let (sources, targets) = (from.neurons()?, from.neurons()?);
        let (allow_self, min_delay, max_delay) = (from.bool()?, from.u32()?, from.u32()?);
        let (weight_per_synapse, pairs) = (from.bool()?, Pairs { words: from.words()? });
        let (columns, plastic, flags) = (from.bool()?, from.bool()?, from.u32()?);
        Some(Projection {
            name,
            source,
            target,
            stream,
            rule,
            sources,
            targets,
            allow_self,
            min_delay,
            max_delay,
            weight_per_synapse,
            pairs,
            columns,
            plastic,
            symmetric: flags & 1 == 1,
            normalised: match flags >> 1 & 3 {
                0 => None,
                1 => Some(End::Target),
                2 => Some(End::Source),
                _ => return None,
            },
            chosen: match (flags >> 3 & MOST_CHOSEN, flags >> 17) {
                (0, 0) => None,
                (of, number) if number < of => Some(Chosen { number, of }),
                _ => return None,
            },
            candidates: match from.u32()? {
                0 => Candidates::All,
                1 => Candidates::Where { reads_parameters: false },
                2 => Candidates::Where { reads_parameters: true },
                3 => Candidates::Proportional { reads_parameters: false },
                4 => Candidates::Proportional { reads_parameters: true },
                _ => return None,
            },
            degrees: [from.u32()?.checked_sub(1), from.u32()?.checked_sub(1)],
        })
    }
}

impl<'a> Record<'a> for SynapseState<'a> {
    const SIZE: usize = 28;

    fn read(from: &mut Reader<'a>) -> Option<Self> {
        Some(SynapseState {
            name: from.name()?,
            unit: from.name()?,
            projection: from.u32()?,
            public: from.bool()?,
            given_to: from.u32()?.checked_sub(1),
        })
    }
}

/// An encoded descriptor, read in place and found sound.
#[derive(Clone, Copy)]
pub struct DescriptorView<'a> {
    /// The network's name.
    pub name: &'a str,
    /// Bytes of a real number: 4 or 8.
    pub real_bytes: u32,
    /// The step in ms.
    pub dt: f64,
    /// Size of the state block in bytes.
    pub state_bytes: u64,
    /// Size of the derived scalars in bytes.
    pub derived_bytes: u64,
    /// See [`Parameter`].
    pub parameters: Table<'a, Parameter<'a>>,
    /// See [`Population`].
    pub populations: Table<'a, Population<'a>>,
    /// See [`State`].
    pub states: Table<'a, State<'a>>,
    /// See [`Input`].
    pub inputs: Table<'a, Input<'a>>,
    /// See [`Projection`].
    pub projections: Table<'a, Projection<'a>>,
    /// See [`SynapseState`].
    pub synapse_states: Table<'a, SynapseState<'a>>,
}

impl<'a> DescriptorView<'a> {
    /// Reads a descriptor and checks that everything in it fits together: indices, sizes, places
    /// in the state block, delays and rings.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn read(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let view = Self::decode(bytes)?;
        view.check()?;
        Ok(view)
    }

    fn decode(bytes: &'a [u8]) -> Result<Self, &'static str> {
        const SHORT: &str = "the descriptor is too short";
        let mut reader = Reader { bytes, strings: &[], lists: &[] };
        if reader.u32() != Some(MAGIC) {
            return Err("this is not a descriptor");
        }
        if reader.u32() != Some(ABI_VERSION) {
            return Err("the descriptor has another ABI version");
        }
        if reader.u64() != Some(bytes.len() as u64) {
            return Err("the descriptor's length is wrong");
        }
        let mut body = || {
            let name_start = reader.u32()? as usize;
            let name_length = reader.u32()? as usize;
            let real_bytes = reader.u32()?;
            reader.u32()?;
            let dt = reader.f64()?;
            let state_bytes = reader.u64()?;
            let derived_bytes = reader.u64()?;
            let mut counts = [0u32; 6];
            for count in &mut counts {
                *count = reader.u32()?;
            }
            let words = reader.u32()? as usize;
            reader.u32()?;
            let [parameters, populations, states, inputs, projections, synapse_states] = counts;
            let sizes = [
                (parameters, Parameter::SIZE),
                (populations, Population::SIZE),
                (states, State::SIZE),
                (inputs, Input::SIZE),
                (projections, Projection::SIZE),
                (synapse_states, SynapseState::SIZE),
            ];
            let mut strings_start = 0usize;
            for (count, size) in sizes {
                strings_start = strings_start.checked_add((count as usize).checked_mul(size)?)?;
            }
            let lists_start = strings_start;
            strings_start = strings_start.checked_add(words.checked_mul(4)?)?;
            reader.lists = reader.bytes.get(lists_start..strings_start)?;
            reader.strings = reader.bytes.get(strings_start..)?;
            Some(DescriptorView {
                name: text(reader.strings, name_start, name_length)?,
                real_bytes,
                dt,
                state_bytes,
                derived_bytes,
                parameters: reader.table(parameters)?,
                populations: reader.table(populations)?,
                states: reader.table(states)?,
                inputs: reader.table(inputs)?,
                projections: reader.table(projections)?,
                synapse_states: reader.table(synapse_states)?,
            })
        };
        body().ok_or(SHORT)
    }

    fn check(&self) -> Result<(), &'static str> {
        let whole = self.parameters.iter().count() == self.parameters.len()
            && self.populations.iter().count() == self.populations.len()
            && self.states.iter().count() == self.states.len()
            && self.inputs.iter().count() == self.inputs.len()
            && self.projections.iter().count() == self.projections.len()
            && self.synapse_states.iter().count() == self.synapse_states.len();
        if !whole {
            return Err("a record of the descriptor cannot be read");
        }
        if self.real_bytes != 4 && self.real_bytes != 8 {
            return Err("real numbers have 4 or 8 bytes");
        }
        if !(self.dt.is_finite() && self.dt > 0.0) {
            return Err("dt is not positive");
        }
        for parameter in self.parameters {
            if !(parameter.factor.is_finite() && parameter.factor != 0.0) {
                return Err("a parameter's factor is not a number or zero");
            }
        }
        for population in self.populations {
            if population.padded != padded(population.size) || population.padded > u32::MAX as u64 {
                return Err("a population's padded size is wrong or beyond 2^32");
            }
            if population.ring_slots < 2 {
                return Err("a population keeps fewer than 2 steps of spikes");
            }
        }
        for state in self.states {
            let bytes = state.element.bytes();
            let end = state.length.checked_mul(bytes).and_then(|length| length.checked_add(state.offset));
            if end.is_none_or(|end| end > self.state_bytes) || state.offset % bytes != 0 {
                return Err("a state does not fit in the state block");
            }
            if self.populations.get(state.population as usize).is_none() {
                return Err("a state belongs to no population");
            }
        }
        for input in self.inputs {
            if self.populations.get(input.population as usize).is_none() {
                return Err("an input belongs to no population");
            }
        }
        for (index, projection) in self.projections.iter().enumerate() {
            let source = self.populations.get(projection.source as usize);
            let target = self.populations.get(projection.target as usize);
            let (Some(source), Some(target)) = (source, target) else {
                return Err("a projection joins no populations");
            };
            if projection.min_delay < 1 || projection.max_delay < projection.min_delay {
                return Err("a projection's delays are less than 1 step or in the wrong order");
            }
            if projection.max_delay >= source.ring_slots {
                return Err("a projection's delay is longer than its source keeps spikes");
            }
            if let Rule::FixedProbability(p)
            | Rule::Pairwise { mean: p, .. }
            | Rule::SmallWorld { rewired: p, .. }
            | Rule::SmallWorldUndirected { rewired: p, .. }
            | Rule::ScaleFreeTriads { triads: p, .. }
            | Rule::ScaleFreeDual { probability: p, .. } = projection.rule
                && !(0.0..=1.0).contains(&p)
            {
                return Err("a probability is not between 0 and 1");
            }
            if (projection.rule == Rule::Explicit) == projection.pairs.words.is_empty() {
                return Err("a projection has pairs without being explicit, or the other way round");
            }
            if projection.rule == Rule::Explicit && !projection.pairs.fits(source.size, target.size) {
                return Err("a list of pairs does not fit its populations");
            }
            if projection.rule == Rule::OneToOne && source.size != target.size {
                return Err("one-to-one joins populations of different sizes");
            }
            let ends = [(projection.sources, source.size), (projection.targets, target.size)];
            if ends.iter().any(|(part, size)| u64::from(part.first) + u64::from(part.count) > *size) {
                return Err("a projection chooses among neurons that are not there");
            }
            let whole = |(part, size): &(Neurons, u64)| part.first == 0 && u64::from(part.count) == *size;
            if !projection.rule.has_parts() && !ends.iter().all(whole) {
                return Err("a projection has parts, but its rule chooses among all neurons");
            }
            let one = projection.source == projection.target && projection.sources == projection.targets;
            if projection.rule.is_graph() && !one {
                return Err("a small world or a scale-free graph is not within one population");
            }
            if let Rule::Transposed { of } = projection.rule {
                let earlier = self.projections.get(of as usize).filter(|_| (of as usize) < index);
                let other_way = |it: &Projection| (it.source, it.target) == (projection.target, projection.source);
                let is_law = |it: &Projection| !matches!(it.rule, Rule::Transposed { .. } | Rule::Explicit);
                if !earlier.is_some_and(|it| other_way(&it) && is_law(&it)) {
                    return Err("a projection has the connections of none the other way round");
                }
            }
            if let Rule::OfSynapses { of, end, from_synapses } = projection.rule {
                let Some(earlier) = self.projections.get(of as usize).filter(|_| (of as usize) < index) else {
                    return Err("a projection joins the synapses of no earlier one");
                };
                let neurons = if end == End::Source { earlier.source } else { earlier.target };
                let other = if from_synapses { target } else { source };
                if self.populations.get(neurons as usize).is_none_or(|it| it.size != other.size) {
                    return Err(
                        "a projection of synapses joins a population that has not as many neurons as their ends",
                    );
                }
            }
            let of_pairs = matches!(projection.rule, Rule::FixedProbability(_) | Rule::Pairwise { .. });
            if projection.symmetric && !(one && of_pairs) {
                return Err("a projection is symmetric that cannot be");
            }
            if projection.candidates != Candidates::All && !projection.rule.has_candidates() {
                return Err("a projection has candidates, but its rule chooses among all pairs");
            }
            let counted = projection.degrees.iter().zip([projection.source, projection.target]);
            let of = |(state, population): (&Option<u32>, u32)| {
                state.is_none_or(|state| self.states.get(state as usize).is_some_and(|it| it.population == population))
            };
            if !counted.into_iter().all(of) {
                return Err("a projection counts its synapses for no neurons");
            }
            if projection.normalised.is_some() && !projection.weight_per_synapse {
                return Err("the weights of a projection are normalised, of which each synapse has none of its own");
            }
            if projection.plastic && !projection.weight_per_synapse {
                return Err("the synapses of a plastic projection have no weights of their own");
            }
        }
        for state in self.synapse_states {
            if self.projections.get(state.projection as usize).is_none() {
                return Err("a synapse state belongs to no projection");
            }
            if state.given_to.is_some_and(|given| self.states.get(given as usize).is_none()) {
                return Err("a synapse state goes to no state");
            }
        }
        Ok(())
    }
}
