//! One delivery from its table to its sink: repeats what was interrupted, then sends what is fresh.

use std::collections::VecDeque;

use chrono::Utc;

use super::hand::{Handed, StopReason, WaitBudget, follow, hand_over, stopping};
use super::journal::{Interrupted, Journal};
use super::pace::{Allowance, Pace};
use super::policy::{DeliveryPolicy, Released, RowResult};
use super::reconcile::reconcile;
use super::report::{DeliveryKind, DeliveryReport};
use super::sink::OpenSink;
use super::table::{DeliveryRow, DeliveryTable};
use crate::plan::DeliveryStep;
use crate::run::error::RunError;
use crate::run::event::{Event, Watch};
use crate::run::open::OpenProject;
use crate::store::{Claim, Warehouse};
use tsugi_core::name::RunId;
use tsugi_sandbox::SinkWriter;

/// One delivery that is about to run.
#[derive(Clone, Copy)]
pub struct DeliveryJob<'d> {
    pub open: &'d OpenProject,
    pub step: &'d DeliveryStep,
    /// Where the ledger is.
    pub warehouse: &'d Warehouse,
    /// The right to write the ledger; two deliveries cannot run at once.
    pub claim: &'d Claim,
    /// Receives what happens.
    pub watch: &'d dyn Watch,
    /// Whether the sink only validates and nothing is written.
    pub dry_run: bool,
}

pub(in crate::run) async fn deliver(
    job: &DeliveryJob<'_>,
    table: &DeliveryTable,
    policy: &mut dyn DeliveryPolicy,
) -> Result<DeliveryReport, RunError> {
    let kind = DeliveryKind::of(&job.step.contract);
    if policy.kind() != kind {
        let table = job.step.from.clone();
        let what = "its delivery is of another kind than what decides about it".to_owned();
        return Err(RunError::NotDeliverable { table, what });
    }
    let personal = job.open.plan.personal.contains_key(&job.step.from);
    let sent = send_all(job, table, policy, personal).await;
    sent.map_err(|error| match error {
        RunError::Sandbox(_) if personal => job.open.guards.redact.error(error),
        other => other,
    })
}

async fn send_all(
    job: &DeliveryJob<'_>,
    table: &DeliveryTable,
    policy: &mut dyn DeliveryPolicy,
    personal: bool,
) -> Result<DeliveryReport, RunError> {
    let sink = OpenSink::new(job.open, job.step, table)?;
    let journal = Journal {
        ledger: job.warehouse.ledger().await?,
        claim: job.claim,
        delivery: &job.step.name,
    };
    let admitted = policy.admit(&table.rows, Utc::now())?;
    let repeatable = sink.terms.repeatable;
    let interrupted = journal.interrupted(&admitted.rows, repeatable).await?;
    let mut report = DeliveryReport {
        delivery: job.step.name.to_string(),
        kind: DeliveryKind::of(&job.step.contract),
        withheld: admitted.withheld,
        ..DeliveryReport::default()
    };
    report.unclear(interrupted.unclear.iter().cloned());
    let mut sending = Sending {
        job,
        table,
        sink: &sink,
        journal: &journal,
        personal,
        wait_budget: WaitBudget::default(),
    };
    if !job.dry_run {
        let stopped = sending.resume(&interrupted, policy, &mut report).await?;
        report.stopped = stopped;
    }
    let sorted = journal.sort(&admitted.rows, &interrupted.keys).await?;
    report.already += sorted.already;
    report.unclear(sorted.unclear);
    let released = policy.release(sorted.fresh);
    match job.dry_run {
        true => {
            let fresh = note_released(released, &mut report);
            sending.rehearse(&fresh, &interrupted, &mut report).await?;
        }
        false => sending.fresh(released, policy, &mut report).await?,
    }
    Ok(report)
}

/// Why a delivery ends that the user stopped.
const INTERRUPTED: &str = "it was interrupted";

/// Counts what a policy held back; the rows that may leave.
fn note_released<'t>(
    released: Released<'t>,
    report: &mut DeliveryReport,
) -> VecDeque<&'t DeliveryRow> {
    report.owe(released.owed);
    report.halted.extend(released.reasons);
    report.alerts.extend(released.alerts);
    released.rows.into()
}

