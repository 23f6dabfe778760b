//! Which rows of a delivery may leave, and in which order: decided by a policy that the caller of a
//! delivery hands in.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::report::{DeliveryKind, Withheld};
use super::table::DeliveryRow;
use crate::run::error::RunError;

/// Rows that may leave now, with counts of the others.
#[derive(Debug, Default)]
pub struct Admitted<'t> {
    /// In the order of the table.
    pub rows: Vec<&'t DeliveryRow>,
    /// The others, by reason.
    pub withheld: Withheld,
}

/// Rows that are still to be sent once the policy has looked at them again.
#[derive(Debug, Default)]
pub struct Released<'t> {
    /// In the order in which they leave.
    pub rows: Vec<&'t DeliveryRow>,
    /// How many were held back now; a later delivery sends them.
    pub owed: usize,
    /// Why they were held back.
    pub reasons: BTreeSet<String>,
    /// What a person must look at although rows leave.
    pub alerts: BTreeSet<String>,
}

/// What a sink made of one row.
#[derive(Clone, Copy, Debug)]
pub struct RowResult<'t> {
    pub row: &'t DeliveryRow,
    /// The code of the sink where it refused the row.
    pub refused: Option<&'t str>,
}

/// Decides which rows of a delivery leave.
pub trait DeliveryPolicy: Send + Sync {
    /// The kind of deliveries that it may decide about; any other delivery is refused.
    fn kind(&self) -> DeliveryKind;

    /// Splits the rows of the table into those that may leave at `now` and the others.
    ///
    /// # Errors
    /// When a row says something about itself that the policy does not know.
    fn admit<'t>(
        &self,
        rows: &'t [DeliveryRow],
        now: DateTime<Utc>,
    ) -> Result<Admitted<'t>, RunError>;

    /// Orders rows that wait and takes out those that may not leave any more.
    fn release<'t>(&self, waiting: Vec<&'t DeliveryRow>) -> Released<'t> {
        Released {
            rows: waiting,
            ..Released::default()
        }
    }

    /// Learns what the sink made of a batch. True when [`DeliveryPolicy::release`] must look at the
    /// waiting rows again.
    fn learn(&mut self, results: &[RowResult<'_>]) -> bool {
        let _ = results;
        false
    }

    /// How many of the rows at the front of those that wait leave although a rate is used up.
    fn exempt_from_rates(&self, waiting: &[&DeliveryRow]) -> usize {
        let _ = waiting;
        0
    }

    /// The name of such exempted rows in an alert, such as `recalls`.
    fn exempted(&self) -> &'static str {
        "rows"
    }
}
