//! One record to typed values, or the reason why it gives no row.

use crate::mapping::Format;
use crate::mapping::StreamMapping;
use crate::mapping::catalogue::{Origin, OutputColumn};
use crate::records::jsonl;
use crate::records::opened::OpenFile;
use crate::records::sheet::{ERROR, TYPED};
use crate::values::fields::Fields;
use crate::values::fill::Parent;
use crate::values::{self, Value};

/// Why a record gives no row.
pub(crate) struct Refusal {
    /// The column of the mapping.
    pub column: Option<usize>,
    /// Stable and short.
    pub code: &'static str,
    /// For people.
    pub reason: String,
}

impl Refusal {
    /// A refusal of the whole record.
    pub(crate) fn of(code: &'static str, reason: impl Into<String>) -> Self {
        Self {
            column: None,
            code,
            reason: reason.into(),
        }
    }
}

/// Reads every column of a record into `values`; false when the record is blank.
pub(crate) fn read_row(
    file: &OpenFile,
    raw: &[u8],
    stream: &StreamMapping,
    json: &mut jsonl::Fields,
    parent: &mut Parent,
    values: &mut [Value],
) -> Result<bool, Refusal> {
    if file.format.has_keys() {
        let line = std::str::from_utf8(raw).unwrap_or("");
        if line.trim().is_empty() {
            return Ok(false);
        }
        json.read(line, stream).map_err(|refused| Refusal {
            column: refused
                .column
                .and_then(|name| stream.columns.iter().position(|column| column.name == name)),
            code: refused.code,
            reason: refused.reason,
        })?;
    }
    let fields = Fields::of(file, json);
    if !file.format.has_keys() {
        if fields.is_blank() {
            return Ok(false);
        }
        check_width(file, stream, &fields)?;
    }
    if parent.meet(&fields, &file.headings, stream).is_none() {
        let reason = "the row repeats a record whose first row is missing or could not be read";
        return Err(Refusal::of("missing-parent", reason));
    }
    let read = typed(file, &fields, stream, parent, values);
    match read {
        Ok(()) => parent.keep(&fields, &file.headings, stream),
        Err(_) => parent.lose(),
    }
    read.map(|()| true)
}

/// Sheets have no cells where a row is shorter than its heading row.
fn check_width(
    file: &OpenFile,
    stream: &StreamMapping,
    fields: &Fields<'_>,
) -> Result<(), Refusal> {
    let (count, width) = (fields.count(), file.headings.width);
    let first = if stream.without_headings {
        "first"
    } else {
        "heading"
    };
    let reason = || format!("{count} fields where the {first} row has {width}");
    if count < width && !file.format.is_derived() && !stream.pads {
        let reason = format!("{}; `ragged = \"pad\"` leaves the others empty", reason());
        return Err(Refusal::of("too-few-fields", reason));
    }
    // What `_extra` takes is not lost.
    let is_kept = stream.pads && file.keeps_extra;
    if !is_kept && (width..count).any(|at| !fields.get(at).trim().is_empty()) {
        return Err(Refusal::of("too-many-fields", reason()));
    }
    Ok(())
}

/// The text of a column in the row that was read, and whether it is plain: as it stands in the file,
/// or in its parent's row, without the words that mean no value, and in the table's own words.
pub(crate) fn cell<'a>(
    at: usize,
    file: &OpenFile,
    fields: &Fields<'a>,
    stream: &'a StreamMapping,
    parent: &'a Parent,
) -> (&'a str, bool) {
    let Some(column) = stream.columns.get(at) else {
        return ("", false);
    };
    if let Some(constant) = &column.constant {
        return (constant, false);
    }
    let field = file.headings.index.get(at).copied().flatten();
    let own = field.map_or("", |field| fields.get(field));
    let (text, plain) = match parent.text(at, stream) {
        Some(text) if own.trim().is_empty() => {
            let unmarked = text.strip_prefix(TYPED);
            (unmarked.unwrap_or(text), unmarked.is_some())
        }
        _ => (own, field.is_some_and(|field| fields.is_plain(field))),
    };
    if values::is_word(text, &column.null_words) {
        return ("", plain);
    }
    let meaning = column.words.get(text.trim()).map(String::as_str);
    let text = if stream.dialect.trim {
        text.trim()
    } else {
        text
    };
    (meaning.unwrap_or(text), plain)
}

/// Whether the cell of a column holds an error of its sheet, which no word of the mapping takes for
/// no value.
fn is_error(at: usize, file: &OpenFile, fields: &Fields<'_>, text: &str) -> bool {
    let field = file.headings.index.get(at).copied().flatten();
    file.format == Format::Xlsx
        && !text.is_empty()
        && field.is_some_and(|field| fields.raw(field).starts_with(ERROR))
}

fn typed(
    file: &OpenFile,
    fields: &Fields<'_>,
    stream: &StreamMapping,
    parent: &Parent,
    values: &mut [Value],
) -> Result<(), Refusal> {
    for (at, (column, value)) in stream.columns.iter().zip(values.iter_mut()).enumerate() {
        let (text, plain) = cell(at, file, fields, stream, parent);
        let refuse = |code, reason| Refusal {
            column: Some(at),
            code,
            reason,
        };
        if is_error(at, file, fields, text) {
            let reason = format!(
                "the cell holds the error `{text}`; correct it in the sheet, or add `null_words = [\"{text}\"]` to `{}`",
                column.name
            );
            return Err(refuse("error-cell", reason));
        }
        *value = values::value(text, column.kind, &stream.dialect, plain)
            .map_err(|reason| refuse(column.kind.reject_code(), reason))?;
        if *value == Value::Null && !column.nullable {
            let code = if column.key {
                "missing-key"
            } else {
                "missing-value"
            };
            return Err(refuse(code, format!("`{}` has no value", column.name)));
        }
    }
    Ok(())
}

/// Why a record with unknown bytes is refused.
pub(crate) fn encoding_reason(file: &OpenFile) -> String {
    let name = file
        .records
        .text()
        .encoding()
        .0
        .map_or("UTF-8", |encoding| encoding.name());
    format!(
        "the record holds bytes that are not {name}; state the file's `encoding` in the mapping's dialect"
    )
}

/// Unclaimed headings and their values as a JSON object, when `_extra` is requested.
pub(crate) fn extra_of(
    columns: &[OutputColumn],
    file: &OpenFile,
    fields: &Fields<'_>,
    json: &jsonl::Fields,
) -> String {
    if !columns.iter().any(|column| column.origin == Origin::Extra) {
        return String::new();
    }
    let mut object = json.extra.clone();
    for (at, heading) in &file.headings.extra {
        object.insert(heading.clone(), fields.get(*at).into());
    }
    // Fields behind the last heading, where rows may be longer than it.
    for at in file.headings.width..fields.count() {
        let text = fields.get(at);
        if !text.trim().is_empty() && !file.format.has_keys() {
            object.insert(format!("#{}", at + 1), text.into());
        }
    }
    if object.is_empty() {
        String::new()
    } else {
        jsonl::unmarked(serde_json::Value::Object(object).to_string())
    }
}
