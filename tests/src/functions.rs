//! Built-in functions in compiled networks, in both precisions, against the host's library; and draws of counts and of the
//! gamma distribution against their laws.

use crate::spike_trains::Run;
use bpc_core::analysis::derivative::{derivative, derivative_almost_everywhere};
use bpc_core::ir::{Graph, Node, Op, Type};
use std::collections::HashMap;

const NEURONS: usize = 67;

/// Each function over states of many neurons, evaluated in the step.
#[test]
fn functions_are_those_of_the_host() {
    type Case = (&'static str, fn(f64) -> f64);
    let cases: &[Case] = &[
        ("atan(x)", f64::atan),
        ("asin(x / 4)", |x| (x / 4.0).asin()),
        ("acos(x / 4)", |x| (x / 4.0).acos()),
        ("atan2(x * 1 mV, (x - 1) * 2 mV)", |x| x.atan2(2.0 * (x - 1.0))),
        ("log10(x + 5)", |x| (x + 5.0).log10()),
        ("log2(x + 5)", |x| (x + 5.0).log2()),
        ("round(x)", f64::round_ties_even),
        ("trunc(x)", f64::trunc),
        ("sign(x * 1 mV)", |x| f64::from(i8::from(x > 0.0) - i8::from(x < 0.0))),
        ("clip(x, -1, 2)", |x| x.clamp(-1.0, 2.0)),
        ("mod(x, 0.7)", |x| x - 0.7 * (x / 0.7).floor()),
        ("x % -0.7", |x| x + 0.7 * (x / -0.7).floor()),
        ("(x * 1 mV) % 3 mV / 1 mV", |x| x - 3.0 * (x / 3.0).floor()),
        ("2 * x % 3 + 1", |x| 2.0 * x - 3.0 * (2.0 * x / 3.0).floor() + 1.0),
    ];
    let states: String = (0..cases.len()).map(|k| format!("state y{k} : 1 = 0\n")).collect();
    let values: String = cases.iter().enumerate().map(|(k, case)| format!("y{k}(t + dt) = {}\n", case.0)).collect();
    let names: Vec<String> = (0..cases.len()).map(|k| format!("A.y{k}")).collect();
    let source = format!(
        "neuron All {{ state x : 1 = 0.118 * i - 3.9\n{states}{values} }}
        network Net {{ population A[{NEURONS}] : All }}
        simulate Net {{ dt 1 ms  duration 1 ms  record A.x, {} }}",
        names.join(", ")
    );
    for (precision, bound) in [("f64", 4e-15), ("f32", 2e-6)] {
        let run = Run::of(&source, 1.0, &["--precision", precision]);
        let of = |name: &str| run.values(name);
        let x = of("A.x");
        let narrow = Run::of(&source, 1.0, &["--precision", precision, "--cpu", "x86-64"]);
        for name in &names {
            assert!(of(name) == narrow.values(name), "{precision} {name} depends on the processor");
        }
        for (name, (text, exact)) in names.iter().zip(cases) {
            for (x, y) in x.iter().zip(of(name)) {
                let error = (y - exact(*x)).abs();
                // Whole numbers and jumps: the places of jumps are computed alike but for rounding.
                let jumps = text.contains('%') || text.starts_with("mod");
                assert!(
                    error < bound || jumps && (error - 3.0).abs().min((error - 0.7).abs()) < bound,
                    "{precision} {text} at {x}: {y}, not {}",
                    exact(*x)
                );
            }
        }
    }
}

/// An index that is the rest of a division is proven to exist, and is exact.
#[test]
fn rests_are_indices() {
    let run = Run::of(
        "data W = [[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]
        data v = [5, 6, 7]
        neuron Read { state a : 1 = W[i % 3, mod(i, 4)]  state b : 1 = v[(i + 1) % 3] }
        network Net {
            population A[50] : Read
            project A -> A { connect all_to_all  weight ~ W[i % 3, j % 4]  receptor Nothing }
        }
        receptor Nothing { post a : 1  on spike(w) { a += w } }
        simulate Net { dt 1 ms  duration 1 ms  record A.a, A.b }",
        1.0,
        &[],
    );
    let (a, b) = (run.values("A.a"), run.values("A.b"));
    for i in 0..50 {
        assert_eq!(a[i], (10 * (i % 3) + i % 4) as f64);
        assert_eq!(b[i], [5.0, 6.0, 7.0][(i + 1) % 3]);
    }
}

/// Quotients of whole numbers are those of the host, in initial values and in steps: no reciprocal comes in between.
#[test]
fn quotients_of_whole_numbers_are_exact() {
    let run = Run::of(
        "neuron Divided {
            param n = 49
            state k : 1 = i
            state rest : 1 = floor(2 * (i + 1) / n)
            state reached : 1 = if i / n >= 1 then 1 else 0
            state low : 1 = 0  state high : 1 = 0  state near : 1 = 0  state cut : 1 = 0
            low(t + dt) = floor(k / n)
            high(t + dt) = ceil(k / n)
            near(t + dt) = round(1 + 2 * (k / n))
            cut(t + dt) = trunc(k / n - 1)
        }
        network Net { population A[200] : Divided }
        simulate Net { dt 1 ms  duration 1 ms  record A.rest, A.reached, A.low, A.high, A.near, A.cut }",
        1.0,
        &[],
    );
    for i in 0..200_u32 {
        let (k, whole) = (f64::from(i), |name: &str| run.values(name)[i as usize]);
        assert_eq!(whole("A.rest"), f64::from(2 * (i + 1) / 49), "{i}");
        assert_eq!(whole("A.reached"), f64::from(u8::from(i >= 49)), "{i}");
        assert_eq!(whole("A.low"), f64::from(i / 49), "{i}");
        assert_eq!(whole("A.high"), f64::from(i.div_ceil(49)), "{i}");
        assert_eq!(whole("A.near"), (1.0 + 2.0 * (k / 49.0)).round_ties_even(), "{i}");
        assert_eq!(whole("A.cut"), (k / 49.0 - 1.0).trunc(), "{i}");
    }
}

