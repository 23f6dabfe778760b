//! Calling an aggregate as the host does: at once, and in parts that are merged.
use std::sync::Arc;

use super::{same, take};
use crate::aggregate::{Aggregate, Aggregates, Entry, Groups, Signature};
use crate::batch::Batch;
use crate::bindings::aggregate::exports::tsugi::plugin::aggregate::{Guest, GuestGroups};
use crate::bindings::imports::tsugi::plugin::types::Batch as WireBatch;
use crate::error::Error;
use crate::schema::Schema;

struct Only<A>(std::marker::PhantomData<A>);

impl<A: Aggregate> Aggregates for Only<A> {
    fn aggregates() -> Vec<Entry> {
        vec![Entry::of::<A>()]
    }
}

fn signature<A: Aggregate>() -> Result<Signature, Error> {
    let missing = || Error::defect("no-such-function", "the aggregate is not listed");
    <Only<A> as Guest>::signatures().pop().ok_or_else(missing)
}

fn bytes(groups: &[u32]) -> Vec<u8> {
    groups
        .iter()
        .flat_map(|group| group.to_le_bytes())
        .collect()
}

fn open<A: Aggregate>(args: &Batch) -> Result<Groups<Only<A>>, Error> {
    Groups::bind(A::NAME, &args.schema().to_wire())
}

fn answer<A: Aggregate>(wire: WireBatch) -> Result<Batch, Error> {
    Batch::from_wire(
        Arc::new(Schema::from_wire(&signature::<A>()?.returns)?),
        wire,
    )
}

/// The answers for groups 0 to `count - 1`, where `groups` names the group of each row of
/// `args`; one column, one row a group.
pub fn aggregate<A: Aggregate>(args: &Batch, groups: &[u32], count: u32) -> Result<Batch, Error> {
    let whole = open::<A>(args)?;
    whole.update(args.clone().into_wire(), bytes(groups), count)?;
    answer::<A>(whole.evaluate(None)?)
}

/// [`aggregate`], computed again in 2, 3 and 7 parts whose states are merged, forwards and
/// backwards, and emitted group by group. Fails when any way gives another answer (floats
/// within 1e-9).
pub fn aggregate_checked<A: Aggregate>(
    args: &Batch,
    groups: &[u32],
    count: u32,
) -> Result<Batch, Error> {
    let expected = aggregate::<A>(args, groups, count)?;
    for parts in [2, 3, 7] {
        for backwards in [false, true] {
            let merged = in_parts::<A>(args, groups, count, parts, backwards)?;
            same(&expected, &merged).map_err(|error| {
                error.detail(format!("merged from {parts} parts, backwards: {backwards}"))
            })?;
        }
    }
    let singly = open::<A>(args)?;
    singly.update(args.clone().into_wire(), bytes(groups), count)?;
    for group in 0..count as usize {
        let one = answer::<A>(singly.evaluate(Some(1))?)?;
        same(&take(&expected, &[group])?, &one)
            .map_err(|error| error.detail(format!("group {group}, emitted alone")))?;
    }
    Ok(expected)
}

fn in_parts<A: Aggregate>(
    args: &Batch,
    groups: &[u32],
    count: u32,
    parts: usize,
    backwards: bool,
) -> Result<Batch, Error> {
    let state_schema = Arc::new(Schema::from_wire(&signature::<A>()?.state)?);
    let mut states = Vec::new();
    for part in 0..parts {
        let rows: Vec<usize> = (0..args.rows()).filter(|row| row % parts == part).collect();
        let own: Vec<u32> = rows
            .iter()
            .filter_map(|row| groups.get(*row).copied())
            .collect();
        let partial = open::<A>(args)?;
        partial.update(take(args, &rows)?.into_wire(), bytes(&own), count)?;
        // The host checks a state as any other batch.
        states.push(Batch::from_wire(
            state_schema.clone(),
            partial.state(None)?,
        )?);
    }
    if backwards {
        states.reverse();
    }
    let whole = open::<A>(args)?;
    let every: Vec<u32> = (0..count).collect();
    for state in states {
        whole.merge(state.into_wire(), bytes(&every), count)?;
    }
    answer::<A>(whole.evaluate(None)?)
}
