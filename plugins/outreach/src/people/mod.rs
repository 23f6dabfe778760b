//! What is on record about a person: contacts, consents, messages sent, offers.

pub(crate) mod consents;
pub(crate) mod history;
pub(crate) mod person;
pub(crate) mod records;
pub(crate) mod store;
pub(crate) mod totals;
