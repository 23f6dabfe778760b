//! One file, open: its dialect found, its heading row read, placed before the next record.

use std::rc::Rc;

use encoding_rs::{Encoding, UTF_8};

use crate::error::{ReadError, Result};
use crate::host::{Chunks, FileEntry, Host};
use crate::input::bytes::Behind;
use crate::input::dialect::delimiter_name;
use crate::input::files::ExportFile;
use crate::input::kind::refuse_other;
use crate::input::text::DecodedText;
use crate::mapping::config::{Config, Drift};
use crate::mapping::headings::{self, Headings};
use crate::mapping::{Format, StreamMapping};
use crate::records::children::Children;
use crate::records::elements::Elements;
use crate::records::heading_row::heading_row;
use crate::records::sheet;
use crate::records::{RecordState, Records};
use crate::resume::state::FileState;

/// Rejects of one column in one file before its type is said to have changed.
const TYPE_DRIFT_REJECTS: u64 = 10;
/// Rejects of a file before their share counts: a few broken rows of a small file stop nothing.
const SHARE_REJECTS: u64 = 10;

/// A file that is being read.
pub(crate) struct OpenFile {
    /// As it was listed.
    pub entry: FileEntry,
    /// How it is laid out.
    pub format: Format,
    pub records: Records,
    /// The field of each column.
    pub headings: Headings,
    /// Zero for formats without one.
    pub delimiter: u8,
    /// Whether the file rather than the mapping said so.
    pub delimiter_detected: bool,
    /// Rows returned from it, those before a checkpoint included.
    pub rows: u64,
    /// Rows that could not be read since it was opened.
    pub rejects: u64,
    /// The first of them.
    pub first_reject: Option<String>,
    /// Empty lines since it was opened.
    pub blanks: u64,
    /// Whether `_extra` takes what no column claims.
    pub keeps_extra: bool,
    /// Rows passed over by `skip_rows_like` since it was opened.
    pub skipped: u64,
    /// Rejects by column of the mapping.
    pub column_rejects: Vec<u64>,
}

impl OpenFile {
    /// Opens a file at its start.
    ///
    /// # Errors
    /// It has no heading row, or one that does not fit the mapping.
    pub(crate) fn open(
        host: &Rc<dyn Host>,
        config: &Config,
        stream: &StreamMapping,
        file: &ExportFile,
    ) -> Result<Self> {
        let format = stream.format_of(file.unpacked_name());
        let chunks = text_of(host, &config.input, stream, file, 0)?;
        let mut text = DecodedText::open(chunks, encoding_of(format, stream))?;
        if !format.is_derived() {
            refuse_other(text.head()?, &file.entry.name)?;
        }
        if format.has_keys() {
            let records = Records::lines(text, 0, RecordState::default());
            return Ok(Self::new(
                file,
                format,
                records,
                Headings::of_keys(stream),
                0,
                stream,
            ));
        }
        let (records, names, delimiter, blanks) =
            heading_row(text, stream, format, &file.entry.name)?;
        let headings = headings::resolve(stream, &names, &file.entry.name, config.drift)?;
        headings.report(host.as_ref(), &stream.name, &file.entry.name, config.drift);
        let mut open = Self::new(file, format, records, headings, delimiter, stream);
        open.keeps_extra = config.drift == Drift::Add;
        open.delimiter_detected = stream.dialect.delimiter.is_none() && format == Format::Csv;
        open.blanks = blanks;
        Ok(open)
    }

    /// Opens a file at its start; `None` for an empty one, where the mapping passes over those.
    ///
    /// # Errors
    /// As [`OpenFile::open`].
    pub(crate) fn open_unless_empty(
        host: &Rc<dyn Host>,
        config: &Config,
        stream: &StreamMapping,
        file: &ExportFile,
    ) -> Result<Option<Self>> {
        match Self::open(host, config, stream, file) {
            Err(error) if error.code == "empty-file" && stream.skips_empty_files => {
                let message = format!("{}: it is empty, and passed over", file.entry.name);
                host.notice(&stream.name, "empty-file", &message);
                Ok(None)
            }
            opened => opened.map(Some),
        }
    }

