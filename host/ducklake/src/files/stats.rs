//! Column statistics: out of a Parquet footer, as text in the catalogue, into DataFusion's plans.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, TimeDelta};
use datafusion::arrow::datatypes::{DataType, FieldRef, Schema, TimeUnit};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use parquet::data_type::AsBytes as _;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics as ChunkStatistics;

use serde::{Deserialize, Serialize};

use super::lake_column::LakeColumn;

/// What is known of one leaf column in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnStats {
    pub(crate) column_id: i64,
    /// Its compressed size.
    pub size_bytes: u64,
    /// Values that are not null.
    pub values: u64,
    /// Values that are null.
    pub nulls: u64,
    /// The least value as DuckLake writes it, when it is known exactly.
    pub min: Option<String>,
    /// The greatest value, when it is known exactly.
    pub max: Option<String>,
    /// Whether a float is NaN; nothing for other types. `min` and `max` ignore NaN.
    pub(crate) has_nan: Option<bool>,
}

/// The statistics of a whole file from its row groups; `nan` marks the leaves that have one.
pub(crate) fn file_stats(
    leaves: &[(&LakeColumn, &DataType)],
    metadata: &ParquetMetaData,
    nan: &[bool],
) -> Vec<ColumnStats> {
    leaves
        .iter()
        .enumerate()
        .map(|(index, (column, data_type))| {
            let mut stats = ColumnStats {
                column_id: column.id,
                size_bytes: 0,
                values: 0,
                nulls: 0,
                min: None,
                max: None,
                has_nan: data_type
                    .is_floating()
                    .then(|| nan.get(index).copied().unwrap_or(true)),
            };
            let mut bounds = Bounds::default();
            for group in metadata.row_groups() {
                let Some(chunk) = group.columns().get(index) else {
                    continue;
                };
                let nulls = chunk
                    .statistics()
                    .and_then(ChunkStatistics::null_count_opt)
                    .unwrap_or(0);
                let values = u64::try_from(chunk.num_values())
                    .unwrap_or(0)
                    .saturating_sub(nulls);
                stats.size_bytes += u64::try_from(chunk.compressed_size()).unwrap_or(0);
                stats.nulls += nulls;
                stats.values += values;
                if values > 0 {
                    bounds.add(
                        chunk
                            .statistics()
                            .and_then(|found| exact_bounds(found, data_type)),
                    );
                }
            }
            if let Some((min, max)) = bounds.known() {
                (stats.min, stats.max) = (text(&min, data_type), text(&max, data_type));
            }
            stats
        })
        .collect()
}

/// Least and greatest over row groups; unknown as soon as one group with values does not tell.
#[derive(Default)]
struct Bounds {
    range: Option<(Raw, Raw)>,
    is_unknown: bool,
}

impl Bounds {
    fn add(&mut self, group: Option<(Raw, Raw)>) {
        let Some((low, high)) = group else {
            self.is_unknown = true;
            return;
        };
        self.range = Some(match self.range.take() {
            None => (low, high),
            Some((min, max)) => (
                if low.is_less(&min) { low } else { min },
                if max.is_less(&high) { high } else { max },
            ),
        });
    }

    fn known(self) -> Option<(Raw, Raw)> {
        self.range.filter(|_| !self.is_unknown)
    }
}

/// A bound as Parquet has it, in the order of its logical type.
#[derive(Clone, Debug)]
enum Raw {
    Int(i128),
    Float(f64),
    Text(String),
}

impl Raw {
    fn is_less(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a < b,
            (Self::Float(a), Self::Float(b)) => a < b,
            (Self::Text(a), Self::Text(b)) => a < b,
            _ => false,
        }
    }
}

