//! One stream in bounded steps: files in order, records to typed rows, rejects with their
//! place, and checkpoints from which the rest can be read.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::error::Result;
use crate::host::{Host, Reject};
use crate::input::files::ExportFile;
use crate::mapping::StreamMapping;
use crate::mapping::catalogue::{self, Origin, OutputColumn};
use crate::mapping::config::Config;
use crate::mapping::stream_of;
use crate::records::Found;
use crate::records::broken::bounded;
use crate::records::jsonl;
use crate::records::opened::OpenFile;
use crate::records::skip::is_skipped;
use crate::resume::changes::{Known, all_there, compare, stale};
use crate::resume::state::State;
use crate::step::{Checkpoint, Counts, Request, Step};
use crate::values::Value;
use crate::values::fields::Fields;
use crate::values::fill::Parent;
use crate::values::row::{Refusal, cell, encoding_reason, extra_of, read_row};
use crate::values::rows::{self, Column};

/// Rows between two checkpoints inside a file.
pub(crate) const CHECKPOINT_ROWS: u64 = 50_000;
/// Text that one step reads at most, rows or not.
const STEP_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Rejects that are kept before they are handed over.
const REJECTS_KEPT: usize = 256;
/// Rejects after which a step ends: the host stops a plugin that reports far more at once.
const STEP_MAX_REJECTS: u64 = 4096;
const DEFAULT_MAX_ROWS: u32 = 8192;
const DEFAULT_MAX_BYTES: u32 = 4 * 1024 * 1024;

pub struct StreamReader {
    host: Rc<dyn Host>,
    config: Config,
    stream: StreamMapping,
    columns: Vec<OutputColumn>,
    todo: VecDeque<ExportFile>,
    current: Option<OpenFile>,
    state: State,
    counts: Counts,
    limit: u64,
    max_rows: u32,
    max_bytes: usize,
    checkpoint_rows: u64,
    since_checkpoint: u64,
    rejects: Vec<Reject>,
    values: Vec<Value>,
    json: jsonl::Fields,
    parent: Parent,
}

/// The rows of one step while they are written.
struct Pending {
    columns: Vec<Column>,
    count: u32,
    bytes: usize,
}

enum Moved {
    On,
    Full,
    FileEnd,
}

impl StreamReader {
    /// Opens a stream.
    ///
    /// # Errors
    /// The stream or a column is unknown, there is no file for it, or a file that was read
    /// before is gone.
    pub fn open(host: impl Host + 'static, config: Config, request: Request) -> Result<Self> {
        let host: Rc<dyn Host> = Rc::new(host);
        let stream = stream_of(&config.mapping, &request.stream)?.clone();
        let all = catalogue::columns_of(&stream, config.drift);
        let columns = catalogue::projected(all, request.columns.as_deref(), &stream.name)?;
        let files = catalogue::files_of(host.as_ref(), &config, &stream)?;
        if files.is_empty() {
            host.notice(
                &stream.name,
                "no-file",
                "there is no file for this optional stream; it has no rows",
            );
        }
        let state = request.since.unwrap_or_default();
        all_there(&files, &state)?;
        let checkpoint_rows = match request.checkpoint_rows {
            0 => CHECKPOINT_ROWS,
            requested => requested,
        };
        let or = |requested: u32, default: u32| if requested == 0 { default } else { requested };
        Ok(Self {
            values: vec![Value::Null; stream.columns.len()],
            host,
            config,
            stream,
            columns,
            todo: files.into(),
            current: None,
            state,
            counts: Counts::default(),
            limit: request.limit.unwrap_or(u64::MAX),
            max_rows: or(request.max_rows, DEFAULT_MAX_ROWS),
            max_bytes: or(request.max_bytes, DEFAULT_MAX_BYTES) as usize,
            checkpoint_rows,
            since_checkpoint: 0,
            rejects: Vec::new(),
            json: jsonl::Fields::default(),
            parent: Parent::default(),
        })
    }

    /// The stream as it is mapped.
    pub fn stream(&self) -> &StreamMapping {
        &self.stream
    }

    /// The columns of every step's rows.
    pub fn columns(&self) -> &[OutputColumn] {
        &self.columns
    }

