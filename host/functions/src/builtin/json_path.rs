//! The way to a value inside JSON, as DuckDB writes it: `$.lines[0].lot`, `/lines/0/lot`, `lot`.

use serde_json::Value;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
    /// `[#-1]` is the last one.
    FromEnd(usize),
}

/// A path, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JsonPath(Vec<Step>);

impl JsonPath {
    /// Reads a path; a text that begins with neither `$` nor `/` is one key, a number one index.
    ///
    /// # Errors
    /// Why it is none.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        if let Some(rest) = text.strip_prefix('$') {
            return dollar(rest)
                .map(Self)
                .map_err(|why| format!("the path '{text}' {why}"));
        }
        if let Some(rest) = text.strip_prefix('/') {
            let steps = rest.split('/').map(|step| {
                let step = step.replace("~1", "/").replace("~0", "~");
                step.parse().map_or(Step::Key(step), Step::Index)
            });
            return Ok(Self(steps.collect()));
        }
        Ok(Self(vec![match text.parse::<i64>() {
            Ok(index) => indexed(index),
            Err(_) => Step::Key(text.to_owned()),
        }]))
    }

    /// The value at its end.
    pub(super) fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0
            .iter()
            .try_fold(value, |value, step| match (step, value) {
                (Step::Key(key), Value::Object(fields)) => fields.get(key),
                (Step::Index(index), Value::Array(all)) => all.get(*index),
                (Step::Index(index), Value::Object(fields)) => fields.get(&index.to_string()),
                (Step::FromEnd(back), Value::Array(all)) => all.get(all.len().checked_sub(*back)?),
                _ => None,
            })
    }
}

fn indexed(index: i64) -> Step {
    let distance = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    match index < 0 {
        true => Step::FromEnd(distance),
        false => Step::Index(distance),
    }
}

/// What follows `$`: `.key`, `."any key"`, `[0]`, `[#-1]`, `['key']`.
fn dollar(mut rest: &str) -> Result<Vec<Step>, &'static str> {
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let (key, after) = match after.strip_prefix('"') {
                Some(quoted) => quoted
                    .split_once('"')
                    .ok_or("has a quote that does not end")?,
                None => after.split_at(after.find(['.', '[']).unwrap_or(after.len())),
            };
            if key.is_empty() || key == "*" {
                return Err("names no key after `.`: wildcards are not known here");
            }
            steps.push(Step::Key(key.to_owned()));
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let (inside, after) = after
                .split_once(']')
                .ok_or("has a bracket that does not end")?;
            let quote = inside
                .strip_prefix('\'')
                .and_then(|inside| inside.strip_suffix('\''));
            let quote = quote.or_else(|| inside.strip_prefix('"')?.strip_suffix('"'));
            let number = inside.trim_start_matches('#');
            steps.push(match (quote, number.parse::<i64>()) {
                (Some(key), _) => Step::Key(key.to_owned()),
                (None, Ok(index)) => indexed(index),
                (None, Err(_)) => return Err("has no number in its brackets"),
            });
            rest = after;
        } else {
            return Err("goes on with neither `.` nor `[`");
        }
    }
    Ok(steps)
}
