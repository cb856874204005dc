//! Bytes to text: UTF-8, nothing invisible.

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// The text of a file's bytes, without a byte order mark.
///
/// # Errors
/// One diagnostic if the bytes are not UTF-8 or hold a character that could make the text look
/// other than it is: a control character or one that turns the direction of writing. Its place
/// also fits the text that [`String::from_utf8_lossy`] makes of the bytes.
pub fn decode(file: FileId, bytes: &[u8]) -> Result<String, Diagnostic> {
    let at = |start: usize, length: usize| {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file, start: byte(start), end: byte(start + length) }
    };
    let text = str::from_utf8(bytes).map_err(|error| {
        let start = error.valid_up_to();
        let title = format!("this file is not UTF-8 text: byte {start} is 0x{:02X}", bytes[start]);
        let hint = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            "it looks like UTF-16: save it as UTF-8"
        } else {
            "save it as UTF-8"
        };
        Diagnostic::error("E0106", title, at(start, 1), "not UTF-8 from here").hint(hint)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (start, c) in text.char_indices() {
        let control = c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}');
        let turning =
            matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if control || turning {
            let title = format!("forbidden character U+{:04X} at byte {start}", u32::from(c));
            let label = if control { "a control character" } else { "it changes the direction of the text" };
            return Err(Diagnostic::error("E0106", title, at(start, c.len_utf8()), label).hint("remove it"));
        }
    }
    Ok(text.to_owned())
}
