//! Values given on the command line: each becomes a small source text of its own, so that messages can point at it.

use crate::expressions::scope::{Type, Typed};
use crate::expressions::units::{self, Unit};
use crate::program::report::Report;
use bpc_syntax::ast::{Expr as Written, ExprKind, Item, UnaryOp};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{FileId, SourceMap, Span};

/// What the user asked for besides the file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Which network to simulate, if the file has several `simulate` blocks.
    pub network: Option<String>,
    /// Parameters by name with values as text: `25 ms`, `25ms`, `8000`.
    pub set: Vec<(String, String)>,
    /// Instead of the `seed` of the file.
    pub seed: Option<u64>,
    /// Instead of the `duration` of the file: `2 s`.
    pub duration: Option<String>,
    /// Instead of the `dt` of the file: `0.05 ms`.
    pub dt: Option<String>,
}

/// A value from outside.
#[derive(Clone, Debug)]
pub struct Override {
    /// The parameter.
    pub name: String,
    /// A number.
    pub value: Typed,
    /// The value's place in its own little text.
    pub span: Span,
    /// The name's place.
    pub name_span: Span,
    /// Whether anything took it.
    pub used: bool,
}

/// Reads a value such as `25 ms`; the texts shown are `flag` and `name = value`.
pub(crate) fn read(
    flag: &str,
    name: &str,
    text: &str,
    sources: &mut SourceMap,
    report: &mut Report,
) -> Option<Override> {
    let shown = format!("{name} = {text}");
    let place = |start: usize, end: usize, file| {
        let byte = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { file, start: byte(start), end: byte(end) }
    };
    let (from, to) = (name.len() + 3, shown.len());
    let file = sources.add(flag, shown);
    let (name_span, span) = (place(0, name.len(), file), place(from, to, file));
    match number(text, file) {
        Ok(value) => Some(Override { name: name.to_owned(), value, span, name_span, used: false }),
        Err(why) => {
            let error = Diagnostic::error("E0507", format!("`{text}` is not a value for `{name}`"), span, why);
            report.push(error.hint("a number with a unit, if the parameter has one: `25 ms`, `0.1 mV`, `8000`"));
            None
        }
    }
}

/// A number with an optional unit, which need not be set apart.
fn number(text: &str, file: FileId) -> Result<Typed, String> {
    let text = text.trim();
    if let Ok(truth) = text.parse::<bool>() {
        return Ok(Typed::leaf(crate::model::Expr::Bool(truth), Type::Truth));
    }
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | '_' | 'e' | 'E');
    let digits = text.find(|c: char| !plain(c)).unwrap_or(text.len());
    let split = (1..=digits).rev().find(|&end| text[..end].replace('_', "").parse::<f64>().is_ok());
    let split = split.ok_or_else(|| "does not start with a number".to_owned())?;
    let source = format!("const x = {} {}\n", text[..split].trim_start_matches('+'), text[split..].trim());
    let (tree, diagnostics) = bpc_syntax::parse(file, &source);
    let value = match (tree.items.as_slice(), diagnostics.is_empty()) {
        ([Item::Constant(binding)], true) => binding.value.as_ref(),
        _ => None,
    };
    let value = value.ok_or_else(|| "not a number with a unit".to_owned())?;
    read_number(value, 1.0)
}

fn read_number(value: &Written, sign: f64) -> Result<Typed, String> {
    match &value.kind {
        ExprKind::Unary(UnaryOp::Negate, inner) if sign > 0.0 => read_number(inner, -1.0),
        ExprKind::Number { text, unit } => {
            let unit = match unit {
                None => None,
                Some(unit) => Some(units::read(unit, None).map_err(|_| "has an unknown unit".to_owned())?),
            };
            let number = sign * unit.as_ref().unwrap_or(&Unit::none()).convert(text);
            if !number.is_finite() {
                return Err("too large a number".to_owned());
            }
            Ok(match unit {
                Some(unit) => Typed::number(number, unit),
                None if number == 0.0 => Typed::leaf(crate::model::Expr::Number(number), Type::Zero),
                None => Typed::number(number, Unit::none()),
            })
        }
        _ => Err("not a number with a unit".to_owned()),
    }
}
