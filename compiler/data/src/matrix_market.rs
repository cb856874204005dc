//! The Matrix Market exchange format (Boisvert, Pozo & Remington 1996, NISTIR 5935): coordinate
//! and array, real, integer and pattern; general, symmetric and skew-symmetric.

use crate::{Array, MOST_ELEMENTS, ReadError, count, finite};
use std::collections::HashMap;

#[derive(Clone, Copy, PartialEq)]
enum Symmetry {
    General,
    Symmetric,
    Skew,
}

fn damaged(line: usize, text: &str) -> ReadError {
    ReadError::Damaged(format!("line {line}: {text}"))
}

/// Reads a matrix.
pub(crate) fn read(bytes: &[u8]) -> Result<Array, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::Damaged("it is no text".to_owned()))?;
    let mut lines = (1..).zip(text.lines().map(str::trim));
    let (_, header) = lines.next().ok_or_else(|| ReadError::Damaged("it is empty".to_owned()))?;
    let header = header.to_ascii_lowercase();
    let words: Vec<&str> = header.split_whitespace().collect();
    let ["%%matrixmarket", "matrix", layout, field, symmetry] = words[..] else {
        return Err(damaged(1, "a Matrix Market file starts with `%%MatrixMarket matrix coordinate real general`"));
    };
    if !matches!(field, "real" | "double" | "integer" | "pattern") {
        return Err(ReadError::Element(format!("its elements are `{}`, not real", field.escape_debug())));
    }
    let symmetry = match symmetry {
        "general" => Symmetry::General,
        "symmetric" => Symmetry::Symmetric,
        "skew-symmetric" => Symmetry::Skew,
        _ => return Err(damaged(1, "this symmetry is not known")),
    };
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('%'));
    let (line, sizes) = lines.next().ok_or_else(|| ReadError::Damaged("it has no sizes".to_owned()))?;
    let sizes: Option<Vec<usize>> = sizes.split_whitespace().map(|word| word.parse().ok()).collect();
    let sizes = sizes.ok_or_else(|| damaged(line, "the sizes are no whole numbers"))?;
    let dense = match (layout, &sizes[..]) {
        ("coordinate", &[rows, columns, entries]) => {
            return coordinate(lines, (rows, columns, entries), symmetry, field);
        }
        ("array", &[rows, columns]) if field != "pattern" => (rows, columns),
        _ => return Err(damaged(line, "the sizes do not fit the first line")),
    };
    array(lines, dense, symmetry, field)
}

fn number(line: usize, word: Option<&str>, field: &str) -> Result<f64, ReadError> {
    let value = word.and_then(|word| word.parse::<f64>().ok()).ok_or_else(|| damaged(line, "a number is missing"))?;
    if field == "integer" && value.fract() != 0.0 {
        return Err(damaged(line, "this is no whole number, but the first line says `integer`"));
    }
    finite(value, || format!("the number in line {line}"))
}

fn coordinate<'t>(
    lines: impl Iterator<Item = (usize, &'t str)>,
    (rows, columns, announced): (usize, usize, usize),
    symmetry: Symmetry,
    field: &str,
) -> Result<Array, ReadError> {
    const LONGEST: usize = 1 << 31;
    if rows >= LONGEST || columns >= LONGEST || announced > MOST_ELEMENTS {
        let text = format!("{rows} x {columns} with {announced} entries is too large");
        return Err(ReadError::TooLarge(text));
    }
    if symmetry != Symmetry::General && rows != columns {
        return Err(ReadError::Shape(format!("a symmetric matrix is square, not {rows} x {columns}")));
    }
    let (mut entries, mut seen) = (Vec::new(), 0);
    // Of a symmetric matrix: the line of each entry below the diagonal, and of each above.
    let mut halves = [HashMap::new(), HashMap::new()];
    for (line, text) in lines {
        let mut words = text.split_whitespace();
        let mut index = |end: usize| {
            let index = words.next().and_then(|word| word.parse::<usize>().ok()).filter(|i| (1..=end).contains(i));
            let index = index.and_then(|i| u32::try_from(i - 1).ok());
            index
                .ok_or_else(|| ReadError::Shape(format!("line {line}: an index is not a whole number from 1 to {end}")))
        };
        let (row, column) = (index(rows)?, index(columns)?);
        let value = if field == "pattern" { 1.0 } else { number(line, words.next(), field)? };
        if words.next().is_some() {
            return Err(damaged(line, "something follows the entry"));
        }
        entries.push((row, column, value));
        if symmetry == Symmetry::Skew && row == column {
            return Err(damaged(line, "the diagonal of a skew-symmetric matrix is zero, and is not written"));
        }
        if symmetry != Symmetry::General && row != column {
            let above = usize::from(row < column);
            let place = (row.min(column), row.max(column));
            if let Some(first) = halves[1 - above].get(&place) {
                let text = format!(
                    "this is the entry of line {first} mirrored: a symmetric matrix is written by one half, the other follows"
                );
                return Err(damaged(line, &text));
            }
            halves[above].insert(place, line);
            entries.push((column, row, if symmetry == Symmetry::Skew { -value } else { value }));
        }
        seen += 1;
        if seen > announced {
            return Err(damaged(line, "there are more entries than announced"));
        }
    }
    if seen < announced {
        return Err(ReadError::Damaged(format!("it is truncated: {seen} of {announced} entries are there")));
    }
    Ok(Array::Sparse { rows, columns, entries })
}

/// Column by column; of a symmetric matrix, from the diagonal (of a skew one, from below it) down.
fn array<'t>(
    lines: impl Iterator<Item = (usize, &'t str)>,
    (rows, columns): (usize, usize),
    symmetry: Symmetry,
    field: &str,
) -> Result<Array, ReadError> {
    if symmetry != Symmetry::General && rows != columns {
        return Err(ReadError::Shape(format!("a symmetric matrix is square, not {rows} x {columns}")));
    }
    let mut values = vec![0.0; count(&[rows, columns])?];
    let first = |column: usize| match symmetry {
        Symmetry::General => 0,
        Symmetry::Symmetric => column,
        Symmetry::Skew => column + 1,
    };
    let mut places = (0..columns).flat_map(|column| (first(column)..rows).map(move |row| (row, column)));
    for (line, text) in lines {
        let (row, column) = places.next().ok_or_else(|| damaged(line, "there are more numbers than announced"))?;
        let mut words = text.split_whitespace();
        let value = number(line, words.next(), field)?;
        if words.next().is_some() {
            return Err(damaged(line, "something follows the number"));
        }
        values[row * columns + column] = value;
        if symmetry != Symmetry::General {
            values[column * columns + row] = if symmetry == Symmetry::Skew { -value } else { value };
        }
    }
    match places.next() {
        None => Ok(Array::Matrix { rows, columns, values }),
        Some(_) => Err(ReadError::Damaged("it is truncated: numbers are missing".to_owned())),
    }
}
