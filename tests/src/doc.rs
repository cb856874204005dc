//! `bpc doc`: the page of std has everything that the files of std declare, as a reader of their text finds it, and a plot
//! of each model in which something happens.

use crate::bpc::{bpc, text};
use crate::support::{files, root};
use roxmltree::{Document, Node, ParsingOptions};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;
use tempfile::TempDir;

/// A declaration as its lines show it.
struct Declared {
    module: String,
    kind: String,
    name: String,
    /// Parameters, states and inputs, each with the comment above it.
    members: Vec<(String, String)>,
    /// States that have an equation.
    equations: Vec<String>,
    /// The `//!` lines of the file.
    header: String,
    /// Whether it has values alone, so that there is nothing to plot.
    still: bool,
}

/// The models of std: what stands at the left margin with a name in capitals, but no network.
fn declared() -> Vec<Declared> {
    let folder = root().join("stdlib");
    let mut found = Vec::new();
    for path in files(&folder, "bp").into_iter().filter(|p| !p.starts_with(folder.join("demos"))) {
        let text = fs::read_to_string(&path).expect("a file of std");
        let parent = path.parent().and_then(Path::file_name).expect("a module");
        let header: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("//! ")).collect();
        let mut comment = Vec::new();
        let mut inside = false;
        for line in text.lines() {
            let words: Vec<&str> = line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '\'')).collect();
            let margin = !line.starts_with(char::is_whitespace);
            if let [kind, name, ..] = words.as_slice()
                && margin
                && line.ends_with('{')
                && !["network", "simulate", "function"].contains(kind)
            {
                inside = true;
                found.push(Declared {
                    module: parent.to_string_lossy().into_owned(),
                    kind: (*kind).to_owned(),
                    name: (*name).to_owned(),
                    members: Vec::new(),
                    equations: Vec::new(),
                    header: header.join("\n"),
                    still: true,
                });
                comment.clear();
                continue;
            }
            let line = line.trim();
            if let Some(text) = line.strip_prefix("/// ") {
                comment.push(text.to_owned());
                continue;
            }
            let comment = std::mem::take(&mut comment);
            if line == "}" && margin {
                inside = false;
            }
            let Some(model) = found.last_mut().filter(|_| inside) else { continue };
            model.still &= line.is_empty() || line.starts_with("param ");
            for keyword in ["param ", "state ", "input "] {
                if let Some(rest) = line.strip_prefix(keyword) {
                    let name = rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
                    model.members.push((name.to_owned(), comment.first().cloned().unwrap_or_default()));
                }
            }
            if let Some((state, _)) = line.split_once("' =") {
                model.equations.push(format!("{state}' ="));
            }
        }
    }
    found
}

/// The names after a word at the left margin of a text.
fn at_margin<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    let rest = text.lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
    rest.filter_map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()).collect()
}

/// Functions and constants of std: the path of each, and whether its file declares models as well.
fn values() -> Vec<(String, bool)> {
    let folder = root().join("stdlib");
    let models = declared();
    let mut found = Vec::new();
    for path in files(&folder, "bp").into_iter().filter(|p| !p.starts_with(folder.join("demos"))) {
        let text = fs::read_to_string(&path).expect("a file of std");
        let module = path.parent().and_then(Path::file_name).expect("a module").to_string_lossy();
        let with_models =
            models.iter().any(|m| m.module == module && at_margin(&text, &m.kind).contains(&m.name.as_str()));
        let names = ["function", "const"].into_iter().flat_map(|word| at_margin(&text, word));
        found.extend(names.map(|name| (format!("std::{module}::{name}"), with_models)));
    }
    found
}

/// The documentation of std, made once for all tests.
fn documentation() -> &'static Path {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let made = bpc(&["doc", "std", "-o", &text(folder.path())]);
        succeeded(&made);
        assert!(made.stderr.is_empty(), "every model of std has a plot:\n{}", String::from_utf8_lossy(&made.stderr));
        folder
    })
    .path()
}

#[track_caller]
fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn parse(text: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).unwrap_or_else(|error| panic!("not well-formed: {error}"))
}

/// The text of an element, with blanks for blanks that do not break.
fn inner(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|n| n.text()).collect::<String>().replace('\u{a0}', " ")
}

fn articles<'a, 'd>(page: &'a Document<'d>) -> BTreeMap<String, Node<'a, 'd>> {
    let articles = page.descendants().filter(|n| n.has_tag_name("article"));
    articles.map(|n| (n.attribute("id").expect("an anchor").to_owned(), n)).collect()
}

