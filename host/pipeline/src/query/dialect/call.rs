//! Functions that are another way to write an expression: `mod(a, b)`, `arg_max(x, y)`.

use datafusion::sql::sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, Ident, ObjectName, Value,
};

use super::template;

/// A row function, the number of its arguments, and what it is.
const PATTERNS: &[(&str, usize, &str)] = &[
    ("mod", 2, "($1 % $2)"),
    ("date_add", 2, "($1 + $2)"),
    ("if", 3, "CASE WHEN $1 THEN $2 ELSE $3 END"),
    ("iff", 3, "CASE WHEN $1 THEN $2 ELSE $3 END"),
    ("sign", 1, "signum($1)"),
    ("year", 1, "date_part('year', $1)"),
    ("quarter", 1, "date_part('quarter', $1)"),
    ("month", 1, "date_part('month', $1)"),
    ("week", 1, "date_part('week', $1)"),
    ("day", 1, "date_part('day', $1)"),
    ("hour", 1, "date_part('hour', $1)"),
    ("minute", 1, "date_part('minute', $1)"),
    ("second", 1, "date_part('second', $1)"),
    ("dayname", 1, "strftime($1, '%A')"),
    ("monthname", 1, "strftime($1, '%B')"),
    ("weekofyear", 1, "date_part('week', $1)"),
    ("dayofweek", 1, "date_part('dow', $1)"),
    ("isodow", 1, "date_part('isodow', $1)"),
    ("dayofyear", 1, "date_part('doy', $1)"),
    ("dayofmonth", 1, "date_part('day', $1)"),
    ("epoch", 1, "CAST(date_part('epoch', $1) AS DOUBLE)"),
    ("struct_extract", 2, "get_field($1, $2)"),
    ("ceiling", 1, "ceil($1)"),
    ("list_min", 1, "array_min($1)"),
    ("to_years", 1, "($1 * INTERVAL '1 year')"),
    ("to_months", 1, "($1 * INTERVAL '1 month')"),
    ("to_weeks", 1, "($1 * INTERVAL '7 days')"),
    ("to_days", 1, "($1 * INTERVAL '1 day')"),
    ("to_hours", 1, "($1 * INTERVAL '1 hour')"),
    ("to_minutes", 1, "($1 * INTERVAL '1 minute')"),
    ("to_seconds", 1, "($1 * INTERVAL '1 second')"),
];

/// Sorts a list; nulls come last, and not first as the engine's own has it.
const SORTS: [&str; 2] = ["array_sort", "list_sort"];

/// Functions of the engine that answer otherwise than those of DuckDB: a list of distinct elements
/// has no NULL, and an empty text is one part.
const OTHERWISE: &[(&str, usize, &str)] = &[
    (
        "list_distinct",
        1,
        "array_except(array_distinct($1), [NULL])",
    ),
    (
        "array_distinct",
        1,
        "array_except(array_distinct($1), [NULL])",
    ),
    ("string_to_array", 2, SPLIT),
    ("string_to_list", 2, SPLIT),
];
const SPLIT: &str = "CASE WHEN $1 = '' THEN [''] ELSE string_to_array($1, $2) END";

/// The same of aggregate functions; a filter of the call is joined to that of the pattern.
const AGGREGATES: &[(&str, usize, &str)] = &[
    ("arg_max", 2, ARG_MAX),
    ("max_by", 2, ARG_MAX),
    ("arg_min", 2, ARG_MIN),
    ("min_by", 2, ARG_MIN),
    ("count_if", 1, "count(*) FILTER (WHERE $1)"),
    ("countif", 1, "count(*) FILTER (WHERE $1)"),
];
const ARG_MAX: &str =
    "first_value($1 ORDER BY $2 DESC) FILTER (WHERE $1 IS NOT NULL AND $2 IS NOT NULL)";
const ARG_MIN: &str =
    "first_value($1 ORDER BY $2) FILTER (WHERE $1 IS NOT NULL AND $2 IS NOT NULL)";

/// The names that are written out.
pub(in crate::query) fn sugar() -> impl Iterator<Item = &'static str> {
    let renamed = ["listagg", "group_concat"];
    let all = PATTERNS.iter().chain(AGGREGATES).map(|(name, _, _)| *name);
    all.chain(renamed)
}

/// The name of a call, in lower case.
fn name(function: &Function) -> Option<String> {
    match function.name.0.as_slice() {
        [part] => part.as_ident().map(|ident| ident.value.to_lowercase()),
        _ => None,
    }
}

/// The arguments of a call, when all are plain expressions.
fn arguments(list: &FunctionArgumentList) -> Option<Vec<Expr>> {
    let one = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    };
    list.args.iter().map(one).collect()
}

fn argument(expr: Expr) -> FunctionArg {
    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))
}

fn text(text: &str) -> Expr {
    Expr::Value(Value::SingleQuotedString(text.to_owned()).into())
}

