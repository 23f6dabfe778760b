//! Scalar functions: rows in, as many rows out. Authors write `#[tsugi_plugin::scalar]`;
//! what it makes of a function runs here.
use std::fmt::Display;
use std::sync::Arc;

use crate::batch::Batch;
use crate::bindings::imports::tsugi::plugin::types::Batch as WireBatch;
use crate::bindings::scalar::exports::tsugi::plugin::scalar as wit;
use crate::builders::Builder;
use crate::error::{Error, Fault, RowError};
use crate::rows::record_column;
use crate::schema::{Field, Schema};
use crate::typed::{Read, Typed, Write};
use crate::view::Column;

pub use wit::{Binding, Evaluated, Signature};

/// One overload of a function. `#[tsugi_plugin::scalar]` implements it on a type of the
/// function's own name, which is what [`export!`](crate::export) and the tests take.
pub trait Scalar {
    fn signature() -> Signature;
    /// Computes one value a row.
    fn evaluate(args: &Arguments<'_>) -> Result<Evaluated, Error>;
}

/// A function behind pointers, for the list that a component exports.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    signature: fn() -> Signature,
    evaluate: fn(&Arguments<'_>) -> Result<Evaluated, Error>,
}

impl Function {
    /// The function of this type.
    pub fn of<F: Scalar>() -> Self {
        Self {
            signature: F::signature,
            evaluate: F::evaluate,
        }
    }
}

/// The scalar functions of a component.
pub trait Functions: 'static {
    fn functions() -> Vec<Function>;
}

/// What one call of a function gets: a column an argument, literals with one row.
#[derive(Debug)]
pub struct Arguments<'a> {
    rows: usize,
    columns: Vec<(Column<'a>, bool)>,
}

/// One argument, ready to be read; a literal answers every row with its one value.
pub struct Argument<'a, T: Read<'a>> {
    view: T::View,
    /// All ones for a column, zero for a literal.
    mask: usize,
}

impl<'a> Arguments<'a> {
    /// How many rows to answer.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The argument at a place as a `T`.
    pub fn bind<T: Read<'a>>(&self, at: usize) -> Result<Argument<'a, T>, Error> {
        let (column, literal) = *self.columns.get(at).ok_or_else(|| {
            Error::defect("missing-argument", format!("there is no argument {at}"))
        })?;
        let mask = if literal { 0 } else { usize::MAX };
        Ok(Argument {
            view: T::bind(column)?,
            mask,
        })
    }
}

impl<'a, T: Read<'a>> Argument<'a, T> {
    /// Whether it is a column without nulls, so that [`Argument::at`] may read every row.
    pub fn dense(&self) -> bool {
        self.mask != 0 && T::dense(&self.view)
    }

    /// The value for a row; none where the row has none.
    #[inline(always)]
    pub fn get(&self, row: usize) -> Option<T> {
        T::get(&self.view, row & self.mask)
    }

    /// The value of a dense column.
    #[inline(always)]
    pub fn at(&self, row: usize) -> T {
        T::raw(&self.view, row).unwrap_or_else(|| beyond())
    }
}

#[cold]
fn beyond() -> ! {
    unreachable!("every column was checked to have as many values as the batch has rows")
}

/// What a scalar function may return: a value, or a result whose error fails the row.
pub trait Outcome {
    type Value: Write;
    /// The value, or why there is none.
    fn settle(self) -> Result<Self::Value, String>;
    /// Writes the answers of rows 0 to `rows`.
    fn fill(rows: usize, to: &mut Results<Self>, of_row: impl FnMut(usize) -> Self)
    where
        Self: Sized;
}

impl<T: Write> Outcome for T {
    type Value = T;
    #[inline(always)]
    fn settle(self) -> Result<T, String> {
        Ok(self)
    }
    #[inline(always)]
    fn fill(rows: usize, to: &mut Results<Self>, of_row: impl FnMut(usize) -> Self) {
        T::fill(rows, &mut to.column, of_row);
    }
}

impl<T: Write, E: Display> Outcome for Result<T, E> {
    type Value = T;
    #[inline(always)]
    fn settle(self) -> Result<T, String> {
        self.map_err(|error| error.to_string())
    }
    #[inline(always)]
    fn fill(rows: usize, to: &mut Results<Self>, mut of_row: impl FnMut(usize) -> Self) {
        (0..rows).for_each(|row| to.push(row, of_row(row)));
    }
}

/// The note that a row has none.
pub(crate) fn failed(row: usize, message: String) -> RowError {
    RowError {
        row: u32::try_from(row).unwrap_or(u32::MAX),
        code: "failed".into(),
        message,
    }
}

/// The answers of one call while they are written.
pub struct Results<R: Outcome> {
    column: <R::Value as Write>::Builder,
    failed: Vec<RowError>,
}

