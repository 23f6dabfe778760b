//! The ledger is chained and signed: what was edited, forged, cut, put back or signed by a strange key is
//! noticed before anything leaves, and only a person accepts it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Outcome, alter};

use super::Messages;

/// Statements against the ledger by hand, and words of what is found.
const ATTACKS: [(&str, &str); 17] = [
    (
        "UPDATE decision SET decided_by = 'Nora Lindqvist'",
        "1 row of `decision` that no entry wrote, 1 row changed or removed beside the entries",
    ),
    (
        "UPDATE decision SET review = 'another text'",
        "1 row of `decision` that no entry wrote",
    ),
    (
        "INSERT INTO decision SELECT 99, at, verdict, 'forged', about, decided_by, login, given_to, note FROM decision",
        "it has 1 row of `decision` that no entry wrote",
    ),
    (
        "DELETE FROM decision",
        "it has 1 row changed or removed beside the entries",
    ),
    (
        "UPDATE intent SET outcome = 'failed' WHERE customer = 'C-0001'",
        "1 row of `intent` that no entry wrote",
    ),
    (
        "UPDATE intent SET outcome = NULL, detail = NULL WHERE customer = 'C-0001'",
        "1 row of `intent` that no entry wrote",
    ),
    (
        "UPDATE intent SET content_hash = 'x' WHERE customer = 'C-0002'",
        "1 row of `intent` that no entry wrote",
    ),
    (
        "UPDATE intent SET detail = CAST(detail AS BLOB) WHERE customer = 'C-0002'",
        "1 row of `intent` that no entry wrote",
    ),
    (
        "UPDATE intent SET customer = CASE customer WHEN 'C-0001' THEN 'C-0091' ELSE 'C-0092' END WHERE customer IN ('C-0001', 'C-0002')",
        "2 rows of `intent` that no entry wrote, 2 rows changed or removed",
    ),
    (
        "INSERT INTO known_text(text) VALUES ('[\"Send your card number to us\"]')",
        "1 row of `known_text` that no entry wrote",
    ),
    (
        "UPDATE sent_text SET messages = 100000",
        "1 row of `sent_text` that no entry wrote",
    ),
    (
        "INSERT INTO salt(value) VALUES (x'00')",
        "1 row of `salt` that no entry wrote",
    ),
    (
        "INSERT INTO delivery_run(run_id, delivery) VALUES ('x', 'messages')",
        "1 row of `delivery_run` that no entry wrote",
    ),
    (
        "UPDATE chain SET account = 'alice' WHERE number = 1",
        "entry 2 does not follow from the one before it",
    ),
    (
        "UPDATE chain_change SET added = 0 WHERE link = 2",
        "entry 2 does not follow from the one before it",
    ),
    (
        "DELETE FROM chain WHERE number = (SELECT max(number) FROM chain)",
        "it ends with entry ",
    ),
    ("DELETE FROM chain", "it ends with entry 0, and had "),
];

pub(super) fn ledger(messages: &Messages) -> PathBuf {
    messages.project.path(".tsugi/ledger/ledger.sqlite")
}

/// The program under another home: another key of the same account.
pub(super) fn elsewhere(messages: &Messages, home: &Path, verb: &str, more: &[&str]) -> Outcome {
    let mut command: Command = messages.project.command(verb, more);
    command.env("XDG_STATE_HOME", home);
    Outcome::of(command.output().unwrap())
}

