//! Comment text: paragraphs, lists, lines that are set in by four blanks, and `code`.

use crate::doc::html::escape;

/// A part of a comment.
#[derive(Clone, Debug, PartialEq)]
enum Block {
    Paragraph(String),
    Code(Vec<String>),
    List(Vec<String>),
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut blank = true;
    let mut fenced = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            fenced = !fenced;
            blank = true;
            if fenced {
                blocks.push(Block::Code(Vec::new()));
            }
            continue;
        }
        let set_in = line.strip_prefix("    ").filter(|_| blank || matches!(blocks.last(), Some(Block::Code(_))));
        match (set_in.or(fenced.then_some(line)), blocks.last_mut()) {
            (Some(code), Some(Block::Code(lines))) if !trimmed.is_empty() => lines.push(code.to_owned()),
            (Some(code), _) if !trimmed.is_empty() => blocks.push(Block::Code(vec![code.to_owned()])),
            (_, Some(Block::Code(lines))) if trimmed.is_empty() => lines.push(String::new()),
            _ if trimmed.is_empty() => {}
            (_, last) => match (trimmed.strip_prefix("- "), last) {
                (Some(item), Some(Block::List(items))) => items.push(item.to_owned()),
                (Some(item), _) => blocks.push(Block::List(vec![item.to_owned()])),
                (None, Some(Block::List(items))) if !blank => append(items.last_mut(), trimmed),
                (None, Some(Block::Paragraph(text))) if !blank => append(Some(text), trimmed),
                (None, _) => blocks.push(Block::Paragraph(trimmed.to_owned())),
            },
        }
        blank = trimmed.is_empty();
    }
    for block in &mut blocks {
        if let Block::Code(lines) = block {
            while lines.last().is_some_and(String::is_empty) {
                lines.pop();
            }
        }
    }
    blocks
}

fn append(text: Option<&mut String>, more: &str) {
    if let Some(text) = text {
        text.push(' ');
        text.push_str(more);
    }
}

/// The pieces of a line that are `code`, and those that are not.
fn runs(text: &str) -> Vec<(bool, String)> {
    let mut parts: Vec<String> = text.split('`').map(str::to_owned).collect();
    if parts.len().is_multiple_of(2)
        && let Some(last) = parts.pop()
    {
        append_tick(parts.last_mut(), &last); // a tick without a partner is a tick
    }
    parts.into_iter().enumerate().map(|(i, part)| (i % 2 == 1, part)).collect()
}

fn append_tick(text: Option<&mut String>, more: &str) {
    if let Some(text) = text {
        text.push('`');
        text.push_str(more);
    }
}

/// A comment as HTML.
pub fn html(text: &str) -> String {
    let item = |items: &[String]| items.iter().map(|i| format!("<li>{}</li>", html_line(i))).collect::<String>();
    blocks(text)
        .iter()
        .map(|block| match block {
            Block::Paragraph(text) => format!("<p>{}</p>\n", html_line(text)),
            Block::Code(lines) => format!("<pre>{}</pre>\n", escape(&lines.join("\n"))),
            Block::List(items) => format!("<ul>{}</ul>\n", item(items)),
        })
        .collect()
}

/// One line of a comment as HTML.
pub fn html_line(text: &str) -> String {
    let run = |(code, part): &(bool, String)| match code {
        true => format!("<code>{}</code>", escape(part)),
        false => escape(part),
    };
    runs(text).iter().map(run).collect()
}

/// A comment as Markdown.
pub fn markdown(text: &str) -> String {
    let mut out = String::new();
    for block in blocks(text) {
        match block {
            Block::Paragraph(text) => out.push_str(&format!("{}\n\n", markdown_line(&text))),
            Block::Code(lines) => {
                for line in lines {
                    out.push_str(format!("    {line}").trim_end());
                    out.push('\n');
                }
                out.push('\n');
            }
            Block::List(items) => {
                for item in items {
                    out.push_str(&format!("- {}\n", markdown_line(&item)));
                }
                out.push('\n');
            }
        }
    }
    out
}

/// One line of a comment as Markdown: what would be markup there is none here.
pub fn markdown_line(text: &str) -> String {
    let mut out = String::new();
    for (code, part) in runs(text) {
        if code {
            out.push_str(&format!("`{}`", part.replace('|', r"\|")));
            continue;
        }
        let mut letters = part.chars().peekable();
        while let Some(c) = letters.next() {
            match c {
                '<' => out.push_str("&lt;"),
                '&' if letters.peek().is_some_and(|next| next.is_alphanumeric() || *next == '#') => {
                    out.push_str("&amp;")
                }
                '*' | '_' | '\\' | '$' | '[' | ']' | '|' | '#' | '`' => {
                    out.push('\\');
                    out.push(c);
                }
                c => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_have_paragraphs_code_and_lists() {
        let text = "Two lines\nof `a_b` text.\n\n    V' = -V\n\n    u' = 1\n\nThen:\n- one <x>\n- two\n  more";
        assert_eq!(
            html(text),
            "<p>Two lines of <code>a_b</code> text.</p>\n<pre>V' = -V\n\nu' = 1</pre>\n\
             <p>Then:</p>\n<ul><li>one &lt;x&gt;</li><li>two more</li></ul>\n"
        );
        assert_eq!(markdown("a_b & `c_d` *e*\n\n    x < y"), "a\\_b & `c_d` \\*e\\*\n\n    x < y\n\n");
        assert_eq!(html("odd ` tick"), "<p>odd ` tick</p>\n");
    }
}
