//! Standard output for data, standard error for messages, and how wide and how colourful they are.
//!
//! A reader that goes away (`bpc … | head`) is no error: what follows is dropped in silence.

use crate::failure::Failure;
use anstream::ColorChoice;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// `--color`
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    // Not documentation: each is its own name, and clap would spend a paragraph on each.
    Auto,
    Always,
    Never,
}

impl Color {
    /// Makes this the choice for everything that follows.
    pub fn apply(self) {
        match self {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Never => ColorChoice::Never,
        }
        .write_global();
    }
}

/// Bold.
pub const BOLD: &str = "\x1b[1m";
/// Grey.
pub const DIM: &str = "\x1b[2m";
/// Red and bold: errors.
pub const RED: &str = "\x1b[1;31m";
/// Green and bold: what passed.
pub const GREEN: &str = "\x1b[1;32m";
/// Cyan: code in running text.
pub const CYAN: &str = "\x1b[36m";
/// Back to normal.
pub const RESET: &str = "\x1b[0m";

static STDOUT_CLOSED: AtomicBool = AtomicBool::new(false);

/// Writes to standard output. Escape codes are taken out where colour is not wanted.
///
/// # Errors
/// If the output cannot be written, for another reason than that its reader went away.
pub fn print(text: &str) -> Result<(), Failure> {
    if STDOUT_CLOSED.load(Ordering::Relaxed) {
        return Ok(());
    }
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            STDOUT_CLOSED.store(true, Ordering::Relaxed);
            Ok(())
        }
        Err(error) => Err(Failure::run(format!("cannot write to standard output: {error}"))),
    }
}

/// Writes a message to standard error; a closed standard error is no error.
pub fn note(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

/// Writes `error: …` to standard error.
pub fn error(text: &str) {
    note(&format!("{RED}error{RESET}{BOLD}:{RESET} {text}\n"));
}

/// Whether messages on standard error are coloured.
pub fn stderr_is_colored() -> bool {
    anstream::AutoStream::choice(&std::io::stderr()) != ColorChoice::Never
}

/// Columns of the terminal, or 80 where there is none.
pub fn width() -> usize {
    if !std::io::stdout().is_terminal() {
        return 80;
    }
    console::Term::stdout().size_checked().map_or(80, |(_, columns)| usize::from(columns)).clamp(40, 200)
}

/// `12,345`
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1.50 s`, `23.4 ms`
pub fn seconds(s: f64) -> String {
    match s {
        s if s >= 100.0 => format!("{s:.0} s"),
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 1e-3 => format!("{:.1} ms", s * 1e3),
        s => format!("{:.0} us", s * 1e6),
    }
}

/// `3.4 GiB`
pub fn bytes(bytes: f64) -> String {
    let mut value = bytes.max(0.0);
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB"];
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{value:.0} bytes") } else { format!("{value:.1} {}", units[unit]) }
}

#[cfg(test)]
mod tests {
    use super::{bytes, grouped, seconds};

    #[test]
    fn figures_are_readable() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(seconds(0.0234), "23.4 ms");
        assert_eq!(seconds(1.5), "1.50 s");
        assert_eq!(bytes(512.0), "512 bytes");
        assert_eq!(bytes(1536.0), "1.5 KiB");
    }
}
