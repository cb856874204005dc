//! Single synapses through the C interface of a compiled network.

use crate::bpc::{program, text};
use bpc_core::execute::{Session, Synapses};
use std::process::Command;

/// Every pair is connected; delays and weights are known functions of the pair.
const NETWORK: &str = "
use std::neurons::LIF
use std::receptors::Delta

network Pairs {
    population A[30] : LIF { tau = 20 ms, V_rest = 0 mV, V_th = 20 mV, V_reset = 10 mV, t_ref = 2 ms }
    population B[150] : LIF { tau = 20 ms, V_rest = 0 mV, V_th = 20 mV, V_reset = 10 mV, t_ref = 2 ms }
    project p: A -> B {
        connect all_to_all
        weight ~ (1 + i + 30 * j) * 1 mV
        delay ~ if j < 70 then 0.5 ms else 0.2 ms
        receptor Delta
    }
    project one: B -> A { connect all_to_all  weight 1 mV  receptor Delta }
}
simulate Pairs { dt 0.1 ms  duration 1 ms  seed 1  record A.spikes }
";

/// Sources, delays within a source, and targets within a delay ascend.
fn expected() -> Synapses {
    let mut synapses = Synapses::default();
    for source in 0..30 {
        for (target, delay) in (70..150).map(|j| (j, 2)).chain((0..70).map(|j| (j, 5))) {
            synapses.sources.push(source);
            synapses.targets.push(target);
            synapses.delays.push(delay);
        }
    }
    synapses
}

#[test]
fn synapses_have_one_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("pairs.bp");
    std::fs::write(&source, NETWORK).expect("written");
    for precision in ["f64", "f32"] {
        let mut command = Command::new(program());
        command.args(["compile", &text(&source), "--kind", "shared", "--precision", precision, "-o"]);
        let output = command.arg(folder.path()).output().expect("bpc starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let header = std::fs::read_to_string(folder.path().join("pairs.h")).expect("written");
        assert!(header.contains("p  A  B  p.weight (cannot be set)"), "{header}");
        assert!(header.contains("one  B  A  one for all"), "{header}");

        let library = folder.path().join(format!("libpairs_{precision}.so"));
        std::fs::rename(folder.path().join("libpairs.so"), &library).expect("there is one");
        let session = Session::open(&library, "pairs").expect("opens");
        for threads in 1..4 {
            let mut net = session.create(1, threads).expect("memory");
            let p = net.projection_handle("p").expect("there is p");
            let one = net.projection_handle("one").expect("there is one");
            assert_eq!(net.projection_handle("q"), None);
            assert_eq!((net.projection_synapse_count(p), net.projection_synapse_count(one)), (4500, 4500));
            let synapses = net.synapses(p).expect("there are some");
            assert_eq!(synapses, expected());

            assert!(net.is_of_synapses("p.weight") && !net.is_of_synapses("one.weight") && !net.is_of_synapses("B.V"));
            let weights = net.synapse_state("p.weight").expect("there are some");
            assert!(net.synapse_state("one.weight").is_err());
            let unit = weights[80];
            assert!(unit > 0.0 && (synapses.sources[80], synapses.targets[80]) == (0, 0));
            for (n, weight) in weights.iter().enumerate() {
                let expected = f64::from(1 + synapses.sources[n] + 30 * synapses.targets[n]) * unit;
                assert!((weight / expected - 1.0).abs() < 1e-6, "{n}");
            }
            let recorder = net.record("p.weight", 77, 83, 2).expect("can be recorded");
            net.step(5).expect("finite");
            assert_eq!(net.take_record(recorder).expect("recorded"), [&weights[77..83]; 2].concat());
            let error = net.set_synapse_state("p.weight", &weights).expect_err("not plastic");
            assert!(error.contains("no plasticity"), "{error}");
        }
    }
}
