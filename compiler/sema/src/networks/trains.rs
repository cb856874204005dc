//! Poisson sources as populations, where their events do not simply add up.
//!
//! What goes in: a model in which a projection has [`Source::Poisson`]. What comes out: the same model with one more population, a
//! neuron for each target, whose spikes are the events, joined one to one; and, where the rate follows from what the target neurons have, a
//! coupling that tells it. What may never happen: an event that is lost. A step draws a count, and events of one step leave one after
//! another, a step apart: the mean is exact, and what waits is bounded, for a mean above [`MOST_IN_STEP`] is refused.

use crate::expressions::evaluate::{evaluate, walk};
use crate::model::{
    BinaryOp, Connect, Delay, Distribution, Expr, Input, Model, Population, PopulationId, Projection, Quantity, Rule,
    Source, SpikeRule, State,
};
use crate::models::events::substitute;
use crate::networks::connect::brief;
use bpc_syntax::source::Span;
use std::rc::Rc;

/// The largest mean number of events in a step.
pub const MOST_IN_STEP: f64 = 0.5;

/// A mean that no count is drawn of: the state becomes NaN, which ends the run.
const TOO_MANY: f64 = 1e9;

/// Streams of draws of Poisson sources start here, as they do where the source is none.
const STREAMS: u32 = 1 << 31;

/// Why a source cannot be a population: the text, and where it is declared.
pub type Refusal = (String, Span);

/// Whether the events of a source cannot be counted and added, as far as that can be seen without proof.
#[must_use]
pub fn is_apart(projection: &Projection) -> bool {
    let Source::Poisson { rate } = &projection.source else { return false };
    let mut follows = false;
    walk(rate, &mut |e| follows |= matches!(e, Expr::State(_)));
    follows
        || projection.weight_per_synapse
        || !projection.on_post.is_empty()
        || !projection.periodic.is_empty()
        || projection.on_spike.iter().any(|update| update.after > 0)
}

/// Why a source that needs a population, whatever its equations, cannot have one.
pub(crate) fn refused(model: &Model) -> Option<Refusal> {
    model
        .projections
        .iter()
        .filter(|projection| is_apart(projection))
        .find_map(|projection| too_fast(model, projection))
}

/// A rate at which events would come faster than they leave.
fn too_fast(model: &Model, projection: &Projection) -> Option<Refusal> {
    let (Source::Poisson { rate }, dt) = (&projection.source, model.simulation.dt) else { return None };
    let mean = evaluate(rate, &model.parameters).map(|rate| rate * dt).filter(|mean| *mean > MOST_IN_STEP)?;
    let (name, most) = (&projection.name, brief(MOST_IN_STEP / dt));
    let text = format!(
        "{name} is a Poisson source whose events do not simply add up, so that each step delivers one, and {} in a step are too \
         many: at most {MOST_IN_STEP}, which is {most} kHz. Take a smaller dt, or several sources",
        brief(mean)
    );
    Some((text, projection.span))
}

fn pure() -> Quantity {
    Quantity { unit: "1".to_owned(), factor: 1.0, coherent: "1".to_owned() }
}

fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr::Binary(op, Rc::new(a), Rc::new(b))
}

/// Makes a population of the source of a projection, if that is a Poisson source.
///
/// # Errors
/// A rate at which events would come faster than they leave.
pub fn as_population(model: &mut Model, index: usize) -> Result<(), Refusal> {
    let dt = model.simulation.dt;
    if let Some(refusal) = model.projections.get(index).and_then(|projection| too_fast(model, projection)) {
        return Err(refusal);
    }
    let Some(projection) = model.projections.get_mut(index) else { return Ok(()) };
    let Source::Poisson { rate } = projection.source.clone() else { return Ok(()) };
    let (target, span) = (projection.target, projection.span);
    let name = format!("{}.source", projection.name);
    let population = PopulationId(model.populations.len());
    let connect = || Connect::of(Rule::OneToOne, true);
    projection.source = Source::Population { population, connect: connect(), delay: Delay::None };
    // What the rate reads of the target neuron comes along a coupling.
    let mut follows = false;
    walk(&rate, &mut |e| follows |= matches!(e, Expr::State(_)));
    let kilohertz = Quantity { unit: "kHz".to_owned(), factor: 1.0, coherent: "kHz".to_owned() };
    let mut inputs = Vec::new();
    let mut own_rate = rate.clone();
    if follows {
        let value = substitute(&rate, &|e| if let Expr::State(i) = e { Some(Expr::PreState(*i)) } else { None });
        inputs.push(Input { name: "rate".to_owned(), quantity: kilohertz.clone(), drive: None, present: true, span });
        own_rate = Expr::Input(0);
        let told = Projection {
            name: format!("{name}.follows"),
            source: Source::Population { population: target, connect: connect(), delay: Delay::None },
            target: population,
            outputs: vec![(0, value)],
            output_names: vec![("rate".to_owned(), kilohertz)],
            ..bare(span)
        };
        model.projections.push(told);
    }
    let mean = binary(BinaryOp::Multiply, own_rate, Expr::Number(dt));
    let too_many = binary(BinaryOp::Greater, mean.clone(), Expr::Number(MOST_IN_STEP));
    let mean = Expr::If(Rc::new(too_many), Rc::new(Expr::Number(TOO_MANY)), Rc::new(mean));
    #[allow(clippy::cast_possible_truncation)] // projections are fewer
    let stream = STREAMS + index as u32;
    let drawn = Expr::Random(Distribution::Poisson, vec![mean], stream);
    let waiting = State {
        name: "waiting".to_owned(),
        quantity: pure(),
        init: Expr::Number(0.0),
        derivative: None,
        next: Some(binary(BinaryOp::Add, Expr::State(0), drawn)),
        past: None,
        method: None,
        truth: false,
        parameter: false,
        doc: "Events that have been drawn and are not yet sent.".to_owned(),
        span,
    };
    let sent = SpikeRule {
        spikes: true,
        recovery: false,
        event: None,
        condition: binary(BinaryOp::Greater, Expr::State(0), Expr::Number(0.5)),
        updates: vec![(0, binary(BinaryOp::Subtract, Expr::State(0), Expr::Number(1.0)))],
        simultaneous: false,
        refractory: None,
        span,
    };
    model.populations.push(Population {
        name,
        model: "Poisson source".to_owned(),
        size: model.populations.get(target.0).map_or(1, |target| target.size),
        states: vec![waiting],
        inputs,
        lets: Vec::new(),
        rules: vec![sent],
        spike_times: None,
        method: None,
        stands_for: None,
        events_of: None,
        span,
    });
    Ok(())
}

/// A projection in which nothing happens.
fn bare(span: Span) -> Projection {
    Projection {
        name: String::new(),
        source: Source::Poisson { rate: Expr::Number(0.0) },
        target: PopulationId(0),
        event: None,
        post_event: None,
        synapse: None,
        receptor: None,
        weight: Expr::Number(1.0),
        weight_quantity: pure(),
        weight_per_synapse: false,
        normalise: None,
        post_delay: Delay::None,
        states: Vec::new(),
        lets: Vec::new(),
        on_spike: Vec::new(),
        on_post: Vec::new(),
        periodic: Vec::new(),
        weight_derivative: None,
        weight_method: None,
        weight_bounds: None,
        rule_order: Vec::new(),
        outputs: Vec::new(),
        output_names: Vec::new(),
        own_receptor: None,
        degrees: [None; 2],
        given: Vec::new(),
        span,
    }
}
