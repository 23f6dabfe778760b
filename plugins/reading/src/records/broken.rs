//! What is no record: why, and how much of the text is given up with it.

use crate::host::RAW_MAX_BYTES;
use crate::records::RECORD_MAX_BYTES;

/// A stretch that is no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The line it begins on.
    pub line: u64,
    /// `unclosed-quote`, `bad-quote` or `record-too-long`.
    pub code: &'static str,
    /// For people.
    pub reason: String,
    /// Its beginning, as it stood.
    pub raw: String,
}

/// For people: what is wrong, and how many lines are lost with it.
pub(crate) fn reason(code: &str, lines: u64) -> String {
    let what = match code {
        "unclosed-quote" => "a quote is opened here and not closed as it should be".to_owned(),
        "bad-quote" => {
            "there is text behind a closing quote; a quote inside a field must be doubled"
                .to_owned()
        }
        _ => format!("the record is longer than {RECORD_MAX_BYTES} bytes"),
    };
    if lines == 0 {
        what
    } else {
        format!("{what}; {lines} line(s) behind it are lost with it")
    }
}

/// The beginning of a raw record, cut between characters.
pub(crate) fn bounded(raw: &[u8]) -> String {
    let mut end = raw.len().min(RAW_MAX_BYTES);
    while end > 0 && end < raw.len() && raw.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
        end -= 1;
    }
    String::from_utf8_lossy(raw.get(..end).unwrap_or(&[])).into_owned()
}
