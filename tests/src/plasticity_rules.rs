//! Several rules of plasticity at one synapse, and several handlers of one kind in a model: one after another, in
//! the order of the text (docs/language.md), against second implementations.

use crate::bpc::{bpc, text};
use crate::plasticity::{column, follows, network};
use crate::spike_trains::{Run, Trace, merged, train};

const PAIRS: &str = "PairSTDP { A_plus = 0.3, A_minus = 0.6, w_max = 1 }";
const HOMEOSTASIS: &str = "VogelsSTDP { tau = 25 ms, rho = 10 Hz, eta = 0.4, w_max = 0.8 }";

/// The changes of both rules at an event, in order, each kept between the narrowest bounds.
fn both_rules(pairs_first: bool, between: bool) -> impl FnMut(f64, bool) -> f64 {
    let (mut r, mut o) = (Trace::new(20.0), Trace::new(20.0));
    let (mut x, mut y) = (Trace::new(25.0), Trace::new(25.0));
    let mut w: f64 = 0.4;
    move |t, target| {
        let pairs = if target { 0.3 * r.value(t) } else { -0.6 * o.value(t) };
        let homeostasis = 0.4 * if target { x.value(t) } else { y.value(t) - 2.0 * 0.01 * 25.0 };
        let steps = if pairs_first { [pairs, homeostasis] } else { [homeostasis, pairs] };
        for step in steps {
            w += step;
            if between {
                w = w.clamp(0.0, 0.8);
            }
        }
        w = w.clamp(0.0, 0.8);
        if target {
            o.add(t, 1.0);
            y.add(t, 1.0);
        } else {
            r.add(t, 1.0);
            x.add(t, 1.0);
        }
        w
    }
}

#[test]
fn rules_act_in_the_order_of_the_text_and_keep_all_bounds() {
    let (pre, post) = (column("pre_spikes"), column("post_spikes"));
    let events = merged(&pre, &post);
    for pairs_first in [true, false] {
        let rules = if pairs_first { [PAIRS, HOMEOSTASIS] } else { [HOMEOSTASIS, PAIRS] };
        let run = Run::of(&network(&pre, &post, "", &rules.join(" plasticity "), 0.4, 1001.0), 0.1, &[]);
        follows(&run, &events, 1e-12, both_rules(pairs_first, true));
    }
    // The data tell orders apart, and bounds between the rules from bounds behind them.
    let weights = |first, between| {
        let mut rule = both_rules(first, between);
        events.iter().map(|&(t, target)| rule(t, target)).collect::<Vec<f64>>()
    };
    let differ = |a: &[f64], b: &[f64]| a.iter().zip(b).any(|(a, b)| (a - b).abs() > 1e-3);
    assert!(differ(&weights(true, true), &weights(false, true)) && differ(&weights(true, true), &weights(true, false)));
}

/// One neuron with a train to one with another: each spike is released by Tsodyks and Markram's rule, and the
/// weight learns. The target sums what arrives.
fn released(pre: &[f64], post: &[f64], rules: &str) -> Run {
    let source = format!(
        "use std::plasticity::{{PairSTDP, TsodyksMarkram}}
receptor Sum {{ post v : 1  on spike(w) {{ v += w }} }}
{}{}
network Net {{
    population A : Pre
    population B : Post
    project p: A -> B {{ connect one_to_one  weight 0.5  {rules}  receptor Sum }}
}}
simulate Net {{ dt 0.1 ms  duration 1001 ms  record p.weight, B.v, p.TsodyksMarkram.u, p.PairSTDP.y }}
",
        train("Pre", pre, ""),
        train("Post", post, "state v : 1 = 0")
    );
    Run::of(&source, 0.1, &[])
}

