//! Deliveries of records: a table of two columns to a vendor's sink, once per key and content, and
//! never to a sink that reaches people.

use std::collections::BTreeMap;

use crate::sample_copy::{Project, guest, killed_after, objects};
use crate::support::{assert_printed, plugins};

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
    assert_printed!(again, @"accounts: 0 sent, 250 sent before, 0 not due yet, 0 left out by `only_if`");

    // A changed row is written again, and back again when it changes back.
    for (from, to) in [("A-007,new", "A-007,won"), ("A-007,won", "A-007,new")] {
        project.edit("seeds/stages.csv", from, to);
        project.tsugi("run", &[]).ended(0);
        let out = project.tsugi("deliver", &["--json"]).ended(0).stdout;
        let report = objects(&out).pop().unwrap()["delivery"].clone();
        assert_eq!(
            (&report["sent"], &report["already"]),
            (&1.into(), &249.into())
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
    assert_printed!(out, @"
    accounts: 249 sent, 0 sent before, 0 not due yet, 0 left out by `only_if`
    accounts: 1 without a key, not sent: a key column is null
    ");
    project.write(
        "models/crm/accounts.sql",
        "SELECT CASE account WHEN 'A-003' THEN 'A-004' ELSE account END AS account, stage FROM seeds.stages\n",
    );
    project.tsugi("run", &[]).ended(0);
    let before = written(&project);
    let err = project.tsugi("deliver", &[]).ended(1).stderr;
    assert_printed!(err, @"
    error: `crm.accounts` cannot be delivered: two rows have the key account = A-004
    hint: let `crm.accounts` have one row a key, or add a column to `key` of the delivery
    ");
    assert_eq!(written(&project), before, "nothing is sent then");
}

#[test]
fn a_delivery_of_records_to_people_is_refused_when_it_is_checked() {
    let project = accounts("records-people", DELIVERY);
    let mail = "config = { channel = \"mail\" }
grants.mail.server = { url = \"smtp://127.0.0.1:2525\", from = \"crm@shop.example\" }
grants.outputs.accounts = \"crm\"";
    write_pipeline(&project, mail, DELIVERY);
    let [check, run, deliver] =
        ["check", "run", "deliver"].map(|verb| project.tsugi(verb, &[]).ended(2).stderr);
    assert_printed!(check, @r#"
    error: `[deliveries.accounts]` is of kind `records`, and the sink `crm` reaches people: it is granted mail
      --> pipeline.toml:16:1
        |
     16 | sink = "crm"
        | ^^^^
    hint: write `kind = "messages"`: then a person reviews what leaves; or choose a sink that writes to a system

    1 error; nothing ran
    "#);
    assert_eq!((&run, &deliver), (&check, &check));
    // Messages need what a person must know to review them.
    let messages = DELIVERY.replace("key = [\"account\"]\n", "kind = \"messages\"\n");
    write_pipeline(&project, mail, &messages);
    let err = project.tsugi("check", &[]).ended(2).stderr;
    assert_printed!(err, @r#"
    error: `crm.accounts` has no column `incident`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: what the message is about

    error: `crm.accounts` has no column `customer_id`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: the recipient

    error: `crm.accounts` has no column `template_id`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: the template of the text

    error: `crm.accounts` has no column `template_version`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: its version

    error: `crm.accounts` has no column `decision`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: `send`, `hold`, `review` or `suppress`

    error: `crm.accounts` has no column `address`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: where it goes, or null

    error: `crm.accounts` has no column `subject`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: its subject line, or null

    error: `crm.accounts` has no column `body`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: its text, or null

    error: `crm.accounts` has no column `earliest_at`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: the moment before which it does not leave

    error: `crm.accounts` has no column `written_by`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: the author of the text, or null

    error: `crm.accounts` has no column `purpose`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: `safety_recall`, `service_notice` or another one

    error: `crm.accounts` has no column `channel`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: how it is sent, or null

    error: `crm.accounts` has no column `important`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: whether the customer is an important one

    error: `crm.accounts` has no column `remedy_value`, which the delivery `accounts` of messages needs
      --> pipeline.toml:15:8
        |
     15 | from = "crm.accounts"
        |        ^^^^^^^^^^^^^^
    hint: select it in models/crm/accounts.sql: the worth of the remedy, or null

    14 errors; nothing ran
    "#);
    let granted = project.tsugi("grants", &[]).ended(0).stdout;
    assert_printed!(granted, @"
    plugin    as        may reach                                                  what for
    crm-sync  sink crm  outputs.accounts = crm                                     one object a batch, one line an account
    crm-sync  sink crm  mail.server = smtp://127.0.0.1:PORT from crm@shop.example  a mail about each account, when the sink's channel is mail
    crm-sync  sink crm  people, with messages that are reviewed                    it is granted mail
    ");
}

#[test]
fn a_plugin_that_says_that_it_reaches_people_takes_messages_only() {
    plugins();
    let project = Project::committed("records-outbox");
    project.edit("pipeline.toml", "kind = \"messages\"\n", "");
    let err = project.tsugi("check", &[]).ended(2).stderr;
    assert_printed!(err, @r#"
    error: `[deliveries.outreach]` is of kind `records`, and the sink `outbox` reaches people: its plugin.toml says so
      --> pipeline.toml:36:1
        |
     36 | sink = "outbox"
        | ^^^^
    hint: write `kind = "messages"`: then a person reviews what leaves; or choose a sink that writes to a system

    1 error; nothing ran
    "#);
}

/// What `check` says of a delivery with these lines, without the count at its end.
fn refused(project: &Project, lines: &str) -> String {
    let delivery =
        format!("[deliveries.accounts]\nfrom = \"crm.accounts\"\nsink = \"crm\"\n{lines}\n");
    write_pipeline(project, "grants.outputs.accounts = \"crm\"", &delivery);
    project.tsugi("check", &[]).ended(2).stderr
}

/// A pipeline whose table also has a number that is not exact.
fn scored(name: &str) -> Project {
    let project = accounts(name, DELIVERY);
    project.write(
        "models/crm/accounts.sql",
        "SELECT account, stage, CAST(1 AS DOUBLE) AS score FROM seeds.stages\n",
    );
    project
}

#[test]
fn every_wrong_column_of_a_delivery_is_found_at_its_place() {
    let project = scored("records-wrong");
    let wrong = "key = [\"acount\", \"score\"]
order_by = [\"rank\"]
not_before = \"stage\"
only_if = \"stage = 'new' AND stge = 'x'\"";
    assert_printed!(refused(&project, wrong), @r#"
    error: `crm.accounts` has no column `acount`, which `key` of the delivery `accounts` names
      --> pipeline.toml:15:8
        |
     15 | key = ["acount", "score"]
        |        ^^^^^^^^
    hint: did you mean `account`?

    error: `crm.accounts.score` is DOUBLE, and `key` of a delivery must be text, an exact number, a boolean, a date or a timestamp
      --> pipeline.toml:15:18
        |
     15 | key = ["acount", "score"]
        |                  ^^^^^^^
    hint: cast it in models/crm/accounts.sql: CAST(score AS VARCHAR) AS score

    error: `crm.accounts` has no column `rank`, which `order_by` of the delivery `accounts` names
      --> pipeline.toml:16:13
        |
     16 | order_by = ["rank"]
        |             ^^^^^^
    hint: select it in models/crm/accounts.sql

    error: `crm.accounts.stage` is VARCHAR, and `not_before` of a delivery must be a date or a timestamp
      --> pipeline.toml:17:14
        |
     17 | not_before = "stage"
        |              ^^^^^^^
    hint: cast it in models/crm/accounts.sql: CAST(stage AS TIMESTAMP) AS stage

    error: `only_if` of the delivery `accounts` cannot be used: `crm.accounts` has no column `stge`
      --> pipeline.toml:18:30
        |
     18 | only_if = "stage = 'new' AND stge = 'x'"
        |                              ^^^^
    hint: did you mean `stage`?

    5 errors; nothing ran
    "#);
}

#[test]
fn what_a_delivery_cannot_say_is_refused_with_the_words_to_write() {
    let project = scored("records-words");
    let mut all = String::new();
    for lines in [
        "",
        "key = [\"account\"]\nonly_if = \"score\"",
        "key = [\"account\"]\nonly_if = \"score >\"",
        "key = [\"account\"]\ncomplaints = \"crm.accounts\"",
        "kind = \"messages\"\nkey = [\"account\"]",
        "kind = \"mail\"",
        "key = [\"account\", \"account\"]\norder_by = [\"stage\", \"account\", \"stage\"]",
    ] {
        let refused = refused(&project, lines);
        all += &format!("{lines}\n\n{refused}\n-----\n");
    }
    assert_printed!(all.trim(), @r#"
    error: `[deliveries.accounts]` has no `key`
      --> pipeline.toml:12:13
        |
     12 | [deliveries.accounts]
        |             ^^^^^^^^
    hint: add to `[deliveries.accounts]`: key = ["id"]

    1 error; nothing ran

    -----
    key = ["account"]
    only_if = "score"

    error: `only_if` of the delivery `accounts` cannot be used: it is DOUBLE, not true or false
      --> pipeline.toml:16:11
        |
     16 | only_if = "score"
        |           ^^^^^^^
    hint: write a condition on a row, such as "status = 'changed'"

    1 error; nothing ran

    -----
    key = ["account"]
    only_if = "score >"

    error: `only_if` of the delivery `accounts` cannot be used: Expected: an expression, found: )
      --> pipeline.toml:16:11
        |
     16 | only_if = "score >"
        |           ^^^^^^^^^

    1 error; nothing ran

    -----
    key = ["account"]
    complaints = "crm.accounts"

    error: `complaints` of a delivery of records is not supported by this version of tsugi
      --> pipeline.toml:16:1
        |
     16 | complaints = "crm.accounts"
        | ^^^^^^^^^^
    hint: delete it, or write `kind = "messages"`

    1 error; nothing ran

    -----
    kind = "messages"
    key = ["account"]

    error: `key` of a delivery of messages is not supported by this version of tsugi
      --> pipeline.toml:16:1
        |
     16 | key = ["account"]
        | ^^^
    hint: delete it: the columns of messages are fixed

    1 error; nothing ran

    -----
    kind = "mail"

    error: `deliveries.accounts.kind` cannot be `mail`: it must be `records` or `messages`
      --> pipeline.toml:15:8
        |
     15 | kind = "mail"
        |        ^^^^^^

    1 error; nothing ran

    -----
    key = ["account", "account"]
    order_by = ["stage", "account", "stage"]

    error: the column `account` in `deliveries.accounts.key` is there twice: pipeline.toml:15:8 and pipeline.toml:15:19
      --> pipeline.toml:15:19
        |
     15 | key = ["account", "account"]
        |                   ^^^^^^^^^
    hint: rename or delete one of the two

    error: the column `stage` in `deliveries.accounts.order_by` is there twice: pipeline.toml:16:13 and pipeline.toml:16:33
      --> pipeline.toml:16:33
        |
     16 | order_by = ["stage", "account", "stage"]
        |                                 ^^^^^^^
    hint: rename or delete one of the two

    2 errors; nothing ran

    -----
    "#);
}

#[test]
fn a_condition_of_a_delivery_is_about_one_row_and_no_clock() {
    let project = scored("records-conditions");
    let mut reasons = String::new();
    for only_if in [
        "1=2) OR (1=1",
        "",
        "account NOT IN (SELECT account FROM seeds.stages)",
        "EXISTS (SELECT 1)",
        "count(*) > 1",
        "row_number() OVER () < 2",
        "random() < 0.5",
        "now() > DATE '2026-01-01'",
    ] {
        let refused = refused(
            &project,
            &format!("key = [\"account\"]\nonly_if = \"{only_if}\""),
        );
        let reason = refused.lines().next().unwrap_or_default();
        reasons += &format!("{only_if}\n  {reason}\n");
    }
    assert_printed!(reasons, @"
    1=2) OR (1=1
      error: `only_if` of the delivery `accounts` cannot be used: it is not one expression

      error: `only_if` of the delivery `accounts` cannot be used: it is empty
    account NOT IN (SELECT account FROM seeds.stages)
      error: `only_if` of the delivery `accounts` cannot be used: it reads other tables: join them in a model
    EXISTS (SELECT 1)
      error: `only_if` of the delivery `accounts` cannot be used: it reads other tables: join them in a model
    count(*) > 1
      error: `only_if` of the delivery `accounts` cannot be used: `count` reads other rows: compute it in a model, as a column
    row_number() OVER () < 2
      error: `only_if` of the delivery `accounts` cannot be used: `row_number` reads other rows: compute it in a model, as a column
    random() < 0.5
      error: `only_if` of the delivery `accounts` cannot be used: `random` changes while nothing else does: use $as_of
    now() > DATE '2026-01-01'
      error: `only_if` of the delivery `accounts` cannot be used: `now` changes while nothing else does: use $as_of
    ");
}

#[test]
fn a_personal_column_is_no_key() {
    let project = accounts("records-personal", DELIVERY);
    project.write(
        "models/crm/accounts.sql",
        "-- @personal account\nSELECT account, stage FROM seeds.stages\n",
    );
    let err = project.tsugi("check", &[]).ended(2).stderr;
    assert_printed!(err, @r#"
    error: the key of the delivery `accounts` has the personal column `crm.accounts.account`
      --> pipeline.toml:15:8
        |
     15 | key = ["account"]
        |        ^^^^^^^^^
    hint: the send ledger keeps keys: name an id that is no personal column

    1 error; nothing ran
    "#);
}
