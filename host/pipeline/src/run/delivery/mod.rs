//! Delivering: rows of a published table go to a sink through the send ledger, each once.
//!
//! An intent is on the disk before a sink is called, the receipt after. A row whose receipt never
//! came is handed over again only in its own batch, run and sequence, and only to a sink whose
//! terms allow it: an outbox stores a name once, a mail server would send a message twice.

mod content;
mod envelope;
mod hand;
mod journal;
mod pace;
mod policy;
mod reconcile;
mod records;
mod rendering;
mod report;
mod send;
mod sink;
mod table;

pub use content::content_hashes;
pub use policy::{Admitted, DeliveryPolicy, Released, RowResult};
pub(super) use records::deliver_records;
pub use report::{DeliveryKind, DeliveryReport, Withheld};
pub use send::DeliveryJob;
pub(super) use send::deliver;
pub use table::{DeliveryRow, DeliveryTable};
