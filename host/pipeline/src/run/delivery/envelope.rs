//! What a delivery of messages may send: each row of the batch in hand, as it was approved, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use datafusion::arrow::array::{AsArray as _, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use serde_json::{Map, Value};

use super::rendering::{rendered, says};
use crate::project::body_mapping::BodyMapping;
use crate::run::error::RunError;
use tsugi_core::name::WantName;
use tsugi_sandbox::{HttpAttempt, MailAttempt, SendGate, SendOutcome};

/// Headers that a request with a row may have.
const HEADERS: [&str; 3] = ["accept", "content-type", "idempotency-key"];
/// Longest value of such a header.
const HEADER_MAX_BYTES: usize = 200;

/// The envelopes of one delivery. Without a batch in hand nothing may leave: not when a writer is
/// opened, and not when it ends.
#[derive(Debug)]
pub(super) struct Envelopes {
    /// The formats of addresses, as the manifest of the sink declares them.
    bodies: BTreeMap<WantName, BodyMapping>,
    hand: Mutex<Hand>,
}

/// The batch in hand.
#[derive(Debug, Default)]
struct Hand {
    rows: Vec<Envelope>,
    has_stored: bool,
    refused: BTreeSet<String>,
}

/// One approved row.
#[derive(Debug)]
struct Envelope {
    address: String,
    subject: String,
    body: String,
    headers: BTreeSet<(String, String)>,
    json: Map<String, Value>,
    seen: Seen,
}

/// What the host saw of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// By mail, or as part of a request.
    pub(super) outcome: Option<SendOutcome>,
    /// Whether it went by mail, which must not be repeated.
    pub(super) by_mail: bool,
}

/// What the host saw of a batch.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// In the order of the batch.
    pub(super) rows: Vec<Seen>,
    /// Whether the sink wrote an object of an output.
    pub(super) has_stored: bool,
    /// What the sink wanted to send besides, and why that was refused.
    pub(super) refused: BTreeSet<String>,
}

impl Envelopes {
    pub(super) fn new(bodies: BTreeMap<WantName, BodyMapping>) -> Self {
        Self {
            bodies,
            hand: Mutex::default(),
        }
    }

    /// The format of an address.
    fn body(&self, name: &str) -> Option<&BodyMapping> {
        let mut bodies = self.bodies.iter();
        let found = bodies.find(|(want, _)| want.as_str() == name);
        found.map(|(_, body)| body)
    }

    fn hand(&self) -> MutexGuard<'_, Hand> {
        self.hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the rows of a batch leave, each once.
    pub(super) fn begin(&self, rows: &RecordBatch) -> Result<(), RunError> {
        let rows = envelopes(rows)?;
        let mut hand = self.hand();
        hand.rows = rows;
        hand.has_stored = false;
        Ok(())
    }

    /// Closes the batch; returns what left during it.
    pub(super) fn end(&self) -> Sight {
        let hand = std::mem::take(&mut *self.hand());
        Sight {
            rows: hand.rows.into_iter().map(|row| row.seen).collect(),
            has_stored: hand.has_stored,
            refused: hand.refused,
        }
    }
}

impl Hand {
    fn refuse(&mut self, what: &str, why: &str) -> String {
        let why = format!("{what} that is no approved message of the batch was refused: {why}");
        self.refused.insert(why.clone());
        why
    }

    /// The row that a mail is, or why it is none.
    fn mail(&self, mail: &MailAttempt<'_>) -> Result<usize, String> {
        let to_them = || {
            let rows = self.rows.iter().enumerate();
            rows.filter(|(_, row)| !row.address.is_empty() && row.address == mail.to)
        };
        if self.rows.is_empty() {
            return Err("no batch is in hand".to_owned());
        }
        if to_them().next().is_none() {
            return Err("its recipient is that of no row".to_owned());
        }
        let is_text = |row: &Envelope| row.subject == mail.subject && row.body == mail.text.trim();
        let mut same = to_them().filter(|(_, row)| is_text(row)).peekable();
        if same.peek().is_none() {
            return Err("its subject or text is not that of the row".to_owned());
        }
        let mut unsent = same.filter(|(_, row)| row.may_leave_by_mail()).peekable();
        if unsent.peek().is_none() {
            return Err("it has left before".to_owned());
        }
        let is_headed = |row: &Envelope| {
            let mut headers = mail.headers.iter();
            headers.all(|header| row.headers.contains(header))
        };
        unsent
            .find(|(_, row)| is_headed(row))
            .map(|(at, _)| at)
            .ok_or_else(|| "it has a header that is not in `headers` of the row".to_owned())
    }

