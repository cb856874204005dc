//! The dialect against its own definition: no operation and no verifier rule without a case, the
//! examples in the descriptions parse, traits are real, and the typed builders build.

use crate::file_tests::{errors_expected, parts};
use crate::support::{files, root};
use bpc_dialect::ops;
use melior::Context;
use melior::ir::attribute::{FlatSymbolRefAttribute, FloatAttribute, IntegerAttribute, StringAttribute, TypeAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::IntegerType;
use melior::ir::{Block, Location, Module, Region, RegionLike, Type, Value};
use melior::pass::{PassManager, transform};
use std::fs;

/// An operation as it is declared.
struct Declared {
    /// Without `dynamics.`.
    mnemonic: String,
    /// What its description gives as example.
    example: String,
}

fn definition(file: &str) -> String {
    let path = root().join("dialect").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every operation of the definition, in its order.
fn declared() -> Vec<Declared> {
    let text: String =
        files(&root().join("dialect"), "td").iter().map(|path| fs::read_to_string(path).expect("text")).collect();
    let operations: Vec<Declared> = text
        .split("\ndef Dynamics_")
        .skip(1)
        .filter(|part| part.split_whitespace().next().is_some_and(|name| name.ends_with("Op")))
        .map(|part| {
            let mnemonic = part.split('"').nth(1).expect("a mnemonic").to_owned();
            assert!(part.contains("let summary = \""), "dynamics.{mnemonic} has no summary");
            let example = part.split("```mlir\n").nth(1).and_then(|rest| rest.split("```").next());
            let example = example.unwrap_or_else(|| panic!("the description of dynamics.{mnemonic} has no example"));
            Declared { mnemonic, example: example.to_owned() }
        })
        .collect();
    assert!(operations.len() > 30, "the definition is no longer read: {} operations", operations.len());
    operations
}

fn cases() -> Vec<String> {
    files(&root().join("tests/cases/dialect"), "mlir")
        .iter()
        .map(|path| fs::read_to_string(path).expect("text"))
        .collect()
}

#[test]
fn every_operation_is_registered_and_has_a_case() {
    let context = bpc_core::driver::context();
    let texts = cases();
    let checks: Vec<&str> =
        texts.iter().flat_map(|text| text.lines()).filter(|line| line.contains("// CHECK")).collect();
    for operation in declared() {
        let name = format!("dynamics.{}", operation.mnemonic);
        assert!(context.is_registered_operation(&name), "{name} is declared, but the dialect does not know it");
        let printed = checks.iter().any(|line| line.split([' ', '(']).any(|word| word == name));
        assert!(printed, "no case in tests/cases/dialect checks how {name} is printed");
    }
}

#[test]
fn every_rule_of_the_verifiers_has_a_case() {
    let texts = cases();
    let parts: Vec<String> = texts.iter().flat_map(|text| parts(text)).collect();
    let expected: Vec<&str> = parts.iter().flat_map(|part| errors_expected(part)).map(|(_, error)| error).collect();
    let source = definition("dynamics.cpp");
    let rules: Vec<&str> = source.split("mitOpError(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(rules.len() > 10, "the verifiers are no longer read");
    for rule in rules {
        // The text up to the first escaped quote is what all messages of the rule share.
        let rule = rule.trim_end_matches('\\');
        assert!(expected.iter().any(|error| error.contains(rule)), "no case in tests/cases/dialect expects: {rule}");
    }
}

/// The smallest module in which an example can stand.
fn module_around(operation: &Declared) -> String {
    let example = operation.example.as_str();
    let real = if example.contains("f64") { "f64" } else { "f32" };
    let network = |body: &str| format!("dynamics.network @net dt 0.1 real f32 {{\n{body}\n}}\n");
    let state = |name: &str| {
        format!("dynamics.state @{name} unit \"1\" {{ %0 = arith.constant 0.0 : f64\n dynamics.yield %0 : f64 }}\n")
    };
    match operation.mnemonic.as_str() {
        "network" => example.to_owned(),
        "data" | "pairs" | "parameter" | "population" | "projection" | "buffer" | "feed" | "derive" | "initialise"
        | "coefficients" | "synapses" | "connection" | "deliver" | "update" | "synapse_state" | "gather"
        | "respond" | "update_synapses" | "after_spike" | "at_spike" => network(example),
        "state" | "input" | "threshold" | "spike_times" | "history" | "recorded" => {
            network(&format!("dynamics.population @P size 3 {{\n{example}}}"))
        }
        "equation" | "advance" | "advances" | "next" | "reset" | "setting" | "refractory" | "clamp" | "jump" => {
            let rule = "dynamics.threshold { %0 = arith.constant true\n dynamics.yield %0 : i1 }\n";
            let pause = "dynamics.refractory hold [] { %0 = arith.constant 1.0 : f64\n dynamics.yield %0 : f64 }\n";
            let before = if operation.mnemonic == "clamp" { pause } else { "" };
            let states = state("V") + &state("g") + &state("stdp.x") + rule + before;
            network(&format!("dynamics.population @P size 1 {{\n{states}{example}}}"))
        }
        "probability" => {
            let head = "dynamics.projection @p from @P to @P rule \"pairwise\" amount 0.0 delay 1 to 1 stream 0";
            network(&format!("{head} {{\n{example}}}"))
        }
        what @ ("total" | "choice") => {
            let head = "dynamics.projection @p from @P to @P rule \"one_to_one\" amount 0.0 delay 1 to 1 stream 0";
            let with = if what == "total" {
                "normalised = \"incoming\", weight_per_synapse"
            } else {
                "chosen = array<i64: 0, 2>"
            };
            network(&format!("{head} attributes {{{with}}} {{\n{example}}}"))
        }
        "weight" | "delay" | "rate" | "event" | "output" | "sum" | "given" | "weight_equation" | "weight_advance"
        | "weight_bounds" => {
            let head = "dynamics.projection @p from @P to @P rule \"one_to_one\" amount 0.0 delay 1 to 1 stream 0";
            network(&format!("{head} {{\n{}{example}}}", state("g")))
        }
        "recovered" => {
            let rule = format!("dynamics.threshold attributes {{silent}} {{\n{example}\ndynamics.yield %0 : i1 }}");
            network(&format!("dynamics.population @P size 1 {{\n{rule}}}"))
        }
        "element" => {
            let data = "dynamics.data @data.stimulus dense<0.0> : tensor<100x10xf64>";
            network(&format!("{data}\ndynamics.update @P {{\n{example}}}"))
        }
        // A value or a sink in a step: its operands are constants of the types that it takes.
        mnemonic => {
            let types: [&str; 3] = match mnemonic {
                "running" | "count_down" => ["i32", "i1", "i32"],
                "emit" => ["i1", real, real],
                _ => [real, real, real],
            };
            let operands: String = (0..3)
                .filter(|n| !example.trim_start().starts_with(&format!("%{n} =")))
                .map(|n| format!("%{n} = {}\n", constant(types[n])))
                .collect();
            network(&format!("dynamics.update @P {{\n{operands}{example}}}"))
        }
    }
}

fn constant(ty: &str) -> String {
    format!("arith.constant {} : {ty}", if ty.starts_with('i') { "0" } else { "0.0" })
}

#[test]
fn examples_in_descriptions_parse_and_print_as_they_stand() {
    for operation in declared() {
        let module = module_around(&operation);
        let printed = bpc_core::opt(&module, &[]).unwrap_or_else(|why| panic!("{why}\n{module}"));
        let name = format!("dynamics.{}", operation.mnemonic);
        let line = |text: &str| text.lines().find(|l| l.contains(&name)).map(|l| l.trim().to_owned());
        let written = line(&operation.example).unwrap_or_else(|| panic!("the example of {name} shows something else"));
        // Names of values are the printer's; `stream 3 (` and `stream 3(` are one.
        let words = |text: &str| -> String {
            let text = text.split_once(" = dynamics.").map_or(text, |(_, rest)| rest);
            let text = text.strip_prefix("dynamics.").unwrap_or(text);
            let words = text.split([' ', '(', ')', ',']).filter(|w| !w.is_empty() && !w.starts_with('%'));
            words.collect::<Vec<_>>().join(" ")
        };
        let lines: Vec<String> = printed.lines().filter(|l| l.contains(&name)).map(words_of(&words)).collect();
        assert!(
            lines.contains(&words(&written)),
            "the example of {name} is written\n{written}\nbut printed\n{printed}"
        );
    }
}

fn words_of(words: &impl Fn(&str) -> String) -> impl Fn(&str) -> String + '_ {
    move |line| words(line.trim())
}

/// A text after passes of MLIR's own.
fn through(source: &str, add: impl Fn(&PassManager)) -> String {
    let context = bpc_core::driver::context();
    let mut module = Module::parse(&context, source).expect("valid");
    let manager = PassManager::new(&context);
    add(&manager);
    manager.run(&mut module).expect("the passes run");
    assert!(module.as_operation().verify());
    bpc_core::opt(&module.as_operation().to_string(), &[]).expect("prints what parses")
}

const STEP: &str = r#"
dynamics.network @Net dt 0.1 real f32 attributes {narrowed} {
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f32
      dynamics.yield %0 : f32
    }
  }
  dynamics.update @E {
    %0 = dynamics.read @E.V : f32
    %1 = dynamics.read @E.V : f32
    %2 = dynamics.exprel %0 : f32
    %3 = dynamics.exprel %1 : f32
    %4 = dynamics.random "exponential" stream 0 (%2) : f32
    %5 = dynamics.random "exponential" stream 0 (%3) : f32
    %6 = dynamics.random "exponential" stream 1 (%3) : f32
    %7 = arith.addf %4, %5 : f32
    %8 = arith.addf %7, %6 : f32
    %9 = dynamics.sigmoid %8 : f32
    dynamics.write @E.V, %8 : f32
    dynamics.write @E.V, %8 : f32
  }
}
"#;

