//! Neurons whose rule sets the potential anew at a threshold: what is beyond it has no part in a step. Against forward Euler at
//! steps of 0.1 us, whose only error is its step.

use crate::bpc::{bpc, text};
use crate::spike_trains::Run;

/// The AdEx of docs/language.md, "Neurons", without a bound of its exponential: a spike's w just after it, and the number of spikes.
const ADEX: &str = "neuron AdEx {
    param C : pF = 281 pF, g_L = 30 nS, E_L = -70.6 mV, V_T = -50.4 mV, D = 2 mV
    param tau_w = 144 ms, a = 4 nS, b = 80.5 pA, t_ref = 2 ms, V_peak = 0 mV
    input I : pA
    state V : mV = E_L
    state w : pA = 0
    V' = (g_L * (E_L - V) + g_L * D * exp((V - V_T) / D) - w + I) / C
    w' = (a * (V - E_L) - w) / tau_w
    spike when V > V_peak { V = E_L  w += b  refractory t_ref hold V }
}
";

/// Spike times in ms and w behind the first spike, of forward Euler.
fn adex(step: f64) -> (Vec<f64>, f64) {
    let (mut v, mut w, mut held, mut first) = (-70.6_f64, 0.0, 0_u64, 0.0);
    let mut spikes = Vec::new();
    let refractory = (2.0 / step).round() as u64;
    for k in 0..(500.0 / step).round() as u64 {
        let up = (30.0 * (-70.6 - v) + 60.0 * ((v + 50.4) / 2.0).exp() - w + 1000.0) / 281.0;
        let along = (4.0 * (v + 70.6) - w) / 144.0;
        w += step * along;
        if held > 0 {
            held -= 1;
            continue;
        }
        v += step * up;
        if v > 0.0 {
            (v, held) = (-70.6, refractory);
            w += 80.5;
            spikes.push((k + 1) as f64 * step);
            first = if spikes.len() == 1 { w } else { first };
        }
    }
    (spikes, first)
}

/// The spikes of one neuron, and its w at the end of the step of the first.
fn spikes_and_first(run: &Run) -> (Vec<f64>, f64) {
    let spikes = run.spike_times("A");
    let first = run.steps(spikes[0]) - 1;
    (spikes, run.values("A.w")[first])
}

#[test]
fn an_upstroke_leaves_the_adaptation_alone() {
    let (wanted, first) = adex(1e-4);
    assert_eq!(wanted.len(), 17);
    assert!((first - 85.2).abs() < 0.1, "{first}");
    let methods = [
        "",
        "method midpoint",
        "method heun",
        "method rk4",
        "method dormand_prince",
        "method rkf45",
        "method euler",
        "method exponential_euler",
        "method exponential_rosenbrock",
        "method rosenbrock",
        "method hines",
        "method implicit_euler",
    ];
    for method in methods {
        for (dt, options) in [(0.1, &[][..]), (0.1, &["--precision", "f32"]), (0.02, &[])] {
            let text = format!(
                "{ADEX}network N {{ population A : AdEx {method}  drive A.I = 1 nA }}
simulate N {{ dt {dt} ms  duration 500 ms  record A.spikes, A.w }}
"
            );
            let (spikes, w) = spikes_and_first(&Run::of(&text, dt, options));
            // The last spike is a few ms before the end.
            assert!((16..=17).contains(&spikes.len()), "{method}, dt {dt} {options:?}: {} spikes", spikes.len());
            assert!((w - first).abs() < 4.0 * dt, "{method}, dt {dt}: w {w}, not {first}");
            // Half a step or a step for each spike; Euler's method errs by three.
            let late = spikes[15] - wanted[15];
            assert!(late.abs() < 60.0 * dt, "{method}, dt {dt} {options:?}: spike 16 is {late} ms late");
        }
    }
}

