//! Calling a scalar function as the host does.
use std::sync::Arc;

use crate::array::Array;
use crate::batch::Batch;
use crate::error::{Error, RowError};
use crate::scalar::{Binding, Evaluator, Function, Functions, Scalar};
use crate::schema::{Field, Schema};
use crate::typed::{Read, Write, column};
use crate::value::Value;

struct Only<F>(std::marker::PhantomData<F>);

impl<F: Scalar + 'static> Functions for Only<F> {
    fn functions() -> Vec<Function> {
        vec![Function::of::<F>()]
    }
}

/// A call of a function in the making; see [`scalar`].
pub struct ScalarCall<F> {
    args: Vec<(Field, Array, bool)>,
    of: std::marker::PhantomData<F>,
}

/// Calls a scalar function on columns and literals. The host casts arguments to the types of
/// the parameters; a test gives them so: `2_i64` for an `i64`.
///
/// ```
/// #[tsugi_plugin::scalar]
/// fn repeat(text: &str, times: i64) -> Result<String, String> {
///     let times = usize::try_from(times).map_err(|_| format!("{times} is negative"))?;
///     Ok(text.repeat(times))
/// }
///
/// let answers = tsugi_plugin::testing::scalar::<repeat>()
///     .column([Some("ab"), None, Some("c")])
///     .literal(2_i64)
///     .call()
///     .unwrap();
/// assert_eq!(answers.values::<String>(), [Some("abab".into()), None, Some("cc".into())]);
/// assert!(answers.failed.is_empty());
/// ```
pub fn scalar<F: Scalar + 'static>() -> ScalarCall<F> {
    ScalarCall {
        args: Vec::new(),
        of: std::marker::PhantomData,
    }
}

impl<F: Scalar + 'static> ScalarCall<F> {
    /// Adds an argument that is a column.
    #[must_use]
    pub fn column<T: Write>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        let (field, array) = column("arg", values);
        self.args.push((field.nullable(), array, false));
        self
    }

    /// Adds an argument that is a literal.
    #[must_use]
    pub fn literal<T: Write>(mut self, value: T) -> Self {
        let (field, array) = column("arg", [value]);
        self.args.push((field.nullable(), array, true));
        self
    }

    /// Calls it. A call of literals alone has one row.
    pub fn call(self) -> Result<Answers, Error> {
        let args = self
            .args
            .iter()
            .map(|(field, ..)| field.clone())
            .collect::<Schema>();
        let literal = |(at, arg): (usize, &(Field, Array, bool))| arg.2.then_some(at as u32);
        let constants = self.args.iter().enumerate().filter_map(literal).collect();
        let (literals, columns): (Vec<_>, Vec<_>) =
            self.args.into_iter().partition(|(.., literal)| *literal);
        let batch = |args: Vec<(Field, Array, bool)>| {
            Batch::new(args.into_iter().map(|(field, array, _)| (field, array)))
        };
        let signature = F::signature();
        let call = Binding {
            name: signature.name,
            args: args.to_wire(),
            constants,
            values: batch(literals)?.into_wire(),
        };
        let evaluator = Evaluator::<Only<F>>::bind(call)?;
        let mut rows = batch(columns)?.into_wire();
        if rows.nodes.is_empty() {
            rows.rows = 1;
        }
        let count = rows.rows as usize;
        let evaluated = evaluator.answer(rows)?;
        let schema = Arc::new(Schema::from_wire(&signature.returns)?);
        let batch = Batch::from_wire(schema, evaluated.column)?;
        if batch.rows() != count {
            let message = format!("{} answers for {count} rows", batch.rows());
            return Err(Error::defect("bad-batch", message));
        }
        Ok(Answers {
            batch,
            failed: evaluated.failed,
        })
    }
}

/// What a call answered.
#[derive(Clone, Debug)]
pub struct Answers {
    /// One column, one row an answer.
    pub batch: Batch,
    pub failed: Vec<RowError>,
}

impl Answers {
    /// The answers as a Rust type, none for null. Panics when they are of another type, since
    /// that is a mistake in the test.
    #[allow(clippy::expect_used, reason = "a test fails by panicking")]
    pub fn values<'a, T: Read<'a>>(&'a self) -> Vec<Option<T>> {
        let column = self
            .batch
            .column_at(0)
            .expect("a call answers with a column");
        let view = T::bind(column).expect("the answers are of the type of the request");
        (0..self.batch.rows())
            .map(|row| T::get(&view, row))
            .collect()
    }

    /// The answer of a row, of any type.
    pub fn value(&self, row: usize) -> Value<'_> {
        self.batch
            .column_at(0)
            .map_or(Value::Null, |column| column.value(row))
    }
}
