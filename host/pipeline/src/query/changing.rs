//! Functions whose value changes while nothing else does. A model that calls one would be made once
//! and be unchanged from then on, since its fingerprint stays the same.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, visit_expressions};

use super::error::QueryError;
use super::parse::{Parsed, spelled};

const CLOCK: [&str; 10] = [
    "now",
    "today",
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "transaction_timestamp",
    "statement_timestamp",
    "clock_timestamp",
];

const CHANCE: [&str; 6] = [
    "random",
    "rand",
    "uuid",
    "uuidv7",
    "gen_random_uuid",
    "newid",
];

/// Whether the value of a function changes while nothing else does.
pub(super) fn is_changing(function: &str) -> bool {
    CLOCK.contains(&function) || CHANCE.contains(&function)
}

impl Parsed {
    /// Refuses the clock and chance in what is made once and kept: models, views and checks.
    ///
    /// # Errors
    /// Names the first such function with its place, and what to write instead.
    pub(super) fn refuse_changing(&self) -> Result<(), QueryError> {
        let found = visit_expressions(self.sql(), |expression| match expression {
            Expr::Function(function) => {
                let (name, span) = spelled(&function.name);
                match is_changing(&name) {
                    true => ControlFlow::Break((name, span)),
                    false => ControlFlow::Continue(()),
                }
            }
            _ => ControlFlow::Continue(()),
        });
        let ControlFlow::Break((name, span)) = found else {
            return Ok(());
        };
        let hint = match CLOCK.contains(&name.as_str()) {
            true => {
                "write $as_of, the date under [pipeline], which every run over the same files shares"
            }
            false => "derive the value from a key, so that every run gives the same",
        };
        Err(QueryError::Sql {
            message: format!(
                "`{name}` changes while nothing else does, and a table is made once from the same files"
            ),
            place: Some(self.place(span)),
            hint: Some(hint.to_owned()),
        })
    }
}
