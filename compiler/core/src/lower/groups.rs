//! Operations with the same code, brought together: event fusion.
//!
//! A network of many equal networks has many deliveries and updates that differ only in where their
//! arrays, scalars and streams are. Code for each of them makes functions that no code generator
//! handles in reasonable time. From [`LEAST`] on, one loop over a table of those numbers serves all
//! of a group. Every sum keeps its order, so the results are the same to the bit.

use super::emitter::{Emitter, Val};
use super::expressions::uses;
use super::layout::Layout;
use crate::Bug;
use crate::ir::{Graph, Node, Op, Symbol, Type};
use melior::ir::attribute::{DenseElementsAttribute, IntegerAttribute, StringAttribute, TypeAttribute};
use melior::ir::r#type::RankedTensorType;
use melior::ir::{Attribute, Region, Type as MlirType};
use std::collections::HashMap;
use std::fmt::Write;

/// Fewer operations than this keep code of their own, in which every number is a constant.
const LEAST: usize = 4;

/// What differs between the operations of a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    /// The offset of an array in the state block.
    Buffer(Symbol),
    /// The offset of a derived scalar.
    Scalar(Symbol),
    /// The number of an input.
    Feed(Symbol),
    /// A stream of random numbers.
    Stream(u32),
    /// A real number that stands in the text, by its bits.
    Constant(u64),
    /// A number that belongs to the kind of operation: a size, a population.
    Number(&'static str),
}

/// One operation as its code and its numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// Equal for equal code.
    code: String,
    /// Which number each slot is.
    slots: HashMap<Slot, usize>,
    /// The numbers.
    values: Vec<u64>,
}

/// What the shape of expressions depends on besides themselves.
struct Known<'k> {
    /// Where each scalar is.
    scalar: &'k dyn Fn(&Symbol) -> Option<u64>,
    /// How often each node is used.
    uses: &'k HashMap<Node, usize>,
    /// Whether constants are numbers of the table, or part of the code: loops over neurons want the latter.
    constants: bool,
}

