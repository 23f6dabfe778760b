//! A call of a table function as a node of a logical plan.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{Field, FieldRef, SchemaRef};
use datafusion::common::{DFSchema, DFSchemaRef, Result, ScalarValue};
use datafusion::logical_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};

use crate::error::external;
use crate::live::LivePlugin;
use crate::set::PluginKey;
use tsugi_sandbox::{BoundTable, InputPort};

/// The call, as plain data.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Call {
    pub(crate) key: PluginKey,
    pub(crate) function: String,
    pub(crate) ports: Vec<InputPort>,
    pub(crate) options: Vec<(String, ScalarValue)>,
}

impl Call {
    /// Binds the call, which tells its columns. Metadata only: no row moves.
    pub(super) fn bind(&self, live: &LivePlugin) -> Result<Arc<BoundTable>> {
        let options: Vec<(FieldRef, ArrayRef)> = self
            .options
            .iter()
            .map(|(name, value)| {
                let field = Field::new(name, value.data_type(), true);
                Ok((Arc::new(field), value.to_array()?))
            })
            .collect::<Result<_>>()?;
        let bound = BoundTable::new(&live.plugin, &self.function, self.ports.clone(), &options);
        bound.map(Arc::new).map_err(external)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct TableCall {
    pub(crate) call: Call,
    inputs: Vec<LogicalPlan>,
    schema: DFSchemaRef,
}

impl TableCall {
    /// A call with its inputs, in the order of its ports.
    ///
    /// # Errors
    /// When the plugin refuses the inputs or the options.
    pub(super) fn plan(live: &LivePlugin, call: Call, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let bound = call.bind(live)?;
        Self::with_columns(call, inputs, bound.returns())
    }

    /// A call whose columns are known.
    pub(crate) fn with_columns(
        call: Call,
        inputs: Vec<LogicalPlan>,
        columns: &SchemaRef,
    ) -> Result<Self> {
        let schema = DFSchema::try_from(columns.as_ref().clone())?;
        Ok(Self {
            call,
            inputs,
            schema: Arc::new(schema),
        })
    }

    /// The columns that it returns.
    pub(crate) fn columns(&self) -> SchemaRef {
        Arc::new(self.schema.as_arrow().clone())
    }
}

impl PartialEq for TableCall {
    fn eq(&self, other: &Self) -> bool {
        self.call == other.call && self.inputs == other.inputs
    }
}

impl Eq for TableCall {}

impl Hash for TableCall {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.call.hash(state);
        self.inputs.hash(state);
    }
}

impl PartialOrd for TableCall {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}

impl UserDefinedLogicalNodeCore for TableCall {
    fn name(&self) -> &str {
        "TableCall"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        self.inputs.iter().collect()
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "TableCall: {}", self.call.function)
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        Ok(Self {
            inputs,
            ..self.clone()
        })
    }
}
