//! The scalar role: bound functions and the pool of instances that evaluate them.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::ArrayRef;
use arrow::compute::concat;
use arrow::datatypes::{FieldRef, Fields};
use wasmtime::component::{ResourceAny, TypedFunc};

use crate::boundary::decode::decode_one;
use crate::boundary::encode::{Encoded, cuts};
use crate::boundary::names::check_names;
use crate::boundary::schema::{from_wire, nullable, to_wire};
use crate::boundary::wire::{
    BatchIn, Evaluated, Field, OpenResult, PluginError, RowError, ScalarBinding, ScalarSignature,
};
use crate::error::SandboxError;
use crate::instance::cancel::Cancel;
use crate::instance::guest::{Guest, StartOptions};
use crate::limits::{Budget, CROSSING_MAX_BYTES};
use crate::plugin::Plugin;
use crate::text::clip;

const OPEN: &str = "scalar.evaluator.open";
const EVALUATE: &str = "scalar.evaluator.evaluate";

/// One overload of a scalar function.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScalarFunction {
    pub name: String,
    pub params: Fields,
    /// Always nullable: a row that fails becomes null.
    pub returns: FieldRef,
    pub volatile: bool,
    pub doc: String,
}

/// The overloads that a guest describes, checked.
pub(crate) fn signatures(guest: &mut Guest) -> Result<Vec<ScalarFunction>, SandboxError> {
    let entry = "scalar.signatures";
    let Some(index) = guest.plugin().export("scalar", "signatures") else {
        return Ok(Vec::new());
    };
    let f = guest.function::<(), (Vec<ScalarSignature>,)>(&index, entry)?;
    let (described,) = guest.call(&f, (), entry)?;
    checked(described).map_err(|what| guest.malformed(entry, what))
}

pub(crate) fn checked(described: Vec<ScalarSignature>) -> Result<Vec<ScalarFunction>, String> {
    check_names(described.iter().map(|one| one.name.as_str()), false)?;
    let function = |one: ScalarSignature| {
        let wrong = |what: String| format!("the signature of `{}`: {what}", one.name);
        let params = from_wire(&one.params).map_err(wrong)?;
        let returns = from_wire(&one.returns).map_err(wrong)?;
        let [returns] = returns.as_ref() else {
            return Err(wrong(format!("{} results where one is due", returns.len())));
        };
        let volatile = match one.volatility.as_str() {
            "immutable" | "stable" => false,
            "volatile" => true,
            other => return Err(wrong(format!("the volatility `{}`", clip(other.into())))),
        };
        Ok(ScalarFunction {
            params,
            returns: nullable(returns),
            volatile,
            doc: clip(one.doc),
            name: one.name,
        })
    };
    described.into_iter().map(function).collect()
}

/// A scalar function bound to its argument types and constants, with its idle instances.
///
/// An instance is checked out for one call. An empty pool starts another instance, so that no call
/// waits; the lock is held only to push and pop.
pub struct BoundScalar {
    plugin: Arc<Plugin>,
    function: ScalarFunction,
    args: Vec<Field>,
    constants: Vec<u32>,
    values: Encoded,
    varying: Vec<FieldRef>,
    budget: Option<Arc<dyn Budget>>,
    idle: Mutex<Vec<Evaluator>>,
}

impl std::fmt::Debug for BoundScalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BoundScalar")
            .field("function", &self.function.name)
            .finish_non_exhaustive()
    }
}

