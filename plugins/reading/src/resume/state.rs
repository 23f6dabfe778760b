//! What a checkpoint remembers: which files were read, how far, and how to recognise them.

use std::collections::HashMap;

use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash64;

use crate::error::{ReadError, Recovery, Result};
use crate::input::text::Place;
use crate::records::{CREDIT_BYTES, RecordState};

/// The layout of a file's state that this build writes and reads.
pub const STATE_VERSION: u32 = 2;

/// All files of a stream that were touched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Rows returned since the very first read.
    pub rows: u64,
    /// One entry a file, as [`State::of`] got them.
    pub files: Vec<FileState>,
    /// Where each of them is: an export may have very many.
    places: HashMap<String, usize>,
    /// The one that was read last.
    last: Option<usize>,
}

/// How far one file was read. There is one for each file of an export, so names are short and
/// what has its usual value is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileState {
    #[serde(rename = "n")]
    pub name: String,
    /// Its size when it was listed.
    #[serde(rename = "s")]
    pub size_bytes: u64,
    /// Its modification time when it was listed.
    #[serde(rename = "m")]
    pub modified_ms: f64,
    /// Whether it was read to its end.
    #[serde(rename = "d")]
    pub done: bool,
    /// Rows returned from it.
    #[serde(rename = "r")]
    pub rows: u64,
    /// See [`Place`]; digests are hexadecimal because JSON numbers are not exact.
    #[serde(rename = "o")]
    offset_bytes: u64,
    #[serde(rename = "h")]
    digest: String,
    #[serde(rename = "k", default, skip_serializing_if = "is_zero")]
    skip_bytes: u64,
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    skip_digest: Option<String>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    #[serde(rename = "c")]
    delimiter: u8,
    #[serde(rename = "l")]
    line: u64,
    #[serde(
        rename = "b",
        default = "full_credit",
        skip_serializing_if = "is_full_credit"
    )]
    credit_bytes: u64,
    #[serde(rename = "p", default, skip_serializing_if = "std::ops::Not::not")]
    open_line: bool,
    /// Whether a quote was open at the end of the file.
    #[serde(rename = "q", default, skip_serializing_if = "std::ops::Not::not")]
    pub open_quote: bool,
    /// The parent of the rows that come, where an export leaves repeated parents blank.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Vec<String>>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn full_credit() -> u64 {
    CREDIT_BYTES
}

fn is_full_credit(credit: &u64) -> bool {
    *credit == CREDIT_BYTES
}

impl FileState {
    /// Records a place in a file.
    pub fn new(
        file: &crate::host::FileEntry,
        place: &Place,
        reader: RecordState,
        delimiter: u8,
    ) -> Self {
        Self {
            name: file.name.clone(),
            size_bytes: file.size_bytes,
            modified_ms: file.modified_ms,
            done: false,
            rows: 0,
            offset_bytes: place.offset_bytes,
            digest: format!("{:016x}", place.digest),
            skip_bytes: place.skip_bytes,
            skip_digest: (place.skip_bytes > 0).then(|| format!("{:016x}", place.skip_digest)),
            encoding: place.encoding.map(|encoding| encoding.name().to_owned()),
            delimiter,
            line: reader.line,
            credit_bytes: reader.credit_bytes,
            open_line: reader.open_line,
            open_quote: false,
            parent: None,
        }
    }

    /// The place, if the state is sound.
    pub fn place(&self) -> Option<Place> {
        let encoding = match &self.encoding {
            Some(name) => Some(Encoding::for_label_no_replacement(name.as_bytes())?),
            None => None,
        };
        Some(Place {
            offset_bytes: self.offset_bytes,
            digest: u64::from_str_radix(&self.digest, 16).ok()?,
            skip_bytes: self.skip_bytes,
            skip_digest: match &self.skip_digest {
                Some(digest) => u64::from_str_radix(digest, 16).ok()?,
                None => XxHash64::oneshot(0, &[]),
            },
            encoding,
        })
    }

    /// The reader's reader at the place.
    pub fn reader_state(&self) -> RecordState {
        RecordState {
            line: self.line,
            credit_bytes: self.credit_bytes,
            open_line: self.open_line,
        }
    }

    /// The delimiter of the file.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Reads a state back.
    ///
    /// # Errors
    /// Another layout, or bytes that are none of ours.
    pub fn decode(version: u32, bytes: &[u8]) -> Result<Self> {
        let unusable = |what: String| {
            ReadError::new(
                Recovery::FixConfig,
                "bad-checkpoint",
                format!("the checkpoint cannot be used: {what}"),
            )
            .detail("read the stream from its start with a full refresh")
        };
        if version != STATE_VERSION {
            return Err(unusable(format!(
                "its layout is version {version}, this build reads {STATE_VERSION}"
            )));
        }
        let state: Self =
            serde_json::from_slice(bytes).map_err(|error| unusable(error.to_string()))?;
        match state.place() {
            Some(_) => Ok(state),
            None => Err(unusable(format!(
                "its place in `{}` is not sound",
                state.name
            ))),
        }
    }

    /// The bytes of the state.
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl State {
    /// A state of what was remembered of each file.
    pub fn of(files: Vec<FileState>) -> Self {
        let places = files.iter().zip(0..);
        Self {
            rows: files.iter().map(|file| file.rows).sum(),
            places: places.map(|(file, at)| (file.name.clone(), at)).collect(),
            last: None,
            files,
        }
    }

    /// The file that was read last.
    pub(crate) fn last(&self) -> Option<&FileState> {
        self.files.get(self.last?)
    }

    /// How far a file was read.
    pub(crate) fn file_mut(&mut self, name: &str) -> Option<&mut FileState> {
        let at = self.places.get(name)?;
        self.files.get_mut(*at)
    }

    /// Remembers how far a file was read now.
    pub(crate) fn remember(&mut self, now: FileState) {
        let next = self.files.len();
        let at = *self.places.entry(now.name.clone()).or_insert(next);
        match self.files.get_mut(at) {
            Some(old) => *old = now,
            None => self.files.push(now),
        }
        self.last = Some(at);
    }
}
