//! The template machine: how texts are read, how far they may work, and how their words are tidied.

use std::error::Error as _;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

/// Steps of the template machine for one message, so that no loop in a template stalls a run.
const FUEL: u64 = 50_000;
/// Depth of nested blocks.
const DEPTH_MAX: usize = 32;

/// A machine that knows no file, no filter and no unset name, and that stops after so much work.
pub fn environment() -> Environment<'static> {
    let mut texts = Environment::empty();
    texts.set_undefined_behavior(UndefinedBehavior::Strict);
    texts.set_auto_escape_callback(|_| AutoEscape::None);
    texts.set_fuel(Some(FUEL));
    texts.set_recursion_limit(DEPTH_MAX);
    texts.set_formatter(|out, _, value| {
        let blank = value.as_str().is_some_and(|text| text.trim().is_empty());
        if blank || value.is_none() || value.is_undefined() {
            return Err(Error::new(
                ErrorKind::UndefinedError,
                "a field that is printed has no value",
            ));
        }
        write!(out, "{value}").map_err(Error::from)
    });
    texts
}

/// What went wrong at the bottom: an error inside an include comes wrapped.
pub fn tell(error: &Error) -> String {
    let mut error = error;
    while let Some(inner) = error
        .source()
        .and_then(|source| source.downcast_ref::<Error>())
    {
        error = inner;
    }
    let what = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_string);
    match error.line() {
        Some(line) => format!("{what}, line {line}"),
        None => what,
    }
}

/// One kind of line end, no blanks around the text.
pub fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .trim()
        .to_string()
}

/// No blanks at the end of lines, never more than one empty line.
pub fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n").trim().to_string()
}
