//! ZIP files: which members they hold and where, and what is in one of them.

use std::io::{self, Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::error::{ReadError, Result};
use crate::host::{Chunks, FileEntry, Host};
use crate::input::bytes::{InOrder, Seeker, Unpacked, damaged, from_io};

/// A table of contents that is larger is not read: it would fill the memory of a plugin.
const CONTENTS_MAX_BYTES: u64 = 16 * 1024 * 1024;
const MEMBERS_MAX: u64 = 100_000;
/// The record at a ZIP's end, without the comment behind it.
const END_BYTES: usize = 22;
const COMMENT_MAX_BYTES: u64 = 65_535;

/// One member of a ZIP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its name inside the ZIP.
    pub name: String,
    /// Its size as the ZIP states it.
    pub size_bytes: u64,
    start: u64,
    packed_bytes: u64,
    crc: u32,
    packed: bool,
}

/// The members whose names are wanted.
///
/// # Errors
/// The file is no ZIP, its table of contents is too large, or a wanted member is encrypted
/// or packed in a way that is not read.
pub(crate) fn members(
    host: &dyn Host,
    input: &str,
    file: &FileEntry,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Member>> {
    let bad = |why: &str| damaged(&file.name, why);
    let mut reader = Seeker::new(host, input, &file.name, file.size_bytes);
    let stated = check_contents(&mut reader, &file.name)?;
    let mut archive = ZipArchive::new(reader).map_err(|error| bad(&error.to_string()))?;
    // Of several members of one name the library gives the last: rows of the others would be lost.
    if stated > archive.len() as u64 {
        return Err(bad("several of its members have one name"));
    }
    let mut found = Vec::new();
    for index in 0..archive.len() {
        let Some(name) = archive.name_for_index(index).map(str::to_owned) else {
            continue;
        };
        if name.ends_with('/') || (name.is_ascii() && !wanted(&name)) {
            continue;
        }
        let member = archive
            .by_index_raw(index)
            .map_err(|error| bad(&error.to_string()))?;
        let name = if name.is_ascii() {
            name
        } else {
            readable(member.name_raw()).unwrap_or(name)
        };
        if !wanted(&name) {
            continue;
        }
        let packed = match member.compression() {
            CompressionMethod::Stored => Some(false),
            CompressionMethod::Deflated => Some(true),
            _ => None,
        };
        let (Some(packed), false) = (packed, member.encrypted()) else {
            let message = format!(
                "`{name}` in `{}` is encrypted or packed in a way that is not read here",
                file.name
            );
            return Err(ReadError::config("bad-archive", message)
                .detail("pack it again without a password, by the common method (Deflate)")
                .at(&file.name));
        };
        found.push(Member {
            size_bytes: member.size(),
            start: member.data_start().unwrap_or(u64::MAX),
            packed_bytes: member.compressed_size(),
            crc: member.crc32(),
            packed,
            name,
        });
    }
    Ok(found)
}

/// A name as people wrote it: UTF-8, or Shift_JIS where that fits whole.
fn readable(raw: &[u8]) -> Option<String> {
    if let Ok(name) = std::str::from_utf8(raw) {
        return Some(name.to_owned());
    }
    encoding_rs::SHIFT_JIS
        .decode_without_bom_handling_and_without_replacement(raw)
        .map(String::from)
}

/// Looks at the record at the end before the library reserves room for what it states; how many members it
/// states.
///
/// # Errors
/// There is none, or it states more than is read.
pub(crate) fn check_contents(reader: &mut (impl Read + Seek), name: &str) -> Result<u64> {
    let failed = |error: io::Error| from_io(error, name);
    let size = reader.seek(SeekFrom::End(0)).map_err(failed)?;
    let tail_bytes = size.min(COMMENT_MAX_BYTES + END_BYTES as u64);
    let start = size - tail_bytes;
    reader.seek(SeekFrom::Start(start)).map_err(failed)?;
    let mut tail = Vec::new();
    reader
        .take(tail_bytes)
        .read_to_end(&mut tail)
        .map_err(failed)?;
    let last = tail
        .windows(4)
        .rposition(|four| four == b"PK\x05\x06")
        .ok_or_else(|| damaged(name, "it is no ZIP, or its end is missing"))?;
    let end = tail.get(last..).unwrap_or_default();
    let comment = number(end, 20, 2).unwrap_or(u64::MAX);
    if comment.checked_add(END_BYTES as u64) != Some(end.len() as u64) {
        return Err(damaged(name, "its end is not where it should be"));
    }
    let (mut count, mut bytes) = (
        number(end, 10, 2).unwrap_or(u64::MAX),
        number(end, 12, 4).unwrap_or(u64::MAX),
    );
    let locator = last.checked_sub(20).and_then(|at| tail.get(at..last));
    if let Some(locator) = locator.filter(|bytes| bytes.starts_with(b"PK\x06\x07")) {
        let at = number(locator, 8, 8).unwrap_or(u64::MAX);
        let mut wide = Vec::new();
        reader.seek(SeekFrom::Start(at)).map_err(failed)?;
        reader.take(56).read_to_end(&mut wide).map_err(failed)?;
        if !wide.starts_with(b"PK\x06\x06") {
            return Err(damaged(name, "its end is not where it should be"));
        }
        count = number(&wide, 32, 8).unwrap_or(u64::MAX);
        bytes = number(&wide, 40, 8).unwrap_or(u64::MAX);
    }
    if count > MEMBERS_MAX || bytes > CONTENTS_MAX_BYTES {
        let why = format!("it states more than {MEMBERS_MAX} members");
        return Err(damaged(name, &why));
    }
    Ok(count)
}

/// A little-endian number.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + length)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    )
}

/// The unpacked bytes of a member of the ZIP `archive`.
///
/// # Errors
/// The ZIP cannot be opened.
pub(crate) fn open(
    host: &dyn Host,
    input: &str,
    archive: &str,
    member: &Member,
    name: &str,
) -> Result<Box<dyn Chunks>> {
    let raw = InOrder::new(
        host.open(input, archive, member.start)?,
        member.packed_bytes,
    );
    let counter = raw.counter();
    let reader: Box<dyn Read> = if member.packed {
        Box::new(DeflateDecoder::new(raw))
    } else {
        Box::new(raw)
    };
    let checked = Checked {
        reader,
        crc: Crc::new(),
        wanted: member.crc,
    };
    Ok(Box::new(Unpacked::new(checked, counter, name)))
}

/// Compares the checksum at the end: a member that is cut off ends without a word else.
struct Checked {
    reader: Box<dyn Read>,
    crc: Crc,
    wanted: u32,
}

impl Read for Checked {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(out)?;
        if count == 0 && !out.is_empty() && self.crc.sum() != self.wanted {
            return Err(io::Error::other("its checksum is not the stated one"));
        }
        self.crc.update(out.get(..count).unwrap_or_default());
        Ok(count)
    }
}
