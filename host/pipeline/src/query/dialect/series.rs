//! `FROM generate_series(a, b, INTERVAL '1 hour')` of timestamps. The planner takes only those in
//! nanoseconds there; as a list it takes any.

use datafusion::sql::sqlparser::ast::{
    DataType as SqlType, Expr, FunctionArg, FunctionArgExpr, TableFactor, TypedString,
};

use super::template;

/// Writes the table out as a list, where its first argument is seen to be a timestamp.
pub(super) fn table(table: &mut TableFactor) -> Result<(), String> {
    let TableFactor::Table {
        name,
        args: Some(arguments),
        alias,
        ..
    } = table
    else {
        return Ok(());
    };
    let function = name.to_string().to_lowercase();
    if !matches!(function.as_str(), "generate_series" | "range") {
        return Ok(());
    }
    let arguments = arguments.args.iter().map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    });
    let Some(arguments) = arguments.collect::<Option<Vec<_>>>() else {
        return Ok(());
    };
    let [first, _, _] = arguments.as_slice() else {
        return Ok(());
    };
    let (Expr::TypedString(TypedString { data_type, .. }) | Expr::Cast { data_type, .. }) = first
    else {
        return Ok(());
    };
    if !matches!(data_type, SqlType::Timestamp(..)) {
        return Ok(());
    }
    let pattern = format!("SELECT unnest({function}($1, $2, $3)) AS value");
    let subquery = template::query(&pattern, &arguments)?;
    *table = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(subquery),
        alias: alias.take(),
        sample: None,
    };
    Ok(())
}
