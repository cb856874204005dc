//! Delays of the target's spikes (`post_delay`) against simulations of one synapse, event by event, that are written
//! out here, and against the scheme of simulators with dendritic delays.

use crate::bpc::{bpc, program, run_json, text};
use crate::plasticity::{column, network};
use crate::spike_trains::{Run, Trace, merged, paired_weights};
use crate::statistics::array;
use bpc_core::execute::Session;
use std::process::Command;

const DT: f64 = 0.1;

/// Times at which spikes reach the synapse, as the times of the steps that begin then: a delay of one step is none.
fn arriving(times: &[f64], delay: f64) -> Vec<f64> {
    times.iter().map(|t| ((t + delay - DT) / DT).round() * DT).collect()
}

/// Fails unless the weight after each event is what a second implementation says.
#[track_caller]
fn follows(rule: &str, members: &str, weight: f64, mut reference: impl FnMut(f64, bool) -> f64, delays: (f64, f64)) {
    let (pre, post) = (column("pre_spikes"), column("post_spikes"));
    let (delay, back) = delays;
    let source = network(&pre, &post, members, rule, weight, 1020.0);
    let clause = format!("weight {weight:?}  delay {delay:?} ms  post_delay {back:?} ms");
    let source = source.replace(&format!("weight {weight:?}"), &clause);
    let run = Run::of(&source, DT, &[]);
    let weights = run.values("p.weight");
    let events = merged(&arriving(&pre, delay), &arriving(&post, back));
    for (k, &(t, target)) in events.iter().enumerate() {
        let wanted = reference(t, target);
        // Of spikes that meet, the last one.
        if events.get(k + 1).is_some_and(|next| next.0 <= t) {
            continue;
        }
        let found = run.after(&weights, t);
        assert!((found - wanted).abs() < 1e-12, "{rule} {delays:?}: {found} at {t} ms, not {wanted}");
    }
}

const DELAYS: [(f64, f64); 5] = [(0.1, 0.1), (0.1, 3.7), (2.5, 0.1), (2.5, 5.0), (1.3, 12.0)];

/// All-to-all pairs: the trace of the target's spikes is one for each target.
#[test]
fn pairs_see_the_delay_of_the_targets_spikes() {
    for delays in DELAYS {
        let (mut x, mut y, mut w) = (Trace::new(20.0), Trace::new(20.0), 0.5_f64);
        let reference = |t: f64, target: bool| {
            if target {
                w = (w + 0.03 * x.value(t)).clamp(0.0, 1.0);
                y.add(t, 1.0);
            } else {
                w = (w - 0.02 * y.value(t)).clamp(0.0, 1.0);
                x.add(t, 1.0);
            }
            w
        };
        follows("PairSTDP { A_plus = 0.03, A_minus = 0.02, w_max = 1 }", "", 0.5, reference, delays);
    }
}

/// Steps that depend on the weight, and traces of the nearest spike.
#[test]
fn nearest_neighbours_and_soft_bounds_see_it() {
    for delays in DELAYS {
        let (mut x, mut y, mut w) = (Trace::new(16.8), Trace::new(33.7), 0.5_f64);
        let reference = |t: f64, target: bool| {
            if target {
                w += 0.05 * (1.0 - w) * x.value(t);
                y = Trace::new(33.7);
                y.add(t, 1.0);
            } else {
                w -= 0.04 * w * y.value(t);
                x = Trace::new(16.8);
                x.add(t, 1.0);
            }
            w
        };
        let rule = "NearestSoft { tau_plus = 16.8 ms, tau_minus = 33.7 ms, A_plus = 0.05, A_minus = 0.04 }";
        follows(rule, "", 0.5, reference, delays);
    }
}

/// `on post` reads a trace of the same spikes before it adds to it.
#[test]
fn triplets_see_it() {
    let rule = "TripletSTDP { A2_plus = 0.004, A3_plus = 0.0065, A2_minus = 0.003, A3_minus = 0.002, w_min = -10, w_max \
                = 4 }";
    for delays in DELAYS {
        let [mut r1, mut r2, mut o1, mut o2] = [16.8, 101.0, 33.7, 125.0].map(Trace::new);
        let mut w = 1.0;
        let reference = |t: f64, target: bool| {
            if target {
                w += 4.0 * r1.value(t) * (0.004 + 0.0065 * o2.value(t));
                o1.add(t, 1.0);
                o2.add(t, 1.0);
            } else {
                w -= 4.0 * o1.value(t) * (0.003 + 0.002 * r2.value(t));
                r1.add(t, 1.0);
                r2.add(t, 1.0);
            }
            w
        };
        follows(rule, "", 1.0, reference, delays);
    }
}

