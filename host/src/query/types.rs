//! Which types a plugin function takes, and how a call is matched to an overload.

use datafusion::arrow::datatypes::{DataType, Fields};

use super::error::QueryError;
use crate::sandbox::plain;

/// The types a call's arguments are brought into, or none when `params` does not fit.
///
/// Strings of any layout are text, nulls are anything, and a number may become a wider one.
/// Nothing else is converted behind the author's back.
pub fn coerced(params: &Fields, given: &[DataType]) -> Option<Vec<DataType>> {
    if params.len() != given.len() {
        return None;
    }
    let fits = |(param, given): (&DataType, &DataType)| -> bool {
        *given == DataType::Null
            || plain(given).is_some_and(|plain| same(param, &plain) || widens(&plain, param))
    };
    params
        .iter()
        .map(|field| field.data_type())
        .zip(given)
        .all(fits)
        .then(|| {
            params
                .iter()
                .map(|field| field.data_type().clone())
                .collect()
        })
}

/// Whether nothing would be converted.
fn is_exact(params: &Fields, given: &[DataType]) -> bool {
    let mut types = params.iter().map(|field| field.data_type()).zip(given);
    params.len() == given.len()
        && types.all(|(param, given)| plain(given).is_some_and(|plain| same(param, &plain)))
}

/// The same type, whatever its children are called.
fn same(a: &DataType, b: &DataType) -> bool {
    a == b || a.equals_datatype(b)
}

fn widens(from: &DataType, to: &DataType) -> bool {
    use DataType as T;
    let rank = |t: &DataType| match t {
        T::Int8 | T::UInt8 => Some(1),
        T::Int16 | T::UInt16 => Some(2),
        T::Int32 | T::UInt32 => Some(3),
        T::Int64 | T::UInt64 => Some(4),
        _ => None,
    };
    match (from, to) {
        (T::Float32 | T::Decimal128(_, _), T::Float64) => true,
        (from, T::Float64) => rank(from).is_some(),
        (from, T::Float32) => rank(from).is_some_and(|rank| rank <= 2),
        (T::UInt64, T::Int64) => true,
        (from, to) => {
            let signed = matches!(to, T::Int8 | T::Int16 | T::Int32 | T::Int64);
            let plain = signed || !matches!(from, T::Int8 | T::Int16 | T::Int32 | T::Int64);
            match (rank(from), rank(to)) {
                (Some(from), Some(to)) => plain && from < to,
                _ => false,
            }
        }
    }
}

/// Finds the overload of these very types, else the first that fits.
///
/// # Errors
/// That none does, with those there are.
pub fn choose<'a, F>(
    name: &str,
    overloads: &'a [F],
    params: impl Fn(&F) -> &Fields,
    given: &[DataType],
) -> Result<(usize, &'a F, Vec<DataType>), QueryError> {
    let exact = overloads.iter().position(|o| is_exact(params(o), given));
    let (from, to) = exact.map_or((0, overloads.len()), |at| (at, at + 1));
    for (i, overload) in overloads.iter().enumerate().take(to).skip(from) {
        if let Some(types) = coerced(params(overload), given) {
            return Ok((i, overload, types));
        }
    }
    let takes: Vec<String> = overloads
        .iter()
        .map(|o| described(name, params(o)))
        .collect();
    Err(QueryError::Call {
        function: name.to_owned(),
        given: given
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
        takes: takes.join(" or "),
    })
}

/// `sentiment(text Utf8, lang Utf8)`.
pub fn described(name: &str, params: &Fields) -> String {
    let params: Vec<String> = params
        .iter()
        .map(|field| format!("{} {}", field.name(), field.data_type()))
        .collect();
    format!("{name}({})", params.join(", "))
}
