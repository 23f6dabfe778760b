//! Parents that an export writes once and leaves blank on the rows of their children.

use crate::mapping::StreamMapping;
use crate::mapping::headings::Headings;
use crate::values::fields::Fields;

/// A parent longer than this is not kept with a checkpoint: none is made until the next.
const KEPT_MAX_BYTES: usize = 8 * 1024;

/// The parent of the rows that come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parent {
    /// Whether the stream has such columns at all.
    used: bool,
    /// For each column of the mapping its text in the parent's row, as it stands in the file.
    texts: Option<Vec<String>>,
    /// Whether the row that was read last is a child.
    child: bool,
}

impl Parent {
    /// No parent yet. `kept` is what a checkpoint remembers of one.
    pub fn new(stream: &StreamMapping, kept: Option<Vec<String>>) -> Self {
        Self {
            used: stream.columns.iter().any(|column| column.fill),
            texts: kept.filter(|texts| texts.len() == stream.columns.len()),
            child: false,
        }
    }

    /// Looks at a row: whether it is a child; `None` when its parent could not be read.
    pub fn meet(
        &mut self,
        fields: &Fields<'_>,
        headings: &Headings,
        stream: &StreamMapping,
    ) -> Option<bool> {
        self.child = false;
        if !self.used {
            return Some(false);
        }
        let blank = |field: usize| fields.get(field).trim().is_empty();
        let of = |at: usize| headings.index.get(at).copied().flatten();
        let filled = |at: &usize| stream.columns.get(*at).is_some_and(|column| column.fill);
        self.child = match headings.start {
            Some(start) => blank(start),
            // A file without the heading has no children.
            None if stream.start.is_some() => false,
            None => (0..stream.columns.len())
                .filter(filled)
                .all(|at| of(at).is_none_or(blank)),
        };
        match (self.child, &self.texts) {
            (true, None) => None,
            (child, _) => Some(child),
        }
    }

    /// The text that a column takes from the parent, if the row that was met does so.
    pub fn text(&self, at: usize, stream: &StreamMapping) -> Option<&str> {
        let fills = self.child && stream.columns.get(at).is_some_and(|column| column.fill);
        self.texts
            .as_ref()
            .filter(|_| fills)?
            .get(at)
            .map(String::as_str)
    }

    /// The row that was met was read: it is the parent of those that follow, unless it has
    /// one itself.
    pub fn keep(&mut self, fields: &Fields<'_>, headings: &Headings, stream: &StreamMapping) {
        if !self.used || self.child {
            return;
        }
        let text = |at: usize| {
            let fills = stream.columns.get(at).is_some_and(|column| column.fill);
            let field = headings.index.get(at).copied().flatten();
            field
                .filter(|_| fills)
                .map_or("", |field| fields.raw(field))
        };
        self.texts = Some(
            (0..stream.columns.len())
                .map(|at| text(at).to_owned())
                .collect(),
        );
    }

    /// The row could not be read: if it was a parent, its children have none.
    pub fn lose(&mut self) {
        if !self.child {
            self.texts = None;
        }
    }

    /// A record of which nothing is known was passed over.
    pub fn forget(&mut self) {
        self.texts = None;
        self.child = false;
    }

    /// What a checkpoint must remember of it.
    pub fn to_keep(&self) -> Option<Vec<String>> {
        self.texts
            .clone()
            .filter(|_| self.used && !self.is_too_long())
    }

    /// Whether it is too long for a checkpoint.
    pub fn is_too_long(&self) -> bool {
        let texts = self.texts.iter().flatten();
        self.used && texts.map(String::len).sum::<usize>() > KEPT_MAX_BYTES
    }
}
