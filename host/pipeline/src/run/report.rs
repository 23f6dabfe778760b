//! The report of a run: for the person who started it, and for the audit.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;

use serde::Serialize;
use serde_json::json;

use super::guards::{LeftOut, Redact};
use super::open::OpenProject;
use crate::plan::Plan;
use crate::project::grant::Grants;
use crate::query::Session;
use crate::store::SnapshotId;
use tsugi_core::channel::SecretSource;
use tsugi_core::count::count;
use tsugi_core::name::{RunId, SourceName, TableName};
use tsugi_functions::Failures;
use tsugi_sandbox::Notice;

/// One table of a run.
#[derive(Debug, Clone, Serialize)]
pub struct StepReport {
    pub table: TableName,
    pub rows: u64,
    /// Rows that went to quarantine.
    pub quarantined: u64,
    /// Whether it is unchanged since an earlier run.
    pub unchanged: bool,
    /// Whether a run that did not publish had made it from the same.
    pub resumed: bool,
    pub elapsed_ms: u64,
}

/// A run from its start to its end.
#[derive(Debug, Default)]
pub struct Report {
    pub run: Option<RunId>,
    /// Every table, in order.
    pub steps: Vec<StepReport>,
    /// Rows in quarantine, by source.
    pub quarantined: BTreeMap<SourceName, u64>,
    /// Rows that functions of plugins could not compute, by `plugin.function`.
    pub failed_rows: BTreeMap<String, Failures>,
    /// What sources reported beside their rows.
    pub notices: BTreeSet<String>,
    /// What became of files whose rows were published: deleted, rewritten, renamed.
    pub changes: BTreeSet<String>,
    /// Tables of earlier runs that the pipeline no longer has.
    pub dropped: BTreeSet<TableName>,
    /// Rows that were left out, by table.
    pub left_out: BTreeMap<TableName, LeftOut>,
    /// Older snapshots that expired, because they showed rows older than their retention.
    pub expired: u64,
    /// Older snapshots that expired, because they are not kept any longer.
    pub tidied: u64,
    /// Whether something new was published.
    pub published: bool,
    /// The snapshot that readers see.
    pub snapshot: Option<SnapshotId>,
    pub elapsed_ms: u64,
}

impl Report {
    /// How many tables were computed.
    pub fn made(&self) -> usize {
        self.steps.iter().filter(|step| !step.unchanged).count()
    }

    /// How many tables are unchanged.
    pub fn unchanged(&self) -> usize {
        self.steps.iter().filter(|step| step.unchanged).count()
    }

    /// Sentences about rows that did not land and snapshots that expired.
    pub fn left_out_sentences(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (table, rows) in &self.left_out {
            if rows.old > 0 {
                let rows = count(rows.old, "row");
                lines.push(format!(
                    "{rows} of {table} left out: older than the retention allows"
                ));
            }
            if rows.forgotten > 0 {
                let rows = count(rows.forgotten, "row");
                lines.push(format!(
                    "{rows} of {table} left out: about forgotten persons; delete from the files that are read"
                ));
            }
        }
        if self.expired > 0 {
            lines.push(format!(
                "{} expired: rows in them are older than the retention allows",
                count(self.expired, "older snapshot")
            ));
        }
        lines
    }

    pub fn quarantined_rows(&self) -> u64 {
        self.quarantined.values().sum()
    }

    /// The notices of a source, each as far as it may be shown.
    pub(super) fn notices(&mut self, source: &SourceName, notices: Vec<Notice>) {
        self.notices.extend(sentences(source, notices));
    }

    pub(super) fn changes(&mut self, source: &SourceName, notices: Vec<Notice>) {
        self.changes.extend(sentences(source, notices));
    }

    /// Notes rows of a table that may not land; the last note about a table counts.
    pub(super) fn left_out(&mut self, table: &TableName, rows: LeftOut) {
        self.left_out.remove(table);
        if rows != LeftOut::default() {
            self.left_out.insert(table.clone(), rows);
        }
    }