/// Izhikevich's fast-spiking neuron at steps that do not resolve its upstroke: a spike is a step late at most.
#[test]
fn coarse_steps_lose_no_more_than_a_step_a_spike() {
    let fine = {
        let (mut v, mut u, mut count, step) = (-65.0_f64, -13.0_f64, 0_u32, 1e-4);
        for _ in 0..10_000_000_u32 {
            let (up, along) = (0.04 * v * v + 5.0 * v + 140.0 - u + 10.0, 0.1 * (0.2 * v - u));
            (v, u) = (v + step * up, u + step * along);
            if v >= 30.0 {
                (v, u, count) = (-65.0, u + 2.0, count + 1);
            }
        }
        f64::from(count)
    };
    assert!((fine - 137.0).abs() <= 1.0, "{fine}");
    for dt in [0.1, 0.25, 0.5] {
        let text = format!(
            "use std::neurons::Izhikevich
network N {{ population A : Izhikevich {{ a = 0.1 ms^-1, d = 2 mV/ms }}  drive A.I = 10 mV/ms }}
simulate N {{ dt {dt} ms  duration 1 s  record A.spikes }}
"
        );
        let found = Run::of(&text, dt, &[]).spike_times("A").len() as f64;
        let least = 1000.0 / (1000.0 / fine + 2.0 * dt);
        assert!(found <= fine + 1.0 && found >= least, "dt {dt}: {found} of {fine}, at least {least}");
    }
}

/// A reset that follows from where the state was goes on beyond the threshold: stages see all of it, and the order stays.
#[test]
fn phases_go_on_beyond_their_turn() {
    let error = |dt: f64| {
        let text = format!(
            "neuron Phase {{
    state theta : 1 = 0
    theta' = (1.3 + sin(theta)) / 1 ms
    spike when theta > 2 * pi {{ theta -= 2 * pi }}
}}
network N {{ population A : Phase }}
simulate N {{ dt {dt} ms  duration 30 ms  record A.theta }}
"
        );
        let last = *Run::of(&text, dt, &[]).values("A.theta").last().expect("a sample");
        let mut theta = 0.0_f64;
        let slope = |theta: f64| 1.3 + theta.sin();
        for _ in 0..300_000 {
            let h = 1e-4;
            let k1 = slope(theta);
            let k2 = slope(theta + 0.5 * h * k1);
            let k3 = slope(theta + 0.5 * h * k2);
            let k4 = slope(theta + h * k3);
            theta += h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
        }
        (last - theta.rem_euclid(std::f64::consts::TAU)).abs()
    };
    let (coarse, fine) = (error(0.1), error(0.05));
    let order = (coarse / fine).log2();
    assert!((order - 4.0).abs() < 0.4, "{coarse:e}, {fine:e}: order {order}");
}

/// Which neurons it is about, as `bpc check --explain` tells.
#[test]
fn what_stages_see_is_told() {
    let cases = [
        ("spike when V > V_peak { V = E_L }", "rk4", "; stages see V up to V_peak"),
        ("spike when V >= -10 mV { V = E_L }", "rk4", "; stages see V up to its threshold"),
        ("spike when top <= V { V = E_L  top += 1 mV }", "rk4", "; stages see V up to top"),
        ("spike when V > V_peak { V = E_L }", "rosenbrock", "; exponential Euler in steps in which V runs into V_peak"),
        ("spike when V > V_peak { V = E_L }", "euler", ""),
        ("spike when V > V_peak { }", "rk4", ""),
        ("spike when V > V_peak { V -= 20 mV }", "rk4", ""),
        ("spike when V crosses V_peak { V = E_L }", "rk4", ""),
        ("spike when V > V_peak and top > 0 mV { V = E_L }", "rk4", ""),
        ("spike when V > V_peak + normal(0 mV, 1 mV) { V = E_L }", "rk4", ""),
        ("spike when V > V_peak + 0.1 * w * 1 mV { V = E_L }", "rk4", ""),
    ];
    for (rule, method, told) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("net.bp");
        let source = format!(
            "neuron Cell {{
    param E_L = -70 mV, V_peak = -20 mV
    state V : mV = E_L
    state w : 1 = 0
    state top : mV = -20 mV
    V' = (E_L - V + 2 mV * exp((V + 50 mV) / 2 mV)) / 10 ms
    w' = -w / 20 ms
    {rule}
}}
network N {{ population A : Cell method {method} }}
simulate N {{ dt 0.1 ms  duration 1 ms }}
"
        );
        std::fs::write(&file, source).expect("written");
        let output = bpc(&["check", "--explain", &text(&file)]);
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = shown.lines().find(|line| line.trim_start().starts_with("V: ")).expect(&shown).to_owned();
        let has = ["stages see", "runs into"].into_iter().any(|part| line.contains(part));
        assert!(line.ends_with(told) && has != told.is_empty(), "{rule}, {method}: {line}");
    }
}
