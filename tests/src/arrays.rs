//! Arrays of states, sums and loops inside neurons: against closed forms, plain loops, and the same models written by hand.

use crate::bpc::{bpc, text};
use crate::spike_trains::Run;
use std::collections::BTreeMap;

const DOUBLE: &[&str] = &["--precision", "f64"];

/// Both runs have the same bits in these traces, which are not all zero.
#[track_caller]
fn same(one: &Run, other: &Run, names: &[(&str, &str)]) {
    for (left, right) in names {
        let (a, b) = (one.values(left), other.values(right));
        assert!(a.iter().any(|x| *x != 0.0), "{left} is 0");
        assert_eq!(a.len(), b.len(), "{left}");
        let off = a.iter().zip(&b).position(|(a, b)| a.to_bits() != b.to_bits());
        assert!(off.is_none(), "{left} and {right} differ at {off:?}");
    }
}

/// A chain of linear compartments is the distribution of Erlang: x[k] = (t / tau)^k exp(-t / tau) / k!.
#[test]
fn a_chain_is_the_gamma_function() {
    let run = Run::of(
        "neuron Chain {
            param n : count = 4
            param tau = 2 ms
            state x[k in 0..n] : 1 = if k == 0 then 1 else 0
            let total = sum(x[k] for k in 0..n)
            x[0]' = -x[0] / tau
            x[k]' = (x[k - 1] - x[k]) / tau for k in 1..n
        }
        network Net {
            population E : Chain
            population F[3] : Chain { n = 7, tau = 3 ms }
            init F.x[k] = 0.5 * (1 + i) * (if k == 0 then 1 else 0) for k in 0..F.n
            init F[1..2].x[0..7] = 0
        }
        simulate Net { dt 0.1 ms  duration 20 ms  record E.x[0..4], E.total, F.x[0..7] }",
        0.1,
        DOUBLE,
    );
    let erlang = |k: u32, t: f64| (0..k).fold((-t).exp(), |value, j| value * t / f64::from(j + 1));
    let close =
        |found: f64, wanted: f64, what: &str| assert!((found - wanted).abs() < 1e-13, "{what}: {found} {wanted}");
    let total = run.values("E.total");
    let chain = [0, 1, 2, 3].map(|k| run.values(&format!("E.x[{k}]")));
    for step in 0..200 {
        let t = 0.1 * (step as f64 + 1.0);
        for (k, values) in (0..).zip(&chain) {
            close(values[step], erlang(k, t / 2.0), "E");
        }
        close(total[step], (0..4).map(|k| erlang(k, t / 2.0)).sum(), "total");
    }
    for k in 0..7 {
        let values = run.values(&format!("F.x[{k}]"));
        for step in 0..200 {
            let t = 0.1 * (step as f64 + 1.0);
            for (neuron, start) in [(0, 0.5), (1, 0.0), (2, 1.5)] {
                close(values[3 * step + neuron], start * erlang(k, t / 3.0), "F");
            }
        }
    }
}

