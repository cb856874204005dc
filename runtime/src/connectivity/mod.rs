//! Which pairs are connected: one law, however the matrix is traversed or divided.
//!
//! A rule, a seed and a projection's stream name one matrix. Rules that belong to the source
//! (independent pairs, fixed out-degree, dense) give the targets of any one source alone; fixed
//! in-degree gives the sources of any one target alone. Random words are addressed by
//! (source or target, draw, stream, purpose), see [`bpc_runtime_abi::purpose`], so that no
//! traversal, thread or part changes them.

pub mod among;
pub mod bernoulli;
pub mod bounded;
pub mod dense;
pub mod explicit;
pub mod fixed_total;
pub mod in_degree;
pub mod of_synapses;
pub mod out_degree;
pub mod pairwise;
pub mod proportional;
pub mod scale_free;
pub mod small_world;
pub mod small_world_undirected;
pub mod symmetric;
pub mod traversal;

pub(crate) mod chosen;
pub(crate) mod columns;
pub(crate) mod csr;
pub(crate) mod normalise;

use bpc_runtime_abi::descriptor::{self, Neurons, Projection, Rule};
use bpc_runtime_abi::purpose;

use crate::error::Error;
use crate::memory::Buffer;
use crate::philox::key;
use crate::synapses::Synapses;

/// The greatest total of a rule: what one addresses coins for.
const MOST_IN_TOTAL: u64 = 1 << 31;

const UNASKED: Error = Error::Argument("nothing gives the probabilities of pairs");

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
    /// See [`small_world_undirected::UndirectedSmallWorld`].
    UndirectedSmallWorld(small_world_undirected::UndirectedSmallWorld),
    /// See [`scale_free::ScaleFree`].
    ScaleFree(scale_free::ScaleFree),
    /// See [`symmetric::Symmetric`].
    Symmetric(symmetric::Symmetric),
    /// See [`among::OutDegree`].
    OutDegreeAmong(among::OutDegree),
    /// See [`proportional::Degree`].
    OutDegreeProportional(proportional::Degree),
    /// See [`of_synapses::OfSynapses`].
    OfSynapses(of_synapses::OfSynapses),
}

/// A rule that belongs to the target.
pub enum ColumnLaw {
    /// See [`in_degree::InDegree`].
    InDegree(in_degree::InDegree),
    /// See [`fixed_total::FixedTotal`].
    FixedTotal(fixed_total::FixedTotal),
    /// See [`among::InDegree`].
    InDegreeAmong(among::InDegree),
    /// See [`among::Total`].
    TotalAmong(among::Total),
    /// See [`proportional::Degree`].
    InDegreeProportional(proportional::Degree),
    /// See [`proportional::Total`].
    TotalProportional(proportional::Total),
}

/// Memory for one thread that asks a law.
pub struct Scratch {
    /// One bit for each candidate, all zero between calls.
    used: Buffer<u64>,
    /// Targets, ordinals (all 0) and probabilities of a block of pairs.
    targets: Buffer<u32>,
    ordinals: Buffer<u32>,
    values: Buffer<f64>,
    /// Those from whom is chosen, where not from all.
    candidates: Buffer<u32>,
    /// A word for each source, with a bit for each target of a block.
    words: Buffer<u64>,
    /// Which block of 64 targets these words are of.
    block: Option<u32>,
    /// What those who draw in proportion have drawn.
    lists: proportional::Lists,
    /// The first neuron found that has too few candidates.
    pub few: Option<among::Few>,
    /// The first probability, or number to draw in proportion to, found that is none.
    pub fault: Option<pairwise::Fault>,
}

impl Scratch {
    /// What the law needs.
    ///
    /// # Errors
    /// No memory.
    pub fn new(law: &Law) -> Result<Scratch, Error> {
        let candidates = match law {
            Law::Rows(RowLaw::OutDegree(law)) => law.bits(),
            Law::Rows(RowLaw::SmallWorld(law)) => law.bits(),
            Law::Columns(ColumnLaw::InDegree(law)) => law.bits(),
            Law::Columns(ColumnLaw::FixedTotal(law)) => law.bits(),
            Law::Rows(RowLaw::OutDegreeProportional(law)) | Law::Columns(ColumnLaw::InDegreeProportional(law)) => {
                return Ok(Scratch { lists: law.lists()?, ..Scratch::asking(true, None)? });
            }
            _ => return Scratch::asking(matches!(law, Law::Rows(RowLaw::Pairwise(_))), law.candidates()),
        };
        Scratch::of(candidates, 0, None)
    }

