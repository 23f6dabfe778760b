//! The columns of a table as the catalogue has them: a tree, with ids that outlive a run.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;
use sqlx::sqlite::SqliteConnection;

use super::database::Database;
use super::error::WarehouseError;
use super::types::{arrow_field, lake_type, stored_type, unique_names};
use crate::name::TableName;

/// How deep a type of the catalogue may nest; deeper ones are a damaged catalogue.
const DEPTH_MAX: usize = 32;

/// One column, or one field inside a nested column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LakeColumn {
    /// The id in the catalogue and the field id in every Parquet file.
    pub id: i64,
    /// The place among the columns of the table, nested fields counted.
    pub order: i64,
    /// The name as readers see it.
    pub name: String,
    /// The type in DuckLake's words: `int64`, `decimal(10,2)`, `list`.
    pub lake_type: String,
    /// Whether it may be null.
    pub nullable: bool,
    /// The fields of a struct, the `element` of a list, the `key` and `value` of a map.
    pub children: Vec<LakeColumn>,
    /// The snapshot since which it stands like this.
    pub begin_snapshot: i64,
}

/// One row of `ducklake_column` without its span of snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ColumnRow {
    pub(super) id: i64,
    pub(super) order: i64,
    pub(super) name: String,
    pub(super) lake_type: String,
    pub(super) nullable: bool,
    pub(super) parent: Option<i64>,
}

/// The rows of a tree, parents before children.
pub(super) fn rows(columns: &[LakeColumn]) -> Vec<ColumnRow> {
    fn walk(columns: &[LakeColumn], parent: Option<i64>, rows: &mut Vec<ColumnRow>) {
        for column in columns {
            rows.push(ColumnRow {
                id: column.id,
                order: column.order,
                name: column.name.clone(),
                lake_type: column.lake_type.clone(),
                nullable: column.nullable,
                parent,
            });
            walk(&column.children, Some(column.id), rows);
        }
    }
    let mut result = Vec::new();
    walk(columns, None, &mut result);
    result
}

/// The columns that hold values, in the order of the leaves of a Parquet file.
pub(super) fn leaves(columns: &[LakeColumn]) -> Vec<&LakeColumn> {
    columns
        .iter()
        .flat_map(|column| match column.children.is_empty() {
            true => vec![column],
            false => leaves(&column.children),
        })
        .collect()
}