    /// Opens a file where an earlier read stopped; `None` when what was read is not what
    /// stands there now.
    ///
    /// # Errors
    /// As [`OpenFile::open`].
    pub(crate) fn resume(
        host: &Rc<dyn Host>,
        config: &Config,
        stream: &StreamMapping,
        file: &ExportFile,
        old: &FileState,
    ) -> Result<Option<Self>> {
        let Some(place) = old.place() else {
            return Ok(None);
        };
        let format = stream.format_of(file.unpacked_name());
        let headings = if format.has_keys() {
            Headings::of_keys(stream)
        } else {
            let chunks = text_of(host, &config.input, stream, file, 0)?;
            let text = DecodedText::open(chunks, encoding_of(format, stream))?;
            let (_, names, delimiter, _) = heading_row(text, stream, format, &file.entry.name)?;
            // What came behind a short file may change what its delimiter is taken for.
            if delimiter != old.delimiter() {
                return Ok(None);
            }
            headings::resolve(stream, &names, &file.entry.name, config.drift)?
        };
        let chunks = text_of(host, &config.input, stream, file, place.offset_bytes)?;
        let mut text = DecodedText::resume(chunks, &place)?;
        while text.end() < place.skip_bytes {
            if !text.fill()? {
                return Ok(None);
            }
        }
        if text.digest_between(0, place.skip_bytes) != place.skip_digest {
            return Ok(None);
        }
        let state = old.reader_state();
        if state.open_line && text.from(place.skip_bytes).is_empty() {
            text.fill()?;
        }
        // A last line that was read without its end and goes on now was another record.
        if state.open_line
            && text
                .from(place.skip_bytes)
                .first()
                .is_some_and(|byte| !matches!(byte, b'\n' | b'\r'))
        {
            return Ok(None);
        }
        // Nor is a line end what it was when its second half came later; where the byte before is
        // not at hand, it may have been the first half.
        let end = place.skip_bytes;
        if text.from(end).is_empty() {
            text.fill()?;
        }
        let before = text.between(end.saturating_sub(1), end);
        if old.done && !state.open_line && before != b"\n" && text.from(end).first() == Some(&b'\n')
        {
            return Ok(None);
        }
        let (at, delimiter) = (end, old.delimiter());
        let records = match format {
            Format::Jsonl | Format::Json => Records::lines(text, at, state),
            Format::Csv => Records::delimited(text, at, state, delimiter, stream.dialect.marks()),
            Format::Xlsx => {
                Records::delimited(text, at, state, delimiter, sheet::MARKS).one_line_each()
            }
        };
        let mut open = Self::new(file, format, records, headings, delimiter, stream);
        open.rows = old.rows;
        open.keeps_extra = config.drift == Drift::Add;
        Ok(Some(open))
    }

    fn new(
        file: &ExportFile,
        format: Format,
        records: Records,
        headings: Headings,
        delimiter: u8,
        stream: &StreamMapping,
    ) -> Self {
        let column_rejects = vec![0; stream.columns.len()];
        Self {
            entry: file.entry.clone(),
            format,
            records,
            headings,
            delimiter,
            delimiter_detected: false,
            rows: 0,
            rejects: 0,
            first_reject: None,
            blanks: 0,
            keeps_extra: false,
            skipped: 0,
            column_rejects,
        }
    }

    /// The column that most rows of the file cannot fill, if there is one: its type may have
    /// changed.
    pub(crate) fn type_drift(&self) -> Option<(usize, u64)> {
        let rejects = self.column_rejects.iter().copied().enumerate();
        rejects
            .filter(|(_, rejects)| *rejects >= TYPE_DRIFT_REJECTS && *rejects > self.rows)
            .max_by_key(|(_, rejects)| *rejects)
    }

    /// Refuses a file of which too many rows were rejected; called at its end.
    ///
    /// # Errors
    /// Rejects show a drift that is not allowed, or are more than the mapping accepts.
    pub(crate) fn check_rejects(&self, stream: &StreamMapping, drift: Drift) -> Result<()> {
        self.fail_on_drift(stream, drift)?;
        self.fail_on_rejects(stream)
    }

    /// Refuses a file of which most rows do not fit, where no drift is allowed.
    ///
    /// # Errors
    /// More rows than fit have no readable value of one column.
    fn fail_on_drift(&self, stream: &StreamMapping, drift: Drift) -> Result<()> {
        let drifted = self
            .type_drift()
            .filter(|_| drift == Drift::Fail)
            .and_then(|(at, rejects)| Some((stream.columns.get(at)?, rejects)));
        let Some((column, rejects)) = drifted else {
            return Ok(());
        };
        let file = &self.entry.name;
        let message = format!(
            "`{file}`: {rejects} rows have no readable `{}`; its type may have changed",
            column.name
        );
        let next = "look at the rejected rows; state the new type or dialect in the mapping, or set `drift = \"ignore\"`";
        Err(ReadError::config("type-drift", message)
            .detail(next)
            .at(file))
    }

