//! A plugin's aggregate function as an aggregate of SQL: parallel, spilling, in windows too.

mod partition;
mod refuse;

use std::sync::{Arc, Mutex};

use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
};

use super::error::FunctionError;
use super::overloads::Overloads;
use partition::{Partition, Single};
pub(crate) use refuse::RefuseUnsupported;
use tsugi_sandbox::AggregateFunction;

const SLIDING: &str = "a sliding window frame";

#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct PluginAggregate {
    overloads: Overloads<AggregateFunction>,
    signature: Signature,
}

/// The overloads of one name as one aggregate of SQL.
pub(crate) fn function(overloads: Overloads<AggregateFunction>) -> AggregateUDF {
    AggregateUDF::new_from_impl(PluginAggregate {
        overloads,
        signature: Signature::user_defined(Volatility::Stable),
    })
}

impl PluginAggregate {
    pub(crate) fn overloads(&self) -> &Overloads<AggregateFunction> {
        &self.overloads
    }

    fn choose(
        &self,
        args: &[DataType],
    ) -> Result<(&AggregateFunction, Vec<DataType>), FunctionError> {
        self.overloads.choose(|overload| &overload.params, args)
    }

    fn refused(&self, clause: &'static str) -> FunctionError {
        FunctionError::Unsupported {
            function: self.overloads.name.clone(),
            clause,
        }
    }

    /// The accumulators of one partition.
    fn partition(&self, args: &AccumulatorArgs) -> Result<Partition> {
        if args.is_distinct {
            return Err(self.refused("DISTINCT").into());
        }
        if !args.order_bys.is_empty() {
            return Err(self.refused("ORDER BY inside the call").into());
        }
        if args.ignore_nulls {
            return Err(self.refused("IGNORE NULLS").into());
        }
        let (function, _) = self.choose(&types_of(args.expr_fields))?;
        let live = Arc::clone(&self.overloads.live);
        Ok(Partition::new(live, function.clone()))
    }
}

fn types_of(fields: &[FieldRef]) -> Vec<DataType> {
    fields
        .iter()
        .map(|field| field.data_type().clone())
        .collect()
}

impl AggregateUDFImpl for PluginAggregate {
    fn name(&self) -> &str {
        &self.overloads.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    // IGNORE NULLS is refused by us, with the same error as the other clauses.
    fn supports_null_handling_clause(&self) -> bool {
        true
    }

    fn coerce_types(&self, args: &[DataType]) -> Result<Vec<DataType>> {
        // DataFusion keeps only the text of an error from here. It calls `return_type` with the
        // same types, and that error arrives whole.
        Ok(self
            .choose(args)
            .map_or_else(|_| args.to_vec(), |(_, types)| types))
    }

    fn return_type(&self, args: &[DataType]) -> Result<DataType> {
        Ok(self.choose(args)?.0.returns.data_type().clone())
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let (function, _) = self.choose(&types_of(args.input_fields))?;
        Ok(function
            .state
            .iter()
            .map(|field| {
                let name = format!("{}[{}]", args.name, field.name());
                Arc::new(field.as_ref().clone().with_name(name))
            })
            .collect())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Single(Mutex::new(self.partition(&args)?))))
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.partition(&args)?))
    }

    fn create_sliding_accumulator(&self, _args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Err(self.refused(SLIDING).into())
    }
}
