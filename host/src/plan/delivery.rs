//! Deliveries: from tables that models make, to sinks whose plugins are there.

use super::error::{PlanError, User};
use super::{Builder, DeliveryStep, order};
use crate::blame::{Finding, Place};
use crate::name::TableName;
use crate::project::pipeline::Delivery;
use crate::query::facts::TableUse;

impl Builder<'_> {
    pub(super) fn deliveries(&mut self) -> Vec<DeliveryStep> {
        let project = self.project;
        project
            .deliveries
            .values()
            .filter_map(|delivery| self.delivery(delivery))
            .collect()
    }

    fn delivery(&mut self, delivery: &Delivery) -> Option<DeliveryStep> {
        let from = self.made(delivery, &delivery.from, &delivery.from_place);
        let complaints = match &delivery.complaints {
            Some((table, place)) => Some(self.made(delivery, table, place)?),
            None => None,
        };
        let plugin = self.project.sinks.get(&delivery.sink)?.plugin.clone();
        Some(DeliveryStep {
            name: delivery.name.clone(),
            from: from?,
            sink: delivery.sink.clone(),
            rates: delivery.rates,
            complaints,
            digest: *self.facts.plugins.get(&plugin)?,
            plugin,
        })
    }

    /// A table that a delivery names: one that a model makes, so that a run publishes it.
    fn made(&mut self, delivery: &Delivery, table: &str, place: &Place) -> Option<TableName> {
        let named = [TableUse {
            table: table.to_owned(),
            place: place.clone(),
        }];
        let user = User::Delivery(delivery.name.clone());
        let tables = order::inputs(self.project, &user, &named, &self.uses, &self.known)
            .map_err(|more| self.findings.extend(more))
            .ok()?;
        let table = tables.into_iter().next()?;
        if let Some(view) = self
            .project
            .models
            .get(&table)
            .filter(|model| model.is_view())
        {
            let file = view.text.file().to_owned();
            let error = PlanError::IsView { user, table, file };
            self.findings.push(Finding::of(&error).at(place.clone()));
            return None;
        }
        if !self.uses.contains_key(&table) {
            let error = PlanError::NotAModel { user, table };
            self.findings.push(Finding::of(&error).at(place.clone()));
            return None;
        }
        Some(table)
    }
}
