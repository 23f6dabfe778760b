//! A session with plugins and tables of a test, and projects in scratch folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow::array::{Array, RecordBatch};
use arrow::util::display::array_value_to_string;
use datafusion::arrow;
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use datafusion::physical_plan::ExecutionPlan;
use futures::TryStreamExt;
use tokio::runtime::{Builder, Runtime};
use tsugi_core::diagnostic::Explain;
use tsugi_core::name::{PluginName, TableName};
use tsugi_functions::{PluginKey, PluginUse};
use tsugi_kit::build_when_stale;
use tsugi_pipeline::project::component::Component;
use tsugi_pipeline::project::crate_folder::CrateFolder;
use tsugi_pipeline::query::{Parsed, QueryError, Session, Settings};
use tsugi_sandbox::{Granted, Plugin, PluginFile, PluginLimits, Sandbox};

use crate::support::{root, scratch};

/// The component of a crate of this repository, built when it is stale. Guests stand outside the
/// workspace and are built in a target folder of their own.
pub fn component(folder: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(path) = built.get(folder) {
        return path.clone();
    }
    let guests = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests");
    let target = folder.starts_with("tests/guests").then_some(guests);
    let named = CrateFolder::read(&root().join(folder), folder).expect("the crate of a plugin");
    let name = PluginName::try_new("plugin").expect("a name");
    let crates = BTreeMap::from([(name.clone(), named)]);
    let mut paths = build_when_stale(&crates, target.as_deref(), &mut |_| ())
        .unwrap_or_else(|error| panic!("{error}"));
    let path = paths.remove(&name).expect("the component that was wanted");
    built.insert(folder.to_owned(), path.clone());
    path
}

/// A plugin under its crate's last name, as a run would load it.
pub fn plugin(folder: &str, limits: PluginLimits, granted: Granted) -> Arc<Plugin> {
    static SANDBOX: OnceLock<Arc<Sandbox>> = OnceLock::new();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("components");
    let sandbox = SANDBOX.get_or_init(|| Sandbox::new(cache).expect("an engine"));
    let file = file(folder, limits, granted);
    sandbox.load(file).unwrap_or_else(|error| panic!("{error}"))
}

/// What a plugin is loaded from: the component of a crate, as a run would read it.
pub fn file(folder: &str, limits: PluginLimits, granted: Granted) -> PluginFile {
    let path = component(folder);
    let name = folder.rsplit('/').next().unwrap_or(folder);
    let bytes = std::fs::read(&path).expect("a component");
    let read = Component::parse(&path, name, bytes).unwrap_or_else(|f| panic!("{f:#?}"));
    PluginFile {
        name: name.to_owned(),
        code: read.code.clone(),
        imports: read.imports.iter().cloned().collect(),
        limits,
        granted,
        started_ms: 0,
    }
}

/// A session and the threads its queries run on.
pub struct Bench {
    pub runtime: Runtime,
    pub session: Arc<Session>,
    keys: Vec<PluginKey>,
}

/// What a query gave, and the plan that gave it.
pub struct Answer {
    pub plan: Arc<dyn ExecutionPlan>,
    pub batches: Vec<RecordBatch>,
}

impl Answer {
    /// Every row as `a|b|c`, nulls as nothing.
    pub fn lines(&self) -> Vec<String> {
        let line = |batch: &RecordBatch, row: usize| -> String {
            let cell = |column: &Arc<dyn Array>| {
                array_value_to_string(column, row).expect("a printable cell")
            };
            batch
                .columns()
                .iter()
                .map(cell)
                .collect::<Vec<_>>()
                .join("|")
        };
        let rows = |batch: &RecordBatch| {
            (0..batch.num_rows())
                .map(|row| line(batch, row))
                .collect::<Vec<_>>()
        };
        self.batches.iter().flat_map(rows).collect()
    }
}

/// A session's failure in the words a person would read.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    pub code: &'static str,
    pub message: String,
    pub hint: String,
}