impl Shape {
    /// The shape of expressions that are stored into buffers.
    pub(super) fn of(
        graph: &Graph,
        layout: &Layout,
        numbers: &[(&'static str, u64)],
        roots: &[Node],
        buffers: &[&Symbol],
    ) -> Result<Shape, Bug> {
        let scalar = |name: &Symbol| layout.derived.get(name).map(|d| d.0);
        let known = Known { scalar: &scalar, uses: &uses(graph, roots), constants: false };
        Self::with(graph, layout, numbers, (roots, buffers), &known)
    }

    /// The shape of one scalar that is derived from parameters; `None` if it needs more than those.
    pub(super) fn of_derived(
        graph: &Graph,
        layout: &Layout,
        numbers: &[(&'static str, u64)],
        (root, ty, is_parameter, uses): (Node, Type, bool, &HashMap<Node, usize>),
    ) -> Option<Shape> {
        let scalar = |name: &Symbol| layout.parameters.get(name).map(|index| 8 * index);
        let known = Known { scalar: &scalar, uses, constants: true };
        let mut shape = Self::with(graph, layout, numbers, (&[root], &[]), &known).ok()?;
        let _ = writeln!(shape.code, "{ty:?} {is_parameter}");
        Some(shape)
    }

    fn with(
        graph: &Graph,
        layout: &Layout,
        numbers: &[(&'static str, u64)],
        (roots, buffers): (&[Node], &[&Symbol]),
        known: &Known<'_>,
    ) -> Result<Shape, Bug> {
        let mut shape = Shape::default();
        for (name, value) in numbers {
            shape.slot(Slot::Number(name), *value);
        }
        let mut places: HashMap<Node, usize> = HashMap::new();
        for (place, node) in graph.order(roots).into_iter().enumerate() {
            places.insert(node, place);
            let text = match graph.op(node) {
                Op::Scalar(name, ty) => {
                    let offset = (known.scalar)(name).ok_or_else(|| missing(name))?;
                    format!("scalar {ty:?} {}", shape.slot(Slot::Scalar(name.clone()), offset))
                }
                Op::Read(name, ty) => format!("read {ty:?} {}", shape.buffer(layout, name)?),
                Op::External(name) => {
                    let feed = *layout.feeds.get(name).ok_or_else(|| missing(name))?;
                    format!("feed {}", shape.slot(Slot::Feed(name.clone()), feed))
                }
                Op::Random(distribution, stream) => {
                    format!("{distribution:?} {}", shape.slot(Slot::Stream(*stream), u64::from(*stream)))
                }
                Op::Constant(bits) if known.constants => {
                    format!("constant {}", shape.slot(Slot::Constant(*bits), *bits))
                }
                // Whether it becomes a fused multiply-add depends on how often it is used.
                Op::Mul => format!("Mul {}", known.uses[&node] == 1),
                other => format!("{other:?}"),
            };
            let arguments: Vec<usize> = graph.arguments(node).iter().map(|a| places[a]).collect();
            let _ = writeln!(shape.code, "{text} {arguments:?}");
        }
        for (index, root) in roots.iter().enumerate() {
            let stored = match buffers.get(index) {
                Some(name) => shape.buffer(layout, name)?,
                None => usize::MAX,
            };
            let _ = writeln!(shape.code, "root {} {stored}", places[root]);
        }
        Ok(shape)
    }

    fn slot(&mut self, slot: Slot, value: u64) -> usize {
        let next = self.values.len();
        let place = *self.slots.entry(slot).or_insert(next);
        if place == next {
            self.values.push(value);
        }
        place
    }

    fn buffer(&mut self, layout: &Layout, name: &Symbol) -> Result<usize, Bug> {
        let array = layout.buffers.get(name).ok_or_else(|| missing(name))?;
        let place = self.slot(Slot::Buffer(name.clone()), array.offset);
        let _ = write!(self.code, "{:?} ", array.element);
        Ok(place)
    }

    fn value(&self, slot: &Slot) -> Result<u64, Bug> {
        let place = self.slots.get(slot).ok_or_else(|| Bug(format!("{slot:?} is in no table")))?;
        Ok(self.values[*place])
    }
}

fn missing(name: &Symbol) -> Bug {
    Bug(format!("{name} has no place: run hoist-scalars"))
}

/// Operations that are lowered together, in order.
pub(super) struct Group {
    /// Their numbers in the list they came from.
    pub(super) members: Vec<usize>,
}

impl Group {
    /// Whether it is a loop over a table.
    pub(super) fn is_table(&self) -> bool {
        self.members.len() >= LEAST
    }
}

/// Groups operations. `touched` says which buffers each one adds to: those of one buffer stay in order.
pub(super) fn group(shapes: &[Shape], touched: &[Vec<&Symbol>]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut of_code: HashMap<&str, usize> = HashMap::new();
    let mut of_buffer: HashMap<&Symbol, usize> = HashMap::new();
    for (index, shape) in shapes.iter().enumerate() {
        let after = touched[index].iter().filter_map(|b| of_buffer.get(b)).max().copied();
        let place = match of_code.get(shape.code.as_str()) {
            Some(&place) if after.is_none_or(|a| a <= place) => place,
            _ => {
                groups.push(Group { members: Vec::new() });
                groups.len() - 1
            }
        };
        groups[place].members.push(index);
        of_code.insert(&shape.code, place);
        of_buffer.extend(touched[index].iter().map(|b| (*b, place)));
    }
    if groups.iter().any(Group::is_table) {
        return groups;
    }
    // Nothing to gain: the order in which they are written.
    (0..shapes.len()).map(|index| Group { members: vec![index] }).collect()
}

/// Operations that go into tables, with their shapes, and the numbers of those that stay alone.
#[allow(clippy::type_complexity)] // two lists
pub(super) fn tables(shapes: &[Option<Shape>]) -> (Vec<Vec<(usize, Shape)>>, Vec<usize>) {
    let mut of_code: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, shape) in shapes.iter().enumerate() {
        if let Some(shape) = shape {
            of_code.entry(&shape.code).or_default().push(index);
        }
    }
    let mut groups: Vec<Vec<usize>> = of_code.into_values().filter(|members| members.len() >= LEAST).collect();
    groups.sort();
    let mut alone = vec![true; shapes.len()];
    groups.iter().flatten().for_each(|&index| alone[index] = false);
    let alone = (0..shapes.len()).filter(|&index| alone[index]).collect();
    let shaped = |index: usize| shapes[index].clone().map(|shape| (index, shape));
    (groups.into_iter().map(|members| members.into_iter().filter_map(shaped).collect()).collect(), alone)
}

/// Where the numbers of the operation at hand come from.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'c, 's> {
    shape: &'s Shape,
    /// Its row of the table; without one the numbers are constants.
    row: Option<Val<'c>>,
}

impl<'c, 's> Numbers<'c, 's> {
    /// Numbers that are constants.
    pub(super) fn constant(shape: &'s Shape) -> Numbers<'c, 's> {
        Numbers { shape, row: None }
    }

    /// Numbers of the row `member` of a table, whose code is that of `shape`.
    pub(super) fn of_row(e: Emitter<'c>, shape: &'s Shape, table: Val<'c>, member: Val<'c>) -> Numbers<'c, 's> {
        let bytes = e.i64(8 * shape.values.len() as u64);
        let offset = e.same("arith.muli", &[member, bytes]);
        Numbers { shape, row: Some(e.element_pointer(table, offset, e.integer(8))) }
    }

    /// A number as i64.
    pub(super) fn wide(&self, e: Emitter<'c>, slot: &Slot) -> Result<Val<'c>, Bug> {
        let value = self.shape.value(slot)?;
        let Some(row) = self.row else { return Ok(e.i64(value)) };
        let place = self.shape.slots[slot];
        Ok(e.field(row, 8 * place, e.integer(64)))
    }

    /// A number as i32.
    pub(super) fn narrow(&self, e: Emitter<'c>, slot: &Slot) -> Result<Val<'c>, Bug> {
        if self.row.is_none() {
            let value = u32::try_from(self.shape.value(slot)?);
            return Ok(e.i32(value.map_err(|_| Bug(format!("{slot:?} does not fit 32 bits")))?));
        }
        let wide = self.wide(e, slot)?;
        Ok(e.op("arith.trunci", &[wide], &[], e.integer(32)))
    }

    /// Whether the numbers come from a table.
    pub(super) fn is_table(&self) -> bool {
        self.row.is_some()
    }

    /// The slots of the operation.
    pub(super) fn slots(&self) -> impl Iterator<Item = &'s Slot> {
        self.shape.slots.keys()
    }
}

/// Declares the table of a group beside the functions and gives its address.
pub(super) fn table<'c>(top: Emitter<'c>, e: Emitter<'c>, name: &str, shapes: &[&Shape]) -> Val<'c> {
    let values: Vec<i64> = shapes.iter().flat_map(|s| s.values.iter().map(|v| v.cast_signed())).collect();
    let integer = e.integer(64);
    let tensor: MlirType = RankedTensorType::new(&[values.len() as u64], integer, None).into();
    let array = melior::dialect::llvm::r#type::array(integer, u32::try_from(values.len()).expect("a small table"));
    let parse = |text: &str| Attribute::parse(e.context, text).expect("an attribute of llvm");
    let attributes: Vec<(&str, Attribute)> = vec![
        ("sym_name", StringAttribute::new(e.context, name).into()),
        ("global_type", TypeAttribute::new(array).into()),
        ("linkage", parse("#llvm.linkage<internal>")),
        ("constant", parse("unit")),
        ("addr_space", IntegerAttribute::new(e.integer(32), 0).into()),
        ("value", DenseElementsAttribute::i64_values(tensor, &values).into()),
    ];
    top.many("llvm.mlir.global", &[], &attributes, &[], vec![Region::new()]);
    let callee = melior::ir::attribute::FlatSymbolRefAttribute::new(e.context, name).into();
    e.op("llvm.mlir.addressof", &[], &[("global_name", callee)], e.pointer())
}
