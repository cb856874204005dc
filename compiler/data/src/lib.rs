//! Arrays of numbers from the bytes of files: NumPy's `.npy` and `.npz`, CSV, Matrix Market, SWC.
//!
//! What goes in: bytes that somebody else wrote. What comes out: a vector, a matrix or a sparse
//! matrix of finite f64 numbers, or a [`ReadError`]. What may never happen: a panic, whatever the
//! bytes; memory beyond [`MOST_ELEMENTS`] numbers, whatever a header claims; a number that is not
//! exactly the one in the file.

mod csv;
mod matrix_market;
mod npy;
mod npz;
mod swc;

use std::fmt;

/// Arrays with more elements than this are refused (256 MiB of f64).
pub const MOST_ELEMENTS: usize = 1 << 25;

/// The endings of files that can be read.
pub const ENDINGS: &[&str] = &["npy", "npz", "csv", "mtx", "swc"];

/// Numbers, all finite.
#[derive(Clone, Debug, PartialEq)]
pub enum Array {
    /// One dimension.
    Vector(Vec<f64>),
    /// Two dimensions, by rows.
    Matrix {
        /// How many rows.
        rows: usize,
        /// How many columns.
        columns: usize,
        /// `rows * columns` numbers.
        values: Vec<f64>,
    },
    /// Three or four dimensions: kernels of convolutions.
    Tensor {
        /// The lengths.
        shape: Vec<usize>,
        /// Their product of numbers, the last index varying fastest.
        values: Vec<f64>,
    },
    /// Two dimensions, of which only some elements are given.
    Sparse {
        /// How many rows.
        rows: usize,
        /// How many columns.
        columns: usize,
        /// Row, column and value, in the order of the file; below `rows` and `columns`.
        entries: Vec<(u32, u32, f64)>,
    },
}

/// Why bytes are no array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// Not a file of its kind: truncated, damaged, or of no kind that is known.
    Damaged(String),
    /// The file has no such array.
    NoArray {
        /// Which was asked for; `None` if one must be named.
        wanted: Option<String>,
        /// Which it has.
        present: Vec<String>,
    },
    /// Elements that are no real numbers: complex ones, objects, text, or whole numbers beyond 2^53.
    Element(String),
    /// Not one to four dimensions, or lengths that do not go together.
    Shape(String),
    /// More than [`MOST_ELEMENTS`], or what claims to be.
    TooLarge(String),
    /// NaN or infinity, and where.
    NotFinite(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::NoArray { wanted: Some(wanted), .. } => write!(f, "it has no array `{wanted}`"),
            ReadError::NoArray { wanted: None, present } if present.is_empty() => write!(f, "it has no arrays"),
            ReadError::NoArray { wanted: None, .. } => write!(f, "it has several arrays"),
            ReadError::Damaged(text)
            | ReadError::Element(text)
            | ReadError::Shape(text)
            | ReadError::TooLarge(text)
            | ReadError::NotFinite(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for ReadError {}

/// Reads an array. The ending of `name` says what the bytes are; `array` names one of an archive's
/// arrays, a column of a CSV file with a header line, or of a morphology.
///
/// # Errors
/// See [`ReadError`].
pub fn read(name: &str, bytes: &[u8], array: Option<&str>) -> Result<Array, ReadError> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    let single = |read: fn(&[u8]) -> Result<Array, ReadError>| match array {
        None => read(bytes),
        Some(wanted) => Err(ReadError::NoArray { wanted: Some(wanted.to_owned()), present: Vec::new() }),
    };
    match ending.as_str() {
        "npy" => single(npy::read),
        "npz" => npz::read(bytes, array),
        "csv" => csv::read(bytes, array),
        "mtx" => single(matrix_market::read),
        "swc" => swc::read(bytes, array),
        _ => Err(ReadError::Damaged(format!("files that end in .{} are known", ENDINGS.join(", .")))),
    }
}

/// How many elements a shape has, if that is allowed.
fn count(shape: &[usize]) -> Result<usize, ReadError> {
    let count = shape.iter().try_fold(1_usize, |product, &length| product.checked_mul(length));
    count.filter(|&count| count <= MOST_ELEMENTS).ok_or_else(|| {
        let lengths: Vec<String> = shape.iter().map(ToString::to_string).collect();
        ReadError::TooLarge(format!("{} elements are more than {MOST_ELEMENTS}", lengths.join(" x ")))
    })
}

/// Refuses a number that is not finite; `place` says where it stands.
fn finite(value: f64, place: impl FnOnce() -> String) -> Result<f64, ReadError> {
    if value.is_finite() {
        return Ok(value);
    }
    let what = if value.is_nan() { "NaN" } else { "infinite" };
    Err(ReadError::NotFinite(format!("{} is {what}", place())))
}
