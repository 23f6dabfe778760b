//! The elements of a JSON array as lines: each element on a line of its own, so that an array
//! of any size is read in little memory and everything behind is the same as for JSON Lines.
//!
//! This finds where elements begin and end and no more; whether an element is JSON is seen
//! when its line is read.

use crate::error::{ReadError, Result};
use crate::host::Chunks;

/// Objects that may stand around the records.
const PATH_MAX: usize = 16;
/// A key that is compared with the path is no longer than this.
const KEY_MAX_BYTES: usize = 1024;
/// Stands in for a line end inside a string, where JSON allows none: the line is refused.
const REFUSED: u8 = 1;
/// The last line of an array that is not closed.
const CUT: &[u8] = b"the file ends before its array does\n";

/// The elements of a file.
pub(crate) struct Elements {
    chunks: Box<dyn Chunks>,
    name: String,
    path: Vec<String>,
    place: Place,
    /// Whether the bytes before the first were looked at.
    begun: bool,
    ready: Vec<u8>,
    /// Inside a string, and behind a backslash in it.
    string: bool,
    escaped: bool,
    /// The string that was read last outside the records: perhaps a key.
    key: Vec<u8>,
    ended: bool,
}

/// Where the scan stands.
enum Place {
    /// Outside the records: keys of the path that were entered, and containers entered beside
    /// them.
    Outside {
        entered: usize,
        aside: usize,
        /// Whether a key of the path was just read and its value comes.
        found: bool,
    },
    /// Between elements of the array, or between values of a file without one.
    Between { array: bool },
    /// Inside an element, so many containers deep.
    Inside { array: bool, depth: usize },
    /// Inside a number or a word.
    Bare { array: bool },
    /// Behind the array.
    Behind,
}

impl Elements {
    /// The elements of the array that `path` (keys with dots between them) leads to; without
    /// it the elements of the file's own array, or its values one behind the other.
    pub(crate) fn new(chunks: Box<dyn Chunks>, path: Option<&str>, name: &str) -> Self {
        let path: Vec<String> = path
            .map(|path| path.split('.').map(str::to_owned).collect())
            .unwrap_or_default();
        let place = if path.is_empty() {
            Place::Between { array: false }
        } else {
            Place::Outside {
                entered: 0,
                aside: 0,
                found: true,
            }
        };
        Self {
            chunks,
            name: name.to_owned(),
            path,
            place,
            begun: false,
            ready: Vec::new(),
            string: false,
            escaped: false,
            key: Vec::new(),
            ended: false,
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match self.place {
                Place::Behind => return,
                Place::Outside { .. } => self.outside(*byte),
                Place::Between { array } => self.between(*byte, array),
                Place::Inside { array, depth } => self.inside(*byte, array, depth),
                Place::Bare { array } => {
                    if matches!(byte, b',' | b']' | b' ' | b'\n' | b'\r' | b'\t') {
                        self.ready.push(b'\n');
                        self.place = Place::Between { array };
                        self.between(*byte, array);
                    } else {
                        self.ready.push(*byte);
                    }
                }
            }
        }
    }

    /// Follows the path; everything aside of it is passed over.
    fn outside(&mut self, byte: u8) {
        let Place::Outside {
            entered,
            aside,
            found,
        } = &mut self.place
        else {
            return;
        };
        if self.string {
            let ends = byte == b'"' && !self.escaped;
            self.escaped = byte == b'\\' && !self.escaped;
            if ends {
                self.string = false;
            } else if self.key.len() <= KEY_MAX_BYTES {
                self.key.push(byte);
            }
            return;
        }
        match byte {
            b'"' => {
                self.string = true;
                self.key.clear();
                *found = false;
            }
            b':' if *aside == 0 && *entered > 0 => {
                let key = [b"\"", self.key.as_slice(), b"\""].concat();
                let key = serde_json::from_slice::<String>(&key).ok();
                *found = key.is_some() && key.as_ref() == self.path.get(*entered - 1);
            }
            b'{' if *found && *entered < self.path.len() => {
                *entered += 1;
                *found = false;
            }
            b'[' if *found && *entered == self.path.len() => {
                self.place = Place::Between { array: true };
            }
            b'{' | b'[' => {
                *aside += 1;
                *found = false;
            }
            b'}' | b']' if *aside > 0 => *aside -= 1,
            b'}' => *entered = entered.saturating_sub(1),
            b' ' | b'\n' | b'\r' | b'\t' | 0x80.. => {}
            _ => *found = false,
        }
    }

