//! `exact_sum`: a sum that no order of rows changes.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, ReversedUDAF, Signature, Volatility,
};

/// `exact_sum(x)`: the sum as DOUBLE, whatever the order of the rows: every number is first
/// rounded to six decimals, and one that does not fit DECIMAL(20, 6) is an error. NULL without
/// rows. DataFusion's own sum of decimals does the work.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ExactSum {
    signature: Signature,
}

impl Default for ExactSum {
    fn default() -> Self {
        Self {
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }
}

const ADDEND: DataType = DataType::Decimal128(20, 6);
/// Holds the sum of 10¹⁰ of the largest numbers, and 10¹⁸ before its integer overflows.
const TOTAL: DataType = DataType::Decimal128(30, 6);

/// The arguments of the sum of decimals.
fn of_total(args: AccumulatorArgs) -> AccumulatorArgs {
    AccumulatorArgs {
        return_field: total(args.name),
        ..args
    }
}

fn total(name: &str) -> FieldRef {
    Arc::new(Field::new(name, TOTAL, true))
}

impl AggregateUDFImpl for ExactSum {
    fn name(&self) -> &str {
        "exact_sum"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, args: &[DataType]) -> Result<Vec<DataType>> {
        match args {
            [one] if one.is_numeric() || one.is_null() => Ok(vec![ADDEND]),
            _ => plan_err!("exact_sum takes one number"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        sum_udaf().state_fields(StateFieldsArgs {
            return_field: total(args.name),
            ..args
        })
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let sum = sum_udaf().accumulator(of_total(args))?;
        Ok(Box::new(AsDouble(sum)))
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let sum = sum_udaf().create_sliding_accumulator(of_total(args))?;
        Ok(Box::new(AsDouble(sum)))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        sum_udaf().groups_accumulator_supported(of_total(args))
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        let sum = sum_udaf().create_groups_accumulator(of_total(args))?;
        Ok(Box::new(AsDouble(sum)))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }
}

/// An accumulator of decimals whose result is cast to DOUBLE.
#[derive(Debug)]
struct AsDouble<A>(A);

impl Accumulator for AsDouble<Box<dyn Accumulator>> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.update_batch(values)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.0.evaluate()?.cast_to(&DataType::Float64)
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.retract_batch(values)
    }

    fn supports_retract_batch(&self) -> bool {
        self.0.supports_retract_batch()
    }
}

impl GroupsAccumulator for AsDouble<Box<dyn GroupsAccumulator>> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.0
            .update_batch(values, group_indices, opt_filter, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(cast(&self.0.evaluate(emit_to)?, &DataType::Float64)?)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.0.state(emit_to)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.0.merge_batch(values, group_indices, total_num_groups)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        self.0.convert_to_state(values, opt_filter)
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}