fn exact_bounds(found: &ChunkStatistics, data_type: &DataType) -> Option<(Raw, Raw)> {
    if !(found.min_is_exact() && found.max_is_exact()) {
        return None;
    }
    let pair = |low: i128, high: i128| Some((Raw::Int(low), Raw::Int(high)));
    match found {
        ChunkStatistics::Boolean(s) => pair(i128::from(*s.min_opt()?), i128::from(*s.max_opt()?)),
        // Parquet keeps unsigned integers in the bits of signed ones.
        ChunkStatistics::Int32(s) if data_type.is_unsigned_integer() => pair(
            i128::from(s.min_opt()?.cast_unsigned()),
            i128::from(s.max_opt()?.cast_unsigned()),
        ),
        ChunkStatistics::Int64(s) if data_type.is_unsigned_integer() => pair(
            i128::from(s.min_opt()?.cast_unsigned()),
            i128::from(s.max_opt()?.cast_unsigned()),
        ),
        ChunkStatistics::Int32(s) => pair(i128::from(*s.min_opt()?), i128::from(*s.max_opt()?)),
        ChunkStatistics::Int64(s) => pair(i128::from(*s.min_opt()?), i128::from(*s.max_opt()?)),
        ChunkStatistics::Float(s) => Some((
            Raw::Float(f64::from(*s.min_opt()?)),
            Raw::Float(f64::from(*s.max_opt()?)),
        )),
        ChunkStatistics::Double(s) => Some((Raw::Float(*s.min_opt()?), Raw::Float(*s.max_opt()?))),
        ChunkStatistics::ByteArray(s) if *data_type == DataType::Utf8 => {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok().map(Raw::Text);
            Some((
                text(s.min_opt()?.as_bytes())?,
                text(s.max_opt()?.as_bytes())?,
            ))
        }
        ChunkStatistics::FixedLenByteArray(s) => pair(
            big_endian(s.min_opt()?.as_bytes())?,
            big_endian(s.max_opt()?.as_bytes())?,
        ),
        _ => None,
    }
}

fn big_endian(bytes: &[u8]) -> Option<i128> {
    let first = *bytes.first()?;
    let fill = if first & 0x80 == 0 { 0 } else { 0xff };
    let mut wide = [fill; 16];
    let start = wide.len().checked_sub(bytes.len())?;
    wide.get_mut(start..)?.copy_from_slice(bytes);
    Some(i128::from_be_bytes(wide))
}

/// A bound in DuckLake's words, or nothing where the text would not lead back to the value.
fn text(raw: &Raw, data_type: &DataType) -> Option<String> {
    match (raw, data_type) {
        (Raw::Text(value), DataType::Utf8) => (!value.contains('\0')).then(|| value.clone()),
        // The shortest text of a float32 differs from that of the same number as float64.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the value came from a float32"
        )]
        (Raw::Float(value), DataType::Float32) => Some(format!("{:?}", *value as f32)),
        (Raw::Float(value), DataType::Float64) => Some(format!("{value:?}")),
        (Raw::Int(value), DataType::Decimal128(_, scale)) => decimal_text(*value, *scale),
        (Raw::Int(value), data_type) => integer_text(*value, data_type),
        _ => None,
    }
}

fn integer_text(value: i128, data_type: &DataType) -> Option<String> {
    let short = || i64::try_from(value).ok();
    match data_type {
        DataType::Date32 => {
            let date = NaiveDate::from_ymd_opt(1970, 1, 1)?
                .checked_add_signed(TimeDelta::try_days(short()?)?)?;
            (1..=9999)
                .contains(&date.year())
                .then(|| date.format("%Y-%m-%d").to_string())
        }
        DataType::Time64(_) => {
            let micros = u64::try_from(value).ok()?;
            let seconds = u32::try_from(micros / 1_000_000).ok()?;
            let nanos = u32::try_from(micros % 1_000_000).ok()? * 1_000;
            let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)?;
            Some(time.format("%H:%M:%S%.f").to_string())
        }
        DataType::Timestamp(unit, zone) => {
            let moment = match unit {
                TimeUnit::Second => DateTime::from_timestamp(short()?, 0)?,
                TimeUnit::Millisecond => DateTime::from_timestamp_millis(short()?)?,
                TimeUnit::Microsecond => DateTime::from_timestamp_micros(short()?)?,
                TimeUnit::Nanosecond => DateTime::from_timestamp_nanos(short()?),
            };
            let suffix = if zone.is_some() { "+00" } else { "" };
            let text = format!(
                "{}{suffix}",
                moment.naive_utc().format("%Y-%m-%d %H:%M:%S%.f")
            );
            (1..=9999).contains(&moment.year()).then_some(text)
        }
        _ => Some(value.to_string()),
    }
}

fn decimal_text(value: i128, scale: i8) -> Option<String> {
    let scale = usize::try_from(scale).ok()?;
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at_checked(digits.len().checked_sub(scale)?)?;
    Some(if scale == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{part}")
    })
}

