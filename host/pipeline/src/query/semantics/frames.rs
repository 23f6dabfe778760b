//! Aggregates over a window frame that slides, computed anew from the values in the frame. The
//! engine's own take away what left the frame: of doubles the digits that were lost with it stay
//! lost, and a NaN never leaves. Others cannot take a value away at all.

use std::collections::VecDeque;
use std::sync::Arc;

use datafusion::arrow::array::{Array as _, ArrayRef};
use datafusion::arrow::datatypes::{DataType, FieldRef, Schema};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::execution::{FunctionRegistry as _, SessionState};
use datafusion::logical_expr::expr::AggregateFunctionParams;
use datafusion::logical_expr::function::{
    AccumulatorArgs, AggregateFunctionSimplification, StateFieldsArgs,
};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, Expr, GroupsAccumulator,
    ReversedUDAF, SetMonotonicity, Signature, StatisticsArgs, WindowFrameBound, WindowFrameUnits,
    WindowFunctionDefinition,
};
use datafusion::physical_expr::PhysicalSortExpr;
use datafusion::physical_plan::PhysicalExpr;
use tsugi_functions::is_plugin_call;

use super::copies::Copies;

/// Aggregates of the engine that lose digits, or have no way to take a value away.
const OTHERS: [&str; 20] = [
    "bool_and",
    "bool_or",
    "bit_and",
    "bit_or",
    "bit_xor",
    "corr",
    "covar_pop",
    "covar_samp",
    "regr_avgx",
    "regr_avgy",
    "regr_intercept",
    "regr_r2",
    "regr_slope",
    "regr_sxx",
    "regr_sxy",
    "regr_syy",
    "stddev",
    "stddev_pop",
    "var",
    "var_pop",
];

/// Puts these in the place of the engine's own.
pub(super) fn register(state: &mut SessionState) -> Result<()> {
    for name in OTHERS {
        let inner = state.udaf(name)?;
        let framed = Framed {
            inner,
            copies: None,
        };
        state.register_udaf(Arc::new(AggregateUDF::new_from_impl(framed)))?;
    }
    Ok(())
}

/// Aggregates whose frames are of a size that is known, or which are framed already.
const PLAIN: [&str; 5] = ["avg", "count", "max", "min", "sum"];

/// The call over a window whose frames may slide and whose values fit into memory; nothing where
/// it is such a call.
pub(super) fn windowed(expression: &Expr, memory_max_bytes: usize) -> Option<Expr> {
    let Expr::WindowFunction(call) = expression else {
        return None;
    };
    let WindowFunctionDefinition::AggregateUDF(inner) = &call.fun else {
        return None;
    };
    let is_framed = inner.inner().downcast_ref::<Framed>();
    let is_bounded = is_framed.is_some_and(|framed| framed.copies.is_some());
    if is_bounded || PLAIN.contains(&inner.name()) || is_plugin_call(expression) {
        return None;
    }
    let frame = &call.params.window_frame;
    let is_whole = matches!(&frame.start_bound, WindowFrameBound::Preceding(rows) if rows.is_null())
        && (call.params.order_by.is_empty() && frame.units != WindowFrameUnits::Rows
            || matches!(&frame.end_bound, WindowFrameBound::Following(rows) if rows.is_null()));
    let framed = Framed {
        inner: Arc::clone(inner),
        copies: Some(Copies {
            is_whole,
            max_bytes: memory_max_bytes,
        }),
    };
    let mut call = call.clone();
    call.fun = WindowFunctionDefinition::AggregateUDF(AggregateUDF::new_from_impl(framed).into());
    Some(Expr::WindowFunction(call))
}

/// What an accumulator is made of.
#[derive(Debug, Clone)]
struct Made {
    of: Arc<AggregateUDF>,
    return_field: FieldRef,
    schema: Schema,
    ignore_nulls: bool,
    order_bys: Vec<PhysicalSortExpr>,
    is_reversed: bool,
    name: String,
    is_distinct: bool,
    exprs: Vec<Arc<dyn PhysicalExpr>>,
    expr_fields: Vec<FieldRef>,
}

impl Made {
    fn accumulator(&self) -> Result<Box<dyn Accumulator>> {
        self.of.accumulator(AccumulatorArgs {
            return_field: Arc::clone(&self.return_field),
            schema: &self.schema,
            ignore_nulls: self.ignore_nulls,
            order_bys: &self.order_bys,
            is_reversed: self.is_reversed,
            name: &self.name,
            is_distinct: self.is_distinct,
            exprs: &self.exprs,
            expr_fields: &self.expr_fields,
        })
    }
}

