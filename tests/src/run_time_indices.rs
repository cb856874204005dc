//! Data and arrays at indices that the run decides on, and times other than `t`, against loops over the same numbers.

use crate::bpc::{run_json, text};
use crate::statistics::array;
use std::fmt::Write as _;
use std::fs;
use tempfile::TempDir;

/// Widths of vectors, precisions and numbers of threads.
const WAYS: &[&[&str]] =
    &[&[], &["--cpu", "x86-64"], &["--cpu", "x86-64-v3"], &["--threads", "2"], &["--precision", "f32"]];

const NEURONS: usize = 70;
const STEPS: usize = 60;

/// Runs a network that is written here; the folder of what it records.
#[track_caller]
fn run(network: &str, options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.bp");
    fs::write(&path, network).expect("written");
    let out = text(folder.path());
    run_json(&[&["run", &text(&path), "--out", &out], options].concat());
    folder
}

fn traces(folder: &TempDir, name: &str) -> Vec<f64> {
    array(&folder.path().join("traces.npz"), name)
}

/// The element of a run-time index: rounded, halves to even, and cut to the ends.
fn nearest(index: f64, length: usize) -> usize {
    if index.is_nan() { 0 } else { index.round_ties_even().clamp(0.0, length as f64 - 1.0) as usize }
}

/// A number of a row and a column.
fn grid(row: usize, column: usize) -> f64 {
    (100 * row + column) as f64
}

fn grid_written() -> String {
    let mut written = String::from("data grid = [");
    for row in 0..4 {
        let numbers: Vec<String> = (0..NEURONS).map(|column| grid(row, column).to_string()).collect();
        write!(written, "[{}],", numbers.join(",")).expect("written");
    }
    written + "]\n"
}

#[test]
fn data_at_states_inputs_and_parameters() {
    let table = [10.0, 20.0, 30.0, 40.0, 50.0];
    let network = grid_written()
        + "data table = [10, 20, 30, 40, 50]
data x = [1, 2, 3]
neuron Chooser {
    param which = 1
    input pattern : 1
    state k : 1 = -1.5
    state a, b, c, d, e, f, g, h, own : 1 = 0
    state u[3] : 1 = [7, 8, 9]
    state U[2, 3] : 1 = [[1, 2, 3], [4, 5, 6]]
    k(t + dt) = k + 0.25
    a(t + dt) = table[k]
    b(t + dt) = grid[k, i]
    c(t + dt) = table[floor(k)] + 100 * table[pattern]
    d(t + dt) = table[which]
    e(t + dt) = table[sqrt(k)]
    f(t + dt) = u[k]
    g(t + dt) = U[k, 1] + 10 * U[k, k - 1]
    h(t + dt) = table[k % table.size] + grid[which, k]
    when k > 2 { own = table[k] + x[i % 3] }
}
receptor Chosen {
    post k, seen : 1
    on spike(w) { seen += w * table[k] }
}
neuron Target {
    state k, seen : 1 = 0
    k(t + dt) = k + 0.25
}
neuron Source { state V : 1 = 0  spike when t > 0.95 ms and t < 1.05 ms { V = 0 } }
network Net {
    population P[70] : Chooser
    population S : Source
    population T[3] : Target
    init T.k = i
    drive P.pattern = 0.1 * i
    project S -> T { connect all_to_all  weight 2  receptor Chosen }
}
simulate Net {
    dt 0.1 ms
    duration 6 ms
    record P.a, P.b, P.c, P.d, P.e, P.f, P.g, P.h, P.own, T.seen
}
";
    for ways in WAYS {
        let ran = run(&network, ways);
        let [a, b, c, d, e, f, g, h, own] =
            ["P.a", "P.b", "P.c", "P.d", "P.e", "P.f", "P.g", "P.h", "P.own"].map(|name| traces(&ran, name));
        assert_eq!(a.len(), STEPS * NEURONS);
        let u = [7.0, 8.0, 9.0];
        let matrix = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        for step in 0..STEPS {
            let k = -1.5 + 0.25 * step as f64;
            let at = |index: f64| table[nearest(index, 5)];
            for i in 0..NEURONS {
                let here = step * NEURONS + i;
                let pattern = if ways.contains(&"f32") { f64::from(0.1_f32 * i as f32) } else { 0.1 * i as f64 };
                assert_eq!(a[here], at(k), "{ways:?}: {step}");
                assert_eq!(b[here], grid(nearest(k, 4), i), "{ways:?}: {step} {i}");
                assert_eq!(c[here], at(k.floor()) + 100.0 * at(pattern), "{ways:?}: {step} {i}");
                assert_eq!(d[here], 20.0, "{ways:?}");
                assert_eq!(e[here], at(k.sqrt()), "{ways:?}: {step}");
                assert_eq!(f[here], u[nearest(k, 3)], "{ways:?}: {step}");
                let (row, column) = (nearest(k, 2), nearest(k - 1.0, 3));
                assert_eq!(g[here], matrix[row][1] + 10.0 * matrix[row][column], "{ways:?}: {step}");
                assert_eq!(h[here], at(k.rem_euclid(5.0)) + grid(1, nearest(k, NEURONS)), "{ways:?}: {step}");
                // Events see the new value.
                let later = k + 0.25;
                let seen = if later > 2.0 { at(later) + (i % 3) as f64 + 1.0 } else { 0.0 };
                assert_eq!(own[here], seen, "{ways:?}: {step} {i}");
            }
        }
        // The spike of step 10 arrives in step 11, whose start k has grown to by 11 steps.
        let seen = &traces(&ran, "T.seen")[(STEPS - 1) * 3..];
        for (i, seen) in seen.iter().enumerate() {
            let found = [10.0, 11.0].map(|steps| 2.0 * table[nearest(i as f64 + 0.25 * steps, 5)]);
            assert!(found.contains(seen), "{ways:?}: {i}: {seen} {found:?}");
        }
    }
    // A parameter that decides on an element is read at run time.
    let ran = run(&network, &["--set", "P.which=3"]);
    assert!(traces(&ran, "P.d").iter().all(|value| *value == 40.0));
}

