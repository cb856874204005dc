//! Files, imports and what each file sees: what goes in is one entry file, what comes out is every
//! declaration of every module it reaches, and for each file a table from names to declarations.

use crate::program::loader::{LoadError, Loaded, Loader};
use crate::program::report::Report;
use bpc_syntax::ast::{Item, ModelKind, Name, Use};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{FileId, SourceMap, Span};
use bpc_syntax::suggest::closest;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// Index of a declaration in [`Program::items`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemId(pub usize);

/// A declaration and its file.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The file it stands in.
    pub file: FileId,
    /// The declaration.
    pub item: Rc<Item>,
}

/// What a name means at the top level of a file.
#[derive(Clone, Debug)]
pub struct Visible {
    /// The declaration.
    pub item: ItemId,
    /// Where this file got the name: the declaration or the `use`.
    pub span: Span,
    /// Whether it was imported.
    pub imported: bool,
    /// Whether anything mentions it.
    pub used: Cell<bool>,
}

/// Everything that was read.
#[derive(Debug, Default)]
pub struct Program {
    /// Texts, by file.
    pub sources: SourceMap,
    /// All declarations.
    pub items: Vec<Declared>,
    /// The names of each file.
    pub scopes: HashMap<FileId, BTreeMap<String, Visible>>,
    /// Names whose import failed, which has been reported.
    pub missing: BTreeSet<(FileId, String)>,
    /// What the loader knows each file by.
    pub ids: HashMap<FileId, String>,
    /// The files that belong to std.
    pub std: Vec<FileId>,
    /// The declarations of the entry file, in order.
    pub entry: Vec<ItemId>,
}

impl Program {
    /// The declaration that a name means in a file, marked as used.
    #[must_use]
    pub fn find(&self, file: FileId, name: &str) -> Option<(ItemId, &Declared)> {
        let visible = self.scopes.get(&file)?.get(name)?;
        visible.used.set(true);
        Some((visible.item, &self.items[visible.item.0]))
    }

    /// The names that a file sees and that pass a test.
    pub fn names<'a>(&'a self, file: FileId, fits: impl Fn(&Item) -> bool + 'a) -> impl Iterator<Item = &'a str> {
        let scope = self.scopes.get(&file);
        scope
            .into_iter()
            .flatten()
            .filter(move |(_, v)| fits(&self.items[v.item.0].item))
            .map(|(name, _)| name.as_str())
    }

    /// Whether the import of a name failed.
    #[must_use]
    pub fn is_missing(&self, file: FileId, name: &str) -> bool {
        self.missing.contains(&(file, name.to_owned()))
    }

    /// Whether a file belongs to std.
    #[must_use]
    pub fn is_std(&self, file: FileId) -> bool {
        self.std.contains(&file)
    }
}

/// The name a declaration makes, if it makes one.
#[must_use]
pub fn declared_name(item: &Item) -> Option<&Name> {
    match item {
        Item::Constant(b) => Some(&b.name),
        Item::Data(d) => Some(&d.name),
        Item::Function(f) => Some(&f.name),
        Item::Model(m) => Some(&m.name),
        Item::Network(n) => Some(&n.name),
        Item::Use(_) | Item::Simulation(_) => None,
    }
}

/// `a neuron`, `a constant`, … for messages.
#[must_use]
pub fn describe(item: &Item) -> &'static str {
    match item {
        Item::Use(_) => "an import",
        Item::Constant(_) => "a constant",
        Item::Data(_) => "data",
        Item::Function(_) => "a function",
        Item::Model(m) => describe_kind(m.kind),
        Item::Network(_) => "a network",
        Item::Simulation(_) => "a simulation",
    }
}

/// `a neuron`, `a synapse`, `a receptor`, `a channel`, `an ion`, `a cell`.
#[must_use]
pub fn describe_kind(kind: ModelKind) -> &'static str {
    match kind {
        ModelKind::Neuron => "a neuron",
        ModelKind::Synapse => "a synapse",
        ModelKind::Receptor => "a receptor",
        ModelKind::Channel => "a channel",
        ModelKind::Ion => "an ion",
        ModelKind::Cell => "a cell",
        ModelKind::Plasticity => "a plasticity rule",
    }
}

/// The word that declares a kind: `neuron`, `ion`.
#[must_use]
pub fn kind_word(kind: ModelKind) -> &'static str {
    describe_kind(kind).split_once(' ').map_or("", |(_, word)| word)
}

/// Names to declarations of one module.
type Names = BTreeMap<String, (ItemId, Span)>;

