//! How fast a delivery goes: a number of rows in any minute, hour or day. The ledger counts what was
//! sent before, in this delivery or an earlier one, so that a restart does not reset the count.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::policy::DeliveryPolicy;
use super::table::DeliveryRow;
use crate::project::delivery::Rates;
use crate::run::error::RunError;
use crate::store::Ledger;
use tsugi_core::name::DeliveryName;

/// Longest wait for the next moment at which a row may leave. For a later one the delivery stops.
const WAIT_MAX: TimeDelta = TimeDelta::seconds(60);

/// One rate: at most `rows` in any `period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit {
    rows: usize,
    period: TimeDelta,
    key: &'static str,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.key, self.rows)
    }
}

/// What may leave at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// At most this many rows.
    Now(usize),
    /// Nothing before a moment, because of a limit.
    From(DateTime<Utc>, Limit),
}

/// How many of the waiting rows may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Allowance {
    /// At most this many.
    Rows(usize),
    /// As many as are exempt from rates, although the named rate is used up.
    Exempt(usize, String),
    /// None: the delivery stops, for this reason.
    StopReason(String),
}

/// The rates of a delivery, and when its rows were sent.
#[derive(Debug)]
pub(super) struct Pace {
    limits: Vec<Limit>,
    /// In ascending order.
    sent: Vec<DateTime<Utc>>,
}

impl Pace {
    /// Reads from the ledger what counts at `now`.
    pub(super) async fn read(
        rates: &Rates,
        ledger: Ledger<'_>,
        delivery: &DeliveryName,
        now: DateTime<Utc>,
    ) -> Result<Self, RunError> {
        let limit = |rows: Option<u64>, period, key| {
            let rows = usize::try_from(rows?).unwrap_or(usize::MAX);
            Some(Limit { rows, period, key })
        };
        let limits = [
            limit(rates.per_minute, TimeDelta::minutes(1), "per_minute"),
            limit(rates.per_hour, TimeDelta::hours(1), "per_hour"),
            limit(rates.per_day, TimeDelta::days(1), "per_day"),
        ];
        let limits: Vec<Limit> = limits.into_iter().flatten().collect();
        let sent = match limits.iter().map(|limit| limit.period).max() {
            Some(longest) => ledger.pace_since(delivery, now - longest).await?,
            None => Vec::new(),
        };
        Ok(Self { limits, sent })
    }

    /// What may leave at `now`. A clock that was set back makes earlier rows count longer.
    fn room(&self, now: DateTime<Utc>) -> Room {
        let mut room = usize::MAX;
        let mut wait: Option<(DateTime<Utc>, Limit)> = None;
        for limit in &self.limits {
            let counted = self.sent.iter().rev();
            let counted = counted.take_while(|at| **at > now - limit.period).count();
            match limit.rows.checked_sub(counted) {
                Some(free) if free > 0 => room = room.min(free),
                _ => {
                    // One may leave once the oldest of the newest `rows` is older than the period.
                    let oldest = self.sent.iter().rev().nth(limit.rows.saturating_sub(1));
                    let from = oldest.map_or(now, |at| *at + limit.period);
                    if wait.is_none_or(|(at, _)| at < from) {
                        wait = Some((from, *limit));
                    }
                }
            }
        }
        wait.map_or(Room::Now(room), |(from, limit)| Room::From(from, limit))
    }

    /// Counts rows whose intents were written at `now`.
    pub(super) fn note(&mut self, now: DateTime<Utc>, rows: usize) {
        if !self.limits.is_empty() {
            self.sent.extend(std::iter::repeat_n(now, rows));
            self.sent.sort_unstable();
        }
    }

    /// How many of the waiting rows may leave now, after a short wait when that helps.
    pub(super) async fn allowance(
        &self,
        policy: &dyn DeliveryPolicy,
        waiting: &[&DeliveryRow],
    ) -> Allowance {
        loop {
            let now = Utc::now();
            let (from, limit) = match self.room(now) {
                Room::Now(rows) => return Allowance::Rows(rows),
                Room::From(from, limit) => (from, limit),
            };
            let wait = from - now;
            if wait <= WAIT_MAX {
                tokio::time::sleep(wait.to_std().unwrap_or_default()).await;
                continue;
            }
            let exempt = policy.exempt_from_rates(waiting);
            if exempt > 0 {
                return Allowance::Exempt(exempt, limit.to_string());
            }
            let after = from.format("%Y-%m-%d %H:%M:%S UTC");
            return Allowance::StopReason(format!("`{limit}` is used up, go on after {after}"));
        }
    }
}
