//! One file, open: its dialect found, its heading row read, standing before the next record.

use encoding_rs::{Encoding, UTF_8};

use crate::blocks::digest_to;
use crate::config::Config;
use crate::dialect::{DELIMITERS, delimiter_name};
use crate::error::{ReadError, Result};
use crate::headings::{self, Headings};
use crate::host::{FileEntry, Host};
use crate::mapping::{Format, StreamMapping};
use crate::records::{Found, Records, Stand};
use crate::state::FileState;
use crate::text::{Text, unit_of};

/// A file that is being read.
pub struct OpenFile {
    /// As it was listed.
    pub entry: FileEntry,
    /// What is in it.
    pub records: Records,
    /// Where its columns stand.
    pub headings: Headings,
    /// Zero for formats without one.
    pub delimiter: u8,
    /// Whether the file rather than the mapping said so.
    pub delimiter_detected: bool,
    /// Rows returned from it, those before a checkpoint included.
    pub rows: u64,
    /// Rows that could not be read since it was opened.
    pub rejects: u64,
    /// Empty lines since it was opened.
    pub blanks: u64,
    /// Rejects by column of the mapping.
    pub column_rejects: Vec<u64>,
}

/// What to do with a file that an earlier read knows.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// Nothing is new.
    Done,
    /// What was read stands unchanged; go on behind it.
    GoOn,
    /// What was read stands there no more.
    Rewritten,
}

/// Compares a file with what an earlier read remembers of it.
pub fn compare(host: &impl Host, input: &str, entry: &FileEntry, old: &FileState) -> Result<Known> {
    let Some(place) = old.place() else {
        return Ok(Known::Rewritten);
    };
    if old.size_bytes == entry.size_bytes && old.modified_ms == entry.modified_ms {
        return Ok(if old.done { Known::Done } else { Known::GoOn });
    }
    if entry.size_bytes < place.offset_bytes {
        return Ok(Known::Rewritten);
    }
    let chunks = host.open(input, &entry.name, 0)?;
    if digest_to(chunks, place.offset_bytes, unit_of(place.encoding))? != Some(place.digest) {
        return Ok(Known::Rewritten);
    }
    Ok(if old.done && entry.size_bytes == place.offset_bytes {
        Known::Done
    } else {
        Known::GoOn
    })
}

impl OpenFile {
    /// Opens a file at its start.
    ///
    /// # Errors
    /// It has no heading row, or one that does not fit the mapping.
    pub fn open(
        host: &impl Host,
        config: &Config,
        stream: &StreamMapping,
        entry: FileEntry,
    ) -> Result<Self> {
        let chunks = host.open(&config.input, &entry.name, 0)?;
        let text = Text::open(chunks, stream.dialect.encoding)?;
        if stream.format == Format::Jsonl {
            let records = Records::lines(text, 0, Stand::default());
            return Ok(Self::new(
                entry,
                records,
                Headings::of_keys(stream),
                0,
                stream,
            ));
        }
        let (records, names, delimiter, blanks) = heading_row(text, stream, &entry.name)?;
        let headings = headings::resolve(stream, &names, &entry.name, config.drift)?;
        headings.report(host, &stream.name, &entry.name, config.drift);
        let mut file = Self::new(entry, records, headings, delimiter, stream);
        file.delimiter_detected = stream.dialect.delimiter.is_none();
        file.blanks = blanks;
        Ok(file)
    }

    /// Opens a file where an earlier read stopped; `None` when what was read is not what
    /// stands there now.
    pub fn resume(
        host: &impl Host,
        config: &Config,
        stream: &StreamMapping,
        entry: &FileEntry,
        old: &FileState,
    ) -> Result<Option<Self>> {
        let Some(place) = old.place() else {
            return Ok(None);
        };
        let headings = if stream.format == Format::Jsonl {
            Headings::of_keys(stream)
        } else {
            let text = Text::open(
                host.open(&config.input, &entry.name, 0)?,
                stream.dialect.encoding,
            )?;
            let (_, names, _, _) = heading_row(text, stream, &entry.name)?;
            headings::resolve(stream, &names, &entry.name, config.drift)?
        };
        let mut text = Text::resume(
            host.open(&config.input, &entry.name, place.offset_bytes)?,
            &place,
        )?;
        while text.end() < place.skip_bytes {
            if !text.fill()? {
                return Ok(None);
            }
        }
        if text.digest_between(0, place.skip_bytes) != place.skip_digest {
            return Ok(None);
        }
        let stand = old.stand();
        if stand.open_line && text.from(place.skip_bytes).is_empty() {
            text.fill()?;
        }
        // A last line that was read without its end and goes on now was another record.
        if stand.open_line
            && text
                .from(place.skip_bytes)
                .first()
                .is_some_and(|byte| !matches!(byte, b'\n' | b'\r'))
        {
            return Ok(None);
        }
        let records = match stream.format {
            Format::Jsonl => Records::lines(text, place.skip_bytes, stand),
            Format::Csv => Records::delimited(
                text,
                place.skip_bytes,
                stand,
                old.delimiter(),
                stream.dialect.quote,
            ),
        };
        let mut file = Self::new(entry.clone(), records, headings, old.delimiter(), stream);
        file.rows = old.rows;
        Ok(Some(file))
    }

