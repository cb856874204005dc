//! Whether the order of what meets in one step matters: what is told, and runs in which the order is the other one.

use crate::bpc::{bpc, text};
use crate::spike_trains::Run;

/// What is told of a network, a line for each pair.
#[track_caller]
fn told(source: &str, command: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("net.bp");
    std::fs::write(&file, source).expect("written");
    let output = bpc(&[command, &[&*text(&file)]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = String::from_utf8(output.stdout).expect("text");
    let lines = output.lines().skip_while(|line| *line != "what can meet in one step:").skip(1);
    lines.map(|line| line.trim().replace(&*text(folder.path()), "")).collect()
}

/// The one pair of a network: whether the order matters, and the whole line.
#[track_caller]
fn one(source: &str) -> (bool, String) {
    let lines = told(source, &["explain-plan"]);
    assert_eq!(lines, told(source, &["check", "--explain"]), "both commands tell the same");
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = lines[0].clone();
    assert_ne!(line.contains("order matters"), line.contains("order does not matter"), "{line}");
    assert!(line.contains("net.bp:"), "{line}");
    (line.contains("order matters"), line)
}

/// A population onto itself, whose neurons all fire every 5 ms, and with `delay` 5 ms both spikes are at a synapse in one step.
fn rule(members: &str, clauses: &str) -> String {
    format!(
        "neuron Fires {{ state left : ms = 5 ms  state v : 1 = 0  left' = -1  spike when left < dt / 2 {{ left += 5 ms }} }}
receptor Sum {{ post v : 1  on spike(w) {{ v += w }} }}
plasticity Rule {{ weight w  {members} }}
network Net {{
    population A : Fires
    population B : Fires
    project p: A -> B {{ connect one_to_one  weight 0.5  {clauses}  plasticity Rule }}
}}
simulate Net {{ dt 0.1 ms  duration 20 ms  record p.weight }}
"
    )
}

/// Handlers of one rule: those that commute, and those that do not.
#[test]
fn the_order_of_both_spikes_at_a_synapse() {
    for (members, matters, why) in [
        ("on pre { w += 0.1 }  on post { w -= 0.2 }", false, "only add to the weight, up to rounding"),
        ("on pre { w *= 1.1 }  on post { w *= 0.9 }", false, "only multiply the weight, up to rounding"),
        (
            "state x : 1 = 0  state y : 1 = 0  w' = x * y / 1 s  on pre { x += 1 }  on post { y += 1 }",
            false,
            "neither reads",
        ),
        ("on pre { w = 0.3 }  on post { w = 0.3 }", false, "to the same value"),
        ("on pre { w = max(w, 0.3) }  on post { w = max(0.7, w) }", false, "only raise the weight"),
        ("on pre { if uniform(0, 1) < 0.5 { w += 0.1 } }  on post { w -= 0.2 }", false, "only add"),
        ("on pre { w += 0.1 }  on post { w *= 0.9 }", true, "both change the weight"),
        ("on pre { w += 0.1 }  on post { w -= 0.2 }  bound w in 0 .. 1", true, "kept between bounds"),
        ("on pre { w = 0.3 }  on post { w = 0.4 }", true, "both set the weight"),
        ("state x : 1 = 0  on pre { x += 1 }  on post { w += x }", true, "the second reads x, which the first changes"),
        ("state y : 1 = 0  on pre { w -= y }  on post { y += 1 }", true, "the first reads y, which the second changes"),
        ("on pre { w = max(w, 0.3) }  on post { w = min(w, 0.2) }", true, "both change the weight"),
    ] {
        let (found, line) = one(&rule(members, ""));
        assert_eq!(found, matters, "{members}: {line}");
        assert!(line.contains(why), "{members}: {line}");
    }
}

/// What is transmitted is read when the source's spike arrives, before the target's changes the weight.
#[test]
fn what_is_transmitted_is_read() {
    let lines = told(&rule("on post { w += 0.1 }", "receptor Sum"), &["explain-plan"]);
    let pair = lines.iter().find(|line| line.starts_with("p: ")).expect("a pair at the synapse");
    assert!(pair.contains("order matters") && pair.contains("the first reads the weight"), "{lines:?}");
}

/// Rules of plasticity, which act in the order of the text: the result in the other order is the same where it is said to be.
#[test]
fn rules_of_plasticity_in_the_other_order() {
    let network = |rules: [&str; 2], order: [usize; 2]| {
        let models: String =
            rules.iter().enumerate().map(|(n, r)| format!("plasticity R{n} {{ weight w  {r} }}\n")).collect();
        let used: String = order.iter().map(|n| format!("plasticity R{n}  ")).collect();
        rule("", "").replace("plasticity Rule { weight w   }\n", &models).replace("plasticity Rule", &used)
    };
    for (rules, matters) in [
        (["on pre { w += 0.1 }", "on pre { w -= 0.3 }"], false),
        (["on pre { w *= 1.5 }", "on pre { w *= 0.7 }"], false),
        (["on pre { w += 0.1 }", "on pre { w *= 0.7 }"], true),
        (["on pre { w = 0.1 }", "on pre { w = 0.7 }"], true),
    ] {
        let [one, other] = [[0, 1], [1, 0]].map(|order| Run::of(&network(rules, order), 0.1, &[]).values("p.weight"));
        let differ = one.iter().zip(&other).any(|(a, b)| (a - b).abs() > 1e-12);
        assert_eq!(differ, matters, "{rules:?}");
        let lines = told(&network(rules, [0, 1]), &["explain-plan"]);
        let says = lines.iter().any(|line| line.contains("R0 acts before R1, as written, which matters"));
        assert_eq!(says, matters, "{rules:?}: {lines:?}");
        assert!(lines.iter().any(|line| line.contains("net.bp:")), "{lines:?}");
    }
}

/// Rules of one neuron, both of which hold in every step.
#[test]
fn rules_of_a_neuron_in_the_other_order() {
    let network = |rules: [&str; 2]| {
        format!(
            "neuron N {{ state x : 1 = 1  state y : 1 = 2  {} {} }}
network Net {{ population A : N }}
simulate Net {{ dt 0.1 ms  duration 1 ms  record A.x, A.y }}
",
            rules[0], rules[1]
        )
    };
    for (rules, matters) in [
        (["when x > -9 { x += 1 }", "when y > -9 { x -= 3 }"], false),
        (["when x > -9 { x *= 2 }", "when y > -9 { x *= 0.25 }"], false),
        (["when x > -9 { x += 1 }", "every dt { y += 1 }"], false),
        (["when x > -9 { x = 0 }", "when y > -9 { x = 0 }"], false),
        (["spike when x > -9 { x = 0 }", "when y > -9 { x += 1 }"], true),
        (["when x > -9 { x += 1 }", "when y > -9 { y = x }"], true),
        (["when x > -9 { x += 1  y += x }", "when y > -9 { x *= 2 }"], true),
        // A later statement takes back what an earlier one has made.
        (["when x > -9 { x += 1  y = x  y = 0 }", "when y > -9 { x += 2 }"], false),
    ] {
        let [first, second] = rules;
        let runs = [[first, second], [second, first]].map(|rules| Run::of(&network(rules), 0.1, &[]));
        let differ = ["A.x", "A.y"].iter().any(|name| {
            let [one, other] = [&runs[0], &runs[1]].map(|run| run.values(name));
            one.iter().zip(&other).any(|(a, b)| (a - b).abs() > 1e-12)
        });
        let (found, line) = one(&network(rules));
        assert_eq!((differ, found), (matters, matters), "{line}");
    }
}

/// Several projections onto one state: those of the text in the other order give the same where it is said that they do.
#[test]
fn projections_onto_one_target_in_the_other_order() {
    let network = |effects: [&str; 2]| {
        let models: String = (effects.iter().enumerate())
            .map(|(n, e)| format!("receptor R{n} {{ post v : 1  post u : 1  on spike(w) {{ {e}  u += 0 * w }} }}\n"))
            .collect();
        format!(
            "neuron Fires {{ state left : ms = 5 ms  left' = -1  spike when left < dt / 2 {{ left += 5 ms }} }}
neuron Takes {{ state v : 1 = 1  state u : 1 = 1 }}
{models}network Net {{
    population A : Fires
    population B : Takes
    project a: A -> B {{ connect one_to_one  weight 0.5  receptor R0 }}
    project b: A -> B {{ connect one_to_one  weight 0.25  receptor R1 }}
}}
simulate Net {{ dt 0.1 ms  duration 20 ms  record B.v }}
"
        )
    };
    for (effects, matters) in [
        (["v += w", "v += 2 * w"], false),
        (["v *= w", "v *= 3 * w"], false),
        (["v += w", "v *= w"], true),
        (["v = w", "v = w"], true),
        (["v += w", "v += u * w"], true),
    ] {
        let found = told(&network(effects), &["explain-plan"]);
        let pair = found.iter().find(|line| line.contains(" of a and ") && line.contains(" of b:")).expect("a pair");
        assert_eq!(pair.contains("order matters"), matters, "{effects:?}: {pair}");
        // A state that is set is not what it is with itself in another order either.
        let own = found.iter().find(|line| line.contains("source of a along another synapse")).expect("a pair");
        assert_eq!(own.contains("order matters"), effects[0] == "v = w", "{own}");
    }
    let moved = |source: &str| {
        let (a, b) = (source.find("    project a").expect("a"), source.find("    project b").expect("b"));
        let end = b + source[b..].find('\n').expect("a line") + 1;
        format!("{}{}{}{}", &source[..a], &source[b..end], &source[a..b], &source[end..])
    };
    for (effects, matters) in
        [(["v += w", "v += 2 * w"], false), (["v *= w", "v *= 3 * w"], false), (["v += w", "v *= w"], true)]
    {
        let source = network(effects);
        let [one, other] = [source.clone(), moved(&source)].map(|source| Run::of(&source, 0.1, &[]).values("B.v"));
        let differ = one.iter().zip(&other).any(|(a, b)| (a - b).abs() > 1e-12);
        assert_eq!(differ, matters, "{effects:?}");
    }
}
