//! What can be wrong with the rows or the arguments, and the small parts that read them: texts
//! turned into numbers, counts and exposures checked.

use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::rc::Rc;

/// Distinct texts (units, topics, factor values) one call may hold.
pub(crate) const TEXTS_MAX: usize = 1 << 20;

/// Bytes of distinct texts one call may hold.
pub(crate) const TEXT_BYTES_MAX: usize = 48 << 20;

/// Counts of one row end here, so that the sums of millions of rows stay exact and do not overflow.
const COUNT_MAX: f64 = 1_099_511_627_776.0;

/// Amounts of one row end here, so that neither their sums nor the squares of these become infinite.
const AMOUNT_MAX: f64 = 1e100;
/// Less than this of anything is a slip, and rates over it would be endless.
const AMOUNT_MIN: f64 = 1e-9;

/// Input that cannot be used, with the place and what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InputError {
    /// A number is negative, not finite or beyond all measure.
    #[error(
        "row {row} ({about}): {column} is {value}; it must be a finite number of at least 0 (0, or 1e-9 to 1e100). Net returns out, or leave the row out, before counting"
    )]
    BadNumber {
        /// Which row, from 1, in the order of arrival.
        row: u64,
        /// What the row is about, to find it again.
        about: String,
        column: String,
        value: f64,
    },
    /// A count has a fraction or is too large to be exact.
    #[error(
        "row {row} ({about}): {column} is {value}; the exact tests need whole counts below 2^40. Count complaints, do not weight them"
    )]
    NotWhole {
        /// Which row, from 1.
        row: u64,
        /// What the row is about.
        about: String,
        column: String,
        value: f64,
    },
    /// More hits than trials.
    #[error(
        "row {row} ({about}): {hits} hits of {n}; there cannot be more hits than reports. Look for a join that repeats rows"
    )]
    MoreHitsThanReports {
        /// Which row, from 1.
        row: u64,
        /// What the row is about.
        about: String,
        hits: u64,
        n: u64,
    },
    /// Complaints whose topic is null.
    #[error(
        "row {row} ({about}): {complaints} complaints but no topic. Give them a topic, or leave them out with WHERE topic IS NOT NULL"
    )]
    ComplaintsWithoutTopic {
        /// Which row, from 1.
        row: u64,
        /// What the row is about.
        about: String,
        complaints: u64,
    },
    /// Exposure both with and without topic.
    #[error(
        "row {row} ({about}): some rows give shipped units for one topic and others, with a null topic, for all topics, so units would count twice. Give shipped units with a null topic and complaints with shipped 0, or give every cell for every topic"
    )]
    MixedExposure {
        /// The first row of the second kind, from 1.
        row: u64,
        /// What the row is about.
        about: String,
    },
    /// A unit is null.
    #[error(
        "row {row}: {column} is null. Leave such rows out, or name them with coalesce({column}, 'unknown')"
    )]
    NullUnit {
        /// Which row, from 1.
        row: u64,
        column: String,
    },
    /// A number that must be above 0 is not.
    #[error(
        "row {row} ({about}): {column} is {value}; it must be a finite number above 0 (1e-9 to 1e100). Leave rows without it out, and count what happened there apart"
    )]
    NotAboveZero {
        /// Which row, from 1.
        row: u64,
        /// What the row is about.
        about: String,
        column: String,
        value: f64,
    },
    /// A number is not finite.
    #[error("row {row} ({about}): {column} is {value}; it must be a finite number. {hint}")]
    NotFinite {
        /// Which row, from 1.
        row: u64,
        /// What the row is about.
        about: String,
        column: String,
        value: String,
        hint: &'static str,
    },
    /// A period that is not like those before it.
    #[error(
        "row {row}: period {period} does not begin like the periods before it. Give every row date_trunc('{unit}', day), or say which periods these are with every => 'day', 'week' or 'month'"
    )]
    BadPeriod {
        /// Which row, from 1.
        row: u64,
        period: String,
        unit: &'static str,
    },
    /// A row that names what an earlier row has named.
    #[error(
        "row {row}: {what} `{name}` is there twice. Give one row for each {what}, for example with GROUP BY"
    )]
    Twice {
        /// Which row, from 1.
        row: u64,
        what: &'static str,
        name: String,
    },
    /// A text that is no date.
    #[error(
        "row {row} ({about}): {column} is `{value}`; write a date as 2026-03-31, 2026-03 or 2026, or cast it to DATE or TIMESTAMP"
    )]
    BadDate {
        /// Which row, from 1.
        row: u64,
        /// What the row is about.
        about: String,
        column: &'static str,
        value: String,
    },
    /// More than can be held.
    #[error("more than {limit} {what}. {hint}")]
    TooMuch {
        what: &'static str,
        limit: usize,
        /// How to ask for less.
        hint: &'static str,
    },
    /// A p-value outside 0 to 1.
    #[error(
        "row {row}: {column} is {value}; a p-value lies between 0 and 1. Leave a row that was not tested null"
    )]
    BadProbability {
        /// Which row, from 1.
        row: u64,
        column: String,
        value: f64,
    },
    /// Factors that cannot be used.
    #[error("the factors cannot be used: {reason}")]
    BadFactors { reason: String },
    /// The function's own numbers do not agree.
    #[error("a defect of this function, please report it: {0}")]
    Defect(&'static str),
    /// An argument that makes no sense.
    #[error("{option} => {given}: {reason}")]
    BadOption {
        option: &'static str,
        given: String,
        /// What it must be.
        reason: String,
    },
}

