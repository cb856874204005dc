//! Cables of compartments: against the linear systems that they are, closed forms of cable theory, and an axon that is
//! integrated here once more.

use crate::bpc::{bpc, example, here, run_json, text};
use crate::spike_trains;
use crate::statistics::array;
use std::f64::consts::PI;
use tempfile::TempDir;

/// A finished run.
struct Run(TempDir);

impl Run {
    #[track_caller]
    fn of(network: &str, options: &[&str]) -> Run {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, out) = (model(), text(folder.path()));
        run_json(&[&["run", &file, "--network", network, "--out", &out], options].concat());
        Run(folder)
    }

    fn trace(&self, state: &str) -> Vec<f64> {
        let values = array(&self.0.path().join("traces.npz"), state);
        assert!(!values.is_empty(), "no sample of {state}");
        values
    }

    fn last(&self, state: &str) -> f64 {
        self.trace(state)[self.trace(state).len() - 1]
    }

    /// The traces of compartments, compartment by compartment.
    fn cable(&self, name: &str, count: usize) -> Vec<Vec<f64>> {
        (0..count).map(|k| self.trace(&format!("{name}[{k}].V"))).collect()
    }
}

fn model() -> String {
    text(&here().join("cases/models/cable.bp"))
}

fn largest(errors: impl Iterator<Item = f64>) -> f64 {
    errors.fold(0.0, |a: f64, b| if b.is_nan() || b > a { b } else { a })
}

/// Solves a tridiagonal system with the same couplings between all neighbours.
fn tridiagonal(diagonal: &[f64], coupling: f64, right: &[f64]) -> Vec<f64> {
    let n = right.len();
    let (mut d, mut x) = (diagonal.to_vec(), right.to_vec());
    for i in 1..n {
        let factor = -coupling / d[i - 1];
        d[i] -= factor * -coupling;
        x[i] -= factor * x[i - 1];
    }
    x[n - 1] /= d[n - 1];
    for i in (0..n - 1).rev() {
        x[i] = (x[i] + coupling * x[i + 1]) / d[i];
    }
    x
}

mod passive {
    use super::*;

    /// In um, kOhm um, nS and nA: a current of 10 pA into the first compartment of a sealed cylinder.
    fn discrete(n: usize) -> Vec<f64> {
        let (d, length): (f64, f64) = (2.0, 1000.0);
        let dx = length / n as f64;
        // 0.1 mS/cm^2 = 1e-3 nS/um^2; 100 Ohm cm = 1e-3 GOhm um, and 1 / GOhm = 1 nS
        let leak = 1e-3 * PI * d * dx;
        let axial = PI * d * d / (4.0 * 1e-3 * dx);
        let ends = |k: usize| f64::from(u8::from(k > 0) + u8::from(k + 1 < n));
        let diagonal: Vec<f64> = (0..n).map(|k| leak + ends(k) * axial).collect();
        let mut current = vec![0.0; n];
        // 10 pA over 1 nS = 10 mV
        current[0] = 10.0;
        tridiagonal(&diagonal, axial, &current)
    }

    /// By propagators, by the compiler's choice for more compartments, and by the sparse implicit methods.
    #[test]
    fn steady_states_solve_the_linear_system() {
        let run = Run::of("Steady", &[]);
        for (name, n) in [("P10", 10), ("P20", 20), ("P40", 40), ("Implicit", 40), ("Stiff", 40)] {
            let wanted = discrete(n);
            let found: Vec<f64> = (0..n).map(|k| run.last(&format!("{name}.c[{k}].V"))).collect();
            let error = largest(found.iter().zip(&wanted).map(|(x, y)| (x / y - 1.0).abs()));
            println!("{name}: off by {error:.1e}, from {} to {} mV", found[0], found[n - 1]);
            assert!(error < 1e-9, "{name}: off by {error:e}");
        }
    }

