//! How long it takes to deliver one spike over one synapse, f32, one thread.
//!
//! In: a network in which every neuron spikes once in 8 steps and reaches 100 others. Out: the time of
//! these 8 steps minus that of 8 silent ones; the throughput is synaptic events per second, so that
//! 1 Gelem/s is 1 ns for an event.

use bpc_benches::{PACEMAKERS, check, compile};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::time::{Duration, Instant};

/// Steps in a period.
const STEPS: u64 = 8;
/// Synapses of a neuron.
const K: u64 = 100;
/// The period in ms in which every neuron spikes, and the one in which none does.
const PERIODS: [f64; 2] = [1.0, 1e9];

fn event_delivery(c: &mut Criterion) {
    let mut group = c.benchmark_group("event_delivery");
    group.sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(10));
    for n in [10_000u64, 100_000] {
        let session = compile(&check(PACEMAKERS, &[("n", &n.to_string()), ("k", &K.to_string())]));
        let mut network = session.create(42, 1).expect("it fits into memory");
        let population = network.population_handle("P").expect("the network has P");
        network.keep_spikes(population, false).expect("the handle is right");
        network.step(10 * STEPS).expect("all numbers stay finite");
        let before = network.spike_count(population);
        network.step(STEPS).expect("all numbers stay finite");
        assert_eq!(network.spike_count(population) - before, n, "every neuron spikes once in a period");

        group.throughput(Throughput::Elements(n * K));
        group.bench_function(n.to_string(), |b| {
            b.iter_custom(|iterations| {
                let [busy, silent] = PERIODS.map(|period| {
                    network.set_parameter("P.period", period).expect("it is a parameter");
                    let begin = Instant::now();
                    network.step(iterations * STEPS).expect("all numbers stay finite");
                    begin.elapsed()
                });
                busy.saturating_sub(silent)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, event_delivery);
criterion_main!(benches);
