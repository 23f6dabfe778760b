//! The aggregate role: accumulators for many groups in one instance.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::compute::concat;
use arrow::datatypes::{FieldRef, Fields};
use wasmtime::component::{ResourceAny, TypedFunc};

use super::call::{Guest, Start, clip};
use super::decode::decode;
use super::encode::{Encoded, cuts};
use super::error::SandboxError;
use super::limits::CROSSING_MAX_BYTES;
use super::plugin::{Plugin, listed};
use super::scalar::arrow;
use super::schema::{from_wire, nullable, to_wire};
use super::state::Cancel;
use super::wire::{AggregateSignature, BatchIn, BatchOut, Field, OpenResult, PluginError};

const OPEN: &str = "aggregate.groups.open";
const UPDATE: &str = "aggregate.groups.update";
const MERGE: &str = "aggregate.groups.merge";
const STATE: &str = "aggregate.groups.state";
const EVALUATE: &str = "aggregate.groups.evaluate";

/// Groups that leave in one call, so that what it returns stays below its bound however many there are.
const GROUPS_AT_ONCE: usize = 1 << 15;

/// An instance is filling from this part of its memory on: a list that grows is copied to one twice as long while it
/// still stands, so what comes next may ask for more than as much again.
const FILLING: u64 = 3;

/// One overload of an aggregate function.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AggregateFunction {
    pub name: String,
    pub params: Fields,
    /// Always nullable: a group without rows has no value.
    pub returns: FieldRef,
    /// The columns of a partial state.
    pub state: Fields,
    pub doc: String,
}

/// Asks for the overloads and checks them.
pub(super) fn signatures(guest: &mut Guest) -> Result<Vec<AggregateFunction>, SandboxError> {
    let entry = "aggregate.signatures";
    let Some(index) = guest.plugin().export("aggregate", "signatures") else {
        return Ok(Vec::new());
    };
    let f = guest.function::<(), (Vec<AggregateSignature>,)>(&index, entry)?;
    let (said,) = guest.call(&f, (), entry)?;
    checked(said).map_err(|what| guest.malformed(entry, what))
}

/// What a guest says of its functions, if it can be so.
pub(super) fn checked(said: Vec<AggregateSignature>) -> Result<Vec<AggregateFunction>, String> {
    listed(said.iter().map(|one| one.name.as_str()), false)?;
    let function = |one: AggregateSignature| {
        let wrong = |what: String| format!("the signature of `{}`: {what}", one.name);
        let fields = |wire: &[Field]| from_wire(wire).map_err(wrong);
        let (params, returns, state) = (
            fields(&one.params)?,
            fields(&one.returns)?,
            fields(&one.state)?,
        );
        let [returns] = returns.as_ref() else {
            return Err(wrong(format!("{} results where one is due", returns.len())));
        };
        if state.is_empty() {
            return Err(wrong("no state, so that it could not be merged".into()));
        }
        Ok(AggregateFunction {
            params,
            returns: nullable(returns),
            state,
            doc: clip(one.doc),
            name: one.name,
        })
    };
    said.into_iter().map(function).collect()
}

type Taking =
    TypedFunc<(ResourceAny, BatchIn<'static>, &'static [u8], u32), (Result<(), PluginError>,)>;
type Giving = TypedFunc<(ResourceAny, Option<u32>), (Result<BatchOut, PluginError>,)>;

/// The accumulators of one partition.
pub struct Groups {
    guest: Guest,
    function: AggregateFunction,
    resource: ResourceAny,
    update: Taking,
    merge: Taking,
    state: Giving,
    evaluate: Giving,
}

impl std::fmt::Debug for Groups {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Groups")
            .field("function", &self.function.name)
            .finish_non_exhaustive()
    }
}

impl Groups {
    /// Opens an instance for `function`. Its memory is not charged by the sandbox: DataFusion
    /// charges an aggregate by the size it reports.
    ///
    /// # Errors
    /// When an argument's type does not cross, or the guest fails.
    pub fn open(
        plugin: &Arc<Plugin>,
        function: &AggregateFunction,
        cancel: Cancel,
    ) -> Result<Self, SandboxError> {
        let refused = |uncrossable| plugin.uncrossable(uncrossable);
        let args = to_wire(function.params.iter()).map_err(refused)?;
        let mut guest = Guest::pure(
            plugin,
            Start {
                budget: None,
                cancel,
            },
        )?;
        let at = |name: &str| plugin.required("aggregate", name);
        let open =
            guest.function::<(&str, &[Field]), OpenResult>(&at("[static]groups.open")?, OPEN)?;
        let update: Taking = guest.function(&at("[method]groups.update")?, UPDATE)?;
        let merge: Taking = guest.function(&at("[method]groups.merge")?, MERGE)?;
        let state: Giving = guest.function(&at("[method]groups.state")?, STATE)?;
        let evaluate: Giving = guest.function(&at("[method]groups.evaluate")?, EVALUATE)?;
        let (opened,) = guest.call(&open, (function.name.as_str(), args.as_slice()), OPEN)?;
        let resource = opened.map_err(|error| guest.failed(OPEN, error))?;
        Ok(Self {
            guest,
            function: function.clone(),
            resource,
            update,
            merge,
            state,
            evaluate,
        })
    }

