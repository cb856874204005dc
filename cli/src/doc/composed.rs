//! Demonstrations for models that have none of their own, by kind: a neuron gets a step of its first input, a synapse
//! a spike train, a receptor with a conductance is held at many potentials.
//!
//! What the text of a model leaves open (how strong an input must be, the unit of the weight) is tried: the first
//! network that the front end accepts is taken, and of many neurons with inputs from weak to strong the first that fires.

use crate::doc::clamp;
use crate::doc::demonstration::{Ran, draw, run};
use crate::doc::figure::Figure;
use crate::doc::page::Entry;
use crate::doc::pairing;
use crate::failure::Failure;
use crate::simulate::Outcome;
use bpc_syntax::ast::{Binding, Item, Member, Model, NeuronState};
use bpc_syntax::source::{FileId, Span};
use std::cell::RefCell;

/// What a composed network is called; a name that nobody else takes.
const NETWORK: &str = "DemonstrationByKind";
/// Units that weights, and inputs of targets, are tried with.
const WEIGHTS: &[&str] = &["1", "1 nS", "1 mV", "1 pA", "1 mS/cm^2"];
const INPUTS: &[&str] = &["pA", "mV", "1", "uA/cm^2", "nA"];
/// Inputs of `2^(i - 8)` units for this many neurons; fewer where the strongest are more than numbers can hold.
const STRENGTHS: &[u32] = &[20, 16, 12, 8];
const ONE: usize = 8;

const TRAIN: &str = "
neuron DemonstrationTrain {
    state clock : ms = 0 ms
    state next : ms = 20 ms
    clock' = 1
    spike when clock >= next - dt / 2 { next += if next > 70 ms and next < 90 ms then 70 ms else 20 ms }
}
";

/// How a kind is demonstrated.
type Compose = fn(&Setting<'_>) -> Result<Option<Figure>, Failure>;

/// By the word that a declaration begins with. Kinds that are not here have no plot unless they bring a network.
const KINDS: &[(&str, Compose)] = &[("neuron", neuron), ("synapse", synapse), ("receptor", receptor)];

/// A model and where its names can be seen.
struct Setting<'s> {
    file: &'s str,
    /// Text in which the model's name is known.
    before: String,
    source: &'s str,
    model: &'s Model,
    /// Why the last network that was tried did not run.
    reason: RefCell<Option<String>>,
}

/// The picture of a model: `file` is where imports are looked for, `source` the text that declares it, `path` its module
/// in std.
///
/// # Errors
/// In words, if nothing can be shown. The outer failure is an interruption.
pub fn figure(
    file: &str,
    source: &str,
    path: Option<&str>,
    Entry { kind, name, source: declaration, .. }: &Entry,
) -> Result<Result<Figure, String>, Failure> {
    let before = path.map_or_else(|| source.to_owned(), |path| format!("use {path}\n"));
    match kind.as_str() {
        "channel" => return Ok(alive(clamp::channel(file, &before, declaration, name)?)),
        "ion" => return Ok(alive(clamp::ion(file, &before, name)?)),
        _ => {}
    }
    let (tree, _) = bpc_syntax::parse(FileId(0), source);
    let model = tree.items.iter().find_map(|item| match item {
        Item::Model(m) if m.name.node == *name => Some(m),
        _ => None,
    });
    let Some(model) = model else { return Ok(Err(format!("no demonstration is known for a {kind}"))) };
    let setting = Setting { file, before, source, model, reason: RefCell::new(None) };
    if kind == "plasticity" {
        return plasticity(&setting, declaration);
    }
    let Some((_, compose)) = KINDS.iter().find(|(word, _)| word == kind) else {
        return Ok(Err(format!("no demonstration is known for a {kind}")));
    };
    let figure = compose(&setting)?;
    let reason = setting.reason.take().unwrap_or_else(|| NOTHING.to_owned());
    Ok(figure.ok_or(reason))
}

/// How long a third factor acts on a pair, in ms: several times the seconds that a tag lasts.
const LONG: u32 = 5000;

/// Why there is no picture of a model that only stands still.
const NOTHING: &str = "nothing happens, whatever was tried";

fn alive(figure: Result<Figure, String>) -> Result<Figure, String> {
    figure.and_then(|figure| if figure.is_alive() { Ok(figure) } else { Err(NOTHING.to_owned()) })
}

