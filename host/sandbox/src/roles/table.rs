//! The table role: operators that turn relations into a relation.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, FieldRef, Fields, Schema, SchemaRef};
use tsugi_core::role::Role;
use wasmtime::component::{
    ComponentExportIndex, ComponentNamedList, Lift, Lower, ResourceAny, TypedFunc,
};

use crate::boundary::decode::decode;
use crate::boundary::encode::{Encoded, cuts};
use crate::boundary::names::check_names;
use crate::boundary::schema::{from_wire, scalar_type, to_wire};
use crate::boundary::wire::{
    BatchIn, Field, OpenResult, OptionInfo, PluginError, Port, PortInfo, Pulled, TableBinding,
    TableSignature,
};
use crate::error::SandboxError;
use crate::instance::cancel::Cancel;
use crate::instance::guest::{Guest, StartOptions};
use crate::limits::{Budget, CROSSING_MAX_BYTES, Clock};
use crate::plugin::Plugin;
use crate::text::clip;

const OPEN: &str = "table.operator.open";
const RETURNS: &str = "table.operator.returns";
const PUSH: &str = "table.operator.push";
const CLOSE: &str = "table.operator.close";
const PULL: &str = "table.operator.pull";

/// An input of a table function.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PortFacts {
    pub name: String,
    pub required: bool,
    /// Columns that the input must have.
    pub columns: Fields,
    pub doc: String,
}

/// A literal argument of a table function.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OptionFacts {
    pub name: String,
    pub data_type: DataType,
    pub required: bool,
    pub doc: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TableFunction {
    pub name: String,
    pub ports: Vec<PortFacts>,
    pub options: Vec<OptionFacts>,
    pub doc: String,
}

/// The functions that a guest describes, checked.
pub(crate) fn signatures(guest: &mut Guest) -> Result<Vec<TableFunction>, SandboxError> {
    let entry = "table.signatures";
    let Some(index) = guest.plugin().export("table", "signatures") else {
        return Ok(Vec::new());
    };
    let f = guest.function::<(), (Vec<TableSignature>,)>(&index, entry)?;
    let (described,) = guest.call(&f, (), entry)?;
    checked(described).map_err(|what| guest.malformed(entry, what))
}

pub(crate) fn checked(described: Vec<TableSignature>) -> Result<Vec<TableFunction>, String> {
    check_names(described.iter().map(|one| one.name.as_str()), true)?;
    described.into_iter().map(function).collect()
}

fn function(one: TableSignature) -> Result<TableFunction, String> {
    check_names(one.ports.iter().map(|port| port.name.as_str()), true)?;
    check_names(one.options.iter().map(|option| option.name.as_str()), true)?;
    let wrong = |what: String| format!("the signature of `{}`: {what}", one.name);
    let port = |port: PortInfo| {
        Ok(PortFacts {
            columns: from_wire(&port.columns).map_err(wrong)?,
            name: port.name,
            required: port.required,
            doc: clip(port.doc),
        })
    };
    let option = |option: OptionInfo| {
        let data_type = scalar_type(&option.format).ok_or_else(|| {
            let format = clip(option.format.clone());
            wrong(format!(
                "the option `{}` has the format `{format}`",
                option.name
            ))
        })?;
        Ok(OptionFacts {
            name: option.name,
            data_type,
            required: option.required,
            doc: clip(option.doc),
        })
    };
    let ports = one.ports.into_iter().map(port);
    let options = one.options.into_iter().map(option);
    Ok(TableFunction {
        ports: ports.collect::<Result<_, String>>()?,
        options: options.collect::<Result<_, String>>()?,
        doc: clip(one.doc),
        name: one.name,
    })
}

/// A relation bound to a port; its types are plain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InputPort {
    pub name: String,
    pub fields: Fields,
}

/// A table function bound to its inputs and options.
#[derive(Debug)]
pub struct BoundTable {
    plugin: Arc<Plugin>,
    name: String,
    inputs: Vec<InputPort>,
    ports: Vec<Port>,
    option_fields: Vec<Field>,
    values: Encoded,
    returns: SchemaRef,
}

