//! Whether a workbook is safe to open: the library that reads it keeps whole parts and whole
//! cells in memory, so a first look makes sure that none of them is larger than people's are.

use std::cell::Cell;
use std::io::{Read, Seek};
use std::rc::Rc;

use zip::ZipArchive;

use crate::error::{ReadError, Result};
use crate::input::archive::check_contents;
use crate::input::bytes::{check_ratio, from_io};

/// Everything beside the sheets: texts, styles, pictures.
pub(crate) const PARTS_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// What may stand between the starts of two cells or rows of a sheet; a cell has at most 32,767
/// characters.
const CELL_MAX_BYTES: u64 = 1024 * 1024;
/// The least that one text takes in the list of texts.
const TEXT_MIN_BYTES: u64 = 5;
/// How much of a tag is looked at.
const TAG_BYTES: usize = 64;

/// Looks through every part of a workbook once, unpacking it piece by piece.
///
/// # Errors
/// It is no ZIP, unpacks to too much, or holds what spreadsheets do not write.
pub(crate) fn check(mut book: impl Read + Seek, name: &str) -> Result<()> {
    check_contents(&mut book, name)?;
    let refused = |why: &str| {
        ReadError::config("workbook-too-large", format!("`{name}` is not read: {why}"))
            .detail("open it in a spreadsheet and save it again, or export the sheet as CSV")
            .at(name)
    };
    let bad = |error: zip::result::ZipError| crate::input::bytes::damaged(name, &error.to_string());
    let mut archive = ZipArchive::new(book).map_err(bad)?;
    let mut beside = 0;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(bad)?;
        let is_sheet = is_sheet(part.name());
        let packed = Rc::new(Cell::new(part.compressed_size()));
        let mut look = Look::default();
        let mut buffer = vec![0; 32 * 1024];
        loop {
            let count = part.read(&mut buffer).map_err(|e| from_io(e, name))?;
            if count == 0 {
                break;
            }
            look.take(buffer.get(..count).unwrap_or_default());
            check_ratio(packed.get(), look.bytes, name)?;
            if !is_sheet {
                beside += count as u64;
            }
            if beside > PARTS_MAX_BYTES {
                let why = format!("its texts and styles are larger than {PARTS_MAX_BYTES} bytes");
                return Err(refused(&why));
            }
            if is_sheet && look.strange {
                let why =
                    "a sheet of it holds a comment or raw text, which spreadsheets do not write";
                return Err(refused(why));
            }
            if is_sheet && look.widest > CELL_MAX_BYTES {
                return Err(refused("it has a cell that is larger than cells can be"));
            }
        }
        if look.stated > look.bytes / TEXT_MIN_BYTES {
            return Err(refused("it states more texts than it can hold"));
        }
    }
    Ok(())
}

/// Sheets are read as they come; all other parts are read whole, whatever folder they claim.
fn is_sheet(part: &str) -> bool {
    let part = part.to_ascii_lowercase().replace('\\', "/");
    part.rsplit_once('/').is_some_and(|(folder, file)| {
        folder.ends_with("worksheets") && file.starts_with("sheet") && file.ends_with(".xml")
    })
}

/// What is seen of one part.
#[derive(Default)]
struct Look {
    bytes: u64,
    /// Since the last start of a cell or a row.
    since: u64,
    widest: u64,
    /// Whether there is what spreadsheets do not write: a comment, raw text, a tag in a tag.
    strange: bool,
    /// The largest number of texts that the part states.
    stated: u64,
    in_tag: bool,
    /// The beginning of the tag.
    tag: Vec<u8>,
    counting: Counting,
}

/// How much of `uniqueCount="123"` was seen.
#[derive(Default)]
enum Counting {
    #[default]
    Nothing,
    Word(usize),
    Number(Option<u64>),
}

impl Look {
    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.bytes += 1;
            self.since += 1;
            self.widest = self.widest.max(self.since);
            self.count(*byte);
            match byte {
                b'<' => {
                    self.strange |= self.in_tag;
                    self.in_tag = true;
                    self.tag.clear();
                }
                b'>' if self.in_tag => {
                    self.in_tag = false;
                    if names_cell(&self.tag) {
                        self.since = 0;
                    }
                }
                byte if self.in_tag && self.tag.len() < TAG_BYTES => {
                    self.strange |= self.tag.is_empty() && *byte == b'!';
                    self.tag.push(*byte);
                }
                _ => {}
            }
        }
    }

    /// The library makes room for as many texts as are stated, so no statement may be missed.
    fn count(&mut self, byte: u8) {
        const WORD: &[u8] = b"uniqueCount";
        self.counting = match self.counting {
            Counting::Number(None)
                if matches!(
                    byte,
                    b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'"' | b'\'' | b'+'
                ) =>
            {
                return;
            }
            Counting::Number(number) if byte.is_ascii_digit() => {
                let digit = u64::from(byte - b'0');
                let number = number.unwrap_or(0).saturating_mul(10).saturating_add(digit);
                self.stated = self.stated.max(number);
                Counting::Number(Some(number))
            }
            Counting::Word(at) if WORD.get(at) == Some(&byte) => {
                if at + 1 == WORD.len() {
                    Counting::Number(None)
                } else {
                    Counting::Word(at + 1)
                }
            }
            _ if byte == b'u' => Counting::Word(1),
            _ => Counting::Nothing,
        };
    }
}

/// Whether a tag starts or ends a cell or a row.
fn names_cell(tag: &[u8]) -> bool {
    let name = tag
        .split(|byte| byte.is_ascii_whitespace() || *byte == b'/')
        .next()
        .unwrap_or_default();
    let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
    matches!(local, b"c" | b"row")
}
