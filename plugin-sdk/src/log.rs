//! Lines for the run's log: always granted, bounded by the host. Native tests keep them in
//! their thread; see [`testing::log_lines`](crate::testing::log_lines).
use crate::bindings::imports::tsugi::plugin::log as wit;

pub use wit::Level;

/// Writes a line with named facts.
pub fn log(level: Level, message: &str, fields: &[(String, String)]) {
    #[cfg(target_arch = "wasm32")]
    wit::log(level, message, fields);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::keep_log_line(level, message, fields);
}

/// Writes a line for whoever debugs the plugin.
pub fn debug(message: &str) {
    log(Level::Debug, message, &[]);
}

/// Writes a line that tells how the work goes.
pub fn info(message: &str) {
    log(Level::Info, message, &[]);
}

/// Writes a line that a person should look at.
pub fn warn(message: &str) {
    log(Level::Warn, message, &[]);
}
