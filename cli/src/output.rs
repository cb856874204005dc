//! Files that `bpc` writes: each appears whole under its name, or not at all; of those that belong together, none is
//! replaced before all are written.

use crate::failure::Failure;
use crate::simulate::Outcome;
use npyz::WriterBuilder;
use npyz::npz::NpzWriter;
use npyz::zip::{CompressionMethod, DateTime, write::FileOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Makes a folder, with the folders above it; one that exists is fine.
///
/// # Errors
/// If it cannot be made, or is something else than a folder.
pub fn make_folder(folder: &Path) -> Result<(), Failure> {
    if folder.exists() && !folder.is_dir() {
        return Err(Failure::usage(format!("`{}` is not a folder", folder.display())));
    }
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::run(format!("cannot make the folder `{}`: {error}", folder.display())))
}

/// Folders made for results. Those that are still empty at the end go again: a run that fails leaves nothing.
#[derive(Debug)]
pub struct NewFolder {
    made: Vec<PathBuf>,
}

impl NewFolder {
    /// As [`make_folder`].
    ///
    /// # Errors
    /// As there.
    pub fn make(folder: &Path) -> Result<NewFolder, Failure> {
        let missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let made = folder.ancestors().filter(missing).map(Path::to_path_buf).collect();
        // Before anything is made, so that what was made is undone if the rest cannot be.
        let new = NewFolder { made };
        make_folder(folder)?;
        Ok(new)
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        for folder in &self.made {
            // Fails where there is something in it, and is meant to.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Writes a file: first beside it under another name, then renamed.
///
/// # Errors
/// If it cannot be written; then what was there before is untouched.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut batch = Batch::default();
    batch.add(path, bytes)?;
    batch.commit()
}

/// Files that belong together. All of them are written beside their places before the first of them is moved there, so that
/// whatever fails while they are written leaves what was there before.
#[derive(Debug, Default)]
pub struct Batch {
    steps: Vec<Step>,
}

/// What is left to do for one file.
#[derive(Debug)]
enum Step {
    /// Moved into its place.
    Move(NamedTempFile, PathBuf),
    /// Copied into a pipe or a device (`--plot /dev/stdout`), which cannot be replaced.
    Copy(NamedTempFile, PathBuf),
    /// A file of an earlier run, which has no successor.
    Remove(PathBuf),
}

impl Batch {
    /// Writes one more file beside its place.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        self.add_with(path, |file| file.write_all(bytes))
    }

    fn add_with(
        &mut self,
        path: &Path,
        fill: impl FnOnce(&mut BufWriter<&mut NamedTempFile>) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        let cannot = |error: std::io::Error| Failure::write(path, &error);
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        if path.is_dir() {
            return Err(Failure::run(format!("cannot write `{}`: it is a folder", path.display())));
        }
        if !folder.is_dir() {
            return Err(Failure::run(format!(
                "cannot write `{}`: there is no folder `{}`",
                path.display(),
                folder.display()
            )));
        }
        let replaced = !path.exists() || path.is_file();
        let file =
            if replaced { tempfile::Builder::new().prefix(".bpc-").tempfile_in(folder) } else { NamedTempFile::new() };
        let mut file = file.map_err(cannot)?;
        let mut buffer = BufWriter::new(&mut file);
        fill(&mut buffer).and_then(|()| buffer.flush()).map_err(cannot)?;
        drop(buffer);
        let path = path.to_path_buf();
        self.steps.push(if replaced { Step::Move(file, path) } else { Step::Copy(file, path) });
        Ok(())
    }

    /// Notes a file that goes, if it is there.
    fn remove(&mut self, path: &Path) {
        self.steps.push(Step::Remove(path.to_path_buf()));
    }

    /// Puts everything into its place, in the order in which it was added.
    ///
    /// # Errors
    /// If something cannot be moved; what comes before it in the order is in its place then.
    pub fn commit(self) -> Result<(), Failure> {
        for step in self.steps {
            step.take().map_err(|(path, error)| Failure::write(&path, &error))?;
        }
        Ok(())
    }
}

impl Step {
    fn take(self) -> Result<(), (PathBuf, std::io::Error)> {
        match self {
            Step::Move(file, path) => {
                let moved = readable_by_others(&file).and_then(|()| file.persist(&path).map_err(|e| e.error));
                moved.map(|_| ()).map_err(|error| (path, error))
            }
            Step::Copy(file, path) => {
                let copied = std::fs::read(file.path()).and_then(|bytes| std::fs::write(&path, bytes));
                copied.map_err(|error| (path, error))
            }
            Step::Remove(path) => match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err((path, error)),
                _ => Ok(()),
            },
        }
    }
}

