//! plugin.toml: what a plugin says about itself, wherever it is read from.

use std::collections::BTreeMap;

use serde::Serialize;
use toml::Spanned;
use toml::de::DeValue;

use super::body_mapping::BodyMapping;
use super::error::ProjectError;
use super::grant::{Want, WantTerms, Wants};
use super::limit::{INSTANCE_MEMORY_MAX_BYTES, INSTANCE_MEMORY_MIN_BYTES};
use super::written::{Section, TomlFile, Written};
use tsugi_core::diagnostic::{Diagnostic, nearest};
use tsugi_core::escape::is_hidden;
use tsugi_core::name::{PluginName, WantName};
use tsugi_core::source_text::SourceText;

/// The name of the manifest in a crate's folder.
pub const MANIFEST_FILE: &str = "plugin.toml";

/// Longest reason, summary or doc in characters: they are shown in one line.
const SENTENCE_MAX_CHARS: usize = 200;

/// What a plugin says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// The plugin's own name; a pipeline may call it otherwise.
    pub name: PluginName,
    /// As the author numbers it.
    pub version: String,
    /// One sentence.
    pub summary: String,
    /// An SPDX expression.
    pub license: Option<String>,
    pub wants: Wants,
    /// The bodies of requests with a message, by the name of the address, where it wants rows in a format of its own.
    pub(crate) bodies: BTreeMap<WantName, BodyMapping>,
    /// Linear memory an instance asks for; within the host's bound.
    pub memory_max_bytes: Option<u64>,
    /// Whether its sink sends what people receive: `[sink] reaches_people = true`.
    pub(crate) sink_reaches_people: bool,
    /// The keys its `config` may have.
    pub config: BTreeMap<String, ConfigKey>,
}

/// One key that a plugin's `config` may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigKey {
    /// The type of its value.
    #[serde(rename = "type")]
    pub kind: ConfigType,
    /// Whether it must be there.
    pub required: bool,
    /// One sentence.
    pub doc: String,
}

/// The type of a value in a plugin's `config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConfigType {
    /// Text; dates are text.
    String,
    /// A whole number of 64 bits.
    Integer,
    Float,
    /// `true` or `false`.
    Boolean,
    List,
    Table,
}

impl ConfigType {
    const WORDS: [(&str, Self); 6] = [
        ("string", Self::String),
        ("integer", Self::Integer),
        ("float", Self::Float),
        ("boolean", Self::Boolean),
        ("list", Self::List),
        ("table", Self::Table),
    ];

    /// Whether a value is of this type.
    pub fn fits(self, value: &serde_json::Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Float => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::List => value.is_array(),
            Self::Table => value.is_object(),
        }
    }

    /// The type in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Integer => "a whole number",
            Self::Float => "a number",
            Self::Boolean => "true or false",
            Self::List => "a list",
            Self::Table => "a table",
        }
    }

    /// A value that could be written.
    pub fn example(self) -> &'static str {
        match self {
            Self::String => "\"…\"",
            Self::Integer => "1",
            Self::Float => "0.5",
            Self::Boolean => "true",
            Self::List => "[]",
            Self::Table => "{}",
        }
    }
}

impl Manifest {
    /// The body of a request with a message to the address of a want such as `http.channel`, as JSON with
    /// `$column` for values; none where it is the row itself.
    pub fn body_of(&self, want: &str) -> Option<String> {
        let (_, name) = want.split_once('.').filter(|(kind, _)| *kind == "http")?;
        let mut bodies = self.bodies.iter();
        let (_, body) = bodies.find(|(want, _)| want.as_str() == name)?;
        Some(body.to_string())
    }

    /// Reads a manifest strictly; every diagnostic, not only the first.
    pub fn parse(text: &SourceText) -> Result<Self, Vec<Diagnostic>> {
        let (file, table) = TomlFile::parse(text);
        let root = Section::root(&file, &table);
        let manifest = parsed(&file, &root);
        root.finish();
        match manifest {
            Some(manifest) if !file.has_errors() => Ok(manifest),
            _ => Err(file.into_diagnostics()),
        }
    }
}

fn parsed(file: &TomlFile<'_>, root: &Section<'_, '_>) -> Option<Manifest> {
    let (wants, bodies) = root.section("wants").map(wants).unwrap_or_default();
    let memory_max_bytes = root.section("limits").and_then(|limits| {
        let bytes = limits.number(
            "memory_max_bytes",
            INSTANCE_MEMORY_MIN_BYTES,
            INSTANCE_MEMORY_MAX_BYTES,
        );
        limits.finish();
        bytes
    });
    let config = root
        .section("config")
        .map(|section| config_keys(&section))
        .unwrap_or_default();
    let sink_reaches_people = root.section("sink").is_some_and(|sink| {
        let reaches = sink.boolean("reaches_people").unwrap_or(false);
        sink.finish();
        reaches
    });
    if !root.has("plugin") {
        root.missing("plugin", "[plugin]");
    }
    let plugin = root.section("plugin")?;
    let name = plugin
        .required("name", "name = \"my-plugin\"")
        .and_then(|name| file.name(&name));
    let version = plugin
        .required("version", "version = \"0.1.0\"")
        .and_then(|w| sentence(file, "plugin.version", w));
    let summary = plugin
        .required("summary", "summary = \"what it does, in one sentence\"")
        .and_then(|w| sentence(file, "plugin.summary", w));
    let license = plugin.string("license").map(|license| license.value);
    plugin.finish();
    Some(Manifest {
        name: name?,
        version: version?,
        summary: summary?,
        license,
        wants,
        bodies,
        memory_max_bytes,
        sink_reaches_people,
        config,
    })
}

