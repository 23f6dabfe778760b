//! What `tsugi query` takes: a SELECT, or a statement that describes tables, queries and plans.

use super::error::QueryError;
use super::parse::Parsed;
use tsugi_core::diagnostic::Place;

/// One statement of a person.
#[derive(Debug, Clone)]
pub enum Request {
    /// A query.
    Rows(Parsed),
    /// `SHOW TABLES`.
    Tables,
    /// `DESCRIBE t`, `SHOW COLUMNS FROM t`, `DESCRIBE SELECT …`: a query, and the table as it is
    /// written where it is one.
    Describe(Parsed, Option<String>),
    /// `EXPLAIN SELECT …`.
    Explain(Parsed),
    /// `SUMMARIZE t` and `SUMMARIZE SELECT …`.
    Summarize(Parsed),
}

impl Request {
    /// Reads the text of `file`.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn new(file: &str, sql: &str) -> Result<Self, QueryError> {
        let sql = sql.trim_end().trim_end_matches(';');
        let (first, rest) = word(sql);
        match first.as_str() {
            "SHOW" => show(file, rest),
            "DESCRIBE" | "DESC" => {
                let (parsed, table) = relation(file, rest)?;
                Ok(Self::Describe(parsed, table))
            }
            "EXPLAIN" => match word(rest).0.as_str() {
                "ANALYZE" | "VERBOSE" | "FORMAT" => Err(refused(
                    file,
                    "EXPLAIN shows the plan of a query and runs nothing",
                    "write EXPLAIN SELECT …",
                )),
                _ => Ok(Self::Explain(relation(file, rest)?.0)),
            },
            "SUMMARIZE" => Ok(Self::Summarize(relation(file, rest)?.0)),
            _ => Ok(Self::Rows(Parsed::new(file, sql)?)),
        }
    }

    /// The query in it.
    pub fn parsed(&self) -> Option<&Parsed> {
        match self {
            Self::Tables => None,
            Self::Rows(parsed)
            | Self::Describe(parsed, _)
            | Self::Explain(parsed)
            | Self::Summarize(parsed) => Some(parsed),
        }
    }
}

fn refused(file: &str, message: &str, hint: &str) -> QueryError {
    QueryError::Sql {
        message: message.to_owned(),
        place: Some(Place::of_file(file)),
        hint: Some(hint.to_owned()),
    }
}

fn show(file: &str, rest: &str) -> Result<Request, QueryError> {
    let (what, rest) = word(rest);
    let (next, after) = word(rest);
    match (what.as_str(), next.as_str()) {
        ("TABLES", "") => Ok(Request::Tables),
        ("COLUMNS", "FROM" | "IN") => {
            let (parsed, table) = relation(file, after)?;
            Ok(Request::Describe(parsed, table))
        }
        _ => Err(refused(
            file,
            "SHOW knows TABLES and COLUMNS FROM a table",
            "information_schema.tables and information_schema.columns take any WHERE",
        )),
    }
}

/// A query, or a table by its name, which is read whole.
fn relation(file: &str, text: &str) -> Result<(Parsed, Option<String>), QueryError> {
    let is_query = ["SELECT", "WITH", "VALUES", "FROM"].contains(&word(text).0.as_str());
    match is_query || text.trim_start().starts_with('(') {
        true => Ok((Parsed::new(file, text)?, None)),
        false => {
            let table = text.trim();
            let parsed = Parsed::new(file, &format!("SELECT * FROM {table}"))?;
            Ok((parsed, Some(table.replace('"', ""))))
        }
    }
}

/// The first word in capitals, comments before it skipped, and what follows it.
fn word(text: &str) -> (String, &str) {
    let mut rest = text.trim_start();
    loop {
        let after = match (rest.strip_prefix("--"), rest.strip_prefix("/*")) {
            (Some(line), _) => line.split_once('\n').map_or("", |(_, after)| after),
            (_, Some(block)) => block.split_once("*/").map_or("", |(_, after)| after),
            _ => break,
        };
        rest = after.trim_start();
    }
    let end = rest.find(|c: char| !c.is_ascii_alphabetic());
    let (first, after) = rest.split_at(end.unwrap_or(rest.len()));
    (first.to_uppercase(), after)
}
