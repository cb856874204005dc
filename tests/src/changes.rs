//! Parameters that change during a run, and expectations of a part of it.

use crate::bpc::bpc;
use crate::spike_trains::Run;
use std::fs;

/// Decay with one time constant and then another, of a parameter, and of one that follows from it; a drive, and a weight.
#[test]
fn a_change_acts_from_its_step_on() {
    let text = "use std::receptors::Delta
        neuron Leaky {
            param tau = 10 ms
            input I : mV/ms
            state V : mV = 8 mV
            V' = -V / tau + I
            spike when V > 1 V { }
        }
        network Net(slow = 10 ms, push : mV/ms = 0 mV/ms, J : mV = 1 mV) {
            population A[3] : Leaky { tau = slow }
            population B : Leaky { tau = 2 * slow }
            population C : Leaky { tau = 1 s }
            population D : Leaky { tau = 1e9 s }
            population Clock : spikes { [1 ms, 3 ms, 5 ms] }
            init C.V, D.V = 0 mV
            drive C.I = push
            project jump: Clock -> D { connect all_to_all  weight J  receptor Delta }
        }
        simulate Net {
            dt 0.1 ms
            duration 6 ms
            record A.V, B.V, C.V, D.V
            at 4 ms { J = 5 mV }
            at 2 ms { slow = 5 ms  push = 1 mV/ms  J = 3 mV }
        }";
    let run = Run::of(text, 0.1, &[]);
    let [a, b, c, d] = ["A.V", "B.V", "C.V", "D.V"].map(|name| run.values(name));
    for step in 0..60_usize {
        let time = 0.1 * (step + 1) as f64;
        let (early, late) = (time.min(2.0), (time - 2.0).max(0.0));
        let wanted = 8.0 * f64::exp(-early / 10.0 - late / 5.0);
        for neuron in 0..3 {
            assert!((a[3 * step + neuron] - wanted).abs() < 1e-13, "{step}: {} {wanted}", a[3 * step + neuron]);
        }
        let wanted = 8.0 * f64::exp(-early / 20.0 - late / 10.0);
        assert!((b[step] - wanted).abs() < 1e-13, "{step}: {} {wanted}", b[step]);
        let wanted = 1000.0 * -f64::exp_m1(-late / 1000.0);
        assert!((c[step] - wanted).abs() < 1e-12, "{step}: {} {wanted}", c[step]);
        // The spike of the end of a step arrives in the next one.
        let jumps = [(1.0, 1.0), (3.0, 3.0), (5.0, 5.0)];
        let wanted: f64 = jumps.iter().filter(|(at, _)| time > at + 0.05).map(|(_, size)| size).sum();
        assert!((d[step] - wanted).abs() < 1e-9, "{step}: {} {wanted}", d[step]);
    }
}

const LESION: &str = "use std::neurons::Poisson
    network Net(rate = 1 kHz) { population P[500] : Poisson { rate = rate } }
    simulate Net {
        dt 0.1 ms
        duration 60 ms
        at 20 ms { rate = 0 Hz }
        at 40 ms { rate = 2 kHz }
        expect spike_count(P) == 0 from 20 ms .. 40 ms
        expect rate(P) in 850 Hz .. 1150 Hz from 0 ms .. 20 ms
        expect rate(P) in 1700 Hz .. 2300 Hz from 40 ms
        expect rate(P) in 900 Hz .. 1100 Hz
    }";

/// Expectations of parts of a run: binomial counts, within 10 standard deviations.
#[test]
fn expectations_have_windows() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lesion.bp");
    fs::write(&path, LESION).expect("written");
    let path = path.to_str().expect("a name");
    let done = bpc(&["test", path, "--bless"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    // The same network without the changes fails.
    fs::write(path, LESION.replace("at 20 ms { rate = 0 Hz }", "")).expect("written");
    let done = bpc(&["test", path, "--bless"]);
    assert!(!done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// A run that is made shorter leaves out the changes behind its end; the rest is the same.
#[test]
fn a_shorter_run_is_the_beginning_of_the_longer_one() {
    let text = "network Net(tau = 10 ms) { population A : M { tau = tau } }
        neuron M { param tau = 1 ms  state x : 1 = 1  x' = -x / tau }
        simulate Net { dt 0.1 ms  duration 4 ms  record A.x  at 1 ms { tau = 5 ms }  at 3 ms { tau = 2 ms } }";
    let (long, short) = (Run::of(text, 0.1, &[]), Run::of(text, 0.1, &["--duration", "2 ms"]));
    let (long, short) = (long.values("A.x"), short.values("A.x"));
    assert_eq!(short.len(), 20);
    assert_eq!(long[..20], short[..]);
    assert!(long[20] < short[19]);
}
