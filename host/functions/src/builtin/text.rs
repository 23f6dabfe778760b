//! Texts: spaces of every script trimmed, Unicode forms, accents.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, StringArray};
use datafusion::arrow::datatypes::DataType;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::row_function::{Argument, Computed, RowFunction, each_text, text_at};

/// The functions of this file. The three of trimming take the place of DataFusion's, which know
/// the space of ASCII only.
pub(super) fn functions() -> Vec<RowFunction> {
    let trims = |name, usage, compute| {
        let arguments = &[Argument::Text, Argument::Text];
        RowFunction::new(name, usage, arguments, DataType::Utf8, compute).optional(1)
    };
    let one = |name, usage, compute| {
        RowFunction::new(name, usage, &[Argument::Text], DataType::Utf8, compute)
    };
    vec![
        trims("btrim", "trim(text[, characters])", |columns| {
            trimmed(columns, |text, is_out| text.trim_matches(is_out))
        })
        .also(&["trim"]),
        trims("ltrim", "ltrim(text[, characters])", |columns| {
            trimmed(columns, |text, is_out| text.trim_start_matches(is_out))
        }),
        trims("rtrim", "rtrim(text[, characters])", |columns| {
            trimmed(columns, |text, is_out| text.trim_end_matches(is_out))
        }),
        one("nfc_normalize", "nfc_normalize(text)", |columns| {
            each_text(columns, |text| text.nfc().collect())
        }),
        one("strip_accents", "strip_accents(text)", |columns| {
            each_text(columns, |text| {
                text.nfd()
                    .filter(|&character| !is_combining_mark(character))
                    .nfc()
                    .collect()
            })
        }),
        RowFunction::new(
            "normalize",
            "normalize(text[, 'NFC' | 'NFD' | 'NFKC' | 'NFKD'])",
            &[Argument::Text, Argument::Text],
            DataType::Utf8,
            normalize,
        )
        .optional(1),
    ]
}

/// The spaces of Unicode (category Zs), as DuckDB trims them: no tabs and no ends of lines.
fn is_space(character: char) -> bool {
    matches!(
        character,
        ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

type IsOut<'f> = &'f dyn Fn(char) -> bool;

fn trimmed(
    columns: &[ArrayRef],
    cut: for<'t> fn(&'t str, IsOut<'_>) -> &'t str,
) -> Computed<ArrayRef> {
    let rows = columns.first().map_or(0, |column| column.len());
    let one = |row| -> Computed<Option<&str>> {
        let Some(text) = text_at(columns, 0, row)? else {
            return Ok(None);
        };
        if columns.len() < 2 {
            return Ok(Some(cut(text, &is_space)));
        }
        let characters = text_at(columns, 1, row)?;
        Ok(characters.map(|characters| cut(text, &|character| characters.contains(character))))
    };
    Ok(Arc::new(
        (0..rows).map(one).collect::<Computed<StringArray>>()?,
    ))
}

fn normalize(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    let rows = columns.first().map_or(0, |column| column.len());
    let one = |row| -> Computed<Option<String>> {
        let form = match columns.len() {
            1 => Some("NFC"),
            _ => text_at(columns, 1, row)?,
        };
        let (Some(text), Some(form)) = (text_at(columns, 0, row)?, form) else {
            return Ok(None);
        };
        Ok(Some(match form.to_uppercase().as_str() {
            "NFC" => text.nfc().collect(),
            "NFD" => text.nfd().collect(),
            "NFKC" => text.nfkc().collect(),
            "NFKD" => text.nfkd().collect(),
            _ => {
                return Err(format!(
                    "normalize knows no form '{form}': write NFC, NFD, NFKC or NFKD"
                ));
            }
        }))
    };
    Ok(Arc::new(
        (0..rows).map(one).collect::<Computed<StringArray>>()?,
    ))
}