#[test]
fn every_declaration_of_std_is_on_the_page() {
    let html = fs::read_to_string(documentation().join("index.html")).expect("a page");
    let page = parse(&html);
    let articles = articles(&page);
    let declared = declared();
    assert!(declared.len() >= 31, "only {} models found in the text of std", declared.len());
    let values = values();
    let apart: Vec<&str> = values.iter().filter(|(_, with)| !with).map(|(path, _)| path.as_str()).collect();
    assert!(apart.len() >= 15, "only {apart:?} found in the text of std");
    assert_eq!(articles.len(), declared.len() + apart.len());
    for path in apart {
        let id = path.trim_start_matches("std::").replace("::", "-");
        let article = articles.get(&id).unwrap_or_else(|| panic!("no article {id}"));
        assert!(inner(*article).contains(&format!("use {path}")), "{id}");
    }
    for model in &declared {
        let id = format!("{}-{}", model.module, model.name);
        let article = articles.get(&id).unwrap_or_else(|| panic!("no article {id}"));
        let title = article.children().find(|n| n.has_tag_name("h3")).map(inner);
        assert_eq!(title, Some(format!("{} {}", model.kind, model.name)));
        assert!(inner(*article).contains(&format!("use std::{}::{}", model.module, model.name)));
        let rows: Vec<Node<'_, '_>> = article.descendants().filter(|n| n.has_tag_name("tr")).collect();
        // What has no form of its own is shown as source text, besides the definition, which is hidden.
        let shown = article.children().filter(|n| n.attribute("class") == Some("code"));
        let code: String = shown.map(inner).collect::<Vec<_>>().join("\n");
        for (name, comment) in &model.members {
            let named = |row: &&Node<'_, '_>| {
                row.descendants().any(|n| n.has_tag_name("code") && n.text() == Some(name.as_str()))
            };
            let text = rows.iter().find(named).map_or_else(|| code.clone(), |row| inner(*row));
            assert!(text.contains(name.as_str()), "{id}: {name} is not there");
            let comment = if rows.iter().any(|row| named(&row)) { comment.replace('`', "") } else { comment.clone() };
            assert!(text.contains(&comment), "{id}: {name} has lost `{comment}`");
        }
        // dx/dt as MathML, once for each equation.
        let derivatives = article.descendants().filter(|n| n.has_tag_name("mfrac")).filter(|n| {
            let parts: Vec<String> = n.children().map(inner).collect();
            parts.len() == 2 && parts[0].starts_with('d') && parts[1] == "dt"
        });
        let as_source = model.equations.iter().filter(|e| code.contains(e.as_str())).count();
        assert_eq!(derivatives.count() + as_source, model.equations.len(), "{id}: {:?}", model.equations);
        let reference = model.header.split_once('\n').map_or("", |(_, rest)| rest).rsplit('\n').next().unwrap_or("");
        let words: String = inner(*article).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(reference.trim().replace('`', "").as_str()), "{id}: the header has lost `{reference}`");
    }
}

#[test]
fn the_page_needs_nothing_else_and_its_links_lead_somewhere() {
    let html = fs::read_to_string(documentation().join("index.html")).expect("a page");
    let page = parse(&html);
    let ids: Vec<&str> = page.descendants().filter_map(|n| n.attribute("id")).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "an anchor is there twice");
    let mut links = 0;
    for node in page.descendants().filter(Node::is_element) {
        assert!(!["script", "link", "img", "iframe", "object"].contains(&node.tag_name().name()), "{node:?}");
        assert!(node.attribute("src").is_none());
        if let Some(target) = node.attribute("href") {
            links += 1;
            assert!(target.strip_prefix('#').is_some_and(|id| ids.contains(&id)), "{target} leads nowhere");
        }
    }
    assert!(links > 60, "{links} links");
    assert!(!html.contains("url(") && !html.contains("@import"));
    let markdown = fs::read_to_string(documentation().join("index.md")).expect("a page");
    for part in markdown.split("](plots/").skip(1) {
        let file = part.split(')').next().unwrap_or_default();
        assert!(documentation().join("plots").join(file).is_file(), "no plots/{file}");
    }
    for fence in ["```math", "```bp"] {
        assert!(markdown.contains(fence));
    }
    assert_eq!(markdown.matches("```").count() % 2, 0, "a fence is open");
    assert_eq!(markdown.matches(r"\begin{aligned}").count(), markdown.matches(r"\end{aligned}").count());
}

