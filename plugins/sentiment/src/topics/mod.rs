//! Topics of a text by rules that an analyst keeps as a table: a part and a defect near each other, denials left out.

mod collect;
mod context;
mod defect;
mod denial;
mod families;
pub mod learned;
mod row;
mod rules;
mod scan;
mod span;
mod spoken;
mod typos;

pub use row::RuleRow;
pub use rules::{RuleError, Rules};
pub use scan::{Found, Scratch};
