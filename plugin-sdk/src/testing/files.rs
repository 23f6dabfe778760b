//! Files, reports and objects in memory, in place of the host's.
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::channels::{HttpRequest, HttpResponse, MailMessage};
use crate::error::Error;
use crate::host::{Chunks, Entry, Inputs, Outputs, Reject, Shared, SinkHost, SourceHost};

/// A host in memory: files by input and name, and what was reported and stored.
///
/// ```
/// use tsugi_plugin::testing::MockHost;
/// let host = MockHost::new().file("exports", "reviews.csv", "id,text\n1,good\n");
/// let bytes = host.source().read("exports", "reviews.csv", 1024).unwrap();
/// assert!(bytes.starts_with(b"id,"));
/// assert_eq!(host.source().read("secrets", "x", 1).unwrap_err().code, "denied");
/// ```
#[derive(Clone, Default)]
pub struct MockHost {
    state: Rc<State>,
}

/// What a granted address answers.
type Http = Box<dyn FnMut(&HttpRequest) -> Result<HttpResponse, Error>>;
/// What a granted mail server answers.
type Mail = Box<dyn FnMut(&MailMessage) -> Result<String, Error>>;

#[derive(Default)]
struct State {
    files: RefCell<BTreeMap<String, BTreeMap<String, Vec<u8>>>>,
    rejects: RefCell<Vec<Reject>>,
    notices: RefCell<Vec<(String, String, String)>>,
    outputs: RefCell<BTreeMap<String, BTreeMap<String, Vec<u8>>>>,
    chunk_bytes: std::cell::Cell<Option<usize>>,
    http: RefCell<BTreeMap<String, Http>>,
    mail: RefCell<BTreeMap<String, Mail>>,
}

impl MockHost {
    /// A host that grants nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Grants the input and adds a file to it.
    #[must_use]
    pub fn file(self, input: &str, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let mut files = self.state.files.borrow_mut();
        files
            .entry(input.to_owned())
            .or_default()
            .insert(name.to_owned(), bytes.into());
        drop(files);
        self
    }

    /// Grants the input and adds the files of a folder to it, not those of folders in it.
    ///
    /// # Errors
    /// The answers of the disk.
    pub fn folder(mut self, input: &str, folder: &std::path::Path) -> std::io::Result<Self> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                let name = entry.file_name().to_string_lossy().into_owned();
                self = self.file(input, &name, std::fs::read(entry.path())?);
            }
        }
        Ok(self)
    }

    #[must_use]
    pub fn output(self, output: &str) -> Self {
        self.state
            .outputs
            .borrow_mut()
            .entry(output.to_owned())
            .or_default();
        self
    }

    /// Grants an address, and answers each request to it.
    #[must_use]
    pub fn http(
        self,
        http: &str,
        answer: impl FnMut(&HttpRequest) -> Result<HttpResponse, Error> + 'static,
    ) -> Self {
        let mut granted = self.state.http.borrow_mut();
        granted.insert(http.to_owned(), Box::new(answer));
        drop(granted);
        self
    }

    /// Grants a mail server, and answers each message handed to it.
    #[must_use]
    pub fn mail(
        self,
        mail: &str,
        answer: impl FnMut(&MailMessage) -> Result<String, Error> + 'static,
    ) -> Self {
        let mut granted = self.state.mail.borrow_mut();
        granted.insert(mail.to_owned(), Box::new(answer));
        drop(granted);
        self
    }

    /// Gives at most so many bytes at a read, to see that no reader counts on more.
    #[must_use]
    pub fn chunk_bytes(self, bytes: usize) -> Self {
        self.state.chunk_bytes.set(Some(bytes.max(1)));
        self
    }

    /// The handle for a source.
    pub fn source(&self) -> SourceHost {
        SourceHost {
            inner: self.state.clone(),
        }
    }

    /// The handle for a sink.
    pub fn sink(&self) -> SinkHost {
        SinkHost {
            inner: self.state.clone(),
        }
    }

    /// The rows that were rejected so far.
    pub fn rejects(&self) -> Vec<Reject> {
        self.state.rejects.borrow().clone()
    }

    /// The notices so far: stream, code, message.
    pub fn notices(&self) -> Vec<(String, String, String)> {
        self.state.notices.borrow().clone()
    }

    /// The objects of an output, by name.
    pub fn objects(&self, output: &str) -> BTreeMap<String, Vec<u8>> {
        self.state
            .outputs
            .borrow()
            .get(output)
            .cloned()
            .unwrap_or_default()
    }
}

fn denied(want: &str) -> Error {
    Error::config("denied", format!("`{want}` is not granted"))
}

impl Shared for State {
    fn rejects(&self, rows: &[Reject]) {
        self.rejects.borrow_mut().extend_from_slice(rows);
    }

    fn notice(&self, stream: &str, code: &str, message: &str) {
        let notice = (stream.to_owned(), code.to_owned(), message.to_owned());
        self.notices.borrow_mut().push(notice);
    }

    fn http(&self, http: &str, request: &HttpRequest) -> Result<HttpResponse, Error> {
        let mut granted = self.http.borrow_mut();
        granted.get_mut(http).ok_or_else(|| denied(http))?(request)
    }
}

impl Inputs for State {
    fn entries(&self, input: &str, prefix: &str) -> Result<Vec<Entry>, Error> {
        let files = self.files.borrow();
        let files = files.get(input).ok_or_else(|| denied(input))?;
        let entry = |(name, bytes): (&String, &Vec<u8>)| Entry {
            name: name.clone(),
            size: bytes.len() as f64,
            modified_ms: 0.0,
        };
        Ok(files
            .iter()
            .filter(|(name, _)| name.starts_with(prefix))
            .map(entry)
            .collect())
    }

    fn open(&self, input: &str, name: &str, offset: f64) -> Result<Box<dyn Chunks>, Error> {
        let files = self.files.borrow();
        let bytes = files
            .get(input)
            .ok_or_else(|| denied(input))?
            .get(name)
            .ok_or_else(|| {
                Error::config("missing-file", format!("there is no file `{name}`")).at(name)
            })?;
        let rest = bytes.get(offset as usize..).unwrap_or_default().to_vec();
        Ok(Box::new(File {
            rest,
            chunk_bytes: self.chunk_bytes.get(),
        }))
    }
}

impl Outputs for State {
    fn put(&self, output: &str, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let mut outputs = self.outputs.borrow_mut();
        let objects = outputs.get_mut(output).ok_or_else(|| denied(output))?;
        match objects.get(name) {
            Some(stored) if stored != bytes => Err(Error::defect(
                "object-differs",
                format!("`{name}` is stored with other bytes"),
            )),
            _ => {
                objects.insert(name.to_owned(), bytes.to_vec());
                Ok(())
            }
        }
    }

    fn mail(&self, mail: &str, message: &MailMessage) -> Result<String, Error> {
        let mut granted = self.mail.borrow_mut();
        granted.get_mut(mail).ok_or_else(|| denied(mail))?(message)
    }
}

struct File {
    rest: Vec<u8>,
    chunk_bytes: Option<usize>,
}

impl Chunks for File {
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>, Error> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let count = self
            .chunk_bytes
            .unwrap_or(usize::MAX)
            .min(max as usize)
            .min(self.rest.len());
        let rest = self.rest.split_off(count);
        Ok(Some(std::mem::replace(&mut self.rest, rest)))
    }
}
