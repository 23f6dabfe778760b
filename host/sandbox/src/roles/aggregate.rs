//! The aggregate role: accumulators for many groups in one instance.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::compute::concat;
use arrow::datatypes::{FieldRef, Fields};
use wasmtime::component::{ResourceAny, TypedFunc};

use crate::boundary::decode::decode;
use crate::boundary::encode::{Encoded, LayoutError, cuts};
use crate::boundary::names::check_names;
use crate::boundary::schema::{from_wire, nullable, to_wire};
use crate::boundary::wire::{
    AggregateSignature, BatchIn, BatchOut, Field, OpenResult, PluginError,
};
use crate::error::SandboxError;
use crate::instance::cancel::Cancel;
use crate::instance::guest::{Guest, StartOptions};
use crate::limits::CROSSING_MAX_BYTES;
use crate::plugin::Plugin;
use crate::text::clip;

const OPEN: &str = "aggregate.groups.open";
const UPDATE: &str = "aggregate.groups.update";
const MERGE: &str = "aggregate.groups.merge";
const STATE: &str = "aggregate.groups.state";
const EVALUATE: &str = "aggregate.groups.evaluate";

/// Most groups of one result, so that it stays below the bound on returned bytes.
const GROUPS_AT_ONCE: usize = 1 << 15;

/// An instance is filling up from a third of its memory on: a list that grows is copied into one of
/// twice its length, so the next step may need as much again and more.
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

/// The overloads that a guest describes, checked.
pub(crate) fn signatures(guest: &mut Guest) -> Result<Vec<AggregateFunction>, SandboxError> {
    let entry = "aggregate.signatures";
    let Some(index) = guest.plugin().export("aggregate", "signatures") else {
        return Ok(Vec::new());
    };
    let f = guest.function::<(), (Vec<AggregateSignature>,)>(&index, entry)?;
    let (described,) = guest.call(&f, (), entry)?;
    checked(described).map_err(|what| guest.malformed(entry, what))
}

pub(crate) fn checked(
    described: Vec<AggregateSignature>,
) -> Result<Vec<AggregateFunction>, String> {
    check_names(described.iter().map(|one| one.name.as_str()), false)?;
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
    described.into_iter().map(function).collect()
}

type PushFn =
    TypedFunc<(ResourceAny, BatchIn<'static>, &'static [u8], u32), (Result<(), PluginError>,)>;
type EmitFn = TypedFunc<(ResourceAny, Option<u32>), (Result<BatchOut, PluginError>,)>;

