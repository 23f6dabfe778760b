//! Publishing: every table of a run in one transaction of the catalogue.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use super::SnapshotId;
use super::catalog::last_snapshot;
use super::commit::Commit;
use super::database::Database;
use super::error::WarehouseError;
use super::foreign::changed_in;
use super::stage::{StagedFile, StagedTable};
use super::tags::Tags;
use crate::name::RunId;

/// What a snapshot carries of the run that made it; the run store looks for it.
pub(super) fn extra_info(run: RunId) -> String {
    serde_json::json!({ "run": run.to_string() }).to_string()
}

/// Makes the staged rows the whole content of their tables and `tags` the personal columns of
/// theirs, all at once or not at all.
pub(super) async fn publish(
    database: &Database,
    run: RunId,
    tables: &[StagedTable],
    tags: &Tags,
    message: &str,
) -> Result<SnapshotId, WarehouseError> {
    if tables.is_empty() && tags.is_empty() {
        return Err(WarehouseError::NothingStaged { run });
    }
    let mut seen = HashSet::new();
    for staged in tables {
        if !seen.insert(&staged.table) {
            return Err(WarehouseError::StagedTwice {
                table: staged.table.clone(),
            });
        }
        staged.files.iter().try_for_each(is_whole)?;
    }
    let mut transaction = database.write().await?;
    let last = last_snapshot(database, &mut transaction).await?;
    let changed = changed_in(database, &mut transaction, SnapshotId(last.id)).await?;
    let mut commit = Commit::after(database, &mut transaction, last, changed);
    for staged in tables {
        commit.replace(staged).await?;
    }
    commit.tag(tags).await?;
    let id = commit.finish(run, message).await?;
    database.commit(transaction).await?;
    Ok(id)
}

fn is_whole(file: &StagedFile) -> Result<(), WarehouseError> {
    let found_bytes = match fs::metadata(&file.path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(source) => return Err(WarehouseError::io("look at", &file.path, source)),
    };
    if found_bytes == file.bytes {
        return Ok(());
    }
    Err(WarehouseError::StagedFile {
        path: file.path.clone(),
        expected_bytes: file.bytes,
        found_bytes,
    })
}

/// The snapshot that a run published, when there is one.
pub(super) async fn snapshot_of(
    database: &Database,
    run: RunId,
) -> Result<Option<SnapshotId>, WarehouseError> {
    sqlx::query_scalar(
        "SELECT max(snapshot_id) FROM ducklake_snapshot_changes WHERE commit_extra_info = ?",
    )
    .bind(extra_info(run))
    .fetch_one(database.pool())
    .await
    .map(|id: Option<i64>| id.map(SnapshotId))
    .map_err(|source| database.failed("look for the snapshot of a run", source))
}

/// Removes what a run that did not publish had staged. What cannot be removed now is found by
/// the janitor later.
pub(super) fn discard(tables: &[StagedTable], data: &Path) {
    for file in tables.iter().flat_map(|staged| &staged.files) {
        if file.path.starts_with(data) {
            let _ = fs::remove_file(&file.path);
        }
    }
}
