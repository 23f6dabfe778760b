//! The dialect table of a mapping: how text is written in its files.

use encoding_rs::Encoding;
use jiff::tz::TimeZone;

use super::section::{Problems, Section};
use super::{DateForm, DecimalMark, Dialect};
use crate::values::dates::pattern_is_sound;
use crate::values::plain_width;

/// Reads a dialect table over the dialect it refines.
pub(super) fn dialect(
    mut section: Section<'_>,
    mut dialect: Dialect,
    problems: &mut Problems<'_>,
) -> Dialect {
    if let Some((label, at)) = section.string("encoding", problems) {
        dialect.encoding = if label == "detect" {
            None
        } else {
            encoding(label, at, problems)
        };
    }
    if let Some((word, at)) = section.string("delimiter", problems) {
        dialect.delimiter = match word {
            "detect" => None,
            "tab" => Some(b'\t'),
            _ => one_byte(word, "delimiter", at, problems),
        };
    }
    if let Some((word, at)) = section.string("quote", problems) {
        dialect.quote = match word {
            "none" => None,
            _ => one_byte(word, "quote", at, problems).or(dialect.quote),
        };
    }
    if let Some((word, at)) = section.string("escape", problems) {
        dialect.escape = match word {
            "none" => None,
            _ => one_byte(word, "escape", at, problems),
        };
    }
    dialect.trim = section.boolean("trim", problems).unwrap_or(dialect.trim);
    if let Some((word, at)) = section.string("decimal", problems) {
        match word {
            "." => dialect.decimal = DecimalMark::Point,
            "," => dialect.decimal = DecimalMark::Comma,
            "detect" => dialect.decimal = DecimalMark::Detect,
            _ => problems.add(
                at,
                format!("decimal `{word}` is none of `.`, `,` and `detect`"),
            ),
        }
    }
    let mut marks = section.strings("thousands", problems);
    for (mark, at) in marks.iter().flatten() {
        let clash = matches!(
            (*mark, dialect.decimal),
            (".", DecimalMark::Point) | (",", DecimalMark::Comma)
        );
        if clash
            || mark.chars().count() != 1
            || mark.starts_with(|c: char| c.is_alphanumeric() || "+-".contains(c))
        {
            problems.add(*at, format!("`{mark}` cannot be a thousands mark here"));
        }
    }
    if let Some(marks) = marks.take() {
        dialect.thousands = marks
            .iter()
            .filter_map(|(mark, _)| plain_width(mark).chars().next())
            .collect();
    }
    dates_and_words(&mut section, &mut dialect, problems);
    section.finish(problems);
    dialect
}

fn dates_and_words(section: &mut Section<'_>, dialect: &mut Dialect, problems: &mut Problems<'_>) {
    let patterns = |texts: Vec<(&str, usize)>, problems: &mut Problems<'_>| -> Vec<String> {
        for (pattern, at) in &texts {
            if !matches!(*pattern, "detect" | "serial") && !pattern_is_sound(pattern) {
                problems.add(
                    *at,
                    format!("`{pattern}` is no date pattern; write it with %Y, %m, %d, %H, %M, %S"),
                );
            }
        }
        texts.into_iter().map(|(text, _)| text.to_owned()).collect()
    };
    if let Some(texts) = section.strings("dates", problems) {
        let forms = patterns(texts, problems).into_iter();
        dialect.dates = forms
            .map(|p| match p.as_str() {
                "detect" => DateForm::Unambiguous,
                "serial" => DateForm::Serial,
                _ => DateForm::Pattern(p),
            })
            .collect();
    }
    if let Some(texts) = section.strings("timestamps", problems) {
        dialect.timestamps = patterns(texts, problems)
            .into_iter()
            .filter(|p| !matches!(p.as_str(), "detect" | "serial"))
            .collect();
    }
    if let Some((name, at)) = section.string("zone", problems) {
        match TimeZone::get(name) {
            Ok(zone) => dialect.zone = zone,
            Err(_) => problems.add(
                at,
                format!("unknown time zone `{name}`; write one like `Asia/Tokyo`"),
            ),
        }
    }
    let lower = |texts: Vec<(&str, usize)>| {
        texts
            .into_iter()
            .map(|(text, _)| text.to_lowercase())
            .collect()
    };
    if let Some(words) = section.strings("empty_words", problems) {
        dialect.empty_words = lower(words);
    }
    if let Some(signs) = section.strings("signs", problems) {
        for (sign, at) in &signs {
            if sign.trim().is_empty()
                || sign.contains(|c: char| c.is_ascii_digit() || "+-.,()".contains(c))
            {
                problems.add(*at, format!("`{sign}` cannot be a sign beside numbers"));
            }
        }
        dialect.signs = signs
            .iter()
            .map(|(sign, _)| plain_width(sign.trim()).into_owned())
            .collect();
    }
    if let Some(words) = section.strings("true_words", problems) {
        dialect.true_words = lower(words);
    }
    if let Some(words) = section.strings("false_words", problems) {
        dialect.false_words = lower(words);
    }
}

fn encoding(label: &str, at: usize, problems: &mut Problems<'_>) -> Option<&'static Encoding> {
    let known = match label.to_ascii_lowercase().as_str() {
        "cp932" => Some(encoding_rs::SHIFT_JIS),
        // A stateful encoding cannot be entered in the middle of a file.
        "iso-2022-jp" => None,
        other => Encoding::for_label_no_replacement(other.as_bytes()),
    };
    if known.is_none() {
        problems.add(at, format!("unknown encoding `{label}`; for example `utf-8`, `shift_jis`, `cp932`, `euc-jp`, `utf-16le`, `windows-1252` or `detect`"));
    }
    known
}

fn one_byte(word: &str, what: &str, at: usize, problems: &mut Problems<'_>) -> Option<u8> {
    match word.as_bytes() {
        [byte] if byte.is_ascii_punctuation() || matches!(byte, b' ' | b'\t') => Some(*byte),
        _ => {
            problems.add(
                at,
                format!("`{word}` cannot be a {what}; it must be one ASCII mark"),
            );
            None
        }
    }
}
