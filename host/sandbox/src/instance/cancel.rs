//! The switch that stops guests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::limits::TICK_MS;

/// Stops every guest that was started with it. Clones share the switch.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

/// The switch of the whole process.
static ALL: AtomicBool = AtomicBool::new(false);

impl Cancel {
    /// Stops the guests at their next tick.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Stops every guest of the process, also those that only describe themselves. It cannot be
    /// undone: the process is about to end.
    pub fn all() {
        ALL.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) || ALL.load(Ordering::Relaxed)
    }

    /// Waits for the switch, polling it as often as a running guest would.
    pub async fn cancelled(&self) {
        while !self.is_cancelled() {
            tokio::time::sleep(Duration::from_millis(TICK_MS)).await;
        }
    }
}
