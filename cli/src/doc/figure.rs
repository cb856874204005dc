//! The plot of a model's behaviour, as SVG: panels of traces over time, or of values over another value.
//!
//! Colours are classes, so that one picture serves light and dark pages.

use crate::doc::formula::Math;
use crate::doc::html::escape;
use crate::doc::symbol;
use crate::ticks::{Scale, bounds, nice_ticks, time_scale};
use std::fmt::Write as _;

/// A picture and what stands below it.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Comment text.
    pub caption: String,
    /// From top to bottom.
    pub panels: Vec<Panel>,
}

/// What an axis shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// A name of the language, or `t`.
    pub name: String,
    /// Its unit as it is written.
    pub unit: String,
}

/// One frame of lines.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Along it.
    pub x: Axis,
    /// The end of the axis, and its beginning.
    pub range: (f64, f64),
    /// The unit of its values; the names are those of the lines.
    pub unit: String,
    /// What is drawn.
    pub content: Content,
}

/// What a panel shows.
#[derive(Clone, Debug)]
pub enum Content {
    /// Values.
    Lines {
        /// In the order of their colours.
        lines: Vec<Line>,
        /// Whether it is what goes in, which is less high.
        stimulus: bool,
    },
    /// Spikes: a row for each name.
    Spikes(Vec<(String, Vec<f64>)>),
}

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is.
    pub label: Label,
    /// In ascending order of x.
    pub points: Vec<(f64, f64)>,
}

/// What a line is.
#[derive(Clone, Debug, PartialEq)]
pub enum Label {
    /// A name of the language, and of whom it is if that must be said.
    Name(String, String),
    /// Words.
    Words(String),
    /// A name of the language, in a case that words describe.
    Case(String, String),
    /// Nothing: one more line of the one before.
    Same,
}

const WIDTH: f64 = 500.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 20.0;
const PANEL: f64 = WIDTH - LEFT - RIGHT;
const TRACE: f64 = 104.0;
const STIMULUS: f64 = 36.0;
const ROW: f64 = 16.0;
const HEAD: f64 = 22.0;
const FOOT: f64 = 40.0;
const GAP: f64 = 14.0;
/// Half a step of the grid that coordinates are rounded to is what a line may be off, in pixels.
const TOLERANCE: f64 = 0.15;
const COLORS: usize = 6;

/// What a picture needs that stands in a file of its own.
pub const STYLE: &str = "<style>svg{--paper:#fff;--ink:#1b1f24;--soft:#59626d;--grid:#e4e7eb;--c0:#2166ac;--c1:#c8442e;--c2:#2a8a5c;\
--c3:#8250b4;--c4:#b7771c;--c5:#0e8a94;background:var(--paper)}@media(prefers-color-scheme:dark){svg{--paper:#15181c;--ink:#e4e7eb;\
--soft:#9aa4af;--grid:#2a3037;--c0:#6aa9e9;--c1:#f0806c;--c2:#5fc391;--c3:#b794e6;--c4:#dda955;--c5:#4fc0c9}}</style>\n";

/// The text of a file: programs that know no variables of CSS, such as converters to PDF, find the light colours as attributes.
pub fn with_plain_colours(svg: &str) -> String {
    let light = STYLE.split_once('}').map_or("", |(light, _)| light);
    let colours = light.split("--").skip(1).filter_map(|one| one.split(';').next()?.split_once(':'));
    let mut text = svg.to_owned();
    for (name, colour) in colours {
        for property in ["fill", "stroke"] {
            let alone = format!("style=\"{property}:var(--{name})\"");
            text = text.replace(&alone, &format!("{property}=\"{colour}\" {alone}"));
        }
    }
    text
}

impl Figure {
    /// Whether anything happens: a line that is not flat, or spikes.
    pub fn is_alive(&self) -> bool {
        self.panels.iter().any(|panel| match &panel.content {
            Content::Lines { stimulus: true, .. } => false,
            Content::Lines { lines, .. } => {
                lines.iter().any(|line| bounds(line.values()).is_some_and(|(low, high)| low < high))
            }
            Content::Spikes(rows) => rows.iter().any(|(_, times)| times.len() > 1),
        })
    }

    /// An element of an HTML page, whose style gives the colours.
    pub fn inline(&self, title: &str) -> String {
        self.svg(title, "")
    }

