//! Streams of sources: read on from where an earlier run stopped, or whole. Rows of unchanged files
//! are carried over; the plugin reads only what is new or changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use datafusion::catalog::TableProvider as _;
use datafusion::physical_plan::ExecutionPlan;

use super::content::{self, InputFile};
use super::error::RunError;
use super::executed::{StreamOutcome, TableOutcome};
use super::file_status::{FileStatus, LostRows, notices, status_of};
use super::guards::LeftOut;
use super::open::{OpenProject, Stream};
use super::quarantine::Retained;
use super::staging::RunContext;
use super::task::joined;
use super::versions;
use crate::plan::fingerprint::FORMAT_VERSION;
use crate::project::component::Digest;
use crate::project::grant::Grants;
use crate::project::pipeline::Reads;
use crate::query::QueryError;
use crate::store::{
    LakeFile, PublishedTable, ReadFile, ReadState, StagedTable, StagedWriter, StoredCheckpoint,
};
use tsugi_core::name::TableName;
use tsugi_functions::{SourceReport, SourceTable};
use tsugi_sandbox::{Notice, PartitionColumn, SandboxError};

/// Published files that may stay in a table; from here on their rows are copied into new ones,
/// so that a table read on a thousand times does not lie in a thousand files.
const CARRIED_FILES_MAX: usize = 32;
/// The code by which a source says that a checkpoint is of no use any more.
const STALE: &str = "stale-checkpoint";

/// A published stream that can be read on.
struct PublishedStream {
    state: ReadState,
    table: PublishedTable,
    by: PartitionColumn,
}

/// What an earlier read left: checkpoints to continue from, and rows that are removed.
struct Split {
    since: Vec<StoredCheckpoint>,
    lost: Vec<LostRows>,
}

/// The result of reading a stream.
struct StreamRead {
    /// None when the published table is unchanged.
    staged: Option<StagedTable>,
    rows: u64,
    left_out: LeftOut,
    report: SourceReport,
    checkpoints: Vec<StoredCheckpoint>,
    /// The partitions whose quarantined rows are retained; none after a whole read.
    carried: BTreeSet<String>,
}

/// Reads the table of a stream: its new and changed files, and the rows of unchanged ones.
pub(super) async fn read_stream(
    context: &RunContext<'_>,
    table: &TableName,
    stream: &Stream,
    started: Instant,
) -> Result<TableOutcome, RunError> {
    let read_basis = read_basis(stream);
    let (mut read, mut changes) = (None, Vec::new());
    if let Some(published) = published_stream(context, table, stream, &read_basis).await? {
        let split = split(context.open, stream, &published.state)?;
        changes = notices(&stream.facts.name, &split.lost);
        read = read_on(context, table, stream, &published, split).await?;
    }
    let read = match read {
        Some(read) => read,
        None => read_whole(context, table, stream).await?,
    };
    if let Some(staged) = &read.staged {
        context.open.session.put(table, staged.provider());
    }
    let state = ReadState {
        source: stream.source.clone(),
        stream: stream.facts.name.clone(),
        read_basis,
        files: files_of(context.open, stream, &read.checkpoints),
        checkpoints: read.checkpoints,
    };
    context.run.record_read_state(&state).await?;
    let read_state = Some(state);
    let mut rejects = read.report.rejects;
    rejects.retain(|reject| context.rules.admits_raw(&reject.raw));
    Ok(TableOutcome {
        started: Some(started),
        rows: read.rows,
        left_out: read.left_out,
        staged: read.staged,
        stream: Some(StreamOutcome {
            source: stream.source.clone(),
            stream: stream.facts.name.clone(),
            rejects,
            retained: Retained::Files(read.carried),
            notices: shown(context.open, table, read.report.notices),
            changes,
            read_state,
        }),
        is_resumed: false,
    })
}

/// The notices of a plugin, each as far as it may be shown.
fn shown(open: &OpenProject, table: &TableName, mut notices: Vec<Notice>) -> Vec<Notice> {
    if open.plan.personal.contains_key(table) {
        for notice in &mut notices {
            let redact = open.guards.redact;
            notice.message = redact.message(&notice.code, &notice.message);
        }
    }
    notices
}

