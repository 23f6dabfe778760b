//! Opening a project: its plugins made live, its sources asked, its SQL understood, a plan made.
//! Nothing has moved when this is done; `check` stops here.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use object_store::local::LocalFileSystem;

use super::content::{self, InputFile};
use super::error::RunError;
use crate::blame::{Finding, Place};
use crate::name::{PluginName, RelationName, SchemaName, SourceName, TableName};
use crate::plan::{self, Plan};
use crate::project::Project;
use crate::project::component::{Component, Digest};
use crate::project::grant::Grants;
use crate::project::lock::Lock;
use crate::project::pipeline::{Config, Reads};
use crate::project::text::read_bounded;
use crate::project::value::ColumnType;
use crate::query::{self, Opened, PluginKey, QueryError, Session, Settings, SourceTable};
use crate::sandbox::{self, Folder, Granted, Metadata, PluginFile, Sandbox, StreamFacts};

/// Largest component that is read.
const COMPONENT_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// A project that is ready to run.
#[derive(Debug)]
pub struct Open {
    /// As written.
    pub project: Project,
    /// What was decided.
    pub plan: Plan,
    /// Tables and functions.
    pub session: Arc<Session>,
    /// Every component.
    pub components: BTreeMap<PluginName, Component>,
    /// Where rows of sources come from, by table.
    pub streams: BTreeMap<TableName, Stream>,
    /// Every input file, by source.
    pub inputs: BTreeMap<SourceName, Vec<InputFile>>,
    /// Plugins by use, for sinks.
    pub(super) loaded: BTreeMap<(PluginName, u64), Arc<sandbox::Plugin>>,
    /// What a person should know.
    pub warnings: Vec<Finding>,
}

/// A table whose rows a source plugin gives.
#[derive(Debug, Clone)]
pub struct Stream {
    /// The source.
    pub source: SourceName,
    /// Its plugin, with the grants of this source.
    pub key: PluginKey,
    /// What the plugin is told, as JSON.
    pub config: String,
    /// The stream as the plugin describes it.
    pub facts: StreamFacts,
}

impl Stream {
    /// The stream as a table of SQL.
    pub fn table(&self) -> Arc<dyn TableProvider> {
        Arc::new(SourceTable::new(
            self.key.clone(),
            self.config.clone(),
            &self.facts,
            Vec::new(),
        ))
    }
}

/// Opens a project whose crates have been built.
///
/// # Errors
/// Every finding of the components, the sources and the SQL.
pub async fn open(
    sandbox: &Sandbox,
    project: Project,
    built: &BTreeMap<PluginName, PathBuf>,
    started_ms: u64,
) -> Result<Open, RunError> {
    let components = project.components(built).map_err(RunError::Project)?;
    let warnings = locked(&project, &components)?;
    let loaded = load(sandbox, &project, &components, started_ms)?;
    let session = functions(&project, &loaded)?;
    let mut opening = Opening {
        streams: BTreeMap::new(),
        inputs: BTreeMap::new(),
        tables: BTreeMap::new(),
        findings: Vec::new(),
    };
    opening.sources(&project, &session, &loaded).await?;
    opening.seeds(&project, &session);
    let (mut facts, findings) = query::resolve(&project, &session).await;
    opening.findings.extend(findings);
    facts.tables = opening.tables;
    facts.plugins = components
        .iter()
        .map(|(name, one)| (name.clone(), one.digest))
        .collect();
    let plan = match plan::build(&project, &facts) {
        Ok(plan) if opening.findings.is_empty() => plan,
        Ok(_) => return Err(RunError::Project(opening.findings)),
        Err(more) => {
            // A model that could not be parsed has no facts; its own finding says it better.
            let parsed =
                |finding: &Finding| finding.code != "plan::no-facts" || opening.findings.is_empty();
            let more: Vec<Finding> = more.into_iter().filter(parsed).collect();
            opening.findings.extend(more);
            return Err(RunError::Project(opening.findings));
        }
    };
    Ok(Open {
        plan,
        session: Arc::new(session),
        components,
        streams: opening.streams,
        inputs: opening.inputs,
        loaded,
        warnings: project.warnings.iter().cloned().chain(warnings).collect(),
        project,
    })
}

