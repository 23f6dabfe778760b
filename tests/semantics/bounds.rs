//! Large and deep queries are answered, or refused with what there is too much of; none ends the
//! process or takes all memory.

use super::{answers, project};
use crate::sample_copy::Project;

fn one() -> (&'static str, &'static str) {
    ("t/one", "SELECT 1 AS id")
}

/// The query as a file, for the operating system bounds the length of an argument.
#[track_caller]
fn checked(project: &Project, sql: &str) -> (Option<i32>, String) {
    project.write("models/b/long.sql", sql);
    let outcome = project.tsugi("check", &[]);
    (outcome.code, outcome.stderr)
}

#[test]
fn long_chains_and_lists_are_planned() {
    let project = project("long", &[one()]);
    let join = |operator: &str, one: &dyn Fn(usize) -> String, count: usize| {
        let all: Vec<String> = (0..count).map(one).collect();
        all.join(operator)
    };
    let ors = join(" OR ", &|n| format!("id = {n}"), 20_000);
    let ands = join(" AND ", &|n| format!("id <> {}", n + 2), 20_000);
    let mixed = join(
        " OR ",
        &|n| format!("id BETWEEN {n} AND {} AND NOT id = {n}", n + 1),
        3_000,
    );
    let list = join(", ", &|n| n.to_string(), 20_000);
    let whens = join(" ", &|n| format!("WHEN id = {n} THEN {n}"), 2_000);
    for (sql, due) in [
        (format!("SELECT count(*) AS n FROM t.one WHERE {ors}"), "1"),
        (format!("SELECT count(*) AS n FROM t.one WHERE {ands}"), "1"),
        (
            format!("SELECT count(*) AS n FROM t.one WHERE {mixed}"),
            "1",
        ),
        (
            format!("SELECT count(*) AS n FROM t.one WHERE id IN ({list})"),
            "1",
        ),
        (format!("SELECT CASE {whens} END AS n FROM t.one"), "1"),
        (
            format!("SELECT {} AS n FROM t.one", ["id"; 400].join(" + ")),
            "400",
        ),
    ] {
        let (code, said) = checked(&project, &sql);
        assert_eq!(code, Some(0), "{} … {said}", &sql[..80]);
        project.tsugi("run", &[]).ended(0);
        answers(&project, &[("SELECT n FROM b.long", &[due])]);
    }
}

/// The statement is read on the thread of the command, which has room for it.
#[test]
fn thousands_of_parts_of_a_union_end_no_process() {
    let project = project("union", &[one()]);
    for count in [1_000, 3_000] {
        let sql = vec!["SELECT id FROM t.one"; count].join(" UNION ALL ");
        let (code, said) = checked(&project, &sql);
        assert!(matches!(code, Some(0 | 2)), "{count}: {code:?} {said}");
    }
}

/// Memories of plugins are laid out in addresses ahead; where a process may have few, it lays out fewer.
#[test]
fn a_process_with_few_addresses_runs() {
    let project = project("addresses", &[one()]);
    let run = format!(
        "ulimit -v 8000000; exec {} run {}",
        env!("CARGO_BIN_EXE_tsugi"),
        project.path(".").display()
    );
    let output = std::process::Command::new("bash")
        .args(["-c", &run])
        .output();
    crate::support::Outcome::of(output.unwrap()).ended(0);
}

/// The grace of a stopped command is three seconds; a machine that is busy may be late.
#[test]
fn an_interrupt_ends_a_join_of_more_rows_than_anyone_waits_for() {
    let project = project("join-stopped", &[one()]);
    let cross = "SELECT count(*) AS n FROM generate_series(1, 100000) AS a (x) \
         CROSS JOIN generate_series(1, 1000000) AS b (y) WHERE x * y % 7 = 3";
    let range = "SELECT count(*) AS n FROM generate_series(1, 300000) AS a (x) \
         JOIN generate_series(1, 300000) AS b (y) ON x < y AND x + y < 0";
    for sql in [cross, range] {
        let mut query = project.command("query", &[sql]).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_secs(2));
        let id = query.id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-INT", &id])
            .status();
        assert!(sent.unwrap().success());
        let started = std::time::Instant::now();
        let code = query.wait().unwrap().code();
        assert_eq!(code, Some(130), "{sql}");
        assert!(started.elapsed().as_secs() < 15, "{sql}");
    }
}

