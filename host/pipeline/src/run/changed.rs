//! What has changed in a project since a table was published, as far as the table depends on it.

use std::collections::BTreeSet;

use super::error::RunError;
use super::open::OpenProject;
use crate::plan::Read;
use crate::store::Warehouse;
use tsugi_core::name::TableName;

impl OpenProject {
    /// The inputs of a published table that a run would read anew, or else the models that it would make
    /// anew. What comes from an address is not compared: every run reads that again.
    ///
    /// # Errors
    /// Database errors.
    pub async fn changed_since(
        &self,
        warehouse: &Warehouse,
        table: &TableName,
    ) -> Result<BTreeSet<TableName>, RunError> {
        let snapshot = warehouse.snapshot().await?;
        let published = warehouse.steps(&snapshot).await?;
        let is_other = |table: &TableName, fingerprint: String| {
            let before = published.get(table);
            before.is_some_and(|before| before.fingerprint != fingerprint)
        };
        let needed = self.needed(&BTreeSet::from([table.clone()]));
        let reads: Vec<_> = self.plan.reads.iter().collect();
        let reads = reads
            .into_iter()
            .filter(|read| needed.contains(&read.table));
        // What was sent since is no change from outside.
        let has_grown = |read: &&Read| {
            self.own.contains_key(&read.table)
                && is_other(&read.table, read.fingerprint.to_string())
        };
        let (unsure, sure): (Vec<_>, Vec<_>) =
            reads.partition(|read| self.is_from_an_address(&read.table) || has_grown(read));
        let changed = sure
            .into_iter()
            .filter(|read| is_other(&read.table, read.fingerprint.to_string()));
        let changed: BTreeSet<TableName> = changed.map(|read| read.table.clone()).collect();
        if !changed.is_empty() || !unsure.is_empty() {
            return Ok(changed);
        }
        let steps = self
            .plan
            .steps
            .iter()
            .filter(|step| needed.contains(&step.table));
        let steps = steps.filter(|step| is_other(&step.table, step.query.fingerprint.to_string()));
        let steps: BTreeSet<TableName> = steps.map(|step| step.table.clone()).collect();
        let first = steps.iter().filter(|table| {
            let step = self.plan.step(table);
            step.is_some_and(|step| step.query.inputs.is_disjoint(&steps))
        });
        Ok(first.cloned().collect())
    }

    /// Tables and all that they are made of.
    pub(super) fn needed(&self, tables: &BTreeSet<TableName>) -> BTreeSet<TableName> {
        let (mut needed, mut next) = (BTreeSet::new(), Vec::from_iter(tables.iter().cloned()));
        while let Some(table) = next.pop() {
            let view = self.plan.views.iter().find(|view| view.table == table);
            if let Some(step) = self.plan.step(&table).or(view) {
                next.extend(step.query.inputs.difference(&needed).cloned());
            }
            needed.insert(table);
        }
        needed
    }

    fn is_from_an_address(&self, table: &TableName) -> bool {
        let stream = self.streams.get(table);
        let source = stream.and_then(|stream| self.project.sources.get(&stream.source));
        source.is_some_and(|source| source.asks_an_address())
    }
}
