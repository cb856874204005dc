//! The unit symbols: SI with prefixes, as the lexer and the unit checker both know them.

/// What a unit symbol stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitSymbol {
    /// The power of ten relative to the SI base units (exact): `mV` is -3, `g` is -3, `M` is 3.
    pub scale: i32,
    /// The exponents of m, kg, s, A, K, mol, cd.
    pub dims: [i8; 7],
}

/// Which prefixes a symbol takes.
#[derive(Clone, Copy, PartialEq)]
enum Prefixes {
    /// Powers of a thousand.
    Thousands,
    /// Powers of a thousand, and c, d, da, h.
    All,
    /// f, p, n, u, m: concentrations.
    Small,
    /// None.
    No,
}

use Prefixes::{All, No, Small, Thousands};

/// Symbol, power of ten, dimensions, prefixes.
const SYMBOLS: &[(&str, i32, [i8; 7], Prefixes)] = &[
    ("m", 0, [1, 0, 0, 0, 0, 0, 0], All),
    ("g", -3, [0, 1, 0, 0, 0, 0, 0], All),
    ("s", 0, [0, 0, 1, 0, 0, 0, 0], Thousands),
    ("A", 0, [0, 0, 0, 1, 0, 0, 0], Thousands),
    ("K", 0, [0, 0, 0, 0, 1, 0, 0], Thousands),
    ("mol", 0, [0, 0, 0, 0, 0, 1, 0], Thousands),
    ("cd", 0, [0, 0, 0, 0, 0, 0, 1], Thousands),
    ("rad", 0, [0, 0, 0, 0, 0, 0, 0], No),
    ("Hz", 0, [0, 0, -1, 0, 0, 0, 0], Thousands),
    ("N", 0, [1, 1, -2, 0, 0, 0, 0], Thousands),
    ("Pa", 0, [-1, 1, -2, 0, 0, 0, 0], All),
    ("J", 0, [2, 1, -2, 0, 0, 0, 0], Thousands),
    ("W", 0, [2, 1, -3, 0, 0, 0, 0], Thousands),
    ("C", 0, [0, 0, 1, 1, 0, 0, 0], Thousands),
    ("V", 0, [2, 1, -3, -1, 0, 0, 0], Thousands),
    ("F", 0, [-2, -1, 4, 2, 0, 0, 0], Thousands),
    ("Ohm", 0, [2, 1, -3, -2, 0, 0, 0], Thousands),
    ("ohm", 0, [2, 1, -3, -2, 0, 0, 0], Thousands),
    ("\u{3a9}", 0, [2, 1, -3, -2, 0, 0, 0], Thousands),
    ("S", 0, [-2, -1, 3, 2, 0, 0, 0], Thousands),
    ("Wb", 0, [2, 1, -2, -1, 0, 0, 0], Thousands),
    ("T", 0, [0, 1, -2, -1, 0, 0, 0], Thousands),
    ("H", 0, [2, 1, -2, -2, 0, 0, 0], Thousands),
    ("L", -3, [3, 0, 0, 0, 0, 0, 0], All),
    ("l", -3, [3, 0, 0, 0, 0, 0, 0], All),
    ("M", 3, [-3, 0, 0, 0, 0, 1, 0], Small),
];

/// Prefix, power of ten, and the narrowest set of prefixes it belongs to.
const PREFIXES: &[(&str, i32, Prefixes)] = &[
    ("da", 1, All),
    ("y", -24, Thousands),
    ("z", -21, Thousands),
    ("a", -18, Thousands),
    ("f", -15, Small),
    ("p", -12, Small),
    ("n", -9, Small),
    ("u", -6, Small),
    ("\u{b5}", -6, Small),
    ("\u{3bc}", -6, Small),
    ("m", -3, Small),
    ("c", -2, All),
    ("d", -1, All),
    ("h", 2, All),
    ("k", 3, Thousands),
    ("M", 6, Thousands),
    ("G", 9, Thousands),
    ("T", 12, Thousands),
    ("P", 15, Thousands),
    ("E", 18, Thousands),
    ("Z", 21, Thousands),
    ("Y", 24, Thousands),
];

