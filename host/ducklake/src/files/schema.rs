//! From the columns of the catalogue to Arrow schemas, and from a schema to the columns it needs.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;

use super::lake_column::LakeColumn;
use super::types::{arrow_field, lake_type, stored_type, unique_names};
use crate::error::Error;
use crate::name::LakeTableName;

/// The plain Arrow schema of a table, without ids or other metadata.
pub(crate) fn arrow_schema(columns: &[LakeColumn]) -> Result<SchemaRef, String> {
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
pub(crate) fn file_schema(columns: &[LakeColumn], plain: &Schema) -> SchemaRef {
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

/// The columns a table will have when rows of `schema` replace what it holds. A column with
/// the same name and type has the same ids; every other one gets ids never used before.
pub(crate) fn plan_columns(
    table: &LakeTableName,
    schema: &Schema,
    live: &[LakeColumn],
    next_id: i64,
) -> Result<Vec<LakeColumn>, Error> {
    if schema.fields().is_empty() {
        return Err(Error::NoColumns {
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
        let same = live.iter().find(|column| column.name == *field.name());
        let same = same.filter(|column| {
            arrow_field(column).is_ok_and(|f| f.data_type() == stored.data_type())
        });
        columns.push(assign_ids(&stored, same, &mut numbers));
    }
    Ok(columns)
}

struct Numbers {
    id: i64,
    order: i64,
}

fn assign_ids(field: &Field, same: Option<&LakeColumn>, numbers: &mut Numbers) -> LakeColumn {
    let id = same.map_or(numbers.id, |column| column.id);
    if same.is_none() {
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
            let same = same.and_then(|column| column.children.get(index));
            // DuckLake allows nulls in every nested field, in the keys of maps too.
            LakeColumn {
                nullable: true,
                ..assign_ids(child, same, numbers)
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
