//! What an account remembers of a ledger outside of it: wherever the ledger lies, whatever was decided last, and
//! whatever its indexes say.

use std::path::Path;
use std::process::Command;

use crate::support::{Outcome, alter};

use super::Messages;
use super::ledger::{elsewhere, ledger};

#[test]
fn what_cannot_be_remembered_is_not_sent() {
    let messages = Messages::new("ledger-nowhere", 10);
    messages.approve();
    let nowhere = Path::new("/proc/nowhere");
    let outcome = elsewhere(&messages, nowhere, "deliver", &[]).ended(1);
    let words = "this account cannot remember what it sends, so that it might send it again";
    assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    assert_eq!(messages.objects().len(), 0);
    elsewhere(&messages, nowhere, "deliver", &["--dry-run"]).ended(0);
    assert_eq!(messages.deliver(0)["sent"], messages.due() as u64);
}

#[test]
fn a_ledger_that_lost_a_decision_is_noticed_by_the_account_that_made_it() {
    let messages = Messages::new("ledger-lost", 10);
    let project = &messages.project;
    let file = ledger(&messages);
    let review = messages.approve();
    let approved = std::fs::read(&file).unwrap();
    let words = [review.as_str(), "--by", "Mika Sato"];
    project.tsugi("review reject", &words).ended(0);
    let rejected = std::fs::read(&file).unwrap();
    std::fs::write(&file, &approved).unwrap();
    for verb in ["deliver", "doctor"] {
        let outcome = project.tsugi(verb, &[]).ended(1);
        let text = outcome.stdout + &outcome.stderr;
        assert!(text.contains("it ends with entry 1, and had 2"), "{text}");
    }
    // Nor does another entry in the place of the lost one hide it.
    project
        .tsugi(
            "review assign",
            &[&review, "--to", "Nora", "--by", "Mika Sato"],
        )
        .ended(0);
    std::fs::write(&file, &rejected).unwrap();
    let outcome = project.tsugi("deliver", &[]).ended(1);
    let words = "entry 2 is not the one that was there";
    assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    assert_eq!(messages.objects().len(), 0, "nothing was sent");
}

#[test]
fn a_ledger_is_known_in_another_folder() {
    let messages = Messages::new("ledger-moved", 10);
    let project = &messages.project;
    messages.approve();
    let copy = project.path("../ledger-moved-copy");
    let _ = std::fs::remove_dir_all(&copy);
    let copied = Command::new("cp")
        .arg("-a")
        .args([&project.path("."), &copy])
        .status();
    assert!(copied.unwrap().success());
    assert_eq!(messages.deliver(0)["sent"], messages.due() as u64);
    let mut there = Command::new(env!("CARGO_BIN_EXE_tsugi"));
    there
        .args(["deliver"])
        .arg(&copy)
        .env("XDG_STATE_HOME", project.state());
    let outcome = Outcome::of(there.output().unwrap()).ended(1);
    let words = "has 0 entries, and had 8 when this account last delivered from it";
    assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    // Where the whole project moved, it goes on.
    let moved = project.path("../ledger-moved-whole");
    let _ = std::fs::remove_dir_all(&moved);
    let copied = Command::new("cp")
        .arg("-a")
        .args([&project.path("."), &moved])
        .status();
    assert!(copied.unwrap().success());
    let mut there = Command::new(env!("CARGO_BIN_EXE_tsugi"));
    there
        .args(["deliver"])
        .arg(&moved)
        .env("XDG_STATE_HOME", project.state());
    let outcome = Outcome::of(there.output().unwrap()).ended(0);
    assert!(
        outcome.stdout.contains("0 sent, 8 sent before"),
        "{}",
        outcome.stdout
    );
}

/// Whether something was sent is looked up in an index, of which the chain knows nothing.
#[tokio::test]
async fn an_index_that_says_something_else_than_its_table_is_found() {
    let messages = Messages::new("ledger-index", 10);
    let project = &messages.project;
    messages.approve();
    messages.deliver(0);
    let file = ledger(&messages);
    let root = page_of(&file, "sqlite_autoindex_intent_1").await;
    let mut bytes = std::fs::read(&file).unwrap();
    let page = &mut bytes[root.clone()];
    let at = page
        .windows(6)
        .position(|six| six == b"C-0001")
        .expect("the key is on its page");
    page[at..at + 6].copy_from_slice(b"C-0000");
    std::fs::write(&file, &bytes).unwrap();
    let outcome = project.tsugi("deliver", &[]).ended(1);
    let words = "its pages do not fit each other";
    assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    messages.assert_all_sent_once("with a changed index");
    messages.accept();
    assert_eq!(messages.deliver(0)["already"], messages.due() as u64);
}

/// The bytes of the first page of a table or index.
async fn page_of(file: &Path, name: &str) -> std::ops::Range<usize> {
    use sqlx::{Connection as _, SqliteConnection};
    let mut database = SqliteConnection::connect(&file.display().to_string())
        .await
        .unwrap();
    let (root, size): (i64, i64) =
        sqlx::query_as("SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master WHERE name = ?")
            .bind(name)
            .fetch_one(&mut database)
            .await
            .unwrap();
    database.close().await.unwrap();
    let (root, size) = (
        usize::try_from(root).unwrap(),
        usize::try_from(size).unwrap(),
    );
    (root - 1) * size..root * size
}

/// What it wrote would be signed as the host's own.
#[tokio::test]
async fn a_trigger_or_a_view_in_the_ledger_stops_whatever_writes() {
    let messages = Messages::new("ledger-trigger", 10);
    let project = &messages.project;
    let review = messages.approve();
    for (sql, name) in [
        (
            "CREATE TRIGGER again AFTER UPDATE ON intent WHEN new.outcome = 'accepted' BEGIN
             UPDATE intent SET outcome = 'failed' WHERE customer = new.customer; END",
            "trigger `again`",
        ),
        ("CREATE VIEW seen AS SELECT 1", "view `seen`"),
    ] {
        alter(&project.path(".tsugi"), "ledger/ledger.sqlite", sql).await;
        let words = format!("it has the {name}, which no version of this program makes");
        let decision = [review.as_str(), "--by", "Mika Sato"];
        for (verb, more) in [
            ("deliver", &[][..]),
            ("doctor", &[]),
            ("review reject", &decision),
        ] {
            let outcome = project.tsugi(verb, more).ended(1);
            let text = outcome.stdout + &outcome.stderr;
            assert!(text.contains(&words), "{verb}: {text}");
        }
        assert_eq!(messages.objects().len(), 0, "nothing was sent");
        let (kind, _) = name.split_once(' ').unwrap();
        let sql = format!("DROP {kind} {}", name.replace(kind, ""));
        alter(&project.path(".tsugi"), "ledger/ledger.sqlite", sql).await;
    }
    assert_eq!(messages.deliver(0)["sent"], messages.due() as u64);
}
