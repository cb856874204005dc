//! The command line as a user or a script meets it: what is printed where, which files appear,
//! which exit code follows. The program is the one that was built beside this test, or `BPC_BIN`.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program under test.
fn program() -> PathBuf {
    std::env::var_os("BPC_BIN").map_or_else(
        || {
            let test = std::env::current_exe().expect("this program has a path");
            test.parent().and_then(Path::parent).expect("target/PROFILE/deps").join("bpc")
        },
        PathBuf::from,
    )
}

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    /// Fails with everything that was printed unless the exit code is this.
    #[track_caller]
    fn exits(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }
}

/// A folder of its own for each test.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        let bench = Bench { folder: tempfile::tempdir().expect("a folder") };
        bench.write("small.bp", SMALL);
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(self.folder.path());
        command.env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR").stdin(Stdio::null());
        command
    }

    fn bpc(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().expect("bpc starts");
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }
}

/// What nests deeply, or leads from definition to definition, is compiled or refused: with far less
/// stack than a process usually has, in any build.
#[test]
fn deep_nesting_needs_little_stack() {
    let bench = Bench::new();
    let network = |members: &str| {
        format!(
            "neuron N {{ param tau = 10 ms  state v = 0\n{members}\nspike when v > 1 {{ v = 0 }} }}
network Net {{ population P[2] : N }}
simulate Net {{ dt 0.1 ms  duration 1 ms }}"
        )
    };
    let lets = |count: usize| -> String {
        // Each twice in the next: as a tree it would have 2^count leaves.
        let more: String = (1..=count).map(|i| format!("let a{i} = 0.4 * a{0} + a{0}\n", i - 1)).collect();
        network(&format!("let a0 = v\n{more}v' = -a{count} / tau"))
    };
    bench.write("parentheses.bp", network(&format!("v' = {}-v{} / tau", "(".repeat(250), ")".repeat(250))));
    bench.write("signs.bp", network(&format!("v' = {}v / tau", "-".repeat(251))));
    bench.write("lets.bp", lets(300));
    bench.write("too_many_lets.bp", lets(3000));
    bench.write("open.bp", "(".repeat(100_000));
    let run = |file: &str, arguments: &[&str]| {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -s 1024 && exec \"$0\" \"$@\""]).arg(program()).args(arguments).arg(file);
        let output = command.current_dir(bench.folder.path()).output().expect("a shell");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for file in ["parentheses.bp", "signs.bp", "lets.bp"] {
        let (code, err) = run(file, &["run", "--emit", "step"]);
        assert_eq!(code, Some(0), "{file}: {err}");
    }
    for (file, expected) in [("too_many_lets.bp", "E0212"), ("open.bp", "E0105")] {
        let (code, err) = run(file, &["run"]);
        assert!(code == Some(1) && err.contains(expected), "{file}: {code:?} {err}");
    }
}

/// Fifty neurons that fire regularly, and twenty that they drive.
const SMALL: &str = "\
use std::neurons::LIF
use std::synapses::Exponential
use std::receptors::Current

network Small(n: count = 50) {
    population E[n] : LIF { tau = 10 ms, V_rest = -60 mV, V_th = -50 mV, V_reset = -60 mV, t_ref = 2 ms }
    population I[20] : LIF { tau = 10 ms, V_rest = -60 mV, V_th = -50 mV, V_reset = -60 mV, t_ref = 2 ms }
    init E.V ~ uniform(-60 mV, -50 mV)
    drive E.I = 20 mV
    project exc: E -> I {
        connect fixed_probability(0.5)
        weight 1 mV
        synapse Exponential { tau = 5 ms }
        receptor Current
    }
}

simulate Small {
    dt 0.1 ms
    duration 100 ms
    seed 7
    record E.spikes
    record E.V[0..3] every 1 ms
    expect rate(E) in 20 Hz .. 400 Hz
}
";

