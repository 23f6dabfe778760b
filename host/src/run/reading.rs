//! Streams of sources: read on from where an earlier run stopped, or whole. Rows of files that
//! stand unchanged are carried over; the plugin is asked only for what is new or changed.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::content::{self, InputFile};
use super::error::RunError;
use super::execute::Motion;
use super::file_status::{Fate, Lost, fate_of, notices};
use super::open::Stream;
use crate::name::TableName;
use crate::plan::fingerprint::{FORMAT_VERSION, Fingerprint};
use crate::project::component::Digest;
use crate::project::grant::Grants;
use crate::project::pipeline::Reads;
use crate::query::{QueryError, Told, find};
use crate::sandbox::{self, PartitionColumn, SandboxError};
use crate::warehouse::{Checkpoint, PublishedTable, ReadFile, ReadState, StagedTable};

/// Published files that may stay in a table; from here on their rows are copied into new ones,
/// so that a table read on a thousand times does not lie in a thousand files.
const KEPT_FILES_MAX: usize = 32;
/// The code by which a source says that a checkpoint leads nowhere any more.
const STALE: &str = "stale-checkpoint";

/// A published table that can be read on.
struct Standing {
    reading: ReadState,
    table: PublishedTable,
    by: PartitionColumn,
}

/// What came of reading a stream.
struct Outcome {
    /// None when the published table stands as it is.
    staged: Option<StagedTable>,
    rows: u64,
    told: Told,
    checkpoints: Vec<Checkpoint>,
    /// The partitions whose quarantined rows stay; none after a whole read.
    carried: BTreeSet<String>,
}

impl Motion<'_> {
    /// The table of a stream, made of its new and changed files and of what stands.
    pub(super) async fn stream(
        &mut self,
        table: &TableName,
        stream: &Stream,
        fingerprint: &Fingerprint,
    ) -> Result<(), RunError> {
        let clock = self.start(table);
        let basis = basis(stream);
        let outcome = match self.standing(table, stream, &basis).await? {
            Some(standing) => self.read_on(table, stream, standing).await?,
            None => None,
        };
        let outcome = match outcome {
            Some(outcome) => outcome,
            None => self.read_whole(table, stream).await?,
        };
        let reading = ReadState {
            source: stream.source.clone(),
            stream: stream.facts.name.clone(),
            read_basis: basis,
            files: self.under(stream, &outcome.checkpoints),
            checkpoints: outcome.checkpoints,
        };
        self.run.record_read_state(&reading).await?;
        let personal = self.open.plan.personal.contains_key(table);
        let mut notices = outcome.told.notices;
        if personal {
            let redact = self.open.guards.redact;
            for notice in &mut notices {
                notice.message = redact.message(&notice.code, &notice.message);
            }
        }
        self.report.notices(&stream.source, notices);
        let (source, name) = (&stream.source, &stream.facts.name);
        let mut rejects = outcome.told.rejects;
        rejects.retain(|one| self.rules.admits_raw(&one.raw));
        let rejected = rejects.len() as u64;
        self.quarantine.add(source, name, rejects, outcome.carried);
        match outcome.staged {
            Some(staged) => {
                self.open.session.put(table, staged.provider());
                self.staged.push(staged);
                self.end(table, fingerprint, outcome.rows, rejected, clock)
                    .await
            }
            None => {
                self.run
                    .record_step(table, &fingerprint.to_string())
                    .await?;
                self.finished(table, outcome.rows, 0, true, elapsed_ms(clock));
                Ok(())
            }
        }
    }

    async fn read_whole(
        &mut self,
        table: &TableName,
        stream: &Stream,
    ) -> Result<Outcome, RunError> {
        let session = &self.open.session;
        let physical = self
            .physical(table, &session.read(stream.table(Vec::new()))?)
            .await?;
        let writer = self.run.stage(table, &physical.schema()).await?;
        let staged = self.filled(table, vec![physical], writer).await?;
        let told = find(&stream.key)?.take_told(&stream.facts.name);
        let checkpoints = told.checkpoints.values().map(kept).collect();
        Ok(Outcome {
            rows: staged.rows(),
            staged: Some(staged),
            told,
            checkpoints,
            carried: BTreeSet::new(),
        })
    }

    /// The published table of a stream with how it was read, when both fit what is read now.
    async fn standing(
        &self,
        table: &TableName,
        stream: &Stream,
        basis: &str,
    ) -> Result<Option<Standing>, RunError> {
        let (Some(by), Some(before)) = (stream.facts.partition.clone(), self.before.get(table))
        else {
            return Ok(None);
        };
        // Which rows are kept changes with the day, whatever becomes of the files.
        if self.open.plan.retain.contains_key(table) {
            return Ok(None);
        }
        let warehouse = self.run.warehouse();
        let (source, name) = (&stream.source, &stream.facts.name);
        let reading = warehouse.read_state(before.run, source, name).await?;
        let (Some(reading), Some(found)) = (reading, self.snapshot.tables.get(table)) else {
            return Ok(None);
        };
        // Rows of files without a checkpoint could be neither kept nor dropped.
        let rows: u64 = reading.checkpoints.iter().map(|one| one.rows).sum();
        let fits = reading.read_basis == basis && rows == found.rows() && found.schema.is_ok();
        Ok(fits.then(|| Standing {
            reading,
            table: found.clone(),
            by,
        }))
    }

    /// Reads what is new and changed. None when only a whole read tells.
    async fn read_on(
        &mut self,
        table: &TableName,
        stream: &Stream,
        standing: Standing,
    ) -> Result<Option<Outcome>, RunError> {
        let (since, lost) = self.split(stream, &standing.reading)?;
        let told = notices(&stream.facts.name, &lost);
        self.report.changes(&stream.source, told);
        if since.is_empty() {
            return Ok(None);
        }
        let gone: BTreeSet<&str> = lost.iter().map(|one| one.partition.as_str()).collect();
        let published = &standing.table;
        let column = &standing.by.column;
        let (mut mixed, mut whole): (Vec<_>, Vec<_>) = published
            .files
            .iter()
            .cloned()
            .partition(|file| published.may_have(file, column, gone.iter().copied()));
        if whole.len() > KEPT_FILES_MAX {
            mixed.append(&mut whole);
        }
        let is_same = mixed.is_empty() && gone.is_empty();
        let session = &self.open.session;
        let asked = since.iter().map(given).collect();
        let new = self
            .physical(table, &session.read(stream.table(asked))?)
            .await?;
        let mut writer = self.run.stage(table, &new.schema()).await?;
        if !writer.retain(whole) {
            return Ok(None);
        }
        let mut plans = Vec::new();
        if !mixed.is_empty() {
            let part = published.with_files(mixed);
            let old = session.read_without(part.provider()?, column, gone.iter().copied())?;
            plans.push(self.physical(table, &old).await?);
        }
        plans.push(new);
        let staged = self.filled(table, plans, writer).await;
        let told = find(&stream.key)?.take_told(&stream.facts.name);
        let staged = match staged {
            Err(error) if is_stale(&error) => return Ok(None),
            other => other?,
        };
        let mut last: BTreeMap<String, Checkpoint> = since
            .into_iter()
            .map(|one| (one.partition.clone(), one))
            .collect();
        let carried = last.keys().cloned().collect();
        last.extend(
            told.checkpoints
                .iter()
                .map(|(p, one)| (p.clone(), kept(one))),
        );
        let rows = last.values().map(|one| one.rows).sum::<u64>();
        if rows != staged.rows() {
            // The plugin began again with a file that it was to go on with.
            staged.discard();
            return Ok(None);
        }
        let is_same = is_same && staged.files.is_empty() && told.rejects.is_empty();
        if is_same {
            session.put(table, published.provider()?);
        }
        Ok(Some(Outcome {
            staged: (!is_same).then_some(staged),
            rows,
            told,
            checkpoints: last.into_values().collect(),
            carried,
        }))
    }

    /// The partitions to go on from, and those whose rows go.
    fn split(
        &self,
        stream: &Stream,
        reading: &ReadState,
    ) -> Result<(Vec<Checkpoint>, Vec<Lost>), RunError> {
        let now = self.files(stream);
        let nowhere = Grants::default();
        let source = self.open.project.sources.get(&stream.source);
        let grants = match source.map(|source| &source.reads) {
            Some(Reads::Plugin { grants, .. }) => grants,
            _ => &nowhere,
        };
        let (mut since, mut lost) = (Vec::new(), Vec::new());
        for one in &reading.checkpoints {
            let fate = fate_of(&one.partition, &reading.files, now);
            let fate = match fate {
                Fate::Longer(old) if content::begins_as(grants, old)? => Fate::Stands,
                Fate::Longer(_) => Fate::Rewritten,
                other => other,
            };
            match fate {
                Fate::Stands => since.push(one.clone()),
                fate => lost.push(Lost {
                    partition: one.partition.clone(),
                    rows: one.rows,
                    renamed: match fate {
                        Fate::Deleted(renamed) => Some(renamed),
                        _ => None,
                    },
                }),
            }
        }
        Ok((since, lost))
    }

    fn files(&self, stream: &Stream) -> &[InputFile] {
        let files = self.open.inputs.get(&stream.source);
        files.map_or(&[], Vec::as_slice)
    }

    /// The files that the partitions of some checkpoints stand on.
    fn under(&self, stream: &Stream, checkpoints: &[Checkpoint]) -> Vec<ReadFile> {
        let files = self.files(stream).iter();
        let used = files.filter(|file| {
            let below = |one: &Checkpoint| content::is_below(&one.partition, &file.name);
            checkpoints.iter().any(below)
        });
        used.map(|file| ReadFile {
            name: file.name.clone(),
            bytes: file.bytes,
            digest: file.digest.clone(),
        })
        .collect()
    }
}