    /// cosh((L - x) / lambda) between the middles of the first and the last compartment, the nearer the more there are.
    #[test]
    fn attenuation_converges_to_that_of_a_sealed_cylinder() {
        let run = Run::of("Steady", &[]);
        // sqrt(2 um / (4 * 100 Ohm cm * 0.1 mS/cm^2))
        let (lambda, length) = ((2e-4_f64 / (4.0 * 100.0 * 1e-4)).sqrt() * 1e4, 1000.0);
        let error = |name: &str, n: usize| {
            let dx = length / n as f64;
            let wanted = (0.5 * dx / lambda).cosh() / ((length - 0.5 * dx) / lambda).cosh();
            let found = run.last(&format!("{name}.c[{}].V", n - 1)) / run.last(&format!("{name}.c[0].V"));
            (found / wanted - 1.0).abs()
        };
        let errors = [error("P10", 10), error("P20", 20), error("P40", 40)];
        println!("{errors:?}");
        assert!(errors[0] < 2e-3);
        for pair in errors.windows(2) {
            let order = (pair[0] / pair[1]).log2();
            assert!((order - 2.0).abs() < 0.1, "{errors:?}");
        }
    }

    /// Rall (1962): where the 3/2 powers of the diameters add up, a tree is a cylinder, at all times. The two have different
    /// numbers of equations, so the same method rounds otherwise.
    #[test]
    fn a_branch_is_its_equivalent_cylinder() {
        let run = Run::of("Rall", &[]);
        let pairs = [
            ("Tree.trunk[0].V", "Cylinder.trunk[0].V"),
            ("Tree.trunk[11].V", "Cylinder.trunk[11].V"),
            ("Tree.a[11].V", "Cylinder.trunk[23].V"),
            ("Tree.b[11].V", "Cylinder.trunk[23].V"),
        ];
        for (tree, cylinder) in pairs {
            let (tree_values, cylinder_values) = (run.trace(tree), run.trace(cylinder));
            let most = largest(cylinder_values.iter().copied());
            let error = largest(tree_values.iter().zip(&cylinder_values).map(|(x, y)| (x - y).abs()));
            assert!(most > 0.5, "{cylinder} reaches {most} mV");
            assert!(error < 1e-10, "{tree} is off by {error:e} mV, of {most} mV");
        }
    }
}

mod arrays {
    use super::*;

    fn differ(run: &Run) -> Vec<&'static str> {
        let pairs = [
            ("A.soma.V", "B.soma.V"),
            ("A.c[0].V", "B.c_0.V"),
            ("A.c[1].V", "B.c_1.V"),
            ("A.c[2].V", "B.c_2.V"),
            ("A.far", "B.far"),
            ("A.c[1].L.I", "B.c_1.L.I"),
        ];
        let bits = |state: &str| run.trace(state).iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        pairs.into_iter().filter(|(a, b)| bits(a) != bits(b)).map(|(a, _)| a).collect()
    }

    /// An array is what one writes in its place, to the bit: members, couplings, resets and every path into it.
    #[test]
    fn arrays_stand_for_single_compartments() {
        let run = Run::of("WrittenOut", &[]);
        assert_eq!(differ(&run), Vec::<&str>::new());
        let spikes = |name: &str| array::<u64>(&run.0.path().join("spikes.npz"), &format!("{name}_step"));
        assert_eq!(spikes("A"), spikes("B"));
        assert!(!spikes("A").is_empty(), "the reset is reached");
    }

    #[test]
    fn parameters_of_elements_can_be_set() {
        let both = Run::of("WrittenOut", &["--set", "A.c[1].L.E=-70 mV", "--set", "B.c_1.L.E=-70 mV"]);
        assert_eq!(differ(&both), Vec::<&str>::new());
        let one = Run::of("WrittenOut", &["--set", "A.c[1].L.E=-70 mV"]);
        assert_eq!(differ(&one).len(), 6);
    }

    /// The number of compartments is fixed before the run, also by the command line.
    #[test]
    fn the_number_of_compartments_can_be_set() {
        let run = Run::of("Orders", &["--set", "hines.n=8", "--duration", "1 ms"]);
        assert_eq!(run.trace("hines.axon[5].V").len(), 40);
        let file = model();
        let output = bpc(&["run", &file, "--network", "Orders", "--set", "hines.n=4", "--quiet"]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains("E0487"), "{told}");
    }
}

