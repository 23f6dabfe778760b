//! What is typed and what is printed: formats, exit codes, data on standard output and all else on
//! standard error, sentences in two languages.

use arrow::ipc::reader::StreamReader;
use serde_json::Value;
use tsugi_sample::{Options, Plant};

use crate::sample_copy::{Project, SMALL, objects};
use crate::support::run;

#[test]
fn a_query_answers_in_four_formats() {
    let (project, _) = Project::generated("formats", &SMALL);
    project.tsugi("run", &[]).ended(0);
    let sql = "SELECT rank, topic, CASE WHEN rank = 2 THEN NULL ELSE suspect END AS suspect, rate_ratio \
               FROM ceo.suspects ORDER BY rank LIMIT 3";
    let query = |format: &str| {
        project
            .command("query", &[sql, "--format", format])
            .output()
            .unwrap()
    };
    let text = |format: &str| String::from_utf8(query(format).stdout).unwrap();

    let rows = objects(&text("json"));
    assert_eq!(rows.len(), 3);
    assert_eq!(
        rows[0].keys().collect::<Vec<_>>(),
        ["rank", "topic", "suspect", "rate_ratio"]
    );
    assert_eq!(rows[1]["suspect"], Value::Null, "a null is there as null");

    let csv = text("csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(
        reader.headers().unwrap(),
        vec!["rank", "topic", "suspect", "rate_ratio"]
    );
    for (record, row) in reader.records().map(Result::unwrap).zip(&rows) {
        assert_eq!(record[0], row["rank"].to_string());
        assert_eq!(record[1], *row["topic"].as_str().unwrap());
        assert_eq!(&record[2], row["suspect"].as_str().unwrap_or_default());
        let (csv, json) = (
            record[3].parse::<f64>().unwrap(),
            row["rate_ratio"].as_f64().unwrap(),
        );
        assert!((csv - json).abs() <= 1e-12 * json, "{csv} {json}");
    }

    let batches: Vec<_> = StreamReader::try_new(&query("arrow").stdout[..], None)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        batches
            .iter()
            .map(arrow::array::RecordBatch::num_rows)
            .sum::<usize>(),
        3
    );
    let names: Vec<_> = batches[0]
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    assert_eq!(names, ["rank", "topic", "suspect", "rate_ratio"]);

    let table = text("table");
    assert!(
        table.starts_with("+--") && table.contains("| rank ") && table.contains("sole_crack"),
        "{table}"
    );
    assert_eq!(
        project.tsugi("query", &[sql]).ended(0).stdout,
        table,
        "the table is what one gets"
    );

    let none = "SELECT rank FROM ceo.suspects WHERE rank < 0";
    assert_eq!(
        project
            .tsugi("query", &[none, "--format", "csv"])
            .ended(0)
            .stdout,
        "rank\n"
    );
    assert_eq!(
        project
            .tsugi("query", &[none, "--format", "json"])
            .ended(0)
            .stdout,
        ""
    );
    assert!(
        project
            .tsugi("query", &[none])
            .ended(0)
            .stdout
            .contains("| rank |")
    );

    // Plugins answer in questions too, and so do the variables of the pipeline.
    let sql = "SELECT sentiment('これは最悪です', 'ja') < 0 AS bad, $min_complaints AS least";
    let answer = &project.rows(sql)[0];
    assert_eq!(
        (&answer["bad"], &answer["least"]),
        (&Value::Bool(true), &Value::from(5))
    );

    for (wrong, words) in [
        (
            "SELECT foo FROM ceo.suspects",
            "error: column `foo` not found",
        ),
        (
            "SELECT suspects FROM ceo.suspects",
            "did you mean `suspect`?",
        ),
        ("SELECT * FROM ceo.suspect", "did you mean `ceo.suspects`?"),
        ("SELEC 1", "error: "),
        ("SELECT 1; SELECT 2", "there are 2 statements"),
        ("DROP TABLE ceo.suspects", "is not a query"),
        (
            "INSERT INTO ceo.suspects SELECT * FROM ceo.suspects",
            "is not a query",
        ),
        ("COPY ceo.suspects TO 'out.csv'", "not a query"),
    ] {
        let outcome = project.tsugi("query", &[wrong]).ended(2);
        assert!(
            outcome.stderr.contains(words) && outcome.stdout.is_empty(),
            "{wrong}: {outcome:?}"
        );
    }
    assert!(!project.path("out.csv").exists());
    let outcome = project
        .tsugi("query", &["SELECT 1 / (rank - rank) FROM ceo.suspects"])
        .ended(1);
    assert!(outcome.stderr.contains("error: "), "{}", outcome.stderr);
}

