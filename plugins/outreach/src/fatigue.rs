//! How tired a person is of advertisements: a class from what was sent and what was answered.

use jiff::{SignedDuration, Timestamp};

use crate::people::Sent;
use crate::rulebook::{Place, Rulebook};

/// A class of fatigue, as it stands in the column `fatigue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fatigue {
    /// No advertisement is on record.
    Unsent,
    /// Some were sent, none too many.
    Active,
    /// Advertised to for longer than the span of inactivity, without an answer in it.
    Inactive,
    /// As many lately as the rules call many.
    Saturated,
    /// As many, and a smaller share of them is answered than before.
    OverSaturated,
}

impl Fatigue {
    /// As it stands in columns.
    pub fn name(self) -> &'static str {
        match self {
            Fatigue::Unsent => "unsent",
            Fatigue::Active => "active",
            Fatigue::Inactive => "inactive",
            Fatigue::Saturated => "saturated",
            Fatigue::OverSaturated => "over-saturated",
        }
    }

    /// The class of a person at a moment.
    pub fn of(sends: &[Sent], now: Timestamp, book: &Rulebook, place: &Place<'_>) -> Fatigue {
        let ago = |kind: &str| {
            let days = i64::try_from(book.count(kind, place))
                .unwrap_or(i64::MAX)
                .min(36_500);
            now.checked_sub(SignedDuration::from_hours(days * 24))
                .unwrap_or(Timestamp::MIN)
        };
        let (recent, horizon) = (ago("fatigue_recent_days"), ago("fatigue_inactive_days"));
        let many = book.count("fatigue_recent_sends", place);
        let past: Vec<(Timestamp, bool)> = sends
            .iter()
            .filter(|send| send.promotes)
            .filter_map(|send| Some((send.at.filter(|at| *at <= now)?, send.answered)))
            .collect();
        let share = |part: &dyn Fn(Timestamp) -> bool| {
            let inside = || past.iter().filter(|(at, _)| part(*at));
            (
                inside().count() as u64,
                inside().filter(|(_, answered)| *answered).count() as u64,
            )
        };
        let (lately, lately_answered) = share(&|at| at > recent);
        let (before, before_answered) = share(&|at| at > horizon && at <= recent);
        let old = past.iter().any(|(at, _)| *at <= horizon);
        // Compared as products, so that no share is rounded.
        let falling = before > 0 && lately_answered * before < before_answered * lately;
        match () {
            () if past.is_empty() => Fatigue::Unsent,
            () if lately >= many && many > 0 && falling => Fatigue::OverSaturated,
            () if lately >= many && many > 0 => Fatigue::Saturated,
            () if old && lately_answered + before_answered == 0 => Fatigue::Inactive,
            () => Fatigue::Active,
        }
    }
}
