//! Kinetics of `std` that add up, against closed forms: a rise and a decay whose time constants are far apart, close and equal.

use crate::bpc::{bpc, text};
use crate::spike_trains::Run;

/// Spikes of the source, in ms.
const SPIKES: [f64; 2] = [5.0, 8.0];

/// Steps of 0.1 ms.
const STEPS: u32 = 600;

/// What one spike gives at a time behind it, with its peak at 1: exp(-t / decay) (1 - exp(-x t)) / x with
/// x = 1 / rise - 1 / decay, in which nothing cancels; t exp(-t / decay) at x = 0.
struct Shape {
    decay: f64,
    x: f64,
    top: f64,
}

impl Shape {
    fn new(first: f64, second: f64) -> Shape {
        // The same in either order.
        let (rise, decay) = (first.min(second), first.max(second));
        let x = (decay - rise) / (rise * decay);
        let top = if rise == decay { rise } else { ((decay - rise) / rise).ln_1p() / x };
        Shape { decay, x, top }
    }

    fn unscaled(&self, t: f64) -> f64 {
        let rising = if self.x == 0.0 { t } else { -(-self.x * t).exp_m1() / self.x };
        (-t / self.decay).exp() * rising
    }

    fn at(&self, t: f64) -> f64 {
        if t <= 1e-9 { 0.0 } else { self.unscaled(t) / self.unscaled(self.top) }
    }

    /// From the spike on, without an end.
    fn area(&self) -> f64 {
        let rise = self.decay / (1.0 + self.x * self.decay);
        rise * self.decay / self.unscaled(self.top)
    }
}

fn ends() -> impl Iterator<Item = f64> {
    (1..=STEPS).map(|step| 0.1 * f64::from(step))
}

/// How far samples are from a function of time, at most; something must happen.
#[track_caller]
fn distance(found: &[f64], wanted: impl Fn(f64) -> f64) -> f64 {
    assert_eq!(found.len(), STEPS as usize);
    assert!(found.iter().any(|value| *value > 0.1), "nothing happens: {found:?}");
    let errors = found.iter().zip(ends()).map(|(found, t)| (found - wanted(t)).abs());
    errors.fold(0.0, |a, b| if b.is_nan() || b > a { b } else { a })
}

/// Pairs of time constants (ms), with names of their projections.
const PAIRS: [(&str, f64, f64); 9] = [
    ("ordinary", 1.0, 5.0),
    ("odd", 0.7, 6.0),
    ("swapped", 6.0, 0.7),
    ("close", 5.0, 5.0001),
    ("closer", 5.0, 5.000_000_000_1),
    ("below", 5.0001, 5.0),
    ("equal", 5.0, 5.0),
    ("far", 0.01, 40.0),
    ("turned", 40.0, 0.01),
];

