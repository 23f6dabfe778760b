//! `attribute` as SQL sees it.

use super::whole;
use crate::attribute::ages::AgeReader;
use crate::attribute::factors::{FactorReader, NestingReader};
use crate::attribute::options::Options;
use crate::attribute::reader::CellReader;
use crate::attribute::series::SeriesReader;
use crate::attribute::{self, Comparison};
use std::borrow::Cow;
use tsugi_plugin::{
    Batch, Batches, DataType, Error, Inputs, Names, Record, Row, Schema, Stream, Streamed,
    TableCall, TableSignature, schema_of,
};

const CELLS: usize = 0;
const FACTORS: usize = 1;
const NESTED: usize = 2;
const SERIES: usize = 3;
const AGES: usize = 4;

/// `attribute((SELECT … cells …), factors => (SELECT unit, factor, value …))`.
pub type AttributeTable = Stream<Attribution>;

/// What a call reads: first what is known of units and of factors, then cells.
pub struct Attribution {
    options: Options,
    /// The factor columns of the cells, the unit first.
    columns: Vec<String>,
    units: FactorReader,
    nesting: Option<NestingReader>,
    series: SeriesReader,
    ages: AgeReader,
    cells: Option<CellReader>,
}

/// A row of `attribute`.
#[derive(Record)]
struct ComparisonRow {
    rank: i64,
    topic: String,
    factor: String,
    value: String,
    complaints: i64,
    shipped: f64,
    rate: Option<f64>,
    rest_complaints: i64,
    rest_shipped: f64,
    expected: Option<f64>,
    plain_ratio: Option<f64>,
    rate_ratio: Option<f64>,
    rate_ratio_low: Option<f64>,
    rate_ratio_high: Option<f64>,
    p_value: Option<f64>,
    q_value: Option<f64>,
    llr: f64,
    dispersion: f64,
    units: Option<i64>,
    evenness: Option<f64>,
    evenness_p: Option<f64>,
    pairs_tested: i64,
    verdict: String,
    explained_by: Option<String>,
    part_of: Option<String>,
    rivals: Option<String>,
    reason: String,
    series: Option<String>,
    first_step: Option<String>,
    last_step: Option<String>,
}

impl From<Comparison> for ComparisonRow {
    fn from(from: Comparison) -> Self {
        Self {
            rank: whole(from.rank),
            topic: from.topic,
            factor: from.factor,
            value: from.value,
            complaints: whole(from.complaints),
            shipped: from.shipped,
            rate: from.rate,
            rest_complaints: whole(from.rest_complaints),
            rest_shipped: from.rest_shipped,
            expected: from.expected,
            plain_ratio: from.plain_ratio,
            rate_ratio: from.rate_ratio,
            rate_ratio_low: from.interval.low,
            rate_ratio_high: from.interval.high,
            p_value: from.p_value,
            q_value: from.q_value,
            llr: from.llr,
            dispersion: from.dispersion,
            units: from.evenness.map(|found| whole(found.units)),
            evenness: from.evenness.map(|found| found.llr),
            evenness_p: from.evenness.map(|found| found.p),
            pairs_tested: whole(from.pairs_tested),
            verdict: from.verdict.text().to_owned(),
            explained_by: from.explained_by,
            part_of: from.part_of,
            rivals: from.rivals,
            reason: from.reason,
            series: from.series,
            first_step: from.first,
            last_step: from.last,
        }
    }
}

/// A row of `cells`, beside its factors.
#[derive(Row)]
struct CellColumns<'a> {
    topic: Option<Cow<'a, str>>,
    shipped: Option<f64>,
    complaints: Option<f64>,
}

/// A row of `factors`; the unit's column is named as in the cells.
#[derive(Row)]
struct FactorColumns<'a> {
    unit: Option<Cow<'a, str>>,
    factor: Option<Cow<'a, str>>,
    value: Option<Cow<'a, str>>,
}

/// A row of `nested`.
#[derive(Row)]
struct NestingColumns<'a> {
    factor: Option<Cow<'a, str>>,
    made_into: Option<Cow<'a, str>>,
    #[row(optional)]
    position: Option<f64>,
}

