//! Expressions as formulas: a small tree of what stands where on the page, made once from the syntax tree and
//! written as MathML or as LaTeX.

use crate::doc::symbol;
use bpc_syntax::ast::{AssignOp, BinaryOp, DataIndex, Expr, ExprKind, UnaryOp, Unit};

/// A piece of a formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Math {
    /// Pieces side by side.
    Row(Vec<Math>),
    /// A variable, in italics.
    Variable(String),
    /// A name that is a word: upright.
    Word(String),
    /// Digits.
    Number(String),
    /// A sign between operands, with the space that goes with it.
    Operator(&'static str),
    /// A sign in front of its operand, without space.
    Sign(&'static str),
    /// Narrow space: multiplication that is not written.
    Times,
    /// Words of a sentence.
    Text(String),
    /// A quotient.
    Fraction(Box<Math>, Box<Math>),
    /// Base, subscript, superscript.
    Script(Box<Math>, Option<Box<Math>>, Option<Box<Math>>),
    /// A square root.
    Root(Box<Math>),
    /// Between brackets that grow with what they enclose.
    Fenced(&'static str, Box<Math>, &'static str),
    /// A value for each condition; without a condition, otherwise.
    Cases(Vec<(Math, Option<Math>)>),
}

/// How tightly a piece holds together: the rows of the language's table of operators.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Condition,
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Negation,
    /// A quotient with a slash, which a factor beside it would make ambiguous.
    Slash,
    Product,
    Power,
    Atom,
}

/// The formula of an expression; what has no notation of its own is set as it is written in `source`.
pub fn of(expr: &Expr, source: &str) -> Math {
    layout(expr, Room { small: false, source }).0
}

/// Where a piece stands.
#[derive(Clone, Copy)]
struct Room<'s> {
    /// Inside a quotient or an exponent, where another quotient is written with a slash.
    small: bool,
    /// The text of the file.
    source: &'s str,
}

impl Room<'_> {
    fn small(self) -> Self {
        Room { small: true, ..self }
    }
}

/// The derivative of a state with respect to time.
pub fn derivative(state: &str) -> Math {
    let d = |what: Math| match what {
        what @ Math::Word(_) => Math::Row(vec![Math::Word("d".into()), Math::Times, what]),
        what => Math::Row(vec![Math::Word("d".into()), what]),
    };
    Math::Fraction(Box::new(d(symbol::name(state))), Box::new(d(Math::Variable("t".into()))))
}

/// `left sign right`
pub fn relation(left: Math, sign: &'static str, right: Math) -> Math {
    Math::Row(vec![left, Math::Operator(sign), right])
}

/// `V ← V_reset`: what an assignment makes of a state.
pub fn assignment(target: &str, op: AssignOp, value: &Expr, source: &str) -> Math {
    let room = Room { small: false, source };
    let state = || symbol::name(target);
    let right = match op {
        AssignOp::Set => of(value, source),
        AssignOp::Add => Math::Row(vec![state(), Math::Operator("+"), within(value, Tightness::Slash, room)]),
        AssignOp::Subtract => {
            Math::Row(vec![state(), Math::Operator("\u{2212}"), within(value, Tightness::Slash, room)])
        }
        AssignOp::Multiply => {
            Math::Row(vec![state(), Math::Operator("\u{22c5}"), within(value, Tightness::Power, room)])
        }
    };
    relation(state(), "\u{2190}", right)
}

/// `name(arguments)`
pub fn application(name: &str, arguments: Vec<Math>) -> Math {
    Math::Row(vec![symbol::name(name), Math::Fenced("(", Box::new(listed(arguments)), ")")])
}

