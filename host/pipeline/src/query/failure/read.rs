//! The messages of the engine that are known, each as a failure in our words.

use super::{Failure, Fault, nested, window};
use crate::query::suggest::mismatch;
use crate::query::types::in_sql;

/// The text between two others.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    let end = rest.rfind(after).filter(|_| !after.is_empty());
    rest.get(..end.unwrap_or(rest.len()))
}

pub(super) fn cast(text: &str) -> Option<Failure> {
    let to = |found: &str| in_sql(found.trim_end_matches(" type").trim_end_matches('.'));
    let unread = |value: &str, to: &str| {
        // The engine reads texts as wider decimals than the one that was written.
        let to = if to.starts_with("DECIMAL") {
            "DECIMAL"
        } else {
            to
        };
        Failure::new(Fault::Cast, format!("a text is not {}", with_article(to)))
            .value(format!("'{value}'"))
            .hint(format!(
                "TRY_CAST(… AS {to}) makes it null; correct the value otherwise"
            ))
    };
    for begin in ["Cannot cast string '", "Cannot cast value '"] {
        if let Some(rest) = text.split_once(begin).map(|(_, rest)| rest) {
            let (value, kind) = rest.rsplit_once("' to value of ")?;
            return Some(unread(value, &to(kind)));
        }
    }
    for begin in ["Error parsing timestamp from '", "Error parsing '"] {
        if let Some(rest) = text.split_once(begin).map(|(_, rest)| rest) {
            let (value, _) = rest.rsplit_once("': ").or_else(|| rest.rsplit_once('\''))?;
            let kind = if begin.contains("timestamp") {
                "TIMESTAMP"
            } else {
                "DATE"
            };
            return Some(unread(value, kind));
        }
    }
    let unfit = |kind: String| {
        let hint = format!("TRY_CAST(… AS {kind}) makes it null; a wider type holds it");
        Failure::new(Fault::Cast, format!("a value does not fit into {kind}")).hint(hint)
    };
    if let Some(rest) = text.strip_prefix("Can't cast value ") {
        let (value, kind) = rest.rsplit_once(" to type ")?;
        return Some(unfit(to(kind)).value(value));
    }
    if let Some(rest) = text.strip_prefix("Cannot cast to ") {
        let (kind, value) = rest.split_once(". Overflowing on ")?;
        return Some(unfit(to(kind)).value(value));
    }
    let decimal = |rest: &str| {
        let precision = rest.split(['.', ' ']).next().unwrap_or_default();
        unfit(format!("DECIMAL({precision}, …)"))
    };
    for middle in [
        " is too large to store in a Decimal",
        " is too small to store in a Decimal",
    ] {
        if let Some((value, rest)) = text.split_once(middle) {
            let (_, rest) = rest.split_once(" of precision ")?;
            return Some(decimal(rest).value(value));
        }
    }
    if text.contains("to decimal") || text.contains("decimal format") {
        let value = text.rsplit_once(": ").map_or("", |(_, value)| value);
        let value = between(text, "string value ", " to").unwrap_or(value);
        let quoted = value.trim_matches(['\'', '"']);
        return Some(unread(quoted, "DECIMAL"));
    }
    if let Some(pair) = between(text, "Casting from ", " not supported") {
        let (from, to) = pair.split_once(" to ")?;
        let message = format!("{} cannot be cast to {}", in_sql(from), in_sql(to));
        return Some(Failure::new(Fault::Unsupported, message));
    }
    None
}

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['A', 'I', 'a', 'i']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {kind}")
}