impl Setting<'_> {
    fn bindings(&self, wanted: fn(&Member) -> Option<&Binding>) -> Vec<&Binding> {
        self.model.members.iter().filter_map(wanted).collect()
    }

    fn states(&self) -> Vec<&Binding> {
        self.bindings(|m| if let Member::State(b) = m { Some(b) } else { None })
    }

    fn inputs(&self) -> Vec<&Binding> {
        self.bindings(|m| if let Member::Input(b) = m { Some(b) } else { None })
    }

    fn outputs(&self) -> Vec<&Binding> {
        self.bindings(|m| if let Member::Output(b) = m { Some(b) } else { None })
    }

    fn text(&self, span: Span) -> &str {
        self.source.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn unit(&self, binding: &Binding) -> String {
        binding.unit.as_ref().map_or_else(|| "1".to_owned(), |unit| self.text(unit.span).to_owned())
    }

    fn posts(&self) -> Vec<&NeuronState> {
        self.model.members.iter().filter_map(|m| if let Member::Post(p) = m { Some(p) } else { None }).collect()
    }

    /// Records of what the target neuron must have.
    fn post_records(&self, owner: &str) -> String {
        self.posts().iter().map(|post| format!("    record {owner}.{}\n", post.state.node)).collect()
    }

    /// What the target neuron must have: a state for each `post`, at -65 mV if that is its unit and otherwise at zero.
    fn post_states(&self) -> String {
        self.post_states_at("0")
    }

    /// As `post_states`, with so many units of what is no potential.
    fn post_states_at(&self, level: &str) -> String {
        let state = |post: &&NeuronState| {
            let declared = self.unit(&post.binding);
            let unit = if declared == "unit(w)" { "mV" } else { declared.as_str() };
            let value = match declared.as_str() {
                potential if is_potential(potential) => "-65 mV".to_owned(),
                "1" => level.to_owned(),
                _ => format!("{level} {unit}"),
            };
            format!("    state {} : {unit} = {value}\n", post.state.node)
        };
        self.posts().iter().map(state).collect()
    }

    fn try_run(&self, rest: &str) -> Result<Option<Ran>, Failure> {
        let text = format!("{}\n{rest}", self.before);
        match run(self.file, &text, Some(NETWORK))? {
            Ok(ran) => Ok(Some(ran)),
            Err(reason) => {
                self.reason.replace(Some(reason));
                Ok(None)
            }
        }
    }
}

fn is_potential(unit: &str) -> bool {
    unit == "mV"
}

/// A rule of pairs alone shows them with nothing else at the target; one with a third factor (a neuromodulator, say)
/// needs some of it there, and gets one unit.
fn plasticity(setting: &Setting<'_>, declaration: &str) -> Result<Result<Figure, String>, Failure> {
    let pairs = |level: &str, duration: u32| {
        let target = pairing::Target { posts: setting.post_states_at(level), duration };
        pairing::plasticity(setting.file, &setting.before, declaration, setting.model, &target)
    };
    let shown = alive(pairs("0", 200)?);
    let third: Vec<String> = setting
        .posts()
        .iter()
        .filter(|p| !is_potential(&setting.unit(&p.binding)))
        .map(|p| match setting.unit(&p.binding).as_str() {
            "1" => format!("{} = 1", p.state.node),
            "unit(w)" => format!("{} = 1 mV", p.state.node),
            unit => format!("{} = 1 {unit}", p.state.node),
        })
        .collect();
    if shown.is_ok() || third.is_empty() {
        return Ok(shown);
    }
    let told = |figure: Figure| Figure {
        caption: format!("{} At the target neuron, {} all the time.", figure.caption, third.join(" and ")),
        ..figure
    };
    Ok(alive(pairs("1", LONG)?).map(told))
}

fn records(owner: &str, states: &[&Binding]) -> String {
    states.iter().map(|s| format!("    record {owner}.{}\n", s.name.node)).collect()
}

fn neuron(setting: &Setting<'_>) -> Result<Option<Figure>, Failure> {
    let name = &setting.model.name.node;
    let states = records("A", &setting.states());
    let spikes = setting.model.members.iter().any(|m| matches!(m, Member::Spike(_)));
    let Some(input) = setting.inputs().first().copied() else {
        let text = format!(
            "network {NETWORK} {{ population A : {name} }}\n\
             simulate {NETWORK} {{\n dt 0.05 ms\n duration 200 ms\n    record A.spikes\n{states}}}\n"
        );
        let ran = setting.try_run(&text)?;
        return Ok(ran.map(|ran| draw(&ran, "Without any input.")).filter(Figure::is_alive));
    };
    let unit = match setting.unit(input).as_str() {
        "1" => String::new(),
        unit => format!(" {unit}"),
    };
    for count in STRENGTHS {
        let text = format!(
            "network {NETWORK} {{\n    population A[{count}] : {name}\n    \
             drive A.{} = if t >= 20 ms and t < 180 ms then 1{unit} * 2^(i - {ONE}) else 0{unit}\n}}\n\
             simulate {NETWORK} {{\n    dt 0.05 ms\n    duration 200 ms\n    record A.spikes\n{states}}}\n",
            input.name.node
        );
        let Some(ran) = setting.try_run(&text)? else { continue };
        let chosen = strength(&ran.outcome, *count, spikes);
        let figure = draw(&ran.only(chosen), "Response to a step of the input.");
        return Ok(Some(figure).filter(Figure::is_alive));
    }
    Ok(None)
}