const KEYS: [&str; 15] = [
    "network",
    "n_neurons",
    "n_synapses",
    "steps",
    "dt_ms",
    "threads",
    "precision",
    "compile_s",
    "init_s",
    "run_s",
    "realtime_factor",
    "spikes",
    "rate_hz",
    "peak_rss_mb",
    "spike_hash",
];

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn help_leads_with_examples_and_version_is_quick() {
    let bench = Bench::new();
    for command in ["run", "check", "compile", "opt", "explain", "explain-plan", "new", "test", "doc"] {
        let help = bench.bpc(&[command, "--help"]).exits(0).out;
        let (examples, usage) = (help.find("Examples:"), help.find("Usage:"));
        assert!(examples.is_some() && examples < usage, "{command}: {help}");
    }
    let best = (0..20)
        .map(|_| {
            let begin = std::time::Instant::now();
            assert!(bench.bpc(&["--version"]).exits(0).out.starts_with("bpc "));
            begin.elapsed()
        })
        .min();
    assert!(best.expect("twenty times").as_millis() < 50, "{best:?}");
}

#[test]
fn a_wrong_command_line_exits_2() {
    let bench = Bench::new();
    let cases: &[&[&str]] = &[
        &[],
        &["rum"],
        &["run"],
        &["run", "small.bp", "--set", "n"],
        &["run", "small.bp", "--set", "=4"],
        &["run", "small.bp", "--threads", "0"],
        &["run", "small.bp", "--precision", "f16"],
        &["run", "small.bp", "--plot", "x.pdf"],
        &["run", "small.bp", "--seed", "-1"],
        &["run", "missing.bp"],
        &["run", "."],
        &["check", "missing.bp"],
        &["compile", "small.bp"],
        &["compile", "small.bp", "-o", "x", "--kind", "wheel"],
        &["explain", "E9999"],
        &["opt"],
        &["opt", "--passes=no-such-pass", "x.mlir"],
        &["test"],
        &["test", "missing.bp"],
        &["new", "../x"],
    ];
    for case in cases {
        let ran = bench.bpc(case).exits(2);
        assert!(ran.out.is_empty() && !ran.err.is_empty(), "{case:?}");
    }
    assert!(bench.bpc(&["run", "small.bp", "--emit", "llv"]).exits(2).err.contains("did you mean `llvm`?"));
}

#[test]
fn check_tells_what_there_is_and_what_is_wrong() {
    let bench = Bench::new();
    let good = bench.bpc(&["check", "small.bp"]).exits(0);
    assert!(good.out.contains("Small: 70 neurons in 2 populations"), "{}", good.out);
    assert!(good.err.is_empty(), "{}", good.err);

    bench.write("bad.bp", SMALL.replace("weight 1 mV", "weight 1 ms").replace("E.V[0..3]", "E.U[0..3]"));
    let bad = bench.bpc(&["check", "bad.bp"]).exits(1);
    assert!(bad.out.is_empty());
    assert!(bad.err.matches("error[E").count() >= 2 && bad.err.contains("bad.bp:"), "{}", bad.err);
    assert!(bench.bpc(&["run", "bad.bp"]).exits(1).out.is_empty());

    let lines = bench.bpc(&["check", "bad.bp", "--message-format", "json"]).exits(1);
    assert!(lines.err.is_empty(), "{}", lines.err);
    assert!(lines.out.lines().count() >= 2);
    for line in lines.out.lines() {
        assert!(json(line)["code"].as_str().expect("a code").starts_with('E'));
    }
    let explained = bench.bpc(&["check", "bad.bp", "--explain"]).exits(1).err;
    assert!(explained.len() > bad.err.len());
    assert!(!bad.err.contains('\x1b'), "no colour where there is no terminal");
    assert!(bench.bpc(&["check", "bad.bp", "--color", "always"]).exits(1).err.contains('\x1b'));
}

