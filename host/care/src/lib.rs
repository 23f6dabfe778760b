//! What concerns people: messages and their review, stops after complaints, briefs, masking, exports
//! by owner, and forgetting. The pipeline below runs without knowing any of it; it is handed in here.
#![deny(clippy::print_stdout, clippy::print_stderr)]
// Nothing that a file, a plugin or SQL gives may panic; tests may.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod approve;
mod brief;
mod complaints;
mod deliver;
mod entry;
mod error;
mod execute;
mod export;
mod familiar;
mod forget;
mod known_text;
mod mask;
mod messages;
mod note;
mod review;
mod rows;
mod slot;
pub mod store;

pub use approve::{DecisionRequest, Unknown, unknown_authors};
pub use brief::{BriefKey, BriefRow, brief};
pub use entry::{
    decide, deliver, execute, forget, message_texts, note, noted, parts, preview, reviews, settle,
    unknown,
};
pub use error::CareError;
pub use export::Parts;
pub use forget::{Forget, Traces};
pub use review::{MessageText, Review, ReviewState, short};

use tsugi_pipeline::run::Guards;

/// What every project is opened with.
pub const GUARDS: Guards = Guards {
    redact: &mask::Mask,
    message_columns: messages::COLUMNS,
    complaint_columns: complaints::COLUMNS,
    named_tables: brief::TABLES,
    ledger_tables: store::LEDGER_TABLES,
};