type Evaluate = TypedFunc<(ResourceAny, BatchIn<'static>), (Result<Evaluated, PluginError>,)>;

/// One live evaluator.
struct Evaluator {
    guest: Guest,
    resource: ResourceAny,
    evaluate: Evaluate,
}

/// A computed column and the rows that failed in it.
#[derive(Debug)]
pub struct Computed {
    pub column: ArrayRef,
    /// Row numbers count in the rows of the call.
    pub failed: Vec<RowError>,
}

impl BoundScalar {
    /// Binds a function. `constants` holds, for each argument, its literal as an array of one
    /// value, or none for a column.
    ///
    /// # Errors
    /// When an argument's type does not cross.
    pub fn new(
        plugin: &Arc<Plugin>,
        function: ScalarFunction,
        constants: &[Option<ArrayRef>],
        budget: Option<Arc<dyn Budget>>,
    ) -> Result<Self, SandboxError> {
        let refused = |uncrossable| plugin.uncrossable(uncrossable);
        let args = to_wire(function.params.iter()).map_err(refused)?;
        let (mut indices, mut values, mut fields, mut varying) = (vec![], vec![], vec![], vec![]);
        for (i, field) in function.params.iter().enumerate() {
            match constants.get(i).and_then(Option::as_ref) {
                Some(value) => {
                    indices.push(u32::try_from(i).unwrap_or(u32::MAX));
                    values.push(Arc::clone(value));
                    fields.push(Arc::clone(field));
                }
                None => varying.push(Arc::clone(field)),
            }
        }
        let values = Encoded::new(&values, &fields, 1)
            .map_err(|error| SandboxError::layout(plugin.name(), OPEN, error))?;
        Ok(Self {
            plugin: Arc::clone(plugin),
            function,
            args,
            constants: indices,
            values,
            varying,
            budget,
            idle: Mutex::default(),
        })
    }

    pub fn function(&self) -> &ScalarFunction {
        &self.function
    }

    /// Computes a column from the arguments that are not constant.
    ///
    /// # Errors
    /// When the guest fails; its instance is dropped and the next call starts a fresh one.
    pub fn evaluate(
        &self,
        columns: &[ArrayRef],
        rows: usize,
        cancel: &Cancel,
    ) -> Result<Computed, SandboxError> {
        let mut evaluator = self.checkout(cancel)?;
        let computed = self.evaluate_with(&mut evaluator, columns, rows)?;
        if evaluator.guest.is_usable() {
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(evaluator);
        }
        Ok(computed)
    }

    fn evaluate_with(
        &self,
        evaluator: &mut Evaluator,
        columns: &[ArrayRef],
        rows: usize,
    ) -> Result<Computed, SandboxError> {
        let (mut parts, mut failed) = (Vec::new(), Vec::new());
        for (from, length) in cuts(columns, rows, CROSSING_MAX_BYTES) {
            let piece: Vec<ArrayRef> = columns.iter().map(|c| c.slice(from, length)).collect();
            let encoded = Encoded::new(&piece, &self.varying, length)
                .map_err(|error| SandboxError::layout(self.plugin.name(), EVALUATE, error))?;
            let computed = self.cross(evaluator, &encoded, length)?;
            parts.push(computed.column);
            failed.extend(computed.failed.into_iter().map(|error| {
                RowError {
                    row: error
                        .row
                        .saturating_add(u32::try_from(from).unwrap_or(u32::MAX)),
                    ..error
                }
            }));
        }
        let column = match parts.as_slice() {
            [one] => Arc::clone(one),
            many => {
                let many: Vec<&dyn arrow::array::Array> = many.iter().map(AsRef::as_ref).collect();
                concat(&many)
                    .map_err(|error| SandboxError::layout(self.plugin.name(), EVALUATE, error))?
            }
        };
        Ok(Computed { column, failed })
    }

    fn cross(
        &self,
        evaluator: &mut Evaluator,
        encoded: &Encoded,
        rows: usize,
    ) -> Result<Computed, SandboxError> {
        let guest = &mut evaluator.guest;
        let f: &TypedFunc<(ResourceAny, BatchIn<'_>), _> = &evaluator.evaluate;
        let (result,) = guest.call(f, (evaluator.resource, encoded.lend()), EVALUATE)?;
        let evaluated = result.map_err(|error| guest.failed(EVALUATE, error))?;
        let checked = decode_one(evaluated.column, &self.function.returns, rows);
        let column = checked.map_err(|bad| guest.malformed(EVALUATE, bad.0))?;
        for failed in &evaluated.failed {
            let row = failed.row as usize;
            if row >= rows || !arrow::array::Array::is_null(&column, row) {
                let what = format!("row {row} is said to have failed and is not null");
                return Err(guest.malformed(EVALUATE, what));
            }
        }
        let failed = evaluated
            .failed
            .into_iter()
            .map(|e| RowError {
                row: e.row,
                code: clip(e.code),
                message: clip(e.message),
            })
            .collect();
        Ok(Computed { column, failed })
    }

    fn checkout(&self, cancel: &Cancel) -> Result<Evaluator, SandboxError> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        match idle {
            Some(mut evaluator) => {
                evaluator.guest.set_cancel(cancel.clone());
                Ok(evaluator)
            }
            None => self.open(cancel),
        }
    }

    fn open(&self, cancel: &Cancel) -> Result<Evaluator, SandboxError> {
        let options = StartOptions {
            budget: self.budget.clone(),
            cancel: cancel.clone(),
        };
        let mut guest = Guest::pure(&self.plugin, options)?;
        let open = self.plugin.required("scalar", "[static]evaluator.open")?;
        let evaluate = self
            .plugin
            .required("scalar", "[method]evaluator.evaluate")?;
        let open = guest.function::<(ScalarBinding<'_>,), OpenResult>(&open, OPEN)?;
        let evaluate: Evaluate = guest.function(&evaluate, EVALUATE)?;
        let binding = ScalarBinding {
            name: &self.function.name,
            args: &self.args,
            constants: &self.constants,
            values: self.values.lend(),
        };
        let (opened,) = guest.call(&open, (binding,), OPEN)?;
        let resource = opened.map_err(|error| guest.failed(OPEN, error))?;
        Ok(Evaluator {
            guest,
            resource,
            evaluate,
        })
    }
}
