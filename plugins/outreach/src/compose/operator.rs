//! The state of one call of `compose`, from its options to its messages.

use std::collections::BTreeSet;

use tsugi_plugin::Error;

use crate::compose::counts::{self, Counts};
use crate::compose::draft::{Composer, Draft, DraftState};
use crate::error::config_error;
use crate::input::cell::{Cell, Sheet};
use crate::input::ports::PORTS;
use crate::message::row::Message;
use crate::people::store::PeopleStore;
use crate::people::totals::SendTotals;
use crate::rules::normalize::normalize;
use crate::rules::settings::Settings;
use crate::targets::collected::Targets;
use crate::targets::target::Key;
use crate::templates::library::Library;
use crate::templates::open_fields::OpenFields;
use crate::templates::pictures::Assets;
use crate::templates::wording::WordFinder;

#[derive(Debug)]
pub struct Compose {
    settings: Settings,
    targets: Targets,
    library: Library,
    totals: SendTotals,
    /// Normalised.
    forbidden: BTreeSet<String>,
    open_fields: OpenFields,
    assets: Assets,
    /// For the people of the targets, once all targets have come.
    people: PeopleStore,
}

impl Compose {
    pub(crate) fn open(options: &[(String, Cell)]) -> Result<Compose, Error> {
        Ok(Compose {
            settings: Settings::parse(options)?,
            targets: Targets::default(),
            library: Library::default(),
            totals: SendTotals::default(),
            forbidden: BTreeSet::new(),
            open_fields: OpenFields::default(),
            assets: Assets::default(),
            people: PeopleStore::default(),
        })
    }

    /// Adds rows of a relation. Neither their order nor how they are cut into batches has an effect.
    pub(crate) fn push(&mut self, port: &str, sheet: &Sheet) -> Result<(), Error> {
        if port == "templates" {
            return self.library.add(sheet);
        }
        for row in sheet.rows() {
            match port {
                "targets" => self.targets.add(&row)?,
                "history" => {
                    self.totals.add(&row);
                    self.people.add(port, &row);
                }
                "persons" | "consents" | "offers" => self.people.add(port, &row),
                "forbidden" => {
                    let word = row.text("word");
                    self.forbidden.extend(word.map(|word| normalize(&word)));
                }
                "rules" => self.settings.rulebook.add(&row)?,
                "open_fields" => self.open_fields.add(&row)?,
                "assets" => self.assets.add(&row),
                _ => {
                    let names: Vec<&str> = PORTS.iter().map(|port| port.name).collect();
                    return Err(config_error(
                        "unknown-port",
                        format!("compose has no relation {port}"),
                        format!("the relations are {}", names.join(", ")),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Ends a relation. Targets are read first, so that only records of their people are stored.
    pub(crate) fn close(&mut self, port: &str) {
        if port == "targets" {
            self.targets.close();
            self.people = PeopleStore::of(self.targets.customers());
        }
    }

    /// The messages, by incident, then person.
    pub(crate) fn finish(mut self) -> Messages {
        self.settings.rulebook.close(self.settings.rules_on);
        self.people.close();
        let words = WordFinder::new(&self.settings.rulebook, &self.forbidden);
        Messages {
            targets: self.targets,
            people: self.people,
            composer: Composer {
                settings: self.settings,
                totals: self.totals,
                library: self.library,
                open_fields: self.open_fields,
                assets: self.assets,
                words,
            },
            state: DraftState::default(),
            counts: Counts::default(),
            counted: false,
            last: None,
        }
    }
}

/// The messages one by one. Each is drafted twice, first to be counted and then to be returned, so that
/// one draft is in memory at a time.
pub(crate) struct Messages {
    composer: Composer,
    targets: Targets,
    people: PeopleStore,
    state: DraftState,
    counts: Counts,
    counted: bool,
    last: Option<Key>,
}

/// Messages counted in one call, so that the host sees progress.
const COUNTED_PER_CALL: usize = 512;

impl Messages {
    fn draft(&mut self) -> Option<Draft> {
        let target = self.targets.after(self.last.as_ref())?;
        let records = self.people.records(&target.key.customer_id);
        let draft = self.composer.draft(&target, &records, &mut self.state);
        self.last = Some(target.key);
        Some(draft)
    }
}

impl Iterator for Messages {
    /// None within Some while it is still counting.
    type Item = Option<Message>;

    fn next(&mut self) -> Option<Self::Item> {
        if !self.counted {
            for _ in 0..COUNTED_PER_CALL {
                let Some(draft) = self.draft() else {
                    (self.counted, self.last) = (true, None);
                    self.state = DraftState::default();
                    break;
                };
                self.counts.add(&draft);
            }
            return Some(None);
        }
        let mut draft = self.draft()?;
        self.counts.apply(&mut draft, &self.composer.settings);
        Some(Some(counts::finish(draft)))
    }
}
