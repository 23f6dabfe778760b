//! The factors of a call: the unit, what is known of every unit, the other columns of the cells, and
//! which factor is made from which.

use super::unit_rows::UnitRows;
use crate::input::{InputError, Place, Texts};
use std::rc::Rc;

/// Kinds of suspects one call may name.
pub(crate) const FACTORS_MAX: usize = 32;

/// The names of the factors in order, and which is made from which.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Factors {
    /// The unit first, then the factors of units, then the other columns of the cells: among values
    /// with the very same units the earlier factor is named, unless the nesting decides.
    names: Vec<String>,
    /// `made_from[child][parent]`: a child value is made from one parent value, directly or through
    /// others. Names that only the nesting knows follow those of the call. Empty when nothing
    /// is known of nesting.
    made_from: Vec<Vec<bool>>,
}

/// What is known of units: rows of unit, factor and value.
#[derive(Default)]
pub(crate) struct FactorReader {
    about: UnitRows,
    /// By kind.
    values: Vec<Texts>,
    /// The value's number, by kind and unit.
    of_unit: Vec<Vec<Option<u32>>>,
}

/// What is known of factors: rows of factor, what it is made into, and its position.
#[derive(Default)]
pub(crate) struct NestingReader {
    rows: Vec<NestingRow>,
}

struct NestingRow {
    factor: String,
    made_into: Option<String>,
    position: Option<f64>,
}

/// The factors of units in their order.
pub(crate) struct UnitFactors {
    pub units: Texts,
    pub names: Vec<String>,
    /// By factor.
    pub values: Vec<Texts>,
    /// The value's number, by factor and unit.
    pub of_unit: Vec<Vec<Option<u32>>>,
}

impl FactorReader {
    /// Adds a row; a null value means that the factor does not apply to the unit.
    ///
    /// # Errors
    /// Names the row when unit or factor is null or when a unit has two values of a factor; and fails
    /// when there is too much.
    pub(crate) fn push(
        &mut self,
        unit: (&str, Option<&str>),
        factor: Option<&str>,
        value: Option<&str>,
    ) -> Result<(), InputError> {
        let row = self.about.next(unit, factor)?;
        let Some(value) = value else { return Ok(()) };
        let (unit, kind) = (row.unit as usize, row.factor as usize);
        if kind >= FACTORS_MAX {
            return Err(too_many());
        }
        if self.values.len() <= kind {
            self.values.resize_with(kind + 1, Texts::default);
            self.of_unit.resize_with(kind + 1, Vec::new);
        }
        let (Some(values), Some(of_unit)) = (self.values.get_mut(kind), self.of_unit.get_mut(kind))
        else {
            return Err(too_many());
        };
        if of_unit.len() <= unit {
            of_unit.resize(unit + 1, None);
        }
        let number = values.number(value)?;
        match of_unit.get_mut(unit) {
            Some(known @ None) => *known = Some(number),
            _ => return Err(row.twice("factor of a unit")),
        }
        Ok(())
    }

    /// Makes a factor known whose values are found later: windows of a series.
    ///
    /// # Errors
    /// [`InputError::BadFactors`] when units have values of it, [`InputError::TooMuch`] when there are
    /// too many.
    pub(crate) fn announce(&mut self, factor: &str) -> Result<(), InputError> {
        if self.about.factors.find(factor).is_some() {
            return Err(bad(format!(
                "{factor} is there twice: as a factor of units and as one of a series"
            )));
        }
        if self.about.factors.number(factor)? as usize >= FACTORS_MAX {
            return Err(too_many());
        }
        Ok(())
    }

    /// The factors by the position that the nesting gives them, then by name.
    pub(crate) fn finish(self, nesting: Option<&NestingReader>) -> UnitFactors {
        let position = |name: &str| nesting.and_then(|nesting| nesting.position(name));
        let mut kinds: Vec<(Rc<str>, Texts, Vec<Option<u32>>)> = Vec::new();
        let mut values = self.values.into_iter();
        let mut of_unit = self.of_unit.into_iter();
        let UnitRows { units, factors, .. } = self.about;
        for name in factors.into_texts() {
            kinds.push((
                name,
                values.next().unwrap_or_default(),
                of_unit.next().unwrap_or_default(),
            ));
        }
        kinds.sort_by(|(left, ..), (right, ..)| {
            let place = |name| position(name).unwrap_or(f64::INFINITY);
            place(left)
                .total_cmp(&place(right))
                .then_with(|| left.cmp(right))
        });
        let mut found = UnitFactors {
            units,
            names: Vec::new(),
            values: Vec::new(),
            of_unit: Vec::new(),
        };
        for (name, values, of_unit) in kinds {
            found.names.push(name.to_string());
            found.values.push(values);
            found.of_unit.push(of_unit);
        }
        found
    }
}

