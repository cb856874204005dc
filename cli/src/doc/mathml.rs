//! Formulas as MathML: the core of it that browsers draw, and nothing else.

use crate::doc::formula::Math;
use crate::doc::html::escape;

/// A whole formula in running text, with quotients at full size.
pub fn inline(math: &Math) -> String {
    format!("<math displaystyle=\"true\">{}</math>", write(math))
}

/// Lines of formulas that are aligned at their relation sign, each with a note behind it. Lines without such a sign
/// stand by themselves: in one table they would widen the columns of the others.
pub fn aligned(lines: &[(&Math, String)]) -> String {
    let mut out = String::new();
    for block in lines.chunk_by(|a, b| parts(a.0).is_some() && parts(b.0).is_some()) {
        out.push_str(r#"<math display="block"><mtable class="aligned" displaystyle="true" columnalign="right center left left">"#);
        for (math, note) in block {
            let note = if note.is_empty() { String::new() } else { format!("<mtext>{}</mtext>", escape(note)) };
            let line = match parts(math) {
                Some((left, sign, right)) => format!("<mtd>{left}</mtd><mtd>{sign}</mtd><mtd>{right}</mtd>"),
                None => format!("<mtd class=\"whole\">{}</mtd>", write(math)),
            };
            out.push_str(&format!("<mtr>{line}<mtd class=\"note\">{note}</mtd></mtr>"));
        }
        out.push_str("</mtable></math>");
    }
    out
}

/// A relation at its sign.
fn parts(math: &Math) -> Option<(String, String, String)> {
    let Math::Row(row) = math else { return None };
    match row.as_slice() {
        [left, Math::Operator(sign), right] => Some((write(left), format!("<mo>{}</mo>", escape(sign)), write(right))),
        _ => None,
    }
}

/// The elements of a formula.
pub fn write(math: &Math) -> String {
    let row = |parts: &[Math]| parts.iter().map(write).collect::<String>();
    match math {
        Math::Row(parts) => format!("<mrow>{}</mrow>", row(parts)),
        // A single letter is slanted by itself.
        Math::Variable(letter) => format!("<mi>{}</mi>", escape(letter)),
        // An upright word; one letter would be slanted.
        Math::Word(word) => format!("<mi mathvariant=\"normal\">{}</mi>", escape(word)),
        Math::Number(digits) => format!("<mn>{}</mn>", escape(digits)),
        Math::Operator(sign) => format!("<mo>{}</mo>", escape(sign)),
        Math::Sign(sign) => format!("<mo form=\"prefix\" lspace=\"0\" rspace=\"0.05em\">{}</mo>", escape(sign)),
        Math::Times => "<mspace width=\"0.18em\"/>".to_owned(),
        Math::Text(text) => {
            format!("<mtext>{}</mtext>", escape(text).replace(' ', "\u{a0}"))
        }
        Math::Fraction(a, b) => format!("<mfrac>{}{}</mfrac>", write(a), write(b)),
        Math::Script(base, below, above) => {
            let part = |p: &Option<Box<Math>>| p.as_ref().map(|p| write(p)).unwrap_or_default();
            let element = match (below, above) {
                (Some(_), Some(_)) => "msubsup",
                (Some(_), None) => "msub",
                (None, Some(_)) => "msup",
                (None, None) => "mrow",
            };
            format!("<{element}>{}{}{}</{element}>", write(base), part(below), part(above))
        }
        Math::Root(x) => format!("<msqrt>{}</msqrt>", write(x)),
        Math::Fenced(open, inner, close) => {
            // Brackets around a flat line are those of the text; only tall ones grow.
            let bracket = |form: &str, sign: &str| {
                format!("<mo form=\"{form}\" stretchy=\"{}\" lspace=\"0\" rspace=\"0\">{sign}</mo>", is_tall(inner))
            };
            format!("<mrow>{}{}{}</mrow>", bracket("prefix", open), write(inner), bracket("postfix", close))
        }
        Math::Cases(rows) => {
            let rows: String = rows
                .iter()
                .map(|(value, condition)| {
                    let condition = match condition {
                        Some(condition) => format!("<mtext>if\u{a0}</mtext>{}", write(condition)),
                        None => "<mtext>otherwise</mtext>".to_owned(),
                    };
                    format!("<mtr><mtd>{}</mtd><mtd><mrow>{condition}</mrow></mtd></mtr>", write(value))
                })
                .collect();
            format!(
                "<mrow><mo form=\"prefix\" stretchy=\"true\" lspace=\"0\" rspace=\"0\">{{</mo>\
                 <mtable class=\"cases\" displaystyle=\"true\" columnalign=\"left left\">{rows}</mtable></mrow>"
            )
        }
    }
}

/// Whether a formula is higher than a line.
fn is_tall(math: &Math) -> bool {
    match math {
        Math::Fraction(..) | Math::Cases(_) => true,
        Math::Row(parts) => parts.iter().any(is_tall),
        Math::Fenced(_, inner, _) | Math::Root(inner) => is_tall(inner),
        Math::Script(base, ..) => is_tall(base),
        _ => false,
    }
}