/// Sums are made from the left, also of what is kept; products and extremes; nothing in the range; nested ranges.
#[test]
fn sums_are_those_of_a_plain_loop() {
    let run = Run::of(
        "data W = [[0.5, -1, 0.25], [2, 0.75, -0.5], [1.5, 0.5, 1]]
        function power_sum(x, n : count) = sum(x^k for k in 0..n)
        function moments(x, n : count) {
            let twice = sum(k * x for k in 1..n)
            return twice + power_sum(x, n + 1)
        }
        neuron Sums {
            param n : count = 3
            param start[k in 0..n] = 1 + k / 2
            state big[4] : 1 = 1e16
            state x[k in 0..n] : 1 = start[k]
            state s, p, low, high, none, one, nested, filtered, f, g : 1 = 0
            x[k](t + dt) = sum(W[k, a] * x[a] for a in 0..n) / 4 + 1 for k in 0..n
            // Only from the left this is 1.
            s(t + dt) = sum(big[k] * (if k == 2 then -1 else 1) for k in 0..4)
            p(t + dt) = product(x[k] - 0.5 for k in 0..n)
            low(t + dt) = min(x[k] for k in 0..n)
            high(t + dt) = max(x[k] * (1 - k) for k in 0..n)
            none(t + dt) = sum(x[k] for k in 2..2) + 1
            one(t + dt) = product(x[k] for k in 0..n where k > 5)
            nested(t + dt) = sum(sum(W[a, b] * x[b] for b in 0..a + 1) for a in 0..n)
            filtered(t + dt) = sum(x[a] * x[b] for a in 0..n, b in a..n where a != b)
            f(t + dt) = power_sum(x[0] / 2, 4)
            g(t + dt) = moments(x[1], n)
            every dt { big[1] = 1  big[3] = 1 }
        }
        network Net { population A[70] : Sums }
        simulate Net {
            dt 0.1 ms  duration 2 ms
            record A.x[0..3], A.s, A.p, A.low, A.high, A.none, A.one, A.nested, A.filtered, A.f, A.g
        }",
        0.1,
        DOUBLE,
    );
    let w = [[0.5, -1.0, 0.25], [2.0, 0.75, -0.5], [1.5, 0.5, 1.0]];
    let mut traces: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut x = [1.0_f64, 1.5, 2.0];
    for step in 0..20 {
        let mut wanted: Vec<(&str, f64)> = vec![
            ("A.p", x.iter().map(|x| x - 0.5).product()),
            ("A.low", x.iter().copied().fold(f64::INFINITY, f64::min)),
            ("A.high", x[0].max(0.0 * x[1]).max(-x[2])),
            ("A.none", 1.0),
            ("A.one", 1.0),
        ];
        let (mut nested, mut filtered) = (0.0, 0.0);
        for a in 0..3 {
            nested += (0..=a).map(|b| w[a][b] * x[b]).sum::<f64>();
            filtered += (a + 1..3).map(|b| x[a] * x[b]).sum::<f64>();
        }
        wanted.push(("A.nested", nested));
        wanted.push(("A.filtered", filtered));
        let powers = |x: f64, n: i32| (0..n).map(|k| x.powi(k)).sum::<f64>();
        wanted.push(("A.f", powers(x[0] / 2.0, 4)));
        wanted.push(("A.g", 3.0 * x[1] + powers(x[1], 4)));
        x = [0, 1, 2].map(|k| (0..3).map(|a| w[k][a] * x[a]).sum::<f64>() / 4.0 + 1.0);
        wanted.extend(["A.x[0]", "A.x[1]", "A.x[2]"].into_iter().zip(x));
        for (name, value) in wanted {
            let values = traces.entry(name).or_insert_with(|| run.values(name));
            for neuron in [0, 69] {
                let found = values[70 * step + neuron];
                assert!((found - value).abs() <= 1e-13 * value.abs().max(1.0), "{name}, step {step}: {found} {value}");
            }
        }
    }
    assert!(run.values("A.s")[70..].iter().all(|&sum| sum == 1.0), "the order of addition");
}

