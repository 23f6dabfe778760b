//! pipeline.toml: what an analyst writes beside the SQL.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::grant::Grants;
use crate::diagnostic::Place;
use crate::name::{DeliveryName, PluginName, RelationName, SinkName, SourceName};

/// The name of the file.
pub const PIPELINE_FILE: &str = "pipeline.toml";

/// A JSON object, as plugins get their config.
pub type Config = serde_json::Map<String, serde_json::Value>;

/// The language of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// Japanese.
    Ja,
    /// German.
    De,
}

/// `[sources.NAME]`: tables of the schema NAME.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name, which is the schema of its tables.
    pub name: SourceName,
    /// Who reads.
    pub reads: Reads,
    /// Where it is written.
    pub place: Place,
}

/// Who reads a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reads {
    /// A plugin of the role `source`.
    Plugin {
        /// Which.
        plugin: PluginName,
        /// What it is told; fits its manifest.
        config: Config,
        /// Tables that carry another name than their stream: table to stream. Streams that
        /// are not named here are tables with their own name.
        streams: BTreeMap<RelationName, String>,
        /// The plugin's grants with those of this source laid over them.
        grants: Grants,
    },
    /// The host itself, from Parquet files: table to absolute path.
    Parquet(BTreeMap<RelationName, PathBuf>),
}

/// `[sinks.NAME]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sink {
    /// Its name.
    pub name: SinkName,
    /// A plugin of the role `sink`.
    pub plugin: PluginName,
    /// What it is told; fits its manifest.
    pub config: Config,
    /// The plugin's grants with those of this sink laid over them.
    pub grants: Grants,
    /// Where it is written.
    pub place: Place,
}

/// `[deliveries.NAME]`: which table goes to which sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its name.
    pub name: DeliveryName,
    /// The table, as written; the plan knows whether it is there.
    pub from: String,
    /// Where `from` is written.
    pub from_place: Place,
    /// The sink, which is there.
    pub sink: SinkName,
    /// How fast it may go.
    pub rates: Rates,
    /// The table that knows how many complained, as written, and where.
    pub complaints: Option<(String, Place)>,
    /// Where the delivery is written.
    pub place: Place,
}

/// How many messages a delivery may hand over in any minute, hour or day; any number where
/// nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Rates {
    /// In any 60 seconds.
    pub per_minute: Option<u64>,
    /// In any 60 minutes.
    pub per_hour: Option<u64>,
    /// In any 24 hours.
    pub per_day: Option<u64>,
}
