//! The stop at complaints: advertisements end where 3 of 1,000 who got one complain, which is what Gmail
//! and Yahoo ask of senders since 2024. Notices go on, and recalls go on and call a person.

use std::collections::BTreeMap;

use datafusion::arrow::array::AsArray as _;
use datafusion::arrow::datatypes::Int64Type;
use tokio::runtime::Handle;

use super::ask::ask;
use super::deliver::Sending;
use super::error::RunError;
use super::messages::{Message, Purpose};
use super::open::Open;
use crate::plan::DeliveryStep;
use crate::query::Vars;
use crate::warehouse::Warehouse;

/// So many complaints …
const COMPLAINTS: u64 = 3;
/// … among so many advertisements stop them. Fewer advertisements count as so many.
const AMONG: u64 = 1_000;

/// What is known of one channel.
#[derive(Debug, Default)]
struct Counts {
    sent: u64,
    complained: u64,
}

/// Advertisements and complaints about them, by channel.
#[derive(Debug, Default)]
pub(super) struct Complaints {
    channels: BTreeMap<String, Counts>,
    /// Somebody complained since the last [`Sending::heed`].
    heard: bool,
}

impl Complaints {
    /// Reads the table that a delivery names: `channel`, `purpose`, `sent` and `complained`.
    pub(super) async fn read(
        open: &Open,
        delivery: &DeliveryStep,
        warehouse: &Warehouse,
        query: &Handle,
    ) -> Result<Self, RunError> {
        let mut complaints = Self::default();
        let Some(table) = &delivery.complaints else {
            return Ok(complaints);
        };
        let sql = format!(
            "SELECT CAST(coalesce(channel, '') AS VARCHAR) AS on_channel, \
             CAST(coalesce(sum(sent), 0) AS BIGINT) AS sent, CAST(coalesce(sum(complained), 0) AS BIGINT) AS complained \
             FROM {table} WHERE purpose = 'advertisement' GROUP BY coalesce(channel, '')"
        );
        let answered = ask(&open.session, warehouse, &Vars::default(), &sql, query).await;
        let answer = answered.map_err(|error| RunError::NoComplaints {
            table: table.clone(),
            what: error.to_string(),
        })?;
        for batch in &answer.rows {
            let channels = batch.column(0).as_string::<i32>();
            let number = |column: usize, row: usize| {
                let numbers = batch.column(column).as_primitive::<Int64Type>();
                u64::try_from(numbers.value(row)).unwrap_or(0)
            };
            for row in 0..batch.num_rows() {
                let counts = Counts {
                    sent: number(1, row),
                    complained: number(2, row),
                };
                complaints
                    .channels
                    .insert(channels.value(row).to_owned(), counts);
            }
        }
        Ok(complaints)
    }

    /// Why nothing more is advertised over the channel of a message.
    fn over(&self, message: &Message) -> Option<String> {
        let channel = message.channel.as_deref().unwrap_or_default();
        let counts = self.channels.get(channel)?;
        let Counts { sent, complained } = counts;
        let most = (*sent).max(AMONG).saturating_mul(COMPLAINTS);
        (complained.saturating_mul(AMONG) >= most).then(|| {
            format!("{complained} complaints about {sent} advertisements by {channel}, and 3 in 1,000 stop them")
        })
    }

    /// Whether what waits must be looked through again.
    pub(super) fn is_heard(&self) -> bool {
        self.heard
    }

    /// Whether a message must not leave for that.
    pub(super) fn stop(&self, message: &Message) -> bool {
        message.purpose == Purpose::Advertisement && self.over(message).is_some()
    }

    /// A message was taken by the channel, or refused because the person complained there.
    pub(super) fn note(&mut self, message: &Message, complained: bool) {
        if message.purpose != Purpose::Advertisement {
            return;
        }
        let channel = message.channel.clone().unwrap_or_default();
        let counts = self.channels.entry(channel).or_default();
        counts.sent += 1;
        counts.complained += u64::from(complained);
        self.heard |= complained;
    }
}

impl Sending<'_> {
    /// Takes out of what waits the advertisements that complaints stop; they are owed.
    pub(super) fn heed<'m>(&mut self, waiting: Vec<&'m Message>) -> Vec<&'m Message> {
        self.complaints.heard = false;
        let mut kept = Vec::with_capacity(waiting.len());
        for message in waiting {
            match (self.complaints.over(message), message.purpose) {
                (Some(why), Purpose::Advertisement) => {
                    self.left(1);
                    self.told.halted.insert(why);
                }
                (Some(why), Purpose::Recall) => {
                    self.alert(format!("recalls leave in spite of {why}"));
                    kept.push(message);
                }
                _ => kept.push(message),
            }
        }
        kept
    }
}
