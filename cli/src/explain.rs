//! `bpc explain`: the page of a diagnostic.

use crate::console::{self, BOLD, CYAN, DIM, RESET};
use crate::failure::Failure;
use crate::frontend;
use bpc_syntax::codes::Code;
use clap::Args;

/// See [`execute`].
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  bpc explain E0203
  bpc explain                               every code there is")]
pub struct Arguments {
    /// The code, as the diagnostic shows it in brackets
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// Shows the page of a code, or the list of all.
///
/// # Errors
/// If there is no such code.
pub fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let codes = frontend::codes();
    let Some(asked) = &arguments.code else {
        let lines: String = codes.iter().map(|c| format!("{BOLD}{}{RESET}  {}\n", c.code, c.title)).collect();
        return console::print(&lines);
    };
    match codes.iter().find(|c| c.code.eq_ignore_ascii_case(asked)) {
        Some(code) => console::print(&page(code)),
        None => {
            let near = bpc_syntax::suggest::closest(&asked.to_uppercase(), codes.iter().map(|c| c.code));
            let hint = near.map(|n| format!(" did you mean {n}?")).unwrap_or_default();
            Err(Failure::usage(format!("there is no code `{asked}`;{hint} `bpc explain` lists them all")))
        }
    }
}

/// The whole page of a code.
pub fn page(code: &Code) -> String {
    format!("{BOLD}{}: {}{RESET}\n\n{}\n", code.code, code.title, terminal(code.explanation.trim_end()))
}

/// Markdown for a terminal: bold headings, indented code, coloured `code` and **bold** in text.
fn terminal(markdown: &str) -> String {
    let mut out = String::new();
    let mut fenced = false;
    for line in markdown.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            out.push_str(format!("    {line}").trim_end());
            out.push('\n');
        } else if trimmed.starts_with('#') {
            out.push_str(&format!("{BOLD}{}{RESET}\n", trimmed.trim_start_matches('#').trim()));
        } else {
            out.push_str(&inline(line));
            out.push('\n');
        }
    }
    out
}

/// Backticks stay (they are read without colour as well), stars go.
fn inline(line: &str) -> String {
    let mut out = String::new();
    for (i, part) in line.split('`').enumerate() {
        let closed = i % 2 == 1 && line.matches('`').count() > i;
        if closed {
            out.push_str(&format!("{CYAN}`{part}`{RESET}"));
        } else if i % 2 == 1 {
            out.push('`');
            out.push_str(part);
        } else {
            for (k, text) in part.split("**").enumerate() {
                if k > 0 {
                    out.push_str(if k % 2 == 1 { BOLD } else { RESET });
                }
                out.push_str(text);
            }
        }
    }
    if out.contains('\x1b') && !out.ends_with(RESET) {
        out.push_str(RESET);
    }
    out.replacen("- ", &format!("{DIM}-{RESET} "), usize::from(line.trim_start().starts_with("- ")))
}

#[cfg(test)]
mod tests {
    use super::terminal;

    fn plain(markdown: &str) -> String {
        console::strip_ansi_codes(&terminal(markdown)).into_owned()
    }

    #[test]
    fn markdown_is_shown_plainly() {
        let page = "## Fails\n\nUse `tau` **now**:\n```bp\nparam x\n\nparam y\n```\n- one `code`\nodd ` tick";
        assert_eq!(plain(page), "Fails\n\nUse `tau` now:\n    param x\n\n    param y\n- one `code`\nodd ` tick\n");
    }
}
