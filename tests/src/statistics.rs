//! What is measured of the spikes of a population; the definitions are those of the reference data
//! (`tests/reference/12_coba_lif_4000/case.md`). A second implementation: it shares nothing with
//! what `bpc` prints itself.

use npyz::npz::NpzArchive;
use std::ops::Range;
use std::path::Path;

/// The statistics of one population, in the order of the reference tables.
pub const NAMES: [&str; 10] = ["rate", "cv_isi", "rate_sd", "q05", "q25", "q50", "q75", "q95", "silent", "pop_cv_2ms"];

/// Of those, quantiles of single-neuron rates, which come in steps of one spike per window.
pub fn is_quantile(name: &str) -> bool {
    matches!(name, "q05" | "q25" | "q50" | "q75" | "q95")
}

/// The spikes of a population. A spike of step k is seen at its end, at (k + 1) dt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spikes {
    /// In which step.
    pub step: Vec<u64>,
    /// Which neuron.
    pub neuron: Vec<u32>,
}

impl Spikes {
    /// From the `spikes.npz` that `bpc run --out` has written into a folder.
    pub fn read(folder: &Path, population: &str) -> Spikes {
        Spikes {
            step: array(&folder.join("spikes.npz"), &format!("{population}_step")),
            neuron: array(&folder.join("spikes.npz"), &format!("{population}_neuron")),
        }
    }

    /// The steps of each neuron's spikes that are seen in a window of times (in steps).
    fn trains(&self, neurons: usize, window: &Range<u64>) -> Vec<Vec<u64>> {
        assert_eq!(self.step.len(), self.neuron.len());
        let mut trains = vec![Vec::new(); neurons];
        for (&step, &neuron) in self.step.iter().zip(&self.neuron) {
            if window.contains(&(step + 1)) {
                trains[neuron as usize].push(step + 1);
            }
        }
        trains.iter_mut().for_each(|train| train.sort_unstable());
        trains
    }

    /// The statistics named in [`NAMES`], over a window of times in steps of `dt` ms.
    pub fn measure(&self, neurons: usize, window: Range<u64>, dt: f64) -> [f64; NAMES.len()] {
        let seconds = (window.end - window.start) as f64 * dt / 1000.0;
        let trains = self.trains(neurons, &window);
        let mut rates: Vec<f64> = trains.iter().map(|train| train.len() as f64 / seconds).collect();
        let (rate, rate_sd) = mean_and_deviation(&rates);
        rates.sort_unstable_by(f64::total_cmp);

        let variations: Vec<f64> =
            trains.iter().filter(|train| train.len() >= 4).map(|train| variation(train)).collect();
        let silent = trains.iter().filter(|train| train.is_empty()).count() as f64 / neurons as f64;

        let width = (2.0 / dt).round() as u64;
        let mut bins = vec![0.0; usize::try_from((window.end - window.start) / width).expect("few bins")];
        for time in trains.iter().flatten() {
            // A last bin that is not whole does not count.
            if let Some(bin) = bins.get_mut(usize::try_from((time - window.start) / width).expect("few bins")) {
                *bin += 1.0;
            }
        }
        let (bin_mean, bin_sd) = mean_and_deviation(&bins);

        let quantile = |q| quantile(&rates, q);
        let cv = mean_and_deviation(&variations).0;
        let [q05, q25, q50, q75, q95] = [0.05, 0.25, 0.5, 0.75, 0.95].map(quantile);
        [rate, cv, rate_sd, q05, q25, q50, q75, q95, silent, bin_sd / bin_mean]
    }
}

/// A column of an `.npz` file.
pub fn array<T: npyz::Deserialize>(path: &Path, name: &str) -> Vec<T> {
    let mut archive = NpzArchive::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let array = archive.by_name(name).unwrap_or_else(|error| panic!("{}: {name}: {error}", path.display()));
    let array = array.unwrap_or_else(|| panic!("{}: no `{name}`", path.display()));
    array.into_vec().unwrap_or_else(|error| panic!("{}: {name}: {error}", path.display()))
}

/// Mean and population standard deviation; NaN of nothing.
pub fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

/// Standard deviation over mean of the intervals of a train.
fn variation(train: &[u64]) -> f64 {
    let intervals: Vec<f64> = train.windows(2).map(|pair| (pair[1] - pair[0]) as f64).collect();
    let (mean, deviation) = mean_and_deviation(&intervals);
    deviation / mean
}

/// By linear interpolation between neighbours in a sorted list, as NumPy does.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    low + (high - low) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A spike that is seen at this time, in steps.
    fn spikes(seen: &[(u64, u32)]) -> Spikes {
        Spikes { step: seen.iter().map(|s| s.0 - 1).collect(), neuron: seen.iter().map(|s| s.1).collect() }
    }

    #[track_caller]
    fn assert_close(got: &[f64; NAMES.len()], wanted: &[f64; NAMES.len()]) {
        for ((name, got), wanted) in NAMES.iter().zip(got).zip(wanted) {
            assert!((got - wanted).abs() < 1e-12 || got.is_nan() && wanted.is_nan(), "{name}: {got}, not {wanted}");
        }
    }

    #[test]
    fn hand_made_trains() {
        // Window 200..1200 steps of 0.1 ms: 100 ms, 50 bins of 20 steps. Unsorted on purpose.
        let trains = spikes(&[
            // Outside of the window: one before, one at its end.
            (199, 0),
            (1200, 2),
            // Regular: CV 0, at the window's first time too.
            (500, 0),
            (200, 0),
            (300, 0),
            (400, 0),
            // Intervals 100, 300, 100, 300: mean 200, sd 100.
            (1100, 1),
            (300, 1),
            (400, 1),
            (700, 1),
            (800, 1),
            // Three spikes are too few for a CV.
            (200, 2),
            (210, 2),
            (900, 2),
            // Neuron 3 is silent.
        ]);
        // Counts 4, 5, 3, 0: rates 40, 50, 30, 0 Hz.
        let sd = ((10f64.powi(2) + 20f64.powi(2) + 0.0 + 30f64.powi(2)) / 4.0).sqrt();
        // Bins with spikes: [200, 220) 3, 300 2, 400 2, 500, 700, 800, 900, 1100 one each; 50 bins hold 12 spikes.
        let mean: f64 = 12.0 / 50.0;
        let square: f64 = (9.0 + 4.0 + 4.0 + 5.0) / 50.0;
        let pop_cv = (square - mean * mean).sqrt() / mean;
        // Sorted rates 0, 30, 40, 50 at places 0.15, 0.75, 1.5, 2.25, 2.85.
        let wanted = [30.0, 0.25, sd, 4.5, 22.5, 35.0, 42.5, 48.5, 0.25, pop_cv];
        assert_close(&trains.measure(4, 200..1200, 0.1), &wanted);
    }

    #[test]
    fn silence_has_no_variation() {
        let nan = f64::NAN;
        let wanted = [0.0, nan, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, nan];
        assert_close(&Spikes::default().measure(5, 0..1000, 0.1), &wanted);
    }

    #[test]
    fn a_finer_step_changes_nothing() {
        let coarse = spikes(&[(1, 0), (4, 0), (9, 0), (16, 0), (25, 1), (2, 1)]);
        let fine = Spikes { step: coarse.step.iter().map(|k| (k + 1) * 5 - 1).collect(), ..coarse.clone() };
        assert_close(&coarse.measure(3, 0..40, 0.5), &fine.measure(3, 0..200, 0.1));
    }
}
