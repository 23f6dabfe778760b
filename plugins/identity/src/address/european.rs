//! Addresses of Germany, Austria and Switzerland: street, number, door, postal code, town.

use super::{AddressParts, filled};
use crate::text::folded;

const COUNTRIES: [&str; 14] = [
    "deutschland",
    "germany",
    "allemagne",
    "oesterreich",
    "austria",
    "schweiz",
    "switzerland",
    "suisse",
    "svizzera",
    "brd",
    "de",
    "at",
    "ch",
    "liechtenstein",
];
/// What begins the part behind the number of a house.
const UNITS: [&str; 31] = [
    "top",
    "stiege",
    "stg",
    "tuer",
    "whg",
    "wohnung",
    "app",
    "apt",
    "appartement",
    "apartment",
    "zimmer",
    "zi",
    "etage",
    "og",
    "eg",
    "dg",
    "ug",
    "stock",
    "stockwerk",
    "hinterhaus",
    "hh",
    "vorderhaus",
    "vh",
    "seitenfluegel",
    "haus",
    "aufgang",
    "eingang",
    "hof",
    "links",
    "rechts",
    "postfach",
];
const CANTONS: [&str; 26] = [
    "ag", "ai", "ar", "be", "bl", "bs", "fr", "ge", "gl", "gr", "ju", "lu", "ne", "nw", "ow", "sg",
    "sh", "so", "sz", "tg", "ti", "ur", "vd", "vs", "zg", "zh",
];

/// A word of an address, as it is written without marks at its end.
type Words<'a> = Vec<&'a str>;

pub(super) fn parse(text: &str, country: &str) -> AddressParts {
    let pieces: Vec<Words<'_>> = text
        .split([',', '\n', '\r', ';', '·', '|'])
        .map(|piece| piece.split_whitespace().collect::<Words<'_>>())
        .filter(|words| {
            !words.is_empty() && !COUNTRIES.contains(&folded(&words.join(" ")).as_str())
        })
        .filter(|words| !folded(&words.join(" ")).starts_with("c o "))
        .collect();
    let mut parts = AddressParts::default();
    let found = postal(&pieces, country);
    let mut streets: Vec<Words<'_>> = Vec::new();
    match found {
        Some((piece, at, code)) => {
            parts.postal_code = Some(code);
            let own = pieces.get(piece).cloned().unwrap_or_default();
            streets.extend(pieces.get(..piece).unwrap_or_default().iter().cloned());
            streets.extend(
                own.get(..at)
                    .filter(|words| !words.is_empty())
                    .map(<[&str]>::to_vec),
            );
            let mut town = own.get(at + 1..).unwrap_or_default().to_vec();
            let mut behind = pieces.get(piece + 1..).unwrap_or_default().to_vec();
            if town.is_empty() && !behind.is_empty() {
                town = behind.remove(0);
            }
            set_town(&mut parts, &town);
            streets.extend(behind);
        }
        None => {
            streets = pieces;
            let is_town = |words: &Words<'_>| {
                !words
                    .iter()
                    .any(|word| word.contains(|c: char| c.is_ascii_digit()))
            };
            let behind = streets.iter().skip(1).position(is_town).map(|at| at + 1);
            if let Some(at) = behind {
                let town = streets.remove(at);
                set_town(&mut parts, &town);
            }
        }
    }
    set_street(&mut parts, &streets);
    parts
}

