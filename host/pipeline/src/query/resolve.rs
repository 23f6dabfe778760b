//! The SQL of a whole project as plain facts: names, functions, variables, columns.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::logical_expr::LogicalPlan;

use super::error::QueryError;
use super::findings::{at, findings};
use super::parse::Parsed;
use super::session::Session;
use super::tags;
use super::verify::unstorable;
use crate::plan::facts::{Facts, ModelFacts};
use crate::project::Project;
use crate::project::model::Model;
use tsugi_core::diagnostic::{Diagnostic, Explain as _};
use tsugi_core::name::{CheckName, TableName};
use tsugi_core::source_text::SourceText;

/// A query of the project on its way to facts.
struct Pending<'p, K> {
    key: K,
    text: &'p SourceText,
    parsed: Parsed,
    facts: ModelFacts,
}

/// How far queries are planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Names and types; what is executed is planned further then.
    Types,
    /// All but the rows: whatever would stop an execution is a finding.
    Execution,
}

/// The SQL of a project, understood.
#[derive(Debug, Default)]
pub struct Resolved {
    pub facts: Facts,
    /// Every model that can be planned.
    pub models: BTreeMap<TableName, LogicalPlan>,
    /// Every check that can be planned.
    pub checks: BTreeMap<CheckName, LogicalPlan>,
    pub diagnostics: Vec<Diagnostic>,
    /// What stops nothing, and an author may not have meant.
    pub warnings: Vec<Diagnostic>,
}

/// Understands every model and check, and plans each once. The session must know the columns of
/// every table that is not a model; the columns of the models are made known to it on the way.
///
/// Models that name unknown tables, or each other in a circle, get no columns: the plan of the
/// project, which sees the whole, reports them.
pub async fn resolve(project: &Project, session: &Session, depth: Depth) -> Resolved {
    let mut resolved = Resolved::default();
    let models = project
        .models
        .values()
        .map(|model| (model.table.clone(), &model.text));
    let mut waiting = parse_all(models, project, session, &mut resolved.diagnostics);
    tags::declared(
        project,
        session,
        &mut resolved.facts,
        &mut resolved.diagnostics,
    );
    let mut unplanned: BTreeSet<String> = waiting.iter().map(|one| one.key.to_string()).collect();
    let mut broken: BTreeSet<String> = BTreeSet::new();
    loop {
        let ready = |one: &Pending<'_, TableName>| {
            !one.facts
                .tables
                .iter()
                .any(|used| unplanned.contains(&used.table))
        };
        let (now, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(ready);
        waiting = later;
        if now.is_empty() {
            break;
        }
        for one in &now {
            unplanned.remove(&one.key.to_string());
        }
        for one in now {
            let table = one.key.clone();
            let table = project.models.get(&table).filter(|model| !model.is_view());
            let table = table.map(|model| &model.table);
            // What is wrong with a view is said about the view.
            let reads_broken = one
                .facts
                .tables
                .iter()
                .any(|used| broken.contains(&used.table));
            let depth = if reads_broken { Depth::Types } else { depth };
            let known = resolved.diagnostics.len();
            let (text, nameless) = (one.text, one.parsed.nameless());
            let (key, facts, plan) = plan(one, table, depth, session, &mut resolved).await;
            let is_view = project.models.get(&key).is_some_and(Model::is_view);
            if is_view && (reads_broken || resolved.diagnostics.len() > known) {
                broken.insert(key.to_string());
            }
            if let (Some(plan), Some(model)) = (plan, project.models.get(&key)) {
                let (facts, diagnostics) = (&mut resolved.facts, &mut resolved.diagnostics);
                tags::of_model(model, &plan, session, facts, diagnostics);
                if model.is_view() {
                    session.put_view(&key, plan.clone());
                } else {
                    session.put_schema(&key, Session::columns(&plan));
                }
                let nameless = nameless
                    .iter()
                    .map(|one| at(text, one, one.place()).as_warning());
                resolved.warnings.extend(nameless);
                resolved.models.insert(key.clone(), plan);
            }
            resolved.facts.models.insert(key, facts);
        }
    }
    let unplanned = waiting.into_iter().map(|one| (one.key, one.facts));
    resolved.facts.models.extend(unplanned);
    checks(project, session, depth, &broken, &mut resolved).await;
    resolved
}

