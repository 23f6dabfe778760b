//! Opening a project: its plugins are instantiated, its sources describe their streams, its SQL is
//! planned. No row has moved when this is done; `check` stops here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use datafusion::logical_expr::LogicalPlan;
use tokio::runtime::Handle;

use super::content::{self, InputFile};
use super::contract;
use super::error::RunError;
use super::guards::Guards;
use super::ledger::{OwnTable, own_tables};
use super::load::{Loaded, functions, grants_number, load};
use super::locked::locked;
use super::published::Published;
use super::seed::{seed_rows, seed_schema};
use crate::plan::{self, Plan};
use crate::project::Project;
use crate::project::component::{Component, Digest};
use crate::project::grant::Grants;
use crate::project::pipeline::{Config, Reads};
use crate::query::{self, Depth, Failure, Fault, QueryError, Session};
use crate::store::Warehouse;
use tsugi_core::diagnostic::{Diagnostic, Place};
use tsugi_core::name::{CheckName, PluginName, RelationName, SchemaName, SourceName, TableName};
use tsugi_functions::{PluginKey, SourceTable};
use tsugi_sandbox::{Sandbox, StreamFacts};

/// A project that is ready to run.
#[derive(Debug)]
pub struct OpenProject {
    pub project: Project,
    pub plan: Plan,
    /// Every model, planned.
    pub models: BTreeMap<TableName, LogicalPlan>,
    /// Every check, planned.
    pub checks: BTreeMap<CheckName, LogicalPlan>,
    /// Tables and functions.
    pub session: Arc<Session>,
    pub components: BTreeMap<PluginName, Component>,
    /// Where rows of sources come from, by table.
    pub streams: BTreeMap<TableName, Stream>,
    /// Every input file, by source.
    pub inputs: BTreeMap<SourceName, Vec<InputFile>>,
    /// What the ledger held when the project was opened.
    pub(super) own: BTreeMap<TableName, OwnTable>,
    /// What the crate above hands in about people.
    pub guards: Guards,
    /// Plugins by use, for sinks.
    pub(super) loaded: BTreeMap<(PluginName, u64), Arc<tsugi_sandbox::Plugin>>,
    /// What stops nothing and a person should know.
    pub warnings: Vec<Diagnostic>,
}

impl OpenProject {
    /// A plugin with the grants of one of its uses.
    pub(super) fn plugin(
        &self,
        name: &PluginName,
        grants: &Grants,
    ) -> Result<Arc<tsugi_sandbox::Plugin>, RunError> {
        let number = grants_number(grants);
        let found = self.loaded.get(&(name.clone(), number)).cloned();
        found.ok_or_else(|| RunError::Host(format!("the plugin `{name}` is not loaded")))
    }

    /// Whether the rows of a table that is no model's land in the warehouse; Parquet that the host reads
    /// where it lies does not.
    pub(super) fn lands(&self, table: &TableName) -> bool {
        let seeds = &self.project.seeds;
        self.streams.contains_key(table)
            || seeds.contains_key(table)
            || self.own.contains_key(table)
    }

    /// The folder of the project, for commands to paste.
    pub fn shown_folder(&self) -> String {
        self.project.folder.display().to_string()
    }

    /// The published tables, as they are queried with the functions of this project.
    pub fn published<'p>(&'p self, warehouse: &'p Warehouse, query: &'p Handle) -> Published<'p> {
        Published {
            session: &self.session,
            warehouse,
            query,
            redact: self.guards.redact,
        }
    }
}

/// A table whose rows come from a source plugin.
#[derive(Debug, Clone)]
pub struct Stream {
    pub source: SourceName,
    /// Its plugin, with the grants of this source.
    pub key: PluginKey,
    /// The config of the plugin, as JSON.
    pub config: String,
    /// The stream as the plugin describes it.
    pub facts: StreamFacts,
}

impl Stream {
    /// The stream as it is read; with checkpoints only what is new.
    pub fn table(&self, since: Vec<tsugi_sandbox::Checkpoint>) -> SourceTable {
        let (key, config) = (self.key.clone(), self.config.clone());
        SourceTable::new(key, config, &self.facts, since)
    }
}

pub(super) async fn open(
    sandbox: &Sandbox,
    project: Project,
    built: &BTreeMap<PluginName, PathBuf>,
    started_ms: u64,
    guards: Guards,
    depth: Depth,
) -> Result<OpenProject, RunError> {
    let components = project.components(built).map_err(RunError::Project)?;
    let warnings = locked(&project, &components).await?;
    let loaded = load(sandbox, &project, &components)?;
    let session = functions(&project, &loaded)?;
    let mut opening = Opening {
        streams: BTreeMap::new(),
        inputs: BTreeMap::new(),
        tables: BTreeMap::new(),
        findings: Vec::new(),
    };
    opening
        .sources(&project, &session, &loaded, started_ms)
        .await?;
    let all_opened = opening.findings.is_empty();
    opening.seeds(&project, &session, depth);
    let own = own_tables(&project, &guards).await?;
    opening.own(&own, &session);
    let resolved = query::resolve(&project, &session, depth).await;
    let mut facts = resolved.facts;
    opening.findings.extend(resolved.diagnostics);
    let columns = contract::check(&project, &facts.personal, &session, &guards).await;
    opening.findings.extend(columns);
    facts.tables = opening.tables;
    facts.made_by = super::versions::made_by();
    facts.plugins = components
        .iter()
        .map(|(name, one)| (name.clone(), one.code.digest()))
        .collect();
    let plan = match plan::build(&project, &facts) {
        Ok(plan) if opening.findings.is_empty() => plan,
        Ok(_) => return Err(RunError::Project(opening.findings)),
        Err(more) => {
            // A model that could not be parsed has no facts; its own finding says it better.
            let parsed = |finding: &Diagnostic| {
                finding.code != "plan::no-facts" || opening.findings.is_empty()
            };
            // The tables of a source that does not open are missing for that one reason.
            let known = |finding: &Diagnostic| finding.code != "plan::unknown-table" || all_opened;
            let more: Vec<Diagnostic> = more
                .into_iter()
                .filter(|finding| parsed(finding) && known(finding))
                .collect();
            opening.findings.extend(more);
            return Err(RunError::Project(opening.findings));
        }
    };
    Ok(OpenProject {
        plan,
        models: resolved.models,
        checks: resolved.checks,
        session: Arc::new(session),
        components,
        streams: opening.streams,
        inputs: opening.inputs,
        own,
        guards,
        loaded,
        warnings: [project.warnings.clone(), warnings, resolved.warnings].concat(),
        project,
    })
}

