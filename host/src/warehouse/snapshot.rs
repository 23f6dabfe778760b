//! Reading: one snapshot of the catalogue as plain data, and its tables for DataFusion.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;

use super::SnapshotId;
use super::catalog::{inside, last_snapshot};
use super::columns::{LakeColumn, arrow_schema, load_columns};
use super::database::Database;
use super::error::WarehouseError;
use super::files::{FoundFile, files};
use super::foreign::{Foreign, changed_in};
use super::provider::{LakeProvider, ScanFile};
use super::stage::FILE_PREFIX;
use super::stats::{ColumnStats, for_plan};
use super::tags;
use crate::diagnostic::nearest;
use crate::name::{RunId, TableName};

/// One state of all published tables.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What it is and who made it.
    pub info: SnapshotInfo,
    /// Its tables.
    pub tables: BTreeMap<TableName, LakeTable>,
    /// Tables of other clients whose names cannot be written in a pipeline.
    pub unnamed: Vec<String>,
}

/// Who made a snapshot, when, and in which run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// Its number.
    pub id: SnapshotId,
    /// When it was made, in UTC: `2026-03-31 12:00:00.000000+00`.
    pub at: String,
    /// Who made it: `tsugi`, or what another client wrote.
    pub author: Option<String>,
    /// What it was for.
    pub message: Option<String>,
    /// The run that published it.
    pub run: Option<RunId>,
}

/// One published table.
#[derive(Clone, Debug)]
pub struct LakeTable {
    /// The table.
    pub name: TableName,
    /// The last snapshot that changed its rows or columns.
    pub changed_in: SnapshotId,
    /// Its columns as the catalogue has them.
    pub columns: Vec<LakeColumn>,
    /// Its files.
    pub files: Vec<LakeFile>,
    /// Its columns as readers get them, or why the table cannot be read.
    pub schema: Result<SchemaRef, String>,
    /// Those of its columns that are about persons.
    pub personal: BTreeSet<String>,
}

/// One published file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LakeFile {
    /// Its number in the catalogue.
    pub id: i64,
    /// Where it lies.
    pub path: PathBuf,
    /// How many rows it has.
    pub rows: u64,
    /// How long it is.
    pub bytes: u64,
    /// How long its footer is, when its writer told.
    pub footer_size_bytes: Option<u64>,
    /// What is known of its leaf columns.
    pub stats: Vec<ColumnStats>,
}

impl LakeFile {
    /// The file as it is scanned in a table of these columns.
    pub(super) fn scanned(&self, schema: &SchemaRef, columns: &[LakeColumn]) -> ScanFile {
        let name = self.path.file_name().map(|name| name.to_string_lossy());
        let is_ours = name.is_some_and(|name| name.starts_with(FILE_PREFIX));
        let (rows, bytes) = (self.rows, self.bytes);
        let statistics = for_plan(schema, columns, rows, bytes, &self.stats, is_ours);
        ScanFile {
            path: self.path.clone(),
            bytes: self.bytes,
            footer_size_bytes: self.footer_size_bytes,
            statistics: Arc::new(statistics),
        }
    }
}

impl LakeTable {
    /// Whether a file may have a row with one of these texts in a column, by its bounds.
    pub fn may_have<'t>(
        &self,
        file: &LakeFile,
        column: &str,
        mut texts: impl Iterator<Item = &'t str>,
    ) -> bool {
        let found = self.columns.iter().find(|one| one.name == column);
        let stats = found.and_then(|column| file.stats.iter().find(|s| s.column_id == column.id));
        match stats.map(|stats| (stats.min.as_deref(), stats.max.as_deref())) {
            Some((Some(min), Some(max))) => texts.any(|text| min <= text && text <= max),
            _ => texts.next().is_some(),
        }
    }

    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// The table for DataFusion.
    ///
    /// # Errors
    /// [`WarehouseError::Unreadable`] when another client wrote it in a way we do not read.
    pub fn provider(&self) -> Result<Arc<dyn TableProvider>, WarehouseError> {
        let schema = self
            .schema
            .clone()
            .map_err(|what| WarehouseError::Unreadable {
                table: self.name.clone(),
                what,
            })?;
        let files = self
            .files
            .iter()
            .map(|file| file.scanned(&schema, &self.columns))
            .collect();
        Ok(Arc::new(LakeProvider::new(
            self.name.clone(),
            schema,
            files,
        )))
    }
}

impl Snapshot {
    /// A table of this snapshot.
    ///
    /// # Errors
    /// [`WarehouseError::NoTable`], with the names that may have been meant.
    pub fn table(&self, table: &TableName) -> Result<&LakeTable, WarehouseError> {
        self.tables.get(table).ok_or_else(|| {
            let names: Vec<String> = self.tables.keys().map(TableName::to_string).collect();
            let near = nearest(&table.to_string(), names.iter().map(String::as_str));
            WarehouseError::NoTable {
                table: table.clone(),
                snapshot: self.info.id,
                near: near.into_iter().map(str::to_owned).collect(),
            }
        })
    }

    /// A table of this snapshot for DataFusion.
    ///
    /// # Errors
    /// Those of [`Snapshot::table`] and [`LakeTable::provider`].
    pub fn provider(&self, table: &TableName) -> Result<Arc<dyn TableProvider>, WarehouseError> {
        self.table(table)?.provider()
    }
}

type FoundSnapshot = (i64, String, Option<String>, Option<String>, Option<String>);

