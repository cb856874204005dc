//! How a model shows what it does: a small network, run in this process.
//!
//! A model of std has a file of its own, `stdlib/demos/<module>/<Model>.bp`, in the language itself. Its `//!` lines are the
//! caption; each `record` statement of states is a panel. Two kinds of lines in the caption are instructions:
//!
//! ```text
//! @versus A.V           panels of population A show the last values of all its neurons over those of A.V
//! @label A E = 0 mV     what lines of A are called, instead of `A`
//! ```
//!
//! A model without such a file gets a network by its kind: [`composed`].

use crate::backend;
use crate::doc::figure::{Axis, Content, Figure, Label, Line, Panel};
use crate::failure::{Exit, Failure};
use crate::frontend::{Checked, Input, Request};
use crate::simulate::{Keep, Manner, Outcome, PopulationResult, Trace, simulate};
use crate::ticks::bounds;
use bpc_core::CompileOptions;
use bpc_core::execute::Session;
use bpc_sema::expressions::evaluate::evaluate;
use bpc_sema::model::{Expr, Model};
use bpc_syntax::ast::{Item, Measured, Place, SimulationMember};
use bpc_syntax::source::FileId;
use std::rc::Rc;

/// A demonstration that has run.
#[derive(Debug)]
pub struct Ran {
    model: Model,
    /// What came out.
    pub outcome: Outcome,
    groups: Vec<Vec<String>>,
    asked: Instructions,
    /// Which neuron's drive is shown.
    element: usize,
}

impl Ran {
    /// Keeps one neuron of every population.
    #[must_use]
    pub fn only(mut self, element: usize) -> Ran {
        for trace in &mut self.outcome.traces {
            let all = trace.elements.max(1);
            trace.values = trace.values.iter().skip(element.min(all - 1)).step_by(all).copied().collect();
            trace.elements = 1;
        }
        for population in &mut self.outcome.populations {
            let spikes = &mut population.spikes;
            let kept: Vec<bool> = spikes.neuron.iter().map(|n| *n as usize == element).collect();
            let mut flags = kept.iter();
            spikes.step.retain(|_| flags.next().is_some_and(|keep| *keep));
            spikes.neuron = vec![0; spikes.step.len()];
            population.size = 1;
            population.recorded.truncate(1);
            population.recorded.iter_mut().for_each(|range| *range = 0..1);
        }
        self.element = element;
        self
    }

    /// Draws a population's values over those of this state.
    pub fn versus(&mut self, state: &str) {
        self.asked.versus.push(state.to_owned());
    }

    /// Calls a trace by another name.
    pub fn rename(&mut self, state: &str, name: &str) {
        for trace in self.outcome.traces.iter_mut().filter(|t| t.state == state) {
            (trace.state, trace.name) = (name.to_owned(), name.to_owned());
        }
        for target in self.groups.iter_mut().flatten().filter(|t| *t == state) {
            name.clone_into(target);
        }
    }
}

/// Compiles and runs a text; `name` says where imports are looked for.
///
/// # Errors
/// In words, if it cannot run. The outer failure is an interruption by the user.
pub fn run(name: &str, text: &str, network: Option<&str>) -> Result<Result<Ran, String>, Failure> {
    let request = Request { network: network.map(str::to_owned), ..Request::default() };
    let checked = Checked::of(&Input::from_text(name, text), &request);
    if let Some(text) = checked.first_error() {
        return Ok(Err(text));
    }
    let Some(model) = checked.model else { return Ok(Err("its demonstration simulates nothing".into())) };
    let compiled = match backend::try_compile(&model, &CompileOptions::default()) {
        Ok(compiled) => compiled,
        Err(text) => return Ok(Err(text)),
    };
    let session = Session::just_in_time(&compiled).map_err(Failure::internal)?;
    let outcome = simulate(&session, &model, Manner { threads: 1, keep: Keep::Everything, progress: false })?;
    if outcome.interrupted {
        return Err(Failure { exit: Exit::Interrupted, message: "interrupted".into() });
    }
    if let Some(text) = &outcome.failure {
        return Ok(Err(text.clone()));
    }
    let (tree, _) = bpc_syntax::parse(FileId(0), text);
    let groups = records(&tree.items, network);
    let asked = Instructions::read(&tree.doc);
    Ok(Ok(Ran { model, outcome, groups, asked, element: 0 }))
}

