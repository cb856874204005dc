//! Dimensions with rational exponents, units as the user writes them, and exact conversion of literals.
//!
//! Internal numbers are in the coherent system of physiology. Its base units are um, ng, ms, pA, K,
//! amol and cd; from these follow mV, nS, pF, GOhm, kHz, fC, and mM = 1.

use crate::model::Quantity;
use bpc_syntax::ast;
use bpc_syntax::source::Span;
use bpc_syntax::units_table;
use std::rc::Rc;

/// A rational exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    numerator: i32,
    denominator: i32,
}

impl Ratio {
    /// No dimension.
    pub const ZERO: Ratio = Ratio { numerator: 0, denominator: 1 };
    /// The unit itself.
    pub const ONE: Ratio = Ratio { numerator: 1, denominator: 1 };

    /// The reduced fraction, unless it leaves the range that any physical unit needs.
    #[must_use]
    pub fn new(numerator: i64, denominator: i64) -> Option<Ratio> {
        const LARGEST: i64 = 10_000;
        if denominator == 0 {
            return None;
        }
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs()).max(1);
        let divisor = i64::try_from(divisor).ok()? * denominator.signum();
        let (n, d) = (numerator / divisor, denominator / divisor);
        if n.abs() > LARGEST || d > LARGEST {
            return None;
        }
        Some(Ratio { numerator: i32::try_from(n).ok()?, denominator: i32::try_from(d).ok()? })
    }

    /// The fraction with a small denominator that a number stands for.
    #[must_use]
    pub fn from_number(value: f64) -> Option<Ratio> {
        (1..=12).find_map(|denominator: i32| {
            let scaled = value * f64::from(denominator);
            let whole = scaled.round();
            let near = (scaled - whole).abs() < 1e-9 && whole.abs() < 1e4;
            #[allow(clippy::cast_possible_truncation)] // |whole| < 1e4
            near.then(|| Ratio::new(whole as i64, i64::from(denominator))).flatten()
        })
    }

    fn plus(self, other: Ratio) -> Option<Ratio> {
        let (a, b) = (i64::from(self.numerator), i64::from(self.denominator));
        let (c, d) = (i64::from(other.numerator), i64::from(other.denominator));
        Ratio::new(a * d + c * b, b * d)
    }

    fn times(self, other: Ratio) -> Option<Ratio> {
        Ratio::new(
            i64::from(self.numerator) * i64::from(other.numerator),
            i64::from(self.denominator) * i64::from(other.denominator),
        )
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Number of base dimensions; the last is the unit of the weight where it is not known yet.
const BASES: usize = 8;

/// Index of the stand-in for `unit(w)`.
const WEIGHT: usize = 7;

/// Coherent base units, and the powers of ten that they are of the SI ones.
const BASE_UNITS: [(&str, i32); BASES] =
    [("um", -6), ("ng", -12), ("ms", -3), ("pA", -12), ("K", 0), ("amol", -18), ("cd", 0), ("unit(w)", 0)];

/// Derived coherent units: used to name what has no name of the user's.
const DERIVED: &[&str] = &["mV", "nS", "pF", "GOhm", "fC", "mM", "aJ", "fW", "pN", "Pa"];

/// Exponents of the base dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimension([Ratio; BASES]);

impl Dimension {
    /// A pure number.
    pub const NONE: Dimension = Dimension([Ratio::ZERO; BASES]);

    fn of_symbol(dims: [i8; 7]) -> Dimension {
        let mut result = Dimension::NONE;
        for (slot, exponent) in result.0.iter_mut().zip(dims) {
            *slot = Ratio { numerator: i32::from(exponent), denominator: 1 };
        }
        result
    }

    /// Whether it is a pure number.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Dimension::NONE
    }

    /// Whether the unit of a weight that is not known yet takes part.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0[WEIGHT] != Ratio::ZERO
    }

    fn times(self, other: Dimension, exponent: Ratio) -> Option<Dimension> {
        let mut result = self;
        for (slot, add) in result.0.iter_mut().zip(other.0) {
            *slot = slot.plus(add.times(exponent)?)?;
        }
        Some(result)
    }

    /// The power of ten between the coherent system and SI: internal = SI * 10^-this; exact where whole.
    fn coherent_scale(&self) -> f64 {
        self.0
            .iter()
            .zip(BASE_UNITS)
            .map(|(e, (_, scale))| f64::from(scale * e.numerator) / f64::from(e.denominator))
            .sum()
    }

    fn coherent(self) -> Vec<(Rc<str>, Ratio)> {
        for name in DERIVED {
            if let Some(symbol) = units_table::lookup(name)
                && Dimension::of_symbol(symbol.dims) == self
            {
                return vec![(Rc::from(*name), Ratio::ONE)];
            }
        }
        let named = self.0.iter().zip(BASE_UNITS).filter(|(e, _)| **e != Ratio::ZERO);
        named.map(|(e, (name, _))| (Rc::from(name), *e)).collect()
    }
}

