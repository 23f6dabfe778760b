//! `sum` that fails where the engine's own wraps around or leaves its type
//! (apache/datafusion#3520, #16406; no release makes it fail). The engine's accumulators add in a
//! type that is wide enough for every total on the way, so that no order of rows matters.

use std::sync::Arc;

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, BooleanArray};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{
    DECIMAL128_MAX_PRECISION, DECIMAL256_MAX_PRECISION, DataType, Decimal128Type, Field, FieldRef,
    Int64Type, UInt64Type,
};
use datafusion::common::{DataFusionError, Result, ScalarValue, internal_err};
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, ReversedUDAF, SetMonotonicity,
    Signature,
};

use super::error::ComputeError;
use super::frames::recomputed;
use super::sliding::SlidingDistinct;

/// Decimals of at most so many digits add up in 128 bits, 10¹⁰ of them.
const NARROW_MAX_PRECISION: u8 = 28;

/// `sum(x)`: NULL without rows; an error where the total does not fit.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Sum {
    signature: Signature,
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            signature: sum_udaf().signature().clone(),
        }
    }
}

/// The type that totals of arguments of a type are computed in; none where the engine's own sum
/// is right.
fn wide(argument: &DataType) -> Option<DataType> {
    match argument {
        DataType::Int64 | DataType::UInt64 => {
            Some(DataType::Decimal128(DECIMAL128_MAX_PRECISION, 0))
        }
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) | DataType::Decimal128(p, s) => {
            Some(match *p <= NARROW_MAX_PRECISION {
                true => DataType::Decimal128(DECIMAL128_MAX_PRECISION, *s),
                false => DataType::Decimal256(DECIMAL256_MAX_PRECISION, *s),
            })
        }
        _ => None,
    }
}

/// What the sum of decimals of a type is.
fn total_type(argument: &DataType) -> Option<DataType> {
    match argument {
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) | DataType::Decimal128(p, s) => Some(
            DataType::Decimal128(p.saturating_add(10).min(DECIMAL128_MAX_PRECISION), *s),
        ),
        _ => None,
    }
}

pub(super) fn argument<'a>(args: &'a AccumulatorArgs<'_>) -> Option<&'a DataType> {
    args.expr_fields.first().map(|field| field.data_type())
}

fn field(name: &str, data_type: DataType) -> FieldRef {
    Arc::new(Field::new(name, data_type, true))
}

/// The arguments of the engine's sum of a type.
pub(super) fn of_type<'a>(args: &AccumulatorArgs<'a>, wide: DataType) -> AccumulatorArgs<'a> {
    AccumulatorArgs {
        return_field: field(args.name, wide),
        schema: args.schema,
        ignore_nulls: args.ignore_nulls,
        order_bys: args.order_bys,
        is_reversed: args.is_reversed,
        name: args.name,
        is_distinct: args.is_distinct,
        exprs: args.exprs,
        expr_fields: args.expr_fields,
    }
}

impl AggregateUDFImpl for Sum {
    fn name(&self) -> &str {
        "sum"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types.first().and_then(total_type) {
            Some(total) => Ok(total),
            None => sum_udaf().return_type(types),
        }
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let argument = args.input_fields.first().map(|field| field.data_type());
        let Some(wide) = argument.and_then(wide) else {
            return sum_udaf().state_fields(args);
        };
        let return_field = field(args.name, wide);
        sum_udaf().state_fields(StateFieldsArgs {
            return_field,
            ..args
        })
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        match argument(&args).and_then(wide) {
            None => sum_udaf().accumulator(args),
            Some(wide) => Ok(Box::new(Checked {
                inner: sum_udaf().accumulator(of_type(&args, wide.clone()))?,
                width: Width::new(&args, wide),
            })),
        }
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        if argument(&args).is_some_and(DataType::is_floating) {
            return Ok(recomputed(&sum_udaf(), &args));
        }
        match argument(&args).and_then(wide) {
            Some(wide) if !args.is_distinct => Ok(Box::new(Checked {
                inner: sum_udaf().create_sliding_accumulator(of_type(&args, wide.clone()))?,
                width: Width::new(&args, wide),
            })),
            Some(_) if argument(&args) == Some(&DataType::Int64) => {
                Ok(Box::new(SlidingDistinct::new(args.name)))
            }
            _ => sum_udaf().create_sliding_accumulator(args),
        }
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        sum_udaf().groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        match argument(&args).and_then(wide) {
            None => sum_udaf().create_groups_accumulator(args),
            Some(wide) => Ok(Box::new(Checked {
                inner: sum_udaf().create_groups_accumulator(of_type(&args, wide.clone()))?,
                width: Width::new(&args, wide),
            })),
        }
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn set_monotonicity(&self, data_type: &DataType) -> SetMonotonicity {
        sum_udaf().inner().set_monotonicity(data_type)
    }
}

/// From the type of the arguments to the one that is added in, and from there to that of the sum.
#[derive(Debug, Clone)]
pub(super) struct Width {
    wide: DataType,
    result: DataType,
    expression: String,
}

impl Width {
    pub(super) fn new(args: &AccumulatorArgs<'_>, wide: DataType) -> Self {
        Self {
            wide,
            result: args.return_field.data_type().clone(),
            expression: args.name.to_owned(),
        }
    }

