//! The exponential Rosenbrock-Euler method: equations that are coupled and not linear, with the exponential of their
//! Jacobian where it stands (Pope 1963; Hochbruck, Ostermann and Schweitzer 2009).
//!
//! `x' = x + φ(h J) h f(x)` with `φ(A) = (exp(A) - 1) / A`: order 2, exact for linear systems. Exponential Euler is the
//! same with the diagonal of J alone, and of order 1 for coupled equations.
//!
//! `φ` is computed for every neuron by scaling and squaring: A is halved until its norm is at most 1/2, where twelve
//! terms of the series are enough for f64 (the rest is below 0.5^13 / 14!, relative), and then doubled by
//! `φ(2 A) = (exp(A) + 1) φ(A) / 2` and `exp(2 A) = exp(A)²`.

use super::{Rows, System};
use crate::ir::{Graph, Node, Op};
use std::collections::BTreeMap;

/// Halvings of a matrix: beyond 2^64 its entries are no rates of a model.
const HALVINGS: u32 = 64;
/// φ is a polynomial of this degree, in three groups of four and a last term.
const DEGREE: u32 = 12;

type Matrix = Vec<Vec<Node>>;

impl System {
    /// One step with the Jacobian at its start.
    pub(super) fn exponential_rosenbrock(&self, graph: &mut Graph, dt: f64, jacobian: &Rows) -> Vec<Node> {
        let n = self.len();
        let (zero, one, half) = (graph.constant(0.0), graph.constant(1.0), graph.constant(0.5));
        let h = graph.constant(dt);
        let full = |row: &BTreeMap<usize, Node>| (0..n).map(|j| row.get(&j).copied().unwrap_or(zero)).collect();
        let jacobian: Matrix = jacobian.iter().map(full).collect();
        let scale = self.scale(graph, &jacobian, h);
        let shrunk = graph.mul(h, scale);
        let matrix: Matrix =
            jacobian.iter().map(|row| row.iter().map(|&entry| graph.mul(shrunk, entry)).collect()).collect();
        let phi = series(graph, &matrix);
        let product = multiply(graph, &matrix, &phi);
        let exponential = with_diagonal(graph, product, one);
        let flow: Vec<Node> = self.slopes.iter().map(|&s| graph.mul(h, s)).collect();
        let change: Vec<Node> = (0..n).map(|i| dot(graph, &phi[i], &flow)).collect();

        // Carried: the change, the entries of the exponential that can differ from zero, the scale.
        let pattern = closure(&exponential, zero);
        let places: Vec<(usize, usize)> =
            (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).filter(|&(i, j)| pattern[i][j]).collect();
        let mut number = 0_u32;
        let mut carried = |graph: &mut Graph| {
            number += 1;
            graph.leaf(Op::Carried(number - 1))
        };
        let old: Vec<Node> = (0..n).map(|_| carried(graph)).collect();
        let mut power = vec![vec![zero; n]; n];
        for &(i, j) in &places {
            power[i][j] = carried(graph);
        }
        let reached = carried(graph);
        let mut initial = change;
        initial.extend(places.iter().map(|&(i, j)| exponential[i][j]));
        initial.push(scale);
        let mut next: Vec<Node> = (0..n)
            .map(|i| {
                let moved = dot(graph, &power[i], &old);
                let sum = graph.add(moved, old[i]);
                graph.mul(half, sum)
            })
            .collect();
        let square = multiply(graph, &power, &power);
        next.extend(places.iter().map(|&(i, j)| square[i][j]));
        next.push(graph.add(reached, reached));
        let condition = graph.node(Op::Less, &[reached, one]);
        let results = graph.iterate(HALVINGS, &initial, condition, &next);
        (0..n).map(|i| graph.add(self.leaves[i], results[i])).collect()
    }

