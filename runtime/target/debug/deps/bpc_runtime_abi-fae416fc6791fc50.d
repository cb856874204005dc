/work/wt/rules/runtime/target/debug/deps/bpc_runtime_abi-fae416fc6791fc50.d: runtime/abi/src/lib.rs runtime/abi/src/descriptor.rs runtime/abi/src/descriptor/read.rs runtime/abi/src/symbols.rs

/work/wt/rules/runtime/target/debug/deps/libbpc_runtime_abi-fae416fc6791fc50.rmeta: runtime/abi/src/lib.rs runtime/abi/src/descriptor.rs runtime/abi/src/descriptor/read.rs runtime/abi/src/symbols.rs

runtime/abi/src/lib.rs:
runtime/abi/src/descriptor.rs:
runtime/abi/src/descriptor/read.rs:
runtime/abi/src/symbols.rs:
