//! The calls of a source or a sink to the host, as handles that tests can replace.
use std::io;
use std::rc::Rc;

use crate::bindings::imports::tsugi::plugin::inputs as wit_inputs;
use crate::bindings::imports::tsugi::plugin::{http as wit_http, mail as wit_mail};
use crate::bindings::imports::tsugi::plugin::{outputs as wit_outputs, report as wit_report};
use crate::channels::{HttpRequest, HttpResponse, MailMessage};
use crate::error::Error;

pub use wit_inputs::Entry;
pub use wit_report::Reject;

/// The host gives no more at once.
const READ_BYTES_MAX: u32 = 1 << 20;

/// What sources and sinks both may ask.
pub(crate) trait Shared {
    fn rejects(&self, rows: &[Reject]);
    fn notice(&self, stream: &str, code: &str, message: &str);
    fn http(&self, http: &str, request: &HttpRequest) -> Result<HttpResponse, Error>;
}

pub(crate) trait Inputs: Shared {
    fn entries(&self, input: &str, prefix: &str) -> Result<Vec<Entry>, Error>;
    fn open(&self, input: &str, name: &str, offset: f64) -> Result<Box<dyn Chunks>, Error>;
}

pub(crate) trait Outputs: Shared {
    fn put(&self, output: &str, name: &str, bytes: &[u8]) -> Result<(), Error>;
    fn mail(&self, mail: &str, message: &MailMessage) -> Result<String, Error>;
}

pub(crate) trait Chunks {
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>, Error>;
}

/// The imports of this component.
pub(crate) struct Imports;

impl Shared for Imports {
    fn rejects(&self, rows: &[Reject]) {
        wit_report::rejects(rows);
    }

    fn notice(&self, stream: &str, code: &str, message: &str) {
        wit_report::notice(stream, code, message);
    }

    fn http(&self, http: &str, request: &HttpRequest) -> Result<HttpResponse, Error> {
        Ok(wit_http::send(http, request)?)
    }
}

impl Inputs for Imports {
    fn entries(&self, input: &str, prefix: &str) -> Result<Vec<Entry>, Error> {
        Ok(wit_inputs::entries(input, prefix)?)
    }

    fn open(&self, input: &str, name: &str, offset: f64) -> Result<Box<dyn Chunks>, Error> {
        Ok(Box::new(wit_inputs::Reader::open(input, name, offset)?))
    }
}

impl Chunks for wit_inputs::Reader {
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>, Error> {
        Ok(wit_inputs::Reader::read(self, max)?)
    }
}

impl Outputs for Imports {
    fn put(&self, output: &str, name: &str, bytes: &[u8]) -> Result<(), Error> {
        Ok(wit_outputs::put(output, name, bytes)?)
    }

    fn mail(&self, mail: &str, message: &MailMessage) -> Result<String, Error> {
        Ok(wit_mail::send(mail, message)?)
    }
}

macro_rules! shared {
    ($handle:ty) => {
        impl $handle {
            /// Puts rows that could not be read into quarantine, with their places.
            pub fn rejects(&self, rows: &[Reject]) {
                self.inner.rejects(rows);
            }

            /// Tells a person something that stops nothing: a detected encoding, a new heading.
            pub fn notice(&self, stream: &str, code: &str, message: &str) {
                self.inner.notice(stream, code, message);
            }

            /// One request to a granted address; redirects are answers. What an error says under
            /// [`Error::may_have_arrived`] is whether the request may have been acted on.
            pub fn http(&self, http: &str, request: &HttpRequest) -> Result<HttpResponse, Error> {
                self.inner.http(http, request)
            }
        }
    };
}

/// What a source may ask: granted files, granted addresses, and reports. Clones are the same handle.
#[derive(Clone)]
pub struct SourceHost {
    pub(crate) inner: Rc<dyn Inputs>,
}
shared!(SourceHost);

impl SourceHost {
    pub(crate) fn imports() -> Self {
        Self {
            inner: Rc::new(Imports),
        }
    }

    /// The files of a granted input whose names begin with `prefix`, sorted by name.
    pub fn entries(&self, input: &str, prefix: &str) -> Result<Vec<Entry>, Error> {
        self.inner.entries(input, prefix)
    }

    /// Opens a file at a byte offset. The reader is buffered by the host's chunks.
    pub fn open(&self, input: &str, name: &str, offset: u64) -> Result<InputFile, Error> {
        // Exact below 2^53 bytes, which is far beyond any file system.
        let chunks = self.inner.open(input, name, offset as f64)?;
        Ok(InputFile {
            chunks,
            chunk: Vec::new(),
            at: 0,
        })
    }

    /// A whole file; for files known to be small. Fails beyond `max_bytes`.
    pub fn read(&self, input: &str, name: &str, max_bytes: usize) -> Result<Vec<u8>, Error> {
        let mut file = self.open(input, name, 0)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = file.chunk()? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > max_bytes {
                let message = format!("`{name}` is larger than {max_bytes} bytes");
                return Err(Error::give_up("file-too-large", message).at(name));
            }
        }
        Ok(bytes)
    }
}

/// A granted file, open for reading. Errors that travel through `std::io` come back as they
/// were by `Error::from`.
pub struct InputFile {
    chunks: Box<dyn Chunks>,
    chunk: Vec<u8>,
    at: usize,
}

impl InputFile {
    /// The next bytes, at most 1 MiB of them; none at the end.
    pub fn chunk(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if self.at < self.chunk.len() {
            let rest = self.chunk.split_off(self.at);
            self.chunk.clear();
            self.at = 0;
            return Ok(Some(rest));
        }
        self.chunks.read(READ_BYTES_MAX)
    }
}

impl io::BufRead for InputFile {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at >= self.chunk.len() {
            match self.chunks.read(READ_BYTES_MAX).map_err(io::Error::other)? {
                Some(chunk) => (self.chunk, self.at) = (chunk, 0),
                None => return Ok(&[]),
            }
        }
        Ok(self.chunk.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.at = (self.at + count).min(self.chunk.len());
    }
}

impl io::Read for InputFile {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let mut ready = io::BufRead::fill_buf(self)?;
        let count = io::Read::read(&mut ready, to)?;
        io::BufRead::consume(self, count);
        Ok(count)
    }
}

/// What a sink may ask: granted folders to write, granted channels, and reports. Clones are the same handle.
#[derive(Clone)]
pub struct SinkHost {
    pub(crate) inner: Rc<dyn Outputs>,
}
shared!(SinkHost);

impl SinkHost {
    pub(crate) fn imports() -> Self {
        Self {
            inner: Rc::new(Imports),
        }
    }

    /// Stores one object under a granted output. The same name with the same bytes again has
    /// no second effect; with other bytes it is an error.
    pub fn put(&self, output: &str, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.inner.put(output, name, bytes)
    }

    /// Hands one message to a granted mail server and returns its reply.
    /// [`Error::may_have_arrived`] tells of an error whether the server may have received it.
    pub fn mail(&self, mail: &str, message: &MailMessage) -> Result<String, Error> {
        self.inner.mail(mail, message)
    }
}