/// Loops in blocks, with `let`, `if`, other loops, and states that stand still: all numbers are multiples of 1/4.
#[test]
fn loops_in_blocks_act_in_order() {
    let source = "neuron Loops {
        param n : count = 5
        state x[k in 0..n] : 1 = k / 4
        state left : 1 = 7
        state carried : 1 = 0
        state rise[n] : 1 = 0
        rise[k](t + dt) = rise[k] + 0.25 * (1 + k) for k in 0..n
        every dt {
            for k in 0..n {
                let before = x[k]
                if before > 2 { x[k] -= 3 } else { x[k] += 0.25 * (1 + k) }
                carried += before
            }
            for k in 0..n - 1 where k % 2 == 0 { x[k + 1] = x[k] + x[k + 1] / 2  carried *= 0.5 }
            for a in 0..2, b in a..3 { x[a] -= 0.25 * (b - a) }
            x[n - 1] = floor(x[n - 1])
            for k in 0..n { x[k] = floor(4 * x[k]) / 4 }
            carried = floor(carried) % 16
            left -= 1
        }
        spike when left < 0.5 { left = 7  refractory 0.3 ms hold rise clamp carried = 3 }
    }
    network Net { population A[130] : Loops }
    simulate Net { dt 0.1 ms  duration 10 ms  record A.x[0..5], A.carried, A.rise[0..5], A.spikes }";
    for options in [DOUBLE, &["--precision", "f64", "--threads", "2"]] {
        let run = Run::of(source, 0.1, options);
        let mut x = [0.0, 0.25, 0.5, 0.75, 1.0_f64];
        let mut rise = [0.0_f64; 5];
        let (mut left, mut carried, mut held) = (7.0, 0.0_f64, 0);
        let mut branches = [0, 0];
        let of = |name: &str| (0..5).map(|k| run.values(&format!("A.{name}[{k}]"))).collect::<Vec<_>>();
        let (found_x, found_rise, found_carried) = (of("x"), of("rise"), run.values("A.carried"));
        for step in 0..100 {
            let refractory = held > 0;
            if refractory {
                carried = 3.0;
            } else {
                (0..5).for_each(|k| rise[k] += 0.25 * (1 + k) as f64);
            }
            let mut sum = carried;
            for (k, value) in x.iter_mut().enumerate() {
                let before = *value;
                if before > 2.0 {
                    branches[0] += 1;
                    *value -= 3.0;
                } else {
                    branches[1] += 1;
                    *value += 0.25 * (1 + k) as f64;
                }
                sum += before;
            }
            for k in [0, 2] {
                x[k + 1] = x[k] + x[k + 1] / 2.0;
                sum *= 0.5;
            }
            for (a, b) in [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2)] {
                x[a] -= 0.25 * (b - a) as f64;
            }
            x[4] = x[4].floor();
            x = x.map(|value| (4.0 * value).floor() / 4.0);
            if !refractory {
                carried = sum.floor().rem_euclid(16.0);
            }
            // Conditions are tested before blocks.
            let fires = left < 0.5 && !refractory;
            left = if fires { 7.0 } else { left - 1.0 };
            held = if fires { 3 } else { (held - 1).max(0) };
            for neuron in [0, 129] {
                let at = 130 * step + neuron;
                for k in 0..5 {
                    assert_eq!(found_x[k][at], x[k], "x[{k}], step {step}");
                    assert_eq!(found_rise[k][at], rise[k], "rise[{k}], step {step}");
                }
                assert_eq!(found_carried[at], carried, "step {step}");
            }
        }
        assert!(branches.iter().all(|&times| times > 20), "{branches:?}");
        assert!(run.spike_times("A").len() >= 10 * 130);
    }
}

