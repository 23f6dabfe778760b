//! How saturated a person is with advertisements: a class from messages sent and answered.

use jiff::{SignedDuration, Timestamp};

use crate::checks::CheckInput;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fatigue {
    /// No advertisement on record.
    Unsent,
    /// None of the other classes.
    Active,
    /// No answer in `fatigue_inactive_days`, and advertisements for longer.
    Inactive,
    /// At least `fatigue_recent_sends` in `fatigue_recent_days`.
    Saturated,
    /// Saturated, and a smaller share is answered than before.
    OverSaturated,
}

impl Fatigue {
    /// The value of the column `fatigue`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Fatigue::Unsent => "unsent",
            Fatigue::Active => "active",
            Fatigue::Inactive => "inactive",
            Fatigue::Saturated => "saturated",
            Fatigue::OverSaturated => "over-saturated",
        }
    }

    pub(crate) fn of(input: &CheckInput<'_>) -> Fatigue {
        let (rulebook, scope) = (&input.settings.rulebook, &input.advertising_scope());
        let (now, sends) = (input.settings.as_of, &input.records.sends);
        let ago = |name: &str| {
            let days = i64::try_from(rulebook.count(name, scope))
                .unwrap_or(i64::MAX)
                .min(36_500);
            now.checked_sub(SignedDuration::from_hours(days * 24))
                .unwrap_or(Timestamp::MIN)
        };
        let (recent, horizon) = (ago("fatigue_recent_days"), ago("fatigue_inactive_days"));
        let many = rulebook.count("fatigue_recent_sends", scope);
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
