//! Elements of arrays: their indices, and their names, `x[3]` and `W[1,2]`.

use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;

/// First index and last (not included) of each dimension.
pub(crate) type Ranges = Vec<(u64, u64)>;

/// `W` with 1 and 2 as `W[1,2]`.
pub(crate) fn element_key(name: &str, indices: &[u64]) -> String {
    let texts: Vec<String> = indices.iter().map(u64::to_string).collect();
    format!("{name}[{}]", texts.join(","))
}

/// The indices of a name of an element: of `W[1,2]`, with `W` as the array, 1 and 2.
pub(crate) fn indices_of_element(name: &str, array: &str) -> Option<Vec<u64>> {
    let inside = name.strip_prefix(array)?.strip_prefix('[')?.strip_suffix(']')?;
    inside.split(',').map(|index| index.parse().ok()).collect()
}

/// The least indices that hold all elements of an array among names; `None` if there are none.
pub(crate) fn ranges_among<'n>(names: impl IntoIterator<Item = &'n String>, array: &str) -> Option<Ranges> {
    let mut found: Option<Ranges> = None;
    for indices in names.into_iter().filter_map(|name| indices_of_element(name, array)) {
        match &mut found {
            None => found = Some(indices.into_iter().map(|index| (index, index + 1)).collect()),
            Some(ranges) => {
                for ((first, last), index) in ranges.iter_mut().zip(indices) {
                    (*first, *last) = ((*first).min(index), (*last).max(index + 1));
                }
            }
        }
    }
    found
}

/// The name of an array, of that of an element of it.
pub(crate) fn array_of(element: &str) -> &str {
    element.split_once('[').map_or(element, |(array, _)| array)
}

/// All combinations of indices, the last the fastest.
pub(crate) fn combinations(ranges: &[(u64, u64)]) -> Vec<Vec<u64>> {
    let mut all = vec![Vec::new()];
    for &(first, last) in ranges {
        let longer = |before: &Vec<u64>| {
            let before = before.clone();
            (first..last).map(move |index| [before.as_slice(), &[index]].concat())
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

/// The first index of each dimension.
pub(crate) fn firsts(ranges: &[(u64, u64)]) -> Vec<u64> {
    ranges.iter().map(|range| range.0).collect()
}

/// Whether there is an element with these indices.
pub(crate) fn inside(indices: &[u64], ranges: &[(u64, u64)]) -> bool {
    indices.len() == ranges.len()
        && indices.iter().zip(ranges).all(|(index, (first, last))| (*first..*last).contains(index))
}

/// What to say of the indices that there are.
pub(crate) fn indices_are(ranges: &[(u64, u64)]) -> String {
    let of = |(first, last): &(u64, u64)| format!("{first} to {}", last.saturating_sub(1));
    let texts: Vec<String> = ranges.iter().map(of).collect();
    format!("its indices are {}", texts.join(", and "))
}

/// Another number of indices than an array has.
pub(crate) fn many_indices(array: &str, expected: usize, given: usize, span: Span) -> Diagnostic {
    let plural = if expected == 1 { "index" } else { "indices" };
    let title = format!("`{array}` has {expected} {plural}, not {given}");
    Diagnostic::error("E0486", title, span, format!("{given} here"))
}
