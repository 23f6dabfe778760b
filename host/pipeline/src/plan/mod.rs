//! Decides what a run does: ordered steps with fingerprints, from a project and the facts of its SQL.
//! Plain data, without DataFusion.

mod delivery;
pub(crate) mod error;
pub(crate) mod facts;
pub(crate) mod fingerprint;
pub(crate) mod made_of;
mod order;
mod query;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use crate::project::Project;
use crate::project::component::Digest;
use crate::project::model::Model;
use crate::project::pipeline::Reads;
use crate::project::seed::SEED_SCHEMA;
use error::{PlanError, User};
use facts::{Facts, TableUse};
use fingerprint::{Made, Press, canonical};
use tsugi_core::diagnostic::{Diagnostic, Place};
use tsugi_core::name::TableName;

pub use delivery::{DeliveryContract, DeliveryStep, RecordContract};
pub use order::order;
pub use step::{CheckStep, Plan, Query, Read, Step};

/// Decides what a run of a project will do.
///
/// # Errors
/// Every diagnostic: unknown tables and variables, circles, deliveries of nothing.
pub fn build(project: &Project, facts: &Facts) -> Result<Plan, Vec<Diagnostic>> {
    // A model without facts is broken, and has its own error: its readers must not report it missing.
    let used = |table| facts.models.get(table).map(|facts| facts.tables.clone());
    let uses: BTreeMap<TableName, Vec<TableUse>> = project
        .models
        .keys()
        .map(|table| (table.clone(), used(table).unwrap_or_default()))
        .collect();
    let known: BTreeSet<TableName> = facts
        .tables
        .keys()
        .chain(project.seeds.keys())
        .cloned()
        .collect();
    let mut builder = Builder {
        project,
        facts,
        uses,
        known,
        made: BTreeMap::new(),
        views: BTreeMap::new(),
        diagnostics: Vec::new(),
    };
    builder.everything_has_facts();
    let order = order(project, &builder.uses, &builder.known).unwrap_or_else(|more| {
        builder.diagnostics.extend(more);
        Vec::new()
    });
    builder.fingerprint_tables();
    let (steps, views) = builder.steps(order);
    let checks = builder.checks();
    let deliveries = builder.deliveries();
    builder.named_tables();
    let reads = builder.reads(&steps, &checks, &deliveries);
    if !builder.diagnostics.is_empty() {
        return Err(builder.diagnostics);
    }
    Ok(Plan {
        pipeline: project.name.clone(),
        reads,
        steps,
        views,
        checks,
        deliveries,
        personal: facts.personal_with_quarantine(),
        columns: facts.columns.clone(),
        retain: facts.retain.clone(),
    })
}

/// A plan on its way.
struct Builder<'p> {
    project: &'p Project,
    facts: &'p Facts,
    /// Tables named, by model.
    uses: BTreeMap<TableName, Vec<TableUse>>,
    /// Tables that are not made by models.
    known: BTreeSet<TableName>,
    /// What every table that is decided is made of.
    made: BTreeMap<TableName, Made>,
    /// Of every view that is decided.
    views: BTreeMap<TableName, Query>,
    diagnostics: Vec<Diagnostic>,
}

