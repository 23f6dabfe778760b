//! Clauses and operators of other dialects: `FROM t` alone, ORDER BY ALL, TOP, LIKE ANY, `->>`.

use datafusion::sql::sqlparser::ast::{
    AccessExpr, BinaryOperator, Expr, Interval, Join, JoinConstraint, JoinOperator, LimitClause,
    OrderByKind, Query, Select, SelectFlavor, SelectItem, SetExpr, Subscript, TableFactor,
    TopQuantity, UnaryOperator, Value, ValueWithSpan, WildcardAdditionalOptions,
};

use super::{json, template};

/// Limits and orders.
pub(super) fn query(query: &mut Query) -> Result<(), String> {
    if let SetExpr::Select(select) = query.body.as_mut()
        && let Some(top) = select.top.take()
    {
        if top.percent || top.with_ties || query.limit_clause.is_some() || query.fetch.is_some() {
            return Err("TOP is written as LIMIT here: a number of rows, once".to_owned());
        }
        let limit = match top.quantity {
            Some(TopQuantity::Constant(rows)) => number(rows),
            Some(TopQuantity::Expr(rows)) => rows,
            None => number(1),
        };
        query.limit_clause = limited(limit, None);
    }
    // What stays is refused by the guard, with what to write instead.
    if let Some(fetch) = query
        .fetch
        .take_if(|fetch| !fetch.percent && !fetch.with_ties)
    {
        let offset = match query.limit_clause.take() {
            None => None,
            Some(LimitClause::LimitOffset {
                limit: None,
                offset,
                limit_by,
            }) if limit_by.is_empty() => offset,
            Some(_) => return Err("LIMIT and FETCH FIRST say the same twice".to_owned()),
        };
        let rows = fetch.quantity.unwrap_or_else(|| number(1));
        query.limit_clause = match limited(rows, None) {
            Some(LimitClause::LimitOffset {
                limit, limit_by, ..
            }) => Some(LimitClause::LimitOffset {
                limit,
                offset,
                limit_by,
            }),
            other => other,
        };
    }
    order_by_all(query);
    Ok(())
}

fn number(rows: u64) -> Expr {
    Expr::Value(Value::Number(rows.to_string(), false).into())
}

fn limited(
    rows: Expr,
    offset: Option<datafusion::sql::sqlparser::ast::Offset>,
) -> Option<LimitClause> {
    Some(LimitClause::LimitOffset {
        limit: Some(rows),
        offset,
        limit_by: Vec::new(),
    })
}

/// `ORDER BY ALL` orders by every column, from the first to the last.
fn order_by_all(query: &mut Query) {
    let Some(order) = &mut query.order_by else {
        return;
    };
    let OrderByKind::Expressions(by) = &order.kind else {
        return;
    };
    let [only] = by.as_slice() else {
        return;
    };
    let is_all = matches!(&only.expr, Expr::Identifier(name)
        if name.quote_style.is_none() && name.value.eq_ignore_ascii_case("all"));
    if !is_all {
        return;
    }
    let mut body = query.body.as_ref();
    while let SetExpr::SetOperation { left, .. } = body {
        body = left;
    }
    let SetExpr::Select(select) = body else {
        return;
    };
    let is_star = |item: &SelectItem| {
        matches!(
            item,
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(_, _)
        )
    };
    order.kind = match select.projection.iter().any(is_star) {
        true => OrderByKind::All(only.options),
        false => {
            let mut positions = Vec::new();
            for (at, _) in select.projection.iter().enumerate() {
                let mut position = only.clone();
                position.expr = number(u64::try_from(at).unwrap_or(0) + 1);
                positions.push(position);
            }
            OrderByKind::Expressions(positions)
        }
    };
}

/// `FROM t` alone is `SELECT * FROM t`; APPLY is a lateral join; SEMI and ANTI keep the left side.
pub(super) fn select(select: &mut Select) {
    if select.flavor == SelectFlavor::FromFirstNoSelect && select.projection.is_empty() {
        let star = SelectItem::Wildcard(WildcardAdditionalOptions::default());
        select.projection.push(star);
        select.flavor = SelectFlavor::Standard;
    }
    for table in &mut select.from {
        for join in &mut table.joins {
            apply(join);
        }
    }
}

