//! Deliveries of records: a table of two columns to a vendor's sink, once per key and content, and
//! never to a sink that reaches people.

use std::collections::BTreeMap;

use crate::sample_copy::{Project, guest, killed_after, objects};
use crate::support::plugins;

/// Three batches.
const ACCOUNTS: usize = 250;

const DELIVERY: &str = "[deliveries.accounts]
from = \"crm.accounts\"
sink = \"crm\"
key = [\"account\"]
";

/// A pipeline whose only table has the columns `account` and `stage`.
fn accounts(name: &str, delivery: &str) -> Project {
    let project = Project::empty(name);
    std::fs::copy(guest("crm-sync"), project.path("crm-sync.wasm")).unwrap();
    write_pipeline(&project, "grants.outputs.accounts = \"crm\"", delivery);
    let rows = (0..ACCOUNTS).map(|number| format!("A-{number:03},new\n"));
    project.write(
        "seeds/stages.csv",
        &format!("account,stage\n{}", rows.collect::<String>()),
    );
    project.write(
        "models/crm/accounts.sql",
        "-- One row per account.\nSELECT account, stage FROM seeds.stages\n",
    );
    project
}

/// Writes pipeline.toml with these lines of the sink and this delivery, which begins in line 12.
fn write_pipeline(project: &Project, sink: &str, delivery: &str) {
    project.write(
        "pipeline.toml",
        &format!(
            "[pipeline]\nname = \"accounts\"\nas_of = \"2026-03-31\"\n\n\
             [plugins.crm-sync]\nfile = \"crm-sync.wasm\"\n\n\
             [sinks.crm]\nplugin = \"crm-sync\"\n{sink}\n\n{delivery}"
        ),
    );
}

/// How often each line was written to the CRM.
fn written(project: &Project) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    let Ok(runs) = std::fs::read_dir(project.path("crm")) else {
        return lines;
    };
    for run in runs.flatten() {
        let objects = std::fs::read_dir(run.path()).unwrap().flatten();
        // What a killed process had half written has another ending.
        let objects =
            objects.filter(|object| object.path().extension().is_some_and(|e| e == "txt"));
        for object in objects {
            for line in std::fs::read_to_string(object.path()).unwrap().lines() {
                *lines.entry(line.to_owned()).or_default() += 1;
            }
        }
    }
    lines
}

#[track_caller]
fn assert_written_once(project: &Project, accounts: usize, stage: &str) {
    let written = written(project);
    let of_stage = written.iter().filter(|(line, _)| line.ends_with(stage));
    let of_stage: Vec<_> = of_stage.collect();
    assert_eq!(of_stage.len(), accounts, "{written:?}");
    assert!(
        of_stage.iter().all(|(_, times)| **times == 1),
        "{written:?}"
    );
}

#[test]
fn a_table_of_two_columns_reaches_a_sink_once_per_key_and_content() {
    let project = accounts("records-once", DELIVERY);
    project.tsugi("check", &[]).ended(0);
    project.tsugi("run", &[]).ended(0);
    let rehearsed = project.tsugi("deliver", &["--dry-run"]).ended(0).stdout;
    assert_eq!(
        rehearsed,
        "accounts: 250 would be sent, 0 sent before, 0 not due yet, 0 left out by `only_if`\n"
    );
    assert!(written(&project).is_empty());
    project.tsugi("deliver", &[]).ended(0);
    assert_written_once(&project, ACCOUNTS, "=new");
    let again = project.tsugi("deliver", &[]).ended(0).stdout;
    assert!(
        again.starts_with("accounts: 0 sent, 250 sent before"),
        "{again}"
    );

    // A changed row is written again, and back again when it changes back.
    for (from, to, sent) in [("A-007,new", "A-007,won", 1), ("A-007,won", "A-007,new", 1)] {
        project.edit("seeds/stages.csv", from, to);
        project.tsugi("run", &[]).ended(0);
        let out = project.tsugi("deliver", &[]).ended(0).stdout;
        assert!(
            out.starts_with(&format!("accounts: {sent} sent, 249 sent before")),
            "{out}"
        );
    }
    let written = written(&project);
    assert_eq!((written["A-007=new"], written["A-007=won"]), (2, 1));
    assert_eq!(written["A-008=new"], 1);
}

