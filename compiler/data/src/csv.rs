//! Comma-separated numbers: a matrix, or by name one column of a table with a header line. Lines
//! that start with `#` are comments.

use crate::{Array, MOST_ELEMENTS, ReadError, finite};

/// Reads the numbers.
pub(crate) fn read(bytes: &[u8], column: Option<&str>) -> Result<Array, ReadError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(column.is_some())
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let broken = |error: csv::Error| match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            ReadError::Shape(format!("line {line} has {len} columns, the lines above {expected_len}"))
        }
        _ => ReadError::Damaged(format!("it is no table: {error}")),
    };
    let number = match column {
        None => None,
        Some(wanted) => {
            let names: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
            let number = names.iter().position(|name| name == wanted);
            if names.iter().filter(|name| *name == wanted).count() > 1 {
                let text = format!("several columns are called `{}`", wanted.escape_debug());
                return Err(ReadError::Shape(text));
            }
            let missing = || ReadError::NoArray { wanted: Some(wanted.to_owned()), present: names.clone() };
            Some(number.ok_or_else(missing)?)
        }
    };
    let (mut values, mut rows, mut columns) = (Vec::new(), 0, 0);
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(0, csv::Position::line);
        columns = record.len();
        for (at, text) in record.iter().enumerate().filter(|(at, _)| number.is_none_or(|number| number == *at)) {
            let place = || format!("line {line}, column {}", at + 1);
            let value = text.parse::<f64>().map_err(|_| {
                let shown: String = text.chars().take(20).collect();
                ReadError::Element(format!("{}: `{}` is no number", place(), shown.escape_debug()))
            })?;
            values.push(finite(value, place)?);
        }
        rows += 1;
        if values.len() > MOST_ELEMENTS {
            return Err(ReadError::TooLarge(format!("more than {MOST_ELEMENTS} numbers are too many")));
        }
    }
    if number.is_some() || columns == 1 {
        return Ok(Array::Vector(values));
    }
    Ok(Array::Matrix { rows, columns, values })
}
