//! `let` and `if` in blocks of statements, and functions with lets: against the definition, written out step by step.

use crate::bpc::bpc;
use crate::spike_trains::Run;

/// Every way of running it: single and double precision, one thread and two.
const WAYS: [&[&str]; 3] =
    [&["--precision", "f64"], &["--precision", "f32"], &["--precision", "f64", "--threads", "2"]];

/// A `let` has the value of the place where it stands, a branch acts under its condition, and what follows sees it. All
/// numbers are multiples of 1/4, so that both precisions are exact.
/// Truth values that are set in blocks and from step to step, read in conditions, and recorded as 0 and 1; against a loop.
#[test]
fn states_can_be_truth_values() {
    let run = Run::of(
        "neuron Toggle {
            param T = 0.7 ms
            state V : 1 = 0
            state odd : bool = i == 1
            state rising : bool = not odd
            state before : bool
            state spiked : bool = false
            V' = (if odd and not spiked then 1 else -0.5) / 1 ms
            before(t + dt) = odd
            every T { odd = not odd  if odd { rising = V > 0 } else { rising = false or spiked } }
            spike when V > 0.55 or (rising and V > 0.45) { spiked = true  V = 0  refractory 0.4 ms clamp spiked = rising }
            when V < -0.2 and spiked { spiked = false }
        }
        neuron Listener { input I : 1  state seen : 1 = 0  seen(t + dt) = I }
        receptor Copy { weight w  pre odd : 1  output I = w * odd }
        network Net {
            population A[3] : Toggle
            population B[3] : Listener
            init A.spiked = i == 2
            project A -> B { connect one_to_one  weight 3  receptor Copy }
        }
        simulate Net { dt 0.1 ms  duration 10 ms  record A.V, A.odd, A.rising, A.before, A.spiked, B.seen }",
        0.1,
        &[],
    );
    let found = ["A.V", "A.odd", "A.rising", "A.before", "A.spiked", "B.seen"].map(|name| run.values(name));
    for n in 0..3 {
        let (mut v, mut odd, mut spiked, mut left) = (0.0_f64, n == 1, n == 2, 0);
        let (mut rising, mut count) = (!odd, 0);
        for step in 0..100 {
            let (before, running) = (odd, left > 0);
            let clamped = rising;
            left -= i32::from(running);
            v += 0.1 * if odd && !(if running { clamped } else { spiked }) { 1.0 } else { -0.5 };
            if running {
                spiked = clamped;
            }
            let (period, fires, falls) =
                ((step + 1) % 7 == 0, !running && (v > 0.55 || rising && v > 0.45), v < -0.2 && spiked);
            if period {
                odd = !odd;
                rising = if odd { v > 0.0 } else { spiked };
            }
            if fires {
                (spiked, v, left, count) = (true, 0.0, 4, count + 1);
            }
            if falls && !running {
                spiked = false;
            }
            let number = |truth: bool| f64::from(u8::from(truth));
            let wanted = [v, number(odd), number(rising), number(before), number(spiked), 3.0 * number(before)];
            for (found, wanted) in found.iter().zip(wanted) {
                let value = found[3 * step + n];
                assert!((value - wanted).abs() < 1e-9, "neuron {n}, step {step}: {value}, not {wanted}");
            }
        }
        assert!(count > 0, "neuron {n} never spikes");
    }
}

