//! Links the program at a fixed address.
//!
//! MLIR and LLVM hold hundreds of thousands of pointers to code and tables. In a program that may
//! lie anywhere the loader writes every one of them before `main`, which took most of the time of
//! `bpc check`.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-link-arg-bins=-no-pie");
}
