//! Linear systems whose entries are expressions, solved by elimination that is written out.
//!
//! Only entries that can differ from zero take part. The pivots are on the diagonal: the matrices are `1/(γ h) - J` and
//! `1 - h J`, whose diagonal outweighs the rest if the step resolves what grows. Of the rows that are left, the one
//! whose elimination makes the fewest new entries goes first (Markowitz 1957): the gates of a membrane before its
//! potential, and a tree of compartments from its ends (Hines 1984), so that a system of n compartments takes
//! operations in proportion to n.

use crate::ir::{Graph, Node};
use std::collections::{BTreeMap, BTreeSet};

/// A matrix, factorised.
pub struct Factors {
    /// The rows in the order in which they are eliminated.
    order: Vec<usize>,
    /// For each row the multipliers below its diagonal (in that order): the rows that it changes.
    below: Vec<Vec<(usize, Node)>>,
    /// For each row what is left of it behind the diagonal.
    behind: Vec<Vec<(usize, Node)>>,
    /// One over each pivot.
    inverse: Vec<Node>,
}

impl Factors {
    /// Factorises a square matrix, which is given row by row without what is zero.
    pub fn of(graph: &mut Graph, mut matrix: Vec<BTreeMap<usize, Node>>) -> Factors {
        let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
        let size = matrix.len();
        let mut places = Places::of(&matrix);
        let mut order = Vec::with_capacity(size);
        let mut inverse = vec![zero; size];
        let (mut below, mut behind) = (vec![vec![]; size], vec![vec![]; size]);
        while let Some(pivot) = places.next() {
            order.push(pivot);
            let mut row = std::mem::take(&mut matrix[pivot]);
            let diagonal = row.remove(&pivot).unwrap_or(zero);
            inverse[pivot] = graph.div(one, diagonal);
            for &other in &places.rows_with(pivot) {
                let Some(entry) = matrix[other].remove(&pivot) else { continue };
                let multiplier = graph.mul(entry, inverse[pivot]);
                below[pivot].push((other, multiplier));
                for (&column, &above) in &row {
                    let product = graph.mul(multiplier, above);
                    let before = matrix[other].get(&column).copied().unwrap_or(zero);
                    let entry = graph.sub(before, product);
                    if entry == zero {
                        matrix[other].remove(&column);
                    } else {
                        matrix[other].insert(column, entry);
                    }
                    places.set(other, column, entry != zero);
                }
            }
            behind[pivot] = row.into_iter().collect();
        }
        let mut rank = vec![0; size];
        order.iter().zip(0..).for_each(|(&row, place)| rank[row] = place);
        for list in below.iter_mut().chain(&mut behind) {
            list.sort_by_key(|entry| rank[entry.0]);
        }
        Factors { order, below, behind, inverse }
    }

    /// The solution for a right-hand side.
    pub fn solve(&self, graph: &mut Graph, right: &[Node]) -> Vec<Node> {
        let mut x = right.to_vec();
        for &pivot in &self.order {
            for &(row, multiplier) in &self.below[pivot] {
                let product = graph.mul(multiplier, x[pivot]);
                x[row] = graph.sub(x[row], product);
            }
        }
        for &pivot in self.order.iter().rev() {
            for &(column, entry) in &self.behind[pivot] {
                let product = graph.mul(entry, x[column]);
                x[pivot] = graph.sub(x[pivot], product);
            }
            x[pivot] = graph.mul(x[pivot], self.inverse[pivot]);
        }
        x
    }
}

/// Products of entries that the elimination of a matrix and one solution take. Counting ends at `most`.
pub fn operations<E>(matrix: &[BTreeMap<usize, E>], most: usize) -> usize {
    let mut places = Places::of(matrix);
    let mut count = 0;
    while let Some(pivot) = places.next() {
        let (rows, columns) = (places.rows_with(pivot), places.columns_with(pivot));
        count += (rows.len() + 1) * (columns.len() + 1);
        if count > most {
            break;
        }
        for &row in &rows {
            columns.iter().for_each(|&column| places.set(row, column, true));
        }
    }
    count
}

/// Where a matrix differs from zero, among the rows that are left.
struct Places {
    left: BTreeSet<usize>,
    /// For each row its columns, and for each column its rows; the diagonal is in neither.
    columns: Vec<BTreeSet<usize>>,
    rows: Vec<BTreeSet<usize>>,
}

impl Places {
    fn of<E>(matrix: &[BTreeMap<usize, E>]) -> Places {
        let size = matrix.len();
        let mut places = Places {
            left: (0..size).collect(),
            columns: vec![BTreeSet::new(); size],
            rows: vec![BTreeSet::new(); size],
        };
        for (row, entries) in matrix.iter().enumerate() {
            entries.keys().for_each(|&column| places.set(row, column, true));
        }
        places
    }

    fn set(&mut self, row: usize, column: usize, there: bool) {
        if row == column {
            return;
        }
        if there {
            self.columns[row].insert(column);
            self.rows[column].insert(row);
        } else {
            self.columns[row].remove(&column);
            self.rows[column].remove(&row);
        }
    }

    /// The row that fills in least, the first of several; it is no longer left, but its places are known until the next.
    fn next(&mut self) -> Option<usize> {
        let pivot = *self.left.iter().min_by_key(|&&at| self.rows[at].len() * self.columns[at].len())?;
        self.left.remove(&pivot);
        for row in self.rows_with(pivot) {
            self.columns[row].remove(&pivot);
        }
        for column in self.columns_with(pivot) {
            self.rows[column].remove(&pivot);
        }
        Some(pivot)
    }