mod axon {
    use super::*;

    /// 476 um thick and `length_mm` long, in n compartments; the classical Runge-Kutta method with a step that resolves the
    /// currents between them. Potential, m, h and n of each.
    struct Reference {
        states: Vec<[f64; 4]>,
        /// Over the capacitance of a compartment: axial conductance (ms^-1) and current (mV/ms).
        axial: f64,
        current: f64,
    }

    fn rates(v: f64) -> [(f64, f64); 3] {
        let exprel = |x: f64| if x.abs() < 1e-9 { 1.0 + x / 2.0 } else { x.exp_m1() / x };
        [
            (1.0 / exprel(-(v + 40.0) / 10.0), 4.0 * (-(v + 65.0) / 18.0).exp()),
            (0.07 * (-(v + 65.0) / 20.0).exp(), 1.0 / (1.0 + (-(v + 35.0) / 10.0).exp())),
            (0.1 / exprel(-(v + 55.0) / 10.0), 0.125 * (-(v + 65.0) / 80.0).exp()),
        ]
    }

    impl Reference {
        fn new(n: usize, length_mm: f64, micro_amperes: f64) -> Reference {
            // in cm, s, F, Ohm: 1 uF/cm^2, 35.4 Ohm cm
            let (d, dx) = (0.0476, 0.1 * length_mm / n as f64);
            let area = PI * d * dx;
            let axial = PI * d * d / (4.0 * 35.4 * dx) / (1e-6 * area) * 1e-3;
            // uA over uF are mV/ms
            let current = micro_amperes / area;
            let gates = rates(-65.0).map(|(a, b)| a / (a + b));
            Reference { states: vec![[-65.0, gates[0], gates[1], gates[2]]; n], axial, current }
        }

        fn slopes(&self, states: &[[f64; 4]], on: bool) -> Vec<[f64; 4]> {
            let n = states.len();
            let of = |k: usize| {
                let [v, m, h, n_k] = states[k];
                let mut flow =
                    120.0 * m.powi(3) * h * (50.0 - v) + 36.0 * n_k.powi(4) * (-77.0 - v) + 0.3 * (-54.387 - v);
                if k > 0 {
                    flow += self.axial * (states[k - 1][0] - v);
                }
                if k + 1 < n {
                    flow += self.axial * (states[k + 1][0] - v);
                }
                if k == 0 && on {
                    flow += self.current;
                }
                let [r_m, r_h, r_n] = rates(v);
                let gate = |(a, b): (f64, f64), x: f64| a * (1.0 - x) - b * x;
                [flow, gate(r_m, m), gate(r_h, h), gate(r_n, n_k)]
            };
            (0..n).map(of).collect()
        }

        /// Goes on by `dt` ms in sub-steps, the current as it is at the start.
        fn advance(&mut self, dt: f64, parts: u32, on: bool) {
            let h = dt / f64::from(parts);
            let moved = |states: &[[f64; 4]], slopes: &[[f64; 4]], h: f64| -> Vec<[f64; 4]> {
                let one = |(x, s): (&[f64; 4], &[f64; 4])| std::array::from_fn(|i| x[i] + h * s[i]);
                states.iter().zip(slopes).map(one).collect()
            };
            for _ in 0..parts {
                let a = self.slopes(&self.states, on);
                let b = self.slopes(&moved(&self.states, &a, h / 2.0), on);
                let c = self.slopes(&moved(&self.states, &b, h / 2.0), on);
                let d = self.slopes(&moved(&self.states, &c, h), on);
                for (k, state) in self.states.iter_mut().enumerate() {
                    for i in 0..4 {
                        state[i] += h / 6.0 * (a[k][i] + 2.0 * b[k][i] + 2.0 * c[k][i] + d[k][i]);
                    }
                }
            }
        }
    }

