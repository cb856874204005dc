//! Compiles the runtime to one relocatable object for each [`VARIANTS`] entry.
//!
//! The library embeds these bytes: `bpc run` links them in memory, `bpc compile` puts them into
//! every library it writes, so that a user needs no Rust. Recipe: rustc makes a static library of
//! the runtime with its own standard `core` merged in (fat LTO), the linker joins what is reachable
//! from the exported functions into one object, and objcopy hides everything else. The exported
//! functions become weak and hidden: several networks can be linked into one program, and a shared
//! library exports none of them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Name of the constant's file and rustc's name of the processor.
const VARIANTS: &[(&str, &str)] = &[("baseline", "x86-64"), ("v3", "x86-64-v3")];

/// What the exported functions' names begin with; [`exported`] finds them all.
const PREFIX: &str = "bpc_rt3_";

/// What the runtime may take from the system: libc and libm are linked everywhere, nothing else is.
const FOREIGN: &[&str] = &["_Unwind_Resume", "rust_eh_personality"];

fn main() {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    let runtime = manifest.join("../../runtime");
    for folder in ["src", "abi/src"] {
        println!("cargo:rerun-if-changed={}", runtime.join(folder).display());
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=LLVM_SYS_221_PREFIX");

    for (name, cpu) in VARIANTS {
        let folder = out.join(name);
        std::fs::create_dir_all(&folder).expect("OUT_DIR can be written");
        let archive = compile(&runtime, cpu, &folder);
        let joined = folder.join("joined.o");
        join(&archive, &joined);
        let object = out.join(format!("runtime_{name}.o"));
        hide(&joined, &object);
        check(&object);
    }
}

/// rustc: the ABI crate, then the runtime with everything it uses as one static library.
fn compile(runtime: &Path, cpu: &str, folder: &Path) -> PathBuf {
    let rustc = env::var_os("RUSTC").expect("set by cargo");
    let common = |crate_name: &str| {
        let mut command = Command::new(&rustc);
        command.args(["--edition", "2024", "--crate-name", crate_name, "--target", "x86_64-unknown-linux-gnu"]);
        command.args(["-C", "panic=abort", "-C", "opt-level=3", "-C", "codegen-units=1", "-C", "debuginfo=0"]);
        command.args(["-C", "relocation-model=pic", "--cap-lints", "allow", "--cfg", "bpc_embedded"]);
        command.arg(format!("-Ctarget-cpu={cpu}")).arg(remap(runtime));
        command
    };
    let abi = folder.join("libbpc_runtime_abi.rlib");
    run(common("bpc_runtime_abi").args(["--crate-type", "rlib", "-o"]).arg(&abi).arg(runtime.join("abi/src/lib.rs")));
    let archive = folder.join("libbpc_runtime.a");
    let mut dependency = std::ffi::OsString::from("bpc_runtime_abi=");
    dependency.push(&abi);
    run(common("bpc_runtime")
        .args(["--crate-type", "staticlib", "-C", "lto=fat", "--extern"])
        .arg(dependency)
        .arg("-o")
        .arg(&archive)
        .arg(runtime.join("src/lib.rs")));
    archive
}

/// Paths of the build machine do not belong into users' libraries.
fn remap(runtime: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from("--remap-path-prefix=");
    argument.push(runtime);
    argument.push("=runtime");
    argument
}

/// The linker: one object of everything that is reachable from the exported functions.
fn join(archive: &Path, object: &Path) {
    let exported = exported(archive);
    assert!(!exported.is_empty(), "the runtime exports no function named {PREFIX}…");
    let mut command = Command::new(tool("ld.lld", "ld"));
    command.args(["-r", "--gc-sections", "--force-group-allocation", "-o"]).arg(object);
    for symbol in exported {
        command.arg("-u").arg(symbol);
    }
    run(command.arg(archive));
}

/// objcopy: only the exported functions stay visible to the linker, as weak and hidden ones.
fn hide(joined: &Path, object: &Path) {
    let mut command = Command::new(tool("llvm-objcopy", "llvm-objcopy"));
    command.args(["--localize-hidden", "--strip-debug", "--strip-unneeded", "--wildcard"]);
    command.args(["--remove-section", ".llvmbc", "--remove-section", ".llvmcmd", "--remove-section", ".comment"]);
    command.arg(format!("--weaken-symbol={PREFIX}*"));
    command.arg(format!("--set-symbol-visibility={PREFIX}*=hidden"));
    run(command.arg(joined).arg(object));
}

/// Exported functions, from the archive's symbol table.
fn exported(archive: &Path) -> Vec<String> {
    let output = run(Command::new(tool("llvm-nm", "nm")).args(["--defined-only", "--extern-only"]).arg(archive));
    let mut names: Vec<String> = output
        .lines()
        .filter_map(|line| line.split_whitespace().last())
        .filter(|name| name.starts_with(PREFIX))
        .map(str::to_string)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Nothing but the exported functions is defined, and nothing that no C library has is missing.
fn check(object: &Path) {
    let defined = run(Command::new(tool("llvm-nm", "nm")).args(["--defined-only", "--extern-only"]).arg(object));
    for name in defined.lines().filter_map(|line| line.split_whitespace().last()) {
        assert!(name.starts_with(PREFIX), "the embedded runtime must not define {name}");
    }
    let undefined = run(Command::new(tool("llvm-nm", "nm")).arg("--undefined-only").arg(object));
    for name in undefined.lines().filter_map(|line| line.split_whitespace().last()) {
        let rust = name.starts_with("_R") || name.starts_with("_ZN");
        assert!(!rust && !FOREIGN.contains(&name), "the embedded runtime needs {name}, which is not in libc or libm");
    }
}

/// A tool of LLVM 22, or `other` from the PATH.
fn tool(name: &str, other: &str) -> PathBuf {
    let prefix = env::var("LLVM_SYS_221_PREFIX").unwrap_or_else(|_| "/usr/lib/llvm-22".into());
    let ours = Path::new(&prefix).join("bin").join(name);
    if ours.exists() { ours } else { PathBuf::from(other) }
}

/// Runs a command and returns what it printed.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    assert!(output.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
