//! Text to records: delimited ones or lines, with the line each begins on. A record that
//! cannot be delimited gives up its first line only, and reading goes on behind it.

pub(crate) mod broken;
pub(crate) mod children;
pub(crate) mod elements;
pub(crate) mod heading_row;
pub(crate) mod jsonl;
pub(crate) mod opened;
pub(crate) mod sheet;
pub(crate) mod skip;
pub(crate) mod splitter;
pub(crate) mod workbook;

use crate::error::Result;
use crate::input::text::DecodedText;
use crate::records::broken::{Broken, bounded, reason};
use crate::records::splitter::{Marks, Splitter};

/// A record longer than this is rejected; an open quote is looked after no further.
pub const RECORD_MAX_BYTES: usize = 1024 * 1024;

/// Bytes that may be read again after broken records before whole stretches are rejected at
/// once. It fills again, four bytes for each byte that is done with: a hostile file costs at
/// most five times its size.
pub(crate) const CREDIT_BYTES: u64 = 16 * 1024 * 1024;

/// What comes next in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A record between two positions, beginning on a line. Its fields are in [`Records`].
    Record {
        start: u64,
        /// Where it ends, its line end aside.
        end: u64,
        /// From 1.
        line: u64,
    },
    /// An empty line.
    Blank,
    /// Something that is no record.
    Broken(Broken),
    End,
}

/// The state of a reader of records, beside its place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordState {
    /// The line that comes next.
    pub line: u64,
    /// See [`CREDIT_BYTES`].
    pub credit_bytes: u64,
    /// Whether the last record had no line end, so that one at the start ends no line.
    pub open_line: bool,
}

impl Default for RecordState {
    fn default() -> Self {
        Self {
            line: 1,
            credit_bytes: CREDIT_BYTES,
            open_line: false,
        }
    }
}

/// Reads records from text.
pub(crate) struct Records {
    text: DecodedText,
    /// The position of what comes next.
    at: u64,
    state: RecordState,
    splitter: Option<Splitter>,
    /// Whether line ends inside a record count; not in text made from the rows of a sheet.
    counts_inner: bool,
    /// Whether the text ended while a quote was open.
    open_quote: bool,
}

impl Records {
    /// Delimited records.
    pub(crate) fn delimited(
        text: DecodedText,
        at: u64,
        state: RecordState,
        delimiter: u8,
        marks: Marks,
    ) -> Self {
        Self {
            text,
            at,
            state,
            splitter: Some(Splitter::new(delimiter, marks)),
            counts_inner: true,
            open_quote: false,
        }
    }

    /// Counts each record as one line, whatever stands in it.
    pub(crate) fn one_line_each(mut self) -> Self {
        self.counts_inner = false;
        self
    }

    /// Every line is a record.
    pub(crate) fn lines(text: DecodedText, at: u64, state: RecordState) -> Self {
        Self {
            text,
            at,
            state,
            splitter: None,
            counts_inner: true,
            open_quote: false,
        }
    }

    /// The text underneath.
    pub(crate) fn text(&self) -> &DecodedText {
        &self.text
    }

    /// Whether the text ended while a quote was open: with more text it would be other records.
    pub(crate) fn open_quote(&self) -> bool {
        self.open_quote
    }

    /// Where the next record begins, and the reader's state there.
    pub(crate) fn position(&self) -> (u64, RecordState) {
        (self.at, self.state)
    }

    /// Goes back to the start of the record that was just returned.
    pub(crate) fn put_back(&mut self, at: u64, state: RecordState) {
        self.at = at;
        self.state = state;
        if let Some(splitter) = &mut self.splitter {
            splitter.reset();
        }
    }

    /// The fields of the record returned last: their text, and where each ends in it.
    pub(crate) fn fields(&self) -> (&[u8], &[usize]) {
        self.splitter.as_ref().map_or((&[], &[]), Splitter::fields)
    }

    /// What comes next.
    pub(crate) fn read(&mut self) -> Result<Found> {
        if self.state.open_line
            && let Some(byte) = self.peek()?
        {
            if is_line_end(byte) {
                self.eat_line_end()?;
            }
            self.state.open_line = false;
        }
        match self.peek()? {
            None => Ok(Found::End),
            Some(byte) if is_line_end(byte) => {
                self.eat_line_end()?;
                self.state.line += 1;
                Ok(Found::Blank)
            }
            Some(_) if self.splitter.is_some() => self.delimited_record(),
            Some(_) => self.line_record(),
        }
    }

    fn more(&mut self) -> Result<bool> {
        self.text.release(self.at);
        self.text.fill()
    }

    fn peek(&mut self) -> Result<Option<u8>> {
        loop {
            if let Some(byte) = self.text.from(self.at).first() {
                return Ok(Some(*byte));
            }
            if !self.more()? && self.text.from(self.at).is_empty() {
                return Ok(None);
            }
        }
    }

    fn eat_line_end(&mut self) -> Result<()> {
        let first = self.peek()?;
        self.at += 1;
        if first == Some(b'\r') && self.peek()? == Some(b'\n') {
            self.at += 1;
        }
        Ok(())
    }

    fn delimited_record(&mut self) -> Result<Found> {
        let start = self.at;
        let limit = start + RECORD_MAX_BYTES as u64 + 1;
        let mut scanned = start;
        if let Some(splitter) = &mut self.splitter {
            splitter.begin();
        }
        loop {
            let stop = limit.min(self.text.end());
            if scanned < stop {
                let input = self.text.between(scanned, stop);
                let Some(splitter) = &mut self.splitter else {
                    return Ok(Found::End);
                };
                let (consumed, complete) = splitter.feed(input);
                scanned += consumed as u64;
                if complete {
                    return self.sound_record(start, scanned - 1);
                }
            } else if scanned >= limit {
                return self.broken(scanned, "unclosed-quote");
            } else if !self.more()? && scanned == self.text.end() {
                let complete = self
                    .splitter
                    .as_mut()
                    .is_some_and(|splitter| splitter.feed(b"\n").1);
                return if complete {
                    self.sound_record(start, scanned)
                } else {
                    self.open_quote = true;
                    self.broken(scanned, "unclosed-quote")
                };
            }
        }
    }

