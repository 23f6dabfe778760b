//! A plugin's aggregate function as an aggregate of SQL: parallel, spilling, in windows too.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array, new_empty_array};
use datafusion::arrow::compute::{filter, prep_null_mask_filter};
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::expr::NullTreatment;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, Expr, GroupsAccumulator, LogicalPlan,
    Signature, Volatility, WindowFunctionDefinition,
};

use super::error::{QueryError, outward};
use super::live::{PluginKey, find};
use super::types::choose;
use crate::sandbox::{AggregateFunction, Groups, SandboxError};

/// Plain data: which plugin, which overloads.
#[derive(Debug, PartialEq, Eq, Hash)]
struct PluginAggregate {
    key: PluginKey,
    name: String,
    overloads: Vec<AggregateFunction>,
    signature: Signature,
}

/// The overloads of one name as one aggregate of SQL.
pub fn function(key: PluginKey, name: String, overloads: Vec<AggregateFunction>) -> AggregateUDF {
    let signature = Signature::user_defined(Volatility::Stable);
    AggregateUDF::new_from_impl(PluginAggregate {
        key,
        name,
        overloads,
        signature,
    })
}

/// A size in bytes that is refused by every memory pool, and may be added to without harm.
const NO_POOL_HAS: usize = 1 << 50;

const SLIDING: &str = "a sliding window frame";

/// Refuses, anywhere in a plan, what SQL allows of aggregates and plugins cannot do yet. Later
/// the optimizer may rewrite such a call into one that looks plain.
///
/// # Errors
/// The first such call.
pub fn refuse_unbuilt(plan: &LogicalPlan) -> Result<(), QueryError> {
    let mut found = None;
    // Looking cannot fail.
    let _ = plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                found = found.take().or_else(|| unbuilt(expr));
                Ok(match found {
                    Some(_) => TreeNodeRecursion::Stop,
                    None => TreeNodeRecursion::Continue,
                })
            })
        })
    });
    found.map_or(Ok(()), Err)
}

fn unbuilt(expr: &Expr) -> Option<QueryError> {
    let clause = |distinct, ordered, nulls: Option<NullTreatment>| {
        let ignores = nulls == Some(NullTreatment::IgnoreNulls);
        let clauses = [
            (distinct, "DISTINCT"),
            (ordered, "ORDER BY inside the call"),
            (ignores, "IGNORE NULLS"),
        ];
        clauses
            .into_iter()
            .find_map(|(there, what)| there.then_some(what))
    };
    let (function, what) = match expr {
        Expr::AggregateFunction(call) => {
            let given = &call.params;
            let ordered = !given.order_by.is_empty();
            (
                &call.func,
                clause(given.distinct, ordered, given.null_treatment)?,
            )
        }
        Expr::WindowFunction(call) => {
            let WindowFunctionDefinition::AggregateUDF(function) = &call.fun else {
                return None;
            };
            let given = &call.params;
            let sliding = (!given.window_frame.is_ever_expanding()).then_some(SLIDING);
            (
                function,
                clause(given.distinct, false, given.null_treatment).or(sliding)?,
            )
        }
        _ => return None,
    };
    let ours: &dyn Any = function.inner().as_ref();
    let name = ours.downcast_ref::<PluginAggregate>()?.name.clone();
    Some(QueryError::Unsupported {
        function: name,
        what,
    })
}

impl PluginAggregate {
    fn overload(&self, given: &[DataType]) -> Result<(&AggregateFunction, Vec<DataType>)> {
        let (_, overload, types) = choose(&self.name, &self.overloads, |o| &o.params, given)
            .map_err(DataFusionError::from)?;
        Ok((overload, types))
    }

    /// The partition's accumulators, or why the call cannot be made.
    fn partition(&self, args: &AccumulatorArgs) -> Result<Partition> {
        let refused = |what| QueryError::Unsupported {
            function: self.name.clone(),
            what,
        };
        if args.is_distinct {
            return Err(refused("DISTINCT").into());
        }
        if !args.order_bys.is_empty() {
            return Err(refused("ORDER BY inside the call").into());
        }
        if args.ignore_nulls {
            return Err(refused("IGNORE NULLS").into());
        }
        let given = types_of(args.expr_fields);
        let (function, _) = self.overload(&given)?;
        Ok(Partition {
            key: self.key.clone(),
            function: function.clone(),
            open: None,
            groups: 0,
        })
    }
}

fn types_of(fields: &[FieldRef]) -> Vec<DataType> {
    fields
        .iter()
        .map(|field| field.data_type().clone())
        .collect()
}

impl AggregateUDFImpl for PluginAggregate {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    // So that IGNORE NULLS is refused in our words, like all that is not built.
    fn supports_null_handling_clause(&self) -> bool {
        true
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        // An error from here would come back as text only. The return type is asked with the
        // same types, and its error says in our own words which overloads there are.
        Ok(self
            .overload(given)
            .map_or_else(|_| given.to_vec(), |(_, types)| types))
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        Ok(self.overload(given)?.0.returns.data_type().clone())
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let (function, _) = self.overload(&types_of(args.input_fields))?;
        Ok(function
            .state
            .iter()
            .map(|field| {
                let name = format!("{}[{}]", args.name, field.name());
                Arc::new(field.as_ref().clone().with_name(name))
            })
            .collect())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Single(Mutex::new(self.partition(&args)?))))
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.partition(&args)?))
    }

    fn create_sliding_accumulator(&self, _args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let what = SLIDING;
        Err(QueryError::Unsupported {
            function: self.name.clone(),
            what,
        }
        .into())
    }
}

