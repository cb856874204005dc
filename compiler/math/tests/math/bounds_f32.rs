//! f32, over the whole domain, against f64.
//!
//! The reference is the f64 function of the host's library (of ours for `erf`, whose own error is
//! checked in `bounds_f64`): its error is below 2^-28 ULP of f32.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use bpc_math::scalar::f32 as ours;
use bpc_math::{TRIG_RANGE, scalar};

/// The distance of `got` from `exact` in ULPs of f32. Infinity counts as the number after the largest.
fn error(got: f32, exact: f64) -> f64 {
    if got.is_nan() || exact.is_nan() {
        return if got.is_nan() && exact.is_nan() { 0.0 } else { f64::INFINITY };
    }
    let end = 128f64.exp2();
    let got = f64::from(got).clamp(-end, end);
    let exact = exact.clamp(-end, end);
    let exponent = (exact.abs().to_bits() >> 52) as i32 - 1023;
    let ulp = f64::from(exponent.clamp(-126, 127) - 23).exp2();
    (got - exact).abs() / ulp
}

/// One function, what it should be, and where.
struct Case {
    name: &'static str,
    ours: fn(f32) -> f32,
    exact: fn(f64) -> f64,
    /// Exact results smaller than this may come out as anything up to this.
    flush: f64,
    /// Arguments larger than this in size are not looked at.
    range: f64,
}

impl Case {
    /// Every 997th number, every 61st from 2^-7 to 2^8, and those around each power of two.
    fn check(&self) {
        self.sweep(997, 61);
    }

    /// Every `coarse`th number, every `fine`th in the middle, and those around each power of two.
    fn sweep(&self, coarse: usize, fine: usize) {
        let bound = crate::bounds(self.name).0;
        let mut worst = (0.0, 0.0);
        let mut at = |bits: u32| {
            let x = f32::from_bits(bits);
            if f64::from(x.abs()) > self.range {
                return;
            }
            let (got, exact) = ((self.ours)(x), (self.exact)(f64::from(x)));
            let e = if exact.abs() < self.flush {
                if f64::from(got.abs()) <= self.flush { 0.0 } else { f64::INFINITY }
            } else {
                error(got, exact)
            };
            if e > worst.0 {
                worst = (e, x);
            }
        };
        for bits in (0..=u32::MAX).step_by(coarse) {
            at(bits);
        }
        for sign in [0, 1 << 31] {
            for bits in ((127 - 7) << 23..(127 + 8) << 23).step_by(fine) {
                at(sign | bits);
            }
            for binade in 0..=255_u32 {
                for near in -64..64 {
                    at(sign | (binade << 23).wrapping_add_signed(near) & (u32::MAX >> 1));
                }
            }
        }
        println!("{} f32: {:.3} ULP at {:e}", self.name, worst.0, worst.1);
        assert!(worst.0 <= bound, "{}: {} ULP at {:e}", self.name, worst.0, worst.1);
    }
}

fn case(name: &'static str, ours: fn(f32) -> f32, exact: fn(f64) -> f64) -> Case {
    Case { name, ours, exact, flush: 0.0, range: f64::INFINITY }
}

fn exprel_exact(x: f64) -> f64 {
    match x {
        0.0 => 1.0,
        f64::INFINITY => x,
        _ => x.exp_m1() / x,
    }
}

fn cases() -> Vec<Case> {
    let normal = f64::from(f32::MIN_POSITIVE);
    let flushed = |flush, case| Case { flush, ..case };
    let turning = |case| Case { range: TRIG_RANGE.0, ..case };
    vec![
        flushed((-125.5f64).exp2(), case("exp", ours::exp, f64::exp)),
        case("expm1", ours::expm1, f64::exp_m1),
        case("exprel", ours::exprel, exprel_exact),
        flushed(normal, case("bernoulli", ours::bernoulli, |x| exprel_exact(x).recip())),
        flushed(normal, case("sigmoid", ours::sigmoid, |x| 1.0 / (1.0 + (-x).exp()))),
        case("log", ours::log, f64::ln),
        case("log1p", ours::log1p, f64::ln_1p),
        case("sinh", ours::sinh, f64::sinh),
        case("cosh", ours::cosh, f64::cosh),
        case("tanh", ours::tanh, f64::tanh),
        turning(case("sin", ours::sin, f64::sin)),
        turning(case("cos", ours::cos, f64::cos)),
        turning(case("tan", ours::tan, f64::tan)),
        case("erf", ours::erf, scalar::f64::erf),
        case("log10", ours::log10, f64::log10),
        case("log2", ours::log2, f64::log2),
        case("atan", ours::atan, f64::atan),
        case("asin", ours::asin, f64::asin),
        case("acos", ours::acos, f64::acos),
    ]
}

/// Checks the cases on all threads.
fn check_all(check: impl Fn(&Case) + Sync) {
    let cases = cases();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(case);
                }
            });
        }
    });
}

#[test]
fn dense() {
    check_all(Case::check);
}

/// Every number of the binades that matter: minutes, so only with `make validate`.
#[test]
fn every_number_in_the_middle() {
    if std::env::var_os("BPC_VALIDATE").is_none() {
        // Written past the capture of `eprintln!`, so that it is seen although the test passes.
        let _ = std::io::stderr().write_all(b"not run without BPC_VALIDATE: functions of every number in the middle\n");
        return;
    }
    check_all(|case| case.sweep(97, 1));
}

/// All bases against few exponents, few against all, and both at random.
#[test]
fn pow() {
    let mut worst = (0.0, 0.0, 0.0);
    let mut at = |x: f32, y: f32| {
        let exact = f64::from(x).powf(f64::from(y));
        let e = error(ours::pow(x, y), exact);
        if e > worst.0 {
            worst = (e, x, y);
        }
    };
    for bits in (0..=u32::MAX).step_by(20_011) {
        let x = f32::from_bits(bits);
        for y in [0.5, 1.0 / 3.0, -0.1, 1.5, 2.0, 3.0, -1.0, -7.3, 41.0] {
            at(x, y);
        }
        for base in [0.1, 0.9, 0.999, 1.001, 1.5, 2.0, std::f32::consts::E, 10.0] {
            at(base, x);
        }
    }
    // Bases and exponents such that the result is in range.
    let mut state = 1_u64;
    for _ in 0..1_000_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = f32::from_bits((state >> 33) as u32);
        let log = f64::from(x).ln();
        let power = 150.0 * ((state >> 8 & 0xff_ffff) as f64 / 8_388_608.0 - 1.0);
        at(x, (power / log) as f32);
    }
    println!("pow f32: {:.3} ULP at {:e}, {:e}", worst.0, worst.1, worst.2);
    assert!(worst.0 <= crate::bounds("pow").0, "{} ULP at {:e}, {:e}", worst.0, worst.1, worst.2);
}