    /// How far every file was read, those of earlier reads among them.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What was read since this reader was opened.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Reads on.
    ///
    /// # Errors
    /// A file cannot be opened, read, or has headings that do not fit; a file that was read
    /// before is another now. Rejects found before are handed over all the same.
    pub fn next_step(&mut self) -> Result<Step> {
        let step = self.step();
        self.hand_over();
        step
    }

    fn step(&mut self) -> Result<Step> {
        let columns = self.columns.iter();
        let columns = columns.map(|column| Column::new(column.kind)).collect();
        let mut pending = Pending {
            columns,
            count: 0,
            bytes: 0,
        };
        let (mut done, mut file_ended) = (false, false);
        let mut start = None;
        let rejects_before = self.counts.rejects;
        loop {
            if self.counts.rows >= self.limit {
                done = true;
                break;
            }
            if self.current.is_none() && !self.open_next()? {
                done = true;
                break;
            }
            if let Some(file) = &self.current {
                let at = file.records.position().0;
                let rejects = self.counts.rejects - rejects_before;
                if at.saturating_sub(*start.get_or_insert(at)) > STEP_MAX_BYTES
                    || rejects >= STEP_MAX_REJECTS
                {
                    break;
                }
            }
            match self.advance(&mut pending)? {
                Moved::On if pending.count < self.max_rows => {}
                Moved::On | Moved::Full => break,
                Moved::FileEnd => {
                    file_ended = true;
                    break;
                }
            }
        }
        self.since_checkpoint += u64::from(pending.count);
        let due = done || file_ended || self.since_checkpoint >= self.checkpoint_rows;
        let checkpoint = if due { self.checkpoint() } else { None };
        if checkpoint.is_some() {
            self.since_checkpoint = 0;
        }
        let rows = (pending.count > 0).then(|| rows::finish(pending.count, pending.columns));
        Ok(Step {
            rows,
            checkpoint,
            done,
        })
    }

    fn checkpoint(&mut self) -> Option<Checkpoint> {
        if let Some(file) = &self.current {
            let mut now = file.state(false)?;
            if self.parent.is_too_long() {
                return None;
            }
            now.parent = self.parent.to_keep();
            self.state.remember(now);
        }
        let file = self.state.last().cloned();
        let summary = file.as_ref().map_or("no files".to_owned(), |file| {
            format!("{}, {} rows", file.name, file.rows)
        });
        Some(Checkpoint { file, summary })
    }

    /// Opens the next file that has something new; false when there is none.
    fn open_next(&mut self) -> Result<bool> {
        while let Some(file) = self.todo.pop_front() {
            let (host, config, stream) = (&self.host, &self.config, &self.stream);
            let name = &file.entry.name;
            let mut kept = None;
            if let Some(old) = self.state.file_mut(name) {
                let known = compare(host, config, stream, &file, old)?;
                if known == Known::Done {
                    old.size_bytes = file.entry.size_bytes;
                    old.modified_ms = file.entry.modified_ms;
                    continue;
                }
                if known == Known::GoOn {
                    self.current = OpenFile::resume(host, config, stream, &file, old)?;
                    kept.clone_from(&old.parent);
                }
                if self.current.is_none() {
                    return Err(stale(name, "was rewritten since"));
                }
            }
            if self.current.is_none() {
                kept = None;
                self.current = OpenFile::open_unless_empty(host, config, stream, &file)?;
                if self.current.is_none() {
                    continue;
                }
            }
            self.parent = Parent::new(stream, kept);
            return Ok(true);
        }
        Ok(false)
    }