/// A neuron with receptor ports, as NESTML has them, and the same one written by hand.
#[test]
fn receptor_ports_are_inputs_of_their_own() {
    let rest = |ports: [&str; 3], state: [&str; 3], set: &str| {
        format!(
            "population P[40] : Poisson {{ rate = 300 Hz }}
            population E[20] : Cell {{ {set} }}
            init E.{g1} = 0.5 nS
            drive E.{i2} = 2 nS/ms + 0.1 nS/ms * sin(2 * pi * t / 10 ms) + 0.001 ms^-1 * E.{g1}
            project P -> E {{ connect fixed_in_degree(5)  weight 0.3 nS/ms  synapse Exponential  receptor Into into {i0} }}
            project P -> E {{ connect fixed_in_degree(6)  weight 0.6 nS/ms  synapse Exponential  receptor Into into {i1} }}
            project P -> E {{ connect fixed_in_degree(7)  weight 0.1 nS  receptor Delta {{ V = {g2} }} }}",
            i0 = ports[0],
            i1 = ports[1],
            i2 = ports[2],
            g1 = state[1],
            g2 = state[2],
        )
    };
    let head = "use std::neurons::Poisson
        use std::synapses::Exponential
        use std::receptors::Delta
        receptor Into { input g : unit(w)  output I = g }\n";
    let tail = |g: [&str; 3], input: &str| {
        format!(
            "simulate Net {{ dt 0.1 ms  duration 100 ms  seed 3  record E.V, {}, E.spikes }}",
            g.map(|g| format!("E.{g}")).join(", ") + &format!(", E.{input}")
        )
    };
    let arrays = format!(
        "{head} neuron Cell {{
            param n : count = 3
            param tau[k in 0..n] = 2 ms * (1 + k)
            param E_rev[k in 0..n] = if k == 1 then -80 mV else 0 mV
            input I[n] : nS/ms
            state g[n] : nS = 0 nS
            state V : mV = -65 mV
            let current = sum(g[k] * (E_rev[k] - V) for k in 0..n)
            g[k]' = I[k] - g[k] / tau[k] for k in 0..n
            V' = (10 nS * (-65 mV - V) + current) / 200 pF
            spike when V > -50 mV {{ V = -65 mV  for k in 0..n {{ g[k] *= 0.5 }}  refractory 2 ms hold V }}
        }}
        network Net {{ {} }} {}",
        rest(["I[0]", "I[1]", "I[2]"], ["g[0]", "g[1]", "g[2]"], "tau[2] = 5 ms"),
        tail(["g[0]", "g[1]", "g[2]"], "I[2]")
    );
    let by_hand = format!(
        "{head} neuron Cell {{
            param tau_0 = 2 ms * 1, tau_1 = 2 ms * 2, tau_2 = 2 ms * 3
            param E_0 = 0 mV, E_1 = -80 mV, E_2 = 0 mV
            input I_0, I_1, I_2 : nS/ms
            state g_0, g_1, g_2 : nS = 0 nS
            state V : mV = -65 mV
            let current = g_0 * (E_0 - V) + g_1 * (E_1 - V) + g_2 * (E_2 - V)
            g_0' = I_0 - g_0 / tau_0
            g_1' = I_1 - g_1 / tau_1
            g_2' = I_2 - g_2 / tau_2
            V' = (10 nS * (-65 mV - V) + current) / 200 pF
            spike when V > -50 mV {{ V = -65 mV  g_0 *= 0.5  g_1 *= 0.5  g_2 *= 0.5  refractory 2 ms hold V }}
        }}
        network Net {{ {} }} {}",
        rest(["I_0", "I_1", "I_2"], ["g_0", "g_1", "g_2"], "tau_2 = 5 ms"),
        tail(["g_0", "g_1", "g_2"], "I_2")
    );
    let names = [("E.V", "E.V"), ("E.g[0]", "E.g_0"), ("E.g[1]", "E.g_1"), ("E.g[2]", "E.g_2"), ("E.I[2]", "E.I_2")];
    for precision in ["f64", "f32"] {
        let runs = [&arrays, &by_hand].map(|source| Run::of(source, 0.1, &["--precision", precision]));
        same(&runs[0], &runs[1], &names);
        let spikes = runs.each_ref().map(|run| run.spike_times("E"));
        assert!(spikes[0].len() > 20, "{} spikes", spikes[0].len());
        assert_eq!(spikes[0], spikes[1]);
    }
    // One statement for all ports, and a value from the command line.
    let looped =
        arrays.replace("fixed_in_degree(5)", "fixed_in_degree(6)").replace("weight 0.3 nS/ms", "weight 0.6 nS/ms");
    let second =
        "project P -> E { connect fixed_in_degree(6)  weight 0.6 nS/ms  synapse Exponential  receptor Into into I[1] }";
    let first = second.replace("I[1]", "I[0]");
    assert!(looped.contains(&first) && looped.contains(second));
    let whole = looped.replace(second, "").replace(
        &first,
        "project P -> E for k in 0..2 { connect fixed_in_degree(6)  weight 0.6 nS/ms  synapse Exponential  receptor Into into I[k] }",
    );
    let set = ["--precision", "f64", "--set", "E.tau[0]=3 ms", "--set", "E.tau[2]=6 ms"];
    let one = Run::of(&looped.replace("tau[2] = 5 ms", "tau[0] = 3 ms, tau[2] = 6 ms"), 0.1, DOUBLE);
    let other = Run::of(&whole.replace("tau[2] = 5 ms", ""), 0.1, &set);
    same(&one, &other, &[("E.V", "E.V"), ("E.g[0]", "E.g[0]"), ("E.g[2]", "E.g[2]")]);
}