/// What opening finds about tables that are not models.
struct Opening {
    streams: BTreeMap<TableName, Stream>,
    inputs: BTreeMap<SourceName, Vec<InputFile>>,
    tables: BTreeMap<TableName, Digest>,
    findings: Vec<Diagnostic>,
}

impl Opening {
    async fn sources(
        &mut self,
        project: &Project,
        session: &Session,
        loaded: &Loaded,
        started_ms: u64,
    ) -> Result<(), RunError> {
        for (name, source) in &project.sources {
            let schema = schema_of(name)?;
            match &source.reads {
                Reads::Plugin {
                    plugin,
                    config,
                    streams,
                    grants,
                } => {
                    let number = grants_number(grants);
                    let Some(live) = loaded.get(&(plugin.clone(), number)) else {
                        continue;
                    };
                    let config = serde_json::Value::Object(Config::clone(config)).to_string();
                    let key = PluginKey {
                        name: plugin.to_string(),
                        digest: live.digest().to_owned(),
                        grants: number,
                    };
                    let found = match live.discover(&config).await {
                        Ok((found, _)) => found,
                        Err(error) => {
                            self.findings
                                .push(Diagnostic::of(&error).at(source.place.clone()));
                            continue;
                        }
                    };
                    let files = content::granted(grants)?;
                    let digest = match grants.http.is_empty() {
                        true => content::digest(&files),
                        // What an address would answer is not known: every run reads it again.
                        false => Digest::of(&started_ms.to_le_bytes()),
                    };
                    self.inputs.insert(name.clone(), files);
                    for facts in found {
                        let renamed = streams.iter().find(|(_, stream)| **stream == facts.name);
                        let table = match renamed {
                            Some((table, _)) => table.clone(),
                            None => relation(&facts.name)?,
                        };
                        let table = TableName {
                            schema: schema.clone(),
                            name: table,
                        };
                        session.put_schema(&table, Arc::new(Schema::new(facts.fields.clone())));
                        self.tables.insert(table.clone(), digest);
                        let stream = Stream {
                            source: name.clone(),
                            key: key.clone(),
                            config: config.clone(),
                            facts,
                        };
                        self.streams.insert(table, stream);
                    }
                }
                Reads::Parquet(tables) => {
                    self.parquet(name, &schema, tables, &source.place, session)
                        .await?;
                }
            }
        }
        Ok(())
    }

    async fn parquet(
        &mut self,
        name: &SourceName,
        schema: &SchemaName,
        tables: &BTreeMap<RelationName, PathBuf>,
        place: &Place,
        session: &Session,
    ) -> Result<(), RunError> {
        for (table, path) in tables {
            let table = TableName {
                schema: schema.clone(),
                name: table.clone(),
            };
            let file = match content::file(path.display().to_string(), path) {
                Ok(file) => file,
                Err(error) => {
                    self.findings.push(Diagnostic::of(&error).at(place.clone()));
                    continue;
                }
            };
            match session.parquet(path).await {
                Ok(provider) => session.put(&table, provider),
                Err(error) => {
                    self.findings.push(Diagnostic::of(&error).at(place.clone()));
                    continue;
                }
            }
            self.tables
                .insert(table, content::digest(std::slice::from_ref(&file)));
            self.inputs.entry(name.clone()).or_default().push(file);
        }
        Ok(())
    }

    fn own(&mut self, tables: &BTreeMap<TableName, OwnTable>, session: &Session) {
        for (table, one) in tables {
            session.put_schema(table, one.rows.schema());
            self.tables.insert(table.clone(), one.digest);
        }
    }

    fn seeds(&mut self, project: &Project, session: &Session, depth: Depth) {
        for (table, seed) in &project.seeds {
            session.put_schema(table, seed_schema(&seed.columns));
            if depth == Depth::Execution
                && let Err(error) = seed_rows(seed)
            {
                self.findings.extend(error.findings());
            }
            self.tables.insert(table.clone(), seed.digest);
        }
    }
}

fn schema_of(source: &SourceName) -> Result<SchemaName, RunError> {
    source
        .as_str()
        .parse()
        .map_err(|error: tsugi_core::name::NameError| RunError::Host(error.to_string()))
}

fn relation(stream: &str) -> Result<RelationName, RunError> {
    stream
        .parse()
        .map_err(|error: tsugi_core::name::NameError| {
            let message = format!("a source offers the stream `{stream}`: {error}");
            RunError::Query(QueryError::Engine(Box::new(Failure::new(
                Fault::Other,
                message,
            ))))
        })
}