#[test]
fn release_and_learning_go_together() {
    let (pre, post) = (column("pre_spikes"), column("post_spikes"));
    let learning = "plasticity PairSTDP { A_plus = 0.05, A_minus = 0.06, w_max = 1 }";
    let release = "plasticity TsodyksMarkram { U = 0.4, tau_rec = 200 ms, tau_facil = 50 ms }";
    let mut sums = Vec::new();
    for learning_first in [true, false] {
        let rules = if learning_first { [learning, release] } else { [release, learning] };
        let run = released(&pre, &post, &rules.join(" "));
        let (weights, arrived) = (run.values("p.weight"), run.values("B.v"));
        let (mut r, mut o) = (Trace::new(20.0), Trace::new(20.0));
        let (mut u, mut missing) = (Trace::new(50.0), Trace::new(200.0));
        let (mut w, mut sum): (f64, f64) = (0.5, 0.0);
        for (t, target) in merged(&pre, &post) {
            if target {
                w = (w + 0.05 * r.value(t)).clamp(0.0, 1.0);
                o.add(t, 1.0);
            } else {
                let found = w;
                w = (w - 0.06 * o.value(t)).clamp(0.0, 1.0);
                r.add(t, 1.0);
                u.add(t, 0.4 * (1.0 - u.value(t)));
                let share = u.value(t) * (1.0 - missing.value(t));
                missing.add(t, share);
                sum += share * if learning_first { w } else { found };
            }
            assert!((run.after(&weights, t) - w).abs() < 1e-12, "weight at {t} ms");
            assert!((run.after(&arrived, t) - sum).abs() < 1e-11, "sum at {t} ms, {learning_first}");
        }
        sums.push(sum);
    }
    assert!((sums[0] - sums[1]).abs() > 1e-3, "the order of the text is seen: {sums:?}");
}

/// Rates of change add up: w' = (a - w) / 40 ms - w / 60 ms relaxes to 0.6 a with 24 ms.
#[test]
fn rates_of_change_add_up() {
    let source = format!(
        "plasticity Growth {{ weight w  param a = 0.5  w' = (a - w) / 40 ms }}
plasticity Decay {{ weight w  w' = -w / 60 ms }}
receptor Sum {{ post v : 1  on spike(w) {{ v += w }} }}
{}
network Net {{
    population A : Pre
    population B : Pre
    project p: A -> B {{ connect one_to_one  weight 2  plasticity Growth {{ a = 0.8 }}  plasticity Decay  receptor Sum }}
}}
simulate Net {{ dt 0.1 ms  duration 100 ms  record p.weight }}
",
        train("Pre", &[1e6], "state v : 1 = 0")
    );
    let run = Run::of(&source, 0.1, &[]);
    for (k, found) in run.values("p.weight").into_iter().enumerate() {
        let t = (k + 1) as f64 * 0.1;
        let wanted = 0.48 + (2.0 - 0.48) * f64::exp(-t / 24.0);
        assert!((found - wanted).abs() < 1e-12, "{found} at {t} ms, not {wanted}");
    }
}

/// Statements in several handlers are as in one.
#[test]
fn several_handlers_are_one_after_another() {
    let (pre, post) = (column("pre_spikes"), column("post_spikes"));
    let run = |rule: &str, synapse: &str| {
        let source = format!(
            "plasticity Rule {{
    weight w
    state x, y : 1 = 0
    x' = -x / 17 ms
    y' = -y / 34 ms
    {rule}
    bound w in 0 .. 1
}}
synapse Kinetics {{
    state s, g : unit(w) = 0
    s' = -s / 2 ms
    g' = s / 2 ms - g / 5 ms
    {synapse}
    output g
}}
receptor Flow {{ input g : 1  output I = g }}
{}{}
network Net {{
    population A : Pre
    population B : Post
    project p: A -> B {{ connect one_to_one  weight 0.5  plasticity Rule  synapse Kinetics  receptor Flow }}
}}
simulate Net {{ dt 0.1 ms  duration 1001 ms  record p.weight, p.s, p.g }}
",
            train("Pre", &pre, ""),
            train("Post", &post, "input I : 1")
        );
        let run = Run::of(&source, 0.1, &[]);
        ["p.weight", "p.s", "p.g"].map(|name| run.values(name))
    };
    let several = run(
        "on pre { w -= 0.1 * y }  on post { w += 0.1 * x }  on pre(v) { x += 1  w *= 0.99 * v / w }  on post { y += 1 }",
        "on spike(w) { s += w }  on spike(u) { s *= 1.5  g += 0.1 * u * s }",
    );
    let one = run(
        "on pre(w) { w -= 0.1 * y  x += 1  w *= 0.99 * w / w }  on post { w += 0.1 * x  y += 1 }",
        "on spike(w) { s += w  s *= 1.5  g += 0.1 * w * s }",
    );
    assert!(one[0].iter().any(|w| *w != 0.5) && one[2].iter().any(|g| *g > 0.0));
    assert_eq!(several, one);
}

