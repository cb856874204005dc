//! Weights, delays, probabilities and states of synapses, one by one: the function `synapses`.

use super::emitter::{Emitter, Val, with_lanes};
use super::expressions::{Address, emit};
use super::functions::Lowering;
use super::lanes::Lanes;
use super::leaves::SynapseLeaves;
use super::tables::Operations;
use crate::Bug;
use crate::ir::{CHOICE, Graph, Node, Precision, TOTAL};
use bpc_runtime_abi::Context as RuntimeContext;
use std::mem::offset_of;

/// What is asked for of a projection: numbers of the runtime's interface; from [`FIRST_STATE`] on the states of
/// its synapses.
const KINDS: &[(&str, usize)] = &[("weight", 0), ("delay", 1), ("probability", 2)];
const FIRST_STATE: usize = 3;

/// An expression with a value for every synapse of a projection.
struct Values {
    connection: usize,
    kind: usize,
    root: Node,
    /// Whether it is a probability: those are asked for in whole vectors, with ordinals of 0.
    of_pairs: bool,
}

impl<'c> Lowering<'c, '_> {
    /// Fills the function `synapses`: values of one source neuron's synapses, or of its pairs, in f64.
    ///
    /// # Errors
    /// If an expression has no meaning for a synapse.
    pub(super) fn synapses(&self, e: Emitter<'c>, v: &[Val<'c>]) -> Result<(), Bug> {
        let mut graph = self.network.graph.clone();
        let all = self.values_of_synapses(&mut graph)?;
        let kinds = 1 + all.iter().map(|values| values.kind).max().unwrap_or(0) as u64;
        let wide = |value| e.op("arith.extui", &[value], &[], e.integer(64));
        let (projection, kind) = (wide(v[1]), wide(v[2]));
        let known = e.compare(UNSIGNED_LESS, kind, e.i64(kinds));
        let row = e.same("arith.muli", &[projection, e.i64(kinds)]);
        let key = e.same("arith.addi", &[row, kind]);
        let operations = Operations { what: "synapses", items: &all, arguments: v, touches: &|_| vec![] };
        let keys = self.network.connections.len() as u64 * kinds;
        let mut result = Ok(());
        e.if_then(known, &[], |e| {
            let key_of = |values: &Values| values.connection as u64 * kinds + values.kind as u64;
            result = self.choose(e, &operations, (key, keys), &key_of, &|lowering, e, v, values| {
                lowering.values(e, v, &graph, values)
            });
            vec![]
        });
        result
    }

    fn values_of_synapses(&self, graph: &mut Graph) -> Result<Vec<Values>, Bug> {
        let computed = self.computed_parameters(graph);
        let mut all = Vec::new();
        for (name, what, value) in &self.network.synapses {
            let connection = self.network.connections.iter().position(|c| c.name == *name);
            let connection = connection.ok_or_else(|| Bug(format!("there is no connection {name}")))?;
            let mut own = self.network.synapse_states.iter().filter(|s| s.connection == *name);
            let kind = KINDS.iter().find(|kind| kind.0 == what).map(|kind| kind.1);
            let kind = kind.or_else(|| own.position(|s| *s.name == **what).map(|place| FIRST_STATE + place));
            // Behind all states.
            let states = || self.network.synapse_states.iter().filter(|s| s.connection == *name).count();
            let kind = kind.or_else(|| match what.as_str() {
                TOTAL => Some(FIRST_STATE + states()),
                CHOICE => {
                    let normalised = self.network.connections[connection].normalised.is_some();
                    Some(FIRST_STATE + states() + usize::from(normalised))
                }
                _ => None,
            });
            let kind = kind.ok_or_else(|| Bug(format!("there is no synapse state {what}")))?;
            let root = graph.substitute(*value, &computed);
            all.push(Values { connection, kind, root, of_pairs: what == "probability" });
        }
        Ok(all)
    }

    fn values(&self, e: Emitter<'c>, v: &[Val<'c>], graph: &Graph, values: &Values) -> Result<(), Bug> {
        let (context, source, count, targets, ordinals, out) = (v[0], v[3], v[4], v[5], v[6], v[7]);
        let parameters = self.context_field(e, context, offset_of!(RuntimeContext, parameters));
        let state = self.context_field(e, context, offset_of!(RuntimeContext, state));
        let real = self.scalar_lanes(e, self.network.real).real();
        let key = self.seed(e, context);
        let width = if values.of_pairs { (self.lanes * self.layout.real_bytes / 8).max(1) } else { 1 };
        let mut result = Ok(());
        e.for_loop((e.i64(0), count, e.i64(width)), &[], |e, at, _| {
            let load =
                |list, lanes| e.load(e.element_pointer(list, at, e.integer(32)), with_lanes(e.integer(32), lanes));
            let (index, ordinal) = (load(targets, width), load(ordinals, 1));
            let address = Address { index, low: source, high: ordinal, key };
            let (layout, arrays, numbers) = (self.layout, self.arrays, self.numbers);
            let mut leaves = SynapseLeaves { layout, state, real, arrays, parameters, address, numbers };
            let mut lanes = Lanes { lanes: width, ..self.scalar_lanes(e, Precision::F64) };
            match emit(graph, &[values.root], &mut lanes, &mut leaves) {
                Ok(emitted) => e.store(emitted[&values.root], e.element_pointer(out, at, e.f64())),
                Err(bug) => result = Err(bug),
            }
            vec![]
        });
        result
    }
}

/// A predicate of `arith.cmpi`.
const UNSIGNED_LESS: i64 = 6;
