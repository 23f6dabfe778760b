//! `link_persons((SELECT id, name, email, phone …))` as SQL sees it.

use std::borrow::Cow;
use std::sync::Arc;

use tsugi_plugin::{
    Batch, Column, DataType, Date, Error, Pulled, Record as Row, Rows, Schema, Table, TableCall,
    TableSignature, Timestamp, Value, log, schema_of,
};

use crate::groups::{Linked, link};
use crate::record::{Record, Written};

/// What one instance can hold.
const RECORDS_MAX: usize = 150_000;
/// The columns that are used when they are there.
const COLUMNS: [&str; 8] = [
    "source",
    "name",
    "name_kana",
    "email",
    "phone",
    "country",
    "postal_code",
    "address",
];

/// Links records of one person.
pub struct LinkPersonsTable {
    country: String,
    minimum: f64,
    review: f64,
    persons: bool,
    records: Vec<Record>,
    answers: Option<Vec<Batch>>,
}

#[derive(Row)]
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

#[derive(Row)]
struct PersonRow {
    source: Option<String>,
    id: String,
    person: String,
    records: i64,
}

impl Table for LinkPersonsTable {
    fn signature() -> TableSignature {
        TableSignature::new("link_persons", "Links records of one person, with a score and a reason for each link.")
            .port(
                "records",
                Schema::new(),
                "Records with `id`, and what is known of: source, name, name_kana, email, phone, country, birth_date, postal_code, address.",
            )
            .option("give", DataType::Utf8, "`links`, a row for each link, or `persons`, a row for each record (links).")
            .option("country", DataType::Utf8, "ISO 3166 code for phone numbers of records without a country.")
            .option("minimum", DataType::F64, "The score from which records are linked (0.5).")
            .option("review", DataType::F64, "The score from which links that do not hold are shown (0.12).")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let records = call
            .input(0)
            .cloned()
            .unwrap_or_else(|| Arc::new(Schema::new()));
        records.select(["id"])?;
        let known = |name: &&str| records.index_of(name).is_some();
        if !COLUMNS
            .iter()
            .filter(|name| **name != "source" && **name != "country")
            .any(known)
        {
            return Err(Error::config("missing-column", "the records say nothing of persons but their id")
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
            answers: None,
        })
    }

    fn returns(&self) -> Schema {
        if self.persons {
            schema_of::<PersonRow>()
        } else {
            schema_of::<LinkRow>()
        }
    }

    fn push(&mut self, _port: usize, rows: Batch) -> Result<(), Error> {
        let id = rows.column("id")?;
        let [source, name, kana, email, phone, country, postal, address] = COLUMNS.map(|name| {
            rows.schema()
                .index_of(name)
                .and_then(|at| rows.column_at(at).ok())
        });
        let birth = rows
            .schema()
            .index_of("birth_date")
            .and_then(|at| rows.column_at(at).ok());
        for row in 0..rows.rows() {
            let Some(id) = id.value(row).text() else {
                return Err(Error::data("missing-id", "a record has no id")
                    .detail("leave it out, or give it one"));
            };
            if self.records.len() >= RECORDS_MAX {
                let message = format!(
                    "more than {RECORDS_MAX} records; link them in parts, such as by country"
                );
                return Err(Error::give_up("too-many-records", message));
            }
            let text = |column| text_at(column, row);
            let (source, name, kana) = (text(source), text(name), text(kana));
            let (email, phone, country) = (text(email), text(phone), text(country));
            let (postal, address) = (text(postal), text(address));
            self.records.push(Record::read(Written {
                source: (!source.is_empty()).then_some(&*source),
                id: &id,
                name: &name,
                kana: &kana,
                email: &email,
                phone: &phone,
                country: if country.is_empty() {
                    &self.country
                } else {
                    &country
                },
                birth: birth.and_then(|column| date(&column.value(row))),
                postal: &postal,
                address: &address,
            }));
        }
        Ok(())
    }

    fn close(&mut self, _port: usize) -> Result<(), Error> {
        // The order in which the rows came must not matter.
        let key = |record: &Record| (record.source.clone(), record.id.clone());
        self.records.sort_by_key(key);
        if let Some([twice, _]) = self
            .records
            .windows(2)
            .find(|two| key(&two[0]) == key(&two[1]))
            .map(|two| [&two[0], &two[1]])
        {
            let place = twice
                .source
                .as_ref()
                .map_or(String::new(), |source| format!(" of {source}"));
            return Err(Error::data(
                "id-twice",
                format!("two records{place} have the id {}", twice.id),
            )
            .detail("give each record its own id, and name the system in `source`"));
        }
        let linked = link(&self.records, self.minimum, self.review).ok_or_else(|| {
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
        let mut answers = if self.persons {
            self.person_rows(&linked)
        } else {
            self.link_rows(linked)
        };
        answers.reverse();
        self.answers = Some(answers);
        Ok(())
    }

    fn pull(&mut self) -> Result<Pulled, Error> {
        Ok(match &mut self.answers {
            None => Pulled::Need(0),
            Some(answers) => answers.pop().map_or(Pulled::Finished, Pulled::Batch),
        })
    }
}

impl LinkPersonsTable {
    /// A person is named by its first record.
    fn person(&self, groups: &[u32], at: u32) -> String {
        let first = groups
            .get(at as usize)
            .and_then(|&first| self.records.get(first as usize));
        first.map_or(String::new(), |record| match &record.source {
            Some(source) => format!("{source}:{}", record.id),
            None => record.id.clone(),
        })
    }

    fn link_rows(&self, linked: Linked) -> Vec<Batch> {
        let mut rows = Rows::new();
        for link in linked.links {
            let (Some(left), Some(right)) = (
                self.records.get(link.one as usize),
                self.records.get(link.other as usize),
            ) else {
                continue;
            };
            rows.push(LinkRow {
                left_source: left.source.clone(),
                left_id: left.id.clone(),
                right_source: right.source.clone(),
                right_id: right.id.clone(),
                score: link.evidence.score,
                linked: link.held.is_none(),
                reason: link.evidence.reason,
                held: link.held,
                person: self.person(&linked.groups, link.one),
            });
        }
        rows.into_batches()
    }

    fn person_rows(&self, linked: &Linked) -> Vec<Batch> {
        let mut sizes = vec![0_i64; self.records.len()];
        for &first in &linked.groups {
            if let Some(size) = sizes.get_mut(first as usize) {
                *size += 1;
            }
        }
        let mut rows = Rows::new();
        for ((at, record), first) in (0..).zip(&self.records).zip(&linked.groups) {
            rows.push(PersonRow {
                source: record.source.clone(),
                id: record.id.clone(),
                person: self.person(&linked.groups, at),
                records: sizes.get(*first as usize).copied().unwrap_or_default(),
            });
        }
        rows.into_batches()
    }
}

fn text_at<'a>(column: Option<Column<'a>>, row: usize) -> Cow<'a, str> {
    column
        .and_then(|column| column.value(row).text())
        .unwrap_or_default()
}

/// A date of birth, of any type that holds one; the first of January 1900 and 1970 are fillers, no dates.
fn date(value: &Value<'_>) -> Option<(i32, u32, u32)> {
    let date = match value {
        Value::Date(date) => *date,
        Value::Timestamp(Timestamp(micros)) => Timestamp(*micros).date(),
        Value::Text(text) => Date::parse(text.trim().get(..10)?)?,
        _ => return None,
    };
    let born = date.ymd();
    (!matches!(born, (1900 | 1970, 1, 1)) && (1890..=2100).contains(&born.0)).then_some(born)
}