/// Pure operations merge and vanish under MLIR's own passes; what has an effect stays.
#[test]
fn upstream_passes_see_the_traits() {
    let count = |text: &str, what: &str| text.matches(what).count();
    for (name, text) in [
        ("cse", through(STEP, |m| m.add_pass(transform::create_cse()))),
        (
            "canonicalize, cse",
            through(STEP, |m| {
                m.add_pass(transform::create_canonicalizer());
                m.add_pass(transform::create_cse());
            }),
        ),
    ] {
        assert_eq!(count(&text, "dynamics.read"), 1, "{name}: equal reads merge\n{text}");
        assert_eq!(count(&text, "dynamics.exprel"), 1, "{name}: equal functions of equal values merge\n{text}");
        assert_eq!(count(&text, "dynamics.random"), 2, "{name}: draws merge only if their addresses are equal\n{text}");
        assert_eq!(count(&text, "dynamics.sigmoid"), 0, "{name}: what nobody reads vanishes\n{text}");
        assert_eq!(count(&text, "dynamics.write"), 2, "{name}: writes stay\n{text}");
        assert_eq!(count(&text, "dynamics.yield"), 1, "{name}: what a region yields stays\n{text}");
        assert_eq!(count(&text, "dynamics.state"), 1, "{name}: declarations stay\n{text}");
    }
}

