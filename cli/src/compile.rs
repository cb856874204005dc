//! `bpc compile`: a library that applications link.

use crate::backend::{self, KindArg, PrecisionArg, stage};
use crate::console;
use crate::failure::Failure;
use crate::frontend::{Checked, ModelArguments};
use crate::output;
use bpc_core::CompileOptions;
use clap::Args;
use std::path::PathBuf;

/// See [`execute`].
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  bpc compile net.bp -o build               build/libnet.a and build/net.h
  bpc compile net.bp -o build --kind shared build/libnet.so and build/net.h
  bpc compile net.bp -o build --emit llvm   also build/net.llvm.ll")]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// The folder for what is made
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// What is made
    #[arg(long, value_name = "KIND", default_value = "static")]
    kind: KindArg,
    /// Width of real numbers
    #[arg(long, value_name = "TYPE", default_value = "f64")]
    precision: PrecisionArg,
    /// The processor it is for, such as x86-64-v3 [default: this machine's]
    #[arg(long, value_name = "NAME")]
    cpu: Option<String>,
    /// Also writes the text of a stage of the compilation
    #[arg(long, value_name = "STAGE", value_delimiter = ',', value_parser = stage)]
    emit: Vec<String>,
}

/// Compiles and writes library, header and stages.
///
/// # Errors
/// If the model has mistakes, or files cannot be written.
pub fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let input = arguments.model.input()?;
    let (model, sources) = Checked::of(&input, &arguments.model.request()).into_model()?;
    let _made = output::NewFolder::make(&arguments.output)?;
    let options = CompileOptions {
        precision: arguments.precision.into(),
        cpu: arguments.cpu.clone(),
        keep: arguments.emit.clone(),
    };
    let compiled = backend::compile(&model, &sources, &options)?;
    let mut batch = output::Batch::default();
    let mut stages = Vec::new();
    for (name, text) in &compiled.stages {
        let extension = match name.as_str() {
            "llvm" => "ll",
            "asm" => "s",
            _ => "mlir",
        };
        let path = arguments.output.join(format!("{}.{name}.{extension}", compiled.symbol));
        batch.add(&path, text.as_bytes())?;
        stages.push(path);
    }
    let mut written = backend::write_library(&compiled, arguments.kind.into(), &arguments.output)?;
    batch.commit()?;
    written.extend(stages);
    let lines: String = written.iter().map(|p| format!("{}\n", p.display())).collect();
    console::print(&lines)
}
