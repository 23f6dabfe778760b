//! What has happened in the business, as the parts that write about it need to see it.

use crate::business::REGIONS;
use crate::dice::Dice;
use crate::lots::Lots;
use crate::names;
use crate::people::Customer;
use crate::sales::Line;
use crate::shipping::Shipment;

/// People, sales, lots and shipments.
#[derive(Clone, Debug)]
pub struct World {
    pub customers: Vec<Customer>,
    /// Order lines by day.
    pub lines: Vec<Line>,
    /// Finished lots and the pairs that came from them.
    pub lots: Lots,
    /// Shipments by order line.
    pub shipments: Vec<Shipment>,
}

impl World {
    /// The language somebody writes in; that of the country for strangers.
    pub fn language(&self, customer: Option<usize>, region: usize) -> &'static str {
        match customer {
            Some(c) => self.customers[c].writes(),
            None if REGIONS[region].country == "JP" => "ja",
            None => "de",
        }
    }

    /// The name of a store in a region.
    pub fn store(&self, region: usize) -> String {
        format!("{} store", REGIONS[region].place)
    }

    /// An invented member of staff.
    pub fn staff(&self, region: usize, dice: &mut Dice) -> String {
        names::person(self.language(None, region), dice).0
    }

    /// What an unknown person signs with.
    pub fn stranger(&self, language: &str, dice: &mut Dice) -> String {
        let (_, latin) = names::person(language, dice);
        format!(
            "{}_{}",
            latin.split('.').next().unwrap_or_default(),
            dice.below(1000)
        )
    }
}
