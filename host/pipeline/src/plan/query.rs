//! Decides one query: its inputs, variables and plugins, and the fingerprint of all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{PlanError, User};
use super::facts::ModelFacts;
use super::fingerprint::{Made, Press};
use super::made_of::INPUT;
use super::{Builder, Query, order};
use crate::project::component::Digest;
use crate::project::value::ConfigValue;
use tsugi_core::diagnostic::{Diagnostic, Place, nearest};
use tsugi_core::name::VarName;

impl Builder<'_> {
    /// Decides one query; none when something that it names is unknown, which is reported.
    pub(super) fn query(
        &mut self,
        user: User,
        facts: &ModelFacts,
        file: Option<Place>,
    ) -> Option<Query> {
        let inputs =
            match order::inputs(self.project, &user, &facts.tables, &self.uses, &self.known) {
                Ok(inputs) => inputs,
                Err(more) => {
                    // The order has reported those of models.
                    if !matches!(user, User::Model(_)) {
                        self.diagnostics.extend(more);
                    }
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
        let nothing = Press::new("query", &self.facts.made_by).done();
        let mut query = Query {
            canonical_sql: facts.canonical_sql.clone(),
            named: inputs.clone(),
            inputs,
            views: BTreeSet::new(),
            functions: facts.functions.clone(),
            plugins,
            vars,
            schema: facts.schema.clone(),
            fingerprint: nothing.fingerprint,
            made_of: nothing.of,
        };
        let made = self.made(&user, &query);
        (query.fingerprint, query.made_of) = (made.fingerprint, made.of);
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
    ) -> Option<BTreeMap<VarName, ConfigValue>> {
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
            self.diagnostics
                .push(self.at_var(&error, var, file.clone()));
        }
        complete.then_some(vars)
    }

    /// At the first `$name` of the file.
    fn at_var(&self, error: &PlanError, var: &VarName, file: Option<Place>) -> Diagnostic {
        let diagnostic = Diagnostic::of(error);
        let Some(file) = file else {
            return diagnostic;
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
        found.unwrap_or_else(|| diagnostic.at(file))
    }

    fn made(&self, user: &User, query: &Query) -> Made {
        let mut press = Press::new("query", &self.facts.made_by);
        if let User::Model(table) = user {
            self.retained(table, &mut press);
        }
        press.part("sql", &query.canonical_sql);
        press.part("schema", &query.schema);
        for (var, value) in &query.vars {
            press.part(&format!("${var}"), &value.to_string());
            press.part(&format!("type ${var}"), value.kind());
        }
        for (function, plugin) in &query.functions {
            let digest = query.plugins.get(plugin).map(Digest::to_string);
            press.part(&format!("function {function}"), &digest.unwrap_or_default());
        }
        for input in &query.inputs {
            let made = self.made.get(input);
            let fingerprint = made.map(|made| made.fingerprint.to_string());
            let fingerprint = fingerprint.unwrap_or_default();
            match made.filter(|_| self.views.contains_key(input)) {
                // What a view reads is read by the query.
                Some(view) => {
                    press.part_known_by(&format!("view {input}"), &fingerprint, &view.of.own());
                }
                None => press.part(&format!("{INPUT}{input}"), &fingerprint),
            }
        }
        press.done()
    }
}

/// The offset of a name that is not the beginning of a longer one.
fn whole_name(text: &str, name: &str) -> Option<usize> {
    let mut found = text.match_indices(name).map(|(start, _)| start);
    found.find(|start| {
        let after = text.get(start + name.len()..).unwrap_or_default();
        !after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    })
}
