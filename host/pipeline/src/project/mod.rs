//! The files of a project: pipeline.toml, plugin.toml, models, checks, seeds, and the manifest and
//! roles of components, read without running them. Only this module reads project files.

pub(crate) mod body_mapping;
pub mod channel;
pub mod component;
pub(crate) mod component_error;
pub mod crate_folder;
pub(crate) mod delivery;
pub(crate) mod error;
#[cfg(test)]
mod fuzz;
mod granted;
pub(crate) mod header;
pub mod keep;
mod load;
pub mod located;
pub mod lock;
mod lock_grants;
pub mod manifest;
pub(crate) mod model;
pub mod page;
pub mod paths;
pub mod people;
pub mod personal;
pub mod pipeline;
pub mod plugin;
pub(crate) mod seed;
mod settings;
pub mod tables;
mod uses;
pub mod value;
mod wants;
mod written;

pub use tsugi_core::{grant, limit};

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;

use delivery::Delivery;
use grant::Grants;
use keep::Keep;
use limit::RunLimits;
use model::{Check, Model};
use page::Page;
use people::People;
use personal::Personal;
use pipeline::{Reads, Sink, Source};
use plugin::DeclaredPlugin;
use seed::Seed;
use tables::Tables;
use tsugi_core::diagnostic::Diagnostic;
use tsugi_core::name::{
    CheckName, DeliveryName, EnvironmentName, PipelineName, PluginName, SinkName, SourceName,
    TableName, VarName,
};
use value::ConfigValue;

/// A project as its files describe it, each file compared with the others.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder, absolute.
    pub folder: PathBuf,
    pub name: PipelineName,
    /// What the pipeline is for.
    pub description: Option<String>,
    /// The day the pipeline looks from; also the variable `$as_of`.
    pub as_of: NaiveDate,
    /// The language of reports; by default the one of the locale.
    pub language: Option<pipeline::Language>,
    /// The environment whose settings were laid over, when one was chosen.
    pub environment: Option<EnvironmentName>,
    /// Every variable, `as_of` among them.
    pub vars: BTreeMap<VarName, ConfigValue>,
    /// Every plugin, with its manifest and grants.
    pub plugins: BTreeMap<PluginName, DeclaredPlugin>,
    /// Plugins that could not be read, with what is wrong with each; without those, only what is
    /// published can be read.
    pub unread: Vec<(String, Vec<Diagnostic>)>,
    pub sources: BTreeMap<SourceName, Source>,
    pub sinks: BTreeMap<SinkName, Sink>,
    pub deliveries: BTreeMap<DeliveryName, Delivery>,
    /// Which tables hold what the command line shows.
    pub tables: Tables,
    /// Who may decide on messages.
    pub people: People,
    /// Which columns are about persons, and how long rows are kept.
    pub personal: Personal,
    pub seeds: BTreeMap<TableName, Seed>,
    pub models: BTreeMap<TableName, Model>,
    pub checks: BTreeMap<CheckName, Check>,
    /// What `tsugi report` shows, in its order.
    pub pages: Vec<Page>,
    /// The limits of its runs.
    pub limits: RunLimits,
    /// The folder of the warehouse, absolute.
    pub warehouse: PathBuf,
    /// How long older snapshots of it are kept.
    pub keep: Keep,
    /// Diagnostics that do not stop a run.
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
