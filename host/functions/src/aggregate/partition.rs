//! The accumulators of a plugin's aggregate: one instance holds the groups of one partition.

use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array, new_empty_array};
use datafusion::arrow::compute::{filter, prep_null_mask_filter};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

use crate::error::external;
use crate::live::LivePlugin;
use tsugi_sandbox::{AggregateFunction, Groups, SandboxError};

/// A size in bytes that every memory pool refuses, and that can be added to without overflow.
const NO_POOL_HAS: usize = 1 << 50;

/// The accumulators of one partition. The instance is opened with the first rows and dropped
/// after the last group is emitted.
#[derive(Debug)]
pub(super) struct Partition {
    live: Arc<LivePlugin>,
    function: AggregateFunction,
    open: Option<Groups>,
    groups: usize,
}

impl Partition {
    pub(super) fn new(live: Arc<LivePlugin>, function: AggregateFunction) -> Self {
        Self {
            live,
            function,
            open: None,
            groups: 0,
        }
    }

    fn open(&mut self) -> Result<&mut Groups> {
        if self.open.is_none() {
            let live = &self.live;
            // No budget: DataFusion charges an aggregate by `size`, and would charge it twice.
            let groups = Groups::open(&live.plugin, &self.function, live.cancel.clone());
            self.open = Some(groups.map_err(external)?);
        }
        self.open.as_mut().ok_or_else(|| {
            let what = "keep an aggregate open".to_owned();
            external(SandboxError::Host {
                what,
                reason: "it was dropped".into(),
            })
        })
    }

    fn count(&mut self, groups: usize) -> Result<u32> {
        self.groups = self.groups.max(groups);
        u32::try_from(self.groups).map_err(|_| {
            let message = format!("{groups} groups in one aggregate");
            DataFusionError::ResourcesExhausted(message)
        })
    }

    /// The numbers of groups as the contract has them. `count` has bounded them before.
    fn narrowed(&self, columns: &[ArrayRef], rows: &[usize]) -> Vec<u32> {
        debug_assert!(columns.iter().all(|column| column.len() == rows.len()));
        rows.iter().map(|group| *group as u32).collect()
    }

    /// How many groups are emitted, and whether these are all.
    fn emitted(&mut self, emit_to: EmitTo) -> (usize, bool) {
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
        let numbers = self.narrowed(values, group_indices);
        let Some(keep) = opt_filter else {
            return self
                .open()?
                .update(values, &numbers, groups)
                .map_err(external);
        };
        let keep = if keep.null_count() > 0 {
            &prep_null_mask_filter(keep)
        } else {
            keep
        };
        let filtered: Vec<ArrayRef> = values
            .iter()
            .map(|column| filter(column, keep))
            .collect::<Result<_, _>>()?;
        let numbers = filter(&UInt32Array::from(numbers), keep)?;
        let numbers: &UInt32Array = datafusion::common::cast::as_uint32_array(&numbers)?;
        self.open()?
            .update(&filtered, numbers.values(), groups)
            .map_err(external)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        let groups = self.count(total_num_groups)?;
        let numbers = self.narrowed(values, group_indices);
        self.open()?
            .merge(values, &numbers, groups)
            .map_err(external)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.open()?;
        let (rows, all) = self.emitted(emit_to);
        let state = self.open()?.state(rows, all).map_err(external)?;
        if all {
            self.open = None;
        }
        Ok(state)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.open()?;
        let (rows, all) = self.emitted(emit_to);
        let values = self.open()?.evaluate(rows, all).map_err(external)?;
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
        let mut single = Self::new(Arc::clone(&self.live), self.function.clone());
        let each: Vec<usize> = (0..rows).collect();
        single.update_batch(values, &each, opt_filter, rows)?;
        GroupsAccumulator::state(&mut single, EmitTo::All)
    }

    /// For an instance whose memory is filling, a size that no pool has: DataFusion then emits its
    /// groups early or spills them, and a new instance goes on.
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
pub(super) struct Single(pub(super) Mutex<Partition>);

impl Single {
    fn get(&mut self) -> &mut Partition {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, which the accumulator keeps: a window reads it after every row.
    fn peek_state(&mut self) -> Result<Vec<ArrayRef>> {
        let partition = self.get();
        if partition.open.is_none() {
            // Without rows the guest must still learn that there is one group.
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
        self.peek_state()?
            .iter()
            .map(|column| ScalarValue::try_from_array(column, 0))
            .collect()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let state = self.peek_state()?;
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
