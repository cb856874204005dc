//! Formulas as LaTeX, of the kind that Markdown viewers draw.

use crate::doc::formula::Math;
use crate::doc::symbol::GREEK;

/// Lines of formulas that are aligned at their relation sign, each with a note behind it.
pub fn aligned(lines: &[(&Math, String)]) -> String {
    let rows: Vec<String> = lines
        .iter()
        .map(|(math, note)| {
            let note = if note.is_empty() { String::new() } else { format!(r" \qquad \text{{{}}}", escape(note)) };
            format!("{}{note}", at_sign(math))
        })
        .collect();
    format!("\\begin{{aligned}}\n{}\n\\end{{aligned}}", rows.join(" \\\\[4pt]\n"))
}

fn at_sign(math: &Math) -> String {
    if let Math::Row(row) = math
        && let [left, sign @ Math::Operator(_), right] = row.as_slice()
    {
        return format!("{} &{}{}", write(left), write(sign), write(right));
    }
    format!("&{}", write(math))
}

/// Characters with a command of their own.
const SIGNS: &[(&str, &str)] = &[
    ("\u{2212}", "-"),
    ("\u{2264}", r"\le "),
    ("\u{2265}", r"\ge "),
    ("\u{2260}", r"\ne "),
    ("\u{22c5}", r"\cdot "),
    ("\u{d7}", r"\times "),
    ("\u{2190}", r"\leftarrow "),
    ("\u{221e}", r"\infty"),
    ("\u{230a}", r"\lfloor "),
    ("\u{230b}", r"\rfloor "),
    ("\u{2308}", r"\lceil "),
    ("\u{2309}", r"\rceil "),
    ("{", r"\{"),
    ("µ", r"\mu "),
    ("Ω", r"\Omega "),
];

fn sign(text: &str) -> String {
    SIGNS.iter().find(|(c, _)| *c == text).map_or_else(|| text.to_owned(), |(_, command)| (*command).to_owned())
}

/// Text with what LaTeX would take for commands written out.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '_' | '%' | '#' | '&' | '$' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '\\' => out.push_str(r"\backslash "),
            '^' => out.push_str(r"\hat{}"),
            '~' => out.push_str(r"\sim "),
            c => out.push(c),
        }
    }
    out
}

/// Functions that LaTeX has.
const FUNCTIONS: &[&str] = &["exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "min", "max"];

fn greek(letter: &str) -> Option<String> {
    let (name, letter) = GREEK.iter().find(|(_, c)| c.to_string() == letter)?;
    Some(if *letter == 'ε' { r"\varepsilon".into() } else { format!("\\{name}") })
}

/// The text of a formula.
pub fn write(math: &Math) -> String {
    match math {
        Math::Row(parts) => joined(parts.iter().map(write)),
        Math::Variable(letter) => greek(letter).unwrap_or_else(|| escape(letter)),
        Math::Word(word) => match word.as_str() {
            "d" => r"\mathrm{d}".into(),
            "," | "." | "/" => word.clone(),
            "\u{221e}" => r"\infty".into(),
            "+" => "+".into(),
            "\u{2212}" => "-".into(),
            word if FUNCTIONS.contains(&word) => format!("\\{word}"),
            word => match word.strip_prefix('µ') {
                Some(rest) => format!(r"\mu\mathrm{{{}}}", escape(rest)),
                None => format!(r"\mathrm{{{}}}", escape(word).replace('Ω', r"\Omega ")),
            },
        },
        Math::Number(digits) => escape(digits),
        Math::Operator(",") => ", ".into(),
        Math::Operator(text) => format!(" {} ", sign(text).trim_end()),
        Math::Sign(text) => sign(text),
        Math::Times => r"\,".into(),
        Math::Text(text) => format!(r"\text{{{}}}", escape(text)),
        Math::Fraction(a, b) => format!(r"\frac{{{}}}{{{}}}", write(a), write(b)),
        Math::Script(base, below, above) => {
            let part = |mark: char, p: &Option<Box<Math>>| {
                p.as_ref().map(|p| format!("{mark}{{{}}}", write(p))).unwrap_or_default()
            };
            let base = match **base {
                Math::Row(_) => format!("{{{}}}", write(base)),
                _ => write(base),
            };
            format!("{base}{}{}", part('_', below), part('^', above))
        }
        Math::Root(x) => format!(r"\sqrt{{{}}}", write(x)),
        Math::Fenced(open, inner, close) => {
            format!(r"\left{}{}\right{}", sign(open), write(inner), sign(close))
        }
        Math::Cases(rows) => {
            let rows: Vec<String> = rows
                .iter()
                .map(|(value, condition)| match condition {
                    Some(condition) => format!(r"{} & \text{{if }} {}", write(value), write(condition)),
                    None => format!(r"{} & \text{{otherwise}}", write(value)),
                })
                .collect();
            format!(r"\begin{{cases}} {} \end{{cases}}", rows.join(r" \\ "))
        }
    }
}

/// A command that ends in a letter needs a blank before a letter.
fn joined(parts: impl Iterator<Item = String>) -> String {
    let mut out = String::new();
    for part in parts {
        let command = out.rfind('\\').is_some_and(|at| {
            let name = &out[at + 1..];
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic())
        });
        if command && part.starts_with(|c: char| c.is_ascii_alphabetic()) {
            out.push(' ');
        }
        out.push_str(&part);
    }
    out
}