impl NestingReader {
    /// Adds a row: the factor, what it is made into, and its position among the factors of units.
    ///
    /// # Errors
    /// Names the row when the factor is null or its position is no number; and fails when there are
    /// too many.
    pub(crate) fn push(
        &mut self,
        factor: Option<&str>,
        made_into: Option<&str>,
        position: Option<f64>,
    ) -> Result<(), InputError> {
        let row = self.rows.len() as u64 + 1;
        let name = factor.ok_or_else(|| InputError::NullUnit {
            row,
            column: "factor".to_owned(),
        })?;
        let about = &[("factor", factor)];
        let place = Place { row, about };
        if self.rows.len() >= FACTORS_MAX * FACTORS_MAX {
            return Err(too_many());
        }
        self.rows.push(NestingRow {
            factor: name.to_owned(),
            made_into: made_into.map(str::to_owned),
            position: position
                .map(|at| place.amount("position", Some(at)))
                .transpose()?,
        });
        Ok(())
    }

    fn position(&self, factor: &str) -> Option<f64> {
        let rows = self.rows.iter().filter(|row| row.factor == factor);
        rows.filter_map(|row| row.position).min_by(f64::total_cmp)
    }
}

impl Factors {
    /// The factors of a call.
    ///
    /// # Errors
    /// [`InputError::BadFactors`] when a name is there twice, when there are too many, when something
    /// is made into what is no factor, or when a factor would be made from itself.
    pub(crate) fn new(
        names: Vec<String>,
        nesting: Option<&NestingReader>,
    ) -> Result<Self, InputError> {
        if names.len() > FACTORS_MAX {
            return Err(too_many());
        }
        for (at, name) in names.iter().enumerate() {
            if names.iter().take(at).any(|earlier| earlier == name) {
                return Err(bad(format!(
                    "{name} is there twice: as a factor of units and as a column of the cells"
                )));
            }
        }
        let made_from = match nesting {
            Some(nesting) => made_from(&names, nesting)?,
            None => Vec::new(),
        };
        Ok(Self { names, made_from })
    }

    /// How many factors there are.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The place of a factor by its name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The name of a factor by its place.
    pub(crate) fn name(&self, factor: usize) -> Option<&str> {
        self.names.get(factor).map(String::as_str)
    }

    /// All names in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// A value of `child` whose units all lie inside a value of `parent` may be named beside it
    /// as its part. Without nesting this holds for any two factors.
    pub(crate) fn may_be_part(&self, child: usize, parent: usize) -> bool {
        child != parent && (self.made_from.is_empty() || self.is_made_from(child, parent))
    }

    /// Orders factors whose values have the very same units: nearer to the origin first, then in
    /// their order.
    pub(crate) fn nearness(&self, factor: usize) -> (usize, usize) {
        let parents = (0..self.made_from.len()).filter(|parent| self.is_made_from(factor, *parent));
        (parents.count(), factor)
    }

    pub(crate) fn is_made_from(&self, child: usize, parent: usize) -> bool {
        let row = self.made_from.get(child);
        row.and_then(|row| row.get(parent)).copied() == Some(true)
    }
}

/// What is made from what, over the names of the call and, behind them, those that only the nesting
/// knows: a kind of part that no unit has.
fn made_from(names: &[String], nesting: &NestingReader) -> Result<Vec<Vec<bool>>, InputError> {
    let mut all: Vec<&str> = names.iter().map(String::as_str).collect();
    for row in &nesting.rows {
        if !all.contains(&row.factor.as_str()) {
            all.push(&row.factor);
        }
    }
    let mut made_from = vec![vec![false; all.len()]; all.len()];
    for row in &nesting.rows {
        let Some(made_into) = &row.made_into else {
            continue;
        };
        let place = |name: &str| all.iter().position(|known| *known == name);
        let (Some(child), Some(parent)) = (place(made_into), place(&row.factor)) else {
            let known = all.join(", ");
            return Err(bad(format!(
                "nested has {} made into '{made_into}', which is none of the factors {known}",
                row.factor
            )));
        };
        if let Some(slot) = made_from.get_mut(child).and_then(|row| row.get_mut(parent)) {
            *slot = true;
        }
    }
    close_over(&mut made_from);
    let own = |at: &usize| made_from.get(*at).and_then(|row| row.get(*at)) == Some(&true);
    match (0..all.len()).find(own).and_then(|at| all.get(at)) {
        Some(name) => Err(bad(format!("nested has {name} made from itself"))),
        None => Ok(made_from),
    }
}

