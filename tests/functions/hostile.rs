//! A plugin that attacks its host: each attack ends in its own typed error, the session goes on,
//! and nothing is published.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{Int64Array, RecordBatch};
use datafusion::arrow;
use tsugi_pipeline::query::Settings;
use tsugi_sandbox::{Granted, PluginLimits};

use super::bench::{Bench, ask, component, plugin, project, write};
use crate::sample_copy::{Project, guest};
use crate::support::{assert_printed, run, tsugi};

const HOSTILE: &str = "tests/guests/hostile";
/// Far above every limit that is set here, and far below what a hanging guest would take.
const AT_MOST: Duration = Duration::from_secs(20);

/// `main.t` with n = 1, 2, 3, and 200 rows in `main.many`.
fn bench(call_max_ms: u64) -> Bench {
    let limits = PluginLimits {
        memory_max_bytes: 48 << 20,
        call_max_ms,
        step_max_ms: call_max_ms,
        returned_max_bytes: 1 << 20,
        ..PluginLimits::default()
    };
    let hostile = plugin(HOSTILE, limits, Granted::default());
    let settings = Settings {
        memory_max_bytes: 1 << 30,
        partitions: 2,
        spill_folder: None,
    };
    let bench = Bench::with(&settings, &[hostile]);
    for (name, rows) in [("main.t", 3), ("main.many", 200)] {
        let n: arrow::array::ArrayRef = Arc::new(Int64Array::from_iter_values(1..=rows));
        bench.put(
            name,
            vec![vec![RecordBatch::try_from_iter([("n", n)]).unwrap()]],
        );
    }
    bench
}

/// The attack, the code and the words of its error.
const ATTACKS: [(&str, &str, &[&str]); 22] = [
    (
        "SELECT panics(n) FROM t",
        "sandbox::trapped",
        &[
            "plugin `hostile` trapped in `scalar.evaluator.evaluate`",
            "the guest panics on purpose",
        ],
    ),
    (
        "SELECT panics(5)",
        "sandbox::trapped",
        &["the guest panics on purpose"],
    ),
    (
        "SELECT n FROM t WHERE panics(n) = 1",
        "sandbox::trapped",
        &["the guest panics on purpose"],
    ),
    ("SELECT recurses(n) FROM t", "sandbox::trapped", &["stack"]),
    (
        "SELECT loops(n) FROM t",
        "sandbox::over-limit",
        &["its limit of 300 for time"],
    ),
    (
        "SELECT eats(n) FROM t",
        "sandbox::over-limit",
        &["its limit of 50331648 for memory"],
    ),
    (
        "SELECT floods(4000000)",
        "sandbox::over-limit",
        &["its limit of 1048576 for bytes returned"],
    ),
    (
        "SELECT floods(n * 1000000) FROM t",
        "sandbox::over-limit",
        &["for bytes returned"],
    ),
    (
        "SELECT few_rows(n) FROM t",
        "sandbox::malformed",
        &["2 rows where 3 were due"],
    ),
    (
        "SELECT bad_text(n) FROM t",
        "sandbox::malformed",
        &["`bad_text` holds bytes that are not UTF-8"],
    ),
    (
        "SELECT wrong_type(n) FROM t",
        "sandbox::malformed",
        &["24 bytes of offsets where 16 are due"],
    ),
    (
        "SELECT falling_offsets(n) FROM t",
        "sandbox::malformed",
        &["do not start at 0"],
    ),
    (
        "SELECT false_failure(n) FROM t",
        "sandbox::malformed",
        &["row 0 is said to have failed and is not null"],
    ),
    (
        "SELECT no_buffers(n) FROM t",
        "sandbox::malformed",
        &["`no_buffers` has no validity buffer"],
    ),
    (
        "SELECT whole_batch(n) FROM t",
        "sandbox::failed",
        &["there is nothing to say"],
    ),
    (
        "SELECT hoard(n) FROM many",
        "sandbox::over-limit",
        &["for memory"],
    ),
    (
        "SELECT hoard(-n) FROM many",
        "sandbox::trapped",
        &["aggregate", "the guest panics on purpose"],
    ),
    (
        "SELECT * FROM nulls((SELECT n FROM t))",
        "sandbox::malformed",
        &["`n` holds 1 nulls and must have none"],
    ),
    (
        "SELECT * FROM stalls((SELECT n FROM t), at => 'pull')",
        "sandbox::over-limit",
        &[
            "table.operator.pull",
            "its limit of 300 for time of a batch",
        ],
    ),
    (
        "SELECT * FROM stalls((SELECT n FROM t), at => 'push')",
        "sandbox::over-limit",
        &[
            "table.operator.push",
            "its limit of 300 for time of a batch",
        ],
    ),
    (
        "SELECT * FROM stalls((SELECT n FROM t), at => 'empty')",
        "sandbox::malformed",
        &["it returns empty batches without end"],
    ),
    (
        "SELECT * FROM stalls((SELECT n FROM t), at => 'need')",
        "sandbox::malformed",
        &["it asks for rows of a relation that has ended"],
    ),
];

