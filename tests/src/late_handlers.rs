//! Handlers that act later than the spike (`on pre after D`) against a simulation of every synapse, step by step, that is
//! written out here; and the calcium rule, which needs them, against an accurate solution.

use crate::bpc::{bpc, text};
use crate::spike_trains::{Run, train};
use crate::statistics::array;

const DT: f64 = 0.1;

/// A rule with handlers at five times, which read and change what the others do.
const LATE: &str = "plasticity Late {
    weight w
    param D : ms, E : ms
    state x, y, c : 1 = 0
    x' = -x / 20 ms
    y' = -y / 30 ms
    c' = -c / 15 ms
    on pre { w += 0.01 * c  x += 1 }
    on pre after D { c = 0.9 * c + 0.3 * x  w -= 0.002 * y }
    on pre after 2 * D { c += 0.1 * w }
    on post { w += 0.003 * x  y += 1 }
    on post after E { c *= 0.8  w += 0.001 * y }
}
receptor Sum { post v : 1  on spike(w) { v += w } }
neuron Fires {
    param start : ms, period : ms
    state left : ms = start
    state v : 1 = 0
    left' = -1
    spike when left < dt / 2 { left += period }
}
";

/// Three sources and four targets; what stands for the delays of the targets' spikes, and how late the handlers are, in ms.
fn several(post: &str, (late, later): (f64, f64)) -> String {
    format!(
        "{LATE}network Net {{
    population A[3] : Fires {{ start = 4 ms + 1.5 ms * i, period = 11 ms + 2 ms * i }}
    population B[4] : Fires {{ start = 6 ms + 0.7 ms * i, period = 13 ms - 1 ms * i }}
    project p: A -> B {{
        connect all_to_all
        weight 0.5
        delay ~ 0.4 ms + 0.3 ms * j
        {post}
        plasticity Late {{ D = {late:?} ms, E = {later:?} ms }}
        receptor Sum
    }}
}}
simulate Net {{ dt 0.1 ms  duration 150 ms  record p.weight, p.c }}
"
    )
}

/// The steps at whose ends a neuron of `Fires` spikes.
fn fires(start: f64, period: f64) -> Vec<i64> {
    let step = |k: u32| ((start + period * f64::from(k)) / DT).round() as i64 - 1;
    (0..).map(step).take_while(|s| *s < 1500).collect()
}

/// Weight and calcium of a synapse at the end of each step. `delays`: of the source's spikes and of the target's, in steps.
fn synapse(pre: &[i64], post: &[i64], delays: (i64, i64), late: (i64, i64)) -> Vec<(f64, f64)> {
    let decay = |tau: f64| (-DT / tau).exp();
    let (mut w, mut x, mut y, mut c) = (0.5_f64, 0.0_f64, 0.0_f64, 0.0_f64);
    let mut all = Vec::new();
    for step in 0..1500 {
        let arrives = |after: i64| pre.contains(&(step - delays.0 - after));
        let responds = |after: i64| post.contains(&(step - delays.1 - after));
        if arrives(0) {
            (w, x) = (w + 0.01 * c, x + 1.0);
        }
        if arrives(late.0) {
            (c, w) = (0.9 * c + 0.3 * x, w - 0.002 * y);
        }
        if arrives(2 * late.0) {
            c += 0.1 * w;
        }
        if responds(0) {
            (w, y) = (w + 0.003 * x, y + 1.0);
        }
        if responds(late.1) {
            (c, w) = (c * 0.8, w + 0.001 * y);
        }
        (x, y, c) = (x * decay(20.0), y * decay(30.0), c * decay(15.0));
        all.push((w, c));
    }
    all
}

/// Source, target and delay in steps of every synapse of `p`.
fn connections(run: &Run) -> Vec<(u32, u32, u32)> {
    let list = |what: &str| -> Vec<u32> { array(&run.path().join("connections.npz"), &format!("p_{what}")) };
    let (sources, targets, delays) = (list("source"), list("target"), list("delay_steps"));
    sources.into_iter().zip(targets).zip(delays).map(|((s, t), d)| (s, t, d)).collect()
}