    /// What asking generated code needs, and choosing from candidates.
    fn asking(asks: bool, candidates: Option<&among::Candidates>) -> Result<Scratch, Error> {
        let block = if asks || candidates.is_some() { pairwise::BLOCK as u64 } else { 0 };
        let most = candidates.map_or(0, |it| u64::from(it.sources.max(it.targets)));
        Scratch::of(most, block, candidates)
    }

    fn of(used: u64, block: u64, candidates: Option<&among::Candidates>) -> Result<Scratch, Error> {
        const WHAT: &str = "drawing connections";
        let [most, words] = candidates.map_or([0; 2], |it| [it.sources.max(it.targets), it.sources].map(u64::from));
        Ok(Scratch {
            candidates: Buffer::zeroed(most, WHAT)?,
            words: Buffer::zeroed(words, WHAT)?,
            block: None,
            lists: proportional::Lists::none(),
            few: None,
            used: Buffer::zeroed(used.div_ceil(64), WHAT)?,
            targets: Buffer::zeroed(block, WHAT)?,
            ordinals: Buffer::zeroed(block, WHAT)?,
            values: Buffer::zeroed(block, WHAT)?,
            fault: None,
        })
    }
}

impl Law {
    /// From which pairs it chooses, if not from all.
    fn candidates(&self) -> Option<&among::Candidates> {
        match self {
            Law::Rows(RowLaw::OutDegreeAmong(law)) => Some(&law.candidates),
            Law::Columns(ColumnLaw::InDegreeAmong(law)) => Some(&law.candidates),
            Law::Columns(ColumnLaw::TotalAmong(law)) => Some(law.candidates()),
            _ => None,
        }
    }

