//! The columns of a table as a tree, with the ids that the catalogue and Parquet files share.

use serde::{Deserialize, Serialize};

/// One column, or one field inside a nested column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeColumn {
    /// The id in the catalogue and the field id in every Parquet file.
    pub id: i64,
    /// The place among the columns of the table, nested fields counted.
    pub order: i64,
    /// The name as readers see it.
    pub name: String,
    /// The type in DuckLake's words: `int64`, `decimal(10,2)`, `list`.
    pub(crate) lake_type: String,
    /// Whether it may be null.
    pub nullable: bool,
    /// The fields of a struct, the `element` of a list, the `key` and `value` of a map.
    pub children: Vec<LakeColumn>,
    /// The snapshot that made it what it is.
    pub(crate) begin_snapshot: i64,
}

/// One row of `ducklake_column` without its span of snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ColumnRow {
    pub(crate) id: i64,
    pub(crate) order: i64,
    pub(crate) name: String,
    pub(crate) lake_type: String,
    pub(crate) nullable: bool,
    pub(crate) parent: Option<i64>,
}

/// The rows of a tree, parents before children.
pub(crate) fn rows(columns: &[LakeColumn]) -> Vec<ColumnRow> {
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
pub(crate) fn leaves(columns: &[LakeColumn]) -> Vec<&LakeColumn> {
    columns
        .iter()
        .flat_map(|column| match column.children.is_empty() {
            true => vec![column],
            false => leaves(&column.children),
        })
        .collect()
}
