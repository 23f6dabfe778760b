//! The motion: a project is opened, executed into staged tables, checked, published, delivered.

mod ask;
mod content;
mod deliver;
mod error;
mod event;
mod execute;
mod messages;
mod open;
mod quarantine;
mod report;

pub use ask::{Headline, ask, headlines};
pub use content::InputFile;
pub use deliver::{Delivered, deliver};
pub use error::RunError;
pub use event::{Event, Watch};
pub use execute::execute;
pub use messages::{REVIEW_OVER, Review, approve, reviews};
pub use open::{Open, Stream, open, session};
pub use report::{Report, StepReport, granted_words};
