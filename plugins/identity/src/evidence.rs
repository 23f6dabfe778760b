//! What speaks for two records being one person, and what against, in points with their reasons.

use std::collections::HashMap;

use crate::name::{Likeness, Name};
use crate::record::PersonRecord;
use crate::text::edits;

/// Points at which two records count as one person: score 0.5.
const ENOUGH: f64 = 6.0;
/// Slips in an address of so many characters and more.
const ADDRESS_SLIPS: usize = 2;
const ADDRESS_LONG: usize = 10;
/// People on one number or mailbox that are counted one by one; more count as this many.
const PEOPLE_MAX: usize = 8;

/// How sure it is that two records are of one person, and why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evidence {
    /// 0 to 1; 0.5 is where records are linked unless `minimum` differs. An order, not a probability.
    pub score: f64,
    /// `same e-mail +5.0, same given name, other family name +1.5, …`
    pub reason: String,
}

/// How many people use each phone number and each mailbox, by the names that stand beside it.
#[derive(Default)]
pub(crate) struct Shared<'r> {
    phones: HashMap<&'r str, Vec<&'r Name>>,
    mailboxes: HashMap<&'r str, Vec<&'r Name>>,
}

impl<'r> Shared<'r> {
    /// Counts over all records.
    #[must_use]
    pub(crate) fn of(records: &'r [PersonRecord]) -> Self {
        let mut shared = Self::default();
        for record in records {
            let Some(name) = &record.name else { continue };
            let note = |people: &mut Vec<&'r Name>, others: &[Likeness]| {
                let is_new = people
                    .iter()
                    .all(|known| others.contains(&known.likeness(name)));
                if is_new && people.len() < PEOPLE_MAX {
                    people.push(name);
                }
            };
            if let Some(phone) = &record.phone {
                let others = [
                    Likeness::Different,
                    Likeness::SameFamily,
                    Likeness::GivenTypo,
                ];
                note(shared.phones.entry(phone).or_default(), &others);
            }
            if let Some(email) = &record.email {
                // A mailbox is personal more often than not: a slip in the name beside it makes no second person.
                let others = [Likeness::Different, Likeness::SameFamily];
                note(shared.mailboxes.entry(email).or_default(), &others);
            }
        }
        shared
    }
}

/// A sum of points with its reasons.
#[derive(Default)]
struct Points {
    sum: f64,
    reasons: Vec<String>,
}

impl Points {
    fn add(&mut self, points: f64, reason: &str) {
        self.sum += points;
        self.reasons.push(format!("{reason} {points:+.1}"));
    }
}

/// Weighs everything that two records say.
#[must_use]
pub(crate) fn weigh(one: &PersonRecord, other: &PersonRecord, shared: &Shared<'_>) -> Evidence {
    let mut points = Points::default();
    let (value, reason) = name_points(likeness(one, other));
    if value != 0.0 || !reason.is_empty() {
        points.add(value, reason);
    }
    mailbox(one, other, shared, &mut points);
    number(one, other, shared, &mut points);
    if let (Some(own), Some(theirs)) = (one.birth, other.birth) {
        match birth(own, theirs) {
            Birth::Same => points.add(3.5, "same date of birth"),
            Birth::Near => points.add(-1.0, "nearly the same date of birth"),
            Birth::Other => points.add(-5.0, "another date of birth"),
        }
    }
    place(one, other, &mut points);
    Evidence {
        score: 1.0 / (1.0 + (ENOUGH - points.sum).exp()),
        reason: points.reasons.join(", "),
    }
}

/// Where two records live: postal code and address, each with a slip of the finger.
fn place(one: &PersonRecord, other: &PersonRecord, points: &mut Points) {
    let postal = match (one.postal.as_str(), other.postal.as_str()) {
        ("", _) | (_, "") => None,
        (own, theirs) => Some(edits(own, theirs, 1)),
    };
    let (own, theirs) = (one.address.as_str(), other.address.as_str());
    // Many towns have a Hauptstraße 5.
    let is_other_town = postal.is_some_and(|edits| edits > 1);
    let slips = if own.is_empty() || theirs.is_empty() || is_other_town {
        usize::MAX
    } else if own == theirs {
        0
    } else {
        edits(own, theirs, ADDRESS_SLIPS)
    };
    let is_long = own.chars().count() >= ADDRESS_LONG && numbers(own) == numbers(theirs);
    match (slips, postal) {
        (0, _) => points.add(2.0, "same address"),
        (1..=ADDRESS_SLIPS, _) if is_long => points.add(1.2, "nearly the same address"),
        (_, Some(0)) => points.add(0.7, "same postal code"),
        (_, Some(1)) => points.add(0.2, "postal code a digit apart"),
        (_, Some(_)) => points.add(-0.3, "another postal code"),
        (_, None) => {}
    }
}

