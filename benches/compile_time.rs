//! How long it takes from text to a model, and from a model's text to code that runs.
//!
//! `front_end`: parsing and checking of 300 lines. `whole`: everything up to linked code, f32; it must
//! not grow with the number of neurons.

use bpc_benches::{COBA_HH, COBA_LIF, LINES_300, check, check_network, compile};
use criterion::{Criterion, criterion_group, criterion_main};
use std::time::Duration;

fn front_end(c: &mut Criterion) {
    c.bench_function("front_end/300_lines", |b| b.iter(|| check_network(LINES_300, "Circuit0")));
}

fn whole(c: &mut Criterion) {
    let mut group = c.benchmark_group("whole");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(10));
    for (name, text) in [("coba_lif", COBA_LIF), ("coba_hh", COBA_HH)] {
        for n in ["4000", "400000"] {
            group.bench_function(format!("{name}/{n}"), |b| b.iter(|| compile(&check(text, &[("n", n)]))));
        }
    }
    group.finish();
}

criterion_group!(benches, front_end, whole);
criterion_main!(benches);
