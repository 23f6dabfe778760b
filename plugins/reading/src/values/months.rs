//! Dates with the name of a month, in the languages exports are written in. Only forms with a
//! four-digit year: `31. März 2026`, `Mar 31, 2026`, `31-Mar-2026`, `31 de março de 2026`.

use jiff::civil::Date;

/// Names by month: English, German, French, Spanish, Portuguese, Italian, Dutch, and the
/// short forms of the Unicode CLDR. No name means two months.
const NAMES: [&[&str]; 12] = [
    &[
        "january", "januar", "jänner", "janvier", "enero", "janeiro", "gennaio", "januari", "jan",
        "janv", "ene", "gen",
    ],
    &[
        "february",
        "februar",
        "feber",
        "février",
        "fevrier",
        "febrero",
        "fevereiro",
        "febbraio",
        "februari",
        "feb",
        "févr",
        "fevr",
        "fev",
    ],
    &[
        "march", "märz", "maerz", "mars", "marzo", "março", "marco", "maart", "mar", "mär", "mrz",
        "mrt",
    ],
    &["april", "avril", "abril", "aprile", "apr", "avr", "abr"],
    &["may", "mai", "mayo", "maio", "maggio", "mei", "mag"],
    &[
        "june", "juni", "juin", "junio", "junho", "giugno", "jun", "giu",
    ],
    &[
        "july", "juli", "juillet", "julio", "julho", "luglio", "jul", "juil", "lug",
    ],
    &["august", "août", "aout", "agosto", "augustus", "aug", "ago"],
    &[
        "september",
        "septembre",
        "septiembre",
        "setembro",
        "settembre",
        "sep",
        "sept",
        "set",
    ],
    &[
        "october", "oktober", "octobre", "octubre", "outubro", "ottobre", "oct", "okt", "out",
        "ott",
    ],
    &["november", "novembre", "noviembre", "novembro", "nov"],
    &[
        "december",
        "dezember",
        "décembre",
        "decembre",
        "diciembre",
        "dezembro",
        "dicembre",
        "dec",
        "dez",
        "déc",
        "dic",
    ],
];

/// Words that stand between the parts.
const BETWEEN: [&str; 3] = ["de", "del", "of"];

/// A date and the text behind it.
pub(crate) fn named(text: &str) -> Option<(Date, &str)> {
    let (mut day, mut month, mut year) = (None, None, None);
    let mut rest = text;
    while day.is_none() || month.is_none() || year.is_none() {
        let start = rest.trim_start_matches([' ', '-', '.', ',', '/']);
        let word = |c: char| c.is_alphabetic();
        let number = |c: char| c.is_ascii_digit();
        let kind: &dyn Fn(char) -> bool = if start.starts_with(number) {
            &number
        } else {
            &word
        };
        let length = start.find(|c| !kind(c)).unwrap_or(start.len());
        let (part, after) = start.split_at_checked(length).filter(|_| length > 0)?;
        rest = after;
        if start.starts_with(number) {
            match part.len() {
                4 if year.is_none() => year = part.parse::<i16>().ok(),
                1 | 2 if day.is_none() => {
                    day = part.parse::<i8>().ok();
                    rest = ordinal(rest);
                }
                _ => return None,
            }
        } else {
            let found = month_of(part);
            match (found, month) {
                (Some(found), None) => month = Some(found),
                (Some(_), Some(_)) => return None,
                // A day of the week may stand before all of it.
                (None, _) if BETWEEN.contains(&part.to_lowercase().as_str()) => {}
                (None, None) if day.is_none() && year.is_none() => {}
                (None, _) => return None,
            }
        }
    }
    Some((
        Date::new(year?, month?, day?).ok()?,
        rest.trim_start_matches(','),
    ))
}

/// Behind a day: `1st`, `2nd`, `1er`, `1º`.
fn ordinal(rest: &str) -> &str {
    ["st", "nd", "rd", "th", "er", "º", "ª"]
        .iter()
        .find_map(|ending| rest.strip_prefix(ending))
        .unwrap_or(rest)
}

fn month_of(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    let at = NAMES
        .iter()
        .position(|names| names.contains(&word.as_str()))?;
    i8::try_from(at + 1).ok()
}
