//! Where the leaves of expressions get their values: in loops over neurons, over events, over
//! synapses, and in derived scalars.

use super::arrays::{self, Arrays, Whole};
use super::emitter::{Emitter, Val, with_lanes};
use super::expressions::{Address, Leaves};
use super::lanes::Lanes;
use super::layout::Layout;
use super::tables::{Numbers, Slot};
use crate::Bug;
use crate::ir::{Op, Symbol, Type};
use melior::ir::Type as MlirType;
use std::collections::HashMap;

/// What the loop over neurons sees from outside.
pub(super) struct Outer<'c, 'l> {
    pub(super) layout: &'l Layout,
    pub(super) arrays: &'l Arrays<'l>,
    pub(super) numbers: Numbers<'c, 'l>,
    /// The number of the step, an i64; none before the first.
    pub(super) step: Option<Val<'c>>,
    pub(super) state: Val<'c>,
    pub(super) scalars: HashMap<Symbol, Val<'c>>,
    pub(super) external: HashMap<Symbol, (Val<'c>, Val<'c>)>,
    pub(super) time: Option<Val<'c>>,
    pub(super) low: Val<'c>,
    pub(super) high: Val<'c>,
    pub(super) key: [Val<'c>; 2],
    pub(super) dt: f64,
}

impl<'c> Outer<'c, '_> {
    /// Writes the elements of a buffer from `at` on: of a history those of the step, and before the
    /// first step those of all slots.
    pub(super) fn store(
        &self,
        e: Emitter<'c>,
        buffer: &Symbol,
        at: Val<'c>,
        lanes: &Lanes<'c>,
        value: Val<'c>,
    ) -> Result<(), Bug> {
        let (pointer, _) = self.pointer(e, buffer, at, lanes)?;
        let array = &self.layout.buffers[buffer];
        if array.slots == 1 {
            e.store(value, pointer);
            return Ok(());
        }
        let stride = self.numbers.wide(e, Slot::Stride(buffer.clone()), array.slot_bytes);
        let in_slot = |e: Emitter<'c>, slot: Val<'c>| {
            let bytes = e.same("arith.muli", &[slot, stride]);
            e.store(value, e.element_pointer(pointer, bytes, e.integer(8)));
        };
        let slots = self.numbers.wide(e, Slot::Kept(buffer.clone()), array.slots);
        match self.step {
            Some(step) => in_slot(e, e.same("arith.remui", &[step, slots])),
            None => {
                e.for_loop((e.i64(0), slots, e.i64(1)), &[], |e, slot, _| {
                    in_slot(e, slot);
                    vec![]
                });
            }
        }
        Ok(())
    }

    /// Writes all slots of a history before the first step: in each what its value was at the end of the step that the slot is
    /// of, the last of which is the start of the run. `value` makes it from that time, in ms, as f64.
    pub(super) fn store_past(
        &self,
        e: Emitter<'c>,
        history: &Symbol,
        at: Val<'c>,
        lanes: &Lanes<'c>,
        mut value: impl FnMut(Emitter<'c>, Val<'c>) -> Result<Val<'c>, Bug>,
    ) -> Result<(), Bug> {
        let (pointer, _) = self.pointer(e, history, at, lanes)?;
        let array = &self.layout.buffers[history];
        let stride = self.numbers.wide(e, Slot::Stride(history.clone()), array.slot_bytes);
        let slots = self.numbers.wide(e, Slot::Kept(history.clone()), array.slots);
        let mut result = Ok(());
        e.for_loop((e.i64(0), slots, e.i64(1)), &[], |e, slot, _| {
            let back = e.same("arith.subi", &[slot, slots]);
            let end = e.same("arith.addi", &[back, e.i64(1)]);
            let number = e.op("arith.sitofp", &[end], &[], e.f64());
            let time = e.same("arith.mulf", &[number, e.float(e.f64(), self.dt)]);
            match value(e, time) {
                Ok(value) => {
                    let bytes = e.same("arith.muli", &[slot, stride]);
                    e.store(value, e.element_pointer(pointer, bytes, e.integer(8)));
                }
                Err(bug) => result = Err(bug),
            }
            vec![]
        });
        result
    }

