//! What a store carries: the instance's account, its log, its deadline and what it may reach.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wasmtime::component::ResourceTable;
use wasmtime::{ResourceLimiter, UpdateDeadline};

use super::error::SandboxError;
use super::limits::{Charge, Clock, LOG_MAX_BYTES, Limits, PARTS_MAX, TABLE_ENTRIES_MAX, TICK_MS};
use super::reach::{Granted, Reach};

/// Why a guest was stopped, noted where it happened, read when its call has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breach {
    Limit {
        name: &'static str,
        limit: u64,
        asked: u64,
    },
    /// A want of this kind and name that no grant covers.
    Denied {
        kind: &'static str,
        name: String,
    },
    /// A secret that was needed and cannot be had.
    Secret(Box<SandboxError>),
    Cancelled,
}

/// Stops every guest that was started with it. Cloning shares the switch.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

/// The switch of the whole process.
static ALL: AtomicBool = AtomicBool::new(false);

impl Cancel {
    /// Stops them at their next tick.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Stops every guest of the process, those that are being asked what they are too. There is no
    /// way back: the process is about to end.
    pub fn all() {
        ALL.store(true, Ordering::Relaxed);
    }

    /// Whether it has been thrown.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) || ALL.load(Ordering::Relaxed)
    }

    /// Waits until it is thrown, and looks as often as a running guest would.
    pub async fn cancelled(&self) {
        while !self.is_cancelled() {
            tokio::time::sleep(Duration::from_millis(TICK_MS)).await;
        }
    }
}

/// The data of one store.
pub struct State {
    pub(super) limits: Limits,
    pub(super) table: ResourceTable,
    pub(super) reach: Option<Reach>,
    pub(super) breach: Option<Breach>,
    pub(super) cancel: Cancel,
    /// The clock a guest sees: milliseconds since 1970 at which the run started.
    pub(super) started_ms: u64,
    pub(super) random: u64,
    charge: Charge,
    memory_bytes: u64,
    log: Vec<u8>,
    clock: Clock,
    ticks: u64,
    ticks_max: u64,
}

impl State {
    pub(super) fn new(limits: Limits, charge: Charge, cancel: Cancel, started_ms: u64) -> Self {
        Self {
            limits,
            table: ResourceTable::new(),
            reach: None,
            breach: None,
            cancel,
            started_ms,
            random: started_ms ^ 0x9E37_79B9_7F4A_7C15,
            charge,
            memory_bytes: 0,
            log: Vec::new(),
            clock: Clock::Call,
            ticks: 0,
            ticks_max: 0,
        }
    }

    /// What the guest is granted, if it may reach anything.
    pub(super) fn is_granted(&self, what: impl Fn(&Granted) -> bool) -> bool {
        self.reach
            .as_ref()
            .is_some_and(|reach| what(&reach.granted))
    }

    /// The clock the guest sees, in milliseconds since 1970.
    pub(super) fn now_ms(&self) -> u64 {
        if !self.is_granted(|granted| granted.clock) {
            return self.started_ms;
        }
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(self.started_ms)
    }

    /// Linear memory this instance holds.
    pub(super) fn memory_bytes(&self) -> u64 {
        self.memory_bytes
    }

    /// Starts the clock of one call.
    pub(super) fn start(&mut self, clock: Clock) {
        let (max_ms, _) = self.limits.time(clock);
        self.clock = clock;
        self.ticks = 0;
        self.ticks_max = max_ms.div_ceil(TICK_MS).max(1);
        self.breach = None;
        if let Some(reach) = &mut self.reach {
            reach.begin();
        }
    }

    /// One tick of the epoch thread, observed by the running guest. True to go on.
    pub(super) fn tick(&mut self) -> bool {
        self.ticks += 1;
        if self.cancel.is_cancelled() {
            self.breach = Some(Breach::Cancelled);
        } else if self.ticks > self.ticks_max {
            self.breach = Some(Breach::Limit {
                name: self.limits.time(self.clock).1,
                limit: self.ticks_max * TICK_MS,
                asked: self.ticks * TICK_MS,
            });
        }
        self.breach.is_none()
    }

    /// Keeps the end of what a guest writes.
    pub(super) fn write_log(&mut self, bytes: &[u8]) {
        let kept = bytes.len().saturating_sub(LOG_MAX_BYTES)..;
        let bytes = bytes.get(kept).unwrap_or_default();
        self.log.extend_from_slice(bytes);
        if self.log.len() > LOG_MAX_BYTES {
            self.log.drain(..self.log.len() - LOG_MAX_BYTES);
        }
    }

    /// What the guest wrote last, for a message: nothing, or a colon and its last lines.
    pub(super) fn log_tail(&self) -> String {
        let text = String::from_utf8_lossy(&self.log);
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let last = lines.get(lines.len().saturating_sub(4)..);
        let tail = last.unwrap_or_default().join(" | ");
        if tail.is_empty() {
            tail
        } else {
            format!("; it wrote: {tail}")
        }
    }

    /// The next number of a seeded sequence (SplitMix64, Steele et al. 2014).
    pub(super) fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// The epoch callback of pure calls, which run to their end on the calling thread.
pub(super) fn on_tick(state: &mut State) -> UpdateDeadline {
    if state.tick() {
        UpdateDeadline::Continue(1)
    } else {
        UpdateDeadline::Interrupt
    }
}

/// The epoch callback of hosted calls, which give way to other work at every tick.
pub(super) fn on_tick_yielding(state: &mut State) -> UpdateDeadline {
    if state.tick() {
        UpdateDeadline::Yield(1)
    } else {
        UpdateDeadline::Interrupt
    }
}

impl ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let total = self.memory_bytes + more as u64;
        if total > self.limits.memory_max_bytes || !self.charge.take(more) {
            self.breach = Some(Breach::Limit {
                name: "memory",
                limit: self.limits.memory_max_bytes,
                asked: total,
            });
            return Ok(false);
        }
        self.memory_bytes = total;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        Ok(())
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ENTRIES_MAX)
    }

    fn instances(&self) -> usize {
        PARTS_MAX
    }

    fn tables(&self) -> usize {
        PARTS_MAX
    }

    fn memories(&self) -> usize {
        PARTS_MAX
    }
}
