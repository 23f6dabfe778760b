//! The nodes and functions of this crate as bytes, for plans that run on another machine.
//!
//! The methods of [`PluginCodec`] have the names and the order of arguments of the codec traits of
//! `datafusion-proto`, so that an implementation of those traits delegates in one line each. The
//! session on the other side loads the same components with the same grants ([`PluginKey`]);
//! components and grants themselves do not travel.
//!
//! The command line runs every plan where it was made and never calls this. It is for sessions that
//! spread their plans over machines, and it proves that plan nodes hold plain data: the system test
//! `functions::sent` sends each of them.
//!
//! [`PluginKey`]: super::PluginKey

mod wire;

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::{Result, not_impl_err};
use datafusion::logical_expr::{AggregateUDF, Extension, LogicalPlan, ScalarUDF};
use datafusion::physical_plan::ExecutionPlan;
use serde::{Deserialize, Serialize};

use super::aggregate::{self, PluginAggregate};
use super::once::OnceExec;
use super::overloads::Overloads;
use super::scalar::{self, PluginScalar};
use super::set::{PluginKey, PluginSet};
use super::source::SourceTable;
use super::source::exec::SourceExec;
use super::table::call::TableCall;
use super::table::exec::TableCallExec;
use tsugi_sandbox::Metadata;
use wire::{CallBytes, ScanBytes, TableBytes, invalid, read, write};

/// Encodes and decodes what this crate adds to plans; of everything else it returns
/// `NotImplemented`.
#[derive(Debug, Clone)]
pub struct PluginCodec {
    plugins: Arc<PluginSet>,
}

#[derive(Serialize, Deserialize)]
enum PhysicalBytes {
    TableCall(CallBytes),
    Source(ScanBytes),
    Once,
}

impl PluginCodec {
    /// The codec of a session with these plugins.
    pub fn new(plugins: Arc<PluginSet>) -> Self {
        Self { plugins }
    }

    /// A logical node. Its inputs are encoded by the caller.
    ///
    /// # Errors
    /// When it is not of this crate.
    pub fn try_encode_logical(&self, node: &Extension, buf: &mut Vec<u8>) -> Result<()> {
        match node.node.as_any().downcast_ref::<TableCall>() {
            Some(call) => write(
                &CallBytes::new(&call.call, &call.columns(), Vec::new())?,
                buf,
            ),
            None => not_impl_err!("the node {} is not of a plugin", node.node.name()),
        }
    }

    /// A logical node over its decoded inputs.
    ///
    /// # Errors
    /// When no codec of this crate wrote the bytes.
    pub fn try_decode_logical(&self, buf: &[u8], inputs: &[LogicalPlan]) -> Result<Extension> {
        let bytes: CallBytes = read(buf)?;
        let node = TableCall::with_columns(bytes.call()?, inputs.to_vec(), &bytes.columns()?)?;
        Ok(Extension {
            node: Arc::new(node),
        })
    }

    /// A stream of a source as a table.
    ///
    /// # Errors
    /// When it is another table.
    pub fn try_encode_table_provider(
        &self,
        table: &dyn TableProvider,
        buf: &mut Vec<u8>,
    ) -> Result<()> {
        match table.downcast_ref::<SourceTable>() {
            Some(table) => write(&TableBytes::new(table)?, buf),
            None => not_impl_err!("the table is not of a plugin"),
        }
    }

    /// A stream of a source as a table.
    ///
    /// # Errors
    /// When no codec of this crate wrote the bytes.
    pub fn try_decode_table_provider(&self, buf: &[u8]) -> Result<Arc<dyn TableProvider>> {
        Ok(Arc::new(read::<TableBytes>(buf)?.table()?))
    }

