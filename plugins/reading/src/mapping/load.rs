//! Loads a mapping from TOML and checks all of it before anything is read.

use toml::de::{DeTable, DeValue};

use super::columns::{columns, identifier};
use super::section::{Problems, Section};
use super::written::dialect;
use super::{
    ColumnMapping, Dialect, Format, MAPPING_VERSION, Mapping, REJECTS_MAX_PERCENT, Status,
    StreamMapping,
};
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
/// One error that lists every problem: unknown keys, unknown types, patterns that leave the
/// folder, columns that share a heading.
pub fn load(file: &str, text: &str) -> Result<Mapping> {
    let mut problems = Problems::new(file, text);
    let mapping = match DeTable::parse(text) {
        Ok(root) => root_table(
            Section::new(root.get_ref(), "the mapping", 0),
            &mut problems,
        ),
        Err(error) => {
            problems.add(
                error.span().map_or(0, |span| span.start),
                format!("not TOML: {}", error.message()),
            );
            None
        }
    };
    let found = problems.into_list();
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
                    "the mapping `{file}` has {} problem(s): {message}",
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

fn root_table(mut root: Section<'_>, problems: &mut Problems<'_>) -> Option<Mapping> {
    version(&mut root, problems);
    let name = root
        .required("name", problems)
        .map(|(name, _)| name.to_owned());
    let doc = root.string("doc", problems).map(|(doc, _)| doc.to_owned());
    let stated = root.required("status", problems);
    let status = status(stated, problems);
    let sources = root.strings("sources", problems).unwrap_or_default();
    if sources.is_empty() {
        problems.add(
            0,
            "the mapping lacks `sources`: where its headings come from",
        );
    }
    let base = match root.table("dialect", problems) {
        Some((table, offset)) => dialect(
            Section::new(table, "the dialect", offset),
            Dialect::default(),
            problems,
        ),
        None => Dialect::default(),
    };
    let mut streams = Vec::new();
    if let Some((table, _)) = root.table("streams", problems) {
        for (name, value) in table.iter() {
            let offset = name.span().start;
            match value.get_ref().as_table() {
                Some(table) => streams.extend(stream(
                    name.get_ref(),
                    table,
                    offset,
                    (&base, status),
                    problems,
                )),
                None => problems.add(
                    offset,
                    format!("stream `{}` must be a table", name.get_ref()),
                ),
            }
        }
    }
    if streams.is_empty() {
        problems.add(0, "the mapping has no stream: add `[streams.<name>]`");
    }
    streams.sort_by(|a: &StreamMapping, b| a.name.cmp(&b.name));
    root.finish(problems);
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

fn version(root: &mut Section<'_>, problems: &mut Problems<'_>) {
    let Some(value) = root.value("version") else {
        problems.add(
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
        problems.add(
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
    problems: &mut Problems<'_>,
) -> Option<StreamMapping> {
    let what = format!("stream `{name}`");
    identifier(name, &what, offset, problems);
    let mut section = Section::new(table, what.clone(), offset);
    let files = patterns(&mut section, &what, offset, problems);
    let stated = section.string("status", problems);
    let status = status(stated, problems).or(whole);
    let format = format(&mut section, problems);
    let sheet = section.text("sheet", problems);
    let records = section.text("records", problems);
    let each = section.text("each", problems);
    let start = section.text("start", problems);
    let skip_lines = section.whole("skip_lines", problems).unwrap_or(0);
    let without_headings = one_word(&mut section, "headings", "none", problems);
    let pads = one_word(&mut section, "ragged", "pad", problems);
    let skips_empty_files = one_word(&mut section, "empty_files", "skip", problems);
    let rejects_max_percent = percent(&mut section, "rejects_max", problems);
    let skip_rows_like = section
        .strings("skip_rows_like", problems)
        .unwrap_or_default();
    let stated = section.table("dialect", problems);
    let dialect = stated.map_or_else(
        || base.clone(),
        |(table, at)| {
            let section = Section::new(table, format!("the dialect of {what}"), at);
            dialect(section, base.clone(), problems)
        },
    );
    let columns = columns(&mut section, &what, problems);
    let cursor = cursor(&mut section, &what, &columns, problems);
    let optional = section.boolean("optional", problems).unwrap_or(false);
    let doc = section.text("doc", problems);
    section.finish(problems);
    let owned =
        |texts: Vec<(&str, usize)>| texts.into_iter().map(|(text, _)| text.to_owned()).collect();
    let stream = StreamMapping {
        name: name.to_owned(),
        doc: doc.unwrap_or_default(),
        status: status.unwrap_or(Status::Assumed),
        files: owned(files),
        format,
        sheet,
        records,
        each,
        start,
        skip_lines,
        without_headings,
        pads,
        skip_rows_like: owned(skip_rows_like),
        skips_empty_files,
        rejects_max_percent: rejects_max_percent.unwrap_or(REJECTS_MAX_PERCENT),
        dialect,
        columns,
        cursor: owned(cursor),
        optional,
    };
    check(&stream, offset, problems);
    Some(stream)
}

/// Keys that need others.
fn check(stream: &StreamMapping, offset: usize, problems: &mut Problems<'_>) {
    let what = format!("stream `{}`", stream.name);
    let has_path = stream.each.is_some() || stream.records.is_some();
    if has_path && stream.format.is_some_and(|f| f != Format::Json) {
        let message = format!("`records` and `each` of {what} are for `format = \"json\"`");
        problems.add(offset, message);
    }
    if stream.start.is_some() && !stream.columns.iter().any(|column| column.fill) {
        let message = format!("{what} has `start` but no column with `fill = true`");
        problems.add(offset, message);
    }
}

/// A share such as `5%`.
fn percent(
    section: &mut Section<'_>,
    key: &'static str,
    problems: &mut Problems<'_>,
) -> Option<u32> {
    let (text, at) = section.string(key, problems)?;
    let number = text
        .strip_suffix('%')
        .and_then(|number| number.trim().parse().ok());
    let share = number.filter(|number| *number <= 100);
    if share.is_none() {
        problems.add(
            at,
            format!("`{key}` must be a share such as `5%`, at most `100%`"),
        );
    }
    share
}

/// Whether a key has the one word that it can have.
fn one_word(
    section: &mut Section<'_>,
    key: &'static str,
    word: &str,
    problems: &mut Problems<'_>,
) -> bool {
    let Some((stated, at)) = section.string(key, problems) else {
        return false;
    };
    if stated != word {
        problems.add(
            at,
            format!("`{key}` can be `{word}` only; leave it out otherwise"),
        );
    }
    stated == word
}

/// The patterns of the files of a stream, each inside the granted folder.
fn patterns<'t>(
    section: &mut Section<'t>,
    what: &str,
    offset: usize,
    problems: &mut Problems<'_>,
) -> Vec<(&'t str, usize)> {
    let files = section.strings("files", problems).unwrap_or_default();
    if files.is_empty() {
        problems.add(
            offset,
            format!("{what} lacks `files`: one or more patterns"),
        );
    }
    for (pattern, at) in &files {
        let leads_out = pattern.starts_with('/') || pattern.split('/').any(|part| part == "..");
        if pattern.is_empty() || leads_out || pattern.contains('\\') {
            let message = format!(
                "`{pattern}` must be a pattern inside the granted folder, with `/` between parts"
            );
            problems.add(*at, message);
        }
    }
    files
}

/// The columns by which only new rows can be requested.
fn cursor<'t>(
    section: &mut Section<'t>,
    what: &str,
    columns: &[ColumnMapping],
    problems: &mut Problems<'_>,
) -> Vec<(&'t str, usize)> {
    let cursor = section.strings("cursor", problems).unwrap_or_default();
    for (column, at) in &cursor {
        if !columns.iter().any(|c| c.name == *column) {
            let names = columns.iter().map(|c| c.name.as_str());
            let hint = did_you_mean(column, names).unwrap_or_default();
            problems.add(
                *at,
                format!("the cursor `{column}` is no column of {what}; {hint}"),
            );
        }
    }
    cursor
}

/// How sure headings are, of the whole mapping or of one stream.
fn status(stated: Option<(&str, usize)>, problems: &mut Problems<'_>) -> Option<Status> {
    let (word, offset) = stated?;
    match word {
        "verified" => Some(Status::Verified),
        "assumed" => Some(Status::Assumed),
        _ => {
            let message = format!("status `{word}` is neither `verified` nor `assumed`");
            problems.add(offset, message);
            None
        }
    }
}

/// The stated format; without one the ending of a file's name says it.
fn format(section: &mut Section<'_>, problems: &mut Problems<'_>) -> Option<Format> {
    let (word, at) = section.string("format", problems)?;
    let found = FORMATS.iter().find(|(name, _)| *name == word);
    if found.is_none() {
        let names = || FORMATS.iter().map(|(name, _)| *name);
        let hint = did_you_mean(word, names()).unwrap_or_default();
        let known = listed(names());
        problems.add(
            at,
            format!("unknown format `{word}`; this build reads {known} {hint}"),
        );
    }
    found.map(|(_, format)| *format)
}