/// The height between the highest and the lowest point of a path of `M`, `l`, in pixels.
fn height(path: &str) -> f64 {
    let mut numbers: Vec<f64> = Vec::new();
    let mut starts = Vec::new();
    let mut word = String::new();
    for c in path.chars().chain([' ']) {
        if !word.is_empty() && (c == ' ' || c == '-' || c.is_alphabetic()) {
            numbers.push(word.parse().unwrap_or_else(|_| panic!("`{word}` in {path}")));
            word.clear();
        }
        match c {
            'M' => starts.push(numbers.len()),
            'l' | ' ' => {}
            c => word.push(c),
        }
    }
    let (mut y, mut low, mut high) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
    for (i, pair) in numbers.chunks(2).enumerate() {
        y = if starts.contains(&(2 * i)) { pair[1] } else { y + pair[1] };
        (low, high) = (f64::min(low, y), f64::max(high, y));
    }
    high - low
}

#[test]
fn in_every_plot_something_happens() {
    assert_eq!(height("M0 50l1 0M2 50l3 0.5"), 0.5);
    assert_eq!(height("M1 10l1-4.5 1 0.5"), 4.5);
    for model in declared().into_iter().filter(|m| !m.still) {
        let file = documentation().join("plots").join(format!("{}-{}.svg", model.module, model.name));
        let svg = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let picture = parse(&svg);
        let traces: Vec<f64> = picture
            .descendants()
            .filter(|n| n.attribute("style").is_some_and(|s| s.starts_with("stroke:var(--c")))
            .filter_map(|n| n.attribute("d"))
            .map(height)
            .collect();
        // A panel is a hundred pixels high; a line that fills less than a third of it shows nothing.
        let highest = traces.iter().copied().fold(0.0, f64::max);
        assert!(highest > 30.0, "{}::{}: the plot is silent: {traces:?}", model.module, model.name);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{}", file.display());
        let demo = root().join("stdlib/demos").join(&model.module).join(model.name.clone() + ".bp");
        if let Ok(demo) = fs::read_to_string(demo) {
            // Spikes are the only strokes in ink.
            let spikes = picture.descendants().any(|n| n.attribute("style") == Some("stroke:var(--ink)"));
            assert_eq!(spikes, demo.contains(".spikes"), "{}::{}", model.module, model.name);
        }
    }
}

/// Every file of a folder, with its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for ending in ["html", "md", "svg"] {
        for path in files(folder, ending) {
            let bytes = fs::read(&path).expect("read");
            found.insert(path.strip_prefix(folder).expect("inside").to_path_buf(), bytes);
        }
    }
    found
}

#[test]
fn the_same_text_gives_the_same_bytes() {
    let again = tempfile::tempdir().expect("a folder");
    succeeded(&bpc(&["doc", "std", "-o", &text(again.path())]));
    let (one, two) = (contents(documentation()), contents(again.path()));
    assert!(one.len() > 30);
    for (path, bytes) in &one {
        assert!(two.get(path) == Some(bytes), "{} differs", path.display());
    }
    assert_eq!(one.len(), two.len());
}

/// A file with one of everything, and with what is markup elsewhere.
const ODD: &str = "\
//! A <b>file</b> & more.
//!
//!     x' = a | b

/// Stays <i>text</i>
const T_0 : K = 310 K

/// x * x
function square(x) = x * x

/// Two | bars, $dollars$ & <script>alert(1)</script>
neuron Odd {
    /// a *star* and `code`
    param tau : ms = 20 ms, a = 1.5e-3 mV^-1
    param lone
    input I : mV
    state V, U : mV = -60 mV
    let low = if V < -70 mV then -70 mV else if V > 0 mV and not (V > 1 mV) then square(V / 1 mV) * 1 mV else V
    V' = (low - V * (1 + a * V) ^ 2 + I) / tau - U / (tau / 2)
    U' = abs(V) ^ (1 / 2) * 1 mV^(1/2) / tau
    method rk4
    spike when V >= -50 mV { V -= 10 mV  U *= 0.5  refractory 2 * tau / 20 hold V, U }
}

/// A network
network Net(n: count = 4) {
    /// Some
    population A[n] : Odd { lone = 1 }
    init A.V ~ normal(-60 mV, 1 mV)
    drive A.I = 20 mV
}

simulate Net { dt 0.1 ms  duration 10 ms  record A.V }
";