impl InputError {
    /// Stable and short, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadNumber { .. } => "bad-number",
            Self::NotWhole { .. } => "not-whole",
            Self::MoreHitsThanReports { .. } => "more-hits-than-reports",
            Self::ComplaintsWithoutTopic { .. } => "complaints-without-topic",
            Self::MixedExposure { .. } => "mixed-exposure",
            Self::NullUnit { .. } => "null-unit",
            Self::NotAboveZero { .. } => "not-above-zero",
            Self::NotFinite { .. } => "not-finite",
            Self::BadPeriod { .. } => "bad-period",
            Self::Twice { .. } => "twice",
            Self::BadDate { .. } => "bad-date",
            Self::TooMuch { .. } => "over-limit",
            Self::BadProbability { .. } => "bad-probability",
            Self::BadFactors { .. } => "bad-factors",
            Self::Defect(_) => "defect",
            Self::BadOption { .. } => "bad-option",
        }
    }
}

/// A row's number and a way to say what it is about, for messages.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// From 1, in the order of arrival.
    pub row: u64,
    /// Name and value of the columns that tell the row apart.
    pub about: &'a [(&'a str, Option<&'a str>)],
}

impl Place<'_> {
    /// The row in words: `topic sole_crack, finished_lot L-7`.
    pub(crate) fn words(&self) -> String {
        let parts: Vec<String> = self
            .about
            .iter()
            .map(|(name, value)| format!("{name} {}", value.unwrap_or("null")))
            .collect();
        parts.join(", ")
    }

    /// A finite amount of at least 0; null is 0, as `sum` has it.
    pub(crate) fn amount(&self, column: &str, value: Option<f64>) -> Result<f64, InputError> {
        let value = value.unwrap_or(0.0);
        if value == 0.0 || (AMOUNT_MIN..=AMOUNT_MAX).contains(&value) {
            return Ok(value);
        }
        let column = column.to_owned();
        Err(InputError::BadNumber {
            row: self.row,
            about: self.words(),
            column,
            value,
        })
    }

    /// A finite amount above 0, such as an exposure; null is refused.
    pub(crate) fn above_zero(&self, column: &str, value: Option<f64>) -> Result<f64, InputError> {
        let value = value.unwrap_or(0.0);
        if (AMOUNT_MIN..=AMOUNT_MAX).contains(&value) {
            return Ok(value);
        }
        Err(InputError::NotAboveZero {
            row: self.row,
            about: self.words(),
            column: column.to_owned(),
            value,
        })
    }

    /// A coordinate: finite, and within its range.
    pub(crate) fn coordinate(
        &self,
        column: &str,
        value: Option<f64>,
        size_max: f64,
    ) -> Result<f64, InputError> {
        value
            .filter(|value| value.is_finite() && value.abs() <= size_max)
            .ok_or_else(|| InputError::NotFinite {
                row: self.row,
                about: self.words(),
                column: column.to_owned(),
                value: value.map_or("null".to_owned(), |value| value.to_string()),
                hint: "Leave places that are not known out; latitudes end at 90 and longitudes at 180",
            })
    }

    /// A whole count of at least 0; null is 0.
    pub(crate) fn count(&self, column: &str, value: Option<f64>) -> Result<u64, InputError> {
        let value = self.amount(column, value)?;
        if value.fract() == 0.0 && value < COUNT_MAX {
            return Ok(value as u64);
        }
        let column = column.to_owned();
        Err(InputError::NotWhole {
            row: self.row,
            about: self.words(),
            column,
            value,
        })
    }
}