/// The symbols worth proposing for a misspelt unit.
pub const COMMON: &[&str] = &[
    "s", "ms", "us", "ns", "Hz", "kHz", "V", "mV", "uV", "A", "mA", "uA", "nA", "pA", "S", "mS", "uS", "nS", "pS", "F",
    "uF", "nF", "pF", "Ohm", "kOhm", "MOhm", "GOhm", "m", "cm", "mm", "um", "nm", "M", "mM", "uM", "nM", "K", "C",
    "mol", "kg", "g", "L", "mL", "J", "W", "N", "Pa", "T",
];

/// How people also write units, and the symbol.
const SPELLINGS: &[(&str, &str)] = &[
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("msec", "ms"),
    ("msecs", "ms"),
    ("usec", "us"),
    ("nsec", "ns"),
    ("milliseconds", "ms"),
    ("hertz", "Hz"),
    ("volt", "V"),
    ("volts", "V"),
    ("millivolt", "mV"),
    ("amp", "A"),
    ("ampere", "A"),
    ("siemens", "S"),
    ("mho", "S"),
    ("mmho", "mS"),
    ("umho", "uS"),
    ("farad", "F"),
    ("ohms", "Ohm"),
    ("Ohms", "Ohm"),
    ("Mohms", "MOhm"),
    ("kelvin", "K"),
    ("molar", "M"),
    ("meter", "m"),
    ("metre", "m"),
    ("micron", "um"),
    ("microns", "um"),
    ("liter", "L"),
    ("litre", "L"),
];

/// The symbol that was probably meant by an unknown one: `msec` is `ms`, `mv` is `mV`.
#[must_use]
pub fn meant(symbol: &str) -> Option<String> {
    let spelling = SPELLINGS.iter().find(|(spelling, _)| *spelling == symbol).map(|(_, unit)| (*unit).to_owned());
    spelling
        .or_else(|| crate::unit_words::symbol(symbol))
        .or_else(|| crate::suggest::closest(symbol, COMMON.iter().copied()))
}

/// The unit that a symbol such as `mV`, `uF`, `kOhm` or `µm` stands for.
#[must_use]
pub fn lookup(symbol: &str) -> Option<UnitSymbol> {
    let symbol = if symbol == "\u{2126}" { "\u{3a9}" } else { symbol };
    if let Some(&(_, scale, dims, _)) = SYMBOLS.iter().find(|s| s.0 == symbol) {
        return Some(UnitSymbol { scale, dims });
    }
    PREFIXES.iter().find_map(|&(prefix, power, class)| {
        let base = symbol.strip_prefix(prefix)?;
        let base = if base == "\u{2126}" { "\u{3a9}" } else { base };
        let &(_, scale, dims, takes) = SYMBOLS.iter().find(|s| s.0 == base)?;
        let fits = match takes {
            All => true,
            Thousands => class != All,
            Small => class == Small,
            No => false,
        };
        // `as` is a word of the language, not the attosecond.
        (fits && symbol != "as").then_some(UnitSymbol { scale: scale + power, dims })
    })
}

#[cfg(test)]
mod tests {
    use super::{COMMON, lookup, meant};

    #[test]
    fn spellings() {
        for (typed, unit) in [("msec", Some("ms")), ("mv", Some("mV")), ("khz", Some("kHz")), ("frobs", None)] {
            assert_eq!(meant(typed).as_deref(), unit, "{typed}");
        }
    }

    #[test]
    fn scales() {
        let table = [
            ("mV", Some(-3)),
            ("V", Some(0)),
            ("kg", Some(0)),
            ("g", Some(-3)),
            ("cm", Some(-2)),
            ("uF", Some(-6)),
            ("\u{b5}F", Some(-6)),
            ("\u{3bc}F", Some(-6)),
            ("k\u{3a9}", Some(3)),
            ("M\u{2126}", Some(6)),
            ("mM", Some(0)),
            ("M", Some(3)),
            ("dL", Some(-4)),
            ("hPa", Some(2)),
            ("dam", Some(1)),
            ("cd", Some(0)),
            ("mol", Some(0)),
            ("dV", None),
            ("min", None),
            ("h", None),
            ("d", None),
            ("as", None),
            ("kM", None),
            ("tau", None),
            ("", None),
            ("mrad", None),
            ("dt", None),
            ("mmV", None),
        ];
        for (symbol, scale) in table {
            assert_eq!(lookup(symbol).map(|u| u.scale), scale, "{symbol}");
        }
        assert!(COMMON.iter().all(|symbol| lookup(symbol).is_some()));
    }
}
