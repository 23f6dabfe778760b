//! A plugin's scalar function as a function of SQL.

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::error::outward;
use super::live::{PluginKey, find};
use super::types::choose;
use crate::sandbox::ScalarFunction;

/// Plain data: which plugin, which overloads.
#[derive(Debug, PartialEq, Eq, Hash)]
struct PluginScalar {
    key: PluginKey,
    name: String,
    overloads: Vec<ScalarFunction>,
    signature: Signature,
}

/// The overloads of one name as one function of SQL.
pub fn function(key: PluginKey, name: String, overloads: Vec<ScalarFunction>) -> ScalarUDF {
    // Immutable would let the optimizer call the plugin while it plans.
    let volatile = overloads.iter().any(|overload| overload.volatile);
    let volatility = if volatile {
        Volatility::Volatile
    } else {
        Volatility::Stable
    };
    let signature = Signature::user_defined(volatility);
    ScalarUDF::new_from_impl(PluginScalar {
        key,
        name,
        overloads,
        signature,
    })
}

impl PluginScalar {
    fn overload(&self, given: &[DataType]) -> Result<(&ScalarFunction, Vec<DataType>)> {
        let (_, overload, types) = choose(&self.name, &self.overloads, |o| &o.params, given)
            .map_err(DataFusionError::from)?;
        Ok((overload, types))
    }
}

impl ScalarUDFImpl for PluginScalar {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        // An error from here would come back as text only. The return type is asked with the
        // same types, and its error says in our own words which overloads there are.
        Ok(self
            .overload(given)
            .map_or_else(|_| given.to_vec(), |(_, types)| types))
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        Ok(self.overload(given)?.0.returns.data_type().clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let given: Vec<DataType> = args
            .arg_fields
            .iter()
            .map(|field| field.data_type().clone())
            .collect();
        let returns = &self.overload(&given)?.0.returns;
        Ok(Arc::new(Field::new(
            &self.name,
            returns.data_type().clone(),
            true,
        )))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let given: Vec<DataType> = args.args.iter().map(ColumnarValue::data_type).collect();
        let (overload, _) = self.overload(&given)?;
        let live = find(&self.key)?;
        let mut constants: Vec<Option<ScalarValue>> = Vec::with_capacity(args.args.len());
        let mut columns: Vec<ArrayRef> = Vec::new();
        for (value, param) in args.args.iter().zip(overload.params.iter()) {
            match value {
                ColumnarValue::Scalar(value) => {
                    constants.push(Some(value.cast_to(param.data_type())?));
                }
                ColumnarValue::Array(column) => {
                    constants.push(None);
                    columns.push(Arc::clone(column));
                }
            }
        }
        // A call on constants alone is one row, whatever the batch holds.
        let alone = columns.is_empty();
        let rows = if alone { 1 } else { args.number_rows };
        let bound = live.bound(overload, constants)?;
        let computed = bound
            .evaluate(&columns, rows, &live.cancel)
            .map_err(outward)?;
        live.note_failures(&self.name, &computed.failed);
        if alone {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                &computed.column,
                0,
            )?));
        }
        Ok(ColumnarValue::Array(computed.column))
    }
}
