//! Moments as text and back: `strftime`, `strptime`, `try_strptime`.

use std::fmt::Write as _;
use std::sync::Arc;

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{NaiveDateTime, NaiveTime};
use datafusion::arrow::array::{ArrayRef, StringArray, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::DataType;

use super::calendar::micros;
use super::row_function::{Argument, Computed, MOMENT, RowFunction, text_at};
use super::time_part::moment;

/// The functions of this file.
pub(super) fn functions() -> Vec<RowFunction> {
    use Argument::{Moment, Text};
    vec![
        RowFunction::new(
            "strftime",
            "strftime(date, '%Y-%m-%d')",
            &[Moment, Text],
            DataType::Utf8,
            strftime,
        ),
        RowFunction::new(
            "strptime",
            "strptime(text, '%d.%m.%Y')",
            &[Text, Text],
            MOMENT,
            |columns| strptime(columns, false),
        ),
        RowFunction::new(
            "try_strptime",
            "try_strptime(text, '%d.%m.%Y')",
            &[Text, Text],
            MOMENT,
            |columns| strptime(columns, true),
        ),
    ]
}

/// The parts of a format, in the spelling of DuckDB and of C.
fn items(format: &str, is_parsed: bool) -> Computed<Vec<Item<'static>>> {
    let mut ours = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        let Some(character) = after.chars().next() else {
            return Err(format!(
                "the format '{format}' ends in %: write %% for the sign"
            ));
        };
        rest = after.get(character.len_utf8()..).unwrap_or_default();
        ours.push_str(before);
        match character {
            // Microseconds: a fraction of any length when it is read after a point.
            'f' if is_parsed && ours.ends_with('.') => {
                ours.pop();
                ours.push_str("%.f");
            }
            'f' => ours.push_str("%6f"),
            'g' => ours.push_str("%3f"),
            'n' => ours.push_str("%9f"),
            'c' => ours.push_str("%Y-%m-%d %H:%M:%S"),
            'x' => ours.push_str("%Y-%m-%d"),
            'X' => ours.push_str("%H:%M:%S"),
            'a' | 'A' | 'w' | 'u' | 'd' | 'b' | 'h' | 'B' | 'm' | 'y' | 'Y' | 'H' | 'I' | 'p'
            | 'M' | 'S' | 'j' | 'U' | 'W' | 'G' | 'V' | 'D' | 'F' | 'T' | 'R' | 'e' | '%' => {
                ours.push('%');
                ours.push(character);
            }
            '-' => {
                let part = rest.chars().next().unwrap_or_default();
                if !"dmyHIMSj".contains(part) {
                    return Err(format!("'%-{part}' is no part of a format"));
                }
                rest = rest.get(1..).unwrap_or_default();
                let _ = write!(ours, "%-{part}");
            }
            _ => return Err(format!("'%{character}' is no part of a format")),
        }
    }
    ours.push_str(rest);
    let items = StrftimeItems::new(&ours).map(Item::to_owned);
    Ok(items.collect())
}

/// The format of the row before, which is nearly always that of this row.
#[derive(Default)]
struct Formats {
    last: Option<(String, Vec<Item<'static>>)>,
}

impl Formats {
    fn get(&mut self, format: &str, is_parsed: bool) -> Computed<&[Item<'static>]> {
        if self.last.as_ref().is_none_or(|(last, _)| last != format) {
            self.last = Some((format.to_owned(), items(format, is_parsed)?));
        }
        Ok(self.last.as_ref().map_or(&[], |(_, items)| items))
    }
}

fn strftime(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    let rows = columns.first().map_or(0, |column| column.len());
    let mut formats = Formats::default();
    let one = |row| -> Computed<Option<String>> {
        let (Some(micros), Some(format)) = (micros(columns, 0, row)?, text_at(columns, 1, row)?)
        else {
            return Ok(None);
        };
        let items = formats.get(format, false)?;
        let mut text = String::new();
        match write!(text, "{}", moment(micros)?.format_with_items(items.iter())) {
            Ok(()) => Ok(Some(text)),
            Err(_) => Err(format!("a date cannot be written as '{format}'")),
        }
    };
    Ok(Arc::new(
        (0..rows).map(one).collect::<Computed<StringArray>>()?,
    ))
}

fn strptime(columns: &[ArrayRef], is_lenient: bool) -> Computed<ArrayRef> {
    let rows = columns.first().map_or(0, |column| column.len());
    let mut formats = Formats::default();
    let one = |row| -> Computed<Option<i64>> {
        let (Some(text), Some(format)) = (text_at(columns, 0, row)?, text_at(columns, 1, row)?)
        else {
            return Ok(None);
        };
        match read(text, formats.get(format, true)?) {
            Some(moment) => Ok(Some(moment.and_utc().timestamp_micros())),
            None if is_lenient => Ok(None),
            None => Err(format!(
                "'{text}' is no date in the format '{format}'; try_strptime gives NULL instead"
            )),
        }
    };
    let moments = (0..rows)
        .map(one)
        .collect::<Computed<TimestampMicrosecondArray>>()?;
    Ok(Arc::new(moments))
}

/// What the format does not say is the beginning: of the year, the month, the day.
fn read(text: &str, items: &[Item<'static>]) -> Option<NaiveDateTime> {
    let mut parsed = Parsed::new();
    // Blanks at the end are no part of the date.
    parse(&mut parsed, text.trim_end_matches(' '), items.iter()).ok()?;
    // 69 is 1969, as POSIX and DuckDB read it.
    if parsed.year_div_100().is_none()
        && parsed.year().is_none()
        && parsed.year_mod_100() == Some(69)
    {
        parsed.set_year_div_100(19).ok()?;
    }
    let is_by_week = parsed.isoweek().is_some()
        || parsed.week_from_mon().is_some()
        || parsed.week_from_sun().is_some();
    if parsed.ordinal().is_none() && !is_by_week {
        if parsed.month().is_none() {
            parsed.set_month(1).ok()?;
        }
        if parsed.day().is_none() {
            parsed.set_day(1).ok()?;
        }
    }
    let date = parsed.to_naive_date().ok()?;
    if parsed.hour_mod_12().is_some() && parsed.minute().is_none() {
        parsed.set_minute(0).ok()?;
    }
    let time = match parsed.hour_mod_12().is_some() {
        true => parsed.to_naive_time().ok()?,
        false => NaiveTime::MIN,
    };
    Some(date.and_time(time))
}
