//! A text that the parser cannot read, said with the place where it stopped.

use super::error::QueryError;
use tsugi_core::diagnostic::Place;

/// The last character of a text.
fn end_of(file: &str, sql: &str) -> Place {
    let lines = sql.trim_end().lines();
    let (line, text) = lines.enumerate().last().unwrap_or_default();
    let number = |n: usize| u32::try_from(n.max(1)).unwrap_or(u32::MAX);
    Place {
        file: file.to_owned(),
        line: number(line + 1),
        column: number(text.chars().count()),
    }
}

/// A parser's message without the place that it ends in, which becomes the place of the error.
pub(super) fn unparsed(file: &str, sql: &str, message: &str) -> QueryError {
    let message = message.rsplit("ParserError(\"").next().unwrap_or(message);
    let message = message
        .rsplit("TokenizerError(\"")
        .next()
        .unwrap_or(message);
    let message = message
        .trim_start_matches("SQL error: ")
        .trim_end_matches("\")")
        .to_owned();
    let at = message.rfind(" at Line: ");
    let place = at.and_then(|at| {
        let mut numbers = message
            .get(at..)?
            .split(|c: char| !c.is_ascii_digit())
            .filter(|n| !n.is_empty());
        let line = numbers.next()?.parse().ok()?;
        let column = numbers.next()?.parse().ok()?;
        Some(Place {
            file: file.to_owned(),
            line,
            column,
        })
    });
    let text = at
        .and_then(|at| message.get(..at))
        .unwrap_or(&message)
        .to_owned();
    let text = match text.as_str() {
        "Unterminated string literal" => "a text in single quotes does not end".to_owned(),
        other if other.starts_with("Expected close delimiter") => {
            "a name in double quotes does not end".to_owned()
        }
        _ => text,
    };
    let (text, at_end) = match text.strip_suffix("found: EOF") {
        Some(text) => (format!("{text}found: the end"), Some(end_of(file, sql))),
        None => (text, None),
    };
    let place = place.or(at_end).or_else(|| Some(Place::of_file(file)));
    if text.contains("RecursionLimitExceeded") || text.contains("recursion limit exceeded") {
        let hint = "name a part of it in WITH … AS (…)".to_owned();
        return QueryError::Sql {
            message: "expressions are too deep inside each other".to_owned(),
            place,
            hint: Some(hint),
        };
    }
    let (message, hint) = match of_others(sql, &text) {
        Some((message, hint)) => (message, Some(hint)),
        None => (text, None),
    };
    QueryError::Sql {
        message,
        place,
        hint,
    }
}

/// A form of another tool that stopped the parser, and what to write instead.
fn of_others(sql: &str, message: &str) -> Option<(String, String)> {
    let said = |message: &str, hint: &str| Some((message.to_owned(), hint.to_owned()));
    let found = message.rsplit("found: ").next().unwrap_or_default();
    if found.starts_with(['{', '%']) && (sql.contains("{{") || sql.contains("{%")) {
        return said(
            "a model is SQL without a template",
            "write a table by its name, as in FROM staging.orders, and a variable as $name",
        );
    }
    if found.starts_with('{') && sql.contains("${") {
        return said(
            "a variable has no braces",
            "write $name, with name = … under [vars] in pipeline.toml",
        );
    }
    match found.to_uppercase().as_str() {
        "PIVOT" => said(
            "PIVOT stands behind a table in FROM",
            "write SELECT * FROM t PIVOT (sum(x) FOR y IN ('a', 'b'))",
        ),
        "UNPIVOT" => said(
            "UNPIVOT stands behind a table in FROM",
            "write SELECT * FROM t UNPIVOT (value FOR name IN (a, b))",
        ),
        _ => None,
    }
}
