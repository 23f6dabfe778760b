//! How fast a delivery goes: so many messages in any minute, hour or day. What left before, in this
//! delivery or in an earlier one, is counted by the ledger, so that starting again is no way around it.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::deliver::Sending;
use super::error::RunError;
use super::messages::{Message, Purpose};
use crate::name::DeliveryName;
use crate::project::pipeline::Rates;
use crate::warehouse::Ledger;

/// Longest wait for the next moment at which something may leave. For a later one the delivery stops.
const WAIT_MAX: TimeDelta = TimeDelta::seconds(60);

/// One rate: so many in any stretch of a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit {
    most: usize,
    stretch: TimeDelta,
    key: &'static str,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.key, self.most)
    }
}

/// What may leave at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// So many.
    Now(usize),
    /// Nothing before a moment, by a limit.
    From(DateTime<Utc>, Limit),
}

/// The rates of a delivery, and when its messages left.
#[derive(Debug)]
pub(super) struct Pace {
    limits: Vec<Limit>,
    /// In order.
    left: Vec<DateTime<Utc>>,
}

impl Pace {
    /// Reads from the ledger what counts at a moment.
    pub(super) async fn read(
        rates: &Rates,
        ledger: Ledger<'_>,
        delivery: &DeliveryName,
        now: DateTime<Utc>,
    ) -> Result<Self, RunError> {
        let limit = |most: Option<u64>, stretch, key| {
            let most = usize::try_from(most?).unwrap_or(usize::MAX);
            Some(Limit { most, stretch, key })
        };
        let limits = [
            limit(rates.per_minute, TimeDelta::minutes(1), "per_minute"),
            limit(rates.per_hour, TimeDelta::hours(1), "per_hour"),
            limit(rates.per_day, TimeDelta::days(1), "per_day"),
        ];
        let limits: Vec<Limit> = limits.into_iter().flatten().collect();
        let left = match limits.iter().map(|limit| limit.stretch).max() {
            Some(longest) => ledger.pace_since(delivery, now - longest).await?,
            None => Vec::new(),
        };
        Ok(Self { limits, left })
    }

    /// What may leave at a moment. A clock that was set back makes earlier messages count longer.
    fn room(&self, now: DateTime<Utc>) -> Room {
        let mut room = usize::MAX;
        let mut wait: Option<(DateTime<Utc>, Limit)> = None;
        for limit in &self.limits {
            let counted = self.left.iter().rev();
            let counted = counted.take_while(|at| **at > now - limit.stretch).count();
            match limit.most.checked_sub(counted) {
                Some(free) if free > 0 => room = room.min(free),
                _ => {
                    // When the oldest of the newest `most` is out of the stretch, one may leave.
                    let oldest = self.left.iter().rev().nth(limit.most - 1);
                    let from = oldest.map_or(now, |at| *at + limit.stretch);
                    if wait.is_none_or(|(at, _)| at < from) {
                        wait = Some((from, *limit));
                    }
                }
            }
        }
        wait.map_or(Room::Now(room), |(from, limit)| Room::From(from, limit))
    }

    /// So many were written down as leaving at a moment.
    pub(super) fn note(&mut self, now: DateTime<Utc>, messages: usize) {
        if !self.limits.is_empty() {
            self.left.extend(std::iter::repeat_n(now, messages));
            self.left.sort_unstable();
        }
    }
}

impl Sending<'_> {
    /// How many of those that wait may leave now, after a short wait when that helps. None when the
    /// delivery must stop for its rate. A recall, which stands first, is never kept for that: a
    /// person is called, who knows what the channel bears.
    pub(super) async fn room(&mut self, waiting: &[&Message]) -> usize {
        loop {
            let now = Utc::now();
            let (from, limit) = match self.pace.room(now) {
                Room::Now(room) => return room,
                Room::From(from, limit) => (from, limit),
            };
            let wait = from - now;
            if wait <= WAIT_MAX {
                tokio::time::sleep(wait.to_std().unwrap_or_default()).await;
                continue;
            }
            let recalls = waiting
                .iter()
                .take_while(|message| message.purpose == Purpose::Recall);
            let recalls = recalls.count();
            if recalls > 0 {
                self.alert(format!("recalls leave although `{limit}` is used up"));
                return recalls;
            }
            let after = from.format("%Y-%m-%d %H:%M:%S UTC");
            self.told.stopped = Some(format!("`{limit}` is used up, go on after {after}"));
            return 0;
        }
    }
}