#[test]
fn killed_at_every_event_each_record_is_written_once() {
    let events = 7;
    for count in 1..=events {
        let project = accounts("records-killed", DELIVERY);
        project.tsugi("run", &[]).ended(0);
        let seen = killed_after(project.command("deliver", &["--json"]), count);
        assert_eq!(
            seen.len(),
            count,
            "an intent and a receipt a batch, and the counts"
        );
        let out = project.tsugi("deliver", &["--json"]).ended(0).stdout;
        let report = objects(&out).pop().unwrap()["delivery"].clone();
        assert_eq!(report["unknown"], 0, "after event {count}: {report}");
        let sum = ["sent", "already"].map(|key| report[key].as_u64().unwrap());
        assert_eq!(sum.iter().sum::<u64>(), ACCOUNTS as u64, "{report}");
        assert_written_once(&project, ACCOUNTS, "=new");
    }
}

#[test]
fn a_predicate_a_moment_and_an_order_say_which_records_leave_and_when() {
    let delivery = "[deliveries.accounts]
from = \"crm.accounts\"
sink = \"crm\"
key = [\"account\"]
order_by = [\"rank\"]
only_if = \"stage = 'new' AND rank < $most\"
not_before = \"due\"

[vars]
most = 10
";
    let project = accounts("records-chosen", delivery);
    project.write(
        "models/crm/accounts.sql",
        "SELECT account, stage, 300 - CAST(substr(account, 3) AS INT) AS rank,
  CASE WHEN account = 'A-249' THEN TIMESTAMP '2199-01-01 00:00:00' ELSE TIMESTAMP '2020-01-01 00:00:00' END AS due
FROM seeds.stages\n",
    );
    // Ranks go from 300 down to 51.
    project.edit("pipeline.toml", "most = 10", "most = 60");
    project.tsugi("run", &[]).ended(0);
    let out = project.tsugi("deliver", &[]).ended(0).stdout;
    assert_eq!(
        out,
        "accounts: 8 sent, 0 sent before, 1 not due yet, 241 left out by `only_if`\n"
    );
    let run = std::fs::read_dir(project.path("crm")).unwrap().next();
    let batch = run.unwrap().unwrap().path().join("000000.txt");
    let batch = std::fs::read_to_string(batch).unwrap();
    assert!(
        batch.starts_with("A-248=new\nA-247=new\n"),
        "in order: {batch}"
    );
}

#[test]
fn rows_without_a_key_are_counted_and_two_of_one_key_stop_the_delivery() {
    let project = accounts("records-keys", DELIVERY);
    project.write(
        "models/crm/accounts.sql",
        "SELECT nullif(account, 'A-003') AS account, stage FROM seeds.stages\n",
    );
    project.tsugi("run", &[]).ended(0);
    let out = project.tsugi("deliver", &[]).ended(1).stdout;
    assert!(
        out.starts_with("accounts: 249 sent")
            && out.contains("accounts: 1 without a key, not sent: a key column is null"),
        "{out}"
    );
    project.write(
        "models/crm/accounts.sql",
        "SELECT CASE account WHEN 'A-003' THEN 'A-004' ELSE account END AS account, stage FROM seeds.stages\n",
    );
    project.tsugi("run", &[]).ended(0);
    let before = written(&project);
    let err = project.tsugi("deliver", &[]).ended(1).stderr;
    assert!(
        err.contains("`crm.accounts` cannot be delivered: two rows have the key account = A-004"),
        "{err}"
    );
    assert_eq!(written(&project), before, "nothing is sent then");
}

#[test]
fn a_delivery_of_records_to_people_is_refused_when_it_is_checked() {
    let project = accounts("records-people", DELIVERY);
    let mail = "config = { channel = \"mail\" }
grants.mail.server = { url = \"smtp://127.0.0.1:2525\", from = \"crm@shop.example\" }
grants.outputs.accounts = \"crm\"";
    write_pipeline(&project, mail, DELIVERY);
    for verb in ["check", "run", "deliver"] {
        let err = project.tsugi(verb, &[]).ended(2).stderr;
        for words in [
            "`[deliveries.accounts]` is of kind `records`, and the sink `crm` reaches people: it is granted mail",
            "--> pipeline.toml:16:1",
            "hint: write `kind = \"messages\"`",
        ] {
            assert!(err.contains(words), "{words}: {err}");
        }
    }
    // Messages need what a person must know to review them.
    let messages = DELIVERY.replace("key = [\"account\"]\n", "kind = \"messages\"\n");
    write_pipeline(&project, mail, &messages);
    let err = project.tsugi("check", &[]).ended(2).stderr;
    for column in [
        "incident",
        "customer_id",
        "template_id",
        "template_version",
        "decision",
        "content_hash",
        "earliest_at",
        "written_by",
        "purpose",
        "channel",
        "important",
        "remedy_value",
    ] {
        let words = format!(
            "`crm.accounts` has no column `{column}`, which the delivery `accounts` of messages needs"
        );
        assert!(err.contains(&words), "{words}: {err}");
    }
    assert!(err.contains("12 errors"), "{err}");
    let granted = project.tsugi("grants", &[]).ended(0).stdout;
    assert!(
        granted.lines().any(
            |line| line.contains("people, with messages that are reviewed")
                && line.ends_with("it is granted mail")
        ),
        "{granted}"
    );
}

#[test]
fn a_plugin_that_says_that_it_reaches_people_takes_messages_only() {
    plugins();
    let project = Project::committed("records-outbox");
    project.edit("pipeline.toml", "kind = \"messages\"\n", "");
    let err = project.tsugi("check", &[]).ended(2).stderr;
    assert!(
        err.contains("the sink `outbox` reaches people: its plugin.toml says so"),
        "{err}"
    );
}

#[test]
fn every_wrong_column_of_a_delivery_is_found_at_its_place() {
    let project = accounts("records-wrong", DELIVERY);
    let check = |lines: &str, expected: &[&str]| {
        let delivery =
            format!("[deliveries.accounts]\nfrom = \"crm.accounts\"\nsink = \"crm\"\n{lines}");
        write_pipeline(&project, "grants.outputs.accounts = \"crm\"", &delivery);
        let err = project.tsugi("check", &[]).ended(2).stderr;
        for words in expected {
            assert!(err.contains(words), "{words}: {err}");
        }
    };
    project.write(
        "models/crm/accounts.sql",
        "SELECT account, stage, CAST(1 AS DOUBLE) AS score FROM seeds.stages\n",
    );
    check(
        "",
        &["`[deliveries.accounts]` has no `key`", "key = [\"id\"]"],
    );
    check(
        "key = [\"acount\", \"score\"]\norder_by = [\"rank\"]\nnot_before = \"stage\"\nonly_if = \"stage = 'new' AND stge = 'x'\"\n",
        &[
            "`crm.accounts` has no column `acount`, which `key` of the delivery `accounts` names",
            "--> pipeline.toml:15:8",
            "did you mean `account`?",
            "`crm.accounts.score` is DOUBLE, and `key` of a delivery must be text, an exact number, a boolean, a date or a timestamp",
            "hint: cast it in models/crm/accounts.sql: CAST(score AS VARCHAR) AS score",
            "`crm.accounts` has no column `rank`, which `order_by` of the delivery `accounts` names",
            "hint: select it in models/crm/accounts.sql",
            "`crm.accounts.stage` is VARCHAR, and `not_before` of a delivery must be a date or a timestamp",
            "`only_if` of the delivery `accounts` cannot be used: `crm.accounts` has no column `stge`",
            "--> pipeline.toml:18:30",
            "did you mean `stage`?",
            "5 errors",
        ],
    );
    check(
        "key = [\"account\"]\nonly_if = \"score\"\n",
        &["cannot be used: it is DOUBLE, not true or false"],
    );
    check(
        "key = [\"account\"]\nonly_if = \"score >\"\n",
        &[
            "`only_if` of the delivery `accounts` cannot be used: ",
            "--> pipeline.toml:16:",
        ],
    );
    for (only_if, why) in [
        ("1=2) OR (1=1", "it is not one expression"),
        ("", "it is empty"),
        (
            "account NOT IN (SELECT account FROM seeds.stages)",
            "it reads other tables",
        ),
        ("EXISTS (SELECT 1)", "it reads other tables"),
        ("count(*) > 1", "`count` reads other rows"),
        ("row_number() OVER () < 2", "`row_number` reads other rows"),
        ("random() < 0.5", "`random` changes while nothing else does"),
        (
            "now() > DATE '2026-01-01'",
            "`now` changes while nothing else does",
        ),
    ] {
        check(
            &format!("key = [\"account\"]\nonly_if = \"{only_if}\"\n"),
            &[why],
        );
    }
    check(
        "key = [\"account\"]\ncomplaints = \"crm.accounts\"\n",
        &["`complaints` of a delivery of records is not supported"],
    );
    check(
        "kind = \"messages\"\nkey = [\"account\"]\n",
        &[
            "`key` of a delivery of messages is not supported",
            "the columns of messages are fixed",
        ],
    );
    check(
        "kind = \"mail\"\n",
        &["cannot be `mail`: it must be `records` or `messages`"],
    );
}

#[test]
fn a_personal_column_is_no_key() {
    let project = accounts("records-personal", DELIVERY);
    project.write(
        "models/crm/accounts.sql",
        "-- @personal account\nSELECT account, stage FROM seeds.stages\n",
    );
    let err = project.tsugi("check", &[]).ended(2).stderr;
    assert!(
        err.contains(
            "the key of the delivery `accounts` has the personal column `crm.accounts.account`"
        ),
        "{err}"
    );
}
