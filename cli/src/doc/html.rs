//! Pages as one HTML file that needs nothing else: no script, no font, no network.

use crate::doc::Picture;
use crate::doc::formula::Math;
use crate::doc::markdown::first_line;
use crate::doc::mathml;
use crate::doc::page::{Cell, Entry, Module, Section, Table, anchor};
use crate::doc::prose;
use crate::doc::symbol;
use std::fmt::Write as _;

const STYLE: &str = include_str!("../../assets/doc.css");

/// Text inside an element or an attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            // No document may hold these.
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A whole document.
pub fn document(title: &str, modules: &[(&Module, Vec<Option<&Picture>>)]) -> String {
    let mut body = String::new();
    for (module, drawn) in modules {
        let _ = writeln!(body, "<section id=\"{}\">\n<h2>{}</h2>", anchor(&module.title), escape(&module.title));
        for section in &module.sections {
            self::section(&mut body, section);
        }
        for (entry, figure) in module.entries.iter().zip(drawn) {
            self::entry(&mut body, module, entry, *figure);
        }
        body.push_str("</section>\n");
    }
    let title = escape(title);
    let contents = contents(modules);
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n\
         <nav class=\"wide\"><a class=\"home\" href=\"#top\">{title}</a>\n{contents}</nav>\n\
         <main id=\"top\">\n<h1>{title}</h1>\n\
         <details class=\"narrow\"><summary>Contents</summary>\n{contents}</details>\n\
         {body}<footer>Made by <code>bpc doc</code> {version}.</footer>\n</main>\n</body>\n</html>\n"
    )
}

fn contents(modules: &[(&Module, Vec<Option<&Picture>>)]) -> String {
    let mut out = String::from("<ul>\n");
    for (module, _) in modules {
        let _ = writeln!(out, "<li><a href=\"#{}\">{}</a>\n<ul>", anchor(&module.title), escape(&module.title));
        for entry in &module.entries {
            let about = escape(first_line(&entry.doc));
            let _ = writeln!(
                out,
                "<li><a href=\"#{}\" title=\"{about}\">{}</a></li>",
                entry.anchor(module),
                escape(&entry.name)
            );
        }
        // A list has an element.
        if module.entries.is_empty() {
            out.push_str("<li class=\"nothing\">nothing declared</li>\n");
        }
        out.push_str("</ul></li>\n");
    }
    out.push_str("</ul>\n");
    out
}

fn entry(out: &mut String, module: &Module, entry: &Entry, figure: Option<&Picture>) {
    let id = entry.anchor(module);
    let _ = writeln!(
        out,
        "<article id=\"{id}\">\n<h3><span class=\"kind\">{}</span> <a href=\"#{id}\">{}</a></h3>",
        escape(&entry.kind),
        escape(&entry.name)
    );
    out.push_str(&prose::html(&entry.doc).replacen("<p>", "<p class=\"lead\">", 1));
    if let Some(path) = &entry.path {
        let _ = writeln!(out, "<p class=\"use\"><code>use {}</code></p>", escape(path));
    }
    if let Some(figure) = figure {
        let _ = writeln!(
            out,
            "<figure>\n{}<figcaption>{}</figcaption>\n</figure>",
            figure.inline(&entry.name),
            prose::html(&figure.caption())
        );
    }
    for section in &entry.sections {
        self::section(out, section);
    }
    let whole = entry.sections.iter().any(|s| matches!(s, Section::Code("Declaration", _)));
    if !whole {
        let _ = writeln!(
            out,
            "<details class=\"source\"><summary>Definition</summary>\n<pre class=\"code\">{}</pre></details>",
            escape(&entry.source)
        );
    }
    out.push_str("</article>\n");
}

fn section(out: &mut String, section: &Section) {
    let title = |title: &str| match title {
        "" => String::new(),
        title => format!("<h4>{}</h4>\n", escape(title)),
    };
    match section {
        Section::Prose(head, text) => {
            let _ = writeln!(out, "{}<div class=\"prose\">\n{}</div>", title(head), prose::html(text));
        }
        Section::Code(head, text) => {
            let _ = writeln!(out, "{}<pre class=\"code\">{}</pre>", title(head), escape(text));
        }
        Section::Table(table) => {
            out.push_str(&title(table.title));
            self::table(out, table);
        }
        Section::Formulas(group) => {
            let condition = group.condition.as_ref().map(|c| format!(" {}", mathml::inline(&c.math)));
            let _ = writeln!(out, "<h4>{}{}</h4>", escape(&group.title), condition.unwrap_or_default());
            if !group.lines.is_empty() {
                let lines: Vec<_> = group.lines.iter().map(|l| (&l.math, l.note.clone())).collect();
                let _ = writeln!(out, "<div class=\"formulas\">{}</div>", mathml::aligned(&lines));
            }
        }
    }
}

fn table(out: &mut String, table: &Table) {
    let head: String = table.columns.iter().map(|c| format!("<th scope=\"col\">{c}</th>")).collect();
    let facts = table.rows.iter().flatten().any(|c| matches!(c, Cell::Name(_)));
    let class = if facts { " class=\"facts\"" } else { "" };
    let _ = writeln!(out, "<div class=\"scroll\"><table{class}>\n<thead><tr>{head}</tr></thead>\n<tbody>");
    for row in &table.rows {
        let cells: String = row.iter().map(cell).collect();
        let _ = writeln!(out, "<tr>{cells}</tr>");
    }
    out.push_str("</tbody>\n</table></div>\n");
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => "<td></td>".into(),
        // The symbol is what the formulas show, the name what one types.
        Cell::Name(name) => {
            let symbol = match symbol::name(name) {
                Math::Word(_) => String::new(), // the same again
                symbol => format!("<span class=\"symbol\">{}</span>", mathml::inline(&symbol)),
            };
            format!("<td class=\"name\">{symbol}<code>{}</code></td>", escape(name))
        }
        Cell::Value(value) | Cell::Unit(value) => format!("<td class=\"value\">{}</td>", mathml::inline(&value.math)),
        Cell::Code(text) => format!("<td><pre>{}</pre></td>", escape(text)),
        Cell::Prose(text) => format!("<td class=\"meaning\">{}</td>", prose::html_line(text)),
    }
}
