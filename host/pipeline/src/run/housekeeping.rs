//! What a run looks after beside its tables: files that were lost, tables whose model is gone.

use std::collections::{BTreeMap, BTreeSet};

use super::error::RunError;
use super::quarantine;
use super::staging::is_staged;
use crate::plan::Plan;
use crate::project::Project;
use crate::store::{Run, Snapshot, StagedTable, StepRecord};
use tsugi_core::name::TableName;

/// How many bytes of published files a run reads, to compare them with their checksums.
const READ_BYTES: u64 = 64 << 20;

/// Published tables that lost a file count as never made, so that this run makes them again;
/// returns a sentence for each. The length of every file is compared. Bytes are, too: those of the
/// whole warehouse up to [`READ_BYTES`], and of the next part of a larger one in each run.
pub(super) fn without_lost(
    plan: &Plan,
    snapshot: &Snapshot,
    run: u64,
    before: &mut BTreeMap<TableName, StepRecord>,
) -> BTreeSet<String> {
    let mut sentences = BTreeSet::new();
    let files = snapshot.tables.values().flat_map(|table| &table.files);
    let parts = files
        .map(|file| file.bytes)
        .sum::<u64>()
        .div_ceil(READ_BYTES);
    let due = run.checked_rem(parts).unwrap_or_default();
    let mut before_bytes = 0;
    for (name, table) in &snapshot.tables {
        let lost = table.lost_files(|file| {
            let part = before_bytes / READ_BYTES;
            before_bytes += file.bytes;
            part == due
        });
        let Some(first) = lost.first() else {
            continue;
        };
        let of = match lost.len() {
            1 => format!("a file of {name} is lost or damaged: {first}"),
            count => format!("{count} files of {name} are lost or damaged: {first}, …"),
        };
        // The rows of a quarantine come from the tables of its source.
        let is_source = |table: &TableName| {
            quarantine::is_of(name) && table.schema.as_str() == name.name.as_str()
        };
        before.retain(|table, _| table != name && !is_source(table));
        sentences.insert(
            match planned(plan).any(|table| table == name || is_source(table)) {
                true => format!("{of}; it is made again"),
                false => format!("{of}; no run of this pipeline made it"),
            },
        );
    }
    sentences
}

/// The tables that a run publishes.
fn planned(plan: &Plan) -> impl Iterator<Item = &TableName> {
    plan.tables().map(|(table, ..)| table)
}

/// The published tables that earlier runs of this pipeline made and that it no longer has: their
/// model or source was removed or renamed, or the model is a view now.
pub(super) async fn former_tables(
    project: &Project,
    plan: &Plan,
    run: &Run,
    snapshot: &Snapshot,
) -> Result<BTreeSet<TableName>, RunError> {
    let planned: BTreeSet<&TableName> = planned(plan).collect();
    let is_former = |table: &TableName| match quarantine::is_of(table) {
        true => !project
            .sources
            .keys()
            .any(|source| source.as_str() == table.name.as_str()),
        false => !planned.contains(table),
    };
    if !snapshot.tables.keys().any(is_former) {
        return Ok(BTreeSet::new());
    }
    let pipeline = project.name.to_string();
    let made = run
        .warehouse()
        .tables_made_by(Some(&pipeline), snapshot)
        .await?;
    Ok(made.into_iter().filter(is_former).collect())
}

/// What a person should know of a table that is dropped.
pub(super) fn dropped_sentence(plan: &Plan, table: &TableName, snapshot: &Snapshot) -> String {
    let last = snapshot.info.id;
    match plan.is_view(table) {
        true => {
            format!("{table} is a view now: its table was dropped; snapshot {last} still has it")
        }
        false => format!(
            "{table} is no longer in the pipeline: its table was dropped; snapshot {last} still has it"
        ),
    }
}

/// What a person should know after a rollback: the tables that this run replaced again.
pub(super) fn after_rollback(snapshot: &Snapshot, staged: &[StagedTable]) -> Option<String> {
    let to = snapshot.rolled_back_to()?;
    let replaced = snapshot
        .tables
        .iter()
        .filter(|(name, table)| table.changed_in == snapshot.info.id && is_staged(staged, name));
    let names: Vec<String> = replaced.map(|(name, _)| name.to_string()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "made again after the rollback to snapshot {to}, because the pipeline makes other rows than that: {}",
            names.join(", ")
        )
    })
}
