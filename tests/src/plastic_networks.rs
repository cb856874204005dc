//! Networks with everything that synapses can have: the same for any number of threads, in the process and as a
//! library; and what an application may not do to them.

use crate::bpc::{program, run_json, text};
use crate::statistics::array;
use bpc_core::execute::Session;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Delays and weights of each synapse, weights that change, short-term plasticity, sums in every step.
const NETWORK: &str = "
use std::neurons::LIF
use std::plasticity::{PairSTDP, TsodyksMarkram, DopamineSTDP}
use std::synapses::{Exponential, NMDA}
use std::receptors::{Current, GapJunction, Dopamine}
use std::neurons::DopamineLIF

network Plastic {
    population E[230] : DopamineLIF
    population S[70] : LIF
    init E.V, S.V ~ uniform(-65 mV, -50 mV)
    drive E.I = 17 mV
    drive S.I = 17 mV
    project exc: E -> E {
        connect fixed_probability(0.1, no_self)
        weight ~ uniform(0 mV, 1 mV)
        delay ~ min(0.5 ms + exponential(1 ms), 4 ms)
        plasticity PairSTDP { A_plus = 0.05, A_minus = 0.05, w_max = 1 mV }
        synapse Exponential
        receptor Current
    }
    project tag: S -> E {
        connect fixed_in_degree(7)
        weight 0.4 mV
        delay ~ 0.3 ms + min(exponential(1 ms), 3 ms)
        plasticity DopamineSTDP { A_plus = 0.1 mV, A_minus = 0.05 mV, w_max = 1 mV }
        synapse Exponential
        receptor Current
    }
    project tm: S -> E { connect fixed_out_degree(20)  weight 1 mV  delay 1.5 ms  plasticity TsodyksMarkram  \
     synapse Exponential  receptor Current }
    project reward: S -> E { connect fixed_probability(0.05)  weight 0.1  receptor Dopamine }
    project slow: E -> S { connect all_to_all  weight 0.02 mV  synapse NMDA  receptor Current }
    project gap: S -> S { connect all_to_all(no_self)  weight 0.001  receptor GapJunction }
    project back: S -> S { connect one_to_one  weight 0.1 mV  synapse Exponential  receptor Current }
}
simulate Plastic { dt 0.1 ms  duration 80 ms  seed 5  record exc.weight, tag.weight, tag.c every 80 ms  record E.spikes }
";

const VALUES: [&str; 3] = ["exc.weight", "tag.weight", "tag.c"];

fn written(folder: &Path) -> PathBuf {
    let file = folder.join("plastic.bp");
    std::fs::write(&file, NETWORK).expect("written");
    file
}

#[test]
fn threads_and_libraries_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path());
    let mut all = Vec::new();
    for threads in ["1", "2", "3"] {
        let out = folder.path().join(threads);
        let json = run_json(&["run", &text(&file), "--threads", threads, "--out", &text(&out)]);
        assert!(json["spikes"]["E"].as_u64() > Some(400), "{json}");
        let values = VALUES.map(|name| array::<f64>(&out.join("traces.npz"), name));
        all.push((json["spike_hash"].as_str().expect("a hash").to_owned(), values));
    }
    assert!(all[0] == all[1] && all[0] == all[2], "{:?}", all.iter().map(|one| &one.0).collect::<Vec<_>>());
    let weights = &all[0].1[0];
    assert!(weights.contains(&0.0) && weights.iter().any(|w| *w > 0.0), "both bounds and more are there");
    assert!(all[0].1[1].iter().any(|w| (w - 0.4).abs() > 1e-4), "dopamine changes weights");

    let mut command = Command::new(program());
    command.args(["compile", &text(&file), "--kind", "shared", "-o", &text(folder.path())]);
    let output = command.output().expect("bpc starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let session = Session::open(&folder.path().join("libplastic.so"), "plastic").expect("opens");
    for threads in 1..4 {
        let mut net = session.create(5, threads).expect("memory");
        net.step(800).expect("finite");
        let hash: String = net.spike_hash().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, all[0].0, "{threads} threads of the library");
        for (name, values) in VALUES.iter().zip(&all[0].1) {
            assert_eq!(net.synapse_state(name).as_ref(), Ok(values), "{name}, {threads} threads of the library");
        }
    }
}