/// Delays of elements, each with its own, and what synapses and other models read and sum.
#[test]
fn elements_are_delayed_and_read_as_what_has_a_name() {
    let rest = |a: &str, b: &str, source: &str, synapse: &str, delays: &str| {
        format!(
            "synapse Several {{
                param n : count = 3, tau = 4 ms
                weight w
                state g : unit(w) = 0
                g' = -g / tau * {synapse}
                on spike {{ g += w }}
                output g
            }}
            receptor Reads {{ weight w  pre x as x_source : 1  post x : 1  output I = w * (x_source - x) }}
            receptor Into {{ input g : unit(w)  output I = g }}
            neuron Fires {{ state c : 1 = 0.5  every 2 ms {{ c += 0.25 }}  spike when c > 1.1 {{ c = 0 }} }}
            network Net {{
                population E[12] : Rates {{ {delays} }}
                population S[3] : Fires
                init E.{a} = 0.1 * i
                project E -> E {{
                    connect one_to_one
                    weight ~ {source} / 1 ms
                    receptor Reads {{ x_source = {a}, x = {b} }} into {b2}
                }}
                project S -> E {{ connect all_to_all  weight 0.1 ms^-1  synapse Several {{ n = 4 }}  receptor Into into {b2} }}
            }}
            simulate Net {{ dt 0.1 ms  duration 40 ms  record E.{a}, E.{b} }}",
            b2 = b.replace('x', "J")
        )
    };
    let arrays = format!(
        "neuron Rates {{
            param d[k in 0..2] = 1 ms * (k + 1), rate[k in 0..2] = 0.2 + 0.1 * k
            input J[2] : ms^-1
            state x[2] : 1 = 0
            x[0]' = (1 - x[0]) / 5 ms - rate[0] * x[1](t - d[1]) / 1 ms + J[0]
            x[1]' = (x[0](t - d[0]) - x[1]) / 3 ms + J[1]
        }} {}",
        rest(
            "x[0]",
            "x[1]",
            "source.rate[1]",
            "sum(1 / (k + 1) for k in 0..n)",
            "d[1] = 3 ms, rate[1] ~ uniform(0.1, 0.3)"
        )
    );
    let by_hand = format!(
        "neuron Rates {{
            param d_0 = 1 ms * 1, d_1 = 1 ms * 2, rate_0 = 0.2, rate_1 = 0.3
            input J_0, J_1 : ms^-1
            state x_0, x_1 : 1 = 0
            x_0' = (1 - x_0) / 5 ms - rate_0 * x_1(t - d_1) / 1 ms + J_0
            x_1' = (x_0(t - d_0) - x_1) / 3 ms + J_1
        }} {}",
        rest("x_0", "x_1", "source.rate_1", "(1 + 1 / 2 + 1 / 3 + 1 / 4)", "d_1 = 3 ms, rate_1 ~ uniform(0.1, 0.3)")
            .replace("n : count = 3, ", "")
            .replace("{ n = 4 }", "")
    );
    let runs = [&arrays, &by_hand].map(|source| Run::of(source, 0.1, DOUBLE));
    same(&runs[0], &runs[1], &[("E.x[0]", "E.x_0"), ("E.x[1]", "E.x_1")]);
}

