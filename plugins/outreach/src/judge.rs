//! The rules about a person: may this one be written to, for this purpose, now?

use jiff::Timestamp;

use crate::clock;
use crate::people::{self, Books, Consent, Person};
use crate::purpose::{self, Purpose};
use crate::reasons::{Reason, Weight};
use crate::target::Target;
use crate::template::Template;

/// The contact on the order, and what forbids or hinders writing to it.
pub fn addressee<'a>(target: &Target, books: &'a Books) -> (Option<&'a Person>, Vec<Reason>) {
    let unreachable = |what: &str| {
        Reason::new(
            "no-address",
            Weight::Suppress,
            format!("{what}, so this unit belongs in the public notice"),
        )
    };
    if target.key.customer_id.is_empty() {
        return (None, vec![unreachable("the sale names no buyer")]);
    }
    let known = books.persons.get(&target.key.customer_id);
    let Some(person) = known.and_then(|all| all.first()) else {
        return (
            None,
            vec![unreachable("no contact is on record for this buyer")],
        );
    };
    let mut reasons = Vec::new();
    if known.is_some_and(|all| all.len() > 1) {
        let what =
            "the records of this person disagree, so a person must choose the contact on the order";
        reasons.push(Reason::new("person-ambiguous", Weight::Review, what));
    }
    let trouble = match (&person.channel, &person.address) {
        _ if !person.addressable => Some("this buyer is marked as not addressable"),
        (None, _) => Some("no channel is on record"),
        (_, None) => Some("no address is on record"),
        (Some(channel), Some(address)) => people::address_trouble(channel, address),
    };
    reasons.extend(trouble.map(unreachable));
    if person.important {
        let what = "nothing goes to an important customer unread";
        reasons.push(Reason::new("important-customer", Weight::Review, what));
    }
    (Some(person), reasons)
}

/// What the purpose itself says: how it was stated, and the law it is written under.
pub fn purpose_notes(target: &Target, country: &str, books: &Books) -> Vec<Reason> {
    let stated = target.stated;
    let mut reasons = Vec::new();
    if stated.mixed {
        let (weight, what) = match stated.with_recall {
            true => (
                Weight::Review,
                "a safety recall must not carry an advertisement, send it by itself",
            ),
            false => (
                Weight::Note,
                "a notice mixed with an advertisement counts as an advertisement",
            ),
        };
        reasons.push(Reason::new("mixed-purpose", weight, what));
    }
    if target.separated {
        let what = format!(
            "other messages of this incident were left out of this {}",
            stated.purpose.name()
        );
        reasons.push(Reason::new("purposes-separated", Weight::Note, what));
    }
    if !target.also_possible.is_empty() {
        let orders = target.also_possible.join(", ");
        let what = format!(
            "orders that are only possibly affected are not named in this message: {orders}"
        );
        reasons.push(Reason::new("also-possible", Weight::Review, what));
    }
    if stated.purpose.is_notice() {
        let refused = standing_refusal(target, books).is_some();
        let also = match refused {
            true => ", the refusal of advertisements on record does not bind it",
            false => "",
        };
        let law = purpose::law(stated.purpose, country);
        let what = format!(
            "a {} needs no consent to advertising ({law}){also}",
            stated.purpose.name()
        );
        reasons.push(Reason::new("consent-not-needed", Weight::Note, what));
    }
    reasons
}

/// What binds advertisements alone. With a recall in the mixture nothing is dropped: a
/// person decides.
pub fn advertisement(
    target: &Target,
    person: &Person,
    books: &Books,
    as_of: Timestamp,
) -> Vec<Reason> {
    if target.stated.purpose.is_notice() {
        return Vec::new();
    }
    let weight = advertising_weight(target);
    let law = purpose::law(Purpose::Advertisement, &person.country);
    let mut reasons = vec![match standing_refusal(target, books) {
        Some(_) => Reason::new(
            "refused",
            weight,
            format!("this person refused advertisements ({law})"),
        ),
        None => consent(target, person, books, as_of, law),
    }];
    if person.open_severe_incident {
        let what = "a grave incident is still open with this person";
        reasons.push(Reason::new("open-incident", weight, what));
    }
    reasons
}

/// What an advertising rule does to a message.
pub fn advertising_weight(target: &Target) -> Weight {
    match target.stated.with_recall {
        true => Weight::Review,
        false => Weight::Suppress,
    }
}

/// A refusal that stands on any channel stops advertisements on all of them. It stands until
/// a later consent for the same channel; one whose date cannot be read stands for good.
fn standing_refusal<'a>(target: &Target, books: &'a Books) -> Option<&'a Consent> {
    let all = books.consents.get(&target.key.customer_id)?;
    all.iter()
        .filter(|consent| consent.state == "refused")
        .find(|refusal| {
            !all.iter().any(|other| {
                let same = other.channel == refusal.channel || other.channel.is_none();
                let later = refusal
                    .at
                    .is_some_and(|refused| other.at.is_some_and(|at| at > refused));
                other.state == "granted" && other.proven && same && later
            })
        })
}

