//! What is measured of a population's spikes, each over the steps `from..end`.
//!
//! Spikes are those detected in these steps. A statistic that has nothing to be computed from
//! (no spikes, no intervals) is NaN, and no expectation holds for NaN.

use bpc_sema::model::{Expectation, Expected, Statistic};

/// The spikes of one population, oldest first; two columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spikes {
    /// In which step it was detected.
    pub step: Vec<u64>,
    /// Which neuron.
    pub neuron: Vec<u32>,
}

impl Spikes {
    /// Adds later spikes.
    pub fn extend(&mut self, spikes: &[(u64, u32)]) {
        self.step.extend(spikes.iter().map(|s| s.0));
        self.neuron.extend(spikes.iter().map(|s| s.1));
    }

    /// Those of some neurons.
    pub fn of_neurons(&self, chosen: impl Fn(u64) -> bool) -> Spikes {
        let all = self.step.iter().zip(&self.neuron);
        let (step, neuron) = all.filter(|(_, n)| chosen(u64::from(**n))).unzip();
        Spikes { step, neuron }
    }

    /// The index of the first spike at or after a step.
    fn first_from(&self, step: u64) -> usize {
        self.step.partition_point(|&s| s < step)
    }
}

/// Spikes of a population in a stretch of time.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    spikes: &'a Spikes,
    neurons: u64,
    from: u64,
    end: u64,
    dt: f64,
}

impl<'a> Window<'a> {
    /// The steps `from..end` of `dt` ms each.
    pub fn new(spikes: &'a Spikes, neurons: u64, from: u64, end: u64, dt: f64) -> Self {
        Window { spikes, neurons, from, end: end.max(from), dt }
    }

    fn range(&self) -> std::ops::Range<usize> {
        self.spikes.first_from(self.from)..self.spikes.first_from(self.end)
    }

    /// The number of spikes.
    pub fn spike_count(&self) -> u64 {
        self.range().len() as u64
    }

    /// Spikes per neuron and time, in kHz.
    pub fn rate(&self) -> f64 {
        self.spike_count() as f64 / (self.neurons as f64 * (self.end - self.from) as f64 * self.dt)
    }

    /// Mean over the neurons with at least four spikes of (population) standard deviation over
    /// mean of their inter-spike intervals.
    pub fn cv_isi(&self) -> f64 {
        let mut by_neuron: Vec<(u32, u64)> =
            self.range().map(|i| (self.spikes.neuron[i], self.spikes.step[i])).collect();
        by_neuron.sort_unstable();
        let cvs: Vec<f64> = by_neuron
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|train| train.len() >= 4)
            .map(|train| deviation_over_mean(train.windows(2).map(|pair| (pair[1].1 - pair[0].1) as f64)))
            .collect();
        cvs.iter().sum::<f64>() / cvs.len() as f64
    }

    /// (Population) standard deviation over mean of the number of spikes in bins of 2 ms; a
    /// last bin that is not whole does not count.
    pub fn synchrony(&self) -> f64 {
        let width = ((2.0 / self.dt).round() as u64).max(1);
        let bins = (self.end - self.from) / width;
        let mut counts = vec![0u32; usize::try_from(bins).unwrap_or(0)];
        for i in self.range() {
            if let Some(count) = counts.get_mut(((self.spikes.step[i] - self.from) / width) as usize) {
                *count += 1;
            }
        }
        deviation_over_mean(counts.iter().map(|&c| f64::from(c)))
    }

    /// The share of neurons that never spike.
    pub fn silent(&self) -> f64 {
        let mut active = self.spikes.neuron[self.range()].to_vec();
        active.sort_unstable();
        active.dedup();
        1.0 - active.len() as f64 / self.neurons as f64
    }

    /// The statistic of an expectation, in internal units (rates in kHz).
    pub fn measure(&self, statistic: Statistic) -> f64 {
        match statistic {
            Statistic::Rate => self.rate(),
            Statistic::SpikeCount => self.spike_count() as f64,
            Statistic::CvIsi => self.cv_isi(),
            Statistic::Synchrony => self.synchrony(),
            Statistic::Silent => self.silent(),
        }
    }
}

/// Whether a measured value lies within the bounds of an expectation; NaN never does.
pub fn holds(expectation: &Expectation, value: f64) -> bool {
    let above = expectation.low.is_none_or(|(low, closed)| value > low || (closed && value == low));
    let below = expectation.high.is_none_or(|(high, closed)| value < high || (closed && value == high));
    !value.is_nan() && above && below
}

