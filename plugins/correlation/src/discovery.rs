//! `false_discovery`: the share of false alarms among all that is at least as clear as a p-value, when many
//! hypotheses are tested at once (Benjamini and Hochberg 1995).

use crate::input::{InputError, Place, Texts};
use tsugi_statistics::multiple::benjamini_hochberg;

/// Rows of one call.
pub(crate) const ROWS_MAX: usize = 1 << 23;

/// Collects p-values row by row.
#[derive(Default)]
pub(crate) struct DiscoveryReader {
    groups: Texts,
    /// By row: its group, and its p-value, NaN where it was not tested.
    rows: Vec<(u32, f64)>,
    /// How many hypotheses were tested, by group, as far as the rows say.
    tested: Vec<u64>,
}

impl DiscoveryReader {
    /// Adds a row of a group: its p-value, null when it was not tested, and how many hypotheses
    /// were tested in its group, when that is more than there are rows.
    ///
    /// # Errors
    /// Names the row when the p-value lies outside 0 to 1 or `tested` is no count; and fails when there
    /// is too much.
    pub(crate) fn push(
        &mut self,
        group: &str,
        (column, p): (&str, Option<f64>),
        tested: Option<(&str, Option<f64>)>,
    ) -> Result<(), InputError> {
        let row = self.rows.len() as u64 + 1;
        if self.rows.len() >= ROWS_MAX {
            return Err(InputError::TooMuch {
                what: "rows",
                limit: ROWS_MAX,
                hint: "Count hypotheses without any event with `tested` instead of a row each",
            });
        }
        if let Some(value) = p.filter(|p| !(0.0..=1.0).contains(p)) {
            let column = column.to_owned();
            return Err(InputError::BadProbability { row, column, value });
        }
        let group = self.groups.number(group)?;
        if let Some((column, tested)) = tested {
            let tested = Place { row, about: &[] }.count(column, tested)?;
            let place = group as usize;
            if self.tested.len() <= place {
                self.tested.resize(place + 1, 0);
            }
            if let Some(known) = self.tested.get_mut(place) {
                *known = tested.max(*known);
            }
        }
        self.rows.push((group, p.unwrap_or(f64::NAN)));
        Ok(())
    }

    /// The q-value of every row, none where it was not tested.
    pub(crate) fn finish(self) -> Vec<Option<f64>> {
        let mut q_values = vec![None; self.rows.len()];
        let mut tested: Vec<(u32, u32, f64)> = (0..)
            .zip(&self.rows)
            .filter(|(_, (_, p))| !p.is_nan())
            .map(|(row, (group, p))| (*group, row, *p))
            .collect();
        tested.sort_unstable_by_key(|(group, row, _)| (*group, *row));
        for rows in tested.chunk_by(|left, right| left.0 == right.0) {
            let p_values: Vec<f64> = rows.iter().map(|(_, _, p)| *p).collect();
            let group = rows.first().map_or(0, |(group, ..)| *group as usize);
            let hypotheses = self.tested.get(group).copied().unwrap_or(0);
            let found = benjamini_hochberg(&p_values, hypotheses);
            for ((_, row, _), q) in rows.iter().zip(found) {
                if let Some(slot) = q_values.get_mut(*row as usize) {
                    *slot = Some(q);
                }
            }
        }
        q_values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_is_corrected_by_itself() {
        let mut reader = DiscoveryReader::default();
        for (group, p) in [("a", Some(0.2)), ("b", Some(0.2)), ("a", Some(0.01))] {
            reader.push(group, ("p", p), None).unwrap();
        }
        reader.push("a", ("p", None), None).unwrap();
        reader.push("a", ("p", Some(0.03)), None).unwrap();
        let found = reader.finish();
        assert_eq!(found, [Some(0.2), Some(0.2), Some(0.03), None, Some(0.045)]);
    }

    #[test]
    fn hypotheses_without_a_row_count() {
        let mut reader = DiscoveryReader::default();
        let tested = |count| Some(("tested", Some(count)));
        reader.push("", ("p", Some(0.01)), tested(3.0)).unwrap();
        reader.push("", ("p", Some(0.03)), tested(4.0)).unwrap();
        assert_eq!(reader.finish(), [Some(0.04), Some(0.06)]);
    }

    #[test]
    fn what_is_no_probability_is_refused_with_its_row() {
        let mut reader = DiscoveryReader::default();
        reader.push("", ("p", Some(1.0)), None).unwrap();
        let error = reader.push("", ("p", Some(1.5)), None).unwrap_err();
        assert!(error.to_string().contains("row 2: p is 1.5"), "{error}");
    }
}
