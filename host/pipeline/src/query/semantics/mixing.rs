//! Values of types that have nothing to do with each other, side by side: the engine converts a number
//! to a date as days since 1970, a text to whatever stands beside it, and a number to a condition.
//! DuckDB refuses the same; a text literal may take the type of what stands beside it in both.

mod parts;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DFSchema, DataFusionError, Diagnostic, Result, Span};
use datafusion::logical_expr::expr::{
    AggregateFunction, Between, Case, InList, InSubquery, ScalarFunction, WindowFunction,
};
use datafusion::logical_expr::{
    BinaryExpr, Expr, ExprSchemable as _, Join, LogicalPlan, Union, WindowFrameBound,
    WindowFrameUnits,
};

use super::arithmetic::shown;
use crate::query::operators::compares_values;
use crate::query::types::sql_type;

/// What a value is, as far as it may stand beside others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Number,
    Text,
    Date,
    Time,
    Interval,
    Truth,
}

fn class(data_type: &DataType) -> Option<Class> {
    use DataType as D;
    Some(match data_type {
        found if found.is_numeric() => Class::Number,
        D::Utf8 | D::LargeUtf8 | D::Utf8View => Class::Text,
        D::Date32 | D::Date64 | D::Timestamp(..) => Class::Date,
        D::Time32(_) | D::Time64(_) => Class::Time,
        D::Interval(_) | D::Duration(_) => Class::Interval,
        D::Boolean => Class::Truth,
        D::Dictionary(_, value) => return class(value),
        _ => return None,
    })
}

/// What values beside each other are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Both are compared: a text is read as what it is compared with.
    Compared,
    /// Either is the result: a column of texts is no number.
    Result,
}

fn may_mix(one: Class, other: Class, as_what: Use) -> bool {
    let has_text = one == Class::Text || other == Class::Text;
    one == other || (as_what == Use::Compared && has_text)
}

/// One operand.
struct Operand<'e> {
    expression: &'e Expr,
    data_type: DataType,
    class: Class,
}

/// Operands whose types are known and are not null.
fn operands<'e>(expressions: &[&'e Expr], schema: &DFSchema) -> Vec<Operand<'e>> {
    let known = expressions.iter().filter_map(|&expression| {
        let data_type = expression.get_type(schema).ok()?;
        let class = class(&data_type)?;
        Some(Operand {
            expression,
            data_type,
            class,
        })
    });
    known.collect()
}

fn is_literal(expression: &Expr) -> bool {
    match expression {
        Expr::Literal(..) => true,
        Expr::Alias(alias) => is_literal(&alias.expr),
        _ => false,
    }
}

/// Refuses operands that do not go together; `what` names what mixes them.
fn together(what: &str, as_what: Use, all: &[&Expr], schema: &DFSchema) -> Result<()> {
    let found = operands(all, schema);
    let has_truth = found.iter().any(|one| one.class == Class::Truth);
    // A literal of a text is read as what stands beside it.
    let is_read =
        |one: &Operand<'_>| one.class == Class::Text && is_literal(one.expression) && !has_truth;
    let fixed: Vec<&Operand<'_>> = found.iter().filter(|one| !is_read(one)).collect();
    let clash = fixed.iter().enumerate().find_map(|(at, one)| {
        let earlier = fixed.get(..at)?;
        let other = earlier
            .iter()
            .find(|other| !may_mix(one.class, other.class, as_what))?;
        Some((*other, *one))
    });
    match clash {
        None => Ok(()),
        Some((first, second)) => Err(clashing(what, first, second)),
    }
}

fn clashing(what: &str, first: &Operand<'_>, second: &Operand<'_>) -> DataFusionError {
    let types = [&first.data_type, &second.data_type].map(sql_type);
    let span = place(second.expression).or_else(|| place(first.expression));
    refused(
        format!("{what} mixes {} with {}", types[0], types[1]),
        "give both one type: CAST(… AS VARCHAR) makes a value a text, CAST(… AS DATE) a text a date",
        span,
    )
}

pub(super) fn refused(message: String, hint: &str, span: Option<Span>) -> DataFusionError {
    let mut diagnostic = Diagnostic::new_error(message.clone(), span);
    diagnostic.add_help(hint, None);
    DataFusionError::Plan(message).with_diagnostic(diagnostic)
}

/// The place of the first column of an expression.
pub(super) fn place(expression: &Expr) -> Option<Span> {
    let columns = expression.column_refs();
    let spans = columns.iter().filter_map(|column| column.spans.first());
    spans.min_by_key(|span| (span.start.line, span.start.column))
}

