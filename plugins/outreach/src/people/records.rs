//! Everything on record about one person.

use crate::offers::promises::Offer;
use crate::people::consents::{Consent, refusal_in_force};
use crate::people::history::{HistoryEntry, PastSend};
use crate::people::person::Person;

#[derive(Debug, Default)]
pub(crate) struct PersonRecords {
    /// Sorted and distinct; several where the rows of the person disagree.
    pub(crate) contacts: Vec<Person>,
    pub(crate) consents: Vec<Consent>,
    pub(crate) sends: Vec<PastSend>,
    pub(crate) offers: Vec<Offer>,
}

impl PersonRecords {
    pub(crate) fn add_contact(&mut self, person: Person) {
        if let Err(at) = self.contacts.binary_search(&person) {
            self.contacts.insert(at, person);
        }
    }

    /// A person who answered by unsubscribing or complaining has refused advertisements.
    pub(crate) fn add_send(&mut self, entry: HistoryEntry) {
        self.consents.extend(entry.refusal());
        self.sends.push(entry.sent);
    }

    pub(crate) fn refuses_advertisements(&self) -> bool {
        refusal_in_force(&self.consents).is_some()
    }
}
