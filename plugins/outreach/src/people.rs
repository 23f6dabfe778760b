//! What is known of a person: contact on the order, consents, what was sent, live offers.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::cell::Row;
use crate::clock;
use crate::offers::Offer;
use crate::purpose::Purpose;
use crate::rulebook::Place;
use crate::words;

/// The contact on the order.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// As the person is addressed.
    pub name: Option<String>,
    /// Mail address, phone number or postal address, as `channel` says.
    pub address: Option<String>,
    /// Lower case.
    pub language: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// Two letters, upper case; blank when not known.
    pub country: String,
    /// `email`, `sms`, `post`, or another.
    pub channel: Option<String>,
    /// The store or adviser who knows the person.
    pub owner: Option<String>,
    /// The person may be written to at all.
    pub addressable: bool,
    /// A person to whom nothing goes unread.
    pub important: bool,
    /// Something grave is still open with this person.
    pub open_severe_incident: bool,
    /// What this person last told us was angry.
    pub angry: bool,
    /// The channel this person prefers, where several contacts are on record.
    pub preferred_channel: Option<String>,
    /// No advertisement from this day on.
    pub pause_from: Option<Date>,
    /// No advertisement up to this day.
    pub pause_to: Option<Date>,
    /// This person's own cap, as written.
    pub own_cap: Option<String>,
    /// Who of the staff asked to wait with this person.
    pub held_by: Option<String>,
    /// Up to which day; for good when absent.
    pub held_until: Option<Date>,
    /// The address is that of the order, and not one that was found by comparing records.
    pub from_order: bool,
}

impl Person {
    /// Where rules are asked for, for a message of a purpose to this person.
    pub fn place(&self, purpose: Purpose) -> Place<'_> {
        Place {
            country: &self.country,
            channel: self.channel.as_deref().unwrap_or_default(),
            purpose: Some(purpose),
            language: self.language.as_deref().unwrap_or_default(),
        }
    }

    /// Whether this person asked for no advertisements on a day.
    pub fn paused(&self, day: Date) -> bool {
        let asked = self.pause_from.is_some() || self.pause_to.is_some();
        asked
            && self.pause_from.is_none_or(|from| from <= day)
            && self.pause_to.is_none_or(|to| day <= to)
    }

    /// Who of the staff asked to wait with this person on a day.
    pub fn held(&self, day: Date) -> Option<&str> {
        let holds = self.held_until.is_none_or(|until| day <= until);
        self.held_by.as_deref().filter(|_| holds)
    }
}

/// What a person said about advertisements, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// `granted`, `confirmed` (from the address itself), `refused` or `unconfirmed`; anything
    /// else counts as unconfirmed.
    pub state: String,
    /// The channel it holds for; all when absent.
    pub channel: Option<String>,
    /// When; absent when it cannot be read.
    pub at: Option<Timestamp>,
    /// Where it is on record.
    pub proof: Option<String>,
}

/// One message of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The template's name, with its version when the history has it.
    pub template: String,
    /// Absent when the history does not say.
    pub version: Option<String>,
    /// Absent when the history does not say.
    pub incident: Option<String>,
    /// Counts against the caps: an advertisement, or a purpose that is not said.
    pub promotes: bool,
    /// When; absent when it cannot be read.
    pub at: Option<Timestamp>,
    /// `unknown` when nobody can say whether it arrived.
    pub uncertain: bool,
    /// Lower case; absent when the history does not say.
    pub channel: Option<String>,
    /// The person opened it, or did more.
    pub answered: bool,
}

/// A row of `history`, with what became of it.
struct Past {
    sent: Sent,
    complained: bool,
    unsubscribed: bool,
}