    /// The law of a projection between populations of these sizes. `evaluator` gives the probabilities of pairs, if the rule is about
    /// these; `others` are the synapses of the projection that the rule is about, if it is about such.
    ///
    /// # Errors
    /// A degree or a total that cannot be drawn; no memory.
    pub fn new(
        projection: &Projection<'static>,
        sizes: [u32; 2],
        seed: u64,
        evaluator: Option<pairwise::Evaluator>,
        others: Option<Synapses<'_>>,
    ) -> Result<Law, Error> {
        let excludes_self = projection.source == projection.target && !projection.allow_self;
        let key = key(seed);
        let stream = projection.stream;
        let parts = (projection.sources, projection.targets);
        let (sources, targets) = (parts.0.count, parts.1.count);
        // What those who draw have in common with those who are drawn, and so not all to choose from.
        let excluded = excludes_self && parts.0.common(parts.1) > 0;
        let subset = |degree: u32, pool: Neurons, with_replacement: bool| bounded::Subset {
            degree,
            pool,
            with_replacement,
            excludes_self,
            stream,
            key,
        };
        let checked = |degree: u64, pool: Neurons, with_replacement: bool| {
            let candidates = u64::from(pool.count).saturating_sub(u64::from(excluded));
            let possible = degree == 0 || if with_replacement { candidates > 0 } else { degree <= candidates };
            match u32::try_from(degree) {
                Ok(degree) if possible => Ok(subset(degree, pool, with_replacement)),
                _ => Err(Error::Degree { projection: projection.name, degree, candidates }),
            }
        };
        // The nodes of a graph in which a node has so many edges.
        let graph = |degree: u32, possible: bool| {
            if possible && degree < parts.1.count && parts.0 == parts.1 {
                return Ok(parts.1);
            }
            let candidates = parts.1.count.saturating_sub(1).into();
            Err(Error::Degree { projection: projection.name, degree: degree.into(), candidates })
        };
        if let descriptor::Candidates::Proportional { .. } = projection.candidates {
            let [sources, targets] = sizes;
            let evaluator = evaluator.ok_or(UNASKED)?;
            let candidates = among::Candidates { evaluator, sources, targets, excludes_self };
            return Law::proportional(projection, candidates, key);
        }
        if let descriptor::Candidates::Where { .. } = projection.candidates {
            let draws = |degree: u64, with_replacement: bool| match u32::try_from(degree) {
                Ok(degree) => Ok(subset(degree, parts.0, with_replacement)),
                Err(_) => Err(Error::Degree { projection: projection.name, degree, candidates: u32::MAX.into() }),
            };
            let [sources, targets] = sizes;
            let evaluator = evaluator.ok_or(UNASKED)?;
            let candidates = among::Candidates { evaluator, sources, targets, excludes_self };
            return Ok(match projection.rule {
                Rule::FixedInDegree { degree, with_replacement } => {
                    let draws = draws(degree, with_replacement)?;
                    Law::Columns(ColumnLaw::InDegreeAmong(among::InDegree { draws, targets: parts.1, candidates }))
                }
                Rule::FixedOutDegree { degree, with_replacement } => {
                    let draws = draws(degree, with_replacement)?;
                    Law::Rows(RowLaw::OutDegreeAmong(among::OutDegree { draws, sources: parts.0, candidates }))
                }
                Rule::FixedTotal { total, with_replacement } => {
                    let scratch = &mut Scratch::asking(true, Some(&candidates))?;
                    let draws = draws(0, with_replacement)?;
                    let law = among::Total::new(total, candidates, &draws, scratch, projection.name)?;
                    Law::Columns(ColumnLaw::TotalAmong(law))
                }
                _ => return Err(Error::Argument("a rule that cannot choose has candidates")),
            });
        }
        let both = |rows: RowLaw| {
            if !projection.symmetric {
                return Ok(Law::Rows(rows));
            }
            let scratch = &mut Scratch::asking(true, None)?;
            let law = symmetric::Symmetric::new(&rows, targets, scratch, projection.name)?;
            Ok(Law::Rows(RowLaw::Symmetric(law)))
        };
        Ok(match projection.rule {
            Rule::Transposed { .. } => return Err(Error::Argument("a transposed projection has no law of its own")),
            Rule::OfSynapses { end, from_synapses, .. } => {
                let others = others.ok_or(Error::Argument("nothing gives the synapses that neurons stand for"))?;
                let (neurons, ends) = if from_synapses { (sizes[0], sizes[1]) } else { (sizes[1], sizes[0]) };
                let new = of_synapses::OfSynapses::new;
                Law::Rows(RowLaw::OfSynapses(new(others, end, from_synapses, [neurons, ends], projection.name)?))
            }
            Rule::AllToAll => Law::Rows(RowLaw::Dense(dense::Dense::all_to_all(targets, excludes_self))),
            Rule::OneToOne => Law::Rows(RowLaw::Dense(dense::Dense::one_to_one(targets, excludes_self))),
            Rule::Explicit => Law::Rows(RowLaw::Explicit(explicit::Explicit::new(projection.pairs, sources))),
            Rule::FixedProbability(p) => {
                both(RowLaw::Bernoulli(bernoulli::Bernoulli::new(p, targets, excludes_self, stream, key)))?
            }
            Rule::FixedInDegree { degree, with_replacement } => {
                let draws = checked(degree, parts.0, with_replacement)?;
                Law::Columns(ColumnLaw::InDegree(in_degree::InDegree { draws, targets: parts.1 }))
            }
            Rule::FixedOutDegree { degree, with_replacement } => {
                let draws = checked(degree, parts.1, with_replacement)?;
                Law::Rows(RowLaw::OutDegree(out_degree::OutDegree { draws, sources: parts.0 }))
            }
            Rule::FixedTotal { total, with_replacement } => {
                let draws = subset(0, parts.0, with_replacement);
                let pairs = fixed_total::FixedTotal::pairs(parts.1, &draws);
                let possible = total == 0 || if with_replacement { pairs > 0 } else { total <= pairs };
                if !possible || total > MOST_IN_TOTAL {
                    return Err(Error::Total { projection: projection.name, total, pairs });
                }
                let law = fixed_total::FixedTotal::new(total, parts.1, draws, projection.name)?;
                Law::Columns(ColumnLaw::FixedTotal(law))
            }
            Rule::Pairwise { .. } => {
                let evaluator = evaluator.ok_or(UNASKED)?;
                let law = pairwise::Pairwise::new(evaluator, targets, excludes_self, stream, key);
                both(RowLaw::Pairwise(law))?
            }
            Rule::SmallWorld { degree, rewired } => {
                let ring = graph(degree, degree % 2 == 0)?;
                Law::Rows(RowLaw::SmallWorld(small_world::SmallWorld::new(ring, degree, rewired, stream, key)))
            }
            Rule::SmallWorldUndirected { degree, rewired } => {
                let ring = graph(degree, degree % 2 == 0)?;
                let new = small_world_undirected::UndirectedSmallWorld::new;
                Law::Rows(RowLaw::UndirectedSmallWorld(new(ring, degree, rewired, stream, key, projection.name)?))
            }
            rule @ (Rule::ScaleFree { .. } | Rule::ScaleFreeDual { .. } | Rule::ScaleFreeTriads { .. }) => {
                let growth = growth(rule).ok_or(Error::Argument("a graph that does not grow"))?;
                let nodes = graph(growth.most(), growth.fewest() > 0)?;
                Law::Rows(RowLaw::ScaleFree(scale_free::ScaleFree::new(nodes, growth, stream, key, projection.name)?))
            }
        })
    }
}

