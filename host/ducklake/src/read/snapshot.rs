//! One snapshot of the catalogue as plain data, and its tables for DataFusion.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use sqlx::sqlite::SqliteConnection;

use super::provider::{LakeProvider, ScanFile, check_files};
use crate::catalog::columns::load_all_columns;
use crate::catalog::files::{FoundFile, files};
use crate::catalog::foreign::{Foreign, changed_in};
use crate::catalog::tags::{self, ColumnTags};
use crate::catalog::version::{below_data, last_snapshot};
use crate::error::Error;
use crate::files::lake_column::LakeColumn;
use crate::files::lake_file::LakeFile;
use crate::files::schema::arrow_schema;
use crate::lake::Lake;
use crate::name::{LakeTableName, SnapshotId};
use crate::sqlite::Database;

/// One state of all published tables.
#[derive(Clone, Debug)]
pub struct LakeSnapshot {
    /// What it is and who made it.
    pub info: SnapshotInfo,
    pub tables: BTreeMap<LakeTableName, LakeTable>,
}

/// Who made a snapshot, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotInfo {
    pub id: SnapshotId,
    /// When it was made, in UTC: `2026-03-31 12:00:00.000000+00`.
    pub at: String,
    /// The name of its writer.
    pub author: Option<String>,
    /// What it was for.
    pub message: Option<String>,
    /// What its writer recorded beside it, JSON by custom.
    pub extra_info: Option<String>,
}

/// One published table.
#[derive(Clone, Debug)]
pub struct LakeTable {
    pub name: LakeTableName,
    /// Its number in the catalogue.
    pub id: i64,
    /// The snapshot that created it under this name.
    pub created_in: SnapshotId,
    /// The last snapshot that changed its rows or columns.
    pub changed_in: SnapshotId,
    /// Its columns as the catalogue has them.
    pub columns: Vec<LakeColumn>,
    pub files: Vec<LakeFile>,
    /// Its columns as readers get them, or why the table cannot be read.
    pub schema: Result<SchemaRef, String>,
    /// Its tags: column, key, value.
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
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

    /// The table with only some of its files.
    pub fn with_files(&self, files: Vec<LakeFile>) -> Self {
        Self {
            files,
            ..self.clone()
        }
    }

    /// A tag of a column.
    pub fn tag(&self, column: &str, key: &str) -> Option<&str> {
        self.tags.get(column)?.get(key).map(String::as_str)
    }

    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Fails when a file is not there as it was published.
    pub(crate) fn check_files(&self) -> Result<(), Error> {
        let files = self.files.iter().map(|file| (&file.path, file.bytes));
        check_files(&self.name, files)
    }

    /// The table for DataFusion.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when another client wrote it in a way that is not supported.
    pub fn provider(&self) -> Result<Arc<dyn TableProvider>, Error> {
        let schema = self.schema.clone().map_err(|what| Error::Unreadable {
            table: self.name.clone(),
            what,
        })?;
        let files = self
            .files
            .iter()
            .map(|file| ScanFile::published(file, &schema, &self.columns))
            .collect();
        Ok(Arc::new(LakeProvider::new(
            self.name.clone(),
            schema,
            files,
        )))
    }
}

impl LakeSnapshot {
    /// # Errors
    /// [`Error::NoTable`].
    pub fn table(&self, table: &LakeTableName) -> Result<&LakeTable, Error> {
        self.tables.get(table).ok_or_else(|| Error::NoTable {
            table: table.clone(),
            snapshot: self.info.id,
        })
    }

    /// A table for DataFusion.
    ///
    /// # Errors
    /// Those of [`LakeSnapshot::table`] and [`LakeTable::provider`].
    pub fn provider(&self, table: &LakeTableName) -> Result<Arc<dyn TableProvider>, Error> {
        self.table(table)?.provider()
    }
}

