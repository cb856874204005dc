//! How many operations each function takes: what decides the speed of a step.

use std::collections::BTreeSet;

use bpc_math::{Arith, Precision};

/// An [`Arith`] that records operations instead of doing them.
struct Recorder {
    precision: Precision,
    /// Of each operation: its name (none for what costs nothing) and the operations it reads.
    ops: Vec<(&'static str, Vec<usize>)>,
}

impl Recorder {
    fn push(&mut self, name: &'static str, reads: &[usize]) -> usize {
        self.ops.push((name, reads.to_vec()));
        self.ops.len() - 1
    }

    /// The number of operations that `root` depends on: a compiler drops the others.
    fn count(&self, root: usize) -> usize {
        let mut live = BTreeSet::new();
        let mut todo = vec![root];
        while let Some(i) = todo.pop() {
            if live.insert(i) {
                todo.extend(&self.ops[i].1);
            }
        }
        live.into_iter().filter(|&i| !self.ops[i].0.is_empty()).count()
    }
}

impl Arith for Recorder {
    type Float = usize;
    type Int = usize;
    type Word = usize;
    type Mask = usize;

    fn precision(&self) -> Precision {
        self.precision
    }

    fn float(&mut self, _: f64) -> usize {
        self.push("", &[])
    }

    fn int(&mut self, _: i64) -> usize {
        self.push("", &[])
    }

    fn word(&mut self, _: u32) -> usize {
        self.push("", &[])
    }

    fn add(&mut self, x: usize, y: usize) -> usize {
        self.push("add", &[x, y])
    }

    fn sub(&mut self, x: usize, y: usize) -> usize {
        self.push("sub", &[x, y])
    }

    fn mul(&mut self, x: usize, y: usize) -> usize {
        self.push("mul", &[x, y])
    }

    fn div(&mut self, x: usize, y: usize) -> usize {
        self.push("div", &[x, y])
    }

    fn copysign(&mut self, x: usize, y: usize) -> usize {
        self.push("copysign", &[x, y])
    }

    fn lt(&mut self, x: usize, y: usize) -> usize {
        self.push("lt", &[x, y])
    }

    fn le(&mut self, x: usize, y: usize) -> usize {
        self.push("le", &[x, y])
    }

    fn eq(&mut self, x: usize, y: usize) -> usize {
        self.push("eq", &[x, y])
    }

    fn mask_and(&mut self, x: usize, y: usize) -> usize {
        self.push("mask_and", &[x, y])
    }

    fn mask_or(&mut self, x: usize, y: usize) -> usize {
        self.push("mask_or", &[x, y])
    }

    fn int_add(&mut self, x: usize, y: usize) -> usize {
        self.push("int_add", &[x, y])
    }

    fn int_sub(&mut self, x: usize, y: usize) -> usize {
        self.push("int_sub", &[x, y])
    }

    fn int_and(&mut self, x: usize, y: usize) -> usize {
        self.push("int_and", &[x, y])
    }

    fn int_or(&mut self, x: usize, y: usize) -> usize {
        self.push("int_or", &[x, y])
    }

    fn int_xor(&mut self, x: usize, y: usize) -> usize {
        self.push("int_xor", &[x, y])
    }

    fn int_eq(&mut self, x: usize, y: usize) -> usize {
        self.push("int_eq", &[x, y])
    }

    fn word_add(&mut self, x: usize, y: usize) -> usize {
        self.push("word_add", &[x, y])
    }

    fn word_xor(&mut self, x: usize, y: usize) -> usize {
        self.push("word_xor", &[x, y])
    }

    fn neg(&mut self, x: usize) -> usize {
        self.push("neg", &[x])
    }

    fn abs(&mut self, x: usize) -> usize {
        self.push("abs", &[x])
    }

    fn floor(&mut self, x: usize) -> usize {
        self.push("floor", &[x])
    }

    fn sqrt(&mut self, x: usize) -> usize {
        self.push("sqrt", &[x])
    }

    fn mask_not(&mut self, x: usize) -> usize {
        self.push("mask_not", &[x])
    }

    fn bits(&mut self, x: usize) -> usize {
        self.push("", &[x])
    }

    fn float_from_bits(&mut self, x: usize) -> usize {
        self.push("", &[x])
    }

    fn int_from_word(&mut self, x: usize) -> usize {
        self.push("", &[x])
    }

    fn fma(&mut self, x: usize, y: usize, z: usize) -> usize {
        self.push("fma", &[x, y, z])
    }

    fn select(&mut self, x: usize, y: usize, z: usize) -> usize {
        self.push("select", &[x, y, z])
    }

    fn int_shl(&mut self, x: usize, _: u32) -> usize {
        self.push("int_shl", &[x])
    }

    fn int_shr(&mut self, x: usize, _: u32) -> usize {
        self.push("int_shr", &[x])
    }

    fn word_mul_wide(&mut self, v: usize, w: usize) -> (usize, usize) {
        let product = self.push("word_mul_wide", &[v, w]);
        (self.push("", &[product]), self.push("", &[product]))
    }
}

fn cost(function: fn(&mut Recorder, usize) -> usize) -> (usize, usize) {
    let [single, double] = [Precision::F32, Precision::F64].map(|precision| {
        let mut recorder = Recorder { precision, ops: Vec::new() };
        let x = recorder.push("", &[]);
        let y = function(&mut recorder, x);
        recorder.count(y)
    });
    (single, double)
}

/// A comparison and the selection it decides are two operations here and, as a minimum or maximum,
/// one on most machines. `fma` is one, and so is a division.
#[test]
fn operations() {
    type Function = fn(&mut Recorder, usize) -> usize;
    let functions: [(&str, Function, (usize, usize)); 15] = [
        ("exp", bpc_math::exp, (16, 21)),
        ("expm1", bpc_math::expm1, (21, 27)),
        ("exprel", bpc_math::exprel, (24, 30)),
        ("bernoulli", bpc_math::bernoulli, (24, 30)),
        ("sigmoid", bpc_math::sigmoid, (19, 24)),
        ("log", bpc_math::log, (36, 39)),
        ("log1p", bpc_math::log1p, (45, 48)),
        ("sinh", bpc_math::sinh, (25, 31)),
        ("cosh", bpc_math::cosh, (19, 24)),
        ("tanh", bpc_math::tanh, (33, 39)),
        ("sin", bpc_math::sin, (25, 31)),
        ("cos", bpc_math::cos, (25, 31)),
        ("tan", bpc_math::tan, (25, 31)),
        ("erf", bpc_math::erf, (40, 63)),
        ("pow", |a, x| bpc_math::pow(a, x, x), (131, 141)),
    ];
    let measured = functions.map(|(name, function, _)| (name, cost(function)));
    assert_eq!(measured, functions.map(|(name, _, wanted)| (name, wanted)));
}
