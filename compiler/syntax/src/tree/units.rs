//! Units in type position.

use super::{Context, Fault, fail};
use crate::ast::{Name, Spanned, UnitFactor};
use crate::diagnostic::Diagnostic;
use crate::lexer::{normal, rational};

impl Context<'_> {
    pub(crate) fn symbol(&self, start: u32, text: &str, end: u32) -> Name {
        Spanned { node: normal(text), span: self.span(start, end) }
    }

    /// `1`: a factor-free unit.
    pub(crate) fn one<'s>(&self, start: u32, text: &str, end: u32) -> Result<Vec<UnitFactor>, Fault<'s>> {
        if text == "1" {
            return Ok(Vec::new());
        }
        let span = self.span(start, end);
        fail(
            Diagnostic::error("E0104", format!("`{}` is no unit", crate::lexer::short(text)), span, "expected a unit")
                .hint("write `1` for a plain number, `count` for a whole one, `mV` or `mS/cm^2` for a quantity"),
        )
    }

    pub(crate) fn inverse(&self, factor: UnitFactor) -> UnitFactor {
        let (p, q) = factor.exponent;
        UnitFactor { exponent: (-p, q), ..factor }
    }

    /// `unit(w)`
    pub(crate) fn unit_of<'s>(&self, start: u32, name: &str, argument: &str, end: u32) -> Result<Name, Fault<'s>> {
        if name == "unit" {
            return Ok(self.symbol(start, &format!("unit({argument})"), end));
        }
        let title = format!("`{}` is no unit", crate::lexer::short(name));
        fail(
            Diagnostic::error("E0104", title, self.span(start, end), "expected a unit")
                .hint("the unit of an event's weight is written `unit(w)`"),
        )
    }

    pub(crate) fn exponent<'s>(
        &self,
        start: u32,
        minus: bool,
        p: &str,
        q: &str,
        end: u32,
    ) -> Result<(i32, i32), Fault<'s>> {
        let text = if q == "1" { p.to_owned() } else { format!("({p}/{q})") };
        match rational(&text) {
            Some((p, q)) => Ok((if minus { -p } else { p }, q)),
            None => fail(
                Diagnostic::error("E0103", "this is no exponent of a unit", self.span(start, end), "")
                    .hint("write a whole number or a fraction up to 99: `^2`, `^-1`, `^0.5`, `^(1/3)`"),
            ),
        }
    }
}
