//! Aggregate functions: many rows to one value a group, with state that merges.
use std::cell::RefCell;
use std::sync::Arc;

use crate::batch::Batch;
use crate::bindings::aggregate::exports::tsugi::plugin::aggregate as wit;
use crate::bindings::imports::tsugi::plugin::types::{Batch as WireBatch, Field as WireField};
use crate::builders::Builder;
use crate::error::{Error, Fault};
use crate::rows::{record_batch, record_column, schema_of};
use crate::schema::{Field, Schema};
use crate::typed::{Read, Record, Typed, Write};

pub use wit::Signature;

/// An aggregate function. One value of the type is one group; it begins as its
/// default, which is what a group of no rows is.
///
/// ```
/// use tsugi_plugin::{Aggregate, Error, Record};
///
/// /// The smallest and largest seen so far.
/// #[derive(Clone, Default, Record)]
/// struct Spread { low: Option<f64>, high: Option<f64> }
///
/// impl Aggregate for Spread {
///     const NAME: &'static str = "spread";
///     const DOC: &'static str = "How far the values of a group lie apart.";
///     const PARAMS: &'static [&'static str] = &["x"];
///     type Args<'a> = (f64,);
///     type State = Self;
///     type Output = Option<f64>;
///
///     fn update(&mut self, (x,): (f64,)) -> Result<(), Error> {
///         self.merge(Spread { low: Some(x), high: Some(x) })
///     }
///     fn merge(&mut self, other: Self) -> Result<(), Error> {
///         self.low = self.low.into_iter().chain(other.low).reduce(f64::min);
///         self.high = self.high.into_iter().chain(other.high).reduce(f64::max);
///         Ok(())
///     }
///     fn state(&self) -> Self { self.clone() }
///     fn result(&self) -> Option<f64> { Some(self.high? - self.low?) }
/// }
/// ```
pub trait Aggregate: Default + 'static {
    /// Its name in SQL.
    const NAME: &'static str;
    /// What it answers, in a sentence.
    const DOC: &'static str = "";
    /// The names of its parameters, one for each of `Args`.
    const PARAMS: &'static [&'static str];
    /// One row of arguments, a tuple. A row with a null where there is no `Option` is skipped.
    type Args<'a>: ArgumentRow<'a>;
    /// A partial answer, a `#[derive(Record)]` struct; its fields are the state's columns.
    type State: Write + for<'a> Record<'a>;
    /// The answer: any type a scalar function may return but a `Result`.
    type Output: Write;

    /// Takes in a row.
    fn update(&mut self, args: Self::Args<'_>) -> Result<(), Error>;
    /// Takes in the state of other rows of the same group. The order of rows and of merges
    /// must not change the answer.
    fn merge(&mut self, state: Self::State) -> Result<(), Error>;
    /// What another value of the type can merge.
    fn state(&self) -> Self::State;
    /// The answer for the group.
    fn result(&self) -> Self::Output;
}

/// A tuple of readable types: the arguments of one row.
pub trait ArgumentRow<'a>: Sized {
    /// The columns, ready to be read.
    type Views;
    /// The parameters under these names.
    fn params(names: &[&str]) -> Vec<Field>;
    /// Binds the columns in order.
    fn bind(batch: &'a Batch) -> Result<Self::Views, Error>;
    /// The arguments of a row; none when one is null that must not be.
    fn get(views: &Self::Views, row: usize) -> Option<Self>;
}

macro_rules! tuples {
    ($(($($t:ident $at:tt),*);)*) => {$(
        impl<'a, $($t: Read<'a>),*> ArgumentRow<'a> for ($($t,)*) {
            type Views = ($($t::View,)*);
            fn params(names: &[&str]) -> Vec<Field> {
                let name = |at: usize| names.get(at).copied().unwrap_or("x");
                vec![$(Field::new(name($at), $t::data_type()).nullable()),*]
            }
            fn bind(batch: &'a Batch) -> Result<Self::Views, Error> {
                Ok(($($t::bind(batch.column_at($at)?)?,)*))
            }
            #[inline(always)]
            fn get(views: &Self::Views, row: usize) -> Option<Self> {
                Some(($($t::get(&views.$at, row)?,)*))
            }
        }
    )*};
}
tuples! {
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, F 5);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
}

/// The accumulators of all groups of one use.
struct Accumulators<A: Aggregate> {
    groups: Vec<A>,
    args: Arc<Schema>,
    state: Arc<Schema>,
}

/// [`Accumulators`] of any aggregate.
trait AnyGroups {
    fn update(&mut self, args: WireBatch, rows: &[u8], count: u32) -> Result<(), Error>;
    fn merge(&mut self, state: WireBatch, rows: &[u8], count: u32) -> Result<(), Error>;
    fn state(&mut self, first: Option<u32>) -> WireBatch;
    fn evaluate(&mut self, first: Option<u32>) -> WireBatch;
}

impl<A: Aggregate> Accumulators<A> {
    /// Makes room for the groups and reads the group of each row.
    fn places<'r>(
        &mut self,
        rows: usize,
        group_of_row: &'r [u8],
        count: u32,
    ) -> Result<impl Iterator<Item = usize> + use<'r, A>, Error> {
        if group_of_row.len() != rows * 4 {
            return Err(Error::defect(
                "bad-groups",
                "there is not one group number a row",
            ));
        }
        if self.groups.len() < count as usize {
            self.groups.resize_with(count as usize, A::default);
        }
        let numbers = group_of_row.as_chunks::<4>().0.iter();
        Ok(numbers.map(|number| u32::from_le_bytes(*number) as usize))
    }

    fn take(&mut self, first: Option<u32>) -> impl Iterator<Item = A> {
        let count = first.map_or(self.groups.len(), |first| first as usize);
        // A group that never got a row may be requested: it answers as its default.
        if self.groups.len() < count {
            self.groups.resize_with(count, A::default);
        }
        self.groups.drain(..count)
    }
}

