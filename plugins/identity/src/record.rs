//! A record of a person as some system keeps it, in comparable form.

use crate::address::AddressParts;
use crate::email;
use crate::name::Name;
use crate::text::folded;

/// A record; what is missing or cannot be read is none or empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct PersonRecord {
    /// The system it is from.
    pub source: Option<String>,
    /// Its key there.
    pub id: String,
    pub name: Option<Name>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Year, month, day.
    pub birth: Option<(i32, u32, u32)>,
    pub postal: String,
    pub address: String,
}

/// A record as it is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RawRecord<'a> {
    pub source: Option<&'a str>,
    pub id: &'a str,
    pub name: &'a str,
    /// How the name is read.
    pub kana: &'a str,
    pub email: &'a str,
    pub phone: &'a str,
    /// ISO 3166, for the phone number.
    pub country: &'a str,
    pub birth: Option<(i32, u32, u32)>,
    pub postal: &'a str,
    pub address: &'a str,
}

impl PersonRecord {
    /// Brings everything into the form in which it is compared.
    #[must_use]
    pub(crate) fn read(written: RawRecord<'_>) -> Self {
        let parts = crate::address::parse(written.address, written.country).unwrap_or_default();
        let postal = match folded(written.postal).replace(' ', "") {
            blank if blank.is_empty() => parts.postal_code.clone().unwrap_or_default(),
            postal => postal,
        };
        Self {
            source: written.source.map(str::to_owned),
            id: written.id.to_owned(),
            name: Name::read(written.name, written.kana),
            email: email::normalize(written.email),
            phone: tsugi_phone::comparable(written.phone, written.country),
            birth: written.birth,
            postal,
            address: whole(&parts).unwrap_or_else(|| address(written.address)),
        }
    }
}

/// An address from its parts, where street and number are known: how they are written and in which order does not matter.
fn whole(parts: &AddressParts) -> Option<String> {
    let (street, number) = (parts.street.as_ref()?, parts.number.as_ref()?);
    let rest = [&parts.city, &parts.unit].into_iter().flatten();
    let all: Vec<&str> = [street, number]
        .into_iter()
        .chain(rest)
        .map(String::as_str)
        .collect();
    Some(all.join(" "))
}

/// 三丁目2番1号, 3-2-1 and ３－２－１ are one address, as are Hauptstr. 5 and Hauptstraße 5.
fn address(text: &str) -> String {
    let mut plain = folded(text);
    for (from, to) in [
        ("一丁目", "1 "),
        ("二丁目", "2 "),
        ("三丁目", "3 "),
        ("四丁目", "4 "),
        ("五丁目", "5 "),
        ("丁目", " "),
        ("番地", " "),
        ("番", " "),
        ("号", " "),
        ("strasse", "str"),
        ("street", "st"),
    ] {
        plain = plain.replace(from, to);
    }
    plain
        .replace(" str", "str")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_meet() {
        assert_eq!(
            address("東京都港区芝三丁目２番１号"),
            address("東京都港区芝3-2-1")
        );
        assert_eq!(address("Hauptstraße 5"), address("Haupt Str. 5"));
        assert_ne!(address("Hauptstraße 5"), address("Hauptstraße 6"));
    }
}
