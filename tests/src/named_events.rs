//! Named events of neurons (`event beat when …`) and projections that listen to them in place of spikes: every synapse
//! against a simulation, event by event, that is written out here.

use crate::bpc::{program, run_json, text};
use crate::spike_trains::{Run, paired_weights};
use crate::statistics::array;
use std::process::Command;

const DT: f64 = 0.1;
const END: f64 = 150.0;

/// Neurons that spike from `start` on in every `period`, and beat one step after every third spike.
const BEATS: &str = "use std::plasticity::PairSTDP
receptor Sum { post v : 1  on spike(w) { v += w } }
neuron Beats {
    param start : ms, period : ms
    state left : ms = start
    state count, v : 1 = 0
    left' = -1
    spike when left < dt / 2 { left += period  count += 1 }
    event beat when count > 2.5 { count = 0 }
}
";

/// Three sources and four targets with trains of their own, and four projections that listen to all pairs of spikes and events.
fn several() -> String {
    let listening =
        [("ss", ""), ("es", "event beat"), ("se", "post_event beat"), ("ee", "event beat  post_event beat")];
    let project = |(name, clauses): (&str, &str)| {
        format!(
            "    project {name}: A -> B {{
        connect all_to_all
        weight 0.5
        delay ~ 0.4 ms + 0.3 ms * j
        post_delay 1.7 ms
        {clauses}
        plasticity PairSTDP {{ A_plus = 0.03, A_minus = 0.02, w_max = 1, tau_plus = tau, tau_minus = tau }}
        receptor Sum
    }}
"
        )
    };
    let projections: String = listening.into_iter().map(project).collect();
    format!(
        "{BEATS}network Net(tau = 20 ms) {{
    population A[3] : Beats {{ start = 4 ms + 1.5 ms * i, period = 5 ms + 2 ms * i }}
    population B[4] : Beats {{ start = 6 ms + 0.7 ms * i, period = 8 ms - 1 ms * i }}
{projections}}}
simulate Net {{ dt 0.1 ms  duration {END:?} ms  record ss.weight, es.weight, se.weight, ee.weight, A.beat, B.beat, A.spikes }}
"
    )
}

/// The times of spikes, and of beats, of a neuron.
fn times(start: f64, period: f64) -> [Vec<f64>; 2] {
    let spikes: Vec<f64> = (0..).map(|k: u32| start + period * f64::from(k)).take_while(|t| *t < END).collect();
    let beats = spikes.iter().skip(2).step_by(3).map(|t| ((t + DT) / DT).round() * DT).collect();
    [spikes, beats]
}

fn of_source(i: f64) -> [Vec<f64>; 2] {
    times(4.0 + 1.5 * i, 5.0 + 2.0 * i)
}

fn of_target(j: f64) -> [Vec<f64>; 2] {
    times(6.0 + 0.7 * j, 8.0 - j)
}

/// Times at which spikes reach the synapse, as the times of the steps that begin then: a delay of one step is none.
fn arriving(times: &[f64], delay: f64) -> Vec<f64> {
    times.iter().map(|t| ((t + delay - DT) / DT).round() * DT).collect()
}

/// Each synapse follows the events that its projection listens to, for any number of threads, in both precisions.
#[test]
fn synapses_listen_to_events_of_both_sides() {
    let mut all: Vec<Vec<f64>> = Vec::new();
    for (options, tolerance) in
        [(&["--threads", "1"][..], 1e-12), (&["--threads", "4"], 1e-12), (&["--precision", "f32"], 1e-4)]
    {
        let run = Run::of(&several(), DT, options);
        for (name, sides) in [("ss", [0, 0]), ("es", [1, 0]), ("se", [0, 1]), ("ee", [1, 1])] {
            let weights = run.values(&format!("{name}.weight"));
            let list =
                |what: &str| -> Vec<u32> { array(&run.path().join("connections.npz"), &format!("{name}_{what}")) };
            let (sources, targets, delays) = (list("source"), list("target"), list("delay_steps"));
            assert_eq!(sources.len(), 12);
            for n in 0..12 {
                let pre = &of_source(f64::from(sources[n]))[sides[0]];
                let post = &of_target(f64::from(targets[n]))[sides[1]];
                let (pre, post) = (arriving(pre, f64::from(delays[n]) * DT), arriving(post, 1.7));
                let wanted = paired_weights(&pre, &post, END - DT);
                assert!(wanted.len() > 5, "{name}");
                for (t, w) in wanted {
                    let found = weights[run.steps(t) * 12 + n];
                    assert!(
                        (found - w).abs() < tolerance,
                        "{name} {options:?}, synapse {n}: {found} at {t} ms, not {w}"
                    );
                }
            }
            all.push(weights);
        }
    }
    assert!(all[..4] == all[4..8], "results depend on threads");
}

