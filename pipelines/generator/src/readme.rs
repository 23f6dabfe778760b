//! The README beside the exports: what each file is, what is planted, which traps there are, which rows are broken.

use std::fmt::Write;

use crate::business::{
    BRAND, CULPRIT, K7, LATE_CARRIER, LATE_FROM, LATE_TO, MATERIALS, PRODUCTS, REGIONS,
    SECOND_SOURCE, SUPPLIERS,
};
use crate::incidents::{
    CRACK_RATE_COLD, CRACK_RATE_GOOD, CRACK_RATE_MILD, CRACK_RATE_QUIET, Incident,
};
use crate::supply::{CHANGE_ID, Supply};
use crate::table::{Place, Table};
use crate::voices::Traps;
use crate::world::World;
use crate::{Options, Plant};

/// What the README tells.
pub(crate) struct Story<'a> {
    pub(crate) options: &'a Options,
    pub(crate) world: &'a World,
    pub(crate) supply: &'a Supply,
    pub(crate) bad: &'a [usize],
    pub(crate) incidents: &'a [Incident],
    pub(crate) traps: &'a Traps,
    pub(crate) places: &'a [Place],
    pub(crate) conflicted: Option<usize>,
    pub(crate) tables: &'a [Table],
}

impl Story<'_> {
    /// The whole text.
    pub(crate) fn text(&self) -> String {
        // Writing to a String cannot fail, so the results are joined rather than checked.
        [
            self.opening(),
            self.files(),
            self.planted(),
            self.traps(),
            self.broken(),
        ]
        .join("\n")
    }

    fn opening(&self) -> String {
        let plant = plant_name(self.options.plant);
        format!(
            "# Sample exports of {BRAND}\n\n\
             {BRAND} is an invented shoe brand that sells in Japan, Switzerland and Germany. These are its CRM and ERP exports for\n\
             1 April 2025 to 31 March 2026. The brand, its products, suppliers, carriers, platforms and people are invented; only the\n\
             names of regions and towns are real. Mail addresses end in `.example`. Telephone numbers reach no one: area code 00 does\n\
             not exist in Japan and Switzerland, and the German ranges are reserved for films.\n\n\
             Everything is made by a program from a seed:\n\n\
             ```\n\
             cargo run --release -p tsugi-sample -- --out pipelines/great-disconnect/exports --seed {seed} --scale {scale} --plant {plant}{lots}\n\
             ```\n\n\
             With `--truth DIR` the program also writes the truth that no export shows (who was affected, what each text is about).\n\
             `--plant weak` and `--plant none` make the same business with a thin cause and with none.\n\n\
             All files are CSV: UTF-8, comma, a header row, ISO dates. Ids are text. Prices and costs of a sale are in its currency;\n\
             `list_price`, `unit_cost` of receipts and `spend` are in euros. `stock.quantity` is what was made and never sold: returned\n\
             pairs are not put back. A quoted text may hold line breaks.\n",
            seed = self.options.seed,
            scale = self.options.scale,
            lots = self
                .options
                .lots
                .map_or_else(String::new, |lots| format!(" --lots {lots}")),
        )
    }

    fn files(&self) -> String {
        let mut text = String::from(
            "## Files\n\n| file | rows | what a row is | columns |\n|---|---|---|---|\n",
        );
        for table in self.tables {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                table.file(),
                table.len(),
                meaning(table.name),
                table.header.join(", ")
            );
        }
        text.push_str("\nRow counts leave out the broken rows listed at the end.\n");
        text
    }

    fn planted(&self) -> String {
        let title = "## The planted truth\n\n";
        if self.options.plant == Plant::None {
            return format!(
                "{title}Nothing is planted. Change {CHANGE_ID} stands in the file and did no harm.\n"
            );
        }
        [title, &self.cause(), &self.bad_lots(), &self.rates()].concat()
    }

    fn cause(&self) -> String {
        let (from, to) = self.supply.period();
        let (culprit, second, material) =
            (SUPPLIERS[CULPRIT], SUPPLIERS[SECOND_SOURCE], MATERIALS[K7]);
        let supply = self.supply;
        let component_lots: Vec<&str> = supply
            .suspect_receipts
            .iter()
            .map(|r| supply.receipts[*r].component_lot.as_str())
            .collect();
        format!(
            "Soles crack in the finished lots whose outsole compound ({}, {}) was received from **{} ({})** between\n\
             **{from} and {to}**. On {changed} the supplier had changed the material (`changes.csv`, {CHANGE_ID}, kind `material`): a\n\
             plasticiser from another source. On {restored} it went back (CH-009). Its lots before and after are good, and so are the\n\
             lots of {} ({}), the second source of the same compound for the same products. Incoming inspection saw next to\n\
             nothing: a few more rejects.\n\n\
             Component lots of the period: {}.\n\n",
            material.0,
            material.1,
            culprit.0,
            culprit.1,
            second.0,
            second.1,
            component_lots.join(", "),
            changed = supply.changed_on,
            restored = supply.restored_on,
        )
    }

    fn bad_lots(&self) -> String {
        let mut text = String::from(
            "| bad finished lot | product | made | sold | in stock | complaints about cracks |\n|---|---|---|---|---|---|\n",
        );
        for lot in self.bad {
            let l = &self.world.lots.lots[*lot];
            let cracks = self
                .incidents
                .iter()
                .filter(|i| i.topic == "sole_crack" && i.lot == Some(*lot))
                .count();
            let (name, stock) = (PRODUCTS[l.product].name, l.quantity - l.sold);
            text.push_str(&format!(
                "| {} | {name} | {} | {} | {stock} | {cracks} |\n",
                l.id, l.quantity, l.sold
            ));
        }
        text
    }

    fn rates(&self) -> String {
        if self.options.plant == Plant::Weak {
            let good = CRACK_RATE_QUIET * 100.0;
            return format!(
                "\nExactly four people complain about cracks in these lots; elsewhere {good:.3} % of pairs lead to such a complaint.\n"
            );
        }
        let good = CRACK_RATE_GOOD * 100.0;
        let cold: Vec<&str> = REGIONS.iter().filter(|r| r.cold).map(|r| r.name).collect();
        format!(
            "\nOf the pairs of bad lots about {:.0} % lead to a complaint in cold regions ({}) and about {:.0} %\n\
             elsewhere; of all other pairs {good:.2} %. Returns and warranty claims follow the complaints, and some broken pairs come\n\
             back without a word. Four of ten who complain of cracks search for help on the website some days before; from February on,\n\
             carts with a product that cracks are left more often. Few of the staff know the promise of quick delivery, and\n\
             half of them would say that the shoes are durable. Some posts are shared by many, whatever they say. Three of ten known buyers of\n\
             bad lots reply in April (`replies.csv`), after the exports end: a run for the end of March sees none of it.\n",
            CRACK_RATE_COLD * 100.0,
            cold.join(", "),
            CRACK_RATE_MILD * 100.0,
        )
    }

    fn traps(&self) -> String {
        let items = [self.traps_in_texts(), self.traps_in_business()].concat();
        let list: String = items.iter().map(|line| format!("- {line}\n")).collect();
        format!("## Traps\n\n{list}")
    }

    fn traps_in_texts(&self) -> Vec<String> {
        let t = self.traps;
        vec![
            format!("{} complaint tickets are filed under a type that is not theirs.", t.wrong_type),
            format!("{} complaint tickets name no order; some of them name no customer either and cannot be traced.", t.no_order),
            format!("{} texts name their lot, {} of them in full-width letters and digits, others in small letters or without the dash.", t.lot_in_text, t.full_width),
            format!("{} second texts come from the same person about the same pair.", t.second_texts),
            format!("{} reviews stand on a second platform: same author and words, other marks or spaces.", t.duplicates),
            format!("{} texts mislead: \"no cracks after six months\", 「ひび割れもなく」, \"keine Risse\", a cracked box, a joke that cracked somebody up.", t.lookalikes),
            "Texts about the Mukashi Classic speak of foam that rots with age (加水分解); those pairs were bought years before the data begins. Others speak of soles that came unglued.".to_owned(),
            format!("{} staff notes mention cracks before the first buyer of a bad lot writes.", t.early_notes),
            "Some texts name a day by which the pair is needed, and are still open with that day ahead.".to_owned(),
        ]
    }

    fn traps_in_business(&self) -> Vec<String> {
        let (split, mixed, both) = self.picks();
        let people = &self.world.customers;
        let anonymous = self
            .world
            .lines
            .iter()
            .filter(|l| l.customer.is_none())
            .count();
        let silent = people.iter().filter(|c| !c.addressable).count();
        let no_zone = people.iter().filter(|c| c.time_zone.is_empty()).count();
        let late = self
            .world
            .shipments
            .iter()
            .filter(|s| s.late_days > 6)
            .count();
        let conflicted = self.conflicted.map_or("no one", |c| people[c].id.as_str());
        vec![
            format!("{split} order lines were filled from two lots (two `exact` rows); {mixed} come from mixed bins (one `mixed` row for each lot that was in the bin, each with the line's quantity)."),
            format!("{both} mixed bins held a bad lot beside good ones: such a buyer is possibly, not certainly, affected."),
            format!("{LATE_CARRIER} fell behind from {LATE_FROM} to {LATE_TO}: {late} lines came a week or more late and many people wrote, buyers of good and bad lots alike."),
            format!("{anonymous} order lines are anonymous store sales; {silent} customers may not be addressed; {no_zone} have no time zone."),
            format!("{} important customers bought a line that names a bad lot.", self.important()),
            format!("{conflicted}, a buyer from the period, holds two live offers of one kind: 50 % off for 1 month, and 50 % off for the first 3 months."),
            "Change CH-008, of another supplier's material, took effect within days of CH-007 and is innocent. Two lots made in March 2026 are not sold at all.".to_owned(),
        ]
    }

    /// Important customers with a line that may come from a bad lot.
    fn important(&self) -> usize {
        let mut found: Vec<usize> = Vec::new();
        for (position, line) in self.world.lines.iter().enumerate() {
            let named = match &self.world.shipments[position].bin {
                Some(bin) => bin.iter().any(|l| self.bad.binary_search(l).is_ok()),
                None => self.world.lots.of_line[position]
                    .iter()
                    .any(|(l, _)| self.bad.binary_search(l).is_ok()),
            };
            found.extend(
                line.customer
                    .filter(|c| named && self.world.customers[*c].important),
            );
        }
        found.sort_unstable();
        found.dedup();
        found.len()
    }

    /// Lines filled from two lots, lines from mixed bins, and mixed bins that held a bad and a good lot.
    fn picks(&self) -> (usize, usize, usize) {
        let (mut split, mut mixed, mut both) = (0, 0, 0);
        for (position, shipment) in self.world.shipments.iter().enumerate() {
            match &shipment.bin {
                Some(bin) => {
                    mixed += 1;
                    let bad = bin
                        .iter()
                        .filter(|l| self.bad.binary_search(l).is_ok())
                        .count();
                    both += usize::from(bad > 0 && bad < bin.len());
                }
                None => split += usize::from(self.world.lots.of_line[position].len() > 1),
            }
        }
        (split, mixed, both)
    }

    fn broken(&self) -> String {
        let mut text = format!(
            "## Broken rows\n\n{} rows are broken on purpose. Lines count from 1, the header is line 1.\n\n| file | line | what is wrong |\n|---|---|---|\n",
            self.places.len()
        );
        for place in self.places {
            let _ = writeln!(
                text,
                "| {} | {} | {} |",
                place.file,
                place.line,
                place.kind.replace('_', " ")
            );
        }
        text
    }
}

