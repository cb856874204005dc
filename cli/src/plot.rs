//! The picture of a run: a raster of every population, their rates, and recorded traces.
//!
//! The picture is an SVG text; a PNG is the same SVG, drawn with the font that the program carries,
//! so it looks the same on a machine without fonts.

use crate::console::grouped;
use crate::failure::Failure;
use crate::output;
use crate::simulate::{Outcome, PopulationResult, Trace};
use crate::ticks::{Scale, Ticks, nice_step, nice_ticks, time_scale};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const WIDTH: f64 = 1080.0;
const LEFT: f64 = 104.0;
const RIGHT: f64 = 32.0;
const PANEL: f64 = WIDTH - LEFT - RIGHT;
const TOP: f64 = 92.0;
const RASTER: f64 = 400.0;
const RATES: f64 = 120.0;
const TRACE: f64 = 110.0;
const GAP: f64 = 44.0;
const BAND_GAP: f64 = 6.0;
/// So many spikes are drawn, more or less; beyond, only some neurons are shown.
const MARKS: f64 = 20_000.0;
/// However many spikes there are, so many neurons of a population are shown.
const LEAST_SHOWN: u64 = 24;
/// Trace panels, and lines in one.
const TRACES: usize = 4;
const LINES: usize = 4;
/// Points along a line: about two for a pixel.
const POINTS: usize = 2_000;

const INK: &str = "#1b1f24";
const GREY: &str = "#69727d";
const GRID: &str = "#e4e7eb";
/// Told apart by people with any kind of colour vision, and in print.
const COLORS: [&str; 6] = ["#2166ac", "#c8442e", "#2a8a5c", "#8250b4", "#b7771c", "#0e8a94"];
const FONT: &str = "Inter, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";

/// What kind of file a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Vectors.
    Svg,
    /// Pixels.
    Png,
}

impl Format {
    /// The format that a file name asks for.
    ///
    /// # Errors
    /// If it is neither `.svg` nor `.png`.
    pub fn of(path: &Path) -> Result<Format, String> {
        match path.extension().map(|e| e.to_ascii_lowercase()) {
            Some(e) if e == "svg" => Ok(Format::Svg),
            Some(e) if e == "png" => Ok(Format::Png),
            _ => Err("the name of a picture ends in .svg or .png".into()),
        }
    }
}

/// Draws a run into files, none of which is replaced before all are drawn.
///
/// # Errors
/// If it cannot be written.
pub fn write(paths: &[PathBuf], outcome: &Outcome) -> Result<(), Failure> {
    if paths.is_empty() {
        return Ok(());
    }
    let svg = draw(outcome);
    let mut batch = output::Batch::default();
    for path in paths {
        match Format::of(path).map_err(Failure::usage)? {
            Format::Svg => batch.add(path, svg.as_bytes())?,
            Format::Png => batch.add(path, &pixels(&svg).map_err(Failure::internal)?)?,
        }
    }
    batch.commit()
}

/// Renders an SVG text at twice its size.
fn pixels(svg: &str) -> Result<Vec<u8>, String> {
    use resvg::{tiny_skia, usvg};
    let mut options = usvg::Options::default();
    let fonts = options.fontdb_mut();
    fonts.load_font_data(include_bytes!("../assets/Inter-Regular.otf").to_vec());
    fonts.load_font_data(include_bytes!("../assets/Inter-SemiBold.otf").to_vec());
    fonts.set_sans_serif_family("Inter");
    let tree = usvg::Tree::from_str(svg, &options).map_err(|e| e.to_string())?;
    let size = tree.size().to_int_size().scale_by(2.0).ok_or("the picture has no size")?;
    let mut pixmap = tiny_skia::Pixmap::new(size.width(), size.height()).ok_or("the picture is too large")?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(2.0, 2.0), &mut pixmap.as_mut());
    pixmap.encode_png().map_err(|e| e.to_string())
}

