//! `mode`: the value that occurs most often.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray as _, Int64Array};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, ReversedUDAF, Signature, Volatility,
};

/// `mode(x)`: the value that occurs most often, of several the smallest, so that no order of rows
/// changes it; NULL counts for nothing.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Mode {
    signature: Signature,
}

impl Default for Mode {
    fn default() -> Self {
        Self {
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }
}

impl AggregateUDFImpl for Mode {
    fn name(&self) -> &str {
        "mode"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, args: &[DataType]) -> Result<Vec<DataType>> {
        match args {
            [one] => Ok(vec![one.clone()]),
            _ => plan_err!("call it as mode(x), or mode() WITHIN GROUP (ORDER BY x)"),
        }
    }

    fn return_type(&self, args: &[DataType]) -> Result<DataType> {
        Ok(args.first().cloned().unwrap_or(DataType::Null))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let list = |kind: DataType| DataType::List(Arc::new(Field::new_list_field(kind, true)));
        let field =
            |name: &str, kind| Arc::new(Field::new(format!("{}[{name}]", args.name), kind, true));
        let kind = args.return_field.data_type().clone();
        Ok(vec![
            field("values", list(kind)),
            field("counts", list(DataType::Int64)),
        ])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Counts {
            kind: args.return_field.data_type().clone(),
            is_distinct: args.is_distinct,
            counts: HashMap::new(),
            bytes: 0,
        }))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn supports_within_group_clause(&self) -> bool {
        true
    }
}

/// How often each value occurred.
#[derive(Debug)]
struct Counts {
    kind: DataType,
    is_distinct: bool,
    counts: HashMap<ScalarValue, i64>,
    /// Of all values.
    bytes: usize,
}

impl Counts {
    fn add(&mut self, values: &dyn Array, row: usize, count: i64) -> Result<()> {
        if values.is_null(row) {
            return Ok(());
        }
        let value = ScalarValue::try_from_array(values, row)?;
        let bytes = value.size() + size_of::<i64>();
        match self.counts.get_mut(&value) {
            Some(_) if self.is_distinct => {}
            Some(found) => *found += count,
            None => {
                self.bytes += bytes;
                self.counts.insert(value, count);
            }
        }
        Ok(())
    }
}

impl Accumulator for Counts {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        if let Some(column) = values.first() {
            for row in 0..column.len() {
                self.add(column, row, 1)?;
            }
        }
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        if let Some(column) = values.first() {
            for row in 0..column.len() {
                self.add(column, row, -1)?;
            }
        }
        self.counts.retain(|_, count| *count > 0);
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        !self.is_distinct
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let best = self.counts.iter().reduce(|best, next| {
            let is_smaller = next
                .0
                .partial_cmp(best.0)
                .is_some_and(std::cmp::Ordering::is_lt);
            match next.1.cmp(best.1) {
                std::cmp::Ordering::Greater => next,
                std::cmp::Ordering::Equal if is_smaller => next,
                _ => best,
            }
        });
        best.map_or_else(
            || ScalarValue::try_from(&self.kind),
            |(value, _)| Ok(value.clone()),
        )
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes + self.counts.capacity() * size_of::<(ScalarValue, i64)>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let (values, counts): (Vec<_>, Vec<_>) = self
            .counts
            .drain()
            .map(|(value, count)| (value, ScalarValue::from(count)))
            .unzip();
        let list =
            |all: &[ScalarValue], kind| ScalarValue::List(ScalarValue::new_list(all, kind, true));
        Ok(vec![
            list(&values, &self.kind),
            list(&counts, &DataType::Int64),
        ])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let lists = |at: usize| {
            states
                .get(at)
                .and_then(|column| column.as_list_opt::<i32>())
        };
        let (Some(values), Some(counts)) = (lists(0), lists(1)) else {
            return Err(exec_datafusion_err!(
                "mode has no state of its own to merge"
            ));
        };
        for (values, counts) in values.iter().zip(counts.iter()) {
            let (Some(values), Some(counts)) = (values, counts) else {
                continue;
            };
            let counts: &Int64Array = counts.as_primitive::<Int64Type>();
            for (row, count) in counts.values().iter().enumerate().take(values.len()) {
                self.add(&values, row, *count)?;
            }
        }
        Ok(())
    }
}
