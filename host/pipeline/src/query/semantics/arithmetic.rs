//! Integer arithmetic that fails where the engine's wraps around (apache/datafusion#12140, #3520;
//! no release makes it fail), with the expression and the operands in the error.

use std::fmt::Write as _;
use std::hash::{Hash, Hasher};

use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{ExprSchema, Result, internal_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable as _, Operator, ReturnFieldArgs,
    ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::decimal::Fitting;
use super::error::ComputeError;
use super::kernel::{self, Operation, Overflow};

/// Longer expressions are cut in errors.
const SHOWN_MAX_CHARS: usize = 120;

/// `a + b - c` over integers of one type, as one function: a chain is computed from left to right
/// and is one level deep, where each level would cost every rule of the engine another walk.
#[derive(Debug)]
pub(super) struct Checked {
    /// One less than the arguments; a negation has one argument.
    operations: Vec<Operation>,
    data_type: DataType,
    /// The expression for errors; two calls that differ in it alone are the same.
    shown: String,
    signature: Signature,
}

impl PartialEq for Checked {
    fn eq(&self, other: &Self) -> bool {
        self.operations == other.operations && self.data_type == other.data_type
    }
}

impl Eq for Checked {}

impl Hash for Checked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.operations.hash(state);
    }
}

/// The call that takes the place of an operation on integers; nothing for other expressions.
pub(super) fn checked(expression: &Expr, schema: &dyn ExprSchema) -> Result<Option<Expr>> {
    let (operation, data_type, arguments) = match expression {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let operation = match op {
                Operator::Plus => Operation::Add,
                Operator::Minus => Operation::Subtract,
                Operator::Multiply => Operation::Multiply,
                Operator::Divide => Operation::Divide,
                Operator::Modulo => Operation::Remainder,
                Operator::BitwiseShiftLeft => Operation::ShiftLeft,
                Operator::BitwiseShiftRight => Operation::ShiftRight,
                _ => return Ok(None),
            };
            let data_type = type_of(left, schema)?;
            if !data_type.is_integer() || data_type != type_of(right, schema)? {
                return Ok(None);
            }
            (
                operation,
                data_type,
                vec![(**left).clone(), (**right).clone()],
            )
        }
        Expr::Negative(inner) => {
            let data_type = type_of(inner, schema)?;
            if !data_type.is_signed_integer() {
                return Ok(None);
            }
            (Operation::Negate, data_type, vec![(**inner).clone()])
        }
        _ => return Ok(None),
    };
    let shown = shown(expression);
    let (operations, arguments) = chained(operation, arguments);
    let function = Checked {
        operations,
        data_type,
        shown,
        signature: Signature::user_defined(Volatility::Immutable),
    };
    let function = ScalarUDF::new_from_impl(function);
    Ok(Some(Expr::ScalarFunction(ScalarFunction::new_udf(
        function.into(),
        arguments,
    ))))
}

/// Whether a call is integer arithmetic that fails where it leaves its type.
pub(super) fn is_checked(call: &ScalarFunction) -> bool {
    call.func.inner().downcast_ref::<Checked>().is_some()
}

/// The operations and arguments of an operation whose left side may itself be a chain.
fn chained(operation: Operation, mut arguments: Vec<Expr>) -> (Vec<Operation>, Vec<Expr>) {
    if let [Expr::ScalarFunction(call), right] = arguments.as_mut_slice()
        && let Some(left) = call.func.inner().downcast_ref::<Checked>()
        && left.operations != [Operation::Negate]
    {
        let mut operations = left.operations.clone();
        operations.push(operation);
        let mut all = std::mem::take(&mut call.args);
        all.push(std::mem::take(right));
        return (operations, all);
    }
    (vec![operation], arguments)
}

/// The type of an expression. That of a checked call is known without asking its arguments, which
/// long chains would be walked again and again for.
fn type_of(expression: &Expr, schema: &dyn ExprSchema) -> Result<DataType> {
    if let Expr::ScalarFunction(call) = expression
        && let Some(checked) = call.func.inner().downcast_ref::<Checked>()
    {
        return Ok(checked.data_type.clone());
    }
    expression.get_type(schema)
}

/// An expression as an author would write it, cut where it is long.
pub(in super::super) fn shown(expression: &Expr) -> String {
    let mut text = Cut {
        text: String::new(),
        rest: SHOWN_MAX_CHARS,
    };
    // Writing fails where the text is cut, which saves walking the rest of a large expression.
    if write!(text, "{}", Shown(expression)).is_err() {
        text.text.push('…');
    }
    text.text
}

struct Cut {
    text: String,
    rest: usize,
}

impl std::fmt::Write for Cut {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for c in text.chars() {
            self.rest = self.rest.checked_sub(1).ok_or(std::fmt::Error)?;
            self.text.push(c);
        }
        Ok(())
    }
}

/// Functions of ours that an author does not write.
const AROUND: [&str; 4] = ["as_text", "plain_double", "round_half_even", "written_time"];