    /// A file.
    pub fn file(&self, title: &str) -> String {
        with_plain_colours(&self.svg(title, STYLE))
    }

    fn svg(&self, title: &str, style: &str) -> String {
        let mut body = String::new();
        let mut y = 4.0;
        for (i, panel) in self.panels.iter().enumerate() {
            let below = self.panels.get(i + 1);
            let shared = below.is_some_and(|b| b.x == panel.x && b.range == panel.range);
            y = panel.draw(&mut body, y, !shared);
            y += if shared { GAP } else { 0.0 };
        }
        let title = escape(title);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y:.0}\" role=\"img\" \
             aria-label=\"Plot of {title}\" font-family=\"Inter, system-ui, Arial, sans-serif\" font-size=\"13\">\n\
             {style}{body}</svg>\n"
        )
    }
}

impl Line {
    fn values(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|point| point.1)
    }
}

impl Panel {
    fn x(&self, value: f64) -> f64 {
        let (low, high) = self.range;
        if high > low { LEFT + (value - low) / (high - low) * PANEL } else { LEFT }
    }

    /// Draws from this height on; gives the height below.
    fn draw(&self, out: &mut String, top: f64, numbers: bool) -> f64 {
        let head = top + HEAD;
        let height = match &self.content {
            Content::Lines { stimulus: true, .. } => STIMULUS,
            Content::Lines { .. } => TRACE,
            Content::Spikes(rows) => ROW * rows.len() as f64,
        };
        let (base, frame) = match &self.content {
            Content::Spikes(_) => (top, top + 2.0),
            Content::Lines { .. } => (head, head),
        };
        let (unit, factor) = match (self.x.name.as_str(), self.x.unit.as_str()) {
            ("t", "ms") => time_scale(self.range.1),
            (_, unit) => (unit, 1.0),
        };
        let ticks = nice_ticks(self.range.0 * factor, self.range.1 * factor, 6);
        let bottom = frame + height;
        for value in &ticks.values {
            let x = self.x(value / factor);
            let _ = writeln!(out, "<path d=\"M{x:.1} {frame:.1}V{bottom:.1}\" {}/>", stroke("grid", 1.0));
        }
        match &self.content {
            Content::Lines { lines, stimulus } => self.lines(out, lines, *stimulus, (base, height)),
            Content::Spikes(rows) => self.spikes(out, rows, frame),
        }
        if !numbers {
            return bottom;
        }
        let _ = writeln!(out, "<path d=\"M{LEFT} {bottom:.1}H{:.1}\" {}/>", LEFT + PANEL, stroke("soft", 1.0));
        for value in &ticks.values {
            let x = self.x(value / factor);
            text(out, (x, bottom + 16.0), "middle", "soft", &ticks.label(*value), 11.5);
        }
        let title = match self.x.name.as_str() {
            "t" => format!("time ({unit})"),
            name => format!("{}{}", spans(&symbol::name(name)), in_brackets(unit)),
        };
        text(out, (LEFT + PANEL / 2.0, bottom + 33.0), "middle", "ink", &title, 13.0);
        bottom + FOOT + if matches!(self.content, Content::Lines { .. }) { 0.0 } else { GAP }
    }

    fn spikes(&self, out: &mut String, rows: &[(String, Vec<f64>)], top: f64) {
        for (i, (name, times)) in rows.iter().enumerate() {
            let y = top + i as f64 * ROW;
            let mut path = String::new();
            for time in times {
                let _ = write!(path, "M{:.1} {:.1}v{:.1}", self.x(*time), y + 2.0, ROW - 4.0);
            }
            text(out, (LEFT - 8.0, y + ROW / 2.0 + 4.0), "end", "soft", &escape(name), 11.5);
            if !path.is_empty() {
                let _ = writeln!(out, "<path d=\"{path}\" {}/>", stroke("ink", 1.3));
            }
        }
    }

