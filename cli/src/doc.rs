//! `bpc doc`: what models say about themselves, as Markdown and as one HTML page.
//!
//! ```text
//! text ─ reading ─ page::Module ─┬─ markdown (latex)
//!                                └─ html (mathml, figure)
//! text ─ demonstration ─ figure::Figure
//! text ─ diagram::Diagram                       of networks
//! ```

mod clamp;
mod composed;
mod demonstration;
mod diagram;
mod figure;
mod formula;
mod html;
mod latex;
mod markdown;
mod mathml;
mod page;
mod pairing;
mod prose;
mod reading;
mod symbol;

use crate::console;
use crate::failure::{Exit, Failure};
use crate::frontend::{Checked, Input, Request};
use crate::output;
use bpc_syntax::ast::Item;
use bpc_syntax::source::FileId;
use bpc_syntax::suggest::closest;
use clap::Args;
use diagram::Diagram;
use figure::Figure;
use page::{Entry, Module};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// See [`execute`].
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  bpc doc std                               the models of the standard library
  bpc doc std::neurons::LIF                 one model, on the terminal
  bpc doc std -o out/doc                    index.html, index.md and a picture of each model
  bpc doc net.bp cells.bp -o doc            files of your own")]
pub struct Arguments {
    /// `std`, a module or a model of it, or files
    #[arg(value_name = "std|std::PATH|FILE.bp", required = true)]
    targets: Vec<String>,
    /// Writes index.html, index.md and plots/*.svg into a folder
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Leaves the pictures out; plots are runs of the models
    #[arg(long)]
    no_plots: bool,
}

/// A declaration's module, and where the module's texts are.
struct Documented {
    module: Module,
    /// For each entry: the file that imports are relative to, and its text.
    origins: Vec<(String, String)>,
    /// The same of its functions and constants that stand with models.
    value_origins: Vec<(String, String)>,
    /// The path of the module in std.
    path: Option<String>,
}

/// The picture of a declaration.
#[derive(Debug)]
enum Picture {
    /// What a model does.
    Plot(Figure),
    /// What a network consists of.
    Diagram(Diagram),
}

impl Picture {
    /// What stands below it.
    fn caption(&self) -> String {
        match self {
            Picture::Plot(figure) => figure.caption.clone(),
            Picture::Diagram(diagram) => diagram.caption(),
        }
    }

    /// An element of an HTML page, whose style gives the colours.
    fn inline(&self, title: &str) -> String {
        match self {
            Picture::Plot(figure) => figure.inline(title),
            Picture::Diagram(diagram) => diagram.inline(title),
        }
    }

    /// A file.
    fn file(&self, title: &str) -> String {
        match self {
            Picture::Plot(figure) => figure.file(title),
            Picture::Diagram(diagram) => diagram.file(title),
        }
    }
}

/// Documents models.
///
/// # Errors
/// Exit 1 for mistakes in a file, 2 for names that do not exist, 3 if something cannot be written.
pub fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let mut documented: Vec<Documented> = Vec::new();
    let mut mistakes = false;
    for target in &arguments.targets {
        match target.split("::").collect::<Vec<_>>().split_first() {
            Some((&"std", path)) if !Path::new(target).is_file() => documented.extend(standard(target, path)?),
            _ => match file(target)? {
                Some(one) => documented.push(one),
                None => mistakes = true,
            },
        }
    }
    if mistakes {
        return Err(Failure::told(Exit::Diagnostics));
    }
    match &arguments.out {
        Some(folder) => write(folder, arguments, &documented),
        None => print(arguments, &documented),
    }
}

