//! One noise in several equations: covariances in closed form, the increments themselves, and paths without the noise.

use crate::bpc::{case, run_json, text};
use crate::statistics::array;
use tempfile::TempDir;

fn run(network: &str, options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, out) = (case("shared_noise.bp"), text(folder.path()));
    run_json(&[&["run", &file, "--network", network, "--out", &out], options].concat());
    folder
}

fn values(run: &TempDir, state: &str) -> Vec<f64> {
    array(&run.path().join("traces.npz"), state)
}

/// Of x' = -x / p + a n and y' = -y / q + b n: the stationary covariance a b / (1 / p + 1 / q), with a standard error of
/// sqrt((v w + c^2) / N); the bounds are 4.5 of them, a false alarm in 150,000.
#[test]
fn two_states_are_correlated_by_their_noise() {
    let run = run("Covariance", &[]);
    let last = |name: &str| values(&run, name)[4000..].to_vec();
    let [x, y, z] = ["A.x", "A.y", "A.z"].map(last);
    let moment = |p: &[f64], q: &[f64]| p.iter().zip(q).map(|(a, b)| a * b).sum::<f64>() / 4000.0;
    let (of_x, of_y): (f64, f64) = (4.0 * 5.0 / 2.0, 20.0 / 2.0);
    let shared: f64 = -2.0 / (1.0 / 5.0 + 1.0 / 20.0);
    for (label, found, wanted, variances) in [
        ("x x", moment(&x, &x), of_x, (of_x, of_x)),
        ("y y", moment(&y, &y), of_y, (of_y, of_y)),
        ("x y", moment(&x, &y), shared, (of_x, of_y)),
        ("x z", moment(&x, &z), 0.0, (of_x, of_y)),
        ("y z", moment(&y, &z), 0.0, (of_y, of_y)),
    ] {
        let error = ((variances.0 * variances.1 + wanted * wanted) / 4000.0).sqrt();
        println!("{label}: {found:.3}, expected {wanted:.3} +- {error:.3}");
        assert!((found - wanted).abs() < 4.5 * error, "{label}: {found}, not {wanted} +- {error}");
    }
}

/// Euler and Maruyama step by step: what is left of each state's step is the same number, which a difference equation draws too.
#[test]
fn the_increments_are_the_same_draws() {
    let (noisy, drawn) = (run("Euler", &[]), run("Draws", &[]));
    let [x, y] = ["A.x", "A.y"].map(|name| values(&noisy, name));
    let w = values(&drawn, "A.w");
    assert_eq!((x.len(), w.len()), (150, 150));
    let before = |path: &[f64], at: usize| if at < 3 { 0.0 } else { path[at - 3] };
    for at in 0..150 {
        let of_x = (x[at] - before(&x, at) * (1.0 - 0.1 / 5.0)) / (2.0 * 0.1_f64.sqrt());
        let of_y = (y[at] - before(&y, at) * (1.0 - 0.1 / 20.0)) / (-0.1_f64.sqrt());
        assert!((of_x - of_y).abs() < 1e-9, "{at}: {of_x}, {of_y}");
        assert!((of_x - w[at]).abs() < 1e-9, "{at}: {of_x}, {}", w[at]);
    }
}

/// x' = s x n and y' = r y n: log x / s and log y / r are the same Wiener process, after Ito but for - s t / 2 and - r t / 2.
#[test]
fn methods_of_order_one_share_it() {
    let errors = ["0.04 ms", "0.01 ms"].map(|dt| {
        let run = run("Paths", &["--dt", dt]);
        ["ito", "stratonovich"].map(|name| {
            let [x, y] = ["x", "y"].map(|state| values(&run, &format!("{name}.{state}")));
            assert_eq!(x.len(), 300);
            let drift = if name == "ito" { 0.5 } else { 0.0 };
            let wiener = |value: f64, s: f64| value.ln() / s + drift * s;
            let spread = x.iter().map(|x| wiener(*x, 0.3).abs()).sum::<f64>() / 300.0;
            // The mean size of a normal number is 0.8.
            assert!((spread - 0.8).abs() < 0.15, "{name}: {spread}");
            x.iter().zip(&y).map(|(x, y)| (wiener(*x, 0.3) - wiener(*y, -0.5)).abs()).sum::<f64>() / 300.0
        })
    });
    for which in [0, 1] {
        let order = (errors[0][which] / errors[1][which]).log2() / 2.0;
        println!("{which}: {:.2e}, {:.2e}: order {order:.2}", errors[0][which], errors[1][which]);
        assert!((order - 1.0).abs() < 0.2, "order {order}");
    }
}
