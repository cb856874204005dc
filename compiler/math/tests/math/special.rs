//! Special values, identities and order.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use bpc_math::{TRIG_RANGE, scalar};
use scalar::{f32 as single, f64 as double};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// Equal, with the sign of zero; NaN equals NaN.
fn same(got: f64, wanted: f64) -> bool {
    got.to_bits() == wanted.to_bits() || got.is_nan() && wanted.is_nan()
}

type Both = (&'static str, fn(f64) -> f64, fn(f32) -> f32);

const FUNCTIONS: &[Both] = &[
    ("exp", double::exp, single::exp),
    ("expm1", double::expm1, single::expm1),
    ("exprel", double::exprel, single::exprel),
    ("bernoulli", double::bernoulli, single::bernoulli),
    ("sigmoid", double::sigmoid, single::sigmoid),
    ("log", double::log, single::log),
    ("log1p", double::log1p, single::log1p),
    ("sinh", double::sinh, single::sinh),
    ("cosh", double::cosh, single::cosh),
    ("tanh", double::tanh, single::tanh),
    ("sin", double::sin, single::sin),
    ("cos", double::cos, single::cos),
    ("tan", double::tan, single::tan),
    ("erf", double::erf, single::erf),
    ("log10", double::log10, single::log10),
    ("log2", double::log2, single::log2),
    ("atan", double::atan, single::atan),
    ("asin", double::asin, single::asin),
    ("acos", double::acos, single::acos),
];

fn both(name: &str) -> Both {
    *FUNCTIONS.iter().find(|f| f.0 == name).unwrap()
}

#[test]
fn at_zeros_infinities_and_nan() {
    // The values at 0, -0, inf and -inf.
    let table: &[(&str, [f64; 4])] = &[
        ("exp", [1.0, 1.0, INF, 0.0]),
        ("expm1", [0.0, -0.0, INF, -1.0]),
        ("exprel", [1.0, 1.0, INF, 0.0]),
        ("bernoulli", [1.0, 1.0, 0.0, INF]),
        ("sigmoid", [0.5, 0.5, 1.0, 0.0]),
        ("log", [-INF, -INF, INF, NAN]),
        ("log1p", [0.0, -0.0, INF, NAN]),
        ("sinh", [0.0, -0.0, INF, -INF]),
        ("cosh", [1.0, 1.0, INF, INF]),
        ("tanh", [0.0, -0.0, 1.0, -1.0]),
        ("sin", [0.0, -0.0, NAN, NAN]),
        ("cos", [1.0, 1.0, NAN, NAN]),
        ("tan", [0.0, -0.0, NAN, NAN]),
        ("erf", [0.0, -0.0, 1.0, -1.0]),
        ("log10", [-INF, -INF, INF, NAN]),
        ("log2", [-INF, -INF, INF, NAN]),
        ("asin", [0.0, -0.0, NAN, NAN]),
    ];
    for &(name, wanted) in table {
        let (_, double, single) = both(name);
        for (x, y) in [0.0, -0.0, INF, -INF].into_iter().zip(wanted) {
            assert!(same(double(x), y), "{name}({x:?}) is {:?}", double(x));
            let got = f64::from(single(x as f32));
            assert!(same(got, y), "f32 {name}({x:?}) is {got:?}");
        }
        // NaN of every payload that a format can hold at its ends.
        for bits in [0x7ff0_0000_0000_0001, 0x7ff8_0000_0000_0000, u64::MAX, i64::MAX as u64] {
            assert!(double(f64::from_bits(bits)).is_nan(), "{name}");
        }
        for bits in [0x7f80_0001, 0x7fc0_0000, u32::MAX, i32::MAX as u32] {
            assert!(single(f32::from_bits(bits)).is_nan(), "{name}");
        }
    }
    for x in [-1.0, -f64::MIN_POSITIVE, -5e-324] {
        assert!(double::log(x).is_nan() && single::log(x as f32 - 1.0).is_nan());
    }
    assert_eq!(double::log1p(-1.0), -INF);
    assert_eq!(single::log1p(-1.0), f32::NEG_INFINITY);
    assert!(double::log1p((-1.0f64).next_up()).is_finite());
    assert!(double::log1p((-1.0f64).next_down()).is_nan());
}

#[test]
fn pow_as_c99() {
    let odd = [1.0, 3.0, 9_007_199_254_740_991.0];
    let even = [2.0, 4.0, 9_007_199_254_740_992.0, 1e300];
    let broken = [0.5, 2.5, 1e-300, 4_503_599_627_370_495.5];
    let check = |x: f64, y: f64, wanted: f64| {
        let got = double::pow(x, y);
        assert!(same(got, wanted), "pow({x:?}, {y:?}) is {got:?}, not {wanted:?}");
        let (x32, y32) = (x as f32, y as f32);
        // What f32 can hold of the case.
        if (f64::from(x32) == x || x.is_nan()) && (f64::from(y32) == y || y.is_nan()) {
            let got = f64::from(single::pow(x32, y32));
            assert!(same(got, wanted), "f32 pow({x:?}, {y:?}) is {got:?}, not {wanted:?}");
        }
    };
    for x in [0.0, -0.0, 1.0, -1.0, 3.5, -3.5, INF, -INF, NAN] {
        check(x, 0.0, 1.0);
        check(x, -0.0, 1.0);
        check(1.0, x, 1.0);
    }
    for y in odd {
        check(0.0, y, 0.0);
        check(-0.0, y, -0.0);
        check(0.0, -y, INF);
        check(-0.0, -y, -INF);
        check(-1.0, y, -1.0);
        check(-INF, y, -INF);
        check(-INF, -y, -0.0);
    }
    for y in even {
        check(-1.0, y, 1.0);
    }
    for y in even.into_iter().chain(broken).chain([INF]) {
        check(0.0, y, 0.0);
        check(-0.0, y, 0.0);
        check(0.0, -y, INF);
        check(-0.0, -y, INF);
        check(INF, y, INF);
        check(INF, -y, 0.0);
        check(-INF, y, INF);
        check(-INF, -y, 0.0);
    }
    for y in broken {
        check(-1.0, y, NAN);
        check(-2.0, -y, NAN);
    }
    check(-1.0, INF, 1.0);
    check(-1.0, -INF, 1.0);
    for x in [0.5, -0.5] {
        check(x, INF, 0.0);
        check(x, -INF, INF);
    }
    for x in [1.5, -1.5] {
        check(x, INF, INF);
        check(x, -INF, 0.0);
    }
    for (x, y) in [(NAN, 1.0), (2.0, NAN), (-2.0, NAN), (0.0, NAN), (INF, NAN), (NAN, INF)] {
        check(x, y, NAN);
    }
    check(-2.0, 3.0, -8.0);
    check(-2.0, 2.0, 4.0);
    check(2.0, -1076.0, 0.0);
    check(2.0, 1024.0, INF);
    check(-2.0, 1025.0, -INF);
    check(1e-200, 2.0, 0.0);
    check(1.5, 1e300, INF);
    check(1.5, -1e300, 0.0);
    assert_eq!(double::pow(2.0, -1074.0), 5e-324);
    assert_eq!(single::pow(2.0, -149.0), f32::from_bits(1));
    assert_eq!(single::pow(2.0, -126.0), f32::MIN_POSITIVE);
    assert_eq!(single::pow(2.0, 127.0), 127f32.exp2());
}

#[test]
fn constant_powers() {
    for x in [-3.0, -0.7, 0.3, 1.0, 1.7] {
        assert!(same(double::powi(x, 0), 1.0));
        assert!(same(double::powi(x, 1), x));
        assert!(same(double::powi(x, 2), x * x));
        assert!(same(double::powi(x, -1), 1.0 / x));
        for n in -12..=12 {
            let ulps = f64::from(n).abs() * f64::EPSILON;
            let (got, wanted) = (double::powi(x, n), double::pow(x, f64::from(n)));
            assert!((got - wanted).abs() <= ulps * wanted.abs(), "{x}^{n}");
        }
    }
    assert_eq!(single::powi(2.0, 10), 1024.0);
}

/// Numbers from all over, both signs, more of them in the middle.
fn samples() -> impl Iterator<Item = f32> {
    let coarse = (0..=u32::MAX).step_by(40_009);
    let fine = ((127 - 8) << 23..(127 + 8) << 23).step_by(997);
    coarse.chain(fine.clone()).chain(fine.map(|b| b | 1 << 31)).map(f32::from_bits)
}

fn turns(name: &str) -> bool {
    ["sin", "cos", "tan"].contains(&name)
}

#[test]
fn odd_and_even_functions() {
    for x in samples().filter(|x| !x.is_nan()) {
        let d = f64::from(x) * 1.000_000_000_123;
        for name in ["sinh", "tanh", "sin", "tan", "erf"] {
            if turns(name) && f64::from(x.abs()) > TRIG_RANGE.0 {
                continue;
            }
            let (_, double, single) = both(name);
            assert_eq!(single(-x).to_bits(), (-single(x)).to_bits(), "{name}({x:e})");
            assert_eq!(double(-d).to_bits(), (-double(d)).to_bits(), "{name}({d:e})");
        }
        for name in ["cosh", "cos"] {
            if turns(name) && f64::from(x.abs()) > TRIG_RANGE.0 {
                continue;
            }
            let (_, double, single) = both(name);
            if turns(name) && f64::from(x.abs()) > TRIG_RANGE.0 {
                continue;
            }
            assert_eq!(single(-x).to_bits(), single(x).to_bits(), "{name}({x:e})");
            assert_eq!(double(-d).to_bits(), double(d).to_bits(), "{name}({d:e})");
        }
    }
}

#[test]
fn exprel_and_its_relatives_agree() {
    let within = |x: f64, y: f64, ulps: f64| (x - y).abs() <= ulps * f64::EPSILON * y.abs();
    for x in samples().map(|x| f64::from(x) * 1.000_000_000_123) {
        if !(-700.0..700.0).contains(&x) || x.abs() < f64::MIN_POSITIVE {
            continue;
        }
        let (r, b, e) = (double::exprel(x), double::bernoulli(x), double::expm1(x));
        assert!(within(r * x, e, 4.0), "{x:e}");
        assert!(within(r * b, 1.0, 4.0), "{x:e}");
        // exp(x) - 1 - x exprel(x) = 0, and x + B(x) = B(-x).
        let lost = x + b - double::bernoulli(-x);
        assert!(lost.abs() <= 4.0 * f64::EPSILON * b.max(x.abs()), "{x:e}");
    }
    for tiny in [5e-324, 1e-310, 1e-100, 1e-17] {
        for x in [tiny, -tiny] {
            assert_eq!(double::exprel(x), 1.0);
            assert_eq!(double::bernoulli(x), 1.0);
            assert!((double::expm1(x) - x).abs() <= (-1074f64).exp2());
        }
    }
}

/// Neighbouring numbers around places where a formula changes or a result saturates.
#[test]
fn order_is_kept() {
    let places: &[(&str, &[f64])] = &[
        ("exp", &[-87.0, -86.9, 0.0, 0.346_573_6, -0.346_573_6, 1.0, 88.72]),
        ("expm1", &[-30.0, -17.3, -0.346_573_6, 0.0, 0.346_573_6, 1.039_72, 88.0]),
        ("exprel", &[-30.0, -0.346_573_6, 0.0, 9.3e-10, 0.346_573_6, 93.0]),
        ("sigmoid", &[-80.0, 0.0, 17.0]),
        ("log", &[1.2e-38, FRAC_1_SQRT_2, 1.0, SQRT_2, 3e38]),
        ("tanh", &[-9.0, 0.0, 0.173_286_8, 9.0]),
        ("erf", &[-3.9, -1.0, 0.0, 1.0, 3.9]),
    ];
    for &(name, centres) in places {
        let (_, double, single) = both(name);
        for &centre in centres {
            let centre = centre - 1e-12 * centre.abs();
            // Rounding may turn two neighbours around by as much as the two errors.
            let mut x = centre as f32;
            let mut highest = single(x);
            for _ in 0..20_000 {
                x = x.next_up();
                let y = single(x);
                let slack = 2.0 * crate::bounds(name).0 as f32 * f32::EPSILON * highest.abs();
                assert!(y == highest || y >= highest - slack, "{name}({x:e})");
                highest = highest.max(y);
            }
            let mut x = centre;
            let mut highest = double(x);
            for _ in 0..20_000 {
                x = x.next_up();
                let y = double(x);
                let slack = 2.0 * crate::bounds(name).1 * f64::EPSILON * highest.abs();
                assert!(y == highest || y >= highest - slack, "{name}({x:e})");
                highest = highest.max(y);
            }
        }
    }
}

#[test]
fn huge_angles_stay_in_range() {
    for x in samples().filter(|x| x.is_finite()) {
        assert!(single::sin(x).abs() <= 1.0 && single::cos(x).abs() <= 1.0, "{x:e}");
        let d = f64::from(x) * f64::from(x) * f64::from(x);
        assert!(double::sin(d).abs() <= 1.0 && double::cos(d).abs() <= 1.0, "{d:e}");
        assert!(!single::tan(x).is_nan() && !double::tan(d).is_nan());
    }
    assert!(TRIG_RANGE.0 >= 1e5 && TRIG_RANGE.1 >= 1e9);
}

#[test]
fn inverse_circular_functions() {
    use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};
    assert_eq!(double::atan(INF), FRAC_PI_2);
    assert_eq!(double::atan(-INF), -FRAC_PI_2);
    assert_eq!(single::atan(f32::INFINITY), std::f32::consts::FRAC_PI_2);
    assert!(same(double::atan(-0.0), -0.0) && same(double::atan(5e-324), 5e-324));
    assert_eq!((double::atan(1.0), double::asin(1.0), double::asin(-1.0)), (FRAC_PI_4, FRAC_PI_2, -FRAC_PI_2));
    assert_eq!((double::acos(1.0), double::acos(0.0), double::acos(-1.0)), (0.0, FRAC_PI_2, PI));
    assert!(double::asin(1.0 + f64::EPSILON).is_nan() && double::acos(-1.0 - f64::EPSILON).is_nan());
    assert!(double::atan(NAN).is_nan() && double::asin(NAN).is_nan() && double::acos(NAN).is_nan());
    for (y, x, angle) in [
        (0.0, 0.0, 0.0),
        (0.0, 1.0, 0.0),
        (0.0, -1.0, PI),
        (-0.0, -1.0, -PI),
        (1.0, 0.0, FRAC_PI_2),
        (-1.0, 0.0, -FRAC_PI_2),
        (1.0, 1.0, FRAC_PI_4),
        (1e300, -1e-300, FRAC_PI_2),
        (1.0, INF, 0.0),
        (INF, 1.0, FRAC_PI_2),
    ] {
        let got = double::atan2(y, x);
        let near = (got - angle).abs() <= f64::EPSILON && got.is_sign_negative() == angle.is_sign_negative();
        assert!(near, "atan2({y:?}, {x:?}) is {got:?}");
        let got = single::atan2(y as f32, x as f32);
        assert!((f64::from(got) - angle).abs() < 1e-6, "f32 atan2({y:?}, {x:?}) is {got:?}");
    }
}

