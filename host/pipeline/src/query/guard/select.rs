//! What of a SELECT the planner would drop.

use datafusion::sql::sqlparser::ast::{
    Expr, GroupByExpr, GroupByWithModifier, NamedWindowDefinition, NamedWindowExpr, Select,
    SelectItem, Spanned, Value, ValueWithSpan, WildcardAdditionalOptions,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::call::window;
use super::refusal::{Refusal, Verdict, absent};
use super::table::joined;

/// The engine writes each set out while it plans.
const GROUPING_SETS_MAX: usize = 4096;

/// One SELECT, without the tables, queries and expressions in it.
pub(super) fn select(select: &Select) -> Verdict {
    let Select {
        select_token,
        // Comments: they say how, and change no row.
        optimizer_hints: _,
        distinct: _,
        select_modifiers,
        top,
        top_before_distinct: _,
        projection,
        exclude,
        into,
        from,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by,
        cluster_by,
        distribute_by,
        sort_by,
        having: _,
        named_window,
        qualify: _,
        window_before_qualify: _,
        value_table_mode,
        flavor: _,
    } = select;
    let start = select_token.0.span;
    let machine = "remove it: one machine runs the query";
    let model = "write the query as a model: its file is the name of the table";
    let dropped: [(bool, &str, &str); 9] = [
        (top.is_none(), "TOP", "write LIMIT at the end"),
        (exclude.is_none(), "EXCLUDE", "write * EXCLUDE (…)"),
        (into.is_none(), "INTO", model),
        (lateral_views.is_empty(), "LATERAL VIEW", "write unnest(…)"),
        (prewhere.is_none(), "PREWHERE", "write WHERE"),
        (connect_by.is_empty(), "CONNECT BY", "write WITH RECURSIVE"),
        (cluster_by.is_empty(), "CLUSTER BY", "write ORDER BY"),
        (distribute_by.is_empty(), "DISTRIBUTE BY", machine),
        (sort_by.is_empty(), "SORT BY", "write ORDER BY"),
    ];
    for (is_absent, words, hint) in dropped {
        absent(is_absent, || Refusal::unsupported(words, start, hint))?;
    }
    absent(
        select_modifiers.is_none() && value_table_mode.is_none(),
        || {
            let message = "the words between SELECT and its columns would be ignored".to_owned();
            Refusal::at(message, start, "remove them")
        },
    )?;
    absent(!projection.is_empty(), || {
        let message = "this SELECT has no columns".to_owned();
        Refusal::at(message, start, "write the columns, or *")
    })?;
    projection.iter().try_for_each(item)?;
    from.iter().try_for_each(joined)?;
    named_window.iter().try_for_each(named)?;
    grouped(group_by, start)
}

fn named(definition: &NamedWindowDefinition) -> Verdict {
    let NamedWindowDefinition(_, expr) = definition;
    match expr {
        NamedWindowExpr::NamedWindow(_) => Ok(()),
        NamedWindowExpr::WindowSpec(spec) => window(spec),
    }
}

fn item(item: &SelectItem) -> Verdict {
    match item {
        SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { expr: _, alias: _ } => Ok(()),
        SelectItem::ExprWithAliases { expr, aliases: _ } => Err(Refusal::at(
            "a column has one name".to_owned(),
            expr.span(),
            "write AS and one name",
        )),
        SelectItem::QualifiedWildcard(_, options) | SelectItem::Wildcard(options) => {
            wildcard(options)
        }
    }
}

fn wildcard(options: &WildcardAdditionalOptions) -> Verdict {
    let WildcardAdditionalOptions {
        wildcard_token,
        opt_ilike: _,
        opt_exclude: _,
        opt_except: _,
        opt_replace: _,
        opt_rename,
        opt_alias,
    } = options;
    let start = wildcard_token.0.span;
    absent(opt_rename.is_none(), || {
        Refusal::unsupported("RENAME", start, "write * EXCLUDE (old), old AS new")
    })?;
    absent(opt_alias.is_none(), || {
        Refusal::unsupported("AS", start, "write the columns with their names")
    })
}

fn grouped(group_by: &GroupByExpr, start: Span) -> Verdict {
    let (expressions, modifiers): (&[Expr], &[GroupByWithModifier]) = match group_by {
        GroupByExpr::All(modifiers) => (&[], modifiers),
        GroupByExpr::Expressions(expressions, modifiers) => (expressions, modifiers),
    };
    if let Some(modifier) = modifiers.first() {
        let (words, hint) = match modifier {
            GroupByWithModifier::Rollup => ("WITH ROLLUP", "write GROUP BY ROLLUP (…)"),
            GroupByWithModifier::Cube => ("WITH CUBE", "write GROUP BY CUBE (…)"),
            GroupByWithModifier::Totals => ("WITH TOTALS", "write GROUP BY ROLLUP ((…))"),
            GroupByWithModifier::GroupingSets(_) => {
                ("GROUPING SETS", "write GROUP BY GROUPING SETS (…) alone")
            }
        };
        return Err(Refusal::ignored(words, start, hint));
    }
    expressions.iter().try_for_each(set_of_groups)?;
    let sets = expressions.iter().map(sets_of_groups);
    let sets = sets.fold(1_usize, usize::saturating_mul);
    absent(sets <= GROUPING_SETS_MAX, || {
        let message = format!("GROUP BY makes more than {GROUPING_SETS_MAX} sets of groups");
        Refusal::new(
            message,
            "GROUP BY",
            start,
            "write GROUPING SETS (…) with those it needs",
        )
    })
}

/// How many sets of groups an expression of GROUP BY makes.
fn sets_of_groups(expression: &Expr) -> usize {
    match expression {
        Expr::Rollup(columns) => columns.len().saturating_add(1),
        Expr::Cube(columns) => u32::try_from(columns.len())
            .ok()
            .and_then(|columns| 1_usize.checked_shl(columns))
            .unwrap_or(usize::MAX),
        Expr::GroupingSets(sets) => sets.len(),
        _ => 1,
    }
}

/// A position inside ROLLUP, CUBE or GROUPING SETS would be grouped by as a number.
fn set_of_groups(expression: &Expr) -> Verdict {
    let (Expr::Rollup(sets) | Expr::Cube(sets) | Expr::GroupingSets(sets)) = expression else {
        return Ok(());
    };
    for one in sets.iter().flatten() {
        if let Expr::Value(ValueWithSpan {
            value: Value::Number(number, _),
            span,
        }) = one
        {
            let message = format!("`{number}` would be grouped by as a number");
            let hint = "write the column itself";
            return Err(Refusal::at(message, *span, hint));
        }
    }
    Ok(())
}
