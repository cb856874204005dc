//! Comma-separated numbers: a matrix, or by name one column of a table with a header line. A header line above a matrix
//! is passed over. Lines that start with `#` are comments.

use crate::{Array, MOST_ELEMENTS, ReadError, finite};

/// What programs write for values that are missing or no numbers: a line of these is a row, and refused as such.
const VALUES_IN_WORDS: &[&str] = &["na", "n/a", "nan", "null", "none", "true", "false", "inf", "infinity"];

/// Whether all cells of a first line are names of columns: each starts with a letter or `_`, and none stands for a value.
fn is_header(line: &csv::StringRecord) -> bool {
    let is_name = |cell: &str| {
        cell.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && !VALUES_IN_WORDS.contains(&cell.to_ascii_lowercase().as_str())
    };
    line.iter().all(is_name)
}

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
    let mut begun = false;
    for record in reader.records() {
        let record = record.map_err(broken)?;
        if rows == 0 && number.is_none() && !std::mem::replace(&mut begun, true) && is_header(&record) {
            continue;
        }
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