/// A temporary file is private; a result has the rights of any new file.
fn readable_by_others(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // SAFETY: `umask` cannot fail; it is set back at once, before any other thread makes files.
    let mask = unsafe {
        let mask = libc::umask(0o022);
        libc::umask(mask);
        mask
    };
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o666 & !mask))
}

/// Writes `spikes.npz`, `traces.npz` and `run.json`, and `connections.npz` if values of single
/// synapses are recorded.
///
/// The results of an earlier run stay as they are until all of these are on the disk. While they are replaced, `run.json` says
/// that the results are not complete; the new one comes last.
///
/// # Errors
/// If a file cannot be written.
pub fn write_results(folder: &Path, outcome: &Outcome, record: &serde_json::Value) -> Result<(), Failure> {
    let place = |name: &str| folder.join(name);
    let text = |value: &serde_json::Value| format!("{value:#}\n").into_bytes();
    let meanwhile = serde_json::json!({
        "bpc": env!("CARGO_PKG_VERSION"),
        "complete": false,
        "failure": "bpc ended while it replaced the results of an earlier run: these files are of both",
    });
    let mut batch = Batch::default();
    batch.add(&place("run.json"), &text(&meanwhile))?;
    batch.add_with(&place("spikes.npz"), |file| write_spikes(file, outcome))?;
    batch.add_with(&place("traces.npz"), |file| write_traces(file, outcome))?;
    let connections = place("connections.npz");
    if outcome.connections.is_empty() {
        batch.remove(&connections);
    } else {
        batch.add_with(&connections, |file| write_connections(file, outcome))?;
    }
    batch.add(&place("run.json"), &text(record))?;
    batch.commit()
}

/// An uncompressed entry; the same spikes give the same bytes, whenever they are written.
fn entry(bytes: usize) -> FileOptions {
    FileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .large_file(bytes > 1 << 30)
}

fn write_array<T, W>(
    npz: &mut NpzWriter<W>,
    name: &str,
    shape: &[u64],
    values: impl ExactSizeIterator<Item = T>,
) -> std::io::Result<()>
where
    T: npyz::AutoSerialize,
    W: Write + std::io::Seek,
{
    let options = entry(values.len() * size_of::<T>());
    let mut array = npz.array::<T>(name, options)?.default_dtype().shape(shape).begin_nd()?;
    array.extend(values)?;
    array.finish()
}

/// The zip format needs to go back in the file.
fn zipped(
    file: &mut impl Write,
    fill: impl FnOnce(&mut NpzWriter<BufWriter<std::fs::File>>) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut scratch = tempfile::tempfile()?;
    let mut npz = NpzWriter::new(BufWriter::new(scratch.try_clone()?));
    fill(&mut npz)?;
    npz.zip_writer().finish()?.flush()?;
    std::io::Seek::rewind(&mut scratch)?;
    std::io::copy(&mut scratch, file)?;
    Ok(())
}