#[test]
fn what_is_too_large_is_said_with_its_place() {
    let project = project("large", &[one()]);
    let doubling: Vec<String> = (1..40)
        .map(|n| {
            format!(
                "s{n} AS (SELECT a.id FROM s{0} AS a JOIN s{0} AS b ON a.id = b.id)",
                n - 1
            )
        })
        .collect();
    let doubling = format!(
        "WITH s0 AS (SELECT id FROM t.one), {} SELECT id FROM s39",
        doubling.join(", ")
    );
    for (sql, due) in [
        (
            format!("SELECT {} AS n FROM t.one", ["id"; 5_000].join(" + ")),
            "more than 500 operators follow each other",
        ),
        (
            format!(
                "SELECT {}id{} AS n FROM t.one",
                "(".repeat(3_000),
                ")".repeat(3_000)
            ),
            "more than 100 parentheses or CASEs are inside each other",
        ),
        (
            format!(
                "SELECT {}id{} AS n FROM t.one",
                "abs(".repeat(3_000),
                ")".repeat(3_000)
            ),
            "more than 100 parentheses or CASEs are inside each other",
        ),
        (
            format!("SELECT {}TRUE AS n FROM t.one", "NOT ".repeat(5_000)),
            "more than 500 operators follow each other",
        ),
        (
            format!(
                "SELECT id FROM t.one WHERE {}",
                ["id > 0"; 30_000].join(" AND ")
            ),
            "more than 25000 conditions follow each other",
        ),
        (doubling, "make a model of a step that is read often"),
    ] {
        let (code, said) = checked(&project, &sql);
        assert_eq!(code, Some(2), "{} … {said}", &sql[..80]);
        assert!(said.contains(due), "{said}");
        assert!(said.contains("models/b/long.sql"), "{said}");
    }
}

/// The engine would copy the list of all rows for every row, and end the process.
#[test]
fn a_value_of_all_rows_for_every_row_is_bounded() {
    let project = project("copies", &[one()]);
    let wide = "FROM generate_series(1, 1000000) AS s(x)";
    for sql in [
        format!("SELECT array_agg(x) OVER () AS n {wide}"),
        format!("SELECT array_agg('text ' || x) OVER (PARTITION BY x % 2) AS n {wide}"),
        format!("SELECT string_agg(CAST(x AS VARCHAR), ',') OVER () AS n {wide}"),
    ] {
        let outcome = project.tsugi("query", &[&sql, "--limit", "1"]).ended(1);
        assert!(
            outcome.stderr.contains("while computing windows"),
            "{outcome:?}"
        );
    }
    let sets: Vec<String> = (0..30).map(|n| format!("id + {n}")).collect();
    let cube = format!(
        "SELECT count(*) AS n FROM t.one GROUP BY CUBE({})",
        sets.join(", ")
    );
    let outcome = project.tsugi("query", &[&cube]);
    assert!(
        outcome.stderr.contains("more than 4096 sets of groups"),
        "{outcome:?}"
    );
    answers(
        &project,
        &[(
            "SELECT cardinality(array_agg(x) OVER ()) AS n FROM generate_series(1, 3) AS s(x)",
            &["3", "3", "3"],
        )],
    );
}

#[test]
fn texts_that_do_not_fit_are_refused_before_they_are_made() {
    let project = project("long-texts", &[one()]);
    for sql in [
        "SELECT length(repeat('x', 2000000000)) AS n",
        "SELECT length(replace(repeat('a', 60000), 'a', repeat('b', 30000))) AS n",
        "SELECT max(repeat('a' || x, 100000)) AS n FROM generate_series(1, 20000) AS t(x)",
        "SELECT max(lpad('a', 1000000 + x, 'b')) AS n FROM generate_series(1, 20000) AS t(x)",
    ] {
        let outcome = project.tsugi("query", &[sql]);
        let said = &outcome.stderr;
        assert!(
            said.contains("a result does not fit its type"),
            "{sql}: {said}"
        );
    }
    answers(
        &project,
        &[
            (
                "SELECT repeat('ab', 2) || replace('aXbX', 'X', 'yy') || lpad('7', 3, '0') AS a",
                &["ababayybyy007"],
            ),
            (
                "SELECT repeat(NULL, 2) IS NULL AND replace('a', NULL, 'b') IS NULL AS a",
                &["true"],
            ),
            ("SELECT length(repeat('x', 1000000)) AS n", &["1000000"]),
        ],
    );
}
