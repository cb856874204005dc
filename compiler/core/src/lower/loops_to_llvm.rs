//! Loops to MLIR's llvm dialect, by MLIR's own conversions.

use crate::Bug;
use melior::Context;
use melior::ir::Module;
use melior::ir::operation::OperationLike;
use melior::pass::PassManager;
use melior::utility::parse_pass_pipeline;

/// In order: equal operations are merged while they are still readable, then each dialect goes to
/// the next lower one; nothing but llvm is left.
const CONVERSIONS: &str = "builtin.module(cse,convert-scf-to-cf,convert-vector-to-llvm,convert-math-to-llvm,\
convert-arith-to-llvm,convert-func-to-llvm,convert-cf-to-llvm,reconcile-unrealized-casts)";

/// Converts a module of func, scf, arith, math, vector and llvm.
///
/// # Errors
/// A [`Bug`] if MLIR refuses.
pub fn convert(context: &Context, module: &mut Module) -> Result<(), Bug> {
    let manager = PassManager::new(context);
    manager.enable_verifier(cfg!(debug_assertions));
    parse_pass_pipeline(manager.as_operation_pass_manager(), CONVERSIONS)
        .map_err(|error| Bug(format!("the conversions to llvm cannot be set up: {error}")))?;
    manager.run(module).map_err(|_| Bug("the conversions to llvm failed".into()))?;
    if module.as_operation().verify() { Ok(()) } else { Err(Bug("the llvm dialect does not verify".into())) }
}