/// Fails unless every synapse does what is written out above; `back` is the delay of the target's spikes in steps.
#[track_caller]
fn follows(
    source: &str,
    late: (f64, f64),
    back: impl Fn(u32, u32) -> i64,
    (options, tolerance): (&[&str], f64),
) -> Run {
    let run = Run::of(source, DT, options);
    let (weights, calcium) = (run.values("p.weight"), run.values("p.c"));
    let synapses = connections(&run);
    assert_eq!((synapses.len(), weights.len()), (12, 12 * 1500));
    let steps = |time: f64| (time / DT).round() as i64;
    for (n, &(source, target, delay)) in synapses.iter().enumerate() {
        let (i, j) = (f64::from(source), f64::from(target));
        let (pre, post) = (fires(4.0 + 1.5 * i, 11.0 + 2.0 * i), fires(6.0 + 0.7 * j, 13.0 - j));
        let delays = (i64::from(delay), back(source, target));
        for (step, (w, c)) in synapse(&pre, &post, delays, (steps(late.0), steps(late.1))).into_iter().enumerate() {
            let found = (weights[step * 12 + n], calcium[step * 12 + n]);
            let error = (found.0 - w).abs().max((found.1 - c).abs());
            assert!(error < tolerance, "{late:?} {options:?}, synapse {n}, step {step}: {found:?}, not {:?}", (w, c));
        }
    }
    run
}

const PLAIN: (&[&str], f64) = (&["--threads", "1"], 1e-12);

/// Handlers of both kinds of spikes, in the order of how late they are; also where several are due in one step.
#[test]
fn handlers_act_when_they_are_due() {
    for late in [(2.5, 1.2), (0.1, 0.1), (11.0, 13.0), (5.5, 10.0), (40.0, 0.0)] {
        follows(&several("post_delay 0.3 ms", late), late, |_, _| 3, PLAIN);
    }
}

/// With delays of the target's spikes of each synapse, for any number of threads, in both precisions.
#[test]
fn each_synapse_has_its_own_delays_besides() {
    let late = (3.3, 4.7);
    let source = several("post_delay ~ 0.7 ms + 1.3 ms * j + 0.4 ms * i", late);
    let back = |i: u32, j: u32| 7 + 13 * i64::from(j) + 4 * i64::from(i);
    let runs: Vec<Vec<f64>> = [PLAIN, (&["--threads", "4"], 1e-12), (&["--precision", "f32"], 1e-4)]
        .into_iter()
        .map(|how| follows(&source, late, back, how).values("p.weight"))
        .collect();
    assert!(runs[0] == runs[1], "results depend on threads");
}

/// `after 0 ms` is no time.
#[test]
fn what_is_not_late_acts_with_the_rest() {
    let now = several("", (2.5, 1.2)).replace("on pre after D", "on pre").replace("on post after E", "on post");
    let zero = several("", (2.5, 1.2)).replace("on pre after D", "on pre after 0 ms").replace("after E", "after 0 * E");
    let unused = |source: &str| source.replace("param D : ms, E : ms", "param D : ms, E : ms\n    let unused = E");
    let [now, zero] = [now, zero].map(|source| Run::of(&unused(&source), DT, &[]).values("p.weight"));
    assert!(now == zero && now != Run::of(&several("", (2.5, 1.2)), DT, &[]).values("p.weight"));
}

/// Projections that share code, each with its own times.
#[test]
fn projections_that_share_code_have_their_own() {
    let mut source = several("post_delay 0.3 ms", (2.5, 1.2));
    for (from, to) in [
        ("network Net {", "network Part(late = 1 ms, later = 1 ms) {"),
        ("{ D = 2.5 ms, E = 1.2 ms }", "{ D = late, E = later }"),
        (
            "simulate Net { dt 0.1 ms  duration 150 ms  record p.weight, p.c }",
            "network Net { instance part[k in 0..9] : Part(late = 0.7 ms * k, later = 0.1 ms + 0.4 ms * k) }\nsimulate Net { dt \
             0.1 ms  duration 150 ms  record part[0..9].p.weight }",
        ),
    ] {
        assert!(source.contains(from), "{source}");
        source = source.replace(from, to);
    }
    let together = Run::of(&source, DT, &[]);
    for k in 0..9_u32 {
        let late = (0.7 * f64::from(k), 0.1 + 0.4 * f64::from(k));
        let alone = Run::of(&several("post_delay 0.3 ms", late), DT, &[]);
        assert!(together.values(&format!("part[{k}].p.weight")) == alone.values("p.weight"), "{k}");
    }
}

