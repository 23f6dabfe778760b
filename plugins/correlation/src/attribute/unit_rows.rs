//! Rows about a factor of a unit, whatever they say of it: both are named, and numbered as they come.

use crate::input::{InputError, Texts};

/// Units and factors of the rows so far.
#[derive(Default)]
pub(crate) struct UnitRows {
    pub(super) units: Texts,
    pub(super) factors: Texts,
    seen: u64,
}

/// One row, with the numbers of its unit and factor.
pub(crate) struct UnitRow<'a> {
    pub(super) unit: u32,
    pub(super) factor: u32,
    row: u64,
    names: (&'a str, &'a str),
}

impl UnitRows {
    /// Numbers the next row.
    ///
    /// # Errors
    /// Names the row when unit or factor is null; and fails when there are too many.
    pub(super) fn next<'a>(
        &mut self,
        (column, unit): (&str, Option<&'a str>),
        factor: Option<&'a str>,
    ) -> Result<UnitRow<'a>, InputError> {
        self.seen += 1;
        let row = self.seen;
        let null = |column: &str| InputError::NullUnit {
            row,
            column: column.to_owned(),
        };
        let unit = unit.ok_or_else(|| null(column))?;
        let factor = factor.ok_or_else(|| null("factor"))?;
        Ok(UnitRow {
            unit: self.units.number(unit)?,
            factor: self.factors.number(factor)?,
            row,
            names: (unit, factor),
        })
    }
}

impl UnitRow<'_> {
    /// The error of a row that says a second time what a unit has once.
    pub(super) fn twice(&self, what: &'static str) -> InputError {
        let (unit, factor) = self.names;
        InputError::Twice {
            row: self.row,
            what,
            name: format!("{factor} of {unit}"),
        }
    }
}