/// A dimension together with how the user would write it.
#[derive(Clone, Debug)]
pub struct Unit {
    /// What is compared.
    pub dimension: Dimension,
    /// What is shown: symbols with exponents, in the order they appeared.
    shown: Vec<(Rc<str>, Ratio)>,
}

impl Unit {
    /// A pure number.
    #[must_use]
    pub fn none() -> Unit {
        Unit { dimension: Dimension::NONE, shown: Vec::new() }
    }

    /// A unit by its symbol, which must be in the table.
    #[must_use]
    pub fn named(symbol: &str) -> Unit {
        units_table::lookup(symbol).map_or_else(Unit::none, |found| Unit {
            dimension: Dimension::of_symbol(found.dims),
            shown: vec![(Rc::from(symbol), Ratio::ONE)],
        })
    }

    /// The unit of a weight that is not known yet.
    #[must_use]
    pub fn open() -> Unit {
        let mut dimension = Dimension::NONE;
        dimension.0[WEIGHT] = Ratio::ONE;
        Unit { dimension, shown: vec![(Rc::from("unit(w)"), Ratio::ONE)] }
    }

    /// What [`Unit::quantity`] told of a unit, as that unit again.
    #[must_use]
    pub fn of(quantity: &Quantity) -> Option<Unit> {
        let (mut result, mut rest, mut sign) = (Unit::none(), quantity.unit.as_str(), 1);
        loop {
            let (symbol, behind) = rest.split_at(rest.find(['*', '/', '^']).unwrap_or(rest.len()));
            let (numerator, denominator, behind) = exponent(behind)?;
            if symbol != "1" {
                units_table::lookup(symbol)?;
                result = result.times_power(&Unit::named(symbol), Ratio::new(sign * numerator, denominator)?)?;
            }
            let Some(operator) = behind.chars().next() else { return Some(result) };
            sign = if operator == '/' { -1 } else { 1 };
            rest = &behind[operator.len_utf8()..];
        }
    }

    /// `self * other ^ exponent`; nothing where exponents leave all bounds.
    #[must_use]
    pub fn times_power(&self, other: &Unit, exponent: Ratio) -> Option<Unit> {
        const LONGEST: usize = 4;
        let dimension = self.dimension.times(other.dimension, exponent)?;
        let mut shown = self.shown.clone();
        for (symbol, power) in &other.shown {
            let power = power.times(exponent)?;
            match shown.iter_mut().find(|(s, _)| s == symbol) {
                Some((_, have)) => *have = have.plus(power)?,
                None => shown.push((symbol.clone(), power)),
            }
        }
        shown.retain(|(_, power)| *power != Ratio::ZERO);
        if shown.len() > LONGEST || (dimension.is_none() && !shown.is_empty()) {
            shown = dimension.coherent();
        }
        Some(Unit { dimension, shown })
    }

    /// `self ^ exponent`
    #[must_use]
    pub fn power(&self, exponent: Ratio) -> Option<Unit> {
        Unit::none().times_power(self, exponent)
    }

