//! A text that somebody wrote, and the four files in which texts are exported.

use chrono::NaiveDate;

use crate::business::{PRODUCTS, REGIONS};
use crate::lots::Lot;
use crate::people::Customer;
use crate::sales::Line;
use crate::table::Table;

/// Where a text was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A review with stars.
    Review = 0,
    /// A text to customer service.
    Ticket = 1,
    /// A public post.
    Post = 2,
    /// A note by store staff.
    Note = 3,
}

impl Kind {
    /// Name in the truth file.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Review => "review",
            Kind::Ticket => "ticket",
            Kind::Post => "post",
            Kind::Note => "staff_note",
        }
    }

    fn id(self, n: usize) -> String {
        let prefix = match self {
            Kind::Review => "RV",
            Kind::Ticket => "TK",
            Kind::Post => "PO",
            Kind::Note => "SN",
        };
        format!("{prefix}-{n:05}")
    }
}

/// A text with what its record says, and below that what is true about it.
#[derive(Clone, Debug)]
pub struct WrittenText {
    /// Where it was written.
    pub kind: Kind,
    /// Platform of a review or post; store of a note.
    pub platform: String,
    /// Author, or staff member.
    pub author: String,
    /// Customer named in the record.
    pub customer: Option<usize>,
    /// Order line whose order is named in the record.
    pub order: Option<usize>,
    /// Product named in the record.
    pub product: Option<usize>,
    /// Position in `REGIONS`.
    pub region: usize,
    /// Language in the record, which may be blank.
    pub language: &'static str,
    /// Stars from 1 to 5.
    pub rating: i64,
    pub ticket_type: &'static str,
    /// Status of a ticket.
    pub status: &'static str,
    /// Subject of a ticket.
    pub subject: String,
    pub text: String,
    /// Day by which an answer is needed.
    pub needed_by: Option<NaiveDate>,
    /// Day it was written.
    pub created_at: NaiveDate,
    /// Truth: topics.
    pub topics: Vec<String>,
    /// Truth: 1, 0 or -1.
    pub sign: i64,
    /// Truth: lot of the pair.
    pub lot: Option<usize>,
    /// Truth: position of the incident.
    pub incident: Option<usize>,
}

#[rustfmt::skip]
const REVIEWS: &[&str] = &["review_id", "platform", "author", "customer_id", "order_id", "product_id", "country", "region", "language", "rating", "text", "created_at"];
#[rustfmt::skip]
const TICKETS: &[&str] = &["ticket_id", "customer_id", "order_id", "product_id", "type", "status", "language", "subject", "text", "needed_by", "created_at"];
#[rustfmt::skip]
const POSTS: &[&str] = &["post_id", "platform", "author", "customer_id", "product_id", "country", "region", "language", "text", "created_at"];
#[rustfmt::skip]
const NOTES: &[&str] = &["note_id", "store", "staff", "product_id", "country", "region", "language", "text", "created_at"];
const TRUTH: &[&str] = &[
    "record_id",
    "kind",
    "topics",
    "sign",
    "finished_lot",
    "incident",
];

/// Sorts the texts by kind and day and returns crm/reviews, tickets, posts and staff_notes, then truth_texts.
pub fn tables(
    texts: &mut [WrittenText],
    customers: &[Customer],
    lines: &[Line],
    lots: &[Lot],
) -> Vec<Table> {
    texts.sort_by_key(|l| (l.kind, l.created_at));
    let mut tables = vec![
        Table::new("crm", "reviews", REVIEWS),
        Table::new("crm", "tickets", TICKETS),
        Table::new("crm", "posts", POSTS),
        Table::new("crm", "staff_notes", NOTES),
        Table::new("", "truth_texts", TRUTH),
    ];
    for l in texts.iter() {
        let id = l.kind.id(tables[l.kind as usize].len() + 1);
        let customer = l.customer.map_or("", |c| customers[c].id.as_str());
        let order = l.order.map(|o| lines[o].order()).unwrap_or_default();
        tables[l.kind as usize].push(record(l, &id, customer, &order));
        let lot = l.lot.map_or("", |lot| lots[lot].id.as_str());
        let incident = l
            .incident
            .map(|i| format!("I-{:05}", i + 1))
            .unwrap_or_default();
        tables[4].push([
            &id,
            l.kind.name(),
            &l.topics.join("|"),
            &l.sign.to_string(),
            lot,
            &incident,
        ]);
    }
    tables
}

/// The cells of a text's record, in the order of its file's columns.
fn record(l: &WrittenText, id: &str, customer: &str, order: &str) -> Vec<String> {
    let product = l.product.map_or("", |p| PRODUCTS[p].id);
    let region = &REGIONS[l.region];
    let place = [region.country, region.name, l.language];
    let (rating, created) = (l.rating.to_string(), l.created_at.to_string());
    let needed = l.needed_by.map(|d| d.to_string()).unwrap_or_default();
    let end = [l.text.as_str(), created.as_str()];
    let signed = [id, l.platform.as_str(), l.author.as_str()];
    let cells: Vec<&str> = match l.kind {
        Kind::Review => [
            &signed[..],
            &[customer, order, product],
            &place,
            &[&rating],
            &end,
        ]
        .concat(),
        Kind::Ticket => {
            let filed = [l.ticket_type, l.status, l.language, l.subject.as_str()];
            [
                &[id, customer, order, product][..],
                &filed,
                &[&l.text, &needed, &created],
            ]
            .concat()
        }
        Kind::Post => [&signed[..], &[customer, product], &place, &end].concat(),
        Kind::Note => [&signed[..], &[product], &place, &end].concat(),
    };
    cells.into_iter().map(str::to_owned).collect()
}
