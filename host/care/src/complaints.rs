//! The stop after complaints: advertisements end where 3 of 1,000 recipients complain, the limit that
//! Gmail and Yahoo set for senders in 2024. Notices go on, and recalls go on and alert a person.

use std::collections::BTreeMap;

use datafusion::arrow::array::AsArray as _;
use datafusion::arrow::datatypes::Int64Type;

use super::error::CareError;
use super::messages::{Message, Purpose};
use tsugi_core::name::TableName;
use tsugi_pipeline::query::Vars;
use tsugi_pipeline::run::{ColumnKind, Published, RequiredColumn};

/// This many complaints …
const COMPLAINTS: u64 = 3;
/// … among this many advertisements stop them. Fewer advertisements count as this many.
const AMONG: u64 = 1_000;

/// The columns of a table that counts complaints.
pub(super) const COLUMNS: &[RequiredColumn] = &[
    RequiredColumn {
        name: "channel",
        kind: ColumnKind::Text,
        doc: "the channel of the messages, or null",
    },
    RequiredColumn {
        name: "purpose",
        kind: ColumnKind::Text,
        doc: "their purpose; `advertisement` counts",
    },
    RequiredColumn {
        name: "sent",
        kind: ColumnKind::Number,
        doc: "how many were sent",
    },
    RequiredColumn {
        name: "complained",
        kind: ColumnKind::Number,
        doc: "how many recipients complained",
    },
];

/// Counts of one channel.
#[derive(Debug, Default)]
struct Counts {
    sent: u64,
    complained: u64,
}

/// Advertisements and complaints about them, by channel.
#[derive(Debug, Default)]
pub(super) struct Complaints {
    channels: BTreeMap<String, Counts>,
}

impl Complaints {
    /// Reads the table that a delivery names: `channel`, `purpose`, `sent` and `complained`.
    pub(super) async fn read(
        published: &Published<'_>,
        table: Option<&TableName>,
    ) -> Result<Self, CareError> {
        let mut complaints = Self::default();
        let Some(table) = table else {
            return Ok(complaints);
        };
        let sql = format!(
            "SELECT CAST(coalesce(channel, '') AS VARCHAR) AS on_channel, \
             CAST(coalesce(sum(sent), 0) AS BIGINT) AS sent, CAST(coalesce(sum(complained), 0) AS BIGINT) AS complained \
             FROM {table} WHERE purpose = 'advertisement' GROUP BY coalesce(channel, '')"
        );
        let answered = published.query_rows(&Vars::default(), &sql).await;
        let answer = answered.map_err(|error| CareError::NoComplaints {
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

    /// Why no more advertisements go over the channel of a message.
    pub(super) fn reason_to_stop(&self, message: &Message) -> Option<String> {
        let channel = message.channel.as_deref().unwrap_or_default();
        let counts = self.channels.get(channel)?;
        let Counts { sent, complained } = counts;
        let most = (*sent).max(AMONG).saturating_mul(COMPLAINTS);
        (complained.saturating_mul(AMONG) >= most).then(|| {
            format!("{complained} complaints about {sent} advertisements by {channel}, and 3 in 1,000 stop them")
        })
    }

    /// Counts a message that the channel accepted, or refused because the person complained there.
    pub(super) fn note(&mut self, message: &Message, complained: bool) {
        if message.purpose != Purpose::Advertisement {
            return;
        }
        let channel = message.channel.clone().unwrap_or_default();
        let counts = self.channels.entry(channel).or_default();
        counts.sent += 1;
        counts.complained += u64::from(complained);
    }
}
