//! What a page says, before it is Markdown or HTML: plain data, made from syntax trees by [`crate::doc::reading`].

use crate::doc::formula::Math;

/// The files of one module of std, or one file.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// `std::neurons`, or the name of the file.
    pub title: String,
    /// What stands at the top.
    pub sections: Vec<Section>,
    /// Its declarations.
    pub entries: Vec<Entry>,
    /// Functions and constants that stand with the models of their files, each as a declaration of its own.
    pub values: Vec<Entry>,
}

/// One declaration.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The word it begins with: `neuron`, `network`, …
    pub kind: String,
    /// Its name.
    pub name: String,
    /// How it is imported: `std::neurons::LIF`.
    pub path: Option<String>,
    /// The `///` lines above it.
    pub doc: String,
    /// What there is to say, in order.
    pub sections: Vec<Section>,
    /// Its text.
    pub source: String,
}

/// Declarations that are no models.
const WITHOUT_BEHAVIOUR: &[&str] = &["network", "data", "instance", "simulate", "function", "const"];

impl Entry {
    /// Whether there is something to plot: a model that consists of values alone does nothing.
    pub fn behaves(&self) -> bool {
        let rules = |s: &Section| matches!(s, Section::Formulas(_) | Section::Code(..));
        !WITHOUT_BEHAVIOUR.contains(&self.kind.as_str()) && self.sections.iter().any(rules)
    }

    /// What its address on the page is made of; unique, since a module declares a name once.
    pub fn anchor(&self, module: &Module) -> String {
        let text = format!("{} {}", module.title.trim_start_matches("std::"), self.name);
        anchor(&text)
    }
}

/// Letters, digits and hyphens.
pub fn anchor(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if c.is_alphanumeric() || c == '_' => out.push(c),
            _ if out.ends_with('-') || out.is_empty() => {}
            _ => out.push('-'),
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// A part of what there is to say.
#[derive(Clone, Debug)]
pub enum Section {
    /// Comment text.
    Prose(&'static str, String),
    /// Rows of facts.
    Table(Table),
    /// Formulas that belong together.
    Formulas(Formulas),
    /// Source text as it is.
    Code(&'static str, String),
}

/// Rows of facts.
#[derive(Clone, Debug)]
pub struct Table {
    /// Over it.
    pub title: &'static str,
    /// Over the columns.
    pub columns: &'static [&'static str],
    /// One cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A declared name.
    Name(String),
    /// A value.
    Value(Formula),
    /// A unit.
    Unit(Formula),
    /// Source text.
    Code(String),
    /// Comment text.
    Prose(String),
}

/// A formula and the text that it was made from.
#[derive(Clone, Debug)]
pub struct Formula {
    /// How it is set.
    pub math: Math,
    /// How it is written in the language.
    pub source: String,
    /// A word on it: its unit.
    pub note: String,
}

/// Formulas that belong together.
#[derive(Clone, Debug)]
pub struct Formulas {
    /// Over them.
    pub title: String,
    /// On what they depend: the condition of a spike rule.
    pub condition: Option<Formula>,
    /// In order.
    pub lines: Vec<Formula>,
}
