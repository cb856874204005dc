//! NumPy's format of one array (NEP 1): a magic number, a header in the syntax of a Python
//! dictionary, and the elements as they lie in memory.
//!
//! Read here and not by a library because the header comes from anybody: the libraries that read
//! it multiply lengths unchecked, or nest as deep as the text does.

use crate::{Array, ReadError, count, finite};

const MAGIC: &[u8] = b"\x93NUMPY";
/// The longest header.
const LONGEST_HEADER: usize = 1 << 16;
/// Whole numbers up to here are exact in f64.
const EXACT: u64 = 1 << 53;

/// An array as it is in the file.
pub(crate) struct Raw<'b> {
    /// What its elements are: `<f8`, `|S3`.
    pub(crate) element: String,
    /// Whether the first index varies fastest.
    pub(crate) fortran: bool,
    /// Its lengths.
    pub(crate) shape: Vec<usize>,
    /// The elements.
    pub(crate) bytes: &'b [u8],
}

fn damaged(text: &str) -> ReadError {
    ReadError::Damaged(text.to_owned())
}

/// Reads the header.
pub(crate) fn open(bytes: &[u8]) -> Result<Raw<'_>, ReadError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| damaged("it is no NumPy array: its first bytes are others"))?;
    let truncated = || damaged("it is truncated: its header is not whole");
    let (version, rest) = rest.split_first_chunk::<2>().ok_or_else(truncated)?;
    let (length, rest) = match version[0] {
        1 => rest.split_first_chunk::<2>().map(|(length, rest)| (u32::from(u16::from_le_bytes(*length)), rest)),
        2 | 3 => rest.split_first_chunk::<4>().map(|(length, rest)| (u32::from_le_bytes(*length), rest)),
        other => return Err(ReadError::Damaged(format!("version {other} of NumPy's format is not known"))),
    }
    .ok_or_else(truncated)?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > LONGEST_HEADER {
        return Err(ReadError::TooLarge(format!("a header of {length} bytes is too long")));
    }
    let (header, bytes) = rest.split_at_checked(length).ok_or_else(truncated)?;
    let header = std::str::from_utf8(header).map_err(|_| damaged("its header is no text"))?;
    let field = |key: &str| {
        let value = [format!("'{key}':"), format!("\"{key}\":")]
            .iter()
            .find_map(|key| header.split_once(key.as_str()))
            .map(|(_, value)| value.trim_start());
        value.ok_or_else(|| ReadError::Damaged(format!("its header has no `{key}`")))
    };
    let element = field("descr")?;
    let quoted = element.strip_prefix(['\'', '"']).and_then(|text| text.split_once(['\'', '"']));
    let Some((element, _)) = quoted else {
        return Err(ReadError::Element("its elements are structures, not numbers".to_owned()));
    };
    let fortran = match field("fortran_order")? {
        order if order.starts_with("True") => true,
        order if order.starts_with("False") => false,
        _ => return Err(damaged("its header does not say how elements are ordered")),
    };
    let lengths = field("shape")?.strip_prefix('(').and_then(|text| text.split_once(')'));
    let (lengths, _) = lengths.ok_or_else(|| damaged("its header has no shape"))?;
    let mut shape = Vec::new();
    for length in lengths.split(',').map(str::trim).filter(|length| !length.is_empty()) {
        let length = length.parse::<usize>();
        shape.push(length.map_err(|_| damaged("its shape has a length that is no whole number or too large"))?);
    }
    Ok(Raw { element: element.to_owned(), fortran, shape, bytes })
}

/// Reads numbers of one to four dimensions.
pub(crate) fn read(bytes: &[u8]) -> Result<Array, ReadError> {
    open(bytes)?.array()
}

