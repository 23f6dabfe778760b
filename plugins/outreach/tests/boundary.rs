//! The plugin at the boundary of the host: batches in, batches out, receipts, dry runs.

#![allow(clippy::unwrap_used)]

mod common;

use common::{batch, case};
use tsugi_outreach::{ComposeOperator, MessageSink};
use tsugi_plugin::{Batch, Collect, DataType, column, testing};

fn composed() -> Batch {
    let case = case("service_notice")
        .crowd(30)
        .option("as_of", "2026-03-31T15:00:00Z");
    case.option("review_over", "100").call().run().unwrap()
}

#[test]
fn compose_gives_one_typed_row_a_person() {
    let messages = composed();
    assert_eq!(messages.rows(), 30);
    assert_eq!(messages.utf8("decision").unwrap().get(0), Some("send"));
    assert_eq!(messages.i64("recipients").unwrap().get(29), Some(30));
    let at = messages.column("earliest_at").unwrap();
    assert_eq!(at.data_type(), &DataType::timestamp());
    assert_eq!(at.text(0).as_deref(), Some("2026-03-31T23:00:00Z"));
}

#[test]
fn values_of_any_type_are_read_as_what_they_say() {
    let case = case("service_notice");
    let mut columns = vec![
        column("customer_id", [7_i64]),
        column("addressable", [false]),
    ];
    columns.extend(
        ["address", "channel", "language", "time_zone"]
            .iter()
            .zip(["a@b.example", "email", "en", "Asia/Tokyo"])
            .map(|(name, value)| column(name, [value])),
    );
    let targets = Batch::new([
        column("incident", ["I"]),
        column("customer_id", [7_i64]),
        column("purpose", ["service_notice"]),
    ])
    .unwrap();
    let messages = testing::table::<Collect<ComposeOperator>>()
        .option("as_of", "2026-03-31")
        .input("targets", targets)
        .input("templates", batch(&case.templates))
        .input("persons", Batch::new(columns).unwrap())
        .run()
        .unwrap();
    assert_eq!(messages.utf8("customer_id").unwrap().get(0), Some("7"));
    assert_eq!(messages.utf8("decision").unwrap().get(0), Some("suppress"));
}

#[test]
fn a_missing_column_or_option_is_an_error_before_anything_runs() {
    let case = case("service_notice");
    let whole = || {
        testing::table::<Collect<ComposeOperator>>()
            .input("templates", batch(&case.templates))
            .input("persons", batch(&case.persons))
    };
    let targets = Batch::new([column("incident", ["I"])]).unwrap();
    let error = whole()
        .option("as_of", "2026-03-31")
        .input("targets", targets)
        .returns()
        .unwrap_err();
    assert_eq!(error.code, "missing-column");
    assert_eq!(
        error.message,
        "port `targets`: there is no column `customer_id`"
    );
    let error = whole()
        .option("as_of", "soon")
        .input("targets", batch(&case.targets))
        .returns()
        .unwrap_err();
    assert!(
        error.message.contains("as_of is \"soon\""),
        "{}",
        error.message
    );
}

#[test]
fn the_outbox_stores_one_object_a_batch_and_nothing_dry() {
    let messages = composed();
    let host = testing::MockHost::new().output("outbox");
    let parts = [
        testing::take(&messages, &[0, 1]).unwrap(),
        testing::take(&messages, &[2, 3, 4]).unwrap(),
    ];
    let dry = testing::write_sink::<MessageSink>("{}", true, &parts, &host).unwrap();
    assert_eq!(
        dry.receipts
            .iter()
            .map(|receipt| receipt.accepted)
            .sum::<u32>(),
        5
    );
    assert_eq!(
        dry.committed.summary,
        "dry run: 5 messages would be in the outbox under run-1/"
    );
    assert!(host.objects("outbox").is_empty());
    let done = testing::write_sink::<MessageSink>("{}", false, &parts, &host).unwrap();
    assert_eq!(done.receipts[1].durable_through, Some(1));
    let again = testing::write_sink::<MessageSink>("{}", false, &parts, &host).unwrap();
    assert_eq!(again.receipts, done.receipts);
    let objects = host.objects("outbox");
    assert_eq!(
        objects.keys().collect::<Vec<_>>(),
        ["run-1/000000.jsonl", "run-1/000001.jsonl"]
    );
    let text = String::from_utf8(objects["run-1/000001.jsonl"].clone()).unwrap();
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(
        (text.lines().count(), first["earliest_at"].as_str()),
        (3, Some("2026-03-31T23:00:00Z"))
    );
    assert_eq!(first.as_object().unwrap().len(), 30, "every column");
    assert_eq!(first["recipients"], 30);
    assert_eq!(first["important"], false);
    assert_eq!(first["refusal_link"], "https://morihane.example/stop");
    let body = first["body"].as_str().unwrap();
    assert!(body.starts_with("Dear Aiko Mori,\n\nYour"), "{body}");
}
