//! Phone numbers as +<country><number> (the form of ITU-T E.164), by libphonenumber's table of all countries: the one place
//! for plugins and the look-ups of the host.

mod regions;

use unicode_normalization::UnicodeNormalization;

use regions::Region;

/// Only so much of a text is read.
const READ_MAX: usize = 80;
/// What follows these is an extension.
const EXTENSIONS: [&str; 9] = [
    "ext",
    "内線",
    "x",
    "#",
    "durchwahl",
    "dw",
    ";",
    "poste",
    "interno",
];
/// Where a second number begins.
const SEPARATORS: [&str; 7] = [",", "|", "、", "・", " or ", " oder ", " / "];

/// A number that exists by the rules of its country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    region: &'static str,
    code: &'static str,
    prefix: &'static str,
    national: String,
}

impl Phone {
    /// Reads a number as people write it: with a label before it, brackets, any kind of hyphen, full width, an extension.
    /// `country` (ISO 3166, such as `JP`) is where a number without a country's code is from; blank if that is not known.
    ///
    /// None when it is no number of the country.
    #[must_use]
    pub fn parse(text: &str, country: &str) -> Option<Self> {
        let plain: String = text.chars().take(READ_MAX).nfkc().collect();
        let plain = plain.to_lowercase();
        let home = regions::named(&country.trim().to_uppercase());
        if let Some(found) = read(cut(&plain, &EXTENSIONS), home) {
            return Some(found);
        }
        let first = cut(cut(&plain, &EXTENSIONS), &SEPARATORS);
        read(first, home)
    }

    /// `+819012345678`
    #[must_use]
    pub fn international(&self) -> String {
        format!("+{}{}", self.code, self.national)
    }

    /// As it is dialled inside its country: `09012345678`.
    #[must_use]
    pub fn domestic(&self) -> String {
        format!("{}{}", self.prefix, self.national)
    }

    /// ISO 3166 code of its country; `001` for numbers of the world.
    #[must_use]
    pub fn country(&self) -> &'static str {
        self.region
    }
}

/// As [`Phone::parse`] in the international form; also for a number that does not exist by the rules of its country, as a
/// slip of the finger or a range that is newer than the table: for comparing, not for calling. None for fillers such as
/// 000-0000-0000.
#[must_use]
pub fn comparable(text: &str, country: &str) -> Option<String> {
    if let Some(phone) = Phone::parse(text, country) {
        return Some(phone.international());
    }
    let plain: String = text.chars().take(READ_MAX).nfkc().collect();
    let plain = plain.to_lowercase().replace("(0)", "");
    let (digits, plus) = written(cut(&plain, &EXTENSIONS))?;
    let home = regions::named(&country.trim().to_uppercase());
    let full = match (plus, digits.strip_prefix("00"), home) {
        (true, ..) => digits,
        (false, Some(rest), _) => rest.to_owned(),
        (false, None, Some(home)) => {
            format!(
                "{}{}",
                home.code,
                digits.strip_prefix('0').unwrap_or(&digits)
            )
        }
        (false, None, None) => return None,
    };
    let body = full.get(3..).unwrap_or_default();
    let first = body.chars().next();
    let is_filler = body.chars().all(|c| Some(c) == first);
    ((8..=15).contains(&full.len()) && !is_filler).then(|| format!("+{full}"))
}

/// The digits of a number by which a look-up finds it when its country is not known: those behind the `+` or `00` where
/// it has one, else as it is dialled at home.
#[must_use]
pub fn digits(text: &str) -> String {
    if let Some(phone) = Phone::parse(text, "") {
        return phone.international().trim_start_matches('+').to_owned();
    }
    let plain: String = text.chars().take(READ_MAX).nfkc().collect();
    let plain = plain.to_lowercase();
    let number = plain.replace("(0)", "");
    let number = cut(&number, &EXTENSIONS);
    // Of two numbers the first, if it is long enough to be one.
    let first: String = cut(number, &SEPARATORS)
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let all: String = number.chars().filter(char::is_ascii_digit).collect();
    let digits = if first.len() >= 7 { first } else { all };
    digits
        .strip_prefix("00")
        .map_or_else(|| digits.clone(), str::to_owned)
}

fn cut<'t>(text: &'t str, marks: &[&str]) -> &'t str {
    // A mark before any digit is part of a label ("fax", "phone (ext. line)").
    let begin = text
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(text.len());
    let rest = text.get(begin..).unwrap_or_default();
    let end = marks.iter().filter_map(|mark| rest.find(mark)).min();
    text.get(..begin + end.unwrap_or(rest.len()))
        .unwrap_or(text)
}

/// The digits of a text in which nothing else speaks against a number, and whether they begin with a country's code.
fn written(text: &str) -> Option<(String, bool)> {
    let (mut digits, mut plus) = (String::new(), false);
    let mut depth = 0_i32;
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() => plus = true,
            '+' => return None,
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            // The long vowel is what a Japanese keyboard has for a hyphen.
            'ー' => {}
            // A label stands before the number, or in brackets behind it ("(mobil)").
            c if c.is_alphabetic() && (digits.is_empty() || depth > 0) => {}
            c if c.is_alphabetic() => return None,
            _ => {}
        }
    }
    (!digits.is_empty()).then_some((digits, plus))
}

fn read(text: &str, home: Option<&'static Region>) -> Option<Phone> {
    let (digits, plus) = written(text)?;
    if digits.len() > 20 {
        return None;
    }
    if plus {
        return abroad(&digits);
    }
    let Some(home) = home else {
        return abroad(digits.strip_prefix("00")?);
    };
    if let Some(rest) = home.without_exit(&digits)
        && let Some(found) = abroad(rest)
    {
        return Some(found);
    }
    let own = home.national(&digits).map(|national| home.phone(national));
    // Guernsey and Britain dial each other as at home.
    let neighbour = || {
        let mut regions = regions::of_code(home.code);
        regions.find_map(|region| Some(region.phone(home.national_of(region, &digits)?)))
    };
    own.or_else(neighbour).or_else(|| {
        // 81-3-1234-5678 in Japan; and some write 00 wherever they are.
        let own = digits.strip_prefix(home.code);
        let own = own.and_then(|rest| home.national(rest));
        own.map(|national| home.phone(national))
            .or_else(|| abroad(digits.strip_prefix("00")?))
    })
}

/// Digits that begin with a country's code.
fn abroad(digits: &str) -> Option<Phone> {
    let digits = digits.trim_start_matches('0');
    (1..=3).find_map(|length| {
        let (code, rest) = digits.split_at_checked(length)?;
        let regions = regions::of_code(code);
        // Regions that share a code are distinguished by their numbers; one that says its leading digits comes first.
        let by_digits = regions.clone().find(|region| region.leads(rest));
        let of = |region: &'static Region| Some(region.phone(region.national(rest)?));
        by_digits
            .and_then(of)
            .or_else(|| regions.filter(|r| r.leading.is_none()).find_map(of))
    })
}

#[cfg(test)]
mod tests;
