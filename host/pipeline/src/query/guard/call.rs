//! What of a call the planner would drop: it looks at most clauses only where they have a meaning.

use datafusion::sql::sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, NullTreatment, OrderByExpr, Spanned, Value,
    ValueWithSpan, WindowFrame, WindowSpec, WindowType,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::query::sorted;
use super::refusal::{Refusal, Verdict, absent};

/// What a name means in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::query) enum CallKind {
    Scalar,
    Aggregate,
    Window,
    Unknown,
}

/// Window functions for which the planner reads IGNORE NULLS.
const OVER_NULLS: [&str; 5] = ["lag", "lead", "first_value", "last_value", "nth_value"];

/// One call, without the expressions in it.
pub(super) fn call(call: &Function, kind_of: &dyn Fn(&str) -> CallKind) -> Verdict {
    let Function {
        name,
        uses_odbc_syntax: _,
        parameters,
        args,
        filter,
        null_treatment,
        over,
        within_group,
    } = call;
    let start = call.name.span();
    let name = name.to_string().to_lowercase();
    absent(*parameters == FunctionArguments::None, || {
        let message = format!("the first parentheses of `{name}` would be ignored");
        Refusal::at(
            message,
            start,
            "write every argument in one pair of parentheses",
        )
    })?;
    let clauses = Clauses::of(args, &name, start)?;
    let nulls = null_treatment.as_ref().or(clauses.nulls);
    within_group.iter().try_for_each(sorted)?;
    if let Some(WindowType::WindowSpec(spec)) = over {
        window(spec)?;
    }
    let only = |is_absent: bool, words: &str, whom: &str| {
        absent(is_absent, || {
            let message = format!("`{words}` would be ignored: `{name}` {whom}");
            Refusal::new(message, words, start, "remove it")
        })
    };
    match kind_of(&name) {
        CallKind::Scalar => {
            let whom = "computes one row at a time";
            only(clauses.distinct.is_none(), "DISTINCT", whom)?;
            only(clauses.order_by.is_empty(), "ORDER BY", whom)?;
            only(filter.is_none(), "FILTER", whom)?;
            only(nulls.is_none(), null_words(nulls), whom)?;
            only(within_group.is_empty(), "WITHIN GROUP", whom)?;
            only(over.is_none(), "OVER", whom)
        }
        CallKind::Window | CallKind::Aggregate if over.is_some() => {
            let reads = OVER_NULLS.contains(&name.as_str());
            only(
                nulls.is_none() || reads,
                null_words(nulls),
                "does not read it",
            )?;
            let ranks = kind_of(&name) == CallKind::Window;
            only(
                !ranks || !clauses.is_distinct(),
                "DISTINCT",
                "counts every row",
            )
        }
        CallKind::Aggregate => ordered_set(&name, &clauses, within_group),
        CallKind::Window | CallKind::Unknown => Ok(()),
    }
}

fn null_words(nulls: Option<&NullTreatment>) -> &'static str {
    match nulls {
        Some(NullTreatment::RespectNulls) => "RESPECT NULLS",
        Some(NullTreatment::IgnoreNulls) | None => "IGNORE NULLS",
    }
}

/// What stands in the parentheses of a call beside its arguments.
struct Clauses<'c> {
    distinct: Option<&'c DuplicateTreatment>,
    order_by: &'c [OrderByExpr],
    nulls: Option<&'c NullTreatment>,
    first: Option<&'c FunctionArg>,
    arguments: usize,
}

