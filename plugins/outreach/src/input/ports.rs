//! The relations that `compose` reads, and the columns each must have.

use std::collections::BTreeSet;

use crate::error::config_error;
use tsugi_plugin::Error;

/// A relation that `compose` reads.
#[derive(Debug, Clone, Copy)]
pub struct Port {
    /// Name of the argument.
    pub(crate) name: &'static str,
    /// It must be given.
    pub(crate) required: bool,
    /// Columns that must be there.
    pub(crate) columns: &'static [&'static str],
    /// For people.
    pub(crate) doc: &'static str,
}

/// The relations, in the order in which they are read.
pub(crate) const PORTS: &[Port] = &[
    Port {
        name: "targets",
        required: true,
        columns: &["incident", "customer_id", "purpose"],
        doc: "people and what the message is about: also certainty, order_id, product, finished_lot, remedy, cause, cause_confirmed_by, known_at, experiment, offer_kind, offer_terms, template_id and what templates declare",
    },
    Port {
        name: "templates",
        required: true,
        columns: &[
            "template_id",
            "version",
            "purpose",
            "language",
            "subject",
            "body",
        ],
        doc: "the approved library: also certainty, approved, written_by, approved_by, locked_hash, sender, sender_address, contact, refusal_link, fields, open, parts, logo, images",
    },
    Port {
        name: "persons",
        required: true,
        columns: &["customer_id", "address", "channel"],
        doc: "the contact on the order: also name, language, time_zone, country, owner, addressable, address_from, preferred_channel, cap, pause_from, pause_to, held_by, held_until, value_class, angry, open_severe_incident",
    },
    Port {
        name: "consents",
        required: false,
        columns: &["customer_id", "purpose", "state", "at"],
        doc: "consents and refusals of advertisements: also channel, proof",
    },
    Port {
        name: "history",
        required: false,
        columns: &["customer_id", "template", "sent_at"],
        doc: "what was sent: also channel, purpose, outcome, incident, template_version",
    },
    Port {
        name: "offers",
        required: false,
        columns: &["customer_id", "kind", "terms"],
        doc: "offers that people hold: also valid_from, valid_to",
    },
    Port {
        name: "forbidden",
        required: false,
        columns: &["word"],
        doc: "words that no message may say, supplier names above all",
    },
    Port {
        name: "rules",
        required: false,
        columns: &["rule", "value"],
        doc: "windows, caps, laws, words: also country, channel, purpose, language, version, valid_from, valid_to, source",
    },
    Port {
        name: "open_fields",
        required: false,
        columns: &["partner", "field", "value"],
        doc: "what partners wrote into open fields: also template_id, language",
    },
    Port {
        name: "assets",
        required: false,
        columns: &["url", "sha256", "width_px"],
        doc: "measured picture files",
    },
];

/// Checks that a relation has the columns its port needs; types are free, since every value
/// is read as text.
pub(crate) fn check_columns<'a>(
    port: &Port,
    given: impl Iterator<Item = &'a str>,
) -> Result<(), Error> {
    let given: BTreeSet<&str> = given.collect();
    let missing: Vec<&str> = port
        .columns
        .iter()
        .copied()
        .filter(|name| !given.contains(name))
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(config_error(
            "missing-column",
            format!(
                "the relation {} has no column {}",
                port.name,
                missing.join(", ")
            ),
            format!("select it there; {} holds {}", port.name, port.doc),
        )),
    }
}