    /// Reads one record of the current file.
    fn advance(&mut self, pending: &mut Pending) -> Result<Moved> {
        let Some(file) = &mut self.current else {
            return Ok(Moved::FileEnd);
        };
        let before = file.records.position();
        let (start, end, line) = match file.records.read()? {
            Found::Record { start, end, line } => (start, end, line),
            Found::Blank => {
                self.blank();
                return Ok(Moved::On);
            }
            Found::Broken(broken) => {
                self.parent.forget();
                self.reject(broken.line, None, broken.code, broken.reason, broken.raw);
                return Ok(Moved::On);
            }
            Found::End => {
                file.report(self.host.as_ref(), &self.stream);
                file.check_rejects(&self.stream, self.config.drift)?;
                let state = file.state(true);
                self.current = None;
                if let Some(mut state) = state {
                    state.parent = self.parent.to_keep();
                    self.state.remember(state);
                }
                return Ok(Moved::FileEnd);
            }
        };
        let raw = file.records.text().between(start, end);
        if is_skipped(raw, &self.stream.skip_rows_like) {
            file.skipped += 1;
            return Ok(Moved::On);
        }
        let outcome = if file.records.text().spoiled(start, end) {
            self.parent.forget();
            Err(Refusal::of("bad-encoding", encoding_reason(file)))
        } else {
            let (json, parent) = (&mut self.json, &mut self.parent);
            read_row(file, raw, &self.stream, json, parent, &mut self.values)
        };
        let raw = match &outcome {
            Err(_) => bounded(raw),
            Ok(_) => String::new(),
        };
        match outcome {
            Ok(false) => self.blank(),
            Ok(true) => {
                if !self.push(pending, line) {
                    if let Some(file) = &mut self.current {
                        file.records.put_back(before.0, before.1);
                    }
                    return Ok(Moved::Full);
                }
            }
            Err(refusal) => self.reject(line, refusal.column, refusal.code, refusal.reason, raw),
        }
        Ok(Moved::On)
    }

    /// Adds the row that was just read; false when the step is full.
    fn push(&mut self, pending: &mut Pending, line: u64) -> bool {
        let Some(file) = &mut self.current else {
            return false;
        };
        let fields = Fields::of(file, &self.json);
        let extra = extra_of(&self.columns, file, &fields, &self.json);
        let text = |column: &OutputColumn| match column.origin {
            Origin::Mapped(at) => cell(at, file, &fields, &self.stream, &self.parent).0,
            Origin::Extra => extra.as_str(),
            Origin::File => file.entry.name.as_str(),
            Origin::Line => "",
        };
        let columns = self.columns.iter();
        let bytes: usize = columns.map(|column| text(column).len() + 8).sum();
        if pending.count > 0 && pending.bytes + bytes > self.max_bytes {
            return false;
        }
        for (column, out) in self.columns.iter().zip(&mut pending.columns) {
            let value = match column.origin {
                Origin::Mapped(at) => self.values.get(at).copied().unwrap_or(Value::Null),
                Origin::Extra if extra.is_empty() => Value::Null,
                Origin::Extra | Origin::File => Value::Text,
                Origin::Line => Value::Integer(i64::try_from(line).unwrap_or(i64::MAX)),
            };
            out.push(value, text(column));
        }
        pending.count += 1;
        pending.bytes += bytes;
        // A forged checkpoint may say that there were as many rows as can be counted.
        file.rows = file.rows.saturating_add(1);
        self.counts.rows += 1;
        self.state.rows = self.state.rows.saturating_add(1);
        true
    }

    fn blank(&mut self) {
        self.counts.blanks += 1;
        if let Some(file) = &mut self.current {
            file.blanks += 1;
        }
    }

    fn reject(
        &mut self,
        line: u64,
        column: Option<usize>,
        code: &'static str,
        reason: String,
        raw: String,
    ) {
        self.counts.rejects += 1;
        let Some(file) = &mut self.current else {
            return;
        };
        file.rejects += 1;
        file.first_reject
            .get_or_insert_with(|| format!("line {line}: {reason}"));
        if let Some(count) = column.and_then(|at| file.column_rejects.get_mut(at)) {
            *count += 1;
        }
        let column = column
            .and_then(|at| self.stream.columns.get(at))
            .map(|column| column.name.clone());
        let (stream, file) = (self.stream.name.clone(), file.entry.name.clone());
        self.rejects.push(Reject {
            stream,
            file,
            line,
            column,
            code,
            reason,
            raw,
        });
        if self.rejects.len() >= REJECTS_KEPT {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        if !self.rejects.is_empty() {
            self.host.rejects(std::mem::take(&mut self.rejects));
        }
    }
}
