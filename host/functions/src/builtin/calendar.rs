//! Counting on the calendar: `date_diff`, `date_sub`, `age`, `last_day`.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array as _, ArrayRef, AsArray as _, Date32Array, Int64Array, IntervalMonthDayNanoArray,
};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, IntervalMonthDayNano, IntervalUnit, TimestampMicrosecondType,
};

use super::age::{Age, last_day, whole_months};
use super::row_function::{Argument, Computed, RowFunction, text_at};
use super::time_part::{Part, moment};

/// The functions of this file.
pub(super) fn functions() -> Vec<RowFunction> {
    use Argument::{Moment, Text};
    vec![
        RowFunction::new(
            "date_diff",
            "date_diff('day', from, to)",
            &[Text, Moment, Moment],
            DataType::Int64,
            date_diff,
        )
        .also(&["datediff"]),
        RowFunction::new(
            "date_sub",
            "date_sub('month', from, to)",
            &[Text, Moment, Moment],
            DataType::Int64,
            date_sub,
        )
        .also(&["datesub"]),
        RowFunction::new(
            "age",
            "age(to, from)",
            &[Moment, Moment],
            DataType::Interval(IntervalUnit::MonthDayNano),
            age,
        ),
        RowFunction::new(
            "last_day",
            "last_day(date)",
            &[Moment],
            DataType::Date32,
            last_days,
        ),
    ]
}

/// The moment of a row in microseconds; none when it is NULL.
pub(super) fn micros(columns: &[ArrayRef], at: usize, row: usize) -> Computed<Option<i64>> {
    let column = columns.get(at);
    let column = column.and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
    let column = column.ok_or_else(|| format!("argument {} is no date", at + 1))?;
    Ok(column.is_valid(row).then(|| column.value(row)))
}

fn counted(
    columns: &[ArrayRef],
    count: impl Fn(Part, i64, i64) -> Computed<i64>,
) -> Computed<ArrayRef> {
    let rows = columns.first().map_or(0, |column| column.len());
    let one = |row| -> Computed<Option<i64>> {
        let (from, to) = (micros(columns, 1, row)?, micros(columns, 2, row)?);
        let (Some(part), Some(from), Some(to)) = (text_at(columns, 0, row)?, from, to) else {
            return Ok(None);
        };
        count(Part::named(part)?, from, to).map(Some)
    };
    Ok(Arc::new(
        (0..rows).map(one).collect::<Computed<Int64Array>>()?,
    ))
}

/// How often the part turns from one moment to the other: the year turns from 31 December to 1
/// January.
fn date_diff(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    counted(columns, |part, from, to| part.turns(from, to))
}

/// How many whole parts lie between.
fn date_sub(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    counted(columns, |part, from, to| {
        let distance = || {
            let distance = to.checked_sub(from);
            distance.ok_or_else(|| "the moments are too far apart".to_owned())
        };
        Ok(match part {
            Part::Months(months) => whole_months(moment(from)?, moment(to)?) / months,
            Part::Micros(micros) => distance()? / micros,
            Part::Weeks => distance()? / (7 * 86_400_000_000),
        })
    })
}

fn age(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    let rows = columns.first().map_or(0, |column| column.len());
    let one = |row| -> Computed<Option<IntervalMonthDayNano>> {
        let (Some(to), Some(from)) = (micros(columns, 0, row)?, micros(columns, 1, row)?) else {
            return Ok(None);
        };
        let age = Age::between(moment(from)?, moment(to)?);
        // Less than a day of nanoseconds.
        Ok(Some(IntervalMonthDayNano::new(
            age.months,
            age.days,
            age.micros * 1000,
        )))
    };
    let ages = (0..rows)
        .map(one)
        .collect::<Computed<IntervalMonthDayNanoArray>>()?;
    Ok(Arc::new(ages))
}

fn last_days(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    let rows = columns.first().map_or(0, |column| column.len());
    let one = |row| -> Computed<Option<i32>> {
        let Some(micros) = micros(columns, 0, row)? else {
            return Ok(None);
        };
        Ok(Some(Date32Type::from_naive_date(last_day(
            moment(micros)?.date(),
        ))))
    };
    Ok(Arc::new(
        (0..rows).map(one).collect::<Computed<Date32Array>>()?,
    ))
}
