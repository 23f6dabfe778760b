//! The data of a store: the limits, log and clock of one instance, and what it may reach.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use wasmtime::component::ResourceTable;
use wasmtime::{ResourceLimiter, UpdateDeadline};

use super::access::Access;
use super::breach::Breach;
use super::cancel::Cancel;
use super::reports::Reports;
use crate::grants::Granted;
use crate::limits::{
    Charge, Clock, LOG_MAX_BYTES, PARTS_MAX, PluginLimits, TABLE_ENTRIES_MAX, TICK_MS,
};
use crate::text::clip;

/// The data of one store.
pub(crate) struct State {
    pub limits: PluginLimits,
    pub table: ResourceTable,
    pub access: Access,
    pub reports: Reports,
    pub(crate) breach: Option<Breach>,
    pub cancel: Cancel,
    /// Milliseconds since 1970: the clock of guests without the real one, and the seed of their
    /// randomness.
    started_ms: u64,
    random: u64,
    charge: Charge,
    memory_bytes: u64,
    log: Vec<u8>,
    clock: Clock,
    ticks: u64,
    ticks_max: u64,
}

impl State {
    pub(crate) fn new(
        limits: PluginLimits,
        granted: Granted,
        charge: Charge,
        cancel: Cancel,
        started_ms: u64,
    ) -> Self {
        let random = if granted.random {
            RandomState::new().build_hasher().finish()
        } else {
            started_ms ^ 0x9E37_79B9_7F4A_7C15
        };
        Self {
            limits,
            table: ResourceTable::new(),
            access: Access::new(granted),
            reports: Reports::default(),
            breach: None,
            cancel,
            started_ms,
            random,
            charge,
            memory_bytes: 0,
            log: Vec::new(),
            clock: Clock::Call,
            ticks: 0,
            ticks_max: 0,
        }
    }

    /// The clock the guest sees, in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> u64 {
        if !self.access.granted.clock {
            return self.started_ms;
        }
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(self.started_ms)
    }

    /// Linear memory this instance holds.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory_bytes
    }

    /// Starts the clock of one call.
    pub(crate) fn begin_call(&mut self, clock: Clock) {
        let (max_ms, _) = self.limits.time(clock);
        self.clock = clock;
        self.ticks = 0;
        self.ticks_max = max_ms.div_ceil(TICK_MS).max(1);
        self.breach = None;
        self.access.begin_call();
    }

    /// One tick of the epoch thread, observed by the running guest. False stops it.
    pub(crate) fn tick(&mut self) -> bool {
        self.ticks += 1;
        if self.cancel.is_cancelled() {
            self.breach = Some(Breach::Cancelled);
        } else if self.ticks > self.ticks_max {
            self.breach = Some(Breach::Limit {
                name: self.limits.time(self.clock).1,
                limit: self.ticks_max * TICK_MS,
                requested: self.ticks * TICK_MS,
            });
        }
        self.breach.is_none()
    }

    /// Appends what a guest writes; the log keeps its last bytes.
    pub(crate) fn write_log(&mut self, bytes: &[u8]) {
        let end = bytes.len().saturating_sub(LOG_MAX_BYTES)..;
        let bytes = bytes.get(end).unwrap_or_default();
        self.log.extend_from_slice(bytes);
        if self.log.len() > LOG_MAX_BYTES {
            self.log.drain(..self.log.len() - LOG_MAX_BYTES);
        }
    }

    /// The last lines of the log, as the end of an error message; empty without any.
    pub(crate) fn log_tail(&self) -> String {
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

    /// Stops the guest: the error ends its call, which reports the breach.
    pub(crate) fn stop(&mut self, breach: Breach) -> wasmtime::Error {
        self.breach = Some(breach);
        wasmtime::Error::msg("the guest is stopped")
    }

    /// Stops the guest: it used a want that no grant covers.
    pub(crate) fn deny(&mut self, kind: &'static str, name: &str) -> wasmtime::Error {
        let name = clip(name.to_owned());
        self.stop(Breach::Denied { kind, name })
    }

    /// The next number of a seeded sequence (SplitMix64, Steele et al. 2014).
    pub(crate) fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// The epoch callback of pure calls, which run to their end on the calling thread.
pub(crate) fn on_tick(state: &mut State) -> UpdateDeadline {
    if state.tick() {
        UpdateDeadline::Continue(1)
    } else {
        UpdateDeadline::Interrupt
    }
}

/// The epoch callback of hosted calls, which yield to other work at every tick.
pub(crate) fn on_tick_yielding(state: &mut State) -> UpdateDeadline {
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
        if total > self.limits.memory_max_bytes || !self.charge.reserve(more) {
            self.breach = Some(Breach::Limit {
                name: "memory",
                limit: self.limits.memory_max_bytes,
                requested: total,
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
