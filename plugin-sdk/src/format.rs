//! Arrow C Data Interface format strings, and field trees in pre-order.
use crate::bindings::imports::tsugi::plugin::types::Field as WireField;
use std::fmt;

use crate::error::Error;
use crate::schema::{DataType, Field, Schema};

/// Real tables stay under four levels; a hostile schema must not exhaust the stack.
const NESTING_MAX: usize = 16;

impl DataType {
    /// Its Arrow C Data Interface format string, without its children.
    pub fn format(&self) -> String {
        let plain = match self {
            Self::Bool => "b",
            Self::I8 => "c",
            Self::I16 => "s",
            Self::I32 => "i",
            Self::I64 => "l",
            Self::U8 => "C",
            Self::U16 => "S",
            Self::U32 => "I",
            Self::U64 => "L",
            Self::F32 => "f",
            Self::F64 => "g",
            Self::Utf8 => "u",
            Self::Binary => "z",
            Self::Date => "tdD",
            Self::List(_) => "+l",
            Self::Struct(_) => "+s",
            Self::Map(_) => "+m",
            Self::Timestamp { zone } => return format!("tsu:{zone}"),
            Self::Other { format, .. } => return format.clone(),
            Self::Decimal { precision, scale } => return format!("d:{precision},{scale}"),
        };
        plain.to_owned()
    }
}

/// Its name in SQL; the format string where it has none.
impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Bool => "BOOLEAN",
            Self::I8 => "TINYINT",
            Self::I16 => "SMALLINT",
            Self::I32 => "INT",
            Self::I64 => "BIGINT",
            Self::U8 => "TINYINT UNSIGNED",
            Self::U16 => "SMALLINT UNSIGNED",
            Self::U32 => "INT UNSIGNED",
            Self::U64 => "BIGINT UNSIGNED",
            Self::F32 => "REAL",
            Self::F64 => "DOUBLE",
            Self::Utf8 => "VARCHAR",
            Self::Binary => "BYTEA",
            Self::Date => "DATE",
            Self::Timestamp { .. } => "TIMESTAMP",
            Self::Struct(_) => "STRUCT",
            Self::Map(_) => "MAP",
            Self::List(item) => return write!(f, "{}[]", item.data_type),
            Self::Decimal { precision, scale } => {
                return write!(f, "DECIMAL({precision}, {scale})");
            }
            Self::Other { format, .. } => return write!(f, "`{format}`"),
        };
        f.write_str(name)
    }
}

impl Schema {
    /// The fields in pre-order, as they cross.
    pub fn to_wire(&self) -> Vec<WireField> {
        let mut flat = Vec::with_capacity(self.fields().len());
        for field in self.fields() {
            flatten_into(field, &mut flat);
        }
        flat
    }

    /// Reads fields in pre-order. Fails on a type that does not cross, on a wrong count of
    /// children, and on nesting deeper than 16.
    pub fn from_wire(fields: &[WireField]) -> Result<Schema, Error> {
        let mut rest = fields.iter();
        let mut raised = Vec::new();
        while let Some(first) = rest.next() {
            raised.push(raise_one(first, &mut rest, 0)?);
        }
        Ok(raised.into_iter().collect())
    }
}

fn plain(format: &str) -> Option<DataType> {
    Some(match format {
        "b" => DataType::Bool,
        "c" => DataType::I8,
        "s" => DataType::I16,
        "i" => DataType::I32,
        "l" => DataType::I64,
        "C" => DataType::U8,
        "S" => DataType::U16,
        "I" => DataType::U32,
        "L" => DataType::U64,
        "f" => DataType::F32,
        "g" => DataType::F64,
        "u" => DataType::Utf8,
        "z" => DataType::Binary,
        "tdD" => DataType::Date,
        _ => {
            if let Some(zone) = format.strip_prefix("tsu:") {
                return Some(DataType::Timestamp {
                    zone: zone.to_owned(),
                });
            }
            if let Some(width) = other(format) {
                let format = format.to_owned();
                return Some(DataType::Other { format, width });
            }
            let (precision, scale) = format.strip_prefix("d:")?.split_once(',')?;
            let precision = precision
                .parse()
                .ok()
                .filter(|digits| (1..=38).contains(digits))?;
            DataType::Decimal {
                precision,
                scale: scale.parse().ok()?,
            }
        }
    })
}

