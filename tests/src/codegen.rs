//! Code generation on a network that is written by hand in the llvm dialect
//! (`codegen/mini.mlir`), with the real runtime: no front end, no passes.

use bpc_core::codegen::library::{self, Kind, LibraryError};
use bpc_core::codegen::{Keep, Level, Target, generate, header, register_translations};
use bpc_core::execute::{Instance, Session};
use bpc_core::{CompileError, Compiled, MemoryEstimate};
use bpc_runtime_abi::descriptor::{Element, NetworkDescriptor, Parameter, Population, State};
use bpc_runtime_abi::symbols::API;
use melior::Context;
use melior::dialect::DialectRegistry;
use melior::ir::Module;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

const MINI: &str = include_str!("codegen/mini.mlir");
const STEPS: u64 = 1000;

/// What makes headers as strict as they promise to be.
const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

fn context() -> Context {
    let registry = DialectRegistry::new();
    melior::utility::register_all_dialects(&registry);
    let context = Context::new();
    context.append_dialect_registry(&registry);
    context.load_all_available_dialects();
    register_translations(&context);
    context
}

/// The network under another name.
fn compile(symbol: &str, target: &Target) -> Compiled {
    let parameters =
        vec![Parameter { name: "E.drive", unit: "mV/ms", factor: 10.0, default: 0.02, settable: true, nonzero: false }];
    let populations =
        vec![Population { name: "E", size: 4096, padded: 4096, ring_slots: 2, spikes_change_states: false }];
    let states = vec![State {
        name: "E.V",
        unit: "mV",
        population: 0,
        offset: 0,
        length: 4096,
        element: Element::F32,
        public: true,
        in_coefficients: false,
    }];
    let descriptor = NetworkDescriptor {
        name: symbol,
        real_bytes: 4,
        dt: 0.1,
        state_bytes: 4 * 4096,
        derived_bytes: 0,
        parameters,
        populations,
        states,
        inputs: Vec::new(),
        projections: Vec::new(),
        synapse_states: Vec::new(),
    };
    let context = context();
    let module = Module::parse(&context, &MINI.replace("@mini_", &format!("@{symbol}_"))).expect("mini.mlir is valid");
    let generated =
        generate(&module, symbol, &descriptor.encode(), target, Keep::default()).expect("mini.mlir compiles");
    let header = header::write(&header::Contents {
        name: symbol,
        symbol,
        dt: descriptor.dt,
        parameters: &descriptor.parameters,
        populations: &descriptor.populations,
        states: &descriptor.states,
        inputs: &descriptor.inputs,
        projections: &descriptor.projections,
        synapse_states: &descriptor.synapse_states,
    });
    Compiled {
        symbol: symbol.into(),
        object: generated.object,
        header,
        stages: Vec::new(),
        memory: MemoryEstimate::default(),
        runtime: target.runtime(),
        timings: Vec::new(),
    }
}

fn host() -> Target {
    Target::new(None).expect("this machine's processor is known")
}