/// The statistics of one file for DataFusion. `is_exact` is false for files of other writers,
/// whose bounds may be rounded outwards: then the plan has none.
pub(crate) fn plan_statistics(
    schema: &Schema,
    columns: &[LakeColumn],
    rows: u64,
    bytes: u64,
    stats: &[ColumnStats],
    is_exact: bool,
) -> Statistics {
    let count = |value: u64| usize::try_from(value).map_or(Precision::Absent, Precision::Exact);
    let column_statistics = columns
        .iter()
        .zip(schema.fields())
        .map(|(column, field)| {
            let unknown = ColumnStatistics::new_unknown();
            // Nested columns have leaves only, and those are not columns of the plan.
            let Some(found) = stats
                .iter()
                .find(|stats| stats.column_id == column.id && is_exact)
            else {
                return unknown;
            };
            let bound = |text: &Option<String>| {
                plan_bound(text.as_deref(), field.data_type(), found.has_nan)
            };
            unknown
                .with_null_count(count(found.nulls))
                .with_min_value(bound(&found.min))
                .with_max_value(bound(&found.max))
        })
        .collect();
    Statistics {
        num_rows: count(rows),
        total_byte_size: usize::try_from(bytes).map_or(Precision::Absent, Precision::Inexact),
        column_statistics,
    }
}

/// For each column whether a NaN may be in the file: one that is known to have none has not.
pub(crate) fn may_have_nan(
    schema: &Schema,
    columns: &[LakeColumn],
    stats: &[ColumnStats],
) -> Vec<bool> {
    let fields = columns.iter().zip(schema.fields());
    let one = |(column, field): (&LakeColumn, &FieldRef)| {
        let found = stats.iter().find(|stats| stats.column_id == column.id);
        field.data_type().is_floating()
            && found.is_none_or(|found| found.values > 0 && found.has_nan != Some(false))
    };
    fields.map(one).collect()
}

fn plan_bound(
    text: Option<&str>,
    data_type: &DataType,
    has_nan: Option<bool>,
) -> Precision<ScalarValue> {
    // NaN sorts after every number in DataFusion and the bounds of a file ignore it.
    let Some(text) = text.filter(|_| has_nan != Some(true)) else {
        return Precision::Absent;
    };
    let Ok(value) = ScalarValue::try_from_string(text.to_owned(), data_type) else {
        return Precision::Absent;
    };
    let is_zero = match &value {
        ScalarValue::Float32(Some(v)) => *v == 0.0,
        ScalarValue::Float64(Some(v)) => *v == 0.0,
        _ => false,
    };
    // Parquet writes -0.0 for a least and +0.0 for a greatest zero, whichever sign it had.
    if is_zero {
        Precision::Inexact(value)
    } else {
        Precision::Exact(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_written_as_duckdb_writes_them_and_lead_back() {
        let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        for (raw, data_type, expected) in [
            (Raw::Int(125), DataType::Decimal128(10, 2), "1.25"),
            (Raw::Int(-5), DataType::Decimal128(10, 2), "-0.05"),
            (Raw::Int(7), DataType::Decimal128(10, 0), "7"),
            (Raw::Int(19723), DataType::Date32, "2024-01-01"),
            (
                Raw::Int(1_704_067_323_500_000),
                utc,
                "2024-01-01 00:02:03.500+00",
            ),
            (
                Raw::Int(1_704_067_323_000_000),
                DataType::Timestamp(TimeUnit::Microsecond, None),
                "2024-01-01 00:02:03",
            ),
            (
                Raw::Int(3_723_000_000),
                DataType::Time64(TimeUnit::Microsecond),
                "01:02:03",
            ),
            (Raw::Int(1), DataType::Boolean, "1"),
            (
                Raw::Int(i128::from(u64::MAX)),
                DataType::UInt64,
                "18446744073709551615",
            ),
            (Raw::Float(0.1), DataType::Float64, "0.1"),
            (Raw::Float(f64::INFINITY), DataType::Float64, "inf"),
            (Raw::Text("靴底".into()), DataType::Utf8, "靴底"),
        ] {
            let written = text(&raw, &data_type).unwrap();
            assert_eq!(written, expected, "{data_type}");
            let Precision::Exact(back) = plan_bound(Some(&written), &data_type, None) else {
                panic!("{written} as {data_type} does not lead back");
            };
            assert_eq!(back.data_type(), data_type);
        }
        assert_eq!(big_endian(&[0xff, 0xfe]), Some(-2));
        assert_eq!(
            text(&Raw::Int(i128::from(i32::MAX)), &DataType::Date32),
            None
        );
    }

    #[test]
    fn a_nan_or_a_zero_is_no_exact_bound() {
        assert_eq!(
            plan_bound(Some("1.5"), &DataType::Float64, Some(true)),
            Precision::Absent
        );
        let zero = plan_bound(Some("-0.0"), &DataType::Float64, Some(false));
        assert_eq!(zero, Precision::Inexact(ScalarValue::Float64(Some(-0.0))));
    }
}
