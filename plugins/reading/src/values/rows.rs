//! Typed rows by column, written straight into the buffers that cross to the host: validity
//! bits, then offsets and text or plain little-endian values.

use crate::values::Value;

/// Rows of one schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    pub count: u32,
    /// Nulls of each column.
    pub nulls: Vec<u32>,
    /// Of each column its validity (empty without nulls), then its data buffers.
    pub buffers: Vec<Vec<u8>>,
}

/// One column that is being written.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    validity: Vec<u8>,
    nulls: u32,
    rows: u32,
    data: Data,
}

#[derive(Clone, Debug)]
enum Data {
    Fixed { bytes: Vec<u8>, width: usize },
    Bits(Vec<u8>),
    Text { offsets: Vec<u8>, text: Vec<u8> },
}

impl Column {
    /// An empty column of an Arrow format that the mapping knows.
    pub(crate) fn new(kind: crate::mapping::ColumnType) -> Self {
        use crate::mapping::ColumnType as Kind;
        let fixed = |width| Data::Fixed {
            bytes: Vec::new(),
            width,
        };
        let data = match kind {
            Kind::Text => Data::Text {
                offsets: 0_i32.to_le_bytes().to_vec(),
                text: Vec::new(),
            },
            Kind::Boolean => Data::Bits(Vec::new()),
            Kind::Date => fixed(4),
            Kind::Integer | Kind::Number | Kind::Timestamp => fixed(8),
            Kind::Decimal { .. } => fixed(16),
        };
        Self {
            validity: Vec::new(),
            nulls: 0,
            rows: 0,
            data,
        }
    }

    /// Adds a value. `text` is what [`Value::Text`] stands for.
    pub(crate) fn push(&mut self, value: Value, text: &str) {
        let row = self.rows as usize;
        let valid = value != Value::Null;
        set_bit(&mut self.validity, row, valid);
        self.nulls += u32::from(!valid);
        self.rows += 1;
        match &mut self.data {
            Data::Bits(bits) => set_bit(bits, row, value == Value::Boolean(true)),
            Data::Text { offsets, text: all } => {
                if valid {
                    all.extend_from_slice(text.as_bytes());
                }
                // A batch is bounded far below 2 GiB.
                offsets
                    .extend_from_slice(&i32::try_from(all.len()).unwrap_or(i32::MAX).to_le_bytes());
            }
            Data::Fixed { bytes, width } => match value {
                Value::Integer(number) | Value::Micros(number) => {
                    bytes.extend_from_slice(&number.to_le_bytes())
                }
                Value::Number(number) => bytes.extend_from_slice(&number.to_le_bytes()),
                Value::Decimal(units) => bytes.extend_from_slice(&units.to_le_bytes()),
                Value::Days(days) => bytes.extend_from_slice(&days.to_le_bytes()),
                Value::Null | Value::Text | Value::Boolean(_) => {
                    bytes.resize(bytes.len() + *width, 0)
                }
            },
        }
    }

    fn finish(self, rows: &mut Rows) {
        rows.nulls.push(self.nulls);
        rows.buffers.push(if self.nulls == 0 {
            Vec::new()
        } else {
            self.validity
        });
        match self.data {
            Data::Fixed { bytes, .. } | Data::Bits(bytes) => rows.buffers.push(bytes),
            Data::Text { offsets, text } => rows.buffers.extend([offsets, text]),
        }
    }
}

/// Puts columns of one length together.
pub(crate) fn finish(count: u32, columns: Vec<Column>) -> Rows {
    let mut rows = Rows {
        count,
        ..Rows::default()
    };
    columns
        .into_iter()
        .for_each(|column| column.finish(&mut rows));
    rows
}

fn set_bit(bits: &mut Vec<u8>, at: usize, on: bool) {
    if at.is_multiple_of(8) {
        bits.push(u8::from(on));
    } else if let Some(last) = bits.last_mut() {
        *last |= u8::from(on) << (at % 8);
    }
}