#[test]
fn logarithms_of_powers() {
    for n in -1070..1024 {
        assert_eq!(double::log2(f64::from(n).exp2()), f64::from(n));
    }
    for n in -140_i16..128 {
        assert_eq!(single::log2(f32::from(n).exp2()), f32::from(n));
    }
    assert_eq!(double::log10(1.0), 0.0);
    assert!((double::log10(1000.0) - 3.0).abs() < 1e-15);
}

/// All pairs of small whole numbers, in both formats, and what Python's `%` makes of them.
#[test]
fn rests_of_divisions() {
    for x in -100..=100_i16 {
        for y in (-12..=12_i16).filter(|y| *y != 0) {
            let wanted = (x % y + y) % y;
            assert_eq!(double::modulo(f64::from(x), f64::from(y)), f64::from(wanted), "{x} {y}");
            assert_eq!(single::modulo(f32::from(x), f32::from(y)), f32::from(wanted), "{x} {y}");
        }
    }
    // Where the quotient is rounded to a whole number that is one too many.
    for n in 1..100_000_u32 {
        let (x, y) = ((f64::from(n) * 0.1).next_down(), 0.1);
        assert!((0.0..=y).contains(&double::modulo(x, y)), "{x}");
        let (x, y) = ((n as f32 * 0.1).next_down(), 0.1);
        assert!((0.0..=y).contains(&single::modulo(x, y)), "{x}");
    }
    assert!(double::modulo(1.0, 0.0).is_nan() && double::modulo(INF, 1.0).is_nan());
    assert_eq!(double::modulo(1e300, 0.1), 0.0);
    assert!(same(double::modulo(4.0, 2.0), 0.0) && same(double::modulo(4.0, -2.0), -0.0));
}