fn consent(target: &Target, person: &Person, books: &Books, as_of: Timestamp, law: &str) -> Reason {
    let all = books
        .consents
        .get(&target.key.customer_id)
        .map_or(&[][..], Vec::as_slice);
    let covers = |consent: &&Consent| {
        let channel = consent.channel.is_none() || consent.channel == person.channel;
        channel && consent.at.is_some_and(|at| at <= as_of)
    };
    let latest = all
        .iter()
        .filter(covers)
        .max_by_key(|consent| (consent.at, consent.state != "granted", !consent.proven));
    let weight = advertising_weight(target);
    match latest {
        None => Reason::new(
            "consent-missing",
            weight,
            format!("no consent to advertising on this channel is on record ({law})"),
        ),
        Some(consent) if consent.state != "granted" => Reason::new(
            "consent-unconfirmed",
            weight,
            format!("the consent to advertising was never confirmed ({law})"),
        ),
        Some(consent) if !consent.proven => Reason::new(
            "consent-unproven",
            weight,
            format!("the consent to advertising has no proof on record ({law})"),
        ),
        Some(_) => Reason::new(
            "consent-granted",
            Weight::Note,
            format!("this person agreed to advertising on this channel ({law})"),
        ),
    }
}

/// Two live offers of one kind with different terms: an advertisement would break one of the
/// promises, and whoever serves this person should know which one to honour.
pub fn offers(target: &Target, books: &Books, as_of: Timestamp) -> Option<Reason> {
    let day = clock::parse_date(&as_of.to_string())?;
    let held = books
        .offers
        .get(&target.key.customer_id)
        .map_or(&[][..], Vec::as_slice);
    let mut promised: Vec<(&str, &str)> = held
        .iter()
        .filter(|offer| offer.live(day))
        .map(|offer| (offer.kind.as_str(), offer.terms.as_str()))
        .collect();
    if let (Some(kind), Some(terms)) = (
        target.values.get("offer_kind"),
        target.values.get("offer_terms"),
    ) {
        promised.push((kind, terms));
    }
    promised.sort_unstable();
    promised.dedup();
    let (first, second) = promised
        .iter()
        .zip(promised.iter().skip(1))
        .find(|(one, two)| one.0 == two.0)?;
    let pair = format!(
        "two live offers of the kind {}: {} and {}",
        first.0, first.1, second.1
    );
    Some(match target.stated.purpose.is_notice() {
        true => Reason::new(
            "offer-conflict",
            Weight::Note,
            format!("{pair}, for the front line to know"),
        ),
        false => Reason::new("offer-conflict", advertising_weight(target), pair),
    })
}

/// What the record of past messages says against this one.
pub fn history(
    target: &Target,
    template: Option<&Template>,
    books: &Books,
    as_of: Timestamp,
) -> Vec<Reason> {
    let sends = books
        .sends
        .get(&target.key.customer_id)
        .map_or(&[][..], Vec::as_slice);
    let mut reasons = Vec::new();
    if sends.iter().filter_map(|send| send.at).any(|at| at > as_of) {
        let what = "a message to this person is recorded later than this run's clock";
        reasons.push(Reason::new("clock-before-last-send", Weight::Review, what));
    }
    let unread = sends.iter().any(|send| send.promotes && send.at.is_none());
    if unread && !target.stated.purpose.is_notice() {
        let what = "a past message has no readable time, so the caps cannot be kept";
        reasons.push(Reason::new("history-unreadable", Weight::Review, what));
    }
    let Some(template) = template else {
        return reasons;
    };
    let same = |incident: &Option<String>| {
        incident
            .as_ref()
            .is_none_or(|named| *named == target.key.incident)
    };
    let mut earlier = false;
    for send in sends
        .iter()
        .filter(|send| send.template == template.id && same(&send.incident))
    {
        let version = send
            .version
            .as_ref()
            .is_none_or(|version| *version == template.version);
        let (code, weight, what) = match (version, send.uncertain) {
            (true, false) => (
                "already-sent",
                Weight::Suppress,
                "was sent to this person before",
            ),
            (true, true) => (
                "send-unknown",
                Weight::Review,
                "was handed over before and nobody knows whether it arrived",
            ),
            (false, _) if earlier => continue,
            (false, _) => (
                "earlier-version-sent",
                Weight::Review,
                "is a newer version of a message this person has",
            ),
        };
        earlier |= !version;
        reasons.push(Reason::new(
            code,
            weight,
            format!("{} {what}", template.label()),
        ));
    }
    let used = |version: Option<String>| books.used.contains(&(template.id.clone(), version));
    if !used(None) && !used(Some(template.version.clone())) {
        let what = format!("{} was never sent to anybody", template.label());
        reasons.push(Reason::new("new-template", Weight::Review, what));
    }
    reasons.sort_by_key(|reason| reason.code);
    reasons.dedup();
    reasons
}