impl BoundTable {
    /// Opens the operator once, in a pure instance, to learn its schema.
    ///
    /// # Errors
    /// When a type does not cross, or the guest refuses its inputs or options.
    pub fn new(
        plugin: &Arc<Plugin>,
        name: &str,
        inputs: Vec<InputPort>,
        options: &[(FieldRef, ArrayRef)],
    ) -> Result<Self, SandboxError> {
        let refused = |uncrossable| plugin.uncrossable(uncrossable);
        let mut ports = Vec::with_capacity(inputs.len());
        for input in &inputs {
            let schema = to_wire(input.fields.iter()).map_err(refused)?;
            ports.push(Port {
                name: input.name.clone(),
                schema,
            });
        }
        let (fields, values): (Vec<_>, Vec<_>) = options.iter().cloned().unzip();
        let option_fields = to_wire(fields.iter()).map_err(refused)?;
        let values = Encoded::new(&values, &fields, 1)
            .map_err(|error| SandboxError::layout(plugin.name(), OPEN, error))?;
        let mut bound = Self {
            plugin: Arc::clone(plugin),
            name: name.to_owned(),
            inputs,
            ports,
            option_fields,
            values,
            returns: Arc::new(Schema::empty()),
        };
        bound.returns = bound.describe()?;
        Ok(bound)
    }

    /// The schema of the rows it returns.
    pub fn returns(&self) -> &SchemaRef {
        &self.returns
    }

    /// Its inputs, in the order in which rows are pushed.
    pub fn inputs(&self) -> &[InputPort] {
        &self.inputs
    }

    fn binding(&self) -> TableBinding<'_> {
        TableBinding {
            name: &self.name,
            inputs: &self.ports,
            options: &self.option_fields,
            values: self.values.lend(),
        }
    }

    fn describe(&self) -> Result<SchemaRef, SandboxError> {
        let mut guest = Guest::pure(&self.plugin, StartOptions::default())?;
        let open = guest.function::<(TableBinding<'_>,), OpenResult>(
            &self.at("[static]operator.open")?,
            OPEN,
        )?;
        let returns = guest.function::<(ResourceAny,), (Vec<Field>,)>(
            &self.at("[method]operator.returns")?,
            RETURNS,
        )?;
        let (opened,) = guest.call(&open, (self.binding(),), OPEN)?;
        let resource = opened.map_err(|error| guest.failed(OPEN, error))?;
        let (fields,) = guest.call(&returns, (resource,), RETURNS)?;
        let fields = from_wire(&fields).map_err(|what| guest.malformed(RETURNS, what))?;
        guest.drop_resource(resource);
        Ok(Arc::new(Schema::new(fields)))
    }

    fn at(&self, name: &str) -> Result<ComponentExportIndex, SandboxError> {
        self.plugin.required("table", name)
    }

    /// Opens the operator for one execution.
    ///
    /// # Errors
    /// When the guest fails, or describes other columns than when the query was planned.
    pub async fn open(
        self: &Arc<Self>,
        budget: Option<Arc<dyn Budget>>,
        cancel: Cancel,
    ) -> Result<TableOperator, SandboxError> {
        let mut guest =
            Guest::hosted(&self.plugin, Role::Table, StartOptions { budget, cancel }).await?;
        let open = guest.function::<(TableBinding<'_>,), OpenResult>(
            &self.at("[static]operator.open")?,
            OPEN,
        )?;
        let returns = guest.function::<(ResourceAny,), (Vec<Field>,)>(
            &self.at("[method]operator.returns")?,
            RETURNS,
        )?;
        let push: Push = guest.function(&self.at("[method]operator.push")?, PUSH)?;
        let close: Close = guest.function(&self.at("[method]operator.close")?, CLOSE)?;
        let pull: Pull = guest.function(&self.at("[method]operator.pull")?, PULL)?;
        let (opened,) = guest
            .call_async(&open, (self.binding(),), OPEN, Clock::Call)
            .await?;
        let resource = opened.map_err(|error| guest.failed(OPEN, error))?;
        let (fields,) = guest
            .call_async(&returns, (resource,), RETURNS, Clock::Call)
            .await?;
        let fields = from_wire(&fields).map_err(|what| guest.malformed(RETURNS, what))?;
        if &fields != self.returns.fields() {
            return Err(guest.malformed(
                RETURNS,
                "other columns than when the query was planned".into(),
            ));
        }
        Ok(TableOperator {
            bound: Arc::clone(self),
            guest,
            resource,
            push,
            close,
            pull,
        })
    }
}