    /// Adds rows; `group_of_row` names a group below `groups` for each.
    pub fn update(
        &mut self,
        args: &[ArrayRef],
        group_of_row: &[u32],
        groups: u32,
    ) -> Result<(), SandboxError> {
        let (f, fields) = (self.update, self.function.params.clone());
        self.take(f, UPDATE, args, &fields, group_of_row, groups)
    }

    /// Adds partial states of another instance.
    pub fn merge(
        &mut self,
        state: &[ArrayRef],
        group_of_row: &[u32],
        groups: u32,
    ) -> Result<(), SandboxError> {
        let (f, fields) = (self.merge, self.function.state.clone());
        self.take(f, MERGE, state, &fields, group_of_row, groups)
    }

    /// The partial state of the first `rows` of `groups` groups, which are then forgotten.
    pub fn state(&mut self, rows: usize, all: bool) -> Result<Vec<ArrayRef>, SandboxError> {
        let (f, fields) = (self.state, self.function.state.clone());
        self.give(f, STATE, &fields, rows, all)
    }

    /// The values of the first `rows` groups, which are then forgotten.
    pub fn evaluate(&mut self, rows: usize, all: bool) -> Result<ArrayRef, SandboxError> {
        let f = self.evaluate;
        let fields: Fields = vec![Arc::clone(&self.function.returns)].into();
        let mut columns = self.give(f, EVALUATE, &fields, rows, all)?;
        columns
            .pop()
            .ok_or_else(|| self.guest.malformed(EVALUATE, "no column".into()))
    }

    /// Linear memory of the instance.
    pub fn memory_bytes(&self) -> usize {
        self.guest.memory_bytes()
    }

    /// Whether so many groups had better leave before more come. Few stay: that they are large is no reason to part them.
    pub fn is_filling(&self, groups: usize) -> bool {
        let max = self.guest.plugin().limits.memory_max_bytes;
        groups > GROUPS_AT_ONCE && self.memory_bytes() as u64 > max / FILLING
    }

    fn take(
        &mut self,
        f: Taking,
        entry: &str,
        columns: &[ArrayRef],
        fields: &[FieldRef],
        group_of_row: &[u32],
        groups: u32,
    ) -> Result<(), SandboxError> {
        let f: TypedFunc<(ResourceAny, BatchIn<'_>, &[u8], u32), _> = f;
        for (from, length) in cuts(columns, group_of_row.len(), CROSSING_MAX_BYTES) {
            let piece: Vec<ArrayRef> = columns.iter().map(|c| c.slice(from, length)).collect();
            let encoded = Encoded::new(&piece, fields, length)
                .map_err(|error| arrow(self.guest.plugin(), entry, &error))?;
            let numbers: Vec<u8> = group_of_row
                .iter()
                .skip(from)
                .take(length)
                .flat_map(|group| group.to_le_bytes())
                .collect();
            let args = (self.resource, encoded.lend(), numbers.as_slice(), groups);
            let (answer,) = self.guest.call(&f, args, entry)?;
            answer.map_err(|error| self.guest.failed(entry, error))?;
        }
        Ok(())
    }

    /// What so many groups give, in as many calls as it takes.
    fn give(
        &mut self,
        f: Giving,
        entry: &str,
        fields: &[FieldRef],
        rows: usize,
        all: bool,
    ) -> Result<Vec<ArrayRef>, SandboxError> {
        let mut given = Vec::new();
        let mut left = rows;
        while left > GROUPS_AT_ONCE {
            let some = Some(GROUPS_AT_ONCE as u32);
            given.push(self.give_once(f, entry, fields, GROUPS_AT_ONCE, some)?);
            left -= GROUPS_AT_ONCE;
        }
        let first = (!all).then_some(left as u32);
        let last = self.give_once(f, entry, fields, left, first)?;
        if given.is_empty() {
            return Ok(last);
        }
        given.push(last);
        let column = |at: usize| {
            let pieces: Vec<&dyn Array> = given
                .iter()
                .filter_map(|piece| piece.get(at).map(|column| &**column))
                .collect();
            concat(&pieces).map_err(|error| arrow(self.guest.plugin(), entry, &error))
        };
        (0..fields.len()).map(column).collect()
    }

    fn give_once(
        &mut self,
        f: Giving,
        entry: &str,
        fields: &[FieldRef],
        rows: usize,
        first: Option<u32>,
    ) -> Result<Vec<ArrayRef>, SandboxError> {
        let (answer,) = self.guest.call(&f, (self.resource, first), entry)?;
        let batch = answer.map_err(|error| self.guest.failed(entry, error))?;
        decode(batch, fields, Some(rows)).map_err(|bad| {
            self.guest.spoil();
            self.guest.malformed(entry, bad.0)
        })
    }
}