    /// Refuses a file of which more rows were rejected than the mapping accepts: what they held is
    /// missed, and a table without them would look whole.
    ///
    /// # Errors
    /// Ten rows or more, and a larger share than `rejects_max`, could not be read.
    fn fail_on_rejects(&self, stream: &StreamMapping) -> Result<()> {
        let all = self.rows + self.rejects;
        let share_max = u64::from(stream.rejects_max_percent);
        if self.rejects < SHARE_REJECTS || self.rejects * 100 <= all * share_max {
            return Ok(());
        }
        let file = &self.entry.name;
        let first = self.first_reject.as_deref().unwrap_or_default();
        let message = format!(
            "`{file}`: {} of {all} rows could not be read, more than {share_max} %; the first, {first}",
            self.rejects
        );
        let next = "state in the mapping how the file is written; if the rows may be missed, set `rejects_max = \"100%\"` in the stream";
        Err(ReadError::config("too-many-rejects", message)
            .detail(next)
            .at(file))
    }

    /// What a later read needs to go on from here; `None` where no place is known.
    pub(crate) fn state(&self, done: bool) -> Option<FileState> {
        let (at, reader) = self.records.position();
        let place = self.records.text().place(at)?;
        let mut state = FileState::new(&self.entry, &place, reader, self.delimiter);
        state.rows = self.rows;
        state.done = done;
        state.open_quote = self.records.open_quote();
        Some(state)
    }

    /// Reports what was detected while reading; called at the end of the file.
    pub(crate) fn report(&self, host: &dyn Host, stream: &StreamMapping) {
        let name = &self.entry.name;
        let (encoding, found) = self.records.text().encoding();
        let encoding = encoding
            .filter(|encoding| found && *encoding != UTF_8)
            .map(Encoding::name);
        let delimiter = (self.delimiter_detected && self.delimiter != b',')
            .then(|| delimiter_name(self.delimiter));
        if encoding.is_some() || delimiter.is_some() {
            let parts: Vec<String> = encoding
                .map(str::to_owned)
                .into_iter()
                .chain(delimiter)
                .collect();
            host.notice(
                &stream.name,
                "dialect",
                &format!("{name}: read as {} (detected)", parts.join(", ")),
            );
        }
        if self.blanks > 0 {
            host.notice(
                &stream.name,
                "blank-lines",
                &format!("{name}: {} blank line(s) passed over", self.blanks),
            );
        }
        if self.skipped > 0 {
            let message = format!(
                "{name}: {} row(s) passed over by `skip_rows_like`",
                self.skipped
            );
            host.notice(&stream.name, "skipped-rows", &message);
        }
        let drift = self.type_drift();
        if let Some((column, rejects)) =
            drift.and_then(|(at, rejects)| Some((stream.columns.get(at)?, rejects)))
        {
            let message = format!(
                "{name}: {rejects} rows have no readable `{}`; its type may have changed",
                column.name
            );
            host.notice(&stream.name, "type-drift", &message);
        }
    }
}

/// The text of a file, unpacked and laid out as lines of CSV or JSON, from a place on.
pub(crate) fn text_of(
    host: &Rc<dyn Host>,
    input: &str,
    stream: &StreamMapping,
    file: &ExportFile,
    offset: u64,
) -> Result<Box<dyn Chunks>> {
    let derived: Box<dyn Chunks> = match stream.format_of(file.unpacked_name()) {
        Format::Csv | Format::Jsonl => return file.bytes(host.as_ref(), input, offset),
        Format::Json => {
            let bytes = file.bytes(host.as_ref(), input, 0)?;
            let path = stream.records.as_deref();
            let elements = Box::new(Elements::new(bytes, path, &file.entry.name));
            match &stream.each {
                Some(each) => Box::new(Children::new(elements, each)),
                None => elements,
            }
        }
        Format::Xlsx => Box::new(sheet::open(host, input, file, stream.sheet.as_deref())?),
    };
    Ok(Box::new(Behind::new(derived, offset)))
}

fn encoding_of(format: Format, stream: &StreamMapping) -> Option<&'static Encoding> {
    if format.is_derived() {
        Some(UTF_8)
    } else {
        stream.dialect.encoding
    }
}