type Push = TypedFunc<(ResourceAny, u32, BatchIn<'static>), (Result<(), PluginError>,)>;
type Close = TypedFunc<(ResourceAny, u32), (Result<(), PluginError>,)>;
type Pull = TypedFunc<(ResourceAny,), (Result<Pulled, PluginError>,)>;

/// A running operator. It belongs to one execution.
pub struct TableOperator {
    bound: Arc<BoundTable>,
    guest: Guest,
    resource: ResourceAny,
    push: Push,
    close: Close,
    pull: Pull,
}

/// The result of a pull.
#[derive(Debug)]
pub enum OperatorStep {
    Batch(RecordBatch),
    /// The port to push to, or to close, next.
    Need(usize),
    Finished,
}

impl TableOperator {
    async fn step<P, R>(
        &mut self,
        f: &TypedFunc<P, (Result<R, PluginError>,)>,
        args: P,
        entry: &str,
    ) -> Result<R, SandboxError>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        (Result<R, PluginError>,): ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let (result,) = self.guest.call_async(f, args, entry, Clock::Batch).await?;
        result.map_err(|error| self.guest.failed(entry, error))
    }

    pub async fn push(&mut self, port: usize, batch: &RecordBatch) -> Result<(), SandboxError> {
        let Some(input) = self.bound.inputs.get(port) else {
            return Err(self.guest.malformed(
                PULL,
                format!("it needs port {port}, which it does not have"),
            ));
        };
        let fields = input.fields.clone();
        let index = u32::try_from(port).unwrap_or(u32::MAX);
        for (from, length) in cuts(batch.columns(), batch.num_rows(), CROSSING_MAX_BYTES) {
            let piece = batch.slice(from, length);
            let encoded = Encoded::new(piece.columns(), &fields, length)
                .map_err(|error| SandboxError::layout(self.bound.plugin.name(), PUSH, error))?;
            let f: TypedFunc<(ResourceAny, u32, BatchIn<'_>), _> = self.push;
            self.step(&f, (self.resource, index, encoded.lend()), PUSH)
                .await?;
        }
        Ok(())
    }

    /// Ends a port.
    pub async fn close(&mut self, port: usize) -> Result<(), SandboxError> {
        let f = self.close;
        let port = u32::try_from(port).unwrap_or(u32::MAX);
        self.step(&f, (self.resource, port), CLOSE).await
    }

    pub async fn pull(&mut self) -> Result<OperatorStep, SandboxError> {
        let f = self.pull;
        match self.step(&f, (self.resource,), PULL).await? {
            Pulled::Finished => Ok(OperatorStep::Finished),
            Pulled::Need(port) if (port as usize) < self.bound.inputs.len() => {
                Ok(OperatorStep::Need(port as usize))
            }
            Pulled::Need(port) => Err(self.guest.malformed(
                PULL,
                format!("it needs port {port}, which it does not have"),
            )),
            Pulled::Batch(batch) => {
                let returns = Arc::clone(&self.bound.returns);
                let built = decode(batch, returns.fields(), None)
                    .map_err(|bad| bad.0)
                    .and_then(|columns| {
                        RecordBatch::try_new(returns, columns).map_err(|error| error.to_string())
                    });
                built
                    .map(OperatorStep::Batch)
                    .map_err(|what| self.guest.malformed(PULL, what))
            }
        }
    }
}
