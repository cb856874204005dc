//! `dynamics.iterate` as a loop over the lanes of a vector.
//!
//! Lanes whose condition has failed are frozen by a select: the loop goes on until no lane needs it, and no lane sees
//! how long the others take.

use super::arrays::Whole;
use super::emitter::Val;
use super::expressions::{Address, Emission, Leaves, any};
use super::lanes::Lanes;
use crate::Bug;
use crate::ir::{Graph, Node, Op, Symbol};
use bpc_math::Arith;
use std::collections::HashMap;

/// Predicate of `arith.cmpi`.
const UNSIGNED_LESS: i64 = 6;

impl Emission<'_> {
    /// Emits the loop that `node` is a result of; all its results in the order get their values.
    ///
    /// # Errors
    /// If an expression inside has no meaning there.
    pub(super) fn iterate<'c>(
        &self,
        lanes: &mut Lanes<'c>,
        leaves: &mut dyn Leaves<'c>,
        (node, limit): (Node, u32),
        values: &mut HashMap<Node, Val<'c>>,
    ) -> Result<(), Bug> {
        let arguments = self.graph.arguments(node);
        let parts = Graph::iteration(arguments);
        let count = parts.initial.len();
        let initial: Vec<Val<'c>> = parts.initial.iter().map(|n| values[n]).collect();
        let goes_on = self.inside(lanes, leaves, &[parts.condition], (&initial, values))?[0];
        let e = lanes.emitter;
        let (precision, width) = (lanes.precision, lanes.lanes);
        // carried: the values, which lanes go on, how many iterations are left
        let mut carried = initial;
        carried.extend([goes_on, e.i32(limit)]);
        let mut result = Ok(());
        let end = e.while_loop(
            &carried,
            |e, v| {
                let some = any(e, v[count], width);
                let none = e.i32(0);
                let left = e.compare(UNSIGNED_LESS, none, v[count + 1]);
                e.same("arith.andi", &[some, left])
            },
            |e, v| {
                let mut lanes = Lanes { emitter: e, precision, lanes: width };
                match self.iteration(&mut lanes, leaves, (parts.condition, parts.next), (v, values)) {
                    Ok(next) => next,
                    Err(bug) => {
                        result = Err(bug);
                        v.to_vec()
                    }
                }
            },
        );
        result?;
        for &other in &self.order {
            if let Op::Iterate(number, most) = *self.graph.op(other)
                && most == limit
                && self.graph.arguments(other) == arguments
            {
                values.insert(other, end[number as usize]);
            }
        }
        Ok(())
    }

    /// The body of the loop: what is carried, one iteration later.
    fn iteration<'c>(
        &self,
        lanes: &mut Lanes<'c>,
        leaves: &mut dyn Leaves<'c>,
        (condition, next): (Node, &[Node]),
        (carried, outside): (&[Val<'c>], &HashMap<Node, Val<'c>>),
    ) -> Result<Vec<Val<'c>>, Bug> {
        let (old, rest) = carried.split_at(next.len());
        let (goes_on, left) = (rest[0], rest[1]);
        let next = self.inside(lanes, leaves, next, (old, outside))?;
        let mut new: Vec<Val<'c>> = next.iter().zip(old).map(|(&n, &o)| lanes.select(goes_on, n, o)).collect();
        let holds = self.inside(lanes, leaves, &[condition], (&new, outside))?[0];
        let goes_on = lanes.mask_and(goes_on, holds);
        let one = lanes.emitter.i32(1);
        let left = lanes.emitter.same("arith.subi", &[left, one]);
        new.extend([goes_on, left]);
        Ok(new)
    }

    /// Expressions inside an iteration, with these values carried.
    fn inside<'c>(
        &self,
        lanes: &mut Lanes<'c>,
        leaves: &mut dyn Leaves<'c>,
        roots: &[Node],
        (carried, outside): (&[Val<'c>], &HashMap<Node, Val<'c>>),
    ) -> Result<Vec<Val<'c>>, Bug> {
        let mut values = outside.clone();
        for node in self.graph.order(roots).into_iter().filter(|n| self.inside.contains(n)) {
            if let Op::Carried(number) = *self.graph.op(node) {
                let value =
                    carried.get(number as usize).ok_or_else(|| Bug("an iteration carries too little".into()))?;
                values.insert(node, *value);
            } else {
                self.node(lanes, &mut OnlyData(leaves), node, &mut values)?;
            }
        }
        let value = |root: &Node| values.get(root).copied().ok_or_else(|| Bug("an iteration computes nothing".into()));
        roots.iter().map(value).collect()
    }
}

/// Leaves do not change from one iteration to the next: all have their values before the first. Elements of data do, where what is
/// carried decides on an index.
struct OnlyData<'l, 'c>(&'l mut dyn Leaves<'c>);

impl<'c> Leaves<'c> for OnlyData<'_, 'c> {
    fn leaf(&mut self, _: &mut Lanes<'c>, op: &Op) -> Result<Val<'c>, Bug> {
        Err(Bug(format!("{op:?} has no value inside an iteration")))
    }

    fn array(&mut self, lanes: &mut Lanes<'c>, name: &Symbol) -> Result<(Val<'c>, Vec<u64>), Bug> {
        self.0.array(lanes, name)
    }

    fn whole(&mut self, lanes: &mut Lanes<'c>, op: &Op) -> Result<Option<Whole<'c>>, Bug> {
        self.0.whole(lanes, op)
    }

    fn address(&mut self, _: &mut Lanes<'c>) -> Result<Address<'c>, Bug> {
        Err(Bug("iterations draw no random numbers".into()))
    }
}
