//! Rows that may not land in a table: those older than their retention, and those about forgotten
//! persons.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use datafusion::arrow::array::{AsArray as _, BooleanArray, RecordBatch};
use datafusion::arrow::compute::{cast, filter_record_batch};
use datafusion::arrow::datatypes::{DataType, Date32Type};

use crate::store;
use crate::store::forgotten::Forgotten;
use tsugi_core::name::TableName;
use tsugi_pipeline::plan::Plan;
use tsugi_pipeline::project::Project;
use tsugi_pipeline::project::personal::Retain;
use tsugi_pipeline::run::{LeftOut, OpenProject, RowFilter, RowRules, RunError};
use tsugi_pipeline::store::{Warehouse, lake_name};

/// What may land in the tables of one run.
pub(super) struct Rules<'o> {
    plan: &'o Plan,
    project: &'o Project,
    forgotten: Forgotten,
}

impl<'o> Rules<'o> {
    /// Reads who is forgotten; the run must hold the warehouse by then.
    pub(super) async fn read(
        open: &'o OpenProject,
        warehouse: &Warehouse,
    ) -> Result<Self, RunError> {
        Ok(Self {
            plan: &open.plan,
            project: &open.project,
            forgotten: store::forgotten::load_forgotten(warehouse).await?,
        })
    }
}

impl RowRules for Rules<'_> {
    /// Rows of forgotten persons are filtered where they come in: tables of models are computed
    /// from those.
    fn filter(&self, table: &TableName) -> Option<Box<dyn RowFilter>> {
        let retain = self.plan.retain.get(table);
        let retained = retain.map(|retain| {
            let first = first_day(self.project.as_of, retain);
            (retain.by.clone(), first)
        });
        let comes_in = self.plan.step(table).is_none() && !self.forgotten.is_empty();
        let subject = self.project.personal.subject.clone().filter(|_| comes_in);
        let forgotten = subject.map(|subject| (subject, self.forgotten.clone()));
        (retained.is_some() || forgotten.is_some()).then(|| {
            Box::new(TableFilter {
                retained,
                forgotten,
                left_out: LeftOut::default(),
            }) as Box<dyn RowFilter>
        })
    }

    fn admits_raw(&self, raw: &str) -> bool {
        !self.forgotten.is_named_in(raw)
    }
}

/// What may land in one table.
#[derive(Debug)]
struct TableFilter {
    /// The column with the day of a row, and the first day whose rows are stored. A row without a
    /// day is stored: it is not known to be old.
    retained: Option<(String, NaiveDate)>,
    /// The column with the person that a row is about, and who is forgotten.
    forgotten: Option<(String, Forgotten)>,
    left_out: LeftOut,
}

/// Takes rows about forgotten persons out of what is delivered; none where no person is forgotten.
pub(super) async fn forgotten_filter(
    open: &OpenProject,
    warehouse: &Warehouse,
) -> Result<Option<Box<dyn RowFilter>>, RunError> {
    let forgotten = store::forgotten::load_forgotten(warehouse).await?;
    let subject = open.project.personal.subject.clone();
    let subject = subject.filter(|_| !forgotten.is_empty());
    Ok(subject.map(|subject| {
        Box::new(TableFilter {
            retained: None,
            forgotten: Some((subject, forgotten)),
            left_out: LeftOut::default(),
        }) as Box<dyn RowFilter>
    }))
}

/// The first day whose rows are stored.
fn first_day(as_of: NaiveDate, retain: &Retain) -> NaiveDate {
    let days = chrono::Days::new(retain.days.into());
    as_of.checked_sub_days(days).unwrap_or(NaiveDate::MIN)
}

/// Expires the snapshots that still show rows older than their retention; returns how many.
pub(super) async fn expire_old(open: &OpenProject, warehouse: &Warehouse) -> Result<u64, RunError> {
    let (lake, mut files) = (warehouse.lake(), BTreeSet::new());
    for (table, retain) in &open.plan.retain {
        let first = first_day(open.project.as_of, retain).to_string();
        let table = lake_name(table);
        files.extend(lake.ended_before(&table, &retain.by, &first).await?);
    }
    let snapshots = lake.snapshots_with(&files).await?;
    if snapshots.is_empty() {
        return Ok(0);
    }
    let claim = warehouse.claim("expiring old snapshots").await?;
    Ok(warehouse.expire(&claim, &snapshots).await?.snapshots)
}

impl RowFilter for TableFilter {
    fn left_out(&self) -> LeftOut {
        self.left_out
    }

    fn rows(&mut self, mut batch: RecordBatch) -> Result<RecordBatch, RunError> {
        if let Some((column, first)) = &self.retained
            && let Some(days) = batch.column_by_name(column)
        {
            let days = cast(days, &DataType::Date32)?;
            let days = days.as_primitive::<Date32Type>();
            let first = Date32Type::from_naive_date(*first);
            let stays = |day: Option<i32>| day.is_none_or(|day| day >= first);
            let stays: BooleanArray = days.iter().map(|day| Some(stays(day))).collect();
            self.left_out.old += removed(&stays);
            batch = filter_record_batch(&batch, &stays)?;
        }
        if let Some((column, forgotten)) = &self.forgotten
            && let Some(whom) = batch.column_by_name(column)
        {
            let whom = cast(whom, &DataType::Utf8)?;
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
            self.left_out.forgotten += removed(&stays);
            batch = filter_record_batch(&batch, &stays)?;
        }
        Ok(batch)
    }
}

fn removed(stays: &BooleanArray) -> u64 {
    (stays.len() - stays.true_count()) as u64
}
