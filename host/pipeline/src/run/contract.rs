//! Whether the tables of deliveries, and those that `[tables]` names, have the columns that they need.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::datatypes::{DataType, SchemaRef};

use super::guards::{ColumnKind, Guards, RequiredColumn};
use crate::project::Project;
use crate::project::delivery::{Contract, Delivery, Records};
use crate::project::located::Located;
use crate::query::{Parsed, QueryError, Session, UnknownName, sql_type};
use tsugi_core::diagnostic::{Blame, Diagnostic, Explain, did_you_mean, nearest};
use tsugi_core::name::{DeliveryName, TableName};

/// The columns of the table with the sentences that a run ends with.
pub(super) const HEADLINE_COLUMNS: &[RequiredColumn] = &[
    RequiredColumn {
        name: "position",
        kind: ColumnKind::Sortable,
        doc: "the order of the sentences",
    },
    RequiredColumn {
        name: "language",
        kind: ColumnKind::Text,
        doc: "`en`, `ja` or `de`",
    },
    RequiredColumn {
        name: "sentence",
        kind: ColumnKind::Text,
        doc: "what was found",
    },
    RequiredColumn {
        name: "query",
        kind: ColumnKind::Text,
        doc: "SQL that shows the rows behind the sentence, or null",
    },
];

/// What can be wrong with such a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum ContractError {
    #[error("`{table}` has no column `{column}`, {role}")]
    MissingColumn {
        table: String,
        column: String,
        /// `which is the key of the delivery `accounts``.
        role: String,
        near: Vec<String>,
        /// What to write instead, where no name is near.
        otherwise: String,
    },
    #[error("`{table}.{column}` is {found}, and {role} must be {wanted}")]
    WrongType {
        table: String,
        column: String,
        found: String,
        role: String,
        wanted: &'static str,
        hint: String,
    },
    #[error("the key of the delivery `{delivery}` has the personal column `{table}.{column}`")]
    PersonalKey {
        delivery: DeliveryName,
        table: String,
        column: String,
    },
    #[error("`only_if` of the delivery `{delivery}` cannot be used: {what}")]
    Predicate {
        delivery: DeliveryName,
        what: String,
        hint: Option<String>,
    },
}

impl Explain for ContractError {
    fn code(&self) -> &'static str {
        match self {
            Self::MissingColumn { .. } => "run::missing-column",
            Self::WrongType { .. } => "run::wrong-column-type",
            Self::PersonalKey { .. } => "run::personal-key",
            Self::Predicate { .. } => "run::wrong-predicate",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Author
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::MissingColumn {
                near, otherwise, ..
            } => did_you_mean(near).or_else(|| Some(otherwise.clone())),
            Self::WrongType { hint, .. } => Some(hint.clone()),
            Self::PersonalKey { .. } => {
                Some("the send ledger keeps keys: name an id that is no personal column".into())
            }
            Self::Predicate { hint, .. } => hint.clone(),
        }
    }
}

/// Every wrong or missing column of deliveries and of the tables that `[tables]` names. A table that
/// does not exist, or whose model cannot be planned, has its own finding and is left out here.
pub(super) async fn check(
    project: &Project,
    personal: &BTreeMap<TableName, BTreeSet<String>>,
    session: &Session,
    guards: &Guards,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let headlines = ("headlines", HEADLINE_COLUMNS);
    for (key, table) in project.tables.named() {
        let mut contracts = guards.named_tables.iter().chain([&headlines]);
        let contract = contracts.find(|(named, _)| *named == key);
        let role = format!("`{key}` of `[tables]`");
        if let (Some((_, columns)), Some(table)) =
            (contract, Table::of(project, session, table.with_text()))
        {
            table.required(columns, &role, &mut findings);
        }
    }
    for delivery in project.deliveries.values() {
        let table = Table::of(project, session, delivery.from.clone());
        match (&delivery.contract, table) {
            (Contract::Messages { complaints }, table) => {
                if let Some(table) = table {
                    let role = format!("the delivery `{}` of messages", delivery.name);
                    table.required(guards.message_columns, &role, &mut findings);
                }
                let complaints = complaints.clone();
                let complaints = complaints.and_then(|table| Table::of(project, session, table));
                if let Some(table) = complaints {
                    let role = format!("`complaints` of the delivery `{}`", delivery.name);
                    table.required(guards.complaint_columns, &role, &mut findings);
                }
            }
            (Contract::Records(records), Some(table)) => {
                let name = table.written.value.parse::<TableName>().ok();
                let personal = name.and_then(|name| personal.get(&name));
                table.records(delivery, records, personal, &mut findings);
                if let Some(only_if) = &records.only_if {
                    let found = predicate(project, session, &table, &delivery.name, only_if).await;
                    findings.extend(found.err());
                }
            }
            (Contract::Records(_), None) => {}
        }
    }
    findings
}