fn no_such_group(group: usize) -> Error {
    Error::defect(
        "bad-groups",
        format!("a row names group {group}, beyond the group count"),
    )
}

impl<A: Aggregate> AnyGroups for Accumulators<A> {
    fn update(&mut self, args: WireBatch, rows: &[u8], count: u32) -> Result<(), Error> {
        let batch = Batch::from_host(self.args.clone(), args)?;
        let views = A::Args::bind(&batch)?;
        for (row, at) in self.places(batch.rows(), rows, count)?.enumerate() {
            let group = self.groups.get_mut(at).ok_or_else(|| no_such_group(at))?;
            if let Some(args) = A::Args::get(&views, row) {
                group.update(args)?;
            }
        }
        Ok(())
    }

    fn merge(&mut self, state: WireBatch, rows: &[u8], count: u32) -> Result<(), Error> {
        let batch = Batch::from_host(self.state.clone(), state)?;
        let places = self.places(batch.rows(), rows, count)?;
        for (state, at) in batch.records::<A::State>()?.zip(places) {
            let group = self.groups.get_mut(at).ok_or_else(|| no_such_group(at))?;
            group.merge(state?)?;
        }
        Ok(())
    }

    fn state(&mut self, first: Option<u32>) -> WireBatch {
        let mut states = <A::State as Write>::Builder::with_capacity(0);
        self.take(first)
            .for_each(|group| group.state().write(&mut states));
        record_batch(&self.state, states.finish()).into_wire()
    }

    fn evaluate(&mut self, first: Option<u32>) -> WireBatch {
        let mut results = <A::Output as Write>::Builder::with_capacity(0);
        self.take(first)
            .for_each(|group| group.result().write(&mut results));
        record_column(results.finish())
    }
}

/// An aggregate behind pointers, for the list that a component exports.
#[derive(Clone, Copy)]
pub struct Entry {
    signature: fn() -> Signature,
    open: fn(Schema) -> Box<dyn AnyGroups>,
}

impl Entry {
    /// The aggregate of this type.
    pub fn of<A: Aggregate>() -> Self {
        Self {
            signature: signature::<A>,
            open: open::<A>,
        }
    }
}

fn signature<A: Aggregate>() -> Signature {
    let params: Schema = A::Args::params(A::PARAMS).into_iter().collect();
    let returns = Field::new(A::NAME, A::Output::data_type()).nullable();
    Signature {
        name: A::NAME.to_owned(),
        params: params.to_wire(),
        returns: [returns].into_iter().collect::<Schema>().to_wire(),
        state: schema_of::<A::State>().to_wire(),
        doc: A::DOC.to_owned(),
        extra: Vec::new(),
    }
}

fn open<A: Aggregate>(args: Schema) -> Box<dyn AnyGroups> {
    let state = Arc::new(schema_of::<A::State>());
    Box::new(Accumulators::<A> {
        groups: Vec::new(),
        args: Arc::new(args),
        state,
    })
}

/// The aggregate functions of a component.
pub trait Aggregates: 'static {
    fn aggregates() -> Vec<Entry>;
}

/// One use of an aggregate function.
pub struct Groups<P> {
    inner: RefCell<Box<dyn AnyGroups>>,
    of: std::marker::PhantomData<P>,
}

impl<P: Aggregates> Groups<P> {
    /// Finds the aggregate of the name whose parameters have the arguments' types.
    pub fn bind(name: &str, args: &[WireField]) -> Result<Self, Error> {
        let formats: Vec<&str> = args.iter().map(|field| field.format.as_str()).collect();
        let entry = P::aggregates()
            .into_iter()
            .find(|entry| {
                let signature = (entry.signature)();
                let params = signature.params.iter().map(|field| field.format.as_str());
                signature.name == name && params.eq(formats.iter().copied())
            })
            .ok_or_else(|| {
                let message = format!("there is no `{name}({})`", formats.join(", "));
                Error::config("no-such-function", message)
            })?;
        let inner = RefCell::new((entry.open)(Schema::from_wire(args)?));
        Ok(Self {
            inner,
            of: std::marker::PhantomData,
        })
    }
}

impl<P: Aggregates> wit::Guest for P {
    type Groups = Groups<P>;
    fn signatures() -> Vec<Signature> {
        P::aggregates()
            .iter()
            .map(|entry| (entry.signature)())
            .collect()
    }
}

impl<P: Aggregates> wit::GuestGroups for Groups<P> {
    fn open(name: String, args: Vec<WireField>) -> Result<wit::Groups, Fault> {
        Ok(wit::Groups::new(Self::bind(&name, &args)?))
    }

    fn update(&self, args: WireBatch, group_of_row: Vec<u8>, count: u32) -> Result<(), Fault> {
        Ok(self.inner.borrow_mut().update(args, &group_of_row, count)?)
    }

    fn merge(&self, state: WireBatch, group_of_row: Vec<u8>, count: u32) -> Result<(), Fault> {
        Ok(self.inner.borrow_mut().merge(state, &group_of_row, count)?)
    }

    fn state(&self, first: Option<u32>) -> Result<WireBatch, Fault> {
        Ok(self.inner.borrow_mut().state(first))
    }

    fn evaluate(&self, first: Option<u32>) -> Result<WireBatch, Fault> {
        Ok(self.inner.borrow_mut().evaluate(first))
    }
}
