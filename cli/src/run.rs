//! `bpc run`: compile, simulate, show.

use crate::backend::{self, PrecisionArg, stage};
use crate::console::{self, BOLD, DIM, GREEN, RED, RESET, grouped, seconds};
use crate::failure::{Exit, Failure};
use crate::frontend::{Checked, ModelArguments, Request};
use crate::provenance::{Hashed, sha256};
use crate::simulate::{Keep, Manner, Outcome, simulate};
use crate::{early, memory, output, plot, raster, statistics};
use bpc_core::execute::Session;
use bpc_core::{CompileOptions, Compiled};
use bpc_sema::model::Model;
use bpc_syntax::source::SourceMap;
use clap::Args;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// See [`execute`].
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  bpc run net.bp
  bpc run net.bp --set n=40000 --set E.tau=25ms --duration 2s
  bpc run net.bp --out results --plot raster.svg
  bpc run net.bp --json --quiet | jq .rate_hz
  bpc run net.bp --emit llvm                a stage of the compilation, without running")]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// The seed of every random number
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How long to simulate, such as 500ms
    #[arg(long, value_name = "TIME")]
    duration: Option<String>,
    /// The step, such as 0.05ms
    #[arg(long, value_name = "TIME")]
    dt: Option<String>,
    /// How many threads; the spikes are the same for any number
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: u32,
    /// Width of real numbers
    #[arg(long, value_name = "TYPE", default_value = "f64")]
    precision: PrecisionArg,
    /// The processor to compile for, such as x86-64-v3 [default: this machine's]
    #[arg(long, value_name = "NAME")]
    cpu: Option<String>,
    /// Writes spikes.npz, traces.npz and run.json into a folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Prints one JSON object instead of tables
    #[arg(long)]
    json: bool,
    /// Draws a raster, rates and traces; may be given more than once
    #[arg(long, value_name = "FILE.svg|.png", value_parser = picture_path)]
    plot: Vec<PathBuf>,
    /// Prints a stage of the compilation and does not run
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    emit: Option<String>,
    /// Prints no tables, no raster and no progress
    #[arg(short, long)]
    quiet: bool,
    /// Says how long each phase of the compilation took
    #[arg(long)]
    time_phases: bool,
}

fn picture_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    plot::Format::of(&path).map(|_| path)
}

/// How long it took to get from the text to code.
struct Build {
    compiled: Compiled,
    session: Session,
    time: Duration,
    phases: Vec<(String, Duration)>,
}

