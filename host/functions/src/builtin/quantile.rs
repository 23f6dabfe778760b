//! `quantile_disc`: the value at a share of the sorted values, which is one of them; and
//! `percentile_cont`, which may lie between two of them. The engine's own takes six digits of the
//! share.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray as _, ListArray, PrimitiveArray, new_empty_array,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::compute::{SortOptions, concat, filter, is_not_null, sort};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};
use datafusion::physical_plan::expressions::Literal;

/// `quantile_disc(x, share)`, or `percentile_disc(share) WITHIN GROUP (ORDER BY x [DESC])`: the
/// first value up to which at least `share` of the values lie. NULL counts for nothing.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Quantile {
    signature: Signature,
    aliases: Vec<String>,
    is_between: bool,
}

impl Quantile {
    /// The value at a share.
    pub(super) fn of_values() -> Self {
        Self::named(&["percentile_disc", "quantile"], false)
    }

    /// The value between the two values around a share.
    pub(super) fn between_values() -> Self {
        Self::named(&["quantile_cont"], true)
    }

    fn named(aliases: &[&str], is_between: bool) -> Self {
        Self {
            signature: Signature::user_defined(Volatility::Immutable),
            aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
            is_between,
        }
    }
}

const USAGE: &str =
    "call it as quantile_disc(x, 0.5), or percentile_disc(0.5) WITHIN GROUP (ORDER BY x)";
const USAGE_BETWEEN: &str = "call it over numbers, as quantile_cont(x, 0.5) or percentile_cont(0.5) WITHIN GROUP (ORDER BY x)";

impl AggregateUDFImpl for Quantile {
    fn name(&self) -> &str {
        match self.is_between {
            true => "percentile_cont",
            false => "quantile_disc",
        }
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, args: &[DataType]) -> Result<Vec<DataType>> {
        match args {
            [one, share] if self.is_between && share.is_numeric() => match one {
                one if one.is_numeric() || one.is_null() => Ok(vec![DataType::Float64; 2]),
                _ => plan_err!("{USAGE_BETWEEN}"),
            },
            [one, share] if share.is_numeric() => Ok(vec![one.clone(), DataType::Float64]),
            _ if self.is_between => plan_err!("{USAGE_BETWEEN}"),
            _ => plan_err!("{USAGE}"),
        }
    }

    fn return_type(&self, args: &[DataType]) -> Result<DataType> {
        Ok(args.first().cloned().unwrap_or(DataType::Null))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let kind = args.return_field.data_type().clone();
        let list = DataType::List(Arc::new(Field::new_list_field(kind, true)));
        Ok(vec![Arc::new(Field::new(
            format!("{}[values]", args.name),
            list,
            true,
        ))])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let share = args
            .exprs
            .get(1)
            .and_then(|share| share.downcast_ref::<Literal>());
        let share = match share.map(Literal::value) {
            Some(ScalarValue::Float64(Some(share))) if (0.0..=1.0).contains(share) => *share,
            _ => return plan_err!("the share of a quantile is a constant from 0 to 1"),
        };
        Ok(Box::new(Values {
            kind: args.return_field.data_type().clone(),
            share,
            is_between: self.is_between,
            is_descending: args
                .order_bys
                .first()
                .is_some_and(|by| by.options.descending),
            is_distinct: args.is_distinct,
            batches: Vec::new(),
        }))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn supports_within_group_clause(&self) -> bool {
        true
    }
}

/// Every value so far.
#[derive(Debug)]
struct Values {
    kind: DataType,
    share: f64,
    is_between: bool,
    is_descending: bool,
    is_distinct: bool,
    batches: Vec<ArrayRef>,
}

impl Values {
    fn keep(&mut self, values: &dyn Array) -> Result<()> {
        let known = filter(values, &is_not_null(values)?)?;
        if !known.is_empty() {
            self.batches.push(known);
        }
        Ok(())
    }

    fn all(&self) -> Result<ArrayRef> {
        let batches: Vec<&dyn Array> = self.batches.iter().map(AsRef::as_ref).collect();
        match batches.is_empty() {
            true => Ok(new_empty_array(&self.kind)),
            false => Ok(concat(&batches)?),
        }
    }
}

/// The value at a share of the way from the first to the last.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share from 0 to 1 of a length is a length"
)]
fn between(sorted: &PrimitiveArray<Float64Type>, share: f64) -> Option<f64> {
    let values = sorted.values();
    let place = share * values.len().saturating_sub(1) as f64;
    let below = *values.get(place.floor() as usize)?;
    let above = *values.get(place.ceil() as usize)?;
    let part = place - place.floor();
    Some(match part == 0.0 || below == above {
        true => below,
        false => below + (above - below) * part,
    })
}

impl Accumulator for Values {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        values.first().map_or(Ok(()), |values| self.keep(values))
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let lists = states
            .first()
            .and_then(|column| column.as_list_opt::<i32>());
        let lists = lists.ok_or_else(|| exec_datafusion_err!("a quantile merges lists"))?;
        for values in lists.iter().flatten() {
            self.keep(&values)?;
        }
        Ok(())
    }

    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share from 0 to 1 of a length is a length"
    )]
    fn evaluate(&mut self) -> Result<ScalarValue> {
        let options = SortOptions {
            descending: self.is_descending,
            nulls_first: false,
        };
        let mut sorted = sort(&self.all()?, Some(options))?;
        if self.is_distinct && !sorted.is_empty() {
            let kept = datafusion::arrow::compute::partition(std::slice::from_ref(&sorted))?;
            let firsts: Vec<u32> = kept
                .ranges()
                .iter()
                .map(|range| range.start as u32)
                .collect();
            let firsts = datafusion::arrow::array::UInt32Array::from(firsts);
            sorted = datafusion::arrow::compute::take(&sorted, &firsts, None)?;
        }
        if sorted.is_empty() {
            return ScalarValue::try_from(&self.kind);
        }
        let count = sorted.len();
        if self.is_between {
            return Ok(ScalarValue::Float64(between(
                sorted.as_primitive::<Float64Type>(),
                self.share,
            )));
        }
        // As DuckDB: whole shares are not moved up by what floating numbers add.
        let above = (count as f64 - self.share * count as f64).floor() as usize;
        ScalarValue::try_from_array(&sorted, count.saturating_sub(above).max(1) - 1)
    }

    fn size(&self) -> usize {
        let arrays = self
            .batches
            .iter()
            .map(|values| values.get_array_memory_size());
        size_of_val(self) + arrays.sum::<usize>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let all = self.all()?;
        let field = Arc::new(Field::new_list_field(self.kind.clone(), true));
        let offsets = OffsetBuffer::from_lengths([all.len()]);
        let list = ListArray::try_new(field, offsets, all, None)?;
        Ok(vec![ScalarValue::List(Arc::new(list))])
    }
}
