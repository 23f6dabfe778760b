//! What Tsugi sends is a table at once: the next run counts it, composes nothing again, and DuckDB reads it.

use crate::duckdb::{duckdb_reads, has_duckdb};
use crate::sample_copy::{Project, SMALL, objects};

#[test]
fn what_was_sent_counts_in_the_next_run() {
    let (project, _) = Project::generated("closed", &SMALL);
    project.tsugi("run", &[]).ended(0);
    let informed = "SELECT contacted, buyers FROM ceo.response_times WHERE topic = 'sole_crack'";
    assert_eq!(project.rows(informed)[0]["contacted"], 0);
    assert!(
        project
            .lines("SELECT customer_id FROM staging.sends WHERE sent_by = 'tsugi'")
            .is_empty()
    );
    let writable =
        "SELECT count(*) AS n FROM outreach.messages WHERE decision IN ('send', 'review')";
    let messages = project.rows(writable)[0]["n"].as_u64().unwrap();
    assert!(messages > 50);

    let reviews = objects(&project.tsugi("review list", &["--json"]).ended(0).stdout);
    for review in &reviews {
        let id = review["id"].as_str().unwrap();
        let words = [id, "--by", "Mika Sato", "--note", "read"];
        project.tsugi("review approve", &words).ended(0);
    }
    let sent = project.tsugi("deliver", &[]).ended(0);
    let expected = format!("{messages} sent");
    assert!(
        sent.stdout.contains(&expected) || sent.stderr.contains(&expected),
        "{sent:?}"
    );

    let sentences = project.tsugi("run", &["--lang", "en"]).ended(0).stdout;
    let row = &project.rows(informed)[0];
    assert_eq!(row["contacted"].as_u64(), Some(messages), "{row:?}");
    let sentence = format!(
        "{messages} of {} known buyers have been informed",
        row["buyers"]
    );
    assert!(sentences.contains(&sentence), "{sentences}");
    assert_eq!(
        project.rows(writable)[0]["n"],
        0,
        "nothing is composed again"
    );
    let endings = project.lines(
        "SELECT DISTINCT ends_in FROM outreach.endings WHERE ends_in LIKE 'message%' OR ends_in = 'letter by post'",
    );
    assert!(endings.is_empty(), "{endings:?}");
    // An own advertisement would count against caps: the history has purpose and channel.
    let kinds = project.lines(
        "SELECT DISTINCT purpose, outcome, template FROM staging.sends WHERE sent_by = 'tsugi'",
    );
    assert_eq!(
        kinds,
        ["safety_recall|delivered|sole-recall".to_owned()].into()
    );
    if has_duckdb() {
        let count = "print(c.execute(\"SELECT count(*) FROM lake.tsugi.sends WHERE outcome = 'accepted'\").fetchone()[0])\n";
        let read = duckdb_reads(&project.path(".tsugi/warehouse"), count);
        assert_eq!(read.trim(), messages.to_string());
    }
    let decided = project.lines("SELECT what, person, note FROM ceo.log");
    assert_eq!(decided, ["approve|Mika Sato|read".to_owned()].into());
    // A third run changes nothing: the ledger is as it was.
    let third = project.tsugi("run", &[]).ended(0);
    assert!(third.stderr.contains("nothing changed"), "{}", third.stderr);
}
