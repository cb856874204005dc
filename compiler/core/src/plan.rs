//! The plan of a projection in words: whose its states are and why, what they take, and what is done
//! along its connections when.

use crate::ir::{Change, Network, Period, Projection, Side, Symbol};
use crate::passes::{align_projections, merge_projections};
use std::fmt::Write;

/// What is written of each side.
const SIDES: &[(Side, &str)] = &[
    (Side::Source, "source, one for each source neuron: it depends on that neuron's spikes alone"),
    (Side::Target, "target, one for each target neuron: its synapses add up"),
    (Side::Trace, "trace, one for each target neuron: it depends on that neuron alone"),
    (Side::Synapse, "synapse, one for each synapse"),
];

/// Appends the lines of a projection. `aligned` is the network once its states have sides, `model` the one in
/// which they have moved there; `real` is the size of a number in bytes.
pub(crate) fn projection(plan: &mut String, aligned: &mut Network, model: &Network, index: usize, real: usize) {
    let order = align_projections::order(aligned, index);
    let reasons = align_projections::reasons(&mut aligned.graph, &aligned.projections[index]);
    let p = &aligned.projections[index];
    let from = p.connection.source.as_deref().unwrap_or("Poisson source");
    let mut line = |text: String| {
        let _ = writeln!(plan, "{text}");
    };
    line(format!("{}: {from} -> {}", p.connection.name, p.connection.target));
    line(format!("    aligned:  {}", p.alignment.as_deref().unwrap_or("not yet")));
    let moved = model.projections.iter().find(|m| m.connection.name == p.connection.name);
    line(format!("    merged:   {}", merged(p, moved)));
    line(format!("    memory:   {}", memory(p, model, real)));
    for state in &p.states {
        let side = SIDES.iter().find(|s| Some(s.0) == state.side).map_or("not known yet", |s| s.1);
        let why = reasons.iter().find(|r| r.0 == state.name).map(|r| format!(" (no sum at the target: {})", r.1));
        line(format!("    {}: {side}{}", state.name, why.unwrap_or_default()));
    }
    for state in of_receptor(p, aligned) {
        line(format!("    {state}: receptor, one for each target neuron, for all its synapses together"));
    }
    for (word, text) in done(p, moved) {
        line(format!("    {word:<9} {text}"));
    }
    let named = |events: &Symbol| events.rsplit_once('.').map_or(&**events, |(_, name)| name).to_owned();
    for (end, events) in [("source", &p.connection.source_event), ("target", &p.connection.target_event)] {
        if let Some(events) = events {
            line(format!("    events:   {} of the {end} takes the place of its spikes", named(events)));
        }
    }
    match p.connection.post_delays {
        (1, 1) => {}
        (least, most) if least == most => {
            line(format!("    back:     spikes of the target act {most} steps later"));
        }
        (least, most) => {
            line(format!("    back:     spikes of the target act {least} to {most} steps later, as each synapse says"));
        }
    }
    if let Some(order) = order {
        line(format!("    order:    {order}"));
    }
}

/// What the target population has for a projection and is none of the synapses' states: before these have moved, the
/// states of its receptor.
fn of_receptor<'n>(p: &'n Projection, network: &'n Network) -> impl Iterator<Item = &'n str> {
    let target = network.populations.iter().find(|population| population.name == p.connection.target);
    let own = |name: &'n Symbol| name.strip_prefix(&*p.connection.name)?.strip_prefix('.');
    target.into_iter().flat_map(|target| &target.states).filter(|s| !s.internal).filter_map(move |s| own(&s.name))
}

fn merged(p: &Projection, moved: Option<&Projection>) -> String {
    match moved.and_then(|moved| moved.reason.as_ref()) {
        Some(reason) if merge_projections::tells(reason) => reason.clone(),
        _ if p.alignment.as_deref() == Some("post") => {
            "no other projection has provably equal kinetics onto this target".into()
        }
        _ => "no other projection has provably equal states of a source or target neuron".into(),
    }
}