/// Names of functions that came later may be declared; then they mean what is declared.
#[test]
fn later_names_may_be_declared() {
    let run = Run::of(
        "function round(x) = 2 * x
        neuron Own { param gamma = 3, mod = 1  state sign : 1 = 2  state y : 1 = 0
            y(t + dt) = round(gamma) + mod + sign(t - 1 ms) }
        network Net { population A : Own }
        simulate Net { dt 1 ms  duration 1 ms  record A.y }",
        1.0,
        &[],
    );
    assert_eq!(run.values("A.y"), [9.0]);
}

/// Mean and variance of a list.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n)
}

/// Draws in difference equations, at events, in weights and as initial values: mean, variance, and whole numbers.
#[test]
fn counts_and_gamma_numbers_have_their_moments() {
    // What is drawn, mean, variance, whether whole.
    let cases: &[(&str, f64, f64, bool)] = &[
        ("poisson(0.3)", 0.3, 0.3, true),
        ("poisson(8)", 8.0, 8.0, true),
        ("poisson(80 + 0 * n)", 80.0, 80.0, true),
        ("poisson(if n % 2 < 1 then 2 else 50)", 26.0, 26.0 + 576.0, true),
        ("binomial(7, 0.2)", 1.4, 1.12, true),
        ("binomial(1000, 0.7)", 700.0, 210.0, true),
        ("bernoulli(0.25)", 0.25, 0.1875, true),
        ("gamma(0.5, 2)", 1.0, 2.0, false),
        ("gamma(30, 0.1)", 3.0, 0.3, false),
        ("beta(0.5, 0.5)", 0.5, 0.125, false),
        ("beta(2, 3)", 0.4, 0.04, false),
        ("beta(30, 5)", 0.857142857143, 0.00340136054422, false),
        ("beta(0.05, 0.1)", 1.0 / 3.0, 0.193236714976, false),
        // By numerical integration of the density.
        ("truncated_normal(0, 1, -1, 2)", 0.229637179091, 0.519762539212, false),
        ("truncated_normal(20, 2, 19, 1e9)", 21.0183208677, 1.94470174282, false),
        ("truncated_normal(0, 1, 3, 1e6)", 3.28309865493, 0.0705591867867, false),
        ("truncated_normal(5, 3, 4.9, 5.1)", 5.0, 0.0033328395323, false),
        ("truncated_normal(if n % 2 < 1 then 0 else -3, 1, -9, -4)", -4.37537119592, 0.145314456881, false),
        ("truncated_normal(-3, 0.5, -100, 100)", -3.0, 0.25, false),
        ("truncated_normal(0, 2, -1.5, 3)", 0.485786100564, 1.3855798606, false),
    ];
    let states: String = (0..cases.len()).map(|k| format!("state y{k} : 1 = 0\n")).collect();
    let values: String = cases.iter().enumerate().map(|(k, c)| format!("y{k}(t + dt) = {}\n", c.0)).collect();
    let names: Vec<String> = (0..cases.len()).map(|k| format!("A.y{k}")).collect();
    let source = format!(
        "neuron All {{ state n : 1 = i\n{states}{values} }}
        network Net {{ population A[1000] : All }}
        simulate Net {{ dt 1 ms  duration 60 ms  seed 7  record {} }}",
        names.join(", ")
    );
    for precision in ["f64", "f32"] {
        let run = Run::of(&source, 1.0, &["--precision", precision]);
        // No lane sees its neighbours.
        let narrow = Run::of(&source, 1.0, &["--precision", precision, "--cpu", "x86-64", "--threads", "2"]);
        for (name, (text, mean, variance, whole)) in names.iter().zip(cases) {
            let values = run.values(name);
            assert!(values == narrow.values(name), "{precision} {text} depends on the width of vectors");
            let n = values.len() as f64;
            let (m, v) = moments(&values);
            assert!((m - mean).abs() < 5.0 * (variance / n).sqrt(), "{precision} {text}: mean {m}");
            let fourth = values.iter().map(|x| (x - m).powi(4)).sum::<f64>() / n;
            assert!(
                (v - variance).abs() < 5.0 * ((fourth - v * v) / n).sqrt() + 1e-9,
                "{precision} {text}: variance {v}"
            );
            assert!(!whole || values.iter().all(|x| x.fract() == 0.0 && *x >= 0.0), "{text}");
            let steps: Vec<&[f64]> = values.chunks(1000).collect();
            assert!(steps.windows(2).all(|pair| pair[0] != pair[1]), "{text}: two steps draw alike");
        }
    }
}

