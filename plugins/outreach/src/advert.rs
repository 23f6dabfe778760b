//! What binds advertisements: consent, refusal, fatigue, pauses, complaints, holdouts, caps. On a
//! safety recall the same rules stop nothing; they are noted, and call a person.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::caps::Cap;
use crate::fatigue::Fatigue;
use crate::holdout;
use crate::kinds::{Matter, Regime};
use crate::people::{Books, Consent, Person};
use crate::purpose::Purpose;
use crate::reasons::{Reason, Weight};
use crate::rulebook::Place;
use crate::rules::Rules;
use crate::target::Target;

/// An advertisement that is planned in this run.
pub type Planned = (Timestamp, Option<String>);

/// What a rule made for advertisements does to a message: nothing to a service notice, a note to
/// a safety recall. With a recall in a mixture nothing is dropped, a person decides.
pub fn binds(target: &Target) -> Option<Weight> {
    match (target.stated.purpose, target.stated.with_recall) {
        (Purpose::ServiceNotice, _) => None,
        (Purpose::SafetyRecall, _) => Some(Weight::Note),
        (Purpose::Advertisement, true) => Some(Weight::Review),
        (Purpose::Advertisement, false) => Some(Weight::Suppress),
    }
}

fn place(person: &Person) -> Place<'_> {
    person.place(Purpose::Advertisement)
}

/// Everything but caps and times, which need the moment of sending.
pub fn judge(
    target: &Target,
    person: &Person,
    books: &Books,
    rules: &Rules,
    fatigue: Fatigue,
) -> Vec<Reason> {
    let Some(weight) = binds(target) else {
        return Vec::new();
    };
    let promotes = target.stated.purpose == Purpose::Advertisement;
    let mut reasons = Vec::new();
    let law = rules.book.law(&place(person));
    if standing_refusal(&target.key.customer_id, books).is_some() {
        let what = format!("this person refused advertisements ({law})");
        reasons.push(Reason::new("refused", weight, what));
    } else if promotes {
        reasons.push(consent(target, person, books, rules, weight, &law));
    }
    if promotes && person.open_severe_incident {
        let what = "a grave incident is still open with this person";
        reasons.push(Reason::new("open-incident", weight, what));
    }
    if fatigue == Fatigue::OverSaturated {
        let what = "many advertisements lately, and a smaller share of them answered than before";
        reasons.push(Reason::new("over-saturated", weight, what));
    }
    if person.paused(rules.day) {
        reasons.push(Reason::new(
            "paused",
            weight,
            "this person asked for a pause from advertisements",
        ));
    }
    reasons.extend(complaints(person, books, rules, weight));
    if promotes {
        reasons.extend(held_out(target, person, rules, weight));
    }
    reasons
}

/// A refusal that stands on any channel stops advertisements on all of them, at once. It stands
/// until a later proven consent for the same channel; one whose date cannot be read stands for good.
pub fn standing_refusal<'a>(customer_id: &str, books: &'a Books) -> Option<&'a Consent> {
    let all = books.consents.get(customer_id)?;
    all.iter()
        .filter(|consent| consent.state == "refused")
        .find(|refusal| {
            !all.iter().any(|other| {
                let same = other.channel == refusal.channel || other.channel.is_none();
                let later = refusal
                    .at
                    .is_some_and(|refused| other.at.is_some_and(|at| at > refused));
                given(other) && other.proof.is_some() && same && later
            })
        })
}

fn given(consent: &Consent) -> bool {
    matches!(consent.state.as_str(), "granted" | "confirmed")
}

