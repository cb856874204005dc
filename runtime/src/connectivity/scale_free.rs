//! Scale-free: growth with preferential attachment (A.-L. Barabási & R. Albert 1999, Science
//! 286:509-512).
//!
//! *Law.* The first m + 1 neurons are all joined with one another. Then neurons m + 1, m + 2, … come
//! one by one, and each joins m different earlier ones, drawn one after another with probability
//! proportional to their degrees at that time (one that was drawn already is drawn again). Each edge
//! is two synapses, one in each direction.
//!
//! *Two numbers of edges* (N. Moshiri 2018, arXiv:1810.10538). A neuron that comes joins m others with probability p, and
//! otherwise m2. The first max(m, m2) + 1 are all joined.
//!
//! *Triads* (P. Holme & B. J. Kim 2002, Phys Rev E 65:026107). Each edge of a new neuron but its first closes a triangle with
//! probability p: it joins a neighbour, drawn uniformly, of the neuron that was last joined by preference, out of those that are
//! not joined yet. If there are none it is drawn by preference, as the others are.
//!
//! Degrees depend on everything before, so the whole graph is drawn once, by addressed words: draw d
//! of neuron n is word `d mod 4` at counter `(n, d / 4, stream, SCALE_FREE)`. It takes 8 bytes for
//! each edge (4 for each synapse), and 4 more with triads, while connections are built.

use bpc_runtime_abi::descriptor::Neurons;
use bpc_runtime_abi::purpose;

use super::bounded::{Chance, Draws};
use crate::error::Error;
use crate::memory::Buffer;

const WHAT: &str = "drawing connections";

/// How a graph grows.
#[derive(Clone, Copy)]
pub struct Growth {
    /// Edges of a new neuron.
    pub edges: u32,
    /// Another number of edges, and the probability of the first one.
    pub otherwise: Option<(u32, f64)>,
    /// The probability that an edge closes a triangle.
    pub triads: Option<f64>,
}

impl Growth {
    /// The most edges of a new neuron.
    pub fn most(&self) -> u32 {
        self.otherwise.map_or(self.edges, |(other, _)| other.max(self.edges))
    }

    /// The fewest.
    pub fn fewest(&self) -> u32 {
        self.otherwise.map_or(self.edges, |(other, _)| other.min(self.edges))
    }

    /// About how many synapses there are among so many neurons.
    pub fn synapses(&self, size: f64) -> f64 {
        let mean = self
            .otherwise
            .map_or(f64::from(self.edges), |(other, p)| f64::from(self.edges) * p + f64::from(other) * (1.0 - p));
        let first = f64::from(self.most());
        first * (first + 1.0) + 2.0 * mean * (size - first - 1.0)
    }
}

/// See the module.
pub struct ScaleFree {
    nodes: Neurons,
    /// How many are all joined with one another.
    first: u32,
    /// Where in `earlier` those begin whom each later neuron has joined, and the last of them end.
    begins: Buffer<u32>,
    /// Whom neurons have joined, ascending for each.
    earlier: Buffer<u32>,
    /// Where in `later` the neurons begin that have joined each neuron.
    starts: Buffer<u32>,
    /// These, ascending.
    later: Buffer<u32>,
    longest: u32,
}

/// The edges of each neuron to later ones, in the order in which they were made.
struct Lists {
    /// The first edge of each neuron and one more, so that 0 is none.
    first: Buffer<u32>,
    /// The last one, likewise.
    last: Buffer<u32>,
    /// What follows each edge, likewise.
    next: Buffer<u32>,
}

impl Lists {
    fn push(&mut self, neuron: u32, edge: u32) {
        match self.last[neuron as usize].checked_sub(1) {
            None => self.first[neuron as usize] = edge + 1,
            Some(before) => self.next[before as usize] = edge + 1,
        }
        self.last[neuron as usize] = edge + 1;
    }

    fn edges(&self, neuron: u32) -> impl Iterator<Item = u32> {
        let mut at = self.first[neuron as usize];
        core::iter::from_fn(move || {
            let edge = at.checked_sub(1)?;
            at = self.next[edge as usize];
            Some(edge)
        })
    }
}

