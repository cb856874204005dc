//! One number made of many: means, sums, extremes, spreads.
//!
//! Values are taken in one order, whatever the number of threads, and sums are compensated (Neumaier 1974): the error of a sum
//! does not grow with the number of values.

use bpc_runtime_abi::Aggregate;

use crate::sys;

/// A sum and the rounding errors that it has left out.
#[derive(Clone, Copy)]
struct Sum {
    sum: f64,
    rest: f64,
}

impl Sum {
    const ZERO: Sum = Sum { sum: 0.0, rest: 0.0 };

    fn with(self, value: f64) -> Sum {
        let sum = self.sum + value;
        // What is smaller loses its last digits.
        let lost = if self.sum.abs() >= value.abs() { (self.sum - sum) + value } else { (value - sum) + self.sum };
        Sum { sum, rest: self.rest + lost }
    }

    fn value(self) -> f64 {
        // Of what is not finite the rest is no number.
        if self.sum.is_finite() { self.sum + self.rest } else { self.sum }
    }
}

/// The number that is made of these values: NaN of none (but a sum of 0), and wherever a value is NaN.
pub fn of_values(aggregate: Aggregate, values: impl Iterator<Item = f64> + Clone) -> f64 {
    match aggregate {
        Aggregate::Sum => sum(values).0,
        Aggregate::Mean => mean(values),
        Aggregate::Min => extreme(values, |value, known| value < known),
        Aggregate::Max => extreme(values, |value, known| value > known),
        Aggregate::Variance => variance(values),
        Aggregate::Std => sys::square_root(variance(values)),
    }
}

/// The sum, and how many values there are.
fn sum(values: impl Iterator<Item = f64>) -> (f64, u64) {
    let (sum, count) = values.fold((Sum::ZERO, 0), |(sum, count), value| (sum.with(value), count + 1));
    (sum.value(), count)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = sum(values);
    sum / count as f64
}

/// In two passes, so that a spread that is small beside the mean keeps its digits.
fn variance(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let centre = mean(values.clone());
    mean(values.map(|value| (value - centre) * (value - centre)))
}

fn extreme(values: impl Iterator<Item = f64>, beyond: impl Fn(f64, f64) -> bool) -> f64 {
    let further = |known: f64, value: f64| if value.is_nan() || beyond(value, known) { value } else { known };
    values.reduce(further).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(aggregate: Aggregate, values: &[f64]) -> f64 {
        of_values(aggregate, values.iter().copied())
    }

    #[test]
    fn of_a_few_values() {
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        let all = [
            (Aggregate::Mean, 5.0),
            (Aggregate::Sum, 40.0),
            (Aggregate::Min, 2.0),
            (Aggregate::Max, 9.0),
            (Aggregate::Std, 2.0),
            (Aggregate::Variance, 4.0),
        ];
        for (aggregate, value) in all {
            assert_eq!(of(aggregate, &values), value, "{aggregate:?}");
            assert_eq!(Aggregate::of(aggregate as i32), Some(aggregate));
        }
        assert_eq!(Aggregate::of(6), None);
        assert_eq!(Aggregate::of(-1), None);
    }

    #[test]
    fn sums_are_compensated() {
        assert_eq!(of(Aggregate::Sum, &[1.0, 1e100, 1.0, -1e100]), 2.0);
        let many: Vector<f64> = core::iter::repeat_n(0.1, 1_000_000).collect();
        assert_eq!(of(Aggregate::Sum, &many), 100_000.0);
        // A spread of one in the 14th digit.
        assert_eq!(of(Aggregate::Variance, &[1e14, 1e14 + 2.0]), 1.0);
    }

    #[test]
    fn what_is_no_number() {
        for aggregate in [Aggregate::Mean, Aggregate::Sum, Aggregate::Min, Aggregate::Max, Aggregate::Std] {
            for values in [[f64::NAN, 1.0, 2.0], [1.0, f64::NAN, 2.0], [1.0, 2.0, f64::NAN]] {
                assert!(of(aggregate, &values).is_nan(), "{aggregate:?}");
            }
        }
        assert_eq!(of(Aggregate::Sum, &[]), 0.0);
        assert!(of(Aggregate::Mean, &[]).is_nan() && of(Aggregate::Min, &[]).is_nan());
        assert_eq!(of(Aggregate::Sum, &[f64::INFINITY, 1.0]), f64::INFINITY);
    }

    type Vector<T> = std::vec::Vec<T>;
}
