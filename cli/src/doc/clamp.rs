//! Ion channels under voltage clamp: steady states and time constants of the gates over the potential, and the current
//! after steps of the potential; and ions under a pulse of their current.
//!
//! The membrane of the composed cell is so large that its potential stands still, and its slow drift is the current:
//! I = C dV/dt. A gate is linear in itself, x' = (x_inf - x) / tau: the value it starts from is its steady state, and
//! from a value elsewhere one step of length h leads to x_inf + (x - x_inf) exp(-h / tau), which gives tau. Only the words of the
//! declaration are read here, not its syntax tree.

use crate::doc::demonstration::{Ran, run};
use crate::doc::figure::{Axis, Content, Figure, Label, Line, Panel};
use crate::failure::Failure;
use crate::simulate::Trace;
use crate::ticks::nice_step;
use bpc_syntax::lexer;
use bpc_syntax::source::FileId;

/// What the composed networks are called.
const NETWORK: &str = "DemonstrationByClamp";
/// uF/cm^2; 100 uA/cm^2 move it by 1 mV in a second.
const CAPACITANCE: f64 = 1e5;
/// Potentials of the curves, in mV.
const POTENTIALS: usize = 81;
const LOWEST: f64 = -120.0;
const SPACING: f64 = 2.0;
/// Where a gate starts from for its time constant: far from any steady state.
const ELSEWHERE: f64 = 2.0;
/// The step for it, in ms.
const STEP: f64 = 0.01;
/// Where the potential is before it steps up, or down for what opens below rest, and where to, in mV.
const UP: (f64, [f64; 6]) = (-100.0, [-60.0, -40.0, -20.0, 0.0, 20.0, 40.0]);
const DOWN: (f64, [f64; 6]) = (-40.0, [-120.0, -110.0, -100.0, -90.0, -80.0, -70.0]);
/// Ions that channels ask for, and what std has for them.
const IONS: &[(&str, &str)] = &[("Ca", "CalciumFixed"), ("Na", "SodiumFixed"), ("K", "PotassiumFixed")];
/// An ion for channels that take a concentration without a unit.
const BARE: &str = "ion DemonstrationBare { param E : mV = 120 mV  param c : 1 = 250 }";

/// What a declaration of a channel says about its parts.
#[derive(Debug, Default)]
struct Parts {
    /// Gates, whose kinetics are a steady state and a time constant.
    gates: Vec<String>,
    /// States of schemes.
    others: Vec<String>,
    /// Ions that it reads.
    ions: Vec<String>,
}

