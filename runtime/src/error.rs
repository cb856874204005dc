//! What can go wrong, and the text that tells it.

use core::fmt;

use crate::synapses::Name;

/// A failure. Names are the descriptor's, which outlives every handle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Error {
    /// A wrong argument.
    Argument(&'static str),
    /// The generated code was made for another ABI.
    Abi {
        /// Its version.
        found: u32,
    },
    /// The descriptor is damaged.
    Descriptor(&'static str),
    /// The system refused memory.
    Memory {
        /// How much.
        bytes: u64,
        /// What for.
        what: &'static str,
    },
    /// The network cannot fit.
    TooLarge {
        /// Bytes that the network needs.
        needed: f64,
        /// Synapses expected.
        synapses: f64,
        /// Bytes of each.
        bytes_per_synapse: u64,
        /// Bytes for everything else.
        rest: f64,
        /// The population with the most neurons.
        largest: &'static str,
        /// How many these are.
        neurons: u64,
        /// Bytes that are to be had.
        available: u64,
    },
    /// A projection has too many synapses for one part.
    TooManySynapses {
        /// Which.
        projection: &'static str,
        /// How many in the part.
        synapses: f64,
    },
    /// A degree that cannot be drawn.
    Degree {
        /// Of which projection.
        projection: &'static str,
        /// The degree.
        degree: u64,
        /// From how many neurons it is drawn.
        candidates: u64,
    },
    /// A total that cannot be drawn.
    Total {
        /// Of which projection.
        projection: &'static str,
        /// The total.
        total: u64,
        /// How many pairs there are.
        pairs: u64,
    },
    /// Not as many neurons as synapses that they stand for.
    Standing {
        /// The projection that joins them.
        projection: &'static str,
        /// The projection whose synapses they are.
        of: &'static str,
        /// How many it has.
        synapses: u64,
        /// How many neurons there are.
        neurons: u32,
    },
    /// A neuron has fewer candidates than it must draw.
    FewCandidates {
        /// Of which projection.
        projection: &'static str,
        /// Which neuron.
        few: crate::connectivity::among::Few,
    },
    /// A total is drawn from more pairs than can be numbered.
    Candidates {
        /// Of which projection.
        projection: &'static str,
        /// How many.
        pairs: u64,
    },
    /// A probability that is none.
    Probability {
        /// Of which projection.
        projection: &'static str,
        /// Of which pair, and its value.
        fault: crate::connectivity::pairwise::Fault,
    },
    /// A number to draw in proportion to that is none.
    Proportion {
        /// Of which projection.
        projection: &'static str,
        /// Of which pair, and its value.
        fault: crate::connectivity::pairwise::Fault,
    },
    /// Fewer pairs have a number above zero than must be drawn.
    FewPairs {
        /// Of which projection.
        projection: &'static str,
        /// How many must be drawn.
        total: u64,
        /// How many there are.
        pairs: u64,
    },
    /// The weights of a neuron's synapses cannot be scaled to their sum.
    Normalise {
        /// Of which projection.
        projection: &'static str,
        /// Which neuron.
        neuron: u32,
        /// Whether it is a target, whose synapses arrive.
        is_target: bool,
        /// What the weights sum up to.
        sum: f64,
    },
    /// A projection with columns has more rows than can be numbered.
    TooManyRows {
        /// Which.
        projection: &'static str,
        /// How many.
        rows: u64,
    },
    /// A value of a synapse is not a finite number when it is made.
    Synapse {
        /// Of which projection.
        projection: &'static str,
        /// Which value.
        what: SynapseValue,
        /// From which neuron.
        source: u32,
        /// To which neuron.
        target: u32,
        /// The value.
        value: f64,
    },
    /// A thread could not be started.
    Thread {
        /// Which.
        index: u32,
        /// Of how many.
        threads: u32,
        /// The system's error number.
        code: i32,
    },
    /// A parameter cannot have this value.
    Parameter {
        /// Which.
        name: &'static str,
        /// Why.
        why: &'static str,
    },
    /// A time is not a whole number of steps.
    Time {
        /// The time in ms.
        milliseconds: f64,
        /// The step in ms.
        dt: f64,
    },
    /// A length is wrong.
    Length {
        /// What has it.
        what: &'static str,
        /// The right length.
        expected: u64,
        /// The length given.
        found: u64,
    },
    /// A neuron that does not exist.
    Neuron {
        /// The population.
        population: &'static str,
        /// Its size.
        size: u64,
        /// The index given.
        neuron: u32,
    },
    /// A spike of these neurons changes states in the step that makes it.
    Inject {
        /// The population.
        population: &'static str,
    },
    /// A checkpoint that does not fit.
    Checkpoint(&'static str),
    /// A state is no longer finite.
    NotFinite {
        /// `E.V`
        state: &'static str,
        /// The unit of its values.
        unit: &'static str,
        /// Which neuron.
        neuron: u64,
        /// What it is now.
        value: f64,
        /// What it was one step earlier, if that is known.
        before: Option<f64>,
        /// The last step after which everything was finite, if `step` is not exact.
        since: Option<u64>,
        /// The step in which it happened.
        step: u64,
        /// The step in ms.
        dt: f64,
    },
    /// A state or the weight of a synapse is no longer finite.
    SynapseNotFinite {
        /// `stdp.c`
        state: Name,
        /// From which neuron.
        source: u32,
        /// To which neuron.
        target: u32,
        /// What it is now.
        value: f64,
        /// The last step after which all synapses were seen to be finite.
        since: u64,
        /// After which step this was found.
        step: u64,
        /// The step in ms.
        dt: f64,
    },
}

/// What is made for each synapse when a network is built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SynapseValue {
    /// Its weight.
    Weight,
    /// Its delay.
    Delay,
    /// The initial value of this state.
    State(&'static str),
    /// What the weights of its neuron are scaled to sum up to.
    Total,
    /// The number that it chooses.
    Choice,
}

/// Where delays are marked as below zero by the compiler, they are below this many ms; others are drawn, and cut to one step.
pub const BELOW_ZERO: f64 = -1e38;

impl SynapseValue {
    /// Whether it is a delay, of the source's spikes or of the target's.
    pub fn is_delay(self) -> bool {
        match self {
            SynapseValue::Delay => true,
            SynapseValue::State(name) => name.ends_with(".post_delay"),
            SynapseValue::Weight | SynapseValue::Total | SynapseValue::Choice => false,
        }
    }
}

impl fmt::Display for SynapseValue {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            SynapseValue::Weight => write!(out, "weight"),
            SynapseValue::Delay => write!(out, "delay"),
            SynapseValue::State(name) => write!(out, "initial {name}"),
            SynapseValue::Total => write!(out, "sum of normalised weights"),
            SynapseValue::Choice => write!(out, "index in `into`"),
        }
    }
}