    /// When a potential rises through 0 mV, in ms, between the ends of steps.
    fn passage(trace: &[f64], dt: f64) -> f64 {
        let at = trace.windows(2).position(|w| w[0] < 0.0 && w[1] >= 0.0).expect("an action potential");
        dt * (at as f64 + 1.0 + trace[at] / (trace[at] - trace[at + 1]))
    }

    /// Between a quarter and three quarters of 50 mm, in m/s.
    fn velocity(traces: &[Vec<f64>], dt: f64) -> f64 {
        let n = traces.len();
        let (first, last) = (n / 4, 3 * n / 4);
        50.0 / n as f64 * (last - first) as f64 / (passage(&traces[last], dt) - passage(&traces[first], dt))
    }

    #[test]
    fn action_potentials_travel_as_fast_as_they_should() {
        let dt = 0.025;
        let runs = [dt, dt / 2.0].map(|dt| (dt, Run::of("Propagation", &["--dt", &format!("{dt} ms")])));
        let mut velocities = Vec::new();
        for (name, n) in [("Coarse.axon", 25), ("Fine.axon", 50)] {
            let mut reference = Reference::new(n, 50.0, 25.0);
            let mut wanted = vec![Vec::new(); n];
            for step in 0..240 {
                reference.advance(dt, 5, step < 20);
                wanted.iter_mut().zip(&reference.states).for_each(|(trace, state)| trace.push(state[0]));
            }
            let right = velocity(&wanted, dt);
            let errors = runs.each_ref().map(|(dt, run)| (velocity(&run.cable(name, n), *dt) / right - 1.0).abs());
            println!("{name}: {right} m/s, off by {errors:?}");
            assert!(errors[0] < 0.01 && errors[1] < 0.003, "{name}: {right} m/s, off by {errors:?}");
            velocities.push(right);
        }
        // Hodgkin and Huxley's theory has 18.8 m/s at 18.5 degrees; at 6.3 it is two thirds of that.
        assert!((11.0..14.0).contains(&velocities[1]), "{velocities:?}");
        assert!((velocities[0] / velocities[1] - 1.0).abs() < 0.1, "{velocities:?}");
    }

    /// 24 equations, which dense elimination was once too long for: each method has its order in the potential.
    #[test]
    fn sparse_methods_have_their_order() {
        let wanted: Vec<Vec<f64>> = {
            let mut reference = Reference::new(6, 9.0, 4.0);
            let step = |_| {
                reference.advance(0.025, 20, true);
                reference.states.iter().map(|s| s[0]).collect()
            };
            (0..80).map(step).collect()
        };
        let runs = [0.025, 0.0125].map(|dt| Run::of("Orders", &["--dt", &format!("{dt} ms")]));
        for (name, order) in [("hines", 2.0), ("rosenbrock", 3.0), ("implicit_euler", 1.0)] {
            let errors = [(0, 1), (1, 2)].map(|(run, every): (usize, usize)| {
                let traces = runs[run].cable(&format!("{name}.axon"), 6);
                let off = |k: usize| {
                    let samples = traces[k].iter().skip(every - 1).step_by(every);
                    largest(samples.zip(&wanted).map(|(x, w)| (x - w[k]).abs()))
                };
                largest((0..6).map(off))
            });
            let found = (errors[0] / errors[1]).log2();
            println!("{name}: off by {:.2e} mV, half the step {:.2e} mV: order {found:.2}", errors[0], errors[1]);
            assert!((found - order).abs() < 0.3, "{name}: {errors:?}, order {found}");
        }
    }

