//! Lines for the run's log: always granted, bounded by the host. In native tests they stay in their
//! thread, for [`testing::log_lines`](crate::testing::log_lines).
use crate::bindings::imports::tsugi::plugin::log as wit;

pub use wit::Level;

/// Writes a line with named facts.
pub fn log(level: Level, message: &str, fields: &[(String, String)]) {
    #[cfg(target_arch = "wasm32")]
    wit::log(level, message, fields);
    #[cfg(not(target_arch = "wasm32"))]
    native::write(level, message, fields);
}

/// Writes a line for debugging the plugin.
pub fn debug(message: &str) {
    log(Level::Debug, message, &[]);
}

/// Writes a line about the progress of the work.
pub fn info(message: &str) {
    log(Level::Info, message, &[]);
}

/// Writes a line that a person should look at.
pub fn warn(message: &str) {
    log(Level::Warn, message, &[]);
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod native {
    //! The log of native tests.
    use std::cell::RefCell;

    use super::Level;

    thread_local! {
        static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn write(level: Level, message: &str, fields: &[(String, String)]) {
        let facts: String = fields
            .iter()
            .map(|(name, value)| format!(" {name}={value}"))
            .collect();
        let level = format!("{level:?}").replace("Level::", "").to_lowercase();
        LINES.with_borrow_mut(|lines| lines.push(format!("{level}: {message}{facts}")));
    }

    pub(crate) fn drain() -> Vec<String> {
        LINES.take()
    }
}
