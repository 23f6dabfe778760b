//! The motion: a project is opened, executed into staged tables, checked, published, delivered.

mod ask;
mod content;
mod deliver;
mod error;
mod event;
mod execute;
mod load;
mod messages;
mod open;
mod quarantine;
mod reading;
mod report;
mod seed;
mod standing;

pub use ask::{Headline, ask, headlines};
pub use content::InputFile;
pub use deliver::{Delivered, deliver};
pub use error::RunError;
pub use event::{Event, Watch};
pub use execute::execute;
pub use load::session;
pub use messages::{REVIEW_OVER, Review, approve, reviews};
pub use open::{Open, Stream, open};
pub use report::{Report, StepReport, granted_words};