    /// The same compartments one by one, by exponential Euler: a potential that stands still over a step holds back its
    /// neighbours, and the wave is late.
    #[test]
    fn taken_one_by_one_compartments_are_slow() {
        let run = Run::of("OneByOne", &[]);
        let [chosen, alone, implicit] =
            ["Chosen", "Alone", "Implicit"].map(|name| velocity(&run.cable(&format!("{name}.axon"), 50), 0.025));
        println!("{chosen} m/s, one by one {alone} m/s, rosenbrock {implicit} m/s");
        assert!((chosen / implicit - 1.0).abs() < 0.002, "{chosen} m/s, rosenbrock {implicit} m/s");
        assert!(alone < 0.8 * chosen, "{alone} m/s, {chosen} m/s");
    }

    #[test]
    fn two_that_meet_do_not_pass() {
        let folder = tempfile::tempdir().expect("a folder");
        run_json(&["run", &example("action_potential.bp"), "--out", &text(folder.path())]);
        let neurons: Vec<u32> = array(&folder.path().join("spikes.npz"), "A_neuron");
        assert_eq!(neurons, [1, 0], "the second pulse of the second neuron starts near the place");
        let traces: Vec<f64> = array(&folder.path().join("traces.npz"), "A.axon[20].V");
        // Both reach the middle, and what is too weak does not leave its end.
        let most = |neuron: usize| largest(traces.iter().skip(neuron).step_by(3).map(|v| v + 65.0));
        assert!(most(0) > 90.0 && most(1) > 90.0 && most(2) < 1.0, "{} {} {}", most(0), most(1), most(2));
        let output = bpc(&["test", &example("action_potential.bp")]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Indices may be names wherever a state of an array is named: in resets, `hold` and `clamp`, and in what a receptor or a rule
/// reads of its neurons.
#[test]
fn states_of_arrays_are_named_by_indices() {
    let text = |last: &str, before: &str, each: &str| {
        format!(
            "use std::receptors::Delta
plasticity Voltage {{ weight w  pre x as u : mV  post V : mV  on pre {{ w += 0.01 * (V - u) }} }}
cell Cable {{
    param n : count = 4
    compartment d[k in 0..n] {{
        input I : uA/cm^2
        state hits : 1 = 0
        membrane V : mV = -65 mV + 5 mV * k {{ capacitance = 1 uF/cm^2  current = 0.1 mS/cm^2 * (-50 mV - V) }}
    }}
    couple d[k] <-> d[k + 1] (0.2 mS/cm^2) for k in 0..n - 1
    spike when d[0].V > -58 mV {{
        d[0].V = -70 mV
        d[{last}].hits += 1
        refractory 1 ms hold d[{last}].V clamp d[{before}].V = -60 mV
    }}
}}
network Net {{
    population A[3] : Cable
    init A.d[0].V = -65 mV + 0.3 mV * i
    {each}
}}
simulate Net {{ dt 0.05 ms  duration 20 ms  record A.d[0..4].V  record A.d[3].hits }}
"
        )
    };
    let clauses = "connect all_to_all(no_self)  weight 0.1 mV  plasticity Voltage";
    let by_name = format!(
        "project p: A -> A for k in 0..3 {{ {clauses} {{ u = d[k + 1].V, V = d[3].V }}  receptor Delta {{ V = d[k].V }} }}"
    );
    let through = |k: usize| {
        format!(
            "project p{k}: A -> A {{ {clauses} {{ u = d[{}].V, V = d[3].V }}  receptor Delta  into d[{k}] }}\n",
            k + 1
        )
    };
    let written_out: String = (0..3).map(through).collect();
    let runs = [text("n - 1", "n-2", &by_name), text("3", "2", &written_out)]
        .map(|text| spike_trains::Run::of(&text, 0.05, &[]));
    for name in ["A.d[0].V", "A.d[1].V", "A.d[2].V", "A.d[3].V", "A.d[3].hits"] {
        let [named, numbers] = [0, 1].map(|run: usize| runs[run].values(name));
        assert!(named == numbers, "{name}");
    }
    assert!(runs[0].values("A.d[3].hits").iter().any(|hits| *hits > 1.0), "no spikes");
}
