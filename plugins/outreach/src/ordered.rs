//! A relation in the order of people, read row by row beside others in the same order.

use std::collections::VecDeque;

use crate::cell::{Row, Sheet};
use crate::fault::Fault;

/// The rows of one relation that have come and were not read yet.
#[derive(Debug)]
pub struct Ordered {
    name: &'static str,
    sheets: VecDeque<Sheet>,
    /// The next row of the first sheet.
    at: usize,
    /// The person of the row that came last.
    last: String,
    closed: bool,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Peek {
    /// A row of this person.
    Row(String),
    /// Nothing yet.
    Need,
    /// Nothing more.
    End,
}

impl Ordered {
    /// A relation without rows so far.
    pub fn new(name: &'static str) -> Ordered {
        Ordered {
            name,
            sheets: VecDeque::new(),
            at: 0,
            last: String::new(),
            closed: false,
        }
    }

    /// Takes rows in, which must be in the order of `customer_id` as text.
    pub fn push(&mut self, sheet: Sheet) -> Result<(), Fault> {
        for id in sheet.rows().filter_map(|row| row.text("customer_id")) {
            if id < self.last {
                let what = format!(
                    "the relation {} is not in the order of its people: {id:?} comes after {:?}",
                    self.name, self.last
                );
                let hint = "end it with ORDER BY trim(CAST(customer_id AS VARCHAR))";
                return Err(Fault::new("not-in-order", what, hint));
            }
            self.last = id;
        }
        self.sheets.push_back(sheet);
        Ok(())
    }

    /// Says that all rows have come.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// What comes next. Rows without a person are passed over.
    pub fn peek(&mut self) -> Peek {
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

    /// Reads the row that comes next.
    pub fn take(&mut self, read: impl FnOnce(&Row<'_>)) {
        if let Some(row) = self.sheets.front().and_then(|sheet| sheet.row(self.at)) {
            read(&row);
            self.at += 1;
        }
    }
}