/// What does not change while a delivery runs, and how long it may still wait.
struct Sending<'s, 't> {
    job: &'s DeliveryJob<'s>,
    table: &'t DeliveryTable,
    sink: &'s OpenSink,
    journal: &'s Journal<'s>,
    /// Whether the sink gets personal columns, which its messages may quote.
    personal: bool,
    wait_budget: WaitBudget,
}

impl Sending<'_, '_> {
    /// Resends interrupted batches under their original run and sequence number. Says why the
    /// delivery must stop, when it must.
    async fn resume(
        &mut self,
        interrupted: &Interrupted<'_>,
        policy: &mut dyn DeliveryPolicy,
        report: &mut DeliveryReport,
    ) -> Result<Option<String>, RunError> {
        let mut stopped = None;
        for batch in &interrupted.batches {
            if stopped.is_none() && self.job.watch.is_stopping() {
                stopped = Some(INTERRUPTED.to_owned());
            }
            let is_held_back = policy.release(batch.rows.clone()).rows.is_empty();
            if stopped.is_some() || is_held_back {
                report.owe(batch.rows.len());
                continue;
            }
            let mut writer = self.sink.writer(&batch.run, false).await?;
            let batch = Batch {
                sequence: batch.sequence,
                rows: &batch.rows,
                fresh: false,
            };
            let handed = self.hand(&mut writer, &batch).await?;
            policy.learn(&results(&handed));
            stopped = self.count(handed, &batch, report)?;
        }
        Ok(stopped)
    }