/// Compiles a model, simulates it and shows what came out.
///
/// # Errors
/// Exit 1 for mistakes in the model, 3 if the run fails, 130 after Ctrl-C.
pub fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let input = arguments.model.input()?;
    let begin = Instant::now();
    let request = Request {
        seed: arguments.seed,
        duration: arguments.duration.clone(),
        dt: arguments.dt.clone(),
        ..arguments.model.request()
    };
    let mut checked = Checked::of(&input, &request);
    let data = std::mem::take(&mut checked.data);
    let (model, sources) = checked.into_model()?;
    let front = begin.elapsed();
    let options = CompileOptions {
        precision: arguments.precision.into(),
        cpu: arguments.cpu.clone(),
        keep: arguments.emit.iter().cloned().collect(),
    };
    let _made = arguments.out.as_deref().map(output::NewFolder::make).transpose()?;
    let compiled = backend::compile(&model, &sources, &options)?;
    if let Some(stage) = &arguments.emit {
        let text = compiled.stages.iter().find(|(name, _)| name == stage).map(|(_, text)| text);
        let text = text.ok_or_else(|| Failure::internal(format!("the compiler kept no stage `{stage}`")))?;
        return console::print(text);
    }
    memory::check(&compiled.memory, model.neurons())?;
    let link = Instant::now();
    let session = Session::just_in_time(&compiled).map_err(Failure::internal)?;
    let mut phases = vec![("check".to_owned(), front)];
    phases.extend(compiled.timings.iter().cloned());
    phases.push(("link".to_owned(), link.elapsed()));
    let build = Build { compiled, session, time: begin.elapsed(), phases };
    if arguments.time_phases {
        show_phases(&build);
    }

    let shows_raster = !arguments.quiet && !arguments.json;
    let keep = if shows_raster || arguments.out.is_some() || !arguments.plot.is_empty() {
        Keep::Everything
    } else {
        Keep::Nothing
    };
    let manner = Manner { threads: arguments.threads, keep, progress: !arguments.quiet };
    let outcome =
        simulate(&build.session, &model, manner).map_err(|failure| early::explained(failure, &model, &sources))?;

    let summary = summary(arguments, &outcome, &build);
    if let Some(folder) = &arguments.out {
        output::write_results(folder, &outcome, &record(arguments, (&sources, &data), &outcome, &build, &summary))?;
    }
    plot::write(&arguments.plot, &outcome)?;
    if let Some(text) = &outcome.failure {
        return Err(early::explained(Failure::run(text), &model, &sources));
    }
    if arguments.json {
        console::print(&format!("{}\n", Value::Object(summary)))?;
    } else if !arguments.quiet {
        console::print(&report(&model, &outcome, &build))?;
    }
    if outcome.interrupted {
        console::note(&format!(
            "interrupted after {} of {} steps\n",
            grouped(outcome.steps),
            grouped(outcome.steps_asked)
        ));
        return Err(Failure::told(Exit::Interrupted));
    }
    Ok(())
}

fn show_phases(build: &Build) {
    let width = build.phases.iter().map(|p| p.0.len()).max().unwrap_or(0).max("total".len());
    let mut lines = String::new();
    for (name, time) in &build.phases {
        lines.push_str(&format!("{name:width$}  {:>9}\n", seconds(time.as_secs_f64())));
    }
    console::note(&format!("{lines}{:width$}  {:>9}\n", "total", seconds(build.time.as_secs_f64())));
}

/// What `--json` prints.
fn summary(arguments: &Arguments, outcome: &Outcome, build: &Build) -> Map<String, Value> {
    let by_population = |value: &dyn Fn(usize) -> Value| -> Value {
        outcome.populations.iter().enumerate().map(|(i, p)| (p.name.clone(), value(i))).collect::<Map<_, _>>().into()
    };
    let Value::Object(summary) = json!({
        "network": outcome.network,
        "n_neurons": outcome.neurons(),
        "n_synapses": outcome.synapses,
        "steps": outcome.steps,
        "dt_ms": outcome.dt,
        "threads": arguments.threads,
        "precision": arguments.precision.name(),
        "compile_s": build.time.as_secs_f64(),
        "init_s": outcome.init.as_secs_f64(),
        "run_s": outcome.run.as_secs_f64(),
        "realtime_factor": outcome.realtime_factor(),
        "spikes": by_population(&|i| outcome.populations[i].count.into()),
        "rate_hz": by_population(&|i| outcome.populations[i].rate_hz(outcome).into()),
        "peak_rss_mb": memory::peak_rss_mb(),
        "spike_hash": outcome.hash_text(),
    }) else {
        unreachable!("an object was written above")
    };
    summary
}