impl Error {
    /// The number that functions of the C interface return.
    pub const fn code(&self) -> i32 {
        match self {
            Error::Memory { .. }
            | Error::TooLarge { .. }
            | Error::TooManySynapses { .. }
            | Error::TooManyRows { .. } => -2,
            Error::NotFinite { .. } | Error::SynapseNotFinite { .. } => -3,
            _ => -1,
        }
    }
}

/// A number of bytes for people.
struct Bytes(f64);

impl fmt::Display for Bytes {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let mut value = self.0;
        for unit in ["bytes", "kB", "MB", "GB", "TB", "PB"] {
            if value < 999.95 {
                let decimals = usize::from(value < 99.95 && unit != "bytes");
                return write!(out, "{value:.decimals$} {unit}");
            }
            value /= 1000.0;
        }
        write!(out, "{value:.1e} EB")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match *self {
            Error::Argument(why) => write!(out, "{why}"),
            Error::Abi { found } => write!(
                out,
                "the network was compiled for ABI {found}, this runtime has ABI {}; compile it again",
                bpc_runtime_abi::ABI_VERSION
            ),
            Error::Descriptor(why) => write!(out, "the network's description is damaged: {why}"),
            Error::Memory { bytes, what } => {
                write!(out, "no memory: {} for {what} were refused", Bytes(bytes as f64))
            }
            Error::TooLarge { needed, synapses, rest, available, largest, neurons, .. }
                if rest > needed / 2.0 || synapses < 1.0 =>
            {
                write!(
                    out,
                    "the network needs {} of memory, most for neurons: {neurons} of them are of population {largest}; {} are available",
                    Bytes(needed),
                    Bytes(available as f64)
                )
            }
            Error::TooLarge { needed, synapses, bytes_per_synapse, rest, available, .. } => write!(
                out,
                "the network needs {} of memory: {synapses:.3e} synapses * {bytes_per_synapse} bytes, and {} for the rest; {} are available",
                Bytes(needed),
                Bytes(rest),
                Bytes(available as f64)
            ),
            Error::TooManySynapses { projection, synapses } => write!(
                out,
                "projection {projection} has {synapses:.3e} synapses in one part; at most 4294967295 are possible, so use more threads or several projections"
            ),
            Error::TooManyRows { projection, rows } => write!(
                out,
                "projection {projection} has {rows} pairs of source neuron and delay; at most 4294967295 are possible where synapses follow the spikes of their targets, so use fewer different delays"
            ),
            Error::Degree { projection, degree, candidates } => {
                write!(out, "projection {projection}: a degree of {degree} cannot be drawn from {candidates} neurons")
            }
            Error::Total { projection, total, pairs } => {
                write!(out, "projection {projection}: {total} synapses cannot be drawn from {pairs} pairs")
            }
            Error::Standing { projection, of, synapses, neurons } => write!(
                out,
                "projection {projection}: {of} has {synapses} synapses, but {neurons} neurons stand for them"
            ),
            Error::FewCandidates { projection, few } => {
                let (side, others) = if few.is_target { ("target", "sources") } else { ("source", "targets") };
                let (neuron, degree, candidates) = (few.neuron, few.degree, few.candidates);
                if few.proportional {
                    return write!(
                        out,
                        "projection {projection}: proportional_to is above zero for {candidates} {others} of {side} {neuron}, which must draw {degree}; lower the degree, or let more be possible{}",
                        if candidates > 0 {
                            ", or allow the same neuron to be drawn again: with_replacement"
                        } else {
                            ""
                        }
                    );
                }
                let again =
                    if candidates > 0 { ", or allow the same neuron to be drawn again: with_replacement" } else { "" };
                write!(
                    out,
                    "projection {projection}: the condition holds for {candidates} {others} of {side} {neuron}, which must draw {degree}; lower the degree or widen the condition{again}"
                )
            }
            Error::Candidates { projection, pairs } => write!(
                out,
                "projection {projection}: the condition holds for {pairs} pairs; a total is drawn from at most 4294967295"
            ),
            Error::Probability { projection, fault } => write!(
                out,
                "projection {projection}: the probability that neuron {} connects to neuron {} is {}, which is not between 0 and 1",
                fault.source, fault.target, fault.value
            ),
            Error::Proportion { projection, fault } => write!(
                out,
                "projection {projection}: proportional_to is {} from neuron {} to neuron {}; it must be a number from 0 to 1e298",
                fault.value, fault.source, fault.target
            ),
            Error::Normalise { projection, neuron, is_target, sum } => {
                let (side, from) = if is_target { ("target", "onto") } else { ("source", "of") };
                write!(
                    out,
                    "projection {projection}: the weights {from} {side} {neuron} sum up to {sum}, so no factor brings them to what `normalise` says"
                )
            }
            Error::FewPairs { projection, total, pairs } => write!(
                out,
                "projection {projection}: proportional_to is above zero for {pairs} pairs, of which {total} must be drawn"
            ),
            Error::Synapse { projection, what, source, target, value } if what.is_delay() && value < BELOW_ZERO => {
                write!(
                    out,
                    "projection {projection}: the {what} of the synapse from neuron {source} to neuron {target} is below zero; delays are one step or longer: write max(…, dt) if that is meant"
                )
            }
            Error::Synapse { projection, what, source, target, value } => write!(
                out,
                "projection {projection}: the {what} of the synapse from neuron {source} to neuron {target} is {value}"
            ),
            Error::Thread { index, threads, code } => {
                write!(out, "thread {index} of {threads} could not be started (system error {code}); use fewer threads")
            }
            Error::Parameter { name, why } => write!(out, "parameter {name} {why}"),
            Error::Time { milliseconds, dt } => {
                write!(out, "{milliseconds} ms is not a whole number of steps of {dt} ms")
            }
            Error::Length { what, expected, found } => {
                write!(out, "{what} has length {found} and should have {expected}")
            }
            Error::Neuron { population, size, neuron } => {
                write!(out, "there is no neuron {neuron} in {population}, which has {size}")
            }
            Error::Inject { population } => write!(
                out,
                "no spikes can be injected into {population}: they would have to change states of its neurons \
                 (short-term plasticity, saturating synapses or traces), which only the step that makes a spike \
                 does; make these neurons spike through an input, set_input"
            ),
            Error::Checkpoint(why) => write!(out, "the checkpoint was refused: {why}"),
            Error::NotFinite { state, unit, neuron, value, before, since, step, dt } => {
                let space = if unit.is_empty() || unit == "1" { "" } else { " " };
                let unit = if unit == "1" { "" } else { unit };
                let unreached = value.to_bits() & !SIGN == bpc_runtime_abi::NOT_REACHED;
                if unreached {
                    write!(out, "the integrator of {state} did not reach the end of the step for neuron {neuron} ")?;
                } else {
                    let what = if value.is_nan() { "NaN" } else { "infinite" };
                    if since == Some(0) && step == 0 {
                        return write!(
                            out,
                            "{state} of neuron {neuron} is {what} before the first step: the value that it starts with is not finite"
                        );
                    }
                    write!(out, "{state} of neuron {neuron} became {what} ")?;
                }
                match since {
                    Some(since) if since == step => write!(out, "before step {step}")?,
                    Some(since) => write!(out, "between steps {since} and {step}")?,
                    None => write!(out, "in step {step}")?,
                }
                // At most 9 digits: 1234 * 0.1 is shown as 123.4.
                write!(out, " (t = {} ms)", Rounded(step as f64 * dt))?;
                match before {
                    // Neither 300 digits nor a row of zeros.
                    Some(before) if before != 0.0 && !(1e-4..1e9).contains(&before.abs()) => {
                        write!(out, "; last finite value {before:e}{space}{unit}")
                    }
                    Some(before) => write!(out, "; last finite value {before}{space}{unit}"),
                    None => Ok(()),
                }?;
                if unreached {
                    write!(out, "; the equations are singular there, or `tolerance`, `limit` or dt must be changed")?;
                }
                Ok(())
            }
            Error::SynapseNotFinite { state, source, target, value, since, step, dt } => {
                let what = if value.is_nan() { "NaN" } else { "infinite" };
                write!(out, "{state} of the synapse from neuron {source} to neuron {target} became {what} ")?;
                if since == step {
                    write!(out, "before step {step}")?;
                } else {
                    write!(out, "between steps {since} and {step}")?;
                }
                write!(out, " (t = {} ms)", Rounded(step as f64 * dt))
            }
        }
    }
}

