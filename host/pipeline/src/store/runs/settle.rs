//! Whether runs count: the snapshot in the lake decides, whenever a run may have died.

use ducklake::Lake;
use ducklake::sqlite::Database;

use super::records::{self, RunStatus};
use crate::store::error::WarehouseError;
use crate::store::names::extra_info;

/// Whether [`settle`] has something to do.
pub(in crate::store) async fn is_unsettled(
    state: &Database,
    lake: &Lake,
) -> Result<bool, WarehouseError> {
    let pending: i64 = sqlx::query_scalar("SELECT count(*) FROM run WHERE status = 'pending'")
        .fetch_one(state.pool())
        .await
        .map_err(|source| state.failed("look for unfinished runs", source))?;
    if pending > 0 {
        return Ok(true);
    }
    let last = records::newest(state, Some(RunStatus::Published)).await?;
    match last {
        Some(last) => Ok(lake.published_with(&extra_info(last.run)).await? != last.snapshot),
        None => Ok(false),
    }
}

/// Adopts or drops what unfinished runs wrote, by looking for their snapshots; the same for
/// finished runs when the catalogue is not the one they published in. Needs the claim.
pub(in crate::store) async fn settle(state: &Database, lake: &Lake) -> Result<(), WarehouseError> {
    if !is_unsettled(state, lake).await? {
        return Ok(());
    }
    for record in records::runs(state).await? {
        let found = match record.status {
            RunStatus::Pending | RunStatus::Published => {
                lake.published_with(&extra_info(record.run)).await?
            }
            _ => continue,
        };
        match (record.status, found) {
            (_, Some(_)) if found == record.snapshot => {}
            (_, Some(snapshot)) => {
                records::end(state, record.run, RunStatus::Published, Some(snapshot)).await?
            }
            (RunStatus::Published, None) => {
                records::end(state, record.run, RunStatus::Lost, None).await?
            }
            (_, None) => records::end(state, record.run, RunStatus::Interrupted, None).await?,
        }
    }
    Ok(())
}
