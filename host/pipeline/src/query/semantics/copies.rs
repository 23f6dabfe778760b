//! What gives a list or a text for every row of a window, bounded by the memory of the session: the
//! engine copies it without asking for any, and ends the process.

use datafusion::arrow::array::{Array as _, ArrayRef};
use datafusion::common::{Result, ScalarValue, resources_err};
use datafusion::logical_expr::Accumulator;

/// How much the values of all rows of a window may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Copies {
    /// Every row of a partition has the same value.
    pub(super) is_whole: bool,
    pub(super) max_bytes: usize,
}

impl Copies {
    pub(super) fn counting(self, inner: Box<dyn Accumulator>) -> Box<dyn Accumulator> {
        Box::new(Counted {
            inner,
            copies: self,
            rows: 0,
            bytes: 0,
        })
    }
}

/// An accumulator whose values are counted.
#[derive(Debug)]
struct Counted {
    inner: Box<dyn Accumulator>,
    copies: Copies,
    rows: usize,
    bytes: usize,
}

impl Accumulator for Counted {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.rows = self
            .rows
            .saturating_add(values.first().map_or(0, |one| one.len()));
        self.inner.update_batch(values)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.inner.retract_batch(values)
    }

    fn supports_retract_batch(&self) -> bool {
        self.inner.supports_retract_batch()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let value = self.inner.evaluate()?;
        let is_copied = matches!(
            value,
            ScalarValue::List(_) | ScalarValue::Utf8(Some(_)) | ScalarValue::LargeUtf8(Some(_))
        );
        if is_copied {
            let copies = if self.copies.is_whole { self.rows } else { 1 };
            self.bytes = self
                .bytes
                .saturating_add(value.size().saturating_mul(copies));
        }
        // Offsets of a list or a text are 32 bits.
        let max_bytes = self.copies.max_bytes.min(i32::MAX.unsigned_abs() as usize);
        match self.bytes > max_bytes {
            true => resources_err!("Window: a value for every row takes {} bytes", self.bytes),
            false => Ok(value),
        }
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.inner.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.inner.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.inner.merge_batch(states)
    }
}