/// The sign of an f64, of which a NaN makes no use.
const SIGN: u64 = 1 << 63;

/// A time without the noise of its last binary digits.
struct Rounded(f64);

impl fmt::Display for Rounded {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let nano = self.0 * 1e6;
        if nano < 9e15 { write!(out, "{}", (nano + 0.5) as u64 as f64 / 1e6) } else { write!(out, "{}", self.0) }
    }
}

/// A text of bounded length that ends in a zero; what does not fit is cut off.
pub struct Text<'a> {
    buffer: &'a mut [u8],
    length: usize,
}

impl<'a> Text<'a> {
    /// An empty text in a buffer.
    pub fn new(buffer: &'a mut [u8]) -> Self {
        if let Some(first) = buffer.first_mut() {
            *first = 0;
        }
        Text { buffer, length: 0 }
    }
}

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            let mut bytes = [0; 4];
            let bytes = character.encode_utf8(&mut bytes).as_bytes();
            let end = self.length + bytes.len();
            // One byte more for the zero.
            let Some([place @ .., zero]) = self.buffer.get_mut(self.length..=end) else {
                return Err(fmt::Error);
            };
            place.copy_from_slice(bytes);
            *zero = 0;
            self.length = end;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use core::fmt::Write;
    use std::string::ToString;

    use super::*;

    #[test]
    fn texts_are_cut_at_characters() {
        let mut buffer = [255; 6];
        assert!(write!(Text::new(&mut buffer), "abcdµ").is_err());
        assert_eq!(&buffer[..5], b"abcd\0");
        assert!(write!(Text::new(&mut []), "a").is_err());
    }

    #[test]
    fn bytes_are_readable() {
        let texts = [0.0, 999.0, 1000.0, 20.4e9, 1.2e12, 3e20].map(|it| Bytes(it).to_string());
        assert_eq!(texts, ["0 bytes", "999 bytes", "1.0 kB", "20.4 GB", "1.2 TB", "3.0e2 EB"]);
    }
}
