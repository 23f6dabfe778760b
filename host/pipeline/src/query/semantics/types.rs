//! SQL's names of types: timestamps are microseconds, a zone is UTC.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::{DFSchema, DFSchemaRef, Result, plan_err};
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::ast::{DataType as SqlType, TimezoneInfo};

/// The zone of every timestamp that has one.
pub(super) const UTC: &str = "UTC";

/// Reads the types whose meaning is ours.
#[derive(Debug)]
pub(super) struct Types;

impl TypePlanner for Types {
    fn plan_type_field(&self, sql_type: &SqlType) -> Result<Option<FieldRef>> {
        let SqlType::Timestamp(digits, zone) = sql_type else {
            return Ok(None);
        };
        let zone = match zone {
            TimezoneInfo::None | TimezoneInfo::WithoutTimeZone => None,
            TimezoneInfo::Tz | TimezoneInfo::WithTimeZone => Some(UTC.into()),
        };
        let unit = match digits {
            None => TimeUnit::Microsecond,
            Some(0) => TimeUnit::Second,
            Some(3) => TimeUnit::Millisecond,
            Some(6) => TimeUnit::Microsecond,
            Some(digits) => {
                return plan_err!(
                    "there is no TIMESTAMP({digits}): timestamps have 0, 3 or 6 digits of a second"
                );
            }
        };
        let data_type = DataType::Timestamp(unit, zone);
        Ok(Some(Arc::new(Field::new("", data_type, true))))
    }
}

/// The type in microseconds that takes the place of one in nanoseconds, or of one whose zone is
/// UTC by another name; nothing for other types.
pub(super) fn micros(data_type: &DataType) -> Option<DataType> {
    match data_type {
        DataType::Timestamp(TimeUnit::Nanosecond, zone) => {
            let zone = zone.as_ref().map(|zone| match &**zone {
                "+00:00" => UTC.into(),
                _ => Arc::clone(zone),
            });
            Some(DataType::Timestamp(TimeUnit::Microsecond, zone))
        }
        _ => None,
    }
}

/// The same columns in microseconds.
pub(super) fn in_micros(schema: &DFSchemaRef) -> Result<DFSchemaRef> {
    let is_in_micros = |field: &FieldRef| micros(field.data_type()).is_none();
    if schema.fields().iter().all(is_in_micros) {
        return Ok(Arc::clone(schema));
    }
    let fields = schema.iter().map(|(table, field)| {
        let field = match micros(field.data_type()) {
            None => Arc::clone(field),
            Some(micros) => Arc::new(field.as_ref().clone().with_data_type(micros)),
        };
        (table.cloned(), field)
    });
    let schema = DFSchema::new_with_metadata(fields.collect(), schema.metadata().clone())?;
    Ok(Arc::new(schema))
}

/// What SQL calls the type of a total.
pub(super) fn sql_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Decimal128(precision, scale) => format!("DECIMAL({precision}, {scale})"),
        other => super::arithmetic::sql_name(other).to_owned(),
    }
}
