//! `compose` as the host calls it: relations are read as they come, messages leave in batches.

use std::collections::BTreeSet;

use tsugi_plugin::{
    Batch, Batches, Collected, DataType, Error, Inputs, Names, Row, Rows, Schema, TableCall,
    TableSignature, schema_of,
};

use crate::compose::draft::Composer;
use crate::compose::messages::Messages;
use crate::input::values::Trimmed;
use crate::message::row::MessageRow;
use crate::offers::promises::OfferRow;
use crate::people::consents::ConsentRow;
use crate::people::history::{CustomerId, HistoryEntry, HistoryRow};
use crate::people::person::PersonRow;
use crate::people::store::PeopleStore;
use crate::people::totals::SendTotals;
use crate::rules::normalize::normalize;
use crate::rules::rulebook::RuleRow;
use crate::rules::settings::{AS_OF, OPTIONS, Settings};
use crate::targets::collected::{TargetColumns, Targets};
use crate::templates::library::Library;
use crate::templates::open_fields::{OpenFieldRow, OpenFields};
use crate::templates::pictures::{AssetRow, Assets};
use crate::templates::row::TemplateRow;
use crate::templates::wording::WordFinder;

/// Messages of a batch: some megabytes, far below what one call may return.
const BATCH_ROWS: usize = 1024;

// Ports in the order of the signature, which is the order in which they are read: targets come first,
// so that only records of their people are stored.
const TARGETS: usize = 0;
const TEMPLATES: usize = 1;
const PERSONS: usize = 2;
const CONSENTS: usize = 3;
const HISTORY: usize = 4;
const OFFERS: usize = 5;
const FORBIDDEN: usize = 6;
const RULES: usize = 7;
const OPEN_FIELDS: usize = 8;
const ASSETS: usize = 9;

/// One row of the relation `forbidden`.
#[derive(Row)]
struct ForbiddenRow<'a> {
    word: Option<Trimmed<'a>>,
}

pub struct ComposeOperator {
    /// None once the messages are being composed.
    relations: Option<Relations>,
}

/// What the relations of a call say.
struct Relations {
    settings: Settings,
    targets: Targets,
    library: Library,
    totals: SendTotals,
    /// Normalised.
    forbidden: BTreeSet<String>,
    open_fields: OpenFields,
    assets: Assets,
    people: PeopleStore,
}

impl ComposeOperator {
    fn relations(&mut self) -> Result<&mut Relations, Error> {
        self.relations.as_mut().ok_or_else(already_composed)
    }
}

fn already_composed() -> Error {
    Error::defect("already-composed", "a relation came after the messages")
}

impl Collected for ComposeOperator {
    fn signature() -> TableSignature {
        let doc = "One message for each person and incident, with a decision and all its reasons.";
        let signature = TableSignature::new("compose", doc)
            .rows::<TargetColumns<'_>>(
                "targets",
                "people and what the message is about: also certainty, order_id, product, finished_lot, remedy, cause, cause_confirmed_by, known_at, experiment, offer_kind, offer_terms, template_id and what templates declare",
            )
            .rows::<TemplateRow<'_>>(
                "templates",
                "the approved library: also certainty, approved, written_by, approved_by, locked_hash, sender, sender_address, contact, refusal_link, fields, open, parts, logo, images",
            )
            .rows::<PersonRow<'_>>(
                "persons",
                "the contact on the order: also name, language, time_zone, country, owner, addressable, address_from, preferred_channel, cap, pause_from, pause_to, held_by, held_until, value_class, angry, open_severe_incident",
            )
            .optional_rows::<ConsentRow<'_>>(
                "consents",
                "consents and refusals of advertisements: also channel, proof",
            )
            .optional_rows::<HistoryRow<'_>>(
                "history",
                "what was sent: also channel, purpose, outcome, incident, template_version",
            )
            .optional_rows::<OfferRow<'_>>(
                "offers",
                "offers that people hold: also valid_from, valid_to",
            )
            .optional_rows::<ForbiddenRow<'_>>(
                "forbidden",
                "words that no message may contain, supplier names above all",
            )
            .optional_rows::<RuleRow<'_>>(
                "rules",
                "windows, caps, laws, words: also country, channel, purpose, language, version, valid_from, valid_to, source",
            )
            .optional_rows::<OpenFieldRow<'_>>(
                "open_fields",
                "what partners wrote into open fields: also template_id, language",
            )
            .optional_rows::<AssetRow<'_>>("assets", "measured picture files")
            .required_option("as_of", DataType::Utf8, AS_OF);
        OPTIONS.iter().fold(signature, |signature, option| {
            let (name, data_type, doc) = option;
            signature.option(name, data_type.clone(), doc)
        })
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        call.check::<CustomerId<'_>>(HISTORY, &Names::new())?;
        Ok(ComposeOperator {
            relations: Some(Relations {
                settings: Settings::parse(call)?,
                targets: Targets::default(),
                library: Library::default(),
                totals: SendTotals::default(),
                forbidden: BTreeSet::new(),
                open_fields: OpenFields::default(),
                assets: Assets::default(),
                people: PeopleStore::default(),
            }),
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<MessageRow<'_>>()
    }

    fn receive(&mut self, port: usize, rows: Batch) -> Result<Option<Batch>, Error> {
        self.relations()?.add(port, &rows)?;
        Ok(None)
    }

    fn close(&mut self, port: usize) -> Result<(), Error> {
        if port == TARGETS {
            let relations = self.relations()?;
            relations.targets.close();
            relations.people = PeopleStore::of(relations.targets.customers());
        }
        Ok(())
    }

    fn compute(&mut self, _: &Inputs) -> Result<Batches, Error> {
        let relations = self.relations.take().ok_or_else(already_composed)?;
        let mut messages = relations.into_messages()?;
        Ok(Batches::of(std::iter::from_fn(move || {
            next_batch(&mut messages).transpose()
        })))
    }
}

