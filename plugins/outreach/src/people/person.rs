//! A contact of a person, and whether its address can be written to.

use jiff::civil::Date;

use crate::input::cell::Row;
use crate::rules::clock;
use crate::rules::rulebook::RuleScope;
use crate::targets::purpose::Purpose;

/// One row of the relation `persons`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Person {
    pub(crate) name: Option<String>,
    /// Mail address, phone number or postal address, depending on `channel`.
    pub(crate) address: Option<String>,
    /// Lower case.
    pub(crate) language: Option<String>,
    /// IANA name.
    pub(crate) time_zone: Option<String>,
    /// ISO 3166 code in upper case; blank when not known.
    pub(crate) country: String,
    /// `email`, `sms`, `post`, or another.
    pub(crate) channel: Option<String>,
    /// The store or adviser of the person.
    pub(crate) owner: Option<String>,
    pub(crate) addressable: bool,
    /// Every message to this person is reviewed.
    pub(crate) important: bool,
    pub(crate) open_severe_incident: bool,
    /// The last text from this person was angry.
    pub(crate) angry: bool,
    /// Decides between several contacts of the person.
    pub(crate) preferred_channel: Option<String>,
    /// First and last day without advertisements.
    pub(crate) pause_from: Option<Date>,
    pub(crate) pause_to: Option<Date>,
    /// The cap that the person requested, as written.
    pub(crate) own_cap: Option<String>,
    /// The member of staff who put messages to this person on hold.
    pub(crate) held_by: Option<String>,
    /// Last day of the hold; None without an end.
    pub(crate) held_until: Option<Date>,
    /// The address is from the order, not from matched records.
    pub(crate) from_order: bool,
}

impl Person {
    /// A date that cannot be parsed makes a pause or a hold longer, never shorter.
    pub(crate) fn read(row: &Row<'_>) -> Person {
        let lower = |name: &str| row.text(name).map(|text| text.to_lowercase());
        let date = |name: &str, unreadable: Date| {
            let text = row.text(name)?;
            Some(clock::parse_date(&text).unwrap_or(unreadable))
        };
        Person {
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
        }
    }

    /// The scope of rules for a message of a purpose to this person.
    pub(crate) fn scope(&self, purpose: Purpose) -> RuleScope<'_> {
        RuleScope {
            country: &self.country,
            channel: self.channel.as_deref().unwrap_or_default(),
            purpose: Some(purpose),
            language: self.language.as_deref().unwrap_or_default(),
        }
    }

    pub(crate) fn paused(&self, day: Date) -> bool {
        let requested = self.pause_from.is_some() || self.pause_to.is_some();
        requested
            && self.pause_from.is_none_or(|from| from <= day)
            && self.pause_to.is_none_or(|to| day <= to)
    }

    /// The member of staff whose hold applies on a day.
    pub(crate) fn held_on(&self, day: Date) -> Option<&str> {
        let holds = self.held_until.is_none_or(|until| day <= until);
        self.held_by.as_deref().filter(|_| holds)
    }
}

/// Why an address is not usable on its channel; None when it is.
pub(crate) fn address_fault(channel: &str, address: &str) -> Option<&'static str> {
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
        (false, _) => Some("the address on the order has characters that no address has"),
    }
}
