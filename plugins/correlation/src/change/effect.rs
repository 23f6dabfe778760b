//! `change_effect`: did units that changed (a supplier, a material) differ from units that did
//! not? Difference in differences of log rates, by a Poisson regression with exposure, with
//! errors widened by what the counts really vary (Wedderburn 1974; McCullagh and Nelder 1989).

use crate::input::{InputError, Place, Texts};
use crate::stats::discrete::{student_quantile, student_two_sided};
use crate::stats::{Interval, Z_95, finite};
use crate::words::{figures, probability};
use tsugi_statistics::multiple::benjamini_hochberg;
use tsugi_statistics::tails::normal_upper;

/// A spread beyond this makes the plain test overstate enough to be reported.
const OVERSTATES: f64 = 1.5;

/// Rows one call may hold.
pub(crate) const ROWS_MAX: usize = 1 << 20;

/// The four cells: rest before, rest after, changed before, changed after.
const CELLS: [&str; 4] = [
    "the rest before",
    "the rest after",
    "the changed before",
    "the changed after",
];

/// How the error was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// Counts vary like Poisson counts.
    Poisson,
    /// They vary more, and the error is wider.
    QuasiPoisson,
    /// Every cell is one row, so how they vary cannot be known.
    SpreadUnknown,
}

impl Method {
    /// The word in the output.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Poisson => "Poisson",
            Self::QuasiPoisson => "quasi-Poisson",
            Self::SpreadUnknown => "Poisson, spread unknown",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Effect {
    /// The logarithm of the ratio of ratios.
    pub log: f64,
    /// Its standard error, the honest one.
    pub log_error: f64,
    /// Two-sided p, the honest one.
    pub p_value: f64,
    /// The ratio's 95 % interval, the honest one.
    pub interval: Interval,
    /// How the error was found.
    pub method: Method,
    /// The error if counts varied like Poisson counts.
    pub plain_log_error: f64,
    /// The p that goes with it.
    pub plain_p: f64,
    /// Pearson's dispersion; none when it cannot be known.
    pub dispersion: Option<f64>,
    /// Rows less the four cells.
    pub freedom: u64,
}

impl Effect {
    /// Whether the plain test claims clearly more than the counts allow.
    pub(crate) fn plain_overstates(&self) -> bool {
        self.dispersion
            .is_some_and(|dispersion| dispersion > OVERSTATES)
    }
}

/// One row of the answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compared {
    /// What is compared; none when the input has no such column.
    pub comparison: Option<String>,
    /// The rates of the four cells, by exposure; none without exposure.
    pub rates: [Option<f64>; 4],
    pub rows: u64,
    /// The effect; none when there is nothing to compare.
    pub effect: Option<Effect>,
    /// q over the comparisons.
    pub q_value: Option<f64>,
    /// One sentence with the numbers, or why there is nothing to compare.
    pub reason: String,
}

struct Row {
    comparison: u32,
    cell: usize,
    events: u64,
    exposure: f64,
}

/// Takes rows of comparison, treated, after, events and exposure.
#[derive(Default)]
pub(crate) struct EffectReader {
    comparisons: Texts,
    rows: Vec<Row>,
    named: bool,
}

impl EffectReader {
    /// Takes one row.
    ///
    /// # Errors
    /// [`InputError`] with the row when a value cannot be used.
    pub(crate) fn push(
        &mut self,
        comparison: Option<&str>,
        treated: Option<bool>,
        after: Option<bool>,
        events: Option<f64>,
        exposure: Option<f64>,
    ) -> Result<(), InputError> {
        let row = self.rows.len() as u64 + 1;
        let null = |column: &str| InputError::NullUnit {
            row,
            column: column.to_owned(),
        };
        if self.rows.len() >= ROWS_MAX {
            return Err(InputError::TooMuch {
                what: "rows",
                limit: ROWS_MAX,
                hint: "Add small units up with GROUP BY",
            });
        }
        let treated = treated.ok_or_else(|| null("treated"))?;
        let after = after.ok_or_else(|| null("after"))?;
        let about = [("comparison", comparison)];
        let place = Place { row, about: &about };
        self.named |= comparison.is_some();
        self.rows.push(Row {
            cell: 2 * usize::from(treated) + usize::from(after),
            events: place.count("events", events)?,
            exposure: place.above_zero("exposure", exposure)?,
            comparison: self.comparisons.number(comparison.unwrap_or_default())?,
        });
        Ok(())
    }

    pub(crate) fn finish(self) -> Vec<Compared> {
        let Self {
            comparisons,
            mut rows,
            named,
        } = self;
        let (names, renumbered) = comparisons.sorted();
        for row in &mut rows {
            row.comparison = renumbered
                .get(row.comparison as usize)
                .copied()
                .unwrap_or(0);
        }
        rows.sort_by_key(|row| row.comparison);
        let mut found: Vec<Compared> = rows
            .chunk_by(|left, right| left.comparison == right.comparison)
            .map(|own| {
                let number = own.first().map_or(0, |row| row.comparison as usize);
                let name = names.get(number).map_or("", |name| name);
                compared(named.then(|| name.to_owned()), own)
            })
            .collect();
        let chances: Vec<f64> = found
            .iter()
            .filter_map(|one| Some(one.effect?.p_value))
            .collect();
        let q_values = benjamini_hochberg(&chances, chances.len() as u64);
        let tested = found.iter_mut().filter(|one| one.effect.is_some());
        for (one, q) in tested.zip(q_values) {
            one.q_value = Some(q);
        }
        found
    }
}