/// A purely dendritic delay d, as simulators have it that look up the target's spikes when one of the source comes: at the
/// spike of the source at time t, first all spikes of the target in (last - d, t - d] facilitate, then the trace at t - d
/// depresses. Here that is `delay d` and `post_delay 2 d`.
#[test]
fn a_dendritic_delay_is_a_delay_there_and_twice_back() {
    let (pre, post) = (column("pre_spikes"), column("post_spikes"));
    // Where two spikes meet at the synapse, conventions differ.
    let meet = |d: f64| pre.iter().any(|t| post.iter().any(|s| (s + d - t).abs() < 1e-9));
    let delays: Vec<f64> = (1..80).map(|k| f64::from(k) * DT).filter(|d| !meet(*d)).step_by(4).collect();
    assert!(delays.len() > 4, "{delays:?}");
    for d in delays {
        let rule = "PairSTDP { A_plus = 0.03, A_minus = 0.02, w_min = -9, w_max = 1, tau_plus = 16.8 ms, tau_minus = 33.7 ms }";
        let source = network(&pre, &post, "", rule, 0.5, 1020.0);
        let clause = format!("weight 0.5  delay {d:?} ms  post_delay {:?} ms", 2.0 * d);
        let run = Run::of(&source.replace("weight 0.5", &clause), DT, &[]);
        let weights = run.values("p.weight");
        let (mut w, mut k_plus, mut last) = (0.5_f64, 0.0_f64, f64::NEG_INFINITY);
        for &t in &pre {
            let reach = |time: f64| time + d;
            for &s in post.iter().filter(|s| reach(**s) > last + 1e-9 && reach(**s) <= t + 1e-9) {
                if last > f64::NEG_INFINITY {
                    w = (w + 0.03 * k_plus * f64::exp((last - reach(s)) / 16.8)).min(1.0);
                }
            }
            let k_minus: f64 = post.iter().filter(|s| **s < t - d - 1e-9).map(|s| f64::exp((s + d - t) / 33.7)).sum();
            w = (w - 0.02 * k_minus).max(-9.0);
            k_plus = if last > f64::NEG_INFINITY { k_plus * f64::exp((last - t) / 16.8) } else { 0.0 } + 1.0;
            last = t;
            let found = run.after(&weights, ((t + d - DT) / DT).round() * DT);
            assert!((found - w).abs() < 1e-12, "{d} ms: {found} at {t} ms, not {w}");
        }
    }
}

/// Three sources and four targets with trains of their own; `post` is what stands for the delays of the targets' spikes.
fn several(post: &str) -> String {
    format!(
        "use std::plasticity::PairSTDP
receptor Sum {{ post v : 1  on spike(w) {{ v += w }} }}
neuron Fires {{
    param start : ms, period : ms
    state left : ms = start
    state v : 1 = 0
    left' = -1
    spike when left < dt / 2 {{ left += period }}
}}
network Net {{
    population A[3] : Fires {{ start = 4 ms + 1.5 ms * i, period = 11 ms + 2 ms * i }}
    population B[4] : Fires {{ start = 6 ms + 0.7 ms * i, period = 13 ms - 1 ms * i }}
    project p: A -> B {{
        connect all_to_all
        weight 0.5
        delay ~ 0.4 ms + 0.3 ms * j
        {post}
        plasticity PairSTDP {{ A_plus = 0.03, A_minus = 0.02, w_max = 1 }}
        receptor Sum
    }}
}}
simulate Net {{ dt 0.1 ms  duration 150 ms  record p.weight, A.spikes, B.spikes RECORD }}
"
    )
}

