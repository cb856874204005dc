//! Which pairs are connected: one law, however the matrix is traversed or divided.
//!
//! A rule, a seed and a projection's stream name one matrix. Rules that belong to the source
//! (independent pairs, fixed out-degree, dense) give the targets of any one source alone; fixed
//! in-degree gives the sources of any one target alone. Random words are addressed by
//! (source or target, draw, stream, purpose), see [`bpc_runtime_abi::purpose`], so that no
//! traversal, thread or part changes them.

pub mod bernoulli;
pub mod bounded;
pub mod dense;
pub mod in_degree;
pub mod out_degree;

pub(crate) mod columns;
pub(crate) mod csr;

use bpc_runtime_abi::descriptor::{Projection, Rule};

use crate::error::Error;
use crate::memory::Buffer;
use crate::philox::key;

/// A rule, ready to be asked for rows or columns.
pub enum Law {
    /// Asked by source.
    Rows(RowLaw),
    /// Asked by target.
    Columns(in_degree::InDegree),
}

/// A rule that belongs to the source.
pub enum RowLaw {
    /// See [`bernoulli::Bernoulli`].
    Bernoulli(bernoulli::Bernoulli),
    /// See [`out_degree::OutDegree`].
    OutDegree(out_degree::OutDegree),
    /// See [`dense::Dense`].
    Dense(dense::Dense),
}

/// Memory for one thread that asks a law: one bit for each candidate, all zero between calls.
pub struct Scratch(Buffer<u64>);

impl Scratch {
    /// What the law needs.
    ///
    /// # Errors
    /// No memory.
    pub fn new(law: &Law) -> Result<Scratch, Error> {
        let candidates = match law {
            Law::Rows(RowLaw::OutDegree(law)) => law.bits(),
            Law::Columns(law) => law.bits(),
            Law::Rows(_) => 0,
        };
        Ok(Scratch(Buffer::zeroed(candidates.div_ceil(64), "drawing connections")?))
    }
}

impl Law {
    /// The law of a projection between populations of these sizes.
    ///
    /// # Errors
    /// A degree that cannot be drawn.
    pub fn new(projection: &Projection<'static>, seed: u64, sources: u32, targets: u32) -> Result<Law, Error> {
        let excludes_self = projection.source == projection.target && !projection.allow_self;
        let key = key(seed);
        let stream = projection.stream;
        let checked = |degree: u64, from: u32, with_replacement: bool| {
            let candidates = u64::from(from).saturating_sub(u64::from(excludes_self));
            let possible = degree == 0 || if with_replacement { candidates > 0 } else { degree <= candidates };
            match u32::try_from(degree) {
                Ok(degree) if possible => Ok((degree, candidates as u32)),
                _ => Err(Error::Degree { projection: projection.name, degree, candidates }),
            }
        };
        Ok(match projection.rule {
            Rule::AllToAll => Law::Rows(RowLaw::Dense(dense::Dense::all_to_all(targets, excludes_self))),
            Rule::OneToOne => Law::Rows(RowLaw::Dense(dense::Dense::one_to_one(targets, excludes_self))),
            Rule::FixedProbability(p) => {
                Law::Rows(RowLaw::Bernoulli(bernoulli::Bernoulli::new(p, targets, excludes_self, stream, key)))
            }
            Rule::FixedInDegree { degree, with_replacement } => {
                let (degree, candidates) = checked(degree, sources, with_replacement)?;
                let draws = bounded::Subset { degree, candidates, with_replacement, excludes_self, stream, key };
                Law::Columns(in_degree::InDegree(draws))
            }
            Rule::FixedOutDegree { degree, with_replacement } => {
                let (degree, candidates) = checked(degree, targets, with_replacement)?;
                let draws = bounded::Subset { degree, candidates, with_replacement, excludes_self, stream, key };
                Law::Rows(RowLaw::OutDegree(out_degree::OutDegree(draws)))
            }
        })
    }
}

impl RowLaw {
    /// Writes the targets of a source, ascending, as far as `out` has room; how many there are.
    #[inline]
    pub fn row(&self, source: u32, out: &mut [u32], scratch: &mut Scratch) -> usize {
        match self {
            RowLaw::Bernoulli(law) => law.row(source, out),
            RowLaw::OutDegree(law) => law.row(source, out, &mut scratch.0),
            RowLaw::Dense(law) => law.row(source, out),
        }
    }

    /// The most targets that a row may have.
    pub fn longest_row(&self) -> u64 {
        match self {
            RowLaw::Bernoulli(law) => law.longest_row(),
            RowLaw::OutDegree(law) => u64::from(law.0.degree),
            RowLaw::Dense(law) => law.longest_row(),
        }
    }
}

/// How many synapses a rule gives on average.
pub fn expected_synapses(rule: Rule, sources: u64, targets: u64) -> f64 {
    let (sources, targets) = (sources as f64, targets as f64);
    match rule {
        Rule::AllToAll => sources * targets,
        Rule::OneToOne => targets,
        Rule::FixedProbability(p) => sources * targets * p,
        Rule::FixedInDegree { degree, .. } => targets * degree as f64,
        Rule::FixedOutDegree { degree, .. } => sources * degree as f64,
    }
}