/// `count` neurons of `size`, evenly spaced, in ascending order; all of them if there are no more.
pub fn shown_neurons(size: u64, count: u64) -> Vec<u32> {
    let count = count.clamp(1, size.max(1));
    let nth = |j: u64| (u128::from(2 * j + 1) * u128::from(size) / u128::from(2 * count)) as u32;
    (0..count).map(nth).collect()
}

/// The whole picture as SVG.
pub fn draw(outcome: &Outcome) -> String {
    let traces: Vec<&Trace> = outcome.traces.iter().filter(|t| t.samples() > 1).take(TRACES).collect();
    let bottom = TOP + RASTER + GAP + RATES + traces.len() as f64 * (GAP + TRACE);
    let mut canvas = Canvas { svg: String::new(), time: TimeAxis::new(outcome.simulated_ms()) };
    canvas.title(outcome);
    let mut notes: Vec<String> = canvas.raster(outcome, TOP).into_iter().collect();
    let mut y = TOP + RASTER + GAP;
    notes.push(canvas.rates(outcome, y));
    y += RATES;
    for trace in &traces {
        y += GAP;
        notes.extend(canvas.trace(trace, outcome, y));
        y += TRACE;
    }
    canvas.time_numbers(bottom);
    let caption = wrap(&notes.join(" · "), 150);
    for (i, line) in caption.iter().enumerate() {
        canvas.text(LEFT, bottom + 66.0 + i as f64 * 16.0, "start", "11", GREY, line);
    }
    let height = bottom + 74.0 + caption.len() as f64 * 16.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"{FONT}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{}</svg>\n",
        canvas.svg
    )
}

/// Milliseconds to pixels.
struct TimeAxis {
    duration: f64,
    ticks: Ticks,
    unit: &'static str,
    factor: f64,
}

impl TimeAxis {
    fn new(duration: f64) -> Self {
        let (unit, factor) = time_scale(duration);
        TimeAxis { duration, ticks: nice_ticks(0.0, duration * factor, 10), unit, factor }
    }

    fn x(&self, ms: f64) -> f64 {
        if self.duration > 0.0 { LEFT + ms / self.duration * PANEL } else { LEFT }
    }
}

struct Canvas {
    svg: String,
    time: TimeAxis,
}