/// A step that is not made by the neuron cannot change what its spikes change, so it is refused; elsewhere not.
#[test]
fn spikes_are_injected_only_where_they_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("inject.bp");
    std::fs::write(
        &file,
        "use std::neurons::LIF
use std::plasticity::{Depression, PairSTDP}
use std::receptors::{Delta, GapJunction}

network Inject {
    population Depressing[3] : LIF
    population Target[3] : LIF
    population Plain[3] : LIF
    project a: Depressing -> Target { connect one_to_one  weight 1 mV  plasticity Depression  receptor Delta }
    project b: Plain -> Target { connect one_to_one  weight 1 mV  receptor Delta }
    project c: Plain -> Target { connect one_to_one  weight 0.1  receptor GapJunction }
}
simulate Inject { dt 0.1 ms  duration 1 ms  seed 1 }
",
    )
    .expect("written");
    let mut command = Command::new(program());
    command.args(["compile", &text(&file), "--kind", "shared", "-o", &text(folder.path())]);
    let output = command.output().expect("bpc starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let session = Session::open(&folder.path().join("libinject.so"), "inject").expect("opens");
    let mut net = session.create(1, 2).expect("memory");
    let [depressing, target, plain] =
        ["Depressing", "Target", "Plain"].map(|name| net.population_handle(name).expect("it is there"));
    let error = net.inject_spikes(depressing, &[1]).expect_err("short-term plasticity");
    assert!(error.contains("no spikes can be injected into Depressing") && error.contains("set_input"), "{error}");
    assert_eq!(net.inject_spikes(depressing, &[]), Ok(()));
    assert_eq!((net.inject_spikes(target, &[0]), net.inject_spikes(plain, &[2])), (Ok(()), Ok(())));
    // The third neuron gets 1 mV, which decays; the coupling flows there too.
    let before = net.state("Target.V").expect("a state");
    net.step(1).expect("finite");
    let after = net.state("Target.V").expect("a state");
    assert_eq!(before, [-65.0; 3]);
    assert_eq!(after[..2], [-65.0; 2]);
    assert!((after[2] + 65.0 - f64::exp(-0.1 / 20.0)).abs() < 0.01, "{after:?}");
}

/// Single synapses of a network inside a network are recorded with their pairs.
#[test]
fn synapses_inside_networks_are_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("nested.bp");
    std::fs::write(
        &file,
        "use std::neurons::LIF
use std::plasticity::PairSTDP
use std::receptors::Delta

network Column {
    population E[3] : LIF
    project exc: E -> E { connect all_to_all(no_self)  weight 1 mV  plasticity PairSTDP { w_max = 2 mV }  receptor Delta }
}
network Net { instance a[k in 0..2] : Column  instance b : Column }
simulate Net { dt 0.1 ms  duration 1 ms  record b.exc.weight[1..4], a[1].exc.weight every 1 ms }
",
    )
    .expect("written");
    run_json(&["run", &text(&file), "--out", &text(folder.path())]);
    let traces = folder.path().join("traces.npz");
    assert_eq!(array::<f64>(&traces, "b.exc.weight"), [1.0; 3]);
    assert_eq!(array::<f64>(&traces, "a[1].exc.weight"), [1.0; 6]);
    let connections = folder.path().join("connections.npz");
    assert_eq!(array::<u32>(&connections, "a[1].exc_source"), [0, 0, 1, 1, 2, 2]);
    assert_eq!(array::<u32>(&connections, "b.exc_target"), [1, 2, 0, 2, 0, 1]);
}