/// The plan says whether the order of the rules matters, and why.
#[test]
fn the_plan_tells_whether_the_order_of_rules_matters() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = |rules: &str| {
        let file = folder.path().join("net.bp");
        std::fs::write(&file, network(&[1.0], &[2.0], "", rules, 0.5, 3.0)).expect("written");
        let output = bpc(&["explain-plan", &text(&file)]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let bounded = plan(&[PAIRS, HOMEOSTASIS].join(" plasticity "));
    let told = "at a spike of the source PairSTDP acts before VogelsSTDP, as written, which matters: both change the \
                weight, which is kept between bounds after each";
    assert!(bounded.contains(told), "{bounded}");
    assert!(!plan(PAIRS).contains("acts before"), "one rule has no order");
}

/// A rule of pairs on kinetics of `std`; `rule` is its name, `traces` are its states as they are recorded.
fn learning_channels(synapse: &str, rule: &str, traces: &[&str]) -> Vec<Vec<f64>> {
    let own = "plasticity Renamed {
    weight w
    param tau_plus : ms = 20 ms, tau_minus : ms = 20 ms, A_plus = 0.005, A_minus = 0.00525
    param w_min : unit(w) = 0, w_max : unit(w)
    state r, o : 1 = 0
    r' = -r / tau_plus
    o' = -o / tau_minus
    on pre { w -= A_minus * w_max * o  r += 1 }
    on post { w += A_plus * w_max * r  o += 1 }
    bound w in w_min .. w_max
}";
    let source = format!(
        "use std::plasticity::PairSTDP
use std::synapses::{{NMDA, AMPA, GABA_A}}
use std::receptors::Current
use std::neurons::LIF
{own}
network Net {{
    population A[6] : LIF {{ tau = 20 ms, V_rest = 0 mV, V_th = 20 mV, V_reset = 10 mV, t_ref = 2 ms }}
    population B[5] : LIF {{ tau = 20 ms, V_rest = 0 mV, V_th = 20 mV, V_reset = 10 mV, t_ref = 2 ms }}
    drive A.I = 25 mV
    drive B.I = 23 mV
    init A.V ~ uniform(0 mV, 20 mV)
    init B.V ~ uniform(0 mV, 20 mV)
    project p: A -> B {{
        connect all_to_all  weight ~ uniform(0.2 mV, 0.6 mV)  delay 1.2 ms
        plasticity {rule} {{ w_max = 1 mV, A_plus = 0.02 }}  synapse {synapse}  receptor Current
    }}
}}
simulate Net {{ dt 0.1 ms  duration 200 ms  seed 4  record p.weight, p.s, B.V, {} }}
",
        traces.join(", ")
    );
    let run = Run::of(&source, 0.1, &[]);
    ["p.weight", "p.s", "B.V"].iter().chain(traces).map(|name| run.values(name)).collect()
}

