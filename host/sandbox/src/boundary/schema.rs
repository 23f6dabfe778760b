//! Arrow schemas as the contract spells them: fields in pre-order with Arrow C format strings.
//!
//! The types that cross are the named list in [`format_of`]; everything else is refused when a
//! query is planned. Reference: the Arrow C data interface, "Data type description".

use std::sync::Arc;

use arrow::datatypes::{DataType, Field as ArrowField, FieldRef, Fields, IntervalUnit, TimeUnit};

use super::wire::Field;
use crate::text::clip;

/// Deepest nesting of a type: a guest that describes more is refused, so that no walk over a
/// type can exhaust the stack.
const TYPE_DEPTH_MAX: usize = 16;
/// Most fields in one schema, children included.
const FIELDS_MAX: usize = 4096;
/// Longest name of a field, function, port or stream, in bytes.
pub(crate) const NAME_MAX_BYTES: usize = 256;

/// The Arrow C format string of a type that crosses, or none.
fn format_of(data_type: &DataType) -> Option<String> {
    use DataType as T;
    Some(match data_type {
        T::Boolean => "b".into(),
        T::Int8 => "c".into(),
        T::UInt8 => "C".into(),
        T::Int16 => "s".into(),
        T::UInt16 => "S".into(),
        T::Int32 => "i".into(),
        T::UInt32 => "I".into(),
        T::Int64 => "l".into(),
        T::UInt64 => "L".into(),
        T::Float32 => "f".into(),
        T::Float64 => "g".into(),
        T::Utf8 => "u".into(),
        T::Binary => "z".into(),
        T::Date32 => "tdD".into(),
        T::Date64 => "tdm".into(),
        T::Time32(unit) | T::Time64(unit) => format!("tt{}", unit_letter(unit)),
        T::Timestamp(unit, zone) => {
            format!("ts{}:{}", unit_letter(unit), zone.as_deref().unwrap_or(""))
        }
        T::Duration(unit) => format!("tD{}", unit_letter(unit)),
        T::Interval(IntervalUnit::YearMonth) => "tiM".into(),
        T::Interval(IntervalUnit::DayTime) => "tiD".into(),
        T::Interval(IntervalUnit::MonthDayNano) => "tin".into(),
        T::Decimal128(precision, scale) => format!("d:{precision},{scale}"),
        T::List(_) => "+l".into(),
        T::Struct(_) => "+s".into(),
        T::Map(_, false) => "+m".into(),
        _ => return None,
    })
}

/// The plain type of `data_type` at the boundary: views, large offsets and
/// dictionaries are gathered into it. None when the type does not cross at all.
pub fn plain(data_type: &DataType) -> Option<DataType> {
    use DataType as T;
    let child = |field: &FieldRef| -> Option<FieldRef> {
        Some(Arc::new(
            ArrowField::new(field.name(), plain(field.data_type())?, field.is_nullable())
                .with_metadata(field.metadata().clone()),
        ))
    };
    Some(match data_type {
        T::Utf8 | T::LargeUtf8 | T::Utf8View => T::Utf8,
        T::Binary | T::LargeBinary | T::BinaryView => T::Binary,
        T::Dictionary(_, value) => plain(value)?,
        T::List(field) | T::LargeList(field) | T::ListView(field) => T::List(child(field)?),
        T::Struct(fields) => {
            T::Struct(fields.iter().map(child).collect::<Option<Vec<_>>>()?.into())
        }
        T::Map(field, false) => T::Map(child(field)?, false),
        other => {
            format_of(other)?;
            other.clone()
        }
    })
}

/// Fields for the contract, of types that are plain already.
///
/// # Errors
/// The name and type of the first field that does not cross.
pub(crate) fn to_wire<'a>(
    fields: impl IntoIterator<Item = &'a FieldRef>,
) -> Result<Vec<Field>, (String, DataType)> {
    let mut out = Vec::new();
    for field in fields {
        push_wire(field, &mut out)?;
    }
    Ok(out)
}

fn push_wire(field: &FieldRef, out: &mut Vec<Field>) -> Result<(), (String, DataType)> {
    let format = format_of(field.data_type())
        .ok_or_else(|| (field.name().clone(), field.data_type().clone()))?;
    let children: Vec<&FieldRef> = match field.data_type() {
        DataType::List(child) | DataType::Map(child, _) => vec![child],
        DataType::Struct(children) => children.iter().collect(),
        _ => Vec::new(),
    };
    out.push(Field {
        name: field.name().clone(),
        format,
        nullable: field.is_nullable(),
        children: u32::try_from(children.len()).unwrap_or(u32::MAX),
        metadata: Vec::new(),
    });
    for child in children {
        push_wire(child, out)?;
    }
    Ok(())
}

/// Fields a guest described, checked.
///
/// # Errors
/// What is wrong with the description, as a sentence.
pub(crate) fn from_wire(fields: &[Field]) -> Result<Fields, String> {
    if fields.len() > FIELDS_MAX {
        return Err(format!(
            "a schema of {} fields: at most {FIELDS_MAX}",
            fields.len()
        ));
    }
    let mut rest = fields;
    let mut out = Vec::new();
    while !rest.is_empty() {
        let (field, after) = next_field(rest, 0)?;
        out.push(field);
        rest = after;
    }
    Ok(out.into())
}

