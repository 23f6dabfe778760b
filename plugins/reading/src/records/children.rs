//! Children in lists inside JSON records: one line a child, its parent's fields beside it.

use serde_json::Value;

use crate::error::Result;
use crate::host::Chunks;
use crate::records::RECORD_MAX_BYTES;

/// What the lines of one parent may come to; one that comes to more stays whole and is refused
/// for the values it lacks.
const FAMILY_MAX_BYTES: usize = 64 * 1024 * 1024;
const CHUNK_BYTES: u32 = 64 * 1024;

/// The lines of `chunks`, each parent once for each of its children: `{"id":1,"lines":[{"n":1},
/// {"n":2}]}` becomes two lines with `"lines":{"n":1}` and `"lines":{"n":2}`. A parent without
/// children stays one line without them.
pub(crate) struct Children {
    chunks: Box<dyn Chunks>,
    path: Vec<String>,
    /// The line that is being read.
    line: Vec<u8>,
    /// Whether the line is longer than a record and passes as it is.
    passes: bool,
    /// The parent whose children are being written, and they from the last to the next.
    family: Option<(Value, Vec<Value>)>,
    /// What was read last, and how far it was looked at.
    rest: Vec<u8>,
    at: usize,
    ready: Vec<u8>,
    ended: bool,
}

impl Children {
    /// Children at `path`, keys with dots between them.
    pub(crate) fn new(chunks: Box<dyn Chunks>, path: &str) -> Self {
        Self {
            chunks,
            path: path.split('.').map(str::to_owned).collect(),
            line: Vec::new(),
            passes: false,
            family: None,
            rest: Vec::new(),
            at: 0,
            ready: Vec::new(),
            ended: false,
        }
    }

    /// Moves on by one child, one line or one chunk.
    fn advance(&mut self) -> Result<()> {
        if let Some((parent, children)) = &mut self.family {
            match children.pop() {
                None => self.family = None,
                Some(child) => {
                    if let Some(place) = at(parent, &self.path) {
                        *place = child;
                    }
                    self.ready.extend_from_slice(parent.to_string().as_bytes());
                    self.ready.push(b'\n');
                }
            }
            return Ok(());
        }
        let rest = self.rest.get(self.at..).unwrap_or_default();
        if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.line
                .extend_from_slice(rest.get(..=end).unwrap_or_default());
            self.at += end + 1;
            self.end_line();
            return Ok(());
        }
        self.line.extend_from_slice(rest);
        self.at = self.rest.len();
        if self.line.len() > RECORD_MAX_BYTES {
            self.passes = true;
            self.ready.append(&mut self.line);
        }
        match self.chunks.read(CHUNK_BYTES)? {
            Some(bytes) if !bytes.is_empty() => {
                self.rest = bytes;
                self.at = 0;
            }
            _ => {
                self.ended = true;
                self.end_line();
            }
        }
        Ok(())
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let passes = std::mem::take(&mut self.passes);
        if !passes && let Ok(mut parent) = serde_json::from_slice::<Value>(&line) {
            let children = match at(&mut parent, &self.path) {
                Some(place) => match place.take() {
                    Value::Array(children) => children,
                    other => {
                        *place = other;
                        Vec::new()
                    }
                },
                None => Vec::new(),
            };
            let own = parent.to_string().len();
            if !children.is_empty() && own.saturating_mul(children.len()) <= FAMILY_MAX_BYTES {
                let children = children.into_iter().rev().collect();
                self.family = Some((parent, children));
                return;
            }
            if children.is_empty() {
                self.ready.extend_from_slice(parent.to_string().as_bytes());
                self.ready.push(b'\n');
                return;
            }
        }
        self.ready.extend_from_slice(&line);
    }
}

/// The place of a path in an object.
fn at<'v>(value: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    path.iter()
        .try_fold(value, |value, key| value.as_object_mut()?.get_mut(key))
}

impl Chunks for Children {
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>> {
        while self.ready.is_empty() && !(self.ended && self.family.is_none()) {
            self.advance()?;
        }
        let rest = self.ready.split_off(self.ready.len().min(max as usize));
        let bytes = std::mem::replace(&mut self.ready, rest);
        Ok((!bytes.is_empty()).then_some(bytes))
    }
}
