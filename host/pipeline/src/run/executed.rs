//! What the steps of a run made, and how far it is.

use std::collections::BTreeSet;
use std::time::Instant;

use super::event::{Event, Watch};
use super::guards::LeftOut;
use super::open::Stream;
use super::quarantine::{Quarantine, Retained};
use super::report::{Report, StepReport};
use crate::store::{ReadState, StagedTable};
use tsugi_core::name::{SourceName, TableName};
use tsugi_sandbox::{Notice, Reject};

/// One table of a run.
#[derive(Default)]
pub(super) struct TableOutcome {
    /// When work on it began; none for one whose fingerprint showed that it is unchanged.
    pub(super) started: Option<Instant>,
    pub(super) rows: u64,
    /// Rows that may not land.
    pub(super) left_out: LeftOut,
    /// None when the published table is unchanged.
    pub(super) staged: Option<StagedTable>,
    /// What came with the rows of a stream that was read.
    pub(super) stream: Option<StreamOutcome>,
    /// An earlier run staged it, and did not publish.
    pub(super) is_resumed: bool,
}

/// What came with the rows of a stream.
pub(super) struct StreamOutcome {
    pub(super) source: SourceName,
    pub(super) stream: String,
    pub(super) rejects: Vec<Reject>,
    /// Which quarantined rows of earlier runs are retained.
    pub(super) retained: Retained,
    /// Of the plugin, as far as they may be shown.
    pub(super) notices: Vec<Notice>,
    /// What became of files whose rows were published.
    pub(super) changes: Vec<Notice>,
    /// How far it was read; none where it was not.
    pub(super) read_state: Option<ReadState>,
}

impl StreamOutcome {
    /// Of a stream that was not read, because nothing of it has changed.
    pub(super) fn unchanged(stream: &Stream) -> Self {
        Self {
            source: stream.source.clone(),
            stream: stream.facts.name.clone(),
            rejects: Vec::new(),
            retained: Retained::All,
            notices: Vec::new(),
            changes: Vec::new(),
            read_state: None,
        }
    }
}

/// What the steps of a run made.
#[derive(Default)]
pub(super) struct Executed {
    /// The tables that are to be published.
    pub(super) staged: Vec<StagedTable>,
    /// The rows that sources could not read.
    pub(super) quarantine: Quarantine,
    pub(super) report: Report,
}

impl Executed {
    /// Whether this run has made one of these tables itself.
    pub(super) fn has_made_any(&self, tables: &BTreeSet<TableName>) -> bool {
        let mut made = self.report.steps.iter();
        made.any(|step| !step.unchanged && !step.resumed && tables.contains(&step.table))
    }

    /// Adds one table.
    pub(super) fn add(
        &mut self,
        table: &TableName,
        outcome: TableOutcome,
        progress: &mut Progress<'_>,
    ) {
        let started = outcome.started;
        let mut step = StepReport {
            table: table.clone(),
            rows: outcome.rows,
            quarantined: 0,
            unchanged: outcome.staged.is_none(),
            resumed: outcome.is_resumed,
            elapsed_ms: started.map_or(0, elapsed_ms),
        };
        match started {
            Some(_) => self.report.left_out(table, outcome.left_out),
            None => progress.skip(),
        }
        if let Some(came) = outcome.stream {
            step.quarantined = came.rejects.len() as u64;
            self.report.notices(&came.source, came.notices);
            self.report.changes(&came.source, came.changes);
            let stream = (came.source, came.stream);
            self.quarantine.add(stream, came.rejects, came.retained);
        }
        progress.finish(&step);
        self.report.steps.push(step);
        self.staged.extend(outcome.staged);
    }
}

/// How far a run is, for its watcher.
pub(super) struct Progress<'w> {
    watch: &'w dyn Watch,
    /// The table at work, from 1.
    number: usize,
    of: usize,
}

impl<'w> Progress<'w> {
    pub(super) fn new(watch: &'w dyn Watch, of: usize) -> Self {
        Self {
            watch,
            number: 0,
            of,
        }
    }

    /// Counts a table that needs no work.
    pub(super) fn skip(&mut self) {
        self.number += 1;
    }

    /// Reports that work on a table begins.
    pub(super) fn start(&mut self, table: &TableName) -> Instant {
        self.number += 1;
        self.watch.notify(Event::StepStarted {
            table: table.clone(),
            number: self.number,
            of: self.of,
        });
        Instant::now()
    }

    fn finish(&self, step: &StepReport) {
        self.watch.notify(Event::StepFinished {
            table: step.table.clone(),
            number: self.number,
            of: self.of,
            rows: step.rows,
            quarantined: step.quarantined,
            unchanged: step.unchanged,
            resumed: step.resumed,
            elapsed_ms: step.elapsed_ms,
        });
    }
}

/// Milliseconds since a moment.
pub(super) fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
