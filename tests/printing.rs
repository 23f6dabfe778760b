//! What is printed, and where it cannot be: closed pipes, full disks, signals, and texts that would
//! command a terminal.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::sample_copy::{Project, guest, objects};
use crate::support::Outcome;

/// Clears a line, moves up, sets the title, rings, and forges a line of the host.
const CONTROL: &str = "\x1b[2K\x1b[1A\x1b]0;x\x07\u{9b}31m\u{202e}\ndone made=9 forged";

fn project(name: &str, models: &[(&str, &str)]) -> Project {
    let project = Project::empty(name);
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"few\"\nas_of = \"2026-03-31\"\n",
    );
    for (file, sql) in models {
        project.write(&format!("models/{file}.sql"), sql);
    }
    project
}

/// Runs a line of a shell in which `$TSUGI` is the binary and `$P` the project.
fn shell(project: &Project, line: &str) -> Outcome {
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .env("TSUGI", env!("CARGO_BIN_EXE_tsugi"))
        .env("P", project.path("."))
        .env("LC_ALL", "C.UTF-8");
    Outcome::of(command.output().unwrap())
}

#[track_caller]
fn assert_harmless(text: &str, what: &str) {
    let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!text.contains(obeyed), "{what}: {text:?}");
    let forged = text.lines().any(|line| line.starts_with("done made=9"));
    assert!(!forged, "{what}: {text}");
}

#[test]
fn a_closed_pipe_ends_no_run() {
    let models: Vec<(String, String)> = (0..40)
        .map(|n| (format!("a/m{n}"), format!("SELECT {n} AS n")))
        .collect();
    let models: Vec<(&str, &str)> = models.iter().map(|(a, b)| (&**a, &**b)).collect();
    let closed = project("closed-pipe", &models);
    for (what, line) in [
        (
            "both",
            "($TSUGI run $P 2>&1; echo code $? >&3) 3>&2 | (read x; echo $x)",
        ),
        (
            "notices",
            "$TSUGI run $P 2>&1 >/dev/null | (read x; echo $x); true",
        ),
        (
            "events",
            "($TSUGI run $P --json; echo code $? >&2) | (read x; echo $x)",
        ),
        ("none", "$TSUGI run $P >&- 2>&-; echo code $? >&2"),
        ("full disk", "$TSUGI run $P 2>/dev/full; echo code $? >&2"),
    ] {
        let _ = std::fs::remove_dir_all(closed.path(".tsugi"));
        let outcome = shell(&closed, line);
        if what != "notices" {
            assert!(outcome.stderr.contains("code 0"), "{what}: {outcome:?}");
        }
        assert!(!outcome.stderr.contains("panicked"), "{what}: {outcome:?}");
        // The shell may return before the run does.
        let started = Instant::now();
        while closed.tsugi("query", &["SELECT n FROM a.m39"]).code != Some(0) {
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "{what}: nothing is published"
            );
        }
    }
}

#[test]
fn data_that_cannot_be_written_is_an_error() {
    let project = project("full-disk", &[("a/x", "SELECT 1 AS n")]);
    let run = shell(
        &project,
        "$TSUGI run $P --json >/dev/full; echo code $? >&2",
    );
    assert!(
        run.stderr.contains("cannot write to standard output") && run.stderr.contains("code 1"),
        "{run:?}"
    );
    for format in ["table", "csv", "json", "arrow"] {
        let line = format!(
            "$TSUGI query $P 'SELECT n FROM a.x' --format {format} >/dev/full; echo code $? >&2"
        );
        let outcome = shell(&project, &line);
        assert!(
            outcome.stderr.contains("cannot write to standard output")
                && outcome.stderr.contains("code 1"),
            "the run published, and {format} fails: {outcome:?}"
        );
    }
    let check = shell(&project, "$TSUGI check $P >/dev/full; echo code $? >&2");
    assert!(check.stderr.contains("code 1"), "{check:?}");
}

#[test]
fn texts_do_not_command_the_terminal() {
    let project = project("terminal", &[]);
    std::fs::copy(guest("hostile"), project.path("hostile.wasm")).unwrap();
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"few\"\nas_of = \"2026-03-31\"\n\n[plugins.hostile]\nfile = \"hostile.wasm\"\n\n\
         [tables]\nheadlines = \"ceo.headlines\"\n",
    );
    let headlines = format!(
        "SELECT 1 AS position, 'en' AS language, '{CONTROL}' AS sentence, 'SELECT ''$(id)''' AS query"
    );
    project.write("models/ceo/headlines.sql", &headlines);
    for call in ["cries", "refuses"] {
        project.write(
            "models/a/x.sql",
            &format!("SELECT {call}('{CONTROL}') AS n"),
        );
        for more in [&[][..], &["--json"]] {
            let outcome = project.tsugi("run", more);
            assert_harmless(&outcome.stdout, call);
            assert_harmless(&outcome.stderr, call);
        }
    }
    project.write(
        "models/a/x.sql",
        &format!("SELECT '{CONTROL}' AS \"n{CONTROL}\""),
    );
    project.write("checks/none.sql", "SELECT * FROM a.x");
    let outcome = project.tsugi("run", &[]).ended(1);
    assert_harmless(&outcome.stderr, "a row that a check found");
    std::fs::remove_file(project.path("checks/none.sql")).unwrap();
    let outcome = project.tsugi("run", &["--lang", "en"]).ended(0);
    assert_harmless(&outcome.stdout, "a headline");
    assert!(
        outcome.stderr.contains(r"'SELECT '\''$(id)'\'''") && !outcome.stderr.contains("\"SELECT"),
        "a pasted command runs no other: {}",
        outcome.stderr
    );
    for format in ["table", "json"] {
        let outcome = project.tsugi("query", &["SELECT * FROM a.x", "--format", format]);
        assert_harmless(&outcome.ended(0).stdout, format);
    }
    let row = &project.rows("SELECT * FROM a.x")[0];
    assert_eq!(
        row.values().next(),
        Some(&Value::from(CONTROL)),
        "JSON keeps the text"
    );
    project.write("models/a/y.sql", &format!("SELECT 1 AS n, {CONTROL}"));
    let outcome = project.tsugi("check", &[]).ended(2);
    assert_harmless(&outcome.stderr, "SQL");
}

#[test]
fn signals_end_a_command_as_ctrl_c_does() {
    let endless = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i > 0) SELECT sum(i) AS s FROM n";
    let project = project("signals", &[("a/x", endless)]);
    for signal in ["INT", "TERM", "HUP"] {
        let child = project
            .command("run", &["--json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(700));
        let mut kill = Command::new("kill");
        kill.args(["-s", signal, &child.id().to_string()]);
        assert!(kill.status().unwrap().success());
        let started = Instant::now();
        let outcome = Outcome::of(child.wait_with_output().unwrap());
        let events = objects(&outcome.stdout);
        assert_eq!(outcome.code, Some(130), "{signal}");
        let last = &events.last().unwrap()["finding"];
        assert_eq!(
            (&last["code"], &last["message"]),
            (
                &Value::from("run::interrupted"),
                &Value::from("stopped; nothing was published")
            ),
            "{signal}"
        );
        assert!(started.elapsed() < Duration::from_secs(10), "{signal}");
    }
    // A command under nohup outlives its terminal.
    let line = "nohup $TSUGI run $P --json >$P/out 2>/dev/null & sleep 0.7; kill -HUP $!; sleep 1; kill -0 $! && kill -TERM $! && echo lived";
    assert!(shell(&project, line).stdout.contains("lived"));
}
