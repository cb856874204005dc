//! What the documentation says of implicit methods where equations are strongly nonlinear: the reaction of H. H. Robertson
//! (1966), against explicit steps so small that they are stable.

use crate::bpc::{bpc, text};
use crate::spike_trains::Run;

fn network(method: &str) -> String {
    format!(
        "neuron Robertson {{
    state a : 1 = 1
    state b : 1 = 0
    state c : 1 = 0
    a' = (-0.04 * a + 1e4 * b * c) / 1 ms
    b' = (0.04 * a - 1e4 * b * c - 3e7 * b^2) / 1 ms
    c' = 3e7 * b^2 / 1 ms
}}
network Net {{ population A : Robertson method {method} }}
simulate Net {{ dt 0.1 ms  duration 40 ms  seed 1  record A.a, A.b, A.c every 40 ms }}
"
    )
}

/// The concentrations after 40 ms by the classical Runge-Kutta method; the fastest rate is about 4000 per ms.
fn reference() -> [f64; 3] {
    let slope = |x: [f64; 3]| {
        let (first, second, third) = (0.04 * x[0], 1e4 * x[1] * x[2], 3e7 * x[1] * x[1]);
        [second - first, first - second - third, third]
    };
    let h = 2e-4;
    let mut x = [1.0, 0.0, 0.0];
    for _ in 0..200_000 {
        let at = |k: [f64; 3], h: f64| [x[0] + h * k[0], x[1] + h * k[1], x[2] + h * k[2]];
        let a = slope(x);
        let b = slope(at(a, h / 2.0));
        let c = slope(at(b, h / 2.0));
        let d = slope(at(c, h));
        x = std::array::from_fn(|i| x[i] + h / 6.0 * (a[i] + 2.0 * b[i] + 2.0 * c[i] + d[i]));
    }
    x
}

/// How far the run's first concentration is from the reference.
fn error(method: &str, dt: f64, wanted: [f64; 3]) -> f64 {
    let run = Run::of(&network(method), dt, &[]);
    let last = |state: &str| *run.values(state).last().expect("a sample");
    let found = [last("A.a"), last("A.b"), last("A.c")];
    let error = (found[0] - wanted[0]).abs();
    println!("{method}, {dt} ms: {found:?}, off by {error:.1e}");
    error
}

#[test]
fn what_is_linearly_implicit_must_resolve_a_reaction_and_backward_euler_need_not() {
    let wanted = reference();
    assert!((wanted[0] - 0.71582707).abs() < 1e-8, "the value at 40 of the literature: {wanted:?}");
    assert!(error("rosenbrock", 0.002, wanted) < 1e-7);
    assert!(error("rosenbrock", 0.01, wanted) > 0.1);
    for (dt, most) in [(1.0, 4e-3), (0.1, 4e-4), (0.01, 4e-5)] {
        let error = error("implicit_euler", dt, wanted);
        assert!((most / 2.0..most).contains(&error), "{dt} ms: {error:e}");
    }
    assert!(error("dormand_prince { tolerance = 1e-10 }", 0.1, wanted) < 1e-7);

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("net.bp");
    std::fs::write(&file, network("rosenbrock")).expect("written");
    let output = bpc(&["run", &text(&file)]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("of neuron 0 became NaN"), "{told}");
}
