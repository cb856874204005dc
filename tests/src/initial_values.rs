//! Initial values that follow from those of other states.

use crate::spike_trains::Run;

#[test]
fn initial_values_read_other_states_and_lets() {
    let text = "const theta = 2
neuron Cell {
    param shift = 1
    input I : 1
    state V : 1 = 3
    state late : 1 = n
    state n : 1 = n_inf
    state same : 1 = V
    let n_inf = tanh((V - theta) / 5) + I * shift
    V' = -V / 10 ms
    late' = 0 / 1 ms
    n' = (n_inf - n) / 5 ms
    same' = 0 / 1 ms
}
network Net {
    population A[4] : Cell
    population B[300] : Cell { shift ~ uniform(1, 2) }
    population C[5] : Cell
    init B.V ~ normal(-1, 2)
    init C.V = 1 + i
    init C[2..4].n = 10 * C.V + C.n_inf
    init C.same ~ C.n + uniform(0, 1)
}
simulate Net { dt 1 ms  duration 1 ms  record A.late, A.same, B.late, B.same, C.late, C.same }
";
    for (options, tolerance) in [(&[][..], 1e-14), (&["--threads", "3"], 1e-14), (&["--precision", "f32"], 1e-6)] {
        let run = Run::of(text, 1.0, options);
        let steady = |v: f64| ((v - 2.0) / 5.0).tanh();
        let near = |what: &str, found: f64, wanted: f64| {
            assert!((found - wanted).abs() <= tolerance * wanted.abs().max(1.0), "{what}: {found}, not {wanted}");
        };
        run.values("A.late").iter().for_each(|&n| near("A.late", n, steady(3.0)));
        run.values("A.same").iter().for_each(|&v| near("A.same", v, 3.0));
        // A draw is the same draw wherever the state is read.
        let drawn = run.values("B.same");
        drawn.iter().zip(run.values("B.late")).for_each(|(&v, n)| near("B.late", n, steady(v)));
        let mean = drawn.iter().sum::<f64>() / 300.0;
        assert!((mean + 1.0).abs() < 0.6 && drawn[0] != drawn[1], "{mean}");
        for (i, (late, same)) in run.values("C.late").into_iter().zip(run.values("C.same")).enumerate() {
            let v = 1.0 + i as f64;
            let wanted = if (2..4).contains(&i) { 10.0 * v + steady(v) } else { steady(v) };
            near("C.late", late, wanted);
            assert!(same >= wanted - 1e-6 && same <= wanted + 1.0 + 1e-6, "{same}, not from {wanted}");
        }
    }
}
