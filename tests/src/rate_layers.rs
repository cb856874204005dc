//! Layers of rate models: difference equations, recurrent cells, couplings that read `let`s; against the same layers
//! computed by NumPy, token by token, and against the definition written out here.

use crate::bpc::{here, run_json, text};
use crate::spike_trains;
use crate::statistics::array;
use std::path::PathBuf;
use tempfile::TempDir;

/// A file beside the data of tests.
fn data(name: &str) -> PathBuf {
    here().join("cases/data").join(name)
}

/// Runs a file and keeps its traces.
#[track_caller]
fn run(file: &str, options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    run_json(&[&["run", &text(&data(file)), "--out", &text(folder.path())], options].concat());
    folder
}

/// The largest distance of two lists.
#[track_caller]
fn distance(found: &[f64], wanted: &[f64]) -> f64 {
    assert_eq!(found.len(), wanted.len());
    assert!(wanted.iter().any(|x| x.abs() > 0.1), "nothing to compare");
    found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, |a, b| if a.is_nan() || a > b { a } else { b })
}

/// Row k of a known array is what a layer comes to after token k, of which the first is the initial value of its input.
#[test]
fn recurrent_cells_are_those_of_numpy() {
    let known = data("recurrent_cells.npz");
    for (precision, bound) in [("f64", 1e-14), ("f32", 2e-5)] {
        let folder = run("recurrent_cells.bp", &["--precision", precision]);
        for (state, name, units, behind) in [
            ("R.h", "wanted_rnn", 5, 0),
            ("G.h", "wanted_gru", 4, 0),
            ("L.h", "wanted_lstm", 6, 0),
            ("L.c", "wanted_lstm_cell", 6, 0),
            ("S.h", "wanted_stack", 2, 1),
        ] {
            let found: Vec<f64> = array(&folder.path().join("traces.npz"), state);
            let wanted: Vec<f64> = array(&known, name);
            assert_eq!(wanted.len(), 41 * units, "{name}");
            let first = units * behind;
            let error = distance(&found[first..first + wanted.len()], &wanted);
            println!("{precision} {state}: {error:.1e}");
            assert!(error < bound, "{precision} {state}: off by {error}");
        }
    }
}

/// All states change together; the past, inputs and other equations are those of the start of the step.
#[test]
fn difference_equations_read_the_start_of_the_step() {
    let run = spike_trains::Run::of(
        "neuron Map {
            param a = 0.9
            input I : 1
            state x : 1 = 0.1
            state y : 1 = 0.2
            state z : 1 = 1
            state seen : 1 = 0
            x(t + dt) = 1 - a * x * x + y + I
            y(t + dt) = 0.3 * x
            seen(t + dt) = x(t - 2 ms) + z
            z' = -z / 10 ms
        }
        network Net { population A[2] : Map  drive A.I = 0.001 * (1 + t / 1 ms) }
        simulate Net { dt 1 ms  duration 40 ms  record A.x, A.y, A.z, A.seen }",
        1.0,
        &[],
    );
    let [x, y, z, seen] = ["A.x", "A.y", "A.z", "A.seen"].map(|state| run.values(state));
    let (mut a, mut b) = (0.1_f64, 0.2_f64);
    let mut past = vec![0.1; 3];
    for step in 0..40 {
        let before = if step == 0 { 1.0 } else { z[2 * step - 2] };
        past.push(a);
        let wanted_seen = past[past.len() - 3] + before;
        let next = 1.0 - 0.9 * a * a + b + 0.001 * (1.0 + step as f64);
        (a, b) = (next, 0.3 * a);
        for neuron in 0..2 {
            let at = 2 * step + neuron;
            assert!((x[at] - a).abs() < 1e-12, "step {step}: x is {}, not {a}", x[at]);
            assert!((y[at] - b).abs() < 1e-12, "step {step}: y is {}, not {b}", y[at]);
            assert!((seen[at] - wanted_seen).abs() < 1e-12, "step {step}: {} seen, not {wanted_seen}", seen[at]);
        }
    }
    assert!(x.iter().any(|x| *x < -0.5) && x.iter().any(|x| *x > 0.5), "the map does not move");
}