/// Refuses what is used as a condition and is none.
fn condition(expression: &Expr, schema: &DFSchema) -> Result<()> {
    let Ok(data_type) = expression.get_type(schema) else {
        return Ok(());
    };
    let hint = match class(&data_type) {
        None | Some(Class::Truth) => return Ok(()),
        Some(Class::Number) => format!("write {} <> 0", shown(expression)),
        Some(_) => "compare it with a value".to_owned(),
    };
    let found = sql_type(&data_type);
    let message = format!(
        "the condition `{}` is {found}, not true or false",
        shown(expression)
    );
    Err(refused(message, &hint, place(expression)))
}

/// Refuses a format without `%`, which would be taken for the text that is meant.
fn format(format: &Expr) -> Result<()> {
    let Expr::Literal(value, _) = format else {
        return Ok(());
    };
    match value.try_as_str() {
        Some(Some(text)) if !text.contains('%') => Err(refused(
            format!("the format `{text}` has no place for a part of a date"),
            "write '%Y-%m-%d' for year, month and day, '%H:%M:%S' for the time",
            None,
        )),
        _ => Ok(()),
    }
}

/// Refuses an expression whose operands the engine would convert silently.
pub(super) fn refuse(expression: &Expr, schema: &DFSchema) -> Result<()> {
    match expression {
        Expr::Case(case) => of_case(case, schema),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if compares_values(*op) => {
            let what = format!("`{op}`");
            together(&what, Use::Compared, &[&**left, &**right], schema)
        }
        Expr::Between(Between {
            expr, low, high, ..
        }) => together(
            "BETWEEN",
            Use::Compared,
            &[&**expr, &**low, &**high],
            schema,
        ),
        Expr::InList(InList { expr, list, .. }) => {
            let all: Vec<&Expr> = std::iter::once(&**expr).chain(list).collect();
            together("IN", Use::Compared, &all, schema)
        }
        Expr::InSubquery(InSubquery { expr, subquery, .. }) => {
            let columns = subquery.subquery.schema();
            let Some(field) = columns.fields().first() else {
                return Ok(());
            };
            let Ok(data_type) = expr.get_type(schema) else {
                return Ok(());
            };
            fields("IN", expr, &data_type, field.data_type())
        }
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.name() == "date_part" => {
            parts::refuse(args, schema)
        }
        Expr::ScalarFunction(ScalarFunction { func, args }) => {
            let all: Vec<&Expr> = args.iter().collect();
            match (func.name(), args.as_slice()) {
                (name @ ("coalesce" | "nvl" | "greatest" | "least"), _) => {
                    together(&format!("`{name}`"), Use::Result, &all, schema)
                }
                ("to_char" | "date_format" | "to_date" | "to_timestamp", [_, formats @ ..]) => {
                    formats.iter().try_for_each(format)
                }
                ("nullif", _) => together("`nullif`", Use::Compared, &all, schema),
                _ => Ok(()),
            }
        }
        Expr::AggregateFunction(AggregateFunction { params, .. }) => match &params.filter {
            Some(filter) => condition(filter, schema),
            None => Ok(()),
        },
        Expr::WindowFunction(call) => of_window(call, schema),
        _ => Ok(()),
    }
}

fn of_case(case: &Case, schema: &DFSchema) -> Result<()> {
    let whens = case.when_then_expr.iter().map(|(when, _)| &**when);
    match &case.expr {
        Some(operand) => {
            let all: Vec<&Expr> = std::iter::once(&**operand).chain(whens).collect();
            together("CASE … WHEN", Use::Compared, &all, schema)?;
        }
        None => {
            for when in whens {
                condition(when, schema)?;
            }
        }
    }
    let results = case.when_then_expr.iter().map(|(_, then)| &**then);
    let results: Vec<&Expr> = results.chain(case.else_expr.as_deref()).collect();
    together("CASE", Use::Result, &results, schema)
}

/// The value of `lag` and `lead` where there is no row, and the filter of an aggregate.
fn of_window(call: &WindowFunction, schema: &DFSchema) -> Result<()> {
    if let Some(filter) = &call.params.filter {
        condition(filter, schema)?;
    }
    refuse_distance(call, schema)?;
    match (call.fun.name(), call.params.args.as_slice()) {
        (name @ ("lag" | "lead"), [value, _, default]) => {
            together(&format!("`{name}`"), Use::Result, &[value, default], schema)
        }
        _ => Ok(()),
    }
}

