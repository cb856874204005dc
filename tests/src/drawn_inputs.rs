//! Inputs that are drawn in every step: their distribution, and what integrators make of them, step by step from what is recorded.

use crate::spike_trains::Run;

const N: usize = 200;

#[test]
fn integrators_see_the_input_that_is_recorded() {
    let source = format!(
        "neuron Linear {{
            input I : mV
            state V : mV = 0 mV
            state above : 1 = 0
            V' = (I - V) / 10 ms
            when I > 3 mV {{ above += 1 }}
        }}
        neuron Gain {{ input g : 1  state V : mV = 1 mV  V' = -g * V / 10 ms }}
        neuron Cubic {{ input I : 1  state x : 1 = 0  x' = (I - x - x^3) / 2 ms }}
        network Net {{
            population A[{N}] : Linear
            population B[{N}] : Linear method euler
            population G[{N}] : Gain
            population H[{N}] : Gain method rk4
            population C[{N}] : Cubic method implicit_euler {{ tolerance = 1e-12 }}
            drive A.I, B.I = normal(1 mV, 2 mV)
            drive A.I = 1 mV * bernoulli(0.25)
            drive G.g, H.g = gamma(2, 0.5)
            drive C.I = uniform(-1, 1) + 0 * C.x
        }}
        simulate Net {{ dt 0.1 ms  duration 5 ms  record A.I, A.V, A.above, B.I, B.V, G.g, G.V, H.g, H.V, C.I, C.x }}"
    );
    let runs = ["1", "3"].map(|threads| Run::of(&source, 0.1, &["--threads", threads]));
    let run = &runs[0];
    for name in ["A.I", "A.V", "A.above", "B.I", "G.V", "H.V", "C.I", "C.x"] {
        assert_eq!(run.values(name), runs[1].values(name), "{name}");
    }
    let z = -0.1_f64 / 10.0;
    let follow = |input: &str, state: &str, start: f64, step: &dyn Fn(f64, f64) -> f64| {
        let (input, state) = (run.values(input), run.values(state));
        assert_eq!(state.len(), 50 * N);
        for at in 0..state.len() {
            let before = if at < N { start } else { state[at - N] };
            let wanted = step(before, input[at]);
            assert!((state[at] - wanted).abs() < 1e-10, "{at}: {}, not {wanted}", state[at]);
        }
    };
    follow("A.I", "A.V", 0.0, &|v, input| input + (v - input) * z.exp());
    follow("B.I", "B.V", 0.0, &|v, input| v + z * (v - input));
    follow("G.g", "G.V", 1.0, &|v, g| v * (z * g).exp());
    follow("H.g", "H.V", 1.0, &|v, g| {
        let z = z * g;
        v * (1.0 + z + z * z / 2.0 + z.powi(3) / 6.0 + z.powi(4) / 24.0)
    });
    follow("C.I", "C.x", 0.0, &|before, input| {
        // Backward Euler by bisection: the right side falls with x.
        let (mut low, mut high) = (-2.0, 2.0);
        for _ in 0..200 {
            let x = (low + high) / 2.0;
            if x - before - 0.05 * (input - x - x * x * x) > 0.0 { high = x } else { low = x }
        }
        low
    });
    let input = run.values("A.I");
    let mut count = vec![0.0; N];
    for (at, counted) in run.values("A.above").into_iter().enumerate() {
        count[at % N] += f64::from(u8::from(input[at] > 3.0));
        assert_eq!(counted, count[at % N]);
    }
    // 10,000 draws; 4 standard errors, a false alarm in 16,000 each.
    let total = input.len() as f64;
    let moments = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / total;
        (mean, values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / total)
    };
    let both = run.values("B.I");
    for (label, values, mean, variance) in
        [("A.I", &input, 1.25, 4.0 + 0.25 * 0.75), ("B.I", &both, 1.0, 4.0), ("G.g", &run.values("G.g"), 1.0, 0.5)]
    {
        let (found, spread) = moments(values);
        println!("{label}: {found:.3} {spread:.3}");
        assert!((found - mean).abs() < 4.0 * (variance / total).sqrt(), "{label}: {found}, not {mean}");
        assert!((spread - variance).abs() < 0.15 * variance, "{label}: {spread}, not {variance}");
    }
    // Neither steps, nor neurons, nor populations share their draws.
    for (label, other) in [("steps", &input[N..]), ("neurons", &input[1..]), ("populations", &both[..])] {
        let pairs =
            input.iter().zip(other).map(|(a, b)| (a - 1.25) * (b - if label == "populations" { 1.0 } else { 1.25 }));
        let correlation = pairs.sum::<f64>() / other.len() as f64 / 4.1;
        assert!(correlation.abs() < 4.0 / total.sqrt(), "{label}: {correlation}");
    }
}