/// The hash after [`STEPS`] steps.
fn hash(instance: &mut Instance<'_>) -> String {
    instance.step(STEPS).expect("finite");
    assert!(instance.spike_count(0) > 4096, "every neuron spikes");
    instance.spike_hash().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Runs a tool and returns what it printed.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn just_in_time_and_shared_library_are_the_same_network() {
    let folder = tempfile::tempdir().expect("a folder");
    let compiled = compile("mini", &host());
    let jit = Session::just_in_time(&compiled).expect("links");
    let reference = hash(&mut jit.create(1, 1).expect("memory"));

    let written = library::write(&compiled, host().runtime(), folder.path(), Kind::Shared).expect("links");
    let shared = Session::open(&written.library, "mini").expect("opens");
    assert_eq!(hash(&mut shared.create(1, 1).expect("memory")), reference, "the library is other code");
    assert_eq!(hash(&mut jit.create(1, 3).expect("memory")), reference, "threads change the result");

    // Code for any processor gives the same bits: nothing is contracted or reassociated.
    let portable = compile("mini", &Target::new(Some("x86-64")).expect("known"));
    let portable = Session::just_in_time(&portable).expect("links");
    assert_eq!(hash(&mut portable.create(1, 1).expect("memory")), reference, "the processor changes the result");
}

#[test]
fn an_instance_is_controlled_through_the_interface() {
    let compiled = compile("mini", &host());
    let session = Session::just_in_time(&compiled).expect("links");
    let mut net = session.create(1, 2).expect("memory");
    let population = net.population_handle("E").expect("there is E");
    assert_eq!(net.population_handle("X"), None);

    assert!((net.get_parameter("E.drive").expect("there is one") - 0.2).abs() < 1e-12);
    net.step(10).expect("finite");
    assert_eq!((net.step_count(), net.spike_count(population)), (10, 0));
    net.set_parameter("E.drive", 20.0).expect("may be set");
    assert!(net.set_parameter("E.drive", f64::NAN).expect_err("not finite").contains("E.drive"));
    assert!(net.set_parameter("E.x", 1.0).expect_err("no such").contains("E.x"));

    let recorder = net.record("E.V", 0, 2, 1).expect("can be recorded");
    let saved = net.save().expect("memory");
    net.step(1).expect("finite");
    let spikes = net.take_spikes(population).expect("kept");
    assert_eq!(spikes.len(), 4096, "a drive of 20 mV/ms lets all spike at once");
    assert!(spikes.iter().enumerate().all(|(n, &(step, neuron))| step == 10 && neuron as usize == n));
    assert_eq!(net.take_record(recorder).expect("recorded"), [0.0, 0.0], "reset");
    assert_eq!(net.state("E.V").expect("there is one"), vec![0.0; 4096]);

    net.load(&saved).expect("its own");
    assert_eq!(net.step_count(), 10);
    assert!(net.load(&saved[..saved.len() / 2]).is_err());
}

#[test]
fn two_networks_live_in_one_c_program() {
    const MAIN: &str = r#"
#include "mini.h"
#include "double.h"
#include <stdio.h>
static void print(const uint8_t *hash) { for (int i = 0; i < 16; i++) printf("%02x", hash[i]); puts(""); }
int main(void) {
    char error[256];
    uint8_t hash[16];
    mini *a = mini_create(1, NULL, 1, error, sizeof error);
    double_ *b = double_create(1, NULL, 2, error, sizeof error);
    if (!a || !b || mini_step(a, STEPS) < 0 || double_step(b, STEPS) < 0) { puts(error); return 1; }
    mini_spike_hash(a, hash); print(hash);
    double_spike_hash(b, hash); print(hash);
    mini_destroy(a); double_destroy(b);
    return MINI_PARAMETER_COUNT - mini_parameter_count();
}
"#;
    let folder = tempfile::tempdir().expect("a folder");
    // A name that C has taken is allowed, and two processors in one program.
    let networks = [compile("mini", &host()), compile("double", &Target::new(Some("x86-64")).expect("known"))];
    let session = Session::just_in_time(&networks[0]).expect("links");
    let reference = hash(&mut session.create(1, 1).expect("memory"));
    fs::write(folder.path().join("main.c"), MAIN).expect("written");
    for kind in [Kind::Static, Kind::Object, Kind::Shared] {
        for compiled in &networks {
            library::write(compiled, host().runtime(), folder.path(), kind).expect("written");
        }
        run(Command::new("cc")
            .current_dir(&folder)
            .args(["-std=c99", "-DSTEPS=1000", "-o", "main", "main.c"])
            .args(WARNINGS)
            .args(networks.iter().map(|compiled| kind.file_name(&compiled.symbol)))
            .args(["-lm", "-Wl,-rpath,$ORIGIN"]));
        let hashes = run(&mut Command::new(folder.path().join("main")));
        assert_eq!(hashes, format!("{reference}\n{reference}\n"), "{kind:?}");
    }
}

#[test]
fn the_header_is_c_and_cpp() {
    let folder = tempfile::tempdir().expect("a folder");
    let compiled = compile("mini", &host());
    fs::write(folder.path().join("mini.h"), &compiled.header).expect("written");
    for (compiler, standard, file) in [("cc", "-std=c99", "a.c"), ("c++", "-std=c++98", "a.cc")] {
        // Twice: the guard works.
        fs::write(folder.path().join(file), "#include \"mini.h\"\n#include \"mini.h\"\n").expect("written");
        // C++98 has neither `long long` nor <cstdint>, but compilers have.
        run(Command::new(compiler).current_dir(&folder).args([standard, "-Wno-long-long", "-c", file]).args(WARNINGS));
    }
}

#[test]
fn a_shared_library_shows_its_interface_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let written =
        library::write(&compile("mini", &host()), host().runtime(), folder.path(), Kind::Shared).expect("written");
    let shown = run(Command::new("nm").args(["-D", "--defined-only"]).arg(&written.library));
    let mut shown: Vec<&str> = shown.lines().filter_map(|line| line.split_whitespace().last()).collect();
    let mut expected: Vec<String> = API.iter().map(|function| format!("mini_{}", function.name)).collect();
    shown.sort_unstable();
    expected.sort_unstable();
    assert_eq!(shown, expected);

    let dynamic = run(Command::new("readelf").arg("-d").arg(&written.library));
    for line in dynamic.lines().filter(|line| line.contains("(NEEDED)")) {
        assert!(line.contains("[libc.so.6]") || line.contains("[libm.so.6]"), "{line}");
    }
    assert!(!dynamic.contains("TEXTREL"), "the code is not position-independent");
}

