//! What verbs start with: runtimes, the sandbox, the project with its plugins built.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::runtime::{Builder, Handle, Runtime};

use super::args;
use super::printer::Printer;
use super::private;
use super::signals;
use super::state;
use tsugi_care::GUARDS;
use tsugi_core::diagnostic::Diagnostic;
use tsugi_core::name::PluginName;
use tsugi_kit::{build_when_stale, crates_of};
use tsugi_pipeline::project::Project;
use tsugi_pipeline::query::Depth;
use tsugi_pipeline::run::{self, Event, OpenProject, RunError, Watch as _};
use tsugi_pipeline::store::{Snapshot, Warehouse};
use tsugi_sandbox::{Compiler, Sandbox};

/// For the longest chain of conditions that a query may have. Address space, of which only what is
/// used takes memory.
const QUERY_STACK_BYTES: usize = 64 << 20;

/// Two runtimes: queries compute on one; signals, stores and timers live on the other, so that
/// a busy query never delays them.
pub(crate) struct Ready {
    front: Runtime,
    query: Option<Runtime>,
}

fn failed(error: std::io::Error) -> RunError {
    RunError::Host(error.to_string())
}

impl Ready {
    /// Starts both runtimes.
    pub(crate) fn new() -> Result<Self, RunError> {
        let query = Builder::new_multi_thread()
            .thread_name("tsugi-query")
            .thread_stack_size(QUERY_STACK_BYTES)
            .enable_all()
            .build()
            .map_err(failed)?;
        Ok(Self {
            query: Some(query),
            ..Self::without_queries()?
        })
    }

    /// Starts the runtime that a command without queries needs.
    pub(crate) fn without_queries() -> Result<Self, RunError> {
        let front = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("tsugi-front")
            .enable_all()
            .build()
            .map_err(failed)?;
        Ok(Self { front, query: None })
    }

    /// The runtime of queries.
    pub(crate) fn query(&self) -> Handle {
        let query = self.query.as_ref().unwrap_or(&self.front);
        query.handle().clone()
    }

    /// Runs a command to its end or until a signal stops it.
    pub(crate) fn run<T, E: From<RunError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.run_until(None, work)
    }

    /// Runs a command to its end. The first signal sets `finish`, which the work looks at where it
    /// can end in good order; the second one stops it.
    pub(crate) fn run_finishing<T, E: From<RunError>>(
        &self,
        finish: &Arc<AtomicBool>,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.run_until(Some(Arc::clone(finish)), work)
    }

    fn run_until<T, E: From<RunError>>(
        &self,
        finish: Option<Arc<AtomicBool>>,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let stop = signals::listen(finish).map_err(failed)?;
        self.front.block_on(async {
            tokio::select! {
                // A guest that fails because the user stopped it did not fail.
                done = work => done.map_err(|error| match stop.is_set.load(Relaxed) {
                    true => RunError::Interrupted.into(),
                    false => error,
                }),
                _ = stop.now => Err(RunError::Interrupted.into()),
            }
        })
    }
}

pub(crate) fn load(project: &args::ProjectArgs) -> Result<Project, RunError> {
    let env = project.env.as_deref();
    let project = Project::load(&project.dir, env).map_err(RunError::Project)?;
    private::open_as(&project.warehouse);
    Ok(project)
}

/// Loads a project for a verb that only looks at what is published: plugins and folders may be gone.
pub(crate) fn load_to_read(project: &args::ProjectArgs) -> Result<Project, RunError> {
    let env = project.env.as_deref();
    let project = Project::load_to_read(&project.dir, env).map_err(RunError::Project)?;
    private::open_as(&project.warehouse);
    Ok(project)
}

/// The warehouse of a project with what is published in it; `dir` is the folder as typed.
pub(crate) async fn published(
    project: &Project,
    dir: &Path,
) -> Result<(Warehouse, Snapshot), RunError> {
    let nothing = || RunError::NotPublished {
        project: dir.display().to_string(),
    };
    if !Warehouse::exists(&project.warehouse) {
        Warehouse::may_enter(&project.warehouse)?;
        return Err(nothing());
    }
    let warehouse = Warehouse::open(&project.warehouse).await?;
    warehouse.sign_with(state::signer);
    let snapshot = warehouse.snapshot().await?;
    match snapshot.tables.is_empty() {
        true => Err(nothing()),
        false => Ok((warehouse, snapshot)),
    }
}

/// The warehouse of a project with what is published in it, where there is one.
pub(crate) async fn published_if_any(
    project: &Project,
) -> Result<Option<(Warehouse, Snapshot)>, RunError> {
    match published(project, Path::new("")).await {
        Ok(published) => Ok(Some(published)),
        Err(RunError::NotPublished { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Builds the stale components; where each component is.
pub(crate) fn built(
    project: &Project,
    printer: &Printer,
) -> Result<BTreeMap<PluginName, PathBuf>, RunError> {
    let mut report = |packages: &[String]| {
        let packages = packages.to_vec();
        printer.notify(Event::Building { packages });
    };
    build_when_stale(&crates_of(project), None, &mut report)
        .map_err(|error| RunError::Project(vec![Diagnostic::of(&error)]))
}

/// The sandbox, whose compiler is a child process. Compiled code is kept in the user's cache folder; a
/// user without a home keeps none, since a folder that others may enter is no place for code.
pub(crate) fn sandbox() -> Result<Arc<Sandbox>, RunError> {
    let folder = |name| {
        let folder = std::env::var_os(name).map(PathBuf::from);
        folder.filter(|folder| folder.is_absolute())
    };
    let cache = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")));
    // By this link the program runs that runs now, even where its file was replaced meanwhile.
    let this = Path::new("/proc/self/exe");
    let this = match this.exists() {
        true => this.to_owned(),
        false => std::env::current_exe().map_err(failed)?,
    };
    let mut compiler = Compiler::default().in_process(this);
    if let Some(cache) = cache {
        compiler = compiler.cached(cache.join("tsugi").join("components"));
    }
    Ok(Sandbox::new(compiler)?)
}

/// Builds, opens and plans; executes nothing.
pub(crate) async fn open(
    project: Project,
    printer: &Printer,
    depth: Depth,
) -> Result<OpenProject, RunError> {
    let built = built(&project, printer)?;
    let open = run::open(&*sandbox()?, project, &built, now_ms(), GUARDS, depth).await?;
    for warning in &open.warnings {
        printer.diagnostic(warning);
    }
    Ok(open)
}

/// The start of this run, from which sources count that read anew every time.
fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
