//! Networks of phase oscillators, decision models and Stuart-Landau oscillators that are coupled by projections, against
//! closed forms and fixed points.

use crate::spike_trains::Run;
use std::f64::consts::{PI, TAU};

/// Two phase oscillators, in each other's field; from the difference d' = delta - K sin(d + 0), 10 Hz apart at least.
fn two(strength: f64, lag: f64, dt: f64) -> Vec<f64> {
    let run = Run::of(
        &format!(
            "use std::rates::Kuramoto
            use std::receptors::PhaseCoupling
            network Pair {{
                population A : Kuramoto {{ omega = 0.3 ms^-1 }}
                population B : Kuramoto {{ omega = 0.2 ms^-1 }}
                init B.theta = 0.5
                project there: A -> B {{ connect one_to_one  weight {} ms^-1  receptor PhaseCoupling {{ lag = {lag} }} }}
                project back: B -> A {{ connect one_to_one  weight {} ms^-1  receptor PhaseCoupling {{ lag = {lag} }} }}
            }}
            simulate Pair {{ dt 0.1 ms  duration 400 ms  record A.theta, B.theta }}",
            strength / 2.0,
            strength / 2.0,
        ),
        dt,
        &[],
    );
    // The difference without its turns.
    let mut turns = 0.0;
    let mut before = -0.5;
    let values = run.values("A.theta").into_iter().zip(run.values("B.theta"));
    values
        .map(|(a, b)| {
            let mut difference = a - b + turns;
            while difference - before > PI {
                difference -= TAU;
                turns -= TAU;
            }
            while difference - before < -PI {
                difference += TAU;
                turns += TAU;
            }
            before = difference;
            difference
        })
        .collect()
}

/// d' = delta - K cos(lag) sin(d): with delta below K cos(lag) it comes to rest where the sine is delta / (K cos(lag)).
#[test]
fn two_oscillators_lock_at_the_phase_of_their_closed_form() {
    for (strength, lag) in [(0.2_f64, 0.0_f64), (0.11, 0.0), (0.4, 0.7)] {
        let wanted = (0.1 / (strength * lag.cos())).asin();
        let errors = [0.1, 0.05].map(|dt| (two(strength, lag, dt).last().expect("samples") - wanted).abs());
        println!("K {strength}, lag {lag}: {errors:?}");
        // Sources stand still over a step: half a step late on average.
        assert!(errors[1] < 5e-3 && errors[1] < 0.6 * errors[0] + 1e-9, "K {strength}, lag {lag}: {errors:?}");
    }
}

/// Above, tan(d / 2) goes round once in 2 pi / sqrt(delta^2 - K^2).
#[test]
fn two_oscillators_that_do_not_lock_slip_with_the_period_of_their_closed_form() {
    let strength = 0.06_f64;
    let period = TAU / (0.01 - strength * strength).sqrt();
    let differences = two(strength, 0.0, 0.05);
    let passes: Vec<f64> = (1..differences.len())
        .filter(|&k| ((differences[k] - PI) / TAU).floor() > ((differences[k - 1] - PI) / TAU).floor())
        .map(|k| k as f64 * 0.05)
        .collect();
    assert!(passes.len() >= 4, "{passes:?}");
    let found = (passes[passes.len() - 1] - passes[0]) / (passes.len() - 1) as f64;
    assert!((found / period - 1.0).abs() < 2e-3, "{found}, not {period}");
}

/// Kuramoto: with frequencies of a Lorentzian of half width gamma, order r = sqrt(1 - 2 gamma / K) above K = 2 gamma and
/// none below. Frequencies are its quantiles.
#[test]
fn synchrony_begins_at_the_critical_coupling() {
    let (n, gamma) = (600, 0.02);
    let order = |relative: f64| {
        let strength = 2.0 * gamma * relative;
        let run = Run::of(
            &format!(
                "use std::rates::Kuramoto
                use std::receptors::PhaseCoupling
                network Many {{
                    population A[{n}] : Kuramoto {{ omega = {gamma} ms^-1 * tan(pi * ((i + 0.5) / {n} - 0.5)) }}
                    init A.theta = 2.399963 * i - 2 * pi * floor(2.399963 * i / (2 * pi)) - 0.3 * sin(2.399963 * i)
                    project A -> A {{ connect all_to_all  weight {strength} ms^-1 / {n}  receptor PhaseCoupling }}
                }}
                simulate Many {{ dt 0.1 ms  duration 1200 ms  record A.theta every 20 ms }}"
            ),
            0.1,
            &[],
        );
        let phases = run.values("A.theta");
        let samples: Vec<f64> = phases
            .chunks(n)
            .skip(30)
            .map(|all| {
                let sum = |f: fn(f64) -> f64| all.iter().map(|x| f(*x)).sum::<f64>() / n as f64;
                sum(f64::cos).hypot(sum(f64::sin))
            })
            .collect();
        samples.iter().sum::<f64>() / samples.len() as f64
    };
    for relative in [1.5, 2.0, 4.0] {
        let (found, wanted) = (order(relative), (1.0_f64 - 1.0 / relative).sqrt());
        println!("{relative} of the critical coupling: {found:.4}, not {wanted:.4}");
        assert!((found - wanted).abs() < 0.02, "{relative}: {found}, not {wanted}");
    }
    let below = order(0.6);
    println!("below: {below:.4}");
    assert!(below < 0.1, "{below}");
}