/// What adds up at the target does so for late handlers too, and a delay that is longer by as much has the same bits.
#[test]
fn a_late_handler_alone_is_a_longer_delay() {
    let run = |delay: &str, late: &str| {
        let source = format!(
            "use std::receptors::Current
synapse Both {{
    param tau = 5 ms, D : ms
    state g : unit(w) = 0
    g' = -g / tau
    on spike(w) {late} {{ g += w }}
    output g
}}
receptor Jump {{ param D : ms  post u : mV  let unused = D  on spike(w) {late} {{ u += 2 * w }} }}
neuron Leaky {{
    input I : mV
    state V, u : mV = 0 mV
    V' = (I - V) / 10 ms
    u' = -u / 7 ms
    spike when V > 5 mV {{ V = 0 mV }}
}}
network Net {{
    population A[30] : Leaky
    population B[20] : Leaky
    drive A.I = 8 mV + 0.2 mV * sin(t / 3 ms)
    init A.V = 0.15 mV * i
    project one: A -> B {{ connect fixed_probability(0.3)  weight ~ uniform(0 mV, 1 mV)  delay ~ {delay} + 0.1 ms * floor(j / 5)  synapse \
             Both {{ D = 1.7 ms }}  receptor Current }}
    project two: A -> B {{ connect fixed_probability(0.3)  weight 0.1 mV  delay {delay}  receptor Jump {{ D = 1.7 ms }} }}
}}
simulate Net {{ dt 0.1 ms  duration 100 ms  seed 7  record one.g, B.u, B.V }}
"
        )
        .replace("tau = 5 ms, D : ms", if late.is_empty() { "tau = 5 ms, D : ms\n    let unused = D" } else { "tau = 5 ms, D : ms" })
        .replace("  let unused = D  on", if late.is_empty() { "  let unused = D  on" } else { "  on" });
        let run = Run::of(&source, DT, &[]);
        [run.values("one.g"), run.values("B.u"), run.values("B.V")]
    };
    let (late, long) = (run("0.5 ms", "after D"), run("2.2 ms", ""));
    assert_eq!(late[0].len(), 20 * 1000, "a sum for each target");
    assert!(late == long && late != run("0.5 ms", ""));
    assert!(late.iter().all(|values| values.iter().any(|v| *v != 0.0)), "nothing happens");
}

/// The plan tells of rules that act together, also late.
#[test]
fn the_order_of_late_rules_is_told() {
    let source = "receptor Sum { post v : 1  on spike(w) { v += w } }
neuron Fires { state left : ms = 5 ms  state v : 1 = 0  left' = -1  spike when left < dt / 2 { left += 10 ms } }
plasticity Up { weight w  on pre after 2 ms { w += 0.1 } }
plasticity Copy { weight w  state c : 1 = 0  on pre after 2 ms { c = w }  on pre after 3 ms { w += 0.01 } }
network Net {
    population A : Fires
    population B : Fires
    project p: A -> B { connect one_to_one  weight 0.5  plasticity Up  plasticity Copy  receptor Sum }
}
simulate Net { dt 0.1 ms  duration 20 ms  record p.Copy.c, p.weight }
";
    let run = Run::of(source, DT, &[]);
    let (c, w) = (run.values("p.Copy.c"), run.values("p.weight"));
    // The first spike arrives when the step that begins at 5 ms does.
    let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
    assert!(c[69] == 0.0 && close(c[70], 0.6) && close(c[80], 0.6) && close(c[170], 0.71), "{:?}", (c[70], c[170]));
    assert!(w[69] == 0.5 && close(w[70], 0.6) && close(w[80], 0.61) && close(w[199], 0.72), "{:?}", (w[80], w[199]));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("net.bp");
    std::fs::write(&file, source).expect("written");
    let plan = String::from_utf8(bpc(&["explain-plan", &text(&file)]).stdout).expect("text");
    let told = "at a spike of the source 20 steps before Up acts before Copy, as written, which matters: Copy reads the weight, \
                which Up changes";
    assert!(plan.contains(told), "{plan}");
}

/// Calcium of a synapse at a time, of spikes at `pre` (which act `late` later) and `post`.
fn calcium(t: f64, (pre, post): (&[f64], &[f64]), late: f64, (c_pre, c_post): (f64, f64), tau: f64) -> f64 {
    let sum = |times: &[f64], late: f64| -> f64 {
        times.iter().map(|s| s + late).filter(|s| *s <= t + 1e-9).map(|s| ((s - t) / tau).exp()).sum()
    };
    c_pre * sum(pre, late) + c_post * sum(post, 0.0)
}

/// Pairs with several distances, between the parameters of the DP curve and those of hippocampal slices. Calcium is a closed
/// form; efficacy is solved in small steps, and the step's error is in the times at which thresholds are passed.
#[test]
fn the_calcium_rule_follows_its_equations() {
    const FINE: u32 = 200;
    let slices = "tau_Ca = 48.8 ms, C_pre = 1, C_post = 0.275865, gamma_d = 313.0965, gamma_p = 1645.59, tau = 688.355 s, D = 18.8 ms, b \
                  = 5.28145";
    let dp = [20.0, 1.0, 2.0, 200.0, 321.808, 150e3, 13.7, 5.0];
    let hippocampal = [48.8, 1.0, 0.275865, 313.0965, 1645.59, 688.355e3, 18.8, 5.28145];
    for (written, [tau_ca, c_pre, c_post, gamma_d, gamma_p, tau, late, b]) in [("", dp), (slices, hippocampal)] {
        for (distance, start) in [(-30.0, 0.5), (10.0, 0.3), (25.0, 0.9)] {
            let pre: Vec<f64> = (0..4).map(|k| 40.0 + 70.0 * f64::from(k)).collect();
            let post: Vec<f64> = pre.iter().map(|t| t + distance).collect();
            let comma = if written.is_empty() { "" } else { ", " };
            let source = format!(
                "use std::plasticity::CalciumSTDP\nreceptor Sum {{ post v : 1  on spike(w) {{ v += w }} }}\n{}{}network Net {{
    population A : Pre
    population B : Post
    project p: A -> B {{ connect one_to_one  weight 2  plasticity CalciumSTDP {{ rho_start = {start:?}{comma}{written} }}  receptor Sum }}
}}
simulate Net {{ dt 0.1 ms  duration 350 ms  record p.c, p.rho, B.v }}
",
                train("Pre", &pre, ""),
                train("Post", &post, "state v : 1 = 0")
            );
            for (dt, tolerance) in [(0.1, 1.5e-2), (0.02, 2e-3)] {
                let run = Run::of(&source, dt, &[]);
                let (c, rho, v) = (run.values("p.c"), run.values("p.rho"), run.values("B.v"));
                let at = |t: f64| calcium(t, (&pre, &post), late, (c_pre, c_post), tau_ca);
                let rate = |r: f64, c: f64| {
                    let up = if c > 1.3 { gamma_p } else { 0.0 };
                    let down = if c > 1.0 { gamma_d } else { 0.0 };
                    (-r * (1.0 - r) * (0.5 - r) + up * (1.0 - r) - down * r) / tau
                };
                let mut worst = 0.0;
                let (mut r, mut least, mut most) = (start, start, start);
                let mut sent = 0.0;
                for step in 0..c.len() {
                    let begin = dt * step as f64;
                    if pre.iter().any(|t| (t - begin).abs() < dt / 2.0) {
                        // What arrives is made of the efficacy before.
                        let before = if step == 0 { start } else { rho[step - 1] };
                        sent += 2.0 * (1.0 + (b - 1.0) * before);
                    }
                    let h = dt / f64::from(FINE);
                    for k in 0..FINE {
                        r += h * rate(r, at(begin + h * (f64::from(k) + 0.5)));
                    }
                    (least, most) = (f64::min(least, r), f64::max(most, r));
                    // At the end of a step spikes of that time are still to come.
                    let exact = at(begin + dt - 1e-6) * (-1e-6_f64 / tau_ca).exp();
                    assert!((c[step] - exact).abs() < 1e-11, "{dt}: calcium {} at {begin} ms, not {exact}", c[step]);
                    worst = f64::max(worst, (rho[step] - r).abs());
                    assert!(
                        (v[step] - sent).abs() < 1e-12,
                        "what is transmitted: {} at {begin} ms, not {sent}",
                        v[step]
                    );
                }
                assert!(most - least > 4e-3, "{written} {distance}: {least} to {most}: nothing happens");
                let error = worst / (most - least);
                assert!(error < tolerance, "{written} {distance} {dt}: {error}");
            }
        }
    }
}

