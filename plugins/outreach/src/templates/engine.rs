//! The template engine: what templates may do, how much, and how errors and texts are cleaned.

use std::error::Error as _;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

/// Steps of the engine for one message, so that no loop in a template stalls a run.
const FUEL: u64 = 50_000;
/// Nested blocks.
const DEPTH_MAX: usize = 32;

/// An environment without files, filters and undefined names, with a limit on work.
pub(crate) fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(DEPTH_MAX);
    environment.set_formatter(|out, _, value| {
        let blank = value.as_str().is_some_and(|text| text.trim().is_empty());
        if blank || value.is_none() || value.is_undefined() {
            return Err(Error::new(
                ErrorKind::UndefinedError,
                "a field that is printed has no value",
            ));
        }
        write!(out, "{value}").map_err(Error::from)
    });
    environment
}

/// The innermost error with its line, because an error inside an include comes wrapped.
pub(crate) fn describe(error: &Error) -> String {
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

/// Unix line ends, no blanks around the text.
pub(crate) fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .trim()
        .to_string()
}

/// Removes blanks at the end of lines and repeated empty lines.
pub(crate) fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n").trim().to_string()
}
