//! Compiles the network with `bpc` (or what the variable BPC names) and links it statically.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=BPC");
    println!("cargo:rerun-if-changed=../coba_lif.bp");
    let bpc = env::var_os("BPC").unwrap_or_else(|| "bpc".into());
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let status = Command::new(&bpc)
        .args(["compile", "../coba_lif.bp", "-o", &out, "--kind", "static", "--precision", "f32"])
        .status()
        .unwrap_or_else(|error| panic!("cannot start {}: {error}; set BPC to the compiler", bpc.display()));
    assert!(status.success(), "bpc could not compile ../coba_lif.bp");
    println!("cargo:rustc-link-search=native={out}");
    println!("cargo:rustc-link-lib=static=coba_lif");
    println!("cargo:rustc-link-lib=m");
}
