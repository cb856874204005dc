//! Encoding a descriptor: the compiler's side.

use std::vec::Vec;

use super::{
    Candidates, DescriptorView, End, Input, MAGIC, MOST_CHOSEN, Parameter, Population, Projection, Record, Rule, State,
    SynapseState,
};
use crate::ABI_VERSION;

/// A network, as the compiler describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkDescriptor<'a> {
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
    pub parameters: Vec<Parameter<'a>>,
    /// See [`Population`].
    pub populations: Vec<Population<'a>>,
    /// See [`State`].
    pub states: Vec<State<'a>>,
    /// See [`Input`].
    pub inputs: Vec<Input<'a>>,
    /// See [`Projection`].
    pub projections: Vec<Projection<'a>>,
    /// See [`SynapseState`].
    pub synapse_states: Vec<SynapseState<'a>>,
}

impl<'a> NetworkDescriptor<'a> {
    /// The bytes that [`DescriptorView::read`] reads.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u32(MAGIC);
        out.u32(ABI_VERSION);
        out.u64(0); // the length, known at the end
        out.name(self.name);
        out.u32(self.real_bytes);
        out.u32(0);
        out.f64(self.dt);
        out.u64(self.state_bytes);
        out.u64(self.derived_bytes);
        out.u32(self.parameters.len() as u32);
        out.u32(self.populations.len() as u32);
        out.u32(self.states.len() as u32);
        out.u32(self.inputs.len() as u32);
        out.u32(self.projections.len() as u32);
        out.u32(self.synapse_states.len() as u32);
        let words: usize = self.projections.iter().map(|it| it.pairs.words.len() / 4).sum();
        out.u32(words as u32);
        out.u32(0);
        out.table(&self.parameters, |out, it| {
            out.name(it.name);
            out.name(it.unit);
            out.f64(it.factor);
            out.f64(it.default);
            out.u32(it.settable.into());
            out.u32(it.nonzero.into());
        });
        out.table(&self.populations, |out, it| {
            out.name(it.name);
            out.u64(it.size);
            out.u64(it.padded);
            out.u32(it.ring_slots);
            out.u32(it.spikes_change_states.into());
        });
        out.table(&self.states, |out, it| {
            out.name(it.name);
            out.name(it.unit);
            out.u32(it.population);
            out.u64(it.offset);
            out.u64(it.length);
            out.u32(it.element as u32);
            out.u32(it.public.into());
            out.u32(it.in_coefficients.into());
        });
        out.table(&self.inputs, |out, it| {
            out.name(it.name);
            out.name(it.unit);
            out.u32(it.population);
        });
        let mut start = 0_u64;
        out.table(&self.projections, |out, it| {
            out.name(it.name);
            out.u32(it.source);
            out.u32(it.target);
            out.u32(it.stream);
            // The second is a flag (whether with replacement, or reading parameters) or, of graphs, a number of edges.
            let mut other = 0;
            let (kind, option, value) = match it.rule {
                Rule::AllToAll => (0, 0, 0),
                Rule::OneToOne => (1, 0, 0),
                Rule::FixedProbability(p) => (2, 0, p.to_bits()),
                Rule::FixedInDegree { degree, with_replacement } => (3, with_replacement.into(), degree),
                Rule::FixedOutDegree { degree, with_replacement } => (4, with_replacement.into(), degree),
                Rule::FixedTotal { total, with_replacement } => (5, with_replacement.into(), total),
                Rule::Pairwise { mean, reads_parameters } => (6, reads_parameters.into(), mean.to_bits()),
                Rule::SmallWorld { degree, rewired } => (7, degree, rewired.to_bits()),
                Rule::ScaleFree { edges } => (8, 0, edges.into()),
                Rule::SmallWorldUndirected { degree, rewired } => (9, degree, rewired.to_bits()),
                Rule::ScaleFreeTriads { edges, triads } => (10, edges, triads.to_bits()),
                Rule::ScaleFreeDual { edges, otherwise, probability } => {
                    other = otherwise;
                    (11, edges, probability.to_bits())
                }
                Rule::Transposed { of } => (12, 0, of.into()),
                Rule::OfSynapses { of, end, from_synapses } => {
                    (13, u32::from(end == End::Target) + 2 * u32::from(from_synapses), of.into())
                }
                Rule::Explicit => (32, 0, 0),
            };
            out.u32(kind);
            out.u32(option);
            out.u64(value);
            out.u32(other);
            for neurons in [it.sources, it.targets] {
                out.u32(neurons.first);
                out.u32(neurons.count);
            }
            out.u32(it.allow_self.into());
            out.u32(it.min_delay);
            out.u32(it.max_delay);
            out.u32(it.weight_per_synapse.into());
            let length = it.pairs.words.len() as u64 / 4;
            out.u64(start);
            out.u64(length);
            start += length;
            out.u32(it.columns.into());
            out.u32(it.plastic.into());
            // Bit 0, bits 1 and 2, 14 bits, 14 bits.
            let normalised = match it.normalised {
                None => 0,
                Some(End::Target) => 1,
                Some(End::Source) => 2,
            };
            let [of, number] = it.chosen.map_or([0; 2], |chosen| [chosen.of, chosen.number]);
            out.u32(u32::from(it.symmetric) | normalised << 1 | (of & MOST_CHOSEN) << 3 | (number & MOST_CHOSEN) << 17);
            out.u32(match it.candidates {
                Candidates::All => 0,
                Candidates::Where { reads_parameters: false } => 1,
                Candidates::Where { reads_parameters: true } => 2,
                Candidates::Proportional { reads_parameters: false } => 3,
                Candidates::Proportional { reads_parameters: true } => 4,
            });
            for state in it.degrees {
                out.u32(state.map_or(0, |state| state + 1));
            }
        });
        out.table(&self.synapse_states, |out, it| {
            out.name(it.name);
            out.name(it.unit);
            out.u32(it.projection);
            out.u32(it.public.into());
            out.u32(it.given_to.map_or(0, |state| state + 1));
        });
        for projection in &self.projections {
            out.bytes.extend_from_slice(projection.pairs.words);
        }
        out.finish()
    }
}

