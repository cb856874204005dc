//! A raster in the terminal: one braille dot for a neuron that spikes in a stretch of time.
//!
//! Every population has a band of rows, in its own colour; where it has more neurons than the band
//! has dots, evenly spaced neurons are shown, and the caption says how many.

use crate::console::{DIM, RESET, grouped};
use crate::simulate::{Outcome, PopulationResult};
use crate::ticks::{nice_ticks, time_scale};

/// Rows of all bands together, if the populations do not need more.
const ROWS: usize = 16;
/// So many populations are named in the caption; more are counted.
const NAMES: usize = 4;
/// Colours that are readable on light and dark terminals.
const COLORS: [&str; 6] = ["\x1b[34m", "\x1b[31m", "\x1b[32m", "\x1b[35m", "\x1b[33m", "\x1b[36m"];
/// Bits of the dots of a braille sign, `[row][column]`.
const DOTS: [[u32; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// Draws the spikes of a run into so many columns.
pub fn draw(outcome: &Outcome, width: usize) -> String {
    let label = outcome.populations.iter().map(|p| p.name.chars().count()).max().unwrap_or(1).min(12);
    let columns = width.saturating_sub(label + 3).max(16);
    let mut text = String::new();
    let mut notes: Vec<(String, Vec<&str>)> = Vec::new();
    let heights = band_heights(&outcome.populations);
    for (i, (population, rows)) in outcome.populations.iter().zip(heights).enumerate() {
        let shown = population.shown((rows * 4) as u64);
        if (shown.len() as u64) < population.candidates() {
            let share = format!("{} of {}", shown.len(), grouped(population.candidates()));
            match notes.iter_mut().find(|note| note.0 == share) {
                Some(note) => note.1.push(&population.name),
                None => notes.push((share, vec![&population.name])),
            }
        }
        let color = COLORS[i % COLORS.len()];
        for (row, cells) in band(population, &shown, rows, columns, outcome.steps).iter().enumerate() {
            let name = if row == (rows - 1) / 2 { shortened(&population.name, label) } else { String::new() };
            text.push_str(&format!("{color}{name:>label$}{RESET} {DIM}│{RESET}{color}{cells}{RESET}\n"));
        }
    }
    text.push_str(&axis(outcome.simulated_ms(), label, columns));
    if !notes.is_empty() {
        let notes: Vec<String> = notes.iter().map(|(share, names)| note(share, names)).collect();
        text.push_str(&format!("{DIM}{:label$}  shown: {}{RESET}\n", "", notes.join(", ")));
    }
    text
}

/// A name in at most `width` signs. Names inside networks differ at their ends.
fn shortened(name: &str, width: usize) -> String {
    let length = name.chars().count();
    if length <= width {
        return name.to_owned();
    }
    std::iter::once('…').chain(name.chars().skip(length + 1 - width)).collect()
}

/// Which share of their neurons is shown of some populations.
fn note(share: &str, names: &[&str]) -> String {
    if names.len() <= NAMES {
        return names.iter().map(|name| format!("{share} of {name}")).collect::<Vec<_>>().join(", ");
    }
    format!("{share} neurons in each of {} populations", names.len())
}

/// Rows for each population: by size, at least one, and no more than it has neurons for.
fn band_heights(populations: &[PopulationResult]) -> Vec<usize> {
    let total: f64 = populations.iter().map(|p| (p.candidates() as f64).sqrt()).sum();
    let rows = |p: &PopulationResult| {
        let share = ((p.candidates() as f64).sqrt() / total * ROWS as f64).round() as usize;
        share.clamp(1, usize::try_from(p.candidates().div_ceil(4)).unwrap_or(ROWS).max(1))
    };
    populations.iter().map(rows).collect()
}

/// The rows of one band: the first neuron at the bottom.
fn band(population: &PopulationResult, shown: &[u32], rows: usize, columns: usize, steps: u64) -> Vec<String> {
    let mut cells = vec![vec![0u32; columns]; rows];
    let dots = (columns * 2) as u64;
    let spikes = &population.spikes;
    for (&step, neuron) in spikes.step.iter().zip(&spikes.neuron) {
        let Ok(at) = shown.binary_search(neuron) else { continue };
        let x = (u128::from(step) * u128::from(dots) / u128::from(steps.max(1))).min(u128::from(dots - 1)) as usize;
        let y = rows * 4 - 1 - at.min(rows * 4 - 1);
        cells[y / 4][x / 2] |= DOTS[y % 4][x % 2];
    }
    let sign = |bits: &u32| char::from_u32(0x2800 + bits).unwrap_or(' ');
    cells.iter().map(|row| row.iter().map(sign).collect::<String>()).collect()
}

/// The line below the bands with ticks and the time at each.
fn axis(duration_ms: f64, label: usize, columns: usize) -> String {
    let (unit, factor) = time_scale(duration_ms);
    let end = duration_ms * factor;
    let ticks = nice_ticks(0.0, end, (columns / 14).clamp(2, 10));
    let place = |t: f64| if end > 0.0 { ((t / end * columns as f64) as usize).min(columns - 1) } else { 0 };
    let mut line: Vec<char> = vec!['─'; columns];
    let mut numbers: Vec<char> = vec![' '; columns];
    for (i, tick) in ticks.values.iter().enumerate() {
        line[place(*tick)] = '┴';
        let mut text = ticks.label(*tick);
        if i + 1 == ticks.values.len() {
            text = format!("{text} {unit}");
        }
        let middle = place(*tick).saturating_sub(ticks.label(*tick).len() / 2);
        let begin = middle.min(columns.saturating_sub(text.len()));
        for (k, c) in text.chars().enumerate() {
            if let Some(cell) = numbers.get_mut(begin + k) {
                *cell = c;
            }
        }
    }
    let line: String = line.into_iter().collect();
    let numbers: String = numbers.into_iter().collect();
    format!("{DIM}{:label$} └{line}\n{:label$}  {}{RESET}\n", "", "", numbers.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Spikes;

    fn population(size: u64, pairs: &[(u64, u32)]) -> PopulationResult {
        let mut spikes = Spikes::default();
        spikes.extend(pairs);
        PopulationResult {
            name: "E".into(),
            size,
            is_event: false,
            count: pairs.len() as u64,
            spikes,
            recorded: vec![],
        }
    }

    #[test]
    fn one_dot_for_each_neuron_and_time() {
        let all: Vec<u32> = (0..4).collect();
        let dots = population(4, &[(0, 0), (1, 1), (2, 2), (3, 3)]);
        assert_eq!(band(&dots, &all, 1, 2, 4), ["⡠⠊"]);
        assert_eq!(band(&population(4, &[(3, 3)]), &all, 1, 2, 4), ["⠀⠈"]);
    }

    #[test]
    fn bands_fit_small_and_large_populations() {
        let populations = [population(3200, &[]), population(800, &[]), population(1, &[])];
        let heights = band_heights(&populations);
        assert_eq!(heights, [11, 5, 1]);
    }

    #[test]
    fn long_names_keep_what_they_differ_in() {
        assert_eq!(shortened("E", 12), "E");
        assert_eq!(shortened("cortex.area[28].E", 12), "….area[28].E");
        assert_eq!(note("4 of 200", &["A", "B"]), "4 of 200 of A, 4 of 200 of B");
        assert_eq!(note("4 of 200", &["a"; 29]), "4 of 200 neurons in each of 29 populations");
    }

    #[test]
    fn the_axis_tells_the_unit_once() {
        let text = axis(1000.0, 1, 70);
        assert_eq!(text.matches("ms").count(), 1, "{text}");
        assert!(text.lines().nth(1).is_some_and(|numbers| numbers.ends_with("1000 ms\x1b[0m")), "{text}");
        let plain = console::strip_ansi_codes(&text).into_owned();
        assert!(plain.lines().all(|line| line.chars().count() <= 70 + 3), "{plain}");
    }
}
