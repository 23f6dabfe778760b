//! A file as a growing stretch of UTF-8: blocks are decoded as they are requested, what was
//! read is let go, and the way back from a place in the text to a place in the file is kept.

use std::collections::VecDeque;

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use twox_hash::XxHash64;

use crate::error::Result;
use crate::host::Chunks;
use crate::input::blocks::{Blocks, Unit};
use crate::input::dialect::{legacy_encoding, mark_of, wide_encoding};

/// A place in a file from which reading can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The start of a block.
    pub offset_bytes: u64,
    /// The digest of everything before that block.
    pub digest: u64,
    /// Bytes of decoded text between the block's start and the place.
    pub skip_bytes: u64,
    /// The digest of that text.
    pub skip_digest: u64,
    /// The encoding, once something beyond ASCII was seen.
    pub encoding: Option<&'static Encoding>,
}

struct Mark {
    at: u64,
    offset_bytes: u64,
    digest: u64,
    encoding: Option<&'static Encoding>,
}

/// Decoded text. Positions count decoded bytes from where it was opened.
pub(crate) struct DecodedText {
    blocks: Blocks,
    /// Fixed by the mapping or found; none while everything was ASCII.
    encoding: Option<&'static Encoding>,
    decoder: Option<Decoder>,
    /// Whether the decoder stands between two characters.
    clean: bool,
    text: Vec<u8>,
    /// The position of `text[0]`.
    base: u64,
    marks: VecDeque<Mark>,
    /// Positions of bytes that the encoding does not know.
    bad: VecDeque<u64>,
    ended: bool,
    detected: bool,
    mark_bytes: usize,
}

impl DecodedText {
    /// Text from the start of a file. `fixed` is the mapping's encoding.
    pub(crate) fn open(chunks: Box<dyn Chunks>, fixed: Option<&'static Encoding>) -> Result<Self> {
        let mut blocks = Blocks::new(chunks, 0, 0);
        let head = blocks.peek()?;
        let (encoding, mark_bytes) = match mark_of(head) {
            // A mark outranks what the mapping says: it is part of the file.
            Some((found, length)) => (Some(found), length),
            None => (fixed.or_else(|| wide_encoding(head)), 0),
        };
        let detected = encoding.is_some() && encoding != fixed;
        let mut text = Self::at(blocks, encoding);
        text.detected = detected;
        text.mark_bytes = mark_bytes;
        Ok(text)
    }

    /// Text from a place. The position of the place is `place.skip_bytes`.
    pub(crate) fn resume(chunks: Box<dyn Chunks>, place: &Place) -> Result<Self> {
        let mut blocks = Blocks::new(chunks, place.offset_bytes, place.digest);
        let mark = if place.offset_bytes == 0 {
            mark_of(blocks.peek()?)
        } else {
            None
        };
        let mut text = Self::at(blocks, place.encoding);
        text.mark_bytes = mark.map_or(0, |(_, length)| length);
        Ok(text)
    }

    fn at(mut blocks: Blocks, encoding: Option<&'static Encoding>) -> Self {
        blocks.set_unit(unit_of(encoding));
        Self {
            blocks,
            encoding,
            decoder: None,
            clean: true,
            text: Vec::new(),
            base: 0,
            marks: VecDeque::new(),
            bad: VecDeque::new(),
            ended: false,
            detected: false,
            mark_bytes: 0,
        }
    }

    /// The first bytes of the file, before anything was decoded.
    pub(crate) fn head(&mut self) -> Result<&[u8]> {
        self.blocks.peek()
    }

    /// The encoding, and whether the file rather than the mapping said so.
    pub(crate) fn encoding(&self) -> (Option<&'static Encoding>, bool) {
        (self.encoding, self.detected)
    }

    /// Where the decoded text ends so far.
    pub(crate) fn end(&self) -> u64 {
        self.base + self.text.len() as u64
    }

    /// The text from a position on, as far as it is decoded.
    pub(crate) fn from(&self, at: u64) -> &[u8] {
        self.between(at, self.end())
    }