/// The error function by its power series, for arguments of a few units.
fn erf(x: f64) -> f64 {
    let mut term = x;
    let mut sum = x;
    for k in 1..80 {
        term *= -x * x / f64::from(k);
        sum += term / (2.0 * f64::from(k) + 1.0);
    }
    sum * std::f64::consts::FRAC_2_SQRT_PI
}

/// The whole distribution, not its moments alone: the largest distance of the empirical distribution function from the
/// exact one, which is above 1.95 / sqrt(n) in one of a thousand runs.
#[test]
fn beta_and_truncated_numbers_have_their_laws() {
    let normal = |x: f64| 0.5 * (1.0 + erf(x / std::f64::consts::SQRT_2));
    let between = move |low: f64, high: f64, x: f64| (normal(x) - normal(low)) / (normal(high) - normal(low));
    type Law = Box<dyn Fn(f64) -> f64>;
    let cases: [(&str, Law, [f64; 2]); 6] = [
        ("beta(1, 4)", Box::new(|x: f64| 1.0 - (1.0 - x).powi(4)), [0.0, 1.0]),
        ("beta(0.5, 0.5)", Box::new(|x: f64| x.sqrt().asin() * std::f64::consts::FRAC_2_PI), [0.0, 1.0]),
        ("beta(2, 2)", Box::new(|x: f64| x * x * (3.0 - 2.0 * x)), [0.0, 1.0]),
        ("truncated_normal(0, 1, -0.5, 3)", Box::new(move |x| between(-0.5, 3.0, x)), [-0.5, 3.0]),
        ("truncated_normal(0, 1, 1, 2.5)", Box::new(move |x| between(1.0, 2.5, x)), [1.0, 2.5]),
        ("truncated_normal(0, 1, -2.2, -1.9)", Box::new(move |x| between(-2.2, -1.9, x)), [-2.2, -1.9]),
    ];
    let states: String = (0..cases.len()).map(|k| format!("state y{k} : 1 = 0\n")).collect();
    let values: String = cases.iter().enumerate().map(|(k, c)| format!("y{k}(t + dt) = {}\n", c.0)).collect();
    let names: Vec<String> = (0..cases.len()).map(|k| format!("A.y{k}")).collect();
    let source = format!(
        "neuron All {{ {states}{values} }}
        network Net {{ population A[5000] : All }}
        simulate Net {{ dt 1 ms  duration 4 ms  seed 11  record {} }}",
        names.join(", ")
    );
    for precision in ["f64", "f32"] {
        let run = Run::of(&source, 1.0, &["--precision", precision]);
        for (name, (text, law, [low, high])) in names.iter().zip(&cases) {
            let mut values = run.values(name);
            values.sort_by(f64::total_cmp);
            // A bound in f32 is the nearest number.
            assert!(values[0] >= low - 1e-6 && *values.last().expect("some") <= high + 1e-6, "{precision} {text}");
            let n = values.len() as f64;
            let off = |(k, x): (usize, &f64)| ((k as f64 + 0.5) / n - law(*x)).abs();
            let distance = values.iter().enumerate().map(off).fold(0.0, f64::max);
            assert!(distance < 1.95 / n.sqrt(), "{precision} {text}: {distance}");
        }
    }
}