fn next_field(fields: &[Field], depth: usize) -> Result<(FieldRef, &[Field]), String> {
    if depth > TYPE_DEPTH_MAX {
        return Err(format!("a type nested deeper than {TYPE_DEPTH_MAX}"));
    }
    let (field, mut rest) = fields
        .split_first()
        .ok_or_else(|| "a field whose children are missing".to_owned())?;
    if field.name.len() > NAME_MAX_BYTES {
        return Err(format!(
            "a field name of {} bytes: at most {NAME_MAX_BYTES}",
            field.name.len()
        ));
    }
    let mut children = Vec::new();
    for _ in 0..field.children {
        let (child, after) = next_field(rest, depth + 1)?;
        children.push(child);
        rest = after;
    }
    let data_type = type_of(field, children)?;
    Ok((
        Arc::new(ArrowField::new(&field.name, data_type, field.nullable)),
        rest,
    ))
}

fn type_of(field: &Field, mut children: Vec<FieldRef>) -> Result<DataType, String> {
    let wrong = || {
        format!(
            "the field `{}` has the format `{}`",
            field.name,
            clip(field.format.clone())
        )
    };
    let format = field.format.as_str();
    match format {
        "+s" => return Ok(DataType::Struct(children.into())),
        "+l" | "+m" => {
            let (Some(child), true) = (children.pop(), children.is_empty()) else {
                return Err(format!(
                    "{} with {} children: it takes one",
                    wrong(),
                    field.children
                ));
            };
            if format == "+l" {
                return Ok(DataType::List(child));
            }
            let entries = matches!(child.data_type(), DataType::Struct(f) if f.len() == 2);
            return if entries && !child.is_nullable() {
                Ok(DataType::Map(child, false))
            } else {
                Err(format!(
                    "{}, whose child must be a non-null struct of two",
                    wrong()
                ))
            };
        }
        _ if !children.is_empty() => {
            return Err(format!("{} and children: it takes none", wrong()));
        }
        _ => {}
    }
    scalar_type(format).ok_or_else(|| format!("{}, which does not cross", wrong()))
}

/// The type of a format string without children, or none.
pub(crate) fn scalar_type(format: &str) -> Option<DataType> {
    use DataType as T;
    let simple = match format {
        "b" => T::Boolean,
        "c" => T::Int8,
        "C" => T::UInt8,
        "s" => T::Int16,
        "S" => T::UInt16,
        "i" => T::Int32,
        "I" => T::UInt32,
        "l" => T::Int64,
        "L" => T::UInt64,
        "f" => T::Float32,
        "g" => T::Float64,
        "u" => T::Utf8,
        "z" => T::Binary,
        "tdD" => T::Date32,
        "tdm" => T::Date64,
        "tts" => T::Time32(TimeUnit::Second),
        "ttm" => T::Time32(TimeUnit::Millisecond),
        "ttu" => T::Time64(TimeUnit::Microsecond),
        "ttn" => T::Time64(TimeUnit::Nanosecond),
        "tDs" => T::Duration(TimeUnit::Second),
        "tDm" => T::Duration(TimeUnit::Millisecond),
        "tDu" => T::Duration(TimeUnit::Microsecond),
        "tDn" => T::Duration(TimeUnit::Nanosecond),
        "tiM" => T::Interval(IntervalUnit::YearMonth),
        "tiD" => T::Interval(IntervalUnit::DayTime),
        "tin" => T::Interval(IntervalUnit::MonthDayNano),
        _ => return timestamp(format).or_else(|| decimal(format)),
    };
    Some(simple)
}

fn timestamp(format: &str) -> Option<DataType> {
    let (unit, zone) = format.strip_prefix("ts")?.split_once(':')?;
    let unit = match unit {
        "s" => TimeUnit::Second,
        "m" => TimeUnit::Millisecond,
        "u" => TimeUnit::Microsecond,
        "n" => TimeUnit::Nanosecond,
        _ => return None,
    };
    let known = zone.len() <= 64 && zone.chars().all(|c| c.is_ascii_graphic());
    known.then(|| DataType::Timestamp(unit, (!zone.is_empty()).then(|| zone.into())))
}

fn decimal(format: &str) -> Option<DataType> {
    let (precision, scale) = format.strip_prefix("d:")?.split_once(',')?;
    let (precision, scale): (u8, i8) = (precision.parse().ok()?, scale.parse().ok()?);
    let fits = (1..=38).contains(&precision) && scale >= 0 && scale as u8 <= precision;
    fits.then_some(DataType::Decimal128(precision, scale))
}

fn unit_letter(unit: &TimeUnit) -> char {
    match unit {
        TimeUnit::Second => 's',
        TimeUnit::Millisecond => 'm',
        TimeUnit::Microsecond => 'u',
        TimeUnit::Nanosecond => 'n',
    }
}

/// The same field, nullable: a value that could not be computed is null.
pub(crate) fn nullable(field: &FieldRef) -> FieldRef {
    if field.is_nullable() {
        Arc::clone(field)
    } else {
        Arc::new(field.as_ref().clone().with_nullable(true))
    }
}
