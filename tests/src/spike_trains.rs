//! Networks for tests of synapses: neurons that fire at given times, and what became of a run.

use crate::bpc::{run_json, text};
use crate::statistics::array;
use std::path::Path;
use tempfile::TempDir;

/// A model that fires at these times (ms, ascending, multiples of the step), with further members.
/// A time is that of the end of the step, as everywhere.
pub fn train(name: &str, times: &[f64], members: &str) -> String {
    let mut next = "1e9 ms".to_owned();
    for (k, pair) in times.windows(2).enumerate().rev() {
        next = format!("if k < {k}.5 then {:?} ms else {next}", pair[1] - pair[0]);
    }
    format!(
        "neuron {name} {{\n    state left : ms = {:?} ms\n    state k : 1 = 0\n    left' = -1\n    {members}\n    \
         spike when left < dt / 2 {{ left = {next}  k += 1 }}\n}}\n",
        times[0]
    )
}

/// A finished run.
pub struct Run {
    folder: TempDir,
    dt: f64,
}

impl Run {
    /// Of a file's text, with a step in ms.
    #[track_caller]
    pub fn of(source: &str, dt: f64, options: &[&str]) -> Run {
        Run::beside(&[], source, dt, options)
    }

    /// The same, beside other files: their names and what is in them.
    #[track_caller]
    pub fn beside(files: &[(&str, &str)], source: &str, dt: f64, options: &[&str]) -> Run {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, contents) in files {
            std::fs::write(folder.path().join(name), contents).expect("written");
        }
        let file = folder.path().join("net.bp");
        std::fs::write(&file, source).expect("written");
        let (file, out, step) = (text(&file), text(folder.path()), format!("{dt} ms"));
        let mut args = vec!["run", &file, "--dt", &step, "--out", &out];
        args.extend(options);
        run_json(&args);
        Run { folder, dt }
    }

    /// The folder with what the run has written.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// All samples of a trace, one after another.
    pub fn values(&self, name: &str) -> Vec<f64> {
        array(&self.folder.path().join("traces.npz"), name)
    }

    /// Which neurons of a population fire, spike by spike.
    pub fn neurons(&self, population: &str) -> Vec<usize> {
        let neurons: Vec<u32> = array(&self.folder.path().join("spikes.npz"), &format!("{population}_neuron"));
        neurons.into_iter().map(|neuron| neuron as usize).collect()
    }

    /// Of a trace that is recorded in every step, the sample of the step that begins at a time: events of
    /// that time are in it.
    pub fn after(&self, values: &[f64], time: f64) -> f64 {
        values[self.steps(time)]
    }

    /// A time in steps.
    pub fn steps(&self, time: f64) -> usize {
        let steps = (time / self.dt).round();
        assert!((steps * self.dt - time).abs() < 1e-9, "{time} ms is between two steps");
        steps as usize
    }

    /// The times in ms at which a population's neurons fire, in order.
    pub fn spike_times(&self, population: &str) -> Vec<f64> {
        let steps: Vec<u64> = array(&self.folder.path().join("spikes.npz"), &format!("{population}_step"));
        steps.into_iter().map(|step| (step + 1) as f64 * self.dt).collect()
    }
}

/// A value that decays to 0 between events.
#[derive(Clone, Copy, Debug)]
pub struct Trace {
    tau: f64,
    at: f64,
    value: f64,
}

impl Trace {
    pub fn new(tau: f64) -> Trace {
        Trace { tau, at: 0.0, value: 0.0 }
    }

    /// The value at a time.
    pub fn value(&self, time: f64) -> f64 {
        self.value * ((self.at - time) / self.tau).exp()
    }

    pub fn add(&mut self, time: f64, amount: f64) {
        self.value = self.value(time) + amount;
        self.at = time;
    }
}

/// The spikes of both sides in order of time, a source's before a target's: time, whether of the target.
pub fn merged(source: &[f64], target: &[f64]) -> Vec<(f64, bool)> {
    let of = |times: &[f64], target| times.iter().map(move |&t| (t, target)).collect::<Vec<_>>();
    let mut all = [of(source, false), of(target, true)].concat();
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    all
}

/// A weight of 0.5 under a pair rule (potentiation 0.03, depression 0.02, both traces 20 ms, bounds 0 and 1) after each moment
/// before `end` at which spikes of either side are at the synapse.
pub fn paired_weights(source: &[f64], target: &[f64], end: f64) -> Vec<(f64, f64)> {
    let (mut x, mut y, mut w) = (Trace::new(20.0), Trace::new(20.0), 0.5_f64);
    let mut after: Vec<(f64, f64)> = Vec::new();
    for (t, of_target) in merged(source, target).into_iter().filter(|e| e.0 < end) {
        if of_target {
            w = (w + 0.03 * x.value(t)).clamp(0.0, 1.0);
            y.add(t, 1.0);
        } else {
            w = (w - 0.02 * y.value(t)).clamp(0.0, 1.0);
            x.add(t, 1.0);
        }
        // Of spikes that meet, the last one.
        after.pop_if(|last| t <= last.0);
        after.push((t, w));
    }
    after
}