    /// As the user would write it: `mS/cm^2`, `1`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut above = String::new();
        let mut below = String::new();
        for (symbol, power) in &self.shown {
            let size = Ratio { numerator: power.numerator.abs(), ..*power };
            let exponent = match size {
                Ratio { numerator: 1, denominator: 1 } => String::new(),
                Ratio { numerator, denominator: 1 } => format!("^{numerator}"),
                Ratio { numerator, denominator } => format!("^({numerator}/{denominator})"),
            };
            if power.numerator > 0 {
                if !above.is_empty() {
                    above.push('*');
                }
                above += &format!("{symbol}{exponent}");
            } else {
                below += &format!("/{symbol}{exponent}");
            }
        }
        match (above.is_empty(), below.is_empty()) {
            (true, true) => "1".to_owned(),
            (true, false) if below.matches('/').count() == 1 && !below.contains('^') => format!("{}^-1", &below[1..]),
            (true, false) => format!("1{below}"),
            _ => above + &below,
        }
    }

    /// For messages: a pure number is called one.
    #[must_use]
    pub fn describe(&self) -> String {
        if self.shown.is_empty() { "a pure number".to_owned() } else { self.text() }
    }

    /// The power of ten of what is shown, relative to the coherent unit; `None` where not whole.
    fn scale(&self) -> (f64, Option<i32>) {
        let mut scale = -self.dimension.coherent_scale();
        for (symbol, power) in &self.shown {
            let ten = units_table::lookup(symbol).map_or(0, |s| s.scale);
            scale += f64::from(ten * power.numerator) / f64::from(power.denominator);
        }
        #[allow(clippy::cast_possible_truncation)] // exponents are bounded by `Ratio::new`
        let whole = (scale.round() - scale).abs() < 1e-9;
        #[allow(clippy::cast_possible_truncation)]
        (scale, whole.then_some(scale.round() as i32))
    }

    /// The internal value of a number written with this unit: decimal text and power of ten are read as one number.
    #[must_use]
    pub fn convert(&self, decimal: &str) -> f64 {
        let (mantissa, exponent) = match decimal.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().unwrap_or(0)),
            None => (decimal, 0),
        };
        match self.scale() {
            (_, Some(scale)) => {
                format!("{mantissa}e{}", exponent.saturating_add(i64::from(scale))).parse().unwrap_or(f64::NAN)
            }
            (scale, None) => decimal.parse::<f64>().unwrap_or(f64::NAN) * 10f64.powf(scale),
        }
    }

    /// What a value of this unit is called outside.
    #[must_use]
    pub fn quantity(&self) -> Quantity {
        let factor = match self.scale() {
            (_, Some(scale)) => format!("1e{}", -scale).parse().unwrap_or(f64::NAN),
            (scale, None) => 10f64.powf(-scale),
        };
        Quantity { unit: self.text(), factor, coherent: self.coherent_text() }
    }

    /// The coherent unit, factor for factor: `mS/cm^2` gives `nS/um^2`.
    fn coherent_text(&self) -> String {
        let mut result = Unit::none();
        for (symbol, power) in &self.shown {
            let Some(found) = units_table::lookup(symbol) else { continue };
            let dimension = Dimension::of_symbol(found.dims);
            let shown = if symbol.ends_with("Hz") { vec![(Rc::from("kHz"), Ratio::ONE)] } else { dimension.coherent() };
            if let Some(next) = result.times_power(&Unit { dimension, shown }, *power) {
                result = next;
            }
        }
        result.text()
    }

    /// A value in this unit, as text: `-60 mV`.
    #[must_use]
    pub fn show(&self, internal: f64) -> String {
        let value = internal * self.quantity().factor;
        let rounded = format!("{value:.12e}").parse::<f64>().unwrap_or(value);
        if self.shown.is_empty() { format!("{rounded}") } else { format!("{rounded} {}", self.text()) }
    }
}

/// `^2`, `^-1`, `^(1/2)`, or nothing, at the start of a text; and what is behind it.
fn exponent(text: &str) -> Option<(i64, i64, &str)> {
    let Some(power) = text.strip_prefix('^') else { return Some((1, 1, text)) };
    if let Some(inside) = power.strip_prefix('(') {
        let (ratio, behind) = inside.split_once(')')?;
        let (numerator, denominator) = ratio.split_once('/')?;
        return Some((numerator.parse().ok()?, denominator.parse().ok()?, behind));
    }
    let (number, behind) = power.split_at(power.find(['*', '/']).unwrap_or(power.len()));
    Some((number.parse().ok()?, 1, behind))
}

