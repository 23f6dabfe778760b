//! Decisions and look-ups as tables that models read. What was typed to find a customer is not among them.

use tsugi_pipeline::store::LedgerColumn::{Integer, Moment, Text};
use tsugi_pipeline::store::LedgerTable;

/// Tables of the schema `tsugi`.
pub(crate) const LEDGER_TABLES: &[LedgerTable] = &[
    LedgerTable {
        name: "reviews",
        of: "decision",
        sql: "SELECT CAST(sequence AS TEXT), substr(at, 1, 26), verdict, review, about, decided_by, login, given_to, note
              FROM decision ORDER BY sequence",
        columns: &[
            ("number", Integer),
            ("decided_at", Moment),
            ("verdict", Text),
            ("review", Text),
            ("about", Text),
            ("decided_by", Text),
            ("login", Text),
            ("assigned_to", Text),
            ("note", Text),
        ],
    },
    LedgerTable {
        name: "notes",
        of: "note",
        sql: "SELECT CAST(sequence AS TEXT), substr(at, 1, 26), kind, customer, serial, CAST(value AS TEXT), until, note,
                noted_by, login
              FROM note ORDER BY sequence",
        columns: &[
            ("number", Integer),
            ("noted_at", Moment),
            ("kind", Text),
            ("customer_id", Text),
            ("serial", Text),
            ("value", Integer),
            ("until", Text),
            ("note", Text),
            ("noted_by", Text),
            ("login", Text),
        ],
    },
    LedgerTable {
        name: "lookups",
        of: "lookup",
        sql: "SELECT CAST(sequence AS TEXT), substr(at, 1, 26), kind, found, asked_by, login, reason
              FROM lookup ORDER BY sequence",
        columns: &[
            ("number", Integer),
            ("looked_up_at", Moment),
            ("key", Text),
            ("customer_id", Text),
            ("looked_up_by", Text),
            ("login", Text),
            ("reason", Text),
        ],
    },
];
