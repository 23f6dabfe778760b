//! The contact to write to, and what forbids or delays writing to it.

use crate::checks::CheckInput;
use crate::message::reasons::{Reason, Weight};
use crate::people::person::{Person, address_fault};
use crate::people::records::PersonRecords;
use crate::targets::purpose::Purpose;
use crate::targets::target::Target;

/// The contact on the order, and reasons against writing to it.
pub(crate) fn find<'a>(
    target: &Target,
    records: &'a PersonRecords,
) -> (Option<&'a Person>, Vec<Reason>) {
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
    let Some((preferred, unambiguous)) = choose(&records.contacts) else {
        let reason = unreachable("no contact is on record for this buyer");
        return (None, vec![reason]);
    };
    let recall = target.stated.purpose == Purpose::SafetyRecall || target.stated.with_recall;
    let other = recall.then(|| another(preferred, &records.contacts));
    let other = other.flatten();
    let person = other.unwrap_or(preferred);
    let mut reasons = Vec::new();
    if other.is_some() {
        let channel = |person: &Person| person.channel.clone().unwrap_or_default();
        let what = format!(
            "there is no usable address for {}, so this recall goes by {}, which is on file too",
            channel(preferred),
            channel(person)
        );
        reasons.push(Reason::new("other-channel", Weight::Note, what));
    } else if !unambiguous {
        let what =
            "the records of this person disagree, so a person must choose the contact on the order";
        reasons.push(Reason::new("person-ambiguous", Weight::Review, what));
    }
    reasons.extend(fault(person).map(unreachable));
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

/// Why a contact cannot be written to.
fn fault(person: &Person) -> Option<&'static str> {
    match (&person.channel, &person.address) {
        _ if !person.addressable => Some("this buyer is marked as not addressable"),
        _ if !person.from_order => {
            Some("the address was found by comparing records and is not that of the order")
        }
        (None, _) => Some("no channel is on record"),
        (_, None) => Some("no address is on record"),
        (Some(channel), Some(address)) => address_fault(channel, address),
    }
}

/// What a recall falls back to, the quickest first.
const CHANNELS: [&str; 3] = ["email", "sms", "post"];

/// Another contact on file, where the preferred one cannot be written to: of a danger a person learns by whatever
/// address there is. Where two rows of a channel differ, that channel is not used.
fn another<'a>(preferred: &Person, contacts: &'a [Person]) -> Option<&'a Person> {
    fault(preferred)?;
    let of = |channel: &&str| {
        let mut own = contacts.iter().filter(|person| {
            person.channel.as_deref() == Some(*channel) && fault(person).is_none()
        });
        own.next().filter(|_| own.next().is_none())
    };
    CHANNELS.iter().find_map(of)
}

/// The contact among the rows of one person: the only one, or the only one on the preferred channel.
/// `false` when the rows do not decide.
fn choose(contacts: &[Person]) -> Option<(&Person, bool)> {
    let is_preferred = |person: &&Person| {
        person.preferred_channel.is_some() && person.channel == person.preferred_channel
    };
    let mut preferred = contacts.iter().filter(is_preferred);
    match (preferred.next(), preferred.next()) {
        (Some(only), None) => Some((only, true)),
        _ => Some((contacts.first()?, contacts.len() == 1)),
    }
}

/// A hold by the staff outranks every rule but the deadline of a recall.
pub(crate) fn staff_hold(input: &CheckInput<'_>) -> Option<Reason> {
    let (target, person) = (input.target, input.person);
    let who = person.held_on(input.settings.day)?;
    let until = match person.held_until {
        Some(day) => format!(" until {day}"),
        None => String::new(),
    };
    let weight = match target.stated.purpose == Purpose::SafetyRecall || target.stated.with_recall {
        true => Weight::Note,
        false => Weight::Hold,
    };
    let what = format!("{who} put messages to this person on hold{until}");
    Some(Reason::new("staff-hold", weight, what))
}