impl Canvas {
    fn put(&mut self, element: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.svg, "{element}"); // writing to a String cannot fail
    }

    /// `style` is a size, or a size and a weight: `13 600`.
    fn text(&mut self, x: f64, y: f64, anchor: &str, style: &str, fill: &str, text: &str) {
        let (size, weight) = style.split_once(' ').unwrap_or((style, "400"));
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        self.put(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" \
             font-weight=\"{weight}\" fill=\"{fill}\">{text}</text>"
        ));
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64), color: &str) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.put(format_args!(
            "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" stroke=\"{color}\" stroke-width=\"1\" fill=\"none\"/>"
        ));
    }

    fn title(&mut self, outcome: &Outcome) {
        let duration = match outcome.simulated_ms() {
            ms if ms >= 1000.0 => format!("{} s", trimmed(ms / 1e3)),
            ms => format!("{} ms", trimmed(ms)),
        };
        self.text(LEFT, 42.0, "start", "22 600", INK, &outcome.network);
        let subtitle = format!(
            "{} neurons · {} synapses · {duration} in steps of {} ms · seed {}",
            grouped(outcome.neurons()),
            grouped(outcome.synapses),
            trimmed(outcome.dt),
            outcome.seed
        );
        self.text(LEFT, 64.0, "start", "13", GREY, &subtitle);
    }

    /// Thin lines at the ticks of the time axis.
    fn time_grid(&mut self, top: f64, height: f64) {
        for i in 0..self.time.ticks.values.len() {
            let x = self.time.x(self.time.ticks.values[i] / self.time.factor);
            self.line((x, top), (x, top + height), GRID);
        }
    }

    fn time_numbers(&mut self, y: f64) {
        self.line((LEFT, y), (LEFT + PANEL, y), GREY);
        for i in 0..self.time.ticks.values.len() {
            let value = self.time.ticks.values[i];
            let x = self.time.x(value / self.time.factor);
            self.line((x, y), (x, y + 5.0), GREY);
            let label = self.time.ticks.label(value);
            self.text(x, y + 19.0, "middle", "12", GREY, &label);
        }
        let title = format!("time ({})", self.time.unit);
        self.text(LEFT + PANEL / 2.0, y + 40.0, "middle", "13", INK, &title);
    }

    /// One band for each population; says which neurons are shown.
    fn raster(&mut self, outcome: &Outcome, top: f64) -> Option<String> {
        let spikes: u64 = outcome.populations.iter().map(|p| p.spikes.step.len() as u64).sum();
        let share = (MARKS / spikes.max(1) as f64).min(1.0);
        let mut thinned = Vec::new();
        let mut y = top;
        for (i, (population, height)) in outcome.populations.iter().zip(band_heights(&outcome.populations)).enumerate()
        {
            let color = COLORS[i % COLORS.len()];
            let candidates = population.candidates();
            let count = ((candidates as f64 * share).min(height * 2.0) as u64).max(candidates.min(LEAST_SHOWN));
            let shown = population.shown(count);
            if (shown.len() as u64) < candidates {
                let (shown, size) = (grouped(shown.len() as u64), grouped(candidates));
                thinned.push(format!("{shown} of {size} neurons of {}", population.name));
            }
            self.put(format_args!(
                "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{PANEL}\" height=\"{height:.1}\" fill=\"{color}\" fill-opacity=\"0.045\"/>"
            ));
            self.time_grid(y, height);
            self.marks(population, &shown, color, (y, height), outcome);
            self.band_names(population, color, y, height);
            y += height + BAND_GAP;
        }
        if thinned.is_empty() { None } else { Some(format!("raster shows {}", thinned.join(", "))) }
    }

    fn band_names(&mut self, population: &PopulationResult, color: &str, y: f64, height: f64) {
        let middle = y + height / 2.0;
        let name = shortened(&population.name, 10);
        self.line((LEFT - 8.0, y), (LEFT - 8.0, y + height), color);
        if height < 34.0 {
            self.text(LEFT - 16.0, middle + 4.5, "end", "12 600", color, &name);
            return;
        }
        self.text(LEFT - 16.0, middle, "end", "14 600", color, &name);
        if height >= 90.0 {
            let (first, last) = population.ends();
            self.text(LEFT - 16.0, y + height, "end", "10", GREY, &grouped(first));
            self.text(LEFT - 16.0, y + 8.0, "end", "10", GREY, &grouped(last));
        }
        let size = match population.candidates() {
            1 => "1 neuron".to_owned(),
            n => format!("{} neurons", grouped(n)),
        };
        self.text(LEFT - 16.0, middle + 16.0, "end", "11", GREY, &size);
    }

    fn marks(
        &mut self,
        population: &PopulationResult,
        shown: &[u32],
        color: &str,
        (top, height): (f64, f64),
        outcome: &Outcome,
    ) {
        let row = height / shown.len() as f64;
        let mark = (row * 0.85).clamp(1.6, 7.0);
        let mut path = String::new();
        let spikes = &population.spikes;
        for (&step, neuron) in spikes.step.iter().zip(&spikes.neuron) {
            let Ok(at) = shown.binary_search(neuron) else { continue };
            let x = self.time.x((step + 1) as f64 * outcome.dt);
            let y = top + height - (at as f64 + 0.5) * row - mark / 2.0;
            let _ = write!(path, "M{x:.1} {y:.1}v{mark:.1}");
        }
        if !path.is_empty() {
            let width = if shown.len() > 300 { 0.9 } else { 1.2 };
            self.put(format_args!("<path d=\"{path}\" stroke=\"{color}\" stroke-width=\"{width}\" fill=\"none\"/>"));
        }
    }

    /// Spikes per neuron and second in bins of a round width; says which.
    fn rates(&mut self, outcome: &Outcome, top: f64) -> String {
        let steps = outcome.steps.max(1);
        let bin =
            ((nice_step(outcome.simulated_ms().max(outcome.dt) / 200.0) / outcome.dt).round() as u64).clamp(1, steps);
        let bins = usize::try_from(steps / bin).unwrap_or(0).max(1);
        let rates: Vec<Vec<f64>> = outcome.populations.iter().map(|p| binned(p, bin, bins, outcome.dt)).collect();
        let rates_are_few = rates.len() <= 3; // more areas would only be mud
        let peak = rates.iter().flatten().copied().fold(0.0, f64::max);
        let scale = Scale::new((0.0, if peak > 0.0 { peak * 1.06 } else { 1.0 }), (top, RATES), 4);
        self.panel(&scale, "firing rate (Hz)", "");
        for (i, rates) in rates.iter().enumerate() {
            let color = COLORS[i % COLORS.len()];
            let mut path = format!("M{LEFT:.1} {:.1}", scale.y(0.0));
            for (k, rate) in rates.iter().enumerate() {
                let y = scale.y(*rate);
                let from = self.time.x((k as u64 * bin) as f64 * outcome.dt);
                let to = self.time.x(((k + 1) as u64 * bin) as f64 * outcome.dt);
                let _ = write!(path, "L{from:.1} {y:.1}H{to:.1}");
            }
            let area = format!("{path}V{:.1}Z", scale.y(0.0));
            let line = path.replacen(&format!("M{LEFT:.1} {:.1}L", scale.y(0.0)), "M", 1);
            if rates_are_few {
                self.put(format_args!("<path d=\"{area}\" fill=\"{color}\" fill-opacity=\"0.10\"/>"));
            }
            self.put(format_args!("<path d=\"{line}\" stroke=\"{color}\" stroke-width=\"1.3\" fill=\"none\"/>"));
        }
        format!("rates in bins of {} ms", trimmed(bin as f64 * outcome.dt))
    }

    /// Lines of the first elements of a recorded state; says how many there are if not all.
    fn trace(&mut self, trace: &Trace, outcome: &Outcome, top: f64) -> Option<String> {
        let scale = Scale::over(trace.values.iter().copied(), 0.06, (top, TRACE), 4);
        let unit = if trace.unit == "1" { String::new() } else { format!(" ({})", trace.unit) };
        let lines = trace.elements.min(LINES);
        let elements = match lines {
            _ if trace.single => String::new(),
            1 => format!("[{}]", trace.first),
            2 => format!("[{}] in front of [{}]", trace.first, trace.first + 1),
            n => format!("[{}] in front of [{}] to [{}]", trace.first, trace.first + 1, trace.first + n as u64 - 1),
        };
        self.panel(&scale, &format!("{}{unit}", trace.state), &elements);
        let owner = trace.owner();
        let color = outcome.populations.iter().position(|p| p.name == owner).map_or(INK, |i| COLORS[i % COLORS.len()]);
        let stride = trace.samples().div_ceil(POINTS).max(1);
        for element in (0..lines).rev() {
            let mut path = String::new();
            for (k, time) in trace.times_ms(outcome.dt).enumerate().step_by(stride) {
                let value = trace.values[k * trace.elements + element];
                let verb = if path.is_empty() { 'M' } else { 'L' };
                if value.is_finite() {
                    let _ = write!(path, "{verb}{:.1} {:.1}", self.time.x(time), scale.y(value));
                }
            }
            let (opacity, width) = if element == 0 { (1.0, 1.3) } else { (0.40 - 0.08 * element as f64, 1.0) };
            self.put(format_args!(
                "<path d=\"{path}\" stroke=\"{color}\" stroke-opacity=\"{opacity:.2}\" stroke-width=\"{width}\" \
                 stroke-linejoin=\"round\" fill=\"none\"/>"
            ));
        }
        (trace.elements > lines)
            .then(|| format!("{lines} of {} elements of {}", grouped(trace.elements as u64), trace.name))
    }

    /// Grid, numbers and title of a panel.
    fn panel(&mut self, scale: &Scale, title: &str, aside: &str) {
        self.time_grid(scale.top, scale.height);
        for value in scale.ticks.values.clone() {
            let y = scale.y(value);
            self.line((LEFT, y), (LEFT + PANEL, y), GRID);
            let label = scale.ticks.label(value);
            self.text(LEFT - 10.0, y + 4.0, "end", "12", GREY, &label);
        }
        self.text(LEFT, scale.top - 10.0, "start", "13 600", INK, title);
        if !aside.is_empty() {
            self.text(LEFT + PANEL, scale.top - 10.0, "end", "11", GREY, aside);
        }
    }
}

