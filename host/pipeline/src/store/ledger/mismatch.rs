//! What can be wrong with the chain of a ledger, in words.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use tsugi_core::count::count;

/// What does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum ChainFinding {
    /// It ends before the link that is remembered.
    Cut { last: i64, remembered: i64 },
    /// The link that is remembered is another one.
    Replaced { number: i64 },
    /// A link does not follow from the one before, or its changes are not those that were signed.
    Broken { number: i64 },
    /// A link is not signed by the key that it names.
    NotSigned { number: i64, account: String },
    /// An account writes with another key than before.
    NewKey {
        number: i64,
        account: String,
        key: String,
    },
    /// Somebody began the chain anew.
    BegunAnew {
        number: i64,
        account: String,
        at: String,
    },
    /// Rows were changed beside the chain.
    Rows {
        /// Rows that no link added, by table.
        unsigned: BTreeMap<String, usize>,
        /// Rows that a link added and that are not there as they were.
        missing: usize,
        /// A digest of the rows that no link added, so that other rows are another finding.
        digest: String,
    },
    /// Something in the file that no version of this program makes.
    Strange { found: String },
    /// An index says something else than its table.
    Damaged { found: String },
}

impl fmt::Display for ChainFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { last, remembered } => {
                write!(f, "it ends with entry {last}, and had {remembered}")
            }
            Self::Replaced { number } => {
                write!(f, "entry {number} is not the one that was there")
            }
            Self::Broken { number } => {
                write!(f, "entry {number} does not follow from the one before it")
            }
            Self::NotSigned { number, account } => {
                write!(f, "entry {number} is not signed by the key of {account}")
            }
            Self::NewKey {
                number,
                account,
                key,
            } => write!(
                f,
                "from entry {number} on, {account} writes with a key that is new here: {}",
                short_key(key)
            ),
            Self::BegunAnew {
                number,
                account,
                at,
            } => write!(f, "{account} began it anew with entry {number}, on {at}"),
            Self::Rows {
                unsigned, missing, ..
            } => {
                let mut parts: Vec<String> = unsigned
                    .iter()
                    .map(|(table, rows)| {
                        format!("{} of `{table}` that no entry wrote", count(*rows, "row"))
                    })
                    .collect();
                if *missing > 0 {
                    let rows = count(*missing, "row");
                    parts.push(format!("{rows} changed or removed beside the entries"));
                }
                write!(f, "it has {}", parts.join(", "))
            }
            Self::Strange { found } => write!(
                f,
                "it has the {found}, which no version of this program makes; remove it with the tools of SQLite"
            ),
            Self::Damaged { found } => write!(f, "its pages do not fit each other ({found})"),
        }
    }
}

/// The part of a key that is shown.
pub fn short_key(key: &str) -> &str {
    match key.get(..16) {
        Some(short) => short,
        None => "none",
    }
}