struct Resolver<'l> {
    loader: &'l dyn Loader,
    program: Program,
    /// Finished modules by the ids of their files.
    done: HashMap<Vec<String>, Rc<Names>>,
    /// Files being read, innermost last, each with the `use` that led to it.
    open: Vec<(String, Option<Span>)>,
}

/// Reads the entry file and everything it imports.
pub fn load(name: &str, text: &str, loader: &dyn Loader, report: &mut Report) -> Program {
    let mut resolver = Resolver { loader, program: Program::default(), done: HashMap::new(), open: Vec::new() };
    let entry = Loaded { id: loader.entry(name), name: name.to_owned(), text: text.to_owned() };
    let names = resolver.module(vec![entry], None, report);
    resolver.program.entry = (0..resolver.program.items.len())
        .map(ItemId)
        .filter(|i| resolver.program.items[i.0].file == FileId(0))
        .collect();
    drop(names);
    resolver.program
}

impl Resolver<'_> {
    /// Reads the files of one module: first all declarations, then the imports of each file.
    fn module(&mut self, files: Vec<Loaded>, from: Option<Span>, report: &mut Report) -> Rc<Names> {
        let key: Vec<String> = files.iter().map(|f| f.id.clone()).collect();
        let depth = self.open.len();
        let mut names = Names::new();
        let mut imports: Vec<(FileId, String, Vec<Use>)> = Vec::new();
        for Loaded { id, name, text } in files {
            let is_std = id.starts_with("std:");
            let file = self.program.sources.add(name, text);
            if is_std {
                self.program.std.push(file);
            }
            self.program.ids.insert(file, id.clone());
            let (tree, diagnostics) = bpc_syntax::parse(file, &self.program.sources.get(file).text);
            diagnostics.into_iter().for_each(|d| report.push(d));
            let mut uses = Vec::new();
            for item in tree.items {
                if let Item::Use(used) = item {
                    uses.push(used);
                    continue;
                }
                let item_id = ItemId(self.program.items.len());
                if let Some(name) = declared_name(&item) {
                    match names.get(&name.node) {
                        Some((_, first)) => report.push(twice(name, *first)),
                        None => {
                            names.insert(name.node.clone(), (item_id, name.span));
                        }
                    }
                }
                self.program.items.push(Declared { file, item: Rc::new(item) });
            }
            imports.push((file, id.clone(), uses));
            self.open.push((id, from));
        }
        for (file, id, uses) in imports {
            let own = |(name, (item, span)): (&String, &(ItemId, Span))| {
                (name.clone(), Visible { item: *item, span: *span, imported: false, used: Cell::new(true) })
            };
            let mut scope: BTreeMap<String, Visible> = names.iter().map(own).collect();
            for used in uses {
                self.import(&used, (file, &id), &mut scope, report);
            }
            self.program.scopes.insert(file, scope);
        }
        self.open.truncate(depth);
        let names = Rc::new(names);
        self.done.insert(key, names.clone());
        names
    }

    fn import(
        &mut self,
        used: &Use,
        (file, from): (FileId, &str),
        scope: &mut BTreeMap<String, Visible>,
        report: &mut Report,
    ) {
        let names = self.imported(used, from, report);
        for (name, local) in &used.names {
            if names.as_ref().is_none_or(|n| !n.contains_key(&name.node)) {
                self.program.missing.insert((file, local.as_ref().unwrap_or(name).node.clone()));
            }
        }
        let Some(names) = names else { return };
        for (name, local) in &used.names {
            let Some((item, _)) = names.get(&name.node) else {
                let module = path_text(used);
                let mut missing = Diagnostic::error(
                    "E0602",
                    format!("module `{module}` has no `{}`", name.node),
                    name.span,
                    "not declared there",
                );
                missing.hint = match closest(&name.node, names.keys().map(String::as_str)) {
                    Some(near) => Some(format!("did you mean `{near}`?")),
                    None if names.is_empty() => None,
                    None => Some(format!("it declares {}", list(names.keys()))),
                };
                report.push(missing);
                continue;
            };
            let local = local.as_ref().unwrap_or(name);
            if let Some(first) = scope.get(&local.node) {
                report.push(twice(local, first.span));
                continue;
            }
            let visible = Visible { item: *item, span: local.span, imported: true, used: Cell::new(false) };
            scope.insert(local.node.clone(), visible);
        }
    }

    /// The names of the module that a `use` means.
    fn imported(&mut self, used: &Use, from: &str, report: &mut Report) -> Option<Rc<Names>> {
        const DEEPEST: usize = 64;
        let path: Vec<&str> = used.path.iter().map(|p| p.node.as_str()).collect();
        let span = match used.path.as_slice() {
            [] => used.span,
            [first, .., last] => first.span.to(last.span),
            [only] => only.span,
        };
        let files = match self.loader.load(from, &path) {
            Ok(files) => needed(files, used),
            Err(error) => {
                report.push(load_error(&error, &path_text(used), span));
                return None;
            }
        };
        let key: Vec<String> = files.iter().map(|f| f.id.clone()).collect();
        if let Some(names) = self.done.get(&key) {
            return Some(names.clone());
        }
        if files.len() == 1 && files[0].id == from {
            let itself =
                Diagnostic::error("E0604", "a file cannot import itself", span, "this is the file it stands in");
            report.push(itself.hint("what a file declares is visible in all of it: leave the `use` out"));
            return None;
        }
        if let Some(at) = self.open.iter().position(|(id, _)| key.contains(id)) {
            let mut cycle = Diagnostic::error(
                "E0603",
                format!("module `{}` is being imported already", path_text(used)),
                span,
                "this closes the cycle",
            );
            for (_, through) in self.open[at..].iter().skip(1) {
                if let Some(through) = through.filter(|t| !cycle.labels.iter().any(|l| l.span == *t)) {
                    cycle = cycle.also(through, "reached through this import");
                }
            }
            report.push(cycle.hint("move what both need into a third module"));
            return None;
        }
        if self.open.len() > DEEPEST {
            report.push(Diagnostic::error("E0603", "imports are nested too deeply", span, "more than 64 modules deep"));
            return None;
        }
        Some(self.module(files, Some(span), report))
    }
}