/// The accumulators of one partition.
pub struct Groups {
    guest: Guest,
    function: AggregateFunction,
    resource: ResourceAny,
    update: PushFn,
    merge: PushFn,
    state: EmitFn,
    evaluate: EmitFn,
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
            StartOptions {
                budget: None,
                cancel,
            },
        )?;
        let at = |name: &str| plugin.required("aggregate", name);
        let open =
            guest.function::<(&str, &[Field]), OpenResult>(&at("[static]groups.open")?, OPEN)?;
        let update: PushFn = guest.function(&at("[method]groups.update")?, UPDATE)?;
        let merge: PushFn = guest.function(&at("[method]groups.merge")?, MERGE)?;
        let state: EmitFn = guest.function(&at("[method]groups.state")?, STATE)?;
        let evaluate: EmitFn = guest.function(&at("[method]groups.evaluate")?, EVALUATE)?;
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
        self.push(f, UPDATE, args, &fields, group_of_row, groups)
    }

    /// Adds partial states of another instance.
    pub fn merge(
        &mut self,
        state: &[ArrayRef],
        group_of_row: &[u32],
        groups: u32,
    ) -> Result<(), SandboxError> {
        let (f, fields) = (self.merge, self.function.state.clone());
        self.push(f, MERGE, state, &fields, group_of_row, groups)
    }

    /// The partial state of the first `rows` groups, which the instance then drops.
    pub fn state(&mut self, rows: usize, all: bool) -> Result<Vec<ArrayRef>, SandboxError> {
        let (f, fields) = (self.state, self.function.state.clone());
        self.emit(f, STATE, &fields, rows, all)
    }

    /// The values of the first `rows` groups, which the instance then drops.
    pub fn evaluate(&mut self, rows: usize, all: bool) -> Result<ArrayRef, SandboxError> {
        let f = self.evaluate;
        let fields: Fields = vec![Arc::clone(&self.function.returns)].into();
        let mut columns = self.emit(f, EVALUATE, &fields, rows, all)?;
        columns
            .pop()
            .ok_or_else(|| self.guest.malformed(EVALUATE, "no column".into()))
    }

    /// Linear memory of the instance.
    pub fn memory_bytes(&self) -> usize {
        self.guest.memory_bytes()
    }

    /// Whether so many groups should be emitted before more come. Few groups stay, however large.
    pub fn is_filling(&self, groups: usize) -> bool {
        let max = self.guest.plugin().limits().memory_max_bytes;
        groups > GROUPS_AT_ONCE && self.memory_bytes() as u64 > max / FILLING
    }

    fn layout(&self, entry: &str, error: impl Into<LayoutError>) -> SandboxError {
        SandboxError::layout(self.guest.plugin().name(), entry, error)
    }

    fn push(
        &mut self,
        f: PushFn,
        entry: &str,
        columns: &[ArrayRef],
        fields: &[FieldRef],
        group_of_row: &[u32],
        groups: u32,
    ) -> Result<(), SandboxError> {
        let f: TypedFunc<(ResourceAny, BatchIn<'_>, &[u8], u32), _> = f;
        for (from, length) in cuts(columns, group_of_row.len(), CROSSING_MAX_BYTES) {
            let piece: Vec<ArrayRef> = columns.iter().map(|c| c.slice(from, length)).collect();
            let encoded =
                Encoded::new(&piece, fields, length).map_err(|error| self.layout(entry, error))?;
            let numbers: Vec<u8> = group_of_row
                .iter()
                .skip(from)
                .take(length)
                .flat_map(|group| group.to_le_bytes())
                .collect();
            let args = (self.resource, encoded.lend(), numbers.as_slice(), groups);
            let (result,) = self.guest.call(&f, args, entry)?;
            result.map_err(|error| self.guest.failed(entry, error))?;
        }
        Ok(())
    }

    /// The columns of the first `rows` groups, in several calls if need be; `all` when there are no more.
    fn emit(
        &mut self,
        f: EmitFn,
        entry: &str,
        fields: &[FieldRef],
        rows: usize,
        all: bool,
    ) -> Result<Vec<ArrayRef>, SandboxError> {
        let mut pieces = Vec::new();
        let mut remaining = rows;
        while remaining > GROUPS_AT_ONCE {
            let some = Some(GROUPS_AT_ONCE as u32);
            pieces.push(self.emit_once(f, entry, fields, GROUPS_AT_ONCE, some)?);
            remaining -= GROUPS_AT_ONCE;
        }
        let first = (!all).then_some(remaining as u32);
        let last = self.emit_once(f, entry, fields, remaining, first)?;
        if pieces.is_empty() {
            return Ok(last);
        }
        pieces.push(last);
        let column = |at: usize| {
            let arrays: Vec<&dyn Array> = pieces
                .iter()
                .filter_map(|piece| piece.get(at).map(|column| &**column))
                .collect();
            concat(&arrays).map_err(|error| self.layout(entry, error))
        };
        (0..fields.len()).map(column).collect()
    }

    fn emit_once(
        &mut self,
        f: EmitFn,
        entry: &str,
        fields: &[FieldRef],
        rows: usize,
        first: Option<u32>,
    ) -> Result<Vec<ArrayRef>, SandboxError> {
        let (result,) = self.guest.call(&f, (self.resource, first), entry)?;
        let batch = result.map_err(|error| self.guest.failed(entry, error))?;
        decode(batch, fields, Some(rows)).map_err(|bad| {
            self.guest.poison();
            self.guest.malformed(entry, bad.0)
        })
    }
}
