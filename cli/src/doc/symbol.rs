//! Names as symbols: `tau_ref` is τ with the subscript "ref", `m_inf` is m with ∞ below, `threshold` is a word.

use crate::doc::formula::Math;

/// Names of Greek letters in the language, and the letters. Capitals that look Latin are not among them.
pub const GREEK: &[(&str, char)] = &[
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("epsilon", 'ε'),
    ("zeta", 'ζ'),
    ("eta", 'η'),
    ("theta", 'θ'),
    ("kappa", 'κ'),
    ("lambda", 'λ'),
    ("mu", 'μ'),
    ("nu", 'ν'),
    ("xi", 'ξ'),
    ("pi", 'π'),
    ("rho", 'ρ'),
    ("sigma", 'σ'),
    ("tau", 'τ'),
    ("phi", 'φ'),
    ("chi", 'χ'),
    ("psi", 'ψ'),
    ("omega", 'ω'),
    ("Gamma", 'Γ'),
    ("Delta", 'Δ'),
    ("Theta", 'Θ'),
    ("Lambda", 'Λ'),
    ("Sigma", 'Σ'),
    ("Phi", 'Φ'),
    ("Psi", 'Ψ'),
    ("Omega", 'Ω'),
];

/// What a subscript says with a sign.
const SUBSCRIPTS: &[(&str, &str)] = &[("inf", "\u{221e}"), ("plus", "+"), ("minus", "\u{2212}")];

fn greek(name: &str) -> Option<String> {
    GREEK.iter().find(|(word, _)| *word == name).map(|(_, letter)| letter.to_string())
}

/// The symbol of a name.
pub fn name(name: &str) -> Math {
    // An element of an array: the index stays as it is.
    if let Some((array, index)) = name.strip_suffix(']').and_then(|inner| inner.split_once('[')) {
        return Math::Row(vec![self::name(array), Math::Word(format!("[{index}]"))]);
    }
    let (base, below) = split(name);
    let Some(base) = letter(base) else { return Math::Word(name.to_owned()) };
    if below.is_empty() {
        return base;
    }
    let mut row = Vec::new();
    for (i, part) in below.iter().enumerate() {
        if i > 0 {
            row.push(Math::Word(",".into()));
        }
        row.push(subscript(part));
    }
    let below = if row.len() == 1 { row.remove(0) } else { Math::Row(row) };
    Math::Script(Box::new(base), Some(Box::new(below)), None)
}

/// `V_rest` is `V` and `rest`; `y0` is `y` and `0`; `w_EE_1` is `w` and `EE`, `1`.
fn split(name: &str) -> (&str, Vec<&str>) {
    let mut parts = name.split('_').filter(|p| !p.is_empty());
    let first = parts.next().unwrap_or(name);
    let stem = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let mut below = Vec::new();
    if stem.is_empty() || letter(stem).is_none() {
        below.extend(parts);
        return (first, below);
    }
    if stem.len() < first.len() {
        below.push(&first[stem.len()..]);
    }
    below.extend(parts);
    (stem, below)
}

/// One letter is a variable, the name of a Greek letter as well, two letters are an upright word that can
/// carry subscripts. Longer words stay as they are written.
fn letter(base: &str) -> Option<Math> {
    if let Some(letter) = greek(base) {
        return Some(Math::Variable(letter));
    }
    match base.chars().count() {
        1 => Some(Math::Variable(base.to_owned())),
        2 => Some(Math::Word(base.to_owned())),
        _ => None,
    }
}

fn subscript(part: &str) -> Math {
    if let Some((_, sign)) = SUBSCRIPTS.iter().find(|(word, _)| *word == part) {
        return Math::Word((*sign).to_owned());
    }
    if let Some(letter) = greek(part) {
        return Math::Variable(letter);
    }
    if part.chars().all(|c| c.is_ascii_digit()) {
        return Math::Number(part.to_owned());
    }
    match part.chars().count() {
        1 => Math::Variable(part.to_owned()),
        _ => Math::Word(part.to_owned()),
    }
}

/// The symbol of a unit: `um` is µm, `Ohm` is Ω.
pub fn unit(symbol: &str) -> String {
    let symbol = symbol.replace("Ohm", "Ω").replace("ohm", "Ω");
    match symbol.strip_prefix('u') {
        Some(rest) if !rest.is_empty() && !symbol.starts_with("unit") => format!("µ{rest}"),
        _ => symbol,
    }
}

/// A unit as plain text with raised exponents: `mS/cm²`, `mV⁻¹·ms⁻¹`; nothing for a pure number.
pub fn unit_text(written: &str) -> String {
    if written == "1" {
        return String::new();
    }
    let mut out = String::new();
    let mut raised = false;
    for c in unit_words(written).chars() {
        match c {
            '^' => raised = true,
            '*' => {
                raised = false;
                out.push('·');
            }
            '/' if !raised || !out.ends_with(|c: char| "⁰¹²³⁴⁵⁶⁷⁸⁹".contains(c)) => out.push('/'),
            '0'..='9' if raised => out.push("⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(c as usize - '0' as usize).unwrap_or(c)),
            '-' if raised => out.push('⁻'),
            '(' | ')' if raised => {}
            '/' => out.push('/'),
            c => {
                raised = false;
                out.push(c);
            }
        }
    }
    out
}

/// The symbols of a unit one by one.
fn unit_words(written: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in written.chars().chain(['\0']) {
        if c.is_alphabetic() {
            word.push(c);
            continue;
        }
        out.push_str(&unit(&word));
        word.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::latex;

    #[test]
    fn names_become_symbols() {
        let cases = [
            ("V", "V"),
            ("tau", r"\tau"),
            ("tau_ref", r"\tau_{\mathrm{ref}}"),
            ("V_T", "V_{T}"),
            ("m_inf", r"m_{\infty}"),
            ("y0", "y_{0}"),
            ("J_11", "J_{11}"),
            ("w_EE", r"w_{\mathrm{EE}}"),
            ("th_inf", r"\mathrm{th}_{\infty}"),
            ("threshold", r"\mathrm{threshold}"),
            ("unit_time", r"\mathrm{unit\_time}"),
            ("V_T_1", r"V_{T,1}"),
            ("τ", r"\tau"),
            ("__", r"\mathrm{\_\_}"),
        ];
        for (written, wanted) in cases {
            assert_eq!(latex::write(&name(written)), wanted, "{written}");
        }
    }

    #[test]
    fn units_are_set_with_raised_exponents() {
        for (written, wanted) in [
            ("1", ""),
            ("mV", "mV"),
            ("uA/cm^2", "µA/cm²"),
            ("ms^-1", "ms⁻¹"),
            ("mV^-1*ms^-1", "mV⁻¹·ms⁻¹"),
            ("GOhm", "GΩ"),
            ("mV*ms^(1/2)", "mV·ms¹/²"),
        ] {
            assert_eq!(unit_text(written), wanted, "{written}");
        }
    }
}