    /// The elements of a history from `at` on, so many steps before the start of the step: what was
    /// written at the end of the step before that.
    fn past(
        &self,
        e: Emitter<'c>,
        history: &Symbol,
        steps: u64,
        at: Val<'c>,
        lanes: &Lanes<'c>,
    ) -> Result<Val<'c>, Bug> {
        let step = self.step.ok_or_else(|| Bug("initial values have no past".into()))?;
        let (pointer, ty) = self.pointer(e, history, at, lanes)?;
        let array = &self.layout.buffers[history];
        let ahead = array.slots.checked_sub(steps + 1).ok_or_else(|| Bug(format!("{history} is too short")))?;
        let number = |slot, value| self.numbers.wide(e, slot, value);
        let ahead = number(Slot::Ahead(history.clone(), steps), ahead);
        let ahead = e.same("arith.addi", &[step, ahead]);
        let slot = e.same("arith.remui", &[ahead, number(Slot::Kept(history.clone()), array.slots)]);
        let bytes = e.same("arith.muli", &[slot, number(Slot::Stride(history.clone()), array.slot_bytes)]);
        Ok(e.load(e.element_pointer(pointer, bytes, e.integer(8)), ty))
    }

    /// Where the elements of a buffer from `at` on are, and their type.
    pub(super) fn pointer(
        &self,
        e: Emitter<'c>,
        buffer: &Symbol,
        at: Val<'c>,
        lanes: &Lanes<'c>,
    ) -> Result<(Val<'c>, MlirType<'c>), Bug> {
        let array = self.layout.buffers.get(buffer).ok_or_else(|| Bug(format!("there is no buffer {buffer}")))?;
        let ty = if array.element == Type::Int { lanes.integers(32) } else { lanes.real() };
        let base = self.numbers.offset(e, self.state, Slot::Array(buffer.clone()), array.offset);
        Ok((e.element_pointer(base, at, super::emitter::element(ty)), ty))
    }
}

pub(super) struct NeuronLeaves<'c, 'o> {
    pub(super) outer: &'o Outer<'c, 'o>,
    pub(super) at: Val<'c>,
    /// The time in all lanes, where there is one.
    pub(super) time: Option<Val<'c>>,
}

