//! What of a query, its steps, its order and its limit the planner would drop.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Cte, Expr, Fetch, LimitClause, ObjectName, Offset, OrderBy, OrderByExpr, OrderByKind, Query,
    SetExpr, SetOperator, SetQuantifier, Spanned, Values, With, visit_relations,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::refusal::{Refusal, Verdict, absent};
use super::table::alias;

/// One query, without what lies in it.
pub(super) fn query(query: &Query) -> Verdict {
    let Query {
        with,
        body,
        order_by,
        limit_clause,
        fetch,
        locks,
        for_clause,
        settings,
        format_clause,
        pipe_operators,
    } = query;
    let start = query.span();
    absent(locks.is_empty(), || {
        Refusal::ignored(
            "FOR",
            start,
            "remove FOR UPDATE: a query locks nothing here",
        )
    })?;
    absent(for_clause.is_none(), || {
        Refusal::ignored("FOR", start, "choose the form of the output with --format")
    })?;
    absent(settings.is_none(), || {
        Refusal::ignored(
            "SETTINGS",
            start,
            "write limits under [limits] in pipeline.toml",
        )
    })?;
    absent(format_clause.is_none(), || {
        Refusal::ignored(
            "FORMAT",
            start,
            "choose the form of the output with --format",
        )
    })?;
    absent(pipe_operators.is_empty(), || {
        Refusal::unsupported(
            "|>",
            start,
            "name the steps: WITH a AS (…), b AS (…) SELECT …",
        )
    })?;
    let counted = match limit_clause {
        Some(LimitClause::LimitOffset { limit, .. }) => limit.is_some(),
        Some(LimitClause::OffsetCommaLimit { .. }) => true,
        None => false,
    };
    with.iter().try_for_each(steps)?;
    set_operations(body)?;
    order_by
        .iter()
        .try_for_each(|order| ordered(order, start))?;
    limit_clause
        .iter()
        .try_for_each(|limit| limited(limit, start))?;
    fetch
        .iter()
        .try_for_each(|fetch| fetched(fetch, counted, start))
}

fn steps(with: &With) -> Verdict {
    let With {
        with_token: _,
        recursive,
        cte_tables,
    } = with;
    for step in cte_tables {
        let Cte {
            alias: name,
            query,
            from,
            // Says how, not what: the rows are the same.
            materialized: _,
            closing_paren_token: _,
        } = step;
        alias(Some(name))?;
        absent(from.is_none(), || {
            Refusal::ignored("FROM", name.name.span, "write FROM inside the parentheses")
        })?;
        if *recursive && reads(query, &name.name.value.to_lowercase()) {
            recursive_step(query, name.name.span)?;
        }
    }
    Ok(())
}