#[test]
fn statements_see_those_before_them() {
    for options in WAYS {
        let run = Run::of(
            "neuron Blocks {
                state x : 1 = 1
                state y : 1 = 0
                state z : 1 = 0
                state n : 1 = 0
                state s : 1 = 0
                let sum = x + y
                let double = 2 * sum
                every dt {
                    let k = (5 * s + 3) % 16
                    let a = x - y
                    let before = double
                    s = k
                    x = y + k / 4 - 2
                    y = a
                    if sum > 2 and a < 3 {
                        let b = floor(2 * a) / 4
                        z += b
                        y -= b
                    } else if before >= 2 {
                        z = z - 0.25
                        x = floor(x / 2)
                        if n % 2 == 0 { y *= -1 }
                    } else {
                        z = double
                        if n > 4 { n = 0 } else { y += 0.5 }
                    }
                    n += 1
                    if abs(z) > 50 { z = 0 }
                    x = clip(x, -8, 8)
                    y = clip(y, -8, 8)
                }
            }
            network Net { population A[130] : Blocks }
            simulate Net { dt 0.1 ms  duration 20 ms  record A.x, A.y, A.z, A.n }",
            0.1,
            options,
        );
        let found = ["A.x", "A.y", "A.z", "A.n"].map(|name| run.values(name));
        let (mut x, mut y, mut z, mut n, mut s) = (1.0_f64, 0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
        let mut taken = [0; 5];
        for step in 0..200 {
            let (a, before) = (x - y, 2.0 * (x + y));
            s = (5.0 * s + 3.0) % 16.0;
            x = y + s / 4.0 - 2.0;
            y = a;
            if x + y > 2.0 && a < 3.0 {
                taken[0] += 1;
                let b = (2.0 * a).floor() / 4.0;
                z += b;
                y -= b;
            } else if before >= 2.0 {
                taken[1] += 1;
                z -= 0.25;
                x = (x / 2.0).floor();
                if n % 2.0 == 0.0 {
                    taken[2] += 1;
                    y = -y;
                }
            } else {
                z = 2.0 * (x + y);
                if n > 4.0 {
                    taken[3] += 1;
                    n = 0.0;
                } else {
                    taken[4] += 1;
                    y += 0.5;
                }
            }
            n += 1.0;
            if z.abs() > 50.0 {
                z = 0.0;
            }
            (x, y) = (x.clamp(-8.0, 8.0), y.clamp(-8.0, 8.0));
            for neuron in [0, 129] {
                let at = 130 * step + neuron;
                let here = [found[0][at], found[1][at], found[2][at], found[3][at]];
                assert_eq!(here, [x, y, z, n], "{options:?}, step {step}");
            }
        }
        assert!(taken.iter().all(|&times| times > 2), "each branch is taken: {taken:?}");
    }
}

/// A refractory time in a branch is none where the branch is not taken; two branches have times of their own.
#[test]
fn refractory_times_in_branches() {
    let run = Run::of(
        "neuron Branching {
            state left : ms = 0.5 ms
            state held : 1 = 0
            state count : 1 = 0
            left' = -1
            every dt { held += 1 }
            spike when left <= 0.05 ms {
                let odd = count % 2 == 1
                left = 0.3 ms
                count += 1
                if odd { refractory 1 ms + 0.1 ms * count hold held } else if count > 4 { refractory 0.5 ms hold held }
            }
        }
        network Net { population A : Branching }
        simulate Net { dt 0.1 ms  duration 30 ms  record A.held, A.count, A.spikes }",
        0.1,
        &[],
    );
    let (found_held, found_count) = (run.values("A.held"), run.values("A.count"));
    // Steps until the threshold, and of refractory time.
    let (mut left, mut running, mut held, mut count) = (5_i64, 0_i64, 0.0, 0_i64);
    for step in 0..300 {
        left -= 1;
        // `every` acts before the rule that spikes, in the order of the text.
        held += if running > 0 { 0.0 } else { 1.0 };
        let spikes = left <= 0 && running == 0;
        running = (running - 1).max(0);
        if spikes {
            let odd = count % 2 == 1;
            left = 3;
            count += 1;
            running = if odd {
                10 + count
            } else if count > 4 {
                5
            } else {
                0
            };
        }
        assert_eq!((found_held[step], found_count[step]), (held, count as f64), "step {step}");
    }
    assert!(count > 12 && run.spike_times("A").len() as i64 == count);
}

/// A draw that a `let` keeps is one number wherever it is mentioned.
#[test]
fn a_let_is_drawn_once() {
    let run = |options: &[&str]| {
        Run::of(
            "neuron Drawing {
                state a : 1 = 0
                state b : 1 = 0
                state hits : 1 = 0
                state other : 1 = 0
                every dt {
                    let r = uniform(0, 1)
                    let low = r < 0.25
                    a = r
                    b = 2 * r
                    if low { hits += 1 } else { other = r }
                }
            }
            network Net { population A[100] : Drawing }
            simulate Net { dt 0.1 ms  duration 10 ms  seed 3  record A.a, A.b, A.hits, A.other }",
            0.1,
            options,
        )
    };
    let (one, two) = (run(&[]), run(&["--threads", "2"]));
    let [a, b, hits, other] = ["A.a", "A.b", "A.hits", "A.other"].map(|name| one.values(name));
    let (mut counts, mut last) = (vec![0.0; 100], vec![0.0; 100]);
    for step in 0..100 {
        for neuron in 0..100 {
            let at = 100 * step + neuron;
            if a[at] < 0.25 {
                counts[neuron] += 1.0;
            } else {
                last[neuron] = a[at];
            }
            assert_eq!((b[at], hits[at], other[at]), (2.0 * a[at], counts[neuron], last[neuron]), "step {step}");
        }
    }
    let total: f64 = counts.iter().sum();
    assert!((2500.0 - total).abs() < 5.0 * (10_000.0_f64 * 0.25 * 0.75).sqrt(), "{total} of 10000 are below 1/4");
    assert!(["A.a", "A.hits", "A.other"].iter().all(|name| one.values(name) == two.values(name)));
}