#[test]
fn a_file_of_the_users_loses_nothing_and_is_no_markup() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, out) = (folder.path().join("odd.bp"), folder.path().join("made"));
    fs::write(&file, ODD).expect("written");
    let made = bpc(&["doc", &text(&file), "-o", &text(&out)]);
    succeeded(&made);
    // `lone` has no value, so there is no network that shows the model: that is said, and no failure.
    assert!(String::from_utf8_lossy(&made.stderr).contains("no plot of Odd"), "{made:?}");
    let html = fs::read_to_string(out.join("index.html")).expect("a page");
    let page = parse(&html);
    assert!(!page.descendants().any(|n| ["script", "b", "i"].contains(&n.tag_name().name())));
    let whole = inner(page.root());
    // Whatever is shown in the definition does not count: it is the text itself.
    let definitions: String =
        page.descendants().filter(|n| n.attribute("class") == Some("source")).map(inner).collect();
    assert!(definitions.contains("U *= 0.5"));
    let mut shown = String::new();
    for article in page.descendants().filter(|n| n.has_tag_name("article") || n.attribute("class") == Some("prose")) {
        for child in article.children().filter(|n| n.attribute("class") != Some("source")) {
            shown.push_str(&inner(child));
        }
    }
    for part in ["A <b>file</b> & more.", "x' = a | b", "<script>alert(1)</script>", "method rk4", "init A.V ~ normal"]
    {
        assert!(shown.contains(part), "lost: {part}\n{shown}");
    }
    for part in ["drive A.I = 20 mV", "Odd { lone = 1 }", "Some", "otherwise", "are held", "no further spike for"] {
        assert!(shown.contains(part), "lost: {part}\n{shown}");
    }
    for part in ["Stays <i>text</i>", "simulate Net", "square"] {
        assert!(whole.contains(part), "lost: {part}");
    }
    let roots = page.descendants().filter(|n| n.has_tag_name("msqrt")).count();
    assert_eq!(roots, 1, "x ^ (1 / 2) is a root");
    let markdown = fs::read_to_string(out.join("index.md")).expect("a page");
    assert!(markdown.contains(r"Two \| bars, \$dollars\$ & &lt;script>"), "{markdown}");
    assert!(markdown.contains("method rk4") && markdown.contains(r"\begin{cases}"));
}

#[test]
fn models_of_the_users_are_shown_by_their_kind() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("own.bp");
    let models = "\
        neuron Mine { param tau = 10 ms  input I : pA  state V : mV = -70 mV\n\
            V' = (-70 mV - V + I * 1 GOhm) / tau  spike when V > -50 mV { V = -70 mV } }\n\
        neuron Clock { state x : 1 = 0  x' = 50 Hz  spike when x >= 1 { x -= 1 } }\n\
        synapse Slow { state g : unit(w) = 0  g' = -g / 30 ms  on spike(w) { g += w }  output g }\n\
        receptor Curved { input g : unit(w)  post V : mV  output I = g * (0 mV - V) * sigmoid(V / 10 mV) }\n\
        receptor Kick { post V : mV  on spike(w) { V += w } }\n\
        plasticity Rewarded { weight w  post reward : 1  param A : unit(w)  state x : 1 = 0  x' = -x / 20 ms\n\
            on pre { x += 1 }  on post { w += A * x * reward } }\n";
    fs::write(&file, models).expect("written");
    let out = folder.path().join("made");
    let made = bpc(&["doc", &text(&file), "-o", &text(&out)]);
    succeeded(&made);
    assert_eq!(String::from_utf8_lossy(&made.stderr), "");
    assert_eq!(files(&out.join("plots"), "svg").len(), 6);
    // A rule with a third factor does nothing without it, and the reader is told how much of it there is.
    let markdown = fs::read_to_string(out.join("index.md")).expect("a page");
    assert_eq!(markdown.matches("in 5000 ms. The weight is 0.5 before; 1 is the greatest. At the target neuron, reward = 1 all the time.").count(), 1, "{markdown}");
    let without = folder.path().join("without");
    succeeded(&bpc(&["doc", &text(&file), "--no-plots", "-o", &text(&without)]));
    assert_eq!(files(&without, "svg").len(), 0);
}

