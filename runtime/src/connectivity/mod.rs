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
pub mod explicit;
pub mod fixed_total;
pub mod in_degree;
pub mod out_degree;
pub mod pairwise;
pub mod scale_free;
pub mod small_world;

pub(crate) mod columns;
pub(crate) mod csr;

use bpc_runtime_abi::descriptor::{Projection, Rule};

use crate::error::Error;
use crate::memory::Buffer;
use crate::philox::key;

/// The greatest total of a rule: what one addresses coins for.
const MOST_IN_TOTAL: u64 = 1 << 31;

/// A rule, ready to be asked for rows or columns.
pub enum Law {
    /// Asked by source.
    Rows(RowLaw),
    /// Asked by target.
    Columns(ColumnLaw),
}

/// A rule that belongs to the source.
pub enum RowLaw {
    /// See [`bernoulli::Bernoulli`].
    Bernoulli(bernoulli::Bernoulli),
    /// See [`out_degree::OutDegree`].
    OutDegree(out_degree::OutDegree),
    /// See [`dense::Dense`].
    Dense(dense::Dense),
    /// See [`explicit::Explicit`].
    Explicit(explicit::Explicit),
    /// See [`pairwise::Pairwise`].
    Pairwise(pairwise::Pairwise),
    /// See [`small_world::SmallWorld`].
    SmallWorld(small_world::SmallWorld),
    /// See [`scale_free::ScaleFree`].
    ScaleFree(scale_free::ScaleFree),
}

/// A rule that belongs to the target.
pub enum ColumnLaw {
    /// See [`in_degree::InDegree`].
    InDegree(in_degree::InDegree),
    /// See [`fixed_total::FixedTotal`].
    FixedTotal(fixed_total::FixedTotal),
}

/// Memory for one thread that asks a law.
pub struct Scratch {
    /// One bit for each candidate, all zero between calls.
    used: Buffer<u64>,
    /// Targets, ordinals (all 0) and probabilities of a block of pairs.
    targets: Buffer<u32>,
    ordinals: Buffer<u32>,
    values: Buffer<f64>,
    /// The first probability found that is none.
    pub fault: Option<pairwise::Fault>,
}

impl Scratch {
    /// What the law needs.
    ///
    /// # Errors
    /// No memory.
    pub fn new(law: &Law) -> Result<Scratch, Error> {
        const WHAT: &str = "drawing connections";
        let candidates = match law {
            Law::Rows(RowLaw::OutDegree(law)) => law.bits(),
            Law::Rows(RowLaw::SmallWorld(law)) => law.bits(),
            Law::Columns(ColumnLaw::InDegree(law)) => law.bits(),
            Law::Columns(ColumnLaw::FixedTotal(law)) => law.bits(),
            Law::Rows(_) => 0,
        };
        let block = if matches!(law, Law::Rows(RowLaw::Pairwise(_))) { pairwise::BLOCK as u64 } else { 0 };
        Ok(Scratch {
            used: Buffer::zeroed(candidates.div_ceil(64), WHAT)?,
            targets: Buffer::zeroed(block, WHAT)?,
            ordinals: Buffer::zeroed(block, WHAT)?,
            values: Buffer::zeroed(block, WHAT)?,
            fault: None,
        })
    }
}

