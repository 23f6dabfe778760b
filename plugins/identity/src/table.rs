//! `link_persons` as SQL sees it.

use std::borrow::Cow;

use tsugi_plugin::{
    Batch, Batches, Collect, Collected, DataType, Date, Error, Inputs, Record, Row, Schema,
    TableCall, TableSignature, Value, log, schema_of,
};

use crate::groups::{Link, Linked, link};
use crate::record::{PersonRecord, RawRecord};

/// What one instance can hold.
const RECORDS_MAX: usize = 150_000;
/// The columns that describe a person; at least one must be there.
const DESCRIBING: [&str; 7] = [
    "name",
    "name_kana",
    "email",
    "phone",
    "birth_date",
    "postal_code",
    "address",
];

/// `link_persons((SELECT id, name, email, phone …))`.
pub type LinkPersonsTable = Collect<LinkPersons>;

/// Links records of one person.
pub struct LinkPersons {
    country: String,
    minimum: f64,
    review: f64,
    persons: bool,
    records: Vec<PersonRecord>,
}

/// A record as it arrives.
#[derive(Row)]
#[row(optional)]
struct RecordRow<'a> {
    #[row(required)]
    id: Option<Cow<'a, str>>,
    source: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
    name_kana: Option<Cow<'a, str>>,
    email: Option<Cow<'a, str>>,
    phone: Option<Cow<'a, str>>,
    country: Option<Cow<'a, str>>,
    birth_date: Option<Value<'a>>,
    postal_code: Option<Cow<'a, str>>,
    address: Option<Cow<'a, str>>,
}

#[derive(Record)]
struct LinkRow {
    left_source: Option<String>,
    left_id: String,
    right_source: Option<String>,
    right_id: String,
    score: f64,
    linked: bool,
    reason: String,
    held: Option<String>,
    person: String,
}

#[derive(Record)]
struct PersonRow {
    source: Option<String>,
    id: String,
    person: String,
    records: i64,
}

impl Collected for LinkPersons {
    fn signature() -> TableSignature {
        TableSignature::new("link_persons", "Links records of one person, with a score and a reason for each link.")
            .rows::<RecordRow<'_>>(
                "records",
                "Records with `id`, and what is known of: source, name, name_kana, email, phone, country, birth_date, postal_code, address.",
            )
            .option("give", DataType::Utf8, "`links`, a row for each link, or `persons`, a row for each record (links).")
            .option("country", DataType::Utf8, "ISO 3166 code for phone numbers of records without a country.")
            .option("minimum", DataType::F64, "The score from which records are linked (0.5).")
            .option("review", DataType::F64, "The score from which links that do not hold are shown (0.12).")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        if !DESCRIBING.iter().any(|name| call.has_column(0, name)) {
            return Err(Error::config("missing-column", "the records describe no person beside their id")
                .detail("select name, name_kana, email, phone, birth_date, postal_code or address, as far as they are known"));
        }
        let option = |name: &str, usual: f64| {
            let value = call.number(name).unwrap_or(usual);
            if (0.0..=1.0).contains(&value) {
                return Ok(value);
            }
            let message = format!("{name} => {value} is not between 0 and 1");
            Err(Error::config("bad-option", message).at(format!("/{name}")))
        };
        let persons = match call.text("give").unwrap_or("links") {
            "links" => false,
            "persons" => true,
            other => {
                let message = format!("give => '{other}' is not known; write 'links' or 'persons'");
                return Err(Error::config("bad-option", message).at("/give"));
            }
        };
        Ok(Self {
            country: call.text("country").unwrap_or_default().to_owned(),
            minimum: option("minimum", 0.5)?,
            review: option("review", 0.12)?,
            persons,
            records: Vec::new(),
        })
    }

    fn returns(&self) -> Schema {
        if self.persons {
            schema_of::<PersonRow>()
        } else {
            schema_of::<LinkRow>()
        }
    }

    fn receive(&mut self, _port: usize, rows: Batch) -> Result<Option<Batch>, Error> {
        for row in rows.read::<RecordRow<'_>>()? {
            let row = row?;
            let Some(id) = row.id else {
                return Err(Error::data("missing-id", "a record has no id")
                    .detail("leave it out, or give it one"));
            };
            if self.records.len() >= RECORDS_MAX {
                let message = format!(
                    "more than {RECORDS_MAX} records; link them in parts, such as by country"
                );
                return Err(Error::give_up("too-many-records", message));
            }
            let country = row.country.as_deref().filter(|country| !country.is_empty());
            self.records.push(PersonRecord::read(RawRecord {
                source: row.source.as_deref().filter(|source| !source.is_empty()),
                id: &id,
                name: row.name.as_deref().unwrap_or_default(),
                kana: row.name_kana.as_deref().unwrap_or_default(),
                email: row.email.as_deref().unwrap_or_default(),
                phone: row.phone.as_deref().unwrap_or_default(),
                country: country.unwrap_or(&self.country),
                birth: row.birth_date.as_ref().and_then(date),
                postal: row.postal_code.as_deref().unwrap_or_default(),
                address: row.address.as_deref().unwrap_or_default(),
            }));
        }
        Ok(None)
    }

    fn compute(&mut self, _inputs: &Inputs) -> Result<Batches, Error> {
        let mut records = std::mem::take(&mut self.records);
        // The order in which the rows came must not matter.
        records.sort_by(|one, other| (&one.source, &one.id).cmp(&(&other.source, &other.id)));
        check_ids(&records)?;
        let linked = link(&records, self.minimum, self.review).ok_or_else(|| {
            Error::give_up(
                "too-many-pairs",
                "too many records share their keys to be compared; link them in parts",
            )
        })?;
        if linked.passed_over > 0 {
            log::warn(&format!(
                "{} values are shared by more than 64 records each and were not used to find pairs",
                linked.passed_over
            ));
        }
        let Linked { links, groups, .. } = linked;
        let persons = Persons { records, groups };
        Ok(if self.persons {
            Batches::rows(persons.rows())
        } else {
            let rows = links.into_iter();
            Batches::rows(rows.filter_map(move |link| persons.link_row(link)))
        })
    }
}