async fn read_whole(
    context: &RunContext<'_>,
    table: &TableName,
    stream: &Stream,
) -> Result<StreamRead, RunError> {
    let source = stream.table(Vec::new());
    let writer = context.run.stage(table, &source.schema()).await?;
    let (staged, left_out, report) = stage_stream(context, table, None, source, writer).await?;
    Ok(StreamRead {
        rows: staged.rows(),
        staged: Some(staged),
        left_out,
        checkpoints: report
            .checkpoints
            .values()
            .map(StoredCheckpoint::from)
            .collect(),
        report,
        carried: BTreeSet::new(),
    })
}

/// The published table of a stream with its read state, when both fit what is read now.
async fn published_stream(
    context: &RunContext<'_>,
    table: &TableName,
    stream: &Stream,
    read_basis: &str,
) -> Result<Option<PublishedStream>, RunError> {
    let before = context.before.get(table);
    let (Some(by), Some(before)) = (stream.facts.partition.clone(), before) else {
        return Ok(None);
    };
    // Which rows are retained changes with the day, whatever becomes of the files.
    if context.open.plan.retain.contains_key(table) {
        return Ok(None);
    }
    let warehouse = context.run.warehouse();
    let (source, name) = (&stream.source, &stream.facts.name);
    let state = warehouse.read_state(before.run, source, name).await?;
    let (Some(state), Some(found)) = (state, context.snapshot.tables.get(table)) else {
        return Ok(None);
    };
    // Rows of files without a checkpoint could be neither carried over nor removed.
    let rows: u64 = state.checkpoints.iter().map(|one| one.rows).sum();
    let fits = state.read_basis == read_basis && rows == found.rows() && found.schema.is_ok();
    Ok(fits.then(|| PublishedStream {
        state,
        table: found.clone(),
        by,
    }))
}

/// The published files of a table, by what becomes of them.
struct SplitFiles {
    /// They stay in the table.
    carried: Vec<LakeFile>,
    /// Their rows are copied, without those that are removed.
    copied: Vec<LakeFile>,
}

impl SplitFiles {
    fn of(published: &PublishedTable, column: &str, gone: &BTreeSet<&str>) -> Self {
        let files = published.files.iter().cloned();
        let (mut copied, mut carried): (Vec<_>, Vec<_>) =
            files.partition(|file| published.may_have(file, column, gone.iter().copied()));
        if carried.len() > CARRIED_FILES_MAX {
            copied.append(&mut carried);
        }
        Self { carried, copied }
    }
}

/// Reads what is new and changed. None when the stream must be read whole.
async fn read_on(
    context: &RunContext<'_>,
    table: &TableName,
    stream: &Stream,
    published: &PublishedStream,
    split: Split,
) -> Result<Option<StreamRead>, RunError> {
    let Split { since, lost } = split;
    if since.is_empty() {
        return Ok(None);
    }
    let session = &context.open.session;
    let gone: BTreeSet<&str> = lost.iter().map(|one| one.partition.as_str()).collect();
    let column = &published.by.column;
    let files = SplitFiles::of(&published.table, column, &gone);
    let mut is_unchanged = files.copied.is_empty() && gone.is_empty();
    let source = stream.table(since.iter().map(Into::into).collect());
    let mut writer = context.run.stage(table, &source.schema()).await?;
    if !writer.retain(files.carried) {
        return Ok(None);
    }
    let mut old = None;
    if !files.copied.is_empty() {
        let part = published.table.with_files(files.copied);
        let rows = session.read_without(part.provider()?, column, gone.iter().copied())?;
        old = Some(context.physical(table, &rows).await?);
    }
    let read = stage_stream(context, table, old, source, writer).await;
    let (staged, left_out, report) = match read {
        Err(error) if is_stale(&error) => return Ok(None),
        other => other?,
    };
    let carried: BTreeSet<String> = since.iter().map(|one| one.partition.clone()).collect();
    let checkpoints = latest(since, &report);
    let rows = checkpoints.iter().map(|one| one.rows).sum::<u64>();
    if rows != staged.rows() {
        // The plugin began a file again that it was to continue.
        staged.discard();
        return Ok(None);
    }
    is_unchanged = is_unchanged && staged.files.is_empty() && report.rejects.is_empty();
    if is_unchanged {
        session.put(table, published.table.provider()?);
    }
    Ok(Some(StreamRead {
        staged: (!is_unchanged).then_some(staged),
        rows,
        left_out,
        report,
        checkpoints,
        carried,
    }))
}