impl<R: Outcome> Results<R> {
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            column: Builder::with_capacity(rows),
            failed: Vec::new(),
        }
    }

    /// Adds the answer for a row; a failure becomes a null and a note.
    #[inline(always)]
    pub fn push(&mut self, row: usize, answer: R) {
        match answer.settle() {
            Ok(value) => value.write(&mut self.column),
            Err(message) => {
                self.column.push_null();
                self.failed.push(failed(row, message));
            }
        }
    }

    #[inline(always)]
    pub fn push_null(&mut self) {
        self.column.push_null();
    }

    /// Adds the answers of rows 0 to `rows`, none of which has a null argument.
    #[inline(always)]
    pub fn fill(&mut self, rows: usize, of_row: impl FnMut(usize) -> R) {
        R::fill(rows, self, of_row);
    }

    /// The answers as they cross.
    pub fn finish(self) -> Evaluated {
        Evaluated {
            column: record_column(self.column.finish()),
            failed: self.failed,
        }
    }
}

/// Puts a signature together; what `#[tsugi_plugin::scalar]` calls.
pub fn signature<R: Outcome>(
    name: &str,
    params: &[(&str, crate::DataType)],
    volatility: &str,
    doc: &str,
) -> Signature {
    let param = |(name, data_type): &(&str, crate::DataType)| {
        Field::new(*name, data_type.clone()).nullable()
    };
    let returns = Field::new(name, R::Value::data_type()).nullable();
    Signature {
        name: name.to_owned(),
        params: params.iter().map(param).collect::<Schema>().to_wire(),
        returns: [returns].into_iter().collect::<Schema>().to_wire(),
        volatility: volatility.to_owned(),
        doc: doc.to_owned(),
        extra: Vec::new(),
    }
}

/// One use of a function: its literals are held, its columns come with each batch.
pub struct Evaluator<P> {
    function: Function,
    literals: Batch,
    columns: Arc<Schema>,
    /// For each argument its place: among the literals, or among the columns.
    places: Vec<(usize, bool)>,
    of: std::marker::PhantomData<P>,
}

impl<P: Functions> Evaluator<P> {
    /// Finds the overload of the name whose parameters have the arguments' types.
    pub fn bind(call: Binding) -> Result<Self, Error> {
        let formats: Vec<&str> = call
            .args
            .iter()
            .map(|field| field.format.as_str())
            .collect();
        let function = P::functions()
            .into_iter()
            .find(|function| {
                let signature = (function.signature)();
                signature.name == call.name
                    && signature
                        .params
                        .iter()
                        .map(|field| field.format.as_str())
                        .eq(formats.iter().copied())
            })
            .ok_or_else(|| {
                let message = format!("there is no `{}({})`", call.name, formats.join(", "));
                Error::config("no-such-function", message)
            })?;
        let args = Schema::from_wire(&call.args)?;
        let (mut literals, mut columns, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (at, field) in args.fields().iter().enumerate() {
            let literal = call
                .constants
                .iter()
                .any(|constant| *constant as usize == at);
            let group = if literal { &mut literals } else { &mut columns };
            places.push((group.len(), literal));
            group.push(field.clone());
        }
        if literals.len() != call.constants.len() || !call.constants.is_sorted() {
            return Err(Error::defect(
                "bad-binding",
                "the literals do not fit the arguments",
            ));
        }
        let literals = Batch::from_host(Arc::new(literals.into_iter().collect()), call.values)?;
        if !call.constants.is_empty() && literals.rows() != 1 {
            return Err(Error::defect("bad-binding", "literals cross as one row"));
        }
        let columns = Arc::new(columns.into_iter().collect());
        Ok(Self {
            function,
            literals,
            columns,
            places,
            of: std::marker::PhantomData,
        })
    }

    pub fn answer(&self, args: WireBatch) -> Result<Evaluated, Error> {
        let batch = Batch::from_host(self.columns.clone(), args)?;
        let column = |(at, literal): &(usize, bool)| {
            let from = if *literal { &self.literals } else { &batch };
            Ok((from.column_at(*at)?, *literal))
        };
        let columns = self
            .places
            .iter()
            .map(column)
            .collect::<Result<_, Error>>()?;
        (self.function.evaluate)(&Arguments {
            rows: batch.rows(),
            columns,
        })
    }
}

impl<P: Functions> wit::Guest for P {
    type Evaluator = Evaluator<P>;
    fn signatures() -> Vec<Signature> {
        P::functions()
            .iter()
            .map(|function| (function.signature)())
            .collect()
    }
}

impl<P: Functions> wit::GuestEvaluator for Evaluator<P> {
    fn open(call: Binding) -> Result<wit::Evaluator, Fault> {
        Ok(wit::Evaluator::new(Self::bind(call)?))
    }

    fn evaluate(&self, args: WireBatch) -> Result<Evaluated, Fault> {
        Ok(self.answer(args)?)
    }
}
