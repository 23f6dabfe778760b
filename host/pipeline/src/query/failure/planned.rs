//! What the planner says of a query, and its hints, in our words.

use datafusion::common::SchemaError;

use super::{Failure, Fault, clean};
use crate::query::types::in_sql;

/// A name in SQL that does not exist.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UnknownName<'a> {
    Table(&'a str),
    Column(&'a str),
}

/// What is wrong with the names of a query, as messages with a place say it.
pub(in crate::query) fn names(error: &SchemaError) -> String {
    match error {
        SchemaError::FieldNotFound { field, .. } => {
            let table = field.relation.as_ref();
            let table = table.map(|table| format!(" in '{}'", table.table()));
            let table = table.unwrap_or_default();
            format!("column '{}' not found{table}", field.name)
        }
        other => clean(&other.to_string()),
    }
}

/// The table or column that a message says does not exist.
pub(in crate::query) fn unknown_name(message: &str) -> Option<UnknownName<'_>> {
    let (kind, rest) = message.split_once(" '")?;
    let (name, after) = rest.split_once('\'')?;
    match kind {
        "table" => Some(UnknownName::Table(name)),
        "column" if after.contains("not found") => Some(UnknownName::Column(name)),
        _ => None,
    }
}

/// A message of the planner with its hints.
pub(in crate::query) fn planned(message: &str, hints: &[&str]) -> (String, Option<String>) {
    let quoted = message.split('\'').nth(1).unwrap_or_default();
    let said = |message: String, hint: String| (message, Some(hint));
    if message.contains("must appear in GROUP BY clause") {
        return said(
            format!("`{quoted}` is neither in GROUP BY nor inside an aggregate"),
            format!("add it to GROUP BY, or write max({quoted})"),
        );
    }
    if message.contains("queries have different number of columns") {
        let operator = message.split(' ').next().unwrap_or_default();
        let number = |hint: &&str| {
            let mut numbers = hint.split(|c: char| !c.is_ascii_digit());
            numbers.find(|n| !n.is_empty()).map(str::to_owned)
        };
        let numbers: Vec<String> = hints.iter().filter_map(number).collect();
        let hint = match numbers.as_slice() {
            [one, other] => format!("one has {one}, the other {other}"),
            _ => "select as many columns in each".to_owned(),
        };
        return said(
            format!("the two sides of {operator} have different numbers of columns"),
            hint,
        );
    }
    if message.contains("Too many columns!") {
        return said(
            "a subquery that is compared with one value has several columns".to_owned(),
            "select one column in it".to_owned(),
        );
    }
    let types = hints
        .iter()
        .filter_map(|hint| hint.strip_prefix("has type "));
    let types: Vec<String> = types.map(in_sql).collect();
    if let [one, other] = types.as_slice() {
        let hint = match one == other {
            true => format!("both are {one}"),
            false => format!("one is {one}, the other {other}: CAST one of them"),
        };
        return said(clean(message), hint);
    }
    let hints: Vec<String> = hints.iter().map(|hint| in_sql(hint)).collect();
    let hint = (!hints.is_empty()).then(|| hints.join("; "));
    (clean(message), hint)
}

/// What the planner says, what it means, and what to write instead.
const WORDS: &[(&str, &str, &str)] = &[
    (
        "Unsupported LIMIT expression",
        "LIMIT and OFFSET take constants",
        "number the rows and compare: row_number() OVER (ORDER BY …) <= (SELECT …)",
    ),
    (
        "There is only support Literal types for field",
        "this window function takes a constant there, not a column",
        "number the rows with row_number(), and join them by their numbers",
    ),
    (
        "must be an INTEGER or NULL",
        "a series in FROM takes constants, not a column of the table beside it",
        "write unnest(generate_series(1, x)) in SELECT",
    ),
    (
        "Unsupported Value `UnicodeStringLiteral",
        "texts as U&'…' are not supported",
        "write the characters themselves, or chr(233)",
    ),
    (
        "Empty tuple not supported",
        "GROUP BY () is not supported",
        "leave GROUP BY out: aggregates alone give one row",
    ),
    (
        "has no type information",
        "`@` stands before no variable here",
        "write $name, with a value under [vars] in pipeline.toml",
    ),
    (
        "Aggregate ORDER BY is not implemented for window functions",
        "an aggregate over a window takes its order from OVER",
        "write array_agg(x) OVER (ORDER BY y)",
    ),
    (
        "Unsupported SQL type UUID",
        "there is no type UUID",
        "keep it as VARCHAR",
    ),
    (
        "Unsupported SQL type JSON",
        "there is no type JSON",
        "keep it as VARCHAR; to_json(x) writes one, `->>` reads one",
    ),
    (
        "Unsupported ast node in sqltorel: Collate",
        "COLLATE is not supported",
        "compare lower(x)",
    ),
    (
        "Percentile value must be between 0.0 and 1.0",
        "the share of a quantile is a constant from 0 to 1",
        "write 0.25 for a quarter",
    ),
];