impl Parts {
    fn read(declaration: &str) -> Parts {
        let words: Vec<&str> = lexer::lex(FileId(0), declaration)
            .tokens
            .iter()
            .map(|t| &declaration[t.0 as usize..t.2 as usize])
            .collect();
        let mut parts = Parts::default();
        let mut depth = 0;
        for (i, word) in words.iter().enumerate() {
            match *word {
                "{" => depth += 1,
                "}" => depth -= 1,
                "gate" if depth == 1 => parts.gates.extend(words.get(i + 1).map(|w| (*w).to_owned())),
                "ion" if depth == 1 => parts.ions.extend(words.get(i + 1).map(|w| (*w).to_owned())),
                "scheme" if depth == 1 => {
                    let body: Vec<&str> = words[i..].iter().take_while(|w| **w != "}").copied().collect();
                    let arrow = |w: &str| matches!(w, "<" | "-" | "->" | "<->");
                    for (k, word) in body.iter().enumerate().skip(2) {
                        let beside = arrow(body[k - 1]) || body.get(k + 1).is_some_and(|w| arrow(w));
                        let named = word.starts_with(char::is_alphabetic);
                        // Rates stand in brackets, where such signs mean something else.
                        let open = body[..k].iter().filter(|w| **w == "(").count();
                        let rate = open > body[..k].iter().filter(|w| **w == ")").count();
                        if beside && named && !rate && !parts.others.iter().any(|s| s == word) {
                            parts.others.push((*word).to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        parts
    }
}

struct Clamp<'c> {
    file: &'c str,
    before: &'c str,
    channel: &'c str,
    parts: Parts,
    /// Whether concentrations have no unit.
    bare: bool,
}

impl Clamp<'_> {
    /// A network of this cell.
    fn text(&self, body: &str, records: &str, dt: f64, duration: f64) -> String {
        let (mut uses, mut ions) = (String::new(), String::new());
        for ion in &self.parts.ions {
            if self.bare {
                BARE.clone_into(&mut uses);
                ions.push_str(&format!("    ion {ion} : DemonstrationBare\n"));
            } else if let Some((_, model)) = IONS.iter().find(|(name, _)| name == ion) {
                uses.push_str(&format!("use std::ions::{model} as Demonstration{ion}\n"));
                // A little more than at rest, where channels that wait for calcium are open in part.
                let open = if ion == "Ca" { " { c = 1 uM }" } else { "" };
                ions.push_str(&format!("    ion {ion} : Demonstration{ion}{open}\n"));
            }
        }
        format!(
            "{}\n{uses}\ncell DemonstrationCell {{\n    membrane V : mV = -65 mV {{ capacitance = {CAPACITANCE} uF/cm^2 }}\n{ions}    \
             channel X : {}\n}}\n\
             network {NETWORK} {{\n{body}}}\n\
             simulate {NETWORK} {{\n    dt {dt} ms\n    duration {duration} ms\n{records}}}\n",
            self.before, self.channel
        )
    }

    fn run(&self, body: &str, records: &str, dt: f64, duration: f64) -> Result<Result<Ran, String>, Failure> {
        run(self.file, &self.text(body, records, dt, duration), Some(NETWORK))
    }

    /// One step from the steady states (population A), and from elsewhere (D), at all potentials.
    fn curves(&mut self) -> Result<Result<Ran, String>, Failure> {
        let population = |name: &str| {
            format!(
                "    population {name}[{POTENTIALS}] : DemonstrationCell\n    \
                 init {name}.V = {LOWEST} mV + {SPACING} mV * i\n"
            )
        };
        let gates = self.parts.gates.iter().map(|gate| format!("    init D.X.{gate} = {ELSEWHERE}\n"));
        let body = population("A") + &population("D") + &gates.collect::<String>();
        let first = self.run(&body, &(self.records("A") + &self.records("D")), STEP, STEP)?;
        if first.is_ok() {
            return Ok(first);
        }
        if !self.parts.ions.is_empty() {
            self.bare = true;
            let tried = self.run(&body, &(self.records("A") + &self.records("D")), STEP, STEP)?;
            if tried.is_ok() {
                return Ok(tried);
            }
            self.bare = false;
        }
        // The occupancies of a scheme sum to one: one of them is no state, and cannot be recorded.
        let all = self.parts.others.clone();
        for state in &all {
            self.parts.others = all.iter().filter(|s| *s != state).cloned().collect();
            let tried = self.run(&body, &(self.records("A") + &self.records("D")), STEP, STEP)?;
            if tried.is_ok() {
                return Ok(tried);
            }
        }
        Ok(first)
    }

    fn records(&self, population: &str) -> String {
        let states = self.parts.gates.iter().chain(&self.parts.others);
        let gates: String = states.map(|g| format!("    record {population}.X.{g}\n")).collect();
        format!("{gates}    record {population}.V\n")
    }
}

/// The picture of a channel.
///
/// # Errors
/// In words, if it cannot be put into a cell. The outer failure is an interruption.
pub fn channel(file: &str, before: &str, declaration: &str, name: &str) -> Result<Result<Figure, String>, Failure> {
    let mut clamp = Clamp { file, before, channel: name, parts: Parts::read(declaration), bare: false };
    let first = match clamp.curves()? {
        Ok(ran) => ran,
        Err(reason) => return Ok(Err(reason)),
    };
    let values = |owner: &str, state: &str| values(&first, &format!("{owner}.X.{state}"));
    let potentials: Vec<f64> = (0..POTENTIALS).map(|i| LOWEST + SPACING * i as f64).collect();
    let over = |values: Vec<f64>| potentials.iter().copied().zip(values).collect::<Vec<_>>();
    let (mut steady, mut constants) = (Vec::new(), Vec::new());
    let label = |name: &str| Label::Name(String::new(), name.to_owned());
    for gate in &clamp.parts.gates {
        let inf = values("A", gate);
        let tau: Vec<f64> =
            values("D", gate).iter().zip(&inf).map(|(x, inf)| -STEP / ((x - inf) / (ELSEWHERE - inf)).ln()).collect();
        steady.push(Line { label: label(&format!("{gate}_inf")), points: over(inf) });
        constants.push(Line { label: label(&format!("tau_{gate}")), points: over(tau) });
    }
    for state in &clamp.parts.others {
        steady.push(Line { label: label(&format!("{state}_inf")), points: over(values("A", state)) });
    }
    let axis = Axis { name: "V".into(), unit: "mV".into() };
    let range = (LOWEST, LOWEST + SPACING * (POTENTIALS - 1) as f64);
    let panel = |unit: &str, lines: Vec<Line>| {
        let content = Content::Lines { lines, stimulus: false };
        Panel { x: axis.clone(), range, unit: unit.into(), content }
    };
    if steady.is_empty() {
        let drift = values_of_potential(&first, &potentials);
        let panels = vec![panel("uA/cm^2", vec![Line { label: label("I"), points: over(drift) }])];
        return Ok(Ok(Figure { caption: "Current over the membrane potential.".into(), panels }));
    }
    // Of a scheme it is not known which states are open; what flows at its steady state tells.
    let flows = |v: f64| {
        let at = ((v - LOWEST) / SPACING).round() as usize;
        values_of_potential(&first, &potentials).get(at).map_or(0.0, |i| i.abs())
    };
    let below = opens_below_rest(&steady) || !clamp.parts.others.is_empty() && flows(-100.0) > 10.0 * flows(0.0);
    // The slowest gate at these potentials says how long to look.
    let slowest = |steps: &[f64]| {
        let near = |v: f64| steps.iter().any(|step| (step - v).abs() < SPACING / 2.0);
        let points = constants.iter().flat_map(|line| &line.points).filter(|p| near(p.0) && p.1.is_finite());
        points.map(|p| p.1).fold(0.0, f64::max)
    };
    let (mut hold, mut steps) = UP;
    let mut current = steps_of_potential(&clamp, &first, hold, &steps, slowest(&steps))?;
    if below && let Some(down) = steps_of_potential(&clamp, &first, DOWN.0, &DOWN.1, slowest(&DOWN.1))? {
        // A channel that only closes above rest, because it is inactivated there, lets nothing through below it.
        if current.as_ref().is_none_or(|up| largest(&down) > 0.1 * largest(up)) {
            (hold, steps) = DOWN;
            current = Some(down);
        }
    }
    let mut panels = vec![panel("1", steady)];
    if !constants.is_empty() {
        panels.push(panel("ms", constants));
    }
    let mut caption = "Steady states and time constants of the gates over the membrane potential".to_owned();
    if clamp.parts.gates.is_empty() {
        "Steady states over the membrane potential".clone_into(&mut caption);
    }
    match current {
        Some(panel) => {
            panels.push(panel);
            let text = |v: f64| format!("{v}").replace('-', "\u{2212}");
            caption.push_str(&format!(
                "; current after steps of the potential from {} mV to {} mV and more, up to {} mV.",
                text(hold),
                text(steps[0]),
                text(steps[steps.len() - 1])
            ));
        }
        None => caption.push('.'),
    }
    Ok(Ok(Figure { caption, panels }))
}

/// The last sample of a trace.
fn values(ran: &Ran, state: &str) -> Vec<f64> {
    let trace = ran.outcome.traces.iter().find(|t| t.state == state);
    trace.map(|t| t.values.iter().copied().take(t.elements).collect()).unwrap_or_default()
}

/// C dV/dt over the first step.
fn values_of_potential(ran: &Ran, from: &[f64]) -> Vec<f64> {
    values(ran, "A.V").iter().zip(from).map(|(v, from)| CAPACITANCE * (v - from) / ran.outcome.dt).collect()
}

/// The largest absolute value in a panel.
fn largest(panel: &Panel) -> f64 {
    let Content::Lines { lines, .. } = &panel.content else { return 0.0 };
    let values = lines.iter().flat_map(|line| &line.points).map(|p| p.1.abs());
    values.filter(|v| v.is_finite()).fold(0.0, f64::max)
}

/// Whether the gates are open at -100 mV rather than at 0 mV.
fn opens_below_rest(steady: &[Line]) -> bool {
    let at = |line: &Line, wanted: f64| line.points.iter().find(|p| p.0 >= wanted).map_or(0.0, |p| p.1);
    let (all, any) = (|l: &Line| at(l, -100.0) >= at(l, 0.0), |l: &Line| at(l, -100.0) > at(l, 0.0));
    steady.iter().all(all) && steady.iter().any(any)
}

/// The current after the potential has stepped from where the gates stand still.
fn steps_of_potential(
    clamp: &Clamp<'_>,
    first: &Ran,
    hold: f64,
    steps: &[f64],
    slowest: f64,
) -> Result<Option<Panel>, Failure> {
    // The occupancies of a scheme sum to one: one of them is no state, and does not begin anywhere.
    let none = clamp.parts.others.iter().map(Some);
    for left_out in std::iter::once(None).chain(none) {
        let look = |duration: f64| stepped(clamp, first, (hold, steps), left_out, duration);
        let whole = nice_step((3.0 * slowest).clamp(5.0, 2000.0));
        let Some(panel) = look(whole)? else { continue };
        // What is over soon is seen better alone.
        let busy = nice_step(settled(&panel).max(whole / 1000.0));
        return Ok(Some(if busy < whole { look(busy)?.unwrap_or(panel) } else { panel }));
    }
    Ok(None)
}

/// The time from which on all lines stay within 3 % of their end, relative to what is largest in the panel.
fn settled(panel: &Panel) -> f64 {
    let Content::Lines { lines, .. } = &panel.content else { return 0.0 };
    let near = 0.03 * largest(panel);
    let late = lines.iter().filter_map(|line| {
        let (_, end) = line.points.last()?;
        line.points.iter().rev().find(|(_, value)| (value - end).abs() > near).map(|(time, _)| *time)
    });
    late.fold(0.0, f64::max)
}

/// The current for a while after these steps; nothing if it cannot be had so.
fn stepped(
    clamp: &Clamp<'_>,
    first: &Ran,
    (hold, steps): (f64, &[f64]),
    left_out: Option<&String>,
    duration: f64,
) -> Result<Option<Panel>, Failure> {
    let dt = duration / 2000.0;
    let index = ((hold - LOWEST) / SPACING).round() as usize;
    let mut body = String::new();
    let mut records = String::new();
    for (k, step) in steps.iter().enumerate() {
        body.push_str(&format!("    population S{k} : DemonstrationCell\n    init S{k}.V = {step} mV\n"));
        for state in clamp.parts.gates.iter().chain(&clamp.parts.others).filter(|state| Some(*state) != left_out) {
            let value = values(first, &format!("A.X.{state}")).get(index).copied().unwrap_or(0.0);
            body.push_str(&format!("    init S{k}.X.{state} = {value}\n"));
        }
        records.push_str(&format!("    record S{k}.V\n"));
    }
    let Ok(ran) = clamp.run(&body, &records, dt, duration)? else { return Ok(None) };
    let lines: Vec<Line> = ran
        .outcome
        .traces
        .iter()
        .enumerate()
        .map(|(k, trace)| Line {
            label: if k == 0 { Label::Name(String::new(), "I".into()) } else { Label::Same },
            points: drift(trace, steps.get(k).copied().unwrap_or(hold), ran.outcome.dt),
        })
        .collect();
    let content = Content::Lines { lines, stimulus: false };
    let x = Axis { name: "t".into(), unit: "ms".into() };
    Ok(Some(Panel { x, range: (0.0, duration), unit: "uA/cm^2".into(), content }))
}

/// C dV/dt over time.
fn drift(trace: &Trace, from: f64, dt: f64) -> Vec<(f64, f64)> {
    let mut last = from;
    let mut points = Vec::with_capacity(trace.values.len());
    for (k, value) in trace.values.iter().enumerate() {
        points.push(((k as f64 + 0.5) * dt, CAPACITANCE * (value - last) / dt));
        last = *value;
    }
    points
}

/// The picture of an ion: its concentration after a pulse of inward current.
///
/// # Errors
/// In words, if it cannot be put into a cell. The outer failure is an interruption.
pub fn ion(file: &str, before: &str, name: &str) -> Result<Result<Figure, String>, Failure> {
    let text = format!(
        "{before}\nchannel DemonstrationPulse {{\n    membrane V : mV\n    ion Ion {{}}\n    \
         state open : 1 = 1\n    open' = -open / 5 ms\n    output Ion.I = 10 uA/cm^2 * open\n}}\n\
         cell DemonstrationCell {{\n    membrane V : mV = -65 mV {{ capacitance = {CAPACITANCE} uF/cm^2 }}\n    \
         ion Ion : {name}\n    channel X : DemonstrationPulse {{ Ion = Ion }}\n}}\n\
         network {NETWORK} {{ population A : DemonstrationCell }}\n\
         simulate {NETWORK} {{\n    dt 0.02 ms\n    duration 100 ms\n    record A.Ion.c\n}}\n"
    );
    let caption =
        "Concentration in the cell after a pulse of inward current, 10 µA/cm² at first, which fades with 5 ms.";
    Ok(run(file, &text, Some(NETWORK))?.map(|ran| crate::doc::demonstration::draw(&ran, caption)))
}

#[cfg(test)]
mod tests {
    use super::Parts;

    #[test]
    fn the_parts_of_a_channel_are_found_by_their_words() {
        let parts = Parts::read(
            "channel X {\n param gate_max = 1\n membrane V : mV\n ion Ca { c : mM }\n\
             gate m { alpha = 1 beta = 2 }\n gate P1 { inf = 1 tau = 2 }\n\
             scheme {\n C <-> O (a * b - c, d)\n O -> L (k3 * P1)\n }\n output I = m }",
        );
        assert_eq!(parts.gates, ["m", "P1"]);
        assert_eq!(parts.ions, ["Ca"]);
        assert_eq!(parts.others, ["C", "O", "L"]);
    }
}
