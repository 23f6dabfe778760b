//! Suggestions for misspelled names.

/// Most names in one hint.
const OFFERED_MAX: usize = 3;

/// The candidates that `name` may be a misspelling of, best first, at most three.
///
/// Near means an edit distance (optimal string alignment) of at most a third of the longer
/// name, or the same last part after a dot, or the same letters in another case.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let mut ranked: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = candidate.to_lowercase();
            let length = wanted.chars().count().max(other.chars().count());
            let distance = strsim::osa_distance(&wanted, &other);
            if distance <= (length / 3).max(1) && distance < length {
                Some((distance, candidate))
            } else if last_part(&wanted) == last_part(&other) && !wanted.is_empty() {
                Some((length, candidate))
            } else {
                None
            }
        })
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked
        .into_iter()
        .take(OFFERED_MAX)
        .map(|(_, candidate)| candidate)
        .collect()
}

fn last_part(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}

/// `did you mean `a` or `b`?`, or nothing without names.
pub fn did_you_mean(names: &[impl AsRef<str>]) -> Option<String> {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{}`", n.as_ref())).collect();
    let (last, rest) = quoted.split_last()?;
    Some(match rest {
        [] => format!("did you mean {last}?"),
        rest => format!("did you mean {} or {last}?", rest.join(", ")),
    })
}

/// Names in backticks, with commas.
pub fn quoted(names: &[impl AsRef<str>]) -> String {
    names
        .iter()
        .map(|n| format!("`{}`", n.as_ref()))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_offered_and_far_ones_are_not() {
        assert_eq!(
            nearest("staging.order", ["staging.orders", "ceo.suspects"]),
            ["staging.orders"]
        );
        assert_eq!(
            nearest("orders", ["staging.orders", "ceo.suspects"]),
            ["staging.orders"]
        );
        assert_eq!(nearest("Severity", ["severity"]), ["severity"]);
        assert!(nearest("zebra", ["staging.orders", "x"]).is_empty());
        assert_eq!(
            did_you_mean(&["a", "b", "c"]).as_deref(),
            Some("did you mean `a`, `b` or `c`?")
        );
    }
}