/// A session that knows the functions of a project's plugins and none of its tables.
///
/// # Errors
/// Those of its components.
pub fn session(
    sandbox: &Sandbox,
    project: &Project,
    built: &BTreeMap<PluginName, PathBuf>,
    started_ms: u64,
) -> Result<Session, RunError> {
    let components = project.components(built).map_err(RunError::Project)?;
    functions(project, &load(sandbox, project, &components, started_ms)?)
}

fn locked(
    project: &Project,
    components: &BTreeMap<PluginName, Component>,
) -> Result<Vec<Finding>, RunError> {
    let now = Lock::of(project, components);
    let before = Lock::read(&project.folder).map_err(RunError::Project)?;
    let findings = before
        .map(|before| before.compare(&now, project))
        .unwrap_or_default();
    if findings.iter().any(Finding::is_error) {
        return Err(RunError::Project(findings));
    }
    Ok(findings)
}

/// What a use of a plugin may reach.
fn reach(grants: &Grants) -> Result<Granted, RunError> {
    let mut granted = Granted::default();
    for (want, folders) in &grants.inputs {
        let mut reached = Vec::new();
        for one in folders.iter().filter(|one| one.folder.is_dir()) {
            reached.push(Folder {
                store: store(&one.folder)?,
                prefix: object_store::path::Path::default(),
                pattern: one.pattern.clone(),
            });
        }
        granted.inputs.insert(want.to_string(), reached);
    }
    for (want, one) in &grants.outputs {
        std::fs::create_dir_all(&one.folder).map_err(|error| RunError::File {
            path: one.folder.clone(),
            reason: error.to_string(),
        })?;
        let folder = Folder {
            store: store(&one.folder)?,
            prefix: object_store::path::Path::default(),
            pattern: None,
        };
        granted.outputs.insert(want.to_string(), folder);
    }
    Ok(granted)
}

/// A number that tells the uses of a plugin apart by what they are granted.
pub(super) fn grants_number(grants: &Grants) -> u64 {
    let mut hasher = DefaultHasher::new();
    grants.hash(&mut hasher);
    hasher.finish()
}

