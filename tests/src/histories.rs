//! Delayed variables with a past of their own, against the method of steps and against the past itself.

use crate::bpc::{case, run_json, text};
use crate::statistics::array;
use tempfile::TempDir;

const FILE: &str = "histories.bp";

fn run(network: &str, options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let out = text(folder.path());
    run_json(&[&["run", &case(FILE), "--network", network, "--out", &out], options].concat());
    folder
}

fn values(run: &TempDir, state: &str) -> Vec<f64> {
    array(&run.path().join("traces.npz"), state)
}

/// x' = -x(t - 1) that was 1 + t before 0 and is `start` at 0, up to 3.
fn ramp(t: f64, start: f64) -> f64 {
    // From 0 to 1 it is start - t^2 / 2, and so on: each piece is the integral of the one before.
    let end_of_first = start - 0.5;
    let second = |u: f64| end_of_first - start * u + u.powi(3) / 6.0;
    if t <= 1.0 {
        start - t * t / 2.0
    } else if t <= 2.0 {
        second(t - 1.0)
    } else {
        let u = t - 2.0;
        second(1.0) - end_of_first * u + start * u * u / 2.0 - u.powi(4) / 24.0
    }
}

#[test]
fn a_past_that_is_not_constant_is_followed() {
    let errors = ["0.05 ms", "0.025 ms"].map(|dt| {
        let run = run("Steps", &["--dt", dt]);
        let times = values(&run, "rk4.x_time_ms");
        let error = |name: &str, every: usize, start: f64| {
            let found = values(&run, name);
            assert_eq!(found.len(), every * times.len());
            let wanted = times.iter().flat_map(|t| vec![ramp(*t, start); every]);
            found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        [error("euler.x", 1, 1.0), error("rk4.x", 1, 1.0), error("automatic.x", 3, 1.0), error("jump.x", 1, 2.0)]
    });
    // With a jump at 0 between two kept values, an equation sees a slope over one step.
    for (which, order) in [1.0, 2.0, 2.0, 1.0].into_iter().enumerate() {
        let found = (errors[0][which] / errors[1][which]).log2();
        println!("{which}: {:.2e}, {:.2e}: order {found:.2}", errors[0][which], errors[1][which]);
        assert!((found - order).abs() < 0.15, "{which}: order {found}, not {order}");
    }
}

#[test]
fn couplings_and_difference_equations_read_the_past() {
    for precision in ["f64", "f32"] {
        let run = run("Read", &["--precision", precision, "--threads", "2"]);
        let tolerance = if precision == "f64" { 1e-12 } else { 1e-5 };
        let phase = values(&run, "A.phase");
        let past = |n: usize, t: f64| (2.0 * t.min(0.0) + phase[n]).sin() + 0.1 * n as f64;
        let [start, seen, same, own] = ["A.x", "A.seen", "B.y", "C.y"].map(|name| values(&run, name));
        let [fixed, of_fixed] = ["D.x", "D.seen"].map(|name| values(&run, name));
        let mut differ = 0;
        for step in 0..8 {
            for n in 0..70 {
                let at = 70 * step + n;
                let now = step as f64;
                let close = |a: f64, b: f64| assert!((a - b).abs() < tolerance, "{precision} {step} {n}: {a}, not {b}");
                close(start[at], past(n, 0.0));
                close(seen[at], past(n, now - 3.0));
                close(same[at], past(n, now - 5.0));
                close(own[at], past(n, now - 1.0 - (n % 4) as f64));
                differ += usize::from((same[at] - past(n, 0.0)).abs() > 0.01);
                // What `init` says holds at 0, not before.
                close(fixed[at], 7.0 + n as f64);
                let before = (now - 3.0 + 0.5).sin() + 0.1 * n as f64;
                close(of_fixed[at], if now < 3.0 { before } else { 7.0 + n as f64 });
            }
        }
        assert!(differ > 300, "{differ}");
    }
}
