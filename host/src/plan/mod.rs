//! What was decided: ordered, checked steps from the project and its model facts; pure data.

mod delivery;
pub mod error;
pub mod fingerprint;
mod order;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::name::{TableName, VarName};
use crate::project::Project;
use crate::project::component::Digest;
use crate::project::model::Model;
use crate::project::pipeline::Reads;
use crate::query::facts::{Facts, ModelFacts, TableUse};
use error::{PlanError, User};
use fingerprint::{Fingerprint, Press, canonical};

pub use delivery::{DeliveryContract, DeliveryStep, RecordContract};
pub use order::order;
pub use step::{CheckStep, Plan, Query, Read, Step};

/// Decides what a run of a project will do.
///
/// # Errors
/// Every finding: unknown tables and variables, circles, deliveries of nothing.
pub fn build(project: &Project, facts: &Facts) -> Result<Plan, Vec<Diagnostic>> {
    // A model without facts is broken, but it is there: who reads it is not told that it is missing.
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
        fingerprints: BTreeMap::new(),
        views: BTreeMap::new(),
        findings: Vec::new(),
    };
    builder.everything_has_facts();
    let order = order(project, &builder.uses, &builder.known).unwrap_or_else(|more| {
        builder.findings.extend(more);
        Vec::new()
    });
    builder.fingerprint_tables();
    let (steps, views) = builder.steps(order);
    let checks = builder.checks();
    let deliveries = builder.deliveries();
    builder.named_tables();
    let reads = builder.reads(&steps, &checks, &deliveries);
    if !builder.findings.is_empty() {
        return Err(builder.findings);
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
    /// Of every table that is decided.
    fingerprints: BTreeMap<TableName, Fingerprint>,
    /// Of every view that is decided.
    views: BTreeMap<TableName, Query>,
    findings: Vec<Diagnostic>,
}