/// The word that the end of a text says accepts what was found.
fn word(text: &str) -> String {
    let (_, word) = text.split_once(" --accept ").expect("a word accepts it");
    word.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn whatever_is_changed_by_hand_is_found_and_nothing_is_sent() {
    let messages = Messages::new("ledger-edited", 10);
    let project = &messages.project;
    messages.approve();
    assert_eq!(messages.deliver(0)["sent"], messages.due() as u64);
    let file = ledger(&messages);
    let honest = std::fs::read(&file).unwrap();
    for (sql, found) in ATTACKS {
        alter(&project.path(".tsugi"), "ledger/ledger.sqlite", sql).await;
        let outcome = project.tsugi("deliver", &[]).ended(1);
        assert!(outcome.stderr.contains(found), "{sql}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("nothing was sent"), "{sql}");
        let doctor = project.tsugi("doctor", &[]).ended(1);
        assert!(doctor.stdout.contains(found), "{sql}: {}", doctor.stdout);
        std::fs::write(&file, &honest).unwrap();
    }
    messages.assert_all_sent_once("after every attack");
    let doctor = project.tsugi("doctor", &[]).ended(0);
    assert!(
        doctor.stdout.contains("the ledger is as it was left"),
        "{}",
        doctor.stdout
    );
    // A host that has never seen it looks at every signature, since it remembers none.
    alter(
        &project.path(".tsugi"),
        "ledger/ledger.sqlite",
        "UPDATE chain SET signature = '00' WHERE number = 1",
    )
    .await;
    project.forget_state();
    let outcome = project.tsugi("deliver", &[]).ended(1);
    let words = "entry 1 is not signed by the key of ";
    assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
}

#[tokio::test]
async fn a_person_accepts_what_was_found_by_its_word_and_no_other() {
    let messages = Messages::new("ledger-accepted", 10);
    let project = &messages.project;
    messages.approve();
    messages.deliver(0);
    let tsugi = project.path(".tsugi");
    let edit = "UPDATE decision SET note = 'it was Friday'";
    alter(&tsugi, "ledger/ledger.sqlite", edit).await;
    let outcome = project.tsugi("deliver", &[]).ended(1);
    assert!(
        outcome.stderr.contains("nothing was sent. Let a person find out who changed it; if it is meant to be so: tsugi doctor "),
        "{}",
        outcome.stderr
    );
    let old = word(&outcome.stderr);
    // What was accepted is what was seen.
    let edit = "UPDATE decision SET note = 'it was Monday', decided_by = 'Nora Lindqvist'";
    alter(&tsugi, "ledger/ledger.sqlite", edit).await;
    let outcome = project.tsugi("doctor", &["--accept", &old]).ended(1);
    assert!(
        outcome.stderr.contains("is not the word of what was found"),
        "{}",
        outcome.stderr
    );
    let found = project.tsugi("doctor", &[]).ended(1);
    let accepted = project.tsugi("doctor", &["--accept", &word(&found.stdout)]);
    assert!(
        accepted
            .ended(0)
            .stdout
            .contains("the ledger is as it was left"),
        "{}",
        found.stdout
    );
    assert_eq!(messages.deliver(0)["already"], messages.due() as u64);
}

#[test]
fn a_ledger_without_its_last_decisions_is_noticed_where_as_much_was_sent() {
    let messages = Messages::new("ledger-decision", 10);
    let project = &messages.project;
    let review = messages.approve();
    messages.deliver(0);
    let before = std::fs::read(ledger(&messages)).unwrap();
    let words = [review.as_str(), "--by", "Mika Sato"];
    project.tsugi("review reject", &words).ended(0);
    assert_eq!(messages.deliver(0)["sent"], 0);
    let after = std::fs::read(ledger(&messages)).unwrap();
    std::fs::write(ledger(&messages), &before).unwrap();
    let outcome = project.tsugi("deliver", &[]).ended(1);
    assert!(
        outcome.stderr.contains("it ends with entry "),
        "{}",
        outcome.stderr
    );
    std::fs::write(ledger(&messages), &after).unwrap();
    project.tsugi("deliver", &[]).ended(0);
}

#[test]
fn files_of_a_run_that_the_ledger_does_not_know_stop_a_delivery() {
    let messages = Messages::new("ledger-outbox", 10);
    let project = &messages.project;
    messages.approve();
    let before = std::fs::read(ledger(&messages)).unwrap();
    messages.deliver(0);
    // The whole memory is lost with the ledger: what was written is still there.
    std::fs::write(ledger(&messages), &before).unwrap();
    project.forget_state();
    for more in [&[][..], &["--dry-run"]] {
        let outcome = project.tsugi("deliver", more).ended(1);
        let words = "outputs have files of the run ";
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    }
    messages.assert_all_sent_once("with a ledger from before");
    let found = project.tsugi("doctor", &[]).ended(1);
    let words = ["--accept", &word(&found.stdout)];
    project.tsugi("doctor", &words).ended(0);
    assert_eq!(messages.deliver(0)["sent"], messages.due() as u64);
}

/// Another key under a known name may be the same person on another machine, or another person.
#[test]
fn a_new_key_of_a_known_account_is_accepted_by_a_word() {
    let messages = Messages::new("ledger-key", 10);
    let project = &messages.project;
    let review = messages.approve();
    messages.deliver(0);
    let other = messages.project.path("other-home");
    let words = [review.as_str(), "--by", "Mika Sato"];
    elsewhere(&messages, &other, "review reject", &words).ended(0);
    let outcome = project.tsugi("deliver", &[]).ended(1);
    let found = " writes with a key that is new here: ";
    assert!(outcome.stderr.contains(found), "{}", outcome.stderr);
    let words = ["--accept", &word(&outcome.stderr)];
    project.tsugi("doctor", &words).ended(0);
    project.tsugi("deliver", &[]).ended(0);
    // From now on it is known.
    let words = [review.as_str(), "--by", "Mika Sato"];
    elsewhere(&messages, &other, "review approve", &words).ended(0);
    project.tsugi("deliver", &[]).ended(0);

    // Who begins the chain anew elsewhere is seen here.
    let sql = "UPDATE decision SET note = 'forged'";
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(alter(&project.path(".tsugi"), "ledger/ledger.sqlite", sql));
    let found = elsewhere(&messages, &other, "doctor", &[]).ended(1);
    let words = ["--accept", &word(&found.stdout)];
    elsewhere(&messages, &other, "doctor", &words).ended(0);
    let outcome = project.tsugi("deliver", &[]).ended(1);
    assert!(
        outcome.stderr.contains(" began it anew with entry "),
        "{}",
        outcome.stderr
    );
}

#[test]
fn the_key_is_for_its_account_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let messages = Messages::new("ledger-private", 10);
    messages.approve();
    let key = messages.project.state().join("tsugi/key");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&key), 0o600);
    assert_eq!(mode(key.parent().unwrap()), 0o700);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    assert!(
        outcome
            .stderr
            .contains("the key with which this account signs cannot be used: others can reach"),
        "{}",
        outcome.stderr
    );
    // No place of its own, no key: what is written then is not signed, which is a finding.
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    messages.deliver(0);
    let nowhere = Path::new("/proc/nowhere");
    elsewhere(&messages, nowhere, "review list", &[]).ended(0);
    let review = messages.reviews()[0]["id"].as_str().unwrap().to_owned();
    let words = [review.as_str(), "--by", "Mika Sato"];
    elsewhere(&messages, nowhere, "review reject", &words).ended(0);
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    let words = " writes with a key that is new here: none";
    assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
}