impl Law {
    /// The law of degrees and totals that are drawn in proportion to a number of each pair.
    fn proportional(
        projection: &Projection<'static>,
        candidates: among::Candidates,
        key: [u32; 2],
    ) -> Result<Law, Error> {
        let (stream, name) = (projection.stream, projection.name);
        let choice = |with_replacement, purpose| proportional::Choice { with_replacement, stream, key, purpose };
        let degree = |degree: u64, choice, drawers, candidates| match u32::try_from(degree) {
            Ok(degree) => Ok(proportional::Degree { degree, choice, drawers, candidates }),
            Err(_) => Err(Error::Degree { projection: name, degree, candidates: u32::MAX.into() }),
        };
        Ok(match projection.rule {
            Rule::FixedInDegree { degree: number, with_replacement } => {
                let choice = choice(with_replacement, purpose::PROPORTIONAL_SOURCE);
                let law = degree(number, choice, projection.targets, candidates)?;
                Law::Columns(ColumnLaw::InDegreeProportional(law))
            }
            Rule::FixedOutDegree { degree: number, with_replacement } => {
                let choice = choice(with_replacement, purpose::PROPORTIONAL_TARGET);
                let law = degree(number, choice, projection.sources, candidates)?;
                Law::Rows(RowLaw::OutDegreeProportional(law))
            }
            Rule::FixedTotal { total, with_replacement } => {
                if total > MOST_IN_TOTAL {
                    let pairs = u64::from(candidates.sources) * u64::from(candidates.targets);
                    return Err(Error::Total { projection: name, total, pairs });
                }
                let choice = choice(with_replacement, purpose::PROPORTIONAL_SOURCE);
                let scratch = &mut Scratch::asking(true, None)?;
                let law = proportional::Total::new(total, &candidates, &choice, scratch, name)?;
                Law::Columns(ColumnLaw::TotalProportional(law))
            }
            _ => return Err(Error::Argument("a rule that cannot choose has candidates")),
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
            RowLaw::UndirectedSmallWorld(law) => law.row(source, out),
            RowLaw::ScaleFree(law) => law.row(source, out),
            RowLaw::Symmetric(law) => law.row(source, out),
            RowLaw::OutDegreeAmong(law) => law.row(source, out, scratch),
            RowLaw::OutDegreeProportional(law) => law.row(source, out, scratch),
            RowLaw::OfSynapses(law) => law.row(source, out),
        }
    }

    /// The most targets that a row may have.
    pub fn longest_row(&self) -> u64 {
        match self {
            RowLaw::Bernoulli(law) => law.longest_row(),
            RowLaw::OutDegree(law) => u64::from(law.draws.degree),
            RowLaw::Dense(law) => law.longest_row(),
            RowLaw::Explicit(law) => law.longest_row(),
            RowLaw::Pairwise(law) => law.longest_row(),
            RowLaw::SmallWorld(law) => law.longest_row(),
            RowLaw::UndirectedSmallWorld(law) => law.longest_row(),
            RowLaw::ScaleFree(law) => law.longest_row(),
            RowLaw::Symmetric(law) => law.longest_row(),
            RowLaw::OutDegreeAmong(law) => law.draws.degree.into(),
            RowLaw::OutDegreeProportional(law) => law.degree.into(),
            RowLaw::OfSynapses(law) => law.longest_row(),
        }
    }
}

impl ColumnLaw {
    /// How many sources a target has.
    #[inline]
    pub fn degree(&self, target: u32) -> u32 {
        match self {
            ColumnLaw::InDegree(law) => law.degree(target),
            ColumnLaw::FixedTotal(law) => law.degree(target),
            ColumnLaw::InDegreeAmong(law) => law.degree(target),
            ColumnLaw::TotalAmong(law) => law.degree(target),
            ColumnLaw::InDegreeProportional(law) => law.degree(target),
            ColumnLaw::TotalProportional(law) => law.degree(target),
        }
    }

