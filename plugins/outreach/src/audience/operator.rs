//! `audience` as the host calls it. The records of people come sorted by customer_id and are read side by
//! side, so that one person is in memory at a time.

use std::collections::{BTreeMap, BTreeSet};

use tsugi_plugin::{
    Batch, DataType, Error, Names, Pulled, Record, Rows, Schema, Table, TableCall, TableSignature,
    schema_of,
};

use crate::audience::sorted::{Peek, SortedRelation};
use crate::checks::fatigue::Fatigue;
use crate::checks::{CheckInput, advertising, contact};
use crate::error::config_error;
use crate::message::reasons::{Reason, Weight};
use crate::people::consents::{Consent, ConsentRow};
use crate::people::history::{CustomerId, HistoryEntry, HistoryRow};
use crate::people::person::{Person, PersonRow};
use crate::people::records::PersonRecords;
use crate::people::totals::SendTotals;
use crate::rules::rulebook::RuleRow;
use crate::rules::settings::{AS_OF, Settings};
use crate::targets::certainty::Certainty;
use crate::targets::purpose::{Purpose, StatedPurpose};
use crate::targets::target::{Key, Target};

const BATCH_ROWS: usize = 1024;

// Ports in the order of the signature. The first two are read whole, the others side by side.
const RULES: usize = 0;
const VOLUME: usize = 1;
const PERSONS: usize = 2;
const CONSENTS: usize = 3;
const HISTORY: usize = 4;

/// One row for each person.
#[derive(Debug, Record)]
struct AudienceRow<'a> {
    customer_id: String,
    may_advertise: bool,
    may_profile: bool,
    fatigue: &'a str,
    reasons: String,
}

/// The next step of the operator.
#[derive(Debug)]
enum AudienceStep {
    /// Rows of this port are needed.
    Need(usize),
    Row(AudienceRow<'static>),
    Finished,
}

pub struct AudienceOperator {
    settings: Settings,
    totals: SendTotals,
    /// Ports to be read whole that have not ended.
    whole: Vec<usize>,
    persons: SortedRelation<Person>,
    consents: SortedRelation<Option<Consent>>,
    history: SortedRelation<Option<HistoryEntry>>,
    /// The person whose rows are being read, and the rows read so far.
    current: Option<String>,
    records: PersonRecords,
    /// All rules are known.
    rules_closed: bool,
}

impl Table for AudienceOperator {
    fn signature() -> TableSignature {
        let doc = "Who may be advertised to, and who may be profiled for it, with the reasons.";
        TableSignature::new("audience", doc)
            .optional_rows::<RuleRow<'_>>("rules", "as for compose")
            .optional_rows::<HistoryRow<'_>>(
                "volume",
                "all rows of history once more, in any order: complaints are counted over all people",
            )
            .rows::<PersonRow<'_>>("persons", "as for compose, ORDER BY customer_id")
            .rows::<ConsentRow<'_>>("consents", "as for compose, ORDER BY customer_id")
            .optional_rows::<HistoryRow<'_>>("history", "as for compose, ORDER BY customer_id")
            .required_option("as_of", DataType::Utf8, AS_OF)
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        call.check::<CustomerId<'_>>(HISTORY, &Names::new())?;
        if call.input(HISTORY).is_some() != call.input(VOLUME).is_some() {
            return Err(config_error(
                "missing-relation",
                "audience has only one of history and volume",
                "pass the same rows as both: history ORDER BY customer_id, volume in any order",
            ));
        }
        let mut history = SortedRelation::new(HISTORY, "history");
        if call.input(HISTORY).is_none() {
            history.close();
        }
        let is_present = |port: &usize| call.input(*port).is_some();
        Ok(AudienceOperator {
            settings: Settings::parse(call)?,
            totals: SendTotals::default(),
            whole: [RULES, VOLUME].into_iter().filter(is_present).collect(),
            persons: SortedRelation::new(PERSONS, "persons"),
            consents: SortedRelation::new(CONSENTS, "consents"),
            history,
            current: None,
            records: PersonRecords::default(),
            rules_closed: false,
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<AudienceRow<'_>>()
    }

    fn push(&mut self, port: usize, rows: Batch) -> Result<(), Error> {
        match port {
            RULES => rows
                .read()?
                .try_for_each(|row| self.settings.rulebook.add(row?)),
            VOLUME => rows.read()?.try_for_each(|row| {
                let entry = HistoryEntry::of(&row?);
                entry.iter().for_each(|entry| self.totals.add(entry));
                Ok(())
            }),
            PERSONS => rows.read()?.try_for_each(|row| {
                let mut row: PersonRow<'_> = row?;
                let id = row.customer_id.take();
                self.persons.push(id, Person::from(row))
            }),
            CONSENTS => rows.read()?.try_for_each(|row| {
                let mut row: ConsentRow<'_> = row?;
                let id = row.customer_id.take();
                self.consents.push(id, Consent::of(row))
            }),
            HISTORY => rows.read()?.try_for_each(|row| {
                let mut row: HistoryRow<'_> = row?;
                let id = row.customer_id.take();
                self.history.push(id, HistoryEntry::of(&row))
            }),
            _ => Err(Error::defect(
                "unknown-port",
                format!("audience has no port {port}"),
            )),
        }
    }

    fn close(&mut self, port: usize) -> Result<(), Error> {
        match port {
            PERSONS => self.persons.close(),
            CONSENTS => self.consents.close(),
            HISTORY => self.history.close(),
            _ => self.whole.retain(|whole| *whole != port),
        }
        Ok(())
    }

    fn pull(&mut self) -> Result<Pulled, Error> {
        let mut rows = Rows::new();
        for count in 0..BATCH_ROWS {
            match self.next() {
                AudienceStep::Row(row) => rows.push(row),
                AudienceStep::Need(port) if count == 0 => return Ok(Pulled::Need(port)),
                AudienceStep::Finished if count == 0 => return Ok(Pulled::Finished),
                AudienceStep::Need(_) | AudienceStep::Finished => break,
            }
        }
        let batch = rows.into_batches().pop();
        Ok(batch.map_or(Pulled::Finished, Pulled::Batch))
    }
}

impl AudienceOperator {
    /// The row of the next person, or the port that must be read first.
    fn next(&mut self) -> AudienceStep {
        if let Some(port) = self.whole.first() {
            return AudienceStep::Need(*port);
        }
        if !std::mem::replace(&mut self.rules_closed, true) {
            self.settings.rulebook.close(self.settings.rules_on);
        }
        let id = match self.current.take() {
            Some(id) => id,
            None => match self.persons.peek() {
                Peek::Person(id) => id,
                Peek::Need => return AudienceStep::Need(PERSONS),
                Peek::End => return AudienceStep::Finished,
            },
        };
        if let Some(port) = self.read_records(&id) {
            self.current = Some(id);
            return AudienceStep::Need(port);
        }
        let records = std::mem::take(&mut self.records);
        AudienceStep::Row(self.row(id, &records))
    }

