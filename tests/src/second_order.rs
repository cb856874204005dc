//! Equations of a higher order against closed forms, and against the same equations written as several of first order.

use crate::bpc::{case, run_json, text};
use crate::statistics::array;

#[test]
fn equations_of_higher_order_are_several() {
    let folder = tempfile::tempdir().expect("a folder");
    run_json(&["run", &case("second_order.bp"), "--out", &text(folder.path())]);
    let values = |name: &str| array(&folder.path().join("traces.npz"), name);
    let times = values("A.x_time_ms");
    assert_eq!(times.len(), 100);
    let close = |name: &str, tolerance: f64, wanted: &dyn Fn(f64) -> f64| {
        for (found, t) in values(name).iter().zip(&times) {
            assert!((found - wanted(*t)).abs() < tolerance, "{name} at {t} ms: {found}, not {}", wanted(*t));
        }
    };
    // Damped by e^(-t / tau), with the frequency sqrt(omega^2 - 1 / tau^2), from 1 and 0.5.
    let (decay, frequency) = (0.2, f64::sqrt(4.0 - 0.04));
    let sine = (0.5 + decay) / frequency;
    let x = |t: f64| (-decay * t).exp() * ((frequency * t).cos() + sine * (frequency * t).sin());
    let slope = |t: f64| {
        let change = frequency * (sine * (frequency * t).cos() - (frequency * t).sin());
        (-decay * t).exp() * change - decay * x(t)
    };
    close("A.x", 1e-12, &x);
    close("A.x'", 1e-12, &slope);
    close("rk4.x", 1e-3, &x);
    close("rk4.x'", 1e-3, &slope);
    // From below through 0 once in each period: where x is least.
    let below = (1..100).filter(|k| slope(0.1 * (*k as f64)) < 0.0 && slope(0.1 * (*k as f64 + 1.0)) >= 0.0).count();
    assert_eq!(values("A.crossings")[99], below as f64);
    close("J.x", 1e-9, &|t| 1.0 + t.powi(3));
    close("J.x'", 1e-9, &|t| 3.0 * t * t);
    close("J.x''", 1e-9, &|t| 6.0 * t);
    assert_eq!((values("B.x"), values("B.x'")), (values("C.x"), values("C.v")));
    // Spikes at 1 and 3 ms arrive a step later: the alpha function with its peak after 2 ms, once and once more.
    let alpha = |t: f64| if t > 0.0 { 2.0 * t / 2.0 * f64::exp(1.0 - t / 2.0) } else { 0.0 };
    close("syn.g", 1e-12, &|t| alpha(t - 1.0) + alpha(t - 3.0));
}