fn compared(comparison: Option<String>, rows: &[Row]) -> Compared {
    let mut events = [0_u64; 4];
    let mut exposure = [0.0; 4];
    for row in rows {
        if let (Some(count), Some(base)) = (events.get_mut(row.cell), exposure.get_mut(row.cell)) {
            *count += row.events;
            *base += row.exposure;
        }
    }
    let cells = CELLS.iter().zip(events.iter().zip(&exposure));
    let lacking = cells.clone().find_map(|(name, (count, base))| {
        if *base <= 0.0 {
            Some(format!(
                "there is no row of {name}, so nothing can be compared"
            ))
        } else if *count == 0 {
            Some(format!(
                "nothing happened in {name}, so the ratio has no finite value"
            ))
        } else {
            None
        }
    });
    let rates: Vec<Option<f64>> = cells
        .map(|(_, (count, base))| finite(*count as f64 / base))
        .collect();
    let rates: [Option<f64>; 4] = rates.try_into().unwrap_or_default();
    let (effect, reason) = match (lacking, rates) {
        (
            None,
            [
                Some(rest),
                Some(rest_after),
                Some(changed),
                Some(changed_after),
            ],
        ) => {
            let means = [rest, rest_after, changed, changed_after];
            let effect = tested(rows, &events, &means);
            (Some(effect), reason(&effect, &means))
        }
        (why, _) => (
            None,
            why.unwrap_or_else(|| "nothing can be compared".to_owned()),
        ),
    };
    Compared {
        comparison,
        rates,
        rows: rows.len() as u64,
        effect,
        q_value: None,
        reason,
    }
}

/// With a level of its own for each cell the regression has a closed form: the coefficient is the
/// difference of differences of log rates, its variance the sum of the reciprocal counts.
fn tested(rows: &[Row], events: &[u64; 4], rates: &[f64; 4]) -> Effect {
    let [rest, rest_after, changed, changed_after] = rates.map(f64::ln);
    let log = (changed_after - changed) - (rest_after - rest);
    let plain_log_error = events.iter().map(|n| 1.0 / *n as f64).sum::<f64>().sqrt();
    let plain_p = 2.0 * normal_upper((log / plain_log_error).abs());
    let freedom = (rows.len() as u64).saturating_sub(4);
    let pearson: f64 = rows
        .iter()
        .filter_map(|row| {
            let mean = rates.get(row.cell)? * row.exposure;
            Some((row.events as f64 - mean).powi(2) / mean)
        })
        .sum();
    let dispersion = (freedom > 0)
        .then(|| pearson / freedom as f64)
        .and_then(finite);
    let plain = |method| Effect {
        log,
        log_error: plain_log_error,
        p_value: plain_p,
        interval: around(log, Z_95 * plain_log_error),
        method,
        plain_log_error,
        plain_p,
        dispersion,
        freedom,
    };
    let Some(spread) = dispersion else {
        return plain(Method::SpreadUnknown);
    };
    if spread <= 1.0 {
        return plain(Method::Poisson);
    }
    let log_error = plain_log_error * spread.sqrt();
    let wide = freedom as f64;
    let p = student_two_sided(log / log_error, wide);
    match (p, student_quantile(0.975, wide)) {
        (Some(p_value), Some(t)) => Effect {
            log_error,
            p_value: p_value.max(plain_p),
            interval: around(log, t * log_error),
            method: Method::QuasiPoisson,
            ..plain(Method::QuasiPoisson)
        },
        _ => plain(Method::SpreadUnknown),
    }
}

fn around(log: f64, half: f64) -> Interval {
    Interval::of((log - half).exp(), (log + half).exp())
}

fn reason(effect: &Effect, rates: &[f64; 4]) -> String {
    let [rest, rest_after, changed, changed_after] = rates;
    let mut text = format!(
        "the changed went to {} times their rate before, the rest to {} times: a ratio of {}",
        figures(changed_after / changed),
        figures(rest_after / rest),
        figures(effect.log.exp()),
    );
    if let (Some(low), Some(high)) = (effect.interval.low, effect.interval.high) {
        text += &format!(" ({} to {})", figures(low), figures(high));
        if low <= 1.0 && high >= 1.0 {
            text += ", so no effect is shown";
        }
    }
    text += &format!(", p {}", probability(effect.p_value));
    if effect.plain_overstates() {
        text += &format!(
            "; counts vary {} times as much as Poisson counts, so the plain test (p {}) overstates and is not used",
            figures(effect.dispersion.unwrap_or(1.0)),
            probability(effect.plain_p),
        );
    }
    if effect.method == Method::SpreadUnknown {
        text += "; each cell is one row, so how much counts vary cannot be known: give one row a unit before relying on it";
    }
    text
}
