//! What an earlier run staged and did not publish, taken over where this run would make the same.

use std::collections::BTreeSet;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::error::RunError;
use super::executed::{StreamOutcome, TableOutcome};
use super::guards::LeftOut;
use super::quarantine::Retained;
use super::staging::RunContext;
use crate::plan::fingerprint::Fingerprint;
use crate::store::{KeptTable, ReadState};
use tsugi_core::name::{SourceName, TableName};
use tsugi_sandbox::{Notice, Reject};

/// What came with the rows of a table, as it is written down.
#[derive(Serialize, Deserialize)]
struct Extra {
    old: u64,
    forgotten: u64,
    stream: Option<KeptStream>,
}

#[derive(Serialize, Deserialize)]
struct KeptStream {
    source: SourceName,
    stream: String,
    rejects: Vec<KeptReject>,
    carried: BTreeSet<String>,
    notices: Vec<KeptNotice>,
    changes: Vec<KeptNotice>,
    state: ReadState,
}

#[derive(Serialize, Deserialize)]
struct KeptReject(#[serde(with = "RejectForm")] Reject);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Reject")]
struct RejectForm {
    stream: String,
    file: String,
    line: u32,
    column: Option<String>,
    code: String,
    reason: String,
    raw: String,
}

#[derive(Serialize, Deserialize)]
struct KeptNotice(#[serde(with = "NoticeForm")] Notice);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Notice")]
struct NoticeForm {
    stream: String,
    code: String,
    message: String,
}

impl RunContext<'_> {
    /// The table that an earlier run staged from the same.
    pub(super) async fn resumed(
        &self,
        table: &TableName,
        fingerprint: &Fingerprint,
        started: Instant,
    ) -> Result<Option<TableOutcome>, RunError> {
        let Some(kept) = self.unpublished.get(table) else {
            return Ok(None);
        };
        let Ok(extra) = serde_json::from_str::<Extra>(&kept.more) else {
            return Ok(None);
        };
        let published = self.snapshot.tables.get(table);
        let is_older = published.is_none_or(|now| now.changed_in <= kept.staged.began_at());
        let is_same = is_older && kept.fingerprint == fingerprint.to_string();
        if !is_same || !self.run.may_publish(&kept.staged).await? {
            return Ok(None);
        }
        let stream = match extra.stream {
            Some(stream) => {
                self.run.record_read_state(&stream.state).await?;
                Some(stream.into())
            }
            None => None,
        };
        self.unpublished.take(table);
        self.open.session.put(table, kept.staged.provider());
        Ok(Some(TableOutcome {
            started: Some(started),
            rows: kept.staged.rows(),
            left_out: LeftOut {
                old: extra.old,
                forgotten: extra.forgotten,
            },
            staged: Some(kept.staged.clone()),
            stream,
            is_resumed: true,
        }))
    }

    /// Keeps what a step staged until a run publishes.
    pub(super) fn keep(
        &self,
        table: &TableName,
        fingerprint: &Fingerprint,
        outcome: &TableOutcome,
    ) -> Result<(), RunError> {
        let Some(staged) = &outcome.staged else {
            return Ok(());
        };
        let extra = Extra {
            old: outcome.left_out.old,
            forgotten: outcome.left_out.forgotten,
            stream: match &outcome.stream {
                Some(stream) => match kept_stream(stream) {
                    Some(kept) => Some(kept),
                    None => return Ok(()),
                },
                None => None,
            },
        };
        if let Ok(more) = serde_json::to_string(&extra) {
            let kept = KeptTable {
                fingerprint: fingerprint.to_string(),
                staged: staged.clone(),
                more,
            };
            self.run.keep(table, &kept)?;
        }
        Ok(())
    }
}

fn kept_stream(stream: &StreamOutcome) -> Option<KeptStream> {
    let Retained::Files(carried) = &stream.retained else {
        return None;
    };
    let kept = |notices: &[Notice]| notices.iter().cloned().map(KeptNotice).collect();
    Some(KeptStream {
        source: stream.source.clone(),
        stream: stream.stream.clone(),
        rejects: stream.rejects.iter().cloned().map(KeptReject).collect(),
        carried: carried.clone(),
        notices: kept(&stream.notices),
        changes: kept(&stream.changes),
        state: stream.read_state.clone()?,
    })
}

impl From<KeptStream> for StreamOutcome {
    fn from(kept: KeptStream) -> Self {
        let notices = |kept: Vec<KeptNotice>| kept.into_iter().map(|one| one.0).collect();
        Self {
            source: kept.source,
            stream: kept.stream,
            rejects: kept.rejects.into_iter().map(|one| one.0).collect(),
            retained: Retained::Files(kept.carried),
            notices: notices(kept.notices),
            changes: notices(kept.changes),
            read_state: Some(kept.state),
        }
    }
}