    fn rows_with(&self, column: usize) -> Vec<usize> {
        self.rows[column].iter().copied().collect()
    }

    fn columns_with(&self, row: usize) -> Vec<usize> {
        self.columns[row].iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Op;

    /// A matrix of numbers with a heavy diagonal, whose other entries are where `there` says.
    fn matrix(size: usize, there: impl Fn(usize, usize) -> bool) -> Vec<Vec<f64>> {
        let entry = |i: usize, j: usize| match () {
            () if i == j => 9.0 + i as f64,
            () if there(i, j) => ((7 * i + 13 * j) % 11) as f64 / 11.0 - 0.3,
            () => 0.0,
        };
        (0..size).map(|i| (0..size).map(|j| entry(i, j)).collect()).collect()
    }

    /// Dense elimination with the largest pivot of each column.
    fn dense(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
        let n = b.len();
        for k in 0..n {
            let pivot = (k..n).max_by(|&x, &y| a[x][k].abs().total_cmp(&a[y][k].abs())).expect("rows are left");
            a.swap(k, pivot);
            b.swap(k, pivot);
            for i in k + 1..n {
                let factor = a[i][k] / a[k][k];
                let used = a[k].clone();
                a[i].iter_mut().zip(&used).for_each(|(x, y)| *x -= factor * y);
                b[i] -= factor * b[k];
            }
        }
        for k in (0..n).rev() {
            let known: f64 = (k + 1..n).map(|j| a[k][j] * b[j]).sum();
            b[k] = (b[k] - known) / a[k][k];
        }
        b
    }

    fn sparse(graph: &mut Graph, numbers: &[Vec<f64>]) -> Vec<BTreeMap<usize, Node>> {
        let row = |row: &Vec<f64>| {
            let entries = row.iter().enumerate().filter(|(_, x)| **x != 0.0);
            entries.map(|(j, &x)| (j, graph.constant(x))).collect()
        };
        numbers.iter().map(row).collect()
    }

    /// All is constant, so that the graph folds the solution to numbers.
    #[track_caller]
    fn agrees(numbers: &[Vec<f64>]) {
        let mut graph = Graph::default();
        let right: Vec<f64> = (0..numbers.len()).map(|i| 1.0 - (i % 5) as f64 / 3.0).collect();
        let wanted = dense(numbers.to_vec(), right.clone());
        let rows = sparse(&mut graph, numbers);
        let right: Vec<Node> = right.iter().map(|&x| graph.constant(x)).collect();
        let factors = Factors::of(&mut graph, rows);
        let found = factors.solve(&mut graph, &right);
        for (x, wanted) in found.iter().zip(&wanted) {
            let x = graph.as_constant(*x).expect("a number");
            assert!((x - wanted).abs() < 1e-14, "{x}, dense {wanted}");
        }
    }

    #[test]
    fn sparse_elimination_is_dense_elimination() {
        agrees(&matrix(40, |i, j| i.abs_diff(j) == 1));
        // A tree: the parent of i is (i - 1) / 2.
        agrees(&matrix(63, |i, j| i.max(j) > 0 && (i.max(j) - 1) / 2 == i.min(j)));
        // Compartments with three gates each.
        agrees(&matrix(60, |i, j| {
            i / 4 == j / 4 && (i % 4 == 0 || j % 4 == 0) || i % 4 == 0 && j % 4 == 0 && i.abs_diff(j) == 4
        }));
        agrees(&matrix(12, |_, _| true));
        agrees(&matrix(30, |i, j| (3 * i + 5 * j) % 7 == 0));
    }

    #[test]
    fn trees_fill_nothing_in() {
        let count = |numbers: &[Vec<f64>]| {
            let mut graph = Graph::default();
            let rows = sparse(&mut graph, numbers);
            operations(&rows, usize::MAX)
        };
        for size in [31, 255] {
            let tree = matrix(size, |i, j| i.max(j) > 0 && (i.max(j) - 1) / 2 == i.min(j));
            // One row and one column each, but for the last.
            assert_eq!(count(&tree), 4 * (size - 1) + 1);
        }
        let full = matrix(10, |_, _| true);
        assert_eq!(count(&full), (1..=10).map(|k| k * k).sum::<usize>());
    }

    /// The elimination of a tridiagonal matrix of unknowns makes as many expressions for each row.
    #[test]
    fn expressions_grow_with_the_size() {
        let count = |size: usize| {
            let mut graph = Graph::default();
            let mut leaf = |name: String| graph.leaf(Op::Get(name.into(), crate::ir::Type::Real));
            let rows: Vec<BTreeMap<usize, Node>> = (0..size)
                .map(|i| (i.saturating_sub(1)..(i + 2).min(size)).map(|j| (j, leaf(format!("a{i},{j}")))).collect())
                .collect();
            let right: Vec<Node> = (0..size).map(|i| leaf(format!("b{i}"))).collect();
            let factors = Factors::of(&mut graph, rows);
            let x = factors.solve(&mut graph, &right);
            graph.order(&x).len()
        };
        let (small, large) = (count(50), count(100));
        assert!(large <= 2 * small + 20, "{small}, {large}");
    }
}
