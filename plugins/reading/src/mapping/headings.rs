//! A file's headings against the columns of its mapping: what is there, what is new, what
//! is gone.

use crate::error::{ReadError, Result, listed, nearest};
use crate::host::Host;
use crate::mapping::config::Drift;
use crate::mapping::{ColumnMapping, StreamMapping};
use crate::values::plain_width;

/// The field of each column in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Headings {
    /// For each column of the mapping its field in the file.
    pub index: Vec<Option<usize>>,
    /// Fields that no column claims, with their headings.
    pub extra: Vec<(usize, String)>,
    /// How many fields a row has.
    pub width: usize,
    /// The field that marks the first row of a record, if the stream names one and it is there.
    pub start: Option<usize>,
    missing: Vec<String>,
}

/// A heading as it is compared: without marks of order, width, case and doubled spaces.
pub(crate) fn folded(heading: &str) -> String {
    let plain = plain_width(heading.trim_start_matches('\u{feff}'));
    plain
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// How many columns of the stream find their heading here.
pub(crate) fn matches(stream: &StreamMapping, found: &[String]) -> usize {
    let found: Vec<String> = found.iter().map(|heading| folded(heading)).collect();
    let there = |heading: &String| place_of(heading, &found).is_some();
    stream
        .columns
        .iter()
        .filter(|column| column.headings.iter().any(there))
        .count()
}

/// Finds the columns of a stream among a file's headings.
///
/// # Errors
/// A heading that the mapping needs is absent or repeated, or drift is not allowed.
pub(crate) fn resolve(
    stream: &StreamMapping,
    found: &[String],
    file: &str,
    drift: Drift,
) -> Result<Headings> {
    let keys: Vec<String> = found.iter().map(|heading| folded(heading)).collect();
    let place = format!("{file}:{}", stream.skip_lines + 1);
    let mut headings = Headings {
        width: found.len(),
        ..Headings::default()
    };
    let mut claimed = vec![false; keys.len()];
    if let Some(start) = &stream.start {
        let start = folded(start);
        headings.start = keys.iter().position(|key| *key == start);
        claim(&mut claimed, headings.start);
    }
    let mut gone = Vec::new();
    for column in &stream.columns {
        let at = column
            .headings
            .iter()
            .find_map(|wanted| place_of(wanted, &keys));
        let is_numbered = column
            .headings
            .iter()
            .any(|wanted| numbered(wanted).is_some());
        let may_be_absent = column.constant.is_some()
            || column.optional
            || (column.nullable && matches!(drift, Drift::Ignore | Drift::Add));
        match at {
            Some(_) if is_numbered => {}
            Some(at) => {
                refuse_repeated(column, &keys, found, at, file).map_err(|e| e.at(&place))?;
            }
            None if column.constant.is_some() => {}
            None if may_be_absent => headings.missing.push(column.name.clone()),
            None => gone.push(column),
        }
        claim(&mut claimed, at);
        headings.index.push(at);
    }
    for ((at, heading), claimed) in found.iter().enumerate().zip(claimed) {
        if !claimed && keys.get(at).is_some_and(|key| !key.is_empty()) {
            headings
                .extra
                .push((at, distinct(heading.trim(), at, &keys)));
        }
    }
    if let Some(first) = gone.first() {
        return Err(lacking(first, &gone, &headings, found, stream, file).at(place));
    }
    if drift == Drift::Fail && !headings.extra.is_empty() {
        let new = listed(headings.extra.iter().map(|(_, heading)| heading.as_str()));
        let message = format!(
            "`{file}` has heading(s) that stream `{}` does not know: {new}",
            stream.name
        );
        let next = "add them to the mapping, or set `drift = \"ignore\"` or `drift = \"add\"`";
        return Err(ReadError::config("extra-heading", message)
            .detail(next)
            .at(place));
    }
    Ok(headings)
}

/// The field of a heading: its own; the nth of that name for `Phone#2`; the nth of all for `#5`.
fn place_of(wanted: &str, keys: &[String]) -> Option<usize> {
    let own = folded(wanted);
    if let Some(at) = keys.iter().position(|key| *key == own) {
        return Some(at);
    }
    let (name, number) = numbered(wanted)?;
    let place = number.checked_sub(1)?;
    if name.is_empty() {
        return (place < keys.len()).then_some(place);
    }
    let named = keys.iter().enumerate().filter(|(_, key)| **key == name);
    named.map(|(at, _)| at).nth(place)
}

/// The two parts of `Phone#2`.
fn numbered(wanted: &str) -> Option<(String, usize)> {
    let (name, number) = wanted.rsplit_once('#')?;
    Some((folded(name), number.trim().parse().ok()?))
}

/// A heading, with its number where it stands more than once.
fn distinct(heading: &str, at: usize, keys: &[String]) -> String {
    let Some(key) = keys.get(at) else {
        return heading.to_owned();
    };
    let before = keys.iter().take(at).filter(|other| *other == key).count();
    match keys.iter().filter(|other| *other == key).count() {
        1 => heading.to_owned(),
        _ => format!("{heading}#{}", before + 1),
    }
}

fn claim(claimed: &mut [bool], at: Option<usize>) {
    if let Some(flag) = at.and_then(|at| claimed.get_mut(at)) {
        *flag = true;
    }
}

/// Refuses the heading of a column that occurs more than once.
fn refuse_repeated(
    column: &ColumnMapping,
    keys: &[String],
    found: &[String],
    at: usize,
    file: &str,
) -> Result<()> {
    let Some(key) = keys.get(at) else {
        return Ok(());
    };
    if keys.iter().filter(|other| *other == key).count() <= 1 {
        return Ok(());
    }
    let heading = found.get(at).map_or("", String::as_str);
    let message = format!(
        "the heading `{heading}` occurs twice in `{file}`; column `{}` needs it once",
        column.name
    );
    let next = format!("say which: `headings = [\"{heading}#1\"]` or `[\"{heading}#2\"]`");
    Err(ReadError::config("duplicate-heading", message).detail(next))
}

/// The error for columns without a heading, with the nearest heading that no column claims.
fn lacking(
    first: &ColumnMapping,
    gone: &[&ColumnMapping],
    headings: &Headings,
    found: &[String],
    stream: &StreamMapping,
    file: &str,
) -> ReadError {
    let wanted = first.headings.first().unwrap_or(&first.name);
    let unclaimed = || headings.extra.iter().map(|(_, heading)| heading.as_str());
    let near = nearest(wanted, unclaimed()).or_else(|| nearest(&first.name, unclaimed()));
    let next = match near {
        Some(near) => format!(
            "the nearest heading is `{near}`; if it is meant, add it to `headings` of column `{}`",
            first.name
        ),
        None => format!(
            "the headings found are {}",
            listed(found.iter().map(String::as_str))
        ),
    };
    let all = listed(
        gone.iter()
            .map(|column| column.headings.first().unwrap_or(&column.name).as_str()),
    );
    let message = format!(
        "`{file}` lacks the heading(s) {all} of stream `{}`",
        stream.name
    );
    ReadError::config("missing-heading", message).detail(next)
}

impl Headings {
    /// For formats without a heading row: every column has a field of its own.
    pub(crate) fn of_keys(stream: &StreamMapping) -> Self {
        let width = stream.columns.len();
        Self {
            index: (0..width).map(Some).collect(),
            width,
            ..Self::default()
        }
    }

    /// Reports headings that came or went.
    pub(crate) fn report(&self, host: &dyn Host, stream: &str, file: &str, drift: Drift) {
        if !self.extra.is_empty() && drift != Drift::Ignore {
            let new = listed(self.extra.iter().map(|(_, heading)| heading.as_str()));
            let outcome = if drift == Drift::Add {
                "kept in `_extra`"
            } else {
                "not read"
            };
            host.notice(
                stream,
                "extra-heading",
                &format!("{file}: the mapping does not know {new}; {outcome}"),
            );
        }
        if !self.missing.is_empty() {
            let gone = listed(self.missing.iter().map(String::as_str));
            host.notice(
                stream,
                "missing-heading",
                &format!("{file}: no heading for {gone}; these columns stay empty"),
            );
        }
    }
}
