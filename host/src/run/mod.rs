//! The motion: a project is opened, executed into staged tables, checked, published, delivered.

mod ask;
mod brief;
mod complaints;
mod content;
mod decide;
mod deliver;
mod delivered;
mod error;
mod event;
mod execute;
mod hand;
mod load;
mod messages;
mod open;
mod pace;
mod part;
mod quarantine;
mod reading;
mod report;
mod review;
mod seed;
mod standing;

pub use ask::{Headline, ask, headlines};
pub use brief::{Key, Said, brief};
pub use content::InputFile;
pub use decide::{Asked, Unknown, decide, settle, unknown};
pub use deliver::deliver;
pub use delivered::Delivered;
pub use error::RunError;
pub use event::{Event, Watch};
pub use execute::execute;
pub use load::session;
pub use open::{Open, Stream, open};
pub use part::{Parts, parts};
pub use report::{Report, StepReport, granted_words};
pub use review::{Letter, REVIEW_OVER, Review, Standing, letters, reviews, short};