impl<'a> From<DescriptorView<'a>> for NetworkDescriptor<'a> {
    fn from(view: DescriptorView<'a>) -> Self {
        NetworkDescriptor {
            name: view.name,
            real_bytes: view.real_bytes,
            dt: view.dt,
            state_bytes: view.state_bytes,
            derived_bytes: view.derived_bytes,
            parameters: view.parameters.iter().collect(),
            populations: view.populations.iter().collect(),
            states: view.states.iter().collect(),
            inputs: view.inputs.iter().collect(),
            projections: view.projections.iter().collect(),
            synapse_states: view.synapse_states.iter().collect(),
        }
    }
}

#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    strings: Vec<u8>,
}

impl Writer {
    fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn f64(&mut self, value: f64) {
        self.u64(value.to_bits());
    }

    fn name(&mut self, name: &str) {
        self.u32(self.strings.len() as u32);
        self.u32(name.len() as u32);
        self.strings.extend_from_slice(name.as_bytes());
    }

    fn table<'a, T: Record<'a>>(&mut self, records: &[T], mut write: impl FnMut(&mut Writer, &T)) {
        for record in records {
            let start = self.bytes.len();
            write(self, record);
            debug_assert_eq!(self.bytes.len() - start, T::SIZE);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.bytes.append(&mut self.strings);
        let length = self.bytes.len() as u64;
        self.bytes[8..16].copy_from_slice(&length.to_le_bytes());
        self.bytes
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::vec;

    use super::super::{Chosen, Element, Neurons, Pairs, padded};
    use super::*;

    /// Source 0 to targets 3 and 99 (twice), from a list in which 3 is the last; nothing else.
    static WORDS: [u8; 4 * (101 + 6)] = {
        let mut words = [0; 4 * (101 + 6)];
        let mut source = 1;
        while source <= 100 {
            words[4 * source] = 3;
            source += 1;
        }
        let [three, rest, last] = [4 * 101, 4 * 102, 4 * 104];
        words[three] = 3;
        words[rest] = 99;
        words[rest + 4] = 99;
        words[last] = 2;
        words[last + 8] = 1;
        words
    };

    pub(crate) fn example() -> NetworkDescriptor<'static> {
        let rules = [
            Rule::AllToAll,
            Rule::OneToOne,
            Rule::Explicit,
            Rule::FixedProbability(0.02),
            Rule::FixedInDegree { degree: 3, with_replacement: true },
            Rule::FixedOutDegree { degree: 1 << 40, with_replacement: false },
            Rule::FixedTotal { total: 1 << 33, with_replacement: true },
            Rule::Pairwise { mean: 0.25, reads_parameters: true },
            Rule::OfSynapses { of: 1, end: End::Target, from_synapses: false },
        ];
        let within = [
            Rule::SmallWorld { degree: 10, rewired: 0.1 },
            Rule::ScaleFree { edges: 3 },
            Rule::SmallWorldUndirected { degree: 4, rewired: 0.2 },
            Rule::ScaleFreeTriads { edges: 5, triads: 0.5 },
            Rule::ScaleFreeDual { edges: 1, otherwise: 6, probability: 0.75 },
            Rule::FixedProbability(0.5),
            Rule::Transposed { of: 9 },
        ];
        let part = Neurons { first: 20, count: 70 };
        NetworkDescriptor {
            name: "Netz",
            real_bytes: 8,
            dt: 0.1,
            state_bytes: 4096,
            derived_bytes: 64,
            parameters: vec![Parameter {
                name: "E.tau",
                unit: "ms",
                factor: 1.0,
                default: 20.0,
                settable: true,
                nonzero: true,
            }],
            populations: vec![
                Population { name: "E", size: 100, padded: padded(100), ring_slots: 16, spikes_change_states: true },
                Population { name: "µ", size: 100, padded: 128, ring_slots: 16, spikes_change_states: false },
            ],
            states: vec![State {
                name: "E.V",
                unit: "mV",
                population: 0,
                offset: 64,
                length: 100,
                element: Element::F64,
                public: true,
                in_coefficients: true,
            }],
            inputs: vec![Input { name: "E.I", unit: "mV", population: 1 }],
            projections: rules
                .iter()
                .chain(&within)
                .map(|&rule| Projection {
                    pairs: if rule == Rule::Explicit { Pairs { words: &WORDS } } else { Pairs::default() },
                    name: "",
                    source: 0,
                    target: u32::from(!within.contains(&rule)),
                    stream: 7,
                    rule,
                    sources: if rule.has_parts() { part } else { Neurons::all(100) },
                    targets: if rule.is_graph() { part } else { Neurons::all(100) },
                    allow_self: true,
                    symmetric: rule == Rule::FixedProbability(0.5),
                    candidates: match rule {
                        Rule::FixedInDegree { .. } => Candidates::Where { reads_parameters: true },
                        Rule::FixedTotal { .. } => Candidates::Where { reads_parameters: false },
                        Rule::FixedOutDegree { .. } => Candidates::Proportional { reads_parameters: true },
                        _ => Candidates::All,
                    },
                    min_delay: 1,
                    max_delay: 15,
                    weight_per_synapse: true,
                    columns: rule == Rule::AllToAll,
                    plastic: rule == Rule::OneToOne,
                    normalised: match rule {
                        Rule::FixedInDegree { .. } => Some(End::Target),
                        Rule::FixedTotal { .. } => Some(End::Source),
                        _ => None,
                    },
                    chosen: if rule == Rule::AllToAll { Some(Chosen { number: 2, of: 3 }) } else { None },
                    degrees: if rule == Rule::AllToAll { [Some(0), None] } else { [None; 2] },
                })
                .collect(),
            synapse_states: vec![
                SynapseState { name: "stdp.c", unit: "s", projection: 4, public: true, given_to: Some(0) },
                SynapseState { name: "stdp.last", unit: "", projection: 4, public: false, given_to: None },
            ],
        }
    }

    #[test]
    fn what_is_encoded_is_read() {
        let descriptor = example();
        let bytes = descriptor.encode();
        let view = DescriptorView::read(&bytes).unwrap();
        assert_eq!(NetworkDescriptor::from(view), descriptor);
    }

    #[test]
    fn truncated_descriptors_are_refused() {
        let bytes = example().encode();
        for length in 0..bytes.len() {
            assert!(DescriptorView::read(&bytes[..length]).is_err());
        }
    }

    #[test]
    fn damaged_descriptors_never_panic() {
        let bytes = example().encode();
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[place] ^= 1 << bit;
                let _ = DescriptorView::read(&damaged);
            }
        }
    }

    #[test]
    fn nonsense_is_refused_in_words() {
        type Spoil = fn(&mut NetworkDescriptor);
        let wrong: [(Spoil, &str); 27] = [
            (|it| it.real_bytes = 2, "4 or 8 bytes"),
            (|it| it.dt = f64::NAN, "dt"),
            (|it| it.states[0].offset = 4000, "state block"),
            (|it| it.projections[0].max_delay = 16, "longer than its source keeps"),
            (|it| it.projections[0].min_delay = 0, "less than 1 step"),
            (|it| it.projections[3].rule = Rule::FixedProbability(1.5), "between 0 and 1"),
            (
                |it| it.projections[7].rule = Rule::Pairwise { mean: f64::NAN, reads_parameters: false },
                "between 0 and 1",
            ),
            (|it| it.projections[9].rule = Rule::SmallWorld { degree: 2, rewired: 2.0 }, "between 0 and 1"),
            (|it| it.projections[9].target = 1, "within one population"),
            (|it| it.projections[10].sources = Neurons::all(100), "within one population"),
            (|it| it.projections[12].rule = Rule::ScaleFreeTriads { edges: 1, triads: -1.0 }, "between 0 and 1"),
            (|it| it.projections[4].sources.count = 90, "not there"),
            (|it| it.projections[4].sources.count = u32::MAX, "not there"),
            (|it| it.projections[0].targets = Neurons { first: 1, count: 99 }, "chooses among all"),
            (|it| it.projections[2].rule = Rule::AllToAll, "without being explicit"),
            (|it| it.projections[2].pairs.words = &it.projections[2].pairs.words[4..], "does not fit"),
            (|it| it.projections[1].weight_per_synapse = false, "no weights of their own"),
            (|it| it.projections[15].rule = Rule::Transposed { of: 15 }, "the other way round"),
            (|it| it.projections[15].rule = Rule::Transposed { of: 3 }, "the other way round"),
            (|it| it.projections[14].rule = Rule::Transposed { of: 99 }, "the other way round"),
            (|it| it.projections[3].symmetric = true, "symmetric that cannot be"),
            (|it| it.projections[11].symmetric = true, "symmetric that cannot be"),
            (|it| it.projections[7].candidates = Candidates::Where { reads_parameters: false }, "has candidates"),
            (
                |it| it.projections[8].rule = Rule::OfSynapses { of: 8, end: End::Source, from_synapses: false },
                "synapses of no earlier",
            ),
            (|it| it.synapse_states[0].given_to = Some(7), "goes to no state"),
            (|it| it.projections[0].degrees = [None, Some(7)], "counts its synapses for no neurons"),
            (|it| it.synapse_states[1].projection = 99, "belongs to no projection"),
        ];
        for (spoil, text) in wrong {
            let mut descriptor = example();
            spoil(&mut descriptor);
            let bytes = descriptor.encode();
            let error = DescriptorView::read(&bytes).err().unwrap();
            assert!(error.contains(text), "{error}");
        }
    }
}