/// A table with its columns.
struct Table {
    written: Located<String>,
    schema: SchemaRef,
    /// Where its columns are selected: `models/crm/accounts.sql`.
    file: Option<String>,
}

impl Table {
    fn of(project: &Project, session: &Session, written: Located<String>) -> Option<Self> {
        let schema = session.schema_of(&written.value)?;
        let name = written.value.parse::<TableName>().ok();
        let model = name.and_then(|name| project.models.get(&name));
        Some(Self {
            file: model.map(|model| model.text.file().to_owned()),
            schema,
            written,
        })
    }

    /// Where to change its columns.
    fn place(&self) -> &str {
        self.file.as_deref().unwrap_or(&self.written.value)
    }

    /// A column that somebody wrote or a contract requires; a finding where it is missing or of
    /// another type.
    fn column(
        &self,
        at: &Located<String>,
        column: &str,
        kind: ColumnKind,
        role: &ColumnUse<'_>,
    ) -> Result<(), Diagnostic> {
        let table = self.written.value.clone();
        let Some((_, field)) = self.schema.column_with_name(column) else {
            let names = self
                .schema
                .fields()
                .iter()
                .map(|field| field.name().as_str());
            let near = nearest(column, names).into_iter().map(str::to_owned);
            return Err(at.diagnostic(&ContractError::MissingColumn {
                table,
                column: column.to_owned(),
                role: role.missing.clone(),
                // A contract fixes the name: the nearest column is to be renamed, not meant.
                near: match role.doc {
                    Some(_) => Vec::new(),
                    None => near.collect(),
                },
                otherwise: match role.doc {
                    Some(doc) => format!("select it in {}: {doc}", self.place()),
                    None => format!("select it in {}", self.place()),
                },
            }));
        };
        if kind.accepts(field.data_type()) {
            return Ok(());
        }
        let sql = kind.sql();
        Err(at.diagnostic(&ContractError::WrongType {
            table,
            column: column.to_owned(),
            found: sql_type(field.data_type()),
            role: role.wrong.clone(),
            wanted: kind.words(),
            hint: format!(
                "cast it in {}: CAST({column} AS {sql}) AS {column}",
                self.place()
            ),
        }))
    }

    /// The columns of a fixed contract.
    fn required(&self, columns: &[RequiredColumn], user: &str, findings: &mut Vec<Diagnostic>) {
        for column in columns {
            let role = ColumnUse {
                missing: format!("which {user} needs"),
                wrong: format!("for {user} it"),
                doc: Some(column.doc),
            };
            let checked = self.column(&self.written, column.name, column.kind, &role);
            findings.extend(checked.err());
        }
    }