/// The numbers of an address: 5 and 7 in one street are two houses.
fn numbers(address: &str) -> Vec<&str> {
    let pieces = address.split(|c: char| !c.is_ascii_digit());
    pieces.filter(|piece| !piece.is_empty()).collect()
}

/// Whether two records cannot be of one person, whatever links them: other names, or other dates of birth.
#[must_use]
pub(crate) fn conflict(one: &PersonRecord, other: &PersonRecord) -> Option<&'static str> {
    if let (Some(own), Some(theirs)) = (one.birth, other.birth)
        && matches!(birth(own, theirs), Birth::Other)
    {
        return Some("other dates of birth");
    }
    match likeness(one, other) {
        Likeness::Different => Some("other names"),
        Likeness::SameFamily => Some("other given names"),
        _ => None,
    }
}

fn likeness(one: &PersonRecord, other: &PersonRecord) -> Likeness {
    match (&one.name, &other.name) {
        (Some(own), Some(theirs)) => own.likeness(theirs),
        _ => Likeness::Unknown,
    }
}

fn name_points(likeness: Likeness) -> (f64, &'static str) {
    match likeness {
        Likeness::Same => (4.0, "same name"),
        Likeness::SameReading => (3.5, "name read the same"),
        Likeness::Initial => (2.5, "same family name and initial"),
        Likeness::FamilyTypo => (2.0, "nearly the same family name"),
        Likeness::OtherReading => (1.5, "same kanji, read otherwise"),
        Likeness::GivenTypo => (0.5, "nearly the same given name"),
        Likeness::Homophone => (0.5, "other kanji, read the same"),
        Likeness::SameGiven => (1.5, "same given name, other family name"),
        Likeness::Unknown => (0.0, ""),
        Likeness::SameFamily => (-4.5, "other given name"),
        Likeness::Different => (-4.0, "other name"),
    }
}

fn mailbox(one: &PersonRecord, other: &PersonRecord, shared: &Shared<'_>, points: &mut Points) {
    let (Some(own), Some(theirs)) = (&one.email, &other.email) else {
        return;
    };
    if own == theirs {
        match shared.mailboxes.get(own.as_str()).map_or(0, Vec::len) {
            0 | 1 => points.add(5.0, "same e-mail"),
            2..=4 => points.add(2.5, "same e-mail, which several people use"),
            _ => points.add(0.5, "same e-mail, which many people use"),
        }
        return;
    }
    let digits = |address: &str| {
        address
            .chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    // taro1@ and taro2@ are two people; taro@ and tarp@ may be a slip.
    if own.len() >= 10 && edits(own, theirs, 1) == 1 && digits(own) == digits(theirs) {
        points.add(2.0, "e-mail a letter apart");
    }
}

fn number(one: &PersonRecord, other: &PersonRecord, shared: &Shared<'_>, points: &mut Points) {
    let (Some(own), Some(theirs)) = (&one.phone, &other.phone) else {
        return;
    };
    if own == theirs {
        match shared.phones.get(own.as_str()).map_or(0, Vec::len) {
            0 | 1 => points.add(4.0, "same phone"),
            2..=4 => points.add(2.5, "same phone, which several people use"),
            _ => points.add(0.5, "same phone, which many people use"),
        }
    } else if edits(own, theirs, 1) == 1 {
        points.add(1.5, "phone a digit apart");
    }
}

enum Birth {
    Same,
    Near,
    Other,
}

/// Two of year, month and day the same, or day and month swapped, may be a slip.
fn birth(own: (i32, u32, u32), theirs: (i32, u32, u32)) -> Birth {
    if own == theirs {
        return Birth::Same;
    }
    let same = [own.0 == theirs.0, own.1 == theirs.1, own.2 == theirs.2];
    let swapped = own == (theirs.0, theirs.2, theirs.1);
    if swapped || same.iter().filter(|same| **same).count() == 2 {
        Birth::Near
    } else {
        Birth::Other
    }
}