/// What is held stands still, what spikes is reset after the update, and a draw is another one in each step.
#[test]
fn difference_equations_spike_hold_and_draw() {
    let run = spike_trains::Run::of(
        "neuron Count {
            state n : 1 = 0
            state free : 1 = 0
            state noise : 1 = 0
            n(t + dt) = n + 1
            free(t + dt) = free + 1
            noise(t + dt) = normal(1, 2)
            spike when n >= 3 { n = 0  refractory 2 ms hold n }
        }
        network Net { population A[100] : Count }
        simulate Net { dt 1 ms  duration 200 ms  seed 3  record A.n, A.free, A.noise, A.spikes }",
        1.0,
        &[],
    );
    let (n, free, noise) = (run.values("A.n"), run.values("A.free"), run.values("A.noise"));
    for step in 0..200 {
        // Counts of 1, 2, the spike at 3 that makes it 0, and two steps held.
        assert_eq!(n[100 * step], [1.0, 2.0, 0.0, 0.0, 0.0][step % 5], "step {step}");
        assert_eq!(free[100 * step], step as f64 + 1.0);
    }
    let mean = noise.iter().sum::<f64>() / noise.len() as f64;
    let deviation = (noise.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / noise.len() as f64).sqrt();
    // 20000 draws: five standard errors.
    assert!((mean - 1.0).abs() < 0.071 && (deviation - 2.0).abs() < 0.05, "{mean}, {deviation}");
    let mut sorted = noise.clone();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    assert_eq!(sorted.len(), noise.len(), "a draw came twice");
}

/// A coupling by a `let` of the source is one by what it follows from, delays included.
#[test]
fn couplings_read_lets_of_the_source() {
    let run = spike_trains::Run::of(
        "neuron Source {
            param gain = 2, slope = 1 mV^-1
            state V : mV = 1 mV
            state c : 1 = 0.5
            let up = tanh(V * slope)
            let rate = gain * c * up
            V' = -V / 7 ms
            c(t + dt) = 0.9 * c + 0.01
        }
        neuron Sink { input I : 1  state s : 1 = 0  s(t + dt) = I }
        receptor Flow { weight w  pre rate as r : 1  output I = w * r }
        network Net {
            population A[3] : Source { gain = 2 + i }
            population now : Sink
            population late : Sink
            project A -> now { connect all_to_all  weight ~ 1 + i  receptor Flow }
            project A -> late { connect all_to_all  weight ~ 1 + i  delay 3 ms  receptor Flow }
        }
        simulate Net { dt 1 ms  duration 30 ms  record A.V, A.c, now.s, late.s }",
        1.0,
        &[],
    );
    let [v, c, now, late] = ["A.V", "A.c", "now.s", "late.s"].map(|state| run.values(state));
    // At the start of a step; before the first one, the initial value.
    let sum = |step: i64| {
        let at = |values: &[f64], initial: f64, i: usize| {
            if step < 1 { initial } else { values[3 * (step as usize - 1) + i] }
        };
        let rate = |i: usize| (2.0 + i as f64) * at(&c, 0.5, i) * at(&v, 1.0, i).tanh();
        (0..3).map(|i| (1.0 + i as f64) * rate(i)).sum::<f64>()
    };
    for step in 0..30 {
        let (found, wanted) = ([now[step], late[step]], [sum(step as i64), sum(step as i64 - 3)]);
        for (found, wanted) in found.into_iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-12, "step {step}: {found}, not {wanted}");
        }
    }
    assert!(now[0] > 1.0 && (now[29] - late[29]).abs() > 1e-4);
}

/// Sums over windows of padded pictures; the layer of the name has them after the second step.
#[test]
fn convolutions_are_those_of_numpy() {
    let known = data("convolutions.npz");
    for options in [&["--threads", "1"][..], &["--threads", "3"], &["--precision", "f32"]] {
        let folder = run("convolutions.bp", options);
        let traces = folder.path().join("traces.npz");
        for (state, name) in [
            ("plain.x", "plain"),
            ("fortran.x", "plain"),
            ("strided.x", "strided"),
            ("dilated.x", "dilated"),
            ("round.x", "round"),
            ("enlarged.x", "enlarged"),
            ("rows.x", "rows"),
            ("rows_strided.x", "rows_strided"),
            ("pooled.x", "pooled"),
            ("spiking.V", "spiking"),
        ] {
            let found: Vec<f64> = array(&traces, state);
            let wanted: Vec<f64> = array(&known, &format!("wanted_{name}"));
            assert_eq!(found.len(), 2 * wanted.len(), "{state}");
            let error = distance(&found[wanted.len()..], &wanted);
            let bound = if options[1] == "f32" { 1e-5 } else { 1e-13 };
            assert!(error < bound, "{state}: off by {error}");
        }
    }
}

