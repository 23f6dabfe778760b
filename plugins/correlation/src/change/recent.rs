//! `recent_share`: whose part of all reports has risen in the newest days. Shares, not counts:
//! when all units report more, none is conspicuous.

use crate::arguments::within;
use crate::input::{InputError, Place, Texts, level};
use crate::stats::Interval;
use crate::stats::ratio::compare;
use crate::verdict::{COMPLAINTS_MIN, Verdict};
use crate::words::{amount, probability, rate, times};
use tsugi_plugin::Date;
use tsugi_statistics::multiple::benjamini_hochberg;

/// The arguments of `recent_share`, checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Options {
    /// The last day that is known.
    pub as_of: Date,
    /// Days up to and with it that are the newest.
    pub recent_days: i32,
    /// Days before those that they are held against.
    pub baseline_days: i32,
    /// q below this makes a leading suspect.
    pub alpha: f64,
    /// q below this needs a person.
    pub review_alpha: f64,
    /// Recent reports that a leading suspect must have at least.
    pub min_complaints: u64,
}

impl Options {
    /// Checks the arguments; none takes the usual value.
    ///
    /// # Errors
    /// [`InputError::BadOption`] names the argument and what it must be.
    pub(crate) fn check(
        as_of: Date,
        days: [Option<i64>; 2],
        alpha: f64,
        review_alpha: f64,
        min_complaints: i64,
    ) -> Result<Self, InputError> {
        let [recent, baseline] = days;
        let days = |option, value: Option<i64>, usual| {
            within(option, value.unwrap_or(usual), 1, 36_500).map(|days| days as i32)
        };
        if review_alpha < alpha {
            return Err(InputError::BadOption {
                option: "review_alpha",
                given: review_alpha.to_string(),
                reason: format!("it must be at least alpha ({alpha})"),
            });
        }
        Ok(Self {
            as_of,
            recent_days: days("recent_days", recent, 35)?,
            baseline_days: days("baseline_days", baseline, 182)?,
            alpha: level("alpha", alpha)?,
            review_alpha: level("review_alpha", review_alpha)?,
            min_complaints: within("min_complaints", min_complaints, 0, 1 << 30)? as u64,
        })
    }
}

/// One row of the answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Share {
    /// By p, from 1.
    pub rank: u64,
    pub unit: String,
    /// Its reports in the newest days.
    pub recent: u64,
    /// Its reports in the days before.
    pub baseline: u64,
    /// Everybody's reports in the newest days.
    pub recent_total: u64,
    /// Everybody's reports in the days before.
    pub baseline_total: u64,
    /// The recent share over the one before; none without a report before.
    pub share_ratio: Option<f64>,
    /// Its 95 % interval.
    pub interval: Interval,
    /// One-sided exact p; none when nothing can be compared.
    pub p_value: Option<f64>,
    /// Benjamini–Hochberg q over all units.
    pub q_value: Option<f64>,
    /// How many units were tested.
    pub units_tested: u64,
    pub verdict: Verdict,
    /// One sentence with the numbers.
    pub reason: String,
}

/// Takes rows of unit, date and number.
pub(crate) struct RecentReader {
    options: Options,
    units: Texts,
    counts: Vec<[u64; 2]>,
    rows: u64,
}

