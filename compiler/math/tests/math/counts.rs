//! Poisson and binomial counts and numbers of the gamma distribution: moments, and the tests of Pearson and of Kolmogorov
//! and Smirnov against the laws, at fixed keys.

use bpc_math::{
    Arith, Chopped, REJECTED_FROM, Scalar32, Scalar64, binomial_attempt, binomial_chop, chop_down, gamma_attempt,
    gamma_boost, philox, poisson_attempt, poisson_chop, uniform,
};

const COUNT: u32 = 100_000;

fn words(i: u32, attempt: u32) -> [u32; 4] {
    philox(&mut Scalar64, [i, 3, 0, attempt << 16], [2026, 4])
}

/// The loops of the compiler, on one number.
fn by_inversion<A: Arith<Mask = bool, Word = u32>>(
    a: &mut A,
    i: u32,
    (nothing, mean): (f64, f64),
    next: impl Fn(&mut A, &Chopped<A>) -> Chopped<A>,
) -> A::Float {
    let w = words(i, 0);
    let u = uniform(a, w[0], w[1]);
    let mean = a.float(mean);
    let mut at = Chopped { count: a.float(0.0), probability: a.float(nothing), sum: a.float(nothing) };
    while chop_down(a, &at, u, mean) {
        at = next(a, &at);
    }
    at.count
}

fn poisson<A: Arith<Mask = bool, Word = u32>>(a: &mut A, i: u32, mean: f64) -> A::Float {
    let m = a.float(mean);
    if mean < REJECTED_FROM {
        return by_inversion(a, i, ((-mean).exp(), mean), |a, at| poisson_chop(a, at, m));
    }
    (0..).map(|attempt| poisson_attempt(a, m, words(i, attempt))).find(|(accepted, _)| *accepted).unwrap().1
}

fn binomial<A: Arith<Mask = bool, Word = u32>>(a: &mut A, i: u32, n: f64, p: f64) -> A::Float {
    let (number, chance) = (a.float(n), a.float(p));
    if n * p < REJECTED_FROM {
        let odds = a.float(p / (1.0 - p));
        return by_inversion(a, i, ((1.0 - p).powf(n), n * p), |a, at| binomial_chop(a, at, number, odds));
    }
    (0..)
        .map(|attempt| binomial_attempt(a, number, chance, words(i, attempt)))
        .find(|(accepted, _)| *accepted)
        .unwrap()
        .1
}

/// Pearson's statistic, less its degrees of freedom, in its standard deviations. Cells with an expectation below 8 are
/// put together with their neighbours.
fn pearson(counts: &[f64], probability: impl Fn(u32) -> f64) -> f64 {
    let top = counts.iter().fold(0.0, |a: f64, b| a.max(*b)) as u32;
    let mut seen = vec![0.0; top as usize + 1];
    counts.iter().for_each(|&k| {
        assert!(k >= 0.0 && k.fract() == 0.0, "{k}");
        seen[k as usize] += 1.0;
    });
    let n = counts.len() as f64;
    let (mut statistic, mut cells) = (0.0, -1.0);
    let (mut expected, mut found, mut left) = (0.0, 0.0, 1.0);
    for k in 0..=top {
        let p = probability(k);
        left -= p;
        expected += n * p;
        found += seen[k as usize];
        if expected >= 8.0 && n * left >= 8.0 {
            statistic += (found - expected).powi(2) / expected;
            cells += 1.0;
            (expected, found) = (0.0, 0.0);
        }
    }
    expected += n * left.max(0.0);
    statistic += (found - expected).powi(2) / expected.max(1.0);
    (statistic - cells) / (2.0 * f64::max(cells, 1.0)).sqrt()
}

fn check(what: &str, counts: &[f64], (mean, variance): (f64, f64), probability: impl Fn(u32) -> f64) {
    let n = counts.len() as f64;
    let m = counts.iter().sum::<f64>() / n;
    let v = counts.iter().map(|x| (x - m).powi(2)).sum::<f64>() / n;
    let fourth = counts.iter().map(|x| (x - m).powi(4)).sum::<f64>() / n;
    assert!((m - mean).abs() < 4.5 * (variance / n).sqrt(), "{what}: mean {m}");
    assert!((v - variance).abs() < 4.5 * ((fourth - v * v) / n).sqrt() + 1e-12, "{what}: variance {v}");
    let distance = pearson(counts, probability);
    assert!(distance < 4.5, "{what}: Pearson's statistic is {distance} standard deviations above its mean");
}

/// log k!, by summation.
fn factorials(top: u32) -> Vec<f64> {
    let mut sum = 0.0;
    let mut all = vec![0.0];
    all.extend((1..=top).map(|k| {
        sum += f64::from(k).ln();
        sum
    }));
    all
}

