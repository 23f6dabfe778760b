//! Offers that people hold, and the table function `offer_ledger`.

pub(crate) mod ledger;
pub(crate) mod promises;
