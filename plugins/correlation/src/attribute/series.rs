//! The series of a call: units in the order in which something was received or made, step by step.

use super::factors::FactorReader;
use super::unit_rows::UnitRows;
use crate::input::{InputError, Texts};
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

/// The units of each step of a series.
type UnitsByStep = BTreeMap<Rc<str>, Vec<u32>>;

/// Takes rows of unit, factor, series and step.
#[derive(Default)]
pub(crate) struct SeriesReader {
    about: UnitRows,
    names: Texts,
    steps: Texts,
    rows: Vec<[u32; 4]>,
    known: HashSet<(u32, u32)>,
}

/// Units in order, such as the finished lots made of one supplier's material by its day of receipt.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// The factor that its windows are values of.
    pub factor: usize,
    pub name: Rc<str>,
    /// In ascending order of their names.
    pub steps: Vec<Step>,
}

/// One place in a series: a day, a week, a batch.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub name: Rc<str>,
    /// Numbers of the units.
    pub units: Vec<u32>,
}

impl SeriesReader {
    /// Adds a row; a null series or step means that the unit has no place there.
    ///
    /// # Errors
    /// Names the row when unit or factor is null or when a unit has two places of one factor; and
    /// fails when there is too much.
    pub(crate) fn push(
        &mut self,
        unit: (&str, Option<&str>),
        factor: Option<&str>,
        series: Option<&str>,
        step: Option<&str>,
    ) -> Result<(), InputError> {
        let row = self.about.next(unit, factor)?;
        let (Some(series), Some(step)) = (series, step) else {
            return Ok(());
        };
        if !self.known.insert((row.unit, row.factor)) {
            return Err(row.twice("place of a unit in a series"));
        }
        let (series, step) = (self.names.number(series)?, self.steps.number(step)?);
        self.rows.push([row.unit, row.factor, series, step]);
        Ok(())
    }

    /// Makes the factors of the series known among those of units, which have no values before
    /// windows are found.
    ///
    /// # Errors
    /// Fails when there are too many factors, or when a factor of units has the same name.
    pub(crate) fn name_factors(&self, units: &mut FactorReader) -> Result<(), InputError> {
        for factor in self.about.factors.texts() {
            units.announce(factor)?;
        }
        Ok(())
    }

    /// The series by factor and name. `number` gives a unit's number among the cells, `factor` the
    /// place of a factor; units without cells are left out.
    pub(crate) fn finish(
        self,
        number: impl Fn(&str) -> Option<u32>,
        factor: impl Fn(&str) -> Option<usize>,
    ) -> Vec<Series> {
        let UnitRows { units, factors, .. } = self.about;
        let (units, factors) = (units.into_texts(), factors.into_texts());
        let (names, steps) = (self.names.into_texts(), self.steps.into_texts());
        let numbers: Vec<Option<u32>> = units.iter().map(|unit| number(unit)).collect();
        let places: Vec<Option<usize>> = factors.iter().map(|name| factor(name)).collect();
        let mut found: BTreeMap<(usize, Rc<str>), UnitsByStep> = BTreeMap::new();
        for [unit, factor, series, step] in self.rows {
            let text = |of: &[Rc<str>], at: u32| of.get(at as usize).cloned();
            let unit = numbers.get(unit as usize).copied().flatten();
            let factor = places.get(factor as usize).copied().flatten();
            let (Some(unit), Some(factor), Some(series), Some(step)) =
                (unit, factor, text(&names, series), text(&steps, step))
            else {
                continue;
            };
            let series = found.entry((factor, series)).or_default();
            series.entry(step).or_default().push(unit);
        }
        let series = found.into_iter().map(|((factor, name), steps)| Series {
            factor,
            name,
            steps: steps
                .into_iter()
                .map(|(name, mut units)| {
                    units.sort_unstable();
                    Step { name, units }
                })
                .collect(),
        });
        series.collect()
    }
}
