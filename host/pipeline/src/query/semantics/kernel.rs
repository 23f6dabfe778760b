//! Checked integer arithmetic over whole columns: one pass that computes and remembers whether
//! any row overflowed, and a second one only where one did.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray as _, PrimitiveArray};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{
    DataType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::ColumnarValue;

/// One operation on integers of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Negate,
    ShiftLeft,
    /// By more digits than there are it gives zero, where the engine's own begins anew.
    ShiftRight,
}

impl Operation {
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract | Self::Negate => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
        }
    }
}

/// The operands of the first row that has no result, as `a + b`.
#[derive(Debug)]
pub(super) struct Overflow {
    pub(super) values: String,
    pub(super) is_division_by_zero: bool,
}

/// The arithmetic of one integer type.
trait Integer: Copy + std::fmt::Display {
    /// The wrapped result, and a number that is below zero (for unsigned types: not zero) where
    /// it overflowed. Both vectorise.
    fn compute(operation: Operation, a: Self, b: Self) -> (Self, Self);
    fn flagged(flags: Self) -> bool;
    fn is_zero(number: Self) -> bool;
    fn either(a: Self, b: Self) -> Self;
    const NONE: Self;
}

/// How far to shift a number of so many digits; nothing where none of them would be left.
#[inline(always)]
fn shift(by: impl TryInto<u32>, digits: u32) -> Option<u32> {
    by.try_into().ok().filter(|&by| by < digits)
}

macro_rules! signed {
    ($native:ty) => {
        impl Integer for $native {
            #[inline(always)]
            fn compute(operation: Operation, a: Self, b: Self) -> (Self, Self) {
                match operation {
                    Operation::Add => {
                        let sum = a.wrapping_add(b);
                        (sum, (a ^ sum) & (b ^ sum))
                    }
                    Operation::Subtract => {
                        let difference = a.wrapping_sub(b);
                        (difference, (a ^ b) & (a ^ difference))
                    }
                    Operation::Multiply => {
                        let (product, overflows) = a.overflowing_mul(b);
                        (product, -Self::from(overflows as i8))
                    }
                    Operation::Divide => match b {
                        0 => (0, -1),
                        _ => {
                            let (quotient, overflows) = a.overflowing_div(b);
                            (quotient, -Self::from(overflows as i8))
                        }
                    },
                    // The remainder of the least number by -1 is zero, whatever the quotient.
                    Operation::Remainder => match b {
                        0 => (0, -1),
                        _ => (a.wrapping_rem(b), 0),
                    },
                    Operation::Negate => (a.wrapping_neg(), a & a.wrapping_neg()),
                    // Shifted back it is the same number, or digits were lost.
                    Operation::ShiftLeft => match shift(b, <$native>::BITS) {
                        Some(by) if a.wrapping_shl(by) >> by == a => (a.wrapping_shl(by), 0),
                        None if a == 0 && b > 0 => (0, 0),
                        _ => (0, -1),
                    },
                    Operation::ShiftRight => (shift(b, <$native>::BITS).map_or(0, |by| a >> by), 0),
                }
            }
            #[inline(always)]
            fn flagged(flags: Self) -> bool {
                flags < 0
            }
            fn is_zero(number: Self) -> bool {
                number == 0
            }
            #[inline(always)]
            fn either(a: Self, b: Self) -> Self {
                a | b
            }
            const NONE: Self = 0;
        }
    };
}

macro_rules! unsigned {
    ($native:ty) => {
        impl Integer for $native {
            #[inline(always)]
            fn compute(operation: Operation, a: Self, b: Self) -> (Self, Self) {
                let (result, overflows) = match operation {
                    Operation::Add => a.overflowing_add(b),
                    Operation::Subtract => a.overflowing_sub(b),
                    Operation::Multiply => a.overflowing_mul(b),
                    Operation::Divide if b != 0 => a.overflowing_div(b),
                    Operation::Remainder if b != 0 => a.overflowing_rem(b),
                    Operation::Divide | Operation::Remainder => (0, true),
                    Operation::Negate => a.overflowing_neg(),
                    Operation::ShiftLeft => match shift(b, <$native>::BITS) {
                        Some(by) if a.wrapping_shl(by) >> by == a => (a.wrapping_shl(by), false),
                        _ => (0, a != 0),
                    },
                    Operation::ShiftRight => {
                        (shift(b, <$native>::BITS).map_or(0, |by| a >> by), false)
                    }
                };
                (result, Self::from(overflows))
            }
            #[inline(always)]
            fn flagged(flags: Self) -> bool {
                flags != 0
            }
            fn is_zero(number: Self) -> bool {
                number == 0
            }
            #[inline(always)]
            fn either(a: Self, b: Self) -> Self {
                a | b
            }
            const NONE: Self = 0;
        }
    };
}

signed!(i8);
signed!(i16);
signed!(i32);
signed!(i64);
unsigned!(u8);
unsigned!(u16);
unsigned!(u32);
unsigned!(u64);

/// Computes `operation` over arguments of one integer type; one argument for a negation.
pub(super) fn integers(
    operation: Operation,
    arguments: &[ColumnarValue],
) -> Result<std::result::Result<ColumnarValue, Overflow>> {
    let (a, b) = match arguments {
        [a] => (a, a),
        [a, b] => (a, b),
        _ => return internal_err!("arithmetic takes one or two arguments"),
    };
    match a.data_type() {
        DataType::Int8 => compute::<Int8Type>(operation, a, b),
        DataType::Int16 => compute::<Int16Type>(operation, a, b),
        DataType::Int32 => compute::<Int32Type>(operation, a, b),
        DataType::Int64 => compute::<Int64Type>(operation, a, b),
        DataType::UInt8 => compute::<UInt8Type>(operation, a, b),
        DataType::UInt16 => compute::<UInt16Type>(operation, a, b),
        DataType::UInt32 => compute::<UInt32Type>(operation, a, b),
        DataType::UInt64 => compute::<UInt64Type>(operation, a, b),
        other => internal_err!("{other} is no integer"),
    }
}