fn apply(join: &mut Join) {
    let of_left = match &join.join_operator {
        JoinOperator::Semi(on) => Some(JoinOperator::LeftSemi(on.clone())),
        JoinOperator::Anti(on) => Some(JoinOperator::LeftAnti(on.clone())),
        _ => None,
    };
    if let Some(of_left) = of_left {
        join.join_operator = of_left;
    }
    let operator = match join.join_operator {
        JoinOperator::CrossApply => JoinOperator::CrossJoin(JoinConstraint::None),
        JoinOperator::OuterApply => {
            let always = Expr::Value(Value::Boolean(true).into());
            JoinOperator::LeftOuter(JoinConstraint::On(always))
        }
        _ => return,
    };
    if let TableFactor::Derived { lateral, .. } = &mut join.relation {
        *lateral = true;
        join.join_operator = operator;
    }
}

/// Writes an operator out in place.
pub(super) fn expr(expr: &mut Expr) -> Result<(), String> {
    let written = match expr {
        Expr::BinaryOp { .. } => match json::written(expr)? {
            Some(written) => written,
            None => {
                join_last(expr);
                return Ok(());
            }
        },
        Expr::Like {
            any: true,
            negated,
            expr,
            pattern,
            ..
        } => any_pattern(*negated, "LIKE", expr, pattern)?,
        Expr::ILike {
            any: true,
            negated,
            expr,
            pattern,
            ..
        } => any_pattern(*negated, "ILIKE", expr, pattern)?,
        Expr::Like {
            any: false,
            pattern,
            escape_char: escape @ Some(_),
            ..
        }
        | Expr::ILike {
            any: false,
            pattern,
            escape_char: escape @ Some(_),
            ..
        } => {
            escaped(pattern, escape);
            return Ok(());
        }
        Expr::Interval(interval) => match of_column(interval)? {
            Some(written) => written,
            None => return Ok(()),
        },
        Expr::CompoundFieldAccess { access_chain, .. } => {
            to_the_end(access_chain);
            return Ok(());
        }
        Expr::InSubquery {
            expr: tuple,
            subquery,
            ..
        } => {
            if let Expr::Tuple(parts) = tuple.as_ref() {
                columns_as_one(subquery, parts.len())?;
                **tuple = as_one(parts)?;
            }
            return Ok(());
        }
        _ => return Ok(()),
    };
    *expr = written;
    Ok(())
}

/// A pattern with an escape character of its own, written with the backslash that the engine knows.
fn escaped(pattern: &mut Expr, escape: &mut Option<ValueWithSpan>) {
    let (
        Expr::Value(ValueWithSpan {
            value: Value::SingleQuotedString(pattern),
            ..
        }),
        Some(ValueWithSpan {
            value: Value::SingleQuotedString(mark),
            ..
        }),
    ) = (pattern, &escape)
    else {
        return;
    };
    let mut marks = mark.chars();
    let (Some(mark), None) = (marks.next(), marks.next()) else {
        return;
    };
    let mut written = String::new();
    let mut characters = pattern.chars();
    while let Some(one) = characters.next() {
        let (is_escaped, one) = match one == mark {
            true => (true, characters.next().unwrap_or(mark)),
            false => (false, one),
        };
        if one == '\\' || is_escaped && matches!(one, '%' | '_') {
            written.push('\\');
        }
        written.push(one);
    }
    *pattern = written;
    *escape = None;
}

/// `INTERVAL (n) DAY` of a number that is no constant: that many days.
fn of_column(interval: &Interval) -> Result<Option<Expr>, String> {
    let Interval {
        value,
        leading_field: Some(unit),
        last_field: None,
        ..
    } = interval
    else {
        return Ok(None);
    };
    let mut number = value.as_ref();
    while let Expr::Nested(inner) = number {
        number = inner;
    }
    if matches!(number, Expr::Value(_)) {
        return Ok(None);
    }
    let pattern = format!("($1 * INTERVAL '1 {unit}')");
    template::expr(&pattern, &[number.clone()]).map(Some)
}

