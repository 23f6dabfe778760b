//! Types of columns, and the schema of a batch.
use crate::error::Error;

/// The type of a column. Only these cross between host and plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataType {
    /// `b`
    Bool,
    /// `c`
    I8,
    /// `s`
    I16,
    /// `i`
    I32,
    /// `l`
    I64,
    /// `C`
    U8,
    /// `S`
    U16,
    /// `I`
    U32,
    /// `L`
    U64,
    /// `f`
    F32,
    /// `g`
    F64,
    /// `u`
    Utf8,
    /// `z`
    Binary,
    /// `tdD`: days since 1970-01-01.
    Date,
    /// `tsu:<zone>`: microseconds since 1970-01-01T00:00:00 UTC; no zone when empty.
    Timestamp {
        /// `UTC`, an IANA name, or empty.
        zone: String,
    },
    /// `d:<precision>,<scale>`: 128 bits.
    Decimal {
        precision: u8,
        /// Digits after the point.
        scale: i8,
    },
    /// Times, durations, intervals, dates in milliseconds, and timestamps in other units than
    /// microseconds: `tdm`, `tts` to `ttn`, `tDs` to `tDn`, `tiM`, `tiD`, `tin`, `tss:` and so on.
    /// They pass through as what they are; those of 4 and 8 bytes are read as `i32` and `i64`, and
    /// intervals of several parts as single values of bytes.
    Other {
        /// The Arrow C format string.
        format: String,
        /// Bytes of a value: 4, 8 or 16.
        width: usize,
    },
    /// `+l`
    List(Box<Field>),
    /// `+s`
    Struct(Vec<Field>),
    /// `+m`: a list of entries, each a struct of key and value.
    Map(Box<Field>),
}

impl DataType {
    /// A timestamp in UTC.
    pub fn timestamp() -> Self {
        Self::Timestamp { zone: "UTC".into() }
    }

    /// A list of nullable items.
    pub fn list(item: DataType) -> Self {
        Self::List(Box::new(Field::new("item", item).nullable()))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub data_type: DataType,
    /// Whether it may hold nulls.
    pub nullable: bool,
    /// Facts about the column that travel with it.
    pub metadata: Vec<(String, String)>,
}

impl Field {
    /// A field that holds no nulls.
    pub fn new(name: impl Into<String>, data_type: DataType) -> Self {
        Self {
            name: name.into(),
            data_type,
            nullable: false,
            metadata: Vec::new(),
        }
    }

    /// The same field, allowed to hold nulls.
    #[must_use]
    pub fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }
}

/// The columns of a batch, in order.
///
/// ```
/// use tsugi_plugin::Schema;
/// let schema = Schema::new().utf8("lot").f64("rate").nullable().i64("shipped");
/// assert_eq!(schema.fields().len(), 3);
/// assert!(schema.fields()[1].nullable);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    fields: Vec<Field>,
}

macro_rules! plain_columns {
    ($($name:ident => $data_type:expr),* $(,)?) => {$(
        #[doc = concat!("Adds a `", stringify!($name), "` column that holds no nulls.")]
        #[must_use]
        pub fn $name(self, name: impl Into<String>) -> Self {
            self.with(Field::new(name, $data_type))
        }
    )*};
}

impl Schema {
    /// A schema of no columns.
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn with(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    plain_columns! {
        bool => DataType::Bool, i8 => DataType::I8, i16 => DataType::I16, i32 => DataType::I32,
        i64 => DataType::I64, u8 => DataType::U8, u16 => DataType::U16, u32 => DataType::U32,
        u64 => DataType::U64, f32 => DataType::F32, f64 => DataType::F64, utf8 => DataType::Utf8,
        binary => DataType::Binary, date => DataType::Date, timestamp => DataType::timestamp(),
    }

    /// Adds a decimal column that holds no nulls.
    #[must_use]
    pub fn decimal(self, name: impl Into<String>, precision: u8, scale: i8) -> Self {
        self.with(Field::new(name, DataType::Decimal { precision, scale }))
    }

    /// Adds a list column; its items may be null.
    #[must_use]
    pub fn list(self, name: impl Into<String>, item: DataType) -> Self {
        self.with(Field::new(name, DataType::list(item)))
    }

    /// Adds a struct column with the columns of `fields`.
    #[must_use]
    pub fn structure(self, name: impl Into<String>, fields: Schema) -> Self {
        self.with(Field::new(name, DataType::Struct(fields.fields)))
    }

    /// Lets the column added last hold nulls.
    #[must_use]
    pub fn nullable(mut self) -> Self {
        if let Some(last) = self.fields.last_mut() {
            last.nullable = true;
        }
        self
    }

    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The place of the column of this name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The columns of these names, in this order. Fails on a name that is not there.
    pub fn select<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Result<Schema, Error> {
        let mut fields = Vec::new();
        for name in names {
            let found = self.index_of(name).and_then(|at| self.fields.get(at));
            fields.push(found.ok_or_else(|| self.missing(name))?.clone());
        }
        Ok(Schema { fields })
    }

    pub(crate) fn missing(&self, name: &str) -> Error {
        let names: Vec<&str> = self
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        Error::config("missing-column", format!("there is no column `{name}`"))
            .detail(format!("the columns are: {}", names.join(", ")))
    }
}

impl FromIterator<Field> for Schema {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        Self {
            fields: fields.into_iter().collect(),
        }
    }
}