/// The plain Arrow schema of a table, without ids or other metadata.
pub(super) fn arrow_schema(columns: &[LakeColumn]) -> Result<SchemaRef, String> {
    let fields = columns
        .iter()
        .map(|column| {
            arrow_field(column).map_err(|lake_type| {
                format!(
                    "column `{}` has the type `{lake_type}`, which is not supported",
                    column.name
                )
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(Schema::new(fields)))
}

/// The schema of a Parquet file of these columns: every field carries its id.
pub(super) fn file_schema(columns: &[LakeColumn], plain: &Schema) -> SchemaRef {
    let fields: Vec<FieldRef> = columns
        .iter()
        .zip(plain.fields())
        .map(|(column, field)| with_id(column, field))
        .collect();
    Arc::new(Schema::new(fields))
}

fn with_id(column: &LakeColumn, field: &FieldRef) -> FieldRef {
    let zip = |fields: &Fields| -> Fields {
        column
            .children
            .iter()
            .zip(fields)
            .map(|(child, field)| with_id(child, field))
            .collect()
    };
    let data_type = match (field.data_type(), column.children.as_slice()) {
        (DataType::List(element), [child]) => DataType::List(with_id(child, element)),
        (DataType::Struct(fields), _) => DataType::Struct(zip(fields)),
        (DataType::Map(entries, sorted), _) => match entries.data_type() {
            DataType::Struct(fields) => {
                let entries = entries
                    .as_ref()
                    .clone()
                    .with_data_type(DataType::Struct(zip(fields)));
                DataType::Map(Arc::new(entries), *sorted)
            }
            other => other.clone(),
        },
        (plain, _) => plain.clone(),
    };
    let id = HashMap::from([(PARQUET_FIELD_ID_META_KEY.to_owned(), column.id.to_string())]);
    Arc::new(Field::new(field.name(), data_type, field.is_nullable()).with_metadata(id))
}

/// The columns a table will have when rows of `schema` replace what it holds. A column that
/// keeps its name and type keeps its ids; every other one gets ids never used before.
pub(super) fn planned(
    table: &TableName,
    schema: &Schema,
    live: &[LakeColumn],
    next_id: i64,
) -> Result<Vec<LakeColumn>, WarehouseError> {
    if schema.fields().is_empty() {
        return Err(WarehouseError::NoColumns {
            table: table.clone(),
        });
    }
    unique_names(table, None, schema.fields())?;
    let mut numbers = Numbers {
        id: next_id,
        order: 1,
    };
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let stored = stored_type(table, field.name(), field.data_type())?;
        let stored = Field::new(field.name(), stored, field.is_nullable());
        let kept = live.iter().find(|column| column.name == *field.name());
        let kept = kept.filter(|column| {
            arrow_field(column).is_ok_and(|f| f.data_type() == stored.data_type())
        });
        columns.push(numbered(&stored, kept, &mut numbers));
    }
    Ok(columns)
}

struct Numbers {
    id: i64,
    order: i64,
}

fn numbered(field: &Field, kept: Option<&LakeColumn>, numbers: &mut Numbers) -> LakeColumn {
    let id = kept.map_or(numbers.id, |column| column.id);
    if kept.is_none() {
        numbers.id += 1;
    }
    let order = numbers.order;
    numbers.order += 1;
    let below: Vec<&FieldRef> = match field.data_type() {
        DataType::List(element) => vec![element],
        DataType::Struct(fields) => fields.iter().collect(),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => fields.iter().collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let children = below
        .into_iter()
        .enumerate()
        .map(|(index, child)| {
            let kept = kept.and_then(|column| column.children.get(index));
            // DuckLake allows nulls in every nested field, in the keys of maps too.
            LakeColumn {
                nullable: true,
                ..numbered(child, kept, numbers)
            }
        })
        .collect();
    LakeColumn {
        id,
        order,
        name: field.name().clone(),
        lake_type: lake_type(field.data_type()),
        nullable: field.is_nullable(),
        children,
        begin_snapshot: 0,
    }
}

type FoundColumn = (i64, i64, i64, String, String, Option<i64>, Option<i64>);

/// The columns of a table in one snapshot, and the first id that was never used in it.
pub(super) async fn load_columns(
    database: &Database,
    connection: &mut SqliteConnection,
    table_id: i64,
    snapshot: i64,
) -> Result<(Vec<LakeColumn>, i64), WarehouseError> {
    let failed = |source| database.failed("read the columns", source);
    let found: Vec<FoundColumn> = sqlx::query_as(
        "SELECT column_id, begin_snapshot, column_order, column_name, column_type, nulls_allowed, parent_column
         FROM ducklake_column
         WHERE table_id = ? AND begin_snapshot <= ? AND (end_snapshot IS NULL OR end_snapshot > ?)
         ORDER BY column_order, column_id",
    )
    .bind(table_id)
    .bind(snapshot)
    .bind(snapshot)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let last: Option<i64> =
        sqlx::query_scalar("SELECT max(column_id) FROM ducklake_column WHERE table_id = ?")
            .bind(table_id)
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
    let mut by_parent: HashMap<Option<i64>, Vec<FoundColumn>> = HashMap::new();
    for row in found {
        by_parent.entry(row.6).or_default().push(row);
    }
    let columns = tree(&mut by_parent, None, 0).ok_or_else(|| {
        database.damaged(format!("the columns of table {table_id} nest without end"))
    })?;
    Ok((columns, last.unwrap_or(0).saturating_add(1)))
}

/// Takes the children of `parent` out of the rows; `None` when they nest too deep.
fn tree(
    rows: &mut HashMap<Option<i64>, Vec<FoundColumn>>,
    parent: Option<i64>,
    depth: usize,
) -> Option<Vec<LakeColumn>> {
    if depth > DEPTH_MAX {
        return None;
    }
    let found = rows.remove(&parent).unwrap_or_default();
    found
        .into_iter()
        .map(
            |(id, begin_snapshot, order, name, lake_type, nullable, _)| {
                Some(LakeColumn {
                    id,
                    order,
                    name,
                    lake_type,
                    nullable: nullable != Some(0),
                    children: tree(rows, Some(id), depth + 1)?,
                    begin_snapshot,
                })
            },
        )
        .collect()
}
