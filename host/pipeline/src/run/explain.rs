//! A plan in plain words: what is read, joined, grouped and sorted, the last step first.

use std::fmt::Display;

use datafusion::logical_expr::{
    Distinct, Expr, FetchType, Join, JoinType, Limit, LogicalPlan, SkipType,
};

/// The steps of a plan, each indented below the one that reads it.
pub(super) fn explained(plan: &LogicalPlan) -> Vec<String> {
    let mut lines = Vec::new();
    add(plan, 0, &mut lines);
    lines
}

fn add(plan: &LogicalPlan, depth: usize, lines: &mut Vec<String>) {
    let below = match words(plan) {
        Some(words) => {
            lines.push(format!("{}{words}", "  ".repeat(depth)));
            depth + 1
        }
        None => depth,
    };
    for input in plan.inputs() {
        add(input, below, lines);
    }
}

fn listed<T: Display>(parts: impl IntoIterator<Item = T>) -> String {
    let parts = parts.into_iter().map(|part| part.to_string());
    parts.collect::<Vec<_>>().join(", ")
}

fn shown(expressions: &[Expr]) -> String {
    listed(expressions.iter().map(Expr::human_display))
}

/// One step; none for a node that only names what is below it.
fn words(plan: &LogicalPlan) -> Option<String> {
    Some(match plan {
        LogicalPlan::SubqueryAlias(_) | LogicalPlan::Subquery(_) => return None,
        LogicalPlan::Projection(node) => format!("compute {}", shown(&node.expr)),
        LogicalPlan::Filter(node) => format!("keep rows where {}", node.predicate.human_display()),
        LogicalPlan::Window(node) => format!("compute over windows {}", shown(&node.window_expr)),
        LogicalPlan::Aggregate(node) => {
            match (node.group_expr.is_empty(), node.aggr_expr.is_empty()) {
                (true, _) => format!("aggregate all rows: {}", shown(&node.aggr_expr)),
                (false, true) => format!("group by {}", shown(&node.group_expr)),
                (false, false) => {
                    format!(
                        "group by {}: {}",
                        shown(&node.group_expr),
                        shown(&node.aggr_expr)
                    )
                }
            }
        }
        LogicalPlan::Sort(node) => {
            let by = node.expr.iter().map(|sort| {
                let order = if sort.asc { "" } else { " descending" };
                format!("{}{order}", sort.expr.human_display())
            });
            let first = node.fetch.map(|rows| format!(", the first {rows} only"));
            format!("sort by {}{}", listed(by), first.unwrap_or_default())
        }
        LogicalPlan::Join(node) => joined(node),
        LogicalPlan::Union(_) => "all rows of".to_owned(),
        LogicalPlan::TableScan(node) => {
            let names = node.projected_schema.fields().iter();
            let mut words = format!(
                "read {}: {}",
                node.table_name,
                listed(names.map(|f| f.name()))
            );
            if !node.filters.is_empty() {
                let filters = node
                    .filters
                    .iter()
                    .map(|one| one.human_display().to_string());
                words += &format!(", where {}", filters.collect::<Vec<_>>().join(" and "));
            }
            words
        }
        LogicalPlan::Limit(node) => limit(node),
        LogicalPlan::Distinct(Distinct::All(_)) => "each row once".to_owned(),
        LogicalPlan::Distinct(Distinct::On(node)) => {
            format!("the first row of each {}", shown(&node.on_expr))
        }
        LogicalPlan::Values(node) => format!("rows written in the query: {}", node.values.len()),
        LogicalPlan::EmptyRelation(node) => match node.produce_one_row {
            true => "one row without a table".to_owned(),
            false => "no rows".to_owned(),
        },
        LogicalPlan::Unnest(_) => "a row for each element of a list".to_owned(),
        LogicalPlan::RecursiveQuery(node) => format!("repeat `{}` until nothing is new", node.name),
        LogicalPlan::Extension(node) => {
            format!("call a function of a plugin: {}", node.node.name())
        }
        other => listed(other.to_string().split_whitespace().take(1)).to_lowercase(),
    })
}

fn limit(node: &Limit) -> String {
    let rows = match node.get_fetch_type() {
        Ok(FetchType::Literal(Some(rows))) => format!("at most {rows} rows"),
        _ => "some rows".to_owned(),
    };
    match node.get_skip_type() {
        Ok(SkipType::Literal(0)) => rows,
        Ok(SkipType::Literal(skip)) => format!("{rows} after the first {skip}"),
        _ => rows,
    }
}

fn joined(node: &Join) -> String {
    let on = node.on.iter();
    let on = on.map(|(l, r)| format!("{} = {}", l.human_display(), r.human_display()));
    let more = node
        .filter
        .iter()
        .map(|filter| filter.human_display().to_string());
    let on: Vec<String> = on.chain(more).collect();
    match on.is_empty() {
        true => format!("{}, every row with every row", join(node.join_type)),
        false => format!("{} on {}", join(node.join_type), on.join(" and ")),
    }
}

fn join(kind: JoinType) -> &'static str {
    match kind {
        JoinType::Inner => "join",
        JoinType::Left => "join, all rows of the first",
        JoinType::Right => "join, all rows of the second",
        JoinType::Full => "join, all rows of both",
        JoinType::LeftSemi | JoinType::RightSemi => "keep rows with a match",
        JoinType::LeftAnti | JoinType::RightAnti => "keep rows without a match",
        JoinType::LeftMark | JoinType::RightMark => "mark rows with a match",
    }
}
