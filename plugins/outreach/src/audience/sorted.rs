//! A relation sorted by customer_id, read row by row beside others of the same order.

use std::collections::VecDeque;

use crate::error::config_error;
use crate::input::cell::{Row, Sheet};
use tsugi_plugin::Error;

/// The rows of one relation that are not read yet.
#[derive(Debug)]
pub(crate) struct SortedRelation {
    name: &'static str,
    sheets: VecDeque<Sheet>,
    /// The next row in the first sheet.
    at: usize,
    /// The customer_id of the row that came last.
    last: String,
    closed: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Peek {
    /// The next row is of this person.
    Row(String),
    /// More rows must be pushed first.
    Need,
    End,
}

impl SortedRelation {
    pub(crate) fn new(name: &'static str) -> SortedRelation {
        SortedRelation {
            name,
            sheets: VecDeque::new(),
            at: 0,
            last: String::new(),
            closed: false,
        }
    }

    /// Adds rows. Fails when they are not in the order of `customer_id` as text.
    pub(crate) fn push(&mut self, sheet: Sheet) -> Result<(), Error> {
        for id in sheet.rows().filter_map(|row| row.text("customer_id")) {
            if id < self.last {
                let what = format!(
                    "the relation {} is not sorted by customer_id: {id:?} comes after {:?}",
                    self.name, self.last
                );
                let hint = "end it with ORDER BY trim(CAST(customer_id AS VARCHAR))";
                return Err(config_error("not-in-order", what, hint));
            }
            self.last = id;
        }
        self.sheets.push_back(sheet);
        Ok(())
    }

    /// Ends the relation.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    /// The person of the next row. Rows without a customer_id are skipped.
    pub(crate) fn peek(&mut self) -> Peek {
        while let Some(sheet) = self.sheets.front() {
            match sheet.row(self.at).map(|row| row.text("customer_id")) {
                Some(Some(id)) => return Peek::Row(id),
                Some(None) => self.at += 1,
                None => {
                    self.sheets.pop_front();
                    self.at = 0;
                }
            }
        }
        match self.closed {
            true => Peek::End,
            false => Peek::Need,
        }
    }

    /// Reads the next row and moves on.
    pub(crate) fn take(&mut self, read: impl FnOnce(&Row<'_>)) {
        if let Some(row) = self.sheets.front().and_then(|sheet| sheet.row(self.at)) {
            read(&row);
            self.at += 1;
        }
    }
}
