//! `every T`, refractory times from states and draws, and refractory times that a condition prolongs: against the
//! definition, written out step by step.

use crate::spike_trains::Run;

/// Where `every` acts: at the end of the steps whose end is a multiple of the period, in the order of the text, not on
/// what is held.
#[test]
fn every_acts_at_the_end_of_periods() {
    for precision in ["f64", "f32"] {
        let run = Run::of(
            "neuron Periodic {
                param T = 0.5 ms
                state x : 1 = 0
                state y : 1 = 0
                state held : 1 = 0
                state left : ms = 3 ms
                left' = -1
                spike when left <= 0.05 ms { left = 1000 ms  refractory 2 ms hold held }
                every T { x += 1  y = x }
                when x > 3 { x = 0 }
                every 1 ms { y += 10  held += 1 }
                every dt { y += 100 }
            }
            network Net(period = 0.5 ms) { population A[70] : Periodic { T = period } }
            simulate Net { dt 0.1 ms  duration 8 ms  record A.x, A.y, A.held }",
            0.1,
            &["--precision", precision],
        );
        let [found_x, found_y, found_held] = ["A.x", "A.y", "A.held"].map(|name| run.values(name));
        let (mut x, mut y, mut held, mut running) = (0.0, 0.0, 0.0, 0);
        for step in 0..80_usize {
            let end = step + 1;
            let over = x > 3.0;
            if end % 5 == 0 {
                x += 1.0;
                y = x;
            }
            if over {
                x = 0.0;
            }
            if end % 10 == 0 {
                y += 10.0;
                held += if running > 0 { 0.0 } else { 1.0 };
            }
            y += 100.0;
            running = if end == 30 { 20 } else { i32::max(running - 1, 0) };
            for neuron in [0, 69] {
                let at = 70 * step + neuron;
                assert_eq!((found_x[at], found_y[at], found_held[at]), (x, y, held), "{precision}, step {step}");
            }
        }
        assert_eq!(held, 6.0, "two of eight periods end in refractory time");
    }
}