/// Each synapse with its own delay of the target's spikes, for any number of threads, in both precisions.
#[test]
fn every_synapse_may_have_its_own() {
    let back = |i: f64, j: f64| 0.7 + 1.3 * j + 0.46 * i;
    let source = several("post_delay ~ 0.7 ms + 1.3 ms * j + 0.46 ms * i");
    let source = source.replace("RECORD", "  record p.post_delay, p.y every 150 ms");
    let mut all: Vec<Vec<f64>> = Vec::new();
    for (options, tolerance) in
        [(&["--threads", "1"][..], 1e-12), (&["--threads", "3"], 1e-12), (&["--precision", "f32"], 1e-4)]
    {
        let run = Run::of(&source, DT, options);
        let weights = run.values("p.weight");
        let synapses = connections(&run);
        assert_eq!(synapses.len(), 12);
        let own = run.values("p.post_delay");
        assert_eq!(run.values("p.y").len(), 12, "a trace of each synapse");
        for (n, &(source, target, delay)) in synapses.iter().enumerate() {
            let (i, j) = (f64::from(source), f64::from(target));
            assert!((own[n] - back(i, j)).abs() < 1e-6);
            let times = |start: f64, period: f64| -> Vec<f64> {
                let count = ((150.0 - start) / period).floor() as usize;
                (0..=count).map(|k| start + period * k as f64).filter(|t| *t < 150.0).collect()
            };
            let pre = arriving(&times(4.0 + 1.5 * i, 11.0 + 2.0 * i), f64::from(delay) * DT);
            let steps = (back(i, j) / DT + 0.5 + 1e-9).floor();
            let post = arriving(&times(6.0 + 0.7 * j, 13.0 - j), steps * DT);
            for (t, w) in paired_weights(&pre, &post, 149.9) {
                let found = weights[run.steps(t) * 12 + n];
                assert!((found - w).abs() < tolerance, "{options:?}, synapse {n}: {found} at {t} ms, not {w}");
            }
        }
        all.push(weights);
    }
    assert!(all[0] == all[1], "results depend on threads");
}

/// Source, target and delay in steps of every synapse of `p`.
fn connections(run: &Run) -> Vec<(u32, u32, u32)> {
    let list = |what: &str| -> Vec<u32> { array(&run.path().join("connections.npz"), &format!("p_{what}")) };
    let (sources, targets, delays) = (list("source"), list("target"), list("delay_steps"));
    sources.into_iter().zip(targets).zip(delays).map(|((s, t), d)| (s, t, d)).collect()
}

/// One delay for all is the same as the same one for each, but that its trace is one for each target.
#[test]
fn one_for_all_is_as_the_same_for_each() {
    let run = |clause: &str| {
        let run = Run::of(&several(clause).replace("RECORD", "  record p.y every 150 ms"), DT, &[]);
        (run.values("p.weight"), run.values("p.y").len())
    };
    let ((whole, traces), (each, own)) =
        (run("post_delay 2.6 ms"), run("post_delay ~ if i < 5 then 2.6 ms else 3.6 ms"));
    assert_eq!((traces, own), (4, 12));
    let differ = whole.iter().zip(&each).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(differ < 1e-13, "{differ}");
    // What is not said is one step.
    assert!(run("").0 == run("post_delay 0.1 ms").0 && run("").0 != whole);
}

/// Enough projections that they share code: each with its own delay.
#[test]
fn projections_that_share_code_have_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut source = several("post_delay ~ min(back + 0.3 ms * j, 9 ms)");
    for (from, to) in [
        ("network Net {", "network Part(back = 1 ms, one = 1 ms) {"),
        (
            "simulate Net { dt 0.1 ms  duration 150 ms  record p.weight, A.spikes, B.spikes RECORD }",
            "network Net { instance part[k in 0..9] : Part(back = 0.5 ms * k, one = 0.1 ms + 0.4 ms * k) }\nsimulate Net { dt \
             0.1 ms  duration 150 ms  record part[0..9].p.weight, part[0..9].q.weight every 150 ms }",
        ),
    ] {
        assert!(source.contains(from), "{source}");
        source = source.replace(from, to);
    }
    let again = "project q: A -> B { connect all_to_all  weight 0.5  delay 1 ms  post_delay one  plasticity PairSTDP { A_plus \
                 = 0.03, A_minus = 0.02, w_max = 1 }  receptor Sum }\n    project p:";
    let source = source.replace("project p:", again);
    let file = folder.path().join("net.bp");
    std::fs::write(&file, &source).expect("written");
    run_json(&["run", &text(&file), "--out", &text(folder.path())]);
    let weights = |name: &str| -> Vec<f64> { array(&folder.path().join("traces.npz"), name) };
    for k in 0..9 {
        let one = source.replace(
            "part[k in 0..9] : Part(back = 0.5 ms * k, one = 0.1 ms + 0.4 ms * k)",
            &format!("part[1] : Part(back = {:?} ms, one = {:?} ms)", 0.5 * f64::from(k), 0.1 + 0.4 * f64::from(k)),
        );
        let one = Run::of(&one.replace("part[0..9]", "part[0..1]"), DT, &[]);
        for label in ["p", "q"] {
            let (found, wanted) =
                (weights(&format!("part[{k}].{label}.weight")), one.values(&format!("part[0].{label}.weight")));
            assert!(found == wanted, "part {k}, {label}: {found:?}, not {wanted:?}");
        }
    }
}

