//! Where the prior of EBGM comes from: fitted to the reports themselves, set by the caller, or none.

use super::PAIRS_MAX;
use super::reports::Reports;
use crate::input::InputError;
use crate::stats::fit::fit;
use crate::stats::shrink::Prior;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PriorOption {
    /// Fitted to the pairs that have reports together, as R openEBGM does.
    Fit,
    /// Fitted to all pairs, those without reports too (DuMouchel 1999, R PhViD).
    FitAll,
    Given(Prior),
    /// No EBGM.
    None,
}

impl PriorOption {
    /// Reads `fit`, `fit all`, `none`, or five numbers between commas.
    ///
    /// # Errors
    /// [`InputError::BadOption`] names what it must be.
    pub(crate) fn parse(text: &str) -> Result<Self, InputError> {
        match text.trim() {
            "fit" => return Ok(Self::Fit),
            "fit all" => return Ok(Self::FitAll),
            "none" => return Ok(Self::None),
            _ => {}
        }
        let numbers: Vec<f64> = text
            .split(',')
            .filter_map(|part| part.trim().parse().ok())
            .collect();
        let all = text.split(',').count() == numbers.len();
        let prior = <[f64; 5]>::try_from(numbers)
            .ok()
            .and_then(|five| Prior::of(&five));
        prior.filter(|_| all).map(Self::Given).ok_or_else(|| InputError::BadOption {
            option: "prior",
            given: format!("'{text}'"),
            reason: "it must be 'fit', 'fit all', 'none', or alpha1, beta1, alpha2, beta2 (above 0) and the share of the first part (between 0 and 1), such as '0.2,0.1,2,4,0.33'".to_owned(),
        })
    }

    /// The prior for these reports; `None` when none is wanted or none can be fitted.
    ///
    /// # Errors
    /// [`InputError::TooMuch`] when `fit all` asks for more pairs than one call may test.
    pub(crate) fn prior(&self, reports: &Reports) -> Result<Option<Prior>, InputError> {
        Ok(match self {
            Self::None => None,
            Self::Given(prior) => Some(*prior),
            Self::Fit => {
                let counts = reports.by_pair.iter().filter(|(_, count)| *count > 0);
                fit(
                    counts
                        .map(|(key, count)| (*count, expected(reports, *key)))
                        .collect(),
                    true,
                )
            }
            Self::FitAll => fit(all(reports)?, false),
        })
    }
}

/// What unit and topic would have together were they independent.
fn expected(reports: &Reports, [family, unit, topic]: [u32; 3]) -> f64 {
    let (unit, topic) = (
        reports.of_unit(family, unit),
        reports.of_topic(family, topic),
    );
    unit as f64 * topic as f64 / (reports.of_family(family) as f64).max(1.0)
}

fn all(reports: &Reports) -> Result<Vec<(u64, f64)>, InputError> {
    let mut counts = Vec::new();
    let mut together = reports.by_pair.iter().copied().peekable();
    for &([family, unit], _) in &reports.by_unit {
        let first = reports.by_topic.partition_point(|(key, _)| key[0] < family);
        let topics = reports.by_topic.iter().skip(first);
        for &([_, topic], _) in topics.take_while(|(key, _)| key[0] == family) {
            let key = [family, unit, topic];
            let found = together.next_if(|(other, _)| *other == key);
            if counts.len() >= PAIRS_MAX {
                return Err(InputError::TooMuch {
                    what: "pairs of unit and topic for prior => 'fit all'",
                    limit: PAIRS_MAX,
                    hint: "Use prior => 'fit', which needs only the pairs that have reports together",
                });
            }
            counts.push((found.map_or(0, |(_, a)| a), expected(reports, key)));
        }
    }
    Ok(counts)
}