/// The last checkpoint of each partition.
fn latest(since: Vec<StoredCheckpoint>, report: &SourceReport) -> Vec<StoredCheckpoint> {
    let since = since.into_iter().map(|one| (one.partition.clone(), one));
    let mut latest: BTreeMap<String, StoredCheckpoint> = since.collect();
    let new = report.checkpoints.iter();
    latest.extend(new.map(|(partition, one)| (partition.clone(), one.into())));
    latest.into_values().collect()
}

/// Writes published rows and then the new ones of a source, on the query runtime.
async fn stage_stream(
    context: &RunContext<'_>,
    table: &TableName,
    old: Option<Arc<dyn ExecutionPlan>>,
    source: SourceTable,
    writer: StagedWriter,
) -> Result<(StagedTable, LeftOut, SourceReport), RunError> {
    let (name, session) = (table.clone(), Arc::clone(&context.open.session));
    let mut landing = context.landing(table, writer);
    let task = context.query.spawn(async move {
        if let Some(old) = old {
            landing.write_all(&name, &session, old).await?;
        }
        let failed = |source| RunError::Step {
            table: name.clone(),
            source,
        };
        let engine = |error| failed(QueryError::from_engine(error));
        let guest = |error| failed(QueryError::Sandbox(error));
        let mut steps = source.read(&session.task()).map_err(engine)?;
        let mut report = SourceReport::default();
        while let Some(mut step) = steps.next().await.map_err(guest)? {
            if let Some(batch) = step.rows.take() {
                landing.write(batch)?;
            }
            report.add(&mut step);
        }
        let (staged, left_out) = landing.close()?;
        Ok::<_, RunError>((staged, left_out, report))
    });
    joined(task).await?
}

/// The checkpoints to continue from, and the rows that are removed.
fn split(open: &OpenProject, stream: &Stream, state: &ReadState) -> Result<Split, RunError> {
    let now = input_files(open, stream);
    let none = Grants::default();
    let source = open.project.sources.get(&stream.source);
    let grants = match source.map(|source| &source.reads) {
        Some(Reads::Plugin { grants, .. }) => grants,
        _ => &none,
    };
    let (mut since, mut lost) = (Vec::new(), Vec::new());
    for one in &state.checkpoints {
        let status = status_of(&one.partition, &state.files, now);
        let renamed = match status {
            FileStatus::Unchanged => {
                since.push(one.clone());
                continue;
            }
            FileStatus::Longer(old) if content::begins_as(grants, old)? => {
                since.push(one.clone());
                continue;
            }
            FileStatus::Longer(_) | FileStatus::Rewritten => None,
            FileStatus::Deleted(renamed) => Some(renamed),
        };
        lost.push(LostRows {
            partition: one.partition.clone(),
            rows: one.rows,
            renamed,
        });
    }
    Ok(Split { since, lost })
}

fn input_files<'o>(open: &'o OpenProject, stream: &Stream) -> &'o [InputFile] {
    let files = open.inputs.get(&stream.source);
    files.map_or(&[], Vec::as_slice)
}

/// The files that the partitions of some checkpoints are in.
fn files_of(
    open: &OpenProject,
    stream: &Stream,
    checkpoints: &[StoredCheckpoint],
) -> Vec<ReadFile> {
    let files = input_files(open, stream).iter();
    let used = files.filter(|file| {
        let below = |one: &StoredCheckpoint| content::is_below(&one.partition, &file.name);
        checkpoints.iter().any(below)
    });
    used.map(|file| ReadFile {
        name: file.name.clone(),
        bytes: file.bytes,
        digest: file.digest.clone(),
    })
    .collect()
}

/// Everything that the rows of a stream depend on beside its files.
fn read_basis(stream: &Stream) -> String {
    let fields: Vec<String> = stream
        .facts
        .fields
        .iter()
        .map(|field| {
            let (name, kind) = (field.name(), field.data_type());
            format!("{name} {kind} {}", field.is_nullable())
        })
        .collect();
    let (key, facts) = (&stream.key, &stream.facts);
    let of_plugin = facts.partition.as_ref().map(|by| by.read_basis.as_str());
    let parts = [
        FORMAT_VERSION.to_string(),
        versions::made_by(),
        key.digest.clone(),
        stream.config.clone(),
        facts.name.clone(),
        fields.join("\n"),
        of_plugin.unwrap_or_default().to_owned(),
    ];
    Digest::of(serde_json::json!(parts).to_string().as_bytes()).to_string()
}

fn is_stale(error: &RunError) -> bool {
    matches!(error, RunError::Step { source: QueryError::Sandbox(SandboxError::Failed { error, .. }), .. }
        if error.code == STALE)
}