fn consent(
    target: &Target,
    person: &Person,
    books: &Books,
    rules: &Rules,
    weight: Weight,
    law: &str,
) -> Reason {
    let all = books
        .consents
        .get(&target.key.customer_id)
        .map_or(&[][..], Vec::as_slice);
    let covers = |consent: &&Consent| {
        let channel = consent.channel.is_none() || consent.channel == person.channel;
        channel && consent.at.is_some_and(|at| at <= rules.as_of)
    };
    let latest = all
        .iter()
        .filter(covers)
        .max_by_key(|consent| (consent.at, !given(consent), consent.proof.is_none()));
    let regime = rules.book.regime(&place(person));
    let enough = |consent: &Consent| match regime {
        Regime::DoubleOptIn => consent.state == "confirmed",
        _ => given(consent),
    };
    let none = "no consent to advertising on this channel is on record".to_string();
    let (code, weight, what) = match latest {
        _ if regime == Regime::OptOut => (
            "consent-opt-out",
            Weight::Note,
            "no refusal is on record, which is all that is asked for".to_string(),
        ),
        None => ("consent-missing", weight, none),
        Some(consent) if !enough(consent) => (
            "consent-unconfirmed",
            weight,
            "the consent to advertising was never confirmed".to_string(),
        ),
        Some(consent) => match &consent.proof {
            None => (
                "consent-unproven",
                weight,
                "the consent to advertising has no proof on record".to_string(),
            ),
            Some(proof) => (
                "consent-granted",
                Weight::Note,
                format!("this person agreed to advertising on this channel, proof {proof}"),
            ),
        },
    };
    Reason::new(code, weight, format!("{what} ({law})"))
}

/// Too many of those who were advertised to on this channel complained.
fn complaints(person: &Person, books: &Books, rules: &Rules, weight: Weight) -> Option<Reason> {
    let (book, place) = (&rules.book, place(person));
    let days = book.count("complaint_days", &place);
    let (sends, complaints) = books.complaints(place.channel, rules.day, days);
    let most = book.share("complaint_rate_max", &place);
    let over = complaints > 0 && complaints as f64 >= most * sends as f64;
    (over && sends >= book.count("complaint_sends_min", &place)).then(|| {
        let what = format!(
            "{complaints} complaints about {sends} advertisements in {days} days, sending stops at {} %",
            most * 100.0
        );
        Reason::new("complaint-rate", weight, what)
    })
}

fn held_out(target: &Target, person: &Person, rules: &Rules, weight: Weight) -> Option<Reason> {
    let share = rules.book.share("holdout", &place(person));
    let experiment = target
        .values
        .get("experiment")
        .unwrap_or(&target.key.incident);
    let person = &target.key.customer_id;
    holdout::holds(person, experiment, share).then(|| {
        let what = format!(
            "this person is held out of {experiment}, as {} % are",
            share * 100.0
        );
        Reason::new("holdout", weight, what)
    })
}

/// Whether one more advertisement at a moment would be too many, by calendar days, weeks and
/// months in the recipient's zone. A cap for a channel counts that channel alone.
pub fn over_cap(
    at: Timestamp,
    zone: &TimeZone,
    target: &Target,
    person: &Person,
    books: &Books,
    planned: &[Planned],
    rules: &Rules,
) -> Option<Reason> {
    let weight = binds(target)?;
    let id = &target.key.customer_id;
    let own = person
        .own_cap
        .as_ref()
        .map(|text| (Cap::parse(text), None::<&str>));
    if let Some((None, _)) = own {
        let what = "this person's own cap cannot be read";
        return Some(Reason::new(
            "cap-unreadable",
            weight.min(Weight::Review),
            what,
        ));
    }
    let place = place(person);
    let ruled = rules
        .book
        .all("cap", place)
        .filter_map(|rule| match &rule.matter {
            Matter::Cap(cap) => Some((*cap, rule.channel())),
            _ => None,
        });
    let own = own
        .into_iter()
        .filter_map(|(cap, channel)| Some((cap?, channel)));
    let week_start = rules.book.week_start(&place);
    let sent = books.sends.get(id).map_or(&[][..], Vec::as_slice);
    let past = sent
        .iter()
        .filter(|send| send.promotes)
        .filter_map(|send| Some((send.at?, send.channel.as_deref())));
    let planned = planned
        .iter()
        .map(|(at, channel)| (*at, channel.as_deref()));
    let all: Vec<(Timestamp, Option<&str>)> = past.chain(planned).collect();
    own.chain(ruled).find_map(|(cap, only)| {
        let counted = all
            .iter()
            .filter(|(_, channel)| only.is_none() || *channel == only);
        let beside = cap.over(at, counted.map(|(at, _)| *at), zone, week_start)?;
        let on = only
            .map(|channel| format!(" by {channel}"))
            .unwrap_or_default();
        let what = format!(
            "{id} has {beside} advertisements{on} in that stretch already, the cap is {}",
            cap.label()
        );
        Some(Reason::new("frequency-cap", weight, what))
    })
}