/// The modules of std, one of them, or one model.
fn standard(target: &str, path: &[&str]) -> Result<Vec<Documented>, Failure> {
    let mut all = library();
    let Some(module) = path.first() else { return Ok(all) };
    let wanted = format!("std::{module}");
    let titles: Vec<String> = all.iter().map(|d| d.module.title.clone()).collect();
    all.retain(|d| d.module.title == wanted);
    let Some(one) = all.first_mut() else { return Err(unknown(target, &wanted, &titles)) };
    match path[1..] {
        [] => Ok(all),
        [name] => {
            // All that can be imported from the module.
            one.module.entries.append(&mut one.module.values);
            one.origins.append(&mut one.value_origins);
            let names: Vec<String> = one.module.entries.iter().map(|e| format!("{wanted}::{}", e.name)).collect();
            let Some(at) = one.module.entries.iter().position(|e| e.name == name) else {
                return Err(unknown(target, target, &names));
            };
            one.module.entries = vec![one.module.entries.swap_remove(at)];
            one.origins = vec![one.origins.swap_remove(at)];
            Ok(all)
        }
        [..] => Err(unknown(target, target, &titles)),
    }
}

fn unknown(target: &str, name: &str, names: &[String]) -> Failure {
    let hint = match closest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", names.join(", ")),
    };
    Failure::usage(format!("there is no `{target}`\n  help: {hint}"))
}

/// Everything in std, module after module as they are embedded.
fn library() -> Vec<Documented> {
    let mut modules: Vec<Documented> = Vec::new();
    for (file, text) in bpc_stdlib::FILES {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let title = if folder.is_empty() { "std".to_owned() } else { format!("std::{}", folder.replace('/', "::")) };
        let Module { sections, entries, values, .. } = reading::module(&title, Some(&title), text);
        let at = modules.iter().position(|d| d.module.title == title).unwrap_or_else(|| {
            let module = Module { title: title.clone(), ..Module::default() };
            modules.push(Documented {
                module,
                origins: Vec::new(),
                value_origins: Vec::new(),
                path: Some(title.clone()),
            });
            modules.len() - 1
        });
        let origin = (format!("std/{file}"), (*text).to_owned());
        modules[at].origins.extend(entries.iter().map(|_| origin.clone()));
        modules[at].value_origins.extend(values.iter().map(|_| origin.clone()));
        modules[at].module.entries.extend(entries);
        modules[at].module.values.extend(values);
        modules[at].module.sections.extend(sections);
    }
    modules
}

/// A file of the user's; `None` if it has mistakes, which have been shown.
fn file(target: &str) -> Result<Option<Documented>, Failure> {
    let path = Path::new(target);
    let input = Input::read(path).map_err(|failure| match (path.exists(), std_model(target)) {
        (false, Some(near)) => Failure::usage(format!("{}\n  help: did you mean `{near}`?", failure.message)),
        _ => failure,
    })?;
    let checked = Checked::of(&input, &Request::default());
    checked.show();
    if checked.failed() {
        return Ok(None);
    }
    let text = input.text()?;
    let module = reading::module(target, None, &text);
    let origins = module.entries.iter().map(|_| (target.to_owned(), text.clone())).collect();
    Ok(Some(Documented { module, origins, value_origins: Vec::new(), path: None }))
}

/// The path of a model of std with nearly this name.
fn std_model(name: &str) -> Option<String> {
    let last = name.rsplit("::").next().unwrap_or(name);
    let library = library();
    let paths: Vec<(&str, &str)> = library
        .iter()
        .flat_map(|d| d.module.entries.iter().chain(&d.module.values))
        .filter_map(|e| Some((e.name.as_str(), e.path.as_deref()?)))
        .collect();
    let found = paths.iter().find(|(n, _)| *n == last).copied();
    let near = closest(last, paths.iter().map(|(n, _)| *n));
    found.or_else(|| near.and_then(|near| paths.iter().find(|(n, _)| *n == near).copied())).map(|(_, p)| p.to_owned())
}

/// The picture of one declaration, or why there is none; nothing where nothing happens.
fn picture(one: &Documented, index: usize) -> Result<Option<Result<Picture, String>>, Failure> {
    let (entry, (file, text)) = (&one.module.entries[index], &one.origins[index]);
    if entry.kind == "network" {
        return Ok(diagram(&entry.name, text).map(|diagram| Ok(Picture::Diagram(diagram))));
    }
    Ok(plot(entry, file, text)?.map(|plot| plot.map(Picture::Plot)))
}

/// The diagram of the network of that name in a text.
fn diagram(name: &str, text: &str) -> Option<Diagram> {
    let (file, _) = bpc_syntax::parse(FileId(0), text);
    file.items.iter().find_map(|item| match item {
        Item::Network(network) if network.name.node == name => Diagram::of(network),
        _ => None,
    })
}

