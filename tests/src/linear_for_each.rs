//! Linear equations that are coupled, with coefficients of each neuron (`cases/run/linear_for_each.bp`), against closed forms.

use crate::bpc::{bpc, case, run_json, text};
use crate::statistics::array;

/// Times in ms and, for each of them, the values of all neurons.
fn recorded(network: &str, states: &[&str]) -> Vec<(Vec<f64>, Vec<f64>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, out) = (case("linear_for_each.bp"), text(folder.path()));
    run_json(&["run", &file, "--out", &out, "--network", network]);
    let traces = folder.path().join("traces.npz");
    let of = |state: &&str| (array(&traces, &format!("{state}_time_ms")), array(&traces, state));
    states.iter().map(of).collect()
}

/// Compares with a function of neuron and time; 1e-12 of the largest value.
#[track_caller]
fn agrees(label: &str, (times, values): &(Vec<f64>, Vec<f64>), wanted: impl Fn(f64, f64) -> f64) {
    let neurons = values.len() / times.len();
    assert!(neurons > 1 && times.len() > 10, "{label}: {} values", values.len());
    let largest = values.iter().fold(1.0, |a: f64, b| a.max(b.abs()));
    for (k, &t) in times.iter().enumerate() {
        for i in 0..neurons {
            let (found, wanted) = (values[k * neurons + i], wanted(i as f64, t));
            assert!((found - wanted).abs() < 1e-12 * largest, "{label}, neuron {i}, {t} ms: {found}, not {wanted}");
        }
    }
}

/// (exp(-t / a) - exp(-t / b)) / (1 / b - 1 / a): what decays with b gives to what decays with a.
fn driven(a: f64, b: f64, t: f64) -> f64 {
    let difference = 1.0 / b - 1.0 / a;
    if difference == 0.0 { t * (-t / a).exp() } else { -(-t / a).exp() * (-difference * t).exp_m1() / difference }
}

/// The whole step is exact, also where time constants are equal, and whoever names the method.
#[test]
fn a_membrane_with_exponential_currents_is_exact() {
    let potential = |i: f64, t: f64| {
        let tau = 1.0 + i;
        let rest = -70.0 + 1.5 * tau;
        rest + (-62.0 - rest) * (-t / tau).exp() + 3.0 * driven(tau, 2.0, t) - 2.0 * driven(tau, 5.0, t)
    };
    let all = recorded("Net", &["M.V", "M.a", "N.V"]);
    agrees("M.V", &all[0], potential);
    agrees("M.a", &all[1], |_, t| 3.0 * (-t / 2.0).exp());
    agrees("N.V", &all[2], potential);
}

#[test]
fn a_membrane_behind_an_alpha_function_is_exact() {
    let all = recorded("Net", &["B.V", "B.g"]);
    agrees("B.V", &all[0], |i, t| {
        let tau = 1.0 + 0.8 * i;
        let k = 0.2 - 1.0 / tau;
        let z = k * t;
        // (1 - exp(-z) (1 + z)) / k²; its series where that cancels
        let shape = if z.abs() < 0.05 {
            let mut term = 1.0;
            let sum: f64 = (0..12)
                .map(|n| {
                    let value = term / f64::from(n + 2);
                    term *= -z / f64::from(n + 1);
                    value
                })
                .sum();
            t * t * sum
        } else {
            (1.0 - (-z).exp() * (1.0 + z)) / (k * k)
        };
        2.0 * (-t / tau).exp() * shape
    });
    agrees("B.g", &all[1], |_, t| 2.0 * t * (-t / 5.0).exp());
}

/// Neither equation relaxes by itself: rk4 for both, but for their closed form.
#[test]
fn what_turns_is_exact() {
    let all = recorded("Net", &["R.x", "R.y"]);
    agrees("R.x", &all[0], |i, t| ((0.3 + 0.2 * i) * t).cos());
    agrees("R.y", &all[1], |i, t| -((0.3 + 0.2 * i) * t).sin());
}

/// What drives a potential stands still in a refractory time, which the potential must see in each step.
#[test]
fn what_is_held_drives_on() {
    let all = recorded("Holding", &["H.V", "H.g"]);
    let (times, values) = &all[1];
    // g stands still from the end of the step of the spike; when that is, is read off g itself.
    let last = (0..times.len()).find(|&k| values[k * 5] == values[(k + 1) * 5]).expect("it is held");
    let start = times[last];
    assert!((0.9..1.2).contains(&start), "held from {start} ms");
    let current = |t: f64| 2.0 * (-(t.min(start) + (t - start - 2.0).max(0.0)) / 5.0).exp();
    agrees("H.g", &all[1], |_, t| current(t));
    agrees("H.V", &all[0], |i, t| {
        let tau = 3.0 + 2.0 * i;
        let decayed = |v: f64, time: f64| v * (-time / tau).exp();
        let mut v = current(0.0) * driven(tau, 5.0, t.min(start));
        let held = (t - start).clamp(0.0, 2.0);
        v = decayed(v, held) - current(start) * tau * (-held / tau).exp_m1();
        let rest = (t - start - 2.0).max(0.0);
        decayed(v, rest) + current(start) * driven(tau, 5.0, rest)
    });
}

/// A model of the standard library says that it is integrated exactly.
#[test]
fn alpha_currents_are_exact_with_time_constants_of_each_neuron() {
    let output = bpc(&["check", "--explain", &case("linear_for_each.bp"), "--network", "Alpha"]);
    let told = String::from_utf8(output.stdout).expect("text");
    let equations: Vec<&str> = told.lines().filter(|line| line.starts_with("    ")).collect();
    assert_eq!(equations.len(), 5, "{told}");
    assert!(equations.iter().all(|line| line.contains(": no error; ")), "{told}");
    assert!(equations[0].contains("exponential of 5 x 5 of each"), "{told}");
}

#[test]
fn the_plan_says_which_are_too_many() {
    let printed = |command: &[&str]| {
        let output = bpc(&[command, &[&case("linear_for_each.bp"), "--network", "Net"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let plan = printed(&["explain-plan"]);
    for line in [
        "    V: exact\n",
        "    x: exponential rosenbrock\n",
        "    q: exponential euler (too many are coupled, with coefficients that differ from neuron to neuron)\n",
    ] {
        assert!(plan.contains(line), "{line} is not in\n{plan}");
    }
    let told = printed(&["check", "--explain"]);
    for line in [
        "    V: exact: no error; linear in V with coefficients of every neuron's own, driven by what decays: a, b\n",
        "    x: exponential rosenbrock: no error; linear and coupled with coefficients of every neuron's own: x, y;",
        "    q: exponential euler: order 1; linear in q;",
    ] {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }
}
