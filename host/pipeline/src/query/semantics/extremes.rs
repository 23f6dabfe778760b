//! `min` and `max` of doubles that see NaN, which sorts above every number. The engine's own pass
//! over it in a group and answer differently with the order of rows, and give the least finite
//! double for a group of infinities alone. They compare integers here that sort as the doubles do.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray as _, BooleanArray};
use datafusion::arrow::datatypes::{
    DataType, FieldRef, Float32Type, Float64Type, Int32Type, Int64Type,
};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, ReversedUDAF,
    SetMonotonicity, Signature, StatisticsArgs,
};

use super::sum::{argument, of_type};

/// `min(x)` or `max(x)`, whichever the engine's own is.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Extreme {
    inner: Arc<AggregateUDF>,
}

impl Extreme {
    pub(super) fn of(inner: Arc<AggregateUDF>) -> Self {
        Self { inner }
    }

    /// The engine's accumulator, of integers where the argument is a double.
    fn accumulating<A>(
        args: AccumulatorArgs<'_>,
        inner: impl FnOnce(AccumulatorArgs<'_>) -> Result<A>,
    ) -> Result<std::result::Result<Keyed<A>, A>> {
        let Some(keys) = argument(&args).and_then(keys_of) else {
            return inner(args).map(Err);
        };
        let is_wide = keys == DataType::Int64;
        let inner = inner(of_type(&args, keys))?;
        Ok(Ok(Keyed { inner, is_wide }))
    }
}

/// The type of the integers that stand for doubles of a type.
fn keys_of(argument: &DataType) -> Option<DataType> {
    match argument {
        DataType::Float64 => Some(DataType::Int64),
        DataType::Float32 => Some(DataType::Int32),
        _ => None,
    }
}

/// The sign of these integers is that of the doubles; below zero the other bits sort in reverse.
/// The same function leads back.
fn turned64(bits: i64) -> i64 {
    bits ^ (bits >> 63 & i64::MAX)
}

fn turned32(bits: i32) -> i32 {
    bits ^ (bits >> 31 & i32::MAX)
}

fn key64(value: f64) -> i64 {
    // Every NaN is the same, and positive.
    let value = if value.is_nan() {
        f64::NAN.abs()
    } else {
        value
    };
    turned64(value.to_bits().cast_signed())
}

fn key32(value: f32) -> i32 {
    let value = if value.is_nan() {
        f32::NAN.abs()
    } else {
        value
    };
    turned32(value.to_bits().cast_signed())
}

/// An accumulator of the integers that stand for doubles.
#[derive(Debug)]
struct Keyed<A> {
    inner: A,
    is_wide: bool,
}

impl<A> Keyed<A> {
    fn keys(&self, values: &[ArrayRef]) -> Result<[ArrayRef; 1]> {
        let [values] = values else {
            return internal_err!("min and max take one argument");
        };
        Ok([match self.is_wide {
            true => Arc::new(
                values
                    .as_primitive::<Float64Type>()
                    .unary::<_, Int64Type>(key64),
            ),
            false => Arc::new(
                values
                    .as_primitive::<Float32Type>()
                    .unary::<_, Int32Type>(key32),
            ),
        }])
    }

    fn values(&self, keys: &ArrayRef) -> ArrayRef {
        let wide = |key| f64::from_bits(turned64(key).cast_unsigned());
        let narrow = |key| f32::from_bits(turned32(key).cast_unsigned());
        match self.is_wide {
            true => Arc::new(
                keys.as_primitive::<Int64Type>()
                    .unary::<_, Float64Type>(wide),
            ),
            false => Arc::new(
                keys.as_primitive::<Int32Type>()
                    .unary::<_, Float32Type>(narrow),
            ),
        }
    }
}

impl Accumulator for Keyed<Box<dyn Accumulator>> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let keys = self.keys(values)?;
        self.inner.update_batch(&keys)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let key = self.inner.evaluate()?.to_array()?;
        ScalarValue::try_from_array(&self.values(&key), 0)
    }

    fn size(&self) -> usize {
        self.inner.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.inner.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.inner.merge_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let keys = self.keys(values)?;
        self.inner.retract_batch(&keys)
    }

    fn supports_retract_batch(&self) -> bool {
        self.inner.supports_retract_batch()
    }
}

impl GroupsAccumulator for Keyed<Box<dyn GroupsAccumulator>> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let keys = self.keys(values)?;
        self.inner
            .update_batch(&keys, group_indices, opt_filter, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let keys = self.inner.evaluate(emit_to)?;
        Ok(self.values(&keys))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.inner.state(emit_to)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.inner
            .merge_batch(values, group_indices, total_num_groups)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        self.inner.convert_to_state(&self.keys(values)?, opt_filter)
    }

    fn size(&self) -> usize {
        self.inner.size()
    }
}

impl AggregateUDFImpl for Extreme {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(types)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let argument = args.input_fields.first().map(|field| field.data_type());
        let Some(keys) = argument.and_then(keys_of) else {
            return self.inner.state_fields(args);
        };
        let return_field = Arc::new(args.return_field.as_ref().clone().with_data_type(keys));
        self.inner.state_fields(StateFieldsArgs {
            return_field,
            ..args
        })
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(
            match Self::accumulating(args, |args| self.inner.accumulator(args))? {
                Ok(keyed) => Box::new(keyed),
                Err(other) => other,
            },
        )
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let inner = |args: AccumulatorArgs<'_>| self.inner.create_sliding_accumulator(args);
        Ok(match Self::accumulating(args, inner)? {
            Ok(keyed) => Box::new(keyed),
            Err(other) => other,
        })
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        self.inner.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        let inner = |args: AccumulatorArgs<'_>| self.inner.create_groups_accumulator(args);
        Ok(match Self::accumulating(args, inner)? {
            Ok(keyed) => Box::new(keyed),
            Err(other) => other,
        })
    }

    fn is_descending(&self) -> Option<bool> {
        self.inner.is_descending()
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn value_from_stats(&self, args: &StatisticsArgs) -> Option<ScalarValue> {
        self.inner.value_from_stats(args)
    }

    fn set_monotonicity(&self, data_type: &DataType) -> SetMonotonicity {
        self.inner.inner().set_monotonicity(data_type)
    }
}
