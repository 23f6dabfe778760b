//! Which records are compared: those that share a key, so that work does not grow with the square of the records.

use crate::name::Name;
use crate::record::PersonRecord;

/// A key that more records share identifies no person (info@…, a call centre's number).
const SHARED_MAX: usize = 64;
const PAIRS_MAX: usize = 8_000_000;

/// The pairs to compare.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    /// Places of the records, the smaller one first, each pair once.
    pub pairs: Vec<(u32, u32)>,
    /// Keys that were passed over because too many records share them.
    pub passed_over: usize,
}

/// Finds the pairs; none when they are more than can be compared.
#[must_use]
pub(crate) fn candidates(records: &[PersonRecord]) -> Option<Pairs> {
    let mut keys: Vec<(u64, u32)> = Vec::new();
    for (at, record) in (0..).zip(records) {
        each_key(record, |key| keys.push((hash(key), at)));
    }
    keys.sort_unstable();
    keys.dedup();
    let mut found = Pairs::default();
    for block in keys.chunk_by(|one, other| one.0 == other.0) {
        if block.len() > SHARED_MAX {
            found.passed_over += 1;
            continue;
        }
        for (behind, &(_, one)) in (1..).zip(block) {
            let others = block.get(behind..).unwrap_or_default();
            found
                .pairs
                .extend(others.iter().map(|&(_, other)| (one, other)));
        }
        if found.pairs.len() > PAIRS_MAX {
            found.pairs.sort_unstable();
            found.pairs.dedup();
            if found.pairs.len() > PAIRS_MAX / 2 {
                return None;
            }
        }
    }
    found.pairs.sort_unstable();
    found.pairs.dedup();
    Some(found)
}

/// What two records of one person have in common, even when one thing about them is written otherwise.
fn each_key(record: &PersonRecord, mut see: impl FnMut(&[&str])) {
    if let Some(email) = &record.email {
        see(&["mailbox", email]);
        if let Some((local, _)) = email.split_once('@').filter(|(local, _)| local.len() >= 5) {
            see(&["local", local]);
        }
    }
    if let Some(phone) = &record.phone {
        see(&["phone", phone]);
    }
    let born = record
        .birth
        .map(|(year, month, day)| format!("{year}-{month}-{day}"));
    if let (Some(born), postal) = (&born, &record.postal)
        && !postal.is_empty()
    {
        see(&["born at", born, postal]);
    }
    if let Some(born) = &born {
        see(&["born", born]);
    }
    if !record.address.is_empty() {
        see(&["address", &record.address]);
        let numbers = record.address.split(|c: char| !c.is_ascii_digit());
        let house: Vec<&str> = numbers.filter(|number| !number.is_empty()).collect();
        if !house.is_empty() && !record.postal.is_empty() {
            see(&["house", &record.postal, &house.join(" ")]);
        }
    }
    let Some(name) = &record.name else {
        return;
    };
    see(&["name", &name.whole]);
    let reading = name.reading();
    if !reading.is_empty() {
        // Family and given name in Latin script come in either order.
        let mut characters: Vec<char> = reading.chars().collect();
        characters.sort_unstable();
        see(&["characters", &characters.into_iter().collect::<String>()]);
    }
    let with = |name: &Name, near: &str, see: &mut dyn FnMut(&[&str])| {
        for part in [
            &name.family,
            &name.given,
            &name.reading_family,
            &name.reading_given,
        ] {
            if !part.is_empty() && !near.is_empty() {
                see(&["part", part, near]);
            }
        }
    };
    with(name, born.as_deref().unwrap_or_default(), &mut see);
    with(name, &record.postal, &mut see);
}

/// FNV-1a of 64 bits over the parts of a key.
fn hash(key: &[&str]) -> u64 {
    let bytes = key.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RawRecord;

    #[test]
    fn a_key_that_all_share_is_passed_over() {
        let record = |at: usize| {
            PersonRecord::read(RawRecord {
                email: if at < 2 {
                    "one@example.org"
                } else {
                    "info@example.org"
                },
                ..RawRecord::default()
            })
        };
        let records: Vec<PersonRecord> = (0..500).map(record).collect();
        let found = candidates(&records).unwrap();
        assert_eq!((found.pairs, found.passed_over), (vec![(0, 1)], 1));
    }
}
