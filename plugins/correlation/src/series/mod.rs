//! Series of counts over periods, read row by row: what several methods ask about.

pub(crate) mod clock;

use crate::input::{InputError, Place, Texts};
use clock::{Clock, Every, When};
use std::rc::Rc;

/// Periods of all series of one call together, the filled ones included.
pub(crate) const CELLS_MAX: usize = 1 << 19;

/// Periods of one series.
pub(crate) const PERIODS_MAX: usize = 20_000;

/// A count that is not known; no count is negative.
const UNKNOWN: f64 = -1.0;

/// What a period without a row means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Not counted: methods abstain where they would need it.
    Unknown,
    /// Nothing happened: every series is filled with 0 between the first and the last period of
    /// the whole call.
    Zero,
}

impl Missing {
    /// Reads the option `missing`.
    ///
    /// # Errors
    /// [`InputError::BadOption`] for another word.
    pub(crate) fn parse(text: &str) -> Result<Self, InputError> {
        match text {
            "unknown" => Ok(Self::Unknown),
            "zero" => Ok(Self::Zero),
            _ => Err(InputError::BadOption {
                option: "missing",
                given: format!("'{text}'"),
                reason: "it must be 'unknown' (not counted) or 'zero' (nothing happened)"
                    .to_owned(),
            }),
        }
    }
}

/// One series without gaps in its periods; counts may be unknown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    pub name: Rc<str>,
    /// The running number of the first period.
    pub first: i64,
    counts: Vec<f64>,
    populations: Vec<f64>,
}

impl Series {
    /// How many periods it spans.
    pub(crate) fn len(&self) -> usize {
        self.counts.len()
    }

    /// The count of a period; none when it is unknown or out of the series.
    pub(crate) fn count(&self, at: usize) -> Option<f64> {
        self.counts.get(at).copied().filter(|count| *count >= 0.0)
    }

    /// The counts of these periods; none when one of them is unknown or out of the series.
    pub(crate) fn window(&self, from: usize, to: usize) -> Option<&[f64]> {
        let all = self.counts.get(from..to)?;
        all.iter().all(|count| *count >= 0.0).then_some(all)
    }

    /// The population of a period: 1 when there is none.
    pub(crate) fn population(&self, at: usize) -> f64 {
        self.populations.get(at).copied().unwrap_or(1.0)
    }
}

/// All series of a call, by name.
#[derive(Debug)]
pub(crate) struct AllSeries {
    /// In the order of their names.
    pub series: Vec<Series>,
    /// Turns running numbers back into periods.
    pub clock: Clock,
}

struct Cell {
    row: u64,
    series: u32,
    period: i64,
    count: f64,
    population: f64,
}

/// Takes rows of series, period, count and perhaps population.
pub(crate) struct SeriesReader {
    clock: Clock,
    missing: Missing,
    with_population: bool,
    names: Texts,
    cells: Vec<Cell>,
    rows: u64,
}

impl SeriesReader {
    /// A reader that has seen nothing.
    pub(crate) fn new(every: Every, missing: Missing, with_population: bool) -> Self {
        Self {
            clock: Clock::new(every),
            missing,
            with_population,
            names: Texts::default(),
            cells: Vec::new(),
            rows: 0,
        }
    }

    /// Adds a row. A null count is a period that was not counted.
    ///
    /// # Errors
    /// [`InputError`] with the row when a value cannot be used.
    pub(crate) fn push(
        &mut self,
        series: Option<&str>,
        period: Option<When>,
        count: Option<f64>,
        population: Option<f64>,
    ) -> Result<(), InputError> {
        self.rows += 1;
        let row = self.rows;
        let null = |column: &str| InputError::NullUnit {
            row,
            column: column.to_owned(),
        };
        let name = series.ok_or_else(|| null("series"))?;
        let when = period.ok_or_else(|| null("period"))?;
        let about = [("series", Some(name))];
        let place = Place { row, about: &about };
        let period = self.clock.number(row, when)?;
        let count = match count {
            None => UNKNOWN,
            count => place.count("count", count)? as f64,
        };
        let population = if self.with_population {
            place.above_zero("population", population)?
        } else {
            1.0
        };
        let series = self.names.number(name)?;
        if self.cells.len() >= CELLS_MAX {
            return Err(too_many_cells());
        }
        self.cells.push(Cell {
            row,
            series,
            period,
            count,
            population,
        });
        Ok(())
    }

