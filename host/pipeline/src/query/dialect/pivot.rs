//! PIVOT and UNPIVOT as groups with filters, and as a join with the names of the columns.

use datafusion::sql::sqlparser::ast::{
    Expr, ExprWithAlias, Function, Ident, NullInclusion, PivotValueSource, Query, SelectItem,
    SetExpr, TableAlias, TableFactor, Value, visit_expressions,
};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::template;

/// Writes PIVOT or UNPIVOT out in place.
pub(super) fn table(table: &mut TableFactor) -> Result<(), String> {
    let written = match table {
        TableFactor::Pivot {
            table,
            aggregate_functions,
            value_column,
            value_source,
            default_on_null: None,
            alias,
        } => {
            let query = pivot(table, aggregate_functions, value_column, value_source)?;
            derived(query, alias.take())
        }
        TableFactor::Unpivot {
            table,
            value,
            name,
            columns,
            null_inclusion,
            alias,
        } => {
            let keeps_nulls = matches!(null_inclusion, Some(NullInclusion::IncludeNulls));
            let query = unpivot(table, value, name, columns, keeps_nulls)?;
            derived(query, alias.take())
        }
        _ => return Ok(()),
    };
    *table = written;
    Ok(())
}

fn derived(query: Query, alias: Option<TableAlias>) -> TableFactor {
    TableFactor::Derived {
        lateral: false,
        subquery: Box::new(query),
        alias,
        sample: None,
    }
}

/// The name of a column.
fn column(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Identifier(name) => Some(name),
        Expr::CompoundIdentifier(parts) => parts.last(),
        _ => None,
    }
}

/// A name as it is written, for a pattern.
fn listed(names: &[Ident]) -> String {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    names.join(", ")
}

/// Puts the table in place of the one of the pattern.
fn from(query: &mut Query, table: &TableFactor) -> Result<(), String> {
    let fault = || "PIVOT and UNPIVOT stand after one table".to_owned();
    let SetExpr::Select(select) = query.body.as_mut() else {
        return Err(fault());
    };
    let first = select.from.first_mut().ok_or_else(fault)?;
    first.relation = table.clone();
    Ok(())
}

/// `SELECT * EXCEPT (g, v), sum(v) FILTER (WHERE g = 'x') AS x, … FROM t GROUP BY ALL`.
fn pivot(
    table: &TableFactor,
    aggregates: &[ExprWithAlias],
    by: &[Expr],
    values: &PivotValueSource,
) -> Result<Query, String> {
    let ([by], PivotValueSource::List(values)) = (by, values) else {
        let how = "PIVOT (sum(x) FOR column IN ('a', 'b'))";
        return Err(format!(
            "PIVOT takes one column and a list of values: write {how}"
        ));
    };
    let by_name = column(by).ok_or("PIVOT names a column after FOR")?.clone();
    let mut left_out = vec![by_name.clone()];
    let mut seen = BTreeSet::from([by_name.value.to_lowercase()]);
    for aggregate in aggregates {
        let _ = visit_expressions(&aggregate.expr, |expr| {
            if let Some(name) = column(expr)
                && seen.insert(name.value.to_lowercase())
            {
                left_out.push(name.clone());
            }
            ControlFlow::<()>::Continue(())
        });
    }
    let pattern = format!(
        "SELECT * EXCEPT ({}) FROM t GROUP BY ALL",
        listed(&left_out)
    );
    let mut query = template::query(&pattern, &[])?;
    from(&mut query, table)?;
    let SetExpr::Select(select) = query.body.as_mut() else {
        return Ok(query);
    };
    for value in values {
        for aggregate in aggregates {
            let alias = template::name(&pivoted_name(value, aggregate, aggregates.len()));
            let expr = filtered(&aggregate.expr, by, &value.expr)?;
            select
                .projection
                .push(SelectItem::ExprWithAlias { expr, alias });
        }
    }
    Ok(query)
}

/// `x`, or `x_s` where several aggregates have names.
fn pivoted_name(value: &ExprWithAlias, aggregate: &ExprWithAlias, count: usize) -> String {
    let bare = match &value.expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => text.clone(),
            other => other.to_string(),
        },
        other => other.to_string(),
    };
    let head = value
        .alias
        .as_ref()
        .map_or(bare, |alias| alias.value.clone());
    match (&aggregate.alias, count) {
        (Some(alias), _) => format!("{head}_{}", alias.value),
        (None, 1) => head,
        (None, _) => format!("{head}_{}", aggregate.expr),
    }
}

/// An aggregate over the rows of one value.
fn filtered(aggregate: &Expr, by: &Expr, value: &Expr) -> Result<Expr, String> {
    let Expr::Function(function) = aggregate else {
        return Err(format!(
            "PIVOT takes an aggregate function, not `{aggregate}`"
        ));
    };
    let mut call = Function::clone(function);
    let is_value = "$1 IS NOT DISTINCT FROM $2";
    let filter = match &call.filter {
        None => template::expr(is_value, &[by.clone(), value.clone()])?,
        Some(filter) => template::expr(
            &format!("{is_value} AND ($3)"),
            &[by.clone(), value.clone(), Expr::clone(filter)],
        )?,
    };
    call.filter = Some(Box::new(filter));
    Ok(Expr::Function(call))
}

/// Each row once for each column: `… CROSS JOIN (VALUES ('a'), ('b'))`.
fn unpivot(
    table: &TableFactor,
    value: &Expr,
    name: &Ident,
    columns: &[ExprWithAlias],
    keeps_nulls: bool,
) -> Result<Query, String> {
    let value = column(value).ok_or("UNPIVOT names one column for the values")?;
    let (mut names, mut labels, mut cases) = (Vec::new(), Vec::new(), Vec::new());
    for one in columns {
        let name = column(&one.expr).ok_or("UNPIVOT lists columns after IN")?;
        let label = one
            .alias
            .as_ref()
            .map_or(name.value.clone(), |alias| alias.value.clone());
        let label = format!("'{}'", label.replace('\'', "''"));
        cases.push(format!("WHEN {label} THEN {name}"));
        labels.push(format!("({label})"));
        names.push(name.clone());
    }
    let case = format!("CASE __label {} END", cases.join(" "));
    let filter = match keeps_nulls {
        true => String::new(),
        false => format!(" WHERE {case} IS NOT NULL"),
    };
    let pattern = format!(
        "SELECT * EXCEPT ({}, __label), __label AS {name}, {case} AS {value} \
         FROM t CROSS JOIN (VALUES {}) AS __column (__label){filter}",
        listed(&names),
        labels.join(", ")
    );
    let mut query = template::query(&pattern, &[])?;
    from(&mut query, table)?;
    Ok(query)
}