    /// The columns that a delivery of records names.
    fn records(
        &self,
        delivery: &Delivery,
        records: &Records,
        personal: Option<&BTreeSet<String>>,
        findings: &mut Vec<Diagnostic>,
    ) {
        let key = records.key.iter().map(|at| (at, "key", ColumnKind::Id));
        let order = records.order_by.iter();
        let order = order.map(|at| (at, "order_by", ColumnKind::Sortable));
        let moment = records.not_before.iter();
        let moment = moment.map(|at| (at, "not_before", ColumnKind::Moment));
        for (at, key, kind) in key.chain(order).chain(moment) {
            let role = ColumnUse {
                missing: format!("which `{key}` of the delivery `{}` names", delivery.name),
                wrong: format!("`{key}` of a delivery"),
                doc: None,
            };
            findings.extend(self.column(at, &at.value, kind, &role).err());
        }
        for column in &records.key {
            if personal.is_some_and(|personal| personal.contains(&column.value)) {
                findings.push(column.diagnostic(&ContractError::PersonalKey {
                    delivery: delivery.name.clone(),
                    table: self.written.value.clone(),
                    column: column.value.clone(),
                }));
            }
        }
    }
}

/// What a column is for, in the words of findings.
struct ColumnUse<'r> {
    missing: String,
    wrong: String,
    /// What its values mean, where its name is fixed.
    doc: Option<&'r str>,
}

/// Plans a predicate over the rows of its table.
async fn predicate(
    project: &Project,
    session: &Session,
    table: &Table,
    delivery: &DeliveryName,
    only_if: &Located<String>,
) -> Result<(), Diagnostic> {
    let sql = format!(
        "SELECT (\n{}\n) AS admitted FROM {}",
        only_if.value, table.written.value
    );
    let failed = |error: &QueryError| unusable(error, table, delivery, only_if);
    let refused = |what: String| {
        only_if.diagnostic(&ContractError::Predicate {
            delivery: delivery.clone(),
            what,
            hint: Some("write a condition on a row, such as \"status = 'changed'\"".into()),
        })
    };
    if only_if.value.trim().is_empty() {
        return Err(refused("it is empty".to_owned()));
    }
    let mut parsed = Parsed::new("pipeline.toml", &sql).map_err(|e| failed(&e))?;
    if let Some(what) = parsed.refuse_condition(session) {
        return Err(refused(what));
    }
    parsed.bind(&project.vars).map_err(|e| failed(&e))?;
    let plan = session.plan(&parsed).await.map_err(|e| failed(&e))?;
    let columns = Session::columns(&plan);
    let what = match columns.fields().first() {
        Some(field) if columns.fields().len() == 1 => match field.data_type() {
            DataType::Boolean => return Ok(()),
            other => format!("it is {}, not true or false", sql_type(other)),
        },
        _ => "it is not one expression".to_owned(),
    };
    Err(refused(what))
}

/// What is wrong with the SQL of a predicate, at its place in pipeline.toml.
fn unusable(
    error: &QueryError,
    table: &Table,
    delivery: &DeliveryName,
    only_if: &Located<String>,
) -> Diagnostic {
    let found = match error.unknown_name() {
        Some(UnknownName::Column(column)) => {
            let names = table.schema.fields().iter();
            let near = nearest(column, names.map(|field| field.name().as_str()));
            ContractError::Predicate {
                delivery: delivery.clone(),
                what: format!("`{}` has no column `{column}`", table.written.value),
                hint: did_you_mean(&near)
                    .or_else(|| Some(format!("select it in {}", table.place()))),
            }
        }
        _ => ContractError::Predicate {
            delivery: delivery.clone(),
            what: error.to_string().replace('\'', "`"),
            hint: error.hint().map(|hint| hint.replace('\'', "`")),
        },
    };
    // The predicate begins in the second line of the query that was planned.
    match error.place().filter(|place| place.line == 2) {
        Some(place) => {
            let start = place.column.saturating_sub(1);
            let rest = only_if.value.chars().skip(start as usize);
            let word = rest
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .count();
            let length = u32::try_from(word).unwrap_or(1).max(1);
            only_if.diagnostic_in(start..start.saturating_add(length), &found)
        }
        None => only_if.diagnostic(&found),
    }
}
