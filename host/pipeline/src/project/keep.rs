//! How long older snapshots of the warehouse are kept: `[warehouse] keep`.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;

/// How long older snapshots are kept. The last one always is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keep {
    /// While what only they hold takes no more than half of what is live, and the one before the
    /// last in any case. This is the rule where none is written.
    #[default]
    Half,
    /// Everything that was live within this span.
    Since(TimeDelta),
    /// This many, the last one counted.
    Snapshots(u32),
    All,
}

/// What the rule may be.
pub(super) const WANTED: &str = "such as `30 days`, `12 hours`, `10 snapshots` or `forever`";

/// A text that is no such rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write how long snapshots are kept, {WANTED}")]
pub struct NotAKeep;

impl FromStr for Keep {
    type Err = NotAKeep;

    fn from_str(text: &str) -> Result<Self, NotAKeep> {
        if text.trim() == "forever" {
            return Ok(Self::All);
        }
        let (count, unit) = text.trim().split_once(' ').ok_or(NotAKeep)?;
        let count: u32 = count.parse().map_err(|_| NotAKeep)?;
        match unit.trim().trim_end_matches('s') {
            "hour" => Ok(Self::Since(TimeDelta::hours(count.into()))),
            "day" => Ok(Self::Since(TimeDelta::days(count.into()))),
            "week" => Ok(Self::Since(TimeDelta::weeks(count.into()))),
            "snapshot" if count > 0 => Ok(Self::Snapshots(count)),
            _ => Err(NotAKeep),
        }
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Half => f.write_str("half of what is live"),
            Self::Since(span) if span.num_hours() % 24 == 0 => {
                write!(f, "{} days", span.num_days())
            }
            Self::Since(span) => write!(f, "{} hours", span.num_hours()),
            Self::Snapshots(count) => write!(f, "{count} snapshots"),
            Self::All => f.write_str("forever"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_a_number_and_a_unit() {
        for (text, keep) in [
            ("30 days", Keep::Since(TimeDelta::days(30))),
            ("1 day", Keep::Since(TimeDelta::days(1))),
            ("0 days", Keep::Since(TimeDelta::zero())),
            ("2 weeks", Keep::Since(TimeDelta::days(14))),
            ("12 hours", Keep::Since(TimeDelta::hours(12))),
            ("3 snapshots", Keep::Snapshots(3)),
            ("forever", Keep::All),
        ] {
            assert_eq!(text.parse(), Ok(keep), "{text}");
            assert_eq!(keep.to_string().parse(), Ok(keep), "{text}");
        }
        for text in [
            "",
            "30",
            "days",
            "0 snapshots",
            "-1 days",
            "1 month",
            "99999999999 days",
        ] {
            assert_eq!(text.parse::<Keep>(), Err(NotAKeep), "{text}");
        }
    }
}
