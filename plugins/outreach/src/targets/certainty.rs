//! Whether a person certainly or possibly has the affected product.

use crate::error::config_error;
use tsugi_plugin::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Certainty {
    /// The delivered lot is known.
    Certain,
    /// One of several lots was delivered.
    Possible,
}

impl Certainty {
    /// The value of the column `certainty`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Certainty::Certain => "certain",
            Certainty::Possible => "possible",
        }
    }

    /// Parses `certain` or `possible`; `place` names the row in errors.
    pub(crate) fn parse(text: &str, place: &str) -> Result<Certainty, Error> {
        match text.trim().to_lowercase().as_str() {
            "certain" => Ok(Certainty::Certain),
            "possible" => Ok(Certainty::Possible),
            _ => Err(config_error(
                "unknown-certainty",
                format!("{place}: the certainty {text:?} is not known"),
                "write certain or possible",
            )),
        }
    }
}
