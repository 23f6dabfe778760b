//! `coalesce` and `nvl` that evaluate each argument once, and the later ones only for rows that
//! need them. The engine's own become CASE, which repeats every argument: twice evaluated, and
//! twice as large with each nesting (apache/datafusion#17357, #22173, #25477; open).

use datafusion::arrow::array::{Array as _, ArrayRef, BooleanArray};
use datafusion::arrow::compute::{is_null, kernels::zip::zip};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::type_coercion::binary::try_type_union_resolution;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::mixing::{is_text, never_mix, read_as};

/// The first argument that is not null.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Coalesce {
    name: &'static str,
    aliases: Vec<String>,
    signature: Signature,
}

impl Coalesce {
    pub(super) fn named(name: &'static str, aliases: &[&str]) -> Self {
        Self {
            name,
            aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }
}

/// Whether an expression is a call of this function.
pub(super) fn is_coalesce(call: &ScalarFunction) -> bool {
    call.func.inner().downcast_ref::<Coalesce>().is_some()
}

impl ScalarUDFImpl for Coalesce {
    fn name(&self) -> &str {
        self.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match (self.name, types) {
            (_, []) => plan_err!("{} takes at least one argument", self.name),
            ("nvl", [_, _]) | ("coalesce", _) => match (read_as(types), never_mix(types)) {
                // Refused with its place when the call is planned.
                (None, true) => Ok(types.to_vec()),
                (Some(read), _) if types.iter().any(is_text) => Ok(vec![read; types.len()]),
                _ => try_type_union_resolution(types),
            },
            _ => plan_err!("{} takes two arguments", self.name),
        }
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types
            .iter()
            .find(|found| !found.is_null())
            .or(types.first())
        {
            Some(found) => Ok(found.clone()),
            None => plan_err!("{} takes at least one argument", self.name),
        }
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args
            .arg_fields
            .iter()
            .map(|field| field.data_type().clone())
            .collect();
        let nullable = args.arg_fields.iter().all(|field| field.is_nullable());
        Ok(Field::new(self.name, self.return_type(&types)?, nullable).into())
    }

    /// Drops what cannot be reached: nulls, what is behind a constant, and nesting in the first
    /// argument.
    fn simplify(&self, args: Vec<Expr>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let last = args.len().saturating_sub(1);
        let mut remaining: Vec<Expr> = Vec::new();
        let mut is_changed = false;
        for (at, argument) in args.into_iter().enumerate() {
            let is_only = at == last && remaining.is_empty();
            match argument {
                _ if matches!(remaining.last(), Some(Expr::Literal(..))) => is_changed = true,
                Expr::Literal(value, _) if value.is_null() && !is_only => is_changed = true,
                Expr::ScalarFunction(call) if remaining.is_empty() && is_coalesce(&call) => {
                    is_changed = true;
                    remaining.extend(call.args);
                }
                other => remaining.push(other),
            }
        }
        match (remaining.len(), is_changed) {
            (0 | 1, _) => match remaining.pop() {
                Some(only) => Ok(ExprSimplifyResult::Simplified(only)),
                None => plan_err!("{} takes at least one argument", self.name),
            },
            (_, false) => Ok(ExprSimplifyResult::Original(remaining)),
            (_, true) => {
                let function = ScalarUDF::new_from_impl(Self::named("coalesce", &[]));
                let call = ScalarFunction::new_udf(function.into(), remaining);
                Ok(ExprSimplifyResult::Simplified(Expr::ScalarFunction(call)))
            }
        }
    }

    fn conditional_arguments<'a>(
        &self,
        args: &'a [Expr],
    ) -> Option<(Vec<&'a Expr>, Vec<&'a Expr>)> {
        let (first, rest) = args.split_first()?;
        Some((vec![first], rest.iter().collect()))
    }

    fn short_circuits(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let mut arguments = args.args.into_iter();
        let Some(first) = arguments.next() else {
            return plan_err!("{} takes at least one argument", self.name);
        };
        filled(first, args.number_rows, |_| Ok(arguments.next()))
    }
}

/// Fills the nulls of `first` with what `next` returns for the rows that are still null, until
/// nothing is null or there is nothing more.
pub(super) fn filled(
    first: ColumnarValue,
    rows: usize,
    mut next: impl FnMut(&BooleanArray) -> Result<Option<ColumnarValue>>,
) -> Result<ColumnarValue> {
    let mut result = first;
    loop {
        let missing = match &result {
            ColumnarValue::Scalar(value) if !value.is_null() => return Ok(result),
            ColumnarValue::Scalar(_) => BooleanArray::from(vec![true; rows]),
            ColumnarValue::Array(array) if array.null_count() == 0 => return Ok(result),
            ColumnarValue::Array(array) => is_null(array)?,
        };
        let Some(more) = next(&missing)? else {
            return Ok(result);
        };
        result = match result {
            // Everything is missing.
            ColumnarValue::Scalar(_) => more,
            ColumnarValue::Array(array) => ColumnarValue::Array(chosen(&missing, &more, &array)?),
        };
    }
}

fn chosen(missing: &BooleanArray, more: &ColumnarValue, array: &ArrayRef) -> Result<ArrayRef> {
    Ok(match more {
        ColumnarValue::Array(more) => zip(missing, more, array)?,
        ColumnarValue::Scalar(more) => zip(missing, &more.to_scalar()?, array)?,
    })
}