    /// The same values in the wide type.
    fn widened(&self, values: &ArrayRef) -> Result<ArrayRef> {
        if *values.data_type() == self.wide {
            return Ok(Arc::clone(values));
        }
        let is_plain = self.wide == DataType::Decimal128(DECIMAL128_MAX_PRECISION, 0);
        Ok(match values.data_type() {
            DataType::Int64 if is_plain => {
                let values = values.as_primitive::<Int64Type>();
                let wide = values.unary::<_, Decimal128Type>(i128::from);
                Arc::new(wide.with_data_type(self.wide.clone()))
            }
            DataType::UInt64 if is_plain => {
                let values = values.as_primitive::<UInt64Type>();
                let wide = values.unary::<_, Decimal128Type>(i128::from);
                Arc::new(wide.with_data_type(self.wide.clone()))
            }
            // The same numbers with the same scale: only the type changes.
            DataType::Decimal128(..) if matches!(self.wide, DataType::Decimal128(..)) => {
                let values = values.as_primitive::<Decimal128Type>().clone();
                Arc::new(values.with_data_type(self.wide.clone()))
            }
            _ => cast_with_options(values, &self.wide, &STRICT)?,
        })
    }

    /// Totals in the type of the sum.
    fn narrowed(&self, totals: &ArrayRef) -> Result<ArrayRef> {
        let narrowed = cast_with_options(totals, &self.result, &STRICT);
        narrowed.map_err(|_| self.does_not_fit())
    }

    /// The engine's own average says in its words that it does not fit.
    fn cannot(&self, error: DataFusionError) -> DataFusionError {
        match error.find_root() {
            DataFusionError::Execution(_) | DataFusionError::ArrowError(..) => self.does_not_fit(),
            _ => error,
        }
    }

    fn does_not_fit(&self) -> DataFusionError {
        ComputeError::Total {
            expression: self.expression.clone(),
            data_type: super::types::sql_name(&self.result),
        }
        .into()
    }
}

const STRICT: CastOptions<'static> = CastOptions {
    safe: false,
    format_options: datafusion::arrow::util::display::FormatOptions::new(),
};

/// An accumulator of wide totals whose result must fit.
#[derive(Debug)]
pub(super) struct Checked<A> {
    pub(super) inner: A,
    pub(super) width: Width,
}

fn one(values: &[ArrayRef]) -> Result<&ArrayRef> {
    match values {
        [one] => Ok(one),
        _ => internal_err!("sum takes one argument"),
    }
}

impl Accumulator for Checked<Box<dyn Accumulator>> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.inner
            .update_batch(&[self.width.widened(one(values)?)?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let total = self
            .inner
            .evaluate()
            .map_err(|error| self.width.cannot(error))?
            .to_array()?;
        let total = self.width.narrowed(&total)?;
        ScalarValue::try_from_array(&total, 0)
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
        self.inner
            .retract_batch(&[self.width.widened(one(values)?)?])
    }

    fn supports_retract_batch(&self) -> bool {
        self.inner.supports_retract_batch()
    }
}

impl GroupsAccumulator for Checked<Box<dyn GroupsAccumulator>> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let values = [self.width.widened(one(values)?)?];
        self.inner
            .update_batch(&values, group_indices, opt_filter, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let totals = self
            .inner
            .evaluate(emit_to)
            .map_err(|error| self.width.cannot(error))?;
        self.width.narrowed(&totals)
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
        let values = [self.width.widened(one(values)?)?];
        self.inner.convert_to_state(&values, opt_filter)
    }

    fn size(&self) -> usize {
        self.inner.size()
    }
}
