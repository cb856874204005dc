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

/// Coordinates of neurons in their parameters, initial values and drives, where the model has a state `x` and a parameter `y`.
#[test]
fn coordinates_are_known_wherever_each_neuron_has_a_value() {
    let run = Run::of(
        "neuron Placed {
            param tau = 10 ms, y : 1 = 5
            input I : 1
            state x : 1 = 7
            state v : 1 = 0
            state held : 1 = 3
            v' = (I - v) / tau
        }
        network Net {
            population A[6] : Placed { tau = 10 ms * (1 + A.x / (1 mm)), y = A.y / (1 mm) } at grid(rows = 2, columns = 3, spacing = 1 mm)
            population R[50] : Placed { tau = 10 ms * (1 + R.x / (1 mm)) } at random(width = 1 mm)
            population P[4] : Placed { tau = 10 ms * P.x / (1 um) } at position(x = 2 um * (i + 1))
            drive A.I = A.x / (1 mm) + 10 * A.y / (1 mm)
            init A.held = A.x / (1 mm)
            init R.held = R.x / (1 mm)
        }
        simulate Net { dt 0.1 ms  duration 1 ms  record A.tau, A.y, A.v, A.held, R.tau, R.held, P.tau every 1 ms }",
        1.0,
        &[],
    );
    for neuron in 0..6 {
        let (column, row) = ((neuron % 3) as f64, (neuron / 3) as f64);
        let tau = 10.0 * (1.0 + column);
        assert_eq!(run.values("A.tau")[neuron], tau);
        assert_eq!(run.values("A.y")[neuron], row);
        assert_eq!(run.values("A.held")[neuron], column);
        let wanted = (column + 10.0 * row) * -f64::exp_m1(-1.0 / tau);
        assert!((run.values("A.v")[neuron] - wanted).abs() < 1e-14, "neuron {neuron}");
    }
    let (tau, held) = (run.values("R.tau"), run.values("R.held"));
    assert!(held.iter().all(|x| (0.0..1.0).contains(x)) && held.iter().any(|x| (x - held[0]).abs() > 0.1));
    for (tau, x) in tau.iter().zip(&held) {
        assert!((tau - 10.0 * (1.0 + x)).abs() < 1e-13, "{tau} at {x}");
    }
    assert_eq!(run.values("P.tau"), [20.0, 40.0, 60.0, 80.0]);
}
