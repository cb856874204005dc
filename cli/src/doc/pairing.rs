//! Plasticity: what a rule makes of pairs of spikes, or of a spike train if it transmits something else than the weight.

use crate::doc::demonstration::{draw, run};
use crate::doc::figure::{Axis, Content, Figure, Label, Line, Panel};
use crate::failure::Failure;
use bpc_syntax::ast::{Binding, Member, Model};
use bpc_syntax::lexer;
use bpc_syntax::source::FileId;

/// What the composed networks are called.
const NETWORK: &str = "DemonstrationByPairs";
/// Differences of time from -40 ms to 40 ms, in steps of 1 ms.
const PAIRS: usize = 81;
/// The weight before the pair; the greatest one is 1.
const BEFORE: f64 = 0.5;

const SYNAPSE: &str = "
synapse DemonstrationSynapse { state g : unit(w) = 0  g' = -g / 5 ms  on spike(w) { g += w }  output g }
receptor DemonstrationProbe { input g : unit(w)  output I_probe = g }
";

/// What the target of a rule is like.
#[derive(Debug)]
pub struct Target {
    /// The states that it must have, as text.
    pub posts: String,
    /// How long a pair has time to act, in ms. A rule whose tags turn into weight slowly needs long, as otherwise the
    /// pairs that end later would have had less.
    pub duration: u32,
}

/// The picture of a rule at this target.
///
/// # Errors
/// In words, if it cannot be put into a network. The outer failure is an interruption.
pub fn plasticity(
    file: &str,
    before: &str,
    declaration: &str,
    model: &Model,
    target: &Target,
) -> Result<Result<Figure, String>, Failure> {
    let lexed = lexer::lex(FileId(0), declaration);
    let transmits = lexed.tokens.iter().any(|t| &declaration[t.0 as usize..t.2 as usize] == "transmit");
    let name = &model.name.node;
    let open = model.members.iter().filter_map(|m| match m {
        Member::Parameter(Binding { name, value: None, .. }) => Some(&name.node),
        _ => None,
    });
    // A parameter without a default is the greatest weight, or a step that is small beside it.
    let value = |name: &str| if name.contains("max") { "1" } else { "0.01" };
    let arguments: Vec<String> = open.map(|name| format!("{name} = {}", value(name))).collect();
    let rule = format!("plasticity {name} {{ {} }}", arguments.join(", "));
    if transmits { train(file, before, model, &rule, &target.posts) } else { window(file, before, &rule, target) }
}

/// Eight spikes, and one after a pause.
fn train(file: &str, before: &str, model: &Model, rule: &str, posts: &str) -> Result<Result<Figure, String>, Failure> {
    let states: String = model
        .members
        .iter()
        .filter_map(|m| if let Member::State(b) = m { Some(b.name.node.as_str()) } else { None })
        .map(|state| format!("s.{state}"))
        .collect::<Vec<_>>()
        .join(", ");
    let text = format!(
        "{before}{SYNAPSE}\n\
         neuron DemonstrationSource {{\n    state clock : ms = 0 ms\n    state next : ms = 50 ms\n    clock' = 1\n    \
         spike when clock >= next - dt / 2 {{ next += if next < 380 ms then 50 ms else if next < 420 ms then 500 ms else 1 s }}\n}}\n\
         neuron DemonstrationTarget {{\n    input I_probe : 1\n    state probe : 1 = 0\n{posts}}}\n\
         network {NETWORK} {{\n    population S : DemonstrationSource\n    population T : DemonstrationTarget\n    \
         project s: S -> T {{ connect one_to_one  weight 1  {rule}  synapse DemonstrationSynapse  \
         receptor DemonstrationProbe }}\n}}\n\
         simulate {NETWORK} {{\n    dt 0.1 ms\n    duration 1 s\n    record S.spikes\n    record {states}\n    \
         record s.g\n}}\n"
    );
    let caption = "Eight spikes at 20 Hz, and one after a pause: the rule's states, and an exponential synapse behind it \
                   with a weight of 1.";
    Ok(run(file, &text, Some(NETWORK))?.map(|ran| draw(&ran, caption)))
}

/// The change of the weight by one pair of spikes, over the time between them.
fn window(
    file: &str,
    before: &str,
    rule: &str,
    Target { posts, duration }: &Target,
) -> Result<Result<Figure, String>, Failure> {
    let neuron = |name: &str, clock: &str, more: &str| {
        format!(
            "neuron {name} {{\n    state clock : ms = {clock}\n    clock' = 1\n{more}    \
             spike when clock >= 100 ms - dt / 2 {{ clock = -1000 s }}\n}}\n"
        )
    };
    let text = format!(
        "{before}{SYNAPSE}\n{}{}network {NETWORK} {{\n    population S[{PAIRS}] : DemonstrationSource\n    \
         population T[{PAIRS}] : DemonstrationTarget\n    \
         project s: S -> T {{ connect one_to_one  weight ~ {BEFORE}  {rule}  synapse DemonstrationSynapse  \
         receptor DemonstrationProbe }}\n}}\n\
         simulate {NETWORK} {{\n    dt 0.1 ms\n    duration {duration} ms\n    record s.weight every {duration} ms\n}}\n",
        neuron("DemonstrationSource", "0 ms", ""),
        neuron("DemonstrationTarget", "40 ms - 1 ms * i", &format!("    input I_probe : 1\n{posts}")),
    );
    let ran = match run(file, &text, Some(NETWORK))? {
        Ok(ran) => ran,
        Err(reason) => return Ok(Err(reason)),
    };
    let weights = ran.outcome.traces.first().map(|t| t.values.as_slice()).unwrap_or_default();
    let half = (PAIRS / 2) as f64;
    let change = |(i, w): (usize, &f64)| (i as f64 - half, w - BEFORE);
    // Between before and behind there is a jump.
    let points: Vec<(f64, f64)> = weights.iter().take(PAIRS).enumerate().map(change).collect();
    let (first, second): (Vec<_>, Vec<_>) = points.into_iter().filter(|p| p.0 != 0.0).partition(|p| p.0 < 0.0);
    let line = |label: Label, points: Vec<(f64, f64)>| Line { label, points };
    let lines = vec![line(Label::Words("change of the weight".into()), first), line(Label::Same, second)];
    let x = Axis { name: "Delta_t".into(), unit: "ms".into() };
    let content = Content::Lines { lines, stimulus: false };
    let caption = format!(
        "Change of the weight by one pair of spikes, over the time from the presynaptic to the postsynaptic spike, in \
         {duration} ms. The weight is {BEFORE} before; 1 is the greatest."
    );
    Ok(Ok(Figure { caption, panels: vec![Panel { x, range: (-half, half), unit: "1".into(), content }] }))
}
