//! The progress bar of a run: on a terminal, with the time left; nothing where there is none.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Instant;

/// A bar on standard error.
pub struct Bar {
    bar: ProgressBar,
    dt: f64,
    begin: Instant,
}

impl Bar {
    /// A bar for that many steps of `dt` ms; invisible if not wanted or not on a terminal.
    pub fn new(wanted: bool, network: &str, steps: u64, dt: f64) -> Self {
        let bar = if wanted { ProgressBar::new(steps) } else { ProgressBar::hidden() };
        let template = "{prefix:.bold} {wide_bar:.cyan/dim} {percent:>3} %  {msg}  {eta} left";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("━╸─"));
        bar.set_prefix(network.to_owned());
        Bar { bar, dt, begin: Instant::now() }
    }

    /// So many steps are done.
    pub fn advance_to(&self, steps: u64) {
        if self.bar.is_hidden() {
            return;
        }
        let simulated = steps as f64 * self.dt / 1e3;
        let factor = simulated / self.begin.elapsed().as_secs_f64().max(1e-9);
        self.bar.set_message(format!("{simulated:.2} s, {factor:.2} x real time"));
        self.bar.set_position(steps);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
