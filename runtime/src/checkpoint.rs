//! Saving and loading everything that following steps depend on.
//!
//! The format does not depend on the number of threads. In order, little endian:
//!
//! | what | bytes |
//! |------|-------|
//! | [`MAGIC`], ABI version, [`FORMAT`] | 8, 4, 4 |
//! | length of the whole | 8 |
//! | hash of the descriptor; seed; hash of the parameters at creation, if connections depend on them, else 0 | 8 each |
//! | steps made | 8 |
//! | parameters, internal units | 8 each |
//! | the state block, public and private, native byte order | `state_bytes` |
//! | for each state of synapses, and then for each projection whose weights change: a value for each synapse, by source, delay, target, ordinal; native byte order | `real_bytes` each |
//! | for each population: spikes since creation; for each slot of its ring: length, neurons ascending | 8; 4, 4 each |
//! | for each input: 1 and its values if it is fed, else 0 | 8, and `size * real_bytes` |
//! | the spike hash | 16 |
//! | checksum of all that | 8 |
//!
//! Recorders, recorded values and kept spikes belong to the application and are not part of it;
//! connections, and weights that do not change, are drawn again from the seed.

use core::ops::Range;

use crate::error::Error;
use crate::hash::{SpikeHash, checksum};
use crate::instance::Instance;
use crate::synapses::changing;

/// The first eight bytes.
pub const MAGIC: [u8; 8] = *b"BPCSAVE1";

/// Changes whenever the table above does.
pub const FORMAT: u32 = 2;

/// Bytes that [`save`] needs now.
pub fn size(instance: &Instance) -> u64 {
    let mut size = 8;
    write(instance, 0, &mut |bytes| size += bytes.len() as u64);
    size
}

/// Writes everything.
pub fn save(instance: &Instance, buffer: &mut [u8]) -> Result<(), Error> {
    let size = size(instance);
    let Some(buffer) = usize::try_from(size).ok().and_then(|size| buffer.get_mut(..size)) else {
        let (what, found) = ("the buffer for a checkpoint", buffer.len() as u64);
        return Err(Error::Length { what, expected: size, found });
    };
    let mut place = 0;
    write(instance, size, &mut |bytes| {
        if let Some(to) = buffer.get_mut(place..place + bytes.len()) {
            to.copy_from_slice(bytes);
        }
        place += bytes.len();
    });
    let (content, sum) = buffer.split_at_mut(place);
    sum.copy_from_slice(&checksum(content).to_le_bytes());
    Ok(())
}

/// Everything but the checksum.
fn write(instance: &Instance, size: u64, to: &mut dyn FnMut(&[u8])) {
    to(&MAGIC);
    to(&instance.network.abi_version.to_le_bytes());
    to(&FORMAT.to_le_bytes());
    to(&size.to_le_bytes());
    for word in header(instance) {
        to(&word.to_le_bytes());
    }
    to(&instance.steps.to_le_bytes());
    for value in instance.parameters.iter() {
        to(&value.to_bits().to_le_bytes());
    }
    to(&instance.state);
    for quantity in changing(&instance.view) {
        if let Ok(synapses) = instance.synapses_with(quantity) {
            synapses.bytes(quantity.kind, &mut *to);
        }
    }
    let layout = &instance.layout;
    for (index, (ring, population)) in layout.rings.iter().zip(instance.spikes.populations.iter()).enumerate() {
        to(&population.count.to_le_bytes());
        for slot in 0..ring.slots {
            let lists = || (0..layout.parts).map(|part| ring.list(slot, part, layout.range(index as u32, part).start));
            let length: usize = lists().map(<[u32]>::len).sum();
            to(&(length as u32).to_le_bytes());
            for neuron in lists().flatten() {
                to(&neuron.to_le_bytes());
            }
        }
    }
    for (index, bytes) in input_sizes(instance) {
        let fed = instance.is_fed(index);
        to(&u64::from(fed).to_le_bytes());
        if let (true, Some(values)) = (fed, instance.input_values.get(index)) {
            to(values.get(..bytes).unwrap_or(&[]));
        }
    }
    to(&instance.spikes.hash.0.to_le_bytes());
}

/// What must be the same in the network that loads: description, seed, parameters at creation.
fn header(instance: &Instance) -> [u64; 3] {
    let network = instance.network;
    let length = network.descriptor_length as usize;
    // SAFETY: by the contract of `Network`; its length was checked at creation.
    let descriptor = unsafe { core::slice::from_raw_parts(network.descriptor, length) };
    [checksum(descriptor), instance.seed(), instance.creation]
}

/// For each input, the bytes of its values without padding.
fn input_sizes(instance: &Instance) -> impl Iterator<Item = (usize, usize)> + use<> {
    let view = instance.view;
    let size = move |population: u32| view.populations.get(population as usize).map_or(0, |it| it.size as usize);
    let bytes = view.real_bytes as usize;
    view.inputs.iter().map(move |input| size(input.population) * bytes).enumerate()
}

