//! Pages as Markdown: formulas as LaTeX in files, as they are written in the language on a terminal.

use crate::doc::Picture;
use crate::doc::latex;
use crate::doc::page::{Cell, Entry, Formula, Module, Section, Table};
use crate::doc::prose;
use crate::doc::symbol;

/// How formulas are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formulas {
    /// `$…$`, for viewers that draw them.
    Latex,
    /// As in the source text.
    Source,
}

/// A whole document.
pub fn document(title: &str, modules: &[(&Module, Vec<Option<&Picture>>)], figures: &str) -> String {
    let mut out = format!("# {}\n\n", prose::markdown_line(title));
    for (module, _) in modules {
        out.push_str(&format!("- [{}](#{})\n", module.title, slug(&module.title)));
        for entry in &module.entries {
            let anchor = entry.anchor(module);
            out.push_str(&format!(
                "  - [{}](#{anchor}) {}\n",
                entry.name,
                prose::markdown_line(first_line(&entry.doc))
            ));
        }
    }
    for (module, drawn) in modules {
        out.push_str(&format!("\n## {}\n\n", prose::markdown_line(&module.title)));
        for section in &module.sections {
            self::section(&mut out, section, Formulas::Latex);
        }
        for (entry, figure) in module.entries.iter().zip(drawn) {
            let anchor = entry.anchor(module);
            out.push_str(&format!("<a id=\"{anchor}\"></a>\n\n"));
            let picture = figure.map(|f| (f.caption(), format!("{figures}/{anchor}.svg")));
            self::entry(&mut out, entry, picture, Formulas::Latex);
        }
    }
    out.trim_end().to_owned() + "\n"
}

/// A module as a list of its declarations.
pub fn list(module: &Module) -> String {
    let width = module.entries.iter().map(|e| e.name.chars().count()).max().unwrap_or(0) + 2;
    let mut out = format!("## {}\n\n", module.title);
    for entry in &module.entries {
        let name = format!("`{}`", entry.name);
        out.push_str(format!("- {name:<width$}  {}", first_line(&entry.doc)).trim_end());
        out.push('\n');
    }
    out
}

/// A module for a terminal: formulas as they are written in the language.
pub fn plain(module: &Module) -> String {
    let mut out = String::new();
    for section in &module.sections {
        self::section(&mut out, section, Formulas::Source);
    }
    for entry in &module.entries {
        self::entry(&mut out, entry, None, Formulas::Source);
    }
    out.trim_end().to_owned() + "\n"
}

/// The anchor that viewers give a heading.
fn slug(title: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    title.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The first line of a comment.
pub fn first_line(doc: &str) -> &str {
    doc.lines().next().unwrap_or_default()
}

/// One declaration; the picture is a caption and a file.
pub fn entry(out: &mut String, entry: &Entry, picture: Option<(String, String)>, formulas: Formulas) {
    out.push_str(&format!("### {} `{}`\n\n", entry.kind, entry.name));
    if let Some(path) = &entry.path {
        out.push_str(&format!("```bp\nuse {path}\n```\n\n"));
    }
    out.push_str(&prose::markdown(&entry.doc));
    if let Some((caption, file)) = picture {
        out.push_str(&format!("![{}]({file})\n\n{}\n", prose::markdown_line(&entry.name), prose::markdown(&caption)));
    }
    for section in &entry.sections {
        self::section(out, section, formulas);
    }
}

fn section(out: &mut String, section: &Section, formulas: Formulas) {
    let title = |out: &mut String, title: &str| {
        if !title.is_empty() {
            out.push_str(&format!("**{}**\n\n", prose::markdown_line(title)));
        }
    };
    match section {
        Section::Prose(head, text) => {
            title(out, head);
            out.push_str(&prose::markdown(text));
        }
        Section::Code(head, text) => {
            title(out, head);
            out.push_str(&format!("{}\n\n", fenced("bp", text)));
        }
        Section::Table(table) => {
            title(out, table.title);
            self::table(out, table, formulas);
        }
        Section::Formulas(group) => {
            let head = match &group.condition {
                Some(condition) => format!("{} {}", prose::markdown_line(&group.title), inline(condition, formulas)),
                None => prose::markdown_line(&group.title),
            };
            out.push_str(&format!("**{head}**\n\n"));
            let text = match formulas {
                Formulas::Latex => {
                    let lines: Vec<_> = group.lines.iter().map(|l| (&l.math, l.note.clone())).collect();
                    fenced("math", &latex::aligned(&lines))
                }
                Formulas::Source => {
                    fenced("bp", &group.lines.iter().map(|l| l.source.as_str()).collect::<Vec<_>>().join("\n"))
                }
            };
            if !group.lines.is_empty() {
                out.push_str(&format!("{text}\n\n"));
            }
        }
    }
}

/// A fence that is longer than any in the text.
fn fenced(language: &str, text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{language}\n{text}\n{fence}")
}

fn inline(formula: &Formula, formulas: Formulas) -> String {
    match formulas {
        // Dollar and backtick: what is inside is no markup.
        Formulas::Latex => format!("$`{}`$", latex::write(&formula.math).trim().replace('|', r"\vert ")),
        Formulas::Source => code(&formula.source),
    }
}

fn code(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', r"\|");
    if line.is_empty() { String::new() } else { format!("`{line}`") }
}

fn cell(cell: &Cell, formulas: Formulas) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Name(name) => code(name),
        Cell::Value(value) => {
            let plain = value.source.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
            if plain { value.source.clone() } else { inline(value, formulas) }
        }
        Cell::Unit(unit) if unit.source == "1" => "1".to_owned(),
        Cell::Unit(unit) => match formulas {
            Formulas::Latex => prose::markdown_line(&symbol::unit_text(&unit.source)),
            Formulas::Source => unit.source.clone(),
        },
        Cell::Code(text) => code(text),
        Cell::Prose(text) => prose::markdown_line(&text.split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}

fn table(out: &mut String, table: &Table, formulas: Formulas) {
    let rows: Vec<Vec<String>> = table.rows.iter().map(|r| r.iter().map(|c| cell(c, formulas)).collect()).collect();
    let width = |i: usize| {
        let head = table.columns[i].chars().count();
        rows.iter().map(|r| r.get(i).map_or(0, |c| c.chars().count())).chain([head, 3]).max().unwrap_or(3)
    };
    let widths: Vec<usize> = (0..table.columns.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = String>| {
        let cells: Vec<String> = cells.zip(&widths).map(|(c, w)| format!("{c:<w$}")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    out.push_str(&line(&mut table.columns.iter().map(|c| (*c).to_owned())));
    out.push_str(&line(&mut widths.iter().map(|w| "-".repeat(*w))));
    for row in &rows {
        out.push_str(&line(&mut row.iter().cloned()));
    }
    out.push('\n');
}
