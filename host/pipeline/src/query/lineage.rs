//! Which columns of a query show what personal columns hold: read off its plan, column by column.
//!
//! A column is personal when its expression passes the value of a personal one on, however it is
//! cast, joined to others, folded or summed up. Counting, ranking and comparing pass nothing on.
//! A plugin's table function is opaque: its columns are personal by their names, when an input has
//! a personal column of that name; what else it derives from them has to be declared.

use std::collections::{BTreeMap, BTreeSet};

use crate::query::operators::compares_values;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, TableReference};
use datafusion::logical_expr::expr::WindowFunctionDefinition;
use datafusion::logical_expr::utils::grouping_set_to_exprlist;
use datafusion::logical_expr::{Distinct, Expr, Join, JoinType, LogicalPlan, Operator};

/// Personal columns by table, written `schema.table`.
pub(super) type PersonalColumns = BTreeMap<String, BTreeSet<String>>;

/// Functions over many rows whose result reveals no value of one.
const COUNTING: [&str; 10] = [
    "count",
    "approx_distinct",
    "row_number",
    "rank",
    "dense_rank",
    "percent_rank",
    "cume_dist",
    "ntile",
    "grouping",
    "regr_count",
];

/// For each column of a planned query whether it is personal.
pub(super) fn personal(plan: &LogicalPlan, tags: &PersonalColumns) -> Vec<bool> {
    if tags.values().all(BTreeSet::is_empty) {
        return vec![false; plan.schema().fields().len()];
    }
    let mut walk = Walk {
        tags,
        working: BTreeMap::new(),
        outer: Vec::new(),
    };
    walk.plan(plan)
}

/// Whether a query reads a table that has personal columns.
pub(super) fn touches(plan: &LogicalPlan, tags: &PersonalColumns) -> bool {
    let mut found = false;
    // The walk stops only by its own answer, never by an error.
    let _ = plan.apply_with_subqueries(|node| {
        let name = match node {
            LogicalPlan::TableScan(scan) => Some(&scan.table_name),
            LogicalPlan::SubqueryAlias(alias) => Some(&alias.alias),
            _ => None,
        };
        found |= name.is_some_and(|name| of(tags, name).is_some_and(|tags| !tags.is_empty()));
        Ok(match found {
            true => TreeNodeRecursion::Stop,
            false => TreeNodeRecursion::Continue,
        })
    });
    found
}

fn of<'t>(tags: &'t PersonalColumns, table: &TableReference) -> Option<&'t BTreeSet<String>> {
    tags.get(&format!("{}.{}", table.schema()?, table.table()))
}

/// The input of an expression: its columns, and which are personal.
struct Scope<'p> {
    schema: &'p DFSchema,
    flags: Vec<bool>,
}

impl Scope<'_> {
    fn has(&self, column: &Column) -> Option<bool> {
        let at = self.schema.maybe_index_of_column(column)?;
        self.flags.get(at).copied()
    }
}

struct Walk<'p> {
    tags: &'p PersonalColumns,
    /// The tables that recursive queries read their own rows from.
    working: BTreeMap<String, Vec<bool>>,
    /// The queries around a subquery.
    outer: Vec<Scope<'p>>,
}

impl<'p> Walk<'p> {
    fn plan(&mut self, plan: &'p LogicalPlan) -> Vec<bool> {
        match plan {
            LogicalPlan::TableScan(scan) => {
                let own = self.working.get(scan.table_name.table()).cloned();
                let own = own.filter(|_| scan.table_name.schema().is_none());
                own.unwrap_or_else(|| {
                    let tags = of(self.tags, &scan.table_name);
                    named(&scan.projected_schema, tags)
                })
            }
            LogicalPlan::SubqueryAlias(alias) => {
                let tagged = named(&alias.schema, of(self.tags, &alias.alias));
                either(self.plan(&alias.input), &tagged)
            }
            LogicalPlan::Projection(node) => self.over(&node.input, &node.expr),
            LogicalPlan::Window(node) => {
                let mut flags = self.plan(&node.input);
                flags.extend(self.over(&node.input, &node.window_expr));
                flags
            }
            LogicalPlan::Aggregate(node) => {
                let groups = grouping_set_to_exprlist(&node.group_expr).unwrap_or_default();
                let mut flags = self.over(&node.input, groups);
                let values = self.over(&node.input, &node.aggr_expr);
                // Grouping sets put a column of their own between.
                flags.resize(node.schema.fields().len() - values.len(), false);
                flags.extend(values);
                flags
            }
            LogicalPlan::Join(join) => self.join(join),
            LogicalPlan::Union(node) => {
                let mut inputs = node.inputs.iter();
                let first = inputs
                    .next()
                    .map_or_else(Vec::new, |first| self.plan(first));
                inputs.fold(first, |flags, input| {
                    let more = self.plan(input);
                    either(flags, &more)
                })
            }
            LogicalPlan::Distinct(Distinct::On(node)) => self.over(&node.input, &node.select_expr),
            LogicalPlan::Unnest(node) => {
                let flags = self.plan(&node.input);
                let from = node.dependency_indices.iter();
                from.map(|at| flags.get(*at).copied().unwrap_or(false))
                    .collect()
            }
            LogicalPlan::RecursiveQuery(node) => {
                let first = self.plan(&node.static_term);
                self.working.insert(node.name.clone(), first.clone());
                let again = self.plan(&node.recursive_term);
                either(first, &again)
            }
            other => self.through(other),
        }
    }

