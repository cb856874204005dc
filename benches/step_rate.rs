//! How long a step takes, f32, one thread.
//!
//! In: the networks of the yardstick. Out: time for 100 steps, after the first 200 ms in which they
//! settle; the throughput is neuron updates per second.

use bpc_benches::{COBA_HH, COBA_LIF, check, compile};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::time::Duration;

const STEPS: u64 = 100;

fn step_rate(c: &mut Criterion) {
    let mut group = c.benchmark_group("step_rate");
    group.sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(5));
    for (name, text, n) in
        [("coba_lif", COBA_LIF, 4_000u64), ("coba_lif", COBA_LIF, 40_000), ("coba_hh", COBA_HH, 4_000)]
    {
        let session = compile(&check(text, &[("n", &n.to_string())]));
        let mut network = session.create(42, 1).expect("it fits into memory");
        for population in ["E", "I"] {
            let handle = network.population_handle(population).expect("both networks have E and I");
            network.keep_spikes(handle, false).expect("the handle is right");
        }
        network.step(2_000).expect("all numbers stay finite");
        group.throughput(Throughput::Elements(n * STEPS));
        group.bench_function(format!("{name}/{n}"), |b| {
            b.iter(|| network.step(STEPS).expect("all numbers stay finite"));
        });
    }
    group.finish();
}

criterion_group!(benches, step_rate);
criterion_main!(benches);
