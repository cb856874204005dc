//! Round numbers along an axis.

/// Places of ticks, and how their numbers are written.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticks {
    /// In ascending order.
    pub values: Vec<f64>,
    decimals: usize,
}

impl Ticks {
    /// The number at a tick.
    pub fn label(&self, value: f64) -> String {
        let text = format!("{value:.*}", self.decimals);
        // No minus before zero, and the sign that is as wide as a digit before others.
        if text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') {
            text.trim_start_matches('-').to_owned()
        } else {
            text.replace('-', "\u{2212}")
        }
    }
}

/// At most about `count` multiples of 1, 2 or 5 times a power of ten between `low` and `high`.
pub fn nice_ticks(low: f64, high: f64, count: usize) -> Ticks {
    let range = high - low;
    if !range.is_finite() || range <= 0.0 {
        return Ticks { values: vec![low], decimals: 0 };
    }
    let step = nice_step(range / count.max(1) as f64);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    let decimals = usize::try_from((-step.log10() - 1e-9).ceil() as i64).unwrap_or(0).min(12);
    Ticks { values: (first..=last).map(|k| k as f64 * step).collect(), decimals }
}

/// The least of 1, 2, 5, 10, … times a power of ten that is not below.
pub fn nice_step(at_least: f64) -> f64 {
    let power = 10f64.powf(at_least.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|f| f * power >= at_least * (1.0 - 1e-9)).unwrap_or(10.0);
    factor * power
}

/// Times up to this many ms are written in which unit, and the factor from ms.
pub fn time_scale(duration_ms: f64) -> (&'static str, f64) {
    if duration_ms > 2000.0 { ("s", 1e-3) } else { ("ms", 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let labels = |low, high, count| {
            let ticks = nice_ticks(low, high, count);
            ticks.values.iter().map(|v| ticks.label(*v)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(labels(0.0, 1000.0, 5), "0 200 400 600 800 1000");
        assert_eq!(labels(0.0, 1.0, 5), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(labels(-71.0, -49.0, 4), "\u{2212}70 \u{2212}60 \u{2212}50");
        assert_eq!(labels(-0.2, 0.2, 4), "\u{2212}0.2 \u{2212}0.1 0.0 0.1 0.2");
        assert_eq!(labels(3.0, 3.0, 4), "3");
        assert_eq!(labels(0.0, f64::NAN, 4), "0");
    }
}
