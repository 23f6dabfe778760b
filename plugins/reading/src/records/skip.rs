//! Rows that a mapping passes over: rulers, totals, titles of groups.

/// How much of a row is compared.
const COMPARED_CHARS: usize = 1024;

/// Whether the text of a row, blanks around it aside, is like one of the patterns: `%` stands for
/// any text, `_` for one character, as in SQL's `LIKE`.
pub(crate) fn is_skipped(raw: &[u8], patterns: &[String]) -> bool {
    if patterns.is_empty() {
        return false;
    }
    let text = String::from_utf8_lossy(raw);
    let text: Vec<char> = text.trim().chars().take(COMPARED_CHARS).collect();
    patterns.iter().any(|pattern| {
        let pattern: Vec<char> = pattern.trim().chars().collect();
        is_like(&text, &pattern)
    })
}

/// Greedy, with one way back: to the last `%`.
fn is_like(text: &[char], pattern: &[char]) -> bool {
    let (mut at, mut next) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(next) {
            Some('%') => {
                retry = Some((next + 1, at));
                next += 1;
            }
            Some(c) if *c == '_' || text.get(at) == Some(c) => {
                at += 1;
                next += 1;
            }
            _ => match retry {
                Some((after, from)) => {
                    retry = Some((after, from + 1));
                    (next, at) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern
        .get(next..)
        .unwrap_or_default()
        .iter()
        .all(|c| *c == '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_like() {
        let skipped =
            |text: &str, pattern: &str| is_skipped(text.as_bytes(), &[pattern.to_owned()]);
        for (text, pattern) in [
            ("--------", "---%"),
            ("*  ;total;12", "*%"),
            ("合計,,1200", "合計%"),
            ("Sum of group A", "Sum%A"),
            ("a-b-c", "a_b_c"),
            ("", "%"),
            ("aaab", "%a%b"),
        ] {
            assert!(skipped(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in [
            ("-- a", "---%"),
            ("a", ""),
            ("ab", "a"),
            ("abc", "%b"),
            ("1,*", "*%"),
        ] {
            assert!(!skipped(text, pattern), "{text} {pattern}");
        }
        let hostile = "a".repeat(100_000);
        assert!(skipped(&hostile, &"%a".repeat(500)));
        assert!(!skipped(&hostile, &format!("{}b", "%a".repeat(500))));
    }
}
