//! States that all synapses of a source neuron share: what they see of the neuron, and conditions on them.

use crate::spike_trains::Run;

/// A neuron that spikes every 4 ms and counts in three ways; all are behind the step when its spike is answered.
#[test]
fn a_spike_finds_its_neuron_behind_its_resets() {
    let run = Run::of(
        "neuron Counting {
            state V : mV = 0 mV
            state q : 1 = 0
            state r : 1 = 0
            state u : 1 = 0
            V' = 1 mV/ms
            spike when V >= 4 mV { V = 0 mV  q += 1 }
            every 4 ms { r += 10 }
            when V >= 4 mV { u += 100 }
        }
        neuron Target { input I : 1  state y : 1 = 0  state z : 1 = 0  z' = I / 1 ms }
        plasticity Remember {
            weight w
            pre q : 1, r : 1, u : 1
            state n : 1 = 0
            on pre { n = q + r + u  transmit w * n }
        }
        receptor Jump { post y : 1  on spike(w) { y += w } }
        synapse Held { pre q : 1  state s : 1 = 0  on spike { s = q }  output s }
        receptor Flow { weight w : 1  input s : 1  output I = w * s }
        network Net {
            population A : Counting
            population B : Target
            project p: A -> B { connect all_to_all  weight 1  delay 2 ms  plasticity Remember  receptor Jump }
            project s: A -> B { connect all_to_all  weight 1  synapse Held  receptor Flow }
        }
        simulate Net { dt 1 ms  duration 20 ms  record A.q, A.r, A.u, p.n, B.y, s.s }",
        1.0,
        &[],
    );
    let of = |name: &str| run.values(name);
    let (q, r, u, n, y, s) = (of("A.q"), of("A.r"), of("A.u"), of("p.n"), of("B.y"), of("s.s"));
    let mut arrived = 0.0;
    for step in 0..20_usize {
        // Spikes at the ends of steps 3, 7, 11, …
        let spikes = ((step + 1) / 4) as f64;
        assert_eq!((q[step], r[step], u[step]), (spikes, 10.0 * spikes, 100.0 * spikes), "step {step}");
        assert_eq!(n[step], 111.0 * spikes, "step {step}");
        assert_eq!(s[step], spikes, "step {step}");
        // That of step k is at the synapse at the start of step k + 2.
        if step >= 5 && (step - 5) % 4 == 0 {
            arrived += 111.0 * ((step - 1) / 4) as f64;
        }
        assert_eq!(y[step], arrived, "step {step}");
    }
}

/// What is transmitted may depend on a condition, however it is written; `fired` counts the spikes before.
#[test]
fn conditions_on_states_of_the_source() {
    // The rule, and how much of the weight spike number k (from 0) passes on.
    type Case = (&'static str, fn(usize) -> f64);
    let cases: [Case; 8] =
        [
            ("if fired < 2 { transmit w }  fired += 1", |k| if k < 2 { 1.0 } else { 0.0 }),
            ("transmit if fired < 2 then w else 0 mV  fired += 1", |k| if k < 2 { 1.0 } else { 0.0 }),
            ("let open = fired > 2  transmit if open then w else 0 mV  fired += 1", |k| if k > 2 { 1.0 } else { 0.0 }),
            ("if fired > 2 { fired = 0  transmit 0.5 * w } else { fired += 1  transmit w }", |k| {
                if k % 4 == 3 { 0.5 } else { 1.0 }
            }),
            ("fired += 1  if mod(fired, 2) == 0 { transmit w }", |k| (k % 2) as f64),
            ("if not (fired < 1 or fired > 3) { transmit w } else { transmit 2 * w }  fired += 1", |k| {
                if (1..=3).contains(&k) { 1.0 } else { 2.0 }
            }),
            ("if y > 0.5 and fired < 3 { transmit 3 * w } else { transmit w }  fired += 1", |_| 1.0),
            ("if y < 0.5 and fired < 3 { transmit 3 * w } else { transmit w }  fired += 1", |k| {
                if k < 3 { 3.0 } else { 1.0 }
            }),
        ];
    for (rule, passes) in cases {
        let run = Run::of(
            &format!(
                "use std::receptors::Delta
                neuron Still {{ state V : mV = 0 mV  state y : 1 = 0 }}
                plasticity Counted {{ weight w : mV  post y : 1  state fired : 1 = 0  on pre {{ {rule} }} }}
                network Net {{
                    population A : spikes {{ [1 ms, 2 ms, 3 ms, 4 ms, 5 ms, 6 ms, 7 ms, 8 ms] }}
                    population B[2] : Still
                    project p: A -> B {{ connect all_to_all  weight 2 mV  plasticity Counted  receptor Delta }}
                }}
                simulate Net {{ dt 0.1 ms  duration 10 ms  record B.V }}"
            ),
            0.1,
            &[],
        );
        let found = run.values("B.V");
        for step in 0..100_usize {
            // The spike at the end of step 10 k - 1 acts in the next one.
            let come = (step / 10).min(8);
            let wanted: f64 = (0..come).map(|k| 2.0 * passes(k)).sum();
            assert_eq!([found[2 * step], found[2 * step + 1]], [wanted; 2], "{rule}: step {step}");
        }
    }
}

/// A synapse that adds to one state or another, and a weight that is chosen by a condition, beside a plain simulation.
#[test]
fn conditions_in_synapses_and_on_weights() {
    let run = Run::of(
        "use std::receptors::Delta
        neuron Target { input I : 1  state y : 1 = 0  state V : mV = 0 mV  y' = I / 1 ms }
        synapse Routed {
            state a : 1 = 0
            state b : 1 = 0
            state c : 1 = 0
            on spike(w) { if c > 1.5 { a += 2 * w } else { b += w }  c += 1 }
            output g = a + b
        }
        receptor Flow { input g : 1  output I = g }
        plasticity Chosen {
            weight w : mV
            state f : 1 = 1
            on pre { w = if f > 0.4 then 0.5 mV else w  f -= 0.3 }
        }
        network Net {
            population A : spikes { [1 ms, 2 ms, 3 ms, 4 ms, 5 ms] }
            population B : Target
            project r: A -> B { connect all_to_all  weight 1  synapse Routed  receptor Flow }
            project w: A -> B { connect all_to_all  weight 1 mV  plasticity Chosen  receptor Delta }
        }
        simulate Net { dt 0.1 ms  duration 6 ms  record r.a, r.b, w.weight, w.f }",
        0.1,
        &[],
    );
    let last = |name: &str| *run.values(name).last().expect("a sample");
    assert_eq!((last("r.a"), last("r.b")), (6.0, 2.0));
    assert_eq!(last("w.weight"), 0.5);
    assert!((last("w.f") + 0.5).abs() < 1e-15);
}
