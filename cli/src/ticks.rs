//! Axes: what they reach over, and round numbers along them.

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

/// About `count` multiples of 1, 2 or 5 times a power of ten between `low` and `high`, two at least: a single number
/// is no scale.
pub fn nice_ticks(low: f64, high: f64, count: usize) -> Ticks {
    let range = high - low;
    if !range.is_finite() || range <= 0.0 {
        return Ticks { values: vec![low], decimals: 0 };
    }
    let ends = |step: f64| ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
    let coarse = nice_step(range / count.max(1) as f64);
    let finer = nice_step(coarse / 2.5);
    // In place of a 5 that leaves one number, a 4 is round enough.
    let is_scale = |step: &f64| ends(*step).1 > ends(*step).0;
    let step = [coarse, 2.0 * finer, finer].into_iter().find(is_scale).unwrap_or(finer);
    let (first, last) = ends(step);
    let decimals = usize::try_from((-step.log10() - 1e-9).ceil() as i64).unwrap_or(0).min(12);
    Ticks { values: (first..=last).map(|k| k as f64 * step).collect(), decimals }
}

/// The least of 1, 2, 5, 10, … times a power of ten that is not below.
pub fn nice_step(at_least: f64) -> f64 {
    let power = 10f64.powf(at_least.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|f| f * power >= at_least * (1.0 - 1e-9)).unwrap_or(10.0);
    factor * power
}

/// Values to pixels, upwards, with a margin above and below.
#[derive(Clone, Debug)]
pub struct Scale {
    low: f64,
    high: f64,
    /// The upper end in pixels.
    pub top: f64,
    /// The length in pixels.
    pub height: f64,
    /// Round numbers along it.
    pub ticks: Ticks,
}

impl Scale {
    /// From `low` to `high`, with about `count` ticks.
    pub fn new((low, high): (f64, f64), (top, height): (f64, f64), count: usize) -> Self {
        Scale { low, high, top, height, ticks: nice_ticks(low, high, count) }
    }

    /// Over all finite values, and `margin` of that range more at both ends; likewise.
    pub fn over(values: impl Iterator<Item = f64>, margin: f64, place: (f64, f64), count: usize) -> Self {
        let (low, high) = match bounds(values) {
            Some((low, high)) if low < high => (low, high),
            // All the same: the scale starts at zero, so that its numbers say how large that is.
            Some((0.0, _)) => (-1.0, 1.0),
            Some((value, _)) => (value.min(0.0) * 2.0, value.max(0.0) * 2.0),
            None => (0.0, 1.0),
        };
        let margin = (high - low) * margin;
        Scale::new((low - margin, high + margin), place, count)
    }

    /// The height of a value.
    pub fn y(&self, value: f64) -> f64 {
        self.top + self.height * (1.0 - (value - self.low) / (self.high - self.low))
    }
}

/// The least and the greatest finite value.
pub fn bounds(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|v| v.is_finite()).map(|v| (v, v)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
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
        // Never one alone.
        assert_eq!(labels(-2.7, 19.0, 2), "0 10");
        assert_eq!(labels(-4.9, 4.9, 2), "\u{2212}4 0 4");
        assert_eq!(labels(0.9, 2.9, 2), "1 2");
        assert_eq!(labels(0.0, f64::NAN, 4), "0");
    }

    #[test]
    fn scales_are_upright_and_start_at_zero_if_there_is_one_value() {
        let scale = |values: &[f64]| Scale::over(values.iter().copied(), 0.0, (10.0, 100.0), 4);
        let ends = |values: &[f64]| (scale(values).low, scale(values).high);
        assert_eq!(ends(&[3.0, f64::NAN, -1.0, f64::INFINITY]), (-1.0, 3.0));
        assert_eq!(ends(&[2353.0; 3]), (0.0, 4706.0));
        assert_eq!(ends(&[-65.0]), (-130.0, 0.0));
        assert_eq!(ends(&[0.0]), (-1.0, 1.0));
        assert_eq!(ends(&[f64::NAN]), (0.0, 1.0));
        assert_eq!(ends(&[]), (0.0, 1.0));
        assert_eq!((scale(&[0.0, 1.0]).y(1.0), scale(&[0.0, 1.0]).y(0.0)), (10.0, 110.0));
    }
}
