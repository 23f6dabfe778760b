//! Phone numbers as +<country><number> (the form of ITU-T E.164).

use unicode_normalization::UnicodeNormalization;

/// What must be known of a country to read its numbers.
struct Plan {
    /// ISO 3166 codes.
    countries: &'static [&'static str],
    code: &'static str,
    /// The prefix of numbers inside the country; the international form has none.
    trunk: &'static str,
    /// What is dialled to leave the country.
    exits: &'static [&'static str],
    /// Digits behind the country's code, fewest and most.
    digits: (usize, usize),
}

const fn plan(
    countries: &'static [&'static str],
    code: &'static str,
    trunk: &'static str,
    exits: &'static [&'static str],
    digits: (usize, usize),
) -> Plan {
    Plan {
        countries,
        code,
        trunk,
        exits,
        digits,
    }
}

const PLANS: [Plan; 20] = [
    plan(&["JP"], "81", "0", &["010"], (9, 10)),
    plan(&["US", "CA"], "1", "1", &["011"], (10, 10)),
    plan(&["DE"], "49", "0", &["00"], (6, 12)),
    plan(&["AT"], "43", "0", &["00"], (6, 13)),
    plan(&["CH", "LI"], "41", "0", &["00"], (9, 9)),
    plan(&["GB"], "44", "0", &["00"], (9, 10)),
    plan(&["IE"], "353", "0", &["00"], (7, 9)),
    plan(&["FR"], "33", "0", &["00"], (9, 9)),
    plan(&["IT"], "39", "", &["00"], (6, 11)),
    plan(&["ES"], "34", "", &["00"], (9, 9)),
    plan(&["PT"], "351", "", &["00"], (9, 9)),
    plan(&["NL"], "31", "0", &["00"], (9, 9)),
    plan(&["BE"], "32", "0", &["00"], (8, 9)),
    plan(&["DK"], "45", "", &["00"], (8, 8)),
    plan(&["SE"], "46", "0", &["00"], (7, 10)),
    plan(&["PL"], "48", "", &["00"], (9, 9)),
    plan(&["BR"], "55", "0", &["00"], (10, 11)),
    plan(&["CN"], "86", "0", &["00"], (10, 11)),
    plan(&["KR"], "82", "0", &["00", "001", "002"], (8, 10)),
    plan(&["AU"], "61", "0", &["0011"], (9, 9)),
];

/// `text` as +<country><number>; none when it is no number, a filler such as 000-0000-0000, or does not say its country
/// while `country` (ISO 3166, such as `JP`) is not one of those known.
///
/// Extensions (`ext. 12`, `内線 12`) are dropped.
#[must_use]
pub(crate) fn normalize(text: &str, country: &str) -> Option<String> {
    let (mut digits, mut plus) = (String::new(), false);
    let plain: String = text
        .chars()
        .take(80)
        .nfkc()
        .collect::<String>()
        .to_lowercase();
    let end = ["ext", "内線", "x", "#", "durchwahl", ";"]
        .iter()
        .filter_map(|mark| plain.find(mark))
        .min();
    // +49 (0) 30 …: the trunk prefix is only for callers inside the country.
    let plain = plain.get(..end.unwrap_or(plain.len())).unwrap_or_default();
    let plain = plain.trim().trim_start_matches("tel").replace("(0)", " ");
    for c in plain.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() && !plus => plus = true,
            '+' => return None,
            c if c.is_alphabetic() => return None,
            _ => {}
        }
    }
    let first = digits.chars().next()?;
    if digits
        .chars()
        .skip(3)
        .all(|c| Some(c) == digits.chars().nth(3))
        || digits.chars().all(|c| c == first)
    {
        return None;
    }
    let country = country.trim().to_uppercase();
    let own = PLANS
        .iter()
        .find(|plan| plan.countries.contains(&country.as_str()));
    if !plus {
        let exits = own.map_or(&["00"][..], |plan| plan.exits);
        let exit = exits.iter().filter(|exit| digits.starts_with(**exit));
        if let Some(exit) = exit.max_by_key(|exit| exit.len()) {
            let rest = digits.get(exit.len()..).unwrap_or_default();
            if let Some(number) = international(rest) {
                return Some(number);
            }
        }
        let plan = own?;
        let bare = digits.strip_prefix(plan.trunk).unwrap_or(&digits);
        return within(plan, bare);
    }
    international(&digits)
}

/// Digits that begin with a country's code.
fn international(digits: &str) -> Option<String> {
    let known = PLANS
        .iter()
        .find_map(|plan| Some((plan, digits.strip_prefix(plan.code)?)));
    match known {
        Some((plan, rest)) if plan.trunk.is_empty() => within(plan, rest),
        Some((plan, rest)) => within(plan, rest.strip_prefix(plan.trunk).unwrap_or(rest)),
        // Of other countries only the bounds of E.164 are known.
        None if (8..=15).contains(&digits.len()) && !digits.starts_with('0') => {
            Some(format!("+{digits}"))
        }
        None => None,
    }
}

fn within(plan: &Plan, digits: &str) -> Option<String> {
    let (fewest, most) = plan.digits;
    (fewest..=most)
        .contains(&digits.len())
        .then(|| format!("+{}{digits}", plan.code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_of_writing_a_number_meet() {
        for (typed, country, number) in [
            ("03-1234-5678", "JP", "+81312345678"),
            ("０９０（１２３４）５６７８", "jp", "+819012345678"),
            ("+81 (0)90 1234 5678", "", "+819012345678"),
            ("010 49 30 901820", "JP", "+4930901820"),
            ("030 / 90 18 20", "DE", "+4930901820"),
            ("0049-30-901820", "DE", "+4930901820"),
            ("Tel. 030 901820 ext. 12", "DE", "+4930901820"),
            ("044 668 18 00", "CH", "+41446681800"),
            ("(212) 555-0187", "US", "+12125550187"),
            ("1-212-555-0187", "US", "+12125550187"),
            ("+39 06 1234567", "", "+39061234567"),
            ("+351 912 345 678", "DE", "+351912345678"),
        ] {
            assert_eq!(
                normalize(typed, country).as_deref(),
                Some(number),
                "{typed}"
            );
        }
        for (typed, country) in [
            ("", "JP"),
            ("000-0000-0000", "JP"),
            ("0901111111", "JP"),
            ("03-1234-5678", ""),
            ("call me", "JP"),
            ("12", "DE"),
            ("++81", "JP"),
            ("+81 3 1234 5678 9999 999", "JP"),
        ] {
            assert_eq!(normalize(typed, country), None, "{typed}");
        }
    }
}
