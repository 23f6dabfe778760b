//! The levels of `attribute`: what a verdict asks for.

use crate::input::{InputError, level};

/// The options of `attribute`, checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Options {
    /// q below this makes a leading suspect.
    pub alpha: f64,
    /// q below this needs a person.
    pub review_alpha: f64,
    /// Complaints that a leading suspect must have at least.
    pub min_complaints: u64,
    /// The rate ratio's interval must lie above this for a leading suspect: with many units even a
    /// ratio near 1 is no chance, and yet it is no cause that anybody looks for.
    pub min_ratio: f64,
}

/// A window that was searched has its two ends at complaints; those do not speak for it.
const ENDS: u64 = 2;

impl Options {
    /// Complaints that a leading suspect has at least, a searched window or another.
    pub(crate) fn least(&self, searched: bool) -> u64 {
        self.min_complaints + if searched { ENDS } else { 0 }
    }

    /// Checks the levels.
    ///
    /// # Errors
    /// [`InputError::BadOption`] names the argument and what it must be.
    pub(crate) fn check(
        alpha: f64,
        review_alpha: f64,
        min_complaints: i64,
        min_ratio: f64,
    ) -> Result<Self, InputError> {
        let alpha = level("alpha", alpha)?;
        let review_alpha = level("review_alpha", review_alpha)?;
        if review_alpha < alpha {
            let reason = format!("it must be at least alpha ({alpha})");
            return Err(bad("review_alpha", &review_alpha.to_string(), reason));
        }
        let min_complaints = u64::try_from(min_complaints).map_err(|_| {
            bad(
                "min_complaints",
                &min_complaints.to_string(),
                "it must be at least 0".to_owned(),
            )
        })?;
        if !(min_ratio.is_finite() && min_ratio >= 1.0) {
            let reason = "a ratio of rates, at least 1, such as 1.5".to_owned();
            return Err(bad("min_ratio", &min_ratio.to_string(), reason));
        }
        Ok(Self {
            alpha,
            review_alpha,
            min_complaints,
            min_ratio,
        })
    }
}

fn bad(option: &'static str, given: &str, reason: String) -> InputError {
    InputError::BadOption {
        option,
        given: given.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_that_make_no_sense_are_refused_by_name() {
        let refused = |alpha, review, least, ratio| {
            Options::check(alpha, review, least, ratio)
                .unwrap_err()
                .to_string()
        };
        assert!(refused(0.0, 0.1, 5, 1.0).contains("alpha"));
        assert!(refused(0.05, 0.01, 5, 1.0).contains("at least alpha"));
        assert!(refused(f64::NAN, 0.1, 5, 1.0).contains("alpha"));
        assert!(refused(0.05, 0.1, -1, 1.0).contains("min_complaints"));
        for ratio in [0.9, f64::NAN, f64::INFINITY] {
            assert!(refused(0.05, 0.1, 5, ratio).contains("min_ratio"));
        }
    }
}
