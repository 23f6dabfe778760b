//! One record to typed values, or the reason why it gives no row.

use crate::mapping::StreamMapping;
use crate::mapping::catalogue::{Origin, OutputColumn};
use crate::records::jsonl;
use crate::records::opened::OpenFile;
use crate::records::sheet::TYPED;
use crate::values::fields::Fields;
use crate::values::fill::Parent;
use crate::values::{self, Value};

/// Why a record gives no row.
pub struct Refusal {
    /// The column of the mapping.
    pub column: Option<usize>,
    /// Stable and short.
    pub code: &'static str,
    /// For people.
    pub reason: String,
}

impl Refusal {
    /// A refusal of the whole record.
    pub fn of(code: &'static str, reason: impl Into<String>) -> Self {
        Self {
            column: None,
            code,
            reason: reason.into(),
        }
    }
}

/// Reads every column of a record into `values`; false when the record is blank.
pub fn read_row(
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
        check_width(file, &fields)?;
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
fn check_width(file: &OpenFile, fields: &Fields<'_>) -> Result<(), Refusal> {
    let (count, width) = (fields.count(), file.headings.width);
    let reason = || format!("{count} fields where the heading row has {width}");
    if count < width && !file.format.is_derived() {
        return Err(Refusal::of("too-few-fields", reason()));
    }
    if (width..count).any(|at| !fields.get(at).trim().is_empty()) {
        return Err(Refusal::of("too-many-fields", reason()));
    }
    Ok(())
}

/// The text of a column in the row that was read, and whether it is plain.
pub fn cell<'a>(
    at: usize,
    file: &OpenFile,
    fields: &Fields<'a>,
    stream: &StreamMapping,
    parent: &'a Parent,
) -> (&'a str, bool) {
    let field = file.headings.index.get(at).copied().flatten();
    let own = field.map_or("", |field| fields.get(field));
    if let Some(text) = parent.text(at, stream)
        && own.trim().is_empty()
    {
        let unmarked = text.strip_prefix(TYPED);
        return (unmarked.unwrap_or(text), unmarked.is_some());
    }
    (own, field.is_some_and(|field| fields.is_plain(field)))
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
pub fn encoding_reason(file: &OpenFile) -> String {
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
pub fn extra_of(
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
    if object.is_empty() {
        String::new()
    } else {
        serde_json::Value::Object(object).to_string()
    }
}
