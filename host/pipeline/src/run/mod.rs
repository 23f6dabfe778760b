//! Runs: a project is opened, executed into staged tables, checked, published, delivered.

mod changed;
mod check;
mod columns;
mod content;
mod contract;
mod csv_cells;
mod delivery;
mod described;
mod due;
mod entry;
mod error;
mod event;
mod execute;
mod executed;
mod explain;
mod failures;
mod file_status;
mod guards;
mod housekeeping;
mod inspect;
mod inventory;
mod ledger;
mod load;
mod locate;
mod locked;
mod machine;
mod open;
mod pages;
mod preview;
mod publish;
mod published;
pub mod quarantine;
mod reading;
mod report;
mod resume;
mod seed;
mod spill;
mod staging;
mod stream;
mod summarize;
mod task;
mod travel;
mod unpublished;
mod unread;
mod versions;

pub use content::InputFile;
pub use delivery::{
    Admitted, DeliveryJob, DeliveryKind, DeliveryPolicy, DeliveryReport, DeliveryRow,
    DeliveryTable, Released, RowResult, Withheld, content_hashes,
};
pub use described::{DescribedFunction, describe_functions};
pub use due::DueTable;
pub use entry::{deliver, deliver_records, execute, make, open};
pub use error::RunError;
pub use event::{Event, Watch};
pub use guards::{ColumnKind, Guards, LeftOut, Redact, RequiredColumn, RowFilter, RowRules};
pub use inventory::{Item, ItemColumn, ItemKind, Neighbours};
pub use load::{plain_session, session};
pub use locked::accept;
pub use open::{OpenProject, Stream};
pub use preview::Preview;
pub use published::{Headline, Published, QueryResult, refuse_view, refuse_views};
pub use report::{Report, StepReport, granted_words};
pub use stream::RowStream;
pub use task::joined;
pub use unread::with_unread;
