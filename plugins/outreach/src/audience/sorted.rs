//! A relation sorted by customer_id, read person by person beside others of the same order.

use std::collections::VecDeque;

use tsugi_plugin::Error;

use crate::error::config_error;
use crate::input::values::Trimmed;

/// The rows of one relation that are not read yet.
#[derive(Debug)]
pub(crate) struct SortedRelation<T> {
    port: usize,
    name: &'static str,
    /// Each with its customer_id.
    rows: VecDeque<(String, T)>,
    /// The customer_id of the row that came last.
    last: String,
    closed: bool,
}

/// The person of the next row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Peek {
    Person(String),
    /// More rows must be pushed first.
    Need,
    End,
}

impl<T> SortedRelation<T> {
    pub(crate) fn new(port: usize, name: &'static str) -> Self {
        SortedRelation {
            port,
            name,
            rows: VecDeque::new(),
            last: String::new(),
            closed: false,
        }
    }

    pub(crate) fn port(&self) -> usize {
        self.port
    }

    /// Adds a row; one without a customer_id is dropped. Fails when rows are not in the order of
    /// `customer_id` as text.
    pub(crate) fn push(&mut self, id: Option<Trimmed<'_>>, row: T) -> Result<(), Error> {
        let Some(id) = id else { return Ok(()) };
        if *id < *self.last {
            let what = format!(
                "the relation {} is not sorted by customer_id: {:?} comes after {:?}",
                self.name, &*id, self.last
            );
            let hint = "end it with ORDER BY trim(CAST(customer_id AS VARCHAR))";
            return Err(config_error("not-in-order", what, hint));
        }
        if *id != *self.last {
            self.last = id.to_string();
        }
        self.rows.push_back((self.last.clone(), row));
        Ok(())
    }

    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    pub(crate) fn peek(&self) -> Peek {
        match self.rows.front() {
            Some((id, _)) => Peek::Person(id.clone()),
            None if self.closed => Peek::End,
            None => Peek::Need,
        }
    }

    /// Hands the rows up to and with those of a person to `read`, without those of earlier people.
    /// False when more rows must be pushed first.
    pub(crate) fn read_through(&mut self, id: &str, mut read: impl FnMut(T)) -> bool {
        while let Some((owner, _)) = self.rows.front() {
            if owner.as_str() > id {
                return true;
            }
            if let Some((owner, row)) = self.rows.pop_front()
                && owner == id
            {
                read(row);
            }
        }
        self.closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation(ids: &[&str]) -> SortedRelation<usize> {
        let mut relation = SortedRelation::new(0, "persons");
        for (row, id) in ids.iter().enumerate() {
            let id = Trimmed::new((*id).into());
            relation.push(id, row).unwrap();
        }
        relation
    }

    fn read(relation: &mut SortedRelation<usize>, id: &str) -> (bool, Vec<usize>) {
        let mut rows = Vec::new();
        let complete = relation.read_through(id, |row| rows.push(row));
        (complete, rows)
    }

    #[test]
    fn rows_are_read_person_by_person() {
        let mut relation = relation(&["A", "B", "", "B", "D"]);
        assert_eq!(relation.peek(), Peek::Person("A".to_string()));
        assert_eq!(read(&mut relation, "B"), (true, vec![1, 3]));
        assert_eq!(read(&mut relation, "C"), (true, vec![]));
        assert_eq!(read(&mut relation, "D"), (false, vec![4]));
        assert_eq!(relation.peek(), Peek::Need);
        relation.close();
        assert_eq!(read(&mut relation, "D"), (true, vec![]));
        assert_eq!(relation.peek(), Peek::End);
    }

    #[test]
    fn another_order_is_an_error() {
        let mut relation = relation(&["B"]);
        let error = relation.push(Trimmed::new("A".into()), 1).unwrap_err();
        assert_eq!(error.code, "not-in-order");
    }
}
