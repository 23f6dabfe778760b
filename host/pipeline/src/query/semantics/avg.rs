//! `avg` of decimals, rounded half away from zero where the engine's own cuts digits off
//! (apache/datafusion#22713 is the nearest report). One digit more is computed than the average
//! has, which decides how its last digit rounds. Averages of other types are the engine's.

use datafusion::arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, FieldRef};
use datafusion::common::Result;
use datafusion::functions_aggregate::average::avg_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, GroupsAccumulator, ReversedUDAF, Signature,
};

use super::frames::recomputed;
use super::sum::{Checked, Width, argument, of_type};

/// `avg(x)`: of decimals a decimal with four digits more.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Avg {
    signature: Signature,
}

impl Default for Avg {
    fn default() -> Self {
        Self {
            signature: avg_udaf().signature().clone(),
        }
    }
}

/// The average of a type with one digit more; none where there is nothing to round.
fn finer(args: &AccumulatorArgs<'_>) -> Option<DataType> {
    let scale = match args.return_field.data_type() {
        DataType::Decimal128(_, scale) => scale.checked_add(1)?,
        _ => return None,
    };
    let fits = u8::try_from(scale).is_ok_and(|scale| scale <= DECIMAL128_MAX_PRECISION);
    fits.then_some(DataType::Decimal128(DECIMAL128_MAX_PRECISION, scale))
}

/// The accumulator adds its arguments as they are; only its result is rounded.
fn rounding<A>(
    args: AccumulatorArgs<'_>,
    inner: impl FnOnce(AccumulatorArgs<'_>) -> Result<A>,
) -> Result<Result<Checked<A>, A>> {
    let Some((finer, argument)) = finer(&args).zip(argument(&args).cloned()) else {
        return inner(args).map(Err);
    };
    let width = Width::new(&args, argument);
    let inner = inner(of_type(&args, finer))?;
    Ok(Ok(Checked { inner, width }))
}

impl AggregateUDFImpl for Avg {
    fn name(&self) -> &str {
        "avg"
    }

    fn aliases(&self) -> &[String] {
        avg_udaf_aliases()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        avg_udaf().return_type(types)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        avg_udaf().state_fields(args)
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(match rounding(args, |args| avg_udaf().accumulator(args))? {
            Ok(rounded) => Box::new(rounded),
            Err(other) => other,
        })
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        if argument(&args).is_some_and(DataType::is_floating) {
            return Ok(recomputed(&avg_udaf(), &args));
        }
        let inner = |args: AccumulatorArgs<'_>| avg_udaf().create_sliding_accumulator(args);
        Ok(match rounding(args, inner)? {
            Ok(rounded) => Box::new(rounded),
            Err(other) => other,
        })
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        avg_udaf().groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        let inner = |args: AccumulatorArgs<'_>| avg_udaf().create_groups_accumulator(args);
        Ok(match rounding(args, inner)? {
            Ok(rounded) => Box::new(rounded),
            Err(other) => other,
        })
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }
}

fn avg_udaf_aliases() -> &'static [String] {
    static ALIASES: std::sync::LazyLock<Vec<String>> =
        std::sync::LazyLock::new(|| avg_udaf().aliases().to_vec());
    &ALIASES
}