    /// The most sources that a target has.
    pub fn longest(&self) -> u32 {
        match self {
            ColumnLaw::InDegree(law) => law.draws.degree,
            ColumnLaw::FixedTotal(law) => law.longest(),
            ColumnLaw::InDegreeAmong(law) => law.draws.degree,
            ColumnLaw::TotalAmong(law) => law.longest(),
            ColumnLaw::InDegreeProportional(law) => law.degree,
            ColumnLaw::TotalProportional(law) => law.longest(),
        }
    }

    /// How many synapses there are.
    pub fn synapses(&self) -> f64 {
        match self {
            ColumnLaw::InDegree(law) => f64::from(law.draws.degree) * f64::from(law.targets.count),
            ColumnLaw::FixedTotal(law) => law.total() as f64,
            ColumnLaw::InDegreeAmong(law) => f64::from(law.draws.degree) * f64::from(law.targets.count),
            ColumnLaw::TotalAmong(law) => law.total() as f64,
            ColumnLaw::InDegreeProportional(law) => f64::from(law.degree) * f64::from(law.drawers.count),
            ColumnLaw::TotalProportional(law) => law.total() as f64,
        }
    }

    /// Fills `out` (of length degree) with the sources of a target, in no order.
    #[inline]
    pub fn column(&self, target: u32, out: &mut [u32], scratch: &mut Scratch) {
        match self {
            ColumnLaw::InDegree(law) => law.column(target, out, scratch),
            ColumnLaw::FixedTotal(law) => law.column(target, out, scratch),
            ColumnLaw::InDegreeAmong(law) => law.column(target, out, scratch),
            ColumnLaw::TotalAmong(law) => law.column(target, out, scratch),
            ColumnLaw::InDegreeProportional(law) => law.column(target, out, scratch),
            ColumnLaw::TotalProportional(law) => law.column(target, out),
        }
    }
}

/// How the graph of a rule grows, if it does.
fn growth(rule: Rule) -> Option<scale_free::Growth> {
    let (edges, otherwise, triads) = match rule {
        Rule::ScaleFree { edges } => (edges, None, None),
        Rule::ScaleFreeDual { edges, otherwise, probability } => (edges, Some((otherwise, probability)), None),
        Rule::ScaleFreeTriads { edges, triads } => (edges, None, Some(triads)),
        _ => return None,
    };
    Some(scale_free::Growth { edges, otherwise, triads })
}

/// How many synapses a projection has on average; one that is transposed, or has the synapses of another, says which other it has
/// as many as.
pub fn expected_synapses(projection: &Projection<'_>) -> f64 {
    let share = projection.chosen.map_or(1.0, |chosen| f64::from(chosen.of));
    whole_matrix(projection) / share
}

fn whole_matrix(projection: &Projection<'_>) -> f64 {
    let (sources, targets) = (f64::from(projection.sources.count), f64::from(projection.targets.count));
    match projection.rule {
        Rule::Transposed { .. } | Rule::OfSynapses { .. } => 0.0,
        Rule::Explicit => projection.pairs.count(projection.sources.count).into(),
        Rule::AllToAll => sources * targets,
        Rule::OneToOne => targets,
        Rule::FixedProbability(p) => sources * targets * p,
        Rule::FixedInDegree { degree, .. } => targets * degree as f64,
        Rule::FixedOutDegree { degree, .. } => sources * degree as f64,
        Rule::FixedTotal { total, .. } => total as f64,
        Rule::Pairwise { mean, .. } => sources * targets * mean,
        Rule::SmallWorld { degree, .. } | Rule::SmallWorldUndirected { degree, .. } => targets * f64::from(degree),
        Rule::ScaleFree { .. } | Rule::ScaleFreeDual { .. } | Rule::ScaleFreeTriads { .. } => {
            growth(projection.rule).map_or(0.0, |growth| growth.synapses(targets))
        }
    }
}