/// The accumulators of one partition. The instance is opened with the first rows and dropped
/// when everything has been given out.
#[derive(Debug)]
struct Partition {
    key: PluginKey,
    function: AggregateFunction,
    open: Option<Groups>,
    groups: usize,
}

impl Partition {
    fn open(&mut self) -> Result<&mut Groups> {
        if self.open.is_none() {
            let live = find(&self.key)?;
            // No budget: DataFusion charges an aggregate by `size`, and would charge it twice.
            let groups = Groups::open(&live.plugin, &self.function, live.cancel.clone());
            self.open = Some(groups.map_err(outward)?);
        }
        self.open.as_mut().ok_or_else(|| {
            let what = "keep an aggregate open".to_owned();
            outward(SandboxError::Host {
                what,
                reason: "it is gone".into(),
            })
        })
    }

    fn count(&mut self, groups: usize) -> Result<u32> {
        self.groups = self.groups.max(groups);
        u32::try_from(self.groups).map_err(|_| {
            let message = format!("{groups} groups in one aggregate");
            QueryError::Memory { message }.into()
        })
    }

    fn plain(&self, columns: &[ArrayRef], rows: &[usize]) -> Vec<u32> {
        debug_assert!(columns.iter().all(|column| column.len() == rows.len()));
        // `count` has bounded every group number before this is called.
        rows.iter().map(|group| *group as u32).collect()
    }

    /// How many groups leave, and whether all do.
    fn leaving(&mut self, emit_to: EmitTo) -> (usize, bool) {
        match emit_to {
            EmitTo::All => (std::mem::take(&mut self.groups), true),
            EmitTo::First(n) => {
                let n = n.min(self.groups);
                self.groups -= n;
                (n, false)
            }
        }
    }
}

impl GroupsAccumulator for Partition {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let groups = self.count(total_num_groups)?;
        let numbers = self.plain(values, group_indices);
        let Some(keep) = opt_filter else {
            return self
                .open()?
                .update(values, &numbers, groups)
                .map_err(outward);
        };
        let keep = if keep.null_count() > 0 {
            &prep_null_mask_filter(keep)
        } else {
            keep
        };
        let kept: Vec<ArrayRef> = values
            .iter()
            .map(|column| filter(column, keep))
            .collect::<Result<_, _>>()?;
        let numbers = filter(&UInt32Array::from(numbers), keep)?;
        let numbers: &UInt32Array = datafusion::common::cast::as_uint32_array(&numbers)?;
        self.open()?
            .update(&kept, numbers.values(), groups)
            .map_err(outward)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        let groups = self.count(total_num_groups)?;
        let numbers = self.plain(values, group_indices);
        self.open()?
            .merge(values, &numbers, groups)
            .map_err(outward)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.open()?;
        let (rows, all) = self.leaving(emit_to);
        let state = self.open()?.state(rows, all).map_err(outward)?;
        if all {
            self.open = None;
        }
        Ok(state)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.open()?;
        let (rows, all) = self.leaving(emit_to);
        let values = self.open()?.evaluate(rows, all).map_err(outward)?;
        if all {
            self.open = None;
        }
        Ok(values)
    }

    /// Each row as the state of a group of its own, for when grouping first would not shrink
    /// the data.
    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, |column| column.len());
        let mut alone = Self {
            key: self.key.clone(),
            function: self.function.clone(),
            open: None,
            groups: 0,
        };
        let each: Vec<usize> = (0..rows).collect();
        alone.update_batch(values, &each, opt_filter, rows)?;
        GroupsAccumulator::state(&mut alone, EmitTo::All)
    }

    /// An instance that is filling says so by a size that no pool has: its groups are given on early, or wait on the
    /// disk, and a new instance goes on.
    fn size(&self) -> usize {
        match &self.open {
            Some(open) if open.is_filling(self.groups) => NO_POOL_HAS,
            Some(open) => open.memory_bytes(),
            None => 0,
        }
    }
}

/// One group: for aggregates without GROUP BY, and for growing window frames.
#[derive(Debug)]
struct Single(Mutex<Partition>);

impl Single {
    fn get(&mut self) -> &mut Partition {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, with the accumulator left as it was: a window asks after every row.
    fn kept_state(&mut self) -> Result<Vec<ArrayRef>> {
        let partition = self.get();
        if partition.open.is_none() {
            // No row came: the guest must still learn that there is one group.
            let params = partition.function.params.iter();
            let none: Vec<ArrayRef> = params.map(|p| new_empty_array(p.data_type())).collect();
            partition.update_batch(&none, &[], None, 1)?;
        }
        let state = GroupsAccumulator::state(partition, EmitTo::All)?;
        partition.merge_batch(&state, &[0], 1)?;
        Ok(state)
    }
}

impl Accumulator for Single {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = values.first().map_or(0, |column| column.len());
        self.get().update_batch(values, &vec![0; rows], None, 1)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states.first().map_or(0, |column| column.len());
        self.get().merge_batch(states, &vec![0; rows], 1)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.kept_state()?
            .iter()
            .map(|column| ScalarValue::try_from_array(column, 0))
            .collect()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let state = self.kept_state()?;
        let partition = self.get();
        let value = GroupsAccumulator::evaluate(partition, EmitTo::All)?;
        partition.merge_batch(&state, &[0], 1)?;
        ScalarValue::try_from_array(&value, 0)
    }

    fn size(&self) -> usize {
        let partition = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        size_of_val(self) + GroupsAccumulator::size(&*partition)
    }
}