    fn lines(&self, out: &mut String, lines: &[Line], stimulus: bool, (top, height): (f64, f64)) {
        let (margin, count) = if stimulus { (0.15, 2) } else { (0.06, 4) };
        let scale = Scale::over(lines.iter().flat_map(Line::values), margin, (top, height), count);
        for value in &scale.ticks.values {
            let y = scale.y(*value);
            let _ = writeln!(out, "<path d=\"M{LEFT} {y:.1}h{PANEL}\" {}/>", stroke("grid", 1.0));
            text(out, (LEFT - 8.0, y + 4.0), "end", "soft", &scale.ticks.label(*value), 11.5);
        }
        let mut color = 0;
        let mut title = String::new();
        if let Some(Line { label: Label::Case(name, _), .. }) = lines.first() {
            let _ = write!(title, "<tspan font-weight=\"600\">{}</tspan>", spans(&symbol::name(name)));
        }
        for (i, line) in lines.iter().enumerate() {
            if i > 0 && line.label != Label::Same {
                color = (color + 1) % COLORS;
            }
            let several = lines.iter().any(|line| line.label != Label::Same && line.label != lines[0].label);
            let class = if stimulus && !several { "soft".to_owned() } else { format!("c{color}") };
            let label = match &line.label {
                Label::Name(owner, name) if owner.is_empty() => spans(&symbol::name(name)),
                Label::Name(owner, name) => format!("{} {}", escape(owner), spans(&symbol::name(name))),
                Label::Words(words) | Label::Case(_, words) => escape(words),
                Label::Same => String::new(),
            };
            if !label.is_empty() {
                let gap = if title.is_empty() { "" } else { " dx=\"10\"" };
                let _ = write!(title, "<tspan{gap} style=\"fill:var(--{class})\" font-weight=\"600\">{label}</tspan>");
            }
            let pixels: Vec<Option<(f64, f64)>> =
                line.points.iter().map(|(x, v)| v.is_finite().then(|| (self.x(*x), scale.y(*v)))).collect();
            let path = polyline(&pixels);
            let _ = writeln!(out, "<path d=\"{path}\" {} stroke-linejoin=\"round\"/>", stroke(&class, 1.5));
        }
        let _ = write!(title, "<tspan style=\"fill:var(--soft)\">{}</tspan>", in_brackets(&self.unit));
        text(out, (LEFT, top - 8.0), "start", "ink", &title, 13.0);
    }
}

/// How a line looks.
pub fn stroke(class: &str, width: f64) -> String {
    format!("fill=\"none\" style=\"stroke:var(--{class})\" stroke-width=\"{width}\"")
}

/// Text whose markup is made already.
pub fn text(out: &mut String, (x, y): (f64, f64), anchor: &str, class: &str, markup: &str, size: f64) {
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" \
         style=\"fill:var(--{class})\">{markup}</text>"
    );
}

fn in_brackets(unit: &str) -> String {
    match symbol::unit_text(unit) {
        text if text.is_empty() => text,
        text => format!(" ({})", escape(&text)),
    }
}

/// A symbol as pieces of a line of text: slanted letters, lowered subscripts.
fn spans(math: &Math) -> String {
    match math {
        Math::Variable(letter) => format!("<tspan font-style=\"italic\">{}</tspan>", escape(letter)),
        Math::Word(word) | Math::Number(word) => escape(word),
        Math::Row(parts) => parts.iter().map(spans).collect(),
        Math::Script(base, Some(below), None) => format!(
            "{}<tspan dy=\"3.5\" font-size=\"10\">{}</tspan><tspan dy=\"-3.5\">\u{200b}</tspan>",
            spans(base),
            spans(below)
        ),
        _ => String::new(),
    }
}

/// A path through points, without those that nobody can see; `None` interrupts it.
fn polyline(points: &[Option<(f64, f64)>]) -> String {
    let mut path = String::new();
    for run in points.split(Option::is_none) {
        let run: Vec<(f64, f64)> = run.iter().flatten().copied().collect();
        let kept = simplified(&columns(&run));
        let mut at: Option<(i64, i64)> = None;
        for (x, y) in kept {
            let next = ((x * 10.0).round() as i64, (y * 10.0).round() as i64);
            let tenth = |v: i64| if v % 10 == 0 { format!("{}", v / 10) } else { format!("{:.1}", v as f64 / 10.0) };
            match at {
                None => {
                    let _ = write!(path, "M{} {}", tenth(next.0), tenth(next.1));
                }
                Some(last) if last == next => continue,
                Some(last) => {
                    let (dx, dy) = (tenth(next.0 - last.0), tenth(next.1 - last.1));
                    let space = if dy.starts_with('-') { "" } else { " " };
                    let _ = write!(path, "l{dx}{space}{dy}");
                }
            }
            at = Some(next);
        }
    }
    path
}

