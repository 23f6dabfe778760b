//! Which Arrow types a table holds, what DuckLake calls them, and what they come back as.

use std::sync::Arc;

use datafusion::arrow::datatypes::{
    DECIMAL128_MAX_PRECISION, DataType, Field, FieldRef, Fields, TimeUnit,
};

use super::lake_column::LakeColumn;
use crate::error::Error;
use crate::name::LakeTableName;

/// The zone of every zoned timestamp: the instant is stored, the zone it was written in is not.
const UTC: &str = "UTC";
/// What Parquet calls the rows of a map.
const MAP_ENTRIES: &str = "key_value";

/// The type a value of `data_type` is stored as: plain layouts, 32-bit offsets, microseconds
/// where a zone or a time of day is meant. Nested fields may be null, except the keys of maps.
///
/// # Errors
/// [`Error::Unstorable`] for types that DuckLake does not have.
pub(crate) fn stored_type(
    table: &LakeTableName,
    column: &str,
    data_type: &DataType,
) -> Result<DataType, Error> {
    let below = |field: &FieldRef, name: &str| -> Result<FieldRef, Error> {
        let inner = stored_type(table, &format!("{column}.{name}"), field.data_type())?;
        Ok(Arc::new(Field::new(name, inner, true)))
    };
    Ok(match data_type {
        DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Float32
        | DataType::Float64
        | DataType::Date32 => data_type.clone(),
        DataType::Float16 => DataType::Float32,
        DataType::Date64 => DataType::Date32,
        DataType::Time32(_) | DataType::Time64(_) => DataType::Time64(TimeUnit::Microsecond),
        DataType::Timestamp(_, Some(_)) => {
            DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into()))
        }
        DataType::Timestamp(TimeUnit::Second, None) => {
            DataType::Timestamp(TimeUnit::Microsecond, None)
        }
        DataType::Timestamp(unit, None) => DataType::Timestamp(*unit, None),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) | DataType::Decimal128(p, s)
            if u8::try_from(*s).is_ok_and(|scale| scale <= *p) =>
        {
            DataType::Decimal128(*p, *s)
        }
        DataType::Dictionary(_, values) => stored_type(table, column, values)?,
        DataType::RunEndEncoded(_, values) => stored_type(table, column, values.data_type())?,
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _) => DataType::List(below(field, "element")?),
        DataType::Struct(fields) if !fields.is_empty() => {
            unique_names(table, Some(column), fields)?;
            let fields: Result<Vec<_>, _> = fields
                .iter()
                .map(|field| below(field, field.name()))
                .collect();
            DataType::Struct(fields?.into())
        }
        DataType::Map(entries, _) => stored_map(table, column, entries)?,
        other => {
            return Err(Error::Unstorable {
                table: table.clone(),
                column: column.to_owned(),
                data_type: other.to_string(),
                instead: instead_of(other),
            });
        }
    })
}

fn stored_map(table: &LakeTableName, column: &str, entries: &FieldRef) -> Result<DataType, Error> {
    let parts: &[FieldRef] = match entries.data_type() {
        DataType::Struct(fields) => fields,
        _ => &[],
    };
    let [key, value] = parts else {
        return Err(Error::Unstorable {
            table: table.clone(),
            column: column.to_owned(),
            data_type: entries.data_type().to_string(),
            instead: "VARCHAR",
        });
    };
    let key_type = stored_type(table, &format!("{column}.key"), key.data_type())?;
    let value_type = stored_type(table, &format!("{column}.value"), value.data_type())?;
    Ok(map_of(key_type, value_type))
}

fn map_of(key: DataType, value: DataType) -> DataType {
    let parts: Fields = vec![
        Field::new("key", key, false),
        Field::new("value", value, true),
    ]
    .into();
    DataType::Map(
        Arc::new(Field::new(MAP_ENTRIES, DataType::Struct(parts), false)),
        false,
    )
}

fn instead_of(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Interval(_) | DataType::Duration(_) => "BIGINT",
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => "DECIMAL(38, 10)",
        _ => "VARCHAR",
    }
}

/// Refuses names that DuckDB, which ignores case, could not tell apart.
pub(crate) fn unique_names(
    table: &LakeTableName,
    parent: Option<&str>,
    fields: &Fields,
) -> Result<(), Error> {
    let mut seen = std::collections::HashSet::new();
    for field in fields {
        if !seen.insert(field.name().to_lowercase()) {
            let column = match parent {
                Some(parent) => format!("{parent}.{}", field.name()),
                None => field.name().clone(),
            };
            return Err(Error::DuplicateColumn {
                table: table.clone(),
                column,
            });
        }
    }
    Ok(())
}

