//! Two deliveries, two processes, two pipelines for the same people: who was written to is not written to
//! again, and what one left open is not the trouble of another. A ledger of another version is left alone.

use tsugi_pipeline::store::Warehouse;

use crate::sample_copy::killed_after;
use crate::support::{alter, assert_printed};

use super::Messages;

/// Adds a delivery that comes before the other one by its name.
fn aside(messages: &Messages, from: &str) {
    messages.project.edit(
        "pipeline.toml",
        "[deliveries.messages]",
        &format!(
            "[deliveries.aside]\nkind = \"messages\"\nfrom = \"{from}\"\nsink = \"outbox\"\n\n[deliveries.messages]"
        ),
    );
}

#[test]
fn two_deliveries_of_one_message_send_it_once() {
    let messages = Messages::new("twice-one", 20);
    let project = &messages.project;
    project.write(
        "models/outreach/others.sql",
        "-- The same messages by another way.\nSELECT * FROM outreach.messages\n",
    );
    aside(&messages, "outreach.others");
    project.tsugi("run", &[]).ended(0);
    for review in messages.reviews() {
        let words = [review["id"].as_str().unwrap(), "--by", "Mika Sato"];
        project.tsugi("review approve", &words).ended(0);
    }
    let outcome = project.tsugi("deliver", &[]).ended(0);
    let due = messages.due();
    for sentence in [
        format!("aside: {due} sent, 0 sent before"),
        format!("messages: 0 sent, {due} sent before"),
    ] {
        assert!(
            outcome.stdout.contains(&sentence),
            "{sentence}: {}",
            outcome.stdout
        );
    }
    messages.assert_all_sent_once("two deliveries");
}

#[test]
fn what_one_delivery_left_open_is_resumed_by_itself_and_is_no_trouble_of_another() {
    let messages = Messages::new("twice-open", 20);
    let project = &messages.project;
    messages.approve();
    let events = killed_after(project.command("deliver", &["--json"]), 1);
    assert_eq!(events[0]["event"], "intended");
    project.write(
        "models/outreach/others.sql",
        "-- No row.\nSELECT * FROM outreach.messages WHERE customer_id = 'none'\n",
    );
    aside(&messages, "outreach.others");
    project.tsugi("run", &[]).ended(0);
    let outcome = project.tsugi("deliver", &[]).ended(0);
    assert!(
        outcome.stdout.contains("aside: 0 sent") && !outcome.stdout.contains("without a receipt"),
        "{}",
        outcome.stdout
    );
    messages.assert_all_sent_once("resumed");
}

#[tokio::test]
async fn a_second_process_does_not_wait_and_sends_nothing() {
    let messages = Messages::new("twice-process", 20);
    messages.approve();
    let warehouse = Warehouse::open(messages.project.path(".tsugi"))
        .await
        .unwrap();
    let claim = warehouse.claim("deliver messages").await.unwrap();
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    assert_printed!(outcome.stderr, @"
    error: the lake DIR/.tsugi/warehouse/lock is in use by process PID (deliver messages)
    hint: wait until it has finished, or stop it; nothing was changed
    ");
    assert_eq!(messages.objects().len(), 0);
    drop(claim);
    messages.deliver(0);
    messages.assert_all_sent_once("when the other is done");
}

#[test]
fn two_pipelines_that_share_a_warehouse_share_its_ledger() {
    let messages = Messages::new("twice-pipeline", 20);
    messages.approve();
    messages.deliver(0);
    let other = Messages::new("twice-other", 20);
    let shared = messages.project.path(".tsugi");
    let text = other.project.read("pipeline.toml");
    let warehouse = format!("{text}\n[warehouse]\ndir = \"{}\"\n", shared.display());
    other.project.write("pipeline.toml", &warehouse);
    other.project.tsugi("run", &[]).ended(0);
    let counts = other.deliver(0);
    assert_eq!(
        (counts["sent"], counts["already"]),
        (0, messages.due() as u64),
        "the first delivery sent them"
    );
    assert_eq!(other.objects().len(), 0);
}

#[tokio::test]
async fn a_ledger_of_a_newer_version_is_left_alone() {
    let messages = Messages::new("newer-ledger", 20);
    messages.approve();
    let warehouse = messages.project.path(".tsugi");
    alter(
        &warehouse,
        "ledger/ledger.sqlite",
        "PRAGMA user_version = 2",
    )
    .await;
    for verb in ["deliver", "review list", "run"] {
        let outcome = messages.project.tsugi(verb, &[]).ended(1);
        assert!(
            outcome
                .stderr
                .contains("ledger.sqlite has version 2, and this program knows 1"),
            "{verb}: {}",
            outcome.stderr
        );
    }
    assert_eq!(messages.objects().len(), 0, "nothing was sent");
    alter(
        &warehouse,
        "ledger/ledger.sqlite",
        "PRAGMA user_version = 1",
    )
    .await;
    messages.deliver(0);
    messages.assert_all_sent_once("with a tsugi that knows it");
}

#[test]
fn a_ledger_that_was_put_back_is_noticed_before_it_sends_again() {
    let messages = Messages::new("twice-restored", 10);
    let project = &messages.project;
    messages.approve();
    let ledger = project.path(".tsugi/ledger/ledger.sqlite");
    let before = std::fs::read(&ledger).unwrap();
    assert_eq!(messages.deliver(0)["sent"], messages.due() as u64);
    let newer = std::fs::read(&ledger).unwrap();
    std::fs::write(&ledger, &before).unwrap();
    for more in [&[][..], &["--dry-run"]] {
        let outcome = project.tsugi("deliver", more).ended(1);
        let words = "has 0 entries, and had 8 when this account last delivered from it\nhint: put the newer ledger back";
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    }
    messages.assert_all_sent_once("put back");
    std::fs::write(&ledger, &newer).unwrap();
    assert_eq!(messages.deliver(0)["already"], messages.due() as u64);
    // Another account knows nothing of it, and neither does one whose note was removed.
    std::fs::write(&ledger, &before).unwrap();
    project.forget_state();
    std::fs::remove_dir_all(project.path("outbox")).unwrap();
    assert_eq!(messages.deliver(0)["sent"], messages.due() as u64);
}
