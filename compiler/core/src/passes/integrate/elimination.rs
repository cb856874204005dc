//! Linear systems whose entries are expressions, solved by elimination that is written out.
//!
//! Only entries that can differ from zero take part. The pivots are on the diagonal: the matrices are `1/(γ h) - J` and
//! `1 - h J`, whose diagonal outweighs the rest if the step resolves what grows. Of the rows that are left, the one
//! whose elimination makes the fewest new entries goes first (Markowitz 1957).

use crate::ir::{Graph, Node};

/// A matrix, factorised.
pub struct Factors {
    /// The rows in the order in which they are eliminated.
    order: Vec<usize>,
    /// Below the diagonal (in that order) the multipliers, on and above it what is left of the rows.
    entries: Vec<Vec<Node>>,
    /// One over each pivot.
    inverse: Vec<Node>,
    zero: Node,
}

impl Factors {
    /// Factorises a square matrix.
    pub fn of(graph: &mut Graph, mut matrix: Vec<Vec<Node>>) -> Factors {
        let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
        let size = matrix.len();
        let mut left: Vec<usize> = (0..size).collect();
        let mut order = Vec::with_capacity(size);
        let mut inverse = vec![zero; size];
        while let Some(at) = cheapest(&matrix, &left, zero) {
            let pivot = left.remove(at);
            order.push(pivot);
            inverse[pivot] = graph.div(one, matrix[pivot][pivot]);
            for &row in left.iter().filter(|&&row| matrix[row][pivot] != zero).collect::<Vec<_>>() {
                let multiplier = graph.mul(matrix[row][pivot], inverse[pivot]);
                matrix[row][pivot] = multiplier;
                for &column in left.iter().filter(|&&column| matrix[pivot][column] != zero).collect::<Vec<_>>() {
                    let product = graph.mul(multiplier, matrix[pivot][column]);
                    matrix[row][column] = graph.sub(matrix[row][column], product);
                }
            }
        }
        Factors { order, entries: matrix, inverse, zero }
    }

    /// The solution for a right-hand side.
    pub fn solve(&self, graph: &mut Graph, right: &[Node]) -> Vec<Node> {
        let mut x = right.to_vec();
        for (k, &pivot) in self.order.iter().enumerate() {
            for &row in &self.order[k + 1..] {
                if self.entries[row][pivot] != self.zero {
                    let product = graph.mul(self.entries[row][pivot], x[pivot]);
                    x[row] = graph.sub(x[row], product);
                }
            }
        }
        for (k, &pivot) in self.order.iter().enumerate().rev() {
            for &column in &self.order[k + 1..] {
                if self.entries[pivot][column] != self.zero {
                    let product = graph.mul(self.entries[pivot][column], x[column]);
                    x[pivot] = graph.sub(x[pivot], product);
                }
            }
            x[pivot] = graph.mul(x[pivot], self.inverse[pivot]);
        }
        x
    }
}

/// The place in `left` of the row that fills in least; the first of several.
fn cheapest(matrix: &[Vec<Node>], left: &[usize], zero: Node) -> Option<usize> {
    let cost = |&pivot: &usize| {
        let others = || left.iter().filter(move |&&i| i != pivot);
        let rows = others().filter(|&&row| matrix[row][pivot] != zero).count();
        rows * others().filter(|&&column| matrix[pivot][column] != zero).count()
    };
    (0..left.len()).min_by_key(|&at| cost(&left[at]))
}