/// What DuckLake calls a stored type.
pub(crate) fn lake_type(stored: &DataType) -> String {
    match stored {
        DataType::Boolean => "boolean".into(),
        DataType::Float32 => "float32".into(),
        DataType::Float64 => "float64".into(),
        DataType::Date32 => "date".into(),
        DataType::Time64(_) => "time".into(),
        DataType::Timestamp(_, Some(_)) => "timestamptz".into(),
        DataType::Timestamp(TimeUnit::Millisecond, None) => "timestamp_ms".into(),
        DataType::Timestamp(TimeUnit::Nanosecond, None) => "timestamp_ns".into(),
        DataType::Timestamp(_, None) => "timestamp".into(),
        DataType::Utf8 => "varchar".into(),
        DataType::Binary => "blob".into(),
        DataType::Decimal128(p, s) => format!("decimal({p},{s})"),
        DataType::List(_) => "list".into(),
        DataType::Struct(_) => "struct".into(),
        DataType::Map(..) => "map".into(),
        // The remaining stored types are the integers, which Arrow and DuckLake name alike.
        integer => integer.to_string().to_lowercase(),
    }
}

/// The Arrow type of a column of the catalogue, or the name of a type that is not supported.
pub(crate) fn arrow_type(column: &LakeColumn) -> Result<DataType, String> {
    let children = || {
        column
            .children
            .iter()
            .map(arrow_field)
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(match column.lake_type.as_str() {
        "boolean" => DataType::Boolean,
        "int8" => DataType::Int8,
        "int16" => DataType::Int16,
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "uint8" => DataType::UInt8,
        "uint16" => DataType::UInt16,
        "uint32" => DataType::UInt32,
        "uint64" => DataType::UInt64,
        "float32" => DataType::Float32,
        "float64" => DataType::Float64,
        "date" => DataType::Date32,
        "time" => DataType::Time64(TimeUnit::Microsecond),
        "timestamptz" => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        "timestamp" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "timestamp_s" => DataType::Timestamp(TimeUnit::Second, None),
        "timestamp_ms" => DataType::Timestamp(TimeUnit::Millisecond, None),
        "timestamp_ns" => DataType::Timestamp(TimeUnit::Nanosecond, None),
        "varchar" | "json" => DataType::Utf8,
        "blob" => DataType::Binary,
        "uuid" => DataType::FixedSizeBinary(16),
        "struct" if !column.children.is_empty() => DataType::Struct(children()?.into()),
        "list" => match column.children.as_slice() {
            [element] => DataType::List(Arc::new(arrow_field(element)?)),
            _ => return Err("list without element".into()),
        },
        "map" => match column.children.as_slice() {
            [key, value] => map_of(arrow_type(key)?, arrow_type(value)?),
            _ => return Err("map without key and value".into()),
        },
        other => decimal_type(other).ok_or_else(|| other.to_owned())?,
    })
}

/// A column of the catalogue as an Arrow field.
pub(crate) fn arrow_field(column: &LakeColumn) -> Result<Field, String> {
    Ok(Field::new(
        &column.name,
        arrow_type(column)?,
        column.nullable,
    ))
}

fn decimal_type(text: &str) -> Option<DataType> {
    let (precision, scale) = text
        .strip_prefix("decimal(")?
        .strip_suffix(')')?
        .split_once(',')?;
    let precision: u8 = precision.trim().parse().ok()?;
    let scale: u8 = scale.trim().parse().ok()?;
    let fits = (1..=DECIMAL128_MAX_PRECISION).contains(&precision) && scale <= precision;
    fits.then_some(DataType::Decimal128(precision, i8::try_from(scale).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_within_their_bounds() {
        assert_eq!(
            decimal_type("decimal(10,2)"),
            Some(DataType::Decimal128(10, 2))
        );
        for text in [
            "decimal(39,2)",
            "decimal(3,4)",
            "decimal(0,0)",
            "decimal(a,b)",
            "decimal",
            "int128",
        ] {
            assert_eq!(decimal_type(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_stored_has_a_name_that_leads_back() {
        let table = LakeTableName::new("a", "b");
        let text_list =
            DataType::LargeList(Arc::new(Field::new("item", DataType::Utf8View, false)));
        let stored = stored_type(&table, "c", &text_list).unwrap();
        assert_eq!(
            stored,
            DataType::List(Arc::new(Field::new("element", DataType::Utf8, true)))
        );
        let refused = stored_type(&table, "c", &DataType::Null).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "table a.b cannot hold column `c` of type Null"
        );
        for (data_type, name) in [
            (DataType::UInt16, "uint16"),
            (DataType::Int64, "int64"),
            (DataType::Decimal64(9, 2), "decimal(9,2)"),
            (
                DataType::Timestamp(TimeUnit::Nanosecond, Some("Asia/Tokyo".into())),
                "timestamptz",
            ),
        ] {
            assert_eq!(
                lake_type(&stored_type(&table, "c", &data_type).unwrap()),
                name
            );
        }
    }
}