/// What is wrong with a written unit.
pub enum UnitError {
    /// No such symbol.
    Unknown {
        /// Which.
        symbol: String,
        /// Where.
        span: Span,
    },
    /// `unit(w)` where there is no weight.
    NoWeight(Span),
    /// `count` with other factors.
    Count(Span),
    /// Exponents out of bounds.
    Exponent(Span),
}

/// Whether a written unit is `count`.
#[must_use]
pub fn is_count(unit: &ast::Unit) -> bool {
    matches!(unit.factors.as_slice(), [only] if only.symbol.node == "count" && only.exponent == (1, 1))
}

/// Reads a written unit; `weight` is what `unit(w)` stands for, if anything.
///
/// # Errors
/// Unknown symbols, `unit(w)` without a weight, exponents out of bounds.
pub fn read(unit: &ast::Unit, weight: Option<&Unit>) -> Result<Unit, UnitError> {
    if is_count(unit) {
        return Ok(Unit::none());
    }
    let mut result = Unit::none();
    for factor in &unit.factors {
        let span = factor.symbol.span;
        let one = match factor.symbol.node.as_str() {
            "unit(w)" => weight.cloned().ok_or(UnitError::NoWeight(span))?,
            "count" => return Err(UnitError::Count(span)),
            symbol if units_table::lookup(symbol).is_some() => Unit::named(symbol),
            symbol => return Err(UnitError::Unknown { symbol: symbol.to_owned(), span }),
        };
        let exponent = Ratio::new(i64::from(factor.exponent.0), i64::from(factor.exponent.1));
        result = exponent.and_then(|e| result.times_power(&one, e)).ok_or(UnitError::Exponent(unit.span))?;
    }
    Ok(result)
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // conversions are exact
mod tests {
    use super::{Ratio, Unit};

    #[test]
    fn literals_are_exact() {
        for (symbol, text, value) in [
            ("mV", "60", 60.0),
            ("ms", "0.1", 0.1),
            ("s", "1", 1000.0),
            ("us", "20", 0.02),
            ("nS", "6", 6.0),
            ("uS", "20", 20_000.0),
            ("pF", "200", 200.0),
            ("nF", "0.2", 200.0),
            ("Hz", "20", 0.02),
            ("kHz", "20", 20.0),
            ("GOhm", "1", 1.0),
            ("MOhm", "40", 0.04),
            ("mM", "2", 2.0),
            ("M", "2e-3", 2.0),
            ("um", "3", 3.0),
            ("nA", "0.5", 500.0),
            ("fC", "1", 1.0),
        ] {
            assert_eq!(Unit::named(symbol).convert(text), value, "{text} {symbol}");
        }
    }

    #[test]
    fn texts_read_back() {
        let power = |symbol: &str, n, d| Unit::named(symbol).power(Ratio::new(n, d).unwrap()).unwrap();
        let mixed = power("mS", 1, 1).times_power(&Unit::named("cm"), Ratio::new(-2, 1).unwrap()).unwrap();
        let product = power("nS", 2, 1).times_power(&Unit::named("mV"), Ratio::new(1, 2).unwrap()).unwrap();
        let below = power("ms", -1, 1).times_power(&Unit::named("nA"), Ratio::new(-3, 2).unwrap()).unwrap();
        for unit in [Unit::none(), Unit::named("mV"), power("ms", -1, 1), power("ms", -2, 1), mixed, product, below] {
            let again = Unit::of(&unit.quantity()).unwrap_or_else(|| panic!("{}", unit.text()));
            assert_eq!((again.dimension, again.quantity()), (unit.dimension, unit.quantity()));
        }
    }

    #[test]
    fn shown_as_written() {
        let density = Unit::named("mS").times_power(&Unit::named("cm"), Ratio::new(-2, 1).unwrap()).unwrap();
        assert_eq!(density.text(), "mS/cm^2");
        let quantity = density.quantity();
        assert_eq!(quantity.coherent, "nS/um^2");
        // 1 mS/cm^2 = 1e6 nS / 1e8 um^2
        assert_eq!(density.convert("120"), 1.2);
        assert_eq!(1.2 * quantity.factor, 120.0);
        assert_eq!(Unit::named("ms").power(Ratio::new(-1, 1).unwrap()).unwrap().text(), "ms^-1");
        assert_eq!(Unit::named("mV").show(-60.0), "-60 mV");
    }
}
