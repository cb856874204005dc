//! How long it takes to build a synapse, f32.
//!
//! In: 40,000 neurons with about 100 synapses each, by rule and number of threads. Out: the time of
//! `create()`, less than a hundredth of which is not connections; the throughput is synapses per
//! second, so that 1 Gelem/s is 1 ns for a synapse.

use bpc_benches::{RULES, check_network, compile};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::time::Duration;

fn connectivity(c: &mut Criterion) {
    let mut group = c.benchmark_group("connectivity");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(7));
    for network in ["Bernoulli", "InDegree"] {
        let session = compile(&check_network(RULES, network));
        let synapses = session.create(42, 1).expect("it fits into memory").synapse_count();
        group.throughput(Throughput::Elements(synapses));
        for threads in [1, 2] {
            group.bench_function(format!("{network}/{threads}_threads"), |b| {
                b.iter_with_large_drop(|| session.create(42, threads).expect("it fits into memory"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, connectivity);
criterion_main!(benches);
