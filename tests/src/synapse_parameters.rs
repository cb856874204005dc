//! Parameters with a value for each synapse, initial values of synapses, and what both take from their neurons, against
//! simulations of single synapses that are written out here.

use crate::spike_trains::{Run, Trace, train};
use crate::statistics::array;

/// Source and target of every synapse of a projection.
fn pairs(run: &Run, projection: &str) -> Vec<(usize, usize)> {
    let list = |what: &str| -> Vec<u32> { array(&run.path().join("connections.npz"), &format!("{projection}_{what}")) };
    list("source").into_iter().zip(list("target")).map(|(s, t)| (s as usize, t as usize)).collect()
}

/// Fails unless two lists agree to a relative tolerance.
#[track_caller]
fn close(what: &str, found: &[f64], wanted: &[f64], tolerance: f64) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    for (n, (a, b)) in found.iter().zip(wanted).enumerate() {
        assert!((a - b).abs() <= tolerance * b.abs().max(1e-3), "{what} {n}: {a}, not {b}");
    }
}

const TIMES: [f64; 5] = [2.0, 9.0, 14.0, 40.0, 47.5];

/// Three sources with one train, four targets that sum what arrives; `clauses` of the projection, `records`.
fn released(before: &str, clauses: &str, records: &str) -> String {
    format!(
        "use std::plasticity::TsodyksMarkram
use std::synapses::Exponential
use std::receptors::Current
{before}
receptor Sum {{ post v : 1  on spike(w) {{ v += w }} }}
{}
neuron Sink {{ param gain = 1  input I : 1  state v : 1 = 0  state q : ms = 0 ms  q' = I }}
network Net {{
    population A[3] : Source {{ scale ~ uniform(1, 2) }} at line(spacing = 10 um)
    population B[4] : Sink {{ gain ~ uniform(2, 3) }} at line(spacing = 15 um)
    project p: A -> B {{ connect all_to_all  {clauses} }}
}}
simulate Net {{ dt 0.1 ms  duration 60 ms  seed 3  {records} }}
",
        train("Source", &TIMES, "param scale = 1")
    )
}

/// Short-term plasticity whose parameters differ from synapse to synapse: by index, by distance, by a draw, and one that
/// follows from another.
#[test]
fn release_has_parameters_of_each_synapse() {
    let rule = "plasticity TsodyksMarkram { U ~ 0.1 + 0.1 * i + 0.05 * j + uniform(0, 0.1), tau_rec = 50 ms + 1 ms * \
                distance / 1 um, tau_facil = 20 ms * source.scale }";
    let text = released(
        "",
        &format!("weight 1  {rule}  receptor Sum"),
        "record p.U, p.tau_rec, p.tau_facil, p.u, p.x every 60 ms  record B.v every 60 ms  record A.scale every 60 ms",
    );
    for (options, tolerance) in
        [(&["--threads", "1"][..], 1e-11), (&["--threads", "4"], 1e-11), (&["--precision", "f32"], 2e-5)]
    {
        let run = Run::of(&text, 0.1, options);
        let [us, xs, big, recovery, facilitation, scale] =
            ["p.u", "p.x", "p.U", "p.tau_rec", "p.tau_facil", "A.scale"].map(|name| run.values(name));
        let mut arrived = [0.0; 4];
        for (n, (i, j)) in pairs(&run, "p").into_iter().enumerate() {
            let low = 0.1 + 0.1 * i as f64 + 0.05 * j as f64;
            assert!((low..low + 0.1).contains(&big[n]), "{}", big[n]);
            let distance = (10.0 * i as f64 - 15.0 * j as f64).abs();
            close("recovery", &[recovery[n], facilitation[n]], &[50.0 + distance, 20.0 * scale[i]], 1e-6);
            let (mut u, mut missing) = (Trace::new(facilitation[n]), Trace::new(recovery[n]));
            for t in TIMES {
                u.add(t, big[n] * (1.0 - u.value(t)));
                let share = u.value(t) * (1.0 - missing.value(t));
                missing.add(t, share);
                arrived[j] += share;
            }
            close("u, x", &[us[n], xs[n]], &[u.value(60.0), 1.0 - missing.value(60.0)], tolerance);
        }
        close("what arrived", &run.values("B.v"), &arrived, tolerance);
    }
}

/// Kinetics and a receptor: linear ones are no sum any more where their time constants differ.
#[test]
fn kinetics_and_receptors_have_parameters_of_each_synapse() {
    let before = "receptor Scaled { param k = 1  input g : unit(w)  output I = k * g }";
    let clauses =
        "weight ~ 1 + i  synapse Exponential { tau ~ max(normal(5 ms, 1 ms), 1 ms) }  receptor Scaled { k = 2 + j }";
    let run = Run::of(&released(before, clauses, "record p.tau, p.k, p.g, B.q every 60 ms"), 0.1, &[]);
    let [taus, ks, gs, qs] = ["p.tau", "p.k", "p.g", "B.q"].map(|name| run.values(name));
    let mut total = [0.0; 4];
    for (n, (i, j)) in pairs(&run, "p").into_iter().enumerate() {
        let w = 1.0 + i as f64;
        assert_eq!(ks[n], 2.0 + j as f64);
        let g: f64 = TIMES.iter().map(|t| w * f64::exp((t - 60.0) / taus[n])).sum();
        close("g", &[gs[n]], &[g], 1e-11);
        // The sum after the spikes of a step flows in it: 0.1 ms times a geometric series.
        let ratio = f64::exp(-0.1 / taus[n]);
        let steps = |t: f64| ((60.0 - t) / 0.1).round() as i32;
        let charge: f64 = TIMES.iter().map(|&t| 0.1 * w * (1.0 - ratio.powi(steps(t))) / (1.0 - ratio)).sum();
        total[j] += ks[n] * charge;
    }
    close("q", &qs, &total, 1e-10);
    let spread = taus.iter().copied().fold(0.0, f64::max) - taus.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(spread > 1.0, "{taus:?}");
}

/// Weights, delays and parameters from parameters of both neurons: those with many values, and those with one.
#[test]
fn values_of_synapses_follow_from_their_neurons() {
    let clauses = "weight ~ source.scale * target.gain + 0.1 * i  delay ~ min(1 ms * source.scale, 5 ms)  plasticity \
                   TsodyksMarkram { U = 1 / (1 + target.gain) }  receptor Sum";
    let text = released("", clauses, "record p.weight, p.U, A.scale, B.gain every 60 ms");
    for (options, tolerance) in [(&[][..], 1e-15), (&["--threads", "3"], 1e-15), (&["--precision", "f32"], 3e-7)] {
        let run = Run::of(&text, 0.1, options);
        let [weights, us, scale, gain] = ["p.weight", "p.U", "A.scale", "B.gain"].map(|name| run.values(name));
        let delays: Vec<u32> = array(&run.path().join("connections.npz"), "p_delay_steps");
        assert!(scale[0] != scale[1] && gain[0] != gain[1]);
        for (n, (i, j)) in pairs(&run, "p").into_iter().enumerate() {
            close("weight", &[weights[n]], &[scale[i] * gain[j] + 0.1 * i as f64], tolerance);
            close("U", &[us[n]], &[1.0 / (1.0 + gain[j])], tolerance);
            assert_eq!(delays[n], (scale[i] * 10.0).round() as u32);
        }
    }
    let same = text.replace("scale ~ uniform(1, 2)", "scale = 1.5").replace("A.scale, ", "");
    let run = Run::of(&same, 0.1, &["--set", "A.scale=1.25"]);
    let (weights, gain) = (run.values("p.weight"), run.values("B.gain"));
    for (n, (i, j)) in pairs(&run, "p").into_iter().enumerate() {
        close("weight", &[weights[n]], &[1.25 * gain[j] + 0.1 * i as f64], 1e-15);
    }
}

/// Initial values know the pair, as weights do; what only the target decides leaves a sum a sum.
#[test]
fn states_start_as_their_synapse_says() {
    let rule = "weight 1  plasticity TsodyksMarkram  synapse Exponential { tau = 5 ms }  receptor Current";
    let init = "\n    init p.u = 0.1 * i + 0.01 * j\n    init p.x = 1 / (1 + distance / 10 um)\n    init p.g = target.gain * j\n}\nsimulate";
    let text = released("", rule, "record p.u, p.x, p.g, B.gain").replace("\n}\nsimulate", init);
    let text = text.replace("duration 60 ms", "duration 1 ms");
    let run = Run::of(&text, 0.1, &[]);
    let [us, xs, gs, gain] = ["p.u", "p.x", "p.g", "B.gain"].map(|name| run.values(name));
    let synapses = pairs(&run, "p");
    for (n, &(i, j)) in synapses.iter().enumerate() {
        let u = 0.1 * i as f64 + 0.01 * j as f64;
        close("u", &[us[n]], &[u * f64::exp(-0.1 / 20.0)], 1e-12);
        let distance = (10.0 * i as f64 - 15.0 * j as f64).abs();
        let missing = 1.0 - 1.0 / (1.0 + distance / 10.0);
        close("x", &[xs[n]], &[1.0 - missing * f64::exp(-0.1 / 800.0)], 1e-12);
        close("g", &[gs[n]], &[gain[j] * j as f64 * f64::exp(-0.1 / 5.0)], 1e-12);
    }
    // One for each target, as long as the target alone decides.
    let text = text.replace("init p.g = target.gain * j", "init p.g = 2 * j");
    let run = Run::of(&text, 0.1, &[]);
    let wanted: Vec<f64> = (0..4).map(|j| 2.0 * f64::from(j) * f64::exp(-0.1 / 5.0)).collect();
    close("sums", &run.values("p.g")[..4], &wanted, 1e-12);
    assert_eq!(run.values("p.g").len(), 40);
}

/// Values of listed connections, by their number and by the matrix that lists them.
#[test]
fn listed_connections_have_values_from_data() {
    let before = "data from_ = [0, 2, 2]\ndata to = [3, 0, 1]\ndata share = [0.2, 0.5, 0.9]\n\
                  data W = [[0, 0.5, 0, 1], [0.25, 0, 0, 0], [0, 0, 2, 0]]";
    let clauses = "weight 1  plasticity TsodyksMarkram { U = share[k] }  receptor Sum";
    let text = released(before, clauses, "record p.U every 60 ms").replace("all_to_all", "pairs(from_, to)");
    assert_eq!(Run::of(&text, 0.1, &[]).values("p.U"), [0.2, 0.5, 0.9]);
    let clauses = "weight ~ W[i, j]  synapse Exponential { tau = 1 ms + 4 ms * W[i, j] }  receptor Current";
    let text = released(before, clauses, "record p.weight, p.tau every 60 ms").replace("all_to_all", "matrix(W)");
    let run = Run::of(&text, 0.1, &[]);
    assert_eq!(run.values("p.weight"), [0.5, 1.0, 0.25, 2.0]);
    close("tau", &run.values("p.tau"), &[3.0, 5.0, 2.0, 9.0], 1e-15);
}

/// Draws are addressed like those of weights: new ones change none that were there.
#[test]
fn draws_of_parameters_have_streams_of_their_own() {
    let of = |parameter: &str, records: &str| {
        let clauses = format!(
            "weight ~ normal(1, 0.1)  delay ~ min(exponential(1 ms), 9 ms)  plasticity TsodyksMarkram {{ {parameter} }}  receptor Sum"
        );
        let text = released("", &clauses, &format!("record p.weight{records} every 60 ms"));
        Run::of(&text.replace("A[3]", "A[30]").replace("B[4]", "B[40]"), 0.1, &[])
    };
    let (without, with) = (of("U = 0.5", ""), of("U ~ normal(0.5, 0.05), tau_rec ~ uniform(100 ms, 900 ms)", ", p.U"));
    let weights = without.values("p.weight");
    assert!(weights == with.values("p.weight") && pairs(&without, "p") == pairs(&with, "p"));
    let drawn = with.values("p.U");
    let mean = drawn.iter().sum::<f64>() / 1200.0;
    let variance = drawn.iter().map(|u| (u - mean).powi(2)).sum::<f64>() / 1199.0;
    assert!((mean - 0.5).abs() < 4.0 * 0.05 / 1200_f64.sqrt(), "{mean}");
    assert!((variance / 0.0025 - 1.0).abs() < 4.0 * (2.0 / 1200_f64).sqrt(), "{variance}");
    let together = drawn.iter().zip(&weights).map(|(u, w)| (u - 0.5) / 0.05 * (w - 1.0) / 0.1).sum::<f64>() / 1200.0;
    assert!(together.abs() < 4.0 / 1200_f64.sqrt(), "draws of weights and parameters go together: {together}");
}

/// Enough projections that they share code.
#[test]
fn projections_that_share_code_read_their_own_neurons() {
    let text = "use std::synapses::Exponential
use std::receptors::Current
neuron Sink { param gain = 1  input I : 1  state q : ms = 0 ms  q' = I }
network Part(low = 1) {
    population A[2] : Sink { gain ~ uniform(low, low + 0.5) }
    population B[3] : Sink { gain = low + 0.1 * i }
    project p: A -> B {
        connect all_to_all
        weight ~ source.gain - target.gain
        synapse Exponential { tau = 1 ms * source.gain + 2 ms * target.gain }
        receptor Current
    }
}
network Net { instance part[k in 0..9] : Part(low = 1 + k) }
simulate Net { dt 0.1 ms  duration 0.1 ms  record part[0..9].p.weight, part[0..9].p.tau, part[0..9].A.gain }
";
    let run = Run::of(text, 0.1, &[]);
    for k in 0..9 {
        let of = |name: &str| run.values(&format!("part[{k}].{name}"));
        let (weights, taus, gain) = (of("p.weight"), of("p.tau"), of("A.gain"));
        for (n, (i, j)) in pairs(&run, &format!("part[{k}].p")).into_iter().enumerate() {
            let target = 1.0 + f64::from(k) + 0.1 * j as f64;
            assert!(
                (weights[n] - (gain[i] - target)).abs() < 1e-13 && (taus[n] - gain[i] - 2.0 * target).abs() < 1e-13
            );
        }
    }
}

/// What models read of a neuron may be called otherwise there, and may be a `let` of the target.
#[test]
fn models_read_neurons_under_other_names() {
    let text = format!(
        "use std::receptors::Delta
use std::plasticity::Clopath
{}
neuron Other {{
    param half = 0.5
    input J : mV
    state u : mV = -60 mV
    state z : 1 = 0
    let depth = half * (u + 60 mV)
    u' = (-60 mV - u + J) / 10 ms
}}
/// Reads a `let` of the target, and of the source
receptor Deep {{ weight w  post depth : mV  pre left as l : ms  output J = w * (depth - 1 mV) + 0 mV/ms * l }}
receptor Twice {{ post a : mV  post b : mV  on spike(w) {{ a += w + 0.1 * b }} }}
network Net {{
    population A : Source
    population B, C, D : Other
    project A -> B {{ connect all_to_all  weight 3 mV  receptor Delta {{ V = u }} }}
    project A -> C {{ connect all_to_all  weight 3 mV  receptor Twice {{ a = u, b = depth }} }}
    project A -> D {{ connect all_to_all  weight 0.5  receptor Deep }}
}}
simulate Net {{ dt 0.1 ms  duration 60 ms  record B.u, C.u, D.u }}
",
        train("Source", &TIMES, "")
    )
    .replace("population B, C, D : Other", "population B : Other\n    population C : Other\n    population D : Other");
    let run = Run::of(&text, 0.1, &[]);
    let decay = f64::exp(-0.1 / 10.0);
    let (mut b, mut c, mut d) = (0.0, 0.0, 0.0);
    let (bs, cs, ds) = (run.values("B.u"), run.values("C.u"), run.values("D.u"));
    for step in 0..600 {
        if TIMES.iter().any(|t| (t / 0.1).round() as usize == step) {
            b += 3.0;
            c += 3.0 + 0.1 * 0.5 * c;
        }
        b *= decay;
        c *= decay;
        // u' = (-u + w (u / 2 - 1)) / tau, linear in u
        d = -0.5 / 0.75 + (d + 0.5 / 0.75) * f64::exp(-0.1 * 0.75 / 10.0);
        close("u", &[bs[step] + 60.0, cs[step] + 60.0, ds[step] + 60.0], &[b, c, d], 1e-9);
    }
}

/// What the target sees of a spike does not depend on where states are kept: it begins in the same step with a sum of the
/// target, a state of the source and a state of each synapse. A state of the target is integrated together with what reads
/// it; the others stand still over a step, so that what they add is a sum of powers.
#[test]
fn a_spike_is_seen_in_the_same_step_wherever_states_are_kept() {
    let (tau, weight, arrives) = (3.0_f64, 2.0, 9 + 7);
    let projections = [
        ("B", "synapse Exponential { tau = 3 ms }"),
        ("C", "synapse Saturating"),
        ("D", "synapse Exponential { tau ~ uniform(3 ms, 3 ms) }"),
        ("E", "synapse Sampled"),
        ("F", "synapse Exponential { tau = 3 ms }  plasticity Growing"),
        ("G", "synapse Exponential { tau ~ uniform(3 ms, 3 ms) }  plasticity Growing"),
    ];
    let mut network = String::new();
    for (target, clauses) in projections {
        network.push_str(&format!(
            "    population {target}[1] : Sink
    project to{target}: A -> {target} {{ connect all_to_all  weight {weight}  delay 0.7 ms  {clauses}  receptor Current }}\n"
        ));
    }
    let text = format!(
        "use std::synapses::Exponential
use std::receptors::Current
synapse Sampled {{ param tau = 3 ms  state g : 1 = 0  every 0.1 ms {{ g = g * exp(-dt / tau) }}  on spike(w) {{ g += w }}  output g }}
synapse Saturating {{ weight w  state s : 1 = 0  s' = -s / 3 ms  on spike {{ s = 1 }}  output g = w * s }}
plasticity Growing {{ weight w  on pre {{ transmit w  w += 1 }} }}
{}
neuron Sink {{ input I : 1  state q : ms = 0 ms  q' = I }}
network Net {{
    population A[1] : Source
{network}}}
simulate Net {{ dt 0.1 ms  duration 10 ms  record B.q, C.q, D.q, E.q, F.q, G.q }}
",
        train("Source", &[1.0], "")
    );
    for (options, tolerance) in [(&["--threads", "1"][..], 1e-12), (&["--precision", "f32"], 1e-5)] {
        let run = Run::of(&text, 0.1, options);
        for (target, _) in projections {
            let wanted = |k: usize| {
                let steps = (k + 1).saturating_sub(arrives) as i32;
                let share = 1.0 - (-0.1 / tau).exp().powi(steps);
                let sum = if matches!(target, "B" | "F") { tau } else { 0.1 / (1.0 - (-0.1 / tau).exp()) };
                weight * sum * share
            };
            let values = run.values(&format!("{target}.q"));
            close(target, &values, &(0..100).map(wanted).collect::<Vec<_>>(), tolerance);
            assert!(values[arrives - 1] == 0.0 && values[arrives] > 0.0, "{target}");
        }
    }
}
