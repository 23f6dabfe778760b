//! Planning as far as an execution would, so that nothing but data can stop it later.

use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::sqlparser::ast::{
    Query, Select, SelectItem, SetExpr, Spanned as _, Statement,
};

use super::constant;
use super::error::QueryError;
use super::parse::Parsed;
use super::planning;
use super::session::Session;
use super::types::in_sql;
use crate::store::{WarehouseError, lake_name};
use tsugi_core::diagnostic::{Diagnostic, Place};
use tsugi_core::name::TableName;
use tsugi_core::source_text::SourceText;
use tsugi_functions::without_calls;

impl Session {
    /// Optimizes a plan, computes its constants and makes it executable. No plugin is called.
    ///
    /// # Errors
    /// What would stop every execution of it.
    pub(crate) async fn verify(&self, plan: &LogicalPlan) -> Result<(), QueryError> {
        let (state, plan) = (self.state(), plan.clone());
        let verified = planning::apart(async move {
            let optimized = state.optimize(&without_calls(&plan)?)?;
            constant::verify(&optimized, &state)?;
            let planner = state.query_planner();
            planner.create_physical_plan(&optimized, &state).await
        });
        verified.await.map(drop).map_err(QueryError::from_engine)
    }
}

/// The columns of a model that no table can hold, each at its place in the SELECT.
pub(super) fn unstorable(
    table: &TableName,
    plan: &LogicalPlan,
    parsed: &Parsed,
    text: &SourceText,
) -> Vec<Diagnostic> {
    let schema = Session::columns(plan);
    let found = ducklake::unstorable(&lake_name(table), &schema);
    let fields = schema.fields();
    let name = |index: usize| fields.get(index).map_or("", |field| field.name().as_str());
    found
        .into_iter()
        .map(|(index, error)| {
            let place = output_place(parsed, index, name(index));
            let mut finding = super::findings::at(text, &WarehouseError::from(error), place);
            let always_null = "whose value is always null";
            finding.message = in_sql(&finding.message).replace("of type Null", always_null);
            finding
        })
        .collect()
}

/// Where the column of an index is selected.
fn output_place(parsed: &Parsed, index: usize, name: &str) -> Option<Place> {
    let Statement::Query(query) = parsed.sql() else {
        return None;
    };
    let items = &selects(query)?.projection;
    let is_wildcard = |item: &&SelectItem| {
        matches!(
            item,
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)
        )
    };
    let named = |item: &&SelectItem| match item {
        SelectItem::ExprWithAlias { alias, .. } => alias.value.eq_ignore_ascii_case(name),
        _ => false,
    };
    // Behind a `*` the number of a column says nothing, and its name does.
    let item = match items.iter().take(index + 1).any(|item| is_wildcard(&item)) {
        false => items.get(index),
        true => items
            .iter()
            .rfind(named)
            .or_else(|| items.iter().rfind(is_wildcard)),
    };
    item.map(|item| parsed.place(item.span()))
}

/// The first SELECT of a query, whose columns are its columns.
fn selects(query: &Query) -> Option<&Select> {
    let mut body = query.body.as_ref();
    loop {
        body = match body {
            SetExpr::Select(select) => return Some(select),
            SetExpr::Query(query) => query.body.as_ref(),
            SetExpr::SetOperation { left, .. } => left,
            _ => return None,
        };
    }
}