impl Past {
    /// Reads a row; none of what surely did not arrive, for that was not sent.
    fn read(row: &Row<'_>) -> Option<Past> {
        let outcome = row.text("outcome").unwrap_or_default().to_lowercase();
        let lost = [
            "failed",
            "bounced",
            "rejected",
            "undelivered",
            "refused",
            "dry-run",
        ];
        if lost.contains(&outcome.as_str()) {
            return None;
        }
        let written = row
            .text("template_id")
            .or_else(|| row.text("template"))
            .unwrap_or_default();
        let (template, version) = match written.split_once('@') {
            Some((name, version)) => (name.to_string(), Some(version.to_string())),
            None => (written, row.text("template_version")),
        };
        let purpose = row.text("purpose").unwrap_or_default().to_lowercase();
        Some(Past {
            complained: ["complained", "complaint", "spam"].contains(&outcome.as_str()),
            unsubscribed: outcome == "unsubscribed",
            sent: Sent {
                template,
                version,
                incident: row.text("incident"),
                promotes: purpose.is_empty() || purpose.contains("advertisement"),
                at: row
                    .text("sent_at")
                    .and_then(|text| clock::parse_instant(&text)),
                uncertain: outcome == "unknown",
                channel: row.text("channel").map(|text| text.to_lowercase()),
                answered: ["opened", "clicked", "answered", "replied", "bought"]
                    .contains(&outcome.as_str()),
            },
        })
    }
}

/// Everything known of a person, or of several, and what counts for everybody.
#[derive(Debug, Default)]
pub struct Books {
    /// Contacts by person, in their order; more than one where the rows disagree.
    pub persons: BTreeMap<String, Vec<Person>>,
    /// By person.
    pub consents: BTreeMap<String, Vec<Consent>>,
    /// By person.
    pub sends: BTreeMap<String, Vec<Sent>>,
    /// By person.
    pub offers: BTreeMap<String, Vec<Offer>>,
    /// Templates that have reached somebody: name, and version where it is said.
    pub used: BTreeSet<(String, Option<String>)>,
    /// Words that no message may say, normalised.
    pub forbidden: BTreeSet<String>,
    /// Advertisements sent and complaints that came back, by channel and day in UTC, of everybody.
    pub volume: BTreeMap<(String, Date), (u64, u64)>,
}

impl Books {
    /// Closes the books on people: what counts for everybody stays.
    pub fn forget(&mut self) {
        self.persons.clear();
        self.consents.clear();
        self.sends.clear();
        self.offers.clear();
    }

    /// A row of `persons`.
    pub fn person(&mut self, row: &Row<'_>) {
        let Some(id) = row.text("customer_id") else {
            return;
        };
        let lower = |name: &str| row.text(name).map(|text| text.to_lowercase());
        // A day that cannot be read makes a pause or a hold longer, never shorter.
        let date = |name: &str, unread: Date| {
            let text = row.text(name)?;
            Some(clock::parse_date(&text).unwrap_or(unread))
        };
        let person = Person {
            name: row.text("name"),
            address: row.text("address"),
            language: lower("language"),
            time_zone: row.text("time_zone"),
            country: row.text("country").unwrap_or_default().to_ascii_uppercase(),
            channel: lower("channel"),
            owner: row.text("owner"),
            addressable: row.truth("addressable").unwrap_or(true),
            important: lower("value_class").is_some_and(|class| class != "standard"),
            open_severe_incident: row.truth("open_severe_incident").unwrap_or(false),
            angry: row.truth("angry").unwrap_or(false),
            preferred_channel: lower("preferred_channel"),
            pause_from: date("pause_from", Date::MIN),
            pause_to: date("pause_to", Date::MAX),
            own_cap: row.text("cap"),
            held_by: row.text("held_by"),
            held_until: date("held_until", Date::MAX),
            from_order: lower("address_from").is_none_or(|from| from == "order"),
        };
        let known = self.persons.entry(id).or_default();
        if let Err(at) = known.binary_search(&person) {
            known.insert(at, person);
        }
    }

