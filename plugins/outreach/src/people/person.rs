//! A contact of a person, and whether its address can be written to.

use jiff::civil::Date;
use tsugi_plugin::Row;

use crate::input::row_store::stored;
use crate::input::values::{Trimmed, Truth, lower, owned};
use crate::rules::clock;
use crate::rules::rulebook::RuleScope;
use crate::targets::purpose::Purpose;

/// One row of the relation `persons`.
#[derive(Debug, Row)]
pub(crate) struct PersonRow<'a> {
    pub(crate) customer_id: Option<Trimmed<'a>>,
    address: Option<Trimmed<'a>>,
    channel: Option<Trimmed<'a>>,
    #[row(optional)]
    name: Option<Trimmed<'a>>,
    #[row(optional)]
    language: Option<Trimmed<'a>>,
    #[row(optional)]
    time_zone: Option<Trimmed<'a>>,
    #[row(optional)]
    country: Option<Trimmed<'a>>,
    #[row(optional)]
    owner: Option<Trimmed<'a>>,
    #[row(optional)]
    value_class: Option<Trimmed<'a>>,
    #[row(optional)]
    preferred_channel: Option<Trimmed<'a>>,
    #[row(optional)]
    pause_from: Option<Trimmed<'a>>,
    #[row(optional)]
    pause_to: Option<Trimmed<'a>>,
    #[row(optional)]
    cap: Option<Trimmed<'a>>,
    #[row(optional)]
    held_by: Option<Trimmed<'a>>,
    #[row(optional)]
    held_until: Option<Trimmed<'a>>,
    #[row(optional)]
    address_from: Option<Trimmed<'a>>,
    #[row(optional)]
    addressable: Option<Truth>,
    #[row(optional)]
    open_severe_incident: Option<Truth>,
    #[row(optional)]
    angry: Option<Truth>,
}
stored!(PersonRow {
    customer_id, address, channel, name, language, time_zone, country, owner, value_class,
    preferred_channel, pause_from, pause_to, cap, held_by, held_until, address_from;
    addressable; open_severe_incident; angry
});

/// A contact of a person.
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

impl From<PersonRow<'_>> for Person {
    /// A date that cannot be parsed makes a pause or a hold longer, never shorter.
    fn from(row: PersonRow<'_>) -> Person {
        let date = |text: Option<Trimmed<'_>>, unreadable: Date| {
            Some(clock::parse_date(&text?).unwrap_or(unreadable))
        };
        let is_true = |truth: Option<Truth>| truth == Some(Truth(true));
        Person {
            name: owned(row.name),
            address: owned(row.address),
            language: lower(row.language),
            time_zone: owned(row.time_zone),
            country: row
                .country
                .map_or_else(String::new, |text| text.to_ascii_uppercase()),
            channel: lower(row.channel),
            owner: owned(row.owner),
            addressable: row.addressable != Some(Truth(false)),
            important: lower(row.value_class).is_some_and(|class| class != "standard"),
            open_severe_incident: is_true(row.open_severe_incident),
            angry: is_true(row.angry),
            preferred_channel: lower(row.preferred_channel),
            pause_from: date(row.pause_from, Date::MIN),
            pause_to: date(row.pause_to, Date::MAX),
            own_cap: owned(row.cap),
            held_by: owned(row.held_by),
            held_until: date(row.held_until, Date::MAX),
            from_order: lower(row.address_from).is_none_or(|from| from == "order"),
        }
    }
}

impl Person {
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
