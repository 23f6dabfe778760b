//! Loads a mapping from TOML and checks all of it before anything is read.

use toml::de::{DeTable, DeValue};

use super::columns::{columns, identifier};
use super::section::{Findings, Section};
use super::written::dialect;
use super::{Dialect, Format, MAPPING_VERSION, Mapping, Status, StreamMapping};
use crate::error::{ReadError, Result, did_you_mean, listed};

const FORMATS: [(&str, Format); 4] = [
    ("csv", Format::Csv),
    ("jsonl", Format::Jsonl),
    ("json", Format::Json),
    ("xlsx", Format::Xlsx),
];

/// Loads a mapping. `file` is what people call the text, for places in messages.
///
/// # Errors
/// One error that lists every finding: unknown keys, unknown types, patterns that leave the
/// folder, columns that share a heading.
pub fn load(file: &str, text: &str) -> Result<Mapping> {
    let mut findings = Findings::new(file, text);
    let mapping = match DeTable::parse(text) {
        Ok(root) => root_table(
            Section::new(root.get_ref(), "the mapping", 0),
            &mut findings,
        ),
        Err(error) => {
            findings.add(
                error.span().map_or(0, |span| span.start),
                format!("not TOML: {}", error.message()),
            );
            None
        }
    };
    let found = findings.into_found();
    match (mapping, found.first()) {
        (Some(mapping), None) => Ok(mapping),
        (_, first) => {
            let (at, message) = first.map_or((file, "the mapping is empty"), |f| {
                (f.at.as_str(), f.message.as_str())
            });
            let rest: Vec<String> = found
                .iter()
                .skip(1)
                .map(|f| format!("{}: {}", f.at, f.message))
                .collect();
            let error = ReadError::config(
                "bad-mapping",
                format!(
                    "the mapping `{file}` has {} finding(s): {message}",
                    found.len()
                ),
            );
            let error = error.at(at);
            Err(if rest.is_empty() {
                error
            } else {
                error.detail(rest.join("; "))
            })
        }
    }
}

fn root_table(mut root: Section<'_>, findings: &mut Findings<'_>) -> Option<Mapping> {
    version(&mut root, findings);
    let name = root
        .required("name", findings)
        .map(|(name, _)| name.to_owned());
    let doc = root.string("doc", findings).map(|(doc, _)| doc.to_owned());
    let stated = root.required("status", findings);
    let status = status(stated, findings);
    let sources = root.strings("sources", findings).unwrap_or_default();
    if sources.is_empty() {
        findings.add(
            0,
            "the mapping lacks `sources`: where its headings come from",
        );
    }
    let base = match root.table("dialect", findings) {
        Some((table, offset)) => dialect(
            Section::new(table, "the dialect", offset),
            Dialect::default(),
            findings,
        ),
        None => Dialect::default(),
    };
    let mut streams = Vec::new();
    if let Some((table, _)) = root.table("streams", findings) {
        for (name, value) in table.iter() {
            let offset = name.span().start;
            match value.get_ref().as_table() {
                Some(table) => streams.extend(stream(
                    name.get_ref(),
                    table,
                    offset,
                    (&base, status),
                    findings,
                )),
                None => findings.add(
                    offset,
                    format!("stream `{}` must be a table", name.get_ref()),
                ),
            }
        }
    }
    if streams.is_empty() {
        findings.add(0, "the mapping has no stream: add `[streams.<name>]`");
    }
    streams.sort_by(|a: &StreamMapping, b| a.name.cmp(&b.name));
    root.finish(findings);
    let sources = sources
        .into_iter()
        .map(|(text, _)| text.to_owned())
        .collect();
    Some(Mapping {
        name: name?,
        doc: doc.unwrap_or_default(),
        status: status?,
        sources,
        streams,
    })
}

fn version(root: &mut Section<'_>, findings: &mut Findings<'_>) {
    let Some(value) = root.value("version") else {
        findings.add(
            0,
            format!("the mapping lacks `version = {MAPPING_VERSION}`"),
        );
        return;
    };
    let number = match value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse::<u32>().ok(),
        _ => None,
    };
    if number != Some(MAPPING_VERSION) {
        findings.add(
            value.span().start,
            format!("this build reads mappings of version {MAPPING_VERSION} only"),
        );
    }
}