    /// The power of 1/2 that makes the largest row sum of `h J` at most 1/2.
    fn scale(&self, graph: &mut Graph, jacobian: &[Vec<Node>], h: Node) -> Node {
        let (zero, one, half) = (graph.constant(0.0), graph.constant(1.0), graph.constant(0.5));
        let mut largest = zero;
        for row in jacobian {
            let mut sum = zero;
            for &entry in row {
                let size = graph.node(Op::Abs, &[entry]);
                sum = graph.add(sum, size);
            }
            largest = graph.node(Op::Max, &[largest, sum]);
        }
        let norm = graph.mul(h, largest);
        let scale = graph.leaf(Op::Carried(0));
        let size = graph.mul(norm, scale);
        let condition = graph.node(Op::Less, &[half, size]);
        let next = graph.mul(half, scale);
        graph.iterate(HALVINGS, &[one], condition, &[next])[0]
    }
}

/// φ of a small matrix: `Σ A^k / (k + 1)!` by groups of four powers (Paterson and Stockmeyer 1973).
fn series(graph: &mut Graph, matrix: &Matrix) -> Matrix {
    let mut factorial = 1.0;
    let mut coefficients = Vec::new();
    for k in 0..=DEGREE {
        factorial *= f64::from(k + 1);
        coefficients.push(1.0 / factorial);
    }
    let second = multiply(graph, matrix, matrix);
    let third = multiply(graph, &second, matrix);
    let fourth = multiply(graph, &second, &second);
    let mut sum: Option<Matrix> = None;
    for group in coefficients[..DEGREE as usize].chunks(4).rev() {
        let product = match &sum {
            Some(sum) => multiply(graph, sum, &fourth),
            None => scaled(graph, &fourth, coefficients[DEGREE as usize]),
        };
        let mut total = product;
        for (power, &coefficient) in [matrix, &second, &third].into_iter().zip(&group[1..]) {
            let term = scaled(graph, power, coefficient);
            for (row, other) in total.iter_mut().zip(&term) {
                for (entry, &add) in row.iter_mut().zip(other) {
                    *entry = graph.add(*entry, add);
                }
            }
        }
        let constant = graph.constant(group[0]);
        sum = Some(with_diagonal(graph, total, constant));
    }
    sum.expect("a polynomial has a term")
}

fn scaled(graph: &mut Graph, matrix: &Matrix, factor: f64) -> Matrix {
    let factor = graph.constant(factor);
    matrix.iter().map(|row| row.iter().map(|&entry| graph.mul(factor, entry)).collect()).collect()
}

fn with_diagonal(graph: &mut Graph, mut matrix: Matrix, add: Node) -> Matrix {
    for (i, row) in matrix.iter_mut().enumerate() {
        row[i] = graph.add(row[i], add);
    }
    matrix
}

fn dot(graph: &mut Graph, row: &[Node], vector: &[Node]) -> Node {
    let mut sum = graph.constant(0.0);
    for (&a, &b) in row.iter().zip(vector) {
        let product = graph.mul(a, b);
        sum = graph.add(sum, product);
    }
    sum
}

/// A product; entries that are zero for want of entries cost nothing.
fn multiply(graph: &mut Graph, a: &Matrix, b: &Matrix) -> Matrix {
    let size = a.len();
    let column = |j: usize| b.iter().map(|row| row[j]).collect::<Vec<Node>>();
    (0..size).map(|i| (0..size).map(|j| dot(graph, &a[i], &column(j))).collect()).collect()
}

/// Which entries of the powers of a matrix, itself included, can differ from zero.
fn closure(matrix: &Matrix, zero: Node) -> Vec<Vec<bool>> {
    let mut reaches: Vec<Vec<bool>> = matrix.iter().map(|row| row.iter().map(|&e| e != zero).collect()).collect();
    for middle in 0..matrix.len() {
        for row in 0..matrix.len() {
            for column in 0..matrix.len() {
                reaches[row][column] |= reaches[row][middle] && reaches[middle][column];
            }
        }
    }
    reaches
}
