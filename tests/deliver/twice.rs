//! Two deliveries, two processes, two pipelines for the same people: who was written to is not written to
//! again, and what one left open is not the trouble of another. A ledger of another version is left alone.

use tsugi_pipeline::store::Warehouse;

use crate::sample_copy::killed_after;
use crate::support::alter;

use super::Letters;

/// Adds a delivery that stands before the other one by its name.
fn aside(letters: &Letters, from: &str) {
    letters.project.edit(
        "pipeline.toml",
        "[deliveries.letters]",
        &format!(
            "[deliveries.aside]\nkind = \"messages\"\nfrom = \"{from}\"\nsink = \"outbox\"\n\n[deliveries.letters]"
        ),
    );
}

#[test]
fn two_deliveries_of_one_message_send_it_once() {
    let letters = Letters::new("twice-one", 20);
    let project = &letters.project;
    project.write(
        "models/outreach/others.sql",
        "-- The same letters by another way.\nSELECT * FROM outreach.messages\n",
    );
    aside(&letters, "outreach.others");
    project.tsugi("run", &[]).ended(0);
    for review in letters.reviews() {
        let words = [review["id"].as_str().unwrap(), "--by", "Mika Sato"];
        project.tsugi("review approve", &words).ended(0);
    }
    let told = project.tsugi("deliver", &[]).ended(0);
    let due = letters.due();
    for sentence in [
        format!("aside: {due} sent, 0 sent before"),
        format!("letters: 0 sent, {due} sent before"),
    ] {
        assert!(told.out.contains(&sentence), "{sentence}: {}", told.out);
    }
    letters.assert_all_sent_once("two deliveries");
}

#[test]
fn what_one_delivery_left_open_is_resumed_by_itself_and_is_no_trouble_of_another() {
    let letters = Letters::new("twice-open", 20);
    let project = &letters.project;
    letters.approve();
    let events = killed_after(project.command("deliver", &["--json"]), 1);
    assert_eq!(events[0]["event"], "intended");
    project.write(
        "models/outreach/others.sql",
        "-- Nobody.\nSELECT * FROM outreach.messages WHERE customer_id = 'nobody'\n",
    );
    aside(&letters, "outreach.others");
    project.tsugi("run", &[]).ended(0);
    let told = project.tsugi("deliver", &[]).ended(0);
    assert!(
        told.out.contains("aside: 0 sent") && !told.out.contains("without a receipt"),
        "{}",
        told.out
    );
    letters.assert_all_sent_once("resumed");
}

#[tokio::test]
async fn a_second_process_waits_for_nobody_and_sends_nothing() {
    let letters = Letters::new("twice-process", 20);
    letters.approve();
    let warehouse = Warehouse::open(letters.project.path(".tsugi"))
        .await
        .unwrap();
    let claim = warehouse.claim("deliver letters").await.unwrap();
    let told = letters.project.tsugi("deliver", &[]).ended(1);
    assert!(
        told.err.contains("deliver letters") && told.err.contains("hint: "),
        "{}",
        told.err
    );
    assert_eq!(letters.objects().len(), 0);
    drop(claim);
    letters.deliver(0);
    letters.assert_all_sent_once("when the other is done");
}

#[test]
fn two_pipelines_that_share_a_warehouse_share_its_ledger() {
    let letters = Letters::new("twice-pipeline", 20);
    letters.approve();
    letters.deliver(0);
    let other = Letters::new("twice-other", 20);
    let shared = letters.project.path(".tsugi");
    let text = other.project.read("pipeline.toml");
    let warehouse = format!("{text}\n[warehouse]\ndir = \"{}\"\n", shared.display());
    other.project.write("pipeline.toml", &warehouse);
    other.project.tsugi("run", &[]).ended(0);
    let counts = other.deliver(0);
    assert_eq!(
        (counts["sent"], counts["already"]),
        (0, letters.due() as u64),
        "they were told by the first"
    );
    assert_eq!(other.objects().len(), 0);
}

#[tokio::test]
async fn a_ledger_of_a_newer_version_is_left_alone() {
    let letters = Letters::new("newer-ledger", 20);
    letters.approve();
    let warehouse = letters.project.path(".tsugi");
    alter(&warehouse, "state.sqlite", "PRAGMA user_version = 2").await;
    for verb in ["deliver", "review list", "run"] {
        let told = letters.project.tsugi(verb, &[]).ended(1);
        assert!(
            told.err
                .contains("state.sqlite has version 2, and this program knows 1"),
            "{verb}: {}",
            told.err
        );
    }
    assert_eq!(letters.objects().len(), 0, "nothing was sent");
    alter(&warehouse, "state.sqlite", "PRAGMA user_version = 1").await;
    letters.deliver(0);
    letters.assert_all_sent_once("with a tsugi that knows it");
}
