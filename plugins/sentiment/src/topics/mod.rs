//! Topics of a text by rules that an analyst keeps as a table: a part and a defect near each other, denials left out.

mod defect;
mod denial;
mod rules;
mod scan;
mod span;
mod spoken;

pub use rules::{RuleError, RuleRow, Rules};
pub use scan::{Found, Scratch};
