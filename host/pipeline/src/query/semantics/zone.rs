//! `AT TIME ZONE` as SQL has it: of a moment it is the time on the clocks of a zone, without a
//! zone; of a time without a zone it is the moment when the clocks of the zone show it. The
//! engine's own keeps the zone in the type, which no table stores, so that a CTE and a model
//! differed (apache/datafusion#25175, #13962).

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Days, MappedLocalTime, NaiveDateTime, Offset as _, TimeZone as _, Utc};
use datafusion::arrow::array::timezone::Tz;
use datafusion::arrow::array::{
    Array as _, ArrayRef, AsArray as _, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use datafusion::common::{Result, ScalarValue, internal_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use super::error::ComputeError;
use super::types::UTC;

/// The name that the operator is planned by.
pub(super) const AT_TIME_ZONE: &str = "at_time_zone";

/// `at_time_zone(time, zone)`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct AtTimeZone {
    signature: Signature,
}

impl Default for AtTimeZone {
    fn default() -> Self {
        Self {
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }
}

fn moment() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into()))
}

const CLOCK: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

impl ScalarUDFImpl for AtTimeZone {
    fn name(&self) -> &str {
        AT_TIME_ZONE
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let text = |zone: &DataType| zone.is_string() || zone.is_null();
        Ok(match types {
            [DataType::Timestamp(_, Some(_)), zone] if text(zone) => vec![moment(), DataType::Utf8],
            [
                DataType::Timestamp(_, None) | DataType::Date32 | DataType::Null,
                zone,
            ] if text(zone) => {
                vec![CLOCK, DataType::Utf8]
            }
            _ => return plan_err!("AT TIME ZONE takes a timestamp and the name of a zone"),
        })
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types {
            [DataType::Timestamp(_, Some(_)), _] => Ok(CLOCK),
            _ => Ok(moment()),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [times, zones] = args.args.as_slice() else {
            return internal_err!("AT TIME ZONE takes two arguments");
        };
        let is_constant = [times, zones]
            .iter()
            .all(|one| matches!(one, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let (times, zones) = (times.to_array(rows)?, zones.to_array(rows)?);
        let is_moment = matches!(times.data_type(), DataType::Timestamp(_, Some(_)));
        let (Some(times), Some(zones)) = (times.as_primitive_opt(), zones.as_string_opt::<i32>())
        else {
            return internal_err!("AT TIME ZONE takes a timestamp and a text");
        };
        let moved = moved(times, zones, is_moment)?;
        let moved: ArrayRef = match is_moment {
            true => Arc::new(moved),
            false => Arc::new(moved.with_timezone(UTC)),
        };
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                &moved, 0,
            )?));
        }
        Ok(ColumnarValue::Array(moved))
    }
}

type Micros = datafusion::arrow::array::PrimitiveArray<TimestampMicrosecondType>;

fn moved(times: &Micros, zones: &StringArray, is_moment: bool) -> Result<Micros> {
    let mut known: HashMap<&str, Tz> = HashMap::new();
    let mut moved = TimestampMicrosecondArray::builder(times.len());
    for row in 0..times.len() {
        if times.is_null(row) || zones.is_null(row) {
            moved.append_null();
            continue;
        }
        let name = zones.value(row);
        let zone = match known.get(name) {
            Some(zone) => *zone,
            None => {
                let zone: Tz = name.parse().map_err(|_| ComputeError::Zone {
                    zone: name.to_owned(),
                })?;
                known.insert(name, zone);
                zone
            }
        };
        let shifted = DateTime::from_timestamp_micros(times.value(row)).and_then(|time| {
            Some(match is_moment {
                true => zone
                    .from_utc_datetime(&time.naive_utc())
                    .naive_local()
                    .and_utc(),
                false => shown_at(&zone, time.naive_utc())?,
            })
        });
        match shifted {
            Some(time) => moved.append_value(time.timestamp_micros()),
            None => {
                return Err(ComputeError::Overflow {
                    expression: "AT TIME ZONE".to_owned(),
                    data_type: "TIMESTAMP".to_owned(),
                    values: format!("{} microseconds", times.value(row)),
                }
                .into());
            }
        }
    }
    Ok(moved.finish())
}

/// The moment when the clocks of a zone show a time: the later one of two, and where a clock skips
/// the time, what it would have shown without the change.
fn shown_at(zone: &Tz, time: NaiveDateTime) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&time) {
        MappedLocalTime::Single(moment) | MappedLocalTime::Ambiguous(_, moment) => {
            Some(moment.to_utc())
        }
        MappedLocalTime::None => {
            let before = zone.offset_from_utc_datetime(&time.checked_sub_days(Days::new(1))?);
            time.checked_sub_offset(before.fix())
                .map(|time| time.and_utc())
        }
    }
}