#[test]
fn bytes_that_are_no_text_are_a_diagnostic() {
    let bench = Bench::new();
    bench.write("bytes.bp", b"network \xff\xfe\x00");
    bench.write("empty.bp", b"");
    assert!(bench.bpc(&["check", "bytes.bp"]).exits(1).err.contains("not UTF-8"));
    assert!(bench.bpc(&["run", "empty.bp"]).exits(1).err.contains("simulate"));
    bench.bpc(&["opt", "bytes.bp"]).exits(1);
    assert!(bench.bpc(&["test", "bytes.bp"]).exits(1).out.contains("0 passed, 1 failed"));
}

#[test]
fn run_as_json_has_every_key() {
    let bench = Bench::new();
    let ran = bench.bpc(&["run", "small.bp", "--json", "--set", "n=100", "--seed", "3", "--precision", "f32"]).exits(0);
    assert_eq!(ran.out.lines().count(), 1);
    assert!(ran.err.is_empty(), "{}", ran.err);
    let result = json(&ran.out);
    for key in KEYS {
        assert!(!result[key].is_null(), "{key} in {result}");
    }
    assert_eq!(result.as_object().expect("an object").len(), KEYS.len());
    assert_eq!(result["network"], "Small");
    assert_eq!(result["n_neurons"], 120);
    assert_eq!(result["steps"], 1000);
    assert_eq!(result["precision"], "f32");
    assert!(result["spikes"]["E"].as_u64().expect("a number") > 0);
    assert_eq!(result["spike_hash"].as_str().expect("text").len(), 32);

    let hash = |arguments: &[&str]| {
        let all = [&["run", "small.bp", "--json", "--quiet"], arguments].concat();
        json(&bench.bpc(&all).exits(0).out)["spike_hash"].as_str().expect("text").to_owned()
    };
    assert_eq!(hash(&[]), hash(&["--threads", "2"]));
    assert_ne!(hash(&[]), hash(&["--seed", "8"]));
    assert_eq!(json(&bench.bpc(&["run", "small.bp", "--json", "--duration", "50ms"]).exits(0).out)["steps"], 500);
    assert_eq!(json(&bench.bpc(&["run", "small.bp", "--json", "--dt", "0.05 ms"]).exits(0).out)["steps"], 2000);
    bench.bpc(&["run", "small.bp", "--set", "nn=100"]).exits(1);
    bench.bpc(&["run", "small.bp", "--set", "n=tau"]).exits(1);
    bench.bpc(&["run", "small.bp", "--network", "Smal"]).exits(1);
}

#[test]
fn run_shows_a_table_and_a_raster_unless_it_is_quiet() {
    let bench = Bench::new();
    let ran = bench.bpc(&["run", "small.bp"]).exits(0);
    for part in ["Small", "population", "rate (Hz)", "real time", "expect rate(E)", "│", "100 ms"] {
        assert!(ran.out.contains(part), "{part} in {}", ran.out);
    }
    assert!(ran.out.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c)), "braille dots: {}", ran.out);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80));
    assert!(!ran.out.contains('\x1b') && ran.err.is_empty());
    let quiet = bench.bpc(&["run", "small.bp", "--quiet"]).exits(0);
    assert!(quiet.out.is_empty() && quiet.err.is_empty());
    assert!(bench.bpc(&["run", "small.bp", "--quiet", "--time-phases"]).exits(0).err.contains("total"));
}

