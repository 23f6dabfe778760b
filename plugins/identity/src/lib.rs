//! One form for names, phone numbers and e-mail addresses, and links between records of one person.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

mod address;
mod email;
mod evidence;
mod groups;
mod name;
mod pairs;
mod record;
mod romaji;
mod table;
#[cfg(test)]
mod tests;
mod text;

pub use address::AddressParts;
pub use table::LinkPersonsTable;
use tsugi_phone::Phone;
use tsugi_plugin::scalar;

/// A phone number as +<country><number>; null when no such number exists. `country` is an ISO 3166 code such as `JP`.
#[scalar]
pub fn normalize_phone(text: &str, country: Option<&str>) -> Option<String> {
    Phone::parse(text, country.unwrap_or_default()).map(|phone| phone.international())
}

/// As `normalize_phone(text, country)`, for numbers that begin with + or 00.
#[scalar(name = "normalize_phone")]
pub fn normalize_phone_international(text: &str) -> Option<String> {
    Phone::parse(text, "").map(|phone| phone.international())
}

/// A phone number as it is dialled inside its country, in digits; null when it cannot be one.
#[scalar]
pub fn domestic_phone(text: &str, country: Option<&str>) -> Option<String> {
    Phone::parse(text, country.unwrap_or_default()).map(|phone| phone.domestic())
}

/// An e-mail address in the form in which two of them are the same mailbox; null when it is none.
#[scalar]
pub fn normalize_email(text: &str) -> Option<String> {
    email::normalize(text)
}

/// A person's name in the form in which two writings of it are equal; null when nothing remains.
#[scalar]
pub fn normalize_name(text: &str) -> Option<String> {
    name::normalize(text)
}

/// The parts of a postal address in comparable form; null when nothing was read. `country` is JP, DE, AT, CH or null.
#[scalar]
pub fn address_parts(text: &str, country: Option<&str>) -> Option<AddressParts> {
    address::parse(text, country.unwrap_or_default())
}

tsugi_plugin::export! {
    manifest: "plugin.toml",
    scalar: [normalize_phone, normalize_phone_international, domestic_phone, normalize_email, normalize_name, address_parts],
    table: [LinkPersonsTable],
}