/// Writes an expression without the types of its literals.
struct Shown<'e>(&'e Expr);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Expr::Alias(alias) => Shown(&alias.expr).fmt(f),
            Expr::Cast(cast) => Shown(&cast.expr).fmt(f),
            Expr::Column(column) => f.write_str(&column.name),
            Expr::Literal(value, _) => match value.data_type() {
                DataType::Utf8 => write!(f, "'{value}'"),
                _ => write!(f, "{value}"),
            },
            Expr::Negative(inner) => write!(f, "-{}", Shown(inner)),
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
                let binds = binding(self.0);
                let side = |f: &mut std::fmt::Formatter<'_>, one, is_looser| match is_looser {
                    true => write!(f, "({})", Shown(one)),
                    false => write!(f, "{}", Shown(one)),
                };
                side(f, left, binding(left) < binds)?;
                write!(f, " {op} ")?;
                side(f, right, binding(right) <= binds)
            }
            // Calls that stand around what the author wrote.
            Expr::ScalarFunction(call) if AROUND.contains(&call.name()) => {
                call.args.first().map_or(Ok(()), |one| Shown(one).fmt(f))
            }
            Expr::ScalarFunction(call) => match written(call) {
                Some(shown) => f.write_str(shown),
                None => {
                    write!(f, "{}(", call.name())?;
                    for (at, argument) in call.args.iter().enumerate() {
                        write!(f, "{}{}", if at > 0 { ", " } else { "" }, Shown(argument))?;
                    }
                    f.write_str(")")
                }
            },
            other => write!(f, "{other}"),
        }
    }
}

/// The operation that a call of ours takes the place of, as its author wrote it.
fn written(call: &ScalarFunction) -> Option<&str> {
    let function = call.func.inner();
    let of_integers = function.downcast_ref::<Checked>().map(|one| &one.shown);
    let of_decimals = || function.downcast_ref::<Fitting>().map(|one| &one.shown);
    of_integers.or_else(of_decimals).map(String::as_str)
}

/// How strongly the outermost operator of an expression binds; that of a call is not looser than
/// any other.
fn binding(expression: &Expr) -> u8 {
    match expression {
        Expr::Alias(alias) => binding(&alias.expr),
        Expr::Cast(cast) => binding(&cast.expr),
        Expr::BinaryExpr(BinaryExpr { op, .. }) => op.precedence(),
        Expr::ScalarFunction(call) => match call.func.inner().downcast_ref::<Checked>() {
            Some(Checked { operations, .. }) => match operations.last() {
                Some(Operation::Add | Operation::Subtract) => Operator::Plus.precedence(),
                Some(Operation::ShiftLeft | Operation::ShiftRight) => {
                    Operator::BitwiseShiftLeft.precedence()
                }
                Some(Operation::Negate) | None => u8::MAX,
                Some(_) => Operator::Multiply.precedence(),
            },
            None => match call.func.inner().downcast_ref::<Fitting>() {
                Some(fitting) => fitting.operator.precedence(),
                None => u8::MAX,
            },
        },
        _ => u8::MAX,
    }
}

impl Checked {
    fn failed(&self, found: Overflow) -> ComputeError {
        let (expression, values) = (self.shown.clone(), found.values);
        match found.is_division_by_zero {
            true => ComputeError::DivisionByZero { expression, values },
            false => ComputeError::Overflow {
                expression,
                data_type: sql_name(&self.data_type).to_owned(),
                values,
            },
        }
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &str {
        match self.operations.as_slice() {
            [Operation::Add] => "checked_add",
            [Operation::Subtract] => "checked_subtract",
            [Operation::Multiply] => "checked_multiply",
            [Operation::Divide] => "checked_divide",
            [Operation::Remainder] => "checked_remainder",
            [Operation::Negate] => "checked_negate",
            [Operation::ShiftLeft] => "checked_shift_left",
            [Operation::ShiftRight] => "checked_shift_right",
            _ => "checked_arithmetic",
        }
    }

    /// The name that the engine gives the column of the operations themselves, which the plan above
    /// refers to.
    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let Some((first, rest)) = args.split_first() else {
            return internal_err!("arithmetic takes arguments");
        };
        if rest.is_empty() {
            return Ok(format!("(- {})", first.schema_name()));
        }
        let mut name = first.schema_name().to_string();
        for (operation, argument) in self.operations.iter().zip(rest) {
            let _ = write!(name, " {} {}", operation.symbol(), argument.schema_name());
        }
        Ok(name)
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.data_type.clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let nullable = args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Field::new(self.name(), self.data_type.clone(), nullable).into())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let mut arguments = args.args.into_iter();
        let Some(mut result) = arguments.next() else {
            return internal_err!("arithmetic takes arguments");
        };
        for operation in &self.operations {
            let operands: Vec<ColumnarValue> =
                std::iter::once(result).chain(arguments.next()).collect();
            let computed = kernel::integers(*operation, &operands)?;
            result = computed.map_err(|found| self.failed(found))?;
        }
        Ok(result)
    }
}

/// What SQL calls an integer type.
pub(super) fn sql_name(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int8 => "TINYINT",
        DataType::Int16 => "SMALLINT",
        DataType::Int32 => "INT",
        DataType::Int64 => "BIGINT",
        DataType::UInt8 => "TINYINT UNSIGNED",
        DataType::UInt16 => "SMALLINT UNSIGNED",
        DataType::UInt32 => "INT UNSIGNED",
        DataType::UInt64 => "BIGINT UNSIGNED",
        _ => "its type",
    }
}