#[test]
fn times_that_are_shifted_and_cycled() {
    let x = [5.0, 7.0, 11.0, 13.0, 17.0];
    let network = "data x = [5, 7, 11, 13, 17]
neuron Timed {
    param onset = 0.5 ms
    state start : ms = 0.5 ms
    let later = x[t + 0.7 ms every 0.3 ms]
    state a, b, c, d, e, f, g, h, l, m, n, o : 1 = 0
    state z : 1 = later
    a(t + dt) = x[t every 0.3 ms]
    b(t + dt) = x[t % 1.2 ms every 0.3 ms]
    c(t + dt) = x[t - 0.5 ms every 0.3 ms]
    d(t + dt) = x[(t - 0.5 ms) % 1.2 ms every 0.3 ms]
    e(t + dt) = x[t % 1.2 ms - 0.2 ms every 0.3 ms linear]
    f(t + dt) = x[t - onset every 0.3 ms]
    g(t + dt) = x[t - start every 0.3 ms linear]
    h(t + dt) = x[2 * t every 0.3 ms]
    l(t + dt) = x[(t % 1.2 ms) % 0.7 ms every 0.3 ms]
    m(t + dt) = x[(t - start) % 1.1 ms every 0.3 ms]
    n(t + dt) = x[(t - onset) % 1.1 ms every 0.3 ms linear]
    o(t + dt) = x[0.5 * t every 0.3 ms linear]
}
network Net { population P[3] : Timed }
simulate Net { dt 0.1 ms  duration 6 ms  record P.a, P.b, P.c, P.d, P.e, P.f, P.g, P.h, P.l, P.m, P.n, P.o, P.z }
";
    for ways in WAYS {
        let ran = run(network, ways);
        let close = |found: f64, wanted: f64| (found - wanted).abs() < if ways.contains(&"f32") { 2e-4 } else { 1e-9 };
        let names = ["P.a", "P.b", "P.c", "P.d", "P.e", "P.f", "P.g", "P.h", "P.l", "P.m", "P.n", "P.o", "P.z"];
        let recorded = names.map(|name| traces(&ran, name));
        let held = |steps: i64| x[(steps.max(0) / 3).min(4) as usize];
        let linear = |steps: i64| {
            let steps = steps.max(0);
            let (before, part) = ((steps / 3).min(4) as usize, (steps % 3) as f64 / 3.0);
            x[before] + (x[(before + 1).min(4)] - x[before]) * part
        };
        for step in 0..STEPS {
            let n = step as i64;
            let courses = [
                held(n),
                held(n % 12),
                held(n - 5),
                held((n - 5).rem_euclid(12)),
                linear(n % 12 - 2),
                held(n - 5),
                linear(n - 5),
                held(2 * n),
                held((n % 12) % 7),
                held((n - 5).rem_euclid(11)),
                linear((n - 5).rem_euclid(11)),
                (linear(n / 2) + linear(n / 2 + n % 2)) / 2.0,
                x[2],
            ];
            for ((name, recorded), wanted) in names.iter().zip(&recorded).zip(courses) {
                let found = recorded[step * 3 + 1];
                assert!(close(found, wanted), "{ways:?}: {name} in step {step}: {found}, not {wanted}");
            }
        }
    }
}