/// Weights and states of synapses change behind their continuous change, one block after another, within the bounds.
#[test]
fn every_acts_on_synapses() {
    let run = Run::of(
        "use std::neurons::LIF
        receptor Sum { post v : 1  on spike(w) { v += w } }
        neuron Source { param n : 1  state left : ms = 1 ms * n
            left' = -1  spike when left <= 0.05 ms { left = 3.7 ms } }
        neuron Sink { state v : 1 = 0 }
        plasticity Scaled {
            param T = 1 ms
            weight w
            state x : 1 = 0
            state c : 1 = 1
            x' = -x / 5 ms
            w' = -w / 100 ms
            on pre { x += 1  w += 0.1 * x }
            every T { w *= 0.9 + 0.05 * c  c = 2 - c }
            every 2 ms { w += 0.3 }
            bound w in 0 .. 1.2
        }
        network Net(period = 0.5 ms) {
            population A[3] : Source { n = 1 + i }
            population B : Sink
            project p: A -> B { connect all_to_all  weight 0.5  plasticity Scaled { T = period }  receptor Sum }
        }
        simulate Net { dt 0.1 ms  duration 30 ms  record p.weight, p.c  record A.spikes }",
        0.1,
        &[],
    );
    let (weights, c) = (run.values("p.weight"), run.values("p.c"));
    let mut fired = vec![vec![]; 3];
    for (time, neuron) in run.spike_times("A").into_iter().zip(run.neurons("A")) {
        fired[neuron].push((time / 0.1).round() as usize);
    }
    for neuron in 0..3 {
        let (mut w, mut x, mut coin) = (0.5_f64, 0.0_f64, 1.0_f64);
        for step in 0..300_usize {
            // A spike of step k - 1 has the time k dt and arrives in step k.
            if fired[neuron].contains(&step) {
                x += 1.0;
                w = (w + 0.1 * x).clamp(0.0, 1.2);
            }
            x *= (-0.1_f64 / 5.0).exp();
            w = (w * (-0.1_f64 / 100.0).exp()).clamp(0.0, 1.2);
            if (step + 1) % 5 == 0 {
                w = (w * (0.9 + 0.05 * coin)).clamp(0.0, 1.2);
                coin = 2.0 - coin;
            }
            if (step + 1) % 20 == 0 {
                w = (w + 0.3).clamp(0.0, 1.2);
            }
            let found = weights[3 * step + neuron];
            assert!((found - w).abs() < 1e-12, "neuron {neuron}, step {step}: {found}, not {w}");
            assert_eq!(c[3 * step + neuron], coin);
        }
        assert!(fired[neuron].len() > 5);
    }
}

/// A time that follows from states and draws is rounded to whole steps, as the statements before it leave them.
#[test]
fn refractory_times_follow_from_states() {
    let run = Run::of(
        "neuron Tired {
            state V : 1 = 0
            state u : 1 = 0
            state u_after : 1 = 0
            V' = 1 / 1 ms
            spike when V >= 0.35 {
                V = 0
                u += 1
                refractory 0.3 ms * u - 0.5 ms hold V
                u += 0.5
            }
        }
        network Net { population A : Tired }
        simulate Net { dt 0.1 ms  duration 40 ms  record A.spikes, A.u }",
        0.1,
        &[],
    );
    let steps: Vec<i64> = run.spike_times("A").iter().map(|t| (t / 0.1).round() as i64).collect();
    assert!(steps.len() > 8, "{steps:?}");
    let mut u = 0.0;
    for pair in steps.windows(2) {
        u += 1.0;
        let pause = f64::max(((0.3 * u - 0.5) / 0.1_f64).round_ties_even(), 0.0) as i64;
        u += 0.5;
        assert_eq!(pair[1] - pair[0], 4 + pause, "u = {u}");
    }
}

/// Exponential refractory times: the law of the time between spikes, of many neurons.
#[test]
fn refractory_times_are_drawn() {
    let run = Run::of(
        "neuron Random {
            state awake : 1 = 1
            spike when awake > 0 { refractory 1 ms + exponential(2 ms) }
        }
        network Net { population A[2000] : Random }
        simulate Net { dt 0.1 ms  duration 60 ms  seed 5  record A.spikes }",
        0.1,
        &[],
    );
    let mut last = vec![None; 2000];
    let mut pauses = Vec::new();
    for (time, neuron) in run.spike_times("A").into_iter().zip(run.neurons("A")) {
        let step = (time / 0.1).round() as i64;
        if let Some(before) = last[neuron].replace(step) {
            // Early ones only, so that none is cut off by the end of the run.
            if before < 250 {
                pauses.push((step - before) as f64 - 1.0);
            }
        }
    }
    let n = pauses.len() as f64;
    let mean = pauses.iter().sum::<f64>() / n;
    let deviation = (pauses.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    assert!(n > 10_000.0 && pauses.iter().all(|p| *p >= 10.0), "{n}");
    // 10 steps and an exponential time of 20, rounded: five standard errors.
    assert!((mean - 30.0).abs() < 5.0 * 20.0 / n.sqrt() + 0.01, "{mean}");
    assert!((deviation - 20.0).abs() < 5.0 * 20.0 * 2.0_f64.sqrt() / n.sqrt(), "{deviation}");
}