impl Refused {
    fn of(error: &QueryError) -> Self {
        let (message, hint) = (error.to_string(), error.hint().unwrap_or_default());
        Self {
            code: error.code(),
            message,
            hint,
        }
    }
}

impl Bench {
    /// Two threads, a gibibyte, the default limits.
    pub fn of(folders: &[&str]) -> Self {
        let settings = Settings {
            memory_max_bytes: 1 << 30,
            partitions: 2,
            spill_folder: None,
        };
        let plugins: Vec<_> = folders
            .iter()
            .map(|folder| plugin(folder, PluginLimits::default(), Granted::default()))
            .collect();
        Self::with(&settings, &plugins)
    }

    pub fn with(settings: &Settings, plugins: &[Arc<Plugin>]) -> Self {
        let uses: Vec<PluginUse> = plugins
            .iter()
            .map(|plugin| PluginUse::new(Arc::clone(plugin)).expect("signatures"))
            .collect();
        let session = Session::new(settings, &uses).expect("a session");
        let keys = uses.iter().map(PluginUse::key).collect();
        let runtime = Builder::new_multi_thread()
            .worker_threads(settings.partitions.max(2))
            .enable_all()
            .build()
            .expect("threads");
        Self {
            runtime,
            session: Arc::new(session),
            keys,
        }
    }

    /// The key of a plugin, by its name.
    pub fn key(&self, name: &str) -> PluginKey {
        let mut keys = self.keys.iter();
        keys.find(|key| key.name == name)
            .expect("a plugin of this session")
            .clone()
    }

    pub fn put_table(&self, name: &str, table: Arc<dyn TableProvider>) {
        self.session
            .put(&name.parse::<TableName>().expect("schema.table"), table);
    }

    /// A table in memory; each inner list is a partition.
    pub fn put(&self, name: &str, partitions: Vec<Vec<RecordBatch>>) {
        let schema = partitions[0][0].schema();
        let table = MemTable::try_new(schema, partitions).expect("batches of one schema");
        self.put_table(name, Arc::new(table));
    }

    /// Plans without running.
    pub fn plan(&self, sql: &str) -> Result<(), Refused> {
        let planned = async { self.session.plan(&Parsed::new("SQL", sql)?).await };
        self.runtime
            .block_on(planned)
            .map(drop)
            .map_err(|error| Refused::of(&error))
    }

    pub fn ask(&self, sql: &str) -> Result<Answer, Refused> {
        self.runtime
            .block_on(ask(Arc::clone(&self.session), sql.to_owned()))
    }

    /// The rows of a query that must work.
    #[track_caller]
    pub fn lines(&self, sql: &str) -> Vec<String> {
        match self.ask(sql) {
            Ok(answer) => answer.lines(),
            Err(refused) => panic!("{sql}: {refused:#?}"),
        }
    }

    /// The failure of a query that must not work.
    #[track_caller]
    pub fn refused(&self, sql: &str) -> Refused {
        match self.ask(sql) {
            Ok(answer) => panic!("{sql}: {:#?}", answer.lines()),
            Err(refused) => refused,
        }
    }
}

/// Runs one query to its end.
pub async fn ask(session: Arc<Session>, sql: String) -> Result<Answer, Refused> {
    let rows = async {
        let planned = session.plan(&Parsed::new("SQL", &sql)?).await?;
        let plan = session.physical(&planned).await?;
        let stream = session.stream(Arc::clone(&plan))?;
        let batches = stream
            .try_collect()
            .await
            .map_err(QueryError::from_engine)?;
        Ok::<_, QueryError>(Answer { plan, batches })
    };
    rows.await.map_err(|error| Refused::of(&error))
}

/// A project in a scratch folder: what stands behind `[pipeline]`, and its files.
pub fn project(name: &str, pipeline: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = scratch(name);
    let head = "[pipeline]\nname = \"sample\"\nas_of = \"2026-03-31\"\n";
    write(&folder, "pipeline.toml", &format!("{head}{pipeline}"));
    for (file, text) in files {
        write(&folder, file, text);
    }
    folder
}

pub fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
    std::fs::write(path, text).expect("a file can be written");
}