    fn sound_record(&mut self, start: u64, end: u64) -> Result<Found> {
        let raw = self.text.between(start, end);
        let line = self.state.line;
        if let Some(splitter) = &self.splitter
            && splitter.quote().is_some_and(|quote| raw.contains(&quote))
        {
            let more_lines = line_ends(raw);
            if !splitter.is_sound(raw) {
                return self.broken(
                    end,
                    if more_lines > 0 {
                        "unclosed-quote"
                    } else {
                        "bad-quote"
                    },
                );
            }
            self.state.line += if self.counts_inner { more_lines } else { 0 };
        }
        self.done_with(end)?;
        Ok(Found::Record { start, end, line })
    }

    fn line_record(&mut self) -> Result<Found> {
        let start = self.at;
        let mut scanned = start;
        loop {
            let stretch = self.text.from(scanned);
            let found = stretch.iter().position(|b| is_line_end(*b));
            let end = scanned + found.unwrap_or(stretch.len()) as u64;
            if end - start > RECORD_MAX_BYTES as u64 {
                return self.broken(start + RECORD_MAX_BYTES as u64, "record-too-long");
            }
            scanned = end;
            if found.is_some() || (!self.more()? && scanned == self.text.end()) {
                let line = self.state.line;
                self.done_with(end)?;
                return Ok(Found::Record { start, end, line });
            }
        }
    }

    /// Moves behind a stretch and its line end.
    fn done_with(&mut self, end: u64) -> Result<()> {
        let used = end.saturating_sub(self.at);
        self.state.credit_bytes = self
            .state
            .credit_bytes
            .saturating_add(used.saturating_mul(4))
            .min(CREDIT_BYTES);
        self.at = end;
        // The text before `at` may be let go only when the caller has seen the record.
        match self.text.from(end).first() {
            Some(b'\n') => self.at += 1,
            _ => self.end_line()?,
        }
        self.state.line += 1;
        Ok(())
    }

    fn end_line(&mut self) -> Result<()> {
        let next = |records: &mut Self, at: u64| -> Result<Option<u8>> {
            loop {
                if let Some(byte) = records.text.from(at).first() {
                    return Ok(Some(*byte));
                }
                if !records.text.fill()? && records.text.from(at).is_empty() {
                    return Ok(None);
                }
            }
        };
        match next(self, self.at)? {
            None => self.state.open_line = true,
            Some(b'\r') if next(self, self.at + 1)? == Some(b'\n') => self.at += 2,
            Some(byte) if is_line_end(byte) => self.at += 1,
            Some(_) => {}
        }
        Ok(())
    }

    /// Gives up the first line of what was scanned, or all of it when credit is used up.
    fn broken(&mut self, scanned: u64, code: &'static str) -> Result<Found> {
        let line = self.state.line;
        let stretch = self.text.between(self.at, scanned);
        let quote = self.splitter.as_ref().and_then(Splitter::quote);
        let mut lost = stretch.iter().position(|b| is_line_end(*b));
        let mut lines = 0;
        if let Some(length) = lost {
            let again = (stretch.len() - length) as u64;
            if again <= self.state.credit_bytes {
                self.state.credit_bytes -= again;
            } else {
                let last = stretch.iter().rposition(|b| is_line_end(*b));
                lost = last.map(|at| {
                    if at > 0 && stretch.get(at - 1..=at) == Some(b"\r\n") {
                        at - 1
                    } else {
                        at
                    }
                });
                lines = lost.map_or(0, |length| line_ends(stretch.get(..length).unwrap_or(&[])));
            }
        }
        let first_line = stretch.get(..lost.unwrap_or(stretch.len())).unwrap_or(&[]);
        let code = if code == "unclosed-quote" && !quote.is_some_and(|q| first_line.contains(&q)) {
            "record-too-long"
        } else {
            code
        };
        let broken = Broken {
            line,
            code,
            reason: reason(code, lines),
            raw: bounded(first_line),
        };
        self.state.line += lines;
        if let Some(splitter) = &mut self.splitter {
            splitter.reset();
        }
        match lost {
            Some(length) => self.done_with(self.at + length as u64)?,
            None => self.discard_line(scanned)?,
        }
        Ok(Found::Broken(broken))
    }

    /// Moves behind the line that goes on at `from`, without keeping it.
    fn discard_line(&mut self, from: u64) -> Result<()> {
        let mut at = from;
        loop {
            let stretch = self.text.from(at);
            let found = stretch.iter().position(|b| is_line_end(*b));
            at += found.unwrap_or(stretch.len()) as u64;
            if found.is_some() {
                break;
            }
            self.text.discard(at);
            if !self.text.fill()? && self.text.end() == at {
                break;
            }
        }
        self.done_with(at)
    }
}

fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// Physical line ends: line feeds, and carriage returns that no line feed follows.
fn line_ends(raw: &[u8]) -> u64 {
    let mut count = 0;
    let mut rest = raw.iter().peekable();
    while let Some(byte) = rest.next() {
        count += u64::from(*byte == b'\n' || (*byte == b'\r' && rest.peek() != Some(&&b'\n')));
    }
    count
}