/// `refractory while`: from the step of the spike on, as long as the condition holds at the end of a step.
#[test]
fn a_condition_prolongs_refractory_time() {
    let run = Run::of(
        "neuron While {
            input I : mV
            state V : mV = 0 mV
            state u : mV = 3 mV
            V' = (I - V) / 1 ms
            u' = (3 mV - u) / 2 ms
            method euler
            spike when V > 5 mV { V -= 1 mV  refractory while V > 2 mV hold u }
        }
        network Net { population A[66] : While  drive A.I = if sin(2 * pi * t / 10 ms) > 0 then 10 mV else 0 mV }
        simulate Net { dt 0.1 ms  duration 50 ms  record A.V, A.u  record A.spikes }",
        0.1,
        &[],
    );
    let (found_v, found_u) = (run.values("A.V"), run.values("A.u"));
    let (mut v, mut u, mut running) = (0.0_f64, 3.0_f64, false);
    let mut fired = 0;
    for step in 0..500_usize {
        let time = step as f64 * 0.1;
        let input = if (2.0 * std::f64::consts::PI * time / 10.0).sin() > 0.0 { 10.0 } else { 0.0 };
        v += 0.1 * (input - v);
        u = if running { u } else { u + 0.1 * (3.0 - u) / 2.0 };
        let spike = v > 5.0 && !running;
        if spike {
            v -= 1.0;
            fired += 1;
        }
        running = (running || spike) && v > 2.0;
        for neuron in [0, 65] {
            let at = 66 * step + neuron;
            assert!((found_v[at] - v).abs() < 1e-9, "step {step}: {} {v}", found_v[at]);
            assert!((found_u[at] - u).abs() < 1e-9, "step {step}: {} {u}", found_u[at]);
        }
    }
    assert!((4..8).contains(&fired), "{fired}");
    assert_eq!(run.spike_times("A").len(), 66 * fired);
}

/// A synapse whose own state is cut at the end of periods: one for each synapse, and what flows is their sum.
#[test]
fn every_acts_on_states_of_a_synapse() {
    let run = Run::of(
        "neuron Source { param n : 1  state left : ms = 1 ms * n
            left' = -1  spike when left <= 0.05 ms { left = 1.3 ms } }
        neuron Sink { input I : 1  state seen : 1 = 0  seen(t + dt) = I }
        synapse Cut {
            state g : unit(w) = 0
            g' = -g / 4 ms
            on spike(w) { g += w }
            every 1 ms { g = min(g, 2) }
            output g
        }
        receptor Plain { input g : unit(w)  output I = g }
        network Net {
            population A[3] : Source { n = 1 + i }
            population B : Sink
            project p: A -> B { connect all_to_all  weight ~ 0.5 + i  synapse Cut  receptor Plain }
        }
        simulate Net { dt 0.1 ms  duration 20 ms  record p.g, B.seen  record A.spikes }",
        0.1,
        &[],
    );
    let (g, seen) = (run.values("p.g"), run.values("B.seen"));
    let mut fired = vec![vec![]; 3];
    for (time, neuron) in run.spike_times("A").into_iter().zip(run.neurons("A")) {
        fired[neuron].push((time / 0.1).round() as usize);
    }
    let mut state = [0.0_f64; 3];
    let mut cut = 0;
    for step in 0..200_usize {
        for neuron in 0..3 {
            if fired[neuron].contains(&step) {
                state[neuron] += 0.5 + neuron as f64;
            }
        }
        // Sums have the spikes of the step in them.
        let sum: f64 = state.iter().sum();
        assert!((seen[step] - sum).abs() < 1e-12, "step {step}: {} flows, not {sum}", seen[step]);
        for neuron in 0..3 {
            state[neuron] *= (-0.1_f64 / 4.0).exp();
            if (step + 1) % 10 == 0 && state[neuron] > 2.0 {
                state[neuron] = 2.0;
                cut += 1;
            }
            let found = g[3 * step + neuron];
            assert!((found - state[neuron]).abs() < 1e-12, "step {step}: {found}, not {}", state[neuron]);
        }
    }
    assert!(cut > 10, "{cut}");
}

