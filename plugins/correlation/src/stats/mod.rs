//! The statistics of complaints: intervals, ratios, measures of disproportion, regressions. Pure
//! functions of numbers; nothing here knows about tables. Every function names the paper its formula
//! comes from. Exact tails and q-values, which others need too, are those of `tsugi-statistics`.

pub mod discrete;
pub mod fit;
pub mod glm;
pub mod intervals;
mod minimize;
pub mod ratio;
pub mod shrink;
pub mod spread;
pub mod strata;
pub mod two_by_two;

/// The 97.5 % point of the standard normal distribution, for two-sided 95 % intervals.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// The share of probability in each tail of a two-sided 95 % interval.
pub const TAIL_95: f64 = 0.025;

/// A two-sided 95 % interval. A side without a limit (it would be infinite) is `None`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub low: Option<f64>,
    pub high: Option<f64>,
}

impl Interval {
    /// Both limits are known.
    pub fn of(low: f64, high: f64) -> Self {
        Self {
            low: finite(low),
            high: finite(high),
        }
    }

    /// Neither side has a limit.
    pub const NONE: Self = Self {
        low: None,
        high: None,
    };
}

/// The value when it is a finite number: what crosses to SQL is never NaN and never infinite.
pub fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
