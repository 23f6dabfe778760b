//! The result of a method for one period: a limit and whether it was passed, or why it abstains.

use std::fmt;

/// A period as a method sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    /// The count; none when it was not counted.
    pub observed: Option<f64>,
    /// The count that was to be expected.
    pub expected: Option<f64>,
    /// The limit, as a count.
    pub upper: Option<f64>,
    /// What charts carry from period to period: the cumulated sum or the likelihood ratio.
    pub statistic: Option<f64>,
    /// Whether the count is an alarm; none where the method abstains.
    pub alarm: Option<bool>,
    /// The chance of such a count, where the method has a distribution for it.
    pub p_value: Option<f64>,
    /// Why the method abstains.
    pub abstained: Option<Abstention>,
}

impl Point {
    /// The method abstains.
    pub(crate) fn abstain(observed: Option<f64>, why: Abstention) -> Self {
        Self {
            observed,
            expected: None,
            upper: None,
            statistic: None,
            alarm: None,
            p_value: None,
            abstained: Some(why),
        }
    }

    pub(crate) fn judged(observed: f64, expected: f64, upper: f64, alarm: bool) -> Self {
        Self {
            observed: Some(observed),
            expected: crate::stats::finite(expected),
            upper: crate::stats::finite(upper),
            statistic: None,
            alarm: Some(alarm),
            p_value: None,
            abstained: None,
        }
    }

    /// With the chance of such a count.
    #[must_use]
    pub(crate) fn chance(mut self, p: Option<f64>) -> Self {
        self.p_value = p.and_then(crate::stats::finite).map(|p| p.clamp(0.0, 1.0));
        self
    }

    /// With what a chart carries on.
    #[must_use]
    pub(crate) fn carrying(mut self, statistic: f64) -> Self {
        self.statistic = crate::stats::finite(statistic);
        self
    }
}

/// Why a method abstains from a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abstention {
    /// The period was not counted.
    NoCount,
    /// The series is too short before it; so many periods are needed.
    Short(usize),
    /// A period of the baseline has no count.
    Gap,
    /// Fewer events than `cases` in the last `periods`.
    Few {
        cases: usize,
        /// In how many periods.
        periods: usize,
    },
    /// The baseline does not vary, and minimum_sigma is 0.
    Flat,
    /// Nothing happened in the whole baseline.
    Empty,
    /// The regression does not settle.
    NoFit,
    /// The limit is beyond what can be counted.
    NoLimit,
}

impl fmt::Display for Abstention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCount => f.write_str("there is no count for this period"),
            Self::Short(periods) => write!(
                f,
                "the series must reach {periods} periods back from here, and does not"
            ),
            Self::Gap => f.write_str(
                "a period of the baseline has no count (missing => 'zero' when none means 0)",
            ),
            Self::Few { cases, periods } => {
                write!(f, "fewer than {cases} events in the last {periods} periods")
            }
            Self::Flat => f.write_str("the baseline does not vary and minimum_sigma is 0"),
            Self::Empty => f.write_str("nothing happened in the whole baseline"),
            Self::NoFit => f.write_str("the regression on the baseline does not settle"),
            Self::NoLimit => f.write_str("the limit is beyond what can be counted"),
        }
    }
}