/// A network of rates inside a neuron, by Euler's method.
#[test]
fn matrices_inside_neurons() {
    let weights = [[0.0, 1.5, -0.5], [1.0, 0.0, -0.5], [2.0, 2.0, 0.0]];
    let network = "data weights = [[0, 1.5, -0.5], [1, 0, -0.5], [2, 2, 0]]
neuron Circuit {
    param n : count = 3, tau = 10 ms
    param W[n, n] = weights, bias[n] = [0.1, 0.2, 0]
    input I[n, 1] : 1
    state r[n] : 1 = 0
    state c[n, n] : 1 = 0.5
    let onto[a in 0..n] = max(sum(W[a, b] * r[b] for b in 0..n) + bias[a] + I[a, 0], 0)
    r[a]' = (onto[a] - r[a]) / tau for a in 0..n
    c[a, b]' = (r[a] * r[b] - c[a, b]) / 5 ms for a in 0..n, b in 0..n where a != b
    spike when r[n - 1] > 0.5 { for a in 0..n, b in 0..n { c[a, b] *= 0.5 }  r[n - 1] = 0  c[0, n - 1] += 1 }
    method euler
}
network Net {
    population E[5] : Circuit { W[0, 2] = -1 }
    population F : Circuit { n = 2, W = [[0, 1], [-1, 0]], bias = [0.5, 0.25] }
    init E.c[1, 2] = 0.25 + 0.125 * i
    init E.c[a, 0] = 0.75 for a in 1..E.n
    drive E.I[1, 0] = 0.1
}
simulate Net {
    dt 0.1 ms
    duration 20 ms
    record E.c[0, 1], E.c[1, 2], E.c[2, 0][0..5], E.c[0, 2][1], E.r[0..3][0], F.r[0..2], F.c[1, 0], E.onto[0]
}
";
    for ways in WAYS {
        let ran = run(network, ways);
        let close = |found: f64, wanted: f64| (found - wanted).abs() < if ways.contains(&"f32") { 1e-4 } else { 1e-12 };
        let of_all = ["E.c[0,1]", "E.c[1,2]", "E.c[2,0]"].map(|name| (name, traces(&ran, name)));
        let (of_second, of_first) = (traces(&ran, "E.c[0,2]"), traces(&ran, "E.r[2]"));
        for i in 0..5 {
            let mut matrix = weights;
            matrix[0][2] = -1.0;
            let bias = [0.1, 0.2 + 0.1, 0.0];
            let mut rates = [0.0; 3];
            let mut pairs = [[0.5; 3]; 3];
            pairs[1][2] = 0.25 + 0.125 * i as f64;
            pairs[1][0] = 0.75;
            pairs[2][0] = 0.75;
            for step in 0..200 {
                let before = rates;
                for a in 0..3 {
                    let sum: f64 = (0..3).map(|b| matrix[a][b] * before[b]).sum();
                    rates[a] += 0.1 * ((sum + bias[a]).max(0.0) - before[a]) / 10.0;
                    for b in 0..3 {
                        if a != b {
                            pairs[a][b] += 0.1 * (before[a] * before[b] - pairs[a][b]) / 5.0;
                        }
                    }
                }
                if rates[2] > 0.5 {
                    pairs.iter_mut().flatten().for_each(|pair| *pair *= 0.5);
                    rates[2] = 0.0;
                    pairs[0][2] += 1.0;
                }
                for ((name, recorded), wanted) in of_all.iter().zip([pairs[0][1], pairs[1][2], pairs[2][0]]) {
                    let found = recorded[step * 5 + i];
                    assert!(close(found, wanted), "{ways:?}: {name} of {i} in step {step}: {found}, not {wanted}");
                }
                if i == 1 {
                    let found = of_second[step];
                    assert!(close(found, pairs[0][2]), "{ways:?}: step {step}: {found}, not {}", pairs[0][2]);
                }
                if i == 0 {
                    let found = of_first[step];
                    assert!(close(found, rates[2]), "{ways:?}: step {step}: {found}, not {}", rates[2]);
                }
            }
        }
        // Two rates that turn round each other.
        let (mut r, mut product) = ([0.0_f64; 2], 0.5);
        let recorded = ["F.r[0]", "F.r[1]", "F.c[1,0]"].map(|name| traces(&ran, name));
        for step in 0..200 {
            let into = [(r[1] + 0.5).max(0.0), (0.25 - r[0]).max(0.0)];
            product += 0.1 * (r[0] * r[1] - product) / 5.0;
            r = [0, 1].map(|a| r[a] + 0.1 * (into[a] - r[a]) / 10.0);
            let [first, second, pair] = recorded.each_ref().map(|trace| trace[step]);
            assert!(close(first, r[0]) && close(second, r[1]) && close(pair, product), "{ways:?}: step {step}");
        }
    }
}

