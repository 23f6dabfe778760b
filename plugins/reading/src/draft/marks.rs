//! Which marks the numbers of a sample have, and where a mark may mean two things.

use std::collections::BTreeSet;

use super::sample::Sample;
use super::texts::{fits, written};
use crate::mapping::{ColumnType, DecimalMark, Dialect};

/// The marks of a sample.
pub(super) struct NumberMarks {
    pub dialect: Dialect,
    /// Columns whose numbers may mean two things.
    pub unclear: BTreeSet<usize>,
    pub doubts: Vec<String>,
}

/// The marks under which most columns are numbers. A column of which `12,000` may be 12000 and
/// 12.000 takes no part, unless another text of the file tells which.
pub(super) fn number_marks(sample: &Sample) -> NumberMarks {
    let is_east_asian = sample
        .columns
        .iter()
        .any(|(heading, _)| heading.chars().any(is_cjk));
    let mut unclear = BTreeSet::new();
    let mut doubts = Vec::new();
    for mark in [',', '.'] {
        // In China, Japan and Korea no comma stands before a fraction.
        if mark == ',' && is_east_asian {
            continue;
        }
        let with: Vec<usize> = (0..sample.columns.len())
            .filter(|at| has_numbers_with(sample, *at, mark))
            .collect();
        let texts = |at: &usize| sample.columns.get(*at).map(|(_, texts)| written(texts));
        let is_settled = with
            .iter()
            .filter_map(texts)
            .flatten()
            .any(|text| settles(text, mark));
        if is_settled {
            continue;
        }
        for at in with {
            let Some((heading, texts)) = sample.columns.get(at) else {
                continue;
            };
            let example = written(texts)
                .find(|text| text.contains(mark))
                .unwrap_or("");
            let (whole, fraction) = example.split_once(mark).unwrap_or((example, ""));
            let other = if mark == ',' { '.' } else { ',' };
            doubts.push(format!(
                "`{heading}`: `{example}` may be {whole}{fraction} or {whole}.{fraction}; it is text until the dialect says `decimal = \"{other}\", thousands = [\"{mark}\"]` or `decimal = \"{mark}\"`"
            ));
            unclear.insert(at);
        }
    }
    let dialect = best_of(sample, &unclear, is_east_asian);
    NumberMarks {
        dialect,
        unclear,
        doubts,
    }
}

fn best_of(sample: &Sample, unclear: &BTreeSet<usize>, is_east_asian: bool) -> Dialect {
    let choices: [(DecimalMark, &[char]); 5] = [
        (DecimalMark::Point, &[]),
        (DecimalMark::Comma, &[]),
        (DecimalMark::Comma, &['.']),
        (DecimalMark::Point, &[',']),
        (DecimalMark::Comma, &[' ']),
    ];
    let mut best = (0, Dialect::default());
    for (decimal, thousands) in choices {
        if is_east_asian && decimal == DecimalMark::Comma {
            continue;
        }
        let dialect = dialect(decimal, thousands);
        let columns = sample.columns.iter().enumerate();
        let count = columns
            .filter(|(at, _)| !unclear.contains(at))
            .filter(|(_, (_, texts))| {
                written(texts).next().is_some() && fits(texts, ColumnType::Number, &dialect)
            })
            .count();
        if count > best.0 {
            best = (count, dialect);
        }
    }
    best.1
}

fn dialect(decimal: DecimalMark, thousands: &[char]) -> Dialect {
    Dialect {
        decimal,
        thousands: thousands.to_vec(),
        ..Dialect::default()
    }
}

/// Whether a column holds numbers, under some marks, of which one has this mark.
fn has_numbers_with(sample: &Sample, at: usize, mark: char) -> bool {
    let Some((_, texts)) = sample.columns.get(at) else {
        return false;
    };
    let ways = match mark {
        ',' => [
            dialect(DecimalMark::Comma, &['.']),
            dialect(DecimalMark::Point, &[',']),
        ],
        _ => [
            dialect(DecimalMark::Point, &[',']),
            dialect(DecimalMark::Comma, &['.']),
        ],
    };
    written(texts).any(|text| text.contains(mark))
        && ways
            .iter()
            .any(|dialect| fits(texts, ColumnType::Number, dialect))
}

/// Whether a number with a mark tells what the mark means: 1,234,567 and 12,50 and 0,375 do, 12,000
/// does not.
fn settles(text: &str, mark: char) -> bool {
    let text = crate::values::plain_width(text);
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.');
    let number: String = text.chars().filter(|c| is_part(*c)).collect();
    if !number.contains(mark) {
        return false;
    }
    if number.contains(',') && number.contains('.') {
        return true;
    }
    let groups: Vec<&str> = number.split(mark).collect();
    match groups.as_slice() {
        [whole, fraction] => {
            fraction.len() != 3 || !(1..=3).contains(&whole.len()) || whole.starts_with('0')
        }
        _ => true,
    }
}

/// Han, kana and hangul.
pub(super) fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}
