//! The answer of a table function, made batch by batch as the host takes it.
use std::sync::Arc;

use crate::batch::Batch;
use crate::builders::Builder;
use crate::error::Error;
use crate::rows::{record_batch, schema_of};
use crate::typed::Write;

/// Rows of a batch at most, where the function does not say otherwise: small enough that no batch
/// is long in the making.
const ROWS_MAX: usize = 4096;

/// The batches of an answer. Each is made when the host takes it, so that a large answer is never
/// held as a whole.
///
/// ```
/// # use tsugi_plugin::{Batches, Error, Record};
/// #[derive(Record)]
/// struct Suspect { lot: String, rate: Option<f64> }
///
/// # fn main() -> Result<(), Error> {
/// let suspects = (0..10_000).map(|at| Suspect { lot: format!("L-{at}"), rate: None });
/// let mut answer = Batches::rows(suspects);
/// assert_eq!(answer.next()?.unwrap().rows(), 4096);
/// # Ok(()) }
/// ```
pub struct Batches(Box<dyn FnMut() -> Result<Option<Batch>, Error>>);

impl Batches {
    pub fn none() -> Self {
        Self(Box::new(|| Ok(None)))
    }

    /// Batches of any iterator.
    pub fn of<I>(batches: I) -> Self
    where
        I: IntoIterator<Item = Result<Batch, Error>, IntoIter: 'static>,
    {
        let mut batches = batches.into_iter().fuse();
        Self(Box::new(move || batches.next().transpose()))
    }

    /// Rows of a `#[derive(Record)]` struct.
    pub fn rows<R, I>(rows: I) -> Self
    where
        R: Write + 'static,
        I: IntoIterator<Item = R, IntoIter: 'static>,
    {
        Self::steps(ROWS_MAX, rows.into_iter().map(Some))
    }

    /// Rows of a function that works long: at most `rows_max` a batch; a step that gives none ends the
    /// batch, so that no call of the host lasts too long.
    pub fn steps<R, I>(rows_max: usize, steps: I) -> Self
    where
        R: Write + 'static,
        I: IntoIterator<Item = Option<R>, IntoIter: 'static>,
    {
        let schema = Arc::new(schema_of::<R>());
        let mut steps = steps.into_iter().fuse();
        Self(Box::new(move || {
            let mut rows = R::Builder::with_capacity(0);
            let (mut count, mut ended) = (0, true);
            for step in steps.by_ref() {
                ended = false;
                match step {
                    Some(row) => row.write(&mut rows),
                    None => break,
                }
                count += 1;
                if count == rows_max {
                    break;
                }
            }
            Ok((!ended).then(|| record_batch(&schema, rows.finish())))
        }))
    }

    /// The next batch; none after the last. A batch without rows means that there may be more.
    #[allow(clippy::should_implement_trait, reason = "it can fail")]
    pub fn next(&mut self) -> Result<Option<Batch>, Error> {
        (self.0)()
    }
}

impl From<Vec<Batch>> for Batches {
    fn from(batches: Vec<Batch>) -> Self {
        Self::of(batches.into_iter().map(Ok))
    }
}

impl From<Batch> for Batches {
    fn from(batch: Batch) -> Self {
        Self::from(vec![batch])
    }
}