/// Each network of a file has a diagram with all its populations, in both pages.
#[test]
fn networks_have_diagrams() {
    let out = tempfile::tempdir().expect("a folder");
    let file = root().join("examples/brunel_2000.bp");
    succeeded(&bpc(&["doc", &text(&file), "-o", &text(out.path())]));
    let pictures = files(&out.path().join("plots"), "svg");
    assert_eq!(pictures.len(), 1);
    let svg = fs::read_to_string(&pictures[0]).expect("a picture");
    let picture = parse(&svg);
    let words: Vec<&str> = picture.descendants().filter(|n| n.has_tag_name("text")).filter_map(|n| n.text()).collect();
    for word in ["E", "I", "exc", "inh", "ext"] {
        assert!(words.contains(&word), "{word}: {words:?}");
    }
    // Four kinds of projections and two stimuli, each a line and a tip.
    assert_eq!(picture.descendants().filter(|n| n.has_tag_name("path")).count(), 12);
    for (page, part) in [("index.md", "](plots/"), ("index.html", "an arrow has the colour of its source")] {
        let page = fs::read_to_string(out.path().join(page)).expect("a page");
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn one_model_is_shown_on_the_terminal() {
    let shown = bpc(&["doc", "std::neurons::AdExIF"]);
    succeeded(&shown);
    let shown = String::from_utf8(shown.stdout).expect("text");
    for part in ["### neuron `AdExIF`", "use std::neurons::AdExIF", "w' = (a * (V - E_L) - w) / tau_w", "Brette"] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(!shown.contains("FitzHugh") && !shown.contains('$'), "{shown}");
    let list = bpc(&["doc", "std::synapses"]);
    succeeded(&list);
    let list = String::from_utf8(list.stdout).expect("text");
    assert!(list.contains("- `Alpha`") && !list.contains("s' ="), "{list}");
}

/// Also those that stand in a file with models, whose article shows them.
#[test]
fn functions_and_constants_of_std_are_found() {
    for (module, part) in [("physics", "- `cylinder_area`"), ("connectivity", "- `gaussian`"), ("inputs", "- `step`")] {
        let list = bpc(&["doc", &format!("std::{module}")]);
        succeeded(&list);
        let list = String::from_utf8(list.stdout).expect("text");
        assert!(list.contains(part), "{list}");
    }
    let paths: Vec<String> = values().into_iter().map(|(path, _)| path).collect();
    let shown = bpc(&[&["doc"], paths.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat());
    succeeded(&shown);
    let shown = String::from_utf8(shown.stdout).expect("text");
    for path in &paths {
        let name = path.rsplit("::").next().expect("a name");
        assert!(shown.contains(&format!("use {path}")), "{path}: {shown}");
        assert!(shown.contains(&format!("`{name}`\n")), "{path}: {shown}");
    }
    for part in [
        "cylinder_area(diameter : um, length : um) = pi * diameter * length",
        "W. Rall (1959)",
        "### const `R`",
        "8.314462618",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let missing = bpc(&["doc", "std::physics::cylinder"]);
    assert!(String::from_utf8_lossy(&missing.stderr).contains("cylinder_area"));
}

#[test]
fn what_cannot_be_documented_is_told_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| text(&folder.path().join(name));
    fs::write(folder.path().join("bad.bp"), "neuron A { state V : mV = 1 ms }\n").expect("written");
    fs::write(folder.path().join("good.bp"), "const x = 1\n").expect("written");
    let out = path("made");
    let cases: [(&[&str], i32, &str); 9] = [
        (&["doc", "std::neurons::LFI", "-o", &out], 2, "did you mean `std::neurons::LIF`?"),
        (&["doc", "std::neuron", "-o", &out], 2, "did you mean `std::neurons`?"),
        (&["doc", "std::neurons::LIF::tau", "-o", &out], 2, "there is no"),
        (&["doc", "LIF", "-o", &out], 2, "did you mean `std::neurons::LIF`?"),
        (&["doc", "nothing.bp", "-o", &out], 2, "no such file"),
        (&["doc"], 2, "required"),
        (&["doc", &path("good.bp"), &path("bad.bp"), "-o", &out], 1, "E03"),
        (&["doc", &path("good.bp"), "-o", &path("good.bp")], 2, "is not a folder"),
        (&["doc", &path("good.bp"), "-o", &path("good.bp/below")], 3, "cannot make the folder"),
    ];
    for (arguments, code, part) in cases {
        let output = bpc(arguments);
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{err}");
        assert!(err.contains(part), "{arguments:?}\n{err}");
        assert!(!Path::new(&out).exists(), "{arguments:?} has made a folder");
    }
}