impl Law {
    /// The law of a projection between populations of these sizes. `evaluator` gives the
    /// probabilities of pairs, if the rule is about these.
    ///
    /// # Errors
    /// A degree or a total that cannot be drawn; no memory.
    pub fn new(
        projection: &Projection<'static>,
        seed: u64,
        sources: u32,
        targets: u32,
        evaluator: Option<pairwise::Evaluator>,
    ) -> Result<Law, Error> {
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
            Rule::Explicit => Law::Rows(RowLaw::Explicit(explicit::Explicit::new(projection.pairs, sources))),
            Rule::FixedProbability(p) => {
                Law::Rows(RowLaw::Bernoulli(bernoulli::Bernoulli::new(p, targets, excludes_self, stream, key)))
            }
            Rule::FixedInDegree { degree, with_replacement } => {
                let (degree, candidates) = checked(degree, sources, with_replacement)?;
                let draws = bounded::Subset { degree, candidates, with_replacement, excludes_self, stream, key };
                Law::Columns(ColumnLaw::InDegree(in_degree::InDegree(draws)))
            }
            Rule::FixedOutDegree { degree, with_replacement } => {
                let (degree, candidates) = checked(degree, targets, with_replacement)?;
                let draws = bounded::Subset { degree, candidates, with_replacement, excludes_self, stream, key };
                Law::Rows(RowLaw::OutDegree(out_degree::OutDegree(draws)))
            }
            Rule::FixedTotal { total, with_replacement } => {
                let candidates = sources.saturating_sub(u32::from(excludes_self));
                let cells = u64::from(candidates) * u64::from(targets);
                let possible = total == 0 || if with_replacement { cells > 0 } else { total <= cells };
                if !possible || total > MOST_IN_TOTAL {
                    return Err(Error::Total { projection: projection.name, total, pairs: cells });
                }
                let draws = bounded::Subset { degree: 0, candidates, with_replacement, excludes_self, stream, key };
                let law = fixed_total::FixedTotal::new(total, targets, draws, projection.name)?;
                Law::Columns(ColumnLaw::FixedTotal(law))
            }
            Rule::Pairwise { .. } => {
                let evaluator = evaluator.ok_or(Error::Argument("nothing gives the probabilities of pairs"))?;
                let law = pairwise::Pairwise::new(evaluator, targets, excludes_self, stream, key);
                Law::Rows(RowLaw::Pairwise(law))
            }
            Rule::SmallWorld { degree, rewired } => {
                if degree % 2 != 0 || degree >= targets || sources != targets {
                    let candidates = targets.saturating_sub(1).into();
                    return Err(Error::Degree { projection: projection.name, degree: degree.into(), candidates });
                }
                let law = small_world::SmallWorld::new(targets, degree, rewired, stream, key);
                Law::Rows(RowLaw::SmallWorld(law))
            }
            Rule::ScaleFree { edges } => {
                if edges == 0 || edges >= targets || sources != targets {
                    let candidates = targets.saturating_sub(1).into();
                    return Err(Error::Degree { projection: projection.name, degree: edges.into(), candidates });
                }
                Law::Rows(RowLaw::ScaleFree(scale_free::ScaleFree::new(targets, edges, stream, key, projection.name)?))
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
            RowLaw::OutDegree(law) => law.row(source, out, &mut scratch.used),
            RowLaw::Dense(law) => law.row(source, out),
            RowLaw::Explicit(law) => law.row(source, out),
            RowLaw::Pairwise(law) => law.row(source, out, scratch),
            RowLaw::SmallWorld(law) => law.row(source, out, &mut scratch.used),
            RowLaw::ScaleFree(law) => law.row(source, out),
        }
    }

    /// The most targets that a row may have.
    pub fn longest_row(&self) -> u64 {
        match self {
            RowLaw::Bernoulli(law) => law.longest_row(),
            RowLaw::OutDegree(law) => u64::from(law.0.degree),
            RowLaw::Dense(law) => law.longest_row(),
            RowLaw::Explicit(law) => law.longest_row(),
            RowLaw::Pairwise(law) => law.longest_row(),
            RowLaw::SmallWorld(law) => law.longest_row(),
            RowLaw::ScaleFree(law) => law.longest_row(),
        }
    }
}

impl ColumnLaw {
    /// How many sources a target has.
    #[inline]
    pub fn degree(&self, target: u32) -> u32 {
        match self {
            ColumnLaw::InDegree(law) => law.0.degree,
            ColumnLaw::FixedTotal(law) => law.degree(target),
        }
    }

    /// The most sources that a target has.
    pub fn longest(&self) -> u32 {
        match self {
            ColumnLaw::InDegree(law) => law.0.degree,
            ColumnLaw::FixedTotal(law) => law.longest(),
        }
    }

    /// How many synapses there are with so many targets.
    pub fn synapses(&self, targets: u32) -> f64 {
        match self {
            ColumnLaw::InDegree(law) => f64::from(law.0.degree) * f64::from(targets),
            ColumnLaw::FixedTotal(law) => law.total() as f64,
        }
    }

    /// Fills `out` (of length degree) with the sources of a target, in no order.
    #[inline]
    pub fn column(&self, target: u32, out: &mut [u32], scratch: &mut Scratch) {
        match self {
            ColumnLaw::InDegree(law) => law.column(target, out, scratch),
            ColumnLaw::FixedTotal(law) => law.column(target, out, scratch),
        }
    }
}

/// How many synapses a projection has on average.
pub fn expected_synapses(projection: &Projection<'_>, sources: u64, targets: u64) -> f64 {
    let (sources, targets) = (sources as f64, targets as f64);
    match projection.rule {
        Rule::Explicit => projection.pairs.count(sources as u32).into(),
        Rule::AllToAll => sources * targets,
        Rule::OneToOne => targets,
        Rule::FixedProbability(p) => sources * targets * p,
        Rule::FixedInDegree { degree, .. } => targets * degree as f64,
        Rule::FixedOutDegree { degree, .. } => sources * degree as f64,
        Rule::FixedTotal { total, .. } => total as f64,
        Rule::Pairwise { mean } => sources * targets * mean,
        Rule::SmallWorld { degree, .. } => targets * f64::from(degree),
        Rule::ScaleFree { edges } => f64::from(edges) * (2.0 * targets - f64::from(edges) - 1.0),
    }
}