/// In each half pixel the first, the lowest, the highest and the last point, in their order: no spike is lost.
fn columns(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let column = |p: &(f64, f64)| (p.0 * 2.0).floor() as i64;
    let mut kept = Vec::new();
    for chunk in points.chunk_by(|a, b| column(a) == column(b)) {
        let extreme = |better: &dyn Fn(f64, f64) -> bool| {
            let mut best = 0;
            for (i, p) in chunk.iter().enumerate() {
                if better(p.1, chunk[best].1) {
                    best = i;
                }
            }
            best
        };
        let mut chosen = [0, extreme(&|a, b| a < b), extreme(&|a, b| a > b), chunk.len() - 1];
        chosen.sort_unstable();
        for (i, index) in chosen.iter().enumerate() {
            if i == 0 || chosen[i - 1] != *index {
                kept.push(chunk[*index]);
            }
        }
    }
    kept
}

/// The points that a line must go through to stay within the tolerance (D. H. Douglas & T. K. Peucker, 1973,
/// Cartographica 10:112-122).
fn simplified(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let mut keep = vec![false; points.len()];
    keep[0] = true;
    keep[points.len() - 1] = true;
    let mut open = vec![(0, points.len() - 1)];
    while let Some((first, last)) = open.pop() {
        let (a, b) = (points[first], points[last]);
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length = dx.hypot(dy);
        let away = |p: (f64, f64)| match length {
            l if l > 0.0 => ((p.0 - a.0) * dy - (p.1 - a.1) * dx).abs() / l,
            _ => (p.0 - a.0).hypot(p.1 - a.1),
        };
        let mut worst = (TOLERANCE, None);
        for (i, point) in points.iter().enumerate().take(last).skip(first + 1) {
            let distance = away(*point);
            if distance > worst.0 {
                worst = (distance, Some(i));
            }
        }
        if let (_, Some(middle)) = worst {
            keep[middle] = true;
            open.extend([(first, middle), (middle, last)]);
        }
    }
    points.iter().zip(keep).filter(|(_, keep)| *keep).map(|(p, _)| *p).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_what_nobody_sees_and_keep_spikes() {
        let straight: Vec<_> = (0..1000).map(|i| (f64::from(i) * 0.5, f64::from(i) * 0.25)).collect();
        assert_eq!(simplified(&columns(&straight)).len(), 2);
        let mut spike: Vec<_> = (0..10_000).map(|i| (f64::from(i) * 0.05, 50.0)).collect();
        spike[5_003].1 = 0.0;
        assert!(simplified(&columns(&spike)).contains(&spike[5_003]));
        let gap = [Some((0.0, 0.0)), Some((1.0, 0.5)), None, Some((2.0, 0.0)), Some((3.0, -0.5))];
        assert_eq!(polyline(&gap), "M0 0l1 0.5M2 0l1-0.5");
    }

    #[test]
    fn files_have_their_colours_as_attributes_too() {
        let svg = with_plain_colours(&format!("<path {}/>", stroke("c0", 1.0)));
        assert_eq!(svg, "<path fill=\"none\" stroke=\"#2166ac\" style=\"stroke:var(--c0)\" stroke-width=\"1\"/>");
        let mut words = String::new();
        text(&mut words, (0.0, 0.0), "start", "paper", "x", 1.0);
        assert!(with_plain_colours(&words).contains(" fill=\"#fff\" "), "{words}");
    }

    #[test]
    fn odd_values_still_give_a_picture() {
        for values in [vec![], vec![f64::NAN; 3], vec![1.0], vec![f64::INFINITY, 1.0, 2.0]] {
            let points = values.iter().enumerate().map(|(i, v)| (i as f64, *v)).collect();
            let line = Line { label: Label::Name("a<b".into(), "V_rest".into()), points };
            let axis = Axis { name: "t".into(), unit: "ms".into() };
            let content = Content::Lines { lines: vec![line], stimulus: false };
            let panel = Panel { x: axis, range: (0.0, 0.0), unit: "mV".into(), content };
            let svg = Figure { caption: String::new(), panels: vec![panel] }.file("x<y");
            assert!(!svg.contains("NaN") && !svg.contains("inf\"") && !svg.contains("a<b"), "{svg}");
            assert!(resvg::usvg::roxmltree::Document::parse(&svg).is_ok(), "{svg}");
        }
    }
}