/// `l[2:]` goes on to the last element, `l[:2]` begins with the first.
fn to_the_end(accesses: &mut [AccessExpr]) {
    for access in accesses {
        if let AccessExpr::Subscript(Subscript::Slice {
            lower_bound,
            upper_bound,
            stride: None,
        }) = access
        {
            lower_bound.get_or_insert_with(|| number(1));
            upper_bound.get_or_insert_with(|| Expr::UnaryOp {
                op: UnaryOperator::Minus,
                expr: Box::new(number(1)),
            });
        }
    }
}

/// `'a' || 1 + 1` adds first, as in PostgreSQL and DuckDB; the parser reads from the left.
fn join_last(expr: &mut Expr) {
    let Expr::BinaryOp { left, op, right } = expr else {
        return;
    };
    let computes = matches!(
        op,
        BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo
    );
    if !computes {
        return;
    }
    let null = || Box::new(Expr::Value(Value::Null.into()));
    let take = |from: &mut Box<Expr>| std::mem::replace(from, null());
    let computed = |left, right| Expr::BinaryOp {
        left,
        op: op.clone(),
        right,
    };
    let (first, last) = if let Some((text, number)) = joined_texts(left) {
        let mut sum = computed(take(number), take(right));
        join_last(&mut sum);
        (take(text), Box::new(sum))
    } else if let Some((number, text)) = joined_texts(right) {
        (Box::new(computed(take(left), take(number))), take(text))
    } else {
        return;
    };
    *expr = Expr::BinaryOp {
        left: first,
        op: BinaryOperator::StringConcat,
        right: last,
    };
}

/// Both sides of `||`, where that is not in parentheses.
fn joined_texts(expr: &mut Expr) -> Option<(&mut Box<Expr>, &mut Box<Expr>)> {
    match expr {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::StringConcat,
            right,
        } => Some((left, right)),
        _ => None,
    }
}

fn any_pattern(is_negated: bool, like: &str, expr: &Expr, pattern: &Expr) -> Result<Expr, String> {
    let (Expr::Tuple(patterns), false) = (pattern, is_negated) else {
        let how = format!("x {like} ANY ('a%', 'b%'), or NOT (x {like} ANY (…))");
        return Err(format!("write {how}"));
    };
    let mut arguments = vec![expr.clone()];
    arguments.extend(patterns.iter().cloned());
    let each = (2..=arguments.len()).map(|number| format!("$1 {like} ${number}"));
    template::expr(
        &format!("({})", each.collect::<Vec<_>>().join(" OR ")),
        &arguments,
    )
}

/// `(a, b)` as one value.
fn as_one(parts: &[Expr]) -> Result<Expr, String> {
    let fields = (1..=parts.len()).map(|number| format!("'c{number}', ${number}"));
    let pattern = format!("named_struct({})", fields.collect::<Vec<_>>().join(", "));
    template::expr(&pattern, parts)
}

/// Makes the columns of the subquery of `(a, b) IN (SELECT x, y …)` one value.
fn columns_as_one(query: &mut Query, count: usize) -> Result<(), String> {
    let columns = "names as many plain columns after SELECT as stand before IN";
    let SetExpr::Select(select) = query.body.as_mut() else {
        return Err(format!("the subquery {columns}"));
    };
    let one = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            Some(expr.clone())
        }
        _ => None,
    };
    let parts: Option<Vec<Expr>> = select.projection.iter().map(one).collect();
    let parts = parts.filter(|parts| parts.len() == count);
    let parts = parts.ok_or_else(|| format!("the subquery {columns}"))?;
    select.projection = vec![SelectItem::UnnamedExpr(as_one(&parts)?)];
    Ok(())
}