    /// A row of `consents`; only what concerns advertisements is kept.
    pub fn consent(&mut self, row: &Row<'_>) {
        let Some(id) = row.text("customer_id") else {
            return;
        };
        let purpose = row.text("purpose").unwrap_or_default().to_lowercase();
        if !matches!(purpose.as_str(), "" | "all" | "advertisement") {
            return;
        }
        let channel = row.text("channel").map(|text| text.to_lowercase());
        self.consents.entry(id).or_default().push(Consent {
            state: row.text("state").unwrap_or_default().to_lowercase(),
            channel: channel.filter(|channel| channel != "all"),
            at: row.text("at").and_then(|text| clock::parse_instant(&text)),
            proof: row.text("proof"),
        });
    }

    /// A row of `history` that counts for everybody: the template was used, and an advertisement was sent.
    pub fn count(&mut self, row: &Row<'_>) {
        let Some(past) = Past::read(row) else {
            return;
        };
        self.used
            .insert((past.sent.template.clone(), past.sent.version.clone()));
        if let Some(at) = past.sent.at.filter(|_| past.sent.promotes) {
            let key = (past.sent.channel.unwrap_or_default(), clock::day(at));
            let (sends, complaints) = self.volume.entry(key).or_default();
            *sends += 1;
            *complaints += u64::from(past.complained);
        }
    }

    /// A row of `history` as its person has it. Who answered by unsubscribing or complaining has refused.
    pub fn sent(&mut self, row: &Row<'_>) {
        let (Some(past), Some(id)) = (Past::read(row), row.text("customer_id")) else {
            return;
        };
        if past.complained || past.unsubscribed {
            self.consents.entry(id.clone()).or_default().push(Consent {
                state: "refused".to_string(),
                channel: past.sent.channel.clone(),
                at: past.sent.at,
                proof: None,
            });
        }
        self.sends.entry(id).or_default().push(past.sent);
    }

    /// Advertisements on a channel, and complaints about them, in so many days up to a day.
    pub fn complaints(&self, channel: &str, day: Date, days: u64) -> (u64, u64) {
        let span = jiff::Span::new().days(i64::try_from(days).unwrap_or(i64::MAX).min(36_500));
        let after = day.checked_sub(span).unwrap_or(Date::MIN);
        let key = |day| (channel.to_string(), day);
        let inside = self
            .volume
            .range((Bound::Excluded(key(after)), Bound::Included(key(day))));
        inside.fold((0, 0), |sum, (_, (sends, complaints))| {
            (sum.0 + sends, sum.1 + complaints)
        })
    }

    /// A row of `offers`.
    pub fn offer(&mut self, row: &Row<'_>) {
        let Some(id) = row.text("customer_id") else {
            return;
        };
        self.offers.entry(id).or_default().push(Offer::read(row));
    }

    /// A row of `forbidden`: its column `word`.
    pub fn forbid(&mut self, row: &Row<'_>) {
        if let Some(word) = row.text("word") {
            self.forbidden.insert(words::normal(&word));
        }
    }
}

/// Why an address cannot be written to; `None` when it can.
pub fn address_trouble(channel: &str, address: &str) -> Option<&'static str> {
    let usable = match channel {
        "email" => {
            let mut halves = address.split('@');
            let named = |half: Option<&str>| half.is_some_and(|half| !half.is_empty());
            let two = named(halves.next()) && named(halves.next()) && halves.next().is_none();
            let plain =
                |at: char| !at.is_control() && !at.is_whitespace() && !",;<>\"()".contains(at);
            two && address.chars().all(plain)
        }
        "sms" => {
            let digits = address.chars().filter(char::is_ascii_digit).count();
            let plain = |at: char| at.is_ascii_digit() || "+-() .".contains(at);
            (5..=15).contains(&digits) && address.chars().all(plain)
        }
        "post" => address.chars().all(|at| at == '\n' || !at.is_control()),
        _ => !address.chars().any(char::is_control),
    };
    match (usable, channel) {
        (true, _) => None,
        (false, "email") => Some("the address on the order is no usable mail address"),
        (false, "sms") => Some("the address on the order is no usable phone number"),
        (false, _) => Some("the address on the order has letters that no address has"),
    }
}
