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
    Review,
    /// A letter to customer service.
    Ticket,
    /// A public post.
    Post,
    /// A note by store staff.
    Note,
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
pub struct Letter {
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
    /// Type of a ticket.
    pub ticket_type: &'static str,
    /// Status of a ticket.
    pub status: &'static str,
    /// Subject of a ticket.
    pub subject: String,
    /// The text.
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

/// Sorts the letters by kind and day and returns crm/reviews, tickets, posts and staff_notes, then truth_texts.
pub fn tables(
    letters: &mut [Letter],
    customers: &[Customer],
    lines: &[Line],
    lots: &[Lot],
) -> Vec<Table> {
    letters.sort_by_key(|l| (l.kind, l.created_at));
    let mut reviews = Table::new(
        "crm",
        "reviews",
        &[
            "review_id",
            "platform",
            "author",
            "customer_id",
            "order_id",
            "product_id",
            "country",
            "region",
            "language",
            "rating",
            "text",
            "created_at",
        ],
    );
    let mut tickets = Table::new(
        "crm",
        "tickets",
        &[
            "ticket_id",
            "customer_id",
            "order_id",
            "product_id",
            "type",
            "status",
            "language",
            "subject",
            "text",
            "needed_by",
            "created_at",
        ],
    );
    let mut posts = Table::new(
        "crm",
        "posts",
        &[
            "post_id",
            "platform",
            "author",
            "customer_id",
            "product_id",
            "country",
            "region",
            "language",
            "text",
            "created_at",
        ],
    );
    let mut notes = Table::new(
        "crm",
        "staff_notes",
        &[
            "note_id",
            "store",
            "staff",
            "product_id",
            "country",
            "region",
            "language",
            "text",
            "created_at",
        ],
    );
    let mut truth = Table::new(
        "",
        "truth_texts",
        &[
            "record_id",
            "kind",
            "topics",
            "sign",
            "finished_lot",
            "incident",
        ],
    );
    for l in letters.iter() {
        let table = match l.kind {
            Kind::Review => &mut reviews,
            Kind::Ticket => &mut tickets,
            Kind::Post => &mut posts,
            Kind::Note => &mut notes,
        };
        let id = l.kind.id(table.rows.len() + 1);
        let customer = l.customer.map_or("", |c| customers[c].id.as_str());
        let order = l.order.map_or("", |o| lines[o].order.as_str());
        let product = l.product.map_or("", |p| PRODUCTS[p].id);
        let (country, region) = (REGIONS[l.region].country, REGIONS[l.region].name);
        let (created, needed) = (
            l.created_at.to_string(),
            l.needed_by.map(|d| d.to_string()).unwrap_or_default(),
        );
        match l.kind {
            Kind::Review => table.push([
                &id,
                l.platform.as_str(),
                &l.author,
                customer,
                order,
                product,
                country,
                region,
                l.language,
                &l.rating.to_string(),
                &l.text,
                &created,
            ]),
            Kind::Ticket => {
                table.push([
                    &id,
                    customer,
                    order,
                    product,
                    l.ticket_type,
                    l.status,
                    l.language,
                    &l.subject,
                    &l.text,
                    &needed,
                    &created,
                ]);
            }
            Kind::Post => table.push([
                &id,
                l.platform.as_str(),
                &l.author,
                customer,
                product,
                country,
                region,
                l.language,
                &l.text,
                &created,
            ]),
            Kind::Note => table.push([
                &id,
                l.platform.as_str(),
                &l.author,
                product,
                country,
                region,
                l.language,
                &l.text,
                &created,
            ]),
        }
        let lot = l.lot.map_or("", |lot| lots[lot].id.as_str());
        let incident = l
            .incident
            .map(|i| format!("I-{:05}", i + 1))
            .unwrap_or_default();
        truth.push([
            id.as_str(),
            l.kind.name(),
            &l.topics.join("|"),
            &l.sign.to_string(),
            lot,
            &incident,
        ]);
    }
    vec![reviews, tickets, posts, notes, truth]
}