impl<'c> Clauses<'c> {
    fn of(args: &'c FunctionArguments, name: &str, start: Span) -> Result<Self, Refusal> {
        let mut found = Self {
            distinct: None,
            order_by: &[],
            nulls: None,
            first: None,
            arguments: 0,
        };
        let list = match args {
            FunctionArguments::None => return Ok(found),
            FunctionArguments::Subquery(_) => {
                let message = format!("the query in `{name}(…)` would be ignored");
                return Err(Refusal::at(message, start, "write ((SELECT …))"));
            }
            FunctionArguments::List(list) => list,
        };
        let FunctionArgumentList {
            duplicate_treatment,
            args,
            clauses,
        } = list;
        found.distinct = duplicate_treatment.as_ref();
        found.first = args.first();
        found.arguments = args.len();
        args.iter().try_for_each(|arg| argument(arg, name, start))?;
        for clause in clauses {
            let unsupported = |words: &str, hint: &str| Refusal::unsupported(words, start, hint);
            match clause {
                FunctionArgumentClause::IgnoreOrRespectNulls(nulls) => found.nulls = Some(nulls),
                FunctionArgumentClause::OrderBy(orders) => {
                    found.order_by = orders;
                    orders.iter().try_for_each(ordered)?;
                }
                FunctionArgumentClause::Limit(_) => {
                    return Err(unsupported("LIMIT", "limit the rows in a step of its own"));
                }
                FunctionArgumentClause::OnOverflow(_) => {
                    return Err(unsupported("ON OVERFLOW", "remove it: texts have no limit"));
                }
                FunctionArgumentClause::Having(_) => {
                    return Err(unsupported("HAVING", "write FILTER (WHERE …)"));
                }
                FunctionArgumentClause::Separator(_) => {
                    return Err(unsupported("SEPARATOR", "write string_agg(…, ', ')"));
                }
                FunctionArgumentClause::JsonNullClause(_) => {
                    return Err(unsupported("ON NULL", "use coalesce(…)"));
                }
                FunctionArgumentClause::JsonReturningClause(_) => {
                    return Err(unsupported("RETURNING", "write CAST(… AS …)"));
                }
            }
        }
        Ok(found)
    }

    fn is_distinct(&self) -> bool {
        self.distinct == Some(&DuplicateTreatment::Distinct)
    }
}

fn argument(arg: &FunctionArg, name: &str, start: Span) -> Verdict {
    let (FunctionArg::Unnamed(value)
    | FunctionArg::Named {
        name: _,
        arg: value,
        operator: _,
    }
    | FunctionArg::ExprNamed {
        name: _,
        arg: value,
        operator: _,
    }) = arg;
    match value {
        FunctionArgExpr::Expr(_) | FunctionArgExpr::Wildcard => Ok(()),
        // Counted as `*`, and so counts rows that an outer join has left empty.
        FunctionArgExpr::QualifiedWildcard(table) => {
            let message = format!("`{name}({table}.*)` would be read as `{name}(*)`");
            let hint = "count a column that is never null, or write *";
            Err(Refusal::at(message, start, hint))
        }
        FunctionArgExpr::WildcardWithOptions(_) => {
            let message = format!("`{name}(* …)` takes no list of columns");
            Err(Refusal::at(message, start, "write the columns"))
        }
    }
}

/// The order inside a call: a number names a column of FROM there, not one of SELECT.
fn ordered(order: &OrderByExpr) -> Verdict {
    sorted(order)?;
    match &order.expr {
        Expr::Value(ValueWithSpan {
            value: Value::Number(number, _),
            span,
        }) => {
            let message = format!("ORDER BY {number} inside a call names no column");
            Err(Refusal::at(message, *span, "write the column itself"))
        }
        _ => Ok(()),
    }
}

/// Aggregates over an order of their own: with ORDER BY inside, the first argument is dropped.
fn ordered_set(name: &str, clauses: &Clauses<'_>, within_group: &[OrderByExpr]) -> Verdict {
    let percentile = name.contains("percentile_") || name.contains("quantile_");
    let [order] = clauses.order_by else {
        return Ok(());
    };
    if !percentile || !within_group.is_empty() || clauses.arguments < 2 {
        return Ok(());
    }
    let same = clauses.first.is_some_and(|first| {
        matches!(first, FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) if *value == order.expr)
    });
    absent(same, || {
        let message = format!("the first argument of `{name}` would be ignored");
        let hint = format!("write {name}(…) WITHIN GROUP (ORDER BY …)");
        Refusal::at(message, order.expr.span(), &hint)
    })
}

/// A window in its parentheses.
pub(super) fn window(spec: &WindowSpec) -> Verdict {
    let WindowSpec {
        // Written out before planning.
        window_name: _,
        partition_by: _,
        order_by,
        window_frame,
    } = spec;
    if let Some(frame) = window_frame {
        let WindowFrame {
            units: _,
            start_bound: _,
            end_bound: _,
        } = frame;
    }
    order_by.iter().try_for_each(sorted)
}
