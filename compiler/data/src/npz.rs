//! NumPy's archives: a zip file with one `.npy` for each array, and the sparse matrices that SciPy
//! stores in them (`csr`, `csc`, `coo`).

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::{Array, MOST_ELEMENTS, ReadError, npy};

/// The most bytes of one array, with its header.
const MOST_BYTES: u64 = 8 * MOST_ELEMENTS as u64 + (1 << 17);
/// The most arrays of an archive.
const MOST_ARRAYS: usize = 10_000;

type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// Reads one array of an archive.
pub(crate) fn read(bytes: &[u8], wanted: Option<&str>) -> Result<Array, ReadError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > MOST_ARRAYS {
        return Err(ReadError::TooLarge(format!("an archive of {} arrays is too large", archive.len())));
    }
    let mut names: Vec<String> =
        archive.file_names().filter_map(|name| name.strip_suffix(".npy")).map(str::to_owned).collect();
    names.sort();
    let has = |name: &str| names.iter().any(|n| n == name);
    match wanted {
        Some(wanted) if has(wanted) => npy::read(&entry(&mut archive, wanted)?),
        None if has("data") && has("shape") && (has("indptr") || has("row")) => sparse(&mut archive, &names),
        None if names.len() == 1 => npy::read(&entry(&mut archive, &names[0])?),
        _ => Err(ReadError::NoArray { wanted: wanted.map(str::to_owned), present: names }),
    }
}

fn broken(error: ZipError) -> ReadError {
    ReadError::Damaged(format!("it is no whole archive: {error}"))
}

/// The bytes of an array, as far as the limit.
fn entry(archive: &mut Archive<'_>, name: &str) -> Result<Vec<u8>, ReadError> {
    let entry = archive.by_name(&format!("{name}.npy")).map_err(broken)?;
    let declared = entry.size();
    let too_large = || ReadError::TooLarge(format!("`{name}` has more than {MOST_BYTES} bytes once it is unpacked"));
    if declared > MOST_BYTES {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // What is declared may be a lie: the limit holds for what comes out.
    entry
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| ReadError::Damaged(format!("`{name}` cannot be unpacked: {error}")))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_large());
    }
    Ok(bytes)
}

/// A vector of whole numbers, each below `end`.
fn indices(archive: &mut Archive<'_>, name: &str, end: usize) -> Result<Vec<u32>, ReadError> {
    let values = npy::open(&entry(archive, name)?)?.numbers()?;
    let index = |(place, value): (usize, f64)| {
        if value.fract() != 0.0 || value < 0.0 || value >= end as f64 {
            let text = format!("element {place} of `{name}` is {value}, not a whole number below {end}");
            return Err(ReadError::Shape(text));
        }
        Ok(value as u32)
    };
    values.into_iter().enumerate().map(index).collect()
}

/// A sparse matrix as SciPy stores it.
fn sparse(archive: &mut Archive<'_>, names: &[String]) -> Result<Array, ReadError> {
    const LONGEST: f64 = 2_147_483_648.0;
    let has = |name: &str| names.iter().any(|n| n == name);
    let shape = npy::open(&entry(archive, "shape")?)?.numbers()?;
    let length = |x: f64| ((0.0..LONGEST).contains(&x) && x.fract() == 0.0).then_some(x as usize);
    let (Some(rows), Some(columns), 2) =
        (shape.first().and_then(|x| length(*x)), shape.get(1).and_then(|x| length(*x)), shape.len())
    else {
        return Err(ReadError::Shape("`shape` is not two lengths below 2^31".to_owned()));
    };
    let values = npy::open(&entry(archive, "data")?)?.numbers()?;
    let format = if has("format") {
        let bytes = entry(archive, "format")?;
        String::from_utf8_lossy(npy::open(&bytes)?.bytes).replace('\0', "")
    } else if has("row") {
        "coo".to_owned()
    } else {
        "csr".to_owned()
    };
    let differ = || ReadError::Shape("its indices and its values are not equally many".to_owned());
    let entries: Vec<(u32, u32, f64)> = match format.as_str() {
        "coo" => {
            let (row, column) = (indices(archive, "row", rows)?, indices(archive, "col", columns)?);
            if row.len() != values.len() || column.len() != values.len() {
                return Err(differ());
            }
            row.into_iter().zip(column).zip(values).map(|((row, column), value)| (row, column, value)).collect()
        }
        "csr" | "csc" => {
            let (outer, inner) = if format == "csr" { (rows, columns) } else { (columns, rows) };
            let starts = indices(archive, "indptr", MOST_ELEMENTS + 1)?;
            let inner = indices(archive, "indices", inner)?;
            if inner.len() != values.len() {
                return Err(differ());
            }
            let ascends = starts.windows(2).all(|pair| pair[0] <= pair[1]);
            let last = starts.last().map(|&last| last as usize);
            if starts.len() != outer + 1 || !ascends || starts.first() != Some(&0) || last != Some(values.len()) {
                return Err(ReadError::Shape("`indptr` does not divide the indices into rows".to_owned()));
            }
            let mut entries = Vec::with_capacity(values.len());
            for (outer, bounds) in (0_u32..).zip(starts.windows(2)) {
                for at in bounds[0] as usize..bounds[1] as usize {
                    let (inner, value) = (inner[at], values[at]);
                    entries.push(if format == "csr" { (outer, inner, value) } else { (inner, outer, value) });
                }
            }
            entries
        }
        other => {
            let text = format!("sparse matrices of the format `{}` are not known", other.escape_debug());
            return Err(ReadError::Damaged(text));
        }
    };
    Ok(Array::Sparse { rows, columns, entries })
}