fn elapsed_ms(clock: Instant) -> u64 {
    u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Everything that the rows of a stream depend on beside its files.
fn basis(stream: &Stream) -> String {
    let fields: Vec<String> = stream
        .facts
        .fields
        .iter()
        .map(|field| {
            let (name, kind) = (field.name(), field.data_type());
            format!("{name} {kind} {}", field.is_nullable())
        })
        .collect();
    let told = stream.facts.partition.as_ref().map(|by| by.basis.as_str());
    let (key, facts) = (&stream.key, &stream.facts);
    let parts = [
        FORMAT_VERSION.to_string(),
        key.digest.clone(),
        stream.config.clone(),
        facts.name.clone(),
        fields.join("\n"),
        told.unwrap_or_default().to_owned(),
    ];
    Digest::of(serde_json::json!(parts).to_string().as_bytes()).to_string()
}

fn is_stale(error: &RunError) -> bool {
    matches!(error, RunError::Step { source: QueryError::Sandbox(SandboxError::Failed { error, .. }), .. }
        if error.code == STALE)
}

fn kept(one: &sandbox::Checkpoint) -> Checkpoint {
    Checkpoint {
        partition: one.partition.clone(),
        version: one.version,
        state: one.state.clone(),
        summary: one.summary.clone(),
        rows: one.rows as u64,
    }
}

fn given(one: &Checkpoint) -> sandbox::Checkpoint {
    sandbox::Checkpoint {
        partition: one.partition.clone(),
        version: one.version,
        state: one.state.clone(),
        summary: one.summary.clone(),
        rows: one.rows as f64,
    }
}
