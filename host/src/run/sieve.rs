//! Rows that do not land in a table: those that are older than they may be kept, and those of
//! persons who asked to be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use datafusion::arrow::array::{AsArray as _, BooleanArray, RecordBatch};
use datafusion::arrow::compute::{cast, filter_record_batch};
use datafusion::arrow::datatypes::{DataType, Date32Type};
use datafusion::arrow::error::ArrowError;
use serde::Serialize;

use super::error::RunError;
use super::execute::Motion;
use super::open::Open;
use crate::name::TableName;
use crate::project::personal::Retain;
use crate::warehouse::{Forgotten, Warehouse, lake_name};

/// Rows of one table that were left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Older than they may be kept.
    pub old: u64,
    /// Of persons who are forgotten and stand in what was read.
    pub forgotten: u64,
}

/// What may land in one table.
#[derive(Debug, Clone, Default)]
pub(super) struct Sieve {
    /// The column with the day of a row, and the first day that is kept. A row without a day
    /// stays: nobody knows that it is old.
    keep: Option<(String, NaiveDate)>,
    /// The column with whom a row is about, and who is forgotten.
    forgotten: Option<(String, Forgotten)>,
    pub(super) left_out: LeftOut,
}

/// The first day of which rows are kept.
fn first_day(as_of: NaiveDate, retain: &Retain) -> NaiveDate {
    let days = chrono::Days::new(retain.days.into());
    as_of.checked_sub_days(days).unwrap_or(NaiveDate::MIN)
}

/// Lets the snapshots expire that still show rows which may be kept no longer; how many.
pub(super) async fn expire_old(open: &Open, warehouse: &Warehouse) -> Result<u64, RunError> {
    let (lake, mut files) = (warehouse.lake(), BTreeSet::new());
    for (table, retain) in &open.plan.retain {
        let first = first_day(open.project.as_of, retain).to_string();
        files.extend(
            lake.ended_before(&lake_name(table), &retain.by, &first)
                .await?,
        );
    }
    let snapshots = lake.snapshots_with(&files).await?;
    if snapshots.is_empty() {
        return Ok(0);
    }
    let claim = warehouse.claim("letting old snapshots expire").await?;
    Ok(warehouse.expire(&claim, &snapshots).await?.snapshots)
}

impl Motion<'_> {
    /// What may land in a table. Who is forgotten is left out where rows come in: tables of
    /// models are made of those.
    pub(super) fn sieve(&self, table: &TableName) -> Sieve {
        let (plan, project) = (&self.open.plan, &self.open.project);
        let retain = plan.retain.get(table);
        let keep = retain.map(|retain| (retain.by.clone(), first_day(project.as_of, retain)));
        let comes_in = plan.step(table).is_none() && !self.forgotten.is_empty();
        let subject = project.personal.subject.clone().filter(|_| comes_in);
        Sieve {
            keep,
            forgotten: subject.map(|subject| (subject, self.forgotten.clone())),
            left_out: LeftOut::default(),
        }
    }
}

impl Sieve {
    /// The rows of a batch that may land.
    pub(super) fn rows(&mut self, mut batch: RecordBatch) -> Result<RecordBatch, RunError> {
        if let Some((column, first)) = &self.keep
            && let Some(days) = batch.column_by_name(column)
        {
            let days = cast(days, &DataType::Date32).map_err(host)?;
            let days = days.as_primitive::<Date32Type>();
            let first = Date32Type::from_naive_date(*first);
            let stays = |day: Option<i32>| day.is_none_or(|day| day >= first);
            let stays: BooleanArray = days.iter().map(|day| Some(stays(day))).collect();
            self.left_out.old += dropped(&stays);
            batch = filter_record_batch(&batch, &stays).map_err(host)?;
        }
        if let Some((column, forgotten)) = &self.forgotten
            && let Some(whom) = batch.column_by_name(column)
        {
            let whom = cast(whom, &DataType::Utf8).map_err(host)?;
            let mut seen: BTreeMap<&str, bool> = BTreeMap::new();
            let stays: BooleanArray = whom
                .as_string::<i32>()
                .iter()
                .map(|person| {
                    let is_forgotten = person.is_some_and(|person| {
                        *seen
                            .entry(person)
                            .or_insert_with(|| forgotten.find(person).is_some())
                    });
                    Some(!is_forgotten)
                })
                .collect();
            self.left_out.forgotten += dropped(&stays);
            batch = filter_record_batch(&batch, &stays).map_err(host)?;
        }
        Ok(batch)
    }
}

fn dropped(stays: &BooleanArray) -> u64 {
    (stays.len() - stays.true_count()) as u64
}

fn host(error: ArrowError) -> RunError {
    RunError::Host(error.to_string())
}
