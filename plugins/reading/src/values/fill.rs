//! Parents that an export writes once and leaves blank on the rows of their children.

use crate::mapping::StreamMapping;
use crate::mapping::headings::Headings;
use crate::values::fields::Fields;

/// A parent longer than this is not kept with a checkpoint: none is made until the next.
const KEPT_MAX_BYTES: usize = 8 * 1024;

/// The first key, where each row of a record repeats it.
fn own_key(stream: &StreamMapping) -> Option<usize> {
    let mut keys = stream
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.key);
    let first = keys.next()?;
    let is_own = !first.1.fill && keys.all(|(_, column)| !column.fill);
    is_own.then_some(first.0)
}

/// The parent of the rows that come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parent {
    /// Whether the stream has such columns at all.
    used: bool,
    /// For each column of the mapping its text in the parent's row, as it stands in the file.
    texts: Option<Vec<String>>,
    /// Whether the row that was read last is a child.
    child: bool,
    /// Whether a row was read before.
    begun: bool,
}

impl Parent {
    /// No parent yet. `kept` is what a checkpoint remembers of one.
    pub(crate) fn new(stream: &StreamMapping, kept: Option<Vec<String>>) -> Self {
        Self {
            used: stream.columns.iter().any(|column| column.fill),
            texts: kept.filter(|texts| texts.len() == stream.columns.len()),
            child: false,
            begun: false,
        }
    }

    /// Looks at a row: whether it is a child; `None` when its parent could not be read.
    pub(crate) fn meet(
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
            None => {
                (0..stream.columns.len())
                    .filter(filled)
                    .all(|at| of(at).is_none_or(blank))
                    && !self.is_another(fields, headings, stream)
            }
        };
        match (self.child, &self.texts) {
            (true, None) => None,
            (child, _) => Some(child),
        }
    }

    /// Whether a row names another record than the parent: its first key has another text. A key that
    /// is filled itself is blank on the rows of children, and tells nothing.
    fn is_another(&self, fields: &Fields<'_>, headings: &Headings, stream: &StreamMapping) -> bool {
        let Some(at) = own_key(stream) else {
            return false;
        };
        let Some(texts) = &self.texts else {
            // The first row of a file is no child; behind a parent that could not be read it may be.
            return !self.begun;
        };
        let field = headings.index.get(at).copied().flatten();
        let own = field.map_or("", |field| fields.raw(field));
        texts.get(at).is_some_and(|text| text.trim() != own.trim())
    }

    /// The text that a column takes from the parent, if the row that was met does so.
    pub(crate) fn text(&self, at: usize, stream: &StreamMapping) -> Option<&str> {
        let fills = self.child && stream.columns.get(at).is_some_and(|column| column.fill);
        self.texts
            .as_ref()
            .filter(|_| fills)?
            .get(at)
            .map(String::as_str)
    }

    /// The row that was met was read: it is the parent of those that follow, unless it has
    /// one itself.
    pub(crate) fn keep(
        &mut self,
        fields: &Fields<'_>,
        headings: &Headings,
        stream: &StreamMapping,
    ) {
        self.begun = true;
        if !self.used || self.child {
            return;
        }
        let text = |at: usize| {
            let fills = stream.columns.get(at).is_some_and(|column| column.fill);
            let is_kept = fills || own_key(stream) == Some(at);
            let field = headings.index.get(at).copied().flatten();
            field
                .filter(|_| is_kept)
                .map_or("", |field| fields.raw(field))
        };
        self.texts = Some(
            (0..stream.columns.len())
                .map(|at| text(at).to_owned())
                .collect(),
        );
    }

    /// The row could not be read: if it was a parent, its children have none.
    pub(crate) fn lose(&mut self) {
        self.begun = true;
        if !self.child {
            self.texts = None;
        }
    }

    /// A record of which nothing is known was passed over.
    pub(crate) fn forget(&mut self) {
        self.texts = None;
        self.child = false;
        self.begun = true;
    }

    /// What a checkpoint must remember of it.
    pub(crate) fn to_keep(&self) -> Option<Vec<String>> {
        self.texts
            .clone()
            .filter(|_| self.used && !self.is_too_long())
    }

    /// Whether it is too long for a checkpoint.
    pub(crate) fn is_too_long(&self) -> bool {
        let texts = self.texts.iter().flatten();
        self.used && texts.map(String::len).sum::<usize>() > KEPT_MAX_BYTES
    }
}