    fn new(
        entry: FileEntry,
        records: Records,
        headings: Headings,
        delimiter: u8,
        stream: &StreamMapping,
    ) -> Self {
        let column_rejects = vec![0; stream.columns.len()];
        Self {
            entry,
            records,
            headings,
            delimiter,
            delimiter_detected: false,
            rows: 0,
            rejects: 0,
            blanks: 0,
            column_rejects,
        }
    }

    /// What a later read needs to go on from here; `None` where no place is known.
    pub fn state(&self, done: bool) -> Option<FileState> {
        let (at, stand) = self.records.position();
        let place = self.records.text().place(at)?;
        let mut state = FileState::new(&self.entry, &place, stand, self.delimiter);
        state.rows = self.rows;
        state.done = done;
        Some(state)
    }

    /// Tells people what was found out while reading; called at the file's end.
    pub fn report(&self, host: &impl Host, stream: &StreamMapping) {
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
        for (column, rejects) in stream.columns.iter().zip(&self.column_rejects) {
            if *rejects >= 10 && *rejects > self.rows {
                let message = format!(
                    "{name}: {rejects} rows have no readable `{}`; its type may have changed",
                    column.name
                );
                host.notice(&stream.name, "type-drift", &message);
            }
        }
    }
}

/// Reads up to and with the heading row: the records behind it, the headings, the delimiter
/// and the blank lines before it.
fn heading_row(
    mut text: Text,
    stream: &StreamMapping,
    file: &str,
) -> Result<(Records, Vec<String>, u8, u64)> {
    text.fill()?;
    let (mut stand, mut at) = (Stand::default(), 0);
    let stated = separator_line(text.from(0));
    if let Some((_, length)) = stated {
        at = length;
        stand.line += 1;
    }
    let quote = stream.dialect.quote;
    let delimiter = match (stream.dialect.delimiter, stated) {
        (Some(fixed), _) => fixed,
        (None, Some((stated, _))) => stated,
        (None, None) => most_likely(text.from(at), stream),
    };
    let mut records = Records::delimited(text, at, stand, delimiter, quote);
    let mut blanks = 0;
    loop {
        match records.read()? {
            Found::Blank => blanks += 1,
            Found::Record { .. } => {
                let (bytes, ends) = records.fields();
                let names = split_fields(bytes, ends);
                if names.iter().any(|name| !name.trim().is_empty()) {
                    return Ok((records, names, delimiter, blanks));
                }
                blanks += 1;
            }
            Found::Broken(broken) => {
                let message = format!(
                    "the heading row of `{file}` cannot be read: {}",
                    broken.reason
                );
                return Err(ReadError::config("bad-heading-row", message)
                    .at(format!("{file}:{}", broken.line)));
            }
            Found::End => {
                let message = format!(
                    "`{file}` is empty: it has no heading row for stream `{}`",
                    stream.name
                );
                let next = "export it again, or take it out of the folder";
                return Err(ReadError::config("empty-file", message)
                    .detail(next)
                    .at(format!("{file}:1")));
            }
        }
    }
}

fn split_fields(bytes: &[u8], ends: &[usize]) -> Vec<String> {
    let mut start = 0;
    let mut fields = Vec::with_capacity(ends.len());
    for end in ends {
        fields.push(String::from_utf8_lossy(bytes.get(start..*end).unwrap_or(&[])).into_owned());
        start = *end;
    }
    fields
}

/// A first line `sep=;`, which spreadsheets write and hide: its delimiter and length.
fn separator_line(text: &[u8]) -> Option<(u8, u64)> {
    let rest = text.strip_prefix(b"sep=")?;
    let (delimiter, rest) = rest.split_first()?;
    let end = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => return None,
    };
    (!delimiter.is_ascii_alphanumeric()).then_some((*delimiter, 5 + end))
}

/// The delimiter under which most columns find their heading; among equals the one that
/// makes more fields, then the more common one.
fn most_likely(text: &[u8], stream: &StreamMapping) -> u8 {
    let blank = text
        .iter()
        .take_while(|byte| matches!(byte, b'\n' | b'\r'))
        .count();
    let text = text.get(blank..).unwrap_or(&[]);
    let mut best = (b',', (0, 0));
    for delimiter in DELIMITERS {
        let names = first_fields(text, delimiter, stream.dialect.quote);
        let score = (headings::matches(stream, &names), names.len());
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

fn first_fields(text: &[u8], delimiter: u8, quote: u8) -> Vec<String> {
    let mut core = csv_core::ReaderBuilder::new()
        .delimiter(delimiter)
        .quote(quote)
        .build();
    let mut fields = vec![0; text.len() + 1];
    let mut ends = vec![0; text.len() + 1];
    let (result, _, length, mut count) = core.read_record(text, &mut fields, &mut ends);
    if result == csv_core::ReadRecordResult::InputEmpty {
        // The heading row is all there is.
        let rest = ends.get_mut(count..).unwrap_or_default();
        count += core.read_record(&[], &mut [], rest).3;
    }
    split_fields(
        fields.get(..length).unwrap_or(&[]),
        ends.get(..count).unwrap_or(&[]),
    )
}
