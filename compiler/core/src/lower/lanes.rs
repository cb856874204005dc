//! Elementary functions as MLIR: [`bpc_math::Arith`] on one number or lane by lane on a vector.

use super::emitter::{Emitter, Val, with_lanes};
use bpc_math::{Arith, Precision};
use melior::ir::attribute::IntegerAttribute;
use melior::ir::{Type, ValueLike};

/// Arithmetic of one precision on a number of lanes.
#[derive(Clone, Copy)]
pub struct Lanes<'c> {
    /// Where operations go.
    pub emitter: Emitter<'c>,
    /// Of real numbers.
    pub precision: Precision,
    /// 1 for scalars.
    pub lanes: u64,
}

impl<'c> Lanes<'c> {
    /// The type of real numbers.
    #[must_use]
    pub fn real(&self) -> Type<'c> {
        let element = match self.precision {
            Precision::F32 => Type::float32(self.emitter.context),
            Precision::F64 => Type::float64(self.emitter.context),
        };
        with_lanes(element, self.lanes)
    }

    /// The type of integers of `bits` bits.
    #[must_use]
    pub fn integers(&self, bits: u32) -> Type<'c> {
        with_lanes(self.emitter.integer(bits), self.lanes)
    }

    fn wide(&self) -> Type<'c> {
        self.integers(if self.precision == Precision::F32 { 32 } else { 64 })
    }

    /// Comparison of reals (predicates of `arith.cmpf`).
    #[must_use]
    pub fn compare_reals(&self, predicate: i64, x: Val<'c>, y: Val<'c>) -> Val<'c> {
        let predicate = IntegerAttribute::new(self.emitter.integer(64), predicate).into();
        self.emitter.op("arith.cmpf", &[x, y], &[("predicate", predicate)], self.integers(1))
    }

    /// The same number in every lane.
    #[must_use]
    pub fn broadcast(&self, scalar: Val<'c>) -> Val<'c> {
        if self.lanes == 1 {
            return scalar;
        }
        self.emitter.op("vector.broadcast", &[scalar], &[], with_lanes(scalar.r#type(), self.lanes))
    }

    fn shift(&self, name: &str, i: Val<'c>, n: u32) -> Val<'c> {
        let distance = self.emitter.int(i.r#type(), i64::from(n));
        self.emitter.same(name, &[i, distance])
    }
}

impl<'c> Arith for Lanes<'c> {
    type Float = Val<'c>;
    type Int = Val<'c>;
    type Word = Val<'c>;
    type Mask = Val<'c>;

    fn precision(&self) -> Precision {
        self.precision
    }
    fn float(&mut self, c: f64) -> Val<'c> {
        self.emitter.float(self.real(), c)
    }
    fn int(&mut self, c: i64) -> Val<'c> {
        let kept = if self.precision == Precision::F32 { i64::from(c as i32) } else { c };
        self.emitter.int(self.wide(), kept)
    }
    fn word(&mut self, c: u32) -> Val<'c> {
        self.emitter.int(self.integers(32), i64::from(c.cast_signed()))
    }
    fn add(&mut self, x: Val<'c>, y: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.addf", &[x, y])
    }
    fn sub(&mut self, x: Val<'c>, y: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.subf", &[x, y])
    }
    fn mul(&mut self, x: Val<'c>, y: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.mulf", &[x, y])
    }
    fn div(&mut self, x: Val<'c>, y: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.divf", &[x, y])
    }
    fn neg(&mut self, x: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.negf", &[x])
    }
    fn abs(&mut self, x: Val<'c>) -> Val<'c> {
        self.emitter.same("math.absf", &[x])
    }
    fn copysign(&mut self, x: Val<'c>, y: Val<'c>) -> Val<'c> {
        self.emitter.same("math.copysign", &[x, y])
    }
    fn floor(&mut self, x: Val<'c>) -> Val<'c> {
        self.emitter.same("math.floor", &[x])
    }
    fn sqrt(&mut self, x: Val<'c>) -> Val<'c> {
        self.emitter.same("math.sqrt", &[x])
    }
    fn fma(&mut self, x: Val<'c>, y: Val<'c>, z: Val<'c>) -> Val<'c> {
        self.emitter.same("math.fma", &[x, y, z])
    }
    fn lt(&mut self, x: Val<'c>, y: Val<'c>) -> Val<'c> {
        self.compare_reals(4, x, y)
    }
    fn le(&mut self, x: Val<'c>, y: Val<'c>) -> Val<'c> {
        self.compare_reals(5, x, y)
    }
    fn eq(&mut self, x: Val<'c>, y: Val<'c>) -> Val<'c> {
        self.compare_reals(1, x, y)
    }
    fn mask_and(&mut self, p: Val<'c>, q: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.andi", &[p, q])
    }
    fn mask_or(&mut self, p: Val<'c>, q: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.ori", &[p, q])
    }
    fn mask_not(&mut self, p: Val<'c>) -> Val<'c> {
        let all = self.emitter.int(p.r#type(), 1);
        self.emitter.same("arith.xori", &[p, all])
    }
    fn select(&mut self, p: Val<'c>, x: Val<'c>, y: Val<'c>) -> Val<'c> {
        self.emitter.op("arith.select", &[p, x, y], &[], x.r#type())
    }
    fn bits(&mut self, x: Val<'c>) -> Val<'c> {
        self.emitter.op("arith.bitcast", &[x], &[], self.wide())
    }
    fn float_from_bits(&mut self, i: Val<'c>) -> Val<'c> {
        self.emitter.op("arith.bitcast", &[i], &[], self.real())
    }
    fn int_add(&mut self, i: Val<'c>, j: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.addi", &[i, j])
    }
    fn int_sub(&mut self, i: Val<'c>, j: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.subi", &[i, j])
    }
    fn int_and(&mut self, i: Val<'c>, j: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.andi", &[i, j])
    }
    fn int_or(&mut self, i: Val<'c>, j: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.ori", &[i, j])
    }
    fn int_xor(&mut self, i: Val<'c>, j: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.xori", &[i, j])
    }
    fn int_shl(&mut self, i: Val<'c>, n: u32) -> Val<'c> {
        self.shift("arith.shli", i, n)
    }
    fn int_shr(&mut self, i: Val<'c>, n: u32) -> Val<'c> {
        self.shift("arith.shrui", i, n)
    }
    fn int_eq(&mut self, i: Val<'c>, j: Val<'c>) -> Val<'c> {
        self.emitter.compare(0, i, j)
    }
    fn word_add(&mut self, v: Val<'c>, w: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.addi", &[v, w])
    }
    fn word_xor(&mut self, v: Val<'c>, w: Val<'c>) -> Val<'c> {
        self.emitter.same("arith.xori", &[v, w])
    }
    fn word_mul_wide(&mut self, v: Val<'c>, w: Val<'c>) -> (Val<'c>, Val<'c>) {
        let parts = self.emitter.many("arith.mului_extended", &[v, w], &[], &[v.r#type(), v.r#type()], vec![]);
        (parts[1], parts[0])
    }
    fn int_from_word(&mut self, w: Val<'c>) -> Val<'c> {
        match self.precision {
            Precision::F32 => w,
            Precision::F64 => self.emitter.op("arith.extui", &[w], &[], self.wide()),
        }
    }
}
