//! Updates of very many operations, which are split.

use crate::bpc::bpc;
use crate::spike_trains::Run;

/// Two chains of compartments that do not meet, in one cell, are so long that the update is split; each does what it does in a
/// cell of its own, whose update is not, to the bit.
#[test]
fn pieces_of_an_update_change_no_bit() {
    let array = |name: &str, lengths: &str| {
        format!(
            "    compartment {name}[k in 0..24] {{
        input I : uA
        membrane V : mV = -65 mV {{ capacitance = 1 uF/cm^2  area = 1000 um^2 }}
        channel Na : INa_HH1952
        channel K : IK_HH1952
        channel L : IL {{ g_max = 0.3 mS/cm^2, E = -54.387 mV }}
    }}
    couple {name}[k] <-> {name}[k + 1] ({lengths}) for k in 0..23\n"
        )
    };
    let (a, b) = (array("a", "90 nS"), array("b", "30 nS + 1 nS * k"));
    let text = format!(
        "use std::channels::{{INa_HH1952, IK_HH1952, IL}}
cell Both {{\n{a}{b}    spike when a[3].V crosses 0 mV {{ }}\n}}
cell First {{\n{a}    spike when a[3].V crosses 0 mV {{ }}\n}}
cell Second {{\n{b}    spike when b[3].V crosses 100 mV {{ }}\n}}
network Net {{
    population P[3] : Both  population A[3] : First  population B[3] : Second
    drive P.a[0].I, P.b[0].I, A.a[0].I, B.b[0].I = if t < 1 ms then 2e-3 uA else 0 uA
}}
simulate Net {{ dt 0.025 ms  duration 5 ms
    record P.a[23].V, P.b[23].V, P.a[7].Na.m, A.a[23].V, B.b[23].V, A.a[7].Na.m  record P.spikes, A.spikes }}
"
    );
    for precision in ["f32", "f64"] {
        let run = Run::of(&text, 0.025, &["--precision", precision]);
        for (both, alone) in [("P.a[23].V", "A.a[23].V"), ("P.b[23].V", "B.b[23].V"), ("P.a[7].Na.m", "A.a[7].Na.m")] {
            let (both, alone) = (run.values(both), run.values(alone));
            let moved = alone.iter().copied().fold(f64::NEG_INFINITY, f64::max) - alone[0];
            assert!(moved > 0.1, "nothing happens: {moved}");
            assert_eq!(both, alone);
        }
        assert_eq!(run.spike_times("P"), run.spike_times("A"));
        assert!(!run.spike_times("P").is_empty());
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("net.bp");
    std::fs::write(&file, text).expect("written");
    let step = String::from_utf8(bpc(&["run", &crate::bpc::text(&file), "--emit", "step"]).stdout).expect("text");
    let updates = |population: &str| step.matches(&format!("dynamics.update @{population} ")).count();
    assert!(updates("P") > 8 && updates("A") == 1 && updates("B") == 1, "{} {}", updates("P"), updates("A"));
}
