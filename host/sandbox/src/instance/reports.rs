//! What a guest reports beside its rows, within bounds.

use super::breach::Breach;
use crate::boundary::wire::Reject;
use crate::limits::{LISTED_MAX, REJECTS_MAX, REPORTED_MAX_BYTES};

/// Something a person should know about a stream that stops nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub stream: String,
    pub code: String,
    pub message: String,
}

/// The rejects and notices since they were last drained.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    rejects: Vec<Reject>,
    notices: Vec<Notice>,
    /// Of text in both.
    bytes: usize,
}

impl Reports {
    /// # Errors
    /// The bound that the rejects would break.
    pub(crate) fn add_rejects(&mut self, rejects: Vec<Reject>) -> Result<(), Breach> {
        let count = self.rejects.len().saturating_add(rejects.len());
        if count > REJECTS_MAX {
            return Err(Breach::over("rejects in one step", REJECTS_MAX, count));
        }
        self.count_bytes(rejects.iter().map(Reject::bytes).sum())?;
        self.rejects.extend(rejects);
        Ok(())
    }

    /// Drops notices above their number: they are for people.
    ///
    /// # Errors
    /// The bound that its text would break.
    pub(crate) fn add_notice(&mut self, notice: Notice) -> Result<(), Breach> {
        self.count_bytes(notice.stream.len() + notice.code.len() + notice.message.len())?;
        if self.notices.len() < LISTED_MAX {
            self.notices.push(notice);
        }
        Ok(())
    }

    fn count_bytes(&mut self, bytes: usize) -> Result<(), Breach> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > REPORTED_MAX_BYTES {
            let name = "bytes reported in one step";
            return Err(Breach::over(name, REPORTED_MAX_BYTES, self.bytes));
        }
        Ok(())
    }

    pub(crate) fn drain(&mut self) -> (Vec<Reject>, Vec<Notice>) {
        let drained = std::mem::take(self);
        (drained.rejects, drained.notices)
    }
}
