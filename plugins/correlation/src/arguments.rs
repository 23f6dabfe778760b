//! Arguments that are numbers, checked against their range.

use crate::input::InputError;

/// An argument that is a whole number within its range.
pub(crate) fn within(
    option: &'static str,
    value: i64,
    least: usize,
    most: usize,
) -> Result<usize, InputError> {
    usize::try_from(value)
        .ok()
        .filter(|value| (least..=most).contains(value))
        .ok_or_else(|| InputError::BadOption {
            option,
            given: value.to_string(),
            reason: format!("it must be a whole number from {least} to {most}"),
        })
}

/// An argument that is a finite number above 0.
pub(crate) fn positive(option: &'static str, value: f64) -> Result<f64, InputError> {
    if value.is_finite() && value > 0.0 {
        return Ok(value);
    }
    Err(InputError::BadOption {
        option,
        given: value.to_string(),
        reason: "it must be a finite number above 0".to_owned(),
    })
}
