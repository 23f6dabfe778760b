//! What became of every row of a delivery, counted and in sentences.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::plan::DeliveryContract;
use crate::store::LedgerKey;
use tsugi_core::name::TableName;

/// Rows that do not leave now, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Withheld {
    /// Waiting for a person.
    pub waiting: u64,
    /// A person rejected them.
    pub rejected: u64,
    /// On hold, or not due yet.
    pub held: u64,
    /// Made of inputs that have changed since.
    pub outdated: u64,
    /// Not to be sent.
    pub suppressed: u64,
    /// About forgotten persons.
    pub forgotten: u64,
    /// Without a key: a key column is null.
    pub without_key: u64,
}

/// What the rows of a delivery are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryKind {
    /// Rows for a system.
    #[default]
    Records,
    Messages,
}

impl DeliveryKind {
    pub(super) fn of(contract: &DeliveryContract) -> Self {
        match contract {
            DeliveryContract::Records(_) => Self::Records,
            DeliveryContract::Messages { .. } => Self::Messages,
        }
    }
}

/// What became of every row of a delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeliveryReport {
    /// The name of the delivery.
    pub delivery: String,
    /// What its rows are.
    pub kind: DeliveryKind,
    /// Accepted by the sink now; in a dry run, what would be.
    pub sent: u64,
    /// Accepted before; not sent again.
    pub already: u64,
    /// Not sent, for what the policy says.
    #[serde(flatten)]
    pub withheld: Withheld,
    /// Not accepted by the sink; owed until a later delivery.
    pub failed: u64,
    /// Of those, how many it did not refuse: the delivery stopped before them, or their answer
    /// was lost and they are safe to repeat.
    #[serde(rename = "left")]
    pub owed: u64,
    /// Why it stopped before its end.
    pub stopped: Option<String>,
    /// Why rows of some kind were held back.
    pub(crate) halted: BTreeSet<String>,
    /// The tables that have changed since its table was made.
    pub changed: BTreeSet<TableName>,
    /// What a person must look at although rows left.
    pub alerts: BTreeSet<String>,
    /// How often the sink did something else than it was given, or said something else than the host
    /// saw.
    pub contradictions: u64,
    /// How many rows are without a receipt, so that a person must find out about them.
    pub unknown: u64,
    /// Which these are.
    pub unclear: Vec<LedgerKey>,
}

/// Rows without a receipt that are listed one by one for a person.
const LISTED_MAX: usize = 20;

impl DeliveryReport {
    /// Counts rows that are sent later.
    pub(super) fn owe(&mut self, rows: usize) {
        self.failed += rows as u64;
        self.owed += rows as u64;
    }

    /// Counts what contradicts the host, for a person to look at.
    pub(super) fn contradict(&mut self, what: impl IntoIterator<Item = String>) {
        for alert in what {
            self.contradictions += 1;
            self.alerts.insert(alert);
        }
    }

    /// Counts rows that a person must find out about.
    pub(super) fn unclear(&mut self, keys: impl IntoIterator<Item = LedgerKey>) {
        let before = self.unclear.len();
        self.unclear.extend(keys);
        self.unknown += (self.unclear.len() - before) as u64;
    }

    /// Whether some row needs another delivery or a person.
    pub fn has_failed(&self) -> bool {
        let must_act = self.failed > 0 || self.unknown > 0 || self.contradictions > 0;
        must_act || self.withheld.without_key > 0 || self.withheld.outdated > 0
    }

    /// Which messages wait for another run, and why.
    fn outdated(&self, project: &str) -> String {
        let changed: Vec<String> = self.changed.iter().map(ToString::to_string).collect();
        format!(
            "{}: {} held back: {} changed since the last run; what stays the same keeps its approval: tsugi run {project}",
            self.delivery,
            self.withheld.outdated,
            changed.join(", ")
        )
    }

    /// The outcome in sentences; `project` is the folder as typed.
    pub fn sentences(&self, dry_run: bool, project: &str) -> Vec<String> {
        let name = &self.delivery;
        let verb = if dry_run { "would be sent" } else { "sent" };
        let (sent, already, withheld) = (self.sent, self.already, &self.withheld);
        let (held, suppressed) = (withheld.held, withheld.suppressed);
        let mut lines = vec![match self.kind {
            DeliveryKind::Messages => format!(
                "{name}: {sent} {verb}, {already} sent before, {} wait for a person, {held} on hold, {suppressed} suppressed",
                withheld.waiting
            ),
            DeliveryKind::Records => format!(
                "{name}: {sent} {verb}, {already} sent before, {held} not due yet, {suppressed} left out by `only_if`"
            ),
        }];
        if withheld.without_key > 0 {
            lines.push(format!(
                "{name}: {} without a key, not sent: a key column is null",
                withheld.without_key
            ));
        }
        if withheld.outdated > 0 {
            lines.push(self.outdated(project));
        }
        if withheld.forgotten > 0 {
            lines.push(format!(
                "{name}: {} to forgotten persons, not sent",
                withheld.forgotten
            ));
        }
        if self.failed > self.owed {
            lines.push(format!(
                "{name}: {} refused by the channel and still owed",
                self.failed - self.owed
            ));
        }
        if self.owed > 0 {
            lines.push(format!("{name}: {} not sent and still owed", self.owed));
        }
        if let Some(why) = &self.stopped {
            lines.push(format!("{name}: stopped: {why}"));
        }
        for why in &self.halted {
            lines.push(format!("{name}: advertisements stopped: {why}"));
        }
        for what in &self.alerts {
            lines.push(format!("{name}: a person must look: {what}"));
        }
        if self.unknown > 0 {
            lines.push(format!(
                "{name}: {} without a receipt: a person must find out",
                self.unknown
            ));
        }
        for key in self.unclear.iter().take(LISTED_MAX) {
            lines.push(format!("{name}: without a receipt: {key}"));
        }
        if withheld.rejected > 0 {
            lines.push(format!(
                "{name}: {} rejected by a person",
                withheld.rejected
            ));
        }
        if withheld.waiting > 0 || self.unknown > 0 {
            lines.push(format!(
                "{name}: see what waits with: tsugi review list {project}"
            ));
        }
        lines
    }
}
