//! Small world with undirected edges (D. J. Watts & S. H. Strogatz 1998, Nature 393:440-442), each of which is two
//! connections, one in each direction.
//!
//! *Law.* Neurons stand on a ring, and each is joined with its k nearest, k / 2 on each side. First all edges from a neuron to
//! the next one are looked at, in the order of the neurons, then those to the one after it, and so on. With probability p an
//! edge is taken away from its far end and joins its near one with a neuron drawn uniformly from those that are neither itself
//! nor joined with it by then; it stays if there are none. So there are n k / 2 edges, no two between the same neurons.
//!
//! What is joined depends on everything before, so the whole graph is drawn once, by addressed words: whether edge d (from 0)
//! of neuron u is rewired, see [`purpose::SMALL_WORLD_EDGE`]; its try number a is draw `a (k / 2) + d` of u. It takes 4 bytes
//! for each connection and 16 for each edge that is rewired while connections are built.

use bpc_runtime_abi::descriptor::Neurons;
use bpc_runtime_abi::purpose;

use super::bounded::{Chance, Draws};
use crate::error::Error;
use crate::memory::Buffer;

const WHAT: &str = "drawing connections";

/// See the module.
pub struct UndirectedSmallWorld {
    ring: Neurons,
    /// Where in `targets` the row of each neuron starts, and the last one ends.
    starts: Buffer<u32>,
    /// Places on the ring, ascending in each row.
    targets: Buffer<u32>,
    longest: u32,
}

/// The ring while its edges are rewired.
struct Ring {
    size: u32,
    /// How many are joined with each neuron on either side.
    half: u32,
    /// One bit for each edge of the ring that is gone.
    gone: Buffer<u64>,
    /// The edges made in their place: a table of hashes, in which 0 is free.
    made: Buffer<u64>,
}

impl Ring {
    /// Edge `distance - 1` of the neuron, from which it goes forward.
    fn edge(&self, neuron: u32, distance: u32) -> u64 {
        u64::from(neuron) * u64::from(self.half) + u64::from(distance - 1)
    }

    fn is_gone(&self, edge: u64) -> bool {
        self.gone.get(edge as usize / 64).is_some_and(|word| word >> (edge % 64) & 1 == 1)
    }

    fn forward(&self, from: u32, to: u32) -> u32 {
        if to >= from { to - from } else { to + (self.size - from) }
    }

    fn joined(&self, a: u32, b: u32) -> bool {
        let there = |from: u32, to: u32| {
            let distance = self.forward(from, to);
            (1..=self.half).contains(&distance) && !self.is_gone(self.edge(from, distance))
        };
        there(a, b) || there(b, a) || self.made.get(self.slot(a, b)).is_some_and(|&it| it != 0)
    }

    /// Where an edge is among those made, or would be.
    fn slot(&self, a: u32, b: u32) -> usize {
        let key = key_of(a, b);
        let mask = self.made.len().wrapping_sub(1);
        // Fibonacci hashing; any order would do, since rows are sorted.
        let mut place = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & mask;
        while self.made.get(place).is_some_and(|&it| it != 0 && it != key) {
            place = (place + 1) & mask;
        }
        place
    }
}

/// An edge as a number above 0.
fn key_of(a: u32, b: u32) -> u64 {
    (u64::from(a.min(b)) << 32 | u64::from(a.max(b))) + 1
}

impl UndirectedSmallWorld {
    /// A ring of these neurons, each joined with `degree` (even, below their number) others.
    ///
    /// # Errors
    /// No memory, or more than 2^32 - 1 synapses.
    pub fn new(
        ring: Neurons,
        degree: u32,
        rewired: f64,
        stream: u32,
        key: [u32; 2],
        projection: &'static str,
    ) -> Result<Self, Error> {
        let (size, half, chance) = (ring.count, degree / 2, Chance::new(rewired));
        let synapses = u64::from(size) * u64::from(degree);
        if synapses > u32::MAX.into() {
            return Err(Error::TooManySynapses { projection, synapses: synapses as f64 });
        }
        let is_rewired =
            |place: u32, edge: u32| chance.happens(key, [ring.first + place, edge, stream, purpose::SMALL_WORLD_EDGE]);
        let every = |edge| (0..size).filter(move |&place| is_rewired(place, edge));
        let moves: u64 = (0..half).map(|edge| every(edge).count() as u64).sum();
        let mut world = Ring {
            size,
            half,
            gone: Buffer::zeroed((synapses / 2).div_ceil(64), WHAT)?,
            made: Buffer::zeroed((2 * moves + 1).next_power_of_two(), WHAT)?,
        };
        let mut starts: Buffer<u32> = Buffer::zeroed(u64::from(size) + 2, WHAT)?;
        // Degrees, two places on: they become starts, and then the ends of rows being filled.
        for count in starts.iter_mut().skip(2) {
            *count = degree;
        }
        for edge in 0..half {
            for place in every(edge) {
                let far = ((u64::from(place) + u64::from(edge) + 1) % u64::from(size)) as u32;
                if starts[place as usize + 2] >= size - 1 {
                    continue;
                }
                let mut draws = Draws::new(key, ring.first + place, stream, purpose::SMALL_WORLD_TARGET);
                let mut draw = edge;
                let other = loop {
                    let other = draws.below(size, draw);
                    draw = draw.wrapping_add(half);
                    if other != place && !world.joined(place, other) {
                        break other;
                    }
                };
                let old = world.edge(place, edge + 1);
                if let Some(word) = world.gone.get_mut(old as usize / 64) {
                    *word |= 1 << (old % 64);
                }
                let slot = world.slot(place, other);
                if let Some(free) = world.made.get_mut(slot) {
                    *free = key_of(place, other);
                }
                starts[far as usize + 2] -= 1;
                starts[other as usize + 2] += 1;
            }
        }
        let longest = starts.iter().copied().max().unwrap_or(0);
        for place in 2..starts.len() {
            starts[place] += starts[place - 1];
        }
        let mut targets: Buffer<u32> = Buffer::zeroed(synapses, WHAT)?;
        let mut join = |a: u32, b: u32| {
            for (from, to) in [(a, b), (b, a)] {
                let next = &mut starts[from as usize + 1];
                if let Some(place) = targets.get_mut(*next as usize) {
                    *place = to;
                }
                *next += 1;
            }
        };
        for place in 0..size {
            for distance in 1..=half {
                if !world.is_gone(world.edge(place, distance)) {
                    join(place, ((u64::from(place) + u64::from(distance)) % u64::from(size)) as u32);
                }
            }
        }
        for key in world.made.iter().filter(|&&key| key != 0) {
            join(((*key - 1) >> 32) as u32, (*key - 1) as u32);
        }
        for place in 0..size as usize {
            let range = starts[place] as usize..starts[place + 1] as usize;
            targets.get_mut(range).unwrap_or_default().sort_unstable();
        }
        Ok(UndirectedSmallWorld { ring, starts, targets, longest })
    }

    /// The most targets that a row may have.
    pub fn longest_row(&self) -> u64 {
        self.longest.into()
    }

    /// Writes the targets of a source, ascending, as far as `out` has room; how many there are.
    pub fn row(&self, source: u32, out: &mut [u32]) -> usize {
        let range = self.ring.place(source).and_then(|place| self.starts.get(place as usize..place as usize + 2));
        let row = match range {
            Some(&[start, end]) => self.targets.get(start as usize..end as usize).unwrap_or(&[]),
            _ => &[],
        };
        for (to, place) in out.iter_mut().zip(row) {
            *to = self.ring.first + place;
        }
        row.len()
    }
}