/// What `run.json` holds: enough to make the same run again, and what came out.
fn record(
    arguments: &Arguments,
    (sources, data): (&SourceMap, &[Hashed]),
    outcome: &Outcome,
    build: &Build,
    summary: &Map<String, Value>,
) -> Value {
    let named = |name: &str, hash: &str| json!({ "name": name, "sha256": hash });
    let files: Vec<Value> = sources
        .iter()
        .filter(|(_, f)| !f.name.starts_with("--"))
        .map(|(_, file)| named(&file.name, &sha256(file.text.as_bytes())))
        .collect();
    let data: Vec<Value> = data.iter().map(|file| named(&file.name, &file.sha256)).collect();
    let set: Map<String, Value> =
        arguments.model.set.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let phases: Map<String, Value> = build.phases.iter().map(|(n, t)| (n.clone(), json!(t.as_secs_f64()))).collect();
    json!({
        "bpc": env!("CARGO_PKG_VERSION"),
        "source": files.first(),
        "files": files,
        "data": data,
        "flags": std::env::args().skip(1).collect::<Vec<_>>(),
        "set": set,
        "seed": outcome.seed,
        "steps_asked": outcome.steps_asked,
        "complete": outcome.steps == outcome.steps_asked && outcome.failure.is_none(),
        "failure": outcome.failure,
        "machine": {
            "cpu": cpu_name(),
            "compiled_for": arguments.cpu.as_deref().unwrap_or("native"),
            "os": std::env::consts::OS,
            "arch": std::env::consts::ARCH,
        },
        "phases_s": phases,
        "memory_estimate_bytes": build.compiled.memory.total(),
        "results": summary,
    })
}

fn cpu_name() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split_once(':')).map_or_else(|| "unknown".into(), |(_, name)| name.trim().to_owned())
}

/// The tables and the raster at the end of a run.
fn report(model: &Model, outcome: &Outcome, build: &Build) -> String {
    let mut text = format!(
        "{BOLD}{}{RESET}  {} neurons, {} synapses, {} steps of {} ms\n\n",
        outcome.network,
        grouped(outcome.neurons()),
        grouped(outcome.synapses),
        grouped(outcome.steps),
        outcome.dt
    );
    let rows: Vec<[String; 4]> = outcome
        .populations
        .iter()
        .map(|p| [p.name.clone(), grouped(p.size), grouped(p.count), format!("{:.2}", p.rate_hz(outcome))])
        .collect();
    text.push_str(&table(["population", "neurons", "spikes", "rate (Hz)"], &rows));
    text.push_str(&format!(
        "\n{DIM}compile{RESET} {}   {DIM}build{RESET} {}   {DIM}run{RESET} {}   {DIM}={RESET} {:.2} x real time\n",
        seconds(build.time.as_secs_f64()),
        seconds(outcome.init.as_secs_f64()),
        seconds(outcome.run.as_secs_f64()),
        outcome.realtime_factor()
    ));
    let expectations = outcome.expectations(model);
    if !expectations.is_empty() && !outcome.interrupted {
        text.push('\n');
    }
    for (expectation, value, holds) in expectations.iter().filter(|_| !outcome.interrupted) {
        let (color, mark) = if *holds { (GREEN, "ok  ") } else { (RED, "FAIL") };
        let shown = statistics::shown(&expectation.measured, *value);
        text.push_str(&format!("{color}{mark}{RESET}  {}   {DIM}measured{RESET} {shown}\n", expectation.text));
    }
    if outcome.populations.iter().any(|p| p.count > 0) {
        text.push('\n');
        text.push_str(&raster::draw(outcome, console::width()));
    }
    text
}

/// Columns: the first to the left, the others to the right.
fn table(head: [&str; 4], rows: &[[String; 4]]) -> String {
    let width = |c: usize| rows.iter().map(|r| r[c].chars().count()).chain([head[c].len()]).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3)];
    let line = |cells: [&str; 4]| {
        format!("{:<3$}  {:>4$}  {:>5$}", cells[0], cells[1], cells[2], widths[0], widths[1], widths[2])
            + &format!("  {:>1$}\n", cells[3], widths[3])
    };
    let mut text = format!("{DIM}{}{RESET}\n", line(head).trim_end());
    for row in rows {
        text.push_str(&line([&row[0], &row[1], &row[2], &row[3]]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_have_a_known_ending() {
        assert!(picture_path("a/b.svg").is_ok());
        assert!(picture_path("b.PNG").is_ok());
        assert!(picture_path("b.pdf").is_err());
        assert!(picture_path("b").is_err());
    }
}