/// Text that is shown in one line.
fn sentence(file: &TomlFile<'_>, key: &str, written: Written<String>) -> Option<String> {
    let text = written.value.trim();
    let shown =
        !text.is_empty() && text.chars().count() <= SENTENCE_MAX_CHARS && !text.contains(is_hidden);
    if shown {
        return Some(text.to_owned());
    }
    let error = ProjectError::WrongValue {
        key: key.to_owned(),
        value: text.chars().filter(|c| !is_hidden(*c)).take(40).collect(),
        wanted: format!("one line of 1 to {SENTENCE_MAX_CHARS} characters"),
    };
    file.find(&written.span, &error);
    None
}

/// A kind of want that has names.
type Named = fn(WantName) -> Want;

fn wants(section: Section<'_, '_>) -> (Wants, BTreeMap<WantName, BodyMapping>) {
    let file = section.file();
    let (mut wants, mut bodies) = (BTreeMap::new(), BTreeMap::new());
    let kinds: [(&str, Named); 4] = [
        ("inputs", Want::Inputs),
        ("outputs", Want::Outputs),
        ("http", Want::Http),
        ("mail", Want::Mail),
    ];
    for (kind, want) in kinds {
        let Some(named) = section.section(kind) else {
            continue;
        };
        for (name, value) in named.entries() {
            let terms = terms(&named, &name, value, kind == "http");
            if let (Some(want_name), Some((terms, body))) = (file.name::<WantName>(&name), terms) {
                bodies.extend(body.map(|body| (want_name.clone(), body)));
                wants.insert(want(want_name), terms);
            }
        }
    }
    for (key, want) in [("clock", Want::Clock), ("random", Want::Random)] {
        if let Some(reason) = section
            .string(key)
            .and_then(|w| sentence(file, &section.full(key), w))
        {
            wants.insert(want, WantTerms { reason, when: None });
        }
    }
    section.finish();
    (Wants(wants), bodies)
}

/// The reason as text, or `{ reason, when = { KEY = "VALUE" } }`, of an address also with `body = { … }`.
fn terms<'s>(
    section: &Section<'s, '_>,
    name: &Written<String>,
    value: &'s Spanned<DeValue<'_>>,
    has_body: bool,
) -> Option<(WantTerms, Option<BodyMapping>)> {
    let key = name.value.as_str();
    let file = section.file();
    if let Some(text) = value.get_ref().as_str() {
        let written = Written {
            value: text.to_owned(),
            span: value.span(),
        };
        let reason = sentence(file, &section.full(key), written)?;
        return Some((WantTerms { reason, when: None }, None));
    }
    if value.get_ref().as_table().is_none() {
        let error = ProjectError::WrongType {
            key: section.full(key),
            wanted: "the reason, as a string",
            found: super::value::words(value.get_ref()),
        };
        file.find(&value.span(), &error);
        return None;
    }
    let table = section.section_of(key, &name.span, value)?;
    let reason = table
        .required("reason", "reason = \"why, in one sentence\"")
        .and_then(|written| sentence(file, &table.full("reason"), written));
    let when = table.section("when").and_then(|when| {
        let mut pairs = when.entries().into_iter().filter_map(|(key, value)| {
            Some((key.value.clone(), when.text_of(&key.value, value)?.value))
        });
        pairs.next()
    });
    let body = match has_body {
        true => table
            .section("body")
            .and_then(|body| mapping(&table, &body)),
        false => None,
    };
    table.finish();
    let reason = reason?;
    Some((WantTerms { reason, when }, body))
}

fn mapping(table: &Section<'_, '_>, body: &Section<'_, '_>) -> Option<BodyMapping> {
    let mapping = BodyMapping::new(body.json());
    let wrong = |what: String| {
        let error = ProjectError::WrongValue {
            key: table.full("body"),
            value: what,
            wanted: "a body of `$column` and words of the format, with `$address` and `$body`"
                .into(),
        };
        table.file().find(&table.key_span("body"), &error);
    };
    mapping.map_err(wrong).ok()
}

fn config_keys(section: &Section<'_, '_>) -> BTreeMap<String, ConfigKey> {
    let mut keys = BTreeMap::new();
    for (name, value) in section.entries() {
        let Some(described) = section.section_of(&name.value, &name.span, value) else {
            continue;
        };
        let kind = described
            .required("type", "type = \"string\"")
            .and_then(|kind| config_type(&described, &kind));
        let required = described.boolean("required").unwrap_or(false);
        let doc = described
            .string("doc")
            .map(|doc| doc.value)
            .unwrap_or_default();
        described.finish();
        if let Some(kind) = kind {
            keys.insert(
                name.value,
                ConfigKey {
                    kind,
                    required,
                    doc,
                },
            );
        }
    }
    keys
}

fn config_type(section: &Section<'_, '_>, written: &Written<String>) -> Option<ConfigType> {
    let found = ConfigType::WORDS
        .iter()
        .find(|(word, _)| *word == written.value);
    if found.is_none() {
        let words = ConfigType::WORDS.map(|(word, _)| word);
        let error = ProjectError::Unknown {
            what: "config type",
            name: written.value.clone(),
            nearest: nearest(&written.value, words)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            otherwise: format!("known types: {}", super::error::quoted(&words)),
        };
        section.file().find(&written.span, &error);
    }
    found.map(|(_, kind)| *kind)
}