fn write_spikes(file: &mut impl Write, outcome: &Outcome) -> std::io::Result<()> {
    let nothing_asked = outcome.populations.iter().all(|p| p.recorded.is_empty()) && outcome.traces.is_empty();
    zipped(file, |npz| {
        for population in outcome.populations.iter().filter(|p| !p.recorded.is_empty() || nothing_asked) {
            let (spikes, name) = (population.recorded_spikes(), &population.name);
            let shape = [spikes.step.len() as u64];
            write_array(npz, &format!("{name}_step"), &shape, spikes.step.iter().copied())?;
            // A spike of step k is detected at the end of the step.
            let times = spikes.step.iter().map(|&k| (k + 1) as f64 * outcome.dt);
            write_array(npz, &format!("{name}_time_ms"), &shape, times)?;
            write_array(npz, &format!("{name}_neuron"), &shape, spikes.neuron.iter().copied())?;
        }
        Ok(())
    })
}

/// The names of arrays: `E.V`, or `E.V[0..4]` if a state is recorded more than once.
pub fn trace_names(outcome: &Outcome) -> Vec<String> {
    let states: Vec<&str> = outcome.traces.iter().map(|t| t.state.as_str()).collect();
    let once = |state: &str| states.iter().filter(|s| **s == state).count() == 1;
    outcome.traces.iter().map(|t| if once(&t.state) { t.state.clone() } else { t.name.clone() }).collect()
}

fn write_traces(file: &mut impl Write, outcome: &Outcome) -> std::io::Result<()> {
    zipped(file, |npz| {
        for (trace, name) in outcome.traces.iter().zip(trace_names(outcome)) {
            // Of no synapses there are no values, at as many times as of some.
            let samples = match trace.elements {
                0 => usize::try_from(outcome.steps / trace.every).unwrap_or(0),
                _ => trace.samples(),
            };
            let values = trace.values[..samples * trace.elements].iter().copied();
            write_array(npz, &name, &[samples as u64, trace.elements as u64], values)?;
            let times: Vec<f64> = (1..=samples).map(|k| (k as u64 * trace.every) as f64 * outcome.dt).collect();
            write_array(npz, &format!("{name}_time_ms"), &[samples as u64], times.into_iter())?;
        }
        Ok(())
    })
}