/// The next messages; a batch without rows while they are still being counted.
fn next_batch(messages: &mut Messages) -> Result<Option<Batch>, Error> {
    let mut rows = Rows::new();
    if !messages.count_some()? {
        return Ok(rows.into_batches().pop());
    }
    for count in 0..BATCH_ROWS {
        match messages.next()? {
            Some(message) => rows.push(MessageRow::from(message)),
            None if count == 0 => return Ok(None),
            None => break,
        }
    }
    Ok(rows.into_batches().pop())
}

impl Relations {
    /// Adds rows of a relation. Neither their order nor how they are cut into batches has an effect.
    fn add(&mut self, port: usize, rows: &Batch) -> Result<(), Error> {
        match port {
            TARGETS => rows.read()?.try_for_each(|row| self.targets.add(row?)),
            TEMPLATES => rows
                .read::<TemplateRow<'_>>()?
                .try_for_each(|row| self.library.add(&row?)),
            PERSONS => rows
                .read()?
                .try_for_each(|row| self.people.add_person(&row?)),
            CONSENTS => rows
                .read()?
                .try_for_each(|row| self.people.add_consent(&row?)),
            HISTORY => rows.read()?.try_for_each(|row| {
                let row = row?;
                let entry = HistoryEntry::of(&row);
                entry.iter().for_each(|entry| self.totals.add(entry));
                self.people.add_send(&row)
            }),
            OFFERS => rows
                .read()?
                .try_for_each(|row| self.people.add_offer(&row?)),
            FORBIDDEN => rows.read::<ForbiddenRow<'_>>()?.try_for_each(|row| {
                let word = row?.word;
                self.forbidden.extend(word.map(|word| normalize(&word)));
                Ok(())
            }),
            RULES => rows
                .read()?
                .try_for_each(|row| self.settings.rulebook.add(row?)),
            OPEN_FIELDS => rows.read()?.try_for_each(|row| self.open_fields.add(row?)),
            ASSETS => rows.read()?.try_for_each(|row| {
                self.assets.add(row?);
                Ok(())
            }),
            _ => Err(Error::defect(
                "unknown-port",
                format!("compose has no port {port}"),
            )),
        }
    }

    fn into_messages(mut self) -> Result<Messages, Error> {
        self.settings.rulebook.close(self.settings.rules_on);
        self.people.close();
        let words = WordFinder::new(&self.settings.rulebook, &self.forbidden)?;
        let composer = Composer {
            settings: self.settings,
            totals: self.totals,
            library: self.library,
            open_fields: self.open_fields,
            assets: self.assets,
            words,
        };
        Ok(Messages::new(composer, self.targets, self.people))
    }
}
