//! What speaks for two records being one person, and what against, in points with their reasons.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::name::{Likeness, Name};
use crate::record::PersonRecord;
use crate::text::edits;

/// Points at which two records count as one person: score 0.5.
const ENOUGH: f64 = 6.0;
/// Addresses of so many characters may be alike; of so many, under another postal code too.
const ADDRESS_LONG: usize = 10;
const ADDRESS_WHOLE: usize = 24;
const ADDRESS_ALIKE: f64 = 0.75;
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
                    Likeness::GivenSlip,
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
            Birth::Slip => points.add(0.5, "date of birth a digit apart"),
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
    // Many towns have a Hauptstraße 5; a whole address with its town is one place, whatever the postal code.
    let is_other_town = postal.is_some_and(|edits| edits > 1);
    let length = own.chars().count().min(theirs.chars().count());
    let near = if length < ADDRESS_LONG || is_other_town && length < ADDRESS_WHOLE {
        false
    } else {
        numbers(own) == numbers(theirs) && alike(own, theirs) >= ADDRESS_ALIKE
    };
    let is_same = !own.is_empty() && own == theirs && !is_other_town;
    match (is_same, near, postal) {
        (true, ..) => points.add(2.0, "same address"),
        (_, true, Some(0)) => points.add(2.0, "nearly the same address, same postal code"),
        (_, true, _) => points.add(1.2, "nearly the same address"),
        (.., Some(0)) => points.add(0.7, "same postal code"),
        (.., Some(1)) => points.add(0.5, "postal code a digit apart"),
        (.., Some(_)) => points.add(-0.3, "another postal code"),
        (.., None) => {}
    }
}

/// The share of pairs of neighbouring characters that two texts have in common (Dice 1945), blanks left out.
fn alike(one: &str, other: &str) -> f64 {
    let pairs = |text: &str| {
        let characters: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
        let mut pairs: Vec<(char, char)> = characters
            .iter()
            .copied()
            .zip(characters.iter().copied().skip(1))
            .collect();
        pairs.sort_unstable();
        pairs
    };
    let (own, theirs) = (pairs(one), pairs(other));
    let (mut both, mut left, mut right) = (0, own.iter().peekable(), theirs.iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        match a.cmp(b) {
            Ordering::Less => drop(left.next()),
            Ordering::Greater => drop(right.next()),
            Ordering::Equal => {
                both += 1;
                left.next();
                right.next();
            }
        }
    }
    f64::from(2 * both) / (own.len() + theirs.len()).max(1) as f64
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
        Likeness::GivenSlip => (2.0, "a slip in the given name"),
        Likeness::GivenTypo => (0.5, "nearly the same given name"),
        Likeness::BothTypo => (1.8, "nearly the same names"),
        Likeness::Part => (1.8, "a part of the name"),
        Likeness::Homophone => (0.5, "other kanji, read the same"),
        Likeness::SameGiven => (1.8, "same given name, other family name"),
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
    /// One digit is another, two neighbours have changed places, or day and month have.
    Slip,
    /// Two of year, month and day are the same.
    Near,
    Other,
}

fn birth(own: (i32, u32, u32), theirs: (i32, u32, u32)) -> Birth {
    if own == theirs {
        return Birth::Same;
    }
    let digits = |(year, month, day)| format!("{year:04}{month:02}{day:02}");
    let same = [own.0 == theirs.0, own.1 == theirs.1, own.2 == theirs.2];
    let swapped = own == (theirs.0, theirs.2, theirs.1);
    if swapped || edits(&digits(own), &digits(theirs), 1) == 1 {
        Birth::Slip
    } else if same.iter().filter(|same| **same).count() == 2 {
        Birth::Near
    } else {
        Birth::Other
    }
}
