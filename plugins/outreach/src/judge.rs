//! The rules about a person: may this one be written to, for this purpose, now?

use jiff::Timestamp;

use crate::advert;
use crate::offers::held;
use crate::people::{self, Books, Person};
use crate::purpose::Purpose;
use crate::reasons::{Reason, Weight};
use crate::rules::Rules;
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
    let Some((person, alone)) = known.and_then(|all| contact(all)) else {
        return (
            None,
            vec![unreachable("no contact is on record for this buyer")],
        );
    };
    let mut reasons = Vec::new();
    if !alone {
        let what =
            "the records of this person disagree, so a person must choose the contact on the order";
        reasons.push(Reason::new("person-ambiguous", Weight::Review, what));
    }
    let trouble = match (&person.channel, &person.address) {
        _ if !person.addressable => Some("this buyer is marked as not addressable"),
        _ if !person.from_order => {
            Some("the address was found by comparing records and is not that of the order")
        }
        (None, _) => Some("no channel is on record"),
        (_, None) => Some("no address is on record"),
        (Some(channel), Some(address)) => people::address_trouble(channel, address),
    };
    reasons.extend(trouble.map(unreachable));
    if person.important {
        let what = "nothing goes to an important customer unread";
        reasons.push(Reason::new("important-customer", Weight::Review, what));
        if person.angry {
            let what = "a valued customer is angry, call before you write";
            reasons.push(Reason::new("important-and-angry", Weight::Review, what));
        }
    }
    (Some(person), reasons)
}

/// The contact among the rows of one person: the only one, or the only one on the channel that
/// the person prefers. `false` when the rows leave it open.
fn contact(all: &[Person]) -> Option<(&Person, bool)> {
    let preferred = |person: &&Person| {
        person.preferred_channel.is_some() && person.channel == person.preferred_channel
    };
    let mut liked = all.iter().filter(preferred);
    match (liked.next(), liked.next()) {
        (Some(only), None) => Some((only, true)),
        _ => Some((all.first()?, all.len() == 1)),
    }
}

/// What the staff asked for with this person. It outranks every rule but the deadline of a recall.
pub fn staff(target: &Target, person: &Person, rules: &Rules) -> Option<Reason> {
    let who = person.held(rules.day)?;
    let until = match person.held_until {
        Some(day) => format!(" until {day}"),
        None => String::new(),
    };
    let weight = match target.stated.purpose == Purpose::SafetyRecall || target.stated.with_recall {
        true => Weight::Note,
        false => Weight::Hold,
    };
    let what = format!("{who} asked to wait with this person{until}");
    Some(Reason::new("staff-hold", weight, what))
}

/// What the purpose itself says: how it was stated, and the law it is written under.
pub fn purpose_notes(
    target: &Target,
    person: &Person,
    books: &Books,
    rules: &Rules,
) -> Vec<Reason> {
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
        let refused = advert::standing_refusal(&target.key.customer_id, books).is_some();
        let also = match refused {
            true => ", the refusal of advertisements on record does not bind it",
            false => "",
        };
        let law = rules.book.law(&person.place(stated.purpose));
        let what = format!(
            "a {} needs no consent to advertising ({law}){also}",
            stated.purpose.name()
        );
        reasons.push(Reason::new("consent-not-needed", Weight::Note, what));
    }
    reasons
}

/// Two live offers of one kind with different terms: an advertisement would break one of the
/// promises, and whoever serves this person should know which one to honour. An upgrade that a
/// rule names settles it.
pub fn offers(target: &Target, books: &Books, rules: &Rules) -> Vec<Reason> {
    let own = books
        .offers
        .get(&target.key.customer_id)
        .map_or(&[][..], Vec::as_slice);
    let live = own.iter().filter(|offer| offer.live(rules.day));
    let campaign = target
        .values
        .get("offer_kind")
        .zip(target.values.get("offer_terms"));
    let promises = live
        .map(|offer| (offer.kind.as_str(), offer.terms.as_str()))
        .chain(campaign.map(|(kind, terms)| (kind.as_str(), terms.as_str())));
    let upgrades: Vec<_> = rules.book.upgrades().collect();
    let mut reasons = Vec::new();
    for held in held(promises, &upgrades)
        .into_iter()
        .filter(|held| held.terms.len() > 1)
    {
        let terms: Vec<&str> = held.terms.iter().map(String::as_str).collect();
        let pair = format!(
            "live offers of the kind {}: {}",
            held.kind,
            terms.join(" and ")
        );
        let notice = target.stated.purpose.is_notice();
        reasons.push(match (held.honour, advert::binds(target)) {
            (Some(honour), _) => Reason::new(
                "offer-upgraded",
                Weight::Note,
                format!("{pair}, honour {honour}"),
            ),
            (None, Some(weight)) if !notice => Reason::new("offer-conflict", weight, pair),
            (None, _) => Reason::new(
                "offer-conflict",
                Weight::Note,
                format!("{pair}, for the front line to know"),
            ),
        });
    }
    reasons
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