    /// Sends rows that were never accepted, in batches, as fast as the rates of the delivery allow.
    async fn fresh<'t>(
        &mut self,
        released: Released<'t>,
        policy: &mut dyn DeliveryPolicy,
        report: &mut DeliveryReport,
    ) -> Result<(), RunError> {
        let (step, run) = (self.job.step, RunId::new());
        let read = Pace::read(&step.rates, self.journal.ledger, &step.name, Utc::now());
        let mut pace = read.await?;
        let mut waiting = note_released(released, report);
        let (mut writer, mut sequence) = (None, 0);
        while !waiting.is_empty() && report.stopped.is_none() {
            let allowed = tokio::select! {
                biased;
                () = stopping(self.job.watch) => Allowance::StopReason(INTERRUPTED.to_owned()),
                allowed = pace.allowance(policy, waiting.make_contiguous()) => allowed,
            };
            let allowed = note_allowance(allowed, policy, report);
            let rows = allowed.min(self.sink.batch_rows()).min(waiting.len());
            if rows == 0 {
                break;
            }
            let batch: Vec<&'t DeliveryRow> = waiting.drain(..rows).collect();
            // A sink that cannot be opened must leave no intent behind.
            let writer = match &mut writer {
                Some(writer) => writer,
                none => {
                    let opened = self.sink.writer(&run.to_string(), false).await?;
                    self.journal.begin(run).await?;
                    none.insert(opened)
                }
            };
            let sorted = self.journal.intend(run, sequence, &batch).await?;
            report.already += sorted.already;
            report.unclear(sorted.unclear);
            pace.note(Utc::now(), sorted.fresh.len());
            if !sorted.fresh.is_empty() {
                let batch = Batch {
                    sequence,
                    rows: &sorted.fresh,
                    fresh: true,
                };
                self.job.watch.notify(Event::Intended {
                    sequence,
                    messages: batch.rows.len(),
                });
                let handed = self.hand(writer, &batch).await?;
                let must_look_again = policy.learn(&results(&handed));
                report.stopped = self.count(handed, &batch, report)?;
                if must_look_again {
                    let released = policy.release(waiting.into());
                    waiting = note_released(released, report);
                }
            }
            sequence += 1;
        }
        report.owe(waiting.len());
        match writer {
            Some(writer) if report.stopped.is_some() => writer.abort().await?,
            Some(writer) => drop(writer.commit().await?),
            None => {}
        }
        report.contradict(self.sink.saw().refused);
        Ok(())
    }

    /// Lets the sink validate all that would be sent.
    async fn rehearse(
        &self,
        fresh: &VecDeque<&DeliveryRow>,
        interrupted: &Interrupted<'_>,
        report: &mut DeliveryReport,
    ) -> Result<(), RunError> {
        let fresh: Vec<&DeliveryRow> = fresh.iter().copied().collect();
        let again = interrupted
            .batches
            .iter()
            .map(|batch| batch.rows.as_slice());
        let batches = again.chain(fresh.chunks(self.sink.batch_rows()));
        let batches: Vec<&[&DeliveryRow]> = batches.collect();
        if batches.is_empty() {
            return Ok(());
        }
        let mut writer = self.sink.writer(&RunId::new().to_string(), true).await?;
        for (sequence, batch) in (0..).zip(batches) {
            let rows = self.table.pick(batch)?;
            self.sink.let_leave(&rows)?;
            let receipt = writer.write(sequence, &rows).await?;
            report.sent += u64::from(receipt.accepted);
            report.failed += receipt.failed.len() as u64;
        }
        report.contradict(self.sink.saw().refused);
        Ok(())
    }

    /// Hands one batch to the sink and writes to the ledger what is certain of it.
    async fn hand<'b>(
        &mut self,
        writer: &mut SinkWriter,
        batch: &Batch<'b>,
    ) -> Result<Handed<'b>, RunError> {
        let rows = self.table.pick(batch.rows)?;
        let watch = self.job.watch;
        self.sink.let_leave(&rows)?;
        let budget = &mut self.wait_budget;
        let answer = hand_over(writer, batch.sequence, &rows, budget, watch).await;
        let mut handed = match answer {
            Ok(answer) => follow(answer, batch.rows, batch.fresh, self.sink.terms.repeatable),
            Err(failure) => Handed {
                failure: Some(failure),
                ..Handed::default()
            },
        };
        reconcile(&mut handed, batch.rows, self.sink.saw());
        let certain = handed.certain.iter();
        let certain: Vec<_> = certain
            .map(|(row, outcome, detail)| (row.key.clone(), *outcome, detail.clone()))
            .collect();
        self.journal.record(&certain).await?;
        let disputed = handed.disputed.iter();
        let disputed: Vec<_> = disputed
            .map(|(row, why)| (row.key.clone(), why.clone()))
            .collect();
        self.journal.dispute(&disputed).await?;
        Ok(handed)
    }

    /// Counts a batch that is in the ledger. Says why the delivery must stop, when it must.
    fn count(
        &self,
        handed: Handed<'_>,
        batch: &Batch<'_>,
        report: &mut DeliveryReport,
    ) -> Result<Option<String>, RunError> {
        if let Some(failure) = handed.failure {
            return Err(failure.into());
        }
        report.owe(handed.owed.len());
        report.contradict(handed.contradictions);
        report.unclear(handed.unclear.iter().map(|row| row.key.clone()));
        if let Some((accepted, failed)) = handed.counts {
            report.sent += accepted;
            report.failed += failed;
            self.job.watch.notify(Event::Received {
                sequence: batch.sequence,
                accepted,
                failed,
            });
        }
        Ok(handed.stop.map(|stop| self.reason(&stop)))
    }

    /// The reason of a stop, as far as it may be shown.
    fn reason(&self, stop: &StopReason) -> String {
        let message = match self.personal {
            true => {
                let redact = self.job.open.guards.redact;
                redact.message(&stop.code, &stop.message)
            }
            false => stop.message.clone(),
        };
        match stop.wait {
            Some(wait) => format!("{message} (it asks for {} s)", wait.as_secs()),
            None => message,
        }
    }
}

/// Rows that are handed over together.
struct Batch<'b> {
    sequence: u32,
    rows: &'b [&'b DeliveryRow],
    /// Whether they were never handed over before.
    fresh: bool,
}

/// What the policy learns of a batch.
fn results<'h>(handed: &'h Handed<'_>) -> Vec<RowResult<'h>> {
    if handed.counts.is_none() {
        return Vec::new();
    }
    let certain = handed.certain.iter();
    let results = certain.map(|(row, _, _)| RowResult {
        row,
        refused: handed.refused.get(&row.row).map(String::as_str),
    });
    results.collect()
}

/// Counts what a rate allows; how many rows may leave.
fn note_allowance(
    allowed: Allowance,
    policy: &dyn DeliveryPolicy,
    report: &mut DeliveryReport,
) -> usize {
    match allowed {
        Allowance::Rows(rows) => rows,
        Allowance::Exempt(rows, limit) => {
            let exempted = policy.exempted();
            let alert = format!("{exempted} leave although `{limit}` is used up");
            report.alerts.insert(alert);
            rows
        }
        Allowance::StopReason(why) => {
            report.stopped = Some(why);
            0
        }
    }
}