fn pattern(all: &[(&str, usize, &'static str)], name: &str, count: usize) -> Option<&'static str> {
    let found = all
        .iter()
        .find(|(known, takes, _)| *known == name && *takes == count);
    found.map(|(_, _, pattern)| *pattern)
}

/// Whether a call is written out as another expression.
pub(super) fn is_sugar(expr: &Expr, is_function: &dyn Fn(&str) -> bool) -> bool {
    let Expr::Function(function) = expr else {
        return false;
    };
    let Some(name) = name(function) else {
        return false;
    };
    (sugar().any(|sugar| sugar == name) && !is_function(&name))
        || SORTS.contains(&name.as_str())
        || OTHERWISE.iter().any(|(known, _, _)| *known == name)
        || name == "regexp_replace"
}

/// Writes a call out in place.
pub(super) fn expr(expr: &mut Expr, is_function: &dyn Fn(&str) -> bool) -> Result<(), String> {
    let Expr::Function(function) = expr else {
        return Ok(());
    };
    let Some(name) = name(function) else {
        return Ok(());
    };
    let FunctionArguments::List(list) = &mut function.args else {
        return Ok(());
    };
    match name.as_str() {
        "date_diff" | "datediff" | "date_sub" | "datesub" => word(list.args.first_mut()),
        "normalize" => word(list.args.get_mut(1)),
        "count" => count_rows(list)?,
        sort if SORTS.contains(&sort) => nulls_last(list),
        "regexp_replace" => without_groups(list.args.get_mut(2)),
        known if pattern(OTHERWISE, known, list.args.len()).is_some() => {
            let written = pattern(OTHERWISE, known, list.args.len()).zip(arguments(list));
            if let Some((pattern, arguments)) = written {
                *expr = template::expr(pattern, &arguments)?;
            }
        }
        "listagg" | "group_concat" | "string_agg" if !is_function("listagg") => {
            joined_texts(function);
        }
        _ if !is_function(&name) => {
            if let Some(written) = written(&name, function)? {
                *expr = written;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The call as its pattern; none when it has none.
fn written(name: &str, function: &Function) -> Result<Option<Expr>, String> {
    let FunctionArguments::List(list) = &function.args else {
        return Ok(None);
    };
    let Some(arguments) = arguments(list) else {
        return Ok(None);
    };
    if let Some(pattern) = pattern(PATTERNS, name, arguments.len()) {
        return template::expr(pattern, &arguments).map(Some);
    }
    let Some(pattern) = pattern(AGGREGATES, name, arguments.len()) else {
        return Ok(None);
    };
    if function.over.is_some() && !name.starts_with("count") {
        let what = "is not called OVER a window: use first_value(x) OVER (… ORDER BY y DESC)";
        return Err(format!("`{name}` {what}"));
    }
    if list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
        return Err(format!("`{name}` takes neither DISTINCT nor ORDER BY"));
    }
    let mut call = template::expr(pattern, &arguments)?;
    if let Expr::Function(written) = &mut call {
        written.over.clone_from(&function.over);
        if let (Some(ours), Some(theirs)) = (&written.filter, &function.filter) {
            let both = [Expr::clone(ours), Expr::clone(theirs)];
            written.filter = Some(Box::new(template::expr("($1) AND ($2)", &both)?));
        }
    }
    Ok(Some(call))
}

/// A `$` in the replacement is itself; the engine reads a group in it. Two backslashes are one, but
/// for those before a digit, which the engine would read as a group.
fn without_groups(replacement: Option<&mut FunctionArg>) {
    if let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value)))) = replacement
        && let Value::SingleQuotedString(replacement) = &mut value.value
    {
        let mut written = String::new();
        let mut rest = replacement.as_str();
        while let Some((before, after)) = rest.split_once("\\\\") {
            written.push_str(before);
            let is_group = after.starts_with(|c: char| c.is_ascii_digit());
            written.push_str(if is_group { "\\\\" } else { "\\" });
            rest = after;
        }
        written.push_str(rest);
        *replacement = written.replace('$', "$$");
    }
}

/// `list_sort(l)` is `list_sort(l, 'ASC', 'NULLS LAST')`.
fn nulls_last(list: &mut FunctionArgumentList) {
    if list.args.len() == 1 {
        list.args.push(argument(text("ASC")));
    }
    if list.args.len() == 2 {
        list.args.push(argument(text("NULLS LAST")));
    }
}

/// `date_diff(day, …)` names its part as others do, without quotes.
fn word(argument: Option<&mut FunctionArg>) {
    if let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))) = argument
        && let Expr::Identifier(Ident {
            value,
            quote_style: None,
            ..
        }) = expr
    {
        *expr = text(value);
    }
}

/// `count(DISTINCT a, b)` counts the pairs that have no NULL.
fn count_rows(list: &mut FunctionArgumentList) -> Result<(), String> {
    let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
    let Some(parts) = arguments(list).filter(|parts| is_distinct && parts.len() > 1) else {
        return Ok(());
    };
    let numbers = || (1..=parts.len()).map(|number| format!("${number}"));
    let known: Vec<String> = numbers().map(|one| format!("{one} IS NOT NULL")).collect();
    let row: Vec<String> = numbers().collect();
    let pattern = format!(
        "CASE WHEN {} THEN struct({}) END",
        known.join(" AND "),
        row.join(", ")
    );
    list.args = vec![argument(template::expr(&pattern, &parts)?)];
    Ok(())
}

/// `listagg(x, ',') WITHIN GROUP (ORDER BY y)` is `string_agg(x, ',' ORDER BY y)`.
fn joined_texts(function: &mut Function) {
    let FunctionArguments::List(list) = &mut function.args else {
        return;
    };
    function.name = ObjectName::from(vec![Ident::new("string_agg")]);
    if list.args.len() == 1 {
        list.args.push(argument(text(",")));
    }
    let order = std::mem::take(&mut function.within_group);
    if !order.is_empty() {
        list.clauses.push(FunctionArgumentClause::OrderBy(order));
    }
}
