//! A query that calls a function which may be of a plugin that is missing or broken.

use super::error::RunError;
use crate::project::Project;
use crate::project::component_error::ComponentUseError;
use crate::query::QueryError;
use tsugi_core::diagnostic::Diagnostic;

/// The same error; of a function that does not exist with each plugin that may have it and could not
/// be loaded. `more` is what is wrong with those that were read.
pub fn with_unread(project: &Project, error: RunError, more: Vec<Diagnostic>) -> RunError {
    let RunError::Query(QueryError::NoFunction { name, .. }) = &error else {
        return error;
    };
    let mut findings = Vec::new();
    for (plugin, of_plugin) in &project.unread {
        findings.push(Diagnostic::of(&ComponentUseError::Unread {
            plugin: plugin.clone(),
            function: name.clone(),
        }));
        findings.extend(of_plugin.iter().cloned());
    }
    findings.extend(more);
    match findings.is_empty() {
        true => error,
        false => RunError::Project([error.findings(), findings].concat()),
    }
}
