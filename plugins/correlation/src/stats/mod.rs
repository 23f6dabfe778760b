//! The statistics of complaints: intervals, ratios, measures of disproportion, regressions. Pure
//! functions of numbers; nothing here knows about tables. Every function names the paper its formula
//! comes from. Exact tails and q-values, which others need too, are those of `tsugi-statistics`.

pub(crate) mod discrete;
pub(crate) mod fit;
pub(crate) mod glm;
pub(crate) mod intervals;
mod minimize;
pub(crate) mod ratio;
pub(crate) mod shrink;
pub(crate) mod spread;
pub(crate) mod strata;
pub(crate) mod two_by_two;

/// The 97.5 % point of the standard normal distribution, for two-sided 95 % intervals.
pub(crate) const Z_95: f64 = 1.959_963_984_540_054;

/// The share of probability in each tail of a two-sided 95 % interval.
pub(crate) const TAIL_95: f64 = 0.025;

/// A two-sided 95 % interval. A side without a limit (it would be infinite) is `None`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    pub low: Option<f64>,
    pub high: Option<f64>,
}

impl Interval {
    /// Both limits are known.
    pub(crate) fn of(low: f64, high: f64) -> Self {
        Self {
            low: finite(low),
            high: finite(high),
        }
    }

    /// Neither side has a limit.
    pub(crate) const NONE: Self = Self {
        low: None,
        high: None,
    };
}

/// The value when it is a finite number: what crosses to SQL is never NaN and never infinite.
pub(crate) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
