//! What was written: pipeline.toml, plugin.toml, models, checks, seeds; a component's manifest
//! and roles, read without running it. The only reader of project files.

pub mod channel;
pub mod component;
pub mod component_error;
pub mod crate_folder;
pub mod delivery;
pub mod error;
#[cfg(test)]
mod fuzz;
mod granted;
pub mod header;
mod load;
pub mod located;
pub mod lock;
pub mod manifest;
pub mod model;
pub mod paths;
pub mod people;
pub mod personal;
pub mod pipeline;
pub mod plugin;
pub mod seed;
mod settings;
pub mod tables;
pub mod text;
mod uses;
pub mod value;
mod wants;
mod written;

pub use tsugi_core::{grant, limit};

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;

use crate::diagnostic::Diagnostic;
use crate::name::{
    CheckName, DeliveryName, EnvironmentName, PipelineName, PluginName, SinkName, SourceName,
    TableName, VarName,
};
use delivery::Delivery;
use grant::Grants;
use limit::Limits;
use model::{Check, Model};
use people::People;
use personal::Personal;
use pipeline::{Reads, Sink, Source};
use plugin::Plugin;
use seed::Seed;
use tables::Tables;
use value::Value;

/// A project as written: everything its files say, read and checked against each other.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder, absolute.
    pub folder: PathBuf,
    /// The pipeline's name.
    pub name: PipelineName,
    /// What the pipeline is for, when it is told.
    pub description: Option<String>,
    /// The day the pipeline looks from; also the variable `$as_of`.
    pub as_of: NaiveDate,
    /// The language of reports, when it is told.
    pub language: Option<pipeline::Language>,
    /// The environment whose settings were laid over, when one was chosen.
    pub environment: Option<EnvironmentName>,
    /// Every variable, `as_of` among them.
    pub vars: BTreeMap<VarName, Value>,
    /// Every plugin, with its manifest and grants.
    pub plugins: BTreeMap<PluginName, Plugin>,
    /// Every source.
    pub sources: BTreeMap<SourceName, Source>,
    /// Every sink.
    pub sinks: BTreeMap<SinkName, Sink>,
    /// Every delivery.
    pub deliveries: BTreeMap<DeliveryName, Delivery>,
    /// Which tables hold what the command line shows.
    pub tables: Tables,
    /// Who may decide on messages.
    pub people: People,
    /// Which columns are about persons, and how long rows are kept.
    pub personal: Personal,
    /// Every seed.
    pub seeds: BTreeMap<TableName, Seed>,
    /// Every model.
    pub models: BTreeMap<TableName, Model>,
    /// Every check.
    pub checks: BTreeMap<CheckName, Check>,
    /// The limits of its runs.
    pub limits: Limits,
    /// The folder of the warehouse, absolute.
    pub warehouse: PathBuf,
    /// What a person should know and what stops nothing.
    pub warnings: Vec<Diagnostic>,
}

impl Project {
    /// What a plugin is granted, by its uses: first as such, then as each source and sink, with
    /// the grants of that use laid over.
    pub fn grants_of(&self, name: &PluginName) -> Vec<(String, &Grants)> {
        let own = self.plugins.get(name).map(|plugin| &plugin.grants);
        let own = own.into_iter().map(|own| ("functions".to_owned(), own));
        let sources = self.sources.values().filter_map(|source| {
            let Reads::Plugin { plugin, grants, .. } = &source.reads else {
                return None;
            };
            (plugin == name).then(|| (format!("source {}", source.name), grants))
        });
        let sinks = self.sinks.values().filter(|sink| sink.plugin == *name);
        let sinks = sinks.map(|sink| (format!("sink {}", sink.name), &sink.grants));
        own.chain(sources).chain(sinks).collect()
    }
}
