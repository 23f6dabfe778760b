//! What became of every message of a delivery, counted and in words.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::warehouse::MessageKey;

/// What became of every message of a delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// The delivery.
    pub delivery: String,
    /// Accepted by the channel now; in a dry run, what would be.
    pub sent: u64,
    /// Accepted before; not sent again.
    pub already: u64,
    /// Waiting for a person.
    pub waiting: u64,
    /// A person said no to them.
    pub rejected: u64,
    /// On hold, or not due yet.
    pub held: u64,
    /// Not to be sent.
    pub suppressed: u64,
    /// To persons who asked to be forgotten; not sent.
    pub forgotten: u64,
    /// Not taken by the channel; owed until a later delivery.
    pub failed: u64,
    /// Of those, how many it did not refuse: the delivery stopped before them, or their answer
    /// was lost and they are safe to repeat.
    pub left: u64,
    /// Why it stopped before its end.
    pub stopped: Option<String>,
    /// Why advertisements were left, where people complain about them.
    pub halted: BTreeSet<String>,
    /// What a person must look at although messages left.
    pub alerts: BTreeSet<String>,
    /// Nobody knows; a person must find out.
    pub unknown: u64,
    /// Which these are.
    pub unclear: Vec<MessageKey>,
}

/// Messages without a receipt that are listed one by one for a person.
const LISTED_MAX: usize = 20;

impl Delivered {
    /// The outcome in words.
    pub fn sentences(&self, dry_run: bool, project: &str) -> Vec<String> {
        let name = &self.delivery;
        let verb = if dry_run { "would be sent" } else { "sent" };
        let mut lines = vec![format!(
            "{name}: {} {verb}, {} sent before, {} wait for a person, {} on hold, {} suppressed",
            self.sent, self.already, self.waiting, self.held, self.suppressed
        )];
        if self.forgotten > 0 {
            lines.push(format!(
                "{name}: {} to forgotten persons, not sent",
                self.forgotten
            ));
        }
        if self.failed > self.left {
            lines.push(format!(
                "{name}: {} refused by the channel and still owed",
                self.failed - self.left
            ));
        }
        if self.left > 0 {
            lines.push(format!("{name}: {} not sent and still owed", self.left));
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
            lines.push(format!(
                "{name}: without a receipt: {} about {} by {}",
                key.customer, key.incident, key.template_version
            ));
        }
        if self.rejected > 0 {
            lines.push(format!("{name}: {} rejected by a person", self.rejected));
        }
        if self.waiting > 0 || self.unknown > 0 {
            lines.push(format!(
                "{name}: see what waits with: tsugi review list {project}"
            ));
        }
        lines
    }
}
