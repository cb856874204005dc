//! The synapses of a projection as the outside sees them: in the canonical order, which no number
//! of parts changes: by source, delay, target, and the ordinal of equal ones.
//!
//! A row (source and delay) is divided among parts by ascending target, and within a part it has
//! this order; so the canonical order is that of rows, and in each row that of parts.

use core::fmt;

use bpc_runtime_abi::descriptor::{DescriptorView, Projection};

use crate::connectivity::csr::Part;
use crate::error::Error;
use crate::memory::Vector;
use crate::number;

/// What the name of a projection's weights ends in.
const WEIGHT: &str = ".weight";

/// Which values of synapses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Their weights.
    Weight,
    /// The state with this number in the projection.
    State(u32),
}

/// One value for each synapse of a projection: a state, or the weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// How errors call it.
    pub name: Name,
    /// The coherent unit, as far as the descriptor tells.
    pub unit: &'static str,
    /// Index of the projection.
    pub projection: u32,
    /// Which of its values.
    pub kind: Kind,
    /// Whether it is the user's.
    pub public: bool,
    /// Whether it changes in steps, or may be set.
    pub changes: bool,
}

/// `stdp.c`, or `stdp.weight`, which the descriptor does not spell out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    text: &'static str,
    ending: &'static str,
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "{}{}", self.text, self.ending)
    }
}

impl Name {
    /// Whether it is this text.
    pub fn is(&self, text: &[u8]) -> bool {
        text.strip_suffix(self.ending.as_bytes()) == Some(self.text.as_bytes())
    }
}

/// All quantities in the order of their handles: states first, then the weights of each projection
/// (`None` if it has one for all).
pub fn quantities(view: &DescriptorView<'static>) -> impl Iterator<Item = Option<Quantity>> + use<> {
    let view = *view;
    let states = view.synapse_states.iter().enumerate().map(move |(index, state)| {
        let before = view.synapse_states.iter().take(index).filter(|it| it.projection == state.projection);
        Some(Quantity {
            name: Name { text: state.name, ending: "" },
            unit: state.unit,
            projection: state.projection,
            kind: Kind::State(before.count() as u32),
            public: state.public,
            changes: true,
        })
    });
    let weights = view.projections.iter().enumerate().map(|(index, projection)| {
        projection.weight_per_synapse.then_some(Quantity {
            name: Name { text: projection.name, ending: WEIGHT },
            unit: "",
            projection: index as u32,
            kind: Kind::Weight,
            public: true,
            changes: projection.plastic,
        })
    });
    states.chain(weights)
}

/// The quantity with a handle.
pub fn quantity(view: &DescriptorView<'static>, handle: i32) -> Result<Quantity, Error> {
    let index = usize::try_from(handle).ok();
    let found = index.and_then(|index| quantities(view).nth(index)).flatten();
    found.ok_or(Error::Argument("there is no such state of synapses"))
}

/// Those that following steps depend on and change.
pub fn changing(view: &DescriptorView<'static>) -> impl Iterator<Item = Quantity> + use<> {
    quantities(view).flatten().filter(|it| it.changes)
}

/// Neighbours in the memory of one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which part.
    pub part: u32,
    /// The first synapse.
    pub first: u32,
    /// How many.
    pub length: u32,
}

/// One synapse, without its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synapse {
    /// From which neuron.
    pub source: u32,
    /// To which neuron.
    pub target: u32,
    /// In steps.
    pub delay: u32,
}

/// The synapses of one projection.
#[derive(Clone, Copy)]
pub struct Synapses<'a> {
    projection: Projection<'static>,
    parts: &'a [Part],
    real_bytes: u32,
}

impl<'a> Synapses<'a> {
    /// Those of all parts of a projection.
    pub fn new(projection: Projection<'static>, parts: &'a [Part], real_bytes: u32) -> Self {
        Synapses { projection, parts, real_bytes }
    }

