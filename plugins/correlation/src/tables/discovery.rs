//! `false_discovery` as SQL sees it.

use crate::discovery::DiscoveryReader;
use std::borrow::Cow;
use tsugi_plugin::{
    Batch, Batches, DataType, Error, Field, Names, Row, Schema, Stream, Streamed, TableCall,
    TableSignature, Values, column,
};

/// The column that is added.
const Q_VALUE: &str = "q_value";

/// `false_discovery((SELECT …), p => 'p_value')`.
pub type FalseDiscoveryTable = Stream<FalseDiscovery>;

/// The correction of p-values for how many hypotheses were tested.
pub struct FalseDiscovery {
    names: Names,
    groups: Vec<String>,
    has_tested: bool,
    has_only: bool,
    returns: Schema,
    reader: DiscoveryReader,
    /// The rows to return, and the place of each among all rows.
    rows: Vec<(Batch, Vec<u32>)>,
    seen: u32,
}

/// A row, as far as it is not passed through; its columns are named by options.
#[derive(Row)]
struct TestColumns {
    p: Option<f64>,
    #[row(optional)]
    tested: Option<f64>,
    #[row(optional)]
    only: Option<bool>,
}

impl Streamed for FalseDiscovery {
    fn signature() -> TableSignature {
        TableSignature::new("false_discovery", "The share of false alarms to expect among all that is at least as clear as a row, when so many hypotheses are tested at once.")
            .port("rows", Schema::new(), "Rows with a p-value, null where nothing was tested; all columns pass through, and q_value is added.")
            .required_option("p", DataType::Utf8, "The column of p-values.")
            .option("groups", DataType::Utf8, "Columns between commas: the rows of each group are corrected by themselves.")
            .option("tested", DataType::Utf8, "The column of how many hypotheses were tested in the row's group, when that is more than there are rows.")
            .option("only", DataType::Utf8, "A boolean column: rows where it is not true are corrected for and not returned.")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let named = |option: &'static str| {
            let name = call.text(option).map(|name| name.trim().to_owned());
            name.map(|name| (option, name))
        };
        let all = ["p", "tested", "only"].into_iter().filter_map(named);
        let names = all.fold(Names::new(), |names, (option, name)| {
            names.with(option, name)
        });
        call.check::<TestColumns>(0, &names)?;
        let groups = call.text("groups").into_iter();
        let groups = groups.flat_map(|names| names.split(','));
        let groups: Vec<String> = groups.map(|name| name.trim().to_owned()).collect();
        let input = call.input(0).map(|schema| Schema::clone(schema));
        let input = input.unwrap_or_default();
        input.select(groups.iter().map(String::as_str))?;
        if input.index_of(Q_VALUE).is_some() {
            let message = format!("the rows have a column {Q_VALUE} already");
            return Err(
                Error::config("column-exists", message).detail("leave it out, or rename it")
            );
        }
        Ok(Self {
            names,
            groups,
            has_tested: call.text("tested").is_some(),
            has_only: call.text("only").is_some(),
            returns: input.with(Field::new(Q_VALUE, DataType::F64).nullable()),
            reader: DiscoveryReader::default(),
            rows: Vec::new(),
            seen: 0,
        })
    }

    fn returns(&self) -> Schema {
        self.returns.clone()
    }

    fn next(&mut self, rows: Batch) -> Result<Option<Batch>, Error> {
        let groups = self.groups.iter();
        let groups = groups.map(|name| rows.read_column::<Cow<'_, str>>(name));
        let groups = groups.collect::<Result<Vec<_>, _>>()?;
        let mut returned = Vec::new();
        for (at, row) in rows.read_named::<TestColumns>(&self.names)?.enumerate() {
            let row = row?;
            let p = (self.names.of("p"), row.p);
            let tested = self
                .has_tested
                .then(|| (self.names.of("tested"), row.tested));
            self.reader.push(&group(&groups, at), p, tested)?;
            if !self.has_only || row.only == Some(true) {
                returned.push(at);
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
fn group<'a>(columns: &[Values<'a, Cow<'a, str>>], row: usize) -> String {
    let mut key = String::new();
    for column in columns {
        match column.get(row) {
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