/// The files of a std module that declare what is used; all of them if a name is in none. A file of
/// std needs no other of its folder, so a program does not pay for models that it does not use.
fn needed(files: Vec<Loaded>, used: &Use) -> Vec<Loaded> {
    let declares = |file: &Loaded, name: &str| {
        file.text.lines().any(|line| {
            let mut words = line.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty());
            let keyword = words.next().unwrap_or_default();
            let model = matches!(keyword, "neuron" | "synapse" | "receptor" | "channel" | "ion" | "cell");
            (model || matches!(keyword, "function" | "const")) && words.next() == Some(name)
        })
    };
    let std = files.iter().all(|f| f.id.starts_with("std:"));
    let known = |name: &str| files.iter().any(|f| declares(f, name));
    if !std || !used.names.iter().all(|(name, _)| known(&name.node)) {
        return files;
    }
    files.into_iter().filter(|f| used.names.iter().any(|(name, _)| declares(f, &name.node))).collect()
}

fn path_text(used: &Use) -> String {
    used.path.iter().map(|p| p.node.as_str()).collect::<Vec<_>>().join("::")
}

/// `a`, `b` and `c`
pub(crate) fn list<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|n| format!("`{}`", n.as_ref())).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// `its states are …`, or that it has none.
pub(crate) fn its<S: AsRef<str>>(what: &str, names: impl IntoIterator<Item = S>) -> String {
    match list(names).as_str() {
        "nothing" => format!("it has no {what}"),
        names => format!("its {what} are {names}"),
    }
}

/// `name` is declared a second time.
pub(crate) fn twice(name: &Name, first: Span) -> Diagnostic {
    Diagnostic::error("E0202", format!("`{}` is declared twice", name.node), name.span, "declared again here")
        .also(first, "first declared here")
}

fn load_error(error: &LoadError, module: &str, span: Span) -> Diagnostic {
    match error {
        LoadError::NotFound(tried) => {
            Diagnostic::error("E0601", format!("there is no module `{module}`"), span, "not found")
                .hint(format!("looked for {}", list(tried)))
        }
        LoadError::Ambiguous(file, folder) => Diagnostic::error(
            "E0607",
            format!("module `{module}` could be two things"),
            span,
            format!("both `{file}` and `{folder}` exist"),
        )
        .hint("rename one of them"),
        LoadError::Outside(path) => Diagnostic::error(
            "E0605",
            format!("module `{module}` is outside the project"),
            span,
            format!("`{path}` leads out of it"),
        )
        .hint("the project is the folder of the entry file, or the nearest parent folder with a `bp.toml`"),
        LoadError::Unreadable(path, why) => {
            Diagnostic::error("E0606", format!("module `{module}` cannot be read"), span, format!("`{path}` {why}"))
        }
    }
}