impl ScaleFree {
    /// These neurons, of which all but the first [`Growth::most`] + 1 (at most all) join others.
    ///
    /// # Errors
    /// No memory, or more than 2^32 - 1 synapses.
    pub fn new(
        nodes: Neurons,
        growth: Growth,
        stream: u32,
        key: [u32; 2],
        projection: &'static str,
    ) -> Result<Self, Error> {
        let (size, first) = (nodes.count, growth.most().saturating_add(1));
        let grown = size.saturating_sub(first);
        let complete = u64::from(first - 1) * u64::from(first);
        let choice = |number: u32, edge: u32| [nodes.first + first + number, edge, stream, purpose::SCALE_FREE_CHOICE];
        let mut begins: Buffer<u32> = Buffer::zeroed(u64::from(grown) + 1, WHAT)?;
        let mut sum = 0u64;
        for number in 0..grown {
            let edges = match growth.otherwise {
                Some((other, p)) if !Chance::new(p).happens(key, choice(number, 0)) => other,
                _ => growth.edges,
            };
            sum += u64::from(edges);
            let synapses = complete + 2 * sum;
            if synapses > u32::MAX.into() {
                return Err(Error::TooManySynapses { projection, synapses: growth.synapses(size.into()) });
            }
            begins[number as usize + 1] = sum as u32;
        }
        if complete > u32::MAX.into() {
            return Err(Error::TooManySynapses { projection, synapses: complete as f64 });
        }
        // Whose edge it is that has this number.
        let owner = |begins: &[u32], edge: u32| match growth.otherwise {
            None => first + edge / growth.edges,
            Some(_) => first + begins.partition_point(|&begin| begin <= edge) as u32 - 1,
        };
        let triads = growth.triads.map(Chance::new);
        let count = |needed: u64| if triads.is_some() { needed } else { 0 };
        let list = |length: u64| Buffer::zeroed(count(length), WHAT);
        let mut lists = Lists { first: list(size.into())?, last: list(size.into())?, next: list(sum)? };
        let mut earlier: Buffer<u32> = Buffer::zeroed(sum, WHAT)?;
        for number in 0..grown {
            let (begin, end) = (begins[number as usize] as usize, begins[number as usize + 1] as usize);
            let (before, rest) = earlier.split_at_mut(begin);
            let own = &mut rest[..end - begin];
            // Every neuron stands in this list of ends of edges as often as its degree is.
            let ends = complete as u32 + 2 * before.len() as u32;
            let address = nodes.first + first + number;
            let mut draws = Draws::new(key, address, stream, purpose::SCALE_FREE);
            let mut friends = Draws::new(key, address, stream, purpose::SCALE_FREE_TRIAD);
            // Whom the latest edge has joined that was made by preference.
            let mut hub = 0;
            let (mut draw, mut length) = (0, 0);
            while length < own.len() {
                if triads.is_some_and(|it| length > 0 && it.happens(key, choice(number, length as u32))) {
                    let neighbours = || {
                        let among_first = if hub < first { 0..first } else { 0..0 };
                        let joined = match hub.checked_sub(first) {
                            Some(it) => begins[it as usize] as usize..begins[it as usize + 1] as usize,
                            None => 0..0,
                        };
                        let all = among_first.filter(move |&it| it != hub).chain(before[joined].iter().copied());
                        let all = all.chain(lists.edges(hub).map(|edge| owner(&begins, edge)));
                        all.filter(|it| !own[..length].contains(it))
                    };
                    let count = neighbours().count() as u32;
                    if count > 0 {
                        let friend = neighbours().nth(friends.below(count, length as u32) as usize);
                        own[length] = friend.unwrap_or(hub);
                        length += 1;
                        continue;
                    }
                }
                let end = draws.below(ends, draw);
                draw += 1;
                let neuron = match end.checked_sub(complete as u32) {
                    None => end / (first - 1),
                    Some(end) if end % 2 == 0 => owner(&begins, end / 2),
                    Some(end) => before[end as usize / 2],
                };
                if !own[..length].contains(&neuron) {
                    own[length] = neuron;
                    hub = neuron;
                    length += 1;
                }
            }
            if triads.is_some() {
                for (edge, &neuron) in (begin as u32..).zip(own.iter()) {
                    lists.push(neuron, edge);
                }
            }
        }
        let mut starts: Buffer<u32> = Buffer::zeroed(u64::from(size) + 2, WHAT)?;
        let mut later: Buffer<u32> = Buffer::zeroed(earlier.len() as u64, WHAT)?;
        for &neuron in earlier.iter() {
            starts[neuron as usize + 2] += 1;
        }
        let mut longest = 0;
        for neuron in 2..starts.len() {
            longest = longest.max(starts[neuron]);
            starts[neuron] += starts[neuron - 1];
        }
        for (edge, &neuron) in (0..).zip(earlier.iter()) {
            let next = &mut starts[neuron as usize + 1];
            later[*next as usize] = owner(&begins, edge);
            *next += 1;
        }
        for border in begins.windows(2) {
            earlier[border[0] as usize..border[1] as usize].sort_unstable();
        }
        let longest = longest.saturating_add(growth.most());
        Ok(ScaleFree { nodes, first, begins, earlier, starts, later, longest })
    }

    /// The most targets that a row may have.
    pub fn longest_row(&self) -> u64 {
        self.longest.into()
    }

    /// Writes the targets of a source, ascending, as far as `out` has room; how many there are.
    pub fn row(&self, source: u32, out: &mut [u32]) -> usize {
        let Some(node) = self.nodes.place(source) else { return 0 };
        let slice = |list: &'_ Buffer<u32>, range: Option<&[u32]>| match range {
            Some(&[start, end]) => (start as usize).min(list.len())..(end as usize).min(list.len()),
            _ => 0..0,
        };
        let number = node.checked_sub(self.first).map(|number| number as usize);
        let own = slice(&self.earlier, number.and_then(|number| self.begins.get(number..number + 2)));
        let complete = if node < self.first { 0..self.nodes.count.min(self.first) } else { 0..0 };
        let later = slice(&self.later, self.starts.get(node as usize..node as usize + 2));
        let own = self.earlier[own].iter().copied();
        let all = own.chain(complete.filter(|&it| it != node)).chain(self.later[later].iter().copied());
        let mut length = 0;
        for target in all {
            if let Some(to) = out.get_mut(length) {
                *to = self.nodes.first + target;
            }
            length += 1;
        }
        length
    }
}
