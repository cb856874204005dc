//! Philox against the known answers of Random123, and the distributions by moments and by the test of
//! Kolmogorov and Smirnov, at fixed keys.

use bpc_math::{Arith, Scalar32, Scalar64, below, exponential, normal, philox, scalar, uniform};

#[test]
fn known_answers() {
    let cases: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
        ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];
    for (counter, key, answer) in cases {
        assert_eq!(philox(&mut Scalar32, counter, key), answer);
        assert_eq!(philox(&mut Scalar64, counter, key), answer);
    }
}

const COUNT: u32 = 200_000;

fn words(i: u32) -> [u32; 4] {
    philox(&mut Scalar64, [i, 0, 7, 0], [2026, 1])
}

/// The mean, and the second to fourth moments about 0.
fn moments(numbers: &[f64]) -> [f64; 4] {
    [1, 2, 3, 4].map(|n| numbers.iter().map(|x| x.powi(n)).sum::<f64>() / numbers.len() as f64)
}

/// `sqrt(n)` times the largest distance between the empirical distribution and `cdf`: above 1.95 with
/// a chance of 1 in 1000.
fn kolmogorov(mut numbers: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let n = numbers.len() as f64;
    let distance = |(i, x): (usize, &f64)| {
        let p = cdf(*x);
        (p - i as f64 / n).abs().max((i as f64 + 1.0) / n - p)
    };
    numbers.iter().enumerate().map(distance).fold(0.0, f64::max) * n.sqrt()
}

/// Five standard errors of the mean of `COUNT` numbers whose variance is `variance`.
fn tolerance(variance: f64) -> f64 {
    5.0 * (variance / f64::from(COUNT)).sqrt()
}

#[test]
fn uniform_ends_and_cells() {
    assert_eq!(uniform(&mut Scalar32, 0, 0), (-24f32).exp2());
    assert_eq!(uniform(&mut Scalar64, 0, 0), (-53f64).exp2());
    assert_eq!(uniform(&mut Scalar32, u32::MAX, u32::MAX), 1.0 - (-24f32).exp2());
    assert_eq!(uniform(&mut Scalar64, u32::MAX, u32::MAX), 1.0 - (-53f64).exp2());
    for i in 0..COUNT {
        let w = words(i);
        let single = f64::from(uniform(&mut Scalar32, w[0], w[1]));
        let double = uniform(&mut Scalar64, w[0], w[1]);
        assert!((single - double).abs() < (-24f64).exp2());
        let cells = 23f64.exp2();
        assert_eq!((single * cells).floor(), (double * cells).floor());
    }
}

#[test]
fn uniform_distribution() {
    for half in 0..2 {
        let numbers: Vec<f64> =
            (0..COUNT).map(|i| uniform(&mut Scalar64, words(i)[2 * half], words(i)[2 * half + 1])).collect();
        let m = moments(&numbers);
        assert!((m[0] - 1.0 / 2.0).abs() < tolerance(1.0 / 12.0));
        assert!((m[1] - 1.0 / 3.0).abs() < tolerance(4.0 / 45.0));
        assert!(kolmogorov(numbers, |x| x) < 1.95);
    }
}

fn normal_cdf(x: f64) -> f64 {
    0.5 * (1.0 + scalar::f64::erf(x / std::f64::consts::SQRT_2))
}

fn check_normal(pairs: Vec<(f64, f64)>) {
    let product: f64 = pairs.iter().map(|(x, y)| x * y).sum::<f64>() / f64::from(COUNT);
    assert!(product.abs() < tolerance(1.0));
    let squares: f64 = pairs.iter().map(|(x, y)| x * x * y * y).sum::<f64>() / f64::from(COUNT);
    assert!((squares - 1.0).abs() < tolerance(8.0));
    let (first, second): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    for numbers in [first, second] {
        let m = moments(&numbers);
        assert!(m[0].abs() < tolerance(1.0));
        assert!((m[1] - 1.0).abs() < tolerance(2.0));
        assert!(m[2].abs() < tolerance(15.0));
        assert!((m[3] - 3.0).abs() < tolerance(96.0));
        assert!(kolmogorov(numbers, normal_cdf) < 1.95);
    }
}

#[test]
fn normal_distribution() {
    check_normal((0..COUNT).map(|i| normal(&mut Scalar64, words(i))).collect());
    let single = |i| {
        let (x, y) = normal(&mut Scalar32, words(i));
        (f64::from(x), f64::from(y))
    };
    check_normal((0..COUNT).map(single).collect());
}

#[test]
fn normal_extremes() {
    // The least radius and the largest, at the four quarters of the turn.
    for radius in [0, u32::MAX] {
        for turn in [0, 1 << 29, 1 << 30, 1 << 31, 3 << 30, u32::MAX] {
            let w = [radius, radius, turn, 0];
            let (x, y) = normal(&mut Scalar32, w);
            let (r, s) = (f64::from(x), f64::from(y));
            assert!(r.hypot(s) < 5.8 && r.is_finite() && s.is_finite());
            let (x, y) = normal(&mut Scalar64, w);
            assert!(x.hypot(y) < 8.6);
            // The turn is exact, and so the direction nearly so.
            let u = uniform(&mut Scalar64, turn, 0) * std::f64::consts::TAU;
            let radius = x.hypot(y);
            assert!((x - radius * u.cos()).abs() < 1e-14);
            assert!((y - radius * u.sin()).abs() < 1e-14);
        }
    }
}

#[test]
fn exponential_distribution() {
    let numbers: Vec<f64> = (0..COUNT).map(|i| exponential(&mut Scalar64, words(i)[0], words(i)[1])).collect();
    let m = moments(&numbers);
    assert!((m[0] - 1.0).abs() < tolerance(1.0));
    assert!((m[1] - 2.0).abs() < tolerance(20.0));
    assert!(numbers.iter().all(|&x| x > 0.0));
    assert!(kolmogorov(numbers, |x| -(-x).exp_m1()) < 1.95);
}

#[test]
fn below_is_even() {
    let n = 10;
    let mut counts = [0_u32; 10];
    for i in 0..COUNT {
        counts[below(&mut Scalar64, words(i)[3], n) as usize] += 1;
    }
    let expected = f64::from(COUNT / n);
    let chi: f64 = counts.iter().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
    // 9 degrees of freedom: above 27.9 with a chance of 1 in 1000.
    assert!(chi < 27.9, "{chi}");
}

#[test]
fn words_are_32_bits_wide_in_both_precisions() {
    assert_eq!(Scalar32.word_mul_wide(u32::MAX, u32::MAX), (u32::MAX - 1, 1));
    assert_eq!(Scalar64.int_from_word(u32::MAX), i64::from(u32::MAX));
}