#[test]
fn vectors_keep_their_width() {
    let context = context();
    let module = Module::parse(&context, MINI).expect("valid");
    for (cpu, level, register, absent) in [
        ("x86-64-v4", Level::V4, "%zmm", "none"),
        ("x86-64-v3", Level::V3, "%ymm", "%zmm"),
        ("x86-64", Level::Baseline, "%xmm", "%ymm"),
    ] {
        let target = Target::new(Some(cpu)).expect("known");
        assert_eq!(target.level(), level);
        let keep = Keep { llvm_ir: true, assembly: true };
        let generated = generate(&module, "mini", b"", &target, keep).expect("compiles");
        let assembly = generated.assembly.expect("kept");
        assert!(assembly.contains(register) && !assembly.contains(absent), "{cpu}:\n{assembly}");
        assert!(!assembly.contains("vfmadd"), "{cpu}: contracted:\n{assembly}");
        assert!(generated.llvm_ir.expect("kept").contains("fmul <16 x float>"));
    }
}

#[test]
fn an_unknown_processor_is_refused() {
    let error = Target::new(Some("pentium-9")).expect_err("unknown");
    assert!(
        matches!(&error, CompileError::Target(text) if text.contains("pentium-9") && text.contains("x86-64-v3")),
        "{error}"
    );
}

#[test]
fn files_of_others_are_not_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let compiled = compile("mini", &host());
    let write = || library::write(&compiled, host().runtime(), folder.path(), Kind::Static);
    write().expect("the folder is empty");
    write().expect("its own files are replaced");
    fs::write(folder.path().join("mini.h"), "int mine;\n").expect("written");
    assert!(matches!(write(), Err(LibraryError::Foreign(path)) if path == folder.path().join("mini.h")));
    let left: Vec<_> =
        fs::read_dir(&folder).expect("readable").map(|entry| entry.expect("readable").file_name()).collect();
    assert_eq!(left.len(), 2, "nothing is left behind: {left:?}");
    let file = folder.path().join("mini.h/below");
    assert!(matches!(
        library::write(&compiled, host().runtime(), Path::new(&file), Kind::Static),
        Err(LibraryError::Write { .. })
    ));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let target = host();
    assert_eq!(compile("mini", &target).object, compile("mini", &target).object);
}
