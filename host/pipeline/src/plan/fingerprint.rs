//! Fingerprints: equal ones mean that running a step again would make the same table.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::made_of::MadeOf;
use crate::project::component::{Digest, NotADigest};

/// Raised when steps are executed in another way, so that nothing made before is taken for
/// what would be made now.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// What a step's table depends on, in 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(Digest);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = NotADigest;
    fn from_str(text: &str) -> Result<Self, NotADigest> {
        text.parse().map(Self)
    }
}

/// A fingerprint with the parts that it was put together from.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) fingerprint: Fingerprint,
    pub(super) of: MadeOf,
}

/// Puts a fingerprint together from named parts.
pub(super) struct Press {
    digest: Sha256,
    made_of: MadeOf,
}

impl Press {
    /// `what` keeps fingerprints of different things apart; `made_by` those of other versions.
    pub(super) fn new(what: &str, made_by: &str) -> Self {
        let mut press = Self {
            digest: Sha256::new(),
            made_of: MadeOf::default(),
        };
        press.part("format", &FORMAT_VERSION.to_string());
        press.part("made by", made_by);
        press.part("of", what);
        press
    }

    /// One part, under a name of its own. Lengths go in first, so that no two lists of parts give the
    /// same bytes.
    pub(super) fn part(&mut self, name: &str, value: &str) {
        self.part_known_by(name, value, value);
    }

    /// One part of which only something is to be compared, when a change is explained.
    pub(super) fn part_known_by(&mut self, name: &str, value: &str, known_by: &str) {
        for text in [name, value] {
            self.digest.update((text.len() as u64).to_le_bytes());
            self.digest.update(text.as_bytes());
        }
        self.made_of.note(name, known_by);
    }

    pub(super) fn done(self) -> Made {
        Made {
            fingerprint: Fingerprint(Digest::from_bytes(self.digest.finalize().into())),
            of: self.made_of,
        }
    }
}

/// JSON with its keys sorted: equal values give equal text.
pub(super) fn canonical(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(map) => {
            let mut keys: Vec<_> = map.iter().collect();
            keys.sort_by_key(|(key, _)| *key);
            let parts = keys.into_iter().map(|(key, value)| {
                let key = serde_json::Value::from(key.as_str());
                format!("{key}:{}", canonical(value))
            });
            format!("{{{}}}", parts.collect::<Vec<_>>().join(","))
        }
        serde_json::Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(canonical).collect::<Vec<_>>().join(",")
            )
        }
        scalar => scalar.to_string(),
    }
}
