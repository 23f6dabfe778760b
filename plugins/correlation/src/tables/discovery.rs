//! `false_discovery` as SQL sees it.

use super::{Reading, columns_there};
use crate::discovery::DiscoveryReader;
use tsugi_plugin::{
    Batch, Batches, DataType, Error, Field, Schema, Stream, Streamed, TableCall, TableSignature,
    column,
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
    reader: DiscoveryReader,
    /// The rows to return, and the place of each among all rows.
    rows: Vec<(Batch, Vec<u32>)>,
    seen: u32,
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
            reader: DiscoveryReader::default(),
            rows: Vec::new(),
            seen: 0,
        })
    }

    fn returns(&self) -> Schema {
        self.returns.clone()
    }

    fn next(&mut self, rows: Batch) -> Result<Option<Batch>, Error> {
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
            self.reader
                .push(&group(&groups, row), (&self.p, p.number(row)?), tested)?;
            if only.is_none_or(|only| only.get(row) == Some(true)) {
                returned.push(row);
            }
        }
        let first = self.seen;
        self.seen += u32::try_from(rows.rows()).unwrap_or(u32::MAX);
        let places = returned.iter().map(|row| first + *row as u32).collect();
        if returned.len() == rows.rows() {
            self.rows.push((rows, places));
        } else if !returned.is_empty() {
            self.rows.push((rows.select_rows(&returned)?, places));
        }
        Ok(None)
    }

    fn end(&mut self) -> Result<Batches, Error> {
        let q_values = std::mem::take(&mut self.reader).finish();
        let q_value = move |place: &u32| q_values.get(*place as usize).copied().flatten();
        let rows = std::mem::take(&mut self.rows).into_iter();
        Ok(Batches::of(rows.map(move |(rows, places)| {
            rows.with_column(column(Q_VALUE, places.iter().map(&q_value)))
        })))
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
