//! Wants of a manifest, grants of a pipeline, and the one comparison between them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::channel::{HttpGrant, MailGrant};
use crate::name::WantName;
use crate::pattern::Pattern;

/// Something a plugin asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Want {
    /// Files to read, under a name.
    Inputs(WantName),
    /// A folder to write, under a name.
    Outputs(WantName),
    /// An address to send requests to, under a name.
    Http(WantName),
    /// A server to send mail through, under a name.
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

/// The line that grants a want of a kind; `reads` where a source asks for it.
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

/// Everything a plugin asks for, with its reasons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Wants(pub BTreeMap<Want, Asked>);

/// Why a plugin asks for something, and in which uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// One sentence.
    pub reason: String,
    /// Only in uses whose config says so: a key and its value. In every use without it.
    pub when: Option<(String, String)>,
}

/// Files that a plugin may read: the whole folder, or its files whose names match a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct InputGrant {
    /// As written in pipeline.toml.
    pub written: String,
    /// The folder, absolute.
    pub folder: PathBuf,
    /// Which files of the folder, by name; all without it.
    pub pattern: Option<Pattern>,
}

/// A folder that a plugin may write.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct OutputGrant {
    /// As written in pipeline.toml.
    pub written: String,
    /// The folder, absolute.
    pub folder: PathBuf,
}

/// Everything a pipeline gives to a plugin, or to one use of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Grants {
    /// By want; a want may be given several folders.
    pub inputs: BTreeMap<WantName, Vec<InputGrant>>,
    /// By want.
    pub outputs: BTreeMap<WantName, OutputGrant>,
    /// By want.
    pub http: BTreeMap<WantName, HttpGrant>,
    /// By want.
    pub mail: BTreeMap<WantName, MailGrant>,
    /// The real time.
    pub clock: bool,
    /// Real randomness.
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

    /// The wants that these grants would answer.
    pub fn answered(&self) -> impl Iterator<Item = Want> {
        let inputs = self.inputs.keys().cloned().map(Want::Inputs);
        let outputs = self.outputs.keys().cloned().map(Want::Outputs);
        let clock = self.clock.then_some(Want::Clock);
        let random = self.random.then_some(Want::Random);
        let http = self.http.keys().cloned().map(Want::Http);
        let mail = self.mail.keys().cloned().map(Want::Mail);
        let folders = inputs.chain(outputs);
        folders.chain(http).chain(mail).chain(clock).chain(random)
    }

    /// These grants with those of one use of the plugin laid over them.
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
    fn a_use_adds_to_what_its_plugin_was_given() {
        let outbox = WantName::try_new("outbox").unwrap();
        let mut given = Grants::default();
        assert!(!given.covers(&Want::Outputs(outbox.clone())));
        given.outputs.insert(
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
        .overlaid(&given);
        assert!(
            both.covers(&Want::Outputs(outbox))
                && both.covers(&Want::Clock)
                && !both.covers(&Want::Random)
        );
    }
}