impl Builder<'_> {
    fn no_facts(&mut self, what: &'static str, name: &dyn std::fmt::Display, place: Option<Place>) {
        let diagnostic = Diagnostic::of(&PlanError::NoFacts {
            what,
            name: name.to_string(),
        });
        self.diagnostics.push(match place {
            Some(place) => diagnostic.at(place),
            None => diagnostic,
        });
    }

    fn everything_has_facts(&mut self) {
        let (project, facts) = (self.project, self.facts);
        for (table, model) in project
            .models
            .iter()
            .filter(|(table, _)| !facts.models.contains_key(*table))
        {
            self.no_facts("the model", table, Some(Place::of_file(model.text.file())));
        }
        for (name, check) in project
            .checks
            .iter()
            .filter(|(name, _)| !facts.checks.contains_key(*name))
        {
            self.no_facts("the check", name, Some(Place::of_file(check.text.file())));
        }
        for (name, plugin) in project
            .plugins
            .iter()
            .filter(|(name, _)| !facts.plugins.contains_key(*name))
        {
            self.no_facts(
                "the component of the plugin",
                name,
                Some(plugin.place.clone()),
            );
        }
    }

    /// Tables of sources and seeds depend on their content, their plugin and its config.
    fn fingerprint_tables(&mut self) {
        for (table, seed) in &self.project.seeds {
            let mut press = Press::new("seed", &self.facts.made_by);
            press.part("content", &seed.digest.to_string());
            for (column, kind) in &seed.columns {
                press.part(&format!("column {column}"), &format!("{kind:?}"));
            }
            self.retained(table, &mut press);
            self.made.insert(table.clone(), press.done());
        }
        for (table, content) in &self.facts.tables {
            if self.project.seeds.contains_key(table) {
                continue;
            }
            let mut press = Press::new("source", &self.facts.made_by);
            press.part("table", &table.to_string());
            press.part("content", &content.to_string());
            let source = self.project.sources.get(table.schema.as_str());
            if let Some(Reads::Plugin {
                plugin,
                config,
                streams,
                ..
            }) = source.map(|source| &source.reads)
            {
                let digest = self.facts.plugins.get(plugin).map(Digest::to_string);
                press.part("plugin", &digest.unwrap_or_default());
                press.part(
                    "config",
                    &canonical(&serde_json::Value::Object(config.clone())),
                );
                press.part(
                    "stream",
                    streams
                        .get(table.name.as_str())
                        .map_or(table.name.as_str(), String::as_str),
                );
            }
            self.retained(table, &mut press);
            self.made.insert(table.clone(), press.done());
        }
    }

    /// Which rows are kept depends on the day.
    fn retained(&self, table: &TableName, press: &mut Press) {
        if let Some(retain) = self.facts.retain.get(table) {
            press.part("retain", &format!("{} {}", retain.days, retain.by));
            press.part("$as_of", &self.project.as_of.to_string());
        }
    }

    /// Decides every model, in an order in which inputs come first: tables, then views.
    fn steps(&mut self, order: Vec<TableName>) -> (Vec<Step>, Vec<Step>) {
        let (project, facts) = (self.project, self.facts);
        let (mut steps, mut views) = (Vec::new(), Vec::new());
        for table in order {
            let Some(of_model) = facts.models.get(&table) else {
                continue;
            };
            let model = project.models.get(&table);
            let file = model.map(|model| Place::of_file(model.text.file()));
            let Some(query) = self.query(User::Model(table.clone()), of_model, file) else {
                continue;
            };
            let made = Made {
                fingerprint: query.fingerprint,
                of: query.made_of.clone(),
            };
            self.made.insert(table.clone(), made);
            if model.is_some_and(Model::is_view) {
                self.views.insert(table.clone(), query.clone());
                views.push(Step { table, query });
            } else {
                steps.push(Step { table, query });
            }
        }
        (steps, views)
    }

    fn checks(&mut self) -> Vec<CheckStep> {
        let (project, facts) = (self.project, self.facts);
        let mut checks = Vec::new();
        for (name, check) in &project.checks {
            let Some(of_check) = facts.checks.get(name) else {
                continue;
            };
            let file = Some(Place::of_file(check.text.file()));
            let name = name.clone();
            if let Some(query) = self.query(User::Check(name.clone()), of_check, file) {
                checks.push(CheckStep { name, query });
            }
        }
        checks
    }

    fn reads(
        &self,
        steps: &[Step],
        checks: &[CheckStep],
        deliveries: &[DeliveryStep],
    ) -> Vec<Read> {
        let shown = self.project.tables.named();
        let shown: BTreeSet<&TableName> = shown.map(|(_, table)| &table.value).collect();
        let read = |table: &TableName, made: &Made| {
            let read_by = steps
                .iter()
                .filter(|step| step.query.inputs.contains(table));
            let read_by: BTreeSet<TableName> = read_by.map(|step| step.table.clone()).collect();
            let is_checked = checks
                .iter()
                .any(|check| check.query.inputs.contains(table));
            let delivered = || deliveries.iter().any(|step| step.tables().contains(table));
            // A query may want any seed; a stream of a source that nothing reads is not read.
            let is_seed = table.schema.as_str() == SEED_SCHEMA;
            let is_used = is_seed || is_checked || !read_by.is_empty() || shown.contains(table);
            (is_used || delivered()).then(|| Read {
                table: table.clone(),
                fingerprint: made.fingerprint,
                made_of: made.of.clone(),
                read_by,
            })
        };
        let others = self.made.iter();
        let others = others.filter(|(table, _)| self.known.contains(*table));
        others
            .filter_map(|(table, made)| read(table, made))
            .collect()
    }
}

#[cfg(test)]
mod tests;