/// Refuses RANGE with a distance from a text, which has none.
fn refuse_distance(call: &WindowFunction, schema: &DFSchema) -> Result<()> {
    let frame = &call.params.window_frame;
    let bounds = [&frame.start_bound, &frame.end_bound];
    let [key] = call.params.order_by.as_slice() else {
        return Ok(());
    };
    if frame.units != WindowFrameUnits::Range || !bounds.into_iter().any(is_distance) {
        return Ok(());
    }
    match key.expr.get_type(schema).ok().as_ref().and_then(class) {
        Some(Class::Text | Class::Truth) => {
            let what = shown(&key.expr);
            Err(refused(
                format!("RANGE measures a distance from `{what}`, which is no number and no date"),
                "write ROWS BETWEEN … to count rows",
                place(&key.expr),
            ))
        }
        _ => Ok(()),
    }
}

/// Whether a bound of a frame is so far from the current row.
pub(super) fn is_distance(bound: &WindowFrameBound) -> bool {
    !bound.is_unbounded() && !matches!(bound, WindowFrameBound::CurrentRow)
}

fn fields(what: &str, expression: &Expr, one: &DataType, other: &DataType) -> Result<()> {
    match (class(one), class(other)) {
        (Some(first), Some(second)) if !may_mix(first, second, Use::Compared) => {
            let second = Operand {
                expression,
                data_type: other.clone(),
                class: second,
            };
            let first = Operand {
                expression,
                data_type: one.clone(),
                class: first,
            };
            Err(clashing(what, &first, &second))
        }
        _ => Ok(()),
    }
}

/// Refuses a step whose inputs do not go together: UNION, and the equalities of joins, which EXCEPT
/// and INTERSECT are, too.
pub(super) fn refuse_step(step: &LogicalPlan) -> Result<()> {
    match step {
        LogicalPlan::Union(union) => of_union(union),
        LogicalPlan::Join(join) => of_join(join),
        _ => Ok(()),
    }
}

fn of_union(union: &Union) -> Result<()> {
    let columns = union.schema.fields();
    for (index, column) in columns.iter().enumerate() {
        let inputs = union.inputs.iter();
        let types = inputs.filter_map(|input| input.schema().fields().get(index).cloned());
        let mut earlier: Option<(Class, DataType)> = None;
        for field in types {
            let Some(found) = class(field.data_type()) else {
                continue;
            };
            match &earlier {
                // A text beside another value makes it a text.
                Some((first, _)) if *first == Class::Text || found == Class::Text => {}
                Some((first, _)) if *first == found => {}
                Some((_, first)) => {
                    let types = [first, field.data_type()].map(sql_type);
                    return Err(refused(
                        format!(
                            "the column `{}` mixes {} with {}",
                            column.name(),
                            types[0],
                            types[1]
                        ),
                        "give both one type: CAST(… AS VARCHAR) makes a value a text",
                        None,
                    ));
                }
                None => {}
            }
            earlier.get_or_insert((found, field.data_type().clone()));
        }
    }
    Ok(())
}

fn of_join(join: &Join) -> Result<()> {
    let (left, right) = (join.left.schema(), join.right.schema());
    for (one, other) in &join.on {
        let (Ok(first), Ok(second)) = (one.get_type(left), other.get_type(right)) else {
            continue;
        };
        fields("`=`", one, &first, &second)?;
    }
    Ok(())
}

/// Whether a value stands in a UNION beside texts, and becomes one.
pub(super) fn becomes_text(data_type: &DataType) -> bool {
    matches!(
        class(data_type),
        Some(Class::Date | Class::Time | Class::Interval | Class::Truth)
    )
}

/// Whether a value is a text.
pub(super) fn is_text(data_type: &DataType) -> bool {
    class(data_type) == Some(Class::Text)
}

/// The one type of a value and texts that are read as it; none where there are several.
pub(super) fn read_as(types: &[DataType]) -> Option<DataType> {
    let mut others = types.iter().filter(|one| !is_text(one) && !one.is_null());
    let first = others.next()?;
    others.all(|other| other == first).then(|| first.clone())
}

/// Whether these types are refused wherever they stand beside each other.
pub(super) fn never_mix(types: &[DataType]) -> bool {
    let mut classes = types
        .iter()
        .filter_map(class)
        .filter(|one| *one != Class::Text);
    let Some(first) = classes.next() else {
        return false;
    };
    classes.any(|other| other != first)
}
