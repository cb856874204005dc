//! MLIR's llvm dialect to objects, libraries and running code.
//!
//! In: a module wholly in the llvm dialect that defines `<symbol>_derive`, `_init`, `_step` and
//! `_synapses` with the signatures of [`bpc_runtime_abi`], and the encoded descriptor. Out: one
//! relocatable object. [`jit`] and [`library`] get these same bytes, so that a network that runs in
//! `bpc run` and one in an application are the same machine code. Floating-point arithmetic is left
//! as the lowering wrote it: no fast-math, no contraction.

mod interface;
mod target;
mod translate;

pub mod header;
pub mod jit;
pub mod library;
pub mod runtime_object;

pub use target::{Level, Target};
pub use translate::register_translations;

use crate::{Bug, CompileError};
use inkwell::targets::FileType;
use melior::ir::Module;
use std::time::{Duration, Instant};

/// Which texts to keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// LLVM IR after optimisation.
    pub llvm_ir: bool,
    /// Assembly.
    pub assembly: bool,
}

/// Machine code of a network.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The relocatable object, without the runtime.
    pub object: Vec<u8>,
    /// See [`Keep::llvm_ir`].
    pub llvm_ir: Option<String>,
    /// See [`Keep::assembly`].
    pub assembly: Option<String>,
    /// Time of each phase, in order.
    pub timings: Vec<(&'static str, Duration)>,
}

/// Makes the object of a network.
///
/// # Errors
/// Only a [`Bug`]: whatever a user may write must have been refused before.
pub fn generate(
    module: &Module<'_>,
    symbol: &str,
    descriptor: &[u8],
    target: &Target,
    keep: Keep,
) -> Result<Generated, CompileError> {
    let mut clock = Clock::start();
    let context = inkwell::context::Context::create();
    let machine = target.machine()?;
    let llvm = translate::translate(&context, module)?;
    clock.lap("translate");
    interface::add(&llvm, symbol, descriptor)?;
    target.mark(&llvm, &machine);
    llvm.verify().map_err(|error| Bug(format!("the interface is not valid LLVM IR: {error}")))?;
    clock.lap("interface");
    target::optimize(&llvm, &machine)?;
    clock.lap("optimise");
    let llvm_ir = keep.llvm_ir.then(|| llvm.print_to_string().to_string());
    // Writing code changes the module, so the text comes from a copy.
    let assembly = if keep.assembly { Some(target::emit(&llvm.clone(), &machine, FileType::Assembly)?) } else { None };
    clock.lap("print");
    let object = target::emit(&llvm, &machine, FileType::Object)?;
    clock.lap("machine code");
    Ok(Generated {
        object,
        llvm_ir,
        assembly: assembly.map(|text| String::from_utf8_lossy(&text).into_owned()),
        timings: clock.laps,
    })
}

/// Times phases.
struct Clock {
    last: Instant,
    laps: Vec<(&'static str, Duration)>,
}

impl Clock {
    fn start() -> Clock {
        Clock { last: Instant::now(), laps: Vec::new() }
    }

    fn lap(&mut self, name: &'static str) {
        self.laps.push((name, self.last.elapsed()));
        self.last = Instant::now();
    }
}
