//! What stands still in refractory time stands still for everything that reads it, with every integrator.

use crate::spike_trains::Run;

/// All integrators that take equations without noise.
const METHODS: [&str; 13] = [
    "",
    "method exact",
    "method exponential_euler",
    "method euler",
    "method midpoint",
    "method heun",
    "method rk4",
    "method dormand_prince { tolerance = 1e-12 }",
    "method rkf45 { tolerance = 1e-12 }",
    "method implicit_euler",
    "method rosenbrock",
    "method exponential_rosenbrock",
    "method hines",
];

/// A soma that fires in the first step and is then held, or clamped, at 2 for 40 steps, and a dendrite that follows it with
/// 5 ms from 0: between these ends it knows the soma as a constant.
fn cell(stop: &str) -> String {
    let mut populations = String::new();
    for (k, method) in METHODS.iter().enumerate() {
        populations.push_str(&format!("    population P{k}[1] : Cell {method}\n"));
    }
    format!(
        "neuron Cell {{
    state V : 1 = 3, D : 1 = 0
    V' = (7 - V) / 2 ms + (D - V) / 3 ms
    D' = (V - D) / 5 ms
    spike when V > 2.5 {{ V = 2  D = 0  refractory 4 ms {stop} }}
}}
network Net {{
{populations}}}
simulate Net {{ dt 0.1 ms  duration 4.1 ms  record {} }}
",
        (0..METHODS.len()).map(|k| format!("P{k}.D, P{k}.V")).collect::<Vec<_>>().join(", ")
    )
}

#[test]
fn what_reads_a_held_state_sees_it_stand_still() {
    for stop in ["hold V", "clamp V = 2"] {
        for (options, rounding) in [(&[][..], 1e-12), (&["--precision", "f32"], 1e-5)] {
            let text = cell(stop);
            let text = if options.is_empty() { text } else { text.replace("1e-12", "1e-6") };
            let run = Run::of(&text, 0.1, options);
            for (k, method) in METHODS.iter().enumerate() {
                let (found, membrane) = (run.values(&format!("P{k}.D")), run.values(&format!("P{k}.V")));
                // The last step is the first in which the soma is free.
                assert!(membrane[..41].iter().all(|&v| v == 2.0), "{stop} {method}: {membrane:?}");
                for (step, d) in found.iter().enumerate() {
                    let z = -0.1 / 5.0;
                    let factor: f64 = match *method {
                        "method euler" => 1.0 + z,
                        "method midpoint" | "method heun" => 1.0 + z + z * z / 2.0,
                        "method rk4" => 1.0 + z + z * z / 2.0 + z.powi(3) / 6.0 + z.powi(4) / 24.0,
                        "method implicit_euler" => 1.0 / (1.0 - z),
                        _ => z.exp(),
                    };
                    let tolerance: f64 = match *method {
                        // Their own error, of the third and the second order.
                        "method rosenbrock" => 1e-6,
                        "method hines" => 1e-4,
                        "method implicit_euler" => 1e-6,
                        m if m.contains("tolerance") => 1e-6,
                        _ => rounding,
                    };
                    let wanted = 2.0 * (1.0 - factor.powi(step as i32));
                    assert!(
                        (d - wanted).abs() < tolerance.max(rounding),
                        "{stop} {method}, step {step}: {d}, not {wanted}"
                    );
                }
            }
        }
    }
}

/// Each of two rules holds its own states, and a third state reads both, which it drives.
#[test]
fn each_refractory_time_holds_its_own_states() {
    let text = "neuron Cell {
    state a : 1 = 3, b : 1 = 0, c : 1 = 0
    a' = (7 - a) / 2 ms + (c - a) / 3 ms
    b' = (4 - b) / 1 ms + (c - b) / 9 ms
    c' = (a - c) / 5 ms + (b - c) / 4 ms
    spike when a > 2.5 { a = 2  refractory 4 ms hold a }
    when b > 2.5 { b = 1  refractory 2 ms hold b }
}
network Net { population E[1] : Cell  population R[1] : Cell method dormand_prince { tolerance = 1e-13 } }
simulate Net { dt 0.1 ms  duration 60 ms  record E.a, E.b, E.c, R.a, R.b, R.c  record E.spikes }
";
    let run = Run::of(text, 0.1, &[]);
    // By hand: many small steps of Runge-Kutta's method, with what is held standing still.
    let mut x = [3.0_f64, 0.0, 0.0];
    let mut left = [0, 0];
    let mut times = [0, 0];
    let names = ["a", "b", "c"];
    let exact = names.map(|n| run.values(&format!("E.{n}")));
    let adaptive = names.map(|n| run.values(&format!("R.{n}")));
    for step in 0..600 {
        let slope = |x: [f64; 3]| {
            let a = if left[0] > 0 { 0.0 } else { (7.0 - x[0]) / 2.0 + (x[2] - x[0]) / 3.0 };
            let b = if left[1] > 0 { 0.0 } else { (4.0 - x[1]) + (x[2] - x[1]) / 9.0 };
            [a, b, (x[0] - x[2]) / 5.0 + (x[1] - x[2]) / 4.0]
        };
        for _ in 0..20 {
            let h = 0.1 / 20.0;
            let ahead = |x: [f64; 3], k: [f64; 3], h: f64| [x[0] + h * k[0], x[1] + h * k[1], x[2] + h * k[2]];
            let k1 = slope(x);
            let k2 = slope(ahead(x, k1, h / 2.0));
            let k3 = slope(ahead(x, k2, h / 2.0));
            let k4 = slope(ahead(x, k3, h));
            for n in 0..3 {
                x[n] += h / 6.0 * (k1[n] + 2.0 * k2[n] + 2.0 * k3[n] + k4[n]);
            }
        }
        // No spikes in either of the refractory times.
        let running = left[0] > 0 || left[1] > 0;
        left = left.map(|n: i32| (n - 1).max(0));
        if x[0] > 2.5 && !running {
            (x[0], left[0], times[0]) = (2.0, 40, times[0] + 1);
        }
        if x[1] > 2.5 {
            (x[1], left[1], times[1]) = (1.0, 20, times[1] + 1);
        }
        for n in 0..3 {
            for found in [exact[n][step], adaptive[n][step]] {
                assert!((found - x[n]).abs() < 1e-8, "step {step}, {}: {found}, not {}", names[n], x[n]);
            }
        }
    }
    assert!(times[0] > 5 && times[1] > 5, "{times:?}");
    assert_eq!(run.spike_times("E").len(), times[0]);
}

