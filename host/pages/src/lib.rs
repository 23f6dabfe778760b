//! Pages of published tables as HTML: pictures drawn as SVG, the numbers as a table beside each, no
//! script, and nothing from another address.

mod axis;
mod bars;
mod block;
mod bridge;
mod figures;
mod html;
mod lines;
mod number;
mod table;
mod words;

use tsugi_pipeline::project::page::{Scale, Show};
use tsugi_pipeline::project::pipeline::Language;

pub use html::{file_name, page};

/// What all pages of a report say of themselves.
#[derive(Clone, Debug)]
pub struct Report {
    /// The name of the pipeline.
    pub name: String,
    /// What the pipeline is for.
    pub description: Option<String>,
    /// What was read, as the foot of each page says it: day, snapshot, run.
    pub as_of: String,
    pub snapshot: i64,
    pub published_at: String,
    /// The languages of the report, that of files without a suffix first.
    pub languages: Vec<Language>,
}

/// One page in one language.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its name in `pages/`.
    pub name: String,
    pub title: String,
    pub about: Option<String>,
    pub blocks: Vec<Block>,
}

/// One part of a page: rows, and how they are shown.
#[derive(Clone, Debug)]
pub struct Block {
    pub title: String,
    pub about: Option<String>,
    pub show: Show,
    pub scale: Scale,
    /// Where a line crosses bars, such as 1 for ratios.
    pub reference: Option<f64>,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// Whether there were more rows than are shown.
    pub is_cut: bool,
    /// Columns whose values are hidden because they are about persons.
    pub masked: Vec<String>,
}

/// A value as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Whole(i64),
    Number(f64),
    Text(String),
}

impl Cell {
    /// The number, where it is one that can be drawn.
    fn number(&self) -> Option<f64> {
        let number = match self {
            Self::Whole(number) => *number as f64,
            Self::Number(number) => *number,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// The value as text in a language.
    fn text(&self, language: Language) -> String {
        match self {
            Self::Null => String::new(),
            Self::Whole(number) => number::whole(*number, language),
            Self::Number(number) => number::shown(*number, language),
            Self::Text(text) => text.clone(),
        }
    }
}

impl Block {
    /// The value of a column in a row; null where there is no such column.
    fn cell<'b>(&'b self, row: &'b [Cell], column: &str) -> &'b Cell {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| row.get(at)).unwrap_or(&Cell::Null)
    }
}
