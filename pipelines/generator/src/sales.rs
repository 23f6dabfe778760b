//! A year of orders.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::business::{AS_OF, FIRST_DAY, PRODUCTS, REGIONS, currency, money, plus};
use crate::dice::{Dice, Stream};
use crate::people::Customer;
use crate::table::Table;

/// One line of an order.
#[derive(Clone, Debug)]
pub struct Line {
    /// Number of the order, from 0.
    pub order: u32,
    /// Number of the line in its order, from 1.
    pub number: u32,
    /// Day of the order.
    pub ordered_on: NaiveDate,
    /// Position among the customers; none for an anonymous store sale.
    pub customer: Option<usize>,
    /// Position in `PRODUCTS`.
    pub product: usize,
    /// Pairs.
    pub quantity: u32,
    /// Price of one pair in euro cents.
    pub price: i64,
    /// Cost of one pair in euro cents.
    pub cost: i64,
    /// Position in `REGIONS`.
    pub region: usize,
    /// store, online or partner.
    pub channel: &'static str,
}

impl Line {
    pub fn order(&self) -> String {
        format!("SO-{:06}", 100_001 + self.order)
    }
}

/// Makes the order lines in order of day, and moves `created_at` of customers before their first order.
pub fn lines(seed: u64, scale: f64, customers: &mut [Customer]) -> Vec<Line> {
    let mut dice = Dice::new(seed, Stream::Sales);
    let days: Vec<NaiveDate> = (0..=(AS_OF - FIRST_DAY).num_days())
        .map(|n| plus(FIRST_DAY, n))
        .collect();
    let weights: Vec<f64> = days.iter().map(|d| day_weight(*d)).collect();
    let cumulative = running_sum(&weights);
    let orders = (16_700.0 * scale).round() as usize;
    let mut dates: Vec<NaiveDate> = (0..orders)
        .map(|_| days[position(&cumulative, dice.unit())])
        .collect();
    dates.sort();
    let mut lines = Vec::with_capacity(orders * 5 / 4);
    for (i, date) in dates.into_iter().enumerate() {
        order(i as u32, date, customers, &mut lines, &mut dice);
    }
    for line in &lines {
        if let Some(customer) = line.customer.and_then(|c| customers.get_mut(c)) {
            customer.created_at = customer.created_at.min(line.ordered_on);
        }
    }
    lines
}

fn order(
    number: u32,
    date: NaiveDate,
    customers: &[Customer],
    lines: &mut Vec<Line>,
    dice: &mut Dice,
) {
    let anonymous = dice.chance(0.14);
    let (customer, region, channel) = if anonymous {
        let weights: Vec<f64> = REGIONS.iter().map(|r| r.weight).collect();
        (None, dice.weighted(&weights), "store")
    } else {
        // Squaring favours some customers, as regulars do.
        let pull = dice.unit();
        let customer = ((pull * (0.35 + 0.65 * pull)) * customers.len() as f64) as usize;
        (
            Some(customer),
            customers[customer].region,
            ["online", "store", "partner"][dice.weighted(&[0.7, 0.18, 0.12])],
        )
    };
    let count = 1 + dice.weighted(&[0.78, 0.18, 0.04]);
    let mut taken: Vec<usize> = Vec::with_capacity(count);
    while taken.len() < count {
        let winter = matches!(date.month(), 10..=12 | 1);
        let weights: Vec<f64> = PRODUCTS
            .iter()
            .map(|p| {
                if winter {
                    p.weight * p.winter
                } else {
                    p.weight
                }
            })
            .collect();
        let product = dice.weighted(&weights);
        if taken.contains(&product) {
            continue;
        }
        taken.push(product);
        let list = PRODUCTS[product].price * 100;
        let discount = [0, 10, 20][dice.weighted(&[0.8, 0.14, 0.06])];
        lines.push(Line {
            order: number,
            number: taken.len() as u32,
            ordered_on: date,
            customer,
            product,
            quantity: 1 + dice.weighted(&[0.93, 0.06, 0.01]) as u32,
            price: list * (100 - discount) / 100,
            cost: list * 38 / 100,
            region,
            channel,
        });
    }
}

fn day_weight(date: NaiveDate) -> f64 {
    let season = match date.month() {
        11 => 1.2,
        12 => 1.5,
        1 => 1.1,
        8 => 0.85,
        _ => 1.0,
    };
    if matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
        season * 1.25
    } else {
        season
    }
}

fn running_sum(weights: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    weights
        .iter()
        .map(|w| {
            sum += w;
            sum
        })
        .collect()
}

fn position(cumulative: &[f64], unit: f64) -> usize {
    let point = unit * cumulative.last().copied().unwrap_or(0.0);
    cumulative
        .partition_point(|c| *c <= point)
        .min(cumulative.len().saturating_sub(1))
}

/// erp/sales.csv.
pub fn table(lines: &[Line], customers: &[Customer]) -> Table {
    let mut table = Table::new(
        "erp",
        "sales",
        &[
            "order_id",
            "order_line",
            "ordered_on",
            "customer_id",
            "product_id",
            "quantity",
            "unit_price",
            "unit_cost",
            "currency",
            "country",
            "region",
            "channel",
        ],
    );
    for line in lines {
        let region = &REGIONS[line.region];
        let customer = line.customer.map_or("", |c| customers[c].id.as_str());
        table.push([
            line.order().as_str(),
            &line.number.to_string(),
            &line.ordered_on.to_string(),
            customer,
            PRODUCTS[line.product].id,
            &line.quantity.to_string(),
            &money(region.country, line.price),
            &money(region.country, line.cost),
            currency(region.country),
            region.country,
            region.name,
            line.channel,
        ]);
    }
    table
}