    fn between(&mut self, byte: u8, array: bool) {
        match byte {
            b' ' | b'\n' | b'\r' | b'\t' | b',' => {}
            // The mark at the start of a file.
            0xef | 0xbb | 0xbf if !self.begun => return,
            b']' if array => self.place = Place::Behind,
            b'[' if !array && !self.begun => {
                self.begun = true;
                self.place = Place::Between { array: true };
                return;
            }
            b'{' | b'[' => {
                self.ready.push(byte);
                self.place = Place::Inside { array, depth: 1 };
            }
            b'"' => {
                self.ready.push(byte);
                self.string = true;
                self.place = Place::Inside { array, depth: 0 };
            }
            _ => {
                self.ready.push(byte);
                self.place = Place::Bare { array };
            }
        }
        self.begun |= !byte.is_ascii_whitespace();
    }

    fn inside(&mut self, byte: u8, array: bool, depth: usize) {
        let line_end = matches!(byte, b'\n' | b'\r');
        if self.string {
            let ends = byte == b'"' && !self.escaped;
            self.escaped = byte == b'\\' && !self.escaped;
            self.string = !ends;
            self.ready.push(if line_end { REFUSED } else { byte });
            if ends && depth == 0 {
                self.end_element(array);
            }
            return;
        }
        self.ready.push(if line_end { b' ' } else { byte });
        let depth = match byte {
            b'"' => {
                self.string = true;
                depth
            }
            b'{' | b'[' => depth + 1,
            b'}' | b']' => depth.saturating_sub(1),
            _ => depth,
        };
        self.place = Place::Inside { array, depth };
        if depth == 0 && !self.string {
            self.end_element(array);
        }
    }

    fn end_element(&mut self, array: bool) {
        self.ready.push(b'\n');
        self.place = Place::Between { array };
    }

    /// What the end of the file means where the scan stands.
    fn end(&mut self) -> Result<()> {
        match self.place {
            Place::Behind | Place::Between { array: false } => Ok(()),
            Place::Outside { .. } => {
                let (name, path) = (&self.name, self.path.join("."));
                let message = format!("`{name}` has no array at `{path}`");
                Err(ReadError::config("missing-records", message)
                    .detail("`records` in the mapping must name the keys that lead to the list of records")
                    .at(name))
            }
            Place::Between { array: true } => {
                self.ready.extend_from_slice(CUT);
                Ok(())
            }
            Place::Inside { array, .. } | Place::Bare { array } => {
                self.ready.push(b'\n');
                if array {
                    self.ready.extend_from_slice(CUT);
                }
                Ok(())
            }
        }
    }
}

impl Chunks for Elements {
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>> {
        if self.path.len() > PATH_MAX {
            let message = format!("`records` has more than {PATH_MAX} keys");
            return Err(ReadError::config("bad-mapping", message));
        }
        while self.ready.is_empty() && !self.ended {
            match self.chunks.read(max)? {
                Some(bytes) if !bytes.is_empty() => self.take(&bytes),
                _ => {
                    self.ended = true;
                    self.end()?;
                }
            }
        }
        let rest = self.ready.split_off(self.ready.len().min(max as usize));
        let bytes = std::mem::replace(&mut self.ready, rest);
        Ok((!bytes.is_empty()).then_some(bytes))
    }
}