/// A unit, upright: `mS/cm²`.
pub fn unit(unit: &Unit) -> Math {
    let power = |symbol: &str, (p, q): (i32, i32)| -> Math {
        let base = Math::Word(if symbol == "unit(w)" { "[w]".into() } else { symbol::unit(symbol) });
        match (p, q) {
            (1, 1) => base,
            (p, 1) => Math::Script(Box::new(base), None, Some(Box::new(signed(&p.to_string())))),
            (p, q) => Math::Script(Box::new(base), None, Some(Box::new(signed(&format!("{p}/{q}"))))),
        }
    };
    let mut row = Vec::new();
    // One divisor is written as such, several as negative powers.
    let divisors = unit.factors.iter().filter(|f| f.exponent.0 < 0).count();
    let slash = divisors == 1 && unit.factors.len() > 1 && unit.factors.last().is_some_and(|f| f.exponent.0 < 0);
    for (i, factor) in unit.factors.iter().enumerate() {
        let (p, q) = factor.exponent;
        if slash && p < 0 {
            row.push(Math::Word("/".into()));
            row.push(power(&factor.symbol.node, (-p, q)));
        } else {
            if i > 0 {
                row.push(Math::Times);
            }
            row.push(power(&factor.symbol.node, (p, q)));
        }
    }
    if row.is_empty() { Math::Number("1".into()) } else { Math::Row(row) }
}

fn signed(digits: &str) -> Math {
    match digits.strip_prefix('-') {
        Some(rest) => Math::Row(vec![Math::Sign("\u{2212}"), Math::Number(rest.into())]),
        None => Math::Number(digits.into()),
    }
}

fn listed(parts: Vec<Math>) -> Math {
    let mut row = Vec::new();
    for (i, part) in parts.into_iter().enumerate() {
        if i > 0 {
            row.push(Math::Operator(","));
        }
        row.push(part);
    }
    if row.len() == 1 { row.remove(0) } else { Math::Row(row) }
}

fn fenced(inner: Math) -> Math {
    Math::Fenced("(", Box::new(inner), ")")
}

/// In brackets unless it holds together at least so tightly.
fn within(expr: &Expr, least: Tightness, room: Room<'_>) -> Math {
    let (math, tightness) = layout(expr, room);
    if tightness < least { fenced(math) } else { math }
}

fn layout(expr: &Expr, room: Room<'_>) -> (Math, Tightness) {
    match &expr.kind {
        ExprKind::Number { text, unit: None } => number(text),
        ExprKind::Number { text, unit: Some(written) } => {
            let row = vec![number(text).0, Math::Times, unit(written)];
            (Math::Row(row), Tightness::Product)
        }
        ExprKind::Bool(value) => (Math::Word(value.to_string()), Tightness::Atom),
        ExprKind::Name(name) => (symbol::name(name), Tightness::Atom),
        ExprKind::Member(owner, member) => {
            let row = vec![symbol::name(&owner.node), Math::Word(".".into()), symbol::name(&member.node)];
            (Math::Row(row), Tightness::Atom)
        }
        ExprKind::Unary(UnaryOp::Negate, x) => {
            let row = vec![Math::Sign("\u{2212}"), within(x, Tightness::Product, room)];
            (Math::Row(row), Tightness::Negation)
        }
        ExprKind::Unary(UnaryOp::Not, x) => {
            (Math::Row(vec![Math::Text("not ".into()), within(x, Tightness::Comparison, room)]), Tightness::Not)
        }
        ExprKind::Binary(op, a, b) => binary(*op, a, b, room),
        ExprKind::Call(name, arguments) => call(&name.node, arguments, room),
        ExprKind::If(..) => (cases(expr, room), Tightness::Condition),
        ExprKind::Element(array, indices) if indices.iter().all(|index| index.every.is_none()) => {
            (element(&array.node, indices, room), Tightness::Atom)
        }
        ExprKind::CallElement(array, indices, arguments) => {
            let arguments = listed(arguments.iter().map(|argument| layout(argument, room).0).collect());
            (Math::Row(vec![element(&array.node, indices, room), fenced(arguments)]), Tightness::Atom)
        }
        ExprKind::Error => (Math::Text("?".into()), Tightness::Atom),
        #[allow(unreachable_patterns)] // kinds of expression that have no notation of their own
        _ => {
            let text = room.source.get(expr.span.start as usize..expr.span.end as usize).unwrap_or("…");
            (Math::Text(text.split_whitespace().collect::<Vec<_>>().join(" ")), Tightness::Comparison)
        }
    }
}

