//! Delimited text to fields, and whether its quotes are where they may be.

/// How fields that hold delimiters or line breaks are marked.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    /// Stands around such a field; none where nothing is quoted.
    pub quote: Option<u8>,
    /// Stands before a quote inside it; without one quotes are doubled.
    pub escape: Option<u8>,
}

impl Marks {
    /// What splits by them.
    pub fn reader(self, delimiter: u8) -> csv_core::Reader {
        csv_core::ReaderBuilder::new()
            .delimiter(delimiter)
            .quoting(self.quote.is_some())
            .quote(self.quote.unwrap_or(b'"'))
            .escape(self.escape)
            .double_quote(self.escape.is_none())
            .build()
    }
}

/// Splits delimited text into fields.
pub(crate) struct Splitter {
    core: csv_core::Reader,
    delimiter: u8,
    marks: Marks,
    fields: Vec<u8>,
    ends: Vec<usize>,
    length: usize,
    count: usize,
}

impl Splitter {
    /// A splitter that stands before a record.
    pub(crate) fn new(delimiter: u8, marks: Marks) -> Self {
        Self {
            core: marks.reader(delimiter),
            delimiter,
            marks,
            fields: vec![0; 4096],
            ends: vec![0; 64],
            length: 0,
            count: 0,
        }
    }

    /// Forgets the fields of the last record.
    pub(crate) fn begin(&mut self) {
        self.length = 0;
        self.count = 0;
    }

    /// The fields so far: their text, and where each ends in it.
    pub(crate) fn fields(&self) -> (&[u8], &[usize]) {
        (
            self.fields.get(..self.length).unwrap_or(&[]),
            self.ends.get(..self.count).unwrap_or(&[]),
        )
    }

    /// Stands before a record again, whatever came last.
    pub(crate) fn reset(&mut self) {
        self.core.reset();
    }

    /// Takes input until the record is complete: how much of it, and whether it is.
    pub(crate) fn feed(&mut self, input: &[u8]) -> (usize, bool) {
        let mut consumed = 0;
        // The splitter takes an empty input for the end of the file.
        while let Some(rest) = input.get(consumed..).filter(|rest| !rest.is_empty()) {
            let fields = self.fields.get_mut(self.length..).unwrap_or_default();
            let ends = self.ends.get_mut(self.count..).unwrap_or_default();
            let (result, read, written, ended) = self.core.read_record(rest, fields, ends);
            consumed += read;
            self.length += written;
            self.count += ended;
            match result {
                csv_core::ReadRecordResult::OutputFull => {
                    self.fields.resize(self.fields.len() * 2, 0)
                }
                csv_core::ReadRecordResult::OutputEndsFull => {
                    self.ends.resize(self.ends.len() * 2, 0)
                }
                csv_core::ReadRecordResult::Record | csv_core::ReadRecordResult::End => {
                    return (consumed, true);
                }
                csv_core::ReadRecordResult::InputEmpty => {}
            }
        }
        (consumed, false)
    }

    /// The quote mark, where there is one.
    pub(crate) fn quote(&self) -> Option<u8> {
        self.marks.quote
    }

    /// Whether quotes stand only where they may: around whole fields, doubled inside them. A
    /// quote that was never closed shows as text behind a closing one.
    pub(crate) fn is_sound(&self, raw: &[u8]) -> bool {
        #[derive(PartialEq)]
        enum In {
            Start,
            Plain,
            Quoted,
            Escaped,
            Closed,
        }
        let Some(quote) = self.marks.quote else {
            return true;
        };
        let mut state = In::Start;
        for byte in raw {
            state = match state {
                In::Quoted if Some(*byte) == self.marks.escape => In::Escaped,
                In::Quoted if *byte == quote => In::Closed,
                In::Quoted | In::Escaped => In::Quoted,
                In::Closed if *byte == quote && self.marks.escape.is_none() => In::Quoted,
                _ if *byte == self.delimiter => In::Start,
                In::Closed => return false,
                In::Start if *byte == quote => In::Quoted,
                _ => In::Plain,
            };
        }
        !matches!(state, In::Quoted | In::Escaped)
    }
}