fn plant_name(plant: Plant) -> &'static str {
    match plant {
        Plant::Strong => "strong",
        Plant::Weak => "weak",
        Plant::None => "none",
    }
}

fn meaning(name: &str) -> &'static str {
    match name {
        "customers" => "a customer; `owner` is a store or an adviser",
        "consents" => "what a customer said about advertisements, and where it is written down",
        "sends" => "a message sent earlier",
        "offers" => "a live offer to one person",
        "reviews" => "a review on the own page or another platform",
        "tickets" => "a text to customer service",
        "posts" => "a public post",
        "staff_notes" => "what store staff noticed",
        "device_signals" => "what a sensor in a pair measured, by customer",
        "assistant_answers" => "a recorded answer of an assistant about the brand",
        "replies" => "what a buyer answered to a message about an incident; they come in April",
        "web_events" => "what somebody did on the website or in the app",
        "post_reach" => "how many had seen and shared a post at a moment",
        "staff_answers" => {
            "an answer of staff to a survey: do they know a promise, would they say it"
        }
        "claims" => "what an advertisement promised, where, when and at what cost",
        "products" => "a product",
        "materials" => "a material",
        "suppliers" => "a supplier",
        "receipts" => "a component lot received",
        "inspections" => "the incoming inspection of a receipt",
        "consumption" => "a component lot used in a production order",
        "changes" => "a 4M change: man, machine, material or method",
        "production_orders" => "a production order",
        "finished_lots" => "a finished lot",
        "stock" => "pairs of a lot at a site",
        "sales" => "an order line; a blank customer is an anonymous store sale",
        "shipments" => "pairs of an order line from a lot; `pick` is `exact` or `mixed`",
        "returns" => "a pair that came back",
        "warranty_claims" => "a warranty claim",
        "remedies" => {
            "what was promised for a return or a claim; a blank `delivered_on` has not arrived"
        }
        _ => "",
    }
}