/// Events that set a state, add to it, and set it from what the others have made: a neuron that holds it while refractory takes in
/// none of them then, and a crossing compares with the value before all of them. Against a loop written here.
#[test]
fn events_set_what_is_held_or_crosses() {
    let lists =
        [(0..60).step_by(3).collect::<Vec<usize>>(), (0..60).step_by(5).collect(), vec![1, 2, 4, 8, 16, 32, 33]];
    let times = |list: &Vec<usize>| {
        let times = list.iter().map(|step| format!("{} us", (step + 1) * 100)).collect::<Vec<_>>();
        format!("[{}]", times.join(", "))
    };
    let source = format!(
        "neuron Held {{
            state V : 1 = 0.5
            V' = (0.9 - V) / 2 ms
            method euler
            spike when V > 1 {{ V = 0.2  refractory 0.7 ms hold V }}
        }}
        neuron Crossing {{
            state V : 1 = 0.5, n : 1 = 0
            V' = (0.4 - V) / 2 ms
            method euler
            spike when V crosses 1 {{ n += 1 }}
        }}
        receptor Shunt {{ weight w  post V : 1  on spike(w) {{ V += w * (2 - V) }} }}
        receptor Kick {{ post V : 1  on spike(w) {{ V += w }} }}
        receptor Mixed {{ post V : 1  on spike {{ V = 0.1 + 0.5 * V }} }}
        network Net {{
            population S[3] : spikes {{ {} }}
            population A : Held
            population B : Crossing
            project S -> A, B {{ connect all_to_all  weight ~ 0.1 + 0.15 * i  receptor Shunt }}
            project S -> A, B {{ connect all_to_all  weight 0.05  receptor Kick }}
            project S -> A, B {{ connect where(i == 2)  receptor Mixed }}
        }}
        simulate Net {{ dt 0.1 ms  duration 6.5 ms  record A.V, B.V, A.spikes, B.spikes }}",
        lists.iter().map(times).collect::<Vec<_>>().join(", ")
    );
    for threads in ["1", "3"] {
        let run = Run::of(&source, 0.1, &["--threads", threads]);
        for (name, holds) in [("A", true), ("B", false)] {
            let found = run.values(&format!("{name}.V"));
            assert_eq!(found.len(), 65);
            let (mut v, mut left, mut spikes, mut ignored) = (0.5_f64, 0, Vec::new(), 0);
            for (step, &now) in found.iter().enumerate() {
                let due = |source: usize| step > 0 && lists[source].contains(&(step - 1));
                let before = v;
                let mut arrived = v;
                for source in (0..3).filter(|s| due(*s)) {
                    arrived += (0.1 + 0.15 * source as f64) * (2.0 - arrived);
                }
                (0..3).filter(|s| due(*s)).for_each(|_| arrived += 0.05);
                if due(2) {
                    arrived = 0.1 + 0.5 * arrived;
                }
                let running = left > 0;
                left -= usize::from(running);
                if running {
                    ignored += usize::from((0..3).any(due));
                } else {
                    v = arrived + 0.1 * (if holds { 0.9 } else { 0.4 } - arrived) / 2.0;
                }
                let fires = if holds { !running && v > 1.0 } else { before < 1.0 && v >= 1.0 };
                if fires {
                    spikes.push(step as u64);
                    if holds {
                        (v, left) = (0.2, 7);
                    }
                }
                assert!((now - v).abs() < 1e-12, "{name} step {step}: {now}, not {v}");
            }
            let times: Vec<u64> = run.spike_times(name).iter().map(|time| (time / 0.1).round() as u64 - 1).collect();
            assert_eq!(times, spikes, "{name}");
            assert!(spikes.len() > 2 && (ignored > 5) == holds, "{name}: {spikes:?}, {ignored}");
        }
    }
}
