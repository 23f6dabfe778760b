//! Numbers in sentences: `1 row`, `20,512 rows`.

/// A number with its noun, in the singular for one.
pub fn count(number: impl TryInto<u64>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    let digits = grouped(number);
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("{digits} {noun}"),
        (_, Some(stem)) => format!("{digits} {stem}ies"),
        (_, None) => format!("{digits} {noun}s"),
    }
}

/// `20,512`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_thousands_are_grouped() {
        assert_eq!(count(1_u64, "row"), "1 row");
        assert_eq!(count(0_usize, "row"), "0 rows");
        assert_eq!(count(1_234_567_u64, "entry"), "1,234,567 entries");
        assert_eq!(count(999_u32, "file"), "999 files");
    }
}