    /// Nodes that pass the columns of their input through, and those whose columns have no known
    /// origin.
    fn through(&mut self, plan: &'p LogicalPlan) -> Vec<bool> {
        let width = plan.schema().fields().len();
        let inputs = plan.inputs();
        if let ([input], false) = (inputs.as_slice(), matches!(plan, LogicalPlan::Extension(_))) {
            let mut flags = self.plan(input);
            flags.resize(width, false);
            return flags;
        }
        let mut names = BTreeSet::new();
        for input in inputs {
            let fields = input.schema().fields().iter();
            let flags = self.plan(input);
            let personal = fields.zip(flags).filter(|(_, flag)| *flag);
            names.extend(personal.map(|(field, _)| field.name().clone()));
        }
        named(plan.schema(), Some(&names))
    }

    fn join(&mut self, join: &'p Join) -> Vec<bool> {
        let (mut left, right) = (self.plan(&join.left), self.plan(&join.right));
        match join.join_type {
            JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => {}
            JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => left = right,
            JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => {
                left.extend(right);
            }
        }
        // A mark join adds the mark.
        left.resize(join.schema.fields().len(), false);
        left
    }

    /// Expressions over an input.
    fn over(
        &mut self,
        input: &'p LogicalPlan,
        expressions: impl IntoIterator<Item = &'p Expr>,
    ) -> Vec<bool> {
        let scope = Scope {
            schema: input.schema(),
            flags: self.plan(input),
        };
        self.outer.push(scope);
        let flags = expressions
            .into_iter()
            .map(|expression| self.carries(expression))
            .collect();
        self.outer.pop();
        flags
    }

    /// Whether an expression passes the value of a personal column on.
    fn carries(&mut self, expression: &'p Expr) -> bool {
        match expression {
            Expr::Column(column) => {
                self.outer.last().and_then(|scope| scope.has(column)) == Some(true)
            }
            Expr::OuterReferenceColumn(_, column) => {
                let mut around = self.outer.iter().rev().skip(1);
                around.find_map(|scope| scope.has(column)) == Some(true)
            }
            Expr::BinaryExpr(both) if compares(both.op) => false,
            Expr::Like(_)
            | Expr::SimilarTo(_)
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::Between(_)
            | Expr::InList(_)
            | Expr::Exists(_)
            | Expr::InSubquery(_)
            | Expr::SetComparison(_) => false,
            Expr::Case(case) => {
                let then = case.when_then_expr.iter().map(|(_, then)| then);
                let mut all = then.chain(&case.else_expr);
                all.any(|one| self.carries(one))
            }
            Expr::AggregateFunction(call) => {
                let counts = COUNTING.contains(&call.func.name());
                !counts && call.params.args.iter().any(|one| self.carries(one))
            }
            Expr::WindowFunction(call) => {
                let name = match &call.fun {
                    WindowFunctionDefinition::AggregateUDF(function) => function.name(),
                    WindowFunctionDefinition::WindowUDF(function) => function.name(),
                };
                let counts = COUNTING.contains(&name);
                !counts && call.params.args.iter().any(|one| self.carries(one))
            }
            Expr::ScalarSubquery(inner) => self.plan(&inner.subquery).first() == Some(&true),
            other => {
                let mut carries = false;
                let _ = other.apply_children(|child| {
                    carries |= self.carries(child);
                    Ok(TreeNodeRecursion::Continue)
                });
                carries
            }
        }
    }
}

/// The columns that have one of these names.
fn named(schema: &DFSchema, names: Option<&BTreeSet<String>>) -> Vec<bool> {
    let is = |name: &String| names.is_some_and(|names| names.contains(name));
    schema
        .fields()
        .iter()
        .map(|field| is(field.name()))
        .collect()
}

fn either(mut flags: Vec<bool>, more: &[bool]) -> Vec<bool> {
    for (flag, more) in flags.iter_mut().zip(more) {
        *flag |= more;
    }
    flags
}

fn compares(operator: Operator) -> bool {
    use Operator as O;
    compares_values(operator)
        || matches!(
            operator,
            O::RegexMatch
                | O::RegexIMatch
                | O::RegexNotMatch
                | O::RegexNotIMatch
                | O::LikeMatch
                | O::ILikeMatch
                | O::NotLikeMatch
                | O::NotILikeMatch
                | O::AtArrow
                | O::ArrowAt
        )
}