fn memory(p: &Projection, model: &Network, real: usize) -> String {
    let name = &p.connection.name;
    // Of states that are equal to another projection's there is none.
    let kept = |state: &Symbol| {
        let full = format!("{name}.{state}");
        model.populations.iter().any(|population| population.states.iter().any(|s| *s.name == *full))
    };
    let on = |sides: &[Side]| {
        let here = p.states.iter().filter(|s| s.side.is_some_and(|side| sides.contains(&side)));
        here.filter(|s| s.side == Some(Side::Synapse) || kept(&s.name)).count()
    };
    let of_synapses = |state: &&str| p.states.iter().any(|s| &*s.name == *state);
    let sums = model.projections.iter().find(|m| m.connection.name == *name).map_or(0, |m| m.sums.len());
    let prefix = format!("{name}.");
    let histories: usize = model
        .populations
        .iter()
        .filter(|population| Some(&population.name) == p.connection.source.as_ref())
        .flat_map(|population| &population.histories)
        .filter(|history| history.name.starts_with(&prefix))
        .map(|history| usize::try_from(history.slots).unwrap_or(usize::MAX))
        .sum();
    let source = real * (on(&[Side::Source]) + histories);
    let target =
        real * (on(&[Side::Target, Side::Trace]) + sums + of_receptor(p, model).filter(|s| !of_synapses(s)).count());
    let synapse = match (&p.connection.source, p.connection.weight_per_synapse) {
        (None, _) => 0,
        (_, weight) => {
            4 + real * (usize::from(weight) + on(&[Side::Synapse])) + if p.connection.columns { 8 } else { 0 }
        }
    };
    let of_source = if source > 0 { format!("{source} bytes per source neuron, ") } else { String::new() };
    format!("{of_source}{target} bytes per target neuron, {synapse} bytes per synapse")
}

/// What is done when: a word and the rest of the line.
fn done(p: &Projection, model: Option<&Projection>) -> Vec<(&'static str, String)> {
    let side = |name: &str| p.states.iter().find(|s| &*s.name == name).and_then(|s| s.side);
    let list = |keep: &dyn Fn(&crate::ir::Event) -> bool| {
        let name = |e: &crate::ir::Event| match e.after {
            0 => e.state.to_string(),
            after => format!("{} {after} steps later", e.state),
        };
        let names: Vec<String> = p.events.iter().filter(|e| e.period.is_none() && keep(e)).map(name).collect();
        names.join(", ")
    };
    let own = |e: &crate::ir::Event| if e.post || e.weight { None } else { side(&e.state) };
    let at_source = list(&|e| !e.by_target && own(e) == Some(Side::Source));
    let delivered = list(&|e| !e.by_target && own(e) != Some(Side::Source));
    let at_target = list(&|e| e.by_target && own(e) == Some(Side::Trace));
    let responded = list(&|e| e.by_target && own(e) != Some(Side::Trace));
    let mut advanced: Vec<String> = Vec::new();
    // Where they have been integrated already, the method stands behind each.
    let integrated = |name: &str, change: &Change| match change {
        Change::None => None,
        Change::Equation(_) => Some(name.to_owned()),
        Change::Advance(_, method) => Some(format!("{name} ({})", method.replace('_', " "))),
    };
    for state in p.states.iter().filter(|s| s.side == Some(Side::Synapse)) {
        let last = model.and_then(|m| m.states.iter().find(|s| s.name == state.name));
        advanced.extend(integrated(&state.name, last.map_or(&state.change, |s| &s.change)));
    }
    advanced.extend(integrated("weight", model.map_or(&p.weight_change, |m| &m.weight_change)));
    let sums: Vec<&str> = model.iter().flat_map(|m| &m.sums).map(|s| &*s.0).collect();
    let when = |period: Period| match period.start {
        0 => format!("every {}", period.every),
        start => format!("every {} from {start}", period.every),
    };
    let periodic: Vec<String> =
        p.events.iter().filter_map(|e| e.period.map(|(period, _)| format!("{} {}", e.state, when(period)))).collect();
    let lines = [
        ("sums:", "", sums.join(", "), ", over all synapses in every step"),
        ("source:", "its spikes change ", at_source, ", once for all synapses"),
        ("delivers:", "into ", delivered, ", by one traversal of each spike's row"),
        ("responds:", "into ", responded, ", by one traversal of each target spike's column"),
        ("target:", "its spikes change ", at_target, ", once for all synapses"),
        ("advances:", "", advanced.join(", "), " of every synapse in every step"),
        ("periods:", "", periodic.join(", "), " steps, of every synapse, behind that"),
    ];
    lines
        .into_iter()
        .filter(|(_, _, what, _)| !what.is_empty())
        .map(|(word, before, what, after)| (word, format!("{before}{what}{after}")))
        .collect()
}
