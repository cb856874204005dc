/work/wt/rules/runtime/target/debug/deps/bpc_runtime-0e9a1840a10b3b8c.d: runtime/src/lib.rs runtime/src/api.rs runtime/src/connectivity/mod.rs runtime/src/connectivity/bernoulli.rs runtime/src/connectivity/bounded.rs runtime/src/connectivity/dense.rs runtime/src/connectivity/fixed_total.rs runtime/src/connectivity/in_degree.rs runtime/src/connectivity/out_degree.rs runtime/src/connectivity/pairwise.rs runtime/src/connectivity/scale_free.rs runtime/src/connectivity/small_world.rs runtime/src/connectivity/csr.rs runtime/src/error.rs runtime/src/hash.rs runtime/src/logarithm.rs runtime/src/philox.rs runtime/src/propagator.rs runtime/src/checkpoint.rs runtime/src/finite.rs runtime/src/instance.rs runtime/src/layout.rs runtime/src/memory.rs runtime/src/record.rs runtime/src/spikes.rs runtime/src/sys.rs runtime/src/threads.rs

/work/wt/rules/runtime/target/debug/deps/libbpc_runtime-0e9a1840a10b3b8c.rmeta: runtime/src/lib.rs runtime/src/api.rs runtime/src/connectivity/mod.rs runtime/src/connectivity/bernoulli.rs runtime/src/connectivity/bounded.rs runtime/src/connectivity/dense.rs runtime/src/connectivity/fixed_total.rs runtime/src/connectivity/in_degree.rs runtime/src/connectivity/out_degree.rs runtime/src/connectivity/pairwise.rs runtime/src/connectivity/scale_free.rs runtime/src/connectivity/small_world.rs runtime/src/connectivity/csr.rs runtime/src/error.rs runtime/src/hash.rs runtime/src/logarithm.rs runtime/src/philox.rs runtime/src/propagator.rs runtime/src/checkpoint.rs runtime/src/finite.rs runtime/src/instance.rs runtime/src/layout.rs runtime/src/memory.rs runtime/src/record.rs runtime/src/spikes.rs runtime/src/sys.rs runtime/src/threads.rs

runtime/src/lib.rs:
runtime/src/api.rs:
runtime/src/connectivity/mod.rs:
runtime/src/connectivity/bernoulli.rs:
runtime/src/connectivity/bounded.rs:
runtime/src/connectivity/dense.rs:
runtime/src/connectivity/fixed_total.rs:
runtime/src/connectivity/in_degree.rs:
runtime/src/connectivity/out_degree.rs:
runtime/src/connectivity/pairwise.rs:
runtime/src/connectivity/scale_free.rs:
runtime/src/connectivity/small_world.rs:
runtime/src/connectivity/csr.rs:
runtime/src/error.rs:
runtime/src/hash.rs:
runtime/src/logarithm.rs:
runtime/src/philox.rs:
runtime/src/propagator.rs:
runtime/src/checkpoint.rs:
runtime/src/finite.rs:
runtime/src/instance.rs:
runtime/src/layout.rs:
runtime/src/memory.rs:
runtime/src/record.rs:
runtime/src/spikes.rs:
runtime/src/sys.rs:
runtime/src/threads.rs:

# env-dep:CARGO_PKG_VERSION=0.1.0
