//! The processor, and what LLVM is told about it.

use super::runtime_object::Variant;
use crate::{Bug, CompileError};
use inkwell::OptimizationLevel;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::Module;
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::{CodeModel, FileType, InitializationConfig, RelocMode, TargetMachine, TargetTriple};
use llvm_sys::support::LLVMParseCommandLineOptions;
use std::ffi::CStr;
use std::sync::Once;

/// Levels of the x86-64 processors that have a name here: LLVM takes any text for a name and then
/// builds for something else, so what is not in this table is refused.
const PROCESSORS: &[(Level, &[&str])] = &[
    (Level::Baseline, &["x86-64"]),
    (Level::V2, &["x86-64-v2", "nehalem", "westmere", "sandybridge", "ivybridge"]),
    (
        Level::V3,
        &[
            "x86-64-v3",
            "haswell",
            "broadwell",
            "skylake",
            "alderlake",
            "raptorlake",
            "meteorlake",
            "arrowlake",
            "znver1",
            "znver2",
            "znver3",
        ],
    ),
    (
        Level::V4,
        &[
            "x86-64-v4",
            "skylake-avx512",
            "cascadelake",
            "cooperlake",
            "icelake-client",
            "icelake-server",
            "rocketlake",
            "tigerlake",
            "sapphirerapids",
            "emeraldrapids",
            "graniterapids",
            "znver4",
            "znver5",
        ],
    ),
];

/// Passes of LLVM IR. The loops arrive vectorised and simplified by our own lowering, so this is a
/// fraction of `default<O2>`: no vectorisers, no unrolling by guess, no inliner.
const PASSES: &str = "function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,\
                      loop-mssa(loop-rotate,licm),gvn,instcombine<no-verify-fixpoint>,dse,simplifycfg)";

/// Options of LLVM's code generator. The update of a cell with hundreds of compartments is one block of thousands of loads and
/// stores, and by default the time that LLVM takes for their order grows with the square of their number. Blocks with fewer of them
/// are compiled as without these options.
const GENERATOR: &[&CStr] = &[
    c"bpc",
    // Of so many loads and stores a block is scheduled in sections.
    c"-dag-maps-huge-region=100",
    // So many of them are looked at when two orders are merged.
    c"-combiner-tokenfactor-inline-limit=64",
];

/// How wide the vectors of a processor are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// SSE2.
    Baseline,
    /// SSE4.2.
    V2,
    /// AVX2 and FMA.
    V3,
    /// AVX-512 F, BW, CD, DQ and VL.
    V4,
}

/// A processor to build for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    cpu: String,
    features: String,
    level: Level,
}

impl Target {
    /// This machine's processor with all its features (`None` or `native`), or a named one.
    ///
    /// # Errors
    /// [`CompileError::Target`] for a name that is not known.
    pub fn new(cpu: Option<&str>) -> Result<Target, CompileError> {
        initialize();
        let Some(cpu) = cpu.filter(|name| *name != "native") else { return Ok(Self::host()) };
        let level = PROCESSORS.iter().find(|(_, names)| names.contains(&cpu)).map(|(level, _)| *level);
        let Some(level) = level else {
            let known: Vec<&str> = PROCESSORS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
            return Err(CompileError::Target(format!(
                "unknown processor `{cpu}`; known are native, {}",
                known.join(", ")
            )));
        };
        Ok(Target { cpu: cpu.into(), features: String::new(), level })
    }

    /// This machine's processor.
    fn host() -> Target {
        let cpu = TargetMachine::get_host_cpu_name().to_string();
        let features = TargetMachine::get_host_cpu_features().to_string();
        let has =
            |list: &[&str]| list.iter().all(|name| features.split(',').any(|f| f.strip_prefix('+') == Some(name)));
        let level = if has(&["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx2", "fma", "bmi2"]) {
            Level::V4
        } else if has(&["avx2", "fma", "bmi", "bmi2", "f16c", "lzcnt", "movbe"]) {
            Level::V3
        } else if has(&["sse4.2", "popcnt"]) {
            Level::V2
        } else {
            Level::Baseline
        };
        Target { cpu, features, level }
    }

    /// LLVM's name of the processor.
    #[must_use]
    pub fn cpu(&self) -> &str {
        &self.cpu
    }

    /// How wide its vectors are.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Bytes of a vector register: what the lowering should fill.
    #[must_use]
    pub fn vector_bytes(&self) -> u32 {
        match self.level {
            Level::Baseline | Level::V2 => 16,
            Level::V3 => 32,
            Level::V4 => 64,
        }
    }

    /// The runtime to link with.
    #[must_use]
    pub fn runtime(&self) -> Variant {
        if self.level >= Level::V3 { Variant::V3 } else { Variant::Baseline }
    }

    /// LLVM's own object for it.
    pub(super) fn machine(&self) -> Result<TargetMachine, Bug> {
        let triple = triple();
        let target = inkwell::targets::Target::from_triple(&triple)
            .map_err(|error| Bug(format!("no x86-64 in this LLVM: {error}")))?;
        let level = OptimizationLevel::Default;
        target
            .create_target_machine(&triple, &self.cpu, &self.features, level, RelocMode::PIC, CodeModel::Small)
            .ok_or_else(|| Bug(format!("LLVM has no target machine for {}", self.cpu)))
    }

    /// Tells the module and each function in it what they are for.
    ///
    /// The width is stated twice: `prefer-vector-width` keeps LLVM from narrowing 512-bit code to
    /// 256 bits, `min-legal-vector-width` from splitting it.
    pub(super) fn mark(&self, module: &Module<'_>, machine: &TargetMachine) {
        module.set_triple(&triple());
        module.set_data_layout(&machine.get_target_data().get_data_layout());
        let context = module.get_context();
        let width = (self.vector_bytes() * 8).to_string();
        let texts = [
            ("target-cpu", self.cpu.as_str()),
            ("target-features", self.features.as_str()),
            ("prefer-vector-width", &width),
            ("min-legal-vector-width", &width),
        ];
        let nounwind = context.create_enum_attribute(Attribute::get_named_enum_kind_id("nounwind"), 0);
        for function in module.get_functions().filter(|function| function.count_basic_blocks() > 0) {
            for (key, value) in texts.iter().filter(|(_, value)| !value.is_empty()) {
                function.add_attribute(AttributeLoc::Function, context.create_string_attribute(key, value));
            }
            function.add_attribute(AttributeLoc::Function, nounwind);
        }
    }
}

/// Runs [`PASSES`].
pub(super) fn optimize(module: &Module<'_>, machine: &TargetMachine) -> Result<(), Bug> {
    let options = PassBuilderOptions::create();
    options.set_verify_each(cfg!(debug_assertions));
    module.run_passes(PASSES, machine, options).map_err(|error| Bug(format!("LLVM's passes failed: {error}")))
}

/// Machine code as an object file or as text.
pub(super) fn emit(module: &Module<'_>, machine: &TargetMachine, kind: FileType) -> Result<Vec<u8>, Bug> {
    let buffer =
        machine.write_to_memory_buffer(module, kind).map_err(|error| Bug(format!("LLVM wrote no code: {error}")))?;
    Ok(buffer.as_slice().to_vec())
}

/// Makes LLVM's x86 code generator available in this process.
pub(super) fn initialize() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        inkwell::targets::Target::initialize_x86(&InitializationConfig::default());
        let options: Vec<_> = GENERATOR.iter().map(|option| option.as_ptr()).collect();
        let count = i32::try_from(options.len()).expect("a few options");
        // SAFETY: so many texts that end with a zero byte and live for ever; LLVM copies them. It reads options once in a process, and
        // nothing else here gives it any.
        unsafe { LLVMParseCommandLineOptions(count, options.as_ptr(), std::ptr::null()) };
    });
}

fn triple() -> TargetTriple {
    TargetTriple::create("x86_64-unknown-linux-gnu")
}