/// A network that is saved while spikes of targets are under way goes on as one that was not, with another number of
/// threads.
#[test]
fn what_is_under_way_is_saved() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("net.bp");
    for (number, clause) in ["post_delay 7.3 ms", "post_delay ~ 5 ms + 0.9 ms * j + 0.5 ms * i"].into_iter().enumerate()
    {
        std::fs::write(&source, several(clause).replace("RECORD", "")).expect("written");
        let mut command = Command::new(program());
        command.args(["compile", &text(&source), "--kind", "shared", "--precision", "f64", "-o"]);
        let output = command.arg(folder.path()).output().expect("bpc starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // A library that was opened keeps its file.
        let library = folder.path().join(format!("lib{number}.so"));
        std::fs::rename(folder.path().join("libnet.so"), &library).expect("there is one");
        let session = Session::open(&library, "net").expect("opens");
        let mut whole = session.create(1, 1).expect("memory");
        whole.step(700).expect("finite");
        let saved = whole.save().expect("memory");
        whole.step(500).expect("finite");
        let mut later = session.create(1, 3).expect("memory");
        later.load(&saved).expect("its own");
        later.step(500).expect("finite");
        let weights = whole.synapse_state("p.weight").expect("there are some");
        assert!(
            weights == later.synapse_state("p.weight").expect("there are some") && weights.iter().any(|w| *w != 0.5)
        );
    }
}

/// The plan says how late, and whose the trace is.
#[test]
fn the_plan_says_how_late_they_act() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("net.bp");
    for (clause, said) in [
        ("post_delay 2.6 ms", ["act 26 steps later", "y: trace"]),
        ("post_delay ~ min(1 ms + exponential(1 ms), 5 ms)", ["act 1 to 50 steps later", "y: synapse"]),
    ] {
        std::fs::write(&file, several(clause).replace("RECORD", "")).expect("written");
        let output = bpc(&["explain-plan", &text(&file)]);
        let plan = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.iter().all(|text| plan.contains(text)), "{plan}");
    }
}

/// One value that is written as each synapse's is a value of each synapse.
#[test]
fn the_same_for_each_may_be_a_constant() {
    let run = |delay: &str| {
        let source = format!(
            "use std::receptors::Delta
            use std::plasticity::PairSTDP
            neuron N {{ state V : mV = 0 mV  V' = -V / 10 ms  spike when V > 1 mV {{ V = 0 mV }} }}
            network Net {{
                population T[3] : spikes {{ [1 ms, 9 ms], [2 ms, 3.2 ms], [2.5 ms] }}
                population U[2] : N
                project a: T -> U {{
                    connect all_to_all  weight 1.2 mV  {delay}
                    plasticity PairSTDP {{ w_max = 2 mV }}  receptor Delta
                }}
            }}
            simulate Net {{ dt 0.1 ms  duration 20 ms  record a.weight }}"
        );
        Run::of(&source, 0.1, &[]).values("a.weight").to_vec()
    };
    let one = run("post_delay 1.5 ms");
    assert_ne!(one, run(""));
    assert_eq!(one, run("post_delay ~ 1.5 ms"));
    assert_eq!(one, run("post_delay ~ 1.5 ms + 0 ms * j"));
}