impl Raw<'_> {
    /// Its numbers.
    pub(crate) fn array(&self) -> Result<Array, ReadError> {
        let values = self.numbers()?;
        match *self.shape {
            [_] => Ok(Array::Vector(values)),
            [rows, columns] => {
                let values = if self.fortran { transposed(&values, columns, rows) } else { values };
                Ok(Array::Matrix { rows, columns, values })
            }
            [_, _, _] | [_, _, _, _] if values.is_empty() => {
                Err(ReadError::Shape("one of its lengths is 0".to_owned()))
            }
            [_, _, _] | [_, _, _, _] => {
                let values = if self.fortran { last_fastest(&values, &self.shape) } else { values };
                Ok(Array::Tensor { shape: self.shape.clone(), values })
            }
            ref other => {
                let text = format!("it has {} dimensions; data has one to four", other.len());
                Err(ReadError::Shape(text))
            }
        }
    }

    /// Its numbers in the order of the file.
    pub(crate) fn numbers(&self) -> Result<Vec<f64>, ReadError> {
        let element = Element::read(&self.element)?;
        let count = count(&self.shape)?;
        // At most 2^25 elements of 8 bytes.
        let expected = count * element.width;
        if self.bytes.len() < expected {
            let text = format!("it is truncated: {} of {expected} bytes are there", self.bytes.len());
            return Err(ReadError::Damaged(text));
        }
        if self.bytes.len() > expected {
            return Err(damaged("something follows its last element"));
        }
        let place = |number: usize| format!("element {number}");
        let elements = self.bytes.chunks_exact(element.width).enumerate();
        elements
            .map(|(number, bytes)| {
                let value = element.decode(bytes).ok_or_else(|| {
                    let text = format!("{} is beyond 2^53, so it would not be exact", place(number));
                    ReadError::Element(text)
                })?;
                finite(value, || place(number))
            })
            .collect()
    }
}

/// From the first index varying fastest to the last one doing so.
fn last_fastest(values: &[f64], shape: &[usize]) -> Vec<f64> {
    let mut index = vec![0; shape.len()];
    let mut result = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        let place = index.iter().zip(shape).rev().fold(0, |place, (at, length)| place * length + at);
        result.extend(values.get(place));
        for (at, length) in index.iter_mut().zip(shape).rev() {
            *at += 1;
            if *at < *length {
                break;
            }
            *at = 0;
        }
    }
    result
}

/// From columns to rows.
fn transposed(values: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    let mut result = Vec::with_capacity(values.len());
    for column in 0..columns {
        result.extend((0..rows).filter_map(|row| values.get(row * columns + column)));
    }
    result
}

/// What the bytes of an element mean.
#[derive(Clone, Copy)]
enum Kind {
    Double,
    Single,
    Signed,
    Unsigned,
}

/// The type of an array's elements.
struct Element {
    kind: Kind,
    width: usize,
    big: bool,
}

/// Types that are numbers.
const KINDS: &[(&str, Kind, usize)] = &[
    ("f8", Kind::Double, 8),
    ("f4", Kind::Single, 4),
    ("i8", Kind::Signed, 8),
    ("i4", Kind::Signed, 4),
    ("i2", Kind::Signed, 2),
    ("i1", Kind::Signed, 1),
    ("u8", Kind::Unsigned, 8),
    ("u4", Kind::Unsigned, 4),
    ("u2", Kind::Unsigned, 2),
    ("u1", Kind::Unsigned, 1),
    ("b1", Kind::Unsigned, 1),
];

/// Types that are not, by their first letter.
const OTHERS: &[(char, &str)] = &[
    ('c', "complex numbers"),
    ('O', "Python objects"),
    ('S', "text"),
    ('U', "text"),
    ('a', "text"),
    ('M', "dates"),
    ('m', "durations"),
    ('V', "structures"),
];

impl Element {
    fn read(written: &str) -> Result<Element, ReadError> {
        let name = written.strip_prefix(['<', '>', '|', '=']).unwrap_or(written);
        if let Some(&(_, kind, width)) = KINDS.iter().find(|kind| kind.0 == name) {
            return Ok(Element { kind, width, big: written.starts_with('>') });
        }
        let letter = name.chars().next();
        let what = OTHERS.iter().find(|other| Some(other.0) == letter).map_or("of a type that is not known", |o| o.1);
        let shown: String = written.chars().take(20).collect();
        let shown = shown.escape_debug();
        let text = format!("its elements are {what} (`{shown}`), not f8, f4, whole numbers or truth values");
        Err(ReadError::Element(text))
    }

    /// The number that so many bytes are, if it is exact in f64.
    fn decode(&self, bytes: &[u8]) -> Option<f64> {
        let mut little = [0; 8];
        for (to, from) in little.iter_mut().zip(bytes) {
            *to = *from;
        }
        if self.big {
            little[..self.width].reverse();
        }
        match self.kind {
            Kind::Double => Some(f64::from_le_bytes(little)),
            Kind::Single => {
                let [a, b, c, d, ..] = little;
                Some(f32::from_le_bytes([a, b, c, d]).into())
            }
            Kind::Signed => {
                let unused = 64 - 8 * self.width;
                let value = (i64::from_le_bytes(little) << unused) >> unused;
                (value.unsigned_abs() <= EXACT).then_some(value as f64)
            }
            Kind::Unsigned => {
                let value = u64::from_le_bytes(little);
                (value <= EXACT).then_some(value as f64)
            }
        }
    }
}
