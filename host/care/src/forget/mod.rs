//! Forgetting one person: found everywhere, removed step by step, and searched for again.
//!
//! Each step can be done twice, so that a `forget` that was killed is finished by the next one.
//! The first step records that the person is forgotten, so that no run reads them again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use tokio::runtime::Handle;

mod files;
mod look;
mod rows;

use super::error::CareError;
use crate::store;
use crate::store::databases::Scrubbed;
use crate::store::forgotten::ForgetRequest;
use crate::store::scrub::Scrub;
use files::{Mention, take_out};
use rows::Whom;
use tsugi_core::name::TableName;
use tsugi_pipeline::project::Project;
use tsugi_pipeline::query::Session;
use tsugi_pipeline::run::{Event, RunError, Watch, plain_session, quarantine};
use tsugi_pipeline::store::{
    Claim, LakeFile, Note, PublishedTable, Snapshot, Tags, Warehouse, lake_name,
};

/// A request to forget one person.
#[derive(Debug, Clone)]
pub struct Forget<'a> {
    /// The id of the person.
    pub person: &'a str,
    /// Who does it, from which account, and why.
    pub by: ForgetRequest,
    /// Whether nothing is changed.
    pub dry_run: bool,
}

/// What was found and done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Traces {
    /// When they were forgotten before, in UTC.
    pub before: Option<String>,
    /// Rows about them, by published table.
    pub rows: BTreeMap<TableName, u64>,
    /// Texts that led to them in other rows, by published table.
    pub texts: BTreeMap<TableName, u64>,
    /// Files that only older snapshots have.
    pub older_files: u64,
    /// Snapshots that expired for these files.
    pub expired: u64,
    /// Lines by file that a sink wrote.
    pub outbox: BTreeMap<String, u64>,
    /// Cells of the run store, by table: ledger, decisions, look-ups.
    pub store: Scrubbed,
    /// Parquet files in which nothing is found afterwards.
    pub verified_files: u64,
    /// Where they are still found and should not be.
    #[serde(rename = "left")]
    pub remaining: Vec<String>,
    /// Lines of files that only their owner may change: `exports/crm.csv:7`.
    pub inputs: Vec<String>,
    /// What could not be searched.
    pub unseen: Vec<String>,
    /// What looks like them to a second matcher and was not removed, by column; and how many of their
    /// values are words that several others write.
    pub doubts: Vec<String>,
}

impl Traces {
    fn is_nothing(&self) -> bool {
        let found = self.rows.is_empty() && self.texts.is_empty() && self.older_files == 0;
        let beside = self.outbox.is_empty() && self.store.is_empty() && self.inputs.is_empty();
        found && beside && self.before.is_none()
    }
}

pub(super) async fn forget(
    project: &Project,
    warehouse: &Warehouse,
    request: &Forget<'_>,
    query: &Handle,
    watch: &dyn Watch,
) -> Result<Traces, CareError> {
    let subject = project
        .personal
        .subject
        .clone()
        .ok_or(CareError::NoSubject)?;
    if request.person.trim().is_empty() {
        let person = request.person.to_owned();
        return Err(CareError::UnknownPerson { person });
    }
    let claim = warehouse.claim("forgetting a person").await?;
    let mut search = Search {
        project,
        warehouse,
        query,
        session: Arc::new(plain_session(project)?),
        whom: Whom {
            scrub: Scrub::new(request.person.trim()),
            subject,
            others: BTreeMap::new(),
            shared: BTreeSet::new(),
        },
        traces: Traces::default(),
    };
    let pieces = search.pieces().await?;
    search.learn(&pieces).await?;
    let touched = search.look(&pieces).await?;
    let files = search.look_beside(request).await?;
    if search.traces.is_nothing() {
        let person = request.person.to_owned();
        return Err(CareError::UnknownPerson { person });
    }
    watch.notify(Event::Forgetting { step: "looked" });
    if request.dry_run {
        return Ok(search.traces);
    }
    // Tables of a run that did not publish have rows of the person, too.
    warehouse.drop_unpublished()?;
    search
        .take_out(&claim, request, touched, &files, watch)
        .await?;
    search.verify(&claim).await?;
    search.second_look().await?;
    watch.notify(Event::Forgetting { step: "verified" });
    Ok(search.traces)
}

/// One data file, read as its table.
struct Piece {
    table: PublishedTable,
    file: LakeFile,
    /// Whether the last snapshot has it.
    live: bool,
}

/// Files in which the person is found, by id.
#[derive(Default)]
struct Touched {
    live: BTreeMap<TableName, BTreeSet<i64>>,
    older: BTreeSet<i64>,
}

/// The search for one person, with what it found so far.
struct Search<'d> {
    project: &'d Project,
    warehouse: &'d Warehouse,
    query: &'d Handle,
    session: Arc<Session>,
    whom: Whom,
    traces: Traces,
}

impl Search<'_> {
    async fn take_out(
        &mut self,
        claim: &Claim,
        request: &Forget<'_>,
        mut touched: Touched,
        files: &[Mention],
        watch: &dyn Watch,
    ) -> Result<(), RunError> {
        let done = |step| watch.notify(Event::Forgetting { step });
        let (warehouse, scrub) = (self.warehouse, &self.whom.scrub);
        let forgotten =
            store::forgotten::record_forgotten(warehouse, claim, scrub.id(), &request.by).await?;
        done("remembered");
        let label = forgotten.label(scrub.id());
        store::databases::scrub_state(warehouse, claim, scrub, &label).await?;
        done("store");
        files.iter().try_for_each(take_out)?;
        done("outbox");
        let snapshot = warehouse.snapshot().await?;
        let mut staged = Vec::new();
        for (name, ids) in &touched.live {
            staged.push(self.rewritten(claim, &snapshot, name, ids).await?);
        }
        if !staged.is_empty() {
            let note = Note {
                message: "tsugi forget",
                extra_info: None,
            };
            let lake = warehouse.lake();
            lake.publish(claim, &staged, &[], &Tags::default(), note)
                .await?;
        }
        done("published");
        touched.older.extend(touched.live.into_values().flatten());
        let snapshots = warehouse.lake().snapshots_with(&touched.older).await?;
        self.traces.expired = warehouse.expire(claim, &snapshots).await?.snapshots;
        done("expired");
        store::databases::vacuum(warehouse, claim).await?;
        done("vacuumed");
        Ok(())
    }

    /// A table without the person: its other files are retained, these are rewritten.
    async fn rewritten(
        &self,
        claim: &Claim,
        snapshot: &Snapshot,
        name: &TableName,
        ids: &BTreeSet<i64>,
    ) -> Result<tsugi_pipeline::store::StagedTable, RunError> {
        let table = snapshot.table(name)?;
        let schema = table.provider()?.schema();
        let mut writer = {
            let lake = self.warehouse.lake();
            lake.stage(claim, &lake_name(name), &schema).await?
        };
        let (mut rewritten, unchanged): (Vec<LakeFile>, Vec<LakeFile>) = table
            .files
            .iter()
            .cloned()
            .partition(|file| ids.contains(&file.id));
        if !writer.retain(unchanged) {
            rewritten.clone_from(&table.files);
        }
        let part = table.with_files(rewritten);
        let (whom, raw) = (self.whom.clone(), quarantine::is_of(name));
        let written = self.each(&part, writer, move |writer, batch| {
            Ok(writer.write(&whom.without(&batch, raw)?.0)?)
        });
        Ok(written.await?.close()?)
    }
}