/// A measured value with its unit, as people write it.
pub fn shown(measured: &Expected, value: f64) -> String {
    if value.is_nan() {
        return "nothing to measure".into();
    }
    let statistic = match measured {
        Expected::Spikes { statistic, .. } => *statistic,
        Expected::Values(record) => {
            let quantity = record.aggregate.as_ref().map(|of| (of.quantity.factor, of.quantity.unit.as_str()));
            let (factor, unit) = quantity.unwrap_or((1.0, "1"));
            let number = significant(value * factor);
            return if unit == "1" { number } else { format!("{number} {unit}") };
        }
    };
    match statistic {
        Statistic::Rate => format!("{} Hz", significant(value * 1e3)),
        Statistic::SpikeCount => crate::console::grouped(value as u64),
        Statistic::CvIsi | Statistic::Synchrony | Statistic::Silent => significant(value),
    }
}

/// Four significant digits without an exponent.
fn significant(value: f64) -> String {
    let magnitude = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    format!("{value:.*}", usize::try_from((3 - magnitude).clamp(0, 12)).unwrap_or(0))
}

fn deviation_over_mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    variance.sqrt() / mean
}

#[cfg(test)]
mod tests {
    use super::*;
    use bpc_sema::model::PopulationId;

    fn spikes(pairs: &[(u64, u32)]) -> Spikes {
        let mut s = Spikes::default();
        s.extend(pairs);
        s
    }

    #[test]
    fn rate_and_count_of_a_window() {
        // Two neurons, one spike every 10 ms each, dt 0.1 ms, 100 ms: 100 Hz.
        let s = spikes(&(0..10).flat_map(|k| [(k * 100, 0), (k * 100, 1)]).collect::<Vec<_>>());
        let all = Window::new(&s, 2, 0, 1000, 0.1);
        assert_eq!(all.spike_count(), 20);
        assert!((all.rate() - 0.1).abs() < 1e-15);
        let half = Window::new(&s, 2, 500, 1000, 0.1);
        assert_eq!(half.spike_count(), 10);
        assert!((half.rate() - 0.1).abs() < 1e-15);
        assert!(Window::new(&s, 2, 7, 7, 0.1).rate().is_nan());
    }

    #[test]
    fn regular_trains_have_no_variation() {
        let s = spikes(&(0..10).map(|k| (k * 7, 3)).collect::<Vec<_>>());
        assert_eq!(Window::new(&s, 5, 0, 100, 0.1).cv_isi(), 0.0);
    }

    #[test]
    fn alternating_intervals_have_a_closed_form() {
        // Intervals 1, 3, 1, 3: mean 2, population sd 1, so 0.5. A second neuron with three
        // spikes does not count, whatever its intervals.
        let mut pairs = vec![(0, 0), (1, 0), (4, 0), (5, 0), (8, 0), (0, 1), (1, 1), (90, 1)];
        pairs.sort_unstable();
        let s = spikes(&pairs);
        assert_eq!(Window::new(&s, 2, 0, 100, 1.0).cv_isi(), 0.5);
        assert!(Window::new(&s, 2, 0, 5, 1.0).cv_isi().is_nan());
    }

    #[test]
    fn synchrony_of_counts() {
        // Bins of 2 ms with 4, 0, 4, 0 spikes: mean 2, sd 2; the half bin at the end is dropped.
        let s = spikes(&[(0, 0), (0, 1), (1, 2), (1, 3), (4, 0), (4, 1), (5, 2), (5, 3), (8, 0)]);
        assert_eq!(Window::new(&s, 4, 0, 9, 1.0).synchrony(), 1.0);
        let even = spikes(&(0..20).map(|k| (k, 0)).collect::<Vec<_>>());
        assert_eq!(Window::new(&even, 1, 0, 20, 0.1).synchrony(), 0.0);
        assert!(Window::new(&Spikes::default(), 1, 0, 20, 0.1).synchrony().is_nan());
    }

    #[test]
    fn silent_neurons() {
        let s = spikes(&[(0, 0), (3, 0), (9, 2)]);
        assert_eq!(Window::new(&s, 4, 0, 10, 0.1).silent(), 0.5);
        assert_eq!(Window::new(&s, 4, 1, 9, 0.1).silent(), 0.75);
        assert_eq!(Window::new(&Spikes::default(), 4, 0, 10, 0.1).silent(), 1.0);
    }

    #[test]
    fn values_are_shown_with_four_digits() {
        let shown = |statistic, value| {
            let measured = Expected::Spikes { statistic, population: PopulationId(0), neurons: None };
            super::shown(&measured, value)
        };
        assert_eq!(shown(Statistic::Rate, 0.022_697), "22.70 Hz");
        assert_eq!(shown(Statistic::CvIsi, 0.912_34), "0.9123");
        assert_eq!(shown(Statistic::Silent, 0.0), "0.000");
        assert_eq!(shown(Statistic::SpikeCount, 12345.0), "12,345");
        assert_eq!(shown(Statistic::Synchrony, f64::NAN), "nothing to measure");
    }
}