/// Cells: sums over compartments, loops in their rules, and channels with sums of their own.
#[test]
fn cells_sum_over_compartments() {
    let cell = |mean: &str, reset: &str, current: &str, count: &str| {
        format!(
            "channel Leak {{ param g_max = 0.1 mS/cm^2{count}  membrane V : mV  output I = g_max * {current} * (-65 mV - V) }}
            cell C {{
                param n : count = 4
                compartment d[k in 0..n] {{
                    input I : nA
                    membrane V : mV = -65 mV + 5 mV * k {{ capacitance = 1 uF/cm^2  area = 1000 um^2 }}
                    channel L : Leak
                }}
                couple d[k] <-> d[k + 1] (1 nS) for k in 0..n - 1
                let mean = {mean} / 4
                when mean > -60 mV {{ {reset} }}
            }}
            network Net {{ population E[3] : C  drive E.d[1].I = 0.1 nA }}
            simulate Net {{ dt 0.1 ms  duration 30 ms  record E.d[0].V, E.d[3].V, E.mean }}"
        )
    };
    let runs = [
        cell(
            "sum(d[k].V for k in 0..n)",
            "for k in 0..n { d[k].V -= 1 mV * (1 + k) }",
            "sum(1 / (1 + k) for k in 0..m)",
            ", m : count = 3",
        ),
        cell(
            "(d[0].V + d[1].V + d[2].V + d[3].V)",
            "d[0].V -= 1 mV  d[1].V -= 2 mV  d[2].V -= 3 mV  d[3].V -= 4 mV",
            "(1 + 1 / 2 + 1 / 3)",
            "",
        ),
    ]
    .map(|source| Run::of(&source, 0.1, DOUBLE));
    same(&runs[0], &runs[1], &["E.d[0].V", "E.d[3].V", "E.mean"].map(|name| (name, name)));
}

/// exp(x²) erfc(x) of x >= 0: its series, or its continued fraction.
fn scaled_erfc(x: f64) -> f64 {
    if x < 2.0 {
        let (mut term, mut sum) = (x, 0.0);
        for n in 1..200 {
            sum += term;
            term *= 2.0 * x * x / f64::from(2 * n + 1);
        }
        return (x * x).exp() - 2.0 / std::f64::consts::PI.sqrt() * sum;
    }
    let below = (1..300).rev().fold(0.0, |rest, n| f64::from(n) / 2.0 / (x + rest));
    1.0 / std::f64::consts::PI.sqrt() / (x + below)
}

/// exp(u²) (1 + erf(u))
fn integrand(u: f64) -> f64 {
    if u <= 0.0 { scaled_erfc(-u) } else { 2.0 * (u * u).exp() - scaled_erfc(u) }
}

/// The integral by Simpson's rule on equal pieces.
fn integral(from: f64, to: f64) -> f64 {
    let pieces = 20_000;
    let h = (to - from) / f64::from(2 * pieces);
    let inner: f64 =
        (1..2 * pieces).map(|k| if k % 2 == 1 { 4.0 } else { 2.0 } * integrand(from + f64::from(k) * h)).sum();
    (integrand(from) + inner + integrand(to)) * h / 3.0
}

/// Siegert's formula, with a sum in place of its integral, against its definition integrated here.
#[test]
fn siegert_is_the_integral() {
    let means = [-100.0, -20.0, 0.0, 6.0, 10.0, 13.0, 16.0, 19.0, 20.0, 21.0, 25.0, 40.0, 200.0];
    let deviations = [0.7, 1.0, 2.0, 3.0, 5.0, 10.0];
    let run = Run::of(
        "use std::rates::siegert
        data mus : mV = [-100, -20, 0, 6, 10, 13, 16, 19, 20, 21, 25, 40, 200]
        data sigmas : mV = [0.7, 1, 2, 3, 5, 10]
        neuron Rate {
            param mu = 0 mV, sigma = 1 mV
            state r : Hz = 0 Hz
            r(t + dt) = siegert(mu, sigma, 20 ms, 2 ms, 20 mV, 10 mV)
        }
        network Net { population E[78] : Rate { mu = mus[floor(i / 6)], sigma = sigmas[i % 6] } }
        simulate Net { dt 0.1 ms  duration 0.1 ms  record E.r }",
        0.1,
        DOUBLE,
    );
    let rates = run.values("E.r");
    assert_eq!(rates.len(), 78);
    let mut compared = 0;
    for (at, found) in rates.into_iter().enumerate() {
        let (mu, sigma) = (means[at / 6], deviations[at % 6]);
        let (from, to) = ((10.0 - mu) / sigma, (20.0 - mu) / sigma);
        if to > 26.0 {
            // exp(u²) is more than a number here can be, and the rate less.
            assert!((0.0..1e-280).contains(&found), "{mu} mV, {sigma} mV: {found}");
            continue;
        }
        let wanted = 1000.0 / (2.0 + 20.0 * std::f64::consts::PI.sqrt() * integral(from, to));
        assert!((found / wanted - 1.0).abs() < 1e-8, "{mu} mV, {sigma} mV: {found} Hz, not {wanted}");
        compared += 1;
    }
    assert!(compared > 60, "{compared}");
}

