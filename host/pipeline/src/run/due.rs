//! What a run would make now, and why: the fingerprints of the plan beside those of the published tables.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::error::RunError;
use super::housekeeping::without_lost;
use super::open::OpenProject;
use crate::plan::made_of::MadeOf;
use crate::store::{Snapshot, StepRecord, Warehouse};
use tsugi_core::name::TableName;

/// A table that a run would make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DueTable {
    pub table: TableName,
    /// What has changed, in words: its SQL, a variable, a plugin.
    pub why: Vec<String>,
    /// Tables that it reads and that would be made, too.
    pub reads: BTreeSet<TableName>,
}

/// What is published, and what it was made of.
struct Before<'s> {
    snapshot: &'s Snapshot,
    steps: BTreeMap<TableName, StepRecord>,
    made_of: BTreeMap<(String, String), String>,
    /// Tables of which a file is lost or damaged.
    lost: BTreeSet<TableName>,
}

impl OpenProject {
    /// The tables that a run would make now, in order. Without a warehouse, all of them.
    ///
    /// # Errors
    /// Database errors.
    pub async fn due(&self, warehouse: Option<&Warehouse>) -> Result<Vec<DueTable>, RunError> {
        let Some(warehouse) = warehouse else {
            return Ok(self.due_beside(None));
        };
        let snapshot = warehouse.snapshot().await?;
        let mut steps = warehouse.steps(&snapshot).await?;
        let all: BTreeSet<TableName> = steps.keys().cloned().collect();
        // Of a large warehouse a run compares one part after the other; this looks at the first.
        without_lost(&self.plan, &snapshot, 0, &mut steps);
        let lost = all
            .into_iter()
            .filter(|table| !steps.contains_key(table))
            .collect();
        let before = Before {
            snapshot: &snapshot,
            steps,
            made_of: warehouse.made_of().await?,
            lost,
        };
        Ok(self.due_beside(Some(&before)))
    }

    fn due_beside(&self, before: Option<&Before<'_>>) -> Vec<DueTable> {
        let (mut due, mut names) = (Vec::new(), BTreeSet::new());
        for (table, fingerprint, made_of) in self.plan.tables() {
            let step = self.plan.step(table);
            if step.is_none() && !self.lands(table) {
                continue;
            }
            let inputs = step.into_iter().flat_map(|step| &step.query.inputs);
            let reads: BTreeSet<TableName> = inputs
                .filter(|input| names.contains(*input))
                .cloned()
                .collect();
            let why = match before {
                Some(before) => before.why(table, &fingerprint.to_string(), made_of),
                None => Some(vec![NEVER.to_owned()]),
            };
            if why.is_some() || !reads.is_empty() {
                names.insert(table.clone());
                let why = why.unwrap_or_default();
                let is_new = why.iter().any(|why| why == NEVER);
                due.push(DueTable {
                    table: table.clone(),
                    reads: if is_new { BTreeSet::new() } else { reads },
                    why,
                });
            }
        }
        due
    }
}

const NEVER: &str = "it is not published";

impl Before<'_> {
    /// Why a table would be made; none where it would not, but for what it reads.
    fn why(&self, table: &TableName, fingerprint: &str, made_of: &MadeOf) -> Option<Vec<String>> {
        if self.lost.contains(table) {
            return Some(vec!["a file of it is lost or damaged".into()]);
        }
        let Some(step) = self.steps.get(table) else {
            return Some(vec![match self.snapshot.tables.contains_key(table) {
                true => "something else than a run changed it".into(),
                false => NEVER.into(),
            }]);
        };
        if step.fingerprint == fingerprint {
            return None;
        }
        let key = (table.to_string(), step.fingerprint.clone());
        let parts = self.made_of.get(&key);
        let before = parts.and_then(|parts| serde_json::from_str::<MadeOf>(parts).ok());
        Some(match before {
            Some(before) => made_of.changes_since(&before),
            None => vec!["it is not known what it was made of".into()],
        })
    }
}