/// The values of the frame, oldest first.
#[derive(Debug)]
struct Recomputed {
    made: Made,
    frame: VecDeque<Vec<ArrayRef>>,
}

/// An accumulator of an aggregate that is computed anew for every frame.
pub(super) fn recomputed(
    of: &Arc<AggregateUDF>,
    args: &AccumulatorArgs<'_>,
) -> Box<dyn Accumulator> {
    Box::new(Recomputed {
        made: Made {
            of: Arc::clone(of),
            return_field: Arc::clone(&args.return_field),
            schema: args.schema.clone(),
            ignore_nulls: args.ignore_nulls,
            order_bys: args.order_bys.to_vec(),
            is_reversed: args.is_reversed,
            name: args.name.to_owned(),
            is_distinct: args.is_distinct,
            exprs: args.exprs.to_vec(),
            expr_fields: args.expr_fields.to_vec(),
        },
        frame: VecDeque::new(),
    })
}

impl Recomputed {
    fn now(&self) -> Result<Box<dyn Accumulator>> {
        let mut now = self.made.accumulator()?;
        for values in &self.frame {
            now.update_batch(values)?;
        }
        Ok(now)
    }
}

impl Accumulator for Recomputed {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        if values.first().is_some_and(|first| !first.is_empty()) {
            self.frame.push_back(values.to_vec());
        }
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let mut leaving = values.first().map_or(0, |first| first.len());
        while leaving > 0 {
            let Some(mut oldest) = self.frame.pop_front() else {
                return internal_err!("more leaves a frame than was in it");
            };
            let rows = oldest.first().map_or(0, |first| first.len());
            if rows > leaving {
                for column in &mut oldest {
                    *column = column.slice(leaving, rows - leaving);
                }
                self.frame.push_front(oldest);
            }
            leaving = leaving.saturating_sub(rows);
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.now()?.evaluate()
    }

    fn size(&self) -> usize {
        let columns = self.frame.iter().flatten();
        size_of_val(self)
            + columns
                .map(|one| one.get_array_memory_size())
                .sum::<usize>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.now()?.state()
    }

    fn merge_batch(&mut self, _: &[ArrayRef]) -> Result<()> {
        internal_err!("frames are not merged")
    }
}

/// An aggregate of the engine whose frames are computed anew; over a window only where it cannot
/// take a value away.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Framed {
    inner: Arc<AggregateUDF>,
    copies: Option<Copies>,
}

impl AggregateUDFImpl for Framed {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
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

    fn return_field(&self, fields: &[FieldRef]) -> Result<FieldRef> {
        self.inner.return_field(fields)
    }

    fn is_nullable(&self) -> bool {
        self.inner.is_nullable()
    }

    fn schema_name(&self, params: &AggregateFunctionParams) -> Result<String> {
        self.inner.schema_name(params)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        self.inner.state_fields(args)
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let inner = self.inner.accumulator(args)?;
        Ok(match self.copies {
            Some(copies) => copies.counting(inner),
            None => inner,
        })
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let Some(copies) = self.copies else {
            return Ok(recomputed(&self.inner, &args));
        };
        let anew = recomputed(&self.inner, &args);
        Ok(
            copies.counting(match self.inner.create_sliding_accumulator(args) {
                Ok(sliding) if sliding.supports_retract_batch() => sliding,
                _ => anew,
            }),
        )
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        self.inner.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        self.inner.create_groups_accumulator(args)
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.inner.order_sensitivity()
    }

    fn simplify(&self) -> Option<AggregateFunctionSimplification> {
        self.inner.simplify()
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        match self.inner.inner().reverse_expr() {
            ReversedUDAF::Identical => ReversedUDAF::Identical,
            ReversedUDAF::NotSupported | ReversedUDAF::Reversed(_) => ReversedUDAF::NotSupported,
        }
    }

    fn value_from_stats(&self, args: &StatisticsArgs) -> Option<ScalarValue> {
        self.inner.value_from_stats(args)
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        self.inner.default_value(data_type)
    }

    fn supports_null_handling_clause(&self) -> bool {
        self.inner.supports_null_handling_clause()
    }

    fn supports_within_group_clause(&self) -> bool {
        self.inner.supports_within_group_clause()
    }

    fn set_monotonicity(&self, data_type: &DataType) -> SetMonotonicity {
        self.inner.inner().set_monotonicity(data_type)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.documentation()
    }
}
