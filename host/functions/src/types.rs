//! Which types a plugin function takes, and how a call is matched to an overload.

use datafusion::arrow::datatypes::{DataType, Fields, TimeUnit};

use super::error::FunctionError;
use tsugi_sandbox::plain;

/// The types a call's arguments are cast to, or `None` when `params` does not fit.
///
/// Strings of any layout are text, nulls are anything, and a number may become a wider one.
/// A timestamp stays as it is and is brought into the unit of its parameter when it crosses, which
/// refuses what that unit does not have. Nothing else is converted implicitly.
pub(crate) fn coerced(params: &Fields, args: &[DataType]) -> Option<Vec<DataType>> {
    if params.len() != args.len() {
        return None;
    }
    let fits = |(param, arg): (&DataType, &DataType)| -> bool {
        *arg == DataType::Null
            || is_moment(arg, param)
            || plain(arg).is_some_and(|plain| same(param, &plain) || widens(&plain, param))
    };
    let types = params.iter().map(|field| field.data_type()).zip(args);
    let cast_to = |(param, arg): (&DataType, &DataType)| match is_moment(arg, param) {
        true => arg.clone(),
        false => param.clone(),
    };
    types
        .clone()
        .all(fits)
        .then(|| types.map(cast_to).collect())
}

/// Whether both are moments, or both times without a zone, in a unit that is no coarser; or
/// microseconds, which are SQL's, for nanoseconds.
pub(crate) fn is_moment(arg: &DataType, param: &DataType) -> bool {
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    let (DataType::Timestamp(from, a), DataType::Timestamp(to, b)) = (arg, param) else {
        return false;
    };
    let rank = |unit: &TimeUnit| match unit {
        Second => 0,
        Millisecond => 1,
        Microsecond | Nanosecond => 2,
    };
    a.is_some() == b.is_some() && rank(from) <= rank(to)
}

/// Whether nothing would be converted.
fn is_exact(params: &Fields, args: &[DataType]) -> bool {
    let mut types = params.iter().map(|field| field.data_type()).zip(args);
    params.len() == args.len()
        && types.all(|(param, arg)| plain(arg).is_some_and(|plain| same(param, &plain)))
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

/// Finds the overload of exactly these types, else the first that fits, with the types its
/// arguments are cast to.
///
/// # Errors
/// [`FunctionError::Call`] with the overloads there are.
pub(crate) fn choose<'a, F>(
    name: &str,
    overloads: &'a [F],
    params: impl Fn(&F) -> &Fields,
    args: &[DataType],
) -> Result<(&'a F, Vec<DataType>), FunctionError> {
    let exact = overloads.iter().find(|o| is_exact(params(o), args));
    let candidates = exact.into_iter().chain(overloads);
    for overload in candidates {
        if let Some(types) = coerced(params(overload), args) {
            return Ok((overload, types));
        }
    }
    let takes: Vec<String> = overloads
        .iter()
        .map(|o| signature(name, params(o)))
        .collect();
    let types: Vec<String> = args.iter().map(ToString::to_string).collect();
    Err(FunctionError::Call {
        function: name.to_owned(),
        types: types.join(", "),
        takes: takes.join(" or "),
    })
}

/// `sentiment(text Utf8, lang Utf8)`.
fn signature(name: &str, params: &Fields) -> String {
    let params: Vec<String> = params
        .iter()
        .map(|field| format!("{} {}", field.name(), field.data_type()))
        .collect();
    format!("{name}({})", params.join(", "))
}
