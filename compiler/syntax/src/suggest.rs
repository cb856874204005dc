//! "Did you mean …?": the nearest known name.

/// How many candidates are looked at.
const MOST: usize = 4096;

/// The candidate nearest to `name`, if it is near enough to be a slip of the fingers.
///
/// Distance counts insertions, deletions, substitutions and swaps of neighbours; a third of the
/// name's length (at least one) may differ. Ties go to the first candidate. Of very many candidates only the first [`MOST`] are
/// looked at, so that a file full of slips is read in a time that grows as its length.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    const LONGEST: usize = 64;
    let wanted: Vec<char> = name.chars().take(LONGEST + 1).collect();
    if wanted.is_empty() || wanted.len() > LONGEST {
        return None;
    }
    let limit = (wanted.len() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates.into_iter().take(MOST) {
        // No letter takes more than four bytes.
        if candidate.len() + limit < wanted.len() || candidate.len() > 4 * (wanted.len() + limit) {
            continue;
        }
        let given: Vec<char> = candidate.chars().take(LONGEST + 1).collect();
        if given == wanted || given.len().abs_diff(wanted.len()) > limit {
            continue;
        }
        let swapped_case = name.eq_ignore_ascii_case(candidate);
        let distance = if swapped_case { 0 } else { distance(&wanted, &given) };
        // `a` for `b` is no slip: something of the name must remain.
        let allowed = swapped_case || (distance <= limit && distance < wanted.len().min(given.len()));
        if allowed && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.to_owned())
}

/// The optimal-string-alignment distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substituted = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substituted.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn nearest_name() {
        let names = ["tau", "tau_m", "V_rest", "neuron", "E"];
        for (typed, wanted) in [
            ("nuron", Some("neuron")),
            ("neuorn", Some("neuron")),
            ("tua", Some("tau")),
            ("tau_n", Some("tau_m")),
            ("v_rest", Some("V_rest")),
            ("e", Some("E")),
            ("x", None),
            ("conductance", None),
            ("", None),
        ] {
            assert_eq!(closest(typed, names).as_deref(), wanted, "{typed}");
        }
    }
}