/// Events are recorded as spikes are, of all neurons or some, and have the times that they should.
#[test]
fn events_are_recorded_and_counted() {
    let run = Run::of(&several(), DT, &[]);
    for (population, of, size) in [("A.beat", of_source as fn(f64) -> [Vec<f64>; 2], 3), ("B.beat", of_target, 4)] {
        let (found, neurons) = (run.spike_times(population), run.neurons(population));
        let mut wanted: Vec<(f64, usize)> = Vec::new();
        for i in 0..size {
            wanted.extend(of(f64::from(i))[1].iter().map(|t| (*t, i as usize)));
        }
        wanted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        assert_eq!(found.len(), wanted.len(), "{population}");
        for ((time, neuron), wanted) in found.iter().zip(&neurons).zip(&wanted) {
            assert!(
                (time - wanted.0).abs() < 1e-9 && *neuron == wanted.1,
                "{population}: {time} {neuron}, not {wanted:?}"
            );
        }
    }
    let of = |i: f64| of_source(i)[1].len();
    let (first, count) = (of(0.0), of(0.0) + of(1.0) + of(2.0));
    let expects = format!(
        "expect spike_count(A.beat) == {count}  expect spike_count(A[0].beat) == {first}  expect rate(A[1..3].beat) > 0 Hz  record \
         A.beat[1..3], B.spikes, A.spikes }}"
    );
    let source =
        several().replace("record ss.weight, es.weight, se.weight, ee.weight, A.beat, B.beat, A.spikes }", &expects);
    let run = Run::of(&source, DT, &[]);
    let neurons = run.neurons("A.beat");
    assert!(neurons.len() == count - first && neurons.iter().all(|n| (1..3).contains(n)), "{neurons:?}");
    let file = run.path().join("net.bp");
    let test = Command::new(program()).args(["test", &text(&file), "--bless"]).output().expect("bpc runs");
    assert!(test.status.success(), "{}", String::from_utf8_lossy(&test.stderr));
    std::fs::write(&file, source.replace(&format!("== {count}"), &format!("== {}", count + 1))).expect("written");
    assert!(!Command::new(program()).args(["test", &text(&file)]).output().expect("bpc runs").status.success());
}

/// Events of many neurons in many parts: what arrives adds up to as many as there were, and their neurons are no further ones.
#[test]
fn events_of_large_populations_all_arrive() {
    let source = format!(
        "{BEATS}neuron Sink {{ state v : 1 = 0 }}
network Net {{
    population E[300] : Beats {{ start = 4 ms + 0.1 ms * (i % 17), period = 5 ms + 0.1 ms * (i % 23) }}
    population S[200] : Sink
    population T[200] : Sink
    project p: E -> S {{ connect all_to_all  weight 1  delay 2 ms  event beat  receptor Sum }}
    project q: E[0..100] -> T {{ connect all_to_all  weight 1  delay 3.1 ms  receptor Sum }}
}}
simulate Net {{ dt 0.1 ms  duration {END:?} ms  record S.v, T.v every {END:?} ms  record E.beat }}
"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("net.bp");
    std::fs::write(&file, &source).expect("written");
    let of = |i: u32| times(4.0 + 0.1 * f64::from(i % 17), 5.0 + 0.1 * f64::from(i % 23));
    let within = |times: &[f64], delay: f64| times.iter().filter(|t| *t + delay < END + DT / 2.0).count() as f64;
    let beats: f64 = (0..300).map(|i| within(&of(i)[1], 2.0)).sum();
    let spikes: f64 = (0..100).map(|i| within(&of(i)[0], 3.1)).sum();
    let mut hashes = Vec::new();
    for threads in ["1", "4"] {
        let run = Run::of(&source, DT, &["--threads", threads]);
        assert!(run.values("S.v").iter().all(|v| *v == beats), "{threads}: {}, not {beats}", run.values("S.v")[0]);
        assert!(run.values("T.v").iter().all(|v| *v == spikes), "{threads}: {}, not {spikes}", run.values("T.v")[0]);
        hashes.push(run_json(&["run", &text(&file), "--threads", threads]));
    }
    assert_eq!(hashes[0]["spike_hash"], hashes[1]["spike_hash"]);
    assert_eq!(hashes[0]["n_neurons"], 700);
}

/// Populations that share the code of their updates list events of their own.
#[test]
fn populations_that_share_code_have_their_own() {
    let source = format!(
        "{BEATS}network Part(begin = 1 ms) {{
    population A : Beats {{ start = begin, period = 5 ms + begin }}
    population B : Beats {{ start = 1000 ms, period = 1 ms }}
    project p: A -> B {{ connect one_to_one  weight 1  event beat  delay 0.1 ms + begin  receptor Sum }}
}}
network Net {{ instance part[k in 0..9] : Part(begin = 0.5 ms + 0.4 ms * k) }}
simulate Net {{ dt 0.1 ms  duration {END:?} ms  record part[0..9].A.beat, part[0..9].B.v }}
"
    );
    let run = Run::of(&source, DT, &[]);
    for k in 0..9 {
        let begin = 0.5 + 0.4 * f64::from(k);
        let [_, beats] = times(begin, 5.0 + begin);
        let found = run.spike_times(&format!("part[{k}].A.beat"));
        assert!(found.len() == beats.len() && found.len() > 3);
        assert!(found.iter().zip(&beats).all(|(a, b)| (a - b).abs() < 1e-9), "{k}: {found:?}, not {beats:?}");
        let v = run.values(&format!("part[{k}].B.v"));
        for (step, v) in v.iter().enumerate() {
            let arrived = arriving(&beats, 0.1 + begin).iter().filter(|t| **t < (step as f64 + 0.5) * DT).count();
            assert!(*v == arrived as f64, "{k}: {v} in step {step}, not {arrived}");
        }
    }
}