impl Lake {
    /// The last snapshot.
    ///
    /// # Errors
    /// Database errors.
    pub async fn snapshot(&self) -> Result<LakeSnapshot, Error> {
        self.load(None).await
    }

    /// An earlier snapshot.
    ///
    /// # Errors
    /// [`Error::NoSnapshot`], and database errors.
    pub async fn snapshot_at(&self, id: SnapshotId) -> Result<LakeSnapshot, Error> {
        self.load(Some(id)).await
    }

    /// All snapshots, newest first.
    ///
    /// # Errors
    /// Database errors.
    pub async fn history(&self) -> Result<Vec<SnapshotInfo>, Error> {
        let rows: Vec<FoundSnapshot> = sqlx::query_as(
            "SELECT s.snapshot_id, s.snapshot_time, c.author, c.commit_message, c.commit_extra_info
             FROM ducklake_snapshot s LEFT JOIN ducklake_snapshot_changes c USING (snapshot_id)
             ORDER BY s.snapshot_id DESC",
        )
        .fetch_all(self.catalogue().pool())
        .await
        .map_err(|source| self.catalogue().failed("read the snapshots", source))?;
        Ok(rows.into_iter().map(info).collect())
    }

    /// The last snapshot that was published with this `extra_info`. Its line stays when the
    /// snapshot expires.
    ///
    /// # Errors
    /// Database errors.
    pub async fn published_with(&self, extra_info: &str) -> Result<Option<SnapshotId>, Error> {
        sqlx::query_scalar(
            "SELECT max(snapshot_id) FROM ducklake_snapshot_changes WHERE commit_extra_info = ?",
        )
        .bind(extra_info)
        .fetch_one(self.catalogue().pool())
        .await
        .map(|id: Option<i64>| id.map(SnapshotId))
        .map_err(|source| self.catalogue().failed("look for a snapshot", source))
    }

    async fn load(&self, id: Option<SnapshotId>) -> Result<LakeSnapshot, Error> {
        let database = self.catalogue();
        let mut transaction = database.read().await?;
        let last = SnapshotId(last_snapshot(database, &mut transaction).await?.id);
        let id = id.unwrap_or(last);
        let info = info_of(database, &mut transaction, id)
            .await?
            .ok_or(Error::NoSnapshot { id, last })?;
        let found = found_tables(database, &mut transaction, id).await?;
        let foreign = Foreign::load(database, &mut transaction, id).await?;
        let changed = changed_in(database, &mut transaction, id).await?;
        let mut tags = tags::load(database, &mut transaction, id).await?;
        let mut files = files(database, &mut transaction, id).await?;
        let mut columns = load_all_columns(database, &mut transaction, id.0).await?;
        let mut tables = BTreeMap::new();
        for row in found {
            let name = LakeTableName::new(&row.schema, &row.name);
            let columns = columns.remove(&row.id).unwrap_or_default();
            let (schema, files) = self.schema_and_files(
                &row,
                &columns,
                files.remove(&row.id).unwrap_or_default(),
                foreign.obstacle(row.id),
            );
            let table = LakeTable {
                name: name.clone(),
                id: row.id,
                created_in: SnapshotId(row.begin_snapshot),
                changed_in: SnapshotId(changed.get(&row.id).copied().unwrap_or(0)),
                tags: by_column(&columns, tags.remove(&row.id).unwrap_or_default()),
                columns,
                files,
                schema,
            };
            tables.insert(name, table);
        }
        Ok(LakeSnapshot { info, tables })
    }

