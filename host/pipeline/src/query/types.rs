//! Types as an analyst writes them: what the engine calls `Int64` is BIGINT.

use datafusion::arrow::datatypes::DataType;

/// What SQL calls a type.
pub(crate) fn sql_type(data_type: &DataType) -> String {
    match data_type {
        DataType::Dictionary(_, values) => sql_type(values),
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => "a list".into(),
        DataType::Struct(_) => "a struct".into(),
        DataType::Map(..) => "a map".into(),
        DataType::Null => "always null".into(),
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
            format!("DECIMAL({precision}, {scale})")
        }
        other => in_sql(&other.to_string()),
    }
}

/// The engine's names of types in a text, replaced by those of SQL.
pub(super) fn in_sql(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let (before, word_on) = rest.split_at(start);
        out.push_str(before);
        let end = word_on.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (word, after) = word_on.split_at(end.unwrap_or(word_on.len()));
        // A part of a longer word, or of a name in quotes, is no type.
        let is_inside = before.ends_with(|c: char| c.is_alphanumeric() || "_'`\".".contains(c));
        rest = match named(word).filter(|_| !is_inside) {
            // `Int64(1)` is a literal, written with its type.
            Some((_, Arguments::None)) if after.starts_with('(') => {
                let (literal, after) = parenthesis(after);
                let value = literal
                    .strip_prefix('(')
                    .and_then(|rest| rest.strip_suffix(')'));
                out.push_str(&value.unwrap_or(literal).replace('"', "'"));
                after
            }
            Some((name, Arguments::None)) => {
                out.push_str(name);
                after
            }
            Some((name, Arguments::Kept)) => {
                out.push_str(name);
                after
            }
            Some((name, Arguments::Dropped)) => {
                let (arguments, after) = parenthesis(after);
                out.push_str(name);
                if name == "TIMESTAMP" && (arguments.contains('"') || arguments.contains("Some")) {
                    out.push_str(" WITH TIME ZONE");
                }
                after
            }
            None => {
                out.push_str(word);
                after
            }
        };
    }
    out.push_str(rest);
    out
}

enum Arguments {
    None,
    /// `Decimal128(5, 2)`.
    Kept,
    /// `Timestamp(ns, "UTC")`.
    Dropped,
}

fn named(word: &str) -> Option<(&'static str, Arguments)> {
    let plain = |name| Some((name, Arguments::None));
    match word {
        "Utf8" | "LargeUtf8" | "Utf8View" => plain("VARCHAR"),
        "Boolean" => plain("BOOLEAN"),
        "Int8" => plain("TINYINT"),
        "Int16" => plain("SMALLINT"),
        "Int32" => plain("INT"),
        "Int64" => plain("BIGINT"),
        "UInt8" => plain("TINYINT UNSIGNED"),
        "UInt16" => plain("SMALLINT UNSIGNED"),
        "UInt32" => plain("INT UNSIGNED"),
        "UInt64" => plain("BIGINT UNSIGNED"),
        "Float16" | "Float32" => plain("REAL"),
        "Float64" => plain("DOUBLE"),
        "Date32" | "Date64" => plain("DATE"),
        "Binary" | "LargeBinary" | "BinaryView" => plain("BYTEA"),
        "Decimal32" | "Decimal64" | "Decimal128" | "Decimal256" => {
            Some(("DECIMAL", Arguments::Kept))
        }
        "Timestamp" => Some(("TIMESTAMP", Arguments::Dropped)),
        "Time32" | "Time64" => Some(("TIME", Arguments::Dropped)),
        "Interval" => Some(("INTERVAL", Arguments::Dropped)),
        "Duration" => Some(("a duration", Arguments::Dropped)),
        _ => None,
    }
}

/// The parenthesis that a text begins with, and what follows it.
fn parenthesis(text: &str) -> (&str, &str) {
    if !text.starts_with('(') {
        return ("", text);
    }
    let mut depth = 0usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.split_at(at + 1);
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_the_engine_become_those_of_sql() {
        for (engine, sql) in [
            ("Utf8 = Int64", "VARCHAR = BIGINT"),
            ("a > Int64(1) AND b = Utf8(\"x\")", "a > 1 AND b = 'x'"),
            ("to Decimal128(5, 2).", "to DECIMAL(5, 2)."),
            ("Timestamp(ns)", "TIMESTAMP"),
            ("Timestamp(ns, \"UTC\"), x", "TIMESTAMP WITH TIME ZONE, x"),
            ("Interval(MonthDayNano)", "INTERVAL"),
            (
                "column Int64x, 'Utf8', a.Date32",
                "column Int64x, 'Utf8', a.Date32",
            ),
            ("Timestamp(ns", "TIMESTAMP"),
            ("", ""),
            ("é Boolean é", "é BOOLEAN é"),
        ] {
            assert_eq!(in_sql(engine), sql, "{engine}");
        }
    }
}