fn compute<T: ArrowPrimitiveType<Native: Integer>>(
    operation: Operation,
    a: &ColumnarValue,
    b: &ColumnarValue,
) -> Result<std::result::Result<ColumnarValue, Overflow>> {
    let is_constant = |value: &ColumnarValue| matches!(value, ColumnarValue::Scalar(_));
    let array = |value: &ColumnarValue| match value {
        ColumnarValue::Array(array) => Ok(Arc::clone(array)),
        ColumnarValue::Scalar(constant) => constant.to_array(),
    };
    let (left, right) = (array(a)?, array(b)?);
    if let [left, right] = [&left, &right].map(|side| side.as_primitive_opt::<T>())
        && let (Some(left), Some(right)) = (left, right)
    {
        let (a_is_constant, b_is_constant) = (is_constant(a), is_constant(b));
        let computed = match (a_is_constant, b_is_constant) {
            (true, false) => constant_first(operation, left, right),
            (false, true) => constant_last(operation, left, right),
            _ => both(operation, left, right),
        };
        return Ok(match computed {
            Err(overflow) => Err(overflow),
            Ok(result) if a_is_constant && b_is_constant => {
                let result: ArrayRef = Arc::new(result);
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                    &result, 0,
                )?))
            }
            Ok(result) => Ok(ColumnarValue::Array(Arc::new(result))),
        });
    }
    internal_err!("the operands are of different types")
}

fn constant_first<T: ArrowPrimitiveType<Native: Integer>>(
    operation: Operation,
    constant: &PrimitiveArray<T>,
    column: &PrimitiveArray<T>,
) -> std::result::Result<PrimitiveArray<T>, Overflow> {
    if constant.is_null(0) {
        return Ok(PrimitiveArray::new_null(column.len()));
    }
    let constant = constant.value(0);
    let values = column.values().iter().map(|&value| (constant, value));
    pass(operation, values, column.nulls().cloned())
}

fn constant_last<T: ArrowPrimitiveType<Native: Integer>>(
    operation: Operation,
    column: &PrimitiveArray<T>,
    constant: &PrimitiveArray<T>,
) -> std::result::Result<PrimitiveArray<T>, Overflow> {
    if constant.is_null(0) {
        return Ok(PrimitiveArray::new_null(column.len()));
    }
    let constant = constant.value(0);
    let values = column.values().iter().map(|&value| (value, constant));
    pass(operation, values, column.nulls().cloned())
}

fn both<T: ArrowPrimitiveType<Native: Integer>>(
    operation: Operation,
    left: &PrimitiveArray<T>,
    right: &PrimitiveArray<T>,
) -> std::result::Result<PrimitiveArray<T>, Overflow> {
    let values = left.values().iter().zip(right.values());
    let nulls = NullBuffer::union(left.nulls(), right.nulls());
    pass(operation, values.map(|(&a, &b)| (a, b)), nulls)
}

/// Dispatches once a batch, so that the loop knows its operation.
#[inline(always)]
fn pass<T: ArrowPrimitiveType<Native: Integer>>(
    operation: Operation,
    values: impl ExactSizeIterator<Item = (T::Native, T::Native)> + Clone,
    nulls: Option<NullBuffer>,
) -> std::result::Result<PrimitiveArray<T>, Overflow> {
    match operation {
        Operation::Add => run(Operation::Add, values, nulls),
        Operation::Subtract => run(Operation::Subtract, values, nulls),
        Operation::Multiply => run(Operation::Multiply, values, nulls),
        Operation::Divide => run(Operation::Divide, values, nulls),
        Operation::Remainder => run(Operation::Remainder, values, nulls),
        Operation::Negate => run(Operation::Negate, values, nulls),
        Operation::ShiftLeft => run(Operation::ShiftLeft, values, nulls),
        Operation::ShiftRight => run(Operation::ShiftRight, values, nulls),
    }
}

#[inline(always)]
fn run<T: ArrowPrimitiveType<Native: Integer>>(
    operation: Operation,
    values: impl ExactSizeIterator<Item = (T::Native, T::Native)> + Clone,
    nulls: Option<NullBuffer>,
) -> std::result::Result<PrimitiveArray<T>, Overflow> {
    let mut flags = T::Native::NONE;
    let computed: Vec<T::Native> = values
        .clone()
        .map(|(a, b)| {
            let (result, flag) = T::Native::compute(operation, a, b);
            flags = T::Native::either(flags, flag);
            result
        })
        .collect();
    if T::Native::flagged(flags) {
        // What lies under a null is no value.
        let is_null = |row: usize| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
        let found = values.enumerate().find(|(row, (a, b))| {
            let (_, flag) = T::Native::compute(operation, *a, *b);
            T::Native::flagged(flag) && !is_null(*row)
        });
        if let Some((_, (a, b))) = found {
            let divides = matches!(operation, Operation::Divide | Operation::Remainder);
            return Err(Overflow {
                values: match operation {
                    Operation::Negate => format!("-({a})"),
                    _ => format!("{a} {} {b}", operation.symbol()),
                },
                is_division_by_zero: divides && T::Native::is_zero(b),
            });
        }
    }
    Ok(PrimitiveArray::new(computed.into(), nulls))
}
