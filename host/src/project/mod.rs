//! What was written: pipeline.toml, plugin.toml, models, checks, seeds; a component's manifest
//! and roles, read without running it. The only reader of project files.

pub mod channel;
pub mod component;
pub mod component_error;
pub mod crate_folder;
pub mod error;
pub mod grant;
mod granted;
pub mod header;
pub mod limit;
mod load;
pub mod lock;
pub mod manifest;
pub mod model;
pub mod paths;
pub mod pipeline;
pub mod plugin;
pub mod seed;
mod settings;
pub mod text;
mod uses;
pub mod value;
mod wants;
mod written;

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;

use crate::blame::Finding;
use crate::name::{
    CheckName, DeliveryName, EnvironmentName, PipelineName, PluginName, SinkName, SourceName,
    TableName, VarName,
};
use limit::Limits;
use model::{Check, Model};
use pipeline::{Delivery, Sink, Source};
use plugin::Plugin;
use seed::Seed;
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
    pub warnings: Vec<Finding>,
}
