//! One record to typed values, or the reason why it gives no row.

use crate::catalogue::{Origin, OutputColumn};
use crate::jsonl;
use crate::mapping::{Format, StreamMapping};
use crate::opened::OpenFile;
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

/// The fields of one record, whatever the format.
pub struct Fields<'a> {
    text: &'a str,
    ends: &'a [usize],
    plain: &'a [bool],
}

impl<'a> Fields<'a> {
    /// The fields of the record that `file` stands behind.
    pub fn of(file: &'a OpenFile, stream: &StreamMapping, json: &'a jsonl::Fields) -> Self {
        if stream.format == Format::Jsonl {
            return Self {
                text: &json.text,
                ends: &json.ends,
                plain: &json.plain,
            };
        }
        let (bytes, ends) = file.records.fields();
        Self {
            text: std::str::from_utf8(bytes).unwrap_or(""),
            ends,
            plain: &[],
        }
    }

    /// One field, or nothing.
    pub fn get(&self, at: usize) -> &'a str {
        let start = at
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0);
        self.ends
            .get(at)
            .and_then(|end| self.text.get(start..*end))
            .unwrap_or("")
    }

    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// Reads every column of a record into `values`; false when the record is blank.
pub fn read_row(
    file: &OpenFile,
    raw: &[u8],
    stream: &StreamMapping,
    json: &mut jsonl::Fields,
    values: &mut [Value],
) -> Result<bool, Refusal> {
    if stream.format == Format::Jsonl {
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
    let fields = Fields::of(file, stream, json);
    if stream.format == Format::Csv {
        if fields.is_blank() {
            return Ok(false);
        }
        let (count, width) = (fields.ends.len(), file.headings.width);
        if count < width {
            return Err(Refusal::of(
                "too-few-fields",
                format!("{count} fields where the heading row has {width}"),
            ));
        }
        if (width..count).any(|at| !fields.get(at).trim().is_empty()) {
            return Err(Refusal::of(
                "too-many-fields",
                format!("{count} fields where the heading row has {width}"),
            ));
        }
    }
    for (at, (column, value)) in stream.columns.iter().zip(values.iter_mut()).enumerate() {
        let field = file.headings.index.get(at).copied().flatten();
        let text = field.map_or("", |field| fields.get(field));
        let plain = field.is_some_and(|field| fields.plain.get(field) == Some(&true));
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
    Ok(true)
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

/// Unclaimed headings and their values as a JSON object, when `_extra` is asked for.
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