/// The synapses that columns of traces belong to.
fn write_connections(file: &mut impl Write, outcome: &Outcome) -> std::io::Result<()> {
    zipped(file, |npz| {
        for (name, synapses) in &outcome.connections {
            let shape = [synapses.targets.len() as u64];
            write_array(npz, &format!("{name}_source"), &shape, synapses.sources.iter().copied())?;
            write_array(npz, &format!("{name}_target"), &shape, synapses.targets.iter().copied())?;
            write_array(npz, &format!("{name}_delay_steps"), &shape, synapses.delays.iter().copied())?;
            let delays = synapses.delays.iter().map(|&steps| f64::from(steps) * outcome.dt);
            write_array(npz, &format!("{name}_delay_ms"), &shape, delays)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_appear_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x");
        write_file(&path, b"before").expect("written");
        let broken = Batch::default().add_with(&path, |_| Err(std::io::Error::other("disk full")));
        assert!(broken.expect_err("fails").message.contains("disk full"));
        assert_eq!(std::fs::read(&path).expect("still there"), b"before");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left behind");
        assert!(make_folder(&path).is_err());
        assert!(write_file(folder.path(), b"").is_err());
    }

    #[test]
    fn of_several_files_none_is_replaced_before_all_are_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let [first, second] = ["a", "b"].map(|name| folder.path().join(name));
        write_file(&first, b"before").expect("written");
        let mut batch = Batch::default();
        batch.add(&first, b"after").expect("written beside it");
        let broken = batch.add_with(&second, |_| Err(std::io::Error::other("disk full")));
        assert!(broken.is_err());
        drop(batch);
        assert_eq!(std::fs::read(&first).expect("still there"), b"before");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left behind");
    }

    #[test]
    fn empty_folders_go_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("a/b");
        drop(NewFolder::make(&deep).expect("made"));
        assert!(folder.path().exists() && !folder.path().join("a").exists());
        let new = NewFolder::make(&deep).expect("made");
        write_file(&deep.join("x"), b"").expect("written");
        drop(new);
        assert!(deep.join("x").exists());
        let there = folder.path().join("there");
        make_folder(&there).expect("made");
        drop(NewFolder::make(&there).expect("is there"));
        assert!(there.exists(), "what was there before stays");
    }

    /// Results that cannot be put into their places leave no mixture that says of itself that it is complete.
    #[test]
    fn results_in_between_are_marked() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let read = |name: &str| std::fs::read(path(name)).expect("a file");
        let complete = || {
            let text = String::from_utf8(read("run.json")).expect("text");
            serde_json::from_str::<serde_json::Value>(&text).expect("JSON")["complete"].clone()
        };
        let record = serde_json::json!({ "complete": true });
        write_results(folder.path(), &outcome(), &record).expect("written");
        assert_eq!(complete(), true);
        let before = read("spikes.npz");
        // Another run, whose second file cannot be written: all is as before.
        let population = crate::simulate::PopulationResult {
            name: "E".into(),
            size: 1,
            is_event: false,
            count: 1,
            spikes: crate::statistics::Spikes { step: vec![0], neuron: vec![0] },
            recorded: vec![],
        };
        let other = Outcome { populations: vec![population], connections: vec![], ..outcome() };
        std::fs::remove_file(path("traces.npz")).expect("removed");
        std::fs::create_dir(path("traces.npz")).expect("a folder in its place");
        assert!(write_results(folder.path(), &other, &record).is_err());
        assert!(read("spikes.npz") == before && complete() == true && path("connections.npz").exists());
        // A file that cannot be put into its place although it could be written: the set is marked.
        std::fs::remove_dir(path("traces.npz")).expect("removed");
        std::fs::remove_file(path("connections.npz")).expect("removed");
        std::fs::create_dir(path("connections.npz")).expect("a folder in its place");
        assert!(write_results(folder.path(), &other, &record).is_err());
        assert!(read("spikes.npz") != before && complete() == false);
        // And what an earlier run has left goes.
        std::fs::remove_dir(path("connections.npz")).expect("removed");
        write_results(folder.path(), &outcome(), &record).expect("written");
        write_results(folder.path(), &other, &record).expect("written");
        assert!(!path("connections.npz").exists() && complete() == true);
    }

    /// A run of which synapses are recorded.
    fn outcome() -> Outcome {
        let synapses = bpc_core::execute::Synapses { sources: vec![0, 3], targets: vec![7, 1], delays: vec![2, 15] };
        Outcome {
            network: "Net".into(),
            steps: 1,
            steps_asked: 1,
            dt: 0.5,
            seed: 1,
            synapses: 2,
            populations: vec![],
            traces: vec![],
            measured: vec![],
            connections: vec![("stdp".into(), synapses)],
            spike_hash: [0; 16],
            init: std::time::Duration::ZERO,
            run: std::time::Duration::ZERO,
            failure: None,
            interrupted: false,
        }
    }

    #[test]
    fn connections_open_in_numpy() {
        let outcome = outcome();
        let folder = tempfile::tempdir().expect("a folder");
        write_results(folder.path(), &outcome, &serde_json::Value::Null).expect("written");
        let mut file = npyz::npz::NpzArchive::open(folder.path().join("connections.npz")).expect("a zip file");
        for (name, values) in [("source", [0, 3]), ("target", [7, 1]), ("delay_steps", [2, 15])] {
            let array = file.by_name(&format!("stdp_{name}")).expect("a zip file").expect("an array");
            assert_eq!(array.into_vec::<u32>().expect("numbers"), values, "{name}");
        }
        let delays = file.by_name("stdp_delay_ms").expect("a zip file").expect("an array");
        assert_eq!(delays.into_vec::<f64>().expect("numbers"), [1.0, 7.5]);
        let nothing = Outcome { connections: vec![], ..outcome };
        let folder = tempfile::tempdir().expect("a folder");
        write_results(folder.path(), &nothing, &serde_json::Value::Null).expect("written");
        assert!(!folder.path().join("connections.npz").exists());
    }
}