#[test]
fn every_attack_has_its_error_and_the_session_goes_on() {
    let bench = bench(300);
    let honest = "SELECT sum(honest(n)), panics(0) FROM t";
    bench.lines(honest);
    // What waits for its next call is held; whatever an attack took is given back.
    let held = bench.session.memory_bytes();
    for (sql, code, words) in ATTACKS {
        let started = Instant::now();
        let refused = bench.refused(sql);
        let took = started.elapsed();
        assert_eq!(refused.code, code, "{sql}: {refused:#?}");
        for word in words {
            assert!(refused.message.contains(word), "{sql}: {refused:#?}");
        }
        assert!(
            !refused.hint.is_empty() || code == "sandbox::over-limit",
            "{sql}: {refused:#?}"
        );
        assert!(took < AT_MOST, "{sql} took {took:?}");
        assert_eq!(bench.lines(honest), ["9|0"], "after {sql}");
        let until = Instant::now() + AT_MOST;
        while bench.session.memory_bytes() != held && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(bench.session.memory_bytes(), held, "after {sql}");
    }
}

#[test]
fn a_guest_that_stalls_while_it_is_planned_is_stopped() {
    let bench = bench(300);
    let refused = bench
        .plan("SELECT * FROM stalls((SELECT n FROM t), at => 'open')")
        .unwrap_err();
    assert_eq!(refused.code, "sandbox::over-limit");
    let message = "plugin `hostile` in `table.operator.open` went over its limit of 300 for time";
    assert!(refused.message.starts_with(message), "{}", refused.message);
}

#[test]
fn functions_that_reach_for_files_get_an_error_that_names_whose_those_are() {
    let bench = bench(300);
    for sql in [
        "SELECT reads(n) FROM t",
        "SELECT * FROM peeks((SELECT n FROM t))",
    ] {
        let refused = bench.refused(sql);
        assert_eq!(refused.code, "sandbox::denied", "{sql}");
        assert!(
            refused.message.contains("was denied inputs `secrets`"),
            "{}",
            refused.message
        );
        let hint = "inputs are for a source: no grant gives them to the role ";
        assert!(refused.hint.starts_with(hint), "{sql}: {}", refused.hint);
    }
}

/// How long a guest that loops goes on after its query was cancelled, while other queries ran.
fn stopped_after() -> Duration {
    let (looped, other) = (bench(600_000), bench(600_000));
    let looping = ask(
        Arc::clone(&looped.session),
        "SELECT loops(n) FROM t".to_owned(),
    );
    let looping = looped.runtime.spawn(looping);
    let honest = "SELECT sum(honest(n)) FROM many";
    for _ in 0..20 {
        assert_eq!(looped.lines(honest), ["20300"]);
    }
    assert!(!looping.is_finished());
    let started = Instant::now();
    looped.session.cancel().cancel();
    let refused = looped.runtime.block_on(looping).unwrap();
    let took = started.elapsed();
    let refused = refused.map(|answer| answer.lines()).unwrap_err();
    assert_eq!(refused.code, "sandbox::cancelled");
    // Another session is not touched by it.
    assert_eq!(other.lines(honest), ["20300"]);
    took
}

#[test]
fn while_one_guest_loops_other_queries_go_on_and_cancelling_stops_it() {
    // A tenth of a second is ten ticks. A machine that is busy may be late once; it is not late
    // each time.
    let tries: Vec<Duration> = (0..10).map(|_| stopped_after()).collect();
    let best = tries.iter().min().unwrap();
    assert!(*best <= Duration::from_millis(100), "{tries:?}");
    assert!(tries.iter().all(|took| *took < AT_MOST), "{tries:?}");
}

/// How long a command goes on after Ctrl-C, while a guest of it loops that may loop for a minute.
fn ends_after(args: &[&str]) -> Duration {
    let mut child = tsugi()
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Time to come to the guest; a command that is not there yet ends as well.
    std::thread::sleep(Duration::from_secs(3));
    let child_id = child.id().to_string();
    let interrupted = Command::new("kill").args(["-INT", &child_id]).status();
    assert!(interrupted.unwrap().success());
    let started = Instant::now();
    let ended = child.wait().unwrap();
    let took = started.elapsed();
    assert_eq!(ended.code(), Some(130), "{args:?}");
    took
}

#[test]
fn an_interrupt_stops_a_guest_that_loops_in_every_command() {
    let pipeline = format!(
        "[plugins.hostile]\nfile = {:?}\n[limits]\ncall_max_ms = 60_000\n",
        component(HOSTILE)
    );
    let model = ("models/a/one.sql", "SELECT honest(1) AS n");
    let folder = project("interrupted", &pipeline, &[model]);
    let dir = folder.to_str().unwrap();
    run(&["run", dir]).ended(0);
    write(&folder, "models/a/one.sql", "SELECT loops(1) AS n");
    let stalls = "SELECT * FROM stalls((SELECT 1 AS n), at => 'open')";
    for args in [
        &["run", dir][..],
        &["query", dir, "SELECT loops(1)"],
        &["query", dir, stalls],
    ] {
        let tries: Vec<Duration> = (0..3).map(|_| ends_after(args)).collect();
        let best = tries.iter().min().unwrap();
        assert!(*best <= Duration::from_secs(1), "{args:?}: {tries:?}");
        assert!(tries.iter().all(|took| *took < AT_MOST), "{tries:?}");
    }
}

