//! The SQL of a whole project as plain facts: names, functions, variables, columns.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::DataFusionError;
use datafusion::logical_expr::LogicalPlan;

use super::error::QueryError;
use super::facts::{Facts, ModelFacts};
use super::parse::Parsed;
use super::session::Session;
use super::tags;
use crate::diagnostic::{Diagnostic, Explain, Place, did_you_mean, nearest};
use crate::name::TableName;
use crate::project::Project;
use crate::project::text::Text;

/// A query of the project on its way to facts.
struct Pending<'p, K> {
    key: K,
    text: &'p Text,
    parsed: Parsed,
    facts: ModelFacts,
}

/// Understands every model and check. The session must know the columns of every table that is
/// not a model; the columns of the models are made known to it on the way.
///
/// Models that name unknown tables, or each other in a circle, are left without columns: the
/// plan floor, which sees the whole, says so.
pub async fn resolve(project: &Project, session: &Session) -> (Facts, Vec<Diagnostic>) {
    let mut facts = Facts::default();
    let mut findings = Vec::new();
    let models = project
        .models
        .values()
        .map(|model| (model.table.clone(), &model.text));
    let mut waiting = parse_all(models, project, session, &mut findings);
    tags::declared(project, session, &mut facts, &mut findings);
    loop {
        let unplanned: BTreeSet<String> = waiting.iter().map(|one| one.key.to_string()).collect();
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
        for one in now {
            let (key, planned) = plan(one, session, &mut findings).await;
            if let (Some(plan), Some(model)) = (planned.plan, project.models.get(&key)) {
                tags::of_model(model, &plan, session, &mut facts, &mut findings);
                if model.is_view() {
                    session.put_view(&key, planned.parsed, plan);
                } else {
                    session.put_schema(&key, Session::columns(&plan));
                }
            }
            facts.models.insert(key, planned.facts);
        }
    }
    facts
        .models
        .extend(waiting.into_iter().map(|one| (one.key, one.facts)));
    let checks = project
        .checks
        .values()
        .map(|check| (check.name.clone(), &check.text));
    for one in parse_all(checks, project, session, &mut findings) {
        let (key, planned) = plan(one, session, &mut findings).await;
        facts.checks.insert(key, planned.facts);
    }
    (facts, findings)
}

fn parse_all<'p, K>(
    queries: impl Iterator<Item = (K, &'p Text)>,
    project: &Project,
    session: &Session,
    findings: &mut Vec<Diagnostic>,
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
            Err(error) => findings.push(found(text, &error)),
        }
    }
    pending
}

fn parse(
    text: &Text,
    project: &Project,
    session: &Session,
) -> Result<(Parsed, ModelFacts), QueryError> {
    let mut parsed = Parsed::new(text.file(), text.body())?;
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

struct Planned {
    parsed: Parsed,
    facts: ModelFacts,
    plan: Option<LogicalPlan>,
}

async fn plan<K>(
    one: Pending<'_, K>,
    session: &Session,
    findings: &mut Vec<Diagnostic>,
) -> (K, Planned) {
    let Pending {
        key,
        text,
        parsed,
        mut facts,
    } = one;
    // A table nobody knows is the plan floor's finding, with the nearest names; a second one
    // from SQL would only say it worse.
    let unknown = facts.tables.iter().any(|used| !session.knows(&used.table));
    let plan = match session.plan(&parsed).await {
        Ok(plan) => {
            facts.schema = described(&Session::columns(&plan));
            Some(plan)
        }
        Err(error) => {
            if !unknown {
                findings.push(found(text, &suggesting(error, &facts, session)));
            }
            None
        }
    };
    let planned = Planned {
        parsed,
        facts,
        plan,
    };
    (key, planned)
}

/// The same error; of a column that is not there with the nearest ones that are.
fn suggesting(error: QueryError, facts: &ModelFacts, session: &Session) -> QueryError {
    let QueryError::Sql {
        message,
        place,
        hint,
    } = error
    else {
        return error;
    };
    let missing = message
        .strip_prefix("column '")
        .and_then(|rest| rest.split('\'').next());
    let Some(missing) = missing else {
        return QueryError::Sql {
            message,
            place,
            hint,
        };
    };
    let known: BTreeSet<String> = facts
        .tables
        .iter()
        .flat_map(|used| session.columns_of(&used.table))
        .collect();
    let near = nearest(missing, known.iter().map(String::as_str));
    // DataFusion's own hint lists what there is; the nearest names say it in fewer words.
    let hint = did_you_mean(&near).or(hint.map(|hint| hint.replace('\'', "`")));
    QueryError::Sql {
        message: message.replace('\'', "`"),
        place,
        hint,
    }
}

/// `lot Utf8 not null, rate Float64`.
fn described(columns: &SchemaRef) -> String {
    let one = |field: &arrow::datatypes::FieldRef| {
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

/// The error at its place in the file, with the line it is about.
fn found(text: &Text, error: &QueryError) -> Diagnostic {
    match error.place() {
        Some(Place { line, column, .. }) if line > 0 => {
            let start = text.offset(line.into(), column.into());
            let word = text.body().get(start..).unwrap_or_default();
            let length = word.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
            let length = length.unwrap_or(word.len()).max(1);
            text.diagnostic(&(start..(start + length).min(text.body().len())), error)
        }
        _ => Diagnostic::of(error).at(Place::of_file(text.file())),
    }
}

/// What DataFusion found wrong with a query, with its place when it knows one.
pub(super) fn planning(file: &str, error: DataFusionError) -> QueryError {
    let told = error.diagnostic().map(|diagnostic| {
        let hints: Vec<String> = diagnostic
            .helps
            .iter()
            .map(|help| help.message.clone())
            .chain(diagnostic.notes.iter().map(|note| note.message.clone()))
            .collect();
        (diagnostic.message.clone(), diagnostic.span, hints)
    });
    match (QueryError::from_engine(error), told) {
        (QueryError::Engine(text), Some((message, span, hints))) => QueryError::Sql {
            message: if message.is_empty() { text } else { message },
            place: span.map(|span| Place {
                file: file.to_owned(),
                line: u32::try_from(span.start.line).unwrap_or(u32::MAX),
                column: u32::try_from(span.start.column).unwrap_or(u32::MAX),
            }),
            hint: (!hints.is_empty()).then(|| hints.join("; ")),
        },
        (QueryError::Engine(text), None) => {
            let place = Some(Place::of_file(file));
            QueryError::Sql {
                message: text,
                place,
                hint: None,
            }
        }
        (ours, _) => ours,
    }
}