/// One spike reaches its weight of 3 pA, whatever the time constants, in both precisions.
#[test]
fn dual_exponential_is_its_closed_form() {
    let mut source = format!(
        "use std::synapses::DualExponential
use std::receptors::Current
neuron Sum {{ input I : pA  state q : pA*ms = 0 pA*ms  q' = I }}
network Net {{
    population A : spikes {{ [{:?} ms, {:?} ms] }}
",
        SPIKES[0], SPIKES[1]
    );
    let mut records = String::new();
    for (name, rise, decay) in PAIRS {
        source += &format!(
            "    population Q_{name} : Sum
    project {name}: A -> Q_{name} {{
        connect all_to_all  weight 3 pA  receptor Current
        synapse DualExponential {{ tau_rise = {rise:?} ms, tau_decay = {decay:?} ms }}
    }}
"
        );
        records += &format!("  record {name}.g, Q_{name}.q");
    }
    source += &format!("}}\nsimulate Net {{ dt 0.1 ms  duration 60 ms  seed 1 {records} }}\n");
    let mut off = Vec::new();
    for (precision, most) in [("f64", 3e-13), ("f32", 1e-5)] {
        let run = Run::of(&source, 0.1, &["--precision", precision]);
        for (name, rise, decay) in PAIRS {
            let shape = Shape::new(rise, decay);
            let wanted = |t: f64| 3.0 * SPIKES.iter().map(|spike| shape.at(t - spike)).sum::<f64>();
            let error = distance(&run.values(&format!("{name}.g")), wanted) / 3.0;
            println!("{precision}, {name}: off by {error:.2e} of the weight");
            if error.is_nan() || error > most {
                off.push(format!("{precision}, {name}: {error:e} of the weight"));
            }
            // What flows into the target is all of it: its integral, from 5 ms on, of what has faded by then.
            if name != "turned" && name != "far" && decay.max(rise) < 5.5 {
                let charge = run.values(&format!("Q_{name}.q"))[STEPS as usize - 1];
                let whole = 6.0 * shape.area();
                assert!((charge / whole - 1.0).abs() < 1e-3, "{precision}, {name}: {charge}, not {whole}");
            }
        }
    }
    assert!(off.is_empty(), "{off:#?}");
}

/// Charge while it flows, of time constants that are far enough apart for the difference to be one.
#[test]
fn the_charge_of_a_dual_exponential_is_its_integral() {
    let (rise, decay) = (0.7, 6.0);
    let source = "use std::synapses::DualExponential
use std::receptors::Current
neuron Sum { input I : pA  state q : pA*ms = 0 pA*ms  q' = I }
network Net {
    population A : spikes { [5 ms, 8 ms] }
    population B : Sum
    project A -> B {
        connect all_to_all  weight 3 pA  receptor Current  synapse DualExponential { tau_rise = 0.7 ms, tau_decay = 6 ms }
    }
}
simulate Net { dt 0.1 ms  duration 60 ms  seed 1  record B.q }
";
    let run = Run::of(source, 0.1, &[]);
    let shape = Shape::new(rise, decay);
    let scale = 3.0 / shape.unscaled(shape.top) / shape.x;
    let one = |t: f64| if t <= 1e-9 { 0.0 } else { -decay * (-t / decay).exp_m1() + rise * (-t / rise).exp_m1() };
    let error = distance(&run.values("B.q"), |t| scale * SPIKES.iter().map(|spike| one(t - spike)).sum::<f64>());
    assert!(error < 1e-11, "off by {error:e} pA ms");
}

/// The same where each synapse has time constants of its own: its states are integrated without error, also where its two
/// are close or equal. Of the target, the sum of the synapses' states stands still over a step.
#[test]
fn time_constants_of_each_synapse_are_exact() {
    let list =
        |of: fn(&(&str, f64, f64)) -> f64| PAIRS.iter().map(|pair| format!("{:?}", of(pair))).collect::<Vec<_>>();
    let (rise, decay) = (list(|pair| pair.1).join(", "), list(|pair| pair.2).join(", "));
    let source = format!(
        "use std::synapses::{{Alpha, DualExponential, NMDALinear}}
use std::receptors::Current
data rise : ms = [{rise}]
data decay : ms = [{decay}]
neuron Sum {{ input I : pA  state q : pA*ms = 0 pA*ms  q' = I }}
network Net {{
    population A : spikes {{ [5 ms, 8 ms] }}
    population B[{n}] : Sum
    project both: A -> B {{
        connect all_to_all  weight 1 pA  receptor Current
        synapse DualExponential {{ tau_rise = rise[j], tau_decay = decay[j] }}
    }}
    project nmda: A -> B {{
        connect all_to_all  weight 1 pA  receptor Current  synapse NMDALinear {{ tau_rise = rise[j], tau_decay = decay[j] }}
    }}
    project alpha: A -> B {{ connect all_to_all  weight 1 pA  receptor Current  synapse Alpha {{ tau = decay[j] }} }}
}}
simulate Net {{ dt 0.1 ms  duration 60 ms  seed 1  record both.g, nmda.g, alpha.g }}
",
        n = PAIRS.len()
    );
    let told = plan(&source);
    assert!(told.contains("tau_decay: synapse, one for each synapse"), "{told}");
    let mut off = Vec::new();
    // A factor of decay is rounded to f32 (2^-25), in each of 600 steps.
    for (precision, most) in [("f64", 3e-13), ("f32", 3e-5)] {
        let run = Run::of(&source, 0.1, &["--precision", precision]);
        for (kinetics, same) in [("both", false), ("nmda", false), ("alpha", true)] {
            let all = run.values(&format!("{kinetics}.g"));
            for (j, (name, rise, decay)) in PAIRS.into_iter().enumerate() {
                // An alpha function of 0.01 ms is over within a step.
                if same && decay < 0.1 {
                    continue;
                }
                let shape = Shape::new(if same { decay } else { rise }, decay);
                let found: Vec<f64> = all.iter().copied().skip(j).step_by(PAIRS.len()).collect();
                let error = distance(&found, |t| SPIKES.iter().map(|spike| shape.at(t - spike)).sum());
                println!("{precision}, {kinetics}, {name}: off by {error:.2e} of the weight");
                if error.is_nan() || error > most {
                    off.push(format!("{precision}, {kinetics}, {name}: {error:e} of the weight"));
                }
            }
        }
    }
    assert!(off.is_empty(), "{off:#?}");
}

fn plan(source: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("net.bp");
    std::fs::write(&file, source).expect("written");
    let output = bpc(&["explain-plan", &text(&file)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Both kinetics are one pair of states of the target, whatever the number of synapses, exactly integrated, and shared.
#[test]
fn linear_kinetics_are_of_the_target_and_merge() {
    for synapse in ["DualExponential", "NMDALinear"] {
        let source = format!(
            "use std::synapses::{synapse}
use std::receptors::Conductance
neuron Cell {{ input I : pA  state V : mV = -65 mV  V' = (-65 mV - V) / 10 ms + I / 1 nF  spike when V > 0 mV {{ V = -65 mV }} }}
network Net(rise = 2 ms, decay = 80 ms, E = 0 mV) {{
    population A[5] : Cell
    population B[7] : Cell
    project a: A -> B {{
        connect all_to_all  weight 1 nS  synapse {synapse} {{ tau_rise = rise, tau_decay = decay }}
        receptor Conductance {{ E = E }}
    }}
    project b: B -> B {{
        connect all_to_all  weight ~ uniform(0 nS, 1 nS)  delay 2 ms
        synapse {synapse} {{ tau_rise = rise, tau_decay = decay }}
        receptor Conductance {{ E = E }}
    }}
}}
simulate Net {{ dt 0.1 ms  duration 10 ms  seed 1 }}
"
        );
        let told = plan(&source);
        for expected in [
            "aligned:  post",
            "s: target, one for each target neuron: its synapses add up",
            "g: target, one for each target neuron: its synapses add up",
            "merged:   merged with a",
            "a.s: exact",
            "a.g: exact",
        ] {
            assert!(told.contains(expected), "{synapse}: `{expected}` is missing:\n{told}");
        }
    }
}

/// The current of each spike adds up at any rate, through the block of Jahr & Stevens (1990) at a potential that stands
/// still, while what NMDA opens never exceeds all channels. The block is not linear, so that the classical Runge-Kutta step
/// is taken.
#[test]
fn nmda_without_saturation_adds_up_and_with_it_does_not() {
    let network = |period: f64| {
        format!(
            "use std::synapses::{{NMDA, NMDALinear}}
use std::receptors::MagnesiumBlock
use std::neurons::Regular
neuron Held {{ param V_hold = -40 mV  input I : pA  state V : mV = V_hold  state q : pA*ms = 0 pA*ms  q' = I }}
network Net {{
    population P : Regular {{ period = {period:?} ms }}
    population L : Held
    population S : Held
    population U : Held {{ V_hold = 20 mV }}
    project linear: P -> L {{ connect all_to_all  weight 2 nS  synapse NMDALinear  receptor MagnesiumBlock }}
    project block: P -> U {{
        connect all_to_all  weight 2 nS  synapse NMDALinear  receptor MagnesiumBlock {{ E = 5 mV, Mg = 1.2 mM }}
    }}
    project saturates: P -> S {{
        connect all_to_all  weight 2 nS  synapse NMDA {{ tau_rise = 3 ms, tau_decay = 40 ms }}  receptor MagnesiumBlock
    }}
}}
simulate Net {{ dt 0.1 ms  duration 60 ms  seed 1  record linear.g, saturates.s, L.q, S.q, U.q }}
"
        )
    };
    let shape = Shape::new(3.0, 40.0);
    let mut charges = Vec::new();
    for period in [20.0, 5.0, 1.0] {
        for (precision, most) in [("f64", 1e-8), ("f32", 2e-6)] {
            let run = Run::of(&network(period), 0.1, &["--precision", precision]);
            let spikes: Vec<f64> = (1..=60).map(|k| period * f64::from(k)).take_while(|t| *t < 60.0).collect();
            let sum = |t: f64| 2.0 * spikes.iter().map(|spike| shape.at(t - spike)).sum::<f64>();
            let found = run.values("linear.g");
            let error = distance(&found, sum) / found.iter().copied().fold(0.0, f64::max);
            println!("{precision}, a spike every {period} ms: off by {error:.2e} of the peak");
            assert!(error < most, "{precision}, {period} ms: off by {error:e}");
            let last = |state: &str| run.values(state)[STEPS as usize - 1];
            // Blocked at -40 mV, opened and beyond the reversal potential at 20 mV.
            let factor = |v: f64, e: f64, mg: f64| (e - v) / (1.0 + mg / 3.57 * (-0.062 * v).exp());
            let (blocked, open) = (factor(-40.0, 0.0, 1.0), factor(20.0, 5.0, 1.2));
            let ratio = last("U.q") / last("L.q") / (open / blocked);
            assert!((ratio - 1.0).abs() < 10.0 * most, "{precision}, {period} ms: {ratio}");
            if precision == "f64" {
                let charge = integral_of(&shape, &spikes) * 2.0 * blocked;
                let off = (last("L.q") / charge - 1.0).abs();
                assert!(off < 1e-5, "{period} ms: a charge of {}, not {charge}", last("L.q"));
                let share = run.values("saturates.s").into_iter().fold(0.0, f64::max);
                assert!(share > 0.3 && share < 1.0, "{period} ms: {share}");
                charges.push((last("L.q") / spikes.len() as f64, last("S.q") / spikes.len() as f64));
            }
        }
    }
    // Charge a spike: that without saturation depends on how much has flown by the end, that with it falls with the rate.
    let [slow, _, fast] = charges[..] else { panic!("three rates") };
    assert!(fast.1 < 0.2 * slow.1 && fast.0 > 0.7 * slow.0, "{charges:?}");
}

/// Integral of what spikes give until 60 ms (Simpson's rule in each interval of 1 ms, in which no spike begins).
fn integral_of(shape: &Shape, spikes: &[f64]) -> f64 {
    let one = |spike: f64| {
        let pieces = 20 * (60.0 - spike).round() as u32;
        let h = (60.0 - spike) / f64::from(pieces);
        let piece = |k: u32| {
            let t = h * f64::from(k);
            (shape.at(t) + 4.0 * shape.at(t + h / 2.0) + shape.at(t + h)) * h / 6.0
        };
        (0..pieces).map(piece).sum::<f64>()
    };
    spikes.iter().map(|spike| one(*spike)).sum()
}