/// Where the postal code stands: piece, word, digits. Of several the last one that a town follows.
fn postal(pieces: &[Words<'_>], country: &str) -> Option<(usize, usize, String)> {
    let lengths: &[usize] = match country.trim().to_ascii_uppercase().as_str() {
        "DE" => &[5],
        "AT" | "CH" | "LI" => &[4],
        _ => &[5, 4],
    };
    let mut best: Option<(usize, usize, String)> = None;
    for length in lengths {
        for (piece, words) in pieces.iter().enumerate() {
            for (at, word) in words.iter().enumerate() {
                let bare = ["D-", "A-", "CH-", "DE-", "AT-", "FL-", "LI-"]
                    .iter()
                    .find_map(|sign| word.strip_prefix(sign));
                let digits = bare.unwrap_or(word);
                let is_code = digits.len() == *length && digits.bytes().all(|b| b.is_ascii_digit());
                // The last word of an address is the number of a house.
                let is_followed = at + 1 < words.len() || at == 0 && piece + 1 < pieces.len();
                let is_alone = pieces.len() == 1 && words.len() == 1;
                if is_code && (is_followed || is_alone || bare.is_some() || at == 0) {
                    best = Some((piece, at, digits.to_owned()));
                }
            }
        }
        if best.is_some() {
            break;
        }
    }
    best
}

fn set_town(parts: &mut AddressParts, words: &[&str]) {
    let mut words: Vec<String> = words.iter().map(|word| folded(word)).collect();
    let is_canton = words.len() > 1
        && words
            .last()
            .is_some_and(|last| CANTONS.contains(&last.as_str()));
    if is_canton {
        parts.region = words.pop();
    }
    parts.city = filled(&words.join(" "));
}

/// The piece that ends in a number is the street; what follows the number is the door.
fn set_street(parts: &mut AddressParts, pieces: &[Words<'_>]) {
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let found = pieces
        .iter()
        .enumerate()
        .rev()
        .find_map(|(at, words)| Some((at, split_number(words)?)));
    let Some((at, (street, number, mut unit))) = found else {
        // A number alone in its piece, before or behind the street.
        let lone = |words: &Words<'_>| match words.as_slice() {
            [word] if is_number(word) => Some(folded_number(word)),
            _ => None,
        };
        if let Some(alone) = pieces.iter().find_map(lone) {
            let (number, unit) = cut_number(&alone);
            parts.number = filled(&number);
            parts.unit = filled(&unit);
        }
        let named = pieces
            .iter()
            .find(|words| words.iter().any(|word| !is_number(word)));
        parts.street = named.and_then(|words| filled(&street_name(words)));
        return;
    };
    for words in pieces.get(at + 1..).unwrap_or_default() {
        let more = folded(&words.join(" "));
        let is_lone = words.len() == 1 && words.iter().all(|word| is_number(word));
        if is_lone || more.split(' ').any(|word| UNITS.contains(&word)) {
            unit = format!("{unit} {more}");
        }
    }
    parts.street = filled(&street_name(&street));
    parts.number = filled(&number);
    parts.unit = filled(unit.trim());
}

/// A street with its number: the words of its name, the number, and what follows. `12, rue du Rhône` has it in front.
fn split_number<'a>(words: &Words<'a>) -> Option<(Words<'a>, String, String)> {
    let is_number =
        |word: &str| word.starts_with(|c: char| c.is_ascii_digit()) && !word.ends_with('.');
    let door = words.iter().skip(1).position(|word| {
        UNITS.contains(&folded(word).as_str())
            || word.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with('.')
    });
    // "Straße des 17. Juni 135": an ordinal with the number of a house behind it is a part of the name.
    let door = door.map(|at| at + 1).filter(|&at| {
        words
            .get(..at)
            .is_some_and(|before| before.iter().skip(1).any(|w| is_number(w)))
    });
    let (front, behind) = words.split_at_checked(door.unwrap_or(words.len()))?;
    let mut last = front.len();
    // 5 a, 5 - 7: what belongs to the number.
    while last > 1
        && front
            .get(last - 1)
            .is_some_and(|word| is_letter(word) || matches!(*word, "-" | "–" | "/" | "+"))
    {
        last -= 1;
    }
    let at = front
        .get(..last)?
        .iter()
        .rposition(|word| is_number(word))?;
    let mut at = at;
    while at > 1
        && front
            .get(at - 1)
            .is_some_and(|word| is_number(word) || matches!(*word, "-" | "–" | "/"))
    {
        at -= 1;
    }
    if at == 0 {
        let name = front.get(1..)?.to_vec();
        if name.is_empty() {
            return None;
        }
        return Some((
            name,
            folded_number(front.first()?),
            folded(&behind.join(" ")),
        ));
    }
    if at + 1 < last {
        return None;
    }
    let (number, inside) = cut_number(&folded_number(&front.get(at..)?.join("")));
    let unit = format!("{inside} {}", folded(&behind.join(" ")));
    Some((front.get(..at)?.to_vec(), number, unit.trim().to_owned()))
}

fn is_letter(word: &str) -> bool {
    word.len() == 1 && word.chars().all(|c| c.is_ascii_alphabetic())
}

fn folded_number(word: &str) -> String {
    let lower = word.to_lowercase().replace(['–', '—', '−'], "-");
    lower.trim_end_matches(['.', ',']).to_owned()
}

/// 12/3/14 is house 12, stair 3, door 14; 1/a is house 1a.
fn cut_number(number: &str) -> (String, String) {
    match number.split_once('/') {
        Some((house, letter)) if is_letter(letter) => (format!("{house}{letter}"), String::new()),
        Some((house, rest)) => (house.to_owned(), rest.to_owned()),
        None => (number.to_owned(), String::new()),
    }
}

/// Haupt Str., Hauptstr. and Hauptstrasse are one street, as are Falkpl. and Falkplatz.
fn street_name(words: &[&str]) -> String {
    let mut name = String::new();
    for word in words {
        let is_short = word.ends_with('.');
        let mut plain = folded(word).replace("strasse", "str");
        if is_short && let Some(stem) = plain.strip_suffix("pl") {
            plain = format!("{stem}platz");
        }
        if is_short && let Some(stem) = plain.strip_suffix('g').filter(|stem| stem.is_empty()) {
            plain = format!("{stem}gasse");
        }
        let joins = matches!(plain.as_str(), "str" | "platz" | "gasse" | "weg" | "allee");
        if !name.is_empty() && !joins {
            name.push(' ');
        }
        name.push_str(&plain.replace(' ', ""));
    }
    name
}