/// What the planner says in terms of its own tree.
pub(super) fn tree(text: &str) -> Option<Failure> {
    let refused =
        |message: String, hint: &str| Some(Failure::new(Fault::Unsupported, message).hint(hint));
    if text.contains("would exceed max scale of") {
        let (_, rest) = text.split_once("decimal operation ")?;
        let (product, _) = rest.split_once(": ")?;
        return refused(
            format!(
                "{} has more digits after the point than a decimal has",
                in_sql(product)
            ),
            "CAST an operand to fewer of them, as DECIMAL(18, 6)",
        );
    }
    if text.contains("Dot access not supported for non-string expr") {
        return refused(
            "a field of a value is not read by a point here".to_owned(),
            "write x['a']['b']",
        );
    }
    for (theirs, message, hint) in WORDS {
        if text.contains(theirs) {
            return refused((*message).to_owned(), hint);
        }
    }
    let (said, _) = text.split_once(", got Column(")?;
    let hint = "an argument in FROM is a constant: generate_series(1, 10)";
    refused(clean(said), hint)
}

/// A refusal of the planner that comes without a place or hints.
pub(super) fn refusal(text: &str) -> Option<Failure> {
    let refused =
        |message: String, hint: &str| Some(Failure::new(Fault::Unsupported, message).hint(hint));
    if let Some((_, rest)) = text.split_once("HAVING clause references: ") {
        let (what, _) = rest.split_once(" must appear in the GROUP BY")?;
        return refused(
            format!(
                "HAVING uses `{}`, which is neither in GROUP BY nor an aggregate",
                in_sql(what)
            ),
            "put a condition on rows into WHERE",
        );
    }
    if let Some((_, rest)) = text.split_once("common type to coerce ") {
        let (types, operator) = rest.split_once(" in ")?;
        let operator = operator.split(' ').next().unwrap_or_default();
        return refused(
            format!("{operator} does not take {}", in_sql(types)),
            "CAST(… AS VARCHAR) makes a value a text",
        );
    }
    if let Some((_, rest)) = text.split_once("filter with non-boolean predicate '") {
        let (what, found) = rest.split_once("' returning ")?;
        return refused(
            format!(
                "the condition `{}` is {}, not true or false",
                in_sql(what),
                in_sql(found)
            ),
            "compare it with a value",
        );
    }
    if let Some((_, table)) = text.split_once("Invalid qualifier ") {
        return refused(
            format!("FROM has no table `{table}`"),
            "write the name or the alias that FROM gives it before .*",
        );
    }
    if let Some((_, found)) = text.split_once("Join condition must be boolean type, but got ") {
        return refused(
            format!(
                "the condition of a join is {}, not true or false",
                in_sql(found)
            ),
            "compare two columns: ON a.x = b.x",
        );
    }
    if let Some((said, _)) = text.split_once(", got Literal(") {
        return Some(Failure::new(Fault::Unsupported, clean(said)));
    }
    if text.contains("Correlated scalar subquery must be aggregated") {
        return refused(
            "a subquery that names columns of the query around it may give several rows".to_owned(),
            "write an aggregate such as max(…) in it, or a JOIN",
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{planned, refusal};

    #[test]
    fn the_planner_speaks_our_words() {
        for (message, hints, said, hint) in [
            (
                "'t.a' must appear in GROUP BY clause because it's not an aggregate expression",
                &["Either add 't.a' to GROUP BY clause, or use an aggregate function"][..],
                "`t.a` is neither in GROUP BY nor inside an aggregate",
                "add it to GROUP BY, or write max(t.a)",
            ),
            (
                "UNION queries have different number of columns",
                &["this side has 1 fields", "this side has 2 fields"],
                "the two sides of UNION have different numbers of columns",
                "one has 1, the other 2",
            ),
            (
                "expressions have incompatible types",
                &["has type Int64", "has type Utf8"],
                "expressions have incompatible types",
                "one is BIGINT, the other VARCHAR: CAST one of them",
            ),
        ] {
            let hint = Some(hint.to_owned());
            assert_eq!(planned(message, hints), (said.to_owned(), hint));
        }
        assert_eq!(planned("no rows", &[]), ("no rows".to_owned(), None));
    }

    #[test]
    fn refusals_without_a_place_are_read() {
        for (text, said) in [
            (
                "HAVING clause references: t.n.id > Int64(1) must appear in the GROUP BY clause",
                "HAVING uses `t.n.id > 1`, which is neither in GROUP BY nor an aggregate",
            ),
            (
                "There isn't a common type to coerce Int64 and Utf8 in LIKE expression",
                "LIKE does not take BIGINT and VARCHAR",
            ),
            (
                "Cannot create filter with non-boolean predicate 't.n.id' returning Int64",
                "the condition `t.n.id` is BIGINT, not true or false",
            ),
        ] {
            assert_eq!(
                refusal(text).map(|found| found.message).as_deref(),
                Some(said)
            );
        }
        assert!(refusal("anything else").is_none());
    }
}