/// Efficacies of many synapses with calcium above both thresholds: a process with a mean and a variance that are known. Where
/// calcium is below them there is no noise.
#[test]
fn noise_of_the_calcium_rule_has_its_variance() {
    let source = format!(
        "use std::plasticity::NoisyCalciumSTDP\nreceptor Sum {{ post v : 1  on spike(w) {{ v += w }} }}\n{}neuron Still {{ state v : 1 = 0 }}
network Net {{
    population A[20] : Pre
    population B[20] : Still
    project p: A -> B {{
        connect all_to_all
        weight 1
        plasticity NoisyCalciumSTDP {{ rho_start = 0.5, C_pre = 10, tau_Ca = 1e6 ms, D = 50 ms }}
        receptor Sum
    }}
}}
simulate Net {{ dt 1 ms  duration 3 s  seed 3  record p.rho every 50 ms }}
",
        train("Pre", &[50.0], "")
    );
    let rho = Run::of(&source, 1.0, &[]).values("p.rho");
    assert_eq!(rho.len(), 60 * 400);
    assert!(rho[..800].iter().all(|r| *r == 0.5), "noise without calcium");
    let last = &rho[59 * 400..];
    let mean = last.iter().sum::<f64>() / 400.0;
    let variance = last.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / 400.0;
    let rates = 200.0 + 321.808;
    let (wanted, spread) = (321.808 / rates, 2.8284_f64.powi(2) / rates);
    // Four standard errors of 400 independent values.
    assert!((mean - wanted).abs() < 4.0 * (spread / 400.0).sqrt(), "{mean}, not {wanted}");
    assert!((variance / spread - 1.0).abs() < 4.0 * (2.0_f64 / 400.0).sqrt(), "{variance}, not {spread}");
}
