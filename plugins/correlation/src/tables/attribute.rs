//! `attribute` as SQL sees it.

use super::{ROWS_MAX, Reading, Stage, columns_there, given, whole};
use crate::attribute::cells::CellReader;
use crate::attribute::options::Options;
use crate::attribute::{self, Finding};
use std::borrow::Cow;
use tsugi_plugin::{
    Batch, DataType, Error, Pulled, Record, Schema, Table, TableCall, TableSignature, schema_of,
};

/// `attribute((SELECT … cells …), factors => '…')`.
pub struct AttributeTable {
    options: Options,
    stage: Stage<CellReader, attribute::Answer>,
}

/// A row of `attribute`.
#[derive(Record)]
struct FindingRow {
    rank: i64,
    topic: String,
    factor: String,
    value: String,
    complaints: i64,
    shipped: f64,
    rate: Option<f64>,
    rest_complaints: i64,
    rest_shipped: f64,
    rate_ratio: Option<f64>,
    rate_ratio_low: Option<f64>,
    rate_ratio_high: Option<f64>,
    p_value: Option<f64>,
    q_value: Option<f64>,
    llr: f64,
    dispersion: f64,
    pairs_tested: i64,
    verdict: String,
    explained_by: Option<String>,
    part_of: Option<String>,
    reason: String,
}

impl From<Finding> for FindingRow {
    fn from(from: Finding) -> Self {
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
            rate_ratio: from.rate_ratio,
            rate_ratio_low: from.interval.low,
            rate_ratio_high: from.interval.high,
            p_value: from.p_value,
            q_value: from.q_value,
            llr: from.llr,
            dispersion: from.dispersion,
            pairs_tested: whole(from.pairs_tested),
            verdict: from.verdict.text().to_owned(),
            explained_by: from.explained_by,
            part_of: from.part_of,
            reason: from.reason,
        }
    }
}

impl Table for AttributeTable {
    fn signature() -> TableSignature {
        TableSignature::new("attribute", "Which factor values carry an excess of complaints, and which are only their shadow.")
            .port("cells", Schema::new(), "One row a cell: topic, shipped, complaints and the factor columns. Shipped units with a null topic count for every topic.")
            .required_option("factors", DataType::Utf8, "The factor columns between commas, the finest unit first.")
            .option("nested", DataType::Utf8, "Which factor is made from which: 'finished_lot<supplier_period'.")
            .option("alpha", DataType::F64, "q below this makes a leading suspect (0.05).")
            .option("review_alpha", DataType::F64, "q below this needs a person (0.10).")
            .option("min_complaints", DataType::I64, "Complaints a leading suspect must have at least (5).")
            .option("min_ratio", DataType::F64, "The interval of a leading suspect's rate ratio must lie above this (1).")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let options = Options::parse(
            call.text("factors").unwrap_or_default(),
            call.text("nested"),
            call.number("alpha").unwrap_or(0.05),
            call.number("review_alpha").unwrap_or(0.10),
            call.integer("min_complaints").unwrap_or(5),
            call.number("min_ratio").unwrap_or(1.0),
        )?;
        let named = options.factors.iter().map(String::as_str);
        columns_there(
            call,
            ["topic", "shipped", "complaints"].into_iter().chain(named),
        )?;
        let stage = Stage::Reading(CellReader::new(&options));
        Ok(Self { options, stage })
    }

    fn returns(&self) -> Schema {
        schema_of::<FindingRow>()
    }

    fn push(&mut self, _port: usize, rows: Batch) -> Result<(), Error> {
        let Stage::Reading(reader) = &mut self.stage else {
            return Ok(());
        };
        let column = |name: &str| rows.column(name).map(|column| Reading(Some(column)));
        let (topic, shipped, complaints) =
            (column("topic")?, column("shipped")?, column("complaints")?);
        let factors = self
            .options
            .factors
            .iter()
            .map(|name| column(name))
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..rows.rows() {
            let texts: Vec<Option<Cow<'_, str>>> =
                factors.iter().map(|column| column.text(row)).collect();
            let values: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
            let topic = topic.text(row);
            reader.push(
                topic.as_deref(),
                shipped.number(row)?,
                complaints.number(row)?,
                &values,
            )?;
        }
        Ok(())
    }

    fn close(&mut self, _port: usize) -> Result<(), Error> {
        if let Stage::Reading(reader) = std::mem::replace(&mut self.stage, Stage::Done) {
            self.stage =
                Stage::Answering(attribute::attribute(reader.finish(), self.options.clone())?);
        }
        Ok(())
    }

    fn pull(&mut self) -> Result<Pulled, Error> {
        Ok(match &mut self.stage {
            Stage::Reading(_) => Pulled::Need(0),
            Stage::Answering(answer) => {
                given(answer.next_rows(ROWS_MAX).into_iter().map(FindingRow::from))
                    .map_or(Pulled::Finished, Pulled::Batch)
            }
            Stage::Done => Pulled::Finished,
        })
    }
}