/// Made from what it is made from is made from too.
fn close_over(made_from: &mut [Vec<bool>]) {
    for middle in 0..made_from.len() {
        let through = made_from.get(middle).cloned().unwrap_or_default();
        for row in made_from.iter_mut() {
            if row.get(middle).copied().unwrap_or(false) {
                for (slot, reached) in row.iter_mut().zip(&through) {
                    *slot |= *reached;
                }
            }
        }
    }
}

fn bad(reason: String) -> InputError {
    InputError::BadFactors { reason }
}

fn too_many() -> InputError {
    InputError::TooMuch {
        what: "factors",
        limit: FACTORS_MAX,
        hint: "Leave out what cannot be a cause",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nesting(rows: &[(&str, Option<&str>)]) -> NestingReader {
        let mut reader = NestingReader::default();
        for (factor, made_into) in rows {
            reader.push(Some(factor), *made_into, None).unwrap();
        }
        reader
    }

    fn factors(names: &[&str], rows: &[(&str, Option<&str>)]) -> Result<Factors, InputError> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Factors::new(names, Some(&nesting(rows)))
    }

    #[test]
    fn nesting_reaches_through_and_orders_by_origin() {
        let names = ["lot", "period", "supplier", "region"];
        let rows = [("period", Some("lot")), ("supplier", Some("period"))];
        let found = factors(&names, &rows).unwrap();
        assert!(found.may_be_part(0, 2) && !found.may_be_part(2, 0) && !found.may_be_part(3, 1));
        assert!(found.nearness(2) < found.nearness(1) && found.nearness(1) < found.nearness(0));
        let plain = Factors::new(vec!["lot".to_owned(), "period".to_owned()], None).unwrap();
        assert!(plain.may_be_part(1, 0));
        // No lot has a period: the lot is made from the supplier all the same.
        let found = factors(&["lot", "supplier"], &rows).unwrap();
        assert!(found.may_be_part(0, 1) && !found.may_be_part(1, 0));
    }

    #[test]
    fn factors_that_make_no_sense_are_refused() {
        let lot = Some("lot");
        for (names, rows, says) in [
            (&["lot", "lot"][..], &[][..], "lot is there twice"),
            (
                &["lot", "period"],
                &[("period", Some("lott"))],
                "'lott', which is none of the factors lot, period",
            ),
            (
                &["lot", "period"],
                &[("period", lot), ("lot", Some("period"))],
                "made from itself",
            ),
        ] {
            let error = factors(names, rows).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn factors_of_units_stand_by_position_then_by_name() {
        let mut reader = FactorReader::default();
        for factor in ["plant", "upper", "heel", "sole"] {
            reader
                .push(("lot", Some("L1")), Some(factor), Some("x"))
                .unwrap();
        }
        let mut order = NestingReader::default();
        order.push(Some("upper"), Some("lot"), Some(2.0)).unwrap();
        order.push(Some("sole"), None, Some(1.0)).unwrap();
        let found = reader.finish(Some(&order));
        assert_eq!(found.names, ["sole", "upper", "heel", "plant"]);
    }

    #[test]
    fn a_unit_has_one_value_of_a_factor() {
        let mut reader = FactorReader::default();
        let mut push = |unit, factor| reader.push(("lot", unit), factor, Some("x"));
        push(Some("L1"), Some("plant")).unwrap();
        let twice = push(Some("L1"), Some("plant")).unwrap_err().to_string();
        assert!(twice.contains("`plant of L1` is there twice"), "{twice}");
        let null = push(None, Some("plant")).unwrap_err().to_string();
        assert!(null.contains("lot is null"), "{null}");
    }
}