fn store(folder: &Path) -> Result<Arc<dyn object_store::ObjectStore>, RunError> {
    let rooted = LocalFileSystem::new_with_prefix(folder).map_err(|error| RunError::File {
        path: folder.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(Arc::new(rooted))
}

type Loaded = BTreeMap<(PluginName, u64), Arc<sandbox::Plugin>>;

/// Loads every plugin once for each set of grants it is used with.
fn load(
    sandbox: &Sandbox,
    project: &Project,
    components: &BTreeMap<PluginName, Component>,
    started_ms: u64,
) -> Result<Loaded, RunError> {
    let mut uses: HashSet<(&PluginName, &Grants)> = HashSet::new();
    let mut loaded = Loaded::new();
    let plain = project
        .plugins
        .iter()
        .map(|(name, plugin)| (name, &plugin.grants));
    let sources = project
        .sources
        .values()
        .filter_map(|source| match &source.reads {
            Reads::Plugin { plugin, grants, .. } => Some((plugin, grants)),
            Reads::Parquet(_) => None,
        });
    let sinks = project
        .sinks
        .values()
        .map(|sink| (&sink.plugin, &sink.grants));
    uses.extend(plain.chain(sources).chain(sinks));
    for (name, grants) in uses {
        let Some(component) = components.get(name) else {
            continue;
        };
        let (granted, number) = (reach(grants)?, grants_number(grants));
        let bytes = read_bounded(&component.path, name.as_str(), COMPONENT_MAX_BYTES)
            .map_err(|error| RunError::Project(vec![Finding::of(&error)]))?;
        let file = PluginFile {
            name: name.to_string(),
            digest: component.digest.to_string(),
            bytes,
            imports: component.imports.iter().cloned().collect(),
            limits: sandbox::Limits {
                memory_max_bytes: project
                    .limits
                    .instance_memory_bytes(component.manifest.memory_max_bytes),
                call_max_ms: project.limits.call_max_ms,
                step_max_ms: project.limits.batch_max_ms,
                returned_max_bytes: project.limits.returned_max_bytes,
            },
            granted,
            started_ms,
        };
        loaded.insert((name.clone(), number), sandbox.load(file)?);
    }
    Ok(loaded)
}

/// A session that knows every plugin in each of its uses; functions come from the plain use.
fn functions(project: &Project, loaded: &Loaded) -> Result<Session, RunError> {
    let mut opened = Vec::new();
    for ((name, number), plugin) in loaded {
        let plain = project
            .plugins
            .get(name)
            .map(|plugin| grants_number(&plugin.grants));
        let is_plain = plain == Some(*number);
        let metadata = if is_plain {
            plugin.metadata()?
        } else {
            Metadata::default()
        };
        opened.push(Opened {
            plugin: Arc::clone(plugin),
            metadata: Arc::new(metadata),
            grants: *number,
        });
    }
    Ok(Session::new(&settings(project), &opened)?)
}

/// Memory and threads of a run.
fn settings(project: &Project) -> Settings {
    let memory = project
        .limits
        .memory_max_bytes
        .unwrap_or_else(half_of_memory);
    Settings {
        memory_max_bytes: usize::try_from(memory).unwrap_or(usize::MAX),
        partitions: std::thread::available_parallelism().map_or(2, usize::from),
        spill_folder: project.limits.spill_folder.clone(),
    }
}

/// What a run may take where nobody said otherwise: half of the machine.
fn half_of_memory() -> u64 {
    // SAFETY: sysconf reads two constants of the running system and has no preconditions.
    let (pages, size) = unsafe {
        (
            libc::sysconf(libc::_SC_PHYS_PAGES),
            libc::sysconf(libc::_SC_PAGESIZE),
        )
    };
    let bytes = u64::try_from(pages)
        .unwrap_or(0)
        .saturating_mul(u64::try_from(size).unwrap_or(0));
    (bytes / 2).max(1 << 30)
}

/// What is learnt about tables that are not models.
struct Opening {
    streams: BTreeMap<TableName, Stream>,
    inputs: BTreeMap<SourceName, Vec<InputFile>>,
    tables: BTreeMap<TableName, Digest>,
    findings: Vec<Finding>,
}

impl Opening {
    async fn sources(
        &mut self,
        project: &Project,
        session: &Session,
        loaded: &Loaded,
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
                        session: session.number(),
                        name: plugin.to_string(),
                        digest: live.digest().to_owned(),
                        grants: number,
                    };
                    let found = match live.discover(&config).await {
                        Ok((found, _)) => found,
                        Err(error) => {
                            self.findings
                                .push(Finding::of(&error).at(source.place.clone()));
                            continue;
                        }
                    };
                    let files = content::granted(grants)?;
                    let digest = content::digest(&files);
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
                    self.findings.push(Finding::of(&error).at(place.clone()));
                    continue;
                }
            };
            match session.parquet(path).await {
                Ok(provider) => session.put(&table, provider),
                Err(error) => {
                    self.findings.push(Finding::of(&error).at(place.clone()));
                    continue;
                }
            }
            self.tables
                .insert(table, content::digest(std::slice::from_ref(&file)));
            self.inputs.entry(name.clone()).or_default().push(file);
        }
        Ok(())
    }

    fn seeds(&mut self, project: &Project, session: &Session) {
        for (table, seed) in &project.seeds {
            session.put_schema(table, seed_schema(&seed.columns));
            self.tables.insert(table.clone(), seed.digest);
        }
    }
}

/// The columns of a seed.
pub(super) fn seed_schema(columns: &[(String, ColumnType)]) -> SchemaRef {
    let field = |(name, kind): &(String, ColumnType)| {
        let data_type = match kind {
            ColumnType::Text => DataType::Utf8,
            ColumnType::Integer => DataType::Int64,
            ColumnType::Float => DataType::Float64,
            ColumnType::Boolean => DataType::Boolean,
            ColumnType::Date => DataType::Date32,
        };
        Field::new(name, data_type, true)
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

fn schema_of(source: &SourceName) -> Result<SchemaName, RunError> {
    source
        .as_str()
        .parse()
        .map_err(|error: crate::name::NameError| RunError::Host(error.to_string()))
}

fn relation(stream: &str) -> Result<RelationName, RunError> {
    stream.parse().map_err(|error: crate::name::NameError| {
        let message = format!("a source offers the stream `{stream}`: {error}");
        RunError::Query(QueryError::Engine(message))
    })
}