    /// The text between two positions.
    pub(crate) fn between(&self, start: u64, end: u64) -> &[u8] {
        let index = |at: u64| usize::try_from(at.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.text.get(index(start)..index(end)).unwrap_or(&[])
    }

    /// Whether bytes between two positions could not be decoded.
    pub(crate) fn spoiled(&self, start: u64, end: u64) -> bool {
        let first = self.bad.partition_point(|at| *at < start);
        self.bad.get(first).is_some_and(|at| *at < end)
    }

    /// Decodes one more block; false at the end of the file.
    pub(crate) fn fill(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let starts_clean = self.clean;
        let found_before = self.encoding;
        let Some(block) = self.blocks.take()? else {
            self.ended = true;
            self.finish_decoder();
            return Ok(false);
        };
        if starts_clean {
            self.marks.push_back(Mark {
                at: self.end(),
                offset_bytes: block.offset_bytes,
                digest: block.digest,
                encoding: found_before,
            });
        }
        self.clean = block.ends_a_line;
        let skip = if block.offset_bytes == 0 {
            self.mark_bytes
        } else {
            0
        };
        // The block's bytes are moved out for the call so that the text can grow beside them.
        let bytes = self.blocks.bytes().get(skip..).unwrap_or(&[]).to_vec();
        self.decode(&bytes, starts_clean, block.last);
        Ok(true)
    }

    fn decode(&mut self, bytes: &[u8], starts_clean: bool, last: bool) {
        let encoding = match self.encoding {
            Some(encoding) => encoding,
            None if bytes.is_ascii() => {
                self.text.extend_from_slice(bytes);
                return;
            }
            None => {
                let found = legacy_encoding(bytes, !last);
                self.encoding = Some(found);
                self.detected = true;
                found
            }
        };
        if encoding == UTF_8
            && starts_clean
            && self.decoder.is_none()
            && std::str::from_utf8(bytes).is_ok()
        {
            self.text.extend_from_slice(bytes);
            return;
        }
        let mut decoder = self
            .decoder
            .take()
            .unwrap_or_else(|| encoding.new_decoder_without_bom_handling());
        self.run(&mut decoder, bytes, false);
        // Between lines every encoding we take stands at its start.
        self.decoder = if self.clean { None } else { Some(decoder) };
    }

    fn finish_decoder(&mut self) {
        if let Some(mut decoder) = self.decoder.take() {
            self.run(&mut decoder, &[], true);
        }
    }

    fn run(&mut self, decoder: &mut Decoder, mut bytes: &[u8], last: bool) {
        const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();
        loop {
            let room = decoder
                .max_utf8_buffer_length_without_replacement(bytes.len())
                .unwrap_or(bytes.len());
            let length = self.text.len();
            self.text.resize(length + room, 0);
            let spare = self.text.get_mut(length..).unwrap_or_default();
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(bytes, spare, last);
            self.text.truncate(length + written);
            bytes = bytes.get(read..).unwrap_or(&[]);
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.bad.push_back(self.end());
                    self.text.extend_from_slice(REPLACEMENT);
                }
            }
        }
    }

    /// The place in the file of a position in the text; `None` inside a stretch without lines.
    pub(crate) fn place(&self, at: u64) -> Option<Place> {
        if at == self.end() && (self.ended || self.clean) {
            let (offset_bytes, digest) = self.blocks.position();
            let skip_digest = XxHash64::oneshot(0, &[]);
            return Some(Place {
                offset_bytes,
                digest,
                skip_bytes: 0,
                skip_digest,
                encoding: self.encoding,
            });
        }
        let mark = self.marks.iter().rev().find(|mark| mark.at <= at)?;
        Some(Place {
            offset_bytes: mark.offset_bytes,
            digest: mark.digest,
            skip_bytes: at - mark.at,
            skip_digest: self.digest_between(mark.at, at),
            encoding: mark.encoding,
        })
    }

    /// The digest of the text between two positions.
    pub(crate) fn digest_between(&self, start: u64, end: u64) -> u64 {
        XxHash64::oneshot(0, self.between(start, end))
    }

    /// Lets go of text before a position, except for what [`DecodedText::place`] still needs.
    pub(crate) fn release(&mut self, at: u64) {
        while self.marks.get(1).is_some_and(|next| next.at <= at) {
            self.marks.pop_front();
        }
        let keep = self.marks.front().map_or(at, |mark| mark.at.min(at));
        self.cut(keep);
    }

    /// Lets go of everything before a position; places are known again from the next mark.
    pub(crate) fn discard(&mut self, at: u64) {
        while self.marks.front().is_some_and(|mark| mark.at < at) {
            self.marks.pop_front();
        }
        self.cut(at);
    }

    fn cut(&mut self, keep: u64) {
        while self.bad.front().is_some_and(|bad| *bad < keep) {
            self.bad.pop_front();
        }
        let count = usize::try_from(keep.saturating_sub(self.base))
            .unwrap_or(usize::MAX)
            .min(self.text.len());
        self.text.drain(..count);
        self.base += count as u64;
    }
}

/// The code unit of an encoding.
pub(crate) fn unit_of(encoding: Option<&'static Encoding>) -> Unit {
    match encoding {
        Some(encoding) if encoding == UTF_16LE => Unit::Low,
        Some(encoding) if encoding == UTF_16BE => Unit::High,
        _ => Unit::Byte,
    }
}
