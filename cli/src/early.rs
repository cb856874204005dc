//! Runs that end early: the runtime's text goes in, which names a state or a projection; where that is declared and what may
//! help come out with it. A name that is not found adds nothing.

use crate::failure::{Exit, Failure};
use bpc_sema::expressions::evaluate::{evaluate_at, walk};
use bpc_sema::model::{Expr, Function, Model, Population, Projection, Source};
use bpc_syntax::source::{SourceMap, Span};

/// The failure with its place in the source, and with what to do about it.
pub fn explained(mut failure: Failure, model: &Model, sources: &SourceMap) -> Failure {
    if failure.exit != Exit::Run || failure.message.is_empty() {
        return failure;
    }
    let subject = Subject::of(&failure.message, model);
    let help = advice(&failure.message, subject.as_ref());
    let poisson = subject.as_ref().and_then(|subject| poisson_rate(&failure.message, subject, model, sources));
    if let Some(subject) = subject {
        let (span, name) = subject.place();
        let (line, column) = sources.line_column(span);
        let file = &sources.get(span.file).name;
        failure.message.push_str(&format!("\n  = note: `{name}` is declared at {file}:{line}:{column}"));
    }
    match (failure.message.contains(" became NaN"), poisson.as_deref()) {
        (true, Some(told)) => failure.message.push_str(told),
        _ => failure.message.push_str(help),
    }
    failure
}

/// What a failure is about.
enum Subject<'m> {
    /// Neurons.
    Population(&'m Population),
    /// Synapses: where their projection is declared, and its name.
    Projection(Span, &'m str),
}

impl<'m> Subject<'m> {
    /// What the runtime names: `E.V of neuron 3 …`, `the integrator of E.V did …`, `exc.g of the synapse …`, `projection exc: …`.
    fn of(text: &str, model: &'m Model) -> Option<Subject<'m>> {
        let before = |text: &'_ str, end: &str| text.split_once(end).map(|(name, _)| name.to_owned());
        let text = text.strip_prefix("the integrator of ").unwrap_or(text);
        if let Some((_, rest)) = text.split_once(" of population ") {
            let name = before(rest, "; ")?;
            return model.populations.iter().find(|p| p.name == name).map(Subject::Population);
        }
        if let Some(rest) = text.strip_prefix("projection ") {
            let name = before(rest, ": ").or_else(|| before(rest, " has "))?;
            return Subject::projection(&name, model);
        }
        let state = before(text, " of neuron ")
            .or_else(|| before(text, " of the synapse "))
            .or_else(|| before(text, " did not reach "))?;
        // Names of states have dots too: the longest owner is meant.
        let owners = state.rmatch_indices('.').map(|(at, _)| &state[..at]);
        owners.into_iter().find_map(|owner| {
            let population = model.populations.iter().find(|p| p.name == owner);
            population.map(Subject::Population).or_else(|| Subject::projection(owner, model))
        })
    }

    fn projection(name: &str, model: &'m Model) -> Option<Subject<'m>> {
        let found = model.projections.iter().find(|p| p.name == name)?;
        Some(Subject::Projection(found.span, &found.name))
    }

    fn place(&self) -> (Span, &str) {
        match self {
            Subject::Population(population) => (population.span, &population.name),
            Subject::Projection(span, name) => (*span, name),
        }
    }

    /// Whether its equations have an exponential, which may overflow.
    fn grows_exponentially(&self) -> bool {
        let Subject::Population(population) = self else { return false };
        let mut found = false;
        let equations = population.states.iter().filter_map(|s| s.derivative.as_ref().or(s.next.as_ref()));
        for equation in equations.chain(population.lets.iter().map(|l| &l.value)) {
            walk(equation, &mut |e| found |= matches!(e, Expr::Call(Function::Exp, _)));
        }
        found
    }
}

/// Of a Poisson source whose rate for the neuron at hand is no number, where that is.
fn poisson_rate(text: &str, subject: &Subject<'_>, model: &Model, sources: &SourceMap) -> Option<String> {
    let (_, rest) = text.split_once(" of neuron ")?;
    let neuron: f64 = rest.split(' ').next()?.parse().ok()?;
    let meant = |projection: &Projection| match subject {
        Subject::Population(population) => model.populations[projection.target.0].name == population.name,
        Subject::Projection(_, name) => projection.name == **name,
    };
    let found = model.projections.iter().find(|projection| match &projection.source {
        Source::Poisson { rate } => {
            meant(projection) && evaluate_at(rate, &model.parameters, Some((neuron, neuron))).is_some_and(f64::is_nan)
        }
        Source::Population { .. } => false,
    })?;
    let (line, column) = sources.line_column(found.span);
    let file = &sources.get(found.span.file).name;
    Some(format!(
        "\n  = help: the rate of the Poisson source at {file}:{line}:{column} is NaN for neuron {neuron}: a root or a logarithm below \
         zero is NaN"
    ))
}

/// What to do about it.
fn advice(text: &str, subject: Option<&Subject<'_>>) -> &'static str {
    if text.contains(" before the first step") {
        "\n  = help: look at its `init`, or at its value in the braces of the population: a root or a logarithm below zero is NaN"
    } else if text.contains(" became ") && subject.is_some_and(Subject::grows_exponentially) {
        "\n  = help: its equations have an `exp`, which overflows beyond 709: bound it, `exp(min(…, 20))`; or take a smaller `dt`, or \
         another integrator: `bpc check --explain` tells which one each equation has"
    } else if text.contains(" became ") {
        "\n  = help: take a smaller `dt`, or another integrator: `bpc check --explain` tells which one each equation has"
    } else {
        ""
    }
}