/// Understands every check.
async fn checks(
    project: &Project,
    session: &Session,
    depth: Depth,
    broken: &BTreeSet<String>,
    resolved: &mut Resolved,
) {
    let checks = project
        .checks
        .values()
        .map(|check| (check.name.clone(), &check.text));
    for one in parse_all(checks, project, session, &mut resolved.diagnostics) {
        let reads_broken = one
            .facts
            .tables
            .iter()
            .any(|used| broken.contains(&used.table));
        let depth = if reads_broken { Depth::Types } else { depth };
        let (key, facts, plan) = plan(one, None, depth, session, resolved).await;
        let planned = plan.map(|plan| (key.clone(), plan));
        resolved.checks.extend(planned);
        resolved.facts.checks.insert(key, facts);
    }
}

fn parse_all<'p, K>(
    queries: impl Iterator<Item = (K, &'p SourceText)>,
    project: &Project,
    session: &Session,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Pending<'p, K>> {
    let mut pending = Vec::new();
    for (key, text) in queries {
        match parse(text, project, session) {
            Ok((parsed, facts)) => pending.push(Pending {
                key,
                text,
                parsed,
                facts,
            }),
            Err(error) => diagnostics.push(at(text, &error, error.place())),
        }
    }
    pending
}

fn parse(
    text: &SourceText,
    project: &Project,
    session: &Session,
) -> Result<(Parsed, ModelFacts), QueryError> {
    let mut parsed = Parsed::new(text.file(), text.body())?;
    if let Some(older) = parsed.older_tables()?.into_iter().next() {
        return Err(QueryError::Sql {
            message:
                "AT reads an older snapshot, and what a model reads must not depend on when it runs"
                    .into(),
            place: Some(older.place),
            hint: Some(format!(
                "read {} as it is now; `tsugi query` reads older snapshots",
                older.table
            )),
        });
    }
    parsed.refuse_changing()?;
    let canonical_sql = parsed.canonical();
    let tables = parsed.tables(&session.function_names())?;
    let mut functions = BTreeMap::new();
    for call in parsed.calls() {
        let Some(plugin) = session.functions().get(&call) else {
            continue;
        };
        if let (Ok(function), Ok(plugin)) = (call.parse(), plugin.parse()) {
            functions.insert(function, plugin);
        }
    }
    let vars = parsed.bind(&project.vars)?;
    Ok((
        parsed,
        ModelFacts {
            canonical_sql,
            tables,
            functions,
            vars,
            schema: String::new(),
        },
    ))
}

/// Plans a query, and adds its columns to its facts.
async fn plan<K>(
    one: Pending<'_, K>,
    table: Option<&TableName>,
    depth: Depth,
    session: &Session,
    resolved: &mut Resolved,
) -> (K, ModelFacts, Option<LogicalPlan>) {
    let Pending {
        key,
        text,
        parsed,
        mut facts,
    } = one;
    // The plan of the project reports an unknown table with the nearest names; SQL would only
    // report it again, and worse.
    let unknown = facts.tables.iter().any(|used| !session.knows(&used.table));
    let plan = match session.plan_with_warnings(&parsed).await {
        Ok((plan, warnings)) => {
            let warnings = warnings
                .iter()
                .map(|one| at(text, one, one.place()).as_warning());
            resolved.warnings.extend(warnings);
            plan
        }
        Err(error) => {
            if !unknown {
                let found = findings(text, &parsed, &facts, session, error).await;
                resolved.diagnostics.extend(found);
            }
            return (key, facts, None);
        }
    };
    facts.schema = described(&Session::columns(&plan));
    if let Some(table) = table {
        let found = unstorable(table, &plan, &parsed, text);
        resolved.diagnostics.extend(found);
    }
    if depth == Depth::Execution
        && let Err(error) = session.verify(&plan).await
    {
        let found = findings(text, &parsed, &facts, session, error).await;
        resolved.diagnostics.extend(found);
    }
    (key, facts, Some(plan))
}

/// Every finding about a file of the project whose query cannot be executed for a reason.
pub(crate) async fn explain(
    text: &SourceText,
    project: &Project,
    session: &Session,
    error: QueryError,
) -> Vec<Diagnostic> {
    match parse(text, project, session) {
        Ok((parsed, facts)) => findings(text, &parsed, &facts, session, error).await,
        Err(_) => vec![at(text, &error, error.place())],
    }
}

/// `lot Utf8 not null, rate Float64`.
fn described(columns: &SchemaRef) -> String {
    let one = |field: &datafusion::arrow::datatypes::FieldRef| {
        let suffix = if field.is_nullable() { "" } else { " not null" };
        format!("{} {}{suffix}", field.name(), field.data_type())
    };
    columns
        .fields()
        .iter()
        .map(one)
        .collect::<Vec<_>>()
        .join(", ")
}
