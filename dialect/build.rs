//! Makes the dialect's C++ from its TableGen definition and compiles the shim.

use std::{env, path::PathBuf, process::Command};

const GENERATED: &[(&str, &str)] = &[
    ("-gen-dialect-decls", "Dynamics.dialect.h.inc"),
    ("-gen-dialect-defs", "Dynamics.dialect.cpp.inc"),
    ("-gen-op-decls", "Dynamics.ops.h.inc"),
    ("-gen-op-defs", "Dynamics.ops.cpp.inc"),
];

fn main() {
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    let prefix = env::var("MLIR_SYS_220_PREFIX").unwrap_or_else(|_| "/usr/lib/llvm-22".into());
    let include = format!("{prefix}/include");
    // melior's macro looks for the definition where this says.
    println!(
        "cargo:rustc-env=DYNAMICS_DIALECT_DIRECTORY={}",
        env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR")
    );
    for (flag, file) in GENERATED {
        let status = Command::new(format!("{prefix}/bin/mlir-tblgen"))
            .args([flag, "-I", &include, "-I", ".", "Dynamics.td", "-o"])
            .arg(out.join(file))
            .args(flag.contains("dialect").then_some("-dialect=dynamics"))
            .status()
            .expect("mlir-tblgen of LLVM 22 runs; see tools/install-dependencies");
        assert!(status.success(), "mlir-tblgen {flag} failed");
    }
    cc::Build::new()
        .cpp(true)
        .compiler(format!("{prefix}/bin/clang++"))
        .std("c++17")
        .flag("-fno-rtti")
        .flag("-w")
        .include(&out)
        .include(&include)
        .include(".")
        .file("dynamics.cpp")
        .compile("dynamics");
    for file in [
        "Dynamics.td",
        "DynamicsBase.td",
        "DynamicsModelOps.td",
        "DynamicsStepOps.td",
        "DynamicsValueOps.td",
        "dynamics.cpp",
        "dynamics.h",
    ] {
        println!("cargo:rerun-if-changed={file}");
    }
}