/// A row of `series`; the unit's column is named as in the cells.
#[derive(Row)]
struct SeriesColumns<'a> {
    unit: Option<Cow<'a, str>>,
    factor: Option<Cow<'a, str>>,
    series: Option<Cow<'a, str>>,
    step: Option<Cow<'a, str>>,
}

/// A row of `ages`; the unit's column is named as in the cells.
#[derive(Row)]
struct AgeColumns<'a> {
    unit: Option<Cow<'a, str>>,
    topic: Option<Cow<'a, str>>,
    age: Option<Cow<'a, str>>,
    at_risk: Option<f64>,
    complaints: Option<f64>,
}

/// The factor columns of the cells, the unit first: the column that the factors have beside `factor` and
/// `value`, else the first of the cells.
fn factor_columns(call: &TableCall) -> Result<Vec<String>, Error> {
    let others = |port: usize, known: &[&str]| -> Vec<String> {
        let fields = call.input(port).map_or(&[][..], |schema| schema.fields());
        let names = fields.iter().map(|field| field.name.as_str());
        let others = names.filter(|name| !known.contains(name));
        others.map(str::to_owned).collect()
    };
    let mut columns = others(CELLS, &["topic", "shipped", "complaints"]);
    // What is known of units names their column; all that know something of them agree on it.
    let mut named: Option<String> = None;
    let of_units = [
        (AGES, "ages", &["topic", "age", "at_risk", "complaints"][..]),
        (SERIES, "series", &["factor", "series", "step"][..]),
        (FACTORS, "factors", &["factor", "value"][..]),
    ];
    for (port, what, known) in of_units {
        let Some(schema) = call.input(port) else {
            continue;
        };
        schema.select(known.iter().copied())?;
        let [unit] = <[String; 1]>::try_from(others(port, known)).map_err(|_| {
            let known = known.join(", ");
            let message = format!("the {what} need these columns and no other: the unit, {known}");
            Error::config("bad-columns", message)
        })?;
        let names = Names::new().with("unit", unit.as_str());
        match port {
            FACTORS => call.check::<FactorColumns<'_>>(port, &names)?,
            SERIES => call.check::<SeriesColumns<'_>>(port, &names)?,
            _ => call.check::<AgeColumns<'_>>(port, &names)?,
        };
        if named.is_none() {
            let place = columns.iter().position(|name| *name == unit);
            let place = place.ok_or_else(|| {
                let message = format!("the {what} are of `{unit}`, which the cells do not have");
                Error::config("missing-column", message)
            })?;
            columns.remove(place);
            columns.insert(0, unit.clone());
        }
        let first = named.get_or_insert_with(|| unit.clone());
        if *first != unit {
            let message = format!("the {what} are of `{unit}`, and other rows of `{first}`");
            return Err(Error::config("bad-columns", message));
        }
    }
    if columns.is_empty() {
        let message = "the cells have no factor beside topic, shipped and complaints";
        return Err(Error::config("missing-column", message));
    }
    Ok(columns)
}

