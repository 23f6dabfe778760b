//! Errors of the reading core: what happened, where, and the next step.

use std::fmt;

/// Who must act, in the words of the plugin contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// The configuration, the mapping or the export folder is wrong.
    FixConfig,
    /// Credentials are no longer accepted.
    Reauthenticate,
    /// Try again later.
    Retry,
    /// Try again after a stated time.
    Throttled,
    /// Quarantine the data and go on.
    RejectData,
    /// This stream cannot be read; others can.
    GiveUp,
    /// A bug in the plugin.
    Defect,
}

/// An error that stops a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Who must act.
    pub recovery: Recovery,
    /// Stable and short, for programs: `missing-file`.
    pub code: String,
    /// One sentence for people.
    pub message: String,
    /// The next step, or more about the cause.
    pub detail: Option<String>,
    /// Where: a JSON pointer into the config, or `file:line:column`.
    pub at: Option<String>,
    /// Set when `recovery` is `Throttled`.
    pub retry_after_ms: Option<u32>,
}

/// The result of anything that can stop a stream.
pub type Result<T, E = ReadError> = std::result::Result<T, E>;

impl ReadError {
    /// An error of the given kind without detail or place.
    pub fn new(recovery: Recovery, code: &str, message: impl Into<String>) -> Self {
        Self {
            recovery,
            code: code.to_owned(),
            message: message.into(),
            detail: None,
            at: None,
            retry_after_ms: None,
        }
    }

    /// An error that the analyst or the vendor repairs in a file they wrote.
    pub fn config(code: &str, message: impl Into<String>) -> Self {
        Self::new(Recovery::FixConfig, code, message)
    }

    /// Adds the next step.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds the place.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.at = Some(place.into());
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = &self.at {
            write!(f, "{at}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.detail {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ReadError {}

/// Names longer than this are compared by their beginning only.
const COMPARED_CHARS: usize = 64;

/// The candidate that was probably meant, if one is close enough to `wanted`.
pub(crate) fn nearest<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let short = |text: &str| -> String {
        text.chars()
            .take(COMPARED_CHARS)
            .flat_map(char::to_lowercase)
            .collect()
    };
    let wanted = short(wanted);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other = short(candidate);
        let distance = strsim::damerau_levenshtein(&wanted, &other);
        let longest = wanted.chars().count().max(other.chars().count());
        if distance * 5 <= longest * 2 && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// ` did you mean …?`, or nothing when no candidate is close.
pub(crate) fn did_you_mean<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(wanted, candidates).map(|name| format!("did you mean `{name}`?"))
}

/// Names for a message: the first few in backticks, and how many more there are.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 10;
    let mut shown = Vec::new();
    let mut count = 0_usize;
    for name in names {
        if count < SHOWN {
            shown.push(format!(
                "`{}`",
                name.chars().take(COMPARED_CHARS).collect::<String>()
            ));
        }
        count += 1;
    }
    match count {
        0 => "none".to_owned(),
        n if n > SHOWN => format!("{} and {} more", shown.join(", "), n - SHOWN),
        _ => shown.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let names = ["customers.csv", "consents.csv", "reviews.csv"];
        assert_eq!(nearest("costumers.csv", names), Some("customers.csv"));
        assert_eq!(nearest("stock.csv", ["inspections.csv"]), None);
        assert_eq!(
            did_you_mean("delimitter", ["delimiter"]).unwrap(),
            "did you mean `delimiter`?"
        );
    }

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<String> = (0..12).map(|i| format!("f{i}")).collect();
        assert!(listed(names.iter().map(String::as_str)).ends_with("`f9` and 2 more"));
        assert_eq!(listed([]), "none");
    }
}