/// Cells have events, and a rule without a name beside one with a name is none of it.
#[test]
fn events_of_cells_and_of_several_rules() {
    let source = format!(
        "{BEATS}cell Patch {{
    input I : nA
    membrane V : mV = -65 mV {{ capacitance = 1 nF }}
    state n : 1 = 0
    event high when V > -40 mV {{ V = -65 mV }}
    event high when n > 4.5 {{ n = 0 }}
    when V > -50 mV {{ n += 1 }}
}}
network Net {{
    population C : Patch
    population S : Beats {{ start = 1000 ms, period = 1 ms }}
    drive C.I = 1 nA
    project C -> S {{ connect one_to_one  weight 1  event high  receptor Sum }}
}}
simulate Net {{ dt 0.5 ms  duration 60 ms  record C.high, S.v, C.V, C.n }}
"
    );
    let run = Run::of(&source, 0.5, &[]);
    let (mut v, mut n) = (-65.0_f64, 0.0_f64);
    let mut events = Vec::new();
    for step in 0..120 {
        v += 0.5;
        let (high, full, above) = (v > -40.0 + 1e-9, n > 4.5, v > -50.0 + 1e-9);
        if high {
            v = -65.0;
        }
        if full {
            n = 0.0;
        }
        if above {
            n += 1.0;
        }
        if high || full {
            events.push((f64::from(step) + 1.0) * 0.5);
        }
    }
    assert_eq!(run.spike_times("C.high"), events);
    assert!(events.len() > 8);
    let received = run.values("S.v");
    assert_eq!(*received.last().expect("samples"), events.iter().filter(|t| **t <= 59.5).count() as f64);
}

/// The update of a large cell is several pieces; the last one lists its spikes and its events.
#[test]
fn events_of_cells_with_many_compartments() {
    let members = |area: &str, sodium: &str| {
        format!(
            "membrane V : mV = -65 mV {{ capacitance = 1 uF/cm^2  area = {area} }}
        channel Na : INa_TM1991 {{ g_max = {sodium}, V_T = -52 mV }}
        channel K : IK_TM1991 {{ g_max = 5 mS/cm^2, E = -90 mV, V_T = -52 mV }}
        channel L : IL {{ g_max = 0.1 mS/cm^2, E = -65 mV }}"
        )
    };
    let (soma, dendrite) = (members("1000 um^2", "90 mS/cm^2"), members("500 um^2", "20 mS/cm^2"));
    let source = format!(
        "use std::channels::{{INa_TM1991, IK_TM1991, IL}}
cell Large {{
    compartment soma {{ {soma} }}
    compartment dendrite[k in 0..120] {{ {dendrite} }}
    couple soma <-> dendrite[0] (50 nS)
    couple dendrite[k] <-> dendrite[k + 1] (50 nS) for k in 0..119
    spike when -40 mV crosses soma.V {{ }}
    event down when -40 mV crosses soma.V {{ }}
    event reached when dendrite[0].V crosses -63 mV {{ }}
}}
network Net {{
    population C[3] : Large
    init C.soma.V = -20 mV + 1 mV * i
}}
simulate Net {{ dt 0.025 ms  duration 3 ms  record C.spikes, C.down, C.reached  record C.soma.V, C.dendrite[0].V }}
"
    );
    let run = Run::of(&source, 0.025, &[]);
    let (soma, dendrite) = (run.values("C.soma.V"), run.values("C.dendrite[0].V"));
    let mut wanted = [vec![], vec![]];
    let (mut above, mut below) = ([true; 3], [true; 3]);
    for step in 0..120 {
        for i in 0..3 {
            let now = [soma[step * 3 + i] > -40.0, dendrite[step * 3 + i] < -63.0];
            let crossed = [above[i] && !now[0], below[i] && !now[1]];
            [above[i], below[i]] = now;
            for (list, _) in wanted.iter_mut().zip(crossed).filter(|(_, crossed)| *crossed) {
                list.push(i);
            }
        }
    }
    assert_eq!([run.neurons("C.down"), run.neurons("C.reached")], wanted);
    assert!(run.spike_times("C.down") == run.spike_times("C") && run.neurons("C") == wanted[0]);
    assert!(wanted[0].len() == 3 && wanted[1].len() == 3, "{wanted:?}");
}
