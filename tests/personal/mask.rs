//! Values of personal columns stay out of everything that is printed or logged, unless somebody
//! asks for them by name and with a reason.

use std::collections::BTreeSet;

use serde_json::json;
use tsugi_core::name::TableName;

use super::{ADDRESS, ID, LOOKS, NAME, care, duckdb, printed};
use crate::duckdb::has_duckdb;
use crate::sample_copy::{Project, objects};
use crate::support::assert_printed;

#[track_caller]
fn nothing_shows(project: &Project, verb: &str, more: &[&str], code: i32) -> String {
    let outcome = printed(&project.tsugi(verb, more).ended(code));
    for secret in [NAME, "Urschla", "Honigtau", ADDRESS, "honigtau"] {
        assert!(!outcome.contains(secret), "`{secret}` in:\n{outcome}");
    }
    outcome
}

#[test]
fn previews_are_masked_by_lineage_and_shown_to_people_who_give_a_reason() {
    let project = care("personal-preview");
    project.tsugi("run", &[]).ended(0);
    for (sql, masked) in [
        ("SELECT * FROM crm.customers", "name, address"),
        (
            "SELECT customer_id, upper(name) || '!' AS loud FROM crm.customers",
            "loud",
        ),
        (
            "SELECT full_name, email FROM staging.persons",
            "full_name, email",
        ),
        ("SELECT who FROM staging.names", "who"),
        (
            "WITH a AS (SELECT name AS n FROM crm.customers) SELECT max(n) AS m FROM (SELECT n FROM a UNION ALL SELECT 'x')",
            "m",
        ),
        (
            "SELECT CASE WHEN visits > 3 THEN name END AS c FROM crm.customers",
            "c",
        ),
        (
            "SELECT (SELECT max(name) FROM crm.customers) AS s, 1 AS one",
            "s",
        ),
        (
            "SELECT unnest(names) AS u FROM (SELECT array_agg(name) AS names FROM crm.customers)",
            "u",
        ),
        (
            "SELECT lag(name) OVER (ORDER BY customer_id) AS before FROM crm.customers",
            "before",
        ),
        (
            "SELECT c.customer_id, t.text FROM crm.customers AS c JOIN crm.tickets AS t USING (customer_id)",
            "text",
        ),
        (
            "SELECT subject, body, address, decision FROM outreach.messages",
            "subject, body, address",
        ),
        ("SELECT * FROM quarantine.crm", "reason, raw"),
    ] {
        for format in ["table", "csv", "json"] {
            let outcome = nothing_shows(&project, "query", &[sql, "--format", format], 0);
            assert!(
                outcome.contains(&format!("masked as personal: {masked};")),
                "{sql}: {outcome}"
            );
            assert!(outcome.contains("***"), "{sql}: {outcome}");
        }
    }
    let open = "SELECT is_x, n, known, count(*) OVER (PARTITION BY who) AS c, who IS NULL AS missing FROM staging.names, staging.persons LIMIT 1";
    let outcome = project.tsugi("query", &[open, "--format", "csv"]).ended(0);
    assert!(
        !printed(&outcome).contains("***"),
        "counts and comparisons show nothing of a value: {outcome:?}"
    );

    let outcome = project
        .tsugi(
            "query",
            &["SELECT name FROM crm.customers", "--show-personal"],
        )
        .ended(2);
    assert_printed!(outcome.stderr, @"
    error: the following required arguments were not provided:
      --by <NAME>
      --why <TEXT>

    Usage: tsugi query --by <NAME> --why <TEXT> --show-personal <DIR> <SQL>

    For more information, try '--help'.
    ");
    let sql = format!("SELECT name FROM crm.customers WHERE customer_id = '{ID}'");
    assert_eq!(project.shown(&sql)[0]["name"], NAME);
    let log = objects(&project.tsugi("brief", &["--log", "--json"]).ended(0).stdout);
    assert_eq!(
        (log.len(), &log[0]["kind"], &log[0]["by"]),
        (1, &json!("query"), &json!("Nora Lindqvist"))
    );
    assert_eq!(log[0]["found"], "name of 1 row");
}

#[test]
fn failing_runs_quote_no_value() {
    let project = care("personal-errors");
    project.tsugi("run", &[]).ended(0);
    let failing = [
        (
            "models/a/cast.sql",
            "SELECT CAST(name AS INT) AS n FROM crm.customers WHERE visits = 7",
            "a text is not an INT: ***",
        ),
        (
            "models/a/day.sql",
            "SELECT to_timestamp(full_name) AS at FROM staging.persons WHERE visits = 7",
            "***",
        ),
        (
            "models/a/pattern.sql",
            "SELECT regexp_like('x', name || '(') AS hit FROM crm.customers WHERE visits = 7",
            "a regular expression is not valid (unclosed group)",
        ),
        (
            "checks/none.sql",
            "SELECT * FROM staging.persons WHERE full_name LIKE 'U%'",
            "customer_id: C-0007, full_name: ***, email: ***, is_x: false, visits: 7",
        ),
        (
            "checks/cast.sql",
            "SELECT 1 FROM crm.customers WHERE visits = 7 AND CAST(name AS DATE) > '2020-01-01'",
            "***",
        ),
    ];
    for (file, sql, says) in failing {
        project.write(file, sql);
        // Checks look at what a run makes.
        let made = format!("SELECT '{file}' AS why");
        project.write("models/a/again.sql", &made);
        for more in [vec![], vec!["--json"]] {
            let outcome = nothing_shows(&project, "run", &more, 1);
            assert!(outcome.contains(says), "{file}: {outcome}");
        }
        std::fs::remove_file(project.path(file)).unwrap();
    }
    no_function_quotes(&project);
    let outcome = nothing_shows(
        &project,
        "query",
        &["SELECT CAST(name AS INT) FROM crm.customers WHERE visits = 7"],
        1,
    );
    assert_printed!(outcome.trim(), @"
    masked as personal: CAST(name AS INT); to see it, add --show-personal --by NAME --why TEXT
    error: a text is not an INT: ***
      --> SQL:1:13
       |
     1 | SELECT CAST(name AS INT) FROM crm.customers WHERE visits = 7
       |             ^
    hint: TRY_CAST(… AS INT) makes it null; correct the value otherwise
    ");
    // The same failures without personal columns say all that they know; a constant fails before
    // anything moves.
    project.write(
        "models/a/cast.sql",
        "SELECT CAST(ticket_id AS INT) AS n FROM (SELECT 'T-1' AS ticket_id)",
    );
    assert!(printed(&project.tsugi("run", &[]).ended(2)).contains("'T-1'"));
}

/// Functions that fail over personal columns, each in words of its own.
fn no_function_quotes(project: &Project) {
    for (call, says) in [
        ("json_extract(name, '$.a')", "`json_extract`: ***"),
        ("json_array_length(name)", "`json_array_length`: ***"),
        ("json_keys(name)", "***"),
        ("json_type(name)", "***"),
        ("name ->> 'a'", "***"),
        (
            "json_extract('{}', '$.' || name || '[')",
            "`json_extract`: the path ***",
        ),
        ("digest('x', name)", "`digest`: digest knows no method ***"),
        (
            "map([name, name], [1, 2])",
            "map key must be unique, duplicate key found ***",
        ),
        ("strptime(name, '%d.%m.%Y')", "`strptime`: ***"),
        ("decode(name, 'hex')", "***"),
        ("date_trunc(name, DATE '2026-01-01')", "***"),
        ("to_date(name)", "***"),
        ("CAST(CAST(name AS INTERVAL) AS VARCHAR)", "***"),
        (
            "TIMESTAMP '2026-01-01 00:00:00' AT TIME ZONE name",
            "there is no such time zone: ***",
        ),
    ] {
        let sql = format!("SELECT {call} AS x FROM crm.customers WHERE visits = 7");
        let outcome = nothing_shows(project, "query", &[&sql], 1);
        assert!(outcome.contains(says), "{call}: {outcome}");
        project.write("models/a/again.sql", &sql);
        let outcome = nothing_shows(project, "run", &["--json"], 1);
        assert!(outcome.contains("***"), "{call}: {outcome}");
    }
    project.write("models/a/again.sql", "SELECT 'mended' AS why");
}

#[test]
fn logs_of_the_run_store_quote_no_value() {
    let project = care("personal-log");
    project.tsugi("run", &["--json"]).ended(0);
    super::approve(&project);
    project.tsugi("deliver", &["--json"]).ended(0);
    for file in ["warehouse/state.sqlite", "ledger/ledger.sqlite"] {
        let bytes = std::fs::read(project.path(&format!(".tsugi/{file}"))).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for secret in ["Urschla", "Honigtau", "honigtau"] {
            assert!(!text.contains(secret), "`{secret}` is in {file}");
        }
    }
}

#[test]
fn what_is_written_wrong_is_found_at_its_place() {
    let project = care("personal-wrong");
    project.edit("pipeline.toml", "\"crm.customers\" = [\"name\", \"address\"]", "\"crm.customers\" = [\"nam\"]\n\"crm.custmers\" = [\"name\"]\n\"staging.names\" = [\"who\"]");
    project.write("models/staging/names.sql", "-- @personal wo\n-- @retain 9 days by n\nSELECT name AS who, count(*) AS n FROM crm.customers GROUP BY name");
    let outcome = project.tsugi("check", &[]).ended(2);
    for says in [
        "there is no column `nam` in `crm.customers`",
        "did you mean `name`?",
        "there is no table `crm.custmers`",
        "did you mean `crm.customers`?",
        "`staging.names` is a model",
        "there is no column `wo` in `staging.names`",
        "models/staging/names.sql:1:14",
        "`n` of `staging.names` is no date",
    ] {
        assert!(
            outcome.stderr.contains(says),
            "`{says}` in {}",
            outcome.stderr
        );
    }
}

#[tokio::test]
async fn tags_are_published_and_follow_what_is_written() {
    let project = care("personal-tags");
    project.tsugi("run", &[]).ended(0);
    let tags = async |table: &str| {
        let snapshot = project.warehouse().await.snapshot().await.unwrap();
        let table: TableName = table.parse().unwrap();
        snapshot.tables[&table].personal.clone()
    };
    let set = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<BTreeSet<String>>()
    };
    assert_eq!(tags("crm.customers").await, set(&["name", "address"]));
    assert_eq!(tags("staging.persons").await, set(&["full_name", "email"]));
    assert_eq!(tags("staging.lists").await, set(&[]));
    if has_duckdb() {
        let seen = duckdb(
            &project,
            "print(sorted(c.execute(\"SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'lake' AND comment = 'personal' AND table_name IN ('customers', 'persons')\").fetchall()))",
        );
        assert_eq!(
            seen,
            "[('customers', 'address'), ('customers', 'name'), ('persons', 'email'), ('persons', 'full_name')]"
        );
    }
    // A tag is no reason to make a table again, and is published all the same.
    project.edit(
        "pipeline.toml",
        "[\"name\", \"address\"]",
        "[\"name\", \"visits\"]",
    );
    let outcome = project.tsugi("run", &["--json"]).ended(0);
    let done = objects(&outcome.stdout).pop().unwrap();
    assert_eq!(
        (&done["made"], &done["published"]),
        (&json!(0), &json!(true))
    );
    assert_eq!(tags("crm.customers").await, set(&["name", "visits"]));
    assert_eq!(tags("staging.persons").await, set(&["full_name", "visits"]));
    assert_eq!(tags("staging.lists").await, set(&["visits"]));
    let words: Vec<&str> = ["SELECT visits FROM staging.lists", "--format", "csv"].to_vec();
    assert_eq!(
        project.tsugi("query", &words).ended(0).stdout,
        "visits\n***\n"
    );
    let all: Vec<&str> = words.into_iter().chain(LOOKS).collect();
    assert_eq!(project.tsugi("query", &all).ended(0).stdout, "visits\n45\n");
    assert_eq!(
        objects(&project.tsugi("run", &["--json"]).ended(0).stdout)
            .pop()
            .unwrap()["published"],
        false
    );
}