#[test]
fn a_run_ends_with_sentences_in_the_language_of_the_user_and_three_commands() {
    let (project, _) = Project::generated("sentences", &SMALL);
    let english = project.tsugi("run", &["--lang", "en"]).ended(0);
    let data: Vec<&str> = english
        .stdout
        .lines()
        .filter(|line| !line.is_empty())
        .collect();
    assert!(
        data[0].starts_with("Complaints about cracked soles lead to ")
            && data[0].contains(" complaints in "),
        "{data:?}"
    );
    assert!(data[1].contains("pairs still in stock"), "{data:?}");
    let commands: Vec<&str> = english
        .stderr
        .lines()
        .filter(|line| line.starts_with("  tsugi "))
        .collect();
    assert_eq!(commands.len(), 3, "{}", english.stderr);
    let last = english.stderr.trim_end().lines().last().unwrap();
    assert!(
        last.starts_with("done made=") && last.contains(" snapshot=1 in "),
        "{last}"
    );
    for number in 1..=5 {
        assert!(
            english
                .stderr
                .lines()
                .any(|line| line.starts_with('[') && line.contains(&format!(" {number}/"))),
            "progress is printed line by line: {}",
            english.stderr
        );
    }

    let japanese = project.tsugi("run", &["--lang", "ja"]).ended(0);
    assert!(
        japanese.stdout.contains("苦情") && japanese.stdout.contains("在庫"),
        "{}",
        japanese.stdout
    );
    assert!(
        japanese.stderr.contains("次に:") && japanese.stderr.contains("変更はありません"),
        "{}",
        japanese.stderr
    );
    let located = project
        .command("run", &[])
        .env("LC_ALL", "ja_JP.UTF-8")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(located.stdout).unwrap(),
        japanese.stdout,
        "the locale decides when no option does"
    );

    // Each command, pasted, works. Quotes are those of a shell.
    for command in commands {
        let binary = env!("CARGO_BIN_EXE_tsugi");
        let line = command.trim().replacen("tsugi", binary, 1);
        let output = std::process::Command::new("sh")
            .args(["-c", &line])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{command}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(!output.stdout.is_empty(), "{command}");
    }
}

#[test]
fn exit_codes_tell_who_must_act() {
    for (args, code) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&[], 2),
        (&["rum"], 2),
        (&["run"], 2),
        (&["run", "nowhere"], 2),
        (&["query", "nowhere", "SELECT 1"], 2),
        (&["run", ".", "--lang", "fr"], 2),
    ] {
        let outcome = run(args).ended(code);
        assert_eq!(
            code == 0,
            outcome.stderr.is_empty(),
            "{args:?}: {outcome:?}"
        );
    }
    let outcome = run(&["rum", "x"]).ended(2);
    assert!(
        outcome.stderr.contains("'run'"),
        "a near verb is offered: {}",
        outcome.stderr
    );
    let outcome = run(&["run", "nowhere"]).ended(2);
    assert!(
        outcome.stderr.contains("nowhere") && outcome.stderr.contains("pipeline.toml"),
        "{}",
        outcome.stderr
    );

    let options = Options {
        seed: 1,
        scale: 0.05,
        plant: Plant::Strong,
        lots: None,
        texts: None,
    };
    let (project, _) = Project::generated("codes", &options);
    for verb in ["deliver", "review list", "brief --log"] {
        let outcome = project.tsugi(verb, &[]).ended(1);
        assert!(
            outcome
                .stderr
                .starts_with("error: nothing is published yet\nhint: tsugi run "),
            "{}",
            outcome.stderr
        );
    }
    let outcome = project.tsugi("check", &[]).ended(0);
    assert!(
        outcome.stdout.starts_with("ok: ") && outcome.stderr.is_empty(),
        "{outcome:?}"
    );
    assert!(
        !project.path(".tsugi").exists(),
        "a check leaves nothing behind"
    );
    let outcome = project.tsugi("check", &["--json"]).ended(0);
    assert_eq!(objects(&outcome.stdout).len(), 1);
}

#[test]
fn plugins_are_listed_with_what_they_want_and_are_granted() {
    let project = Project::committed("plugins");
    let listed = project.tsugi("plugins", &[]).ended(0).stdout;
    let lines: Vec<Vec<&str>> = listed
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        lines[0],
        ["plugin", "version", "digest", "roles", "wants", "grants"]
    );
    let names: Vec<&str> = lines[1..].iter().map(|line| line[0]).collect();
    assert_eq!(
        names,
        [
            "correlation",
            "crm-export",
            "erp-export",
            "outreach",
            "sentiment"
        ]
    );
    let of = |name: &str| listed.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(
        of("crm-export")
            .split_whitespace()
            .collect::<Vec<_>>()
            .ends_with(&[
                "source",
                "inputs.exports",
                "inputs.exports",
                "=",
                "exports/crm"
            ]),
        "{listed}"
    );
    assert!(
        of("outreach").contains("table sink")
            && of("outreach").ends_with("outputs.outbox = outbox"),
        "{listed}"
    );
    assert!(
        of("sentiment")
            .split_whitespace()
            .collect::<Vec<_>>()
            .ends_with(&["table", "-", "-"]),
        "{listed}"
    );
    let events = objects(&project.tsugi("plugins", &["--json"]).ended(0).stdout);
    let wants = &events[1]["wants"][0];
    assert_eq!(wants["want"], "inputs.exports");
    assert!(
        wants["reason"].as_str().unwrap().contains("CRM"),
        "a want says why: {wants}"
    );
}

#[test]
fn grants_say_who_may_reach_what_and_what_for() {
    let project = Project::committed("grants");
    let listed = project.tsugi("grants", &[]).ended(0).stdout;
    for line in [
        "correlation  functions    nothing",
        "crm-export   source crm   inputs.exports = exports/crm",
        "outreach     sink outbox  outputs.outbox = outbox",
        "outreach     sink outbox  people, with messages that are reviewed",
    ] {
        assert!(
            listed.lines().any(|listed| listed.starts_with(line)),
            "{line} in {listed}"
        );
    }
    let events = objects(&project.tsugi("grants", &["--json"]).ended(0).stdout);
    let outbox = events.iter().find(|line| line["as"] == "sink outbox");
    let reason = outbox.unwrap()["reason"].as_str().unwrap();
    assert!(!reason.is_empty(), "a want says why");
}