/// Runs the demonstration that a model brings, and draws it.
///
/// # Errors
/// See [`run`].
pub fn figure(name: &str, text: &str) -> Result<Result<Figure, String>, Failure> {
    Ok(run(name, text, None)?.map(|ran| {
        let caption = ran.asked.caption.clone();
        draw(&ran, &caption)
    }))
}

/// What the caption of a demonstration asks for.
#[derive(Debug, Default)]
struct Instructions {
    caption: String,
    versus: Vec<String>,
    labels: Vec<(String, String)>,
}

impl Instructions {
    fn read(doc: &str) -> Self {
        let mut found = Instructions::default();
        for line in doc.lines() {
            match line.trim().split_once(' ') {
                Some(("@versus", state)) => found.versus.push(state.trim().to_owned()),
                Some(("@label", rest)) => {
                    let (owner, words) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
                    found.labels.push((owner.to_owned(), words.trim().to_owned()));
                }
                _ => {
                    found.caption.push_str(line);
                    found.caption.push('\n');
                }
            }
        }
        found.caption = found.caption.trim().to_owned();
        found
    }
}

/// More lines of one state than this are not drawn.
const LINES: usize = 12;

/// The picture of what came out.
pub fn draw(ran: &Ran, caption: &str) -> Figure {
    let Ran { model, outcome, groups, asked, element } = ran;
    let time = || Axis { name: "t".into(), unit: "ms".into() };
    let range = (0.0, outcome.simulated_ms());
    let mut panels = Vec::new();
    let spikes = spike_rows(outcome, groups, asked);
    if !spikes.is_empty() {
        panels.push(Panel { x: time(), range, unit: String::new(), content: Content::Spikes(spikes) });
    }
    let mut versus = Vec::new();
    for group in groups {
        let mut traces: Vec<&Trace> = Vec::new();
        for state in group {
            let found =
                outcome.traces.iter().find(|t| (&t.name == state || &t.state == state) && !contains(&traces, t));
            traces.extend(found.filter(|t| !asked.versus.contains(&t.state)));
        }
        let Some(first) = traces.first() else { continue };
        let axis = axis_of(first, asked, outcome);
        let named = Named {
            populations: traces.iter().any(|t| owner(&t.state) != owner(&first.state)),
            parts: traces.iter().any(|t| part(&t.state) != part(&first.state)),
        };
        let mut lines = Vec::new();
        for trace in &traces {
            let label = label(trace, named, asked);
            match axis_of(trace, asked, outcome) {
                Some(axis) => lines.push(Line { label, points: last_values(trace, axis) }),
                None => lines.extend(over_time(trace, label, outcome.dt)),
            }
        }
        let content = Content::Lines { lines, stimulus: false };
        match axis {
            None => panels.push(Panel { x: time(), range, unit: first.unit.clone(), content }),
            Some(axis) => {
                let range = bounds(last_sample(axis).iter().copied()).unwrap_or_default();
                let x = Axis { name: member(&axis.state).into(), unit: axis.unit.clone() };
                versus.push(Panel { x, range, unit: first.unit.clone(), content });
            }
        }
    }
    if !panels.is_empty() {
        panels.extend(stimuli(model, outcome, *element, &time(), range));
    }
    versus.extend(panels);
    Figure { caption: caption.to_owned(), panels: versus }
}

fn contains(traces: &[&Trace], one: &Trace) -> bool {
    traces.iter().any(|t| std::ptr::eq(*t, one))
}

/// The population: `E` of `E.V`, of `mean(E.V)` and of `rate(E)`.
fn owner(state: &str) -> &str {
    let inside = state.split_once('(').map_or(state, |(_, inside)| inside.trim_end_matches(')'));
    inside.split('.').next().unwrap_or_default()
}

/// What of it; one number for many neurons is called as it is written.
fn member(state: &str) -> &str {
    if state.contains('(') { state } else { state.rsplit('.').next().unwrap_or_default() }
}