/// Zeros of a kernel connect nothing, and elements beyond the edge neither: what is listed is what a convolution uses.
#[test]
fn convolutions_connect_what_their_kernel_says() {
    let run_with = |more: &str, rule: &str| {
        spike_trains::Run::of(
            &format!(
                "{more} data K = [[0, 1, 0], [1, 0, 1], [0, 2, 0]]
                neuron Pixel {{ input I : 1  state x : 1 = 1  state n : 1 = 0  n(t + dt) = I }}
                receptor Count {{ weight w  pre x : 1  output I = w * x }}
                network Net {{
                    population A[12] : Pixel at grid(rows = 3, columns = 4, spacing = 1)
                    project A -> A {{ connect {rule}  receptor Count }}
                }}
                simulate Net {{ dt 1 ms  duration 1 ms  record A.n }}"
            ),
            1.0,
            &[],
        )
        .values("A.n")
    };
    let run = |rule: &str| run_with("", rule);
    // Above, on both sides, below.
    let neighbours = |at: usize| {
        let (row, column) = (at / 4, at % 4);
        [(row > 0, 1.0), (column > 0, 1.0), (column < 3, 1.0), (row < 2, 2.0)]
    };
    let count = |weighted: bool| -> Vec<f64> {
        let sum = |at| neighbours(at).iter().filter(|n| n.0).map(|n| if weighted { n.1 } else { 1.0 }).sum();
        (0..12).map(sum).collect()
    };
    assert_eq!(run("convolution(K, padding = 1)  weight 1"), count(false));
    assert_eq!(run("convolution(K, padding = 1)  weight ~ kernel"), count(true));
    // Data may be called so; a constant of this name would be ambiguous here (E0580).
    let named = "data kernel = [[0, 1, 0], [1, 0, 1], [0, 2, 0]]";
    assert_eq!(run_with(named, "convolution(kernel, padding = 1)  weight ~ kernel"), count(true));
    // The transpose turns the kernel round: what was below is above.
    let turned: Vec<f64> = count(true).into_iter().rev().collect();
    assert_eq!(run("transposed_convolution(K, padding = 1)  weight ~ kernel"), turned);
}

/// The forecast of NumPy with the same readout, for 8 Lyapunov times, and the attractor itself for one of them.
#[test]
fn features_forecast_the_attractor_of_lorenz() {
    let known = data("next_generation_reservoir.npz");
    let [forecast, truth, spread]: [Vec<f64>; 3] = ["forecast", "truth", "spread"].map(|name| array(&known, name));
    let folder = run("next_generation_reservoir.bp", &[]);
    let found: Vec<f64> = array(&folder.path().join("traces.npz"), "F.a");
    assert!(distance(&found, &forecast) < 1e-8);
    // 1.104 time units of 40 steps.
    let squares = found.iter().zip(&truth).take(3 * 44).map(|(a, b)| (a - b).powi(2));
    let error = (squares.sum::<f64>() / 44.0).sqrt() / spread[0];
    println!("error over a Lyapunov time: {error:.2e}");
    assert!(error < 3e-3, "{error}");
}

/// u(t + 1) = 0.4 + u(t) / 2 - 1.3 u(t) u(t - 3) + 0.6 u(t - 3), whose tap comes by a delay.
#[test]
fn features_of_the_past_come_by_delays() {
    let run = spike_trains::Run::of(
        "use std::rates::NVARFeature
        use std::receptors::ActivityCoupling
        data first = [[1, 0.4, 0, 0.4], [0, 0.5, 0, 0.5], [0, 0.6, 0, 0.6], [0, -1.3, 0, -1.3]]
        data second = [[1, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
        network Series {
            population F[4] : NVARFeature
            init F.a = if i == 0 then 1 else 0.2
            init F.b = if i < 3 then 1 else 0.2
            project F -> F { connect matrix(first)  weight ~ first[i, j]  receptor ActivityCoupling into A }
            project F -> F { connect matrix(second)  weight ~ second[i, j]  receptor ActivityCoupling into B }
            project F -> F { connect where(i == 1 and j == 2)  weight 1  delay 2 ms  receptor ActivityCoupling into A }
            project F -> F { connect where(i == 1 and j == 3)  weight 1  delay 2 ms  receptor ActivityCoupling into B }
        }
        simulate Series { dt 1 ms  duration 40 ms  record F.a }",
        1.0,
        &[],
    );
    let found: Vec<f64> = run.values("F.a").chunks(4).map(|all| all[1]).collect();
    let mut series = vec![0.2; 4];
    for k in 3..43 {
        series.push(0.4 + series[k] / 2.0 - 1.3 * series[k] * series[k - 3] + 0.6 * series[k - 3]);
    }
    assert!(distance(&found, &series[4..]) < 1e-12, "{found:?}, not {series:?}");
    assert!(found.iter().any(|u| (u - 0.2).abs() > 0.3), "{found:?}");
}