/// Whether a query names a table of this one name.
pub(super) fn reads(query: &Query, name: &str) -> bool {
    visit_relations(query, |relation: &ObjectName| {
        let same = relation.0.len() == 1 && relation.to_string().to_lowercase() == name;
        if same {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .is_break()
}

/// A step that reads itself: only the two sides of its UNION are planned.
fn recursive_step(step: &Query, start: Span) -> Verdict {
    let hint = "write it in the query that reads this step";
    let SetExpr::SetOperation {
        op: SetOperator::Union,
        set_quantifier,
        left: _,
        right: _,
    } = step.body.as_ref()
    else {
        return Ok(());
    };
    absent(step.order_by.is_none(), || {
        Refusal::ignored("ORDER BY", start, hint)
    })?;
    absent(step.limit_clause.is_none(), || {
        Refusal::ignored("LIMIT", start, hint)
    })?;
    absent(step.fetch.is_none(), || {
        Refusal::ignored("FETCH", start, hint)
    })?;
    absent(step.with.is_none(), || {
        Refusal::ignored("WITH", start, "write these steps before the recursive one")
    })?;
    match set_quantifier {
        SetQuantifier::All | SetQuantifier::Distinct | SetQuantifier::None => Ok(()),
        SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName => {
            let hint = "write the columns of both sides in one order";
            Err(Refusal::ignored("BY NAME", start, hint))
        }
    }
}

/// The tree of set operations, without the queries in it.
fn set_operations(body: &SetExpr) -> Verdict {
    let only_select = |word: &str, span: Span| {
        Err(Refusal::unsupported(
            word,
            span,
            "write SELECT … FROM …: a query changes no table",
        ))
    };
    match body {
        // Both have a look of their own.
        SetExpr::Select(_) | SetExpr::Query(_) => Ok(()),
        SetExpr::Values(values) => {
            let Values {
                explicit_row: _,
                value_keyword,
                rows: _,
            } = values;
            absent(!*value_keyword, || {
                Refusal::unsupported("VALUE", body.span(), "write VALUES")
            })
        }
        SetExpr::SetOperation {
            op,
            set_quantifier,
            left,
            right,
        } => {
            by_name(*op, *set_quantifier, body.span())?;
            set_operations(left)?;
            set_operations(right)
        }
        SetExpr::Insert(_) => only_select("INSERT", body.span()),
        SetExpr::Update(_) => only_select("UPDATE", body.span()),
        SetExpr::Delete(_) => only_select("DELETE", body.span()),
        SetExpr::Merge(_) => only_select("MERGE", body.span()),
        SetExpr::Table(_) => Err(Refusal::unsupported(
            "TABLE",
            body.span(),
            "write SELECT * FROM …",
        )),
    }
}

fn by_name(op: SetOperator, quantifier: SetQuantifier, span: Span) -> Verdict {
    match (op, quantifier) {
        (SetOperator::Union, _)
        | (_, SetQuantifier::All | SetQuantifier::Distinct | SetQuantifier::None) => Ok(()),
        (
            SetOperator::Except | SetOperator::Intersect | SetOperator::Minus,
            SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName,
        ) => Err(Refusal::unsupported(
            "BY NAME",
            span,
            "write the columns of both sides in one order",
        )),
    }
}

fn ordered(order: &OrderBy, start: Span) -> Verdict {
    let OrderBy { kind, interpolate } = order;
    absent(interpolate.is_none(), || {
        let hint = "join a step that has every value, and coalesce";
        Refusal::unsupported("INTERPOLATE", start, hint)
    })?;
    match kind {
        OrderByKind::All(_) => Ok(()),
        OrderByKind::Expressions(orders) => orders.iter().try_for_each(sorted),
    }
}

/// One expression that rows are sorted by.
pub(super) fn sorted(order: &OrderByExpr) -> Verdict {
    let OrderByExpr {
        expr,
        options: _,
        with_fill,
    } = order;
    absent(with_fill.is_none(), || {
        let hint = "join a step that has every value, such as generate_series";
        Refusal::unsupported("WITH FILL", expr.span(), hint)
    })
}

fn limited(limit: &LimitClause, start: Span) -> Verdict {
    match limit {
        LimitClause::LimitOffset {
            limit: _,
            offset,
            limit_by,
        } => {
            let offset: Option<&Expr> = offset.as_ref().map(|Offset { value, rows: _ }| value);
            let _ = offset;
            absent(limit_by.is_empty(), || {
                let hint = "write QUALIFY row_number() OVER (PARTITION BY … ORDER BY …) <= …";
                Refusal::unsupported("LIMIT", start, hint)
            })
        }
        LimitClause::OffsetCommaLimit {
            offset: _,
            limit: _,
        } => Ok(()),
    }
}

fn fetched(fetch: &Fetch, has_limit: bool, start: Span) -> Verdict {
    let Fetch {
        with_ties,
        percent,
        quantity: _,
    } = fetch;
    absent(!*with_ties, || {
        let hint = "write QUALIFY rank() OVER (ORDER BY …) <= …";
        Refusal::unsupported("WITH TIES", start, hint)
    })?;
    absent(!*percent, || {
        let hint = "write QUALIFY percent_rank() OVER (ORDER BY …) < …";
        Refusal::unsupported("PERCENT", start, hint)
    })?;
    absent(!has_limit, || {
        Refusal::unsupported("FETCH", start, "write LIMIT or FETCH, not both")
    })
}