fn number(text: &str) -> (Math, Tightness) {
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else {
        return (Math::Number(text.to_owned()), Tightness::Atom);
    };
    let exponent = signed(exponent.strip_prefix('+').unwrap_or(exponent));
    let power = Math::Script(Box::new(Math::Number("10".into())), None, Some(Box::new(exponent)));
    match digits {
        "1" => (power, Tightness::Power),
        _ => (Math::Row(vec![Math::Number(digits.into()), Math::Operator("\u{d7}"), power]), Tightness::Product),
    }
}

/// The sign of an operator, how tightly it holds, and what its operands must at least hold.
fn infix(op: BinaryOp) -> Option<(&'static str, Tightness, Tightness, Tightness)> {
    use Tightness::{And, Comparison, Not, Or, Slash, Sum};
    Some(match op {
        BinaryOp::Add => ("+", Sum, Sum, Slash),
        BinaryOp::Subtract => ("\u{2212}", Sum, Sum, Slash),
        BinaryOp::Less => ("<", Comparison, Sum, Sum),
        BinaryOp::LessEqual => ("\u{2264}", Comparison, Sum, Sum),
        BinaryOp::Greater => (">", Comparison, Sum, Sum),
        BinaryOp::GreaterEqual => ("\u{2265}", Comparison, Sum, Sum),
        BinaryOp::Equal => ("=", Comparison, Sum, Sum),
        BinaryOp::NotEqual => ("\u{2260}", Comparison, Sum, Sum),
        BinaryOp::And => ("and", And, And, Not),
        BinaryOp::Or => ("or", Or, Or, And),
        BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Power => return None,
    })
}

fn binary(op: BinaryOp, a: &Expr, b: &Expr, room: Room<'_>) -> (Math, Tightness) {
    match (op, infix(op)) {
        (BinaryOp::Divide, _) if room.small => {
            let literal = matches!(&b.kind, ExprKind::Number { .. });
            let below = if literal { layout(b, room).0 } else { within(b, Tightness::Power, room) };
            let row = vec![within(a, Tightness::Negation, room), Math::Word("/".into()), below];
            (Math::Row(row), Tightness::Slash)
        }
        (BinaryOp::Divide, _) => {
            let part = |e: &Expr| Box::new(layout(e, room.small()).0);
            (Math::Fraction(part(a), part(b)), Tightness::Product)
        }
        (BinaryOp::Power, _) => (power(a, b, room), Tightness::Power),
        (_, None) => (product(a, b, room), if negated(a) { Tightness::Negation } else { Tightness::Product }),
        (_, Some((sign, own, left, right))) => {
            let word = sign.chars().all(char::is_alphabetic);
            let sign = if word { Math::Text(format!(" {sign} ")) } else { Math::Operator(sign) };
            (Math::Row(vec![within(a, left, room), sign, within(b, right, room)]), own)
        }
    }
}

fn negated(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Unary(UnaryOp::Negate, _) => true,
        ExprKind::Binary(BinaryOp::Multiply, a, _) => negated(a),
        _ => false,
    }
}

/// Factors side by side; a dot where two numbers, or a unit and what follows, would run together.
fn product(a: &Expr, b: &Expr, room: Room<'_>) -> Math {
    let left = within(a, if negated(a) { Tightness::Negation } else { Tightness::Product }, room);
    // A quotient is not in brackets: its line holds it together. A product is, since that is how it was written.
    let fraction = !room.small && matches!(&b.kind, ExprKind::Binary(BinaryOp::Divide, ..));
    let literal = matches!(&b.kind, ExprKind::Number { .. });
    let right = if fraction || literal { layout(b, room).0 } else { within(b, Tightness::Power, room) };
    let dot = literal || ends_in_unit(a) || starts_with_digit(&right);
    let sign = if dot { Math::Operator("\u{22c5}") } else { Math::Times };
    Math::Row(vec![left, sign, right])
}