/// What adds up goes on adding up in branches: spikes that arrive together at one target all count.
#[test]
fn simultaneous_events_add_up_in_branches() {
    for options in WAYS {
        let run = Run::of(
            "receptor Adding {
                param most = 1.5
                post v : 1
                post n : 1
                on spike(w) {
                    let twice = 2 * w
                    if twice > 2 * most { v = v + most } else if w > 1 { v += twice - 1  n += 1 } else { v -= w }
                }
            }
            neuron Source { state left : ms = 0.3 ms  left' = -1  spike when left <= 0.05 ms { left = 0.4 ms } }
            neuron Sink { state v : 1 = 0  state n : 1 = 0 }
            network Net {
                population A[6] : Source
                population B[5] : Sink
                project A -> B { connect all_to_all  weight ~ 0.5 * (i % 5)  receptor Adding }
            }
            simulate Net { dt 0.1 ms  duration 2 ms  record B.v, B.n, A.spikes }",
            0.1,
            options,
        );
        let effect = |w: f64| {
            if 2.0 * w > 3.0 {
                1.5
            } else if w > 1.0 {
                2.0 * w - 1.0
            } else {
                -w
            }
        };
        let once: f64 = (0..6).map(|source| effect(0.5 * f64::from(source % 5))).sum();
        let spikes = run.spike_times("A").iter().filter(|&&time| time < 1.95).count() / 6;
        assert_eq!(spikes, 5);
        let (v, n) = (run.values("B.v"), run.values("B.n"));
        for target in 0..5 {
            let at = v.len() - 5 + target;
            assert_eq!((v[at], n[at]), (once * spikes as f64, spikes as f64), "{options:?}");
        }
    }
}