#[test]
fn the_folder_of_results_opens_in_numpy() {
    let bench = Bench::new();
    bench.bpc(&["run", "small.bp", "--quiet", "--out", "a/b"]).exits(0);
    let mut spikes = npyz::npz::NpzArchive::open(bench.path("a/b/spikes.npz")).expect("a zip file");
    let mut names: Vec<String> = spikes.array_names().map(str::to_owned).collect();
    names.sort();
    assert_eq!(names, ["E_neuron", "E_step", "E_time_ms"]);
    let steps: Vec<u64> = spikes.by_name("E_step").expect("reads").expect("is there").into_vec().expect("u64");
    let times: Vec<f64> = spikes.by_name("E_time_ms").expect("reads").expect("is there").into_vec().expect("f64");
    let neurons: Vec<u32> = spikes.by_name("E_neuron").expect("reads").expect("is there").into_vec().expect("u32");
    assert!(!steps.is_empty() && steps.len() == times.len() && steps.len() == neurons.len());
    assert!(steps.is_sorted() && neurons.iter().all(|&n| n < 50));
    assert!(steps.iter().zip(&times).all(|(&k, t)| ((k + 1) as f64 * 0.1 - t).abs() < 1e-9));

    let mut traces = npyz::npz::NpzArchive::open(bench.path("a/b/traces.npz")).expect("a zip file");
    let volts = traces.by_name("E.V").expect("reads").expect("is there");
    assert_eq!(volts.shape(), [100, 3]);
    let volts: Vec<f64> = volts.into_vec().expect("f64");
    assert!(volts.iter().all(|v| (-61.0..=-49.0).contains(v)), "in mV, as declared");
    let times: Vec<f64> = traces.by_name("E.V_time_ms").expect("reads").expect("is there").into_vec().expect("f64");
    assert!((times[0] - 1.0).abs() < 1e-9 && (times[99] - 100.0).abs() < 1e-9);

    let record = json(&bench.read("a/b/run.json"));
    assert_eq!(record["seed"], 7);
    assert_eq!(record["complete"], true);
    assert_eq!(record["source"]["name"], "small.bp");
    assert_eq!(record["source"]["sha256"].as_str().expect("text").len(), 64);
    assert_eq!(record["results"]["spikes"]["E"], steps.len());
    assert_eq!(fs::read_dir(bench.path("a/b")).expect("a folder").count(), 3, "nothing else is left");
    bench.bpc(&["run", "small.bp", "--quiet", "--out", "a/b"]).exits(0);
}