/// Lists of networks, given by lists, data and other lists, by `--set`, and changed during the run.
#[test]
fn lists_of_parameters() {
    let network = "data measured = [10, 20, 30]
neuron Sum { input I : 1  state V : 1 = 0  V(t + dt) = I }
network Area(values[3] = [1, 2, 3], W[2, 2] = [[1, 2], [3, 4]], sizes[2] : count = [2, 3], by[k in 1..4] = 10 * k) {
    population E[sizes[0]] : Sum
    population F[sizes[1]] : Sum
    drive E.I = values[0] + 10 * values[1] + 100 * W[1, 0] + by[3] * 1000
    drive F.I = values[i]
}
network Net(all[3] = [4, 5, 6]) {
    instance a : Area(values = measured, W = [[5, 6], [7, 8]])
    instance b : Area(values = all, sizes = [1, 4])
    instance c[k in 0..3] : Area(values[0] = all[k], values[1] = 0.5 * k, W[1, 0] = 0, by[3] = 0)
    population O : Sum
    drive O.I = a.values[2] + c[1].values[0]
}
simulate Net {
    dt 0.1 ms
    duration 1 ms
    at 0.5 ms { all[1] = 50  a.values[1] = 21 }
    record a.E.V, a.F.V, b.E.V, b.F.V, c[0..3].E.V, O.V
}
";
    for ways in WAYS {
        let ran = run(network, ways);
        let last = |name: &str| *traces(&ran, name).last().expect("a value");
        let first = |name: &str| traces(&ran, name)[0];
        assert_eq!(first("a.E.V"), 10.0 + 200.0 + 700.0 + 30_000.0, "{ways:?}");
        assert_eq!(last("a.E.V"), 10.0 + 210.0 + 700.0 + 30_000.0, "{ways:?}");
        assert_eq!(traces(&ran, "a.F.V")[..3], [10.0, 20.0, 30.0], "{ways:?}");
        assert_eq!(first("b.E.V"), 4.0 + 50.0 + 300.0 + 30_000.0, "{ways:?}");
        assert_eq!(last("b.E.V"), 4.0 + 500.0 + 300.0 + 30_000.0, "{ways:?}");
        // The fourth neuron has none of its own: it takes the last.
        assert_eq!(traces(&ran, "b.F.V")[..4], [4.0, 5.0, 6.0, 6.0], "{ways:?}");
        let of = |k: usize| first(&format!("c[{k}].E.V"));
        assert_eq!([of(0), of(1), of(2)], [4.0, 10.0, 16.0], "{ways:?}");
        assert_eq!((first("O.V"), last("O.V")), (35.0, 80.0), "{ways:?}");
    }
    let set = ["--set", "all[2]=7", "--set", "b.sizes[0]=2", "--set", "a.W[1,0]=1"];
    let ran = run(network, &set);
    assert_eq!(traces(&ran, "c[2].E.V")[0], 17.0);
    assert_eq!(traces(&ran, "a.E.V")[0], 10.0 + 200.0 + 100.0 + 30_000.0);
}