/// Takes bytes off the front.
#[derive(Clone)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(Error::Checkpoint("it is incomplete"))?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Error::Checkpoint("it is incomplete"))?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, Error> {
        self.array().map(u64::from_le_bytes)
    }
}

/// Restores what [`save`] wrote; an error changes nothing.
pub fn load(instance: &mut Instance, buffer: &[u8]) -> Result<(), Error> {
    let content = check(instance, buffer)?;
    apply(instance, &mut content.clone(), false)?;
    apply(instance, &mut content.clone(), true)?;
    instance.derive();
    instance.stale = true;
    instance.reset_watch();
    Ok(())
}

/// What follows the header, if header and checksum are right.
fn check<'a>(instance: &Instance, buffer: &'a [u8]) -> Result<Reader<'a>, Error> {
    let refuse = |why| Err(Error::Checkpoint(why));
    let mut reader = Reader(buffer);
    if reader.array()? != MAGIC {
        return refuse("this is no checkpoint");
    }
    if reader.u32()? != instance.network.abi_version || reader.u32()? != FORMAT {
        return refuse("it was saved by another version");
    }
    let length = usize::try_from(reader.u64()?).unwrap_or(usize::MAX);
    let Some((content, sum)) = buffer.get(..length).and_then(|whole| whole.split_last_chunk::<8>()) else {
        return refuse("it is incomplete");
    };
    if u64::from_le_bytes(*sum) != checksum(content) {
        return refuse("it is damaged");
    }
    let Some(header_and_rest) = content.get(24..) else {
        return refuse("it is incomplete");
    };
    let mut reader = Reader(header_and_rest);
    let [descriptor, seed, creation] = header(instance);
    if reader.u64()? != descriptor {
        return refuse("it belongs to another network, or to another version of this one");
    }
    if reader.u64()? != seed {
        return refuse("it was saved with another seed");
    }
    if reader.u64()? != creation {
        return refuse(
            "the network was created with other parameters, and connections, weights or delays depend on them",
        );
    }
    Ok(reader)
}

/// Goes through everything; with `really`, changes the network.
fn apply(instance: &mut Instance, reader: &mut Reader, really: bool) -> Result<(), Error> {
    let steps = reader.u64()?;
    for index in 0..instance.parameters.len() {
        let value = f64::from_bits(reader.u64()?);
        if really {
            instance.parameters[index] = value;
        }
    }
    let state = reader.bytes(instance.state.len())?;
    if really {
        instance.state.copy_from_slice(state);
    }
    for quantity in changing(&instance.view) {
        let count = instance.synapses_with(quantity)?.count().saturating_mul(instance.view.real_bytes.into());
        let values = reader.bytes(usize::try_from(count).unwrap_or(usize::MAX))?;
        if really {
            instance.replace(quantity, values);
        }
    }
    for index in 0..instance.layout.rings.len() {
        let size = instance.view.populations.get(index).map_or(0, |it| it.size);
        let count = reader.u64()?;
        if really {
            instance.spikes.populations[index].count = count;
        }
        for slot in 0..instance.layout.rings[index].slots {
            let length = reader.u32()? as usize;
            let neurons = reader.bytes(length.saturating_mul(4))?;
            let (neurons, _) = neurons.as_chunks::<4>();
            let mut next = 0;
            for &neuron in neurons {
                let neuron = u64::from(u32::from_le_bytes(neuron));
                if neuron < next || neuron >= size {
                    return Err(Error::Checkpoint("a list of spikes is wrong"));
                }
                next = neuron + 1;
            }
            if really {
                set_list(instance, index, slot, neurons);
            }
        }
    }
    for (index, bytes) in input_sizes(instance) {
        let fed = reader.u64()? != 0;
        let values = if fed { reader.bytes(bytes)? } else { &[] };
        if !fed && really {
            instance.set_input(index as i32, None)?;
        } else if fed {
            // The array is made in the first pass, so that the second cannot fail.
            if really {
                for (to, from) in instance.feed(index)?.iter_mut().zip(values) {
                    *to = *from;
                }
            } else {
                instance.make_input(index)?;
            }
        }
    }
    let hash = u128::from_le_bytes(reader.array()?);
    if !reader.0.is_empty() {
        return Err(Error::Checkpoint("it is too long"));
    }
    if really {
        instance.spikes.hash = SpikeHash(hash);
        instance.steps = steps;
    }
    Ok(())
}

/// Divides an ascending list among the parts.
fn set_list(instance: &mut Instance, index: usize, slot: u32, neurons: &[[u8; 4]]) {
    let mut rest = neurons;
    for part in 0..instance.layout.parts {
        let range: Range<u32> = instance.layout.range(index as u32, part);
        let place = rest.partition_point(|&it| u32::from_le_bytes(it) < range.end);
        let (own, after) = rest.split_at(place);
        rest = after;
        instance.layout.rings[index].edit(slot, part, range, |room, _| {
            for (to, &from) in room.iter_mut().zip(own) {
                *to = u32::from_le_bytes(from);
            }
            own.len()
        });
    }
}
