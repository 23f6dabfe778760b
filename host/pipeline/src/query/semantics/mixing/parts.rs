//! Parts of a time that are read out of a difference of moments.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::{Expr, ExprSchemable as _};

use super::{place, refused};

/// Refuses a part of a difference of moments, of which the engine makes a total: 719 hours.
pub(super) fn refuse(args: &[Expr], schema: &DFSchema) -> Result<()> {
    let [Expr::Literal(part, _), of] = args else {
        return Ok(());
    };
    let part = part
        .try_as_str()
        .flatten()
        .unwrap_or_default()
        .to_lowercase();
    let is_difference = matches!(of.get_type(schema), Ok(DataType::Duration(_)));
    match is_difference && !matches!(&*part, "day" | "epoch") {
        true => Err(refused(
            format!("`{part}` of a difference of two moments may be a part or a total"),
            "write date_diff('hour', from, to) for a total, or extract(epoch FROM to - from)",
            place(of),
        )),
        false => Ok(()),
    }
}
