//! The files of a stream: granted files, members of granted ZIPs and packed forms of both,
//! by the patterns of a mapping.

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Seek};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;

use crate::error::{ReadError, Result};
use crate::host::{Chunks, FileEntry, Host};
use crate::input::archive::{self, Member};
use crate::input::bytes::{Behind, InOrder, Seeker, Unpacked, from_io};

/// A workbook that cannot be sought in, because it is packed, is held in memory up to this.
const HELD_MAX_BYTES: u64 = 32 * 1024 * 1024;
const ZIP_STEP: &str = ".zip/";

/// One file of a stream.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExportFile {
    /// Its name, size and time; a member of a ZIP is named `export.zip/Account.csv`.
    pub entry: FileEntry,
    /// The ZIP it stands in, and where.
    member: Option<(String, Member)>,
}

/// Something that can be read and sought.
pub(crate) trait Sought: Read + Seek {}
impl<T: Read + Seek> Sought for T {}

impl ExportFile {
    /// A granted file as it is.
    pub(crate) fn plain(entry: FileEntry) -> Self {
        Self {
            entry,
            member: None,
        }
    }

    /// Its name without the ending of a packed file.
    pub(crate) fn unpacked_name(&self) -> &str {
        without_gz(&self.entry.name).unwrap_or(&self.entry.name)
    }

    /// Whether its bytes are those that are granted, so that sizes and places are the same.
    pub(crate) fn is_plain(&self) -> bool {
        self.member.is_none() && !self.is_gzip()
    }

    fn is_gzip(&self) -> bool {
        without_gz(&self.entry.name).is_some()
    }

    /// Its unpacked bytes from a place on.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(crate) fn bytes(
        &self,
        host: &dyn Host,
        input: &str,
        offset: u64,
    ) -> Result<Box<dyn Chunks>> {
        let name = &self.entry.name;
        if self.is_plain() {
            return host.open(input, name, offset);
        }
        let mut chunks = match &self.member {
            Some((archive, member)) => archive::open(host, input, archive, member, name)?,
            None => host.open(input, name, 0)?,
        };
        if self.is_gzip() {
            let raw = InOrder::new(chunks, u64::MAX);
            let counter = raw.counter();
            chunks = Box::new(Unpacked::new(MultiGzDecoder::new(raw), counter, name));
        }
        Ok(Box::new(Behind::new(chunks, offset)))
    }

    /// Its unpacked bytes for readers that seek.
    ///
    /// # Errors
    /// It is packed and larger than what is held in memory.
    pub(crate) fn sought(&self, host: &Rc<dyn Host>, input: &str) -> Result<Box<dyn Sought>> {
        let name = &self.entry.name;
        if self.is_plain() {
            let size = self.entry.size_bytes;
            return Ok(Box::new(Seeker::new(host.clone(), input, name, size)));
        }
        let chunks = self.bytes(host.as_ref(), input, 0)?;
        let mut held = Vec::new();
        InOrder::new(chunks, HELD_MAX_BYTES + 1)
            .read_to_end(&mut held)
            .map_err(|error| from_io(error, name))?;
        if held.len() as u64 > HELD_MAX_BYTES {
            let message = format!(
                "`{name}` is a packed workbook of more than {HELD_MAX_BYTES} bytes, which is not read"
            );
            return Err(ReadError::config("workbook-too-large", message)
                .detail("unpack it, or export it as CSV")
                .at(name));
        }
        Ok(Box::new(Cursor::new(held)))
    }
}

fn without_gz(name: &str) -> Option<&str> {
    let (stem, ending) = name.split_at_checked(name.len().checked_sub(3)?)?;
    ending.eq_ignore_ascii_case(".gz").then_some(stem)
}

/// The files that any of the patterns names, sorted by name. A pattern names packed files
/// too (`x.csv` also `x.csv.gz`); `export-*.zip/x.csv` names members of ZIPs.
///
/// # Errors
/// The input is not granted, or a ZIP that a pattern looks into cannot be read.
pub(crate) fn matching(
    host: &dyn Host,
    input: &str,
    patterns: &[String],
) -> Result<Vec<ExportFile>> {
    let mut files: Vec<ExportFile> = Vec::new();
    for pattern in patterns {
        let fixed = pattern.split(['*', '?', '[', '{', '!', '\\']).next();
        let zipped = pattern.find(ZIP_STEP).map(|at| pattern.split_at(at + 4));
        let fixed = match zipped {
            Some((archive, _)) if fixed == Some(pattern) => archive,
            _ => fixed.unwrap_or(""),
        };
        let shorter = fixed.find(ZIP_STEP).and_then(|at| fixed.get(..at + 4));
        for entry in host.entries(input, shorter.unwrap_or(fixed))? {
            if let Some((archive, inside)) = zipped
                && fast_glob::glob_match(archive, &entry.name)
            {
                let inside = inside.trim_start_matches('/');
                let members = archive::members(host, input, &entry, |name| matches(inside, name))?;
                files.extend(members.into_iter().map(|member| ExportFile {
                    entry: FileEntry {
                        name: format!("{}/{}", entry.name, member.name),
                        size_bytes: member.size_bytes,
                        modified_ms: entry.modified_ms,
                    },
                    member: Some((entry.name.clone(), member)),
                }));
            } else if matches(pattern, &entry.name) {
                files.push(ExportFile::plain(entry));
            }
        }
    }
    files.sort_by(|a, b| a.entry.name.cmp(&b.entry.name));
    files.dedup_by(|a, b| a.entry.name == b.entry.name);
    // A file that lies beside its own packed copy is read once.
    let names: BTreeSet<String> = files.iter().map(|file| file.entry.name.clone()).collect();
    files.retain(|file| {
        let stated = patterns.iter().any(|pattern| without_gz(pattern).is_some());
        stated || without_gz(&file.entry.name).is_none_or(|stem| !names.contains(stem))
    });
    Ok(files)
}

fn matches(pattern: &str, name: &str) -> bool {
    fast_glob::glob_match(pattern, name)
        || without_gz(name).is_some_and(|stem| fast_glob::glob_match(pattern, stem))
}
