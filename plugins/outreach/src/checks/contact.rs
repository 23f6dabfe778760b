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
    let Some((person, unambiguous)) = choose(&records.contacts) else {
        let reason = unreachable("no contact is on record for this buyer");
        return (None, vec![reason]);
    };
    let mut reasons = Vec::new();
    if !unambiguous {
        let what =
            "the records of this person disagree, so a person must choose the contact on the order";
        reasons.push(Reason::new("person-ambiguous", Weight::Review, what));
    }
    let fault = match (&person.channel, &person.address) {
        _ if !person.addressable => Some("this buyer is marked as not addressable"),
        _ if !person.from_order => {
            Some("the address was found by comparing records and is not that of the order")
        }
        (None, _) => Some("no channel is on record"),
        (_, None) => Some("no address is on record"),
        (Some(channel), Some(address)) => address_fault(channel, address),
    };
    reasons.extend(fault.map(unreachable));
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
