//! MLIR's llvm dialect to a module of LLVM IR.

use crate::Bug;
use inkwell::context::Context as LlvmContext;
use inkwell::module::Module as LlvmModule;
use melior::Context;
use melior::ir::Module;

/// Makes [`translate`] possible for modules of this context; call once, after loading dialects.
pub fn register_translations(context: &Context) {
    melior::utility::register_all_llvm_translations(context);
}

/// Translates a module that has nothing but the llvm dialect in it.
///
/// # Errors
/// A [`Bug`] if something else is in it, or if the outcome is not valid LLVM IR.
pub fn translate<'ctx>(llvm: &'ctx LlvmContext, module: &Module<'_>) -> Result<LlvmModule<'ctx>, Bug> {
    // SAFETY: both are live; the context is the one that inkwell owns, of the same LLVM.
    let raw = unsafe { mlir_sys::mlirTranslateModuleToLLVMIR(module.as_operation().to_raw(), llvm.raw().cast()) };
    if raw.is_null() {
        return Err(Bug("the lowered module cannot be translated to LLVM IR".into()));
    }
    // SAFETY: a new module of this context that nobody else owns; inkwell disposes of it.
    let module = unsafe { LlvmModule::new(raw.cast()) };
    module.verify().map_err(|error| Bug(format!("the lowered module is not valid LLVM IR: {error}")))?;
    Ok(module)
}