    pub(super) fn failures(&mut self, session: &Session, plan: &Plan, redact: &dyn Redact) {
        let sees = |function: &str| {
            let mut steps = plan.steps.iter();
            steps.any(|step| {
                step.query.functions.contains_key(function) && plan.sees_personal(&step.table)
            })
        };
        for (plugin, function, mut failures) in session.take_failures() {
            if sees(&function) {
                failures.samples = vec![redact.withheld().to_owned()];
            }
            self.failed_rows
                .insert(format!("{plugin}.{function}"), failures);
        }
    }

    /// Every plugin version and digest, every input file, every grant that was in force.
    pub(super) fn audit(&self, open: &OpenProject) -> serde_json::Value {
        let project = &open.project;
        let plugins: Vec<serde_json::Value> = open
            .components
            .iter()
            .map(|(name, component)| {
                let uses = project.grants_of(name).into_iter();
                let grants: BTreeSet<String> =
                    uses.flat_map(|(_, grants)| granted_words(grants)).collect();
                json!({
                    "name": name.to_string(),
                    "plugin": component.manifest.name.to_string(),
                    "version": component.manifest.version,
                    "digest": component.code.digest().to_string(),
                    "roles": component.roles.iter().map(|role| role.name()).collect::<Vec<_>>(),
                    "grants": grants,
                })
            })
            .collect();
        let vars: BTreeMap<String, String> = project
            .vars
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        json!({
            "pipeline": project.name.to_string(),
            "as_of": project.as_of.to_string(),
            "host": env!("CARGO_PKG_VERSION"),
            "made_by": super::versions::made_by(),
            "plugins": plugins,
            "inputs": open.inputs,
            "vars": vars,
            "steps": self.steps,
            "quarantined": self.quarantined,
            "left_out": self.left_out,
            "notices": self.notices,
            "changes": self.changes,
        })
    }
}

/// `crm.tickets: …`
fn sentences(source: &SourceName, notices: Vec<Notice>) -> impl Iterator<Item = String> {
    notices
        .into_iter()
        .map(move |one| format!("{source}.{}: {}", one.stream, one.message))
}

/// ` trusting internal.pem`, where a grant names authorities of its own.
fn trusting(ca: Option<&Path>) -> String {
    let file = ca.and_then(Path::file_name);
    file.map_or(String::new(), |file| {
        format!(" trusting {}", file.display())
    })
}

/// Where a secret comes from, without folders of this machine.
fn place(source: &SecretSource) -> String {
    match source {
        SecretSource::Env(name) => name.clone(),
        SecretSource::File(path) => path
            .file_name()
            .map(|file| file.display().to_string())
            .unwrap_or_default(),
    }
}

/// Addresses outside the public network, in words.
fn at(addresses: &BTreeSet<IpAddr>) -> String {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    match addresses.is_empty() {
        true => String::new(),
        false => format!(" at {}", addresses.join(", ")),
    }
}

/// `inputs.exports = exports/crm`, `http.channel = POST https://api.example.com/messages`.
pub fn granted_words(grants: &Grants) -> Vec<String> {
    let inputs = grants.inputs.iter().flat_map(|(want, folders)| {
        folders
            .iter()
            .map(move |one| format!("inputs.{want} = {}", one.written))
    });
    let outputs = grants
        .outputs
        .iter()
        .map(|(want, one)| format!("outputs.{want} = {}", one.written));
    let http = grants.http.iter().map(|(want, one)| {
        let methods: Vec<&str> = one.methods.iter().map(String::as_str).collect();
        let secret = one.secret.as_ref();
        let secret = secret.map_or(String::new(), |secret| {
            format!(
                " with a secret in {} of {}",
                secret.header,
                place(&secret.source)
            )
        });
        let own = trusting(one.ca.as_deref()) + &at(&one.addresses);
        format!(
            "http.{want} = {} {}{secret}{own}",
            methods.join("+"),
            one.url
        )
    });
    let mail = grants.mail.iter().map(|(want, one)| {
        let from: Vec<&str> = one.from.iter().map(String::as_str).collect();
        let own = trusting(one.ca.as_deref()) + &at(&one.addresses);
        format!("mail.{want} = {} from {}{own}", one.url, from.join(", "))
    });
    let clock = grants.clock.then(|| "clock".to_owned());
    let random = grants.random.then(|| "random".to_owned());
    let files = inputs.chain(outputs);
    let channels = http.chain(mail);
    let chance = clock.into_iter().chain(random);
    files.chain(channels).chain(chance).collect()
}
