//! Rows without one person: rows about them are removed, and what leads to them is removed from other
//! rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{
    Array as _, ArrayRef, AsArray as _, BooleanArray, ListArray, MapArray, RecordBatch,
    StringArray, StructArray,
};
use datafusion::arrow::compute::{cast, filter_record_batch};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::error::ArrowError;

use crate::store::scrub::Scrub;
use crate::store::second_look::SecondLook;
use tsugi_pipeline::run::RunError;

/// The person to forget, and the column that names the person of a row.
#[derive(Debug, Clone)]
pub(super) struct Whom {
    pub(super) scrub: Scrub,
    pub(super) subject: String,
    /// Who else writes a value, by value.
    pub(super) others: BTreeMap<String, BTreeSet<String>>,
    /// Words that several others write, and that remain in their texts.
    pub(super) shared: BTreeSet<String>,
}

/// What was found in some rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct FoundRows {
    /// Rows about the person.
    pub(super) rows: u64,
    /// Texts of other rows that lead to them.
    pub(super) texts: u64,
}

impl Whom {
    /// For each row whether it is about the person (true), about another one (false) or about no
    /// person (null).
    fn owners(&self, batch: &RecordBatch) -> Result<Option<BooleanArray>, RunError> {
        let Some(column) = batch.column_by_name(&self.subject) else {
            return Ok(None);
        };
        let texts = cast(column, &DataType::Utf8)?;
        let theirs = texts.as_string::<i32>().iter();
        Ok(Some(
            theirs
                .map(|one| one.map(|one| self.scrub.is_id(one)))
                .collect(),
        ))
    }

    /// Learns what personal columns hold of them.
    pub(super) fn learn(
        &mut self,
        batch: &RecordBatch,
        personal: &BTreeSet<String>,
    ) -> Result<(), RunError> {
        let Some(owners) = self.owners(batch)? else {
            return Ok(());
        };
        for column in personal
            .iter()
            .filter_map(|name| batch.column_by_name(name))
        {
            let Some(texts) = column.as_string_opt::<i32>() else {
                continue;
            };
            for row in (0..batch.num_rows()).filter(|row| is(&owners, *row, true)) {
                if texts.is_valid(row) {
                    self.scrub.add(texts.value(row));
                }
            }
        }
        Ok(())
    }

    /// Drops values that others have too: a value that is the whole of a personal column of another
    /// person, and a single word that several others write. A full name is no word of others, and a
    /// single other may write about the person.
    pub(super) fn unlearn(
        &mut self,
        batch: &RecordBatch,
        personal: &BTreeSet<String>,
    ) -> Result<(), RunError> {
        let (Some(owners), Some(whose)) =
            (self.owners(batch)?, batch.column_by_name(&self.subject))
        else {
            return Ok(());
        };
        let whose = cast(whose, &DataType::Utf8)?;
        let whose = whose.as_string::<i32>();
        let schema = batch.schema();
        for (field, column) in schema.fields().iter().zip(batch.columns()) {
            let Some(texts) = column.as_string_opt::<i32>() else {
                continue;
            };
            let others = (0..batch.num_rows()).filter(|row| is(&owners, *row, false));
            for row in others.filter(|row| texts.is_valid(*row)) {
                for (value, is_all) in self.scrub.values_in(texts.value(row)) {
                    let is_whole = personal.contains(field.name()) && is_all;
                    let writers = self.others.entry(value.clone()).or_default();
                    writers.insert(whose.value(row).to_owned());
                    let is_word = value.chars().all(char::is_alphabetic);
                    if is_whole || is_word && writers.len() > 1 {
                        self.scrub.drop_shared(&value);
                        if !is_whole {
                            self.shared.insert(value);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Rows without the person. Where `raw`, a row that names them is removed as a whole: a row that
    /// could not be read has no columns.
    pub(super) fn without(
        &self,
        batch: &RecordBatch,
        raw: bool,
    ) -> Result<(RecordBatch, FoundRows), RunError> {
        let mut found = FoundRows::default();
        let owners = self.owners(batch)?;
        let named = |row: usize| {
            let texts = batch
                .columns()
                .iter()
                .filter_map(|c| c.as_string_opt::<i32>());
            let mut texts = texts
                .filter(|texts| texts.is_valid(row))
                .map(|texts| texts.value(row));
            raw && texts.any(|text| self.scrub.is_in(text))
        };
        let theirs = |row: usize| owners.as_ref().is_some_and(|owners| is(owners, row, true));
        let rows = 0..batch.num_rows();
        let stays: BooleanArray = rows.map(|row| Some(!theirs(row) && !named(row))).collect();
        found.rows = (stays.len() - stays.true_count()) as u64;
        let rest = filter_record_batch(batch, &stays)?;
        let mut changed = 0;
        let columns = rest.columns().iter();
        let columns: Result<Vec<ArrayRef>, ArrowError> = columns
            .map(|column| self.scrubbed(column, &mut changed))
            .collect();
        found.texts = changed;
        let clean = RecordBatch::try_new(rest.schema(), columns?)?;
        Ok((clean, found))
    }

    /// How many texts of each column look as if they led to the person.
    pub(super) fn doubts(
        look: &SecondLook,
        batch: &RecordBatch,
        doubts: &mut BTreeMap<String, u64>,
    ) -> Result<(), RunError> {
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            let Some(texts) = column.as_string_opt::<i32>() else {
                continue;
            };
            let found = texts.iter().flatten().filter(|text| look.is_in(text));
            let found = found.count() as u64;
            if found > 0 {
                *doubts.entry(field.name().clone()).or_default() += found;
            }
        }
        Ok(())
    }

    /// A column without what leads to them, however deep.
    fn scrubbed(&self, column: &ArrayRef, changed: &mut u64) -> Result<ArrayRef, ArrowError> {
        let nulls = column.nulls().cloned();
        Ok(match column.data_type() {
            DataType::Utf8 => {
                let texts = column.as_string::<i32>();
                if !texts.iter().flatten().any(|text| self.scrub.is_in(text)) {
                    return Ok(Arc::clone(column));
                }
                let clean = texts.iter().map(|text| {
                    let text = text?;
                    let clean = self.scrub.without(text);
                    *changed += u64::from(clean.is_some());
                    Some(clean.unwrap_or_else(|| text.to_owned()))
                });
                Arc::new(clean.collect::<StringArray>())
            }
            DataType::List(field) => {
                let list = column.as_list::<i32>();
                let values = self.scrubbed(list.values(), changed)?;
                let offsets = list.offsets().clone();
                Arc::new(ListArray::try_new(
                    Arc::clone(field),
                    offsets,
                    values,
                    nulls,
                )?)
            }
            DataType::Struct(fields) => {
                let columns = column.as_struct().columns().iter();
                let columns: Result<Vec<ArrayRef>, ArrowError> = columns
                    .map(|column| self.scrubbed(column, changed))
                    .collect();
                Arc::new(StructArray::try_new(fields.clone(), columns?, nulls)?)
            }
            DataType::Map(field, sorted) => {
                let map = column.as_map();
                let entries: ArrayRef = Arc::new(map.entries().clone());
                let entries = self.scrubbed(&entries, changed)?.as_struct().clone();
                let offsets = map.offsets().clone();
                Arc::new(MapArray::try_new(
                    Arc::clone(field),
                    offsets,
                    entries,
                    nulls,
                    *sorted,
                )?)
            }
            _ => Arc::clone(column),
        })
    }
}

fn is(owners: &BooleanArray, row: usize, whose: bool) -> bool {
    owners.is_valid(row) && owners.value(row) == whose
}