fn ends_in_unit(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Number { unit, .. } => unit.is_some(),
        ExprKind::Binary(BinaryOp::Multiply, _, b) => ends_in_unit(b),
        ExprKind::Unary(_, x) => ends_in_unit(x),
        _ => false,
    }
}

fn starts_with_digit(math: &Math) -> bool {
    match math {
        Math::Number(_) => true,
        Math::Row(parts) => parts.first().is_some_and(starts_with_digit),
        Math::Script(base, ..) => starts_with_digit(base),
        _ => false,
    }
}

fn power(base: &Expr, exponent: &Expr, room: Room<'_>) -> Math {
    let is = |expr: &Expr, wanted: &str| matches!(&expr.kind, ExprKind::Number { text, unit: None } if text == wanted);
    let half = match &exponent.kind {
        ExprKind::Binary(BinaryOp::Divide, a, b) => is(a, "1") && is(b, "2"),
        _ => is(exponent, "0.5"),
    };
    if half {
        return Math::Root(Box::new(layout(base, room).0));
    }
    let raised = layout(exponent, room.small()).0;
    let call = matches!(&base.kind, ExprKind::Call(..));
    match (if call { fenced(layout(base, room).0) } else { within(base, Tightness::Atom, room) }, raised) {
        (Math::Script(name, below, None), raised) => Math::Script(name, below, Some(Box::new(raised))),
        (base, raised) => Math::Script(Box::new(base), None, Some(Box::new(raised))),
    }
}

/// Functions with a notation of their own.
const BRACKETS: &[(&str, &str, &str)] =
    &[("abs", "|", "|"), ("floor", "\u{230a}", "\u{230b}"), ("ceil", "\u{2308}", "\u{2309}")];

fn call(name: &str, arguments: &[Expr], room: Room<'_>) -> (Math, Tightness) {
    let inside = |e: &Expr| layout(e, room).0;
    if let ([only], Some((_, open, close))) = (arguments, BRACKETS.iter().find(|b| b.0 == name)) {
        return (Math::Fenced(open, Box::new(inside(only)), close), Tightness::Atom);
    }
    if let ([only], "sqrt") = (arguments, name) {
        return (Math::Root(Box::new(inside(only))), Tightness::Atom);
    }
    if let ([a, b], "%" | "mod") = (arguments, name) {
        let row =
            vec![within(a, Tightness::Product, room), Math::Text(" mod ".into()), within(b, Tightness::Power, room)];
        return (Math::Row(row), Tightness::Product);
    }
    (application(name, arguments.iter().map(inside).collect()), Tightness::Atom)
}

/// `x[k + 1]`
fn element(array: &str, indices: &[DataIndex], room: Room<'_>) -> Math {
    let indices = listed(indices.iter().map(|index| layout(&index.index, room).0).collect());
    Math::Row(vec![symbol::name(array), Math::Word("[".into()), indices, Math::Word("]".into())])
}

