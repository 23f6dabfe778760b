//! What changes between the run, the approval and the delivery: a refusal in the exports, a text, an audience.
//! `deliver` says it and holds what it concerns.

use crate::support::assert_printed;

use super::{MESSAGES, Messages};

/// The first sentences of a delivery.
fn said(messages: &Messages, code: i32) -> String {
    messages.project.tsugi("deliver", &[]).ended(code).stdout
}

#[test]
fn a_refusal_after_the_run_holds_messages_until_it_is_run() {
    let messages = Messages::new("changed-refusal", 10);
    let project = &messages.project;
    messages.approve();
    let (before, after) = (
        "person1@mail.example,email,en,Asia/Tokyo,JP,true",
        "person1@mail.example,email,en,Asia/Tokyo,JP,false",
    );
    let people = project.edit("seeds/people.csv", before, after);
    for more in [&["--dry-run"][..], &[]] {
        let outcome = project.tsugi("deliver", more).ended(1);
        let words = "8 held back: seeds.people changed since the last run; what stays the same keeps its approval: tsugi run ";
        assert!(outcome.stdout.contains(words), "{}", outcome.stdout);
    }
    assert!(messages.outbox().is_empty());

    // Put back, it is what was approved, without another run.
    project.write("seeds/people.csv", &people);
    assert!(!said(&messages, 0).contains("changed since"));
    messages.assert_all_sent_once("put back");
}

#[test]
fn what_was_approved_before_a_change_waits_again_and_says_so() {
    let messages = Messages::new("changed-audience", 10);
    let project = &messages.project;
    messages.approve();
    let (before, after) = (
        "person1@mail.example,email,en,Asia/Tokyo,JP,true",
        "person1@mail.example,email,en,Asia/Tokyo,JP,false",
    );
    project.edit("seeds/people.csv", before, after);
    project.tsugi("run", &[]).ended(0);
    let found = said(&messages, 0);
    let words = "a person must look: sole_crack: a lot by sole-notice@1 waits again: text or audience changed since Mika Sato approved on ";
    assert!(
        found.contains(words) && found.contains("messages: 0 sent"),
        "{found}"
    );
    let listed = project.tsugi("review list", &[]).ended(0).stdout;
    assert!(
        listed.contains("text or audience changed since Mika Sato approved on "),
        "{listed}"
    );
    messages.approve();
    assert_eq!(messages.deliver(0)["sent"], 7);
    assert!(!messages.outbox().contains_key("C-0001"), "who refused");
}

#[test]
fn an_edited_model_holds_and_a_touched_file_does_not() {
    let messages = Messages::new("changed-model", 10);
    let project = &messages.project;
    messages.approve();
    project.edit(
        "models/outreach/messages.sql",
        "'certain' AS",
        "'possible' AS",
    );
    let found = said(&messages, 1);
    assert!(
        found.contains("8 held back: outreach.messages changed since the last run"),
        "{found}"
    );
    project.write(
        "models/outreach/messages.sql",
        &format!("-- Read twice.\n{MESSAGES}"),
    );
    let people = project.read("seeds/people.csv");
    project.write("seeds/people.csv", &people);
    project.write("seeds/unread.csv", "a\n1\n");
    assert!(!said(&messages, 0).contains("changed since"));
    messages.assert_all_sent_once("after a comment");
}

#[test]
fn recalls_leave_and_the_change_is_said() {
    let messages = Messages::new("changed-recall", 10);
    let project = &messages.project;
    project.edit(
        "models/outreach/messages.sql",
        "SELECT * FROM compose",
        "SELECT * EXCLUDE (content_hash) REPLACE ('safety_recall' AS purpose) FROM compose",
    );
    project.tsugi("run", &[]).ended(0);
    messages.approve();
    project.edit("seeds/people.csv", "Person 5", "Person Five");
    let found = said(&messages, 0);
    assert!(
        found.contains(
            "a person must look: recalls leave although seeds.people changed since the last run"
        ),
        "{found}"
    );
    messages.assert_all_sent_once("recalls");
}

#[test]
fn a_reviewer_sees_what_differs_from_the_text_that_was_sent() {
    let messages = Messages::new("changed-text", 10);
    let project = &messages.project;
    messages.approve();
    messages.deliver(0);
    project.edit(
        "models/outreach/messages.sql",
        "SELECT * FROM compose",
        "SELECT * REPLACE (replace(body, 'sole', 'heel') AS body, 'another incident' AS incident, 'same' AS content_hash) FROM compose",
    );
    project.tsugi("run", &[]).ended(0);
    let reviews = messages.reviews();
    let review = reviews
        .iter()
        .find(|review| review["incident"] == "another incident");
    let id = review.unwrap()["id"].as_str().unwrap().to_owned();
    let shown = project.tsugi("review show", &[&id]).ended(0).stdout;
    let differences: Vec<&str> = shown
        .lines()
        .filter(|line| line.contains("instead of") || line.contains("content_hash"))
        .collect();
    assert_printed!(differences.join("\n"), @"
    a person must look: its content_hash in the table stands beside another text, too
    instead of `soles`, as it was sent before: `heels`
    ");
}