/// Names stand behind the rule's only where states clash; what is computed does not depend on names.
#[test]
fn a_rule_and_a_synapse_may_have_states_of_one_name() {
    let cases = [
        ("NMDA", ["p.PairSTDP.x", "p.PairSTDP.y", "p.x"], ["p.r", "p.o", "p.x"].as_slice()),
        ("AMPA", ["p.x", "p.y", "p.since"], &["p.r", "p.o", "p.since"]),
        ("GABA_A", ["p.x", "p.y", "p.since"], &["p.r", "p.o", "p.since"]),
    ];
    for (synapse, names, renamed) in cases {
        let found = learning_channels(synapse, "PairSTDP", &names);
        let wanted = learning_channels(synapse, "Renamed", renamed);
        assert!(found == wanted, "{synapse}");
        let weights = &found[0];
        assert!(weights[..30].iter().zip(&weights[weights.len() - 30..]).all(|(a, b)| a != b), "{synapse}: learns");
        assert!(found[3] != found[5] && found[1].iter().any(|s| *s > 0.01), "{synapse}: opens");
    }
}

/// The parameters of a rule with qualified names are set by these.
#[test]
fn parameters_of_a_rule_with_a_clash_stand_behind_its_name() {
    let source = format!(
        "use std::plasticity::PairSTDP
use std::synapses::NMDA
receptor Flow {{ input g : unit(w)  post v : 1  output I = g }}
{}
network Net {{
    population A : Pre
    population B : Post
    project p: A -> B {{ connect one_to_one  weight 0.5  plasticity PairSTDP {{ w_max = 1 }}  synapse NMDA  receptor Flow }}
}}
simulate Net {{ dt 0.1 ms  duration 10 ms  record p.PairSTDP.x, p.x }}
",
        train("Pre", &[2.0], "") + &train("Post", &[1e6], "state v : 1 = 0  input I : 1")
    );
    for (option, trace, transmitter) in [("p.PairSTDP.tau_plus = 5 ms", 5.0, 2.0), ("p.tau_rise = 4 ms", 20.0, 4.0)] {
        let run = Run::of(&source, 0.1, &["--set", option]);
        let (x, own) = (run.values("p.PairSTDP.x"), run.values("p.x"));
        assert!((x[60] - f64::exp(-4.1 / trace)).abs() < 1e-12, "{option}: {}", x[60]);
        assert!((own[60] - f64::exp(-4.1 / transmitter)).abs() < 1e-12, "{option}: {}", own[60]);
    }
}

/// What the message about NMDA and short-term plasticity says to do: `sent / w` is the share that is released.
#[test]
fn a_synapse_may_take_the_share_of_what_is_transmitted() {
    let times = [2.0, 5.0, 6.0, 30.0];
    let source = format!(
        "use std::plasticity::TsodyksMarkram
synapse Shared {{ weight w  state x : 1 = 0  x' = -x / 2 ms  on spike(sent) {{ x += sent / w }}  output g = w * x }}
receptor Flow {{ input g : unit(w)  output I = g }}
{}
neuron Post {{ input I : 1  state v : 1 = 0  v' = I / 1 ms }}
network Net {{
    population A : Pre
    population B : Post
    project p: A -> B {{
        connect one_to_one  weight 0.25  synapse Shared  receptor Flow
        plasticity TsodyksMarkram {{ U = 0.4, tau_rec = 200 ms, tau_facil = 50 ms }}
    }}
}}
simulate Net {{ dt 0.1 ms  duration 40 ms  record p.x }}
",
        train("Pre", &times, "")
    );
    let run = Run::of(&source, 0.1, &[]);
    let found = run.values("p.x");
    let (mut u, mut missing, mut x) = (Trace::new(50.0), Trace::new(200.0), Trace::new(2.0));
    for t in times {
        u.add(t, 0.4 * (1.0 - u.value(t)));
        let share = u.value(t) * (1.0 - missing.value(t));
        missing.add(t, share);
        x.add(t, share);
        let wanted = x.value(t + 0.1);
        assert!((run.after(&found, t) - wanted).abs() < 1e-12, "{} at {t} ms, not {wanted}", run.after(&found, t));
    }
}