/// Rules of plasticity: chance and branches decide what is transmitted and how the weight changes, and a later rule
/// finds the weight as the earlier one has left it.
#[test]
fn rules_with_branches() {
    for options in WAYS {
        let run = Run::of(
            "receptor Sum { post v : 1  on spike(sent) { v += sent } }
            neuron Source { param n : 1  state left : ms = 0.1 ms * n
                left' = -1  spike when left <= 0.05 ms { left = 0.3 ms + 0.1 ms * n } }
            neuron Sink { state v : 1 = 0  state left : ms = 0.75 ms
                left' = -1  spike when left <= 0.05 ms { left = 0.7 ms } }
            plasticity Chance {
                weight w
                state r : 1 = 0
                state sent : 1 = 0
                state posts : 1 = 0
                on pre {
                    let chance = uniform(0, 1)
                    let half = 0.5 * w
                    r = chance
                    if chance < 0.5 {
                        w += 0.25
                        transmit half
                        sent += half
                    } else if posts > 2 {
                        transmit w + 1
                        sent += w + 1
                        posts = 0
                        w -= 0.5
                    }
                }
                on post { posts += 1  if posts > 4 { w = 1 } }
            }
            plasticity Halving {
                weight w
                state times : 1 = 0
                on pre { let large = w > 1.25  if large { w *= 0.5  times += 1 } }
            }
            network Net {
                population A[4] : Source { n = 1 + i }
                population B : Sink
                project p: A -> B { connect all_to_all  weight 1  plasticity Chance  plasticity Halving  receptor Sum }
            }
            simulate Net { dt 0.1 ms  duration 40 ms  seed 5
                record p.weight, p.Chance.r, p.Chance.sent, p.Halving.times, B.v, A.spikes, B.spikes }",
            0.1,
            options,
        );
        let names = ["p.weight", "p.Chance.r", "p.Chance.sent", "p.Halving.times", "B.v"];
        let [weight, drawn, sent, times, v] = names.map(|name| run.values(name));
        let steps = |time: f64| (time / 0.1).round() as usize;
        let mut fired = vec![vec![]; 4];
        for (time, neuron) in run.spike_times("A").into_iter().zip(run.neurons("A")) {
            fired[neuron].push(steps(time));
        }
        let posts: Vec<usize> = run.spike_times("B").into_iter().map(steps).collect();
        let mut total = 0.0;
        let mut seen = [0; 4];
        let mut synapses = [(1.0_f64, 0.0_f64, 0.0_f64, 0.0_f64); 4];
        for step in 0..400 {
            for (source, (w, all, count, halved)) in synapses.iter_mut().enumerate() {
                let at = 4 * step + source;
                // A spike at the end of a step arrives at the start of the next.
                if fired[source].contains(&step) {
                    let before = *w;
                    if drawn[at] < 0.5 {
                        seen[0] += 1;
                        *w += 0.25;
                        *all += 0.5 * before;
                        total += 0.5 * before;
                    } else if *count > 2.0 {
                        seen[1] += 1;
                        *all += before + 1.0;
                        total += before + 1.0;
                        *count = 0.0;
                        *w -= 0.5;
                    } else {
                        seen[2] += 1;
                    }
                    if *w > 1.25 {
                        seen[3] += 1;
                        *w *= 0.5;
                        *halved += 1.0;
                    }
                }
                if posts.contains(&step) {
                    *count += 1.0;
                    if *count > 4.0 {
                        *w = 1.0;
                    }
                }
                assert!((weight[at] - *w).abs() < 1e-5, "{options:?}, {step}, {source}: {}, {w}", weight[at]);
            }
            // What only adds up is one sum for the target still.
            let all: f64 = synapses.iter().map(|synapse| synapse.1).sum();
            let halved: f64 = synapses.iter().map(|synapse| synapse.3).sum();
            for (found, expected) in [(v[step], total), (sent[step], all), (times[step], halved)] {
                assert!((found - expected).abs() < 1e-5 * (1.0 + expected), "{options:?}, {step}: {found}, {expected}");
            }
        }
        assert!(seen.iter().all(|&times| times > 5), "each branch is taken: {seen:?}");
    }
}

/// Functions with lets and defaults.
#[test]
fn functions_with_lets() {
    let run = Run::of(
        "function logistic(x : mV, slope : mV = 2 mV, top = 1) : 1 {
            let y = x / slope
            let grown = exp(y)
            return top * grown / (1 + grown)
        }
        function halves(r) { let n = floor(2 * r); return if n > 0 then -n else r - n }
        neuron Cell {
            param V = 3 mV
            state a : 1 = logistic(3 mV)
            state b : 1 = logistic(V, 4 mV)
            state c : 1 = logistic(V, 4 mV, 5)
            state d : 1 = 0
            every dt { d = halves(uniform(0, 1)) }
        }
        network Net { population A[50] : Cell }
        simulate Net { dt 0.1 ms  duration 2 ms  record A.a, A.b, A.c, A.d }",
        0.1,
        &[],
    );
    let logistic = |x: f64, top: f64| top / (1.0 + (-x).exp());
    for (name, expected) in [("A.a", logistic(1.5, 1.0)), ("A.b", logistic(0.75, 1.0)), ("A.c", logistic(0.75, 5.0))] {
        assert!(run.values(name).iter().all(|value| (value - expected).abs() < 1e-12), "{name}");
    }
    let d = run.values("A.d");
    assert!(d.iter().all(|&value| value == -1.0 || (0.0..0.5).contains(&value)), "one draw, mentioned three times");
    assert!(d.contains(&-1.0) && d.iter().any(|&value| value > 0.0));
}

/// Pages show every statement of a block, those of branches below their conditions.
#[test]
fn pages_show_branches() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, out) = (folder.path().join("net.bp"), folder.path().join("made"));
    let source = "function f(x : mV, slope = 2 mV) { let u = x / slope  return exp(u) }
        plasticity Release {
            weight w
            state rest : 1 = 0
            on pre {
                let chance = uniform(0, 1)
                if chance < 0.25 { transmit w } else if rest > 3 { rest *= 0.5 } else { rest += 1 }
            }
        }";
    std::fs::write(&file, source).expect("written");
    let path = |path: &std::path::Path| path.to_str().expect("text").to_owned();
    let made = bpc(&["doc", &path(&file), "--no-plots", "-o", &path(&out)]);
    assert!(made.status.success(), "{made:?}");
    let page = std::fs::read_to_string(out.join("index.md")).expect("a page");
    let lines: Vec<&str> = page.lines().collect();
    let place = |part: &str| {
        lines
            .iter()
            .position(|line| line.starts_with('&') && line.contains(part))
            .unwrap_or_else(|| panic!("{part}\n{page}"))
    };
    let parts = ["chance", "if }\\mathrm{chance} < 0.25", "transmit w", "otherwise, if", "0.5", "otherwise:", "+ 1"];
    let places = parts.map(place);
    assert!(places.is_sorted(), "{places:?}\n{page}");
    assert!(page.contains("2 mV if not given") && page.contains("where"), "{page}");
}
