//! All messages of a call, one by one.

use tsugi_plugin::Error;

use crate::compose::counts::{self, Counts};
use crate::compose::draft::{Composer, Draft, DraftState};
use crate::message::row::Message;
use crate::people::store::PeopleStore;
use crate::targets::collected::Targets;
use crate::targets::target::Key;

/// Messages counted in one call, so that the host sees progress.
const COUNTED_PER_CALL: usize = 512;

/// The messages by incident, then person. Each is drafted twice, first to be counted and then to be
/// returned, so that one draft is in memory at a time.
pub(crate) struct Messages {
    composer: Composer,
    targets: Targets,
    people: PeopleStore,
    state: DraftState,
    counts: Counts,
    counted: bool,
    last: Option<Key>,
}

impl Messages {
    pub(crate) fn new(composer: Composer, targets: Targets, people: PeopleStore) -> Messages {
        Messages {
            composer,
            targets,
            people,
            state: DraftState::default(),
            counts: Counts::default(),
            counted: false,
            last: None,
        }
    }

    fn draft(&mut self) -> Result<Option<Draft>, Error> {
        let Some(target) = self.targets.after(self.last.as_ref())? else {
            return Ok(None);
        };
        let records = self.people.records(&target.key.customer_id)?;
        let draft = self.composer.draft(&target, &records, &mut self.state)?;
        self.last = Some(target.key);
        Ok(Some(draft))
    }

    /// Counts some more messages. True when all were counted before.
    pub(crate) fn count_some(&mut self) -> Result<bool, Error> {
        if self.counted {
            return Ok(true);
        }
        for _ in 0..COUNTED_PER_CALL {
            let Some(draft) = self.draft()? else {
                (self.counted, self.last) = (true, None);
                self.state = DraftState::default();
                break;
            };
            self.counts.add(&draft);
        }
        Ok(false)
    }

    /// The next message, once all are counted.
    pub(crate) fn next(&mut self) -> Result<Option<Message>, Error> {
        Ok(self.draft()?.map(|mut draft| {
            self.counts.apply(&mut draft, &self.composer.settings);
            counts::finish(draft)
        }))
    }
}