    /// Reads all rows of a person. Returns the port of which more rows are needed for that.
    fn read_records(&mut self, id: &str) -> Option<usize> {
        let records = &mut self.records;
        let persons = &mut self.persons;
        if !persons.read_through(id, |person| records.add_contact(person)) {
            return Some(persons.port());
        }
        let consents = &mut self.consents;
        if !consents.read_through(id, |consent| records.consents.extend(consent)) {
            return Some(consents.port());
        }
        let history = &mut self.history;
        let add = |entry: Option<HistoryEntry>| {
            entry.into_iter().for_each(|entry| records.add_send(entry));
        };
        (!history.read_through(id, add)).then_some(history.port())
    }

    /// An objection to advertising ends profiling for it too (GDPR Art. 21(2) and (3)). A holdout
    /// concerns one experiment, not the person.
    fn row(&self, id: String, records: &PersonRecords) -> AudienceRow<'static> {
        let target = advertisement_to(&id);
        let (person, mut reasons) = contact::find(&target, records);
        let mut fatigue = Fatigue::Unsent;
        if let Some(person) = person {
            let input = CheckInput {
                target: &target,
                person,
                records,
                totals: &self.totals,
                settings: &self.settings,
            };
            fatigue = Fatigue::of(&input);
            let advertising = advertising::reasons(&input, fatigue).into_iter();
            reasons.extend(advertising.filter(|reason| reason.code != "holdout"));
            reasons.extend(contact::staff_hold(&input));
        }
        let stops = |reason: &Reason| matches!(reason.weight, Weight::Suppress | Weight::Hold);
        let may_advertise = !reasons.iter().any(stops);
        let reasons: BTreeSet<String> = reasons.iter().map(Reason::to_string).collect();
        let reasons: Vec<String> = reasons.into_iter().collect();
        AudienceRow {
            customer_id: id,
            may_advertise,
            may_profile: !records.refuses_advertisements(),
            fatigue: fatigue.name(),
            reasons: reasons.join("; "),
        }
    }
}

/// An advertisement to a person without an incident.
fn advertisement_to(id: &str) -> Target {
    Target {
        key: Key {
            incident: String::new(),
            customer_id: id.to_string(),
            order_id: String::new(),
        },
        stated: StatedPurpose {
            purpose: Purpose::Advertisement,
            mixed: false,
            with_recall: false,
        },
        separated: false,
        certainty: Certainty::Certain,
        also_possible: Vec::new(),
        template_ids: BTreeSet::new(),
        values: BTreeMap::new(),
    }
}
