//! Frequency caps: whether one more advertisement is too many.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::checks::{CheckInput, advertising};
use crate::message::reasons::{Reason, Weight};
use crate::rules::caps::Cap;
use crate::rules::rule_types::RuleValue;

/// Moment and channel of an advertisement that this run has composed.
pub(crate) type Planned = (Timestamp, Option<String>);

/// A reason when one more advertisement at a moment exceeds a cap, by calendar days, weeks and months
/// in the recipient's zone. A cap for a channel counts that channel alone.
pub(crate) fn reason(
    input: &CheckInput<'_>,
    at: Timestamp,
    zone: &TimeZone,
    planned: &[Planned],
) -> Option<Reason> {
    let weight = advertising::weight(input.target)?;
    let own = input.person.own_cap.as_deref();
    let own = own.map(|text| (Cap::parse(text), None));
    if let Some((None, _)) = own {
        let what = "this person's own cap cannot be read";
        let weight = weight.min(Weight::Review);
        return Some(Reason::new("cap-unreadable", weight, what));
    }
    let own = own.and_then(|(cap, channel)| Some((cap?, channel)));
    let (rulebook, scope) = (&input.settings.rulebook, input.advertising_scope());
    let ruled = rulebook
        .all("cap", scope)
        .filter_map(|rule| match &rule.value {
            RuleValue::Cap(cap) => Some((*cap, rule.channel())),
            _ => None,
        });
    let week_start = rulebook.week_start(&scope);
    let past = input
        .records
        .sends
        .iter()
        .filter(|send| send.promotes)
        .filter_map(|send| Some((send.at?, send.channel.as_deref())));
    let planned = planned
        .iter()
        .map(|(at, channel)| (*at, channel.as_deref()));
    let all: Vec<(Timestamp, Option<&str>)> = past.chain(planned).collect();
    own.into_iter().chain(ruled).find_map(|(cap, only)| {
        let counted = all
            .iter()
            .filter(|(_, channel)| only.is_none() || *channel == only);
        let beside = cap.over(at, counted.map(|(at, _)| *at), zone, week_start)?;
        let on = only
            .map(|channel| format!(" by {channel}"))
            .unwrap_or_default();
        let what = format!(
            "{} has {beside} advertisements{on} in that period already, the cap is {}",
            input.target.key.customer_id,
            cap.label()
        );
        Some(Reason::new("frequency-cap", weight, what))
    })
}
