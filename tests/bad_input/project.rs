//! A project that is written wrong.

use super::{Published, one_error};
use crate::sample_copy::guest;
use crate::support::root;

const COMPLAINTS: &str = "models/staging/complaints.sql";

/// The file, a text in it, what it is replaced by, and the words of the one error; LINE is the line of
/// the replacement.
const WRONG: [(&str, &str, &str, &[&str]); 6] = [
    (
        "pipeline.toml",
        "grants.inputs.exports = \"exports/erp\"\n",
        "",
        &[
            "`erp-export` wants `inputs.exports`",
            "--> pipeline.toml:",
            "hint: add to `[plugins.erp-export]`: grants.inputs.exports = ",
        ],
    ),
    (
        "pipeline.toml",
        "[vars]\n",
        "[vars]\n[varz]\n",
        &[
            "unknown key `varz`",
            "--> pipeline.toml:LINE:2\n",
            "hint: did you mean `vars`?",
        ],
    ),
    (
        COMPLAINTS,
        "FROM staging.lot_factors",
        "FROM staging.lot_factor",
        &[
            "there is no table `staging.lot_factor`",
            "--> models/staging/complaints.sql:LINE:67\n",
            "hint: did you mean `staging.lot_factors`",
        ],
    ),
    (
        COMPLAINTS,
        "i.platforms,",
        "i.platfroms,",
        &[
            "`platfroms`",
            "--> models/staging/complaints.sql:LINE:",
            "did you mean `platforms`",
        ],
    ),
    (
        COMPLAINTS,
        "FROM staging.topics AS t",
        "FORM staging.topics AS t",
        &["--> models/staging/complaints.sql:LINE:"],
    ),
    (
        "models/staging/lot_factors.sql",
        "FROM staging.lot_origin",
        "FROM staging.lot_origin CROSS JOIN staging.complaints",
        &[
            "these models need each other: ",
            "`staging.lot_factors`",
            "`staging.complaints`",
            "--> models/staging/",
            "hint: take one of these references out",
        ],
    ),
];

#[tokio::test]
async fn what_is_written_wrong_is_reported_with_its_place() {
    let published = Published::new("written-wrong").await;
    let project = &published.project;
    for (file, from, to, words) in WRONG {
        let old = project.edit(file, from, to);
        let written = to.trim().lines().last().unwrap_or_default();
        let line = project
            .read(file)
            .lines()
            .position(|line| line.contains(written))
            .unwrap()
            + 1;
        let words: Vec<String> = words
            .iter()
            .map(|word| word.replace("LINE", &line.to_string()))
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        for verb in ["check", "run"] {
            let outcome = one_error(project.tsugi(verb, &[]), 2, &words);
            assert!(
                outcome.stderr.contains("1 error; nothing ran"),
                "{}",
                outcome.stderr
            );
        }
        project.write(file, &old);
    }
    published.stands().await;
    let outcome = project.tsugi("run", &[]).ended(0);
    assert!(
        outcome.stderr.contains("done nothing changed"),
        "{}",
        outcome.stderr
    );
}

#[tokio::test]
async fn several_mistakes_are_all_reported_at_once() {
    let published = Published::new("several").await;
    let project = &published.project;
    project.edit("models/staging/complaints.sql", "c.severity", "c.severty");
    project.edit("models/coo/weak_points.sql", "erp.products", "erp.product");
    let outcome = project.tsugi("run", &[]).ended(2);
    for word in [
        "severty",
        "erp.product`",
        "models/coo/weak_points.sql:",
        "models/staging/complaints.sql:",
        "3 errors; nothing ran",
    ] {
        assert!(
            outcome.stderr.contains(word),
            "`{word}` is missing in\n{}",
            outcome.stderr
        );
    }
    published.stands().await;
}

#[tokio::test]
async fn a_check_that_finds_rows_stops_the_publishing() {
    let published = Published::new("check").await;
    let project = &published.project;
    project.write("checks/no_one_complains.sql", "-- No one complains.\nSELECT topic, count(*) AS n FROM staging.complaints GROUP BY topic\n");
    let words = [
        "the check `no_one_complains` found ",
        "bad rows, the first: topic: ",
        "hint: the last published tables are unchanged; checks/no_one_complains.sql",
    ];
    one_error(project.tsugi("run", &[]), 1, &words);
    published.stands().await;
    std::fs::remove_file(project.path("checks/no_one_complains.sql")).unwrap();
    published.recovers();
}

#[tokio::test]
async fn a_broken_project_delivers_nothing() {
    let published = Published::new("broken-deliver").await;
    let project = &published.project;
    project.edit(
        "pipeline.toml",
        "[deliveries.outreach]",
        "[deliverys.outreach]",
    );
    for verb in ["deliver", "review list"] {
        one_error(
            project.tsugi(verb, &[]),
            2,
            &[
                "unknown key `deliverys`",
                "--> pipeline.toml:",
                "hint: did you mean `deliveries`?",
            ],
        );
    }
    project.edit(
        "pipeline.toml",
        "[deliverys.outreach]",
        "[deliveries.outreach]",
    );
    project.edit("pipeline.toml", "sink = \"outbox\"", "sink = \"outbocks\"");
    one_error(
        project.tsugi("deliver", &[]),
        2,
        &[
            "outbocks",
            "--> pipeline.toml:",
            "hint: add a section `[sinks.outbocks]`",
        ],
    );
    let outbox = std::fs::read_dir(project.path("outbox")).map_or(0, Iterator::count);
    assert_eq!(outbox, 0, "nothing was sent");
    project.edit("pipeline.toml", "sink = \"outbocks\"", "sink = \"outbox\"");
    published.stands().await;
}

#[tokio::test]
async fn a_plugin_that_traps_or_answers_wrong_is_named_and_the_run_fails() {
    if !root().join("tests/guests/hostile").is_dir() {
        return crate::support::skipped("guests", "tests/guests/hostile is not there");
    }
    let published = Published::new("hostile").await;
    let project = &published.project;
    std::fs::copy(guest("hostile"), project.path("hostile.wasm")).unwrap();
    project.edit(
        "pipeline.toml",
        "[plugins.correlation]",
        "[plugins.hostile]\nfile = \"hostile.wasm\"\n\n[plugins.correlation]",
    );
    let argument = "complaints";
    for (function, words) in [
        ("panics", "the guest panics on purpose"),
        ("wrong_type", "wrong_type"),
        ("loops", "for time"),
    ] {
        let sql = format!(
            "-- A step that goes wrong.\nSELECT topic, {function}(CAST({argument} AS BIGINT)) AS n FROM ceo.suspects\n"
        );
        project.write("models/ceo/worse.sql", &sql);
        let outcome = one_error(
            project.tsugi("run", &[]),
            1,
            &["`ceo.worse` failed", "`hostile`", words],
        );
        assert!(
            !outcome.stderr.contains("wasm backtrace"),
            "{}",
            outcome.stderr
        );
        published.stands().await;
    }
    // Metadata alone needs no call that traps: the project is not wrong.
    project.tsugi("check", &[]).ended(0);
    std::fs::remove_file(project.path("models/ceo/worse.sql")).unwrap();
    published.recovers();
}
