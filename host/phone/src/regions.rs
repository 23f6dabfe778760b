//! What is known of each region: its code, how one dials, and which numbers exist.

use std::sync::OnceLock;

use regex_lite::Regex;

use crate::Phone;

/// A region that numbers are given out in.
pub(crate) struct Region {
    name: &'static str,
    pub(crate) code: &'static str,
    /// Of regions that share a code: the digits that numbers of this one begin with.
    pub(crate) leading: Option<Pattern>,
    exit: Pattern,
    prefix: &'static str,
    prefixes: Option<Pattern>,
    /// What a number becomes behind a prefix: `9$1`.
    becomes: &'static str,
    numbers: Pattern,
}

/// A pattern that is compiled when it is first needed: most regions never are.
pub(crate) struct Pattern {
    text: &'static str,
    is_whole: bool,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    fn new(text: &'static str, is_whole: bool) -> Option<Self> {
        (!text.is_empty()).then(|| Self {
            text,
            is_whole,
            regex: OnceLock::new(),
        })
    }

    fn regex(&self) -> Option<&Regex> {
        let compile = || {
            let end = if self.is_whole { "$" } else { "" };
            Regex::new(&format!("^(?:{}){end}", self.text)).ok()
        };
        self.regex.get_or_init(compile).as_ref()
    }

    fn is_match(&self, digits: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(digits))
    }
}

impl Region {
    fn parse(row: &'static str) -> Option<Self> {
        let columns: Vec<&str> = row.split('\t').collect();
        let [
            name,
            code,
            _,
            leading,
            exit,
            prefix,
            prefixes,
            becomes,
            numbers,
        ] = <[&str; 9]>::try_from(columns).ok()?;
        Some(Self {
            name,
            code,
            leading: Pattern::new(leading, false),
            exit: Pattern::new(if exit.is_empty() { "00" } else { exit }, false)?,
            prefix,
            prefixes: Pattern::new(prefixes, false),
            becomes,
            numbers: Pattern::new(numbers, true)?,
        })
    }

    pub(crate) fn phone(&self, national: String) -> Phone {
        Phone {
            region: self.name,
            code: self.code,
            prefix: self.prefix,
            national,
        }
    }

    /// Whether the region is that of a number by its first digits.
    pub(crate) fn leads(&self, digits: &str) -> bool {
        self.leading
            .as_ref()
            .is_some_and(|leading| leading.is_match(digits))
    }

    /// What is dialled behind the prefix for abroad.
    pub(crate) fn without_exit<'d>(&self, digits: &'d str) -> Option<&'d str> {
        digits.get(self.exit.regex()?.find(digits)?.end()..)
    }

    /// A number of the region, without the prefix that is dialled inside it; none where no such number exists.
    pub(crate) fn national(&self, digits: &str) -> Option<String> {
        self.national_of(self, digits)
    }

    /// A number of `other`, which shares this region's code, as it is dialled in this region.
    pub(crate) fn national_of(&self, other: &Self, digits: &str) -> Option<String> {
        let exists = |digits: &String| other.numbers.is_match(digits);
        let stripped = self.stripped(digits).filter(exists);
        let bare = Some(digits.to_owned()).filter(exists);
        // A prefix is taken only where the number needs it gone.
        match (bare, stripped) {
            (Some(bare), Some(_)) if !digits.starts_with(self.prefix) || self.prefix.is_empty() => {
                Some(bare)
            }
            (bare, stripped) => stripped.or(bare),
        }
    }

    fn stripped(&self, digits: &str) -> Option<String> {
        let found = self.prefixes.as_ref()?.regex()?.captures(digits)?;
        let rest = digits.get(found.get(0)?.end()..)?;
        let groups: Vec<&str> = (1..found.len())
            .map(|at| found.get(at).map_or("", |group| group.as_str()))
            .collect();
        if self.becomes.is_empty() || groups.last().is_none_or(|last| last.is_empty()) {
            return Some(rest.to_owned());
        }
        let mut number = self.becomes.to_owned();
        for (at, group) in groups.iter().enumerate() {
            number = number.replace(&format!("${}", at + 1), group);
        }
        Some(number + rest)
    }
}

/// All regions, by their code and the first of each code first.
fn all() -> &'static [Region] {
    static ALL: OnceLock<Vec<Region>> = OnceLock::new();
    ALL.get_or_init(|| {
        let rows = include_str!("regions.tsv").lines();
        rows.filter(|row| !row.starts_with('#'))
            .filter_map(Region::parse)
            .collect()
    })
}

/// The region of an ISO 3166 code.
pub(crate) fn named(name: &str) -> Option<&'static Region> {
    all()
        .iter()
        .find(|region| region.name == name && name != "001")
}

/// The regions of a country's code, as in `81`.
pub(crate) fn of_code(code: &str) -> impl Iterator<Item = &'static Region> + Clone {
    all().iter().filter(move |region| region.code == code)
}
