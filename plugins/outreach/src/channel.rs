//! The three channels of the sink: which one a config names, and on what terms it takes rows.

use std::collections::BTreeSet;

use serde_json::Value;
use tsugi_plugin::{Error, Receipt, Recovery, Repeat, RowError, SinkHost, Terms};

use crate::cell::{Row, Sheet};
use crate::fault::Fault;
use crate::outbox::{Object, Outbox, Refused};
use crate::{letter, post};

/// The want of requests in plugin.toml.
pub const HTTP: &str = "channel";
/// The want of mail in plugin.toml.
pub const MAIL: &str = "server";

/// How messages leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Channel {
    /// Objects under the output `outbox`.
    Outbox,
    /// One request a message to the granted address.
    Http {
        /// Whether the address answers the same `Idempotency-Key` twice with one effect.
        idempotent: bool,
    },
    /// One mail a message through the granted server.
    Mail {
        /// The address in `From`.
        from: String,
    },
}

/// What became of one message.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent {
    /// The channel has it, in these words.
    Taken(String),
    /// It certainly did not leave.
    Refused(&'static str, String),
    /// Nobody can tell.
    Unknown(String),
    /// The channel as a whole cannot be used now; this message certainly did not leave.
    Stop(Error),
}

impl Channel {
    /// Reads the config of the sink.
    pub fn of(config: &str) -> Result<Channel, Fault> {
        let wrong = |what: String, hint: &str| Fault::new("bad-config", what, hint);
        let config: Value = serde_json::from_str(config)
            .map_err(|error| wrong(format!("the config is no JSON: {error}"), "report this"))?;
        let text = |key: &str| config.get(key).and_then(Value::as_str);
        match text("channel").unwrap_or("outbox") {
            "outbox" => Ok(Channel::Outbox),
            "http" => {
                let idempotent = config.get("idempotent").and_then(Value::as_bool);
                let idempotent = idempotent.unwrap_or(false);
                Ok(Channel::Http { idempotent })
            }
            "mail" => match text("from") {
                Some(from) if from.contains('@') => Ok(Channel::Mail {
                    from: from.to_string(),
                }),
                _ => Err(wrong(
                    "mail needs an address to come from".to_string(),
                    "add to the sink's config: from = \"care@example.com\"",
                )),
            },
            other => Err(wrong(
                format!("there is no channel {other:?}"),
                "use outbox, http or mail",
            )),
        }
    }

    /// A batch of the outbox has a name that is written once, and an address may know a key
    /// again; a mail server takes the same letter twice. Whatever leaves one by one is also
    /// written down one by one, so that a crash leaves one message in doubt.
    pub fn terms(&self) -> Terms {
        let (repeat, batch_rows) = match self {
            Channel::Outbox => (Repeat::Same, 0),
            Channel::Http { idempotent: true } => (Repeat::Same, 1),
            Channel::Http { idempotent: false } | Channel::Mail { .. } => (Repeat::Never, 1),
        };
        Terms { repeat, batch_rows }
    }

    /// Sends what an outbox would have written, each message by itself. `object` says which rows
    /// were refused before.
    pub fn send(
        &self,
        outbox: &Outbox,
        sheet: &Sheet,
        object: Object,
        dry_run: bool,
        host: &SinkHost,
    ) -> Result<Receipt, Error> {
        let unfit: BTreeSet<u32> = object.refused.iter().map(|row| row.row).collect();
        let mut batch = Sending::new(object.refused);
        for (index, row) in (0_u32..).zip(sheet.rows()) {
            if unfit.contains(&index) {
                continue;
            }
            let sent = match batch.stopped {
                Some(_) => Sent::Refused("not-tried", "the channel stopped before it".to_string()),
                None => self.one(outbox, &row, dry_run, host),
            };
            batch.note(index, sent)?;
        }
        Ok(batch.receipt(dry_run))
    }

    fn one(&self, outbox: &Outbox, row: &Row<'_>, dry_run: bool, host: &SinkHost) -> Sent {
        let key = outbox.key(row).unwrap_or_default();
        match self {
            Channel::Outbox => Sent::Taken(String::new()),
            Channel::Http { .. } if dry_run => Sent::Taken(String::new()),
            Channel::Http { idempotent } => {
                let answer = host.http(HTTP, &post::request(row, &key));
                post::outcome(answer, *idempotent)
            }
            Channel::Mail { from } => match letter::message(row, from, &key) {
                Err((code, why)) => Sent::Refused(code, why),
                Ok(_) if dry_run => Sent::Taken(String::new()),
                Ok(message) => letter::outcome(host.mail(MAIL, &message)),
            },
        }
    }
}

/// One batch while it is sent.
struct Sending {
    failed: Vec<RowError>,
    accepted: u32,
    words: String,
    stopped: Option<Error>,
    /// Whether any row was taken or may have been.
    touched: bool,
}

impl Sending {
    fn new(refused: Vec<Refused>) -> Sending {
        let failed = refused.into_iter().map(|row| RowError {
            row: row.row,
            code: row.code.into(),
            message: row.message,
        });
        Sending {
            failed: failed.collect(),
            accepted: 0,
            words: String::new(),
            stopped: None,
            touched: false,
        }
    }

    /// Fails as a whole only while no row has left.
    fn note(&mut self, row: u32, sent: Sent) -> Result<(), Error> {
        let mut fail = |code: &str, message: String| {
            self.failed.push(RowError {
                row,
                code: code.to_string(),
                message,
            });
        };
        match sent {
            Sent::Taken(words) => {
                self.accepted += 1;
                self.touched = true;
                self.words = words;
            }
            Sent::Refused(code, message) => fail(code, message),
            Sent::Unknown(message) => {
                fail(Receipt::UNKNOWN, message);
                self.touched = true;
            }
            Sent::Stop(error) if !self.touched => return Err(error),
            Sent::Stop(error) => {
                fail(&error.code, error.message.clone());
                self.stopped = Some(error);
            }
        }
        Ok(())
    }

    fn receipt(self, dry_run: bool) -> Receipt {
        let summary = match (dry_run, self.accepted, self.failed.len()) {
            (true, count, refused) => format!("dry run: {count} would be sent, {refused} refused"),
            (false, 1, 0) => self.words,
            (false, count, refused) => format!("{count} sent, {refused} not"),
        };
        Receipt {
            accepted: self.accepted,
            failed: self.failed,
            durable_through: None,
            summary,
        }
    }
}

/// An error of the host in which nothing of a message can have arrived: it concerns the message
/// alone, or the whole channel.
pub fn untaken(error: Error) -> Sent {
    match error.recovery {
        Recovery::RejectData => Sent::Refused("refused", error.message.clone()),
        _ => Sent::Stop(error),
    }
}
