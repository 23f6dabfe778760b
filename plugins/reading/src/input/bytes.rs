//! Granted files as `std::io` sees them, in order or by seeking, and what was unpacked from
//! them as chunks again, with a bound on how much may come out of how little.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Deref;
use std::rc::Rc;

use crate::error::{ReadError, Result};
use crate::host::{Chunks, Host};

/// Bytes that one request reads.
const CHUNK_BYTES: u32 = 64 * 1024;
/// What may come out of any packed file, however small it is.
pub(crate) const UNPACKED_FREE_BYTES: u64 = 64 * 1024 * 1024;
/// Beyond that, bytes that may come out for each packed byte. Exports pack at 3 to 40; a
/// stretch of one repeated byte packs at about 1,000.
pub(crate) const UNPACKED_MAX_RATIO: u64 = 200;

/// A file read in order.
pub(crate) struct InOrder {
    chunks: Box<dyn Chunks>,
    ready: Vec<u8>,
    at: usize,
    left: u64,
    read: Rc<Cell<u64>>,
}

impl InOrder {
    /// At most `left` bytes of `chunks`.
    pub(crate) fn new(chunks: Box<dyn Chunks>, left: u64) -> Self {
        Self {
            chunks,
            ready: Vec::new(),
            at: 0,
            left,
            read: Rc::default(),
        }
    }

    /// Counts the bytes that were read so far.
    pub(crate) fn counter(&self) -> Rc<Cell<u64>> {
        self.read.clone()
    }
}

impl Read for InOrder {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.ready.len() {
            let max = self.left.min(u64::from(CHUNK_BYTES)) as u32;
            self.ready.clear();
            self.at = 0;
            if max > 0 {
                self.ready = self
                    .chunks
                    .read(max)
                    .map_err(io::Error::other)?
                    .unwrap_or_default();
            }
            self.left = self.left.saturating_sub(self.ready.len() as u64);
            self.read.set(self.read.get() + self.ready.len() as u64);
        }
        let count = (&self.ready.get(self.at..).unwrap_or_default()[..]).read(out)?;
        self.at += count;
        Ok(count)
    }
}

/// A file that can be read from anywhere: it is opened again at the requested place.
pub(crate) struct Seeker<D> {
    host: D,
    input: String,
    name: String,
    size_bytes: u64,
    at: u64,
    ready: Vec<u8>,
    ready_at: u64,
    behind: Option<Box<dyn Chunks>>,
}

impl<D> Seeker<D> {
    /// A file of a known size.
    pub(crate) fn new(host: D, input: &str, name: &str, size_bytes: u64) -> Self {
        Self {
            host,
            input: input.to_owned(),
            name: name.to_owned(),
            size_bytes,
            at: 0,
            ready: Vec::new(),
            ready_at: 0,
            behind: None,
        }
    }
}

impl<D: Deref> Read for Seeker<D>
where
    D::Target: Host,
{
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let inside = |ready: &[u8], from: u64, at: u64| -> Option<usize> {
            let inside = usize::try_from(at.checked_sub(from)?).ok()?;
            (inside < ready.len()).then_some(inside)
        };
        if out.is_empty() || self.at >= self.size_bytes {
            return Ok(0);
        }
        if inside(&self.ready, self.ready_at, self.at).is_none() {
            let end = self.ready_at + self.ready.len() as u64;
            let goes_on = end == self.at;
            let mut chunks = match self.behind.take().filter(|_| goes_on) {
                Some(chunks) => chunks,
                None => self
                    .host
                    .open(&self.input, &self.name, self.at)
                    .map_err(io::Error::other)?,
            };
            let bytes = chunks.read(CHUNK_BYTES).map_err(io::Error::other)?;
            self.ready = bytes.unwrap_or_default();
            self.ready_at = self.at;
            self.behind = Some(chunks);
        }
        let from = inside(&self.ready, self.ready_at, self.at).unwrap_or(self.ready.len());
        let count = self.ready.get(from..).unwrap_or_default().read(out)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl<D> Seek for Seeker<D> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size_bytes.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

/// What comes out of a packed file.
pub(crate) struct Unpacked<R> {
    reader: R,
    name: String,
    packed: Rc<Cell<u64>>,
    unpacked: u64,
}

impl<R: Read> Unpacked<R> {
    /// `packed` counts what went in; `name` is what people call the file.
    pub(crate) fn new(reader: R, packed: Rc<Cell<u64>>, name: &str) -> Self {
        Self {
            reader,
            name: name.to_owned(),
            packed,
            unpacked: 0,
        }
    }
}

impl<R: Read> Chunks for Unpacked<R> {
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>> {
        let mut bytes = vec![0; max.min(CHUNK_BYTES) as usize];
        let count = loop {
            match self.reader.read(&mut bytes) {
                Ok(count) => break count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(from_io(error, &self.name)),
            }
        };
        bytes.truncate(count);
        self.unpacked += count as u64;
        check_ratio(self.packed.get(), self.unpacked, &self.name)?;
        Ok((count > 0).then_some(bytes))
    }
}

/// Refuses what unpacks to far more than exports do.
///
/// # Errors
/// More came out than [`UNPACKED_MAX_RATIO`] allows.
pub(crate) fn check_ratio(packed: u64, unpacked: u64, name: &str) -> Result<()> {
    if unpacked <= UNPACKED_FREE_BYTES || unpacked / UNPACKED_MAX_RATIO <= packed {
        return Ok(());
    }
    let message = format!(
        "`{name}` unpacks to more than {UNPACKED_MAX_RATIO} times its size; exports do not, so reading stopped"
    );
    Err(ReadError::config("unpacks-too-large", message)
        .detail("look at who made the file; if it is sound, unpack it yourself")
        .at(name))
}

/// An error of a reader: ours as it was, any other as a file that cannot be unpacked.
pub(crate) fn from_io(error: io::Error, name: &str) -> ReadError {
    match error.downcast::<ReadError>() {
        Ok(ours) => ours,
        Err(error) => damaged(name, &error.to_string()),
    }
}

/// A packed file that is not what its name says, or is cut off.
pub(crate) fn damaged(name: &str, why: &str) -> ReadError {
    let why: String = why.chars().take(200).collect();
    ReadError::config("bad-archive", format!("`{name}` cannot be unpacked: {why}"))
        .detail("export it again; it may have been cut off on its way, or be another kind of file")
        .at(name)
}

/// Chunks behind a stretch that is read and dropped.
pub(crate) struct Behind {
    chunks: Box<dyn Chunks>,
    drop_bytes: u64,
}

impl Behind {
    /// Drops `drop_bytes` of `chunks`.
    pub(crate) fn new(chunks: Box<dyn Chunks>, drop_bytes: u64) -> Self {
        Self { chunks, drop_bytes }
    }
}

impl Chunks for Behind {
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>> {
        loop {
            let Some(mut bytes) = self.chunks.read(max)? else {
                return Ok(None);
            };
            let drop = self.drop_bytes.min(bytes.len() as u64);
            self.drop_bytes -= drop;
            bytes.drain(..drop as usize);
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
    }
}