    /// The rows that a request carries, as the host renders them or as the manifest maps them, or why it
    /// carries something else.
    fn http(
        &self,
        request: &HttpAttempt<'_>,
        mapping: Option<&BodyMapping>,
    ) -> Result<Vec<usize>, String> {
        if self.rows.is_empty() {
            return Err("no batch is in hand".to_owned());
        }
        if !request.is_granted_address {
            return Err("it goes to a longer path or has a query".to_owned());
        }
        for (name, value) in request.headers {
            let is_known = HEADERS.contains(&name.to_ascii_lowercase().as_str());
            if !is_known || value.len() > HEADER_MAX_BYTES {
                let allowed = HEADERS.join(", ");
                return Err(format!("it has a header besides {allowed}"));
            }
        }
        let written = objects(request.body).ok_or("its body is no JSON of rows")?;
        let mut rows: Vec<usize> = Vec::new();
        for object in written {
            let mut same = self
                .rows
                .iter()
                .enumerate()
                .filter(|(at, row)| !rows.contains(at) && row.is_body(&object, mapping));
            let first = same.next().ok_or("its body is not what the row says")?;
            let mut all = std::iter::once(first).chain(same);
            let unsent =
                all.find(|(_, row)| !matches!(row.seen.outcome, Some(SendOutcome::Accepted(_))));
            rows.push(unsent.ok_or("it has left before")?.0);
        }
        Ok(rows)
    }
}

impl Envelope {
    /// Whether a body says this row and nothing else.
    fn is_body(&self, object: &Value, mapping: Option<&BodyMapping>) -> bool {
        let mapped = mapping.and_then(|mapping| mapping.body(&self.json));
        says(&Value::Object(self.json.clone()), object)
            || mapped.is_some_and(|mapped| says(&mapped, object))
    }

    /// A mail that may have left must not be sent again; a request can have one effect by its key.
    fn may_leave_by_mail(&self) -> bool {
        matches!(self.seen.outcome, None | Some(SendOutcome::NotSent))
    }
}

impl SendGate for Envelopes {
    fn mail(&self, mail: &MailAttempt<'_>) -> Result<Vec<usize>, String> {
        let mut hand = self.hand();
        let found = hand.mail(mail);
        let row = found.map_err(|why| hand.refuse("a mail", &why))?;
        if let Some(envelope) = hand.rows.get_mut(row) {
            envelope.seen.by_mail = true;
        }
        Ok(vec![row])
    }

    fn http(&self, request: &HttpAttempt<'_>) -> Result<Vec<usize>, String> {
        let mut hand = self.hand();
        let found = hand.http(request, self.body(request.name));
        found.map_err(|why| hand.refuse("a request", &why))
    }

    fn settle(&self, rows: &[usize], outcome: &SendOutcome) {
        let mut hand = self.hand();
        for row in rows {
            if let Some(envelope) = hand.rows.get_mut(*row) {
                envelope.seen.outcome = Some(outcome.clone());
            }
        }
    }

    fn stored(&self) {
        self.hand().has_stored = true;
    }
}

/// The objects of a body: one, several in a list, or one a line.
fn objects(body: &[u8]) -> Option<Vec<Value>> {
    let whole = serde_json::from_slice::<Value>(body).ok();
    let objects = match whole {
        Some(Value::Array(items)) => items,
        Some(one) => vec![one],
        None => {
            let text = std::str::from_utf8(body).ok()?;
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            let lines = lines.map(|line| serde_json::from_str(line).ok());
            lines.collect::<Option<Vec<Value>>>()?
        }
    };
    let all_rows = !objects.is_empty() && objects.iter().all(Value::is_object);
    all_rows.then_some(objects)
}

fn envelopes(rows: &RecordBatch) -> Result<Vec<Envelope>, RunError> {
    let (addresses, subjects) = (texts(rows, "address")?, texts(rows, "subject")?);
    let (bodies, headers) = (texts(rows, "body")?, texts(rows, "headers")?);
    let text = |texts: &[String], row: usize| texts.get(row).cloned().unwrap_or_default();
    let objects = rendered(rows)?.into_iter().enumerate();
    let envelopes = objects.map(|(row, json)| Envelope {
        address: text(&addresses, row),
        subject: text(&subjects, row),
        body: text(&bodies, row),
        headers: header_lines(&text(&headers, row)),
        json,
        seen: Seen::default(),
    });
    Ok(envelopes.collect())
}

/// The texts of a column without blanks around them; blank ones where it is missing.
fn texts(rows: &RecordBatch, name: &str) -> Result<Vec<String>, RunError> {
    let Some(column) = rows.column_by_name(name) else {
        return Ok(vec![String::new(); rows.num_rows()]);
    };
    let column = cast(column, &DataType::Utf8)?;
    let texts = column.as_string::<i32>().iter();
    let trimmed = |text: Option<&str>| text.unwrap_or_default().trim().to_owned();
    Ok(texts.map(trimmed).collect())
}

/// Lines of `Name: value`.
fn header_lines(lines: &str) -> BTreeSet<(String, String)> {
    let pairs = lines.lines().filter_map(|line| line.split_once(':'));
    let trimmed = |(name, value): (&str, &str)| (name.trim().to_owned(), value.trim().to_owned());
    pairs.map(trimmed).collect()
}