/// What `every` reads of both neurons and of traces is what an equation of the weight reads.
#[test]
fn every_reads_what_equations_of_weights_read() {
    let run = Run::of(
        "neuron Cell { param k : 1  state a : 1 = k  state left : ms = 1 ms * k
            a' = (3 - a) / 5 ms  left' = -1  spike when left <= 0.05 ms { left = 2.1 ms  a += 0.5 } }
        receptor Sum { post a : 1  on spike(w) { a += 0 * w } }
        plasticity Often { weight w  pre a as source : 1  post a : 1  state y : 1 = 0  y' = -y / 3 ms  on post { y += 1 }
            every dt { w += 0.01 * (source - a) * y } }
        plasticity Always { weight w  pre a as source : 1  post a : 1  state y : 1 = 0  y' = -y / 3 ms  on post { y += 1 }
            w' = 0.01 * (source - a) * y / dt }
        network Net {
            population A[4] : Cell { k = 1 + i }
            population B[4] : Cell { k = 2.5 + i }
            project p: A -> B { connect all_to_all  weight 0.5  delay 0.3 ms  plasticity Often  receptor Sum }
            project q: A -> B { connect all_to_all  weight 0.5  delay 0.3 ms  plasticity Always  receptor Sum }
        }
        simulate Net { dt 0.1 ms  duration 20 ms  record p.weight, q.weight }",
        0.1,
        &[],
    );
    let (p, q) = (run.values("p.weight"), run.values("q.weight"));
    assert!(p.iter().any(|w| (w - 0.5).abs() > 0.1));
    let worst = p.iter().zip(&q).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-12, "{worst}");
}

/// `every T from T0` acts at T0, T0 + T, …, of neurons, synapses and rules; a start of 0 is none, since no step ends there.
#[test]
fn periods_may_start_anywhere() {
    for options in [&["--threads", "1"][..], &["--threads", "3"], &["--precision", "f32"]] {
        let run = Run::of(
            "neuron Periodic {
                param T = 0.5 ms, early = 0.2 ms, late = 1.7 ms
                state a : 1 = 0
                state b : 1 = 0
                state c : 1 = 0
                state d : 1 = 0
                every T from early { a += 1 }
                every T from late { b += 1 }
                every T from 0 ms { c += 1 }
                every dt from late { d += 1 }
            }
            plasticity Grow {
                weight w
                state n : 1 = 0
                every 0.3 ms from 2 ms { w += 1 }
                every 0.3 ms from 0.1 ms { n += w }
            }
            synapse Held { state g : 1 = 0  every 1 ms from 0.4 ms { g += 1 }  on spike(w) { g += w }  output g }
            receptor Sum { input g : 1  output I = g }
            neuron Sink { input I : 1  state v : 1 = 0 }
            network Net(T0 = 1.7 ms) {
                population A[70] : Periodic { late = T0 }
                population B : Sink
                project p: A -> B { connect all_to_all  weight 1  plasticity Grow  synapse Held  receptor Sum }
            }
            simulate Net { dt 0.1 ms  duration 6 ms  record A.a, A.b, A.c, A.d, p.weight, p.n, p.g }",
            0.1,
            options,
        );
        let names = ["A.a", "A.b", "A.c", "A.d", "p.weight", "p.n", "p.g"];
        let found = names.map(|name| run.values(name));
        // Of the steps that have ended, so many are the start or a multiple of the period later.
        let times = |end: usize, every: usize, start: usize| if end < start { 0 } else { (end - start) / every + 1 };
        let mut n = 0;
        for step in 0..60 {
            let end = step + 1;
            if times(end, 3, 1) > times(end - 1, 3, 1) {
                n += 1 + times(end, 3, 20);
            }
            let wanted = [
                times(end, 5, 2),
                times(end, 5, 17),
                times(end, 5, 5),
                times(end, 1, 17),
                1 + times(end, 3, 20),
                n,
                times(end, 10, 4),
            ];
            for (k, (found, wanted)) in found.iter().zip(wanted).enumerate() {
                for at in [70 * step, 70 * step + 69] {
                    assert_eq!(found[at], wanted as f64, "{} at the end of step {end}, {options:?}", names[k]);
                }
            }
        }
    }
}
