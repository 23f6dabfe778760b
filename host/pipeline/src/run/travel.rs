//! Tables of older snapshots in a query: `AT (VERSION => 3)`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::{DateTime, Utc};
use ducklake::sqlite::moment;

use super::error::RunError;
use crate::query::{OlderTable, Parsed, QueryError, Session, Version};
use crate::store::{Snapshot, SnapshotId, Warehouse};
use tsugi_core::name::TableName;

/// Makes the older tables of a query known to the session, and lets the query read them. `now` is
/// the last snapshot.
pub(super) async fn put_older(
    warehouse: &Warehouse,
    session: &Session,
    now: &Snapshot,
    parsed: &mut Parsed,
) -> Result<(), RunError> {
    let mut names = Vec::new();
    let mut snapshots: BTreeMap<SnapshotId, Snapshot> = BTreeMap::new();
    for older in parsed.older_tables()? {
        let id = match older.version {
            Version::Snapshot(id) => SnapshotId(id),
            Version::Moment(until) => newest_until(warehouse, until, &older).await?,
        };
        let table: TableName = older.table.parse().map_err(|_| {
            let message = format!("`{}` names no table", older.table);
            refused(message, "write schema.table", &older)
        })?;
        let snapshot = match snapshots.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(warehouse.snapshot_at(id).await?),
        };
        let found = snapshot.table(&table)?;
        let mut personal = found.personal.clone();
        // What is about persons may have been declared since.
        if let Some(present) = now.tables.get(&table) {
            personal.extend(present.personal.iter().cloned());
        }
        let name = free_name(&table, id, now)?;
        session.put(&name, found.provider()?);
        session.tag(&name, personal);
        names.push(name);
    }
    parsed.read_older(&names);
    Ok(())
}

/// A name for a table of a snapshot that no published table has.
fn free_name(table: &TableName, id: SnapshotId, now: &Snapshot) -> Result<TableName, RunError> {
    let mut name = format!("at_{id}_{}", table.name);
    loop {
        let free = TableName::try_new(table.schema.as_str(), &name);
        let free = free.map_err(|error| RunError::Host(error.to_string()))?;
        if !now.tables.contains_key(&free) {
            return Ok(free);
        }
        name.push('_');
    }
}

/// The last snapshot that was published until a moment.
async fn newest_until(
    warehouse: &Warehouse,
    until: DateTime<Utc>,
    older: &OlderTable,
) -> Result<SnapshotId, RunError> {
    let history = warehouse.lake().history().await;
    let history = history.map_err(crate::store::WarehouseError::from)?;
    let is_until = |at: &str| moment(at).is_some_and(|at| at <= until);
    match history.iter().find(|one| is_until(&one.at)) {
        Some(found) => Ok(found.id),
        None => {
            let first = history.last().map_or("", |first| first.at.as_str());
            let message = format!("no snapshot is so old: the oldest one is of {first}");
            Err(refused(message, "write a later moment, in UTC", older))
        }
    }
}

fn refused(message: String, hint: &str, older: &OlderTable) -> RunError {
    RunError::Query(QueryError::Sql {
        message,
        place: Some(older.place.clone()),
        hint: Some(hint.to_owned()),
    })
}
