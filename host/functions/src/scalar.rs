//! A plugin's scalar function as a function of SQL.

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::error::{FunctionError, external};
use super::overloads::Overloads;
use super::types::is_moment;
use tsugi_sandbox::ScalarFunction;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct PluginScalar {
    overloads: Overloads<ScalarFunction>,
    signature: Signature,
}

/// The overloads of one name as one function of SQL.
pub(crate) fn function(overloads: Overloads<ScalarFunction>) -> ScalarUDF {
    // Immutable would let the optimizer call the plugin while it plans.
    let volatility = match overloads.all.iter().any(|overload| overload.volatile) {
        true => Volatility::Volatile,
        false => Volatility::Stable,
    };
    ScalarUDF::new_from_impl(PluginScalar {
        overloads,
        signature: Signature::user_defined(volatility),
    })
}

impl PluginScalar {
    pub(crate) fn overloads(&self) -> &Overloads<ScalarFunction> {
        &self.overloads
    }

    /// The same function as one that the optimizer does not call.
    pub(crate) fn as_volatile(&self) -> ScalarUDF {
        ScalarUDF::new_from_impl(Self {
            overloads: self.overloads.clone(),
            signature: Signature::user_defined(Volatility::Volatile),
        })
    }

    fn choose(&self, args: &[DataType]) -> Result<(&ScalarFunction, Vec<DataType>), FunctionError> {
        self.overloads.choose(|overload| &overload.params, args)
    }
}

impl ScalarUDFImpl for PluginScalar {
    fn name(&self) -> &str {
        &self.overloads.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
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

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args
            .arg_fields
            .iter()
            .map(|field| field.data_type().clone())
            .collect();
        let returns = self.return_type(&types)?;
        Ok(Arc::new(Field::new(self.name(), returns, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let types: Vec<DataType> = args.args.iter().map(ColumnarValue::data_type).collect();
        let (overload, _) = self.choose(&types)?;
        let live = &self.overloads.live;
        let mut constants: Vec<Option<ScalarValue>> = Vec::with_capacity(args.args.len());
        let mut columns: Vec<ArrayRef> = Vec::new();
        for (value, param) in args.args.iter().zip(overload.params.iter()) {
            match value {
                // Brought into the unit of the parameter when it crosses.
                ColumnarValue::Scalar(value)
                    if is_moment(&value.data_type(), param.data_type()) =>
                {
                    constants.push(Some(value.clone()));
                }
                ColumnarValue::Scalar(value) => {
                    constants.push(Some(value.cast_to(param.data_type())?));
                }
                ColumnarValue::Array(column) => {
                    constants.push(None);
                    columns.push(Arc::clone(column));
                }
            }
        }
        // A call on constants alone is one row, whatever the length of the batch.
        let is_constant = columns.is_empty();
        let rows = if is_constant { 1 } else { args.number_rows };
        let bound = live.bound(overload, constants)?;
        let computed = bound
            .evaluate(&columns, rows, &live.cancel)
            .map_err(external)?;
        live.count_failures(self.name(), &computed.failed);
        if is_constant {
            let value = ScalarValue::try_from_array(&computed.column, 0)?;
            return Ok(ColumnarValue::Scalar(value));
        }
        Ok(ColumnarValue::Array(computed.column))
    }
}
