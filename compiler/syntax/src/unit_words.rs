//! Units that are written as words: `volt`, `nsiemens`, `5 milliseconds`; and temperatures in degrees Celsius.

use crate::units_table::lookup;

/// Names of units, the plural without its `s`, and their symbols.
const UNITS: &[(&str, &str)] = &[
    ("second", "s"),
    ("hertz", "Hz"),
    ("volt", "V"),
    ("amp", "A"),
    ("ampere", "A"),
    ("siemens", "S"),
    ("mho", "S"),
    ("farad", "F"),
    ("ohm", "Ohm"),
    ("coulomb", "C"),
    ("meter", "m"),
    ("metre", "m"),
    ("gram", "g"),
    ("kelvin", "K"),
    ("mole", "mol"),
    ("molar", "M"),
    ("liter", "L"),
    ("litre", "L"),
    ("joule", "J"),
    ("watt", "W"),
    ("newton", "N"),
    ("pascal", "Pa"),
    ("tesla", "T"),
];

/// Names of prefixes, and their symbols.
const PREFIXES: &[(&str, &str)] = &[
    ("femto", "f"),
    ("pico", "p"),
    ("nano", "n"),
    ("micro", "u"),
    ("milli", "m"),
    ("centi", "c"),
    ("kilo", "k"),
    ("mega", "M"),
    ("giga", "G"),
];

/// What is said of degrees Celsius where their number is not known.
pub const CELSIUS: &str = "temperatures are in `K`: add 273.15 to degrees Celsius";

/// The symbol of a unit that is written as a word, with a prefix as a word or a symbol.
pub(crate) fn symbol(word: &str) -> Option<String> {
    let unit = |name: &str| {
        let name = name.to_ascii_lowercase();
        let singular = name.strip_suffix('s').unwrap_or(&name);
        UNITS.iter().find(|u| u.0 == name || u.0 == singular).map(|u| u.1)
    };
    let start = |name: &str| word.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name));
    let named = PREFIXES.iter().filter_map(|(name, prefix)| Some((*prefix, &word[start(name)?.len()..])));
    let short = PREFIXES.iter().filter_map(|(_, prefix)| Some((*prefix, word.strip_prefix(prefix)?)));
    let found = std::iter::once(("", word)).chain(named).chain(short);
    let mut symbols = found.filter_map(|(prefix, name)| Some(format!("{prefix}{}", unit(name)?)));
    symbols.find(|symbol| lookup(symbol).is_some())
}

/// Whether a word stands for degrees Celsius.
#[must_use]
pub fn is_celsius(word: &str) -> bool {
    matches!(word, "degC" | "celsius" | "Celsius" | "degreeC" | "deg_C")
}

/// What should be written for a number, as it is shown, with an unknown unit; `None` if that cannot be told.
pub(crate) fn proposal(number: &str, word: &str) -> Option<String> {
    if !is_celsius(word) {
        return crate::units_table::meant(word).map(|unit| format!("did you mean `{number} {unit}`?"));
    }
    let Some(degrees) = number.parse::<f64>().ok().filter(|degrees| *degrees < 1e6) else {
        return Some(CELSIUS.to_owned());
    };
    // The sum without its rounding error.
    let kelvin = ((degrees + 273.15) * 1e6).round() / 1e6;
    Some(format!(
        "temperatures are in `K`: {number} {word} is `{kelvin} K`, and a difference of {number} {word} is `{number} K`"
    ))
}

#[cfg(test)]
mod tests {
    use super::{UNITS, proposal, symbol};
    use crate::units_table::lookup;

    #[test]
    fn words() {
        let table = [
            ("volt", Some("V")),
            ("Volts", Some("V")),
            ("millivolts", Some("mV")),
            ("nsiemens", Some("nS")),
            ("nanoSiemens", Some("nS")),
            ("siemens", Some("S")),
            ("picoamp", Some("pA")),
            ("amps", Some("A")),
            ("seconds", Some("s")),
            ("usecond", Some("us")),
            ("MegaOhms", Some("MOhm")),
            ("Mohm", Some("MOhm")),
            ("mohm", Some("mOhm")),
            ("micrometers", Some("um")),
            ("kilomolar", None),
            ("tau", None),
            ("milli", None),
            ("s", None),
            ("\u{b5}", None),
            ("", None),
        ];
        for (word, unit) in table {
            assert_eq!(symbol(word).as_deref(), unit, "{word}");
        }
        assert!(UNITS.iter().all(|(_, symbol)| lookup(symbol).is_some()));
    }

    #[test]
    fn temperatures() {
        let hint = proposal("36", "degC").expect("known");
        assert!(hint.contains("36 degC is `309.15 K`"), "{hint}");
        let hint = proposal("36.1", "celsius").expect("known");
        assert!(hint.contains("is `309.25 K`"), "{hint}");
        assert_eq!(proposal("1e300", "degC").as_deref(), Some(super::CELSIUS));
        assert_eq!(proposal("3", "nsiemens").as_deref(), Some("did you mean `3 nS`?"));
        assert_eq!(proposal("3", "frobs"), None);
    }
}