pub(super) fn constant(text: &str) -> Option<Failure> {
    if let Some((_, rest)) = text.split_once("Unsupported date_trunc granularity: ") {
        let (part, known) = rest
            .split_once(". Supported values are: ")
            .unwrap_or((rest, ""));
        let failure =
            Failure::new(Fault::Constant, "date_trunc does not know the date part").value(part);
        return Some(failure.hint(format!("known: {}", known.trim_end_matches('.'))));
    }
    if let Some(parts) = text.strip_prefix("Unable to parse date from ") {
        let failure = Failure::new(Fault::Cast, "there is no such date").value(parts);
        return Some(
            failure.hint("make_date takes a year, a month from 1 to 12, and a day that it has"),
        );
    }
    if let Some(part) = between(text, "Date part '", "' not supported") {
        let hint =
            "year, quarter, month, week, day, hour, minute, second, dow, doy and epoch are known";
        let failure = Failure::new(Fault::Constant, "there is no such date part");
        return Some(failure.value(format!("'{part}'")).hint(hint));
    }
    if text.contains("timezone") || text.contains("time zone") {
        let quoted = text.split(['"', '\'']).nth(1).unwrap_or_default();
        let failure = Failure::new(Fault::Constant, "there is no such time zone");
        let failure = failure.hint("zones are written as 'Asia/Tokyo', 'UTC' or '+09:00'");
        return Some(match quoted {
            "" => failure,
            zone => failure.value(format!("'{zone}'")),
        });
    }
    if text.contains("regex parse error") || text.contains("egular expression") {
        let why = text
            .rsplit_once("error: ")
            .map_or("", |(_, why)| why.trim());
        let why = why.lines().next().unwrap_or_default();
        let message = match why {
            "" => "a regular expression is not valid".to_owned(),
            why => format!("a regular expression is not valid ({why})"),
        };
        let failure = Failure::new(Fault::Constant, message);
        // The pattern stands between the first line and the mark below it.
        let pattern = text
            .lines()
            .nth(1)
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('~'));
        let failure = failure.hint("write \\ before a character that stands for itself: \\(");
        return Some(match pattern {
            Some(pattern) => failure.value(format!("'{pattern}'")),
            None => failure,
        });
    }
    if text.contains("escape_char") {
        let message = "LIKE knows no other escape character than the backslash";
        return Some(Failure::new(Fault::Unsupported, message).hint("write LIKE 'a\\_b'"));
    }
    None
}

pub(super) fn subquery(text: &str) -> Option<Failure> {
    let lower = text.to_lowercase();
    if lower.contains("more than one row") {
        let message = "a subquery that must give one value gave several rows";
        return Some(Failure::new(Fault::Rows, message));
    }
    if text.contains("Correlated scalar subquery can only be used") {
        let message =
            "a subquery that names columns of the query around it stands in ORDER BY or ON";
        let hint = "select it under a name in a step of WITH, and sort or join by the name";
        return Some(Failure::new(Fault::Unsupported, message).hint(hint));
    }
    if text.contains("undecorrelated") || text.contains("Accessing outer reference columns") {
        return Some(nested());
    }
    let (_, tree) = text.split_once("does not support logical expression ")?;
    let refused = |what: &str, hint: &str| {
        let message = format!("{what} is not supported");
        Some(Failure::new(Fault::Unsupported, message).hint(hint))
    };
    if tree.starts_with("InSubquery") {
        let hint = "join the subquery with LEFT JOIN and ask whether its key IS NOT NULL";
        refused("IN (SELECT …) outside of WHERE", hint)
    } else if tree.starts_with("Exists") {
        let hint = "join the subquery with LEFT JOIN and ask whether its key IS NOT NULL";
        refused("EXISTS (SELECT …) outside of WHERE", hint)
    } else if tree.starts_with("WindowFunction") {
        Some(window())
    } else if tree.starts_with("SetComparison") {
        refused(
            "ANY and ALL in this place",
            "compare with a subquery that gives min(…) or max(…)",
        )
    } else {
        Some(nested())
    }
}

pub(super) fn arguments(text: &str) -> Option<Failure> {
    if let Some((message, takes)) = mismatch(text) {
        return Some(Failure::new(Fault::Unsupported, message).hint(takes));
    }
    let begins = ["call to '", "Function '", "function '"];
    let is_signature = text.contains("signature") || text.contains("coercion");
    if !is_signature {
        return None;
    }
    let name = begins.iter().find_map(|begin| {
        let (_, rest) = text.split_once(begin)?;
        rest.split('\'').next()
    })?;
    let types = between(text, "coercion from ", " to the signature")
        .map(|types| types.trim_matches(['[', ']', '"']).to_owned());
    let message = match types {
        Some(types) => format!("`{name}` does not take ({})", in_sql(&types)),
        None => format!("`{name}` does not take these arguments"),
    };
    Some(Failure::new(Fault::Unsupported, message))
}
