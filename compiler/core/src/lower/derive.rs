//! Scalars that depend on parameters alone: `dynamics.derive`, and parameters that follow from others.
//!
//! All in f64. Elements of propagators come from the runtime, which computes a matrix exponential once for all
//! scalars that need it.

use super::emitter::{Emitter, Val};
use super::expressions::{Address, Leaves, Uses, emit, emit_counted};
use super::functions::Lowering;
use super::lanes::Lanes;
use super::leaves::DeriveLeaves;
use super::tables::{Operations, Slot};
use crate::Bug;
use crate::ir::{Graph, Node, Op, Precision, Symbol, Type};
use bpc_runtime_abi::Context as RuntimeContext;
use melior::ir::Type as MlirType;
use melior::ir::attribute::{FlatSymbolRefAttribute, TypeAttribute};
use std::collections::HashMap;
use std::mem::offset_of;

/// A scalar and where it goes.
#[derive(Clone, Copy)]
struct Scalar {
    value: Node,
    ty: Type,
    /// Bytes from the start of the parameters, or of the derived scalars.
    offset: u64,
    is_parameter: bool,
}

/// Scalars that need the same propagators; mostly a single one, which needs none.
#[derive(Default)]
struct Together {
    scalars: Vec<Scalar>,
    matrices: Vec<usize>,
}

/// The scalars of a network, elements of propagators renamed to scalars of their own.
struct Scalars {
    graph: Graph,
    items: Vec<Together>,
    /// The entries of each matrix.
    matrices: Vec<Vec<Node>>,
    /// The matrix and the element that a name stands for.
    elements: HashMap<Symbol, (usize, u32)>,
    uses: Uses,
}

impl<'c> Lowering<'c, '_> {
    /// Fills the function `derive`.
    ///
    /// # Errors
    /// If an expression has no meaning in a derived scalar.
    pub(super) fn derive(&self, e: Emitter<'c>, context: Val<'c>) -> Result<(), Bug> {
        let parameters = self.context_field(e, context, offset_of!(RuntimeContext, parameters));
        let derived = self.context_field(e, context, offset_of!(RuntimeContext, derived));
        let scalars = self.scalars();
        let operations = Operations {
            what: "derive",
            items: &scalars.items,
            arguments: &[parameters, derived],
            // Each writes scalars of its own, and reads what none writes.
            touches: &|_| vec![],
        };
        self.share(e, &operations, &|lowering, e, arguments, item| {
            lowering.derived(e, (arguments[0], arguments[1]), &scalars, item)
        })
    }

    fn scalars(&self) -> Scalars {
        let n = self.network;
        let mut graph = n.graph.clone();
        let computed = self.computed_parameters(&mut graph);
        let mut all = Vec::new();
        for (index, p) in (0_u64..).zip(&n.parameters) {
            if let Some(value) = p.value {
                let value = graph.substitute(value, &computed);
                all.push(Scalar { value, ty: Type::Real, offset: 8 * index, is_parameter: true });
            }
        }
        for (name, ty, value) in &n.derived {
            let value = graph.substitute(*value, &computed);
            let value = if *graph.op(value) == Op::Steps { graph.arguments(value)[0] } else { value };
            all.push(Scalar { value, ty: *ty, offset: self.layout.derived[name].0, is_parameter: false });
        }
        let mut matrices: Vec<Vec<Node>> = Vec::new();
        let mut elements: HashMap<Symbol, (usize, u32)> = HashMap::new();
        let mut renamed: HashMap<Node, Node> = HashMap::new();
        let roots: Vec<Node> = all.iter().map(|scalar| scalar.value).collect();
        for node in graph.order(&roots) {
            let Op::PropagatorElement(element) = *graph.op(node) else { continue };
            let entries = graph.arguments(node).to_vec();
            let matrix = matrices.iter().position(|known| *known == entries).unwrap_or(matrices.len());
            if matrix == matrices.len() {
                matrices.push(entries);
            }
            let name: Symbol = format!("propagator {matrix} {element}").into();
            renamed.insert(node, graph.leaf(Op::Scalar(name.clone(), Type::Real)));
            elements.insert(name, (matrix, element));
        }
        all.iter_mut().for_each(|scalar| scalar.value = graph.substitute(scalar.value, &renamed));
        let uses = Uses::of(&graph, &all.iter().map(|scalar| scalar.value).collect::<Vec<_>>());
        let items = together(&graph, &all, &elements);
        Scalars { graph, items, matrices, elements, uses }
    }

    /// Computes scalars and stores them.
    fn derived(
        &self,
        e: Emitter<'c>,
        (parameters, derived): (Val<'c>, Val<'c>),
        scalars: &Scalars,
        item: &Together,
    ) -> Result<(), Bug> {
        let mut lanes = self.scalar_lanes(e, Precision::F64);
        let mut leaves = DeriveLeaves { layout: self.layout, arrays: self.arrays, parameters, numbers: self.numbers };
        let mut results = HashMap::new();
        for &matrix in &item.matrices {
            let entries = &scalars.matrices[matrix];
            let emitted = emit(&scalars.graph, entries, &mut lanes, &mut leaves)?;
            let values: Vec<Val> = entries.iter().map(|entry| emitted[entry]).collect();
            results.insert(matrix, propagator(e, &values, self.network.dt));
        }
        let mut leaves = WithPropagators { results: &results, elements: &scalars.elements, others: &mut leaves };
        let roots: Vec<Node> = item.scalars.iter().map(|scalar| scalar.value).collect();
        let values = emit_counted(&scalars.graph, &roots, &scalars.uses, &mut lanes, &mut leaves)?;
        for (number, scalar) in item.scalars.iter().enumerate() {
            let value = values[&scalar.value];
            let stored = match scalar.ty {
                Type::Int => steps(e, value, self.network.dt),
                _ if scalar.is_parameter || self.network.real == Precision::F64 => value,
                Type::Real => e.op("arith.truncf", &[value], &[], MlirType::float32(self.context)),
                Type::Bool => e.op("arith.extui", &[value], &[], e.integer(8)),
            };
            let array = if scalar.is_parameter { parameters } else { derived };
            e.store(stored, self.numbers.offset(e, array, Slot::Result(number), scalar.offset));
        }
        Ok(())
    }

    /// Parameters that are computed from others, written out.
    pub(super) fn computed_parameters(&self, graph: &mut Graph) -> HashMap<Node, Node> {
        let mut computed: HashMap<Node, Node> = HashMap::new();
        for p in &self.network.parameters {
            if let Some(value) = p.value {
                let value = graph.substitute(value, &computed);
                computed.insert(graph.leaf(Op::Scalar(p.name.clone(), Type::Real)), value);
            }
        }
        computed
    }
}

