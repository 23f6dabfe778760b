//! The report on a batch whose messages leave one by one.

use tsugi_plugin::{Error, Receipt, RowError};

use crate::channels::outcome::Outcome;

pub(crate) struct BatchReport {
    failed: Vec<RowError>,
    accepted: u32,
    words: String,
    stopped: bool,
    /// A message was accepted or may have been.
    touched: bool,
}

impl BatchReport {
    pub(crate) fn new(refused: Vec<RowError>) -> BatchReport {
        BatchReport {
            failed: refused,
            accepted: 0,
            words: String::new(),
            stopped: false,
            touched: false,
        }
    }

    /// Fails only while no message of the batch can have been sent.
    pub(crate) fn add(&mut self, row: u32, sent: Outcome) -> Result<(), Error> {
        let mut fail = |code: &str, message: String| {
            self.failed.push(RowError {
                row,
                code: code.to_string(),
                message,
            });
        };
        match sent {
            Outcome::Accepted(words) => {
                self.accepted += 1;
                self.touched = true;
                self.words = words;
            }
            Outcome::Refused(code, message) => fail(code, message),
            Outcome::Unknown(message) => {
                fail(Receipt::UNKNOWN, message);
                self.touched = true;
            }
            Outcome::Stop(error) if !self.touched => return Err(error),
            Outcome::Stop(error) => {
                fail(&error.code, error.message.clone());
                self.stopped = true;
            }
        }
        Ok(())
    }

    /// No further message of the batch may be tried.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped
    }

    pub(crate) fn receipt(self, dry_run: bool) -> Receipt {
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