/// A network from the builders that are generated from the definition.
#[test]
fn typed_builders_build_what_the_verifier_accepts() {
    let context = bpc_core::driver::context();
    let module = built(&context);
    assert!(module.as_operation().verify());
    let text = bpc_core::opt(&module.as_operation().to_string(), &[]).expect("prints what parses");
    insta::assert_snapshot!(text, @r#"
    module {
      dynamics.network @Net dt 1.000000e-01 real f64 {
        dynamics.population @E size 10 {
          dynamics.state @V unit "mV" {
            %0 = dynamics.time : f64
            %1 = dynamics.exprel %0 : f64
            dynamics.yield %1 : f64
          }
          dynamics.equation @V {
            %0 = dynamics.get @V : f64
            dynamics.yield %0 : f64
          }
        }
      }
    }
    "#);
}

fn built(context: &Context) -> Module<'_> {
    let at = Location::unknown(context);
    let f64 = Type::float64(context);
    let i64 = IntegerType::new(context, 64).into();
    let string = |text: &str| StringAttribute::new(context, text);
    let symbol = |name: &str| FlatSymbolRefAttribute::new(context, name);

    let population = Block::new(&[]);
    {
        let init = Block::new(&[]);
        let time = init.append_operation(ops::time(context, f64, at).into());
        let time: Value = time.result(0).expect("one result").into();
        let value = init.append_operation(ops::exprel(context, time, at).into());
        let value: Value = value.result(0).expect("one result").into();
        init.append_operation(ops::r#yield(context, value, at).into());
        population.append_operation(ops::state(context, region(init), string("V"), string("mV"), at).into());

        let slope = Block::new(&[]);
        let v = slope.append_operation(ops::get(context, f64, symbol("V"), at).into());
        let v: Value = v.result(0).expect("one result").into();
        slope.append_operation(ops::r#yield(context, v, at).into());
        population.append_operation(ops::equation(context, region(slope), symbol("V"), at).into());
    }
    let body = Block::new(&[]);
    let size = IntegerAttribute::new(i64, 10);
    body.append_operation(ops::population(context, region(population), string("E"), size, at).into());
    let dt = FloatAttribute::new(context, f64, 0.1);
    let network = ops::network(context, region(body), string("Net"), dt, TypeAttribute::new(f64), at);
    assert_eq!(network.sym_name().expect("it has a name").value(), "Net");

    let module = Module::new(at);
    module.body().append_operation(network.into());
    module
}

fn region<'c>(block: Block<'c>) -> Region<'c> {
    let region = Region::new();
    region.append_block(block);
    region
}
