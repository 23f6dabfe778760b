//! Rows are kept no longer than is said, in older snapshots too.

use serde_json::json;

use super::{care, duckdb};
use crate::duckdb::has_duckdb;
use crate::sample_copy::{Project, data_files, named_files, objects};
use crate::support::assert_printed;

fn count(project: &Project, table: &str) -> u64 {
    project.rows(&format!("SELECT count(*) AS n FROM {table}"))[0]["n"]
        .as_u64()
        .unwrap()
}

#[tokio::test]
async fn old_rows_go_and_the_snapshots_that_show_them_expire() {
    let project = care("personal-retain");
    project.write(
        "models/a/months.sql",
        "SELECT created_on, count(*) AS n FROM crm.tickets GROUP BY created_on",
    );
    project.write("models/a/other.sql", "SELECT 1 AS one");
    project.tsugi("run", &[]).ended(0);
    assert_eq!(count(&project, "crm.tickets"), 11);
    project.write("models/a/other.sql", "SELECT 2 AS one");
    project.tsugi("run", &[]).ended(0);

    // As of 2025-06-02, 400 days go back to 2024-04-28.
    let text = project.read("pipeline.toml");
    project.write(
        "pipeline.toml",
        &format!("{text}\n[retention.\"crm.tickets\"]\ndays = 400\nby = \"created_on\"\n"),
    );
    let outcome = project.tsugi("run", &["--json"]).ended(0);
    let done = objects(&outcome.stdout).pop().unwrap();
    assert_eq!(done["left_out"]["crm.tickets"]["old"], 5, "{done:?}");
    assert_eq!(done["expired_snapshots"], 2, "{done:?}");
    assert_eq!(count(&project, "crm.tickets"), 6);
    assert_eq!(count(&project, "a.months"), 6);
    let warehouse = project.warehouse().await;
    let ids: Vec<i64> = warehouse
        .lake()
        .history()
        .await
        .unwrap()
        .iter()
        .map(|info| info.id.0)
        .collect();
    assert_eq!(ids, [3, 0], "the snapshots with old rows are gone");
    assert_eq!(
        data_files(&project),
        named_files(&warehouse).await,
        "and so are their files"
    );
    if has_duckdb() {
        let seen = duckdb(
            &project,
            "print(c.execute('SELECT count(*), min(created_on) FROM lake.crm.tickets').fetchall(), len(c.execute('SELECT * FROM lake.snapshots()').fetchall()))\nc.execute('CREATE TABLE lake.a.theirs AS SELECT 1 AS x')",
        );
        assert_eq!(seen, "[(6, datetime.date(2024, 5, 1))] 2");
    }
    let again = objects(&project.tsugi("run", &["--json"]).ended(0).stdout)
        .pop()
        .unwrap();
    assert_eq!(
        (&again["published"], &again["made"]),
        (&json!(false), &json!(0)),
        "{again:?}"
    );

    // The next month the next rows go, though no file has changed; a plain run says so.
    project.edit(
        "pipeline.toml",
        "as_of = \"2025-06-02\"",
        "as_of = \"2025-07-02\"",
    );
    let outcome = project.tsugi("run", &[]).ended(0);
    assert_printed!(outcome.stderr, @"
    [2/9] crm.tickets  4 rows, 1 in quarantine  0.0 s
    [4/9] a.months  4 rows  0.0 s
    [6/9] outreach.messages  10 rows  0.0 s
    6 tables unchanged
    1 row of crm could not be read; see quarantine.crm
    7 rows of crm.tickets left out: older than the retention allows
    2 older snapshots expired: rows in them are older than the retention allows

    Next:
      tsugi deliver DIR --dry-run
      tsugi plugins DIR

    done made=3 unchanged=6 quarantined=1 snapshot=5 in 0.0 s
    ");
    assert_eq!(count(&project, "crm.tickets"), 4);
}

#[test]
fn models_keep_rows_as_their_header_says_and_rows_without_a_day_stay() {
    let project = care("personal-retain-model");
    project.write(
        "models/a/tickets.sql",
        "-- @retain 400 days by day\nSELECT ticket_id, CAST(CASE WHEN ticket_id = 'T-0' THEN NULL ELSE created_on END AS TIMESTAMP) AS day FROM crm.tickets",
    );
    project.tsugi("run", &[]).ended(0);
    assert_eq!(count(&project, "crm.tickets"), 11);
    assert_eq!(count(&project, "a.tickets"), 7);
    let outcome = project.tsugi("check", &[]).ended(0);
    assert!(outcome.stderr.is_empty(), "{}", outcome.stderr);
    project.edit(
        "pipeline.toml",
        "[personal]\n",
        "[retention.\"crm.tickets\"]\ndays = 0\nby = \"created\"\nfor = 1\n\n[personal]\n",
    );
    let outcome = project.tsugi("check", &[]).ended(2);
    for says in [
        "`retention.crm.tickets.days` cannot be `0`",
        "unknown key `for`",
    ] {
        assert!(
            outcome.stderr.contains(says),
            "`{says}` in {}",
            outcome.stderr
        );
    }
}
