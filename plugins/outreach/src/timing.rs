//! When a message may go: the recipient's zone, quiet hours, the deadline of a recall.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::{Zones, day_and_week};
use crate::people::{Person, Sent};
use crate::purpose::Purpose;
use crate::reasons::{Reason, Weight};
use crate::rules::Rules;

/// The answer for one message.
#[derive(Debug, Default)]
pub struct Timing {
    /// Not before this; absent when no time can be given.
    pub earliest: Option<Timestamp>,
    /// The recipient's zone, when it is known.
    pub zone: Option<TimeZone>,
    /// What there is to say.
    pub reasons: Vec<Reason>,
}

/// Finds the earliest moment. A letter rings nobody out of bed, so quiet hours bind every
/// channel but `post`.
pub fn find(person: &Person, purpose: Purpose, rules: &Rules, zones: &mut Zones) -> Timing {
    let stated = person.time_zone.clone().unwrap_or_default();
    let zone = zones.get(&stated);
    let letter = person.channel.as_deref() == Some("post");
    if letter && (zone.is_some() || purpose.is_notice()) {
        return Timing {
            earliest: Some(rules.as_of),
            zone,
            reasons: Vec::new(),
        };
    }
    let unknown = match stated.is_empty() {
        true => "the time zone is not known".to_string(),
        false => format!("the time zone {stated:?} is not known"),
    };
    match (zone, purpose) {
        (Some(zone), _) => in_zone(zone, purpose, rules),
        (None, Purpose::SafetyRecall) => in_country(person, &unknown, rules, zones),
        (None, _) => hold(format!("{unknown}, so quiet hours cannot be kept")),
    }
}

fn hold(sentence: String) -> Timing {
    Timing {
        reasons: vec![Reason::new("time-zone-unknown", Weight::Hold, sentence)],
        ..Timing::default()
    }
}

fn in_zone(zone: TimeZone, purpose: Purpose, rules: &Rules) -> Timing {
    let open = rules.quiet.next_open(rules.as_of, &zone);
    let mut timing = settle(open, purpose, rules);
    timing.zone = Some(zone);
    timing
}

fn in_country(person: &Person, unknown: &str, rules: &Rules, zones: &mut Zones) -> Timing {
    let country = zones.of_country(&person.country);
    if country.is_empty() {
        let place = match person.country.as_str() {
            "" => "nor is the country".to_string(),
            code => format!("nor are the zones of {code}"),
        };
        return hold(format!("{unknown}, {place}, and a recall must not wait"));
    }
    let open = rules.quiet.next_open_everywhere(rules.as_of, &country);
    let mut timing = settle(open, Purpose::SafetyRecall, rules);
    let what = format!(
        "{unknown}, so a moment that suits all of {} is taken",
        person.country
    );
    timing
        .reasons
        .push(Reason::new("time-zone-unknown", Weight::Note, what));
    timing
}

fn settle(open: Option<Timestamp>, purpose: Purpose, rules: &Rules) -> Timing {
    let mut timing = Timing::default();
    let recall = purpose == Purpose::SafetyRecall;
    match open {
        Some(open) if open == rules.as_of => timing.earliest = Some(open),
        Some(open) if !(recall && open > rules.recall_deadline) => {
            let what = format!("quiet hours end at {open}");
            timing
                .reasons
                .push(Reason::new("quiet-hours", Weight::Note, what));
            timing.earliest = Some(open);
        }
        _ if recall => {
            let what = format!(
                "quiet hours would hold a recall past its deadline {}",
                rules.recall_deadline
            );
            timing
                .reasons
                .push(Reason::new("quiet-hours-overridden", Weight::Note, what));
            timing.earliest = Some(rules.recall_deadline);
        }
        _ => return hold("no moment outside quiet hours was found".to_string()),
    }
    timing
}

/// Whether one more advertisement at `at` would be too many, by calendar day and ISO week in
/// the recipient's zone and over all channels.
pub fn over_cap(
    at: Timestamp,
    zone: &TimeZone,
    sent: &[Sent],
    planned: &[Timestamp],
    rules: &Rules,
) -> Option<Reason> {
    let (day, week) = day_and_week(at, zone);
    let past = sent
        .iter()
        .filter(|send| send.promotes)
        .filter_map(|send| send.at);
    let (mut in_day, mut in_week) = (0_u64, 0_u64);
    for moment in past.chain(planned.iter().copied()) {
        let (other_day, other_week) = day_and_week(moment, zone);
        in_day += u64::from(other_day == day);
        in_week += u64::from(other_week == week);
    }
    let over = |count: u64, cap: u64, span: &str| {
        let what = format!(
            "{count} advertisements reach this person in that {span} already, {cap} is the most"
        );
        (count >= cap).then(|| Reason::new("frequency-cap", Weight::Suppress, what))
    };
    over(in_day, rules.cap_per_day, "day").or_else(|| over(in_week, rules.cap_per_week, "week"))
}