/// What is recorded, without brackets: `E.soma.V`, `mean(E.V)`.
fn measured_name(measured: &Measured) -> String {
    let names = |place: &Place| place.parts.iter().map(|part| part.name.node.as_str()).collect::<Vec<_>>().join(".");
    match measured {
        Measured::Values(path) => names(&path.place),
        Measured::Aggregate { name, path, .. } => format!("{}({})", name.node, names(&path.place)),
        Measured::Statistic { name, population, .. } => format!("{}({})", name.node, names(population)),
    }
}

/// The states of each `record` statement, as they are written.
fn records(items: &[Item], network: Option<&str>) -> Vec<Vec<String>> {
    let simulation = items.iter().find_map(|item| match item {
        Item::Simulation(s) if network.is_none_or(|n| s.network.name.node == n) => Some(s),
        _ => None,
    });
    let members = simulation.map(|s| s.members.as_slice()).unwrap_or_default();
    members
        .iter()
        .filter_map(|member| match member {
            SimulationMember::Record { targets, .. } => Some(targets.iter().map(measured_name).collect()),
            _ => None,
        })
        .collect()
}

/// The spikes of the populations that are recorded, a row for each neuron of the first few.
fn spike_rows(outcome: &Outcome, groups: &[Vec<String>], asked: &Instructions) -> Vec<(String, Vec<f64>)> {
    const ROWS: usize = 4;
    let wanted = |p: &&PopulationResult| groups.iter().flatten().any(|t| *t == format!("{}.spikes", p.name));
    let shown: Vec<_> = outcome.populations.iter().filter(|p| !p.recorded.is_empty()).filter(wanted).collect();
    if shown.iter().all(|p| p.spikes.step.is_empty()) {
        return Vec::new();
    }
    let mut rows = Vec::new();
    for population in &shown {
        let name = &population.name;
        let label = match asked.labels.iter().find(|(owner, _)| owner == name) {
            Some((_, words)) => words.clone(),
            None if shown.len() > 1 => name.clone(),
            None => "spikes".to_owned(),
        };
        let neurons: Vec<u32> = population.shown(u64::MAX).into_iter().take(ROWS).collect();
        for &neuron in &neurons {
            let spikes = &population.spikes;
            let of_it = spikes.step.iter().zip(&spikes.neuron).filter(|(_, n)| **n == neuron);
            let times = of_it.map(|(k, _)| (k + 1) as f64 * outcome.dt).collect();
            rows.push((if Some(&neuron) == neurons.first() { label.clone() } else { String::new() }, times));
        }
    }
    rows
}

/// The compartment or channel in `A.soma.V`; nothing in `A.V`.
fn part(state: &str) -> &str {
    if state.contains('(') {
        return "";
    }
    let inside = state.split_once('.').map_or("", |(_, inside)| inside);
    inside.rsplit_once('.').map_or("", |(part, _)| part)
}

/// What must be said to tell the lines of a panel apart.
#[derive(Clone, Copy)]
struct Named {
    populations: bool,
    parts: bool,
}

fn label(trace: &Trace, named: Named, asked: &Instructions) -> Label {
    let owner = owner(&trace.state);
    match asked.labels.iter().find(|(name, _)| name == owner) {
        Some((_, words)) if named.populations => Label::Case(member(&trace.state).to_owned(), words.clone()),
        _ => {
            let (owner, part) = (owner, part(&trace.state));
            let said = match (named.populations, named.parts) {
                (true, true) if !part.is_empty() => format!("{owner}.{part}"),
                (true, _) => owner.to_owned(),
                (false, true) => part.to_owned(),
                (false, false) => String::new(),
            };
            Label::Name(said, member(&trace.state).to_owned())
        }
    }
}

/// What a trace is drawn over, if not over time.
fn axis_of<'o>(trace: &Trace, asked: &Instructions, outcome: &'o Outcome) -> Option<&'o Trace> {
    let state = asked.versus.iter().find(|state| owner(state) == owner(&trace.state))?;
    outcome.traces.iter().find(|t| t.state == *state)
}

fn last_sample(trace: &Trace) -> &[f64] {
    let samples = trace.samples();
    let first = samples.saturating_sub(1) * trace.elements;
    trace.values.get(first..samples * trace.elements).unwrap_or_default()
}

fn last_values(trace: &Trace, axis: &Trace) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> =
        last_sample(axis).iter().copied().zip(last_sample(trace).iter().copied()).collect();
    points.retain(|p| p.0.is_finite());
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