/// Brings scalars together that need the same matrix.
fn together(graph: &Graph, all: &[Scalar], elements: &HashMap<Symbol, (usize, u32)>) -> Vec<Together> {
    let mut items: Vec<Together> = Vec::new();
    let mut of_matrix: HashMap<usize, usize> = HashMap::new();
    for &scalar in all {
        let mut needs: Vec<usize> = Vec::new();
        for node in graph.order(&[scalar.value]) {
            if let Op::Scalar(name, _) = graph.op(node)
                && let Some((matrix, _)) = elements.get(name)
                && !needs.contains(matrix)
            {
                needs.push(*matrix);
            }
        }
        let place = needs.iter().filter_map(|matrix| of_matrix.get(matrix)).min().copied();
        let place = place.unwrap_or_else(|| {
            items.push(Together::default());
            items.len() - 1
        });
        for matrix in needs {
            match of_matrix.insert(matrix, place) {
                None => items[place].matrices.push(matrix),
                Some(other) if other != place => {
                    let other = std::mem::take(&mut items[other]);
                    other.matrices.iter().for_each(|moved| _ = of_matrix.insert(*moved, place));
                    items[place].matrices.extend(other.matrices);
                    items[place].scalars.extend(other.scalars);
                }
                Some(_) => {}
            }
        }
        items[place].scalars.push(scalar);
    }
    items.retain(|item| !item.scalars.is_empty());
    items
}

/// The matrix exponential over a step of a square matrix by rows, from the runtime.
fn propagator<'c>(e: Emitter<'c>, entries: &[Val<'c>], dt: f64) -> Val<'c> {
    let bytes = e.i64(8 * entries.len() as u64);
    let reserve = || {
        let attributes = [("elem_type", TypeAttribute::new(e.integer(8)).into())];
        e.op("llvm.alloca", &[bytes], &attributes, e.pointer())
    };
    let (matrix, result) = (reserve(), reserve());
    for (index, entry) in (0_u64..).zip(entries) {
        e.store(*entry, e.offset(matrix, 8 * index));
    }
    let size = e.i32(u32::try_from(entries.len().isqrt()).expect("a propagator is small"));
    let dt = e.float(e.f64(), dt);
    let callee = FlatSymbolRefAttribute::new(e.context, "bpc_rt3_propagator").into();
    e.sink("func.call", &[size, matrix, dt, result], &[("callee", callee)]);
    result
}

/// A time in ms as whole steps, rounded to nearest, at least 0.
fn steps<'c>(e: Emitter<'c>, time: Val<'c>, dt: f64) -> Val<'c> {
    let dt = e.float(e.f64(), dt);
    let exact = e.same("arith.divf", &[time, dt]);
    let rounded = e.same("math.roundeven", &[exact]);
    let (zero, most) = (e.float(e.f64(), 0.0), e.float(e.f64(), f64::from(i32::MAX)));
    let low = e.same("arith.maximumf", &[rounded, zero]);
    let high = e.same("arith.minimumf", &[low, most]);
    e.op("arith.fptosi", &[high], &[], e.integer(32))
}

struct WithPropagators<'c, 'v> {
    /// Where the propagator of each matrix is.
    results: &'v HashMap<usize, Val<'c>>,
    elements: &'v HashMap<Symbol, (usize, u32)>,
    others: &'v mut dyn Leaves<'c>,
}

impl<'c> Leaves<'c> for WithPropagators<'c, '_> {
    fn leaf(&mut self, lanes: &mut Lanes<'c>, op: &Op) -> Result<Val<'c>, Bug> {
        let Op::Scalar(name, _) = op else { return self.others.leaf(lanes, op) };
        let Some((matrix, element)) = self.elements.get(name) else { return self.others.leaf(lanes, op) };
        let e = lanes.emitter;
        Ok(e.load(e.offset(self.results[matrix], 8 * u64::from(*element)), e.f64()))
    }

    fn array(&mut self, lanes: &mut Lanes<'c>, name: &Symbol) -> Result<(Val<'c>, Vec<u64>), Bug> {
        self.others.array(lanes, name)
    }

    fn constant(&mut self, lanes: &mut Lanes<'c>, bits: u64) -> Option<Val<'c>> {
        self.others.constant(lanes, bits)
    }

    fn address(&mut self, lanes: &mut Lanes<'c>) -> Result<Address<'c>, Bug> {
        self.others.address(lanes)
    }
}