/// Initial values, weights, delays and spikes: where draws stood before, counts may stand.
#[test]
fn counts_stand_where_draws_may() {
    let run = Run::of(
        "receptor Jump { post v : 1  on spike(w) { v += w * binomial(20, 0.5) } }
        neuron Cell { state v : 1 = 0  state left : ms = 2 ms  left' = -1
            spike when left <= 0.5 ms { left = 1 ms * (1 + poisson(3)) } }
        network Net {
            population A[300] : Cell
            population B[300] : Cell
            init B.v ~ gamma(2, 3) + beta(2, 5) + truncated_normal(0, 1, 0, 2)
            project p: A -> B { connect fixed_in_degree(20)  weight ~ poisson(4)  delay ~ 1 ms + 1 ms * poisson(2) + 0.1 ms * beta(2, 3) + truncated_normal(0 ms, 1 ms, -0.2 ms, 0.2 ms)  receptor Jump }
        }
        simulate Net { dt 1 ms  duration 100 ms  seed 2  record B.v every 100 ms  record p.weight every 100 ms  record A.spikes }",
        1.0,
        &[],
    );
    let weights = run.values("p.weight");
    assert!(weights.iter().all(|w| w.fract() == 0.0));
    let (mean, variance) = moments(&weights);
    let n = weights.len() as f64;
    assert!(
        (mean - 4.0).abs() < 5.0 * (4.0 / n).sqrt() && (variance - 4.0).abs() < 5.0 * (36.0 / n).sqrt(),
        "{mean} {variance}"
    );
    // A period of 1 + (1 + 3) steps on average: 300 neurons, 100 ms.
    let spikes = run.spike_times("A").len() as f64;
    assert!((spikes / 300.0 - 25.0).abs() < 2.0, "{spikes}");
    let arrived = run.values("B.v").iter().sum::<f64>() / 300.0;
    assert!((arrived / (spikes / 300.0 * 20.0 * 4.0 * 10.0) - 1.0).abs() < 0.1, "{arrived}");
}

/// The rules of derivatives against differences, in each argument.
#[test]
fn derivatives_are_those_of_the_functions() {
    let mut graph = Graph::default();
    let [x, y] = ["x", "y"].map(|name| graph.leaf(Op::Get(name.into(), Type::Real)));
    let at = |graph: &mut Graph, node: Node, (a, b): (f64, f64)| {
        let (a, b) = (graph.constant(a), graph.constant(b));
        let value = graph.substitute(node, &HashMap::from([(x, a), (y, b)]));
        graph.as_constant(value).expect("a number")
    };
    for op in [Op::Log10, Op::Log2, Op::Atan, Op::Asin, Op::Acos, Op::Atan2, Op::Modulo] {
        let two = matches!(op, Op::Atan2 | Op::Modulo);
        let arguments = if two { vec![x, y] } else { vec![x] };
        let node = graph.node(op.clone(), &arguments);
        for variable in [x, y] {
            let slope = derivative_almost_everywhere(&mut graph, node, variable).expect("a rule");
            for (a, b) in [(0.3, 0.7), (0.9, 0.2), (0.45, -0.31)] {
                let h = 1e-6;
                let (right, left) = if variable == x { ((a + h, b), (a - h, b)) } else { ((a, b + h), (a, b - h)) };
                let wanted = (at(&mut graph, node, right) - at(&mut graph, node, left)) / (2.0 * h);
                let found = at(&mut graph, slope, (a, b));
                assert!(
                    (found - wanted).abs() < 1e-7 * (1.0 + wanted.abs()),
                    "{op:?} at {a}, {b}: {found}, not {wanted}"
                );
            }
        }
    }
    // What jumps is not linear, though its slope is constant between the jumps.
    for op in [Op::Modulo, Op::Round] {
        let arguments = if op == Op::Modulo { vec![x, y] } else { vec![x] };
        let node = graph.node(op.clone(), &arguments);
        assert!(derivative(&mut graph, node, x).is_err(), "{op:?}");
    }
}