/// What comes from outside is added to what the model has inside, so the resting states are those of other parameters.
#[test]
fn decision_models_rest_where_their_currents_say() {
    let rest = |arguments: &str, projection: &str| {
        let run = Run::of(
            &format!(
                "use std::rates::WongWang
                use std::receptors::SelectiveCoupling
                network Area {{
                    population A : WongWang {{ {arguments} }}
                    init A.S1 = 0.3
                    {projection}
                }}
                simulate Area {{ dt 1 ms  duration 6 s  record A.S1, A.S2 }}"
            ),
            1.0,
            &[],
        );
        ["A.S1", "A.S2"].map(|state| *run.values(state).last().expect("samples"))
    };
    let own = rest(
        "",
        "project A -> A { connect one_to_one  weight 0.04 nA  delay 3 ms  receptor SelectiveCoupling { cross = -0.25 } }",
    );
    let parameters = rest("J_11 = 0.3009 nA, J_12 = 0.0597 nA", "");
    println!("{own:?}, {parameters:?}");
    assert!(own[0] > 0.5 && own[1] < 0.1, "no decision: {own:?}");
    for (found, wanted) in own.into_iter().zip(parameters) {
        assert!((found - wanted).abs() < 1e-6, "{found}, not {wanted}");
    }
    let alone = rest("", "");
    assert!((own[0] - alone[0]).abs() > 0.01, "the coupling does nothing");
}

/// Two Stuart-Landau oscillators, growth a, frequencies w +- delta / 2, coupling K: the origin attracts where K > a and
/// delta > 2 sqrt(2 K a - a^2), with the rate K - a where delta > 2 K (Aronson, Ermentrout & Kopell 1990).
#[test]
fn coupled_oscillators_die_where_their_closed_form_says() {
    let amplitudes = |a: f64, k: f64, delta: f64| {
        let run = Run::of(
            &format!(
                "use std::rates::StuartLandau
                use std::receptors::DiffusiveCoupling
                network Pair {{
                    population A[2] : StuartLandau {{ a = {a} ms^-1, w = 0.3 ms^-1 + {delta} ms^-1 * (i - 0.5) }}
                    project A -> A {{ connect all_to_all(no_self)  weight {k} ms^-1  receptor DiffusiveCoupling }}
                }}
                simulate Pair {{ dt 0.01 ms  duration 200 ms  record A.x, A.y every 20 ms }}"
            ),
            0.01,
            &[],
        );
        let (x, y) = (run.values("A.x"), run.values("A.y"));
        let sizes: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x.hypot(*y)).collect();
        sizes.chunks(2).map(|both| both[0].hypot(both[1])).collect::<Vec<f64>>()
    };
    let dead = amplitudes(0.05, 0.1, 0.4);
    let rate = (dead[1] / dead[9]).ln() / 160.0;
    println!("{rate}: {dead:?}");
    // The amplitude beats with a period of 2 pi / sqrt(delta^2 - 4 K^2) around its decay.
    assert!((rate - 0.05).abs() < 0.003, "decay with {rate}, not 0.05");
    // Locked, they move alike with growth a - K + sqrt(K^2 - delta^2 / 4), which their amplitude balances, or which is
    // the rate of decay if it is below zero: beyond delta = 0.173 / ms.
    let growth = |delta: f64| 0.05 - 0.1 + (0.01 - delta * delta / 4.0_f64).sqrt();
    let (below, above) = (amplitudes(0.05, 0.1, 0.16), amplitudes(0.05, 0.1, 0.185));
    println!("{below:?}, {above:?}");
    let wanted = (2.0 * growth(0.16)).sqrt();
    assert!((below[9] / wanted - 1.0).abs() < 0.02, "{below:?}, in the end {wanted}");
    let rate = (above[9] / above[8]).ln() / 20.0;
    assert!((rate - growth(0.185)).abs() < 5e-4, "growth {rate}, not {}", growth(0.185));
    let weak = amplitudes(0.05, 0.04, 0.4);
    assert!(weak[9] > 0.1, "a coupling weaker than the growth does not silence: {weak:?}");
}