/// A long table in single precision, which does not count to its end.
#[test]
fn too_long_for_single_precision() {
    let folder = tempfile::tempdir().expect("a folder");
    let length = (1 << 24) + 2;
    let header = format!("{{'descr': '|b1', 'fortran_order': False, 'shape': ({length},), }}");
    let padded = format!("{header:<117}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(padded.len()).expect("short").to_le_bytes());
    bytes.extend(padded.as_bytes());
    bytes.resize(bytes.len() + length, 1);
    fs::write(folder.path().join("long.npy"), bytes).expect("written");
    let path = folder.path().join("net.bp");
    let network = "data long = file(\"long.npy\")
neuron N { state k, V : 1 = 0  V(t + dt) = long[k] }
network Net { population P : N }
simulate Net { dt 0.1 ms  duration 0.1 ms }
";
    fs::write(&path, network).expect("written");
    let refused = crate::bpc::bpc(&["run", &text(&path), "--precision", "f32"]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && told.contains("use --precision f64"), "{told}");
}

/// Every integrator sees the element of its own stage: x grows by 1 until it is 1, by 2 until 2, then by 4 (and so many more in ms as
/// the neuron says).
#[test]
fn integrators_read_data_at_their_stages() {
    let methods =
        ["euler", "heun", "midpoint", "rk4", "exponential_euler", "implicit_euler", "rosenbrock", "dormand_prince"];
    for method in methods {
        let network = format!(
            "data W = [[1, 2], [2, 4], [4, 8]]
data pulse = [0, 1, 0]
neuron Growing {{
    state x, y : 1 = 0
    x' = W[floor(x), i] / 1 ms
    y' = pulse[t - 0.2 ms every 0.5 ms] * W[x, i] / W[x, i] / 1 ms
    method {method}
}}
network Net {{ population P[2] : Growing }}
simulate Net {{ dt 0.01 ms  duration 2 ms  record P.x, P.y }}
"
        );
        for ways in WAYS {
            let ran = run(&network, ways);
            let (x, y) = (traces(&ran, "P.x"), traces(&ran, "P.y"));
            for step in 0..200 {
                for i in 0..2 {
                    let t = 0.01 * (step + 1) as f64 * (i + 1) as f64;
                    let wanted = if t < 1.0 {
                        t
                    } else if t < 1.5 {
                        2.0 * t - 1.0
                    } else {
                        4.0 * t - 4.0
                    };
                    let found = x[2 * step + i];
                    assert!((found - wanted).abs() < 0.1, "{method} {ways:?}: step {step}: {found}, not {wanted}");
                    // Held over whole steps, so every method is exact.
                    let wanted = (0.01 * (step as f64 - 69.0)).clamp(0.0, 0.5);
                    let found = y[2 * step + i];
                    assert!((found - wanted).abs() < 1e-4, "{method} {ways:?}: step {step}: {found}, not {wanted}");
                }
            }
        }
    }
}
