//! `sum(DISTINCT x)` of integers over a window frame that slides.

use std::collections::HashMap;

use datafusion::arrow::array::{ArrayRef, AsArray as _};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::Accumulator;

use super::error::ComputeError;

/// How often each value is in the frame, and the total of the values.
#[derive(Debug)]
pub(super) struct SlidingDistinct {
    counts: HashMap<i64, u64>,
    total: i128,
    expression: String,
}

impl SlidingDistinct {
    pub(super) fn new(expression: &str) -> Self {
        Self {
            counts: HashMap::new(),
            total: 0,
            expression: expression.to_owned(),
        }
    }

    fn enter(&mut self, value: i64) {
        let count = self.counts.entry(value).or_insert(0);
        *count += 1;
        if *count == 1 {
            self.total += i128::from(value);
        }
    }

    fn leave(&mut self, value: i64) {
        let Some(count) = self.counts.get_mut(&value) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            self.counts.remove(&value);
            self.total -= i128::from(value);
        }
    }
}

fn values(columns: &[ArrayRef]) -> Result<impl Iterator<Item = i64> + '_> {
    let [column] = columns else {
        return internal_err!("sum takes one argument");
    };
    Ok(column.as_primitive::<Int64Type>().iter().flatten())
}

impl Accumulator for SlidingDistinct {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        values(columns)?.for_each(|value| self.enter(value));
        Ok(())
    }

    fn retract_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        values(columns)?.for_each(|value| self.leave(value));
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if self.counts.is_empty() {
            return Ok(ScalarValue::Int64(None));
        }
        let total = i64::try_from(self.total).map_err(|_| ComputeError::Total {
            expression: self.expression.clone(),
            data_type: "BIGINT".to_owned(),
        })?;
        Ok(ScalarValue::Int64(Some(total)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.counts.capacity() * size_of::<(i64, u64)>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let keys: Vec<ScalarValue> = self.counts.keys().map(|&key| key.into()).collect();
        let keys = ScalarValue::new_list_nullable(&keys, &DataType::Int64);
        Ok(vec![ScalarValue::List(keys)])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [states] = states else {
            return internal_err!("the state of sum is one list");
        };
        for keys in states.as_list::<i32>().iter().flatten() {
            values(&[keys])?.for_each(|value| self.enter(value));
        }
        Ok(())
    }
}