/// Two runs with other data are told apart by their records; files that nothing reads are not in them.
#[test]
fn a_record_has_the_hashes_of_data() {
    let bench = Bench::new();
    let net = "use std::neurons::LIF
data current : mV = file(\"data/drive.csv\")
data size = file(\"data/size.csv\")
data again : mV = file(\"./data/../data/drive.csv\")
network Net { population E[size[0]] : LIF  drive E.I = current[i] + again[i] }
simulate Net { dt 1 ms  duration 2 ms }
";
    bench.write("net.bp", net);
    fs::create_dir(bench.path("data")).expect("made");
    bench.write("data/drive.csv", "1\n2\n");
    bench.write("data/size.csv", "2\n");
    bench.write("data/other.csv", "3\n");
    let data = |folder: &str| -> Value {
        bench.bpc(&["run", "net.bp", "--quiet", "--out", folder]).exits(0);
        json(&bench.read(&format!("{folder}/run.json")))["data"].clone()
    };
    // By sha256sum of GNU coreutils.
    let two = "53c234e5e8472b6ac51c1ae1cab3fe06fad053beb8ebfd8977b010655bfdd3c3";
    let pair = serde_json::json!([
        { "name": "data/drive.csv", "sha256": "a6e2b7a040683432de03a18fd8a1939a2fdf82585b364bfc874bdd4095c4cae1" },
        { "name": "data/size.csv", "sha256": two },
    ]);
    assert_eq!(data("first"), pair);
    bench.write("data/drive.csv", "2\n1\n");
    let after = data("second");
    assert_ne!(after[0]["sha256"], pair[0]["sha256"]);
    assert_eq!(after[1], pair[1]);
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let bench = Bench::new();
    bench.write("taken", "a file");
    assert!(bench.bpc(&["run", "small.bp", "--out", "taken"]).exits(2).err.contains("`taken`"));
    assert_eq!(bench.read("taken"), "a file");
    bench.bpc(&["compile", "small.bp", "-o", "taken"]).exits(2);
    bench.bpc(&["run", "small.bp", "--out", "/proc/nowhere"]).exits(3);
    bench.bpc(&["run", "small.bp", "--quiet", "--plot", "no/such/folder/x.svg"]).exits(3);
    bench.bpc(&["run", "small.bp", "--quiet", "--plot", "/proc/x.svg"]).exits(3);
}

#[test]
fn pictures_are_drawn() {
    let bench = Bench::new();
    bench.bpc(&["run", "small.bp", "--quiet", "--plot", "p.svg"]).exits(0);
    let svg = bench.read("p.svg");
    for part in ["<svg", "Small", "firing rate (Hz)", "E.V (mV)", "time (ms)", "</svg>"] {
        assert!(svg.contains(part), "{part}");
    }
    bench.bpc(&["run", "small.bp", "--quiet", "--plot", "p.PNG"]).exits(0);
    let png = fs::read(bench.path("p.PNG")).expect("a picture");
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.len() > 10_000);
}

#[test]
fn stages_of_the_compilation_are_shown() {
    let bench = Bench::new();
    for (stage, part) in [("dynamics", "dynamics."), ("model", "dynamics."), ("llvm", "define"), ("asm", ".text")] {
        let ran = bench.bpc(&["run", "small.bp", "--emit", stage]).exits(0);
        assert!(ran.out.contains(part), "{stage}: {}", ran.out);
    }
}

#[test]
fn opt_reads_and_prints() {
    let bench = Bench::new();
    let dynamics = bench.bpc(&["run", "small.bp", "--emit", "dynamics"]).exits(0).out;
    bench.write("small.mlir", &dynamics);
    assert_eq!(bench.bpc(&["opt", "small.mlir"]).exits(0).out.trim_end(), dynamics.trim_end());
    bench.write("bad.mlir", "dynamics.network @x {");
    assert!(bench.bpc(&["opt", "bad.mlir"]).exits(1).err.contains("bad.mlir"));
    assert!(bench.bpc(&["opt", "--list"]).exits(0).out.lines().count() > 0);
}

#[test]
fn compile_writes_library_and_header() {
    let bench = Bench::new();
    for (kind, library) in [("static", "libsmall.a"), ("shared", "libsmall.so"), ("object", "small.o")] {
        let ran = bench.bpc(&["compile", "small.bp", "-o", "lib/x", "--kind", kind, "--emit", "llvm"]).exits(0);
        for name in [library, "small.h", "small.llvm.ll"] {
            assert!(ran.out.contains(name), "{name} in {}", ran.out);
            assert!(fs::metadata(bench.path("lib/x").join(name)).expect("a file").len() > 100, "{name}");
        }
    }
    bench.bpc(&["compile", "small.bp", "-o", "lib", "--cpu", "zx81"]).exits(2);
}

#[test]
fn explain_knows_every_code() {
    let bench = Bench::new();
    let list = bench.bpc(&["explain"]).exits(0).out;
    let codes: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(codes.len() > 20 && codes.is_sorted());
    for code in &codes {
        let page = bench.bpc(&["explain", code]).exits(0).out;
        assert!(page.starts_with(code) && page.lines().count() > 2, "{page}");
        assert!(!page.contains("```"), "{page}");
    }
    bench.bpc(&["explain", &codes[0].to_lowercase()]).exits(0);
    assert!(bench.bpc(&["explain", "E010"]).exits(2).err.contains("did you mean"));
}

#[test]
fn explain_plan_names_every_projection() {
    let bench = Bench::new();
    assert!(bench.bpc(&["explain-plan", "small.bp"]).exits(0).out.contains("exc"));
}

#[test]
fn new_makes_something_that_runs() {
    let bench = Bench::new();
    assert!(bench.bpc(&["new", "first_net"]).exits(0).out.contains("bpc run first_net/first_net.bp"));
    let result = json(&bench.bpc(&["run", "first_net/first_net.bp", "--json"]).exits(0).out);
    assert_eq!(result["network"], "FirstNet");
    bench.bpc(&["test", "first_net/first_net.bp", "--bless"]).exits(0);
    assert!(bench.read("first_net/README.md").contains("first_net"));
    assert!(bench.bpc(&["new", "first_net"]).exits(2).err.contains("exists already"));
    for bad in ["", "2nd", "a b", "a/b", "..", "ä"] {
        bench.bpc(&["new", bad]).exits(2);
    }
}

#[test]
fn snapshots_are_blessed_and_compared() {
    let bench = Bench::new();
    let missing = bench.bpc(&["test", "small.bp"]).exits(1);
    assert!(missing.out.contains("--bless") && missing.out.ends_with("0 passed, 1 failed\n"), "{}", missing.out);
    assert!(bench.bpc(&["test", "small.bp", "--bless"]).exits(0).out.ends_with("1 passed, 0 failed\n"));
    bench.bpc(&["test", "small.bp"]).exits(0);

    let snapshot = bench.read("small.Small.snap");
    for part in ["spikes.E = ", "rate_hz.E = ", "spike_hash = ", "trace.E.V[2] (mV) = ", "dynamics."] {
        assert!(snapshot.contains(part), "{part}");
    }
    let count = snapshot.lines().find_map(|line| line.strip_prefix("spikes.E = ")).expect("a count");
    bench.write("small.Small.snap", snapshot.replace(&format!("spikes.E = {count}\n"), "spikes.E = 1\n"));
    let differs = bench.bpc(&["test", "small.bp"]).exits(1).out;
    assert!(differs.contains("- spikes.E = 1\n") && differs.contains(&format!("+ spikes.E = {count}")), "{differs}");
    bench.bpc(&["test", "small.bp", "--bless"]).exits(0);
    assert_eq!(bench.read("small.Small.snap"), snapshot);

    bench.write("tight.bp", SMALL.replace("20 Hz .. 400 Hz", "1 Hz .. 2 Hz"));
    let failed = bench.bpc(&["test", "tight.bp", "small.bp", "--bless"]).exits(1).out;
    assert!(failed.contains("FAIL  expect rate(E)") && failed.contains("measured"), "{failed}");
    assert!(failed.ends_with("1 passed, 1 failed\n"), "{failed}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let bench = Bench::new();
    for arguments in [&["run", "small.bp"] as &[&str], &["explain"], &["run", "small.bp", "--emit", "llvm"]] {
        let mut child =
            bench.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("bpc starts");
        drop(child.stdout.take());
        let ended = child.wait_with_output().expect("bpc ends");
        assert_eq!(ended.status.code(), Some(0));
        assert!(ended.stderr.is_empty(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    if let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") {
        let status = bench.command(&["run", "small.bp"]).stdout(full).stderr(Stdio::null()).status();
        assert_eq!(status.expect("bpc ends").code(), Some(3));
    }
}

#[test]
fn a_network_larger_than_memory_is_refused_with_figures() {
    let bench = Bench::new();
    bench.write("large.bp", SMALL.replace("E -> I", "E -> E"));
    let refused = bench.bpc(&["run", "large.bp", "--set", "n=40000000"]).exits(3).err;
    for part in ["does not fit into memory", "needs", "available", "synapses", "help:"] {
        assert!(refused.contains(part), "{part} in {refused}");
    }
}

#[test]
fn ctrl_c_keeps_what_there_is() {
    let bench = Bench::new();
    let mut child = bench
        .command(&["run", "small.bp", "--duration", "100000 s", "--quiet", "--out", "stopped"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bpc starts");
    // Once the handler is there the signal is kept; before, it ends the program at once (no code).
    std::thread::sleep(std::time::Duration::from_secs(3));
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(kill.success());
    assert_eq!(child.wait().expect("bpc ends").code(), Some(130));
    let record = json(&bench.read("stopped/run.json"));
    assert_eq!(record["complete"], false);
    assert!(record["results"]["steps"].as_u64().expect("a number") > 0);
    assert!(npyz::npz::NpzArchive::open(bench.path("stopped/spikes.npz")).is_ok());
}