impl RecentReader {
    /// A reader that has seen nothing.
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            units: Texts::default(),
            counts: Vec::new(),
            rows: 0,
        }
    }

    /// Adds a row; what lies outside of both windows is omitted.
    ///
    /// # Errors
    /// [`InputError`] with the row when a value cannot be used.
    pub(crate) fn push(
        &mut self,
        unit: Option<&str>,
        date: Option<Date>,
        n: Option<f64>,
    ) -> Result<(), InputError> {
        self.rows += 1;
        let row = self.rows;
        let null = |column: &str| InputError::NullUnit {
            row,
            column: column.to_owned(),
        };
        let unit = unit.ok_or_else(|| null("unit"))?;
        let date = date.ok_or_else(|| null("date"))?;
        let about = [("unit", Some(unit))];
        let n = Place { row, about: &about }.count("n", n)?;
        let before = i64::from(self.options.as_of.0) - i64::from(date.0);
        let (recent, baseline) = (
            i64::from(self.options.recent_days),
            i64::from(self.options.baseline_days),
        );
        let window = if (0..recent).contains(&before) {
            0
        } else if (recent..recent + baseline).contains(&before) {
            1
        } else {
            return Ok(());
        };
        let number = self.units.number(unit)? as usize;
        if self.counts.len() <= number {
            self.counts.resize(number + 1, [0; 2]);
        }
        if let Some(slot) = self
            .counts
            .get_mut(number)
            .and_then(|own| own.get_mut(window))
        {
            *slot = slot.saturating_add(n);
        }
        Ok(())
    }

    /// Compares every unit that has a report in either window.
    pub(crate) fn finish(self) -> Vec<Share> {
        let (names, renumbered) = self.units.sorted();
        let mut units: Vec<(String, [u64; 2])> = Vec::with_capacity(names.len());
        for (number, counts) in renumbered.iter().zip(&self.counts) {
            let name = names.get(*number as usize).map_or("", |name| name);
            if counts.iter().any(|n| *n > 0) {
                units.push((name.to_owned(), *counts));
            }
        }
        units.sort();
        let [recent, baseline] = units
            .iter()
            .fold([0, 0], |sum, (_, own)| [sum[0] + own[0], sum[1] + own[1]]);
        let comparable = recent > 0 && baseline > 0 && units.len() > 1;
        let mut shares: Vec<Share> = units
            .into_iter()
            .map(|(unit, own)| {
                let found = compare(own[0], recent as f64, own[1], baseline as f64, 1.0);
                let found = found.filter(|_| comparable);
                Share {
                    rank: 0,
                    unit,
                    recent: own[0],
                    baseline: own[1],
                    recent_total: recent,
                    baseline_total: baseline,
                    share_ratio: found.and_then(|found| found.ratio),
                    interval: found.map_or(Interval::NONE, |found| found.interval),
                    p_value: found.map(|found| found.p),
                    q_value: None,
                    units_tested: 0,
                    verdict: Verdict::NoEvidence,
                    reason: String::new(),
                }
            })
            .collect();
        judge(&mut shares, &self.options);
        shares
    }
}

fn judge(shares: &mut [Share], options: &Options) {
    let chances: Vec<f64> = shares.iter().filter_map(|share| share.p_value).collect();
    let tested = chances.len() as u64;
    let q_values = benjamini_hochberg(&chances, tested);
    let compared = shares.iter_mut().filter(|share| share.p_value.is_some());
    for (share, q) in compared.zip(q_values) {
        (share.q_value, share.units_tested) = (Some(q), tested);
        let above = share.interval.low.is_some_and(|low| low > 1.0);
        share.verdict = if q < options.alpha && above && share.recent >= options.min_complaints {
            Verdict::Leading
        } else if q < options.review_alpha && share.recent >= COMPLAINTS_MIN {
            Verdict::NeedsPerson
        } else {
            Verdict::NoEvidence
        };
    }
    shares.sort_by(|left, right| {
        let p = |share: &Share| share.p_value.unwrap_or(2.0);
        p(left)
            .total_cmp(&p(right))
            .then(left.unit.cmp(&right.unit))
    });
    for (share, rank) in shares.iter_mut().zip(1..) {
        share.rank = rank;
        share.reason = reason(share, options);
    }
}

fn reason(share: &Share, options: &Options) -> String {
    let (Some(p), Some(q)) = (share.p_value, share.q_value) else {
        return "nothing to compare: it needs reports in both windows, and of another unit"
            .to_owned();
    };
    let of = |n: u64, all: u64| rate(n as f64 / all as f64);
    let ratio = times(share.share_ratio, share.interval, "the share before");
    format!(
        "{} of {} reports in the last {} days ({}) against {} of {} in the {} days before ({}): \
         {ratio}, p {}, q {} over {} units",
        amount(share.recent as f64),
        amount(share.recent_total as f64),
        options.recent_days,
        of(share.recent, share.recent_total),
        amount(share.baseline as f64),
        amount(share.baseline_total as f64),
        options.baseline_days,
        of(share.baseline, share.baseline_total),
        probability(p),
        probability(q),
        share.units_tested,
    )
}