    /// The schema of a table, or why it cannot be read, and those of its files that can.
    fn schema_and_files(
        &self,
        row: &FoundTable,
        columns: &[LakeColumn],
        found: Vec<FoundFile>,
        obstacle: Option<String>,
    ) -> (Result<SchemaRef, String>, Vec<LakeFile>) {
        let mut obstacle = obstacle.map_or(Ok(()), Err);
        let folder = below_data(&row.schema_path, row.is_schema_path_relative == Some(1)).and_then(
            |schema| {
                let table = below_data(&row.path, row.is_path_relative == Some(1))?;
                Ok(self.data().join(schema).join(table))
            },
        );
        let newest_column = newest(columns);
        let mut files = Vec::with_capacity(found.len());
        for file in found {
            let placed = folder
                .clone()
                .and_then(|folder| file.place(&folder, newest_column));
            match placed {
                Ok(path) => files.push(file.at(path, self.writer())),
                Err(what) => obstacle = obstacle.and(Err(what)),
            }
        }
        (obstacle.and_then(|()| arrow_schema(columns)), files)
    }
}

type FoundSnapshot = (i64, String, Option<String>, Option<String>, Option<String>);

fn info((id, at, author, message, extra_info): FoundSnapshot) -> SnapshotInfo {
    SnapshotInfo {
        id: SnapshotId(id),
        at,
        author,
        message,
        extra_info,
    }
}

async fn info_of(
    database: &Database,
    connection: &mut SqliteConnection,
    id: SnapshotId,
) -> Result<Option<SnapshotInfo>, Error> {
    let found: Option<FoundSnapshot> = sqlx::query_as(
        "SELECT s.snapshot_id, s.snapshot_time, c.author, c.commit_message, c.commit_extra_info
         FROM ducklake_snapshot s LEFT JOIN ducklake_snapshot_changes c USING (snapshot_id)
         WHERE s.snapshot_id = ?",
    )
    .bind(id.0)
    .fetch_optional(connection)
    .await
    .map_err(|source| database.failed("read a snapshot", source))?;
    Ok(found.map(info))
}

/// A row of `ducklake_table` with its schema.
struct FoundTable {
    id: i64,
    begin_snapshot: i64,
    schema: String,
    name: String,
    schema_path: String,
    is_schema_path_relative: Option<i64>,
    path: String,
    is_path_relative: Option<i64>,
}

async fn found_tables(
    database: &Database,
    connection: &mut SqliteConnection,
    id: SnapshotId,
) -> Result<Vec<FoundTable>, Error> {
    type Row = (
        i64,
        i64,
        String,
        String,
        String,
        Option<i64>,
        String,
        Option<i64>,
    );
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT t.table_id, t.begin_snapshot, s.schema_name, t.table_name, s.path, s.path_is_relative, t.path, t.path_is_relative
         FROM ducklake_table t JOIN ducklake_schema s USING (schema_id)
         WHERE t.begin_snapshot <= ?1 AND (t.end_snapshot IS NULL OR t.end_snapshot > ?1)
           AND s.begin_snapshot <= ?1 AND (s.end_snapshot IS NULL OR s.end_snapshot > ?1)",
    )
    .bind(id.0)
    .fetch_all(connection)
    .await
    .map_err(|source| database.failed("read a snapshot", source))?;
    let named = |(
        id,
        begin_snapshot,
        schema,
        name,
        schema_path,
        is_schema_path_relative,
        path,
        is_path_relative,
    )| {
        FoundTable {
            id,
            begin_snapshot,
            schema,
            name,
            schema_path,
            is_schema_path_relative,
            path,
            is_path_relative,
        }
    };
    Ok(rows.into_iter().map(named).collect())
}

/// The tags of a table by the names of its columns.
fn by_column(
    columns: &[LakeColumn],
    tags: ColumnTags,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut named: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for ((id, key), value) in tags {
        if let Some(column) = columns.iter().find(|column| column.id == id) {
            let own = named.entry(column.name.clone()).or_default();
            own.insert(key, value);
        }
    }
    named
}

/// The snapshot of the newest column, nested ones included.
fn newest(columns: &[LakeColumn]) -> i64 {
    columns
        .iter()
        .map(|column| column.begin_snapshot.max(newest(&column.children)))
        .max()
        .unwrap_or(0)
}
