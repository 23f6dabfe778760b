//! The streams of a mapping, their schemas, and the files that belong to them.

use crate::error::{ReadError, Result, did_you_mean, listed};
use crate::host::Host;
use crate::input::files::{self, ExportFile};
use crate::mapping::config::{Config, Drift};
use crate::mapping::{ColumnType, EXTRA_COLUMN, FILE_COLUMN, LINE_COLUMN, StreamMapping};

/// Where the values of a column come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A column of the mapping, by its place there.
    Mapped(usize),
    /// Headings that no column claims.
    Extra,
    /// The file's name.
    File,
    /// The record's first physical line.
    Line,
}

/// One column of a stream's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputColumn {
    pub name: String,
    pub kind: ColumnType,
    /// Whether it may be empty.
    pub nullable: bool,
    /// For people.
    pub doc: String,
    /// Where its values come from.
    pub origin: Origin,
}

/// One stream as the host lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamDescription {
    /// The table's name.
    pub name: String,
    /// Its columns, provenance last.
    pub columns: Vec<OutputColumn>,
    /// The columns that identify a row.
    pub primary_key: Vec<String>,
    /// Columns by which only new rows can be requested.
    pub cursor: Vec<String>,
    /// For people.
    pub doc: String,
}

/// Lists the streams of a config without reading their files.
///
/// # Errors
/// A stream that is not optional has no file.
pub fn discover(host: &dyn Host, config: &Config) -> Result<Vec<StreamDescription>> {
    let mut streams = Vec::new();
    for stream in &config.mapping.streams {
        files_of(host, config, stream)?;
        streams.push(StreamDescription {
            name: stream.name.clone(),
            columns: columns_of(stream, config.drift),
            primary_key: stream.primary_key(),
            cursor: stream.cursor.clone(),
            doc: stream.doc.clone(),
        });
    }
    Ok(streams)
}

/// All columns of a stream's table: the mapping's, then where each row comes from.
pub(crate) fn columns_of(stream: &StreamMapping, drift: Drift) -> Vec<OutputColumn> {
    let mapped = stream
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| OutputColumn {
            name: column.name.clone(),
            kind: column.kind,
            nullable: column.nullable,
            doc: column.doc.clone(),
            origin: Origin::Mapped(at),
        });
    let own = |name: &str, kind, nullable, doc: &str, origin| OutputColumn {
        name: name.to_owned(),
        kind,
        nullable,
        doc: doc.to_owned(),
        origin,
    };
    let extra = own(
        EXTRA_COLUMN,
        ColumnType::Text,
        true,
        "headings that the mapping does not know, as a JSON object",
        Origin::Extra,
    );
    let file = own(
        FILE_COLUMN,
        ColumnType::Text,
        false,
        "the file the row comes from",
        Origin::File,
    );
    let line = own(
        LINE_COLUMN,
        ColumnType::Integer,
        false,
        "the line of the file on which the row begins, from 1",
        Origin::Line,
    );
    mapped
        .chain((drift == Drift::Add).then_some(extra))
        .chain([file, line])
        .collect()
}

/// The requested columns in their requested order; all of them without a list.
///
/// # Errors
/// A name that the stream does not have.
pub(crate) fn projected(
    all: Vec<OutputColumn>,
    requested: Option<&[String]>,
    stream: &str,
) -> Result<Vec<OutputColumn>> {
    let Some(requested) = requested else {
        return Ok(all);
    };
    let find = |name: &String| {
        all.iter()
            .find(|column| column.name == *name)
            .cloned()
            .ok_or_else(|| {
                let names = || all.iter().map(|column| column.name.as_str());
                let hint = did_you_mean(name, names())
                    .unwrap_or_else(|| format!("its columns are {}", listed(names())));
                ReadError::config(
                    "unknown-column",
                    format!("stream `{stream}` has no column `{name}`"),
                )
                .detail(hint)
            })
    };
    requested.iter().map(find).collect()
}

/// The files of a stream, sorted by name.
///
/// # Errors
/// There is none and the stream is not optional: the error names the input, the patterns and
/// what is there instead.
pub(crate) fn files_of(
    host: &dyn Host,
    config: &Config,
    stream: &StreamMapping,
) -> Result<Vec<ExportFile>> {
    let files = files::matching(host, &config.input, &stream.files)?;
    if !files.is_empty() || stream.optional {
        return Ok(files);
    }
    let there = host.entries(&config.input, "")?;
    let names = || there.iter().map(|entry| entry.name.as_str());
    let wanted = stream.files.first().map_or("", String::as_str);
    let near = did_you_mean(&first_choice(wanted), names())
        .map(|hint| format!("{hint} "))
        .unwrap_or_default();
    let message = format!(
        "the granted input `{}` has no file for stream `{}`; the mapping `{}` looks for {}",
        config.input,
        stream.name,
        config.mapping.name,
        listed(stream.files.iter().map(String::as_str))
    );
    let next = format!(
        "{near}Files there: {}. Put the export there, or name the streams you have with `streams` in the source's config",
        listed(names())
    );
    Err(ReadError::config("missing-file", message)
        .detail(next)
        .at("/input"))
}

/// A pattern with the first of each list of choices: `x.csv` of `x.{csv,json}`.
fn first_choice(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, choices)) = rest.split_once('{') {
        let (inside, after) = choices.split_once('}').unwrap_or((choices, ""));
        out.push_str(before);
        out.push_str(inside.split(',').next().unwrap_or(""));
        rest = after;
    }
    out.push_str(rest);
    out
}