    /// The series, sorted and without gaps.
    ///
    /// # Errors
    /// [`InputError::Twice`] when a period of a series has two rows, [`InputError::TooMuch`] when
    /// they span more periods than one call may hold.
    pub(crate) fn finish(self) -> Result<AllSeries, InputError> {
        let Self {
            clock,
            missing,
            with_population,
            names,
            mut cells,
            ..
        } = self;
        let (names, renumbered) = names.sorted();
        for cell in &mut cells {
            cell.series = renumbered.get(cell.series as usize).copied().unwrap_or(0);
        }
        cells.sort_unstable_by_key(|cell| (cell.series, cell.period, cell.row));
        let twice = cells.windows(2).find_map(|pair| match pair {
            [one, two] => ((one.series, one.period) == (two.series, two.period)).then_some(two),
            _ => None,
        });
        if let Some(cell) = twice {
            let name = names.get(cell.series as usize).map_or("", |name| name);
            return Err(InputError::Twice {
                row: cell.row,
                what: "period of a series",
                name: format!("{} of {name}", clock.text(cell.period)),
            });
        }
        let spread = |cells: &[Cell]| {
            let periods = cells.iter().map(|cell| cell.period);
            Some((periods.clone().min()?, periods.max()?))
        };
        let whole = spread(&cells);
        let mut all = Vec::with_capacity(names.len());
        let mut held = 0_usize;
        for own in cells.chunk_by(|left, right| left.series == right.series) {
            let span = match missing {
                Missing::Unknown => spread(own),
                Missing::Zero => whole,
            };
            let (Some((first, last)), Some(name)) = (
                span,
                own.first().and_then(|cell| names.get(cell.series as usize)),
            ) else {
                continue;
            };
            let length = span_of(first, last)?;
            held += length;
            if held > CELLS_MAX {
                return Err(too_many_cells());
            }
            let filled = match missing {
                Missing::Unknown => UNKNOWN,
                Missing::Zero => 0.0,
            };
            let mut one = Series {
                name: Rc::clone(name),
                first,
                counts: vec![filled; length],
                populations: vec![1.0; if with_population { length } else { 0 }],
            };
            fill(&mut one, own, missing);
            all.push(one);
        }
        Ok(AllSeries { series: all, clock })
    }
}

/// Puts the cells into their places. A population that no row gives is the last one known before.
fn fill(series: &mut Series, cells: &[Cell], missing: Missing) {
    let at = |cell: &Cell| usize::try_from(cell.period - series.first).unwrap_or(usize::MAX);
    let places: Vec<usize> = cells.iter().map(at).collect();
    for (cell, place) in cells.iter().zip(&places) {
        let known = match missing {
            Missing::Zero if cell.count < 0.0 => 0.0,
            _ => cell.count,
        };
        if let Some(slot) = series.counts.get_mut(*place) {
            *slot = known;
        }
    }
    let mut rows = cells.iter().zip(&places).peekable();
    let mut last = cells.first().map_or(1.0, |cell| cell.population);
    for (place, slot) in series.populations.iter_mut().enumerate() {
        if let Some((cell, _)) = rows.next_if(|(_, at)| **at == place) {
            last = cell.population;
        }
        *slot = last;
    }
}

fn span_of(first: i64, last: i64) -> Result<usize, InputError> {
    let length = last.checked_sub(first).and_then(|gap| gap.checked_add(1));
    length
        .and_then(|length| usize::try_from(length).ok())
        .filter(|length| *length <= PERIODS_MAX)
        .ok_or(InputError::TooMuch {
            what: "periods in one series",
            limit: PERIODS_MAX,
            hint: "Look for a date that is wrong, or leave out what is long past",
        })
}

fn too_many_cells() -> InputError {
    InputError::TooMuch {
        what: "periods in all series together",
        limit: CELLS_MAX,
        hint: "Leave out what is long past, or ask for fewer series",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(missing: Missing) -> AllSeries {
        let mut reader = SeriesReader::new(Every::Week, missing, false);
        for (name, period, count) in [
            ("b", 5, Some(2.0)),
            ("b", 3, Some(1.0)),
            ("a", 4, None),
            ("a", 2, Some(7.0)),
        ] {
            reader
                .push(Some(name), Some(When::Number(period)), count, None)
                .unwrap();
        }
        reader.finish().unwrap()
    }

    #[test]
    fn gaps_are_unknown_or_zero_by_option() {
        let all = read(Missing::Unknown);
        let [a, b] = all.series.as_slice() else {
            panic!("{all:?}")
        };
        assert_eq!((&*a.name, a.first, a.len()), ("a", 2, 3));
        assert_eq!(
            [a.count(0), a.count(1), a.count(2)],
            [Some(7.0), None, None]
        );
        assert_eq!((b.first, b.window(0, 3)), (3, None));
        let all = read(Missing::Zero);
        assert_eq!(
            all.series[0].window(0, 4),
            Some([7.0, 0.0, 0.0, 0.0].as_slice())
        );
        assert_eq!(
            all.series[1].window(0, 4),
            Some([0.0, 1.0, 0.0, 2.0].as_slice())
        );
    }

    #[test]
    fn rows_that_cannot_be_used_are_refused() {
        let mut reader = SeriesReader::new(Every::Week, Missing::Unknown, true);
        let mut push = |period, count, population| {
            reader
                .push(
                    Some("a"),
                    Some(When::Number(period)),
                    Some(count),
                    Some(population),
                )
                .map_err(|error| error.code())
        };
        assert_eq!(push(1, 1.0, 9.0), Ok(()));
        assert_eq!(push(2, -2.0, 9.0), Err("bad-number"));
        assert_eq!(push(2, 0.5, 9.0), Err("not-whole"));
        assert_eq!(push(2, 1.0, 0.0), Err("not-above-zero"));
        assert_eq!(push(900_000, 1.0, 1.0), Ok(()));
        assert_eq!(reader.finish().unwrap_err().code(), "over-limit");
        let mut reader = SeriesReader::new(Every::Week, Missing::Unknown, false);
        for period in [4, 3, 4] {
            let when = Some(When::Number(period));
            reader.push(Some("a"), when, Some(1.0), None).unwrap();
        }
        let error = reader.finish().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("row 3: period of a series `4 of a`"),
            "{error}"
        );
    }
}