impl Streamed for Attribution {
    fn signature() -> TableSignature {
        TableSignature::new("attribute", "Which factor values carry an excess of complaints, and which are only their shadow.")
            .rows::<CellColumns<'_>>("cells", "One row a cell: topic, shipped, complaints; every other column is a factor, the unit first. Shipped units with a null topic count for every topic.")
            .optional_port("factors", Schema::new(), "What is known of a unit: rows of unit (named as in the cells), factor and value.")
            .optional_rows::<NestingColumns<'_>>("nested", "What a factor is made into: rows of factor and made_into; with a column position, the order of the factors.")
            .optional_port("series", Schema::new(), "Where a unit stands in a series: rows of unit (named as in the cells), factor, series and step; steps in the order of their texts, such as days as 2025-08-07. Windows of a series are searched and become values of the factor.")
            .optional_port("ages", Schema::new(), "Time at risk: rows of unit (named as in the cells), topic, age, at_risk and complaints. Without a topic, how many of the unit's units were out at that age; with one, complaints at that age. Comparisons are then made at equal time at risk.")
            .option("alpha", DataType::F64, "q below this makes a leading suspect (0.05).")
            .option("review_alpha", DataType::F64, "q below this needs a person (0.10).")
            .option("min_complaints", DataType::I64, "Complaints a leading suspect must have at least (5).")
            .option("min_ratio", DataType::F64, "The interval of a leading suspect's rate ratio must lie above this (1).")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let options = Options::check(
            call.number("alpha").unwrap_or(0.05),
            call.number("review_alpha").unwrap_or(0.10),
            call.integer("min_complaints").unwrap_or(5),
            call.number("min_ratio").unwrap_or(1.0),
        )?;
        Ok(Self {
            options,
            columns: factor_columns(call)?,
            units: FactorReader::default(),
            nesting: call.input(NESTED).map(|_| NestingReader::default()),
            series: SeriesReader::default(),
            ages: AgeReader::default(),
            cells: None,
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<ComparisonRow>()
    }

    fn receive(&mut self, port: usize, rows: Batch) -> Result<Option<Batch>, Error> {
        match (port, &mut self.nesting) {
            (NESTED, Some(reader)) => {
                for row in rows.read::<NestingColumns<'_>>()? {
                    let row = row?;
                    let (factor, made_into) = (row.factor.as_deref(), row.made_into.as_deref());
                    reader.push(factor, made_into, row.position)?;
                }
            }
            (AGES, _) => {
                let unit = self.columns.first().map_or("", String::as_str);
                let names = Names::new().with("unit", unit);
                for row in rows.read_named::<AgeColumns<'_>>(&names)? {
                    let row = row?;
                    let (topic, age) = (row.topic.as_deref(), row.age.as_deref());
                    self.ages.push(
                        (unit, row.unit.as_deref()),
                        (topic, age),
                        row.at_risk,
                        row.complaints,
                    )?;
                }
            }
            (SERIES, _) => {
                let unit = self.columns.first().map_or("", String::as_str);
                let names = Names::new().with("unit", unit);
                for row in rows.read_named::<SeriesColumns<'_>>(&names)? {
                    let row = row?;
                    let (series, step) = (row.series.as_deref(), row.step.as_deref());
                    self.series.push(
                        (unit, row.unit.as_deref()),
                        row.factor.as_deref(),
                        series,
                        step,
                    )?;
                }
            }
            _ => {
                let unit = self.columns.first().map_or("", String::as_str);
                let names = Names::new().with("unit", unit);
                for row in rows.read_named::<FactorColumns<'_>>(&names)? {
                    let row = row?;
                    let (factor, value) = (row.factor.as_deref(), row.value.as_deref());
                    self.units
                        .push((unit, row.unit.as_deref()), factor, value)?;
                }
            }
        }
        Ok(None)
    }

    fn ready(&mut self, _sides: &Inputs) -> Result<(), Error> {
        let units = std::mem::take(&mut self.units);
        let cells = CellReader::new(
            &self.columns,
            units,
            self.nesting.as_ref(),
            (
                std::mem::take(&mut self.series),
                std::mem::take(&mut self.ages),
            ),
        )?;
        self.cells = Some(cells);
        Ok(())
    }

    fn next(&mut self, rows: Batch) -> Result<Option<Batch>, Error> {
        let reader = self.cells.as_mut();
        let reader = reader.ok_or_else(|| Error::defect("not-ready", "cells came too early"))?;
        let factors = self.columns.iter();
        let factors = factors.map(|name| rows.read_column::<Cow<'_, str>>(name));
        let factors = factors.collect::<Result<Vec<_>, _>>()?;
        for (at, cell) in rows.read::<CellColumns<'_>>()?.enumerate() {
            let cell = cell?;
            let texts: Vec<_> = factors.iter().map(|column| column.get(at)).collect();
            let values: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
            reader.push(
                cell.topic.as_deref(),
                cell.shipped,
                cell.complaints,
                &values,
            )?;
        }
        Ok(None)
    }

    fn end(&mut self) -> Result<Batches, Error> {
        let cells = self.cells.take();
        let cells = cells.ok_or_else(|| Error::defect("not-ready", "the end came twice"))?;
        let answer = attribute::attribute(cells.finish(), self.options)?;
        Ok(Batches::rows(answer.map(ComparisonRow::from)))
    }
}
