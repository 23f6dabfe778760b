//! `date_bin` of microseconds. The engine's own computes in nanoseconds: bins after 2262 are null,
//! and an origin must be in nanoseconds, which SQL here has not.

use std::sync::Arc;

use chrono::{DateTime, Datelike as _, Months, NaiveDateTime};
use datafusion::arrow::array::{Array as _, TimestampMicrosecondArray};
use datafusion::arrow::array::{ArrayRef, AsArray as _, IntervalMonthDayNanoArray};
use datafusion::arrow::datatypes::{
    DataType, IntervalMonthDayNano, IntervalUnit, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::{Result, ScalarValue, exec_err, internal_err, plan_err};
use datafusion::functions::datetime::date_bin;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::error::ComputeError;

const DAY_MICROS: i128 = 86_400_000_000;

/// `date_bin(stride, time)` and `date_bin(stride, time, origin)`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct DateBin {
    /// For times of a day, and for nanoseconds of other writers.
    inner: Arc<ScalarUDF>,
    signature: Signature,
}

impl Default for DateBin {
    fn default() -> Self {
        Self {
            inner: date_bin(),
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }
}

/// The type that times of a type are binned in.
fn binned(source: &DataType) -> Option<DataType> {
    Some(match source {
        DataType::Timestamp(TimeUnit::Nanosecond, _)
        | DataType::Time32(_)
        | DataType::Time64(_) => source.clone(),
        DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
        DataType::Date32 | DataType::Date64 | DataType::Null => {
            DataType::Timestamp(TimeUnit::Microsecond, None)
        }
        text if text.is_string() => DataType::Timestamp(TimeUnit::Microsecond, None),
        _ => return None,
    })
}

impl ScalarUDFImpl for DateBin {
    fn name(&self) -> &str {
        "date_bin"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let takes = "date_bin takes an interval, a timestamp and, where bins are not counted from \
                     1970-01-01, an origin";
        let ([stride, source] | [stride, source, _]) = types else {
            return plan_err!("{takes}");
        };
        let is_stride = stride.is_string()
            || matches!(
                stride,
                DataType::Interval(_) | DataType::Duration(_) | DataType::Null
            );
        let Some(binned) = binned(source).filter(|_| is_stride) else {
            return plan_err!("{takes}");
        };
        let stride = DataType::Interval(IntervalUnit::MonthDayNano);
        let origin = types.get(2).map(|_| binned.clone());
        Ok([stride, binned].into_iter().chain(origin).collect())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types.get(1) {
            Some(source) => Ok(source.clone()),
            None => plan_err!("date_bin takes an interval and a timestamp"),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let ([stride, source] | [stride, source, _]) = args.args.as_slice() else {
            return internal_err!("date_bin takes two or three arguments");
        };
        let DataType::Timestamp(TimeUnit::Microsecond, zone) = source.data_type() else {
            return self.inner.invoke_with_args(args);
        };
        let is_scalar = |value: &ColumnarValue| matches!(value, ColumnarValue::Scalar(_));
        let is_constant = args.args.iter().all(is_scalar);
        let rows = if is_constant { 1 } else { args.number_rows };
        let strides = stride.to_array(rows)?;
        let (strides, times) = (interval(&strides)?, source.to_array(rows)?);
        let origins = match args.args.get(2) {
            Some(origin) => origin.to_array(rows)?,
            None => Arc::new(TimestampMicrosecondArray::from(vec![0; rows])),
        };
        let binned = bins(strides, micros(&times)?, micros(&origins)?)?;
        let binned: ArrayRef = Arc::new(binned.with_timezone_opt(zone));
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                &binned, 0,
            )?));
        }
        Ok(ColumnarValue::Array(binned))
    }

    fn output_ordering(&self, input: &[ExprProperties]) -> Result<SortProperties> {
        let is_constant =
            |input: &ExprProperties| input.sort_properties == SortProperties::Singleton;
        Ok(match input {
            [stride, source, rest @ ..] if is_constant(stride) && rest.iter().all(is_constant) => {
                source.sort_properties
            }
            _ => SortProperties::Unordered,
        })
    }
}

fn interval(column: &ArrayRef) -> Result<&IntervalMonthDayNanoArray> {
    match column.as_primitive_opt() {
        Some(found) => Ok(found),
        None => internal_err!("{} is no interval", column.data_type()),
    }
}

fn micros(column: &ArrayRef) -> Result<&TimestampMicrosecondArray> {
    match column.as_primitive_opt::<TimestampMicrosecondType>() {
        Some(found) => Ok(found),
        None => internal_err!("{} is no timestamp", column.data_type()),
    }
}

fn bins(
    strides: &IntervalMonthDayNanoArray,
    times: &TimestampMicrosecondArray,
    origins: &TimestampMicrosecondArray,
) -> Result<TimestampMicrosecondArray> {
    let mut binned = TimestampMicrosecondArray::builder(times.len());
    for row in 0..times.len() {
        if strides.is_null(row) || times.is_null(row) || origins.is_null(row) {
            binned.append_null();
            continue;
        }
        let (time, origin) = (times.value(row), origins.value(row));
        let found = match strides.value(row) {
            IntervalMonthDayNano {
                months,
                days: 0,
                nanoseconds: 0,
            } if months > 0 => by_months(i64::from(months), time, origin),
            IntervalMonthDayNano {
                months: 0,
                days,
                nanoseconds,
            } => by_micros(width(days, nanoseconds)?, time, origin),
            _ => return exec_err!("{BAD_STRIDE}"),
        };
        binned.append_value(found.ok_or_else(|| ComputeError::Overflow {
            expression: "date_bin".to_owned(),
            data_type: "TIMESTAMP".to_owned(),
            values: format!("{time} microseconds from {origin}"),
        })?);
    }
    Ok(binned.finish())
}

const BAD_STRIDE: &str =
    "the width of date_bin is above zero, and either of months or of days and parts of days";

/// A width in microseconds.
fn width(days: i32, nanoseconds: i64) -> Result<i128> {
    let width = i128::from(days) * DAY_MICROS + i128::from(nanoseconds / 1000);
    match nanoseconds % 1000 == 0 && width > 0 {
        true => Ok(width),
        false => exec_err!("{BAD_STRIDE}; microseconds are the finest"),
    }
}

fn by_micros(width: i128, time: i64, origin: i64) -> Option<i64> {
    let (time, origin) = (i128::from(time), i128::from(origin));
    let bin = (time - origin).div_euclid(width);
    i64::try_from(bin * width + origin).ok()
}

fn by_months(width: i64, time: i64, origin: i64) -> Option<i64> {
    let moment = |micros| DateTime::from_timestamp_micros(micros).map(|at| at.naive_utc());
    let (time, origin) = (moment(time)?, moment(origin)?);
    let month = |at: NaiveDateTime| i64::from(at.year()) * 12 + i64::from(at.month0());
    let begin = |bin: i64| {
        let months = bin.checked_mul(width)?;
        let count = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
        match months >= 0 {
            true => origin.checked_add_months(count),
            false => origin.checked_sub_months(count),
        }
    };
    let bin = (month(time) - month(origin)).div_euclid(width);
    let found = match begin(bin)? {
        // The origin is later in its month than the time in its own.
        later if later > time => begin(bin - 1)?,
        found => found,
    };
    Some(found.and_utc().timestamp_micros())
}
