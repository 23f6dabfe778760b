//! A file as raw blocks that end at line ends, each chained into a digest: any block start is
//! a place from which decoding can begin again.

use twox_hash::XxHash64;

use crate::error::Result;
use crate::host::Chunks;

/// Bytes of a block before it is cut back to its last line end.
pub const BLOCK_BYTES: usize = 256 * 1024;

/// How many bytes make one code unit, and in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// One byte; a line feed byte is never part of another character.
    Byte,
    /// UTF-16, low byte first.
    Low,
    /// UTF-16, high byte first.
    High,
}

/// One block. Its bytes stay in [`Blocks`] until the next one is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Where it starts in the file.
    pub offset_bytes: u64,
    /// The digest of everything before it.
    pub digest: u64,
    pub length: usize,
    /// Whether it ends with a line end.
    pub ends_a_line: bool,
    /// Whether the file ends with it.
    pub last: bool,
}

/// Reads blocks in order.
pub(crate) struct Blocks {
    chunks: Box<dyn Chunks>,
    /// What was read and not yet dropped; starts with the current block.
    raw: Vec<u8>,
    /// Length of the current block, dropped before the next.
    current: usize,
    offset_bytes: u64,
    digest: u64,
    unit: Unit,
    /// Bytes that may still be taken from `chunks`.
    left: u64,
    ended: bool,
}

impl Blocks {
    /// Blocks from `offset_bytes`, where the digest so far is `digest`.
    pub(crate) fn new(chunks: Box<dyn Chunks>, offset_bytes: u64, digest: u64) -> Self {
        Self {
            chunks,
            raw: Vec::new(),
            current: 0,
            offset_bytes,
            digest,
            unit: Unit::Byte,
            left: u64::MAX,
            ended: false,
        }
    }

    /// Behaves as if the file ended at a byte offset.
    pub(crate) fn end_at(mut self, end_bytes: u64) -> Self {
        self.left = end_bytes.saturating_sub(self.offset_bytes);
        self
    }

    /// States the code unit, before the first block is taken.
    pub(crate) fn set_unit(&mut self, unit: Unit) {
        self.unit = unit;
    }

    /// Where the next block starts, and the digest of everything before it.
    pub(crate) fn position(&self) -> (u64, u64) {
        (self.offset_bytes, self.digest)
    }

    /// The bytes of the next block as far as they could be read ahead, without taking it.
    pub(crate) fn peek(&mut self) -> Result<&[u8]> {
        self.drop_current();
        self.read_ahead()?;
        Ok(&self.raw)
    }

    /// The bytes of the block that was taken last.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.raw.get(..self.current).unwrap_or(&[])
    }

    /// Takes the next block; `None` at the end.
    pub(crate) fn take(&mut self) -> Result<Option<Block>> {
        self.drop_current();
        self.read_ahead()?;
        if self.raw.is_empty() {
            return Ok(None);
        }
        let line_end = last_line_end(&self.raw, self.unit);
        let length = if self.ended {
            self.raw.len()
        } else {
            line_end.unwrap_or(self.raw.len())
        };
        let block = Block {
            offset_bytes: self.offset_bytes,
            digest: self.digest,
            length,
            ends_a_line: line_end == Some(length),
            last: self.ended,
        };
        self.current = length;
        self.digest = XxHash64::oneshot(self.digest, self.bytes());
        self.offset_bytes += length as u64;
        Ok(Some(block))
    }

    fn drop_current(&mut self) {
        self.raw.drain(..self.current.min(self.raw.len()));
        self.current = 0;
    }

    fn read_ahead(&mut self) -> Result<()> {
        while self.raw.len() < BLOCK_BYTES && !self.ended {
            let wanted = ((BLOCK_BYTES - self.raw.len()) as u64).min(self.left);
            let bytes = match u32::try_from(wanted) {
                Ok(wanted) if wanted > 0 => self.chunks.read(wanted)?.unwrap_or_default(),
                _ => Vec::new(),
            };
            self.ended = bytes.is_empty();
            self.left = self.left.saturating_sub(bytes.len() as u64);
            self.raw.extend_from_slice(&bytes);
        }
        Ok(())
    }
}

/// The digest of the first `end_bytes` of a file, walked in the same blocks as when it was
/// read; nothing when the file is shorter.
pub(crate) fn digest_to(
    chunks: Box<dyn Chunks>,
    end_bytes: u64,
    unit: Unit,
) -> Result<Option<u64>> {
    let mut blocks = Blocks::new(chunks, 0, 0).end_at(end_bytes);
    blocks.set_unit(unit);
    while blocks.take()?.is_some() {}
    let (reached, digest) = blocks.position();
    Ok((reached == end_bytes).then_some(digest))
}

/// The length up to and with the last line end.
fn last_line_end(raw: &[u8], unit: Unit) -> Option<usize> {
    let last = |mark: u8| match unit {
        Unit::Byte => raw.iter().rposition(|b| *b == mark).map(|at| at + 1),
        Unit::Low => pairs_to(raw, [mark, 0]),
        Unit::High => pairs_to(raw, [0, mark]),
    };
    last(b'\n').or_else(|| last(b'\r'))
}

fn pairs_to(raw: &[u8], pair: [u8; 2]) -> Option<usize> {
    raw.chunks_exact(2)
        .rposition(|unit| unit == pair)
        .map(|at| (at + 1) * 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bytes(Vec<u8>, usize);
    impl Chunks for Bytes {
        fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>> {
            let take = self.0.len().min(max as usize).min(self.1);
            Ok((take > 0).then(|| self.0.drain(..take).collect()))
        }
    }

    #[test]
    fn blocks_end_at_lines_and_digests_can_be_walked_again() {
        let text: Vec<u8> = (0..90_000)
            .flat_map(|i| format!("{i},value\n").into_bytes())
            .collect();
        let mut blocks = Blocks::new(Box::new(Bytes(text.clone(), 1000)), 0, 0);
        let mut together = Vec::new();
        let mut seen = Vec::new();
        while let Some(block) = blocks.take().unwrap() {
            assert!(block.ends_a_line);
            together.extend_from_slice(blocks.bytes());
            seen.push(block);
        }
        assert_eq!(together, text);
        assert!(seen.len() > 3);
        for block in &seen {
            let again = digest_to(
                Box::new(Bytes(text.clone(), 777)),
                block.offset_bytes,
                Unit::Byte,
            )
            .unwrap();
            assert_eq!(again, Some(block.digest));
        }
        assert_eq!(
            digest_to(Box::new(Bytes(text[..50].to_vec(), 7)), 60, Unit::Byte).unwrap(),
            None
        );
    }
}