/// `if a then x else if b then y else z` as one brace.
fn cases(expr: &Expr, room: Room<'_>) -> Math {
    let of = |e: &Expr| layout(e, room).0;
    let mut rows = Vec::new();
    let mut rest = expr;
    while let ExprKind::If(condition, then, other) = &rest.kind {
        rows.push((of(then), Some(of(condition))));
        rest = other;
    }
    rows.push((of(rest), None));
    Math::Cases(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::{latex, mathml};
    use bpc_syntax::ast::Item;
    use bpc_syntax::source::FileId;

    fn formula(text: &str) -> Math {
        let source = format!("const x = {text}");
        let (file, diagnostics) = bpc_syntax::parse(FileId(0), &source);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        match &file.items[0] {
            Item::Constant(constant) => of(constant.value.as_ref().expect("a value"), &source),
            other => panic!("{other:?}"),
        }
    }

    /// Brackets stand where leaving them out would mean something else, or where they are as written.
    #[test]
    fn formulas_mean_what_the_expression_means() {
        let cases = [
            ("a - (b - c)", r"a - \left(b - c\right)"),
            ("a - b - c", "a - b - c"),
            ("a * b / c", r"\frac{a\,b}{c}"),
            ("a / b * c", r"\frac{a}{b}\,c"),
            ("a * (b / c)", r"a\,\frac{b}{c}"),
            ("a / b / c", r"\frac{a/b}{c}"),
            ("1 / (a * (b / c))", r"\frac{1}{a\,\left(b/c\right)}"),
            ("1 / (a / b * c)", r"\frac{1}{\left(a/b\right)\,c}"),
            ("(a + b) * c", r"\left(a + b\right)\,c"),
            ("-x^2", "-x^{2}"),
            ("(-x)^2", r"\left(-x\right)^{2}"),
            ("a * -b", r"a\,\left(-b\right)"),
            ("a - -b", r"a - \left(-b\right)"),
            ("-a * b - c", r"-a\,b - c"),
            ("m_inf^3 * h", r"m_{\infty}^{3}\,h"),
            ("(x^y)^z", r"\left(x^{y}\right)^{z}"),
            ("x^y^z", "x^{y^{z}}"),
            ("(a + b)^(1/2)", r"\sqrt{a + b}"),
            ("sqrt(a)", r"\sqrt{a}"),
            ("exp(x)^2", r"\left(\exp\left(x\right)\right)^{2}"),
            ("abs(a - b)", r"\left|a - b\right|"),
            ("2 * 3", r"2 \cdot 3"),
            ("4 ms^-1 * x", r"4\,\mathrm{ms}^{-1} \cdot x"),
            ("1.5e-3 * x", r"1.5 \times 10^{-3}\,x"),
            ("3 mS/cm^2", r"3\,\mathrm{mS}/\mathrm{cm}^{2}"),
            ("3 mV*ms^(1/2)", r"3\,\mathrm{mV}\,\mathrm{ms}^{1/2}"),
            ("tau_m", r"\tau_{m}"),
            ("tau * x", r"\tau\,x"),
            ("a >= b and not (c < d)", r"a \ge b\text{ and }\text{not }c < d"),
            ("not (a and b)", r"\text{not }\left(a\text{ and }b\right)"),
            (
                "if a < b then c else if d then e else f",
                r"\begin{cases} c & \text{if } a < b \\ e & \text{if } d \\ f & \text{otherwise} \end{cases}",
            ),
        ];
        for (written, wanted) in cases {
            let math = formula(written);
            assert_eq!(latex::write(&math), wanted, "{written}");
            let element = mathml::inline(&math);
            assert!(resvg::usvg::roxmltree::Document::parse(&element).is_ok(), "{written}: {element}");
        }
    }

    #[test]
    fn formulas_are_mathml() {
        assert_eq!(mathml::write(&formula("g_L / 2")), "<mfrac><msub><mi>g</mi><mi>L</mi></msub><mn>2</mn></mfrac>");
        assert_eq!(
            mathml::write(&derivative("V")),
            "<mfrac><mrow><mi mathvariant=\"normal\">d</mi><mi>V</mi></mrow>\
             <mrow><mi mathvariant=\"normal\">d</mi><mi>t</mi></mrow></mfrac>"
        );
        let bracket = |text: &str| mathml::write(&formula(text)).contains("stretchy=\"true\"");
        assert!(bracket("exp(a / b)") && !bracket("exp(a + b)"), "only what is tall needs tall brackets");
    }
}