    /// The projection's name.
    pub fn name(&self) -> &'static str {
        self.projection.name
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.parts.iter().map(Part::synapses).sum()
    }

    fn row_pieces(&self) -> impl Iterator<Item = (usize, Piece)> + use<'a> {
        let parts = self.parts;
        let rows = parts.first().map_or(0, |it| it.row_starts().len().saturating_sub(1));
        (0..rows).flat_map(move |row| {
            let piece = move |(part, of): (usize, &Part)| match of.row_starts().get(row..row + 2) {
                Some(&[first, end]) if first < end => {
                    Some((row, Piece { part: part as u32, first, length: end - first }))
                }
                _ => None,
            };
            parts.iter().enumerate().filter_map(piece)
        })
    }

    /// All synapses in the canonical order.
    pub fn iter(&self) -> impl Iterator<Item = Synapse> + use<'a> {
        let Synapses { parts, projection, .. } = *self;
        let delays = projection.delays() as usize;
        self.row_pieces().flat_map(move |(row, piece)| {
            let targets = parts.get(piece.part as usize).map_or(&[][..], Part::targets);
            let targets = targets.get(piece.first as usize..).unwrap_or(&[]);
            targets.iter().take(piece.length as usize).map(move |&target| Synapse {
                source: (row / delays) as u32,
                target,
                delay: projection.min_delay + (row % delays) as u32,
            })
        })
    }

    /// Synapses `first .. last` of the canonical order, in pieces as long as they come.
    pub fn pieces(&self, first: u64, last: u64) -> Result<Vector<Piece>, Error> {
        let mut pieces: Vector<Piece> = Vector::new();
        let mut before = 0u64;
        for (_, piece) in self.row_pieces() {
            if before >= last {
                break;
            }
            let end = before + u64::from(piece.length);
            let (from, to) = (first.max(before), last.min(end));
            if from < to {
                let start = piece.first + (from - before) as u32;
                let length = (to - from) as u32;
                match pieces.last_mut() {
                    Some(previous) if previous.part == piece.part && previous.first + previous.length == start => {
                        previous.length += length;
                    }
                    _ => pieces.push(Piece { part: piece.part, first: start, length }, "the order of synapses")?,
                }
            }
            before = end;
        }
        Ok(pieces)
    }

    /// Calls `visit` with the bytes of a quantity, in pieces in the canonical order.
    pub fn bytes(&self, kind: Kind, mut visit: impl FnMut(&[u8])) {
        for (_, piece) in self.row_pieces() {
            visit(self.piece(kind, piece));
        }
    }

    /// The bytes of a quantity in one piece.
    pub fn piece(&self, kind: Kind, piece: Piece) -> &'a [u8] {
        let bytes = self.parts.get(piece.part as usize).map_or(&[][..], |part| part.quantity(kind));
        let width = self.real_bytes as usize;
        let start = piece.first as usize * width;
        bytes.get(start..start + piece.length as usize * width).unwrap_or(&[])
    }

    /// The numbers of a quantity in one piece.
    pub fn values(&self, kind: Kind, piece: Piece) -> impl Iterator<Item = f64> + Clone + use<'a> {
        let element = number::real(self.real_bytes);
        let bytes = self.piece(kind, piece);
        (0..bytes.len() as u64 / element.bytes()).map(move |index| number::read(element, bytes, index))
    }

    /// Writes a quantity in the canonical order, as far as there is room.
    pub fn get(&self, kind: Kind, out: &mut [f64]) {
        let all = self.row_pieces().flat_map(|(_, piece)| self.values(kind, piece));
        for (place, value) in out.iter_mut().zip(all) {
            *place = value;
        }
    }

    /// The first synapse, in the canonical order, whose quantity is not finite, and that value.
    pub fn first_not_finite(&self, kind: Kind) -> Option<(Synapse, f64)> {
        let element = number::real(self.real_bytes);
        let bad = |(part, of): (usize, &'a Part)| {
            let index = number::first_not_finite(element, of.quantity(kind))?;
            let row = of.row_starts().partition_point(|&start| start as usize <= index).checked_sub(1)?;
            Some((row, part, index))
        };
        let (row, part, index) = self.parts.iter().enumerate().filter_map(bad).min()?;
        let part = self.parts.get(part)?;
        let delays = self.projection.delays() as usize;
        let synapse = Synapse {
            source: (row / delays) as u32,
            target: *part.targets().get(index)?,
            delay: self.projection.min_delay + (row % delays) as u32,
        };
        Some((synapse, number::read(element, part.quantity(kind), index as u64)))
    }
}

/// Replaces a quantity, in the canonical order, by `real_bytes` bytes for each synapse.
pub fn replace(parts: &mut [Part], kind: Kind, real_bytes: u32, mut values: &[u8]) {
    let rows = parts.first().map_or(0, |it| it.row_starts().len().saturating_sub(1));
    let width = real_bytes as usize;
    for row in 0..rows {
        for part in parts.iter_mut() {
            let Some(&[first, end]) = part.row_starts().get(row..row + 2) else {
                continue;
            };
            let range = first as usize * width..end as usize * width;
            let (Some(place), Some((own, rest))) =
                (part.quantity_mut(kind).get_mut(range.clone()), values.split_at_checked(range.len()))
            else {
                continue;
            };
            place.copy_from_slice(own);
            values = rest;
        }
    }
}