/// The snapshots, newest first.
pub(super) async fn history(database: &Database) -> Result<Vec<SnapshotInfo>, WarehouseError> {
    let rows: Vec<FoundSnapshot> = sqlx::query_as(
        "SELECT s.snapshot_id, s.snapshot_time, c.author, c.commit_message, c.commit_extra_info
         FROM ducklake_snapshot s LEFT JOIN ducklake_snapshot_changes c USING (snapshot_id)
         ORDER BY s.snapshot_id DESC",
    )
    .fetch_all(database.pool())
    .await
    .map_err(|source| database.failed("read the snapshots", source))?;
    Ok(rows.into_iter().map(info).collect())
}

fn info((id, at, author, message, extra): FoundSnapshot) -> SnapshotInfo {
    let run = extra
        .and_then(|extra| serde_json::from_str::<serde_json::Value>(&extra).ok())
        .and_then(|extra| extra.get("run")?.as_str()?.parse().ok());
    SnapshotInfo {
        id: SnapshotId(id),
        at,
        author,
        message,
        run,
    }
}

/// Reads one snapshot, the last one without an id.
pub(super) async fn load(
    database: &Database,
    data: &Path,
    id: Option<SnapshotId>,
) -> Result<Snapshot, WarehouseError> {
    let failed = |source| database.failed("read a snapshot", source);
    let mut transaction = database.read().await?;
    let last = SnapshotId(last_snapshot(database, &mut transaction).await?.id);
    let id = id.unwrap_or(last);
    let found: Option<FoundSnapshot> = sqlx::query_as(
        "SELECT s.snapshot_id, s.snapshot_time, c.author, c.commit_message, c.commit_extra_info
         FROM ducklake_snapshot s LEFT JOIN ducklake_snapshot_changes c USING (snapshot_id)
         WHERE s.snapshot_id = ?",
    )
    .bind(id.0)
    .fetch_optional(&mut *transaction)
    .await
    .map_err(failed)?;
    let info = info(found.ok_or(WarehouseError::NoSnapshot { id, last })?);
    let named: Vec<FoundTable> = sqlx::query_as(
        "SELECT t.table_id, s.schema_name, t.table_name, s.path, s.path_is_relative, t.path, t.path_is_relative
         FROM ducklake_table t JOIN ducklake_schema s USING (schema_id)
         WHERE t.begin_snapshot <= ?1 AND (t.end_snapshot IS NULL OR t.end_snapshot > ?1)
           AND s.begin_snapshot <= ?1 AND (s.end_snapshot IS NULL OR s.end_snapshot > ?1)",
    )
    .bind(id.0)
    .fetch_all(&mut *transaction)
    .await
    .map_err(failed)?;
    let foreign = Foreign::load(database, &mut transaction, id).await?;
    let changed = changed_in(database, &mut transaction, id).await?;
    let tagged = tags::load(database, &mut transaction, id).await?;
    let mut files = files(database, &mut transaction, id).await?;
    let mut snapshot = Snapshot {
        info,
        tables: BTreeMap::new(),
        unnamed: Vec::new(),
    };
    for row in named {
        let Ok(name) = TableName::try_new(&row.1, &row.2) else {
            snapshot.unnamed.push(format!("{}.{}", row.1, row.2));
            continue;
        };
        let (columns, _) = load_columns(database, &mut transaction, row.0, id.0).await?;
        let obstacle = foreign.obstacle(row.0);
        let changed_in = SnapshotId(changed.get(&row.0).copied().unwrap_or(0));
        let found = files.remove(&row.0).unwrap_or_default();
        let mut table = table(name, &row, columns, found, obstacle, changed_in, data);
        if let Some(tagged) = tagged.get(&row.0) {
            let own = table
                .columns
                .iter()
                .filter(|column| tagged.contains(&column.id));
            table.personal = own.map(|column| column.name.clone()).collect();
        }
        snapshot.tables.insert(table.name.clone(), table);
    }
    Ok(snapshot)
}

/// Id, schema, name, then path and whether it is relative of the schema and of the table.
type FoundTable = (
    i64,
    String,
    String,
    String,
    Option<i64>,
    String,
    Option<i64>,
);

fn table(
    name: TableName,
    row: &FoundTable,
    columns: Vec<LakeColumn>,
    found: Vec<FoundFile>,
    obstacle: Option<String>,
    changed_in: SnapshotId,
    data: &Path,
) -> LakeTable {
    let mut obstacle = obstacle.map_or(Ok(()), Err);
    let folder = inside(&row.3, row.4 == Some(1))
        .and_then(|schema| Ok(data.join(schema).join(inside(&row.5, row.6 == Some(1))?)));
    let newest_column = newest(&columns);
    let mut files = Vec::with_capacity(found.len());
    for file in found {
        let placed = folder
            .clone()
            .and_then(|folder| file.place(&folder, newest_column));
        match placed {
            Ok(path) => files.push(file.at(path)),
            Err(what) => obstacle = obstacle.and(Err(what)),
        }
    }
    let schema = obstacle.and_then(|()| arrow_schema(&columns));
    LakeTable {
        name,
        changed_in,
        columns,
        files,
        schema,
        personal: BTreeSet::new(),
    }
}

/// The snapshot of the newest column, nested ones included.
fn newest(columns: &[LakeColumn]) -> i64 {
    columns
        .iter()
        .map(|column| column.begin_snapshot.max(newest(&column.children)))
        .max()
        .unwrap_or(0)
}
