//! `false_discovery` as SQL sees it.

use super::{Reading, columns_there};
use crate::discovery::DiscoveryReader;
use std::collections::VecDeque;
use tsugi_plugin::{
    Batch, DataType, Error, Field, Schema, Stream, Streamed, TableCall, TableSignature, column,
};

/// The column that is added.
const Q_VALUE: &str = "q_value";

/// `false_discovery((SELECT …), p => 'p_value')`.
pub type FalseDiscoveryTable = Stream<FalseDiscovery>;

/// The correction of p-values for how many questions were asked.
pub struct FalseDiscovery {
    p: String,
    groups: Vec<String>,
    tested: Option<String>,
    only: Option<String>,
    returns: Schema,
    reader: Option<DiscoveryReader>,
    /// The rows to return, and the place of each among all rows.
    rows: VecDeque<(Batch, Vec<u32>)>,
    seen: u32,
    q_values: Vec<Option<f64>>,
}

impl Streamed for FalseDiscovery {
    fn signature() -> TableSignature {
        TableSignature::new("false_discovery", "The share of false alarms to expect among all that is at least as clear as a row, when so many questions were asked at once.")
            .port("rows", Schema::new(), "Rows with a p-value, null where nothing was tested; all columns pass through, and q_value is added.")
            .required_option("p", DataType::Utf8, "The column of p-values.")
            .option("groups", DataType::Utf8, "Columns between commas: the rows of each group are corrected by themselves.")
            .option("tested", DataType::Utf8, "The column that says how many questions were asked in the row's group, when that is more than there are rows.")
            .option("only", DataType::Utf8, "A boolean column: rows where it is not true are corrected for and not returned.")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let text = |option: &str| call.text(option).map(|name| name.trim().to_owned());
        let p = text("p").unwrap_or_default();
        let groups: Vec<String> = text("groups")
            .iter()
            .flat_map(|names| names.split(','))
            .map(|name| name.trim().to_owned())
            .collect();
        let (tested, only) = (text("tested"), text("only"));
        let named = [&p].into_iter().chain(&groups).chain(&tested).chain(&only);
        columns_there(call, named.map(String::as_str))?;
        let given = call.input(0).map(|schema| Schema::clone(schema));
        let given = given.unwrap_or_default();
        if given.index_of(Q_VALUE).is_some() {
            let message = format!("the rows have a column {Q_VALUE} already");
            return Err(
                Error::config("column-exists", message).detail("leave it out, or rename it")
            );
        }
        Ok(Self {
            p,
            groups,
            tested,
            only,
            returns: given.with(Field::new(Q_VALUE, DataType::F64).nullable()),
            reader: Some(DiscoveryReader::default()),
            rows: VecDeque::new(),
            seen: 0,
            q_values: Vec::new(),
        })
    }

    fn returns(&self) -> Schema {
        self.returns.clone()
    }

    fn next(&mut self, rows: Batch) -> Result<Option<Batch>, Error> {
        let reader = self.reader.as_mut();
        let reader = reader.ok_or_else(|| Error::defect("ended", "rows came after the last"))?;
        let column = |name: &String| rows.column(name).map(|column| Reading(Some(column)));
        let p = column(&self.p)?;
        let tested = self.tested.as_ref().map(column).transpose()?;
        let groups = self.groups.iter().map(column);
        let groups = groups.collect::<Result<Vec<_>, _>>()?;
        let only = self.only.as_ref().map(|name| rows.bool(name)).transpose()?;
        let mut returned = Vec::new();
        for row in 0..rows.rows() {
            let number = match &tested {
                Some(tested) => Some(tested.number(row)?),
                None => None,
            };
            let tested = self.tested.as_deref().zip(number);
            reader.push(&group(&groups, row), (&self.p, p.number(row)?), tested)?;
            if only.is_none_or(|only| only.get(row) == Some(true)) {
                returned.push(row);
            }
        }
        let first = self.seen;
        self.seen += u32::try_from(rows.rows()).unwrap_or(u32::MAX);
        let places = returned.iter().map(|row| first + *row as u32).collect();
        if returned.len() == rows.rows() {
            self.rows.push_back((rows, places));
        } else if !returned.is_empty() {
            self.rows.push_back((rows.select_rows(&returned)?, places));
        }
        Ok(None)
    }

    fn end(&mut self) -> Result<Option<Batch>, Error> {
        if let Some(reader) = self.reader.take() {
            self.q_values = reader.finish();
        }
        let Some((rows, places)) = self.rows.pop_front() else {
            return Ok(None);
        };
        let q_value = |place: &u32| self.q_values.get(*place as usize).copied().flatten();
        rows.with_column(column(Q_VALUE, places.iter().map(q_value)))
            .map(Some)
    }
}

/// A text that only rows of the same group have.
fn group(columns: &[Reading<'_>], row: usize) -> String {
    let mut key = String::new();
    for column in columns {
        match column.text(row) {
            Some(text) => {
                key.push_str(&text.len().to_string());
                key.push(':');
                key.push_str(&text);
            }
            None => key.push('-'),
        }
    }
    key
}