#[test]
fn poisson_counts() {
    let log = factorials(200_000);
    for mean in [0.01, 0.5, 3.0, 9.9, 10.0, 11.5, 30.0, 250.0, 1e4, 1e5] {
        let p = |k: u32| (f64::from(k) * f64::ln(mean) - mean - log[k as usize]).exp();
        let double: Vec<f64> = (0..COUNT).map(|i| poisson(&mut Scalar64, i, mean)).collect();
        check(&format!("poisson({mean})"), &double, (mean, mean), p);
        let single: Vec<f64> = (0..COUNT).map(|i| f64::from(poisson(&mut Scalar32, i, mean))).collect();
        check(&format!("f32 poisson({mean})"), &single, (mean, mean), p);
    }
}

#[test]
fn binomial_counts() {
    let log = factorials(2_000_000);
    for (n, p) in [
        (1.0, 0.3),
        (5.0, 0.5),
        (100.0, 0.001),
        (30.0, 0.3),
        (20.0, 0.5),
        (22.0, 0.5),
        (400.0, 0.25),
        (2e6, 0.001),
        (1e5, 0.5),
    ] {
        let law = |k: u32| {
            if f64::from(k) > n {
                return 0.0;
            }
            let ways = log[n as usize] - log[k as usize] - log[n as usize - k as usize];
            (ways + f64::from(k) * f64::ln(p) + (n - f64::from(k)) * f64::ln(1.0 - p)).exp()
        };
        let moments = (n * p, n * p * (1.0 - p));
        let double: Vec<f64> = (0..COUNT).map(|i| binomial(&mut Scalar64, i, n, p)).collect();
        check(&format!("binomial({n}, {p})"), &double, moments, law);
        let single: Vec<f64> = (0..COUNT).map(|i| f64::from(binomial(&mut Scalar32, i, n, p))).collect();
        check(&format!("f32 binomial({n}, {p})"), &single, moments, law);
    }
}

/// The largest means: no attempt fails for want of precision.
#[test]
fn largest_counts() {
    for mean in [1e6, 1e7] {
        for counts in [
            (0..20_000).map(|i| poisson(&mut Scalar64, i, mean)).collect::<Vec<f64>>(),
            (0..20_000).map(|i| f64::from(poisson(&mut Scalar32, i, mean))).collect(),
            (0..20_000).map(|i| binomial(&mut Scalar64, i, mean, 0.5) * 2.0 - mean / 2.0 * 2.0 + mean).collect(),
        ] {
            let n = counts.len() as f64;
            let m = counts.iter().sum::<f64>() / n;
            let v = counts.iter().map(|x| (x - m).powi(2)).sum::<f64>() / n;
            assert!((m - mean).abs() < 4.5 * (mean / n).sqrt(), "{m}");
            assert!((v / mean - 1.0).abs() < 4.5 * (2.0 / n).sqrt(), "{v}");
        }
    }
}

/// The regularised incomplete gamma function by its series.
fn gamma_cdf(shape: f64, x: f64) -> f64 {
    // log gamma by Stirling's series far up, and its recursion down
    let mut z = shape;
    let mut log_gamma = 0.0;
    while z < 30.0 {
        log_gamma -= z.ln();
        z += 1.0;
    }
    log_gamma +=
        (z - 0.5) * z.ln() - z + (2.0 * std::f64::consts::PI).ln() / 2.0 + 1.0 / (12.0 * z) - 1.0 / (360.0 * z.powi(3));
    let mut term = 1.0 / shape;
    let mut sum = term;
    for n in 1..2000 {
        term *= x / (shape + f64::from(n));
        sum += term;
        if term < 1e-17 * sum {
            break;
        }
    }
    (shape * x.ln() - x - log_gamma).exp() * sum
}

#[test]
fn gamma_numbers() {
    for shape in [0.2, 0.9, 1.0, 2.5, 40.0, 500.0] {
        let draw = |i: u32| {
            let a = &mut Scalar64;
            let base = if shape < 1.0 { shape + 1.0 } else { shape };
            let more = |attempt| {
                let w = words(i, 2 * attempt + 1);
                [w[0], w[1]]
            };
            let number = (0..).map(|k| gamma_attempt(a, base, words(i, 2 * k), more(k))).find(|(ok, _)| *ok).unwrap().1;
            let w = words(i, 1);
            if shape < 1.0 { number * gamma_boost(a, shape, [w[2], w[3]]) } else { number }
        };
        let mut numbers: Vec<f64> = (0..COUNT).map(draw).collect();
        let n = f64::from(COUNT);
        let m = numbers.iter().sum::<f64>() / n;
        let v = numbers.iter().map(|x| (x - m).powi(2)).sum::<f64>() / n;
        assert!((m - shape).abs() < 4.5 * (shape / n).sqrt(), "{shape}: {m}");
        let fourth = 3.0 * shape * shape + 6.0 * shape;
        assert!((v - shape).abs() < 4.5 * ((fourth - shape * shape) / n).sqrt(), "{shape}: {v}");
        numbers.sort_by(f64::total_cmp);
        let distance = |(i, x): (usize, &f64)| {
            let p = gamma_cdf(shape, *x);
            (p - i as f64 / n).abs().max((i as f64 + 1.0) / n - p)
        };
        let worst = numbers.iter().enumerate().map(distance).fold(0.0, f64::max) * n.sqrt();
        assert!(worst < 1.95, "{shape}: {worst}");
    }
}