    /// A physical node. Its inputs are encoded by the caller.
    ///
    /// # Errors
    /// When it is not of this crate.
    pub fn try_encode(&self, node: &dyn ExecutionPlan, buf: &mut Vec<u8>) -> Result<()> {
        let bytes = if let Some(call) = node.downcast_ref::<TableCallExec>() {
            PhysicalBytes::TableCall(CallBytes::new(&call.call, &node.schema(), call.sorted())?)
        } else if let Some(source) = node.downcast_ref::<SourceExec>() {
            PhysicalBytes::Source(ScanBytes::new(&source.scan)?)
        } else if node.is::<OnceExec>() {
            PhysicalBytes::Once
        } else {
            return not_impl_err!("the node {} is not of a plugin", node.name());
        };
        write(&bytes, buf)
    }

    /// A physical node over its decoded inputs. It finds its plugin when it is executed.
    ///
    /// # Errors
    /// When no codec of this crate wrote the bytes.
    pub fn try_decode(
        &self,
        buf: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(match (read(buf)?, inputs) {
            (PhysicalBytes::TableCall(bytes), inputs) => {
                let (call, columns) = (bytes.call()?, bytes.columns()?);
                let inputs = inputs.to_vec();
                Arc::new(TableCallExec::sorted_as_inputs(
                    call,
                    inputs,
                    bytes.sorted,
                    columns,
                ))
            }
            (PhysicalBytes::Source(bytes), _) => Arc::new(SourceExec::new(bytes.scan()?)),
            (PhysicalBytes::Once, [input]) => Arc::new(OnceExec::new(Arc::clone(input))),
            (PhysicalBytes::Once, _) => return Err(invalid("OnceExec has one input").into()),
        })
    }

    /// A scalar function of a plugin; of any other it writes nothing, and its name finds it.
    ///
    /// # Errors
    /// None that a function of a plugin causes.
    pub fn try_encode_udf(&self, function: &ScalarUDF, buf: &mut Vec<u8>) -> Result<()> {
        match function.inner().downcast_ref::<PluginScalar>() {
            Some(scalar) => write(&scalar.overloads().key, buf),
            None => Ok(()),
        }
    }

    /// A scalar function of a plugin of this side.
    ///
    /// # Errors
    /// When this side has no such plugin, or it has no such function.
    pub fn try_decode_udf(&self, name: &str, buf: &[u8]) -> Result<Arc<ScalarUDF>> {
        let overloads = self.overloads(name, buf, |metadata| &metadata.scalars, |f| &f.name)?;
        Ok(Arc::new(scalar::function(overloads)))
    }

    /// An aggregate of a plugin; of any other it writes nothing, and its name finds it.
    ///
    /// # Errors
    /// None that a function of a plugin causes.
    pub fn try_encode_udaf(&self, function: &AggregateUDF, buf: &mut Vec<u8>) -> Result<()> {
        match function.inner().downcast_ref::<PluginAggregate>() {
            Some(aggregate) => write(&aggregate.overloads().key, buf),
            None => Ok(()),
        }
    }

    /// An aggregate of a plugin of this side.
    ///
    /// # Errors
    /// When this side has no such plugin, or it has no such function.
    pub fn try_decode_udaf(&self, name: &str, buf: &[u8]) -> Result<Arc<AggregateUDF>> {
        let overloads = self.overloads(name, buf, |metadata| &metadata.aggregates, |f| &f.name)?;
        Ok(Arc::new(aggregate::function(overloads)))
    }

    fn overloads<F: Clone>(
        &self,
        name: &str,
        buf: &[u8],
        functions: impl Fn(&Metadata) -> &Vec<F>,
        name_of: impl Fn(&F) -> &String,
    ) -> Result<Overloads<F>> {
        let key: PluginKey = read(buf)?;
        let live = self.plugins.find(&key)?;
        let all = functions(&live.metadata).iter();
        let all: Vec<F> = all.filter(|one| name_of(one) == name).cloned().collect();
        if all.is_empty() {
            return Err(invalid(format!("plugin `{}` has no `{name}`", key.name)).into());
        }
        Ok(Overloads {
            name: name.to_owned(),
            key,
            all,
            live,
        })
    }
}
