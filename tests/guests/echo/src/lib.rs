//! A source of one stream, `requests`, whose rows are the requests of the host.
//!
//! Each step gives one row: a column that must equal a literal holds that literal, every other
//! one the whole request. Rows go on until the limit, else until the third.
use tsugi_plugin::{
    Batch, Checkpoint, Error, ReadRequest, Schema, Source, SourceHost, Step, StreamInfo, column,
};

/// Rows of a request without a limit.
const ROWS: u32 = 3;

/// The stream, as far as it has been read.
pub struct Echo {
    columns: Vec<String>,
    request: ReadRequest,
    given: u32,
}

fn whole() -> Schema {
    ["a", "b", "c"]
        .iter()
        .fold(Schema::new(), |schema, name| schema.utf8(*name).nullable())
}

/// The request in words.
fn described(request: &ReadRequest) -> String {
    let filters: Vec<String> = request
        .filters
        .iter()
        .map(|f| {
            let filter = format!("{} {} {}", f.column, f.op, f.literals.join("|"));
            filter.trim_end().to_owned()
        })
        .collect();
    let since: Vec<String> = request
        .since
        .iter()
        .map(|c| format!("{} v{}", String::from_utf8_lossy(&c.state), c.version))
        .collect();
    format!(
        "{} of {}; columns {}; where {}; limit {}; since {}",
        request.mode,
        request.stream,
        request
            .columns
            .as_ref()
            .map_or("all".to_owned(), |names| names.join(",")),
        filters.join(" and "),
        request
            .limit
            .map_or("none".to_owned(), |rows| rows.to_string()),
        since.join(","),
    )
}

impl Source for Echo {
    fn discover(_config: &str, _host: &SourceHost) -> Result<Vec<StreamInfo>, Error> {
        Ok(vec![StreamInfo::new(
            "requests",
            whole(),
            "The request, in words.",
        )])
    }

    fn open(_config: &str, request: ReadRequest, _host: SourceHost) -> Result<Self, Error> {
        let all = || {
            whole()
                .fields()
                .iter()
                .map(|field| field.name.clone())
                .collect()
        };
        let columns = request.columns.clone().unwrap_or_else(all);
        Ok(Self {
            columns,
            request,
            given: 0,
        })
    }

    fn returns(&self) -> Schema {
        self.columns.iter().fold(Schema::new(), |schema, name| {
            schema.utf8(name.as_str()).nullable()
        })
    }

    fn next(&mut self) -> Result<Step, Error> {
        let due = self.request.limit.map_or(ROWS, |limit| limit as u32);
        if self.given >= due {
            return Ok(Step::done());
        }
        self.given += 1;
        let whole = described(&self.request);
        let value = |name: &String| {
            let equal = self
                .request
                .filters
                .iter()
                .find(|f| f.column == *name && f.op == "=");
            equal
                .and_then(|f| f.literals.first())
                .unwrap_or(&whole)
                .clone()
        };
        let rows = Batch::new(self.columns.iter().map(|name| column(name, [value(name)])))?;
        let checkpoint = Checkpoint {
            partition: String::new(),
            version: 7,
            state: format!("row {}", self.given).into_bytes(),
            summary: format!("{} rows", self.given),
            rows: f64::from(self.given),
        };
        Ok(Step::rows(rows).checkpoint(checkpoint))
    }
}

tsugi_plugin::export! { manifest: "plugin.toml", source: Echo }
