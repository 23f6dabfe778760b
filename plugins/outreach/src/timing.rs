//! When a message may go: the recipient's zone, open hours, the deadline of a recall.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::Zones;
use crate::hours::OpenHours;
use crate::people::Person;
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

/// What timing needs to know of a message.
#[derive(Debug)]
pub struct Wish<'a> {
    /// The recipient.
    pub person: &'a Person,
    /// The purpose that decides.
    pub purpose: Purpose,
    /// The moment before which a recall must be on its way.
    pub deadline: Timestamp,
}

impl Wish<'_> {
    fn is_recall(&self) -> bool {
        self.purpose == Purpose::SafetyRecall
    }

    /// The last moment that a recall may wait for.
    fn last(&self, rules: &Rules) -> Timestamp {
        self.deadline.max(rules.as_of)
    }
}

/// Finds the earliest moment.
pub fn find(wish: &Wish<'_>, rules: &Rules, zones: &mut Zones) -> Timing {
    let place = wish.person.place(wish.purpose);
    let stated = wish.person.time_zone.clone().unwrap_or_default();
    let zone = zones.get(&stated);
    let unknown = match stated.is_empty() {
        true => "the time zone is not known".to_string(),
        false => format!("the time zone {stated:?} is not known"),
    };
    let Some(hours) = rules.book.open_hours(&place) else {
        return held(wish, rules, "no rule says when messages may go".to_string());
    };
    if hours.is_always() && (zone.is_some() || wish.purpose.is_notice()) {
        return Timing {
            earliest: Some(rules.as_of),
            zone,
            reasons: Vec::new(),
        };
    }
    match zone {
        Some(zone) => {
            let open = hours.next(rules.as_of, &zone);
            Timing {
                zone: Some(zone),
                ..settle(wish, open, rules)
            }
        }
        None if wish.is_recall() => in_country(wish, &hours, &unknown, rules, zones),
        None => held(
            wish,
            rules,
            format!("{unknown}, so quiet hours cannot be kept"),
        ),
    }
}

/// What has no moment waits until one is known; a recall waits for nothing past its deadline.
fn held(wish: &Wish<'_>, rules: &Rules, sentence: String) -> Timing {
    let (weight, earliest) = match wish.is_recall() {
        true => (Weight::Note, Some(wish.last(rules))),
        false => (Weight::Hold, None),
    };
    Timing {
        earliest,
        zone: None,
        reasons: vec![Reason::new("time-zone-unknown", weight, sentence)],
    }
}

fn in_country(
    wish: &Wish<'_>,
    hours: &OpenHours<'_>,
    unknown: &str,
    rules: &Rules,
    zones: &mut Zones,
) -> Timing {
    let country = zones.of_country(&wish.person.country);
    if country.is_empty() {
        let place = match wish.person.country.as_str() {
            "" => "nor is the country".to_string(),
            code => format!("nor are the zones of {code}"),
        };
        return held(
            wish,
            rules,
            format!("{unknown}, {place}, so it goes at its deadline at the latest"),
        );
    }
    let open = hours.next_everywhere(rules.as_of, &country);
    let mut timing = settle(wish, open, rules);
    let what = format!(
        "{unknown}, so a moment that suits all of {} is taken",
        wish.person.country
    );
    timing
        .reasons
        .push(Reason::new("time-zone-unknown", Weight::Note, what));
    timing
}

fn settle(wish: &Wish<'_>, open: Option<Timestamp>, rules: &Rules) -> Timing {
    let mut timing = Timing::default();
    let last = wish.last(rules);
    match open {
        Some(open) if open == rules.as_of => timing.earliest = Some(open),
        Some(open) if !(wish.is_recall() && open > last) => {
            let what = format!("quiet hours end at {open}");
            timing
                .reasons
                .push(Reason::new("quiet-hours", Weight::Note, what));
            timing.earliest = Some(open);
        }
        _ if wish.is_recall() => {
            let what = format!(
                "quiet hours would hold a recall past its deadline {}",
                wish.deadline
            );
            timing
                .reasons
                .push(Reason::new("quiet-hours-overridden", Weight::Note, what));
            timing.earliest = Some(last);
        }
        _ => {
            return held(
                wish,
                rules,
                "no moment outside quiet hours was found".to_string(),
            );
        }
    }
    timing
}