fn stream(
    name: &str,
    table: &DeTable<'_>,
    offset: usize,
    (base, whole): (&Dialect, Option<Status>),
    findings: &mut Findings<'_>,
) -> Option<StreamMapping> {
    let what = format!("stream `{name}`");
    identifier(name, &what, offset, findings);
    let mut section = Section::new(table, what.clone(), offset);
    let files = section.strings("files", findings).unwrap_or_default();
    if files.is_empty() {
        findings.add(
            offset,
            format!("{what} lacks `files`: one or more patterns"),
        );
    }
    for (pattern, at) in &files {
        if pattern.is_empty()
            || pattern.starts_with('/')
            || pattern.split('/').any(|part| part == "..")
            || pattern.contains('\\')
        {
            findings.add(*at, format!("`{pattern}` must be a pattern inside the granted folder, with `/` between parts"));
        }
    }
    let stated = section.string("status", findings);
    let status = status(stated, findings).or(whole);
    let format = format(&mut section, findings);
    let own = |text: Option<(&str, usize)>| text.map(|(text, _)| text.to_owned());
    let sheet = own(section.string("sheet", findings));
    let records = own(section.string("records", findings));
    let each = own(section.string("each", findings));
    let start = own(section.string("start", findings));
    let skip_lines = section.whole("skip_lines", findings).unwrap_or(0);
    let dialect = match section.table("dialect", findings) {
        Some((table, at)) => dialect(
            Section::new(table, format!("the dialect of {what}"), at),
            base.clone(),
            findings,
        ),
        None => base.clone(),
    };
    let columns = columns(&mut section, &what, findings);
    if start.is_some() && !columns.iter().any(|column| column.fill) {
        let message = format!("{what} has `start` but no column with `fill = true`");
        findings.add(offset, message);
    }
    if (each.is_some() || records.is_some()) && format.is_some_and(|f| f != Format::Json) {
        let message = format!("`records` and `each` of {what} are for `format = \"json\"`");
        findings.add(offset, message);
    }
    let cursor = section.strings("cursor", findings).unwrap_or_default();
    for (column, at) in &cursor {
        if !columns.iter().any(|c| c.name == *column) {
            let hint =
                did_you_mean(column, columns.iter().map(|c| c.name.as_str())).unwrap_or_default();
            findings.add(
                *at,
                format!("the cursor `{column}` is no column of {what}; {hint}"),
            );
        }
    }
    let optional = section.boolean("optional", findings).unwrap_or(false);
    let doc = section
        .string("doc", findings)
        .map_or("", |(doc, _)| doc)
        .to_owned();
    section.finish(findings);
    let owned =
        |texts: Vec<(&str, usize)>| texts.into_iter().map(|(text, _)| text.to_owned()).collect();
    Some(StreamMapping {
        name: name.to_owned(),
        doc,
        status: status.unwrap_or(Status::Assumed),
        files: owned(files),
        format,
        sheet,
        records,
        each,
        start,
        skip_lines,
        dialect,
        columns,
        cursor: owned(cursor),
        optional,
    })
}

/// How sure headings are, of the whole mapping or of one stream.
fn status(stated: Option<(&str, usize)>, findings: &mut Findings<'_>) -> Option<Status> {
    let (word, offset) = stated?;
    match word {
        "verified" => Some(Status::Verified),
        "assumed" => Some(Status::Assumed),
        _ => {
            let message = format!("status `{word}` is neither `verified` nor `assumed`");
            findings.add(offset, message);
            None
        }
    }
}

/// The stated format; without one the ending of a file's name says it.
fn format(section: &mut Section<'_>, findings: &mut Findings<'_>) -> Option<Format> {
    let (word, at) = section.string("format", findings)?;
    let found = FORMATS.iter().find(|(name, _)| *name == word);
    if found.is_none() {
        let names = || FORMATS.iter().map(|(name, _)| *name);
        let hint = did_you_mean(word, names()).unwrap_or_default();
        let known = listed(names());
        findings.add(
            at,
            format!("unknown format `{word}`; this build reads {known} {hint}"),
        );
    }
    found.map(|(_, format)| *format)
}
