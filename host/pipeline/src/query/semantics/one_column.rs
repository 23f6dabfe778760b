//! Functions of one argument that compute a column at once.

use datafusion::arrow::array::ArrayRef;
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs};

/// The column that a call comes to; a constant stays one.
pub(super) fn one_column(
    args: &ScalarFunctionArgs,
    computed: impl FnOnce(&ArrayRef) -> Result<ArrayRef>,
) -> Result<ColumnarValue> {
    let [one] = args.args.as_slice() else {
        return internal_err!("a function of one argument has {}", args.args.len());
    };
    let is_constant = matches!(one, ColumnarValue::Scalar(_));
    let rows = if is_constant { 1 } else { args.number_rows };
    let column = computed(&one.to_array(rows)?)?;
    Ok(match is_constant {
        true => ColumnarValue::Scalar(ScalarValue::try_from_array(&column, 0)?),
        false => ColumnarValue::Array(column),
    })
}