impl Builder<'_> {
    fn no_facts(&mut self, what: &'static str, name: &dyn std::fmt::Display, place: Option<Place>) {
        let finding = Diagnostic::of(&PlanError::NoFacts {
            what,
            name: name.to_string(),
        });
        self.findings.push(match place {
            Some(place) => finding.at(place),
            None => finding,
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

    /// Tables of sources and seeds: their content, who reads it and what that one is told.
    fn fingerprint_tables(&mut self) {
        for (table, seed) in &self.project.seeds {
            let mut press = Press::new("seed");
            press.part("content", &seed.digest.to_string());
            for (column, kind) in &seed.columns {
                press.part(column, &format!("{kind:?}"));
            }
            self.retained(table, &mut press);
            self.fingerprints.insert(table.clone(), press.done());
        }
        for (table, content) in &self.facts.tables {
            if self.project.seeds.contains_key(table) {
                continue;
            }
            let mut press = Press::new("source");
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
            self.fingerprints.insert(table.clone(), press.done());
        }
    }

    /// Which rows are kept depends on the day.
    fn retained(&self, table: &TableName, press: &mut Press) {
        if let Some(retain) = self.facts.retain.get(table) {
            press.part("retain", &format!("{} {}", retain.days, retain.by));
            press.part("as_of", &self.project.as_of.to_string());
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
            self.fingerprints.insert(table.clone(), query.fingerprint);
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

    fn query(&mut self, user: User, facts: &ModelFacts, file: Option<Place>) -> Option<Query> {
        let inputs =
            match order::inputs(self.project, &user, &facts.tables, &self.uses, &self.known) {
                Ok(inputs) => inputs,
                Err(more) => {
                    // The order has told about the models already.
                    let told = matches!(user, User::Model(_));
                    self.findings.extend(more.into_iter().filter(|_| !told));
                    return None;
                }
            };
        let vars = self.vars(&user, facts, file)?;
        let plugins = facts.functions.values().filter_map(|plugin| {
            let digest = self.facts.plugins.get(plugin)?;
            Some((plugin.clone(), *digest))
        });
        let plugins: BTreeMap<_, _> = plugins.collect();
        if let Some(plugin) = facts
            .functions
            .values()
            .find(|plugin| !plugins.contains_key(plugin.as_str()))
        {
            if !self.project.plugins.contains_key(plugin.as_str()) {
                self.no_facts("the component of the plugin", plugin, None);
            }
            return None;
        }
        let mut query = Query {
            canonical_sql: facts.canonical_sql.clone(),
            inputs,
            views: BTreeSet::new(),
            functions: facts.functions.clone(),
            plugins,
            vars,
            schema: facts.schema.clone(),
            fingerprint: Press::new("query").done(),
        };
        query.fingerprint = self.fingerprint(&user, &query);
        self.inline_views(&mut query);
        Some(query)
    }

    /// Puts what its views read, call and name in place of the views. Their fingerprints are
    /// part of the query's by then.
    fn inline_views(&self, query: &mut Query) {
        let (views, tables) = std::mem::take(&mut query.inputs)
            .into_iter()
            .partition(|input| self.views.contains_key(input));
        query.inputs = tables;
        for view in &views {
            let Some(inlined) = self.views.get(view) else {
                continue;
            };
            query.inputs.extend(inlined.inputs.iter().cloned());
            query.views.extend(inlined.views.iter().cloned());
            query.functions.extend(inlined.functions.clone());
            query.plugins.extend(inlined.plugins.clone());
            query.vars.extend(inlined.vars.clone());
        }
        query.views.extend(views);
    }

    fn vars(
        &mut self,
        user: &User,
        facts: &ModelFacts,
        file: Option<Place>,
    ) -> Option<BTreeMap<VarName, crate::project::value::Value>> {
        let mut vars = BTreeMap::new();
        let mut complete = true;
        for var in &facts.vars {
            if let Some(value) = self.project.vars.get(var) {
                vars.insert(var.clone(), value.clone());
                continue;
            }
            complete = false;
            let error = PlanError::UnknownVar {
                var: var.clone(),
                nearest: nearest(var.as_str(), self.project.vars.keys().map(VarName::as_str))
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                user: user.clone(),
            };
            self.findings.push(self.at_var(&error, var, file.clone()));
        }
        complete.then_some(vars)
    }

    /// At the first `$name` of the file.
    fn at_var(&self, error: &PlanError, var: &VarName, file: Option<Place>) -> Diagnostic {
        let finding = Diagnostic::of(error);
        let Some(file) = file else {
            return finding;
        };
        let models = self.project.models.values().map(|model| &model.text);
        let checks = self.project.checks.values().map(|check| &check.text);
        let written = format!("${var}");
        let found = models
            .chain(checks)
            .find(|text| text.file() == file.file)
            .and_then(|text| {
                let start = whole_name(text.body(), &written)?;
                Some(text.diagnostic(&(start..start + written.len()), error))
            });
        found.unwrap_or_else(|| finding.at(file))
    }

    fn fingerprint(&self, user: &User, query: &Query) -> Fingerprint {
        let mut press = Press::new("query");
        if let User::Model(table) = user {
            self.retained(table, &mut press);
        }
        press.part("sql", &query.canonical_sql);
        press.part("schema", &query.schema);
        for (var, value) in &query.vars {
            press.part("var", var.as_str());
            press.part(value.kind(), &value.to_string());
        }
        for (function, plugin) in &query.functions {
            press.part("function", function.as_str());
            press.part(
                "digest",
                &query
                    .plugins
                    .get(plugin)
                    .map(Digest::to_string)
                    .unwrap_or_default(),
            );
        }
        for input in &query.inputs {
            press.part("input", &input.to_string());
            press.part(
                "content",
                &self
                    .fingerprints
                    .get(input)
                    .map(Fingerprint::to_string)
                    .unwrap_or_default(),
            );
        }
        press.done()
    }

    fn reads(
        &self,
        steps: &[Step],
        checks: &[CheckStep],
        deliveries: &[DeliveryStep],
    ) -> Vec<Read> {
        let shown = self.project.tables.named();
        let shown: BTreeSet<&TableName> = shown.map(|(_, table)| &table.value).collect();
        let read = |table: &TableName, fingerprint: &Fingerprint| {
            let read_by = steps
                .iter()
                .filter(|step| step.query.inputs.contains(table));
            let read_by: BTreeSet<TableName> = read_by.map(|step| step.table.clone()).collect();
            let is_checked = checks
                .iter()
                .any(|check| check.query.inputs.contains(table));
            let delivered = || deliveries.iter().any(|step| step.tables().contains(table));
            let is_used = is_checked || !read_by.is_empty() || shown.contains(table);
            (is_used || delivered()).then(|| Read {
                table: table.clone(),
                fingerprint: *fingerprint,
                read_by,
            })
        };
        let others = self
            .fingerprints
            .iter()
            .filter(|(table, _)| self.known.contains(*table));
        others
            .filter_map(|(table, fingerprint)| read(table, fingerprint))
            .collect()
    }
}

/// Where a name stands that is not the beginning of a longer one.
fn whole_name(text: &str, name: &str) -> Option<usize> {
    let mut found = text.match_indices(name).map(|(start, _)| start);
    found.find(|start| {
        let after = text.get(start + name.len()..).unwrap_or_default();
        !after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
mod tests;