/// The weakest input that makes it fire repeatedly; one unit if it never fires.
fn strength(outcome: &Outcome, count: u32, spikes: bool) -> usize {
    let fired = |i: u32| outcome.populations[0].spikes.neuron.iter().filter(|n| **n == i).count();
    let first = (0..count).find(|i| spikes && fired(*i) >= 4).or_else(|| (0..count).find(|i| fired(*i) > 0));
    first.map_or(ONE.min(count as usize - 1), |i| i as usize)
}

fn synapse(setting: &Setting<'_>) -> Result<Option<Figure>, Failure> {
    let Some(output) = setting.outputs().first().copied() else { return Ok(None) };
    let states = records("s", &setting.states());
    for weight in WEIGHTS {
        let unit = weight.split_once(' ').map_or("1", |(_, unit)| unit);
        let text = format!(
            "{TRAIN}\nneuron DemonstrationTarget {{\n    input I_probe : {unit}\n    state probe : 1 = 0\n{}}}\n\
             receptor DemonstrationProbe {{ input {output} : unit(w)  output I_probe = {output} }}\n\
             network {NETWORK} {{\n    population S : DemonstrationTrain\n    population T : DemonstrationTarget\n    \
             project s: S -> T {{ connect one_to_one  weight {weight}  synapse {}  receptor DemonstrationProbe }}\n}}\n\
             simulate {NETWORK} {{\n    dt 0.1 ms\n    duration 200 ms\n    record S.spikes\n{states}}}\n",
            setting.post_states(),
            setting.model.name.node,
            output = output.name.node,
        );
        if let Some(ran) = setting.try_run(&text)? {
            let caption = format!("Response to a spike train with a weight of {weight}.");
            return Ok(Some(draw(&ran, &caption)).filter(Figure::is_alive));
        }
    }
    Ok(None)
}

fn receptor(setting: &Setting<'_>) -> Result<Option<Figure>, Failure> {
    let name = &setting.model.name.node;
    let posts = setting.post_states();
    for weight in WEIGHTS {
        let unit = weight.split_once(' ').map_or("1", |(_, unit)| unit);
        let Some(input) = setting.inputs().first().copied() else {
            let text = format!(
                "{TRAIN}\nneuron DemonstrationTarget {{\n{posts}}}\n\
                 network {NETWORK} {{\n    population S : DemonstrationTrain\n    population T : DemonstrationTarget\n    \
                 project s: S -> T {{ connect one_to_one  weight {weight}  receptor {name} }}\n}}\n\
                 simulate {NETWORK} {{\n    dt 0.1 ms\n    duration 200 ms\n    record S.spikes\n{}}}\n",
                setting.post_records("T"),
            );
            if let Some(ran) = setting.try_run(&text)? {
                let caption = format!("Effect of spikes with a weight of {weight} on the target neuron.");
                return Ok(Some(draw(&ran, &caption)).filter(Figure::is_alive));
            }
            continue;
        };
        let Some(output) = setting.outputs().first().copied() else { return Ok(None) };
        for target in INPUTS {
            let clamped = posts.replace("-65 mV", "-100 mV + 2 mV * i");
            let text = format!(
                "neuron DemonstrationClamp {{\n    input {output} : {target}\n    state settled : {target} = 0\n{clamped}    \
                 settled' = ({output} - settled) / 1 ms\n}}\n\
                 synapse DemonstrationOpen {{ state {input} : unit(w) = 0  on spike(w) {{ {input} += w }}  output {input} }}\n\
                 network {NETWORK} {{\n    population S : DemonstrationClamp\n    population A[71] : DemonstrationClamp\n    \
                 project s: S -> A {{ connect all_to_all  weight {weight}  synapse DemonstrationOpen  receptor {name} }}\n    \
                 init s.{input} = 1 {unit}\n}}\n\
                 simulate {NETWORK} {{\n    dt 1 ms\n    duration 40 ms\n    record A.settled\n{}}}\n",
                setting.post_records("A"),
                output = output.name.node,
                input = input.name.node,
                unit = if unit == "1" { "" } else { unit },
            );
            if let Some(mut ran) = setting.try_run(&text)? {
                if let Some(post) = setting.posts().first() {
                    ran.versus(&format!("A.{}", post.state.node));
                }
                ran.rename("A.settled", &format!("A.{}", output.name.node));
                let caption = format!("What reaches the target for an input of {weight}.");
                return Ok(Some(draw(&ran, &caption)).filter(Figure::is_alive));
            }
        }
    }
    Ok(None)
}