/// Fails when two of the sorted records have one id.
fn check_ids(records: &[PersonRecord]) -> Result<(), Error> {
    let of_one_id = |pair: &(&PersonRecord, &PersonRecord)| {
        pair.0.source == pair.1.source && pair.0.id == pair.1.id
    };
    match records.iter().zip(records.iter().skip(1)).find(of_one_id) {
        None => Ok(()),
        Some((record, _)) => {
            let system = record.source.as_ref();
            let system = system.map_or(String::new(), |source| format!(" of {source}"));
            let message = format!("two records{system} have the id {}", record.id);
            Err(Error::data("id-twice", message)
                .detail("give each record its own id, and name the system in `source`"))
        }
    }
}

/// The records, and for each the first record of its group.
struct Persons {
    records: Vec<PersonRecord>,
    groups: Vec<u32>,
}

impl Persons {
    /// A person is named by its first record.
    fn person(&self, at: u32) -> String {
        let first = self.groups.get(at as usize);
        let first = first.and_then(|&first| self.records.get(first as usize));
        first.map_or(String::new(), |record| match &record.source {
            Some(source) => format!("{source}:{}", record.id),
            None => record.id.clone(),
        })
    }

    fn link_row(&self, link: Link) -> Option<LinkRow> {
        let left = self.records.get(link.one as usize)?;
        let right = self.records.get(link.other as usize)?;
        Some(LinkRow {
            left_source: left.source.clone(),
            left_id: left.id.clone(),
            right_source: right.source.clone(),
            right_id: right.id.clone(),
            score: link.evidence.score,
            linked: link.held.is_none(),
            reason: link.evidence.reason,
            held: link.held,
            person: self.person(link.one),
        })
    }

    fn rows(self) -> impl Iterator<Item = PersonRow> {
        let mut sizes = vec![0_i64; self.records.len()];
        for &first in &self.groups {
            if let Some(size) = sizes.get_mut(first as usize) {
                *size += 1;
            }
        }
        let places = (0_u32..).zip(self.groups.clone());
        places.filter_map(move |(at, first)| {
            let record = self.records.get(at as usize)?;
            Some(PersonRow {
                source: record.source.clone(),
                id: record.id.clone(),
                person: self.person(at),
                records: sizes.get(first as usize).copied().unwrap_or_default(),
            })
        })
    }
}

/// A date of birth, of any type that holds one; the first of January 1900 and 1970 are fillers, no dates.
fn date(value: &Value<'_>) -> Option<(i32, u32, u32)> {
    let date = match value {
        Value::Date(date) => *date,
        Value::Timestamp(at) => at.date(),
        Value::Text(text) => Date::parse(text.trim().get(..10)?)?,
        _ => return None,
    };
    let born = date.ymd();
    (!matches!(born, (1900 | 1970, 1, 1)) && (1890..=2100).contains(&born.0)).then_some(born)
}