fn plot(entry: &Entry, file: &str, text: &str) -> Result<Option<Result<Figure, String>>, Failure> {
    if !entry.behaves() {
        return Ok(None);
    }
    if let Some(path) = &entry.path {
        let name = path.trim_start_matches("std::").replace("::", "/");
        if let Some((_, text)) = bpc_stdlib::DEMONSTRATIONS.iter().find(|(model, _)| *model == name) {
            return demonstration::figure(&format!("std/demos/{name}.bp"), text).map(Some);
        }
    }
    composed::figure(file, text, entry.path.as_deref(), entry).map(Some)
}

fn write(folder: &Path, arguments: &Arguments, documented: &[Documented]) -> Result<(), Failure> {
    output::make_folder(folder)?;
    let plots = folder.join("plots");
    output::make_folder(&plots)?;
    let total: usize = documented.iter().map(|d| d.module.entries.len()).sum();
    let mut figures: Vec<Vec<Option<Picture>>> = Vec::new();
    let mut done = 0;
    for one in documented {
        let mut drawn = Vec::new();
        for (index, entry) in one.module.entries.iter().enumerate() {
            progress(done, total, &entry.name);
            done += 1;
            drawn.push(if arguments.no_plots { None } else { figure_or_note(one, index, entry)? });
        }
        figures.push(drawn);
    }
    progress(total, total, "");
    let modules: Vec<(&Module, Vec<Option<&Picture>>)> =
        documented.iter().zip(&figures).map(|(d, f)| (&d.module, f.iter().map(Option::as_ref).collect())).collect();
    let title = match arguments.targets.as_slice() {
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        [] => String::new(),
    };
    let page = html::document(&title, &modules);
    let text = markdown::document(&title, &modules, "plots");
    let mut batch = output::Batch::default();
    for (module, drawn) in &modules {
        for (entry, figure) in module.entries.iter().zip(drawn) {
            if let Some(figure) = figure {
                let file = plots.join(format!("{}.svg", entry.anchor(module)));
                batch.add(&file, figure.file(&entry.name).as_bytes())?;
            }
        }
    }
    batch.add(&folder.join("index.md"), text.as_bytes())?;
    batch.add(&folder.join("index.html"), page.as_bytes())?;
    batch.commit()?;
    let drawn = figures.iter().flatten().flatten().count();
    let folder = folder.display();
    let pictures = if drawn == 1 { "picture" } else { "pictures" };
    console::print(&format!("{total} documented, {drawn} {pictures}: {folder}/index.html, {folder}/index.md\n"))
}

fn figure_or_note(one: &Documented, index: usize, entry: &Entry) -> Result<Option<Picture>, Failure> {
    Ok(match picture(one, index)? {
        Some(Ok(figure)) => Some(figure),
        Some(Err(reason)) => {
            console::note(&format!("no plot of {}: {reason}\n", entry.path.as_ref().unwrap_or(&entry.name)));
            None
        }
        None => None,
    })
}

/// On a terminal, what is being run; the line is taken back at the end.
fn progress(done: usize, total: usize, name: &str) {
    if std::io::stderr().is_terminal() {
        let text = if done < total { format!("  {done}/{total} {name}") } else { String::new() };
        console::note(&format!("\r\x1b[2K{text}"));
    }
}

/// Without a folder: one model or file in full, modules as lists.
fn print(arguments: &Arguments, documented: &[Documented]) -> Result<(), Failure> {
    let listed = |d: &Documented| d.path.is_some() && !arguments.targets.iter().any(|t| is_model(d, t));
    let mut out = String::new();
    for one in documented {
        if !out.is_empty() {
            out.push('\n');
        }
        if listed(one) {
            out.push_str(&markdown::list(&one.module));
        } else {
            out.push_str(&markdown::plain(&one.module));
        }
    }
    console::print(&out)
}

/// Whether the target names a model of this module.
fn is_model(one: &Documented, target: &str) -> bool {
    one.module.entries.iter().any(|e| e.path.as_deref() == Some(target))
}