impl<'c> Leaves<'c> for NeuronLeaves<'c, '_> {
    fn leaf(&mut self, lanes: &mut Lanes<'c>, op: &Op) -> Result<Val<'c>, Bug> {
        let e = lanes.emitter;
        Ok(match op {
            Op::Read(buffer, _) => {
                let (pointer, ty) = self.outer.pointer(e, buffer, self.at, lanes)?;
                e.load(pointer, ty)
            }
            Op::Delayed(history, steps) => self.outer.past(e, history, *steps, self.at, lanes)?,
            Op::Scalar(name, _) => self.outer.scalars[name],
            Op::External(name) => {
                let (values, mask) = self.outer.external[name];
                let index = e.same("arith.andi", &[self.at, mask]);
                let pointer = e.element_pointer(values, index, super::emitter::element(lanes.real()));
                e.load(pointer, lanes.real())
            }
            Op::Time => self.time.ok_or_else(|| Bug("initial values have no time".into()))?,
            Op::Index => {
                let index = self.index(lanes);
                e.op("arith.uitofp", &[index], &[], lanes.real())
            }
            Op::TimeIndex { clock, every, ahead, last } => {
                let index = arrays::time_index(e, self.step()?, *clock, (*every, *ahead, *last));
                let index = e.op("arith.trunci", &[index], &[], e.integer(32));
                lanes.broadcast(index)
            }
            Op::TimeFraction(clock, every) => arrays::time_fraction(lanes, self.step()?, *clock, *every),
            Op::Due(period) => arrays::due(lanes, self.step()?, *period),
            other => return Err(Bug(format!("{other:?} has no meaning in an update"))),
        })
    }

    fn array(&mut self, lanes: &mut Lanes<'c>, name: &Symbol) -> Result<(Val<'c>, Vec<u64>), Bug> {
        self.outer.arrays.address(lanes, name)
    }

    fn whole(&mut self, lanes: &mut Lanes<'c>, op: &Op) -> Result<Option<Whole<'c>>, Bug> {
        Ok(match op {
            Op::Index => Some(Whole::Consecutive(self.at)),
            Op::TimeIndex { clock, every, ahead, last } => {
                Some(Whole::Same(arrays::time_index(lanes.emitter, self.step()?, *clock, (*every, *ahead, *last))))
            }
            _ => None,
        })
    }

    fn address(&mut self, lanes: &mut Lanes<'c>) -> Result<Address<'c>, Bug> {
        let index = self.index(lanes);
        Ok(Address { index, low: self.outer.low, high: self.outer.high, key: self.outer.key })
    }

    fn dt(&self) -> Option<f64> {
        Some(self.outer.dt)
    }

    fn stream(&mut self, lanes: &mut Lanes<'c>, stream: u32) -> Val<'c> {
        let stream = self.outer.numbers.narrow(lanes.emitter, Slot::Stream(stream), stream);
        lanes.broadcast(stream)
    }
}

impl<'c> NeuronLeaves<'c, '_> {
    fn step(&self) -> Result<Val<'c>, Bug> {
        self.outer.step.ok_or_else(|| Bug("initial values have no step".into()))
    }

    fn index(&self, lanes: &mut Lanes<'c>) -> Val<'c> {
        let e = lanes.emitter;
        let first = e.op("arith.trunci", &[self.at], &[], e.integer(32));
        let first = lanes.broadcast(first);
        let ty = with_lanes(e.integer(32), lanes.lanes);
        let numbers = e.lane_numbers(ty, u32::try_from(lanes.lanes).expect("few lanes"));
        e.same("arith.addi", &[first, numbers])
    }
}

pub(super) struct SynapseLeaves<'c, 'l> {
    pub(super) layout: &'l Layout,
    /// The state block, in which parameters of neurons have their values already.
    pub(super) state: Val<'c>,
    /// The precision of states.
    pub(super) real: MlirType<'c>,
    pub(super) arrays: &'l Arrays<'l>,
    pub(super) parameters: Val<'c>,
    pub(super) address: Address<'c>,
    pub(super) numbers: Numbers<'c, 'l>,
}

impl<'c> Leaves<'c> for SynapseLeaves<'c, '_> {
    fn leaf(&mut self, lanes: &mut Lanes<'c>, op: &Op) -> Result<Val<'c>, Bug> {
        let e = lanes.emitter;
        match op {
            Op::Scalar(name, _) => Ok(lanes.broadcast(parameter(e, self.layout, self.parameters, name, self.numbers)?)),
            Op::Index => Ok(e.op("arith.uitofp", &[self.address.index], &[], lanes.real())),
            Op::SourceIndex => Ok(lanes.broadcast(e.op("arith.uitofp", &[self.address.low], &[], e.f64()))),
            Op::PairIndex => Ok(lanes.broadcast(e.op("arith.uitofp", &[self.address.high], &[], e.f64()))),
            Op::Pre(buffer) => self.of_neuron(lanes, buffer, self.address.low),
            Op::Post(buffer) if lanes.lanes == 1 => self.of_neuron(lanes, buffer, self.address.index),
            Op::Post(buffer) => self.of_neurons(lanes, buffer),
            other => Err(Bug(format!("{other:?} has no meaning in weights and delays"))),
        }
    }

    fn array(&mut self, lanes: &mut Lanes<'c>, name: &Symbol) -> Result<(Val<'c>, Vec<u64>), Bug> {
        self.arrays.address(lanes, name)
    }

    fn whole(&mut self, lanes: &mut Lanes<'c>, op: &Op) -> Result<Option<Whole<'c>>, Bug> {
        let wide = |index| Some(Whole::Same(lanes.emitter.op("arith.extui", &[index], &[], lanes.emitter.integer(64))));
        Ok(match op {
            // Targets come one by one, or many at once in any order.
            Op::Index if lanes.lanes > 1 => Some(Whole::Each(self.address.index)),
            Op::Index => wide(self.address.index),
            Op::SourceIndex => wide(self.address.low),
            Op::PairIndex => wide(self.address.high),
            _ => None,
        })
    }

    fn address(&mut self, _: &mut Lanes<'c>) -> Result<Address<'c>, Bug> {
        Ok(self.address)
    }

    fn stream(&mut self, lanes: &mut Lanes<'c>, stream: u32) -> Val<'c> {
        let stream = self.numbers.narrow(lanes.emitter, Slot::Stream(stream), stream);
        lanes.broadcast(stream)
    }

    fn constant(&mut self, lanes: &mut Lanes<'c>, bits: u64) -> Option<Val<'c>> {
        self.numbers.real(lanes.emitter, bits).map(|value| lanes.broadcast(value))
    }
}

impl<'c> SynapseLeaves<'c, '_> {
    /// A parameter of a neuron, as f64, in all lanes.
    fn of_neuron(&self, lanes: &mut Lanes<'c>, buffer: &Symbol, neuron: Val<'c>) -> Result<Val<'c>, Bug> {
        let base = self.parameter_of_neurons(lanes, buffer)?;
        let value = self.element(lanes, base, neuron);
        Ok(lanes.broadcast(value))
    }

    /// A parameter of the target neuron of each lane, as f64. They are neurons of the population in every lane, whatever
    /// their order.
    fn of_neurons(&self, lanes: &mut Lanes<'c>, buffer: &Symbol) -> Result<Val<'c>, Bug> {
        let base = self.parameter_of_neurons(lanes, buffer)?;
        let each = (0..lanes.lanes).map(|lane| {
            let neuron = arrays::extract(lanes, self.address.index, lane);
            self.element(lanes, base, neuron)
        });
        let each: Vec<Val> = each.collect();
        Ok(lanes.emitter.op("vector.from_elements", &each, &[], lanes.real()))
    }

    /// Where a parameter with a value for each neuron is.
    fn parameter_of_neurons(&self, lanes: &Lanes<'c>, buffer: &Symbol) -> Result<Val<'c>, Bug> {
        let array = self.layout.buffers.get(buffer).ok_or_else(|| Bug(format!("there is no buffer {buffer}")))?;
        Ok(self.numbers.offset(lanes.emitter, self.state, Slot::Array(buffer.clone()), array.offset))
    }

    /// An element of an array of the network's reals, as f64.
    fn element(&self, lanes: &Lanes<'c>, base: Val<'c>, neuron: Val<'c>) -> Val<'c> {
        let e = lanes.emitter;
        let neuron = e.op("arith.extui", &[neuron], &[], e.integer(64));
        let value = e.load(e.element_pointer(base, neuron, self.real), self.real);
        if self.real == e.f64() { value } else { e.op("arith.extf", &[value], &[], e.f64()) }
    }
}

pub(super) struct DeriveLeaves<'c, 'l> {
    pub(super) layout: &'l Layout,
    pub(super) arrays: &'l Arrays<'l>,
    pub(super) parameters: Val<'c>,
    pub(super) numbers: Numbers<'c, 'l>,
}

impl<'c> Leaves<'c> for DeriveLeaves<'c, '_> {
    fn leaf(&mut self, lanes: &mut Lanes<'c>, op: &Op) -> Result<Val<'c>, Bug> {
        match op {
            Op::Scalar(name, _) => parameter(lanes.emitter, self.layout, self.parameters, name, self.numbers),
            other => Err(Bug(format!("{other:?} has no meaning in a derived scalar"))),
        }
    }

    fn array(&mut self, lanes: &mut Lanes<'c>, name: &Symbol) -> Result<(Val<'c>, Vec<u64>), Bug> {
        self.arrays.address(lanes, name)
    }

    fn address(&mut self, _: &mut Lanes<'c>) -> Result<Address<'c>, Bug> {
        Err(Bug("derived scalars draw no random numbers".into()))
    }

    fn constant(&mut self, lanes: &mut Lanes<'c>, bits: u64) -> Option<Val<'c>> {
        self.numbers.real(lanes.emitter, bits)
    }
}

pub(super) fn parameter<'c>(
    e: Emitter<'c>,
    layout: &Layout,
    parameters: Val<'c>,
    name: &Symbol,
    numbers: Numbers<'c, '_>,
) -> Result<Val<'c>, Bug> {
    let index = layout.parameters.get(name).ok_or_else(|| Bug(format!("there is no parameter {name}")))?;
    Ok(e.load(numbers.offset(e, parameters, Slot::Parameter(name.clone()), 8 * index), e.f64()))
}
