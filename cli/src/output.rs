//! Files that `bpc` writes: each appears whole under its name, or not at all.

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
    write_with(path, |file| file.write_all(bytes))
}

fn write_with(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&mut NamedTempFile>) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let cannot = |error: &std::io::Error| Failure::write(path, error);
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
    if path.exists() && !path.is_file() {
        // A pipe or a device (`--plot /dev/stdout`) cannot be replaced: write into it.
        let mut bytes = NamedTempFile::new().map_err(|e| cannot(&e))?;
        let mut buffer = BufWriter::new(&mut bytes);
        fill(&mut buffer).and_then(|()| buffer.flush()).map_err(|e| cannot(&e))?;
        drop(buffer);
        let text = std::fs::read(bytes.path()).map_err(|e| cannot(&e))?;
        return std::fs::write(path, text).map_err(|e| cannot(&e));
    }
    let mut file = tempfile::Builder::new().prefix(".bpc-").tempfile_in(folder).map_err(|e| cannot(&e))?;
    let mut buffer = BufWriter::new(&mut file);
    fill(&mut buffer).and_then(|()| buffer.flush()).map_err(|e| cannot(&e))?;
    drop(buffer);
    readable_by_others(&file).map_err(|e| cannot(&e))?;
    file.persist(path).map_err(|e| cannot(&e.error))?;
    Ok(())
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
/// # Errors
/// If a file cannot be written.
pub fn write_results(folder: &Path, outcome: &Outcome, record: &serde_json::Value) -> Result<(), Failure> {
    write_with(&folder.join("spikes.npz"), |file| write_spikes(file, outcome))?;
    write_with(&folder.join("traces.npz"), |file| write_traces(file, outcome))?;
    if !outcome.connections.is_empty() {
        write_with(&folder.join("connections.npz"), |file| write_connections(file, outcome))?;
    }
    write_file(&folder.join("run.json"), format!("{record:#}\n").as_bytes())
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
        let broken = write_with(&path, |_| Err(std::io::Error::other("disk full")));
        assert!(broken.expect_err("fails").message.contains("disk full"));
        assert_eq!(std::fs::read(&path).expect("still there"), b"before");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left behind");
        assert!(make_folder(&path).is_err());
        assert!(write_file(folder.path(), b"").is_err());
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

    #[test]
    fn connections_open_in_numpy() {
        let synapses = bpc_core::execute::Synapses { sources: vec![0, 3], targets: vec![7, 1], delays: vec![2, 15] };
        let outcome = Outcome {
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
        };
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
