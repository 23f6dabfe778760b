//! The earliest moment for a message: the recipient's zone, open hours, the deadline of a recall.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::checks::CheckInput;
use crate::message::reasons::{Reason, Weight};
use crate::people::person::Person;
use crate::rules::clock;
use crate::rules::hours::OpenHours;
use crate::rules::settings::Settings;
use crate::rules::zones::Zones;
use crate::targets::purpose::Purpose;

#[derive(Debug, Default)]
pub(crate) struct Timing {
    /// None when no moment can be found.
    pub(crate) earliest: Option<Timestamp>,
    /// The recipient's zone, where it is known.
    pub(crate) zone: Option<TimeZone>,
    pub(crate) reasons: Vec<Reason>,
}

#[derive(Debug)]
pub(crate) struct TimingRequest<'a> {
    pub(crate) person: &'a Person,
    pub(crate) purpose: Purpose,
    /// The moment by which a recall must be sent.
    pub(crate) deadline: Timestamp,
}

/// The moment by which a safety recall must be sent: `deadline_hours` after `known_at` of the target,
/// or after `as_of` where `known_at` is blank. `Err` is a `known_at` that cannot be parsed.
pub(crate) fn deadline(input: &CheckInput<'_>) -> Result<Timestamp, String> {
    let settings = input.settings;
    let scope = input.person.scope(Purpose::SafetyRecall);
    let hours = settings.rulebook.count("deadline_hours", &scope);
    let later = SignedDuration::from_hours(i64::try_from(hours).unwrap_or(24));
    let from = match input.target.values.get("known_at") {
        None => settings.as_of,
        Some(text) => clock::parse_instant(text).ok_or_else(|| text.clone())?,
    };
    Ok(from.checked_add(later).unwrap_or(from))
}

impl TimingRequest<'_> {
    fn is_recall(&self) -> bool {
        self.purpose == Purpose::SafetyRecall
    }

    /// The last moment that a recall may wait for.
    fn last(&self, settings: &Settings) -> Timestamp {
        self.deadline.max(settings.as_of)
    }
}

pub(crate) fn find(request: &TimingRequest<'_>, settings: &Settings, zones: &mut Zones) -> Timing {
    let scope = request.person.scope(request.purpose);
    let stated = request.person.time_zone.clone().unwrap_or_default();
    let zone = zones.get(&stated);
    let unknown = match stated.is_empty() {
        true => "the time zone is not known".to_string(),
        false => format!("the time zone {stated:?} is not known"),
    };
    let Some(hours) = settings.rulebook.open_hours(&scope) else {
        return no_moment(request, settings, "no rule allows any hour".to_string());
    };
    if hours.is_always() && (zone.is_some() || request.purpose.is_notice()) {
        return Timing {
            earliest: Some(settings.as_of),
            zone,
            reasons: Vec::new(),
        };
    }
    match zone {
        Some(zone) => {
            let open = hours.next(settings.as_of, &zone);
            Timing {
                zone: Some(zone),
                ..at_moment(request, open, settings)
            }
        }
        None if request.is_recall() => in_country(request, &hours, &unknown, settings, zones),
        None => no_moment(
            request,
            settings,
            format!("{unknown}, so quiet hours cannot be respected"),
        ),
    }
}

/// Without a moment a message is held. A recall is sent at its deadline.
fn no_moment(request: &TimingRequest<'_>, settings: &Settings, sentence: String) -> Timing {
    let (weight, earliest) = match request.is_recall() {
        true => (Weight::Note, Some(request.last(settings))),
        false => (Weight::Hold, None),
    };
    Timing {
        earliest,
        zone: None,
        reasons: vec![Reason::new("time-zone-unknown", weight, sentence)],
    }
}

fn in_country(
    request: &TimingRequest<'_>,
    hours: &OpenHours<'_>,
    unknown: &str,
    settings: &Settings,
    zones: &mut Zones,
) -> Timing {
    let country = zones.of_country(&request.person.country);
    if country.is_empty() {
        let place = match request.person.country.as_str() {
            "" => "nor is the country".to_string(),
            code => format!("nor are the zones of {code}"),
        };
        return no_moment(
            request,
            settings,
            format!("{unknown}, {place}, so it goes at its deadline at the latest"),
        );
    }
    let open = hours.next_everywhere(settings.as_of, &country);
    let mut timing = at_moment(request, open, settings);
    let what = format!(
        "{unknown}, a moment that suits all of {} was chosen",
        request.person.country
    );
    timing
        .reasons
        .push(Reason::new("time-zone-unknown", Weight::Note, what));
    timing
}

fn at_moment(request: &TimingRequest<'_>, open: Option<Timestamp>, settings: &Settings) -> Timing {
    let mut timing = Timing::default();
    let last = request.last(settings);
    match open {
        Some(open) if open == settings.as_of => timing.earliest = Some(open),
        Some(open) if !(request.is_recall() && open > last) => {
            let what = format!("quiet hours end at {open}");
            timing
                .reasons
                .push(Reason::new("quiet-hours", Weight::Note, what));
            timing.earliest = Some(open);
        }
        _ if request.is_recall() => {
            let what = format!(
                "quiet hours would hold a recall past its deadline {}",
                request.deadline
            );
            timing
                .reasons
                .push(Reason::new("quiet-hours-overridden", Weight::Note, what));
            timing.earliest = Some(last);
        }
        _ => {
            return no_moment(
                request,
                settings,
                "no moment outside quiet hours was found".to_string(),
            );
        }
    }
    timing
}