#[test]
fn a_run_that_is_attacked_publishes_nothing() {
    let pipeline = format!(
        "[plugins.hostile]\nfile = {:?}\n[limits]\ncall_max_ms = 300\ninstance_memory_max_bytes = 33_554_432\n",
        component(HOSTILE)
    );
    let folder = project(
        "attacked",
        &pipeline,
        &[("models/a/good.sql", "SELECT honest(1) AS n")],
    );
    let dir = folder.to_str().unwrap();
    run(&["run", dir]).ended(0);
    let published = || {
        run(&["query", dir, "SELECT n FROM a.good", "--format", "csv"])
            .ended(0)
            .stdout
    };
    assert_eq!(published(), "n\n2\n");
    write(
        &folder,
        "models/a/good.sql",
        "SELECT honest(honest(1)) AS n",
    );
    for (sql, words) in [
        (
            "SELECT panics(n) AS n FROM a.good",
            "trapped in `scalar.evaluator.evaluate`",
        ),
        (
            "SELECT loops(n) AS n FROM a.good",
            "its limit of 300 for time",
        ),
        (
            "SELECT eats(n) AS n FROM a.good",
            "its limit of 33554432 for memory",
        ),
        (
            "SELECT bad_text(n) AS n FROM a.good",
            "holds bytes that are not UTF-8",
        ),
        (
            "SELECT reads(n) AS n FROM a.good",
            "inputs are for a source: no grant gives them to the role scalar",
        ),
        (
            "SELECT n FROM nulls((SELECT n FROM a.good))",
            "must have none",
        ),
    ] {
        write(&folder, "models/a/worse.sql", sql);
        let outcome = run(&["run", dir]).ended(1);
        assert!(outcome.stderr.contains(words), "{sql}: {}", outcome.stderr);
        assert!(
            outcome.stderr.contains("`a.worse` failed"),
            "{sql}: {}",
            outcome.stderr
        );
        assert!(
            outcome.stderr.contains("hint: "),
            "{sql}: {}",
            outcome.stderr
        );
        assert_eq!(published(), "n\n2\n", "after {sql}");
    }
    write(&folder, "models/a/worse.sql", "SELECT n FROM a.good");
    run(&["run", dir]).ended(0);
    assert_eq!(published(), "n\n3\n");
}

#[test]
fn a_component_that_opens_files_by_itself_is_refused_before_it_runs() {
    let ambient = component("tests/guests/ambient");
    let pipeline = format!("[plugins.ambient]\nfile = {ambient:?}\n");
    let model = (
        "models/a/one.sql",
        "SELECT content('pipeline.toml') AS text",
    );
    let folder = project("ambient", &pipeline, &[model]);
    let outcome = run(&["run", folder.to_str().unwrap()]).ended(2);
    assert_printed!(outcome.stderr, @"
    error: the component imports `wasi:filesystem/preopens@0.2.6`, which no plugin is given
      --> TMP/guests/wasm32-wasip2/plugin/tsugi_guest_ambient.wasm
    hint: files come in through the want `inputs` and go out through `outputs`

    error: the component imports `wasi:filesystem/types@0.2.6`, which no plugin is given
      --> TMP/guests/wasm32-wasip2/plugin/tsugi_guest_ambient.wasm
    hint: files come in through the want `inputs` and go out through `outputs`

    2 errors; nothing ran
    ");
    assert!(!folder.join(".tsugi").exists());
}

#[test]
fn what_a_guest_sees_of_time_and_chance_is_that_of_as_of() {
    let project = Project::empty("senses");
    std::fs::copy(guest("hostile"), project.path("hostile.wasm")).unwrap();
    let toml = |as_of: &str| {
        let text = format!(
            "[pipeline]\nname = \"few\"\nas_of = \"{as_of}\"\n\n[plugins.hostile]\nfile = \"hostile.wasm\"\n"
        );
        project.write("pipeline.toml", &text);
    };
    project.write("models/a/x.sql", "SELECT senses(1) AS felt");
    let felt = || {
        std::fs::remove_dir_all(project.path(".tsugi")).unwrap_or_default();
        project.tsugi("run", &[]).ended(0);
        let published = project.lines("SELECT felt FROM a.x");
        assert_eq!(
            project.lines("SELECT senses(1)"),
            published,
            "also in a query"
        );
        published
    };
    toml("2026-03-31");
    let first = felt();
    // Midnight of that day in UTC.
    assert!(
        first.first().unwrap().starts_with("1774915200 "),
        "{first:?}"
    );
    assert_eq!(felt(), first, "two runs give the same");
    toml("2026-04-01");
    let next = felt();
    assert!(next.first().unwrap().starts_with("1775001600 "), "{next:?}");
}
