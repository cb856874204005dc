//! f64, against values of 60 digits (`coefficients.py reference`), and between these, less finely,
//! against the host's library.

use bpc_math::scalar::f64 as ours;

/// `got - exact` in ULPs, for `exact` given as the nearest double and thousandths of an ULP.
fn error(got: f64, nearest: f64, thousandths: f64) -> f64 {
    // Doubles of one sign are as far apart as their bits.
    let steps = (got.abs().to_bits().wrapping_sub(nearest.abs().to_bits())).cast_signed();
    if got.is_nan() || got.is_sign_negative() != nearest.is_sign_negative() {
        return f64::INFINITY;
    }
    (steps as f64 * nearest.signum() - thousandths / 1000.0).abs()
}

/// Rows of bits, the last two columns being the nearest double and the thousandths.
fn check(name: &str, table: &str, apply: impl Fn(&[f64]) -> f64) -> bool {
    let bound = crate::bounds(name).1;
    let mut worst = (0.0, Vec::new());
    for line in table.lines() {
        let (bits, thousandths) = line.rsplit_once(',').unwrap();
        let mut numbers: Vec<f64> =
            bits.split(',').map(|b| f64::from_bits(u64::from_str_radix(b, 16).unwrap())).collect();
        let nearest = numbers.pop().unwrap();
        let e = error(apply(&numbers), nearest, thousandths.parse().unwrap());
        if e > worst.0 {
            worst = (e, numbers);
        }
    }
    println!("{name} f64: {:.3} ULP at {:?}", worst.0, worst.1);
    worst.0 <= bound
}

#[test]
fn reference() {
    type Entry = (&'static str, &'static str, fn(f64) -> f64);
    let tables: &[Entry] = &[
        ("exp", include_str!("../reference/exp.csv"), ours::exp),
        ("expm1", include_str!("../reference/expm1.csv"), ours::expm1),
        ("exprel", include_str!("../reference/exprel.csv"), ours::exprel),
        ("bernoulli", include_str!("../reference/bernoulli.csv"), ours::bernoulli),
        ("sigmoid", include_str!("../reference/sigmoid.csv"), ours::sigmoid),
        ("log", include_str!("../reference/log.csv"), ours::log),
        ("log1p", include_str!("../reference/log1p.csv"), ours::log1p),
        ("sinh", include_str!("../reference/sinh.csv"), ours::sinh),
        ("cosh", include_str!("../reference/cosh.csv"), ours::cosh),
        ("tanh", include_str!("../reference/tanh.csv"), ours::tanh),
        ("sin", include_str!("../reference/sin.csv"), ours::sin),
        ("cos", include_str!("../reference/cos.csv"), ours::cos),
        ("tan", include_str!("../reference/tan.csv"), ours::tan),
        ("erf", include_str!("../reference/erf.csv"), ours::erf),
        ("log10", include_str!("../reference/log10.csv"), ours::log10),
        ("log2", include_str!("../reference/log2.csv"), ours::log2),
        ("atan", include_str!("../reference/atan.csv"), ours::atan),
        ("asin", include_str!("../reference/asin.csv"), ours::asin),
        ("acos", include_str!("../reference/acos.csv"), ours::acos),
    ];
    let mut good = true;
    for &(name, table, function) in tables {
        good &= check(name, table, |x| function(x[0]));
    }
    good &= check("pow", include_str!("../reference/pow.csv"), |x| ours::pow(x[0], x[1]));
    good &= check("atan2", include_str!("../reference/atan2.csv"), |x| ours::atan2(x[0], x[1]));
    good &= check("modulo", include_str!("../reference/modulo.csv"), |x| ours::modulo(x[0], x[1]));
    assert!(good, "a bound is exceeded: see the output");
}

/// The host's library is itself within an ULP or two.
#[test]
fn dense() {
    let exprel = |x: f64| if x == 0.0 { 1.0 } else { x.exp_m1() / x };
    let flush = (-1021.5f64).exp2();
    let least = f64::MIN_POSITIVE;
    type Case = (&'static str, fn(f64) -> f64, fn(f64) -> f64, f64, f64);
    // The last two: below which size of the result, and above which of the argument, not to look.
    let cases: [Case; 18] = [
        ("exp", ours::exp, f64::exp, flush, f64::MAX),
        ("expm1", ours::expm1, f64::exp_m1, 0.0, f64::MAX),
        ("exprel", ours::exprel, exprel, 0.0, 700.0),
        ("bernoulli", ours::bernoulli, |x| if x == 0.0 { 1.0 } else { x / x.exp_m1() }, least, 700.0),
        ("sigmoid", ours::sigmoid, |x| 1.0 / (1.0 + (-x).exp()), least, f64::MAX),
        ("log", ours::log, f64::ln, 0.0, f64::MAX),
        ("log1p", ours::log1p, f64::ln_1p, 0.0, f64::MAX),
        ("sinh", ours::sinh, f64::sinh, 0.0, f64::MAX),
        ("cosh", ours::cosh, f64::cosh, 0.0, f64::MAX),
        ("tanh", ours::tanh, f64::tanh, 0.0, f64::MAX),
        ("sin", ours::sin, f64::sin, 0.0, bpc_math::TRIG_RANGE.1),
        ("cos", ours::cos, f64::cos, 0.0, bpc_math::TRIG_RANGE.1),
        ("tan", ours::tan, f64::tan, 0.0, bpc_math::TRIG_RANGE.1),
        ("log10", ours::log10, f64::log10, 0.0, f64::MAX),
        ("log2", ours::log2, f64::log2, 0.0, f64::MAX),
        ("atan", ours::atan, f64::atan, 0.0, f64::MAX),
        ("asin", ours::asin, f64::asin, 0.0, 1.0),
        ("acos", ours::acos, f64::acos, 0.0, 1.0),
    ];
    for (name, ours, host, least, most) in cases {
        let mut worst = (0.0, 0.0);
        let mut at = |bits: u64| {
            let x = f64::from_bits(bits);
            let (got, host) = (ours(x), host(x));
            if x.abs() <= most && host.is_finite() && host.abs() >= least {
                let e = error(got, host, 0.0);
                if e > worst.0 {
                    worst = (e, x);
                }
            }
        };
        for sign in [0, 1 << 63] {
            // Over all numbers, and more densely from 2^-8 to 2^11.
            for bits in (0..1 << 63).step_by(0x7fff_ffff_ffff_ffff / 100_003) {
                at(sign | bits);
            }
            for bits in ((1023 - 8) << 52..(1023 + 11) << 52).step_by((19 << 52) / 400_009) {
                at(sign | bits);
            }
        }
        println!("{name} f64: {} steps from the host at {:e}", worst.0, worst.1);
        assert!(worst.0 <= crate::bounds(name).1 + 2.0, "{name}: {} at {:e}", worst.0, worst.1);
    }
}