/// The width of a type that has no Rust type here.
fn other(format: &str) -> Option<usize> {
    match format.split_once(':').map_or(format, |(unit, _)| unit) {
        "tts" | "ttm" | "tiM" => Some(4),
        "tdm" | "ttu" | "ttn" | "tDs" | "tDm" | "tDu" | "tDn" | "tiD" => Some(8),
        "tss" | "tsm" | "tsn" if format.contains(':') => Some(8),
        "tin" => Some(16),
        _ => None,
    }
}

fn flatten_into(field: &Field, flat: &mut Vec<WireField>) {
    let children: &[Field] = match &field.data_type {
        DataType::List(item) | DataType::Map(item) => std::slice::from_ref(item),
        DataType::Struct(children) => children,
        _ => &[],
    };
    flat.push(WireField {
        name: field.name.clone(),
        format: field.data_type.format(),
        nullable: field.nullable,
        children: u32::try_from(children.len()).unwrap_or(u32::MAX),
        metadata: field.metadata.clone(),
    });
    for child in children {
        flatten_into(child, flat);
    }
}

fn raise_one(
    wire: &WireField,
    rest: &mut std::slice::Iter<'_, WireField>,
    depth: usize,
) -> Result<Field, Error> {
    let bad = |what: &str| {
        Error::defect(
            "bad-schema",
            format!("column `{}` ({}): {what}", wire.name, wire.format),
        )
    };
    if depth > NESTING_MAX {
        return Err(bad("it is nested deeper than 16 levels"));
    }
    let mut children = Vec::new();
    for _ in 0..wire.children {
        let child = rest.next().ok_or_else(|| bad("a child field is missing"))?;
        children.push(raise_one(child, rest, depth + 1)?);
    }
    let data_type = match wire.format.as_str() {
        "+s" => DataType::Struct(children),
        "+l" | "+m" => {
            let mut children = children.into_iter();
            let (Some(only), None) = (children.next(), children.next()) else {
                return Err(bad("a list or a map has exactly one child"));
            };
            if wire.format == "+l" {
                DataType::List(Box::new(only))
            } else if matches!(&only.data_type, DataType::Struct(pair) if pair.len() == 2) {
                DataType::Map(Box::new(only))
            } else {
                return Err(bad("the entries of a map are a struct of key and value"));
            }
        }
        other if children.is_empty() => {
            plain(other).ok_or_else(|| bad("this type does not cross"))?
        }
        _ => return Err(bad("a plain type has no children")),
    };
    Ok(Field {
        name: wire.name.clone(),
        data_type,
        nullable: wire.nullable,
        metadata: wire.metadata.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_survives_the_crossing() {
        let schema = Schema::new()
            .utf8("name")
            .structure("score", Schema::new().f64("value").utf8("label").nullable())
            .nullable()
            .list("topics", DataType::Utf8)
            .decimal("price", 19, 4)
            .timestamp("at")
            .with(Field::new("took", plain("tDn").unwrap()))
            .with(Field::new("when", plain("tsm:Asia/Tokyo").unwrap()));
        let wire = schema.to_wire();
        let formats: Vec<&str> = wire.iter().map(|field| field.format.as_str()).collect();
        assert_eq!(
            formats.join(" "),
            "u +s g u +l u d:19,4 tsu:UTC tDn tsm:Asia/Tokyo"
        );
        assert_eq!(wire[1].children, 2);
        assert_eq!(Schema::from_wire(&wire).unwrap(), schema);
    }

    #[test]
    fn broken_fields_are_refused() {
        let field = |format: &str, children| WireField {
            name: "x".into(),
            format: format.into(),
            nullable: true,
            children,
            metadata: Vec::new(),
        };
        for (fields, message) in [
            (vec![field("vu", 0)], "does not cross"),
            (vec![field("d:39,0", 0)], "does not cross"),
            (vec![field("+s", 1)], "missing"),
            (vec![field("+l", 0)], "exactly one"),
            (vec![field("g", 1), field("g", 0)], "no children"),
            (vec![field("+l", 1); 40], "deeper"),
        ] {
            let error = Schema::from_wire(&fields).unwrap_err();
            assert!(error.message.contains(message), "{error}");
        }
    }
}
