//! Every vendor mapping reads its sample whole, and what is called verified is in exported
//! tables.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tsugi_crm_export::{CrmExport, CrmMappings};
use tsugi_plugin::testing::{MockHost, StreamCase, measured, read_request, read_source, reads_as};
use tsugi_reading::{Mappings, Status, load};

fn folder(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(of)
}

fn check(mapping: &str, cases: &[StreamCase<'_>]) {
    let host = MockHost::new().chunk_bytes(37);
    let samples = folder("samples").join(mapping);
    let host = host.folder("exports", &samples).unwrap();
    let config = format!(r#"{{"mapping": "{mapping}"}}"#);
    reads_as::<CrmExport>(&config, &host, cases).unwrap();
}

#[test]
fn salesforce() {
    check(
        "salesforce",
        &[
            (
                "accounts",
                2,
                0,
                &[
                    "account_id",
                    "is_deleted",
                    "billing_street",
                    "annual_revenue",
                    "employees",
                    "created_at",
                ],
                r#"{"account_id":"0015g00000A1aaaAAB","is_deleted":false,"billing_street":"Bahnhofstrasse 12\n2. Stock","annual_revenue":1250000.0000,"employees":42,"created_at":"2025-11-03T08:15:00Z"}"#,
            ),
            (
                "contacts",
                2,
                1,
                &["last_name", "opted_out_of_email", "account_id"],
                r#"{"last_name":"佐藤","opted_out_of_email":true,"account_id":null}"#,
            ),
            (
                "cases",
                2,
                1,
                &["case_number", "subject", "is_closed", "closed_at"],
                r#"{"case_number":"00001044","subject":"Size of the \"Nordwand\"","is_closed":true,"closed_at":"2026-01-08T14:00:00Z"}"#,
            ),
            (
                "tasks",
                1,
                0,
                &["due_on", "call_seconds", "is_closed"],
                r#"{"due_on":"2026-01-08","call_seconds":240,"is_closed":true}"#,
            ),
        ],
    );
}

#[test]
fn zendesk() {
    check(
        "zendesk",
        &[
            (
                "tickets",
                2,
                0,
                &[
                    "ticket_id",
                    "channel",
                    "from_address",
                    "text",
                    "tags",
                    "satisfaction",
                    "created_at",
                    "due_at",
                ],
                r#"{"ticket_id":"35436","channel":"email","from_address":"tom@example.com","text":"It was cold.\nThe sole cracked across the heel.","tags":"[\"sole\",\"winter\"]","satisfaction":"unoffered","created_at":"2026-01-05T09:12:44Z","due_at":null}"#,
            ),
            (
                "users",
                2,
                1,
                &["user_id", "name", "verified", "external_id", "phone"],
                r#"{"user_id":"20978393","name":"鈴木 一郎","verified":false,"external_id":"C-9","phone":null}"#,
            ),
        ],
    );
    // The CSV export has other headings and the same columns.
    let csv = "Id,Subject,Status,Ticket type,Via,Requester id,Requester email,Priority,Created at,Updated at\n\
        35436,Sole split,Open,Incident,Mail,20978392,tom@example.com,High,2026-01-05 09:12,2026-01-06 10:00\n";
    let host = MockHost::new().file("exports", "tickets-2026.csv", csv);
    let config = r#"{"mapping": "zendesk", "streams": ["tickets"]}"#;
    let mut request = read_request("tickets");
    request.columns = Some(
        ["ticket_id", "type", "requester_id"]
            .map(str::to_owned)
            .to_vec(),
    );
    let read = read_source::<CrmExport>(config, request, &host).unwrap();
    assert_eq!(
        read.rows.json(0),
        r#"{"ticket_id":"35436","type":"Incident","requester_id":"20978392"}"#
    );
}

#[test]
fn hubspot() {
    check(
        "hubspot",
        &[
            (
                "contacts",
                2,
                1,
                &["contact_id", "email", "unsubscribed", "created_at"],
                r#"{"contact_id":"152","email":"jo@example.com","unsubscribed":null,"created_at":"2025-12-24T18:05:00Z"}"#,
            ),
            (
                "tickets",
                2,
                0,
                &["ticket_id", "text", "contact_ids", "closed_at"],
                r#"{"ticket_id":"9001","text":"La semelle s'est fendue\naprès deux sorties.","contact_ids":"151","closed_at":null}"#,
            ),
        ],
    );
}

#[test]
fn kintone() {
    check(
        "kintone",
        &[
            (
                "inquiries",
                3,
                1,
                &[
                    "record_no",
                    "received_at",
                    "customer_id",
                    "phone",
                    "product_id",
                    "quantity",
                    "amount",
                    "_line",
                ],
                r#"{"record_no":"101","received_at":"2026-01-06T00:05:00Z","customer_id":"C-0001","phone":"０９０－５５５５－０１０１","product_id":"LC-010","quantity":2,"amount":1100.0000,"_line":4}"#,
            ),
            (
                "customers",
                2,
                0,
                &["record_no", "name", "addressable", "registered_on"],
                r#"{"record_no":"1","name":"佐藤　花子","addressable":true,"registered_on":"2023-04-01"}"#,
            ),
        ],
    );
}

/// The exported tables name columns as a replication tool does: `CreatedDate` is
/// `created_date` there, `via.channel` is `via_channel`.
#[test]
fn verified_headings_are_in_exported_tables() {
    let Some(data) = measured("crm_erp_exports") else {
        return;
    };
    let tables = [
        ("salesforce", "accounts", "salesforce/sf_account_data.csv"),
        ("salesforce", "contacts", "salesforce/sf_contact_data.csv"),
        ("salesforce", "tasks", "salesforce/sf_task_data.csv"),
        ("zendesk", "tickets", "zendesk/ticket_data.csv"),
        ("zendesk", "users", "zendesk/user_data.csv"),
    ];
    for (mapping, stream, file) in tables {
        let text = CrmMappings::EMBEDDED
            .iter()
            .find(|(name, _)| *name == mapping)
            .unwrap()
            .1;
        let mapping = load(mapping, text).unwrap();
        let stream = mapping.stream(stream).unwrap();
        assert_eq!(stream.status, Status::Verified);
        let table = std::fs::read_to_string(data.join(file)).unwrap();
        let known: BTreeSet<String> = table
            .lines()
            .next()
            .unwrap()
            .split(',')
            .map(plain)
            .collect();
        let missing: Vec<&str> = stream
            .columns
            .iter()
            .filter(|column| {
                !column
                    .headings
                    .iter()
                    .any(|heading| known.contains(&plain(heading)))
            })
            .map(|column| column.name.as_str())
            .collect();
        // What a replication tool keeps in tables of its own, or the sample of it leaves out.
        let apart: &[&str] = match file {
            "salesforce/sf_account_data.csv" => &["created_at", "modified_at", "changed_at"],
            "zendesk/ticket_data.csv" => &["requester_email", "tags", "satisfaction"],
            "zendesk/user_data.csv" => &["tags"],
            _ => &[],
        };
        assert_eq!(missing, apart, "{file}");
    }
}

fn plain(heading: &str) -> String {
    heading
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