/// Heights of the bands: the square roots of the sizes share the panel, but none is too thin to see.
fn band_heights(populations: &[PopulationResult]) -> Vec<f64> {
    let gaps = BAND_GAP * populations.len().saturating_sub(1) as f64;
    let room = (RASTER - gaps).max(populations.len() as f64 * 2.0);
    let least = (room / populations.len().max(1) as f64).min(36.0);
    let roots: Vec<f64> = populations.iter().map(|p| (p.size as f64).sqrt()).collect();
    let total: f64 = roots.iter().sum();
    let free = room - least * populations.len() as f64;
    roots.iter().map(|root| least + free * root / total).collect()
}

/// Rates in Hz in each bin.
fn binned(population: &PopulationResult, bin: u64, bins: usize, dt: f64) -> Vec<f64> {
    let mut rates = vec![0.0; bins];
    let one = 1e3 / (population.size as f64 * bin as f64 * dt);
    for step in &population.spikes.step {
        if let Some(rate) = rates.get_mut((step / bin) as usize) {
            *rate += one;
        }
    }
    rates
}

/// At most that many characters.
fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    name.chars().take(most - 1).chain(['…']).collect()
}

/// A number without needless digits.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Lines of at most that many characters, broken at spaces.
fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Spikes;
    use std::time::Duration;

    fn outcome(neurons: u64, steps: u64, traces: Vec<Trace>) -> Outcome {
        let mut spikes = Spikes::default();
        for step in 0..steps {
            for k in 0..neurons / 20 {
                spikes.extend(&[(step, ((step * 7919 + k * 104_729) % neurons) as u32)]);
            }
        }
        let population = PopulationResult {
            name: "E<&>".into(),
            size: neurons,
            is_event: false,
            count: spikes.step.len() as u64,
            spikes,
            recorded: vec![],
        };
        Outcome {
            network: "Net".into(),
            steps,
            steps_asked: steps,
            dt: 0.1,
            seed: 1,
            synapses: 0,
            populations: vec![population],
            traces,
            connections: vec![],
            measured: vec![],
            spike_hash: [0; 16],
            init: Duration::ZERO,
            run: Duration::ZERO,
            failure: None,
            interrupted: false,
        }
    }

    #[test]
    fn shown_neurons_are_spread() {
        assert_eq!(shown_neurons(3, 10), [0, 1, 2]);
        assert_eq!(shown_neurons(10, 2), [2, 7]);
        assert_eq!(shown_neurons(1, 0), [0]);
        let many = shown_neurons(4_000_000_000, 1000);
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn large_runs_are_thinned_and_say_so() {
        let svg = draw(&outcome(4000, 2000, vec![]));
        let marks = svg.matches('v').count();
        assert!((2_000..30_000).contains(&marks), "{marks}");
        assert!(svg.contains("of 4,000 neurons of E&lt;&amp;&gt;"), "names are escaped");
    }

    #[test]
    fn odd_runs_still_give_a_picture() {
        let trace = |values: Vec<f64>| Trace {
            name: "E.V".into(),
            state: "E.V".into(),
            first: 0,
            elements: 1,
            single: false,
            every: 1,
            unit: "mV".into(),
            values,
        };
        let odd = [
            outcome(1, 0, vec![]),
            outcome(20, 1, vec![]),
            outcome(20, 3, vec![trace(vec![f64::NAN; 3])]),
            outcome(20, 3, vec![trace(vec![-60.0; 3])]),
            outcome(20, 3, vec![trace(vec![f64::INFINITY, 1.0, 2.0])]),
        ];
        for outcome in odd {
            let svg = draw(&outcome);
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            assert!(pixels(&svg).is_ok());
        }
    }
}