/// A table by key with a quick hash. It is not secret, as none is inside a sandbox: rows made to collide make
/// a call slow, and the host ends it.
pub(crate) type Hashed<K, V> = HashMap<K, V, FixedState>;

/// Texts numbered in the order they come, later renumbered in their own order.
#[derive(Default)]
pub(crate) struct Texts {
    numbers: Hashed<Rc<str>, u32>,
    /// The latest number: rows often come in runs of the same text.
    last: u32,
    texts: Vec<Rc<str>>,
    bytes: usize,
}

impl Texts {
    /// The number of this text, a new one when it was not seen before.
    pub(crate) fn number(&mut self, text: &str) -> Result<u32, InputError> {
        if self
            .texts
            .get(self.last as usize)
            .is_some_and(|last| **last == *text)
        {
            return Ok(self.last);
        }
        if let Some(number) = self.numbers.get(text) {
            self.last = *number;
            return Ok(*number);
        }
        let hint = "Group small units together, or leave out what cannot be a cause";
        if self.texts.len() >= TEXTS_MAX {
            return Err(InputError::TooMuch {
                what: "distinct values",
                limit: TEXTS_MAX,
                hint,
            });
        }
        self.bytes += text.len();
        if self.bytes > TEXT_BYTES_MAX {
            let what = "bytes of distinct values";
            return Err(InputError::TooMuch {
                what,
                limit: TEXT_BYTES_MAX,
                hint,
            });
        }
        let number = self.texts.len() as u32;
        self.last = number;
        let text: Rc<str> = text.into();
        self.texts.push(Rc::clone(&text));
        self.numbers.insert(text, number);
        Ok(number)
    }

    /// The number of this text, when it was seen before.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// The texts in the order of their numbers.
    pub(crate) fn texts(&self) -> &[Rc<str>] {
        &self.texts
    }

    /// How many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// The texts in the order of their numbers.
    pub(crate) fn into_texts(self) -> Vec<Rc<str>> {
        self.texts
    }

    /// The texts in ascending order, and for each old number the new one.
    pub(crate) fn sorted(self) -> (Vec<Rc<str>>, Vec<u32>) {
        let mut order: Vec<u32> = (0..self.texts.len() as u32).collect();
        order.sort_by(|&left, &right| {
            self.texts
                .get(left as usize)
                .cmp(&self.texts.get(right as usize))
        });
        let mut renumbered = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            if let Some(slot) = renumbered.get_mut(old as usize) {
                *slot = new as u32;
            }
        }
        let texts = order
            .iter()
            .filter_map(|&old| self.texts.get(old as usize).cloned())
            .collect();
        (texts, renumbered)
    }
}

/// A probability strictly between 0 and 1 as an argument.
pub(crate) fn level(option: &'static str, value: f64) -> Result<f64, InputError> {
    if value > 0.0 && value < 1.0 {
        return Ok(value);
    }
    let reason = "a level lies between 0 and 1, such as 0.05".to_owned();
    Err(InputError::BadOption {
        option,
        given: value.to_string(),
        reason,
    })
}