/// The names of elements outside: the C interface, and the page of `bpc doc`, which has equations as they are written.
#[test]
fn elements_have_names_outside() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("net.bp");
    let source = "/// A chain
        neuron Chain {
            param n : count = 4
            param tau[k in 0..n] = 2 ms * (1 + k)
            input I[n] : ms^-1
            state x[n] : 1 = 0
            let y[k in 0..n] = 2 * x[k]
            x[0]' = I[0] - x[0] / tau[0]
            x[k]' = I[k] + (x[k - 1] - x[k]) / tau[k] for k in 1..n
            spike when sum(y[k] for k in 0..n) > 1 { for k in 0..n { x[k] = 0 } }
        }
        network Net { population E[5] : Chain  drive E.I[0] = 0.1 ms^-1 }
        simulate Net { dt 0.1 ms  duration 10 ms  record E.x[3][1..3], E.y[1], E.I[0] }";
    std::fs::write(&file, source).expect("written");
    let (file, out) = (text(&file), text(folder.path()));
    let done = |args: &[&str]| {
        let output = bpc(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    done(&["compile", &file, "-o", &out]);
    let header = std::fs::read_to_string(folder.path().join("net.h")).expect("a header");
    for name in ["E.x[3]", "E.tau[2]", "E.I[1]"] {
        assert!(header.contains(name), "no {name} in\n{header}");
    }
    assert!(done(&["explain-plan", &file]).contains("x[3]: exact"));
    done(&["doc", &file, "-o", &out]);
    let page = std::fs::read_to_string(folder.path().join("index.md")).expect("a page");
    for part in [r"\frac{\mathrm{d}x\mathrm{[k]}}{\mathrm{d}t}", "for k in 1..n", "`tau[k]`", "for k in 0..n"] {
        assert!(page.contains(part), "no {part} in\n{page}");
    }
    assert!(!page.contains("x[2]"), "written out:\n{page}");
    let run = Run::of(source, 0.1, DOUBLE);
    assert_eq!(run.values("E.x[3]").len(), 2 * 100);
}

/// Oscillators of several frequencies, cos(w t) and its change, as an array of equations of second order and of third; and the same as
/// single states.
#[test]
fn equations_of_a_higher_order_have_arrays() {
    let run = Run::of(
        "neuron Oscillators {
            param n : count = 3
            param w[k in 0..n] = (1 + k) * 0.5 ms^-1
            state x[n] : mV = 1 mV
            state z[2] : 1 = 0
            state z''[2] : ms^-2 = 2 ms^-2
            let speed = x[2]'
            x[k]'' = -w[k]^2 * x[k] for k in 0..n
            z[k]''' = 0 * z[k]' / 1 ms^2 for k in 0..2
            when x[0] > 1 V { for k in 0..n { x[k]' = 0 mV/ms } }
        }
        neuron One { state x : mV = 1 mV  x'' = -(0.5 ms^-1)^2 * x }
        network Net {
            population E[2] : Oscillators
            population F : One
            init E.x'[1] = 0.5 mV/ms
        }
        simulate Net { dt 0.1 ms  duration 10 ms  record E.x[0], E.x[1], E.x'[2], E.speed, E.z[1], F.x }",
        0.1,
        DOUBLE,
    );
    let (a, b, c, z) = (run.values("E.x[0]"), run.values("E.x[1]"), run.values("E.x'[2]"), run.values("E.z[1]"));
    let one = run.values("F.x");
    for step in 0..100 {
        let t = 0.1 * (step as f64 + 1.0);
        let near = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-9, "{t} ms: {found}, not {wanted}");
        near(a[2 * step], (0.5 * t).cos());
        near(b[2 * step + 1], t.cos() + 0.5 * t.sin());
        near(c[2 * step], -1.5 * (1.5 * t).sin());
        near(z[2 * step], t * t);
        near(a[2 * step], one[step]);
    }
    assert_eq!(run.values("E.speed"), c);
}
