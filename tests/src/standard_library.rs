//! Models of `std` that no other module measures, against closed forms; and that none is left without a test.

use crate::bpc::here;
use crate::spike_trains::{Run, train};
use crate::support::{files, root};
use std::collections::BTreeSet;
use std::fs;

/// Fails if two lists differ by more than rounding.
#[track_caller]
fn same(what: &str, found: &[f64], wanted: impl Iterator<Item = f64>) {
    let wanted: Vec<f64> = wanted.collect();
    assert_eq!(found.len(), wanted.len(), "{what}");
    for (at, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
        let error = (found - wanted).abs();
        assert!(error <= 1e-11 * wanted.abs().max(1.0), "{what}, sample {at}: {found}, not {wanted}");
    }
    assert!(wanted.iter().any(|value| *value != wanted[0]), "{what}: nothing happens");
}

/// The times of the ends of steps of 0.1 ms.
fn ends(count: u32) -> impl Iterator<Item = f64> {
    (1..=count).map(|step| 0.1 * f64::from(step))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// What a file of `std` declares at the start of a line: whether it is a model, and its name.
fn declared(text: &str) -> Vec<(bool, String)> {
    let models = ["neuron", "synapse", "receptor", "plasticity", "channel", "ion", "cell"];
    let one = |line: &str| {
        let (kind, rest) = line.split_once(' ')?;
        let model = models.contains(&kind);
        (model || kind == "function" || kind == "const").then(|| (model, words(rest).next().unwrap_or("").to_owned()))
    };
    text.lines().filter_map(one).collect()
}

/// Every name of `std` stands in a test, or in a file of `std` with a name that does. Demonstrations are no tests.
#[test]
fn every_model_is_used_by_a_test() {
    let read = |path| fs::read_to_string(path).expect("text");
    let demos = root().join("stdlib/demos");
    let library: Vec<String> =
        files(&root().join("stdlib"), "bp").into_iter().filter(|path| !path.starts_with(&demos)).map(read).collect();
    let mut used = BTreeSet::new();
    for (folder, ending) in [("src", "rs"), ("cases/data", "bp"), ("cases/run", "bp"), ("cases/models", "bp")] {
        for path in files(&here().join(folder), ending) {
            used.extend(words(&read(path)).map(str::to_owned));
        }
    }
    let mut before = 0;
    while used.len() > before {
        before = used.len();
        for text in &library {
            let own = declared(text);
            if own.iter().any(|(_, name)| used.contains(name)) {
                // One model does not speak for another one beside it.
                let beside = |word: &str| own.iter().any(|(model, name)| *model && name == word);
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(words);
                used.extend(code.filter(|word| !beside(word)).map(str::to_owned));
            }
        }
    }
    let names: Vec<String> = library.iter().flat_map(|text| declared(text)).map(|(_, name)| name).collect();
    assert!(names.len() > 90, "only {} names", names.len());
    let without: Vec<&String> = names.iter().filter(|name| !used.contains(*name)).collect();
    assert!(without.is_empty(), "no test names {without:?}");
}

/// What the head of a file says whose model is an everyday word.
const NO_PAPER: &str = "By definition; no paper.";

/// Every file opens with its source (a year at least), or says that there is none, and each model and parameter has a line that says what it is.
#[test]
fn every_file_names_its_source_and_says_what_is_what() {
    let library = root().join("stdlib");
    let mut off = Vec::new();
    for path in files(&library, "bp").into_iter().filter(|path| !path.starts_with(library.join("demos"))) {
        let name = path.strip_prefix(&library).expect("a file of std").display().to_string();
        let text = fs::read_to_string(&path).expect("text");
        let head: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let year = |word: &str| word.len() == 4 && word.parse().is_ok_and(|year: u32| (1500..2100).contains(&year));
        let sourced = head.iter().copied().flat_map(words).any(year);
        if sourced == head.iter().any(|line| line.contains(NO_PAPER)) {
            off.push(format!("{name} names a source, or says `{NO_PAPER}`: either"));
        }
        let mut before = "";
        for line in text.lines() {
            let parameter = line.trim_start().starts_with("param ");
            if (parameter || !declared(line).is_empty()) && !before.trim_start().starts_with("///") {
                off.push(format!("{name}: `{}` has no line that says what it is", line.trim()));
            }
            before = line;
        }
    }
    assert!(off.is_empty(), "{off:#?}");
}

/// Two spikes at 5 and 8 ms onto a neuron that sums up what flows into it.
fn onto_sum(synapse: &str, receptor: &str, members: &str, record: &str) -> String {
    format!(
        "use std::synapses::Exponential
use std::receptors::Conductance
{}neuron Sum {{ input I : pA  state q : pA*ms = 0 pA*ms  {members}  q' = I }}
network Net {{
    population A : Source
    population B : Sum
    project p: A -> B {{ connect all_to_all  WEIGHT  synapse {synapse}  receptor {receptor} }}
}}
simulate Net {{ dt 0.1 ms  duration 40 ms  seed 1  record B.q{record} }}
",
        train("Source", &[5.0, 8.0], "")
    )
}

/// The sum over both spikes of what each does.
fn both(t: f64, of: impl Fn(f64) -> f64) -> f64 {
    [5.0, 8.0].into_iter().filter(|spike| t - spike > 1e-9).map(|spike| of(t - spike)).sum()
}

/// I = g (E - V) at a potential that stands still.
#[test]
fn conductance_is_driven_by_the_distance_to_its_reversal_potential() {
    for (v, e) in [(-65.0, 0.0), (-65.0, -80.0), (-40.0, -40.0)] {
        let receptor = format!("Conductance {{ E = {e:?} mV }}");
        let members = format!("state V : mV = {v:?} mV");
        let source = onto_sum("Exponential { tau = 4 ms }", &receptor, &members, ", p.g")
            .replace("B : Sum", "B : Sum method dormand_prince { tolerance = 1e-13 }");
        let run = Run::of(&source.replace("WEIGHT", "weight 2 nS"), 0.1, &[]);
        same("g", &run.values("p.g"), ends(400).map(|t| both(t, |t| 2.0 * (-t / 4.0).exp())));
        let charge = |t: f64| 2.0 * (e - v) * 4.0 * -(-t / 4.0).exp_m1();
        if e == v {
            assert!(run.values("B.q").iter().all(|q| *q == 0.0));
        } else {
            same("charge", &run.values("B.q"), ends(400).map(|t| both(t, charge)));
        }
    }
}

/// The membrane of LIF: tau log(I / (I - 15 mV)) to the threshold, then 2 ms. The concentration decays by itself.
#[test]
fn dopamine_lif_fires_as_lif_and_its_dopamine_decays() {
    let source = "use std::neurons::DopamineLIF
network Net { population A : DopamineLIF { tau_d = 30 ms }  init A.d = 2  drive A.I = 25 mV }
simulate Net { dt 0.1 ms  duration 100 ms  seed 1  record A.spikes  record A.V, A.d }
";
    let run = Run::of(source, 0.1, &[]);
    let period = (20.0 * f64::ln(25.0 / 10.0) / 0.1).ceil();
    let wanted: Vec<f64> =
        (0..).map(|k| 0.1 * (period + f64::from(k) * (period + 20.0))).take_while(|t| *t < 100.05).collect();
    let found = run.spike_times("A");
    assert!(wanted.len() > 3 && found.len() == wanted.len(), "{found:?}, not {wanted:?}");
    assert!(found.iter().zip(&wanted).all(|(f, w)| (f - w).abs() < 1e-9), "{found:?}, not {wanted:?}");
    same("d", &run.values("A.d"), ends(1000).map(|t| 2.0 * (-t / 30.0).exp()));
    let before = period as usize - 1;
    let rise = ends(before as u32).map(|t| -65.0 - 25.0 * (-t / 20.0).exp_m1());
    same("V", &run.values("A.V")[..before], rise);
}

/// Without hazard it is a leaky membrane. (That it spikes at the rate of its hazard: `sources`.)
#[test]
fn the_membrane_of_escape_lif_is_leaky() {
    let source = "use std::neurons::EscapeLIF
network Net { population A : EscapeLIF { rho_th = 0 kHz }  init A.V = -60 mV  drive A.I = 12 mV }
simulate Net { dt 0.1 ms  duration 50 ms  seed 1  record A.spikes  record A.V }
";
    let run = Run::of(source, 0.1, &[]);
    assert!(run.spike_times("A").is_empty());
    same("V", &run.values("A.V"), ends(500).map(|t| -53.0 - 7.0 * (-t / 20.0).exp()));
}

/// Each gets the sum of weight times share, as the shares are at the start of the step.
#[test]
fn excitatory_coupling_is_a_weighted_sum() {
    let source = "use std::rates::WilsonCowan
use std::receptors::ExcitatoryCoupling
neuron Sum { input I : 1  state y : ms = 0 ms  y' = I }
network Net {
    population A[3] : WilsonCowan
    population B[2] : Sum
    init A.E = 0.1 + 0.2 * i
    drive A.P = 1.25
    project A -> B { connect all_to_all  weight ~ 1 + 2 * i - 5 * j  receptor ExcitatoryCoupling }
}
simulate Net { dt 0.1 ms  duration 10 ms  seed 1  record A.E, B.y }
";
    let run = Run::of(source, 0.1, &[]);
    let (e, y) = (run.values("A.E"), run.values("B.y"));
    let mut sums = [0.0; 2];
    let mut wanted = Vec::new();
    for step in 0..100 {
        let before = |i: usize| if step == 0 { 0.1 + 0.2 * i as f64 } else { e[3 * (step - 1) + i] };
        for (j, sum) in sums.iter_mut().enumerate() {
            *sum += 0.1 * (0..3).map(|i| (1.0 + 2.0 * i as f64 - 5.0 * j as f64) * before(i)).sum::<f64>();
        }
        wanted.extend(sums);
    }
    same("y", &y, wanted.into_iter());
}

/// What a channel reads of an ion whose concentration does not change: its reversal potential, and its concentration.
#[test]
fn fixed_ions_are_what_channels_read() {
    let source = "use std::channels::IL
use std::ions::{CalciumFixed, SodiumFixed, PotassiumFixed}
channel Reader {
    membrane V : mV
    ion X { E : mV, c : mM }
    output I = 0.1 mS/cm^2 * (1 mM / X.c) * (X.E - V)
}
cell Na { membrane V : mV = 0 mV { capacitance = 1 uF/cm^2 }  ion X : SodiumFixed  channel R : Reader }
cell K { membrane V : mV = 0 mV { capacitance = 1 uF/cm^2 }  ion X : PotassiumFixed  channel R : Reader }
cell Ca { membrane V : mV = 0 mV { capacitance = 1 uF/cm^2 }  ion X : CalciumFixed { c = 2 mM }  channel R : Reader }
cell Leak { membrane V : mV = 0 mV { capacitance = 1 uF/cm^2 }  ion X : PotassiumFixed { E = -81 mV }  channel L : IL { g_max = 0.2 mS/cm^2, E = X.E } }
network Net { population A : Na  population B : K  population C : Ca  population D : Leak }
simulate Net { dt 0.1 ms  duration 30 ms  seed 1  record A.V, B.V, C.V, D.V }
";
    let run = Run::of(source, 0.1, &[]);
    for (state, e, rate) in
        [("A.V", 50.0, 0.1 / 12.0), ("B.V", -95.0, 0.1 / 140.0), ("C.V", 120.0, 0.1 / 2.0), ("D.V", -81.0, 0.2)]
    {
        same(state, &run.values(state), ends(300).map(|t| -e * f64::exp_m1(-rate * t)));
    }
}

/// Neurons that all fire in the first step, and count what comes in the second.
const COUNTERS: &str =
    "use std::connectivity::{within, four_neighbours, eight_neighbours, exponential_decay, mexican_hat, gaussian, power_law_degree}
neuron Unit { state n : 1 = 0  state V : 1 = 0  spike when t < 0.05 ms { V = 1 } }
receptor Count { post n : 1  on spike(w) { n += w } }
";

#[test]
fn neighbours_are_those_of_the_lattice() {
    let source = COUNTERS.to_owned()
        + "network Net {
    population G[63] : Unit at grid(rows = 7, columns = 9, spacing = 20 um)
    population T[63] : Unit at torus(rows = 7, columns = 9, spacing = 20 um)
    population G8[63] : Unit at grid(rows = 7, columns = 9, spacing = 20 um)
    population T8[63] : Unit at torus(rows = 7, columns = 9, spacing = 20 um)
    population W[63] : Unit at torus(rows = 7, columns = 9, spacing = 20 um)
    project G -> G { connect where(four_neighbours(distance, 20 um))  weight 1  receptor Count }
    project T -> T { connect where(four_neighbours(distance, 20 um))  weight 1  receptor Count }
    project G8 -> G8 { connect where(eight_neighbours(distance, 20 um))  weight 1  receptor Count }
    project T8 -> T8 { connect where(eight_neighbours(distance, 20 um))  weight 1  receptor Count }
    project W -> W { connect where(within(distance, 40 um))  weight 1  receptor Count }
}
simulate Net { dt 0.1 ms  duration 0.2 ms  seed 1  record G.n, T.n, G8.n, T8.n, W.n every 0.2 ms }
";
    let run = Run::of(&source, 0.1, &[]);
    // On a plane those at an edge have fewer.
    let inside = |i: usize| {
        let (row, column) = (i / 9, i % 9);
        let reach = |at: usize, last: usize| if at == 0 || at == last { 2.0 } else { 3.0 };
        (reach(row, 6), reach(column, 8))
    };
    same("grid, 4", &run.values("G.n"), (0..63).map(|i| inside(i).0 + inside(i).1 - 2.0));
    same("grid, 8", &run.values("G8.n"), (0..63).map(|i| inside(i).0 * inside(i).1 - 1.0));
    for (name, wanted) in [("T.n", 4.0), ("T8.n", 8.0), ("W.n", 12.0)] {
        assert!(run.values(name).iter().all(|n| *n == wanted), "{name}: {:?}", run.values(name));
    }
}

#[test]
fn profiles_are_their_formulas() {
    let source = COUNTERS.to_owned()
        + "network Net {
    population S : Unit at position(x = 0 um)
    population A[20] : Unit at line(spacing = 7 um)
    population B[20] : Unit at line(spacing = 7 um)
    population C[20] : Unit at line(spacing = 7 um)
    project S -> A { connect all_to_all  weight ~ exponential_decay(distance, 30 um)  receptor Count }
    project S -> B { connect all_to_all  weight ~ mexican_hat(distance, 20 um, 50 um, 0.4)  receptor Count }
    project S -> C { connect all_to_all  weight ~ gaussian(distance, 45 um)  receptor Count }
}
simulate Net { dt 0.1 ms  duration 0.2 ms  seed 1  record A.n, B.n, C.n every 0.2 ms }
";
    let run = Run::of(&source, 0.1, &[]);
    let bell = |d: f64, s: f64| (-d * d / (2.0 * s * s)).exp();
    let at = |i: u32| 7.0 * f64::from(i);
    same("exponential", &run.values("A.n"), (0..20).map(|i| (-at(i) / 30.0).exp()));
    same("hat", &run.values("B.n"), (0..20).map(|i| bell(at(i), 20.0) - 0.4 * bell(at(i), 50.0)));
    same("bell", &run.values("C.n"), (0..20).map(|i| bell(at(i), 45.0)));
}

/// Each neuron has about the degree that it is to have (sums of independent trials; five standard deviations), and there
/// are hubs far beyond what one probability for all gives.
#[test]
fn degrees_follow_a_power_law() {
    let source = COUNTERS.to_owned()
        + "network Net(n: count = 2000, k = 20, gamma = 3.2) {
    population A[n] : Unit
    project A -> A {
        connect probability(
            min(1, power_law_degree(i, n, k, gamma) * power_law_degree(j, n, k, gamma) / (n * k)))
        weight 1
        receptor Count
    }
}
simulate Net { dt 0.1 ms  duration 0.2 ms  seed 5  record A.n every 0.2 ms }
";
    let found = Run::of(&source, 0.1, &[]).values("A.n");
    let (n, k, a) = (2000.0, 20.0, 1.0 / 2.2);
    let degree = |i: usize| k * (1.0 - a) * ((i as f64 + 1.0) / n).powf(-a);
    let sizes: Vec<f64> = (0..2000).map(degree).collect();
    for (j, found) in found.iter().enumerate() {
        let probabilities = sizes.iter().map(|degree| f64::min(1.0, degree * sizes[j] / (n * k)));
        let (mean, variance) = probabilities.fold((0.0, 0.0), |(m, v), p| (m + p, v + p * (1.0 - p)));
        assert!((found - mean).abs() < 5.0 * f64::sqrt(variance), "neuron {j}: {found}, not {mean}");
    }
    let mean = found.iter().sum::<f64>() / n;
    assert!((mean - k).abs() < 1.0, "{mean}");
    // Of a power law, log(degree) exceeds its least by 1 / (gamma - 1) in the mean (Hill 1975); noise is small at 20 and more.
    let large: Vec<f64> = found.iter().copied().filter(|degree| *degree >= 20.0).collect();
    let hill = large.iter().map(|degree| (degree / 19.5).ln()).sum::<f64>() / large.len() as f64;
    println!("mean degree {mean:.2}, Hill estimate of the exponent {:.2} from {}", 1.0 + 1.0 / hill, large.len());
    assert!((hill - a).abs() < 0.1, "{hill}, not {a}");
}
