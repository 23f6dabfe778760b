//! The checksum of a data file, in its own footer: damage that still decodes is found by it.

use std::fs::File;
use std::io::{self, Read as _, Write};

use parquet::file::metadata::KeyValue;

/// The key in the metadata of a footer. The value is `CRC32 LENGTH`: of how many first bytes it is
/// the sum, all that come before the indexes and the footer.
const KEY: &str = "crc32";
/// How much of a file is summed up at once.
const BUFFER_BYTES: usize = 1 << 16;

/// A file that sums up what is written to it.
pub(crate) struct SummedFile {
    file: File,
    sum: crc32fast::Hasher,
    bytes: u64,
}

impl SummedFile {
    pub(crate) fn new(file: File) -> Self {
        Self {
            file,
            sum: crc32fast::Hasher::new(),
            bytes: 0,
        }
    }

    /// The sum of everything written so far, as a footer keeps it.
    pub(crate) fn key_value(&self) -> KeyValue {
        let sum = self.sum.clone().finalize();
        KeyValue::new(KEY.to_owned(), format!("{sum:08x} {}", self.bytes))
    }
}

impl Write for SummedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sum.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Whether a file has the sum that its footer names; true without one.
pub(crate) fn is_intact(file: &File, metadata: Option<&Vec<KeyValue>>) -> io::Result<bool> {
    let recorded = metadata.and_then(|pairs| pairs.iter().find(|pair| pair.key == KEY));
    let Some(recorded) = recorded.and_then(|pair| pair.value.as_deref()) else {
        return Ok(true);
    };
    let parts = recorded.split_once(' ');
    let parsed = parts.and_then(|(sum, length)| {
        let sum = u32::from_str_radix(sum, 16).ok()?;
        Some((sum, length.parse::<u64>().ok()?))
    });
    let Some((sum, length)) = parsed else {
        return Ok(false);
    };
    let (mut found, mut read) = (crc32fast::Hasher::new(), 0);
    let mut from_start = file.try_clone()?;
    io::Seek::rewind(&mut from_start)?;
    let mut rest = from_start.take(length);
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match rest.read(&mut buffer)? {
            0 => return Ok(read == length && found.finalize() == sum),
            some => {
                found.update(buffer.get(..some).unwrap_or_default());
                read += some as u64;
            }
        }
    }
}
