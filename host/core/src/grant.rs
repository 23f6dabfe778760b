//! Wants of plugins, grants of pipelines, and the one comparison between them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::channel::{HttpGrant, MailGrant};
use crate::name::WantName;
use crate::pattern::Pattern;

/// Something outside the sandbox that a plugin needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Want {
    /// Files to read.
    Inputs(WantName),
    /// A folder to write.
    Outputs(WantName),
    /// An address to send requests to.
    Http(WantName),
    /// A server to send mail through.
    Mail(WantName),
    /// The real time instead of the start of the run.
    Clock,
    /// Real randomness instead of a seeded sequence.
    Random,
}

impl fmt::Display for Want {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inputs(name) => write!(f, "inputs.{name}"),
            Self::Outputs(name) => write!(f, "outputs.{name}"),
            Self::Http(name) => write!(f, "http.{name}"),
            Self::Mail(name) => write!(f, "mail.{name}"),
            Self::Clock => f.write_str("clock"),
            Self::Random => f.write_str("random"),
        }
    }
}

/// The line of pipeline.toml that grants a want; `reads` for a want of a source.
pub fn grant_line(kind: &str, name: &str, reads: bool) -> String {
    let method = if reads { "GET" } else { "POST" };
    match kind {
        "http" => format!(
            "grants.http.{name} = {{ url = \"https://HOST/PATH\", methods = [\"{method}\"] }}"
        ),
        "mail" => {
            format!("grants.mail.{name} = {{ url = \"smtps://HOST\", from = [\"NAME@DOMAIN\"] }}")
        }
        _ => format!("grants.{kind}.{name} = \"FOLDER\""),
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Wants(pub BTreeMap<Want, WantTerms>);

/// Why a plugin needs something, and in which uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WantTerms {
    /// One sentence.
    pub reason: String,
    /// The key and value of the config of the uses that need it; none when all do.
    pub when: Option<(String, String)>,
}

/// Files that a plugin may read: the whole folder, or its files whose names match a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct InputGrant {
    /// The path as its author wrote it.
    pub written: String,
    /// Absolute.
    pub folder: PathBuf,
    /// Which files of the folder, by name; none for all.
    pub pattern: Option<Pattern>,
}

/// A folder that a plugin may write.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct OutputGrant {
    /// The path as its author wrote it.
    pub written: String,
    /// Absolute.
    pub folder: PathBuf,
}

/// What a pipeline grants to a plugin, or to one use of it, by want.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Grants {
    /// Several folders may answer one want; the first that has a name counts.
    pub inputs: BTreeMap<WantName, Vec<InputGrant>>,
    pub outputs: BTreeMap<WantName, OutputGrant>,
    pub http: BTreeMap<WantName, HttpGrant>,
    pub mail: BTreeMap<WantName, MailGrant>,
    pub clock: bool,
    pub random: bool,
}

impl Grants {
    /// Whether a want is granted: the only place where the two are compared.
    pub fn covers(&self, want: &Want) -> bool {
        match want {
            Want::Inputs(name) => self.inputs.contains_key(name),
            Want::Outputs(name) => self.outputs.contains_key(name),
            Want::Http(name) => self.http.contains_key(name),
            Want::Mail(name) => self.mail.contains_key(name),
            Want::Clock => self.clock,
            Want::Random => self.random,
        }
    }

    /// The wants that these grants cover.
    pub fn wants(&self) -> impl Iterator<Item = Want> {
        let inputs = self.inputs.keys().cloned().map(Want::Inputs);
        let outputs = self.outputs.keys().cloned().map(Want::Outputs);
        let clock = self.clock.then_some(Want::Clock);
        let random = self.random.then_some(Want::Random);
        let http = self.http.keys().cloned().map(Want::Http);
        let mail = self.mail.keys().cloned().map(Want::Mail);
        let folders = inputs.chain(outputs);
        folders.chain(http).chain(mail).chain(clock).chain(random)
    }

    /// These grants, overlaid with those of one use of the plugin.
    pub fn overlaid(&self, use_of_it: &Self) -> Self {
        let mut both = self.clone();
        both.inputs.extend(use_of_it.inputs.clone());
        both.outputs.extend(use_of_it.outputs.clone());
        both.http.extend(use_of_it.http.clone());
        both.mail.extend(use_of_it.mail.clone());
        both.clock |= use_of_it.clock;
        both.random |= use_of_it.random;
        both
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_adds_to_the_grants_of_its_plugin() {
        let outbox = WantName::try_new("outbox").unwrap();
        let mut granted = Grants::default();
        assert!(!granted.covers(&Want::Outputs(outbox.clone())));
        granted.outputs.insert(
            outbox.clone(),
            OutputGrant {
                written: "outbox".into(),
                folder: "/x/outbox".into(),
            },
        );
        let both = Grants {
            clock: true,
            ..Grants::default()
        }
        .overlaid(&granted);
        assert!(
            both.covers(&Want::Outputs(outbox))
                && both.covers(&Want::Clock)
                && !both.covers(&Want::Random)
        );
    }
}