fn over_time(trace: &Trace, label: Label, dt: f64) -> Vec<Line> {
    (0..trace.elements.min(LINES))
        .map(|element| {
            let values = trace.values.iter().skip(element).step_by(trace.elements.max(1)).copied();
            let label = if element == 0 { label.clone() } else { Label::Same };
            Line { label, points: trace.times_ms(dt).zip(values).collect() }
        })
        .collect()
}

/// The drives of inputs, where they are known beforehand.
fn stimuli(model: &Model, outcome: &Outcome, element: usize, time: &Axis, range: (f64, f64)) -> Vec<Panel> {
    let mut panels: Vec<(String, Panel)> = Vec::new();
    for population in &model.populations {
        for input in &population.inputs {
            let Some(drive) = &input.drive else { continue };
            let Some(points) = sampled(drive, model, outcome, element, input.quantity.factor) else { continue };
            let (part, name) = input.name.rsplit_once('.').unwrap_or(("", &input.name));
            let line = Line { label: Label::Name(part.to_owned(), name.to_owned()), points };
            match panels.iter_mut().find(|(unit, _)| *unit == input.quantity.unit) {
                Some((_, Panel { content: Content::Lines { lines, .. }, .. })) => lines.push(line),
                _ => {
                    let unit = input.quantity.unit.clone();
                    let content = Content::Lines { lines: vec![line], stimulus: true };
                    panels.push((unit.clone(), Panel { x: time.clone(), range, unit, content }));
                }
            }
        }
    }
    panels.into_iter().map(|(_, panel)| panel).collect()
}

/// The values of a drive in every step; each holds for a step.
fn sampled(drive: &Expr, model: &Model, outcome: &Outcome, element: usize, factor: f64) -> Option<Vec<(f64, f64)>> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for step in 0..outcome.steps {
        let time = step as f64 * outcome.dt;
        let value = evaluate(&at(drive, time, element), &model.parameters)? * factor;
        // The corner of a jump.
        if let Some((_, last)) = points.last().copied()
            && last != value
        {
            points.push((time, last));
            points.push((time, value));
        }
        if points.is_empty() || step + 1 == outcome.steps {
            points.push((if points.is_empty() { time } else { time + outcome.dt }, value));
        }
    }
    Some(points)
}

/// An expression at a time, for a neuron.
fn at(expr: &Expr, time: f64, element: usize) -> Expr {
    let inside = |e: &Expr| at(e, time, element);
    let one = |e: &Rc<Expr>| Rc::new(inside(e));
    match expr {
        Expr::Time => Expr::Number(time),
        Expr::Index => Expr::Number(element as f64),
        Expr::Unary(op, a) => Expr::Unary(*op, one(a)),
        Expr::Binary(op, a, b) => Expr::Binary(*op, one(a), one(b)),
        Expr::If(c, a, b) => Expr::If(one(c), one(a), one(b)),
        Expr::Call(f, arguments) => Expr::Call(*f, arguments.iter().map(inside).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_carry_instructions() {
        let asked = Instructions::read("Two\nlines.\n\n@versus A.V\n@label A E = 0 mV\n@label B");
        assert_eq!(asked.caption, "Two\nlines.");
        assert_eq!(asked.versus, ["A.V"]);
        assert_eq!(asked.labels, [("A".to_owned(), "E = 0 mV".to_owned()), ("B".to_owned(), String::new())]);
    }

    #[test]
    fn lines_are_called_by_what_tells_them_apart() {
        let trace = |state: &str| Trace {
            name: state.into(),
            state: state.into(),
            first: 0,
            elements: 1,
            single: false,
            every: 1,
            unit: "mV".into(),
            values: vec![0.0],
        };
        let asked = Instructions { labels: vec![("B".into(), "the other".into())], ..Instructions::default() };
        let said = |state: &str, populations, parts| label(&trace(state), Named { populations, parts }, &asked);
        let name = |owner: &str| Label::Name(owner.into(), "V".into());
        assert_eq!(said("A.soma.V", false, false), name(""));
        assert_eq!(said("A.soma.V", false, true), name("soma"));
        assert_eq!(said("A.soma.V", true, true), name("A.soma"));
        assert_eq!(said("A.V", true, true), name("A"));
        assert_eq!(said("B.V", true, false), Label::Case("V".into(), "the other".into()));
    }
}
