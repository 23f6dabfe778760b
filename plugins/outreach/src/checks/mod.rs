//! The rules applied to one message: contact, purpose, consent, frequency, offers, history, time.

pub(crate) mod advertising;
pub(crate) mod consent;
pub(crate) mod contact;
pub(crate) mod fatigue;
pub(crate) mod frequency;
pub(crate) mod history;
pub(crate) mod offers;
pub(crate) mod purposes;
pub(crate) mod timing;

use crate::people::person::Person;
use crate::people::records::PersonRecords;
use crate::people::totals::SendTotals;
use crate::rules::rulebook::RuleScope;
use crate::rules::settings::Settings;
use crate::targets::purpose::Purpose;
use crate::targets::target::Target;

/// What a check reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CheckInput<'a> {
    pub(crate) target: &'a Target,
    pub(crate) person: &'a Person,
    pub(crate) records: &'a PersonRecords,
    pub(crate) totals: &'a SendTotals,
    pub(crate) settings: &'a Settings,
}

impl<'a> CheckInput<'a> {
    /// The scope of rules for advertisements to the person, whatever the purpose of the message.
    fn advertising_scope(&self) -> RuleScope<'a> {
        self.person.scope(Purpose::Advertisement)
    }
}
