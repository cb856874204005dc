//! Asking a law by source or by target, whichever it belongs to, and its transpose.

use super::{ColumnLaw, Law, RowLaw, Scratch};

/// How the matrix of a law is made.
pub enum Traversal<'l> {
    /// By source.
    BySource(BySource<'l>),
    /// By target.
    ByTarget(ByTarget<'l>),
}

/// What gives the targets of any one source.
pub enum BySource<'l> {
    /// A law of rows.
    Rows(&'l RowLaw),
    /// The transpose of a law of columns.
    Columns(&'l ColumnLaw),
}

/// What gives the sources of any one target.
pub enum ByTarget<'l> {
    /// A law of columns.
    Columns(&'l ColumnLaw),
    /// The transpose of a law of rows.
    Rows(&'l RowLaw),
}

impl<'l> Traversal<'l> {
    /// The way that a law, or its transpose, is asked.
    pub fn of(law: &'l Law, transposed: bool) -> Traversal<'l> {
        match (law, transposed) {
            (Law::Rows(law), false) => Traversal::BySource(BySource::Rows(law)),
            (Law::Columns(law), true) => Traversal::BySource(BySource::Columns(law)),
            (Law::Columns(law), false) => Traversal::ByTarget(ByTarget::Columns(law)),
            (Law::Rows(law), true) => Traversal::ByTarget(ByTarget::Rows(law)),
        }
    }
}

impl BySource<'_> {
    /// Writes the targets of a source, ascending, as far as `out` has room (all or none); how many there are.
    #[inline]
    pub fn row(&self, source: u32, out: &mut [u32], scratch: &mut Scratch) -> usize {
        match self {
            BySource::Rows(law) => law.row(source, out, scratch),
            BySource::Columns(law) => {
                let degree = law.degree(source) as usize;
                if let Some(out) = out.get_mut(..degree).filter(|out| !out.is_empty()) {
                    law.column(source, out, scratch);
                    out.sort_unstable();
                }
                degree
            }
        }
    }

    /// The most targets that a row may have.
    pub fn longest(&self) -> u64 {
        match self {
            BySource::Rows(law) => law.longest_row(),
            BySource::Columns(law) => law.longest().into(),
        }
    }
}

impl ByTarget<'_> {
    /// Fills the beginning of `out` (of length [`ByTarget::longest`]) with the sources of a target, in no order; how many there are.
    #[inline]
    pub fn column(&self, target: u32, out: &mut [u32], scratch: &mut Scratch) -> usize {
        match self {
            ByTarget::Columns(law) => {
                let degree = law.degree(target) as usize;
                if degree > 0 {
                    law.column(target, out.get_mut(..degree).unwrap_or_default(), scratch);
                }
                degree
            }
            ByTarget::Rows(law) => law.row(target, out, scratch),
        }
    }

    /// The most sources that a target may have.
    pub fn longest(&self) -> u64 {
        match self {
            ByTarget::Columns(law) => law.longest().into(),
            ByTarget::Rows(law) => law.longest_row(),
        }
    }

    /// How many synapses there are, if that is known.
    pub fn synapses(&self) -> Option<f64> {
        match self {
            ByTarget::Columns(law) => Some(law.synapses()),
            ByTarget::Rows(_) => None,
        }
    }
}
