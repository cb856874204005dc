//! What the parser makes of correct text.

use std::fmt::Write;

use bpc_syntax::ast::{Binding, DataIndex, Expr, ExprKind, File, Index, IndexRange, Item, Member, Place, Unit};
use bpc_syntax::parse;
use bpc_syntax::source::FileId;

/// The tree of a text without mistakes.
fn tree(text: &str) -> File {
    let (file, diagnostics) = parse(FileId(0), text);
    assert!(diagnostics.is_empty(), "{text}\n{diagnostics:#?}");
    file
}

/// An expression with all its parentheses.
pub(crate) fn show(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Number { text, unit: None } => text.clone(),
        ExprKind::Number { text, unit: Some(unit) } => format!("{text} {}", show_unit(unit)),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Name(name) => name.clone(),
        ExprKind::Member(owner, member) => format!("{}.{}", owner.node, member.node),
        ExprKind::Located(place) => show_place(place),
        ExprKind::Unary(op, a) => format!("({op:?} {})", show(a)),
        ExprKind::Binary(op, a, b) => format!("({op:?} {} {})", show(a), show(b)),
        ExprKind::Call(name, list) => {
            format!("{}({})", name.node, list.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Crosses(a, b) => format!("(crosses {} {})", show(a), show(b)),
        ExprKind::Table(table) => {
            let points = table.points.iter().map(|(x, y)| format!(" {} {}", show(x), show(y))).collect::<String>();
            let outside = table.outside.as_ref().map_or("-", |name| &name.node);
            format!("(table {}{points} {outside})", show(&table.argument))
        }
        ExprKind::Element(name, places) => {
            let place = |place: &DataIndex| {
                let every = place.every.as_ref().map_or(String::new(), |every| format!(" every {}", show(every)));
                let between = place.between.as_ref().map_or(String::new(), |word| format!(" {}", word.node));
                format!("{}{every}{between}", show(&place.index))
            };
            format!("{}[{}]", name.node, places.iter().map(place).collect::<Vec<_>>().join(", "))
        }
        ExprKind::CallElement(name, places, list) => {
            let indices = places.iter().map(|place| show(&place.index)).collect::<Vec<_>>().join(", ");
            format!("{}[{indices}]({})", name.node, list.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Over(over) => {
            let range =
                |range: &IndexRange| format!("{} in {} .. {}", range.name.node, show(&range.first), show(&range.last));
            let each = over.each.as_ref().map_or(String::new(), |each| {
                let filter = each.filter.as_ref().map_or(String::new(), |filter| format!(" where {}", show(filter)));
                format!(" for {}{filter}", each.indices.iter().map(range).collect::<Vec<_>>().join(", "))
            });
            format!("{}({}{each})", over.function.node, over.terms.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        ExprKind::List(values) => format!("[{}]", values.iter().map(show).collect::<Vec<_>>().join(", ")),
        ExprKind::Chosen(chosen) => format!("choose({})", chosen.parts().map(show).collect::<Vec<_>>().join(", ")),
        ExprKind::If(c, a, b) => format!("(if {} {} {})", show(c), show(a), show(b)),
        ExprKind::Error => "error".to_owned(),
    }
}

pub(crate) fn show_place(place: &Place) -> String {
    let index = |index: &Option<Index>| match index {
        None => String::new(),
        Some(Index::At(list)) => format!("[{}]", list.iter().map(show).collect::<Vec<_>>().join(", ")),
        Some(Index::Range(a, b)) => format!("[{} .. {}]", show(a), show(b)),
    };
    place.parts.iter().map(|p| format!("{}{}", p.name.node, index(&p.index))).collect::<Vec<_>>().join(".")
}

pub(crate) fn show_unit(unit: &Unit) -> String {
    let mut shown = String::new();
    for factor in &unit.factors {
        let (p, q) = factor.exponent;
        let _ = write!(shown, "[{} {p}/{q}]", factor.symbol.node);
    }
    shown
}

pub(crate) fn show_binding(binding: &Binding) -> String {
    let mut shown = binding.name.node.clone();
    if let Some(unit) = &binding.unit {
        let _ = write!(shown, " : {}", show_unit(unit));
    }
    if let Some(value) = &binding.value {
        let _ = write!(shown, " {} {}", if binding.random { '~' } else { '=' }, show(value));
    }
    shown
}

#[test]
fn expressions() {
    let table = [
        ("1 + 2 * 3", "(Add 1 (Multiply 2 3))"),
        ("1 - 2 - 3", "(Subtract (Subtract 1 2) 3)"),
        ("a / b * c", "(Multiply (Divide a b) c)"),
        ("V1.E.tau * area[k + 1].E.size", "(Multiply V1.E.tau area[(Add k 1)].E.size)"),
        ("ff[0, 1].tau^2 * ff[0, 1].weight", "(Multiply (Power ff[0, 1].tau 2) ff[0, 1].weight)"),
        ("W[i, j] * x[t every 1 ms linear]", "(Multiply W[i, j] x[t every 1 [ms 1/1] linear])"),
        ("E.soma.Na.m", "E.soma.Na.m"),
        ("for + where[instance]", "(Add for where[instance])"),
        ("-x^2", "(Negate (Power x 2))"),
        ("x^-2", "(Power x (Negate 2))"),
        ("2^3^4", "(Power 2 (Power 3 4))"),
        ("2^-3^4", "(Power 2 (Negate (Power 3 4)))"),
        ("a * -b", "(Multiply a (Negate b))"),
        ("--a", "(Negate (Negate a))"),
        ("not a < b and c or d", "(Or (And (Not (Less a b)) c) d)"),
        ("a == b or a != c", "(Or (Equal a b) (NotEqual a c))"),
        ("if a then b else if c then d else e + 1", "(if a b (if c d (Add e 1)))"),
        ("1 + (if a then b else c)", "(Add 1 (if a b c))"),
        ("f(a, g(b), 1 mV,)", "f(a, g(b), 1 [mV 1/1])"),
        ("f()", "f()"),
        ("E.size * 2", "(Multiply E.size 2)"),
        ("x(t - d)", "x((Subtract t d))"),
        ("x[i]", "x[i]"),
        ("-x[0]^2", "(Negate (Power x[0] 2))"),
        ("W[i + 1, f(j),] * 2", "(Multiply W[(Add i 1), f(j)] 2)"),
        ("x[t every 1 ms]", "x[t every 1 [ms 1/1]]"),
        ("x[t every 2 * dt linear, i]", "x[t every (Multiply 2 dt) linear, i]"),
        ("10 mV/tau", "(Divide 10 [mV 1/1] tau)"),
        ("2 mV^2", "2 [mV 2/1]"),
        ("(2 mV)^2", "(Power 2 [mV 1/1] 2)"),
        ("1_000", "1000"),
        ("µ + Ω", "(Add μ Ω)"),
        ("a + b crosses c and not d crosses 0 mV", "(And (crosses (Add a b) c) (Not (crosses d 0 [mV 1/1])))"),
        ("table(x, [(0 mV, 1), (-a, f(b)),])", "(table x 0 [mV 1/1] 1 (Negate a) f(b) -)"),
        ("table(x, [(0, 1), (1, 2)], extrapolated)", "(table x 0 1 1 2 extrapolated)"),
        ("sum(x[k] * 2 for k in 0..n + 1) - 1", "(Subtract sum((Multiply x[k] 2) for k in 0 .. (Add n 1)) 1)"),
        (
            "product(W[a, b] for a in 0..3, b in a..3 where a != b)",
            "product(W[a, b] for a in 0 .. 3, b in a .. 3 where (NotEqual a b))",
        ),
        ("min(sum(k for k in 0..2), 3)", "min(sum(k for k in 0 .. 2), 3)"),
        ("x[k - 1](t - d)", "x[(Subtract k 1)]((Subtract t d))"),
    ];
    for (text, expected) in table {
        let file = tree(&format!("const x = {text}"));
        let Item::Constant(constant) = &file.items[0] else { panic!("{text}") };
        assert_eq!(constant.value.as_ref().map(show).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn data() {
    let table = [
        ("data x = [1, 2 mV,]", "data x : - = [1, 2 [mV 1/1]] // "),
        ("data x : mV = []", "data x : [mV 1/1] = [] // "),
        ("data W = [[1, a], [-2]]", "data W : - = [[1, a], [(Negate 2)]] // "),
        ("/// Weights\ndata W : nS = file(\"a b.npz\", \"W\")", "data W : [nS 1/1] = file a b.npz W // Weights"),
        ("data W = file(\"../a.npy\")", "data W : - = file ../a.npy - // "),
    ];
    for (text, expected) in table {
        assert_eq!(super::outline::file(&tree(text)), format!("// \n{expected}\n"), "{text}");
        let network = format!("network Net {{ {text} }}");
        let shown = super::outline::file(&tree(&network));
        assert_eq!(shown, format!("// \nnetwork Net()\n    {expected}\n"), "{text}");
    }
    for text in [
        "data x = file()",
        "data x = file(1)",
        "data x = file(\"a\", \"b\", \"c\")",
        "data x = download(\"a\")",
        "data x = 3",
        "data x",
        "data x = [[1], 2]",
        "const x = \"a\"",
        "const a = x[]",
    ] {
        let (_, diagnostics) = parse(FileId(0), text);
        let codes: Vec<&str> = diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(codes, ["E0104"], "{text}");
    }
}

/// Arrays of members, equations for many indices, and loops in blocks.
#[test]
fn arrays_of_members() {
    let table = [
        ("state x[8], y : mV = 0 mV", vec!["[8] of x : [mV 1/1] = 0 [mV 1/1]", "y : [mV 1/1] = 0 [mV 1/1]"]),
        ("param tau[k in 0..n] = 1 ms * k", vec!["[k in 0 .. n] of tau = (Multiply 1 [ms 1/1] k)"]),
        ("input I[2 * n] : mV", vec!["[(Multiply 2 n)] of I : [mV 1/1]"]),
        ("let y[k in 0..n] : 1 = x[k]", vec!["[k in 0 .. n] of y :  = x[k]"]),
        (
            "x[0]' = a  x[k + 1]' = b for k in 0..n - 1 where k != 2",
            vec!["x[0]' = a", "x[k+1]' = b for k in 0 .. (Subtract n 1) where (NotEqual k 2)"],
        ),
        ("x[k](t + dt) = x[k](t - d) for k in 0..n", vec!["x[k]((Add t dt)) = x[k]((Subtract t d)) for k in 0 .. n"]),
        ("m[0]' = 1 m[k + 1]' = 2 for k in 0..n", vec!["m[0]' = 1", "m[k+1]' = 2 for k in 0 .. n"]),
        (
            "every dt { m[0] = 1 m[k - 1] = 2 mV s[k].V = 3 }",
            vec!["every dt { m[0] Set 1; m[k-1] Set 2 [mV 1/1]; s[k].V Set 3 }"],
        ),
        (
            "every dt { for k in 0..n { x[k] += 1 } for = 3 }",
            vec!["every dt { for k in 0 .. n { x[k] Add 1 }; for Set 3 }"],
        ),
    ];
    for (text, expected) in table {
        let file = tree(&format!("neuron A {{ {text} }}"));
        let Item::Model(model) = &file.items[0] else { panic!("{text}") };
        let shown: Vec<String> = model.members.iter().map(super::outline::member).collect();
        assert_eq!(shown, expected, "{text}");
    }
    for text in ["const a = mean(x for k in 0..3)", "const a = x[1][2]", "simulate N { record E.x[1][2][3] }"] {
        let (_, diagnostics) = parse(FileId(0), text);
        assert_eq!(diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), ["E0104"], "{text}");
    }
}

#[test]
fn units_of_declarations() {
    let table = [
        ("mV", "[mV 1/1]"),
        ("1", ""),
        ("count", "[count 1/1]"),
        ("uF/cm^2", "[uF 1/1][cm -2/1]"),
        ("ms^-1", "[ms -1/1]"),
        ("1/ms", "[ms -1/1]"),
        ("mV * ms^-0.5", "[mV 1/1][ms -1/2]"),
        ("mV/ms^(1/2)", "[mV 1/1][ms -1/2]"),
        ("unit(w)", "[unit(w) 1/1]"),
        ("unit(w)/ms", "[unit(w) 1/1][ms -1/1]"),
    ];
    for (text, expected) in table {
        let file = tree(&format!("const x : {text} = 1"));
        let Item::Constant(constant) = &file.items[0] else { panic!("{text}") };
        assert_eq!(constant.unit.as_ref().map(show_unit).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn members() {
    let table = [
        ("param tau = 20 ms, V_rest = -65 mV", "tau = 20 [ms 1/1] | V_rest = (Negate 65 [mV 1/1])"),
        ("param tau : ms", "tau : [ms 1/1]"),
        ("param a, b : mV", "a : [mV 1/1] | b : [mV 1/1]"),
        ("state m, h : 1 = 0", "m :  = 0 | h :  = 0"),
        ("state a : 1 = 0, b, c : mV = 1 mV", "a :  = 0 | b : [mV 1/1] = 1 [mV 1/1] | c : [mV 1/1] = 1 [mV 1/1]"),
        ("input I : mV; post V : mV", "I : [mV 1/1] | V : [mV 1/1]"),
        ("output g", "g"),
        ("output I : mV = g * (E - V)", "I : [mV 1/1] = (Multiply g (Subtract E V))"),
        ("let q = 1 let r = 2", "q = 1 | r = 2"),
        ("V' = 0 W' = 1;", "V' = 0 | W' = 1"),
        ("state x : 1 m' = 1", "x :  | m' = 1"),
        ("state x : 1 = 0 m(t + dt) = x cell(t + dt) = f(m)", "x :  = 0 | m((Add t dt)) = x | cell((Add t dt)) = f(m)"),
        ("on spike { g = 0 m = 1; h += 2 }", "on spike() { g Set 0; m Set 1; h Add 2 }"),
        ("on spike(w) { g += w }", "on spike(w) { g Add w }"),
        (
            "spike when V > 1 mV { refractory t hold V, w u -= 1 }",
            "spike when (Greater V 1 [mV 1/1]) { refractory t hold V, w; u Subtract 1 }",
        ),
        (
            "when V > 1 { refractory t clamp V = 2, w = u hold all }",
            "when (Greater V 1) { refractory t hold all clamp V = 2 clamp w = u }",
        ),
        ("spike when a crosses b { } when c { }", "spike when (crosses a b) {  } | when c {  }"),
    ];
    for (text, expected) in table {
        let file = tree(&format!("synapse S {{ {text} }}"));
        let Item::Model(model) = &file.items[0] else { panic!("{text}") };
        let shown: Vec<String> = model.members.iter().map(super::outline::member).collect();
        assert_eq!(shown.join(" | "), expected, "{text}");
    }
}

#[test]
fn members_of_cells() {
    let table = [
        ("membrane V : mV", "membrane V : [mV 1/1] {  }"),
        (
            "membrane V : mV = 1 mV { capacitance = C; area = a current = 0 }",
            "membrane V : [mV 1/1] = 1 [mV 1/1] { capacitance = C, area = a, current = 0 }",
        ),
        ("gate m { alpha = a beta = 2 * b }", "gate m { alpha = a, beta = (Multiply 2 b) }"),
        ("scheme { C <-> O (a, b) O -> D (c) }", "scheme { C <-> O (a, b), O -> D (c) }"),
        ("ion Ca { E : mV, c : mM }", "ion Ca { E : [mV 1/1], c : [mM 1/1] }"),
        ("ion Ca {} ion ion : ion", "ion Ca {  } | Ion ion : ion()"),
        ("channel T : CaT { Ca = c, g = 2 }", "Channel T : CaT(Ca = c, g = 2)"),
        ("couple a <-> b (g)", "couple a <-> b (g)"),
        (
            "couple a[k] <-> b[k + 1] (g) for k in 0..n - 1, m in 0..k where k > m for' = 1 where(t + dt) = 2",
            "couple a[k] <-> b[(Add k 1)] (g) for k in 0 .. (Subtract n 1), m in 0 .. k where (Greater k m) | for' = 1 | where((Add t dt)) = 2",
        ),
        (
            "compartment d[k in 0..n] { for' = 0 } compartment e[4] { }",
            "compartment d[k in 0 .. n] { for' = 0 } | compartment e[4] {  }",
        ),
        (
            "spike when a[3].V > 0 { a[3].V = 1 refractory 1 hold b[0].V, c }",
            "spike when (Greater a[3].V 0) { a[3].V Set 1; refractory 1 hold b[0].V, c }",
        ),
        ("output Ca.I = g * (Ca.E - V)", "Ca.I = (Multiply g (Subtract Ca.E V))"),
        ("compartment soma { input I : pA cell' = 0 }", "compartment soma { I : [pA 1/1], cell' = 0 }"),
        ("spike when a.b.c > 0 { a.b = 1 c.d += 2 }", "spike when (Greater a.b.c 0) { a.b Set 1; c.d Add 2 }"),
        (
            "param channel, ion, cell, gate = 3 param membrane = gate scheme { a -> b (couple) }",
            "channel = 3 | ion = 3 | cell = 3 | gate = 3 | membrane = gate | scheme { a -> b (couple) }",
        ),
    ];
    for (text, expected) in table {
        let file = tree(&format!("cell S {{ {text} }}"));
        let Item::Model(model) = &file.items[0] else { panic!("{text}") };
        let shown: Vec<String> = model.members.iter().map(super::outline::member).collect();
        assert_eq!(shown.join(" | "), expected, "{text}");
    }
}

/// `if` begins a statement and an expression; neither takes what belongs to the other.
#[test]
fn branches_and_choices_are_told_apart() {
    let text = "neuron A { state x : 1 = 0 when x > 0 {
        x = if x > 1 then 2 else x if x > 3 { let y : 1 = -x x = y } else if (if x > 4 then true else false) { x += 1 if x > 5 { } }
        else { x = 0 } let z = x * 2 x = z; ; } }
        function f(a : mV, b = 2) : mV { let c = a * b let return = c; return (return) }";
    let file = tree(text);
    let shown = super::outline::file(&file);
    for line in [
        "when (Greater x 0) { x Set (if (Greater x 1) 2 x); if (Greater x 3) { let y :  = (Negate x); x Set y } else if (if \
         (Greater x 4) true false) { x Add 1; if (Greater x 5) {  } else {  } } else { x Set 0 }; let z = (Multiply x 2); x Set z }",
        "function f(a : [mV 1/1], b = 2) : [mV 1/1] = let c = (Multiply a b); let return = c; return",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
}

#[test]
fn docs_attach_to_what_follows() {
    let file = tree(
        "//! File.\n//! More.\n/// A\n/// cell.\nneuron A {\n/// Both.\nparam a = 1,\n/// Own.\nb = 2\n/// lost\n}\n\
         /// C\nconst c = /// lost\n 1\n//// no doc\nconst d = 1\n",
    );
    assert_eq!(file.doc, "File.\nMore.");
    let Item::Model(model) = &file.items[0] else { panic!() };
    assert_eq!(model.doc, "A\ncell.");
    let docs: Vec<&str> =
        model.members.iter().map(|m| if let Member::Parameter(b) = m { b.doc.as_str() } else { "" }).collect();
    assert_eq!(docs, ["Both.", "Own."]);
    let Item::Constant(c) = &file.items[1] else { panic!() };
    let Item::Constant(d) = &file.items[2] else { panic!() };
    assert_eq!((c.doc.as_str(), d.doc.as_str()), ("C", ""));
}

#[test]
fn spans_cover_what_was_written() {
    let text = "neuron A { param a = 1 mV/ms + (2), b = 3 }";
    let file = tree(text);
    let Item::Model(model) = &file.items[0] else { panic!() };
    let Member::Parameter(a) = &model.members[0] else { panic!() };
    let cut = |span: bpc_syntax::source::Span| &text[span.start as usize..span.end as usize];
    assert_eq!(cut(model.span), text);
    assert_eq!(cut(model.name.span), "A");
    assert_eq!(cut(a.span), "a = 1 mV/ms + (2)");
    let Some(Expr { kind: ExprKind::Binary(_, left, right), .. }) = &a.value else { panic!() };
    assert_eq!((cut(left.span), cut(right.span)), ("1 mV/ms", "(2)"));
    let ExprKind::Number { unit: Some(unit), .. } = &left.kind else { panic!() };
    assert_eq!((cut(unit.span), cut(unit.factors[1].symbol.span)), ("mV/ms", "ms"));
}

/// Design.md, section 2.
pub(crate) const COBA: &str = include_str!("coba.bp");

#[test]
fn coba_lif() {
    let shown = format!("----- SOURCE\n{COBA}\n----- TREE\n{}", super::outline::file(&tree(COBA)));
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(shown) });
}
